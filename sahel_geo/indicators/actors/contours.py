"""Where the events of an alliance reach to, by year, and which units have events of several."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.crs import EQUAL_AREA, LONLAT
from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.actors.sides import Ambiguous
from sahel_geo.indicators.actors.blocks import dated, periods_of
from sahel_geo.indicators.actors.events import (
    ActorEvents,
    OfActors,
    Table,
    actor_events,
    unidentified_share,
)
from sahel_geo.indicators.density import density
from sahel_geo.indicators.display.plotting import CYCLE, axes, legend_above
from sahel_geo.indicators.plot_words import label_of
from sahel_geo.schema import Language, Period

_FEWEST: Final = 10  # events; the outer tenth of fewer is no event at all
_CELL_KM: Final = 8.0


@dataclass(frozen=True)
class ReachMap(OfActors):
    """Contours of the events of each alliance, and contested units.

    Attributes
    ----------
    table : DataFrame, one row per alliance and period
        ``alliance``, ``period``, ``incidents``, ``area_km2`` inside the contour (NaN below ten
        events, for which none is drawn) and ``unidentified`` (share of mentions of armed non-state
        actors that name nobody).
    contours : GeoDataFrame, EPSG:4326
        ``alliance``, ``period``, ``incidents``, lines outside of which a tenth of the events lie.
    contested : GeoDataFrame, EPSG:4326
        ``unit_id``, ``name``, ``period``, ``alliances`` (joined by ``|``) and ``incidents`` of
        units with at least `least` events of each of two alliances in a period.
    bandwidth_km : float
        Smoothing of the contours.
    least : int
        Fewest events of an alliance that a unit is named for.
    names : mapping
        Names of the alliances by language.
    outline : GeoSeries
        The units, to draw.
    selection : bool
        Whether the incidents are a selection.
    """

    named_by = ("alliance", "period")
    measured = ("area_km2",)

    table: pd.DataFrame
    contours: gpd.GeoDataFrame = field(repr=False)
    contested: gpd.GeoDataFrame = field(repr=False)
    bandwidth_km: float
    least: int
    names: Mapping[str, Mapping[Language, str]] = field(repr=False)
    outline: gpd.GeoSeries = field(repr=False)
    selection: bool = False

    def sentence(self, lang: Language = "fr") -> str:
        """Say what the contours are, and in how many units alliances meet."""
        if self.contours.empty:
            text = Sentence(
                "No alliance has {least} events in one period: no contour.", least=_FEWEST
            )
            return self._said(lang, text)
        last = max(self.contours["period"])
        return self._said(
            lang,
            Sentence("Each line holds nine tenths of the events of one alliance in one period."),
            Sentence(
                "Units with at least {least} events of each of two alliances in {period}: {units}.",
                period=str(last),
                units=self.contested.loc[self.contested["period"] == last, "unit_id"].nunique(),
                least=self.least,
            ),
        )

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the contours of the last periods, and the contested units of the last one."""
        if self.contours.empty:
            raise InputError("`contours` is empty; expected an alliance with ten events.")
        west, south, east, north = np.add(self.contours.total_bounds, (-1.5, -1, 1.5, 1.5))
        aspect = 1 / np.cos(np.radians((south + north) / 2))
        high = min(7.0 * aspect * (north - south) / (east - west), 7.0)
        last = max(self.contours["period"])
        named = self.contours.loc[self.contours["period"] == last, "alliance"].nunique()
        legend = 0.26 * (min(named, len(CYCLE)) + 2)  # inches, above the map
        ax = axes(ax, size=(7.0, high + legend), lang=lang)
        for line in shapely.get_parts(self.outline.boundary.to_numpy()):
            ax.plot(*line.coords.xy, color="#c4c4c4", linewidth=0.5)
        periods = sorted(self.contours["period"].unique())[-4:]
        for part in self.contested[self.contested["period"] == last].geometry:
            for shape in shapely.get_parts(part):
                ax.fill(*shape.exterior.coords.xy, facecolor="none", edgecolor="#555555",
                        hatch="////", linewidth=0.4)  # fmt: skip
        for colour, alliance in zip(CYCLE, sorted(set(self.contours["alliance"])), strict=False):
            label = label_of(self.names.get(alliance, {}).get(lang, alliance))
            for age, one in enumerate(reversed(periods)):
                rows = self.contours[
                    (self.contours["alliance"] == alliance) & (self.contours["period"] == one)
                ]
                for line in shapely.get_parts(rows.geometry.to_numpy()):
                    name = f"{label}, {one}" if label else None
                    ax.plot(*line.coords.xy, color=colour, linewidth=2.2 - 0.5 * age,
                            alpha=1 - 0.22 * age, label=name if age == 0 else None)  # fmt: skip
                    label = "" if age == 0 else label
        ax.set(xlim=(west, east), ylim=(south, north))
        ax.set_aspect(aspect)
        ax.set_axis_off()
        earlier = Sentence("thinner: the periods before").say(lang)
        ax.plot([], [], color="#777777", linewidth=0.7, label=earlier)
        both = Sentence("hatched: events of two alliances").say(lang)
        ax.fill([], [], facecolor="none", edgecolor="#555555", hatch="////", label=both)
        return legend_above(ax, columns=2)


