"""Points, images and layers of users, drawn on the axes of a picture."""

from base64 import b64decode
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import numpy as np
from matplotlib.patches import Circle, PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from PIL import Image as Pillow

from sahel_geo.arrays import Integers
from sahel_geo.i18n.classes import HATCHES, ink_on
from sahel_geo.maps.picture.marks import Dot, Image, Mark, Pin, Shape, Style
from sahel_geo.maps.picture.points import PIXELS_PER_INCH, Group
from sahel_geo.maps.picture.text import FAMILY, height

INK: Final = "#22201c"
QUIET: Final = "#5a544a"
EDGE: Final = "#8c857a"
POINTS: Final = "#0b4f8a"
GROUND: Final = {"land": "#ece8df", "sea": "#d9e5ea"}
_HATCH: Final = {"no_data": ("#ffffff", "////", "#8f8a80"), "suppressed": (None, "....", "#3d3830")}
# kind, width in points, colour, dashes; a border has a light casing, so that it shows on any class
LAKE: Final = "#b9d6e3"
LINES: Final = (
    ("river", 0.8, "#6a9fb8", "solid"),
    ("around", 0.6, "#bdb6a8", "solid"),
    ("outer", 0.8, "#5e574d", "solid"),
    ("region", 0.7, "#5e574d", "solid"),
    ("casing", 3.2, "#ffffff", "solid"),
    ("border", 1.5, INK, "solid"),
    ("zone", 1.9, "#0b4f8a", (0, (4, 2.5))),
)


def fill_of(entry: Mapping[str, Any], *, doubtful: bool) -> dict[str, Any]:
    """Give the fill of a class: its colour, hatched or dotted as on the page."""
    kind = entry["kind"]
    if kind in _HATCH:
        paper, hatch, ink = _HATCH[kind]
        return _hatched(paper or entry["colour"], hatch, ink)
    colour = entry.get("colour", "#ffffff")
    lines = HATCHES.get(entry.get("mark", ""), "") + ("\\\\\\\\" if doubtful else "")
    if lines:
        return _hatched(colour, lines, ink_on(colour))
    return {"facecolor": colour, "edgecolor": "none", "linewidth": 0}


def _hatched(paper: str, hatch: str, ink: str) -> dict[str, Any]:
    return {"facecolor": paper, "hatch": hatch, "edgecolor": ink, "linewidth": 0}


POINTS_PER_PIXEL: Final = 72 / PIXELS_PER_INCH
_PIN: Final = (12.5, 28.0)  # radius of the head and height of its middle above the tip, in pixels
_BARE: Final[dict[str, Any]] = {"facecolor": "none", "edgecolor": "none", "linewidth": 0}


def draw_group(put: Any, group: Group, scale: float, base: Any, zorder: float) -> None:
    """Draw the symbol of some incidents."""
    radius = group.radius * scale
    corners = _symbol_corners(group.precision, radius)
    look: Any = {
        "facecolor": POINTS,
        "edgecolor": "#ffffff",
        "linewidth": 1.4 * POINTS_PER_PIXEL,
        "alpha": 0.86,
        "zorder": zorder,
    }
    if corners is None:
        patch: Any = Circle((group.x, group.y), radius, **look)
    else:
        patch = Polygon([(group.x + x, group.y + y) for x, y in corners], closed=True, **look)
    patch.set_transform(base)
    put(patch)


def draw_image(ax: Any, image: Image, squeeze: float, zorder: float) -> None:
    """Draw a picture made for a web map, its rows moved to where they lie on the ground."""
    with Pillow.open(BytesIO(b64decode(image.address.partition(",")[2]))) as opened:
        pixels = np.asarray(opened.convert("RGBA"))
    (south, west), (north, east) = sorted(np.asarray(image.bounds, dtype=np.float64).tolist())
    rows = pixels[_mercator_rows(len(pixels), south, north)].copy()
    rows[..., 3] = np.rint(rows[..., 3] * image.opacity).astype(np.uint8)
    limits = ax.axis()
    ax.imshow(
        rows,
        extent=(west * squeeze, east * squeeze, south, north),
        interpolation="none",
        aspect="auto",
        zorder=zorder,
    )
    ax.axis(limits)


def _mercator_rows(count: int, south: float, north: float) -> Integers:
    """Tell which row of a web map's picture lies at each of 2 x `count` even latitudes.

    >>> _mercator_rows(2, -60.0, 60.0)
    array([0, 0, 1, 1])
    """
    edges = np.radians([south, north])
    latitudes = np.radians(north - (np.arange(2 * count) + 0.5) / (2 * count) * (north - south))
    low, high = np.arcsinh(np.tan(edges))
    share = (high - np.arcsinh(np.tan(latitudes))) / (high - low)
    rows: Integers = np.clip((share * count).astype(np.int64), 0, count - 1)
    return rows


