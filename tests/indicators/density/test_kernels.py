"""Kernels of both shapes, of one width or many, cut by an edge or not, against double sums."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from sklearn.neighbors import KernelDensity

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import CrsError, InputError
from sahel_geo.indicators.density import adaptive
from sahel_geo.indicators.density.kernels import QUARTIC_OF_GAUSSIAN, peak_per_km2
from sahel_geo.projection import project

AREA = gpd.GeoDataFrame(
    {"unit_id": ["W", "E"]},
    geometry=[
        shapely.Polygon([(-2, 12), (1, 12), (1, 15), (0, 14), (-2, 15.5)]),
        shapely.box(1, 12, 2.5, 14),
    ],
    crs=4326,
)


def towns(size, count, seed=3, west=-3.0, east=4.0):
    """Incidents that repeat the same few places, the hardest case for a grid."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, count, size)
    lon, lat = rng.uniform(west, east, count)[at], rng.uniform(12, 17, count)[at]
    return pd.DataFrame({"lon": lon, "lat": lat, "dead": rng.integers(0, 9, size).astype(float)})


def scattered(size, seed=1):
    """Some around two towns, some anywhere: densities that differ a hundredfold."""
    rng = np.random.default_rng(seed)
    towns = np.array([[0.0, 13.0], [2.0, 15.0]])[rng.integers(0, 2, size)]
    near = towns + rng.normal(0, 0.08, (size, 2))
    anywhere = np.column_stack([rng.uniform(-4, 5, size), rng.uniform(11, 18, size)])
    lon, lat = np.where(rng.random((size, 1)) < 0.8, near, anywhere).T
    return pd.DataFrame({"lon": lon.copy(), "lat": lat.copy()})


def centres_km(surface):
    rows, columns = np.indices(surface.values.shape)
    x, y = surface.transform @ (columns + 0.5, rows + 0.5)
    return x / 1e3, y / 1e3


def places_km(incidents):
    x, y = project(incidents["lon"].to_numpy(), incidents["lat"].to_numpy())
    return x / 1e3, y / 1e3


def kernel_at(kernel, squared, width):
    """The kernel by its textbook formula."""
    if kernel == "gaussian":
        return np.exp(-squared / (2 * width**2)) / (2 * np.pi * width**2)
    return 3 / (np.pi * width**2) * np.clip(1 - squared / width**2, 0, None) ** 2


def double_sum(incidents, surface, kernel, widths, weights=None):
    x, y = centres_km(surface)
    total = np.zeros(surface.values.shape)
    weights = np.ones(len(incidents)) if weights is None else weights
    widths = np.broadcast_to(widths, len(incidents))
    for px, py, width, weight in zip(*places_km(incidents), widths, weights, strict=True):
        total += weight * kernel_at(kernel, (x - px) ** 2 + (y - py) ** 2, width)
    return total


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
def test_a_kernel_integrates_to_one(kernel):
    found, _ = integrate.quad(lambda d: 2 * np.pi * d * kernel_at(kernel, d**2, 3.0), 0, 60)
    assert found == pytest.approx(1, rel=1e-6)
    assert peak_per_km2(kernel, 3e3) == pytest.approx(kernel_at(kernel, 0.0, 3.0))


def test_a_quartic_of_canonical_width_smooths_as_a_gaussian():
    ratio = []
    for kernel in ("quartic", "gaussian"):
        squared, _ = integrate.quad(lambda d: 2 * np.pi * d * kernel_at(kernel, d**2, 1) ** 2, 0, 9)  # noqa: B023
        second, _ = integrate.quad(lambda d: np.pi * d**3 * kernel_at(kernel, d**2, 1), 0, 9)  # noqa: B023
        ratio.append((squared / second**2) ** (1 / 6))
    assert ratio[0] / ratio[1] == pytest.approx(QUARTIC_OF_GAUSSIAN, rel=1e-3)


@pytest.mark.parametrize("method", ["exact", "binned"])
@pytest.mark.parametrize(("kernel", "width"), [("gaussian", 30), ("quartic", 90)])
def test_the_surface_is_the_double_sum(kernel, width, method):
    incidents = towns(200, 40)
    surface = sg.density.kernel_density(
        incidents, bandwidth_km=width, kernel=kernel, method=method, weights="dead"
    )
    expected = double_sum(incidents, surface, kernel, width, incidents["dead"])
    stated = surface.parameters["error_of_peak"]
    assert stated < 1e-3
    limit = max(stated, 1e-12) * expected.max()
    assert np.abs(surface.values - expected).max() <= limit
    assert surface.total() == pytest.approx(incidents["dead"].sum(), rel=1e-4)
    assert surface.parameters["kernel"] == kernel


