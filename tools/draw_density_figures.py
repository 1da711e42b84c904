"""Draw the pictures of the page on density from UCDP GED 21.1 (CC BY 4.0), 2018 to 2020.

Run: python tools/draw_density_figures.py FOLDER_OF_REFERENCE_DATA
"""

import sys
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

import sahel_geo as sg

_IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


def load_incidents(folder: Path) -> pd.DataFrame:
    """Read the incidents of the three countries, 2018 to 2020."""
    incidents = sg.read_incidents(folder / "ucdp" / "ged211_mli_ner_bfa_prec12_reduced.csv")
    return pd.DataFrame(incidents[incidents["date"].dt.year.between(2018, 2020)])


def draw_surfaces(incidents: pd.DataFrame) -> None:
    """Draw one bandwidth for all beside one for each incident."""
    countries, regions = sg.load_boundaries(level=0), sg.load_boundaries(level=1)
    figure = Figure(figsize=(7.2, 7.4), layout="constrained")
    axes = figure.subplots(2, 1)
    for ax, adaptive in zip(axes, (False, True), strict=True):
        surface = sg.density.kernel_density(
            incidents, bandwidth_km=41, edge=countries, adaptive=adaptive
        )
        surface.plot(ax, outlines=regions)
        ax.set_title(
            "adaptive, 41 km on average" if adaptive else "fixed, 41 km", fontsize="medium"
        )
        sums = surface.sum_over(regions).set_axis(regions["name"]).nlargest(3).round(1)
        told = {key: surface.parameters[key] for key in ("incidents", "outside", "method")}
        print(dict(surface.parameters), round(surface.total(), 6), told, sums.to_dict(), sep="\n")
    figure.suptitle("UCDP GED 21.1, 2018 to 2020", fontsize="medium")
    figure.savefig(_IMAGES / "density.png", dpi=90)


def draw_relative_risk(incidents: pd.DataFrame) -> None:
    """Draw where the share of incidents changed between 2018 and 2020."""
    countries, regions = sg.load_boundaries(level=0), sg.load_boundaries(level=1)
    for together in ("incident", "waves", "place-month"):
        found = sg.density.relative_risk(
            incidents,
            ("2018", "2018"),
            ("2020", "2020"),
            bandwidth_km=41,
            rng=1,
            edge=countries,
            together=together,
        )
        print(together, found.p, found.table.round(2).to_string(), found.sentence("en"), sep="\n")
    ax = found.plot(outlines=regions)
    ax.set_title("UCDP GED 21.1, 2020 over 2018", fontsize="medium")
    ax.figure.savefig(_IMAGES / "relative-risk.png", dpi=90)


def main(folder: Path) -> None:
    """Write the pictures and print what they say."""
    incidents = load_incidents(folder)
    for rule in ("silverman", "scott", "likelihood"):
        print(rule, round(sg.density.bandwidth(incidents, rule=rule), 1))
    draw_surfaces(incidents)
    draw_relative_risk(incidents)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
