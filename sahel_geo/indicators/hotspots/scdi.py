"""Spatial Conflict Dynamics indicator: is violence dense or thin, clustered or dispersed."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from sahel_geo.arrays import Floats, Integers, Objects
from sahel_geo.compiled import compiled
from sahel_geo.crs import EQUAL_AREA, LONLAT
from sahel_geo.errors import InputError, first_offenders, require_choice, require_columns
from sahel_geo.i18n.classes import SCDI, colours_of
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.class_map import draw_classes
from sahel_geo.indicators.display.plotting import axes, hatches, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import name_of, words
from sahel_geo.locate.assign.assign import coordinates, take_text
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.schema import Language

Grid = Literal["oecd", "equal-area"]

__all__ = ["THRESHOLD", "TYPES", "ScdiTable", "ScdiTypes", "by_cell", "classify", "measure_cells"]

THRESHOLD: Final = 0.0017  # incidents per km2; the release brackets the cut: 0.0016996 to 0.0017092

# The released cells: five twelfths of a degree, with areas of this conformal projection of Africa,
# which are up to 15 % smaller than true ones near 10 degrees north.
_OECD_DEGREES: Final = 5 / 12
_OECD_WEST, _OECD_SOUTH = -1 / 40, -1 / 60
_OECD_PLANE: Final = CRS.from_proj4(
    "+proj=lcc +lat_1=20 +lat_2=-23 +lat_0=0 +lon_0=25 +datum=WGS84 +units=m +no_defs"
)
_CELL_KM: Final = 50.0

TYPES: Final = ("CH", "CL", "DH", "DL")
_UNCLASSED: Final = "unclassed"
_TYPE_COLOURS: Final = colours_of(SCDI)
_TEXTS: Final = Texts(
    {
        "none": "No incident with a date and a place: nothing to class.",
        "types": "In {year}, {classed} of the {cells} cells that were hit have 2 incidents or "
        "more: {CH} dense and clustered (CH), {DH} dense and dispersed (DH), {CL} thin and "
        "clustered (CL), {DL} thin and dispersed (DL). {shared}% of the incidents share the exact "
        "point of another one, which makes their cell look clustered.",
        "no_class": "No cell has two incidents in a year: nothing to class.",
        "sure": "The recorded type holds in at least {least}% of {n} draws of the places that the "
        "sources admit for {sure} of the {classed} cells and years with a type; on average, "
        "{moved}% change their type or lose it in a draw.",
    }
)


@dataclass(frozen=True)
class ScdiTable(Result):
    """The indicator for each cell and year with incidents.

    Attributes
    ----------
    table : DataFrame
        One row per cell and year with an incident: ``cell_id``, ``year``, ``incidents``,
        ``density`` (incidents per km²), ``nni`` (nearest-neighbour index), ``colocated_share``
        (share of the incidents whose coordinates another one of the cell and year has too) and
        ``type`` (``"CH"``, ``"CL"``, ``"DH"``, ``"DL"``; missing, with ``nni``, below 2 incidents).
    cells : GeoDataFrame
        The cells of the table: ``cell_id``, ``area_km2`` as the indicator uses it, squares in
        EPSG:4326.
    left_out : int
        Incidents without coordinates or date.
    """

    table: pd.DataFrame
    cells: gpd.GeoDataFrame
    left_out: int
    named_by: ClassVar[tuple[str, ...]] = ("cell_id", "year")
    measured: ClassVar[tuple[str, ...]] = ("type",)

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many cells have which type in the last year, and the share in one place."""
        if self.table.empty:
            return _TEXTS[lang]["none"]
        rows = self.table[self.table["year"] == self.table["year"].max()]
        shared = (rows["colocated_share"] * rows["incidents"]).sum() / rows["incidents"].sum()
        counts = {name: int((rows["type"] == name).sum()) for name in TYPES}
        return _TEXTS[lang]["types"].format(
            year=rows["year"].iloc[0],
            classed=int(rows["type"].notna().sum()),
            cells=len(rows),
            shared=decimal(shared * 100, lang, 0),
            **counts,
        )

    def plot(self, ax: Any = None, *, year: int | None = None, lang: Language = "en") -> Any:
        """Draw the cells of a year, by default the last, in the colours of their types."""
        squares, outlines = self.units(year), load_boundaries(level=0)
        title = str(squares["year"].iloc[0])
        return draw_classes(
            squares, squares["type"], SCDI, lang=lang, ax=ax, title=title, outlines=outlines
        )

    def units(self, year: int | None = None) -> gpd.GeoDataFrame:
        """Give the cells of a year as units, for :func:`sahel_geo.choropleth` and for files.

        Parameters
        ----------
        year : int, optional
            By default the last.

        Returns
        -------
        GeoDataFrame
            One row per cell with an incident in that year: ``unit_id``, the columns of `table`,
            ``area_km2`` and squares in EPSG:4326. The type of a cell with one incident is
            ``"unclassed"``, which is not the same as no data.

        Raises
        ------
        InputError
            If the year has no incident.

        Examples
        --------
        >>> import sahel_geo as sg
        >>> result = sg.scdi.by_cell(sg.load_example_incidents()).units(2023)
        >>> m = sg.choropleth(result, ["type", "incidents"])
        """
        last = self.table["year"].max() if year is None else year
        rows = self.table[self.table["year"] == last]
        if rows.empty:
            raise InputError(
                f"`year` is {year}, without incidents; expected one of "
                f"{first_offenders(sorted(set(self.table['year'])))}."
            )
        squares = self.cells.merge(rows, on="cell_id").rename(columns={"cell_id": "unit_id"})
        labels = squares["type"].astype(object).where(squares["type"].notna(), _UNCLASSED)
        return squares.assign(type=labels.astype("str"))


