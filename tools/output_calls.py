"""The public functions that a comparison of two checkouts calls, on fixed seeds.

Each call takes the world of one input (its incidents, units and what is made of them) and uses only
names that are public in both checkouts.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA

_PERMUTATIONS: Final = 99
_KM: Final = [0, 20, 50, 100]
_DAYS: Final = [0, 7, 30, 90]


class World:
    """One input and what is made of it, each once."""

    def __init__(self, incidents: Any) -> None:
        self.incidents = incidents

    @cached_property
    def units(self) -> gpd.GeoDataFrame:
        """Units of the second level."""
        return sg.load_boundaries(level=2)

    @cached_property
    def placed(self) -> pd.DataFrame:
        """Give the incidents with their unit; those outside and undated left off."""
        table: pd.DataFrame = sg.assign(self.incidents, self.units)
        table = table[table["unit_id"].notna() & table["date"].notna()].reset_index(drop=True)
        countries = self.units.set_index("unit_id")["country"]
        kind = np.where(np.arange(len(table)) % 3, "two", "one")
        return table.assign(country=table["unit_id"].map(countries), kind=kind)

    @cached_property
    def few(self) -> pd.DataFrame:
        """Give the last 300 incidents, for what grows with their square."""
        return self.placed.sort_values("date", kind="stable").tail(300).reset_index(drop=True)

    @cached_property
    def panel(self) -> pd.DataFrame:
        """Counts by month."""
        return sg.count(self.placed, self.units, period="month")

    @cached_property
    def years(self) -> pd.DataFrame:
        """Counts by year."""
        return sg.count(self.placed, self.units, period="year")

    @cached_property
    def totals(self) -> Any:
        """Incidents of each unit."""
        return self.panel.groupby("unit_id")["incidents"].sum()

    @cached_property
    def border(self) -> gpd.GeoDataFrame:
        """Give the borders of the units."""
        return sg.international_borders(self.units)

    @cached_property
    def people(self) -> Any:
        """Give an invented population: it grows with the area and differs by unit."""
        spread = 1 + np.arange(len(self.units)) % 7
        return pd.Series(self.units["area_km2"].to_numpy() * spread + 1e4, self.units["unit_id"])

    @cached_property
    def rectangle(self) -> gpd.GeoDataFrame:
        """Give a window along the axes of the equal-area projection, for the K-function."""
        box = shapely.box(-500_000, -700_000, 700_000, -100_000)
        return gpd.GeoDataFrame(geometry=[box], crs=EQUAL_AREA)

    @cached_property
    def spans(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Give the last two whole years as pairs of months."""
        end = self.panel["period"].max()
        last = end.year if end.month == 12 else end.year - 1
        return (f"{last - 1}-01", f"{last - 1}-12"), (f"{last}-01", f"{last}-12")

    @cached_property
    def series(self) -> pd.DataFrame:
        """Give the monthly counts of each country."""
        return sg.connectedness.series_of(self.panel, self.units)

    @cached_property
    def xy(self) -> tuple[Any, Any]:
        """Give coordinates in degrees, as arrays."""
        return self.placed["lon"].to_numpy(float), self.placed["lat"].to_numpy(float)

    @cached_property
    def risk(self) -> Any:
        """Give an index of risk with invented parts."""
        totals = self.totals.reindex(self.units["unit_id"], fill_value=0).astype(float)
        return sg.risk.index(
            hazard=totals + 1.0,
            exposure=self.people,
            vulnerability=self.people.sort_values().cumsum().reindex(self.people.index),
        )

    @cached_property
    def gazetteer(self) -> Any:
        """Give the embedded gazetteer."""
        return sg.load_gazetteer(cache=False)


def _hits(placed: pd.DataFrame, units: gpd.GeoDataFrame) -> Any:
    return placed["unit_id"].value_counts().reindex(units["unit_id"], fill_value=0)


def _span(w: World, which: int) -> tuple[str, str]:
    first, last = w.spans[which]
    return f"{first}-01", f"{pd.Period(last, freq='M').end_time:%Y-%m-%d}"


