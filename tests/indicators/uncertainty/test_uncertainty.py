"""Where redrawn incidents may fall, and what follows for a measure."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError
from sahel_geo.maps.classes.classes import classify


def incidents(precision, lon=0.5, lat=11.5, **columns):
    size = len(precision)
    table = {"lon": [lon] * size, "lat": [lat] * size, "location_precision": precision}
    return pd.DataFrame(table | columns)


def areas_of(units):
    return {
        "admin3": units.assign(geometry=shapely.buffer(units.geometry.to_numpy(), -0.4)),
        "admin2": units,
        "admin1": units.dissolve("adm1_id").reset_index(names="a").assign(unit_id=lambda t: t["a"]),
        "country": units.dissolve("country")
        .reset_index(names="c")
        .assign(unit_id=lambda t: t["c"]),
    }


def places(placed, units):
    return np.r_[placed["lon"], placed["lat"]]


def hits(placed, units):
    return placed["unit_id"].value_counts().reindex(units["unit_id"], fill_value=0)


@pytest.mark.parametrize(
    ("precision", "bounds"),
    [
        ("exact", (0.5, 11.5, 0.5, 11.5)),
        ("unknown", (0.5, 11.5, 0.5, 11.5)),
        ("admin3", (0.4, 11.4, 0.6, 11.6)),
        ("admin2", (0, 11, 1, 12)),
        ("admin1", (0, 11, 2, 12)),
        ("country", (0, 11, 2, 12)),
    ],
)
def test_places_fill_the_area_that_the_precision_admits(toy_units, precision, bounds):
    found = sg.uncertainty.propagate(
        places, incidents([precision]), toy_units, n=400, rng=1, areas=areas_of(toy_units)
    )
    lon, lat = found.draws.T
    assert lon.min() >= bounds[0]
    assert lat.min() >= bounds[1]
    assert lon.max() <= bounds[2]
    assert lat.max() <= bounds[3]
    for drawn, low, high in ((lon, *bounds[::2]), (lat, *bounds[1::2])):
        assert np.ptp(drawn) >= 0.95 * (high - low)
        assert drawn.mean() == pytest.approx((low + high) / 2, abs=0.11 * (high - low) + 1e-9)
    assert found.redrawn["moved"].tolist() == [int(precision not in ("exact", "unknown"))]


def test_near_means_within_25_km_all_points_alike(toy_units):
    found = sg.uncertainty.propagate(places, incidents(["near"]), toy_units, n=2000, rng=1)
    lon, lat = found.draws.T
    km = WGS84.inv(np.full(2000, 0.5), np.full(2000, 11.5), lon, lat)[2] / 1e3
    assert km.max() <= 25
    assert (km <= 12.5).mean() == pytest.approx(0.25, abs=0.04)


def test_near_a_border_of_the_study_area_stays_inside(toy_units):
    found = sg.uncertainty.propagate(places, incidents(["near"], lon=0.01), toy_units, n=300, rng=1)
    assert found.draws[:, 0].min() >= 0


def test_units_share_the_incident_by_their_area(toy_units):
    found = sg.uncertainty.propagate(
        *(hits, incidents(["admin1"] * 100), toy_units), n=100, rng=1, areas=areas_of(toy_units)
    )
    assert found.table["recorded"].tolist() == [100, 0, 0, 0, 0, 0]
    assert found.table.loc[["M1", "M2"], "mean"].tolist() == pytest.approx([50, 50], abs=2)
    assert (found.draws.sum(axis=1) == 100).all()
    assert found.table.index.tolist() == toy_units["unit_id"].tolist()
    # 90 % of a binomial of 100 lies within 42 and 58
    assert found.table.loc["M1", "low"] == pytest.approx(42, abs=2)
    assert found.table.loc["M1", "high"] == pytest.approx(58, abs=2)


def test_tolls_stay_between_low_and_high_and_inputs_as_they_were(toy_units):
    table = incidents(
        ["exact"] * 3,
        fatalities_low=[2.0, 5.0, np.nan],
        fatalities_best=[3.0, 5.0, 7.0],
        fatalities_high=[10.0, 5.0, 9.0],
    )
    before = table.copy()
    found = sg.uncertainty.propagate(
        lambda placed, _: placed["fatalities_best"], table, toy_units, n=500, rng=1
    )
    assert found.draws[:, 0].min() == 2
    assert found.draws[:, 0].max() in (9, 10)
    assert found.draws[:, 0].mean() == pytest.approx(5, abs=0.3)  # (2 + 3 + 10) / 3
    assert (found.draws[:, 0] % 1 == 0).all()
    assert (found.draws[:, 1:] == [5, 7]).all()
    pd.testing.assert_frame_equal(table, before)


def test_the_same_seed_gives_the_same_draws(toy_units):
    table = incidents(["near", "admin2", "exact"])
    run = {
        seed: sg.uncertainty.propagate(
            places, table, toy_units, n=20, rng=seed, areas=areas_of(toy_units)
        ).draws
        for seed in (1, 2)
    }
    again = sg.uncertainty.propagate(
        places, table, toy_units, n=20, rng=1, areas=areas_of(toy_units)
    )
    assert (run[1] == again.draws).all()
    assert (run[1] != run[2]).any()


def test_rates_get_an_interval(toy_units):
    table = incidents(["admin1"] * 20, date=pd.to_datetime(["2023-05-01"] * 20))

    def rates(placed, units):
        panel = sg.count(placed, units, period="year", start="2023-01-01", end="2023-12-31")
        return sg.density.rates(panel, units).set_index("unit_id")["per_1000km2"]

    found = sg.uncertainty.propagate(
        rates, table, toy_units, n=50, rng=1, areas=areas_of(toy_units)
    ).table
    assert found.loc["M1", "low"] < found.loc["M1", "mean"] < found.loc["M1", "recorded"]
    assert found.loc["N1", ["recorded", "low", "high"]].tolist() == [0, 0, 0]


def test_type_probabilities_show_what_coding_to_a_town_hides(toy_units):
    date = pd.to_datetime(["2022-05-01"] * 8)
    exact = incidents(["exact"] * 8, date=date)
    sure = sg.uncertainty.scdi_types(exact, toy_units, n=20, rng=1)
    assert sure.table[["type", "CH", "share", "uncertain"]].values.tolist() == [
        ["CH", 1.0, 1.0, False]
    ]
    coarse = incidents(["near"] * 8, date=date)
    found = sg.uncertainty.scdi_types(coarse, toy_units, n=100, rng=1)
    unsure = found.table.iloc[0]
    assert unsure["uncertain"]
    assert "for 0 of the 1 cells and years with a type" in found.sentence("en")
    assert "pour 0 des 1 cellules et années classées" in found.sentence("fr")
    assert found.plot().get_xlabel() == "share of 100 draws with each type"
    alone = sg.uncertainty.scdi_types(exact.iloc[:1], toy_units, n=2, rng=1)
    assert alone.sentence("en").startswith("No cell has two incidents")
    with pytest.raises(InputError, match="no cell with a type"):
        alone.plot()
    assert unsure["type"] == "CH"
    assert unsure["CH"] < 0.9
    assert unsure[["CH", "CL", "DH", "DL", "unclassed"]].sum() == pytest.approx(1)


def busiest(placed, units):
    """Name the busy units, so that a measure may answer in words."""
    counts = hits(placed, units)
    names = np.where(counts > 60, "busy", np.where(counts > 0, "some", "quiet"))
    return pd.Series(names, counts.index, dtype="str").mask(counts.index == "B2")


def test_a_map_learns_which_units_would_change_class(toy_units):
    # 100 incidents somewhere in M1 or M2, all recorded in M1; 3 exact ones in N1
    table = pd.concat(
        [incidents(["admin1"] * 100), incidents(["exact"] * 3, lon=2.5)], ignore_index=True
    )
    found = sg.uncertainty.propagate(
        hits, table, toy_units, n=100, rng=1, areas=areas_of(toy_units)
    )
    wide = sg.uncertainty.class_certainty(found, breaks=[10, 200])
    assert wide["recorded"].tolist() == [100, 0, 3, 0, 0, 0]
    # M1 stays between 10 and 200; M2 leaves zero in every draw
    assert wide["share"].tolist() == [1, 0, 1, 1, 1, 1]
    assert wide["uncertain"].tolist() == [False, True, False, False, False, False]
    narrow = sg.uncertainty.class_certainty(found, breaks=[3, 50, 100])
    inside = ((found.draws[:, 0] > 50) & (found.draws[:, 0] <= 100)).mean()
    assert 0.3 < inside < 0.7
    assert narrow.loc["M1", "share"] == inside
    assert narrow.loc["M1", "uncertain"]
    assert not sg.uncertainty.class_certainty(found, breaks=[3, 50, 100], certain_from=0.2).loc[
        "M1", "uncertain"
    ]
    # a bound is inside its class; from a break of 0 or less, zero has no class of its own
    assert narrow.loc["N1", "share"] == 1
    below = sg.uncertainty.class_certainty(found, breaks=[-1, 200])
    assert below["share"].tolist() == [1] * 6


def test_map_classes_are_those_of_the_certainty(toy_units):
    found = sg.uncertainty.propagate(
        *(hits, incidents(["admin1"] * 9), toy_units), n=40, rng=1, areas=areas_of(toy_units)
    )
    breaks = [2, 4, 6]
    codes = [
        [
            (entry.kind, min(entry.high, 9))
            for entry in map(shown.classes.__getitem__, shown.class_of)
        ]
        for shown in (
            classify(values, scheme="user", breaks=[*breaks, 99])
            for values in [found.table["recorded"].to_numpy(), *found.draws]
        )
    ]
    share = [np.mean([draw[at] == codes[0][at] for draw in codes[1:]]) for at in range(6)]
    assert sg.uncertainty.class_certainty(found, breaks=breaks)["share"].tolist() == share


def test_classes_are_counted_over_the_draws(toy_units):
    table = incidents(["admin1"] * 100)
    found = sg.uncertainty.propagate(
        busiest, table, toy_units, n=100, rng=1, areas=areas_of(toy_units)
    )
    assert found.table["recorded"].tolist()[:5] == ["busy", "quiet", "quiet", "quiet", "quiet"]
    counts = sg.uncertainty.propagate(
        hits, table, toy_units, n=100, rng=1, areas=areas_of(toy_units)
    )
    busy = (counts.draws[:, 0] > 60).mean()
    assert found.shares.loc["M1", "busy"] == found.table.loc["M1", "share"] == busy
    assert found.table.loc["M1", "likeliest"] == "some"
    assert found.table.loc["M2", "share"] == 0
    assert found.table.loc["B2"].isna().all()
    certain = sg.uncertainty.class_certainty(found)
    assert certain["uncertain"].tolist() == [True, True, False, False, False, False]


def test_hot_spot_classes_pass_through(toy_units):
    table = incidents(["admin1"] * 20, date=pd.to_datetime(["2023-05-01"] * 20))
    gi = partial(sg.hotspots.local_gi, rng=1, permutations=0, alpha=0.4)
    kinds = sg.uncertainty.on_panel(gi, "kind", start="2023-01-01", end="2023-12-31")
    found = sg.uncertainty.propagate(
        kinds, table, toy_units, n=20, rng=1, areas=areas_of(toy_units)
    )
    assert found.table.index.tolist() == toy_units["unit_id"].tolist()
    assert "(point froid, 45\u202f% des tirages)" in found.sentence("fr")
    assert "(cold spot, 45% of the draws)" in found.sentence("en")
    # M2 and B2 touch all others: their neighbourhood is the whole map, and no spot
    assert found.shares.sum(axis=1).tolist() == pytest.approx([1, 0, 1, 1, 1, 0])


SPAN = {"start": "2023-01-01", "end": "2023-06-30"}
FEW = {"rng": 1, "permutations": 19}


def on_counts(measure):
    return lambda placed, units: measure(sg.count(placed, units, **SPAN), units)


def risk_of(panel, units):
    people = pd.Series(100.0, units["unit_id"].to_numpy())
    hazard = sg.risk.recent_hazard(panel, units, periods=3)
    return sg.risk.index(hazard=hazard, exposure=people, vulnerability=people)


def joins_of_the_busy(panel, units):
    busy = panel.groupby("unit_id")["incidents"].sum() >= 10
    return sg.hotspots.join_counts(busy.astype(int), units, **FEW)


def best_ratio(panel, units):
    return sg.clusters.scan(panel, units, rng=1, replicates=1).clusters["ratio"].max()


ABOVE = {
    "rates": (on_counts(sg.density.rates), "per_1000km2"),
    "Gi*": (on_counts(partial(sg.hotspots.local_gi, **FEW)), None),
    "Gi* scores": (on_counts(partial(sg.hotspots.local_gi, **FEW)), "z"),
    "local Moran": (on_counts(partial(sg.hotspots.local_moran, **FEW)), None),
    "Moran": (on_counts(partial(sg.hotspots.global_moran, **FEW)), None),
    "global G": (on_counts(partial(sg.hotspots.global_g, **FEW)), None),
    "join counts": (on_counts(joins_of_the_busy), None),
    "emerging": (on_counts(sg.emerging.hot_spots), None),
    "SCDi": (lambda placed, _: sg.scdi.by_cell(placed), None),
    "SCDi density": (lambda placed, _: sg.scdi.by_cell(placed), "density"),
    "clusters": (lambda placed, _: len(sg.clusters.hdbscan(placed).summary), None),
    "scan": (on_counts(best_ratio), None),
    "risk": (on_counts(risk_of), None),
    "density": (
        lambda placed, units: (
            sg.density.kernel_density(placed, bandwidth_km=50, cell_km=50, extent=units).values
        ),
        None,
    ),
}


@pytest.mark.parametrize("name", ABOVE)
def test_every_measure_of_the_package_gets_its_interval(toy_units, name):
    rng = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "lon": rng.uniform(0, 3, 60),
            "lat": rng.uniform(10, 12, 60),
            "date": pd.Timestamp("2023-01-05") + pd.to_timedelta(rng.integers(0, 170, 60), "D"),
            "location_precision": rng.choice(["exact", "near", "admin1"], 60),
        }
    )
    measure, columns = ABOVE[name]
    found = sg.uncertainty.propagate(
        *(measure, table, toy_units), n=12, rng=1, areas=areas_of(toy_units), columns=columns
    )
    exact = sg.uncertainty.propagate(
        *(measure, table.assign(location_precision="exact"), toy_units),
        n=2,
        rng=1,
        columns=columns,
    )
    recorded = exact.table["recorded"]
    assert found.table["recorded"].reindex(recorded.index).equals(recorded)
    if isinstance(found, sg.uncertainty.Propagated):
        assert (exact.draws == exact.draws[0])[:, exact.table["low"].notna()].all()
        assert np.nanmax(found.draws.std(axis=0)) > 0
    else:
        assert set(exact.table["share"].dropna()) <= {1.0}
        assert found.table["share"].dropna().between(0, 1).all()


def test_a_figure_and_a_raster_are_read_as_they_come(toy_units):
    table = incidents(["admin2"] * 5)
    one = sg.uncertainty.propagate(
        *(lambda placed, _: placed["lon"].max(), table, toy_units),
        n=20,
        rng=1,
        areas=areas_of(toy_units),
    )
    assert len(one.table) == 1
    assert one.draws.shape == (20, 1)
    square = sg.uncertainty.propagate(
        *(lambda *_: np.array([[1, 2], [3, 4]]), table, toy_units),
        n=3,
        rng=1,
        areas=areas_of(toy_units),
    )
    assert square.table["recorded"].tolist() == [1, 2, 3, 4]


def test_results_speak_and_draw(toy_units):
    areas = areas_of(toy_units)
    found = sg.uncertainty.propagate(
        hits, incidents(["admin1"] * 100), toy_units, n=100, rng=1, areas=areas
    )
    assert found.sentence("en").startswith("The highest recorded figure is that of Unit M1: 100;")
    assert "The intervals of 1 of the 5 others overlap it." in found.sentence("en")
    assert "l’intervalle à 90\u202f% va de" in found.sentence("fr")
    assert "Le lieu de 100 des 100 incidents est tiré de nouveau" in found.sentence("fr")
    assert [text.get_text() for text in found.plot().get_yticklabels()][-1] == "Unit M1"
    classes = sg.uncertainty.propagate(
        busiest, incidents(["admin1"] * 100), toy_units, n=100, rng=1, areas=areas
    )
    assert "for 3 of the 5 units with a class; the least sure is Unit M2 (quiet, 0%" in (
        classes.sentence("en")
    )
    assert "pour 3 des 5 unités classées" in classes.sentence("fr")
    for result in (found, classes):
        html = result._repr_html_()
        assert html.count("<p lang=") == 2
        assert "data:image/svg+xml" in html
    none = sg.uncertainty.propagate(
        lambda *_: [np.nan], incidents(["exact"]), toy_units, n=2, rng=1
    )
    assert none.sentence("en").startswith("No figure")
    with pytest.raises(InputError, match="no interval to draw"):
        none.plot()


def test_nothing_to_move_and_places_outside_everything(toy_units):
    outside = incidents(["admin2", "near"], lon=50.0)
    found = sg.uncertainty.propagate(
        hits, outside, toy_units, n=5, rng=1, areas=areas_of(toy_units)
    )
    assert (found.draws == 0).all()
    assert found.redrawn.set_index("location_precision")["moved"].to_dict() == {
        "admin2": 0,
        "near": 1,
    }
    none = sg.uncertainty.propagate(hits, outside.iloc[:0], toy_units, n=5, rng=1)
    assert (none.table[["recorded", "low", "high"]] == 0).all(axis=None)
    empty = outside.iloc[:0].assign(date=pd.to_datetime([]))
    assert sg.uncertainty.scdi_types(empty, toy_units, n=5, rng=1).table.empty


def test_uncertainty_refuses_what_it_cannot_use(toy_units):
    propagate = sg.uncertainty.propagate
    with pytest.raises(InputError, match=r"`n` is 1 and `level` is 0\.9"):
        propagate(hits, incidents(["exact"]), toy_units, n=1, rng=1)
    with pytest.raises(InputError, match=r"unknown values of 'location_precision': \['town'\]"):
        propagate(hits, incidents(["town"]), toy_units, rng=1)
    with pytest.raises(InputError, match="`areas` has no 'admin1', the precision of 1 incidents"):
        propagate(hits, incidents(["admin1"]), toy_units, rng=1, areas={"admin2": toy_units})
    sizes = iter([1, 2, 3])
    with pytest.raises(InputError, match=r"`measure` gave 2 answers, \[0, 1\], after 1"):
        propagate(lambda *_: [0] * next(sizes), incidents(["exact"]), toy_units, rng=1)
    orders = iter([["M1", "M2"], ["M2", "M1"], ["M2", "M1"]])
    with pytest.raises(InputError, match=r"gave 2 answers, \['M2', 'M1'\], after 2"):
        propagate(
            *(lambda *_: pd.Series([1, 2], next(orders)), incidents(["exact"]), toy_units), rng=1
        )
    certainty = sg.uncertainty.class_certainty
    numbers = propagate(hits, incidents(["exact"]), toy_units, n=2, rng=1)
    with pytest.raises(InputError, match=r"`breaks` is \[\]; expected the upper bounds"):
        certainty(numbers)
    with pytest.raises(InputError, match=r"`breaks` is \[2.0, 1.0\]"):
        certainty(numbers, breaks=[2, 1])
    with pytest.raises(InputError, match="`certain_from` is 90"):
        certainty(numbers, breaks=[1], certain_from=90)
    classes = propagate(busiest, incidents(["exact"]), toy_units, n=2, rng=1)
    with pytest.raises(InputError, match="`breaks` were given for classes"):
        certainty(classes, breaks=[1])
    counted = sg.uncertainty.on_panel(sg.density.rates, "x", start="2023-01-01", end="2023-12-31")
    dated = incidents(["exact"], date=pd.to_datetime(["2023-05-01"]))
    with pytest.raises(InputError, match="`column` is 'x'; the measure answers with"):
        propagate(counted, dated, toy_units, n=2, rng=1)
    with pytest.raises(InputError, match="`n` is 0"):
        sg.uncertainty.scdi_types(incidents(["exact"]), toy_units, n=0, rng=1)
