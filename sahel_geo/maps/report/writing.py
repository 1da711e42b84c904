"""Writing a report: pages, maps and files for other programs, all or none into one folder."""

import hashlib
import json
import platform
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.files import atomic_path, checksum, data_path, write_csv, write_text
from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import joined
from sahel_geo.manifest import OutputFolder
from sahel_geo.maps.choropleth.choropleth import choropleth
from sahel_geo.maps.page.page import save_map
from sahel_geo.maps.pages.answers import BRIEF, Answers
from sahel_geo.maps.pages.background_pages import licences_page, methods_page, quality_page
from sahel_geo.maps.pages.basis import Basis
from sahel_geo.maps.pages.findings import Material
from sahel_geo.maps.pages.findings_pages import (
    comparison_page,
    hot_page,
    spillover_pages,
    zone_page,
)
from sahel_geo.maps.pages.index_page import not_covered_note, overview
from sahel_geo.maps.pages.risk_page import risk_page
from sahel_geo.maps.pages.site import SitePage
from sahel_geo.maps.people import people_credit, people_limits
from sahel_geo.maps.report.changes import FILE as CHANGES_FILE
from sahel_geo.maps.report.changes import Changes
from sahel_geo.maps.report.config import ReportConfig, write_config
from sahel_geo.maps.report.exports import FILE as DESCRIPTOR
from sahel_geo.maps.report.exports import write_descriptor, write_exports
from sahel_geo.maps.report.measures import columns_of
from sahel_geo.maps.report_texts import WORDS
from sahel_geo.maps.texts import paired
from sahel_geo.provenance import Provenance
from sahel_geo.schema import PathLike
from sahel_geo.version import __version__

_CLASSES: Final = ("gi_kind", "emerging_kind", "change_kind")
_BOUNDARY_FILES: Final = ("communes.parquet", "units.csv")
_EXPORTS: Final = ("indicators.csv", "indicators.parquet", "indicators.gpkg", DESCRIPTOR)
ARCHIVE: Final = "report.zip"
ALL_FILE: Final = "central-sahel.html"
_UNPLACED: Final = ("no_coordinates", "outside", "coarse", "beyond", "undated")
_REASONS: Final = ("set_aside", *_UNPLACED, "other_period")
_CLASS_MAPS: Final = ("hot_spot", "emerging")
_DAYS_PER_YEAR: Final = 365.2425  # as the rates of the whole time count them
_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that the format can hold
_MODE: Final = 0o644 << 16
_PACKAGES: Final = (
    *("numpy", "scipy", "pandas", "geopandas", "shapely", "pyproj", "pyogrio", "pyarrow"),
    *("mapclassify", "matplotlib", "statsmodels", "folium", "branca"),
)


