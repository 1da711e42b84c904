"""Where incidents have shifted between two periods, and where chance alone would do as much."""

from dataclasses import dataclass, fields
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Flags, Floats, Integers, Positions
from sahel_geo.compiled import over_chunks
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import InputError, require_choice, require_columns
from sahel_geo.indicators.density.binning import Bins
from sahel_geo.indicators.density.kernels import REACH, Kernel
from sahel_geo.indicators.density.points import StudyArea, projected_points
from sahel_geo.indicators.density.relative_risk_result import RelativeRisk, Span
from sahel_geo.indicators.permutation.two_spans import Deal, WaveDeals
from sahel_geo.indicators.surface.surface import Surface
from sahel_geo.projection import unproject

_MOST_VALUES: Final = 100_000_000
_BLOCK: Final = 16  # permutations that share a random stream and a thread
_SAME: Final = 1e-6  # differences below are rounding
_ALPHA: Final = 0.05

Together = Literal["waves", "place-month", "area-month", "incident"]
_SAME_PLACE_METRES: Final = 10.0
_WIDE: Final = 2.0  # bandwidths: how wide a square goes through bouts, or waves, as one


@dataclass(frozen=True)
class Record:
    """All incidents with a place and a date, of which some belong to one of the two periods."""

    # x, y: (n,) metres
    x: Floats
    y: Floats
    month: Integers  # (n,) months since the year 0
    # late, kept: (n,) whether an incident belongs to the later period, and to either
    late: Flags
    kept: Flags

    def of(self, rows: Flags) -> "Record":
        """Take some of the incidents."""
        return Record(*(getattr(self, each.name)[rows] for each in fields(self)))

    def deal(self, together: Together, bandwidth: float) -> Deal:
        """Give a function that draws, so many times, which of the incidents kept are late."""
        wide = _WIDE * bandwidth
        if together == "waves":
            starts = [self.month[who].min() for who in (self.late, self.kept & ~self.late)]
            waves = WaveDeals(self.x, self.y, self.month, wide, int(max(starts)))
            return waves.between(self.late, self.kept)
        own = self.of(self.kept)
        if together == "incident":
            return _of_groups(np.arange(len(own.x)), own.late)
        side = wide if together == "area-month" else _SAME_PLACE_METRES
        keys = np.column_stack([np.rint(own.x / side), np.rint(own.y / side), own.month])
        return _of_groups(np.unique(keys, axis=0, return_inverse=True)[1].ravel(), own.late)


