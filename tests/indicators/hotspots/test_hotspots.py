"""Local and global measures of pattern, beside esda and by hand."""

from dataclasses import replace
from itertools import permutations

import esda
import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo import compiled
from sahel_geo.crs import WGS84
from sahel_geo.errors import CrsError, InputError
from sahel_geo.indicators.display.class_map import draw_classes
from sahel_geo.indicators.hotspots import hotspots
from sahel_geo.indicators.hotspots.hotspots import Weights

POINTS = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
VALUES = np.array([2, 3, 3.2, 5, 8, 7])


def on_points():
    units = gpd.GeoDataFrame(
        {"unit_id": list("abcdef")}, geometry=[shapely.Point(xy) for xy in POINTS], crs=4326
    )
    links = libpysal.weights.DistanceBand(POINTS, threshold=15)
    return units, links, Weights.from_matrix(units["unit_id"], links.sparse)


def grid(columns, rows, size=0.2):
    east, north = np.arange(columns + 1) * size, 12 + np.arange(rows + 1) * size
    (west, south), (right, top) = (
        np.meshgrid(east[:-1], north[:-1]),
        np.meshgrid(east[1:], north[1:]),
    )
    return gpd.GeoDataFrame(
        {"unit_id": [f"c{at}" for at in range(west.size)], "country": "MLI"},
        geometry=shapely.box(west.ravel(), south.ravel(), right.ravel(), top.ravel()),
        crs=4326,
    )


def test_local_g_and_its_star_give_the_published_answers():
    units, _, weights = on_points()
    plain = sg.hotspots.local_gi(VALUES, units, star=False, weights=weights, rng=1)
    star = sg.hotspots.local_gi(VALUES, units, weights=weights, rng=1)
    assert plain.table["z"][0] == pytest.approx(-1.0136729, abs=1e-7)
    assert star.table["z"][0] == pytest.approx(-1.39727626, abs=1e-8)


@pytest.mark.parametrize("star", [False, True])
def test_local_scores_equal_those_of_esda(star):
    units, links, weights = on_points()
    theirs = esda.G_Local(VALUES, links, transform="B", star=star, permutations=0)
    ours = sg.hotspots.local_gi(VALUES, units, star=star, weights=weights, rng=1, permutations=0)
    np.testing.assert_allclose(ours.table["z"], theirs.Zs, rtol=1e-12)
    np.testing.assert_allclose(ours.table["p"], 2 * theirs.p_norm, rtol=1e-12)


def test_global_measures_equal_those_of_esda():
    units, links, weights = on_points()
    ours = sg.hotspots.global_g(VALUES, units, weights=weights, rng=1)
    theirs = esda.G(VALUES, links, permutations=0)
    assert ours.value == pytest.approx(0.55709779, abs=1e-8)
    assert [ours.expected, ours.z] == pytest.approx([theirs.EG, theirs.z_norm])
    ours = sg.hotspots.global_moran(VALUES, units, weights=weights, rng=1)
    theirs = esda.Moran(VALUES, links, permutations=0)
    assert [ours.value, ours.expected, ours.z] == pytest.approx(
        [theirs.I, theirs.EI, theirs.z_rand]
    )


@pytest.mark.parametrize("measure", ["global_g", "global_moran"])
@pytest.mark.parametrize("even", [True, False], ids=["equal weights", "unequal weights"])
def test_the_shuffled_maps_have_the_mean_and_the_variance_of_the_formula(measure, even):
    units, _, weights = on_points()
    if not even:
        weights = sg.hotspots.kernel(units, 1700)
    run = getattr(sg.hotspots, measure)
    found = run(VALUES, units, weights=weights, rng=1, permutations=20_000)
    spread = (found.value - found.expected) / found.z
    assert found.shuffled.mean() == pytest.approx(found.expected, abs=0.03 * abs(spread))
    assert found.shuffled.std() == pytest.approx(abs(spread), rel=0.02)
    usual = run(VALUES, units, weights=weights, rng=1)
    assert usual.permutations == len(usual.shuffled) == 999