def test_the_gaussian_is_that_of_scipy():
    incidents = towns(60, 60)
    surface = sg.density.kernel_density(incidents, bandwidth_km=30, cell_km=20)
    oracle = stats.gaussian_kde(np.vstack(places_km(incidents)))
    oracle.covariance = np.eye(2) * 30.0**2
    oracle.cho_cov = np.linalg.cholesky(oracle.covariance)
    oracle.log_det = 2 * np.log(np.diag(oracle.cho_cov * np.sqrt(2 * np.pi))).sum()
    cells = np.vstack([axis.ravel() for axis in centres_km(surface)])
    np.testing.assert_allclose(surface.values.ravel(), 60 * oracle(cells), rtol=1e-9, atol=1e-15)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(-8, 12), st.floats(11, 23)), min_size=1, max_size=20),
    st.sampled_from([30.0, 70.0, 150.0]),
)
def test_a_quartic_adds_up_to_the_number_of_incidents(lonlat, bandwidth_km):
    incidents = pd.DataFrame(lonlat, columns=["lon", "lat"])
    for method in ("exact", "binned"):
        surface = sg.density.kernel_density(
            incidents, bandwidth_km=bandwidth_km, cell_km=10, kernel="quartic", method=method
        )
        assert surface.total() == pytest.approx(len(incidents), rel=5e-3)


@pytest.mark.parametrize(("bandwidth_km", "cell_km"), [(70, 5), (70, 2), (110, 7), (30, 10)])
@pytest.mark.parametrize(("size", "count"), [(1, 1), (2_000, 3), (3_000, 3_000)])
def test_the_binned_quartic_keeps_its_stated_error(size, count, bandwidth_km, cell_km):
    incidents = towns(size, count, seed=bandwidth_km)
    options = {"bandwidth_km": bandwidth_km, "cell_km": cell_km, "kernel": "quartic"}
    exact = sg.density.kernel_density(incidents, method="exact", **options)
    binned = sg.density.kernel_density(incidents, method="binned", **options)
    stated = binned.parameters["error_of_peak"]
    assert exact.parameters["error_of_peak"] == 0
    assert np.abs(binned.values - exact.values).max() <= stated * exact.values.max()
    assert binned.transform == exact.transform


def brute_masses(incidents, surface, kernel, widths):
    """The share of each kernel on the cells that have a value."""
    x, y = centres_km(surface)
    inside = np.isfinite(surface.values)
    widths = np.broadcast_to(widths, len(incidents))
    return np.array(
        [
            kernel_at(kernel, (x - px) ** 2 + (y - py) ** 2, width)[inside].sum() * surface.cell_km2
            for px, py, width in zip(*places_km(incidents), widths, strict=True)
        ]
    )


def inside_area(incidents):
    points = gpd.GeoSeries.from_xy(incidents["lon"], incidents["lat"], crs=4326)
    dense = AREA.geometry.segmentize(0.05).to_crs(EQUAL_AREA).union_all()
    return points.to_crs(EQUAL_AREA).intersects(dense).to_numpy()


@pytest.mark.parametrize("method", ["exact", "binned"])
@pytest.mark.parametrize(("kernel", "width"), [("gaussian", 40), ("quartic", 110)])
def test_each_kernel_is_divided_by_its_share_inside(kernel, width, method):
    incidents = towns(150, 70)
    inside = inside_area(incidents)
    options = {"bandwidth_km": width, "kernel": kernel, "cell_km": 10, "method": method}
    surface = sg.density.kernel_density(incidents, edge=AREA, **options)
    kept = incidents[inside]
    assert surface.parameters["outside"] == (~inside).sum() > 0
    masses = brute_masses(kept, surface, kernel, width)
    assert 0.2 < masses.min() < 0.7
    expected = double_sum(kept, surface, kernel, width, 1 / masses)
    error = np.nanmax(np.abs(surface.values - expected))
    assert error <= max(surface.parameters["error_of_peak"], 1e-9) * expected.max()
    assert surface.total() == pytest.approx(len(kept), rel=1e-9)


