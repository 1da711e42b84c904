"""Read other people's boundaries into the columns of this package, and report their state."""

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.crs import LONLAT, geodesic_area_km2
from sahel_geo.errors import CrsError, InputError, first_offenders
from sahel_geo.files import atomic_path
from sahel_geo.formats.vectors import Layer, read_vector, vector_layers
from sahel_geo.formats.writing import write_layer
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.notebook import outlines_html, table_html
from sahel_geo.places.boundaries.checks import BoundaryReport, Finding, mend
from sahel_geo.places.boundaries.vintages import slug
from sahel_geo.schema import LEVELS, UNIT_COLUMNS, PathLike

_ALPHA3: Final = {"ML": "MLI", "NE": "NER", "BF": "BFA"}
_COUNTRIES: Final = {"MALI": "MLI", "NIGER": "NER", "BURKINA FASO": "BFA"}
_TEXTS: Final = ("unit_id", "name", "country", "adm1_id", "adm1_name", "adm2_id", "adm2_name")
_DEPARTMENTS: Final = frozenset({"departement", "dep", "dept", "department"})
_LEVEL_WORDS: Final = {
    1: frozenset({"region", "reg", "gouvernorat"}),
    2: frozenset({"cercle", "province", "prov", "district", *_DEPARTMENTS}),
    3: frozenset({"commune", "com", "municipality"}),
}
_FREE_CODES: Final = ("pcode", "unit_id", "code", "id", "gid")
_FREE_NAMES: Final = ("name", "nom", "name_fr", "libelle")


@dataclass(frozen=True)
class BoundaryLayer:
    """A layer from elsewhere in the columns of this package.

    Attributes
    ----------
    units : GeoDataFrame
        Columns `sahel_geo.schema.UNIT_COLUMNS`, EPSG:4326, in the order of the file. ``area_km2``
        is measured; ``licence`` is missing unless mapped: it is not in such files.
    report : BoundaryReport
        What is wrong with it.
    """

    units: gpd.GeoDataFrame
    report: BoundaryReport

    def _repr_html_(self) -> str:
        text = "".join(f"<li>{escape(line)}</li>" for line in self.report.lines())
        drawn = outlines_html(self.units.geometry)
        return f"<ul>{text}</ul>{drawn}{table_html(f'{len(self.units)} units', self.units)}"


def read_boundaries(
    path: PathLike,
    *,
    level: int | None = None,
    mapping: Mapping[str, str] | None = None,
    repair: bool = False,
) -> BoundaryLayer:
    """Read a boundary file of any common origin, name its columns our way, and check it.

    Known by their columns: OCHA COD-AB (``ADM2_PCODE`` with ``ADM2_FR`` or ``ADM2_EN``, and
    ``adm2_pcode`` with ``adm2_name``), geoBoundaries (``shapeName``), GADM (``GID_2``, ``NAME_2``),
    Natural Earth (``adm1_code`` or ``ADM0_A3``), GAUL, and national layers (``CODE_DEP``,
    ``NOM_DEP``, ``commune``). Other layers need `mapping`, or columns called ``pcode``, ``name``.

    Parameters
    ----------
    path : path-like
        A GeoPackage, GeoJSON, FlatGeobuf, shapefile, KML or GeoParquet, by content, a file
        geodatabase (``.gdb``), or a zip archive with one of them, in subfolders or not. Nothing
        else is opened: see :mod:`sahel_geo.formats`. A shapefile without ``.cpg`` is taken as
        UTF-8.
    level : {0, 1, 2, 3}, optional
        By default what the columns say; with an archive of several layers, which to read.
    mapping : mapping of str to str, optional
        Column of the file for any of ``unit_id``, ``name``, ``country``, ``adm1_id``,
        ``adm1_name``, ``adm2_id``, ``adm2_name``, over what is recognised.
    repair : bool
        Mend what can be mended; `BoundaryReport.repairs` says what was done and the findings are
        those that remain.

    Returns
    -------
    BoundaryLayer
        The units and the report.

    Raises
    ------
    CrsError
        If the file has no coordinate reference system.
    FileError
        If the file does not exist, is damaged, too large, or unpacks to too much.
    InputError
        If it holds several layers to choose from, no rows, or columns that are not recognised.

    Examples
    --------
    >>> import tempfile
    >>> from sahel_geo.places.boundaries.boundaries import load_boundaries
    >>> path = tempfile.mkdtemp() + "/units.gpkg"
    >>> load_boundaries(1, countries="NER")[["unit_id", "name", "geometry"]].to_file(path)
    >>> layer = read_boundaries(path, level=1, mapping={"unit_id": "unit_id", "name": "name"})
    >>> len(layer.units), layer.report.is_clean
    (8, True)
    """
    if level is not None and (isinstance(level, bool) or level not in LEVELS):
        raise InputError(
            "`level` is {level!r}; expected one of {levels}. Leave it out.",
            level=level,
            levels=list(LEVELS),
        )
    file = Path(path)
    notes: list[str] = []
    raw = _read(file, level, notes)
    if raw.crs is None:
        raise CrsError(
            "{file!r} has no coordinate reference system; expected one in the file. Add the "
            ".prj of the shapefile, or set it in a GIS.",
            file=str(file),
        )
    crs = str(raw.crs.name)
    scheme, depth, columns = _recognise(raw, level, mapping or {}, file)
    if not raw.crs.equals(LONLAT, ignore_axis_order=True):
        raw = raw.to_crs(LONLAT)
        notes.append(Sentence("reprojected to EPSG:4326"))
    units = _normalise(raw, depth, columns, f"{scheme}, {file.name}", mapping or {})
    repairs: tuple[str, ...] = ()
    parts, row = shapely.get_parts(units.geometry.to_numpy(), return_index=True)
    solid = shapely.get_type_id(parts) == 3
    rings = shapely.get_exterior_ring(parts[solid])
    clockwise = len(np.unique(row[solid][~shapely.is_ccw(rings)]))
    if repair:
        units, repairs = mend(units)
        units = units.reset_index(drop=True)
    report = BoundaryReport(
        file=file.name,
        scheme=scheme,
        level=depth,
        units=len(units),
        crs=crs,
        area_km2=round(float(units["area_km2"].sum()), 3),
        clockwise=clockwise,
        findings=Finding.all_of(units),
        notes=tuple(notes),
        repairs=repairs,
    )
    return BoundaryLayer(units, report)


