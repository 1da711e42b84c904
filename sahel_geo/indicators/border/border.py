"""How near to a border incidents lie, and what happens on the other side of it.

Every figure stands beside its baseline: a share of incidents near a border says nothing without the
share of the land, and of the people, that is as near.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Integers
from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders, require_choice, require_columns
from sahel_geo.indicators.border.bands import Events, People, Span, Study, baselines
from sahel_geo.indicators.border.block_bootstrap import (
    Blocks,
    block_multiplicities,
    length_of_blocks,
)
from sahel_geo.indicators.border.profile import ALL_BORDERS, ProximityProfile
from sahel_geo.indicators.weights.exposure import Exposure, exposure, foreign_exposure
from sahel_geo.locate.assign.assign import assign
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

_PERIODS: Final = ("month", "quarter", "year")
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
    limits = sorted(float(limit) for limit in distances_km)
    if not limits or not all(np.isfinite(limit) and limit > 0 for limit in limits):
        raise InputError(
            f"`distances_km` is {list(distances_km)}; expected one or more positive numbers of km."
        )
    _check_layers(border, units, period)
    length_of_blocks(1, replicates, block_months, blocks)  # refuses settings that none can have
    resample = None
    if rng is not None:
        runs: dict[str, Any] = {"replicates": replicates, "rng": np.random.default_rng(rng)}
        resample = partial(block_multiplicities, block_steps=block_months, blocks=blocks, **runs)
    if not 0 < level < 1:
        raise InputError(f"`level` is {level}; expected a share between 0 and 1, such as 0.95.")
    placed = assign(incidents, units)
    inside = placed[placed["unit_id"].notna()]
    months, month = None, np.zeros(len(inside), dtype=np.int64)
    if resample or period:
        months, month = _months(placed, inside)
    dated = month >= 0
    study = Study(
        limits,
        Events.of(inside[dated], units, month[dated]),
        baselines(population, units, cell_km),
        units["country"].astype("str").to_numpy(dtype=object),
        _parts(zone, units),
        Span.cut(months, period, resample),
        None if resample is None else level,
    )
    rows = list(study.rows(ALL_BORDERS, None, border))
    for at in range(len(border)):
        line = border.iloc[[at]]
        pair = (str(line["country_a"].iloc[0]), str(line["country_b"].iloc[0]))
        rows += study.rows("-".join(pair), pair, line)
    imprecise = 0
    if "location_precision" in inside:
        imprecise = int((~inside["location_precision"][dated].isin(["exact", "near"])).sum())
    return ProximityProfile(
        table=_tidy(rows, zone, period),
        unplaced=len(placed) - len(inside),
        imprecise=imprecise,
        undated=int((~dated).sum()),
        zone=None if zone is None else _tidy(list(study.zone_rows()), None, period),
        level=study.level,
    )


def _parts(zone: Area | None, units: gpd.GeoDataFrame) -> dict[str, Flags]:
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


def _months(placed: pd.DataFrame, inside: pd.DataFrame) -> tuple[pd.PeriodIndex, Integers]:
    """Give all months of the data, placed or not, and the row of each incident; -1 if undated."""
    advice = "Leave out `period` and `rng`, or read the file with sg.read_incidents."
    require_columns(placed, "incidents", ("date",), advice)
    dates = pd.to_datetime(placed["date"])
    if dates.notna().sum() == 0:
        return pd.PeriodIndex([], freq="M"), np.full(len(inside), -1, dtype=np.int64)
    months = pd.period_range(dates.min(), dates.max(), freq="M")
    own = pd.PeriodIndex(pd.to_datetime(inside["date"]), freq="M")
    return months, np.asarray(months.get_indexer(own), dtype=np.int64)


def _tidy(rows: list[dict[str, Any]], zone: Area | None, period: str | None) -> pd.DataFrame:
    """Leave out the columns of parts and periods where there are none."""
    table = pd.DataFrame(rows)
    unused = [] if period else ["period"]
    if zone is None and "distance_km" in table:
        unused.append("part")
    return table.drop(columns=unused, errors="ignore")


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
    require_choice("period", period, (None, *_PERIODS))
