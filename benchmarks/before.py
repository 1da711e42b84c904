"""The scan of 67 counties and the endemic-epidemic model of 31 units, beside an older checkout.

    python benchmarks/before.py --before CHECKOUT

Both are timed in processes of their own that take turns, in one run: the least processor time of
several calls once everything is compiled and imported. What they find is printed beside the times:
the ratio of the most likely cluster, and the log-likelihood.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

WORK = """
import json, sys, time, warnings
import numpy as np, pandas as pd
import sahel_geo as sg

warnings.simplefilter("ignore")
rng = np.random.default_rng(1)


def least(work, times=7):
    work()
    spent = []
    for _ in range(times):
        start = time.process_time()
        found = work()
        spent.append(time.process_time() - start)
    return min(spent), found


def panel(units, expected, start, freq):
    periods = pd.period_range(start, periods=expected.shape[1], freq=freq)
    return pd.DataFrame({
        "unit_id": np.repeat(units["unit_id"].to_numpy(), len(periods)),
        "period": periods.take(np.tile(np.arange(len(periods)), len(units))),
        "incidents": rng.poisson(expected).ravel(),
    })


counties = sg.load_boundaries(level=2).iloc[:67].reset_index(drop=True)
people = pd.Series(rng.integers(20_000, 800_000, 67), counties["unit_id"].to_numpy())
more = np.where(np.arange(67) // 4 == 1, 1.3, 1)
share = ((people / people.sum()).to_numpy() * more)[:, None]
cases = panel(counties, 10_000 * share, "2018", "Y")
months = panel(counties, np.repeat(1_000 / 24 * share, 24, 1), "2018-01", "M")
regions = sg.load_boundaries(level=1).iloc[:31].reset_index(drop=True)
level = rng.gamma(1, 1, (len(regions), 1)) * np.exp(0.3 * np.sin(np.arange(200) * np.pi / 6))
monthly = panel(regions, level, "2004-01", "M")
wide = {"model": "poisson", "population": people, "max_km": 1e4, "rng": 1}
plain = {"effects": None} if "effects" in sg.contagion.fit.__kwdefaults__ else {}


def scan(*given, **options):
    best = "log_likelihood_ratio"
    return lambda: sg.clusters.scan(*given, counties, **options).clusters.iloc[0][best]


def contagion(**options):
    return lambda: sg.contagion.fit(monthly, regions, **options).log_likelihood


WORKS = {
    "scan, 67 counties, one period, 999 replicates": scan(cases, replicates=999, **wide),
    "scan, 67 counties, 24 months, Poisson, 199": scan(
        months, replicates=199, model="poisson", population=people, rng=1
    ),
    "scan, 67 counties, 24 months, permutation, 199": scan(months, replicates=199, rng=1),
    "contagion, 31 units x 200 months, border": contagion(**plain),
    "contagion, 31 units x 200 months, power": contagion(weights="power", **plain),
}
print(json.dumps({name: least(work) for name, work in WORKS.items()}))
"""


def timed(tree):
    """Run the work with the package of a checkout."""
    environment = os.environ | {"PYTHONPATH": str(tree), "NUMBA_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", WORK],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--before", type=Path, required=True, help="checkout to set beside")
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    here = Path(__file__).resolve().parent.parent
    turns = [(timed(given.before.resolve()), timed(here)) for _ in range(given.turns)]
    for name in turns[0][1]:
        before, now = (min(turn[side][name] for turn in turns) for side in (0, 1))
        times = f"{before[0] * 1e3:8.1f} ms {now[0] * 1e3:8.1f} ms {before[0] / now[0]:6.1f} x"
        print(f"{name:<48} {times}   {before[1]:.6f} {now[1]:.6f}")


if __name__ == "__main__":
    main()
