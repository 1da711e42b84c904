"""Matching of sources: the windows, the taxonomies, one to one, and a known overlap."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError

TYPES = {
    "type": {
        "Battles": ("battle", "armed"), "clash": ("battle", "armed"), "Raid": ("raid", "armed"),
        "Protests": ("protest", "civil"),
    }
}  # fmt: skip


def source(rows, index=None):
    table = pd.DataFrame(rows, columns=["date", "lon", "lat", "type"], index=index)
    return table.assign(date=pd.to_datetime(table["date"]))


def brute_force(a, b, window_km, window_days):
    found = set()
    for i, one in a.iterrows():
        for j, other in b.iterrows():
            km = WGS84.inv(one["lon"], one["lat"], other["lon"], other["lat"])[2] / 1e3
            if km <= window_km and abs((one["date"] - other["date"]).days) <= window_days:
                found.add((i, j))
    return found


def test_windows_and_taxonomies_decide_and_the_best_fit_wins():
    a = source([("2020-03-01", 0.0, 14.0, "Battles"), ("2020-03-01", 0.0, 14.0, "Raid")])
    b = source(
        [("2020-03-02", 0.01, 14.0, "clash"), ("2020-03-01", 0.0, 14.0, "Protests"),
         ("2020-03-09", 0.0, 14.0, "clash")],
        index=["x", "y", "z"],
    )  # fmt: skip
    merged = sg.merge_sources(a, b, window_km=5, window_days=1, taxonomies=TYPES)
    assert merged.pairs[["index_a", "index_b", "fit", "decision"]].values.tolist() == [
        [0, "x", 0.0, "matched"], [1, "x", 1.0, "outbid"],
    ]  # fmt: skip
    assert len(merged.events) == 4
    assert merged.events["in_a"].sum() == 2
    assert merged.events["in_b"].sum() == 3


def test_weights_and_depth_give_the_fit_of_the_definition():
    depth3 = {"p": {"a": ("1", "x", "q"), "b": ("2", "x", "q"), "c": ("3", "y", "q")},
              "k": {"u": ("u",), "v": ("v",)}}  # fmt: skip
    a = pd.DataFrame({"date": pd.to_datetime(["2020-01-01"]), "lon": [0.0], "lat": [14.0],
                      "p": ["a"], "k": ["u"]})  # fmt: skip
    for p, k, fit in (("a", "u", 0.0), ("b", "u", 0.375), ("c", "u", 0.75), ("a", "v", None)):
        merged = sg.merge_sources(
            a, a.assign(p=p, k=k), window_km=1, window_days=0, taxonomies=depth3,
            weights={"p": 3, "k": 1},
        )  # fmt: skip
        assert merged.pairs["fit"].tolist() == ([] if fit is None else [fit])


def test_starts_and_ends_must_both_be_close():
    a = pd.DataFrame({"date": pd.to_datetime(["2020-01-01"]), "lon": [0.0], "lat": [14.0],
                      "date_end": pd.to_datetime(["2020-01-10"])})  # fmt: skip
    b = a.drop(columns="date_end")
    assert len(sg.merge_sources(a, b, window_km=1, window_days=2).pairs) == 0
    assert len(sg.merge_sources(a, b, window_km=1, window_days=9).pairs) == 1


def test_gaps_are_filled_and_inputs_are_kept():
    a = source([("2020-03-01", 0.0, 14.0, None), (None, 0.0, 14.0, "Raid")])
    b = source([("2020-03-01", 0.0, 14.0, "Raid"), ("2020-03-01", np.nan, np.nan, "Raid")])
    before = a.copy(), b.copy()
    merged = sg.merge_sources(a, b, window_km=1, window_days=0)
    pd.testing.assert_frame_equal(a, before[0])
    pd.testing.assert_frame_equal(b, before[1])
    assert merged.events["type"].tolist() == ["Raid", "Raid", "Raid"]
    assert merged.events["in_b"].tolist() == [True, False, True]


_ROWS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 20), st.integers(0, 20)), max_size=12
)  # fmt: skip


def lattice(rows):
    return source(
        [(pd.Timestamp("2020-01-01") + pd.Timedelta(days=d), x / 50, 14 + y / 50, "Raid")
         for d, x, y in rows]
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_ROWS, _ROWS, st.sampled_from([0, 3, 10]), st.sampled_from([0, 1, 3]))
def test_pairs_are_those_of_brute_force_and_matches_are_one_to_one(one, other, km, days):
    a, b = lattice(one), lattice(other)
    merged = sg.merge_sources(a, b, window_km=km, window_days=days)
    pairs = set(zip(merged.pairs["index_a"], merged.pairs["index_b"], strict=True))
    assert pairs == brute_force(a, b, km, days)
    matched = merged.pairs[merged.pairs["decision"] == "matched"]
    assert matched["index_a"].is_unique
    assert matched["index_b"].is_unique
    assert len(merged.events) == len(a) + len(b) - len(matched)
    free_a, free_b = set(a.index) - set(matched["index_a"]), set(b.index) - set(matched["index_b"])
    assert not {(i, j) for i, j in pairs if i in free_a and j in free_b}


def test_a_known_overlap_is_recovered():
    rng = np.random.default_rng(5)
    size = 1500
    truth = pd.DataFrame(
        {
            "date": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 730, size), "D"),
            "lon": rng.uniform(-4, 4, size),
            "lat": rng.uniform(12, 16, size),
            "type": rng.choice(["Battles", "Raid", "Protests"], size),
        }
    )
    in_a, in_b = rng.random(size) < 0.6, rng.random(size) < 0.6

    def seen(rows):
        table = truth[rows].copy()
        table["lon"] += rng.normal(0, 0.03, len(table))
        table["lat"] += rng.normal(0, 0.03, len(table))
        table["date"] += pd.to_timedelta(rng.integers(-1, 2, len(table)), "D")
        return table

    a, b = seen(in_a), seen(in_b)
    merged = sg.merge_sources(a, b, window_km=20, window_days=2, taxonomies=TYPES)
    matched = merged.pairs[merged.pairs["decision"] == "matched"]
    right = (matched["index_a"] == matched["index_b"]).sum()
    assert right / len(matched) > 0.97
    assert right / (in_a & in_b).sum() > 0.97


def test_duplicates_are_chained_into_groups():
    table = source(
        [("2020-01-01", 0.0, 14.0, "Raid"), ("2020-01-02", 0.0, 14.0, "Raid"),
         ("2020-01-03", 0.0, 14.0, "Raid"), ("2020-06-01", 1.0, 14.0, "Raid"),
         ("2020-06-01", 1.0, 14.0, "Raid")],
        index=list("abcde"),
    )  # fmt: skip
    found = sg.find_duplicates(table, window_km=1, window_days=1)
    told = {(r.index_a, r.index_b): r.group for r in found.itertuples()}
    assert set(told) == {("a", "b"), ("b", "c"), ("d", "e")}
    assert told["a", "b"] == told["b", "c"] != told["d", "e"]


def test_all_faults_are_named_at_once():
    a = source([("2020-01-01", 0.0, 14.0, "Raid")] * 2, index=[1, 1])
    faults = r"`window_km` is -1; .*of `a` repeats \[1\]; `b` lacks the columns \['lon'\]"
    with pytest.raises(InputError, match=faults):
        sg.merge_sources(a, a.drop(columns="lon"), window_km=-1, window_days=1)
    with pytest.raises(InputError, match=r"`taxonomies` has \[1, 2\] levels for 'type'"):
        sg.find_duplicates(a.reset_index(), window_km=1, window_days=1,
                           taxonomies={"type": {"x": ("x",), "y": ("y", "z")}})  # fmt: skip


def test_events_and_episodes_are_flagged_and_never_merged():
    day = pd.to_datetime(["2020-03-01", "2020-03-01"])
    event = pd.DataFrame({"date": day[:1], "date_end": day[:1], "lon": [0.0], "lat": [14.0]})
    episode = event.assign(date_end=pd.Timestamp("2020-03-03"))
    for one, other, decision in (
        (event, event, "matched"), (episode, episode, "matched"),
        (event, episode, "mixed"), (episode, event, "mixed"),
    ):  # fmt: skip
        merged = sg.merge_sources(one, other, window_km=1, window_days=2)
        assert merged.pairs["decision"].tolist() == [decision]
        assert len(merged.events) == (1 if decision == "matched" else 2)
    both = pd.concat([episode, event], ignore_index=True)
    merged = sg.merge_sources(event, both, window_km=1, window_days=2)
    assert sorted(merged.pairs["decision"]) == ["matched", "mixed"]
    assert "1 of them an event beside an episode" in merged._repr_html_()


def crash_source(folder, number, taxonomies):
    """One record of the crashes; its categories get the number, since sources may share words."""
    table = pd.read_csv(folder / f"meltt_crash_{number}.csv", dtype=dict.fromkeys(taxonomies, str))
    table = table.rename(columns={"longitude": "lon", "latitude": "lat", "enddate": "date_end"})
    for name in ("date", "date_end"):
        table[name] = pd.Timestamp("1970-01-01") + pd.to_timedelta(table[name], "D")
    for name in taxonomies:
        table[name] = f"crash_data{number}:" + table[name]
    kept = ["date", "date_end", "lon", "lat", *taxonomies]
    return table[kept].assign(**{f"in_{number}": True})


@pytest.mark.reference
def test_three_records_of_one_set_of_crashes(reference_data):
    """Known answer of the R package meltt for its own crashes (4 km, 2 days)."""
    folder, taxonomies = reference_data / "known_answers", {}
    for name in ("model", "color", "damage"):
        table = pd.read_csv(folder / f"meltt_taxonomy_{name}.csv", dtype=str)
        taxonomies[f"{name}_tax"] = {
            f"{row[0]}:{row[1]}": tuple(row[2:]) for row in table.itertuples(index=False)
        }
    one, two, three = (crash_source(folder, number, taxonomies) for number in (1, 2, 3))
    windows = {"window_km": 4, "window_days": 2, "taxonomies": taxonomies}
    pair = sg.merge_sources(one, two, **windows).events
    pair = pair.assign(in_2=pair["in_b"]).drop(columns=["in_a", "in_b", "index_b", "fit"])
    whole = sg.merge_sources(pair, three, **windows).events
    seen = pd.DataFrame(
        {1: whole["in_1"] == True, 2: whole["in_2"] == True, 3: whole["in_b"]}  # noqa: E712
    )
    assert len(whole) == 140
    assert (seen.sum(axis=1) > 1).sum() == 34
    counts = {"".join(str(n) for n, yes in zip((1, 2, 3), row, strict=True) if yes): number
              for row, number in seen.value_counts().items()}  # fmt: skip
    assert counts == {"123": 21, "12": 5, "13": 4, "23": 4, "1": 41, "2": 34, "3": 31}
