"""Geocoding names: spellings, offsets, context, ambiguity, and what is never guessed."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError
from sahel_geo.locate.geocode.queries import parse_place
from sahel_geo.schema import LOCATION_PRECISIONS


@pytest.fixture(scope="module")
def gazetteer():
    """The embedded places and a few villages of known position."""
    villages = pd.DataFrame(
        [
            ("Indelimane", 1.60, 15.60, "MLI"), ("Sinégodar", 3.30, 15.20, "NER"),
            ("Boulikessi", -1.30, 14.90, "MLI"), ("Soudougui-Est", 0.60, 13.40, "BFA"),
            ("Tamba", 0.30, 14.10, "BFA"), ("Tamba", -3.90, 12.40, "BFA"),
            ("Kelwa", -3.00, 14.40, "MLI"), ("Kelwa", 2.20, 15.90, "MLI"),
            ("Puits Seul", 8.00, 16.00, "NER"),
        ],
        columns=["name", "lon", "lat", "country"],
    )  # fmt: skip
    return sg.load_gazetteer(villages, cache=False)


def km(row, lon, lat):
    return WGS84.inv(row["lon"], row["lat"], lon, lat)[2] / 1e3


def one(name, gazetteer, **context):
    return sg.geocode([name], gazetteer, **context).iloc[0]


@pytest.mark.parametrize(
    ("name", "country", "match"),
    [
        ("In-Delimane", "MLI", "Indelimane"), ("I-n-Delimane", "MLI", "Indelimane"),
        ("Chinégodar", "NER", "Sinégodar"), ("Chinagodrar", "NER", "Sinégodar"),
        ("Boulkessi", "MLI", "Boulikessi"), ("BOULIKESSI", "MLI", "Boulikessi"),
        ("village de Boulikessi", "MLI", "Boulikessi"), ("Menaka", "MLI", "Ménaka"),
        ("localité de Indelimane", "MLI", "Indelimane"), ("Wagadugu", "BFA", "Ouagadougou"),
    ],
)  # fmt: skip
def test_spellings_of_one_place_find_it(gazetteer, name, country, match):
    assert one(name, gazetteer, country=country)["match_name"] == match


@pytest.mark.parametrize(
    ("text", "distance", "bearing"),
    [
        ("20 km au nord de Ansongo", 20, 0), ("12,5 km à l'est d'Ansongo", 12.5, 90),
        ("15 km south-west of Ansongo", 15, 225),
        ("environ 8 kilomètres au sud-est de Ansongo", 8, 135),
        ("30km NW of Ansongo", 30, 315), ("80 km ouest de Ansongo", 80, 270),
    ],
)  # fmt: skip
def test_an_offset_moves_the_point_as_far_and_in_the_direction_that_it_says(
    gazetteer, text, distance, bearing
):
    base, moved = one("Ansongo", gazetteer, country="MLI"), one(text, gazetteer, country="MLI")
    azimuth, _, metres = WGS84.inv(base["lon"], base["lat"], moved["lon"], moved["lat"])
    assert metres / 1e3 == pytest.approx(distance, abs=0.01)
    assert azimuth % 360 == pytest.approx(bearing, abs=0.1)
    # a bearing named to 45 degrees is up to 22.5 off
    assert 2 * np.sin(np.pi / 16) * distance < moved["radius_km"] - base["radius_km"] < distance
    assert (base["location_precision"], moved["location_precision"]) == ("exact", "near")


@pytest.mark.parametrize(
    ("text", "distance", "name"),
    [
        ("vingt et un kilomètres au nord de Gao", 21, "Gao"),
        ("à une trentaine de kilomètres de Gao", 30, "Gao"),
        ("Environ quatre-vingt-dix km à l'est d'Ansongo", 90, "Ansongo"),
        ("près d'une dizaine de kilomètres au sud de Gao", 10, "Gao"),
        ("un kilomètre de Gao", 1, "Gao"), ("a dozen kilometres north of Gao", 12, "Gao"),
        ("thirty-five kilometers south-west of Gao", 35, "Gao"),
        ("one hundred and twenty km from Gao", 120, "Gao"), ("Gao, cinq km nord", 5, "Gao"),
        ("plus de 20 km de Gao", 20, "Gao"), ("vingt vingt km au nord de Gao", 0, "Gao"),
    ],
)  # fmt: skip
def test_distances_in_words_are_read(text, distance, name):
    query = parse_place(text)
    assert (query.names, query.distance_km, query.near) == ((name,), distance, True)


@pytest.mark.parametrize(
    ("bearing", "words"),
    [
        (0, ["nord", "north", "N"]), (45, ["nord-est", "north-east", "northeast", "nordest", "NE"]),
        (90, ["est", "east", "E"]), (135, ["sud est", "south east", "southeast", "sudest", "SE"]),
        (180, ["sud", "south", "S"]), (225, ["sud-ouest", "southwest", "sudouest", "SW", "SO"]),
        (270, ["ouest", "west", "W", "O"]),
        (315, ["nord ouest", "north-west", "northwest", "nordouest", "NW", "NO"]),
    ],
)  # fmt: skip
def test_directions_are_read_before_and_behind_a_name_in_words_and_letters(bearing, words):
    for word in words:
        for text in (f"7,5 km {word} de Gao", f"Gao 7.5 km {word}", f"Gao, 7.5km {word}"):
            query = parse_place(text)
            assert (query.names, query.distance_km, query.bearing, query.near) == (
                ("Gao",), 7.5, bearing, True,
            ), text  # fmt: skip
        if len(word) > 2:
            query = parse_place(f"{word} de Gao")
            assert (query.names, query.distance_km, query.bearing, query.near) == (
                ("Gao",), 0, bearing, True,
            ), word  # fmt: skip


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("axe Ti-n-Akoff-Ti-n-Hama", ("Ti-n-Akoff", "Ti-n-Hama")),
        ("axe Dori-Gorom-Gorom", ("Dori", "Gorom-Gorom")),
        ("route de Dori à Gorom-Gorom", ("Dori", "Gorom-Gorom")),
        ("Gorom-Gorom / Dori road", ("Gorom-Gorom", "Dori")),
        ("entre Solhan et Sebba", ("Solhan", "Sebba")),
    ],
)
def test_one_reading_of_a_stretch_has_both_its_ends_whole(text, pair):
    query = parse_place(text)
    assert pair in query.pairs
    assert (query.names, query.near) == ((), True)


@pytest.mark.parametrize("text", ["vers Ansongo", "environs d'Ansongo", "near Ansongo",
                                  "aux alentours de Ansongo", "Ansongo area"])  # fmt: skip
def test_near_keeps_the_point_and_widens_the_radius(gazetteer, text):
    base, near = one("Ansongo", gazetteer, country="MLI"), one(text, gazetteer, country="MLI")
    assert (near["lon"], near["lat"]) == (base["lon"], base["lat"])
    assert near["radius_km"] > base["radius_km"]
    assert near["method"].endswith("+near")


@pytest.mark.parametrize(
    "text",
    ["entre Gao et Ansongo", "axe Gao-Ansongo", "between Gao and Ansongo", "route Gao - Ansongo",
     "Gao-Ansongo road", "road between Ansongo and Gao"],
)  # fmt: skip
def test_a_stretch_is_answered_by_its_middle_and_reaches_both_ends(gazetteer, text):
    found = one(text, gazetteer, country="MLI")
    ends = [one(name, gazetteer, country="MLI") for name in ("Gao", "Ansongo")]
    away = [km(found, end["lon"], end["lat"]) for end in ends]
    assert found["method"] == "between"
    assert away[0] == pytest.approx(away[1], rel=0.001)
    assert max(away) <= found["radius_km"] <= max(away) + 5.1


def test_hyphens_inside_names_do_not_mislead_a_stretch(gazetteer):
    found = one("axe Gorom-Gorom-Dori", gazetteer, country="BFA")
    assert found["match_name"] == "Gorom-Gorom - Dori"


@pytest.fixture(scope="module")
def namesakes():
    """Villages of Mopti and one namesake by sound in Kayes."""
    villages = pd.DataFrame(
        [
            ("Niakourazana", -4.00, 14.50, "MLI"), ("Doukouria", -4.15, 14.48, "MLI"),
            ("Dukuria", -10.50, 14.40, "MLI"), ("Kourpia", -3.60, 14.60, "MLI"),
        ],
        columns=["name", "lon", "lat", "country"],
    )  # fmt: skip
    return sg.load_gazetteer(villages, cache=False)


@pytest.mark.parametrize(
    ("name", "method", "precision"),
    [
        ("Kourpia", "exact", "exact"),
        ("Niakourazanna", "sound", "exact"),  # one letter of thirteen, the only one of its sound
        ("Kuurpya", "sound", "admin1"),  # the only one, but spelled quite differently
        ("Doukouriia", "sound", "admin1"),  # nearly alike, but Dukuria sounds the same
        ("Niakourazan", "fuzzy", "admin1"),
    ],
)
def test_only_sure_evidence_of_a_name_gives_an_exact_place(namesakes, name, method, precision):
    found = one(name, namesakes, country="MLI", admin1="Mopti")
    assert (found["method"], found["location_precision"]) == (method, precision)


def test_an_unsure_name_keeps_its_point_and_tells_the_smallest_stated_unit(namesakes):
    region = one("Doukouriia", namesakes, country="MLI", admin1="Mopti")
    cercle = one("Doukouriia", namesakes, country="MLI", admin1="Mopti", admin2="Mopti")
    country = one("Doukouriia", namesakes, country="MLI")
    told = [row["location_precision"] for row in (cercle, region, country)]
    assert told == ["admin2", "admin1", "country"]
    assert {(row["lon"], row["lat"]) for row in (cercle, region)} == {(-4.15, 14.48)}
    assert cercle["radius_km"] < region["radius_km"] < country["radius_km"]


def test_the_stated_region_outweighs_the_very_spelling_of_a_place_elsewhere(namesakes):
    assert one("Dukuria", namesakes, country="MLI", admin1="Mopti")["match_name"] == "Doukouria"
    assert one("Dukuria", namesakes, country="MLI", admin1="Kayes")["match_name"] == "Dukuria"
    assert one("Doukouria", namesakes, country="MLI", admin1="Kayes")["match_name"] == "Dukuria"


def test_namesakes_side_by_side_are_one_answer_and_neighbours_are_answered_by_their_middle():
    """Villages of one name, 5 and 32 km apart."""
    villages = pd.DataFrame(
        {"name": ["Samtaba"] * 2 + ["Zamdaba"] * 2, "lon": [0.5, 0.545, 0.5, 0.8], "lat": 14.1,
         "country": "NER"}
    )  # fmt: skip
    gazetteer = sg.load_gazetteer(villages, cache=False)
    beside, middle = (one(name, gazetteer, country="NER") for name in ("Samtaba", "Zamdaba"))
    assert (beside["method"], beside["location_precision"]) == ("exact", "exact")
    assert (middle["method"], middle["lon"], middle["lat"]) == ("ambiguous", 0.65, 14.1)
    assert km(middle, 0.5, 14.1) == pytest.approx(km(middle, 0.8, 14.1))
    assert km(middle, 0.5, 14.1) < middle["radius_km"]
    assert middle["alternatives"].count("Zamdaba") == 2


def test_the_name_of_one_place_goes_before_the_other_name_of_another():
    villages = pd.DataFrame({"name": ["Zamtaba", "Kalgo"], "aliases": ["", "Zamtaba"],
                             "lon": [0.5, 2.0], "lat": [14.1, 14.6], "country": "NER"})  # fmt: skip
    gazetteer = sg.load_gazetteer(villages, cache=False)
    assert one("Zamtaba", gazetteer, country="NER")["match_name"] == "Zamtaba"
    assert gazetteer.find("Zamtaba")["name"].tolist() == ["Zamtaba", "Kalgo"]


def test_a_town_of_the_name_of_its_region_is_sure_when_a_letter_is_doubled(gazetteer):
    found = one("Tombbouctou", gazetteer, country="MLI")
    assert (found["method"], found["location_precision"]) == ("sound", "exact")
    assert found["match_name"] == "Tombouctou"


def test_two_equal_places_are_ambiguous_until_context_separates_them(gazetteer):
    alone = one("Kelwa", gazetteer, country="MLI")
    assert alone["method"] == "ambiguous"
    assert alone["alternatives"].count("Kelwa") == 2
    assert alone["location_precision"] not in {"exact", "near"}
    east = one("Kelwa", gazetteer, country="MLI", admin1="Ménaka")
    west = one("Kelwa", gazetteer, country="MLI", admin1="région de Mopti")
    assert (east["lon"], west["lon"]) == (2.2, -3.0)
    assert east["method"] == west["method"] == "exact"


def test_an_ambiguous_answer_covers_all_its_rivals(gazetteer):
    alone = one("Tamba", gazetteer, country="BFA")
    assert alone["method"] == "ambiguous"
    assert max(km(alone, 0.30, 14.10), km(alone, -3.90, 12.40)) <= alone["radius_km"]


def test_company_in_one_report_settles_an_ambiguous_name(gazetteer):
    table = pd.DataFrame(
        {"place": ["Kelwa", "Ménaka", "Kelwa", "Mopti"], "report": [1, 1, 2, 2], "country": "MLI"}
    )
    found = sg.geocode(table, gazetteer, report="report")
    assert found["lon"].iloc[[0, 2]].tolist() == [2.2, -3.0]


def test_no_border_is_crossed_unless_asked(gazetteer):
    kept = one("Puits Seul", gazetteer, country="MLI")
    assert (kept["method"], kept["location_precision"]) == ("unit", "country")
    asked = one("Puits Seul", gazetteer, country="MLI", cross_border=True)
    assert (asked["match_name"], asked["lon"]) == ("Puits Seul", 8.0)


@pytest.mark.parametrize(
    ("context", "precision", "match"),
    [
        ({"country": "MLI", "admin2": "Ansongo", "admin3": "Tessit"}, "admin3", "Tessit"),
        ({"country": "MLI", "admin1": "Gao", "admin2": "ML0701"}, "admin2", "Ansongo"),
        ({"country": "MLI", "admin1": "Gao"}, "admin1", "Gao"),
        ({"country": "Mali"}, "country", "Mali"),
    ],
)  # fmt: skip
def test_an_unknown_name_falls_back_to_the_smallest_stated_unit(
    gazetteer, context, precision, match
):
    found = one("Xyzzyqw Plugh", gazetteer, **context)
    assert found["method"] == "unit"
    assert found["score"] == 0
    assert (found["location_precision"], found["match_name"]) == (precision, match)


def test_nothing_known_gives_no_point(gazetteer):
    found = sg.geocode(["Xyzzyqw Plugh", None, float("nan"), "", "x" * 100_000, "؟؟"], gazetteer)
    assert found["lon"].isna().all()
    assert set(found["location_precision"]) == {"unknown"}
    assert found["method"].tolist() == ["none"] * 4 + ["too_long", "none"]


def test_units_named_as_such_are_answered_as_units(gazetteer):
    found = sg.geocode(
        ["commune de Tessit", "cercle d'Ansongo", "Oudalan province", "Sahel region"],
        gazetteer, country=["MLI", "MLI", "BFA", "BFA"],
    )  # fmt: skip
    assert found["location_precision"].tolist() == ["admin3", "admin2", "admin2", "admin1"]


def test_rows_keep_their_order_index_and_given_coordinates(gazetteer):
    table = pd.DataFrame(
        {
            "place": ["Gao", "Dori", "Gao"],
            "country": ["MLI", "BFA", "MLI"],
            "lon": [np.nan, 1.0, np.nan],
            "lat": [np.nan, 2.0, np.nan],
            "location_precision": ["unknown", "near", "unknown"],
        },
        index=[7, 3, 9],
    )
    before = table.copy()
    found = sg.geocode(table, gazetteer)
    pd.testing.assert_frame_equal(table, before)
    assert found.index.tolist() == [7, 3, 9]
    assert found.loc[3, ["lon", "lat", "location_precision", "method"]].tolist() == [
        1.0, 2.0, "near", "given",
    ]  # fmt: skip
    answers = ["match_name", "match_id", "score", "radius_km", "alternatives"]
    assert found.loc[3, answers].isna().all()
    assert found.loc[3, "n_candidates"] == 0
    assert found.loc[7, answers[:-1]].notna().all()
    without = sg.geocode(table.drop(columns="location_precision"), gazetteer)
    assert without["location_precision"].tolist() == ["exact", "unknown", "exact"]
    assert found.loc[7, "lon"] == found.loc[9, "lon"] == pytest.approx(-0.04, abs=0.05)
    assert sg.geocode(table, gazetteer, overwrite=True).loc[3, "method"] == "exact"


def test_incidents_stay_incidents(gazetteer):
    frame = pd.DataFrame({"date": ["2020-01-05"], "village": ["Ansongo"], "pays": ["Mali"]})
    found = sg.geocode(sg.incidents_from_frame(frame), gazetteer)
    assert found.report.rows_kept == 1
    assert found["location_precision"].tolist() == ["exact"]


_TEXTS = st.lists(st.one_of(st.text(max_size=60), st.sampled_from(
    ["Gao", "20 km au nord de Gao", "axe Gao-Ansongo", "entre et", "10 km de", "()", "Kelwa"])),
    max_size=8)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(texts=_TEXTS, country=st.sampled_from([None, "MLI", "BFA"]))
def test_any_text_gets_a_valid_answer_whatever_stands_beside_it(gazetteer, texts, country):
    found = sg.geocode(texts, gazetteer, country=country)
    assert len(found) == len(texts)
    assert set(found["location_precision"]) <= set(LOCATION_PRECISIONS)
    assert found["score"].between(0, 1).all()
    located = found["lon"].notna()
    assert (found.loc[located, "radius_km"] > 0).all()
    assert (found.loc[~located, "location_precision"] == "unknown").all()
    backwards = sg.geocode(texts[::-1], gazetteer, country=country).iloc[::-1]
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), backwards.reset_index(drop=True), check_dtype=False
    )


@pytest.mark.parametrize(
    ("text", "names", "kind"),
    [("Djibo military camp", ("Djibo",), "populated"),
     ("village de la Mare", ("Mare",), "populated"),
     ("forêt de Dida", ("Dida",), "relief"), ("Bourem (Gao)", ("Bourem", "Gao"), ""),
     ("camp militaire de Boni", ("Boni",), "populated"),
     ("camp de réfugiés de Mentao", ("Mentao",), "populated"),
     ("site d'orpaillage artisanal de Solhan", ("Solhan",), "site"),
     ("mine d'or d'Essakane", ("Essakane",), "site"),
     ("Essakane gold mining site", ("Essakane",), "site"),
     ("poste de police de Djibo", ("Djibo",), "site"),
     ("cercle d'Ansongo", ("Ansongo",), "district"),
     ("Fada N'Gourma military camp", ("Fada N'Gourma",), "populated"),
     ("village Boni", ("Boni",), "populated"), ("village d'", (), "populated"),
     ("Camp", ("Camp",), ""), ("base militaire", ("militaire",), "site"),
     ("vers", ("vers",), ""), ("()", (), "")],
)  # fmt: skip
def test_the_kind_of_place_is_taken_off_its_name(text, names, kind):
    query = parse_place(text)
    assert (query.names, query.kind, query.whole) == (names, kind, text if kind else "")
    assert (query.pairs, query.near, query.distance_km, query.bearing) == ((), False, 0, None)


@pytest.mark.parametrize(
    ("text", "distance", "bearing"),
    [
        ("près du village de Boni", 0, None), ("zone de Boni", 0, None), ("Boni area", 0, None),
        ("les environs de Boni", 0, None), ("au nord de Boni", 0, 0), ("7 km de Boni", 7, None),
        ("à environ 12,5 km au sud-est du village de Boni", 12.5, 135),
        ("Boni 5 km W", 5, 270),
    ],
)  # fmt: skip
def test_what_lies_near_a_place_is_said_with_what_is_known_of_it(text, distance, bearing):
    query = parse_place(text)
    assert (query.names, query.near) == (("Boni",), True)
    assert (query.distance_km, query.bearing) == (distance, bearing)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("entre les villages de Boni et Hombori", ("Boni", "Hombori")),
        ("between the village of Boni and the town of Hombori", ("Boni", "Hombori")),
        ("entre Boni et le camp militaire de Hombori", ("Boni", "Hombori")),
        ("entre La Tapoa et Dori", ("La Tapoa", "Dori")),
        ("axe Boni-Hombori", ("Boni", "Hombori")), ("Boni to Hombori road", ("Boni", "Hombori")),
    ],
)  # fmt: skip
def test_the_ends_of_a_stretch_are_names(text, ends):
    assert parse_place(text).pairs == (ends,)


@pytest.mark.parametrize(
    ("text", "names", "around"),
    [
        ("Bamba (Bourem, Gao)", ("Bamba",), ("Bourem", "Gao")),
        ("Bamba [Bourem; Gao] (Mali)", ("Bamba", "Mali"), ("Bourem", "Gao", "Mali")),
        ("Bamba (cercle de Bourem)", ("Bamba", "Bourem"), ("cercle de Bourem",)),
        ("Bamba ( ) ", ("Bamba",), ()),
        ("Bamba (Bourem - Gao / Mali)", ("Bamba",), ("Bourem", "Gao", "Mali")),
    ],
)
def test_what_stands_in_brackets_is_another_name_if_it_is_one(text, names, around):
    query = parse_place(text)
    assert (query.names, query.around) == (names, around)


def test_wrong_arguments_are_named(gazetteer):
    with pytest.raises(InputError, match="`places` has no column 'place'"):
        sg.geocode(pd.DataFrame({"nom": ["Gao"]}), gazetteer)
    with pytest.raises(InputError, match="`places` is one text, 'Gao'"):
        sg.geocode("Gao", gazetteer)
    with pytest.raises(InputError, match="`admin1` has 2 values; expected one, or 1"):
        sg.geocode(["Gao"], gazetteer, admin1=["Gao", "Kidal"])
    with pytest.raises(InputError, match=r"`country` has 1 unknown names: \['Mordor'\]"):
        sg.geocode(["Gao"], gazetteer, country="Mordor")
    with pytest.raises(InputError, match="`report` is 'absent'"):
        sg.geocode(["Gao"], gazetteer, report="absent")


@pytest.mark.reference
def test_precise_places_of_ucdp_are_located_by_name(reference_data):
    files = [reference_data / "gazetteer" / name for name in ("ML.zip", "NE.zip", "BF.zip")]
    gazetteer = sg.load_gazetteer(*files, cache=False)
    table = pd.read_csv(reference_data / "ucdp" / "ged251_bfa_2016_2022.csv")
    table = table[table["where_prec"] == 1].drop_duplicates("where_coordinates")
    found = sg.geocode(table["where_coordinates"], gazetteer, country="BFA", admin1=table["adm_1"])
    away = np.array(
        WGS84.inv(found["lon"], found["lat"], table["longitude"], table["latitude"])[2]
    ) / 1e3  # fmt: skip
    by_name = ~found["method"].isin(["unit", "ambiguous", "none"])
    sure = found["location_precision"].isin(["exact", "near"]) & by_name
    assert (by_name & (away <= 25)).mean() >= 0.82
    assert (sure & (away > 50)).mean() < 0.02
    assert found["lon"].notna().all()
    assert (away <= found["radius_km"]).mean() >= 0.90


@pytest.fixture(scope="module")
def bambas():
    """Two villages of one name in Mali, and places of Niger's old departments."""
    rows = [
        ("Bamba", -1.40, 17.03, "MLI"), ("Bamba", -3.10, 14.64, "MLI"),
        ("Yagoua", 0.90, 13.90, "NER"), ("Yagoua", 8.90, 13.60, "NER"),
        ("Zamtaba", 0.50, 14.10, "NER"), ("Zamtapa", 0.60, 14.90, "NER"),
    ]  # fmt: skip
    return sg.load_gazetteer(
        pd.DataFrame(rows, columns=["name", "lon", "lat", "country"]), cache=False
    )


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("Bamba (Bourem, Gao)", -1.40, 17.03), ("Bamba (Koro, Mopti)", -3.10, 14.64),
        ("Bamba (Bourem)", -1.40, 17.03), ("village de Bamba (cercle de Koro)", -3.10, 14.64),
        ("Bamba (Gao)", -1.40, 17.03),
    ],
)  # fmt: skip
def test_brackets_name_the_units_around(bambas, text, lon, lat):
    found = one(text, bambas, country="MLI")
    assert km(found, lon, lat) < 1
    assert found["location_precision"] == "exact"


