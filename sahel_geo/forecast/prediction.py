"""What comes next: a distribution for each unit and period, with its record."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats, Integers
from sahel_geo.errors import InputError, require_whole
from sahel_geo.forecast.distributions import DRAWS, draws, exceedance, quantiles
from sahel_geo.forecast.evaluation import evaluate
from sahel_geo.forecast.models.registry import Team, resolve
from sahel_geo.forecast.past import Past, periods_of, read_past, read_period, require_known_end
from sahel_geo.forecast.record.scorecard import ForecastScores
from sahel_geo.forecast.wording import model_name, one_of, record_in_words
from sahel_geo.i18n.cldr import number
from sahel_geo.i18n.phrases import period_in_words
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.indicators.display.plotting import COLOURS, axes, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import label_of, name_of
from sahel_geo.schema import Language

_MARKS: Final = (0, 5, 10, 30, 100, 300, 1000, 3000, 10000)  # of the axis
LEVELS: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
_MANY_UNITS: Final = 2_000  # above, the record is of every sixth origin of the last two years
# what a probability may be called where exact ones could harm: upper ends, lower included
CLASS_ENDS: Final = (0.1, 0.3, 0.6, 1.01)


@dataclass(frozen=True)
class Forecast(Result):
    """Distributions of what comes, for m units and h horizons, and how good such forecasts were.

    Attributes
    ----------
    table : DataFrame, m x h rows
        ``unit_id``, ``name``, ``period``, ``horizon``; quantiles ``q05`` to ``q95``, of which
        ``q50`` is the median and ``q05`` to ``q95`` the 90 % interval; ``probability`` of at least
        one; ``better``: whether forecasts of this unit were better than the best baseline.
    model, column : str
        What forecast, and what is forecast.
    origin : Period
        Last period that was known.
    cdf : ndarray of float, shape (h, m, k)
        Cumulative probabilities at `support`.
    support : ndarray of int, shape (k,)
        Whole numbers with probability.
    past : Past
        What was known.
    scores : ForecastScores
        The record, on the same panel.
    """

    table: pd.DataFrame
    model: str
    column: str
    origin: pd.Period
    cdf: Floats
    support: Integers
    past: Past
    scores: ForecastScores
    named_by: ClassVar[tuple[str, ...]] = ("unit_id", "name", "period")

    @property
    def quantiles(self) -> pd.DataFrame:
        """Quantiles of each unit and period: ``unit_id``, ``period``, ``horizon``, ``q05``..."""
        names = [name for name in self.table.columns.astype(str) if name.startswith("q")]
        return self.table[["unit_id", "period", "horizon", *names]]

    @property
    def horizons(self) -> int:
        """Periods ahead."""
        return len(self.cdf)

    def probability(self, at_least: int = 1) -> pd.DataFrame:
        """Give the probability of a number or more.

        Parameters
        ----------
        at_least : int
            The number, 1 or more.

        Returns
        -------
        DataFrame, m x h rows
            ``unit_id``, ``period``, ``horizon``, ``probability``.

        Raises
        ------
        InputError
            If the number is below 1.
        """
        require_whole("at_least", at_least)
        table = self.table[["unit_id", "period", "horizon"]].copy()
        table["probability"] = np.concatenate(
            [exceedance(each, self.support, at_least) for each in self.cdf]
        )
        return table

    def draws(self, horizon: int, count: int = DRAWS) -> Integers:
        """Give draws of one horizon: the quantiles at (k - 1/2) / count, shape (m, count).

        Parameters
        ----------
        horizon : int
            Periods ahead, from 1.
        count : int
            Number of draws.

        Returns
        -------
        ndarray of int, shape (m, count)
            Increasing in each row; units in the order of `past`.

        Raises
        ------
        InputError
            If there is no such horizon, or no draw is asked for.
        """
        require_whole("horizon", horizon)
        require_whole("count", count)
        if horizon > self.horizons:
            raise InputError(
                f"`horizon` is {horizon} and `count` {count}; expected a horizon from 1 to "
                f"{self.horizons} and at least one draw."
            )
        return draws(self.cdf[horizon - 1], self.support, count)

    @cached_property
    def record(self) -> pd.Series:
        """Skill in CRPS against the last 12 months: ``skill``, ``lower``, ``upper``."""
        row: Any = self.scores.skill(self.model, against="conflictology").loc["crps"]
        kept: pd.Series = row[["skill", "lower", "upper"]]
        return kept

    @property
    def is_better(self) -> bool:
        """Whether the record shows the model to be better than the last 12 months."""
        return bool(self.record["lower"] > 0)

    @property
    def record_sentence(self) -> Sentence:
        """Whether such forecasts were better than the last twelve months, in words."""
        keys = self.scores.record.keys
        reach = max(keys.loc[self.scores.record.scored, "horizon"].tolist(), default=0)
        return record_in_words(self.record, keys["origin"], reach if reach < self.horizons else 0)

    def classes(self) -> pd.DataFrame:
        """Give probabilities by class only, for publication.

        Returns
        -------
        DataFrame, m x h rows
            ``unit_id``, ``period``, ``horizon``, ``probability_class``: ``"under 10%"``,
            ``"10-30%"``, ``"30-60%"``, ``"60% or more"``.

        Raises
        ------
        InputError
            If the units are smaller than those of the second level.
        """
        level = self.past.ground.level
        if level is None or level > 2:
            raise InputError(
                "the forecast has units finer than the second level; expected regions, or cercles, "
                "departments and provinces, since a finer map of probabilities can be used to aim. "
                "Publish level 1 or 2."
            )
        names = np.array(["under 10%", "10-30%", "30-60%", "60% or more"], dtype=object)
        table = self.table[["unit_id", "period", "horizon"]].copy()
        table["probability_class"] = names[np.digitize(self.table["probability"], CLASS_ENDS[:-1])]
        return table

    def to_views(self, path: str | Path, *, count: int = DRAWS) -> Path:
        """Write draws in the format of the VIEWS prediction challenge, as Parquet.

        Parameters
        ----------
        path : path
            File to write.
        count : int
            Draws for each unit and month.

        Returns
        -------
        Path
            The file: ``month_id`` (1 is January 1980), ``priogrid_gid`` if the units are cells of
            PRIO-GRID and ``unit_id`` otherwise, ``draw`` from 0, ``outcome``.

        Raises
        ------
        InputError
            If the periods are not months.
        """
        from sahel_geo.forecast.views import write_views  # noqa: PLC0415  loads pyarrow

        steps = range(1, self.horizons + 1)
        return write_views(Path(path), self.past, (self.draws(step, count) for step in steps))

    def sentence(self, lang: Language = "fr") -> str:
        """Say what is expected where, and how good such forecasts have been."""
        table = self.table
        first = table[table["horizon"] == 1].sort_values(
            "probability", ascending=False, kind="stable"
        )
        likely = first[first["probability"] >= 0.5]
        most = Sentence("No unit is expected to record any: all 90% intervals end at 0.")
        names = [
            Sentence(
                "{name} (median {median}, 90% interval {low} to {high})",
                name=row.name,
                median=row.q50,
                low=row.q05,
                high=row.q95,
            )
            for row in first.sort_values(["q50", "q95"], ascending=False, kind="stable")
            .head(3)
            .itertuples(index=False)
        ]
        if (first["q95"] > 0).any():
            most = Sentence("Most is expected in {names}.", names=joined(names, ", "))
        return Sentence(
            "Forecast from {origin}, by {model}: in {period}, {likely} of {units} units are as "
            "likely as not, or more, to record {what}. {most} {record} A "
            "forecast continues what was recorded; it knows no plans and no cause, and must not be "
            "used to aim at people or to withdraw aid.",
            origin=period_in_words(self.origin),
            model=model_name(self.model),
            period=period_in_words(first["period"].iloc[0]),
            likely=len(likely),
            units=len(first),
            what=one_of(self.column),
            most=most,
            record=self.record_sentence,
        ).say(lang)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw median and intervals of the twelve highest units; pale: no better than a rule."""
        first = self.table[self.table["horizon"] == 1]
        first = first.sort_values(["q95", "q50"], ascending=False, kind="stable").iloc[11::-1]
        ax = axes(ax, lang=lang)
        at = np.arange(len(first))
        strength = np.where(first["better"], 1.0, 0.35)
        kinds: Any = (
            ("q05", "q95", Sentence("90% interval"), {"color": COLOURS["baseline"]}),
            ("q25", "q75", Sentence("50% interval"),
             {"color": COLOURS["domestic"], "linewidth": 5, "solid_capstyle": "butt"}),
        )  # fmt: skip
        for place, row, alpha in zip(at, first.to_dict("records"), strength, strict=True):
            for low, high, label, style in kinds:
                text = label.say(lang) if place == at[-1] else None
                ax.plot([row[low], row[high]], [place] * 2, alpha=alpha, label=text, **style)
        median = Sentence("median").say(lang)
        ax.scatter(first["q50"], at, color=COLOURS["cross_border"], zorder=3, label=median)
        ax.set_yticks(at, [label_of(str(name)) for name in first["name"]])
        ax.set_xscale("symlog", linthresh=10)
        top = float(first["q95"].max())
        marks = [mark for mark in _MARKS if mark <= max(top, _MARKS[2])]
        ax.set_xticks(marks, [number(mark, ",d", lang) for mark in marks])
        ax.minorticks_off()
        period = period_in_words(first["period"].iloc[0])
        ax.set_xlabel(
            Sentence("{what} in {period}", what=name_of(self.column, lang), period=period).say(lang)
        )
        return legend_above(ax)


