"""Coordinates as people write them: degrees with letters, minutes, pairs in one column, UTM."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Final, Literal
from urllib.parse import unquote

import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.field_names import CONTEXT, SIDES
from sahel_geo.incidents.columns.grid_references import grid_reference
from sahel_geo.incidents.columns.names import plain_name
from sahel_geo.incidents.columns.numbers import parse_numbers, read_clean
from sahel_geo.incidents.columns.texts import holds

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
        readings = parse_numbers(values)
        return Angles(readings.values, readings.unreadable)
    clean = read_clean(values, pointed=True)
    if clean is not None:
        return Angles(clean, np.zeros(len(clean), dtype=bool))
    texts = values.astype("string").str.strip().str.removeprefix("'")
    if holds(texts, b","):  # no degrees have thousands
        texts = texts.str.replace(r"^([+-]? ?\d{1,3}),(\d+)$", r"\1.\2", regex=True)
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
    if "&" in plain:  # a page's own way to write signs
        plain = unescape(plain)
    for word, mark in (
        ("deg", r"d[eé]gr[eé]e?s?|degrees?"),
        ("'", "minutes?"),
        ('"', "second(?:e?s?)?"),
    ):
        plain = re.sub(rf"(?<![a-z])(?:{mark})(?![a-z])", word, plain)
    return plain


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
_DEGREES: Final = r"([+-]?\d{1,3}(?:\.\d+)?)"
# Links of maps, the pin before the middle of the view.
_LINKS: Final = (
    re.compile(rf"!3d{_DEGREES}!4d{_DEGREES}"),
    re.compile(rf"[?&]mlat={_DEGREES}&mlon={_DEGREES}"),
    re.compile(
        rf"(?:geo:|[?&](?:q|ll|query|destination|daddr|center|cbll|point)=(?:loc:)?|/(?:place|search|dir/)/)"
        rf"{_DEGREES},[ +]*{_DEGREES}(?![\d.])"
    ),
    re.compile(rf"/@{_DEGREES},{_DEGREES}|#map=\d+/{_DEGREES}/{_DEGREES}"),
)
_LINK: Final = re.compile(r"(?:geo:|https?://|www\.)", re.IGNORECASE)
_LINKED_ANGLES: Final = re.compile(
    r"/(?:place|search)/(\d[^/@]*?[ns])[ +,]*(\d[^/@]*?[ewo])(?:[/?@]|$)", re.IGNORECASE
)
_MOST_OF_LINK: Final = 2000  # letters
_LABELLED: Final = re.compile(
    r"\W*(?:latlng\(|lat(?:itude)?[^\w+-]*)(?P<lat>[^a-z]+?[ns]?)[\s,;/|\"]*"
    r"(?:,|(?:lon|lng|long|longitude)[^\w+-]*)(?P<lon>[^a-z]+?[ewo]?)\W*",
    re.IGNORECASE,
)
# Words in the names of columns that hold points, and of those that hold remarks.
_OF_POINTS: Final = CONTEXT | {
    "coord", "coords", "geo", "geom", "geometry", "geometrie", "wkt", "mgrs", "utm", "latlon",
    "latlng", "location", "link", "lien", "url", "map", "maps", "carte", "plus", "pluscode", "grid",
    "grille", "xy",
}  # fmt: skip
_REMARK: Final = re.compile(r"(?<=[\w'\"]) *\([^()\d]*\)$")  # 16.27, -0.04 (approx.)
_OF_REMARKS: Final = frozenset(
    ["commentaire", "commentaires", "comment", "comments", "remarque", "remarques", "observation",
     "observations", "note", "notes", "description", "details", "resume", "summary", "narratif"]
)  # fmt: skip
_ENOUGH: Final = 0.5  # of the rows state the points of a column that no name tells
_LON_FIRST: Final = re.compile(
    r"\b(?:lon|long|lng|longitude|x)\b.*\b(?:lat|latitude|y)\b", re.IGNORECASE
)
# The Sahel with a wide margin: lon_min, lat_min, lon_max, lat_max.
_REGION: Final = (-20.0, 3.0, 26.0, 28.0)
_OF_SIDES: Final[dict[Axis, tuple[float, ...]]] = {  # degrees, then metres of UTM
    "lat": (_REGION[1], _REGION[3], 4e5, 3.2e6), "lon": (_REGION[0], _REGION[2], 1e5, 9e5),
}  # fmt: skip


def parse_points(values: "pd.Series[Any]", name: str = "") -> Points:
    """Read a column that holds both coordinates.

    Pairs as form tools write them ("lat lon altitude accuracy"), WKT, angles with letters, grid
    references (MGRS, UTM with its zone, Plus Codes), links of map services. Of two plain numbers
    the first is the latitude, unless the column's name or all of its values say otherwise.

    >>> result = parse_points(pd.Series(["15.66, 0.50", "14.2 0.5 310.0 4.9", "POINT (0.5 14.2)"]))
    >>> result.lat.tolist(), result.lon.tolist()
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


