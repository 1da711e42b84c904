"""UCDP GED and ACLED as published: every row accounted for, every code translated."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.incidents.catalogue import SELECTION_NOTICE, is_selection
from sahel_geo.schema import DATE_PRECISIONS, INCIDENT_COLUMNS, LOCATION_PRECISIONS

UCDP_COLUMNS = (
    "id,year,type_of_violence,side_a,side_b,where_prec,where_coordinates,latitude,longitude,"
    "country,date_prec,date_start,date_end,best,high,low"
)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.reference
def test_every_event_of_the_ucdp_file_is_kept_with_its_figures(reference_data):
    path = reference_data / "ucdp" / "ged251_bfa_2016_2022.csv"
    oracle = rows_of(path)
    incidents = sg.read_incidents(path)
    assert incidents.report.format == "ucdp-ged"
    assert (len(oracle), len(incidents), len(incidents.quarantine)) == (910, 910, 0)
    for ours, theirs in (("low", "low"), ("best", "best"), ("high", "high")):
        total = sum(int(row[theirs]) for row in oracle)
        assert incidents[f"fatalities_{ours}"].sum() == total
    assert incidents["incident_id"].tolist() == [row["id"] for row in oracle]
    assert incidents["place"].tolist() == [row["where_coordinates"] for row in oracle]
    np.testing.assert_array_equal(incidents["lon"], [float(row["longitude"]) for row in oracle])
    np.testing.assert_array_equal(incidents["lat"], [float(row["latitude"]) for row in oracle])
    days = incidents["date"].dt.strftime("%Y-%m-%d").tolist()
    assert days == [row["date_start"][:10] for row in oracle]
    assert set(incidents["country"]) == {"BFA"}


@pytest.mark.reference
def test_ucdp_precision_codes_are_counted_as_documented(reference_data):
    path = reference_data / "ucdp" / "ged251_bfa_2016_2022.csv"
    codes = Counter(row["where_prec"] for row in rows_of(path))
    found = sg.read_incidents(path)["location_precision"].value_counts().to_dict()
    assert found == {
        "exact": codes["1"],
        "near": codes["2"],
        "admin2": codes["3"] + codes["5"],
        "admin1": codes["4"],
        "country": codes["6"],
    }


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ged211_mli_ner_bfa_prec12_reduced.csv", 1541),
        ("ged211_neighbours_200km_reduced.csv", 1764),
    ],
)
def test_reduced_tables_with_columns_of_their_own_lose_no_row(reference_data, name, expected):
    path = reference_data / "ucdp" / name
    oracle = rows_of(path)
    incidents = sg.read_incidents(path)
    assert len(incidents) == len(oracle) == expected
    assert incidents["fatalities_best"].sum() == sum(float(row["best_death"]) for row in oracle)
    days = [
        f"{float(row['year']):.0f}-{float(row['month']):02.0f}-{int(row['day']):02d}"
        for row in oracle
    ]
    assert incidents["date"].dt.strftime("%Y-%m-%d").tolist() == days
    assert set(incidents["date_precision"]) == {"day"}
    assert not incidents["incident_id"].str.contains(".", regex=False).any()


def test_ucdp_codes_become_words(write):
    rows = [
        "1,2017,1,Gov,JNIM,{p},Djibo town,14.1,-1.6,Burkina Faso,{d},2017-05-13 00:00:00.000,"
        "2017-05-13 00:00:00.000,2,3,1".replace("1,2017,1", f"{n},2017,{t}").format(p=p, d=d)
        for n, (t, p, d) in enumerate(
            [
                ("1", 1, 1),
                ("2", 2, 2),
                ("3", 3, 3),
                ("1", 4, 4),
                ("1", 5, 5),
                ("1", 6, 1),
                ("1", 7, 1),
            ],
        )
    ]
    incidents = sg.read_incidents(write("\n".join([UCDP_COLUMNS, *rows])))
    assert tuple(incidents.columns[:19]) == INCIDENT_COLUMNS
    assert tuple(incidents.columns[19:]) == ("year", "date_end")
    assert incidents["event_type"].tolist()[:3] == ["state-based", "non-state", "one-sided"]
    assert incidents["location_precision"].tolist() == [
        "exact", "near", "admin2", "admin1", "admin2", "country", "unknown",
    ]  # fmt: skip
    assert incidents["date_precision"].tolist()[:5] == ["day", "week", "week", "month", "year"]
    assert set(incidents["source"]) == {"UCDP GED"}
    assert incidents["source_id"].tolist() == incidents["incident_id"].tolist()


def test_ucdp_tolls_out_of_order_are_kept_as_published_with_a_note(write):
    row = "1,2017,1,A,B,1,Djibo,14.1,-1.6,Burkina Faso,1,2017-05-13,2017-05-13,2,1,2"
    incidents = sg.read_incidents(write(f"{UCDP_COLUMNS}\n{row}\n"))
    assert incidents["fatalities_best"].tolist() == [2.0]
    assert "1 row has low, best and high tolls out of order" in incidents.report.notes[0]


OLD_ACLED = (
    "data_id,iso,event_id_cnty,event_id_no_cnty,event_date,year,time_precision,event_type,"
    "sub_event_type,actor1,assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,region,"
    "country,admin1,admin2,admin3,location,latitude,longitude,geo_precision,source,source_scale,"
    "notes,fatalities,timestamp,iso3"
)
OLD_ROW = (
    "9000001,854,BFA9001,9001,04 June 2021,2021,1,Battles,Armed clash,Group A,,2,Force B,,1,12,"
    'Western Africa,Burkina Faso,Sahel,Yagha,Sebba,Solhan,13.3824,0.4535,1,"Invented; Other",'
    'National,"An invented note, with a comma",12,1623000000,BFA'
)
NEW_ACLED = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,"
    "assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,"
    "country,admin1,admin2,admin3,location,latitude,longitude,geo_precision,source,source_scale,"
    "notes,fatalities,tags,timestamp"
)
NEW_ROW = (
    "MLI9002,2023-08-17,2023,{time},Political violence,Explosions/Remote violence,Shelling,"
    "Group A,,Rebel group,Civilians,,Civilians,Rebel-Civilians,Civilian targeting,466,"
    "Western Africa,Mali,Gao,Ansongo,Ansongo,Ansongo,15.6597,0.5022,{geo},Invented,National,"
    "An invented note,3,,1692300000"
)


def test_acled_export_of_the_older_kind(write):
    incidents = sg.read_incidents(write(f"{OLD_ACLED}\n{OLD_ROW}\n"))
    assert incidents.report.format == "acled"
    row = incidents.iloc[0]
    assert row["incident_id"] == "BFA9001"
    assert row["date"] == pd.Timestamp("2021-06-04")
    assert (row["country"], row["place"], row["lon"], row["lat"]) == (
        "BFA",
        "Solhan",
        0.4535,
        13.3824,
    )
    assert (row["event_type"], row["actor1"], row["actor2"]) == ("Battles", "Group A", "Force B")
    assert row["fatalities_best"] == 12
    assert np.isnan([row["fatalities_low"], row["fatalities_high"]]).all()
    assert row["source"] == "ACLED"


@pytest.mark.parametrize(
    ("geo", "time", "location", "date"),
    [(1, 1, "exact", "day"), (2, 2, "near", "week"), (3, 3, "admin1", "month")],
)
def test_acled_export_of_the_newer_kind(write, geo, time, location, date):
    incidents = sg.read_incidents(write(f"{NEW_ACLED}\n{NEW_ROW.format(geo=geo, time=time)}\n"))
    assert incidents.report.format == "acled"
    assert incidents["country"].tolist() == ["MLI"]
    assert incidents["location_precision"].tolist() == [location]
    assert incidents["date_precision"].tolist() == [date]


def test_the_catalogue_is_a_selection_and_says_so():
    incidents = sg.load_example_incidents()
    assert len(incidents) == 78
    assert incidents["country"].value_counts().to_dict() == {"MLI": 30, "BFA": 28, "NER": 20}
    assert incidents.report.is_selection
    assert incidents["fatalities_best"].isna().all()
    assert (incidents["fatalities_low"] <= incidents["fatalities_high"]).all()
    assert incidents["incident_id"].is_unique
    assert set(incidents["location_precision"]) <= set(LOCATION_PRECISIONS)
    assert set(incidents["date_precision"]) <= set(DATE_PRECISIONS)
    solhan = incidents.set_index("incident_id").loc["BFA-2021-06-04-solhan"]
    assert (solhan["fatalities_low"], solhan["fatalities_high"]) == (132, 160)
    two_sites = incidents.set_index("incident_id").loc["MLI-2018-04-26-aklaz"]
    assert two_sites["location_precision"] == "admin2"


def test_the_catalogue_is_recognised_after_slicing_and_joining():
    incidents = sg.load_example_incidents()
    assert is_selection(incidents[["lon", "lat"]])
    assert is_selection(pd.concat([incidents.iloc[:2], incidents.iloc[5:6]]))
    assert not is_selection(pd.DataFrame({"source": ["UCDP GED"]}))
    assert "ni taux, ni tendance" in SELECTION_NOTICE.say("fr")
    assert "no rate, trend or share" in SELECTION_NOTICE.say("en")
