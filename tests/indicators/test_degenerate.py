"""What every measure answers where there is next to nothing to measure.

Seven worlds that real files bring along, and the answer of each measure in each of them: a stated
figure, "missing", or a refusal that says what to do. Results must also speak and show themselves.
"""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError

MONTHS = {"start": "2023-01-01", "end": "2023-04-30"}
CENTRES = {
    "M1": (0.5, 11.5),
    "M2": (1.5, 11.5),
    "N1": (2.5, 11.5),
    "N2": (2.5, 10.5),
    "B1": (0.5, 10.5),
    "B2": (1.5, 10.5),
}


def events(rows, precision="exact"):
    """Rows of lon, lat and month."""
    table = pd.DataFrame(rows, columns=["lon", "lat", "month"], dtype=float)
    dates = [f"2023-{int(month):02}-05" for month in table.pop("month")]
    return table.assign(date=pd.to_datetime(dates), location_precision=precision)


MONTH_OF_EACH = [1, 2, 3, 4]
WORLDS = {
    "one point": events([(0.5, 11.5, 1)]),
    "one place": events([(0.5, 11.5, month) for month in [1, 1, *MONTH_OF_EACH]]),
    "one unit": events([(0.2 * month, 11.5, month) for month in MONTH_OF_EACH]),
    "all zeros": events([]),
    "constant": events([(*at, month) for at in CENTRES.values() for month in MONTH_OF_EACH]),
    "two periods": events([(0.5, 11.5, 1)] * 3 + [(2.5, 10.5, 2)] * 5),
    "outside": events([(50.0, 50.0, month) for month in MONTH_OF_EACH]),
}


class World:
    """Incidents, units and the panel of one case."""

    def __init__(self, case, units):
        self.incidents = WORLDS[case]
        self.units = units.iloc[[0]] if case == "one unit" else units
        self.span = MONTHS | ({"end": "2023-02-28"} if case == "two periods" else {})

    @property
    def panel(self):
        return sg.count(sg.assign(self.incidents, self.units), self.units, **self.span)


def short(values):
    """Write figures as text a reader can check: three digits, ``-`` where missing."""
    return " ".join("-" if pd.isna(v) else f"{v:.3g}" if np.isreal(v) else str(v) for v in values)


def said(result, answer):
    """Check that a result speaks both languages and shows itself, and give its answer."""
    assert result._repr_html_().count("<p lang=") == 2
    assert result.sentence("fr") != result.sentence("en")
    return short(answer)


def local(measure, score):
    def run(world):
        found = measure(world.panel, world.units, rng=1, permutations=99)
        kinds = found.table["kind"].dropna().unique()
        assert set(kinds) <= {"not significant"}
        return said(found, found.table[score])

    return run


def whole(measure):
    def run(world):
        found = measure(world.panel, world.units, rng=1, permutations=99)
        return said(found, [found.value, found.p])

    return run


def joins(world):
    found = sg.hotspots.join_counts(world.panel, world.units, rng=1, permutations=99)
    return said(found, [*found.table["count"], *found.table["p"]])


def groups(measure):
    def run(world):
        found = measure(world.incidents)
        return said(found, found.labels)

    return run


def scan(model):
    def run(world):
        people = pd.Series(1.0, world.units["unit_id"].to_numpy())
        found = sg.clusters.scan(
            world.panel,
            world.units,
            rng=1,
            replicates=19,
            model=model,
            population=people if model == "poisson" else None,
        )
        return said(found, found.clusters["observed"])

    return run


def emerging(world):
    found = sg.emerging.hot_spots(world.panel, world.units)
    return said(found, found.table["kind"])


def scdi(world):
    found = sg.scdi.by_cell(world.incidents, grid="equal-area")
    return said(found, found.table["type"])


def scdi_types(world):
    found = sg.uncertainty.scdi_types(world.incidents, world.units, n=3, rng=1)
    return said(found, found.table["share"])


def location_error(world):
    measure = sg.uncertainty.on_panel(sg.density.rates, "incidents", **world.span)
    found = sg.uncertainty.propagate(measure, world.incidents, world.units, n=3, rng=1)
    certain = sg.uncertainty.class_certainty(found, breaks=[1, 5])
    assert not certain["uncertain"].any()
    assert found.table["low"].equals(found.table["high"])
    return said(found, found.table["recorded"])


def class_error(world):
    spots = partial(sg.hotspots.local_gi, rng=1, permutations=19)
    measure = sg.uncertainty.on_panel(spots, "kind", **world.span)
    found = sg.uncertainty.propagate(measure, world.incidents, world.units, n=3, rng=1)
    assert not sg.uncertainty.class_certainty(found)["uncertain"].any()
    return said(found, found.table["share"])


