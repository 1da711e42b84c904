"""Escalation and relocation worked by hand, against brute force, and on cells."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.weights.weights import contiguity
from tests.conftest import make_toy_units

UNITS = make_toy_units()
IDS = list(UNITS["unit_id"])  # M1 M2 N1 N2 B1 B2
COUNTRY = UNITS["country"].to_numpy(object)
join_counts, onsets = sg.diffusion.join_counts, sg.diffusion.onsets


def panel(**activity):
    """A panel from a text per unit, one character per month: X active, . quiet."""
    months = len(next(iter(activity.values())))
    return pd.DataFrame(
        [
            {"unit_id": unit, "period": period, "incidents": float(sign == "X")}
            for unit in IDS
            for period, sign in zip(
                pd.period_range("2024-01", periods=months, freq="M"),
                activity.get(unit, "." * months),
                strict=True,
            )
        ]
    )


def counts(found, links="international"):
    table = found.table[found.table["links"] == links].set_index("type")["value"]
    return table["escalation"], table["relocation"]


# Country pairs that touch: M1-B1, M1-B2, M2-B1, M2-B2, M2-N1, M2-N2, N1-B2, N2-B2;
# inside countries: M1-M2, N1-N2, B1-B2.
@pytest.mark.parametrize(
    ("activity", "domestic", "international"),
    [
        # M1 active and stays; B1, quiet, becomes active: one escalation across the border
        ({"M1": "XX", "B1": ".X"}, (0, 0), (1, 0)),
        # M1 falls quiet as B1 becomes active: one relocation across the border
        ({"M1": "X.", "B1": ".X"}, (0, 0), (0, 1)),
        # the same inside Mali
        ({"M1": "XX", "M2": ".X"}, (1, 0), (0, 0)),
        ({"M1": "X.", "M2": ".X"}, (0, 1), (0, 0)),
        # B1 was active already: nothing new
        ({"M1": "XX", "B1": "XX"}, (0, 0), (0, 0)),
        # M1 and N1 do not touch
        ({"M1": "XX", "N1": ".X"}, (0, 0), (0, 0)),
        # M2 stays, and three neighbours become active: one at home, two abroad
        ({"M2": "XX", "M1": ".X", "B1": ".X", "N1": ".X"}, (1, 0), (2, 0)),
        # two months apart is not the next month
        ({"M1": "X..", "B1": "..X"}, (0, 0), (0, 0)),
        # M1 moves to B1, and B1 moves back
        ({"M1": "X.X", "B1": ".X."}, (0, 0), (0, 2)),
    ],
)
def test_the_types_by_hand(activity, domestic, international):
    found = join_counts(panel(**activity), UNITS, rng=1, permutations=9)
    assert counts(found, "domestic") == domestic
    assert counts(found, "international") == international
    assert counts(found, "all") == tuple(np.add(domestic, international))


def test_directions_between_countries_are_apart():
    table = join_counts(panel(M1="XX", B1=".X"), UNITS, rng=1, by_pair=True, permutations=9).table
    got = table[table["type"] == "escalation"].set_index("links")["value"]
    assert got["MLI→BFA"] == 1
    assert got["BFA→MLI"] == 0


def brute(active, type_, keep):
    links = coo_array(contiguity(UNITS).matrix)
    total = 0
    for i, j in zip(links.row, links.col, strict=True):
        if not keep(COUNTRY[i], COUNTRY[j]):
            continue
        for t in range(active.shape[1] - 1):
            new = active[i, t] and not active[j, t] and active[j, t + 1]
            total += bool(new and active[i, t + 1] == (type_ == "escalation"))
    return total


def from_array(active):
    periods = pd.period_range("2024-01", periods=active.shape[1], freq="M")
    return pd.DataFrame(
        {
            "unit_id": np.repeat(IDS, len(periods)),
            "period": periods.take(np.tile(np.arange(len(periods)), 6)),
            "incidents": active.ravel().astype(float),
        }
    )


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_counts_are_those_of_brute_force(seed, months):
    active = np.random.default_rng(seed).random((6, months)) < 0.5
    found = join_counts(from_array(active), UNITS, rng=1, permutations=1)
    for links, keep in {
        "domestic": lambda a, b: a == b,
        "international": lambda a, b: a != b,
    }.items():
        expected = tuple(brute(active, name, keep) for name in ("escalation", "relocation"))
        assert counts(found, links) == expected


def test_the_baseline_is_every_deal_of_histories_inside_a_country():
    active = np.random.default_rng(5).random((6, 12)) < 0.5
    found = join_counts(from_array(active), UNITS, rng=2, deal="places", permutations=4000).table
    orders = [(m, n, b) for m in (0, 1) for n in (0, 1) for b in (0, 1)]
    every = []
    for m, n, b in orders:
        dealt = active[[m, 1 - m, 2 + n, 3 - n, 4 + b, 5 - b]]
        every.append(brute(dealt, "escalation", lambda a, b: a != b))
    row = found[(found["links"] == "international") & (found["type"] == "escalation")].iloc[0]
    assert row["expected"] == pytest.approx(np.mean(every), rel=0.02)


def test_activity_that_walks_over_cells_is_relocation_beyond_chance():
    cells = sg.cross_border.cells_with_country(sg.SquareGrid(UNITS, cell_km=30), UNITS)
    middle = cells.geometry.representative_point()
    rng = np.random.default_rng(1)
    walkers = rng.integers(0, len(cells), 6)
    links = contiguity(cells).matrix
    months = pd.period_range("2020-01", periods=40, freq="M")
    rows = []
    for month in months:
        walkers = np.array(
            [rng.choice(links.indices[links.indptr[w] : links.indptr[w + 1]]) for w in walkers]
        )
        rows += [{"unit_id": cells["unit_id"].iloc[w], "period": month} for w in set(walkers)]
    assert middle.is_valid.all()
    counted = pd.DataFrame(rows).assign(incidents=1)  # absent rows are zeros
    found = join_counts(counted, cells, rng=1, deal="places", permutations=199)
    row = found.table.set_index(["links", "type"]).loc[("international", "relocation")]
    assert row["p"] < 0.02
    assert row["value"] > row["high"]
    assert "plus que ce hasard" in found.sentence("fr")


@pytest.mark.worlds
def test_p_values_are_fair_where_activity_is_anywhere():
    rng = np.random.default_rng(3)
    cells = sg.cross_border.cells_with_country(sg.SquareGrid(UNITS, cell_km=50), UNITS)
    months = pd.period_range("2020-01", periods=12, freq="M")
    index = pd.MultiIndex.from_product([cells["unit_id"], months], names=["unit_id", "period"])
    low = 0
    for _ in range(100):
        counted = pd.DataFrame({"incidents": rng.poisson(0.3, len(index))}, index=index)
        table = join_counts(counted.reset_index(), cells, rng=rng, permutations=99).table
        low += table.set_index(["links", "type"]).loc[("international", "escalation"), "p"] <= 0.05
    assert low < 13  # 5 expected; so many once in a thousand times


def test_shifts_in_time_tell_following_from_lying_side_by_side():
    rng = np.random.default_rng(2)
    source = rng.random(240) < 0.3
    beside = from_array(np.array([rng.random(240) < 0.3 for _ in range(6)]))
    others = rng.random((2, 240)) < 0.1
    after = np.roll(source, 1)
    follows = from_array(np.array([source, source, *others, after, after]))
    rows = [
        join_counts(each, UNITS, rng=1, deal="times", permutations=999)
        for each in (beside, follows)
    ]
    none, found = (each.table.set_index(["links", "type"])["p"] for each in rows)
    assert none[("international", "relocation")] > 0.05
    assert found[("international", "relocation")] < 0.05
    assert found[("domestic", "relocation")] == 1
    assert "shifts in time between countries" in rows[0].sentence("en")
    labels = rows[0].plot().get_legend_handles_labels()[1]
    assert "95% of shifts in time" in labels


def test_onsets_by_hand():
    found = onsets(panel(M1="XX...", M2="...X.", B1=".XX..", B2="....X", N1="X...."), UNITS)
    # B1 in February after M1, M2 in April after B1, B2 in May after M2
    table = found.table
    assert table["unit_id"].tolist() == ["B1", "M2", "B2"]
    assert table["period"].astype(str).tolist() == ["2024-02", "2024-04", "2024-05"]
    assert table["foreign_units"].tolist() == ["M1", "B1", "M2"]
    assert table["foreign_countries"].tolist() == ["MLI", "BFA", "MLI"]
    assert table["domestic_active"].tolist() == [0, 0, 0]
    assert table["still_active"].tolist() == [1, 0, 0]
    assert found.all_onsets == 3
    said = found.sentence("en")
    assert said.startswith("3 of the 3 onsets of activity followed activity in a foreign neighbour")
    assert said.endswith("does not say that one caused the other.")


def test_the_risk_of_onset_by_hand():
    # one step; all but M1 are quiet before it
    risk = onsets(panel(M1="XX", B1=".X", N1=".X"), UNITS).risk.set_index(
        ["foreign_active", "domestic_active"]
    )
    # M1 active: B1, B2 have a foreign active neighbour, M2 a domestic one, N1 and N2 none
    assert risk.loc[(True, False), ["at_risk", "onsets"]].tolist() == [2, 1]
    assert risk.loc[(False, True), ["at_risk", "onsets"]].tolist() == [1, 0]
    assert risk.loc[(False, False), ["at_risk", "onsets"]].tolist() == [2, 1]
    assert risk.loc[(False, False), "rate"] == 0.5
    assert np.isnan(risk.loc[(True, True), "rate"])


def test_a_longer_quiet_makes_fewer_onsets():
    found = panel(M1="X.XX", B1="X.X.", M2="XXXX")
    assert onsets(found, UNITS).all_onsets == 2
    assert onsets(found, UNITS, quiet_periods=2).all_onsets == 0
    assert onsets(found, UNITS, quiet_periods=9).table.empty


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_row_order_is_irrelevant_and_nothing_abroad_without_countries(seed):
    active = np.random.default_rng(seed).random((6, 6)) < 0.5
    counted = from_array(active)
    mixed = counted.sample(frac=1, random_state=seed)
    one, two = (join_counts(each, UNITS, rng=1, permutations=9).table for each in (counted, mixed))
    pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(onsets(counted, UNITS).table, onsets(mixed, UNITS).table)
    alone = UNITS.assign(country="MLI")
    found = join_counts(counted, alone, rng=1, permutations=9)
    assert np.isnan(counts(found)).all()
    assert counts(found, "domestic") == counts(found, "all")
    assert onsets(counted, alone).table.empty


def test_degenerate_input_is_answered():
    none = panel(M1="...")
    found = join_counts(none, UNITS, rng=1)
    assert counts(found) == (0, 0)
    assert "nothing that differs from this chance" in found.sentence("en")
    assert onsets(none, UNITS).sentence("en") == "No onset of activity was observed."
    everywhere = panel(**dict.fromkeys(IDS, "XXX"))
    assert counts(join_counts(everywhere, UNITS, rng=1)) == (0, 0)
    with pytest.raises(InputError, match="no quiet border unit to draw"):
        onsets(everywhere, UNITS).plot()
    single = join_counts(panel(M1="X"), UNITS, rng=1)
    assert np.isnan(counts(single)).all()
    assert single.sentence("fr").startswith("Aucun lien")
    assert onsets(panel(M1="X"), UNITS).all_onsets == 0
    empty = none.iloc[:0]
    assert np.isnan(counts(join_counts(empty, UNITS, rng=1))).all()
    assert onsets(empty, UNITS).table.empty


def test_the_plots_show_counts_and_rates():
    rng = np.random.default_rng(5)
    counted = from_array(rng.random((6, 12)) < 0.5)
    ax = join_counts(counted, UNITS, rng=1, permutations=99).plot()
    assert [text.get_text() for text in ax.get_xticklabels()] == ["escalation", "relocation"]
    bars = onsets(counted, UNITS).plot()
    risk = onsets(counted, UNITS).risk
    heights = sorted(patch.get_height() for patch in bars.patches)
    assert heights == pytest.approx(sorted(risk["rate"].dropna() * 100))
    assert onsets(counted, UNITS)._repr_html_().count("<p lang=") == 2


def test_diffusion_carries_the_error_of_places():
    rng = np.random.default_rng(2)
    events = pd.DataFrame(
        {
            "lon": rng.uniform(0, 3, 80),
            "lat": 11 + rng.uniform(-0.2, 0.2, 80),
            "date": pd.Timestamp("2024-01-05") + pd.to_timedelta(rng.integers(0, 350, 80), "D"),
            "location_precision": "near",
        }
    )

    def measure(placed, units):
        counted = sg.count(placed, units, start="2024-01-01", end="2024-12-31")
        table = join_counts(counted, units, rng=1, permutations=1).table
        answers = table.set_index(["links", "type"])["value"]
        return pd.concat([answers, pd.Series({"onsets": len(onsets(counted, units).table)})])

    found = sg.uncertainty.propagate(measure, events, UNITS, n=12, rng=1).table
    assert (found["low"] <= found["mean"]).all()
    assert found["sd"].iloc[-1] > 0


def test_refuses_what_it_cannot_use():
    counted = panel(M1="XX")
    with pytest.raises(InputError, match="`least` is 0"):
        join_counts(counted, UNITS, rng=1, least=0)
    with pytest.raises(InputError, match="`quiet_periods` is 0"):
        onsets(counted, UNITS, quiet_periods=0)
    with pytest.raises(InputError, match="`permutations` is 0"):
        join_counts(counted, UNITS, rng=1, permutations=0)
    with pytest.raises(InputError, match=r"`panel` has no column \['deaths'\]"):
        onsets(counted, UNITS, column="deaths")
    missing = counted.assign(incidents=np.nan)
    with pytest.raises(InputError, match="has 12 missing or infinite figures"):
        join_counts(missing, UNITS, rng=1)
    with pytest.raises(InputError, match="`lang` is 'ha'"):
        onsets(counted, UNITS).sentence("ha")
