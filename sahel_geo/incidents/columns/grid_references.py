"""UTM coordinates with their zone, and references of the military grid (MGRS), to degrees."""

import re
from functools import cache
from typing import Any, Final

from pyproj import Transformer

_BANDS: Final = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS: Final = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS: Final = "ABCDEFGHJKLMNPQRSTUV"
_MGRS: Final = re.compile(
    r"^(\d{1,2})\s*([C-HJ-NP-X])\s*([A-HJ-NP-Z])([A-HJ-NP-V])\s*(\d{1,5})\s*(\d{1,5})$"
)
_MGRS_JOINED: Final = re.compile(
    r"^(\d{1,2})\s*([C-HJ-NP-X])\s*([A-HJ-NP-Z])([A-HJ-NP-V])\s*((?:\d\d){1,5})$"
)
_ZONE: Final = r"(?:UTM|ZONE)?\s*(\d{1,2})\s*([C-HJ-NP-X])"
_METRES: Final = (
    r"(?:E\s*=?\s*)?(\d{6}(?:[.,]\d+)?)\s*(?:M?E\b)?\s*[ ,;/]\s*"
    r"(?:N\s*=?\s*)?(\d{6,8}(?:[.,]\d+)?)\s*(?:M?N\b)?"
)
_UTM: Final = re.compile(rf"^{_ZONE}\s*[ ,;/:]\s*{_METRES}$")
_UTM_LAST: Final = re.compile(rf"^{_METRES}\s*[ ,;/(]+\s*{_ZONE}\)?$")


def grid_reference(text: str) -> tuple[float, float] | None:
    """Read a UTM position with its zone, or a military grid reference.

    >>> lon, lat = grid_reference("31P 232000 1733000")
    >>> round(lon, 3), round(lat, 3)
    (0.5, 15.661)
    """
    plain = text.strip().upper()
    if not plain[:1].isdigit() and not plain.startswith(("UTM", "ZONE", "E")):
        return None
    if found := _MGRS.match(plain):
        return _square(found[1], found[2], found[3], found[4], found[5], found[6])
    if found := _MGRS_JOINED.match(plain):
        half = len(found[5]) // 2
        return _square(found[1], found[2], found[3], found[4], found[5][:half], found[5][half:])
    if found := _UTM.match(plain):
        return _position(int(found[1]), found[2], found[3], found[4])
    if found := _UTM_LAST.match(plain):
        return _position(int(found[3]), found[4], found[1], found[2])
    return None


def _position(zone: int, band: str, easting: str, northing: str) -> tuple[float, float] | None:
    """Project metres back; the letter is a band of latitude, or N or S for the hemisphere."""
    metres = [float(text.replace(",", ".")) for text in (easting, northing)]
    if not 1 <= zone <= 60 or not 100_000 <= metres[0] < 1_000_000 or metres[1] >= 1e7:
        return None
    lon, lat = _inverse(zone).transform(*metres)
    if band != "N" and band < "N":  # letters before N are south of the equator
        lon, lat = _inverse(zone).transform(metres[0], metres[1] - 1e7)
    fits = band in "NS" or _band_holds(band, lat)
    return (float(lon), float(lat)) if fits else None


def _band_holds(band: str, lat: float) -> bool:
    south = -80 + 8 * _BANDS.index(band)
    return south - 1 <= lat <= south + (12 if band == "X" else 8) + 1


def _square(
    zone_text: str, band: str, column: str, row: str, east: str, north: str
) -> tuple[float, float] | None:
    zone = int(zone_text)
    if len(east) != len(north) or not 1 <= zone <= 60 or column not in _COLUMNS[(zone - 1) % 3]:
        return None
    side = 10 ** (5 - len(east))
    easting = (_COLUMNS[(zone - 1) % 3].index(column) + 1) * 1e5 + (int(east) + 0.5) * side
    row_number = (_ROWS.index(row) - (5 if zone % 2 == 0 else 0)) % 20
    northing = row_number * 1e5 + (int(north) + 0.5) * side
    middle = -80 + 8 * _BANDS.index(band) + 4
    cycles = round((middle * 110_600 - northing) / 2e6)
    for shift in (cycles, cycles - 1, cycles + 1):
        lon, lat = _inverse(zone).transform(easting, northing + shift * 2e6)
        if _band_holds(band, lat):
            return float(lon), float(lat)
    return None


@cache
def _inverse(zone: int) -> Any:
    """Give the projection of a zone's metres to degrees; south of the equator metres go below 0."""
    return Transformer.from_crs(32600 + zone, 4326, always_xy=True)
