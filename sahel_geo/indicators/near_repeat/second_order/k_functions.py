"""K-functions: how much more often than at random incidents lie near each other.

Distances are those of the region's equal-area projection, which are within 0.6 % of the true ones.
Pairs are corrected for the edge of the window and of the time by translation: a pair counts by the
inverse of the share of the window, and of the time, that a shift by its difference leaves in
common. This holds for a window of any shape, needs one weight a pair, and leaves the mean over
exchanged dates exactly the product of the parts.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.near_repeat.knox_permutation import Strata, exchange
from sahel_geo.indicators.near_repeat.pair_search import Floats
from sahel_geo.indicators.near_repeat.second_order.envelopes import Envelope, global_envelope
from sahel_geo.indicators.near_repeat.second_order.k_sums import KSums, Timetable
from sahel_geo.indicators.near_repeat.second_order.k_tables import CrossK, SpaceTimeK
from sahel_geo.indicators.near_repeat.second_order.nulls import (
    exchanged_labels,
    own_densities,
    shifted_places,
)
from sahel_geo.indicators.near_repeat.second_order.study import Study
from sahel_geo.indicators.near_repeat.second_order.window import Window
from sahel_geo.indicators.permutation.strata import CALENDAR, Blocks, strata_within

__all__ = [
    "CrossK", "SpaceTimeK", "cross_k", "inhomogeneous_k", "space_time_cross_k", "space_time_k",
]  # fmt: skip

Null = Literal["shift", "exchange"]
PlaceNull = Literal["shift", "labels", "inhomogeneous"]

_MOST_TYPES: Final = 4


def space_time_k(
    incidents: pd.DataFrame,
    window: gpd.GeoDataFrame,
    *,
    distances_km: Sequence[float],
    days: Sequence[float],
    within: Sequence[str] = (),
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    permutations: int = 999,
    rng: np.random.Generator | int,
) -> SpaceTimeK:
    """Tell at which distances and delays incidents gather in space and time together.

    Incidents gather in space, around towns and roads, and in time, in bad months. The ratio
    K(s, t) / (K(s) K(t)) is what is left beyond both: above 1, incidents within s km of each other
    lie more often within t days than incidents anywhere. Where a war moves from one place to
    another, that is so at every delay up to years; see `within`.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon``, ``lat`` (EPSG:4326), ``date``, and those of `within`.
    window : GeoDataFrame
        Polygons in which incidents could be recorded, EPSG:4326 or
        :data:`sahel_geo.crs.EQUAL_AREA`. Incidents outside are left out and counted.
    distances_km, days : sequence of float
        Ascending; a pair at exactly a distance, or a delay, is within it.
    within : sequence of str
        Dates are exchanged only between incidents alike in these: columns, ``"year"``,
        ``"season"``, ``"month"``, as for :func:`sahel_geo.near_repeat.knox`. The envelope then
        holds what these already explain.
    start, end : date-like, optional
        First and last day of the study; by default those of the incidents.
    permutations : int
        How often the dates are exchanged; the more distances and delays, the more it takes for a
        small p.
    rng : Generator or int
        Seed; the answer does not depend on the number of threads.

    Returns
    -------
    SpaceTimeK
        Missing ratios where no pair is within the distance, or the delay.

    Raises
    ------
    InputError
        If a column is missing, distances or days do not ascend, or reach beyond window or study.
    CrsError
        If `window` is in another reference system.

    References
    ----------
    Diggle, P. J., Chetwynd, A. G., Häggkvist, R. and Morris, S. E. (1995). Second-order analysis of
    space-time clustering. Statistical Methods in Medical Research 4, 124-136.
    Ohser, J. (1983). On estimators for the reduced second moment measure of point processes.
    Mathematische Operationsforschung und Statistik, Series Statistics 14, 63-71 (translation).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> found = space_time_k(sg.load_example_incidents(), sg.load_boundaries(level=0),
    ...                      distances_km=[50, 100], days=[30, 90], permutations=19, rng=1)
    >>> found.table[["distance_km", "days"]].values.tolist()
    [[50.0, 30.0], [50.0, 90.0], [100.0, 30.0], [100.0, 90.0]]
    """
    ends = _ends(distances_km, days)
    drawn = Window.of(window, ends[0][-1])
    study = Study.of(incidents, drawn, columns=_columns(within), start=start, end=end)
    _check_days(ends[1], study.length)
    sums = study.sums(drawn, *ends)
    timetable = _exchanged(sums, study, strata_within(study.known, within))
    measured = _measure(sums, study, timetable, permutations, np.random.default_rng(rng))
    return SpaceTimeK.of(
        {"all": measured}, study, null="exchange", within=tuple(within), simulations=permutations
    )


def space_time_cross_k(
    incidents: pd.DataFrame,
    window: gpd.GeoDataFrame,
    *,
    distances_km: Sequence[float],
    days: Sequence[float],
    by: str = "country",
    between: Sequence[str] | None = None,
    null: Null = "shift",
    within: Sequence[str] = (),
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    permutations: int = 999,
    rng: np.random.Generator | int,
) -> SpaceTimeK:
    """Tell whether incidents of two countries, or actors, that are near in space are near in time.

    The ratio K(s, t) / (K(s) K(t)) of the pairs of one incident of each type: above 1, those
    within s km of each other lie more often within t days than pairs of the two types anywhere.
    Trends and seasons that two countries share raise K(t) as much as K(s, t), and so cancel.

    Parameters
    ----------
    incidents, window, distances_km, days, start, end, rng
        As for :func:`space_time_k`; incidents also with column `by`.
    by : str
        Column of the types.
    between : sequence of str, optional
        The types to compare, two by two; by default all, if they are at most four.
    null : {"shift", "exchange"}
        ``"shift"`` moves all dates of the second type by one random number of days, from the end of
        the study round to its start (a toroidal shift in time): each type keeps its own places and
        its own clusters in space and time, and only what links them is broken. ``"exchange"``
        exchanges the dates of each type, which breaks its own clusters too, and so finds links
        where there are none as soon as either type has outbreaks.
    within : sequence of str
        As for :func:`space_time_k`. Shifts go round inside calendar years with ``"year"``, inside
        quarters with ``"season"`` too, inside months with ``"month"``: what moves from place to
        place over longer times then explains nothing.
    permutations : int
        Number of shifts or exchanges.

    Returns
    -------
    SpaceTimeK
        One part per pair of types.

    Raises
    ------
    InputError
        As for :func:`space_time_k`, or if the types are too many, too few or unknown, or `within`
        has seasons or months without years beside shifts.
    CrsError
        If `window` is in another reference system.

    References
    ----------
    Lotwick, H. W. and Silverman, B. W. (1982). Methods for analysing spatial processes of several
    types of points. Journal of the Royal Statistical Society B 44, 406-413 (toroidal shifts).
    Diggle et al. (1995), as for :func:`space_time_k`.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> found = space_time_cross_k(sg.load_example_incidents(), sg.load_boundaries(level=0),
    ...                            distances_km=[100], days=[60], permutations=19, rng=1)
    >>> found.table["pair"].tolist()
    ['BFA–MLI', 'BFA–NER', 'MLI–NER']
    """
    if null not in get_args(Null):
        raise InputError(f"`null` is {null!r}; expected one of {list(get_args(Null))}. Choose one.")
    ends = _ends(distances_km, days)
    drawn = Window.of(window, ends[0][-1])
    study = Study.of(incidents, drawn, columns=[by, *_columns(within)], start=start, end=end)
    _check_days(ends[1], study.length)
    generator = np.random.default_rng(rng)
    parts = {}
    for name, pair, first in _type_pairs(study, by, between):
        sums = pair.sums(drawn, *ends, first=first)
        if null == "shift":
            timetable = _shifted(sums, pair, by, within)
        else:
            inside = strata_within(pair.known, [by, *within])
            timetable = _exchanged(sums, pair, inside)
        parts[name] = _measure(sums, pair, timetable, permutations, generator)
    return SpaceTimeK.of(parts, study, null=null, within=tuple(within), simulations=permutations)


def cross_k(
    incidents: pd.DataFrame,
    window: gpd.GeoDataFrame,
    *,
    distances_km: Sequence[float],
    by: str = "actor1",
    between: Sequence[str] | None = None,
    null: PlaceNull = "shift",
    within: Sequence[str] = (),
    bandwidth_km: float | None = None,
    permutations: int = 999,
    rng: np.random.Generator | int,
) -> CrossK:
    """Tell whether incidents of two actors lie near each other in space more than their own do.

    For types that share their space, such as actors. Countries do not: between them compare times,
    with :func:`space_time_cross_k`. Two actors who both gather around the same towns lie near each
    other for that reason alone; ``null`` says whether that counts.

    Parameters
    ----------
    incidents, by, between, rng
        As for :func:`space_time_cross_k`; dates are needed only for strata of the calendar.
    window : GeoDataFrame
        Where incidents could be recorded. With shifts a rectangle along the axes of
        :data:`sahel_geo.crs.EQUAL_AREA`, in that system.
    distances_km : sequence of float
        Ascending; a pair at exactly a distance is within it.
    null : {"shift", "labels", "inhomogeneous"}
        What chance is. ``"shift"`` moves all places of the second type by one random shift, out of
        one side of the rectangle and in at the other: each type keeps its own clusters, and towns
        that both seek make them attract. ``"labels"`` keeps all places and deals the types anew
        (random labelling): it asks whether the two mix, or keep apart, on the places where either
        acts. ``"inhomogeneous"`` weighs each pair by the inverse of the densities of both types
        there, and scatters the second type anew by its density: it asks what is left once each has
        its own geography.
    within : sequence of str
        With ``"labels"``: types are dealt anew only between incidents alike in these, as for
        :func:`space_time_k`; ``["year"]`` where one actor came later than the other.
    bandwidth_km : float
        With ``"inhomogeneous"``: standard deviation of the kernel of the densities. What is finer
        than the kernel is left to be found, so a kernel much wider than the towns finds the towns.
    permutations : int
        Number of shifts, deals or scatters.

    Returns
    -------
    CrossK
        One part per pair of types.

    Raises
    ------
    InputError
        If `window` is no rectangle for shifts, `by` is the country, an argument belongs to another
        null, a column is missing, distances do not ascend, or the types are too many, too few or
        unknown.
    CrsError
        If `window` is in another reference system.

    References
    ----------
    Lotwick and Silverman (1982), as for :func:`space_time_cross_k`.
    Diggle, P. J. and Chetwynd, A. G. (1991). Second-order analysis of spatial clustering for
    inhomogeneous populations. Biometrics 47, 1155-1163 (random labelling).
    Baddeley, A., Møller, J. and Waagepetersen, R. (2000). Non- and semi-parametric estimation of
    interaction in inhomogeneous point patterns. Statistica Neerlandica 54, 329-350.

    Examples
    --------
    >>> import shapely
    >>> from sahel_geo.crs import EQUAL_AREA
    >>> window = gpd.GeoDataFrame(geometry=[shapely.box(-4e5, -4e5, 4e5, 4e5)], crs=EQUAL_AREA)
    >>> places = np.random.default_rng(1).uniform([0, 15], [4, 19], (60, 2))
    >>> incidents = pd.DataFrame(places, columns=["lon", "lat"]).assign(actor1=["A", "B"] * 30)
    >>> cross_k(incidents, window, distances_km=[50, 100], permutations=19, rng=1).table["pair"][0]
    'A–B'
    """
    _check_null(by, null, within, bandwidth_km)
    limits = _ascending("distances_km", distances_km)
    drawn = Window.of(window, limits[-1])
    if null == "shift" and not drawn.is_rectangle:
        raise InputError(
            "`window` is not a rectangle along the axes of sahel_geo.crs.EQUAL_AREA, in which "
            "places could be shifted; expected one. Cut a rectangle out of the study area, take "
            "null='labels', or shift times with space_time_cross_k.",
        )
    dated = bool(set(within) & set(CALENDAR))
    study = Study.of(incidents, drawn, columns=[by, *_columns(within)], dated=dated)
    generator = np.random.default_rng(rng)
    parts = {}
    for name, pair, first in _type_pairs(study, by, between):
        world = (pair, first, drawn, limits, permutations, generator)
        if null == "shift":
            observed, simulated = shifted_places(*world)
        elif null == "labels":
            observed, simulated = exchanged_labels(*world, strata_within(pair.known, within))
        else:
            observed, simulated = own_densities(*world, bandwidth_km or 0.0)
        numbers = int(first.sum()), int((~first).sum())
        parts[name] = (limits, observed, _of_l(observed, simulated), numbers)
    return CrossK.of(parts, study, null=null, simulations=permutations)


def inhomogeneous_k(
    incidents: pd.DataFrame,
    window: gpd.GeoDataFrame,
    *,
    distances_km: Sequence[float],
    bandwidth_km: float,
    permutations: int = 999,
    rng: np.random.Generator | int,
) -> CrossK:
    """Tell whether incidents gather beyond what their density over the land already says.

    Each pair counts by the inverse of the densities at its two ends, estimated by a kernel; the
    envelope comes from incidents scattered by that density, estimated anew each time.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon``, ``lat`` (EPSG:4326).
    window, distances_km, permutations, rng
        As for :func:`cross_k`.
    bandwidth_km : float
        Standard deviation of the kernel: what is wider is density, what is finer is gathering.

    Returns
    -------
    CrossK
        One part, ``"all"``, in which both numbers are that of the incidents.

    Raises
    ------
    InputError, CrsError
        As for :func:`cross_k`.

    References
    ----------
    Baddeley, Møller and Waagepetersen (2000), as for :func:`cross_k`.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> found = inhomogeneous_k(sg.load_example_incidents(), sg.load_boundaries(level=0),
    ...                         distances_km=[25, 50], bandwidth_km=80, permutations=19, rng=1)
    >>> found.table["pair"].tolist()
    ['all', 'all']
    """
    limits = _ascending("distances_km", distances_km)
    drawn = Window.of(window, limits[-1])
    study = Study.of(incidents, drawn, columns=[], dated=False)
    world = (study, None, drawn, limits, permutations, np.random.default_rng(rng))
    observed, simulated = own_densities(*world, bandwidth_km)
    size = len(study.known)
    part = (limits, observed, _of_l(observed, simulated), (size, size))
    return CrossK.of({"all": part}, study, null="inhomogeneous", simulations=permutations)


def _check_null(by: str, null: str, within: Sequence[str], bandwidth_km: float | None) -> None:
    if by == "country":
        raise InputError(
            "`by` is 'country', and countries share no space; expected types that do. "
            "Use space_time_cross_k, which shifts times.",
        )
    if null not in get_args(PlaceNull):
        raise InputError(
            f"`null` is {null!r}; expected one of {list(get_args(PlaceNull))}. Choose one."
        )
    if len(within) and null != "labels":
        raise InputError("`within` is for null='labels'; expected none of it here. Leave it out.")
    if (bandwidth_km is None) == (null == "inhomogeneous"):
        raise InputError(
            "`bandwidth_km` belongs to null='inhomogeneous', which needs it; expected both or "
            "neither. Pass about the extent of the towns that draw incidents, such as 30."
        )


def _of_l(observed: Floats, simulated: Floats) -> Envelope:
    """Envelope of L: the square root makes the spread of K alike at all distances."""
    return global_envelope(np.sqrt(observed / np.pi), np.sqrt(simulated / np.pi))


def _measure(
    sums: KSums, study: Study, timetable: Timetable, simulations: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Set K(s, t) beside the product of its parts, as observed and simulated."""
    if simulations < 1:
        raise InputError(f"`permutations` is {simulations}; expected at least 1. Try 999.")
    times = study.days[sums.order][:, None]
    space, time, both = sums.space(), sums.time(times)[0], sums.space_time(times)[0]
    drawn_both, drawn_time = sums.simulate(timetable, simulations, rng)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = both / np.outer(space, time)
        drawn = drawn_both / (space[:, None] * drawn_time[:, None, :])
    envelope = global_envelope(ratio.ravel(), drawn.reshape(simulations, -1))
    return {
        "distances_km": sums.distances_km,
        "days": sums.days,
        "space": space,
        "time": time,
        "both": both,
        "ratio": ratio,
        "observed": sums.counts(times),
        "envelope": envelope,
        "incidents": len(sums.order),
        "pairs": sums.possible,
    }


