"""Contagion or confusion: every measure of spillover beside what would be there anyway."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from textwrap import fill
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import (
    InputError,
    require_columns,
    require_language,
    require_names,
)
from sahel_geo.i18n.classes import BORDER_EFFECT, name_in
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.countries import country_name
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.catalogue import is_selection
from sahel_geo.indicators.display.plotting import COLOURS, axes, ratio_ticks
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.permutation.coarse_dates import spread_dates
from sahel_geo.indicators.permutation.significance import false_discovery
from sahel_geo.indicators.spillover.measures import MEASURES, Row, Study
from sahel_geo.indicators.spillover_texts import (
    A_SELECTION,
    FEW,
    LABELS,
    MANY_TESTS,
    ONE_COUNTRY,
    ONE_DATE,
    ONE_SIDE,
    TEXTS,
)
from sahel_geo.indicators.spread.contagion_inputs import WeightKind
from sahel_geo.locate.assign.assign import assign, too_coarse
from sahel_geo.locate.panel.count import count
from sahel_geo.places.borders import international_borders
from sahel_geo.places.zones import Zone
from sahel_geo.schema import Language, Period
from sahel_geo.tasks import track

__all__ = ["SpilloverSummary", "summary"]

_LOG: Final = logging.getLogger(__name__)
_LEVEL: Final = 0.05
_AGREEING: Final = 2  # kinds of evidence, of three
_MEASURABLE: Final = ("above", "open", "below")
_LABEL_WIDTH: Final = 38  # letters


def _label(measure: str, lang: Language) -> str:
    """Name a measure, and the two countries where it is of two."""
    label, _, pair = measure.partition(":")
    names = " – ".join(country_name(code, lang) for code in pair.split("–") if code)
    return LABELS[label].say(lang) + (f" ({names})" if names else "")


@dataclass(frozen=True)
class SpilloverSummary(Result):
    """What the measures of one zone and period say, each beside its baseline.

    Attributes
    ----------
    table : DataFrame
        One row per measure: ``measure``, ``question`` (``"where"`` or ``"when"``: whether it asks
        where incidents lie, or whether they follow each other given where they lie), ``evidence``
        (what the measures of "when" look at: ``"pairs"`` of incidents, ``"units"`` from period to
        period, or a ``"process"``; empty for "where"), ``figure``, ``baseline`` (what would be
        there anyway), ``lower`` and ``upper``, ``range_of`` (``"figure"``: an interval of the
        figure; ``"chance"``: what 95 % of the draws without spillover give), ``p`` and ``q`` (the
        same among all tests of that question), ``verdict``
        (``"above"``, ``"open"``, ``"below"``, ``"not measurable"``) and ``detail``. Missing
        figures where not measurable.
    period : (str, str) or None
        First and last day of the periods counted; None where nothing is measured.
    incidents : int
        Incidents that went in.
    left_out : dict of str to int
        Incidents that did not, by reason.
    zone : str or None
        Name of the zone.
    reasons : mapping of str to Sentence
        What stands in ``detail``, to be said in either language.
    spread : int
        Incidents whose day was drawn, since only their week, month or year is known.
    """

    table: pd.DataFrame
    period: tuple[str, str] | None
    incidents: int
    left_out: dict[str, int]
    zone: str | None = None
    reasons: Mapping[str, Sentence] = field(default_factory=dict)
    spread: int = 0

    def rows(self, lang: Language = "fr") -> list[dict[str, str]]:
        """Give each measure in words: its name, figure, baseline, interval and verdict."""
        require_language(lang)
        lines = []
        for row in self.table.to_dict("records"):
            measured = row["verdict"] in _MEASURABLE
            numbers = {
                name: _number(row[name], lang) if measured else ""
                for name in ("figure", "baseline", "lower", "upper", "p", "q")
            }
            detail = str(row["detail"])
            lines.append(
                {
                    "measure": _label(str(row["measure"]), lang),
                    "question": TEXTS[lang][str(row["question"])],
                    "evidence": TEXTS[lang].get(f"evidence_{row['evidence']}", ""),
                    "range_of": TEXTS[lang][f"range_{row['range_of']}"] if measured else "",
                    "verdict": name_in(BORDER_EFFECT, row["verdict"], lang),
                    "detail": self.reasons.get(detail, Sentence(detail)).say(lang),
                    **numbers,
                }
            )
        return lines

    @property
    def agreeing(self) -> list[str]:
        """Kinds of evidence of "when" with a measure above its baseline."""
        above = (self.table["question"] == "when") & (self.table["verdict"] == "above")
        return [str(name) for name in self.table.loc[above, "evidence"].unique()]

    @property
    def compatible(self) -> bool:
        """Whether two or three kinds of evidence say that incidents follow across the border."""
        return len(self.agreeing) >= _AGREEING

    def sentence(self, lang: Language = "fr") -> str:
        """Say which measures agree, and claim no more than they carry.

        The word "spillover" is used only to refuse it, or, where two kinds of evidence agree that
        incidents follow each other across the border, to call the data compatible with it.
        """
        texts = TEXTS[lang]
        where, when = (self._counts(question) for question in ("where", "when"))
        if not sum(where.values()) + sum(when.values()):
            return texts["nothing"].format(incidents=self.incidents)
        sentences = [
            texts["counts"].format(question=texts[f"asked_{name}"], **counts, all=number)
            for name, counts in (("where", where), ("when", when))
            if (number := sum(counts.values()))
        ]
        named = [texts[f"evidence_{name}"] for name in self.agreeing]
        kinds = texts["and"].join(", ".join(part) for part in (named[:-1], named[-1:]) if part)
        if not sum(when.values()):
            sentences.append(texts["where_only"])
        elif self.compatible:
            sentences.append(texts["agree"].format(kinds=kinds))
        elif self.agreeing:
            sentences.append(texts["one"].format(kinds=kinds))
        else:
            sentences.append(texts["none"])
        if self.spread:
            spread = texts["spread"].format(spread=self.spread, incidents=self.incidents)
            sentences.append(spread)
        return " ".join([*sentences, texts["caution"]])

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw each figure and its range as multiples of its baseline, where that is not 0."""
        drawn = self.table[(self.table["baseline"] > 0) & self.table["figure"].notna()][::-1]
        if drawn.empty:
            raise InputError(
                "`table` has no measure to draw; expected one with a baseline. Read it instead."
            )
        ax = axes(ax, size=(7.6, 1.2 + 0.46 * len(drawn)), lang=lang)
        scaled = drawn[["lower", "upper", "figure"]].div(drawn["baseline"], axis=0)
        scaled = scaled.clip(lower=0.05)
        names = []
        for place, (row, (low, high, figure)) in enumerate(
            zip(drawn.to_dict("records"), scaled.to_numpy(), strict=True)
        ):
            chance = row["range_of"] == "chance"
            colour = COLOURS["baseline"] if chance else COLOURS["cross_border"]
            ax.plot([low, high], [place, place], color=colour, linewidth=6 if chance else 2)
            ax.plot(figure, place, "o", color=COLOURS["cross_border"], markersize=5)
            names.append(fill(_label(str(row["measure"]), lang), _LABEL_WIDTH))
        ax.axvline(1.0, color=COLOURS["all"], linewidth=0.8)
        ax.set(xscale="log", xlabel=TEXTS[lang]["axis"])
        ax.set_yticks(range(len(names)), names)
        ratio_ticks(ax.xaxis, ax.get_xlim(), lang)
        return ax

    def _counts(self, question: str) -> dict[str, int]:
        verdicts = self.table.loc[self.table["question"] == question, "verdict"]
        return {name: int((verdicts == name).sum()) for name in _MEASURABLE}


