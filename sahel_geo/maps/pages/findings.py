"""What a report measures beyond counts: hot spots, spillover, two periods, quality of the file."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.incidents.catalogue import is_selection
from sahel_geo.incidents.quality import QualityReport, quality_report
from sahel_geo.incidents.table import Incidents
from sahel_geo.indicators.hotspots import emerging, hotspots
from sahel_geo.indicators.rates import comparison
from sahel_geo.indicators.rates.comparison import PeriodComparison
from sahel_geo.indicators.risk import risk
from sahel_geo.indicators.risk.risk_result import DIMENSIONS, RankSensitivity, RiskIndex
from sahel_geo.indicators.uncertainty import uncertainty
from sahel_geo.locate.panel.count import count
from sahel_geo.maps.periods import Months, last_complete
from sahel_geo.places.zones import Zone
from sahel_geo.schema import Language, Period

if TYPE_CHECKING:
    from sahel_geo.indicators.spillover.spillover import SpilloverSummary

SELECTION: Final = "selection"
SAFE: Final = "safe"
TOO_SHORT: Final = "too_short"
TOO_FEW: Final = "too_few"
NO_INCIDENT: Final = "no_incident"
NO_PEOPLE: Final = "no_people"

# Incidents above which a measure of spillover is left out of the report: its time grows with their
# square. The page names what was left out.
_MOST: Final = {"hawkes_space": 4_000, "cross_k": 8_000, "hawkes": 20_000, "near_repeat": 200_000}
PEOPLE_DOUBT: Final = 0.2  # two of three draws are within a fifth of the figure
_RISK_DRAWS: Final = 200
DRAWS: Final = 50  # of location error
_DRAWS_MOST: Final = 50_000  # incidents
_DRAWS_UNITS: Final = 300  # units
_PERMUTATIONS: Final = 499
_LEAST_STEPS: Final = 10  # of an emerging hot spot
_MOST_UNKNOWN: Final = 0.5  # share of incidents without a stated precision

Step = Callable[[str], None]


@dataclass(frozen=True)
class RiskFinding:
    """The risk index of the months shown, and how far its ranks may be trusted."""

    index: RiskIndex  # of the units of the report
    ranks: RankSensitivity  # over other weights
    without: pd.DataFrame  # from :func:`sahel_geo.risk.ranks_without`
    months: Months  # what counts as recent; the trend is against as many months before

    @property
    def columns(self) -> pd.DataFrame:
        """The index, its rank and its dimensions by ``unit_id``, for maps and files."""
        table, ranks = self.index.table, self.ranks.table
        columns = {"risk": table["risk"], "risk_rank": table["rank"]}
        columns |= {f"risk_{name}": ranks[name] for name in ("rank_low", "rank_high")}
        columns |= {f"risk_{name}": table[name] for name in DIMENSIONS if table[name].notna().any()}
        return pd.DataFrame(columns)


@dataclass(frozen=True)
class Findings:
    """The measures of a report; what is missing has its reason in `refused`."""

    # table of :func:`sahel_geo.hotspots.local_gi`, with ``name``, ``adm1_name``, ``country`` and,
    # where location error was drawn, ``hot_draws``, the share of draws in which it is hot
    hot: pd.DataFrame | None = None
    # table of :func:`sahel_geo.emerging.hot_spots`, with ``name``
    emerging: pd.DataFrame | None = None
    step: str = ""  # length of its periods
    # for ``"all"`` units and for the ``"zone"``
    spillover: "dict[str, SpilloverSummary]" = field(default_factory=dict)
    left_out: tuple[str, ...] = ()  # measures of spillover that would take too long
    comparison: PeriodComparison | None = None  # the two periods
    quality: QualityReport | None = None  # of the file, if the package read it
    risk: RiskFinding | None = None  # the risk index
    # ``"hot"``, ``"emerging"``, ``"draws"``, ``"spillover"``, ``"comparison"``, ``"risk"``: why not
    refused: dict[str, str] = field(default_factory=dict)

    def in_figures(self, lang: Language) -> dict[str, Any]:
        """Sum up the findings as plain types: sentences, counts, and why the rest is missing."""
        figures: dict[str, Any] = {"refused": dict(self.refused)}
        if self.hot is not None:
            figures["hot_spots"] = _tallied(self.hot["kind"])
        if self.emerging is not None:
            figures["emerging"] = {"step": self.step, **_tallied(self.emerging["kind"])}
        for key, summary in self.spillover.items():
            figures.setdefault("spillover", {})[key] = {
                "sentence": summary.sentence(lang),
                "incidents": summary.incidents,
                "period": summary.period,
                "measures": json.loads(summary.table.to_json(orient="records", double_precision=6)),
            }
        if self.comparison is not None:
            compared = self.comparison
            figures["comparison"] = {
                "before": compared.before,
                "after": compared.after,
                "sentence": compared.sentence(lang),
                **_tallied(compared.table["kind"]),
            }
        if self.risk is not None:
            top = self.risk.index.table.dropna(subset=["risk"]).sort_values("rank").head(10)
            figures["risk"] = {
                "sentence": self.risk.index.sentence(lang),
                "ranks": self.risk.ranks.sentence(lang),
                "first": [str(unit) for unit in top.index],
            }
        return figures

    @classmethod
    def of(
        cls,
        material: "Material",
        lang: Language,
        before: tuple[str, ...] = (),
        after: tuple[str, ...] = (),
        step: Step = lambda _: None,
        *,
        safe: bool = False,
    ) -> "Findings":
        """Measure what the data can carry, and say of the rest why not."""
        incidents = material.incidents
        quality = quality_report(incidents, lang) if isinstance(incidents, Incidents) else None
        selection = is_selection(incidents)
        parts = ("hot", "emerging", "draws", "spillover", "comparison", "risk")
        if selection or safe or material.mapped.empty:
            why = SELECTION if selection else SAFE if safe else NO_INCIDENT
            return cls(quality=quality, refused=dict.fromkeys(parts, why))
        refused: dict[str, str] = {}
        step("hotspots")
        hot = _hot(material, refused)
        trends, length = _emerging(material, refused)
        step("spillover")
        left_out = tuple(name for name, most in _MOST.items() if len(material.history) > most)
        summaries = _spillover(material, left_out, refused)
        step("comparison")
        panel = count(material.history, material.units, period="month")
        spans = (before, after) if before or after else _spans(material, panel)
        if not spans:
            refused["comparison"] = TOO_SHORT
            compared = None
        else:
            one, other = ((str(span[0]), str(span[1])) for span in spans)
            compared = comparison.compare_periods(
                panel, material.units, one, other, rng=material.seed
            )
        return cls(hot, trends, length, summaries, left_out, compared, quality, refused=refused)

    def with_risk(
        self,
        material: "Material",
        people: "pd.Series[Any] | None",
        vulnerability: "pd.Series[Any] | None" = None,
        probability: "pd.Series[Any] | None" = None,
    ) -> "Findings":
        """Add the risk index to what was found, or say why there is none.

        people, vulnerability, probability (m,): By ``unit_id``; where they come from is the
        caller's to say. The figures are those of the months shown, or of the last twelve of the
        file.
        """
        if "risk" in self.refused:
            return self
        last = last_complete(material.history["date"])
        months = material.months or Months(last - 11, last)
        if people is None:
            return replace(self, refused={**self.refused, "risk": NO_PEOPLE})
        if months.before.first < material.history["date"].min().to_period("M"):
            return replace(self, refused={**self.refused, "risk": TOO_SHORT})
        start, end = months.before.first.start_time, months.last.end_time.normalize()
        panel = count(material.history, material.units, period="month", start=start, end=end)
        index = risk.from_panel(
            panel,
            material.units,
            people,
            vulnerability=vulnerability,
            probability=probability,
            periods=len(months),
        )
        if index.table["risk"].isna().all():
            return replace(self, refused={**self.refused, "risk": NO_PEOPLE})
        # Draw what the index is made of again: the months that were recorded, and the people.
        generator = np.random.default_rng(material.seed)
        drawn = risk.count_draws(
            panel, material.units, rng=generator, periods=len(months), n=_RISK_DRAWS
        )
        known = people.reindex(index.table.index).to_numpy(np.float64)
        doubt = generator.lognormal(0.0, PEOPLE_DOUBT, (_RISK_DRAWS, len(known)))
        drawn["exposure: people"] = pd.DataFrame(known * doubt, columns=index.table.index)
        draws = {name: table for name, table in drawn.items() if name in index.scores}
        ranks = risk.rank_sensitivity(index, rng=material.seed, draws=draws)
        return replace(self, risk=RiskFinding(index, ranks, risk.ranks_without(index), months))


@dataclass(frozen=True)
class Material:
    """What the measures are made from."""

    incidents: pd.DataFrame  # as given
    # placed by :func:`sahel_geo.assign`, all rows; one that lies in a country of which the file
    # does not speak has no unit
    everything: pd.DataFrame
    placed: pd.DataFrame  # those of them in the months shown, and those without a date
    # those on the map: in the months shown, in a unit, and known well enough for the level
    mapped: pd.DataFrame
    history: pd.DataFrame  # the same of the whole file, for tests of change
    units: gpd.GeoDataFrame  # units of the countries that the file speaks of
    zone: Zone | None
    seed: int  # of every random step
    months: Months | None = None  # the months shown; None is the whole file

    @property
    def earlier(self) -> pd.DataFrame | None:
        """The incidents of as many months before, if the file reaches back that far."""
        if self.months is None or self.history.empty:
            return None
        before = self.months.before
        if before.first < self.history["date"].min().to_period("M"):
            return None
        return self.history[before.holds(self.history["date"])]


def _hot(material: Material, refused: dict[str, str]) -> pd.DataFrame | None:
    units = material.units
    if len(units) < 4:
        refused |= dict.fromkeys(("hot", "draws"), TOO_FEW)
        return None
    weights = hotspots.contiguity(units)
    counts = _counts(material.mapped, units)
    hot = hotspots.local_gi(counts, units, rng=material.seed, weights=weights).table.copy()
    for name in ("name", "adm1_name", "country"):
        hot[name] = units.get(name, "")
    precision = material.mapped.get("location_precision")
    unknown = 1.0 if precision is None else float((precision == "unknown").mean())
    if unknown > _MOST_UNKNOWN:
        refused["draws"] = "unknown_precision"
    elif len(material.placed) > _DRAWS_MOST or len(units) > _DRAWS_UNITS:
        refused["draws"] = "too_many"
    else:

        def is_hot(drawn: pd.DataFrame, units: gpd.GeoDataFrame) -> Any:
            counts = _counts(drawn, units)
            table = hotspots.local_gi(counts, units, rng=material.seed, weights=weights).table
            return (table["kind"] == "hot").to_numpy(dtype=float)

        dated = material.placed[material.placed["date"].notna()]
        propagated = uncertainty.propagate(is_hot, dated, units, rng=material.seed, n=DRAWS)
        hot["hot_draws"] = propagated.draws.mean(axis=0)
    return hot


def _counts(placed: pd.DataFrame, units: gpd.GeoDataFrame) -> Any:
    numbers = placed["unit_id"].value_counts().reindex(units["unit_id"], fill_value=0)
    return numbers.to_numpy(dtype=np.float64)


def _emerging(material: Material, refused: dict[str, str]) -> tuple[pd.DataFrame | None, str]:
    """Class the units on the longest periods that leave enough of them."""
    steps: tuple[Period, ...] = ("year", "quarter", "month")
    for length in steps:
        panel = count(material.history, material.units, period=length)
        if panel["period"].nunique() >= _LEAST_STEPS and len(material.units) >= 4:
            table = emerging.hot_spots(panel, material.units).table
            table["name"] = material.units["name"]
            return table, length
    refused["emerging"] = TOO_SHORT
    return None, ""


def _spillover(
    material: Material, left_out: tuple[str, ...], refused: dict[str, str]
) -> "dict[str, SpilloverSummary]":
    if material.units["country"].nunique() < 2:
        refused["spillover"] = "one_country"
        return {}
    # with all that it measures by: the slowest to import, and a selection does without
    from sahel_geo.indicators.spillover import spillover  # noqa: PLC0415
    from sahel_geo.indicators.spillover.measures import MEASURES  # noqa: PLC0415

    names = [name for name in MEASURES if name not in (*left_out, "border_people")]
    areas = {"all": None} | ({"zone": material.zone} if material.zone else {})
    return {
        key: spillover.summary(
            material.history,
            material.units,
            zone=area,
            rng=material.seed,
            permutations=_PERMUTATIONS,
            measures=names,
        )
        for key, area in areas.items()
    }


def check_spans(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Refuse periods that cannot be compared, before anything long is computed.

    >>> check_spans(("2022-01", "2022-12"), ("2023-01", "2023-12"))
    """
    if not before and not after:
        return
    try:
        first, last, start, end = (pd.Period(month, freq="M") for month in (*before, *after))
        sound = len(before) == 2 and bool(first <= last and start <= end)
    except (ValueError, TypeError):
        sound = False
    if not sound:
        raise InputError(
            "`before` is {before} and `after` {after}; expected the first and last month of "
            "each, such as ['2023-01', '2023-12']. Give both.",
            before=list(before),
            after=list(after),
        )
    if first <= end and start <= last:
        raise InputError(
            "`before` {before} and `after` {after} overlap; expected two spans apart. Move one.",
            before=before,
            after=after,
        )


def _spans(material: Material, panel: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Give the months shown and as many before them, or the last two calendar years."""
    months = material.months
    if months is None or months.before.first < panel["period"].min():
        # Find the last two whole calendar years of a monthly panel.
        first, last = panel["period"].min(), panel["period"].max()
        year = last.year if last.month == 12 else last.year - 1
        if first > pd.Period(f"{year - 1}-01", freq="M"):
            return ()
        return (f"{year - 1}-01", f"{year - 1}-12"), (f"{year}-01", f"{year}-12")
    return tuple((str(each.first), str(each.last)) for each in (months.before, months))


def _tallied(kinds: "pd.Series[Any]") -> dict[str, int]:
    return {str(kind): int(number) for kind, number in kinds.value_counts(sort=False).items()}
