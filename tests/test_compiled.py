"""One function, two forms: machine code, and for small inputs the same function in Python."""

import os
import subprocess
import sys

import numpy as np
import pytest

from sahel_geo.compiled import FEW_STEPS, compiled, is_private

_STEP = 3


@compiled()
def _grow(value):
    return value * 2 + _STEP


@compiled()
def _sums(values, out):
    total = 0
    for at in range(len(values)):
        total += _grow(values[at])
        out[at] = total


def test_both_forms_agree_and_call_their_own_kind():
    values = np.arange(5)
    for form in (_sums.machine, _sums.plain, _sums.sized(5)):
        out = np.zeros(5, np.int64)
        form(values, out)
        assert out.tolist() == [3, 8, 15, 24, 35]
    assert _sums.plain.__globals__["_grow"] is _grow.plain
    assert _sums.machine.py_func.__globals__["_grow"] is _grow.machine


def test_few_steps_take_the_machine_code_only_once_it_is_there():
    @compiled()
    def double(values):
        for at in range(len(values)):
            values[at] = values[at] * 2

    values = np.ones(3)
    double.sized(3)(values)
    assert "machine" not in vars(double)
    double(values)
    double.sized(3)(values)
    assert len(double.machine.signatures) == 1
    assert values.tolist() == [8, 8, 8]


def test_many_small_calls_are_compiled_in_the_end():
    @compiled()
    def one_more(values):
        for at in range(len(values)):
            values[at] += 1

    values = np.zeros(2)
    calls = 0
    while not one_more.is_at_hand:
        one_more.sized(FEW_STEPS // 10)(values)
        calls += 1
    assert calls == 11
    assert values.tolist() == [11, 11]


def test_few_points_are_placed_without_loading_the_compiler():
    code = (
        "import sys, sahel_geo as sg\n"
        "units = sg.load_boundaries(level=1)\n"
        "placed = sg.assign(sg.load_example_incidents(), units)\n"
        "assert placed['unit_id'].notna().sum() > 70\n"
        "assert 'numba' not in sys.modules, 'numba was imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_report_of_few_incidents_does_without_the_compiler(tmp_path):
    rows = "date,country,lon,lat\n2023-02-10,NER,2.09,14.32\n2023-05-20,BFA,-0.03,14.03\n"
    rows += "2024-01-15,MLI,2.40,15.92\n2024-06-02,MLI,0.50,15.66\n2024-08-24,BFA,-1.06,13.41\n"
    (tmp_path / "few.csv").write_text(rows, "utf-8")
    code = (
        "import sys, sahel_geo as sg\n"
        "incidents = sg.read_incidents('few.csv')\n"
        "sg.write_report(incidents, sg.load_boundaries(level=2), 'out', exports=False)\n"
        "assert not {'numba', 'rasterio'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_a_report_loads_the_slow_libraries_only_where_it_uses_them():
    slow = {"numba", "scipy.stats", "sklearn", "matplotlib", "statsmodels", "rasterio"}
    slow |= {"mapclassify", "openpyxl"}
    code = f"import sys, sahel_geo.maps.report.run; print(*({slow} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture(autouse=True)
def forget():
    is_private.cache_clear()
    yield
    is_private.cache_clear()


@POSIX
@pytest.mark.parametrize(
    ("mode", "private"), [(0o700, True), (0o755, True), (0o777, False), (0o757, False)]
)
def test_a_folder_that_others_write_to_is_not_private(tmp_path, mode, private):
    home = tmp_path / "cache"
    home.mkdir()
    home.chmod(mode)
    assert is_private(home) == private
    (home / "below").mkdir(mode=0o700)
    is_private.cache_clear()
    assert is_private(home / "below") == private
    assert is_private(home / "not yet there") == private


@POSIX
def test_a_folder_of_others_with_the_sticky_bit_does_no_harm(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "mine").mkdir(mode=0o700)
    assert is_private(shared / "mine")


def test_without_a_private_folder_code_is_compiled_and_not_kept(monkeypatch):
    monkeypatch.setattr("sahel_geo.compiled.is_private", lambda _: False)

    @compiled()
    def twice(x):
        return 2 * x

    assert twice(21) == 42
    assert twice.machine.stats.cache_path is None


def test_a_library_that_is_loaded_later_begins_with_one_thread(monkeypatch):
    """SciPy has an OpenBLAS of its own, and is imported when it is first used."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    code = """
import os, numpy
from sahel_geo.compiled import one_thread
with one_thread("blas"):
    import scipy.linalg, threadpoolctl
    found = [each["num_threads"] for each in threadpoolctl.threadpool_info()]
assert len(found) > 1 and set(found) == {1}, found
assert "OPENBLAS_NUM_THREADS" not in os.environ
"""
    subprocess.run([sys.executable, "-c", code], check=True)
