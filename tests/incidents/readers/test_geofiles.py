"""Records in JSON, however they are laid out, and structures in Parquet."""

import json
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError

ROWS = pd.DataFrame(
    {"date": ["2025-03-12", "2025-03-13"], "lieu": ["Ménaka", "Ansongo"], "lat": [15.92, 15.66],
     "lon": [2.4, 0.5], "morts": [3, 0]}
)  # fmt: skip
RECORDS = ROWS.to_dict("records")


def read(write, content, encoding="utf-8"):
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return sg.read_incidents(write(text.encode(encoding), "a.json"))


@pytest.mark.parametrize(
    "content",
    [
        *(ROWS.to_json(orient=orient) for orient in ("records", "columns", "index", "split")),
        ROWS.to_dict("list"),
        [list(ROWS), *ROWS.to_numpy().tolist()],
        {"incidents": RECORDS, "generated": "2025-04-01"},
        {"success": True, "result": {"fields": [{"id": "date"}], "records": RECORDS}},
        {"columns": list(ROWS), "data": ROWS.to_numpy().tolist()},
        {"data": ROWS.to_dict("list")},
    ],
)
def test_rows_in_json_are_found_however_they_are_laid_out(write, content):
    found = read(write, content)
    assert found["place"].tolist() == ["Ménaka", "Ansongo"]
    assert found[["lat", "lon", "fatalities_best"]].to_numpy().tolist() == [
        [15.92, 2.4, 3], [15.66, 0.5, 0],
    ]  # fmt: skip
    assert not found.report.notes


def test_json_that_windows_wrote_in_utf_16_is_read(write):
    assert read(write, RECORDS, "utf-16")["place"].tolist() == ["Ménaka", "Ansongo"]


@pytest.mark.parametrize(
    ("answer", "english", "french"),
    [
        ({"Result": RECORDS, "TotalCount": 5, "NextPageUrl": "https://a/?page=1"},
         "2 of the 5 records", "2 des 5 enregistrements"),
        ({"result": {"records": RECORDS, "total": 9}}, "2 of the 9", "2 des 9"),
        ({"results": RECORDS, "next": "https://a/?start=2"}, "one page", "une page"),
        ({"geometryType": "esriGeometryPoint", "exceededTransferLimit": True,
          "features": [{"attributes": row} for row in RECORDS]}, "one page", "une page"),
    ],
)  # fmt: skip
def test_an_answer_that_is_one_page_of_several_is_said_to_be(write, answer, english, french):
    (note,) = read(write, answer).report.notes
    assert english in str(note)
    assert french in note.say("fr")


@pytest.mark.parametrize("status", [{"status": 403, "success": False}, {}])
def test_the_error_of_a_service_is_given_in_its_words(write, status):
    answer = {**status, "error": {"message": "Access denied"}}
    with pytest.raises(InputError, match="a service answered: 'Access denied'") as caught:
        read(write, answer)
    assert "un service a répondu" in caught.value.say("fr")


@pytest.mark.parametrize("content", [{"a": 1}, [1, 2], {"data": "x"}, {}, [["date"], "x"]])
def test_other_json_is_refused(write, content):
    with pytest.raises(InputError, match=r"expected .* list of objects|one incident"):
        read(write, content)


def test_objects_inside_the_features_of_an_archive_are_fields(tmp_path):
    feature = {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [2.4, 15.92]},
        "properties": {"event": {"date": "2025-03-12", "toll": {"killed": 3}}},
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.geojson", json.dumps({"type": "FeatureCollection",
                                                  "features": [feature]}))  # fmt: skip
    found = sg.read_incidents(tmp_path / "a.zip")
    assert found[["lat", "fatalities_best"]].to_numpy().tolist() == [[15.92, 3]]


def test_structures_and_lists_of_texts_in_parquet_are_read(tmp_path):
    table = pa.table(
        {
            "event": [{"date": "2025-03-12", "where": {"lat": 15.92, "lon": 2.4}}],
            "actors": [["JNIM", "FAMa"]],
            "fatalities": pa.array([3], pa.uint8()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    found = sg.read_incidents(tmp_path / "a.parquet")
    assert found[["lat", "lon", "fatalities_best"]].to_numpy().tolist() == [[15.92, 2.4, 3]]
    assert found["actors"].tolist() == ["JNIM; FAMa"]


def test_points_as_lists_and_texts_as_bytes_in_parquet_are_read(tmp_path):
    table = pa.table(
        {"date": [b"2025-03-12"], "place": [b"Gao"], "coordinates": [[-0.04, 16.27]],
         "raw": [b"\xff\x00"]}
    )  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    found = sg.read_incidents(tmp_path / "a.parquet")
    assert found["place"].tolist() == ["Gao"]
    assert found[["lon", "lat"]].to_numpy().tolist() == [[-0.04, 16.27]]
    assert "'raw'" in str(found.report.notes[0])
