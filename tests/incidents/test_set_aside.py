"""Rows set aside: one reason per fault, the row number of the spreadsheet, nothing lost."""

import csv
import json
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.errors import FileError, InputError
from sahel_geo.incidents import quarantine as asides
from sahel_geo.incidents import reasons
from sahel_geo.incidents.quality import quality_report
from sahel_geo.incidents.quarantine import write_quarantine
from sahel_geo.incidents.reading import incidents_from_frame
from sahel_geo.schema import INCIDENT_COLUMNS

HEADER = "id,date,country,place,lon,lat,low,best,high"
GOOD = [f"{n},2021-06-{n:02d},BFA,Village {n},-1.5,14.{n:02d},1,2,3" for n in range(1, 10)]

FAULTY = {
    reasons.RAGGED_ROW: "20,2021-06-04,BFA,Djibo,-1.6,14.1,1,2",
    reasons.DAMAGED_TEXT: "20,2021-06-04,BFA,Dji\0bo,-1.6,14.1,1,2,3",
    reasons.REPEATED_HEADER: HEADER,
    reasons.TOTAL: "20,2021-06-30,BFA,Total juin,-1.6,14.1,1,2,3",
    reasons.NO_DATE: "20,,BFA,Djibo,-1.6,14.1,1,2,3",
    reasons.IMPOSSIBLE_DATE: "20,2021-02-30,BFA,Djibo,-1.6,14.1,1,2,3",
    reasons.FUTURE_DATE: "20,2391-02-03,BFA,Djibo,-1.6,14.1,1,2,3",
    reasons.NOT_A_NUMBER: "20,2021-06-04,BFA,Djibo,ouest,14.1,1,2,3",
    reasons.NO_LOCATION: "20,2021-06-04,BFA,,,,1,2,3",
    reasons.ZERO_COORDINATES: "20,2021-06-04,BFA,Djibo,0,0,1,2,3",
    reasons.SWAPPED_COORDINATES: "20,2021-06-04,BFA,Djibo,14.1,-1.6,1,2,3",
    reasons.COORDINATES_OUTSIDE_WORLD: "20,2021-06-04,,Djibo,-1.6,141,1,2,3",
    reasons.OUTSIDE_COUNTRY: "20,2021-06-04,BFA,Djibo,-1.6,41,1,2,3",
    reasons.ABSURD_FATALITIES: "20,2021-06-04,BFA,Djibo,-1.6,14.1,1,1e308,",
    reasons.NEGATIVE_FATALITIES: "20,2021-06-04,BFA,Djibo,-1.6,14.1,-1,2,3",
    reasons.FATALITIES_OUT_OF_ORDER: "20,2021-06-04,BFA,Djibo,-1.6,14.1,1,4,3",
    reasons.DUPLICATE_ROW: GOOD[0],
    reasons.DUPLICATE_ID: "1,2021-06-04,BFA,Djibo,-1.6,14.1,1,2,3",
}


@pytest.mark.parametrize("code", FAULTY)
def test_each_fault_has_its_reason_and_its_row_number(write, code):
    lines = [HEADER, *GOOD[:4], FAULTY[code], *GOOD[4:]]
    incidents = sg.read_incidents(write("\n".join(lines) + "\n"))
    quarantine = incidents.quarantine
    assert quarantine["row"].tolist() == [6]
    assert quarantine["reason"].tolist() == [code]
    assert quarantine["detail"].str.len().tolist()[0] > 5
    assert quarantine["id"].tolist() == [FAULTY[code].split(",")[0]]
    assert incidents.report.set_aside == {code: 1}
    assert len(incidents) == len(GOOD)


def test_every_reason_is_explained_in_both_languages():
    tested = {*FAULTY, reasons.NOT_A_POINT, reasons.AMBIGUOUS_DATE, reasons.NOT_AN_EVENT}
    assert set(reasons.REASONS) == tested
    assert all(text.say("fr") != str(text) for text in reasons.REASONS.values())


def test_all_faults_of_a_row_are_told_at_once(write):
    lines = [HEADER, *GOOD, "20,2021-02-30,BFA,Djibo,ouest,14.1,-1,2,3"]
    detail = sg.read_incidents(write("\n".join(lines))).quarantine["detail"].tolist()[0]
    assert "is no date" in detail
    assert "is not a number" in detail
    assert "low −1" in detail


def test_rows_beyond_the_first_keep_their_number_reason_and_fields(write, monkeypatch):
    monkeypatch.setattr(reasons, "MOST_WORDED", 2)
    bad = [f"{n},2021-02-30,BFA,Djibo,-1.6,14.{n},1,2,3" for n in range(20, 25)]
    worse = "25,2021-06-04,BFA,Djibo,ouest,14.1,-1,2,3"
    quarantine = sg.read_incidents(write("\n".join([HEADER, *GOOD, *bad, worse]))).quarantine
    assert quarantine["row"].diff().dropna().eq(1).all()
    assert quarantine["reason"].tolist() == ["impossible_date"] * 5 + ["not_a_number"]
    assert quarantine["id"].tolist() == [str(n) for n in range(20, 26)]
    worded = quarantine["detail"].str.contains("2021-02-30")
    assert worded.tolist() == [True, True, False, False, False, False]
    plain = reasons.REASONS["impossible_date"]
    assert quarantine["detail"].tolist()[4] == str(plain)
    assert quarantine.say("fr")["detail"].tolist()[4] == plain.say("fr")


