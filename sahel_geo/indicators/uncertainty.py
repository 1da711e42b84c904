"""Location and count uncertainty: how much a figure moves within what the sources admit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators import scdi
from sahel_geo.locate.assign import coordinates, take_text
from sahel_geo.locate.unit_index import UnitIndex
from sahel_geo.places.boundaries import load_boundaries
from sahel_geo.schema import LOCATION_PRECISIONS

Floats = npt.NDArray[np.float64]
Areas = Mapping[str, gpd.GeoDataFrame]
Measure = Callable[[pd.DataFrame, gpd.GeoDataFrame], Any]

_NEAR_KM: Final = 25.0  # UCDP GED codebook, where_prec 2
_LEVEL: Final[dict[str, Any]] = {"country": 0, "admin1": 1, "admin2": 2, "admin3": 3}
_ROUNDS: Final = 400  # a place that fills 5 % of its box is missed so often once in 10^9 draws
_POINTS_AT_ONCE: Final = 2_000_000


@dataclass(frozen=True)
class Propagated:
    """A measure with the interval that location and count uncertainty leave it.

    Attributes
    ----------
    table : DataFrame, k rows
        On the index of the measure: ``recorded`` (from the incidents as they stand), ``mean``,
        ``low`` and ``high`` (quantiles of the draws) and ``sd``. Missing where no draw has an
        answer; draws without one are left out.
    draws : ndarray of float, shape (n, k)
        The measure in each draw.
    level : float
        Share of the draws between ``low`` and ``high``.
    redrawn : DataFrame
        Number of incidents by ``location_precision``: ``incidents``, and ``moved``, those whose
        place is redrawn. Others stay: exact ones, those of unknown precision, which are taken on
        trust, and those outside every area of their level.
    """

    table: pd.DataFrame
    draws: Floats
    level: float
    redrawn: pd.DataFrame


def propagate(
    measure: Measure,
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: np.random.Generator | int,
    n: int = 200,
    level: float = 0.9,
    areas: Areas | None = None,
) -> Propagated:
    """Evaluate a measure again and again on places and tolls that the sources admit.

    A figure whose interval spans its neighbours' figures does not rank them. The interval covers
    what the coding says about itself; it does not cover incidents that nobody recorded.

    Each draw moves each incident inside the area that its precision admits, all points alike:
    exact, the point itself; near, within 25 km of it; admin3, admin2, admin1 and country, the unit
    of that level that holds the point. One recorded inside `units` stays inside them if near. Its
    ``fatalities_best`` is drawn between low and high, the more likely the nearer to best
    (triangular), in whole numbers.

    Parameters
    ----------
    measure : callable
        Takes the incidents of one draw, placed as by :func:`sahel_geo.assign` (``unit_id``,
        ``unplaced_reason``), and `units`; gives a Series or array of k numbers, the same k each
        time. Count with ``start=`` and ``end=``.
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
        by default :func:`sahel_geo.load_boundaries` at these levels.

    Returns
    -------
    Propagated
        With exact incidents and known tolls, the interval is the recorded figure.

    Raises
    ------
    InputError
        If a setting is out of range, a precision is unknown, or the measure changes its length.

    References
    ----------
    Croicu, M. and Sundberg, R. UCDP Georeferenced Event Dataset codebook (where_prec).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> incidents = sg.load_example_incidents()
    >>> def hits(placed, units):
    ...     return placed["unit_id"].value_counts().reindex(units["unit_id"], fill_value=0)
    >>> found = propagate(hits, incidents, units, n=20, rng=1)
    >>> bool((found.table["low"] <= found.table["high"]).all())
    True
    """
    if n < 2 or not 0 < level < 1:
        raise InputError(
            f"`n` is {n} and `level` is {level}; expected at least 2 draws and a share between 0 "
            "and 1. Correct the setting.",
        )
    generator = np.random.default_rng(rng)
    index = UnitIndex(units)
    places = _Places.of(incidents, index, areas)
    recorded = measure(_placed(incidents, places.lon, places.lat, index), units)
    answer = np.asarray(recorded, dtype=np.float64)
    draws = np.empty((n, *answer.shape))
    for at, (lon, lat) in enumerate(places.draws(n, generator)):
        drawn = _placed(incidents, lon, lat, index)
        _draw_fatalities(drawn, generator)
        numbers = np.asarray(measure(drawn, units), dtype=np.float64)
        if numbers.shape != answer.shape:
            raise InputError(
                f"`measure` gave shape {numbers.shape} after {answer.shape}; expected the same "
                "units each time. Count with start= and end=, and reindex on the units.",
            )
        draws[at] = numbers
    table = _summary(answer, draws, level)
    table.index = recorded.index if isinstance(recorded, pd.Series) else table.index
    return Propagated(table, draws, level, places.redrawn)


def scdi_types(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: np.random.Generator | int,
    n: int = 200,
    grid: scdi.Grid = "oecd",
    threshold: float = scdi.THRESHOLD,
    areas: Areas | None = None,
) -> pd.DataFrame:
    """Give the probability of each SCDi type of each cell and year under location error.

    Incidents coded to one town look clustered because of the coding; where the probability of the
    recorded type is low, the type is no finding.

    Parameters
    ----------
    incidents, units, rng, n, areas
        As for :func:`propagate`; also column ``date``.
    grid, threshold
        As for :func:`sahel_geo.scdi.by_cell`.

    Returns
    -------
    DataFrame
        One row for each cell and year of :func:`sahel_geo.scdi.by_cell`: ``cell_id``, ``year``,
        ``type`` as recorded (missing below 2 incidents), and the shares of the draws in which it
        is ``CH``, ``CL``, ``DH``, ``DL`` or ``unclassed`` (fewer than 2 incidents), which add up
        to 1.

    Raises
    ------
    InputError
        As for :func:`propagate` and :func:`sahel_geo.scdi.by_cell`.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> found = scdi_types(sg.load_example_incidents(), sg.load_boundaries(level=0), n=20, rng=1)
    >>> bool(found[["CH", "CL", "DH", "DL", "unclassed"]].sum(axis=1).round(9).eq(1).all())
    True
    """
    if n < 1:
        raise InputError(f"`n` is {n}; expected at least 1 draw.")
    recorded = scdi.by_cell(incidents, grid=grid, threshold=threshold).table
    dated = incidents[pd.to_datetime(incidents["date"]).notna()]
    places = _Places.of(dated, UnitIndex(units), areas)
    known = np.isfinite(places.lon) & np.isfinite(places.lat)
    year = np.asarray(pd.to_datetime(dated["date"]).dt.year, dtype=np.int64)[known]
    names = (*scdi.TYPES, "unclassed")
    counts = {name: np.zeros(len(recorded)) for name in names}
    cell = pd.MultiIndex.from_frame(recorded[["cell_id", "year"]])
    for lon, lat in places.draws(n, np.random.default_rng(rng)):
        found = scdi.measure_cells(lon[known], lat[known], year, grid=grid, threshold=threshold)
        labels = f"{grid} " + found["column"].astype(str) + " " + found["row"].astype(str)
        row = cell.get_indexer(pd.MultiIndex.from_arrays([labels, found["year"]]))
        for code, name in enumerate(scdi.TYPES):
            counts[name][row[(row >= 0) & (found["code"].to_numpy() == code)]] += 1
    table = recorded[["cell_id", "year", "type"]].copy()
    for name in scdi.TYPES:
        table[name] = counts[name] / n
    table["unclassed"] = 1 - sum(counts[name] for name in scdi.TYPES) / n
    return table


@dataclass(frozen=True)
class _Places:
    """Recorded places, and the area that each may be redrawn in."""

    lon: Floats
    lat: Floats
    near: npt.NDArray[np.intp]  # rows
    bound: npt.NDArray[np.bool]  # of near rows: recorded inside the units
    index: UnitIndex
    inside: list[tuple[npt.NDArray[np.intp], npt.NDArray[np.int32], UnitIndex, Floats]]
    redrawn: pd.DataFrame

    @classmethod
    def of(cls, incidents: pd.DataFrame, index: UnitIndex, areas: Areas | None) -> "_Places":
        lon, lat = coordinates(incidents)
        precision = _precisions(incidents)
        known = np.isfinite(lon) & np.isfinite(lat)
        near = np.flatnonzero(known & (precision == "near"))
        inside = []
        for name, level in _LEVEL.items():
            rows = np.flatnonzero(known & (precision == name))
            if len(rows) == 0:
                continue
            layer = load_boundaries(level=level) if areas is None else areas.get(name)
            if layer is None:
                raise InputError(
                    f"`areas` has no {name!r}, the precision of {len(rows)} incidents; it has "
                    f"{first_offenders(areas or ())}. Add its units, or leave areas= out.",
                )
            of_area = UnitIndex(layer)
            unit = of_area.locate(lon[rows], lat[rows])
            held = unit >= 0
            bounds = layer.geometry.bounds.to_numpy(dtype=np.float64)[unit[held]]
            inside.append((rows[held], unit[held], of_area, bounds))
        moved = np.zeros(len(lon), dtype=bool)
        moved[near] = True
        for rows, *_ in inside:
            moved[rows] = True
        redrawn = pd.DataFrame({"location_precision": precision, "moved": moved})
        redrawn = redrawn.groupby("location_precision")["moved"].agg(["size", "sum"]).reset_index()
        redrawn.columns = pd.Index(["location_precision", "incidents", "moved"])
        bound = index.locate(lon[near], lat[near]) >= 0
        return cls(lon, lat, near, bound, index, inside, redrawn)

    def draws(self, n: int, rng: np.random.Generator) -> Any:
        """Give n pairs of coordinates, drawn in blocks."""
        block = max(1, _POINTS_AT_ONCE // max(len(self.lon), 1))
        for start in range(0, n, block):
            count = min(block, n - start)
            lon, lat = (np.repeat(axis[None], count, axis=0) for axis in (self.lon, self.lat))
            self._draw_near(lon, lat, rng)
            for rows, unit, index, bounds in self.inside:
                x, y = _inside_areas(np.tile(unit, count), index, np.tile(bounds, (count, 1)), rng)
                stay = np.isnan(x)
                x[stay], y[stay] = lon[:, rows].ravel()[stay], lat[:, rows].ravel()[stay]
                lon[:, rows], lat[:, rows] = x.reshape(count, -1), y.reshape(count, -1)
            yield from zip(lon, lat, strict=True)

    def _draw_near(self, lon: Floats, lat: Floats, rng: np.random.Generator) -> None:
        count = len(lon)
        x, y = lon[:, self.near].ravel(), lat[:, self.near].ravel()
        bound, todo = np.tile(self.bound, count), np.arange(x.size)
        from_x, from_y = x.copy(), y.copy()
        for _ in range(_ROUNDS):
            if len(todo) == 0:
                break
            metres = 1e3 * _NEAR_KM * np.sqrt(rng.random(len(todo)))
            azimuth = rng.uniform(-180, 180, len(todo))
            new_x, new_y, _ = WGS84.fwd(from_x[todo], from_y[todo], azimuth, metres)
            kept = ~bound[todo] | (self.index.locate(np.asarray(new_x), np.asarray(new_y)) >= 0)
            x[todo[kept]], y[todo[kept]] = np.asarray(new_x)[kept], np.asarray(new_y)[kept]
            todo = todo[~kept]
        lon[:, self.near], lat[:, self.near] = x.reshape(count, -1), y.reshape(count, -1)


def _inside_areas(
    unit: npt.NDArray[np.int32], index: UnitIndex, bounds: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw one point in each of the units, uniform on the sphere; NaN where none was found."""
    x, y = np.full(len(unit), np.nan), np.full(len(unit), np.nan)
    south, north = np.sin(np.radians(bounds[:, 1])), np.sin(np.radians(bounds[:, 3]))
    todo = np.arange(len(unit))
    for _ in range(_ROUNDS):
        if len(todo) == 0:
            break
        first, second = rng.random(len(todo)), rng.random(len(todo))
        new_x = bounds[todo, 0] + first * (bounds[todo, 2] - bounds[todo, 0])
        sine = south[todo] + second * (north[todo] - south[todo])
        new_y = np.degrees(np.arcsin(sine))
        kept = index.locate(new_x, new_y) == unit[todo]
        x[todo[kept]], y[todo[kept]] = new_x[kept], new_y[kept]
        todo = todo[~kept]
    return x, y


