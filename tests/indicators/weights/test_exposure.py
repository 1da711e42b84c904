"""Activity around each unit by border, by distance, by actor, and earlier."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import sahel_geo as sg
from sahel_geo.errors import InputError
from tests.conftest import make_toy_units

GEOD = Geod(ellps="WGS84")
UNITS = make_toy_units()
IDS = list(UNITS["unit_id"])
exposure, foreign_exposure = sg.border.exposure, sg.border.foreign_exposure


def panel(months=1, **incidents_of):
    """Counts by unit and month; a unit's list is its months, other units have none."""
    periods = pd.period_range("2024-01", periods=months, freq="M")
    rows = [
        {"unit_id": unit, "period": period, "incidents": float(count)}
        for unit in IDS
        for period, count in zip(periods, incidents_of.get(unit, [0] * months), strict=True)
    ]
    return pd.DataFrame(rows)


def at(table, unit, period="2024-01"):
    return table[(table["unit_id"] == unit) & (table["period"].astype(str) == period)].iloc[0]


def kilometres():
    inner = UNITS.geometry.representative_point()
    return np.array(
        [[GEOD.inv(a.x, a.y, b.x, b.y)[2] / 1e3 for b in inner] for a in inner], dtype=float
    )


@pytest.mark.parametrize(
    ("decay_km", "weigh"), [(None, lambda km: 1 / km), (80, lambda km: np.exp(-km / 80))]
)
def test_distance_by_brute_force(decay_km, weigh):
    counts = np.random.default_rng(3).poisson(4, 6)
    one = panel(**{unit: [count] for unit, count in zip(IDS, counts, strict=True)})
    table = foreign_exposure(one, UNITS, weights="distance", decay_km=decay_km)
    km, country = kilometres(), UNITS["country"].to_numpy(object)
    for row, unit in enumerate(IDS):
        weight = np.array([weigh(km[row, j]) if j != row else 0.0 for j in range(6)])
        weight /= weight.sum()
        abroad = country != country[row]
        got = at(table, unit)
        assert got["foreign_exposure"] == pytest.approx((weight * counts)[abroad].sum())
        assert got["domestic_exposure"] == pytest.approx((weight * counts)[~abroad].sum())
        assert got["foreign_weight"] == pytest.approx(weight[abroad].sum())


def test_a_short_decay_leaves_only_the_nearest():
    # from N1, M2 lies a degree of longitude away, 109 km; N2 a degree of latitude, 110.6 km
    table = foreign_exposure(panel(M2=[7], M1=[50]), UNITS, weights="distance", decay_km=0.2)
    assert at(table, "N1")["foreign_exposure"] == pytest.approx(7, rel=0.01)


def test_the_share_if_activity_were_even_is_the_foreign_weight():
    even = panel(**{unit: [3] for unit in IDS})
    for weights in ("border", "distance"):
        table = foreign_exposure(even, UNITS, weights=weights)
        np.testing.assert_allclose(table["foreign_share"], table["foreign_weight"])


def test_a_lag_gives_what_happened_before():
    now = foreign_exposure(panel(3, M1=[2, 0, 5]), UNITS)
    before = foreign_exposure(panel(3, M1=[2, 0, 5]), UNITS, lag=1)
    assert np.isnan(at(before, "B1", "2024-01")["foreign_exposure"])
    for month, source in (("2024-02", "2024-01"), ("2024-03", "2024-02")):
        assert (
            at(before, "B1", month)["foreign_exposure"] == at(now, "B1", source)["foreign_exposure"]
        )
    beyond = foreign_exposure(panel(3, M1=[2, 0, 5]), UNITS, lag=3)
    assert beyond["foreign_exposure"].isna().all()


def test_a_lag_counts_periods_and_not_rows():
    gap = panel(3, M1=[2, 0, 5])
    gap = gap[gap["period"].astype(str) != "2024-02"]
    before = foreign_exposure(gap, UNITS, lag=1)
    assert np.isnan(at(before, "B1", "2024-03")["foreign_exposure"])