def test_a_file_of_which_millions_of_rows_cannot_be_used_is_refused(write, monkeypatch):
    monkeypatch.setattr(asides, "MOST_SET_ASIDE", 10)
    rows = [f"{n},2021-02-30,BFA,Djibo,-1.6,14.1,1,2,3" for n in range(11)]
    said = r"11 of 11 rows cannot be used.*The first is row 2, impossible_date: .*2021-02-30"
    with pytest.raises(InputError, match=said):
        sg.read_incidents(write("\n".join([HEADER, *rows])))


def test_a_wholly_swapped_file_is_an_error_with_its_remedy(write):
    swapped = [f"{n},2021-06-0{n},BFA,Djibo,14.{n},-1.6,1,2,3" for n in range(1, 6)]
    with pytest.raises(InputError, match=r"swapped in 5 of 5 rows .*mapping="):
        sg.read_incidents(write("\n".join([HEADER, *swapped])))


def test_metres_are_an_error_with_their_remedy(write):
    with pytest.raises(InputError, match=r"look like metres, not degrees, in 1 rows.*EPSG:4326"):
        sg.read_incidents(write(f"{HEADER}\n1,2021-06-04,BFA,Djibo,651234,1558123,1,2,3\n"))


def test_half_a_pair_of_coordinates_is_not_used(write):
    incidents = sg.read_incidents(write(f"{HEADER}\n1,2021-06-04,BFA,Djibo,-1.6,,1,2,3\n"))
    assert incidents[["lon", "lat"]].isna().all(axis=None)
    assert "only one of lon and lat" in incidents.report.notes[0]


def test_incidents_in_other_countries_are_kept(write):
    text = f"{HEADER}\n1,2021-06-04,Nigéria,Maiduguri,13.16,11.85,1,2,3\n"
    assert sg.read_incidents(write(text))["country"].tolist() == ["NGA"]


def test_identifiers_do_not_depend_on_the_order_of_rows(write):
    lines = [line.split(",", 1)[1] for line in GOOD]
    header = HEADER.split(",", 1)[1]
    first = sg.read_incidents(write("\n".join([header, *lines]), "a.csv"))
    random.Random(1).shuffle(lines)
    second = sg.read_incidents(write("\n".join([header, *lines]), "b.csv"))
    assert first["incident_id"].is_unique
    assert first["incident_id"].str.fullmatch(r"h[0-9a-f]{16}").all()
    assert dict(zip(first["place"], first["incident_id"], strict=True)) == dict(
        zip(second["place"], second["incident_id"], strict=True),
    )


def test_rows_equal_in_our_columns_but_not_in_others_are_numbered(write):
    text = "date,lon,lat,remark\n2020-01-01,1,15,first report\n2020-01-01,1,15,second report\n"
    ids = sg.read_incidents(write(text))["incident_id"].tolist()
    assert ids[1] == f"{ids[0]}-2"


def test_slices_keep_the_quarantine_and_plain_operations_work(write, tmp_path):
    incidents = sg.read_incidents(write("\n".join([HEADER, *GOOD, FAULTY[reasons.NO_DATE]])))
    part = incidents[incidents["lat"] > 14.05]
    assert len(part.quarantine) == 1
    assert part.report.rows_read == 10
    joined = pd.concat([part, part])
    assert len(joined.quarantine) == 0
    assert len(joined) == 2 * len(part)
    part.to_parquet(tmp_path / "part.parquet")
    assert tuple(pd.read_parquet(tmp_path / "part.parquet").columns) == INCIDENT_COLUMNS
    with pytest.raises(AttributeError, match="cannot assign"):
        incidents.report.rows_read = 3


def test_quarantine_file_runs_nothing_in_a_spreadsheet(write, tmp_path):
    cells = ["=1+1", "+cmd|'/c calc'!A1", "-2", "@SUM(A1)", "\tx"]
    rows = [f'{n},2021-02-30,BFA,"{cell}",-1.6,14.1,1,2,3' for n, cell in enumerate(cells)]
    incidents = sg.read_incidents(write("\n".join([HEADER, *rows])))
    path = write_quarantine(incidents, tmp_path / "out" / "aside.csv", lang="fr")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [row["place"] for row in written] == [
        "'=1+1", "'+cmd|'/c calc'!A1", "-2", "'@SUM(A1)", "'\tx",
    ]  # fmt: skip
    assert [row["lon"] for row in written] == ["-1.6"] * 5
    assert written[0]["explanation"] == reasons.REASONS["impossible_date"].say("fr")
    assert [row["row"] for row in written] == ["2", "3", "4", "5", "6"]
    assert [each.name for each in path.parent.iterdir()] == ["aside.csv"]
    with pytest.raises(InputError, match=r"`lang` is 'de'"):
        write_quarantine(incidents, path, lang="de")


