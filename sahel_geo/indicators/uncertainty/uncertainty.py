"""Location and count uncertainty: how much a figure moves within what the sources admit."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.indicators.hotspots import scdi
from sahel_geo.indicators.uncertainty.propagated import (
    Propagated,
    PropagatedClasses,
    class_certainty,
)
from sahel_geo.indicators.uncertainty.redraw import Areas, Places
from sahel_geo.indicators.weights.unit_values import names_of
from sahel_geo.locate.assign.assign import take_text
from sahel_geo.locate.assign.unit_index import UnitIndex, index_of
from sahel_geo.locate.panel.count import count
from sahel_geo.schema import Period
from sahel_geo.tasks import track

__all__ = [
    "Propagated", "PropagatedClasses", "class_certainty", "on_panel", "propagate", "scdi_types",
]  # fmt: skip

Measure = Callable[[pd.DataFrame, gpd.GeoDataFrame], Any]


def propagate(
    measure: Measure,
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: np.random.Generator | int,
    n: int = 200,
    level: float = 0.9,
    areas: Areas | None = None,
    people: pd.DataFrame | None = None,
    exact_km: float | None = None,
    columns: str | Sequence[str] | None = None,
) -> Propagated | PropagatedClasses:
    """Evaluate a measure again and again on places and tolls that the sources admit.

    A figure whose interval spans its neighbours' figures does not rank them. The interval covers
    what the coding says about itself; it does not cover incidents that nobody recorded.

    Each draw moves each incident inside the area that its precision admits: exact, within the error
    of its source; near, within 25 km of it, all points alike; admin3, admin2, admin1 and country,
    the unit of that level that holds the point: to where people live, to where incidents that are
    known exactly were, or anywhere, the closer to others the more of them are known there, with
    weights that are drawn anew each time. One recorded inside `units` stays inside them if near or
    exact. Its ``fatalities_best`` is drawn between low and high, the more likely the nearer to best
    (triangular), in whole numbers.

    Parameters
    ----------
    measure : callable
        Takes the incidents of one draw, placed as by :func:`sahel_geo.assign` (``unit_id``,
        ``unplaced_reason``), and `units`; gives k numbers or k classes (text), the same k each
        time, as a Series, one number, or an array of any shape, read row by row; or a table or a
        result of this package, whose rows are matched by name and may come and go. See
        :func:`on_panel` for the measures of a panel.
    incidents : DataFrame, m rows
        Columns ``lon``, ``lat``, EPSG:4326; ``location_precision`` and ``fatalities_*`` are used
        where they are there.
    units : GeoDataFrame
        Columns ``unit_id`` and polygons, EPSG:4326.
    rng : Generator or int
        Seed of the draws.
    n : int
        Number of draws.
    level : float
        Share of the draws that the interval holds.
    areas : mapping of str to GeoDataFrame, optional
        The units of ``"admin3"``, ``"admin2"``, ``"admin1"`` and ``"country"``, with ``unit_id``;
        by default :func:`sahel_geo.load_boundaries` at these levels. In areas of one's own all
        points are alike, unless `people` says where people live.
    people : DataFrame, optional
        Settlements: ``lon``, ``lat``, ``population``; by default the towns of the three countries.
    exact_km : float, optional
        How far an exact incident may have been from its point, all points alike; by default 2
        beside incidents known to an area only, and 0 without such, or in areas of one's own.
    columns : str or sequence of str, optional
        Columns of the table that the measure gives; by default those that its result names as its
        figures, or all numbers.

    Returns
    -------
    Propagated or PropagatedClasses
        The second where the measure gives classes. With exact incidents and known tolls, the
        interval is the recorded figure, and the recorded class has all draws. Draws that a measure
        refuses with an `InputError` are missing and counted in ``failures``.

    Raises
    ------
    InputError
        If a setting is out of range, a precision is unknown, a measure without a table answers for
        other units from one draw to the next, or it has no answer for the incidents as they stand,
        or for any draw.

    References
    ----------
    Croicu, M. and Sundberg, R. UCDP Georeferenced Event Dataset codebook (where_prec). Ferguson, T.
    S. (1973). A Bayesian analysis of some nonparametric problems. Annals of Statistics 1, 209-230.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> incidents = sg.load_example_incidents()
    >>> def hits(placed, units):
    ...     return placed["unit_id"].value_counts().reindex(units["unit_id"], fill_value=0)
    >>> result = propagate(hits, incidents, units, n=20, rng=1)
    >>> bool((result.table["low"] <= result.table["high"]).all())
    True
    """
    if n < 2 or not 0 < level < 1:
        raise InputError(
            f"`n` is {n} and `level` is {level}; expected at least 2 draws and a share between 0 "
            "and 1. Correct the setting."
        )
    generator = np.random.default_rng(rng)
    index = index_of(units)
    places = Places.of(incidents, index, areas, people, exact_km)
    result = measure(_placed(incidents, places.lon, places.lat, index), units)

    def answer_of(drawn: pd.DataFrame) -> "pd.Series[Any]":
        _draw_fatalities(drawn, generator)
        return _as_answer(measure(drawn, units), columns)

    recorded, draws, failures = _collect(
        _as_answer(result, columns),
        (
            partial(answer_of, _placed(incidents, lon, lat, index))
            for lon, lat in track(places.draws(n, generator), "draws", n)
        ),
        by_name=_table_of(result) is not None,
    )
    names = names_of(units)
    if pd.api.types.is_numeric_dtype(recorded):
        numbers = np.array(draws, dtype=np.float64)
        return Propagated.of(recorded, numbers, level, places.redrawn, names, failures)
    return PropagatedClasses.of(recorded, draws, places.redrawn, names, failures)


def on_panel(
    measure: Callable[[pd.DataFrame, gpd.GeoDataFrame], Any],
    column: str,
    *,
    start: str | pd.Timestamp,
    end: str | pd.Timestamp,
    period: Period = "month",
) -> Measure:
    """Turn a measure of a panel into one of incidents, for :func:`propagate`.

    Parameters
    ----------
    measure : callable
        Takes a panel of :func:`sahel_geo.count` and its units, such as
        :func:`sahel_geo.density.rates`; give other arguments with `functools.partial`. Its answer,
        or the ``table`` of its answer, has one row per unit or names them in ``unit_id``.
    column : str
        Column of the answer: numbers, or classes such as the ``kind`` of a hot spot.
    start, end : date
        The panel runs over the same periods in each draw.
    period : {"month", "day", "week", "quarter", "year"}
        Length of a period.

    Returns
    -------
    callable
        Takes placed incidents and units, and gives a Series by ``unit_id``.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> rates = on_panel(sg.density.rates, "per_1000km2", start="2015-01-01", end="2024-12-31")
    >>> result = propagate(rates, sg.load_example_incidents(), units, n=5, rng=1)
    >>> result.table.index.name
    'unit_id'
    """

    def of_incidents(table: pd.DataFrame, units: gpd.GeoDataFrame) -> "pd.Series[Any]":
        result = measure(count(table, units, period=period, start=start, end=end), units)
        answer = result if isinstance(result, pd.DataFrame) else result.table
        if column not in answer:
            raise InputError(
                f"`column` is {column!r}; the measure answers with "
                f"{first_offenders(answer.columns)}. Choose among them."
            )
        return answer.set_index("unit_id")[column] if "unit_id" in answer else answer[column]

    return of_incidents


def scdi_types(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: np.random.Generator | int,
    n: int = 200,
    grid: scdi.Grid = "oecd",
    threshold: float = scdi.THRESHOLD,
    areas: Areas | None = None,
    certain_from: float = 0.9,
) -> scdi.ScdiTypes:
    """Give the probability of each SCDi type of each cell and year under location error.

    Incidents coded to one town look clustered because of the coding; where the probability of the
    recorded type is low, the type is no finding.

    Parameters
    ----------
    incidents, units, rng, n, areas
        As for :func:`propagate`; also column ``date``.
    grid, threshold
        As for :func:`sahel_geo.scdi.by_cell`.
    certain_from : float
        Smallest share of the draws with the recorded type at which it counts as certain.

    Returns
    -------
    ScdiTypes
        With exact incidents every type has all draws.

    Raises
    ------
    InputError
        As for :func:`propagate` and :func:`sahel_geo.scdi.by_cell`.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> result = scdi_types(sg.load_example_incidents(), sg.load_boundaries(level=0), n=20, rng=1)
    >>> bool(result.table[["CH", "CL", "DH", "DL", "unclassed"]].sum(axis=1).round(9).eq(1).all())
    True
    """
    if n < 1 or not 0 < certain_from <= 1:
        raise InputError(
            f"`n` is {n} and `certain_from` is {certain_from}; expected at least 1 draw and a "
            "share up to 1. Correct the setting."
        )
    recorded = scdi.by_cell(incidents, grid=grid, threshold=threshold).table
    dated = incidents[pd.to_datetime(incidents["date"]).notna()]
    places = Places.of(dated, index_of(units), areas)
    known = np.isfinite(places.lon) & np.isfinite(places.lat)
    year = np.asarray(pd.to_datetime(dated["date"]).dt.year, dtype=np.int64)[known]
    counts = np.zeros((len(recorded), len(scdi.TYPES)))
    cell = pd.MultiIndex.from_frame(recorded[["cell_id", "year"]])
    for lon, lat in track(places.draws(n, np.random.default_rng(rng)), "draws", n):
        cells = scdi.measure_cells(lon[known], lat[known], year, grid=grid, threshold=threshold)
        labels = f"{grid} " + cells["column"].astype(str) + " " + cells["row"].astype(str)
        row = cell.get_indexer(pd.MultiIndex.from_arrays([labels, cells["year"]]))
        code = cells["code"].to_numpy()
        kept = (row >= 0) & (code >= 0)
        counts[row[kept], code[kept]] += 1
    table = recorded[["cell_id", "year", "type"]].copy()
    table[list(scdi.TYPES)] = counts / n
    table["unclassed"] = 1 - counts.sum(axis=1) / n
    at = pd.Index(scdi.TYPES).get_indexer(pd.Index(table["type"]))
    table["share"] = np.where(at >= 0, counts[np.arange(len(at)), at] / n, np.nan)
    table["uncertain"] = (table["share"] < certain_from - 1e-12).to_numpy(dtype=bool)
    return scdi.ScdiTypes(table, n, certain_from)


def _as_answer(result: Any, columns: str | Sequence[str] | None = None) -> "pd.Series[Any]":
    """Give the answer of a measure as one column of numbers, or of classes."""
    table = _table_of(result)
    if table is not None:
        return _of_table(
            table, getattr(result, "named_by", ()), getattr(result, "measured", ()), columns
        )
    answer = result if isinstance(result, pd.Series) else pd.Series(np.ravel(np.asarray(result)))
    return _plain(answer)


def _table_of(result: Any) -> pd.DataFrame | None:
    """Give the table of an answer, whose rows are known by name; None if it has none."""
    table = result if isinstance(result, pd.DataFrame) else getattr(result, "table", None)
    return table if isinstance(table, pd.DataFrame) else None


def _collect(
    recorded: "pd.Series[Any]", measures: Iterable[Callable[[], "pd.Series[Any]"]], *, by_name: bool
) -> tuple["pd.Series[Any]", list[Any], dict[str, int]]:
    """Ask for one answer after the other, and lay the draws (k,), which may lack some, together."""
    failures: Counter[str] = Counter()
    answers: list[pd.Series[Any] | None] = []
    for measure in measures:
        try:
            answer = measure()
        except InputError as error:
            failures[str(error)] += 1
            answers.append(None)
            continue
        answers.append(answer)
        if not (by_name or answer.index.equals(recorded.index)):
            raise InputError(
                f"`measure` gave {len(answer)} answers, {first_offenders(answer.index)}, after "
                f"{len(recorded)}, {first_offenders(recorded.index)}; expected the same, in the "
                "same order, each time. Count with start= and end=, and reindex on the units."
            )
    known = [answer for answer in answers if answer is not None]
    if answers and not known:
        reason, times = failures.most_common(1)[0]
        raise InputError(
            f"`measure` has no answer in any of {len(answers)} draws, {times} times because: "
            f"{reason} Expected one in some. Coarsen the measure, or keep the precise incidents."
        )
    index = recorded.index
    for answer in known:
        if not answer.index.equals(index):
            index = index.append(answer.index.difference(index, sort=False))
    values = recorded.reindex(index)
    empty = np.full(len(index), np.nan if pd.api.types.is_numeric_dtype(values) else None)
    draws = [empty if answer is None else answer.reindex(index).to_numpy() for answer in answers]
    return values, draws, dict(failures)


def _of_table(
    table: pd.DataFrame,
    named_by: Sequence[str],
    measured: Sequence[str],
    columns: str | Sequence[str] | None,
) -> "pd.Series[Any]":
    wanted = [columns] if isinstance(columns, str) else list(columns or measured)
    missing = [name for name in wanted if name not in table]
    if missing:
        raise InputError(
            f"`columns` has {len(missing)} names that the table of the measure does not hold: "
            f"{first_offenders(missing)}; expected some of {first_offenders(table.columns, 12)}. "
            f"{did_you_mean(missing[0], table.columns)}"
        )
    names = [name for name in named_by if name in table] or [
        name
        for name in map(str, table)
        if name not in wanted and not pd.api.types.is_numeric_dtype(table[name])
    ]
    wanted = wanted or [name for name in map(str, table) if name not in names]
    rows = table.set_index(names) if names else table
    if rows.index.duplicated().any():
        twice = rows.index[rows.index.duplicated()]
        raise InputError(
            f"`measure` gave {len(twice)} rows with the name of another: {first_offenders(twice)}; "
            "expected rows that their text tells apart. Return a Series indexed by what does."
        )
    if len(wanted) == 1:
        return _plain(rows[wanted[0]])
    parts = {name: _plain(rows[name]) for name in wanted}
    return _plain(pd.concat(parts, names=["figure"])) if parts else pd.Series(dtype="float64")


def _plain(answer: "pd.Series[Any]") -> "pd.Series[Any]":
    answer = answer.infer_objects()
    if not pd.api.types.is_numeric_dtype(answer):
        return answer
    return pd.Series(answer.to_numpy(np.float64, na_value=np.nan), answer.index, name=answer.name)


def _placed(incidents: pd.DataFrame, lon: Floats, lat: Floats, index: UnitIndex) -> pd.DataFrame:
    """Place incidents as :func:`sahel_geo.assign` does, at other coordinates (n,)."""
    row = index.locate(lon, lat)
    table = pd.DataFrame(incidents.copy(deep=False)).drop(columns="unit_name", errors="ignore")
    table["lon"], table["lat"] = lon, lat
    table["unit_id"] = pd.Series(take_text(index.unit_ids, row), table.index)
    nowhere = ~(np.isfinite(lon) & np.isfinite(lat))
    reason = np.where(row >= 0, -1, np.where(nowhere, 0, 1))
    names = ("no_coordinates", "outside_units")
    table["unplaced_reason"] = pd.Series(take_text(names, reason), table.index)
    return table


def _draw_fatalities(table: pd.DataFrame, rng: np.random.Generator) -> None:
    """Replace the best figure by one between low and high, where all three are stated."""
    columns = ["fatalities_low", "fatalities_best", "fatalities_high"]
    if not set(columns) <= set(table.columns):
        return
    low, best, high = (table[name].to_numpy(np.float64, na_value=np.nan) for name in columns)
    varies = high > low
    drawn = best.copy()
    mode = np.clip(best, low, high)
    varies &= ~np.isnan(mode)
    if varies.any():
        figures = rng.triangular(low[varies], mode[varies], high[varies])
        drawn[varies] = np.round(figures)
    table["fatalities_best"] = drawn
