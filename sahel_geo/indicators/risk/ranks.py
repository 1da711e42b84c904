"""How far the ranks of a risk index may be trusted, and what moves them."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.risk.risk_result import DIMENSIONS, RankSensitivity, RiskIndex
from sahel_geo.indicators.risk.scoring import combine, scaled
from sahel_geo.tasks import track


def rank_sensitivity(
    result: RiskIndex,
    *,
    rng: np.random.Generator | int,
    n: int = 1000,
    spread: float = 0.5,
    draws: "Mapping[str, npt.ArrayLike] | None" = None,
    level: float = 0.9,
) -> RankSensitivity:
    """Show how far the ranks move when weights, or the figures themselves, could be others.

    A unit whose ranks span half the list has no rank worth reporting.

    Parameters
    ----------
    result : RiskIndex
        From :func:`index`.
    rng : Generator or int
        Seed.
    n : int
        Number of random settings.
    spread : float
        Each weight is multiplied by a number between 1 - spread and 1 + spread; 0 keeps them.
    draws : mapping of str to array_like, optional
        Figures of a component under location error by its name, such as ``"hazard: intensity"``,
        shape (k, units), units in the order of the result; a DataFrame with the units as columns
        is put in that order. See :func:`hazard_draws`. They are scored as the component was.
        Components with as many draws take the same draw, so that what goes together stays so.
    level : float
        Share of the ranks between ``rank_low`` and ``rank_high``.

    Returns
    -------
    RankSensitivity
        Missing ranks where the risk is missing.

    Raises
    ------
    InputError
        If a setting is out of range, or `draws` names no component or has another shape.

    References
    ----------
    Saisana, M., Saltelli, A. and Tarantola, S. (2005). Uncertainty and sensitivity analysis
    techniques as tools for the quality assessment of composite indicators. Journal of the Royal
    Statistical Society A 168, 307-323.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = ["A", "B"]
    >>> same = pd.Series([5.0, 5.0], units)
    >>> hazard = pd.Series([8.0, 1.0], units)
    >>> result = sg.risk.index(hazard=hazard, exposure=same, vulnerability=same)
    >>> rank_sensitivity(result, rng=1, n=50).table["rank_high"].tolist()
    [1.0, 2.0]
    """
    if n < 1 or not 0 <= spread < 1 or not 0 < level < 1:
        raise InputError(
            f"`n` is {n}, `spread` {spread}, `level` {level}; expected at least 1, and shares from "
            "0 to below 1. Correct the setting."
        )
    generator = np.random.default_rng(rng)
    names = result.scores.columns.tolist()
    other = _scored_draws(result, draws or {})
    sizes = sorted({len(scored) for scored in other.values()})
    stated = result.transformations
    within = stated["weight"].to_numpy(np.float64)
    dimension = stated["component"].str.split(": ", n=1).str[0]
    across = stated["dimension_weight"].groupby(dimension).first().reindex(DIMENSIONS, fill_value=0)
    part = pd.factorize(dimension)[0]
    ranks = np.full((n, len(result.table)), np.nan)
    numbers = result.scores.to_numpy(np.float64, copy=True)
    for at in track(range(n), "draws"):
        chosen = {size: generator.integers(size) for size in sizes}
        for name, scored in other.items():
            numbers[:, names.index(name)] = scored[chosen[len(scored)]]
        moved = within * generator.uniform(1 - spread, 1 + spread, len(within))
        weight = across.to_numpy(np.float64) * generator.uniform(1 - spread, 1 + spread, 3)
        moved /= np.bincount(part, weights=moved)[part]
        risk, *_ = combine(numbers, moved, weight / weight.sum(), dimension.to_numpy(object))
        ranks[at] = pd.Series(risk).round(9).rank(ascending=False, method="min")
    table = result.table[["rank"]].copy()
    known = ~np.isnan(ranks).any(axis=0)
    tail = (1 - level) / 2
    table["rank_low"], table["rank_high"], table["top_share"] = np.nan, np.nan, np.nan
    if known.any():
        low, high = np.quantile(ranks[:, known], [tail, 1 - tail], axis=0)
        table.loc[known, "rank_low"], table.loc[known, "rank_high"] = low, high
        top = max(1, round(known.sum() / 10))
        table.loc[known, "top_share"] = (ranks[:, known] <= top).mean(axis=0)
    return RankSensitivity(table, n, level, result.names)


def ranks_without(result: RiskIndex) -> pd.DataFrame:
    """Rank the units again without each component, to see which of them a rank hangs on.

    Parameters
    ----------
    result : RiskIndex
        From :func:`sahel_geo.risk.index`.

    Returns
    -------
    DataFrame
        On the index of ``result.table``, one column per component: the rank that the unit has if
        that component is left out, missing where the risk is. Without its only component a
        dimension is left out too. Units with the same rank in all columns owe it to no single part.

    Raises
    ------
    InputError
        If the index has one component only.

    References
    ----------
    OECD and JRC (2008). Handbook on constructing composite indicators, section 1.7 (leaving
    components out one at a time).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = ["A", "B"]
    >>> result = sg.risk.index(
    ...     hazard={"now": pd.Series([9.0, 1.0], units), "trend": pd.Series([1.0, 2.0], units)},
    ...     exposure=pd.Series([5.0, 5.0], units))
    >>> ranks_without(result)["hazard: now"].tolist()
    [2.0, 1.0]
    """
    stated = result.transformations
    if len(stated) < 2:
        raise InputError(
            "`result` has one component; expected two or more, to leave each of them out."
        )
    dimension = stated["component"].str.split(": ", n=1).str[0]
    within = stated["weight"].to_numpy(np.float64)
    across = stated["dimension_weight"].groupby(dimension).first().reindex(DIMENSIONS, fill_value=0)
    scores = result.scores.to_numpy(np.float64)
    ranks = {}
    for at, name in enumerate(stated["component"]):
        kept = np.where(np.arange(len(within)) == at, 0.0, within)
        sums = pd.Series(kept).groupby(dimension).transform("sum").to_numpy()
        kept = np.divide(kept, sums, out=np.zeros_like(kept), where=sums > 0)
        weight = across.where(pd.Series(kept).groupby(dimension).sum().reindex(DIMENSIONS) > 0, 0.0)
        if not weight.sum() > 0:
            raise InputError(
                f"`result` gives no weight to anything but {name!r}; expected another component "
                "with a weight."
            )
        left = np.delete(np.arange(len(within)), at)
        risk, *_ = combine(
            scores[:, left],
            kept[left],
            (weight / weight.sum()).to_numpy(),
            dimension.to_numpy(object)[left],
        )
        same = pd.Series(risk, result.table.index).where(result.table["risk"].notna())
        ranks[name] = same.round(9).rank(ascending=False, method="min")
    return pd.DataFrame(ranks, index=result.table.index)


def _scored_draws(result: RiskIndex, draws: Mapping[str, npt.ArrayLike]) -> dict[str, Floats]:
    stated = result.transformations.set_index("component")
    scored = {}
    for name, figures in draws.items():
        known = figures
        if isinstance(figures, pd.DataFrame):
            known = figures.reindex(columns=result.table.index)
        table = np.asarray(known, dtype=np.float64)
        if name not in stated.index or table.ndim != 2 or table.shape[1] != len(result.table):
            raise InputError(
                f"`draws` has {name!r} of shape {table.shape}; expected one of "
                f"{first_offenders(stated.index)} and {len(result.table)} columns. Use the draws "
                "of sg.uncertainty.propagate on the same units."
            )
        low, high, log = (stated[column].to_dict()[name] for column in ("low", "high", "log"))
        scored[name] = scaled(table, float(low), float(high), log=bool(log))
    return scored