def holds_points(values: "pd.Series[Any]", name: str = "") -> bool:
    """Whether most values of a column are pairs of coordinates.

    A remark may hold a pair by chance: where the name tells of no points, half of the rows must
    have one, and in remarks it must say which number is which.
    """
    if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(
        values.dtype
    ):
        return False
    tried = [str(text) for text in values.dropna().unique()[:100]]
    if not tried:
        return False
    words = set(plain_name(name).split())
    points = [point for point in map(read_point, tried) if point is not None]
    if words & _OF_REMARKS:
        points = [point for point in points if point[2]]
    enough = bool(words & _OF_POINTS) or bool(values.notna().mean() >= _ENOUGH)
    return enough and len(points) > 0.8 * len(tried)


def pair_of_sides(
    names: Sequence[str], column: "Callable[[str], pd.Series[Any]]"
) -> dict[str, str]:
    """Find the one pair of columns that are called after sides of the world and hold degrees.

    column: Gives the values of a name.

    >>> cells = {"Nord": pd.Series(["16,27", "14,2"]), "Ouest": pd.Series(["0,05", "1,6"])}
    >>> pair_of_sides(list(cells), cells.get)
    {'lat': 'Nord', 'lon': 'Ouest'}
    """
    sides: dict[str, list[str]] = {"lat": [], "lon": []}
    for name in names:
        words = [word for word in plain_name(name).split() if word not in CONTEXT]
        if len(words) == 1 and words[0] in SIDES:
            sides[_LETTERS[words[0]][0]].append(name)
    if any(len(each) != 1 for each in sides.values()):
        return {}
    pair = {axis: each[0] for axis, each in sides.items()}
    for axis, (low, high, least, most) in _OF_SIDES.items():
        degrees = parse_degrees(column(pair[axis]).iloc[:1000], axis)
        stated = degrees.values[~np.isnan(degrees.values)]
        if len(stated) and ((stated >= least) & (stated <= most)).all():
            continue  # metres, whose zone stands in another column
        fits = ((stated >= low) & (np.abs(stated) <= high)).mean() if len(stated) else 0.0
        if fits < 0.8 or degrees.unreadable.mean() > 0.2 or not (stated % 1 > 0).any():
            return {}  # counts by region, for example
    return pair


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
    if _LINK.match(text):
        return _read_link(unquote(text[:_MOST_OF_LINK]))
    if not text or len(text) > 4 * _MOST_LETTERS:
        return None
    if wkt := _WKT.match(text):
        return _in_world(_number(wkt[1]), _number(wkt[2]), "lon")
    if geometry := _GEOJSON.fullmatch(text):
        return _in_world(_number(geometry[1]), _number(geometry[2]), "lon")
    if (place := grid_reference(text)) is not None:
        return (*place, "lon")
    text = _REMARK.sub("", text)
    order = "lon" if text.startswith("[") else ""
    return _read_labelled(text) or _read_pair(text.strip("()[] "), order)


def _read_labelled(text: str) -> tuple[float, float, str] | None:
    """Read a pair whose numbers are called by their names: Lat: 16.27, Long: -0.05."""
    labelled = _LABELLED.fullmatch(text)
    if labelled is None:
        return None
    lat, lon = (read_angle(labelled[axis].strip()) for axis in ("lat", "lon"))
    return None if lat is None or lon is None else _in_world(lat[0], lon[0], "lat")


def _read_link(text: str) -> tuple[float, float, str] | None:
    """Read the place that a link of a map points to, else the middle of its view."""
    for pattern in _LINKS[:-1]:
        if link := pattern.search(text):
            return _in_world(float(link[1]), float(link[2]), "lat")
    if angles := _LINKED_ANGLES.search(text):
        return _read_pair(f"{angles[1]} {angles[2]}", "")
    if link := _LINKS[-1].search(text):
        return _in_world(float(link[1] or link[3]), float(link[2] or link[4]), "lat")
    return None


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
    match = re.fullmatch(r"[+-]?\d{1,9}(?:[.,]\d+)?", text.strip())
    return float(text.replace(",", ".")) if match else None


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
