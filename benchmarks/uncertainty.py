"""How often the interval of a count under location error holds the true count.

    python benchmarks/uncertainty.py --incidents ged211_mli_ner_bfa_prec12_reduced.csv

Incidents whose place is known are taken as the truth. A share of them, drawn at random, is then
coded to the middle of its region, as a source does that knows no more (alike everywhere, all of a
region in a month at once, or at odds that differ from unit to unit, `--ways`), and
`sg.uncertainty.propagate` gives the 90 % interval of the number of incidents of each unit. Printed
is the share of units with five or more incidents whose interval holds the true number, by the
package's own placing (people, known incidents, anywhere) and with all points of a region alike.
"""

import argparse
import itertools
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import sahel_geo as sg

LEAST = 5


def chosen_by(incidents, way, share, rng):
    """Choose the incidents to code."""
    if way == "months":
        month = pd.to_datetime(incidents["date"]).dt.to_period("M").astype(str)
        batch = pd.factorize(incidents["region"] + month.to_numpy())[0]
        return (rng.random(batch.max() + 1) < share)[batch]
    unit = pd.factorize(incidents["unit_id"])[0]
    unequal = rng.normal(0, 1.0 if way == "unequal" else 0.0, unit.max() + 1)
    odds = share / (1 - share) * np.exp(unequal)
    return rng.random(len(incidents)) < (odds / (1 + odds))[unit]


def coded(incidents, regions, way, share, rng):
    """Code a share of the incidents to the middle of their region."""
    middle = regions.set_index("unit_id").geometry.representative_point()
    table = pd.DataFrame(incidents).copy()
    own = table["region"]
    chosen = chosen_by(table, way, share, rng) & own.notna().to_numpy()
    for name, values in (("lon", middle.x), ("lat", middle.y)):
        table.loc[chosen, name] = values.reindex(own[chosen]).to_numpy()
    table.loc[chosen, "location_precision"] = "admin1"
    return table


def per_unit(placed, units):
    return placed["unit_id"].value_counts().reindex(units["unit_id"], fill_value=0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--incidents", type=Path, required=True)
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.3, 0.6])
    parser.add_argument("--ways", nargs="+", default=["alike"])
    parser.add_argument("--first", type=int, default=0, help="seed of the first world")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    units, regions = sg.load_boundaries(level=2), sg.load_boundaries(level=1)
    incidents = sg.assign(sg.read_incidents(options.incidents), units)
    incidents = incidents[incidents["unit_id"].notna()].reset_index(drop=True)
    if (incidents["location_precision"] == "exact").any():
        known = incidents["location_precision"] == "exact"
        incidents = incidents[known].reset_index(drop=True)
    incidents["location_precision"] = "exact"
    incidents["region"] = sg.assign(incidents, regions)["unit_id"].to_numpy()
    truth = per_unit(incidents, units).to_numpy()
    alike = {
        name: sg.load_boundaries(level=level)
        for name, level in (("country", 0), ("admin1", 1), ("admin2", 2))
    }
    print(f"{len(incidents)} incidents, {(truth >= LEAST).sum()} units with {LEAST} or more")
    for share, way in itertools.product(options.shares, options.ways):
        for name, areas in (("by what is known", None), ("all points alike", alike)):
            held, wide, start = [], [], time.perf_counter()
            for seed in range(options.first, options.first + options.worlds):
                table = coded(incidents, regions, way, share, np.random.default_rng(seed))
                found = sg.uncertainty.propagate(
                    per_unit, table, units, rng=seed, n=options.draws, areas=areas
                ).table
                low, high = found["low"].to_numpy(), found["high"].to_numpy()
                many = truth >= LEAST
                held.append(((low <= truth) & (truth <= high))[many].mean())
                wide.append((high - low)[many].mean())
            spent = (time.perf_counter() - start) / options.worlds
            print(
                f"{share:.0%} coded to regions, {way}, {name}: the interval holds the truth in "
                f"{np.mean(held):.1%} of units (over worlds {np.min(held):.0%} to "
                f"{np.max(held):.0%}), mean width {np.mean(wide):.1f}; {spent:.1f} s a world",
                flush=True,
            )


if __name__ == "__main__":
    main()