@pytest.mark.filterwarnings("ignore:The alternative hypothesis:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")
def test_permutation_p_values_agree_with_esda_within_monte_carlo_error(monkeypatch):
    for module in (esda.crand, esda.moran, esda.join_counts):  # to compile them takes longer
        for name, function in vars(module).items():
            if hasattr(function, "py_func"):
                monkeypatch.setattr(module, name, function.py_func)
        monkeypatch.setattr(module, "boolean", bool, raising=False)
    units = grid(8, 8)
    weights = sg.hotspots.contiguity(units)
    values = np.random.default_rng(3).gamma(2.0, size=64)
    links = libpysal.weights.lat2W(8, 8, rook=False)
    theirs = esda.Moran_Local(values, links, permutations=4999, seed=1, n_jobs=1)
    ours = sg.hotspots.local_moran(values, units, weights=weights, rng=1, permutations=4999)
    np.testing.assert_allclose(ours.table["local_i"], theirs.Is, rtol=1e-10)
    assert np.abs(ours.table["p"] / 2 - theirs.p_sim).max() < 0.03
    theirs = esda.Join_Counts((values > 2).astype(int), links, permutations=999)
    ours = sg.hotspots.join_counts(values > 2, units, weights=weights, rng=1)
    assert ours.table["count"].tolist() == [theirs.bb, theirs.bw, theirs.ww]


def by_enumeration(values, matrix, unit, star):
    """Every way to deal the values to a unit and its neighbours, or to its neighbours only."""
    others = values if star else np.delete(values, unit)
    neighbours = matrix[unit].nonzero()[0]
    places = np.r_[unit, neighbours] if star else neighbours
    weight = np.r_[1.0, matrix[unit][neighbours]] if star else matrix[unit][neighbours]
    sums = [np.dot(weight, deal) for deal in permutations(others, len(places))]
    observed = np.dot(weight, values[places])
    return np.mean(np.array(sums) >= observed - 1e-9), np.mean(np.array(sums) <= observed + 1e-9)


@pytest.mark.parametrize("star", [True, False], ids=["Gi*", "Gi"])
@pytest.mark.parametrize("even", [True, False], ids=["equal weights", "unequal weights"])
def test_p_values_are_those_of_all_deals(even, star):
    rng = np.random.default_rng(5)
    values = rng.poisson(2, 7).astype(float)
    matrix = np.triu(rng.random((7, 7)) < 0.5, 1) * (1.0 if even else rng.random((7, 7)))
    matrix = matrix + matrix.T
    units = grid(7, 1)
    weights = Weights.from_matrix(units["unit_id"], matrix)
    p = sg.hotspots.local_gi(
        values, units, weights=weights, star=star, rng=1, permutations=20_000
    ).table["p"]
    degree = np.count_nonzero(matrix, axis=1)
    # where all are neighbours of equal weight, every deal gives the same sum: nothing to test
    tested = (degree > 0) & ((degree < 6) | (not even))
    assert p.notna().tolist() == tested.tolist()
    for unit in np.flatnonzero(tested):
        tails = by_enumeration(values, matrix, unit, star)
        assert p[unit] == pytest.approx(min(1, 2 * min(tails)), abs=0.015)


def one_violent_unit(around):
    """Counts near 10, one unit of 500 in the middle, and `around` in each of its neighbours."""
    units = grid(13, 13)
    values = np.random.default_rng(4).poisson(10, 169).astype(float).reshape(13, 13)
    values[5:8, 5:8] = around
    values[6, 6] = 500
    return values.ravel(), units, 6 * 13 + 6


def test_quiet_neighbours_make_no_hot_spot_of_a_violent_unit():
    values, units, unit = one_violent_unit(0)
    table = sg.hotspots.local_gi(values, units, rng=1).table
    assert table.loc[unit, "kind"] == "not significant"
    assert not (table["kind"] == "hot").any()
    quiet = sg.hotspots.local_gi(values, units, star=False, rng=1).table.loc[unit]
    assert quiet["z"] < 0  # without itself, its neighbourhood is a cold one
    assert quiet["p"] < 0.01


