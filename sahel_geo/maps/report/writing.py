"""Writing a report: pages, maps and files for other programs, all or none into one folder."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from sahel_geo.files import data_path, write_csv, write_text
from sahel_geo.manifest import OutputFolder
from sahel_geo.maps.finding_texts import WORDS
from sahel_geo.maps.pages.answers import answer
from sahel_geo.maps.pages.background_pages import licences_page, methods_page, quality_page
from sahel_geo.maps.pages.brief_page import FILE as BRIEF
from sahel_geo.maps.pages.brief_page import brief
from sahel_geo.maps.pages.findings import Material
from sahel_geo.maps.pages.findings_pages import (
    Story,
    comparison_page,
    hot_page,
    zone_page,
)
from sahel_geo.maps.pages.index_page import border_section, map_cards, overview
from sahel_geo.maps.pages.risk_page import risk_page
from sahel_geo.maps.pages.site import SitePage, render
from sahel_geo.maps.pages.spillover_page import spillover_pages
from sahel_geo.maps.report.changes import FILE as CHANGES_FILE
from sahel_geo.maps.report.changes import Changes, changes_page
from sahel_geo.maps.report.config import ReportConfig, made_of, write_config
from sahel_geo.maps.report.descriptor import FILE as DESCRIPTOR
from sahel_geo.maps.report.descriptor import write_descriptor
from sahel_geo.maps.report.exports import write_archive, write_exports
from sahel_geo.maps.report.figures import export_table
from sahel_geo.maps.report.maps import map_names, write_maps
from sahel_geo.maps.report.measures import columns_of
from sahel_geo.maps.report_texts import TEXTS
from sahel_geo.provenance import Provenance

_CLASSES: Final = ("gi_kind", "emerging_kind", "change_kind")
_BOUNDARY_FILES: Final = ("communes.parquet", "units.csv")
_EXPORTS: Final = ("indicators.csv", "indicators.parquet", "indicators.gpkg", DESCRIPTOR)
ARCHIVE: Final = "report.zip"


def write_site(
    story: Story,
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
    maps = map_names(story)
    others = _other_pages(story, maps, made_of(inputs, sums), config.seed)
    if changes is not None:
        others.insert(0, changes_page(changes, story.lang, story.notices))
    names = _file_names(story) if exports else []
    answers = answer(story, material)
    site = [overview(story, answers, maps, others, names), *others]
    words = WORDS[story.lang]
    footer = TEXTS[story.lang]["made_with"].format(version=story.summary["version"])
    targets = [*maps, BRIEF, *(page.file for page in site), *names]
    if exports and changes is not None:
        targets.append(CHANGES_FILE)
    folder = OutputFolder(out, targets, alone=config.publish == "safe")
    with folder.writing():
        step("drawing")
        drawn = write_maps(story, columns_of(story), out)
        step("writing")
        written = [
            write_text(out / page.file, render(page, site, story.lang, footer, words["navigation"]))
            for page in site
        ]
        short = write_text(out / BRIEF, brief(story, answers))
        pages = (written[0], *drawn, *written[1:], short)
        files: list[Path] = []
        if exports:
            files = _write_files(story, out, hxl=config.hxl)
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
            origins = [Provenance.from_dict(each) for each in story.summary["fetched"]]
            files.append(write_config(out / "report.toml", stated, inputs, sums, origins))
            files.append(write_archive(out / ARCHIVE, [*pages, *files]))
    return pages, tuple(files)


def _digest(table: pd.DataFrame) -> str:
    """Give the checksum of what a table says, whatever file it came from."""
    plain = pd.DataFrame(table).astype("str")
    rows = pd.util.hash_pandas_object(plain, index=False).to_numpy()
    return hashlib.sha256(",".join(plain.columns).encode() + rows.tobytes()).hexdigest()


def _other_pages(
    story: Story, maps: list[str], made: Mapping[str, Mapping[str, str]], seed: int
) -> list[SitePage]:
    """Make every page but the first, in the order of the five questions."""
    pages = []
    if story.zone:
        definition = story.zone.definition_in(story.lang)
        pages.append(zone_page(story, map_cards(story, maps)[1:], definition))
    return [
        *pages,
        hot_page(story),
        comparison_page(story),
        *([story.who] if story.who else []),
        *([story.coming] if story.coming else []),
        risk_page(story),
        *spillover_pages(story, border_section(story)),
        quality_page(story),
        methods_page(story, made, seed),
        replace(licences_page(story), behind="methods.html"),
    ]


def _file_names(story: Story) -> list[str]:
    figures = _EXPORTS if story.table is not None else ()
    return [ARCHIVE, "summary.json", *figures, "report.toml"]


def _write_files(story: Story, out: Path, *, hxl: bool) -> list[Path]:
    text = json.dumps(story.summary, ensure_ascii=False, indent=2, allow_nan=False)
    files = [write_text(out / "summary.json", text + "\n")]
    if story.table is None:
        return files
    table = exported(story)
    styled = [name for name in columns_of(story) if table[name].dtype.kind in "iuf"]
    styled += [name for name in _CLASSES if name in table and table[name].notna().any()]
    exports = write_exports(table, styled, out, lang=story.lang, hxl=hxl)
    about = {"lang": story.lang, "hxl": hxl, "source": story.summary["source"]}
    return [*files, *exports, write_descriptor(out, table, exports, **about)]


def exported(story: Story) -> gpd.GeoDataFrame:
    """Give the figures of each unit as the files hold them."""
    return export_table(story.table, story.findings, selection=story.summary["selection"])
