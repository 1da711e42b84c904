"""Where the incidents were: coordinates in any writing, names and codes of places and units."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Flags, Floats
from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents.columns.coordinates import (
    Axis,
    is_hemisphere,
    parse_degrees,
    parse_points,
    read_angle,
)
from sahel_geo.incidents.columns.field_names import SIDES
from sahel_geo.incidents.columns.grid_references import grid_reference, zone_of_header
from sahel_geo.incidents.columns.names import COORDINATES, plain_name, readings
from sahel_geo.incidents.columns.texts import NOT_KNOWN, distinctly, stripped, without_footnote
from sahel_geo.incidents.readers.raw import RawTable

ADMINS: Final = ("admin1", "admin2", "admin3")
_NO_NAME: Final = NOT_KNOWN | {"ras", "neant", "néant", "nil", "non", "autre", "other"}
_SIGN_WORDS: Final = frozenset(
    [
        "dir",
        "direction",
        "hemi",
        "hemisphere",
        "ns",
        "ew",
        "eo",
        "sens",
        "orientation",
        "cardinal",
        "quadrant",
    ]
)
_ZONE: Final = re.compile(r"^(?:utm|zone|fuseau)?\s*(\d{1,2})\s*([a-z]?)$", re.IGNORECASE)
_POINT_BEHIND: Final = r"^(\D*?[^\W\d])[ ,;:-]*[(\[]([^()\[\]]{0,60}?\d[^()\[\]]{0,60})[)\]]$"
_DIGITS: Final = {"ML": 2, "NE": 3, "BF": 2}  # of a P-code, by level


@dataclass
class Locations:
    """Coordinates in degrees and the names around them, row for row, faulty rows too."""

    lon: Floats
    lat: Floats
    names: dict[str, "pd.Series[Any] | None"]  # place, admin1, admin2, admin3, where stated
    place_level: npt.NDArray[np.int8]  # of the unit that stands for a missing place, 0 for none
    faults: list[tuple[str, Flags]]  # columns of the file and their unreadable rows
    notes: list[Sentence]

    @classmethod
    def of(
        cls, raw: RawTable, chosen: Mapping[str, str], others: Mapping[str, tuple[str, ...]]
    ) -> "Locations":
        """Read all columns that say where."""
        size = len(raw)
        nowhere = np.full(size, np.nan)
        locations = cls(nowhere, nowhere.copy(), {}, np.zeros(size, np.int8), [], [])
        if COORDINATES in chosen:
            points = parse_points(raw.column(chosen[COORDINATES]), chosen[COORDINATES])
            locations.lon, locations.lat = points.lon, points.lat
            locations.faults.append((chosen[COORDINATES], points.unreadable))
            locations.notes += points.notes
        if {"lon", "lat"} <= set(chosen):
            _read_axes(locations, raw, chosen["lon"], chosen["lat"])
            _fill_axes(locations, raw, others)
        names = {target: _names(raw, chosen.get(target)) for target in ("place", *ADMINS)}
        if not locations.faults and names["place"] is not None:
            names["place"] = _without_points(locations, names["place"], chosen["place"])
        general = _names(raw, chosen.get("pcode"))
        for level, target in enumerate(ADMINS, start=1):
            codes = _names(raw, chosen.get(f"{target}_pcode"))
            if general is not None:
                codes = _filled(codes, general.where(general.map(pcode_level) == level))
            names[target] = _filled(names[target], codes)
        for level in (3, 2, 1):
            place, unit = names["place"], names[ADMINS[level - 1]]
            if unit is not None:
                filled = unit.notna() if place is None else place.isna() & unit.notna()
                locations.place_level[filled.to_numpy(dtype=bool)] = level
                names["place"] = _filled(place, unit)
        locations.names = names
        return locations


def _without_points(
    locations: Locations, places: "pd.Series[Any]", column: str
) -> "pd.Series[Any]":
    """Take coordinates in brackets off names, "Gao (16.27, -0.04)", where most have them."""
    parts = places.astype("string").str.extract(_POINT_BEHIND)
    points = parse_points(parts[1], column)
    read = ~np.isnan(points.lon) & ~points.unreadable
    if not read.any() or read.sum() < places.notna().sum() / 2:
        return places
    locations.lon, locations.lat = np.where(read, [points.lon, points.lat], np.nan)
    locations.notes += points.notes
    return places.mask(read, parts[0].astype(places.dtype))


def _read_axes(locations: Locations, raw: RawTable, lon_name: str, lat_name: str) -> None:
    hemispheres = _hemispheres(raw, lon_name, lat_name)
    for axis, name in zip(get_args(Axis), (lon_name, lat_name), strict=True):
        sign = hemispheres.get(axis)
        angles = parse_degrees(raw.column(name), axis, None if sign is None else raw.column(sign))
        setattr(
            locations,
            axis,
            np.where(np.isnan(angles.values), getattr(locations, axis), angles.values),
        )
        locations.faults.append((name, angles.unreadable))
        if sign is None:
            _turn_by_header(locations, axis, name, raw.column(name))
        else:
            locations.notes.append(
                Sentence("{column!r} gives the hemisphere of {name!r}", column=sign, name=name)
            )
    _from_metres(locations, raw, lon_name, lat_name)


def _turn_by_header(locations: Locations, axis: Axis, name: str, cells: "pd.Series[Any]") -> None:
    """Take values under "Longitude (W)" or "Longitude Ouest" for west, if none says a side."""
    words = set(plain_name(name).split()) & SIDES
    if len(words) != 1 or read_angle(f"1 {min(words)}") != (-1.0, axis):
        return
    values = getattr(locations, axis)
    if (values < 0).any() or any(set(str(cell).upper()) & set("EWOSN+") for cell in cells.dropna()):
        return
    setattr(locations, axis, -values)
    locations.notes.append(
        Sentence(
            "all values of {name!r} are without a sign; they are read as its name says, south or "
            "west",
            name=name,
        )
    )


def _hemispheres(raw: RawTable, lon_name: str, lat_name: str) -> dict[str, str]:
    """Find the columns that hold the hemispheres, by what they hold and what they are called."""
    names = raw.names
    sides: dict[str, str] = {}
    beside = {}
    for axis, own in zip(get_args(Axis), (lon_name, lat_name), strict=True):
        for name in names:
            if name in {lat_name, lon_name}:
                continue
            words = {word for plain in readings(name) for word in plain.split()}
            called = bool(words & _SIGN_WORDS) or any(word.startswith(axis) for word in words)
            if not is_hemisphere(raw.column(name), axis, mostly=called):
                continue
            if called:
                sides.setdefault(axis, name)
            elif names.index(name) == names.index(own) + 1:
                beside[axis] = name
    if len(beside) < 2 and not _east_or_west(raw, beside.get("lon")):
        return sides
    return beside | sides


def _east_or_west(raw: RawTable, name: str | None) -> bool:
    """Whether a column says E or W; O alone may be "oui"."""
    values = [] if name is None else raw.column(name).dropna().unique().tolist()
    return bool({str(value).strip().lower()[:1] for value in values} & {"e", "w"})


def _from_metres(locations: Locations, raw: RawTable, lon_name: str, lat_name: str) -> None:
    """Project UTM metres whose zone stands in a column of its own."""
    with np.errstate(invalid="ignore"):
        metres = (np.abs(locations.lon) > 1000) & (np.abs(locations.lat) > 1000)
    if not metres.any():
        return
    zones = [
        name
        for name in raw.names
        if name not in {lon_name, lat_name}
        and {"zone", "utm", "fuseau"} & {w for plain in readings(name) for w in plain.split()}
        and all(_ZONE.match(str(v).strip()) for v in raw.column(name).dropna().unique()[:50])
    ]
    stated = {zone_of_header(name) for name in (lon_name, lat_name)}
    whole = stated.pop() if len(stated) == 1 else ""
    if len(zones) != 1 and not whole:
        return
    column = zones[0] if len(zones) == 1 else lon_name
    zone = raw.column(column) if len(zones) == 1 else pd.Series([whole]).repeat(len(raw))
    for at in np.flatnonzero(metres):
        match = _ZONE.match(str(zone.iloc[at]).strip())
        text = (
            f"{match[1]}{match[2] or 'N'} {locations.lon[at]:.2f} {locations.lat[at]:.2f}"
            if match
            else ""
        )
        place = grid_reference(text)
        if place is not None:
            locations.lon[at], locations.lat[at] = place
    locations.notes.append(
        Sentence("coordinates in metres are projected from the UTM zones in {name!r}", name=column)
    )


def _fill_axes(locations: Locations, raw: RawTable, others: Mapping[str, tuple[str, ...]]) -> None:
    """Take coordinates of features without a geometry from their properties."""
    empty = np.isnan(locations.lon) & np.isnan(locations.lat)
    if raw.container not in {"geojson", "geo"} or not empty.any():
        return
    pairs = list(zip(others.get("lon", ()), others.get("lat", ()), strict=False))
    if not pairs:
        return
    lon_name, lat_name = pairs[0]
    lon = parse_degrees(raw.column(lon_name), "lon").values
    lat = parse_degrees(raw.column(lat_name), "lat").values
    locations.lon[empty], locations.lat[empty] = lon[empty], lat[empty]
    number = int((empty & ~np.isnan(lon)).sum())
    if number:
        locations.notes.append(
            Counted(
                "{count} feature without a geometry takes its coordinates from {lon!r} and {lat!r}",
                "{count} features without a geometry take their coordinates from {lon!r} and "
                "{lat!r}",
                count=number,
                lon=lon_name,
                lat=lat_name,
            )
        )


def _filled(
    values: "pd.Series[Any] | None", others: "pd.Series[Any] | None"
) -> "pd.Series[Any] | None":
    """Fill the gaps of a column from another; None is a column without any value."""
    return others if values is None else values if others is None else values.fillna(others)


def _names(raw: RawTable, column: str | None) -> "pd.Series[Any] | None":
    """Give a column of names as trimmed text, missing where it says that nothing is known."""
    if column is None:
        return None
    values = raw.column(column)
    plain = values if isinstance(values.dtype, pd.StringDtype) else stripped(values)
    return distinctly(plain, _named).reset_index(drop=True)


def _named(texts: "pd.Series[Any]") -> "pd.Series[Any]":
    trimmed = stripped(texts).map(without_footnote, na_action="ignore")
    nothing = trimmed.str.lower().isin(_NO_NAME) | trimmed.str.fullmatch("#+")  # a narrow column
    return trimmed.mask(nothing.fillna(value=False).astype(bool))


def pcode_level(code: object) -> int:
    """Tell the level of a P-code of the three countries by its length, 0 for anything else.

    >>> pcode_level("ML0701"), pcode_level("NE001"), pcode_level("BF560102"), pcode_level("Gao")
    (2, 1, 3, 0)
    """
    match = re.fullmatch(r"(MLI|ML|NER|NE|BFA|BF)(\d+)", str(code).strip().upper())
    if match is None:
        return 0
    level, rest = divmod(len(match[2]), _DIGITS[match[1][:2]])
    return level if rest == 0 and level <= 3 else 0
