"""The record of forecasts: scores by model, skill with its interval, calibration, quiet units."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Flags, Floats
from sahel_geo.errors import InputError, did_you_mean
from sahel_geo.forecast.ground import Ground
from sahel_geo.forecast.models.registry import BASELINES
from sahel_geo.forecast.record.scores import area_under_curve, average_precision
from sahel_geo.forecast.wording import model_name, scores_sentence
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.border.block_bootstrap import block_multiplicities
from sahel_geo.indicators.display.plotting import COLOURS, axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import label_of, name_of
from sahel_geo.schema import Language

FIGURES: Final = (
    "crps", "ign", "mis", "lower", "upper", "at_least_1", "at_least_25", "below", "upto",
    "inside_positive",
)  # fmt: skip
SCORES: Final = ("crps", "ign", "mis", "brier", "brier_25")
WITHOUT_FOREIGN: Final = "pool without foreign neighbours"
BANDS_KM: Final = (0.0, 50.0, 150.0, np.inf)  # of an inner point to the nearest border
_REPLICATES: Final = 999
_FEWEST_PERIODS: Final = 6  # forecast, for an interval
_EVENTS: Final = {"at_least_1": 1, "at_least_25": 25}


@dataclass(frozen=True)
class Record:
    """Every forecast that was scored, n of them."""

    # (n rows) ``unit`` (position), ``origin``, ``target`` (periods), ``horizon``, ``observed`` and
    # ``quiet``: nothing in the 12 months up to the origin
    keys: pd.DataFrame
    figures: dict[str, npt.NDArray[np.float32]]  # (n, 10) by model, the columns of `FIGURES`
    ground: Ground  # the units

    def of(self, model: str, name: str) -> Floats:
        """Take one figure or score of a model, shape (n,)."""
        columns = self.figures[model]
        if name in FIGURES:
            return columns[:, FIGURES.index(name)].astype(np.float64)
        event = "at_least_25" if name == "brier_25" else "at_least_1"
        came = self.keys["observed"].to_numpy() >= _EVENTS[event]
        return np.asarray((self.of(model, event) - came) ** 2)

    @cached_property
    def scored(self) -> Flags:
        """Whether it is known what came, shape (n,)."""
        return np.asarray(np.isfinite(self.keys["observed"].to_numpy(dtype=np.float64)))


@dataclass(frozen=True)
class ForecastScores(Result):
    """What forecasts were worth, over all origins, horizons and units.

    Attributes
    ----------
    table : DataFrame
        One row a model: ``model``, ``forecasts`` (their number), ``crps``, ``ign``, ``mis`` (lower
        is better), ``brier`` and ``ap`` of at least one, ``brier_25`` and ``ap_25`` of at least 25,
        ``coverage`` of the 90 % interval, and ``coverage_positive`` where anything came, and
        ``coverage_positive_expected``, what that would be if each forecast were right about itself:
        rare events are surprises to the best of forecasts.
    column : str
        What was forecast.
    record : Record
        Every forecast.
    fingerprint : str
        Names the panel that was scored.
    horizons : int
        Periods ahead.
    refit : str
        How often models were fitted again.
    seed : int
        Of the bootstrap.
    """

    table: pd.DataFrame
    column: str
    record: Record
    fingerprint: str
    horizons: int
    refit: str
    seed: int
    named_by: ClassVar[tuple[str, ...]] = ("model",)

    @classmethod
    def of(
        cls, record: Record, *, column: str, fingerprint: str, settings: tuple[int, str], seed: int
    ) -> "ForecastScores":
        """Sum a record up; `settings`: horizons, and how often models were fitted."""
        return cls(_summary(record, record.scored), column, record, fingerprint, *settings, seed)

    @property
    def models(self) -> list[str]:
        """Names of the models, baselines first."""
        return [name for name in self.record.figures if name != WITHOUT_FOREIGN]

    @property
    def baselines(self) -> list[str]:
        """The baselines among them."""
        return [name for name in self.models if name in BASELINES]

    @property
    def best(self) -> str:
        """The model with the lowest CRPS; the pool where there is one."""
        if "pool" in self.models:
            return "pool"
        return str(self.table.sort_values("crps", kind="stable")["model"].iloc[0])

    @cached_property
    def by_horizon(self) -> pd.DataFrame:
        """As `table`, for each horizon apart."""
        return self._by(self.record.keys["horizon"].to_numpy(), "horizon")

    @cached_property
    def by_country(self) -> pd.DataFrame:
        """As `table`, for each country apart."""
        return self._by(self.record.ground.country[self.record.keys["unit"].to_numpy()], "country")

    @cached_property
    def by_border(self) -> pd.DataFrame:
        """As `table`, by the distance of the units' inner points to the nearest border, in km."""
        names = np.array(["0-50", "50-150", "150+", "unknown"], dtype=object)
        km = self.record.ground.border_km
        band = np.where(np.isfinite(km), np.digitize(km, BANDS_KM[1:-1]), 3)
        return self._by(names[band[self.record.keys["unit"].to_numpy()]], "border_km")

    @cached_property
    def quiet(self) -> pd.DataFrame:
        """As `table`, for units with nothing in the 12 months up to the origin, and their AUC."""
        rows = self.record.keys["quiet"].to_numpy()
        table = _summary(self.record, self.record.scored & rows)
        came = self.record.keys["observed"].to_numpy()[self.record.scored & rows] >= 1
        table["auc"] = [
            area_under_curve(self.record.of(model, "at_least_1")[self.record.scored & rows], came)
            for model in table["model"]
        ]
        return table

    @cached_property
    def active(self) -> pd.DataFrame:
        """As `table`, for units with something in the 12 months up to the origin."""
        return _summary(self.record, self.record.scored & ~self.record.keys["quiet"].to_numpy())

    @cached_property
    def calibration(self) -> pd.DataFrame:
        """Compare stated probabilities with what came, by tenths.

        One row for each ``model``, ``at_least`` (1 or 25) and tenth with forecasts in it:
        ``forecasts``, their mean ``probability``, and the share that ``came``.
        """
        rows = []
        kept = self.record.scored
        observed = self.record.keys["observed"].to_numpy()[kept]
        for model in self.models:
            for event, threshold in _EVENTS.items():
                stated = self.record.of(model, event)[kept]
                tenth = np.minimum((stated * 10).astype(np.int64), 9)
                frame = pd.DataFrame({"tenth": tenth, "p": stated, "came": observed >= threshold})
                for number, part in frame.groupby("tenth"):
                    rows.append(
                        (model, threshold, number, len(part), part["p"].mean(), part["came"].mean())
                    )
        names = ["model", "at_least", "tenth", "forecasts", "probability", "came"]
        return pd.DataFrame(rows, columns=names)

    @cached_property
    def pit(self) -> pd.DataFrame:
        """Share of what came in each tenth of the forecast distributions: all 0.1 if calibrated.

        The nonrandomised histogram for counts of Czado, Gneiting and Held (2009, section 2).
        """
        kept = self.record.scored
        ends = np.linspace(0, 1, 11)
        columns = {"tenth": np.arange(10)}
        for model in self.models:
            low, high = (self.record.of(model, name)[kept] for name in ("below", "upto"))
            width = np.maximum(high - low, 1e-12)
            upto = [np.clip((end - low) / width, 0, 1).mean() for end in ends]
            columns[model] = np.diff(upto)
        return pd.DataFrame(columns)

    @cached_property
    def foreign_neighbours(self) -> pd.DataFrame:
        """What knowing the foreign neighbours was worth to the pool, in CRPS.

        Rows ``all``, ``border`` (units that touch another country) and ``inland``: ``forecasts``,
        ``skill`` (share by which the score is lower with them), ``lower``, ``upper``. No rows
        where the pool was not fitted without them.
        """
        names = ["units", "forecasts", "skill", "lower", "upper"]
        if WITHOUT_FOREIGN not in self.record.figures:
            return pd.DataFrame(columns=names)
        touching = self.record.ground.on_border[self.record.keys["unit"].to_numpy()]
        rows = [
            (name, int(mask.sum()), *self._skill("pool", WITHOUT_FOREIGN, "crps", mask))
            for name, mask in (
                ("all", self.record.scored),
                ("border", self.record.scored & touching),
                ("inland", self.record.scored & ~touching),
            )
        ]
        return pd.DataFrame(rows, columns=names)

    @property
    def forecasts(self) -> pd.DataFrame:
        """Every forecast and its scores, a row for each model, origin, horizon and unit."""
        keys = self.record.keys
        ground = self.record.ground
        left = pd.DataFrame({"unit_id": ground.unit_ids[keys["unit"].to_numpy()]}).join(
            keys.drop(columns="unit")
        )
        parts = [
            left.assign(model=model, **{name: self.record.of(model, name) for name in FIGURES})
            for model in self.models
        ]
        return pd.concat(parts, ignore_index=True)

    def skill(self, model: str = "pool", *, against: str = "best") -> pd.DataFrame:
        """Tell by what share the scores of a model are below those of another.

        Parameters
        ----------
        model : str
            Name of a model that was scored.
        against : str
            Name of another, or ``"best"``: for each score the baseline that is best in it.

        Returns
        -------
        DataFrame
            Indexed by ``score`` (crps, ign, mis, brier, brier_25): ``against``, ``skill`` (0.05 is
            5 % lower, negative is worse), ``lower`` and ``upper``, the 95 % interval of a block
            bootstrap over the periods that were forecast, missing where these are fewer than six.

        Raises
        ------
        InputError
            If a name is unknown.

        References
        ----------
        Künsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations.
        Annals of Statistics 17, 1217-1241.
        """
        model = self._named(model)
        rivals = self.baselines if against == "best" else [self._named(against)]
        rows = {}
        for name in SCORES:
            means = [self.record.of(rival, name)[self.record.scored].mean() for rival in rivals]
            rival = rivals[int(np.argmin(means))]
            rows[name] = (rival, *self._skill(model, rival, name, self.record.scored))
        table = pd.DataFrame.from_dict(
            rows, orient="index", columns=["against", "skill", "lower", "upper"]
        )
        return table.rename_axis("score")

    def unit_skill(self, model: str = "pool") -> pd.Series:
        """Tell by what share the CRPS of a model is below the best baseline's, by ``unit_id``."""
        model = self._named(model)
        rival = str(self.skill(model).loc["crps", "against"])
        unit = self.record.keys["unit"].to_numpy()[self.record.scored]
        size = len(self.record.ground.unit_ids)
        own, other = (
            np.bincount(
                unit, weights=self.record.of(name, "crps")[self.record.scored], minlength=size
            )
            for name in (model, rival)
        )
        share = np.divide(own, other, out=np.where(own > 1e-9, np.inf, 1.0), where=other > 1e-9)
        return pd.Series(1 - share, index=pd.Index(self.record.ground.unit_ids, name="unit_id"))

    def sentence(self, lang: Language = "fr") -> str:  # noqa: D102  as of Result
        best, origins = self.best, self.record.keys["origin"]
        row, skill = self.table[self.table["model"] == best].iloc[0], self.skill(best).loc["crps"]
        foreign = self.foreign_neighbours
        return scores_sentence(row, skill, origins, self.column, foreign).say(lang)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the CRPS of each model, baselines grey, with the 95 % interval of its skill."""
        table = self.table.iloc[::-1]
        if table["crps"].isna().all():
            raise InputError(
                "`scores` has no forecast that could be scored; expected at least one."
            )
        ax = axes(ax, lang=lang)
        at = np.arange(len(table))
        baseline = [name in self.baselines for name in table["model"]]
        colours = [COLOURS["baseline"] if rule else COLOURS["domestic"] for rule in baseline]
        ax.barh(at, table["crps"], color=colours, height=0.7)
        for place, name in zip(at, table["model"], strict=True):
            if name in self.baselines:
                continue
            row: Any = self.skill(str(name)).loc["crps"]
            rival: Any = self.table.set_index("model").loc[str(row["against"]), "crps"]
            ends = [rival * (1 - row["upper"]), rival * (1 - row["lower"])]
            ax.plot(ends, [place, place], color=COLOURS["all"], linewidth=1.5)
        ax.set_yticks(at, [label_of(model_name(str(name)).say(lang)) for name in table["model"]])
        ax.set_xlabel(Sentence("CRPS ({what})", what=name_of(self.column, lang)).say(lang))
        return ax

    def _named(self, model: str) -> str:
        name = str(model).replace("-", "_")
        name = "conflictology" if name == "conflictology_12" else name
        if name not in self.models:
            raise InputError(
                "{model!r} was not scored; expected one of {known}. {near}",
                model=model,
                known=self.models,
                near=did_you_mean(model, self.models),
            )
        return name

    def _skill(self, model: str, rival: str, score: str, rows: Flags) -> tuple[float, float, float]:
        """Give skill and its interval over blocks of target periods."""
        if not rows.any():
            return np.nan, np.nan, np.nan
        target = pd.PeriodIndex(self.record.keys["target"]).asi8[rows]
        _, period = np.unique(target, return_inverse=True)
        own, other = (
            np.bincount(period, weights=self.record.of(name, score)[rows])
            for name in (model, rival)
        )
        if other.sum() <= 0:
            return (0.0 if own.sum() <= 0 else -np.inf), np.nan, np.nan
        share = 1 - float(own.sum() / other.sum())
        if len(own) < _FEWEST_PERIODS:
            return share, np.nan, np.nan  # a few periods resampled look surer than they are
        times = block_multiplicities(
            len(own), replicates=_REPLICATES, rng=np.random.default_rng(self.seed)
        )
        below = times @ other
        # a resample in which the rival has no error at all says nothing about a ratio
        resampled = 1 - (times @ own)[below > 0] / below[below > 0]
        low, high = np.quantile(resampled, [0.025, 0.975])
        return share, float(low), float(high)

    def _by(self, group: npt.NDArray[Any], name: str) -> pd.DataFrame:
        tables = []
        for value in sorted(set(group.tolist())):
            table = _summary(self.record, self.record.scored & (group == value))
            table.insert(0, name, value)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)


def _summary(record: Record, rows: Flags) -> pd.DataFrame:
    """Average the scores of each model over some forecasts."""
    observed = record.keys["observed"].to_numpy()[rows]
    mean: Callable[[npt.NDArray[Any]], float] = lambda values: (  # noqa: E731
        float(values.mean()) if len(values) else np.nan
    )
    share: Callable[[Floats, Floats], float] = lambda part, whole: (  # noqa: E731
        float(part.sum() / whole.sum()) if whole.sum() > 0 else np.nan
    )
    lines = []
    for model in record.figures:
        if model == WITHOUT_FOREIGN:
            continue
        figure = {name: record.of(model, name)[rows] for name in FIGURES}
        inside = (figure["lower"] <= observed) & (observed <= figure["upper"])
        lines.append(
            {
                "model": model,
                "forecasts": len(observed),
                "crps": mean(figure["crps"]),
                "ign": mean(figure["ign"]),
                "mis": mean(figure["mis"]),
                "brier": mean(record.of(model, "brier")[rows]),
                "ap": average_precision(figure["at_least_1"], observed >= 1),
                "brier_25": mean(record.of(model, "brier_25")[rows]),
                "ap_25": average_precision(figure["at_least_25"], observed >= 25),
                "coverage": mean(inside),
                "coverage_positive": mean(inside[observed > 0]),
                "coverage_positive_expected": share(
                    figure["inside_positive"], figure["at_least_1"]
                ),
            }
        )
    return pd.DataFrame(lines)
