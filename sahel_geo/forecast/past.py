"""What is known at an origin: counts up to it, and what of the units never changes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Floats, Integers
from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.forecast.ground import Ground, read_ground

PER_YEAR: Final = {"D": 365.25, "W": 52.1775, "M": 12.0, "Q": 4.0, "Y": 1.0}
_FEWEST_MONTHS: Final = 36
_FEWEST_UNITS: Final = 20
_FEWEST_ACTIVE: Final = 20  # units and periods with anything at all
_MOST_MISSING: Final = 0.2  # of a panel without any zero
_TWIN: Final = {"incidents": "fatalities_best"}  # what else is counted tells more about the measure
_EACH: Final = 64  # whole numbers up to here are all in a support
_STEP: Final = 1.03  # ratio of two neighbouring values above
_BEYOND: Final = 8.0  # a support ends at so many times the largest value observed


@dataclass(frozen=True)
class Past:
    """Counts of every unit and period up to an origin, which is the last period.

    Attributes
    ----------
    column : str
        What is forecast.
    counts : ndarray of float, shape (m, t)
        The counts; missing ones are not a number.
    others : dict of str to ndarray of float, shape (m, t)
        Further columns, known for the same units and periods.
    periods : PeriodIndex, length t
        The periods.
    ground : Ground
        The units.
    features : dict of str to ndarray of float
        What :func:`sahel_geo.forecast.features.features` has computed; empty before.
    """

    column: str
    counts: Floats
    others: dict[str, Floats]
    periods: pd.PeriodIndex
    ground: Ground
    features: dict[str, Floats] = field(default_factory=dict, repr=False)
    _decayed: dict[tuple[str, float], Floats] = field(default_factory=dict, repr=False)

    def until(self, origin: int) -> "Past":
        """Forget everything after the period at this position."""
        size = origin + 1
        return Past(
            self.column,
            self.counts[:, :size],
            {name: values[:, :size] for name, values in self.others.items()},
            self.periods[:size],
            self.ground,
            # these look back only: computed for the whole record, they hold for its beginning
            {name: _upto(values, size) for name, values in self.features.items()},
            {key: _upto(values, size) for key, values in self._decayed.items()},
        )

    def without_foreign(self) -> "Past":
        """Leave out what is known of foreign neighbours."""
        return replace(self, ground=self.ground.without_foreign(), features={})

    @property
    def counted(self) -> list[str]:
        """Names among `others` of what comes oftener than what is forecast, and tells of it."""
        return [name for name in self.others if name == "incidents"]

    @property
    def per_year(self) -> float:
        """Periods in a year."""
        return PER_YEAR[str(self.periods.freqstr)[0]]

    def length(self, months: float) -> int:
        """Give the number of periods in some months, at least 1."""
        return max(1, round(months * self.per_year / 12))

    @cached_property
    def support(self) -> Integers:
        """Values that forecasts from here put mass on."""
        return _make_support(self.counts)

    @property
    def fingerprint(self) -> str:
        """Name of the panel by its content, so that scores of another are not taken for its own."""
        digest = hashlib.sha256(self.column.encode())
        for text in (*self.ground.unit_ids, str(self.periods[0]), str(self.periods[-1])):
            digest.update(str(text).encode())
        digest.update(np.ascontiguousarray(self.counts).tobytes())
        return digest.hexdigest()[:16]

    def decayed(self, name: str, months: float) -> Floats:
        """Average the past of each unit at each period (m, t), its weight halved after `months`."""
        key = (name, months)
        if key not in self._decayed:
            values = self.counts if name == self.column else self.others[name]
            keep = 0.5 ** (1 / (months * self.per_year / 12))
            seen = np.isfinite(values)
            filled = np.where(seen, values, 0.0)
            means = np.empty(values.shape)
            total = np.zeros(len(values))
            weight = np.zeros(len(values))
            for at in range(values.shape[1]):
                total = total * keep + filled[:, at]
                weight = weight * keep + seen[:, at]
                means[:, at] = np.divide(total, weight, out=np.zeros(len(values)), where=weight > 0)
            self._decayed[key] = means
        return self._decayed[key]

    def season(self, ahead: int) -> tuple[Floats, Floats]:
        """Give sine and cosine of the time of year, `ahead` periods after each one, shape (t,)."""
        angle = 2 * np.pi * (self.periods.asi8 + ahead) / self.per_year
        return np.sin(angle), np.cos(angle)


def _upto(values: Floats, size: int) -> Floats:
    return values[:, :size] if values.ndim == 2 else values


def read_past(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    column: str,
    *,
    population: "pd.Series[Any] | None" = None,
    covariates: Sequence[str] = (),
    fewest_months: int = _FEWEST_MONTHS,
    fewest_units: int = _FEWEST_UNITS,
) -> Past:
    """Turn a panel into arrays of the units, and refuse what no forecast can be made from."""
    _require(panel, units, column, covariates)
    panel = panel.assign(period=periods_of(panel))
    table = _matrix(panel, column)
    unit_ids = pd.Index(units["unit_id"].astype("str"))
    rows = np.flatnonzero(unit_ids.isin(table.index))
    table = table.reindex(unit_ids[rows])
    counts = _numbers(table, column)
    periods = pd.PeriodIndex(table.columns)
    _refuse_values(counts, table.index, column)
    names = [_TWIN.get(column, "incidents"), *covariates]
    others = {
        name: _numbers(_matrix(panel, name).reindex_like(table), name)
        for name in dict.fromkeys(names)
        if name in panel and name != column
    }
    _refuse_little(panel, counts, periods, (fewest_months, fewest_units))
    missing = np.isnan(counts)
    if missing.mean() > _MOST_MISSING and not (counts == 0).any():
        raise InputError(
            "`panel` has no {column!r} of 0, and {share:.0%} of its units and periods are missing: "
            "what came there is unknown, so something would be forecast everywhere. Count with "
            "sg.count, which writes zeros out, or fill them in if the source saw all units.",
            column=column,
            share=float(missing.mean()),
        )
    return Past(column, counts, others, periods, read_ground(units.iloc[rows], population))


def _require(
    panel: pd.DataFrame, units: gpd.GeoDataFrame, column: str, covariates: Sequence[str]
) -> None:
    tables = isinstance(panel, pd.DataFrame) and isinstance(units, pd.DataFrame)
    if not tables or isinstance(covariates, str):
        raise InputError(
            "`panel` is a {panel}, `units` a {units} and `covariates` a {names}; expected two "
            "tables and a list of columns. Pass the result of sg.count and the units counted.",
            panel=type(panel).__name__,
            units=type(units).__name__,
            names=type(covariates).__name__,
        )
    lacking = [name for name in ("unit_id", "period", column, *covariates) if name not in panel]
    lacking += [name for name in ("unit_id", "geometry") if name not in units]
    if lacking:
        raise InputError(
            "`panel` or `units` has no column {lacking}; expected the result of sg.count and the "
            "units that were counted. {near}",
            lacking=first_offenders(lacking),
            near=did_you_mean(lacking[0], panel.columns),
        )
    panel = panel.assign(period=periods_of(panel))
    unit_ids = units["unit_id"].astype("str")
    strangers = pd.Index(panel["unit_id"].astype("str").unique()).difference(pd.Index(unit_ids))
    twice = panel.index[panel.duplicated(["unit_id", "period"])]
    if len(strangers) or len(twice) or unit_ids.duplicated().any():
        raise InputError(
            "`panel` has {strangers} units that `units` does not hold {which} and {twice} repeated "
            "rows {rows}; expected one row per unit and period, and each unit once. Count again "
            "with these units and without by=.",
            strangers=len(strangers),
            which=first_offenders(strangers),
            twice=len(twice),
            rows=first_offenders(twice),
        )


def periods_of(panel: pd.DataFrame) -> "pd.Series[Any]":
    """Read the periods of a panel, months where they are texts or days."""
    period = panel["period"]
    if len(period) and period.map(lambda each: isinstance(each, pd.Period)).all():
        period = period.astype(pd.PeriodIndex(period).dtype)
    if isinstance(period.dtype, pd.PeriodDtype):
        if str(pd.PeriodIndex(period).freqstr)[0] not in PER_YEAR:
            raise InputError(
                "`panel` has periods such as {first}; expected days, weeks, months, quarters or "
                "years. Count again by one of these.",
                first=str(period.iloc[0]) if len(period) else period.dtype,
            )
        return period
    days = not pd.api.types.is_datetime64_any_dtype(period.dtype)
    texts = period.astype("str") if days else period.dt.strftime("%Y-%m-%d")
    wrong = ~texts.str.fullmatch(r"\d{4}-(0[1-9]|1[0-2])(-01)?(T?00:00:00)?")
    if wrong.any():
        raise InputError(
            "`panel` has {number} periods that are no months, such as {which}; expected texts such "
            "as 2026-04, or pandas' periods of days, weeks, months, quarters or years. Convert "
            "them with pd.PeriodIndex(..., freq=).",
            number=int(wrong.sum()),
            which=first_offenders(texts[wrong].unique(), 3),
        )
    return pd.Series(pd.PeriodIndex(texts.str[:7], freq="M"), index=panel.index)


def read_period(text: object, periods: "pd.Series[Any]", argument: str) -> pd.Period:
    """Read a period of the length of a panel's, as the user wrote it.

    >>> months = pd.Series(pd.period_range("2026-01", periods=3, freq="M"))
    >>> read_period("2026-02", months, "origin")
    Period('2026-02', 'M')
    """
    index = pd.PeriodIndex(periods)
    given: Any = text
    try:
        read: Any = pd.Period(given, freq=index.freqstr)
    except (ValueError, TypeError, AttributeError):
        read = None
    if not isinstance(read, pd.Period):
        raise InputError(
            "`{argument}` is {text!r:.60}; expected a period such as {like}. Correct it.",
            argument=argument,
            text=text,
            like=str(index[-1]) if len(index) else "2026-04",
        )
    return read


def _matrix(panel: pd.DataFrame, column: str) -> pd.DataFrame:
    """Lay a column out by unit and period, every period between the first and last written out."""
    wide = pd.DataFrame(
        {"unit": panel["unit_id"].astype("str"), "period": panel["period"], "value": panel[column]}
    ).pivot(index="unit", columns="period", values="value")
    if wide.columns.empty:
        return wide
    columns = pd.PeriodIndex(wide.columns)
    return wide.reindex(columns=pd.period_range(columns.min(), columns.max(), freq=columns.freq))


def _numbers(table: pd.DataFrame, name: str) -> Floats:
    try:
        return table.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise InputError(
            "`panel` has a column {name!r} that holds other than numbers; expected numbers. "
            "Convert it, or leave it out.",
            name=name,
        ) from None


def require_known_end(past: Past) -> None:
    """Refuse a panel of whose last period nothing is known, and which is not known up to there."""
    known = np.flatnonzero(np.isfinite(past.counts).any(axis=0))
    if known[-1] < past.counts.shape[1] - 1:
        raise InputError(
            "`panel` knows nothing of any unit after {last}, up to {end}; expected counts in the "
            "last period. Leave the periods after {last} out.",
            last=str(past.periods[known[-1]]),
            end=str(past.periods[-1]),
        )


def _refuse_values(counts: Floats, unit_ids: pd.Index, column: str) -> None:
    known = np.isfinite(counts)
    bad = ~np.isnan(counts) & (~known | (counts < 0) | (counts != np.floor(counts)))
    if bad.any():
        raise InputError(
            "`panel` has {number} values of {column!r} that are no counts, in units {where}; "
            "expected whole numbers of 0 or more. Choose a column of counts.",
            number=int(bad.sum()),
            column=column,
            where=first_offenders(unit_ids[bad.any(axis=1)]),
        )


def _refuse_little(
    panel: pd.DataFrame, counts: Floats, periods: pd.PeriodIndex, fewest: tuple[int, int]
) -> None:
    if panel.attrs.get("is_selection", False):
        raise InputError(
            "the panel is counted from a selection of incidents; expected all that a source "
            "recorded, since what comes after a selection cannot be forecast. Count incidents of "
            "UCDP or ACLED."
        )
    active = int((counts > 0).sum())
    months = len(periods) * 12 / PER_YEAR[str(periods.freqstr)[0]] if len(periods) else 0
    fewest_months, fewest_units = fewest
    little = months < fewest_months - 0.5 or len(counts) < fewest_units or active < _FEWEST_ACTIVE
    if little:
        raise InputError(
            "the panel has {units} units, {months:.0f} months and {active} units and periods with "
            "anything counted; expected at least {fewest_units} units, {fewest_months} months and "
            "{fewest_active} of these. A forecast from so little would only look like one: use a "
            "finer level, more years or a fuller source.",
            units=len(counts),
            months=months,
            active=active,
            fewest_units=fewest_units,
            fewest_months=fewest_months,
            fewest_active=_FEWEST_ACTIVE,
        )


def _make_support(observed: npt.ArrayLike) -> Integers:
    """Choose whole numbers: up to 64, each observed, and steps of 3 % up to 8 times the largest."""
    seen = np.asarray(observed, dtype=np.float64).ravel()
    seen = np.unique(seen[np.isfinite(seen)]).astype(np.int64)
    top = max(int(seen.max(initial=0) * _BEYOND), 2 * _EACH)
    steps = int(np.ceil(np.log(top / _EACH) / np.log(_STEP)))
    far = np.rint(_EACH * _STEP ** np.arange(steps + 1)).astype(np.int64)
    return np.unique(np.concatenate([np.arange(_EACH + 1), seen, far]))