def summary(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: np.random.Generator | int,
    zone: Zone | Sequence[str] | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    period: Period = "week",
    population: "pd.Series[Any] | None" = None,
    covariates: pd.DataFrame | None = None,
    weights: "WeightKind | pd.DataFrame" = "border",
    near_km: float = 50.0,
    near_days: float = 14.0,
    permutations: int = 499,
    measures: Iterable[str] | None = None,
) -> SpilloverSummary:
    """Run every measure of spillover on one zone and period, each beside its baseline.

    Violence on both sides of a border may cross it, or may answer to the same drought, season,
    garrison or reporter. Each measure here is put beside what one of these would give, and none is
    called spillover while its range holds that baseline, or while its p does not survive the number
    of tests made (Benjamini and Hochberg). Measures of *where* (incidents near a
    border, neighbours alike) cannot tell the two apart at all; measures of *when* take the places
    as given and ask whether incidents follow each other across the border.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Incidents; placed by :func:`sahel_geo.assign` if they have no ``unit_id``. Their country is
        that of the unit they lie in. Those outside the units, without a date, or known only to an
        area larger than the units are left out and counted. The day of those known only to a week,
        month or year (``date_precision``, or a first or fifteenth that comes three times as often
        as other days) is drawn: countries share the habit of coding to one day.
    units : GeoDataFrame
        From :func:`sahel_geo.load_boundaries`, of one level and of two countries or more.
    rng : Generator or int
        Seed of every random step.
    zone : Zone or sequence of str, optional
        Keep only the units of this zone, or these ``unit_id``.
    start, end : str or Timestamp, optional
        First and last day; by default of the incidents.
    period : str
        Length of the steps of the measures that count by unit and period. Histories are shifted
        inside quarters, which months are too long for: with them these measures see little. The
        endemic-epidemic model always counts by month.
    population : Series, optional
        People by ``unit_id``; adds the profile beside people, and is the offset of the
        endemic-epidemic model.
    covariates : DataFrame, optional
        Numbers by ``unit_id`` (poverty, roads, ground), as Buhaug and Gleditsch ask: what they
        explain of the incidents of a unit is taken from the endemic-epidemic model first.
    weights : {"border", "power", "gravity"} or DataFrame
        Who weighs for whom in the endemic-epidemic model, as for :func:`sahel_geo.contagion.fit`.
    near_km, near_days : float
        How near is near, for pairs of incidents and for the border.
    permutations : int
        Draws of each measure that is tested by chance.
    measures : iterable of str, optional
        Names of :data:`sahel_geo.indicators.spillover.measures.MEASURES`; all by default.

    Returns
    -------
    SpilloverSummary
        A measure that the data cannot carry has the verdict ``"not measurable"`` and says why. So
        have all of them for a selection of incidents, from which nothing may be concluded.

    Raises
    ------
    InputError
        If a setting is out of range, a name is unknown, or the zone holds none of the units.

    References
    ----------
    Buhaug, H. and Gleditsch, K. S. (2008). Contagion or confusion? Why conflicts cluster in space.
    International Studies Quarterly 52, 215-233.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> result = summary(sg.load_example_incidents(), sg.load_boundaries(level=1), rng=1)
    >>> set(result.table["verdict"])  # a selection carries no claim
    {'not measurable'}
    """
    names = list(MEASURES if measures is None else measures)
    require_names("`measures`", names, MEASURES)
    if not (near_km > 0 and near_days > 0) or permutations < 1:
        raise InputError(
            f"`near_km` is {near_km}, `near_days` {near_days} and `permutations` {permutations}; "
            "expected more than 0. Correct them."
        )
    inside, name = _inside(units, zone)
    placed = incidents if "unit_id" in incidents else assign(incidents, units)
    known, left_out = _known(placed, inside, start, end)
    hindrance = _hindrance(known, inside, selection=is_selection(incidents))
    if hindrance:
        refused = [Row.unmeasured(hindrance, each).to_dict() for each in names]
        table = _controlled(pd.DataFrame(refused))
        return SpilloverSummary(table, None, len(known), left_out, name)
    seed = int(np.random.default_rng(rng).integers(2**31))
    known["date"], spread = spread_dates(known, np.random.default_rng([seed, 1]))
    panel = count(known, inside, period=period, start=start, end=end)
    study = Study(
        incidents=known,
        units=inside,
        panel=panel,
        border=international_borders(inside),
        population=population,
        covariates=covariates,
        weights=weights,
        near_km=near_km,
        near_days=near_days,
        permutations=permutations,
        seed=seed,
    )
    rows: list[dict[str, Any]] = []
    for at, each in enumerate(track(names, "measures"), 1):
        begun = time.perf_counter()
        rows += _measure(each, MEASURES[each], study)
        _LOG.info("%d of %d: %s, %.1f s", at, len(names), each, time.perf_counter() - begun)
    first, last = panel["period"].min().start_time, panel["period"].max().end_time
    span = (f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}")
    reasons = {str(row["detail"]): Sentence.of(row["detail"]) for row in rows}
    table = _controlled(pd.DataFrame(rows))
    return SpilloverSummary(table, span, len(known), left_out, name, reasons, spread)


