"""Who acts, beside the same figures as a notebook would compute them; on invented incidents.

    python benchmarks/actors.py

Each pair runs on the same table in one run, and must give the same figures. Ours adds an interval.
"""

import time

import networkx as nx
import numpy as np
import pandas as pd

import sahel_geo as sg
from sahel_geo.incidents.actors.sides import read_sides

ROWS = 20_000
SIZES = (2_000, 20_000, 200_000)
NAMES = (
    "JNIM: Group for Support of Islam and Muslims",
    "Islamic State Sahel Province (ISSP)",
    "Military Forces of Burkina Faso (2022-)",
    "Koglweogo",
    "Unidentified Armed Group (Burkina Faso)",
    "Civilians (Burkina Faso)",
)


def invented(size=ROWS):
    rng = np.random.default_rng(1)
    first, second = (rng.choice(NAMES, size) for _ in range(2))
    return pd.DataFrame(
        {
            "incident_id": np.arange(size).astype(str),
            "date": pd.Timestamp("2017-01-01") + pd.to_timedelta(rng.integers(0, 2900, size), "D"),
            "lon": rng.uniform(-5, 2, size),
            "lat": rng.uniform(9.5, 15, size),
            "country": "BFA",
            "actor1": first,
            "actor2": second,
        }
    )


def timed(work):
    start = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - start


def armed(incidents):
    """Actor, year and day of each mention of a named group, as a list."""
    long = read_sides(incidents).table
    long = long[long["counts_as"] == "non-state"]
    dates = incidents["date"].to_numpy()[long["row"].to_numpy()]
    return pd.DataFrame({"actor": long["actor_id"].to_numpy(), "date": dates})


def effective_number(mentions):
    share = mentions["actor"].value_counts(normalize=True)
    return 1 / (share**2).sum()


def by_resampling(incidents, replicates=20):
    """Draw blocks of a fortnight again by joining tables, as a notebook would."""
    rng = np.random.default_rng(1)
    mentions = armed(incidents)
    out = []
    for _, year in mentions.groupby(mentions["date"].dt.year):
        blocks = [part for _, part in year.groupby(year["date"].dt.day_of_year // 14)]
        for _ in range(replicates):
            drawn = pd.concat([blocks[k] for k in rng.integers(0, len(blocks), len(blocks))])
            effective_number(drawn)
        out.append(effective_number(year))
    return out


def edges_by_row(incidents):
    """Build the network of rivals by going through the rows."""
    long = read_sides(incidents).table
    long = long[long["counts_as"].isin(["non-state", "state"])]
    graph = nx.Graph()
    for _, part in long.groupby("row"):
        one, two = (part.loc[part["side"] == side, "actor_id"] for side in (1, 2))
        graph.add_edges_from((a, b) for a in one for b in two if a != b)
    return nx.density(graph)


def report(name, ours, theirs, scale=1.0):
    seconds, others = ours, theirs * scale
    print(f"{name:<52} {seconds:7.2f} s {others:8.2f} s {others / seconds:7.1f} times")


def main():
    incidents = invented()
    sg.actors.harmonise(incidents[:100])  # loads the table of actors
    print(f"{ROWS:,} incidents {'ours':>42} {'notebook':>10}")
    found, own = timed(lambda: sg.actors.fragmentation(incidents, replicates=499))
    numbers, others = timed(lambda: by_resampling(incidents))
    np.testing.assert_allclose(found.table["n2"], numbers, rtol=1e-9)
    report("effective number, 499 draws (notebook: 20, scaled)", own, others, 499 / 20)
    net, own = timed(lambda: sg.actors.network(incidents, replicates=0))
    density, others = timed(lambda: edges_by_row(incidents))
    assert nx.density(net.graph()) == density
    report("network of rivals", own, others)
    frame = sg.load_boundaries(1)
    work = {
        "names": sg.actors.harmonise,
        "rivalry": lambda table: sg.actors.rivalry(table, "jnim", "is-sahel"),
        "front": sg.actors.front,
        "contours": lambda table: sg.actors.reach_map(table, frame),
    }
    for name, measure in work.items():
        seconds = [
            timed(lambda size=size, measure=measure: measure(invented(size)))[1] for size in SIZES
        ]
        print(
            f"{name:<10}",
            *(f"{size:>9,}: {each:6.2f} s" for size, each in zip(SIZES, seconds, strict=True)),
        )


if __name__ == "__main__":
    main()
