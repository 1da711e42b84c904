"""Small files that ask for much: each is made here, and must be read or refused cheaply.

Run one in this process: ``python -m tests.attack.bombs NAME`` prints what became of it, the seconds
of the processor and the megabytes that it took; without a name, names are read from standard input.
"""

import contextlib
import gzip
import io
import json
import lzma
import os
import re
import resource
import struct
import sys
import time
import traceback
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

HEADER = "date,lon,lat,place\n2021-01-01,1,15,Gao\n"
SECONDS = 20  # of the processor, as promised in docs/security.md
MEGABYTES = 1500


def quoted_field(path: Path) -> None:
    path.write_text(f'{HEADER}2021-01-01,1,15,"{"x" * 200_000_000}"\n', encoding="utf-8")


def quoted_lines(path: Path) -> None:
    path.write_text(HEADER + '2021-01-01,1,15,"' + "x\n" * 100_000_000 + '"\n', encoding="utf-8")


def commas(path: Path) -> None:
    path.write_text(HEADER + ("," * 1999 + "\n") * 100_000, encoding="utf-8")


def bad_rows(path: Path) -> None:
    path.write_text(HEADER + "x,y,z,w\n" * 4_000_000, encoding="utf-8")


def many_quotes(path: Path) -> None:
    path.write_text(HEADER + '"' * 60_000_000, encoding="utf-8")


def dictionary(path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    row = {"date": "2021-01-01", "place": "x" * 100_000, "lon": 1.0, "lat": 15.0}
    first = pa.repeat(0, 20_000).cast("int32")
    table = pa.table({name: pa.DictionaryArray.from_arrays(first, [row[name]]) for name in row})
    pq.write_table(table, path, compression="zstd", store_schema=False)


def packed_numbers(path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = pa.schema([(name, pa.float64()) for name in ("date", "lon", "lat")])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        piece = pa.table({name: pa.repeat(1.0, 1_000_000) for name in schema.names})
        for _ in range(100):
            writer.write_table(piece)


def packed_feather(path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import feather  # noqa: PLC0415

    table = pa.table({"place": pa.repeat("x" * 2_000, 400_000)})
    feather.write_feather(table, path, compression="zstd")


def _workbook(path: Path, rows: str) -> None:
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook()
    book.active.append(["date", "lon", "lat"])
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(
        "</sheetData>", f"{rows}</sheetData>"
    ).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def far_row(path: Path) -> None:
    _workbook(path, '<row r="1048576"><c r="A1048576"><v>1</v></c></row>')


def far_cells(path: Path) -> None:
    _workbook(
        path, "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 90_000))
    )


def many_keys(path: Path) -> None:
    features = [
        {"type": "Feature", "properties": {f"{n}_{m}": 1 for m in range(20)}, "geometry": None}
        for n in range(15_000)
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
    )


def many_lists(path: Path) -> None:
    path.write_text(
        '{"type":"FeatureCollection","features":[' + "[]," * 20_000_000 + "1]}", encoding="utf-8"
    )


def wide_letters(path: Path) -> None:
    text = "\N{PILE OF POO}".encode() + b"x" * 120_000_000
    path.write_bytes(b'{"type":"FeatureCollection","a":"' + text + b'","features":[]}')


def _tiff(path: Path, width: int, height: int, block: int) -> None:
    """Write a GeoTIFF of which nothing is stored."""
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 32), (259, 3, 1, 1), (262, 3, 1, 1),
        (277, 3, 1, 1), (322, 4, 1, block), (323, 4, 1, block), (324, 4, 1, 0), (325, 4, 1, 0),
        (339, 3, 1, 3), (33550, 12, 3, 1000), (33922, 12, 6, 1024), (34735, 3, 16, 1072),
    ]  # fmt: skip
    content = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    content += b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    content = content.ljust(1000, b"\0") + struct.pack("<3d", 1e-6, 1e-6, 0)
    content += struct.pack("<6d", 0, 0, 0, 0, 15, 0)
    keys = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)
    path.write_bytes(content + struct.pack("<16H", *keys))


