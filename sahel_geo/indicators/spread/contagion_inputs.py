"""What the endemic-epidemic model is fitted to: counts, regressors, offset and weights."""

from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders, require_columns
from sahel_geo.indicators.spread.endemic_epidemic import Array, Model, Weights
from sahel_geo.indicators.weights.exposure import border_links, pairs_km

WeightKind = Literal["border", "power", "gravity"]
_DECAYS: Final = (1.0, 0.2, 4.0)  # from which that of a power law is sought
_PER_YEAR: Final = {"D": 365.2425, "W": 52.1775, "M": 12.0, "Q": 4.0, "Y": 1.0}


def build_counts(
    panel: pd.DataFrame, units: gpd.GeoDataFrame | None, column: str
) -> tuple[Array, pd.Index, pd.PeriodIndex]:
    """Turn a panel into a matrix of counts, and refuse what is no complete panel of counts."""
    require_columns(panel, "panel", ("unit_id", "period", column))
    if units is not None:
        require_columns(units, "units", ("unit_id", "country"))
    stated = panel["unit_id"].astype("str")
    ids = pd.unique(stated) if units is None else units["unit_id"].astype("str")
    unit_ids = pd.Index(ids, name="unit_id")
    numbered = pd.api.types.is_integer_dtype(panel["period"])  # of no calendar
    since: Any = pd.PeriodIndex
    period = since.from_ordinals(panel["period"], freq="D") if numbered else since(panel["period"])
    periods = pd.period_range(period.min(), period.max()) if len(period) else period
    row, at = unit_ids.get_indexer(pd.Index(stated)), periods.get_indexer(period)
    cell = row * len(periods) + at
    twice = pd.Index(cell).duplicated() & (row >= 0) & (at >= 0)
    if (row < 0).any() or twice.any():
        strangers = pd.unique(stated[row < 0])
        raise InputError(
            f"`panel` has {len(strangers)} units that `units` does not hold "
            f"{first_offenders(strangers)} and {int(twice.sum())} repeated rows "
            f"{first_offenders(panel.index[twice])}; expected one row per unit and period. Count "
            "again with these units and without by=."
        )
    counts = np.full((len(unit_ids), len(periods)), np.nan)
    counts.flat[cell[at >= 0]] = panel[column].to_numpy(np.float64, na_value=np.nan)[at >= 0]
    bad = ~(counts >= 0) | (counts != np.floor(counts))
    if bad.any():
        raise InputError(
            "`panel` has {number} gaps, or values of {column!r} that are no counts, in units "
            "{shown}; expected whole numbers of 0 or more for each unit and period. Count "
            "with sg.count(..., sparse=False).",
            number=int(bad.sum()),
            column=column,
            shown=first_offenders(unit_ids[bad.any(axis=1)]),
        )
    return counts, unit_ids, periods


def build_model(
    units: gpd.GeoDataFrame | None,
    counts: Array,
    periods: pd.PeriodIndex,
    population: "pd.Series[Any] | None",
    weights: "WeightKind | pd.DataFrame",
    harmonics: int,
    *,
    trend: bool,
    unit_ids: pd.Index | None = None,
    covariates: pd.DataFrame | None = None,
    epidemic_harmonics: int = 0,
    lags: int = 1,
    normalise: bool = True,
    frequency: float | None = None,
) -> Model:
    """Gather all that stays fixed in a fit of counts (m, t); parts without links are left out."""
    if units is not None:
        unit_ids = pd.Index(units["unit_id"].astype("str"), name="unit_id")
    if unit_ids is None or (units is None and not isinstance(weights, pd.DataFrame)):
        raise InputError(
            "`units` is None and `weights` no DataFrame; expected units, or weights by unit_id. "
            "Pass one of them."
        )
    if lags < 1 or lags >= max(counts.shape[1], 2):
        raise InputError(
            f"`lags` is {lags} with {counts.shape[1]} periods; expected 1 or more, and fewer than "
            "the periods. Choose fewer."
        )
    links = _weights(units, unit_ids, weights, population, normalise=normalise)
    names, design = _design(periods, harmonics, frequency, trend=trend)
    known, extra = _covariates(covariates, unit_ids, periods)
    _, waves = _design(periods, epidemic_harmonics, frequency, trend=False)
    present = ["autoregressive"]
    present += ["domestic"] if ((links.base > 0) & ~links.abroad).any() else []
    present += ["foreign"] if ((links.base > 0) & links.abroad).any() else []
    names += known
    names += [
        f"{part}_{wave}{at}"
        for part in present
        for at in range(1, epidemic_harmonics + 1)
        for wave in ("sin", "cos")
    ]
    names += present
    names += ["decay"] if links.power and (links.base > 0).any() else []
    names.append("overdispersion")
    offset = _offset(unit_ids, population)
    return Model(
        tuple(names), counts, design[:-1], offset, links, design[-1], extra, waves[:, 1:], lags
    )


