"""Does it cross borders: two sentences and a picture, and the tables in an annex."""

from typing import TYPE_CHECKING

from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.indicators.spillover_texts import LABELS
from sahel_geo.maps.pages.findings_pages import Basis
from sahel_geo.maps.pages.site import Section, SitePage, Table, plot_figure

if TYPE_CHECKING:
    from sahel_geo.indicators.spillover.spillover import SpilloverSummary

FILE = "spillover.html"
ANNEX = "spillover-tables.html"


def spillover_pages(basis: Basis, border: Section | None) -> list[SitePage]:
    """Say what may be said of spillover, and show every measure beside its baseline in an annex."""
    summaries = basis.findings.spillover
    words = basis.words
    name, title = words["nav_spillover"], words["spillover_title"]
    if not summaries:
        sections = [basis.not_measured("spillover"), *([border] if border is not None else [])]
        return [basis.page(FILE, name, title, words["spillover_what"], sections)]
    key = "all" if "all" in summaries else next(iter(summaries))
    picture = plot_figure(lambda: summaries[key].plot(lang=basis.lang), words["spillover_figure"])
    more = ((ANNEX, Sentence("All measures, with their baselines and intervals")),)
    short = Section(figure=picture, more=more)
    lead = in_short(basis, summaries[key])
    return [basis.page(FILE, name, title, lead, [short]), _annex(basis, border)]


def in_short(basis: Basis, summary: "SpilloverSummary") -> Sentence:
    """Count the measures above their baseline, those of where and those of when apart."""
    claim = basis.words["short_claim_agree" if summary.compatible else "short_claim_none"]
    made = summary.table[summary.table["verdict"] != "not measurable"]
    above = made[made["verdict"] == "above"]["question"].value_counts()
    asked = made["question"].value_counts()
    counts = Sentence(
        "{where_above} of {where} measures of where incidents lie, and {when_above} of {when} of "
        "whether they follow one another across a border, are above what area, season and chance "
        "would give.",
        where_above=int(above.get("where", 0)),
        where=int(asked.get("where", 0)),
        when_above=int(above.get("when", 0)),
        when=int(asked.get("when", 0)),
    )
    return joined([claim, counts], " ")


def _annex(basis: Basis, border: Section | None) -> SitePage:
    """Show every measure in a table, for the zone and for all units."""
    words, summaries = basis.words, basis.findings.spillover
    sections = []
    for key, title in (("zone", basis.zone_title), ("all", words["spillover_all"])):
        if key in summaries:
            sections += _measures(basis, summaries[key], title)
    reading = [words[f"spillover_{name}"] for name in ("where_when", "verdict", "absence")]
    sections.append(Section(words["spillover_read"], items=tuple(reading)))
    sections += [border] if border is not None else []
    name, title = words["nav_spillover"], Sentence("Spillover: the tables")
    return basis.page(ANNEX, name, title, words["spillover_what"], sections, behind=FILE)


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
