"""Tolls in words: every number, bound and span that people write, and what was done is said."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.incidents.columns.tolls import parse_tolls, states_dead

NAN = float("nan")
FRENCH = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
          "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit",
          "dix-neuf"]  # fmt: skip
ENGLISH = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
           "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
           "nineteen"]  # fmt: skip
TENS = {
    20: ("vingt", "twenty"), 30: ("trente", "thirty"), 40: ("quarante", "forty"),
    50: ("cinquante", "fifty"), 60: ("soixante", "sixty"),
}  # fmt: skip
COLLECTIVES = {
    "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30,
    "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100,
}  # fmt: skip


def read(texts):
    """Give low, best and high of each text."""
    found = parse_tolls(pd.Series(texts))
    assert not found.unreadable.any()
    return np.column_stack([found.low, found.best, found.high])


def only_best(numbers):
    return [[NAN, number, NAN] for number in numbers]


def test_every_number_in_words():
    numbers = {"cent": 100, "hundred": 100, "zéro": 0}
    for ones in (FRENCH, ENGLISH):
        numbers |= {word: at for at, word in enumerate(ones, start=1)}
    for tens, (french, english) in TENS.items():
        numbers |= {french: tens, english: tens, f"{french} et un": tens + 1}
        rest = FRENCH if french in {"soixante", "quatre-vingt"} else FRENCH[:9]
        numbers |= {f"{french}-{word}": tens + at for at, word in enumerate(rest, start=1)}
        numbers |= {f"{english} {word}": tens + at for at, word in enumerate(ENGLISH[:9], start=1)}
    for form in ("{}", "{} morts", "{} personnes tuées", "environ {}"):
        texts = [form.format(word) for word in numbers]
        np.testing.assert_array_equal(read(texts), only_best(numbers.values()))
    single = {word: number for word, number in numbers.items() if " " not in word}
    more = read([f"plus de {word}" for word in single])
    np.testing.assert_array_equal(more[:, 0], np.array(list(single.values())) + 1)


def test_every_collective():
    texts = [f"une {word} de morts" for word in COLLECTIVES]
    np.testing.assert_array_equal(read(texts), only_best(COLLECTIVES.values()))
    texts = ["a dozen killed", "environ une dizaine", "une bonne trentaine de morts",
             "une demi-douzaine de morts", "half a dozen killed",
             "un millier de morts"]  # fmt: skip
    np.testing.assert_array_equal(read(texts), only_best([12, 10, 30, 6, 6, 1000]))
    texts = ["deux dizaines de morts", "two dozen killed", "3 mille morts", "12 thousand killed"]
    np.testing.assert_array_equal(read(texts), only_best([20, 24, 3000, 12000]))
    texts = ["dizaines de morts", "des centaines de morts", "plusieurs dizaines de morts", "dozens"]
    assert np.isnan(read(texts)).all()


BOUNDS = {
    "plus de {} morts": (1, 1, None), "un peu plus de {} morts": (1, 1, None),
    "au moins {} civils tués": (0, 0, None), "pas moins de {} morts": (0, 0, None),
    "environ {} morts": (None, 0, None), "près de {} soldats tués": (None, 0, None),
    "quelque {} personnes tuées": (None, 0, None), "jusqu'à {} morts": (None, None, 0),
    "moins de {} morts": (None, None, -1), "at least {} people killed": (0, 0, None),
    "more than {} dead": (1, 1, None), "nearly {} civilians killed": (None, 0, None),
}  # fmt: skip


@pytest.mark.parametrize(("form", "toll"), BOUNDS.items(), ids=BOUNDS)
def test_qualifiers_bound_numbers_of_several_words(form, toll):
    words = {"vingt et un": 21, "soixante-dix-sept": 77, "quatre-vingt-dix": 90, "cent vingt": 120,
             "mille deux cents": 1200, "quatre-vingts": 80, "forty-two": 42,
             "one hundred and twenty-three": 123, "a thousand": 1000}  # fmt: skip
    expected = [[NAN if each is None else number + each for each in toll]
                for number in words.values()]  # fmt: skip
    np.testing.assert_array_equal(read([form.format(word) for word in words]), expected)


@pytest.mark.parametrize(
    ("form", "toll"),
    [("plus d'{} de morts", (31, 31, NAN)), ("près d'{} de civils tués", (NAN, 30, NAN)),
     ("environ {} de morts", (NAN, 30, NAN)), ("au moins {} de tués", (30, 30, NAN)),
     ("moins d'{} de morts", (NAN, NAN, 29)), ("jusqu'à {} de morts", (NAN, NAN, 30))],
)  # fmt: skip
def test_qualifiers_bound_collectives(form, toll):
    np.testing.assert_array_equal(read([form.format("une trentaine")]), [toll])


@pytest.mark.parametrize(
    ("text", "toll"),
    [
        ("Bilan provisoire : 5 morts", 5), ("bilan de 12 morts", 12),
        ("Total: 7 morts dont 2 civils", 7), ("Toll: 4 killed", 4), ("Tués : 4", 4),
        ("morts : 3, blessés : 4", 3),
        ("2 + 1", 3), ("10+2+1", 13), ("1 civil tué, 2 soldats tués", 3),
        ("deux civils tués et un soldat tué", 3),
        ("bilan inconnu", NAN), ("2 + 1 blessé", NAN), ("5 civils, 2 tués", NAN),
        ("blessés : 4", NAN), ("2 morts et 3 morts", NAN),
    ],
)  # fmt: skip
def test_tolls_behind_a_label_or_in_parts(text, toll):
    np.testing.assert_array_equal(read([text])[:, 1], [toll])


def test_both_ends_of_a_span_in_words():
    texts = {
        "vingt à trente morts": (20, 30), "entre vingt et un et trente": (21, 30),
        "un ou deux": (1, 2), "deux ou trois cents morts": (200, 300), "cinq-six": (5, 6),
        "entre deux et trois mille": (2000, 3000), "two to three dozen": (24, 36),
        "between one hundred and two hundred": (100, 200),
        "between one hundred and fifty and two hundred killed": (150, 200),
        "de soixante-dix à quatre-vingts": (70, 80), "cinq à deux cents": (5, 200),
    }  # fmt: skip
    spans = [[low, NAN, high] for low, high in texts.values()]
    np.testing.assert_array_equal(read(list(texts)), spans)


def test_one_among_other_words_is_an_article():
    texts = ["trois membres d'un groupe tués", "un civil tué", "vingt et une personnes tuées"]
    np.testing.assert_array_equal(read(texts), only_best([3, 1, 21]))


def test_words_that_are_no_number_together_state_none():
    texts = ["deux vingt", "hundred two", "vingt blessés", "vingt-vingt", "soixante zéro"]
    assert np.isnan(read(texts)).all()


@pytest.mark.parametrize(
    ("text", "toll"),
    [
        ("au moins {}", (0, 0, None)), ("{} ou plus", (0, 0, None)), (">= {}", (0, 0, None)),
        ("au moins {} morts", (0, 0, None)),
        ("plus de {}", (1, 1, None)), ("> {}", (1, 1, None)), ("over {} killed", (1, 1, None)),
        ("jusqu'à {}", (None, None, 0)), ("<= {}", (None, None, 0)),
        ("au plus {}", (None, None, 0)),
        ("moins de {}", (None, None, -1)), ("< {}", (None, None, -1)),
        ("fewer than {} dead", (None, None, -1)), ("{}?", (None, 0, None)),
        ("~{}", (None, 0, None)),
        ("près de {}", (None, 0, None)), ("{} morts, 3 blessés", (None, 0, None)),
        ("{} tués dont 3 femmes", (None, 0, None)), ("{} soldats tués", (None, 0, None)),
        ("{} tués et 3 morts", (None, None, None)), ("{} blessés", (None, None, None)),
    ],
)  # fmt: skip
def test_bounds_of_any_number(text, toll):
    for number in (1, 7, 12, 400, 1_234_567):
        (found,) = read([text.format(number)])
        expected = [NAN if each is None else number + each for each in toll]
        np.testing.assert_array_equal(found, expected, text.format(number))


@pytest.mark.parametrize("form", ["{}-{}", "{} à {}", "de {} à {}", "entre {} et {}", "{} or {}"])
def test_spans_have_no_best(form):
    np.testing.assert_array_equal(read([form.format(2, 13)]), [[2, NAN, 13]])
    for wrong in ((13, 2), (13, 13)):
        found = parse_tolls(pd.Series([form.format(*wrong)]))
        assert np.isnan([found.low, found.best, found.high]).all()


def test_a_million_is_the_most_that_is_believed():
    found = parse_tolls(
        pd.Series(["1000000", "1000001", "au moins 1000000", "plus de 1000000", "2-1000001", "< 9"])
    )
    assert found.absurd.tolist() == [False, True, False, True, True, False]


@pytest.mark.parametrize("text", ["1o", "l2", "3k", "12,5", "-2.5"])
def test_slips_of_the_keyboard_are_not_read(text):
    found = parse_tolls(pd.Series([text, "4"]))
    assert found.unreadable.tolist() == [True, False]
    assert found.best[1] == 4


def test_it_says_how_many_tolls_were_words_and_how_many_state_no_number():
    texts = ["au moins 5", "plusieurs", "au moins 5", "deux", "plusieurs", "7", None, "plusieurs"]
    stated, empty = (note.say("en") for note in parse_tolls(pd.Series(texts), "Tués").notes)
    assert stated.startswith("Tués: 3 tolls in words are read as low, best and high: ['au moins 5'")
    assert empty == "Tués: 3 tolls state no number and are missing: ['plusieurs']"
    assert parse_tolls(pd.Series(["7", "12", None]), "Tués").notes == []
    (one,) = parse_tolls(pd.Series(["7", "RAS"]), "Tués").notes
    assert "1 toll in words is read" in one.say("en")


def test_a_column_of_casualties_that_speaks_of_the_dead_is_read(tmp_path):
    rows = ["3 morts, 5 blessés", "aucun mort, 2 blessés", "plusieurs morts", "12 tués"]
    table = pd.DataFrame({"date": "2024-03-25", "lieu": ["Djibo", "Arbinda", "Gao", "Téra"]})
    told = sg.read_incidents(table.assign(**{"Bilan humain": rows}))
    assert told["fatalities_best"].tolist() == pytest.approx([3, 0, np.nan, 12], nan_ok=True)
    for other in (["3", "4", "5 morts", "6"], ["3 morts", "5 blessés", "2 victimes", "1 mort"]):
        told = sg.read_incidents(table.assign(**{"Bilan humain": other}))
        assert told["fatalities_best"].isna().all()


def test_a_first_day_in_three_columns_is_a_date():
    table = pd.DataFrame({"Start Year": [2024, 2024], "Start Month": [8, 9], "Start Day": [12, 1],
                          "End Year": [2024, 2024], "End Month": [8, 9], "End Day": [20, 2],
                          "Location": ["Maradi", "Gao"], "Total Deaths": [17, 2]})  # fmt: skip
    found = sg.read_incidents(table)
    assert found["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-08-12", "2024-09-01"]


@pytest.mark.parametrize(
    ("text", "deaths"),
    [("Dix soldats et un civil tués", 11), ("3 civils, 2 gendarmes et 1 enfant tués", 6),
     ("three civilians and two soldiers killed", 5), ("aucun mort, 2 blessés", 0),
     ("pas de tués et plusieurs blessés", 0), ("no deaths, 3 wounded", 0),
     ("Aucune perte en vie humaine", 0), ("pas de pertes à déplorer", 0),
     ("aucun mort signalé", 0), ("aucune information", NAN), ("pas de bilan", NAN),
     ("3 attaques et 2 militaires tués", NAN), ("3 soldats blessés et 2 tués", 2),
         ("6 blessés, 4 tués", 4), ("2 wounded and 1 dead", 1), ("2 blessés et 3 soldats", NAN),
     ("deux soldats et leur chauffeur tués", NAN), ("10 km et 2 civils tués", NAN),
     ("aucun civil, 2 militaires tués", NAN), ("1 soldat et 2 civils", 3),
     ("1 soldat et 2 motos", NAN)],
)  # fmt: skip
def test_who_is_killed_is_added_up_where_all_are_counted(text, deaths):
    assert parse_tolls(pd.Series([text])).best.tolist() == pytest.approx([deaths], nan_ok=True)


@pytest.mark.parametrize(
    ("text", "deaths"),
    [("3 soldats morts, 12 terroristes abattus", NAN), ("5 morts côté FDS, 10 côté GAT", NAN),
     ("1 civil tué et 1 VDP", NAN), ("2 hommes armés ont tué 5 civils", NAN),
     ("3 morts, 2 blessés", 3), ("3 morts et 2 personnes enlevées", 3), ("4 killed, 3 injured", 4),
     ("3 morts, dont 2 enfants", 3), ("5 civils tués, deux disparus", 5),
     ("3 morts dans une embuscade", 3)],
)  # fmt: skip
def test_the_dead_of_one_side_are_not_all_the_dead(text, deaths):
    assert parse_tolls(pd.Series([text])).best.tolist() == pytest.approx([deaths], nan_ok=True)


def test_a_share_is_no_toll():
    found = parse_tolls(pd.Series(["12 %", "3", None, "plusieurs"]))
    assert found.unreadable.tolist() == [True, False, False, False]
    assert found.best.tolist() == pytest.approx([NAN, 3, NAN, NAN], nan_ok=True)


def test_codes_of_what_is_missing_are_no_tolls():
    tolls = parse_tolls(pd.Series([3, -99, -999, -9999, 0]), "deaths")
    assert tolls.best.tolist() == pytest.approx([3, NAN, NAN, NAN, 0], nan_ok=True)
    assert "3 tolls are codes such as −99" in str(tolls.notes[0])
    assert parse_tolls(pd.Series([3, -2])).best.tolist() == [3, -2]  # which is refused later


@pytest.mark.parametrize(("text", "name"), [("3/5", "Victimes"), ("3", "Killed/Injured")])
def test_a_pair_states_the_dead_only_under_a_name_of_two(text, name):
    assert not states_dead(pd.Series([text]), name)


def test_one_number_where_two_are_expected_is_missing():
    tolls = parse_tolls(pd.Series(["3/2", "4", "-99", None, "0 / 1"]), "Morts/Blessés")
    assert tolls.best.tolist() == pytest.approx([3, NAN, NAN, NAN, 0], nan_ok=True)
    assert not tolls.unreadable.any()


def test_numbers_in_a_column_that_somebody_calls_the_dead_and_the_wounded_are_kept():
    tolls = parse_tolls(pd.Series(["3", "4", "0"]), "Morts et blessés")
    assert tolls.best.tolist() == [3, 4, 0]
