"""What a picture shows of its map: the classes, the figures and the words of one choice."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.path import Path

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.i18n.cldr import date
from sahel_geo.maps.choropleth.legend import class_label
from sahel_geo.maps.choropleth.topology import DIGITS, decode_line, decode_numbers
from sahel_geo.maps.classes.classes import LegendClass
from sahel_geo.maps.periods import period_start, periods_of_year
from sahel_geo.maps.publish.timeline import YearGrid, six_digits
from sahel_geo.maps.texts import PAGE, said
from sahel_geo.schema import Language

PIXELS_PER_INCH: Final = 96.0  # of a page
PRECISIONS: Final = ("point_exact", "point_area", "point_wide", "point_unknown")
MARGIN: Final = 30.0  # pixels; a point so far outside still reaches into the map
LARGEST: Final = 21.0


@dataclass(frozen=True)
class Choice:
    """What of a map is shown."""

    indicator: int = 0  # which indicator
    periods: range = range(0)  # which periods, from 0; empty for the whole time
    year: int | None = None  # the calendar year that they make, where it is shown as one
    surface: bool = False  # whether the density surface takes the place of the colours of the units


_PARTS: Final = ("source", "period", "left_out", "limits")
UNDER_SURFACE: Final = "#fbfaf6"


class Shapes:
    """Polygons and lines of a page, in a plane whose unit is the degree of latitude.

    data: What the page draws: ``arcs``, ``scale`` and ``bounds``.

    squeeze: Width of a degree of longitude beside one of latitude, at the middle of the map.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        (south, _), (north, _) = data["bounds"]
        self.scale = float(data["scale"])
        self.squeeze = float(np.cos(np.radians((south + north) / 2)))
        self.arcs = [self.line(text) for text in data["arcs"]]

    def place(self, lon: Any, lat: Any) -> Floats:
        """Give the place of coordinates in the plane."""
        return np.column_stack([np.asarray(lon, float) * self.squeeze, np.asarray(lat, float)])

    def line(self, text: str) -> Floats:
        """Decode a line."""
        steps = np.asarray(decode_line(text), dtype=np.float64).reshape(-1, 2) / self.scale
        return self.place(steps[:, 0], steps[:, 1])

    def polygon(self, text: str) -> Path | None:
        """Decode a shape; None if it has no ring."""
        vertices, codes = [], []
        for polygon in text.split(",") if text else []:
            for ring in polygon.split("."):
                parts: list[Floats] = []
                for number in decode_numbers(ring):
                    arc = self.arcs[number // 2][:: -1 if number % 2 else 1]
                    parts.append(arc[1:] if parts else arc)
                points = np.concatenate(parts)
                vertices.append(points)
                codes += [Path.MOVETO, *[Path.LINETO] * (len(points) - 2), Path.CLOSEPOLY]
        return Path(np.concatenate(vertices), codes) if vertices else None


def _class_numbers(letters: str) -> Integers:
    """Read one class number per letter."""
    return np.array([DIGITS[letter] for letter in letters], dtype=np.int64)


@dataclass(frozen=True)
class Incidents:
    """Incidents of the period shown."""

    # lon, lat: (n,) degrees, EPSG:4326
    lon: Floats
    lat: Floats
    deaths: Floats  # (n,) recorded deaths; NaN without a toll
    precision: Integers  # (n,) place in `PRECISIONS`

    @classmethod
    def of(cls, points: Mapping[str, Any], periods: range) -> "Incidents":
        """Read the incidents of a page."""
        places = np.asarray(decode_line(points["place"]), dtype=np.float64).reshape(-1, 2)
        lon, lat = (places / points["scale"]).T
        precision = _class_numbers(points["precision"])
        deaths = np.full(len(lon), np.nan)
        if points["deaths"] is not None:
            written = np.asarray(decode_numbers(points["deaths"]), dtype=np.float64)
            deaths = np.where(written == 0, np.nan, written - 1)
        inside = np.ones(len(lon), dtype=bool)
        if periods and points["period"] is not None:
            number = np.asarray(decode_numbers(points["period"])) - 1
            inside = (number >= periods.start) & (number < periods.stop)
        return cls(lon[inside], lat[inside], deaths[inside], precision[inside])


@dataclass(frozen=True)
class Group:
    """Incidents that would cover one another.

    >>> [Group(0, 0, count, deaths, 0).radius for count, deaths in ((1, 4), (2, 0), (9, 999))]
    [6.5, 9.0, 21.0]
    """

    # x, y: mean of their places, in pixels of the page
    x: float
    y: float
    count: int  # how many they are
    deaths: float  # recorded deaths of all
    precision: int  # the precision that all share, or -1

    @property
    def radius(self) -> float:
        """Radius in pixels: the area grows with the deaths."""
        least = 9.0 if self.count > 1 else 4.5
        return min(LARGEST, max(least, 3.5 + 1.5 * math.sqrt(self.deaths)))


@dataclass(frozen=True)
class View:
    """The classes and words of a choice, as the legend of the page has them."""

    # ``kind``, ``colour``, ``low``, ``high`` or ``label``, and ``count``, in order
    classes: tuple[Mapping[str, Any], ...]
    numbers: Integers  # (units,) class of each unit; empty where the surface is shown
    doubtful: frozenset[int]  # units whose value is uncertain
    doubt: Mapping[str, Any] | None  # words of the legend for these
    heads: tuple[str, ...]  # title, period and unit of the legend; what is empty is left out
    method: str  # how the classes were made


def view_of(data: Mapping[str, Any], choice: Choice, lang: Language) -> View:
    """Gather what a choice shows."""
    indicator = data["indicators"][choice.indicator]
    none = np.empty(0, dtype=np.int64)
    if choice.surface:
        surface = data["surface"]
        own = surface["label"]
        title = data["texts"][lang]["layer_surface"] if own is None else said(own, lang)
        heads = tuple(text for text in (title, said(surface["unit"], lang)) if text)
        return View(tuple(surface["classes"]), none, frozenset(), None, heads, "")
    title, unit = (said(indicator[name], lang) for name in ("title", "unit"))
    if choice.periods:
        return _timed(data, choice, (title, unit), lang)
    doubt = indicator.get("uncertain")
    return View(
        tuple(indicator["classes"]),
        _class_numbers(indicator["class_of"]),
        frozenset(doubt["at"] if doubt else ()),
        doubt,
        tuple(text for text in (title, unit) if text),
        said(indicator["method"], lang),
    )


def _timed(data: Mapping[str, Any], choice: Choice, words: tuple[str, str], lang: Language) -> View:
    """Sort the values of a period or of a year into the classes of all of them."""
    indicator = data["indicators"][choice.indicator]
    series, time = indicator["series"], data["time"]
    kinds = [entry["kind"] for entry in indicator["classes"]]
    class_kinds = [kinds[number] for number in _class_numbers(indicator["class_of"])]
    pairs = zip(indicator["values"], class_kinds, strict=True)
    missing = [value is None and kind != "suppressed" for value, kind in pairs]
    grid = series_grid(series, time["count"], missing)
    side, values = series, grid[:, choice.periods.start]
    hidden = _hidden_cells(series, grid.shape)[:, choice.periods.start]
    gaps: Integers = np.zeros(len(grid), dtype=np.int64)
    if choice.year is not None:
        side = series["years"]
        values, gaps = _of_year(grid, time, choice.year, side)
    numbers = np.array([class_of(side["classes"], value) for value in values], dtype=np.int64)
    if hidden.any():  # never with years: they are not made of series that hide figures
        numbers[hidden] = [entry["kind"] for entry in side["classes"]].index("suppressed")
    counts = np.bincount(numbers[numbers >= 0], minlength=len(side["classes"]))
    classes = tuple(
        {**entry, "count": int(count)} for entry, count in zip(side["classes"], counts, strict=True)
    )
    heads = (words[0], choice_label(time, choice, lang), words[1])
    return View(
        classes,
        numbers,
        frozenset(np.flatnonzero((gaps > 0) & ~np.isnan(values)).tolist()),
        {"label": data["texts"][lang]["incomplete"]},
        tuple(text for text in heads if text),
        " ".join([said(side["method"], lang), *_time_notes(data, choice, lang)]),
    )


def _of_year(
    grid: Floats, time: Mapping[str, Any], year: int, how: Mapping[str, Any]
) -> tuple[Floats, Integers]:
    """Give the value of a year, and the periods without a figure, of each unit."""
    letter = {"day": "D", "month": "M", "quarter": "Q"}[time["kind"]]
    periods = pd.period_range(time["first"], periods=time["count"], freq=letter)
    yearly = YearGrid.of(grid, periods, how["rule"])
    at = int(np.searchsorted(yearly.years, year))
    values = yearly.values[:, at]
    return values if how["whole"] else six_digits(values), yearly.gaps[:, at]


def _time_notes(data: Mapping[str, Any], choice: Choice, lang: Language) -> list[str]:
    """Say how periods and years compare, as the page does."""
    texts = data["texts"][lang]
    years = data["indicators"][choice.indicator]["series"]["years"]
    if choice.year is None:
        others = (each.get("series") or {} for each in data["indicators"])
        lacks = not years and any(each.get("years") for each in others)
        return [texts["common_classes"], *([texts["no_years"]] if lacks else [])]
    kind = texts[f"{data['time']['kind']}_many"].format(count="").strip()
    return [texts[f"year_{years['rule']}"].format(periods=kind), texts["common_years"]]


def choice_label(time: Mapping[str, Any], choice: Choice, lang: Language) -> str:
    """Name the period or the year shown, or the whole time."""
    if choice.year is not None:
        return _year_label(time, choice.year, lang)
    return _period_label(time, choice.periods.start if choice.periods else -1, lang)


def series_grid(series: Mapping[str, Any], count: int, missing: list[bool]) -> Floats:
    """Read the series of an indicator, (n, count); NaN is missing."""
    levels = series["levels"]
    grid = np.zeros((len(missing), count))
    grid[missing] = np.nan
    for row, text in zip(grid, series["cells"].split("."), strict=True):
        steps = decode_numbers(text)
        at = -1
        for step, code in zip(steps[::2], steps[1::2], strict=True):
            at += step + 1
            known = levels[code - 1] if levels else code
            row[at] = np.nan if code == 0 else known
    return grid


def _hidden_cells(series: Mapping[str, Any], shape: tuple[int, ...]) -> Flags:
    """Read which figures of an indicator are hidden."""
    hidden = np.zeros(shape, dtype=bool)
    if series["hidden"] is not None:
        for row, text in zip(hidden, series["hidden"].split("."), strict=True):
            row[np.cumsum(np.array(decode_numbers(text), dtype=np.int64) + 1) - 1] = True
    return hidden


def class_of(classes: list[Mapping[str, Any]], value: float) -> int:
    """Find the class of a value, by the rules of the page; -1 for none."""
    kinds = [entry["kind"] for entry in classes]
    if np.isnan(value):
        return kinds.index("no_data") if "no_data" in kinds else -1
    if value == 0 and "zero" in kinds:
        return kinds.index("zero")
    ranges = [
        (at, entry) for at, entry in enumerate(classes) if entry["kind"] in ("range", "value")
    ]
    is_open = any(entry["kind"] == "range" and entry["low"] is None for _, entry in ranges)
    if value > 0 or is_open:
        fits = (
            at for at, each in ranges if (is_open or each["high"] > 0) and value <= each["high"]
        )
        return next(fits, -1)
    low = [at for at, entry in ranges if entry["high"] < 0 and value >= entry["low"]]
    return low[-1] if low else -1


def statement_of(data: Mapping[str, Any], lang: Language) -> list[str]:
    """Say what the figures are: source, period, what is not on the map, limits."""
    texts = data["texts"][lang]
    parts = dict(data["statement"])
    if "period" not in parts and data["time"] is not None:
        parts["period"] = span_label(data["time"], lang)
    return [
        f"{texts[f'part_{name}']}{texts['colon']}{said(parts[name], lang)}"
        for name in _PARTS
        if name in parts
    ]


def span_label(time: Mapping[str, Any], lang: Language) -> str:
    """Name the span from the first to the last period."""
    ends = [_period_label(time, number, lang) for number in (0, time["count"] - 1)]
    return ends[0] if ends[0] == ends[1] else " – ".join(ends)


def _year_label(time: Mapping[str, Any], year: int, lang: Language) -> str:
    """Name a calendar year, and say how much of it there is.

    >>> time = {"kind": "month", "first": "2023-01-01", "count": 19}
    >>> _year_label(time, 2023, "fr"), _year_label(time, 2024, "fr")
    ('2023', '2024, 7 mois')
    """
    count = len(periods_of_year(time, year))
    days = (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days
    if count == {"day": days, "month": 12, "quarter": 4}[time["kind"]]:
        return str(year)
    words = PAGE[lang][f"{time['kind']}_{'one' if count == 1 else 'many'}"]
    return f"{year}, {words.format(count=count)}"


def _period_label(time: Mapping[str, Any], number: int, lang: Language) -> str:
    """Name a period as the page does.

    >>> _period_label({"kind": "month", "first": "2021-01-01"}, 2, "fr")
    'mars 2021'
    """
    texts = PAGE[lang]
    if number < 0:
        return texts["whole_period"]
    day = period_start(time, number)
    kind = time["kind"]
    if kind == "year":
        return str(day.year)
    if kind == "quarter":
        return texts["quarter_of"].format(quarter=(day.month + 2) // 3, year=day.year)
    if kind == "month":
        return date(day, lang, "yMMMM")
    whole = date(day, lang)
    return texts["week_of"].format(day=whole) if kind == "week" else whole


def label_of(entry: Mapping[str, Any], lang: Language) -> str:
    """Write the words of a class."""
    if entry["kind"] == "category":
        return said(entry["label"], lang)
    return class_label(LegendClass.of(entry), lang)
