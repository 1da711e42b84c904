"""Whether incidents of one country, or actor, are followed by incidents of another.

A Hawkes process in time: each incident raises the rate of later ones for a while, at home and
abroad, above a background that is constant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import kstest, norm

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.hawkes_model import Array, Events, thin
from sahel_geo.indicators.plotting import axes
from sahel_geo.indicators.result import Result, require_language
from sahel_geo.schema import Language

_ABSENT: Final = -12.0  # logarithm: an effect this small, 6e-6, counts as absent
_FEWEST: Final = 10  # incidents of a type


@dataclass(frozen=True)
class HawkesFit(Result):
    """A fitted Hawkes process.

    Attributes
    ----------
    table : DataFrame
        One row per ``target`` and ``source``: ``branching``, the incidents of the target that
        follow one of the source, with ``standard_error``, ``lower``, ``upper`` (95 %), and
        ``share``, the share of the target's incidents that it amounts to. An effect that the data
        put at 0 has no error or interval.
    background : DataFrame
        By type: ``incidents``, ``per_day`` with ``standard_error``, ``lower``, ``upper``; ``share``
        of the incidents that follow no other; ``from_others``, share that follows another type;
        ``residual_p``, Kolmogorov-Smirnov p of the rescaled gaps, small where the model is wrong.
    from_others : float
        Share of all incidents that follow one of another type; missing with a single type.
    mean_days : float
        Mean delay of a following incident.
    spectral_radius : float
        Largest eigenvalue of the branching matrix; at 1 or above the process explodes.
    log_likelihood : float
        At the maximum.
    left_out : int
        Incidents without date or type, or outside the time.
    """

    table: pd.DataFrame
    background: pd.DataFrame
    from_others: float
    mean_days: float
    spectral_radius: float
    log_likelihood: float
    left_out: int

    def plot(self, ax: Any = None) -> Any:
        """Draw the branching matrix.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw on; new ones by default.

        Returns
        -------
        matplotlib Axes
            The axes drawn on.

        Raises
        ------
        InputError
            If matplotlib is not installed.
        """
        ax = axes(ax)
        names = [str(name) for name in self.background.index]
        values = self.table["branching"].to_numpy().reshape(len(names), len(names))
        ax.imshow(values, vmin=0, cmap="Reds")
        for (row, column), value in np.ndenumerate(values):
            ax.text(column, row, f"{value:.2f}", ha="center", va="center")
        ax.set_xticks(range(len(names)), names)
        ax.set_yticks(range(len(names)), names)
        ax.set(xlabel="one incident of", ylabel="is followed by incidents of")
        return ax

    def sentence(self, lang: Language = "fr") -> str:
        """Say what share of the incidents follows one of another type, in a sentence to quote.

        Parameters
        ----------
        lang : {"fr", "en"}
            Language.

        Returns
        -------
        str
            The share and the caution that it needs.

        Raises
        ------
        InputError
            If `lang` is not a language of the package.
        """
        require_language(lang)
        french = lang == "fr"
        if np.isnan(self.from_others):
            return (
                "Un seul type d'incidents : aucun effet d'un type sur un autre n'est mesurable."
                if french
                else "A single type of incidents: no effect of one on another can be measured."
            )
        share = f"{100 * self.from_others:.1f}"
        wrong = bool((self.background["residual_p"] < 0.05).any())
        if french:
            doubt = " ; le modèle ne décrit pas bien ces données" if wrong else ""
            return (
                f"Selon le modèle, {share.replace('.', ',')} % des incidents suivent un incident "
                f"d'un autre type ou pays, ce qui ne prouve pas une cause{doubt}."
            )
        doubt = "; the model does not describe these data well" if wrong else ""
        return (
            f"By the model, {share} % of the incidents follow one of another type or country, "
            f"which does not prove a cause{doubt}."
        )


def fit(
    incidents: pd.DataFrame,
    *,
    by: str = "country",
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    rng: np.random.Generator | int | None = None,
) -> HawkesFit:
    """Measure how many incidents of each type follow those of each other type.

    The branching matrix says how many incidents of the row one incident of the column is followed
    by, above a constant background. A season, a trend or an offensive that raises the rate of all
    types at once also looks like one type following another: read the figures as upper limits, and
    see ``residual_p`` for whether the model holds.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``date`` and `by`.
    by : str
        Column that tells the types apart, such as ``"country"`` or ``"actor1"``.
    start, end : date, optional
        Time observed, `start` included and `end` not; by default from the day of the first incident
        to the day after the last.
    rng : Generator or int, optional
        Spread the incidents uniformly over their day. By default they stay where they are, and
        those at the same time do not follow one another.

    Returns
    -------
    HawkesFit
        With a single type there is nothing to follow from others: that share is missing.

    Raises
    ------
    InputError
        If a column is missing, `start` is not before `end`, no incident remains, or a type has
        fewer than 10.

    Notes
    -----
    Intervals of weak effects are too narrow with a few thousand incidents: the page of methods
    gives their measured coverage. Direct maximum likelihood with an analytic gradient; the kernel
    is ``decay * exp(-decay * age)`` with one decay for all pairs, so a recursion makes the time
    linear in the incidents. Intervals
    are Wald intervals on logarithms, from the observed information.

    References
    ----------
    Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes.
    Biometrika 58, 83-90. Ozaki, T. (1979). Maximum likelihood estimation of Hawkes' self-exciting
    point processes. Annals of the Institute of Statistical Mathematics 31, 145-155 (the recursion).
    Ogata, Y. (1988). JASA 83, 9-27 (residuals by time rescaling).
    """
    events, names, left_out = _events(incidents, by, (start, end), rng)
    theta, best = _maximise(events)
    return _result(events, names, theta, best, left_out)


def simulate(
    background: Sequence[float],
    branching: Sequence[Sequence[float]],
    *,
    mean_days: float,
    days: float,
    rng: np.random.Generator | int,
    names: Sequence[str] | None = None,
    by: str = "country",
    start: str | pd.Timestamp = "2020-01-01",
) -> pd.DataFrame:
    """Draw incidents from a known process, to see what a fit makes of a known truth.

    Parameters
    ----------
    background : sequence of float, length m
        Incidents per day of each type that follow no other.
    branching : sequence of sequences of float, m x m
        Incidents of the row that follow one of the column; largest eigenvalue below 1.
    mean_days : float
        Mean delay of a following incident.
    days : float
        Length of the time.
    rng : Generator or int
        Source of randomness, or its seed.
    names : sequence of str, optional
        Names of the types; by default ``"0"``, ``"1"`` and so on.
    by : str
        Column for the types.
    start : date
        First day.

    Returns
    -------
    DataFrame
        ``date`` (to the microsecond) and `by`, in time order.

    Raises
    ------
    InputError
        If the sizes differ, a value is negative, or the process explodes.
    """
    rates, matrix = np.asarray(background, dtype=float), np.asarray(branching, dtype=float)
    labels = [str(at) for at in range(len(rates))] if names is None else list(names)
    fits = matrix.shape == (len(rates), len(rates)) and len(labels) == len(rates) > 0
    if not fits or min(rates.min(), matrix.min(), mean_days, days) < 0 or not mean_days * days:
        raise InputError(
            f"`branching` is {matrix.tolist()} with {len(rates)} rates in `background` and "
            f"{len(labels)} names, mean_days {mean_days}, days {days}; expected a square matrix of "
            "their size and no negative value. Correct the one that differs.",
        )
    radius = float(np.abs(np.linalg.eigvals(matrix)).max())
    if radius >= 1:
        raise InputError(
            f"`branching` has the largest eigenvalue {radius:.3g}; expected below 1, or the "
            "process explodes. Lower its values.",
        )
    drawn = thin(rates, matrix, 1 / mean_days, days, np.random.default_rng(rng))
    date = pd.Timestamp(start) + pd.to_timedelta(drawn.times, unit="D").as_unit("us")
    return pd.DataFrame({"date": date, by: np.asarray(labels, dtype=object)[drawn.kinds]})


def _events(
    incidents: pd.DataFrame,
    by: str,
    span: tuple[str | pd.Timestamp | None, str | pd.Timestamp | None],
    rng: np.random.Generator | int | None,
) -> tuple[Events, pd.Index, int]:
    missing = [name for name in ("date", by) if name not in incidents]
    if missing:
        raise InputError(
            f"`incidents` has no column {first_offenders(missing)}; it has "
            f"{first_offenders(incidents.columns)}. Rename the columns, or choose another by=.",
        )
    known = incidents[["date", by]].dropna()
    if known.empty:
        raise InputError(
            "`incidents` has no row with a date and a type; expected at least "
            f"{_FEWEST} of each type. Load a longer time.",
        )
    first = known["date"].min().normalize() if span[0] is None else pd.Timestamp(span[0])
    day_after = known["date"].max().normalize() + pd.Timedelta(days=1)
    last = day_after if span[1] is None else pd.Timestamp(span[1])
    if first >= last:
        raise InputError(f"`start` is {first} and `end` {last}; expected start before end. Swap.")
    inside = known[(known["date"] >= first) & (known["date"] < last)]
    kinds, names = pd.factorize(inside[by], sort=True)
    numbers = np.bincount(kinds, minlength=len(names))
    if not len(names) or numbers.min() < _FEWEST:
        raise InputError(
            f"`incidents` has types with fewer than {_FEWEST} incidents: "
            f"{first_offenders(names[numbers < _FEWEST])}; expected {_FEWEST} of each. Leave them "
            "out, join them, or take a longer time.",
        )
    times = (inside["date"] - first).dt.total_seconds().to_numpy(dtype=np.float64) / 86_400
    days = float((last - first) / pd.Timedelta(days=1))
    if rng is not None:
        times = np.floor(times) + np.random.default_rng(rng).uniform(0, 1, len(times))
        times = np.minimum(times, np.nextafter(days, 0))
    order = np.argsort(times, kind="stable")
    events = Events(times[order], kinds[order].astype(np.int64), len(names), days)
    return events, pd.Index(names, name=by), len(incidents) - len(inside)


def _maximise(events: Events) -> tuple[Array, float]:
    count = events.count
    numbers = np.bincount(events.kinds, minlength=count)

    def cost(theta: Array) -> tuple[float, Array]:
        value, gradient = events.log_likelihood(theta)
        return -value, -gradient

    best, best_value = np.empty(0), -np.inf
    for mean_days in (1.0, 10.0, 60.0):  # the likelihood can have several peaks in the decay
        start = np.concatenate(
            [
                np.log(numbers / events.days / 2),
                np.full(count**2, np.log(0.5 / count)),
                [-np.log(mean_days)],
            ],
        )
        bounds = [(-30.0, 10.0)] * count + [(_ABSENT, 3.0)] * count**2
        bounds += [(-np.log(events.days), np.log(1440.0))]  # from the whole time to a minute
        found = minimize(
            cost,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 2000, "ftol": 1e-13, "gtol": 1e-6},
        )
        if -found.fun > best_value:
            best, best_value = np.asarray(found.x), -float(found.fun)
    return best, best_value


def _result(
    events: Events,
    names: pd.Index,
    theta: Array,
    best: float,
    left_out: int,
) -> HawkesFit:
    count = events.count
    inner = np.ones(len(theta), dtype=bool)
    inner[count:-1] = theta[count:-1] > _ABSENT + 0.5
    if not inner[count:-1].any():
        inner[-1] = False  # without any effect, nothing tells its delay
    error = np.full(len(theta), np.nan)
    variance = np.diag(np.linalg.pinv(events.information(theta)[np.ix_(inner, inner)]))
    error[inner] = np.sqrt(np.where(variance > 0, variance, np.nan))
    values = np.where(inner, np.exp(theta), 0.0)
    reach = norm.ppf(0.975) * error
    figures = pd.DataFrame(
        {
            "value": values,
            "standard_error": error * values,
            "lower": np.exp(theta - reach),
            "upper": np.exp(theta + reach),
        },
    )
    rates = figures.iloc[:count].set_axis(names, axis=0).rename(columns={"value": "per_day"})
    links = figures.iloc[count:-1].rename(columns={"value": "branching"})
    links.index = pd.MultiIndex.from_product([names, names], names=["target", "source"])

    excited = np.where(inner[count:-1].reshape(count, count)[events.kinds], 1.0, 0.0)
    excited *= events.excitation(theta)
    whole = values[events.kinds] + excited.sum(axis=1)
    own = np.eye(count)[events.kinds]
    numbers = own.sum(axis=0)
    shares = own.T @ (excited / whole[:, None]) / numbers[:, None]
    links["share"] = shares.ravel()
    rates.insert(0, "incidents", numbers.astype(int))
    rates["share"] = 1 - shares.sum(axis=1)
    rates["from_others"] = shares.sum(axis=1) - np.diag(shares) if count > 1 else np.nan
    rates["residual_p"] = [
        float(kstest(events.rescaled_gaps(theta, kind), "expon").pvalue) for kind in range(count)
    ]
    matrix = links["branching"].to_numpy().reshape(count, count)
    return HawkesFit(
        table=links.reset_index(),
        background=rates,
        from_others=float(rates["from_others"] @ numbers / numbers.sum()),
        mean_days=float(np.exp(-theta[-1])) if inner[-1] else np.nan,
        spectral_radius=float(np.abs(np.linalg.eigvals(matrix)).max()),
        log_likelihood=best,
        left_out=left_out,
    )
