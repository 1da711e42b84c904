"""A map as a picture for print and slides, PNG or SVG, without a browser."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd

from sahel_geo.errors import FileError, InputError, did_you_mean
from sahel_geo.files import atomic_path
from sahel_geo.indicators.result import require_language
from sahel_geo.maps.choropleth import choropleth
from sahel_geo.maps.element import PageElement
from sahel_geo.schema import Language

_FORMATS: Final = (".png", ".svg")
_WIDTH: Final = 12.0  # inches; the letters are made for it
_NARROWEST: Final = 1000


def save_png(
    m: folium.Map | gpd.GeoDataFrame,
    path: str | os.PathLike[str],
    column: str | Sequence[str] | None = None,
    *,
    lang: Language | None = None,
    indicator: str | None = None,
    width_px: int = 1800,
) -> Path:
    """Draw a map into a picture: the classes, colours, hatching and words of its page.

    Parameters
    ----------
    m : folium.Map or GeoDataFrame
        A map of `choropleth`; or units, with `column`, for a map with its defaults. Layers that
        were added to the map are not drawn.
    path : path-like
        The file to write: ``.png``, or ``.svg`` with the letters as outlines.
    column : str or sequence of str, optional
        Indicator of the units, where `m` is a table.
    lang : {"fr", "en"}, optional
        Language; by default the one that the page opens in.
    indicator : str, optional
        Column to show; by default the first of the map. Where the map has periods, the picture
        shows the whole time.
    width_px : int
        Width of a PNG in pixels, at least 1000; the height follows from the map and its notes.

    Returns
    -------
    Path
        The file. The same map gives the same bytes.

    Raises
    ------
    InputError
        If `m` is not a map of `choropleth`, or an option is unknown.
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> regions = sg.load_boundaries(level=1, countries="NER")
    >>> table = regions.assign(incidents=range(8))
    >>> save_png(table, getfixture("tmp_path") / "niger.png", "incidents", lang="en").name
    'niger.png'
    """
    target = Path(path)
    if target.suffix.lower() not in _FORMATS:
        raise InputError(
            f"`path` ends in {target.suffix!r}; expected one of {list(_FORMATS)}. Rename it.",
        )
    if not isinstance(width_px, int) or width_px < _NARROWEST:
        raise InputError(
            f"`width_px` is {width_px!r}; expected a whole number of at least {_NARROWEST}, or the "
            "letters could not be read.",
        )
    data = _page_data(m, column, lang)
    shown = lang or data["lang"]
    require_language(shown)
    from sahel_geo.maps.picture_layout import draw  # noqa: PLC0415  matplotlib takes half a second

    figure = draw(data, _position(data, indicator), shown, _WIDTH, width_px / _WIDTH)
    try:
        with atomic_path(target) as temporary:
            _write(figure, temporary, target.suffix.lower()[1:])
    except OSError as error:
        raise FileError(f"cannot write {str(target)!r}: {error.strerror or error}.") from error
    return target


def _page_data(
    m: folium.Map | gpd.GeoDataFrame,
    column: str | Sequence[str] | None,
    lang: Language | None,
) -> Any:
    if isinstance(m, gpd.GeoDataFrame) and column is not None:
        m = choropleth(m, column, lang=lang or "fr")
    pages = [
        child for child in getattr(m, "_children", {}).values() if isinstance(child, PageElement)
    ]
    if not pages:
        raise InputError(
            f"`m` is a {type(m).__name__} that choropleth() did not make; expected a map of it, or "
            "units with column=. Make the map with sg.choropleth.",
        )
    return pages[0].data


def _position(data: Any, indicator: str | None) -> int:
    keys = [each["key"] for each in data["indicators"]]
    if indicator is None:
        return 0
    if indicator not in keys:
        raise InputError(
            f"`indicator` is {indicator!r}; expected one of {keys}. "
            f"{did_you_mean(indicator, keys, 'Choose one.')}",
        )
    return keys.index(indicator)


def _write(figure: Any, path: Path, kind: str) -> None:
    """Write the same bytes for the same figure."""
    import matplotlib as mpl  # noqa: PLC0415

    from sahel_geo.maps.picture_text import missing_letters  # noqa: PLC0415

    fixed: Any = {"svg.hashsalt": "sahel_geo", "svg.fonttype": "path", "hatch.linewidth": 0.6}
    about = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    with mpl.rc_context(fixed), missing_letters():
        figure.savefig(path, format=kind, dpi="figure", metadata=about)
