"""What changed since an earlier report: incidents that are new, revised or gone, and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, SahelGeoError
from sahel_geo.i18n.classes import class_name
from sahel_geo.i18n.cldr import date as written_date
from sahel_geo.i18n.cldr import number
from sahel_geo.i18n.countries import country_name
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.catalogue import load_example_incidents
from sahel_geo.incidents.reading import read_incidents
from sahel_geo.incidents.table import Incidents
from sahel_geo.maps.pages.site import Section, SitePage, Table
from sahel_geo.maps.report.config import read_config, read_fetched
from sahel_geo.maps.report.measures import origins
from sahel_geo.schema import Language, PathLike

FILE: Final = "changes.csv"
_COMPARED: Final = (
    *("date", "date_precision", "country", "place", "lon", "lat", "location_precision"),
    *("fatalities_low", "fatalities_best", "fatalities_high", "event_type", "actor1", "actor2"),
)
_SHOWN: Final = ("date", "country", "place", "fatalities_best")
_MOST: Final = 25  # rows of a table on the page; the file holds all
_KINDS: Final = {
    "new": Sentence("New incidents"),
    "revised": Sentence("Revised incidents"),
    "removed": Sentence("Removed incidents"),
}


@dataclass(frozen=True)
class Changes:
    """What differs between two reports."""

    # ``incident_id``, ``kind`` (``new``, ``revised``, ``removed``), ``fields`` that differ; date,
    # country, place and best toll, with those before, unless `restricted`
    rows: pd.DataFrame
    figures: pd.DataFrame  # ``unit_id``, ``name``, ``measure``, ``before``, ``after``
    outside: int  # incidents that only one of the two times covers, which are no change
    earlier: str  # day on which the earlier data were fetched; ``""`` where it is not stated
    restricted: bool  # whether the terms of the source keep its rows out of files

    @property
    def counts(self) -> dict[str, int]:
        """Incidents by kind of change, and figures that moved."""
        kinds = {kind: int((self.rows["kind"] == kind).sum()) for kind in _KINDS}
        return {**kinds, "outside": self.outside, "figures": len(self.figures)}

    @classmethod
    def since(
        cls, against: PathLike, incidents: pd.DataFrame, table: pd.DataFrame | None
    ) -> "Changes":
        """Compare with the report that a ``report.toml`` describes, and the figures beside it."""
        file = Path(against)
        config, fetched = read_config(file), read_fetched(file)
        before = _earlier(file, config, fetched)
        first = max(_first_day(before), _first_day(incidents))
        old, new = before[before["date"] >= first], incidents[incidents["date"] >= first]
        outside = len(before) + len(incidents) - len(old) - len(new)
        restricted = any(_is_restricted(each.source) for each in (*origins(incidents), *fetched))
        rows = _rows(old, new)
        if restricted:
            rows = rows[["incident_id", "kind", "fields"]]
        return cls(
            rows,
            _figures(file.with_name("indicators.csv"), table),
            outside,
            fetched[0].fetched[:10] if fetched else "",
            restricted,
        )

    def page(self, lang: Language, notices: tuple[str, ...] = ()) -> SitePage:
        """Tell what changed, the incidents first."""
        counts = self.counts
        lead = Sentence(
            "Since the report of {day}: new incidents {new:,}, revised {revised:,}, removed "
            "{removed:,}; figures of units that moved {figures:,}.",
            day=written_date(date.fromisoformat(self.earlier), lang) if self.earlier else "–",
            **counts,
        )
        sections = [_kind_section(self, kind, lang) for kind in _KINDS if counts[kind]]
        if len(self.figures):
            sections.append(_figure_section(self, lang))
        small = []
        if self.outside:
            small.append(
                Sentence(
                    "{outside:,} incidents lie in a time that only one of the two reports covers; "
                    "they are no change.",
                    outside=self.outside,
                )
            )
        if self.restricted:
            small.append(
                Sentence(
                    "The terms of the source keep its rows to whoever fetched them: only "
                    "identifiers stand here."
                )
            )
        if small:
            sections.append(Section(small=tuple(small)))
        title = Sentence("What changed since the last report")
        return SitePage("changes.html", Sentence("Changes"), title, lead, tuple(sections), notices)


def _earlier(file: Path, config: Any, fetched: Sequence[Any]) -> Incidents:
    """Read the incidents of the earlier report, from the cache or from its file."""
    if config.source:
        from sahel_geo.sources.registry import reopen  # noqa: PLC0415

        pinned = [each for each in fetched if each.sha256]
        if not pinned:
            raise InputError(
                "{file!r} does not say which bytes it was made from; expected a report of a live "
                "source that is not 'safe'. Compare with another one.",
                file=str(file),
            )
        return reopen(pinned[0])
    return read_incidents(config.incidents) if config.incidents else load_example_incidents()


def _first_day(incidents: pd.DataFrame) -> pd.Timestamp:
    """Give the first day that a table covers: the one asked for, else its first incident."""
    asked = [each.request.get("first_day") for each in origins(incidents)]
    return pd.Timestamp(asked[0]) if asked and asked[0] else incidents["date"].min()


def _is_restricted(name: str) -> bool:
    from sahel_geo.sources.registry import find_source  # noqa: PLC0415

    try:
        return find_source(name).restricted
    except SahelGeoError:
        return True  # a source that is not known here may have any terms


def _rows(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Find the incidents that only one table has, and those that differ."""
    old, new = (
        each.drop_duplicates("incident_id").set_index("incident_id") for each in (before, after)
    )
    both = new.index.intersection(old.index)
    differs = pd.DataFrame(
        {name: ~_same(old.loc[both, name], new.loc[both, name]) for name in _COMPARED}, index=both
    )
    revised = differs.index[differs.any(axis=1)]
    parts = [
        _stated(new.loc[new.index.difference(old.index, sort=False)], "new"),
        _stated(new.loc[revised], "revised").assign(
            fields=[", ".join(differs.columns[row]) for row in differs.loc[revised].to_numpy()],
            **{f"{name}_before": old.loc[revised, name].to_numpy() for name in _SHOWN},
        ),
        _stated(old.loc[old.index.difference(new.index, sort=False)], "removed"),
    ]
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled, ignore_index=True).reindex(
        columns=["incident_id", "kind", "fields", *_SHOWN, *(f"{name}_before" for name in _SHOWN)]
    )


