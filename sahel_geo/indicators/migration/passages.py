"""Where a path in the plane passes from one country to another, and what may be said of it."""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.locate.assign.assign import take_text
from sahel_geo.locate.assign.unit_index import UnitIndex, index_of
from sahel_geo.projection import project, unproject

Names: TypeAlias = npt.NDArray[np.object_]

_STEPS: Final = 4096  # along a leg of the path; narrower strips of a country are not seen
_HALVINGS: Final = 20  # of a step, to a place on the border


@dataclass(frozen=True)
class Countries:
    """The country that holds each place of the projected plane."""

    index: UnitIndex  # units
    country: Names  # country of each

    @classmethod
    def of(cls, units: gpd.GeoDataFrame) -> "Countries":
        """Take the countries of some units."""
        return cls(index_of(units), units["country"].astype("str").to_numpy(dtype=object))

    def hold(self, x: Floats, y: Floats) -> Names:
        """Name the country of each place (metres, equal area); missing outside the units."""
        lon, lat = unproject(x, y)
        return np.asarray(take_text(self.country, self.index.locate(lon, lat)), dtype=object)

    def crossings(self, table: pd.DataFrame) -> pd.DataFrame:
        """List where a path passes from one country to another, and which passages are claimed.

        Between one certain centre and the next, in another country, the last passage into that
        country is claimed.
        """
        known = table[table["lon"].notna()]
        rows: list[dict[str, Any]] = []
        for first, second in zip(known.index[:-1], known.index[1:], strict=True):
            start, end = known.loc[first], known.loc[second]
            rows += [
                {**passage, "after": start["period"], "by": end["period"], "_leg": second}
                for passage in self._passages(start, end)
            ]
        columns = ["date", "lon", "lat", "from_country", "to_country", "after", "by", "_leg"]
        found = pd.DataFrame(rows, columns=columns)
        found["claimed"] = False
        found["not_before"] = found["not_after"] = pd.Series(pd.NaT, found.index, "datetime64[s]")
        certain = known[known["certain"]]
        for first, second in zip(certain.index[:-1], certain.index[1:], strict=True):
            before, after = (str(certain.loc[at, "country"]) for at in (first, second))
            if before == after:
                continue
            between = found["_leg"].between(first + 1, second) & (found["to_country"] == after)
            last = found.index[between][-1]
            found.loc[last, "claimed"] = True
            found.loc[last, "not_before"] = certain.loc[first, "date"]
            found.loc[last, "not_after"] = certain.loc[second, "date"]
        return found.drop(columns="_leg")

    def _passages(self, start: Any, end: Any) -> list[dict[str, Any]]:
        """Find the borders that a straight leg crosses, by halving the step in which each lies."""
        lon, lat = (np.array([start[name], end[name]], dtype=np.float64) for name in ("lon", "lat"))
        x, y = project(lon, lat)

        def country(along: Floats) -> Names:
            return self.hold(x[0] + along * (x[1] - x[0]), y[0] + along * (y[1] - y[0]))

        steps = np.linspace(0, 1, _STEPS + 1)
        names = pd.Series(country(steps), dtype="str").fillna("")
        found = []
        for at in np.flatnonzero(names.to_numpy()[1:] != names.to_numpy()[:-1]):
            low, high = float(steps[at]), float(steps[at + 1])
            before, after = names.iloc[at], names.iloc[at + 1]
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                here = country(np.array([middle]))[0]
                low, high = (
                    (middle, high) if (here if pd.notna(here) else "") == before else (low, middle)
                )
            place = np.array([high])
            (east,), (north,) = unproject(
                x[0] + place * (x[1] - x[0]), y[0] + place * (y[1] - y[0])
            )
            found.append(
                {
                    "date": (start["date"] + high * (end["date"] - start["date"])).round("D"),
                    "lon": east,
                    "lat": north,
                    "from_country": before or None,
                    "to_country": after or None,
                }
            )
        return found
