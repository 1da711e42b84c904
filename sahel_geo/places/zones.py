"""Named zones that cross borders, defined by a rule that holds at every level."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, did_you_mean, first_offenders, require_columns
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.places.borders import tri_points
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.boundaries.names import match_units
from sahel_geo.places.context import load_towns
from sahel_geo.places.spelling import key
from sahel_geo.places.zone_files import Zone, read_zone
from sahel_geo.schema import COUNTRIES, UNIT_COLUMNS

__all__ = ["Zone", "load_zone", "read_zone", "zone"]

MENAKA_KM: Final = 80  # around Ménaka region
TRI_POINT_KM: Final = 200  # around the point where the three countries meet

# Azimuthal equidistant about the middle of the zones: distances within 600 km of it, in any
# direction, are stretched by less than 0.2 %.
_PLANE: Final = CRS.from_proj4("+proj=aeqd +lat_0=15 +lon_0=1 +datum=WGS84 +units=m +no_defs")

# P-codes of the default vintage: Mopti, Gao and Ménaka regions and the cercle of Gourma-Rharous;
# Tillabéri region; Sahel, Nord, Centre-Nord and Est regions.
_LIPTAKO_REGIONS: Final = ("ML05", "ML07", "ML10", "NE006", "BF49", "BF52", "BF54", "BF56")
_LIPTAKO_DISTRICTS: Final = ("Gourma-Rharous",)
_LAKE_DISTRICTS: Final = ("NE002001", "NE002002", "NE002004", "NE002006")
_MAX_RADIUS_KM: Final = 2000


def load_zone(
    name: str = "menaka-tri-border",
    *,
    level: int = 2,
    vintage: str | Mapping[str, str] | None = None,
) -> Zone:
    """Load the units of a named zone.

    A unit belongs to a zone if at least half of its area lies inside the zone's reference area,
    whatever the level and the vintage. The reference areas:

    ``menaka-tri-border``
        Ménaka region (Mali), all within 80 km of it, and all within 200 km of the point where
        Mali, Niger and Burkina Faso meet. At level 2 these are the cercles of Ménaka region,
        Ansongo, Gao and Tin-Essako; Niger's northern Tillabéri with Tillia and Tassara; and
        Burkina's Oudalan, Séno, Soum and Yagha.
    ``liptako-gourma``
        Mopti, Gao and Ménaka regions and the cercle of Gourma-Rharous (Mali); Tillabéri region
        (Niger); Sahel, Nord, Centre-Nord and Est regions of 2001 (Burkina Faso). This is how
        analysts commonly use the word, not the statutory area of the Liptako-Gourma Authority.
    ``lake-chad-niger``
        The departments of Diffa region (Niger) on Lake Chad and on the Komadougou, which flows into
        it: Bosso, Diffa, Maïné Soroa and N'Guigmi. Levels 2 and 3 only: they are a sixth of Diffa.

    Parameters
    ----------
    name : str
        One of the names above.
    level : {1, 2, 3}
        Level of the units.
    vintage : str or mapping of str to str, optional
        As for `load_boundaries`.

    Returns
    -------
    Zone
        Units in the order of `load_boundaries`.

    Raises
    ------
    InputError
        If the zone is unknown, the level or the vintage does not exist, or no unit of that level
        lies in the zone.

    Examples
    --------
    >>> load_zone(level=1).units["name"].tolist()
    ['Gao', 'Ménaka', 'Tillabéri', 'Sahel']
    """
    if name not in _DEFINITIONS:
        hint = did_you_mean(name, _DEFINITIONS, Sentence("Choose one of them."))
        raise InputError(
            "`name` is {name!r}; expected one of {shown}. {hint}",
            name=name,
            shown=first_offenders(_DEFINITIONS),
            hint=hint,
        )
    if level == 0:
        raise InputError("`level` is 0; expected 1, 2 or 3: a zone is a part of each country.")
    units = load_boundaries(level, vintage=vintage)
    plane = units.geometry.to_crs(_PLANE).to_numpy()
    inside = shapely.area(shapely.intersection(plane, _reference_area(name)))
    chosen = units[np.asarray(inside >= shapely.area(plane) / 2)].reset_index(drop=True)
    if chosen.empty:
        raise InputError(
            "`level` is {level}, and no unit of it has half of its area in {name!r}; expected "
            "a finer level. Use level=2 or 3.",
            level=level,
            name=name,
        )
    return Zone(name, units=chosen, **_DEFINITIONS[name].words)


def zone(
    units: gpd.GeoDataFrame | Iterable[str] | None = None,
    *,
    around: tuple[float, float] | str | None = None,
    radius_km: float | None = None,
    name: str = "my-zone",
    title_fr: str | None = None,
    title_en: str | None = None,
    level: int = 2,
) -> Zone:
    """Make a zone of one's own, from chosen units, from a circle, or from both.

    Parameters
    ----------
    units : GeoDataFrame or iterable of str, optional
        Rows of `load_boundaries`, or names or P-codes of units of `level`; with `around`, the units
        to choose from. All units of `level` by default.
    around : tuple of float or str, optional
        Centre: ``(lon, lat)`` in degrees, or the name of a town of `load_towns`.
    radius_km : float, optional
        Radius of the circle. A unit belongs to the zone if at least half of its area lies within,
        and so does the unit that holds the centre.
    name : str
        Identifier: lower-case letters, digits and hyphens.
    title_fr, title_en : str, optional
        Titles for a map; by default the name.
    level : {1, 2, 3}
        Level of the units, where they are not given as rows.

    Returns
    -------
    Zone
        Units in the order given.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If nothing is chosen, a name is unknown or ambiguous, or a number is out of range.

    Examples
    --------
    >>> zone(["Ménaka", "Ansongo"], name="east").units["unit_id"].tolist()
    ['ML1001', 'ML0701']
    >>> zone(around="Ménaka", radius_km=120).units["name"].tolist()
    ['Ménaka', 'Andéramboukane', 'Banibangou']
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise InputError(
            f"`name` is {name!r}; expected lower-case letters, digits and hyphens. Put words for "
            "people into title_fr and title_en."
        )
    if (around is None) != (radius_km is None) or (units is None and around is None):
        raise InputError(
            f"`around` is {around!r} and `radius_km` is {radius_km!r}; expected both, or units "
            "alone. Give a centre and a radius, or the units."
        )
    chosen = _pool(units, level)
    words = "Unités choisies.", "Chosen units."
    if around is not None and radius_km is not None:
        lon, lat, words = _centre(around, radius_km)
        # Mark units mostly inside a circle, measured in a plane about its centre.
        plane = CRS.from_proj4(
            f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m +no_defs"
        )
        shapes = chosen.geometry.to_crs(plane).to_numpy()
        circle = shapely.buffer(shapely.Point(0, 0), radius_km * 1e3, quad_segs=64)
        inside = shapely.area(shapely.intersection(shapes, circle)) >= shapely.area(shapes) / 2
        near = np.asarray(inside | shapely.intersects(shapes, shapely.Point(0, 0)))
        chosen = chosen[near].reset_index(drop=True)
    if chosen.empty:
        raise InputError(
            f"`around` {around!r} with radius_km={radius_km!r} holds no unit; expected a centre in "
            "the three countries. Check the order lon, lat, or widen the circle."
        )
    return Zone(name, title_fr or name, title_en or name, *words, units=chosen)


