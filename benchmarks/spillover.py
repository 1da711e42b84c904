"""How often the battery of spillover measures speaks where nothing crosses, and where much does.

    python benchmarks/spillover.py --worlds 100

Worlds of 400 to 1,000 incidents in nine years are simulated on the second-level units within 350 km
of the point where Mali, Niger and Burkina Faso meet. In all of them incidents gather around towns
of unequal size on both sides of the borders, and follow one trend and one season that the countries
share. Each world is one of these:

calm       nothing follows anything
outbreaks  incidents are followed by others nearby, inside their country only
front      as outbreaks, and the towns are active one after another, from west to east
weak       as outbreaks, and one in eight incidents near a border is followed across it
strong     the same of two in five

Only the measures that ask "when" are made: those of "where" have no say in the verdict.
"""

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache

import numpy as np
import pandas as pd

import sahel_geo as sg
from sahel_geo.indicators.spillover.measures import QUESTIONS

WORLDS = {
    "calm": {"family": 0.0},
    "outbreaks": {},
    "front": {"front": True},
    "weak": {"crossing": 0.125},
    "strong": {"crossing": 0.4},
}
START, DAYS = pd.Timestamp("2012-01-01"), 3288
KM = 111.195
TRI_POINT = 0.22, 14.98  # lon, lat
NEAR_KM = 40.0


@cache
def ground():
    units = sg.load_boundaries(level=2)
    middle = units.geometry.representative_point()
    away = np.hypot((middle.x - TRI_POINT[0]) * np.cos(np.radians(15)), middle.y - TRI_POINT[1])
    units = units[away.to_numpy() * KM < 350].reset_index(drop=True)
    return units, sg.international_borders(units)


def country_of(place):
    units, _ = ground()
    placed = sg.assign(pd.DataFrame(place, columns=["lon", "lat"]), units)
    return placed["unit_id"].map(units.set_index("unit_id")["country"]).to_numpy(object)


def moved(rng, place, km):
    step = rng.normal(0, km / KM, place.shape)
    return place + step / [np.cos(np.radians(15)), 1]


def world(kind, seed, *, mothers=400, family=0.6, crossing=0.0, front=False):
    """Give a table of incidents with lon, lat and date."""
    rng = np.random.default_rng([seed, *map(ord, kind)])
    towns = rng.uniform([-1.8, 13.2], [2.2, 16.6], (60, 2))
    share = rng.gamma(0.5, size=60)
    home = rng.choice(60, mothers, p=share / share.sum())
    day = np.empty(0)
    while len(day) < mothers:  # a trend to eight times the level, and a season, the same for all
        draw = DAYS * np.log2(1 + 7 * rng.random(mothers)) / 3
        kept = rng.random(mothers) < (1 + 0.5 * np.sin(2 * np.pi * draw / 365.25)) / 1.5
        day = np.concatenate([day, draw[kept]])[:mothers]
    if front:
        turn = np.argsort(np.argsort(towns[home, 0] + rng.normal(0, 0.7, mothers)))
        day = np.sort(day)[turn]
    place = moved(rng, towns[home], 12)
    country = country_of(place)
    parts = [(place, day, country)]
    for _ in range(4):  # generations
        follows = rng.random(len(day)) < family
        place, day, origin = moved(rng, place[follows], 8), day[follows], country[follows]
        day, country = day + rng.exponential(6, len(day)), country_of(place)
        kept = country == origin
        place, day, country = place[kept], day[kept], country[kept]
        parts.append((place, day, country))
    place, day, country = (np.concatenate(part) for part in zip(*parts, strict=True))
    table = pd.DataFrame(place, columns=["lon", "lat"]).assign(day=day, country=country)
    if crossing:
        table = pd.concat([table, followers(rng, table, crossing)])
    table = table[table["country"].notna() & (table["day"] < DAYS)]
    table["date"] = START + pd.to_timedelta(np.floor(table["day"]), "D")
    return table.drop(columns=["day", "country"]).reset_index(drop=True)


def followers(rng, table, crossing):
    """Incidents across the border, soon after and near to some of those that lie near it."""
    table = table[table["country"].notna()].reset_index(drop=True)
    _, border = ground()
    near = sg.distance_to_border(table["lon"], table["lat"], border) < NEAR_KM
    chosen = table[near & (rng.random(len(table)) < crossing)]
    place, left = chosen[["lon", "lat"]].to_numpy(), np.arange(len(chosen))
    target = np.full_like(place, np.nan)
    for _ in range(60):
        tried = moved(rng, place[left], 25)
        there = country_of(tried)
        across = pd.notna(there) & (there != chosen["country"].to_numpy(object)[left])
        target[left[across]] = tried[across]
        left = left[~across]
    found = pd.DataFrame(target, columns=["lon", "lat"])
    found["day"] = chosen["day"].to_numpy() + rng.exponential(6, len(chosen))
    found["country"] = country_of(target)
    return found[found["lon"].notna()]


def judged(task):
    kind, seed, permutations = task
    incidents = world(kind, seed, **WORLDS[kind])
    units, _ = ground()
    found = sg.spillover.summary(
        incidents,
        units,
        rng=seed,
        permutations=permutations,
        measures=[name for name, question in QUESTIONS.items() if question == "when"],
        start=START,
        end=START + pd.Timedelta(days=DAYS - 1),
    )
    table = found.table
    alone = table["p"].le(0.05) & (table["figure"] > table["baseline"])
    return {
        "kind": kind,
        "incidents": found.incidents,
        "compatible": "compatible with spillover" in found.sentence("en"),
        "verdicts": dict(zip(table["measure"], table["verdict"] == "above", strict=True)),
        "alone": dict(zip(table["measure"], alone, strict=True)),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--permutations", type=int, default=199)
    options = parser.parse_args()
    start = time.perf_counter()
    tasks = [
        (kind, seed, options.permutations) for kind in WORLDS for seed in range(options.worlds)
    ]
    with ProcessPoolExecutor(2) as pool:
        rows = pd.DataFrame(list(pool.map(judged, tasks, chunksize=4)))
    by_kind = rows.groupby("kind", sort=False)
    print(f"{options.worlds} worlds of each kind, {options.permutations} permutations")
    print(f"incidents: {by_kind['incidents'].mean().round().to_dict()}")
    print("\ncompatible with spillover")
    print(by_kind["compatible"].mean().to_string())
    for title, column in (("p at most 0.05, above", "alone"), ("verdict above", "verdicts")):
        shares = {kind: pd.DataFrame(list(part[column])).mean() for kind, part in by_kind}
        print(f"\n{title}\n{pd.DataFrame(shares).round(3).to_string()}")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
