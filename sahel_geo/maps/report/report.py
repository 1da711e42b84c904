"""The whole job: from incidents and units to a site of a few pages, maps, and files of figures."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError, require_language
from sahel_geo.files import data_path, write_csv, write_text
from sahel_geo.i18n.language import languages
from sahel_geo.incidents.actors.selection import select
from sahel_geo.incidents.catalogue import SELECTION_NOTICE, is_selection
from sahel_geo.incidents.table import Incidents
from sahel_geo.locate.assign.assign import covered_countries
from sahel_geo.locate.panel.count import count
from sahel_geo.manifest import OutputFolder
from sahel_geo.maps.finding_texts import WORDS
from sahel_geo.maps.pages.actors_page import actors_page, by_alliance
from sahel_geo.maps.pages.background_pages import licences_page, methods_page, quality_page
from sahel_geo.maps.pages.brief_page import FILE as BRIEF
from sahel_geo.maps.pages.brief_page import brief
from sahel_geo.maps.pages.findings import Findings, Material, check_spans, find
from sahel_geo.maps.pages.findings_pages import (
    Story,
    comparison_page,
    hot_page,
    spillover_page,
    zone_page,
)
from sahel_geo.maps.pages.index_page import border_section, map_cards, not_covered_note, overview
from sahel_geo.maps.pages.periods import Months, choose_months
from sahel_geo.maps.pages.site import SitePage, render
from sahel_geo.maps.publish.publish import SafeUnits, safe_units
from sahel_geo.maps.report.changes import FILE as CHANGES_FILE
from sahel_geo.maps.report.changes import Changes, changes_page, compare
from sahel_geo.maps.report.config import ReportConfig, made_of, write_config
from sahel_geo.maps.report.exports import write_archive, write_exports
from sahel_geo.maps.report.figures import (
    areas,
    border_rows,
    export_table,
    follow,
    indicators,
    is_stated,
    place,
    safe_areas,
    single_level,
    source_of,
    zone_ids,
)
from sahel_geo.maps.report.maps import map_names, write_maps
from sahel_geo.maps.report_texts import TEXTS
from sahel_geo.places.population import people_by_unit
from sahel_geo.places.zones import Zone, load_zone
from sahel_geo.provenance import Provenance
from sahel_geo.schema import Language
from sahel_geo.version import __version__

_CLASSES: Final = ("gi_kind", "emerging_kind", "change_kind")
_MAP_COLUMNS: Final = (
    "per_1000km2_year",
    "per_100k_year",
    "incidents",
    "fatalities_low",
    "fatalities_best",
    "fatalities_high",
    "foreign_exposure",
)
_COUNTS: Final = tuple(name for name in _MAP_COLUMNS if name[:3] in ("inc", "fat"))
_MOST_MONTHS: Final = 120
_BOUNDARY_FILES: Final = ("communes.parquet", "units.csv")
_EXPORTS: Final = ("indicators.csv", "indicators.parquet", "indicators.gpkg")
ARCHIVE: Final = "report.zip"
STEPS: Final = ("placing", "hotspots", "spillover", "comparison", "drawing", "writing")

Step = Callable[[str], None]


@dataclass(frozen=True)
class Report:
    """What a report was made of, and what it wrote.

    Attributes
    ----------
    pages : tuple of Path
        Index first, then the maps, then the other pages.
    summary : dict
        Figures of the report, ready for JSON: ``steps`` (what was read, placed and set aside),
        ``areas`` (countries and zone), ``border`` (empty for a selection), ``period``, ``source``,
        and ``findings`` (what the pages of findings say).
    files : tuple of Path
        Files for other programs: figures, ``report.toml``, and the archive of everything.
    """

    pages: tuple[Path, ...]
    summary: dict[str, Any]
    files: tuple[Path, ...] = ()

    @property
    def share_set_aside(self) -> float:
        """Share of the rows read that the checks set aside; 0 for an empty table."""
        steps = self.summary["steps"]
        return steps["set_aside"] / steps["read"] if steps["read"] else 0.0

    def _repr_html_(self) -> str:
        links = "".join(
            f'<li><a href="{escape(path.as_posix())}" target="_blank">{escape(path.name)}</a></li>'
            for path in (*self.pages, *self.files)
        )
        return f"<ul>{links}</ul>"


def write_report(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    out: str | Path = "outputs/maps",
    *,
    zone: Zone | str | None = "menaka-tri-border",
    lang: Language = "fr",
    source: str | None = None,
    since: str = "",
    until: str = "",
    last: str = "",
    people: "pd.Series[Any] | None" = None,
    before: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    seed: int = 1,
    publish: str = "full",
    least: int = 5,
    exports: bool = True,
    settings: ReportConfig | None = None,
    against: str | os.PathLike[str] | None = None,
    actors: tuple[str, ...] = (),
    event_types: tuple[str, ...] = (),
    civilians: bool = False,
    step: Step = lambda _: None,
) -> Report:
    """Write a site of a few pages, two offline maps, and the figures for other programs.

    The pages are an overview, the zone, hot spots, spillover, two periods, the quality of the data,
    methods and licences. Each is one file that opens without a network. Incidents known only to an
    area larger than the units are left off the maps and counted. No page holds a point: they show
    totals by unit. From a selection of incidents nothing is concluded, and the pages say so.

    Parameters
    ----------
    incidents : Incidents or DataFrame, n rows
        From :func:`sahel_geo.read_incidents` or :func:`sahel_geo.load_example_incidents`.
    units : GeoDataFrame
        From :func:`sahel_geo.load_boundaries`, of one level.
    out : path-like
        Folder for the pages; created if needed.
    zone : Zone, str or None
        The zone of the second map, or its name; None writes no page of it, nor do units of level 0,
        of which a zone is only a part.
    lang : {"fr", "en"}
        Language of the pages.
    source : str, optional
        Who the incidents come from, for the attribution; by default what the table says.
    since, until, last : str
        Which months maps, tables and hot spots show: from ``"2024-01"`` until ``"2024-12"``, or
        the last ``"24m"`` or ``"2y"``; ``"all"`` for everything. By default the last twelve
        complete months of the file, if as many lie before them; a selection is shown whole.
        Tests of change, spillover and the history of hot spots always take the whole file.
    people : Series, optional
        People by ``unit_id``, for rates and the brief; by default those of 2020 that the package
        ships, where `units` are of the default vintage.
    before, after : tuple of str
        First and last month of two periods to compare, such as ``("2023-01", "2023-12")``; by
        default the months shown and as many before them, or the last two calendar years.
    seed : int
        Of every random step. The same input, seed and versions give the same bytes.
    publish : {"full", "safe"}
        With "safe", counts from 1 to `least` - 1 are hidden in maps, tables and files, with others
        from which they could be worked out (:func:`sahel_geo.safe_units`), over the
        whole time and by period; periods are made longer where more than half would be hidden.
        Whatever is made of hidden counts is left out: the total of the zone, shares near borders,
        hot spots, spillover and the comparison; and what tells of single incidents: their first and
        last day (the month is given), words of the file, and its checksum.
    least : int
        Smallest count that "safe" shows.
    exports : bool
        Whether to write ``summary.json``, the figures of each unit (CSV, GeoParquet, GeoPackage
        with styles for QGIS), ``report.toml`` and ``report.zip`` too.
    settings : ReportConfig, optional
        How the tables were loaded, to be written into ``report.toml``.
    against : path-like, optional
        ``report.toml`` of an earlier report: a page and a file tell what changed since.
    actors, event_types, civilians
        Which incidents to show, as for :func:`sahel_geo.actors.select`: by default violence only,
        and the pages say what is left out.
    step : callable
        Told the name of each of `STEPS` before it begins, for a progress bar.

    Returns
    -------
    Report
        Paths and figures. With no incident that can be placed there are no maps, and the pages say
        why.

    Raises
    ------
    InputError
        If `lang` or `publish` is unknown, there is too little to publish safely, `units` mix levels
        or lack a column, no unit is of the zone, or the periods cannot be compared.
    FileError
        If a file cannot be written.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> folder = getfixture("tmp_path")
    >>> report = sg.write_report(sg.load_example_incidents(), units, folder, lang="en")
    >>> [page.name for page in report.pages][:3]
    ['index.html', 'central-sahel.html', 'menaka-tri-border.html']
    """
    _check_choices(lang, publish)
    if against is not None and publish == "safe":
        raise InputError(
            "`against` lists single incidents, which publish='safe' hides; expected one of them. "
            "Leave the other out."
        )
    check_spans(before, after)
    chosen = select(
        incidents,
        actors=actors,
        event_types=event_types,
        civilians=civilians,
        least=least if publish == "safe" else 0,
    )
    whole, incidents = incidents, chosen.incidents
    level = single_level(units)
    if level == 0:
        zone = None  # a zone is a part of each country
    area = load_zone(zone, level=level) if isinstance(zone, str) else zone
    people = people_by_unit(units) if people is None else people
    step("placing")
    placed = place(incidents, units, level)
    days = placed["date"].where(placed["unit_id"].notna())
    months = choose_months(days, since, until, last, whole=is_selection(incidents))
    in_period = placed
    if months is not None:
        in_period = placed[placed["date"].isna() | months.holds(placed["date"])]
    # a country that the file speaks of has zeros, also if no incident there was chosen
    everywhere = place(whole, units, level) if chosen.left_out else placed
    countries = covered_countries(everywhere, units)
    summary, table = _measure(
        incidents, placed, units, area, lang, source, months, people, borders=publish == "full",
        countries=countries,
    )  # fmt: skip
    covered = units[~units["country"].isin(summary["not_covered"])].reset_index(drop=True)
    history = placed[placed["unit_id"].isin(covered["unit_id"]) & placed["date"].notna()]
    mapped = history if months is None else history[months.holds(history["date"])]
    material = Material(incidents, in_period, mapped, history, covered, area, seed, months)
    summary["chosen"] = [each.say(lang) for each in chosen.sentences]
    remarks = [not_covered_note(summary), *summary["chosen"]]
    panel = None if table is None else _panel(in_period, table[table["incidents"].notna()])
    safe = None
    if publish == "safe":
        _hide_rows(summary)
        if table is not None and panel is not None:
            safe = _safe(table, panel, summary, least)
            table, panel = safe.units, safe.panel
            remarks.append(" ".join(safe.notes(lang)))
    findings = find(material, lang, before, after, step, safe=publish == "safe")
    summary["findings"] = _told(findings, lang)
    story = Story(
        lang,
        summary,
        units,
        table,
        area,
        findings,
        panel=panel,
        protection={} if safe is None else {each: safe.notes(each) for each in languages()},
        least=least if publish == "safe" else 0,
        notices=(SELECTION_NOTICE.say(lang),) if summary["selection"] else (),
        remarks=tuple(filter(None, remarks)),
        chosen=chosen.sentences,
    )
    story = replace(
        story,
        # names of actors are words of the file, and their totals no part of what is protected
        who=None if publish == "safe" else actors_page(story, history, covered),
        alliances=None if story.safe else by_alliance(mapped),
    )
    config = replace(
        settings or _settings(incidents),
        zone=area.name if area else "none",
        level=level,
        lang=lang,
        seed=seed,
        publish=publish,
        least=least,
        since=since,
        until=until,
        last=last,
        before=before,
        after=after,
        actors=actors,
        event_types=event_types,
        civilians=civilians,
    )
    changes = None
    if against is not None:
        exported = None if table is None else _exported(story)
        changes = compare(against, incidents, exported)
        summary["changes"] = changes.counts
    return _write(story, material, config, Path(out), changes, exports=exports, step=step)


def _check_choices(lang: str, publish: str) -> None:
    """Refuse a language or a way to publish that does not exist."""
    require_language(lang)
    if publish not in ("full", "safe"):
        raise InputError(
            "`publish` is {publish!r}; expected 'full' or 'safe'. Choose one.",
            publish=publish,
        )


def _measure(
    incidents: pd.DataFrame,
    placed: pd.DataFrame,
    units: gpd.GeoDataFrame,
    area: Zone | None,
    lang: Language,
    source: str | None,
    months: Months | None,
    people: "pd.Series[Any] | None",
    *,
    borders: bool,
    countries: list[str],
) -> tuple[dict[str, Any], gpd.GeoDataFrame | None]:
    """Give the summary, and the units with their figures if any incident was placed."""
    ids = zone_ids(area, units) if area else []
    selection = is_selection(incidents)
    history = placed[placed["unit_id"].notna() & placed["date"].notna()]
    mapped = history if months is None else history[months.holds(history["date"])]
    summary: dict[str, Any] = {
        "version": __version__,
        "lang": lang,
        "level": single_level(units),
        "zone": area.name if area else None,
        "selection": selection,
        "notice": SELECTION_NOTICE.say(lang) if selection else None,
        "source": source or source_of(incidents, lang),
        "fetched": [each.as_dict() for each in _origins(incidents)],
        "steps": follow(incidents, placed, mapped, units),
        "period": None,
        "not_covered": [],
        "areas": [],
        "border": [],
    }
    if not len(mapped):
        return summary, None
    dates = mapped["date"]
    summary["period"] = [f"{dates.min():%Y-%m-%d}", f"{dates.max():%Y-%m-%d}"]
    if months is not None:
        summary["period"] = list(months.days)
    covered = countries
    summary["not_covered"] = sorted(set(units["country"]) - set(covered))
    table = indicators(mapped, units, covered, None if selection else people)
    summary["areas"] = areas(table, area, ids, summary)
    if borders and not selection:
        summary["border"] = border_rows(mapped, units, covered)
    return summary, table


def _safe(
    table: gpd.GeoDataFrame, panel: pd.DataFrame, summary: dict[str, Any], least: int
) -> SafeUnits:
    """Hide small counts in the table, the series and the summary."""
    lang: Language = summary["lang"]
    names = _COUNTS if summary["selection"] else _MAP_COLUMNS
    columns = [name for name in names if name in table and is_stated(table, name)]
    asked = [name for name in columns if name != "foreign_exposure"]
    safe = safe_units(table, asked, k=least, panel=panel)
    whole = safe.totals.loc[safe.totals["level"] == 0, "incidents"]
    if whole.isna().any():
        raise InputError(
            "`incidents` has {mapped} rows on the map, too few to hide counts below {least}; "
            "expected more. Do not publish them by unit.",
            mapped=summary["steps"]["mapped"],
            least=least,
        )
    summary["areas"] = safe_areas(table, safe.totals, lang)
    return safe


def _hide_rows(summary: dict[str, Any]) -> None:
    """Take out of the summary what tells of single incidents: days, and words of the file."""
    summary["steps"]["notes"] = []
    hidden = {"sha256": "", "rows": 0, "status": {}, "parts": []}
    summary["fetched"] = [{**each, **hidden} for each in summary["fetched"]]
    if summary["period"]:
        first, last = (pd.Period(day, freq="M") for day in summary["period"])
        summary["period"] = [f"{first.start_time:%Y-%m-%d}", f"{last.end_time:%Y-%m-%d}"]


def _panel(placed: pd.DataFrame, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count what the map counts by month, or by year where that would be a long way to slide."""
    mapped = placed[placed["unit_id"].isin(units["unit_id"]) & placed["date"].notna()]
    days = mapped["date"]
    months = (days.max().year - days.min().year) * 12 + days.max().month - days.min().month + 1
    return count(mapped, units, period="month" if months <= _MOST_MONTHS else "year")


