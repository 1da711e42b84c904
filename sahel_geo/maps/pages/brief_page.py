"""The brief: one file that answers five questions on two printed pages.

Where now, what changed, who, what next and who is exposed, does it cross borders. The headline and
every figure are made from the same incidents as the map; nothing is concluded that no test carries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sahel_geo.i18n.sentence import Counted, Sentence, Texts, joined
from sahel_geo.maps.choropleth.legend import class_label
from sahel_geo.maps.classes.classes import classify
from sahel_geo.maps.pages.brief_drawings import brief_map, trend
from sahel_geo.maps.pages.findings import Material
from sahel_geo.maps.pages.findings_pages import Story
from sahel_geo.maps.pages.periods import last_complete
from sahel_geo.maps.pages.site import Part, Table, read_template
from sahel_geo.places.context import load_towns
from sahel_geo.schema import HIDDEN

FILE: Final = "brief.html"
_SHOWN: Final = 10  # units of the table, numbered on the map
_SPANS: Final = (30, 90)  # days
_MOST_MONTHS: Final = 36  # of the trend: the last 24, and the year before
_NO_DATA: Final = "#d9d9d9"
_DEATHS: Final = ("fatalities_low", "fatalities_best", "fatalities_high")


WORDS: Final = Texts(
    {
        "where": "Where now",
        "changed": "What changed",
        "most": "The units with most incidents",
        "limits": "What this file cannot see",
        "incidents": "incidents",
        "before": "the same days before",
        "deaths": "recorded deaths",
    }
)


@dataclass(frozen=True)
class _Figures:
    """What the template is filled with."""

    title: str
    headline: str
    lead: str
    notices: tuple[str, ...]
    map: Markup
    keys: tuple[tuple[str, str], ...]
    map_caption: str
    recent: Table | None
    trend: Markup | None
    trend_caption: str
    units: Table | None
    units_note: str
    parts: tuple[Part, ...]
    limits: tuple[str, ...]
    words: Mapping[str, str]


def brief(story: Story, material: Material) -> str:
    """Write the brief as one HTML page that asks the network for nothing."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["say"] = lambda text: Sentence.of(text).say(story.lang)
    template = environment.from_string(read_template("brief.html"))
    return template.render(
        lang=story.lang,
        brief=_figures(story, material),
        style=Markup(read_template("brief.css")),  # noqa: S704  a file of ours
        footer=_footer(story),
    )


def _figures(story: Story, material: Material) -> _Figures:
    ranked = _ranked(story)
    top = ranked.head(_SHOWN)
    column = "incidents" if story.plain or story.safe else "per_1000km2_year"
    picture, keys = _map(story, column, top)
    counted = len(material.history) > 0 and not (story.safe or story.plain)
    history = material.history if counted else None
    return _Figures(
        title=_title(story),
        headline=_headline(story, material, top),
        lead=_lead(story, top),
        notices=story.notices,
        map=picture,
        keys=keys,
        map_caption=Sentence(
            "Incidents per 1,000 km² and year, {first} to {last}. Numbers: the units of the table."
            if column != "incidents"
            else "Incidents, {first} to {last}. Numbers: the units of the table.",
            **story.span,
        ),
        recent=None if history is None else _recent(story, history),
        trend=None if history is None else trend(_monthly(history), story.lang),
        trend_caption=Sentence(
            "Incidents a month: the last 24 months (dark) and the year before (pale)."
        ),
        units=_table(story, material, top) if len(top) else None,
        units_note=_units_note(story, material),
        parts=(*story.parts, *_borders(story)),
        limits=_limits(story),
        words=WORDS[story.lang],
    )


def _title(story: Story) -> str:
    names = [story.country(code) for code in dict.fromkeys(story.units["country"])]
    covered = [
        story.country(code)
        for code in dict.fromkeys(story.units["country"])
        if code not in story.summary["not_covered"]
    ]
    return Sentence("{countries:standard}: incidents of violence", countries=covered or names).say(
        story.lang
    )