def test_a_violent_unit_is_hot_with_violent_neighbours_and_p_falls_with_z():
    answers = []
    for around in (0, 10, 20, 40):
        values, units, unit = one_violent_unit(around)
        answers.append(sg.hotspots.local_gi(values, units, rng=1).table.loc[unit])
    z, p = ([row[name] for row in answers] for name in ("z", "p"))
    assert z == sorted(z)
    assert p == sorted(p, reverse=True)
    # alone amid ordinary ones it is as rare as a neighbourhood that is dealt the 500 and no less
    assert p[0] == pytest.approx(2 * 9 / 169, abs=0.02)
    assert p[1] == pytest.approx(9 / 169, abs=0.03)
    assert answers[-1]["kind"] == "hot"


@pytest.mark.parametrize("weights", [None, 60])
def test_the_sign_of_a_significant_score_is_the_tail_of_its_p(weights):
    units = grid(8, 8)
    rng = np.random.default_rng(8)
    for _ in range(10):
        values = rng.negative_binomial(0.5, 0.05, 64).astype(float)
        links = None if weights is None else sg.hotspots.kernel(units, weights)
        table = sg.hotspots.local_gi(values, units, weights=links, rng=rng).table
        sure = table[table["p"] <= 0.05]
        assert (sure["z"].abs() > 1.2).all()


def test_class_and_significance_agree_where_q_equals_alpha():
    values, units = block_of_nine()
    for measure in (sg.hotspots.local_gi, sg.hotspots.local_moran):
        first = measure(values, units, rng=1, permutations=999).table
        level = float(first["q"].dropna().min())
        table = measure(values, units, rng=1, permutations=999, alpha=level).table
        assert table["significant"].any()
        assert (table["significant"] == (table["kind"] != "not significant")).all()
        assert table["significant"].equals(first["q"] <= level)


@pytest.mark.parametrize("measure", ["local_gi", "local_moran"])
@pytest.mark.parametrize("weights", [None, 60])
def test_p_does_not_hang_on_the_unit_of_the_figures(measure, weights):
    """Sums of tenths that are the same tie, whatever their order rounds them to."""
    units = grid(6, 6)
    values = np.random.default_rng(6).integers(0, 4, 36)
    links = None if weights is None else sg.hotspots.kernel(units, weights)
    whole, *others = (
        getattr(sg.hotspots, measure)(values * unit, units, rng=1, weights=links, permutations=99)
        for unit in (1, 0.1, 1e-7)
    )
    for other in others:
        assert other.table["p"].tolist() == whole.table["p"].tolist()


def test_quadrants_of_rates_below_one():
    values, units = block_of_nine()
    counts = sg.hotspots.local_moran(values + 1, units, rng=1, permutations=999).table
    rates = sg.hotspots.local_moran((values + 1) / 1e4, units, rng=1, permutations=999).table
    assert rates["kind"].tolist() == counts["kind"].tolist()
    assert {"HH", "not significant"} <= set(rates["kind"])
    assert (rates.loc[rates["kind"] == "HH", "value"] < 1).all()


def test_too_few_permutations_for_a_lone_unit_are_said():
    units = grid(10, 10)
    quiet = sg.hotspots.local_gi(np.arange(100) % 2, units, rng=1, permutations=199)
    assert "With 199 permutations no single unit could: at least 3999" in quiet.sentence("en")
    corner = (np.indices((10, 10)).max(axis=0).ravel() < 6) * 9 + 1
    some = sg.hotspots.local_gi(corner, units, rng=1, permutations=199)
    assert some.table["significant"].any()
    assert "no single unit could stand out alone: at least 3999" in some.sentence("en")
    enough = sg.hotspots.local_gi(np.arange(100) % 2, units, rng=1, permutations=3_999)
    assert "permutations" not in enough.sentence("en")


@pytest.mark.parametrize("measure", ["local_gi", "local_moran", "global_moran"])
def test_the_seed_fixes_the_answer_whatever_the_threads(measure, monkeypatch):
    units = grid(12, 12)
    values = np.random.default_rng(1).poisson(1.0, 144)
    weights = sg.hotspots.kernel(units, 60)
    run = getattr(sg.hotspots, measure)
    one = run(values, units, weights=weights, rng=7, permutations=500)
    other = run(values, units, weights=weights, rng=8, permutations=500)
    monkeypatch.setattr(compiled, "workers", lambda: 5)
    many = run(values, units, weights=weights, rng=7, permutations=500)
    if measure == "global_moran":
        assert one == many
        assert one.p != other.p
    else:
        pd.testing.assert_frame_equal(one.table, many.table)
        assert (one.table["p"] != other.table["p"]).any()


