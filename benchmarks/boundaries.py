"""Time what a user waits for in sahel_geo.places, and the size of what is shipped.

Run from the root of the repository: ``python benchmarks/boundaries.py``. Needs no network.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import sahel_geo as sg
from sahel_geo.files import data_path

IMPORT = "import time; t = time.perf_counter(); import sahel_geo; print(time.perf_counter() - t)"
FIRST_LOAD = (
    "import time; from sahel_geo.places.boundaries.boundaries import load_boundaries; "
    "t = time.perf_counter(); load_boundaries({}, resolution={!r}); print(time.perf_counter() - t)"
)
REPEATS = 5


def fresh(code: str) -> float:
    """Median seconds that a new interpreter reports."""
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, capture_output=True, check=True) for _ in range(REPEATS)]
    return float(np.median([float(run.stdout) for run in runs]))


def timed(job: Callable[[], object]) -> float:
    """Median seconds of a call in this process."""
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def main() -> None:
    """Print one table."""
    rows = [("import sahel_geo", fresh(IMPORT))]
    for resolution in ("1m", "full", "5m"):
        for level in (1, 2, 3):
            code = FIRST_LOAD.format(level, resolution)
            rows.append((f"first load, level {level}, {resolution}", fresh(code)))
    units, communes = sg.load_boundaries(2), sg.load_boundaries(3)
    borders = sg.international_borders(units)
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-12, 16, 100_000), rng.uniform(9.5, 25, 100_000)
    names = [name.upper() for name in communes["name"]]
    jobs: dict[str, Callable[[], object]] = {
        "load again, level 2": lambda: sg.load_boundaries(2),
        "borders of level 2": lambda: sg.international_borders(units),
        "neighbours of 1,318 communes": lambda: sg.neighbours(communes),
        "100,000 distances to the borders": lambda: sg.distance_to_border(lon, lat, borders),
        "crosswalk of Mali 2012 to 2023, level 2": lambda: sg.crosswalk(2, "2012", "2023"),
        "1,318 names matched with parents": lambda: sg.match_units(
            names, communes, parents=communes[["adm1_name", "adm2_name"]]
        ),
    }
    rows += [(name, timed(job)) for name, job in jobs.items()]
    for name, seconds in rows:
        print(f"{name:45}{seconds:9.3f} s")
    for name in ("communes.parquet", "communes_full.parquet", "communes_5m.parquet", "units.csv"):
        print(f"{name:45}{Path(data_path(name)).stat().st_size / 1e3:9.0f} kB")


if __name__ == "__main__":
    main()
