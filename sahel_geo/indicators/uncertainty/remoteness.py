"""What figures would be if fewer incidents were recorded the farther from the capital."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.phrases import units_counted
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.plotting import COLOURS, axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.hotspots.hotspots import local_gi
from sahel_geo.indicators.plot_words import label_of
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.places.borders import distance_to_border, international_borders
from sahel_geo.places.reach import targets
from sahel_geo.schema import Language

_SEEN_FAR: Final = (1.0, 0.8, 0.6, 0.4)
_DRAWN: Final = 12
_HIGH: Final = 10  # units whose rates are compared in the sentence


@dataclass(frozen=True)
class RemoteReporting(Result):
    """Rates, hot spots and shares near a border under reporting that thins out with distance.

    Attributes
    ----------
    table : DataFrame
        One row for each share in `seen_far`: ``seen_far``, ``incidents`` (that would have
        happened), ``border_share`` (of them within `border_km` of a border; missing without one),
        ``hot`` (units in a hot spot), ``hot_kept`` (of those of even reporting, how many still
        are), ``top_kept`` (of the ten units with the highest rates, how many still are) and
        ``rank_correlation`` of the rates with those of even reporting (Spearman).
    units : DataFrame
        One row for each unit and share: ``seen_far``, ``unit_id``, ``name``, ``incidents``,
        ``rate`` per 1,000 km², ``rank`` and ``hot``.
    seen_near : float
        Share that is recorded at the capital.
    border_km : float
        How near is near a border.
    left_out : int
        Incidents outside the units or without a place.
    """

    measured: ClassVar[tuple[str, ...]] = ("incidents",)

    table: pd.DataFrame
    units: pd.DataFrame
    seen_near: float
    border_km: float
    left_out: int

    def sentence(self, lang: Language = "fr") -> str:
        """Say what of the rates, hot spots and share near a border holds at the least share."""
        even: Any = self.table.iloc[0]
        thin: Any = self.table.iloc[-1]
        sentences = [
            Sentence(
                "If {near:.0%} of the incidents are recorded at the capital and only {far:.0%} at "
                "the farthest place: {top} of the {most} units with the highest rates still are, "
                "and of {hot} in a hot spot {kept} remain.",
                near=self.seen_near,
                far=float(thin["seen_far"]),
                top=int(thin["top_kept"]),
                most=min(_HIGH, self.units["unit_id"].nunique()),
                hot=units_counted(int(even["hot"])),
                kept=int(thin["hot_kept"]),
            ).say(lang)
        ]
        if pd.notna(even["border_share"]):
            sentences.append(
                Sentence(
                    "The share within {km:g} km of a border goes from {even:.1%} to {thin:.1%}.",
                    km=self.border_km,
                    even=float(even["border_share"]),
                    thin=float(thin["border_share"]),
                ).say(lang)
            )
        sentences.append(
            Sentence(
                "How much is recorded where is not known; what does not hold over this range "
                "carries no conclusion."
            ).say(lang)
        )
        return " ".join(sentences)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the rates of the highest units from as recorded to the thinnest reporting."""
        wide = self.units.pivot(index="unit_id", columns="seen_far", values="rate")
        first, last = self.table["seen_far"].iloc[0], self.table["seen_far"].iloc[-1]
        wide = wide[wide[last] > 0].sort_values(last).tail(_DRAWN)
        if wide.empty:
            raise InputError("`units` has no unit with an incident; expected one to draw.")
        ax = axes(ax, lang=lang)
        at = np.arange(len(wide))
        ax.hlines(at, wide[first], wide[last], color=COLOURS["cross_border"])
        ax.plot(wide[first], at, "o", color=COLOURS["baseline"])
        ax.plot(wide[last], at, "o", color=COLOURS["cross_border"])
        names = self.units.drop_duplicates("unit_id").set_index("unit_id")["name"]
        ax.set_yticks(at, [label_of(names[unit]) for unit in wide.index])
        ax.set_xlabel(
            Sentence(
                "incidents per 1,000 km², as recorded (pale) and if fewer are seen far off"
            ).say(lang)
        )
        return ax