def _precisions(incidents: pd.DataFrame) -> npt.NDArray[np.object_]:
    if "location_precision" not in incidents:
        return np.full(len(incidents), "unknown", dtype=object)
    stated = incidents["location_precision"].astype(object)
    precision = stated.where(stated.notna(), "unknown").to_numpy(dtype=object)
    wrong = ~np.isin(precision.astype(str), LOCATION_PRECISIONS)
    if wrong.any():
        raise InputError(
            f"`incidents` has {int(wrong.sum())} unknown values of 'location_precision': "
            f"{first_offenders(sorted(set(precision[wrong])))}; expected one of "
            f"{list(LOCATION_PRECISIONS)}. Map them, or read the file with sg.read_incidents.",
        )
    return precision


def _placed(incidents: pd.DataFrame, lon: Floats, lat: Floats, index: UnitIndex) -> pd.DataFrame:
    row = index.locate(lon, lat)
    placed = pd.DataFrame(incidents.copy(deep=False))
    placed["lon"], placed["lat"] = lon, lat
    placed["unit_id"] = pd.Series(take_text(index.unit_ids, row), placed.index)
    nowhere = ~(np.isfinite(lon) & np.isfinite(lat))
    reason = np.where(row >= 0, -1, np.where(nowhere, 0, 1))
    names = ("no_coordinates", "outside_units")
    placed["unplaced_reason"] = pd.Series(take_text(names, reason), placed.index)
    return placed


