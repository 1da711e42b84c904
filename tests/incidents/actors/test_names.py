"""Who a name stands for: by rule, by the dated table, by place, and as the user says."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import FileError, InputError
from sahel_geo.incidents.actors.event_groups import EVENT_GROUPS, group_events
from sahel_geo.incidents.actors.register import Register
from sahel_geo.incidents.actors.sides import read_sides, resolve
from sahel_geo.indicators.actors.harmonise import _attribution

PUBLISHED = {
    "JNIM: Group for Support of Islam and Muslims": {"jnim"},
    "Group for Support of Islam and Muslims (JNIM)": {"jnim"},
    "Jama'at Nusrat al-Islam wal Muslimin (JNIM)": {"jnim"},
    "Islamic State (West Africa) - Greater Sahara Faction": {"is-sahel"},
    "Islamic State Sahel Province (ISSP)": {"is-sahel"},
    "État islamique dans le Grand Sahara (EIGS)": {"is-sahel"},
    "Islamic State West Africa Province (ISWAP)": {"iswap"},
    "Boko Haram - Jamatu Ahli is-Sunnah lid-Dawatai wal-Jihad": {"boko-haram"},
    "Military Forces of Mali (2020-2021) Gendarmerie": {"government-mali"},
    "Military Forces of Burkina Faso (2022-) Rapid Intervention Battalion": {
        "government-burkina-faso"
    },
    "Police Forces of Niger (2023-)": {"government-niger"},
    "Military Forces of France (2017-)": {"france"},
    "VDP: Volunteer for Defense of Homeland": {"vdp"},
    "MINUSMA: United Nations Multidimensional Integrated Stabilization Mission in Mali (2013-)": {
        "minusma"
    },
    "Movement for Oneness and Jihad in West Africa (MUJAO)": {"mujao"},
    "Civilians (Burkina Faso)": {"civilians"},
    "Rioters (Mali)": {"protesters"},
    "Unidentified Armed Group (Niger)": {"unidentified"},
    "Unknown": {"unidentified"},
    "hommes armés non identifiés": {"unidentified"},
}


def actors_of(**columns):
    table = pd.DataFrame({"date": pd.Timestamp("2021-05-01"), "country": "MLI", **columns})
    return read_sides(table).table


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_name_as_sources_write_it_resolves(name):
    assert (
        set(actors_of(actor1=[name]).query("side == 1 and rule != 'missing'")["actor_id"])
        == (PUBLISHED[name])
    )


@pytest.mark.parametrize(
    ("name", "date", "group"),
    [
        ("Katiba Macina", "2016-06-01", "katiba-macina"),
        ("Katiba Macina", "2017-03-02", "jnim"),
        ("FLM", "2017-02-28", "katiba-macina"),
        ("Ansar Dine", "2018-01-01", "jnim"),
        ("al-Mourabitoun", "2015-11-20", "al-mourabitoun"),
        ("MNLA", "2025-01-01", "fla"),
        ("MNLA", "2013-01-01", "mnla"),
        ("AQIM", "2019-01-01", "aqim"),
    ],
)
def test_a_name_means_the_group_of_its_date(name, date, group):
    table = pd.DataFrame({"actor1": [name], "date": pd.to_datetime([date])})
    assert read_sides(table).table["actor_id"].tolist() == [group]


@pytest.mark.parametrize(
    ("date", "alliance"),
    [("2014-06-01", "boko-haram"), ("2016-01-01", "islamic-state"), ("2020-01-01", "boko-haram")],
)
def test_an_alliance_is_that_of_the_date(date, alliance):
    table = pd.DataFrame({"actor1": ["Boko Haram"], "date": pd.to_datetime([date])})
    assert read_sides(table, level="alliance").table["actor_id"].tolist() == [alliance]


@pytest.mark.parametrize(
    ("lon", "lat", "country", "group"),
    [
        (12.6, 13.3, "NER", "iswap"),
        (1.5, 14.5, "NER", "is-sahel"),
        (-0.3, 14.7, "BFA", "is-sahel"),
        (13.2, 11.8, "NGA", "iswap"),
        (np.nan, np.nan, "MLI", "is-sahel"),
        (np.nan, np.nan, "NGA", "iswap"),
    ],
)
def test_is_of_ucdp_is_told_apart_by_place(lon, lat, country, group):
    table = pd.DataFrame({"actor1": ["IS"], "date": pd.Timestamp("2020-01-01"),
                          "lon": [lon], "lat": [lat], "country": [country]})  # fmt: skip
    assert read_sides(table).table["actor_id"].tolist() == [group]


def test_is_somewhere_in_niger_may_be_either():
    table = pd.DataFrame({"actor1": ["IS"], "country": ["NER"], "date": pd.Timestamp("2020-01-01")})
    split = read_sides(table).table
    assert split["weight"].tolist() == [0.5, 0.5]
    assert set(split["actor_id"]) == {"is-sahel", "iswap"}
    assert read_sides(table, ambiguous="unidentified").table["actor_id"].tolist() == [
        "unidentified"
    ]


def test_either_of_two_splits_the_weight_or_is_nobody():
    name = "JNIM: Group for Support of Islam and Muslims and/or Islamic State Sahel Province (ISSP)"
    table = pd.DataFrame({"actor1": [name], "actor2": ["Civilians (Mali)"]})
    split = read_sides(table).table.query("side == 1")
    assert dict(zip(split["actor_id"], split["weight"], strict=True)) == {
        "jnim": 0.5,
        "is-sahel": 0.5,
    }
    nobody = read_sides(table, ambiguous="unidentified").table.query("side == 1")
    assert nobody[["actor_id", "weight"]].values.tolist() == [["unidentified", 1.0]]


def test_either_of_two_in_one_alliance_is_that_alliance():
    table = pd.DataFrame({"actor1": ["JNIM and/or Ansaroul Islam"], "date": ["2018-01-01"]})
    found = read_sides(table, level="alliance", ambiguous="unidentified").table
    assert found[["actor_id", "weight"]].values.tolist() == [["al-qaida", 1.0]]


def test_those_who_act_together_count_each():
    assert actors_of(actor1=["GATIA, MSA"])[["actor_id", "weight"]].values.tolist() == [
        ["gatia", 1.0],
        ["msa", 1.0],
    ]


@pytest.mark.parametrize(
    ("name", "actor", "sure"),
    [
        ("JNIM (claimed)", "jnim", "claimed"),
        ("unclaimed; ISGS suspected", "is-sahel", "suspected"),
        ("JNIM (claimed); Ansarul Islam suspected at first", "jnim", "claimed"),
        ("Dogon militia suspected (Dan Na Ambassagou denied)", "label-dogon", "suspected"),
        ("unidentified armed men (UCDP codes IS)", "unidentified", ""),
        ("self-defence militia (Koglweogo) suspected", "koglweogo", "suspected"),
    ],
)
def test_claimed_and_suspected_are_how_sure_a_source_is_and_no_name(name, actor, sure):
    assert actors_of(actor1=[name])["actor_id"].tolist() == [actor]
    assert _attribution(name) == sure


def test_an_ethnic_label_stays_the_word_of_the_source():
    found = read_sides(pd.DataFrame({"actor1": ["Fulani Ethnic Militia (Burkina Faso)", "Dogon"]}))
    rows = found.names.loc[found.table["actor_id"].unique()]
    assert (rows["kind"] == "communal").all()
    assert rows["name_en"].str.contains("the source's word").all()
    assert rows["name_fr"].str.contains("mot de la source").all()


def test_soldiers_are_those_of_the_country():
    table = pd.DataFrame({"actor1": ["military"] * 3, "country": ["MLI", "NER", "BFA"]})
    assert read_sides(table).table["actor_id"].tolist() == [
        "government-mali",
        "government-niger",
        "government-burkina-faso",
    ]


def test_civilians_are_a_target_and_an_attack_by_nobody_named_has_one_unidentified():
    found = actors_of(actor1=["Civilians (Mali)", "Protesters (Mali)", None, "JNIM"])
    nobody = found[found["actor_id"] == "unidentified"]
    assert nobody["row"].tolist() == [0, 2]  # nobody armed is missing from a protest


def test_unknown_names_count_as_written_and_are_listed_with_the_nearest():
    table = pd.DataFrame({"actor1": ["Koglwego", "Some New Front", "JNIM"]})
    found = sg.actors.harmonise(table)
    assert found.unknown["name"].tolist() == ["Koglwego", "Some New Front"]
    assert found.unknown["nearest"][0] == "Koglweogo"
    assert set(found.table["actor_id"]) == {"koglwego", "some-new-front", "jnim"}
    assert "2" in found.sentence("en")
    assert "Koglwego" in found.sentence("fr")


def test_a_table_of_ones_own_adds_names_and_actors_and_goes_first(tmp_path):
    own = pd.DataFrame({"actor_id": ["some-front", "jnim"], "name_en": ["Some Front", ""],
                        "kind": ["rebel", ""],
                        "aliases": ["Some New Front|SNF|Koglweogo", "Katiba X"]})  # fmt: skip
    table = pd.DataFrame({"actor1": ["SNF", "Koglweogo", "Katiba X", "JNIM"]})
    assert read_sides(table, table=own).table["actor_id"].tolist() == [
        "some-front",
        "some-front",
        "jnim",
        "jnim",
    ]
    path = tmp_path / "own.csv"
    own.to_csv(path, index=False)
    assert resolve("Katiba X", path) == {"jnim"}
    assert resolve("Koglweogo") == {"koglweogo"}


def test_merging_two_names_lowers_the_number_by_one():
    table = pd.DataFrame({"actor1": ["A", "B", "C"], "date": pd.Timestamp("2020-01-01")})
    own = pd.DataFrame({"actor_id": ["a"], "aliases": ["A|B"]})
    before = sg.actors.fragmentation(table).table["n0"].item()
    assert sg.actors.fragmentation(table, table=own).table["n0"].item() == before - 1


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        ({"name": ["x"]}, "no column 'actor_id'"),
        ({"actor_id": ["x"], "sied": ["state"]}, "columns that a table of actors does not hold"),
        ({"actor_id": ["x"], "side": ["rebels"]}, "'side' that are not known"),
        ({"actor_id": ["x"], "zone": ["north"]}, "'zone' that are not known"),
        ({"actor_id": ["x"], "from": ["last year"]}, "dates in 'from' or 'to'"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(own, fault):
    with pytest.raises(InputError, match=fault):
        read_sides(pd.DataFrame({"actor1": ["JNIM"]}), table=pd.DataFrame(own))


def test_a_file_that_is_no_table_is_refused(tmp_path):
    with pytest.raises(FileError, match="cannot read"):
        resolve("JNIM", tmp_path / "missing.csv")
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"actor_id,aliases\n\xff\xfe,x\n")
    with pytest.raises(InputError, match="is no table of actors"):
        resolve("JNIM", path)


def test_settings_and_columns_that_do_not_exist_are_refused():
    table = pd.DataFrame({"actor1": ["JNIM"]})
    with pytest.raises(InputError, match="no column 'actor1'"):
        read_sides(pd.DataFrame({"who": ["JNIM"]}))
    with pytest.raises(InputError, match="`level` is 'person'"):
        read_sides(table, level="person")
    with pytest.raises(InputError, match="`ambiguous` is 'both'"):
        read_sides(table, ambiguous="both")


def test_the_table_is_whole():
    rows = Register.shipped().rows
    filled = ("actor_id", "short_en", "short_fr", "name_en", "name_fr", "kind", "side", "sources")
    assert (rows[list(filled)] != "").all(axis=None)
    assert set(rows["confidence"]) <= {"high", "medium", "low"}
    known = set(rows["actor_id"])
    assert set(rows["part_of"]) - {""} <= known
    assert (rows["since"] < rows["until"]).all()
    assert not rows["name_fr"].str.contains("'").any()
    noted = rows[rows["note_en"] != ""]
    assert (noted["note_fr"] != "").all()


def test_each_alias_means_one_actor_but_where_place_or_country_tells():
    for name, at in Register.shipped().aliases.items():
        rows = Register.shipped().rows.loc[list(at)]
        actors = rows.drop_duplicates("actor_id")
        told = (actors["zone"] != "").all() or (actors["country"] != "").all()
        assert len(actors) == 1 or told, name


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("Battles", "violence"),
        ("Explosions/Remote violence", "violence"),
        ("Violence against civilians", "violence"),
        ("state-based", "violence"),
        ("attaque", "violence"),
        ("something of ours", "violence"),
        (None, "violence"),
        ("190", "violence"),
        ("Protests", "demonstrations"),
        ("Riots", "demonstrations"),
        ("manifestation", "demonstrations"),
        ("141", "demonstrations"),
        ("Strategic developments", "other"),
        ("Agreement", "other"),
        ("043", "other"),
    ],
)
def test_kinds_of_event_are_grouped(kind, group):
    assert group_events(pd.Series([kind, "Battles"])).tolist() == [group, "violence"]
    assert group in EVENT_GROUPS


@pytest.mark.reference
@pytest.mark.parametrize(
    "file",
    [
        "ged251_bfa_2016_2022.csv",
        "ged211_mli_ner_bfa_prec12_reduced.csv",
        "ged211_neighbours_200km_reduced.csv",
    ],
)
def test_every_name_of_ucdp_resolves(reference_data, file):
    raw = pd.read_csv(reference_data / "ucdp" / file, low_memory=False)
    table = pd.DataFrame(
        {"actor1": raw["side_a"], "actor2": raw["side_b"], "lon": raw["longitude"],
         "lat": raw["latitude"], "date": pd.to_datetime(raw["year"].astype(int).astype(str))}
    )  # fmt: skip
    found = read_sides(table)
    assert set(found.table["rule"]) <= {"listed", "label"}
    assert not sg.actors.harmonise(table).unknown["name"].tolist()


@pytest.mark.reference
def test_is_of_ucdp_in_diffa_is_iswap(reference_data):
    raw = pd.read_csv(reference_data / "ucdp" / "ged211_mli_ner_bfa_prec12_reduced.csv")
    table = raw.rename(columns={"side_a": "actor1", "side_b": "actor2", "longitude": "lon",
                                "latitude": "lat"})  # fmt: skip
    table["date"] = pd.to_datetime(table["year"].astype(int).astype(str))
    found = read_sides(table[["actor1", "actor2", "lon", "lat", "date"]]).table
    east = table["lon"].to_numpy()[found["row"].to_numpy()] > 10
    own = found[found["name"] == "IS"]
    assert set(own.loc[east[own.index], "actor_id"]) == {"iswap"}
    assert set(own.loc[~east[own.index], "actor_id"]) == {"is-sahel"}


@pytest.mark.parametrize(
    ("name", "actors"),
    [
        ("Support Group for Islam and Muslims", {"jnim"}),
        ("JAMAAT NOUSRAT AL-ISLAM WAL-MOUSLIMINE", {"jnim"}),
        ("combattants du GSIM", {"jnim"}),
        ("terroristes du GSIM (affilié à Al-Qaïda)", {"jnim"}),
        # never the province of Lake Chad, of whose name they are a part
        ("ISWAP-Greater Sahara", {"is-sahel"}),
        ("ISWAP (Greater Sahara)", {"is-sahel"}),
        ("Islamic State West Africa Province (ISWAP) - Greater Sahara faction", {"is-sahel"}),
        ("ISWAP - Greater Sahara Faction (Mali)", {"is-sahel"}),
        ("État islamique au Grand Sahara", {"is-sahel"}),
        ("JNIM, ISWAP - Greater Sahara", {"jnim", "is-sahel"}),
        ("JNIM and ISWAP (Greater Sahara)", {"jnim", "is-sahel"}),
        ("ISWAP - Lake Chad faction", {"iswap"}),
        # whoever acts beside the first is no branch of it
        ("Military Forces of Mali (2021-) and Wagner Group", {"government-mali", "wagner"}),
        ("Military Forces of Mali and Wagner Group", {"government-mali", "wagner"}),
        ("FAMa+Wagner", {"government-mali", "wagner"}),
        ("FAMa avec Wagner", {"government-mali", "wagner"}),
        ("JNIM; IS Sahel", {"jnim", "is-sahel"}),
        ("Military Forces of Niger (2023-) Search and Rescue", {"government-niger"}),
        ("FDS (Niger)", {"government-niger"}),
        ("Malian army", {"government-mali"}),
        # who stands against a group, or left it, is not the group
        ("anti-Boko Haram vigilantes", {"anti-boko-haram-vigilantes"}),
        ("milice anti-JNIM", {"milice-anti-jnim"}),
        ("former JNIM fighters", {"former-jnim-fighters"}),
        ("N/A", {"unidentified"}),
        ("?", {"unidentified"}),
        ("individus armés", {"unidentified"}),
        ("villageois", {"civilians"}),
        ("milice dogon", {"label-dogon"}),
        ("\N{MATHEMATICAL BOLD CAPITAL J}NIM", {"jnim"}),
        ("JNIM" + " " * 100_000 + "and" + " " * 100_000 + "FAMa", {"jnim", "government-mali"}),
        ("Milices peules", {"label-fulani"}),
    ],
)
def test_no_two_actors_are_merged_and_none_is_split_or_dropped(name, actors):
    table = actors_of(actor1=[name], actor2="Unidentified Armed Group (Mali)")
    assert set(table.loc[table["side"] == 1, "actor_id"]) == actors


@pytest.mark.parametrize("level", ["group", "alliance"])
def test_a_name_of_marks_alone_makes_no_named_group_of_the_unidentified(level):
    names = ["?", "-", "  ", "", "Unidentified Armed Group (Mali)", "JNIM"]
    table = pd.DataFrame({"actor1": names, "actor2": "Civilians", "date": "2024-05-01"})
    found = sg.actors.harmonise(table, level)
    own = found.table.set_index("name")
    assert own.loc["?", "counts_as"] == "unidentified"
    assert own.loc["Unidentified Armed Group (Mali)", "counts_as"] == "unidentified"
    assert found.unidentified == pytest.approx(5 / 6)


def test_a_name_spelled_as_an_alliance_does_not_change_who_that_is():
    table = pd.DataFrame({"actor1": ["Mali", "FAMa"], "actor2": "JNIM", "date": "2024-05-01"})
    found = sg.actors.harmonise(table, "alliance").table.set_index("name")
    assert found.loc["FAMa", "counts_as"] == "state"
    assert found.loc["FAMa", "actor_id"] != found.loc["Mali", "actor_id"]


def test_a_table_of_actors_that_is_none_is_refused():
    with pytest.raises(InputError, match="`table` is a list"):
        sg.actors.harmonise(pd.DataFrame({"actor1": ["JNIM"]}), table=["JNIM"])
