"""What the page knows of one indicator: its words and classes, each unit's value, its series."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import spoken
from sahel_geo.maps.choropleth.topology import (
    encode_letters,
    encode_numbers,
)
from sahel_geo.maps.classes.categories import (
    KNOWN_SETS,
    TITLES,
    Category,
    categories_of,
    is_categorical,
    known_set,
)
from sahel_geo.maps.classes.classes import (
    ZERO_COLOUR,
    Classification,
    LegendClass,
    classify,
    nearest,
)
from sahel_geo.maps.publish.timeline import Timeline, YearGrid, YearRule, six_digits
from sahel_geo.maps.texts import (
    INDICATORS,
    PAGE,
    SCHEME_NAMES,
    PartKind,
    Words,
    clean_text,
    decimals_for,
    format_number,
    wording,
)
from sahel_geo.schema import HIDDEN, Language

_DIGITS: Final = 6  # of a value in the page, where three are shown
_VALUED = ("range", "value")
_KINDS: Final = ("D", "M", "Q")  # weeks lie in two years, years are years already
_SUMS: Final = ("incidents", "fatalities_low", "fatalities_best", "fatalities_high")
_PER_AREA: Final = "per_1000km2"
_PER_YEAR: Final = ("per_1000km2_year", "per_100k_year")
Uncertain = str | Mapping[str, str] | None


@dataclass(frozen=True)
class Naming:
    """Words of the caller that replace the shipped ones, by column.

    labels, unit_labels: What a column is called, and what it is counted in.
    categories: Classes of columns that are no numbers.
    """

    labels: Mapping[str, Words] = field(default_factory=dict)
    unit_labels: Mapping[str, Words] = field(default_factory=dict)
    categories: Mapping[str, Sequence[Category] | Mapping[str, Words]] = field(default_factory=dict)

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
        known = known_set(values)
        if known and key not in naming.labels and key not in naming.categories:
            words["title"] = spoken(TITLES[KNOWN_SETS.index(known)])
        return words | _category_data(values, naming)
    data = values.to_numpy(dtype=float, na_value=np.nan)
    sorted_in = _sorted_values(data, options, like)
    figures = _number_data(values)
    return words | {
        "whole": figures["whole"],
        **_scale_data(sorted_in, like),
        "class_of": encode_letters(sorted_in.class_of),
        "values": figures["values"],
    }


def _number_data(values: "pd.Series[Any]") -> dict[str, Any]:
    """Write a column of numbers as the page keeps them."""
    data = values.to_numpy(dtype=float, na_value=np.nan)
    whole = _is_whole(values, data)
    return {"whole": whole, "values": _plain_numbers(data if whole else _round_values(data))}


@dataclass(frozen=True)
class Asked:
    """What a caller asks of the columns."""

    columns: list[str]  # indicators
    naming: Naming  # words for columns
    scale: Mapping[str, Any]  # options of `classify`
    by_year: Mapping[str, Any]  # how years come from periods, by column
    details: Sequence[str] = ()  # columns that only the box of a unit tells
    intervals: Mapping[str, tuple[str, str]] | None = None  # columns of limits by indicator
    uncertain: Uncertain = None  # columns of truth values
    # indicators of a linked map, whose classes are shared, by column
    like: Mapping[str, Mapping[str, Any]] | None = None
    # columns that count a part of the incidents
    parts: Mapping[str, tuple[PartKind, Words]] | None = None

    def indicator(
        self, units: gpd.GeoDataFrame, key: str, timeline: Timeline | None
    ) -> dict[str, Any]:
        """Prepare an indicator, with its series if the panel has one."""
        values = units[key]
        options = {"hidden": units.get(HIDDEN), **self.scale}
        like = (self.like or {}).get(key)
        indicator = indicator_data(values, self.naming, options, like)
        part = (self.parts or {}).get(key)
        if part is not None:
            indicator["part"] = {"kind": part[0], "name": wording(part[1], "parts")}
        if timeline is not None and key in timeline.panel and not is_categorical(values):
            by_year = {key: "sum"} if part else self.by_year
            linked = (like or {}).get("series")
            indicator["series"] = series_data(timeline, values, options, by_year, linked)
            indicator["series"]["adds"] |= part is not None  # halves add up, too
        return indicator

    def detail(self, values: "pd.Series[Any]") -> dict[str, Any]:
        """Write a column that only the box of a unit tells."""
        name = str(values.name)
        words = {"title": self.naming.title(name), "unit": self.naming.unit(name)}
        return words | _number_data(values)

    def interval(self, units: gpd.GeoDataFrame, pair: tuple[str, str]) -> list[list[Any]]:
        """Write the lower and upper limits of one indicator."""
        low, high = (units[name].to_numpy(dtype=float, na_value=np.nan) for name in pair)
        crossed = units.loc[low > high, "unit_id"]
        if len(crossed):
            raise InputError(
                f"`intervals` {pair} are crossed in {len(crossed)} units: "
                f"{first_offenders(crossed)}; expected the lower limit first. Swap the columns."
            )
        return [_plain_numbers(_round_values(limit)) for limit in (low, high)]


def check_keys(given: Mapping[str, Any], columns: Sequence[str], argument: str) -> None:
    """Refuse options for a column that the map does not show."""
    unknown = [name for name in given if name not in columns]
    if unknown:
        raise InputError(
            f"`{argument}` names {len(unknown)} columns that the map does not show: "
            f"{first_offenders(unknown)}; expected columns of `column`. "
            f"{nearest(str(unknown[0]), columns)}"
        )


def _sorted_values(
    data: Floats, options: Mapping[str, Any], like: Mapping[str, Any] | None
) -> Classification:
    """Sort values into classes of their own, or into those of a linked map."""
    if like is None:
        return classify(data, **options)
    hidden = options.get("hidden")
    classes = _sort_like(data, like["classes"])
    return classes if hidden is None else classes.with_hidden(np.asarray(hidden), data)


def _scale_data(sorted_in: Classification, like: Mapping[str, Any] | None) -> dict[str, Any]:
    """Write classes, and how they were made; those of a linked map were made there."""
    own = {lang: method_text(sorted_in, lang) for lang in languages()}
    return {
        "method": own if like is None else like["method"],
        "classes": [class_data(entry) for entry in sorted_in.classes],
    }


def _is_whole(values: "pd.Series[Any]", data: Floats) -> bool:
    """Tell whether a column counts something, and is written without decimals."""
    known = INDICATORS.get(str(values.name))
    present = data[~np.isnan(data)]
    return bool((present == np.floor(present)).all()) and (
        pd.api.types.is_integer_dtype(values) or (known is not None and known.whole)
    )


def _round_values(data: Floats) -> Floats:
    """Round to the digits that the page keeps."""
    return np.array([float(f"{value:.{_DIGITS}g}") for value in data], dtype=np.float64)


def _plain_numbers(data: Floats) -> list[int | float | None]:
    """List numbers as JSON writes them shortest; None where there is no data."""
    return [
        None if math.isnan(value) else int(value) if value == int(value) else value
        for value in data.tolist()
    ]


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
        if {entry.high for entry in ranges} & {entry.low for entry in ranges}:
            mirrored = classification.scheme != "user" and any(entry.high < 0 for entry in ranges)
            sentences.append(texts["signed_hint" if mirrored else "bounds_hint"])
    return " ".join([*sentences, texts["counts_hint"]])


def _category_data(values: "pd.Series[Any]", naming: Naming) -> dict[str, Any]:
    """Prepare a column of classes; missing values come last, as for numbers."""
    chosen = categories_of(values, naming.categories.get(str(values.name)))
    place = {category.value: at for at, category in enumerate(chosen)}
    at = np.array(
        [len(chosen) if pd.isna(value) else place[str(value)] for value in values], dtype=np.int64
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
    return {"whole": False, "method": hints, "classes": classes, "class_of": encode_letters(at)}


def _bound(value: float, lang: Language, digits: int = 8) -> str:
    """Write a bound with all the digits it has, and no more than eight decimals."""
    decimals = decimals_for(value, significant=digits)
    decimal_text = f"{value:.{decimals}f}".rstrip("0") if decimals else ""
    return format_number(value, lang, decimals=len(decimal_text.partition(".")[2]))


def _sort_like(values: npt.ArrayLike, classes: Sequence[Mapping[str, Any]]) -> Classification:
    """Sort values into the classes of another map; the highest grows where values lie beyond.

    >>> page = [{"kind": "range", "low": 1, "high": 2, "colour": "#aaaaaa"},
    ...         {"kind": "range", "low": 3, "high": 9, "colour": "#555555"}]
    >>> [(c.kind, c.high, c.count) for c in _sort_like([0, 4, 12], page).classes]
    [('zero', 0.0, 1), ('range', 2.0, 0), ('range', 12.0, 2)]
    """
    data = np.asarray(values, dtype=np.float64)
    kept = [LegendClass.of(entry) for entry in classes if entry["kind"] in _VALUED]
    is_open = any(math.isinf(entry.low) for entry in kept)
    below = [] if is_open else [entry for entry in kept if entry.high < 0]
    above = kept[len(below) :]
    if above:
        above[-1] = above[-1].reaching(float(np.nanmax(data, initial=-math.inf)))
    zero = [LegendClass("zero", 0.0, 0.0, ZERO_COLOUR, 0)]
    if is_open or not ((data == 0).any() or any(entry["kind"] == "zero" for entry in classes)):
        zero = []
    missing = [LegendClass("no_data", math.nan, math.nan, "", 0)] if np.isnan(data).any() else []
    ordered = [*below, *zero, *above, *missing]
    at = np.searchsorted([entry.high for entry in above], data) + len(below) + len(zero)
    at[data == 0] = len(below) if zero else at[data == 0]
    if not is_open:
        at[data < 0] = np.searchsorted([entry.low for entry in below], data[data < 0], "right") - 1
    at[np.isnan(data)] = len(ordered) - 1
    lost = (at < 0) | (at >= len(ordered) - len(missing)) & ~np.isnan(data)
    if lost.any():
        raise InputError(
            "`scale_of` has no class for {count} values: {some}; expected a map whose classes "
            "reach as far on both sides of zero. Leave it out, or give `breaks`.",
            count=int(lost.sum()),
            some=first_offenders(np.unique(data[lost])),
        )
    counts = np.bincount(at, minlength=len(ordered))
    counted = (replace(each, count=int(n)) for each, n in zip(ordered, counts, strict=True))
    return Classification("linked", tuple(counted), at.astype(np.int64))


def _rule_of(column: str, rules: Mapping[str, Any]) -> YearRule | None:
    """Say how the values of a year come from those of its periods.

    >>> [_rule_of(name, {}) for name in ("incidents", "per_1000km2", "per_100k_year", "gini")]
    ['sum', 'sum', 'mean', None]
    """
    if column in rules:
        return rules[column] or None
    rate = next((column.removeprefix(f"{name}_") for name in _SUMS if name in column), column)
    if column in _SUMS or rate == _PER_AREA:
        return "sum"
    return "mean" if rate in _PER_YEAR else None


def year_data(
    grid: Floats,
    periods: pd.PeriodIndex,
    rule: YearRule | None,
    options: Mapping[str, Any],
    like: Mapping[str, Any] | None = None,
) -> dict[str, Any] | None:
    """Write what the page needs to show the years of `grid` (n, t), whose periods it adds up."""
    if rule is None or periods.freqstr[0] not in _KINDS or len(periods.year.unique()) < 2:
        return None
    yearly = YearGrid.of(grid, periods, rule).values
    present = yearly[~np.isnan(yearly)]
    whole = rule == "sum" and bool((present == np.floor(present)).all())
    if not whole:
        yearly = six_digits(yearly)
    sorted_in = _sorted_values(yearly.ravel(), options, like)
    return {"rule": rule, "whole": whole, **_scale_data(sorted_in, like)}


def series_data(
    timeline: Timeline,
    values: "pd.Series[Any]",
    options: Mapping[str, Any],
    by_year: Mapping[str, Any],
    like: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write the series of one indicator, with classes common to all periods.

    A unit's text lists, for each period whose value is not zero, the periods since the one before
    and a code: 0 for missing, otherwise the number itself or one more than its place in ``levels``.
    That of hidden periods lists the periods since the hidden one before.
    """
    rule = _rule_of(str(values.name), by_year)
    grid = timeline.grid(str(values.name), len(values))
    covered = values.notna().to_numpy()
    if options.get("hidden") is not None:
        covered = covered | (np.asarray(options["hidden"]) > 0)
    grid[~covered] = np.nan
    whole = _is_whole(timeline.panel[values.name], grid[np.isfinite(grid)])
    if not whole:
        grid = _round_values(grid.ravel()).reshape(grid.shape)
    levels = None if whole and np.nanmin(grid, initial=0) >= 0 else np.unique(grid[grid != 0])
    least = np.zeros(grid.shape)  # the smallest count shown where a figure is hidden, else zero
    if HIDDEN in timeline.panel:
        least = timeline.grid(HIDDEN, len(values))
        least[~np.isnan(grid)] = 0.0
    years = None
    if HIDDEN not in timeline.panel:
        linked = (like or {}).get("years")
        years = year_data(grid, timeline.periods, rule, {**options, "hidden": None}, linked)
    sorted_in = _sorted_values(grid.ravel(), {**options, "hidden": least.ravel()}, like)
    # The page knows a unit without data from its value over the whole time, and hidden periods
    # from a list of their own: neither has a figure here.
    rows = zip(np.where(least > 0, 0, grid), covered, strict=True)
    places = [np.diff(np.flatnonzero(row), prepend=-1) - 1 for row in least > 0]
    hidden = ".".join(encode_numbers(steps.tolist()) for steps in places)
    sums = None  # of all units by period; a rate has none
    if timeline.sums is not None:
        totals = timeline.sums[values.name].to_numpy(dtype=float, na_value=np.nan)
        sums = None if np.isnan(totals).all() else _plain_numbers(totals)
    return {
        "cells": ".".join(_cells(row, levels) if known else "" for row, known in rows),
        "levels": None if levels is None else _plain_numbers(levels[~np.isnan(levels)]),
        "whole": whole,
        "adds": values.name in _SUMS or (whole and rule == "sum"),
        **_scale_data(sorted_in, like),
        "years": years,
        "hidden": hidden if HIDDEN in timeline.panel else None,
        "sums": sums,
    }


def _cells(row: Floats, levels: Floats | None) -> str:
    at = np.flatnonzero(row != 0)
    steps = np.diff(at, prepend=-1) - 1
    values = row[at]
    known = values if levels is None else np.searchsorted(levels, values) + 1.0
    codes = np.where(np.isnan(values), 0, known).astype(np.int64)
    return encode_numbers(np.column_stack([steps, codes]).ravel().tolist())
