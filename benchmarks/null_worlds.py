"""How often each test speaks in worlds where nothing crosses or changes, and where something does.

    python benchmarks/null_worlds.py --worlds 200 --out rows.csv
    python benchmarks/null_worlds.py --out rows.csv --worlds 0     # the table alone

Incidents are drawn for the 39 second-level units within 350 km of the point where Mali, Niger and
Burkina Faso meet, over nine years, about 800 to 1,000 in all, around three towns in each unit.
Units are independent given what is named:

nothing         each unit has a level of its own
trend, season   all grow to eight times their level, and share a season of amplitude 0.6
waves           rates wander: their logarithm has variance 1, of which 0.9 lasts from month to month
bouts           rates are multiplied by a gamma variable of shape 0.3 in each unit and month
gathered        neighbours have alike levels, beside trend and season: where, but not when
link            trend and season; 15 % of the incidents in units that touch another country are
                followed in the town nearest to them across the border, a week later on average
patch           in the last two years seven units around one have four times as many incidents,
                most of them by the first actor
burst           the same seven have eight times as many in three months of the last year
coded           half of the dates are coded to the first of the month
repeated        fewer incidents, each recorded 2.5 times on average, within four days
fitful          units are active in 15 % of the quarters, and quiet otherwise

The share of tests with p of 0.05 or less is printed (of maps of units: of worlds in which any unit
is called); 0.03 to 0.07 is right where what is asked is not there. With 39 random draws a test has
exactly the level 0.05. Rows are written as they end, so that a run can be stopped and taken up
again. Hawkes processes and K-functions take the last four years, maps of units the last two.
"""

import argparse
import csv
import re
import time
import warnings
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd

import sahel_geo as sg
from sahel_geo.indicators.weights.weights import contiguity

COMMON = {"trend": 8, "season": 0.6}
WORLDS = {
    "nothing": {},
    "trend, season": COMMON,
    "waves": {"waves": 0.9},
    "waves, trend, season": COMMON | {"waves": 0.9},
    "bouts, trend, season": COMMON | {"bouts": 0.3},
    "gathered": COMMON | {"gathered": True},
    "link": COMMON | {"link": 0.15},
    "patch": {"patch": 4.0},
    "burst": {"burst": 8.0},
    "coded": {"coded": 0.5},
    "repeated": {"repeated": 2.5},
    "fitful": {"fitful": 0.15},
}
YEARS, START, END = 9, "2012-01", "2020-12-31"
MONTHS = 12 * YEARS
TRI_POINT, REACH_KM, TOWNS = (0.22, 14.98), 350, 3
KM = 111.195
ODD = ["coded", "repeated", "fitful"]
WHEN = [*WORLDS][:2] + [*WORLDS][3:7] + ODD  # of links across borders
MAP = ["nothing", "waves", "bouts, trend, season", "gathered", "patch", *ODD]
CHANGE = ["nothing", "trend, season", "waves", "bouts, trend, season", "patch", *ODD]
TOGETHER = [*CHANGE, "burst"]  # in places and times
ACTORS = ["nothing", "gathered", "patch", *ODD]
COLUMNS = ["world", "seed", "test", "low", "seconds"]


@cache
def ground():
    """Give units, towns (unit, town, lon and lat), foreign neighbours, and distances in degrees."""
    units = sg.load_boundaries(level=2)
    middle = units.geometry.representative_point()
    east = (middle.x - TRI_POINT[0]) * np.cos(np.radians(15))
    near = np.hypot(east, middle.y - TRI_POINT[1]).to_numpy() * KM < REACH_KM
    units = units[near].reset_index(drop=True)
    towns = units.geometry.sample_points(TOWNS, rng=1).explode().get_coordinates().to_numpy()
    country = units["country"].to_numpy(object)
    links = contiguity(units).matrix.toarray() * (country[:, None] != country[None, :])
    middle = units.geometry.representative_point().get_coordinates().to_numpy()
    apart = np.hypot(*np.moveaxis(middle[:, None] - middle[None, :], 2, 0))
    return units, towns.reshape(len(units), TOWNS, 2), [np.flatnonzero(row) for row in links], apart


