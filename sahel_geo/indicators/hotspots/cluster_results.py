"""Clusters of incidents and of units, in words and on a map."""

from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError
from sahel_geo.i18n.classes import NEITHER_COLOUR, KnownClass
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Sentence, Texts
from sahel_geo.indicators.display.class_map import draw_classes
from sahel_geo.indicators.display.plotting import CYCLE, axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import spelled, words
from sahel_geo.indicators.weights.unit_values import names_of
from sahel_geo.schema import Language

_LEVEL: Final = 0.05
_FITFUL: Final = 4.0  # relative variance of rates, as where units are quiet in four of five periods
_NAMED: Final = 5
_SHOWN: Final = 6
_TEXTS: Final = Texts(
    {
        "none": "{method}: no group among {n} incidents.",
        "group": "{method}: one group, of {size} of the {n} incidents{dates}; its centre is at "
        "{lat}° N, {lon}° E and it covers {area} km².",
        "groups": "{method}: {k} groups hold {held} of the {n} incidents; the largest, of {size} "
        "incidents{dates}, has its centre at {lat}° N, {lon}° E and covers {area} km².",
        "dates": " from {first} to {last}",
        "caution": "These groups are not tested: they are found wherever there are towns.",
        "no_scan": "No place and no span of time holds more incidents than expected.",
        "scan": "The strongest cluster: {units}, from {first} to {last}, {observed} incidents "
        "against {expected} expected ({verdict}, p = {p}, {cylinders} places and spans compared).",
        "real": "more than chance gives",
        "chance": "as chance gives too",
        "several": "{k} clusters in all have p ≤ 0.05.",
        "edge": "Its edge is approximate.",
        "fitful": "Units are active only now and then here, which no wave is like: beside the "
        "waves taken into account, more than chance is said in half of simulated worlds without a "
        "cluster.",
        "unadjusted_season_bouts": "Neither seasons nor bouts of violence are taken into account: "
        "with bouts, or waves that last for months, more than chance is said in over half of "
        "simulated worlds without a cluster.",
        "unadjusted_season": "Seasons are not taken into account.",
        "unadjusted_bouts": "Bouts of violence, which give clusters by themselves, are not taken "
        "into account: with these, or waves that last for months, more than chance is said in over "
        "half of simulated worlds without a cluster.",
    }
)


@dataclass(frozen=True)
class Clusters(Result):
    """Which incident belongs to which cluster, and what each cluster is.

    Attributes
    ----------
    labels : Series of int
        On the index of the incidents: 0 and up, -1 for incidents in no cluster, missing without
        coordinates (or date, where it counts). Clusters are numbered by their first incident.
    summary : GeoDataFrame
        One row per cluster: ``cluster``, ``incidents``, ``fatalities_best`` (where stated),
        ``first_date``, ``last_date``, ``lon``, ``lat`` (mean centre), ``area_km2`` of the hull, and
        the convex hull in EPSG:4326, a point or a line where the incidents lie on one.
    method : str
        How they were found, with its settings.
    places : DataFrame
        ``lon`` and ``lat`` of the incidents, to draw.
    table : DataFrame
        `summary` without shapes.
    """

    labels: "pd.Series[Any]"
    summary: gpd.GeoDataFrame
    method: str
    places: pd.DataFrame = field(repr=False, compare=False)
    table: pd.DataFrame = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", pd.DataFrame(self.summary.drop(columns="geometry")))

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many groups there are, describe the largest, and that nothing was tested."""
        texts, known = _TEXTS[lang], int(self.labels.notna().sum())
        if self.summary.empty:
            return texts["none"].format(method=self.method, n=known)
        largest = self.table.iloc[int(self.table["incidents"].to_numpy().argmax())]
        dates = ""
        if "first_date" in self.table and pd.notna(largest["first_date"]):
            first, last = (f"{largest[name]:%Y-%m-%d}" for name in ("first_date", "last_date"))
            dates = texts["dates"].format(first=first, last=last)
        text = texts["groups" if len(self.table) > 1 else "group"].format(
            method=self.method,
            k=len(self.table),
            held=int(self.table["incidents"].sum()),
            n=known,
            size=int(largest["incidents"]),
            dates=dates,
            lat=decimal(largest["lat"], lang, 2),
            lon=decimal(largest["lon"], lang, 2),
            area=decimal(largest["area_km2"], lang, 0),
        )
        return f"{text} {texts['caution']}"

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the incidents and the hulls of the clusters, in degrees."""
        texts = words(lang)
        known = self.labels.notna().to_numpy()
        if not known.any():
            raise InputError("`labels` holds no incident with a place to draw; expected one.")
        ax = axes(ax, size=(6.4, 4.6), lang=lang)
        label = self.labels[known].to_numpy(np.int64)
        x, y = (self.places[name].to_numpy(np.float64)[known] for name in ("lon", "lat"))
        none = {"color": "#bdbdbd", "markersize": 3, "label": texts["in_no_cluster"]}
        ax.plot(x[label < 0], y[label < 0], ".", **none)
        for at in self.table["cluster"]:
            colour, inside = CYCLE[int(at) % len(CYCLE)], label == at
            ax.plot(x[inside], y[inside], ".", color=colour, markersize=4)
            hull = self.summary.geometry.iloc[int(at)]
            if hull.geom_type == "Polygon":
                ax.plot(*hull.exterior.xy, color=colour, linewidth=1)
        ax.set_aspect(1 / np.cos(np.radians(float(np.mean(y)))))
        ax.set_title(self.method, fontsize="medium")
        ax.set(xlabel=texts["lon"], ylabel=texts["lat"])
        if (label < 0).any():
            under = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.12)}
            ax.legend(fontsize="small", frameon=False, **under)
        return ax


