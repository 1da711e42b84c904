"""Check a layer of units: geometry, overlaps, gaps, codes, parents; and mend what can be mended."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from sahel_geo.arrays import Flags
from sahel_geo.crs import geodesic_area_km2
from sahel_geo.errors import first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.schema import Language

Shapes = npt.NDArray[Any]

SLIVER_KM2: Final = 1e-4  # 100 m²: below, two sources agree as well as their decimals allow
MENDED_GAP_DEGREES: Final = 0.01  # about 1 km; wider gaps may be lakes or enclaves
SNAP_DEGREES: Final = 1e-6


@dataclass(frozen=True)
class Finding:
    """One fault of a layer."""

    kind: str  # one of `KINDS`
    # identifiers of the units concerned; of those around a gap, the first four of the layer
    units: tuple[str, ...]
    detail: str  # what is wrong
    area_km2: float = 0.0  # size of the ground concerned; 0 where it has none
    # lon, lat: a place in it
    lon: float | None = None
    lat: float | None = None

    @property
    def line(self) -> Sentence:
        """The fault as a line of text."""
        detail, units = Sentence.of(self.detail), " / ".join(self.units)
        if not self.area_km2:
            return Sentence("    {units}: {detail}", units=units, detail=detail)
        return Sentence(
            "    {units}: {detail}, {area:.3f} km²", units=units, detail=detail, area=self.area_km2
        )

    @classmethod
    def all_of(cls, units: gpd.GeoDataFrame) -> "tuple[Finding, ...]":
        """Look for everything that would make a layer unfit as a coverage of units."""
        ids = [str(unit) for unit in units["unit_id"]]
        shapes = units.geometry.to_numpy()
        gone, solid = shapely.is_missing(shapes) | shapely.is_empty(shapes), _solid(shapes)
        faults = [
            cls("empty", (ids[row],), Sentence("no geometry")) for row in np.flatnonzero(gone)
        ]
        for row in np.flatnonzero(~gone & ~solid):
            reason = Sentence("a {kind}, not a polygon", kind=shapes[row].geom_type)
            faults.append(cls("invalid", (ids[row],), reason))
        for row in np.flatnonzero(solid & ~shapely.is_valid(shapes)):
            place = shapely.point_on_surface(shapes[row].envelope)
            # what GEOS states, such as ``Self-intersection[1.5 12.5]``
            what, _, stated = str(shapely.is_valid_reason(shapes[row])).partition("[")
            at = stated.rstrip("]")
            reason = Sentence("{what}[{at}]", what=Sentence(what), at=at) if at else Sentence(what)
            faults.append(cls("invalid", (ids[row],), reason, 0.0, place.x, place.y))
        faults += _table_faults(units, ids)
        rows = np.flatnonzero(solid)
        sound = shapely.make_valid(shapes[rows], method="structure", keep_collapsed=False)
        faults += _overlaps(sound, [ids[row] for row in rows])
        faults += _gaps(sound, [ids[row] for row in rows])
        order = {kind: place for place, kind in enumerate(KINDS)}
        return tuple(
            sorted(faults, key=lambda fault: (order[fault.kind], -fault.area_km2, fault.units))
        )


_HEADINGS: Final = {
    "empty": Sentence("empty"),
    "invalid": Sentence("invalid"),
    "duplicate": Sentence("duplicate"),
    "nameless": Sentence("nameless"),
    "parent": Sentence("parent"),
    "overlap": Sentence("overlap"),
    "gap": Sentence("gap"),
}
KINDS: Final = tuple(_HEADINGS)


@dataclass(frozen=True)
class BoundaryReport:
    """What was found in a layer of units."""

    # file, scheme: name of the file, and whose columns it has
    file: str
    scheme: str
    level: int  # administrative level
    units: int  # number of rows
    crs: str  # coordinate reference system of the file
    area_km2: float  # sum of the areas of the units, geodesic
    # units whose outer rings run clockwise, as shapefiles want and GeoJSON does not; no fault
    clockwise: int
    findings: tuple[Finding, ...]  # faults, by kind and falling area
    # notes, repairs: what was assumed in reading, and what was mended
    notes: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """True if nothing is wrong."""
        return not self.findings

    def of(self, kind: str) -> tuple[Finding, ...]:
        """Give the findings of one kind."""
        return tuple(finding for finding in self.findings if finding.kind == kind)

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain values, for JSON."""
        sums = {kind: self.of(kind) for kind in KINDS}
        summary = {
            kind: {
                "count": len(faults),
                "area_km2": round(sum(finding.area_km2 for finding in faults), 4),
            }
            for kind, faults in sums.items()
        }
        return {**asdict(self), "is_clean": self.is_clean, "summary": summary}

    def lines(self, worst: int = 5, *, lang: Language = "en") -> list[str]:
        """Say the report in lines of text."""
        sentences = [
            Sentence(
                "{file}: {units} units of level {level}, {scheme}, {crs}, {area:,.0f} km²",
                file=self.file,
                units=self.units,
                level=self.level,
                scheme=Sentence(self.scheme),
                crs=self.crs,
                area=self.area_km2,
            )
        ]
        sentences += [Sentence("  note: {note}", note=Sentence.of(note)) for note in self.notes]
        for kind in KINDS:
            faults = self.of(kind)
            if faults:
                area = sum(finding.area_km2 for finding in faults)
                parts = {"kind": _HEADINGS[kind], "number": len(faults)}
                sentences.append(
                    Sentence("  {kind}: {number}, {area:.2f} km²", area=area, **parts)
                    if area
                    else Sentence("  {kind}: {number}", **parts)
                )
                sentences += [finding.line for finding in faults[:worst]]
        sentences += [Sentence("  mended: {what}", what=Sentence.of(what)) for what in self.repairs]
        clean = Sentence("  clean")
        end = clean if self.is_clean else Sentence("  {number} faults", number=len(self.findings))
        return [line.say(lang) for line in (*sentences, end)]


