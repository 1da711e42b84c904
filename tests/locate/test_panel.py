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


def test_refuses_what_it_cannot_use():
    one = placed(("A", "2024-01-31", 1, "day"))
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
