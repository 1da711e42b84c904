"""Whether violence that reaches a place came with the quieting of its neighbour, or added to it.

A unit is active in a period with at least some incidents. Where a unit was active, and a neighbour
that was quiet becomes active in the next period, the pair is an escalation if the first stays
active, and a relocation if it falls quiet.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.indicators.permutation.country import (
    Deal,
    Linked,
    by_kind,
    check_deals,
    panel_values,
)
from sahel_geo.indicators.permutation.own_levels import Departures, shifted_products
from sahel_geo.indicators.permutation.strata import shift_blocks
from sahel_geo.indicators.spread.diffusion_tables import TYPES, DiffusionCounts, Onsets
from sahel_geo.indicators.weights.weights import Weights

__all__ = ["DiffusionCounts", "Onsets", "join_counts", "onsets"]

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool]
Seed: TypeAlias = np.random.Generator | int


def join_counts(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    column: str = "incidents",
    least: float = 1,
    weights: Weights | None = None,
    by_pair: bool = False,
    deal: Deal = "times",
    within: Sequence[str] | None = None,
    permutations: int = 999,
) -> DiffusionCounts:
    """Count escalations and relocations between neighbours, inside countries and across borders.

    More of them than chance gives means that new activity comes up beside old activity. That a
    common cause reached both units is not excluded.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`; absent rows count as 0.
    units : GeoDataFrame, n rows
        Units with ``unit_id``, ``country`` and polygons in EPSG:4326, or cells of a grid from
        :func:`sahel_geo.cross_border.cells_with_country`.
    rng : Generator or int
        Seed of the deals.
    column : str
        What makes a unit active.
    least : float
        From how much on.
    weights : Weights, optional
        Neighbours; by default units that touch, at corners too. Weights count as 1.
    by_pair : bool
        Also give each direction between two countries.
    deal : {"times", "places"}
        What is up to chance. ``"times"`` asks *when*: how far the history of each country is
        shifted against the others'; links inside a country are not tested. ``"places"`` asks
        *where*: which unit of its country had each whole history, and finds that activity gathers
        along the links, whether or not anything crosses.
    within : sequence of str, optional
        As for :func:`sahel_geo.cross_border.moran`: by default what departs from the level of each
        unit is shifted over the whole time.
    permutations : int
        Number of deals.

    Returns
    -------
    DiffusionCounts
        An active unit with two newly active neighbours counts twice.

    Raises
    ------
    InputError
        If the panel does not fit the units, a figure is missing, or a setting is out of range.

    References
    ----------
    Schutte, S. and Weidmann, N. B. (2011). Diffusion patterns of violence in civil wars. Political
    Geography 30, 143-152 (the two types, join counts and a Monte Carlo baseline; the reading of
    each is this package's).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> panel = sg.count(sg.assign(sg.load_example_incidents(), units), units, period="year")
    >>> join_counts(panel, units, rng=1, permutations=99).table["type"].unique().tolist()
    ['escalation', 'relocation']
    """
    check_deals(permutations, deal, by_period=True, within=within or ())
    linked = Linked.of(units, _evened(weights))
    periods, active = _active(panel, units, column, least)
    seed = int(np.random.default_rng(rng).integers(2**62))
    new = (~active[:, :-1] & active[:, 1:]).astype(np.float64)
    sources = (active[:, :-1] & active[:, 1:], active[:, :-1] & ~active[:, 1:])
    kinds = linked.kinds(by_pair=by_pair, directed=True)
    scale = 1.0 if len(periods) > 1 else 0.0
    blocks = shift_blocks(periods, within or ())[: new.shape[1]]

    def by_chance(source: Floats) -> Floats:
        if deal == "times" and within is None:
            ends = (
                Departures.of(marks, linked.country, periods[:-1], marks=True)
                for marks in (source, new)
            )
            return shifted_products(linked, *ends, permutations=permutations, seed=seed)
        return linked.dealt_sums(
            source, new, permutations=permutations, seed=seed, deal=deal, blocks=blocks
        )

    rows = [
        {"links": row.pop("links"), "type": name, **row}
        for name, source in zip(TYPES, (marks.astype(np.float64) for marks in sources), strict=True)
        for row in by_kind(linked, kinds, linked.sums(source, new), by_chance(source), scale)
    ]
    return DiffusionCounts(pd.DataFrame(rows), len(periods), permutations, deal)


def onsets(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    column: str = "incidents",
    least: float = 1,
    quiet_periods: int = 1,
    weights: Weights | None = None,
) -> Onsets:
    """List the units that became active after a foreign neighbour was active.

    Parameters
    ----------
    panel, units, column, least, weights
        As for :func:`join_counts`.
    quiet_periods : int
        How many periods in a row a unit must have been quiet before an onset.

    Returns
    -------
    Onsets
        The first `quiet_periods` periods have none.

    Raises
    ------
    InputError
        As for :func:`join_counts`.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> panel = sg.count(sg.assign(sg.load_example_incidents(), units), units, period="year")
    >>> found = onsets(panel, units)
    >>> len(found.table) <= found.all_onsets
    True
    """
    if quiet_periods < 1:
        raise InputError(f"`quiet_periods` is {quiet_periods}; expected at least 1.")
    linked = Linked.of(units, _evened(weights))
    periods, active = _active(panel, units, column, least)
    steps = max(len(periods) - quiet_periods, 0)
    quiet = np.ones((len(units), steps), dtype=bool)
    for back in range(quiet_periods):
        quiet &= ~active[:, back : back + steps]
    before = active[:, quiet_periods - 1 : quiet_periods - 1 + steps]
    now = active[:, quiet_periods:]
    row = np.repeat(np.arange(len(units)), np.diff(linked.matrix.indptr))
    abroad_link = linked.country[row] != linked.country[linked.matrix.indices]
    abroad, home = (_part(linked.matrix, kept) for kept in (abroad_link, ~abroad_link))
    around, near = (links @ before.astype(np.float64) for links in (abroad, home))
    started = quiet & now
    unit, step = np.nonzero(started & (around > 0))
    order = np.lexsort([unit, step])
    unit, step = unit[order], step[order]
    table = _list_onsets(units, periods[quiet_periods:], unit, step, abroad, before, now)
    table.insert(4, "foreign_active", around[unit, step].astype(int))
    table.insert(5, "domestic_active", near[unit, step].astype(int))
    border = np.asarray(abroad.sum(axis=1)).ravel() > 0
    risk = _risk(quiet[border], started[border], around[border] > 0, near[border] > 0)
    return Onsets(table, risk, int(started.sum()))


def _list_onsets(
    units: gpd.GeoDataFrame,
    periods: pd.PeriodIndex,
    unit: Any,
    step: Any,
    abroad: Any,
    before: Marks,
    now: Marks,
) -> pd.DataFrame:
    ids = units["unit_id"].astype("str").to_numpy(object)
    country = units["country"].astype("str").to_numpy(object)
    names = units["name"].astype("str").to_numpy(object) if "name" in units else ids
    sources = []
    for one, at in zip(unit, step, strict=True):
        linked = abroad.indices[abroad.indptr[one] : abroad.indptr[one + 1]]
        sources.append(linked[before[linked, at]])
    return pd.DataFrame(
        {
            "unit_id": pd.Series(ids[unit], dtype="str"),
            "name": pd.Series(names[unit], dtype="str"),
            "country": pd.Series(country[unit], dtype="str"),
            "period": periods.take(step),
            "foreign_units": pd.Series([", ".join(ids[rows]) for rows in sources], dtype="str"),
            "foreign_countries": pd.Series(
                [", ".join(sorted(set(country[rows]))) for rows in sources], dtype="str"
            ),
            "still_active": np.array(
                [int(now[rows, at].sum()) for rows, at in zip(sources, step, strict=True)],
                dtype=int,
            ),
        }
    )


def _risk(quiet: Marks, started: Marks, abroad: Marks, home: Marks) -> pd.DataFrame:
    rows = []
    for foreign in (False, True):
        for domestic in (False, True):
            here = quiet & (abroad == foreign) & (home == domestic)
            number, found = int(here.sum()), int((here & started).sum())
            rows.append(
                {
                    "foreign_active": foreign,
                    "domestic_active": domestic,
                    "at_risk": number,
                    "onsets": found,
                    "rate": found / number if number else np.nan,
                }
            )
    return pd.DataFrame(rows)


def _part(matrix: Any, kept: Marks) -> Any:
    part = matrix.copy()
    part.data = kept.astype(np.float64)
    part.eliminate_zeros()
    return part


def _evened(weights: Weights | None) -> Weights | None:
    """Count every neighbour once."""
    if weights is None:
        return None
    even = weights.matrix.copy()
    even.data = np.ones_like(even.data)
    return Weights(weights.unit_ids, even, weights.kind)


def _active(
    panel: pd.DataFrame, units: gpd.GeoDataFrame, column: str, least: float
) -> tuple[pd.PeriodIndex, Marks]:
    if not least > 0:
        raise InputError(f"`least` is {least}; expected more than 0. Ask for 1 incident.")
    periods, values = panel_values(panel, units, column)
    return periods, values >= least