def _ranked(story: Story) -> pd.DataFrame:
    """Rank the units that have incidents, hidden ones left out."""
    if story.table is None:
        return pd.DataFrame(columns=["unit_id", "name", "incidents"])
    known = story.table[story.table["incidents"] > 0]
    if HIDDEN in known:
        known = known[~(known[HIDDEN] > 0)]
    order = ["incidents", "fatalities_best", "unit_id"]
    present = [name for name in order if name in known]
    rising = [name == "unit_id" for name in present]
    return pd.DataFrame(known.sort_values(present, ascending=rising))


def _headline(story: Story, material: Material, top: pd.DataFrame) -> str:
    if not len(top):
        return Sentence("No incident could be placed in a unit.")
    total = Counted("{count:,} incident", "{count:,} incidents", count=len(material.mapped))
    if story.safe:
        return Sentence("Most incidents: {names:standard}", names=_names(top, 3))
    deaths = _sum(material.mapped, "fatalities_best")
    if story.plain or not deaths:
        return Sentence(
            "{total} placed; most in {names:standard}", total=total, names=_names(top, 3)
        )
    return Sentence(
        "{total} and {deaths:,} recorded deaths; most incidents in {names:standard}",
        total=total,
        deaths=deaths,
        names=_names(top, 3),
    )


def _names(top: pd.DataFrame, number: int) -> list[str]:
    return [str(name) for name in top["name"].head(number)]


def _lead(story: Story, top: pd.DataFrame) -> str:
    if not len(top):
        return ""
    return Sentence(
        "From {first} to {last}, recorded by: {source}.",
        source=story.summary["source"] or Sentence("the file given"),
        **story.span,
    )


def _map(
    story: Story, column: str, top: pd.DataFrame
) -> tuple[Markup, tuple[tuple[str, str], ...]]:
    if story.table is None or column not in story.table:
        return Markup(""), ()
    known = story.table["incidents"].notna()
    if HIDDEN in story.table:
        known |= story.table[HIDDEN] > 0
    table = story.table[known].reset_index(drop=True)
    classes = classify(table[column], **({"hidden": table[HIDDEN]} if HIDDEN in table else {}))
    colours = [each.colour or _NO_DATA for each in classes.classes]
    keys = tuple(
        (colour, class_label(each, story.lang))
        for colour, each in zip(colours, classes.classes, strict=True)
        if each.count
    )
    towns = load_towns()
    shown = towns[towns["rank"].eq("capital") & towns["country"].isin(set(table["country"]))]
    at = dict(zip(table["unit_id"], table.geometry.representative_point(), strict=True))
    marks = [(at[unit].x, at[unit].y) for unit in top["unit_id"] if unit in at]
    drawn = brief_map(
        table,
        [colours[place] for place in classes.class_of],
        marks,
        [(town.geometry.x, town.geometry.y, str(town["name"])) for _, town in shown.iterrows()],
    )
    return drawn, keys


def _recent(story: Story, history: pd.DataFrame) -> Table | None:
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
        rows.append(
            (
                Sentence("last {days} days, to {last:yMMMd}", days=days, last=last.date()).say(
                    story.lang
                ),
                story.number(len(now)),
                story.number(len(before)),
                story.number(_sum(now, "fatalities_best")),
                story.number(_sum(before, "fatalities_best")),
            )
        )
    words = WORDS[story.lang]
    head = ("", *(words[each] for each in ("incidents", "before", "deaths", "before")))
    return Table(head, tuple(rows)) if rows else None


def _monthly(history: pd.DataFrame) -> "pd.Series[int]":
    """Count incidents by month, up to the last that the file covers."""
    months = history["date"].dt.to_period("M")
    end = last_complete(history["date"])
    first = max(months.min(), end - _MOST_MONTHS + 1)
    if first > end:
        return pd.Series(dtype="int64")
    counts = months.value_counts().reindex(pd.period_range(first, end, freq="M"), fill_value=0)
    return pd.Series(counts, dtype="int64")


