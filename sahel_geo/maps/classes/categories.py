"""Indicators that are classes, not numbers: their names in both languages, and their colours.

The sets that sahel_geo's own measures give are known by their values. Colours of different kinds
differ in lightness as well as in hue, so that they stay apart for colour-blind readers; kinds that
mean a direction keep one hue for each side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n import classes
from sahel_geo.i18n.classes import Mark
from sahel_geo.i18n.sentence import Sentence, spoken
from sahel_geo.maps.classes.classes import palette_stops
from sahel_geo.maps.texts import Words, wording

MOST_CATEGORIES: Final = 17


@dataclass(frozen=True)
class Category:
    """One class of an indicator that is not a number.

    Attributes
    ----------
    value : str
        What stands in the column.
    label : str or mapping of str to str
        What the legend says, in one language or by language.
    colour : str
        ``"#rrggbb"``.
    mark : {"vertical", "horizontal", "grid"}, optional
        Lines over the colour, where colours alone do not keep the classes apart.
    """

    value: str
    label: Words
    colour: str
    mark: Mark | None = None


def _headed(name: str) -> str:
    """Begin a name with a capital letter, where it stands by itself.

    >>> _headed("élevé")
    'Élevé'
    """
    return name[:1].upper() + name[1:]


_TITLED: Final = {
    Sentence("Hot and cold spots"): classes.HOT_COLD,
    Sentence("Neighbourhoods (local Moran)"): classes.LOCAL_MORAN,
    Sentence("Type of conflict (SCDi)"): classes.SCDI,
    Sentence("Level of risk"): classes.LEVELS_OF_RISK,
    Sentence("History of hot spots"): classes.EMERGING,
    Sentence("Change between two periods"): classes.CHANGE,
    Sentence("Probability"): classes.PROBABILITY,
    Sentence("Alert"): classes.ALERT,
}
TITLES: Final = tuple(_TITLED)  # of the sets below, in their order
KNOWN_SETS: Final = tuple(
    tuple(
        Category(each.value, spoken(each.name, _headed), each.colour, each.mark) for each in known
    )
    for known in _TITLED.values()
)
HOT_COLD, LOCAL_MORAN, SCDI, LEVELS_OF_RISK, EMERGING, CHANGE, PROBABILITY, ALERT = KNOWN_SETS

# Okabe and Ito (2008), which colour-blind readers tell apart, from light to dark.
FREE_COLOURS: Final = (
    "#f0e442", "#e69f00", "#56b4e9", "#cc79a7", "#009e73", "#d55e00", "#0072b2", "#333333",
)  # fmt: skip


def is_categorical(values: "pd.Series[Any]") -> bool:
    """Tell whether a column holds classes: texts, or pandas categories."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return True
    known = values.dropna()
    return len(known) > 0 and all(isinstance(value, str) for value in known)


def categories_of(
    values: "pd.Series[Any]", chosen: Sequence[Category] | Mapping[str, Words] | None = None
) -> tuple[Category, ...]:
    """Name and colour the classes of a column.

    >>> [c.label["en"] for c in categories_of(pd.Series(["hot", "not significant", None]))]
    ['Hot spot', 'Not significant']
    """
    name = str(values.name)
    present = {str(value) for value in values.dropna()}
    if isinstance(chosen, Mapping):
        chosen = _painted([(str(value), label) for value, label in chosen.items()], name)
    if chosen is not None:
        _check_chosen(chosen, present, name)
        return tuple(chosen)
    known = known_set(values)
    if known:
        return tuple(category for category in known if category.value in present)
    if isinstance(values.dtype, pd.CategoricalDtype):
        order = [str(value) for value in values.cat.categories if str(value) in present]
    else:
        order = sorted(present)
    return _painted([(value, value) for value in order], name)


def known_set(values: "pd.Series[Any]") -> tuple[Category, ...]:
    """Find the set of classes of sahel_geo's own measures that a column is made of.

    >>> known_set(pd.Series(["CH", None])) == SCDI
    True
    """
    present = {str(value) for value in values.dropna()}
    fits = (known for known in KNOWN_SETS if present <= {each.value for each in known})
    return next(fits, ()) if present else ()


def _painted(named: Sequence[tuple[str, Words]], column: str) -> tuple[Category, ...]:
    if len(named) > len(FREE_COLOURS):
        raise InputError(
            f"column {column!r} has {len(named)} classes: "
            f"{first_offenders([value for value, _ in named])}; expected at most "
            f"{len(FREE_COLOURS)}, since more colours cannot be told apart. Group them, or name "
            "and colour them with categories=."
        )
    step = len(FREE_COLOURS) / max(len(named), 1)
    picked = [FREE_COLOURS[int(at * step)] for at in range(len(named))]
    return tuple(
        Category(value, label, colour) for (value, label), colour in zip(named, picked, strict=True)
    )


def _check_chosen(chosen: Sequence[Category], present: set[str], column: str) -> None:
    values = [category.value for category in chosen]
    unknown = sorted(present - set(values))
    if unknown or len(set(values)) < len(values) or len(values) > MOST_CATEGORIES:
        raise InputError(
            f"`categories` of {column!r} has {len(values)} classes and misses "
            f"{len(unknown)} values of the column: {first_offenders(unknown)}; expected each value "
            f"once, at most {MOST_CATEGORIES}. Add a Category for each."
        )
    for category in chosen:
        wording(category.label, "categories")
        if category.mark not in (None, *classes.HATCHES):
            raise InputError(
                f"`categories` of {column!r} has the mark {category.mark!r}; expected one of "
                f"{list(classes.HATCHES)}. Leave it out for none."
            )
        palette_stops((category.colour, category.colour))