@cache
def land():
    return sg.load_boundaries(level=0)


@cache
def month_starts():
    """Give the first day of each month, and the day after the last, counted from the first."""
    return (
        pd.date_range(START, periods=MONTHS + 1, freq="MS") - pd.Timestamp(START)
    ).days.to_numpy()


def rates(rng, apart, *, trend=1.0, season=0.0, waves=None, bouts=None, gathered=False, fitful=1.0):
    """Give the expected incidents of each unit and month."""
    size = len(apart)
    years = np.arange(MONTHS) / 12
    level = rng.gamma(0.5, size=(size, 1)) * 800 / MONTHS / size * 2
    if gathered:
        alike = np.exp(-((apart / 1.2) ** 2)) + 1e-6 * np.eye(size)
        field = np.linalg.cholesky(alike) @ rng.normal(size=(size, 1))
        level = 800 / MONTHS / size * np.exp(1.2 * field - 0.72)
    rate = level * trend ** (years / YEARS - 0.5) * (1 + season * np.sin(2 * np.pi * years))
    if waves:
        state = rng.normal(size=(size, 1))
        for _ in range(MONTHS - 1):
            step = np.sqrt(1 - waves**2) * rng.normal(size=(size, 1))
            state = np.hstack([state, waves * state[:, [-1]] + step])
        rate = rate * np.exp(state - 0.5)
    if fitful < 1:
        active = rng.random((size, MONTHS // 3)) < fitful
        rate = rate * np.repeat(active, 3, axis=1) / fitful
    return rate if bouts is None else rate * rng.gamma(bouts, 1 / bouts, rate.shape)


def incidents_of(seed, *, link=0.0, patch=1.0, burst=1.0, coded=0.0, repeated=1.0, **settings):
    """Give incidents with a unit, a place, a date and an actor."""
    rng = np.random.default_rng(seed)
    units, towns, across, apart = ground()
    rate = rates(rng, apart, **settings)
    chosen = np.argsort(apart[rng.integers(len(units))])[:7]
    rate[chosen, -24:] *= patch
    rate[chosen, -8:-5] *= burst
    counts = rng.poisson(rate)
    unit, month = (
        np.repeat(part, counts.ravel()) for part in np.indices(counts.shape).reshape(2, -1)
    )
    starts = month_starts()
    day = starts[month] + rng.uniform(0, 1, len(month)) * np.diff(starts)[month]
    place = towns[unit, rng.integers(0, TOWNS, len(unit))]
    follows = (rng.random(len(unit)) < link) & np.array([len(across[at]) > 0 for at in unit], bool)
    target = np.array([rng.choice(across[at]) for at in unit[follows]], dtype=int)
    away = np.linalg.norm(towns[target] - place[follows][:, None], axis=2)
    place = np.vstack([place, towns[target, away.argmin(axis=1)]])
    unit = np.concatenate([unit, target])
    day = np.concatenate([day, day[follows] + rng.exponential(7, int(follows.sum()))])
    kept = day < starts[-1]
    unit, day, place = unit[kept], day[kept], place[kept]
    table = pd.DataFrame({"unit_id": units["unit_id"].to_numpy()[unit]})
    table[["lon", "lat"]] = place + rng.normal(0, 8 / KM, place.shape)
    table["country"] = units["country"].to_numpy(object)[unit]
    table["date"] = pd.Timestamp(START) + pd.to_timedelta(np.floor(day), "D")
    late = np.isin(unit, chosen) & (day >= starts[-25]) & (patch > 1)
    table["actor1"] = np.where(rng.random(len(unit)) < np.where(late, 0.85, 0.5), "A", "B")
    return as_recorded(table, rng, coded, repeated)


def as_recorded(table, rng, coded, repeated):
    """Repeat incidents within four days, and code a share of dates to the first of the month."""
    if repeated > 1:
        table = table[rng.random(len(table)) < 1 / repeated]
        table = table.loc[np.repeat(table.index, rng.geometric(1 / repeated, len(table)))]
        table = table.reset_index(drop=True)
        later = table["date"] + pd.to_timedelta(rng.integers(0, 4, len(table)), "D")
        table["date"] = later.clip(upper=pd.Timestamp(END))
    if coded:
        first = table["date"].dt.to_period("M").dt.start_time
        table["date"] = table["date"].where(rng.random(len(table)) >= coded, first)
    return table


@dataclass(frozen=True)
class World:
    """Incidents of one world, and what the tests take of them."""

    kind: str
    seed: int
    permutations: int

    @cached_property
    def incidents(self):
        return incidents_of([self.seed, *map(ord, self.kind)], **WORLDS[self.kind])

    @cached_property
    def months(self):
        units = ground()[0]
        return sg.count(self.incidents, units, period="month", start=START, end=END)

    @cached_property
    def weeks(self):
        return sg.count(self.incidents, ground()[0], period="week", start=START, end=END)

    @cached_property
    def quarters(self):
        return sg.count(self.incidents, ground()[0], period="quarter", start=START, end=END)

    @cached_property
    def recent(self):
        """Incidents of the last four years."""
        return self.incidents[self.incidents["date"] >= "2017"].reset_index(drop=True)

    @cached_property
    def late(self):
        """The last two years."""
        return self.months[self.months["period"] >= "2019-01"].reset_index(drop=True)

    @cached_property
    def totals(self):
        return self.late.groupby("unit_id", sort=False)["incidents"].sum()

    @property
    def chance(self):
        return {"rng": self.seed, "permutations": self.permutations}

    @cached_property
    def diffusion(self):
        return sg.diffusion.join_counts(self.months, ground()[0], **self.chance).table

    @cached_property
    def knox(self):
        bands = {"distances_km": [0, 50], "days": [0, 14], "by": "border"}
        return sg.near_repeat.knox(self.incidents, **bands, **self.chance).table.set_index("part")


def moran(world, **settings):
    panel = world.months if settings.get("deal") != "places" else world.totals
    settings = {} if settings.get("deal") == "places" else settings
    return across(sg.cross_border.moran(panel, ground()[0], **settings, **world.chance).table)


def across(table, **where):
    table = table[table["links"] == "international"]
    for name, value in where.items():
        table = table[table[name] == value]
    return float(table["p"].iloc[0])


def joins(world):
    found = sg.cross_border.join_counts(world.months, ground()[0], **world.chance)
    return across(found.table, joins="hit-hit")


def contagion(world, effects):
    return sg.contagion.fit(world.months, ground()[0], effects=effects).foreign_p


def hawkes(world, fit, **settings):
    chance = {"background_days": 90, "shifts": world.permutations, "rng": world.seed}
    return fit(world.recent, **chance, **settings).shifted["p"]


def hawkes_by_model(world):
    return sg.hawkes.fit(world.recent, rng=world.seed).from_others_p


def hawkes_in_space(world):
    fit = partial(sg.hawkes.fit_spatial, window=ground()[0])
    return hawkes(world, fit)


def connectedness(world, **settings):
    series = sg.connectedness.series_of(world.weeks, ground()[0])
    options = {"replicates": 0, "shifts": world.permutations, "lags": 1, "rng": world.seed}
    row = sg.connectedness.fit(series, **options, **settings).table.iloc[0]
    return min(1.0, 2 * float(row["p"]))


def space_time_k(world, measure, km=(25, 50), **settings):
    bands = {"distances_km": km, "days": [7, 14], "within": ["year", "month"]}
    found = measure(world.recent, land(), **bands, **settings, **world.chance)
    return float(found.overall["p"].iloc[0])


def cross_k(world, null, **settings):
    km = {"distances_km": [10, 20]}
    found = sg.k_functions.cross_k(
        world.recent, land(), null=null, **km, **settings, **world.chance
    )
    return float(found.overall["p"].iloc[0])


def whole_map(world, measure):
    found = measure(world.totals, ground()[0], **world.chance)
    return found.p if hasattr(found, "p") else float(found.table["p"].iloc[0])


def any_unit(world, measure):
    """Whether any unit is called significant, which chance alone may do in one world of 20."""
    found = measure(world.totals, ground()[0], rng=world.seed, permutations=1_999)
    return 0.0 if found.table["significant"].any() else 1.0


def trends(world, **settings):
    """Share of units, of those with incidents, whose scores by quarter rise or fall."""
    units = ground()[0]
    table = sg.emerging.hot_spots(world.quarters, units, **settings).table
    return float((table["trend_p"] <= 0.05)[table["total"] > 0].mean())


def scan(world, **settings):
    options = {"rng": world.seed, "replicates": world.permutations}
    clusters = sg.clusters.scan(world.late, ground()[0], **options, **settings).clusters
    return float(clusters["p"].iloc[0]) if len(clusters) else 1.0


def comparison(world):
    found = sg.comparison.compare_periods(
        world.months, ground()[0], ("2017-01", "2018-12"), ("2019-01", "2020-12"),
        rng=world.seed, permutations=999,
    )  # fmt: skip
    return 0.0 if found.table["kind"].isin(["more", "less"]).any() else 1.0


def relative_risk(world, together):
    return sg.density.relative_risk(
        world.incidents, ("2017", "2018"), ("2019", "2020"), bandwidth_km=50, cell_km=20,
        together=together, **world.chance,
    ).p  # fmt: skip


def displacement(world, **settings):
    date = world.incidents["date"]
    halves = world.incidents[date < "2019"], world.incidents[date >= "2019"]
    options = {"rng": world.seed, "replicates": world.permutations, **settings}
    return float(sg.migration.displacement(*halves, **options)["p"])


def overlap(world):
    panel = world.incidents.assign(incidents=1, period=world.incidents["date"].dt.to_period("Y"))
    keys = ["unit_id", "country", "period", "actor1"]
    panel = panel.groupby(keys, as_index=False)["incidents"].sum()
    found = sg.actors.overlap(panel, "A", "B", rng=world.seed, deals=world.permutations)
    return float(found.table["p"].iloc[-1])


HOT = sg.hotspots
ST = sg.k_functions
TESTS = {
    "Moran across borders, when (default)": (moran, WHEN),
    "Moran across borders, shifts inside quarters": (
        partial(moran, lags=[0], within=["year", "season"]),
        WHEN,
    ),
    "Moran across borders, where": (partial(moran, deal="places"), WHEN),
    "hit-hit joins across borders, when": (joins, WHEN),
    "escalation, when": (lambda world: across(world.diffusion, type="escalation"), WHEN),
    "relocation, when": (lambda world: across(world.diffusion, type="relocation"), WHEN),
    "Knox across borders": (lambda world: float(world.knox.loc["cross_border", "p"]), WHEN),
    "Knox inside countries": (lambda world: float(world.knox.loc["domestic", "p"]), WHEN),
    "space-time K inside months": (partial(space_time_k, measure=ST.space_time_k), WHEN),
    "space-time cross-K, Burkina Faso and Mali": (
        partial(space_time_k, measure=ST.space_time_cross_k, between=["BFA", "MLI"], km=(50, 100)),
        WHEN,
    ),
    "contagion, random levels (default)": (partial(contagion, effects="random"), WHEN),
    "contagion, fixed levels": (partial(contagion, effects="fixed"), WHEN),
    "contagion, no levels": (partial(contagion, effects=None), WHEN),
    "Hawkes in time, shifted": (partial(hawkes, fit=sg.hawkes.fit), WHEN),
    "Hawkes in time, by the model": (hawkes_by_model, WHEN),
    "Hawkes in space, shifted": (hawkes_in_space, WHEN),
    "connectedness, inside quarters": (
        partial(connectedness, keep="quarters", deseason=True),
        WHEN,
    ),
    "connectedness, plain shifts": (connectedness, WHEN),
    "overlap of two actors": (overlap, ACTORS),
    "cross-K of two actors, labels": (partial(cross_k, null="labels", within=["year"]), ACTORS),
    "cross-K of two actors, inhomogeneous": (
        partial(cross_k, null="inhomogeneous", bandwidth_km=8, within=["year"]),
        ACTORS,
    ),
    "global Moran": (partial(whole_map, measure=HOT.global_moran), MAP),
    "global G": (partial(whole_map, measure=HOT.global_g), MAP),
    "join counts": (partial(whole_map, measure=HOT.join_counts), MAP),
    "Gi*, any unit": (partial(any_unit, measure=HOT.local_gi), MAP),
    "local Moran, any unit": (partial(any_unit, measure=HOT.local_moran), MAP),
    "emerging, trend of a unit (default)": (trends, CHANGE),
    "emerging, overlapping windows": (partial(trends, time_lags=1), CHANGE),
    "emerging, periods taken for independent": (partial(trends, waves=False), CHANGE),
    "scan, as published (default)": (scan, TOGETHER),
    "scan inside months": (partial(scan, within=["month"]), TOGETHER),
    "scan, overdispersed": (partial(scan, overdispersed=True), TOGETHER),
    "scan inside months, overdispersed": (
        partial(scan, within=["month"], overdispersed=True),
        TOGETHER,
    ),
    "two periods, any unit": (comparison, CHANGE),
    "relative risk, waves (default)": (partial(relative_risk, together="waves"), CHANGE),
    "relative risk, incidents of a place and month together": (
        partial(relative_risk, together="place-month"),
        CHANGE,
    ),
    "relative risk, incidents of a district and month together": (
        partial(relative_risk, together="area-month"),
        CHANGE,
    ),
    "centre moved, waves (default)": (displacement, CHANGE),
    "centre moved, shifted": (partial(displacement, null="shift"), CHANGE),
    "centre moved, blocks of 28 days dealt": (
        partial(displacement, null="blocks", block_days=28),
        CHANGE,
    ),
}
SHARES = {name for name in TESTS if name.startswith("emerging")}


def run(options, kept):
    """Write a row for each world and test that is missing."""
    done = set(zip(kept["world"], kept["seed"], kept["test"], strict=True))
    names = [name for name in TESTS if re.search(options.only, name)]
    start = time.perf_counter()
    new = not options.out.exists()
    with options.out.open("a", newline="") as file:
        write = csv.writer(file)
        if new:
            write.writerow(COLUMNS)
        for seed in range(options.worlds):
            for kind in WORLDS:
                world = World(kind, seed, options.permutations)
                for name in names:
                    measure, kinds = TESTS[name]
                    if kind not in kinds or (kind, seed, name) in done:
                        continue
                    if time.perf_counter() - start > options.seconds:
                        return
                    begun = time.perf_counter()
                    p = measure(world)
                    low = p if name in SHARES else float(p <= 0.05)
                    write.writerow([kind, seed, name, low, round(time.perf_counter() - begun, 3)])
                file.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--permutations", type=int, default=39)
    parser.add_argument("--seconds", type=float, default=np.inf, help="stop after so long")
    parser.add_argument("--only", default="", help="tests whose name matches")
    parser.add_argument("--out", type=Path, default=Path("null_worlds.csv"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    empty = pd.DataFrame(columns=COLUMNS)
    run(options, pd.read_csv(options.out) if options.out.exists() else empty)
    rows = pd.read_csv(options.out)
    by_test = rows.groupby(["test", "world"], sort=False)["low"].agg(["mean", "count"])
    table = by_test["mean"].unstack().reindex(columns=[*WORLDS]).reindex([*TESTS]).dropna(how="all")
    table["worlds"] = by_test["count"].groupby(level=0).min()
    table["seconds"] = rows.groupby("test")["seconds"].median()
    print(f"{options.permutations} permutations")
    print(table.round(3).to_string())


if __name__ == "__main__":
    main()
