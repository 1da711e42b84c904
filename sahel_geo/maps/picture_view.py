"""What a picture shows of its map: the classes, the figures and the words of one choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sahel_geo.maps.period_names import period_label, span_label
from sahel_geo.maps.picture_choice import Choice
from sahel_geo.maps.picture_shapes import class_numbers, decode_numbers
from sahel_geo.maps.wording import said
from sahel_geo.schema import Language

_PARTS: Final = ("source", "period", "left_out", "limits")
UNDER_SURFACE: Final = "#fbfaf6"


@dataclass(frozen=True)
class View:
    """The classes and words of a choice, as the legend of the page has them.

    Attributes
    ----------
    classes : tuple of mapping
        ``kind``, ``colour``, ``low``, ``high`` or ``label``, and ``count``, in order.
    numbers : ndarray of int, shape (units,)
        Class of each unit; empty where the surface is shown.
    doubtful : frozenset of int
        Units whose value is uncertain.
    doubt : mapping, optional
        Words of the legend for these.
    heads : tuple of str
        Title, period and unit of the legend; what is empty is left out.
    method : str
        How the classes were made.
    """

    classes: tuple[Mapping[str, Any], ...]
    numbers: npt.NDArray[np.int64]
    doubtful: frozenset[int]
    doubt: Mapping[str, Any] | None
    heads: tuple[str, ...]
    method: str


def view_of(data: Mapping[str, Any], choice: Choice, lang: Language) -> View:
    """Gather what a choice shows.

    Parameters
    ----------
    data : mapping
        What the page draws and says.
    choice : Choice
        What of it.
    lang : {"fr", "en"}
        Language.

    Returns
    -------
    View
        With the counts of the classes of that period.
    """
    indicator = data["indicators"][choice.indicator]
    none = np.empty(0, dtype=np.int64)
    if choice.surface:
        surface = data["surface"]
        own = surface["label"]
        title = data["texts"][lang]["layer_surface"] if own is None else said(own, lang)
        heads = tuple(text for text in (title, surface["unit"]) if text)
        return View(tuple(surface["classes"]), none, frozenset(), None, heads, "")
    title, unit = (said(indicator[name], lang) for name in ("title", "unit"))
    if choice.period >= 0:
        return _timed(data, indicator, choice.period, (title, unit), lang)
    doubt = indicator.get("uncertain")
    return View(
        tuple(indicator["classes"]),
        class_numbers(indicator["class_of"]),
        frozenset(doubt["at"] if doubt else ()),
        doubt,
        tuple(text for text in (title, unit) if text),
        said(indicator["method"], lang),
    )


def _timed(
    data: Mapping[str, Any],
    indicator: Mapping[str, Any],
    period: int,
    words: tuple[str, str],
    lang: Language,
) -> View:
    series = indicator["series"]
    missing = [value is None for value in indicator["values"]]
    values = period_values(series, period, missing)
    numbers = np.array([class_of(series["classes"], value) for value in values], dtype=np.int64)
    counts = np.bincount(numbers[numbers >= 0], minlength=len(series["classes"]))
    classes = tuple(
        {**entry, "count": int(count)}
        for entry, count in zip(series["classes"], counts, strict=True)
    )
    heads = (words[0], period_label(data["time"], period, lang), words[1])
    method = f"{said(series['method'], lang)} {data['texts'][lang]['common_classes']}"
    shown = tuple(text for text in heads if text)
    return View(classes, numbers, frozenset(), None, shown, method)


def period_values(
    series: Mapping[str, Any], period: int, missing: list[bool]
) -> npt.NDArray[np.float64]:
    """Read the values of one period from the series of an indicator.

    Parameters
    ----------
    series : mapping
        ``cells`` and ``levels`` of `sahel_geo.maps.series.series_data`.
    period : int
        Which period, from 0.
    missing : list of bool, length n
        Which units have no figures at all.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN is missing.
    """
    levels = series["levels"]
    values = np.where(missing, np.nan, 0.0)
    for unit, text in enumerate(series["cells"].split(".")):
        steps = decode_numbers(text)
        at = -1
        for step, code in zip(steps[::2], steps[1::2], strict=True):
            at += step + 1
            if at == period:
                known = levels[code - 1] if levels else code
                values[unit] = np.nan if code == 0 else known
            if at >= period:
                break
    return values


def class_of(classes: list[Mapping[str, Any]], value: float) -> int:
    """Find the class of a value, by the rules of the page; -1 for none."""
    kinds = [entry["kind"] for entry in classes]
    if np.isnan(value):
        return kinds.index("no_data") if "no_data" in kinds else -1
    if value == 0 and "zero" in kinds:
        return kinds.index("zero")
    held = [(at, entry) for at, entry in enumerate(classes) if entry["kind"] in ("range", "value")]
    is_open = any(entry["kind"] == "range" and entry["low"] is None for _, entry in held)
    if value > 0 or is_open:
        fits = (at for at, each in held if (is_open or each["high"] > 0) and value <= each["high"])
        return next(fits, -1)
    low = [at for at, entry in held if entry["high"] < 0 and value >= entry["low"]]
    return low[-1] if low else -1


def title_of(data: Mapping[str, Any], choice: Choice, lang: Language) -> str:
    """Give the title, with the period where the map has several."""
    title = said(data["title"], lang)
    if data["time"] is None:
        return title
    return f"{title} – {period_label(data['time'], choice.period, lang)}"


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