def predict(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    column: str = "fatalities_best",
    model: str = "pool",
    horizons: int = 6,
    scores: ForecastScores | None = None,
    origin: str | None = None,
    population: "pd.Series[Any] | None" = None,
    covariates: Sequence[str] = (),
    rng: np.random.Generator | int = 1,
) -> Forecast:
    """Forecast each unit for the coming periods, with the record of such forecasts.

    A forecast is a distribution: read its interval and its probabilities, not its median alone, and
    never without its record, which the result carries and its sentence states. It says where
    events would be recorded if things went on as they do in this source. It does not say why, and
    knows of no plan, negotiation or harvest.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count` or a table like it. Leave an incomplete last period out,
        or name the last complete one as `origin`.
    units : GeoDataFrame, m rows
        The units counted, or the cells of a grid.
    column : str
        What is forecast.
    model : str
        One of those of :func:`evaluate`.
    horizons : int
        Periods ahead.
    scores : ForecastScores, optional
        Result of :func:`evaluate` on the same panel and column, with this model. Without it the
        last 24 months are evaluated first, which takes longer than the forecast itself.
    origin : str, optional
        Last period known, such as ``"2026-04"``; by default the last of the panel.
    population, covariates
        As for :func:`evaluate`.
    rng : Generator or int
        Source of randomness.

    Returns
    -------
    Forecast
        Distributions, quantiles, probabilities and the record.

    Raises
    ------
    InputError
        If the panel holds too little; if `scores` belong to another panel or do not hold the
        model.

    References
    ----------
    Hegre, H. et al. (2025). The 2023/24 VIEWS prediction challenge. Journal of Peace Research.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> from sahel_geo.forecast.simulation import simulate_panel
    >>> units = sg.load_boundaries(level=2, countries=["NER"])
    >>> panel = simulate_panel(units, months=60, rng=1)
    >>> scores = evaluate(panel, units, models=["faded"], horizons=2, every=6)
    >>> forecast = predict(panel, units, model="faded", horizons=2, scores=scores)
    >>> bool(forecast.probability(at_least=1)["probability"].between(0, 1).all())
    True
    """
    generator = np.random.default_rng(rng)
    (name,) = resolve([model])
    require_whole("horizons", horizons)
    if origin is not None:
        period = periods_of(panel)
        panel = panel[period <= read_period(origin, period, "origin")]
    past = read_past(panel, units, column, population=population, covariates=covariates)
    require_known_end(past)
    if scores is None:
        scores = evaluate(
            panel,
            units,
            column=column,
            horizons=horizons,
            models=[name],
            every=1 if len(past.counts) <= _MANY_UNITS else 6,
            population=population,
            covariates=covariates,
            ablation=False,
            rng=generator,
        )
    _check_scores(scores, past, name, horizons)
    steps = range(1, horizons + 1)
    seed = [int(generator.integers(2**31)), past.counts.shape[1]]
    team = Team([name]).fit(past, steps, np.random.default_rng(seed))
    cdf = np.stack([team.predict_cdfs(past, step)[name] for step in steps])
    table = _table(past, cdf, scores.unit_skill(name))
    return Forecast(table, name, column, past.periods[-1], cdf, past.support, past, scores)


