"""Whether neighbours on the two sides of a border are alike, beside neighbours inside a country.

Each figure is computed on all links, on links inside a country and on links across a border, and
tested by dealing the histories of the units anew inside each country.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sahel_geo.crs import EQUAL_AREA, LONLAT, require_lonlat
from sahel_geo.errors import InputError
from sahel_geo.indicators.chance_plot import draw_against_chance
from sahel_geo.indicators.country_permutation import (
    Deal,
    Linked,
    by_kind,
    check_deals,
    panel_values,
)
from sahel_geo.indicators.exposure import require_columns
from sahel_geo.indicators.result import Result, decimal, require_language
from sahel_geo.indicators.unit_values import Data, values_by_unit
from sahel_geo.indicators.weights import Weights
from sahel_geo.places.grids import Grid
from sahel_geo.schema import Language

__all__ = ["CrossBorderJoins", "CrossBorderMoran", "cells_with_country", "join_counts", "moran"]

Floats = npt.NDArray[np.float64]
Seed: TypeAlias = np.random.Generator | int

_JOINS: Final = ("hit-hit", "hit-quiet", "quiet-quiet")
_LAGGED_JOINS: Final = ("hit-hit", "hit-quiet", "quiet-hit", "quiet-quiet")
_TEXTS: Final[dict[Language, Mapping[str, str]]] = {
    "fr": {
        "none": "Aucun lien entre voisins de deux pays, ou des valeurs toutes égales : rien à dire "
        "d'une ressemblance de part et d'autre des frontières.",
        "moran": "Entre voisins de part et d'autre d'une frontière, l'indice de Moran{lag} est de "
        "{value} ; {deal} donnent {low} à {high} (95 % des tirages).",
        "joins": "{value} liens transfrontaliers joignent deux unités touchées{lag} ; "
        "{deal} en donnent {low} à {high} (95 % des tirages).",
        "places": "des histoires redistribuées entre les unités de chaque pays",
        "times": "des histoires nationales décalées dans le temps l'une contre l'autre",
        "lag": " (décalage de {lag} périodes)",
        "more": "Les voisins se ressemblent plus que ne le ferait ce hasard.",
        "less": "Les voisins se ressemblent moins que ne le ferait ce hasard.",
        "open": "Cela ne se distingue pas de ce hasard.",
        "home": "À l'intérieur des pays : {value}, contre {low} à {high}.",
        "caution": "Une ressemblance ne dit ni d'où vient la violence, ni qu'elle passe la "
        "frontière.",
    },
    "en": {
        "none": "No link between neighbours of two countries, or values all equal: nothing to say "
        "of likeness across borders.",
        "moran": "Between neighbours on the two sides of a border, Moran's I{lag} is {value}; "
        "{deal} give {low} to {high} (95% of the deals).",
        "joins": "{value} links across a border join two hit units{lag}; {deal} "
        "give {low} to {high} (95% of the deals).",
        "places": "histories dealt anew among the units of each country",
        "times": "histories of countries shifted in time against one another",
        "lag": " (lag of {lag} periods)",
        "more": "Neighbours are more alike than this chance would make them.",
        "less": "Neighbours are less alike than this chance would make them.",
        "open": "That does not differ from this chance.",
        "home": "Inside the countries: {value}, against {low} to {high}.",
        "caution": "Likeness says neither where violence comes from nor that it crosses a border.",
    },
}


@dataclass(frozen=True)
class CrossBorderMoran(Result):
    """Likeness of neighbours, inside countries and across borders.

    Attributes
    ----------
    table : DataFrame
        One row per kind of link, and per lag if asked for: ``lag``, ``links`` (``"all"``,
        ``"domestic"``, ``"international"``, pairs of countries), ``pairs`` (links, each direction
        counted), ``value`` (mean product of standard scores over the links: Moran's I), and of the
        deals inside each country ``expected`` (mean), ``low`` and ``high`` (95 %), ``z`` and ``p``
        (two-sided). Missing where there is no such link or every value is the same.
    permutations : int
        Number of deals.
    deal : {"places", "times"}
        What was up to chance.
    """

    table: pd.DataFrame
    permutations: int
    deal: Deal = "places"

    def sentence(self, lang: Language = "fr") -> str:
        """Say whether neighbours across a border are alike, beside those inside a country.

        Parameters
        ----------
        lang : {"fr", "en"}
            Language.

        Returns
        -------
        str
            Of the first lag; no difference is claimed inside the range that chance gives.

        Raises
        ------
        InputError
            If `lang` is not a language of the package.
        """
        require_language(lang)
        return _say(self.table, "moran", self.deal, lang, digits=2)

    def plot(self, ax: Any = None) -> Any:
        """Draw each figure beside what chance gives.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw on; new ones by default.

        Returns
        -------
        matplotlib Axes
            The axes drawn on: a point per kind of link, by lag.

        Raises
        ------
        InputError
            If every figure is missing.
        """
        table, along, label = self.table, "lag", "Lag (periods from the one to the other)"
        if "lag" not in table:
            table, label = table.assign(lag="all periods together"), ""
        names = list(dict.fromkeys(table[along]))
        return draw_against_chance(
            table,
            along=along,
            names=names,
            value="Moran's I",
            label=label,
            deal=self.deal,
            ax=ax,
        )


@dataclass(frozen=True)
class CrossBorderJoins(Result):
    """Links between units hit and units quiet, inside countries and across borders.

    Attributes
    ----------
    table : DataFrame
        One row per kind of link and of join, and per lag if asked for: ``lag``, ``links``,
        ``joins`` (``"hit-hit"``, ``"hit-quiet"``, ``"quiet-quiet"``; with lags the first word is
        the unit before and the second its neighbour after, so there is also ``"quiet-hit"``),
        ``pairs``, ``value`` (sum of weights; without lags each pair once), and ``expected``,
        ``low``, ``high``, ``z``, ``p`` as in :class:`CrossBorderMoran`.
    permutations : int
        Number of deals.
    deal : {"places", "times"}
        What was up to chance.
    """

    table: pd.DataFrame
    permutations: int
    deal: Deal = "places"

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many links across a border join two hit units, beside chance.

        Parameters
        ----------
        lang : {"fr", "en"}
            Language.

        Returns
        -------
        str
            Of the first lag; no difference is claimed inside the range that chance gives.

        Raises
        ------
        InputError
            If `lang` is not a language of the package.
        """
        require_language(lang)
        return _say(
            self.table[self.table["joins"] == "hit-hit"], "joins", self.deal, lang, digits=0
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the counts of the first lag beside what chance gives.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw on; new ones by default.

        Returns
        -------
        matplotlib Axes
            The axes drawn on: a point per kind of link, by kind of join; joins of two quiet units
            are left out, since they are many and say little.

        Raises
        ------
        InputError
            If every figure is missing.
        """
        table = self.table[self.table["joins"] != "quiet-quiet"]
        if "lag" in table:
            table = table[table["lag"] == table["lag"].iloc[0]]
        names = list(dict.fromkeys(table["joins"]))
        return draw_against_chance(
            table,
            along="joins",
            names=names,
            value="Links",
            label="Units linked",
            deal=self.deal,
            ax=ax,
        )


def moran(
    data: Data,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    lags: Sequence[int] | None = None,
    other: "Data | None" = None,
    column: str = "incidents",
    other_column: str | None = None,
    weights: Weights | None = None,
    by_pair: bool = False,
    deal: Deal = "places",
    permutations: int = 999,
) -> CrossBorderMoran:
    """Measure whether neighbours are alike, inside countries and across borders.

    Without `lags` it compares one figure per unit, as Moran's I does. With `lags` it compares the
    past of each unit with the present of its neighbours, period by period. High values across a
    border mean that the two sides rise and fall in the same places; the cause may be common.

    Parameters
    ----------
    data : DataFrame, Series or array_like
        As for :func:`sahel_geo.hotspots.local_gi`; with `lags` a panel of :func:`sahel_geo.count`.
    units : GeoDataFrame, n rows
        Columns ``unit_id`` and ``country``; polygons in EPSG:4326 unless `weights` is given.
    rng : Generator or int
        Seed of the deals.
    lags : sequence of int, optional
        Periods from a unit to its neighbour: 1 is the neighbour a period later.
    other : DataFrame, Series or array_like, optional
        A second measure, that of the neighbour; by default the same.
    column, other_column : str
        Columns of the panels; by default that of the neighbour is the same.
    weights : Weights, optional
        By default units that touch, each neighbour with weight 1. The weight of row i and column
        j is that of unit i with its neighbour j. Weights are taken as they are.
    by_pair : bool
        Also give each pair of countries; with `lags` or a second measure each direction.
    deal : {"places", "times"}
        What is up to chance: which unit of its country had each history, or, with `lags`, how far
        the history of each country is shifted against the others', its end put before its start.
        Links inside a country are not tested by the second.
    permutations : int
        Number of deals.

    Returns
    -------
    CrossBorderMoran
        With weights of 1 the figure of all links is the mean of the two others, weighted by their
        links.

    Raises
    ------
    InputError
        If the data do not fit the units, a figure is missing, or a setting is out of range.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes, section 1.3 (Moran's I).
    Wartenberg, D. (1985). Multivariate spatial correlation. Geographical Analysis 17, 263-283.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> alike = moran(range(len(units)), units, rng=1, permutations=99)
    >>> alike.table["links"].tolist()
    ['all', 'domestic', 'international']
    """
    check_deals(permutations, deal, by_period=lags is not None)
    linked = Linked.of(units, weights)
    seed = int(np.random.default_rng(rng).integers(2**62))
    x = _values(data, units, column, lags, "data")
    same = other is None and other_column is None
    second = data if other is None else other
    y = x if same else _values(second, units, other_column or column, lags, "other")
    if x.shape != y.shape:
        raise InputError(
            f"`other` has {y.shape[1]} periods and `data` {x.shape[1]}; expected the same. "
            "Count both with start= and end=.",
        )
    x, y = _standard(x), _standard(y)
    directed = lags is not None or not same
    kinds = linked.kinds(by_pair=by_pair, directed=directed)
    rows = []
    for lag in _check_lags(lags, x.shape[1]):
        before, after = x[:, : x.shape[1] - lag], y[:, lag:]
        scale = linked.weight() * before.shape[1]
        rows += [
            {"lag": lag, **row}
            for row in by_kind(
                linked,
                kinds,
                linked.sums(before, after),
                linked.dealt_sums(before, after, permutations=permutations, seed=seed, deal=deal),
                scale,
            )
        ]
    table = pd.DataFrame(rows)
    table = table.drop(columns="lag") if lags is None else table
    return CrossBorderMoran(table, permutations, deal)


def join_counts(
    data: Data,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    lags: Sequence[int] | None = None,
    column: str = "incidents",
    weights: Weights | None = None,
    by_pair: bool = False,
    deal: Deal = "places",
    permutations: int = 999,
) -> CrossBorderJoins:
    """Count the links that join two units hit, two quiet, or one of each, by side of the border.

    Parameters
    ----------
    data, units, rng, lags, column, weights, by_pair, deal, permutations
        As for :func:`moran`; a unit counts as hit where its figure is above 0. Without `lags` the
        weights must be symmetric.

    Returns
    -------
    CrossBorderJoins
        Counts of all links are the sums of those inside countries and across borders.

    Raises
    ------
    InputError
        As for :func:`moran`, and if the weights are not symmetric.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes, section 1.4 (non-free sampling).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> found = join_counts([1] * len(units), units, rng=1, permutations=9).table
    >>> found[found["joins"] == "hit-hit"]["value"].astype(int).tolist()
    [66, 50, 16]
    """
    check_deals(permutations, deal, by_period=lags is not None)
    linked = Linked.of(units, weights)
    if lags is None and abs(linked.matrix - linked.matrix.T).sum() > 0:
        raise InputError(
            "`weights` differ by direction; expected links that weigh as much in both. "
            "Use contiguity, distance or kernel weights, or lags=.",
        )
    seed = int(np.random.default_rng(rng).integers(2**62))
    hit = (_values(data, units, column, lags, "data") > 0).astype(np.float64)
    kinds = linked.kinds(by_pair=by_pair, directed=lags is not None)
    rows = []
    for lag in _check_lags(lags, hit.shape[1]):
        before, after = hit[:, : hit.shape[1] - lag], hit[:, lag:]
        for name, sides in _joins(before, after, lagged=lags is not None).items():
            found = np.sum([linked.sums(*side) for side in sides], axis=0)
            dealt = np.sum(
                [
                    linked.dealt_sums(*s, permutations=permutations, seed=seed, deal=deal)
                    for s in sides
                ],
                axis=0,
            )
            rows += [
                {"lag": lag, "links": row.pop("links"), "joins": name, **row}
                for row in by_kind(linked, kinds, found, dealt, 2.0 if lags is None else 1.0)
            ]
    table = pd.DataFrame(rows)
    table = table.drop(columns="lag") if lags is None else table
    return CrossBorderJoins(table, permutations, deal)


def cells_with_country(grid: Grid, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give each cell of a grid the country that holds the most of it.

    Parameters
    ----------
    grid : Grid
        Such as :class:`sahel_geo.SquareGrid`.
    units : GeoDataFrame
        Columns ``country`` and polygons, EPSG:4326.

    Returns
    -------
    GeoDataFrame
        The cells that overlap a unit, in the order of the grid, with ``country``; of equal parts
        the first country in alphabetical order.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If a column is missing.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=0)
    >>> cells_with_country(sg.PrioGrid(units), units)["country"].value_counts().to_dict()
    {'MLI': 471, 'NER': 456, 'BFA': 104}
    """
    require_lonlat(units, "units")
    require_columns(units, "units", ("country",))
    ground = units[["country", "geometry"]].dissolve("country")
    cells = grid.cells()
    shapes = cells.geometry.to_numpy()
    shared = np.zeros((len(cells), len(ground)))
    for at, outline in enumerate(ground.geometry.to_numpy()):
        shapely.prepare(outline)
        near = np.flatnonzero(shapely.intersects(outline, shapes))
        parts = gpd.GeoSeries(shapely.intersection(shapes[near], outline), crs=LONLAT)
        shared[near, at] = parts.to_crs(EQUAL_AREA).area
    held = shared.max(axis=1, initial=0) > 0
    most = ground.index.to_numpy(dtype=object)[shared[held].argmax(axis=1)]
    kept = cells[held].reset_index(drop=True)
    return kept.assign(country=pd.Series(most, kept.index, dtype="str"))


def _values(
    data: Data,
    units: gpd.GeoDataFrame,
    column: str,
    lags: Sequence[int] | None,
    argument: str,
) -> Floats:
    if lags is None:
        return values_by_unit(data, units, column=column)[:, None]
    if not isinstance(data, pd.DataFrame):
        raise InputError(
            f"`{argument}` is a {type(data).__name__}; expected a panel of sg.count with lags=. "
            "Count first, or leave lags= out.",
        )
    return panel_values(data, units, column, argument)[1]


def _check_lags(lags: Sequence[int] | None, periods: int) -> list[int]:
    if lags is None:
        return [0]
    wrong = [lag for lag in lags if not 0 <= lag < periods]
    if wrong or not len(lags):
        raise InputError(
            f"`lags` is {list(lags)} with {periods} periods; expected one or more whole numbers "
            f"from 0 to {periods - 1}. Choose fewer periods, or count more of them.",
        )
    return [int(lag) for lag in lags]


def _standard(values: Floats) -> Floats:
    """Give standard scores over all units and periods; NaN where every value is the same."""
    flat = values.size == 0 or np.ptp(values) == 0
    scale = np.nan if flat else values.std()
    return np.asarray((values - values.mean()) / scale) if values.size else values


def _joins(
    before: Floats, after: Floats, *, lagged: bool
) -> dict[str, list[tuple[Floats, Floats]]]:
    """Name the kinds of join, each with the marks of its two ends."""
    quiet, later = 1 - before, 1 - after
    if lagged:
        ends = [[(before, after)], [(before, later)], [(quiet, after)], [(quiet, later)]]
        return dict(zip(_LAGGED_JOINS, ends, strict=True))
    mixed = [(before, quiet), (quiet, before)]
    return dict(zip(_JOINS, [[(before, before)], mixed, [(quiet, quiet)]], strict=True))


def _say(table: pd.DataFrame, text: str, deal: Deal, lang: Language, digits: int) -> str:
    texts = _TEXTS[lang]
    if "lag" in table:
        table = table[table["lag"] == table["lag"].iloc[0]]
    abroad: Any = table[table["links"] == "international"].iloc[0]
    home: Any = table[table["links"] == "domestic"].iloc[0]
    if np.isnan(abroad["value"]):
        return f"{texts['none']} {texts['caution']}"

    def numbers(row: Any) -> dict[str, str]:
        return {key: decimal(float(row[key]), lang, digits) for key in ("value", "low", "high")}

    lag = texts["lag"].format(lag=abroad["lag"]) if "lag" in table and abroad["lag"] else ""
    said = [
        texts[text].format(lag=lag, deal=texts[deal], **numbers(abroad)),
        texts[_verdict(abroad)],
    ]
    if deal == "places" and not np.isnan(home["value"]):
        said.append(texts["home"].format(**numbers(home)))
    return " ".join([*said, texts["caution"]])


def _verdict(row: Any) -> str:
    if row["value"] > row["high"]:
        return "more"
    return "less" if row["value"] < row["low"] else "open"
