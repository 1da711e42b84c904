"""How near to a border incidents lie, and what happens on the other side of it.

Every figure stands beside its baseline: a share of incidents near a border says nothing without the
share of the land, and of the people, that is as near.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.border.bands import Resampling, Span, band_rows, by_month_and_band, spans
from sahel_geo.indicators.border.block_bootstrap import Blocks, check_blocks
from sahel_geo.indicators.border.ground import (
    Ground,
    People,
    distance_within,
    land,
    land_away,
    people,
)
from sahel_geo.indicators.border.profile import ALL_BORDERS, ProximityProfile
from sahel_geo.indicators.weights.exposure import (
    Exposure,
    exposure,
    foreign_exposure,
    require_columns,
)
from sahel_geo.locate.assign.assign import assign
from sahel_geo.locate.assign.unit_index import index_of
from sahel_geo.locate.panel.tally import FATALITIES
from sahel_geo.places.zone_files import Zone
from sahel_geo.schema import Period

__all__ = [
    "ALL_BORDERS",
    "Exposure",
    "ProximityProfile",
    "exposure",
    "foreign_exposure",
    "proximity_profile",
]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
_PERIODS: Final = ("month", "quarter", "year")
_SHARED_KM: Final = 100.0
Area: TypeAlias = Zone | gpd.GeoDataFrame | Sequence[str]


def proximity_profile(
    incidents: pd.DataFrame,
    border: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    *,
    distances_km: Sequence[float] = (10, 25, 50, 100),
    population: People | None = None,
    period: Period | None = None,
    zone: Area | None = None,
    rng: np.random.Generator | int | None = None,
    replicates: int = 999,
    block_months: float | None = None,
    blocks: Blocks = "stationary",
    level: float = 0.95,
    cell_km: float = 5.0,
) -> ProximityProfile:
    """Compare the share of incidents within each distance of a border with land and people.

    A location quotient above 1 means more incidents near the border than land near it: nearness is
    over-represented, which is not yet spillover, since people, roads and towns gather there too.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon`` and ``lat``, EPSG:4326; ``fatalities_*`` and ``location_precision`` are used
        where they are there. ``date`` is needed with `period` or `rng`.
    border : GeoDataFrame, b rows
        Result of :func:`sahel_geo.international_borders`: ``country_a``, ``country_b``, lines.
    units : GeoDataFrame
        The study area: units with ``unit_id`` and ``country``, EPSG:4326. Only incidents inside it
        count. For the border of a pair, the study area is the two countries; for ``"all"``, it is
        every unit.
    distances_km : sequence of float
        Upper limits of the distance to the border, geodesic; an incident at exactly the limit is
        within.
    population : Series or path-like, optional
        People by ``unit_id``, spread evenly inside each unit, or a raster of people per cell.
    period : {"month", "quarter", "year"}, optional
        Give the figures of each period, from that of the first incident to that of the last.
    zone : Zone, GeoDataFrame or sequence of str, optional
        Units, some of `units`, whose figures are also given apart from those of the rest.
    rng : Generator or int, optional
        Seed of the block bootstrap; without one there are no intervals.
    replicates : int
        Resampled runs of months.
    block_months : float, optional
        Mean length of a block of months; by default the cube root of their number, rounded up: 5
        for nine years, 3 for one.
    blocks : {"stationary", "moving"}
        Blocks of random length that wrap around the end, or of one length.
    level : float
        Confidence level of the percentile intervals. Periods shorter than 12 months have none.
    cell_km : float
        Cell of the equal-area grid whose centres measure the share of land.

    Returns
    -------
    ProximityProfile
        A share is missing where there is nothing to share out: no incident, or no fatality stated.
        With `period` and no dated incident the table has no rows.

    Raises
    ------
    InputError
        If `distances_km` is empty or not positive, `border` has no row, a column is missing, a
        unit has no people, or a setting is out of range.
    CrsError
        If `border`, `units` or the raster is not in a known CRS.
    FileError
        If the raster cannot be read.

    References
    ----------
    Florence, P. S. (1939). Report on the location of industry. Political and Economic Planning
    (the location quotient).
    Politis, D. N. and Romano, J. P. (1994). The stationary bootstrap. Journal of the American
    Statistical Association 89, 1303-1313.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> profile = proximity_profile(
    ...     sg.load_example_incidents(), sg.international_borders(units), units,
    ...     distances_km=[50], cell_km=25)
    >>> profile.table["border"].tolist()
    ['all', 'BFA-MLI', 'BFA-NER', 'MLI-NER']
    """
    limits = _check_distances(distances_km)
    _check_layers(border, units, period)
    resampling = _resampling(rng, replicates, block_months, blocks, level)
    placed = assign(incidents, units)
    inside = placed[placed["unit_id"].notna()]
    months, month = _months(placed, inside) if resampling or period else (None, _all_alike(inside))
    dated = month >= 0
    study = _Study(
        limits,
        _Events.of(inside[dated], units, month[dated]),
        _baselines(population, units, cell_km),
        units["country"].astype("str").to_numpy(dtype=object),
        _parts(zone, units),
        spans(months, period, resampling),
        None if resampling is None else level,
    )
    rows = [
        row for name, pair, line in _border_parts(border) for row in study.rows(name, pair, line)
    ]
    return ProximityProfile(
        table=_tidy(rows, zone, period),
        unplaced=len(placed) - len(inside),
        imprecise=_imprecise(inside[dated]),
        undated=int((~dated).sum()),
        zone=None if zone is None else _tidy(list(study.zone_rows()), None, period),
        level=study.level,
    )


@dataclass(frozen=True)
class _Events:
    """Incidents of the study area, each with its unit, month and figures."""

    lon: Floats
    lat: Floats
    unit: Rows
    month: Rows
    figures: dict[str, Floats]

    @classmethod
    def of(cls, inside: pd.DataFrame, units: gpd.GeoDataFrame, month: Rows) -> "_Events":
        ids = pd.Index(units["unit_id"].astype("str"))
        return cls(
            inside["lon"].to_numpy(dtype=np.float64),
            inside["lat"].to_numpy(dtype=np.float64),
            np.asarray(ids.get_indexer(pd.Index(inside["unit_id"])), dtype=np.int64),
            month,
            {
                name: inside[name].to_numpy(dtype=np.float64, na_value=np.nan)
                for name in FATALITIES
                if name in inside
            },
        )


@dataclass(frozen=True)
class _Study:
    """All that the figures of one border are made from."""

    limits: list[float]
    events: _Events
    grounds: dict[str, Ground]
    country: npt.NDArray[np.object_]
    parts: dict[str, npt.NDArray[np.bool]]
    spans: list[Span]
    level: float | None

    def rows(self, name: str, pair: Any, line: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
        """Give the figures of one border, by part, period and distance."""
        every = np.ones(len(self.country), dtype=bool)
        near = every if pair is None else np.isin(self.country.astype(str), pair)
        band = self._bands(self.events, near, line)
        ground = {base: self._bands(points, near, line) for base, points in self.grounds.items()}
        for part, units in self.parts.items():
            tables = self._tables(np.where(units[self.events.unit], band, -1), len(self.limits))
            bases = {
                base: _share_within(
                    points, np.where(units[points.unit], ground[base], -1), len(self.limits)
                )
                for base, points in self.grounds.items()
            }
            for span in self.spans:
                for row in band_rows(self.limits, tables, bases, span, self.level):
                    yield {"border": name, "part": part, "period": span.period, **row}

    def zone_rows(self) -> Iterator[dict[str, Any]]:
        """Give the figures of the zone and of the rest, as if each were one band."""
        for part in ("zone", "rest"):
            units = self.parts[part]
            tables = self._tables(np.where(units[self.events.unit], 0, 1), 1)
            bases = {
                name: _share_within(points, np.where(units[points.unit], 0, 1), 1)
                for name, points in self.grounds.items()
            }
            for span in self.spans:
                row = next(band_rows([np.nan], tables, bases, span, self.level))
                del row["distance_km"]
                yield {"part": part, "period": span.period, **row}

    def _bands(self, points: Any, near: npt.NDArray[np.bool], line: gpd.GeoDataFrame) -> Rows:
        """Give the band of each point, the last beyond all limits; -1 in other countries."""
        here = near[points.unit]
        if isinstance(points, Ground):  # as far as most profiles ask, so that they can share it
            away = land_away(line, points, max(self.limits[-1], _SHARED_KM))
        else:
            away = np.full(len(points.lon), np.inf)
            lon, lat = points.lon[here], points.lat[here]
            away[here] = distance_within(lon, lat, line, self.limits[-1])
        return np.where(here, np.searchsorted(self.limits, away, side="left"), -1)

    def _tables(self, band: Rows, bands: int) -> dict[str, Floats]:
        kept = band >= 0
        figures = {name: values[kept] for name, values in self.events.figures.items()}
        months = max(span.months.stop for span in self.spans) if self.spans else 0
        return by_month_and_band(self.events.month[kept], band[kept], figures, (months, bands + 1))


def _share_within(points: Ground, band: Rows, bands: int) -> Floats:
    """Cumulate the weights by band into the share within each limit."""
    kept = band >= 0
    sums = np.bincount(band[kept], weights=points.weight[kept], minlength=bands + 1)
    whole = sums.sum()
    return np.asarray(np.cumsum(sums)[:-1] / whole if whole > 0 else np.full(bands, np.nan))


def _baselines(
    population: People | None, units: gpd.GeoDataFrame, cell_km: float
) -> dict[str, Ground]:
    cells = land(units, cell_km)
    if population is None:
        return {"area": cells}
    return {"area": cells, "people": people(population, units, index_of(units), cells, cell_km)}


def _parts(zone: Area | None, units: gpd.GeoDataFrame) -> dict[str, npt.NDArray[np.bool]]:
    every = np.ones(len(units), dtype=bool)
    if zone is None:
        return {"all": every}
    layer = zone.units if isinstance(zone, Zone) else zone
    named = layer["unit_id"] if isinstance(layer, gpd.GeoDataFrame) else layer
    ids = {str(unit) for unit in named}
    inside = units["unit_id"].astype("str").isin(ids).to_numpy()
    if not inside.any():
        raise InputError(
            f"`zone` names {len(ids)} units of which `units` holds none: "
            f"{first_offenders(sorted(ids))}; expected units of the same level and vintage. "
            "Load the zone for these units."
        )
    return {"all": every, "zone": inside, "rest": ~inside}


def _months(placed: pd.DataFrame, inside: pd.DataFrame) -> tuple[pd.PeriodIndex, Rows]:
    """Give all months of the data, and the row of each incident's; -1 without a date.

    The months are those of all incidents, so that they stay the same when places are redrawn.
    """
    if "date" not in placed:
        raise InputError(
            "`incidents` has no column 'date'; expected one for `period` or `rng`. Leave both out, "
            "or read the file with sg.read_incidents."
        )
    dates = pd.to_datetime(placed["date"])
    if dates.notna().sum() == 0:
        return pd.PeriodIndex([], freq="M"), np.full(len(inside), -1, dtype=np.int64)
    months = pd.period_range(dates.min(), dates.max(), freq="M")
    own = pd.PeriodIndex(pd.to_datetime(inside["date"]), freq="M")
    return months, np.asarray(months.get_indexer(own), dtype=np.int64)


def _all_alike(inside: pd.DataFrame) -> Rows:
    return np.zeros(len(inside), dtype=np.int64)


def _resampling(
    rng: np.random.Generator | int | None,
    replicates: int,
    block_months: float | None,
    blocks: Blocks,
    level: float,
) -> Resampling | None:
    check_blocks(1, replicates, block_months, blocks)
    if not 0 < level < 1:
        raise InputError(f"`level` is {level}; expected a share between 0 and 1, such as 0.95.")
    if rng is None:
        return None
    return Resampling(np.random.default_rng(rng), replicates, block_months, blocks, level)


def _tidy(rows: list[dict[str, Any]], zone: Area | None, period: str | None) -> pd.DataFrame:
    """Leave out the columns of parts and periods where there are none."""
    table = pd.DataFrame(rows)
    unused = [] if period else ["period"]
    if zone is None and "distance_km" in table:
        unused.append("part")
    return table.drop(columns=unused, errors="ignore")


def _border_parts(
    border: gpd.GeoDataFrame,
) -> Iterator[tuple[str, tuple[str, str] | None, gpd.GeoDataFrame]]:
    yield ALL_BORDERS, None, border
    for at in range(len(border)):
        line = border.iloc[[at]]
        pair = (str(line["country_a"].iloc[0]), str(line["country_b"].iloc[0]))
        yield "-".join(pair), pair, line


def _imprecise(inside: pd.DataFrame) -> int:
    if "location_precision" not in inside:
        return 0
    return int((~inside["location_precision"].isin(["exact", "near"])).sum())


def _check_distances(distances_km: Sequence[float]) -> list[float]:
    limits = sorted(float(limit) for limit in distances_km)
    if not limits or not all(np.isfinite(limit) and limit > 0 for limit in limits):
        raise InputError(
            f"`distances_km` is {list(distances_km)}; expected one or more positive numbers of km."
        )
    return limits


def _check_layers(border: gpd.GeoDataFrame, units: gpd.GeoDataFrame, period: str | None) -> None:
    require_lonlat(border, "border")
    require_lonlat(units, "units")
    require_columns(border, "border", ("country_a", "country_b"))
    require_columns(units, "units", ("unit_id", "country"))
    if border.empty:
        raise InputError(
            "`border` has no row; expected at least one pair of countries. "
            "Use units of two or more countries, or international_borders(units, outer=True)."
        )
    if period is not None and period not in _PERIODS:
        raise InputError(f"`period` is {period!r}; expected one of {list(_PERIODS)}, or None.")
