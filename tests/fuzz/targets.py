"""What strangers hand over, one target a reader: a sound file, and what reads it.

A target may refuse a file with an error of this package, and with nothing else. Used by the fuzz
tests (Hypothesis), by ``make fuzz`` (atheris) and by the attack.
"""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.transform import Affine

import sahel_geo as sg
from sahel_geo.errors import SahelGeoError
from sahel_geo.incidents.actors.register import register
from sahel_geo.indicators.border.bands import _raster_cells
from sahel_geo.indicators.surface.surface import Surface
from sahel_geo.locate.unit_table import read_unit_table
from sahel_geo.manifest import OutputFolder
from sahel_geo.maps.report.config import read_config
from sahel_geo.places.boundaries.foreign import read_boundaries
from sahel_geo.places.gazetteer.sources import read_source
from sahel_geo.places.zonal import zonal_sums

# Enough where what is tested is the packing.
_COLUMNS = ["date", "lat", "lon", "place", "country", "event_type", "fatalities_best"]
SQUARES = [shapely.box(x, 14, x + 1, 15) for x in range(3)]


@dataclass(frozen=True)
class Target:
    """A reader, the name that its file has, and how a sound one is made."""

    suffix: str
    read: Callable[[Path], object]
    make: Callable[[Path], object]


def _layer(crs: int = 4326) -> gpd.GeoDataFrame:
    table = {"ADM1_PCODE": ["A", "B", "C"], "ADM1_FR": ["Gao", "Ménaka", "Kidal"], "n": [1, 2, 3]}
    return gpd.GeoDataFrame(table, geometry=SQUARES, crs=crs)


def _shapefile(path: Path) -> None:
    with TemporaryDirectory() as folder:
        _layer().to_file(Path(folder, "adm1.shp"), encoding="UTF-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)


def _geodatabase(path: Path) -> None:
    with TemporaryDirectory() as folder:
        tables = Path(folder, "adm1.gdb")
        _layer().astype({"n": "int32"}).to_file(tables, driver="OpenFileGDB", layer="adm1")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(tables.iterdir()):
                archive.write(part, f"adm1.gdb/{part.name}")


def _kml(path: Path) -> None:
    marks = "".join(
        f"<Placemark><name>{name}</name><ExtendedData><Data name='ADM1_PCODE'><value>{name}</value>"
        "</Data></ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        + " ".join(f"{x},{y}" for x, y in shape.exterior.coords)
        + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for name, shape in zip("ABC", SQUARES, strict=True)
    )
    path.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>',
        encoding="utf-8",
    )


def _raster(path: Path) -> None:
    values = np.arange(1024, dtype="float32").reshape(32, 32)
    with rasterio.open(
        path, "w", driver="GTiff", height=32, width=32, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine(0.1, 0, 0, 0, -0.1, 15.2), tiled=True, blockxsize=16, blockysize=16,
        compress="deflate",
    ) as raster:  # fmt: skip
        raster.write(values, 1)


def _surface(path: Path) -> None:
    with rasterio.open(
        path, "w", driver="GTiff", height=8, width=8, count=1, dtype="float32", crs="EPSG:32631",
        transform=Affine(1e3, 0, 0, 0, -1e3, 1e6),
    ) as raster:  # fmt: skip
        raster.write(np.ones((8, 8), "float32"), 1)
        raster.update_tags(SAHEL_GEO='{"unit": "x", "parameters": {"a": 1}}')


def _incidents(write: str) -> Callable[[Path], object]:
    def make(path: Path) -> object:
        table = pd.DataFrame(sg.load_example_incidents()).head(12)
        if write == "to_json":
            return path.write_text(
                table.to_json(orient="records", date_format="iso"), encoding="utf-8"
            )
        options = {} if write == "to_feather" else {"index": False}
        return getattr(table, write)(path, **options)

    return make


