"""Coordinates as people write them: degrees with letters, minutes, pairs in one column, UTM."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from pyproj import Transformer

from sahel_geo.arrays import Flags, Floats
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.numbers import parse_numbers, read_clean

Axis = Literal["lon", "lat"]

_LETTERS: Final = {
    "n": ("lat", 1), "north": ("lat", 1), "nord": ("lat", 1),
    "s": ("lat", -1), "south": ("lat", -1), "sud": ("lat", -1),
    "e": ("lon", 1), "east": ("lon", 1), "est": ("lon", 1),
    "w": ("lon", -1), "west": ("lon", -1), "o": ("lon", -1), "ouest": ("lon", -1),
}  # fmt: skip
_LETTER: Final = "north|nord|south|sud|east|est|west|ouest|[nsewo]"
_NUMBER: Final = r"\d{1,7}(?:[.,]\d*)?"
# A sign, degrees, and minutes and seconds behind a mark, a colon, a hyphen or a space.
_ANGLE: Final = re.compile(
    rf"^(?:(?P<before>{_LETTER})\.? ?)?(?P<sign>[+-]?) ?(?P<degrees>{_NUMBER}) ?(?:"
    rf"(?P<mark>°|º|˚|deg|d|:|-|(?<= )) ?(?:(?P<minutes>{_NUMBER}) ?(?:['m:-]|min)? ?"
    rf"(?:(?P<seconds>{_NUMBER}) ?(?:\"|''|s|sec)?)?)?)? ?(?P<after>{_LETTER})?\.?$"
)
_PACKED: Final = re.compile(r"^(\d{2,3}?)(\d{2})(\d{2}(?:\.\d+)?)?([nsewo])$")
_GEOJSON: Final = re.compile(
    r"\{\s*(?:\"type\"\s*:\s*\"Point\"\s*,\s*)?\"coordinates\"\s*:\s*\[\s*([-+\d.]+)\s*,\s*"
    r"([-+\d.]+)\s*(?:,\s*[-+\d.]+\s*)?\]\s*(?:,\s*\"type\"\s*:\s*\"Point\"\s*)?\}"
)
_MOST_LETTERS: Final = 80
_MOSTLY: Final = 0.5  # of a column called after hemispheres
_LOOK: Final = 50  # rows that mostly tell what a column is


@dataclass(frozen=True)
class Angles:
    """One axis of coordinates, in degrees: NaN where nothing is stated or it cannot be read."""

    values: Floats
    unreadable: Flags


def parse_degrees(
    values: "pd.Series[Any]", axis: Axis, hemisphere: "pd.Series[Any] | None" = None
) -> Angles:
    """Read one axis of coordinates.

    >>> parse_degrees(pd.Series(["2,3 O", "1°30'E", "2.5N"]), "lon").values.tolist()
    [-2.3, 1.5, nan]
    >>> parse_degrees(pd.Series([2.3]), "lon", pd.Series(["W"])).values.tolist()
    [-2.3]
    """
    angles = _plain_degrees(values, axis)
    return angles if hemisphere is None else _turned(angles, hemisphere, axis)


def is_hemisphere(values: "pd.Series[Any]", axis: Axis, *, mostly: bool = False) -> bool:
    """Whether a column holds nothing, or mostly nothing, but hemispheres of an axis."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return False
    enough = _MOSTLY if mostly else 1.0
    first = Counter(_letter(value) for value in values.iloc[:_LOOK].dropna().tolist())
    if any(first) and _share_of(first, axis) < enough:
        return False
    counts = values.dropna().astype(str).value_counts()
    whole: Counter[str] = Counter()
    for text, count in counts.items():
        whole[_letter(text)] += int(count)
    return _share_of(whole, axis) >= enough


def _letter(value: object) -> str:
    return str(value).strip().lower().strip(".")


