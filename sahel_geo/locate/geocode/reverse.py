"""Say in words where a point is: its commune first, then the nearest place, distance, direction."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from sahel_geo.arrays import Floats, Integers
from sahel_geo.crs import WGS84, unit_vectors
from sahel_geo.errors import InputError, require_language
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.locate.assign.unit_index import index_of
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.gazetteer.gazetteer import Gazetteer, load_gazetteer
from sahel_geo.schema import Language

Points = pd.DataFrame | Any

_AT_KM: Final = 1.0  # closer than this, the point is at the place
_CANDIDATES: Final = 8  # nearest by chord, among which the geodesic decides
_OFF: Final = (  # around the compass, from the north
    Sentence("{km:.0f} km north {of_place}"),
    Sentence("{km:.0f} km north-east {of_place}"),
    Sentence("{km:.0f} km east {of_place}"),
    Sentence("{km:.0f} km south-east {of_place}"),
    Sentence("{km:.0f} km south {of_place}"),
    Sentence("{km:.0f} km south-west {of_place}"),
    Sentence("{km:.0f} km west {of_place}"),
    Sentence("{km:.0f} km north-west {of_place}"),
)


def reverse_geocode(
    points: Points, gazetteer: Gazetteer | None = None, *, lang: Language = "fr"
) -> pd.DataFrame:
    """Describe points: the units that hold them, and the nearest populated place of that country.

    The polygon decides first, so a point never takes the name of a town across a border.

    Parameters
    ----------
    points : DataFrame or sequence of (lon, lat), n rows
        Columns ``lon`` and ``lat`` in degrees, EPSG:4326; missing values are allowed.
    gazetteer : Gazetteer, optional
        Where places come from; the embedded one by default.
    lang : {"fr", "en"}
        Language of ``description``.

    Returns
    -------
    DataFrame, n rows
        On the index of `points`: ``country``, ``adm1_name``, ``adm2_name``, ``adm3_name``,
        ``unit_id`` (the commune), ``nearest_place``, ``nearest_id``, ``distance_km`` and
        ``bearing`` (degrees from north, seen from the place), ``description``. All are missing,
        but the description, outside the three countries; all are missing without coordinates.

    Raises
    ------
    InputError
        If `lang` is not known, or coordinates are missing, infinite or out of range.

    Examples
    --------
    >>> print(reverse_geocode([(0.70, 15.85)])["description"].item())
    30 km au nord-est d’Ansongo, commune de Bara
    >>> print(reverse_geocode([(-3.0, 36.7)], lang="en")["description"].item())
    outside Mali, Niger and Burkina Faso
    """
    require_language(lang)
    table = _as_table(points)
    lon, lat = coordinates(table)
    communes = load_boundaries(3)
    row = index_of(communes).locate(lon, lat)
    columns = {"country": "country", "adm1_name": "adm1_name", "adm2_name": "adm2_name",
               "adm3_name": "name", "unit_id": "unit_id"}  # fmt: skip
    frame = pd.DataFrame(
        {name: _picked(communes[column], row, table.index) for name, column in columns.items()},
        index=table.index,
    )
    places = (gazetteer or load_gazetteer()).places
    nearest, distance, bearing = _nearest(places, lon, lat, frame["country"].to_numpy(dtype=object))
    for name, column in (("nearest_place", "name"), ("nearest_id", "place_id")):
        frame[name] = _picked(places[column], nearest, table.index)
    frame["distance_km"] = distance
    frame["bearing"] = bearing
    texts = [
        _describe(place, km, azimuth, unit, lang)
        for place, km, azimuth, unit in zip(
            frame["nearest_place"], distance, bearing, frame["adm3_name"], strict=True
        )
    ]
    description = pd.Series(texts, table.index, dtype="str")
    frame["description"] = description.where(np.isfinite(lon) & np.isfinite(lat))
    return frame


def _as_table(points: Points) -> pd.DataFrame:
    if isinstance(points, pd.DataFrame):
        return points
    try:
        pairs = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    except (TypeError, ValueError) as error:
        raise InputError(
            "`points` cannot be read as pairs; expected a table with lon and lat, or a sequence "
            "of (lon, lat) in degrees. Pass [(lon, lat)] for one point."
        ) from error
    return pd.DataFrame(pairs, columns=["lon", "lat"])


def _picked(values: "pd.Series[Any]", rows: npt.NDArray[Any], index: pd.Index) -> "pd.Series[Any]":
    """Take values by row as text, missing where the row is -1."""
    picked = values.to_numpy(dtype=object)[rows].copy()
    picked[rows < 0] = None
    return pd.Series(picked, index=index, dtype="str")


def _nearest(
    places: pd.DataFrame, lon: Floats, lat: Floats, country: npt.NDArray[Any]
) -> tuple[Integers, Floats, Floats]:
    """Give row, distance and bearing of the nearest populated place of each point's country."""
    nearest = np.full(len(lon), -1, dtype=np.int64)
    distance, bearing = np.full(len(lon), np.nan), np.full(len(lon), np.nan)
    town = (places["feature"] == "populated").to_numpy()
    where = places["country"].to_numpy(dtype=object)
    x, y = places["lon"].to_numpy(float), places["lat"].to_numpy(float)
    for code in sorted({each for each in country if isinstance(each, str)}):
        mine, rows = np.flatnonzero(country == code), np.flatnonzero(town & (where == code))
        if not len(rows):
            continue
        most = min(_CANDIDATES, len(rows))
        tree = scipy.spatial.KDTree(unit_vectors(x[rows], y[rows]))
        near = tree.query(unit_vectors(lon[mine], lat[mine]), k=most)[1].reshape(len(mine), most)
        near = rows[near]
        starts = np.repeat(lon[mine], most), np.repeat(lat[mine], most)
        azimuth, _, metres = WGS84.inv(x[near.ravel()], y[near.ravel()], *starts)
        metres = np.asarray(metres).reshape(near.shape)
        best = metres.argmin(axis=1)
        line = np.arange(len(mine))
        nearest[mine] = near[line, best]
        distance[mine] = metres[line, best] / 1e3
        bearing[mine] = np.asarray(azimuth).reshape(near.shape)[line, best] % 360
    return nearest, distance, bearing


def _describe(place: Any, km: float, bearing: float, unit: Any, lang: Language) -> str:
    if not isinstance(unit, str):
        return Sentence("outside Mali, Niger and Burkina Faso").say(lang)
    commune = Sentence("commune {of_unit}", of_unit=_of(unit))
    if not isinstance(place, str):
        return commune.say(lang)
    if km < _AT_KM:
        return f"{place}, {commune.say(lang)}"
    direction = _OFF[round(bearing / 45) % 8].filled(km=km, of_place=_of(place))
    return f"{direction.say(lang)}, {commune.say(lang)}"


def _of(name: str) -> Sentence:
    """Say "of" a place."""
    return Sentence("of {name}", name=name)
