"""Every measure of spillover under location error: its result goes in, an interval comes out."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.uncertainty.uncertainty import Propagated, PropagatedClasses, propagate

SPAN = {"start": "2018-01-01", "end": "2020-12-31"}


def incidents(precision="near", size=180):
    """Incidents round the point where three countries meet, over three years."""
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(1.3, 2.7, size), rng.uniform(10.4, 11.6, size)
    country = np.where(lat > 11, np.where(lon < 2, "MLI", "NER"), np.where(lon < 2, "BFA", "NER"))
    return pd.DataFrame(
        {
            "lon": lon,
            "lat": lat,
            "date": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 1096, size), "D"),
            "country": country,
            "location_precision": precision,
        },
    )


def panel(placed, units):
    return sg.count(placed, units, **SPAN)


def followed(placed, units):
    """Let the country of an incident follow the place that was drawn."""
    country = units.set_index("unit_id")["country"]
    return placed.assign(country=placed["unit_id"].map(country))


def hit(placed, units):
    return panel(placed, units).groupby("unit_id")["incidents"].sum() > 44


MEASURES = {
    "border": lambda p, u: sg.border.proximity_profile(
        p, sg.international_borders(u), u, distances_km=(25, 50)
    ),
    "exposure": lambda p, u: sg.border.exposure(panel(p, u), u).by_unit()["foreign_share"],
    "exposure by month": lambda p, u: sg.border.exposure(panel(p, u), u),
    "knox": lambda p, _: sg.near_repeat.knox(
        p, distances_km=[0, 20, 50], days=[0, 14], by="border", permutations=9, rng=1
    ),
    "space-time K": lambda p, u: sg.k_functions.space_time_k(
        p, u, distances_km=[50], days=[14, 30], permutations=9, rng=1
    ),
    "cross-K": lambda p, u: sg.k_functions.space_time_cross_k(
        p, u, distances_km=[50], days=[30], by="country", permutations=9, rng=1
    ),
    "moran": lambda p, u: sg.cross_border.moran(panel(p, u), u, rng=1, lags=[0, 1], permutations=9),
    "joins": lambda p, u: sg.cross_border.join_counts(hit(p, u), u, rng=1, permutations=9),
    "diffusion": lambda p, u: sg.diffusion.join_counts(panel(p, u), u, rng=1, permutations=9),
    "contagion": lambda p, u: sg.contagion.fit(panel(p, u), u),
    "hawkes": lambda p, u: sg.hawkes.fit(followed(p, u), by="country", rng=1, **SPAN),
    "hawkes in space": lambda p, u: sg.hawkes.fit_spatial(p, by="country", window=u, rng=1, **SPAN),
    "connectedness": lambda p, u: sg.connectedness.fit(
        sg.connectedness.series_of(panel(p, u), u), rng=1, lags=1, replicates=0, shifts=0
    ),
    "migration": lambda p, u: sg.migration.path(p, u, rng=1, replicates=0, **SPAN),
}


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_gets_an_interval_and_exact_places_get_none(toy_units, name):
    measure, draws = MEASURES[name], 2 if "hawkes" in name or name == "contagion" else 4
    found = propagate(measure, incidents(), toy_units, rng=1, n=draws)
    assert isinstance(found, Propagated)
    assert not found.failures
    assert found.draws.shape == (draws, len(found.table))
    known = found.table.dropna()
    assert len(known) > 0
    assert (known["low"] <= known["high"]).all()
    assert known["sd"].max() > 0
    if draws == 4:
        exact = propagate(measure, incidents("exact"), toy_units, rng=1, n=2)
        same = exact.table.dropna()
        assert same["low"].to_numpy() == pytest.approx(same["recorded"].to_numpy())
        assert same["high"].to_numpy() == pytest.approx(same["recorded"].to_numpy())
        assert same.index.equals(known.index) or len(same) > 0
    assert found.sentence("en").startswith("The ")
    assert found.sentence("fr").startswith("La valeur relevée")


def test_rows_are_named_by_what_tells_them_apart(toy_units):
    def index(name, **options):
        return propagate(MEASURES[name], incidents(), toy_units, rng=1, n=2, **options).table.index

    assert index("knox").names[:3] == ["part", "distance_from_km", "distance_to_km"]
    assert ("cross_border", 0.0, 20.0, 0.0, 14.0) in index("knox")
    assert index("moran").names == ["lag", "links"]
    assert index("border").names == ["figure", "border", "distance_km"]
    assert index("connectedness").names == ["measure", "series", "other"]
    assert index("knox", columns=["observed", "p"]).get_level_values(
        "figure"
    ).unique().tolist() == [
        "observed",
        "p",
    ]


def test_the_country_of_a_centre_becomes_a_share_of_the_draws(toy_units):
    found = propagate(
        MEASURES["migration"],
        incidents("admin2"),
        toy_units,
        rng=1,
        n=20,
        areas={"admin2": toy_units},
        columns="country",
    )
    assert isinstance(found, PropagatedClasses)
    assert found.shares.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    assert found.table.index.astype(str).tolist() == ["2018", "2019", "2020"]


def test_rows_that_come_and_go_are_matched_by_name(toy_units):
    def by_unit(placed, units):
        return placed.groupby("unit_id").size().rename("incidents").reset_index()

    one = incidents().iloc[:1].assign(lon=1.95, lat=11.5)
    found = propagate(by_unit, one, toy_units, rng=1, n=60)
    assert found.table.index.tolist() == ["M2", "N1"]  # the second in draws only
    assert found.table["recorded"].isna().tolist() == [False, True]
    assert np.nansum(found.draws, axis=1).tolist() == [1] * 60


def test_draws_that_a_measure_refuses_are_counted_and_not_fatal(toy_units):
    calls = []

    def refuses_every_third(placed, units):
        calls.append(None)
        if len(calls) % 3 == 0:
            raise InputError("`placed` is bad luck; expected better. Draw again.")
        return len(placed)

    found = propagate(refuses_every_third, incidents(), toy_units, rng=1, n=8)
    assert found.failures == {"`placed` is bad luck; expected better. Draw again.": 3}
    assert np.isnan(found.draws[:, 0]).sum() == 3
    assert found.table.loc[0, ["low", "high"]].tolist() == [180, 180]
    assert found.sentence("en").endswith("The measure has no answer in 3 of 8 draws.")
    assert found.sentence("fr").endswith("sans réponse pour 3 des 8 tirages.")
    kinds = propagate(
        lambda p, u: ["a"] if refuses_every_third(p, u) else [], incidents(), toy_units, rng=1, n=5
    )
    assert sum(kinds.failures.values()) == 2
    assert kinds.table["share"].tolist() == [0.6]


def test_a_measure_without_any_answer_says_why(toy_units):
    answers = iter([1.0])

    def once(placed, units):
        try:
            return next(answers)
        except StopIteration:
            raise InputError("`placed` has nothing left.") from None

    with pytest.raises(InputError, match=r"no answer in any of 3 draws.*nothing left"):
        propagate(once, incidents(), toy_units, rng=1, n=3)
    with pytest.raises(InputError, match="nothing left"):
        propagate(once, incidents(), toy_units, rng=1, n=3)


def test_tables_without_names_or_columns_are_refused(toy_units):
    twice = pd.DataFrame({"unit": ["A", "A"], "figure": [1, 2]})
    with pytest.raises(InputError, match=r"1 rows with the name of another: \['A'\]"):
        propagate(lambda *_: twice, incidents(), toy_units, rng=1, n=2)
    with pytest.raises(InputError, match=r"1 names.*\['ratios'\].*Did you mean 'ratio'"):
        propagate(MEASURES["knox"], incidents(), toy_units, rng=1, n=2, columns="ratios")
