"""Checks of interpreted rows: coordinates, tolls, duplicates."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Positions
from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents import reasons
from sahel_geo.incidents.columns.numbers import read_clean
from sahel_geo.incidents.columns.profiles import Profile
from sahel_geo.incidents.readers.raw import RawTable
from sahel_geo.incidents.rows.interpret import Interpreted
from sahel_geo.schema import FATALITIES

# Bounding boxes lon_min, lat_min, lon_max, lat_max in degrees, rounded outwards from the mosaic.
_BOXES: Final = {
    "MLI": (-12.3, 10.1, 4.3, 25.1),
    "NER": (0.1, 11.6, 16.0, 23.6),
    "BFA": (-5.6, 9.3, 2.5, 15.1),
}
_MARGIN_DEGREES: Final = 1.0
_NEIGHBOURS_DEGREES: Final = 5.0  # what lies so far off is no neighbour's
_SWAPPED_FILE_SHARE: Final = 0.5


def check_rows(interpreted: Interpreted, profile: Profile) -> None:
    """Add to `found` the faults that show once the values are read."""
    columns = interpreted.columns
    lon, lat = columns["lon"], columns["lat"]
    if profile.placeholders and "source_id" in columns:
        ids = pd.to_numeric(columns["source_id"].astype(object), errors="coerce")
        interpreted.faults.add(
            reasons.NOT_AN_EVENT,
            (ids < 0).to_numpy(dtype=bool),
            lambda at: Sentence(
                "the identifier {id} is negative", id=columns["source_id"].iloc[at]
            ),
        )
    half = np.isnan(lon) != np.isnan(lat)
    half &= ~interpreted.faults.having(reasons.NOT_A_NUMBER)
    if half.any():
        interpreted.notes.append(
            Counted(
                "{count} row states only one of lon and lat: it is not used",
                "{count} rows state only one of lon and lat: neither is used",
                count=int(half.sum()),
            )
        )
        lon[half] = np.nan
        lat[half] = np.nan
    nowhere = np.isnan(lon) & interpreted.columns["place"].isna().to_numpy(dtype=bool)
    nowhere &= ~interpreted.faults.having(reasons.NOT_A_NUMBER)
    interpreted.faults.add(
        reasons.NO_LOCATION, nowhere, lambda _: Sentence("neither coordinates nor a place name")
    )
    _check_coordinates(interpreted, lon, lat)
    _check_tolls(interpreted, profile)


def _check_coordinates(interpreted: Interpreted, lon: Any, lat: Any) -> None:
    def shown(at: int) -> str:
        return f"lon {lon[at]:g}, lat {lat[at]:g}"

    located = ~np.isnan(lon)
    outside = located & ((np.abs(lon) > 180) | (np.abs(lat) > 90))
    metres = located & (np.abs(lon) > 1000) & (np.abs(lat) > 1000)
    if located.any() and metres.sum() > 0.5 * located.sum():
        raise InputError(
            "`lon` and `lat` look like metres, not degrees, in {number} rows (first {shown}); "
            "expected WGS 84. Reproject to EPSG:4326 first.",
            number=int(metres.sum()),
            shown=shown(int(np.flatnonzero(metres)[0])),
        )
    zero = located & (lon == 0) & (lat == 0)
    far = _far_from_country(interpreted, lon, lat)
    swapped = _swapped(interpreted.columns["country"], lon, lat, far) & ~zero
    if located.any() and swapped.sum() > _SWAPPED_FILE_SHARE * located.sum():
        raise InputError(
            "`lon` and `lat` are swapped in {number} of {located} rows (first {shown}). Name "
            "the columns the right way round with mapping={{'lon': '...', 'lat': '...'}} "
            "(--mapping lon=...,lat=...).",
            number=int(swapped.sum()),
            located=int(located.sum()),
            shown=shown(int(np.flatnonzero(swapped)[0])),
        )
    astray = located & ~outside & ~zero & ~swapped & far
    _say_lost_minus(interpreted, lon, lat, astray)
    faults = interpreted.faults
    faults.add(reasons.ZERO_COORDINATES, zero, shown)
    faults.add(
        reasons.SWAPPED_COORDINATES,
        swapped,
        lambda at: Sentence("{position} fits the country once swapped", position=shown(at)),
    )
    faults.add(reasons.COORDINATES_OUTSIDE_WORLD, outside & ~swapped, shown)
    countries = interpreted.columns["country"]
    faults.add(
        reasons.OUTSIDE_COUNTRY,
        astray,
        lambda at: Sentence(
            "{position} is far from {country}", position=shown(at), country=countries.iloc[at]
        ),
    )


def _say_lost_minus(interpreted: Interpreted, lon: Any, lat: Any, astray: Flags) -> None:
    """Say where western countries have no western point, and some fit only with a minus."""
    countries = interpreted.columns["country"]
    at = np.flatnonzero(astray)
    if not len(at):
        return
    lost = 0
    for code in ("MLI", "BFA"):
        mine = (countries.iloc[at] == code).to_numpy(dtype=bool)
        lost += int((mine & _inside(_BOXES[code], -lon[at], lat[at], 0.0)).sum())
    western = countries.isin(["MLI", "BFA"]).to_numpy(dtype=bool) & ~np.isnan(lon)
    if not lost or (lon[western] < 0).any():
        return
    interpreted.notes.append(
        Counted(
            "no longitude in Mali or Burkina Faso is negative, and {count} row fits its country "
            "only with a minus: the sign is probably lost in all {others}; correct the file",
            "no longitude in Mali or Burkina Faso is negative, and {count} rows fit their country "
            "only with a minus: the sign is probably lost in all {others}; correct the file",
            count=lost,
            others=int(western.sum()),
        )
    )


def _swapped(country: "pd.Series[Any]", lon: Any, lat: Any, far: Flags) -> Flags:
    """Rows far from their country as stated, and inside its bounding box once swapped.

    Where no row states a country they are the rows far outside the three, if
    they lie among the others once swapped, or if all rows do so.
    """
    swapped = np.zeros(len(lon), dtype=bool)
    at = np.flatnonzero(far)
    for code, box in _BOXES.items():
        mine = (country.iloc[at] == code).to_numpy(dtype=bool)
        swapped[at] |= mine & _inside(box, lat[at], lon[at], 0.0)
    located = np.asarray(~np.isnan(lon) & ~((lon == 0) & (lat == 0)), dtype=bool)
    if country.isna().all() and located.any():
        here = located & _in_the_three(lon, lat, 0.0)
        turned = located & _in_the_three(lat, lon, 0.0)
        if not here.any() and turned[located].all():
            return located
        away = located & ~_in_the_three(lon, lat, _NEIGHBOURS_DEGREES)
        among = located & ~away
        if among.any() and turned[away].all():
            ends = (part[among] for part in (lon, lat))
            (west, east), (south, north) = ((part.min(), part.max()) for part in ends)
            swapped |= away & _inside((west, south, east, north), lat, lon, _MARGIN_DEGREES)
    return swapped


def _in_the_three(lon: Any, lat: Any, margin: float) -> Flags:
    inside = [_inside(box, lon, lat, margin) for box in _BOXES.values()]
    return np.asarray(np.logical_or.reduce(inside), dtype=bool)


def _far_from_country(interpreted: Interpreted, lon: Any, lat: Any) -> Flags:
    """Rows outside the bounding box of the country that they state, with a margin."""
    far = np.zeros(len(lon), dtype=bool)
    if interpreted.countries is None:
        return far
    codes, countries = interpreted.countries
    for code, box in _BOXES.items():
        if code in countries:
            mine = np.array([*(each == code for each in countries), False])[codes]
            far |= mine & ~_inside(box, lon, lat, _MARGIN_DEGREES)
    return far


def _inside(box: tuple[float, float, float, float], lon: Any, lat: Any, margin: float) -> Flags:
    west, south, east, north = box
    inside = (lon >= west - margin) & (lon <= east + margin)
    return np.asarray(inside & (lat >= south - margin) & (lat <= north + margin))


def _check_tolls(interpreted: Interpreted, profile: Profile) -> None:
    low, best, high = (interpreted.columns[name] for name in FATALITIES)

    def shown(at: int) -> str:
        return Sentence(
            "low {low:g}, best {best:g}, high {high:g}", low=low[at], best=best[at], high=high[at]
        )

    negative = (low < 0) | (best < 0) | (high < 0)
    interpreted.faults.add(reasons.NEGATIVE_FATALITIES, negative, shown)
    contradictory = ((low > best) | (best > high) | (low > high)) & ~negative
    if not contradictory.any():
        return
    if profile.trusted_fatalities:
        interpreted.notes.append(
            Counted(
                "{count} row has low, best and high tolls out of order, kept as published",
                "{count} rows have low, best and high tolls out of order, kept as published",
                count=int(contradictory.sum()),
            )
        )
    else:
        interpreted.faults.add(reasons.FATALITIES_OUT_OF_ORDER, contradictory, shown)


def identifies(ids: "pd.Series[Any]", interpreted: Interpreted, column: str) -> bool:
    """Whether few rows share an identifier, or most of them day and place too; else say so."""
    again = ids.notna() & ids.duplicated(keep=False)
    said = {name: interpreted.columns[name] for name in ("date", "place", "lon", "lat")}
    same = pd.DataFrame(said).assign(id=ids)[again].duplicated(keep=False)
    if again.sum() <= _MOSTLY * ids.count() or same.mean() >= _MOSTLY:
        return True
    interpreted.notes.append(
        Sentence(
            "{column!r} repeats for incidents of other days or places, and is not taken for an "
            "identifier",
            column=column,
        )
    )
    return False


def find_duplicates(interpreted: Interpreted, raw: RawTable, ids: "pd.Series[Any] | None") -> None:
    """Add the faults of repeated rows, among the rows without any other fault."""
    sound = ~interpreted.faults.any_row
    positions = np.flatnonzero(sound)
    if ids is not None:
        if _all_differ(ids):
            return
        later = ids.iloc[positions].duplicated(keep=False) & ids.iloc[positions].notna()
        suspects = positions[later.to_numpy(dtype=bool)]
    else:
        suspects = positions
    same = _same_rows(interpreted.columns, raw, suspects)
    interpreted.faults.add(
        reasons.DUPLICATE_ROW, same, lambda _: "every field equals an earlier row's"
    )
    if ids is None:
        return
    left = np.flatnonzero(sound & ~same)
    again = (ids.iloc[left].duplicated() & ids.iloc[left].notna()).to_numpy(dtype=bool)
    repeated = np.zeros(len(raw), dtype=bool)
    repeated[left[again]] = True
    interpreted.faults.add(
        reasons.DUPLICATE_ID, repeated, lambda at: f"id {ids.iloc[at]!r} is used above"
    )


_MOSTLY: Final = 0.5


def _all_differ(ids: "pd.Series[Any]") -> bool:
    """Whether no identifier is stated twice; where all are numbers, sorting tells it sooner."""
    numbers = read_clean(ids, pointed=False)
    if numbers is not None:
        stated = numbers[~np.isnan(numbers)]
        if (np.diff(stated) > 0).all() or (np.diff(np.sort(stated)) > 0).all():
            return True
    return bool(ids.nunique() == ids.count())


def _same_rows(columns: Mapping[str, Any], raw: RawTable, suspects: Positions) -> Flags:
    """Rows of `suspects` that equal an earlier one in every raw field."""
    same = np.zeros(len(raw), dtype=bool)
    if not len(suspects):
        return same
    key = pd.DataFrame({name: columns[name][suspects] for name in ("date", "lon", "lat")})
    suspects = suspects[key.duplicated(keep=False).to_numpy(dtype=bool)]
    if len(suspects):
        same[suspects[raw.take(suspects).duplicated().to_numpy(dtype=bool)]] = True
    return same
