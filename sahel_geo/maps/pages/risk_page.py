"""Who is exposed: a risk index by unit, its parts, how firm its ranks are and what moves them."""

from typing import Any, Final

import pandas as pd

from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.phrases import span_in_words
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.indicators.risk.risk_result import DIMENSIONS, component_name
from sahel_geo.maps.pages.basis import Basis
from sahel_geo.maps.pages.findings import PEOPLE_DOUBT, RiskFinding
from sahel_geo.maps.pages.site import Part, Section, SitePage, Table, plot_figure
from sahel_geo.maps.people import people_credit, people_limits
from sahel_geo.schema import Language

FILE: Final = "risk.html"
_ROWS: Final = 20
_NUMBERED: Final = 10


def risk_page(basis: Basis) -> SitePage:
    """Show the index on a map and in a table, what it is made of, and what it cannot say."""
    risk = basis.findings.risk
    title = Sentence("Who is exposed? A risk index")
    if risk is None:
        lead = Sentence(
            "What the page shows: where recent violence and people meet, unit by unit, how firm "
            "the ranks are, and what moves them."
        )
        refused = Section(paragraphs=(basis.refused("risk"),))
        return basis.page(FILE, basis.words["nav_risk"], title, lead, [refused])
    parts = [part(basis, risk) for part in (_map, _ranking, _parts, _limits)]
    return basis.page(FILE, basis.words["nav_risk"], title, risk.index.sentence(basis.lang), parts)


def risk_part(basis: Basis) -> tuple[Part, ...]:
    """Say in two sentences who is exposed; nothing where there is no index."""
    risk = basis.findings.risk
    if risk is None:
        return ()
    named = [
        Sentence(
            "{name} ({risk:.1f} of 10, rank {ranks})",
            name=row["name"],
            risk=float(row["risk"]),
            ranks=_span(row),
        )
        for row in _ordered(risk).head(3).to_dict("records")
    ]
    if not named:
        return ()
    text = Sentence(
        "Recent violence and people meet most in {units:standard}; the ranks are those that other "
        "weights and chance would give.",
        units=named,
    )
    caution = Sentence("The index ranks units for attention; it is no probability.")
    return (Part(Sentence("Who is exposed?"), (joined([text, caution], " "),), href=FILE),)


def _span(row: dict[Any, Any]) -> Sentence:
    """Give the ranks that other weights, months and numbers of people would give."""
    low, high = round(row["rank_low"]), round(row["rank_high"])
    if low == high:
        return Sentence("{rank}", rank=low)
    return Sentence("{low:.0f} to {high:.0f}", low=low, high=high)


def _map(basis: Basis, risk: RiskFinding) -> Section:
    start, end = span_in_words(str(risk.months.first), str(risk.months.last))
    caption = Sentence(
        "Risk index from 0 to 10, {first} to {last}. Numbers: the first ten of the table.",
        first=start,
        last=end,
    )
    top = _ordered(risk).head(_NUMBERED).reset_index()
    return Section(Sentence("The map"), figure=basis.class_figure("risk", top, caption))


def _ordered(risk: RiskFinding) -> pd.DataFrame:
    """Put the units with an index above 0 in order, with their names and the span of their rank."""
    table = risk.index.table.join(risk.ranks.table[["rank_low", "rank_high"]])
    table = table.assign(name=[risk.index.names.get(str(unit), unit) for unit in table.index])
    return table[table["risk"] > 0].sort_values(["rank"], kind="stable")


def _ranking(basis: Basis, risk: RiskFinding) -> Section:
    """List the units with their parts, the span of their rank, and what it hangs on."""
    lang = basis.lang
    known = [name for name in DIMENSIONS if risk.index.table[name].notna().any()]
    titles = {
        "hazard": Sentence("Hazard"),
        "exposure": Sentence("Exposure"),
        "vulnerability": Sentence("Vulnerability"),
    }
    head = [
        Sentence("Unit"),
        Sentence("Index"),
        Sentence("Rank (low to high)"),
        *(titles[name] for name in known),
        Sentence("Rank hangs most on"),
    ]
    rows = []
    for place, row in enumerate(_ordered(risk).head(_ROWS).reset_index().to_dict("records"), 1):
        cells = [f"{place}. {row['name']}", decimal(float(row["risk"]), lang)]
        cells += [f"{row['rank']:.0f} ({_span(row).say(lang)})"]
        cells += [decimal(float(row[name]), lang) for name in known]
        cells.append(_hangs_on(risk, row, lang))
        rows.append(tuple(cells))
    minor = tuple(range(3, 3 + len(known)))
    table = Table(tuple(head), tuple(rows), words=(len(head) - 1,), minor=minor)
    title = Sentence("The units, and how firm their ranks are")
    varied = Sentence(
        "Drawn again for the span of the ranks: the weights, each by up to half; the incidents, by "
        "month and unit (Poisson bootstrap); the people, within about {share:.0%}. The forecast "
        "and the vulnerability stay as they are, and a unit without a record stays at zero.",
        share=PEOPLE_DOUBT,
    )
    return Section(title, (risk.ranks.sentence(lang), varied), table=table)


def _hangs_on(risk: RiskFinding, row: dict[Any, Any], lang: Language) -> str:
    """Name the component without which the rank moves most, and the rank without it."""
    others = risk.without.loc[str(row["unit_id"])]
    moves = (others - row["rank"]).abs()
    if not moves.max() > 0:
        return Sentence("no single part").say(lang)
    name = str(moves.idxmax())
    part = component_name(name, lang).partition(":")[2].strip() or name
    rank = float(others.to_dict()[name])
    return Sentence("{part} (without it: {rank:.0f})", part=part, rank=rank).say(lang)


def _parts(basis: Basis, risk: RiskFinding) -> Section:
    lang = basis.lang
    caption = Sentence("The index of the first units as the sum of what each part contributes.")
    figure = plot_figure(lambda: risk.index.plot(lang=lang), caption)
    head = (Sentence("Part"), Sentence("Scores 0 at"), Sentence("Scores 10 at"), Sentence("Weight"))
    rows = tuple(
        (
            component_name(str(row["component"]), lang),
            basis.measure(row["low"]),
            basis.measure(row["high"]),
            basis.share(row["weight"] * row["dimension_weight"]),
        )
        for row in risk.index.transformations.to_dict("records")
    )
    return Section(Sentence("What the index is made of"), figure=figure, table=Table(head, rows))


def _limits(basis: Basis, risk: RiskFinding) -> Section:
    people = basis.summary["people"]
    sentences = [
        Sentence(
            "Recent: the last {months} months; the trend is against the {months} before. "
            "Intensity, deaths and people enter by their logarithm.",
            months=len(risk.months),
        ),
        Sentence(
            "The index ranks the units of this file against one another. It is neither a "
            "probability nor a forecast, and equal indices can have different causes."
        ),
    ]
    if risk.index.table["vulnerability"].isna().all():
        sentences.append(
            Sentence(
                "Vulnerability is not known and left out: with --vulnerability, or fetched figures "
                "of food security, it takes part."
            )
        )
    if basis.summary["vulnerability"]:
        sentences.append(
            Sentence("Vulnerability: {source}.", source=basis.summary["vulnerability"])
        )
    if "hazard: forecast" not in risk.index.scores.columns:
        sentences.append(Sentence("No forecast takes part in it."))
    sentences += [*people_limits(people), *people_credit(people)]
    return Section(Sentence("How to read the index"), items=tuple(sentences))
