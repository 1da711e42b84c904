"""Near pairs and near repeats beside SciPy, NumPy and pointpats, in one run.

python benchmarks/knox.py            all that follows
python benchmarks/knox.py designs    how often each design finds what is, or is not, there
"""

import sys
import threading
import time

import numpy as np
import pandas as pd
import psutil
from scipy.spatial import KDTree

import sahel_geo as sg
from sahel_geo.indicators.near_repeat.knox_permutation import Counted

DISTANCES, DAYS = [0.0, 1.0, 5.0, 10.0, 20.0], [0.0, 7.0, 14.0, 28.0]
PLANE = [[1100.0], [670.0], [3650.0]]  # km, km, days


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


def measured(work):
    """Give the answer, the seconds, and the memory above what was there before, in MB."""
    process, peak, done = psutil.Process(), [0], threading.Event()
    before = process.memory_info().rss

    def watch() -> None:
        while not done.wait(0.005):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    answer = work()
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    return answer, seconds, max(peak[0] - before, 0) / 1e6, peak[0] / 1e6


def pair_counts() -> None:
    print("pairs within 20 km and 28 days")
    rng = np.random.default_rng(1)
    by_cells(*rng.uniform(0, 9, (3, 10)))
    for size in (10_000, 100_000):
        # real-valued, so that no pair lies on the end of a band
        x, y, days = rng.uniform(0, PLANE, (3, size))
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


def clustered(rng, size):
    """Half of the incidents around 400 towns, half anywhere; three countries side by side."""
    towns = rng.uniform(0, PLANE[:2], (2, 400))
    x, y = rng.uniform(0, PLANE[:2], (2, size))
    half = size // 2
    town = rng.integers(0, 400, half)
    x[:half], y[:half] = towns[:, town] + rng.normal(0, 8, (2, half))
    days = rng.integers(0, int(PLANE[2][0]), size)
    return x, y, days, np.digitize(x, [400, 750])


def permutations(size=100_000, runs=999) -> None:
    print(f"{runs} exchanges and {runs} shifts of {size:,} incidents, three parts, 12 bands")
    rng = np.random.default_rng(2)
    options = {"distances_km": DISTANCES, "days": DAYS, "by": "border", "rng": 1}
    for name in ("uniform", "clustered"):
        x, y, days, country = clustered(rng, size)
        if name == "uniform":
            x, y = rng.uniform(0, PLANE[:2], (2, size))
            country = np.digitize(x, [400, 750])
        incidents = pd.DataFrame(
            {
                "lon": x / 111.195,
                "lat": (y - 335) / 111.195,
                "date": pd.Timestamp("2015-01-01") + pd.to_timedelta(days, "D"),
                "country": np.take(["MLI", "BFA", "NER"], country),
            }
        )
        sg.near_repeat.knox(incidents.head(50), **options, permutations=2)

        def work(incidents=incidents):
            return sg.near_repeat.knox(incidents, **options, permutations=runs)

        found, seconds, above, peak = measured(work)
        near = sg.near_repeat.knox_pairs(incidents, distances_km=DISTANCES, days=[0, np.inf])
        print(
            f"  {name:<10} {near.sum():>11,} close pairs {seconds:>7.1f} s, "
            f"{above:,.0f} MB more, {peak:,.0f} MB in all, "
            f"cross-border ratio {found.table['ratio'].iloc[-1]:.2f}",
            flush=True,
        )


def beside_pointpats(size=10_000, runs=99) -> None:
    from pointpats import Knox  # noqa: PLC0415  slow to import

    print(f"{runs} permutations of {size:,} incidents, one band of 20 km and 28 days")
    rng = np.random.default_rng(3)
    x, y, _, _ = clustered(rng, size)
    days = rng.integers(0, int(PLANE[2][0]), size)
    np.random.seed(1)  # noqa: NPY002  pointpats knows no Generator

    def theirs():
        return Knox(np.column_stack([x, y]), days[:, None], delta=20, tau=28, permutations=runs)

    def ours():
        # their bounds are included
        bands = {"distances": [0, np.nextafter(20, 21)], "days": [0, 29]}
        return Counted.of(x, y, days, **bands, metric="euclidean", permutations=runs, rng=1)

    ours()
    (mine, seconds, above, _), (other, their_seconds, their_above, _) = (
        measured(ours),
        measured(theirs),
    )
    p = (1 + (mine.simulated[:, 0, 0, 0] >= mine.observed[0, 0, 0]).sum()) / (1 + runs)
    print(
        f"  sahel_geo {seconds:>8.3f} s {above:>8,.0f} MB more: {mine.observed.item():,} pairs, "
        f"{mine.expected().item():,.1f} expected, p = {p:.2f}\n"
        f"  pointpats {their_seconds:>8.3f} s {their_above:>8,.0f} MB more: "
        f"{other.statistic_:,} pairs, {other.expected[0, 0]:,.1f} expected, "
        f"p = {other.p_sim:.2f}\n  {their_seconds / seconds:,.0f} times as long",
        flush=True,
    )


