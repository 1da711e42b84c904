"""Two periods on a surface: the ratio by the double sum, and what chance makes of it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.errors import CrsError, InputError
from sahel_geo.projection import project

BEFORE, AFTER = ("2019", "2019"), ("2020-01", "2020-12")


def incidents_of(rng, before, after, *, shift=0.0):
    """Two towns; after, a share of the incidents of the first has moved to the second."""
    rng = np.random.default_rng(rng)
    size = before + after
    late = np.arange(size) >= before
    second = rng.random(size) < 0.5 + shift * late
    lon = np.where(second, 3.0, 0.0) + rng.normal(0, 0.3, size)
    days = rng.integers(0, 365, size)
    dates = np.where(late, np.datetime64("2020-01-01"), np.datetime64("2019-01-01")) + days
    return pd.DataFrame({"lon": lon, "lat": rng.normal(14, 0.3, size), "date": dates})


def calm_year(rng):
    """The same two towns in the year before, without a change."""
    year = incidents_of(rng, 150, 0)
    return year.assign(date=year["date"] - pd.DateOffset(years=1))


def compare(incidents, **options):
    options = {"bandwidth_km": 40, "rng": 1, "permutations": 199, "cell_km": 20} | options
    return sg.density.relative_risk(incidents, BEFORE, AFTER, **options)


def heights(incidents, surface):
    """Kernels of height 1 at each cell, by the double sum."""
    rows, columns = np.indices(surface.values.shape)
    x, y = surface.transform @ (columns + 0.5, rows + 0.5)
    px, py = project(incidents["lon"].to_numpy(), incidents["lat"].to_numpy())
    squared = (x[..., None] - px) ** 2 + (y[..., None] - py) ** 2
    return np.exp(-squared / (2 * 40e3**2))


def test_the_ratio_is_that_of_the_double_sums():
    incidents = incidents_of(1, 60, 90, shift=0.2)
    found = compare(incidents)
    late = incidents["date"].dt.year.to_numpy() == 2020
    each = heights(incidents, found.log_ratio)
    f_after, f_before = each[..., late].sum(-1) / 90, each[..., ~late].sum(-1) / 60
    expected = np.log((f_after + 1 / 150) / (f_before + 1 / 150))
    expected[each.sum(-1) < 5] = np.nan
    np.testing.assert_allclose(found.log_ratio.values, expected, atol=1e-4)
    assert np.isnan(found.log_ratio.values).any()
    assert found.incidents == (60, 90)
    swapped = sg.density.relative_risk(
        incidents, AFTER, BEFORE, bandwidth_km=40, rng=1, permutations=19, cell_km=20, level=0.9
    )
    np.testing.assert_allclose(swapped.log_ratio.values, -found.log_ratio.values, atol=1e-6)


def test_the_edge_cancels_in_the_ratio():
    incidents = incidents_of(2, 80, 80, shift=0.2)
    area = gpd.GeoDataFrame(geometry=[shapely.box(-1, 13, 3.2, 14.3)], crs=4326)
    found = compare(incidents, edge=area, least=0.5)
    inside = incidents[incidents["lon"].between(-1, 3.2) & incidents["lat"].between(13, 14.3)]
    assert sum(found.incidents) == pytest.approx(len(inside), abs=1)
    surfaces = [
        sg.density.kernel_density(
            incidents[incidents["date"].dt.year == year],
            bandwidth_km=40,
            cell_km=20,
            edge=area,
            edge_at="place",
        )
        for year in (2019, 2020)
    ]
    shares = [
        surface.values * (2 * np.pi * 40**2) / surface.parameters["incidents"]
        for surface in surfaces
    ]
    middle = np.isfinite(found.log_ratio.values) & (shares[0] > 0.1) & (shares[1] > 0.1)
    assert middle.sum() > 10
    np.testing.assert_allclose(
        found.log_ratio.values[middle], np.log(shares[1] / shares[0])[middle], atol=0.1
    )


def test_a_shift_is_found_where_it_is():
    incidents = pd.concat([calm_year(100), incidents_of(3, 150, 150, shift=0.35)])
    found = compare(incidents)
    assert found.p <= 0.03
    more, less = found.table.itertuples()
    assert more.kind == "more"
    assert more.lon == pytest.approx(3, abs=1)
    assert less.lon == pytest.approx(0, abs=1)
    assert more.ratio > 1.2
    assert less.ratio < 0.8
    assert more.beyond_km2 > 0
    beyond = found.beyond.values[np.isfinite(found.beyond.values)]
    assert np.isin(beyond, found.log_ratio.values).all()
    outside = (found.log_ratio.values > found.high.values + 1e-5) | (
        found.log_ratio.values < found.low.values - 1e-5
    )
    np.testing.assert_array_equal(outside, np.isfinite(found.beyond.values))


@pytest.mark.worlds
@pytest.mark.parametrize("together", ["incident", "place-month", "waves"])
def test_without_a_shift_the_map_is_called_changed_as_rarely_as_stated(together):
    chances = [
        compare(
            incidents_of(seed, 60, 40), permutations=39, level=0.9, cell_km=40, together=together
        ).p
        for seed in range(40)
    ]
    # two years alone do not rule waves out, so that chance with waves is wider than need be
    assert 0.35 < np.mean(chances) < (0.9 if together == "waves" else 0.65)
    assert np.mean(np.array(chances) <= 0.1) <= 0.2


def test_bouts_at_one_place_are_one_event():
    base = incidents_of(5, 100, 100)
    bout = pd.DataFrame({"lon": 3.0, "lat": 14.0, "date": pd.to_datetime(["2020-05-02"] * 40)})
    incidents = pd.concat([base, bout], ignore_index=True)
    alone = compare(incidents, together="incident").p
    assert alone <= 0.01
    assert compare(incidents, together="place-month").p > 5 * alone


@pytest.mark.worlds
def test_waves_of_a_district_are_no_change_where_they_are_taken_into_account():
    """Rates of sixteen towns wander, with a standard deviation of 1 that lasts for a year."""

    def world(seed):
        rng = np.random.default_rng(seed)
        state, rows = rng.normal(size=16), []
        for month in range(72):
            state = 0.92 * state + np.sqrt(1 - 0.92**2) * rng.normal(size=16)
            number = rng.poisson(0.6 * np.exp(state - 0.5))
            date = pd.Timestamp("2015-01-15") + pd.DateOffset(months=month)
            town = np.repeat(np.arange(16), number)
            rows.append(
                pd.DataFrame({"lon": 1.5 * (town % 4), "lat": 12 + 1.5 * (town // 4), "date": date})
            )
        return pd.concat(rows, ignore_index=True)

    def called(together, worlds):
        p = [
            sg.density.relative_risk(
                world(seed), ("2017", "2018"), ("2019", "2020"), bandwidth_km=40, cell_km=40,
                together=together, permutations=19, level=0.9, rng=seed,
            ).p
            for seed in range(worlds)
        ]  # fmt: skip
        return sum(each <= 0.05 for each in p)

    assert called("waves", 40) <= 5  # 2 expected; the chance of 6 at 5 % is 1.4 %
    assert called("place-month", 20) >= 5


def test_the_same_seed_gives_the_same_answer():
    incidents = incidents_of(6, 40, 40)
    one, two = compare(incidents), compare(incidents)
    np.testing.assert_array_equal(one.p_value.values, two.p_value.values)
    assert one.p == two.p
    shuffled = incidents.sample(frac=1, random_state=1)
    np.testing.assert_allclose(compare(shuffled).log_ratio.values, one.log_ratio.values, atol=1e-6)


def test_pointwise_chances_are_shares_of_the_deals():
    found = compare(incidents_of(7, 40, 40))
    chances = found.p_value.values[np.isfinite(found.p_value.values)]
    assert chances.min() >= 2 / 200 - 1e-12
    assert chances.max() <= 1
    np.testing.assert_allclose(chances * 100, np.round(chances * 100), atol=1e-9)


def test_degenerate_periods():
    one = pd.DataFrame(
        {"lon": 1.0, "lat": 14.0, "date": pd.to_datetime(["2019-05-01"] * 9 + ["2020-05-01"] * 7)}
    )
    found = compare(one)  # all in one place: the shares cannot differ
    assert found.p == 1
    assert np.nanmax(np.abs(found.log_ratio.values)) < 1e-6
    assert found.table["beyond_km2"].tolist() == [0, 0]
    with pytest.raises(InputError, match="no cell has 5 incidents within the reach"):
        compare(one.iloc[[0, -1]])
    with pytest.raises(InputError, match="have 9 and 0 incidents with a place and a date"):
        compare(one.iloc[:9])
    with pytest.raises(InputError, match="have 0 and 0 incidents"):
        compare(one.assign(lon=np.nan))
    far = gpd.GeoDataFrame(geometry=[shapely.box(9, 20, 10, 21)], crs=4326)
    with pytest.raises(InputError, match="have 0 and 0 incidents"):
        compare(one, edge=far)


def test_it_says_and_shows_what_it_found(toy_units):
    found = compare(incidents_of(3, 150, 150, shift=0.35))
    assert found.sentence("fr").startswith(
        "De 2019 (150 incidents) à 2020-01–2020-12 (150)\u202f: la"
    )
    assert f"{found.p:.3f}".replace(".", ",") in found.sentence("fr")
    assert found.sentence("en").startswith("From 2019 (150 incidents) to 2020-01–2020-12 (150):")
    assert "Chance had waves of violence" in found.sentence("en")
    alone = compare(incidents_of(3, 30, 30), together="incident", permutations=19, level=0.9)
    assert "Le hasard ne comptait pas de vagues" in alone.sentence("fr")
    ax = found.plot(outlines=toy_units)
    assert ax.figure.axes[-1].get_ylabel() == "log relative risk"
    assert "data:image/svg+xml" in found._repr_html_()
    with pytest.raises(InputError, match="`lang` is 'de'"):
        found.sentence("de")


def test_relative_risk_refuses_what_it_cannot_use():
    incidents = incidents_of(8, 20, 20)
    risk = sg.density.relative_risk
    options = {"bandwidth_km": 40, "rng": 1}
    with pytest.raises(InputError, match=r"`incidents` has no column \['date'\]"):
        risk(incidents.drop(columns="date"), BEFORE, AFTER, **options)
    with pytest.raises(InputError, match=r"`before` \('2019', '2020'\) and `after` .* overlap"):
        risk(incidents, ("2019", "2020"), AFTER, **options)
    with pytest.raises(InputError, match=r"`after` is \('soon', '2020'\); expected the first"):
        risk(incidents, BEFORE, ("soon", "2020"), **options)
    with pytest.raises(InputError, match="which ends before it begins"):
        risk(incidents, ("2019", "2018"), AFTER, **options)
    with pytest.raises(InputError, match=r"`permutations` is 9 and `level` 0\.95"):
        compare(incidents, permutations=9)
    with pytest.raises(InputError, match="`least` is 0"):
        compare(incidents, least=0)
    with pytest.raises(InputError, match="`together` is 'year'; expected one of"):
        compare(incidents, together="year")
    with pytest.raises(InputError, match="too many to keep"):
        compare(incidents, cell_km=0.5, permutations=9_999)
    with pytest.raises(CrsError, match="`edge` has no coordinate reference system"):
        compare(incidents, edge=gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]))
