"""Kernel density: the binned and the exact surface beside their peers, in one run.

    python benchmarks/density.py                # peers at 1e5 points; scipy alone takes minutes
    python benchmarks/density.py --skip-scipy --most 1e7
    python benchmarks/density.py --others           # quartic and adaptive kernels

Every peer gives the same surface: 25 km bandwidth on 5 km cells. Times are the best of a few runs
after one to warm up, projection included for ours and excluded for the others; the error is the
largest difference from the exact sum, as a share of its peak. Read the ratios, not the seconds.
"""

import argparse
import time
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import gaussian_kde
from sklearn.neighbors import KernelDensity

import sahel_geo as sg
from sahel_geo.projection import project

try:
    import KDEpy
except ImportError:
    KDEpy = None

BANDWIDTH_KM = 25


def incidents_of(size, rng):
    """Half around 200 towns, half anywhere."""
    towns = np.column_stack([rng.uniform(-11, 15, 200), rng.uniform(11, 23, 200)])
    at = towns[rng.integers(0, 200, size)] + rng.normal(0, 0.2, (size, 2))
    anywhere = np.column_stack([rng.uniform(-11, 15, size), rng.uniform(11, 23, size)])
    lon, lat = np.where(rng.random((size, 1)) < 0.5, at, anywhere).T
    return pd.DataFrame({"lon": lon.copy(), "lat": lat.copy()})


def best_of(work, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - start)
    return answer, min(times)


def centres_km(surface):
    rows, columns = surface.values.shape
    x = (surface.transform.c + (np.arange(columns) + 0.5) * surface.transform.a) / 1e3
    y = (surface.transform.f + (np.arange(rows) + 0.5) * surface.transform.e) / 1e3
    return x, y


def peers(incidents, surface, *, with_scipy):
    points = np.column_stack(project(*incidents[["lon", "lat"]].to_numpy().T)) / 1e3
    x, y = centres_km(surface)
    cells = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
    shape, number = surface.values.shape, len(points)

    def scikit_learn():
        model = KernelDensity(bandwidth=BANDWIDTH_KM, rtol=1e-4).fit(points)
        return number * np.exp(model.score_samples(cells)).reshape(shape)

    def kdepy():
        # KDEpy wants the points of the grid in its own order: y runs fastest, from south to north
        ordered = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y[::-1], indexing="ij")])
        values = KDEpy.FFTKDE(kernel="gaussian", bw=BANDWIDTH_KM).fit(points).evaluate(ordered)
        return number * values.reshape(len(x), len(y)).T[::-1]

    def scipy():
        # scipy scales the covariance of the data; ours is a circle
        model = gaussian_kde(points.T)
        model.covariance = np.eye(2) * BANDWIDTH_KM**2
        model.cho_cov = np.linalg.cholesky(model.covariance)
        model.log_det = 2 * np.log(np.diag(model.cho_cov * np.sqrt(2 * np.pi))).sum()
        return number * model(cells.T).reshape(shape)

    yield "scikit-learn rtol=1e-4", scikit_learn
    if KDEpy is not None:
        yield "KDEpy FFTKDE", kdepy
    if with_scipy:
        yield "scipy gaussian_kde", scipy


def compare(size, rng, *, with_scipy):
    incidents = incidents_of(size, rng)
    options = {"bandwidth_km": BANDWIDTH_KM, "cell_km": 5}
    exact, exact_time = best_of(
        lambda: sg.density.kernel_density(incidents, method="exact", **options), 1
    )
    sg.density.kernel_density(incidents, method="binned", **options)
    ours, seconds = best_of(
        lambda: sg.density.kernel_density(incidents, method="binned", **options), 9
    )
    peak = exact.values.max()
    print(f"{size:,} points, {exact.values.shape[0]} x {exact.values.shape[1]} cells")
    print(f"stated error {ours.parameters['error_of_peak']:.1e} of the peak")

    def line(name, values, taken):
        error = np.abs(values - exact.values).max() / peak
        print(
            f"{name:<26}{taken:>10.4f} s {taken / seconds:>10.1f}x  error {error:.1e}", flush=True
        )

    line("binned", ours.values, seconds)
    line("exact", exact.values, exact_time)
    for name, work in peers(incidents, exact, with_scipy=with_scipy):
        values, taken = best_of(work, 5 if name.startswith("KDEpy") else 1)
        line(name, values, taken)


def other_kernels(size, rng):
    """Quartic and adaptive kernels beside scikit-learn, which has neither.

    Its Epanechnikov of the same radius costs what a quartic would; its Gaussian of one width costs
    less than an adaptive one would.
    """
    incidents = incidents_of(size, rng)
    points = np.column_stack(project(*incidents[["lon", "lat"]].to_numpy().T)) / 1e3
    cases = {
        "quartic": ({"bandwidth_km": 70, "kernel": "quartic"}, "epanechnikov", 70),
        "adaptive": ({"bandwidth_km": BANDWIDTH_KM, "adaptive": True}, "gaussian", BANDWIDTH_KM),
    }
    for name, (options, kernel, width) in cases.items():
        run = partial(sg.density.kernel_density, incidents, cell_km=5, **options)
        run(method="binned")
        binned, seconds = best_of(partial(run, method="binned"), 5)
        exact, exact_time = best_of(partial(run, method="exact"), 1)
        x, y = centres_km(exact)
        cells = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
        model = KernelDensity(bandwidth=width, kernel=kernel, rtol=1e-4).fit(points)
        _, theirs = best_of(partial(model.score_samples, cells), 1)
        error = np.abs(binned.values - exact.values).max() / exact.values.max()
        print(f"{size:,} points, {exact.values.shape} cells, {name}")
        print(
            f"binned {seconds:.4f} s, error {error:.1e} of the peak "
            f"(stated {binned.parameters['error_of_peak']:.1e}); exact {exact_time:.2f} s, "
            f"{exact_time / seconds:.1f}x; scikit-learn {kernel} {theirs:.2f} s, "
            f"{theirs / seconds:.1f}x",
            flush=True,
        )


def scale(most, rng):
    for cell_km in (5, 1):
        for size in [10**n for n in range(5, 9) if 10**n <= most]:
            incidents = incidents_of(size, rng)
            options = {"bandwidth_km": BANDWIDTH_KM, "cell_km": cell_km, "method": "binned"}
            surface, taken = best_of(lambda: sg.density.kernel_density(incidents, **options), 3)  # noqa: B023
            print(
                f"{size:>12,} points, {surface.values.size:>9,} cells of {cell_km} km: "
                f"{taken:.3f} s",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--most", type=float, default=1e6, help="largest number of points")
    parser.add_argument("--skip-scipy", action="store_true", help="leave out the slowest peer")
    parser.add_argument("--others", action="store_true", help="quartic and adaptive kernels only")
    arguments = parser.parse_args()
    rng = np.random.default_rng(1)
    if arguments.others:
        other_kernels(100_000, rng)
        return
    compare(100_000, rng, with_scipy=not arguments.skip_scipy)
    scale(int(arguments.most), rng)


if __name__ == "__main__":
    main()
