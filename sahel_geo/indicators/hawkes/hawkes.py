"""Whether incidents of one country, or actor, are followed by incidents of another.

A Hawkes process: each incident raises the rate of later ones for a while, at home and abroad, above
a background.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from sahel_geo.errors import require_choice
from sahel_geo.indicators.hawkes.background import (
    Smoother,
    share_of_time,
    smoothed_again,
    take_turns,
)
from sahel_geo.indicators.hawkes.covariates import (
    Steps,
    check_background,
    coefficients,
    maximise_with,
    with_covariates,
)
from sahel_geo.indicators.hawkes.likelihood import Array, Optimum, maximise
from sahel_geo.indicators.hawkes.model import (
    KERNELS,
    Kernel,
    TimeModel,
    doublings_of,
    longest_delay,
    read_events,
)
from sahel_geo.indicators.hawkes.profile import with_profile
from sahel_geo.indicators.hawkes.result import HawkesFit, SpatialHawkesFit, beside_shifts, summarise
from sahel_geo.indicators.hawkes.simulation import simulate, simulate_spatial
from sahel_geo.indicators.hawkes.spatial import fit_spatial

__all__ = ["HawkesFit", "SpatialHawkesFit", "fit", "fit_spatial", "simulate", "simulate_spatial"]


def fit(
    incidents: pd.DataFrame,
    *,
    by: str = "country",
    kernel: Kernel = "exponential",
    background_days: float | None = None,
    window_days: float | None = None,
    marks: str | None = None,
    covariates: pd.DataFrame | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    shifts: int = 0,
    within: Sequence[str] = ("year", "month"),
    rng: np.random.Generator | int | None = None,
) -> HawkesFit:
    """Measure how many incidents of each type follow those of each other type, in time alone.

    The branching matrix says how many incidents of the row one incident of the column is followed
    by, above a background, however far away. A season, a trend or an offensive that raises the rate
    of all types at once also looks like one type following another: read the figures as upper
    limits, and see ``residual_p`` for whether the model holds.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``date`` and `by`.
    by : str
        Column that tells the types apart, such as ``"country"`` or ``"actor1"``.
    kernel : {"exponential", "gaussian"}
        Law of the delays: an exponential, or the right half of a Gaussian, which stays flat for
        longer and ends sooner.
    background_days : float, optional
        Let the background change in time: the width of the Gaussian with which it is smoothed, such
        as 365 for changes from year to year. By default it is constant, and a war that grows or
        moves counts as incidents that follow one another.
    window_days : float, optional
        Nothing follows an incident later than so many days: the law of the delays is cut off there
        and scaled to 1. By default it is not.
    marks : str, optional
        Column of numbers of 0 or more, such as ``"fatalities_best"``: how much follows an incident
        may rise or fall with it, by the same factor for each doubling of one more than the mark,
        which is estimated (``mark_factor`` in ``kernel``). The branching matrix is then that of an
        average incident of each type.
    covariates : DataFrame, optional
        ``date`` and numbers (rain, season, campaigns), each row of which holds until the next: they
        multiply the background of each type, by factors that are estimated (``covariates``). Not
        together with `background_days`.
    start, end : date, optional
        Time observed, `start` included and `end` not; by default from the day of the first incident
        to the day after the last.
    shifts : int
        How often the dates of each type are shifted against those of the others, to see what share
        would seem to follow others anyway (``shifted``). The intervals hold for a world that
        follows the model; this holds for any in which the types are independent inside a span.
    within : sequence of str
        Spans of the calendar inside which dates are shifted: ``"year"``, with ``"month"`` months,
        with ``"season"`` quarters (which leave some of a season in). What the types share from span
        to span then counts for nothing. Delay and background are fitted to each shift anew.
    rng : Generator or int, optional
        Spread the incidents uniformly over their day, or over their week, month or year where
        ``date_precision`` says that no more is known, or where so many are dated to a first or
        fifteenth that it stands for the month. By default they stay where they are, and those at
        the same time do not follow one another. Needed for shifts.

    Returns
    -------
    HawkesFit
        With a single type there is nothing to follow from others: that share is missing.

    Raises
    ------
    InputError
        If a column is missing, `start` is not before `end`, no incident remains, a type has fewer
        than 10, `kernel` is unknown, `background_days` or `window_days` is not positive, marks are
        missing or negative, `covariates` is incomplete, begins late, or is given together with
        `background_days`, or there are shifts without `rng`.

    Notes
    -----
    One mean delay serves all pairs of types, from a minute to a fifth of the time observed and half
    of `background_days`: a longer one passes for the background. For a given delay the likelihood
    is concave and its rows are independent; Newton's method solves them, and the delay is searched
    from many starts. With the exponential kernel a recursion makes the time linear in the
    incidents.
    Intervals are profile-likelihood intervals, the delay estimated anew at each value; they hold 0
    unless the test on the edge of the possible (Self and Liang 1987) refuses it. A background that
    changes is smoothed from the incidents, each weighted by the probability that it followed no
    other and left out at its own time; weights and fit take turns until they agree (Zhuang, Ogata
    and Vere-Jones 2002), and intervals take its shape as known.

    References
    ----------
    Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes.
    Biometrika 58, 83-90. Ozaki, T. (1979). Maximum likelihood estimation of Hawkes' self-exciting
    point processes. Annals of the Institute of Statistical Mathematics 31, 145-155 (the recursion).
    Ogata, Y. (1988). JASA 83, 9-27 (residuals by time rescaling). Self, S. G. and Liang, K.-Y.
    (1987). JASA 82, 605-610. Zhuang, J., Ogata, Y. and Vere-Jones, D. (2002). JASA 97, 369-380.
    Ogata, Y. (1988), as above, for marks. Veen, A. and Schoenberg, F. P. (2008). JASA 103, 614-624.

    Examples
    --------
    >>> incidents = simulate([0.2, 0.3], [[0.3, 0.2], [0.0, 0.4]], mean_days=4, days=1500, rng=1)
    >>> result = fit(incidents)
    >>> result.table[["target", "source"]].values.tolist()
    [['0', '0'], ['0', '1'], ['1', '0'], ['1', '1']]
    >>> bool((result.table["lower"] <= result.table["upper"]).all())
    True
    """
    require_choice("kernel", kernel, KERNELS)
    check_background(background_days, window_days, covariates)
    spread = None if rng is None else np.random.default_rng(rng)
    events, names, rows, first = read_events(incidents, by, (start, end), spread)
    model = TimeModel(
        events,
        kernel,
        longest_delay(events.days, background_days),
        np.ones(len(rows)),
        events.times,
        window_days=np.inf if window_days is None else window_days,
        doublings=None if marks is None else doublings_of(incidents, marks, rows),
    )
    steps = None if covariates is None else Steps.of(covariates, first, events.days)
    model, best = _maximise(model, background_days, steps)
    smoothed = background_days is not None or steps is not None
    best, profile = with_profile(model, best, smoothed=smoothed)
    summary = summarise(model, best, profile, names)
    shifted = beside_shifts(
        model, best, first, within=within, shifts=shifts, rng=spread,
        smooth=_again(background_days, steps),
    )  # fmt: skip
    factors = None if steps is None else coefficients(model, steps, best, names)
    left_out = len(incidents) - len(rows)
    return HawkesFit(**summary, shifted=shifted, left_out=left_out, covariates=factors)


def _maximise(
    model: TimeModel, background_days: float | None, steps: Steps | None
) -> tuple[TimeModel, Optimum]:
    """Find the maximum, the background and what follows in turns if the background changes."""
    if steps is not None:
        return maximise_with(model, steps)
    if background_days is not None:
        smoothers = _smoothers(model, background_days)
        return take_turns(model, smoothers, model.starts(), background_days)
    return model, maximise(model, model.starts(), step=0.3, precision=1e-4)


def _again(
    background_days: float | None, steps: Steps | None
) -> Callable[[TimeModel, Array], TimeModel] | None:
    """Say how the background of shifted dates is fitted anew, if it changes."""
    if steps is not None:
        return lambda moved, weights: with_covariates(moved, steps, weights)
    if background_days is None:
        return None
    return lambda moved, weights: smoothed_again(moved, _smoothers(moved, background_days), weights)


def _smoothers(model: TimeModel, width_days: float) -> list[Smoother]:
    events = model.events
    share = share_of_time(events.times, events.days, width_days)
    return [
        Smoother.of([events.times[own]], [width_days], share[own], events.days, events.days)
        for own in events.members
    ]
