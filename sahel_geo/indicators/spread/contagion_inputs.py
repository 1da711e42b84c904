"""What the endemic-epidemic model is fitted to: counts, regressors, offset and weights."""

from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.spread.endemic_epidemic import Array, Model, Weights
from sahel_geo.places.borders import neighbours

WeightKind = Literal["border", "power"]
_PER_YEAR: Final = {"D": 365.2425, "W": 52.1775, "M": 12.0, "Q": 4.0, "Y": 1.0}


def build_counts(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    column: str,
) -> tuple[Array, pd.Index, pd.PeriodIndex]:
    """Turn a panel into a matrix of counts, and refuse what is no complete panel of counts."""
    missing = [name for name in ("unit_id", "period", column) if name not in panel]
    missing += [name for name in ("unit_id", "country") if name not in units]
    if missing:
        raise InputError(
            f"`panel` or `units` has no column {first_offenders(missing)}; expected the result of "
            "sg.count and the units that were counted. Rename the columns.",
        )
    unit_ids = pd.Index(units["unit_id"].astype("str"), name="unit_id")
    strangers = pd.Index(panel["unit_id"].unique()).difference(unit_ids)
    twice = panel.duplicated(["unit_id", "period"])
    if len(strangers) or twice.any():
        raise InputError(
            f"`panel` has {len(strangers)} units that `units` does not hold "
            f"{first_offenders(strangers)} and {int(twice.sum())} repeated rows "
            f"{first_offenders(panel.index[twice])}; expected one row per unit and period. Count "
            "again with these units and without by=.",
        )
    table = panel.pivot(index="unit_id", columns="period", values=column).reindex(unit_ids)
    if len(table.columns):
        freq = pd.PeriodIndex(table.columns).freq
        table = table.reindex(
            columns=pd.period_range(table.columns.min(), table.columns.max(), freq=freq),
        )
    counts = table.to_numpy(dtype=np.float64)
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
    return counts, unit_ids, pd.PeriodIndex(table.columns)


def build_model(
    units: gpd.GeoDataFrame,
    counts: Array,
    periods: pd.PeriodIndex,
    population: "pd.Series[Any] | None",
    weights: WeightKind,
    harmonics: int,
    *,
    trend: bool,
) -> Model:
    """Gather all that stays fixed in a fit; parts without links are left out.

    counts (m, t): Incidents.
    """
    if weights not in get_args(WeightKind):
        raise InputError(
            f"`weights` is {weights!r}; expected one of {list(get_args(WeightKind))}. Choose one.",
        )
    links = _weights(units, weights)
    names, design = _design(periods, harmonics, trend=trend)
    names.append("autoregressive")
    names += ["domestic"] if ((links.base > 0) & ~links.abroad).any() else []
    names += ["foreign"] if ((links.base > 0) & links.abroad).any() else []
    names += ["decay"] if weights == "power" and (links.base > 0).any() else []
    names.append("overdispersion")
    return Model(tuple(names), counts, design[:-1], _offset(units, population), links, design[-1])


def _design(
    periods: pd.PeriodIndex,
    harmonics: int,
    *,
    trend: bool,
) -> tuple[list[str], Array]:
    """Name and compute the regressors, of the periods and of the one after the last."""
    per_year = _PER_YEAR.get(str(periods.freqstr)[0], np.nan)
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


def _offset(units: gpd.GeoDataFrame, population: "pd.Series[Any] | None") -> Array:
    if population is None:
        return np.ones(len(units))
    unit_ids = units["unit_id"].astype("str")
    people = population.reindex(unit_ids).to_numpy(dtype=np.float64, na_value=np.nan)
    bad = ~((people > 0) & np.isfinite(people))
    if bad.any():
        raise InputError(
            "`population` lacks {number} units or is not positive there: {shown}; expected "
            "people for every unit. Complete it, or leave it out.",
            number=int(bad.sum()),
            shown=first_offenders(unit_ids[bad]),
        )
    return np.asarray(people / people.mean())


def _weights(units: gpd.GeoDataFrame, kind: WeightKind) -> Weights:
    links = neighbours(units)
    unit_ids = pd.Index(units["unit_id"].astype("str"))
    row = unit_ids.get_indexer(pd.Index(links["unit_id"].astype("str")))
    column = unit_ids.get_indexer(pd.Index(links["neighbour_id"].astype("str")))
    base = np.zeros((len(units), len(units)))
    base[row, column] = links["shared_km"]
    if kind == "power":
        order = shortest_path(csr_array(base > 0), unweighted=True)
        base = np.where(np.isfinite(order), order, 0.0)
    country = units["country"].astype("str").to_numpy()
    return Weights(base, country[:, None] != country[None, :], kind == "power")


def start_values(model: Model) -> Array:
    """Choose where the search for the maximum starts.

    Returns (p,): Half of the mean in the endemic part, a tenth in each other part.
    """
    width = model.design.shape[1]
    theta = np.full(len(model.names), np.log(0.1))
    theta[:width] = 0.0
    theta[0] = np.log(model.counts.mean() / 2)
    theta[-1] = 0.0
    if "decay" in model.names:
        theta[model.names.index("decay")] = 0.0
    return theta
