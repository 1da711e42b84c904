"""Hawkes fits: time at 20,000 incidents, and coverage of the 95 % intervals.

    python benchmarks/hawkes.py --records 100

Records are simulated by thinning from a known process of three types and fitted.
"""

import argparse
import time

import numpy as np

import sahel_geo as sg

BRANCHING = np.array([[0.4, 0.1, 0.05], [0.1, 0.3, 0.1], [0.05, 0.15, 0.35]])
RATES = [0.5, 0.4, 0.3]


def simulated(days, seed):
    return sg.hawkes.simulate(RATES, BRANCHING, mean_days=5, days=days, rng=seed)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=100)
    records = parser.parse_args().records
    incidents = simulated(9000, 1).iloc[:20_000]
    for turn in ("with compilation", "warm"):
        start = time.perf_counter()
        sg.hawkes.fit(incidents)
        print(f"{len(incidents)} incidents, 3 types, {turn}: {time.perf_counter() - start:.2f} s")
    held, stated, radius = [], [], []
    for seed in range(records):
        fit = sg.hawkes.fit(simulated(1000, seed))
        truth = BRANCHING.ravel()
        held.append((fit.table["lower"] <= truth) & (truth <= fit.table["upper"]))
        stated.append(fit.table["lower"].notna())
        radius.append(fit.spectral_radius)
    print(f"coverage of 95 % intervals of the branching matrix, {records} records of 1,000 days")
    print(np.mean(held, axis=0).reshape(3, 3).round(3))
    print("share of records in which the interval is stated (the effect is not put at 0)")
    print(np.mean(stated, axis=0).reshape(3, 3).round(3))
    print(f"coverage of the stated intervals: {np.sum(held) / np.sum(stated):.3f}")
    true_radius = np.abs(np.linalg.eigvals(BRANCHING)).max()
    print(f"spectral radius: {np.mean(radius):.3f} on average, truth {true_radius:.3f}")


if __name__ == "__main__":
    main()
