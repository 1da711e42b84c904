"""The measures of spillover, each reduced to one figure, its baseline and its range."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.indicators.border import border
from sahel_geo.indicators.hawkes import hawkes
from sahel_geo.indicators.migration import migration
from sahel_geo.indicators.near_repeat import near_repeat
from sahel_geo.indicators.near_repeat.second_order import k_functions
from sahel_geo.indicators.spillover_texts import (
    FEW_IN_COUNTRY,
    FEW_WEEKS,
    NO_BORDER,
    NO_NEIGHBOUR,
    NO_PAIR,
    NO_PEOPLE,
    NOTHING,
    POOR,
)
from sahel_geo.indicators.spread import connectedness, contagion, cross_border, diffusion
from sahel_geo.indicators.spread.contagion_inputs import WeightKind
from sahel_geo.indicators.weights.unit_values import Data
from sahel_geo.locate.panel.count import count

RangeOf = Literal["figure", "chance", ""]
Verdict = Literal["above", "open", "below", "not measurable"]

_LEVEL: Final = 0.05
_WITHIN: Final = ("year", "month")  # what two countries share from month to month is no link
_BACKGROUND_DAYS: Final = 90.0  # as long as a quarter: what changes more slowly is background
_FEWEST: Final = 10  # incidents of a country; as for a Hawkes process
_REPLICATES: Final = 999  # of the block bootstrap of the profile


@dataclass(frozen=True)
class Study:
    """What every measure is given."""

    incidents: pd.DataFrame
    units: gpd.GeoDataFrame
    panel: pd.DataFrame
    border: gpd.GeoDataFrame
    population: "pd.Series[Any] | None"
    near_km: float
    near_days: float
    permutations: int
    seed: int
    covariates: pd.DataFrame | None = None
    weights: "WeightKind | pd.DataFrame" = "border"

    @cached_property
    def join_counts(self) -> diffusion.DiffusionCounts:
        """Escalations and relocations across borders, which two measures read."""
        return diffusion.join_counts(
            self.panel, self.units, rng=self.seed, permutations=self.permutations
        )

    def countries(self) -> set[str]:
        """Name the countries with so many incidents that their order can say something."""
        numbers = self.incidents["country"].value_counts()
        return set(numbers.index[numbers >= _FEWEST])


@dataclass(frozen=True)
class Row:
    """One figure beside its baseline; see the table of a summary."""

    figure: float = np.nan
    baseline: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    range_of: RangeOf = ""
    p: float = np.nan
    measure: str = ""
    detail: str = ""

    @classmethod
    def unmeasured(cls, reason: str, measure: str = "") -> "Row":
        """Give the row of a measure that the data cannot carry."""
        return cls(detail=reason, measure=measure)

    @property
    def verdict(self) -> Verdict:
        """Tell where the figure lies; "open" wherever the range holds the baseline."""
        if not np.isfinite([self.figure, self.baseline, self.lower, self.upper]).all():
            return "not measurable"
        tested = self.baseline if self.range_of == "figure" else self.figure
        if self.lower <= tested <= self.upper or self.p > _LEVEL:
            return "open"
        return "above" if self.figure > self.baseline else "below"

    def to_dict(self) -> dict[str, Any]:
        """Give the row of the table, verdict and question included."""
        name = self.measure.partition(":")[0]
        figures = ("figure", "baseline", "lower", "upper", "range_of", "p")
        return {
            "measure": self.measure,
            "question": QUESTIONS[name],
            "evidence": EVIDENCE.get(name, ""),
            **{each: getattr(self, each) for each in figures},
            "verdict": self.verdict,
            "detail": self.detail or (NOTHING if self.verdict == "not measurable" else ""),
        }


def _profile(study: Study, baseline: str) -> list[Row]:
    if baseline == "people_share" and study.population is None:
        return [Row.unmeasured(NO_PEOPLE)]
    if study.border.empty:
        return [Row.unmeasured(NO_BORDER)]
    profile = border.proximity_profile(
        study.incidents,
        study.border,
        study.units,
        distances_km=(study.near_km,),
        population=study.population if baseline == "people_share" else None,
        rng=study.seed,
        replicates=_REPLICATES,
    )
    row: Any = profile.table[profile.table["border"] == "all"].iloc[0]
    low, high = row["incidents_share_low"], row["incidents_share_high"]
    return [Row(row["incidents_share"], row[baseline], low, high, "figure")]


def _alike(study: Study, data: Data) -> list[Row]:
    result = cross_border.moran(data, study.units, rng=study.seed, permutations=study.permutations)
    return [_across(result.table)]


def _diffusion(study: Study, kind: str) -> list[Row]:
    table = study.join_counts.table
    return [_across(table[table["type"] == kind])]


def _across(table: pd.DataFrame) -> Row:
    return _beside_chance(table[table["links"] == "international"].iloc[0])


def _beside_chance(row: Any, detail: str = "") -> Row:
    figures = row["value"], row["expected"], row["low"], row["high"]
    return Row(*figures, "chance", row["p"], detail=detail)


def _near_repeat(study: Study) -> list[Row]:
    result = near_repeat.knox(
        study.incidents,
        distances_km=[0, study.near_km],
        days=[0, study.near_days],
        by="border",
        permutations=study.permutations,
        rng=study.seed,
    )
    row: Any = result.table[result.table["part"] == "cross_border"].iloc[0]
    if row["expected"] == 0:
        return [Row.unmeasured(NO_PAIR)]
    low, high = row["low"], row["high"]
    p = min(1.0, 2 * row["p"])  # of more pairs than chance; here either way counts
    return [Row(row["observed"], row["expected"], low, high, "chance", p)]


def _cross_k(study: Study) -> list[Row]:
    result = k_functions.space_time_cross_k(
        study.incidents,
        study.units,
        distances_km=[study.near_km],
        days=[study.near_days],
        by="country",
        within=_WITHIN,
        permutations=study.permutations,
        rng=study.seed,
    )
    rows, many = [], study.countries()
    for row in result.table.to_dict("records"):
        if not many.issuperset(row["pair"].split("–")):
            rows.append(Row.unmeasured(FEW_IN_COUNTRY, f":{row['pair']}"))
            continue
        p = row["p"] if row["observed"] else np.nan
        baseline = 1.0 if np.isfinite(row["ratio"]) and row["high"] > 0 else np.nan
        rows.append(
            Row(row["ratio"], baseline, row["low"], row["high"], "chance", p, f":{row['pair']}")
        )
    return rows


def _endemic_epidemic(study: Study) -> list[Row]:
    periods = study.panel["period"]
    start, end = periods.min().start_time, periods.max().end_time.normalize()
    months = count(study.incidents, study.units, period="month", start=start, end=end)
    result = contagion.fit(
        months,
        study.units,
        population=study.population,
        covariates=study.covariates,
        weights=study.weights,
    )
    if np.isnan(result.foreign_p):
        return [Row.unmeasured(NO_NEIGHBOUR)]
    row: Any = result.table.loc["foreign"]
    return [Row(row["estimate"], 0.0, row["lower"], row["upper"], "figure", result.foreign_p)]


def _process(study: Study, fit: Callable[..., hawkes.HawkesFit]) -> list[Row]:
    many = study.countries()
    if len(many) < 2:
        return [Row.unmeasured(FEW_IN_COUNTRY)]
    result = fit(
        study.incidents[study.incidents["country"].isin(many)],
        by="country",
        background_days=_BACKGROUND_DAYS,
        shifts=study.permutations,
        within=_WITHIN,
        rng=study.seed,
    )
    poor = bool((result.background["residual_p"] < 0.01).any())
    return [_beside_chance(result.shifted, POOR if poor else "")]


def _connectedness(study: Study) -> list[Row]:
    series = connectedness.series_of(study.panel, study.units)
    many = study.countries()
    if len(many) < 2:
        return [Row.unmeasured(FEW_IN_COUNTRY)]
    result = connectedness.fit(
        series.loc[:, series.columns.isin(many)],
        rng=study.seed,
        replicates=0,
        shifts=study.permutations,
        lags=1,
        deseason=not pd.PeriodIndex(series.index).freqstr.startswith("Y"),
        keep="quarters",
    )
    row: Any = result.table.iloc[0]
    p = min(1.0, 2 * row["p"])
    low, high = row["baseline_low"], row["baseline_high"]
    return [Row(row["value"] / 100, row["baseline"] / 100, low / 100, high / 100, "chance", p)]


def _centre(study: Study) -> list[Row]:
    """Compare the centres of the two halves of the time."""
    date = study.incidents["date"]
    late = date > date.min() + (date.max() - date.min()) / 2
    result = migration.displacement(
        study.incidents[~late], study.incidents[late], rng=study.seed, null="shift"
    )
    if result.isna().any():
        return [Row.unmeasured(FEW_WEEKS)]
    moved, usual, low, high, p = result
    return [Row(moved, usual, low, high, "chance", min(1.0, 2 * p))]


MEASURES: Final[dict[str, Callable[[Study], list[Row]]]] = {
    "border_area": lambda study: _profile(study, "area_share"),
    "border_people": lambda study: _profile(study, "people_share"),
    "neighbours_alike": lambda study: _alike(
        study, study.panel.groupby("unit_id")["incidents"].sum()
    ),
    "near_repeat": _near_repeat,
    "cross_k": _cross_k,
    "alike_in_time": lambda study: _alike(study, study.panel),
    "escalation": lambda study: _diffusion(study, "escalation"),
    "relocation": lambda study: _diffusion(study, "relocation"),
    "endemic_epidemic": _endemic_epidemic,
    "hawkes": lambda study: _process(study, hawkes.fit),
    "hawkes_space": lambda study: _process(study, partial(hawkes.fit_spatial, window=study.units)),
    "connectedness": _connectedness,
    "centre": _centre,
}
# The endemic-epidemic model takes months that two sides have in common for following: it asks no
# "when" that shifted dates could answer, and has no say in the verdict.
EVIDENCE: Final[dict[str, Literal["pairs", "units", "process"]]] = {
    "near_repeat": "pairs", "cross_k": "pairs", "alike_in_time": "units", "escalation": "units",
    "relocation": "units", "hawkes": "process", "hawkes_space": "process", "connectedness": "units",
}  # fmt: skip
QUESTIONS: Final[dict[str, Literal["where", "when"]]] = {
    name: "when" if name in EVIDENCE else "where" for name in MEASURES
}
