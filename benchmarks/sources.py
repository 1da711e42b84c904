"""Reading the yearly file of UCDP: the rows asked for as it streams, beside the whole in memory.

The real file has 418,000 rows of 49 columns, 39 MB packed; this one has the same columns and
invented rows. Both give the same events.
"""

import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sahel_geo.sources.access.access import Access
from sahel_geo.sources.clients.ucdp import SOURCE, _read, _Wanted
from tests.loopback.shapes import ged_row, ged_zip

ROWS = 50_000


def streamed(path):
    wanted = _Wanted(("MLI", "NER", "BFA"), "2024-01-01", None, candidate=True, page="")
    with tempfile.TemporaryDirectory() as cache, Access(SOURCE, cache=cache) as access:
        return _read(access, path, "26.1", wanted)


def whole(path):
    table = pd.read_csv(path, dtype=str, compression="zip")
    ours = table["country"].isin(["Mali", "Niger", "Burkina Faso"])
    return table[ours & (table["date_start"] >= "2024-01-01")]


def measured(read, path):
    start = time.perf_counter()
    table = read(path)
    return table, time.perf_counter() - start


def main():
    days = [f"20{n % 26:02}-0{1 + n % 9}-1{n % 9}" for n in range(ROWS)]
    rows = [ged_row(n, day, n) for n, day in enumerate(days)]
    for row in rows[::3]:
        row["country"] = "Somalia"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ged261-csv.zip"
        path.write_bytes(ged_zip(rows))
        (ours, own_seconds), (theirs, seconds) = (
            measured(read, path) for read in (streamed, whole)
        )
    assert ours["id"].tolist() == theirs["id"].tolist()
    own_mb, mb = (table.memory_usage(deep=True).sum() / 1e6 for table in (ours, theirs))
    print(f"{ROWS:,} rows, {len(ours):,} asked for")
    print(f"streamed {own_seconds:6.2f} s, kept {own_mb:5.1f} MB")
    print(
        f"whole    {seconds:6.2f} s, kept {mb:5.1f} MB; {seconds / own_seconds:.1f} times the time"
    )


if __name__ == "__main__":
    main()
