"""The histories of hot and cold spots, in words and on a map."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n import classes
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Texts, joined
from sahel_geo.indicators.display.class_map import draw_classes
from sahel_geo.indicators.display.plotting import COLOURS, axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import label_of, name_of, words
from sahel_geo.schema import Language

NO_PATTERN: Final = classes.NO_PATTERN.value
KINDS: Final = classes.HISTORIES
_NAMED: Final = 4
_SIDES: Final = ("hot", "cold")
_TEXTS: Final = Texts(
    {
        "none": "None of the {n} units has a class: it takes neighbours, and figures that differ.",
        "quiet": "Over {n} units and {t} periods ({first} to {last}), none has a history of hot "
        "or cold spots.",
        "found": "Over {n} units and {t} periods ({first} to {last}): {parts}.",
        "caution": "A number beside a unit is what it counted in all. The class depends on where "
        'the panel begins and on the length of its periods (variant "{variant}").',
    }
)


@dataclass(frozen=True)
class EmergingHotspots(Result):
    """The class of each unit, and the series behind it.

    Attributes
    ----------
    table : DataFrame
        One row per unit: ``unit_id``, the columns of :func:`sahel_geo.emerging.classify`, and what
        was counted: ``total`` over all periods, ``last`` in the last, ``around`` with neighbours.
    series : DataFrame
        One row per unit and period: ``unit_id``, ``period``, ``value``, ``z`` (Gi* in space and
        time), ``q`` (false-discovery rate) and ``state`` (1 hot, -1 cold, 0 neither).
    variant : str
        Which definitions.
    alpha : float
        Of the steps and of the trend.
    units : GeoDataFrame
        Names and shapes, to draw.
    """

    table: pd.DataFrame
    series: pd.DataFrame
    variant: str
    alpha: float
    units: gpd.GeoDataFrame = field(repr=False, compare=False)
    named_by: ClassVar[tuple[str, ...]] = ("unit_id",)
    measured: ClassVar[tuple[str, ...]] = ("kind",)

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many units have which history, the most urgent first; name four of each."""
        texts = _TEXTS[lang]
        rows = self.table[self.table["kind"].notna()]
        if rows.empty:
            return texts["none"].format(n=len(self.table))
        periods = pd.Index(self.series["period"].unique())
        span = {"n": len(rows), "t": len(periods), "first": periods.min(), "last": periods.max()}
        parts = [
            classes.counted_history(kind, side, len(members), self._names(members))
            for side in _SIDES
            for kind in KINDS
            if len(members := rows[rows["kind"] == f"{kind} {side} spot"])
        ]
        if not parts:
            return texts["quiet"].format(**span)
        caution = texts["caution"].format(variant=self.variant)
        return f"{texts['found'].format(parts=joined(parts).say(lang), **span)} {caution}"

    def _names(self, rows: pd.DataFrame) -> str:
        if "name" not in self.units:
            return ""
        names = self.units["name"].loc[rows.index[:_NAMED]].astype(str)
        if "total" in rows:  # what stands behind a class is said beside it
            named = zip(names, rows["total"], strict=False)
            names = pd.Series([f"{name} {total:g}" for name, total in named])
        return f" ({', '.join(names)}{', …' if len(rows) > _NAMED else ''})"

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the units in the colours of their classes, those without an answer hatched."""
        title = words(lang)["variant"].format(name=self.variant)
        return draw_classes(
            self.units, self.table["kind"], classes.EMERGING, lang=lang, ax=ax, title=title
        )

    def plot_series(self, unit_id: str, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the scores behind the class of one unit, a bar each, coloured where hot or cold."""
        texts = words(lang)
        rows = self.series[self.series["unit_id"].astype(str) == str(unit_id)]
        if rows.empty or rows["z"].isna().all():
            raise InputError(
                f"`unit_id` is {unit_id!r}, which is not there or has no score; expected one of "
                f"{first_offenders(self.table.loc[self.table['kind'].notna(), 'unit_id'])}."
            )
        ax = axes(ax, lang=lang)
        colour = rows["state"].map({1: COLOURS["hot"], -1: COLOURS["cold"], 0: "#bdbdbd"})
        at = range(len(rows))
        ax.bar(at, rows["z"], color=colour.tolist())
        ax.axhline(0, color="#000000", linewidth=0.8)
        step = max(1, len(rows) // 8)
        ax.set_xticks(list(at)[::step], rows["period"].astype(str).tolist()[::step])
        kind = self.table.loc[self.table["unit_id"].astype(str) == str(unit_id), "kind"].iloc[0]
        ax.set_title(f"{label_of(unit_id)}{texts['colon']}{name_of(kind, lang)}", fontsize="medium")
        ax.set_ylabel(texts["gi"].format(alpha=decimal(self.alpha, lang, 2)))
        return ax