def _solid(shapes: Shapes) -> Flags:
    """Tell which shapes are areas with some extent."""
    return np.asarray((shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes))


def _table_faults(units: gpd.GeoDataFrame, ids: list[str]) -> list[Finding]:
    twice = units["unit_id"].duplicated(keep=False).to_numpy()
    faults = [
        Finding("duplicate", (unit,), Sentence("{number} rows", number=n))
        for unit, n in Counter(ids[row] for row in np.flatnonzero(twice)).items()
    ]
    nameless = units["name"].isna() | (units["name"].astype(str).str.strip() == "")
    faults += [
        Finding("nameless", (ids[row],), Sentence("no name")) for row in np.flatnonzero(nameless)
    ]
    level = int(units["level"].iloc[0]) if len(units) else 0
    if level < 2:
        return faults
    parents = units[f"adm{level - 1}_id"]
    if parents.isna().all():  # the layer does not tell parents
        return faults
    for place, parent in enumerate(parents):
        if parent is None or parent != parent or not str(parent):  # noqa: PLR0124  NaN
            faults.append(Finding("parent", (ids[place],), Sentence("no parent")))
        elif not _stem(ids[place]).startswith(_stem(str(parent))):
            detail = Sentence("code outside its parent {parent}", parent=parent)
            faults.append(Finding("parent", (ids[place],), detail))
    return faults


def _stem(code: str) -> str:
    """Cut the version off a code of GADM: MLI.1.2_1 lies in MLI.1_1."""
    return re.sub(r"_\d+$", "", code)


def _overlaps(shapes: Shapes, ids: list[str]) -> list[Finding]:
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    parts, row = shapely.get_parts(shapely.intersection(shapes[a], shapes[b]), return_index=True)
    areal = shapely.get_dimensions(parts) == 2  # it may hold lines and points too
    shared = np.full(len(a), shapely.Polygon(), dtype=object)
    for place in np.unique(row[areal]):
        shared[place] = shapely.multipolygons(parts[areal & (row == place)])
    return [
        Finding(
            "overlap", (ids[first], ids[second]), Sentence("both claim it"), area, *_place(shape)
        )
        for first, second, shape, area in zip(a, b, shared, geodesic_area_km2(shared), strict=True)
        if area >= SLIVER_KM2
    ]