def _same(one: "pd.Series[Any]", other: "pd.Series[Any]") -> "pd.Series[bool]":
    return (one == other).fillna(False).astype(bool) | (one.isna() & other.isna())


def _stated(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    return rows.reset_index()[["incident_id", *_SHOWN]].assign(kind=kind, fields="")


def _figures(file: Path, table: pd.DataFrame | None) -> pd.DataFrame:
    """Find the figures of units that moved, the largest steps first."""
    columns = ["unit_id", "name", "measure", "before", "after"]
    if table is None or not file.is_file():
        return pd.DataFrame(columns=columns)
    old = read_figures(file).drop_duplicates("unit_id").set_index("unit_id")
    new = table.drop_duplicates("unit_id").set_index("unit_id")
    both = new.index.intersection(old.index)
    moved = []
    for name in _MEASURES:
        if name in old and name in new:
            one, other = old.loc[both, name], new.loc[both, name]
            changed = both[~_same(one, other)]
            moved.append(
                pd.DataFrame(
                    {
                        "unit_id": changed,
                        "name": new.loc[changed, "name"].to_numpy(),
                        "measure": name,
                        "before": old.loc[changed, name].astype(object).to_numpy(),
                        "after": new.loc[changed, name].astype(object).to_numpy(),
                    }
                )
            )
    moved = [each for each in moved if len(each)]
    if not moved:
        return pd.DataFrame(columns=columns)
    whole = pd.concat(moved, ignore_index=True)
    before, after = (pd.to_numeric(whole[name], errors="coerce") for name in ("before", "after"))
    order = np.argsort(-(after - before).abs().fillna(0).to_numpy(), kind="stable")
    return whole.iloc[order].reset_index(drop=True)


def read_figures(file: Path) -> pd.DataFrame:
    """Read the figures of a report, without the row of HXL tags that they may have."""
    top = pd.read_csv(file, encoding="utf-8-sig", nrows=1, dtype=str)
    tagged = top["unit_id"].str.startswith("#").any()
    return pd.read_csv(file, encoding="utf-8-sig", skiprows=[1] if tagged else None)


def _kind_section(changes: Changes, kind: str, lang: Language) -> Section:
    rows = changes.rows[changes.rows["kind"] == kind].head(_MOST)
    head = [Sentence("Incident")]
    if kind == "revised":
        head.append(Sentence("What differs"))
    if not changes.restricted:
        head += [Sentence("Date"), Sentence("Country"), Sentence("Place"), Sentence("Killed")]
    lines = []
    for row in rows.to_dict("records"):
        cells = [str(row["incident_id"])]
        if kind == "revised":
            cells.append(str(row["fields"]))
        if not changes.restricted:
            cells.append("–" if pd.isna(row["date"]) else written_date(row["date"].date(), lang))
            cells.append(country_name(row["country"], lang))
            cells.append("" if pd.isna(row["place"]) else str(row["place"]))
            toll = _count(row["fatalities_best"], lang)
            was = _count(row["fatalities_best_before"], lang)
            cells.append(f"{was} → {toll}" if kind == "revised" and was != toll else toll)
        lines.append(tuple(cells))
    number_of = Sentence(
        "{count:,} in all; the file {file} lists them.", count=changes.counts[kind], file=FILE
    )
    words = tuple(range(1, len(head) - (not changes.restricted)))
    return Section(_KINDS[kind], (number_of,), table=Table(tuple(head), tuple(lines), words=words))


def _count(value: Any, lang: Language) -> str:
    return "–" if pd.isna(value) else number(value, ",.0f", lang)


_MEASURES: Final = {
    "incidents": Sentence("incidents"),
    "fatalities_low": Sentence("killed, low"),
    "fatalities_best": Sentence("killed, best"),
    "fatalities_high": Sentence("killed, high"),
    "gi_kind": Sentence("hot spot"),
    "emerging_kind": Sentence("emerging hot spot"),
}


def _figure_section(changes: Changes, lang: Language) -> Section:
    cells = tuple(
        (
            str(row["name"]),
            _MEASURES[str(row["measure"])].say(lang),
            _figure(row["before"], lang),
            _figure(row["after"], lang),
        )
        for row in changes.figures.head(_MOST).to_dict("records")
    )
    head = (Sentence("Unit"), Sentence("Value"), Sentence("Before"), Sentence("After"))
    return Section(Sentence("Figures that moved"), table=Table(head, cells, words=(1, 2, 3)))


def _figure(value: Any, lang: Language) -> str:
    if isinstance(value, str):
        return class_name(value, lang) or value
    return _count(value, lang)
