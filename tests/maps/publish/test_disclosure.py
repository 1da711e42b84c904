"""What is hidden stays hidden: subtraction, linear programs and plain enumeration all try."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.publish.disclosure import possible_values, protect
from sahel_geo.maps.publish.suppression import Column, Ledger, _cheapest, _is_safe, _learn
from tests.maps.attack import extremes

K = 5


def panel(counts, parents=("P", "P", "Q", "Q")):
    """Units by row, periods by column."""
    counts = np.asarray(counts)
    rows, columns = counts.shape
    return pd.DataFrame(
        {
            "unit_id": np.repeat([f"U{i}" for i in range(rows)], columns),
            "area": np.repeat([parents[i % len(parents)] for i in range(rows)], columns),
            "period": np.tile(np.arange(2001, 2001 + columns), rows),
            "incidents": counts.ravel(),
        },
    )


def published_sums(safe, count="incidents"):
    """Write the sums of a published table from its columns alone, as an outsider would.

    Hidden cells are the unknowns; hidden totals say nothing, and are unknowns that no one wants.
    """
    cells, totals = safe.table, safe.totals
    keys = [*safe.keys, *([safe.period] if safe.period else [])]
    hidden = list(cells.index[cells["suppressed"]])
    rows, wanted = [], []
    for total in totals[~totals["suppressed"]].to_dict("records"):
        inside = pd.Series(data=True, index=cells.index)
        for key in keys:
            if total.get(key) is not None and not pd.isna(total[key]):
                inside &= cells[key] == total[key]
        rows.append([float(inside[at]) for at in hidden])
        wanted.append(total[count] - cells.loc[inside, count].sum())
    return hidden, np.array(rows).reshape(len(rows), len(hidden)), np.array(wanted)


def ranges(rows, wanted, least=1.0):
    """Bound each unknown by two linear programs."""
    return np.array([extremes(goal, rows, wanted, least) for goal in np.eye(rows.shape[1])])


def check(table, safe, count="incidents", least=1.0):
    hidden, rows, wanted = published_sums(safe, count)
    if not hidden:
        return
    truth = table.loc[hidden, count].to_numpy(float)
    np.testing.assert_allclose(rows @ truth, wanted)  # what is published is true
    # subtraction: an unknown is found exactly if it alone is a sum of published sums
    null = np.eye(len(hidden)) - np.linalg.pinv(rows) @ rows if len(rows) else np.eye(len(hidden))
    assert (np.abs(np.diag(null)) > 1e-9).all()
    low, high = ranges(rows, wanted, least).T
    small = (truth >= 1) & (truth < safe.k)
    assert (low[small] <= 1 + 1e-6).all()
    assert (high[small] >= safe.k - 1 - 1e-6).all()
    assert (high - low >= safe.k - 2 - 1e-6).all()


def test_by_hand():
    """3 of 50 is hidden; its row and its column need a second each, and those a fourth."""
    table = panel([[3, 20, 9], [8, 30, 7], [40, 0, 12], [25, 33, 50]])
    safe = protect(table, period="period", parents=["area"])
    shown = safe.table.pivot(index="unit_id", columns="period", values="suppressed")
    assert shown.loc[["U0", "U1"]].sum(axis=1).tolist() == [2, 2]
    assert not shown.loc[["U2", "U3"]].any(axis=None)
    assert shown.loc["U0", 2001]
    assert not safe.totals["suppressed"].any()
    assert (safe.small, safe.further) == (1, 3)
    check(table, safe)


def test_a_lone_small_count_takes_its_totals_along():
    table = panel([[2], [0], [0], [60]])
    safe = protect(table, period="period", parents=["area"])
    assert safe.table["suppressed"].tolist() == [True, False, False, True]
    assert (
        safe.totals.set_index("area")["suppressed"].to_dict()
        == {
            None: False,
            "P": True,
            "Q": True,
        }
        or safe.totals["suppressed"].sum() == 2
    )
    check(table, safe)


@settings(max_examples=40)
@given(
    st.integers(1, 7),
    st.integers(1, 5),
    st.sampled_from([0.5, 2.0, 6.0, 25.0]),
    st.integers(0, 2**32 - 1),
)
def test_no_small_count_can_be_recovered_or_narrowed(rows, columns, mean, seed):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.5, 2 * mean, (rows, 1)) * np.ones(columns)
    table = panel(rng.poisson(rate))
    table["deaths"] = rng.poisson(1.5 * table["incidents"])
    safe = protect(table, ["incidents", "deaths"], period="period", parents=["area"])
    check(table, safe)
    few = (table["incidents"].between(1, K - 1)) | (table["deaths"].between(1, K - 1))
    assert safe.table.loc[few, "suppressed"].all()
    assert not safe.table.loc[table["incidents"] == 0, "suppressed"].any()
    hidden, sums, wanted = published_sums(safe, "deaths")
    if hidden:
        low, high = ranges(sums, wanted, 0.0).T
        deaths = table.loc[hidden, "deaths"].to_numpy()
        governed = (deaths >= 1) & (deaths < K)
        assert (low[governed] <= 1 + 1e-6).all()
        assert (high[governed] >= K - 1 - 1e-6).all()
        assert (high - low >= K - 2 - 1e-6).all()


@pytest.mark.parametrize("seed", range(8))
def test_whole_numbers_tell_no_more_than_the_linear_programs(seed):
    """Every table of whole numbers that agrees with what is shown, one by one."""
    rng = np.random.default_rng(seed)
    table = panel(np.concatenate([rng.integers(0, 8, (2, 2)), rng.integers(20, 40, (2, 2))]))
    table.loc[4:, "incidents"] *= rng.integers(0, 2, 4)
    table.loc[0, "incidents"] = 1 + seed % 4
    safe = protect(table, period="period", parents=["area"])
    hidden, rows, wanted = published_sums(safe)
    truth = table.loc[hidden, "incidents"].to_numpy()
    # eight values around the truth and from 1 to 8 for the small: enough to reach both ends
    tried = [np.arange(max(1, x - 6), max(1, x - 6) + 12) for x in truth]
    if len(hidden) > 5:  # the smallest four, whatever the others are
        order = np.argsort(truth)
        tried = [tried[at] if at in order[:5] else [truth[at]] for at in range(len(truth))]
    every = np.stack(np.meshgrid(*tried, indexing="ij"), axis=-1).reshape(-1, len(hidden))
    agreeing = every[(np.abs(every @ rows.T - wanted) < 1e-9).all(axis=1)]
    low, high = ranges(rows, wanted).T
    assert (agreeing >= low - 1e-6).all()
    assert (agreeing <= high + 1e-6).all()
    if len(hidden) <= 5:
        for at in np.flatnonzero(truth < K):
            assert set(range(1, K)) <= set(agreeing[:, at])


def test_an_outsider_by_its_own_function_finds_what_the_tests_find():
    rng = np.random.default_rng(3)
    table = panel(rng.poisson(6.0, (8, 4)) * rng.integers(0, 2, (8, 4)))
    safe = protect(table, period="period", parents=["area"])
    seen = possible_values(safe)
    cells = seen[(seen["level"] == 2) & seen["period"].notna()]
    hidden, rows, wanted = published_sums(safe)
    expected = pd.DataFrame(ranges(rows, wanted), columns=["low", "high"])
    expected[["unit_id", "period"]] = table.loc[hidden, ["unit_id", "period"]].to_numpy()
    both = cells.merge(expected, on=["unit_id", "period"], suffixes=("", "_test"))
    assert len(both) == len(hidden) > 4
    np.testing.assert_allclose(both["low"], both["low_test"], atol=1e-5)
    np.testing.assert_allclose(both["high"], both["high_test"], atol=1e-5)


def test_hiding_only_the_small_counts_would_give_them_away():
    """The attack of these tests finds what a careless table shows."""
    table = panel([[3, 20], [8, 30], [40, 11], [25, 33]])
    safe = protect(table, period="period", parents=["area"])
    careless = safe.table.assign(
        incidents=table["incidents"].astype(float).mask(table["incidents"] < K),
        suppressed=table["incidents"] < K,
    )
    broken = type(safe)(**{**vars(safe), "table": careless})
    seen = possible_values(broken)
    assert seen[["low", "high"]].iloc[-1].tolist() == [3.0, 3.0]


def test_row_order_and_names_do_not_matter():
    table = panel(np.random.default_rng(5).poisson(5.0, (8, 3)))
    safe = protect(table, period="period", parents=["area"])
    again = protect(table, period="period", parents=["area"])
    pd.testing.assert_frame_equal(safe.table, again.table)
    turned = protect(table.iloc[::-1], period="period", parents=["area"])
    check(table, turned)


def test_missing_data_stay_missing_and_add_nothing():
    table = panel([[3.0, np.nan], [9.0, 30.0], [40.0, 11.0], [25.0, 33.0]])
    safe = protect(table, period="period", parents=["area"])
    assert not safe.table["suppressed"].iloc[1]
    assert np.isnan(safe.table["incidents"].iloc[1])
    check(table.fillna(0), safe)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda t: t, {"k": 2}, r"`k` is 2; expected a whole number of at least 3"),
        (lambda t: t.drop(columns="incidents"), {}, r"lacks the columns \['incidents'\]"),
        (lambda t: pd.concat([t, t], ignore_index=True), {}, "8 rows whose unit_id and period"),
        (lambda t: t.assign(incidents=-1), {}, "8 values that are no counts"),
        (lambda t: t.assign(incidents=0.5), {}, "no counts, in rows"),
        (lambda t: t.assign(incidents="many"), {}, "holds str values"),
        (lambda t: t.iloc[:0], {}, "has 0 rows"),
    ],
)
def test_refuses_what_is_no_table_of_counts(change, options, message):
    table = panel([[3, 20], [8, 30], [40, 11], [25, 33]])
    with pytest.raises(InputError, match=message):
        protect(change(table), period="period", **options)


def test_refuses_deaths_without_incidents_and_unknown_counts():
    table = panel([[0, 20], [8, 30]]).assign(deaths=[1, 2, 3, 4])
    with pytest.raises(InputError, match=r"'deaths' is above zero where 'incidents' is not, in 1"):
        protect(table, ["incidents", "deaths"], period="period")
    with pytest.raises(InputError, match="`count` is 'death'; expected one of"):
        possible_values(protect(table, period="period"), "death")


def test_totals_have_their_level_and_then_the_columns_of_the_table():
    table = panel([[3, 20], [8, 30], [40, 11], [25, 33]])
    safe = protect(table, period="period", parents=["area"])
    assert list(safe.table) == ["area", "unit_id", "period", "incidents", "suppressed"]
    assert list(safe.totals) == ["level", *safe.table]
    areas = safe.totals[safe.totals["level"] == 1]
    assert areas["area"].tolist() == ["P", "P", "P", "Q", "Q", "Q"]
    assert safe.totals.loc[safe.totals["level"] == 0, "area"].isna().all()
    assert areas["unit_id"].isna().all()


def test_it_says_what_was_done():
    safe = protect(panel([[3, 20], [8, 30], [40, 11], [25, 33]]), period="period")
    assert "from 1 to 4 are hidden" in safe.sentence("en")
    assert f"({safe.small + safe.further} figures in all, totals included)" in safe.sentence("en")
    assert "de 1 à 4 sont masqués" in safe.sentence("fr")
    drawn = safe.plot()
    cells, totals = (
        [(part["incidents"] > 0).sum(), (part["incidents"] == 0).sum(), part["suppressed"].sum()]
        for part in (safe.table, safe.totals)
    )
    widths = {0: [], 1: []}
    for bar in drawn.patches:
        row = widths[round(bar.get_y() + bar.get_height() / 2)]
        assert bar.get_x() == sum(row)  # each begins where the one before ends
        row.append(bar.get_width())
    assert widths == {0: totals, 1: cells}
    assert drawn.get_yticks().tolist() == [0, 1]
    assert [text.get_text() for text in drawn.get_yticklabels()] == ["totals", "cells"]
    assert len(drawn.get_legend().get_texts()) == 3
    assert "<table" in safe._repr_html_()


def test_a_small_count_is_safe_where_it_can_be_any_small_one_and_others_in_a_wide_range():
    def safe(value, up, down, floor=0.0):
        given = (np.array([each], dtype=float) for each in (value, floor))
        column = Column(*given, np.array([True]))
        column.up[0], column.down[0] = up, down
        return _is_safe(column, 0, K)

    for value in range(1, K):
        up, down = K - 1.0 - value, value - 1.0
        assert safe(value, up, down)
        assert not up or not safe(value, up - 1, down + 9)
        assert not down or not safe(value, up + 9, down - 1)
        assert safe(value, up, max(down - 1, 0), floor=2.0)  # known to be two at the least
    for value in (K, 40):
        for up in range(K - 1):
            assert safe(value, float(up), K - 2.0 - up)
            assert not safe(value, float(up), K - 2.5 - up)


@pytest.mark.parametrize("goal", [3.0, -2.0])
def test_a_move_keeps_every_sum_and_takes_none_below_what_is_known_of_it(goal):
    rng = np.random.default_rng(4)
    table = panel(rng.poisson(6, (6, 3)) + 2)
    ledger = Ledger.of(table, "unit_id", "period", ["area"])
    values = ledger.spread(table["incidents"])
    floor = ledger.spread(table["incidents"] > 0)
    column = Column(values, floor, np.ones(len(values), dtype=bool))
    hidden, cost = rng.random(len(values)) < 0.3, 1 + rng.random(len(values))
    for entry in ledger.cells[::5].tolist():
        entries, move = _cheapest(ledger, column, cost, hidden, entry, goal)
        assert move[entries == entry] == [goal]
        np.testing.assert_allclose(ledger.sums[:, entries] @ move, 0, atol=1e-9)
        assert (values[entries] + move >= floor[entries] - 1e-9).all()
        _learn(column, entries, move)
        assert (column.up[entries] >= move).all()
        assert (column.down[entries] >= -move).all()
        back = (values[entries] - move >= floor[entries]).all()  # the move the other way round
        assert back == (column.up[entries] >= -move).all()
        column = Column(values, floor, column.movable)


def test_nothing_bounds_a_small_count_that_stands_alone():
    """Neither the cell nor the total is shown, so that it could be any number."""
    safe = protect(pd.DataFrame({"unit_id": ["A"], "incidents": [2]}))
    assert (safe.small, safe.further) == (2, 0)
    seen = possible_values(safe)
    assert seen[["low", "high"]].to_numpy().tolist() == [[1, np.inf]] * 2


def test_a_zero_beside_it_protects_nothing():
    """Zeros are published, so that a hidden total says what the one hidden part of it is."""
    safe = protect(pd.DataFrame({"unit_id": list("ABCD"), "incidents": [3, 0, 0, 40]}))
    assert safe.table["suppressed"].tolist() == [True, False, False, True]
    assert safe.totals["incidents"].tolist() == [43]


def test_the_catalogue_as_a_safe_table_of_years():
    units = sg.load_boundaries(level=1)
    placed = sg.assign(sg.load_example_incidents(), units)
    counted = sg.count(placed, units, period="year")
    counted = counted.merge(units[["unit_id", "country"]], on="unit_id")
    safe = protect(counted, period="period", parents=["country"])
    seen = possible_values(safe)
    cells = seen[seen["unit_id"].notna() & seen["period"].notna()]
    assert len(cells) == safe.table["suppressed"].sum() > 20
    assert (cells["low"] <= 1).mean() > 0.8
    assert (cells["high"] >= 4).all()


def test_a_hidden_total_is_at_least_the_number_of_its_parts_and_the_page_says_so():
    years = pd.DataFrame(
        {
            "unit_id": np.repeat(list("ABC"), 3),
            "year": [2021, 2022, 2023] * 3,
            "incidents": [1, 1, 1, 9, 8, 7, 12, 11, 10],
        }
    )
    safe = protect(years, k=5, period="year")
    seen = possible_values(safe)
    total = seen[(seen["unit_id"] == "A") & seen["year"].isna()]
    cells = seen[(seen["unit_id"] == "A") & seen["year"].notna()]
    assert total[["low", "high"]].to_numpy()[0, 0] == 3
    assert total["high"].item() >= 4
    assert (cells["low"] == 1).all()
    assert (cells["high"] >= 4).all()
    assert "a hidden total is at least the number of its parts" in safe.sentence("en")
    assert "un total masqué vaut au moins le nombre de ses parts" in safe.sentence("fr")
    assert "another release of the same incidents" in safe.sentence("en")


@pytest.mark.parametrize("seed", [1, 4, 6, 8, 9, 10, 12])  # in which no total has to be hidden
def test_nothing_is_hidden_that_could_be_shown(seed):
    rng = np.random.default_rng(seed)
    table = panel(rng.poisson(rng.gamma(1, 12, (5, 1)) * np.ones(4)))
    safe = protect(table, period="period")
    assert not safe.totals["suppressed"].any()
    further = safe.table["suppressed"] & ~table["incidents"].between(1, K - 1)
    assert further.any()
    for row in np.flatnonzero(further):
        more = safe.table.copy()
        more.loc[row, "suppressed"] = False
        more.loc[row, "incidents"] = table.loc[row, "incidents"]
        with pytest.raises(AssertionError):
            check(table, replace(safe, table=more))
