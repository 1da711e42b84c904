"""What a report leaves in a folder, and what a command may not write over."""

import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.errors import FileError, InputError
from sahel_geo.manifest import NAME


def listed(folder):
    return {line.split("  ")[1] for line in (folder / NAME).read_text().splitlines()}


def test_a_safe_report_leaves_nothing_of_a_full_one(tmp_path, example_report):
    incidents, units = sg.load_example_incidents(), sg.load_boundaries(level=1)
    shutil.copytree(example_report("fr")[1], tmp_path / "a")
    sg.write_report(incidents, units, tmp_path / "a", zone=None, publish="safe", exports=False)
    sg.write_report(incidents, units, tmp_path / "b", zone=None, publish="safe", exports=False)
    names = {each.name for each in (tmp_path / "a").iterdir()}
    assert names == {each.name for each in (tmp_path / "b").iterdir()}
    assert names == listed(tmp_path / "a") | {NAME}
    assert "report.zip" not in names
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("name", ["index", "methods", "../evil", "central-sahel", "a\0b"])
def test_a_zone_is_no_page_and_no_path(tmp_path, name):
    zone = replace(sg.load_zone("menaka-tri-border", level=1), name=name)
    units = sg.load_boundaries(level=1)
    with pytest.raises(InputError, match="names that are reserved or no file names"):
        sg.write_report(sg.load_example_incidents(), units, tmp_path / "out", zone=zone)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["assign", "geocode", "check"])
def test_no_command_writes_over_what_it_reads(tmp_path, command):
    file = tmp_path / "in.csv"
    file.write_text("date,lon,lat,place\n2021-01-01,0.05,16.2,Gao\n2021-13-01,0.05,16.2,Gao\n")
    before = file.read_bytes()
    (tmp_path / "link.csv").symlink_to(file)
    option = "--quarantine" if command == "check" else "--out"
    for out in (file, tmp_path / "link.csv"):
        done = CliRunner().invoke(app, [command, str(file), option, str(out)])
        assert isinstance(done.exception, FileError)
        assert "it is the input. Name another file." in str(done.exception)
        assert file.read_bytes() == before
