"""Incidents, land and people by band of distance from a border, and the shares drawn from them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from sahel_geo.arrays import Flags, Floats, Integers, Objects
from sahel_geo.crs import EQUAL_AREA, LONLAT
from sahel_geo.errors import InputError, first_offenders, require_km
from sahel_geo.formats.rasters import CELLS_AT_ONCE, open_raster
from sahel_geo.locate.assign.unit_index import UnitIndex, index_of
from sahel_geo.locate.panel.count import FREQUENCY
from sahel_geo.places.borders import distance_to_border
from sahel_geo.places.remember import remembered
from sahel_geo.projection import project, unproject
from sahel_geo.schema import FATALITIES, PathLike

People: TypeAlias = pd.Series | PathLike

_FEWEST_MONTHS: Final = 12  # below a year an interval would promise more than it holds
_SHARED_KM: Final = 100.0
_KM_PER_DEGREE: Final = 110.5  # at least, along a meridian and along the equator, on WGS 84
_POLEWARD: Final = 80.0  # degrees, beyond which a circle in degrees is no use


@dataclass(frozen=True, eq=False)  # known by itself, so that what is made of it can be remembered
class Ground:
    """Points that stand for land or for people."""

    # lon, lat: (n,) degrees, WGS 84
    lon: Floats
    lat: Floats
    unit: Integers  # (n,) row of the unit that each lies in
    weight: Floats  # (n,) how much each stands for: cells of one area, or people


@dataclass(frozen=True)
class Span:
    """A stretch of months with a name, and how often each month occurs in each replicate."""

    period: Any  # the name; none for the whole of the data
    months: slice  # its rows in the tables by month
    # (r, n) None where no interval is asked for, or the stretch is too short for one
    multiplicities: Any

    @classmethod
    def cut(
        cls,
        months: pd.PeriodIndex | None,
        period: str | None,
        resample: Callable[[int], Integers] | None,
    ) -> "list[Span]":
        """Cut the months into periods, each with its resampled runs."""
        if months is None:
            return [cls(None, slice(0, 1), None)]
        stretches: list[tuple[Any, slice]] = [(None, slice(0, len(months)))]
        if period is not None:
            name = months.to_timestamp().to_period(FREQUENCY[period])
            stretches = [
                (each, slice(int(at[0]), int(at[-1]) + 1))
                for each in name.unique()
                for at in [np.flatnonzero(name == each)]
            ]
        sizes = [part.stop - part.start for _, part in stretches]
        return [
            cls(*stretch, resample(size) if resample and size >= _FEWEST_MONTHS else None)
            for stretch, size in zip(stretches, sizes, strict=True)
        ]


@dataclass(frozen=True)
class Events:
    """Incidents of the study area, each with its unit, month and figures."""

    lon: Floats
    lat: Floats
    unit: Integers
    month: Integers
    place: Integers  # alike for incidents of one point and month, which say the same thing
    figures: dict[str, Floats]

    @classmethod
    def of(cls, inside: pd.DataFrame, units: gpd.GeoDataFrame, month: Integers) -> "Events":
        """Take placed incidents and the row of the month of each."""
        ids = pd.Index(units["unit_id"].astype("str"))
        lon, lat = (inside[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
        points = pd.DataFrame({"lon": lon, "lat": lat, "month": month})
        return cls(
            lon,
            lat,
            np.asarray(ids.get_indexer(pd.Index(inside["unit_id"])), dtype=np.int64),
            month,
            np.asarray(points.groupby(list(points)).ngroup(), dtype=np.int64),
            {
                name: inside[name].to_numpy(dtype=np.float64, na_value=np.nan)
                for name in FATALITIES
                if name in inside
            },
        )


@dataclass(frozen=True)
class Study:
    """All that the figures of one border are made from."""

    limits: list[float]
    events: Events
    grounds: dict[str, Ground]
    country: Objects
    parts: dict[str, Flags]
    spans: list[Span]
    level: float | None

    def rows(self, name: str, pair: Any, line: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
        """Give the figures of one border, by part, period and distance."""
        every = np.ones(len(self.country), dtype=bool)
        near = every if pair is None else np.isin(self.country.astype(str), pair)
        band = self._bands(self.events, near, line)
        ground = {base: self._bands(points, near, line) for base, points in self.grounds.items()}
        for part, units in self.parts.items():
            tables = self._tables(np.where(units[self.events.unit], band, -1), len(self.limits))
            bases = {
                base: _share_within(
                    points, np.where(units[points.unit], ground[base], -1), len(self.limits)
                )
                for base, points in self.grounds.items()
            }
            for span in self.spans:
                for row in _band_rows(self.limits, tables, bases, span, self.level):
                    yield {"border": name, "part": part, "period": span.period, **row}

    def zone_rows(self) -> Iterator[dict[str, Any]]:
        """Give the figures of the zone and of the rest, as if each were one band."""
        for part in ("zone", "rest"):
            units = self.parts[part]
            tables = self._tables(np.where(units[self.events.unit], 0, 1), 1)
            bases = {
                name: _share_within(points, np.where(units[points.unit], 0, 1), 1)
                for name, points in self.grounds.items()
            }
            for span in self.spans:
                row = next(_band_rows([np.nan], tables, bases, span, self.level))
                del row["distance_km"]
                yield {"part": part, "period": span.period, **row}

    def _bands(self, points: Any, near: Flags, line: gpd.GeoDataFrame) -> Integers:
        """Give the band of each point, the last beyond all limits; -1 in other countries."""
        here = near[points.unit]
        if isinstance(points, Ground):  # as far as most profiles ask, so that they can share it
            away = _land_away(line, points, max(self.limits[-1], _SHARED_KM))
        else:
            away = np.full(len(points.lon), np.inf)
            lon, lat = points.lon[here], points.lat[here]
            away[here] = _distance_within(lon, lat, line, self.limits[-1])
        return np.where(here, np.searchsorted(self.limits, away, side="left"), -1)

    def _tables(self, band: Integers, bands: int) -> dict[str, Floats]:
        """Sum figures by month and band, and the squares of those of places, (n, k + 2)."""
        kept = band >= 0
        months = max(span.months.stop for span in self.spans) if self.spans else 0
        shape, size = (months, bands + 1), months * (bands + 1)
        month = self.events.month[kept]
        cell = month * shape[1] + band[kept]
        figures = {"incidents": np.ones(len(band))} | self.events.figures
        place, of = np.unique(self.events.place[kept], return_inverse=True)
        when = np.zeros(len(place), dtype=np.int64)
        when[of] = month
        tables = {}
        for name, values in figures.items():  # a missing one adds nothing
            known = np.nan_to_num(values[kept])
            table = np.bincount(cell, known, size).reshape(shape)
            squares = np.bincount(when, np.bincount(of, known, len(place)) ** 2, months)
            tables[name] = np.column_stack([table, squares])
        return tables


def _share_within(points: Ground, band: Integers, bands: int) -> Floats:
    """Cumulate the weights by band into the share within each limit."""
    kept = band >= 0
    sums = np.bincount(band[kept], weights=points.weight[kept], minlength=bands + 1)
    whole = sums.sum()
    return np.asarray(np.cumsum(sums)[:-1] / whole if whole > 0 else np.full(bands, np.nan))


def _band_rows(
    limits: Sequence[float],
    tables: Mapping[str, Floats],
    baselines: Mapping[str, Floats],
    span: Span,
    level: float | None,
) -> Iterator[dict[str, Any]]:
    """Give one row of figures for each limit of distance: sums (months, k + 1), baselines (k,)."""
    sums = {name: table[span.months].sum(axis=0) for name, table in tables.items()}
    shares = {name: _shares(each[:-1]) for name, each in sums.items()}
    drawn = {name: _interval(table[span.months], span, level) for name, table in tables.items()}
    number = sums["incidents"][:-1]
    for at, limit in enumerate(limits):
        row = {
            "distance_km": limit,
            "incidents": int(number.sum()),
            "incidents_within": int(number[: at + 1].sum()),
            **_figure("incidents_share", shares["incidents"][at], drawn["incidents"], at),
        }
        row |= {f"{name}_share": float(values[at]) for name, values in baselines.items()}
        for name, values in baselines.items():
            column = "location_quotient" if name == "area" else f"{name}_quotient"
            row |= _quotient(column, values[at], shares["incidents"][at], drawn["incidents"], at)
        for measure in shares:
            if measure != "incidents":
                row |= _figure(f"{measure}_share", shares[measure][at], drawn[measure], at)
                for name, values in baselines.items():
                    column = f"{measure}_{name}_quotient"
                    row |= _quotient(column, values[at], shares[measure][at], drawn[measure], at)
        yield row


def _shares(sums: Floats) -> Floats:
    """Cumulate sums by band into shares within each limit; missing where there is no sum."""
    within = np.cumsum(sums, axis=-1)
    whole = within[..., -1:]
    return np.asarray(
        np.divide(within, whole, out=np.full(within.shape, np.nan), where=whole > 0)[..., :-1]
    )


def _interval(table: Floats, span: Span, level: float | None) -> Any:
    """Give low and high of the share within each limit, shape (2, k); None if not asked for.

    Blocks that hold no incident near a border draw none: the interval is at least the exact
    binomial one of as many places of a month as weigh the same (Clopper and Pearson; Kish).
    """
    if level is None:
        return None
    bands = table.shape[1] - 2
    if span.multiplicities is None:
        return np.full((2, bands), np.nan)
    drawn = _shares(span.multiplicities @ table[:, :-1])
    known = drawn[~np.isnan(drawn[:, 0])]
    if len(known) == 0:
        return np.full((2, bands), np.nan)
    from scipy.special import betaincinv  # noqa: PLC0415  takes a while

    tail, (*number, squares) = (1 - level) / 2, table.sum(axis=0)
    share, size = _shares(np.array(number)), sum(number) ** 2 / squares
    within, beyond = share * size, (1 - share) * size
    low = np.where(within > 0, betaincinv(np.maximum(within, 1e-9), beyond + 1, tail), 0.0)
    high = np.where(beyond > 0, betaincinv(within + 1, np.maximum(beyond, 1e-9), 1 - tail), 1.0)
    ends = np.quantile(known, [tail, 1 - tail], axis=0)
    return np.stack([np.minimum(ends[0], low), np.maximum(ends[1], high)])


def _figure(name: str, value: float, drawn: Any, at: int) -> dict[str, float]:
    if drawn is None:
        return {name: float(value)}
    return {
        name: float(value),
        f"{name}_low": float(drawn[0, at]),
        f"{name}_high": float(drawn[1, at]),
    }


def _quotient(name: str, base: float, value: float, drawn: Any, at: int) -> dict[str, float]:
    scale = 1 / base if base > 0 else np.nan
    return _figure(name, value * scale, None if drawn is None else drawn * scale, at)


def baselines(
    population: People | None, units: gpd.GeoDataFrame, cell_km: float
) -> dict[str, Ground]:
    """Give what shares near a border stand beside: the land, and the people if they are known."""
    require_km("cell_km", cell_km)
    cells = _land(units, float(cell_km))
    if population is None:
        return {"area": cells}
    return {"area": cells, "people": _people(population, units, index_of(units), cells, cell_km)}


@remembered("unit_id")
def _land(units: gpd.GeoDataFrame, cell_km: float) -> Ground:
    """Sample the land with the centres of an equal-area grid."""
    west, south, east, north = units.geometry.to_crs(EQUAL_AREA).total_bounds
    step = cell_km * 1e3
    x, y = np.meshgrid(
        np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
    )
    lon, lat = unproject(x.ravel(), y.ravel())
    row = index_of(units).locate(lon, lat)
    kept = row >= 0
    return Ground(lon[kept], lat[kept], row[kept].astype(np.int64), np.ones(int(kept.sum())))


def _people(
    population: People, units: gpd.GeoDataFrame, index: UnitIndex, cells: Ground, cell_km: float
) -> Ground:
    """Say where people live."""
    if not isinstance(population, pd.Series):
        gathered = [_gather(*part, index, cell_km) for part in _raster_cells(population)]
        empty = pd.DataFrame(columns=["unit", "column", "row", "people", "x", "y"], dtype=float)
        table = pd.concat([empty, *gathered]) if gathered else empty
        table = table.groupby(["unit", "column", "row"], as_index=False).sum()
        weight = table["people"].to_numpy(np.float64)
        return Ground(
            table["x"].to_numpy(np.float64) / weight,
            table["y"].to_numpy(np.float64) / weight,
            table["unit"].to_numpy(np.int64),
            weight,
        )
    figures = _by_unit(population, units)
    inside = np.bincount(cells.unit, minlength=len(units))
    small = np.flatnonzero((inside == 0) & (figures > 0))
    inner = units.geometry.iloc[small].representative_point()
    unit = np.concatenate([cells.unit, small])
    return Ground(
        np.concatenate([cells.lon, inner.x.to_numpy(np.float64)]),
        np.concatenate([cells.lat, inner.y.to_numpy(np.float64)]),
        unit,
        (figures / np.maximum(inside, 1))[unit],
    )


def _distance_within(lon: Floats, lat: Floats, border: gpd.GeoDataFrame, limit_km: float) -> Floats:
    """Measure distances (km) to a border; infinite where a generous circle leaves it out."""
    away = np.full(len(lon), np.inf)
    farthest = float(np.abs(lat).max(initial=0)) + limit_km / _KM_PER_DEGREE
    if farthest < _POLEWARD:
        reach = limit_km / (_KM_PER_DEGREE * np.cos(np.radians(farthest)))
        line = shapely.union_all(border.geometry.to_numpy())
        shapely.prepare(line)
        west, south, east, north = np.add(line.bounds, np.multiply(1.01 * reach, [-1, -1, 1, 1]))
        near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        near[near] = shapely.dwithin(line, shapely.points(lon[near], lat[near]), reach)
    else:
        near = np.ones(len(lon), dtype=bool)
    away[near] = distance_to_border(lon[near], lat[near], border)
    return away


@remembered()
def _land_away(border: gpd.GeoDataFrame, land: Ground, limit_km: float) -> Floats:
    """Measure the distances of the land to a border, as `distance_within` does."""
    return _distance_within(land.lon, land.lat, border, limit_km)


def _by_unit(population: "pd.Series[Any]", units: gpd.GeoDataFrame) -> Floats:
    ids = pd.Index(units["unit_id"].astype("str"))
    if not population.index.is_unique:
        twice = population.index[population.index.duplicated()]
        raise InputError(
            "`population` names {number} units twice: {shown}; expected each once. Add their "
            "parts up.",
            number=len(twice),
            shown=first_offenders(twice),
        )
    figures = population.set_axis(population.index.astype("str")).reindex(ids)
    values = figures.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        raise InputError(
            "`population` has no figure, or a negative one, for {number} units: {shown}; "
            "expected people by unit_id. Fill them in.",
            number=int(wrong.sum()),
            shown=first_offenders(ids[wrong]),
        )
    return np.asarray(values)


def _gather(
    lon: Floats, lat: Floats, number: Floats, index: UnitIndex, cell_km: float
) -> pd.DataFrame:
    """Add people up by unit and cell of land, with the sums of their coordinates."""
    unit = index.locate(lon, lat)
    kept = unit >= 0
    lon, lat, number = lon[kept], lat[kept], number[kept]
    x, y = project(lon, lat)
    table = pd.DataFrame(
        {
            "unit": unit[kept],
            "column": np.floor(x / (cell_km * 1e3)),
            "row": np.floor(y / (cell_km * 1e3)),
            "people": number,
            "x": lon * number,
            "y": lat * number,
        }
    )
    return table.groupby(["unit", "column", "row"], as_index=False).sum()


def _raster_cells(path: PathLike) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Give the centres of the inhabited cells and their people, block by block."""
    from rasterio.windows import Window  # noqa: PLC0415  slow to import

    with open_raster(path, upright=False) as raster:
        plane = CRS.from_user_input(raster.crs)
        to_lonlat = Transformer.from_crs(plane, LONLAT, always_xy=True)
        for left, top, width, height in _windows(raster):
            window = Window(left, top, width, height)
            values = raster.read(1, window=window, masked=True).astype(np.float64).filled(0.0)
            row, column = np.nonzero(np.isfinite(values) & (values > 0))
            number = values[row, column]
            grid, right, down = raster.transform, column + (left + 0.5), row + (top + 0.5)
            x = grid.a * right + grid.b * down + grid.c
            y = grid.d * right + grid.e * down + grid.f
            lon, lat = to_lonlat.transform(x, y)
            yield np.asarray(lon), np.asarray(lat), number


def _windows(raster: Any, cells: int = CELLS_AT_ONCE) -> Iterator[tuple[int, int, int, int]]:
    """Cut a raster into windows of few cells, whatever its shape."""
    width = min(raster.width, cells)
    height = max(1, cells // width)
    for top in range(0, raster.height, height):
        for left in range(0, raster.width, width):
            yield left, top, min(width, raster.width - left), min(height, raster.height - top)
