"""What connectedness says: a table, a picture, a sentence."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.plotting import COLOURS, CYCLE, axes, date_ticks, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import label_of, words
from sahel_geo.schema import Language

_BARS: Final = 24
_NAMES: Final = {"total": "total", "from": "received", "to": "given", "net": "balance"}
_TEXTS: Final = Texts(
    {
        "total": "{total}% of the forecast error at {horizon} periods comes from the other "
        "series{interval}",
        "interval": " ({level}% interval {low} to {high}%)",
        "baseline": ", against {low} to {high}% for the same series shifted in time, which owe "
        "each other nothing (p = {p})",
        "above": "Connectedness is beyond what chance would give.",
        "open": "It cannot be told from what chance would give.",
        "caution": "A shock that all share gives the same figure as spillover.",
        "rolling": "Over {n} windows of {window} periods, total connectedness goes from {low} to "
        "{high}%; {above} windows exceed what the same series shifted would give.",
        "windows": "Windows overlap and are not as many pieces of evidence.",
        "none": "No window of {window} periods allows connectedness to be estimated.",
    }
)


@dataclass(frozen=True)
class Connectedness(Result):
    """Whose shocks the forecast errors come from, beside what unrelated series would show.

    Attributes
    ----------
    table : DataFrame
        Per cent, one row per figure. ``measure``: ``"total"`` (mean of ``"from"``), ``"from"``
        (what a series receives from all others), ``"to"`` (what it gives to them), ``"net"`` (to
        less from; adds up to 0), ``"share"`` (what `series` receives from `other`), ``"net_pair"``
        (what `series` gives to `other` less what it receives from it). ``series``, ``other``,
        ``value``, ``lower`` and ``upper`` (bootstrap), ``baseline``, ``baseline_low`` and
        ``baseline_high`` (series shifted apart), ``p`` (of as much among the shifts; two-sided for
        the net figures). Missing without draws.
    shares : DataFrame, k x k
        Per cent; rows receive, columns give, rows add up to 100.
    lags : int
        Order of the vector autoregression.
    horizon : int
        Periods ahead.
    periods : int
        Length of the record.
    level : float
        Share that intervals and ranges hold.
    """

    measured = ("value",)

    table: pd.DataFrame
    shares: pd.DataFrame
    lags: int
    horizon: int
    periods: int
    level: float

    @property
    def total(self) -> float:
        """Per cent of the forecast error that comes from other series."""
        return float(self.table["value"].iloc[0])

    def sentence(self, lang: Language = "fr") -> str:
        """Say how much comes from the others, and whether chance would give as much."""
        texts, row = _TEXTS[lang], self.table.iloc[0]

        def number(name: str, digits: int = 1) -> str:
            return decimal(float(row[name]), lang, digits)

        interval = ""
        if np.isfinite(row["lower"]):
            interval = texts["interval"].format(
                level=decimal(100 * self.level, lang, 0), low=number("lower"), high=number("upper")
            )
        text = texts["total"].format(total=number("value"), horizon=self.horizon, interval=interval)
        if np.isnan(row["p"]):
            return f"{text}. {texts['caution']}"
        text += texts["baseline"].format(
            low=number("baseline_low"), high=number("baseline_high"), p=number("p", 3)
        )
        above = row["value"] > row["baseline_high"] and row["p"] <= 1 - self.level
        return f"{text}. {texts['above' if above else 'open']} {texts['caution']}"

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw up to 24 figures with their intervals on the range of the series shifted apart."""
        texts = words(lang)
        drawn = self.table[self.table["measure"].isin(_NAMES)].iloc[:_BARS][::-1]
        ax = axes(ax, size=(6.4, 1.2 + 0.3 * len(drawn)), lang=lang)
        at = np.arange(len(drawn))
        width = drawn["baseline_high"] - drawn["baseline_low"]
        ax.barh(at, width, 0.6, drawn["baseline_low"], color="#d9d9d9", label=texts["shifted"])
        ax.hlines(at, drawn["lower"], drawn["upper"], color=COLOURS["cross_border"], linewidth=1.6)
        ax.plot(drawn["value"], at, "o", color=COLOURS["cross_border"], label=texts["as_recorded"])
        ax.axvline(0, color=COLOURS["baseline"], linewidth=0.8)
        names = [
            texts[_NAMES[str(row.measure)]].format(series=label_of(row.series))
            for row in drawn.itertuples()
        ]
        ax.set_yticks(at, names)
        ax.set_xlabel(texts["error_share"].format(n=self.horizon))
        return legend_above(ax)


@dataclass(frozen=True)
class RollingConnectedness(Result):
    """Connectedness of window after window.

    Attributes
    ----------
    table : DataFrame, one row per window
        ``period`` (the last one), ``total``, ``baseline``, ``baseline_low``, ``baseline_high``,
        ``p`` (the same series shifted apart), ``net_`` and the name of each series, in per cent;
        ``reason`` where the series of a window cannot be fitted, whose figures are missing.
    window : int
        Periods in a window.
    lags : int
        Order of the vector autoregression.
    horizon : int
        Periods ahead.
    level : float
        Share that ranges hold.
    """

    table: pd.DataFrame
    window: int
    lags: int
    horizon: int
    level: float

    def sentence(self, lang: Language = "fr") -> str:
        """Say how far connectedness moved, and in how many windows beyond chance."""
        texts, known = _TEXTS[lang], self.table.dropna(subset="total")
        if known.empty:
            return texts["none"].format(window=self.window)
        text = texts["rolling"].format(
            n=len(known),
            window=self.window,
            low=decimal(float(known["total"].min()), lang),
            high=decimal(float(known["total"].max()), lang),
            above=int((known["total"] > known["baseline_high"]).sum()),
        )
        return f"{text} {texts['windows']}"

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw total connectedness on the range of the series shifted apart."""
        texts = words(lang)
        if self.table["total"].isna().all():
            raise InputError("`table` has no window to draw; expected one that could be fitted.")
        ax = axes(ax, lang=lang)
        end = pd.PeriodIndex(self.table["period"]).to_timestamp(how="end")
        low, high = self.table["baseline_low"], self.table["baseline_high"]
        ax.fill_between(end, low, high, color="#d9d9d9", label=texts["shifted"], linewidth=0)
        ax.plot(end, self.table["total"], color=CYCLE[1], label=texts["as_recorded"])
        ax.set_xlabel(texts["window_end"].format(n=self.window))
        ax.set_ylabel(texts["connectedness"])
        ax.set_ylim(bottom=0)
        date_ticks(ax)
        return legend_above(ax)
