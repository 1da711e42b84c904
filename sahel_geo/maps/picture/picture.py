"""A map as a picture for print and slides, PNG or SVG, without a browser."""

import datetime as dt
import math
import warnings
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import folium
import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders, require_language
from sahel_geo.files import atomic_path
from sahel_geo.maps.choropleth.choropleth import choropleth
from sahel_geo.maps.page.element import PageElement
from sahel_geo.maps.periods import Period, period_start, periods_of_year
from sahel_geo.maps.picture.view import Choice
from sahel_geo.schema import Language, PathLike

_FORMATS: Final = (".png", ".svg")
_WIDTH_CM: Final = 30.5
_NARROWEST_CM: Final = 20.0  # the legend takes 8 cm
_WIDEST_CM: Final = 120.0
_NARROWEST: Final = 1000  # pixels
_COARSEST: Final = 1000 / 12  # pixels to the inch
_CM_PER_INCH: Final = 2.54
_ORDER: Final = {"D": 0, "W": 1, "M": 2, "Q": 3, "Y": 4}
_KINDS: Final = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


def save_png(
    m: folium.Map | gpd.GeoDataFrame,
    path: PathLike,
    column: str | Sequence[str] | None = None,
    *,
    lang: Language | None = None,
    indicator: str | None = None,
    period: Period | None = None,
    surface: bool = False,
    by: Literal["year", "period"] | None = None,
    width_px: int = 1800,
    width_cm: float = _WIDTH_CM,
) -> Path:
    """Draw a map into a picture, without a browser: what its page shows, with the same words.

    Parameters
    ----------
    m : folium.Map or GeoDataFrame
        A map of `choropleth`; or units, with `column`, for a map with its defaults. Of layers that
        were added to the map, these are drawn: GeoJSON with its style function, lines, areas,
        circles, markers, and images that are part of the page; also in groups and clusters.
    path : path-like
        The file to write: ``.png``, or ``.svg`` with the letters as outlines.
    column : str or sequence of str, optional
        Indicator of the units, where `m` is a table.
    lang : {"fr", "en"}, optional
        Language; by default the one that the page opens in.
    indicator : str, optional
        Column to show; by default the first of the map.
    period : str, date or pandas Period, optional
        One period of a map with a panel, such as ``"2024-03"``, or a calendar year of indicators
        that the page shows by year, such as ``"2024"``; the whole time by default. The incidents
        are then those of that time, and the classes are those of all periods, or of all years.
    surface : bool
        Whether the density surface takes the place of the colours of the units. As on the page,
        it does not at first.
    by : {"year", "period"}, optional
        Small maps side by side instead of one: a calendar year or a period each, the last 36 at
        most, on one scale; without names, incidents and layers of users.
    width_px : int
        Width of a PNG in pixels, at least 1000; the height follows from the map and its notes.
    width_cm : float
        Width on paper in centimetres, 20 to 120. Letters keep their size in points, so a narrower
        picture has larger letters beside its map. A PNG has 2.54 `width_px` / `width_cm` pixels to
        the inch, at least 83: 3600 pixels on 30.5 cm are 300.

    Returns
    -------
    Path
        The file. The same map gives the same bytes.

    Raises
    ------
    InputError
        If `m` is not a map of `choropleth`, an option is unknown, or the map has no such period or
        no surface.
    FileError
        If the file cannot be written.

    Warns
    -----
    UserWarning
        Of layers that cannot be drawn without a browser: background tiles, plugins, pictures of the
        network, markers with HTML of their own. Where they show something, the picture says below
        the map that it lacks them.

    Notes
    -----
    Incidents are grouped as on a page of the same size, 96 pixels to the inch: within 40 pixels,
    sized by recorded deaths, shaped by precision. Clusters of markers are not grouped: every marker
    is drawn. A layer that the page hides at first is left out.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> regions = sg.load_boundaries(level=1, countries="NER")
    >>> table = regions.assign(incidents=range(8))
    >>> save_png(table, getfixture("tmp_path") / "niger.png", "incidents", lang="en").name
    'niger.png'
    """
    target = Path(path)
    dpi = _resolution(target, width_px, width_cm)
    chart, data = _page_data(m, column, lang)
    language = lang or data["lang"]
    require_language(language)
    choice = _choose(data, indicator, period, surface=surface)
    size = (width_cm / _CM_PER_INCH, dpi)
    if by is None:
        from sahel_geo.maps.picture.folium_layers import UserLayers  # noqa: PLC0415  matplotlib
        from sahel_geo.maps.picture.layout import Sheet  # noqa: PLC0415  takes half a second

        added = UserLayers.of(chart)
        if added.left_out:
            warnings.warn(
                f"`m` holds {len(added.left_out)} things that a picture cannot show: "
                f"{first_offenders(added.left_out)}; it is drawn without them"
                + (", and says so below the map." if added.telling else "."),
                stacklevel=2,
            )
        drawing: Any = Sheet(data, choice, language, *size, added)
    elif by in ("year", "period"):
        from sahel_geo.maps.picture.multiples import Multiples  # noqa: PLC0415

        drawing = Multiples.of(data, choice.indicator, by, language, *size)
    else:
        raise InputError(f"`by` is {by!r}; expected 'year' or 'period'. Leave it out for one map.")
    with atomic_path(target) as temporary:
        drawing.save(temporary, target.suffix.lower()[1:])
    return target


