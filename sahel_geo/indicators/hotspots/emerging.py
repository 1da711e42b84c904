"""Emerging hot spots: how the hot and cold spots of each unit come, stay and go over time."""

from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from sahel_geo.arrays import Flags, Floats, Integers, Objects
from sahel_geo.errors import InputError, first_offenders, require_columns
from sahel_geo.indicators.hotspots.emerging_result import KINDS, NO_PATTERN, EmergingHotspots
from sahel_geo.indicators.hotspots.results import shapes_of
from sahel_geo.indicators.permutation.significance import false_discovery
from sahel_geo.indicators.permutation.trends import Alike, mann_kendall
from sahel_geo.indicators.weights.panel import panel_of, require_units
from sahel_geo.indicators.weights.weights import Weights, links_of
from sahel_geo.locate.assign.assign import take_text
from sahel_geo.locate.assign.unit_index import unique_ids

Variant = Literal["arcgis", "sfdep"]

__all__ = [
    "KINDS", "NO_PATTERN", "EmergingHotspots", "classify", "hot_spots", "mann_kendall",
    "space_time_scores",
]  # fmt: skip

_MOSTLY: Final = 0.9


def hot_spots(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    variant: Variant = "arcgis",
    column: str = "incidents",
    weights: Weights | None = None,
    time_lags: int = 0,
    waves: bool = True,
    least: float = 10,
    least_periods: int = 4,
    alpha: float = 0.05,
) -> EmergingHotspots:
    """Class units by the history of their hot and cold spots.

    A new or consecutive hot spot asks for attention now, an intensifying or persistent one has long
    had it, a sporadic or oscillating one comes and goes, a historical one is over. The class speaks
    of neighbourhoods, as hot spots do, and of the periods in the panel only.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count` with at least two periods; a unit and period without a
        row counts as 0.
    units : GeoDataFrame, n rows
        The same units, or the ``cells()`` of a grid.
    variant : {"arcgis", "sfdep"}
        Definitions, see :func:`classify`.
    column : str
        What to add up.
    weights : Weights, optional
        By default units that touch, at corners too.
    time_lags : int
        A neighbourhood holds the unit and its neighbours in the period and in so many before.
    waves : bool
        Violence comes in waves that last for months, and a wave looks like a trend. How strong they
        are and how fast they fade is estimated from all units, each beside a straight line, and the
        trend must be more than they give; so must windows that share periods. False takes periods
        for independent, as Mann and Kendall do.
    least : float
        How much a unit and its neighbours must have counted over all periods to have a history;
        with less the class is ``"no pattern"``.
    least_periods : int
        With fewer periods no unit has a history.
    alpha : float
        False-discovery rate of the steps, over all units and periods; and level of the trend.

    Returns
    -------
    EmergingHotspots
        The class is missing for units without neighbours, and for all where every value of the
        panel is the same. A unit that counted nothing in the last period is no new or consecutive
        hot spot (its neighbours are), and persistent where its scores would make it intensifying.
        The table also has ``total``, ``last`` and ``around``: what the unit counted over all
        periods and in the last, and with its neighbours over all periods.

    Raises
    ------
    InputError
        If the panel has fewer than two periods, a column or a value is missing, it names other
        units, or a setting is out of range.

    References
    ----------
    Getis, A. and Ord, J. K. (1992). Geographical Analysis 24, 189-206. Mann, H. B. (1945).
    Econometrica 13, 245-259. Kendall, M. G. (1975). Rank Correlation Methods, chapter 4. Hamed,
    K. H. and Rao, A. R. (1998). Journal of Hydrology 204, 182-196 (correlated values).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> placed = sg.assign(sg.load_example_incidents(), units)
    >>> result = hot_spots(sg.count(placed, units, period="year"), units)
    >>> len(result.table)
    8
    """
    if time_lags < 0:
        raise InputError(f"`time_lags` is {time_lags}; expected 0 or more periods.")
    if not least >= 0 or least_periods < 2:
        raise InputError(
            f"`least` is {least} and `least_periods` {least_periods}; expected 0 or more, and at "
            "least 2. Correct the setting."
        )
    values, periods = _cube(panel, unique_ids(units), column)
    links = links_of(units, weights)
    z = space_time_scores(values, links, time_lags=time_lags)
    q = false_discovery(2 * scipy.special.ndtr(-np.abs(z)))
    states = np.where(q <= alpha, np.sign(z), 0).astype(np.int64)
    alike = _alike(values, links, time_lags) if waves else None
    table = classify(z, states=states, variant=variant, alpha=alpha, alike=alike)
    around = values.sum(axis=1) + (links.matrix > 0).astype(float) @ values.sum(axis=1)
    few = (around < least) | (len(periods) < least_periods)
    # classes that no incident supports are taken back
    quiet, kinds = values[:, -1] <= 0, table["kind"]
    kinds = kinds.mask(quiet & kinds.isin(["new hot spot", "consecutive hot spot"]), NO_PATTERN)
    kinds = kinds.mask(quiet & (kinds == "intensifying hot spot"), "persistent hot spot")
    table["kind"] = kinds.mask(few & kinds.notna(), NO_PATTERN)
    table["total"], table["last"], table["around"] = values.sum(axis=1), values[:, -1], around
    table.insert(0, "unit_id", units["unit_id"].astype("str").to_numpy())
    table.index = units.index
    series = panel_of(table["unit_id"], periods, value=values, z=z, q=q, state=states)
    return EmergingHotspots(table, series, variant, alpha, shapes_of(units))


