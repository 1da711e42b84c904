"""Positions that may leave the desk: rounded to a square, and put anywhere in it by rule."""

import hashlib
import math
from typing import Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.projection import project, unproject

# An equal-area projection stretches one way what it squeezes the other, by less than this here.
_STRETCH: Final = 1.03
_LEAST_KM: Final = 1.0
_MOST_KM: Final = 300.0


def displace(
    incidents: pd.DataFrame, *, within_km: float, seed: int = 0, key: str = "incident_id"
) -> pd.DataFrame:
    """Move positions so that only the square they lie in is told, the same way every time.

    A position is rounded to a square of a fixed equal-area grid, and then put at a point of this
    square that follows from `seed`, the square and the row's key. Whoever knows the seed and the
    rule learns the square, and no more: there is no secret to keep, and nothing to reverse. The
    same incident comes to the same point in every release, so that many releases do not average
    out to where it was.

    What it does not do: the other columns stay as they are, and a date, a toll or a source can be
    matched with a public list that has the true position. A moved point can fall in another unit,
    or across a border: assign and count before, never after. Rare places stay rare: the only
    settlement of a square is as good as named. For a public map, totals by unit are safer, see
    `sahel_geo.maps.publish.disclosure.protect`.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon`` and ``lat`` in degrees (EPSG:4326) and `key`; rows without coordinates are
        kept.
    within_km : float
        No point moves farther than this; 1 to 300 km.
    seed : int
        Chooses the points; write it down, it is no secret.
    key : str
        Column that names a row in every release, such as ``incident_id``. Rows of one square with
        the same key come to the same point.

    Returns
    -------
    DataFrame, n rows
        As `incidents`, with ``lon`` and ``lat`` replaced, to four decimals, and ``within_km``, the
        largest move.

    Raises
    ------
    InputError
        If a column is missing, a key is missing, or `within_km` is out of range.

    Examples
    --------
    >>> table = pd.DataFrame({"incident_id": ["a", "b"], "lon": [2.4, 2.4], "lat": [15.9, 15.9]})
    >>> moved = displace(table, within_km=20)
    >>> bool((moved["lon"] != table["lon"]).all()), displace(table, within_km=20).equals(moved)
    (True, True)
    """
    if not (_LEAST_KM <= within_km <= _MOST_KM):
        raise InputError(
            f"`within_km` is {within_km!r}; expected {_LEAST_KM:g} to {_MOST_KM:g} km. Take at "
            "least the distance between settlements, about 20 km."
        )
    lon, lat = coordinates(incidents)
    if key not in incidents or incidents[key].isna().any():
        missing = int(incidents[key].isna().sum()) if key in incidents else len(incidents)
        raise InputError(
            f"`key` {key!r} is missing in {missing} rows; expected a name of each incident that "
            "stays the same between releases. Read the file with sg.read_incidents."
        )
    side = within_km * 1e3 / math.sqrt(2) / _STRETCH
    located = np.isfinite(lon) & np.isfinite(lat)
    x, y = project(lon[located], lat[located])
    column, row = np.floor(x / side), np.floor(y / side)
    names = incidents[key].astype(str).to_numpy()[located]
    # Give two even numbers from 0 to 1 for each row, by nothing but its square and its name.
    drawn = np.empty((2, len(names)))
    for at, (name, east, north) in enumerate(zip(names, column, row, strict=True)):
        text = f"{seed}|{int(east)}|{int(north)}|{name}".encode("utf-8", "replace")
        digest = hashlib.blake2b(text, digest_size=16).digest()
        drawn[:, at] = [int.from_bytes(part) / 2**64 for part in (digest[:8], digest[8:])]
    across, up = drawn
    new_lon, new_lat = unproject((column + across) * side, (row + up) * side)
    moved = incidents.copy()
    moved["lon"], moved["lat"] = lon, lat
    moved.loc[located, "lon"] = np.round(new_lon, 4)
    moved.loc[located, "lat"] = np.round(new_lat, 4)
    moved["within_km"] = float(within_km)
    return moved
