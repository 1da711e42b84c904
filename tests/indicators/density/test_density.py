"""Rates by hand; a kernel surface against the double sum, and what it conserves."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from sklearn.neighbors import KernelDensity

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import CrsError, InputError
from sahel_geo.indicators.density.binning import Bins
from sahel_geo.indicators.density.kernels import Cells
from sahel_geo.projection import project

UNITS = gpd.GeoDataFrame(
    {"unit_id": ["A", "B"], "area_km2": [2000.0, 500.0]},
    geometry=[shapely.box(0, 14, 1, 15), shapely.box(1, 14, 2, 15)],
    crs=4326,
)


def panel(incidents, deaths, year=("2023", "2024")):
    periods = pd.period_range(*year, freq="Y")
    return pd.DataFrame(
        {
            "unit_id": np.repeat(["A", "B"], len(periods)),
            "period": periods.take(np.tile(np.arange(len(periods)), 2)),
            "incidents": incidents,
            "fatalities_best": deaths,
        },
    )


def test_rates_by_hand():
    rates = sg.density.rates(panel([4, 2, 0, 1], [10.0, np.nan, 0.0, np.nan]), UNITS)
    assert rates["unit_id"].tolist() == ["A", "B"]
    assert rates["incidents"].tolist() == [6, 1]
    assert rates["per_1000km2"].tolist() == [3.0, 2.0]
    # A states 10 in one of its two years; B has an incident and no stated figure
    np.testing.assert_array_equal(rates["fatalities_best"], [10.0, np.nan])
    np.testing.assert_array_equal(rates["fatalities_best_per_1000km2"], [5.0, np.nan])
    years = (365 + 366) / 365.2425
    np.testing.assert_allclose(rates["per_1000km2_year"], np.array([3.0, 2.0]) / years)
    assert rates.attrs["first_period"] == "2023"
    assert rates.attrs["last_period"] == "2024"


def test_rates_per_person_and_year_need_people():
    people = pd.Series({"A": 300_000, "B": 0})
    rates = sg.density.rates(panel([4, 2, 0, 1], 0.0), UNITS, population=people)
    years = (365 + 366) / 365.2425
    np.testing.assert_allclose(rates["per_100k_year"], [2.0 / years, np.nan])


def test_rates_merge_with_their_units_on_the_id_alone():
    merged = UNITS.merge(sg.density.rates(panel([1, 1, 1, 1], 0.0), UNITS))
    assert isinstance(merged, gpd.GeoDataFrame)
    assert merged["incidents"].tolist() == [2, 2]


def test_rates_refuse_what_they_cannot_use():
    with pytest.raises(InputError, match="`panel` has no rows"):
        sg.density.rates(panel([1, 1, 1, 1], 0.0).iloc[:0], UNITS)
    with pytest.raises(InputError, match=r"`panel` names 1 units .*\['B'\]"):
        sg.density.rates(panel([1, 1, 1, 1], 0.0), UNITS.iloc[:1])
    with pytest.raises(InputError, match=r"matches none of the 2 units.*\['X'\]"):
        sg.density.rates(panel([1, 1, 1, 1], 0.0), UNITS, population=pd.Series({"X": 1}))
    with pytest.raises(InputError, match=r"negative for units \['A'\]"):
        sg.density.rates(panel([1, 1, 1, 1], 0.0), UNITS, population=pd.Series({"A": -1, "B": 1}))


coordinates = st.lists(
    st.tuples(st.floats(-10, 14), st.floats(10, 24)),
    min_size=1,
    max_size=25,
)


@settings(deadline=None)  # the first call compiles
@given(coordinates, st.sampled_from([20.0, 40.0, 80.0]))
def test_the_surface_adds_up_to_the_number_of_incidents(lonlat, bandwidth_km):
    incidents = pd.DataFrame(lonlat, columns=["lon", "lat"])
    surface = sg.density.kernel_density(incidents, bandwidth_km=bandwidth_km, cell_km=10)
    assert surface.total() == pytest.approx(len(incidents), rel=1e-5)


def test_the_surface_agrees_with_scikit_learn():
    rng = np.random.default_rng(1)
    incidents = pd.DataFrame({"lon": rng.uniform(0, 4, 50), "lat": rng.uniform(14, 17, 50)})
    surface = sg.density.kernel_density(incidents, bandwidth_km=30, cell_km=20)
    points = gpd.points_from_xy(incidents["lon"], incidents["lat"], crs=4326).to_crs(EQUAL_AREA)
    oracle = KernelDensity(bandwidth=30, rtol=1e-10).fit(
        np.column_stack([points.x, points.y]) / 1e3
    )
    rows, columns = np.indices(surface.values.shape)
    x, y = surface.transform @ (columns + 0.5, rows + 0.5)
    expected = 50 * np.exp(oracle.score_samples(np.column_stack([x.ravel(), y.ravel()]) / 1e3))
    np.testing.assert_allclose(surface.values.ravel(), expected, rtol=1e-6, atol=1e-12)


def towns(size, count, seed=3):
    """Incidents that repeat the same few places, the hardest case for a grid."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, count, size)
    return pd.DataFrame(
        {
            "lon": rng.uniform(-3, 4, count)[at],
            "lat": rng.uniform(12, 17, count)[at],
            "dead": rng.integers(0, 9, size).astype(float),
        }
    )