def test_brackets_that_disagree_with_the_stated_region_do_not_move_a_place(bambas):
    found = one("Bamba (Koro)", bambas, country="MLI", admin1="Gao")
    assert km(found, -1.40, 17.03) < 1


def test_a_place_in_a_department_of_2011_answers_to_the_one_it_came_out_of(bambas):
    """Yagoua lies in Gothèye, which was Téra until 2011; the other one in Magaria."""
    found = one("Yagoua", bambas, country="NER", admin2="Téra")
    assert km(found, 0.90, 13.90) < 1
    assert found["location_precision"] == "exact"
    unknown = one("Nulle-Part", bambas, country="NER", admin2="Téra")
    old = sg.load_boundaries(2, countries="NER", vintage="1998").set_index("name")
    corners = shapely.get_coordinates(old.loc["Téra", "geometry"])
    assert all(km(unknown, *corner) <= 1.02 * unknown["radius_km"] for corner in corners)


def test_a_stretch_may_end_outside_the_stated_region(bambas):
    found = one("Ansongo-Ménaka Road", bambas, country="MLI", admin1="Gao")
    ends = [one(name, bambas, country="MLI") for name in ("Ansongo", "Ménaka")]
    assert found["method"] == "between"
    assert all(km(found, end["lon"], end["lat"]) <= found["radius_km"] for end in ends)