def relative_risk(
    incidents: pd.DataFrame,
    before: Span,
    after: Span,
    *,
    bandwidth_km: float,
    rng: np.random.Generator | int,
    cell_km: float = 10.0,
    kernel: Kernel = "gaussian",
    edge: Any = None,
    permutations: int = 999,
    together: Together = "waves",
    least: float = 5.0,
    level: float = 0.95,
) -> RelativeRisk:
    """Tell where the share of incidents grew or shrank between two periods.

    Each period is made a surface that adds up to 1, so a rise everywhere alike does not show: this
    is about where, not how much. The logarithm of the ratio of both is compared with those of
    periods whose incidents are dealt at random.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon``, ``lat`` (EPSG:4326) and ``date``. Rows without one of them take no part.
    before, after : (str, str)
        First and last day, month or year of each period, both included; they must not overlap.
    bandwidth_km : float
        As for :func:`kernel_density`, the same for both periods.
    rng : Generator or int
        Seed.
    cell_km : float
        Side of a cell, in km.
    kernel : {"gaussian", "quartic"}
        Shape.
    edge : Zone or GeoDataFrame, optional
        Where incidents were observed; others are left out, and cells whose centre is outside are
        NaN. What kernels lose across an edge is the same share in both periods, so that it cancels
        in the ratio.
    permutations : int
        How often to deal, at least 19.
    together : {"waves", "place-month", "area-month", "incident"}
        What is left to chance. With ``"waves"`` the rate of each place wanders, and those of places
        within some bandwidths do so together: how strongly and for how many months is drawn from
        what the months before the change, and those after it, make likely, from all `incidents`
        given (the more years, the better), and the incidents of a place fall to the periods by such
        rates. The others deal the incidents anew, and keep what comes in bouts together: those of
        one place (the same 10 m) and calendar month, those of a square twice as wide as the
        bandwidth and month, or nothing. Where rates wander for months they find a change in most
        worlds without any.
    least : float
        A cell needs so many incidents of both periods together, each counted by the height of its
        kernel there over its peak; the ratio of less is noise, and the cell NaN.
    level : float
        Of the global envelope.

    Returns
    -------
    RelativeRisk
        Log ratio, pointwise p-values, global envelope and what lies beyond it, as surfaces.

    Raises
    ------
    InputError
        If a column is missing, a period is no span, has no incident or overlaps the other, no cell
        has enough incidents, or an option cannot be used.
    CrsError
        If `edge` is not in EPSG:4326.

    Notes
    -----
    With f a period's surface over its number of incidents, the log ratio is ln((f_after + d) /
    (f_before + d)), where d, the height of one kernel over all incidents, keeps it finite where one
    period has none. Deals hold the observed periods too. The envelope is the mean of all deals plus
    or minus c standard deviations at each cell, where c leaves the share `level` of deals inside
    everywhere.

    References
    ----------
    Kelsall, J. E. and Diggle, P. J. (1995). Non-parametric estimation of spatial variation in
    relative risk. Statistics in Medicine 14, 2335-2342. Bowman, A. W. and Azzalini, A. (1997).
    Applied Smoothing Techniques for Data Analysis, for the constant.

    Examples
    --------
    >>> places = pd.DataFrame({
    ...     "lon": [0.0] * 30 + [2.0] * 30, "lat": 14.0,
    ...     "date": pd.to_datetime(["2020-01-01"] * 30 + ["2021-01-01"] * 30)})
    >>> result = relative_risk(
    ...     places, ("2020", "2020"), ("2021", "2021"), bandwidth_km=30, rng=1,
    ...     permutations=99, together="incident")
    >>> result.p
    0.01
    """
    _check(permutations, level, least, {"bandwidth_km": bandwidth_km, "cell_km": cell_km})
    require_choice("kernel", kernel, get_args(Kernel))
    require_choice("together", together, get_args(Together))
    record = _record(incidents, before, after)
    area = None if edge is None else StudyArea.of(edge, "edge")
    if area is not None:
        record = record.of(area.holds(record.x, record.y))
    own = record.of(record.kept)
    x, y, late = own.x, own.y, own.late
    counts = int((~late).sum()), int(late.sum())
    if min(counts) == 0:
        raise InputError(
            f"`before` and `after` have {counts[0]} and {counts[1]} incidents with a place and a "
            "date; expected at least one in each. Choose longer periods, or a wider `edge`."
        )
    reach = REACH[kernel] * bandwidth_km * 1e3
    around = (x.min() - reach, y.min() - reach, x.max() + reach, y.max() + reach)
    bounds = around if area is None else area.bounds
    bins = Bins.over(bounds, cell_km * 1e3, bandwidth_km * 1e3, kernel)
    dense = bins.evaluate(bins.spread(x, y, np.ones(len(x)))) >= least - _SAME
    if area is not None:
        dense &= area.cells(bins.cells)
    _check_shown(int(dense.sum()), permutations, least)
    deal = record.deal(together, bandwidth_km * 1e3)
    ratios = _deals(own, bins, dense, deal, permutations, rng)
    return _result(ratios, bins, dense, level, (before, after), counts, _told(locals()))


