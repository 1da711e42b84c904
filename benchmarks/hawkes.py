"""Hawkes fits: time at 20,000 incidents beside a plain fit, and coverage of the 95 % intervals.

    python benchmarks/hawkes.py --records 200

Records are simulated from known processes of three types and fitted. The plain fit is the textbook
one: all parameters at once, on sums over all pairs in NumPy, on fewer incidents. Where the package
hawkes-rs is installed, it fits the same model to the same incidents; neither gives intervals.
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import geopandas as gpd
import numpy as np
from scipy.optimize import minimize
from shapely import box

import sahel_geo as sg
from sahel_geo.indicators.hawkes.likelihood import maximise
from sahel_geo.indicators.hawkes.model import TimeModel, longest_delay, read_events

sys.path = sys.path[1:]  # this folder, where this file would hide the package hawkes
try:
    from hawkes import multivariate  # of hawkes-rs
except ImportError:
    multivariate = None

COUNTRIES = ["BFA", "MLI", "NER"]
BRANCHING = np.array([[0.4, 0.1, 0.0], [0.1, 0.3, 0.1], [0.0, 0.05, 0.35]])
NO_OTHERS = np.diag([0.4, 0.3, 0.35])
NOTHING = np.zeros((3, 3))
RATES = [0.5, 0.4, 0.3]
MEAN_DAYS = 5.0
SIGMA_KM = 30.0
GROUND = [[0.3, 0.1], [0.0, 0.3]]
IN_SPACE = np.array([[0.4, 0.2, 0.0], [0.1, 0.3, 0.2], [0.0, 0.1, 0.35]])


def in_time(branching, days, seed, kernel="exponential"):
    return sg.hawkes.simulate(
        RATES, branching, mean_days=MEAN_DAYS, days=days, rng=seed, names=COUNTRIES, kernel=kernel
    )


def in_space(branching, days, seed):
    return sg.hawkes.simulate_spatial(
        RATES,
        branching,
        mean_days=MEAN_DAYS,
        sigma_km=SIGMA_KM,
        days=days,
        window=sg.load_boundaries(level=0),
        rng=seed,
    )


def by_pairs(incidents):
    """Fit in the plain way: numerical maximum over sums of all pairs."""
    first = incidents["date"].min().normalize()
    times = (incidents["date"] - first).dt.total_seconds().to_numpy() / 86400
    kinds, names = incidents["country"].factorize(sort=True)
    count, days = len(names), np.ceil(times.max())
    age = times[:, None] - times
    kind = np.eye(count)[kinds]

    def cost(theta):
        values = np.exp(theta)
        rates, branching, decay = values[:count], values[count:-1].reshape(count, -1), values[-1]
        sums = np.where(age > 0, decay * np.exp(-decay * np.maximum(age, 0)), 0) @ kind
        intensity = rates[kinds] + (branching[kinds] * sums).sum(axis=1)
        reached = kind.T @ (1 - np.exp(-decay * (days - times)))
        return rates.sum() * days + (branching @ reached).sum() - np.log(intensity).sum()

    start = np.r_[np.full(count, -2.0), np.full(count**2, -2.0), -1.0]
    return minimize(cost, start, method="L-BFGS-B", bounds=[(-12, 5)] * len(start))


def estimate(incidents):
    """Find the most likely parameters, which is all that peers give."""
    events, _, rows, _ = read_events(incidents, "country", (None, None), None)
    most = longest_delay(events.days, None)
    model = TimeModel(events, "exponential", most, np.ones(len(rows)), events.times)
    return maximise(model, model.starts(), step=0.3, precision=1e-4)


def by_peer(incidents, own):
    """Fit with hawkes-rs, and compare."""
    first = incidents["date"].min().normalize()
    times = (incidents["date"] - first).dt.total_seconds().to_numpy() / 86400
    kinds, names = incidents["country"].factorize(sort=True)
    events = [np.ascontiguousarray(times[kinds == kind]) for kind in range(len(names))]
    start = time.perf_counter()
    found = multivariate.fit(events, horizon=float(np.ceil(times.max())))
    print(f"{len(incidents)} incidents in time, hawkes-rs: {time.perf_counter() - start:.2f} s")
    branching = own.table["branching"].to_numpy().reshape(3, 3)
    away = abs(found.parameters.excitation - branching).max()
    print(f"largest difference of the branching matrices: {away:.5f}")


def expected_share(incidents, branching):
    """Share of the incidents that the true process expects to follow those of other types."""
    first = incidents["date"].min().normalize()
    times = (incidents["date"] - first).dt.total_seconds().to_numpy() / 86400
    kinds = incidents["country"].factorize(sort=True)[0]
    left = np.ceil(times.max()) - times
    reached = np.bincount(kinds, weights=1 - np.exp(-left / MEAN_DAYS), minlength=3)
    return ((branching - np.diag(np.diag(branching))) @ reached).sum() / len(incidents)


def record(task):
    name, branching, days, seed = task
    if name == "space":
        incidents = in_space(branching, days, seed)
        found = sg.hawkes.fit_spatial(incidents, window=sg.load_boundaries(level=0))
        truth = branching.ravel() * found.table["inside"].to_numpy()
        share = expected_share(incidents, truth.reshape(3, 3))
    else:
        incidents = in_time(branching, days, seed)
        found = sg.hawkes.fit(incidents)
        truth, share = branching.ravel(), expected_share(incidents, branching)
    low, high = found.table["lower"].to_numpy(), found.table["upper"].to_numpy()
    rates = found.background
    return {
        "incidents": len(incidents),
        "held": (low <= truth) & (truth <= high),
        "above": low > truth,
        "zero": found.table["branching"].to_numpy() == 0,
        "width": high - low,
        "rates": ((rates["lower"] <= RATES) & (rates["upper"] >= RATES)).to_numpy(),
        "share": found.from_others_lower <= share <= found.from_others_upper,
        "claimed": found.from_others_lower > 0,
        "radius": found.spectral_radius,
        "mean_days": found.kernel["lower"].iloc[0] <= MEAN_DAYS <= found.kernel["upper"].iloc[0],
        "residual": (rates["residual_p"] < 0.05).to_numpy(),
    }


def study(title, name, branching, days, records):
    tasks = [(name, branching, days, seed) for seed in range(records)]
    start = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(record, tasks, chunksize=4))
    mean = {key: np.mean([row[key] for row in rows], axis=0) for key in rows[0]}
    print(f"\n{title}: {records} records of {mean['incidents']:.0f} incidents")
    print("coverage of the branching matrix:", mean["held"].mean().round(3))
    print(mean["held"].reshape(3, 3).round(3))
    print("effects put at 0:", mean["zero"].reshape(3, 3).round(2).tolist())
    print("lower end above the truth:", mean["above"].reshape(3, 3).round(3).tolist())
    print("mean width:", mean["width"].reshape(3, 3).round(3).tolist())
    print("coverage of the background rates:", mean["rates"].round(3).tolist())
    print("coverage of the share from others:", mean["share"].round(3))
    print("share from others claimed to be above 0:", mean["claimed"].round(3))
    print("coverage of the mean delay:", mean["mean_days"].round(3))
    print("residual p below 0.05:", mean["residual"].round(3).tolist())
    print("mean spectral radius:", mean["radius"].round(3))
    print(f"{time.perf_counter() - start:.0f} s")


def on_the_ground(seed, ratio=1.8, side=6):
    """Fit a process whose background goes with a number of squares of half a degree."""
    at = [(x / 2, 12 + y / 2) for y in range(side) for x in range(side)]
    people = np.random.default_rng(2).normal(size=len(at))
    units = gpd.GeoDataFrame(
        {"people": people}, geometry=[box(x, y, x + 0.5, y + 0.5) for x, y in at], crs=4326
    )

    def rate(lon, lat):
        corner = [np.clip(2 * part, 0, side - 1).astype(int) for part in (lat - 12, lon)]
        return ratio ** (people[corner[0] * side + corner[1]] - people.max())

    incidents = sg.hawkes.simulate_spatial(
        [2.0, 1.2],
        GROUND,
        mean_days=MEAN_DAYS,
        sigma_km=12,
        days=1500,
        window=gpd.GeoDataFrame(geometry=[box(0, 12, side / 2, 12 + side / 2)], crs=4326),
        rng=seed,
        rate=rate,
    )
    found = sg.hawkes.fit_spatial(incidents, covariates=units)
    truth = np.ravel(GROUND) * found.table["inside"].to_numpy()
    table = found.covariates
    return {
        "incidents": len(incidents),
        "rate ratio": (table["lower"] <= ratio) & (ratio <= table["upper"]),
        "mean rate ratio": table["rate_ratio"],
        "branching": (found.table["lower"] <= truth) & (truth <= found.table["upper"]),
        "mean branching over the truth": found.table["branching"][truth > 0] / truth[truth > 0],
        "sigma": found.kernel.loc["sigma_km", "lower"]
        <= 12
        <= found.kernel.loc["sigma_km", "upper"],
    }


def ground(records):
    """Count how often the intervals hold the truth with a covariate of places."""
    start = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(on_the_ground, range(records), chunksize=4))
    print(f"\nin space, a covariate of places: {records} records")
    for name in rows[0]:
        print(f"{name}: {np.mean([np.asarray(row[name]) for row in rows], axis=0).round(3)}")
    print(f"{time.perf_counter() - start:.0f} s")


def timed(title, work):
    for turn in ("first call", "warm"):
        start = time.perf_counter()
        work()
        print(f"{title}, {turn}: {time.perf_counter() - start:.2f} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=200)
    parser.add_argument("--skip-times", action="store_true")
    parser.add_argument("--ground", action="store_true", help="covariates of places alone")
    options = parser.parse_args()
    if options.ground:
        ground(options.records)
        return
    if not options.skip_times:
        times()
    records = options.records
    if not records:
        return
    study("in time, two effects 0", "time", BRANCHING, 1000, records)
    study("in time, none from others", "time", NO_OTHERS, 1000, records)
    study("in time, nothing follows", "time", NOTHING, 1000, records)
    study("in space, two effects 0", "space", IN_SPACE, 700, records)
    ground(records)


def times():
    incidents = in_time(BRANCHING, 11_000, 1).iloc[:20_000]
    few = incidents.iloc[:1500]
    start = time.perf_counter()
    by_pairs(few)
    print(f"1,500 incidents in time, plain fit: {time.perf_counter() - start:.2f} s")
    timed("1,500 incidents in time", lambda: sg.hawkes.fit(few))
    timed("20,000 incidents in time", lambda: sg.hawkes.fit(incidents))
    timed("20,000 incidents in time, without intervals", lambda: estimate(incidents))
    if multivariate is not None:
        by_peer(incidents, sg.hawkes.fit(incidents))
    timed("20,000, background of a year", lambda: sg.hawkes.fit(incidents, background_days=365))
    timed("20,000, Gaussian delays", lambda: sg.hawkes.fit(incidents, kernel="gaussian"))
    placed = in_space(IN_SPACE, 13_000, 1).iloc[:20_000]
    land = sg.load_boundaries(level=0)
    timed("20,000 in space", lambda: sg.hawkes.fit_spatial(placed, window=land))
    timed(
        "20,000 in space, background of a year",
        lambda: sg.hawkes.fit_spatial(placed, window=land, background_days=365),
    )


if __name__ == "__main__":
    main()
