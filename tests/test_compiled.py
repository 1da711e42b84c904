"""One function, two forms: machine code, and for small inputs the same function in Python."""

import subprocess
import sys

import numpy as np

from sahel_geo.compiled import compiled

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
    outs = {name: np.zeros(5, np.int64) for name in ("machine", "plain", "small")}
    for name, out in outs.items():
        getattr(_sums, name)(values, out)
        assert out.tolist() == [3, 8, 15, 24, 35]
    assert _sums.plain.__globals__["_grow"] is _grow.plain
    assert _sums.machine.py_func.__globals__["_grow"] is _grow.machine


def test_small_takes_the_machine_code_only_once_it_is_there():
    @compiled()
    def double(values):
        for at in range(len(values)):
            values[at] = values[at] * 2

    values = np.ones(3)
    double.small(values)
    assert "machine" not in vars(double)
    double(values)
    double.small(values)
    assert len(double.machine.signatures) == 1
    assert values.tolist() == [8, 8, 8]


def test_few_points_are_placed_without_loading_the_compiler():
    code = (
        "import sys, sahel_geo as sg\n"
        "units = sg.load_boundaries(level=1)\n"
        "placed = sg.assign(sg.load_example_incidents(), units)\n"
        "assert placed['unit_id'].notna().sum() > 70\n"
        "assert 'numba' not in sys.modules, 'numba was imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_report_loads_the_slow_libraries_only_where_it_uses_them():
    slow = {"numba", "scipy.stats", "sklearn", "matplotlib", "statsmodels", "rasterio"}
    slow |= {"mapclassify", "openpyxl"}
    code = f"import sys, sahel_geo.maps.report.run; print(*({slow} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
