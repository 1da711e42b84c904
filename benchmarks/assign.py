"""Assign points to units: the unit index beside geopandas, shapely and SedonaDB, in one run.

    python benchmarks/assign.py                # every peer, up to one million points
    python benchmarks/assign.py --most 1e7     # the figures quoted in docs/benchmarks.md

Every peer answers the same question (which commune intersects the point) on the same points; where
the answers differ from GEOS's exact predicate, the number of points is printed. Times are the best
of a few runs after one to warm up; read the ratios, not the seconds.
"""

import argparse
import threading
import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import shapely

import sahel_geo as sg

try:
    import sedonadb
except ImportError:
    sedonadb = None


def points(kind, size, units, rng):
    west, south, east, north = units.total_bounds
    if kind == "uniform":
        return rng.uniform(west, east, size), rng.uniform(south, north, size)
    if kind == "clustered":
        towns = units.representative_point()
        at = rng.integers(0, len(towns), size)
        lon = towns.x.to_numpy()[at] + rng.normal(0, 0.15, size)
        return lon, towns.y.to_numpy()[at] + rng.normal(0, 0.15, size)
    vertices = shapely.get_coordinates(units.geometry)
    at = rng.integers(0, len(vertices) - 1, size)
    share = np.where(rng.random((size, 1)) < 0.5, 0.0, rng.random((size, 1)))
    lon, lat = (vertices[at] * (1 - share) + vertices[at + 1] * share).T
    return lon.copy(), lat.copy()


def by_index(units) -> Callable:
    index = sg.UnitIndex(units)
    return index.locate


def by_sjoin(units):
    polygons = units[["geometry"]].reset_index(drop=True)

    def answer(lon, lat):
        frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat, crs=4326))
        joined = frame.sjoin(polygons, how="left", predicate="within")["index_right"]
        return joined[~joined.index.duplicated()].fillna(-1).to_numpy(np.int64)

    return answer


def by_contains_xy(units):
    polygons = units.geometry.to_numpy()
    shapely.prepare(polygons)
    bounds = shapely.bounds(polygons)

    def answer(lon, lat):
        row = np.full(len(lon), -1)
        order = np.argsort(lon)
        x, y = lon[order], lat[order]
        for at, (polygon, (west, south, east, north)) in enumerate(
            zip(polygons, bounds, strict=True)
        ):
            first, last = np.searchsorted(x, [west, east])
            part = first + np.flatnonzero((y[first:last] >= south) & (y[first:last] <= north))
            row[order[part[shapely.contains_xy(polygon, x[part], y[part])]]] = at
        return row

    return answer


def by_sedona(units):
    session = sedonadb.connect()
    frame = units[["geometry"]].reset_index(drop=True).assign(row=range(len(units)))
    session.create_data_frame(frame).to_view("units")

    def answer(lon, lat):
        table = pd.DataFrame({"id": np.arange(len(lon)), "lon": lon, "lat": lat})
        session.create_data_frame(table).to_view("points", overwrite=True)
        joined = session.sql(
            "SELECT p.id, u.row FROM points p JOIN units u "
            "ON ST_Intersects(u.geometry, ST_SetSRID(ST_Point(p.lon, p.lat), 4326))",
        ).to_pandas()
        row = np.full(len(lon), -1)
        row[joined["id"].to_numpy()] = joined["row"].to_numpy()
        return row

    return answer


def exact(units, lon, lat):
    """Pairs that GEOS finds, on at most 200,000 points."""
    tree = shapely.STRtree(shapely.points(lon, lat))
    unit, point = tree.query(units.geometry.to_numpy(), predicate="intersects")
    return {*zip(point.tolist(), unit.tolist(), strict=True)}


def wrong(rows, pairs, size):
    placed = {point for point, _ in pairs}
    lost = sum(1 for at in range(size) if rows[at] < 0 and at in placed)
    differs = sum(1 for at in range(size) if rows[at] >= 0 and (at, int(rows[at])) not in pairs)
    return lost, differs


def peak_mb(work):
    """Memory that a call needs above what was there before it."""
    process, running, peak = psutil.Process(), True, [0]

    def watch():
        while running:
            peak[0] = max(peak[0], process.memory_info().rss)
            time.sleep(0.002)

    before = process.memory_info().rss
    thread = threading.Thread(target=watch)
    thread.start()
    work()
    running = False
    thread.join()
    return (peak[0] - before) / 1e6


def best_of(work, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def bandwidth_bound(size):
    """Time to stream what any answer must read and write: two doubles in, one int32 out."""
    lon, lat, out = np.ones(size), np.ones(size), np.empty(size, np.float32)
    return best_of(lambda: np.add(lon, lat, out=out, casting="same_kind"), 3)


def compare(units, kind, size, rng, peers):
    lon, lat = points(kind, size, units, rng)
    sample = slice(0, min(size, 100_000))
    pairs = exact(units, lon[sample], lat[sample])
    ours = None
    for name, make in peers.items():
        answer = make(units)
        rows = answer(lon, lat)
        seconds = best_of(lambda: answer(lon, lat), 5 if name == "UnitIndex" else 1)  # noqa: B023
        memory = peak_mb(lambda: answer(lon, lat)) if size <= 1e7 else float("nan")  # noqa: B023
        ours = ours or seconds
        lost, differs = wrong(rows[sample], pairs, sample.stop)
        print(
            f"{len(units):>6} {kind:<10} {size:>10,} {name:<24} {seconds:>9.4f} s "
            f"{size / seconds / 1e6:>8.2f} M/s {seconds / ours:>8.1f}x {memory:>7.0f} MB "
            f"lost {lost:>6} wrong {differs:>4}",
            flush=True,
        )
    bound = bandwidth_bound(size)
    bound = bandwidth_bound(size)
    print(
        f"       streaming input and output {bound:.4f} s: the index takes {ours / bound:.1f}x that"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--most", type=float, default=1e6, help="largest number of points")
    most = int(parser.parse_args().most)
    peers = {
        "UnitIndex": by_index,
        "geopandas.sjoin within": by_sjoin,
        "shapely.contains_xy": by_contains_xy,
    }
    if sedonadb is not None:
        peers["SedonaDB"] = by_sedona
    rng = np.random.default_rng(1)
    communes = sg.load_boundaries(level=3)
    sg.UnitIndex(communes)
    built = best_of(lambda: sg.UnitIndex(communes), 3)
    print(f"index of {len(communes)} communes built in {built:.2f} s")
    print(
        "units points, number, peer, best time, rate, ratio to the index, memory, wrong of 100,000"
    )
    for size in [10**n for n in range(4, 8) if 10**n <= most]:
        compare(sg.load_boundaries(level=3), "uniform", size, rng, peers)
    for level in (1, 2):
        compare(sg.load_boundaries(level=level), "uniform", most, rng, {"UnitIndex": by_index})
    for kind in ("clustered", "on borders"):
        compare(sg.load_boundaries(level=3), kind, min(most, 10**6), rng, peers)


if __name__ == "__main__":
    main()