def draw_mark(ax: Any, mark: Mark, squeeze: float, scale: float, zorder: float) -> None:
    """Draw a mark of a user's layer."""
    patches: list[Any] = []
    if isinstance(mark, Image):
        draw_image(ax, mark, squeeze, zorder)
    elif isinstance(mark, Shape):
        vertices, codes = [], []
        for ring in mark.rings:
            vertices.append(ring * (squeeze, 1.0))
            codes += [Path.MOVETO, *[Path.LINETO] * (len(ring) - 1)]
            if mark.closed:
                codes[-1] = Path.CLOSEPOLY
        patches = _painted(Path(np.concatenate(vertices), codes), mark.style, zorder)
    elif isinstance(mark, Dot):
        circle = Path.circle((mark.lon * squeeze, mark.lat), mark.radius * scale)
        patches = _painted(circle, mark.style, zorder)
    else:
        patches = _pin_patches(mark, (mark.lon * squeeze, mark.lat), scale, zorder + 1)
    for patch in patches:
        ax.add_patch(patch)


def _painted(path: Path, style: Style, zorder: float = 1) -> list[PathPatch]:
    """Give the area and the line of a path; apart, since each has an opacity of its own."""
    patches = []
    if style.fill is not None:
        patches.append(PathPatch(path, **{**_BARE, "facecolor": style.fill, "zorder": zorder}))
    if style.stroke is not None:
        dash = tuple(each * POINTS_PER_PIXEL for each in style.dash)
        line: Any = {**_BARE, "edgecolor": style.stroke, "zorder": zorder}
        line["linewidth"] = width = style.width * POINTS_PER_PIXEL
        if dash:
            # lengths of dashes are multiples of the width in matplotlib, pixels in Leaflet
            line["linestyle"] = (0, tuple(each / max(width, 1e-6) for each in dash))
        patches.append(PathPatch(path, capstyle="round", joinstyle="round", **line))
    return patches


def _pin_patches(pin: Pin, tip: tuple[float, float], scale: float, zorder: float = 1) -> list[Any]:
    """Give the shapes of a marker."""
    radius, middle = _PIN
    half = np.arccos(radius / middle)
    bow = np.linspace(-np.pi / 2 + half, 1.5 * np.pi - half, 40)
    head = np.column_stack([radius * np.cos(bow), middle + radius * np.sin(bow)])
    outline = Path(np.vstack([[0, 0], head, [0, 0]]), closed=True)
    put = Affine2D().scale(scale).translate(*tip)
    body: Any = {"facecolor": pin.colour, "edgecolor": "#ffffff", "linewidth": 0.8}
    hole: Any = {"facecolor": "#ffffff", "linewidth": 0, "zorder": zorder}
    return [
        PathPatch(outline.transformed(put), zorder=zorder, **body),
        Circle((tip[0], tip[1] + middle * scale), 4.8 * scale, **hole),
    ]


def symbol_patches(mark: Mark, box: tuple[float, float, float, float]) -> list[Any]:
    """Draw a mark of a user's layer small, for the legend."""
    left, bottom, wide, tall = box
    middle = (left + wide / 2, bottom + tall / 2)
    if isinstance(mark, Pin):
        return _pin_patches(mark, (middle[0], bottom - 0.03), 0.65 / PIXELS_PER_INCH)
    if isinstance(mark, Dot):
        radius = min(mark.radius / PIXELS_PER_INCH, tall / 2)
        return list(_painted(Path.circle(middle, radius), mark.style))
    if isinstance(mark, Shape):
        line = [(left, middle[1]), (left + wide, middle[1])]
        area = [(left, bottom), (left + wide, bottom)]
        area += [(left + wide, bottom + tall), (left, bottom + tall), (left, bottom)]
        path = Path(area, closed=True) if mark.closed else Path(line)
        return list(_painted(path, mark.style))
    return [Rectangle((left, bottom), wide, tall, facecolor="none", edgecolor=EDGE)]


def write_lines(
    figure: Any, lines: list[str], size: float, x: float, top: float, **style: Any
) -> float:
    """Write lines below `top`, inches from the left and the bottom, and give where they end."""
    across, up = figure.get_size_inches()
    for number, line in enumerate(lines):
        figure.text(
            x / across,
            (top - height(number, size) - size * 1.02 / 72) / up,
            line,
            size=size,
            va="baseline",
            parse_math=False,
            family=FAMILY,
            **{"color": INK, **style},
        )
    return top - height(len(lines), size)


def _symbol_corners(precision: int, radius: float) -> list[tuple[float, float]] | None:
    """Give the corners of the symbol of a precision around the origin, y up; None for a circle."""
    square, tall = radius * 0.89, radius * 1.2
    return {
        1: [(-square, -square), (square, -square), (square, square), (-square, square)],
        2: [(0.0, tall), (tall, 0.0), (0.0, -tall), (-tall, 0.0)],
        3: [(0.0, tall), (tall, -tall * 0.8), (-tall, -tall * 0.8)],
    }.get(precision)
