"""Likeness of neighbours inside countries and across borders, beside deals inside each country."""

from itertools import permutations as all_orders

import numpy as np
import pandas as pd
import pytest
from esda import Join_Counts, Moran, Moran_BV
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.weights import WSP, WSP2W
from scipy.sparse import coo_array

import sahel_geo as sg
from sahel_geo.compiled import Kernel
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import InputError
from sahel_geo.indicators.permutation.country import Linked, against_chance
from sahel_geo.indicators.permutation.strata import shift_blocks
from sahel_geo.indicators.weights.weights import Weights, contiguity
from tests.conftest import make_toy_units

UNITS = make_toy_units()
IDS = list(UNITS["unit_id"])  # M1 M2 N1 N2 B1 B2
COUNTRY = UNITS["country"].to_numpy(object)
moran, join_counts = sg.cross_border.moran, sg.cross_border.join_counts

GRID = sg.SquareGrid(UNITS, cell_km=25)
CELLS = sg.cross_border.cells_with_country(GRID, UNITS)


def panel(values, start="2024-01"):
    """A panel from one row of numbers per unit."""
    values = np.asarray(values, dtype=float)
    periods = pd.period_range(start, periods=values.shape[1], freq="M")
    return pd.DataFrame(
        {
            "unit_id": np.repeat(IDS[: len(values)], values.shape[1]),
            "period": periods.take(np.tile(np.arange(values.shape[1]), len(values))),
            "incidents": values.ravel(),
        }
    )


def value(table, links="international", **where):
    for name, wanted in where.items():
        table = table[table[name] == wanted]
    return table[table["links"] == links]["value"].item()


def pysal(matrix):
    return WSP2W(WSP(matrix.tocsr()), silence_warnings=True)


def only(units, *, across):
    """Contiguity with links across borders only, or inside countries only."""
    matrix = coo_array(contiguity(units).matrix)
    country = units["country"].to_numpy(object)
    kept = (country[matrix.row] != country[matrix.col]) == across
    pairs = (matrix.row[kept], matrix.col[kept])
    return coo_array((matrix.data[kept], pairs), shape=matrix.shape)


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_moran_is_that_of_esda_on_the_same_links(across):
    values = np.random.default_rng(2).poisson(2, len(CELLS)).astype(float)
    found = moran(values, CELLS, rng=1, permutations=9).table
    expected = Moran(values, pysal(only(CELLS, across=across)), transformation="o", permutations=0)
    assert value(found, "international" if across else "domestic") == pytest.approx(expected.I)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_bivariate_moran_is_that_of_esda():
    rng = np.random.default_rng(4)
    x, y = rng.poisson(2, len(CELLS)).astype(float), rng.poisson(3, len(CELLS)).astype(float)
    links = contiguity(CELLS)
    found = moran(x, CELLS, rng=1, other=y, weights=links.row_standardised(), permutations=9).table
    theirs = Moran_BV(x, y, pysal(links.matrix), transformation="r", permutations=0)
    assert value(found, "all") == pytest.approx(theirs.I)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore:The inplace keyword")
def test_join_counts_are_those_of_esda():
    hits = (np.random.default_rng(3).random(len(CELLS)) < 0.4).astype(int)
    found = join_counts(hits, CELLS, rng=1, permutations=9).table
    theirs = Join_Counts(hits, pysal(only(CELLS, across=True)), permutations=0)
    got = [value(found, joins=name) for name in ("hit-hit", "hit-quiet", "quiet-quiet")]
    assert got == [theirs.bb, theirs.bw, theirs.ww]


def test_by_hand_on_the_toy_world():
    # across borders touch M1-B1, M1-B2, M2-B1, M2-B2, M2-N1, M2-N2, N1-B2, N2-B2;
    # inside countries M1-M2, N1-N2, B1-B2
    hits = pd.Series([1, 0, 0, 0, 1, 0], IDS)  # M1 and B1
    table = join_counts(hits, UNITS, rng=1).table
    assert table[table["joins"] == "hit-hit"]["value"].tolist() == [1, 0, 1]
    assert table[table["joins"] == "hit-quiet"]["value"].tolist() == [4, 2, 2]
    assert table[table["joins"] == "quiet-quiet"]["value"].tolist() == [6, 1, 5]
    assert table[table["links"] == "international"]["pairs"].tolist() == [16] * 3
    # scores: (1 - 1/3) / s and -1/3 / s with s² = 2/9; products 2, -1 and 1/2
    found = moran(hits, UNITS, rng=1).table
    assert value(found) == pytest.approx((2 - 2 + 5 / 2) / 8)
    assert value(found, "domestic") == pytest.approx((-2 + 1 / 2) / 3)