def write_site(
    basis: Basis,
    material: Material,
    config: ReportConfig,
    out: Path,
    changes: Changes | None,
    *,
    exports: bool,
    step: Callable[[str], None],
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Write pages and files; give their paths, index first."""
    # a checksum of hidden rows would confirm a guess at them
    sums = {} if config.publish == "safe" else {"incidents": _digest(material.incidents)}
    inputs = {name: data_path(name) for name in _BOUNDARY_FILES}
    zones = [f"{basis.zone.name}.html"] if basis.zone else []
    maps = [] if basis.table is None else [ALL_FILE, *zones]
    made = _made_of(inputs, sums)
    others = _other_pages(basis, maps, made, config.seed)
    if changes is not None:
        others.insert(0, changes.page(basis.lang, basis.notices))
    figures = _EXPORTS if basis.table is not None else ()
    names = [ARCHIVE, "summary.json", *figures, "report.toml"] if exports else []
    answers = Answers.of(basis, material)
    site = [overview(basis, answers, maps, others, names), *others]
    footer = basis.words["made_with"].format(version=basis.summary["version"])
    targets = [*maps, BRIEF, *(page.file for page in site), *names]
    if exports and changes is not None:
        targets.append(CHANGES_FILE)
    folder = OutputFolder(out, targets, alone=config.publish == "safe")
    with folder.writing():
        step("drawing")
        drawn = _write_maps(basis, columns_of(basis), out)
        step("writing")
        written = [
            write_text(out / page.file, page.render(site, basis.lang, footer)) for page in site
        ]
        short = write_text(out / BRIEF, answers.brief(basis))
        pages = (written[0], *drawn, *written[1:], short)
        files: list[Path] = []
        if exports:
            files = _write_files(basis, out, hxl=config.hxl)
            # the folders of whoever made the report are nobody else's business
            places = tuple(Path(each).name for each in config.gazetteer)
            stated = replace(
                config,
                incidents=Path(config.incidents).name,
                gazetteer=places,
                people=Path(config.people).name,
                vulnerability=Path(config.vulnerability).name,
            )
            if changes is not None:
                files.append(write_csv(out / CHANGES_FILE, changes.rows))
            origins = [Provenance.from_dict(each) for each in basis.summary["fetched"]]
            files.append(write_config(out / "report.toml", stated, made, origins))
            files.append(_write_archive(out / ARCHIVE, [*pages, *files]))
    return pages, tuple(files)


def _write_archive(path: PathLike, files: Iterable[PathLike]) -> Path:
    """Put files side by side into a zip archive, whole or not at all.

    >>> folder = getfixture("tmp_path")
    >>> _ = (folder / "a.txt").write_text("a")
    >>> zipfile.ZipFile(_write_archive(folder / "all.zip", [folder / "a.txt"])).namelist()
    ['a.txt']
    """
    target = Path(path)
    with atomic_path(target) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for file in sorted(map(Path, files), key=lambda each: each.name):
            entry = zipfile.ZipInfo(file.name, _DATE)
            entry.external_attr = _MODE
            entry.create_system = 3  # Unix, on every system
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 5)
    return target


def _digest(table: pd.DataFrame) -> str:
    """Give the checksum of what a table says, whatever file it came from."""
    plain = pd.DataFrame(table).astype("str")
    rows = pd.util.hash_pandas_object(plain, index=False).to_numpy()
    return hashlib.sha256(",".join(plain.columns).encode() + rows.tobytes()).hexdigest()


def _other_pages(
    basis: Basis, maps: list[str], made: Mapping[str, Mapping[str, str]], seed: int
) -> list[SitePage]:
    """Make every page but the first, in the order of the five questions."""
    pages = []
    if basis.zone:
        pages.append(zone_page(basis, basis.zone, maps))
    return [
        *pages,
        hot_page(basis),
        comparison_page(basis),
        *([basis.who] if basis.who else []),
        *([basis.coming] if basis.coming else []),
        risk_page(basis),
        *spillover_pages(basis),
        quality_page(basis),
        methods_page(basis, made, seed),
        replace(licences_page(basis), behind="methods.html"),
    ]


def _write_files(basis: Basis, out: Path, *, hxl: bool) -> list[Path]:
    text = json.dumps(basis.summary, ensure_ascii=False, indent=2, allow_nan=False)
    files = [write_text(out / "summary.json", text + "\n")]
    if basis.table is None:
        return files
    table = basis.exported()
    styled = [name for name in columns_of(basis) if table[name].dtype.kind in "iuf"]
    styled += [name for name in _CLASSES if name in table and table[name].notna().any()]
    exports = write_exports(table, styled, out, lang=basis.lang, hxl=hxl)
    about = {"lang": basis.lang, "hxl": hxl, "source": basis.summary["source"]}
    return [*files, *exports, write_descriptor(out, table, exports, **about)]


def _write_maps(basis: Basis, columns: Sequence[str], out: Path) -> list[Path]:
    """Write the maps of a report."""
    if basis.table is None:
        return []
    table, names = _with_classes(basis, basis.table, columns)
    panel, split = basis.panel, basis.split
    labels: dict[str, Any] = {}
    if split is not None:
        table, names = split.add_to(table), [*names, *split.kinds]
        panel, labels = None if panel is None else split.add_to_panel(panel), split.labels
    if panel is not None and not basis.safe:
        panel = _with_rates(panel, table)
    ahead = basis.layers
    if ahead is not None:
        table, names = ahead.add_to(table), [*names, *ahead.shown]
        labels |= ahead.labels
    settings = _words_beside(basis, names) | {
        "fit": table[table["country"].isin(set(basis.units["country"]))],
        "labels": {
            name: {lang: WORDS[lang][f"map_{name}"] for lang in languages()} for name in _CLASS_MAPS
        }
        | labels,
        "parts": None if split is None else split.switches,
        "unit_labels": {} if ahead is None else ahead.unit_labels,
    }
    title = _both(basis, lambda each: each.words["map_title"].format(**each.span))
    doubts = {} if ahead is None else ahead.uncertain
    whole = choropleth(table, names, title=title, panel=panel, uncertain=doubts, **settings)
    pages = [save_map(whole, out / ALL_FILE)]
    if basis.zone:
        inside = set(basis.zone.units["unit_id"])
        inside &= set(basis.units["unit_id"])
        part = table[table["unit_id"].isin(inside)]
        panel = None if panel is None else panel[panel["unit_id"].isin(inside)]
        title = _both(
            basis, lambda each: each.words["zone_title"].format(zone=each.zone_title, **each.span)
        )
        settings["fit"] = None
        if ahead is not None:  # none of the zone may have been forecast
            names = [name for name in names if name not in ahead.shown or part[name].notna().any()]
        closer = choropleth(
            part,
            names,
            title=title,
            zone=basis.zone,
            panel=panel,
            uncertain={name: flag for name, flag in doubts.items() if name in names},
            scale_of=whole,
            **settings,
        )
        pages.append(save_map(closer, out / f"{basis.zone.name}.html"))
    return pages


def _words_beside(basis: Basis, columns: Sequence[str]) -> dict[str, Any]:
    """Give what both maps of a report say beside the map."""
    people, rates = basis.summary["people"], {"per_100k_year", "risk"} & set(columns)
    lacks = not_covered_note(basis.summary)
    # the subtitle warns of what the file is not; the notes say the rest
    warnings = (*basis.notices, *([lacks] if lacks else []), *basis.small_counts, *basis.chosen)
    source = str(basis.summary["source"] or "")
    is_own = source in [WORDS[lang]["source_selection"] for lang in languages()]
    limits = ("limit_zero",) if basis.plain else ("limit_zero", "limit_rate")
    return {
        "lang": basis.lang,
        "subtitle": joined(warnings, " "),
        "source": _both(basis, lambda each: each.words["source_selection"] if is_own else source),
        "period": _both(basis, lambda each: "{first} – {last}".format(**each.span)),
        "left_out": _both(basis, _left_out),
        "limits": _both(basis, lambda each: " ".join(each.words[name] for name in limits)),
        "notes": [
            *paired({lang: sentences[1:] for lang, sentences in basis.protection.items()}),
            *([*people_limits(people), *people_credit(people)] if rates else []),
        ],
        "report": "index.html",
    }


def _with_rates(panel: pd.DataFrame, table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add to counts by unit and period the rates per year that the map shows of the whole time."""
    periods = pd.PeriodIndex(panel["period"])
    years = ((periods.end_time - periods.start_time).days + 1) / _DAYS_PER_YEAR
    units = table.set_index("unit_id").reindex(panel["unit_id"])
    per = {"per_1000km2_year": ("area_km2", 1e3), "per_100k_year": ("people", 1e5)}
    for name, (base, unit) in per.items():
        if name in table and base in table:
            size = units[base].where(units[base] > 0).to_numpy(float)  # nothing is divided by 0
            panel = panel.assign(**{name: panel["incidents"].to_numpy() / size * unit / years})
    return panel


def _both(basis: Basis, say: Callable[[Basis], str]) -> Any:
    """Say something of the report in each language; None where there is nothing to say."""
    texts = {
        lang: say(replace(basis, lang=lang, summary={**basis.summary, "lang": lang}))
        for lang in languages()
    }
    return texts if any(texts.values()) else None


def _left_out(basis: Basis) -> str:
    """Say how many incidents are not on the map, and why."""
    words, steps = basis.words, basis.summary["steps"]
    reasons = [
        f"{basis.number(steps[name])} {words[f'row_{name}'].lower()}"
        for name in _REASONS
        if steps[name]
    ]
    return ", ".join(reasons)


def _with_classes(
    basis: Basis, table: gpd.GeoDataFrame, columns: Sequence[str]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Add hot spots and their history to what a map shows."""
    names = list(columns)
    for name, result in zip(
        _CLASS_MAPS, (basis.findings.hot, basis.findings.emerging), strict=True
    ):
        if result is not None and result["kind"].notna().any():
            kinds = result.set_index("unit_id")["kind"]
            table = table.assign(**{name: table["unit_id"].map(kinds)})
            names.append(name)
    return table, names


def _made_of(inputs: Mapping[str, PathLike], sums: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Tell what a report is made of.

    >>> _made_of({}, {"incidents": "00ff"})["sha256"]
    {'incidents': '00ff'}
    """
    versions = {"sahel_geo": __version__, "python": platform.python_version()}
    versions |= {name: version(name) for name in _PACKAGES}
    checksums = dict(sums) | {name: checksum(Path(file)) for name, file in inputs.items()}
    return {"versions": versions, "sha256": checksums}
