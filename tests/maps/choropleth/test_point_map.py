"""Many points in a notebook."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.choropleth import point_map as module


def test_every_located_point_is_drawn_where_it_is_and_nothing_else_goes_along():
    n = 150_000
    rng = np.random.default_rng(1)
    points = pd.DataFrame(
        {"lon": rng.uniform(-5, 5, n), "lat": rng.uniform(10, 20, n), "place": "secret"}
    )
    points.loc[7, ["lon", "lat"]] = np.nan
    shown = sg.point_map(points, sg.load_boundaries(level=1))
    outlines, scatter = shown.layers
    assert len(scatter.table) == n - 1
    assert list(scatter.table.schema.names) == ["geometry"]
    assert list(outlines.table.schema.names) == ["geometry"]
    first = scatter.table["geometry"][0].as_py()
    assert tuple(first) == pytest.approx((points["lon"][0], points["lat"][0]))
    assert type(outlines).__name__ == "PathLayer"  # polygons would load a worker from a network
    assert scatter.radius_units == "pixels"
    assert (scatter.get_radius, tuple(scatter.get_fill_color)) == (2.0, (203, 24, 29, 110))
    assert shown.basemap is None
    assert not shown.show_tooltip


def test_what_cannot_be_drawn_is_refused(monkeypatch):
    empty = pd.DataFrame({"lon": [np.nan], "lat": [np.nan]})
    with pytest.raises(InputError, match="1 rows and no coordinates"):
        sg.point_map(empty)
    with pytest.raises(InputError, match="`radius_px` is 0"):
        sg.point_map(sg.load_example_incidents(), radius_px=0)

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(module, "import_module", missing)
    with pytest.raises(InputError, match="Install sahel-geo\\[points\\]"):
        sg.point_map(sg.load_example_incidents())
