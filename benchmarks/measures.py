"""Location error and the space-time scan on 10,000 synthetic incidents in the 165 units of level 2.

    python benchmarks/measures.py

Figures are of the second call; the first also compiles.
"""

import time

import numpy as np
import pandas as pd

import sahel_geo as sg

PRECISIONS = ["exact", "near", "admin3", "admin2", "admin1", "country"]
SHARES = [0.45, 0.25, 0.1, 0.1, 0.07, 0.03]
SPAN = {"start": "2020-01-01", "end": "2023-12-31"}


def synthetic(units, size=10_000):
    rng = np.random.default_rng(1)
    centre = units.representative_point()
    at = rng.integers(0, len(units), size)
    return pd.DataFrame(
        {
            "lon": centre.x.to_numpy()[at] + rng.normal(0, 0.1, size),
            "lat": centre.y.to_numpy()[at] + rng.normal(0, 0.1, size),
            "date": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1400, size), "D"),
            "location_precision": rng.choice(PRECISIONS, size, p=SHARES),
            "fatalities_low": 1.0,
            "fatalities_best": 2.0,
            "fatalities_high": 6.0,
        },
    )


def timed(name, work):
    work()
    start = time.perf_counter()
    work()
    print(f"{name:<48} {time.perf_counter() - start:6.2f} s")


def rates(placed, units):
    panel = sg.count(placed, units, period="year", **SPAN)
    return sg.density.rates(panel, units)["per_1000km2"]


def main():
    units = sg.load_boundaries(level=2)
    incidents = synthetic(units)
    panel = sg.count(sg.assign(incidents, units), units, **SPAN)
    timed(
        "rates under location error, 200 draws",
        lambda: sg.uncertainty.propagate(rates, incidents, units, n=200, rng=1),
    )
    timed(
        "SCDi type probabilities, 200 draws",
        lambda: sg.uncertainty.scdi_types(incidents, units, n=200, rng=1),
    )
    timed(
        "space-time permutation scan, 999 replicates", lambda: sg.clusters.scan(panel, units, rng=1)
    )
    timed(
        "ST-DBSCAN, 20 km and 30 days",
        lambda: sg.clusters.st_dbscan(incidents, radius_km=20, days=30),
    )


if __name__ == "__main__":
    main()
