"""What every page is written from, and how it writes figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.i18n.cldr import percent
from sahel_geo.i18n.countries import country_name
from sahel_geo.i18n.phrases import units_counted
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.maps.choropleth.legend import class_label
from sahel_geo.maps.classes.classes import classify
from sahel_geo.maps.pages.findings import SELECTION, TOO_SHORT, Findings
from sahel_geo.maps.pages.site import Card, Figure, Part, Section, SitePage
from sahel_geo.maps.picture.inline import NO_DATA, unit_map
from sahel_geo.maps.report_texts import WORDS, format_date
from sahel_geo.maps.texts import decimals_for, format_number
from sahel_geo.places.context import load_towns
from sahel_geo.places.zones import Zone
from sahel_geo.schema import FATALITIES, HIDDEN, UNIT_COLUMNS, Language

if TYPE_CHECKING:
    from sahel_geo.indicators.spillover.spillover import SpilloverSummary
    from sahel_geo.maps.pages.forecast_layers import Layers
    from sahel_geo.maps.parts import Parts

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

    def class_figure(self, column: str, top: pd.DataFrame, caption: str) -> Figure:
        """Draw the units of the countries of the file in the classes of a column; number `top`."""
        table = self.table
        assert table is not None
        table = table[table["country"].isin(set(self.units["country"]))].reset_index(drop=True)
        classes = classify(table[column], **({"hidden": table[HIDDEN]} if HIDDEN in table else {}))
        colours = [each.colour or NO_DATA for each in classes.classes]
        keys = tuple(
            (colour, class_label(each, self.lang))
            for colour, each in zip(colours, classes.classes, strict=True)
            if each.count
        )
        towns = load_towns()
        capitals = towns[towns["rank"].eq("capital") & towns["country"].isin(set(table["country"]))]
        at = dict(zip(table["unit_id"], table.geometry.representative_point(), strict=True))
        drawn = unit_map(
            table,
            [colours[place] for place in classes.class_of],
            [(at[unit].x, at[unit].y) for unit in top["unit_id"] if unit in at],
            [(row.geometry.x, row.geometry.y, str(row["name"])) for _, row in capitals.iterrows()],
        )
        return Figure(drawn, caption, keys)

    def crossing(self, summary: "SpilloverSummary") -> Sentence:
        """Count the measures above their baseline, those of where and those of when apart."""
        claim = self.words["short_claim_agree" if summary.compatible else "short_claim_none"]
        made = summary.table[summary.table["verdict"] != "not measurable"]
        above = made[made["verdict"] == "above"]["question"].value_counts()
        asked = made["question"].value_counts()
        counts = Sentence(
            "{where_above} of {where} measures of where incidents lie, and {when_above} of {when} "
            "of whether they follow one another across a border, are above what area, season and "
            "chance would give.",
            where_above=int(above.get("where", 0)),
            where=int(asked.get("where", 0)),
            when_above=int(above.get("when", 0)),
            when=int(asked.get("when", 0)),
        )
        return joined([claim, counts], " ")

    def exported(self) -> gpd.GeoDataFrame:
        """Put the figures of each unit side by side, as the files hold them."""
        table = gpd.GeoDataFrame(self.table)
        if self.plain:
            stated = (*UNIT_COLUMNS, "incidents", *FATALITIES)
            table = table[[name for name in table if name in stated]]
        findings = self.findings
        change = findings.comparison.table if findings.comparison else None
        parts = (
            (findings.hot, "gi_", ("z", "p", "q", "kind", "hot_draws")),
            (findings.emerging, "emerging_", ("kind", "total", "last", "around")),
            (change, "change_", ("before", "after", "ratio", "lower", "upper", "q", "kind")),
        )
        for part, prefix, names in parts:
            if part is not None:
                kept = [name for name in names if name in part]
                named = part.set_index("unit_id")[kept].add_prefix(prefix)
                table = table.merge(named, left_on="unit_id", right_index=True, how="left")
        # the same counts by the length of the period would be read as rates of a year
        table = table.drop(columns=[name for name in table if name.endswith("per_1000km2")])
        return table.replace([float("inf")], float("nan"))

    @property
    def area_name(self) -> Sentence:
        """The countries that the report is about."""
        if not self.summary["not_covered"]:
            return Sentence("Central Sahel")
        names = [self.country(code) for code in dict.fromkeys(self.units["country"])]
        return Sentence("{countries:standard}", countries=names)

    def map_cards(self, maps: list[str]) -> list[Card]:
        """Make the links to the maps."""
        words = self.words
        if self.table is None or not maps:
            return []
        level = words[f"level_{self.summary['level']}"]
        text = words["map_all_count" if self.plain else "map_all_text"].format(level=level)
        whole = words["map_all"]
        if self.summary["not_covered"]:
            whole = self.area_name
        cards = [Card(maps[0], whole, text, words["open"])]
        if self.zone and len(maps) > 1:
            cards.append(Card(maps[1], self.zone_title, words["map_zone_text"], words["open"]))
        return cards
