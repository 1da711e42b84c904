"""The page of a report on who acts: who is named, where they meet, whether that changed."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Counted, Sentence, spoken
from sahel_geo.incidents.actors.event_groups import EVENT_GROUPS, group_events
from sahel_geo.indicators import actors
from sahel_geo.indicators.actors.events import caution
from sahel_geo.indicators.actors.harmonise import HarmonisedActors
from sahel_geo.maps.pages.basis import Basis
from sahel_geo.maps.pages.site import Part, Section, SitePage, Table, plot_figure
from sahel_geo.schema import Language

FILE: Final = "actors.html"
_SHOWN: Final = 15
_FEWEST: Final = 30  # mentions of named groups; below, nothing of change is measured
_COUNTED: Final = ("non-state", "unidentified")
_HALF_PERCENT: Final = 0.005  # below, a rounded share would read as none
_GROUPS: Final = {
    "violence": Sentence("violence"),
    "demonstrations": Sentence("demonstrations"),
    "other": Sentence("other events, such as strategic developments"),
}
_READING: Final = (
    Sentence("The number of names grows with how well a source tells groups apart."),
    Sentence(
        "A change is stated only beyond chance, and where the share of mentions that identify "
        "nobody moved by less than ten points."
    ),
    Sentence("Ethnic labels of militias are the source’s words, and no attribute of a place."),
)


def who_acts(
    basis: Basis,
    history: pd.DataFrame,
    mapped: pd.DataFrame,
    units: gpd.GeoDataFrame,
    seed: int = 1,
) -> tuple[SitePage, tuple[Part, ...]]:
    """Show who is named in how many incidents, where they meet, and whether that changed.

    Gives the page, and what the brief says of it. `history` are the incidents of the report, placed
    in `units`, of which `mapped` are those of the months shown. For publication only the totals of
    actors with enough incidents are shown, and nothing by place or period; of a selection nothing
    is concluded.
    """
    who = _attempt(lambda: actors.harmonise(history, event_groups=("violence",)))
    lead = Sentence(
        "Who is named in the incidents, and whether that changed. Events show where a group acted "
        "and was named; they say nothing of who holds ground, nor of the people who live there."
    )
    page = partial(basis.page, FILE, Sentence("Actors"), Sentence("Who acts"), lead)
    if not isinstance(who, HarmonisedActors) or who.table.empty:
        return page(sections=[Section(paragraphs=(Sentence("The incidents name no actor."),))]), ()
    sections, change = [_named(basis, who, history)], None
    if basis.safe:
        withheld = Sentence(
            "For publication nothing is shown by actor and place, or by actor and period: such "
            "counts are small, and small counts point at persons."
        )
        sections.append(Section(paragraphs=(withheld,)))
    elif basis.plain:
        reason = Sentence("From a selection nothing is concluded on change, rivalry or reach.")
        sections.append(Section(paragraphs=(reason,)))
    elif who.table.loc[who.table["counts_as"] == "non-state", "incidents"].sum() < _FEWEST:
        few = Sentence("Too few incidents name an armed non-state group to measure more.")
        sections.append(Section(paragraphs=(few,)))
    else:
        change = _attempt(lambda: actors.fragmentation(history, rng=seed))
        sections += _measured(basis, who, history, units, change)
    sections.append(Section(Sentence("How to read this"), items=_READING))
    now = _attempt(lambda: actors.harmonise(mapped, event_groups=("violence",)))
    short = isinstance(now, HarmonisedActors) and not basis.safe
    return page(sections=sections), _in_short(basis, now, change) if short else ()


def _in_short(basis: Basis, who: HarmonisedActors, change: Any) -> tuple[Part, ...]:
    """Say for the brief who is named most in the months shown, and whether that breaks up."""
    rows = _totals(who, basis.lang)
    rows = rows[rows["actor_id"] != "unidentified"].head(3)
    if rows.empty:
        return ()
    decimals = _decimals(rows)
    named = [
        Sentence("{name} ({number})", name=name, number=basis.number(number, decimals))
        for name, number in rows[["short", "incidents"]].itertuples(index=False)
    ]
    sentences: list[str] = [
        Sentence(
            "Most named from {first} to {last}: {actors:standard}.", actors=named, **basis.span
        )
    ]
    if not basis.plain:  # a share of a selection is a share of what was selected
        share = who.unidentified
        unnamed = Sentence(
            "{share:.0f}% of the mentions of armed non-state groups identify nobody.",
            share=100 * share,
        )
        if share == 0:
            unnamed = Sentence("Every mention of an armed non-state group names it.")
        elif share < _HALF_PERCENT:
            unnamed = Sentence(
                "Fewer than 1% of the mentions of armed non-state groups identify nobody."
            )
        sentences.append(unnamed)
    measured = isinstance(change, actors.Fragmentation)
    sentences += [change.sentence(basis.lang)] if measured else caution(selection=False)
    return (Part(Sentence("Who acts"), tuple(sentences), href=FILE),)


def _attempt(measure: Callable[[], Any]) -> Any:
    """Give a result, or in its place why there is none."""
    try:
        return measure()
    except InputError as error:
        return error.sentence


def _totals(who: HarmonisedActors, lang: Language) -> pd.DataFrame:
    """Add up the incidents of each armed non-state actor, the most named first."""
    armed = who.table[who.table["counts_as"].isin(_COUNTED)]
    if "rule" in armed:  # a name that the table lacks is the file's own words
        armed = armed[armed["rule"] != "unknown"]
    # the table has two languages
    short = f"short_{lang}" if f"short_{lang}" in armed else "short_en"
    rows = armed.groupby("actor_id", as_index=False, sort=False).agg(
        short=(short, "first"), incidents=("incidents", "sum")
    )
    return rows.sort_values(["incidents", "actor_id"], ascending=[False, True], kind="stable")


def _decimals(rows: pd.DataFrame) -> int:
    """Write whole numbers as such; what was split between two names has a half."""
    return 0 if (rows["incidents"] % 1 == 0).all() else 1


def _named(basis: Basis, who: HarmonisedActors, history: pd.DataFrame) -> Section:
    """List who is named in how many incidents, beside those that identify nobody."""
    rows = _totals(who, basis.lang)
    others = float(who.table.loc[who.table["rule"] == "unknown", "incidents"].sum())
    total, decimals = rows["incidents"].sum() + others, _decimals(rows)
    shares = not (basis.safe or basis.plain)
    cells = []
    for short, incidents in rows[["short", "incidents"]].head(_SHOWN).itertuples(index=False):
        small = basis.safe and incidents < basis.least
        text = basis.words["hidden"] if small else basis.number(incidents, decimals)
        cells.append((str(short), text, *([basis.share(incidents / total)] if shares else [])))
    if others and shares:  # counted, but their names are the file's own words
        name = Sentence("actor not in the table").say(basis.lang)
        cells.append((name, basis.number(others, decimals), basis.share(others / total)))
    head = [Sentence("Actor"), Sentence("Incidents that name it")]
    head += [Sentence("Share of mentions")] if shares else []
    left = len(rows) - _SHOWN
    more = Counted("{count} more actor is named.", "{count} more actors are named.", count=left)
    return Section(
        Sentence("Who is named"),
        _counted(basis, history),
        table=Table(tuple(head), tuple(cells)) if cells else None,
        small=(more,) if left > 0 else (),
    )


def _counted(basis: Basis, history: pd.DataFrame) -> tuple[Sentence, ...]:
    """Say which kinds of event and which time the page counts."""
    kinds = Sentence("The file states no kind of event: all incidents count.")
    if "event_type" in history and history["event_type"].notna().any():
        numbers = group_events(history["event_type"]).value_counts()
        others = [_GROUPS[name] for name in EVENT_GROUPS if name != "violence" and name in numbers]
        kinds = Sentence("This page counts violence.")
        if others:
            kinds = Sentence("This page counts violence, and not {others:standard}.", others=others)
    if basis.safe or basis.plain:
        return (kinds,)
    span = Sentence(
        "From {first:yMMMd} to {last:yMMMd}: all the time of the file, of which the maps may show "
        "a part.",
        first=history["date"].min().date(),
        last=history["date"].max().date(),
    )
    return (kinds, span)


_ONE_SIDE: Final = Sentence(
    "The file names one side of each incident: who fights whom cannot be read from it."
)


def _measured(
    basis: Basis, who: HarmonisedActors, history: pd.DataFrame, units: gpd.GeoDataFrame, change: Any
) -> list[Section]:
    """Measure change, rivalry, overlap, network and reach; say of the rest why not."""
    rows = _totals(who, basis.lang)
    top = rows.loc[rows["actor_id"] != "unidentified", "actor_id"].head(2).tolist()
    people = None
    if basis.table is not None and "people" in basis.table:
        people = basis.table.set_index("unit_id")["people"]
    parts: list[tuple[Sentence, Callable[[], Any], Sentence]] = [
        (
            Sentence("Is the landscape breaking up?"),
            lambda: change,
            Sentence("Effective number of armed groups, by year, with its interval."),
        )
    ]
    two_sides = "actor2" in history and bool(history["actor2"].notna().any())
    if len(top) == 2 and two_sides:
        parts += [
            (
                Sentence("Do the two most named fight each other?"),
                lambda: actors.rivalry(history, top[0], top[1]),
                Sentence("Incidents with the two on opposite sides, and deaths, by year."),
            ),
        ]
    if len(top) == 2:
        parts += [
            (
                Sentence("Are they in the same units?"),
                lambda: actors.overlap(actors.panel(history, units), top[0], top[1]),
                Sentence("Overlap by year, beside what dealing the same events gives."),
            ),
        ]
    parts += [
        (
            Sentence("Who stands against whom?"),
            lambda: actors.network(history) if two_sides else _ONE_SIDE,
            Sentence("Lines: incidents with the two on opposite sides, all years."),
        ),
        (
            Sentence("Do events come nearer to the capitals?"),
            lambda: actors.front(history, units=units, population=people),
            Sentence("Distance to the capital: a tenth of the events are nearer than the line."),
        ),
        (
            Sentence("Where events of each alliance reach to"),
            lambda: actors.reach_map(history, units),
            Sentence(
                "Nine tenths of the events of an alliance lie inside its line. No front line."
            ),
        ),
    ]
    unlisted = set(who.table.loc[who.table["rule"] == "unknown", "actor_id"])
    return [_part(basis, *part, unlisted) for part in parts]


def _part(
    basis: Basis, title: Sentence, measure: Callable[[], Any], caption: Sentence, unlisted: set[str]
) -> Section:
    result = _attempt(measure)
    if isinstance(result, Sentence):
        return Section(title, (result,))
    if isinstance(result, actors.ActorNetwork | actors.ReachMap):  # these may name any actor
        other = spoken(Sentence("actor not in the table"))
        names = {each: other if each in unlisted else own for each, own in result.names.items()}
        result = replace(result, names=names)
    figure = plot_figure(lambda: result.plot(lang=basis.lang), caption)
    table = None
    parts = [result]
    if isinstance(result, actors.Front):  # one paragraph a place
        by_place = result.table.groupby("place", sort=False)
        parts = [replace(result, table=rows) for _, rows in by_place if rows["incidents"].any()]
    sentences = [part.sentence(basis.lang) for part in parts or [result]]
    if isinstance(result, actors.Fragmentation):
        # Write the effective number by year beside the number of names and the unidentified.
        head = (
            Sentence("Period"),
            Sentence("Incidents"),
            Sentence("Groups named"),
            Sentence("Effective number"),
            Sentence("Interval"),
            Sentence("Unidentified"),
        )
        rows = []
        for row in result.table.to_dict("records"):
            low, high = (basis.number(row[name], 1) for name in ("low", "high"))
            known = pd.notna(row["low"])
            rows.append(
                (
                    str(row["period"]), basis.number(row["incidents"]), basis.number(row["n0"]),
                    basis.number(row["n2"], 1),
                    f"{low} – {high}" if known else basis.number(float("nan")),
                    basis.share(row["unidentified"]),
                )
            )  # fmt: skip
        table = Table(head, tuple(rows), minor=(4,))
    else:  # said once, in the first section
        for each in caution(selection=False):
            sentences = [text.removesuffix(each.say(basis.lang)).strip() for text in sentences]
    return Section(title, tuple(sentences), figure=figure, table=table)
