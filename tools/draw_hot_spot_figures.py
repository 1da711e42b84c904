"""Draw the pictures of the pages on hot spots, clusters, uncertainty and risk from real data.

UCDP GED 21.1 for the three countries, 2012 to 2020, and GED 25.1 for Burkina Faso, 2016 to 2022
(CC BY 4.0), which states how precisely each place is known; for the risk index people (COD-PS) and
the share of people in phase 3 or worse (Cadre Harmonisé, January to August 2020).

Run: python tools/draw_hot_spot_figures.py FOLDER_OF_REFERENCE_DATA [NAME ...]
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd
from draw_border_figures import load_incidents, load_people

import sahel_geo as sg

_IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_SPAN: Final[dict[str, Any]] = {"start": "2018-01-01", "end": "2020-12-31"}
_LATE: Final[dict[str, Any]] = {"start": "2019-01-01", "end": "2022-12-31", "period": "year"}


def hot_spots(folder: Path) -> Any:
    """Find hot spots of 2018 to 2020 among cercles, departments and provinces."""
    units = sg.load_boundaries(level=2)
    panel = sg.count(sg.assign(load_incidents(folder), units), units, **_SPAN)
    for measure in (sg.hotspots.local_moran, sg.hotspots.global_moran, sg.hotspots.join_counts):
        print(measure(panel, units, rng=1).sentence("en"))
    return sg.hotspots.local_gi(panel, units, rng=1)


def emerging(folder: Path) -> Any:
    """Class the histories of the quarters of 2012 to 2020."""
    units = sg.load_boundaries(level=2)
    placed = sg.assign(load_incidents(folder), units)
    panel = sg.count(placed, units, start="2012-01-01", end="2020-12-31", period="quarter")
    print("sfdep:", sg.emerging.hot_spots(panel, units, variant="sfdep").sentence("en"))
    return sg.emerging.hot_spots(panel, units)


def scdi(folder: Path) -> Any:
    """Class the cells of 2012 to 2020."""
    burkina = sg.read_incidents(folder / "ucdp" / "ged251_bfa_2016_2022.csv")
    units = sg.load_boundaries(level=2)
    found = sg.uncertainty.scdi_types(pd.DataFrame(burkina), units, n=200, rng=1)
    print("Burkina Faso:", found.sentence("en"))
    print(found.table.dropna(subset=["share"]).groupby("type")["share"].describe().round(2))
    return sg.scdi.by_cell(load_incidents(folder))


def clusters(folder: Path) -> Any:
    """Scan the months of 2018 to 2020."""
    incidents, units = load_incidents(folder), sg.load_boundaries(level=2)
    late = incidents[incidents["date"].dt.year >= 2018]
    print(sg.clusters.st_dbscan(late, radius_km=20, days=30).sentence("en"))
    print(sg.clusters.hdbscan(late).sentence("en"))
    return sg.clusters.scan(sg.count(sg.assign(late, units), units, **_SPAN), units, rng=1)


def uncertainty(folder: Path) -> Any:
    """Give rates and hot spots of Burkina Faso under location error."""
    burkina = sg.read_incidents(folder / "ucdp" / "ged251_bfa_2016_2022.csv")
    units = sg.load_boundaries(level=2, countries=["BFA"])
    spots = partial(sg.hotspots.local_gi, rng=1, permutations=999)
    kinds = sg.uncertainty.on_panel(spots, "kind", **_LATE)
    found = sg.uncertainty.propagate(kinds, pd.DataFrame(burkina), units, n=200, rng=1)
    print(found.sentence("en"))
    print(found.table.sort_values("share").head(8).round(2))
    rates = sg.uncertainty.on_panel(sg.density.rates, "per_1000km2", **_LATE)
    return sg.uncertainty.propagate(rates, pd.DataFrame(burkina), units, n=200, rng=1)


def risk(folder: Path) -> Any:
    """Combine recent hazard, people and food insecurity by region, at the end of 2020."""
    units = sg.load_boundaries(level=1, vintage="2012")
    panel = sg.count(
        sg.assign(load_incidents(folder), units), units, start="2019-01-01", end="2020-12-31"
    )
    phases = pd.read_csv(folder / "population" / "cadre_harmonise_admin2_2018_2020.csv")
    now = phases[(phases["chtype"] == "current") & (phases["exercise_year"] == 2020)]
    sums = now.groupby("adm1_pcod2")[["phase35", "population"]].sum()
    codes = {"ML07": "MLI-2012-gao"} | {f"NE0{at}": f"NE00{at}" for at in range(1, 9)}
    hungry = (sums["phase35"] / sums["population"]).rename(codes)
    found = sg.risk.index(
        hazard=sg.risk.recent_hazard(panel, units),
        exposure={"people": sg.risk.Component(load_people(folder), log=True)},
        vulnerability={"phase 3 or worse": sg.risk.Component(hungry, high=0.35)},
        names=units.set_index("unit_id")["name"],
    )
    print(found.transformations.round(2).to_string())
    print(sg.risk.rank_sensitivity(found, rng=1).sentence("en"))
    return found


FIGURES: Final[dict[str, Callable[[Path], Any]]] = {
    "hotspots": hot_spots,
    "emerging": emerging,
    "scdi": scdi,
    "clusters": clusters,
    "uncertainty": uncertainty,
    "risk": risk,
}


def main(folder: Path, names: list[str]) -> None:
    """Write the pictures and print what they say."""
    for name in names or list(FIGURES):
        result = FIGURES[name](folder)
        ax = result.plot()
        ax.figure.savefig(_IMAGES / f"{name}.png", dpi=90, bbox_inches="tight")
        print(name, result.sentence("en"), result.sentence("fr"), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
