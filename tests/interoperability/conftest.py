"""Exports as a report writes them, with every kind of column, for other programs to open."""

import geopandas as gpd
import numpy as np
import pytest

import sahel_geo as sg
from sahel_geo.maps.report.exports import write_descriptor, write_exports

STYLED = (
    "incidents",
    "per_1000km2_year",
    "per_100k_year",
    "fatalities_best",
    "risk",
    "foreign_exposure",
    "gi_kind",
    "emerging_kind",
    "change_kind",
)
_KINDS = {
    "gi_kind": ("hot", "cold", "not significant"),
    "emerging_kind": ("new hot spot", "persistent hot spot", "no pattern"),
    "change_kind": ("more", "less", "no clear change"),
}


def make_table() -> gpd.GeoDataFrame:
    """All regions with six columns of numbers and three of classes; some cells are missing."""
    units = sg.load_boundaries(level=1)
    rng = np.random.default_rng(7)
    table = units.assign(incidents=rng.integers(0, 40, len(units)))
    for name in STYLED[1:6]:
        table[name] = rng.gamma(1.0, 2.0, len(units)).round(6)
    table.loc[table.index[:2], "per_100k_year"] = np.nan
    for name, kinds in _KINDS.items():
        table[name] = [kinds[at % 3] for at in range(len(units))]
    return table


@pytest.fixture(scope="session")
def table():
    return make_table()


@pytest.fixture(scope="session")
def exports(table, tmp_path_factory):
    """The folder of the exports, with its descriptor and a second CSV that has HXL tags."""
    folder = tmp_path_factory.mktemp("exports été")
    files = write_exports(table, STYLED, folder, lang="fr")
    write_descriptor(folder, table, files, lang="fr", hxl=False, source="UCDP GED")
    (folder / "hxl").mkdir()
    tagged = write_exports(table, STYLED, folder / "hxl", hxl=True)
    write_descriptor(folder / "hxl", table, tagged, lang="fr", hxl=True, source="UCDP GED")
    return folder