def _exchanged(sums: KSums, study: Study, stratum: Any) -> Timetable:
    days, strata = study.days[sums.order], Strata.of(stratum[sums.order])

    def fill(times: Any, rng: np.random.Generator) -> None:
        exchange(days, strata.members, strata.starts, rng, times)

    return fill


def _shifted(sums: KSums, study: Study, by: str, within: Sequence[str]) -> Timetable:
    days, first = study.days[sums.order], sums.of_first
    span = study.start, study.start + pd.Timedelta(days=study.length - 1)
    origin = (study.start - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    blocks = Blocks.of(study.known, by, within, span).taken(sums.order, origin)

    def fill(times: Any, rng: np.random.Generator) -> None:
        blocks.shift(days, rng, times)
        times[first] = days[first][:, None]

    return fill


def _type_pairs(
    study: Study, by: str, between: Sequence[str] | None
) -> Iterator[tuple[str, Study, Any]]:
    """Give each two types, the study of their incidents, and which are of the first."""
    values = study.known[by].astype(str)
    names = sorted(set(values)) if between is None else [str(name) for name in between]
    unknown = sorted(set(names) - set(values))
    if unknown or len(set(names)) < 2 or len(names) > _MOST_TYPES:
        raise InputError(
            "`between` has {number} types in column {by!r}: {shown}, of which {absent} have "
            "no incident; expected two to {most_types}. Name them with between=.",
            number=len(set(names)),
            by=by,
            shown=first_offenders(names),
            absent=first_offenders(unknown),
            most_types=_MOST_TYPES,
        )
    for one, other in combinations(names, 2):
        pair = study.of_rows(values.isin([one, other]).to_numpy())
        yield f"{one}–{other}", pair, pair.known[by].astype(str).eq(one).to_numpy()


def _columns(within: Sequence[str]) -> list[str]:
    return [name for name in within if name not in CALENDAR]


def _ends(distances_km: Sequence[float], days: Sequence[float]) -> tuple[Floats, Floats]:
    return _ascending("distances_km", distances_km), _ascending("days", days)


def _ascending(argument: str, values: Sequence[float]) -> Floats:
    ends = np.asarray(values, dtype=np.float64)
    good = ends.ndim == 1 and len(ends) and np.isfinite(ends).all() and ends.min() > 0
    if not good or (np.diff(ends) <= 0).any():
        raise InputError(
            f"`{argument}` is {first_offenders(np.ravel(ends))}; expected ascending finite numbers "
            "above 0. List them in order.",
        )
    return ends


def _check_days(days: Floats, length: float) -> None:
    if days[-1] >= length:
        raise InputError(
            "`days` reaches {days:g} in a study of {length:g} days; expected shorter delays. "
            "Take shorter ones, or pass start= and end=.",
            days=days[-1],
            length=length,
        )
