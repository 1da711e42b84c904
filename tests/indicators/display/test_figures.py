"""Saving a plot: laid out first and drawn once, with the bytes of drawing twice."""

from io import BytesIO

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sahel_geo.indicators.display.figures import ShownFigure
from sahel_geo.indicators.display.plotting import axes, date_ticks, legend_above, ratio_ticks

FORMATS = {
    "png": {"format": "png", "dpi": 144},
    "plain png": {"format": "png"},
    "svg": {"format": "svg", "metadata": {"Date": None}},
    "pdf": {"format": "pdf", "metadata": {"CreationDate": None}},
    "cut png": {"format": "png", "bbox_inches": "tight"},
}


def lines():
    ax = axes(lang="fr")
    days = pd.date_range("2021-01-01", periods=40, freq="W")
    for at in range(5):
        ax.plot(days, np.sin(np.arange(40) + at), "o-", label=f"a group with a long name {at}")
    date_ticks(ax)
    legend_above(ax)
    ax.set_ylabel("effective number of armed groups")
    return ax


def bars():
    ax = axes()
    ax.barh(["Gao", "Ménaka", "Tillabéri, a region"], [1, 3, 8], hatch="////")
    ax.set_xscale("log")
    ratio_ticks(ax.xaxis, (0.5, 10), "en")
    ax.annotate("a note", (3, 1), xytext=(0, 4), textcoords="offset points")
    return ax


def cells():
    ax = axes()
    mesh = ax.pcolormesh(np.arange(12.0).reshape(3, 4), rasterized=True)
    ax.figure.colorbar(mesh, label="incidents")
    return ax


PLOTS = {"lines": lines, "bars": bars, "cells": cells}


@pytest.mark.parametrize("options", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
def test_a_saved_plot_has_the_bytes_of_one_drawn_twice(plot, options, monkeypatch):
    drawn = []
    draw = Rectangle.draw

    def counted(patch, renderer):
        drawn.append(patch)
        return draw(patch, renderer)

    monkeypatch.setattr(Rectangle, "draw", counted)
    monkeypatch.setitem(mpl.rcParams, "svg.hashsalt", "test")
    saved, times = [], []
    for save in (ShownFigure.savefig, Figure.savefig):
        figure, written = plot().figure, BytesIO()
        drawn.clear()
        save(figure, written, **options)
        saved.append(written.getvalue())
        times.append(drawn.count(figure.patch))
    assert saved[0] == saved[1]
    assert times == ([2, 2] if "bbox_inches" in options else [1, 2])


def test_a_plot_is_drawn_whole_again_after_it_was_saved():
    ax = lines()
    with pytest.raises(ValueError, match="Format 'nothing' is not supported"):
        ax.figure.savefig(BytesIO(), format="nothing")
    assert ax.figure.is_saved is False
    ax.figure.canvas.draw()
    assert ax.get_tightbbox() is not None


@pytest.mark.parametrize(
    ("lang", "values", "expected"),
    [
        ("fr", (0, 1200), ["0", "600", "1\u202f200"]),
        ("en", (0, 1200), ["0", "600", "1,200"]),
        ("en", (1997, 2003), ["1997", "2000", "2003"]),
        ("fr", (0, 25000), ["0", "12\u202f500", "25\u202f000"]),
        ("fr", (0.0001, 0.0003), ["0,0001", "0,0002", "0,0003"]),
    ],
)
def test_thousands_stand_apart_on_an_axis_and_years_do_not(lang, values, expected):
    ax = axes(lang=lang)
    ax.plot(values, values)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(np.linspace(*values, 3))
    ax.figure.canvas.draw()
    for axis in (ax.xaxis, ax.yaxis):
        assert [label.get_text() for label in axis.get_ticklabels()] == expected