def _wide(w: World) -> Any:
    """Give the yearly counts as an array, units by years."""
    wide = w.years.pivot_table("incidents", "period", "unit_id", fill_value=0)
    return wide.reindex(columns=w.units["unit_id"], fill_value=0).to_numpy(float).T


def _scores(w: World) -> Any:
    return np.random.default_rng(3).normal(1, 2, (len(w.units), 12)).round(1)


def _halves(w: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    late = w.placed["date"] > w.placed["date"].median()
    return w.placed[~late], w.placed[late]


def _places(w: World) -> Any:
    names = w.units["name"].head(60).tolist()
    return sg.geocode([*names, "Menaka", "Gao ville", "nowhere"], w.gazetteer)


def _locate(w: World) -> Any:
    rng = np.random.default_rng(5)
    index = sg.UnitIndex(w.units)
    return index.locate(rng.uniform(-13, 17, 20_000), rng.uniform(9, 26, 20_000))


def _propagated(w: World) -> Any:
    return sg.uncertainty.propagate(_hits, w.few, w.units, n=5, rng=1)


def _contagion_world(w: World) -> Any:
    months = pd.period_range("2020-01", periods=24, freq="M")
    made: Any = sg.contagion.fit(w.panel, w.units)
    return sg.contagion.simulate(w.units, dict(made.table["estimate"]), months, rng=1)


def _harmonised(_: World) -> Any:
    old = sg.load_boundaries(level=1, vintage={"MLI": "2012"})
    table = old[["unit_id"]].assign(incidents=np.arange(len(old), dtype=float))
    return sg.harmonise(table, to={"MLI": "2023"}, source={"MLI": "2012"}, extensive=["incidents"])


def _cells(w: World) -> Any:
    grid = sg.SquareGrid(w.units, cell_km=80)
    return sg.cross_border.cells_with_country(grid, w.units)


def _gi(w: World, **options: Any) -> Any:
    return sg.hotspots.local_gi(w.totals, w.units, rng=1, permutations=999, **options)


CALLS: Final[dict[str, Callable[[World], Any]]] = {
    "assign": lambda w: w.placed,
    "assign to a grid": lambda w: sg.assign(w.incidents, sg.SquareGrid(w.units, cell_km=50)),
    "assign to hexagons": lambda w: sg.assign(w.incidents, sg.HexagonGrid(w.units, across_km=60)),
    "assign to PRIO-GRID": lambda w: sg.assign(w.incidents, sg.PrioGrid(w.units)),
    "UnitIndex": _locate,
    "count": lambda w: w.panel,
    "count sparse": lambda w: sg.count(w.placed, w.units, period="week", sparse=True),
    "displace": lambda w: sg.displace(w.incidents, within_km=3, seed=2),
    "quality_report": lambda w: sg.quality_report(w.incidents, "en"),
    "find_duplicates": lambda w: sg.find_duplicates(w.placed, window_km=20, window_days=3),
    "merge_sources": lambda w: sg.merge_sources(*_halves(w), window_km=40, window_days=300),
    "load_boundaries": lambda w: w.units,
    "international_borders": lambda w: w.border,
    "neighbours": lambda w: sg.neighbours(w.units, corners=True),
    "tri_points": lambda w: sg.tri_points(w.units),
    "distance_to_border": lambda w: sg.distance_to_border(*w.xy, w.border),
    "distance_to_border signed": lambda w: sg.distance_to_border(
        *w.xy, w.border, signed_by=w.units[w.units["country"] == "MLI"]
    ),
    "load_neighbour_countries": lambda _: sg.load_neighbour_countries(),
    "load_towns": lambda _: sg.load_towns(),
    "load_zone": lambda _: sg.load_zone().units,
    "zone": lambda _: sg.zone(around="Ménaka", radius_km=120).units,
    "crosswalk": lambda _: sg.crosswalk(1, {"MLI": "2012"}, {"MLI": "2023"}),
    "harmonise": _harmonised,
    "match_units": lambda w: sg.match_units(["Menaka", "Tilaberi", "Oudalan", "x"], w.units),
    "geocode": _places,
    "geocode_text": lambda w: sg.geocode_text(
        "Attaque à Ménaka, puis à 20 km au nord de Gao (Mali).", w.gazetteer
    ),
    "reverse_geocode": lambda w: sg.reverse_geocode(w.few[["lon", "lat"]], w.gazetteer),
    "border.exposure": lambda w: sg.border.exposure(w.panel, w.units),
    "border.foreign_exposure": lambda w: sg.border.foreign_exposure(
        w.panel, w.units, weights="distance", decay_km=80
    ),
    "border.proximity_profile": lambda w: sg.border.proximity_profile(
        w.placed, w.border, w.units, population=w.people, rng=1, replicates=199
    ),
    "border.proximity_profile by year": lambda w: sg.border.proximity_profile(
        w.placed, w.border, w.units, period="year", rng=1, replicates=99
    ),
    "clusters.dbscan": lambda w: sg.clusters.dbscan(w.placed, radius_km=20),
    "clusters.hdbscan": lambda w: sg.clusters.hdbscan(w.placed),
    "clusters.st_dbscan": lambda w: sg.clusters.st_dbscan(w.placed, radius_km=20, days=30),
    "clusters.scan": lambda w: sg.clusters.scan(w.years, w.units, rng=1, replicates=49),
    "comparison.compare_periods": lambda w: sg.comparison.compare_periods(
        w.panel, w.units, *w.spans, rng=1, permutations=999
    ),
    "connectedness.series_of": lambda w: w.series,
    "connectedness.fit": lambda w: sg.connectedness.fit(
        w.series, rng=1, lags=1, replicates=19, shifts=49
    ),
    "connectedness.rolling": lambda w: sg.connectedness.rolling(
        w.series, rng=1, lags=1, window=60, shifts=9
    ),
    "contagion.fit": lambda w: sg.contagion.fit(w.panel, w.units, population=w.people),
    "contagion.simulate": _contagion_world,
    "cross_border.moran": lambda w: sg.cross_border.moran(
        w.totals, w.units, rng=1, permutations=_PERMUTATIONS
    ),
    "cross_border.moran in time": lambda w: sg.cross_border.moran(
        w.panel, w.units, rng=1, lags=[0, 1], deal="times", permutations=_PERMUTATIONS
    ),
    "cross_border.join_counts": lambda w: sg.cross_border.join_counts(
        w.panel, w.units, rng=1, permutations=_PERMUTATIONS
    ),
    "cross_border.cells_with_country": _cells,
    "density.rates": lambda w: sg.density.rates(w.panel, w.units, population=w.people),
    "density.bandwidth": lambda w: sg.density.bandwidth(w.placed),
    "density.bandwidth by likelihood": lambda w: sg.density.bandwidth(w.few, rule="likelihood"),
    "density.kernel_density": lambda w: (
        sg.density.kernel_density(w.placed, bandwidth_km=40, cell_km=20, extent=w.units).values
    ),
    "density.kernel_density exact": lambda w: (
        sg.density.kernel_density(
            w.few, bandwidth_km=40, cell_km=40, method="exact", adaptive=True
        ).values
    ),
    "density.relative_risk": lambda w: (
        sg.density.relative_risk(
            w.placed,
            _span(w, 0),
            _span(w, 1),
            bandwidth_km=100,
            cell_km=40,
            permutations=39,
            least=1,
            rng=1,
        ).log_ratio
    ),
    "diffusion.join_counts": lambda w: sg.diffusion.join_counts(
        w.panel, w.units, rng=1, permutations=_PERMUTATIONS
    ),
    "diffusion.onsets": lambda w: sg.diffusion.onsets(w.panel, w.units, least=2),
    "disclosure.protect": lambda w: sg.disclosure.protect(
        w.years[["unit_id", "period", "incidents"]], period="period"
    ),
    "disclosure.possible_values": lambda w: sg.disclosure.possible_values(
        sg.disclosure.protect(
            w.units[["unit_id"]].assign(incidents=np.arange(len(w.units)) % 9), parents=()
        )
    ),
    "emerging.classify": lambda w: sg.emerging.classify(_scores(w)),
    "emerging.mann_kendall": lambda w: sg.emerging.mann_kendall(_scores(w)),
    "emerging.space_time_scores": lambda w: sg.emerging.space_time_scores(
        _wide(w), sg.hotspots.contiguity(w.units)
    ),
    "emerging.hot_spots": lambda w: sg.emerging.hot_spots(w.years, w.units),
    "hawkes.fit": lambda w: sg.hawkes.fit(w.placed, by="country", rng=1),
    "hawkes.fit with shifts": lambda w: sg.hawkes.fit(
        w.placed, by="country", background_days=90, shifts=_PERMUTATIONS, rng=1
    ),
    "hawkes.fit_spatial": lambda w: sg.hawkes.fit_spatial(
        w.few, by="country", window=w.units, background_days=90, shifts=19, rng=1
    ),
    "hawkes.simulate": lambda _: sg.hawkes.simulate(
        [0.05, 0.1], [[0.3, 0.1], [0.0, 0.4]], mean_days=10, days=600, rng=1
    ),
    "hawkes.simulate_spatial": lambda w: sg.hawkes.simulate_spatial(
        [0.05, 0.1],
        [[0.3, 0.1], [0, 0.4]],
        mean_days=9,
        sigma_km=8,
        days=600,
        window=w.rectangle,
        rng=1,
    ),
    "hotspots.contiguity": lambda w: sg.hotspots.contiguity(w.units),
    "hotspots.distance_band": lambda w: sg.hotspots.distance_band(w.units, 150),
    "hotspots.kernel": lambda w: sg.hotspots.kernel(w.units, 200),
    "hotspots.nearest": lambda w: sg.hotspots.nearest(w.units, 5),
    "hotspots.false_discovery": lambda _: sg.hotspots.false_discovery(
        [0.001, 0.2, 0.01, 0.04, np.nan, 0.5]
    ),
    "hotspots.local_gi": _gi,
    "hotspots.local_gi without itself": lambda w: _gi(w, star=False),
    "hotspots.local_moran": lambda w: sg.hotspots.local_moran(
        w.totals, w.units, rng=1, permutations=999
    ),
    "hotspots.global_g": lambda w: sg.hotspots.global_g(w.totals, w.units, rng=1),
    "hotspots.global_moran": lambda w: sg.hotspots.global_moran(w.totals, w.units, rng=1),
    "hotspots.join_counts": lambda w: sg.hotspots.join_counts(
        (w.totals.reindex(w.units["unit_id"], fill_value=0) > 0).astype(float), w.units, rng=1
    ),
    "k_functions.cross_k": lambda w: sg.k_functions.cross_k(
        w.placed, w.rectangle, by="kind", distances_km=[20, 50], permutations=39, rng=1
    ),
    "k_functions.space_time_cross_k": lambda w: sg.k_functions.space_time_cross_k(
        w.placed, w.units, distances_km=[50], days=[30], permutations=39, rng=1
    ),
    "k_functions.space_time_k": lambda w: sg.k_functions.space_time_k(
        w.placed, w.units, distances_km=[20, 50], days=[7, 30], permutations=39, rng=1
    ),
    "migration.path": lambda w: sg.migration.path(w.placed, w.units, rng=1, replicates=99),
    "migration.displacement": lambda w: sg.migration.displacement(*_halves(w), rng=1),
    "migration.mean_centre": lambda w: sg.migration.mean_centre(*w.xy),
    "migration.standard_distance": lambda w: sg.migration.standard_distance(*w.xy),
    "migration.deviational_ellipse": lambda w: sg.migration.deviational_ellipse(*w.xy),
    "near_repeat.knox": lambda w: sg.near_repeat.knox(
        w.placed, distances_km=_KM, days=_DAYS, by="country", permutations=_PERMUTATIONS, rng=1
    ),
    "near_repeat.knox across borders": lambda w: sg.near_repeat.knox(
        w.placed,
        distances_km=[0, 50],
        days=[0, 30],
        by="border",
        null="exchange",
        permutations=_PERMUTATIONS,
        rng=1,
    ),
    "near_repeat.knox_counts": lambda w: sg.near_repeat.knox_counts(
        *w.xy, w.placed["date"], distances=_KM, days=_DAYS
    ),
    "near_repeat.knox_pairs": lambda w: sg.near_repeat.knox_pairs(
        w.incidents, distances_km=_KM, days=_DAYS
    ),
    "rates.per_person": lambda w: sg.rates.per_person(w.panel, w.units, population=w.people),
    "rates.empirical_bayes": lambda _: sg.rates.empirical_bayes([0, 3, 9], [1e4, 2e4, 9e4]),
    "rates.gamma_interval": lambda _: sg.rates.gamma_interval([4.0, 9.0], [2.0, 5.0], [1.0, 2.0]),
    "rates.poisson_interval": lambda _: sg.rates.poisson_interval([0, 3, 90]),
    "risk.index": lambda w: w.risk,
    "risk.rank_sensitivity": lambda w: sg.risk.rank_sensitivity(w.risk, rng=1, n=50),
    "risk.recent_hazard": lambda w: sg.risk.recent_hazard(w.panel, w.units),
    "risk.hazard_draws": lambda w: sg.risk.hazard_draws(
        w.few, w.units, start=_span(w, 0)[0], end=_span(w, 1)[1], rng=1, n=5
    ),
    "safe_units": lambda w: (
        sg.safe_units(
            w.units.merge(w.totals.rename("incidents"), left_on="unit_id", right_index=True),
            "incidents",
        ).units
    ),
    "scdi.by_cell": lambda w: sg.scdi.by_cell(w.placed),
    "scdi.by_cell of equal area": lambda w: sg.scdi.by_cell(w.placed, grid="equal-area"),
    "scdi.classify": lambda _: sg.scdi.classify(
        density=[0.001, 0.002, 0.001, 0.002, 0.0017], nni=[0.5, 0.5, 1.5, 1.5, np.nan]
    ),
    "scdi.measure_cells": lambda w: sg.scdi.measure_cells(
        *w.xy, w.placed["date"].dt.year.to_numpy(np.int64), grid="oecd"
    ),
    "spillover.summary": lambda w: sg.spillover.summary(
        w.few, w.units, rng=1, permutations=49, population=w.people
    ),
    "uncertainty.propagate": _propagated,
    "uncertainty.on_panel": lambda w: sg.uncertainty.propagate(
        sg.uncertainty.on_panel(
            sg.border.foreign_exposure,
            "foreign_exposure",
            start=_span(w, 1)[0],
            end=_span(w, 1)[1],
            period="year",
        ),
        w.few,
        w.units,
        n=3,
        rng=1,
    ),
    "uncertainty.class_certainty": lambda w: sg.uncertainty.class_certainty(
        _propagated(w), breaks=[0, 1, 5]
    ),
    "uncertainty.scdi_types": lambda w: sg.uncertainty.scdi_types(w.few, w.units, rng=1, n=3),
}
# Read and write files, or draw; what they give is compared through the report of each input.
APART: Final = {
    "choropleth",
    "fetch_plugins",
    "point_map",
    "save_map",
    "save_png",
    "progress",
    "write_report",
    "write_quarantine",
    "read_boundaries",
    "read_incidents",
    "read_quarantine",
    "read_unit_table",
    "read_zone",
    "incidents_from_frame",
    "load_example_incidents",
    "load_gazetteer",
    "H3Grid",
    "HexagonGrid",
    "PrioGrid",
    "SquareGrid",
}