def _resolution(target: Path, width_px: int, width_cm: float) -> float:
    """Check the kind and the size of the file, and give its pixels to the inch."""
    if target.suffix.lower() not in _FORMATS:
        raise InputError(
            "`path` ends in {suffix!r}; expected one of {formats}. Rename it.",
            suffix=target.suffix,
            formats=list(_FORMATS),
        )
    if not isinstance(width_px, int) or width_px < _NARROWEST:
        raise InputError(
            f"`width_px` is {width_px!r}; expected a whole number of at least {_NARROWEST}, or the "
            "letters could not be read."
        )
    if not _NARROWEST_CM <= width_cm <= _WIDEST_CM:
        raise InputError(
            f"`width_cm` is {width_cm!r}; expected {_NARROWEST_CM:g} to {_WIDEST_CM:g}, so that "
            "the map has room beside its legend."
        )
    dpi = width_px * _CM_PER_INCH / width_cm
    if dpi < _COARSEST - 1:
        raise InputError(
            f"`width_px` is {width_px} on {width_cm:g} cm, {dpi:.0f} pixels to the inch; expected "
            f"at least {_COARSEST:.0f}, or the letters could not be read. Raise it to "
            f"{math.ceil(_COARSEST * width_cm / _CM_PER_INCH)}."
        )
    return dpi


def _page_data(
    m: folium.Map | gpd.GeoDataFrame, column: str | Sequence[str] | None, lang: Language | None
) -> tuple[Any, Any]:
    """Find the map, and what its page draws and says."""
    if isinstance(m, gpd.GeoDataFrame) and column is not None:
        m = choropleth(m, column, lang=lang or "fr")
    page = PageElement.of(m)
    if page is None:
        raise InputError(
            f"`m` is a {type(m).__name__} that choropleth() did not make; expected a map of it, or "
            "units with column=. Make the map with sg.choropleth."
        )
    page.warn_unprotected()
    return m, page.data


def _choose(
    data: Mapping[str, Any], indicator: str | None, period: Period | None, *, surface: bool
) -> Choice:
    """Find what is to be shown, and refuse what the map does not hold."""
    keys = [each["key"] for each in data["indicators"]]
    if indicator is not None and indicator not in keys:
        raise InputError(
            f"`indicator` is {indicator!r}; expected one of {keys}. "
            f"{did_you_mean(indicator, keys, 'Choose one.')}"
        )
    at = 0 if indicator is None else keys.index(indicator)
    if surface and data["surface"] is None:
        raise InputError(
            "`surface` is True, but the map holds none; expected a map with a density surface. "
            "Make it with choropleth(..., surface=sg.density.kernel_density(...))."
        )
    if period is None:
        return Choice(at, surface=surface)
    if surface:
        raise InputError(
            f"`period` is {str(period)!r}, but the surface is one of the whole time; expected "
            "period= or surface=True. Leave out one."
        )
    periods, year = _period_span(data["time"], period)
    _check_series(data["indicators"], at, period, yearly=year is not None)
    return Choice(at, periods, year)


def _check_series(
    indicators: Sequence[Mapping[str, Any]], at: int, period: Period, *, yearly: bool
) -> None:
    """Refuse an indicator without values for the period."""

    def has(indicator: Mapping[str, Any]) -> bool:
        series = indicator.get("series")
        return bool(series and (series["years"] if yearly else True))

    if not has(indicators[at]):
        known = [each["key"] for each in indicators if has(each)]
        what = "has no value of a year" if yearly else "is given for the whole time only"
        raise InputError(
            f"`period` is {str(period)!r}, but {indicators[at]['key']!r} {what}; expected an "
            f"indicator of {known}. Choose one with indicator=, or another period."
        )


def _period_span(time: Mapping[str, Any] | None, period: Period) -> tuple[range, int | None]:
    """Find a period of a map, or the periods of a calendar year.

    >>> time = {"kind": "month", "first": "2021-06-01", "count": 12}
    >>> _period_span(time, "2021-07"), _period_span(time, "2022")
    ((range(1, 2), None), (range(7, 12), 2022))
    """
    if time is None:
        raise InputError(
            f"`period` is {str(period)!r}, but the map shows the whole time only; expected a map "
            "with periods. Make it with choropleth(..., panel=sg.count(...))."
        )
    start, letter = _start_of(period)
    kind = time["kind"]
    if start is not None and letter == "Y" and kind in ("day", "month", "quarter"):
        periods = periods_of_year(time, start.year)
        if periods:
            return periods, start.year
    elif start is not None and _ORDER[letter] <= _ORDER[_KINDS[kind]]:
        number = bisect_right(range(time["count"] + 1), start, key=partial(period_start, time)) - 1
        if 0 <= number < time["count"]:
            return range(number, number + 1), None
    first, last = (period_start(time, number) for number in (0, time["count"] - 1))
    raise InputError(
        f"`period` is {str(period)!r:.60}; expected a {kind} that starts from {first} to {last}. "
        "Write it such as '2024', '2024Q1', '2024-03' or '2024-03-15'."
    )


def _start_of(period: Period) -> tuple[dt.date | None, str]:
    """Give the first day of what was asked for, and the letter of its kind."""
    try:
        stated: Any = period if isinstance(period, pd.Period) else pd.Period(str(period))
    except ValueError:
        return None, "D"
    if stated is pd.NaT:
        return None, "D"
    letter = stated.freqstr[0]
    return stated.start_time.date(), letter if letter in _ORDER else "D"
