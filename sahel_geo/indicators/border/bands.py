"""Incidents and fatalities by month and band of distance, and the shares drawn from them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.indicators.border.block_bootstrap import Resampling
from sahel_geo.indicators.border.ground import Ground, distance_within, land_away
from sahel_geo.locate.panel.count import FATALITIES, FREQUENCY

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_SHARED_KM: Final = 100.0


@dataclass(frozen=True)
class Span:
    """A stretch of months with a name, and how often each month occurs in each replicate.

    period: The name; none for the whole of the data.
    months: Its rows in the tables by month.
    multiplicities (r, n): None where no interval is asked for, or the stretch is too short for one.
    """

    period: Any
    months: slice
    multiplicities: Any

    @classmethod
    def cut(
        cls, months: pd.PeriodIndex | None, period: str | None, resampling: Resampling | None
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
        return [
            cls(each, part, resampling and resampling.multiplicities(part.stop - part.start))
            for each, part in stretches
        ]


@dataclass(frozen=True)
class Events:
    """Incidents of the study area, each with its unit, month and figures."""

    lon: Floats
    lat: Floats
    unit: Rows
    month: Rows
    figures: dict[str, Floats]

    @classmethod
    def of(cls, inside: pd.DataFrame, units: gpd.GeoDataFrame, month: Rows) -> "Events":
        """Take placed incidents and the row of the month of each."""
        ids = pd.Index(units["unit_id"].astype("str"))
        return cls(
            inside["lon"].to_numpy(dtype=np.float64),
            inside["lat"].to_numpy(dtype=np.float64),
            np.asarray(ids.get_indexer(pd.Index(inside["unit_id"])), dtype=np.int64),
            month,
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
    country: npt.NDArray[np.object_]
    parts: dict[str, npt.NDArray[np.bool]]
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

    def _bands(self, points: Any, near: npt.NDArray[np.bool], line: gpd.GeoDataFrame) -> Rows:
        """Give the band of each point, the last beyond all limits; -1 in other countries."""
        here = near[points.unit]
        if isinstance(points, Ground):  # as far as most profiles ask, so that they can share it
            away = land_away(line, points, max(self.limits[-1], _SHARED_KM))
        else:
            away = np.full(len(points.lon), np.inf)
            lon, lat = points.lon[here], points.lat[here]
            away[here] = distance_within(lon, lat, line, self.limits[-1])
        return np.where(here, np.searchsorted(self.limits, away, side="left"), -1)

    def _tables(self, band: Rows, bands: int) -> dict[str, Floats]:
        kept = band >= 0
        months = max(span.months.stop for span in self.spans) if self.spans else 0
        shape, size = (months, bands + 1), months * (bands + 1)
        cell = self.events.month[kept] * shape[1] + band[kept]
        tables = {"incidents": np.bincount(cell, minlength=size)}
        for name, values in self.events.figures.items():  # a missing one adds nothing
            tables[name] = np.bincount(cell, np.nan_to_num(values[kept]), size)
        return {name: table.reshape(shape).astype(np.float64) for name, table in tables.items()}


def _share_within(points: Ground, band: Rows, bands: int) -> Floats:
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
    """Give one row of figures for each limit of distance.

    tables (months, k + 1): Sums by band; the last is beyond every limit.
    baselines (k,): ``"area"`` and perhaps ``"people"``: share of each within each limit.
    """
    shares = {name: _shares(table[span.months].sum(axis=0)) for name, table in tables.items()}
    drawn = {name: _interval(table[span.months], span, level) for name, table in tables.items()}
    number = tables["incidents"][span.months].sum(axis=0)
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
    """Give low and high of the share within each limit, shape (2, k); None if not asked for."""
    if level is None:
        return None
    bands = table.shape[1] - 1
    if span.multiplicities is None:
        return np.full((2, bands), np.nan)
    shares = _shares(span.multiplicities @ table)
    known = shares[~np.isnan(shares[:, 0])]
    if len(known) == 0:
        return np.full((2, bands), np.nan)
    return np.quantile(known, [(1 - level) / 2, (1 + level) / 2], axis=0)


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