@pytest.mark.parametrize("method", ["exact", "binned"])
@pytest.mark.parametrize(("kernel", "width"), [("gaussian", 40), ("quartic", 110)])
def test_each_place_is_divided_by_the_share_of_a_kernel_there(kernel, width, method):
    incidents = towns(150, 70)
    options = {"bandwidth_km": width, "kernel": kernel, "cell_km": 10, "method": method}
    surface = sg.density.kernel_density(incidents, edge=AREA, edge_at="place", **options)
    kept = incidents[inside_area(incidents)]
    plain = double_sum(kept, surface, kernel, width)
    x, y = (axis[np.isfinite(surface.values)] for axis in centres_km(surface))
    limit = max(surface.parameters["error_of_peak"], 1e-9) * np.nanmax(surface.values)
    for at in range(0, len(x), 97):
        share = kernel_at(kernel, (x - x[at]) ** 2 + (y - y[at]) ** 2, width).sum() * 100
        found = surface.values[np.isfinite(surface.values)][at]
        expected = plain[np.isfinite(surface.values)][at] / share
        assert found == pytest.approx(expected, rel=1e-6, abs=limit)


def test_even_density_stays_even_at_the_edge():
    """One incident on every cell: divided at each place, the surface is flat up to the edge."""
    flat = sg.density.kernel_density(
        pd.DataFrame({"lon": [0.0], "lat": [13.0]}), bandwidth_km=40, cell_km=20, edge=AREA
    )
    x, y = (axis[np.isfinite(flat.values)] * 1e3 for axis in centres_km(flat))
    lonlat = gpd.GeoSeries.from_xy(x, y, crs=EQUAL_AREA).to_crs(4326)
    every = pd.DataFrame({"lon": lonlat.x, "lat": lonlat.y})
    options = {"bandwidth_km": 40, "cell_km": 20}
    even = sg.density.kernel_density(every, edge=AREA, edge_at="place", **options)
    np.testing.assert_allclose(even.values[np.isfinite(even.values)], 1 / 400, rtol=1e-9)
    uncorrected = sg.density.kernel_density(every, extent=AREA, **options)
    assert np.nanmin(np.where(np.isfinite(even.values), uncorrected.values, np.nan)) < 0.6 / 400


def test_local_widths_by_hand():
    widths, held = adaptive.local_bandwidths(np.array([1.0, 4.0, 16.0, 4.0]), 12.0)
    np.testing.assert_allclose(widths, [24, 12, 6, 12])
    assert held == 0
    widths, held = adaptive.local_bandwidths(np.array([1.0] * 9 + [1e9]), 10.0)
    assert widths.max() == pytest.approx(10 * 10**0.45)
    assert widths.min() == 2.0
    assert held == 1


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
def test_the_adaptive_surface_is_the_double_sum(kernel):
    incidents = scattered(300)
    width = 25 if kernel == "gaussian" else 70
    surface = sg.density.kernel_density(
        incidents, bandwidth_km=width, kernel=kernel, adaptive=True, cell_km=5
    )
    x, y = places_km(incidents)
    pilot_width = width if kernel == "gaussian" else width / QUARTIC_OF_GAUSSIAN
    oracle = KernelDensity(bandwidth=pilot_width, rtol=1e-12).fit(np.column_stack([x, y]))
    pilot = np.exp(oracle.score_samples(np.column_stack([x, y])))
    factor = np.clip(np.sqrt(stats.gmean(pilot) / pilot), 0.2, 5)
    expected = double_sum(incidents, surface, kernel, width * factor)
    np.testing.assert_allclose(surface.values, expected, atol=1e-9 * expected.max())
    assert surface.total() == pytest.approx(300, rel=2e-3)
    assert surface.parameters["narrowest_km"] == pytest.approx((width * factor).min())
    assert surface.parameters["widest_km"] == pytest.approx((width * factor).max())
    assert surface.parameters["widest_km"] > 2 * surface.parameters["narrowest_km"]


@pytest.mark.parametrize(
    "case", [towns(1, 1), towns(3_000, 3), towns(2_000, 2_000), scattered(9_000)]
)
@pytest.mark.parametrize(("bandwidth_km", "cell_km"), [(25, 5), (40, 10)])
def test_the_ladder_keeps_its_stated_error(case, bandwidth_km, cell_km):
    options = {"bandwidth_km": bandwidth_km, "cell_km": cell_km, "adaptive": True}
    exact = sg.density.kernel_density(case, method="exact", **options)
    binned = sg.density.kernel_density(case, method="binned", **options)
    stated = binned.parameters["error_of_peak"]
    assert stated < 1e-3
    assert np.abs(binned.values - exact.values).max() <= stated * exact.values.max()
    assert binned.total() == pytest.approx(exact.total(), rel=1e-4)


