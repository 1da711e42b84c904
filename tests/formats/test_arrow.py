"""Arrow takes offsets and indices as a file states them; these are looked at before."""

import numpy as np
import pyarrow as pa
import pytest

from sahel_geo.errors import FileError
from sahel_geo.formats.arrow import read_table

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
