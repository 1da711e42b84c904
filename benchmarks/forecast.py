"""Forecasts: time and memory at the sizes that are asked for, and the record on UCDP's data.

    python benchmarks/forecast.py                 # time, processor time and peak memory
    python benchmarks/forecast.py --only cells    # units, communes or cells
    python benchmarks/forecast.py --record        # scores on the files of SAHEL_GEO_REFERENCE
    python benchmarks/forecast.py --waves         # scores on a world as dense as totals of ACLED

Each size is a process of its own, on a world made up with a seed: the 165 cercles, departments and
provinces and the 1,318 communes with every model from 29 origins, fitted once a year, and the
11,000 cells of PRIO-GRID around the three countries through `predict`, which evaluates first.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

import sahel_geo as sg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.forecast.waves import waves

LIMITS = {"units": 60, "communes": 480, "cells": 120}  # seconds on two idle cores
MONTHS = 140
ORIGINS = ("2024-03", "2026-07")
RECORDS = {
    "Burkina Faso 2016 to 2022": ("ged251_bfa_2016_2022.csv", ["BFA"], ("2020-07", "2022-11")),
    "three countries to 2020": (
        "ged211_mli_ner_bfa_prec12_reduced.csv",
        None,
        ("2018-07", "2020-11"),
    ),
}


def made_up(units, rng):
    """Counts that gather in a tenth of the units and come in bursts, for any number of units."""
    size = len(units)
    level = np.where(rng.random(size) < 0.1, rng.gamma(0.5, 6.0, size), rng.gamma(0.2, 0.1, size))
    fortune = np.zeros((size, MONTHS))
    for month in range(1, MONTHS):
        fortune[:, month] = 0.8 * fortune[:, month - 1] + 0.6 * rng.normal(size=size)
    incidents = rng.negative_binomial(1.5, 1.5 / (1.5 + level[:, None] * np.exp(0.7 * fortune)))
    deaths = rng.negative_binomial(np.maximum(0.4 * incidents, 1e-9), 0.2)
    return pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].astype("str").to_numpy(), MONTHS),
            "period": pd.period_range("2015-01", periods=MONTHS, freq="M").take(
                np.tile(np.arange(MONTHS), size)
            ),
            "incidents": incidents.ravel(),
            "fatalities_best": deaths.ravel().astype(float),
        }
    )


def run(what):
    """Time one size in this process."""
    if what == "cells":
        around = sg.load_boundaries(level=0).geometry.buffer(15.5).union_all()
        units = sg.PrioGrid(gpd.GeoDataFrame(geometry=[around], crs=4326)).cells()
    else:
        units = sg.load_boundaries(level=2 if what == "units" else 3)
    panel = made_up(units, np.random.default_rng(1))
    wall, processor = time.perf_counter(), time.process_time()
    if what == "cells":
        forecast = sg.forecast.predict(panel, units, rng=1)
        rows, record = len(forecast.table), forecast.scores
    else:
        record = sg.forecast.evaluate(panel, units, origins=ORIGINS, rng=1)
        rows = len(record.record.keys)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    skill = record.skill("pool", against="conflictology").loc["crps", "skill"]
    print(
        f"{what:9} {len(units):6,} units {rows:9,} forecasts  {wall:6.1f} s "
        f"(limit {LIMITS[what]} s)  {processor:6.1f} s of processor  {memory:4.2f} GB  "
        f"pool {100 * skill:.1f} % below the last 12 months"
    )


def record():
    """Score every model on UCDP's files, and set it beside the simple rules."""
    folder = Path(os.environ["SAHEL_GEO_REFERENCE"]) / "ucdp"
    for name, (file, countries, origins) in RECORDS.items():
        units = sg.load_boundaries(level=2, **({"countries": countries} if countries else {}))
        placed = sg.assign(sg.read_incidents(folder / file), units)
        kept = placed[placed["unit_id"].notna() & (placed["date"] >= "2009-01-01")]
        score(name, sg.count(kept, units), units, origins)


def score(name, panel, units, origins):
    """Print the record of every model, for deaths and for incidents."""
    for column in ("fatalities_best", "incidents"):
        scores = sg.forecast.evaluate(panel, units, column=column, origins=origins, rng=1)
        print(f"\n{name}, {column}, origins {origins[0]} to {origins[1]}")
        print(scores.table.round(3).to_string(index=False))
        for rival in ("conflictology", "conflictology_24", "best"):
            rows = scores.skill("pool", against=rival).loc[["crps", "ign"]]
            print(f"pool against {rival}:\n{rows.round(4).to_string()}")
        print(scores.foreign_neighbours.round(4).to_string(index=False))
        print(scores.quiet[["model", "forecasts", "ap", "auc"]].round(3).to_string(index=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=list(LIMITS))
    parser.add_argument("--here", choices=list(LIMITS), help=argparse.SUPPRESS)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--waves", action="store_true")
    given = parser.parse_args()
    if given.record:
        record()
    elif given.waves:
        units = sg.load_boundaries(level=2)
        score("waves", waves(units), units, ORIGINS)
    elif given.here:
        run(given.here)
    else:
        for what in [given.only] if given.only else LIMITS:
            subprocess.run([sys.executable, __file__, "--here", what], check=True)


if __name__ == "__main__":
    main()