def test_each_actor_apart_adds_up_to_all():
    events = pd.DataFrame(
        {
            "lon": [0.5, 0.6, 1.5, 2.5, 0.5],
            "lat": [11.5, 11.5, 11.5, 11.5, 10.5],
            "date": pd.to_datetime(["2024-01-05"] * 4 + ["2024-02-05"]),
            "actor1": ["A", "B", "A", None, "B"],
            "fatalities_best": [1.0, 2.0, 3.0, 4.0, 5.0],
        }
    )
    placed = sg.assign(events, UNITS)
    for column in ("incidents", "fatalities_best"):
        apart = foreign_exposure(
            sg.count(placed, UNITS, by="actor1"), UNITS, by="actor1", column=column
        )
        whole = foreign_exposure(sg.count(placed, UNITS), UNITS, column=column)
        assert apart["actor1"].nunique(dropna=False) == 3
        sums = apart.groupby(["unit_id", "period"], sort=False)["foreign_exposure"].sum()
        np.testing.assert_allclose(sums, whole["foreign_exposure"])
    with pytest.raises(InputError, match=r"`panel` has \d+ rows that repeat a unit and period"):
        foreign_exposure(sg.count(placed, UNITS, by="actor1"), UNITS)


@settings(max_examples=15)
@given(st.lists(st.integers(0, 9), min_size=6, max_size=6), st.sampled_from(["border", "distance"]))
def test_parts_add_up_and_scale(counts, weights):
    one = panel(**{unit: [count] for unit, count in zip(IDS, counts, strict=True)})
    table = foreign_exposure(one, UNITS, weights=weights)
    both = table["foreign_exposure"] + table["domestic_exposure"]
    assert both.between(min(counts) - 1e-9, max(counts) + 1e-9).all()
    ten = foreign_exposure(one.assign(incidents=one["incidents"] * 10), UNITS, weights=weights)
    np.testing.assert_allclose(ten["foreign_exposure"], table["foreign_exposure"] * 10)


def test_the_sums_over_periods_and_what_they_say():
    found = exposure(panel(2, M1=[2, 4], N1=[1, 1]), UNITS)
    sums = found.by_unit()
    by_hand = found.table.groupby("unit_id")["foreign_exposure"].sum()
    np.testing.assert_allclose(sums["foreign_exposure"], by_hand.reindex(sums.index))
    said = found.sentence("en")
    assert said.startswith("Among the 6 units that have neighbours abroad")
    assert said.endswith("does not say that anything crossed the border.")
    assert "la plus exposée à l’étranger est Unit" in found.sentence("fr")
    labels = [text.get_text() for text in found.plot().get_yticklabels()]
    assert all(label.startswith("Unit ") for label in labels)
    assert found._repr_html_().count("<p lang=") == 2


def test_no_neighbour_abroad_says_so():
    for units in (UNITS.assign(country="MLI"), UNITS[UNITS["country"] == "MLI"]):
        rows = panel(M1=[2])
        found = exposure(rows[rows["unit_id"].isin(units["unit_id"])], units)
        assert found.sentence("fr").startswith("Aucune unité n’a de voisin à l’étranger")
        assert (found.table["foreign_exposure"] == 0).all()
        with pytest.raises(InputError, match="no unit exposed to abroad"):
            found.plot()
    assert exposure(panel(), UNITS).sentence("en").startswith("No unit has a neighbour abroad")


def test_a_single_unit_is_exposed_to_nothing():
    alone = UNITS.iloc[:1]
    table = foreign_exposure(panel(M1=[2]).iloc[:1], alone, weights="distance")
    assert table["foreign_exposure"].isna().all()


def test_exposure_carries_the_error_of_places():
    rng = np.random.default_rng(1)
    events = pd.DataFrame(
        {
            "lon": rng.uniform(0, 3, 30),
            "lat": 11 + rng.uniform(-0.1, 0.1, 30),
            "date": pd.Timestamp("2024-01-10"),
            "location_precision": "near",
        }
    )

    def measure(placed, units):
        return exposure(sg.count(placed, units), units).by_unit()["foreign_exposure"]

    found = sg.uncertainty.propagate(measure, events, UNITS, n=12, rng=1).table
    assert (found["low"] < found["high"]).any()
    assert found.index.tolist() == IDS


def test_refuses_what_it_cannot_use():
    one = panel(M1=[1])
    with pytest.raises(InputError, match="`weights` is 'near'; expected one of"):
        exposure(one, UNITS, weights="near")
    with pytest.raises(InputError, match="`decay_km` is 50 with weights='border'"):
        exposure(one, UNITS, decay_km=50)
    with pytest.raises(InputError, match="`decay_km` is 0 with weights='distance'"):
        exposure(one, UNITS, weights="distance", decay_km=0)
    with pytest.raises(InputError, match="`lag` is -1"):
        exposure(one, UNITS, lag=-1)
    with pytest.raises(InputError, match=r"`panel` has no column \['actor1'\]"):
        exposure(one, UNITS, by="actor1")
    with pytest.raises(InputError, match="`lang` is 'en_GB'"):
        exposure(one, UNITS).sentence("en_GB")
