"""Write the glossary from the catalogue of French and the tables of classes and indicators.

Meanings stand in ``terms.csv``. A term is checked against the catalogue: the package must say the
French word where it says the English one, so that a word that changes there cannot stay here.
"""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from babel.messages.pofile import read_po

from sahel_geo.i18n import classes
from sahel_geo.i18n.countries import COUNTRY_NAMES
from sahel_geo.maps.texts import INDICATORS, Indicator

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
sys.path.append(str(ROOT / "tools"))

import ast  # noqa: E402

from catalogue import texts_of  # noqa: E402

_SPOKEN: Final = ("maps", "indicators", "forecast", "alerts", "i18n")  # what pages are made of
_WORDS: Final = 4  # what is longer is a sentence
_SETS: Final = {
    "Hot and cold spots": "Points chauds et froids",
    "Local Moran": "Moran local",
    "Emerging hot spots": "Points chauds émergents",
    "SCDi": "SCDi",
    "Risk": "Risque",
    "Change between two periods": "Changement entre deux périodes",
    "Effect of the border": "Effet de la frontière",
    "Probability": "Probabilité",
    "Alerts": "Alertes",
}
_CLASSES: Final = (
    classes.HOT_COLD,
    classes.LOCAL_MORAN,
    classes.EMERGING,
    classes.SCDI,
    classes.LEVELS_OF_RISK,
    classes.CHANGE,
    classes.BORDER_EFFECT,
    classes.PROBABILITY,
    classes.ALERT,
)


class Term(NamedTuple):
    """A word, its French, and what it means in both."""

    english: str
    french: str
    meaning: str
    sens: str


def terms() -> list[Term]:
    """Read the terms that have a meaning written down."""
    with (HERE / "terms.csv").open(encoding="utf-8", newline="") as file:
        return [Term(**row) for row in csv.DictReader(file)]


def catalogue() -> dict[str, str]:
    """Read what the package says in English, and its French; plurals by their singular."""
    path = ROOT / "sahel_geo" / "i18n" / "locales" / "fr.po"
    pairs = {}
    with path.open("rb") as file:
        for message in read_po(file):
            if message.id:
                pairs[_first(message.id)] = _first(message.string)
    return pairs


def _first(text: Any) -> str:
    """Give a text, or the singular of one with a plural."""
    return str(text if isinstance(text, str) else text[0])


def stale(known: Iterable[Term], said: dict[str, str]) -> list[str]:
    """List the terms that the package does not say so, in both languages at one place."""
    spoken = [(english.casefold(), french.casefold()) for english, french in said.items()]
    return [
        f"{term.english} / {term.french}"
        for term in known
        if not any(
            term.english.casefold() in english and term.french.casefold() in french
            for english, french in spoken
        )
    ]


def words(said: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Give every word and short phrase of pages, maps and plots, with its French."""
    seen = set()
    for folder in _SPOKEN:
        for file in sorted((ROOT / "sahel_geo" / folder).rglob("*.py")):
            for _, text, _ in texts_of(ast.parse(file.read_text(encoding="utf-8"))):
                english = text if isinstance(text, str) else text[0]
                if english in said and english not in seen and _is_term(english):
                    seen.add(english)
                    yield english, said[english]


def _is_term(text: str) -> bool:
    plain = re.fullmatch(r"[^{}:.!?…]+", text) is not None
    return plain and len(text.split()) <= _WORDS and any(map(str.isalpha, text))


def page(lang: str) -> str:
    """Write the glossary for readers of one language, as Markdown."""
    said, known = catalogue(), terms()
    wrong = stale(known, said)
    if wrong:
        raise SystemExit(f"terms.csv and the catalogue of French disagree on: {', '.join(wrong)}")
    english = lang == "en"
    lines = [*_HEADS[lang]]
    rows = (
        (each.english, each.french, each.meaning)
        if english
        else (each.french, each.english, each.sens)
        for each in known
    )
    lines += _table(_COLUMNS[lang], sorted(rows, key=lambda row: _order(row[0])))
    lines += ["", _CLASSES_HEAD[lang], ""]
    for (name, nom), known_classes in zip(_SETS.items(), _CLASSES, strict=True):
        lines += [f"### {name if english else nom}", ""]
        lines += _table(
            _PAIR[lang],
            (_turned(each.name.say("en"), each.name.say("fr"), lang) for each in known_classes),
        )
        lines.append("")
    lines += [_FIGURES_HEAD[lang], ""]
    figures = {
        _turned(_with_unit(each, "en"), _with_unit(each, "fr"), lang)
        for each in INDICATORS.values()
    }
    lines += _table(_PAIR[lang], sorted(figures))
    lines += ["", _COUNTRIES_HEAD[lang], ""]
    lines += _table(_PAIR[lang], (_turned(*each, lang) for each in _country_names()))
    lines += ["", _WORDS_HEAD[lang], ""]
    turned = (_turned(first, second, lang) for first, second in words(said))
    lines += _table(_PAIR[lang], sorted(turned, key=lambda row: _order(row[0])))
    return "\n".join([*lines, ""])


def _with_unit(indicator: Indicator, lang: str) -> str:
    return f"{indicator.title.say(lang)} ({indicator.unit.say(lang)})"


def _country_names() -> Iterator[tuple[str, str]]:
    for each in COUNTRY_NAMES.values():
        yield each.say("en"), each.say("fr")


def _turned(english: str, french: str, lang: str) -> tuple[str, str]:
    return (english, french) if lang == "en" else (french, english)


def _order(word: str) -> str:
    """Sort as a dictionary does, accents aside."""
    from unicodedata import normalize  # noqa: PLC0415

    return normalize("NFD", word.casefold()).encode("ascii", "ignore").decode()


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    written = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *written]


def _cell(text: str) -> str:
    return re.sub(r"([*_|<$])", r"\\\1", text)


_HEADS: Final = {
    "en": [
        "# Glossary, English and French",
        "",
        "Every word that pages, maps and plots of the package say, in both languages. The page is",
        "written from the catalogue of the package when the documentation is built.",
        "",
    ],
    "fr": [
        "---\nenglish: glossary\n---",
        "# Glossaire français-anglais",
        "",
        "Tous les mots des pages, des cartes et des graphiques, dans les deux langues. Cette page",
        "est tirée du catalogue du logiciel à chaque construction de la documentation.",
        "",
    ],
}
_COLUMNS: Final = {
    "en": ("English", "French", "what it means"),
    "fr": ("français", "anglais", "ce que cela veut dire"),
}
_PAIR: Final = {"en": ("English", "French"), "fr": ("français", "anglais")}
_CLASSES_HEAD: Final = {"en": "## Classes of maps", "fr": "## Classes des cartes"}
_FIGURES_HEAD: Final = {"en": "## Figures of maps", "fr": "## Valeurs des cartes"}
_COUNTRIES_HEAD: Final = {"en": "## Countries", "fr": "## Pays"}
_WORDS_HEAD: Final = {"en": "## All other words", "fr": "## Tous les autres mots"}
