"""Figures by period: the page reads what Python writes, and finds the same classes."""

import json
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sahel_geo.errors import InputError
from sahel_geo.maps.choropleth.legend import class_data, series_data
from sahel_geo.maps.classes.classes import classify
from sahel_geo.maps.publish.timeline import read_timeline
from tests.maps.node import in_node

OPTIONS = {"scheme": "quantiles", "k": 5, "breaks": None, "palette": "orange_red"}


def make_units(n):
    boxes = [shapely.box(at, 14, at + 1, 15) for at in range(n)]
    table = {"unit_id": [f"U{at}" for at in range(n)], "name": [f"Unit {at}" for at in range(n)]}
    return gpd.GeoDataFrame(table, geometry=boxes, crs=4326)


def make_panel(grid, freq="M", start="2020-11"):
    periods = pd.period_range(start, periods=grid.shape[1], freq=freq)
    return pd.DataFrame(
        {
            "unit_id": np.repeat([f"U{at}" for at in range(len(grid))], grid.shape[1]),
            "period": periods.take(np.tile(np.arange(grid.shape[1]), len(grid))),
            "value": grid.ravel(),
        }
    )


def read_back(data, periods, missing):
    return in_node(
        "series.js",
        f"const missing = {json.dumps(missing)};"
        f"const rows = s.readSeries({json.dumps(data)}, {periods}, at => missing[at]);"
        "console.log(JSON.stringify(rows.map(row => Array.from(row, v => Number.isNaN(v) ? null "
        ": v))))",
    )


@pytest.mark.parametrize("kind", ["counts", "measures", "signed"])
def test_the_page_reads_every_cell_that_python_wrote(kind):
    rng = np.random.default_rng(3)
    grid = rng.poisson(0.3, (7, 40)).astype(float)
    if kind == "measures":
        grid *= rng.random(grid.shape).round(3)
    if kind == "signed":
        grid *= rng.choice([-1.0, 1.0], grid.shape)
    grid[2, 5] = np.nan
    grid[4] = 0
    whole = pd.Series(np.nansum(grid, axis=1), name="value")
    whole[6] = np.nan
    panel = make_panel(grid).sample(frac=1, random_state=1)
    panel = panel.drop(panel.index[(panel["value"] == 0) & (panel["unit_id"] != "U0")][::2])
    timeline = read_timeline(panel, make_units(7), ["value"])
    assert timeline.data() == {"kind": "month", "first": "2020-11-01", "count": 40}
    got = read_back(series_data(timeline, whole, OPTIONS, {}), 40, whole.isna().tolist())
    expected = grid.copy()
    expected[6] = np.nan
    np.testing.assert_allclose(np.array(got, dtype=float), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "sign"),
    [
        *product(
            [
                {},
                {"scheme": "fisher_jenks", "k": 4},
                {"scheme": "user", "breaks": [-1.0, 0.0, 2.0]},
            ],
            [(1,), (-1, 1), (-1,)],
        ),
        ({"scheme": "user", "breaks": [1.0, 2.5, 6.0]}, (1,)),
    ],
)
def test_the_page_finds_the_class_that_python_finds(options, sign):
    rng = np.random.default_rng(11)
    values = (rng.gamma(0.7, 3, 200) * rng.choice(sign, 200)).round(2)
    values[::9] = 0
    values[::13] = np.nan
    found = classify(values, **options)
    classes = [class_data(entry) for entry in found.classes]
    numbers = json.dumps([None if np.isnan(value) else value for value in values])
    got = in_node(
        "series.js",
        f"const c = {json.dumps(classes)}; console.log(JSON.stringify({numbers}.map(v => "
        "s.classOf(c, v === null ? NaN : v))))",
    )
    assert got == found.class_of.tolist()


def test_periods_and_numbers_are_named_in_both_languages():
    texts = {"quarter_of": "T{quarter} {year}", "week_of": "semaine du {day}"}
    times = [
        ("month", "2021-01-01", 14, "mars 2022"),
        ("year", "2015-01-01", 3, "2018"),
        ("quarter", "2020-10-01", 1, "T1 2021"),
        ("week", "2024-02-26", 1, "semaine du 4 mars 2024"),
        ("day", "2024-02-28", 1, "29 févr. 2024"),
    ]
    for kind, first, number, expected in times:
        time = json.dumps({"kind": kind, "first": first})
        call = f"s.periodLabel({time}, {number}, 'fr', {json.dumps(texts)})"
        assert in_node("words.js", f"console.log(JSON.stringify({call}))") == expected
    english = "s.periodLabel({kind: 'month', first: '2021-01-01'}, 14, 'en', {})"
    assert in_node("words.js", f"console.log(JSON.stringify({english}))") == "March 2022"


def test_ranks_share_ties_and_neighbours_share_arcs():
    got = in_node(
        "series.js",
        "const values = [5, null, 9, 5, NaN, 1];"
        "console.log(JSON.stringify(values.map((v, at) => s.rank(values, at))))",
    )
    assert got == [
        {"rank": 2, "count": 4},
        None,
        {"rank": 1, "count": 4},
        {"rank": 2, "count": 4},
        None,
        {"rank": 4, "count": 4},
    ]
    shapes = [[[[0, 1]]], [[[~1, 2]]], [[[3]], [[~2]]], [[[4]]]]
    call = f"console.log(JSON.stringify(s.neighbours({json.dumps(shapes)})))"
    assert in_node("series.js", call) == [[1], [0, 2], [1], []]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.drop(columns="period"), r"lacks columns \['period'\]"),
        (lambda p: p.rename(columns={"value": "other"}), r"lacks columns \['value'\]"),
        (lambda p: p.iloc[:0], "has 0 rows"),
        (lambda p: p.assign(period=p["period"].dt.start_time), "periods of type datetime64"),
        (lambda p: p.assign(unit_id="X9"), r"1 units that the map does not hold: \['X9'\]"),
        (lambda p: pd.concat([p, p.head(1)]), r"1 rows for a unit and period .*\['U0 2020-11'"),
        (lambda p: p.assign(value="a"), r"no numbers in columns \['value'\]"),
    ],
)
def test_refuses_a_panel_that_would_make_a_wrong_map(change, message):
    panel = change(make_panel(np.ones((2, 3))))
    with pytest.raises(InputError, match=message):
        read_timeline(panel, make_units(2), ["value"])


def test_refuses_more_periods_than_a_reader_can_step_through():
    panel = make_panel(np.ones((1, 2_001)), freq="D", start="2020-01-01")
    with pytest.raises(InputError, match="spans 2001 periods"):
        read_timeline(panel, make_units(1), ["value"])
