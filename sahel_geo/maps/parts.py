"""Incidents of one kind of event, or that name one alliance, for the switches of a map."""

import re
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd

from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import Sentence, spoken
from sahel_geo.incidents.actors.register import key
from sahel_geo.incidents.actors.sides import read_sides
from sahel_geo.maps.texts import PartKind

_COUNTED: Final = ("non-state", "unidentified")
_MOST_ALLIANCES: Final = 4
_MOST_KINDS: Final = 6
_ALONE: Final[dict[PartKind, Sentence]] = {
    "alliance": Sentence("Incidents that name {name}"),
    "event_type": Sentence("Incidents: {name}"),
}
_LONGEST_KIND: Final = 60  # characters; a longer text is a description and no kind of event


# Kinds as UCDP, ACLED and the embedded catalogue write them, in words for a reader.
_NAMES: Final = {
    "state based": Sentence("a state against armed groups"),
    "non state": Sentence("armed groups against each other"),
    "one sided": Sentence("violence against civilians"),
    "violence against civilians": Sentence("violence against civilians"),
    "battles": Sentence("battles"),
    "explosions remote violence": Sentence("explosions and remote violence"),
    "protests": Sentence("protests"),
    "riots": Sentence("riots"),
    "strategic developments": Sentence("strategic developments"),
    "attack on civilians": Sentence("attacks on civilians"),
    "attack on military": Sentence("attacks on military"),
    "attack on mixed targets": Sentence("attacks on mixed targets"),
    "attack on peacekeepers": Sentence("attacks on peacekeepers"),
}


@dataclass(frozen=True)
class Parts:
    """Parts of the incidents that a map can show by themselves."""

    # ``unit_id``, ``date``, ``column`` and ``weight``: what each incident adds to each part
    rows: pd.DataFrame
    kinds: dict[str, PartKind]  # ``"event_type"`` or ``"alliance"``
    names: dict[str, dict[str, str]]  # what a switch calls each part

    @property
    def labels(self) -> dict[str, dict[str, str]]:
        """What each column is called where it stands alone."""
        return {
            column: {
                lang: _ALONE[kind].filled(name=name).say(lang)
                for lang, name in self.names[column].items()
            }
            for column, kind in self.kinds.items()
        }

    @property
    def switches(self) -> dict[str, tuple[PartKind, dict[str, str]]]:
        """What :func:`sahel_geo.choropleth` is told of the columns."""
        return {column: (kind, self.names[column]) for column, kind in self.kinds.items()}

    def add_to(self, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Add a column for each part; a unit without data stays without."""
        sums = self.rows.pivot_table("weight", "unit_id", "column", aggfunc="sum", fill_value=0.0)
        known = table["incidents"].notna()
        columns = {
            name: table["unit_id"].map(sums[name]).fillna(0.0).where(known) for name in self.kinds
        }
        return table.assign(**columns)

    def add_to_panel(self, panel: pd.DataFrame) -> pd.DataFrame:
        """Add a column for each part to a panel of units and periods."""
        freq = pd.PeriodIndex(panel["period"]).freq
        dated = self.rows[self.rows["date"].notna()]
        period = dated["date"].dt.tz_localize(None).dt.to_period(freq)
        sums = dated.assign(period=period).pivot_table(
            "weight", ["unit_id", "period"], "column", aggfunc="sum", fill_value=0.0
        )
        at = pd.MultiIndex.from_frame(panel[["unit_id", "period"]])
        aligned = sums.reindex(at, fill_value=0.0).reset_index(drop=True)
        columns = {
            name: aligned[name].to_numpy() if name in aligned else 0.0 for name in self.kinds
        }
        return panel.assign(**columns)


def split_incidents(placed: pd.DataFrame) -> Parts | None:
    """Part incidents by kind of event and by alliance; None where the file tells neither.

    `placed` has ``unit_id`` and ``date``. Kinds are offered where there are at least two; an
    incident that names two alliances counts for both.
    """
    placed = placed[placed["unit_id"].notna()].reset_index(drop=True)
    divisions = [each for each in (_by_kind(placed), _by_alliance(placed)) if each is not None]
    if not divisions:
        return None
    rows = pd.concat([each.rows for each in divisions], ignore_index=True)
    kinds = {column: kind for each in divisions for column, kind in each.kinds.items()}
    return Parts(rows, kinds, {name: own for each in divisions for name, own in each.names.items()})


def _by_kind(placed: pd.DataFrame) -> Parts | None:
    """Part by kind of event, the most frequent first; what is left has a part of its own."""
    if "event_type" not in placed or not len(placed):
        return None
    words = placed["event_type"].astype("str").where(placed["event_type"].notna())
    words = words.where(words.str.len() <= _LONGEST_KIND)
    counts = words.value_counts(sort=True)
    kept = sorted(counts.index, key=lambda kind: (-counts[kind], kind))[:_MOST_KINDS]
    if len(kept) < 2:
        return None
    columns = {
        kind: f"incidents_type_{slug}" for kind, slug in zip(kept, _slugs(kept), strict=True)
    }
    # a kind that is not known stays as the file writes it
    names = {columns[kind]: spoken(_NAMES.get(key(kind)) or Sentence.of(kind)) for kind in kept}
    column = words.map(columns)
    if column.isna().any():
        names["incidents_type_other"] = spoken(Sentence("Other or unknown"))
        column = column.fillna("incidents_type_other")
    rows = placed[["unit_id", "date"]].assign(column=column, weight=1.0)
    return Parts(rows, dict.fromkeys(names, "event_type"), names)


def _by_alliance(placed: pd.DataFrame) -> Parts | None:
    """Part by the alliances named most, and those that identify nobody."""
    if "actor1" not in placed or not len(placed):
        return None
    sides = read_sides(placed, level="alliance")
    long = sides.table[sides.table["counts_as"].isin(_COUNTED)]
    listed = long[long["rule"] != "unknown"]  # a name of the file alone is its own words
    named = listed.groupby("actor_id")["weight"].sum().drop("unidentified", errors="ignore")
    chosen = named.sort_values(ascending=False, kind="stable").index[:_MOST_ALLIANCES].tolist()
    if not chosen:
        return None
    chosen += ["unidentified"] if (long["actor_id"] == "unidentified").any() else []
    long = long[long["actor_id"].isin(chosen)]
    rows = placed[["unit_id", "date"]].iloc[long["row"].to_numpy()].reset_index(drop=True)
    columns = "incidents_" + long["actor_id"]
    rows = rows.assign(column=columns.to_numpy(), weight=long["weight"].to_numpy())
    names = {}
    for actor in chosen:
        own = sides.names.loc[actor]
        short = {lang: str(own.get(f"short_{lang}", own["short_en"])) for lang in languages()}
        names[f"incidents_{actor}"] = short
    return Parts(rows, dict.fromkeys(names, "alliance"), names)


def _slugs(kinds: list[str]) -> list[str]:
    """Write kinds as names of columns, none twice and none that of what is left."""
    slugs = ["other"]
    for kind in kinds:
        slug = re.sub(r"\W+", "_", kind.lower()).strip("_")
        while slug in slugs:
            slug += "_"
        slugs.append(slug)
    return slugs[1:]