def test_a_road_of_which_one_end_is_known_is_not_near_it(bambas):
    found = one("axe Ansongo - Nullepart", bambas, country="MLI")
    assert found["match_name"] == "Ansongo"
    assert found["location_precision"] not in {"exact", "near"}
    assert found["radius_km"] >= 50


def test_an_offset_may_stand_behind_the_name(bambas):
    moved = one("Djibo 50km W", bambas, country="BFA")
    base = one("Djibo", bambas, country="BFA")
    assert km(moved, base["lon"], base["lat"]) == pytest.approx(50, abs=0.01)
    assert moved["lon"] < base["lon"]


def test_a_forest_that_is_not_known_is_not_surely_the_village_of_its_name(bambas):
    found = one("forêt de Zamtaba", bambas, country="NER", admin1="Tillabéri")
    assert found["location_precision"] == "admin1"
    assert one("Zamtaba", bambas, country="NER", admin1="Tillabéri")[
        "location_precision"
    ] == "exact"  # fmt: skip


def test_the_radius_of_an_unsure_answer_holds_its_unit_as_seen_from_the_point():
    """A point off the middle of its unit is farther from the other end than the middle is."""
    edge = pd.DataFrame({"name": ["Tambelguina"], "lon": [-1.9], "lat": [14.3], "country": ["BFA"]})
    found = sg.geocode(["Tambergina"], sg.load_gazetteer(edge, cache=False), country="BFA",
                       admin1="Sahel", admin2="Soum").iloc[0]  # fmt: skip
    assert (found["method"], found["location_precision"]) == ("fuzzy", "admin2")
    soum = sg.load_boundaries(2, countries="BFA").set_index("name").loc[["Soum"]]
    corners = soum.get_coordinates().to_numpy()
    away = WGS84.inv(np.full(len(corners), found["lon"]), np.full(len(corners), found["lat"]),
                     *corners.T)[2]  # fmt: skip
    assert found["radius_km"] == pytest.approx(away.max() / 1e3, abs=0.1)


