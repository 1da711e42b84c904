"""What a fitted Hawkes process says: tables, a drawing and a sentence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.plotting import axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.hawkes.likelihood import LEAST_EXPOSURE, Array, Design, Model, Optimum
from sahel_geo.indicators.hawkes.model import TimeModel
from sahel_geo.indicators.hawkes.profile import Profile
from sahel_geo.indicators.permutation.country import against_chance
from sahel_geo.indicators.permutation.strata import Blocks
from sahel_geo.indicators.plot_words import label_of, words
from sahel_geo.schema import Language
from sahel_geo.tasks import track

_GAIN_DIGITS: Final = 6  # of a log-likelihood: less is rounding, and would order what is equal
_AT_BOUND: Final = 0.02  # logarithm, from the end of the range
_EPOCH = pd.Timestamp("1970-01-01")
_Parts = tuple[Array, Array]  # at a kernel: of all types, and of each alone


def beside_shifts(
    model: TimeModel,
    best: Optimum,
    first: pd.Timestamp,
    *,
    within: Sequence[str],
    shifts: int,
    rng: np.random.Generator | int | None,
    smooth: "Callable[[Any, Array], Any] | None" = None,
) -> "pd.Series[Any] | None":
    """Set the share that follows other types beside that of shifted dates.

    The range is that of the share at the kernel of the fit. p is that of the gain in likelihood by
    following others: since a kernel was chosen to suit the dates as they are, the best of the same
    few kernels is taken for them and for each shift, and `smooth` smooths the background again from
    the probabilities (n,) to belong to it. For the gain that of all incidents is taken, of the
    dates as they are too: a background made from what seems to follow nothing would suit them
    better than it suits any shift.
    """
    if shifts < 0 or (shifts and rng is None):
        raise InputError(
            f"`shifts` is {shifts} and `rng` {rng!r}; expected 0 or more, and a seed with them. "
            "Pass rng=1."
        )
    events = model.events
    if not shifts or events.count < 2:
        return None
    known = pd.DataFrame({"date": first + pd.to_timedelta(events.times, "D"), "kind": events.kinds})
    span = first, first + pd.Timedelta(days=events.days - 1)
    origin = (first - _EPOCH) / pd.Timedelta(days=1)
    blocks = Blocks.of(known, "kind", within, span).taken(np.arange(len(known)), origin)
    times = np.empty((len(known), shifts))
    blocks.shift(events.times, np.random.default_rng(rng), times)
    foreign = np.hstack([np.zeros((events.count, 1)), 1 - np.eye(events.count)])
    weights = best.design.background_probability(best.parts, events.members)
    start = _inside(best.parts)
    kernels = model.starts()
    every = np.ones(len(known))

    def even(one: Any) -> Any:
        return one if smooth is None else smooth(one, every)

    observed_gain, near = _gain(even(model).designs(kernels))
    shares, gains = [], []
    for at in track(times.T, "shifts"):
        moved = model.moved(at)
        gains.append(_gain(even(moved).designs(kernels), near)[0])
        if smooth is not None:
            moved = smooth(moved, weights[np.argsort(at, kind="stable")])
        (own,) = moved.designs([best.kernel])
        shares.append(float((own.maximise(start)[0] * foreign).sum()))
    size = len(known)
    observed = float((best.parts * foreign).sum()) / size
    chance = against_chance(observed, np.array(shares) / size)
    return pd.Series({**chance, "p": against_chance(observed_gain, np.array(gains))["p"]})


def _gain(designs: Sequence[Design], near: Sequence[_Parts] = ()) -> tuple[float, list[_Parts]]:
    """Say by how much following other types raises the log-likelihood, at the best of some kernels.

    Gives the parts at each kernel too, and begins with those of other dates in `near`: each maximum
    is the only one of its kernel, so where the search begins changes how long it takes and no more.
    """
    whole, alone, maxima = -np.inf, -np.inf, []
    beginnings: Sequence[tuple[Any, Any]] = near or [(None, None)] * len(designs)
    for design, (start, own_start) in zip(designs, beginnings, strict=True):
        parts, values = design.maximise(start)
        own, own_values = design.alone(own_start)
        whole = max(whole, float(values.sum()))
        alone = max(alone, float(own_values.sum()))
        maxima.append((_inside(parts), _inside(own)))
    return round(max(whole - alone, 0.0), _GAIN_DIGITS), maxima


def _inside(parts: Array) -> Array:
    """Take parts off the edge, from where a search leaves slowly."""
    return np.asarray(np.maximum(parts, 1e-3 * parts.sum(axis=1, keepdims=True)))


@dataclass(frozen=True)
class HawkesFit(Result):
    """A fitted Hawkes process.

    Attributes
    ----------
    table : DataFrame
        One row per ``target`` and ``source``: ``branching``, the incidents of the target that
        follow one of the source, with ``standard_error``, ``lower``, ``upper`` (95 %), ``p`` of the
        test that it is 0, and ``share``, the share of the target's incidents that it amounts to.
        An effect that the data put at 0 has no error, but an upper limit.
    background : DataFrame
        By type: ``incidents``, ``per_day`` with ``standard_error``, ``lower``, ``upper``; ``share``
        of the incidents that follow no other; ``from_others``, share that follows another type,
        with ``from_others_lower`` and ``from_others_upper``; ``residual_p``, Kolmogorov-Smirnov p
        of the rescaled gaps, small where the model is wrong.
    kernel : DataFrame
        ``estimate``, ``lower``, ``upper`` of ``mean_days`` (before a window cuts it off), of
        ``sigma_km`` in space, and with marks of ``mark_factor``: how many times as much follows
        with each doubling of one more than the mark. An interval that holds 1 shows no such effect.
        ``at_bound`` where the search stopped at the end of the range: the truth may lie beyond.
    covariates : DataFrame or None
        With covariates: by type and ``covariate``, the ``rate_ratio`` by which one more of it
        multiplies the background, with ``lower`` and ``upper`` (95 %, what follows incidents being
        taken as known) and the ``standard_error`` of its logarithm.
    from_others, from_others_lower, from_others_upper : float
        Share of all incidents that follow one of another type, with its 95 % interval; missing with
        a single type.
    from_others_p : float
        P of the test that it is 0.
    mean_days : float
        Mean delay of a following incident.
    spectral_radius : float
        Largest eigenvalue of the branching matrix; at 1 or above the process explodes.
    log_likelihood : float
        At the maximum.
    shifted : Series or None
        With `shifts`: the share from others as ``value``, beside what shifted dates give:
        ``expected``, ``low`` and ``high`` (95 %), ``z`` and two-sided ``p``. None without, or with
        a single type.
    left_out : int
        Incidents without date or type, or outside the time or the place observed.
    """

    measured = ("branching",)

    table: pd.DataFrame
    background: pd.DataFrame
    kernel: pd.DataFrame
    from_others: float
    from_others_lower: float
    from_others_upper: float
    from_others_p: float
    mean_days: float
    spectral_radius: float
    log_likelihood: float
    shifted: "pd.Series[Any] | None"
    left_out: int
    covariates: pd.DataFrame | None

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the branching matrix with 95 % intervals; fields whose interval holds 0 are grey."""
        texts = words(lang)
        names = [label_of(name) for name in self.background.index]
        count = len(names)
        ax = axes(ax, size=(2.2 + 1.35 * count, 1.5 + 0.9 * count), lang=lang)
        values = self.table["branching"].to_numpy().reshape(count, count)
        top = max(float(values.max()), 0.1)
        ax.imshow(values, vmin=0, vmax=1.25 * top, cmap="Blues", aspect="auto")
        fields = self.table[["branching", "lower", "upper"]].to_numpy(dtype=np.float64)
        for at, (value, low, high) in enumerate(fields):
            ends = texts["not_known"]
            if np.isfinite(high):
                ends = f"{decimal(low, lang, 2)} {texts['to']} {decimal(high, lang, 2)}"
            colour = "white" if value > 0.7 * top else "black" if low > 0 else "#777777"
            place = at % count, at // count
            ax.text(
                *place, f"{decimal(value, lang, 2)}\n{ends}",
                ha="center", va="center", color=colour, fontsize=float(np.clip(60 / count, 5, 10)),
            )  # fmt: skip
        ax.set_xticks(range(count), names)
        ax.set_yticks(range(count), names)
        ax.grid(visible=False)
        ax.tick_params(length=0)
        ax.set(title=texts["followers"], xlabel=texts["after_one"], ylabel=texts["follow"])
        return ax

    def sentence(self, lang: Language = "fr") -> str:
        """Say what share of incidents follows one of another type, with interval and caution."""
        if np.isnan(self.from_others):
            return Sentence(
                "A single type of incidents: no effect of one on another can be measured."
            ).say(lang)
        doubt: object = ""
        if (self.background["residual_p"] < 0.05).any():
            doubt = Sentence("; the model does not describe these data well")
        stopped = self.kernel.index[self.kernel["at_bound"].astype(bool)]
        if len(stopped):
            doubt = Sentence(
                "{doubt}; {names} stopped at the end of the range allowed, and the truth may lie "
                "beyond",
                doubt=doubt,
                names=", ".join(f"`{name}`" for name in stopped),
            )
        figures: dict[str, Any] = {"doubt": doubt, "beside": self._beside()}
        figures |= {"share": self.from_others, "high": self.from_others_upper}
        if not self.from_others_lower > 0:
            return Sentence(
                "These data do not show that incidents follow those of another type or country: "
                "the estimated share is {share:.1%}, at most {high:.1%} (95% limit){doubt}."
                "{beside}",
                **figures,
            ).say(lang)
        return Sentence(
            "By the model, {share:.1%} of the incidents (95% interval: {low:.1%} to {high:.1%}) "
            "follow one of another type or country, which does not prove a cause{doubt}.{beside}",
            low=self.from_others_lower,
            **figures,
        ).say(lang)

    def _beside(self) -> str:
        """Say what shifted dates give."""
        if self.shifted is None:
            return ""
        above = self.shifted["value"] > self.shifted["high"]
        return Sentence(
            " Dates shifted by chance give {low:.1%} to {high:.1%}: {verdict}.",
            low=float(self.shifted["low"]),
            high=float(self.shifted["high"]),
            verdict=Sentence(
                "the figure is above" if above else "nothing tells the figure from it"
            ),
        )


