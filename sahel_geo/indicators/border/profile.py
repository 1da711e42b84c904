"""The sentence and the picture of a border proximity profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, require_choice
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.plotting import COLOURS, axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import spelled, words
from sahel_geo.schema import Language

ALL_BORDERS: Final = "all"
_HEADLINE_KM: Final = 50.0

_TEXTS: Final = Texts(
    {
        "none": "No incident placed in the units: nothing to say of nearness to a border.",
        "share": "{when}{share}% of the {n} incidents {interval}lie within {km:g} km of a border, "
        "where {area}% of the land lies{people}.",
        "people": " and {people}% of the people live",
        "interval": "({level}% interval: {low} to {high}%) ",
        "when": "In {period}, ",
        "more": "That is more than the share {of}.",
        "less": "That is less than the share {of}.",
        "open": "The difference from the share {of} is not established: the interval holds it.",
        "bare": "Without an interval, the comparison is not established.",
        "area": "of the land",
        "and_people": "of the people",
        "both": "of the land and than that of the people",
        "zone": "The zone holds {share}% of the incidents {interval}on {area}% of the "
        "land{people}.",
        "zone_people": ", with {people}% of the people",
        "imprecise": "The place of {imprecise} incidents is coarse or of no stated precision.",
        "caution": "Lying near a border does not say that violence crosses it.",
    }
)


@dataclass(frozen=True)
class ProximityProfile(Result):
    """Shares of incidents near each border, beside the shares of land and of people.

    Attributes
    ----------
    table : DataFrame
        One row per border and distance, and per part and period if asked for: ``border``
        (``"MLI-NER"``, or ``"all"``), ``part`` (``"all"``, ``"zone"``, ``"rest"``), ``period``,
        ``distance_km``, ``incidents`` (number in the countries of that border),
        ``incidents_within``, ``incidents_share``, ``area_share``, ``people_share``,
        ``location_quotient`` (share of incidents over share of land), ``people_quotient``, and for
        each column of fatalities ``*_share``, ``*_area_quotient``, ``*_people_quotient``. With
        `rng`, shares of incidents and fatalities and all quotients have ``*_low`` and ``*_high``.
    unplaced : int
        Incidents outside every unit or without coordinates, left out of the shares.
    imprecise : int
        Incidents in the shares whose stated precision is coarser than a place; their distance to a
        border is not known to the kilometre.
    undated : int
        Incidents without a date, left out where months are told apart.
    zone : DataFrame or None
        With `zone`: the same figures, without distance, for all that lies in the zone.
    level : float or None
        Confidence level of the intervals; None if there are none.
    """

    named_by = ("border", "part", "period", "distance_km")
    measured = ("incidents_share", "location_quotient")

    table: pd.DataFrame
    unplaced: int
    imprecise: int
    undated: int = 0
    zone: pd.DataFrame | None = field(default=None, repr=False)
    level: float | None = None

    def sentence(self, lang: Language = "fr") -> str:
        """Say how near to a border incidents lie, compared only where the interval is clear."""
        texts, table = _TEXTS[lang], self.table
        rows = table if table.empty else _headline(table, ALL_BORDERS, "all")
        if rows.empty or rows["incidents_share"].isna().all():
            return texts["none"]
        row = rows[rows["incidents_share"].notna()].iloc[-1]
        sentences = [
            texts["share"].format(
                when=texts["when"].format(period=row["period"]) if "period" in row else "",
                n=row["incidents"],
                km=row["distance_km"],
                **self._shares(row, "people", lang),
            ),
            *_compare(row, lang),
        ]
        if self.zone is not None:
            zone = self.zone[(self.zone["part"] == "zone") & self.zone["incidents_share"].notna()]
            for _, row in zone.tail(1).iterrows():
                sentences.append(texts["zone"].format(**self._shares(row, "zone_people", lang)))
        if self.imprecise:
            sentences.append(texts["imprecise"].format(imprecise=self.imprecise))
        return " ".join([*sentences, texts["caution"]])

    def _shares(self, row: "pd.Series[Any]", people: str, lang: Language) -> dict[str, str]:
        """Write the shares of a row, those that it lacks as nothing."""
        names = {"share": "incidents_share", "area": "area_share", "people": "people_share"}
        names |= {"low": "incidents_share_low", "high": "incidents_share_high"}
        shares = {name: row.get(column, np.nan) for name, column in names.items()}
        figures = {name: decimal(share * 100, lang) for name, share in shares.items()}
        figures["interval"] = ""
        if self.level is not None and not np.isnan(shares["low"]):
            figures["level"] = decimal(self.level * 100, lang, 0)
            figures["interval"] = _TEXTS[lang]["interval"].format(**figures)
        known = not np.isnan(shares["people"])
        figures["people"] = _TEXTS[lang][people].format(**figures) if known else ""
        return figures

    def plot(
        self, ax: Any = None, *, border: str = ALL_BORDERS, part: str = "all", lang: Language = "en"
    ) -> Any:
        """Draw the shares by distance, or by period at the distance of the sentence.

        `border` is one of the table, `part` ``"all"``, ``"zone"`` or ``"rest"`` of the units.
        """
        texts = words(lang)
        if self.table.empty:
            raise InputError("`incidents` has none in any period to draw; expected at least one.")
        by_period = "period" in self.table
        rows = (_headline if by_period else _chosen)(self.table, border, part)
        if rows["incidents_share"].isna().all():
            raise InputError(
                "`incidents` has none near this border to draw; expected at least one."
            )
        ax = axes(ax, lang=lang)
        at = np.arange(len(rows))
        labels = (
            rows["period"].astype(str)
            if by_period
            else rows["distance_km"].map(lambda km: spelled(f"{km:g}", lang))
        )
        _bars(ax, at, rows, self.level, texts)
        ax.set_xticks(at, list(labels), rotation=90 if len(rows) > 12 else 0)
        place = texts["any_border"]
        if border != ALL_BORDERS:
            place = texts["the_border"].format(border=border)
        if part != "all":
            place = texts["outside_zone" if part == "rest" else "in_zone"].format(place=place)
        if by_period:
            km = spelled(f"{rows['distance_km'].iloc[0]:g}", lang)
            ax.set(xlabel=texts["period"], ylabel=texts["share_near"].format(km=km, place=place))
        else:
            near = texts["border_distance"].format(place=place)
            ax.set(xlabel=near, ylabel=texts["share_within"])
        ax.set_ylim(0, None)
        ax.legend(fontsize="small", loc="upper left", framealpha=0.9, edgecolor="none")
        return ax


def _compare(row: "pd.Series[Any]", lang: Language) -> list[str]:
    """Say which baselines the interval leaves out, and on which side."""
    texts = _TEXTS[lang]
    low = row.get("incidents_share_low", np.nan)
    if np.isnan(low):
        return [texts["bare"]]
    verdicts = {}
    for column, name in (("area_share", "area"), ("people_share", "and_people")):
        base = row.get(column, np.nan)
        if np.isnan(base):
            continue
        verdict = "more" if low > base else "open"
        if row["incidents_share_high"] < base:
            verdict = "less"
        verdicts[name] = verdict
    if len(set(verdicts.values())) == 1 and len(verdicts) == 2 and "open" not in verdicts.values():
        return [texts[verdicts["area"]].format(of=texts["both"])]
    return [texts[verdict].format(of=texts[name]) for name, verdict in verdicts.items()]


def _headline(table: pd.DataFrame, border: str, part: str) -> pd.DataFrame:
    """Give the rows of one border and part at 50 km, or at the middle one of the distances."""
    rows = _chosen(table, border, part)
    distances = np.sort(rows["distance_km"].unique())
    chosen = _HEADLINE_KM if _HEADLINE_KM in distances else distances[len(distances) // 2]
    return rows[rows["distance_km"] == chosen]


def _chosen(table: pd.DataFrame, border: str, part: str) -> pd.DataFrame:
    for column, value in (("border", border), ("part", part)):
        names = list(table[column].unique()) if column in table else ["all"]
        require_choice(column, value, names)
        if column in table:
            table = table[table[column] == value]
    return table


def _bars(
    ax: Any, at: Any, rows: pd.DataFrame, level: float | None, texts: Mapping[str, str]
) -> None:
    """Draw a point per share, side by side, with its interval; baselines in grey."""
    kinds = [("area_share", "land", "baseline", "s"), ("people_share", "people", "baseline", "^")]
    kinds += [
        ("incidents_share", "incidents", "cross_border", "o"),
        ("fatalities_best_share", "fatalities", "all", "D"),
    ]
    kinds = [kind for kind in kinds if kind[0] in rows]
    for place, (column, label, colour, marker) in enumerate(kinds):
        x = at + (place - (len(kinds) - 1) / 2) * 0.16
        share = rows[column].to_numpy(np.float64) * 100
        hollow = {"markerfacecolor": "white"} if column == "people_share" else {}
        ax.plot(x, share, marker, color=COLOURS[colour], label=texts[label], markersize=6, **hollow)
        if level is not None and f"{column}_low" in rows:
            low, high = (
                rows[f"{column}_{end}"].to_numpy(np.float64) * 100 for end in ("low", "high")
            )
            ax.vlines(x, low, high, color=COLOURS[colour], linewidth=1.5)