def test_a_block_of_high_values_is_hot_and_the_far_corner_is_not():
    units = grid(10, 10)
    values = np.zeros((10, 10))
    values[:3, :3] = 20
    hot = sg.hotspots.local_gi(values.ravel(), units, rng=1)
    kind = hot.table["kind"].to_numpy().reshape(10, 10)
    assert (kind[:2, :2] == "hot").all()
    assert (kind[5:, 5:] == "not significant").all()
    moran = sg.hotspots.local_moran(values.ravel(), units, rng=1)
    assert moran.table["kind"][0] == "HH"
    assert hot.table["neighbours"].tolist()[:2] == [3, 5]


def test_many_zeros_are_not_cold_spots():
    """With sparse counts the observed zero is the commonest deal: a tie, in both tails."""
    units = grid(10, 10)
    values = np.zeros(100)
    values[[0, 55]] = 1
    cold = sg.hotspots.local_gi(values, units, rng=1)
    quiet = cold.table.loc[99]
    assert quiet["p"] == 1
    assert quiet["kind"] == "not significant"


def test_units_without_neighbours_and_constant_series_answer_missing(toy_units):
    apart = toy_units.iloc[[0, 1, 5]]  # M1 and M2 touch; B2 touches both, at an edge or a corner
    alone = pd.concat([apart, toy_units.iloc[[2]].assign(geometry=[shapely.box(9, 9, 10, 10)])])
    hot = sg.hotspots.local_gi([1, 2, 4, 100], alone, rng=1)
    assert hot.table["neighbours"].tolist() == [2, 2, 2, 0]
    assert hot.table.loc[2, ["z", "p", "q", "kind"]].isna().all()
    assert not hot.table.loc[2, "significant"]
    assert hot.table["z"].notna().tolist() == [True, True, True, False]
    moran = sg.hotspots.local_moran([1, 2, 4, 100], alone, rng=1)
    assert moran.table["local_i"].notna().tolist() == [True, True, True, False]
    for constant in ([0] * 6, [0.1] * 6):
        assert sg.hotspots.local_gi(constant, toy_units, rng=1).table["z"].isna().all()
        assert sg.hotspots.local_moran(constant, toy_units, rng=1).table["kind"].isna().all()
        assert np.isnan(sg.hotspots.global_moran(constant, toy_units, rng=1).value)
        assert np.isnan(sg.hotspots.global_moran(constant, toy_units, rng=1).p)
    assert np.isnan(sg.hotspots.global_g([0] * 6, toy_units, rng=1).value)
    assert sg.hotspots.join_counts([0] * 6, toy_units, rng=1).table["p"].tolist() == [1, 1, 1]


def test_one_unit_answers_missing(toy_units):
    one = toy_units.iloc[[0]]
    assert sg.hotspots.local_gi([3], one, rng=1).table["z"].isna().all()
    assert sg.hotspots.local_moran([3], one, rng=1).table["local_i"].isna().all()
    assert np.isnan(sg.hotspots.global_moran([3], one, rng=1).value)
    assert np.isnan(sg.hotspots.global_g([3], one, rng=1).value)
    apart = toy_units.iloc[[0, 2]]
    assert sg.hotspots.contiguity(apart).cardinality.tolist() == [0, 0]


def test_a_panel_is_added_up_and_a_series_aligned(toy_units):
    placed = pd.DataFrame(
        {
            "unit_id": ["M1", "M1", "N2"],
            "date": pd.to_datetime(["2024-01-01", "2024-02-01"] * 2)[:3],
        }
    )
    panel = sg.count(placed, toy_units)
    from_panel = sg.hotspots.local_gi(panel, toy_units, rng=1)
    series = pd.Series({"N2": 1, "M1": 2, "M2": 0, "N1": 0, "B1": 0, "B2": 0})
    from_series = sg.hotspots.local_gi(series, toy_units, rng=1)
    assert from_panel.table["value"].tolist() == [2, 0, 0, 1, 0, 0]
    pd.testing.assert_frame_equal(from_panel.table, from_series.table)
    assert from_panel.measure == "Gi*"


