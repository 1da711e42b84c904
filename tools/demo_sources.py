"""Play the whole weekly job against publishers on this machine, with rows of our own invention.

Two weeks pass: a first report, a second one that says what changed, and the second again from the
cache with the network gone. The pages lie in the folder that is named.
"""

import os
import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sahel_geo.cli import app  # noqa: E402
from tests.loopback.server import Loopback, Reply, page  # noqa: E402
from tests.loopback.shapes import (  # noqa: E402
    GED_COLUMNS,
    PLACES,
    Acled,
    csv_bytes,
    downloads_page,
    ged_row,
    ged_zip,
)

_ROWS = 600
_DAYS = 700


def invented(today: date) -> list[dict[str, Any]]:
    """Invent events of the last two years, more of them where three countries meet."""
    rng = np.random.default_rng(1)
    rows = []
    for number in range(_ROWS):
        day = today - timedelta(days=int(rng.integers(3, _DAYS)))
        place = int(rng.integers(len(PLACES)))
        _, _, lat, lon = PLACES[place]
        toll = int(rng.poisson(3))
        near = {
            "latitude": round(lat + float(rng.normal(0, 0.15)), 4),
            "longitude": round(lon + float(rng.normal(0, 0.15)), 4),
            "where_prec": int(rng.choice([1, 1, 1, 2, 3])),
            "best": toll,
            "low": max(toll - 1, 0),
            "high": toll + 2,
            "code_status": str(rng.choice(["Clear", "Clear", "check"])),
        }
        rows.append(ged_row(number, f"{day:%Y-%m-%d}", place, **near))
    return rows


def publish(server: Loopback, rows: list[dict[str, Any]], today: date) -> None:
    """Put a yearly release, the months since, and a page that links to them on the server."""
    year = f"{today:%y}"
    candidate = f"GEDEvent_v{year}_0_{today.month}.csv"
    server.answer("/downloads/", downloads_page([f"ged{year}1-csv.zip", candidate]))
    first = f"{today:%Y}-01-01"
    server.answer(
        f"/downloads/ged/ged{year}1-csv.zip",
        Reply(ged_zip([row for row in rows if row["date_start"] < first])),
    )
    late = [row for row in rows if row["date_start"] >= first]
    server.answer(f"/downloads/ged/{candidate}", Reply(csv_bytes(late, GED_COLUMNS)))


def run(*arguments: object) -> None:
    """Show a command, and run it as a person would."""
    words = [str(each) for each in arguments]
    print("\n$ sahel-geo", " ".join(words), flush=True)
    try:
        app(words, prog_name="sahel-geo", standalone_mode=False)
    except Exception as error:  # noqa: BLE001  what a person would read
        print(error)


def main(out: Path) -> None:
    """Let two weeks pass, and then the network go."""
    for name in ("week-1", "week-2", "again"):
        shutil.rmtree(out / name, ignore_errors=True)
    for name in ("ACLED_EMAIL", "ACLED_PASSWORD"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["SAHEL_GEO_CACHE"] = cache
        with Loopback() as server:
            two_weeks(server, out)
        print("\nThe publishers are gone. The second report again, from the cache:")
        again = ("--against", out / "week-1" / "report.toml", "--out", out / "again")
        run("report", "--config", out / "week-2" / "report.toml", "--lang", "en", *again)
    compare(out / "week-2", out / "again")


def two_weeks(server: Loopback, out: Path) -> None:
    """Fetch and report, once a week, and meet a few failures."""
    today = datetime.now(UTC).date()
    rows = invented(today)
    publish(server, rows, today)
    base = ("--base-url", f"{server.url}/downloads", "--lang", "en")
    run("fetch", "ucdp", "--since", "12m", *base)
    weekly = ("--source", "ucdp", "--since", "24m", *base)
    run("report", *weekly, "--out", out / "week-1")
    rows[5] |= {"best": 25, "high": 40}
    rows += [ged_row(9000 + n, f"{today:%Y-%m-%d}", n, code_status="check") for n in range(3)]
    publish(server, rows[1:], today)
    against = ("--against", out / "week-1" / "report.toml")
    run("report", *weekly, "--refresh", *against, "--out", out / "week-2")
    run("sources", "--lang", "en")
    Acled(server, [])
    run("fetch", "acled", "--since", "12m", "--base-url", server.url, "--lang", "en")
    server.answer("/downloads/", page("Down for maintenance"))
    run("fetch", "ucdp", "--refresh", "--since", "12m", *base)


def compare(one: Path, other: Path) -> None:
    """Say whether two folders hold the same bytes."""
    names = sorted(path.name for path in one.iterdir())
    same = [name for name in names if (one / name).read_bytes() == (other / name).read_bytes()]
    print(f"\n{len(same)} of {len(names)} files are the same, byte for byte.")
    if len(same) < len(names):
        sys.exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "outputs/demo-sources"))
