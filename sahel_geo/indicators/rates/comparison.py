"""Two periods compared: where there is more, where less, and where nothing can be said."""

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy

from sahel_geo.arrays import Floats, Positions
from sahel_geo.errors import InputError, require_columns
from sahel_geo.i18n.classes import CHANGE, colours_of
from sahel_geo.i18n.phrases import span_in_words, units_counted
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.plotting import COLOURS, axes, ratio_ticks
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.permutation.significance import false_discovery
from sahel_geo.indicators.permutation.waves import Waves
from sahel_geo.indicators.plot_words import label_of, words
from sahel_geo.indicators.weights.panel import require_units
from sahel_geo.schema import Language
from sahel_geo.tasks import track

__all__ = ["PeriodComparison", "compare_periods"]

Span = tuple[str, str]

KINDS: Final = ("more", "less", "no clear change", "no incident")
_DAYS_PER_YEAR: Final = 365.25
_DRAWN_UNITS: Final = 20
_SHUFFLES_AT_ONCE: Final = 512  # which bounds the memory
_UNITS_AT_ONCE: Final = 256


@dataclass(frozen=True)
class PeriodComparison(Result):
    """The change of each unit between two periods.

    Attributes
    ----------
    table : DataFrame, n rows
        On the index of the units: ``unit_id``, ``name``, ``before`` and ``after`` (sums),
        ``rate_before`` and ``rate_after`` (per 1,000 km² and year), ``ratio`` of the two rates with
        ``lower`` and ``upper``, ``p``, ``q`` and ``kind`` (one of `KINDS`).
    before, after : (str, str)
        First and last period of each.
    alpha : float
        Share of false discoveries accepted.
    """

    table: pd.DataFrame
    before: Span
    after: Span
    alpha: float

    def sentence(self, lang: Language = "fr") -> str:
        """Count the units that changed clearly, in a sentence to quote, with its caution."""
        counts = self.table["kind"].value_counts()
        (first, last), (start, end) = span_in_words(*self.before), span_in_words(*self.after)
        more, less, unclear, none = (int(counts.get(kind, 0)) for kind in KINDS)
        return Sentence(
            "From {first} to {last} and then from {start} to {end}: {before:,} in all, then "
            "{after:,}; clearly more in {more}, clearly fewer in {less}, no clear change in "
            "{unclear}, no incident in {none}. These are reported incidents: a change of access "
            "or coverage is enough to change the numbers.",
            before=int(self.table["before"].sum()),
            after=int(self.table["after"].sum()),
            first=first,
            last=last,
            start=start,
            end=end,
            more=units_counted(more),
            less=units_counted(less),
            unclear=units_counted(unclear),
            none=units_counted(none),
        ).say(lang)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the ratios of the units with most incidents, with their intervals."""
        texts = words(lang)
        both = self.table["before"] + self.table["after"]
        part = self.table[both > 0].loc[both[both > 0].nlargest(_DRAWN_UNITS).index][::-1]
        if part.empty:
            raise InputError(
                "`table` has no unit with an incident; expected one to draw. Widen it."
            )
        ax = axes(ax, size=(6.4, 1.2 + 0.24 * len(part)), lang=lang)
        most = 2.0 * max(float(part["upper"].replace(np.inf, np.nan).max()), 2.0)
        least = 0.5 * min(float(part["lower"].replace(0.0, np.nan).min()), 0.5)
        colour = {each: colours_of(CHANGE)[each] for each in ("more", "less")}
        bounds = part[["lower", "upper", "ratio"]].clip(least, most).to_numpy()
        for place, (kind, (low, high, ratio)) in enumerate(zip(part["kind"], bounds, strict=True)):
            drawn = colour.get(kind, COLOURS["baseline"])
            ax.plot([low, high], [place, place], color=drawn, linewidth=1.4)
            ax.plot(ratio, place, "o", color=drawn, markersize=4)
        ax.axvline(1.0, color=COLOURS["all"], linewidth=0.8)
        ax.set(xscale="log", xlim=(least, most), xlabel=texts["ratio"])
        ax.set_yticks(range(len(part)), [label_of(name) for name in part["name"]])
        spans = [
            f" {texts['to']} ".join(end.say(lang) for end in span_in_words(*span))
            for span in (self.before, self.after)
        ]
        ax.set_title(f", {texts['then']} ".join(spans), fontsize=10)
        ratio_ticks(ax.xaxis, (least, most), lang)
        return ax


def compare_periods(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    before: Span,
    after: Span,
    *,
    rng: np.random.Generator | int,
    column: str = "incidents",
    permutations: int = 9_999,
    alpha: float = 0.05,
) -> PeriodComparison:
    """Tell in which units there is clearly more, or less, than in an earlier period.

    A change is called clear if three things agree: the exact interval of the ratio of rates leaves
    out 1; few shuffles of the unit's months between the two periods give as large a change, so that
    one bout is none; and few draws of a world without a change do. Violence comes in waves that
    last for months: how strong they are and how fast they fade is estimated from the two spans of
    all units together, and the draws have as much of them. The larger of the two p values must
    survive the control of false discoveries. Compare like seasons: a half-year beside the other
    half measures the rains.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`; a unit and period without a row counts as 0.
    units : GeoDataFrame, n rows
        The same units, with ``unit_id``, ``name`` and ``area_km2``.
    before, after : (str, str)
        First and last period of each, both included, such as ``("2018-01", "2018-12")``. They must
        not overlap and must lie inside the panel.
    rng : Generator or int
        Seed of both.
    column : str
        What to compare; counts only.
    permutations : int
        Shuffles of each unit, and draws of a world without a change.
    alpha : float
        Share of false discoveries to accept; the intervals cover 1 - `alpha`.

    Returns
    -------
    PeriodComparison
        A unit without an incident in either has missing ``ratio``, ``p`` and ``q``, and the kind
        ``"no incident"``. The ratio is infinite where only the first period has none.

    Raises
    ------
    InputError
        If the spans overlap, leave the panel or run backwards, or the column holds no counts.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing samples from Poisson
    series. Biometrika 31, 313-323 (the conditional test). Clopper, C. J. and Pearson, E. S. (1934).
    Biometrika 26, 404-413. Benjamini, Y. and Hochberg, Y. (1995). J. R. Stat. Soc. B 57, 289-300.
    Zeger, S. L. (1988). A regression model for time series of counts. Biometrika 75, 621-629.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> panel = sg.count(sg.assign(sg.load_example_incidents(), units), units, period="year")
    >>> result = compare_periods(panel, units, ("2015", "2018"), ("2019", "2022"), rng=1)
    >>> result.table["kind"].isin(KINDS).all()
    np.True_
    """
    counts, periods = _matrix(panel, units, column)
    spans = [_positions(periods, before, "before"), _positions(periods, after, "after")]
    if set(spans[0]) & set(spans[1]):
        raise InputError(
            "`before` {before} and `after` {after} overlap; expected two spans apart. Move one.",
            before=before,
            after=after,
        )
    if permutations < 1 or not 0 < alpha < 1:
        raise InputError(
            f"`permutations` is {permutations} and `alpha` is {alpha}; expected at least 1 and a "
            "share between 0 and 1. Correct the setting."
        )
    lengths = (periods.end_time - periods.start_time).days.to_numpy() + 1
    days = np.array([lengths[span].sum() for span in spans])
    sums = np.column_stack([counts[:, span].sum(axis=1) for span in spans])
    table = pd.DataFrame(units[["unit_id", "name"]]).astype({"unit_id": "str"})
    table[["before", "after"]] = sums
    rates = sums / units["area_km2"].to_numpy(dtype=float)[:, None] * 1e3 / days * _DAYS_PER_YEAR
    table[["rate_before", "rate_after"]] = rates
    table[["ratio", "lower", "upper"]] = _ratios(sums, days, alpha)
    waves = Waves.of([counts[:, span] for span in spans])
    generator = np.random.default_rng(rng)
    shuffled = _shuffled_p(
        counts[:, np.concatenate(spans)], len(spans[0]), days, permutations, generator
    )
    table["p"] = np.maximum(shuffled, _wave_p(sums, spans, days, waves, permutations, generator))
    table["q"] = false_discovery(table["p"].to_numpy())
    clear = (table["q"] <= alpha) & ((table["lower"] > 1) | (table["upper"] < 1))
    table["kind"] = np.select(
        [sums.sum(axis=1) == 0, clear & (table["ratio"] > 1), clear],
        ["no incident", "more", "less"],
        "no clear change",
    )
    return PeriodComparison(table, before, after, alpha)


def _matrix(panel: pd.DataFrame, units: gpd.GeoDataFrame, column: str) -> tuple[Floats, Any]:
    require_columns(panel, "panel", ("unit_id", "period", column))
    require_columns(units, "units", ("unit_id", "name", "area_km2"))
    ids = pd.Index(units["unit_id"].astype("str"))
    require_units(panel, ids)
    wide = panel.pivot(index="unit_id", columns="period", values=column)
    every = pd.period_range(wide.columns.min(), wide.columns.max())
    counts = wide.reindex(index=ids, columns=every).to_numpy(dtype=np.float64)
    counts = np.where(np.isnan(counts), 0.0, counts)
    if (counts < 0).any() or (counts % 1 != 0).any() or panel[column].isna().any():
        raise InputError(
            f"`panel` column {column!r} has values that are no counts; expected whole numbers of 0 "
            "or more. Choose 'incidents'."
        )
    return counts, every


def _positions(periods: Any, span: Span, argument: str) -> Positions:
    stated = {"argument": argument, "span": span, "first": periods[0], "last": periods[-1]}
    try:
        first, last = (pd.Period(each, freq=periods.freq) for each in span)
    except (ValueError, TypeError) as error:
        raise InputError(
            "`{argument}` is {span!r}; expected first and last period, such as ('{first}', "
            "'{last}'). Correct it.",
            **stated,
        ) from error
    if first > last or first < periods[0] or last > periods[-1]:
        raise InputError(
            "`{argument}` is {span!r}, which runs backwards or leaves the panel; expected "
            "periods from {first} to {last}. Count with start= and end= for more.",
            **stated,
        )
    return np.flatnonzero((periods >= first) & (periods <= last))


def _ratios(sums: Floats, days: Floats, alpha: float) -> Floats:
    """Give the ratio of rates and its exact interval, from the share that falls in the second."""
    before, after = sums.T
    total = before + after
    low = np.where(after > 0, scipy.special.betaincinv(after, before + 1, alpha / 2), 0.0)
    high = np.where(before > 0, scipy.special.betaincinv(after + 1, before, 1 - alpha / 2), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.column_stack([after / before, low / (1 - low), high / (1 - high)])
    odds[total == 0] = np.nan
    return np.asarray(odds * days[0] / days[1])


def _shuffled_p(
    counts: Floats, first: int, days: Floats, permutations: int, rng: np.random.Generator
) -> Floats:
    """Give the share of shuffles of the periods with as large a difference of daily rates."""
    weights = np.r_[np.full(first, -1 / days[0]), np.full(counts.shape[1] - first, 1 / days[1])]
    observed = np.abs(counts @ weights)
    tolerance = 1e-12 * (1 + observed)
    at_least = np.zeros(len(counts), dtype=np.int64)
    for start in track(range(0, permutations, _SHUFFLES_AT_ONCE), "permutations"):
        size = min(_SHUFFLES_AT_ONCE, permutations - start)
        dealt = rng.permuted(np.tile(weights, (size, 1)), axis=1)
        at_least += (np.abs(counts @ dealt.T) >= (observed - tolerance)[:, None]).sum(axis=1)
    return np.where(counts.sum(axis=1) > 0, (1 + at_least) / (1 + permutations), np.nan)


def _wave_p(
    sums: Floats,
    spans: list[Positions],
    days: Floats,
    waves: Waves,
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Give the share of draws without change whose rates differ as much; missing of no counts."""
    position = np.concatenate(spans).astype(np.float64)
    drawn = waves.rates(np.abs(position[:, None] - position))(draws, rng)
    first = len(spans[0])
    exposed = np.column_stack([drawn[:, :first].mean(axis=1), drawn[:, first:].mean(axis=1)]) * days
    observed = _difference(sums, days)
    p = np.full(len(sums), np.nan)
    daily = sums.sum(axis=1) / days.sum()
    counted = np.flatnonzero(daily > 0)
    for part in np.split(counted, range(_UNITS_AT_ONCE, len(counted), _UNITS_AT_ONCE)):
        chance = rng.poisson(daily[part, None, None] * exposed)
        as_large = _difference(chance, days) >= observed[part, None] - 1e-12
        p[part] = (1 + as_large.sum(axis=1)) / (1 + draws)
    return p


def _difference(sums: Floats, days: Floats) -> Floats:
    rates = sums / days
    total = rates.sum(axis=-1)
    apart = np.abs(rates[..., 1] - rates[..., 0])
    return np.asarray(np.divide(apart, total, out=np.zeros_like(total), where=total > 0))
