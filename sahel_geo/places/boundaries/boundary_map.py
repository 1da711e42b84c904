"""Draw the faults of a layer on one small picture, without any library on the page."""

from html import escape
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from sahel_geo.errors import InputError
from sahel_geo.files import write_text
from sahel_geo.places.boundaries.foreign import BoundaryLayer

_WIDTH: Final = 900
_MARGIN: Final = 20
_SHOWN: Final = 20
_COLOURS: Final = {"overlap": "#b30059", "gap": "#0057b3"}
_OTHER: Final = "#b35900"


def draw_faults(layer: BoundaryLayer, path: Path) -> Path:
    """Write a picture of the units with the worst faults marked and listed."""
    if path.suffix.lower() not in {".svg", ".html"}:
        raise InputError(
            "`path` is {path!r}; expected a name in .svg or .html. Rename it.", path=str(path)
        )
    picture = _picture(layer)
    if path.suffix.lower() == ".html":
        title = escape(layer.report.file)
        listed = "\n".join(
            f"<li>{escape(line.strip())}</li>" for line in layer.report.lines(_SHOWN)
        )
        picture = (
            f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f"</head>\n<body>\n<h1>{title}</h1>\n{picture}\n<ul>\n{listed}\n</ul>\n</body></html>"
        )
    return write_text(path, picture + "\n")


def _picture(layer: BoundaryLayer) -> str:
    shapes = layer.units.geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if len(shapes) == 0:
        raise InputError("the layer holds no geometry; expected polygons to draw. Check the file.")
    west, south, east, north = shapely.total_bounds(shapes)
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    scale = (_WIDTH - 2 * _MARGIN) / max((east - west) * squeeze, (north - south) * 0.7, 1e-6)
    height = int((north - south) * scale + 2 * _MARGIN) + 1

    def place(xy: Any) -> Any:
        x = (xy[:, 0] - west) * squeeze * scale + _MARGIN
        return np.column_stack([x, (north - xy[:, 1]) * scale + _MARGIN])

    drawn = shapely.transform(shapes, place)
    outlines = " ".join(_path(shape) for shape in shapely.simplify(drawn, 0.5))
    marks = []
    located = [finding for finding in layer.report.findings if finding.lon is not None]
    located.sort(key=lambda finding: -finding.area_km2)
    for number, finding in enumerate(located[:_SHOWN], start=1):
        x, y = place(np.array([[finding.lon, finding.lat]], dtype=float))[0]
        colour = _COLOURS.get(finding.kind, _OTHER)
        words = f"{finding.kind}: {' / '.join(finding.units)}, {finding.area_km2:.3f} km²"
        marks.append(
            f'<g><title>{escape(words)}</title><circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="none" '
            f'stroke="{colour}" stroke-width="2"/><text x="{x + 9:.1f}" y="{y + 4:.1f}" '
            f'font-size="11" fill="{colour}">{number}</text></g>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'width="{_WIDTH}" height="{height}"><title>{escape(layer.report.file)}</title>'
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f'<path d="{outlines}" fill="#eee" stroke="#777" stroke-width="0.6" fill-rule="evenodd"/>'
        + "".join(marks)
        + "</svg>"
    )


def _path(shape: Any) -> str:
    rings = shapely.get_rings(shapely.get_parts(shape))
    return " ".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)) + "Z"
        for ring in rings
    )
