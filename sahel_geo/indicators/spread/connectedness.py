"""How much of what happens in one country is forecast by what happens in the others."""

from typing import Any, Final, Literal, TypeAlias, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats, Integers
from sahel_geo.errors import InputError, did_you_mean, first_offenders, require_choice
from sahel_geo.indicators.permutation.strata import shift_blocks
from sahel_geo.indicators.spread.autoregression import Autoregression, Criterion, Trend
from sahel_geo.indicators.spread.connectedness_results import Connectedness, RollingConnectedness
from sahel_geo.indicators.spread.contagion_inputs import build_counts
from sahel_geo.tasks import track

__all__ = ["Connectedness", "RollingConnectedness", "fit", "rolling", "series_of"]

Transform: TypeAlias = Literal["log1p", "sqrt", "none"]
Keep: TypeAlias = Literal["nothing", "season", "quarters"]

_PER_YEAR: Final = {"M": 12, "Q": 4, "W": 52}
_RANGE: Final = ("baseline", "baseline_low", "baseline_high", "p")
_TWO_SIDED: Final = ("net", "net_pair")


def series_of(
    panel: pd.DataFrame, units: gpd.GeoDataFrame, *, by: str = "country", column: str = "incidents"
) -> pd.DataFrame:
    """Add a panel up to one series per country, or per any other group of units.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`, one row per unit and period.
    units : GeoDataFrame
        The units that were counted; columns ``unit_id``, ``country`` and `by`.
    by : str
        Column of `units`: ``"country"``, ``"adm1_id"``, or ``"unit_id"`` for each unit.
    column : str
        Column of counts.

    Returns
    -------
    DataFrame, t rows
        On the periods, one column for each value of `by`, in order.

    Raises
    ------
    InputError
        If a column is missing, or the panel is incomplete.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> panel = sg.count(sg.assign(sg.load_example_incidents(), units), units, period="year")
    >>> list(series_of(panel, units))
    ['BFA', 'MLI', 'NER']
    """
    if by not in units:
        raise InputError(
            f"`by` is {by!r}, which `units` does not hold; expected one of its columns, such as "
            f"'country' or 'unit_id'. Choose one. {did_you_mean(by, units.columns)}".rstrip()
        )
    counts, _, periods = build_counts(panel, units, column)
    group = units[by].astype("str").to_numpy(dtype=object)
    return pd.DataFrame(counts.T, index=periods).T.groupby(group).sum().T