def risk(world):
    hazard = sg.risk.recent_hazard(world.panel, world.units, periods=1)
    people = pd.Series(100.0, world.units["unit_id"].to_numpy())
    found = sg.risk.index(hazard=hazard, exposure=people, vulnerability=people)
    return said(found, found.table["risk"])


def rank(world):
    hazard = sg.risk.recent_hazard(world.panel, world.units, periods=1)
    people = pd.Series(100.0, world.units["unit_id"].to_numpy())
    found = sg.risk.index(hazard=hazard, exposure=people, vulnerability=people)
    draws = sg.risk.hazard_draws(world.incidents, world.units, **world.span, periods=1, n=3, rng=1)
    ranks = sg.risk.rank_sensitivity(found, rng=1, n=20, draws=draws)
    return said(ranks, ranks.table["rank_high"])


MEASURES = {
    "Gi*": local(sg.hotspots.local_gi, "z"),
    "Gi": local(partial(sg.hotspots.local_gi, star=False), "z"),
    "local Moran": local(sg.hotspots.local_moran, "local_i"),
    "global Moran": whole(sg.hotspots.global_moran),
    "global G": whole(sg.hotspots.global_g),
    "join counts": joins,
    "DBSCAN": groups(partial(sg.clusters.dbscan, radius_km=5, min_incidents=3)),
    "ST-DBSCAN": groups(partial(sg.clusters.st_dbscan, radius_km=5, days=5, min_incidents=3)),
    "HDBSCAN": groups(partial(sg.clusters.hdbscan, min_incidents=3)),
    "scan": scan("permutation"),
    "Poisson scan": scan("poisson"),
    "emerging": emerging,
    "SCDi": scdi,
    "SCDi types": scdi_types,
    "location error": location_error,
    "class error": class_error,
    "risk": risk,
    "ranks": rank,
}

