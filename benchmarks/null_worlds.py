"""How often each test speaks in worlds in which nothing crosses a border, and where something does.

    python benchmarks/null_worlds.py --worlds 200

Counts are drawn for the 39 second-level units within 350 km of the point where Mali, Niger and
Burkina Faso meet, over nine years, about 800 to 1,000 incidents in all. In the worlds without a
link units are independent given what is named: a trend to eight times the level and a season of
amplitude 0.6 that all share; rates that wander (the logarithm has variance 1 and an autocorrelation
of 0.9 from month to month); bouts (rates multiplied by a gamma variable of shape 0.3 in each unit
and month). In the last, 15 % of the incidents near a border are followed across it, a week later on
average.

The share of worlds with p of 0.05 or less is printed; 0.03 to 0.07 is right where there is no link.
"""

import argparse
import time
import warnings
from functools import cache

import numpy as np
import pandas as pd

import sahel_geo as sg
from sahel_geo.indicators.weights.weights import contiguity

WORLDS = {
    "nothing": {},
    "trend, season": {"trend": 8, "season": 0.6},
    "waves": {"waves": 0.9},
    "bouts, trend, season": {"trend": 8, "season": 0.6, "bouts": 0.3},
    "link, trend, season": {"trend": 8, "season": 0.6, "link": 0.15},
}
YEARS, START = 9, "2012-01"
TRI_POINT, REACH_KM = (0.22, 14.98), 350


@cache
def ground():
    units = sg.load_boundaries(level=2)
    middle = units.geometry.representative_point()
    east = (middle.x - TRI_POINT[0]) * np.cos(np.radians(15))
    near = np.hypot(east, middle.y - TRI_POINT[1]).to_numpy() * 111.2 < REACH_KM
    units = units[near].reset_index(drop=True)
    country = units["country"].to_numpy(object)
    links = contiguity(units).matrix.toarray() * (country[:, None] != country[None, :])
    return units, [np.flatnonzero(row) for row in links]


def rates(rng, size, steps, *, trend=1.0, season=0.0, waves=None, bouts=None):
    """Give the expected incidents of each unit and month."""
    years = np.arange(steps) / 12
    level = rng.gamma(0.5, size=(size, 1)) * 800 / steps / size * 2
    rate = level * trend ** (years / YEARS - 0.5) * (1 + season * np.sin(2 * np.pi * years))
    if waves:
        state = rng.normal(size=(size, 1))
        for _ in range(steps - 1):
            step = np.sqrt(1 - waves**2) * rng.normal(size=(size, 1))
            state = np.hstack([state, waves * state[:, [-1]] + step])
        rate = rate * np.exp(state - 0.5)
    return rate if bouts is None else rate * rng.gamma(bouts, 1 / bouts, rate.shape)


def world(seed, *, link=0.0, **settings):
    """Give incidents with a unit, a place and a date."""
    rng = np.random.default_rng(seed)
    units, across = ground()
    counts = rng.poisson(rates(rng, len(units), 12 * YEARS, **settings))
    unit, month = (
        np.repeat(part, counts.ravel()) for part in np.indices(counts.shape).reshape(2, -1)
    )
    day = month * 30.4375 + rng.uniform(0, 30.4375, len(month))
    follows = (rng.random(len(unit)) < link) & np.array([len(across[at]) > 0 for at in unit], bool)
    target = np.array([rng.choice(across[at]) for at in unit[follows]], dtype=int)
    unit = np.concatenate([unit, target])
    day = np.concatenate([day, day[follows] + rng.exponential(7, int(follows.sum()))])
    kept = day < YEARS * 365.25
    place = units.geometry.representative_point()
    table = pd.DataFrame({"unit_id": units["unit_id"].to_numpy()[unit[kept]]})
    table["lon"] = place.x.to_numpy()[unit[kept]] + rng.normal(0, 0.15, int(kept.sum()))
    table["lat"] = place.y.to_numpy()[unit[kept]] + rng.normal(0, 0.15, int(kept.sum()))
    table["country"] = units["country"].to_numpy(object)[unit[kept]]
    table["date"] = pd.Timestamp(START) + pd.to_timedelta(np.floor(day[kept]), "D")
    return table


def across_border(result, **where):
    table = result.table[result.table["links"] == "international"]
    for name, value in where.items():
        table = table[table[name] == value]
    return float(table["p"].iloc[0])


def answers(seed, settings, permutations):
    """Give the p value of each test in one world."""
    units, _ = ground()
    incidents = world(seed, **settings)
    months = sg.count(incidents, units, period="month", start=START, end="2020-12-31")
    chance = {"rng": seed, "permutations": permutations}
    diffusion = sg.diffusion.join_counts(months, units, **chance)
    joins = sg.cross_border.join_counts(months, units, **chance)
    knox = sg.near_repeat.knox(
        incidents, distances_km=[0, 50], days=[0, 30], by="border", **chance
    ).table
    totals = months.groupby("unit_id")["incidents"].sum()
    return {
        "Moran, when (default)": across_border(sg.cross_border.moran(months, units, **chance)),
        "Moran, shifts inside quarters": across_border(
            sg.cross_border.moran(months, units, lags=[0], within=["year", "season"], **chance)
        ),
        "Moran, where": across_border(sg.cross_border.moran(totals, units, **chance)),
        "hit-hit joins, when": across_border(joins, joins="hit-hit"),
        "escalation, when": across_border(diffusion, type="escalation"),
        "relocation, when": across_border(diffusion, type="relocation"),
        "Knox across borders": float(knox.loc[knox["part"] == "cross_border", "p"].iloc[0]),
        "contagion, random levels": sg.contagion.fit(months, units).foreign_p,
        "contagion, no levels": sg.contagion.fit(months, units, effects=None).foreign_p,
        "Hawkes in time, shifted": sg.hawkes.fit(
            incidents, background_days=90, shifts=permutations, rng=seed
        ).shifted["p"],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--permutations", type=int, default=99)
    parser.add_argument("--seconds", type=float, default=np.inf, help="stop after so long")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    start, rows = time.perf_counter(), []
    for seed in range(options.worlds):
        if time.perf_counter() - start > options.seconds:
            break
        for name, settings in WORLDS.items():
            found = answers(seed, settings, options.permutations)
            rows += [{"world": name, "test": test, "p": p} for test, p in found.items()]
    table = pd.DataFrame(rows)
    table["low"] = table["p"] <= 0.05
    shares = table.pivot_table(index="test", columns="world", values="low", sort=False)
    print(f"{len(table) // shares.size} worlds of each kind, {options.permutations} permutations")
    print(shares[list(WORLDS)].round(3).to_string())
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
