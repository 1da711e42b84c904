"""The pages of findings: zone, hot spots, spillover, two periods."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.i18n.classes import (
    CHANGE,
    EMERGING,
    HOT_COLD,
    NO_PATTERN,
    ClassSet,
    colours_of,
    name_in,
)
from sahel_geo.i18n.cldr import percent
from sahel_geo.i18n.countries import country_name
from sahel_geo.i18n.phrases import span_in_words, units_counted
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.rates.comparison import PeriodComparison
from sahel_geo.locate.panel.count import FATALITIES
from sahel_geo.maps.pages.findings import DRAWS, SELECTION, TOO_SHORT, Findings
from sahel_geo.maps.pages.site import Card, Figure, Part, Section, SitePage, Table, plot_figure
from sahel_geo.maps.picture.inline import NO_DATA, thumbnail, unit_map
from sahel_geo.maps.report_texts import WORDS, format_date
from sahel_geo.maps.texts import decimals_for, format_number
from sahel_geo.places.zones import Zone
from sahel_geo.schema import HIDDEN, Language

if TYPE_CHECKING:
    from sahel_geo.maps.pages.forecast_layers import Layers
    from sahel_geo.maps.parts import Parts

_SHOWN: Final = 25  # rows of a table of units
_NAMED: Final = 6  # units named as examples of a class
_SMALL: Final = Sentence("Small counts (1 to {most}) are hidden, in the series too: see the notes.")


@dataclass(frozen=True)
class Basis:
    """What every page is written from."""

    lang: Language
    # figures of the report, see :class:`sahel_geo.maps.report.report.Report`
    summary: dict[str, Any]
    units: gpd.GeoDataFrame
    table: gpd.GeoDataFrame | None  # units with their indicators; None if no incident was placed
    zone: Zone | None
    findings: Findings  # what was measured
    panel: pd.DataFrame | None = None  # counts by unit and period, for the maps
    notices: tuple[str, ...] = ()  # what every page must say first
    remarks: tuple[str, ...] = ()  # what every page says next
    # what was hidden for publication; empty where nothing is
    protection: dict[Language, tuple[str, ...]] = field(default_factory=dict)
    least: int = 0  # smallest count shown then; 0 where nothing is hidden
    # which incidents are shown, where not all are; also among the remarks
    chosen: tuple[Sentence, ...] = ()
    who: SitePage | None = None  # the page on who acts
    coming: SitePage | None = None  # the page on what comes next
    layers: "Layers | None" = None  # the forecast, for the maps; None where there is none
    # incidents by kind of event and by alliance, for the maps; None where they must not be shown
    split: "Parts | None" = None
    parts: tuple[Part, ...] = ()  # what other pages say in short: who, what next, who is exposed

    @property
    def words(self) -> Mapping[str, str]:
        """Words of the pages of findings."""
        return WORDS[self.lang]

    @property
    def plain(self) -> bool:
        """Whether no rate may be given, since the incidents are a selection."""
        return bool(self.summary["selection"])

    @property
    def safe(self) -> bool:
        """Whether small counts are hidden."""
        return self.least > 0

    @property
    def small_counts(self) -> tuple[Sentence, ...]:
        """What stands for small counts; nothing where none is hidden."""
        return (_SMALL.filled(most=self.least - 1),) if self.safe else ()

    @property
    def span(self) -> dict[str, str]:
        """First and last day, written out."""
        first, last = self.summary["period"] or ("", "")
        if not first:
            return {"first": "", "last": ""}
        return {"first": format_date(first, self.lang), "last": format_date(last, self.lang)}

    @property
    def zone_title(self) -> str:
        """Title of the zone; empty without one."""
        return self.zone.title_in(self.lang) if self.zone else ""

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number; missing is a dash."""
        if pd.isna(value):
            return self.words["none"]
        if np.isinf(value):
            return "∞"
        return format_number(value, self.lang, decimals=decimals)

    def hidden(self, row: Mapping[Any, Any], name: str) -> str:
        """Write a count, or that it is hidden."""
        return self.words["hidden"] if row.get(HIDDEN) else self.number(row[name])

    def toll(self, row: Mapping[Any, Any]) -> str:
        """Write the deaths of a row, best estimate and the span of low and high."""
        low, best, high = (row.get(name, np.nan) for name in FATALITIES)
        known = pd.notna(best)
        if pd.isna(low) or pd.isna(high) or (known and low == high):
            return self.number(best)
        spread = f"{self.number(low)} {self.words['to']} {self.number(high)}"
        return f"{self.number(best)} ({spread})" if known else spread

    def measure(self, value: float) -> str:
        """Write a figure with as many decimals as it needs, at most two."""
        known = np.isfinite(value)
        return self.number(value, min(2, decimals_for(value)) if known else 0)

    def share(self, value: float | None) -> str:
        """Write a share in percent."""
        if value is None or pd.isna(value):
            return self.words["none"]
        return percent(value, self.lang, 1)

    def units_by_kind(self, table: pd.DataFrame, *kinds: str) -> dict[str, str]:
        """Count the units of some classes, in words."""
        numbers = table["kind"].value_counts()
        return {kind: units_counted(int(numbers.get(kind, 0))).say(self.lang) for kind in kinds}

    def country(self, code: str) -> str:
        """Name a country."""
        return country_name(code, self.lang)

    def page(
        self,
        file: str,
        name: str,
        title: str,
        lead: str,
        sections: Iterable[Section],
        *,
        behind: str = "",
    ) -> SitePage:
        """Make a page that carries the notices of the report."""
        parts, notes = tuple(sections), (self.notices, self.remarks)
        return SitePage(file, name, title, lead, parts, *notes, behind=behind)

    def refused(self, part: str, otherwise: str = "") -> str:
        """Say why a part was not measured."""
        reason = self.findings.refused.get(part, "")
        if reason == SELECTION:
            return self.words["not_claimed"]
        if otherwise and reason == TOO_SHORT:
            return otherwise
        return self.words.get(reason, reason)

    def not_measured(self, part: str, otherwise: str = "") -> Section:
        """Say why a part was not measured, and of a selection what would stand here."""
        names = ("promise_hot", "promise_history") if part == "hot" else (f"promise_{part}",)
        kept = names if self.findings.refused.get(part) == SELECTION else ()
        promises = tuple(self.words[name] for name in kept)
        return Section(paragraphs=(self.refused(part, otherwise),), items=promises)