@pytest.mark.parametrize(("bandwidth_km", "cell_km"), [(25, 5), (25, 2), (40, 7), (10, 10), (9, 4)])
@pytest.mark.parametrize(("size", "count"), [(1, 1), (2_000, 3), (3_000, 3_000)])
def test_the_binned_sum_keeps_its_stated_error(size, count, bandwidth_km, cell_km):
    incidents = towns(size, count, seed=bandwidth_km)
    options = {"bandwidth_km": bandwidth_km, "cell_km": cell_km}
    exact = sg.density.kernel_density(incidents, method="exact", **options)
    binned = sg.density.kernel_density(incidents, method="binned", **options)
    stated = binned.parameters["error_of_peak"]
    assert exact.parameters["error_of_peak"] == 0
    assert stated < 1e-4
    assert np.abs(binned.values - exact.values).max() <= stated * exact.values.max()
    assert binned.transform == exact.transform
    assert binned.total() == pytest.approx(size, rel=1e-5)


def test_incidents_beyond_the_edge_of_the_extent_reach_into_it():
    incidents = towns(5_000, 400)
    inner = gpd.GeoDataFrame(geometry=[shapely.box(-0.5, 13, 1.5, 15)], crs=4326)
    options = {"bandwidth_km": 30, "cell_km": 5, "extent": inner, "weights": "dead"}
    exact = sg.density.kernel_density(incidents, method="exact", **options)
    binned = sg.density.kernel_density(incidents, method="binned", **options)
    np.testing.assert_allclose(binned.values, exact.values, atol=1e-5 * exact.values.max())


def test_large_input_is_binned_and_small_input_is_exact():
    assert sg.density.kernel_density(towns(10_000, 50), bandwidth_km=60).parameters["method"] == (
        "exact"
    )
    assert sg.density.kernel_density(towns(10_001, 50), bandwidth_km=60).parameters["method"] == (
        "binned"
    )


def test_the_number_of_parts_changes_nothing_but_the_last_bits():
    x, y = np.random.default_rng(1).uniform(-2e5, 2e5, (2, 30_000))
    bins = Bins(Cells(-2e5, -2e5, (80, 80), 5e3), 25e3)
    whole = bins.spread(x, y, np.ones(len(x)))
    parts = [bins.spread(x[at::3], y[at::3], np.ones(len(x[at::3]))) for at in range(3)]
    np.testing.assert_allclose(sum(parts), whole, atol=1e-11 * whole.max())
    assert whole.sum() == pytest.approx(len(x), rel=1e-12)


def test_the_fast_projection_is_that_of_proj():
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(-180, 180, 5_000), rng.uniform(-89.9, 89.9, 5_000)
    expected = Transformer.from_crs(4326, EQUAL_AREA, always_xy=True).transform(lon, lat)
    np.testing.assert_allclose(project(lon, lat), expected, rtol=0, atol=1e-6)
    with pytest.raises(InputError, match=r"shapes \(2,\) and \(1,\)"):
        project(np.zeros(2), np.zeros(1))