def fit(
    series: pd.DataFrame,
    *,
    rng: np.random.Generator | int,
    lags: int | Criterion = "aic",
    max_lags: int = 6,
    horizon: int = 10,
    transform: Transform = "log1p",
    deseason: bool = False,
    difference: bool = False,
    trend: Trend = "c",
    replicates: int = 499,
    shifts: int = 499,
    keep: Keep = "nothing",
    level: float = 0.95,
) -> Connectedness:
    """Split the forecast error of each series into what comes from itself and from the others.

    High connectedness says that months which surprise in one country go with, or come before,
    months that surprise in another: a shared shock does that as well as a spillover. Noise alone
    gives some, the more the shorter the record; the figure therefore stands beside that of the same
    series shifted in time against each other, which owe each other nothing.

    Parameters
    ----------
    series : DataFrame, t rows
        One column per country, unit or actor, on consecutive periods; see :func:`series_of`.
    rng : Generator or int
        Seed of the bootstrap and of the shifts.
    lags : int or {"aic", "bic"}
        Order of the vector autoregression, or the criterion that chooses it from 1 to `max_lags`.
        One chosen on the record suits it better than the shifts: for an honest p, fix it.
    max_lags : int
        Highest order to try; fewer are tried where the record is short.
    horizon : int
        Periods ahead of the forecast.
    transform : {"log1p", "sqrt", "none"}
        Taken of the counts, so that one great month does not decide all.
    deseason : bool
        Take out the mean of each month (or quarter) of the year, after the transformation.
    difference : bool
        Take the change from period to period: for series whose shocks do not die out.
    trend : {"c", "ct", "n"}
        Constant, constant and linear trend, or neither. Without ``"ct"``, a rise that two countries
        share counts as connectedness.
    replicates : int
        Records simulated from the fit with its residuals drawn again; 0 for no interval.
    shifts : int
        Shifted records of the baseline; 0 for none.
    keep : {"nothing", "season", "quarters"}
        What the countries share that stays in the baseline. ``"season"`` shifts by whole years;
        there are few such shifts. ``"quarters"`` shifts the months (weeks, days) of each quarter
        in themselves: trend, season and all that changes from quarter to quarter stay.
    level : float
        Share that intervals and ranges hold.

    Returns
    -------
    Connectedness
        Shares in per cent, with percentile intervals, the baseline and p. The lower end of a share
        that the shifts give as well is 0, since a simulated share is never 0.

    Raises
    ------
    InputError
        If a setting is out of range, or the series are fewer than two, too short, incomplete,
        constant, periodic without error, functions of each other, or have shocks that do not die
        out.

    References
    ----------
    Diebold, F. X. and Yilmaz, K. (2012). Better to give than to receive: Predictive directional
    measurement of volatility spillovers. International Journal of Forecasting 28, 57-66.
    Pesaran, H. H. and Shin, Y. (1998). Generalized impulse response analysis in linear multivariate
    models. Economics Letters 58, 17-29.

    Examples
    --------
    >>> noise = np.random.default_rng(1).poisson(9, (121, 2))
    >>> follows = np.c_[noise[1:, 0], noise[:-1, 0] + noise[1:, 1]]  # the first, a month later
    >>> months = pd.period_range("2010-01", periods=120, freq="M")
    >>> result = fit(pd.DataFrame(follows, months, ["MLI", "BFA"]), rng=1, replicates=99, shifts=99)
    >>> bool(result.shares.loc["BFA", "MLI"] > 30 > result.shares.loc["MLI", "BFA"])
    True
    """
    _check_settings(replicates, shifts, level, horizon, trend)
    values, names, periods = _prepare(series, transform, deseason=deseason, difference=difference)
    model = Autoregression.of(values, lags, max_lags, trend)
    model.check(values, names)
    shares = model.shares(values[None], horizon)[0]
    figures = _figures(shares)
    generator = np.random.default_rng(rng)
    again = model.simulate_again(values, replicates, generator)
    draws = _figures(model.shares(again, horizon))
    apart = _shift_apart(_without(trend, values), shifts, generator, **_kept(periods, keep))
    chance = _figures(model.shares(apart, horizon))
    table = _labels(names)
    table["value"] = figures
    table["lower"], table["upper"] = _range_of(draws, level)
    _add_chance(table, chance, figures, level)
    # an interval holds its figure, and 0 where the figure is no more than chance gives
    open_end = ~table["measure"].isin(_TWO_SIDED) & (table["p"] > (1 - level) / 2)
    table.loc[open_end & table["lower"].notna(), "lower"] = 0.0
    table["lower"] = table[["lower", "value"]].min(axis=1).where(table["lower"].notna())
    table["upper"] = table[["upper", "value"]].max(axis=1).where(table["upper"].notna())
    received = pd.DataFrame(shares, index=names, columns=names)
    return Connectedness(table, received, model.lags, horizon, len(series), level)


