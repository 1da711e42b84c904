"""Units drawn on plain axes in the colours of their classes, with a legend that counts them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.classes import HATCHES, KnownClass, colours_of, ink_on
from sahel_geo.indicators.display.plotting import axes, hatches
from sahel_geo.indicators.plot_words import name_of, words
from sahel_geo.schema import Language

NO_ANSWER: Final = "no answer"
_WIDTH_INCHES: Final = 7.2
_HEIGHTS_INCHES: Final = (3.0, 8.0)
_VECTOR_UNITS: Final = 400  # more shapes are drawn as pixels, to keep a notebook light
_PER_ROW: Final = 0.25  # inches of a row of a legend below the map
_LONGEST_BESIDE: Final = 32  # letters; a longer legend stands below the map
_SHORT: Final = 14  # letters that the usual width has room for
_PER_LETTER: Final = 0.04  # inches
_PIXELS: Final = 600  # detail kept of an outline, across the map


def draw_classes(
    units: gpd.GeoDataFrame,
    labels: "pd.Series[Any]",
    known: Sequence[KnownClass],
    *,
    lang: Language = "en",
    ax: Any = None,
    title: str = "",
    outlines: gpd.GeoDataFrame | None = None,
) -> Any:
    """Draw each unit in the colour of its class."""
    from matplotlib.patches import Patch  # noqa: PLC0415  only plots need it

    texts, colours = words(lang), colours_of(tuple(known))
    if units.empty or units.geometry.is_empty.all() or units.geometry.isna().all():
        raise InputError("`units` holds no shape to draw; expected at least one.")
    whole = units if outlines is None else outlines
    west, south, east, north = whole.total_bounds
    height = _WIDTH_INCHES * 0.72 * (north - south) / max(east - west, 1e-9)
    values = np.asarray(labels.astype(object).where(labels.notna().to_numpy(), NO_ANSWER))
    names = {
        name: f"{name_of(name, lang)} ({int((values == name).sum())})"
        for name in (*colours, NO_ANSWER)
        if (values == name).any()
    }
    longest = max(map(len, names.values()))
    beside = longest <= _LONGEST_BESIDE
    width = _WIDTH_INCHES + _PER_LETTER * max(longest - _SHORT, 0) * beside
    below = 0 if beside else -(-len(names) // 2)  # rows of a legend in two columns
    tall = float(np.clip(height, *_HEIGHTS_INCHES)) + _PER_ROW * below
    ax = axes(ax, size=(width, tall), lang=lang)
    if outlines is not None:
        outlines.boundary.simplify((east - west) / _PIXELS).plot(
            ax=ax, color="#8a8a8a", linewidth=0.6
        )
    shapes = units.geometry.simplify(max(east - west, north - south) / _PIXELS)
    pixels = len(units) > _VECTOR_UNITS
    handles: list[Any] = []
    seen = [name for name in colours if name in names]
    lines_of = dict(zip(seen, hatches([colours[name] for name in seen]), strict=True))
    if marks := {each.value: each.mark for each in known if each.mark}:
        lines_of = {name: HATCHES[mark] for name, mark in marks.items()}
    look = {"linewidth": 0.3, "edgecolor": "#ffffff", "rasterized": pixels, "ax": ax}
    for name, colour in {**colours, NO_ANSWER: "#ffffff"}.items():
        if name not in names:
            continue
        lines = _lines(name, colour, lines_of)
        shapes[values == name].plot(color=colour, **(look | lines))
        box: dict[str, Any] = {"edgecolor": "#b0b0b0", **lines}
        handles.append(Patch(facecolor=colour, label=names[name], **box))
    place: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.14), "ncols": 2}
    if beside:
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
    small = {"fontsize": "small", "title_fontsize": "small", "frameon": False}
    ax.legend(handles=handles, title=title or None, **small, **place)
    ax.set(xlabel=texts["lon"], ylabel=texts["lat"])
    return ax


def _lines(name: str, colour: str, lines_of: Mapping[str, str | None]) -> dict[str, Any]:
    if name == NO_ANSWER:
        return {"hatch": "////", "edgecolor": "#b0b0b0"}
    hatch = lines_of.get(name)
    return {"hatch": hatch, "edgecolor": ink_on(colour)} if hatch else {}
