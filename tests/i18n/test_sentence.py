"""Sentences in English that are said in other languages, with what they are made of."""

import copy
import datetime as dt
import pickle

import pytest

from sahel_geo.errors import FileError, InputError, did_you_mean, first_offenders, why
from sahel_geo.i18n.sentence import Counted, Sentence, Texts, joined


def test_an_error_is_english_text_that_can_be_said_in_french():
    error = FileError("{file!r} changed while it was read.", file="a {b}.csv")
    assert str(error) == "'a {b}.csv' changed while it was read."
    assert error.say("fr") == "'a {b}.csv' a changé pendant la lecture."
    assert error.say("en") == str(error)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_an_error_goes_between_processes_with_its_french(again):
    error = FileError("cannot read {file!r}: {why}.", file="x", why=why(PermissionError(13, "")))
    assert again(error).say("fr") == "impossible de lire 'x'\u202f: accès refusé."
    assert str(again(error)) == "cannot read 'x': Permission denied."


def test_a_message_without_french_stays_english():
    assert InputError("only {here}").say("fr") == "only {here}"
    assert InputError(f"`x` is {3}").say("fr") == "`x` is 3"


def test_sentences_within_sentences_are_said_in_the_same_language():
    near = did_you_mean("Gaoo", ["Gao"])
    shown = first_offenders(range(9), limit=2)
    error = InputError("the file has no column {shown}; expected one of {columns}. {near}",
                       shown=shown, columns=["a"], near=near)  # fmt: skip
    assert str(error).endswith("[0, 1, ... 7 more]; expected one of ['a']. Did you mean 'Gao'?")
    assert error.say("fr").endswith(
        "7 autres]\u202f; attendu\u202f: l’une de ['a']. Vouliez-vous dire 'Gao'\u202f?"
    )
    assert joined([near, near], " ").say("fr").count("Vouliez-vous") == 2


def test_numbers_are_written_as_the_language_does():
    size = Sentence("{file!r} has {size:,} bytes; expected at most {max_bytes:,}. Cut it.",
                    file="1,5.shp", size=1234567, max_bytes=10**9)  # fmt: skip
    assert "1,234,567 bytes" in size
    assert "'1,5.shp' fait 1\u202f234\u202f567 octets" in size.say("fr")
    assert Sentence("{x:.3f}; {year}", x=-0.0221, year=2019).say("fr") == "−0,022; 2019"


def test_dates_and_lists_are_written_as_the_language_does():
    sentence = Sentence("{names:standard}, {day:yMMMd}; {other:or}",
                        names=["Mali", "Niger", Sentence("Permission denied")],
                        day=dt.date(2019, 9, 3), other=("a", "b"))  # fmt: skip
    assert sentence == "Mali, Niger and Permission denied, 3 Sept 2019; a or b"
    assert sentence.say("fr") == "Mali, Niger et accès refusé, 3 sept. 2019; a ou b"
    assert Sentence("{day}", day=dt.date(2019, 9, 3)).say("fr") == "2019-09-03"


@pytest.mark.parametrize(("count", "english", "french"), [
    (0, "0 units", "0 unité"), (1, "1 unit", "1 unité"), (2000, "2,000 units", "2\u202f000 unités"),
])  # fmt: skip
def test_the_form_of_a_word_is_that_of_its_number(count, english, french):
    counted = Counted("{count:,} unit", "{count:,} units", count=count)
    assert (counted, counted.say("fr")) == (english, french)
    again = pickle.loads(pickle.dumps(counted))
    assert (again, again.say("fr")) == (english, french)


@pytest.mark.parametrize(("place", "said"), [
    ("Gao", "de Gao"), ("Ansongo", "d’Ansongo"), ("Inékar", "d’Inékar"), ("11", "de 11"),
])  # fmt: skip
def test_a_word_loses_its_vowel_before_another(place, said):
    assert Sentence("of {name}", name=place).say("fr") == said
    assert Sentence("of {name}", name=place) == f"of {place}"


def test_texts_of_a_module_are_looked_up_by_language_and_key():
    texts = Texts({"denied": "Permission denied"})
    assert texts["fr"]["denied"] == "accès refusé"
    assert dict(texts["en"]) == {"denied": "Permission denied"}
    assert set(texts) == {"fr", "en"}