def test_deals_stay_inside_each_country_and_are_all_the_deals_there_are():
    values = np.array([5.0, 1.0, 2.0, 8.0, 0.0, 3.0])
    linked = Linked.of(UNITS, None)
    x = values[:, None]
    dealt = linked.dealt_sums(x, x, permutations=4000, seed=3)
    swaps = [np.array([*m, *n, *b]) for m in all_orders([0, 1]) for n in all_orders([2, 3])
             for b in all_orders([4, 5])]  # fmt: skip
    exact = np.array([linked.sums(x[order], x[order]) for order in swaps])
    seen = {tuple(row) for row in dealt.round(9)}
    assert seen == {tuple(row) for row in exact.round(9)}
    np.testing.assert_allclose(dealt.mean(axis=0), exact.mean(axis=0), rtol=0.05)


@pytest.mark.parametrize("steps", [1, 5])
def test_a_table_of_products_and_the_long_way_give_the_same(monkeypatch, steps):
    x = np.random.default_rng(1).random((len(CELLS), steps))
    y = np.random.default_rng(2).random((len(CELLS), steps))
    linked = Linked.of(CELLS, None)
    quick = linked.dealt_sums(x, y, permutations=70, seed=5)
    monkeypatch.setattr("sahel_geo.indicators.permutation.country._MOST_PRODUCTS", 0)
    np.testing.assert_allclose(linked.dealt_sums(x, y, permutations=70, seed=5), quick)


def test_deals_are_the_same_with_and_without_the_compiler(monkeypatch):
    x, y = np.random.default_rng(1).random((2, len(CELLS), 1))
    linked = Linked.of(CELLS, None)
    monkeypatch.setattr(Kernel, "is_at_hand", property(lambda _: False))
    few = linked.dealt_sums(x, y, permutations=70, seed=5)
    monkeypatch.setattr("sahel_geo.indicators.permutation.country._FEW_STEPS", 0)
    np.testing.assert_array_equal(linked.dealt_sums(x, y, permutations=70, seed=5), few)


def test_the_answer_does_not_depend_on_the_number_of_threads(monkeypatch):
    values = np.random.default_rng(2).poisson(2, len(CELLS))
    many = moran(values, CELLS, rng=8, permutations=200).table
    monkeypatch.setattr("sahel_geo.compiled.workers", lambda: 1)
    pd.testing.assert_frame_equal(moran(values, CELLS, rng=8, permutations=200).table, many)


def test_lags_compare_my_past_with_your_present_by_brute_force():
    values = np.random.default_rng(6).poisson(1.5, (6, 9)).astype(float)
    found = moran(panel(values), UNITS, rng=1, lags=[0, 2], by_pair=True).table
    z = (values - values.mean()) / values.std()
    links = coo_array(contiguity(UNITS).matrix)
    for lag in (0, 2):
        for kind, keep in {
            "international": lambda i, j: COUNTRY[i] != COUNTRY[j],
            "MLI→NER": lambda i, j: (COUNTRY[i], COUNTRY[j]) == ("MLI", "NER"),
        }.items():
            products = [
                z[i, t] * z[j, t + lag]
                for i, j in zip(links.row, links.col, strict=True)
                if keep(i, j)
                for t in range(9 - lag)
            ]
            assert value(found, kind, lag=lag) == pytest.approx(np.mean(products))


def test_a_side_that_follows_the_other_shows_at_its_lag_and_in_its_direction():
    rng = np.random.default_rng(0)
    base = rng.poisson(1.0, (3, 200)) * np.array([[5], [1], [1]])
    # N1 repeats M2 a month later; N2, M1 and the others go their own way
    values = np.array(
        [rng.poisson(1, 200), base[0], np.roll(base[0], 1), *rng.poisson(1, (3, 200))]
    )
    table = moran(panel(values), UNITS, rng=1, lags=[0, 1], by_pair=True, permutations=99).table
    assert value(table, "MLI→NER", lag=1) > value(table, "NER→MLI", lag=1) + 0.1
    assert value(table, "MLI→NER", lag=1) > value(table, "MLI→NER", lag=0) + 0.1
    joins = join_counts(panel(values), UNITS, rng=1, lags=[1], by_pair=True, permutations=99).table
    assert value(joins, "MLI→NER", joins="hit-hit") > value(joins, "NER→MLI", joins="hit-hit")


