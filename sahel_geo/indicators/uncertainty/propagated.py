"""What location and count uncertainty leave of a figure, of a class, and of a map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Floats, Integers
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.classes import HOT_COLD, LOCAL_MORAN, class_name, colours_of
from sahel_geo.i18n.cldr import decimal, number
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.plotting import CYCLE, axes, hatches, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import label_of, name_of, spelled, words
from sahel_geo.schema import Language

_BARS: Final = 20
_LIKELY: Final = 0.9

_TEXTS: Final = Texts(
    {
        "none": "No figure to give an interval for: the measure has no answer here.",
        "one": "The recorded figure is {recorded}; over {n} draws of the places and tolls that the "
        "sources admit, the {level}% interval runs from {low} to {high}.",
        "many": "The highest recorded figure is that of {name}: {recorded}; over {n} draws of the "
        "places and tolls that the sources admit, the {level}% interval runs from {low} to "
        "{high}. The intervals of {overlap} of the {others} others overlap it.",
        "classes": "The recorded class holds in at least 90% of {n} draws of the places and tolls "
        "that the sources admit for {sure} of the {k} units with a class; the least sure is "
        "{name} ({recorded}, {share}% of the draws).",
        "caution": "The place of {moved} of the {incidents} incidents is redrawn; what nobody "
        "recorded is not in the interval.",
        "outside": "For {outside} of {n} the recorded figure itself lies outside its interval: "
        "incidents known to an area only are coded to one point of it.",
        "failed": "The measure has no answer in {failed} of {n} draws.",
    }
)


@dataclass(frozen=True)
class Propagated(Result):
    """A measure with the interval that location and count uncertainty leave it.

    Attributes
    ----------
    table : DataFrame, k rows
        On the index of the measure: ``recorded`` (from the incidents as they stand), ``mean``,
        ``low`` and ``high`` (quantiles of the draws), ``sd``, and ``outside``: the recorded
        figure lies outside its interval, as where incidents known to a region are coded to its
        capital. Missing where no draw has an answer; draws without one are left out.
    draws : ndarray of float, shape (n, k)
        The measure in each draw.
    level : float
        Share of the draws between ``low`` and ``high``.
    redrawn : DataFrame
        Number of incidents by ``location_precision``: ``incidents``, and ``moved``, those whose
        place is redrawn. Others stay: exact ones, those of unknown precision, which are taken on
        trust, and those outside every area of their level.
    names : mapping of str to str
        Names of the units, by ``unit_id``.
    failures : mapping of str to int
        Draws for which the measure had no answer, by reason; they are missing.
    """

    table: pd.DataFrame
    draws: Floats = field(repr=False)
    level: float
    redrawn: pd.DataFrame
    names: Mapping[Any, str] = field(default_factory=dict, repr=False)
    failures: Mapping[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        recorded: "pd.Series[Any]",
        draws: Floats,
        level: float,
        redrawn: pd.DataFrame,
        names: Mapping[Any, str],
        failures: Mapping[str, int],
    ) -> "Propagated":
        """Summarise the measure in each draw, `draws` of shape (n, k)."""
        answered = ~np.isnan(draws).all(axis=0)
        figures = recorded.to_numpy(dtype=np.float64, na_value=np.nan)
        table = pd.DataFrame({"recorded": figures}, index=recorded.index)
        for name in ("mean", "low", "high", "sd"):
            table[name] = np.nan
        part = draws[:, answered]
        tail = (1 - level) / 2
        if part.size:
            low, high = np.nanquantile(part, [tail, 1 - tail], axis=0)
            table.loc[answered, "mean"] = np.nanmean(part, axis=0)
            table.loc[answered, "low"], table.loc[answered, "high"] = low, high
            table.loc[answered, "sd"] = np.nanstd(part, axis=0)
        table["outside"] = (table["recorded"] < table["low"]) | (table["recorded"] > table["high"])
        return cls(table, draws, level, redrawn, names, failures)

    def sentence(self, lang: Language = "fr") -> str:
        """Say how far the highest figure may be off, and how many it cannot be told from."""
        rows = self.table[self.table[["recorded", "low", "high"]].notna().all(axis=1)]
        if rows.empty:
            return _TEXTS[lang]["none"]
        at = int(rows["recorded"].to_numpy().argmax())
        top, others = rows.iloc[at], rows.drop(index=rows.index[at])
        overlap = (others["high"] >= top["low"]) & (others["low"] <= top["high"])
        text = _TEXTS[lang]["many" if len(rows) > 1 else "one"].format(
            name=_name(self.names, rows.index[at]),
            recorded=_number(top["recorded"], lang),
            low=_number(top["low"], lang),
            high=_number(top["high"], lang),
            n=len(self.draws),
            level=decimal(self.level * 100, lang, 0),
            overlap=int(overlap.sum()),
            others=len(others),
        )
        return f"{text} {_caution(self, lang)}"

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the intervals of the 20 highest figures, with a point as recorded."""
        texts = words(lang)
        rows = self.table.dropna(subset=["low", "high"])
        if rows.empty:
            raise InputError("`table` has no interval to draw; expected at least one.")
        part = rows.sort_values("recorded", kind="stable").tail(_BARS)
        at = np.arange(len(part))
        ax = axes(ax, size=(6.4, 1.7 + 0.24 * len(part)), lang=lang)
        ax.set_ylim(-0.6, len(part) - 0.4)
        level = spelled(f"{self.level * 100:g}", lang)
        label = texts["draws_range"].format(level=level, n=len(self.draws))
        ax.hlines(at, part["low"], part["high"], color="#b0b0b0", linewidth=5, label=label)
        ax.plot(part["mean"], at, "|", color="#000000", markersize=9, label=texts["draws_mean"])
        ax.plot(part["recorded"], at, "o", color=CYCLE[1], markersize=5, label=texts["as_recorded"])
        ax.set_yticks(
            at, [label_of(_name(self.names, key)) for key in part.index], fontsize="small"
        )
        left = len(rows) - len(part)
        more = [texts["not_shown"].format(n=left)] if left else []
        ax.set_xlabel(" ".join([texts["figure"], *more]))
        return legend_above(ax)


