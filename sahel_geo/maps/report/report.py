"""The whole job: from incidents and units to a site of a few pages, maps, and files of figures."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError, require_choice, require_language
from sahel_geo.i18n.language import languages
from sahel_geo.incidents.actors.selection import Chosen, select
from sahel_geo.incidents.catalogue import SELECTION_NOTICE, is_selection
from sahel_geo.incidents.table import Incidents
from sahel_geo.locate.assign.assign import (
    assign,
    covered_countries,
    too_coarse,
)
from sahel_geo.locate.panel.count import count
from sahel_geo.maps.pages.actors_page import who_acts
from sahel_geo.maps.pages.basis import Basis
from sahel_geo.maps.pages.findings import Findings, Material, check_spans
from sahel_geo.maps.pages.forecast_page import Outlook
from sahel_geo.maps.pages.index_page import not_covered_note
from sahel_geo.maps.pages.risk_page import risk_part
from sahel_geo.maps.parts import split_incidents
from sahel_geo.maps.periods import Months
from sahel_geo.maps.report.changes import Changes
from sahel_geo.maps.report.config import ReportConfig
from sahel_geo.maps.report.measures import AUTO, BEYOND, Given, hide, origins, summarise
from sahel_geo.maps.report.outlook import look_ahead
from sahel_geo.maps.report.writing import write_site
from sahel_geo.places.zones import Zone, load_zone
from sahel_geo.schema import Language, PathLike

_MOST_MONTHS: Final = 120

STEPS: Final = ("placing", "hotspots", "spillover", "comparison", "forecast", "drawing", "writing")

Step = Callable[[str], None]
_AUTO_ZONE: Final = "menaka-tri-border"


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
    zone: Zone | str | None = "auto",
    lang: Language = "fr",
    source: str | None = None,
    since: str = "",
    until: str = "",
    last: str = "",
    people: "pd.Series[Any] | None" = None,
    vulnerability: "pd.Series[Any] | None" = None,
    before: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    seed: int = 1,
    publish: str = "full",
    least: int = 5,
    exports: bool = True,
    settings: ReportConfig | None = None,
    against: PathLike | None = None,
    actors: tuple[str, ...] = (),
    event_types: tuple[str, ...] = (),
    civilians: bool = False,
    hxl: bool = False,
    step: Step | None = None,
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
        The zone of the second map, or its name; by default that of Ménaka and the three borders if
        the file has an incident in it. None writes no page of it, nor do units of level 0, of which
        a zone is only a part.
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
        People by ``unit_id``, for rates per person, the brief and the risk index; by default those
        of 2020 that the package ships, where `units` are of the default vintage. Its ``name`` is
        stated as the source, unless it was fetched.
    vulnerability : Series, optional
        How hard people would be hit, by ``unit_id``, such as the share in food insecurity, for the
        risk index; left out by default, and the page says so.
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
    hxl : bool
        Whether ``indicators.csv`` has a row of HXL tags below its header, for tools of humanitarian
        data.
    step : callable, optional
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
    step = step or (lambda _: None)
    # Refuse a language or a way to publish that does not exist, or that `against` undoes.
    require_language(lang)
    require_choice("publish", publish, ("full", "safe"))
    if against is not None and publish == "safe":
        raise InputError(
            "`against` lists single incidents, which publish='safe' hides; expected one of them. "
            "Leave the other out."
        )
    check_spans(before, after)
    needed = ("unit_id", "name", "country", "level", "area_km2")
    missing = [column for column in needed if column not in units]
    levels = sorted(set(units["level"])) if "level" in units else []
    if missing or len(levels) != 1:
        raise InputError(
            f"`units` lacks columns {missing} or mixes levels {levels}; expected the units of one "
            "level. Load them with sg.load_boundaries(level=...)."
        )
    config = replace(
        settings or _settings(incidents), level=int(levels[0]), lang=lang, seed=seed,
        publish=publish, least=least, since=since, until=until, last=last, before=before,
        after=after, actors=actors, event_types=event_types, civilians=civilians, hxl=hxl,
    )  # fmt: skip
    chosen = select(incidents, actors=actors, event_types=event_types, civilians=civilians,
                    least=least if publish == "safe" else 0)  # fmt: skip
    step("placing")
    material = _gather(chosen, incidents, units, zone, config)
    area = material.zone
    config = replace(config, zone=zone if zone == AUTO else area.name if area else "none")
    given = Given.of(people, vulnerability, units, material.units, config.lang)
    summary, table = summarise(material, units, config, source, given)
    basis = _tell(material, summary, table, chosen, config, given, step)
    changes = None
    if against is not None:
        figures = None if basis.table is None else basis.exported()
        changes = Changes.since(against, chosen.incidents, figures)
        summary["changes"] = changes.counts
    pages, files = write_site(
        basis, material, config, Path(out), changes, exports=exports, step=step
    )
    return Report(pages, summary, files)


def _gather(
    chosen: Chosen,
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    zone: Zone | str | None,
    config: ReportConfig,
) -> Material:
    """Place the incidents chosen, and find the months, the countries and the zone of the report.

    A country that the file speaks of has zeros, also if no incident there was chosen. What lies in
    a country that it does not speak of is set aside, so that no page denies what another counts.
    """
    placed = _place(chosen.incidents, units, config.level)
    everywhere = _place(incidents, units, config.level) if chosen.left_out else placed
    countries = covered_countries(everywhere, units)
    # Set aside what lies in a country that the file does not speak of.
    country = placed["unit_id"].map(units.set_index("unit_id")["country"])
    beyond = placed["unit_id"].notna() & ~country.isin(countries)
    placed.loc[beyond, "unit_id"] = None
    placed.loc[beyond, "unplaced_reason"] = BEYOND
    history = placed[placed["unit_id"].notna() & placed["date"].notna()]
    months = Months.chosen(
        history["date"],
        config.since,
        config.until,
        config.last,
        whole=is_selection(chosen.incidents),
    )
    in_period, mapped = placed, history
    if months is not None:
        in_period = placed[placed["date"].isna() | months.holds(placed["date"])]
        mapped = history[months.holds(history["date"])]
    covered = units
    if len(mapped):
        covered = units[units["country"].isin(countries)].reset_index(drop=True)
    area = _zone(zone, covered, history, config)
    return Material(
        chosen.incidents, placed, in_period, mapped, history, covered, area, config.seed, months
    )


def _zone(
    zone: Zone | str | None, units: gpd.GeoDataFrame, history: pd.DataFrame, config: ReportConfig
) -> Zone | None:
    """Load the zone; where it is chosen by itself, only if the file reaches it."""
    if zone is None or config.level == 0:  # a zone is a part of each country
        return None
    if not isinstance(zone, str):
        return zone
    if zone != AUTO:
        return load_zone(zone, level=config.level, vintage=config.vintage or None)
    area = load_zone(_AUTO_ZONE, level=config.level, vintage=config.vintage or None)
    inside = set(area.units["unit_id"]) & set(units["unit_id"])
    # which units have incidents is not told where small counts are hidden
    reached = inside if config.publish == "safe" else inside & set(history["unit_id"])
    return area if reached else None


def _place(incidents: pd.DataFrame, units: gpd.GeoDataFrame, level: int) -> pd.DataFrame:
    """Assign the incidents; those too coarse for the level are unplaced with that reason."""
    placed = assign(incidents, units)
    coarse = too_coarse(placed, level) & placed["unit_id"].notna()
    placed.loc[coarse, "unit_id"] = None
    placed.loc[coarse, "unplaced_reason"] = "too_coarse"
    return placed


def _tell(
    material: Material,
    summary: dict[str, Any],
    table: gpd.GeoDataFrame | None,
    chosen: Chosen,
    config: ReportConfig,
    given: Given,
    step: Step,
) -> Basis:
    """Measure what the data can carry, hide what must be, and hold together what pages say."""
    lang = config.lang
    summary["chosen"] = [each.say(lang) for each in chosen.sentences]
    remarks = [not_covered_note(summary), *chosen.sentences]
    panel = None
    if table is not None:
        panel = _panel_of(material.placed, table[table["incidents"].notna()])
    safe = None
    if config.publish == "safe":
        _hide_rows(summary)
        if table is not None and panel is not None:
            safe = hide(table, panel, summary, config.least)
            table, panel = safe.units, safe.panel
            if panel is not None:
                panel.attrs["is_selection"] = summary["selection"]
            remarks.append(" ".join(safe.notes(lang)))
    hidden = config.publish == "safe"
    findings = Findings.of(material, lang, config.before, config.after, step, safe=hidden)
    step("forecast")
    outlook = look_ahead(
        material.history,
        material.units,
        level=config.level,
        selection=summary["selection"],
        publish=config.publish,
        seed=config.seed,
    )
    findings = findings.with_risk(material, given.people, given.vulnerability, outlook.probability)
    if findings.risk is not None and table is not None:
        risk = findings.risk.columns
        table = table.merge(risk, left_on="unit_id", right_index=True, how="left")
    summary["findings"] = findings.in_figures(lang)
    summary["forecast"] = outlook.in_figures(lang)
    basis = Basis(
        lang,
        summary,
        material.units,
        table,
        material.zone,
        findings,
        panel=panel,
        protection={} if safe is None else {each: safe.notes(each) for each in languages()},
        least=config.least if hidden else 0,
        notices=(SELECTION_NOTICE,) if summary["selection"] else (),
        remarks=tuple(filter(None, remarks)),
        chosen=chosen.sentences,
    )
    return _with_pages(basis, material, outlook, config)


def _with_pages(basis: Basis, material: Material, outlook: Outlook, config: ReportConfig) -> Basis:
    """Add the pages that say more, and what they say in short: who, what next, who is exposed."""
    coming = outlook.in_short
    basis = replace(basis, coming=outlook.page(basis), layers=outlook.layers)
    if basis.safe:
        # names of actors are words of the file, and their totals no part of what is protected
        return replace(basis, parts=coming)
    page, who = who_acts(basis, material.history, material.mapped, material.units, config.seed)
    return replace(
        basis,
        who=page,
        split=split_incidents(material.mapped),
        parts=(*who, *coming, *risk_part(basis)),
    )


def _settings(incidents: pd.DataFrame) -> ReportConfig:
    """Tell what loads the same incidents again."""
    for each in origins(incidents):
        since, until = each.request.get("since", ""), each.request.get("until", "")
        return ReportConfig(source=each.source, since=since, until=until)
    if is_selection(incidents):  # the embedded catalogue
        return ReportConfig()
    report = incidents.report if isinstance(incidents, Incidents) else None
    return ReportConfig(incidents=(report.name if report else "") or "a table in memory")


def _panel_of(placed: pd.DataFrame, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count what the map counts by month, or by year where that would be a long way to slide."""
    mapped = placed[placed["unit_id"].isin(units["unit_id"]) & placed["date"].notna()]
    days = mapped["date"]
    months = (days.max().year - days.min().year) * 12 + days.max().month - days.min().month + 1
    return count(mapped, units, period="month" if months <= _MOST_MONTHS else "year")


def _hide_rows(summary: dict[str, Any]) -> None:
    """Take out of the summary what tells of single incidents: days, and words of the file."""
    summary["steps"]["notes"] = []
    hidden = {"sha256": "", "rows": 0, "status": {}, "parts": []}
    summary["fetched"] = [{**each, **hidden} for each in summary["fetched"]]
    if summary["period"]:
        first, last = (pd.Period(day, freq="M") for day in summary["period"])
        summary["period"] = [f"{first.start_time:%Y-%m-%d}", f"{last.end_time:%Y-%m-%d}"]
