"""What last period's incidents next door, at home and abroad, add to this period's.

An endemic-epidemic model: what each unit would see anyway (its people, the season, the trend),
beside what follows its own incidents, those of its domestic and those of its foreign neighbours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders, require_choice
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.plotting import CYCLE, axes, date_ticks, hatches, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import words
from sahel_geo.indicators.spread.contagion_inputs import (
    WeightKind,
    build_counts,
    build_model,
    gravity,
    start_values,
)
from sahel_geo.indicators.spread.endemic_epidemic import PARTS, Array, Model
from sahel_geo.indicators.spread.scoring import Optimum
from sahel_geo.indicators.weights.panel import panel_of
from sahel_geo.schema import Language

__all__ = ["ContagionFit", "fit", "gravity", "simulate"]

Effects: TypeAlias = Literal["random", "fixed"]


@dataclass(frozen=True)
class ContagionFit(Result):
    """A fitted endemic-epidemic model.

    Attributes
    ----------
    table : DataFrame
        Indexed by parameter: ``estimate``, ``standard_error``, ``lower``, ``upper`` (95 %). A part
        that the data put at 0 has estimate 0 and no error or interval.
    shares : Series
        Share of the expected incidents that each part explains; they sum to 1.
    log_likelihood : float
        At the maximum, with the first period given.
    eigenvalue : float
        Largest eigenvalue of the matrix of incidents that one incident leads to. Below 1, unrest
        dies out without the endemic part.
    foreign_statistic, foreign_p : float
        Likelihood-ratio test of the foreign part; missing where no unit has a foreign neighbour.
    fitted, residuals : DataFrame, m x (t - 1)
        One-step expectations, and Pearson residuals, by unit and period from the second on.
    parts : DataFrame, (t - 1) x 4
        Expected incidents of all units in each period, by part.
    levels : Series
        By unit: the factor by which its endemic incidents differ from those of a unit of the same
        people; all 1 without effects.
    effects : {"random", "fixed"} or None
        How the levels were fitted.
    """

    measured = ("estimate",)

    table: pd.DataFrame
    shares: "pd.Series[Any]"
    log_likelihood: float
    eigenvalue: float
    foreign_statistic: float
    foreign_p: float
    fitted: pd.DataFrame
    residuals: pd.DataFrame
    parts: pd.DataFrame
    levels: "pd.Series[Any]"
    effects: Effects | None
    _model: Model = field(repr=False)
    _theta: Array = field(repr=False)

    def predict(self, *, level: float = 0.9) -> pd.DataFrame:
        """Expect the incidents of each unit in the period after the last.

        Parameters
        ----------
        level : float
            Probability that the interval holds, the parameters being taken as known.

        Returns
        -------
        DataFrame, m rows
            Indexed by unit: ``expected``, ``lower``, ``upper``, with the trend carried on.

        Raises
        ------
        InputError
            If `level` is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise InputError(f"`level` is {level}; expected a number between 0 and 1. Use 0.9.")
        model, theta = self._model, self._theta
        width, more = model.design.shape[1], model.covariates.shape[2]
        endemic = model.offset * np.exp(model.upcoming @ theta[:width])
        if more:
            endemic = endemic * np.exp(model.covariates[:, -1] @ theta[width : width + more])
        before = model.counts[:, -model.lags :].mean(axis=1)
        expected = endemic + model.next_matrix(theta, -1) @ before
        size = 1.0 / model.part(theta, "overdispersion")
        from scipy.stats import nbinom  # noqa: PLC0415  slow to import

        spread = nbinom(size, size / (size + expected))
        tail = (1 - level) / 2
        return pd.DataFrame(
            {"expected": expected, "lower": spread.ppf(tail), "upper": spread.ppf(1 - tail)},
            index=self.fitted.index,
        )

    def simulate(self, rng: np.random.Generator | int) -> pd.DataFrame:
        """Draw a panel from the fitted model, from the observed first period on.

        Parameters
        ----------
        rng : Generator or int
            Source of randomness, or its seed.

        Returns
        -------
        DataFrame
            ``unit_id``, ``period``, ``incidents``, as from :func:`sahel_geo.count`.

        Raises
        ------
        InputError
            If the process explodes, as it does where the eigenvalue is over 1.
        """
        drawn = self._model.simulate(self._theta, np.random.default_rng(rng))
        last = pd.PeriodIndex(self.fitted.columns)
        number = len(last) + self._model.lags
        periods = pd.period_range(end=last[-1], periods=number, freq=last.freq)
        return panel_of(self.fitted.index, periods, incidents=drawn)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the expected incidents of all units in time, part on part."""
        texts = words(lang)
        ax = axes(ax, lang=lang)
        days = pd.PeriodIndex(self.parts.index).to_timestamp()
        areas = ax.stackplot(
            days, self.parts.T.to_numpy(), labels=[texts[f"part_{name}"] for name in PARTS]
        )
        for area, hatch in zip(areas, hatches(CYCLE[: len(areas)]), strict=True):
            area.set(hatch=hatch, edgecolor="#ffffff", linewidth=0)
        ax.set(ylabel=texts["expected_incidents"])
        date_ticks(ax)
        return legend_above(ax, columns=2)

    def sentence(self, lang: Language = "fr") -> str:
        """Say what the foreign part amounts to, with its p-value and the caution that it needs."""
        if np.isnan(self.foreign_p):
            return Sentence(
                "No unit has a foreign neighbour: an effect across the border cannot be measured."
            ).say(lang)
        verdict = _verdict(self.foreign_p < 0.05, self.effects is not None)
        return Sentence(
            "Incidents of the period before in foreign neighbours explain {share:.1%} of the "
            "expected incidents (p {sign} {p:.3f}); this part {verdict}.",
            share=self.shares["foreign"],
            sign="<" if self.foreign_p < 0.001 else "=",
            p=max(self.foreign_p, 0.001),
            verdict=verdict,
        ).say(lang)


def _verdict(clear: bool, levelled: bool) -> Sentence:  # noqa: FBT001
    """Say only what the test carries."""
    if not clear:
        return Sentence("cannot be told from zero")
    if levelled:
        return Sentence(
            "is not explained by season, trend or the level of each unit; a war that grows or "
            "moves on both sides fills it too, which does not prove a cause"
        )
    return Sentence(
        "does not prove a cause: without a level for each unit, lasting differences between units "
        "fill it"
    )


def fit(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame | None,
    *,
    column: str = "incidents",
    population: "pd.Series[Any] | None" = None,
    weights: "WeightKind | pd.DataFrame" = "border",
    normalise: bool = True,
    effects: Effects | None = "random",
    covariates: pd.DataFrame | None = None,
    harmonics: int = 1,
    epidemic_harmonics: int = 0,
    trend: bool = True,
    lags: int = 1,
    frequency: float | None = None,
) -> ContagionFit:
    """Measure how many incidents follow those of foreign neighbours, beside all other sources.

    The expected incidents of a unit are the sum of an endemic part (its people, its own level,
    season and trend), a multiple of its own incidents of the period before, and multiples of the
    weighted incidents of its domestic and foreign neighbours. A foreign part above 0 means that
    incidents abroad precede incidents here more often than these explain. Changes that season and
    trend do not follow, such as a war that moves, also end up in the other parts: read it as an
    upper limit of what crossed.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`: one row for each unit and period, without gaps. Periods
        may be whole numbers where `frequency` is given.
    units : GeoDataFrame, m rows, or None
        The same units: ``unit_id``, ``country``, coverage-valid polygons in EPSG:4326. None with
        `weights` of one's own: all links then count as domestic.
    column : str
        Counts to explain, whole numbers of 0 or more.
    population : Series, optional
        People by ``unit_id``, above 0 for every unit; the endemic part is proportional to it.
    weights : {"border", "power", "gravity"} or DataFrame
        Weight of unit j for unit i: share of j's border with other units that they have in common;
        the order of contiguity to the power of minus a decay that is estimated too; the people of i
        over the square of the distance (:func:`gravity` has other powers); or any table by
        ``unit_id``, from the row to the column.
    normalise : bool
        Scale the weights of each row to sum to 1, over domestic and foreign neighbours together.
    effects : {"random", "fixed"} or None
        A level of its own for the endemic part of each unit: drawn from a normal distribution of
        its logarithm whose variance is estimated, or free. Without, lasting differences between
        units count as following: the foreign part is then "significant" in most worlds in which
        nothing crosses.
    covariates : DataFrame, optional
        Numbers by ``unit_id``, or by ``unit_id`` and ``period``, which raise or lower the endemic
        part; standardised first.
    harmonics, epidemic_harmonics : int
        Pairs of sine and cosine in the year, of the endemic and of each epidemic part.
    trend : bool
        Let the logarithm of the endemic part grow linearly, per year.
    lags : int
        The epidemic parts follow the mean of so many periods before.
    frequency : float, optional
        Periods in a year; by default those of the calendar (52.18 weeks).

    Returns
    -------
    ContagionFit
        Parts without links (no foreign neighbour, one country) are left out, with share 0 and a
        missing test. Periods without any incident are data as others.

    Raises
    ------
    InputError
        If a column is missing, the panel has gaps, repeats, missing or negative counts, no
        incident after the first period, or fewer periods than needed; or an option is unknown.
    CrsError
        If `units` is not in EPSG:4326.

    Notes
    -----
    Fisher scoring; intervals are Wald intervals, on the logarithm for positive parameters. The test
    of the foreign part takes its null distribution as half chi-squared(1) and half 0, since 0 is on
    the boundary; with random effects both fits take the variance of the whole model, whose
    log-likelihood is given without what the levels cost.

    References
    ----------
    Held, L., Höhle, M., Hofmann, M. (2005). A statistical framework for the analysis of
    multivariate infectious disease surveillance counts. Statistical Modelling 5, 187-199.
    Meyer, S., Held, L. (2014). Power-law models for infectious disease spread. Annals of Applied
    Statistics 8, 1612-1639, equations 2 and 3. Paul, M., Held, L. (2011). Predictive assessment of
    a non-linear random effects model for multivariate time series of infectious disease counts.
    Statistics in Medicine 30, 1118-1136. The split of the neighbour part into domestic and
    foreign is this project's. Self, S. G., Liang, K.-Y. (1987). JASA 82, 605-610, case 5.
    """
    require_choice("effects", effects, (None, *get_args(Effects)))
    counts, unit_ids, periods = build_counts(panel, units, column)
    model = build_model(
        units, counts, periods, population, weights, harmonics, trend=trend, unit_ids=unit_ids,
        covariates=covariates, epidemic_harmonics=epidemic_harmonics, lags=lags,
        normalise=normalise, frequency=frequency,
    )  # fmt: skip
    if counts.shape[1] < len(model.names) + 1 + lags or counts[:, lags:].sum() == 0:
        raise InputError(
            "`panel` has {periods} periods and {number} incidents after the first; expected at "
            "least {least} periods and one incident. Use more or shorter periods, or fewer "
            "harmonics.",
            periods=counts.shape[1],
            number=int(counts[:, lags:].sum()),
            least=len(model.names) + 1 + lags,
        )
    best = Optimum.of(model, start_values(model), effects)
    return _result(model, best, best.without_foreign(model, effects), (unit_ids, periods), effects)


def simulate(
    units: gpd.GeoDataFrame,
    parameters: Mapping[str, float],
    periods: pd.PeriodIndex,
    *,
    rng: np.random.Generator | int,
    population: "pd.Series[Any] | None" = None,
    weights: WeightKind = "border",
) -> pd.DataFrame:
    """Draw a panel from known parameters, to see what a fit makes of a known truth.

    Parameters
    ----------
    units : GeoDataFrame, m rows
        ``unit_id``, ``country``, coverage-valid polygons in EPSG:4326.
    parameters : mapping of str to float
        As in ``ContagionFit.table``: ``intercept`` (log incidents per unit and period at the middle
        of the periods), and any of ``trend``, ``sin1``, ``cos1``, ``autoregressive``, ``domestic``,
        ``foreign``, ``decay`` and ``overdispersion``; those left out are 0.
    periods : PeriodIndex
        Periods to fill; the first has no incidents, so leave some to warm up.
    rng : Generator or int
        Source of randomness, or its seed.
    population : Series, optional
        People by ``unit_id``.
    weights : {"border", "power"}
        As for :func:`fit`.

    Returns
    -------
    DataFrame
        ``unit_id``, ``period``, ``incidents``.

    Raises
    ------
    InputError
        If a parameter is unknown or out of its range, or the process explodes.
    """
    seasons = [int(name[3:]) for name in parameters if name[:3] == "sin" or name[:3] == "cos"]
    counts = np.zeros((len(units), len(periods)))
    model = build_model(
        units, counts, periods, population, weights, max(seasons, default=0), trend=True
    )
    width = model.free
    wrong = [name for name in parameters if name not in model.names and parameters[name] != 0]
    wrong += [name for name in model.names[width:] if parameters.get(name, 0) < 0]
    if wrong:
        raise InputError(
            f"`parameters` has {len(wrong)} that cannot be used: {first_offenders(wrong)}; "
            f"expected those of {list(model.names)}, the parts at least 0. Leave the others out."
        )
    theta = np.array([parameters.get(name, 0.0) for name in model.names])
    theta[width:] = np.log(np.maximum(theta[width:], 1e-9))
    drawn = model.simulate(theta, np.random.default_rng(rng))
    return panel_of(units["unit_id"].astype("str"), periods, incidents=drawn)


def _result(
    model: Model,
    best: Optimum,
    test: tuple[float, float],
    axis: tuple[pd.Index, pd.PeriodIndex],
    effects: Effects | None,
) -> ContagionFit:
    unit_ids, periods = axis
    table = best.wald_table(model)
    model, theta = best.model(model), best.theta
    parts, later = model.components(theta), periods[model.lags :]
    expected = np.asarray(sum(parts.values()))
    spread = np.sqrt(expected + model.part(theta, "overdispersion") * expected**2)
    residuals = (model.counts[:, model.lags :] - expected) / spread
    return ContagionFit(
        table=table,
        shares=pd.Series({name: parts[name].sum() / expected.sum() for name in PARTS}),
        log_likelihood=best.log_likelihood,
        eigenvalue=float(np.abs(np.linalg.eigvals(model.next_matrix(theta))).max()),
        foreign_statistic=test[0],
        foreign_p=test[1],
        fitted=pd.DataFrame(expected, index=unit_ids, columns=later),
        residuals=pd.DataFrame(residuals, index=unit_ids, columns=later),
        parts=pd.DataFrame({name: parts[name].sum(axis=0) for name in PARTS}, index=later),
        levels=pd.Series(np.exp(best.levels), unit_ids, name="level"),
        effects=effects,
        _model=model,
        _theta=theta,
    )
