"""The risk index with its parts, and how far its ranks may be trusted, in words and pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.cldr import decimal, number
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.plotting import CYCLE, axes, hatches, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import label_of, spelled, words
from sahel_geo.schema import Language

DIMENSIONS: Final = ("hazard", "exposure", "vulnerability")
_BARS: Final = 20
_PARTS: Final = Texts(
    {
        "hazard": "hazard",
        "exposure": "exposure",
        "vulnerability": "vulnerability",
        "intensity": "intensity",
        "trend": "trend",
        "spillover": "neighbours abroad",
        "fatalities": "recorded deaths",
        "forecast": "forecast probability",
        "people": "people",
    }
)
_TEXTS: Final = Texts(
    {
        "none": "No unit has an index: each lacks a component.",
        "top": "{name} leads {n} units with {risk} of 10 (hazard {hazard}, exposure {exposure}, "
        'vulnerability {vulnerability}); the component that weighs most in it is "{part}" '
        "({share} of {risk}). The index ranks units against one another: it is neither a "
        "probability nor a forecast.",
        "top_of_two": "{name} leads {n} units with {risk} of 10 (hazard {hazard}, exposure "
        "{exposure}; vulnerability is not known and left out); the component that weighs most in "
        'it is "{part}" ({share} of {risk}). The index ranks units against one another: it is '
        "neither a probability nor a forecast.",
        "zero": "All {n} units have an index of zero: at least one dimension is zero in each.",
        "ranks": "Over {n} settings the rank of {wide} of the {k} units moves by more than {step} "
        "places; {name}, which leads, stays in the highest tenth in {share}% of them (ranks "
        "{low} to {high} at {level}%).",
    }
)


@dataclass(frozen=True)
class RiskIndex(Result):
    """The index and everything that it is made of.

    Attributes
    ----------
    table : DataFrame
        By ``unit_id``: ``risk`` (0 to 10), ``rank`` (1 highest, ties share the better rank),
        ``hazard``, ``exposure``, ``vulnerability``.
    scores : DataFrame
        By ``unit_id``; one column per component, such as ``"hazard: trend"``, 0 to 10.
    contributions : DataFrame
        Like `scores`: parts of the risk that add up to it, the elasticity of the risk in each
        component times the risk.
    transformations : DataFrame
        One row per component: ``component``, ``low``, ``high``, ``log``, ``weight`` within the
        dimension and ``dimension_weight``, each scaled to sum to 1.
    names : mapping of str to str
        Names of the units, for words and pictures; codes where there are none.
    """

    table: pd.DataFrame
    scores: pd.DataFrame
    contributions: pd.DataFrame
    transformations: pd.DataFrame
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    measured: ClassVar[tuple[str, ...]] = ("risk",)

    def sentence(self, lang: Language = "fr") -> str:
        """Say which unit leads, with its three dimensions and its weightiest component."""
        texts, rows = _TEXTS[lang], self.table[self.table["risk"].notna()]
        if rows.empty:
            return texts["none"]
        unit = str(rows["risk"].idxmax())
        first = rows.loc[[unit]].iloc[0].to_dict()
        parts = self.contributions.loc[[unit]].iloc[0]
        if not first["risk"] > 0:
            return texts["zero"].format(n=len(rows))
        text = texts["top_of_two" if np.isnan(first["vulnerability"]) else "top"]
        return text.format(
            name=self.names.get(unit, unit),
            n=len(rows),
            risk=decimal(first["risk"], lang),
            part=component_name(str(parts.idxmax()), lang),
            share=decimal(float(parts.max()), lang),
            **{name: decimal(first[name], lang) for name in DIMENSIONS},
        )

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the 20 highest indices as the sum of what each component contributes."""
        texts = words(lang)
        rows = self.table.dropna(subset=["risk"]).sort_values("risk", kind="stable").tail(_BARS)
        if rows.empty:
            raise InputError("`table` has no index to draw; expected a unit with all components.")
        parts = self.contributions.loc[rows.index]
        ax = axes(ax, size=(7.0, 1.8 + 0.22 * len(rows)), lang=lang)
        at, left = np.arange(len(rows)), np.zeros(len(rows))
        colours = [CYCLE[place % len(CYCLE)] for place in range(parts.shape[1])]
        for colour, hatch, name in zip(colours, hatches(colours), parts, strict=True):
            look = {"color": colour, "hatch": hatch, "edgecolor": "#ffffff", "linewidth": 0}
            label = label_of(component_name(str(name), lang))
            ax.barh(at, parts[name], left=left, height=0.7, label=label, **look)
            left = left + parts[name].to_numpy()
        ax.set_yticks(
            at, [label_of(self.names.get(str(unit), unit)) for unit in rows.index], fontsize="small"
        )
        ax.set(xlabel=texts["risk"], xlim=(0, 10))
        return legend_above(ax)


@dataclass(frozen=True)
class RankSensitivity(Result):
    """How far ranks move when weights, or the figures themselves, could be others.

    Attributes
    ----------
    table : DataFrame
        By ``unit_id``: ``rank``, ``rank_low``, ``rank_high`` and ``top_share``, the share of the
        settings in which the unit is among the highest tenth. Missing where the risk is.
    settings : int
        How many were tried.
    level : float
        Share of the ranks between ``rank_low`` and ``rank_high``.
    names : mapping of str to str
        Names of the units.
    """

    table: pd.DataFrame
    settings: int
    level: float
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many ranks move far, and how firm the first one is."""
        rows = self.table[self.table["rank_low"].notna()]
        if rows.empty:
            return _TEXTS[lang]["none"]
        step = max(1, len(rows) // 10)
        unit = str(rows["rank"].idxmin())
        first = rows.loc[[unit]].iloc[0].to_dict()
        return _TEXTS[lang]["ranks"].format(
            n=number(self.settings, ",", lang),
            k=len(rows),
            step=step,
            wide=int((rows["rank_high"] - rows["rank_low"] > step).sum()),
            name=self.names.get(unit, unit),
            share=decimal(first["top_share"] * 100, lang, 0),
            low=decimal(first["rank_low"], lang, 0),
            high=decimal(first["rank_high"], lang, 0),
            level=decimal(self.level * 100, lang, 0),
        )

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the span of the ranks of the first 20 units, from low to high."""
        texts = words(lang)
        rows = self.table.dropna().sort_values("rank", ascending=False, kind="stable").tail(_BARS)
        if rows.empty:
            raise InputError("`table` has no rank to draw; expected a unit with an index.")
        ax = axes(ax, size=(6.4, 1.4 + 0.22 * len(rows)), lang=lang)
        at = np.arange(len(rows))
        level = spelled(f"{self.level * 100:g}", lang)
        label = texts["settings_range"].format(level=level, n=self.settings)
        ax.hlines(
            at, rows["rank_low"], rows["rank_high"], color="#b0b0b0", linewidth=5, label=label
        )
        ax.plot(rows["rank"], at, "o", color=CYCLE[1], markersize=5, label=texts["rank_computed"])
        ax.set_yticks(
            at, [label_of(self.names.get(str(unit), unit)) for unit in rows.index], fontsize="small"
        )
        ax.set_xlabel(texts["rank"])
        return legend_above(ax)


def component_name(name: str, lang: Language) -> str:
    """Name a component in a language: words of this package are translated, others kept.

    >>> component_name("exposure: people", "en")
    'exposure: people'
    """
    dimension, part = name.split(": ", maxsplit=1)
    names = _PARTS[lang]
    return f"{names[dimension]}{words(lang)['colon']}{names.get(part, part)}"