@pytest.mark.parametrize("method", ["exact", "binned"])
def test_adaptive_kernels_conserve_the_incidents_inside(method):
    incidents = scattered(500)
    surface = sg.density.kernel_density(
        incidents, bandwidth_km=30, adaptive=True, edge=AREA, cell_km=10, method=method
    )
    kept = inside_area(incidents).sum()
    assert kept < 500
    assert surface.total() == pytest.approx(kept, rel=1e-6)
    assert surface.parameters["outside"] == 500 - kept


def test_the_pilot_of_many_is_that_of_few(monkeypatch):
    x, y = (axis * 1e3 for axis in places_km(scattered(3_000)))
    exact = adaptive.pilot_density(x, y, 20e3)
    monkeypatch.setattr(adaptive, "_MOST_EXACT", 10)
    binned = adaptive.pilot_density(x, y, 20e3)
    np.testing.assert_allclose(binned, exact, rtol=1e-3)


@pytest.mark.parametrize(
    ("kernel", "adaptive_", "method"),
    [
        ("gaussian", False, "exact"),
        ("gaussian", False, "binned"),
        ("gaussian", True, "exact"),
        ("gaussian", True, "binned"),
        ("quartic", False, "exact"),
        ("quartic", False, "binned"),
        ("quartic", True, "exact"),  # binned is refused; see below
    ],
)
def test_degenerate_incidents(kernel, adaptive_, method):
    options = {"bandwidth_km": 50, "kernel": kernel, "adaptive": adaptive_, "method": method}
    one = pd.DataFrame({"lon": [0.0], "lat": [13.0]})
    alone = sg.density.kernel_density(one, **options)
    assert alone.total() == pytest.approx(1, rel=2e-3)
    same = sg.density.kernel_density(pd.concat([one] * 40), **options)
    np.testing.assert_allclose(same.values, 40 * alone.values, atol=1e-3 * same.values.max())
    none = sg.density.kernel_density(one.iloc[:0], extent=AREA, **options)
    assert none.total() == 0
    far = pd.DataFrame({"lon": [30.0], "lat": [-5.0]})
    outside = sg.density.kernel_density(far, edge=AREA, **options)
    assert np.nansum(outside.values) == 0
    assert np.isnan(outside.values).any()
    assert outside.parameters["outside"] == 1
    missing = sg.density.kernel_density(one.assign(lon=np.nan), edge=AREA, **options)
    assert (missing.parameters["incidents"], missing.parameters["outside"]) == (0, 0)


def test_a_zone_is_a_study_area():
    zone = sg.load_zone("liptako-gourma")
    surface = sg.density.kernel_density(scattered(200), bandwidth_km=50, cell_km=20, edge=zone)
    assert surface.total() == pytest.approx(surface.parameters["incidents"], rel=1e-9)


def test_kernels_refuse_what_does_not_go_together():
    density, one = sg.density.kernel_density, pd.DataFrame({"lon": [0.0], "lat": [13.0]})
    with pytest.raises(InputError, match="`kernel` is 'box'; expected one of"):
        density(one, bandwidth_km=40, kernel="box")
    with pytest.raises(InputError, match="`edge_at` is 'centre'; expected one of"):
        density(one, bandwidth_km=40, edge_at="centre")
    with pytest.raises(InputError, match="`extent` and `edge` are both given"):
        density(one, bandwidth_km=40, extent=AREA, edge=AREA)
    with pytest.raises(InputError, match="`edge_at` is 'place' and `adaptive` is true"):
        density(one, bandwidth_km=40, edge=AREA, edge_at="place", adaptive=True)
    with pytest.raises(InputError, match="`method` is 'binned' for an adaptive quartic"):
        density(one, bandwidth_km=40, kernel="quartic", adaptive=True, method="binned")
    with pytest.raises(CrsError, match="`edge` has no coordinate reference system"):
        density(one, bandwidth_km=40, edge=AREA.set_crs(None, allow_override=True))
    with pytest.raises(InputError, match="`edge` is a str; expected a zone"):
        density(one, bandwidth_km=40, edge="menaka")
    tiny = AREA.assign(
        geometry=[shapely.box(0, 13, 0.001, 13.001), shapely.box(0, 13, 0.001, 13.001)]
    )
    with pytest.raises(InputError, match="holds the centre of no cell of 50 km"):
        density(one, bandwidth_km=40, cell_km=50, edge=tiny)
    with pytest.raises(InputError, match=r"reach the centre of no cell in `edge`: incidents \[0\]"):
        density(one, bandwidth_km=1, cell_km=100, edge=AREA, kernel="quartic")