REFUSED = "refused: "
ANSWERS = {
    # M1 by hand: (1 - 4/6) / (0.3727 sqrt((6 x 4 - 16) / 5)) = 0.707; M2 and B2 see the whole map
    "Gi*": {
        "one point": "0.707 - -1.41 -1.41 0.707 -",
        "one place": "0.707 - -1.41 -1.41 0.707 -",
        "one unit": "-",
        "all zeros": "- - - - - -",
        "constant": "- - - - - -",
        "two periods": "-0.935 - -0.134 -0.134 -0.935 -",
        "outside": "- - - - - -",
    },
    # without M1 all others are the same: missing for it
    "Gi": {
        "one point": "- - -1.22 -1.22 0.816 -",
        "one place": "- - -1.22 -1.22 0.816 -",
        "one unit": "-",
        "all zeros": "- - - - - -",
        "constant": "- - - - - -",
        "two periods": "-1.22 - 0.0793 -1.22 -0.714 -",
        "outside": "- - - - - -",
    },
    "local Moran": {
        "one point": "-0.833 -0.0333 0.167 0.167 -0.167 -0.0333",
        "one place": "-0.833 -0.0333 0.167 0.167 -0.167 -0.0333",
        "one unit": "-",
        "all zeros": "- - - - - -",
        "constant": "- - - - - -",
        "two periods": "-0.476 -0.0762 -0.0952 -1.05 0.0952 -0.0762",
        "outside": "- - - - - -",
    },
    "global Moran": {
        "one point": "-0.147 1",
        "one place": "-0.147 1",
        "one unit": "- -",
        "all zeros": "- -",
        "constant": "- -",
        "two periods": "-0.335 0.7",
        "outside": "- -",
    },
    # one unit above 0 makes no pair
    "global G": {
        "one point": "- -",
        "one place": "- -",
        "one unit": "- -",
        "all zeros": "- -",
        "constant": "0.733 1",
        "two periods": "0 0.54",
        "outside": "- -",
    },
    # 8 of 11 links join two quiet units, 3 are those of M1
    "join counts": {
        "one point": "0 3 8 1 1 1",
        "one place": "0 3 8 1 1 1",
        "one unit": "0 0 0 1 1 1",
        "all zeros": "0 0 11 1 1 1",
        "constant": "11 0 0 1 1 1",
        "two periods": "0 6 5 0.62 1 0.86",
        "outside": "0 0 11 1 1 1",
    },
    "DBSCAN": {
        "one point": "-1",
        "one place": "0 0 0 0 0 0",
        "one unit": "-1 -1 -1 -1",
        "all zeros": "",
        "constant": "0 0 0 0 1 1 1 1 2 2 2 2 3 3 3 3 4 4 4 4 5 5 5 5",
        "two periods": "0 0 0 1 1 1 1 1",
        "outside": "0 0 0 0",
    },
    "ST-DBSCAN": {
        "one point": "-1",
        "one place": "0 0 0 -1 -1 -1",
        "one unit": "-1 -1 -1 -1",
        "all zeros": "",
        "constant": "-1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1",
        "two periods": "0 0 0 1 1 1 1 1",
        "outside": "-1 -1 -1 -1",
    },
    "HDBSCAN": {
        "one point": "-1",
        "one place": "0 0 0 0 0 0",
        "one unit": "-1 -1 -1 -1",
        "all zeros": "",
        "constant": "0 0 0 0 1 1 1 1 2 2 2 2 3 3 3 3 4 4 4 4 5 5 5 5",
        "two periods": "0 0 0 1 1 1 1 1",
        "outside": "0 0 0 0",
    },
    # a place that was always violent, or a time that was violent everywhere, is not its business
    "scan": {
        "one point": REFUSED + "`panel` holds 1 incidents; expected at least 2",
        "one place": "",
        "one unit": "",
        "all zeros": REFUSED + "`panel` holds 0 incidents; expected at least 2",
        "constant": "",
        "two periods": "3 5",
        "outside": REFUSED + "`panel` holds 0 incidents; expected at least 2",
    },
    "Poisson scan": {
        "one point": REFUSED + "`panel` holds 1 incidents; expected at least 2",
        "one place": "4",
        "one unit": "",
        "all zeros": REFUSED + "`panel` holds 0 incidents; expected at least 2",
        "constant": "",
        "two periods": "5 3",
        "outside": REFUSED + "`panel` holds 0 incidents; expected at least 2",
    },
    "emerging": {
        "one point": "no pattern no pattern no pattern no pattern no pattern no pattern",
        "one place": "no pattern no pattern no pattern no pattern no pattern no pattern",
        "one unit": "-",
        "all zeros": "- - - - - -",
        "constant": "- - - - - -",
        "two periods": "no pattern no pattern no pattern no pattern no pattern no pattern",
        "outside": "- - - - - -",
    },
    # the cells do not ask for units
    "SCDi": {
        "one point": "-",
        "one place": "CH",
        "one unit": "DL -",
        "all zeros": "",
        "constant": "CL CL CL CL CL CL",
        "two periods": "CH CL",
        "outside": "CL",
    },
    "SCDi types": {
        "one point": "-",
        "one place": "1",
        "one unit": "- 1",
        "all zeros": "",
        "constant": "1 1 1 1 1 1",
        "two periods": "1 1",
        "outside": "1",
    },
    "location error": {
        "one point": "1 0 0 0 0 0",
        "one place": "6 0 0 0 0 0",
        "one unit": "4",
        "all zeros": "0 0 0 0 0 0",
        "constant": "4 4 4 4 4 4",
        "two periods": "3 0 0 5 0 0",
        "outside": "0 0 0 0 0 0",
    },
    # a class in every draw, or none
    "class error": {
        "one point": "1 - 1 1 1 -",
        "one place": "1 - 1 1 1 -",
        "one unit": "-",
        "all zeros": "- - - - - -",
        "constant": "- - - - - -",
        "two periods": "1 - 1 1 1 -",
        "outside": "- - - - - -",
    },
    # nothing happened lately: hazard, and so the index, is 0
    "risk": {
        "one point": "0 0 0 0 0 0",
        "one place": "7.94 0 0 0 6.93 0",
        "one unit": "7.94",
        "all zeros": "0 0 0 0 0 0",
        "constant": "9.14 9.41 9.15 9.15 9.14 9.41",
        "two periods": "0 0 0 8.74 0 6.93",
        "outside": "0 0 0 0 0 0",
    },
    "ranks": {
        "one point": "1 1 1 1 1 1",
        "one place": "2 3 3 3 2 3",
        "one unit": "1",
        "all zeros": "1 1 1 1 1 1",
        "constant": "5 1 3 4 6 2",
        "two periods": "3 3 3 1 3 2",
        "outside": "1 1 1 1 1 1",
    },
}


@pytest.mark.parametrize("case", WORLDS)
@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_has_a_stated_answer(toy_units, name, case):
    expected = ANSWERS[name][case]
    world = World(case, toy_units)
    if expected.startswith(REFUSED):
        with pytest.raises(InputError, match=expected.removeprefix(REFUSED)):
            MEASURES[name](world)
    else:
        assert MEASURES[name](world) == expected


def test_one_value_far_from_the_rest_does_not_drown_their_differences(toy_units):
    """Gi leaves the unit itself out: what remains differs by ones beside a million."""
    weights = sg.hotspots.contiguity(toy_units, corners=False)
    values = np.array([1e6, 1.0, 2.0, 3.0, 4.0, 5.0])
    z = sg.hotspots.local_gi(values, toy_units, star=False, weights=weights, rng=1).table["z"]
    others, near = values[1:], values[weights.matrix.toarray()[0] > 0]
    spread = others.std() * np.sqrt((5 * len(near) - len(near) ** 2) / 4)
    assert z[0] == pytest.approx((near.sum() - others.mean() * len(near)) / spread, rel=1e-3)