def _alike(values: Floats, links: Weights, time_lags: int) -> Alike:
    """Tell how alike the sums over neighbourhoods are from period to period."""
    sums = links.matrix @ values + values
    squares = links.matrix.multiply(links.matrix) @ values.mean(axis=1) + values.mean(axis=1)
    mean = sums.mean(axis=1)
    noise = np.divide(squares, mean, out=np.ones_like(mean), where=mean > 0)
    return Alike.of(sums, noise, overlap=time_lags)


def classify(
    z: "npt.ArrayLike",
    *,
    states: "npt.ArrayLike | None" = None,
    variant: Variant = "arcgis",
    alpha: float = 0.05,
    alike: Alike | None = None,
) -> pd.DataFrame:
    """Class series of hot-spot scores.

    In both variants, of the classes that fit the first is taken, in this order: new (hot in the
    last step only), consecutive (a final run of two or more hot steps, none hot before, under 90 %
    hot), intensifying, persistent and diminishing (at least 90 % hot, with a rising, no or a
    falling trend of the hotness), sporadic (under 90 % hot, never cold), oscillating (hot in the
    last step, cold in an earlier one, under 90 % hot), historical (at least 90 % hot, not in the
    last step). Cold spots have the same eight classes, where falling scores are a rising trend; the
    order holds for hot and cold classes together, so a series long hot and now cold is a new cold
    spot before it is a historical hot spot.

    - ``"arcgis"``: intensifying, persistent, diminishing and sporadic are hot in the last step.
    - ``"sfdep"``: new and consecutive also had no cold step; persistent and sporadic need not be
      hot in the last step, and sporadic needs one hot step; historical has a last score below 0.

    Parameters
    ----------
    z : array_like of float, shape (n, t)
        Scores of n units in t steps of time, oldest first.
    states : array_like of int, shape (n, t), optional
        1 where significantly hot, -1 cold, 0 neither; by default by the normal distribution at
        `alpha`, two-sided, without control of false discoveries.
    variant : {"arcgis", "sfdep"}
        Which definitions.
    alpha : float
        Level of the trend and of the default states.
    alike : Alike, optional
        As for :func:`mann_kendall`.

    Returns
    -------
    DataFrame, n rows
        ``kind``, such as ``"new hot spot"`` or ``"no pattern"``, missing for series with a missing
        score; ``hot_share`` and ``cold_share`` of the steps; ``trend_z`` and ``trend_p`` of the
        Mann-Kendall test, two-sided, 0 and 1 for a constant series. Two steps show no trend.

    Raises
    ------
    InputError
        If there are fewer than two steps, the shapes differ, or a setting is unknown.

    References
    ----------
    Esri, Emerging Hot Spot Analysis (the eight classes). Parry, J., sfdep (R package).

    Examples
    --------
    >>> classify([[0, 0, 0, 3.0], [3, 3, 3, 3], [0, -3, 0, 3]])["kind"].tolist()
    ['new hot spot', 'persistent hot spot', 'new hot spot']
    """
    scores = np.asarray(z, dtype=np.float64)
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise InputError(
            f"`z` has shape {scores.shape}; expected units x steps, with at least 2 steps. "
            "Count by shorter periods."
        )
    if variant not in get_args(Variant) or not 0 < alpha < 1:
        raise InputError(
            f"`variant` is {variant!r} and `alpha` is {alpha}; expected one of "
            f"{list(get_args(Variant))} and a share between 0 and 1."
        )
    if states is None:
        limit = -scipy.special.ndtri(alpha / 2)
        steps = np.where(np.abs(scores) >= limit, np.sign(scores), 0).astype(np.int64)
    else:
        steps = np.asarray(states, dtype=np.int64)
    if steps.shape != scores.shape or not np.isin(steps, (-1, 0, 1)).all():
        raise InputError(
            f"`states` has shape {steps.shape} and values {first_offenders(np.unique(steps))}; "
            f"expected shape {scores.shape} and -1, 0 or 1. Pass one state per score."
        )
    trend_z, trend_p = mann_kendall(scores, alike=alike)
    trend = np.where(trend_p <= alpha, np.sign(trend_z), 0).astype(np.int64)
    names = [f"{kind} {side} spot" for kind in KINDS for side in ("hot", "cold")] + [NO_PATTERN]
    code = np.full(len(scores), len(names) - 1)
    for side, sign in enumerate((1, -1)):
        own = _kinds(sign * scores, sign * steps, sign * trend, variant)
        code = np.where(own >= 0, np.minimum(code, 2 * own + side), code)
    code[np.isnan(scores).any(axis=1)] = -1
    return pd.DataFrame(
        {
            "kind": take_text(names, code),
            "hot_share": (steps == 1).mean(axis=1),
            "cold_share": (steps == -1).mean(axis=1),
            "trend_z": trend_z,
            "trend_p": trend_p,
        }
    )