@dataclass(frozen=True)
class ScanResult(Result):
    """Clusters in space and time, the most likely first.

    Attributes
    ----------
    clusters : DataFrame
        ``centre_id`` and ``unit_ids`` (tuple) of the cylinder, ``radius_km``, ``first_period``,
        ``last_period``, ``observed``, ``expected``, ``ratio``, ``log_likelihood_ratio`` and ``p``.
        Clusters after the first share no unit with one before. Empty where no cylinder holds more
        than expected.
    replicate_maxima : ndarray of float
        The highest log likelihood ratio of each replicate.
    model : str
        Which null hypothesis.
    cylinders : int
        How many places and times were compared.
    units : GeoDataFrame
        Names and shapes, to draw.
    within : tuple of str
        Seasons that were taken into account.
    overdispersion : float or None
        Relative variance of the rate of a unit and period that the replicates had; None if they
        were drawn without.
    fading : float
        How much of it is left from one period to the next.
    table : DataFrame
        `clusters`.
    """

    clusters: pd.DataFrame
    replicate_maxima: Floats = field(repr=False, compare=False)
    model: str
    cylinders: int
    units: gpd.GeoDataFrame = field(repr=False, compare=False)
    within: tuple[str, ...] = ()
    overdispersion: float | None = None
    fading: float = 0.0
    table: pd.DataFrame = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", self.clusters)

    def sentence(self, lang: Language = "fr") -> str:
        """Describe the most likely cluster, and say how often chance does as well."""
        texts = _TEXTS[lang]
        if self.clusters.empty:
            return texts["no_scan"]
        first = self.clusters.iloc[0]
        names, ids = names_of(self.units), list(first["unit_ids"])
        others = ", …" if len(ids) > _NAMED else ""
        text = texts["scan"].format(
            units=", ".join(names.get(unit, unit) for unit in ids[:_NAMED]) + others,
            first=first["first_period"],
            last=first["last_period"],
            observed=first["observed"],
            expected=decimal(first["expected"], lang),
            verdict=texts["real" if first["p"] <= _LEVEL else "chance"],
            p=decimal(first["p"], lang, 3),
            cylinders=self.cylinders,
        )
        count = int((self.clusters["p"] <= _LEVEL).sum())
        more = [texts["several"].format(k=count)] if count > 1 else []
        bare = [name for name, taken in (("season", self.within), ("bouts", self.overdispersion))
                if taken is None or taken == ()]  # fmt: skip
        left = [texts["unadjusted_" + "_".join(bare)]] if bare else []
        if self.overdispersion is not None and self.overdispersion > _FITFUL:
            left.insert(0, texts["fitful"])
        return " ".join([text, *more, texts["edge"], *left])

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the units of the first six clusters, with period and p value."""
        texts = words(lang)
        if self.clusters.empty:
            raise InputError("`clusters` is empty: nothing to draw; expected a cluster.")
        keys = self.units["unit_id"].astype(str)
        labels = pd.Series(texts["in_no_cluster"], self.units.index, dtype=object)
        classes: list[KnownClass] = []
        for at, row in enumerate(self.clusters.head(_SHOWN).to_dict("records")):
            span = f"{row['first_period']} {texts['to']} {row['last_period']}"
            chance = spelled(f"{row['p']:.3g}", lang)
            name = f"{at + 1}{texts['colon']}{span}, p = {chance}"
            labels[keys.isin(row["unit_ids"]).to_numpy()] = name
            classes.append(KnownClass(name, Sentence.of(name), CYCLE[at]))
        rest = texts["in_no_cluster"]
        classes.append(KnownClass(rest, Sentence.of(rest), NEITHER_COLOUR))
        return draw_classes(self.units, labels, classes, lang=lang, ax=ax, title=self.model)