@dataclass(frozen=True)
class PropagatedClasses(Result):
    """Classes, such as kinds of hot spot, with the share of the draws in which each holds.

    Attributes
    ----------
    table : DataFrame, k rows
        On the index of the measure: ``recorded`` (class of the incidents as they stand), ``share``
        (of the draws in that class; missing where no class is recorded), ``likeliest`` (class of
        most draws, the first in order of name among several; missing where no draw has one) and
        ``likeliest_share``.
    shares : DataFrame, k rows
        Share of the draws by class; the rest of the draws have none.
    draws : ndarray of int, shape (n, k)
        Position in the columns of `shares` in each draw, -1 for none.
    redrawn : DataFrame
        As for :class:`Propagated`.
    names : mapping of str to str
        Names of the units, by ``unit_id``.
    failures : mapping of str to int
        Draws for which the measure had no answer, by reason; they are missing.
    """

    table: pd.DataFrame
    shares: pd.DataFrame
    draws: Integers = field(repr=False)
    redrawn: pd.DataFrame
    names: Mapping[Any, str] = field(default_factory=dict, repr=False)
    failures: Mapping[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        recorded: "pd.Series[Any]",
        draws: Sequence[npt.NDArray[Any]],
        redrawn: pd.DataFrame,
        names: Mapping[Any, str],
        failures: Mapping[str, int],
    ) -> "PropagatedClasses":
        """Count in how many draws each unit has each class.

        recorded: Classes of the incidents as they stand; missing where there is none.
        draws (k,): In each draw.
        """
        labels = recorded.astype(object)
        every = np.concatenate([labels.to_numpy(), *draws])
        categories = sorted({str(kind) for kind in every[~pd.isna(every)]})
        known = pd.Index(categories, dtype=object)
        codes = np.array(
            [known.get_indexer(pd.Index(draw, dtype=object)) for draw in draws], np.int64
        )
        shares = pd.DataFrame(
            {name: (codes == at).mean(axis=0) for at, name in enumerate(categories)},
            index=labels.index,
        )
        code = known.get_indexer(pd.Index(labels, dtype=object))
        by_class = shares.to_numpy(dtype=np.float64).reshape(len(labels), len(categories))
        share = np.full(len(labels), np.nan)
        share[code >= 0] = by_class[np.flatnonzero(code >= 0), code[code >= 0]]
        table = pd.DataFrame({"recorded": recorded, "share": share}, index=labels.index)
        most = by_class.max(axis=1, initial=0)
        likeliest = np.array([*categories, None], dtype=object)
        first = by_class.argmax(axis=1) if categories else np.zeros(len(labels), dtype=np.int64)
        label = likeliest[np.where(most > 0, first, len(categories))]
        table["likeliest"] = pd.Series(label, labels.index, dtype="str")
        table["likeliest_share"] = np.where(most > 0, most, np.nan)
        return cls(table, shares, codes, redrawn, names, failures)

    def sentence(self, lang: Language = "fr") -> str:
        """Say for how many units the recorded class is sure, and for which it is least so."""
        rows = self.table[self.table["share"].notna()]
        if rows.empty:
            return _TEXTS[lang]["none"]
        least = rows.iloc[int(rows["share"].to_numpy().argmin())]
        text = _TEXTS[lang]["classes"].format(
            n=len(self.draws),
            k=len(rows),
            sure=int((rows["share"] >= _LIKELY).sum()),
            name=_name(self.names, least.name),
            recorded=class_name(least["recorded"], lang) or least["recorded"],
            share=decimal(least["share"] * 100, lang, 0),
        )
        return f"{text} {_caution(self, lang)}"

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the shares of the classes of the units least sure, the recorded one outlined."""
        texts = words(lang)
        rows = self.table.dropna(subset=["share"])
        if rows.empty:
            raise InputError("`table` has no class to draw; expected at least one.")
        part = rows.sort_values("share", ascending=False, kind="stable").tail(_BARS)
        shares = self.shares.loc[part.index]
        used = [name for name in shares if shares[name].max() > 0]
        at, left = np.arange(len(part)), np.zeros(len(part))
        ax = axes(ax, size=(6.4, 1.6 + 0.22 * len(part)), lang=lang)
        colours = [
            _CLASS_COLOURS.get(str(name), CYCLE[2 + place % 4]) for place, name in enumerate(used)
        ]
        for colour, hatch, name in zip(colours, hatches(colours), used, strict=True):
            width, as_recorded = shares[name].to_numpy(), (part["recorded"] == name).to_numpy()
            look = {"color": colour, "hatch": hatch, "edgecolor": "#ffffff", "linewidth": 0}
            ax.barh(at, width, left=left, height=0.7, label=name_of(name, lang), **look)
            around: dict[str, Any] = {"height": 0.7, "fill": False, "edgecolor": "#000000"}
            ax.barh(at[as_recorded], width[as_recorded], left=left[as_recorded], **around)
            left = left + width
        ax.set_yticks(
            at, [label_of(_name(self.names, key)) for key in part.index], fontsize="small"
        )
        ax.set_xlabel(texts["class_share"].format(n=len(self.draws)))
        return legend_above(ax)


_CLASS_COLOURS: Final = {
    **colours_of(HOT_COLD),
    **colours_of(LOCAL_MORAN),
    "not significant": "#d9d9d9",
    "no pattern": "#d9d9d9",
}


def class_certainty(
    found: Propagated | PropagatedClasses,
    *,
    breaks: Sequence[float] | None = None,
    certain_from: float = _LIKELY,
) -> pd.DataFrame:
    """Tell for which units the class that a map shows would hold in most draws.

    A map hatches the units whose class is uncertain: hand the column ``uncertain`` to it.

    Parameters
    ----------
    found : Propagated or PropagatedClasses
        Draws of a measure with one answer per unit.
    breaks : sequence of float, optional
        For numbers: upper bounds of the classes of the map, in ascending order and included, as in
        ``sg.choropleth(..., scheme="user", breaks=...)``. Exactly 0 is a class of its own unless a
        break is 0 or less or a recorded number is negative; numbers above the last break are one
        more class.
    certain_from : float
        Smallest share of the draws in the class shown at which it counts as certain.

    Returns
    -------
    DataFrame
        On the index of the measure: ``recorded`` (the number or class shown), ``share`` (of all
        draws in the class of ``recorded``) and ``uncertain`` (bool: ``share`` is below
        `certain_from`). Where nothing is recorded the share is missing and ``uncertain`` False,
        since no class is shown.

    Raises
    ------
    InputError
        If `breaks` are missing for numbers, given for classes or not ascending, or `certain_from`
        is not a share.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> rates = sg.uncertainty.on_panel(
    ...     sg.density.rates, "per_1000km2", start="2015-01-01", end="2024-12-31")
    >>> result = sg.uncertainty.propagate(rates, sg.load_example_incidents(), units, n=20, rng=1)
    >>> class_certainty(result, breaks=[0.05, 0.2])["uncertain"].dtype
    dtype('bool')
    """
    if not 0 < certain_from <= 1:
        raise InputError(
            f"`certain_from` is {certain_from}; expected a share above 0, up to 1. Give 0.9 for "
            "nine draws in ten."
        )
    if isinstance(found, PropagatedClasses):
        if breaks is not None:
            raise InputError(
                "`breaks` were given for classes; expected them for numbers only. Leave them out."
            )
        table = found.table[["recorded", "share"]].copy()
    else:
        recorded = found.table["recorded"].to_numpy(np.float64)
        bounds = np.asarray([] if breaks is None else list(breaks), dtype=np.float64)
        if len(bounds) == 0 or not np.isfinite(bounds).all() or (np.diff(bounds) <= 0).any():
            raise InputError(
                f"`breaks` is {first_offenders(bounds)}; expected the upper bounds of the classes, "
                "in ascending order. Give those of the map."
            )
        zero = bool(bounds[0] > 0 and not (recorded < 0).any())
        classes = _class_of(recorded, bounds, zero=zero)
        same = _class_of(found.draws, bounds, zero=zero) == classes
        table = found.table[["recorded"]].copy()
        table["share"] = np.where(np.isnan(recorded), np.nan, same.mean(axis=0))
    table["uncertain"] = (table["share"] < certain_from - 1e-12).to_numpy(dtype=bool)
    return table


def _class_of(values: Floats, bounds: Floats, *, zero: bool) -> Integers:
    code = np.searchsorted(bounds, values, side="left")
    if zero:
        code = np.where(values == 0, -1, code)
    return np.asarray(np.where(np.isnan(values), -2, code), dtype=np.int64)


def _name(names: Mapping[Any, str], key: Any) -> str:
    if isinstance(key, tuple):
        parts = (f"{part:g}" if isinstance(part, float) else str(part) for part in key)
        return " · ".join(names.get(part, part) for part in parts if part)
    return names.get(key, str(key))


def _number(value: float, lang: Language) -> str:
    return number(value, ".3g" if abs(value) < 1000 else ".0f", lang)


def _caution(propagated: Propagated | PropagatedClasses, lang: Language) -> str:
    redrawn, failed = propagated.redrawn, sum(propagated.failures.values())
    moved, incidents = int(redrawn["moved"].sum()), int(redrawn["incidents"].sum())
    text = _TEXTS[lang]["caution"].format(moved=moved, incidents=incidents)
    if isinstance(propagated, Propagated) and (outside := int(propagated.table["outside"].sum())):
        text += " " + _TEXTS[lang]["outside"].format(outside=outside, n=len(propagated.table))
    if failed:
        text += " " + _TEXTS[lang]["failed"].format(failed=failed, n=len(propagated.draws))
    return text