def _check_scores(scores: ForecastScores, past: Past, model: str, horizons: int) -> None:
    if scores.fingerprint != past.fingerprint:
        raise InputError(
            "`scores` belong to another panel, column or set of units; expected the record of this "
            "one, since a forecast is worth what its record is. Leave scores= out, or call "
            "sg.forecast.evaluate on this panel."
        )
    if model not in scores.models or scores.horizons < horizons:
        raise InputError(
            "`scores` hold {models} up to {reach} periods ahead; expected {model!r} up to "
            "{horizons}. Evaluate this model with as many horizons first.",
            models=scores.models,
            reach=scores.horizons,
            model=model,
            horizons=horizons,
        )


def _table(past: Past, cdf: Floats, skill: pd.Series) -> pd.DataFrame:
    ground = past.ground
    count = len(cdf)
    flat = cdf.reshape(-1, cdf.shape[2])
    horizon = np.repeat(np.arange(1, count + 1), len(ground.unit_ids))
    table = pd.DataFrame(
        {
            "unit_id": np.tile(ground.unit_ids, count),
            "name": np.tile(ground.names, count),
            "period": pd.period_range(
                past.periods[-1] + 1, periods=count, freq=past.periods.freq
            ).take(horizon - 1),
            "horizon": horizon,
        }
    )
    for level in LEVELS:
        table[f"q{round(level * 100):02}"] = quantiles(flat, past.support, level)
    table["probability"] = exceedance(flat, past.support, 1)
    table["better"] = np.tile(skill.reindex(ground.unit_ids).to_numpy() > 0, count)
    return table
