"""Places on grids (UTM with its zone, MGRS, Plus Codes), and points as the bytes of a database."""

import re
from functools import cache
from typing import Any, Final

import numpy as np
import shapely
from pyproj import Transformer

# UTM with its zone, and the military grid (MGRS): bands of latitude, letters of squares.
_BANDS: Final = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS: Final = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS: Final = "ABCDEFGHJKLMNPQRSTUV"
_MGRS: Final = re.compile(
    r"^(\d{1,2})\s*([C-HJ-NP-X])\s*([A-HJ-NP-Z])([A-HJ-NP-V])\s*(\d{1,5})\s+(\d{1,5})$"
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


# A full Plus Code: pairs of digits to the base of 20, then one of a grid of 4 x 5.
_DIGITS: Final = "23456789CFGHJMPQRVWX"
_PLUS: Final = re.compile(rf"^([{_DIGITS}]{{8}})\+([{_DIGITS}]{{2,7}})?(?:[ ,].*)?$")
# A point in WKB or PostGIS's EWKB, in degrees or without a reference system, as hexadecimal digits.
_BYTES: Final = re.compile(
    r"01(?:010000[08]0|E9030000|010000[2A]0E6100000)[0-9A-F]{32}(?:[0-9A-F]{16})?"
)
_UTM_HEADER: Final = re.compile(r"\butm\W*(?:zone\W*)?(\d{1,2})\W*([a-z]?)\b|\b32([67])(\d\d)\b")


def zone_of_header(name: str) -> str:
    """Give the UTM zone that the name of a column states, empty where it states none.

    >>> zone_of_header("X_UTM30N"), zone_of_header("Y (EPSG:32631)"), zone_of_header("X")
    ('30N', '31N', '')
    """
    match = _UTM_HEADER.search(name.lower().replace("_", " "))
    if match is None:
        return ""
    if match[4]:
        return match[4] + ("N" if match[3] == "6" else "S")
    return match[1] + (match[2].upper() or "N")


def grid_reference(text: str) -> tuple[float, float] | None:
    """Read a UTM position with its zone, a military grid reference, a full Plus Code, or WKB.

    >>> lon, lat = grid_reference("31P 232000 1733000")
    >>> round(lon, 3), round(lat, 3)
    (0.5, 15.661)
    """
    plain = text.strip().upper()
    if (match := _PLUS.match(plain)) is not None:
        return _middle(match[1] + (match[2] or ""))
    if _BYTES.fullmatch(plain):
        (lon, lat), *_ = [*shapely.get_coordinates(shapely.from_wkb(plain)), (np.nan, np.nan)]
        return (float(lon), float(lat)) if abs(lon) <= 180 and abs(lat) <= 90 else None
    if not plain[:1].isdigit() and not plain.startswith(("UTM", "ZONE", "E")):
        return None
    return _military(plain) or _metres(plain)


def _military(plain: str) -> tuple[float, float] | None:
    if match := _MGRS.match(plain):
        return _square(match[1], match[2], match[3], match[4], match[5], match[6])
    if match := _MGRS_JOINED.match(plain):
        half = len(match[5]) // 2
        return _square(match[1], match[2], match[3], match[4], match[5][:half], match[5][half:])
    return None


def _metres(plain: str) -> tuple[float, float] | None:
    if match := _UTM.match(plain):
        return _position(int(match[1]), match[2], match[3], match[4])
    if match := _UTM_LAST.match(plain):
        return _position(int(match[3]), match[4], match[1], match[2])
    return None


def _middle(code: str) -> tuple[float, float]:
    """Give the middle of the cell of a Plus Code."""
    lat, lon, height, width = -90.0, -180.0, 400.0, 400.0
    for at in range(0, min(len(code), 10), 2):
        height, width = height / 20, width / 20
        lat += height * _DIGITS.index(code[at])
        lon += width * _DIGITS.index(code[at + 1])
    for digit in code[10:]:
        height, width = height / 5, width / 4
        row, column = divmod(_DIGITS.index(digit), 4)
        lat, lon = lat + row * height, lon + column * width
    return lon + width / 2, lat + height / 2


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
    return south - 1 <= lat <= south + (12 if band == "X" else 8) + 1  # with a degree to spare


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
    cycles = round((middle * 110_600 - northing) / 2e6)  # letters of rows repeat after 2,000 km
    lon, lat = _inverse(zone).transform(easting, northing + cycles * 2e6)
    return (float(lon), float(lat)) if _band_holds(band, lat) else None


@cache
def _inverse(zone: int) -> Any:
    """Give the projection of a zone's metres to degrees; south of the equator metres go below 0."""
    return Transformer.from_crs(32600 + zone, 4326, always_xy=True)