def sensitivity(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: np.random.Generator | int,
    distance_km: "pd.Series[Any] | None" = None,
    seen_near: float = 1.0,
    seen_far: Sequence[float] = _SEEN_FAR,
    border_km: float = 50.0,
    permutations: int = 9_999,
) -> RemoteReporting:
    """Tell which rates, hot spots and border shares would stay if remote incidents are missed.

    Reports come from where reporters, roads and networks are. Each incident is taken to stand for
    more, the farther it lies from the capital, and rates, hot spots (Gi*) and the share near a
    border are worked out again.

    Parameters
    ----------
    incidents : DataFrame, n rows
        ``unit_id`` of :func:`sahel_geo.assign`, ``lon``, ``lat`` (EPSG:4326). Those outside the
        units or without a place are left out and counted.
    units : GeoDataFrame, m rows
        The same units, with ``unit_id``, ``country``, ``area_km2`` and polygons in EPSG:4326.
    rng : Generator or int
        Seed of the permutations behind the hot spots.
    distance_km : Series of float, optional
        Distance of each incident to its capital, on its index; by default in a straight line to the
        capital of the country of its unit (Mali, Niger, Burkina Faso).
    seen_near : float
        Share of the incidents that is recorded at the capital.
    seen_far : sequence of float
        Shares recorded at the farthest incident, the first of which is what others are compared
        with.
    border_km : float
        How near is near a border.
    permutations : int
        Deals behind each hot spot.

    Returns
    -------
    RemoteReporting
        Where one country has all units there is no border, and its share is missing.

    Raises
    ------
    InputError
        If a column is missing, a share is not above 0 and at most 1, no incident remains, or a
        distance is missing.

    References
    ----------
    Weidmann, N. B. (2015). On the accuracy of media-based conflict event data. Journal of Conflict
    Resolution 59, 1129-1149. Ord, J. K. and Getis, A. (1995). Geographical Analysis 27, 286-306.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> land = sg.load_boundaries(level=1)
    >>> placed = sg.assign(sg.load_example_incidents(), land)
    >>> result = sensitivity(placed, land, rng=1, permutations=99)
    >>> result.table["seen_far"].tolist()
    [1.0, 0.8, 0.6, 0.4]
    """
    missing = [name for name in ("unit_id", "lon", "lat") if name not in incidents]
    lacking = [name for name in ("unit_id", "country", "area_km2") if name not in units]
    if missing or lacking or not len(seen_far):
        raise InputError(
            f"`incidents` lacks columns {first_offenders(missing)}, `units` "
            f"{first_offenders(lacking)}, or `seen_far` is empty; expected the results of "
            "sg.assign and sg.load_boundaries, and some shares."
        )
    lon, lat = coordinates(incidents)
    ids = units["unit_id"].astype("str")
    unit = incidents["unit_id"].astype("str")
    kept = (unit.isin(set(ids)) & np.isfinite(lon) & np.isfinite(lat)).to_numpy()
    if not kept.any():
        raise InputError(
            "`incidents` has none inside the units; expected some. Place them with sg.assign."
        )
    inside, unit = incidents[kept], unit[kept]
    if distance_km is None:
        country = dict(zip(ids, units["country"].astype("str"), strict=True))
        distance_km = pd.Series(
            _from_capitals(lon[kept], lat[kept], unit.map(country)), inside.index
        )
    away = distance_km.reindex(inside.index)
    border = international_borders(units)
    near = None
    if len(border):
        near = np.asarray(distance_to_border(lon[kept], lat[kept], border)) <= border_km
    parts = []
    for share in seen_far:
        weight = np.asarray(remote_weights(away, seen_near=seen_near, seen_far=share))
        sums = pd.Series(weight).groupby(unit.to_numpy()).sum().reindex(ids, fill_value=0.0)
        hot = local_gi(sums, units, rng=rng, permutations=permutations).table["kind"]
        part = pd.DataFrame({"seen_far": share, "unit_id": ids.to_numpy()})
        part["name"] = units["name" if "name" in units else "unit_id"].to_numpy()
        part["incidents"] = sums.to_numpy()
        part["rate"] = part["incidents"] / units["area_km2"].to_numpy(dtype=np.float64) * 1e3
        part["rank"] = part["rate"].rank(ascending=False, method="min")
        part["hot"] = (hot == "hot").to_numpy()
        parts.append((part, np.nan if near is None else float(weight[near].sum() / weight.sum())))
    table = pd.DataFrame([_compared(parts[0][0], part, share) for part, share in parts])
    whole = pd.concat([part for part, _ in parts], ignore_index=True)
    return RemoteReporting(table, whole, seen_near, border_km, int((~kept).sum()))


def _compared(even: pd.DataFrame, part: pd.DataFrame, border_share: float) -> dict[str, Any]:
    top = [set(each.nlargest(_HIGH, "rate")["unit_id"]) for each in (even, part)]
    return {
        "seen_far": part["seen_far"].iloc[0],
        "incidents": part["incidents"].sum(),
        "border_share": border_share,
        "hot": int(part["hot"].sum()),
        "hot_kept": int((part["hot"] & even["hot"]).sum()),
        "top_kept": len(top[0] & top[1]),
        "rank_correlation": even["rate"].rank().corr(part["rate"].rank()),
    }


def remote_weights(distance_km: "pd.Series[Any]", *, seen_near: float, seen_far: float) -> Any:
    """Weigh incidents as if fewer were recorded the farther from the capital.

    How figures change under such weights says how much they depend on equal reporting: a rate, a
    hot spot or a share near a border that vanishes within what is plausible carries no conclusion.

    Parameters
    ----------
    distance_km : Series of float
        Distance of each incident to its capital.
    seen_near, seen_far : float
        Share of the incidents that is recorded at the capital, and at the farthest incident; in
        between it falls evenly.

    Returns
    -------
    Series of float
        How many incidents each recorded one stands for, on the same index.

    Raises
    ------
    InputError
        If a share is not above 0 and at most 1, or a distance is missing or negative.

    References
    ----------
    Weidmann, N. B. (2015). On the accuracy of media-based conflict event data. Journal of Conflict
    Resolution 59, 1129-1149.

    Examples
    --------
    >>> remote_weights(pd.Series([0.0, 500.0, 1000.0]), seen_near=1.0, seen_far=0.5).tolist()
    [1.0, 1.3333333333333333, 2.0]
    """
    wrong = ~(distance_km >= 0)
    if not (0 < seen_near <= 1 and 0 < seen_far <= 1) or wrong.any():
        raise InputError(
            f"`seen_near` is {seen_near}, `seen_far` {seen_far}, and {int(wrong.sum())} distances "
            f"are missing or negative: {first_offenders(distance_km.index[wrong])}; expected "
            "shares above 0 and up to 1, and distances. Correct them."
        )
    farthest = float(distance_km.max()) if len(distance_km) else 0.0
    share = distance_km / farthest if farthest > 0 else distance_km * 0.0
    return 1 / (seen_near + (seen_far - seen_near) * share)


def _from_capitals(lon: Floats, lat: Floats, country: "pd.Series[Any]") -> Floats:
    """Measure how far each incident is from the capital of its country; missing elsewhere."""
    away = np.full(len(lon), np.nan)
    for capital in targets("capital"):
        own = (country == capital.country).to_numpy()
        away[own] = capital.measure(lon[own], lat[own])[0]
    return away
