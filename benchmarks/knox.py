"""Near pairs: the cell lists beside a search tree of SciPy and all pairs in NumPy, in one run.

python benchmarks/knox.py
"""

import time

import numpy as np
from scipy.spatial import KDTree

import sahel_geo as sg

DISTANCES, DAYS = [0.0, 1.0, 5.0, 10.0, 20.0], [0.0, 7.0, 14.0, 28.0]


def by_tree(x, y, days):
    pairs = KDTree(np.column_stack([x, y])).query_pairs(DISTANCES[-1], output_type="ndarray")
    i, j = pairs.T
    return np.histogram2d(
        np.hypot(x[i] - x[j], y[i] - y[j]), np.abs(days[i] - days[j]), [DISTANCES, DAYS]
    )[0].astype(int)


def by_all_pairs(x, y, days):
    table = np.zeros((len(DISTANCES) - 1, len(DAYS) - 1), dtype=int)
    for at in range(len(x) - 1):
        away = np.hypot(x[at + 1 :] - x[at], y[at + 1 :] - y[at])
        near = away < DISTANCES[-1]
        between = np.abs(days[at + 1 :][near] - days[at])
        table += np.histogram2d(away[near], between, [DISTANCES, DAYS])[0].astype(int)
    return table


def by_cells(x, y, days):
    return sg.near_repeat.knox_counts(
        x, y, days, distances=DISTANCES, days=DAYS, metric="euclidean"
    )


def main() -> None:
    rng = np.random.default_rng(1)
    by_cells(*rng.uniform(0, 9, (3, 10)))
    for size in (10_000, 100_000):
        # a plane of 1,100 x 670 km; real-valued, so that no pair lies on the end of a band
        x, y, days = rng.uniform(0, [[1100.0], [670.0], [3650.0]], (3, size))
        base = None
        for work in (by_cells, by_tree, by_all_pairs)[: 3 if size < 50_000 else 2]:
            start = time.perf_counter()
            table = work(x, y, days)
            seconds = time.perf_counter() - start
            base = base or (seconds, table)
            same = "same" if (table == base[1]).all() else "DIFFERENT"
            print(
                f"{size:>8,} {work.__name__:<14}{seconds:>9.3f} s {seconds / base[0]:>8.1f}x "
                f"{same}",
                flush=True,
            )


if __name__ == "__main__":
    main()
