"""Bandwidths by hand, by the double sum, and where incidents share their coordinates."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KernelDensity

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.density import bandwidth as module
from sahel_geo.projection import project

RULES = ["silverman", "scott", "likelihood"]


def cloud(size=80, seed=1):
    rng = np.random.default_rng(seed)
    lon, lat = rng.normal(1, 0.7, size), rng.normal(14, 0.4, size)
    return pd.DataFrame({"lon": lon, "lat": lat})


def km(incidents):
    return np.column_stack(project(*incidents[["lon", "lat"]].to_numpy().T)) / 1e3


def test_the_rules_by_their_formulas():
    incidents = cloud()
    x = km(incidents)
    deviations = x.std(axis=0, ddof=1)
    scott = np.sqrt((deviations**2).mean()) * 80 ** (-1 / 6)
    assert sg.density.bandwidth(incidents, rule="scott") == pytest.approx(scott)
    quartiles = np.diff(np.percentile(x, [25, 75], axis=0), axis=0)[0] / 1.349
    smaller = np.minimum(deviations, quartiles)
    silverman = np.sqrt((smaller**2).mean()) * 80 ** (-1 / 6)
    assert sg.density.bandwidth(incidents) == pytest.approx(silverman)
    assert sg.density.bandwidth(incidents, kernel="quartic") == pytest.approx(2.778 * silverman)


def test_a_few_far_incidents_move_silverman_less_than_scott():
    far = pd.concat([cloud(), pd.DataFrame({"lon": [14.0, 14.5], "lat": [22.0, 22.0]})])
    grown = {
        rule: sg.density.bandwidth(far, rule=rule) / sg.density.bandwidth(cloud(), rule=rule)
        for rule in ("silverman", "scott")
    }
    assert grown["silverman"] < 1.1
    assert grown["scott"] > 2


def leave_one_place_out(x, width):
    """The score of scikit-learn's density of all other places, one after another."""
    places, counts = np.unique(x, axis=0, return_counts=True)
    score = 0.0
    for at, place in enumerate(places):
        others = np.arange(len(places)) != at
        model = KernelDensity(bandwidth=width, rtol=1e-12).fit(
            places[others], sample_weight=counts[others]
        )
        score += counts[at] * model.score([place])
    return score


def test_the_likelihood_is_that_of_all_other_places():
    incidents = cloud(40)
    incidents = pd.concat([incidents, incidents.iloc[:5], incidents.iloc[:2]], ignore_index=True)
    x = km(incidents)
    places, counts = np.unique(x, axis=0, return_counts=True)
    for width in (3.0, 15.0, 80.0):
        # ours is per square metre
        score = module.leave_one_out(
            places * 1e3, counts.astype(float), np.arange(len(places)), width * 1e3
        ) + len(x) * np.log(1e6)
        assert score == pytest.approx(leave_one_place_out(x, width), rel=1e-9)
    found = sg.density.bandwidth(incidents, rule="likelihood")
    best = leave_one_place_out(x, found)
    for factor in (0.5, 0.9, 0.99, 1.01, 1.1, 2.0):
        assert best > leave_one_place_out(x, found * factor)


def test_two_places_are_smoothed_by_their_distance_over_the_root_of_two():
    two = pd.DataFrame({"lon": [0.0, 1.0], "lat": [17.0, 17.0]})
    apart = np.linalg.norm(np.diff(km(two), axis=0))
    found = sg.density.bandwidth(two, rule="likelihood")
    assert found == pytest.approx(apart / np.sqrt(2), rel=1e-4)
    many = pd.concat([two] * 30)
    assert sg.density.bandwidth(many, rule="likelihood") == pytest.approx(found, rel=1e-3)


def test_incidents_of_one_town_do_not_foretell_one_another():
    towns = cloud(30)
    once = sg.density.bandwidth(towns, rule="likelihood")
    again = sg.density.bandwidth(pd.concat([towns] * 20), rule="likelihood")
    assert again == pytest.approx(once, rel=1e-3)
    assert once > 5


def test_more_places_than_are_foretold(monkeypatch):
    incidents = cloud(400)
    whole = sg.density.bandwidth(incidents, rule="likelihood")
    monkeypatch.setattr(module, "_MOST_PLACES", 200)
    part = sg.density.bandwidth(incidents, rule="likelihood", rng=1)
    assert part == sg.density.bandwidth(incidents, rule="likelihood", rng=1)
    assert part != whole
    assert part == pytest.approx(whole, rel=0.2)


def test_moving_and_stretching_everything_moves_and_stretches_the_answer():
    places = km(cloud(30)) * 1e3
    counts, everyone = np.ones(30), np.arange(30)
    narrow, wide = (
        module._by_likelihood(places * factor + 7e4, counts, 2e4 * factor, np.random.default_rng(0))
        for factor in (1, 3)
    )
    assert wide == pytest.approx(3 * narrow, rel=1e-4)
    assert np.isneginf(module.leave_one_out(places, counts, everyone, 1.0))


@pytest.mark.parametrize("rule", RULES)
def test_one_place_has_no_bandwidth(rule):
    one = pd.DataFrame({"lon": [2.4], "lat": [15.9]})
    for incidents, rows in ((one.iloc[:0], 0), (one, 1), (pd.concat([one] * 9), 9)):
        with pytest.raises(
            InputError, match=f"has {rows} rows with coordinates, in {min(rows, 1)}"
        ):
            sg.density.bandwidth(incidents, rule=rule)


def test_twins_close_by_describe_the_coordinates():
    towns = cloud(20)
    twins = pd.concat([towns, towns + 2e-4])
    with pytest.raises(InputError, match="nearly every place has a twin close by"):
        sg.density.bandwidth(twins, rule="likelihood")
    assert sg.density.bandwidth(twins) > 5


def test_unknown_options():
    with pytest.raises(InputError, match="`rule` is 'cv'; expected one of"):
        sg.density.bandwidth(cloud(), rule="cv")
    with pytest.raises(InputError, match="`kernel` is 'box'; expected one of"):
        sg.density.bandwidth(cloud(), kernel="box")