def test_a_unit_that_stands_for_a_missing_place_is_not_the_town_of_its_name():
    table = pd.DataFrame(
        {"date": ["2025-01-03"] * 3, "pays": ["Mali", "Niger", "Mali"],
         "cercle": ["Goundam", "département de Ouallam", "Goundam"],
         "village": [None, None, "Goundam"]}
    )  # fmt: skip
    found = sg.geocode(sg.incidents_from_frame(table))
    assert found["location_precision"].tolist() == ["admin2", "admin2", "exact"]
    assert found["match_id"].tolist()[:2] == ["ML0602", "NE006009"]
    assert found["place"].tolist() == ["Goundam", "département de Ouallam", "Goundam"]


@pytest.mark.parametrize(
    ("text", "match", "method"),
    [
        ("Ansongo, Gao, Mali", "Ansongo", "exact"), ("Gao/Ansongo", "Ansongo", "exact"),
        ("Mali > Gao > Ansongo", "Ansongo", "exact"), ("Ansongo - Gao", "Ansongo", "exact"),
        ("village de Boulikessi, cercle de Douentza", "Boulikessi", "exact"),
        ("Kidal - camp MINUSMA", "Kidal", "exact"), ("Gao (Mali)", "Gao", "exact"),
        ("Tillabéri / Téra", "Téra", "exact"), ("ML0703 Ansongo", "Ansongo", "exact"),
        ("Boulikessi, 15 km au nord", "Boulikessi", "exact+offset"),
        ("Fada", "Fada N'gourma", "alternate"),
    ],
)  # fmt: skip
def test_a_name_beside_its_units_is_that_of_the_place(gazetteer, text, match, method):
    found = one(text, gazetteer)
    assert (found["match_name"], found["method"]) == (match, method)
    assert found["location_precision"] in {"exact", "near"}


