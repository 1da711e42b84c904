"""Endemic-epidemic fits: time at 120 units x 120 months, and coverage of the 95 % intervals.

    python benchmarks/contagion.py --panels 200

Panels are simulated from known parameters on a lattice of squares in two countries, fitted, and the
share of intervals that hold the truth is printed beside the 95 % that they claim.
"""

import argparse
import time

import geopandas as gpd
import pandas as pd
import shapely

import sahel_geo as sg

TRUTH = {
    "intercept": -0.5,
    "trend": 0.1,
    "sin1": 0.3,
    "cos1": -0.2,
    "autoregressive": 0.3,
    "domestic": 0.2,
    "foreign": 0.25,
    "overdispersion": 0.4,
}


def lattice(columns, rows):
    cells = [(x, y) for y in range(rows) for x in range(columns)]
    return gpd.GeoDataFrame(
        {
            "unit_id": [f"{x}-{y}" for x, y in cells],
            "country": ["MLI" if x < columns / 2 else "NER" for x, _ in cells],
        },
        geometry=[shapely.box(x / 2, 10 + y / 2, x / 2 + 0.5, 10.5 + y / 2) for x, y in cells],
        crs=4326,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--panels", type=int, default=200)
    panels = parser.parse_args().panels
    months = pd.period_range("2012-01", periods=120, freq="M")
    units = lattice(12, 10)
    for weights, decay in (("border", {}), ("power", {"decay": 1.5})):
        panel = sg.contagion.simulate(units, {**TRUTH, **decay}, months, rng=1, weights=weights)
        start = time.perf_counter()
        sg.contagion.fit(panel, units, weights=weights)
        print(f"120 units x 120 months, {weights}: {time.perf_counter() - start:.2f} s")

    units = lattice(6, 4)
    truth = pd.Series(TRUTH)
    held, foreign = [], []
    for seed in range(panels):
        table = sg.contagion.fit(sg.contagion.simulate(units, TRUTH, months, rng=seed), units).table
        held.append((table["lower"] <= truth) & (truth <= table["upper"]))
        null = sg.contagion.simulate(units, {**TRUTH, "foreign": 0}, months, rng=panels + seed)
        foreign.append(sg.contagion.fit(null, units).foreign_p < 0.05)
    print(f"coverage of 95 % intervals, {panels} panels of 24 units x 120 months")
    print(pd.DataFrame(held).mean().round(3).to_string())
    print(f"foreign part found at 5 % where there is none: {sum(foreign) / panels:.3f}")


if __name__ == "__main__":
    main()