def reach_map(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    period: Period = "year",
    bandwidth_km: float = 30.0,
    outside: float = 0.1,
    least: int = 5,
    table: Table = None,
    ambiguous: Ambiguous = "split",
    event_groups: Iterable[str] = ("violence",),
) -> ReachMap:
    """Draw the line outside of which a tenth of an alliance's events lie, period by period.

    A line round all events would follow single attacks. This one leaves the outer tenth out, of a
    density smoothed over `bandwidth_km`. It bounds where events were recorded and attributed; it is
    no front line, and inside it nobody need be.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``actor1``, ``actor2``, ``date``, ``lon`` and ``lat`` (EPSG:4326).
    units : GeoDataFrame
        Columns ``unit_id``, ``name`` and polygons, EPSG:4326.
    period : {"year", "quarter", "month"}
        Length of a period.
    bandwidth_km : float
        Of the Gaussian that smooths the events.
    outside : float
        Share of the events outside.
    least : int
        Fewest events of each of two alliances in a contested unit.
    table, ambiguous, event_groups
        As for :func:`sahel_geo.actors.fragmentation`.

    Returns
    -------
    ReachMap
        Without contours where no alliance has ten events in one period.

    Raises
    ------
    InputError
        If a column is missing or a setting is out of range.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> result = reach_map(sg.load_example_incidents(), sg.load_boundaries(level=1))
    >>> list(result.table)
    ['alliance', 'period', 'incidents', 'area_km2', 'unidentified']
    """
    if not 0 < outside < 1 or least < 1 or not bandwidth_km > 0:
        raise InputError(
            "`outside` is {outside}, `least` {least} and `bandwidth_km` {bandwidth_km}; expected a "
            "share between 0 and 1, at least 1 event, and a length above 0. Correct the setting.",
            outside=outside,
            least=least,
            bandwidth_km=bandwidth_km,
        )
    events = actor_events(incidents, "alliance", table, ambiguous, event_groups)
    own, periods = periods_of(dated(events.incidents), period)
    placed = events.incidents[["lon", "lat"]].notna().all(axis=1).to_numpy()
    actors, weight = events.matrix()
    long = events.sides.table.assign(period=own.array[events.sides.table["row"].to_numpy()])
    rows, lines = [], []
    for column, alliance in enumerate(actors):
        for one in periods:
            at = np.flatnonzero((own == one).to_numpy() & placed & (weight[:, column] > 0))
            if not len(at):
                continue
            row = {"alliance": alliance, "period": one, "incidents": weight[at, column].sum(),
                   "area_km2": np.nan,
                   "unidentified": unidentified_share(long[long["period"] == one])}  # fmt: skip
            if len(at) >= _FEWEST:
                line, row["area_km2"] = _contour(events.incidents.iloc[at], bandwidth_km, outside)
                lines.append({"alliance": alliance, "period": one,
                              "incidents": row["incidents"], "geometry": line})  # fmt: skip
            rows.append(row)
    columns = ["alliance", "period", "incidents", "area_km2", "unidentified"]
    drawn = gpd.GeoDataFrame(
        pd.DataFrame(lines, columns=["alliance", "period", "incidents", "geometry"]),
        geometry="geometry", crs=LONLAT,
    )  # fmt: skip
    return ReachMap(
        pd.DataFrame(rows, columns=columns), drawn, _contested(events, own, units, least),
        bandwidth_km, least, events.named_both(), units.geometry, events.selection,
    )  # fmt: skip


def _contour(points: pd.DataFrame, bandwidth_km: float, outside: float) -> tuple[Any, float]:
    """Give the line outside of which a share of points lie, round the densest, and its area."""
    from contourpy import contour_generator  # noqa: PLC0415  comes with matplotlib

    surface = density.kernel_density(points, bandwidth_km=bandwidth_km, cell_km=_CELL_KM)
    columns = np.arange(surface.values.shape[1]) + 0.5
    lines = np.arange(surface.values.shape[0]) + 0.5
    across = surface.transform.c + surface.transform.a * columns
    along = surface.transform.f + surface.transform.e * lines
    at = gpd.GeoSeries.from_xy(points["lon"], points["lat"], crs=LONLAT).to_crs(EQUAL_AREA)
    from scipy.interpolate import RegularGridInterpolator  # noqa: PLC0415  slow to import

    # at the points themselves, between the centres of the cells
    read = RegularGridInterpolator(
        (along[::-1], across), surface.values[::-1], bounds_error=False, fill_value=0.0
    )
    height = np.asarray(read(np.column_stack([at.y, at.x])), dtype=np.float64)
    level = float(np.quantile(height, outside))
    made: Any = contour_generator(across, along, surface.values).lines(level)
    rings = [shapely.LineString(each) for each in made if len(each) > 3]
    line = gpd.GeoSeries([shapely.MultiLineString(rings)], crs=EQUAL_AREA)
    inside = float((surface.values >= level).sum() * surface.cell_km2)
    return line.simplify(1_000).to_crs(LONLAT).iloc[0], inside


def _contested(
    events: ActorEvents, own: "pd.Series[Any]", units: gpd.GeoDataFrame, least: int
) -> gpd.GeoDataFrame:
    """Find units and periods with enough events of two alliances."""
    sums = events.by_unit(own, units)
    sums = sums[sums["incidents"] >= least]
    both = sums.groupby(["unit_id", "period"], as_index=False).agg(
        alliances=("actor_id", "|".join),
        number=("actor_id", "size"),
        incidents=("incidents", "sum"),
    )
    both = both[both["number"] > 1].drop(columns="number")
    known = units[["unit_id", *[name for name in ("name",) if name in units], "geometry"]]
    return gpd.GeoDataFrame(known.merge(both, on="unit_id"), crs=units.crs)
