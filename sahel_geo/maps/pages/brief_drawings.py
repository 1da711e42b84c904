"""The two drawings of the brief: a map with numbered units, and incidents month by month."""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import pandas as pd
from markupsafe import Markup, escape

from sahel_geo.i18n.cldr import number
from sahel_geo.maps.pages.thumbnail import Frame, shapes

_INK: Final = "#1d2329"
_RECENT: Final = "#a63603"
_EARLIER: Final = "#d8b49c"
_PLOT: Final = (480.0, 130.0)  # width and height
_RECENT_MONTHS: Final = 24


def brief_map(
    units: gpd.GeoDataFrame,
    colours: Sequence[str],
    marks: Sequence[tuple[float, float]],
    towns: Sequence[tuple[float, float, str]],
) -> Markup:
    """Draw the units in given colours, with numbers on some of them and the names of capitals."""
    frame = Frame.of(units)
    parts = [*shapes(units, list(colours), frame)]
    for lon, lat, name in towns:
        x, y = frame.at(lon, lat)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#fff" stroke="{_INK}"/>'
            f'<text x="{x + 5:.1f}" y="{y + 10:.1f}" class="town">{escape(name)}</text>'
        )
    for place, (lon, lat) in reversed(list(enumerate(marks, 1))):
        x, y = frame.at(lon, lat)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7.5" fill="{_INK}" stroke="#fff"/>'
            f'<text x="{x:.1f}" y="{y + 3.2:.1f}" class="mark">{place}</text>'
        )
    return Markup(  # noqa: S704  numbers and colours of our own, names escaped
        f'<svg class="map" viewBox="{frame.view}" aria-hidden="true" stroke-linejoin="round">'
        f"{''.join(parts)}</svg>"
    )


def trend(monthly: "pd.Series[int]", lang: str) -> Markup | None:
    """Draw a bar for each month, the last 24 dark, with the highest count on the axis."""
    if len(monthly) < 2 or not monthly.max():
        return None
    width, height = _PLOT
    left, bottom = 34.0, 22.0
    top = 8.0
    step = (width - left) / len(monthly)
    scale = (height - bottom - top) / float(monthly.max())
    base = height - bottom
    bars = []
    for at, (month, count) in enumerate(monthly.items()):
        colour = _RECENT if at >= len(monthly) - _RECENT_MONTHS else _EARLIER
        x, tall = left + at * step, float(count) * scale
        bars.append(
            f'<rect x="{x + step * 0.12:.1f}" y="{base - tall:.1f}" width="{step * 0.76:.1f}" '
            f'height="{tall:.1f}" fill="{colour}"/>'
        )
        if month.month == 1 or (at == 0 and len(monthly) < 6):  # type: ignore[attr-defined]
            label = escape(str(month.year))  # type: ignore[attr-defined]
            bars.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{base}" y2="{base + 5}" stroke="{_INK}"/>'
                f'<text x="{x + 3:.1f}" y="{height - 7:.1f}">{label}</text>'
            )
    most = escape(number(int(monthly.max()), ",", lang))
    axis = (
        f'<line x1="{left}" x2="{width}" y1="{base}" y2="{base}" stroke="{_INK}"/>'
        f'<text x="{left - 5}" y="{top + 4}" text-anchor="end">{most}</text>'
        f'<text x="{left - 5}" y="{base}" text-anchor="end">0</text>'
    )
    return Markup(  # noqa: S704  numbers of our own
        f'<svg class="trend" viewBox="0 0 {width:g} {height:g}" aria-hidden="true">'
        f"{axis}{''.join(bars)}</svg>"
    )
