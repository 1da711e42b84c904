"""Files that are not what they claim: a message that a person can act on, never a traceback."""

import gzip
import io
import os
import zipfile

import numpy as np
import openpyxl
import pytest

import sahel_geo as sg
from sahel_geo.errors import FileError, InputError, SahelGeoError
from sahel_geo.incidents.readers import delimited, workbook

HEADER = "date,pays,lieu,longitude,latitude,morts\n"
SOLHAN = "2021-06-04,Burkina Faso,Solhan,0.4535,13.3824,132\n"


def archive(**parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", InputError, "is empty"),
        (b"\n \n\n", InputError, "is empty"),
        (b"\0" * 5000, InputError, "is empty"),
        (HEADER.encode(), InputError, "a header and no rows"),
        (b"hello\nworld\n", InputError, "no column for a date .* nor for longitude"),
        (b"pays,lieu\nMali,Gao\n", InputError, r"no column for a date .*mapping="),
        (b"date,pays\n2020-01-01,Mali\n", InputError, "no column for longitude and latitude"),
        (b"<html><table></table></html>", FileError, "web page .* save it again as CSV"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 900, FileError, r"old Excel workbook .*Save it as \.xlsx"),
        (b"%PDF-1.7 ...", FileError, "a PDF document"),
        (gzip.compress(b"date\n", mtime=0), InputError, "a header and no rows|cut into fields|no"),
        (gzip.compress(b"date", mtime=0)[:-6], FileError, "a damaged archive"),
        (gzip.compress(bytes(40_000_000), mtime=0), FileError, "unpacks to more than"),
        (b"PAR1 junk PAR1", FileError, "damaged Parquet"),
        (b"PK\x03\x04 cut short", FileError, "damaged archive"),
        (archive(a_dot_md="x"), InputError, "zip archive with 0 tables, of .*Unpack it"),
        (archive(a_dot_csv="x", b_dot_csv="y"), InputError, "zip archive with 2 tables"),
        (archive(content_dot_xml="x"), FileError, "OpenDocument"),
        (archive(xl__workbook_dot_bin="x"), FileError, "binary workbook"),
        (archive(xl__workbook_dot_xml="<a/>"), FileError, "damaged workbook"),
        (archive(xl__workbook_dot_xml="<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), FileError, "entities"),
        (b'{"type": "FeatureColl', FileError, "begins as JSON but cannot be read"),
        (b'{"a":' * 50_000, FileError, "begins as JSON but cannot be read"),
        (b'{"type": "Topology"}', InputError, "JSON without features or records"),
        (b'{"type": "FeatureCollection", "features": 3}', InputError, "no list of features"),
        (b'{"type": "FeatureCollection", "features": [1, null]}', InputError, "no rows"),
        (b"[" * 200_000, InputError, "no line that can be cut"),
        (",".join(["abc"] * 5000).encode() + b"\n1\n", InputError, "the header has 5000 columns"),
    ],
)  # fmt: skip
def test_hopeless_files_say_what_to_do(write, content, error, message):
    with pytest.raises(error, match=message):
        sg.read_incidents(write(content, "file.csv"))


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        sg.read_incidents(tmp_path / "none.csv")
    with pytest.raises(FileError, match="is a folder"):
        sg.read_incidents(tmp_path)
    with pytest.raises(FileError, match="cannot be read"):
        sg.read_incidents("a\0b")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_pipes_are_refused_and_do_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="device or a pipe"):
        sg.read_incidents(tmp_path / "pipe")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("start", [b"", b"PK\x03\x04", b"PAR1", b"{", b"date,lon,lat\n"])
