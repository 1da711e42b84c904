"""Where redrawn incidents may fall, and what follows for a measure."""

import numpy as np
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError


def incidents(precision, lon=0.5, lat=11.5, **columns):
    size = len(precision)
    table = {"lon": [lon] * size, "lat": [lat] * size, "location_precision": precision}
    return pd.DataFrame(table | columns)


def areas_of(units):
    return {
        "admin3": units.assign(geometry=shapely.buffer(units.geometry.to_numpy(), -0.4)),
        "admin2": units,
        "admin1": units.dissolve("adm1_id").reset_index(names="a").assign(unit_id=lambda t: t["a"]),
        "country": units.dissolve("country")
        .reset_index(names="c")
        .assign(unit_id=lambda t: t["c"]),
    }


def places(placed, units):
    return np.r_[placed["lon"], placed["lat"]]


def hits(placed, units):
    return placed["unit_id"].value_counts().reindex(units["unit_id"], fill_value=0)


@pytest.mark.parametrize(
    ("precision", "bounds"),
    [
        ("exact", (0.5, 11.5, 0.5, 11.5)),
        ("unknown", (0.5, 11.5, 0.5, 11.5)),
        ("admin3", (0.4, 11.4, 0.6, 11.6)),
        ("admin2", (0, 11, 1, 12)),
        ("admin1", (0, 11, 2, 12)),
        ("country", (0, 11, 2, 12)),
    ],
)
def test_places_fill_the_area_that_the_precision_admits(toy_units, precision, bounds):
    found = sg.uncertainty.propagate(
        places, incidents([precision]), toy_units, n=400, rng=1, areas=areas_of(toy_units)
    )
    lon, lat = found.draws.T
    assert lon.min() >= bounds[0]
    assert lat.min() >= bounds[1]
    assert lon.max() <= bounds[2]
    assert lat.max() <= bounds[3]
    for drawn, low, high in ((lon, *bounds[::2]), (lat, *bounds[1::2])):
        assert np.ptp(drawn) >= 0.95 * (high - low)
        assert drawn.mean() == pytest.approx((low + high) / 2, abs=0.11 * (high - low) + 1e-9)
    assert found.redrawn["moved"].tolist() == [int(precision not in ("exact", "unknown"))]


def test_near_means_within_25_km_all_points_alike(toy_units):
    found = sg.uncertainty.propagate(places, incidents(["near"]), toy_units, n=2000, rng=1)
    lon, lat = found.draws.T
    km = WGS84.inv(np.full(2000, 0.5), np.full(2000, 11.5), lon, lat)[2] / 1e3
    assert km.max() <= 25
    assert (km <= 12.5).mean() == pytest.approx(0.25, abs=0.04)


def test_near_a_border_of_the_study_area_stays_inside(toy_units):
    found = sg.uncertainty.propagate(places, incidents(["near"], lon=0.01), toy_units, n=300, rng=1)
    assert found.draws[:, 0].min() >= 0


def test_units_share_the_incident_by_their_area(toy_units):
    found = sg.uncertainty.propagate(
        *(hits, incidents(["admin1"] * 100), toy_units), n=100, rng=1, areas=areas_of(toy_units)
    )
    assert found.table["recorded"].tolist() == [100, 0, 0, 0, 0, 0]
    assert found.table.loc[["M1", "M2"], "mean"].tolist() == pytest.approx([50, 50], abs=2)
    assert (found.draws.sum(axis=1) == 100).all()
    assert found.table.index.tolist() == toy_units["unit_id"].tolist()
    # 90 % of a binomial of 100 lies within 42 and 58
    assert found.table.loc["M1", "low"] == pytest.approx(42, abs=2)
    assert found.table.loc["M1", "high"] == pytest.approx(58, abs=2)


def test_tolls_stay_between_low_and_high_and_inputs_as_they_were(toy_units):
    table = incidents(
        ["exact"] * 3,
        fatalities_low=[2.0, 5.0, np.nan],
        fatalities_best=[3.0, 5.0, 7.0],
        fatalities_high=[10.0, 5.0, 9.0],
    )
    before = table.copy()
    found = sg.uncertainty.propagate(
        lambda placed, _: placed["fatalities_best"], table, toy_units, n=500, rng=1
    )
    assert found.draws[:, 0].min() == 2
    assert found.draws[:, 0].max() in (9, 10)
    assert found.draws[:, 0].mean() == pytest.approx(5, abs=0.3)  # (2 + 3 + 10) / 3
    assert (found.draws[:, 0] % 1 == 0).all()
    assert (found.draws[:, 1:] == [5, 7]).all()
    pd.testing.assert_frame_equal(table, before)


