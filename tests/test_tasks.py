"""How far long work has come: told to who asks, in notebooks and terminals, without any effect."""

import io
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo import tasks
from sahel_geo.cli import app
from sahel_geo.errors import InputError
from tests.conftest import make_toy_units

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def prompt(monkeypatch):
    """Show every step at once, so that small work can be watched."""
    monkeypatch.setattr(tasks, "_QUIET_SECONDS", -1.0)
    monkeypatch.setattr(tasks, "_BETWEEN_SECONDS", -1.0)


@pytest.fixture(scope="module")
def world():
    """Give 600 incidents of two years on the toy units."""
    rng = np.random.default_rng(3)
    size = 600
    units = make_toy_units()
    incidents = pd.DataFrame(
        {
            "incident_id": np.arange(size).astype(str),
            "lon": rng.uniform(0, 3, size),
            "lat": rng.uniform(10, 12, size),
            "date": pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 730, size), "D"),
            "location_precision": "admin2",
            "fatalities_best": 1.0,
        }
    )
    incidents["country"] = np.where(incidents["lat"] < 11, "BFA", "MLI")
    panel = sg.count(sg.assign(incidents, units), units)
    return SimpleNamespace(incidents=incidents, units=units, panel=panel)


def hits(placed, units):
    return placed["unit_id"].value_counts().reindex(units["unit_id"], fill_value=0)


