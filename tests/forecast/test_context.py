"""Who was named and how exactly incidents were placed, by unit and month, as counted by hand."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.forecast import CONTEXT, with_context
from tests.forecast import worlds


def incidents():
    """Four incidents of three months in two units; one names nobody armed."""
    return pd.DataFrame(
        {
            "unit_id": ["A", "A", "A", "B"],
            "date": pd.to_datetime(["2023-01-03", "2023-01-20", "2023-03-01", "2023-02-02"]),
            "country": ["MLI"] * 4,
            "actor1": ["JNIM", "IS Sahel", "JNIM", "Protesters"],
            "actor2": ["Government of Mali", "JNIM", "Civilians", None],
            "location_precision": ["exact", "admin2", "exact", "admin1"],
        }
    )


def panel():
    periods = pd.period_range("2023-01", "2023-03", freq="M")
    return pd.DataFrame({"unit_id": np.repeat(["A", "B"], 3), "period": [*periods, *periods]})


def test_groups_and_exact_places_are_those_of_the_unit_and_month():
    table = with_context(panel(), incidents())
    assert table["actors_present"].tolist() == [2, 0, 1, 0, 0, 0]
    shares = table["placed_exactly"].tolist()
    assert shares[0] == 0.5
    assert shares[2] == 1
    assert shares[4] == 0
    assert np.isnan([shares[1], shares[3], shares[5]]).all()


def test_what_incidents_cannot_tell_is_left_out():
    bare = incidents().drop(columns=["actor1", "actor2", "location_precision"])
    assert not set(CONTEXT) & set(with_context(panel(), bare))
    with pytest.raises(InputError, match="no column"):
        with_context(panel(), bare.drop(columns="date"))


def test_the_trees_take_it_and_later_months_change_no_forecast():
    units, counts = worlds.provinces()
    rng = np.random.default_rng(3)
    table = counts.assign(actors_present=rng.integers(0, 3, len(counts)).astype(float))
    late = table["period"] > pd.Period("2020-06", freq="M")
    changed = table.assign(actors_present=table["actors_present"].mask(late, 50.0))
    options = {"models": ["trees"], "horizons": 1, "origins": ("2020-01", "2020-05"), "every": 4}
    one, other = (
        sg.forecast.evaluate(
            each, units, covariates=["actors_present"], ablation=False, **options
        ).forecasts
        for each in (table, changed)
    )
    pd.testing.assert_frame_equal(one, other)


def test_months_and_days_may_be_texts():
    texts = panel().astype({"period": "str"})
    placed = incidents().assign(date=lambda each: each["date"].dt.strftime("%Y-%m-%d"))
    ours = with_context(texts, placed)[list(CONTEXT)]
    pd.testing.assert_frame_equal(ours, with_context(panel(), incidents())[list(CONTEXT)])
    with pytest.raises(InputError, match="`panel` is a NoneType"):
        with_context(None, placed)
