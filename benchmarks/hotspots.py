"""Local Gi* and local Moran with conditional permutations, beside esda, in one run.

    python benchmarks/hotspots.py

Both get the same values and the same contiguity weights. Times are the best of two runs after one
to warm up; esda runs on all processors. Read the ratios, not the seconds.
"""

import time
import warnings

import esda
import geopandas as gpd
import libpysal
import numpy as np
import shapely

import sahel_geo as sg

PERMUTATIONS = 9_999


def best(work, runs=2):
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def communes():
    units = sg.load_boundaries(level=3)
    return units, sg.hotspots.contiguity(units)


def cells(columns=200, rows=150, size=0.1):
    x, y = np.meshgrid(np.arange(columns) * size, 10 + np.arange(rows) * size)
    units = gpd.GeoDataFrame(
        {"unit_id": [f"c{at}" for at in range(x.size)], "country": "MLI"},
        geometry=shapely.box(x.ravel(), y.ravel(), (x + size).ravel(), (y + size).ravel()),
        crs=4326,
    )
    links = libpysal.weights.lat2W(rows, columns, rook=False)
    return units, sg.hotspots.Weights.from_matrix(units["unit_id"], links.sparse)


def main():
    warnings.simplefilter("ignore")
    print(f"{PERMUTATIONS:,} permutations; seconds, and how many times slower esda is")
    for name, (units, weights) in {"communes": communes(), "cells": cells()}.items():
        values = np.random.default_rng(1).poisson(0.6, len(units)).astype(float)
        graph = libpysal.graph.Graph.from_sparse(weights.matrix)
        links = graph.to_W()

        def ours(measure, units=units, weights=weights, values=values):
            return measure(values, units, weights=weights, rng=1, permutations=PERMUTATIONS)

        def theirs(measure, links=links, values=values, **options):
            return measure(
                values, links, permutations=PERMUTATIONS, keep_simulations=False, seed=1, **options
            )

        gi = best(lambda run=ours: run(sg.hotspots.local_gi))
        gi_esda = best(lambda run=theirs: run(esda.G_Local, transform="B", n_jobs=-1), runs=1)
        moran = best(lambda run=ours: run(sg.hotspots.local_moran))
        moran_esda = best(lambda run=theirs: run(esda.Moran_Local, n_jobs=-1), runs=1)
        for label, own, other in (("Gi*", gi, gi_esda), ("local Moran", moran, moran_esda)):
            print(f"{len(units):>7,} {name:<9} {label:<12} {own:8.3f} s  {other / own:8.1f} x")


if __name__ == "__main__":
    main()
