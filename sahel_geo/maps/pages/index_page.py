"""The first page of a report: the answers of the brief, the maps, and the way to every page."""

from dataclasses import replace
from typing import Any, Final

from sahel_geo.i18n.countries import IN_COUNTRY, OF_COUNTRY
from sahel_geo.i18n.phrases import units_counted
from sahel_geo.i18n.sentence import Counted, Sentence, joined
from sahel_geo.maps.pages.answers import BRIEF, Answers
from sahel_geo.maps.pages.basis import Basis
from sahel_geo.maps.pages.site import Card, Section, SitePage, Table

_LIMITS: Final = ("limit_rate", "limit_place", "limit_boundaries")


def overview(
    basis: Basis, answers: Answers, maps: list[str], others: list[SitePage], files: list[str]
) -> SitePage:
    """Write the first page: the answers of the brief, the maps, then what lies behind them."""
    words = basis.words
    sections = [*_answered(basis, answers, maps)]
    if basis.remarks:
        sections.append(Section(Sentence("What is shown"), items=basis.remarks))
    if basis.summary["areas"]:
        source = f"{words['source_incidents']}{words['colon']}{basis.summary['source']}"
        named = (source,) if basis.summary["source"] else ()
        mixed = basis.summary["zone"] and not basis.safe
        title = words["countries_caption"] if mixed else Sentence("By country")
        sections.append(Section(title, table=_areas(basis), small=named))
    pages = [page for page in others if not page.behind]
    cards = [Card(page.file, page.name, _about(basis, page), words["read_more"]) for page in pages]
    sections.append(Section(words["findings"], cards=tuple(cards)))
    limits = (*answers.limits, *(words[name] for name in _LIMITS))
    sections.append(Section(words["limits"], items=limits))
    links = tuple((name, f"– {words[f'file_{name}']}") for name in files)
    if links:
        sections.append(Section(words["files"], links=links, small=(words["files_note"],)))
    title = Sentence("{area}: incidents and rates by administrative unit", area=basis.area_name)
    if basis.plain:
        title = Sentence("{area}: notable incidents by administrative unit", area=basis.area_name)
    page = basis.page("index.html", words["nav_index"], title, _lead(basis), sections)
    return replace(page, headline=answers.headline, remarks=())


def _answered(basis: Basis, answers: Answers, maps: list[str]) -> list[Section]:
    """Put the answers in the order of the questions, the map first."""
    words = basis.words
    sections = []
    if answers.map is not None:
        sections.append(Section(answers.where, figure=answers.map))
    if maps:
        cards = (*basis.map_cards(maps), _brief_card(basis))
        small = (f"{words['offline']} {words['limit_safe']}",)
        sections.append(Section(words["maps"], cards=cards, small=small))
    else:
        sections.append(Section(words["brief"], cards=(_brief_card(basis),)))
    if answers.recent is not None or answers.trend is not None:
        sections.append(Section(words["changed"], figure=answers.trend, table=answers.recent))
    if answers.units is not None:
        note = (answers.units_note,) if answers.units_note else ()
        sections.append(Section(words["most"], table=answers.units, small=note))
    for part in answers.parts:
        more = ((part.href, words["read_more"]),) if part.href else ()
        sections.append(Section(part.title, part.sentences, table=part.table, more=more))
    return sections


def _brief_card(basis: Basis) -> Card:
    words = basis.words
    return Card(BRIEF, words["brief_title"], words["brief_text"], words["brief_open"])


def not_covered_note(summary: dict[str, Any]) -> str:
    """Say which countries the file does not speak of; empty if it speaks of all."""
    places = [IN_COUNTRY[code] for code in summary["not_covered"]]
    if not places:
        return ""
    return Sentence(
        "This file has no incidents {places}: those units have no data, which is not zero.",
        places=joined(places, " nor "),
    )


def _about(basis: Basis, page: SitePage) -> str:
    """Say in a sentence what a page holds."""
    words, findings = basis.words, basis.findings
    name = page.file.removesuffix(".html")
    if name == "hot-spots" and findings.hot is not None:
        return words["short_hot"].format(**basis.units_by_kind(findings.hot, "hot", "cold"))
    if name == "spillover" and findings.spillover:
        agree = any(each.compatible for each in findings.spillover.values())
        return words["short_claim_agree" if agree else "short_claim_none"]
    if name == "risk" and findings.risk is not None:
        return Sentence("Where recent violence and people meet, and how firm the ranks are.")
    if name == "comparison" and findings.comparison is not None:
        numbers = basis.units_by_kind(findings.comparison.table, "more", "less")
        return words["short_change"].format(**numbers)
    return words.get(f"more_text_{name}", words["short_refused"])


def _lead(basis: Basis) -> str:
    summary = basis.summary
    if summary["period"] is None:
        return basis.words["lead_none"]
    counted = [area["with_incidents"] for area in summary["areas"]]
    units = sum(counted[:-1] if summary["zone"] and not basis.safe else counted)
    mapped = summary["steps"]["mapped"]
    return Sentence(
        "{incidents} recorded from {first} to {last}, placed in {units} of {countries:standard}.",
        incidents=Counted("{count:,} incident", "{count:,} incidents", count=mapped),
        units=units_counted(units),
        countries=[OF_COUNTRY[code] for code in dict.fromkeys(basis.units["country"])],
        **basis.span,
    )


def _areas(basis: Basis) -> Table:
    words = basis.words
    names = ["col_area", "col_incidents", "col_fatalities"]
    names += [] if basis.plain or basis.safe else ["col_rate"]
    head = (*(words[name] for name in names), f"{words['col_units']} {words['col_with']}")
    rows = []
    for area in basis.summary["areas"]:
        cells = [area["name"], words["hidden"], words["hidden"]]
        if area["incidents"] is not None:
            cells = [area["name"], basis.number(area["incidents"]), basis.toll(area)]
        if not (basis.plain or basis.safe):
            cells.append(basis.measure(area["per_1000km2_year"]))
        rows.append((*cells, f"{area['with_incidents']} / {area['units']}"))
    return Table(head, tuple(rows), minor=(len(head) - 1,))