def _inside(
    units: gpd.GeoDataFrame, zone: Zone | Sequence[str] | None
) -> tuple[gpd.GeoDataFrame, str | None]:
    require_columns(units, "units", ("unit_id", "country", "area_km2"))
    if zone is None:
        return units, None
    ids = set(zone.units["unit_id"] if isinstance(zone, Zone) else zone)
    inside = units[units["unit_id"].isin(ids)].reset_index(drop=True)
    if inside.empty:
        raise InputError(
            "`zone` holds none of the {number} units; expected units of the same level and "
            "vintage. Load the zone for these units.",
            number=len(units),
        )
    return inside, zone.name if isinstance(zone, Zone) else None


def _known(
    placed: pd.DataFrame,
    units: gpd.GeoDataFrame,
    start: str | pd.Timestamp | None,
    end: str | pd.Timestamp | None,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Keep the incidents that every measure can use, with the country that they lie in."""
    country = units.set_index("unit_id")["country"]
    outside = ~placed["unit_id"].isin(country.index)
    undated = placed["date"].isna() & ~outside
    level = int(units["level"].iloc[0]) if "level" in units and len(units) else 3
    coarse = too_coarse(placed, level) & ~outside & ~undated
    first = pd.Timestamp.min if start is None else pd.Timestamp(start)
    last = pd.Timestamp.max if end is None else pd.Timestamp(end)
    other = ~placed["date"].between(first, last) & ~outside & ~undated & ~coarse
    kept = pd.DataFrame(placed[~(outside | undated | coarse | other)]).reset_index(drop=True)
    kept["country"] = kept["unit_id"].map(country)
    counts = {"outside": outside, "undated": undated, "coarse": coarse, "other_dates": other}
    return kept, {name: int(flags.sum()) for name, flags in counts.items()}


def _hindrance(known: pd.DataFrame, units: gpd.GeoDataFrame, *, selection: bool) -> Sentence | None:
    if selection:
        return A_SELECTION
    if units["country"].nunique() < 2:
        return ONE_COUNTRY
    if len(known) < 2:
        return FEW
    if known["country"].nunique() < 2:
        return ONE_SIDE
    if known["date"].nunique() < 2:
        return ONE_DATE
    return None


def _measure(
    name: str, measure: Callable[[Study], list[Row]], study: Study
) -> list[dict[str, Any]]:
    try:
        rows = measure(study)
    except InputError as error:
        return [Row.unmeasured(error.sentence, name).to_dict()]
    return [replace(row, measure=name + row.measure).to_dict() for row in rows]


def _controlled(table: pd.DataFrame) -> pd.DataFrame:
    """Add what p is worth among so many tests, and leave open what does not survive it."""
    q = table.groupby("question")["p"].transform(lambda p: false_discovery(p.to_numpy()))
    table.insert(list(table).index("p") + 1, "q", q)
    lost = table["verdict"].isin(["above", "below"]) & (table["q"] > _LEVEL)
    table.loc[lost, "verdict"] = "open"
    table.loc[lost, "detail"] = MANY_TESTS
    return table


def _number(value: float, lang: Language) -> str:
    if not np.isfinite(value):
        return "" if np.isnan(value) else "∞"
    digits = 0 if abs(value) >= 100 or float(value).is_integer() else 3 if abs(value) < 1 else 2
    return decimal(value, lang, digits)