def test_shifts_in_time_by_brute_force():
    values = np.random.default_rng(9).random((6, 5))
    linked = Linked.of(UNITS, None)
    dealt = linked.dealt_sums(values, values**2, permutations=300, seed=1, deal="times")
    every = {}
    for shifts in np.ndindex(5, 5, 5):
        rolled = np.array([np.roll(values[i], shifts[linked.country[i]]) for i in range(6)])
        every[tuple(linked.sums(rolled, rolled**2).round(9))] = shifts
    assert {tuple(row.round(9)) for row in dealt} <= set(every)
    assert len({tuple(row.round(9)) for row in dealt}) > 20  # of 25 that differ


@pytest.mark.worlds
def test_shifts_in_time_are_fair_and_find_what_keeps_time():
    low = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        apart = rng.poisson([[9], [9], [9], [1], [9], [1]], (6, 50))  # side by side, at any time
        table = moran(panel(apart), UNITS, rng=seed, lags=[0], deal="times", permutations=99).table
        low += table.set_index("links").loc["international", "p"] <= 0.05
    assert low < 10  # 3 expected; so many once in a thousand times
    times = moran(panel(apart), UNITS, rng=1, lags=[0], deal="times", permutations=199)
    places = moran(panel(apart), UNITS, rng=1, lags=[0], permutations=9)
    assert value(times.table) == value(places.table)
    assert "shifted in time against one another" in times.sentence("en")
    together = rng.poisson(1 + 8 * (rng.random(150) < 0.3), (6, 150))  # the same months
    found = moran(panel(together), UNITS, rng=1, lags=[0], deal="times", permutations=199).table
    assert found.set_index("links").loc["international", "p"] < 0.02
    assert found.set_index("links").loc["domestic", "p"] == 1
    counts = join_counts(panel(together), UNITS, rng=1, lags=[0], deal="times", permutations=199)
    assert "across a border" in counts.plot().get_legend_handles_labels()[1]


def test_shifts_inside_years_by_brute_force():
    values = np.random.default_rng(9).random((6, 5))
    linked = Linked.of(UNITS, None)
    blocks = np.array([3, 3, 4, 4, 4])
    dealt = linked.dealt_sums(
        values, values**2, permutations=400, seed=1, deal="times", blocks=blocks
    )
    each = {3: set(), 4: set()}
    for block, found in each.items():
        part = values[:, blocks == block]
        for shifts in np.ndindex(*[part.shape[1]] * 3):
            rolled = np.array([np.roll(part[i], shifts[linked.country[i]]) for i in range(6)])
            found.add(tuple(linked.sums(rolled, rolled**2)))
    every = {tuple(np.add(one, other).round(9)) for one in each[3] for other in each[4]}
    assert {tuple(row.round(9)) for row in dealt} == every
    assert len(every) == 4 * 9  # relative shifts of two countries against the third


def test_spans_of_time_are_calendar_years_and_quarters():
    months = pd.period_range("2019-11", "2020-04", freq="M")
    assert len(set(shift_blocks(months, []))) == 1
    years, quarters = shift_blocks(months, ["year"]), shift_blocks(months, ["season", "year"])
    assert np.diff(years).astype(bool).tolist() == [False, True, False, False, False]
    assert np.diff(quarters).astype(bool).tolist() == [False, True, False, False, True]


@pytest.mark.worlds
def test_a_shared_trend_and_season_pass_for_keeping_time_only_over_the_whole_time():
    month = np.arange(96)
    level = 0.3 * np.exp(month / 40 + 0.4 * np.sin(np.pi * month / 6))  # incidents by unit
    low = {(): 0, ("year", "season"): 0}
    for seed in range(40):
        data = panel(np.random.default_rng(seed).poisson(level, (6, 96)))
        for within in low:
            table = moran(
                data, UNITS, rng=seed, lags=[0], deal="times", within=within, permutations=99
            ).table
            low[within] += table.set_index("links").loc["international", "p"] <= 0.05
    assert low[()] > 30
    assert low["year", "season"] < 8  # 2 expected; so many once in a thousand times


@settings(max_examples=25)
@given(st.lists(st.integers(0, 5), min_size=6, max_size=6), st.integers(0, 100))
def test_the_whole_is_the_mean_of_its_parts(values, seed):
    table = moran(values, UNITS, rng=seed, permutations=19).table.set_index("links")
    parts = table.loc[["domestic", "international"]]
    assert table.loc["all", "pairs"] == parts["pairs"].sum()
    if len(set(values)) > 1:
        mean = (parts["value"] * parts["pairs"]).sum() / parts["pairs"].sum()
        assert table.loc["all", "value"] == pytest.approx(mean, abs=1e-12)
        scaled = moran([7 * each + 2 for each in values], UNITS, rng=seed, permutations=19).table
        np.testing.assert_allclose(scaled["value"], table["value"], atol=1e-9)
        np.testing.assert_array_equal(scaled["p"], table["p"])
    counts = join_counts(values, UNITS, rng=seed, permutations=19).table
    sums = counts.groupby("links")["value"].sum()
    assert sums.to_dict() == {"all": 11, "domestic": 3, "international": 8}