def _draw_fatalities(placed: pd.DataFrame, rng: np.random.Generator) -> None:
    """Replace the best figure by one between low and high, where all three are stated."""
    columns = ["fatalities_low", "fatalities_best", "fatalities_high"]
    if not set(columns) <= set(placed.columns):
        return
    low, best, high = (placed[name].to_numpy(np.float64, na_value=np.nan) for name in columns)
    varies = high > low
    drawn = best.copy()
    mode = np.clip(best, low, high)
    varies &= ~np.isnan(mode)
    if varies.any():
        figures = rng.triangular(low[varies], mode[varies], high[varies])
        drawn[varies] = np.round(figures)
    placed["fatalities_best"] = drawn


def _summary(recorded: Floats, draws: Floats, level: float) -> pd.DataFrame:
    answered = ~np.isnan(draws).all(axis=0)
    table = pd.DataFrame({"recorded": recorded})
    for name in ("mean", "low", "high", "sd"):
        table[name] = np.nan
    part = draws[:, answered]
    tail = (1 - level) / 2
    if part.size:
        low, high = np.nanquantile(part, [tail, 1 - tail], axis=0)
        table.loc[answered, "mean"] = np.nanmean(part, axis=0)
        table.loc[answered, "low"], table.loc[answered, "high"] = low, high
        table.loc[answered, "sd"] = np.nanstd(part, axis=0)
    return table
