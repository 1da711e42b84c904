"""Covariates of the background on the ground, found again where the truth is known."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sklearn.linear_model import PoissonRegressor

import sahel_geo as sg
from sahel_geo.errors import CrsError, InputError
from sahel_geo.indicators.hawkes.covariates import Ground, Loglinear
from sahel_geo.indicators.hawkes.window import Window
from sahel_geo.projection import project


def squares(side=6, seed=2):
    """Squares of half a degree with a number each, from 0 E, 12 N."""
    at = [(x / 2, 12 + y / 2) for y in range(side) for x in range(side)]
    return gpd.GeoDataFrame(
        {"people": np.random.default_rng(seed).normal(size=len(at))},
        geometry=[shapely.box(x, y, x + 0.5, y + 0.5) for x, y in at],
        crs=4326,
    )


UNITS = squares()
LAND = gpd.GeoDataFrame(geometry=[shapely.box(0, 12, 3, 15)], crs=4326)


def drawn(ratio, seed, days=1500):
    """Two types whose background goes with the number of the square."""
    people = UNITS["people"].to_numpy()
    most = ratio ** np.where(ratio > 1, people.max(), people.min())

    def rate(lon, lat):
        square = np.clip((lat - 12) * 2, 0, 5).astype(int) * 6 + np.clip(lon * 2, 0, 5).astype(int)
        return ratio ** people[square] / most

    return sg.hawkes.simulate_spatial(
        [2.0, 1.2], [[0.3, 0.1], [0.0, 0.3]], mean_days=5, sigma_km=12, days=days, window=LAND,
        rng=seed, rate=rate, names=["MLI", "NER"],
    )  # fmt: skip


def holds(table, truth):
    return (table["lower"] <= truth) & (truth <= table["upper"])


@pytest.mark.parametrize(("ratio", "seed"), [(1.8, 1), (0.6, 2)])
def test_finds_what_covariates_of_places_do_to_the_background(ratio, seed):
    found = sg.hawkes.fit_spatial(drawn(ratio, seed), covariates=UNITS)
    assert found.covariates["country"].tolist() == ["MLI", "NER"]
    assert found.covariates["covariate"].tolist() == ["people", "people"]
    assert holds(found.covariates, ratio).all()
    assert not holds(found.covariates, 1.0).any()
    inside = np.array([0.3, 0.1, 0.0, 0.3]) * found.table["inside"]
    assert holds(found.table, inside).sum() >= 3  # of four at 95 %
    assert holds(found.kernel.loc[["mean_days", "sigma_km"]], np.array([5.0, 12.0])).all()
    assert np.isnan(found.background_km)


def test_a_covariate_that_does_nothing_has_a_ratio_of_about_one():
    found = sg.hawkes.fit_spatial(drawn(1.0, 3), covariates=UNITS)
    assert holds(found.covariates, 1.0).all()
    assert (found.covariates["rate_ratio"] - 1).abs().max() < 0.2


def test_a_background_left_even_counts_the_towns_as_following():
    """Where incidents gather at places, leaving the places out adds to what follows."""
    incidents = drawn(2.5, 4)
    known = sg.hawkes.fit_spatial(incidents, covariates=UNITS)
    blind = UNITS.assign(people=np.random.default_rng(5).normal(size=len(UNITS)))
    unknown = sg.hawkes.fit_spatial(incidents, covariates=blind)
    assert known.log_likelihood > unknown.log_likelihood + 50
    own = known.table["target"] == known.table["source"]
    assert (unknown.table["branching"][own] > known.table["branching"][own]).all()


def test_the_law_of_a_background_is_that_of_a_poisson_regression():
    rng = np.random.default_rng(6)
    sizes, numbers = rng.uniform(1, 5, 40), rng.normal(size=(40, 2))
    counts = rng.poisson(sizes * np.exp(0.3 + numbers @ [0.5, -0.4]))
    law = Loglinear.of(sizes, numbers)
    piece = np.repeat(np.arange(40), counts)
    beta = law.fit(piece, np.ones(len(piece)))
    oracle = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000)
    oracle.fit(numbers, counts / sizes, sample_weight=sizes)
    np.testing.assert_allclose(beta[1:], oracle.coef_, rtol=1e-5)
    assert law.shape(beta) @ sizes == pytest.approx(sizes.sum())
    rate = sizes * np.exp(law.values @ beta)
    information = (law.values * rate[:, None]).T @ law.values
    expected = np.sqrt(np.diag(np.linalg.inv(information)))
    np.testing.assert_allclose(law.errors(piece, np.ones(len(piece)), beta), expected)


def test_each_incident_lies_in_its_polygon_and_the_density_integrates_to_one():
    incidents = drawn(1.5, 7, days=100)
    x, y = (part / 1e3 for part in project(incidents["lon"], incidents["lat"]))
    area = Window.of(LAND, pd.Index(["MLI", "NER"]), "country")
    ground = Ground.of(UNITS, area, x, y)
    by_hand = UNITS.sindex.query(
        shapely.points(incidents["lon"], incidents["lat"]), predicate="intersects"
    )
    assert ground.piece[by_hand[0]].tolist() == by_hand[1].tolist()
    law = ground.laws[0]
    assert law.sizes.sum() == pytest.approx(area.areas_km2[0], rel=3e-3)
    assert (law.shape(np.array([0.0, 0.4])) / law.sizes.sum()) @ law.sizes == pytest.approx(1)


@pytest.mark.parametrize(
    ("covariates", "message"),
    [
        (UNITS.iloc[:-3], "`covariates` has polygons that fill 0.9"),
        (pd.concat([UNITS, UNITS.iloc[:4]]), "`covariates` has polygons that fill 1.1"),
        (UNITS.assign(people=2.0), "a column that never changes"),
        (UNITS.assign(people=np.where(UNITS.index == 3, np.nan, 1.0)), "1 missing numbers"),
        (UNITS[["geometry"]], "0 missing numbers; expected polygons and a number"),
    ],
)
def test_covariates_that_tell_nothing_are_refused(covariates, message):
    with pytest.raises(InputError, match=message):
        sg.hawkes.fit_spatial(drawn(1.5, 7, days=100), window=LAND, covariates=covariates)


def test_covariates_and_a_background_that_changes_are_not_taken_together():
    incidents = drawn(1.5, 7, days=100)
    with pytest.raises(InputError, match="`covariates` and `background_days`"):
        sg.hawkes.fit_spatial(incidents, covariates=UNITS, background_days=30)
    with pytest.raises(CrsError, match="`covariates`"):
        sg.hawkes.fit_spatial(
            incidents, window=LAND, covariates=UNITS.set_crs(3857, allow_override=True)
        )
