"""What measures of hot spots answer with: tables that speak, draw and show themselves."""

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError
from sahel_geo.i18n.classes import HOT_COLD, LOCAL_MORAN
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Sentence, Texts
from sahel_geo.indicators.display.class_map import draw_classes
from sahel_geo.indicators.display.plotting import COLOURS, axes, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import name_of, words
from sahel_geo.schema import Language

NOT_SIGNIFICANT: Final = "not significant"
_CLASSES: Final = tuple(dict.fromkeys([*HOT_COLD, *LOCAL_MORAN]))
_NAMED: Final = 5
_LEVEL: Final = 0.05

_MEASURES: Final = Texts({"Moran's I": "Moran's I", "global G": "The global G of Getis and Ord"})
_TEXTS: Final = Texts(
    {
        "none": "None of the {n} units has an answer: it takes neighbours, and figures that "
        "differ.",
        "quiet": "Of {n} units, none stands out from chance, at {alpha}% of false discoveries.",
        "coarse": "With {permutations} permutations no single unit could: at least {needed} are "
        "needed.",
        "coarse_found": "With {permutations} permutations no single unit could stand out alone: at "
        "least {needed} are needed.",
        "found": "Of {n} units, at {alpha}% of false discoveries: {parts}.",
        "between": "; ",
        "hot": "{k} at the heart of a hot spot{names}",
        "cold": "{k} at the heart of a cold spot{names}",
        "HH": "{k} with a high figure among high ones{names}",
        "LL": "{k} with a low figure among low ones{names}",
        "HL": "{k} with a high figure among low ones{names}",
        "LH": "{k} with a low figure among high ones{names}",
        "caution": "This speaks of a neighbourhood, not of a unit, and holds only if figures "
        "compare between units.",
        "global_none": "{name} cannot be computed here: it takes neighbours, and figures that "
        "differ.",
        "global": "{name} is {value}, against {expected} without any spatial pattern: {verdict} "
        "(p = {p}). It does not say where.",
        "alike": "like figures lie side by side",
        "unlike": "unlike figures lie side by side",
        "open": "nothing stands out from chance",
        "joins": "{count} links join two units that were hit, against {expected} if chance dealt "
        "them out (p = {p}). How often each was hit does not enter.",
    }
)


@dataclass(frozen=True)
class LocalSpots(Result):
    """Which units stand out with their surroundings.

    Attributes
    ----------
    table : DataFrame, n rows
        On the index of the units, as the measure says: ``unit_id``, ``value``, ``neighbours``,
        the score, ``p``, ``q``, ``significant`` and ``kind``.
    measure : str
        ``"Gi*"``, ``"Gi"`` or ``"local Moran"``.
    weights : str
        Kind of links.
    permutations : int
        How many.
    alpha : float
        Share of false discoveries accepted.
    units : GeoDataFrame
        Names and shapes, to draw.
    """

    table: pd.DataFrame
    measure: str
    weights: str
    permutations: int
    alpha: float
    units: gpd.GeoDataFrame = field(repr=False, compare=False)
    named_by: ClassVar[tuple[str, ...]] = ("unit_id",)
    measured: ClassVar[tuple[str, ...]] = ("kind",)

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many units stand out, and name those with the smallest q."""
        texts, alpha = _TEXTS[lang], decimal(self.alpha * 100, lang, 0)
        rows = self.table[self.table["kind"].notna()]
        if rows.empty:
            return texts["none"].format(n=len(self.table))
        spots = rows[rows["significant"]]
        # the least p, two-sided, is 2 / (R + 1); alone among n tests its q is n times that
        needed = math.ceil(2 * len(rows) / self.alpha) - 1
        coarse = texts["coarse" if spots.empty else "coarse_found"].format(
            permutations=self.permutations, needed=needed
        )
        more = [coarse] if 0 < self.permutations < needed else []
        if spots.empty:
            return " ".join([texts["quiet"].format(n=len(rows), alpha=alpha), *more])
        parts = []
        for kind in (each.value for each in _CLASSES):
            members = spots[spots["kind"] == kind]
            if len(members):
                parts.append(texts[kind].format(k=len(members), names=self._names(members, lang)))
        text = texts["found"].format(n=len(rows), alpha=alpha, parts=texts["between"].join(parts))
        return " ".join([text, texts["caution"], *more])

    def _names(self, rows: pd.DataFrame, lang: Language) -> str:
        if "name" not in self.units:
            return ""
        first = rows.sort_values(["q", "p"], kind="stable").head(_NAMED)
        names = ", ".join(self.units["name"].loc[first.index].astype(str))
        more = Sentence(", among others").say(lang)
        return f" ({names}{more if len(rows) > _NAMED else ''})"

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the units in the colours of their kinds, those without an answer hatched."""
        kinds, title = self.table["kind"], name_of(self.measure, lang)
        return draw_classes(self.units, kinds, _CLASSES, lang=lang, ax=ax, title=title)