def zone_page(basis: Basis, cards: list[Card], definition: str) -> SitePage:
    """Show the units of the zone, with most incidents first."""
    words = basis.words
    inside = _inside(basis)
    total = int(inside["incidents"].sum()) if inside is not None else 0
    if basis.safe and inside is not None:
        total = len(inside)  # not told
    sections = []
    if cards and inside is not None:
        column = "incidents" if basis.plain else "per_1000km2_year"
        picture = thumbnail(inside.sort_index(), column)
        pictured = tuple(replace(card, picture=picture) for card in cards)
        sections.append(Section(words["zone_map"], cards=pictured))
    if inside is None or not total:
        sections.append(Section(words["zone_units"], (words["no_zone_incident"],)))
        lead = ""
    else:
        key = "zone_lead_safe" if basis.safe else "zone_lead"
        numbers = {"units": len(inside), "affected": int((inside["incidents"] > 0).sum())}
        lead = words[key].format(incidents=basis.number(total), **numbers, **basis.span)
        sections.append(_zone_units(basis, inside))
    sections.append(Section(words["zone_definition"], (definition,)))
    known = basis.summary["zone"] == "menaka-tri-border"
    name = words["nav_zone"] if known else basis.zone_title
    return basis.page("zone.html", name, basis.zone_title, lead, sections)


def _inside(basis: Basis) -> gpd.GeoDataFrame | None:
    if basis.table is None or basis.zone is None:
        return None
    ranked = basis.table.assign(rank=basis.table["incidents"].rank(method="min", ascending=False))
    inside = ranked[ranked["unit_id"].isin(basis.zone.units["unit_id"])]
    inside = inside[inside["country"].isin(set(basis.units["country"]))]
    return inside.sort_values(["incidents", "unit_id"], ascending=[False, True])


