"""Where violence is centred, period by period, and when its centre crosses a border."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats, Objects
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError, first_offenders, require_choice, require_columns
from sahel_geo.indicators.migration.centrography import (
    Ellipse,
    Null,
    compare,
    compare_waves,
    deviational_ellipse,
    mean_centre,
    resample_centres,
    standard_distance,
    sum_blocks,
)
from sahel_geo.indicators.migration.results import Migration
from sahel_geo.locate.assign.assign import coordinates, take_text
from sahel_geo.locate.assign.unit_index import UnitIndex, index_of
from sahel_geo.locate.panel.count import period_range
from sahel_geo.projection import project, unproject
from sahel_geo.schema import Period

__all__ = [
    "Ellipse", "Migration", "deviational_ellipse", "displacement", "mean_centre", "path",
    "standard_distance",
]  # fmt: skip


_STEPS: Final = 4096  # along a leg of the path; narrower strips of a country are not seen
_HALVINGS: Final = 20  # of a step, to a place on the border


@dataclass(frozen=True)
class _Countries:
    """The country that holds each place of the projected plane."""

    index: UnitIndex  # units
    country: Objects  # country of each

    @classmethod
    def of(cls, units: gpd.GeoDataFrame) -> "_Countries":
        """Take the countries of some units."""
        return cls(index_of(units), units["country"].astype("str").to_numpy(dtype=object))

    def hold(self, x: Floats, y: Floats) -> Objects:
        """Name the country of each place (metres, equal area); missing outside the units."""
        lon, lat = unproject(x, y)
        return np.asarray(take_text(self.country, self.index.locate(lon, lat)), dtype=object)

    def crossings(self, table: pd.DataFrame) -> pd.DataFrame:
        """List passages between countries; up to the next certain centre the last is claimed."""
        known = table[table["lon"].notna()]
        rows: list[dict[str, Any]] = []
        for first, second in zip(known.index[:-1], known.index[1:], strict=True):
            start, end = known.loc[first], known.loc[second]
            rows += [
                {**passage, "after": start["period"], "by": end["period"], "_leg": second}
                for passage in self._passages(start, end)
            ]
        columns = ["date", "lon", "lat", "from_country", "to_country", "after", "by", "_leg"]
        legs = pd.DataFrame(rows, columns=columns)
        legs["claimed"] = False
        legs["not_before"] = legs["not_after"] = pd.Series(pd.NaT, legs.index, "datetime64[s]")
        certain = known[known["certain"]]
        for first, second in zip(certain.index[:-1], certain.index[1:], strict=True):
            before, after = (str(certain.loc[at, "country"]) for at in (first, second))
            if before == after:
                continue
            between = legs["_leg"].between(first + 1, second) & (legs["to_country"] == after)
            last = legs.index[between][-1]
            legs.loc[last, "claimed"] = True
            legs.loc[last, "not_before"] = certain.loc[first, "date"]
            legs.loc[last, "not_after"] = certain.loc[second, "date"]
        return legs.drop(columns="_leg")

    def _passages(self, start: Any, end: Any) -> list[dict[str, Any]]:
        """Find the borders that a straight leg crosses, by halving the step in which each lies."""
        lon, lat = (np.array([start[name], end[name]], dtype=np.float64) for name in ("lon", "lat"))
        x, y = project(lon, lat)

        def country(along: Floats) -> Objects:
            return self.hold(x[0] + along * (x[1] - x[0]), y[0] + along * (y[1] - y[0]))

        steps = np.linspace(0, 1, _STEPS + 1)
        names = pd.Series(country(steps), dtype="str").fillna("")
        passages = []
        for at in np.flatnonzero(names.to_numpy()[1:] != names.to_numpy()[:-1]):
            low, high = float(steps[at]), float(steps[at + 1])
            before, after = names.iloc[at], names.iloc[at + 1]
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                here = country(np.array([middle]))[0]
                low, high = (
                    (middle, high) if (here if pd.notna(here) else "") == before else (low, middle)
                )
            place = np.array([high])
            (east,), (north,) = unproject(
                x[0] + place * (x[1] - x[0]), y[0] + place * (y[1] - y[0])
            )
            passages.append(
                {
                    "date": (start["date"] + high * (end["date"] - start["date"])).round("D"),
                    "lon": east,
                    "lat": north,
                    "from_country": before or None,
                    "to_country": after or None,
                }
            )
        return passages


def path(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: np.random.Generator | int,
    period: Period = "year",
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    weights: str | None = None,
    replicates: int = 999,
    block_days: int = 7,
    level: float = 0.95,
) -> Migration:
    """Follow the mean centre of incidents, and say when it crossed a border beyond doubt.

    The centre of a war on two fronts lies between them, where nothing happens: it says where the
    weight of violence shifts, not where to expect it, and it may cross a border that nobody
    crossed. Centres are means in the region's equal-area projection, in which distances are true to
    1 or 2 %; legs of the path are straight there.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon``, ``lat`` (EPSG:4326) and ``date``, and that of `weights`.
    units : GeoDataFrame
        Columns ``unit_id`` and ``country``, and polygons, EPSG:4326: which country holds a centre.
    rng : Generator or int
        Seed of the bootstrap.
    period : {"year", "quarter", "month", "week", "day"}
        Incidents of one period make one centre.
    start, end : date, optional
        First and last day; by default of the incidents.
    weights : str, optional
        Column to weigh incidents by, such as ``"fatalities_best"``; each counts once by default.
    replicates : int
        Bootstrap samples.
    block_days : int
        Incidents of the same so many days are drawn together, since they seldom stand alone.
    level : float
        Confidence that all the centres called certain are so, taken together.

    Returns
    -------
    Migration
        A period without incidents or weight has a row without a centre; one with incidents in
        fewer than six blocks has a centre without an interval. Incidents without place, date or
        weight, or of other dates, are left out and counted.

    Raises
    ------
    InputError
        If a column is missing, a weight is negative, or a setting is out of range.

    References
    ----------
    Ebdon, D. (1985). Statistics in Geography, chapter 7 (centre, standard distance).
    Yuill, R. S. (1971). The standard deviational ellipse. Geografiska Annaler B 53, 28-39.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> result = path(sg.load_example_incidents(), sg.load_boundaries(level=0), rng=1)
    >>> set(result.table["country"].dropna()) <= {"MLI", "NER", "BFA"}
    True
    """
    _check(incidents, units, period, weights, replicates, block_days, level)
    points, left_out = _points(incidents, weights, start, end)
    countries = _Countries.of(units)
    first, last = (points["date"].min(), points["date"].max()) if len(points) else (None, None)
    periods = period_range(first, last, period, start, end)
    tail = (1 - level) / max(len(periods), 1)
    generator = np.random.default_rng(rng)
    rows: list[dict[str, Any]] = []
    sums: dict[int, Floats] = {}
    own = pd.PeriodIndex(points["date"], freq=periods.freq).asi8 if len(points) else np.empty(0)
    for one in periods:
        part = points[own == one.ordinal]
        row: dict[str, Any] = {"period": one, "incidents": len(part)}
        if part["weight"].sum() > 0:
            sums[len(rows)] = sum_blocks(part, block_days)
            row |= _centre(part, countries, sums[len(rows)], generator, replicates, tail)
        rows.append(row)
    table = _with_legs(pd.DataFrame(rows, columns=_COLUMNS))
    table["moved_p"] = np.nan
    for first, second in pairwise(sorted(sums)):
        one, other = (own == periods[at].ordinal for at in (first, second))
        comparison = compare_waves(points, one, other, block_days, generator, replicates)
        table.loc[second, "moved_p"] = comparison["p"]
    return Migration(table, countries.crossings(table), left_out, level, units.geometry)


def displacement(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    rng: np.random.Generator | int,
    weights: str | None = None,
    null: Null = "waves",
    replicates: int = 999,
    block_days: int = 7,
    level: float = 0.95,
) -> "pd.Series[float]":
    """Tell how far the centre moved between two times, beside what moves anyway.

    Parameters
    ----------
    before, after : DataFrame
        Incidents of two times, as for :func:`path`.
    rng, weights, replicates, block_days
        As for :func:`path`; without effect for ``"shift"``, but for the blocks.
    null : {"waves", "shift", "blocks"}
        What chance is. With ``"waves"`` the rates of places wander, and those of a district
        together: how strongly and for how many months is drawn from what the months before and
        after the change make likely, and the incidents of a place fall to the two times by such
        rates. ``"shift"`` keeps blocks of days in the order of time and shifts the cut between the
        two times along them, round and round, by every number of blocks. ``"blocks"`` deals the
        blocks between the two times: for shocks that fade within a block. Where rates wander for
        months they say in 10 % and in 47 % of worlds that the centre moved.
    level : float
        Share of the shifts or deals in the range.

    Returns
    -------
    Series
        ``moved_km`` (in the projection), and of the shifts or deals
        ``baseline_km`` (mean), ``low_km``, ``high_km`` and ``p`` (of as far or farther). Missing
        where a time has fewer than six blocks.

    Raises
    ------
    InputError
        If a column is missing, a weight is negative, or a setting is out of range.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> incidents = sg.load_example_incidents()
    >>> late = incidents["date"] >= "2018-01-01"
    >>> result = displacement(incidents[~late], incidents[late], rng=1)
    >>> bool(result["p"] > 0)
    True
    """
    require_choice("null", null, get_args(Null))
    points = []
    for part in (before, after):
        _check(part, None, "year", weights, replicates, block_days, level)
        points.append(_points(part, weights, None, None)[0])
    generator = np.random.default_rng(rng)
    return compare(points[0], points[1], null, block_days, generator, replicates, level)


_COLUMNS: Final = [
    "period", "incidents", "weight", "date", "lon", "lat", "country", "share_there", "certain",
    "radius_km", "standard_distance_km", "major_km", "minor_km", "azimuth",
]  # fmt: skip


def _centre(
    part: pd.DataFrame,
    countries: _Countries,
    sums: Floats,
    rng: np.random.Generator,
    replicates: int,
    tail: float,
) -> dict[str, Any]:
    """Give the centre of one period, its country, and how far resampling moves it."""
    x, y, weight = (part[name].to_numpy(np.float64) for name in ("x", "y", "weight"))
    at = mean_centre(x, y, weight)
    (lon,), (lat,) = unproject(*(np.array([each]) for each in at))
    country = countries.hold(*(np.array([each]) for each in at))[0]
    day = part["date"].to_numpy("datetime64[D]").astype(np.int64)
    shape = deviational_ellipse(x, y, weight)
    figures = {
        "weight": weight.sum(),
        "date": pd.Timestamp(round(float(weight @ day / weight.sum())), unit="D"),
        "lon": lon,
        "lat": lat,
        "country": country,
        "certain": False,
        "standard_distance_km": standard_distance(x, y, weight) / 1e3,
        "major_km": shape.major / 1e3,
        "minor_km": shape.minor / 1e3,
        "azimuth": shape.azimuth,
    }
    drawn = resample_centres(sums, rng, replicates)
    if len(drawn):
        there = countries.hold(*drawn.T) == country if pd.notna(country) else np.zeros(len(drawn))
        radius = np.quantile(np.hypot(*(drawn - at).T), 1 - tail) / 1e3
        share = float(there.mean())
        figures |= {"share_there": share, "certain": share >= 1 - tail, "radius_km": radius}
    return figures


def _with_legs(table: pd.DataFrame) -> pd.DataFrame:
    """Add how far, and which way, each centre lies from the one before it."""
    table["certain"] = table["certain"].eq(other=True)
    table["country"] = table["country"].astype("str")
    for name in ("moved_km", "bearing"):
        table[name] = np.nan
    known = table.index[table["lon"].notna()]
    if len(known) > 1:
        lon, lat = (table.loc[known, name].to_numpy(np.float64) for name in ("lon", "lat"))
        azimuth, _, metres = WGS84.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
        table.loc[known[1:], "moved_km"] = np.asarray(metres) / 1e3
        table.loc[known[1:], "bearing"] = np.asarray(azimuth) % 360
    return table


def _points(
    incidents: pd.DataFrame,
    weights: str | None,
    start: str | pd.Timestamp | None,
    end: str | pd.Timestamp | None,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Keep the incidents that have a place, a date and a weight, projected."""
    lon, lat = coordinates(incidents)
    date = pd.to_datetime(incidents["date"]).dt.tz_localize(None)
    weight = np.ones(len(incidents))
    if weights is not None:
        weight = incidents[weights].to_numpy(np.float64, na_value=np.nan)
        if (weight < 0).any():
            rows = incidents.index[weight < 0]
            raise InputError(
                f"`weights` {weights!r} has {len(rows)} negative values: rows "
                f"{first_offenders(rows)}; expected 0 or more. Correct them."
            )
    placed = np.isfinite(lon) & np.isfinite(lat)
    dated = date.notna().to_numpy()
    first = pd.Timestamp.min if start is None else pd.Timestamp(start)
    last = pd.Timestamp.max if end is None else pd.Timestamp(end)
    inside = date.dt.normalize().between(first, last).to_numpy()
    weighed = np.isfinite(weight)
    kept = placed & dated & inside & weighed
    x, y = project(lon[kept], lat[kept])
    points = pd.DataFrame({"x": x, "y": y, "weight": weight[kept]})
    points["date"] = date[kept].to_numpy()
    left_out = {
        "no_coordinates": int((~placed).sum()),
        "undated": int((placed & ~dated).sum()),
        "other_dates": int((placed & dated & ~inside).sum()),
        "no_weight": int((placed & dated & inside & ~weighed).sum()),
    }
    return points, left_out


def _check(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame | None,
    period: str,
    weights: str | None,
    replicates: int,
    block_days: int,
    level: float,
) -> None:
    needed = ["lon", "lat", "date", *([weights] if weights else [])]
    require_columns(incidents, "incidents", needed)
    if units is not None:
        require_columns(units, "units", ("unit_id", "country"))
    require_choice("period", period, get_args(Period))
    if replicates < 0 or block_days < 1 or not 0 < level < 1:
        raise InputError(
            f"`replicates` is {replicates}, `block_days` {block_days} and `level` {level}; "
            "expected 0 or more samples, at least 1 day, and a share between 0 and 1. Correct it."
        )
