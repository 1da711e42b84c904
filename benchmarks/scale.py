"""Many points from Parquet, on one and two workers: points per second and memory in total.

    python benchmarks/scale.py --points 1e7
    python benchmarks/scale.py --points 1e8 --folder /path/with/space

Writes the points once (16 bytes a point and a date), then assigns them to the communes and counts
them by month on a local cluster of `distributed`. Memory is the sum over this process and all
workers, sampled while the work runs, with pages that processes share counted more than once.
"""

import argparse
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client, LocalCluster

import sahel_geo as sg

_ROWS_PER_FILE = 1_000_000


def write(folder, size):
    rng = np.random.default_rng(1)
    west, south, east, north = sg.load_boundaries(level=0).total_bounds
    first = np.datetime64("2015-01-01", "D")
    for number, at in enumerate(range(0, size, _ROWS_PER_FILE)):
        rows = min(_ROWS_PER_FILE, size - at)
        table = pa.table(
            {
                "lon": rng.uniform(west, east, rows),
                "lat": rng.uniform(south, north, rows),
                "date": (first + rng.integers(0, 3650, rows)).astype("datetime64[ms]"),
            }
        )
        pq.write_table(table, folder / f"points{number:04}.parquet", use_dictionary=False)


class Memory:
    """Largest sum of resident memory of this process and its children."""

    def __enter__(self):
        self.peak, self.running = 0, True
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def _watch(self):
        here = psutil.Process()
        while self.running:
            total = 0
            for process in [here, *here.children(recursive=True)]:
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak = max(self.peak, total)
            time.sleep(0.05)

    def __exit__(self, *_):
        self.running = False
        self.thread.join()


def run(folder, size, workers, units):
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
        Memory() as memory,
    ):
        client.run(sg.UnitIndex, units)  # each worker imports and loads its machine code once
        start = time.perf_counter()
        panel = sg.count(sg.assign(folder, units), units)
        seconds = time.perf_counter() - start
    found = int(panel["incidents"].sum())
    assert found + panel.attrs["unplaced"] == size
    print(
        f"{workers} workers: {size:,} points in {seconds:.1f} s, {size / seconds / 1e6:.2f} M/s, "
        f"{memory.peak / 1e9:.2f} GB in total, {found:,} placed",
        flush=True,
    )
    return panel


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--points", type=float, default=1e7, help="number of points")
    parser.add_argument("--folder", help="where to write them; by default a temporary folder")
    arguments = parser.parse_args()
    size = int(arguments.points)
    units = sg.load_boundaries(level=3)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        write(Path(name), size)
        panels = [run(name, size, workers, units) for workers in (1, 2)]
    assert panels[0].equals(panels[1])


if __name__ == "__main__":
    main()
