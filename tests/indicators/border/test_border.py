"""Nearness to a border beside the land as near; activity abroad beside activity at home."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import sahel_geo as sg
from sahel_geo.errors import CrsError, InputError
from tests.conftest import make_toy_units

GEOD = Geod(ellps="WGS84")
UNITS = make_toy_units()
BORDER = sg.international_borders(UNITS)


def incidents(*lonlat, **columns):
    return pd.DataFrame(lonlat, columns=["lon", "lat"], dtype=float).assign(**columns)


def row(profile, border, distance_km):
    table = profile.table
    return table[(table["border"] == border) & (table["distance_km"] == distance_km)].iloc[0]


def test_shares_of_incidents_by_hand():
    # the border of Burkina Faso and Mali runs along 11 N from 0 to 2 E; a degree is 110.6 km
    events = incidents(
        (0.5, 11.05),  # 5.5 km into Mali
        (0.5, 11.5),  # 55 km
        (0.5, 10.2),  # 88 km into Burkina Faso
        (2.9, 10.5),  # in Niger: not of this pair
        (9.0, 9.0),  # in no unit
        fatalities_best=[6.0, 3.0, np.nan, 50.0, 99.0],
        location_precision=["exact", "admin1", "near", "exact", "exact"],
    )
    profile = sg.border.proximity_profile(events, BORDER, UNITS, distances_km=[10, 60, 100])
    near = row(profile, "BFA-MLI", 10)
    assert (near["incidents"], near["incidents_within"]) == (3, 1)
    assert near["incidents_share"] == pytest.approx(1 / 3)
    assert near["fatalities_best_share"] == pytest.approx(6 / 9)
    assert row(profile, "BFA-MLI", 60)["incidents_within"] == 2
    assert row(profile, "BFA-MLI", 100)["incidents_within"] == 3
    assert row(profile, "all", 100)["incidents"] == 4
    assert (profile.unplaced, profile.imprecise) == (1, 1)


def test_share_of_land_by_geodesic_boxes():
    profile = sg.border.proximity_profile(
        incidents((0.5, 11.05)), BORDER, UNITS, distances_km=[30], cell_km=1
    )
    got = row(profile, "BFA-MLI", 30)["area_share"]
    north = GEOD.fwd(1.0, 11.0, 0, 30_000)[1]
    south = GEOD.fwd(1.0, 11.0, 180, 30_000)[1]
    pair = UNITS[UNITS["country"].isin(["BFA", "MLI"])].union_all()
    strip = shapely.box(0, south, 2, north)
    expected = abs(GEOD.geometry_area_perimeter(strip)[0]) / abs(
        GEOD.geometry_area_perimeter(pair)[0]
    )
    assert got == pytest.approx(expected, rel=0.005)


def test_the_location_quotient_is_the_ratio_of_the_two_shares():
    rng = np.random.default_rng(1)
    events = incidents(*zip(rng.uniform(0, 3, 4000), rng.uniform(10, 12, 4000), strict=True))
    table = sg.border.proximity_profile(events, BORDER, UNITS).table
    np.testing.assert_allclose(
        table["location_quotient"], table["incidents_share"] / table["area_share"]
    )
    # incidents spread evenly over the land are nowhere over-represented
    wide = table[table["distance_km"] >= 25]
    np.testing.assert_allclose(wide["location_quotient"], 1.0, atol=0.1)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.floats(0, 3), st.floats(10, 12)), min_size=1, max_size=20))
def test_shares_grow_with_distance_and_ignore_row_order(lonlat):
    events = incidents(*lonlat)
    forward = sg.border.proximity_profile(events, BORDER, UNITS, cell_km=10).table
    backward = sg.border.proximity_profile(events.iloc[::-1], BORDER, UNITS, cell_km=10).table
    pd.testing.assert_frame_equal(forward, backward)
    for _, part in forward.groupby("border"):
        assert part["incidents_within"].is_monotonic_increasing
        assert part["area_share"].is_monotonic_increasing


def test_no_incidents_give_missing_shares_and_land_all_the_same():
    table = sg.border.proximity_profile(incidents(), BORDER, UNITS).table
    assert table["incidents_share"].isna().all()
    assert table["location_quotient"].isna().all()
    assert (table["area_share"] > 0).all()


@pytest.mark.reference
def test_real_shares_with_outer_borders_are_those_published(reference_data):
    units = sg.load_boundaries(level=2)
    events = sg.read_incidents(reference_data / "ucdp" / "ged211_mli_ner_bfa_prec12_reduced.csv")
    events = events[events["date"].dt.year.between(2012, 2020)]
    border = sg.international_borders(units, outer=True)
    expected = {"MLI": ((28.8, 59.9), (25, 47)), "NER": ((86.5, 96.5), (21, 40))}
    for country, (of_incidents, of_land) in expected.items():
        own = units[units["country"] == country]
        line = border[(border["country_a"] == country) | (border["country_b"] == country)]
        table = sg.border.proximity_profile(events, line, own, distances_km=(50, 100)).table
        every = table[table["border"] == "all"]
        np.testing.assert_allclose(every["incidents_share"] * 100, of_incidents, atol=1.0)
        np.testing.assert_allclose(every["area_share"] * 100, of_land, atol=1.5)


@pytest.mark.reference
def test_the_difference_from_published_shares_is_which_country_an_incident_is_given_to(
    reference_data,
):
    events = sg.read_incidents(reference_data / "ucdp" / "ged211_mli_ner_bfa_prec12_reduced.csv")
    events = events[events["date"].dt.year.between(2012, 2020) & (events["country"] == "NER")]
    border = sg.international_borders(sg.load_boundaries(level=1), outer=True)
    line = border[(border["country_a"] == "NER") | (border["country_b"] == "NER")]
    away = sg.distance_to_border(events["lon"].to_numpy(), events["lat"].to_numpy(), line)
    shares = [(away <= limit).mean() * 100 for limit in (50, 100)]
    np.testing.assert_allclose(shares, (86.5, 96.5), atol=0.05)


def panel(**incidents_of):
    units = list(UNITS["unit_id"])
    return pd.DataFrame(
        {
            "unit_id": units,
            "period": pd.PeriodIndex(["2024-01"] * len(units), freq="M"),
            "incidents": [incidents_of.get(unit, 0.0) for unit in units],
        },
    )


def test_exposure_by_hand():
    exposure = sg.border.foreign_exposure(panel(M1=2, N1=4, B2=10), UNITS).set_index("unit_id")
    meridian = GEOD.inv(1, 11, 1, 12)[2]
    parallel = GEOD.inv(1, 11, 2, 11)[2]
    # M2 shares a meridian with M1 and with N1, and a parallel with B2
    whole = 2 * meridian + parallel
    assert exposure.loc["M2", "foreign_exposure"] == pytest.approx(
        (4 * meridian + 10 * parallel) / whole, rel=1e-4
    )
    assert exposure.loc["M2", "domestic_exposure"] == pytest.approx(2 * meridian / whole, rel=1e-4)
    # M1 touches N1 nowhere, and no incident happens in M2 or B1
    assert exposure.loc["M1", ["foreign_exposure", "domestic_exposure"]].tolist() == [0, 0]
    assert np.isnan(exposure.loc["M1", "foreign_share"])


def test_even_activity_exposes_everyone_to_exactly_that():
    even = panel(**dict.fromkeys(UNITS["unit_id"], 3.0))
    exposure = sg.border.foreign_exposure(even, UNITS)
    total = exposure["foreign_exposure"] + exposure["domestic_exposure"]
    np.testing.assert_allclose(total, 3.0)


def test_relabelling_every_country_alike_leaves_nothing_foreign():
    exposure = sg.border.foreign_exposure(panel(M1=2, N1=4), UNITS.assign(country="MLI"))
    assert (exposure["foreign_exposure"] == 0).all()


def test_a_missing_figure_spoils_only_its_neighbours():
    exposure = sg.border.foreign_exposure(panel(N2=np.nan), UNITS).set_index("unit_id")
    assert exposure.index[exposure["foreign_exposure"].isna()].tolist() == ["B2"]
    assert exposure.index[exposure["domestic_exposure"].isna()].tolist() == ["N1"]


def test_a_unit_without_neighbours_has_no_exposure():
    islands = UNITS[UNITS["unit_id"].isin(["M1", "N2"])]
    exposure = sg.border.foreign_exposure(
        panel(M1=1)[lambda frame: frame["unit_id"].isin(["M1", "N2"])], islands
    )
    assert exposure[["foreign_exposure", "domestic_exposure"]].isna().all(axis=None)


def test_refuses_what_it_cannot_use():
    profile = sg.border.proximity_profile
    one = incidents((0.5, 11.5))
    with pytest.raises(InputError, match=r"`distances_km` is \[\]; expected one or more positive"):
        profile(one, BORDER, UNITS, distances_km=[])
    with pytest.raises(InputError, match=r"`distances_km` is \[-5\]"):
        profile(one, BORDER, UNITS, distances_km=[-5])
    with pytest.raises(InputError, match="`border` has no row"):
        profile(one, BORDER.iloc[:0], UNITS)
    with pytest.raises(CrsError, match="`border` is in 'WGS 84 / Pseudo-Mercator'"):
        profile(one, BORDER.to_crs(3857), UNITS)
    with pytest.raises(InputError, match=r"`units` has no column \['country'\]"):
        profile(one, BORDER, UNITS.drop(columns="country"))
    with pytest.raises(InputError, match="`cell_km` is 0"):
        profile(one, BORDER, UNITS, cell_km=0)
    with pytest.raises(InputError, match=r"`panel` has no column \['deaths'\]"):
        sg.border.foreign_exposure(panel(), UNITS, column="deaths")
    with pytest.raises(InputError, match=r"names 1 units .*\['M1'\]"):
        sg.border.foreign_exposure(panel(), UNITS.iloc[1:])
