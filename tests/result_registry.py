"""One of each thing that a function of the package gives, made from data with hostile names."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA, geodesic_area_km2
from tests.maps.hostile import HOSTILE

_SIDE = 4
_BANDS = {"distances_km": [0, 20, 60], "days": [0, 7, 30]}
_LONGEST = 100


def hostile_names(count):
    """Give texts that can stand in a file."""
    kept = [text for text in HOSTILE if 2 < len(text) < _LONGEST and text.isprintable()]
    return [f"{at} {kept[at % len(kept)]}" for at in range(count)]


@cache
def world():
    """Sixteen square units in two countries, and 900 incidents of three years."""
    rng = np.random.default_rng(7)
    at = [(x, y) for y in range(_SIDE) for x in range(_SIDE)]
    names = hostile_names(len(at))
    shapes = [shapely.box(x, 12 + y, x + 1, 13 + y) for x, y in at]
    country = ["MLI" if x < 2 else "NER" for x, _ in at]
    units = gpd.GeoDataFrame(
        {
            "unit_id": [f"U{i:02} {name}" for i, name in enumerate(names)],
            "name": names,
            "country": country,
            "level": 2,
            "adm1_id": [f"{code} {names[0]}" for code in country],
            "adm1_name": [f"{code} {names[3]}" for code in country],
            "area_km2": geodesic_area_km2(shapes),
            "source": names[1],
            "licence": names[2],
        },
        geometry=shapes,
        crs=4326,
    )
    size = 900
    near = rng.random(size) < 0.5
    lon = np.where(near, rng.normal(2.2, 0.4, size), rng.uniform(0, 4, size)).clip(0.01, 3.99)
    lat = np.where(near, rng.normal(14.2, 0.4, size), rng.uniform(12, 16, size)).clip(12.01, 15.99)
    incidents = sg.incidents_from_frame(
        pd.DataFrame(
            {
                "lon": lon,
                "lat": lat,
                "date": pd.Timestamp("2021-01-01")
                + pd.to_timedelta(rng.integers(0, 1095, size), "D"),
                "country": np.where(lon < 2, "MLI", "NER"),
                "place": [names[i % len(names)] for i in range(size)],
                "actor1": [names[i % 2] for i in range(size)],
                "fatalities_best": rng.poisson(2, size),
                "location_precision": "admin2",
            }
        ),
        source=names[4],
    )
    placed = sg.assign(incidents, units)
    panel = sg.count(placed, units, period="month")
    return SimpleNamespace(
        incidents=incidents,
        units=units,
        placed=placed,
        fights=incidents.assign(actor2=names[1]),
        panel=panel,
        border=sg.international_borders(units),
        countries=units.dissolve("country", as_index=False)[["country", "geometry"]].assign(
            unit_id=lambda t: t["country"], name=lambda t: t["country"]
        ),
        rectangle=_rectangle(),
        people=pd.Series(50_000.0, units["unit_id"].to_numpy()),
    )


def _hits(placed, units):
    return placed["unit_id"].value_counts().reindex(units["unit_id"], fill_value=0)


def _kinds(placed, units):
    return pd.Series(np.where(_hits(placed, units) > 50, *hostile_names(2)), units["unit_id"])


def _risk(w):
    rows = w.people * np.linspace(0.1, 1, len(w.people))
    return sg.risk.index(
        hazard=rows,
        exposure=rows[::-1],
        vulnerability=w.people.cumsum(),
        names=dict(zip(w.units["unit_id"], w.units["name"], strict=True)),
    )


@cache
def _scored():
    """Thirty units with hostile names, a simulated panel, and the record of one model."""
    at = [(x, y) for y in range(5) for x in range(6)]
    units = gpd.GeoDataFrame(
        {
            "unit_id": [f"U{i:02}" for i in range(30)],
            "name": hostile_names(30),
            "country": ["MLI" if x < 3 else "NER" for x, _ in at],
            "level": 2,
        },
        geometry=[shapely.box(x, 12 + y, x + 1, 13 + y) for x, y in at],
        crs=4326,
    )
    panel = sg.forecast.simulate_panel(units, months=48, rng=1)
    scores = sg.forecast.evaluate(panel, units, models=["faded"], horizons=2, every=3)
    return panel, units, scores


def _forecast(_):
    panel, units, scores = _scored()
    return sg.forecast.predict(panel, units, model="faded", horizons=2, scores=scores)


def _quarantine(w):
    dates = ["2021-02-30"] * 3 + ["2021-01-01"] * 20
    table = pd.DataFrame({"lon": 1.0, "lat": 14.0, "date": dates, "place": w.units["name"][0]})
    table.loc[10:13, "lat"] = 140.0
    return sg.incidents_from_frame(table, source=w.units["name"][1]).quarantine


def _rectangle():
    """Give a window along the axes of the projection, well inside the units."""
    corners = gpd.GeoSeries(gpd.points_from_xy([0.3, 3.7], [12.3, 15.7]), crs=4326)
    west, south, east, north = corners.to_crs(EQUAL_AREA).total_bounds
    return gpd.GeoDataFrame(geometry=[shapely.box(west, south, east, north)], crs=EQUAL_AREA)


@dataclass(frozen=True)
class Made:
    """How one of a class is made, and whether it has a plot and a sentence in both languages."""

    make: Callable[[SimpleNamespace], Any]
    drawn: bool = True
    said: bool = True


RESULTS = {
    "Alerts": Made(lambda _: sg.alerts.detect(*_scored()[:2], methods=["ears"])),
    "HarmonisedActors": Made(lambda w: sg.actors.harmonise(w.incidents)),
    "Fragmentation": Made(lambda w: sg.actors.fragmentation(w.incidents, w.units)),
    "Rivalry": Made(lambda w: sg.actors.rivalry(w.fights, *hostile_names(2))),
    "Overlap": Made(
        lambda w: sg.actors.overlap(
            sg.count(w.placed, w.units, period="year", by="actor1"), *hostile_names(2), rng=1
        )
    ),
    "ActorNetwork": Made(lambda w: sg.actors.network(w.fights)),
    "Front": Made(lambda w: sg.actors.front(w.incidents, {w.units["name"][0]: (2, 14)})),
    "ReachMap": Made(lambda w: sg.actors.reach_map(w.incidents, w.units)),
    "Clusters": Made(lambda w: sg.clusters.dbscan(w.incidents, radius_km=20)),
    "ScanResult": Made(lambda w: sg.clusters.scan(w.panel, w.units, replicates=19, rng=1)),
    "PeriodComparison": Made(
        lambda w: sg.comparison.compare_periods(
            w.panel, w.units, ("2021-01", "2021-12"), ("2022-01", "2022-12"), rng=1
        )
    ),
    "Connectedness": Made(
        lambda w: sg.connectedness.fit(
            sg.connectedness.series_of(w.panel, w.units, by="country"),
            rng=1,
            replicates=19,
            shifts=19,
        )
    ),
    "RollingConnectedness": Made(
        lambda w: sg.connectedness.rolling(
            sg.connectedness.series_of(w.panel, w.units, by="country"), rng=1, window=24, shifts=19
        )
    ),
    "ContagionFit": Made(lambda w: sg.contagion.fit(w.panel, w.units)),
    "CrossBorderMoran": Made(lambda w: sg.cross_border.moran(w.panel, w.units, rng=1)),
    "CrossBorderJoins": Made(lambda w: sg.cross_border.join_counts(w.panel, w.units, rng=1)),
    "DiffusionCounts": Made(lambda w: sg.diffusion.join_counts(w.panel, w.units, rng=1)),
    "Onsets": Made(lambda w: sg.diffusion.onsets(w.panel, w.units, least=3)),
    "ProtectedTable": Made(
        lambda w: sg.disclosure.protect(
            w.panel[["unit_id", "period", "incidents"]], period="period"
        )
    ),
    "EmergingHotspots": Made(lambda w: sg.emerging.hot_spots(w.panel, w.units)),
    "Exposure": Made(lambda w: sg.border.exposure(w.panel, w.units)),
    "ProximityProfile": Made(lambda w: sg.border.proximity_profile(w.incidents, w.border, w.units)),
    "GlobalMeasure": Made(lambda w: sg.hotspots.global_moran(w.panel, w.units, rng=1)),
    "JoinCounts": Made(lambda w: sg.hotspots.join_counts(w.panel, w.units, rng=1)),
    "LocalSpots": Made(lambda w: sg.hotspots.local_gi(w.panel, w.units, rng=1)),
    "Forecast": Made(_forecast),
    "ForecastScores": Made(lambda _: _scored()[2]),
    "OnsetForecast": Made(lambda _: sg.forecast.onset(*_scored()[:2], within=[3])),
    "HawkesFit": Made(lambda w: sg.hawkes.fit(w.incidents, by="actor1", rng=1)),
    "SpatialHawkesFit": Made(
        lambda w: sg.hawkes.fit_spatial(w.incidents.iloc[:300], by="actor1", window=w.units, rng=1)
    ),
    "CrossK": Made(
        lambda w: sg.k_functions.cross_k(
            w.incidents, w.rectangle, by="actor1", distances_km=[10, 20], permutations=39, rng=1
        )
    ),
    "SpaceTimeK": Made(
        lambda w: sg.k_functions.space_time_cross_k(
            w.incidents,
            w.units,
            distances_km=[10, 20],
            days=[7, 30],
            by="actor1",
            permutations=39,
            rng=1,
        )
    ),
    "KnoxTable": Made(
        lambda w: sg.near_repeat.knox(w.incidents, **_BANDS, by="country", permutations=39, rng=1)
    ),
    "Migration": Made(lambda w: sg.migration.path(w.placed, w.countries, rng=1)),
    "RelativeRisk": Made(
        lambda w: sg.density.relative_risk(
            w.incidents,
            ("2021-01-01", "2021-12-31"),
            ("2022-01-01", "2022-12-31"),
            bandwidth_km=40,
            permutations=39,
            rng=1,
        )
    ),
    "RiskIndex": Made(_risk),
    "RankSensitivity": Made(lambda w: sg.risk.rank_sensitivity(_risk(w), rng=1, n=50)),
    "ScdiTable": Made(lambda w: sg.scdi.by_cell(w.incidents)),
    "ScdiTypes": Made(lambda w: sg.uncertainty.scdi_types(w.incidents, w.units, rng=1, n=5)),
    "SpilloverSummary": Made(
        lambda w: sg.spillover.summary(
            w.incidents, w.units, rng=1, permutations=19, measures=["border_area", "near_repeat"]
        )
    ),
    "Propagated": Made(lambda w: sg.uncertainty.propagate(_hits, w.incidents, w.units, n=5, rng=1)),
    "PropagatedClasses": Made(
        lambda w: sg.uncertainty.propagate(_kinds, w.incidents, w.units, n=5, rng=1)
    ),
    "Surface": Made(
        lambda w: sg.density.kernel_density(w.incidents, bandwidth_km=40, cell_km=10), said=False
    ),
    "Incidents": Made(lambda w: w.incidents, drawn=False, said=False),
    "Quarantine": Made(_quarantine, said=False),
    "QualityReport": Made(lambda w: sg.quality_report(w.incidents), drawn=False, said=False),
    "PlacedIncidents": Made(lambda w: w.placed, drawn=False, said=False),
    "MergedSources": Made(
        lambda w: sg.merge_sources(w.incidents, w.incidents, window_km=1, window_days=1),
        drawn=False,
        said=False,
    ),
    "Unreported": Made(
        lambda w: sg.reporting.unreported(
            sg.merge_sources(w.incidents, w.incidents, window_km=1, window_days=1).events,
            by=["actor1"],
        )
    ),
    "RemoteReporting": Made(
        lambda w: sg.reporting.sensitivity(w.placed, w.units, rng=1, permutations=99)
    ),
    "SafeUnits": Made(
        lambda w: sg.safe_units(
            w.units.merge(w.panel.groupby("unit_id", as_index=False)["incidents"].sum()),
            "incidents",
            k=60,
        ),
        drawn=False,
        said=False,
    ),
    "Weights": Made(lambda w: sg.hotspots.contiguity(w.units), drawn=False, said=False),
    "Zone": Made(lambda _: sg.load_zone(level=1), said=False),
    "Gazetteer": Made(lambda _: sg.load_gazetteer(), drawn=False, said=False),
}
