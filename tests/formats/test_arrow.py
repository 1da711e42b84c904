"""What Arrow takes as a file states it, or ends the process over, is looked at before."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sahel_geo.errors import FileError
from sahel_geo.formats.arrow import _row_groups, read_table

SOUND = np.array([0, 1, 3, 6])


def text(kind, offsets):
    width = np.int64 if kind.startswith("large") else np.int32
    buffers = [None, pa.py_buffer(offsets.astype(width)), pa.py_buffer(b"abbccc")]
    return pa.Array.from_buffers(getattr(pa, kind)(), 3, buffers)


def written(column, path):
    table = pa.table({"column": column})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return path


@pytest.mark.parametrize("kind", ["string", "large_string", "binary", "large_binary"])
@pytest.mark.parametrize("offsets", [[0, 3, 1, 6], [0, 1, 9_999, 6], [0, -5, 3, 6]])
def test_a_text_that_ends_where_it_does_not_is_a_damaged_file(kind, offsets, tmp_path):
    sound = read_table(written(text(kind, SOUND), tmp_path / "sound.feather"))
    assert [str(len(each)) for each in sound["column"].to_pylist()] == ["1", "2", "3"]
    damaged = written(text(kind, np.array(offsets)), tmp_path / "damaged.feather")
    with pytest.raises(FileError, match=r"'damaged\.feather' is a damaged"):
        read_table(damaged)


def test_an_index_beyond_a_dictionary_is_a_damaged_file(tmp_path):
    words = pa.array(["a", "b"])
    for indices, outcome in ([0, 1, 1], "sound"), ([0, 7, 1], "damaged"):
        column = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int8()), words, safe=False)
        path = written(column, tmp_path / f"{outcome}.feather")
        if outcome == "sound":
            assert read_table(path)["column"].to_pylist() == ["a", "b", "b"]
            continue
        with pytest.raises(FileError, match=r"'damaged\.feather' is a damaged"):
            read_table(path)


def test_damaged_letters_are_no_damaged_file(tmp_path):
    column = pa.array([b"G\xe9o", b"Gao"]).view(pa.string())
    assert read_table(written(column, tmp_path / "a.feather"))["column"].to_pylist() == [
        "G\ufffdo",
        "Gao",
    ]


def test_the_footer_says_what_arrow_reads_in_it(tmp_path):
    table = pa.table(
        {
            "a": range(1_000),
            "b": ["x" * at for at in range(1_000)],
            "c": [[1, 2]] * 1_000,
            "d": [{"q": 1.5, "r": True}] * 1_000,
            "e": pa.array([[("k", at)] for at in range(1_000)], pa.map_(pa.string(), pa.int64())),
        }
    )
    path = tmp_path / "a.parquet"
    for settings in {}, {"row_group_size": 30}, {"write_page_index": True, "compression": "zstd"}:
        pq.write_table(table, path, **settings)
        about = pq.read_metadata(path)
        groups = [about.row_group(at) for at in range(about.num_row_groups)]
        chunks = [[group.column(at) for at in range(group.num_columns)] for group in groups]
        assert _row_groups(path) == [
            (
                group.total_byte_size,
                [(each.num_values, each.total_uncompressed_size) for each in columns],
            )
            for group, columns in zip(groups, chunks, strict=True)
        ]


def test_statistics_that_do_not_fit_end_no_process(tmp_path):
    """In a process of its own, since Arrow ends it where such a column is asked for."""
    texts = pa.table({"a": ["x", None, "y"]})
    path = tmp_path / "a.parquet"
    pq.write_table(texts, path)
    content = path.read_bytes()
    code = (
        "import sys\nfrom pathlib import Path\nfrom sahel_geo.errors import FileError\n"
        "from sahel_geo.formats.arrow import read_table\n"
        "path = Path(sys.argv[1])\ncontent = path.read_bytes()\nread = refused = 0\n"
        "for at in range(len(content) - int.from_bytes(content[-8:-4], 'little') - 8,"
        " len(content) - 8):\n"
        "    for value in (0, 1, 5, 25, 255):\n"
        "        path.write_bytes(content[:at] + bytes([value]) + content[at + 1:])\n"
        "        try:\n            read_table(path)\n            read += 1\n"
        "        except FileError:\n            refused += 1\n"
        "print(read, refused)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-300:]
    read, refused = map(int, done.stdout.split())
    assert read > 100
    assert refused > 100
    assert len(content) > 200


def test_a_footer_of_nothing_but_length_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({"k": "x" * 5_000}), path)
    assert read_table(path)["a"].to_pylist() == [1]
    monkeypatch.setattr("sahel_geo.formats.arrow._MAX_FOOTER", 4_000)
    with pytest.raises(FileError, match=r"'a\.parquet' is a damaged .*its footer has"):
        read_table(path)