@dataclass(frozen=True)
class GlobalMeasure(Result):
    """One figure for the whole map.

    Attributes
    ----------
    name : str
        Which measure.
    value, expected : float
        Observed, and without any spatial pattern.
    z : float
        Standardised under randomisation, by formula.
    p : float
        Two-sided, from permutations; from `z` where there are none.
    permutations : int
        How many.
    shuffled : ndarray of float, shape (permutations,)
        The figure in each.
    table : DataFrame, 1 row
        All but the last.
    """

    name: str
    value: float
    expected: float
    z: float
    p: float
    permutations: int
    shuffled: Floats = field(repr=False, compare=False)
    table: pd.DataFrame = field(init=False, repr=False, compare=False)
    named_by: ClassVar[tuple[str, ...]] = ("name",)
    measured: ClassVar[tuple[str, ...]] = ("value",)

    def __post_init__(self) -> None:
        names = ("name", "value", "expected", "z", "p", "permutations")
        table = pd.DataFrame([{name: getattr(self, name) for name in names}])
        object.__setattr__(self, "table", table)

    def sentence(self, lang: Language = "fr") -> str:
        """Say whether neighbours are alike beyond chance, and what that does not say."""
        texts = _TEXTS[lang]
        name = _MEASURES[lang].get(self.name, self.name)
        if np.isnan(self.p):
            return texts["global_none"].format(name=name)
        above = "alike" if self.value > self.expected else "unlike"
        return texts["global"].format(
            name=name,
            value=decimal(self.value, lang, 3),
            expected=decimal(self.expected, lang, 3),
            verdict=texts[above if self.p <= _LEVEL else "open"],
            p=decimal(self.p, lang, 3),
        )

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the figure as a line beside the histogram of those of the shuffled maps."""
        texts = words(lang)
        if np.isnan(self.value) or len(self.shuffled) == 0:
            raise InputError("the measure has no shuffled map to draw; expected permutations.")
        ax = axes(ax, lang=lang)
        label = texts["shuffles"].format(n=self.permutations)
        ax.hist(self.shuffled, bins=40, color="#bdbdbd", label=label)
        ax.axvline(self.value, color=COLOURS["cross_border"], linewidth=2, label=texts["observed"])
        ax.axvline(self.expected, color="#000000", linestyle=":", label=texts["expected"])
        ax.set(xlabel=name_of(self.name, lang), ylabel=texts["shuffled_count"])
        return legend_above(ax)


@dataclass(frozen=True)
class JoinCounts(Result):
    """Links between units that were hit, that were not, and of one kind with the other.

    Attributes
    ----------
    table : DataFrame, 3 rows
        ``joins`` (``"hit-hit"``, ``"hit-quiet"``, ``"quiet-quiet"``), ``count`` (sum of the
        weights, each pair once), ``expected``, ``low`` and ``high`` of 95 % of the permutations,
        and ``p``, two-sided.
    permutations : int
        How many.
    """

    table: pd.DataFrame
    permutations: int
    named_by: ClassVar[tuple[str, ...]] = ("joins",)
    measured: ClassVar[tuple[str, ...]] = ("count",)

    def sentence(self, lang: Language = "fr") -> str:
        """Say whether units that were hit adjoin more often than by chance."""
        row = self.table.iloc[0]
        return _TEXTS[lang]["joins"].format(
            count=f"{row['count']:g}",
            expected=decimal(row["expected"], lang),
            p=decimal(row["p"], lang, 3),
        )

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw each count on the range that chance gives it."""
        texts = words(lang)
        ax = axes(ax, lang=lang)
        at = np.arange(len(self.table))
        low, high = self.table["low"], self.table["high"]
        ax.bar(at, high - low, 0.5, low, color="#d9d9d9", label=texts["shuffle_range"])
        ax.plot(
            at, self.table["count"], "o", color=COLOURS["cross_border"], label=texts["observed"]
        )
        ax.set_xticks(at, [name_of(name, lang) for name in self.table["joins"]])
        ax.set_ylabel(texts["links"])
        ax.set_ylim(bottom=0)
        return legend_above(ax)


def shapes_of(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep of units what a map of a result needs: their shapes, identifiers and names."""
    kept = [name for name in ("unit_id", "name") if name in units]
    return units[[*kept, units.geometry.name]]