@pytest.mark.parametrize(
    ("text", "lon"), [("Kelwa, Mopti", -3.0), ("Mopti/Kelwa", -3.0), ("Kelwa, Ménaka", 2.2)]
)
def test_the_units_beside_a_name_tell_namesakes_apart(gazetteer, text, lon):
    assert one(text, gazetteer)["lon"] == lon


def test_the_unit_in_brackets_is_no_rival_of_the_place_before_it(gazetteer):
    found = one("Boulikesi (Mopti)", gazetteer, country="MLI")
    assert (found["match_name"], found["method"]) == ("Boulikessi", "sound")


@pytest.mark.parametrize(
    ("text", "names", "distance", "bearing"),
    [
        ("Ayorou (20 km N)", ("Ayorou",), 20, 0), ("Torodi, à 9 km au sud", ("Torodi",), 9, 180),
        ("env. 30 km ouest Gao", ("Gao",), 30, 270), ("~25km W of Menaka", ("Menaka",), 25, 270),
        ("20 km Niamey", ("20 km Niamey",), 0, None), ("30 km d'Ansongo", ("Ansongo",), 30, None),
    ],
)  # fmt: skip
def test_offsets_are_read_short_and_in_brackets(text, names, distance, bearing):
    query = parse_place(text)
    assert (query.names, query.distance_km, query.bearing) == (names, distance, bearing)


