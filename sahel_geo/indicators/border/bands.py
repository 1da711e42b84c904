"""Incidents and fatalities by month and band of distance, and the shares drawn from them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.indicators.border.block_bootstrap import FEWEST_STEPS, Blocks, block_multiplicities
from sahel_geo.locate.panel.tally import FREQUENCY

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Resampling:
    """How the months are resampled.

    rng: Source of randomness.
    replicates: Number of resampled runs.
    block_months: Length of a block; by default the cube root of the number of months, rounded up.
    blocks: Kind of block.
    level: Share of the replicates between the limits of an interval.
    """

    rng: np.random.Generator
    replicates: int
    block_months: float | None
    blocks: Blocks
    level: float


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


def spans(
    months: pd.PeriodIndex | None, period: str | None, resampling: Resampling | None
) -> list[Span]:
    """Cut the months into periods, each with its resampled runs."""
    if months is None:
        return [Span(None, slice(0, 1), None)]
    stretches: list[tuple[Any, slice]] = [(None, slice(0, len(months)))]
    if period is not None:
        name = months.to_timestamp().to_period(FREQUENCY[period])
        stretches = [
            (each, slice(int(at[0]), int(at[-1]) + 1))
            for each in name.unique()
            for at in [np.flatnonzero(name == each)]
        ]
    return [Span(each, part, _resample(part, resampling)) for each, part in stretches]


def _resample(part: slice, resampling: Resampling | None) -> Any:
    steps = part.stop - part.start
    if resampling is None or steps < FEWEST_STEPS:
        return None
    return block_multiplicities(
        steps,
        replicates=resampling.replicates,
        rng=resampling.rng,
        block_steps=resampling.block_months,
        blocks=resampling.blocks,
    )


def by_month_and_band(
    month: Rows, band: Rows, figures: Mapping[str, Floats], shape: tuple[int, int]
) -> dict[str, Floats]:
    """Add incidents and figures up by month and band.

    month, band (n,): Where each incident belongs. figures (n,): Fatalities; a missing one adds
    nothing.
    """
    cell, size = month * shape[1] + band, shape[0] * shape[1]
    number = np.bincount(cell, minlength=size).astype(np.float64)
    tables: dict[str, Floats] = {"incidents": number}
    for name, values in figures.items():
        sums = np.bincount(cell, weights=np.nan_to_num(values), minlength=size)
        tables[name] = np.asarray(sums, dtype=np.float64)
    return {name: table.reshape(shape) for name, table in tables.items()}


def band_rows(
    limits: Sequence[float],
    tables: Mapping[str, Floats],
    baselines: Mapping[str, Floats],
    span: Span,
    level: float | None,
) -> Iterator[dict[str, Any]]:
    """Give one row of figures for each limit of distance.

    tables (months, k + 1): From :func:`by_month_and_band`; the last band is beyond every limit.
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
