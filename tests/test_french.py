"""Sentences in two languages: every one has its French, made of the same parts."""

import ast
import copy
import os
import pickle
import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from sahel_geo.errors import FileError, InputError, did_you_mean, first_offenders, why
from sahel_geo.sentence import Sentence, catalogue, joined

PACKAGE = Path(__file__).resolve().parents[1] / "sahel_geo"
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}
SAID_BY_GEOS = {
    "Self-intersection",
    "Ring Self-intersection",
    "Too few points in geometry component",
    "Hole lies outside shell",
    "Holes are nested",
    "Nested shells",
    "Interior is disconnected",
    "Invalid Coordinate",
}
MADE_BY = {"Sentence", "SahelGeoError", "InputError", "FileError", "CrsError", "SourceError"}


def templates():
    """Sentences made of parts, and every `Sentence`: what the command line may have to say."""
    calls = [
        (path.name, node)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
    ]
    for file, call in calls:
        text, name = call.args[0], call.func.id
        made = name == "Sentence" or (name in MADE_BY and call.keywords)
        if made and isinstance(text, ast.Constant):
            yield file, text.value


def fields(text):
    return sorted(
        (name, conversion or "", form or "")
        for _, name, form, conversion in Formatter().parse(text)
        if name is not None
    )


def words(text):
    return "".join(before for before, *_ in Formatter().parse(text))


def test_every_sentence_has_its_french():
    lacking = {
        f"{file}: {text}"
        for file, text in templates()
        if text not in catalogue() and any(letter.isalpha() for letter in words(text))
    }
    assert not lacking, "add them to sahel_geo/french.toml"


def test_both_languages_are_made_of_the_same_parts():
    different = {en: fr for en, fr in catalogue().items() if fields(en) != fields(fr)}
    assert not different


def test_the_catalogue_holds_nothing_else():
    said = {
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    said |= {os.strerror(number) for number in range(1, 140)} | SAID_BY_GEOS
    assert not set(catalogue()) - said, "no sentence of the package says this any more"


def test_a_sentence_stands_once_in_the_catalogue():
    listed = tomllib.loads((PACKAGE / "french.toml").read_text(encoding="utf-8"))["sentence"]
    assert len(listed) == len(catalogue())
    assert all(set(each) == {"en", "fr"} for each in listed)


def test_french_has_a_space_before_double_marks():
    wrong = {french for french in catalogue().values() if re.search(r"[^\s'][;?!:»](\s|$)", french)}
    assert not wrong


def test_an_error_is_english_text_that_can_be_said_in_french():
    error = FileError("{file!r} does not exist. Check the path and the spelling.", file="a {b}.csv")
    assert str(error) == "'a {b}.csv' does not exist. Check the path and the spelling."
    assert error.say("fr") == "'a {b}.csv' n'existe pas. Vérifiez le chemin et l'orthographe."
    assert error.say("en") == str(error)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_an_error_goes_between_processes_with_its_french(again):
    error = FileError("cannot read {file!r}: {why}.", file="x", why=why(PermissionError(13, "")))
    assert again(error).say("fr") == "impossible de lire 'x' : accès refusé."
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
        "[0, 1, ... et 7 autres] ; attendu : l'une de ['a']. Vouliez-vous dire 'Gao' ?"
    )
    assert joined([near, near], " ").say("fr").count("Vouliez-vous") == 2


def test_numbers_are_written_as_the_language_does():
    size = Sentence("{file!r} has {size:,} bytes; expected at most {max_bytes:,}. Cut it.",
                    file="1,5.shp", size=1234567, max_bytes=10**9)  # fmt: skip
    assert "1,234,567 bytes" in size
    assert "'1,5.shp' fait 1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567 octets" in size.say("fr")
