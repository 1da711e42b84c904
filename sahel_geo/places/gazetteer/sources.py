"""Places from GeoNames dumps, OCHA's populated places, other tables, and the units themselves."""

import csv
import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.crs import WGS84
from sahel_geo.errors import FileError, InputError, first_offenders, saying_why
from sahel_geo.formats.archives import members, open_zip, read_member
from sahel_geo.formats.proof import file_kind, read_bytes
from sahel_geo.i18n.countries import COUNTRY_NAMES, spellings
from sahel_geo.places.boundaries.boundaries import load_boundaries, load_facts
from sahel_geo.places.gazetteer.spelling import plain_form
from sahel_geo.schema import PathLike

UNIT_FEATURES: Final = ("country", "region", "district", "commune")
_UNIT_SOURCE: Final = "sahel_geo units"
# Frames whose regions and provinces bear names that the default frame lacks.
_LATER: Final = (("MLI", "2023", (1,)), ("BFA", "2025", (1, 2)))

Source = PathLike | pd.DataFrame

RAW_COLUMNS: Final = (
    "source_id", "name", "alternates", "lon", "lat", "feature", "feature_code", "population",
    "country", "stated_adm2", "stated_adm3", "source",
)  # fmt: skip
SEPARATOR: Final = "|"  # between alternate names

MAX_BYTES: Final = 1024**3
_MAX_LINE: Final = 1024**2

_GEONAMES: Final = (
    "geonameid", "name", "asciiname", "alternatenames", "latitude", "longitude", "feature_class",
    "feature_code", "country_code", "cc2", "admin1", "admin2", "admin3", "admin4", "population",
    "elevation", "dem", "timezone", "modified",
)  # fmt: skip
_CLASSES: Final = {"P": "populated", "A": "area", "L": "area", "H": "water", "T": "relief",
                   "V": "relief", "R": "site", "S": "site", "U": "relief"}  # fmt: skip

ISO2: Final = {
    "ML": "MLI", "NE": "NER", "BF": "BFA", "DZ": "DZA", "MR": "MRT", "SN": "SEN", "GN": "GIN",
    "CI": "CIV", "GH": "GHA", "TG": "TGO", "BJ": "BEN", "NG": "NGA", "TD": "TCD", "LY": "LBY",
}  # fmt: skip

# Headers in their plain form, best first.
_HEADERS: Final = {
    "name": ("featurenam", "featureref", "name", "nom", "place", "village", "localite", "lieu",
             "town", "settlement", "toponyme", "nom village", "nom localite", "location"),
    "lon": ("longitude", "lon", "long", "lng", "x"),
    "lat": ("latitude", "lat", "y"),
    "alternates": ("alternates", "alternatenames", "alternate names", "featurealt", "aliases",
                   "autres noms", "variantes"),
    "source_id": ("pcode", "id", "code", "geonameid"),
    "country": ("country", "pays", "admin0pcod", "admin0pcode", "admin0name", "iso3", "iso"),
    "stated_adm2": ("admin2name", "adm2 fr", "admin2name fr", "adm2", "adm 2", "cercle",
                    "province", "departement"),
    "stated_adm3": ("admin3name", "adm3 fr", "admin3name fr", "adm3", "adm 3", "commune"),
    "population": ("population", "pop"),
}  # fmt: skip


