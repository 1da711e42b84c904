"""Measure how well two layers of the same units agree."""

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from sahel_geo.arrays import Floats
from sahel_geo.crs import EQUAL_AREA, require_lonlat
from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.places.boundaries.names import match_units
from sahel_geo.schema import Language

_WORST: Final = 10
# Azimuthal equidistant about the middle of each unit keeps offsets of some km to within 0.1 %.
_AROUND: Final = "+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m +no_defs"


@dataclass(frozen=True)
class Comparison:
    """How a layer agrees with another, unit by unit.

    units: One row per pair of units: ``unit_id``, ``name``, ``their_id``, ``their_name``,
        ``overlap`` (intersection over union of the areas), ``offset_km`` (median distance of their
        outline's vertices from ours), ``same_code``, ``same_parent`` (missing where either side
        tells no parent).
    ours, theirs: Units on either side.
    by_code, by_name: Pairs found by P-code and by name.
    offset_median_km, offset_p99_km: Over all vertices of their outlines.
    """

    units: pd.DataFrame
    ours: int
    theirs: int
    by_code: int
    by_name: int
    offset_median_km: float
    offset_p99_km: float

    def to_dict(self) -> dict[str, Any]:
        """Give the figures as plain values."""
        overlap = self.units["overlap"]
        worst = self.units.nsmallest(_WORST, "overlap")
        parents = self.units["same_parent"].dropna()
        return {
            "ours": self.ours,
            "theirs": self.theirs,
            "matched_by_code": self.by_code,
            "matched_by_name": self.by_name,
            "same_code": int(self.units["same_code"].sum()),
            "parents_compared": len(parents),
            "parents_wrong": int((~parents.astype(bool)).sum()),
            "overlap_median": round(float(overlap.median()), 4),
            "overlap_p5": round(float(overlap.quantile(0.05)), 4),
            "overlap_worst": {
                f"{unit} {name}": round(float(value), 4)
                for unit, name, value in worst[["unit_id", "name", "overlap"]].to_numpy()
            },
            "offset_median_km": round(self.offset_median_km, 3),
            "offset_p99_km": round(self.offset_p99_km, 3),
        }

    def lines(self, lang: Language = "en") -> list[str]:
        """Say the figures in lines of text."""
        figures = self.to_dict()
        worst = ", ".join(f"{name} {value:.3f}" for name, value in figures["overlap_worst"].items())
        sentences = [
            Sentence("units: ours {ours}, theirs {theirs}", ours=self.ours, theirs=self.theirs),
            Sentence(
                "matched: {by_code} by code, {by_name} by name; same code {same_code}; parents "
                "wrong {wrong} of {compared}",
                by_code=self.by_code,
                by_name=self.by_name,
                same_code=figures["same_code"],
                wrong=figures["parents_wrong"],
                compared=figures["parents_compared"],
            ),
            Sentence(
                "overlap: median {median:.4f}, 5% below {low:.4f}",
                median=figures["overlap_median"],
                low=figures["overlap_p5"],
            ),
            Sentence("worst: {worst}", worst=worst),
            Sentence(
                "offset of outlines: median {median:.3f} km, 99% below {high:.3f} km",
                median=self.offset_median_km,
                high=self.offset_p99_km,
            ),
        ]
        return [line.say(lang) for line in sentences]

    @classmethod
    def of(cls, ours: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame) -> "Comparison":
        """Compare two layers of the same units.

        >>> from sahel_geo.places.boundaries.boundaries import load_boundaries
        >>> fine, coarse = (load_boundaries(1, resolution=name) for name in ("1m", "5m"))
        >>> Comparison.of(fine, coarse).by_code
        31
        """
        require_lonlat(ours, "ours")
        require_lonlat(theirs, "theirs")
        countries = sorted(set(theirs["country"].dropna()) & set(ours["country"]))
        ours = ours[ours["country"].isin(countries)].reset_index(drop=True)
        by_code = theirs["unit_id"].isin(set(ours["unit_id"])).to_numpy()
        ids = theirs["unit_id"].astype(object).where(by_code, None)
        named = match_units(theirs["name"], ours, parents=theirs["country"])
        ids = ids.where(by_code, named["unit_id"])
        pairs = pd.DataFrame({"row": np.arange(len(theirs)), "unit_id": ids.to_numpy()}).dropna()
        pairs = pairs.drop_duplicates("unit_id")
        if pairs.empty:
            raise InputError(
                "`theirs` has no unit of `ours` among its {number}; expected P-codes or names of "
                "the same level. Check level= and the country.",
                number=len(theirs),
            )
        mine = ours.set_index("unit_id").loc[pairs["unit_id"]].reset_index()
        other = theirs.iloc[pairs["row"].to_numpy()].reset_index(drop=True)
        offsets = _offsets_km(mine.geometry.to_numpy(), other.geometry.to_numpy())
        everything = np.concatenate(offsets)
        table = pd.DataFrame(
            {
                "unit_id": mine["unit_id"],
                "name": mine["name"],
                "their_id": other["unit_id"],
                "their_name": other["name"],
                "overlap": _overlap(mine, other),
                "offset_km": [float(np.median(part)) for part in offsets],
                "same_code": mine["unit_id"] == other["unit_id"],
                "same_parent": _same_parent(mine, other),
            }
        )
        codes = int(by_code[pairs["row"]].sum())
        return cls(
            table,
            len(ours),
            len(theirs),
            codes,
            len(pairs) - codes,
            float(np.median(everything)),
            float(np.percentile(everything, 99)),
        )


def _overlap(mine: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> Floats:
    a, b = (
        shapely.make_valid(side.geometry.to_crs(EQUAL_AREA).to_numpy(), method="structure")
        for side in (mine, other)
    )
    shared = shapely.area(shapely.intersection(a, b))
    return np.asarray(shared / (shapely.area(a) + shapely.area(b) - shared))


def _offsets_km(mine: Any, other: Any) -> list[Floats]:
    """Measure each vertex of their outlines from ours, in a plane about the unit."""
    result = []
    for own, their in zip(mine, other, strict=True):
        centre = own.centroid
        plane = CRS.from_proj4(_AROUND.format(lat=centre.y, lon=centre.x))
        outline, foreign = gpd.GeoSeries([own.boundary, their], crs=4326).to_crs(plane)
        vertices = shapely.points(shapely.get_coordinates(foreign))
        shapely.prepare(outline)
        result.append(np.atleast_1d(shapely.distance(vertices, outline)) / 1e3)
    return result


def _same_parent(mine: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> pd.Series:
    level = int(mine["level"].iloc[0])
    if level < 2:
        return pd.Series(pd.NA, index=mine.index, dtype="boolean")
    column = f"adm{level - 1}_id"
    stated = mine[column].notna() & other[column].notna()
    same: pd.Series = (mine[column] == other[column]).astype("boolean")
    return same.where(stated)
