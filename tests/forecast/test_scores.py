"""Scorers: published answers, brute force, and distributions against their own draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom
from sklearn.metrics import average_precision_score, roc_auc_score

from sahel_geo.errors import InputError
from sahel_geo.forecast import crps, ignorance, interval_score
from sahel_geo.forecast.distributions import CdfScores, draws, empirical_cdf, exceedance, quantiles
from sahel_geo.forecast.models.endemic_epidemic import negative_binomial_cdf
from sahel_geo.forecast.past import _make_support
from sahel_geo.forecast.record.scores import area_under_curve, average_precision

ENSEMBLE, CAME = [[0, 1, 2, 3]], [1]


def test_the_ensemble_of_the_definitions_has_its_scores():
    assert crps(ENSEMBLE, CAME) == pytest.approx([0.375])
    assert crps(ENSEMBLE, CAME, fair=True) == pytest.approx([1 / 6])
    assert ignorance(ENSEMBLE, CAME) == pytest.approx([np.log2(5)])
    assert interval_score(ENSEMBLE, CAME, level=0.9) == pytest.approx([2.7])


def test_a_certain_forecast_has_its_absolute_error():
    assert crps([[4, 4, 4], [0, 0, 0]], [1, 0]).tolist() == [3, 0]
    assert interval_score([[4, 4]], [1], level=0.9) == pytest.approx([3 * 20])


def test_one_wrong_certainty_costs_ten_bits():
    bits = ignorance(np.zeros((2, 1000)), [0, 3])
    assert bits == pytest.approx([np.log2(1011 / 1001), np.log2(1011)])


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=40),
    st.integers(0, 3000),
    st.floats(0.05, 0.95),
)
def test_crps_is_the_sum_over_whole_numbers(sample, came, level):
    grid = np.arange(3001)
    cdf = np.searchsorted(np.sort(sample), grid, side="right") / len(sample)
    brute = ((cdf - (came <= grid)) ** 2).sum()
    support = _make_support(sample)
    row = empirical_cdf(sample, np.ones(len(sample)), support)[None]
    exact = CdfScores.of(row, support, np.array([float(came)]))
    assert crps([sample], [came])[0] == pytest.approx(brute, abs=1e-7)
    assert exact.crps[0] == pytest.approx(brute, abs=1e-7)
    spelled = draws(row, support)
    assert exact.ign == pytest.approx(ignorance(spelled, [came]))
    assert exact.mis == pytest.approx(interval_score(spelled, [came]))
    assert quantiles(row, support, level)[0] == np.quantile(sample, level, method="inverted_cdf")
    assert exact.at_least_1[0] == pytest.approx(np.mean(np.array(sample) >= 1))


def test_draws_are_quantiles_at_the_middle_of_each_share():
    support = _make_support([0, 7])
    row = empirical_cdf([0, 7], [0.6, 0.4], support)[None]
    assert draws(row, support, 5).tolist() == [[0, 0, 0, 7, 7]]
    assert exceedance(row, support, 7).tolist() == pytest.approx([0.4])


def test_a_negative_binomial_is_that_of_scipy():
    support = _make_support([0, 100])
    mean, size = np.array([0.3, 12.0, 0.3]), np.array([0.2, 3.0, 0.2])
    cdf = negative_binomial_cdf(mean, size, support)
    for row in range(3):
        expected = nbinom.cdf(support, size[row], size[row] / (size[row] + mean[row]))
        assert cdf[row, :-1] == pytest.approx(expected[:-1], abs=1e-10)
    assert (cdf[:, -1] == 1).all()


def test_ranking_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(3)
    probability = rng.integers(0, 8, 200) / 8  # with ties
    came = rng.random(200) < probability
    assert average_precision(probability, came) == pytest.approx(
        average_precision_score(came, probability)
    )
    assert area_under_curve(probability, came) == pytest.approx(roc_auc_score(came, probability))
    assert np.isnan(average_precision(probability, np.zeros(200, dtype=bool)))
    assert np.isnan(area_under_curve(probability, np.ones(200, dtype=bool)))


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: crps([0, 1], [1]), r"shape \(2,\) and `observed` \(1,\)"),
        (lambda: crps([[0, 1]], [1, 2]), r"expected \(n, m\)"),
        (lambda: crps([[np.nan, 1]], [1]), r"missing values in 1 rows \[0\]"),
        (lambda: crps([[1]], [1], fair=True), "two or more"),
        (lambda: ignorance([[-1]], [1]), "below the first edge 0"),
        (lambda: interval_score([[1]], [1], level=1.0), "`level` is 1.0"),
    ],
)
def test_what_cannot_be_scored_is_refused(call, match):
    with pytest.raises(InputError, match=match):
        call()


def test_a_right_forecast_covers_positive_counts_as_often_as_it_expects():
    random = np.random.default_rng(4)
    mean = random.gamma(0.1, 1.0, size=9_000)
    support = np.arange(400)
    cdf = nbinom.cdf(support, 0.8, 0.8 / (0.8 + mean[:, None]))
    cdf[:, -1] = 1.0
    came = random.negative_binomial(0.8, 0.8 / (0.8 + mean)).astype(float)
    found = CdfScores.of(cdf, support, came)
    inside = (found.lower <= came) & (came <= found.upper)
    expected = found.inside_positive.sum() / found.at_least_1.sum()
    assert inside[came > 0].mean() == pytest.approx(expected, abs=0.03)
    assert expected < 0.87  # though all intervals hold more than 90 %
    assert inside.mean() > 0.9