def _gaps(shapes: Shapes, ids: list[str]) -> list[Finding]:
    whole = shapely.get_parts(shapely.union_all(shapes))
    holes = [shapely.Polygon(ring) for part in whole for ring in getattr(part, "interiors", ())]
    if not holes:
        return []
    tree = shapely.STRtree(shapes)
    gaps = []
    for hole, area in zip(holes, geodesic_area_km2(holes), strict=True):
        if area >= SLIVER_KM2:
            touching = tree.query(hole, predicate="dwithin", distance=1e-9)
            around = tuple(ids[row] for row in np.sort(touching)[:4])
            gaps.append(Finding("gap", around, Sentence("enclosed by them"), area, *_place(hole)))
    return gaps


def _place(shape: Any) -> tuple[float, float]:
    point = shapely.point_on_surface(shape)
    return round(point.x, 5), round(point.y, 5)


def mend(units: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Mend what can be mended without choosing for the user."""
    done: list[str] = []
    shapes = units.geometry.to_numpy().copy()
    broken = _solid(shapes) & ~shapely.is_valid(shapes)
    if broken.any():
        shapes[broken] = shapely.make_valid(shapes[broken], method="structure")
        done.append(
            Sentence(
                "{number} invalid polygons rebuilt: {shown}",
                number=int(broken.sum()),
                shown=_named(units, broken),
            )
        )
    mended = units.set_geometry(gpd.GeoSeries(shapes, index=units.index, crs=units.crs))
    mended = _join_parts(mended, done)
    shapes = mended.geometry.to_numpy().copy()
    rows = np.flatnonzero(_solid(shapes))
    if len(rows) and not shapely.coverage_is_valid(shapes[rows], gap_width=MENDED_GAP_DEGREES):
        if hasattr(shapely, "coverage_clean"):
            clean = shapely.coverage_clean(
                shapes[rows], gap_width=MENDED_GAP_DEGREES, snapping_distance=SNAP_DEGREES
            )
            before, after = geodesic_area_km2(shapes[rows]), geodesic_area_km2(clean)
            changed = float(np.abs(after - before).sum())
            shapes[rows] = clean
            done.append(
                Sentence(
                    "edges fitted; areas of units changed by {changed:.3f} km² in all",
                    changed=changed,
                )
            )
        else:
            done.append(Sentence("edges not fitted: that needs shapely 2.2 or newer"))
    shapes[rows] = shapely.orient_polygons(shapes[rows])
    mended = mended.set_geometry(gpd.GeoSeries(shapes, index=mended.index, crs=units.crs))
    return mended.assign(area_km2=geodesic_area_km2(shapes)), tuple(done)


def _join_parts(units: gpd.GeoDataFrame, done: list[str]) -> gpd.GeoDataFrame:
    keys = ["unit_id", "name"]
    twice = units.duplicated(keys, keep=False) & units["name"].notna()
    if not twice.any():
        return units
    shapes = units.geometry.to_numpy()
    first = ~units.duplicated(keys)
    result = units[first | ~twice].copy()
    joined = result.geometry.to_numpy().copy()
    for place, row in enumerate(result.index):
        if twice[row]:
            same = (units[keys] == result.loc[row, keys]).all(axis=1).to_numpy()
            joined[place] = shapely.union_all(shapes[same])
    done.append(
        Sentence(
            "{number} rows of one code and name joined: {shown}",
            number=int(twice.sum()),
            shown=_named(units, twice),
        )
    )
    return result.set_geometry(gpd.GeoSeries(joined, index=result.index, crs=units.crs))


def _named(units: gpd.GeoDataFrame, rows: Iterable[bool]) -> Sentence:
    return first_offenders(sorted(set(units["unit_id"][np.asarray(rows)].astype(str))))
