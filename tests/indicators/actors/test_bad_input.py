"""Tables and settings that nobody should give, and what is said of them."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from tests.conftest import make_toy_units

UNITS = make_toy_units()
TABLE = pd.DataFrame(
    {
        "date": pd.to_datetime(["2020-01-01", "2021-05-03", "2022-06-07"]),
        "lon": [0.5, 1.5, 2.5],
        "lat": [11.5, 11.5, 10.5],
        "country": ["MLI", "MLI", "NER"],
        "actor1": ["JNIM", "IS", "JNIM"],
        "actor2": ["IS", "Civilians", None],
    }
)
MEASURES = {
    "harmonise": sg.actors.harmonise,
    "fragmentation": lambda table: sg.actors.fragmentation(table, UNITS, replicates=9),
    "rivalry": lambda table: sg.actors.rivalry(table, "is-sahel", "jnim", replicates=9),
    "overlap": lambda table: sg.actors.overlap(
        sg.actors.panel(table, UNITS), "jnim", "is-sahel", deals=9
    ),
    "network": lambda table: sg.actors.network(table, replicates=9),
    "front": lambda table: sg.actors.front(table, units=UNITS, replicates=9),
    "reach_map": lambda table: sg.actors.reach_map(table, UNITS),
}
TABLES = {
    "empty": TABLE[:0],
    "one row": TABLE[:1],
    "nobody": TABLE.assign(actor1="Civilians", actor2="Civilians"),
    "missing": TABLE.assign(actor1=np.nan),
    "numbers": TABLE.assign(actor1=[1, 2, 3]),
    "undated": TABLE.assign(date=pd.NaT),
    "nowhere": TABLE.assign(lon=np.nan, lat=np.nan),
    "text for a place": TABLE.assign(lon="a"),
    "blank": TABLE.assign(actor1=["", "  ", "JNIM and/or " + "x" * 5000]),
    "marks": TABLE.assign(actor1=["JN\nIM", "<b>x</b>", "{name} %s"]),
    "semicolons": TABLE.assign(actor1="JNIM; ISGS; ", actor2=";;;"),
    "categories": TABLE.assign(actor1=TABLE["actor1"].astype("category")),
    "dates as text": TABLE.assign(date=["2020-01-01", "2021-01-01", "2022-01-01"]),
    "no dates": TABLE.assign(date=["x", "y", "z"]),
    "half the associates": TABLE.assign(
        assoc_actor_1=["Katiba Macina; Ansar Dine", None, ""], assoc_actor_2=np.nan
    ),
    "repeated index": TABLE.set_index(pd.Index([0, 0, 0])),
    "no table": None,
}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("table", TABLES)
def test_degenerate_tables_are_answered_in_words(table, measure):
    try:
        found = MEASURES[measure](TABLES[table])
    except InputError as error:
        error.say("fr")
        return
    for lang in ("fr", "en"):
        words = found.sentence(lang).lower().split()
        assert words
        assert not {"nan", "inf", "none"} & set(words)


@pytest.mark.parametrize(
    ("to", "match"),
    [
        (5, "`to` is 5; expected 'capital'"),
        ((1, 2, 3), "a pair"),
        ({"x": ("a", 2)}, "places such as"),
        ({"x": (np.nan, 2)}, "outside"),
        (pd.DataFrame({"a": [1]}), "a table with name, lon and lat"),
        ({}, "is empty"),
        ("Niamey", "'capital'"),
    ],
)
def test_places_that_cannot_be_read_are_refused(to, match):
    with pytest.raises(InputError, match=match):
        sg.actors.front(TABLE, to, units=UNITS)


def test_dates_that_cannot_be_read_are_named():
    with pytest.raises(InputError, match=r"3 dates that cannot be read: \['x', 'y', 'z'\]"):
        sg.actors.fragmentation(TABLES["no dates"])


def test_kinds_of_event_that_the_file_does_not_state_are_not_taken_for_all():
    with pytest.raises(InputError, match="state no kind of event"):
        sg.actors.select(TABLE, event_types=["demonstrations"])
    assert len(sg.actors.select(TABLE, event_types="violence").incidents) == 3
    assert len(sg.actors.select(TABLE, actors="is-sahel").incidents) == 2


def test_a_width_that_is_none_is_refused():
    with pytest.raises(InputError, match="a length above 0"):
        sg.actors.reach_map(TABLE, UNITS, bandwidth_km=-1)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"replicates": 2.5}, "`replicates` is 2.5"),
        ({"confidence": "x"}, "`level` 'x'"),
        ({"event_groups": None}, "do not exist"),
        ({"event_groups": 5}, "do not exist"),
    ],
)
def test_settings_of_another_kind_are_refused(options, match):
    with pytest.raises(InputError, match=match):
        sg.actors.fragmentation(TABLE, **options)