@pytest.mark.worlds
def test_p_values_are_fair_where_chance_alone_is_at_work():
    rng = np.random.default_rng(11)
    level = np.where(CELLS["country"] == "MLI", 5.0, 0.5)  # countries differ, places do not
    p = []
    for _ in range(120):
        table = moran(rng.poisson(level), CELLS, rng=rng, permutations=99).table
        p.append(table.set_index("links").loc["international", "p"])
    # 6 expected of 120; 14 or more once in two thousand times
    assert (np.array(p) <= 0.05).sum() < 14


def test_a_belt_along_the_border_is_found():
    middle = CELLS.geometry.representative_point()
    belt = np.abs(middle.y - 11) < 0.25
    belt = belt.to_numpy(float)
    found = moran(belt, CELLS, rng=1)
    row = found.table.set_index("links").loc["international"]
    assert row["p"] < 0.01
    assert row["value"] > row["high"]
    assert "Neighbours are more alike" in found.sentence("en")
    assert "plus que ne le ferait ce hasard" in found.sentence("fr")
    joins = join_counts(belt, CELLS, rng=1)
    assert joins.table.set_index(["joins", "links"]).loc[("hit-hit", "international"), "p"] < 0.01
    assert "plus que" in joins.sentence("fr")


def test_equal_values_have_no_answer():
    found = moran([3] * 6, UNITS, rng=1)
    assert found.table[["value", "p", "z"]].isna().all(axis=None)
    assert found.sentence("fr").startswith("Aucun lien")
    with pytest.raises(InputError, match="has no figure to draw"):
        found.plot()
    joins = join_counts([3] * 6, UNITS, rng=1).table.set_index(["joins", "links"])
    row = joins.loc[("hit-hit", "international")]
    assert (row["value"], row["p"]) == (8, 1)
    assert np.isnan(row["z"])


def test_one_country_has_no_links_across_a_border():
    found = moran(range(6), UNITS.assign(country="MLI"), rng=1)
    table = found.table.set_index("links")
    assert table.loc["international", "pairs"] == 0
    assert np.isnan(table.loc["international", "value"])
    assert table.loc["all", "value"] == table.loc["domestic", "value"]
    assert "nothing to say" in found.sentence("en")


def test_countries_of_one_unit_leave_nothing_to_deal():
    alone = UNITS.assign(country=IDS)
    row = moran(range(6), alone, rng=1).table.set_index("links").loc["international"]
    assert row["p"] == 1
    assert np.isnan(row["z"])
    assert row["expected"] == pytest.approx(row["value"])
    assert "does not differ from this chance" in moran(range(6), alone, rng=1).sentence("en")


def test_no_incident_and_one_period():
    quiet = moran(panel(np.zeros((6, 4))), UNITS, rng=1, lags=[1])
    assert quiet.table["value"].isna().all()
    one = moran(panel([[1], [2], [3], [4], [5], [6]]), UNITS, rng=1, lags=[0]).table
    total = moran(range(1, 7), UNITS, rng=1).table
    np.testing.assert_allclose(one["value"], total["value"])
    with pytest.raises(InputError, match=r"`lags` is \[1\] with 1 periods"):
        moran(panel([[1]] * 6), UNITS, rng=1, lags=[1])


def test_the_cells_take_the_country_that_holds_the_most_of_them():
    sizes = CELLS["country"].value_counts()
    assert sizes.max() / sizes.min() < 1.3
    ground = UNITS.dissolve("country").geometry
    shared = pd.DataFrame(
        {name: CELLS.intersection(shape).to_crs(EQUAL_AREA).area for name, shape in ground.items()}
    )
    assert (shared.idxmax(axis=1) == CELLS["country"]).all()
    prio = sg.cross_border.cells_with_country(sg.PrioGrid(UNITS), UNITS)
    assert prio["country"].value_counts().to_dict() == {"BFA": 8, "MLI": 8, "NER": 8}
    assert moran(range(len(prio)), prio, rng=1, permutations=9).table["pairs"].gt(0).all()