def _shift_apart(
    series: Floats,
    replicates: int,
    rng: np.random.Generator,
    *,
    every: int = 1,
    block: Integers | None = None,
) -> Floats:
    """Shift each series by a random time of its own, its end put before its start.

    Each keeps its values and, but for the seams, their order; what one owes to another is lost.

    series (t, k): What was observed. block (t,): Rising number of the block that holds each
    period: each block is then shifted in itself, so that whatever changes from block to block
    stays. The whole by default. Returns (r, t, k): Shifted sets.
    """
    steps, k = series.shape
    of = np.unique(np.zeros(steps) if block is None else block, return_inverse=True)[1]
    size = np.bincount(of)
    start = np.concatenate([[0], np.cumsum(size)[:-1]])[of]
    most = np.maximum(size // every, 1)
    shift = every * rng.integers(0, most[:, None], (replicates, len(size), k))[:, of]
    place = (np.arange(steps) - start)[:, None]
    at = start[:, None] + (place + shift) % size[of][:, None]
    return np.take_along_axis(np.broadcast_to(series, (replicates, steps, k)), at, axis=1)


def rolling(
    series: pd.DataFrame,
    *,
    rng: np.random.Generator | int,
    window: int = 48,
    lags: int | Criterion = "bic",
    max_lags: int = 6,
    horizon: int = 10,
    transform: Transform = "log1p",
    deseason: bool = False,
    difference: bool = False,
    trend: Trend = "c",
    shifts: int = 199,
    level: float = 0.95,
) -> RollingConnectedness:
    """Follow connectedness over the record, one window after the other.

    Parameters
    ----------
    series, rng, lags, max_lags, horizon, transform, deseason, difference, trend, shifts, level
        As for :func:`fit`. A criterion chooses one order, from the whole record.
    window : int
        Periods in each window.

    Returns
    -------
    RollingConnectedness
        One row per window, beside the range of the window's own series shifted apart. A window
        whose series cannot be fitted is missing, with the reason.

    Raises
    ------
    InputError
        If a setting is out of range, or the series are fewer than two, incomplete, or shorter than
        a window.

    References
    ----------
    Diebold, F. X. and Yilmaz, K. (2012). Better to give than to receive. International Journal of
    Forecasting 28, 57-66, section 3.3.

    Examples
    --------
    >>> months = pd.period_range("2010-01", periods=60, freq="M")
    >>> noise = np.random.default_rng(1).poisson(9, (60, 2))
    >>> result = rolling(pd.DataFrame(noise, months, ["MLI", "BFA"]), rng=1, shifts=19)
    >>> len(result.table), str(result.table["period"].iloc[0])
    (13, '2013-12')
    """
    _check_settings(0, shifts, level, horizon, trend)
    values, names, periods = _prepare(series, transform, deseason=deseason, difference=difference)
    model = Autoregression.of(values, lags, max_lags, trend)
    fewest = model.fewest_periods(len(names))
    if not fewest <= window <= len(values):
        raise InputError(
            f"`window` is {window}; expected between {fewest}, which {len(names)} series with "
            f"{model.lags} lags need, and the {len(values)} periods of `series`. Change it."
        )
    generator = np.random.default_rng(rng)
    rows = []
    for end in track(range(window, len(values) + 1), "windows"):
        row: dict[str, Any] = {"period": periods[end - 1]}
        part = values[end - window : end]
        try:
            model.check(part, names)
        except InputError as error:
            rows.append(row | {"reason": str(error)})
            continue
        shares = model.shares(part[None], horizon)[0]
        apart = _shift_apart(_without(trend, part), shifts, generator)
        table = _labels(names)
        chance = _figures(model.shares(apart, horizon))
        _add_chance(table, chance, _figures(shares), level)
        ranges = {name: table[name].iloc[0] for name in _RANGE}
        net = shares.sum(axis=0) - shares.sum(axis=1)
        nets = dict(zip([f"net_{name}" for name in names], net, strict=True))
        total = (shares.sum() - np.trace(shares)) / len(names)
        rows.append(row | {"total": total} | ranges | nets | {"reason": ""})
    columns = ["period", "total", *_RANGE, *(f"net_{name}" for name in names), "reason"]
    return RollingConnectedness(
        pd.DataFrame(rows).reindex(columns=columns), window, model.lags, horizon, level
    )


def _check_settings(replicates: int, shifts: int, level: float, horizon: int, trend: str) -> None:
    require_choice("trend", trend, get_args(Trend))
    if min(replicates, shifts) < 0 or not 0 < level < 1 or horizon < 1:
        raise InputError(
            f"`replicates` is {replicates}, `shifts` {shifts}, `level` {level} and `horizon` "
            f"{horizon}; expected 0 or more draws, a share between 0 and 1, and at least 1 period. "
            "Correct them."
        )


def _prepare(
    series: pd.DataFrame, transform: str, *, deseason: bool, difference: bool
) -> tuple[Floats, list[str], pd.PeriodIndex]:
    require_choice("transform", transform, get_args(Transform))
    names = [str(name) for name in series]
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(
            "`series` has the columns {shown}; expected two or more, each with a name of its "
            "own. One country alone is connected with nothing.",
            shown=first_offenders(names),
        )
    periods = series.index
    if not isinstance(periods, pd.PeriodIndex) or (np.diff(periods.asi8) != 1).any():
        raise InputError(
            "`series` has an index of {name} that is no run of consecutive periods; expected "
            "one. Build it with sg.connectedness.series_of.",
            name=type(periods).__name__,
        )
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = ~np.isfinite(values) | ((values < 0) if transform != "none" else False)
    if bad.any():
        raise InputError(
            "`series` has {number} values that are missing or cannot be transformed, in "
            "{shown}; expected numbers of 0 or more. Fill them, or pass transform='none' if "
            "they may be negative.",
            number=int(bad.sum()),
            shown=first_offenders(np.array(names)[bad.any(axis=0)]),
        )
    if transform != "none":
        values = np.log1p(values) if transform == "log1p" else np.sqrt(values)
    if deseason:
        if periods.freqstr.startswith("Y"):
            raise InputError(
                "`series` has periods of {step}; expected shorter ones to take a season out "
                "of. Leave deseason= out.",
                step=periods.freqstr,
            )
        # the quarter that each period is, or else the month in which it ends
        of_year = periods.quarter if periods.freqstr.startswith("Q") else periods.month
        values = values - pd.DataFrame(values).groupby(of_year).transform("mean").to_numpy()
    if difference:
        return np.diff(values, axis=0), names, periods[1:]
    return values, names, periods


def _without(trend: Trend, values: Floats) -> Floats:
    """Take a linear trend out before a shift would break it in two."""
    if trend != "ct":
        return values
    line = np.vander(np.arange(len(values)) / len(values), 2)
    return np.asarray(values - line @ np.linalg.lstsq(line, values)[0])


def _figures(shares: Floats) -> Floats:
    """Lay out all that a table of shares says, in the order of `_labels`."""
    k = shares.shape[-1]
    own = np.diagonal(shares, axis1=-2, axis2=-1)
    received, given = shares.sum(axis=-1) - own, shares.sum(axis=-2) - own
    receiver, sender = np.nonzero(~np.eye(k, dtype=bool))
    first, second = np.triu_indices(k, 1)
    total = received.mean(axis=-1, keepdims=True)
    pairs = shares[..., second, first] - shares[..., first, second]
    each = shares[..., receiver, sender]
    return np.concatenate([total, received, given, given - received, each, pairs], axis=-1)


def _labels(names: list[str]) -> pd.DataFrame:
    count = range(len(names))
    rows = [("total", "", "")]
    rows += [(kind, name, "") for kind in ("from", "to", "net") for name in names]
    rows += [("share", names[i], names[j]) for i in count for j in count if i != j]
    rows += [("net_pair", names[i], names[j]) for i in count for j in count if i < j]
    return pd.DataFrame(rows, columns=["measure", "series", "other"])


def _add_chance(table: pd.DataFrame, chance: Floats, figures: Floats, level: float) -> None:
    """Add the range of the shifted records; p is of as much, and either way for a net figure."""
    chance = chance[np.isfinite(chance).all(axis=1)]
    table["baseline"] = chance.mean(axis=0) if len(chance) else np.nan
    table["baseline_low"], table["baseline_high"] = _range_of(chance, level)
    more, less = (
        (1 + (side * chance >= side * figures - 1e-9).sum(axis=0)) / (1 + len(chance))
        for side in (1, -1)
    )
    both = np.minimum(1.0, 2 * np.minimum(more, less))
    p = np.where(table["measure"].isin(_TWO_SIDED), both, more)
    table["p"] = p if len(chance) else np.nan


def _range_of(draws: Floats, level: float) -> Floats:
    """Give the quantiles of the draws that have an answer; NaN without one."""
    known = draws[np.isfinite(draws).all(axis=1)]
    if len(known) == 0:
        return np.full((2, draws.shape[1]), np.nan)
    tail = (1 - level) / 2
    return np.asarray(np.quantile(known, [tail, 1 - tail], axis=0))


def _kept(periods: pd.PeriodIndex, keep: str) -> dict[str, Any]:
    """Tell how series may be shifted, if something that they share is to stay."""
    if keep == "season":
        year = _PER_YEAR.get(str(periods.freqstr).partition("-")[0], 0)
        if year == 0 or len(periods) % year or len(periods) < 2 * year:
            raise InputError(
                "`series` has {number} periods of {step}; expected two or more whole years of "
                "months, quarters or 52 weeks to keep the season. Bound it with start= and end=, "
                "or pass keep='nothing'.",
                number=len(periods),
                step=periods.freqstr,
            )
        return {"every": year}
    if keep == "quarters":
        return {"block": shift_blocks(periods, ["year", "season"])}
    require_choice("keep", keep, get_args(Keep))
    return {}
