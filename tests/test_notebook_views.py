"""What a notebook shows of tables and results: a few words, the first rows, no script."""

import inspect
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import sahel_geo as sg
from sahel_geo.notebook import table_html

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def regions():
    return sg.load_boundaries(level=1)


def test_incidents_say_what_was_read_and_that_they_are_a_selection():
    shown = sg.load_example_incidents()._repr_html_()
    assert "78 rows; notable_incidents.csv: 78 read, 0 set aside" in shown
    assert "no rate, trend or share may be concluded" in shown
    assert shown.count("<tr") == 11  # a heading and ten rows
    assert "… + 68" in shown


def test_placed_incidents_say_how_many_are_in_no_unit(regions):
    incidents = sg.incidents_from_frame(
        pd.DataFrame({"lon": [2.4, 2.35], "lat": [15.9, 48.85], "date": "2024-01-01"}),
        source="test",
    )
    assert "1 incidents placed, 1 not" in sg.assign(incidents, regions)._repr_html_()


def test_a_table_of_ones_own_shows_the_rows_of_no_unit(regions, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(f"unit;people\nGao;7\n{HOSTILE};3\nMénaka;2\n", encoding="utf-8")
    shown = sg.read_unit_table(file, regions)._repr_html_()
    assert "2 units, by the column" in shown
    assert "1 rows of no unit" in shown
    assert "&lt;script&gt;" in shown


def test_zones_layers_and_merged_sources_show_themselves(regions, tmp_path):
    assert "Ménaka and the three borders: 4 units" in sg.load_zone(level=1)._repr_html_()
    file = tmp_path / "units.gpkg"
    regions[["unit_id", "name", "geometry"]].to_file(file)
    assert f"{len(regions)} units" in sg.read_boundaries(file, level=1)._repr_html_()
    one = sg.load_example_incidents()
    merged = sg.merge_sources(one, one, window_km=1, window_days=1)
    assert "78 events, 78 of them in both sources" in merged._repr_html_()


def test_every_view_escapes_what_the_data_say(regions):
    table = pd.DataFrame({HOSTILE: [HOSTILE]})
    assert "<script" not in table_html(HOSTILE, table)
    hostile = sg.incidents_from_frame(
        pd.DataFrame({"lon": [2.4], "lat": [15.9], "date": "2024-01-01", "place": HOSTILE}),
        source=HOSTILE,
    )
    for shown in (hostile, sg.assign(hostile, regions)):
        assert "<script" not in shown._repr_html_()


def test_a_report_shows_links_to_what_it_wrote(example_report):
    report, _ = example_report()
    links = re.findall(r'href="([^"]+)"', report._repr_html_())
    assert links == [path.as_posix() for path in (*report.pages, *report.files)]


def test_completion_lists_only_what_one_can_use(regions):
    found = sg.spillover.summary(sg.load_example_incidents(), regions, rng=1)
    names = dir(found)
    assert {"table", "sentence", "plot", "rows"} <= set(names)
    assert not [name for name in names if name.startswith("_")]
    assert len(names) <= 15
    assert dir(sg) == sorted(sg.__all__)


MODULES = [name for name in sg.__all__ if inspect.ismodule(getattr(sg, name))]
USED = re.compile(rf"\bsg\.({'|'.join(MODULES)})\.([A-Za-z]\w*)")


@pytest.mark.parametrize("name", MODULES)
def test_completion_of_a_module_lists_its_functions_and_results(name):
    module = getattr(sg, name)
    names = dir(module)
    assert names == sorted(module.__all__)
    assert 1 <= len(names) <= 20
    assert all(inspect.getdoc(getattr(module, each)) for each in names if each.islower())


def test_completion_of_modules_leaves_out_nothing_that_the_documentation_uses():
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "notebooks").glob("*.ipynb")]
    used = {found for page in pages for found in USED.findall(page.read_text(encoding="utf-8"))}
    assert len(used) > 30
    assert [each for each in sorted(used) if each[1] not in dir(getattr(sg, each[0]))] == []


def test_signatures_can_be_read_in_help():
    """A union of many types has a name, and a default is a value, not a place in memory."""
    long = []
    for name in sg.__all__:
        value = getattr(sg, name)
        for each in [getattr(value, part) for part in dir(value)] if name in MODULES else [value]:
            if not callable(each) or (inspect.isclass(each) and issubclass(each, Exception)):
                continue
            signature = inspect.signature(each)
            for parameter in signature.parameters.values():
                text = str(parameter).replace("collections.abc.", "").replace("sahel_geo.", "")
                if len(text) > 160 or " at 0x" in text:
                    long.append(f"{name}: {text[:60]}")
    assert not long


_WRONG = """
import sahel_geo as sg
def mine(panel, units):
    return sg.hotspots.local_gi(panel, units, column="incidnts", rng=1)
units = sg.load_boundaries(level=1)
mine(sg.count(sg.assign(sg.load_example_incidents(), units), units), units)
"""


def test_an_error_in_a_notebook_is_the_callers_lines_and_the_message(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_WRONG.strip())])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True)
    client.execute()
    (error,) = notebook.cells[0].outputs
    assert error["ename"] == "InputError"
    *where, message = error["traceback"]
    assert where == [
        "line 5: mine(sg.count(sg.assign(sg.load_example_incidents(), units), units), units)",
        'line 3: return sg.hotspots.local_gi(panel, units, column="incidnts", rng=1)',
    ]
    assert message.startswith("InputError: `data` has no column ['incidnts']")
    assert message.endswith("Did you mean 'incidents'?")


def test_a_name_that_the_package_does_not_have_is_answered_with_the_nearest():
    with pytest.raises(AttributeError, match=r"no attribute 'hotspot'\. Did you mean: 'hotspots'"):
        sg.hotspot  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute 'zzz'$"):
        sg.zzz  # noqa: B018


_PLOT = """
import sahel_geo as sg
units = sg.load_boundaries(level=0)
profile = sg.border.proximity_profile(
    sg.load_example_incidents(), sg.international_borders(units), units
)
profile.plot()
"""


def test_a_plot_shows_itself_in_a_notebook_without_a_magic_command(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_PLOT)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert "<svg" in output["data"]["image/svg+xml"]
