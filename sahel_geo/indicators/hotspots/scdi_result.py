"""The types of the Spatial Conflict Dynamics indicator, in words and on a map, and how sure."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders, require_language
from sahel_geo.i18n.classes import SCDI, colours_of
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.class_map import draw_classes
from sahel_geo.indicators.display.plotting import axes, hatches, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import name_of, words
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.schema import Language

TYPES: Final = ("CH", "CL", "DH", "DL")
UNCLASSED: Final = "unclassed"
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
        """Say how many cells have which type in the last year.

        Two sentences, with the share of incidents in one place.
        """
        require_language(lang)
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
        """Draw the cells of a year in the colours of their types.

        Parameters
        ----------
        ax, lang
            As for every result.
        year : int, optional
            By default the last.

        Raises
        ------
        InputError
            If the year has no incident.
        """
        squares = self.units(year)
        return draw_classes(
            squares,
            squares["type"],
            SCDI,
            lang=lang,
            ax=ax,
            title=str(squares["year"].iloc[0]),
            outlines=load_boundaries(level=0),
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
        >>> found = sg.scdi.by_cell(sg.load_example_incidents()).units(2023)
        >>> m = sg.choropleth(found, ["type", "incidents"])
        """
        shown = self.table["year"].max() if year is None else year
        rows = self.table[self.table["year"] == shown]
        if rows.empty:
            raise InputError(
                f"`year` is {year}, without incidents; expected one of "
                f"{first_offenders(sorted(set(self.table['year'])))}."
            )
        squares = self.cells.merge(rows, on="cell_id").rename(columns={"cell_id": "unit_id"})
        labels = squares["type"].astype(object).where(squares["type"].notna(), UNCLASSED)
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
        require_language(lang)
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
        """Draw what becomes of each recorded type in the draws.

        One bar per recorded type, its mean shares of the types drawn. Raises InputError if no cell
        has a type.
        """
        texts = words(lang)
        rows = self.table[self.table["type"].notna()]
        if rows.empty:
            raise InputError("`table` has no cell with a type to draw; expected at least one.")
        means = rows.groupby("type")[[*TYPES, UNCLASSED]].mean()
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
        legend_above(ax, columns=len(_TYPE_COLOURS))
        return ax