def read_source(source: Source, mapping: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read the places of one source as they are stated, without judging them."""
    if isinstance(source, pd.DataFrame):
        return _any_table(source.astype(object), "table", mapping)
    path = Path(source)
    text = _read_text(path)
    first = text[: text.find("\n")] if "\n" in text else text
    if (
        len(first.split("\t")) == len(_GEONAMES)
        and first.split("\t", maxsplit=1)[0].strip().isdigit()
    ):
        return _geonames(text, path.name)
    return _any_table(_delimited(text, path.name), path.stem, mapping)


def _read_text(path: Path) -> str:
    packed = file_kind(path) == "zip"
    content = _unpacked(path) if packed else read_bytes(path, MAX_BYTES)
    if b"\x00" in content[:4096]:
        raise FileError(
            "{name!r} is no text; expected a GeoNames dump or a table (.txt, .csv, .tsv, "
            ".zip). Save workbooks as CSV.",
            name=path.name,
        )
    # Refuse files without line ends, which no parser reads in reasonable memory.
    if len(content) > _MAX_LINE:
        start = content[:_MAX_LINE]
        if b"\n" not in start and b"\r" not in start:
            raise InputError(
                "{name!r} has no line end in its first MiB; expected one place per line. Save "
                "it again as a table.",
                name=path.name,
            )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _unpacked(path: Path) -> bytes:
    """Unpack the largest table of a zip archive, within bounds."""
    with open_zip(path) as archive:
        tables = [
            member
            for member in members(archive)
            if member.filename.lower().endswith((".txt", ".csv", ".tsv"))
            and not member.filename.lower().endswith("readme.txt")
        ]
        if not tables:
            names = first_offenders([member.filename for member in archive.infolist()], 3)
            raise FileError(
                "{name!r} holds {held}; expected a .txt, .csv or .tsv table inside.",
                name=path.name,
                held=names,
            )
        return read_member(archive, max(tables, key=lambda each: each.file_size))


def _geonames(text: str, name: str) -> pd.DataFrame:
    rows = [line.split("\t") for line in text.split("\n") if line]
    sound = [row for row in rows if len(row) == len(_GEONAMES)]
    if not sound or len(rows) - len(sound) > 0.01 * len(rows):
        raise InputError(
            "{name!r} has {number} of {lines} lines without {wanted} columns; expected a "
            "GeoNames dump. Fetch it again.",
            name=name,
            number=len(rows) - len(sound),
            lines=len(rows),
            wanted=len(_GEONAMES),
        )
    raw = pd.DataFrame(sound, columns=list(_GEONAMES), dtype=object)
    alternates = raw["alternatenames"].str.replace(",", SEPARATOR) + SEPARATOR + raw["asciiname"]
    return _assemble(
        {
            "source_id": "geonames:" + raw["geonameid"],
            "name": raw["name"],
            "alternates": alternates.str.strip(SEPARATOR),
            "lon": raw["longitude"],
            "lat": raw["latitude"],
            "feature": raw["feature_class"].map(_CLASSES).fillna("site"),
            "feature_code": raw["feature_code"],
            "population": raw["population"],
            "country": raw["country_code"].map(ISO2).fillna(raw["country_code"]),
        },
        "GeoNames",
        len(raw),
    )


def _delimited(text: str, name: str) -> pd.DataFrame:
    head = text[: 64 * 1024].split("\n", maxsplit=1)[0]
    delimiter = max(",;\t|", key=head.count)
    if not head.count(delimiter):
        raise InputError(
            "{name!r} has one column {head!r}; expected a table of places with a name, a "
            "longitude and a latitude, cut by comma, semicolon, tab or bar.",
            name=name,
            head=head[:60],
        )
    with saying_why(
        "{name!r} cannot be cut into rows ({why}). Close its quotes.",
        *(pd.errors.ParserError, csv.Error),
        kind=InputError,
        width=120,
        name=name,
    ):
        return pd.read_csv(
            io.StringIO(text), sep=delimiter, dtype=object, keep_default_na=False,
            on_bad_lines="skip", engine="c",
        )  # fmt: skip


def _any_table(frame: pd.DataFrame, name: str, mapping: Mapping[str, str] | None) -> pd.DataFrame:
    chosen = _choose(list(frame.columns), mapping or {}, name)
    columns: dict[str, Any] = {target: frame[column] for target, column in chosen.items()}
    ocha = {"featurenam", "featureref"} & {plain_form(str(column)) for column in frame.columns}
    label = "OCHA populated places" if ocha else name
    if "country" in columns:
        columns["country"] = columns["country"].map(_country)
    if "source_id" in columns:
        columns["source_id"] = f"{label.lower().split(' ')[0]}:" + columns["source_id"].astype(str)
    if "alternates" in columns:
        columns["alternates"] = columns["alternates"].map(_listed)
    columns["feature"] = "populated"
    return _assemble(columns, label, len(frame))


def _choose(names: Sequence[Any], mapping: Mapping[str, str], source: str) -> dict[str, str]:
    unknown = [key for key in mapping if key not in _HEADERS]
    absent = [column for column in mapping.values() if column not in names]
    if unknown or absent:
        faults = [*unknown, *absent]
        raise InputError(
            "`mapping` has {number} faults: {shown}; expected keys of {known} and columns of "
            "the table.",
            number=len(faults),
            shown=first_offenders(faults),
            known=sorted(_HEADERS),
        )
    plain: dict[str, str] = {}
    for column in names:
        plain.setdefault(plain_form(str(column)), column)
    chosen = dict(mapping)
    for target, options in _HEADERS.items():
        header = next((plain[option] for option in options if option in plain), None)
        if header is not None:
            chosen.setdefault(target, header)
    lacking = [target for target in ("name", "lon", "lat") if target not in chosen]
    if lacking:
        raise InputError(
            "the table {source!r} has no column for {shown}; its columns are {columns}. Name "
            "them with mapping={{'name': '...', ...}}.",
            source=source,
            shown=first_offenders(lacking),
            columns=first_offenders(names, 12),
        )
    return chosen


def _country(value: object) -> str:
    text = str(value).strip()
    if text.upper() in COUNTRY_NAMES:
        return text.upper()
    if text.upper() in ISO2:
        return ISO2[text.upper()]
    plain = plain_form(text)
    named = (
        code
        for code in COUNTRY_NAMES
        if plain in {plain_form(name) for name in spellings(code).values()}
    )
    return next(named, "")


def _listed(value: object) -> str:
    text = "" if value is None or value != value else str(value)  # noqa: PLR0124  NaN
    return SEPARATOR.join(part.strip() for part in text.replace(";", SEPARATOR)
                          .replace(",", SEPARATOR).split(SEPARATOR) if part.strip())  # fmt: skip


def _assemble(columns: Mapping[str, Any], source: str, size: int) -> pd.DataFrame:
    table = pd.DataFrame(index=range(size))
    for name in RAW_COLUMNS:
        values = columns.get(name, "")
        table[name] = values.to_numpy() if isinstance(values, pd.Series) else values
    table["source"] = source
    for name in ("lon", "lat", "population"):
        texts = table[name].astype(str).str.strip().str.replace(",", ".")
        table[name] = pd.to_numeric(texts, errors="coerce").astype(np.float64)
    table["population"] = table["population"].where(np.isfinite(table["population"]), 0.0).clip(0)
    blank = table["source_id"].astype(str).isin(["", "nan"])
    table.loc[blank, "source_id"] = [f"{source}:{number}" for number in range(1, blank.sum() + 1)]
    for name in ("source_id", "name", "alternates", "country", "stated_adm2", "stated_adm3"):
        table[name] = table[name].where(table[name].notna(), "").astype(str).str.strip()
    return table


@cache
def unit_places() -> pd.DataFrame:
    """Give every administrative unit as a place; callers share the table and must not change it."""
    aliases = load_facts().set_index("pcode")["aliases"].to_dict()
    tables = []
    for level, feature in enumerate(UNIT_FEATURES):
        units = load_boundaries(level)
        table = _as_places(units, feature)
        if level == 2:
            short = table["name"].str.extract("^Ville de (.+)$")[0]
            table["alternates"] = (
                short.where(~short.isin(set(table["name"])), None).fillna("").tolist()
            )
        if level == 3:
            table["alternates"] = [str(aliases.get(unit, "")) for unit in table["place_id"]]
        if level == 0:
            table["alternates"] = [str(COUNTRY_NAMES[code]) for code in table["country"]]
        tables.append(table)
    for country, vintage, levels in _LATER:
        for level in levels:
            units = load_boundaries(level, countries=country, vintage=vintage)
            known = set(tables[level].loc[tables[level]["country"] == country, "name"])
            tables.append(_as_places(units[~units["name"].isin(known)], UNIT_FEATURES[level]))
    return pd.concat(tables, ignore_index=True)


def _as_places(units: gpd.GeoDataFrame, feature: str) -> pd.DataFrame:
    shapes = units.geometry.to_numpy()
    inside = shapely.point_on_surface(shapes)
    corners, of_unit = shapely.get_coordinates(shapes, return_index=True)
    starts = shapely.get_coordinates(inside)[of_unit]
    metres = np.asarray(WGS84.inv(*starts.T, *corners.T)[2])
    farthest = pd.Series(metres).groupby(of_unit).max().to_numpy(dtype=np.float64)
    table = pd.DataFrame(
        {
            "place_id": units["unit_id"].to_numpy(),
            "name": units["name"].to_numpy(),
            "alternates": "",
            "country": units["country"].to_numpy(),
            "feature": feature,
            "feature_code": f"ADM{UNIT_FEATURES.index(feature)}",
            "lon": shapely.get_x(inside).round(5),
            "lat": shapely.get_y(inside).round(5),
            "population": 0.0,
            "radius_km": np.asarray(np.ceil(farthest / 100) / 10),
            "source": _UNIT_SOURCE,
        }
    )
    for level in (1, 2):
        table[f"adm{level}_id"] = units[f"adm{level}_id"].to_numpy()
        table[f"adm{level}_name"] = units[f"adm{level}_name"].to_numpy()
    lowest = feature == "commune"
    table["adm3_id"] = table["place_id"] if lowest else None
    table["adm3_name"] = table["name"] if lowest else None
    return table
