"""Choosing incidents by actor, kind of event and target."""

import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.incidents.actors.selection import aimed_at_civilians, select

TABLE = pd.DataFrame(
    {
        "actor1": ["JNIM", "ISGS", "Protesters (Mali)", "FAMa", "Ansaroul Islam", "JNIM"],
        "actor2": ["FAMa", "Civilians (Mali)", None, "Civilians (Mali)", "VDP", None],
        "event_type": [
            "Battles",
            "Violence against civilians",
            "Protests",
            "Violence against civilians",
            "Battles",
            "Strategic developments",
        ],
        "date": pd.Timestamp("2021-03-01"),
    },
    index=[10, 20, 30, 40, 50, 60],
)


def test_violence_alone_by_default_and_what_is_left_out_is_said():
    chosen = select(TABLE)
    assert chosen.incidents.index.tolist() == [10, 20, 40, 50]
    assert chosen.left_out == 2
    assert "demonstrations (1)" in chosen.sentences[0]
    assert "manifestations (1)" in chosen.sentences[0].say("fr")


def test_nothing_is_said_where_everything_is_shown():
    assert select(TABLE.iloc[:2]).sentences == ()
    catalogue = sg.load_example_incidents()
    assert select(catalogue).incidents is catalogue


@pytest.mark.parametrize(
    ("kinds", "rows"),
    [
        (["all"], [10, 20, 30, 40, 50, 60]),
        (["demonstrations"], [30]),
        (["violence", "other"], [10, 20, 40, 50, 60]),
        (["battles"], [10, 50]),
    ],
)
def test_by_group_or_by_kind_as_the_file_writes_it(kinds, rows):
    assert select(TABLE, event_types=kinds).incidents.index.tolist() == rows


@pytest.mark.parametrize(
    ("actors", "rows"),
    [
        (["jnim"], [10]),
        (["GSIM"], [10]),
        (["is-sahel", "ansaroul-islam"], [20, 50]),
        (["al-qaida"], [10, 50]),
        (["islamic-state"], [20]),
        (["mali"], [10, 40]),
        (["aqim"], []),
    ],
)
def test_by_actor_or_alliance_on_either_side(actors, rows):
    assert select(TABLE, actors=actors).incidents.index.tolist() == rows


def test_aimed_at_civilians_by_actor_kind_or_the_source_itself():
    assert select(TABLE, civilians=True).incidents.index.tolist() == [20, 40]
    told = TABLE.assign(civilian_targeting=["Civilian targeting", *[None] * 5])
    assert aimed_at_civilians(told).tolist() == [True, True, False, True, False, False]
    ucdp = pd.DataFrame({"event_type": ["one-sided", "state-based"]})
    assert aimed_at_civilians(ucdp).tolist() == [True, False]


def test_small_numbers_are_not_stated_for_publication():
    assert "(1)" not in select(TABLE, least=5).sentences[0]


def test_what_does_not_exist_is_refused():
    with pytest.raises(InputError, match=r"'jnmi' is the name of no actor.*Did you mean 'JNIM'"):
        select(TABLE, actors=["jnmi"])
    with pytest.raises(InputError, match="kinds that the table does not hold: \\['Battels'\\]"):
        select(TABLE, event_types=["Battels"])
    with pytest.raises(InputError, match="do not tell who was the target"):
        select(TABLE[["actor1"]], civilians=True)