BANDS = {"distances_km": [0, 5, 20], "days": [0, 7, 30]}
OPERATIONS = {
    "local_gi": ("permutations", lambda w: sg.hotspots.local_gi(w.panel, w.units, rng=1).table),
    "knox": (
        "permutations",
        lambda w: sg.near_repeat.knox(w.incidents, **BANDS, permutations=128, rng=1).table,
    ),
    "scan": (
        "simulations",
        lambda w: sg.clusters.scan(w.panel, w.units, replicates=19, rng=1).table,
    ),
    "space_time_k": (
        "permutations",
        lambda w: (
            sg.k_functions.space_time_k(
                w.incidents, w.units, distances_km=[5, 20], days=[7, 30], permutations=99, rng=1
            ).table
        ),
    ),
    "hawkes": ("fitting", lambda w: sg.hawkes.fit(w.incidents, rng=1).table),
    "contagion": ("fitting", lambda w: sg.contagion.fit(w.panel, w.units).table),
    "propagate": (
        "draws",
        lambda w: sg.uncertainty.propagate(hits, w.incidents, w.units, n=5, rng=1).table,
    ),
    "bandwidth": (
        "choosing the bandwidth",
        lambda w: sg.density.bandwidth(w.incidents, rule="likelihood"),
    ),
    "adaptive": (
        "smoothing",
        lambda w: (
            sg.density.kernel_density(
                w.incidents, bandwidth_km=40, cell_km=20, adaptive=True
            ).values
        ),
    ),
    "compare_periods": (
        "permutations",
        lambda w: (
            sg.comparison.compare_periods(
                w.panel, w.units, ("2021-01", "2021-12"), ("2022-01", "2022-12"), rng=1
            ).table
        ),
    ),
    "geocode": (
        "places",
        lambda _: sg.geocode(["Gao", "Tillabéri", "Ménaka"]),
    ),
    "merge_sources": (
        "comparing the sources",
        lambda w: sg.merge_sources(w.incidents, w.incidents, window_km=1, window_days=1).events,
    ),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_long_work_says_how_far_it_is_and_answers_the_same(prompt, world, operation):
    name, run = OPERATIONS[operation]
    alone = run(world)
    seen = []
    with sg.progress(
        lambda under_way: seen.append([(t.name, t.share) for t in under_way]), lang="en"
    ):
        watched = run(world)
    assert seen[-1] == []
    shares = [share for tasks_ in seen for n, share in tasks_ if n == name]
    assert shares, seen
    known = [share for share in shares if share is not None]
    assert all(0 <= share <= 1 for share in known)
    assert name == "fitting" or max(known) == 1
    if isinstance(alone, pd.DataFrame):
        pd.testing.assert_frame_equal(pd.DataFrame(watched), pd.DataFrame(alone))
    else:
        assert np.array_equal(watched, alone)


def test_pieces_of_a_table_are_counted(prompt, world, tmp_path):
    pytest.importorskip("dask.dataframe")
    incidents, units = world.incidents, world.units
    for at in range(4):
        incidents.iloc[at::4].to_parquet(tmp_path / f"{at}.parquet")
    seen = []
    with sg.progress(lambda under_way: seen.append([(t.name, t.share) for t in under_way])):
        counted = sg.count(sg.assign(tmp_path, units), units)
    assert [each[0] for each in seen if each][-1] == ("morceaux", 1.0)
    pd.testing.assert_frame_equal(counted, world.panel)


def test_nothing_is_written_without_asking_or_where_nobody_looks(prompt, world, capsys):
    run = OPERATIONS["local_gi"][1]
    run(world)
    with sg.progress():
        run(world)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == ""


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_bars_on_its_error_stream_and_takes_them_away(
    prompt, world, capsys, monkeypatch
):
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with sg.progress():
        OPERATIONS["compare_periods"][1](world)
    assert "permutations" in screen.getvalue()
    assert "100%" in screen.getvalue()
    erased, cursor_back = "\x1b[2K", "\x1b[?25h"
    assert screen.getvalue().rstrip().endswith(erased + cursor_back)
    assert capsys.readouterr().out == ""


def test_work_that_is_over_soon_shows_nothing(world, monkeypatch):
    monkeypatch.setattr(tasks, "_QUIET_SECONDS", 3600.0)
    seen = []
    with sg.progress(seen.append):
        OPERATIONS["compare_periods"][1](world)
    assert seen == []


def test_bars_go_when_the_work_fails_and_inner_watching_ends_first(prompt):
    outer, inner = [], []

    def fail():
        with sg.progress(lambda under_way: outer.append(len(under_way))):
            with sg.progress(lambda under_way: inner.append(len(under_way))):
                assert list(tasks.track([1, 2], "draws")) == [1, 2]
            return [1 / each for each in tasks.track([1, 0], "draws")]

    with pytest.raises(ZeroDivisionError):
        fail()
    assert inner[-1] == outer[-1] == 0
    assert inner[0] == outer[0] == 1
    assert tasks.track([1], "draws") == [1]  # nobody watches any more
    with pytest.raises(InputError, match="`lang` is 'de'"), sg.progress(lang="de"):
        pass


_CELL = """
import time
import sahel_geo as sg
from sahel_geo.tasks import track
with sg.progress(lang="en"):
    for _ in track(range(8), "draws"):
        time.sleep(0.12)
"""


def test_a_notebook_shows_bars_below_the_cell_and_takes_them_away(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_CELL)])
    client = NotebookClient(notebook, timeout=60, kernel_name="python3")
    heard = []
    monkeypatch.setattr(client, "on_cell_executed", None)
    original = client.process_message

    def listen(message, *arguments):
        if "display" in message["msg_type"]:
            heard.append(message["content"]["data"]["text/html"])
        return original(message, *arguments)

    monkeypatch.setattr(client, "process_message", listen)
    client.execute()
    assert re.search(r'<progress max="1" value="0\.\d+" aria-label="draws">', heard[0])
    assert "draws · 50% ·" in " ".join(heard)
    assert [each["data"]["text/html"] for each in notebook.cells[0].outputs] == [""]


def test_the_command_line_prints_json_and_nothing_else(tmp_path):
    table = tmp_path / "incidents.csv"
    rows = "\n".join(f"2024-01-{day:02d},2.4,15.9" for day in range(1, 29))
    table.write_text(f"date,lon,lat\n{rows}\n", encoding="utf-8")
    found = CliRunner().invoke(
        app,
        [
            "indicators",
            str(table),
            "--measure",
            "hotspots",
            "--out",
            str(tmp_path / "o.csv"),
            "--json",
        ],
    )
    assert found.exit_code == 0, found.output
    assert found.stderr == ""
    json.loads(found.stdout)


def test_every_name_of_work_has_words_and_every_word_is_used():
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "sahel_geo").rglob("*.py")
    )
    calls = re.findall(
        r"\b(?:track|task|over_chunks)\((?:[^()]|\([^()]*\)|\((?:[^()]|\([^()]*\))*\))*\)", source
    )
    used = {word for call in calls for word in re.findall(r'"(\w+)"', call)}
    assert used == set(tasks._WORDS["en"])
