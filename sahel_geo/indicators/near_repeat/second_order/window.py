"""The window that points were observed in, and the correction of pairs near its edge."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import scipy
import shapely
from affine import Affine

from sahel_geo.arrays import Floats
from sahel_geo.compiled import compiled
from sahel_geo.crs import to_equal_area
from sahel_geo.errors import InputError
from sahel_geo.indicators.surface.raster import cells_inside
from sahel_geo.places.borders import joined
from sahel_geo.places.remember import remembered

Cells = npt.NDArray[np.uint8]

_CELLS: Final = 2_000  # along the longer side of the window
_SAME: Final = 1e-9
_BAND: Final = 256  # rows whose shifts are counted at once


@dataclass(frozen=True)
class Window:
    """A window in the region's equal-area projection, and how much of it a shift leaves in common.

    shape: The window, in km.
    area_km2: Its area.
    covariance (2 m + 1, 2 m + 1): Share of the window that it has in common with itself shifted by
        whole steps along y (rows) and x (columns): the set covariance over the area.
    step_km: Steps along x and y.
    cells (rows, columns): uint8, 1 inside the window, 0 outside; from its north-west corner.
    """

    shape: Any
    area_km2: float
    covariance: Floats
    step_km: tuple[float, float]
    cells: Cells

    @classmethod
    def of(cls, window: gpd.GeoDataFrame, reach_km: float) -> "Window":
        """Join the polygons of a window and measure its shifts up to a reach, once."""
        return _window(window, float(reach_km))

    @classmethod
    def measured(cls, window: gpd.GeoDataFrame, reach_km: float) -> "Window":
        """Do so anew."""
        window = to_equal_area(window, "window")
        metres = joined(window.geometry.to_numpy())
        if metres.is_empty or metres.area == 0:
            raise InputError("`window` has no area; expected polygons. Pass units or an outline.")
        shape = shapely.transform(metres, lambda xy: xy / 1e3)
        west, south, east, north = shape.bounds
        size = np.array([east - west, north - south])
        _check_reach(reach_km < size.min(), reach_km)
        columns, rows = np.ceil(_CELLS * size / size.max()).astype(int)
        step = float(size[0] / columns), float(size[1] / rows)
        to_km = Affine(step[0], 0, west, 0, -step[1], north)
        drawn = cells_inside(np.array([shape]), (rows, columns), to_km).astype(np.uint8)
        down, across = (int(np.ceil(reach_km / each)) + 1 for each in step[::-1])
        share = _autocorrelation(drawn, (down, across))
        y, x = np.mgrid[-down : down + 1, -across : across + 1]
        near = np.hypot(x * step[0], y * step[1]) <= reach_km
        _check_reach(share[near].min() > _SAME, reach_km)
        return cls(shape, float(shape.area), share, step, drawn)

    def blurred(self, width_km: float) -> Floats:
        """Give the share of a Gaussian kernel at each cell that lies in the window."""
        if width_km not in self._blurred:
            from scipy.ndimage import gaussian_filter  # noqa: PLC0415  slow to import

            steps = [width_km / step for step in reversed(self.step_km)]
            self._blurred.clear()  # the last width alone: 32 MB
            self._blurred[width_km] = gaussian_filter(
                self.cells.astype(float), steps, mode="constant"
            )
        return self._blurred[width_km]

    @cached_property
    def _blurred(self) -> dict[float, Floats]:
        return {}

    @property
    def is_rectangle(self) -> bool:
        """Whether the window is a rectangle along the axes of the projection."""
        return bool(abs(self.shape.area / shapely.box(*self.shape.bounds).area - 1) < _SAME)

    def weights(self, dx: Floats, dy: Floats) -> Floats:
        """Give the translation correction of pairs (km apart): 1 over the share in common."""
        out = np.empty(len(dx))
        _weigh.sized(10 * len(dx))(dx, dy, self.covariance, *self.step_km, out)
        return out


_window = remembered()(Window.measured)


def _check_reach(inside: bool, reach_km: float) -> None:  # noqa: FBT001  one condition
    if not inside:
        raise InputError(
            "`distances_km` reaches {reach_km:g} km, by which a shift of `window` leaves nothing "
            "in common with it; expected a reach well inside the window. Take shorter distances.",
            reach_km=reach_km,
        )


def _autocorrelation(drawn: Cells, lags: tuple[int, int]) -> Floats:
    """Count the cells in common with the window shifted by each lag, as a share of all.

    Bands of rows are set beside themselves and the rows that a lag reaches, which takes less memory
    than all rows at once.
    """
    down, across = lags
    high = scipy.fft.next_fast_len(max(_BAND, 2 * down) + down)
    wide = scipy.fft.next_fast_len(drawn.shape[1] + across, real=True)
    spectrum = np.zeros((high, wide // 2 + 1), dtype=np.complex128)
    band = high - down
    for top in range(0, len(drawn), band):
        rows = scipy.fft.rfft(drawn[top : top + high].astype(np.float64), wide)
        below = scipy.fft.fft(rows, high, axis=0)
        spectrum += np.conj(scipy.fft.fft(rows[:band], high, axis=0, overwrite_x=True)) * below
    common = scipy.fft.irfft(scipy.fft.ifft(spectrum, axis=0, overwrite_x=True)[: down + 1], wide)
    half = np.round(common[:, np.arange(-across, across + 1)])  # counts of cells
    whole = np.concatenate([half[:0:-1, ::-1], half])
    return np.asarray(whole / max(int(drawn.sum()), 1.0))


@compiled()
def _weigh(  # pragma: no cover
    dx: Floats, dy: Floats, share: Floats, step_x: float, step_y: float, out: Floats
) -> None:
    middle_y, middle_x = share.shape[0] // 2, share.shape[1] // 2
    for at in range(len(dx)):
        x, y = middle_x + dx[at] / step_x, middle_y - dy[at] / step_y  # rows run south
        column = min(max(int(x), 0), share.shape[1] - 2)
        row = min(max(int(y), 0), share.shape[0] - 2)
        u, v = x - column, y - row
        low = share[row, column] * (1 - u) + share[row, column + 1] * u
        high = share[row + 1, column] * (1 - u) + share[row + 1, column + 1] * u
        out[at] = 1.0 / (low * (1 - v) + high * v)