@dataclass(frozen=True)
class SpatialHawkesFit(HawkesFit):
    """A fitted Hawkes process in time and space.

    Attributes
    ----------
    sigma_km : float
        Standard deviation, north-south and east-west, of the distance of a following incident.
    background_km : float
        Width of the smoothed background in space; missing with covariates.
    truncation_error : float
        Most by which the log-likelihood can be too low because distant pairs are left out.

    Notes
    -----
    The others are those of :class:`HawkesFit`. ``table`` has one more column, ``inside``: the mean
    share of what follows an incident of the source that falls where the target can be.
    ``branching`` counts these only; divided by ``inside`` it is what an incident deep inside would
    bring.
    """

    sigma_km: float
    background_km: float
    truncation_error: float


def summarise(model: TimeModel, best: Optimum, profile: Profile, names: pd.Index) -> dict[str, Any]:
    """Turn a maximum into what :class:`HawkesFit` holds."""
    from scipy.stats import kstest  # noqa: PLC0415  slow to import

    events, count = model.events, len(names)
    unit, share = best.design.per_unit(), best.design.share(best.parts)
    error = _standard_errors(model, best) * np.hstack([np.ones((count, 1)), best.design.inside])
    figures = pd.DataFrame({"value": (best.parts * unit).ravel(), "standard_error": error.ravel()})
    ends = [profile.interval(_one(at, Design.per_unit)) for at in np.ndindex(unit.shape)]
    figures[["lower", "upper", "p"]] = ends
    is_rate = np.arange(unit.size) % (count + 1) == 0
    links = figures[~is_rate].rename(columns={"value": "branching"})
    links.index = pd.MultiIndex.from_product([names, names], names=["target", "source"])
    links["share"] = share[:, 1:].ravel()

    rates = figures[is_rate].set_axis(names, axis=0).rename(columns={"value": "per_day"})
    rates = rates.drop(columns="p")
    rates.insert(0, "incidents", events.numbers)
    rates["share"] = share[:, 0]
    foreign = np.hstack([np.zeros((count, 1)), 1 - np.eye(count)])
    away = (share * foreign).sum(axis=1)
    rates["from_others"] = away if count > 1 else np.nan
    rates[["from_others_lower", "from_others_upper"]] = [
        np.minimum(profile.interval(_fixed(foreign * own[:, None] / number))[:2], 1)
        for own, number in zip(np.eye(count), events.numbers, strict=True)
    ]
    natural = best.parts * unit / np.hstack([np.ones((count, 1)), best.design.inside.clip(1e-300)])
    rates["residual_p"] = [
        float(kstest(np.diff(model.elapsed(best.kernel, at, row), prepend=0), "expon").pvalue)
        for at, row in enumerate(natural)
    ]
    whole = profile.interval(_fixed(foreign / len(events.times)))
    matrix = links["branching"].to_numpy().reshape(count, count)
    kernel = _kernel(model.parameters, model.bounds, best, profile, excited=bool(matrix.any()))
    return {
        "table": links.reset_index(),
        "background": rates,
        "kernel": kernel,
        "from_others": float(away @ events.numbers / len(events.times)) if count > 1 else np.nan,
        "from_others_lower": whole[0],
        "from_others_upper": min(whole[1], 1.0),  # more may be expected than came
        "from_others_p": whole[2],
        "mean_days": float(kernel["estimate"].iloc[0]),
        "spectral_radius": float(np.abs(np.linalg.eigvals(matrix)).max()),
        "log_likelihood": best.value,
    }


