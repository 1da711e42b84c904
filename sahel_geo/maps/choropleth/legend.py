"""What the page knows of one indicator: its words, its classes, and each unit's value."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.i18n.language import languages
from sahel_geo.maps.choropleth.topology import ALPHABET
from sahel_geo.maps.classes.categories import Category, categories_of, is_categorical, known_title
from sahel_geo.maps.classes.classes import (
    Classification,
    LegendClass,
    classify,
    with_hidden,
)
from sahel_geo.maps.classes.linked import sort_like
from sahel_geo.maps.page.element import clean_text
from sahel_geo.maps.texts import (
    INDICATORS,
    PAGE,
    SCHEME_NAMES,
    decimals_for,
    format_number,
)
from sahel_geo.maps.wording import Words, wording
from sahel_geo.schema import Language

_NO_COUNTS: Final = ("population", "area_km2", "distance_to_border_km", "risk")
_DIGITS: Final = 6  # of a value in the page, where three are shown


@dataclass(frozen=True)
class Naming:
    """Words of the caller that replace the shipped ones, by column.

    Attributes
    ----------
    labels, unit_labels : mapping of str to text
        What a column is called, and what it is counted in.
    categories : mapping of str to classes
        Classes of columns that are no numbers.
    """

    labels: Mapping[str, Words] = field(default_factory=dict)
    unit_labels: Mapping[str, Words] = field(default_factory=dict)
    categories: Mapping[str, Sequence[Category] | Mapping[str, Words]] = field(
        default_factory=dict,
    )

    def title(self, key: str) -> str | dict[str, str]:
        """Name a column."""
        known = INDICATORS.get(key)
        return wording(self.labels.get(key, known.title if known else key), "labels")

    def unit(self, key: str) -> str | dict[str, str]:
        """Say what a column is counted in; empty for a bare number."""
        known = INDICATORS.get(key)
        return wording(self.unit_labels.get(key, known.unit if known else ""), "unit_labels")


def indicator_data(
    values: "pd.Series[Any]",
    naming: Naming,
    options: Mapping[str, Any],
    like: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Prepare one indicator for the page; `like` is that of a map whose classes it shares."""
    key = str(values.name)
    words = {"key": clean_text(key), "title": naming.title(key), "unit": naming.unit(key)}
    if is_categorical(values):
        own = None if key in naming.labels or key in naming.categories else known_title(values)
        return words | ({"title": own} if own else {}) | _category_data(values, naming)
    data = values.to_numpy(dtype=float, na_value=np.nan)
    whole = is_whole(values, data)
    shown = data if whole else round_values(data)
    sorted_in = sorted_values(data, options, like)
    return words | {
        "whole": whole,
        **scale_data(sorted_in, like),
        "class_of": letters(sorted_in.class_of),
        "values": plain_numbers(shown),
    }


def sorted_values(
    data: npt.NDArray[np.float64],
    options: Mapping[str, Any],
    like: Mapping[str, Any] | None,
) -> Classification:
    """Sort values into classes of their own, or into those of a linked map."""
    if like is None:
        return classify(data, **options)
    hidden = options.get("hidden")
    found = sort_like(data, like["classes"])
    return found if hidden is None else with_hidden(found, np.asarray(hidden), data)


