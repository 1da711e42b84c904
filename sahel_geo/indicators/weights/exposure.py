"""What happens in the neighbours of each unit, abroad and at home."""

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy

from sahel_geo.arrays import Floats, Objects
from sahel_geo.crs import WGS84, require_lonlat
from sahel_geo.errors import InputError, require_choice, require_columns
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.plotting import COLOURS, axes, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import label_of, name_of, words
from sahel_geo.indicators.weights.panel import panel_of, require_units
from sahel_geo.places.borders import neighbours
from sahel_geo.schema import Language

Link: TypeAlias = Literal["border", "distance"]

_MOST_UNITS: Final = 5_000  # by distance every unit is linked with every other
_BARS: Final = 12

_TEXTS: Final = Texts(
    {
        "none": "No unit has a neighbour abroad where anything was counted: nothing to say of "
        "exposure.",
        "share": "Among the {n} units that have neighbours abroad, {share}% of the exposure comes "
        "from abroad, against {weight}% if activity were the same everywhere; the most exposed to "
        "abroad is {unit}.",
        "caution": "Activity next door does not say that anything crossed the border.",
    }
)


@dataclass(frozen=True)
class Exposure(Result):
    """Activity around each unit, split into abroad and at home.

    Attributes
    ----------
    table : DataFrame, m x p rows
        ``unit_id``, ``period``, the column of `by` if given, ``foreign_exposure``,
        ``domestic_exposure`` (in the unit of `column`), ``foreign_share``, the foreign part of the
        two, missing where both are 0, and ``foreign_weight``, the foreign part of the weights: the
        share if activity were the same everywhere.
    column : str
        What was counted.
    names : Series
        Name of each unit, by ``unit_id``.
    """

    measured = ("foreign_share",)

    table: pd.DataFrame
    column: str
    names: "pd.Series[str]"

    def by_unit(self) -> pd.DataFrame:
        """Add the periods up.

        Returns
        -------
        DataFrame, m rows
            On ``unit_id``: sums of ``foreign_exposure`` and ``domestic_exposure`` over the periods
            that have them, ``foreign_share`` of the sums, and ``foreign_weight``.
        """
        groups = self.table.groupby("unit_id", sort=False)
        sums = groups[["foreign_exposure", "domestic_exposure"]].sum(min_count=1)
        both = sums.sum(axis=1, min_count=2)
        sums["foreign_share"] = (sums["foreign_exposure"] / both).where(both > 0)
        sums["foreign_weight"] = groups["foreign_weight"].first()
        return sums

    def sentence(self, lang: Language = "fr") -> str:
        """Say how much of the exposure near a border comes from abroad, beside even activity."""
        texts, sums = _TEXTS[lang], self.by_unit()
        sums = sums[sums["foreign_weight"] > 0].dropna(subset="foreign_exposure")
        total = sums[["foreign_exposure", "domestic_exposure"]].sum().sum()
        if sums.empty or not total > 0 or not sums["foreign_exposure"].max() > 0:
            return texts["none"]
        top = sums["foreign_exposure"].idxmax()
        text = texts["share"].format(
            n=len(sums),
            share=decimal(float(sums["foreign_exposure"].sum() / total) * 100, lang),
            weight=decimal(float(sums["foreign_weight"].mean()) * 100, lang),
            unit=self.names.get(top, top),
        )
        return f"{text} {texts['caution']}"

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the twelve units most exposed to abroad, over all periods, and to home."""
        texts = words(lang)
        sums = self.by_unit().sort_values("foreign_exposure", ascending=False).head(_BARS)
        sums = sums[sums["foreign_exposure"] > 0].iloc[::-1]
        if sums.empty:
            raise InputError("`table` has no unit exposed to abroad; expected at least one.")
        ax = axes(ax, lang=lang)
        at = np.arange(len(sums))
        for offset, column, colour, label in (
            (0.2, "foreign_exposure", "cross_border", texts["abroad"]),
            (-0.2, "domestic_exposure", "domestic", texts["home"]),
        ):
            ax.barh(at + offset, sums[column], height=0.38, color=COLOURS[colour], label=label)
        ax.set_yticks(at, [label_of(self.names.get(unit, unit)) for unit in sums.index])
        column = name_of(self.column, lang).replace("_", " ")
        ax.set_xlabel(texts["around"].format(column=column[:1].upper() + column[1:]))
        return legend_above(ax, title=texts["neighbours"], title_fontsize="small")


def exposure(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    column: str = "incidents",
    weights: Link = "border",
    decay_km: float | None = None,
    by: str | None = None,
    lag: int = 0,
) -> Exposure:
    """Weigh what happens around each unit, abroad and at home.

    The exposure of a unit is the mean activity of the others, weighted by the border shared with
    each, or by distance. It splits exactly into a foreign and a domestic part. High foreign
    exposure means activity next door across the border; it does not say that anything crossed.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`.
    units : GeoDataFrame, m rows
        The same units, with ``unit_id``, ``country`` and polygons in EPSG:4326; coverage-valid
        with ``weights="border"``.
    column : str
        The activity: ``"incidents"`` or a column of fatalities. Missing figures make the exposure
        of every neighbour missing.
    weights : {"border", "distance"}
        Kilometres of shared border, or nearness of inner points: every unit counts, near ones
        more.
    decay_km : float, optional
        With ``"distance"``: weights exp(-distance / decay_km); by default 1 / distance.
    by : str, optional
        Column of the panel, such as ``"actor1"``: the exposure to each of its values apart.
    lag : int
        Periods between the activity and the period it is given for: 1 is last month's activity
        around this month's unit. The first ones are missing.

    Returns
    -------
    Exposure
        Missing for a unit without neighbours. Abroad is 0 where no neighbour is abroad.

    Raises
    ------
    InputError
        If a column is missing, the panel names units that `units` does not hold, a row repeats, or
        a setting is out of range.

    References
    ----------
    Anselin, L. (1988). Spatial Econometrics, section 3.1 (spatial lag, weights by shared border).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> panel = sg.count(sg.assign(sg.load_example_incidents(), units), units, period="year")
    >>> result = exposure(panel, units)
    >>> bool(result.table["foreign_exposure"].max() > 0)
    True
    """
    require_columns(panel, "panel", ("unit_id", "period", column, *([by] if by else [])))
    require_columns(units, "units", ("unit_id", "country"))
    require_units(panel, units["unit_id"].astype("str"))
    twice = int(panel.duplicated(["unit_id", "period", *([by] if by else [])]).sum())
    if twice:
        raise InputError(
            f"`panel` has {twice} rows that repeat a unit and period; expected one of each. "
            "Pass by= the column it was counted by, or count without one."
        )
    require_choice("weights", weights, get_args(Link))
    if decay_km is not None and (weights == "border" or not 0 < decay_km < np.inf):
        raise InputError(
            f"`decay_km` is {decay_km} with weights={weights!r}; expected a positive number of km "
            "with weights='distance', or None."
        )
    if lag < 0:
        raise InputError(f"`lag` is {lag}; expected 0 or more periods. Lead is not exposure.")
    unit_ids = pd.Index(units["unit_id"].astype("str"))
    links = border_links(units, unit_ids) if weights == "border" else _near(units, decay_km)
    foreign, domestic = _split(links, units["country"].astype("str").to_numpy(dtype=object))
    whole = np.asarray((foreign + domestic).sum(axis=1)).ravel()
    abroad_weight = np.asarray(foreign.sum(axis=1)).ravel()
    kinds = [(None, panel)] if by is None else panel.groupby(by, dropna=False, sort=True)
    parts = []
    for kind, rows in kinds:
        activity = rows.pivot(index="unit_id", columns="period", values=column).reindex(unit_ids)
        before = activity.reindex(columns=activity.columns - lag) if lag else activity
        values = before.to_numpy(dtype=np.float64)
        abroad, home = _lag(foreign, values), _lag(domestic, values)
        abroad[whole == 0], home[whole == 0] = np.nan, np.nan
        both = abroad + home
        part = panel_of(
            unit_ids,
            activity.columns,
            foreign_exposure=abroad,
            domestic_exposure=home,
            foreign_share=np.divide(abroad, both, out=np.full_like(both, np.nan), where=both > 0),
            foreign_weight=np.repeat(np.where(whole > 0, abroad_weight, np.nan), both.shape[1]),
        )
        if by is not None:
            part.insert(2, by, kind)
        parts.append(part)
    names = units["name"].astype("str") if "name" in units else units["unit_id"].astype("str")
    return Exposure(pd.concat(parts, ignore_index=True), column, names.set_axis(unit_ids))


def foreign_exposure(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    column: str = "incidents",
    weights: Link = "border",
    decay_km: float | None = None,
    by: str | None = None,
    lag: int = 0,
) -> pd.DataFrame:
    """Give the table of :func:`exposure`: activity around each unit, abroad and at home.

    Parameters
    ----------
    panel, units, column, weights, decay_km, by, lag
        As for :func:`exposure`.

    Returns
    -------
    DataFrame, m x p rows
        As :attr:`Exposure.table`.

    Raises
    ------
    InputError
        As for :func:`exposure`.

    References
    ----------
    Anselin, L. (1988). Spatial Econometrics, section 3.1 (spatial lag, weights by shared border).
    """
    return exposure(
        panel, units, column=column, weights=weights, decay_km=decay_km, by=by, lag=lag
    ).table


def border_links(units: gpd.GeoDataFrame, unit_ids: pd.Index) -> Any:
    """Weigh neighbours by the kilometres of border that they share, as a sparse array."""
    links, size = neighbours(units), len(unit_ids)
    ends = (pd.Index(links[name].astype("str")) for name in ("unit_id", "neighbour_id"))
    weights = links["shared_km"].to_numpy(np.float64), tuple(map(unit_ids.get_indexer, ends))
    return scipy.sparse.coo_array(weights, shape=(size, size))


def _near(units: gpd.GeoDataFrame, decay_km: float | None) -> Any:
    """Weigh each unit for each other one by the geodesic between their inner points."""
    require_lonlat(units, "units")
    if len(units) > _MOST_UNITS:
        raise InputError(
            f"`units` has {len(units)} rows; expected at most {_MOST_UNITS} with "
            "weights='distance', which links each with each. Use weights='border'."
        )
    row, column, km = pairs_km(units)
    weight = 1 / km if decay_km is None else np.exp(-km / decay_km)
    pairs = np.r_[row, column], np.r_[column, row]
    return scipy.sparse.coo_array((np.r_[weight, weight], pairs), shape=(len(units), len(units)))


def pairs_km(units: gpd.GeoDataFrame) -> tuple[Any, Any, Floats]:
    """Give every pair of rows once, with the geodesic between their inner points."""
    inner = units.geometry.representative_point()
    lon, lat = inner.x.to_numpy(np.float64), inner.y.to_numpy(np.float64)
    row, column = np.triu_indices(len(units), 1)
    return row, column, np.asarray(WGS84.inv(lon[row], lat[row], lon[column], lat[column])[2]) / 1e3


def _split(links: Any, country: Objects) -> tuple[Any, Any]:
    """Scale the weights of each unit to sum to 1, and part them into abroad and at home."""
    row, column = links.coords
    whole = np.bincount(row, weights=links.data, minlength=links.shape[0])
    weight = np.divide(links.data, whole[row], out=np.zeros(len(row)), where=whole[row] > 0)
    abroad = country[row] != country[column]
    foreign, domestic = (
        scipy.sparse.csr_array((weight[kept], (row[kept], column[kept])), shape=links.shape)
        for kept in (abroad, ~abroad)
    )
    return foreign, domestic


def _lag(weights: Any, values: Floats) -> Floats:
    """Weigh the neighbours' values; a missing one spoils only the units that it touches."""
    missing = np.isnan(values)
    lagged = weights @ np.where(missing, 0.0, values)
    touched = (weights > 0).astype(np.float64) @ missing.astype(np.float64) > 0
    return np.asarray(np.where(touched, np.nan, lagged))