def test_the_peak_stands_over_the_incident_and_north_is_up():
    one = pd.DataFrame({"lon": [2.4], "lat": [15.9]})
    units = UNITS.assign(geometry=[shapely.box(0, 12, 3, 15), shapely.box(0, 15, 3, 17)])
    surface = sg.density.kernel_density(one, bandwidth_km=20, cell_km=5, extent=units)
    row, column = np.unravel_index(surface.values.argmax(), surface.values.shape)
    peak = gpd.GeoSeries.from_xy(*np.array(surface.transform @ (column + 0.5, row + 0.5))[:, None])
    lon, lat = peak.set_crs(EQUAL_AREA).to_crs(4326)[0].coords[0]
    assert lon == pytest.approx(2.4, abs=0.05)
    assert lat == pytest.approx(15.9, abs=0.05)
    assert surface.values.max() == pytest.approx(1 / (2 * np.pi * 20**2), rel=0.02)


def test_weights_scale_the_surface_and_rows_without_place_add_nothing():
    incidents = pd.DataFrame(
        {"lon": [2.0, 2.0, np.nan], "lat": [15.0, 15.0, 15.0], "dead": [3.0, np.nan, 100.0]},
    )
    surface = sg.density.kernel_density(incidents, bandwidth_km=30, weights="dead")
    assert surface.total() == pytest.approx(3.0, rel=1e-5)
    assert surface.unit == "dead per km2"


def test_the_geotiff_says_what_it_is(tmp_path):
    one = pd.DataFrame({"lon": [2.4], "lat": [15.9]})
    surface = sg.density.kernel_density(one, bandwidth_km=40)
    path = surface.to_geotiff(tmp_path / "new" / "density.tif")
    with rasterio.open(path) as raster:
        assert raster.crs == rasterio.CRS.from_wkt(EQUAL_AREA.to_wkt())
        assert raster.nodata == -9999
        assert raster.tags()["bandwidth_km"] == "40"
        assert raster.tags(1)["units"] == "incidents per km2"
        assert raster.transform == surface.transform
        np.testing.assert_allclose(raster.read(1), surface.values, rtol=1e-6, atol=1e-30)
    assert [file.name for file in path.parent.iterdir()] == ["density.tif"]


def test_an_interrupted_write_leaves_the_old_file_alone(tmp_path, monkeypatch):
    surface = sg.density.kernel_density(towns(3, 3), bandwidth_km=40)
    path = surface.to_geotiff(tmp_path / "density.tif")
    before = path.read_bytes()

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(rasterio.io.BufferedDatasetWriter, "update_tags", interrupt, raising=False)
    with pytest.raises(KeyboardInterrupt):
        surface.to_geotiff(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["density.tif"]


def test_a_surface_cannot_be_changed():
    one = pd.DataFrame({"lon": [2.4], "lat": [15.9]})
    surface = sg.density.kernel_density(one, bandwidth_km=40)
    with pytest.raises(ValueError, match="read-only"):
        surface.values[0, 0] = 1


def test_the_surface_refuses_what_it_cannot_use():
    one = pd.DataFrame({"lon": [2.4], "lat": [15.9], "who": ["x"], "minus": [-1.0]})
    density = sg.density.kernel_density
    with pytest.raises(InputError, match="`bandwidth_km` is 0; expected a positive number of km"):
        density(one, bandwidth_km=0)
    with pytest.raises(InputError, match="`cell_km` is nan"):
        density(one, bandwidth_km=40, cell_km=float("nan"))
    with pytest.raises(InputError, match="`method` is 'fft'; expected one of"):
        density(one, bandwidth_km=40, method="fft")
    with pytest.raises(InputError, match=r"a bandwidth of 0\.001 km needs a grid"):
        density(one, bandwidth_km=0.001, cell_km=50, extent=UNITS, method="binned")
    with pytest.raises(InputError, match="no row with coordinates"):
        density(one.assign(lon=np.nan), bandwidth_km=40)
    with pytest.raises(InputError, match="`weights` is 'dead', which `incidents` does not hold"):
        density(one, bandwidth_km=40, weights="dead")
    with pytest.raises(InputError, match="states no figure in 1 rows"):
        density(one, bandwidth_km=40, weights="who")
    with pytest.raises(InputError, match=r"negative or infinite in rows \[0\]"):
        density(one, bandwidth_km=40, weights="minus")
    with pytest.raises(InputError, match=r"cells; expected at most 50,000,000"):
        density(one, bandwidth_km=400, cell_km=0.01)
    with pytest.raises(CrsError, match="`extent` has no coordinate reference system"):
        density(one, bandwidth_km=40, extent=UNITS.set_crs(None, allow_override=True))