def scale_data(
    sorted_in: Classification,
    like: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Write classes, and how they were made; those of a linked map were made there."""
    own = {lang: method_text(sorted_in, lang) for lang in languages()}
    return {
        "method": own if like is None else like["method"],
        "classes": [class_data(entry) for entry in sorted_in.classes],
    }


def default_limits(columns: Sequence[str]) -> dict[str, str] | None:
    """Say what zero means, on a map of recorded incidents or deaths."""
    counting = [key for key in columns if key in INDICATORS and key not in _NO_COUNTS]
    return {lang: PAGE[lang]["limit_zero"] for lang in languages()} if counting else None


def is_whole(values: "pd.Series[Any]", data: npt.NDArray[np.float64]) -> bool:
    """Tell whether a column counts something, and is written without decimals."""
    known = INDICATORS.get(str(values.name))
    present = data[~np.isnan(data)]
    return bool((present == np.floor(present)).all()) and (
        pd.api.types.is_integer_dtype(values) or (known is not None and known.whole)
    )


def round_values(data: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Round to the digits that the page keeps."""
    return np.array([float(f"{value:.{_DIGITS}g}") for value in data], dtype=np.float64)


def plain_numbers(data: npt.NDArray[np.float64]) -> list[int | float | None]:
    """List numbers as JSON writes them shortest; None where there is no data."""
    return [
        None if math.isnan(value) else int(value) if value == int(value) else value
        for value in data.tolist()
    ]


def letters(numbers: npt.NDArray[np.int64]) -> str:
    """Write small numbers as one letter each."""
    return "".join(ALPHABET[number] for number in numbers.tolist())


def class_data(entry: LegendClass) -> dict[str, Any]:
    """Write a class for the page, which makes its label in the language shown."""
    known = entry.kind != "no_data"
    return {
        "kind": entry.kind,
        "low": entry.low if known and math.isfinite(entry.low) else None,
        "high": entry.high if known else None,
        "colour": entry.colour,
        "count": entry.count,
        **({"digits": entry.digits} if entry.kind == "value" else {}),
    }


def class_label(entry: LegendClass, lang: Language) -> str:
    """Write one line of the legend.

    Examples
    --------
    >>> class_label(LegendClass("range", 0.35, 1.2, "#000000", 4), "fr")
    '0,35 à 1,2'
    """
    texts = PAGE[lang]
    if entry.kind == "no_data":
        return texts["no_data"]
    if entry.kind == "suppressed":
        return texts["suppressed"].format(most=_bound(entry.high, lang))
    if entry.kind == "range" and math.isinf(entry.low):
        return f"≤ {_bound(entry.high, lang)}"
    if entry.kind == "range":
        return f"{_bound(entry.low, lang)} {texts['to']} {_bound(entry.high, lang)}"
    return _bound(entry.high, lang, entry.digits)


def method_text(classification: Classification, lang: Language) -> str:
    """Say how the classes were made, as a reader needs it to trust the colours."""
    texts = PAGE[lang]
    sentences = []
    ranges = [entry for entry in classification.classes if entry.kind == "range"]
    if len(ranges) > 1:
        scheme = SCHEME_NAMES.get(classification.scheme, SCHEME_NAMES["user"]).say(lang)
        sentences.append(f"{texts['classes']}{texts['colon']}{scheme}.")
        touching = {entry.high for entry in ranges} & {entry.low for entry in ranges}
        if touching:
            mirrored = classification.scheme != "user" and any(entry.high < 0 for entry in ranges)
            sentences.append(texts["signed_hint" if mirrored else "bounds_hint"])
    return " ".join([*sentences, texts["counts_hint"]])


def _category_data(values: "pd.Series[Any]", naming: Naming) -> dict[str, Any]:
    """Prepare a column of classes; missing values come last, as for numbers."""
    chosen = categories_of(values, naming.categories.get(str(values.name)))
    place = {category.value: at for at, category in enumerate(chosen)}
    at = np.array(
        [len(chosen) if pd.isna(value) else place[str(value)] for value in values],
        dtype=np.int64,
    )
    classes = [
        {
            "kind": "category",
            "label": wording(category.label, "categories"),
            "colour": category.colour,
            **({"mark": category.mark} if category.mark else {}),
            "count": int((at == number).sum()),
        }
        for number, category in enumerate(chosen)
    ]
    if (at == len(chosen)).any():
        missing = LegendClass("no_data", math.nan, math.nan, "", int((at == len(chosen)).sum()))
        classes.append(class_data(missing))
    hints = {lang: PAGE[lang]["counts_hint"] for lang in languages()}
    return {"whole": False, "method": hints, "classes": classes, "class_of": letters(at)}


def _bound(value: float, lang: Language, digits: int = 8) -> str:
    """Write a bound with all the digits it has, and no more than eight decimals."""
    decimals = decimals_for(value, significant=digits)
    shown = f"{value:.{decimals}f}".rstrip("0") if decimals else ""
    kept = len(shown.partition(".")[2])
    return format_number(value, lang, decimals=kept)