def test_weights_measure_kilometres():
    places = gpd.GeoDataFrame(
        {"unit_id": ["A", "B", "C", "D"]},
        geometry=gpd.points_from_xy([0, 1, 0, 5], [15.0, 15.0, 16.0, 15.0]),
        crs=4326,
    )
    # one degree of longitude at 15 N is 107.55 km, one of latitude 110.65 km
    assert sg.hotspots.distance_band(places, 107.6).cardinality.tolist() == [1, 1, 0, 0]
    assert sg.hotspots.distance_band(places, 110.7).cardinality.tolist() == [2, 1, 1, 0]
    assert sg.hotspots.nearest(places, 1).matrix.toarray()[3].tolist() == [0, 1, 0, 0]
    quartic = sg.hotspots.kernel(places, 215.1).matrix.toarray()
    assert quartic[0, 1] == pytest.approx((1 - 0.5**2) ** 2, abs=1e-3)
    gaussian = sg.hotspots.kernel(places, 107.55, shape="gaussian").matrix.toarray()
    assert gaussian[0, 1] == pytest.approx(np.exp(-0.5), abs=1e-3)
    assert gaussian[0, 3] == 0


def test_weights_against_every_pair():
    rng = np.random.default_rng(9)
    places = gpd.GeoDataFrame(
        {"unit_id": [f"p{at}" for at in range(40)]},
        geometry=gpd.points_from_xy(rng.uniform(-5, 8, 40), rng.uniform(10, 20, 40)),
        crs=4326,
    )
    lon, lat = places.geometry.x.to_numpy(), places.geometry.y.to_numpy()
    rows, columns = np.repeat(np.arange(40), 40), np.tile(np.arange(40), 40)
    km = WGS84.inv(lon[rows], lat[rows], lon[columns], lat[columns])[2].reshape(40, 40) / 1e3
    np.fill_diagonal(km, np.inf)
    band = sg.hotspots.distance_band(places, 250).matrix.toarray()
    assert (band == (km <= 250)).all()
    near = sg.hotspots.nearest(places, 4).matrix.toarray()
    assert (near == (km <= np.sort(km, axis=1)[:, [3]])).all()
    triangular = sg.hotspots.kernel(places, 250, shape="triangular").matrix.toarray()
    np.testing.assert_allclose(triangular, np.maximum(1 - km / 250, 0), atol=1e-9)


def test_contiguity_counts_corners_on_request(toy_units):
    assert sg.hotspots.contiguity(toy_units).cardinality.tolist() == [3, 5, 3, 3, 3, 5]
    rook = sg.hotspots.contiguity(toy_units, corners=False)
    assert rook.cardinality.tolist() == [2, 3, 2, 2, 2, 3]
    assert rook.symmetric
    assert rook.row_standardised().matrix.sum(axis=1) == pytest.approx(1)


def block_of_nine():
    units = grid(10, 10).assign(name=[f"Cell {at}" for at in range(100)])
    values = np.zeros((10, 10))
    values[:3, :3] = 20
    return values.ravel(), units


def test_local_results_speak_and_draw():
    values, units = block_of_nine()
    hot = sg.hotspots.local_gi(values, units, rng=1, permutations=999)
    count = int((hot.table["kind"] == "hot").sum())
    assert hot.sentence("en").startswith(
        f"Of 100 units, at 5% of false discoveries: {count} at the heart of a hot spot (Cell "
    )
    assert "au cœur d’un point chaud (Cell" in hot.sentence("fr")
    assert "entre autres" in hot.sentence("fr")
    texts = [text.get_text() for text in hot.plot().get_legend().get_texts()]
    assert texts == [f"hot spot ({count})", f"not significant ({100 - count})"]
    moran = sg.hotspots.local_moran(values, units, rng=1, permutations=999)
    assert "with a high figure among high ones" in moran.sentence("en")
    flat = sg.hotspots.local_gi(np.ones(100), units, rng=1, permutations=9)
    assert flat.sentence("en").startswith("None of the 100 units has an answer")
    assert [text.get_text() for text in flat.plot().get_legend().get_texts()] == ["no answer (100)"]
    even = sg.hotspots.local_gi(np.arange(100) % 2, units, rng=1, permutations=99)
    assert even.sentence("fr").startswith("Sur 100 unités, aucune ne se distingue du hasard")
    assert "at 95% of false" in replace(hot, alpha=0.95).sentence("en")
    assert "permutations" in replace(hot, permutations=1).sentence("en")
    assert "permutations" not in replace(hot, permutations=0).sentence("en")  # by the formula
    for number, more in ((5, ")"), (6, ", among others)")):
        chosen = hot.table.assign(q=1.0, significant=False, kind="not significant")
        chosen.loc[: number - 1, ["q", "significant", "kind"]] = [0.01, True, "cold"]
        named = ", ".join(f"Cell {at}" for at in range(5))
        said = replace(hot, table=chosen).sentence("en")
        assert f"{number} at the heart of a cold spot ({named}{more}. This speaks" in said
    for found in (hot, moran):
        assert found._repr_html_().count("<p lang=") == 2
        assert "geometry" not in repr(found)


