"""Named zones that cross borders, defined by a rule that holds at every level."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.places.borders import tri_points
from sahel_geo.places.boundaries import load_boundaries

MENAKA_KM: Final = 80  # around Ménaka region
TRI_POINT_KM: Final = 200  # around the point where the three countries meet

# Azimuthal equidistant about the middle of the zones: distances within 600 km of it, in any
# direction, are stretched by less than 0.2 %.
_PLANE: Final = CRS.from_proj4("+proj=aeqd +lat_0=15 +lon_0=1 +datum=WGS84 +units=m +no_defs")

# P-codes of the default vintage: Mopti, Gao and Ménaka regions and the cercle of Gourma-Rharous;
# Tillabéri region; Sahel, Nord, Centre-Nord and Est regions.
_LIPTAKO_REGIONS: Final = ("ML05", "ML07", "ML10", "NE006", "BF49", "BF52", "BF54", "BF56")
_LIPTAKO_DISTRICTS: Final = ("Gourma-Rharous",)


@dataclass(frozen=True)
class Zone:
    """A set of units and what it stands for.

    Attributes
    ----------
    name : str
        Identifier, as `load_zone` takes it.
    title_fr, title_en : str
        Title for a map.
    definition_fr, definition_en : str
        One sentence that says what belongs to the zone.
    units : GeoDataFrame
        Its units, columns `sahel_geo.schema.UNIT_COLUMNS`, EPSG:4326.
    """

    name: str
    title_fr: str
    title_en: str
    definition_fr: str
    definition_en: str
    units: gpd.GeoDataFrame

    @property
    def outline(self) -> Any:
        """Outer edge of all units: a Polygon or MultiPolygon in EPSG:4326."""
        return shapely.normalize(shapely.coverage_union_all(self.units.geometry.to_numpy()))


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
        If the zone is unknown, or the level or the vintage does not exist.

    Examples
    --------
    >>> load_zone(level=1).units["name"].tolist()
    ['Gao', 'Ménaka', 'Tillabéri', 'Sahel']
    """
    if name not in _DEFINITIONS:
        near = get_close_matches(str(name).lower(), _DEFINITIONS, n=1, cutoff=0.2)
        hint = f"Did you mean {near[0]!r}?" if near else "Choose one of them."
        raise InputError(
            f"`name` is {name!r}; expected one of {first_offenders(_DEFINITIONS)}. {hint}",
        )
    if level == 0:
        raise InputError("`level` is 0; expected 1, 2 or 3: a zone is a part of each country.")
    units = load_boundaries(level, vintage=vintage)
    plane = units.geometry.to_crs(_PLANE).to_numpy()
    inside = shapely.area(shapely.intersection(plane, _reference_area(name)))
    chosen = units[inside >= shapely.area(plane) / 2].reset_index(drop=True)
    return Zone(name, units=chosen, **_DEFINITIONS[name].words)


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


def _liptako_gourma() -> Any:
    units = load_boundaries(2)
    named = units["adm1_id"].isin(_LIPTAKO_REGIONS) | units["name"].isin(_LIPTAKO_DISTRICTS)
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
        _liptako_gourma,
    ),
}