def test_random_bytes_never_raise_a_foreign_error(write, seed, start):
    junk = np.random.default_rng(seed).bytes(20_000)
    with pytest.raises(SahelGeoError, match=r"file\.csv|no column"):
        sg.read_incidents(write(start + junk, "file.csv"))


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9, 0.99])
def test_workbooks_cut_short(write, tmp_path, cut):
    book = openpyxl.Workbook()
    for row in (["date", "lon", "lat"], ["2020-01-01", 1, 15]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    content = (tmp_path / "a.xlsx").read_bytes()
    with pytest.raises(FileError, match="damaged"):
        sg.read_incidents(write(content[: int(cut * len(content))], "b.xlsx"))


def test_a_bomb_is_refused_before_it_is_unpacked(write):
    bomb = archive(xl__workbook_dot_xml="<a/>", xl__sheet_dot_xml=" " * 40_000_000)
    with pytest.raises(FileError, match="times its size"):
        sg.read_incidents(write(bomb, "bomb.xlsx"))


def test_size_limits_are_stated(write, monkeypatch):
    path = write(HEADER + SOLHAN)
    monkeypatch.setattr(delimited, "MAX_TEXT_BYTES", 10)
    with pytest.raises(FileError, match=r"expected at most 2 GiB of text.*Split it"):
        sg.read_incidents(path)
    monkeypatch.setattr(workbook, "MAX_WORKBOOK_BYTES", 10)
    with pytest.raises(FileError, match="expected at most 200 MiB"):
        sg.read_incidents(write(archive(xl__workbook_dot_xml="<a/>"), "a.xlsx"))


def test_a_huge_field_is_cut_and_said_so(write):
    huge = "x" * 12_000_000
    incidents = sg.read_incidents(write(f"{HEADER}{SOLHAN}2021-06-05,Mali,{huge},1,16,3\n"))
    assert incidents["place"].str.len().tolist() == [6, 1000]
    assert "cut to 1000 characters" in incidents.report.notes[0]


def test_single_damaged_characters_do_not_change_the_encoding(write):
    good = "2021-06-05,Mali," + "é" * 60 + ",1,16,3\n"
    content = (HEADER + good).encode() + b"2021-06-06,Mali,G\xe9o,1,16,3\n"
    incidents = sg.read_incidents(write(content))
    assert incidents["place"].tolist() == ["é" * 60, "G\ufffdo"]
    assert "1 character is damaged UTF-8" in incidents.report.notes[0]


def test_sheet_of_a_text_file_is_an_error(write):
    with pytest.raises(InputError, match=r"`sheet` is 'x' but .* is not a workbook"):
        sg.read_incidents(write(HEADER + SOLHAN), sheet="x")


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    damaged = bytearray(content)
    for _ in range(int(rng.integers(1, 20))):
        at = int(rng.integers(len(damaged)))
        if rng.random() < 0.5:
            damaged[at] = int(rng.choice([0, 10, 34, 44, 59, 255, int(rng.integers(256))]))
        elif rng.random() < 0.5:
            del damaged[at : at + int(rng.integers(1, 30))]
        else:
            damaged[at:at] = bytes(rng.choice([b'"', b"\n", b";", b"1e999", b"\xff", b"9" * 400]))
    return bytes(damaged)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet", "a.json"])
def test_damaged_files_are_accounted_for_or_refused(write, tmp_path, name):
    incidents = sg.load_example_incidents().head(20)
    original = tmp_path / f"original-{name}"
    if name == "a.xlsx":
        incidents.to_excel(original, index=False)
    elif name == "a.parquet":
        incidents.to_parquet(original)
    elif name == "a.json":
        incidents.to_json(original, orient="records", date_format="iso")
    else:
        incidents.to_csv(original, index=False)
    content = original.read_bytes()
    assert len(sg.read_incidents(original)) == 20
    rng = np.random.default_rng(7)
    for _ in range(40):
        try:
            found = sg.read_incidents(write(mutated(content, rng), name))
        except SahelGeoError:
            continue
        assert found.report.rows_read == len(found) + len(found.quarantine)
        assert found["incident_id"].is_unique
        assert found["date"].notna().all()


def test_a_name_that_says_compressed_is_not_believed(write):
    for suffix in ("csv.gz", "csv.bz2", "csv.zst", "csv.lz4"):
        assert len(sg.read_incidents(write(HEADER + SOLHAN, f"plain.{suffix}"))) == 1


def test_a_column_named_by_a_mark_alone_is_no_fault(write):
    header = HEADER.rstrip("\n") + ",\u0338,???\n"
    assert len(sg.read_incidents(write(header + SOLHAN.rstrip("\n") + ",1,2\n", "marks.csv"))) == 1


@pytest.mark.parametrize("text", ["\n\n\na,", "\n\x00\n\x00\na\n\nb,c\n", " \n,\n"])
def test_a_table_without_a_header_is_refused(tmp_path, text):
    path = tmp_path / "blank.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"is empty|and no rows|no column for a date"):
        sg.read_incidents(path)
