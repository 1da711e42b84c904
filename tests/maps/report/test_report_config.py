"""The settings of a report, written so that anyone can make it again."""

import hashlib
import re
import tomllib
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.errors import FileError, InputError
from sahel_geo.maps.report.config import (
    ReportConfig,
    _toml,
    read_config,
    read_made,
    write_config,
)
from sahel_geo.maps.report.writing import _made_of


def test_what_is_written_is_read_and_says_what_went_in(tmp_path):
    data = tmp_path / "incidents.csv"
    data.write_text("date,lat,lon\n2024-01-01,14,1\n", encoding="utf-8")
    config = ReportConfig(
        incidents="incidents.csv", lang="en", least=7, before=("2020-01", "2020-12")
    )
    path = write_config(tmp_path / "report.toml", config, _made_of({"incidents.csv": data}, {}))
    read = read_config(path)
    assert read.incidents == str(data)
    assert (read.lang, read.least, read.before, read.after) == ("en", 7, config.before, ())
    made = tomllib.loads(path.read_text(encoding="utf-8"))["made"]
    assert made["versions"]["sahel_geo"] == sg.__version__
    assert made["sha256"] == {"incidents.csv": hashlib.sha256(data.read_bytes()).hexdigest()}
    again = write_config(tmp_path / "again.toml", config, _made_of({"incidents.csv": data}, {}))
    assert again.read_bytes() == path.read_bytes()


@given(st.text())
def test_any_text_survives(text):
    text = text.encode("utf-8", "ignore").decode()
    assert tomllib.loads(f"x = {_toml(text)}")["x"] == text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("levle = 2\nlang = 3\nbefore = 'x'\n", "3 faults.*Did you mean 'level'"),
        ("level = true\n", "'level' is True, not of type int"),
        ("before = [1, 2]\n", "not a list of texts"),
        ("level = \n", "is no TOML"),
        ("x = '" + "y" * 1_000_001 + "'\n", "at most 1000000"),
    ],
)
def test_faults_are_gathered_and_told(tmp_path, content, message):
    path = tmp_path / "report.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_config(path)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(FileError, match="nowhere"):
        read_config(tmp_path / "nowhere.toml")
    with pytest.raises(FileError, match="absent"):
        write_config(
            tmp_path / "report.toml", ReportConfig(), _made_of({"a": tmp_path / "absent.csv"}, {})
        )
    assert not (tmp_path / "report.toml").exists()


def test_a_report_made_again_of_other_things_says_so(tmp_path, example_report):
    file = tmp_path / "same.toml"
    text = (example_report()[1] / "report.toml").read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    old = version("numpy")
    other = text.replace(f'numpy = "{old}"', 'numpy = "1.0"')
    other = re.sub(r'incidents = "\w{64}"', f'incidents = "{"0" * 64}"', other)
    (tmp_path / "other.toml").write_text(other, encoding="utf-8")
    for name, told in (("same.toml", False), ("other.toml", True)):
        command = ["report", "--config", str(tmp_path / name), "--out", str(tmp_path / "b")]
        answer = CliRunner().invoke(app, command)
        assert answer.exit_code == 0
        assert (f"numpy 1.0 → {old}, incidents" in answer.stderr) is told
    assert read_made(tmp_path / "nothing.toml") == {}
