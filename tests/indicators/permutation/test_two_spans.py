"""What waves deal between two spans: as wide as the waves that made the record, and no wider."""

import numpy as np
import pytest

from sahel_geo.indicators.permutation.two_spans import WaveDeals

MONTHS, CHANGE = 96, 72


def record_of(rng, *, spread, places=40, mean=4.0, fading=0.9):
    """Places 300 km apart, whose rates wander with a deviation of `spread` of their logarithm."""
    state, counts = rng.normal(size=places), []
    for _ in range(MONTHS):
        state = fading * state + np.sqrt(1 - fading**2) * rng.normal(size=places)
        counts.append(rng.poisson(mean * np.exp(spread * state - spread**2 / 2)))
    table = np.array(counts).T
    place, month = (np.repeat(at.ravel(), table.ravel()) for at in np.indices(table.shape))
    x = 3e5 * (place % 8) + rng.normal(0, 2e3, len(place))
    y = 3e5 * (place // 8) + rng.normal(0, 2e3, len(place))
    return x, y, month.astype(np.int64), place


def log_ratios(late, place, kept):
    """Logarithm of how many incidents of each place are late over how many are not, (r, m)."""
    after = np.stack([np.bincount(place[kept], row, minlength=40) for row in late])
    return np.log((after + 0.5) / (np.bincount(place[kept], minlength=40) - after + 0.5))


@pytest.mark.parametrize(("spread", "fading"), [(1.0, 0.9), (0.5, 0.8), (0.0, 0.0)])
def test_deals_vary_as_much_as_the_two_spans_of_places_do(spread, fading):
    """Root mean square of the ratios of 120 places beside those dealt.

    They may be wider, since what the waves are is not known, but by less than half.
    """
    observed, dealt = [], []
    for seed in range(3):
        x, y, month, place = record_of(np.random.default_rng(seed), spread=spread, fading=fading)
        kept = month >= CHANGE - 24
        late = month >= CHANGE
        deal = WaveDeals(x, y, month, 1e5, CHANGE).between(late, kept)
        middle = np.log(late[kept].mean() / (1 - late[kept].mean()))
        observed.append(log_ratios(late[kept][None].astype(float), place, kept) - middle)
        drawn = deal(np.random.default_rng(seed), 200)
        assert drawn.shape == (200, kept.sum())
        dealt.append(log_ratios(drawn.astype(float), place, kept) - middle)
    sizes = [np.sqrt(np.mean(np.square(np.concatenate(each)))) for each in (observed, dealt)]
    assert 0.8 < sizes[1] / sizes[0] < 1.5


def test_a_town_is_one_place_wherever_it_lies_and_neighbours_share_their_waves():
    rng = np.random.default_rng(1)
    x, y, month, place = record_of(rng, spread=0.5)
    for shift in (0.0, 12_345.0):
        deals = WaveDeals(x + shift, y + shift, month, 1e5, CHANGE)
        assert len(np.unique(deals.place)) == 40
        assert len(set(zip(deals.place.tolist(), place.tolist(), strict=True))) == 40
    x, y = x - 3e5 * (place % 8) + 4e4 * (place % 2), y - 3e5 * (place // 8)
    pair = WaveDeals(x, y, month, 1e5, CHANGE)
    assert pair.root.shape == (2, 2)
    alike = pair.root @ pair.root.T
    np.testing.assert_allclose(np.diag(alike), 1, atol=1e-9)
    assert alike[0, 1] >= np.exp(-0.5)  # two places 40 km apart


def test_a_change_between_the_spans_is_no_wave():
    """Rates of half the places rise fourfold at the change; deals stay as narrow as without."""
    widths = []
    for factor in (1, 4):
        rng = np.random.default_rng(2)
        x, y, month, place = record_of(rng, spread=0.0)
        more = (month >= CHANGE) & (place % 2 == 0)
        times = np.where(more, factor, 1)
        x, y, month, place = (np.repeat(each, times) for each in (x, y, month, place))
        kept, late = month >= CHANGE - 24, month >= CHANGE
        deal = WaveDeals(x, y, month, 1e5, CHANGE).between(late, kept)
        widths.append(log_ratios(deal(rng, 100).astype(float), place, kept).std(axis=0).mean())
    assert widths[1] < 1.25 * widths[0]
