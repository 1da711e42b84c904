"""The pages of findings: zone, hot spots, spillover, two periods."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
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
from sahel_geo.i18n.phrases import span_in_words, units_counted
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.rates.comparison import PeriodComparison
from sahel_geo.indicators.spillover_texts import LABELS
from sahel_geo.maps.pages.basis import Basis
from sahel_geo.maps.pages.findings import DRAWS
from sahel_geo.maps.pages.site import Figure, Section, SitePage, Table, plot_figure
from sahel_geo.maps.picture.inline import NO_DATA, thumbnail, unit_map
from sahel_geo.places.zones import Zone

if TYPE_CHECKING:
    from sahel_geo.indicators.spillover.spillover import SpilloverSummary

_ANNEX: Final = "spillover-tables.html"
_SHOWN: Final = 25  # rows of a table of units
_NAMED: Final = 6  # units named as examples of a class
SPILLOVER: Final = "spillover.html"


def zone_page(basis: Basis, zone: Zone, maps: list[str]) -> SitePage:
    """Show the units of the zone, with most incidents first."""
    words = basis.words
    inside = _inside(basis)
    total = int(inside["incidents"].sum()) if inside is not None else 0
    if basis.safe and inside is not None:
        total = len(inside)  # not told
    sections = []
    cards = basis.map_cards(maps)[1:]
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
    sections.append(Section(words["zone_definition"], (zone.definition_in(basis.lang),)))
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
    figures = ("rate_before", "rate_after", "ratio")
    rows = []
    for row in active.head(_SHOWN).to_dict("records"):
        cells = [str(row["name"]), name_in(CHANGE, row["kind"], basis.lang)]
        cells += [basis.number(row["before"]), basis.number(row["after"])]
        cells += [basis.measure(row[name]) for name in figures]
        low, high = (basis.measure(row[name]) for name in ("lower", "upper"))
        rows.append((*cells, f"{low} {words['to']} {high}", basis.number(row["q"], 3)))
    small: list[str] = [Sentence("Rates: incidents per 1,000 km² and year.")]
    small += [] if clear.any() else [words["comparison_none"]]
    left = len(active) - _SHOWN
    small += [words["hot_more"].format(more=left)] if left > 0 else []
    table_ = Table(tuple(head), tuple(rows), words=(1,), minor=(4, 5, 8))
    return Section(words["comparison_list"], table=table_, small=tuple(small))


def spillover_pages(basis: Basis) -> list[SitePage]:
    """Say what may be said of spillover, and show every measure beside its baseline in an annex."""
    summaries = basis.findings.spillover
    words = basis.words
    name, title = words["nav_spillover"], words["spillover_title"]
    border = _border_section(basis)
    if not summaries:
        sections = [basis.not_measured("spillover"), *border]
        return [basis.page(SPILLOVER, name, title, words["spillover_what"], sections)]
    key = "all" if "all" in summaries else next(iter(summaries))
    picture = plot_figure(lambda: summaries[key].plot(lang=basis.lang), words["spillover_figure"])
    more = ((_ANNEX, Sentence("All measures, with their baselines and intervals")),)
    short = Section(figure=picture, more=more)
    page = basis.page(SPILLOVER, name, title, basis.crossing(summaries[key]), [short])
    tables = []
    for key, heading in (("zone", basis.zone_title), ("all", words["spillover_all"])):
        if key in summaries:
            tables += _measures(basis, summaries[key], heading)
    reading = [words[f"spillover_{part}"] for part in ("where_when", "verdict", "absence")]
    tables.append(Section(words["spillover_read"], items=tuple(reading)))
    tables += border
    title, lead = Sentence("Spillover: the tables"), words["spillover_what"]
    return [page, basis.page(_ANNEX, name, title, lead, tables, behind=SPILLOVER)]


def _measures(basis: Basis, summary: "SpilloverSummary", title: str) -> list[Section]:
    words = basis.words
    rows, unmeasured = [], []
    for row in summary.rows(basis.lang):
        detail = row["detail"]
        if not row["range_of"]:
            unmeasured.append(f"{row['measure']}{words['colon']}{detail}")
            continue
        interval = f"{row['lower']} {words['to']} {row['upper']}"
        verdict = f"{row['verdict']} ({detail})" if detail else row["verdict"]
        p = words["tiny"] if row["p"].strip("0,.") == "" and row["p"] else row["p"]
        cells = (row["measure"], row["question"], verdict, row["figure"], row["baseline"])
        rows.append((*cells, interval, row["range_of"], p))
    names = ("measure", "question", "verdict", "figure", "baseline", "interval", "range", "p")
    head = tuple(words[f"col_{name}"] for name in names)
    labels = [LABELS[name].say(basis.lang) for name in basis.findings.left_out]
    left_out = words["spillover_left_out"].format(
        incidents=basis.number(summary.incidents), names=" ; ".join(labels)
    )
    section = Section(
        title,
        (summary.sentence(basis.lang),),
        figure=plot_figure(lambda: summary.plot(lang=basis.lang), words["spillover_figure"]),
        table=Table(head, tuple(rows), words=(1, 2, 6), minor=(1, 6, 7)) if rows else None,
        small=(left_out,) if labels else (),
    )
    more = [Section(words["unmeasured"], items=tuple(unmeasured))] if unmeasured else []
    return [section, *more]


def _border_section(basis: Basis) -> list[Section]:
    """Show the shares of incidents near each border beside those of the land."""
    words, rows = basis.words, []
    for row in basis.summary["border"]:
        countries = [basis.country(code) for code in row["border"].split("-") if code != "all"]
        cells = [" – ".join(countries) or words["border_all"]]
        cells.append(f"≤ {basis.number(row['distance_km'])} km")
        cells.append(f"{row['incidents_within']} / {row['incidents']}")
        cells += [basis.share(row[name]) for name in ("incidents_share", "area_share")]
        rows.append((*cells, basis.measure(row["location_quotient"])))
    if not rows:
        return []
    names = ("border", "distance", "incidents", "incidents_share", "area_share", "quotient")
    table = Table(tuple(words[f"col_{name}"] for name in names), tuple(rows), minor=(2,))
    return [Section(words["border_caption"], (words["border_text"],), table=table)]