def test_global_results_speak_and_draw():
    values, units = block_of_nine()
    moran = sg.hotspots.global_moran(values, units, rng=1)
    assert "like figures lie side by side (p = 0.002)" in moran.sentence("en")
    assert "vaut 0," in moran.sentence("fr")
    assert moran.table["value"].tolist() == [moran.value]
    assert moran.plot().get_xlabel() == "Moran's I"
    joins = sg.hotspots.join_counts(values, units, rng=1)
    assert joins.permutations == 999
    assert joins.sentence("en").startswith("20 links join two units that were hit, against ")
    assert joins.sentence("fr").startswith("20 liens joignent deux unités touchées")
    assert (joins.table["low"] <= joins.table["high"]).all()
    assert joins.plot().get_ylabel() == "links"
    squares = np.indices((10, 10)).sum(axis=0).ravel() % 2
    rook = sg.hotspots.contiguity(units, corners=False)
    unlike = sg.hotspots.global_moran(squares, units, weights=rook, rng=1)
    assert "unlike figures lie side by side (p = 0.002)" in unlike.sentence("en")
    bare = sg.hotspots.global_moran(values, units, rng=1, permutations=0)
    with pytest.raises(InputError, match="no shuffled map to draw"):
        bare.plot()
    flat = sg.hotspots.global_moran(np.ones(100), units, rng=1)
    assert flat.sentence("en").startswith("Moran's I cannot be computed here")
    with pytest.raises(InputError, match="no shuffled map to draw"):
        flat.plot()
    assert "base64" not in flat._repr_html_()


def test_one_permutation_is_enough_to_answer_and_tells_nothing(toy_units):
    for measure in (sg.hotspots.local_gi, sg.hotspots.local_moran, sg.hotspots.join_counts):
        found = measure([9, 0, 0, 3, 0, 1], toy_units, rng=1, permutations=1)
        assert found.table["p"].dropna().tolist() == [1.0] * found.table["p"].notna().sum()


def test_a_map_without_shapes_is_refused():
    empty = gpd.GeoDataFrame({"unit_id": []}, geometry=[], crs=4326)
    with pytest.raises(InputError, match="`units` holds no shape to draw"):
        draw_classes(empty, pd.Series([], dtype="str"), {})


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_false_discovery_marks_what_the_step_up_rule_marks(p):
    q = sg.hotspots.false_discovery(p)
    ranked = np.sort(p)
    passing = np.flatnonzero(ranked <= 0.05 * np.arange(1, len(p) + 1) / len(p))
    cut = ranked[passing[-1]] if len(passing) else -1.0
    assert (q <= 0.05 + 1e-15).tolist() == (np.array(p) <= cut).tolist()


@given(st.permutations(range(6)), st.floats(0.1, 1e4))
def test_order_of_rows_and_unit_of_values_do_not_matter(order, factor):
    units, _, _ = on_points()
    weights = sg.hotspots.distance_band(units, 1700)
    whole = sg.hotspots.local_gi(VALUES, units, weights=weights, rng=1, permutations=0)
    moved = units.iloc[list(order)]
    weights = sg.hotspots.distance_band(moved, 1700)
    values = VALUES[list(order)] * factor
    mixed = sg.hotspots.local_gi(values, moved, weights=weights, rng=1, permutations=0)
    np.testing.assert_allclose(
        mixed.table["z"].sort_index(), whole.table["z"], rtol=1e-9, atol=1e-12
    )