def test_the_plots_set_each_figure_on_what_chance_gives():
    values = np.random.default_rng(6).poisson(1.5, (6, 9))
    lagged = moran(panel(values), UNITS, rng=1, lags=[0, 1], by_pair=True, permutations=99)
    ax = lagged.plot()
    assert [line.get_label() for line in ax.lines][:3] == [
        "all neighbours", "same country", "across a border",
    ]  # fmt: skip
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "1"]
    assert len(ax.patches) == len(lagged.table)
    joins = join_counts(panel(values), UNITS, rng=1, lags=[1], permutations=99)
    labels = [text.get_text() for text in joins.plot().get_xticklabels()]
    assert labels == ["hit-hit", "hit-quiet", "quiet-hit"]
    assert "(lag of 1 periods)" in joins.sentence("en")
    assert moran(range(6), UNITS, rng=1)._repr_html_().count("<p lang=") == 2


def test_likeness_carries_the_error_of_places():
    rng = np.random.default_rng(1)
    events = pd.DataFrame(
        {
            "lon": rng.uniform(0, 3, 60),
            "lat": 11 + rng.uniform(-0.1, 0.1, 60),
            "date": pd.Timestamp("2024-01-10") + pd.to_timedelta(rng.integers(0, 90, 60), "D"),
            "location_precision": "near",
        }
    )

    def across(placed, units):
        counted = sg.count(placed, units, start="2024-01-01", end="2024-04-30")
        table = moran(counted, units, rng=1, lags=[0, 1], permutations=1).table
        return table.set_index(["links", "lag"])["value"]

    found = sg.uncertainty.propagate(across, events, UNITS, n=10, rng=1).table
    assert (found["low"] < found["high"]).all()


def test_ties_count_in_both_tails():
    row = against_chance(2.0, np.array([1.0, 2.0, 2.0, 3.0]))
    assert row["p"] == 1
    assert against_chance(9.0, np.zeros(99))["p"] == pytest.approx(0.02)
    assert np.isnan(against_chance(np.nan, np.zeros(9))["p"])


def test_refuses_what_it_cannot_use():
    with pytest.raises(InputError, match="`permutations` is 0"):
        moran(range(6), UNITS, rng=1, permutations=0)
    with pytest.raises(InputError, match="`deal` is 'cards'"):
        moran(range(6), UNITS, rng=1, deal="cards")
    with pytest.raises(InputError, match="`deal` is 'times' without `lags`"):
        moran(range(6), UNITS, rng=1, deal="times")
    with pytest.raises(InputError, match=r"`within` is \['season'\]; expected \[\], \['year'\]"):
        moran(panel(np.ones((6, 3))), UNITS, rng=1, lags=[0], deal="times", within=["season"])
    with pytest.raises(InputError, match=r"`within` is \['year'\] and `deal` 'places'"):
        moran(panel(np.ones((6, 3))), UNITS, rng=1, deal="places", within=["year"])
    with pytest.raises(InputError, match=r"`data` is negative .* Pass within="):
        moran(panel(-np.arange(18.0).reshape(6, 3)), UNITS, rng=1)
    with pytest.raises(InputError, match=r"`lags` is \[-1\]"):
        moran(panel(np.ones((6, 3))), UNITS, rng=1, lags=[-1])
    with pytest.raises(InputError, match="`data` is a list; expected a panel"):
        moran([1] * 6, UNITS, rng=1, lags=[1])
    with pytest.raises(InputError, match=r"`units` has no country for 1 units: \['M1'\]"):
        moran(range(6), UNITS.assign(country=[None, *COUNTRY[1:]]), rng=1)
    with pytest.raises(InputError, match="`weights` were made for other units"):
        moran(range(6), UNITS, rng=1, weights=contiguity(UNITS.iloc[1:]))
    one_way = Weights.from_matrix(IDS, np.triu(np.ones((6, 6)), 1))
    with pytest.raises(InputError, match="`weights` differ by direction"):
        join_counts(range(6), UNITS, rng=1, weights=one_way)
    with pytest.raises(InputError, match=r"units that `units` does not hold: \['M1'\]"):
        moran(panel(np.ones((6, 3))), UNITS.iloc[1:], rng=1, lags=[1])
    twice = pd.concat([panel(np.ones((6, 3)))] * 2, ignore_index=True)
    with pytest.raises(InputError, match="0 missing or infinite figures and 18 repeated"):
        moran(twice, UNITS, rng=1, lags=[1])
    with pytest.raises(InputError, match="`other` has 2 periods and `data` 3"):
        moran(panel(np.ones((6, 3))), UNITS, rng=1, lags=[0], other=panel(np.ones((6, 2))))
    with pytest.raises(InputError, match="`lang` is 'es'"):
        moran(range(6), UNITS, rng=1).sentence("es")