def _pool(units: gpd.GeoDataFrame | Iterable[str] | None, level: int) -> gpd.GeoDataFrame:
    """Resolve the units of a zone to rows."""
    if isinstance(units, gpd.GeoDataFrame):
        require_lonlat(units, "units")
        advice = "Use read_boundaries for a layer from elsewhere."
        require_columns(units, "units", UNIT_COLUMNS, advice)
        return units[list(UNIT_COLUMNS)].reset_index(drop=True)
    known = load_boundaries(level)
    if units is None:
        return known
    matched = match_units([units] if isinstance(units, str) else units, known)
    wrong = matched[matched["unit_id"].isna()]
    if len(wrong) or matched.empty:
        examples = [f"{row.query} ({row.reason})" for row in wrong.itertuples()]
        raise InputError(
            f"`units` has {len(wrong)} names that are no one unit of level {level}: "
            f"{first_offenders(examples)}; expected names or P-codes. Use P-codes where ambiguous."
        )
    rows = known.set_index("unit_id").index.get_indexer(matched["unit_id"].drop_duplicates())
    return known.iloc[rows].reset_index(drop=True)


def _centre(
    around: tuple[float, float] | str, radius_km: float
) -> tuple[float, float, tuple[str, str]]:
    if not 0 < radius_km <= _MAX_RADIUS_KM:
        raise InputError(
            f"`radius_km` is {radius_km!r}; expected more than 0 and at most {_MAX_RADIUS_KM}. "
            "Give kilometres."
        )
    if isinstance(around, str):
        towns = load_towns(COUNTRIES)
        here = towns[towns["name"].map(key) == key(around)]
        if len(here) != 1:
            raise InputError(
                f"`around` is {around!r}, the name of {len(here)} towns; expected one town of "
                "load_towns. Give (lon, lat)."
            )
        lon, lat, label = here["lon"].item(), here["lat"].item(), here["name"].item()
    else:
        lon, lat = (float(value) for value in around)
        label = f"{lon:g}, {lat:g}"
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError(
            f"`around` is {around!r}; expected (lon, lat) in degrees. Swap or convert."
        )
    french = (
        "Unités dont au moins la moitié de la superficie se trouve à moins de "
        f"{radius_km:g} km de {label}, et celle qui le contient."
    )
    english = (
        f"Units with at least half of their area within {radius_km:g} km of {label}, "
        "and the one that holds it."
    )
    return lon, lat, (french, english)