def _told(findings: Findings, lang: Language) -> dict[str, Any]:
    """Sum up the findings as plain types: sentences, counts, and why the rest is missing."""
    told: dict[str, Any] = {"refused": dict(findings.refused)}
    if findings.hot is not None:
        told["hot_spots"] = _tallied(findings.hot["kind"])
    if findings.emerging is not None:
        told["emerging"] = {"step": findings.step, **_tallied(findings.emerging["kind"])}
    for key, found in findings.spillover.items():
        told.setdefault("spillover", {})[key] = {
            "sentence": found.sentence(lang),
            "incidents": found.incidents,
            "period": found.period,
            "measures": _plain(found.table),
        }
    if findings.comparison is not None:
        compared = findings.comparison
        told["comparison"] = {
            "before": compared.before,
            "after": compared.after,
            "sentence": compared.sentence(lang),
            **_tallied(compared.table["kind"]),
        }
    return told


def _tallied(kinds: "pd.Series[Any]") -> dict[str, int]:
    return {str(kind): int(number) for kind, number in kinds.value_counts(sort=False).items()}


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    return json.loads(table.to_json(orient="records", double_precision=6))  # type: ignore[no-any-return]


def _origins(incidents: pd.DataFrame) -> tuple[Provenance, ...]:
    """Tell where fetched incidents came from."""
    return incidents.report.provenance if isinstance(incidents, Incidents) else ()


