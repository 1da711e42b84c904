"""How tables show themselves in a notebook: a few words, and the first rows."""

import math
from html import escape
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

_ROWS: Final = 10
_COLUMNS: Final = 16
_SIDE_PX: Final = 260


def table_html(words: str, table: pd.DataFrame) -> str:
    """Write a sentence and the first rows of a table.

    >>> "2 < 3" in table_html("2 < 3", pd.DataFrame({"a": [1]}))
    False
    """
    plain = pd.DataFrame(table)
    kept = [name for name in plain if str(plain[name].dtype) != "geometry"][:_COLUMNS]
    first = plain[kept].head(_ROWS)
    html = first.to_html(border=0, escape=True, na_rep="", float_format=lambda v: f"{v:.4g}")
    left = len(plain) - len(first)
    more = f"<p>… + {left}</p>" if left else ""
    return (
        f'<p>{escape(words)}</p><div style="overflow-x:auto;white-space:nowrap">{html}</div>{more}'
    )


def outlines_html(shapes: gpd.GeoSeries) -> str:
    """Draw outlines, small and in the colour of the text, so that any theme shows them."""
    known = shapes[~(shapes.isna() | shapes.is_empty)]
    if known.empty:
        return ""
    west, south, east, north = known.total_bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = _SIDE_PX / max((east - west) * squeeze, north - south, 1e-9)
    lines = shapely.get_parts(shapely.boundary(shapely.simplify(known.to_numpy(), 0.7 / scale)))
    drawn = (shapely.get_coordinates(line) for line in lines)
    path = " ".join(_path(line, west, north, squeeze, scale) for line in drawn)
    width, height = (east - west) * squeeze * scale, (north - south) * scale
    return (
        f'<svg role="img" width="{width:.0f}" height="{height:.0f}" '
        f'style="display:block;max-width:100%;overflow:visible"><path d="{path}" fill="none" '
        'stroke="currentColor"/></svg>'
    )


def _path(line: Any, west: float, north: float, squeeze: float, scale: float) -> str:
    places = ((line - [west, north]) * [squeeze * scale, -scale]).round().astype(int).tolist()
    return "M" + " ".join(f"{x},{y}" for x, y in places)