def test_hot_spots_refuse_what_they_cannot_use(toy_units):
    local_gi = sg.hotspots.local_gi
    with pytest.raises(InputError, match=r"`data` has shape \(2,\); expected \(6,\)"):
        local_gi([1, 2], toy_units, rng=1)
    with pytest.raises(InputError, match=r"missing or infinite for 1 units: \['M2'\]"):
        local_gi([1, np.nan, 2, 3, 4, 5], toy_units, rng=1)
    with pytest.raises(InputError, match=r"names 1 units that `units` does not hold.*\['X'\]"):
        local_gi(pd.Series({"X": 1.0}), toy_units, rng=1)
    with pytest.raises(InputError, match="`data` has no column"):
        local_gi(pd.DataFrame({"unit_id": []}), toy_units, rng=1)
    with pytest.raises(InputError, match="`weights` were made for other units"):
        local_gi([1, 2], toy_units.iloc[:2], weights=sg.hotspots.contiguity(toy_units), rng=1)
    with pytest.raises(InputError, match="`alpha` is 5"):
        local_gi([1] * 6, toy_units, rng=1, alpha=5)
    with pytest.raises(InputError, match="`permutations` is 0"):
        sg.hotspots.local_moran([1] * 6, toy_units, rng=1, permutations=0)
    with pytest.raises(InputError, match="links that weigh as much in both directions"):
        sg.hotspots.join_counts(
            [1, 0] * 3, toy_units, weights=sg.hotspots.nearest(toy_units, 1), rng=1
        )
    with pytest.raises(InputError, match=r"`data` is negative for 1 units: \['M1'\]"):
        sg.hotspots.global_g([-1, 0, 0, 0, 0, 0], toy_units, rng=1)
    with pytest.raises(InputError, match="`k` is 6 with 6 units; expected 1 to 5"):
        sg.hotspots.nearest(toy_units, 6)
    with pytest.raises(InputError, match="`km` is -1"):
        sg.hotspots.distance_band(toy_units, -1)
    with pytest.raises(InputError, match="`shape` is 'round'"):
        sg.hotspots.kernel(toy_units, 10, shape="round")
    with pytest.raises(CrsError, match="no coordinate reference system"):
        sg.hotspots.distance_band(toy_units.set_crs(None, allow_override=True), 10)
    with pytest.raises(InputError, match="links 1 units to themselves"):
        Weights.from_matrix(["A"], [[1.0]])
    with pytest.raises(InputError, match="not positive"):
        Weights.from_matrix(["A", "B"], [[0, -1], [1, 0]])
    with pytest.raises(InputError, match="`matrix` has shape"):
        Weights.from_matrix(["A"], [[0, 1], [1, 0]])


@pytest.mark.parametrize(("size", "longest"), [(30, 7), (7, 7), (1, 1)])
def test_cards_are_dealt_alike_with_and_without_the_compiler(monkeypatch, size, longest):
    monkeypatch.setattr(type(hotspots._deal_into), "is_at_hand", property(lambda _: False))
    few, *_ = hotspots._dealt(size, longest, 200, np.random.default_rng(5))
    monkeypatch.setattr(hotspots, "_FEW_CARDS", 0)
    many, *_ = hotspots._dealt(size, longest, 200, np.random.default_rng(5))
    np.testing.assert_array_equal(few, many)
    assert all(len(set(row)) == longest for row in few.tolist())


def test_a_generator_goes_on_where_a_seed_begins_anew(toy_units):
    """The deals of a seed are kept for the next map; those of a generator are never the same."""
    values, generator = [5, 1, 0, 2, 9, 4], np.random.default_rng(1)

    def p_of(rng):
        return sg.hotspots.local_moran(values, toy_units, rng=rng, permutations=99).table["p"]

    first, second, third = p_of(1), p_of(1), p_of(2)
    assert first.equals(second)
    assert not first.equals(third)
    assert first.equals(p_of(generator))
    assert not first.equals(p_of(generator))