def _settings(incidents: pd.DataFrame) -> ReportConfig:
    """Tell what loads the same incidents again."""
    for each in _origins(incidents):
        since, until = each.request.get("since", ""), each.request.get("until", "")
        return ReportConfig(source=each.source, since=since, until=until)
    return ReportConfig(incidents=_name(incidents))


def _name(incidents: pd.DataFrame) -> str:
    """Name the file of a table; the embedded catalogue is the empty name."""
    if is_selection(incidents):
        return ""
    report = incidents.report if isinstance(incidents, Incidents) else None
    return (report.name if report else "") or "a table in memory"


def _write(
    story: Story,
    material: Material,
    config: ReportConfig,
    out: Path,
    changes: Changes | None,
    *,
    exports: bool,
    step: Step,
) -> Report:
    # a checksum of hidden rows would confirm a guess at them
    sums = {} if config.publish == "safe" else {"incidents": _digest(material.incidents)}
    inputs = {name: data_path(name) for name in _BOUNDARY_FILES}
    maps = map_names(story)
    others = _other_pages(story, maps, made_of(inputs, sums), config.seed)
    if changes is not None:
        others.insert(0, changes_page(changes, story.lang, story.notices))
    names = _file_names(story) if exports else []
    site = [overview(story, maps, others, names), *others]
    words = WORDS[story.lang]
    footer = TEXTS[story.lang]["made_with"].format(version=story.summary["version"])
    targets = [*maps, BRIEF, *(page.file for page in site), *names]
    if exports and changes is not None:
        targets.append(CHANGES_FILE)
    folder = OutputFolder(out, targets, alone=config.publish == "safe")
    with folder.writing():
        step("drawing")
        drawn = write_maps(story, _columns(story), out)
        step("writing")
        written = [
            write_text(out / page.file, render(page, site, story.lang, footer, words["navigation"]))
            for page in site
        ]
        short = write_text(out / BRIEF, brief(story, material))
        pages = (written[0], *drawn, *written[1:], short)
        files: list[Path] = []
        if exports:
            files = _write_files(story, out)
            # the folders of whoever made the report are nobody else's business
            places = tuple(Path(each).name for each in config.gazetteer)
            stated = replace(config, incidents=Path(config.incidents).name, gazetteer=places)
            if changes is not None:
                files.append(write_csv(out / CHANGES_FILE, changes.rows))
            origins = [Provenance.from_dict(each) for each in story.summary["fetched"]]
            files.append(write_config(out / "report.toml", stated, inputs, sums, origins))
            files.append(write_archive(out / ARCHIVE, [*pages, *files]))
    return Report(pages, story.summary, tuple(files))