def _deals(
    own: Record,
    bins: Bins,
    dense: Flags,
    deal: Deal,
    permutations: int,
    rng: np.random.Generator | int,
) -> npt.NDArray[np.float32]:
    """Give the log ratios of the observed periods (row 0) and of all deals."""

    def log_ratio(late: Flags) -> Any:
        """Compare those that are late with those that are not, relative to one kernel's peak."""
        f = []
        for who in (late, ~late):
            number = who.sum()
            grid = bins.spread(own.x[who], own.y[who], np.ones(number))
            f.append(np.maximum(bins.evaluate(grid)[dense], 0.0) / max(number, 1))
        floor = 1 / len(own.x)
        return np.log((f[0] + floor) / (f[1] + floor))

    streams = np.random.default_rng(rng).spawn(-(-permutations // _BLOCK))
    ratios = np.empty((permutations + 1, int(dense.sum())), dtype=np.float32)
    ratios[0] = log_ratio(own.late)

    def work(part: slice) -> None:
        stream = streams[part.start // _BLOCK]
        for at, dealt in enumerate(deal(stream, part.stop - part.start), part.start + 1):
            ratios[at] = log_ratio(dealt)

    over_chunks(work, permutations, _BLOCK, "permutations")
    return ratios


def _result(
    ratios: npt.NDArray[np.float32],
    bins: Bins,
    dense: Flags,
    level: float,
    spans: tuple[Span, Span],
    counts: tuple[int, int],
    figures: dict[str, str | float],
) -> RelativeRisk:
    mean, deviation = ratios.mean(axis=0), ratios.std(axis=0)
    deviation = np.where(deviation > _SAME, deviation, np.inf)  # no deal changes such a cell
    largest = np.array([np.abs((row - mean) / deviation).max() for row in ratios])
    order = int(np.ceil(level * len(largest))) - 1
    critical = float(np.sort(largest)[order])
    observed = ratios[0]
    more = (ratios >= observed - _SAME).mean(axis=0)
    less = (ratios <= observed + _SAME).mean(axis=0)
    beyond = np.abs((observed - mean) / deviation) > critical
    width = critical * np.where(np.isfinite(deviation), deviation, 0.0)
    chances = np.minimum(2 * np.minimum(more, less), 1.0)

    def surface(values: Any, unit: str) -> Surface:
        whole = np.full(bins.cells.size, np.nan)
        whole[dense] = values
        return Surface(whole, bins.cells.transform, EQUAL_AREA, unit, figures)

    unit = "log relative risk"
    log_ratio = surface(observed, unit)
    return RelativeRisk(
        table=_table(log_ratio, chances, beyond, dense),
        log_ratio=log_ratio,
        p_value=surface(chances, "p"),
        low=surface(mean - width, unit),
        high=surface(mean + width, unit),
        beyond=surface(np.where(beyond, observed, np.nan), unit),
        p=float((largest >= largest[0] - _SAME).mean()),
        level=level,
        before=spans[0],
        after=spans[1],
        incidents=counts,
    )


def _table(log_ratio: Surface, chances: Floats, beyond: Flags, dense: Flags) -> pd.DataFrame:
    rows, columns = np.nonzero(dense)
    values = log_ratio.values[dense].astype(np.float64)
    lines = []
    for kind, sign in (("more", 1), ("less", -1)):
        side = values * sign > 0
        line: dict[str, Any] = {
            "kind": kind,
            "area_km2": float(side.sum() * log_ratio.cell_km2),
            "pointwise_km2": float((side & (chances <= _ALPHA)).sum() * log_ratio.cell_km2),
            "beyond_km2": float((side & beyond).sum() * log_ratio.cell_km2),
            "ratio": np.nan,
            "lon": np.nan,
            "lat": np.nan,
        }
        if side.any():
            peak = int((values * sign).argmax())
            x, y = log_ratio.transform @ (columns[peak] + 0.5, rows[peak] + 0.5)
            lon, lat = unproject(x, y)
            line |= {"ratio": float(np.exp(values[peak])), "lon": float(lon), "lat": float(lat)}
        lines.append(line)
    return pd.DataFrame(lines)


def _record(incidents: pd.DataFrame, before: Span, after: Span) -> Record:
    """Take the incidents with a place and a date, and tell which belong to which period."""
    require_columns(incidents, "incidents", ("date",), "Read the file with sg.read_incidents.")
    spans = {name: _days(span, name) for name, span in (("before", before), ("after", after))}
    (first, last), (start, end) = spans["before"], spans["after"]
    if start <= last and first <= end:
        raise InputError(
            f"`before` {before} and `after` {after} overlap; expected two periods apart. "
            "Move one of them."
        )
    dates = pd.to_datetime(incidents["date"])
    located = incidents[["lon", "lat"]].notna().all(axis="columns")
    known = (located & dates.notna()).to_numpy()
    dates = dates[known]
    early, late = dates.between(first, last), dates.between(start, end)
    x, y, _ = projected_points(incidents[known], None)
    month = np.asarray(dates.dt.year * 12 + dates.dt.month, dtype=np.int64)
    return Record(x, y, month, late.to_numpy(bool), (early | late).to_numpy(bool))


def _days(span: Span, name: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    try:
        first, last = (pd.Period(each) for each in span)
        start, end = first.start_time, last.end_time
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"`{name}` is {span!r}; expected the first and the last day, month or year, such as "
            "('2019', '2020'). Correct it."
        ) from error
    if start > end:
        raise InputError(f"`{name}` is {span!r}, which ends before it begins. Swap the two.")
    return start, end


def _told(given: dict[str, Any]) -> dict[str, str | float]:
    names = ("bandwidth_km", "cell_km", "kernel", "permutations", "together", "least", "level")
    spans = {name: " to ".join(map(str, given[name])) for name in ("before", "after")}
    return {"measure": "relative_risk", **spans, **{name: given[name] for name in names}}


def _check(permutations: int, level: float, least: float, lengths: dict[str, float]) -> None:
    for name, value in (*lengths.items(), ("least", least)):
        if not (np.isfinite(value) and value > 0):
            raise InputError(f"`{name}` is {value}; expected a positive number.")
    if permutations < 19 or not 0.5 <= level < 1 or (1 - level) * (permutations + 1) < 1 - 1e-9:
        raise InputError(
            f"`permutations` is {permutations} and `level` {level}; expected at least 19, and "
            "enough for the level, such as 999 and 0.95. Raise `permutations`."
        )


def _check_shown(cells: int, permutations: int, least: float) -> None:
    if cells == 0:
        raise InputError(
            f"no cell has {least:g} incidents within the reach of a kernel, counted by its height; "
            "expected some. Take a larger `bandwidth_km`, longer periods, or a smaller `least`."
        )
    if cells * (permutations + 1) > _MOST_VALUES:
        raise InputError(
            f"{cells} cells and {permutations} permutations are too many to keep; expected at most "
            f"{_MOST_VALUES:,} values. Choose a larger `cell_km` or fewer `permutations`."
        )


def _of_groups(groups: Positions, late: Flags) -> Deal:
    """Deal the periods among groups, each whole; one in both is told by its first incident."""
    labels = late[np.unique(groups, return_index=True)[1]]
    return lambda rng, number: np.stack([rng.permutation(labels)[groups] for _ in range(number)])
