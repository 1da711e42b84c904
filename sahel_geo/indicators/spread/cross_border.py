"""Whether neighbours on the two sides of a border are alike, beside neighbours inside a country.

Each figure is computed on all links, on links inside a country and on links across a border. With a
panel the question is *when*: whether the two sides depart from their own levels at the same time.
Where things lie is another question, asked by dealing histories anew inside each country.
"""

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.arrays import Floats
from sahel_geo.crs import EQUAL_AREA, LONLAT, require_lonlat
from sahel_geo.errors import InputError, require_columns
from sahel_geo.indicators.permutation.country import (
    Deal,
    Linked,
    by_kind,
    check_deals,
    panel_values,
)
from sahel_geo.indicators.permutation.own_levels import Departures, shifted_products
from sahel_geo.indicators.permutation.strata import shift_blocks
from sahel_geo.indicators.spread.cross_border_tables import CrossBorderJoins, CrossBorderMoran
from sahel_geo.indicators.weights.unit_values import Data, Seed, values_by_unit
from sahel_geo.indicators.weights.weights import Weights
from sahel_geo.places.grids import Grid

__all__ = ["CrossBorderJoins", "CrossBorderMoran", "cells_with_country", "join_counts", "moran"]


_NO_TIME: Final = pd.PeriodIndex(["1970"], freq="Y")  # one figure per unit
# each kind of join, with whether its two ends are hit
_JOINS: Final = {
    "hit-hit": [(True, True)],
    "hit-quiet": [(True, False), (False, True)],
    "quiet-quiet": [(False, False)],
}
_LAGGED_JOINS: Final = {
    "hit-hit": [(True, True)],
    "hit-quiet": [(True, False)],
    "quiet-hit": [(False, True)],
    "quiet-quiet": [(False, False)],
}


def moran(
    data: Data,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    lags: Sequence[int] | None = None,
    other: "Data | None" = None,
    column: str = "incidents",
    other_column: str | None = None,
    weights: Weights | None = None,
    by_pair: bool = False,
    deal: Deal | None = None,
    within: Sequence[str] | None = None,
    permutations: int = 999,
) -> CrossBorderMoran:
    """Measure whether neighbours are alike, inside countries and across borders.

    With a panel it asks *when*: whether more is counted in a unit than its own level of these
    months and the season of its country give, and in its neighbours in the same period or the next
    (or at the `lags` asked for). With one figure per unit there is no time, and it asks *where*:
    whether high figures lie side by side. The cause may be common in both.

    Parameters
    ----------
    data : DataFrame, Series or array_like
        As for :func:`sahel_geo.hotspots.local_gi`; with `lags` a panel of :func:`sahel_geo.count`.
    units : GeoDataFrame, n rows
        Columns ``unit_id`` and ``country``; polygons in EPSG:4326 unless `weights` is given.
    rng : Generator or int
        Seed of the deals.
    lags : sequence of int, optional
        Periods from a unit to its neighbour: 1 is the neighbour a period later. By default the same
        and the next together.
    other : DataFrame, Series or array_like, optional
        A second measure, that of the neighbour; by default the same.
    column, other_column : str
        Columns of the panels; by default that of the neighbour is the same.
    weights : Weights, optional
        By default units that touch, each neighbour with weight 1. The weight of row i and column
        j is that of unit i with its neighbour j. Weights are taken as they are.
    by_pair : bool
        Also give each pair of countries; with `lags` or a second measure each direction.
    deal : {"times", "places"}, optional
        What is up to chance. ``"times"``, the default with a panel, asks *when*: how far the
        history of each country is shifted against the others', its end put before its start; links
        inside a country are not tested. ``"places"`` asks *where*: which unit of its country had
        each history. It finds violence gathered along a border whether or not anything crosses, in
        7 of 10 worlds in which nothing does.
    within : sequence of str, optional
        With times: by default the departures of each unit from its own level and season are shifted
        over the whole time. Else figures are shifted as they are: ``[]`` over the whole time, which
        takes a shared trend or season for likeness; ``["year"]``; ``["year", "season"]``, inside
        quarters, which leaves some season in; ``["year", "month"]``, for weeks or days. The period
        from which a neighbour follows tells the span.
    permutations : int
        Number of deals.

    Returns
    -------
    CrossBorderMoran
        With weights of 1 the figure of all links is the mean of the two others, weighted by their
        links.

    Raises
    ------
    InputError
        If the data do not fit the units, a figure is missing, or a setting is out of range.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes, section 1.3 (Moran's I).
    Wartenberg, D. (1985). Multivariate spatial correlation. Geographical Analysis 17, 263-283.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> alike = moran(range(len(units)), units, rng=1, permutations=99)
    >>> alike.table["links"].tolist()
    ['all', 'domestic', 'international']
    """
    deal = _deal(data, lags, deal, within, permutations)
    linked = Linked.of(units, weights)
    seed = int(np.random.default_rng(rng).integers(2**62))
    x, periods = _values(data, units, column, deal, lags, "data")
    same = other is None and other_column is None
    second = data if other is None else other
    y = x if same else _values(second, units, other_column or column, deal, lags, "other")[0]
    if x.shape != y.shape:
        raise InputError(
            f"`other` has {y.shape[1]} periods and `data` {x.shape[1]}; expected the same. "
            "Count both with start= and end=."
        )
    draws: dict[str, Any] = {"permutations": permutations, "seed": seed, "deal": deal}
    apart = None
    if deal == "times" and within is None:
        first, second = (Departures.of(each, linked.country, periods).scaled for each in (x, y))
        apart = first, second
    x, y = _standard(x), _standard(y)
    kinds = linked.kinds(by_pair=by_pair, directed=lags is not None or not same)
    blocks, rows = shift_blocks(periods, within or ()), []
    for at, (lag, before, after) in enumerate(_sides(x, y, deal, lags)):
        sums = linked.sums(before, after)
        if apart is not None:
            ends = _sides(*apart, deal, lags)[at][1:]
            dealt = sums + linked.dealt_sums(*ends, **draws) - linked.sums(*ends)
        else:
            dealt = linked.dealt_sums(before, after, blocks=blocks[: before.shape[1]], **draws)
        scale = linked.weight() * before.shape[1]
        rows += [{"lag": lag, **row} for row in by_kind(linked, kinds, sums, dealt, scale)]
    table = pd.DataFrame(rows)
    table = table.drop(columns="lag") if lags is None else table
    return CrossBorderMoran(table, permutations, deal)


