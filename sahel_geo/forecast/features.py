"""What is known of each unit at an origin, as a table of numbers for models that take any."""

from typing import Final

import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.forecast.past import Past

_LASTING: Final = ("border_km", "capital_km", "log_people", "log_area")


def build_features(past: Past, origins: Integers) -> Floats:
    """Describe every unit at some origins (s,) by what was known then: (m * s, k)."""
    units = np.repeat(np.arange(len(past.counts)), len(origins))
    return pick_features(past, units, np.tile(origins, len(past.counts)))


def pick_features(past: Past, units: Integers, origins: Integers) -> Floats:
    """Describe some units (n, k), each at an origin of its own; missing where nothing is known."""
    table = features(past)
    moving = [values[units, origins] for values in table.values() if values.ndim == 2]
    lasting = [values[units] for values in table.values() if values.ndim == 1]
    return np.stack([*moving, *lasting], axis=1)


def thin_out(loud: Flags, most: int, rng: np.random.Generator) -> tuple[Integers, Floats]:
    """Choose rows to fit on, two thirds of them loud, and tell how many each stands for."""
    if len(loud) <= most:
        return np.arange(len(loud)), np.ones(len(loud))
    lift = np.ones(len(loud))
    kept = []
    for rows, share in ((np.flatnonzero(loud), most * 2 // 3), (np.flatnonzero(~loud), most // 3)):
        count = min(len(rows), share)
        kept.append(rng.choice(rows, count, replace=False))
        lift[rows] = len(rows) / max(count, 1)
    chosen = np.sort(np.concatenate(kept))
    return chosen, lift[chosen]


def features(past: Past) -> dict[str, Floats]:
    """Compute by name what is known of each unit at every period, (m, t), and always, (m,)."""
    if not past.features:
        past.features.update(_moving(past))
        lasting = {name: getattr(past.ground, name) for name in _LASTING}
        known = {name: each for name, each in lasting.items() if np.isfinite(each).any()}
        past.features.update(known)
    return past.features


def _moving(past: Past) -> dict[str, Floats]:
    counts = np.nan_to_num(past.counts)
    seen = np.where(np.isfinite(past.counts), past.counts > 0, np.nan)
    active = Past("_active", seen, {}, past.periods, past.ground)
    at = np.arange(counts.shape[1])  # since the start of the record if there is no last
    since_last = at - np.maximum.accumulate(np.where(counts > 0, at, -1), axis=1)
    links = {"domestic": past.ground.domestic, "foreign": past.ground.foreign}
    largest = pd.DataFrame(counts.T).rolling(past.length(12), min_periods=1).max().to_numpy().T
    recent = past.decayed(past.column, 3)
    means = np.empty(recent.shape)
    for code in np.unique(past.ground.country):
        rows = past.ground.country == code
        means[rows] = recent[rows].mean(axis=0)
    return {
        "last": past.counts,
        "before_last": np.pad(counts, ((0, 0), (1, 0)))[:, :-1],
        **{f"own_{months}": past.decayed(past.column, months) for months in (1, 3, 8, 24, 60)},
        "active_share": active.decayed("_active", 8),
        "since_last": since_last * 12 / past.per_year,
        "largest_year": largest,
        **{
            f"{name}_{months}": past.decayed(name, months)
            for name in past.others
            for months in (2, 12)
        },
        **{
            f"{side}_{months}": link @ past.decayed(past.column, months)
            for side, link in links.items()
            for months in (2, 12)
        },
        "everywhere": np.broadcast_to(recent.mean(axis=0), counts.shape),
        "country": means,
    }