def _share_of(counts: "Counter[str]", axis: Axis) -> float:
    """Give the share of the texts that are letters of an axis; blank ones do not count."""
    all_of = sum(count for text, count in counts.items() if text)
    letters = sum(count for text, count in counts.items() if _LETTERS.get(text, ("",))[0] == axis)
    return letters / all_of if all_of else 0.0


def _plain_degrees(values: "pd.Series[Any]", axis: Axis) -> Angles:
    if pd.api.types.is_numeric_dtype(values.dtype):
        found = parse_numbers(values)
        return Angles(found.values, found.unreadable)
    clean = read_clean(values, pointed=True)
    if clean is not None:
        return Angles(clean, np.zeros(len(clean), dtype=bool))
    texts = values.astype("string").str.strip()
    if texts.str.contains(",", regex=False).any() and not texts.str.contains(r"\.").any():
        texts = texts.str.replace(",", ".", n=1, regex=False)  # no degrees have thousands
    numbers = parse_numbers(texts, decimal=".", whole=False)
    left = np.flatnonzero(numbers.unreadable)
    degrees, unreadable = numbers.values.copy(), numbers.unreadable.copy()
    codes, distinct = pd.factorize(texts.iloc[left])
    read = [read_angle(str(text)) for text in distinct]
    for at, code in zip(left, codes, strict=True):
        angle = read[code]
        if angle is not None and angle[1] in {axis, ""}:
            degrees[at], unreadable[at] = angle[0], False
    return Angles(degrees, unreadable)


def _turned(angles: Angles, hemisphere: "pd.Series[Any]", axis: Axis) -> Angles:
    """Give each value the sign of its hemisphere, where the two do not contradict each other."""
    codes, distinct = pd.factorize(hemisphere)
    signs = [_LETTERS.get(_letter(text), ("", 0)) for text in distinct]
    table = np.array([*(sign if of == axis else 0 for of, sign in signs), 0])
    sign = table[codes]
    stated = np.isfinite(angles.values)
    lost = stated & (angles.values != 0) & ((sign == 0) | ((angles.values < 0) & (sign > 0)))
    values = np.where(lost, np.nan, np.abs(angles.values) * np.where(sign == 0, 1, sign))
    return Angles(values, angles.unreadable | lost)


def read_angle(text: str) -> tuple[float, str] | None:
    """Read one angle in any common writing.

    >>> read_angle("14°30'N"), read_angle("1.5 O"), read_angle("14°60'"), read_angle("e1")
    ((14.5, 'lat'), (-1.5, 'lon'), None, None)
    """
    plain = _plain_angle(text)
    if packed := _PACKED.match(plain):
        return _read_packed(packed)
    match = _ANGLE.match(plain)
    if match is None or _is_exponent(text) or _is_broken(match):
        return None
    axis, sign = _LETTERS.get(match["before"] or match["after"] or "", ("", 0))
    if (match["sign"] == "-" and sign > 0) or (match["sign"] == "+" and sign < 0):
        return None
    degrees, minutes, seconds = _parts(match)
    size = degrees + minutes / 60 + seconds / 3600
    return (-size if match["sign"] == "-" or sign < 0 else size), axis


def _parts(match: "re.Match[str]") -> tuple[float, float, float]:
    degrees, minutes, seconds = (
        float((match[name] or "0").replace(",", ".")) for name in ("degrees", "minutes", "seconds")
    )
    return degrees, minutes, seconds


def _is_broken(match: "re.Match[str]") -> bool:
    """Whether an angle has two letters, 60 minutes, fractions before minutes, or lacks a mark."""
    degrees, minutes, seconds = _parts(match)
    letter = match["before"] or match["after"]
    bare = match["mark"] == "" and match["minutes"] and not (match["seconds"] or letter)
    return bool(
        (match["before"] and match["after"])
        or minutes >= 60
        or seconds >= 60
        or degrees > 180
        or (match["minutes"] and not degrees.is_integer())
        or (match["seconds"] and not minutes.is_integer())
        or (match["mark"] == "-" and not letter)
        or (match["mark"] == "d" and not match["minutes"])
        or bare  # "14 30" may be minutes, or a decimal mark that was lost
    )


