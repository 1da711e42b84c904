"""Draw the pictures of the pages on connectedness, migration and location error of spillover.

From UCDP GED 21.1 (CC BY 4.0), 2012 to 2020.

Run: python tools/draw_movement_figures.py FOLDER_OF_REFERENCE_DATA
"""

import sys
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

import sahel_geo as sg

_IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_SPAN: Final[dict[str, Any]] = {"start": "2012-01-01", "end": "2020-12-31"}


def load_incidents(folder: Path) -> pd.DataFrame:
    """Read the incidents of the three countries, 2012 to 2020."""
    incidents = sg.read_incidents(folder / "ucdp" / "ged211_mli_ner_bfa_prec12_reduced.csv")
    return pd.DataFrame(incidents[incidents["date"].dt.year.between(2012, 2020)])


def near_repeats(placed: pd.DataFrame, _: gpd.GeoDataFrame) -> Any:
    """Count pairs across a border, each incident in the country that its source names."""
    return sg.near_repeat.knox(
        placed, distances_km=[0, 50], days=[0, 30], by="border", permutations=19, rng=1
    )


def near_repeats_where_drawn(placed: pd.DataFrame, units: gpd.GeoDataFrame) -> Any:
    """Count pairs across a border, each incident in the country of the place drawn for it."""
    country = placed["unit_id"].map(units.set_index("unit_id")["country"])
    return near_repeats(placed.assign(country=country).dropna(subset="country"), units)


def likeness(placed: pd.DataFrame, units: gpd.GeoDataFrame) -> Any:
    """Compare the totals of neighbours across a border."""
    panel = sg.count(placed, units, **_SPAN)
    totals = panel.groupby("unit_id")["incidents"].sum()
    return sg.cross_border.moran(totals, units, rng=1, permutations=19)


def connectedness(placed: pd.DataFrame, units: gpd.GeoDataFrame) -> Any:
    """Measure the connectedness of the countries."""
    series = sg.connectedness.series_of(sg.count(placed, units, **_SPAN), units)
    return sg.connectedness.fit(series, rng=1, lags=2, replicates=0, shifts=0)


def centre_country(placed: pd.DataFrame, units: gpd.GeoDataFrame) -> Any:
    """Follow the centre of incidents."""
    return sg.migration.path(placed, units, rng=1, replicates=0, **_SPAN)


def draw(name: str, ax: Any, *, title: bool = True) -> None:
    """Write one picture."""
    if title:
        ax.set_title("UCDP GED 21.1, 2012 to 2020", fontsize="medium")
    ax.figure.savefig(_IMAGES / f"{name}.png", dpi=100)


def main(folder: Path) -> None:
    """Write the pictures and print what they say."""
    incidents, units = load_incidents(folder), sg.load_boundaries(level=2)
    panel = sg.count(sg.assign(incidents, units), units, **_SPAN)
    series = sg.connectedness.series_of(panel, units)
    found: dict[str, Any] = {
        "connectedness": sg.connectedness.fit(series, rng=1),
        "connectedness-rolling": sg.connectedness.rolling(series, rng=1),
        "migration": sg.migration.path(incidents, sg.load_boundaries(level=0), rng=1, **_SPAN),
    }
    for name, result in found.items():
        draw(name, result.plot())
        print(name, result.sentence("en"), result.table.to_string(), sep="\n")
    print(found["migration"].crossings.to_string())
    variants: list[dict[str, Any]] = [
        {"lags": 1},
        {"trend": "ct"},
        {"difference": True},
        {"keep": "season"},
    ]
    for options in variants:
        print(options, sg.connectedness.fit(series, rng=1, **options).sentence("en"))
    near = incidents.assign(location_precision="near")  # the file says: precision 1 or 2
    for measure in (near_repeats, near_repeats_where_drawn, likeness, connectedness):
        moved = sg.uncertainty.propagate(measure, near, units, rng=1, n=100)
        print(measure.__name__, moved.table.to_string(), moved.sentence("en"), sep="\n")
        if measure is near_repeats:
            draw("spillover-location-error", moved.plot(), title=False)
    where = sg.uncertainty.propagate(centre_country, near, units, rng=1, n=100, columns="country")
    print(where.table.to_string(), where.redrawn.to_string(), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