@dataclass(frozen=True)
class _Definition:
    """The words and the reference area (in the metric plane) of a zone."""

    words: dict[str, str]
    area: Callable[[], Any]


@cache
def _reference_area(name: str) -> Any:
    area = _DEFINITIONS[name].area()
    shapely.prepare(area)
    return area


def _around_menaka() -> Any:
    regions = load_boundaries(1, countries="MLI")
    menaka = regions[regions["unit_id"] == "ML10"].geometry.to_crs(_PLANE)
    meeting = tri_points(load_boundaries(0)).geometry.to_crs(_PLANE)
    parts = [menaka.buffer(MENAKA_KM * 1e3), meeting.buffer(TRI_POINT_KM * 1e3, quad_segs=64)]
    return shapely.union_all(np.concatenate([part.to_numpy() for part in parts]))


def _of_districts(column: str, values: Sequence[str], others: Sequence[str] = ()) -> Any:
    units = load_boundaries(2)
    named = units[column].isin(values) | units["name"].isin(others)
    return shapely.union_all(units[named].geometry.to_crs(_PLANE).to_numpy())


_DEFINITIONS: Final = {
    "menaka-tri-border": _Definition(
        {
            "title_fr": "Ménaka et les trois frontières",
            "title_en": "Ménaka and the three borders",
            "definition_fr": (
                "Unités dont au moins la moitié de la superficie se trouve dans la région de "
                f"Ménaka, à moins de {MENAKA_KM} km de celle-ci, ou à moins de {TRI_POINT_KM} km "
                "du point de rencontre du Mali, du Niger et du Burkina Faso."
            ),
            "definition_en": (
                "Units with at least half of their area in Ménaka region, within "
                f"{MENAKA_KM} km of it, or within {TRI_POINT_KM} km of the point where Mali, Niger "
                "and Burkina Faso meet."
            ),
        },
        _around_menaka,
    ),
    "liptako-gourma": _Definition(
        {
            "title_fr": "Liptako-Gourma",
            "title_en": "Liptako-Gourma",
            "definition_fr": (
                "Unités dont au moins la moitié de la superficie se trouve dans les régions de "
                "Mopti, Gao et Ménaka ou le cercle de Gourma-Rharous (Mali), la région de "
                "Tillabéri (Niger), ou les régions du Sahel, du Nord, du Centre-Nord et de l'Est "
                "de 2001 (Burkina Faso)."
            ),
            "definition_en": (
                "Units with at least half of their area in Mopti, Gao or Ménaka regions or the "
                "cercle of Gourma-Rharous (Mali), Tillabéri region (Niger), or the Sahel, Nord, "
                "Centre-Nord or Est regions of 2001 (Burkina Faso)."
            ),
        },
        partial(_of_districts, "adm1_id", _LIPTAKO_REGIONS, _LIPTAKO_DISTRICTS),
    ),
    "lake-chad-niger": _Definition(
        {
            "title_fr": "Bassin du lac Tchad (Niger)",
            "title_en": "Lake Chad basin (Niger)",
            "definition_fr": (
                "Unités dont au moins la moitié de la superficie se trouve dans les départements "
                "de Bosso, Diffa, Maïné Soroa ou N'Guigmi (région de Diffa)."
            ),
            "definition_en": (
                "Units with at least half of their area in the departments of Bosso, Diffa, Maïné "
                "Soroa or N'Guigmi (Diffa region)."
            ),
        },
        partial(_of_districts, "unit_id", _LAKE_DISTRICTS),
    ),
}
ZONES: Final = tuple(_DEFINITIONS)  # names that `load_zone` knows
