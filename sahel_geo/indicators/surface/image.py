"""A surface as a picture that lies right on a web map."""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
from affine import Affine

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.surface.raster import Raster

Class = tuple[float, float, str]

PALETTE: Final = ("#fde0b8", "#fdbb84", "#f58c58", "#dc5039", "#ae1a25", "#68051a")
OPPOSITE: Final = ("#d6e4f0", "#a6c8e2", "#6ea6d0", "#3a7fb8", "#17588f", "#08305f")
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")
_STEPS: Final = (1.0, 2.0, 5.0)
_PIXELS_PER_CELL: Final = 4  # so that the outline of a class is a curve, not a staircase
_MOST_PIXELS: Final = 8_192
_MERCATOR_LATITUDE: Final = 85.05  # a web map ends here


@dataclass(frozen=True)
class SurfaceImage:
    """A picture of a surface, warped so that it can be stretched between two corners of a web map.

    Attributes
    ----------
    png : bytes
        A PNG in the projection of web maps (EPSG:3857), north up. Transparent where the surface has
        no value, or one below the lowest class.
    bounds : (float, float, float, float)
        West, south, east and north of its edges in degrees, EPSG:4326. Leaflet wants them as
        ``[[south, west], [north, east]]``.
    classes : tuple of (float, float, str)
        Low, high and colour ``"#rrggbb"`` of each class, ascending. The end nearer to zero belongs
        to the class; the other end does so in the outermost class alone.
    unit : str
        Unit of the classes.
    size : (int, int)
        Width and height in pixels.
    """

    png: bytes
    bounds: tuple[float, float, float, float]
    classes: tuple[Class, ...]
    unit: str
    size: tuple[int, int]

    @property
    def data_uri(self) -> str:
        """The picture as an address that holds it, for a page without other files."""
        return f"data:image/png;base64,{b64encode(self.png).decode()}"

    def _repr_png_(self) -> bytes:
        return self.png


def draw_image(
    surface: Raster,
    palette: Sequence[str],
    opposite: Sequence[str],
    breaks: Sequence[float] | None,
    opacity: float,
    max_px: int,
) -> SurfaceImage:
    """Sort a surface into classes and colour it; see :meth:`Surface.image`."""
    for name, colours in {"palette": palette, "opposite": opposite}.items():
        wrong = [colour for colour in colours if not _HEX.match(str(colour))]
        if isinstance(colours, str) or wrong or not 2 <= len(colours) <= 100:
            raise InputError(
                f"`{name}` has {len(colours)} entries, of which {first_offenders(wrong)} are no "
                "colours; expected 2 to 100 as '#rrggbb', from light to dark. Correct it."
            )
    if not 0 < opacity <= 1:
        raise InputError(f"`opacity` is {opacity}; expected above 0, up to 1. Choose 0.7.")
    if not 16 <= max_px <= _MOST_PIXELS:
        raise InputError(
            f"`max_px` is {max_px}; expected 16 to {_MOST_PIXELS} pixels. Choose one of them."
        )
    classes = classes_of(surface.values, palette, opposite, breaks)
    values, bounds = _warped(surface, max_px)
    # Give each pixel the number of its class from 1, or 0 where there is none.
    numbers = np.zeros(values.shape, dtype=np.uint8)
    sizes = np.abs(values)
    for at, (low, high, _) in enumerate(classes, start=1):
        begin, end = sorted((abs(low), abs(high)))
        inside = (np.sign(values) == (1 if high > 0 else -1)) & (sizes >= begin)
        outermost = at in {1, len(classes)} and (at == 1) == (high <= 0)
        numbers[inside if outermost else inside & (sizes < end)] = at
    png = _png(numbers, classes, opacity)
    return SurfaceImage(png, bounds, classes, surface.unit, (values.shape[1], values.shape[0]))