@pytest.mark.parametrize(
    "text",
    ["RN6 Torodi-Makalondi", "RN 6 (Torodi-Makalondi)", "route nationale n°6 Torodi-Makalondi"],
)
def test_a_numbered_road_is_the_stretch_behind_its_number(text):
    assert parse_place(text).pairs == (("Torodi", "Makalondi"),)


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("commune rurale de Tessit", "Tessit", "commune"), ("Cne de Dessa", "Dessa", "commune"),
        ("C.R. Liptougou", "Liptougou", "commune"), ("dpt Ouallam", "Ouallam", "department"),
        ("Prov. du Soum", "Soum", "district"), ("Com Gao", "Gao", "commune"),
    ],
)  # fmt: skip
def test_words_for_units_are_read_when_cut_short(text, name, kind):
    query = parse_place(text)
    assert (query.names, query.kind) == ((name,), kind)


@pytest.mark.parametrize(
    ("place", "unit", "precision"),
    [
        ("Zorglub (Ansongo)", "ML0701", "admin2"),
        ("Zorglub (Gao)", "ML07", "admin1"),
        ("Village de Zorglub (cercle d'Ansongo)", "ML0701", "admin2"),
        ("Zorglub (Bourem, Gao)", "ML0702", "admin2"),
    ],
)
def test_an_unknown_village_is_not_the_chief_town_of_the_unit_in_brackets(place, unit, precision):
    row = sg.geocode([place]).iloc[0]
    assert row["location_precision"] == precision
    assert row["match_id"] == unit