def _packed(pack: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    def make(path: Path) -> object:
        table = pd.DataFrame(sg.load_example_incidents()).head(12)[_COLUMNS]
        return path.write_bytes(pack(table.to_csv(index=False).encode("utf-8")))

    return make


def _zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("incidents.csv", content)
    return stream.getvalue()


def _points(path: Path) -> None:
    points = gpd.GeoDataFrame(
        {"date": ["2021-01-02", "2021-01-03"], "place": ["Gao", "Bourem"], "morts": [1, 2]},
        geometry=gpd.points_from_xy([0, 0.4], [16.2, 16.9]),
        crs=4326,
    )
    points.to_parquet(path) if path.suffix == ".parquet" else points.to_file(path)


def _places(path: Path) -> None:
    rows = "name;lon;lat\nTessit;0,4;15,2\nInates;1,2;14,9\n"
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("places.csv", rows)
    else:
        path.write_text(rows, encoding="utf-8")


def _zone(path: Path) -> None:
    sg.load_zone("menaka-tri-border", level=1).save(path)


def _settings(path: Path) -> None:
    path.write_text(
        'level = 1\nlang = "en"\nbefore = ["2021-01", "2021-06"]\n[made.x]\na = "b"\n',
        encoding="utf-8",
    )


def _unit_table(path: Path) -> None:
    path.write_text("région;habitants\nGao;712 000\nMénaka;318 000\n", encoding="utf-8")


def _manifest(path: Path) -> None:
    path.write_text(f"{'0' * 64}  index.html\n-  zone.html\n", encoding="utf-8")


@cache
def _regions() -> gpd.GeoDataFrame:
    return sg.load_boundaries(level=1)


def _read_manifest(path: Path) -> None:
    folder = path.parent / "site"
    folder.mkdir()
    (folder / "manifest.sha256").write_bytes(path.read_bytes())
    with OutputFolder(folder, ["index.html"], alone=True).writing():
        pass
    assert path.is_file()


def _mended(path: Path) -> object:
    return read_boundaries(path, level=1, repair=True)


def _actors(path: Path) -> None:
    rows = {"actor_id": ["some-front", "jnim"], "aliases": ["SNF|Some Front", "Katiba X"],
            "from": ["2017", "2017-03"], "kind": ["rebel", "jihadist"]}  # fmt: skip
    pd.DataFrame(rows).to_csv(path, index=False)


SHAPES = gpd.GeoSeries(SQUARES, crs=4326)
TARGETS = {
    "incidents-csv": Target(".csv", sg.read_incidents, _incidents("to_csv")),
    "incidents-xlsx": Target(".xlsx", sg.read_incidents, _incidents("to_excel")),
    "incidents-parquet": Target(".parquet", sg.read_incidents, _incidents("to_parquet")),
    "incidents-feather": Target(".feather", sg.read_incidents, _incidents("to_feather")),
    "incidents-json": Target(".json", sg.read_incidents, _incidents("to_json")),
    "incidents-geojson": Target(".geojson", sg.read_incidents, _points),
    "incidents-geoparquet": Target(".parquet", sg.read_incidents, _points),
    "incidents-geopackage": Target(".gpkg", sg.read_incidents, _points),
    "incidents-flatgeobuf": Target(".fgb", sg.read_incidents, _points),
    "incidents-gzip": Target(".csv.gz", sg.read_incidents, _packed(gzip.compress)),
    "incidents-bzip2": Target(".csv.bz2", sg.read_incidents, _packed(bz2.compress)),
    "incidents-xz": Target(".csv.xz", sg.read_incidents, _packed(lzma.compress)),
    "incidents-zip": Target(".zip", sg.read_incidents, _packed(_zipped)),
    "boundaries-geopackage": Target(".gpkg", _mended, lambda path: _layer().to_file(path)),
    "boundaries-flatgeobuf": Target(".fgb", _mended, lambda path: _layer().to_file(path)),
    "boundaries-shapefile": Target(".zip", _mended, _shapefile),
    "boundaries-geojson": Target(".geojson", _mended, lambda path: _layer().to_file(path)),
    "boundaries-geoparquet": Target(".parquet", _mended, lambda path: _layer().to_parquet(path)),
    "boundaries-geodatabase": Target(".gdb.zip", _mended, _geodatabase),
    "boundaries-utm": Target(".gpkg", _mended, lambda path: _layer().to_crs(32631).to_file(path)),
    "boundaries-kml": Target(
        ".kml", lambda path: read_boundaries(path, level=1, mapping={"unit_id": "Name"}), _kml
    ),
    "raster-sums": Target(".tif", lambda path: zonal_sums(SHAPES, path), _raster),
    "raster-people": Target(".tif", lambda path: list(_raster_cells(path)), _raster),
    "surface": Target(".tif", Surface.from_geotiff, _surface),
    "places-text": Target(".csv", read_source, _places),
    "places-zip": Target(".zip", read_source, _places),
    "zone": Target(".geojson", sg.read_zone, _zone),
    "settings": Target(".toml", read_config, _settings),
    "unit-table": Target(".csv", lambda path: read_unit_table(path, _regions()), _unit_table),
    "manifest": Target(".txt", _read_manifest, _manifest),
    "actors": Target(".csv", register, _actors),
}


@cache
def sound(name: str) -> bytes:
    """Give the bytes of a sound file of a target."""
    target = TARGETS[name]
    with TemporaryDirectory() as folder:
        path = Path(folder, f"sound{target.suffix}")
        target.make(path)
        return path.read_bytes()


def feed(name: str, content: bytes) -> bool:
    """Hand a file to a target; whether it was read. Anything but our own errors gets out."""
    target = TARGETS[name]
    with TemporaryDirectory() as folder:
        path = Path(folder, f"given{target.suffix}")
        path.write_bytes(content)
        try:
            target.read(path)
        except SahelGeoError as error:
            said = {str(error), error.say("fr")}
        else:
            return True
    assert all(said)
    return False


PIECES = (
    b"\0", b'"', b"\n", b";", b"\xff\xfe", b"1e999", b"-", b"9" * 400, b"nan", b"\xed\xa0\x80",
    b"{}", b"[" * 50, b"]]", b"NULL", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff" * 8,
)  # fmt: skip


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Change, cut, repeat and insert a few bytes."""
    data = bytearray(content)
    for _ in range(int(rng.integers(1, 12))):
        at = int(rng.integers(len(data) + 1))
        kind = int(rng.integers(6))
        if kind == 0 and at < len(data):
            data[at] = int(rng.integers(256))
        elif kind == 1 and at < len(data):
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 2:
            del data[at : at + int(rng.integers(1, 64))]
        elif kind == 3:
            data[at:at] = PIECES[int(rng.integers(len(PIECES)))]
        elif kind == 4:
            data[at : at + 8] = PIECES[int(rng.integers(len(PIECES)))]
        else:
            del data[max(1, at) :]
    return bytes(data)


def repacked(content: bytes, rng: np.random.Generator) -> bytes:
    """Damage the files in a zip archive instead of the archive."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        chosen = int(rng.integers(len(source.namelist())))
        for at, member in enumerate(source.infolist()):
            part = source.read(member)
            target.writestr(member.filename, damaged(part, rng) if at == chosen else part)
    return stream.getvalue()