def _breaks(values: Floats, breaks: Sequence[float] | None, most: int) -> Floats:
    """Check the caller's breaks, or descend from the largest value by 1, 2 and 5."""
    if breaks is not None:
        lows = np.asarray(breaks, dtype=np.float64)
        ascending = lows.ndim == 1 and len(lows) > 0 and (np.diff(lows) > 0).all()
        if not (ascending and np.isfinite(lows).all() and lows[0] > 0):
            raise InputError(
                f"`breaks` is {first_offenders(np.ravel(lows))}; expected positive numbers in "
                "ascending order. Sort them, and leave out zero."
            )
        return lows
    known = values[np.isfinite(values)]
    top = float(np.abs(known).max(initial=0.0))
    if top == 0:
        return np.empty(0)
    wanted = max(most // 2, 1) if known.min() < 0 else most
    power = int(np.floor(np.log10(top)))
    ladder = np.array([step * 10.0**at for at in range(power - 40, power + 1) for step in _STEPS])
    return np.unique([float(f"{low:.0e}") for low in ladder[ladder < top][-wanted:]])


def classes_of(
    values: Floats,
    palette: Sequence[str] = PALETTE,
    opposite: Sequence[str] = OPPOSITE,
    breaks: Sequence[float] | None = None,
) -> tuple[Class, ...]:
    """Sort values into classes of round numbers, mirrored below zero."""
    lows = _breaks(values, breaks, len(palette))
    known = values[np.isfinite(values)]
    sides = [_side(-known[known < 0], lows, opposite), _side(known[known > 0], lows, palette)]
    below = [(-high, -low, colour) for low, high, colour in reversed(sides[0])]
    return (*below, *sides[1])


def _side(sizes: Floats, lows: Floats, palette: Sequence[str]) -> list[Class]:
    """Give the classes of one side of zero; its last reaches the largest value."""
    top = float(sizes.max(initial=0.0))
    if not len(lows) or top < lows[0]:
        return []
    unit = 10.0 ** (np.floor(np.log10(top)) - 1)
    end = float(f"{np.ceil(top / unit - 1e-9) * unit:.2g}")  # two digits, as a legend shows it
    ends = [*lows[1:], max(end, lows[-1])]
    colours = _spread(palette, len(lows))
    return [
        (float(low), float(high), colour)
        for low, high, colour in zip(lows, ends, colours, strict=True)
        if low <= top
    ]


def _spread(palette: Sequence[str], n: int) -> list[str]:
    stops = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in palette])
    last = len(stops) - 1
    places = np.linspace(0, last, n) if n > 1 else np.array([last * 0.6])
    mixed = [np.interp(places, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    return ["#{:02x}{:02x}{:02x}".format(*row) for row in np.rint(np.transpose(mixed)).astype(int)]


def _warped(surface: Raster, max_px: int) -> tuple[Floats, tuple[float, float, float, float]]:
    from rasterio.transform import array_bounds  # noqa: PLC0415  slow to import
    from rasterio.warp import Resampling, reproject, transform_bounds  # noqa: PLC0415

    rows, columns = surface.values.shape
    crs, web = surface.crs.to_wkt(), "EPSG:3857"
    edges = array_bounds(rows, columns, surface.transform)
    lonlat = transform_bounds(crs, "EPSG:4326", *edges, densify_pts=101)
    if not np.isfinite(lonlat).all() or max(-lonlat[1], lonlat[3]) > _MERCATOR_LATITUDE:
        raise InputError(
            f"the surface reaches latitudes {lonlat[1]:.1f} to {lonlat[3]:.1f}; expected within "
            f"{_MERCATOR_LATITUDE} degrees, where web maps end. Clip it first."
        )
    west, south, east, north = transform_bounds("EPSG:4326", web, *lonlat)
    longer = min(max_px, _PIXELS_PER_CELL * max(rows, columns))
    step = max(east - west, north - south) / longer
    width, height = (max(round(side / step), 1) for side in (east - west, north - south))
    values = np.full((height, width), np.nan)
    reproject(
        np.ascontiguousarray(surface.values),
        values,
        src_transform=surface.transform,
        src_crs=crs,
        src_nodata=np.nan,
        dst_transform=Affine((east - west) / width, 0, west, 0, (south - north) / height, north),
        dst_crs=web,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )
    return values, (lonlat[0], lonlat[1], lonlat[2], lonlat[3])


def _png(numbers: npt.NDArray[np.uint8], classes: Sequence[Class], opacity: float) -> bytes:
    from PIL import Image  # noqa: PLC0415  slow to import

    table = bytearray(b"\xff\xff\xff")
    for _, _, colour in classes:
        table += bytes.fromhex(colour[1:])
    alpha = max(round(255 * opacity), 1)
    picture = Image.fromarray(numbers)
    picture.putpalette(bytes(table))
    written = BytesIO()
    transparency = bytes([0] + [alpha] * len(classes))
    picture.save(written, format="PNG", optimize=True, transparency=transparency)
    return written.getvalue()