@pytest.mark.parametrize(
    "place", ["Ansongo (Gao)", "Ménaka (Ménaka)", "Timbuktu (Tombouctou)", "Djibo (Soum)"]
)
def test_a_town_in_the_unit_of_its_name_is_found(place):
    assert sg.geocode([place])["location_precision"].tolist() == ["exact"]


def test_a_name_far_from_the_unit_in_brackets_does_not_hide_it():
    row = sg.geocode(["Centre (Dori)"]).iloc[0]
    assert row["match_name"] == "Dori"


def test_a_row_is_answered_alike_whatever_stands_in_others():
    alone = sg.geocode(["Talatay (Ansongo)"]).iloc[0]
    beside = sg.geocode(["Talatay", "Talatay (Ansongo)"]).iloc[1]
    assert alone["match_name"] == beside["match_name"] == "Talataye"


@pytest.mark.parametrize(
    ("place", "precision", "unit"),
    [
        ("Niono (cercle)", "admin2", "ML0404"),
        ("Gao (région)", "admin1", "ML07"),
        ("Say (département)", "admin2", None),
        ("Mopti (ville)", "exact", None),
        ("Ansongo (commune rurale)", "admin3", None),
    ],
)
def test_a_kind_in_brackets_is_that_of_the_place(place, precision, unit):
    row = sg.geocode([place]).iloc[0]
    assert row["location_precision"] == precision
    assert unit is None or row["match_id"] == unit