def _one(at: tuple[int, ...], scale: Callable[[Design], Array]) -> Callable[[Design], Array]:
    def weigh(design: Design) -> Array:
        weights = np.zeros_like(design.exposure)
        weights[at] = scale(design)[at]
        return weights

    return weigh


def _fixed(weights: Array) -> Callable[[Design], Array]:
    return lambda _: weights


def _kernel(
    names: list[str], bounds: Array, best: Optimum, profile: Profile, *, excited: bool
) -> pd.DataFrame:
    if not excited:  # without any effect, nothing tells its delay or reach
        unknown = pd.DataFrame(np.nan, index=names, columns=["estimate", "lower", "upper"])
        return unknown.assign(at_bound=False)
    ends = np.exp([profile.kernel_interval(at) for at in range(len(names))])
    columns = {"estimate": np.exp(best.kernel), "lower": ends[:, 0], "upper": ends[:, 1]}
    at_bound = (np.abs(best.kernel[:, None] - bounds) < _AT_BOUND).any(axis=1)
    return pd.DataFrame({**columns, "at_bound": at_bound}, index=names)


def _standard_errors(model: Model, best: Optimum) -> Array:
    """Measure the errors of the rates and of the branching from the observed information."""
    shape, exposure = best.parts.shape, best.design.exposure
    seen = exposure > LEAST_EXPOSURE
    natural = np.divide(best.parts, exposure, out=np.zeros(shape), where=seen)
    step, low, high = 5e-3, *model.bounds.T
    moves = np.eye(len(best.kernel)) * step if natural[:, 1:].any() else np.empty((0, 1))
    moves = moves[[bool(np.all((best.kernel - m > low) & (best.kernel + m < high))) for m in moves]]
    around = [(model.design(best.kernel - m), model.design(best.kernel + m)) for m in moves]
    free = natural.ravel() > 0
    size = int(free.sum())
    whole = np.zeros((size + len(moves), size + len(moves)))
    whole[:size, :size] = _curvature(best.design, natural)[np.ix_(free, free)]
    for at, (before, after) in enumerate(around):
        slope = (_score(before, natural) - _score(after, natural))[free] / (2 * step)
        whole[:size, size + at] = whole[size + at, :size] = slope
        ends = (
            before.log_likelihood(natural * before.exposure),
            after.log_likelihood(natural * after.exposure),
        )
        whole[size + at, size + at] = (2 * best.value - sum(ends)) / step**2
    variance = np.diag(np.linalg.pinv(whole))[:size]
    error = np.full(natural.size, np.nan)
    error[free] = np.sqrt(np.where(variance > 0, variance, np.nan))
    return error.reshape(shape)


def _score(design: Design, natural: Array) -> Array:
    types = zip(design.rows, natural * design.exposure, strict=True)
    score = [(row / (row @ part)[:, None]).sum(axis=0) for row, part in types]
    return np.ravel((np.array(score) - 1) * design.exposure)


def _curvature(design: Design, natural: Array) -> Array:
    size, width = natural.shape
    whole = np.zeros((size * width, size * width))
    for at, row in enumerate(design.rows):
        scaled = row * design.exposure[at]
        relative = scaled / (scaled @ natural[at])[:, None]
        part = slice(at * width, (at + 1) * width)
        whole[part, part] = relative.T @ relative
    return whole