def _is_exponent(text: str) -> bool:
    """Whether an E is what is left of a number such as 1e5, 0.1e or e1, and no hemisphere."""
    return re.fullmatch(r"[+-]?(?:[\d.,]+e|\d+E|e[\d.,]+|E\d+)", text.strip()) is not None


def _plain_angle(text: str) -> str:
    if len(text) > _MOST_LETTERS:
        return ""
    plain = " ".join(text.strip().lower().replace("−", "-").replace("\xa0", " ").split())
    plain = re.sub(r"^[\u2010\u2011\u2013\ufe63\uff0d](?= ?\d)", "-", plain)  # a dash for a minus
    plain = re.sub(r"[′’‘´`ʹ]", "'", plain)
    plain = re.sub(r"[″”“]|''", '"', plain)
    return plain.replace("degrés", "deg").replace("degres", "deg").replace("degrees", "deg")


def _read_packed(match: "re.Match[str]") -> tuple[float, str] | None:
    """Read degrees and minutes without anything between, as pilots write them: 1430N, 00215W."""
    axis, sign = _LETTERS[match[4]]
    digits = len(match[1])
    if digits != (2 if axis == "lat" else 3):
        return None
    minutes, seconds = float(match[2]), float(match[3] or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    return sign * (float(match[1]) + minutes / 60 + seconds / 3600), axis


@dataclass(frozen=True)
class Points:
    """Pairs of coordinates from one column, in degrees, with the rows that cannot be read."""

    lon: Floats
    lat: Floats
    unreadable: Flags
    notes: list[Sentence]


_WKT: Final = re.compile(
    r"^(?:srid=4326;)?\s*point\s*(?:z|m|zm)?\s*\(\s*(\S+)\s+(\S+)(?:\s+\S+){0,2}\s*\)$",
    re.IGNORECASE,
)
_LINK: Final = re.compile(
    r"^(?:geo:|https?://\S*?(?:[?&](?:q|ll|query)=|/@))(-?\d+(?:\.\d+)?),\s*(-?\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
_LON_FIRST: Final = re.compile(
    r"\b(?:lon|long|lng|longitude|x)\b.*\b(?:lat|latitude|y)\b", re.IGNORECASE
)
# The Sahel with a wide margin: lon_min, lat_min, lon_max, lat_max.
_REGION: Final = (-20.0, 3.0, 26.0, 28.0)


def parse_points(values: "pd.Series[Any]", name: str = "") -> Points:
    """Read a column that holds both coordinates.

    Pairs as form tools write them ("lat lon altitude accuracy"), WKT, angles with letters, grid
    references (MGRS, UTM with its zone), links of map services. Of two plain numbers the first is
    the latitude, unless the column's name or all of its values say otherwise.

    >>> found = parse_points(pd.Series(["15.66, 0.50", "14.2 0.5 310.0 4.9", "POINT (0.5 14.2)"]))
    >>> found.lat.tolist(), found.lon.tolist()
    ([15.66, 14.2, 14.2], [0.5, 0.5, 0.5])
    """
    codes, distinct = pd.factorize(values)
    pairs = [read_point(str(text)) for text in distinct]
    plain = [pair for pair in pairs if pair is not None and pair[2] == ""]
    named = _LON_FIRST.search(re.sub(r"[_\W]+", " ", name)) is not None
    notes = []
    swapped = named
    if plain and not named and _fits(plain, lon_first=True) and not _fits(plain, lon_first=False):
        swapped = True
        notes.append(
            Sentence(
                "{name}: all pairs fit the region only with the longitude first, and are read so",
                name=name,
            )
        )
    table = np.full((len(pairs) + 1, 2), np.nan)
    for at, pair in enumerate(pairs):
        if pair is not None:
            first, second, order = pair
            lon_first = order == "lon" or (order == "" and swapped)
            table[at] = (first, second) if lon_first else (second, first)
    broken = np.array([*(pair is None for pair in pairs), False], dtype=bool)
    lon, lat = table[codes].T
    return Points(lon, lat, broken[codes], notes)


def holds_points(values: "pd.Series[Any]") -> bool:
    """Whether most values of a column are pairs of coordinates."""
    if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(
        values.dtype
    ):
        return False
    tried = [str(text) for text in values.dropna().unique()[:100]]
    if not tried:
        return False
    return sum(read_point(text) is not None for text in tried) > 0.8 * len(tried)


def _fits(pairs: list[tuple[float, float, str]], *, lon_first: bool) -> bool:
    west, south, east, north = _REGION
    return all(
        west <= (pair[0] if lon_first else pair[1]) <= east
        and south <= (pair[1] if lon_first else pair[0]) <= north
        for pair in pairs
    )


def read_point(text: str) -> tuple[float, float, str] | None:
    """Read one pair: two numbers, and ``"lat"`` or ``"lon"`` for the first where the text tells."""
    text = text.strip()
    if not text or len(text) > 4 * _MOST_LETTERS:
        return None
    if wkt := _WKT.match(text):
        return _in_world(_number(wkt[1]), _number(wkt[2]), "lon")
    if geometry := _GEOJSON.fullmatch(text):
        return _in_world(_number(geometry[1]), _number(geometry[2]), "lon")
    if link := _LINK.match(text):
        return _in_world(float(link[1]), float(link[2]), "lat")
    if (place := grid_reference(text)) is not None:
        return (*place, "lon")
    order = "lon" if text.startswith("[") else ""
    return _read_pair(text.strip("()[] "), order)


def _read_pair(text: str, order: str) -> tuple[float, float, str] | None:
    halves = _halves(text)
    angles = [read_angle(half) for half in halves]
    if len(halves) < 2 or angles[0] is None or angles[1] is None:
        return None
    (first, axis), (second, other) = angles[0], angles[1]
    if len(halves) > 2 and (axis or other or any(_number(half) is None for half in halves[2:])):
        return None
    if (axis and axis == other) or bool(axis) != bool(other):
        return None
    return _in_world(first, second, axis or order)


def _halves(text: str) -> list[str]:
    """Cut a text into its coordinates, and the altitude and accuracy that may follow."""
    lettered = re.match(
        rf"^(.*?(?<![a-z])(?:{_LETTER}))[ ,;/|]+(.*(?<![a-z])(?:{_LETTER}))$", text, re.IGNORECASE
    )
    if lettered:
        return [lettered[1], lettered[2]]
    led = re.match(r"^([nsewo].*?)[ ,;/|]+([nsewo].*)$", text, re.IGNORECASE)
    if led:
        return [led[1], led[2]]
    if not re.search(r"\d[.,]\d", text) or ":" in text:
        return []  # two whole numbers may be anything
    for separator, most in ((r"\s*[;/|]\s*", 2), (r",\s+|\s+,", 4), (r"\s+", 4)):
        parts = [part for part in re.split(separator, text) if part]
        if 2 <= len(parts) <= most:
            return parts
    parts = text.split(",")
    one = re.fullmatch(r"[+-]?\d{1,3},\d{3}\.\d+", text)  # "1,034.5"; to many, "14,2" is one too
    return parts if len(parts) == 2 and "." in text and not one else []


def _number(text: str) -> float | None:
    found = re.fullmatch(r"[+-]?\d{1,9}(?:[.,]\d+)?", text.strip())
    return float(text.replace(",", ".")) if found else None


def _in_world(
    first: float | None, second: float | None, order: str
) -> tuple[float, float, str] | None:
    if first is None or second is None:
        return None
    lat, lon = (second, first) if order == "lon" else (first, second)
    inside = abs(lat) <= 90 and abs(lon) <= 180
    if not order:
        inside = max(abs(lat), abs(lon)) <= 180 and min(abs(lat), abs(lon)) <= 90
    return (first, second, order) if inside else None


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