def _design(
    periods: pd.PeriodIndex, harmonics: int, frequency: float | None, *, trend: bool
) -> tuple[list[str], Array]:
    """Name and compute the regressors, of the periods and of the one after the last."""
    per_year = frequency or _PER_YEAR.get(str(periods.freqstr)[0], np.nan)
    if harmonics < 0 or not (harmonics == 0 or per_year > 2 * harmonics):
        raise InputError(
            "`harmonics` is {harmonics} with {per_year:g} periods per year; expected 0, or "
            "fewer than half the periods of a year. Use shorter periods, or harmonics=0.",
            harmonics=harmonics,
            per_year=per_year,
        )
    seen = periods.asi8.astype(np.float64)
    ordinal = np.append(seen, seen[-1:] + 1 if len(seen) else 0.0)
    names, columns = ["intercept"], [np.ones(len(ordinal))]
    if trend:
        names.append("trend")
        columns.append((ordinal - seen.mean()) / per_year if len(seen) else ordinal)
    for wave in range(1, harmonics + 1):
        angle = 2 * np.pi * wave * ordinal / per_year
        names += [f"sin{wave}", f"cos{wave}"]
        columns += [np.sin(angle), np.cos(angle)]
    return names, np.column_stack(columns)


def _covariates(
    table: pd.DataFrame | None, unit_ids: pd.Index, periods: pd.PeriodIndex
) -> tuple[list[str], Array]:
    """Read covariates by unit, or by unit and period, each standardised; (m, t, q)."""
    shape = len(unit_ids), len(periods)
    if table is None:
        return [], np.zeros((*shape, 0))
    index = ["unit_id", "period"] if "period" in table else ["unit_id"]
    flat = table.reset_index() if "unit_id" not in table else table
    flat = flat.assign(unit_id=flat["unit_id"].astype("str")).set_index(index)
    flat = flat.select_dtypes("number")
    asked = pd.MultiIndex.from_product([unit_ids, periods]) if len(index) == 2 else unit_ids
    values = flat.reindex(asked).to_numpy(dtype=np.float64)
    lost = np.isnan(values).any(axis=1)
    if lost.any() or not len(flat.columns):
        raise InputError(
            f"`covariates` has {len(flat.columns)} columns of numbers and lacks "
            f"{int(lost.sum())} units or periods: {first_offenders(asked[lost])}; expected a "
            "number for each, by unit_id, or by unit_id and period. Complete them."
        )
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    cube = scaled.reshape(shape[0], -1, values.shape[1])
    return [str(name) for name in flat.columns], np.broadcast_to(
        cube, (*shape, cube.shape[2])
    ).copy()


def _offset(unit_ids: pd.Index, population: "pd.Series[Any] | None") -> Array:
    if population is None:
        return np.ones(len(unit_ids))
    known = population.set_axis(population.index.astype("str")).reindex(unit_ids)
    people = known.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = ~((people > 0) & np.isfinite(people))
    if bad.any():
        raise InputError(
            "`population` lacks {number} units or is not positive there: {shown}; expected "
            "people for every unit. Complete it, or leave it out.",
            number=int(bad.sum()),
            shown=first_offenders(unit_ids[bad]),
        )
    return np.asarray(people / people.mean())