def _zone_units(basis: Basis, inside: gpd.GeoDataFrame) -> Section:
    words = basis.words
    plain = basis.plain or basis.safe
    heads = ["col_unit", "col_region", "col_country"]
    head = [words[name] for name in heads] + [words["col_incidents"]]
    head += [] if plain else [words["col_rate"], words["col_rank"]]
    rows = []
    for row in inside.to_dict("records"):
        cells = [str(row["name"]), str(row["adm1_name"]), basis.country(row["country"])]
        cells.append(basis.hidden(row, "incidents"))
        if not plain:
            cells += [basis.measure(row["per_1000km2_year"]), basis.number(row["rank"])]
        rows.append(tuple(cells))
    order = "zone_order_selection" if basis.plain else "zone_order"
    order = "zone_order_safe" if basis.safe else order
    counted = int(basis.table["incidents"].notna().sum()) if basis.table is not None else 0
    return Section(
        words["zone_units"],
        (words[order].format(all=counted),),
        table=Table(tuple(head), tuple(rows), words=(1, 2), minor=(1,)),
    )


def hot_page(basis: Basis) -> SitePage:
    """Show hot and cold spots on a map and in a list, and their history."""
    words, hot = basis.words, basis.findings.hot
    sections = []
    lead = words["hot_what"]
    if hot is None:
        sections.append(basis.not_measured("hot"))
    else:
        lead = words["hot_lead"].format(
            **basis.units_by_kind(hot, "hot", "cold"), all=units_counted(len(hot)).say(basis.lang)
        )
        caption = words["hot_caption"].format(**basis.span)
        sections.append(_class_section(basis, hot, HOT_COLD, words["hot_map"], caption))
        sections += [_hot_list(basis, hot), _history(basis)]
    return basis.page("hot-spots.html", words["nav_hot"], words["hot_title"], lead, sections)


def _class_section(
    basis: Basis, table: pd.DataFrame, known: ClassSet, title: str, caption: str
) -> Section:
    """Show the class of each unit on a map."""
    kinds = basis.units["unit_id"].map(table.set_index("unit_id")["kind"])
    painted = kinds.map(colours_of(known)).fillna(NO_DATA)
    keys = (*((each.colour, each.name) for each in known), (NO_DATA, basis.words["no_data"]))
    return Section(title, figure=Figure(unit_map(basis.units, painted.tolist()), caption, keys))


def _hot_list(basis: Basis, hot: pd.DataFrame) -> Section:
    words = basis.words
    spots = hot[hot["significant"]].sort_values(["z", "unit_id"], ascending=[False, True])
    small = [words["hot_counts"]]
    if spots.empty:
        return Section(words["hot_list"], (words["hot_none"],), small=tuple(small))
    drawn = "hot_draws" in spots
    head = [words[name] for name in ("col_unit", "col_region", "col_country", "col_kind")]
    head += [basis.words["col_incidents"], words["col_z"], words["col_q"]]
    head += [words["col_draws"]] if drawn else []
    rows = []
    for row in spots.head(_SHOWN).to_dict("records"):
        cells = [str(row["name"]), str(row["adm1_name"]), basis.country(row["country"])]
        cells += [name_in(HOT_COLD, row["kind"], basis.lang), basis.number(row["value"])]
        cells += [basis.number(row["z"], 1), basis.number(row["q"], 3)]
        cells += [basis.share(row["hot_draws"])] if drawn else []
        rows.append(tuple(cells))
    small.insert(0, words["hot_draws"].format(draws=DRAWS) if drawn else basis.refused("draws"))
    if len(spots) > _SHOWN:
        small.append(words["hot_more"].format(more=len(spots) - _SHOWN))
    table = Table(tuple(head), tuple(rows), words=(1, 2, 3), minor=(1, 6))
    return Section(words["hot_list"], table=table, small=tuple(small))