def test_the_same_seed_gives_the_same_draws(toy_units):
    table = incidents(["near", "admin2", "exact"])
    run = {
        seed: sg.uncertainty.propagate(
            places, table, toy_units, n=20, rng=seed, areas=areas_of(toy_units)
        ).draws
        for seed in (1, 2)
    }
    again = sg.uncertainty.propagate(
        places, table, toy_units, n=20, rng=1, areas=areas_of(toy_units)
    )
    assert (run[1] == again.draws).all()
    assert (run[1] != run[2]).any()


def test_rates_get_an_interval(toy_units):
    table = incidents(["admin1"] * 20, date=pd.to_datetime(["2023-05-01"] * 20))

    def rates(placed, units):
        panel = sg.count(placed, units, period="year", start="2023-01-01", end="2023-12-31")
        return sg.density.rates(panel, units).set_index("unit_id")["per_1000km2"]

    found = sg.uncertainty.propagate(
        rates, table, toy_units, n=50, rng=1, areas=areas_of(toy_units)
    ).table
    assert found.loc["M1", "low"] < found.loc["M1", "mean"] < found.loc["M1", "recorded"]
    assert found.loc["N1", ["recorded", "low", "high"]].tolist() == [0, 0, 0]


def test_type_probabilities_show_what_coding_to_a_town_hides(toy_units):
    date = pd.to_datetime(["2022-05-01"] * 8)
    exact = incidents(["exact"] * 8, date=date)
    sure = sg.uncertainty.scdi_types(exact, toy_units, n=20, rng=1)
    assert sure[["type", "CH"]].values.tolist() == [["CH", 1.0]]
    coarse = incidents(["near"] * 8, date=date)
    unsure = sg.uncertainty.scdi_types(coarse, toy_units, n=100, rng=1).iloc[0]
    assert unsure["type"] == "CH"
    assert unsure["CH"] < 0.9
    assert unsure[["CH", "CL", "DH", "DL", "unclassed"]].sum() == pytest.approx(1)


def test_nothing_to_move_and_places_outside_everything(toy_units):
    outside = incidents(["admin2", "near"], lon=50.0)
    found = sg.uncertainty.propagate(
        hits, outside, toy_units, n=5, rng=1, areas=areas_of(toy_units)
    )
    assert (found.draws == 0).all()
    assert found.redrawn.set_index("location_precision")["moved"].to_dict() == {
        "admin2": 0,
        "near": 1,
    }
    none = sg.uncertainty.propagate(hits, outside.iloc[:0], toy_units, n=5, rng=1)
    assert (none.table[["recorded", "low", "high"]] == 0).all(axis=None)
    empty = outside.iloc[:0].assign(date=pd.to_datetime([]))
    assert sg.uncertainty.scdi_types(empty, toy_units, n=5, rng=1).empty


def test_uncertainty_refuses_what_it_cannot_use(toy_units):
    propagate = sg.uncertainty.propagate
    with pytest.raises(InputError, match=r"`n` is 1 and `level` is 0\.9"):
        propagate(hits, incidents(["exact"]), toy_units, n=1, rng=1)
    with pytest.raises(InputError, match=r"unknown values of 'location_precision': \['town'\]"):
        propagate(hits, incidents(["town"]), toy_units, rng=1)
    with pytest.raises(InputError, match="`areas` has no 'admin1', the precision of 1 incidents"):
        propagate(hits, incidents(["admin1"]), toy_units, rng=1, areas={"admin2": toy_units})
    sizes = iter([1, 2, 3])
    with pytest.raises(InputError, match="`measure` gave shape"):
        propagate(lambda *_: [0] * next(sizes), incidents(["exact"]), toy_units, rng=1)
    with pytest.raises(InputError, match="`n` is 0"):
        sg.uncertainty.scdi_types(incidents(["exact"]), toy_units, n=0, rng=1)
