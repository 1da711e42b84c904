"""A panel is complete, conserves totals, and tells what it leaves out."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.errors import InputError

UNITS = gpd.GeoDataFrame(
    {"unit_id": ["B", "A"]},
    geometry=[shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1)],
    crs=4326,
)


def placed(*rows):
    frame = pd.DataFrame(rows, columns=["unit_id", "date", "fatalities_low", "date_precision"])
    return frame.astype({"unit_id": "str"}).assign(date=lambda f: pd.to_datetime(f["date"]))


def test_counts_by_hand_with_every_zero():
    panel = sg.count(
        placed(
            ("A", "2024-01-31", 3, "day"),
            ("A", "2024-01-01", np.nan, "day"),
            ("B", "2024-03-15", np.nan, "day"),
        ),
        UNITS,
    )
    assert panel["unit_id"].tolist() == ["B", "B", "B", "A", "A", "A"]
    assert panel["period"].astype(str).tolist() == ["2024-01", "2024-02", "2024-03"] * 2
    assert panel["incidents"].tolist() == [0, 0, 1, 2, 0, 0]
    # one stated figure of two is a sum; an incident without any figure is not zero deaths
    np.testing.assert_array_equal(panel["fatalities_low"], [0, 0, np.nan, 3, 0, 0])


def test_what_is_left_out_is_counted():
    rows = placed(
        ("A", "2024-01-31", 1, "day"),
        (None, "2024-01-31", 1, "day"),
        ("A", None, 1, "day"),
        ("A", "2025-06-01", 1, "day"),
        ("A", "2024-02-01", 1, "year"),
    )
    panel = sg.count(rows, UNITS, start="2024-01-01", end="2024-12-31")
    assert panel["incidents"].sum() == 2
    assert panel.attrs == {
        "period": "month",
        "unplaced": 1,
        "undated": 1,
        "outside_period": 1,
        "is_selection": False,
        "imprecise_dates": 1,
    }


def test_weeks_run_from_monday_to_sunday():
    sunday_and_monday = placed(("A", "2024-01-07", 0, "day"), ("A", "2024-01-08", 0, "day"))
    panel = sg.count(sunday_and_monday, UNITS, period="week")
    assert panel.loc[panel["unit_id"] == "A", "incidents"].tolist() == [1, 1]


dates = st.dates(
    min_value=pd.Timestamp("2012-01-01").date(), max_value=pd.Timestamp("2025-12-31").date()
)
incident = st.tuples(st.sampled_from(["A", "B", None]), dates, st.integers(0, 99), st.just("day"))


@given(
    st.lists(incident, max_size=40), st.sampled_from(["day", "week", "month", "quarter", "year"])
)
def test_totals_are_conserved_at_every_period(rows, period):
    frame = placed(*rows)
    panel = sg.count(frame, UNITS, period=period)
    assert panel["incidents"].sum() + panel.attrs["unplaced"] == len(rows)
    known = frame.loc[frame["unit_id"].notna(), "fatalities_low"]
    assert panel["fatalities_low"].sum() == known.sum()
    assert not panel.duplicated(["unit_id", "period"]).any()
    assert len(panel) % len(UNITS) == 0


@given(st.lists(incident, min_size=1, max_size=20), st.randoms())
def test_row_order_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    pd.testing.assert_frame_equal(
        sg.count(placed(*rows), UNITS), sg.count(placed(*shuffled), UNITS)
    )


def test_nothing_to_count_gives_an_empty_panel_or_stated_zeros():
    assert sg.count(placed(), UNITS).empty
    zeros = sg.count(placed(), UNITS, start="2024-01-01", end="2024-02-29")
    assert zeros["incidents"].tolist() == [0, 0, 0, 0]


def test_kinds_are_counted_apart_and_the_missing_kind_too():
    rows = placed(
        ("A", "2024-01-31", 1, "day"), ("A", "2024-01-02", 2, "day"), ("B", "2024-01-02", 4, "day")
    ).assign(event_type=["raid", None, "ambush"])
    panel = sg.count(rows, UNITS, by="event_type")
    assert panel["unit_id"].tolist() == ["B"] * 3 + ["A"] * 3
    assert panel["event_type"].fillna("-").tolist() == ["ambush", "raid", "-"] * 2
    assert panel["incidents"].tolist() == [1, 0, 0, 0, 1, 1]
    assert panel["fatalities_low"].tolist() == [4, 0, 0, 0, 1, 2]
    categories = rows.astype({"unit_id": "category", "event_type": "category"})
    again = sg.count(categories, UNITS, by=["event_type"])
    assert again["incidents"].tolist() == panel["incidents"].tolist()


kinds = st.lists(st.sampled_from(["x", "y", None]), min_size=40, max_size=40)


@given(st.lists(incident, max_size=40), kinds)
def test_counting_agrees_with_pandas_on_two_kinds(rows, kind):
    frame = placed(*rows)
    frame["kind"] = pd.Series(kind[: len(rows)], frame.index, dtype="str")
    frame["two"] = pd.Series(kind[::-1][: len(rows)], frame.index, dtype="str")
    panel = sg.count(frame, UNITS, by=["kind", "two"], sparse=True)
    keys = ["unit_id", "period", "kind", "two"]
    frame["period"] = frame["date"].dt.to_period("M")
    table = frame[frame["unit_id"].notna()].groupby(keys, dropna=False).size()
    got = panel.set_index(keys)["incidents"]
    assert {str(key): n for key, n in got.items()} == {str(key): n for key, n in table.items()}


@given(st.lists(incident, max_size=40))
def test_a_sparse_panel_is_the_full_one_without_its_zeros(rows):
    full = sg.count(placed(*rows), UNITS)
    sparse = sg.count(placed(*rows), UNITS, sparse=True)
    kept = full[full["incidents"] > 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(sparse, kept)
    assert sparse.attrs == full.attrs


def test_a_sparse_panel_may_span_a_fine_grid_and_a_century():
    units = gpd.GeoDataFrame({"unit_id": [f"{n:06}" for n in range(100_000)]})
    rows = placed(("000007", "1925-03-01", 1, "day"), ("099999", "2024-03-01", 2, "day"))
    panel = sg.count(rows, units, period="day", sparse=True)
    assert panel["unit_id"].tolist() == ["000007", "099999"]
    assert panel["period"].astype(str).tolist() == ["1925-03-01", "2024-03-01"]
    assert panel["fatalities_low"].tolist() == [1, 2]


def test_refuses_what_it_cannot_use():
    one = placed(("A", "2024-01-31", 1, "day"))
    with pytest.raises(InputError, match=r"`by` names \['who'\]; expected columns of `placed`"):
        sg.count(one, UNITS, by="who")
    with pytest.raises(InputError, match=r"`by` names \['date'\]"):
        sg.count(one, UNITS, by=["date"])
    with pytest.raises(InputError, match="`period` is 'fortnight'; expected one of"):
        sg.count(one, UNITS, period="fortnight")
    with pytest.raises(InputError, match=r"no column \['unit_id'\].*Call sg.assign"):
        sg.count(one.drop(columns="unit_id"), UNITS)
    with pytest.raises(InputError, match=r"names 1 units that `units` does not hold: \['Z'\]"):
        sg.count(one.assign(unit_id="Z"), UNITS)
    with pytest.raises(InputError, match="`start` 2024-02-01 is after `end` 2024-01-01"):
        sg.count(one, UNITS, start="2024-02-01", end="2024-01-01")
    with pytest.raises(InputError, match="would hold over 50,000,000 rows"):
        sg.count(
            one,
            pd.concat(
                [UNITS.assign(unit_id=f"{n}{UNITS['unit_id'][0]}").iloc[:1] for n in range(3000)]
                + [UNITS]
            ),
            period="day",
            start="1900-01-01",
            end="2025-01-01",
        )


def test_an_incident_counts_on_the_day_of_its_own_clock():
    table = pd.DataFrame({"unit_id": ["A"], "date": pd.to_datetime(["2024-02-01 00:30+01:00"])})
    local = table.assign(date=table["date"].dt.tz_convert("Africa/Niamey"))
    assert sg.count(local, UNITS)["period"].astype(str).unique().tolist() == ["2024-02"]
    as_utc = table.assign(date=table["date"].dt.tz_convert("UTC"))
    assert sg.count(as_utc, UNITS)["period"].astype(str).unique().tolist() == ["2024-01"]
