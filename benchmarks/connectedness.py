"""Intervals, false findings and speed of connectedness; crossings falsely claimed by migration.

    python benchmarks/connectedness.py

108 months of three series, as many as of the three countries from 2012 to 2020.
"""

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import sahel_geo as sg
from sahel_geo.indicators.spread.autoregression import generalised_shares

MODELS = {
    "unrelated": (np.diag([0.6, 0.5, 0.3]), np.eye(3)),
    "moderate": (np.array([[0.5, 0.15, 0], [0.2, 0.4, 0], [0, 0.1, 0.3]]), 0.8 * np.eye(3) + 0.2),
    "strong": (np.array([[0.5, 0.3, 0], [0.4, 0.4, 0], [0.2, 0.3, 0.3]]), 0.6 * np.eye(3) + 0.4),
}
PLAIN = {"lags": 1, "transform": "none", "replicates": 199, "shifts": 199}


NAMES = ["BFA", "MLI", "NER"]


def simulate(matrix, covariance, rng, steps=108):
    root = np.linalg.cholesky(covariance)
    values = np.zeros((steps + 50, 3))
    for step in range(1, len(values)):
        values[step] = matrix @ values[step - 1] + root @ rng.normal(size=3)
    periods = pd.period_range("2012-01", periods=steps, freq="M")
    return pd.DataFrame(values[50:], periods, NAMES)


def coverage(records=200):
    for name, (matrix, covariance) in MODELS.items():
        truth = pd.DataFrame(generalised_shares(matrix[None], covariance, 10), NAMES, NAMES)
        total = (truth.to_numpy().sum() - np.trace(truth)) / 3
        held, figures, p = {"total": [], "share": []}, [], []
        for seed in range(records):
            series = simulate(matrix, covariance, np.random.default_rng(seed))
            table = sg.connectedness.fit(series, rng=seed, **PLAIN).table
            for row in table[table["measure"].isin(held)].to_dict("records"):
                true = truth.loc[row["series"], row["other"]] if row["series"] else total
                held[row["measure"]].append(row["lower"] - 1e-9 <= true <= row["upper"] + 1e-9)
            figures.append(table["value"].iloc[0])
            p.append(table["p"].iloc[0])
        print(
            f"{name}: true total {total:.1f}, mean estimate {np.mean(figures):.1f}; the interval "
            f"holds the total in {np.mean(held['total']):.1%} and a share in "
            f"{np.mean(held['share']):.1%}; p <= 0.05 in {np.mean(np.array(p) <= 0.05):.1%}"
        )


def false_crossings(records=200):
    """Clouds whose true centre lies on a border for nine years: how often is a crossing claimed?"""
    halves = [shapely.box(0, 10, 4, 12), shapely.box(0, 12, 4, 14)]
    units = gpd.GeoDataFrame(
        {"unit_id": ["S", "N"], "country": ["BFA", "MLI"]}, geometry=halves, crs=4326
    )
    claimed = cut = 0
    for seed in range(records):
        rng = np.random.default_rng(seed)
        days = np.sort(rng.integers(0, 9 * 365, 9 * 60))
        table = pd.DataFrame({"lon": rng.normal(2, 0.8, 540), "lat": rng.normal(12, 0.5, 540)})
        table["date"] = pd.Timestamp("2012-01-01") + pd.to_timedelta(days, "D")
        crossings = sg.migration.path(table, units, rng=seed).crossings
        claimed += crossings["claimed"].any()
        cut += len(crossings) > 0
    print(f"centre on a border: cut in {cut / records:.1%}, claimed in {claimed / records:.1%}")


def speed():
    rng = np.random.default_rng(1)
    for k, steps in ((3, 108), (10, 240)):
        values = pd.DataFrame(
            rng.poisson(4, (steps, k)),
            pd.period_range("2000-01", periods=steps, freq="M"),
            map(str, range(k)),
        )
        for name, run in (("fit", sg.connectedness.fit), ("rolling", sg.connectedness.rolling)):
            options = {} if name == "fit" else {"window": 72}
            start = time.perf_counter()
            run(values, rng=1, **options)
            print(f"{name}, {k} series of {steps} months: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    speed()
    coverage()
    false_crossings()