def space_time_scores(values: Floats, weights: Weights, *, time_lags: int = 1) -> Floats:
    """Score each unit and step by the sum over its neighbourhood in space and time (Gi*).

    Parameters
    ----------
    values : ndarray of float, shape (n, t)
        One row per unit, oldest step first.
    weights : Weights
        Of the n units; the unit itself has weight 1.
    time_lags : int
        The neighbourhood holds the same units in so many earlier steps, where there are any.

    Returns
    -------
    ndarray of float, shape (n, t)
        Standard scores against the mean and deviation of all units and steps; NaN for units
        without neighbours, and everywhere where all values are the same.
    """
    size, steps = values.size, values.shape[1]
    depth = np.minimum(np.arange(steps), time_lags) + 1
    own = weights.matrix @ values + values
    lag = np.zeros_like(own)
    for back in range(min(time_lags, steps - 1) + 1):
        lag[:, back:] += own[:, : steps - back]
    total = np.outer(np.asarray(weights.matrix.sum(axis=1)).ravel() + 1, depth)
    square = weights.matrix.multiply(weights.matrix).sum(axis=1)
    squares = np.outer(np.asarray(square).ravel() + 1, depth)
    spread = values.std() if np.ptp(values) > 0 else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = spread * np.sqrt((size * squares - total**2) / (size - 1))
        z = np.asarray((lag - values.mean() * total) / scale)
    z[(weights.cardinality == 0)[:, None] | ~np.isfinite(z)] = np.nan
    return z


def _kinds(z: Floats, states: Integers, trend: Integers, variant: Variant) -> Integers:
    """Find the class of each series as if only hot spots mattered; -1 for none."""
    hot, cold = states == 1, states == -1
    last, some = hot[:, -1], hot.any(axis=1)
    count, steps = hot.sum(axis=1), states.shape[1]
    mostly = count >= _MOSTLY * steps - 1e-9
    run = np.where(hot.all(axis=1), steps, np.argmin(hot[:, ::-1], axis=1))
    ever_cold = cold.any(axis=1)
    strict = variant == "arcgis"
    clean: Flags = np.ones_like(last) if strict else ~ever_cold
    now: Flags = last if strict else np.ones_like(last)
    over: Flags = ~last if strict else z[:, -1] < 0
    fits = [
        last & (count == 1) & clean,
        last & (run == count) & (run >= 2) & ~mostly & clean,
        mostly & last & (trend > 0),
        mostly & now & (trend == 0),
        mostly & last & (trend < 0),
        ~mostly & now & some & ~ever_cold,
        ~mostly & last & ever_cold,
        mostly & over,
    ]
    return np.asarray(np.where(np.any(fits, axis=0), np.argmax(fits, axis=0), -1))


def _cube(panel: pd.DataFrame, ids: Objects, column: str) -> tuple[Floats, pd.PeriodIndex]:
    require_columns(panel, "panel", ("unit_id", "period", column), "Pass the result of sg.count.")
    require_units(panel, ids)
    if panel["period"].nunique() < 2:
        raise InputError(
            "`panel` has {nunique} periods; expected at least 2. Count by shorter periods, or "
            "use sg.hotspots.local_gi for one.",
            nunique=panel["period"].nunique(),
        )
    unknown = panel[column].isna()
    if unknown.any():
        raise InputError(
            f"`panel` has {int(unknown.sum())} missing values of {column!r}: units "
            f"{first_offenders(panel.loc[unknown, 'unit_id'])}; expected a number. Fill them."
        )
    periods: Any = pd.period_range(panel["period"].min(), panel["period"].max())
    sums = panel.groupby([panel["unit_id"].astype(str), "period"])[column].sum().unstack()
    return sums.reindex(index=ids, columns=periods).fillna(0).to_numpy(dtype=np.float64), periods