def k_functions(size=10_000, runs=999) -> None:
    units = sg.load_boundaries(level=0)
    rng = np.random.default_rng(4)
    incidents = pd.DataFrame(
        {
            "lon": rng.uniform(-5, 5, size),
            "lat": rng.uniform(12, 16, size),
            "date": pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 3650, size), "D"),
        }
    )
    placed = sg.assign(incidents, units)
    incidents["country"] = placed["unit_id"].str[:2]
    incidents = incidents[incidents["country"].notna()]
    options = {"distances_km": [10, 25, 50], "days": [7, 14, 30], "permutations": runs, "rng": 1}
    print(f"{runs} simulations of {len(incidents):,} incidents, up to 50 km and 30 days")
    for work in (sg.k_functions.space_time_k, sg.k_functions.space_time_cross_k):
        work(incidents.head(200), units, **{**options, "permutations": 1})
        _, seconds, above, _ = measured(lambda work=work: work(incidents, units, **options))
        print(f"  {work.__name__:<20}{seconds:>7.1f} s, {above:,.0f} MB more", flush=True)


def outbreaks(rng, size, day):
    """Families of four incidents on average, near and soon after their first, in 300 x 50 km."""
    first = rng.uniform([0, 0], [300, 50], (size // 4, 2))
    begin = day(first)
    family = rng.integers(0, size // 4, size)
    place = first[family] + rng.normal(0, 6, (size, 2))
    days = begin[family] + rng.exponential(6, size)
    kept = (abs(place - [150, 25]) < [150, 25]).all(axis=1) & (days < 1460)
    return place[kept], days[kept]


def table_of(sides):
    """Two countries on either side of the parallel of 14 degrees, mirror images in space."""
    (south, day_south), (north, day_north) = sides
    place = np.r_[south * [1, -1], north] / 111.195  # km in a degree
    days = np.r_[day_south, day_north].astype(int)
    return pd.DataFrame(
        {
            "lon": place[:, 0] / np.cos(np.radians(14)),
            "lat": 14 + place[:, 1],
            "date": pd.Timestamp("2015-01-01") + pd.to_timedelta(days, "D"),
            "country": np.repeat(["BFA", "MLI"], [len(day_south), len(day_north)]),
        }
    )


def followed(rng, sides):
    """A fifth of the incidents of the north follow one of the south, just over the border."""
    (south, day_south), (north, day_north) = sides
    near = np.flatnonzero(south[:, 1] < 15)
    chosen = rng.choice(near, min(len(north) // 5, len(near)), replace=False)
    place, days = north.copy(), day_north.copy()
    place[: len(chosen)] = south[chosen]
    days[: len(chosen)] = day_south[chosen] + rng.uniform(0, 5, len(chosen))
    return (south, day_south), (place, np.minimum(days, 1459))


def designs(records=200, size=200) -> None:
    """Share of records in which p is at most 0.05 across the border, by what is moved at random."""
    rng = np.random.default_rng(5)
    inside = ["country", "year", "season"]
    schemes = {
        "exchange between all": {"within": [], "null": "exchange"},
        "exchange in quarters": {"within": inside, "null": "exchange"},
        "shift over all years": {"within": ["country"], "null": "shift"},
        "shift in quarters": {"within": inside, "null": "shift"},
    }
    days = {
        "outbreaks": lambda first: rng.uniform(0, 1460, len(first)),
        "trend": lambda first: 1460 * np.log2(1 + 15 * rng.random(len(first))) / 4,
        "front": lambda first: np.clip(
            1460 * first[:, 0] / 300 + rng.normal(0, 150, len(first)), 0, 1450
        ),
    }
    bands = {"distances_km": [0, 25], "days": [0, 14], "by": "border"}
    print(f"share of {records} records of twice {size} incidents with p <= 0.05 across the border")
    print(f"  {'':<22}" + "".join(f"{name:>12}" for name in [*days, "followed"]))
    found = {name: [] for name in schemes}
    for _ in range(records):
        worlds = [[outbreaks(rng, size, day) for _ in range(2)] for day in days.values()]
        tables = [table_of(sides) for sides in [*worlds, followed(rng, worlds[0])]]
        for name, scheme in schemes.items():
            runs = (
                sg.near_repeat.knox(table, **bands, **scheme, permutations=199, rng=1)
                for table in tables
            )
            found[name].append([run.table["p"].iloc[-1] <= 0.05 for run in runs])
    for name, rows in found.items():
        shares = "".join(f"{100 * share:>10.1f} %" for share in np.mean(rows, axis=0))
        print(f"  {name:<22}{shares}", flush=True)


if __name__ == "__main__":
    if "designs" in sys.argv:
        designs()
    else:
        pair_counts()
        permutations()
        beside_pointpats()
        k_functions()
        designs(records=50)
