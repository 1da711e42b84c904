"""What last period's incidents next door, at home and abroad, add to this period's.

An endemic-epidemic model: what each unit would see anyway (its people, the season, the trend),
beside what follows its own incidents, those of its domestic and those of its foreign neighbours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import chdtrc, ndtri

from sahel_geo.errors import InputError, first_offenders, require_language
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.plotting import CYCLE, axes, date_ticks, hatches, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import words
from sahel_geo.indicators.spread.contagion_inputs import (
    WeightKind,
    build_counts,
    build_model,
    start_values,
)
from sahel_geo.indicators.spread.endemic_epidemic import PARTS, Array, Model
from sahel_geo.schema import Language
from sahel_geo.tasks import task

__all__ = ["ContagionFit", "fit", "simulate"]

_ABSENT: Final = -12.0  # logarithm: a part this small, 6e-6, counts as absent
_LEAST_OVERDISPERSION: Final = -9.0  # logarithm: indistinguishable from Poisson


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
        width = model.design.shape[1]
        endemic = model.offset * np.exp(model.upcoming @ theta[:width])
        expected = endemic + model.next_matrix(theta) @ model.counts[:, -1]
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
        periods = pd.period_range(end=last[-1], periods=len(last) + 1, freq=last.freq)
        return _as_panel(drawn, self.fitted.index, periods)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the expected incidents of all units in time, part on part.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw on; new ones by default.
        lang : {"fr", "en"}
            Language of the labels.

        Returns
        -------
        matplotlib Axes
            The axes drawn on.

        Raises
        ------
        InputError
            If `lang` is not a language of the package.
        """
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
        legend_above(ax, columns=2)
        return ax

    def sentence(self, lang: Language = "fr") -> str:
        """Say what the foreign part amounts to, in a sentence to quote.

        Parameters
        ----------
        lang : {"fr", "en"}
            Language.

        Returns
        -------
        str
            One or two sentences, with the share, the p-value and the caution that they need.

        Raises
        ------
        InputError
            If `lang` is not a language of the package.
        """
        require_language(lang)
        if np.isnan(self.foreign_p):
            return Sentence(
                "No unit has a foreign neighbour: an effect across the border cannot be measured."
            ).say(lang)
        clear = "differs from zero, which does not prove a cause"
        verdict = Sentence(clear if self.foreign_p < 0.05 else "cannot be told from zero")
        return Sentence(
            "Incidents of the period before in foreign neighbours explain {share:.1%} of the "
            "expected incidents (p {sign} {p:.3f}); this part {verdict}.",
            share=self.shares["foreign"],
            sign="<" if self.foreign_p < 0.001 else "=",
            p=max(self.foreign_p, 0.001),
            verdict=verdict,
        ).say(lang)


def fit(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    column: str = "incidents",
    population: "pd.Series[Any] | None" = None,
    weights: WeightKind = "border",
    harmonics: int = 1,
    trend: bool = True,
) -> ContagionFit:
    """Measure how many incidents follow those of foreign neighbours, beside all other sources.

    The expected incidents of a unit are the sum of an endemic part (its people, season and trend),
    a multiple of its own incidents of the period before, and multiples of the weighted incidents
    of its domestic and foreign neighbours. A foreign part above 0 means that incidents abroad
    precede incidents here more often than season, trend and the unit's own past explain. Units
    share one endemic rate per person, so lasting differences between them that the population does
    not explain also end up in the other parts: read it as an upper limit of what crossed.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`: one row for each unit and period, without gaps.
    units : GeoDataFrame, m rows
        The same units: ``unit_id``, ``country``, coverage-valid polygons in EPSG:4326.
    column : str
        Counts to explain, whole numbers of 0 or more.
    population : Series, optional
        People by ``unit_id``, above 0 for every unit; the endemic part is proportional to it.
    weights : {"border", "power"}
        Weight of unit j for unit i: share of j's border with other units that they have in common;
        or the order of contiguity to the power of minus a decay that is estimated too. A unit's
        weights sum to 1 over domestic and foreign neighbours together.
    harmonics : int
        Pairs of sine and cosine in the year; 0 for none.
    trend : bool
        Let the logarithm of the endemic part grow linearly, per year.

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
    Intervals are Wald intervals, on the logarithm for positive parameters. The test of the foreign
    part takes its null distribution as half chi-squared(1) and half 0, since 0 is on the boundary.

    References
    ----------
    Held, L., Höhle, M., Hofmann, M. (2005). A statistical framework for the analysis of
    multivariate infectious disease surveillance counts. Statistical Modelling 5, 187-199.
    Meyer, S., Held, L. (2014). Power-law models for infectious disease spread. Annals of Applied
    Statistics 8, 1612-1639, equations 2 and 3. The split of the neighbour part into domestic and
    foreign is this project's. Self, S. G., Liang, K.-Y. (1987). JASA 82, 605-610, case 5.
    """
    counts, unit_ids, periods = build_counts(panel, units, column)
    model = build_model(units, counts, periods, population, weights, harmonics, trend=trend)
    if counts.shape[1] < len(model.names) + 2 or counts[:, 1:].sum() == 0:
        raise InputError(
            "`panel` has {periods} periods and {number} incidents after the first; expected at "
            "least {least} periods and one incident. Use more or shorter periods, or fewer "
            "harmonics.",
            periods=counts.shape[1],
            number=int(counts[:, 1:].sum()),
            least=len(model.names) + 2,
        )
    theta, best = _maximise(model, start_values(model))
    statistic, p = np.nan, np.nan
    if "foreign" in model.names:
        kept = [at for at, name in enumerate(model.names) if name != "foreign"]
        names = tuple(model.names[at] for at in kept)
        less = replace(model, names=names)
        statistic = max(0.0, 2 * (best - _maximise(less, theta[kept])[1]))
        p = float(chdtrc(1, statistic) / 2) if statistic > 1e-6 else 1.0
    return _result(model, theta, best, (statistic, p), (unit_ids, periods))


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
    width = model.design.shape[1]
    wrong = [name for name in parameters if name not in model.names and parameters[name] != 0]
    wrong += [name for name in model.names[width:] if parameters.get(name, 0) < 0]
    if wrong:
        raise InputError(
            f"`parameters` has {len(wrong)} that cannot be used: {first_offenders(wrong)}; "
            f"expected those of {list(model.names)}, the parts at least 0. Leave the others out.",
        )
    theta = np.array([parameters.get(name, 0.0) for name in model.names])
    theta[width:] = np.log(np.maximum(theta[width:], 1e-9))
    unit_ids = pd.Index(units["unit_id"].astype("str"), name="unit_id")
    return _as_panel(model.simulate(theta, np.random.default_rng(rng)), unit_ids, periods)