def _history(basis: Basis) -> Section:
    words, table = basis.words, basis.findings.emerging
    if table is None:
        return Section(words["emerging_title"], (words["emerging_short"],))
    rows = []
    for kind, part in table.groupby("kind", sort=False):
        named = part.sort_values(["total", "unit_id"], ascending=[False, True]).head(_NAMED)
        names = [
            f"{name} ({basis.number(total)})"
            for name, total in zip(named["name"], named["total"], strict=True)
        ]
        left = len(part) - len(names)
        units = ", ".join(names) + (f" {words['others'].format(more=left)}" if left else "")
        counts = [basis.number(number) for number in (len(part), *part[["total", "last"]].sum())]
        rows.append((name_in(EMERGING, kind, basis.lang), *counts, units))
    rows.sort(key=lambda row: row[0] == NO_PATTERN.name.say(basis.lang))
    columns = ("col_kind", "col_number", "col_all_periods", "col_last_period", "col_examples")
    head = tuple(words[name] for name in columns)
    text = words["emerging_text"].format(steps=words[f"step_{basis.findings.step}"])
    return Section(words["emerging_title"], (text,), table=Table(head, tuple(rows), words=(4,)))


def comparison_page(basis: Basis) -> SitePage:
    """Show where there is clearly more, or less, than in an earlier period."""
    words, comparison = basis.words, basis.findings.comparison
    lead = words["comparison_what"]
    sections = []
    if comparison is None:
        sections.append(basis.not_measured("comparison", words["comparison_short"]))
    else:
        lead = comparison.sentence(basis.lang)
        spans = (span_in_words(*span) for span in (comparison.before, comparison.after))
        caption = " → ".join(" – ".join(end.say(basis.lang) for end in span) for span in spans)
        ratios = plot_figure(lambda: comparison.plot(lang=basis.lang), words["comparison_figure"])
        sections = [
            _class_section(basis, comparison.table, CHANGE, words["comparison_map"], caption),
            Section(words["col_ratio"], figure=ratios),
            _changes(basis, comparison),
        ]
    title = words["comparison_title"]
    return basis.page("comparison.html", words["nav_comparison"], title, lead, sections)


def _changes(basis: Basis, comparison: PeriodComparison) -> Section:
    """List counts and yearly rates of both periods, clear changes first, then by number."""
    words, table = basis.words, comparison.table
    clear = table["kind"].isin(["more", "less"])
    active = table.assign(clear=clear, total=table["before"] + table["after"]).query("total > 0")
    active = active.sort_values(["clear", "total", "unit_id"], ascending=[False, False, True])
    if active.empty:
        return Section(words["comparison_list"], (words["comparison_none"],))
    head = [words[name] for name in ("col_unit", "col_kind", "col_before", "col_after")]
    head += [Sentence("Rate before"), Sentence("Rate after")]
    head += [words[name] for name in ("col_ratio", "col_interval", "col_q")]
    rows = [_change_row(basis, row) for row in active.head(_SHOWN).to_dict("records")]
    small: list[str] = [Sentence("Rates: incidents per 1,000 km² and year.")]
    small += [] if clear.any() else [words["comparison_none"]]
    left = len(active) - _SHOWN
    small += [words["hot_more"].format(more=left)] if left > 0 else []
    table_ = Table(tuple(head), tuple(rows), words=(1,), minor=(4, 5, 8))
    return Section(words["comparison_list"], table=table_, small=tuple(small))


def _change_row(basis: Basis, row: dict[Any, Any]) -> tuple[str, ...]:
    low, high = (basis.measure(row[name]) for name in ("lower", "upper"))
    return (
        str(row["name"]),
        name_in(CHANGE, row["kind"], basis.lang),
        basis.number(row["before"]),
        basis.number(row["after"]),
        basis.measure(row["rate_before"]),
        basis.measure(row["rate_after"]),
        basis.measure(row["ratio"]),
        f"{low} {basis.words['to']} {high}",
        basis.number(row["q"], 3),
    )