def test_quarantine_cannot_be_written_into_a_file(write, tmp_path):
    blocker = write("x", "blocker")
    with pytest.raises(FileError, match="cannot write"):
        write_quarantine(sg.load_example_incidents(), blocker / "aside.csv")


def test_quality_report_counts_what_is_there(write):
    lines = [HEADER, *GOOD, GOOD[1].replace("2,2021", "30,2021", 1), FAULTY[reasons.NO_DATE]]
    found = quality_report(sg.read_incidents(write("\n".join(lines))))
    assert (found.rows_read, found.rows_kept, found.rows_set_aside) == (11, 10, 1)
    assert found.set_aside[0].reason == "no_date"
    assert found.set_aside[0].first_rows == (12,)
    assert (found.first_date, found.last_date) == ("2021-06-01", "2021-06-09")
    assert found.countries == {"BFA": 10}
    assert found.fatalities["fatalities_best"].total == 20
    assert found.most_repeated is not None
    assert (found.most_repeated.count, found.most_repeated.lat) == (2, 14.02)
    assert found.shared_points == pytest.approx(0.2)
    assert json.loads(json.dumps(found.to_dict()))["set_aside"][0]["count"] == 1
    french = dict(found.lines("fr"))
    assert french["lignes"] == "11 lues, 10 gardées, 1 mises de côté"
    assert "la date manque" in french["  no_date"]
    assert dict(found.lines("en"))["countries"] == "Burkina Faso 10"


def test_quality_report_of_nothing_kept(write):
    found = quality_report(sg.read_incidents(write(f"{HEADER}\n{FAULTY[reasons.NO_DATE]}\n")), "en")
    assert (found.rows_kept, found.first_date, found.most_repeated) == (0, None, None)
    assert dict(found.lines())["dates"] == "- → -"
    with pytest.raises(InputError, match=r"`lang` is 'de'"):
        quality_report(sg.load_example_incidents(), lang="de")


number = st.one_of(
    st.none(), st.floats(-200, 200), st.sampled_from(["", "abc", "1,5", "14°30'N", "inf", "0"])
)
row = st.fixed_dictionaries(
    {
        "date": st.one_of(
            st.none(),
            st.dates().map(str),
            st.sampled_from(["2020-02-30", "13/05/2019", "mai 2020", "x", "44351", "2020"]),
        ),
        "lon": number,
        "lat": number,
        "place": st.one_of(st.none(), st.text(max_size=8)),
        "country": st.sampled_from([None, "MLI", "Niger", "Burkina Faso", "Gondor"]),
        "fatalities": st.one_of(st.none(), st.integers(-2, 500), st.just("20-30")),
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(row, min_size=1, max_size=12), seed=st.integers(0, 99))
def test_nothing_is_lost_and_the_order_of_rows_is_irrelevant(rows, seed):
    frame = pd.DataFrame(rows, dtype=object)
    frame["id"] = [f"e{n}" for n in range(len(frame))]
    try:
        incidents = incidents_from_frame(frame)
    except InputError as error:
        assert any(word in str(error) for word in ("swapped", "metres"))  # noqa: PT017
        return
    report = incidents.report
    assert report.rows_read == len(frame) == len(incidents) + len(incidents.quarantine)
    assert sum(report.set_aside.values()) == report.rows_set_aside
    assert incidents["date"].notna().all()
    assert (incidents["lon"].isna() == incidents["lat"].isna()).all()
    assert incidents["lon"].dropna().between(-180, 180).all()
    shuffled = incidents_from_frame(frame.sample(frac=1, random_state=seed))
    left = pd.DataFrame(incidents).sort_values("incident_id", ignore_index=True)
    right = pd.DataFrame(shuffled).sort_values("incident_id", ignore_index=True)
    pd.testing.assert_frame_equal(left, right)
    assert sorted(incidents.quarantine["reason"]) == sorted(shuffled.quarantine["reason"])


def test_reading_a_large_table_is_not_a_loop(write):
    n = 20_000
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "date": (np.datetime64("2015-01-01") + rng.integers(0, 3000, n)).astype(str),
            "lon": rng.uniform(0.5, 2, n).round(5),
            "lat": rng.uniform(12, 15, n).round(5),
            "morts": rng.poisson(3, n),
        },
    )
    incidents = sg.read_incidents(write(frame.to_csv(index=False)))
    assert len(incidents) + len(incidents.quarantine) == n
    assert incidents["fatalities_best"].sum() + incidents.quarantine["morts"].astype(
        float
    ).sum() == (frame["morts"].sum())
