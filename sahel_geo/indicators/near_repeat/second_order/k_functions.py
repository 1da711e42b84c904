"""K-functions: how much more often than at random incidents lie near each other.

Distances are those of the region's equal-area projection, which are within 0.6 % of the true ones.
Pairs are corrected for the edge of the window and of the time by translation: a pair counts by the
inverse of the share of the window, and of the time, that a shift by its difference leaves in
common. This holds for a window of any shape, needs one weight a pair, and leaves the mean over
exchanged dates exactly the product of the parts.
"""

from collections.abc import Sequence
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, first_offenders, require_choice
from sahel_geo.indicators.near_repeat.second_order.k_sums import Envelope
from sahel_geo.indicators.near_repeat.second_order.k_tables import CrossK, SpaceTimeK
from sahel_geo.indicators.near_repeat.second_order.nulls import Simulations
from sahel_geo.indicators.near_repeat.second_order.study import Study
from sahel_geo.indicators.near_repeat.second_order.window import Window
from sahel_geo.indicators.permutation.strata import CALENDAR, strata_within

__all__ = [
    "CrossK", "SpaceTimeK", "cross_k", "inhomogeneous_k", "space_time_cross_k", "space_time_k",
]  # fmt: skip

Null = Literal["shift", "exchange"]
PlaceNull = Literal["shift", "labels", "inhomogeneous"]


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
    >>> result = space_time_k(sg.load_example_incidents(), sg.load_boundaries(level=0),
    ...                      distances_km=[50, 100], days=[30, 90], permutations=19, rng=1)
    >>> result.table[["distance_km", "days"]].values.tolist()
    [[50.0, 30.0], [50.0, 90.0], [100.0, 30.0], [100.0, 90.0]]
    """
    ends = _ascending("distances_km", distances_km), _ascending("days", days)
    drawn = Window.of(window, ends[0][-1])
    study = Study.of(incidents, drawn, columns=_columns_of(within), start=start, end=end)
    _check_days(ends[1], study.length)
    sums = study.sums(drawn, *ends)
    timetable = study.exchanged(sums, strata_within(study.known, within))
    measured = sums.measure(study.days, timetable, permutations, np.random.default_rng(rng))
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
    >>> result = space_time_cross_k(sg.load_example_incidents(), sg.load_boundaries(level=0),
    ...                            distances_km=[100], days=[60], permutations=19, rng=1)
    >>> result.table["pair"].tolist()
    ['BFA–MLI', 'BFA–NER', 'MLI–NER']
    """
    require_choice("null", null, get_args(Null))
    ends = _ascending("distances_km", distances_km), _ascending("days", days)
    drawn = Window.of(window, ends[0][-1])
    study = Study.of(incidents, drawn, columns=[by, *_columns_of(within)], start=start, end=end)
    _check_days(ends[1], study.length)
    generator = np.random.default_rng(rng)
    parts = {}
    for name, pair, first in study.type_pairs(by, between):
        sums = pair.sums(drawn, *ends, first=first)
        if null == "shift":
            timetable = pair.shifted(sums, by, within)
        else:
            timetable = pair.exchanged(sums, strata_within(pair.known, [by, *within]))
        parts[name] = sums.measure(pair.days, timetable, permutations, generator)
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
        acts. ``"inhomogeneous"`` weighs each pair by the inverse of the densities there, and deals
        the types anew inside squares four bandwidths wide: it asks what is left, at less than that,
        once each has its own geography. The p is exact however few the incidents are.
    within : sequence of str
        Not with shifts: types are dealt anew only between incidents alike in these, as for
        :func:`space_time_k`; ``["year"]`` where one actor came later than the other.
    bandwidth_km : float
        With ``"inhomogeneous"``: standard deviation of the kernel of the density of both types,
        and a quarter of the side of the squares. What is wider is the geography of each type.
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
    inhomogeneous populations. Biometrics 47, 1155-1163 (random labelling). Diggle, P. J. et al.
    (2007). Second-order analysis of inhomogeneous spatial point processes using case-control data.
    Biometrics 63, 550-557 (labels by place).
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
            "null='labels', or shift times with space_time_cross_k."
        )
    dated = bool(set(within) & set(CALENDAR))
    study = Study.of(incidents, drawn, columns=[by, *_columns_of(within)], dated=dated)
    chance = Simulations(drawn, limits, permutations, np.random.default_rng(rng))
    parts = {}
    for name, pair, first in study.type_pairs(by, between):
        inside = strata_within(pair.known, within)
        if null == "shift":
            observed, simulated = chance.shifted_places(pair, first)
        elif null == "labels":
            observed, simulated = chance.exchanged_labels(pair, first, inside)
        else:
            observed, simulated = chance.exchanged_nearby(pair, first, inside, bandwidth_km or 0.0)
        numbers = int(first.sum()), int((~first).sum())
        parts[name] = (limits, observed, Envelope.of_l(observed, simulated), numbers)
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
    >>> result = inhomogeneous_k(sg.load_example_incidents(), sg.load_boundaries(level=0),
    ...                         distances_km=[25, 50], bandwidth_km=80, permutations=19, rng=1)
    >>> result.table["pair"].tolist()
    ['all', 'all']
    """
    limits = _ascending("distances_km", distances_km)
    drawn = Window.of(window, limits[-1])
    study = Study.of(incidents, drawn, columns=[], dated=False)
    chance = Simulations(drawn, limits, permutations, np.random.default_rng(rng))
    observed, simulated = chance.own_density(study, bandwidth_km)
    size = len(study.known)
    part = (limits, observed, Envelope.of_l(observed, simulated), (size, size))
    return CrossK.of({"all": part}, study, null="inhomogeneous", simulations=permutations)


def _check_null(by: str, null: str, within: Sequence[str], bandwidth_km: float | None) -> None:
    if by == "country":
        raise InputError(
            "`by` is 'country', and countries share no space; expected types that do. "
            "Use space_time_cross_k, which shifts times."
        )
    require_choice("null", null, get_args(PlaceNull))
    if len(within) and null == "shift":
        raise InputError(
            "`within` is for null='labels' or 'inhomogeneous'; expected none of it with shifts. "
            "Leave it out."
        )
    if (bandwidth_km is None) == (null == "inhomogeneous"):
        raise InputError(
            "`bandwidth_km` belongs to null='inhomogeneous', which needs it; expected both or "
            "neither. Pass about the extent of the towns that draw incidents, such as 30."
        )


def _ascending(argument: str, values: Sequence[float]) -> Floats:
    """Check that the values of an argument ascend."""
    ends = np.asarray(values, dtype=np.float64)
    good = ends.ndim == 1 and len(ends) and np.isfinite(ends).all() and ends.min() > 0
    if not good or (np.diff(ends) <= 0).any():
        raise InputError(
            f"`{argument}` is {first_offenders(np.ravel(ends))}; expected ascending finite numbers "
            "above 0. List them in order."
        )
    return ends


def _columns_of(within: Sequence[str]) -> list[str]:
    """Give the columns among what dates are kept within."""
    return [name for name in within if name not in CALENDAR]


def _check_days(days: Floats, length: float) -> None:
    """Refuse delays as long as the study."""
    if days[-1] >= length:
        raise InputError(
            "`days` reaches {days:g} in a study of {length:g} days; expected shorter delays. "
            "Take shorter ones, or pass start= and end=.",
            days=days[-1],
            length=length,
        )