def _table(story: Story, material: Material, top: pd.DataFrame) -> Table:
    counted = not (story.safe or story.plain)
    head = ["", Sentence("Unit"), Sentence("Incidents")]
    before = None
    if counted:
        head.append(Sentence("Recorded deaths (low to high)"))
        before = _before(material)
        head += [Sentence("Incidents before")] if before is not None else []
        head += [Sentence("People (2020)")] if "people" in top else []
    rows = []
    for place, record in enumerate(top.to_dict("records"), 1):
        row = {str(name): value for name, value in record.items()}
        cells = [str(place), f"{row['name']} ({story.country(row['country'])})"]
        cells.append(story.hidden(row, "incidents"))
        if counted:
            cells.append(_deaths(story, row))
            if before is not None:
                cells.append(story.number(before.get(row["unit_id"], 0)))
            if "people" in top:
                cells.append(story.number(row["people"]))
        rows.append(tuple(cells))
    return Table(tuple(head), tuple(rows), words=(1,))


def _before(material: Material) -> "pd.Series[int] | None":
    """Count by unit in as many months before, if the file reaches back that far."""
    months = material.months
    if (
        months is None
        or months.before.first.start_time < material.history["date"].min().to_period("M").start_time
    ):
        return None
    earlier = material.history[months.before.holds(material.history["date"])]
    return pd.Series(earlier["unit_id"].value_counts())


def _deaths(story: Story, row: dict[str, Any]) -> str:
    low, best, high = (row.get(name, np.nan) for name in _DEATHS)
    told = story.number(best)
    if pd.isna(low) or pd.isna(high) or low == high:
        return told
    return Sentence(
        "{best} ({low} to {high})", best=told, low=story.number(low), high=story.number(high)
    )


def _units_note(story: Story, material: Material) -> str:
    if story.plain or story.safe:
        return ""
    compared = story.findings.comparison
    if compared is None or material.months is None:
        return Sentence("Counts alone say nothing of a change.")
    kinds = compared.table["kind"]
    clear = compared.table[kinds.isin(["more", "less"])]
    if clear.empty:
        return Sentence(
            "Before: the {months} months before. In no unit is the change beyond what chance and "
            "the clustering of incidents would give.",
            months=len(material.months),
        )
    more = clear.loc[kinds == "more", "name"].astype(str).head(5).tolist()
    less = clear.loc[kinds == "less", "name"].astype(str).head(5).tolist()
    told = [Sentence("more than before in {names:standard}", names=more)] if more else []
    told += [Sentence("fewer than before in {names:standard}", names=less)] if less else []
    return Sentence(
        "Before: the {months} months before. Clear changes: {changes}.",
        months=len(material.months),
        changes=joined(told),
    )


def _borders(story: Story) -> tuple[Part, ...]:
    """Say in two sentences what the measures of spillover carry."""
    found = story.findings.spillover.get("all")
    if found is None:
        return ()
    title = Sentence("Does it cross borders?")
    sentence = story.words["short_claim_agree" if found.compatible else "short_claim_none"]
    return (Part(title, (sentence, found.sentence(story.lang))),)


def _limits(story: Story) -> tuple[str, ...]:
    steps = story.summary["steps"]
    told = [
        Sentence("Zero means that nothing was recorded, not that nothing happened.").say(
            story.lang
        ),
        Sentence("A place on the map is where violence was recorded, not who holds it.").say(
            story.lang
        ),
    ]
    if story.safe:
        told.insert(0, story.words["map_safe"].format(most=story.least - 1))
    if steps["coarse"] or steps["no_coordinates"] or steps["outside"]:
        told.append(
            Sentence(
                "Not on the map: {coarse:,} located too vaguely, {without:,} without coordinates, "
                "{outside:,} outside the units.",
                coarse=steps["coarse"],
                without=steps["no_coordinates"],
                outside=steps["outside"],
            )
        )
    if story.summary["not_covered"]:
        names = [story.country(code) for code in story.summary["not_covered"]]
        told.append(Sentence("No data on {names:standard} in this file.", names=names))
    columns = () if story.table is None else story.table.columns
    if "people" in columns and not (story.plain or story.safe):
        told.append(Sentence("People are those of 2020, before later displacement."))
    return tuple(told)


def _sum(rows: pd.DataFrame, name: str) -> int:
    return int(rows[name].sum()) if name in rows else 0


def _footer(story: Story) -> tuple[str, ...]:
    return (
        Sentence("Made with sahel_geo {version}.", version=story.summary["version"]).say(
            story.lang
        ),
        Sentence(
            "Boundaries: geoBoundaries and OCHA; people: Cadre Harmonisé, 2020. The lines imply no "
            "position on any boundary.",
        ),
    )