@pytest.mark.parametrize(
    ("place", "name", "precision"),
    [
        ("Djibo centre (Soum)", "Djibo", "exact"), ("Dori-ville", "Dori", "exact"),
        ("Centre-ville de Kaya", "Kaya", "exact"), ("Centre de Kaya", "Kaya", "near"),
        ("centre du Mali", "Mali", "country"), ("Secteur 3 de Dori", "Dori", "exact"),
        ("Site PDI de Kaya", "Kaya", "exact"), ("vge de Ménaka", "Ménaka", "exact"),
        ("Sortie sud de Gao", "Gao", "near"), ("Entrée de Gao", "Gao", "near"),
        ("Site de déplacés de Gao", "Gao", "near"),
        ("Banlieue de Niamey", "Niamey", "near"), ("Centre Nord", "Centre-Nord", "admin1"),
        ("Kaya (Centre Nord)", "Kaya", "exact"),
    ],
)  # fmt: skip
def test_a_part_of_a_town_is_in_the_town(place, name, precision):
    row = sg.geocode([place]).iloc[0]
    assert (row["match_name"], row["location_precision"]) == (name, precision)


@pytest.fixture(scope="module")
def called_as_their_country():
    """Villages that have the name of a country, as there are in Mali."""
    return sg.load_gazetteer(
        pd.DataFrame({"name": ["Mali", "Niger", "Gossi"], "country": "MLI",
                      "lon": [-11.07, -10.5, -1.31], "lat": [13.01, 13.5, 15.82]})
    )  # fmt: skip


@pytest.mark.parametrize(
    ("place", "name", "precision"),
    [
        ("Gossi, Mali", "Gossi", "exact"), ("Mali - Gossi", "Gossi", "exact"),
        ("Gossi (Mali)", "Gossi", "exact"), ("Dori, Burkina Faso", "Dori", "exact"),
        ("Zorglub, Mali", "Mali", "country"), ("Mali", "Mali", "country"),
        ("Niger", "Niger", "country"), ("nord du Mali", "Mali", "country"),
        ("village de Mali", "Mali", "exact"),
    ],
)  # fmt: skip
def test_the_name_of_a_country_is_that_country(called_as_their_country, place, name, precision):
    row = sg.geocode([place], called_as_their_country).iloc[0]
    assert (row["match_name"], row["location_precision"]) == (name, precision)


def test_a_village_called_as_its_country_is_found_where_its_units_are_stated(
    called_as_their_country,
):
    row = sg.geocode(["Mali"], called_as_their_country, admin1="Kayes").iloc[0]
    assert (row["lon"], row["location_precision"]) == (-11.07, "exact")


@pytest.mark.parametrize(
    "place", ["Nigeria", "Nigéria", "Ghana", "Sokoto, Nigeria", "Gaya (Nigéria)", "Kandi / Bénin"]
)
def test_a_place_in_a_country_that_is_not_searched_is_in_none_of_the_three(place):
    row = sg.geocode([place]).iloc[0]
    assert row["method"] == "none"
    assert np.isnan(row["lon"])


def test_the_stated_country_goes_before_one_that_a_place_names():
    assert sg.geocode(["Gaya, Nigeria"], country="NER")["match_name"].tolist() == ["Gaya"]


@pytest.mark.parametrize("place", ["Niger: Diffa: Bosso", "Diffa : Bosso", "Attaque: Bosso"])
def test_units_before_a_colon_stand_around_the_place(place):
    row = sg.geocode([place]).iloc[0]
    assert (row["match_name"], row["location_precision"]) == ("Bosso", "exact")
