"""The answers that the brief and the first page share: where now, what changed, which units.

The headline and every figure are made from the same incidents as the map; nothing is concluded that
no test carries.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from sahel_geo.arrays import Flags
from sahel_geo.i18n.cldr import number
from sahel_geo.i18n.sentence import Counted, Sentence, joined
from sahel_geo.maps.pages.basis import Basis
from sahel_geo.maps.pages.findings import Material
from sahel_geo.maps.pages.findings_pages import SPILLOVER
from sahel_geo.maps.pages.site import Figure, Part, Table, fill_template
from sahel_geo.maps.people import people_credit, people_limits
from sahel_geo.maps.periods import last_complete
from sahel_geo.maps.picture.inline import INK
from sahel_geo.schema import HIDDEN

_SHOWN: Final = 10  # units of the table, numbered on the map
_SPANS: Final = (30, 90)  # days
_MOST_MONTHS: Final = 36  # of the trend: the last 24, and the year before

BRIEF: Final = "brief.html"
_RECENT: Final = "#a63603"
_EARLIER: Final = "#d8b49c"
_PLOT: Final = (480.0, 130.0)  # width and height
_RECENT_MONTHS: Final = 24


@dataclass(frozen=True)
class Answers:
    """What a reader wants to know first."""

    # title, headline, lead: which file, what it says, of when and by whom
    title: str
    headline: str
    lead: str
    where: str  # heading of the map: now, or over the whole file
    map: Figure | None  # the units in colours, those of the table numbered
    recent: Table | None  # the last days beside the same days before
    trend: Figure | None  # incidents month by month
    units: Table | None  # the units with most incidents
    units_note: str  # what their counts before may tell
    parts: tuple[Part, ...]  # who, what next and who is exposed, and whether it crosses borders
    limits: tuple[str, ...]  # what the file cannot see

    @classmethod
    def of(cls, basis: Basis, material: Material) -> "Answers":
        """Answer the five questions, as far as the data carry it."""
        top = _ranked(basis).head(_SHOWN)
        counted = len(material.history) > 0 and not (basis.safe or basis.plain)
        yearly = _dated_to_a_year(material.history) if counted else np.zeros(0, dtype=bool)
        history = material.history[~yearly] if counted and not yearly.all() else None
        names = [basis.country(code) for code in dict.fromkeys(basis.units["country"])]
        return cls(
            title=Sentence("{countries:standard}: incidents of violence", countries=names),
            headline=_headline(basis, material, top),
            lead=_lead(basis, top),
            where=Sentence("Where, over the whole file")
            if material.months is None  # what is shown whole is not of now
            else basis.words["where"],
            map=_map(basis, top),
            recent=None if history is None else _recent(basis, history),
            trend=None if history is None else _trend(basis, history),
            units=_table(basis, material, top) if len(top) else None,
            units_note=_units_note(basis, material),
            parts=(*basis.parts, *_crossing(basis)),
            limits=_limits(basis, int(yearly.sum())),
        )

    def brief(self, basis: Basis) -> str:
        """Write the brief as one HTML page that asks the network for nothing."""
        lines = [
            Sentence("Made with sahel_geo {version}.", version=basis.summary["version"]),
            Sentence(
                "Boundaries: geoBoundaries and OCHA. The lines imply no position on any boundary."
            ),
            *people_credit(basis.summary["people"]),
        ]
        return fill_template(
            "brief",
            lang=basis.lang,
            brief=self,
            notices=basis.notices,
            words=basis.words,
            footer=lines,
        )


def _ranked(basis: Basis) -> pd.DataFrame:
    """Rank the units that have incidents, hidden ones left out."""
    if basis.table is None:
        return pd.DataFrame(columns=["unit_id", "name", "incidents"])
    known = basis.table[basis.table["incidents"] > 0]
    if HIDDEN in known:
        known = known[~(known[HIDDEN] > 0)]
    order = ["incidents", "fatalities_best", "unit_id"]
    present = [name for name in order if name in known]
    rising = [name == "unit_id" for name in present]
    return pd.DataFrame(known.sort_values(present, ascending=rising))


def _headline(basis: Basis, material: Material, top: pd.DataFrame) -> Sentence:
    if not len(top):
        if _any_hidden(basis):
            return Sentence("The numbers of all units with incidents are hidden")
        return Sentence("No incident could be placed in a unit.")
    names = [str(name) for name in top["name"].head(3)]
    total = Counted("{count:,} incident", "{count:,} incidents", count=len(material.mapped))
    if basis.safe:
        return Sentence("Most incidents: {names:standard}", names=names)
    deaths = _sum(material.mapped, "fatalities_best")
    if basis.plain or not deaths:
        return Sentence("{total} placed; most in {names:standard}", total=total, names=names)
    return Sentence(
        "{total} and {deaths:,} recorded deaths; most incidents in {names:standard}",
        total=total,
        deaths=deaths,
        names=names,
    )


def _any_hidden(basis: Basis) -> bool:
    table = basis.table
    return table is not None and HIDDEN in table and bool((table[HIDDEN] > 0).any())


def _lead(basis: Basis, top: pd.DataFrame) -> str:
    if not len(top) and not _any_hidden(basis):
        return ""
    return Sentence(
        "From {first} to {last}, recorded by: {source}.",
        source=basis.summary["source"] or Sentence("the file given"),
        **basis.span,
    )


def _map(basis: Basis, top: pd.DataFrame) -> Figure | None:
    """Draw the rate by area; of what has no rate, the number."""
    column = "incidents" if basis.plain or basis.safe else "per_1000km2_year"
    if basis.table is None or column not in basis.table:
        return None
    if column != "incidents":
        caption = Sentence(
            "Incidents per 1,000 km² and year, {first} to {last}. Numbers: the units of the table.",
            **basis.span,
        )
    elif len(top):
        caption = Sentence(
            "Incidents, {first} to {last}. Numbers: the units of the table.", **basis.span
        )
    else:
        caption = Sentence("Incidents, {first} to {last}.", **basis.span)
    return basis.class_figure(column, top, caption)


def _dated_to_a_year(history: pd.DataFrame) -> Flags:
    """Tell which incidents stand on the first of January of a year, of which no more is known."""
    if "date_precision" not in history:
        return np.zeros(len(history), dtype=bool)
    return (history["date_precision"] == "year").to_numpy(dtype=bool)


def _recent(basis: Basis, history: pd.DataFrame) -> Table | None:
    """Count the last days of the file beside as many before."""
    last = history["date"].max()
    rows = []
    for days in _SPANS:
        edge = last - pd.Timedelta(days=days)
        earlier = edge - pd.Timedelta(days=days)
        now = history[history["date"] > edge]
        before = history[(history["date"] > earlier) & (history["date"] <= edge)]
        if earlier < history["date"].min():
            continue
        text = Sentence("last {days} days, to {last:yMMMd}", days=days, last=last.date())
        numbers = (
            len(now),
            len(before),
            *(_sum(each, "fatalities_best") for each in (now, before)),
        )
        rows.append((text.say(basis.lang), *map(basis.number, numbers)))
    head = ("", *(basis.words[each] for each in ("incidents", "before", "deaths", "before")))
    return Table(head, tuple(rows)) if rows else None


def _trend(basis: Basis, history: pd.DataFrame) -> Figure | None:
    """Draw the incidents by month, up to the last month that the file covers."""
    months = history["date"].dt.to_period("M")
    end = last_complete(history["date"])
    first = max(months.min(), end - _MOST_MONTHS + 1)
    if first > end:
        return None
    counts = months.value_counts().reindex(pd.period_range(first, end, freq="M"), fill_value=0)
    drawn = _bars(pd.Series(counts, dtype="int64"), basis.lang)
    caption = (
        Sentence("Incidents a month: the last 24 months (dark) and the year before (pale).")
        if len(counts) > _RECENT_MONTHS
        else Sentence("Incidents a month.")
    )
    return None if drawn is None else Figure(drawn, caption)


def _table(basis: Basis, material: Material, top: pd.DataFrame) -> Table:
    counted = not (basis.safe or basis.plain)
    several = len(set(basis.units["country"])) > 1
    head = [Sentence("Unit"), Sentence("Incidents")]
    earlier = material.earlier if counted else None
    before = None if earlier is None else earlier["unit_id"].value_counts()
    people = counted and "people" in top
    if counted:
        head.append(Sentence("Recorded deaths (low to high)"))
        head += [Sentence("Incidents before")] if before is not None else []
        head += [Sentence("People"), Sentence("Per 100,000 people and year")] if people else []
    rows = []
    for place, row in enumerate(top.to_dict("records"), 1):
        country = f" ({basis.country(row['country'])})" if several else ""
        cells = [f"{place}. {row['name']}{country}"]
        cells.append(basis.hidden(row, "incidents"))
        if counted:
            cells.append(basis.toll(row))
            if before is not None:
                cells.append(basis.number(before.get(row["unit_id"], 0)))
            if people:
                cells += [basis.number(row["people"]), basis.measure(row["per_100k_year"])]
        rows.append(tuple(cells))
    return Table(tuple(head), tuple(rows))


def _units_note(basis: Basis, material: Material) -> str:
    """Say what was counted before, and where a test finds the change clear."""
    if basis.plain or basis.safe:
        return ""
    compared, earlier = basis.findings.comparison, material.earlier
    if compared is None or earlier is None or material.months is None:
        return Sentence("Counts alone say nothing of a change.")
    clear = compared.table[compared.table["kind"].isin(["more", "less"])]
    months, number = len(material.months), len(earlier)
    if clear.empty:
        return Sentence(
            "Before: the {months} months before, with {number:,} incidents in all. In no unit is "
            "the change beyond what chance and the clustering of incidents would give.",
            months=months,
            number=number,
        )
    # Name units with their counts before and after.
    more, less = (
        [
            Sentence(
                "{name} ({before:,} → {after:,})",
                name=row["name"],
                before=int(row["before"]),
                after=int(row["after"]),
            )
            for row in clear[clear["kind"] == kind].head(5).to_dict("records")
        ]
        for kind in ("more", "less")
    )
    sentences = [Sentence("more than before in {names:standard}", names=more)] if more else []
    sentences += [Sentence("fewer than before in {names:standard}", names=less)] if less else []
    return Sentence(
        "Before: the {months} months before, with {number:,} incidents in all. Clear changes: "
        "{changes}.",
        months=months,
        number=number,
        changes=joined(sentences),
    )


def _limits(basis: Basis, yearly: int) -> tuple[str, ...]:
    steps = basis.summary["steps"]
    sentences = [
        Sentence("Zero means that nothing was recorded, not that nothing happened."),
        Sentence("A place on the map is where violence was recorded, not who holds it."),
    ]
    outside = steps["outside"] + steps["beyond"]
    away = (
        Counted("{count:,} located too vaguely", "{count:,} located too vaguely",
                count=steps["coarse"]),
        Counted("{count:,} without coordinates", "{count:,} without coordinates",
                count=steps["no_coordinates"]),
        Counted("{count:,} outside the units", "{count:,} outside the units", count=outside),
    )  # fmt: skip
    numbers = (steps["coarse"], steps["no_coordinates"], outside)
    if parts := [text for text, count in zip(away, numbers, strict=True) if count]:
        sentences.append(Sentence("Not on the map: {parts:standard}.", parts=parts))
    if yearly:
        sentences.append(
            Counted(
                "{count:,} incident is dated to a year alone, and left out of the chart by month "
                "and of the last days.",
                "{count:,} incidents are dated to a year alone, and left out of the chart by month "
                "and of the last days.",
                count=yearly,
            )
        )
    if basis.summary["not_covered"]:
        names = [basis.country(code) for code in basis.summary["not_covered"]]
        sentences.append(Sentence("No data on {names:standard} in this file.", names=names))
    sentences += people_limits(basis.summary["people"])
    return (*basis.small_counts, *sentences)


def _sum(rows: pd.DataFrame, name: str) -> int:
    return int(rows[name].sum()) if name in rows else 0


def _crossing(basis: Basis) -> tuple[Part, ...]:
    """Say whether violence crosses borders; nothing where it was not measured."""
    summary = basis.findings.spillover.get("all")
    if summary is None:
        return ()
    sentence = basis.crossing(summary)
    return (Part(Sentence("Does it cross borders?"), (sentence,), href=SPILLOVER),)


def _bars(monthly: "pd.Series[int]", lang: str) -> Markup | None:
    """Draw a bar for each month, the last 24 dark, with the highest count on the axis."""
    if len(monthly) < 2 or not monthly.max():
        return None
    width, height = _PLOT
    left, bottom = 34.0, 22.0
    top = 8.0
    step = (width - left) / len(monthly)
    scale = (height - bottom - top) / float(monthly.max())
    base = height - bottom
    bars = []
    for at, (month, count) in enumerate(monthly.items()):
        colour = _RECENT if at >= len(monthly) - _RECENT_MONTHS else _EARLIER
        x, tall = left + at * step, float(count) * scale
        bars.append(
            f'<rect x="{x + step * 0.12:.1f}" y="{base - tall:.1f}" width="{step * 0.76:.1f}" '
            f'height="{tall:.1f}" fill="{colour}"/>'
        )
        if month.month == 1 or (at == 0 and len(monthly) < 6):  # type: ignore[attr-defined]
            label = escape(str(month.year))  # type: ignore[attr-defined]
            bars.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{base}" y2="{base + 5}" stroke="{INK}"/>'
                f'<text x="{x + 3:.1f}" y="{height - 7:.1f}">{label}</text>'
            )
    most = escape(number(int(monthly.max()), ",", lang))
    axis = (
        f'<line x1="{left}" x2="{width}" y1="{base}" y2="{base}" stroke="{INK}"/>'
        f'<text x="{left - 5}" y="{top + 4}" text-anchor="end">{most}</text>'
        f'<text x="{left - 5}" y="{base}" text-anchor="end">0</text>'
    )
    return Markup(  # noqa: S704  numbers of our own
        f'<svg class="trend" viewBox="0 0 {width:g} {height:g}" aria-hidden="true">'
        f"{axis}{''.join(bars)}</svg>"
    )