def large_tile(path: Path) -> None:
    _tiff(path, 40_000, 40_000, 40_000)


def wide_raster(path: Path) -> None:
    _tiff(path, 2_000_000_000, 16, 16)


def repeated_shape(path: Path) -> None:
    import geopandas as gpd  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    with TemporaryDirectory() as folder:
        circle = [shapely.Point(0, 0).buffer(1, 2_000)]
        gpd.GeoDataFrame({"name": ["a"]}, geometry=circle, crs=4326).to_file(Path(folder, "a.shp"))
        index = Path(folder, "a.shx")
        content = index.read_bytes()
        index.write_bytes(content + content[100:] * 100_000)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in Path(folder).iterdir():
                archive.write(part, part.name)


def long_default(path: Path) -> None:
    import sqlite3  # noqa: PLC0415

    import geopandas as gpd  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    points = shapely.points([0.0] * 50_000, 15.0)
    gpd.GeoDataFrame({"name": "a"}, geometry=points, crs=4326, index=range(50_000)).to_file(path)
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute(
            f"ALTER TABLE '{path.stem}' ADD COLUMN more TEXT DEFAULT '{'x' * 100_000}'"
        )


def zip_bomb(path: Path) -> None:
    path.write_bytes(_spaces())


@cache
def _spaces() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("adm2.geojson", b" " * 400_000_000)
    return stream.getvalue()


def gzip_bomb(path: Path) -> None:
    with gzip.open(path, "wb", 9) as stream:
        for _ in range(400):
            stream.write(b" " * 1_000_000)


def xz_dictionary(path: Path) -> None:
    """Write a block that asks for a dictionary of 3 GB and holds ten letters."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6}]
    content = bytearray(lzma.compress(HEADER.encode(), filters=filters))
    content[16] = 39  # the size of the dictionary, in the header of the block
    size = 4 * (content[12] + 1)
    content[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(content[12 : 12 + size - 4]))
    path.write_bytes(content)


def long_contents(path: Path) -> None:
    """Write an archive whose table of contents alone has a million entries."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, *[0] * 14) + b"a"
    entry = entry[:28] + struct.pack("<H", 1) + entry[30:]
    size = len(entry) * 1_000_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65_535, 65_535, size, 4, 0)
    path.write_bytes(b"PK\x03\x04" + entry * 1_000_000 + end)


def deep_xml(path: Path) -> None:
    path.write_text("<kml>" + "<a>" * 2_000_000, encoding="utf-8")


def entities(path: Path) -> None:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a0 "x">{lines}]><kml>&a11;</kml>',
        encoding="utf-8",
    )


def _incidents(path: Path) -> object:
    import sahel_geo as sg  # noqa: PLC0415

    return len(sg.read_incidents(path))


def _boundaries(path: Path) -> object:
    from sahel_geo.places.boundaries.foreign import read_boundaries  # noqa: PLC0415

    return len(read_boundaries(path, level=1).units)


def _raster(path: Path) -> object:
    import geopandas as gpd  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    from sahel_geo.indicators.border.bands import _raster_cells  # noqa: PLC0415
    from sahel_geo.places.zonal import zonal_sums  # noqa: PLC0415

    zonal_sums(gpd.GeoSeries([shapely.box(0, 10, 20, 15)], crs=4326), path)
    return sum(1 for _ in _raster_cells(path))


def _places(path: Path) -> object:
    from sahel_geo.places.gazetteer.sources import read_source  # noqa: PLC0415

    return len(read_source(path))