def join_counts(
    data: Data,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    lags: Sequence[int] | None = None,
    column: str = "incidents",
    weights: Weights | None = None,
    by_pair: bool = False,
    deal: Deal | None = None,
    within: Sequence[str] | None = None,
    permutations: int = 999,
) -> CrossBorderJoins:
    """Count the links that join two units hit, two quiet, or one of each, by side of the border.

    Parameters
    ----------
    data, units, rng, lags, column, weights, by_pair, deal, within, permutations
        As for :func:`moran`; a unit counts as hit where its figure is above 0. Without `lags` a
        panel is compared within each period, and the weights must be symmetric.

    Returns
    -------
    CrossBorderJoins
        Counts of all links are the sums of those inside countries and across borders.

    Raises
    ------
    InputError
        As for :func:`moran`, and if the weights are not symmetric.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes, section 1.4 (non-free sampling).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> result = join_counts([1] * len(units), units, rng=1, permutations=9).table
    >>> result[result["joins"] == "hit-hit"]["value"].astype(int).tolist()
    [66, 50, 16]
    """
    deal = _deal(data, lags, deal, within, permutations)
    linked = Linked.of(units, weights)
    if lags is None and abs(linked.matrix - linked.matrix.T).sum() > 0:
        raise InputError(
            "`weights` differ by direction; expected links that weigh as much in both. "
            "Use contiguity, distance or kernel weights, or lags=."
        )
    seed = int(np.random.default_rng(rng).integers(2**62))
    draws: dict[str, Any] = {"permutations": permutations, "seed": seed}
    values, periods = _values(data, units, column, deal, lags, "data")
    hit = (values > 0).astype(np.float64)
    states = {True: hit, False: 1 - hit}
    marks = {}
    if deal == "times" and within is None:
        marks[True] = Departures.of(hit, linked.country, periods, marks=True)
        marks[False] = marks[True].opposite()
    blocks = shift_blocks(periods, within or ())
    kinds = linked.kinds(by_pair=by_pair, directed=lags is not None)
    rows = []
    for lag in _check_lags(lags, hit.shape[1]):
        early, late = slice(hit.shape[1] - lag), slice(lag, None)
        for name, sides in (_JOINS if lags is None else _LAGGED_JOINS).items():
            sums, dealt = np.zeros(len(linked.names) ** 2), np.zeros((permutations, 1))
            for first, second in sides:
                pair = states[first][:, early], states[second][:, late]
                sums = sums + linked.sums(*pair)
                if marks:
                    ends = marks[first].during(early), marks[second].during(late)
                    dealt = dealt + shifted_products(linked, *ends, **draws)
                else:
                    part = blocks[early]
                    dealt = dealt + linked.dealt_sums(*pair, **draws, deal=deal, blocks=part)
            rows += [
                {"lag": lag, "links": row.pop("links"), "joins": name, **row}
                for row in by_kind(linked, kinds, sums, dealt, 2.0 if lags is None else 1.0)
            ]
    table = pd.DataFrame(rows)
    table = table.drop(columns="lag") if lags is None else table
    return CrossBorderJoins(table, permutations, deal)


