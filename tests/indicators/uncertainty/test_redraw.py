"""Where incidents known to an area only are drawn, held against where they were."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.indicators.uncertainty.redraw import Placing, Spots, _unequal
from sahel_geo.locate.assign.unit_index import index_of

UNITS = sg.load_boundaries(level=2, countries=["BFA"])
REGIONS = sg.load_boundaries(level=1, countries=["BFA"])


def hits(placed, units):
    return placed["unit_id"].value_counts().reindex(units["unit_id"], fill_value=0)


def coded(incidents, share, rng, unequal=0.0):
    """Code incidents to the middle of their region, the odds differing between units."""
    table = pd.DataFrame(incidents)[["lon", "lat"]].assign(location_precision="exact")
    own = index_of(UNITS).locate(table["lon"].to_numpy(), table["lat"].to_numpy())
    odds = share / (1 - share) * np.exp(rng.normal(0, unequal, len(UNITS)))
    chosen = rng.random(len(table)) < (odds / (1 + odds))[own]
    region = index_of(REGIONS).locate(table["lon"].to_numpy(), table["lat"].to_numpy())
    chosen &= region >= 0
    middle = REGIONS.geometry.representative_point()
    table.loc[chosen, "lon"] = middle.x.to_numpy()[region[chosen]]
    table.loc[chosen, "lat"] = middle.y.to_numpy()[region[chosen]]
    table.loc[chosen, "location_precision"] = "admin1"
    return table


def coverage(incidents, share, seeds, unequal=0.0):
    """Share of units with five or more incidents whose 90 % interval holds the true count."""
    own = index_of(UNITS).locate(incidents["lon"].to_numpy(), incidents["lat"].to_numpy())
    truth = np.bincount(own, minlength=len(UNITS))
    held = []
    for seed in seeds:
        table = coded(incidents, share, np.random.default_rng(seed), unequal)
        found = sg.uncertainty.propagate(hits, table, UNITS, n=60, rng=seed).table
        inside = (found["low"].to_numpy() <= truth) & (truth <= found["high"].to_numpy())
        held.append(inside[truth >= 5].mean())
    return float(np.mean(held))


def world(seed, number=500):
    """Incidents that gather in some provinces beyond people, around a few spots each."""
    rng = np.random.default_rng(seed)
    middle = UNITS.geometry.representative_point()
    heat = rng.gamma(0.4, size=len(UNITS))
    unit = rng.choice(len(UNITS), 4 * number, p=heat / heat.sum())
    spot = rng.normal(0, 0.15, (len(UNITS), 3, 2))[unit, rng.integers(0, 3, len(unit))]
    lon = middle.x.to_numpy()[unit] + spot[:, 0] + rng.normal(0, 0.03, len(unit))
    lat = middle.y.to_numpy()[unit] + spot[:, 1] + rng.normal(0, 0.03, len(unit))
    kept = index_of(UNITS).locate(lon, lat) >= 0
    return pd.DataFrame({"lon": lon[kept], "lat": lat[kept]}).head(number)


@pytest.mark.worlds
@pytest.mark.parametrize(("share", "unequal"), [(0.3, 0.0), (0.6, 0.0), (0.4, 0.7)])
def test_intervals_hold_the_true_count_where_incidents_gather_beyond_people(share, unequal):
    held = np.mean([coverage(world(seed), share, [seed], unequal) for seed in range(6)])
    assert held >= 0.85


@pytest.mark.reference
def test_intervals_hold_the_true_count_of_published_incidents(reference_data):
    """Incidents of Burkina Faso whose place is known, 40 % of them coded to their region."""
    file = reference_data / "ucdp" / "ged251_bfa_2016_2022.csv"
    incidents = sg.read_incidents(file)
    own = index_of(UNITS).locate(incidents["lon"].to_numpy(), incidents["lat"].to_numpy())
    known = (incidents["location_precision"] == "exact").to_numpy() & (own >= 0)
    assert coverage(incidents[known].reset_index(drop=True), 0.4, range(3)) >= 0.87


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_how_unequal_the_odds_are_is_read_from_the_areas(spread):
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        odds = np.exp(rng.normal(0, spread, (60, 4)))  # four cells in each of sixty areas
        number = rng.integers(2, 30, (60, 4))
        coarse = rng.binomial(number, odds / (1 + odds))
        known = number - coarse
        cell = np.repeat(np.arange(240), known.ravel())
        area = cell // 4
        seen = [np.flatnonzero(area == at) for at in range(60)]
        found.append(_unequal(coarse.sum(axis=1), seen, cell))
    assert np.mean(found) == pytest.approx(max(spread, 0.3), abs=0.25)


def test_nothing_coarse_or_nothing_known_leaves_the_least():
    none = [np.array([], dtype=np.intp)] * 3
    assert _unequal(np.array([3, 0, 1]), none, np.array([], dtype=np.intp)) == 0.3
    seen = [np.arange(4), *none[:2]]
    assert _unequal(np.zeros(3, dtype=np.intp), seen, np.zeros(4, dtype=np.intp)) == 0.3


def test_the_more_incidents_are_known_the_closer_the_others_are_to_them(toy_units):
    """Shares of a Dirichlet process: n known at one place, and 1 for chance, without people."""
    layer = (
        toy_units.dissolve("country").reset_index().assign(unit_id=lambda table: table["country"])
    )
    index, rng = index_of(layer), np.random.default_rng(1)
    none = Spots(np.empty(0), np.empty(0), np.empty(0))
    unit = np.full(50, index.locate(np.array([0.5]), np.array([11.5]))[0], dtype=np.int32)
    share = []
    for number in (2, 40):
        spots = Spots(np.full(number, 0.25), np.full(number, 11.75), np.ones(number))
        areas = Placing(none, spots).among(unit, index)
        far = np.full(50, 1.9), np.full(50, 11.1)
        drawn = [areas.draw(far, rng) for _ in range(400)]
        share.append(np.mean([(x < 1).mean() for x, _ in drawn]))
    assert share[0] == pytest.approx(1 / (1 + 1), abs=0.09)  # two that tell for one, beside chance
    assert share[1] == pytest.approx(20 / 21, abs=0.05)
