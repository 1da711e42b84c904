"""Time the border measures beside esda and a plain loop, and count how often intervals hold.

Run: python benchmarks/border.py [--coverage RUNS]
"""

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from esda import Moran
from libpysal.weights import WSP, WSP2W

import sahel_geo as sg
from sahel_geo.indicators.border.block_bootstrap import block_multiplicities
from sahel_geo.indicators.permutation.country import Linked
from sahel_geo.indicators.weights.weights import contiguity

PERMUTATIONS = 9_999


def best(work, times=3):
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def loop(x, links, country, permutations):
    """Deal inside each country and sum over the links, in NumPy."""
    rng = np.random.default_rng(1)
    groups = [np.flatnonzero(country == each) for each in np.unique(country)]
    row = np.repeat(np.arange(len(x)), np.diff(links.indptr))
    place = np.arange(len(x))
    for _ in range(permutations):
        for group in groups:
            place[group] = rng.permutation(group)
        dealt = x[place]
        np.bincount(country[row], weights=dealt[row] * dealt[links.indices] * links.data)


def permutations():
    rng = np.random.default_rng(1)
    units = {f"{level}": sg.load_boundaries(level=level) for level in (2, 3)}
    grid = sg.SquareGrid(units["2"], cell_km=10)
    units["10 km"] = sg.cross_border.cells_with_country(grid, units["2"])
    for layer in units.values():
        weights = contiguity(layer)
        values = rng.poisson(2, len(layer)).astype(float)
        linked = Linked.of(layer, weights)
        country = linked.country
        x = (values - values.mean())[:, None]
        mine = best(
            lambda x=x, linked=linked: linked.dealt_sums(x, x, permutations=PERMUTATIONS, seed=1)
        )
        few = 99 if len(layer) > 5_000 else 999
        plain = best(lambda x=x, w=weights, c=country, few=few: loop(x[:, 0], w.matrix, c, few), 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            w = WSP2W(WSP(weights.matrix.tocsr()), silence_warnings=True)
            theirs = best(
                lambda v=values, w=w: Moran(v, w, transformation="o", permutations=999), 1
            )
        print(
            f"{len(layer)} units, {PERMUTATIONS} deals: {mine:.3f} s; "
            f"NumPy loop {plain * PERMUTATIONS / few / mine:.1f} x; "
            f"esda Moran (deals over the whole map) {theirs * PERMUTATIONS / 999 / mine:.1f} x"
        )
        months = (rng.random((len(layer), 108)) < 0.02).astype(float)
        for deal in ("places", "times"):
            taken = best(
                lambda m=months, k=linked, deal=deal: k.dealt_sums(
                    m, m, permutations=999, seed=1, deal=deal
                ),
                1,
            )
            print(f"  108 months, 999 deals of {deal}: {taken:.3f} s")


def profile():
    units = sg.load_boundaries(level=2)
    border = sg.international_borders(units)
    rng = np.random.default_rng(1)
    inside = pd.DataFrame(
        {
            "lon": rng.uniform(-5, 5, 20_000),
            "lat": rng.uniform(11, 18, 20_000),
            "date": pd.Timestamp("2012-01-01")
            + pd.to_timedelta(rng.integers(0, 3285, 20_000), "D"),
        }
    )
    for seed in (None, 1):
        taken = best(lambda seed=seed: sg.border.proximity_profile(inside, border, units, rng=seed))
        print(f"proximity profile, 20,000 incidents, rng={seed}: {taken:.2f} s")


def coverage(runs):
    """Count the intervals that hold the long-run share of two series with a common past."""
    rng = np.random.default_rng(5)
    for months in (12, 36, 108):
        for carry in (0.0, 0.7):
            held = 0
            for _ in range(runs):
                noise = rng.normal(0, 0.5, (months + 50, 2))
                level = np.zeros_like(noise)
                for at in range(1, len(level)):
                    level[at] = carry * level[at - 1] + noise[at]
                rate = np.exp(np.log([4.0, 8.0]) + level[50:])
                counts = rng.poisson(rate)
                times = block_multiplicities(months, replicates=499, rng=rng)
                near, far = (times @ counts).T
                low, high = np.quantile(near / np.maximum(near + far, 1), [0.025, 0.975])
                held += low <= 1 / 3 <= high
            print(f"{months} months, carry-over {carry}: {held / runs:.1%} of 95 % intervals hold")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coverage", type=int, default=400, metavar="RUNS")
    permutations()
    profile()
    coverage(parser.parse_args().coverage)
