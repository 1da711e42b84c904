"""The sentence and the picture of a border proximity profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
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
        """Say how near to a border incidents lie, beside land and people.

        Of all borders, at 50 km or the middle one of the distances. It compares only where the
        interval leaves the baseline out.
        """
        return _say(self.table, self.zone, self.level, self.imprecise, lang)

    def plot(
        self, ax: Any = None, *, border: str = ALL_BORDERS, part: str = "all", lang: Language = "en"
    ) -> Any:
        """Draw the shares by distance, or by period at the distance of the sentence.

        Parameters
        ----------
        ax, lang
            As for every result.
        border : str
            Which border of the table.
        part : {"all", "zone", "rest"}
            Which part of the units.

        Raises
        ------
        InputError
            If the table has no such border or part, or no incident.
        """
        return _draw(self.table, self.level, border, part, ax, lang)


def _say(
    table: pd.DataFrame,
    zone: pd.DataFrame | None,
    level: float | None,
    imprecise: int,
    lang: Language,
) -> str:
    """Write the sentence of a profile."""
    texts = _TEXTS[lang]
    rows = table if table.empty else _headline(table, ALL_BORDERS, "all")
    if rows.empty or rows["incidents_share"].isna().all():
        return texts["none"]
    row = rows[rows["incidents_share"].notna()].iloc[-1]
    said = [
        texts["share"].format(
            when=texts["when"].format(period=row["period"]) if "period" in row else "",
            share=_percent(row["incidents_share"], lang),
            n=row["incidents"],
            interval=_interval(row, level, lang),
            km=row["distance_km"],
            area=_percent(row["area_share"], lang),
            people=_people(row, "people", lang),
        ),
        *_compare(row, lang),
    ]
    if zone is not None:
        said.append(_say_zone(zone, level, lang))
    if imprecise:
        said.append(texts["imprecise"].format(imprecise=imprecise))
    return " ".join([*filter(None, said), texts["caution"]])


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


def _say_zone(zone: pd.DataFrame, level: float | None, lang: Language) -> str:
    rows = zone[(zone["part"] == "zone") & zone["incidents_share"].notna()]
    if rows.empty:
        return ""
    row = rows.iloc[-1]
    return _TEXTS[lang]["zone"].format(
        share=_percent(row["incidents_share"], lang),
        interval=_interval(row, level, lang),
        area=_percent(row["area_share"], lang),
        people=_people(row, "zone_people", lang),
    )


def _people(row: "pd.Series[Any]", text: str, lang: Language) -> str:
    share = row.get("people_share", np.nan)
    return "" if np.isnan(share) else _TEXTS[lang][text].format(people=_percent(share, lang))


def _interval(row: "pd.Series[Any]", level: float | None, lang: Language) -> str:
    low = row.get("incidents_share_low", np.nan)
    if level is None or np.isnan(low):
        return ""
    return _TEXTS[lang]["interval"].format(
        level=decimal(level * 100, lang, 0),
        low=_percent(low, lang),
        high=_percent(row["incidents_share_high"], lang),
    )


def _percent(share: float, lang: Language) -> str:
    return decimal(share * 100, lang)


def _headline(table: pd.DataFrame, border: str, part: str) -> pd.DataFrame:
    """Give the rows of one border and part at 50 km, or at the middle one of the distances."""
    rows = _chosen(table, border, part)
    distances = np.sort(rows["distance_km"].unique())
    chosen = _HEADLINE_KM if _HEADLINE_KM in distances else distances[len(distances) // 2]
    return rows[rows["distance_km"] == chosen]


def _chosen(table: pd.DataFrame, border: str, part: str) -> pd.DataFrame:
    for column, value in (("border", border), ("part", part)):
        names = list(table[column].unique()) if column in table else ["all"]
        if value not in names:
            raise InputError(
                f"`{column}` is {value!r}; expected one of {first_offenders(names)}. Choose one."
            )
        if column in table:
            table = table[table[column] == value]
    return table


def _draw(
    table: pd.DataFrame,
    level: float | None,
    border: str,
    part: str,
    ax: Any = None,
    lang: Language = "en",
) -> Any:
    """Draw the shares of a profile."""
    texts = words(lang)
    if table.empty:
        raise InputError("`incidents` has none in any period to draw; expected at least one.")
    by_period = "period" in table
    rows = _headline(table, border, part) if by_period else _chosen(table, border, part)
    if rows["incidents_share"].isna().all():
        raise InputError("`incidents` has none near this border to draw; expected at least one.")
    ax = axes(ax, lang=lang)
    at = np.arange(len(rows))
    labels = (
        rows["period"].astype(str)
        if by_period
        else rows["distance_km"].map(lambda km: spelled(f"{km:g}", lang))
    )
    _bars(ax, at, rows, level, texts)
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