BOMBS: dict[str, tuple[str, Callable[[Path], None], Callable[[Path], object]]] = {
    "csv: a field of 200 MB": ("a.csv", quoted_field, _incidents),
    "csv: a field of 100 million lines": ("a.csv", quoted_lines, _incidents),
    "csv: 200 million blank cells": ("a.csv", commas, _incidents),
    "csv: four million rows that cannot be used": ("a.csv", bad_rows, _incidents),
    "csv: 60 million quotes": ("a.csv", many_quotes, _incidents),
    "Parquet: one text of 100 kB, 20,000 times": ("a.parquet", dictionary, _incidents),
    "Parquet: 300 million equal numbers": ("a.parquet", packed_numbers, _incidents),
    "Feather: 800 MB of one letter": ("a.feather", packed_feather, _incidents),
    "workbook: one cell in the last row": ("a.xlsx", far_row, _incidents),
    "workbook: 90,000 cells in the last column": ("a.xlsx", far_cells, _incidents),
    "GeoJSON: 300,000 different keys": ("a.geojson", many_keys, _boundaries),
    "GeoJSON: 20 million empty lists": ("a.geojson", many_lists, _boundaries),
    "GeoJSON: one wide letter in 120 MB": ("a.geojson", wide_letters, _boundaries),
    "JSON of incidents: 300,000 different keys": ("a.json", many_keys, _incidents),
    "GeoTIFF: one tile of 6 GB": ("a.tif", large_tile, _raster),
    "GeoTIFF: two billion columns": ("a.tif", wide_raster, _raster),
    "shapefile: one shape 100,000 times": ("a.zip", repeated_shape, _boundaries),
    "GeoPackage: a default of 100 kB for 50,000 rows": ("a.gpkg", long_default, _boundaries),
    "zip: 400 MB of spaces": ("a.zip", zip_bomb, _boundaries),
    "zip: a million entries": ("a.zip", long_contents, _boundaries),
    "zip of places: 400 MB of spaces": ("a.zip", zip_bomb, _places),
    "gzip: 400 MB of spaces": ("a.csv.gz", gzip_bomb, _incidents),
    "xz: a dictionary of 3 GB": ("a.csv.xz", xz_dictionary, _incidents),
    "zip of incidents: 400 MB of spaces": ("a.zip", zip_bomb, _incidents),
    "KML: two million nested elements": ("a.kml", deep_xml, _boundaries),
    "KML: a billion laughs": ("a.kml", entities, _boundaries),
}


GREEDY = "a reader that takes what is asked for"  # the limits are to notice it
READ = {**BOMBS, GREEDY: ("a.csv", Path.touch, lambda _: len(bytes(2 * MEGABYTES * 1_000_000)))}


def limit_from_here() -> None:
    """Let this process take so much more memory and time, and no more."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    size = pages * resource.getpagesize() + MEGABYTES * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    end = int(time.process_time()) + SECONDS + 1
    resource.setrlimit(resource.RLIMIT_CPU, (end, end))


def serve() -> None:
    """Read the bombs that standard input names, each in a process forked from this one.

    A line holds a name and a folder; what :func:`main` prints comes back, and then the exit code.
    """
    for read in {read: None for _, _, read in BOMBS.values()}:
        with contextlib.suppress(Exception):  # libraries are loaded once for all
            read(Path("nowhere"))
    for line in sys.stdin:
        name, folder = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                main(name, Path(folder))
                code = 0
            except BaseException:  # noqa: BLE001  whoever asked reads the exit code
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{ended}\n")
        sys.stdout.flush()


def main(name: str, folder: Path) -> None:
    """Read one bomb in this process, within limits that the system keeps."""
    from sahel_geo.errors import SahelGeoError  # noqa: PLC0415

    file, _, read = READ[name]
    with contextlib.suppress(SahelGeoError):  # libraries are loaded before the clock runs
        read(folder / "small" / file)
    limit_from_here()
    start = time.process_time()
    try:
        outcome = f"read: {read(folder / file)}"
    except SahelGeoError as error:
        outcome = f"refused: {error}"
    peak = (
        int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))[1])
        // 1000
    )
    result = {
        "outcome": outcome[:300],
        "seconds": round(time.process_time() - start, 1),
        "mb": peak,
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2])) if sys.argv[1:] else serve()
