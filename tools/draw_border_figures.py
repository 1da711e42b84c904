"""Draw the pictures of the pages on borders from UCDP GED 21.1 (CC BY 4.0), 2012 to 2020.

Run: python tools/draw_border_figures.py FOLDER_OF_REFERENCE_DATA
"""

import sys
from pathlib import Path
from typing import Any

import pandas as pd

import sahel_geo as sg

_IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


def load_incidents(folder: Path) -> pd.DataFrame:
    """Read the incidents of the three countries, 2012 to 2020."""
    incidents = sg.read_incidents(folder / "ucdp" / "ged211_mli_ner_bfa_prec12_reduced.csv")
    return pd.DataFrame(incidents[incidents["date"].dt.year.between(2012, 2020)])


def load_people(folder: Path) -> "pd.Series[Any]":
    """Read the people of the regions: Mali 2022, Niger and Burkina Faso 2024."""
    people = folder / "population"
    mali = pd.read_csv(people / "Subnational_Population_Statistics_Mali_Mali_2022.csv")
    parts: list[pd.Series[Any]] = [mali.set_index("admin1Pcode")["T_TL"]]
    for name in ("Niger_Niger", "Burkina_Faso_Burkina_Faso"):
        table = pd.read_excel(people / f"Subnational_Population_Statistics_{name}_2024.xlsx")
        parts.append(table.set_index("ADM1_PCODE")["T_TL"])
    together = pd.concat(parts).rename({"ML07": "MLI-2012-gao"})
    return pd.Series(together, dtype="float64")


def main(folder: Path) -> None:
    """Write the pictures and print what they say."""
    incidents, units = load_incidents(folder), sg.load_boundaries(level=2)
    regions = sg.load_boundaries(level=1, vintage="2012")  # Gao with Ménaka, as the people are told
    border = sg.international_borders(regions)
    near = sg.border.proximity_profile(
        incidents, border, regions, population=load_people(folder), rng=1
    )
    panel = sg.count(sg.assign(incidents, units), units, start="2012-01-01", end="2020-12-31")
    found = {
        "border": near,
        "exposure": sg.border.exposure(panel, units),
        "cross-border": sg.cross_border.moran(panel, units, rng=1, lags=range(7)),
        "diffusion": sg.diffusion.join_counts(panel, units, rng=1),
    }
    for name, result in found.items():
        ax = result.plot()
        ax.set_title("UCDP GED 21.1, 2012 to 2020", fontsize="medium")
        ax.figure.savefig(_IMAGES / f"{name}.png", dpi=100)
        print(name, result.sentence("en"), result.table.round(3).to_string(), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
