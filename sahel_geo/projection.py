"""Project many points to the region's equal-area projection, several times faster than PROJ.

PROJ serves every projection one point at a time. This is the one projection that surfaces and
equal-area grids use, written so that the processor takes several points at once.
"""

import math
from functools import cache

import numpy as np
from pyproj import CRS, Transformer

from sahel_geo.arrays import Floats
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.crs import EQUAL_AREA, LONLAT
from sahel_geo.errors import InputError

Constants = tuple[float, float, float, float, float, float]

_CHUNK = 1 << 15
_TERMS = 8  # of the series in e², which is 0.0067


def project(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Project points to `sahel_geo.crs.EQUAL_AREA`.

    lon, lat (n,): Degrees, EPSG:4326, within 180 and 90 degrees. x, y (n,): Metres; NaN where a
    coordinate is missing. Within a micrometre of PROJ.

    Snyder, J. P. (1987). Map Projections: A Working Manual. USGS Professional Paper 1395, equations
    3-12 and 14-1 to 14-7.

    >>> x, y = project(np.array([2.0]), np.array([17.0]))
    >>> x.round(3).tolist(), y.round(3).tolist()
    ([0.0], [0.0])
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if lon.shape != lat.shape:
        raise InputError(
            f"`lon` and `lat` have shapes {lon.shape} and {lat.shape}; expected the same. "
            "Pass two columns of one table."
        )
    x, y = np.empty(len(lon)), np.empty(len(lon))

    def work(part: slice) -> None:
        points = np.ascontiguousarray(lon[part]), np.ascontiguousarray(lat[part])
        _forward.sized(20 * len(points[0]))(*points, _CONSTANTS, x[part], y[part])

    over_chunks(work, len(lon), _CHUNK)
    return x, y


def unproject(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Take places (metres) of `sahel_geo.crs.EQUAL_AREA` back to degrees, by PROJ.

    >>> lon, lat = unproject(np.array([0.0]), np.array([0.0]))
    >>> lon.round(9).tolist(), lat.round(9).tolist()
    ([2.0], [17.0])
    """
    lon, lat = _back().transform(x, y)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


@cache
def _back() -> Transformer:
    return Transformer.from_crs(EQUAL_AREA, LONLAT, always_xy=True)


def _authalic(sine: float, e2: float) -> float:
    """Give q of a latitude; its logarithm is a series in e² that ends soon."""
    z = e2 * sine * sine
    series = 0.0
    for term in range(_TERMS, -1, -1):
        series = series * z + 1.0 / (2 * term + 1)
    return (1.0 - e2) * sine * (1.0 / (1.0 - z) + series)


def _constants(crs: CRS) -> Constants:
    """Read n, C, rho at the origin, lon of the origin, radius and e² off the projection."""
    assert crs.coordinate_operation is not None  # for the type checker: it is a projection
    assert crs.ellipsoid is not None
    values = {
        parameter.name: np.radians(parameter.value)
        for parameter in crs.coordinate_operation.params
        if parameter.unit_name == "degree"
    }
    ellipsoid = crs.ellipsoid
    radius = ellipsoid.semi_major_metre
    e2 = 1.0 - (ellipsoid.semi_minor_metre / radius) ** 2
    first, second = (values[f"Latitude of {rank} standard parallel"] for rank in ("1st", "2nd"))
    width = [np.cos(lat) ** 2 / (1.0 - e2 * np.sin(lat) ** 2) for lat in (first, second)]
    q = [_authalic(float(np.sin(lat)), e2) for lat in (first, second)]
    n = (width[0] - width[1]) / (q[1] - q[0])
    c = width[0] + n * q[0]
    origin = _authalic(float(np.sin(values["Latitude of false origin"])), e2)
    rho = radius * np.sqrt(c - n * origin) / n
    return (
        float(n),
        float(c),
        float(rho),
        float(np.degrees(values["Longitude of false origin"])),
        radius,
        e2,
    )


_CONSTANTS = _constants(EQUAL_AREA)


# Taylor coefficients, so that no term needs a division
_S = [(-1.0) ** k / math.factorial(2 * k + 1) for k in range(12)]
_S0, _S1, _S2, _S3, _S4, _S5, _S6, _S7, _S8, _S9, _S10, _S11 = _S


# the two terms of q as one series in e² sin²
_Q0, _Q1, _Q2, _Q3, _Q4, _Q5, _Q6, _Q7 = (1.0 + 1.0 / (2 * k + 1) for k in range(8))


@compiled(inline="always")
def _sine(angle: float) -> float:
    """Sum the series of the sine; right to the last bits within a quarter turn."""
    z = angle * angle
    high = _S6 + z * (_S7 + z * (_S8 + z * (_S9 + z * (_S10 + z * _S11))))
    return angle * (_S0 + z * (_S1 + z * (_S2 + z * (_S3 + z * (_S4 + z * (_S5 + z * high))))))


@compiled()
def _forward(lon: Floats, lat: Floats, constants: Constants, x: Floats, y: Floats) -> None:
    n, c, rho_origin, lon_origin, radius, e2 = constants
    degree, per_root, n_e = np.pi / 180.0, radius / n, n * (1.0 - e2)
    for at in range(len(lon)):
        sine = _sine(lat[at] * degree)
        z = e2 * sine * sine
        high = _Q3 + z * (_Q4 + z * (_Q5 + z * (_Q6 + z * _Q7)))
        q = sine * (_Q0 + z * (_Q1 + z * (_Q2 + z * high)))
        rho = per_root * np.sqrt(c - n_e * q)
        east = lon[at] - lon_origin
        east = east + 360.0 if east < -180.0 else east
        east = east - 360.0 if east > 180.0 else east
        turn = n * east * degree
        half = _sine(0.5 * turn)
        x[at] = rho * _sine(turn)
        y[at] = rho_origin - rho * (1.0 - 2.0 * half * half)