def _weights(
    units: gpd.GeoDataFrame | None,
    unit_ids: pd.Index,
    kind: "WeightKind | pd.DataFrame",
    population: "pd.Series[Any] | None",
    *,
    normalise: bool,
) -> Weights:
    country = (
        np.zeros(len(unit_ids)) if units is None else units["country"].astype("str").to_numpy()
    )
    abroad = country[:, None] != country[None, :]
    if isinstance(kind, pd.DataFrame):
        return Weights(_given(kind, unit_ids), abroad, power=False, normalised=normalise)
    if kind not in get_args(WeightKind) or units is None:
        raise InputError(
            f"`weights` is {kind!r}; expected one of {list(get_args(WeightKind))}, or a DataFrame "
            "by unit_id. Choose one."
        )
    if kind == "gravity":
        base = gravity(units, population).to_numpy()
        return Weights(base, abroad, power=False, normalised=normalise)
    base = border_links(units, unit_ids).toarray()
    if kind == "power":
        links = scipy.sparse.csr_array(base > 0)
        order = scipy.sparse.csgraph.shortest_path(links, unweighted=True)
        base = np.where(np.isfinite(order), order, 0.0)
    return Weights(base, abroad, kind == "power", normalised=normalise)


def _given(table: pd.DataFrame, unit_ids: pd.Index) -> Array:
    known = table.set_axis(table.index.astype("str")).set_axis(table.columns.astype("str"), axis=1)
    base = known.reindex(index=unit_ids, columns=unit_ids).to_numpy(dtype=np.float64)
    wrong = ~(base >= 0).all(axis=1) | (np.diag(base) != 0)
    if wrong.any():
        raise InputError(
            f"`weights` lacks a weight of 0 or more for {int(wrong.sum())} units, or weighs them "
            f"for themselves: {first_offenders(unit_ids[wrong])}; expected rows and columns by "
            "unit_id, 0 on the diagonal. Complete it."
        )
    return base


def gravity(
    units: gpd.GeoDataFrame,
    population: "pd.Series[Any] | None" = None,
    *,
    distance_power: float = 2.0,
    population_power: float = 1.0,
) -> pd.DataFrame:
    """Weigh each unit for each other by its people and by the distance between them.

    Parameters
    ----------
    units : GeoDataFrame, m rows
        ``unit_id`` and polygons in EPSG:4326.
    population : Series, optional
        People by ``unit_id``; without, distance alone counts.
    distance_power, population_power : float
        Powers of both. Distances are geodesic, between inner points, and at least 1 km.

    Returns
    -------
    DataFrame, m x m
        From the row to the column: ``people ** population_power / km ** distance_power``, the
        people being those of the column over their mean; 0 on the diagonal.

    Raises
    ------
    InputError
        If people are missing or not positive, or a power is negative.
    CrsError
        If `units` is not in EPSG:4326.

    References
    ----------
    Zipf, G. K. (1946). The P1 P2 / D hypothesis. American Sociological Review 11, 677-686. Xia, Y.,
    Bjørnstad, O. N. and Grenfell, B. T. (2004). Measles metapopulation dynamics: a gravity model
    for epidemiological coupling and dynamics. American Naturalist 164, 267-281.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> weights = gravity(sg.load_boundaries(level=0), pd.Series({"ML": 2.0, "NE": 1.0, "BF": 1.0}))
    >>> weights.shape
    (3, 3)
    """
    require_lonlat(units, "units")
    if not (distance_power >= 0 and population_power >= 0):
        raise InputError(
            f"`distance_power` is {distance_power} and `population_power` {population_power}; "
            "expected 0 or more. Correct them."
        )
    unit_ids = pd.Index(units["unit_id"].astype("str"), name="unit_id")
    people = _offset(unit_ids, population) ** population_power
    row, column, km = pairs_km(units)
    base = np.zeros((len(units), len(units)))
    base[row, column] = base[column, row] = np.maximum(km, 1.0) ** -distance_power
    return pd.DataFrame(base * people[None, :], unit_ids, unit_ids)


def start_values(model: Model) -> list[Array]:
    """Choose where the search for the maximum starts; the decay of a power law has several peaks.

    Returns (p,): Half of the mean in the endemic part, a tenth in each other part.
    """
    theta = np.full(len(model.names), np.log(0.1))
    theta[: model.free] = 0.0
    theta[0] = np.log(model.counts.mean() / 2)
    theta[-1] = 0.0
    if "decay" not in model.names:
        return [theta]
    at = np.arange(len(theta)) == model.names.index("decay")
    return [np.where(at, np.log(decay), theta) for decay in _DECAYS]