@dataclass(frozen=True)
class ScdiTypes(Result):
    """The probability of each type of each cell and year under location error.

    Attributes
    ----------
    table : DataFrame
        One row for each cell and year of :func:`sahel_geo.scdi.by_cell`: ``cell_id``, ``year``,
        ``type`` as recorded (missing below 2 incidents), the shares of the draws in which it is
        ``CH``, ``CL``, ``DH``, ``DL`` or ``unclassed`` (fewer than 2 incidents), which add up to 1,
        ``share`` (of the draws with the recorded type; missing without one) and ``uncertain``
        (bool: ``share`` is below `certain_from`).
    draws : int
        How many.
    certain_from : float
        Share of the draws from which a type is certain.
    """

    table: pd.DataFrame
    draws: int
    certain_from: float

    def sentence(self, lang: Language = "fr") -> str:
        """Say for how many cells and years the type is sure."""
        rows = self.table[self.table["share"].notna()]
        if rows.empty:
            return _TEXTS[lang]["none" if self.table.empty else "no_class"]
        return _TEXTS[lang]["sure"].format(
            n=self.draws,
            least=decimal(self.certain_from * 100, lang, 0),
            sure=int((~rows["uncertain"]).sum()),
            classed=len(rows),
            moved=decimal(float(1 - rows["share"].mean()) * 100, lang, 0),
        )

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw for each recorded type the mean shares of the types drawn, one bar each."""
        texts = words(lang)
        rows = self.table[self.table["type"].notna()]
        if rows.empty:
            raise InputError("`table` has no cell with a type to draw; expected at least one.")
        means = rows.groupby("type")[[*TYPES, _UNCLASSED]].mean()
        sizes = rows["type"].value_counts()
        ax = axes(ax, size=(6.4, 1.6 + 0.45 * len(means)), lang=lang)
        at, left = np.arange(len(means)), np.zeros(len(means))
        chosen = hatches(_TYPE_COLOURS.values())
        for (name, colour), hatch in zip(_TYPE_COLOURS.items(), chosen, strict=True):
            width = means[name].to_numpy()
            look = {"color": colour, "hatch": hatch, "edgecolor": "#ffffff", "linewidth": 0}
            ax.barh(at, width, left=left, height=0.7, label=name_of(name, lang), **look)
            left = left + width
        ax.set_yticks(at, [f"{name} ({sizes[name]})" for name in means.index])
        ax.set_ylabel(texts["type_recorded"])
        ax.set_xlabel(texts["type_share"].format(n=self.draws))
        return legend_above(ax, columns=len(_TYPE_COLOURS))


def classify(
    *, density: "npt.ArrayLike", nni: "npt.ArrayLike", threshold: float = THRESHOLD
) -> Objects:
    """Name the type of violence from its density and its nearest-neighbour index.

    ``CH`` is dense violence in few places, ``DH`` dense and spread over the cell, ``CL`` thin and
    in few places, ``DL`` thin and spread.

    Parameters
    ----------
    density : array_like of float, shape (n,)
        Incidents per km²; NaN where there are fewer than 2, which are not classified.
    nni : array_like of float, shape (n,)
        Nearest-neighbour index; below 1 is clustered. NaN counts as 0.
    threshold : float
        Lowest density that is high.

    Returns
    -------
    ndarray of str objects, shape (n,)
        ``"CH"``, ``"CL"``, ``"DH"``, ``"DL"``, or None where `density` is NaN.

    Raises
    ------
    InputError
        If the shapes differ, a value is negative, or `threshold` is not positive.

    References
    ----------
    Walther, O., Radil, S., Russell, D. and Trémolières, M. (2023). Introducing the Spatial Conflict
    Dynamics indicator of political violence. Terrorism and Political Violence 35, 533-552.

    Examples
    --------
    >>> classify(density=[0.0017, 0.0016, float("nan")], nni=[1.0, 0.2, 0.5]).tolist()
    ['DH', 'CL', None]
    """
    dense, index = np.asarray(density, dtype=np.float64), np.asarray(nni, dtype=np.float64)
    if dense.shape != index.shape:
        raise InputError(
            f"`density` and `nni` have shapes {dense.shape} and {index.shape}; expected one shape. "
            "Pass both for the same cells."
        )
    wrong = (dense < 0) | (index < 0)
    if wrong.any() or not threshold > 0:
        raise InputError(
            f"`density` or `nni` is negative at {first_offenders(np.flatnonzero(wrong))}, or "
            f"`threshold` {threshold} is not positive; expected 0 or more, and a positive "
            "threshold. Correct the table."
        )
    code = 2 * ~(np.nan_to_num(index, nan=0.0) < 1) + (dense < threshold)
    names = np.array([*TYPES, None], dtype=object)
    return np.asarray(names[np.where(np.isnan(dense), len(TYPES), code)])


def by_cell(
    incidents: pd.DataFrame, *, grid: Grid = "oecd", threshold: float = THRESHOLD
) -> ScdiTable:
    """Class each cell and year by how dense and how clustered its incidents are.

    Incidents coded to one place lie at distance 0 of each other and make a cell look clustered:
    read ``colocated_share`` beside the type, and see `sahel_geo.uncertainty.scdi_types` for how
    sure the type is.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon``, ``lat`` (degrees, EPSG:4326) and ``date``.
    grid : {"oecd", "equal-area"}
        The squares of 0.4167 degrees of the published indicator, with areas and distances in its
        conformal projection of Africa; or 50 km squares of equal area, whose densities compare
        across the map. A true area is up to 15 % larger than the published one near 10 degrees
        north, so near the threshold the two grids differ.
    threshold : float
        Lowest density that is high, incidents per km².

    Returns
    -------
    ScdiTable
        Without rows where no incident has a place and a date.

    Raises
    ------
    InputError
        If a column is missing, a coordinate is out of range, or `grid` is unknown.

    References
    ----------
    Clark, P. J. and Evans, F. C. (1954). Distance to nearest neighbor as a measure of spatial
    relationships in populations. Ecology 35, 445-453.

    Examples
    --------
    >>> incidents = pd.DataFrame({
    ...     "lon": [1.0, 1.0, 1.1], "lat": [14.0, 14.0, 14.0],
    ...     "date": pd.to_datetime(["2022-01-01", "2022-05-01", "2022-06-01"])})
    >>> by_cell(incidents).table[["incidents", "type"]].values.tolist()
    [[3, 'CL']]
    """
    require_choice("grid", grid, get_args(Grid))
    require_columns(incidents, "incidents", ("date",), "Read the file with sg.read_incidents.")
    lon, lat = coordinates(incidents)
    year = pd.to_datetime(incidents["date"]).dt.year.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(lon) & np.isfinite(lat) & np.isfinite(year)
    lon, lat, years = lon[known], lat[known], year[known].astype(np.int64)
    figures = measure_cells(lon, lat, years, grid=grid, threshold=threshold)
    pairs = figures[["column", "row"]].to_numpy()
    places, row = np.unique(pairs, axis=0, return_inverse=True)
    squares = shapely.box(*_corners(places[:, 0], places[:, 1], grid))
    crs = LONLAT if grid == "oecd" else EQUAL_AREA
    named = {
        "cell_id": [f"{grid} {at[0]} {at[1]}" for at in places],
        "area_km2": _areas(places[:, 1], grid),
    }
    cells = gpd.GeoDataFrame(named, geometry=squares, crs=crs).to_crs(LONLAT)
    table = pd.DataFrame({"cell_id": cells["cell_id"].to_numpy()[np.ravel(row)]})
    for name in ("year", "incidents", "density", "nni", "colocated_share"):
        table[name] = figures[name].to_numpy()
    table["type"] = pd.Series(take_text(TYPES, figures["code"].to_numpy()), table.index)
    return ScdiTable(table, cells, int((~known).sum()))


def measure_cells(
    lon: Floats, lat: Floats, year: Integers, *, grid: Grid, threshold: float = THRESHOLD
) -> pd.DataFrame:
    """Measure density and concentration in each cell and year, as plain numbers.

    Parameters
    ----------
    lon, lat : ndarray of float, shape (n,)
        Finite, EPSG:4326.
    year : ndarray of int, shape (n,)
        Any whole number by which to keep incidents apart.
    grid : {"oecd", "equal-area"}
        As for :func:`by_cell`.
    threshold : float
        Lowest density that is high.

    Returns
    -------
    DataFrame
        ``column``, ``row`` (of the grid), ``year``, ``incidents``, ``density``, ``nni``,
        ``colocated_share`` and ``code``, the position in `TYPES` or -1.
    """
    plane = _OECD_PLANE if grid == "oecd" else EQUAL_AREA
    x, y = Transformer.from_crs(LONLAT, plane, always_xy=True).transform(lon, lat)
    x, y = np.asarray(x) / 1e3, np.asarray(y) / 1e3
    if grid == "oecd":
        column = np.floor((lon - _OECD_WEST) / _OECD_DEGREES).astype(np.int64)
        row = np.floor((lat - _OECD_SOUTH) / _OECD_DEGREES).astype(np.int64)
    else:
        column, row = (np.floor(axis / _CELL_KM).astype(np.int64) for axis in (x, y))
    order = np.lexsort([year, column, row])
    x, y, keys = x[order], y[order], np.column_stack([column, row, year])[order]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    start = np.flatnonzero(new)
    ends = np.r_[start, len(keys)].astype(np.int64)
    table = pd.DataFrame(keys[start], columns=["column", "row", "year"])
    table["incidents"] = np.diff(ends)
    area = _areas(table["row"].to_numpy(), grid)
    distance, shared = _nearest_in_groups(x, y, ends)
    several = table["incidents"] >= 2
    table["density"] = table["incidents"] / area
    expected = 0.5 / np.sqrt(table["density"].to_numpy())
    table["nni"] = np.where(several, distance / expected, np.nan)
    table["colocated_share"] = shared / table["incidents"]
    clustered = table["nni"].fillna(0.0).to_numpy() < 1
    code = 2 * ~clustered + (table["density"].to_numpy() < threshold)
    table["code"] = np.where(several, code, -1)
    return table


@compiled()
def _nearest_in_groups(x: Any, y: Any, ends: Any) -> Any:  # pragma: no cover
    """Mean distance to the nearest other of the group, and number with an exact double."""
    mean, shared = np.zeros(len(ends) - 1), np.zeros(len(ends) - 1)
    for group in range(len(ends) - 1):
        start, stop = ends[group], ends[group + 1]
        for at in range(start, stop):
            least = np.inf
            for other in range(start, stop):
                if other != at:
                    square = (x[at] - x[other]) ** 2 + (y[at] - y[other]) ** 2
                    least = min(least, square)
            mean[group] += np.sqrt(least) / (stop - start)
            shared[group] += least == 0
    return mean, shared


def _corners(column: Any, row: Any, grid: Grid) -> tuple[Any, Any, Any, Any]:
    if grid == "oecd":
        west, south = _OECD_WEST + column * _OECD_DEGREES, _OECD_SOUTH + row * _OECD_DEGREES
        return west, south, west + _OECD_DEGREES, south + _OECD_DEGREES
    step = _CELL_KM * 1e3
    return column * step, row * step, (column + 1) * step, (row + 1) * step


def _areas(row: Integers, grid: Grid) -> Floats:
    if grid == "equal-area":
        return np.full(len(row), _CELL_KM**2)
    # on a cone about the pole the squares of one row are alike
    rows, back = np.unique(row, return_inverse=True)
    squares = gpd.GeoSeries(shapely.box(*_corners(0, rows, grid)), crs=LONLAT)
    areas = squares.to_crs(_OECD_PLANE).area.to_numpy() / 1e6
    return np.asarray(areas[back], dtype=np.float64)