def _digest(table: pd.DataFrame) -> str:
    """Give the checksum of what a table says, whatever file it came from."""
    plain = pd.DataFrame(table).astype("str")
    rows = pd.util.hash_pandas_object(plain, index=False).to_numpy()
    return hashlib.sha256(",".join(plain.columns).encode() + rows.tobytes()).hexdigest()


def _other_pages(
    story: Story, maps: list[str], made: Mapping[str, Mapping[str, str]], seed: int
) -> list[SitePage]:
    pages = []
    if story.zone:
        definition = story.zone.definition_in(story.lang)
        pages.append(zone_page(story, map_cards(story, maps)[1:], definition))
    return [
        *pages,
        hot_page(story),
        spillover_page(story, border_section(story)),
        comparison_page(story),
        *([story.who] if story.who else []),
        quality_page(story),
        methods_page(story, made, seed),
        licences_page(story),
    ]


def _file_names(story: Story) -> list[str]:
    figures = _EXPORTS if story.table is not None else ()
    return [ARCHIVE, "summary.json", *figures, "report.toml"]


def _write_files(story: Story, out: Path) -> list[Path]:
    text = json.dumps(story.summary, ensure_ascii=False, indent=2, allow_nan=False)
    files = [write_text(out / "summary.json", text + "\n")]
    if story.table is None:
        return files
    table = _exported(story)
    styled = [name for name in _columns(story) if table[name].dtype.kind in "iuf"]
    styled += [name for name in _CLASSES if name in table and table[name].notna().any()]
    files += write_exports(table, styled, out, lang=story.lang)
    return files


def _exported(story: Story) -> gpd.GeoDataFrame:
    """Give the figures of each unit as the files hold them."""
    return export_table(story.table, story.findings, selection=story.summary["selection"])


def _columns(story: Story) -> list[str]:
    """Name the indicators of the maps; no rate of a selection."""
    names = _COUNTS if story.plain else _MAP_COLUMNS
    table = story.table if story.table is not None else gpd.GeoDataFrame()
    return [name for name in names if name in table and is_stated(table, name)]