def _as_panel(
    counts: npt.NDArray[np.int64],
    unit_ids: pd.Index,
    periods: pd.PeriodIndex,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit_id": np.repeat(unit_ids.to_numpy(), len(periods)),
            "period": periods.take(np.tile(np.arange(len(periods)), len(unit_ids))),
            "incidents": counts.ravel(),
        },
    )


def _maximise(model: Model, start: Array) -> tuple[Array, float]:
    width = model.design.shape[1]
    bounds = [(-40.0, 40.0)] * width + [(_ABSENT, 5.0)] * (len(model.names) - width)
    bounds[-1] = (_LEAST_OVERDISPERSION, 9.0)
    if "decay" in model.names:
        bounds[model.names.index("decay")] = (-5.0, 4.0)

    def cost(theta: Array) -> tuple[float, Array]:
        value, gradient = model.log_likelihood(theta)
        step_done()
        return -value, -gradient

    with task("fitting") as step_done:
        found = minimize(
            cost,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 2000, "ftol": 1e-13, "gtol": 1e-6},
        )
    return np.asarray(found.x), -float(found.fun)


def _result(
    model: Model,
    theta: Array,
    best: float,
    test: tuple[float, float],
    axis: tuple[pd.Index, pd.PeriodIndex],
) -> ContagionFit:
    unit_ids, periods = axis
    parts = model.components(theta)
    expected = np.asarray(sum(parts.values()))
    spread = np.sqrt(expected + model.part(theta, "overdispersion") * expected**2)
    return ContagionFit(
        table=_table(model, theta),
        shares=pd.Series({name: parts[name].sum() / expected.sum() for name in PARTS}),
        log_likelihood=best,
        eigenvalue=float(np.abs(np.linalg.eigvals(model.next_matrix(theta))).max()),
        foreign_statistic=test[0],
        foreign_p=test[1],
        fitted=pd.DataFrame(expected, index=unit_ids, columns=periods[1:]),
        residuals=pd.DataFrame(
            (model.counts[:, 1:] - expected) / spread, index=unit_ids, columns=periods[1:]
        ),
        parts=pd.DataFrame({name: parts[name].sum(axis=0) for name in PARTS}, index=periods[1:]),
        _model=model,
        _theta=theta,
    )


def _table(model: Model, theta: Array) -> pd.DataFrame:
    """Give estimates and Wald intervals; parameters at the edge of their range have no error."""
    width = model.design.shape[1]
    positive = np.arange(len(theta)) >= width
    edge = np.full(len(theta), _ABSENT)
    edge[-1] = _LEAST_OVERDISPERSION
    inner = ~positive | (theta > edge + 0.5)
    error = np.full(len(theta), np.nan)
    information = model.information(theta)[np.ix_(inner, inner)]
    variance = np.diag(np.linalg.pinv(information))
    error[inner] = np.sqrt(np.where(variance > 0, variance, np.nan))
    reach = ndtri(0.975) * error
    scale = np.where(positive, np.exp(np.where(positive, theta, 0.0)), 1.0)
    estimate = np.where(positive, np.where(inner, scale, 0.0), theta)
    low, high = theta - reach, theta + reach
    return pd.DataFrame(
        {
            "estimate": estimate,
            "standard_error": error * scale,
            "lower": np.where(positive, np.exp(np.where(positive, low, 0.0)), low),
            "upper": np.where(positive, np.exp(np.where(positive, high, 0.0)), high),
        },
        index=pd.Index(model.names, name="parameter"),
    )
