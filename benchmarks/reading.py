"""Read a million incidents from CSV: read, checked and explained, beside polars, which only parses.

Run: python benchmarks/reading.py [ROWS]; POLARS_MAX_THREADS=1 keeps polars to one thread.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import polars as pl

import sahel_geo as sg

_CENTRES = {"Mali": (-2.0, 16.0), "Niger": (5.0, 15.0), "Burkina Faso": (-1.5, 12.5)}
_REPEATS = 3


def table(rows: int) -> pd.DataFrame:
    """Make incidents as an ordinary export has them."""
    rng = np.random.default_rng(1)
    country = rng.choice(list(_CENTRES), rows)
    centre = np.array([_CENTRES[name] for name in country]) + rng.normal(0, 0.8, (rows, 2))
    days = pd.to_timedelta(rng.integers(0, 3650, rows), "D")
    return pd.DataFrame(
        {
            "event_id": np.arange(rows),
            "event_date": (pd.Timestamp("2015-01-01") + days).strftime("%Y-%m-%d"),
            "country": country,
            "location": rng.choice([f"Place {number}" for number in range(3000)], rows),
            "longitude": centre[:, 0].round(5),
            "latitude": centre[:, 1].round(5),
            "fatalities": rng.poisson(2, rows),
            "event_type": rng.choice(["Battles", "Riots"], rows),
        }
    )


def best(work: Callable[[], object]) -> float:
    """Give the processor time of the shortest of a few runs, in seconds."""
    times = []
    for _ in range(_REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main(rows: int) -> None:
    """Print both times and their ratio."""
    sg.load_boundaries(level=0)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "incidents.csv"
        table(rows).to_csv(file, index=False)
        own = best(lambda: sg.read_incidents(file))
        peer = best(lambda: pl.read_csv(file, try_parse_dates=True))
    print(f"{rows:,} rows: read_incidents {own:.2f} s, polars {peer:.2f} s, {own / peer:.1f} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