def cells_with_country(grid: Grid, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give each cell of a grid the country that holds the most of it.

    Parameters
    ----------
    grid : Grid
        Such as :class:`sahel_geo.SquareGrid`.
    units : GeoDataFrame
        Columns ``country`` and polygons, EPSG:4326.

    Returns
    -------
    GeoDataFrame
        The cells that overlap a unit, in the order of the grid, with ``country``; of equal parts
        the first country in alphabetical order.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If a column is missing.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=0)
    >>> cells_with_country(sg.PrioGrid(units), units)["country"].value_counts().to_dict()
    {'MLI': 471, 'NER': 456, 'BFA': 104}
    """
    require_lonlat(units, "units")
    require_columns(units, "units", ("country",))
    ground = units[["country", "geometry"]].dissolve("country")
    cells = grid.cells()
    shapes = cells.geometry.to_numpy()
    shared = np.zeros((len(cells), len(ground)))
    for at, outline in enumerate(ground.geometry.to_numpy()):
        shapely.prepare(outline)
        near = np.flatnonzero(shapely.intersects(outline, shapes))
        parts = gpd.GeoSeries(shapely.intersection(shapes[near], outline), crs=LONLAT)
        shared[near, at] = parts.to_crs(EQUAL_AREA).area
    on_land = shared.max(axis=1, initial=0) > 0
    most = ground.index.to_numpy(dtype=object)[shared[on_land].argmax(axis=1)]
    kept = cells[on_land].reset_index(drop=True)
    return kept.assign(country=pd.Series(most, kept.index, dtype="str"))


def _deal(
    data: Data,
    lags: Sequence[int] | None,
    deal: Deal | None,
    within: Sequence[str] | None,
    permutations: int,
) -> Deal:
    """Ask when, if there is time in the data, else where."""
    timed = isinstance(data, pd.DataFrame) and "period" in data
    chosen: Deal = ("times" if timed else "places") if deal is None else deal
    check_deals(permutations, chosen, by_period=lags is not None or timed, within=within or ())
    return chosen


def _values(
    data: Data,
    units: gpd.GeoDataFrame,
    column: str,
    deal: Deal,
    lags: Sequence[int] | None,
    argument: str,
) -> tuple[Floats, pd.PeriodIndex]:
    if lags is None and deal == "places":
        return values_by_unit(data, units, column=column)[:, None], _NO_TIME
    if not isinstance(data, pd.DataFrame):
        raise InputError(
            f"`{argument}` is a {type(data).__name__}; expected a panel of sg.count with lags=. "
            "Count first, or leave lags= out."
        )
    periods, values = panel_values(data, units, column, argument)
    return values, periods


def _sides(
    x: Floats, y: Floats, deal: Deal, lags: Sequence[int] | None
) -> list[tuple[int, Floats, Floats]]:
    """Give the lag, the figures before and those of the neighbours after."""
    steps = x.shape[1]
    if lags is None and deal == "times" and steps > 1:
        return [(0, x[:, :-1], (y[:, :-1] + y[:, 1:]) / 2)]
    return [(lag, x[:, : steps - lag], y[:, lag:]) for lag in _check_lags(lags, steps)]


def _check_lags(lags: Sequence[int] | None, periods: int) -> list[int]:
    if lags is None:
        return [0]
    wrong = [lag for lag in lags if not 0 <= lag < periods]
    if wrong or not len(lags):
        raise InputError(
            "`lags` is {lags} with {periods} periods; expected one or more whole numbers from "
            "0 to {last}. Choose fewer periods, or count more of them.",
            lags=list(lags),
            periods=periods,
            last=periods - 1,
        )
    return [int(lag) for lag in lags]


def _standard(values: Floats) -> Floats:
    """Give standard scores over all units and periods; NaN where every value is the same."""
    flat = values.size == 0 or np.ptp(values) == 0
    scale = np.nan if flat else values.std()
    return np.asarray((values - values.mean()) / scale) if values.size else values