def _read(file: Path, level: int | None, notes: list[str]) -> gpd.GeoDataFrame:
    """Read the one layer of a file, whatever its container."""
    layer = _chosen(file, level, notes)
    if not layer.has_encoding:
        notes.append(Sentence("no .cpg beside the shapefile; texts read as UTF-8"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            raw = read_vector(file, layer, encoding=None if layer.has_encoding else "UTF-8")
        except UnicodeDecodeError:
            notes[-1] = Sentence(
                "no .cpg beside the shapefile, and no UTF-8; texts read as Windows-1252"
            )
            raw = read_vector(file, layer, encoding="CP1252")
    notes += sorted({str(warning.message)[:160] for warning in caught})
    if not isinstance(raw, gpd.GeoDataFrame) or raw.empty:
        raise InputError(
            "{file!r} has no rows with geometry; expected units. Check the file.", file=str(file)
        )
    return raw


def _chosen(file: Path, level: int | None, notes: list[str]) -> Layer:
    """Choose the one layer, or the one whose name says the level; of copies of one, the finest."""
    layers = vector_layers(file)
    if len(layers) > 1 and level is not None:
        layers = [each for each in layers if _level_in(each.name) == level] or layers
    if len(layers) > 1:
        layers = [each for each in layers if _level_in(each.name) is not None] or layers
        whole = [each for each in layers if "simplified" not in each.name.lower()] or layers
        if len({each.name for each in whole}) == 1 and len({each.kind for each in whole}) > 1:
            whole = sorted(whole, key=lambda each: _PREFERRED.index(each.kind))[:1]
        if len(whole) == 1 and len(layers) > 1:
            notes.append(
                Sentence("of {number} copies of one layer, {name} is read", number=len(layers),
                         name=_shown(whole[0]))
            )  # fmt: skip
            return whole[0]
    if len(layers) != 1:
        raise InputError(
            "`path` holds {number} layers: {shown}; expected one, or names such as adm2 "
            "and a level=. Give level=, or save the layer alone.",
            number=len(layers),
            shown=first_offenders([_shown(each) for each in layers]),
        )
    return layers[0]


_PREFERRED: Final = (
    "sqlite", "geodatabase", "flatgeobuf", "parquet", "feather", "shapefile", "json", "kml",
)  # fmt: skip


def _shown(layer: Layer) -> str:
    return layer.name if layer.kind in {"sqlite", "geodatabase"} else layer.member or layer.name


def _level_in(name: str) -> int | None:
    match = re.search(r"(?:adm(?:in|bnd[al]_adm)?_?|gadm\d*_[a-z]{3}_)([0-3])(?!\d)", name.lower())
    return int(match[1]) if match else None


def _recognise(
    raw: gpd.GeoDataFrame, level: int | None, mapping: Mapping[str, str], file: Path
) -> tuple[str, int, dict[str, str]]:
    """Tell whose columns these are, the level, and which column is which."""
    scheme, scheme_level, columns = _known_scheme(raw)
    depth = level if level is not None else scheme_level
    if depth is None:
        depth = _level_in(file.stem)
    strange = sorted(set(mapping) - {*_TEXTS, "licence"})
    absent = sorted({name for name in mapping.values() if name not in raw.columns})
    faults: list[str] = []
    if strange:
        faults.append(
            Sentence(
                "`mapping` has keys {keys}; expected some of {known}",
                keys=strange,
                known=list(_TEXTS),
            )
        )
    if absent:
        faults.append(Sentence("`mapping` names columns {names} that the file lacks", names=absent))
    if scheme_level is not None and level is not None and scheme_level < level:
        faults.append(
            Sentence(
                "`level` is {level}, but the columns go down to level {found} only",
                level=level,
                found=scheme_level,
            )
        )
    columns = _columns_at(columns, depth, raw) | dict(mapping)
    if depth is None:
        faults.append(Sentence("the level cannot be told from the columns or the file name"))
    if "name" not in columns and "unit_id" not in columns:
        faults.append(Sentence("no column of names or codes is recognised"))
    if faults:
        raise InputError(
            "{file!r}: {faults}. It has {shown}. Give level= and mapping={{'unit_id': ..., "
            "'name': ...}}.",
            file=str(file),
            faults=joined(faults),
            shown=first_offenders(raw.columns, 12),
        )
    return ("mapping" if mapping and scheme == "unknown" else scheme), int(depth or 0), columns


def _known_scheme(raw: gpd.GeoDataFrame) -> tuple[str, int | None, dict[str, str]]:
    """Give the scheme, its deepest level, and columns named by what they hold at each level."""
    names = {str(column).lower(): str(column) for column in raw.columns}
    codes = ("adm{}_pcode", "admin{}pcod", "gid_{}")
    texts = ("adm{}_fr", "adm{}_name", "adm{}_en", "name_{}", "adm{}_name1", "admin{}name")
    deepest, columns = _by_level(names, codes, texts)
    if "gid_0" in names:
        return "GADM", deepest, columns | {"country": names["gid_0"]}
    if deepest is not None:
        return "OCHA COD-AB", deepest, columns
    if "gaul0_name" in names or {"adm0_code", "adm0_name"} <= set(names):
        # of FAO's GAUL of 2024 (``gaul1_code``) or 2015 (``ADM1_CODE``)
        deepest, columns = _by_level(
            names, ("gaul{}_code", "adm{}_code"), ("gaul{}_name", "adm{}_name")
        )
        country = _first(names, ("iso3_code", "gaul0_name", "adm0_name"), "country")
        return "GAUL", deepest, columns | country
    if "shapename" in names:
        kinds = set(raw[names["shapetype"]].astype(str)) if "shapetype" in names else set()
        known = _level_in(kinds.pop()) if len(kinds) == 1 else None
        columns = {"name": names["shapename"]} | _first(names, ("shapeid",), "unit_id")
        return "geoBoundaries", known, columns | _first(names, ("shapegroup",), "country")
    if "adm0_a3" in names and "name" in names:
        columns = _first(names, ("adm1_code", "adm0_a3"), "unit_id")
        columns |= {"name": names["name"], "country": names["adm0_a3"]}
        return "Natural Earth", int("adm1_code" in names), columns
    return ("unknown", *_plain(raw, names))


def _plain(raw: gpd.GeoDataFrame, names: Mapping[str, str]) -> tuple[int | None, dict[str, str]]:
    """Name the columns of a layer of no known scheme, and tell its level where they say it."""
    columns: dict[str, str] = {}
    words_of = {str(name): set(re.split("[^a-z0-9]+", slug(str(name)))) for name in raw.columns}
    districts = any({"province", "prov", "cercle"} & words for words in words_of.values())
    for name, words in words_of.items():
        levels = [depth for depth, known in _LEVEL_WORDS.items() if known & words]
        rest = words - set().union(*_LEVEL_WORDS.values())
        if len(levels) != 1:
            continue
        depth = 3 if levels[0] == 2 and districts and words & _DEPARTMENTS else levels[0]
        if rest <= {"nom", "name", "libelle", "lib", "de", "la", "du"}:
            columns.setdefault(f"name{depth}", name)
        elif rest <= {"code", "cod", "id", "num", "pcode"}:
            columns.setdefault(f"id{depth}", name)
    # Name the columns of a national layer by its words: ``NOM_DEP``, ``code_commune``.
    deepest = max((depth for depth in LEVELS if f"name{depth}" in columns), default=None)
    columns |= _first(names, _FREE_CODES, "unit_id") | _first(names, _FREE_NAMES, "name")
    columns |= _first(names, ("iso3", "iso_a3", "adm0_pcode", "pays", "country"), "country")
    if "name" in columns or deepest is None:  # the level of a plain "nom" is not that of its region
        return None, columns
    return deepest, columns


def _by_level(
    names: Mapping[str, str], codes: Iterable[str], texts: Iterable[str]
) -> tuple[int | None, dict[str, str]]:
    """Name columns by what they hold at each level; give the deepest level with codes first."""
    columns: dict[str, str] = {}
    for depth in LEVELS:
        columns |= _first(names, (code.format(depth) for code in codes), f"id{depth}")
        columns |= _first(names, (text.format(depth) for text in texts), f"name{depth}")
    return max((depth for depth in LEVELS if f"id{depth}" in columns), default=None), columns


def _first(names: Mapping[str, str], wanted: Iterable[str], what: str) -> dict[str, str]:
    """Take the first of several columns that the file has."""
    return next(({what: names[choice]} for choice in wanted if choice in names), {})


def _columns_at(
    columns: dict[str, str], depth: int | None, raw: gpd.GeoDataFrame
) -> dict[str, str]:
    """Turn columns named by level into ours."""
    ours = {what: name for what, name in columns.items() if what in _TEXTS}
    for above in (1, 2):
        for what in ("id", "name"):
            if depth is not None and above <= depth and f"{what}{above}" in columns:
                ours[f"adm{above}_{what}"] = columns[f"{what}{above}"]
    for what, own in (("id", "unit_id"), ("name", "name")):
        if f"{what}{depth}" in columns:
            ours[own] = columns[f"{what}{depth}"]
    if "country" not in ours and "id0" in columns and columns["id0"] in raw.columns:
        ours["country"] = columns["id0"]
    return ours


def _normalise(
    raw: gpd.GeoDataFrame,
    depth: int,
    columns: Mapping[str, str],
    source: str,
    mapping: Mapping[str, str],
) -> gpd.GeoDataFrame:
    shapes = shapely.force_2d(raw.geometry.to_numpy())
    table = pd.DataFrame(index=pd.RangeIndex(len(raw)))
    for name in _TEXTS:
        values = raw[columns[name]].to_numpy(dtype=object) if name in columns else None
        table[name] = pd.Series(values, index=table.index, dtype=object)
    for name in _TEXTS:
        text = table[name].where(table[name].notna(), None)
        table[name] = text.map(lambda value: value if value is None else str(value).strip())
    if "unit_id" not in columns:
        table["unit_id"] = table["name"]
    if "name" not in columns:
        table["name"] = table["unit_id"]
    if "country" in columns:
        codes = _COUNTRIES | _ALPHA3  # other names and codes stay as they are
        table["country"] = table["country"].map(lambda own: codes.get(str(own).upper(), own))
    else:  # of a P-code; other codes do not begin with a country
        table["country"] = table["unit_id"].str[:2].str.upper().map(_ALPHA3)
    # levels 0 and 3 have no such columns among ours, which are chosen below
    table[f"adm{depth}_id"], table[f"adm{depth}_name"] = table["unit_id"], table["name"]
    licence = raw[mapping["licence"]].to_numpy() if "licence" in mapping else None
    table = table.astype(dict.fromkeys(_TEXTS, "str")).assign(
        level=depth,
        area_km2=geodesic_area_km2(shapes),
        source=source,
        licence=pd.Series(licence, index=table.index, dtype="str"),
        valid_from=pd.Series(pd.NaT, index=table.index, dtype="datetime64[s]"),
        valid_to=pd.Series(pd.NaT, index=table.index, dtype="datetime64[s]"),
        legal_act=pd.Series(pd.NA, index=table.index, dtype="str"),
        approximate=False,
    )
    return gpd.GeoDataFrame(table, geometry=shapes, crs=LONLAT)[list(UNIT_COLUMNS)]


def write_units(units: gpd.GeoDataFrame, path: PathLike) -> Path:
    """Write units to a GeoPackage, whole or not at all."""
    file = Path(path)
    if file.suffix.lower() != ".gpkg":
        raise InputError("`path` is {file!r}; expected a name in .gpkg. Rename it.", file=str(file))
    with atomic_path(file) as temporary:
        write_layer(units, temporary, "units")
    return file
