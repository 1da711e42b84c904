"""Where a quiet year may end: the probability of a first event, its reasons and its record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.errors import InputError
from sahel_geo.forecast.features import build_features, features
from sahel_geo.forecast.models.quiet import QuietModel
from sahel_geo.forecast.past import Past, read_past, require_known_end
from sahel_geo.forecast.record.scores import area_under_curve, average_precision
from sahel_geo.forecast.wording import one_of
from sahel_geo.i18n.phrases import period_in_words
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.plotting import COLOURS, axes, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import label_of
from sahel_geo.schema import Language

_QUIET_MONTHS: Final = 12
_LOOKED_BACK_MONTHS: Final = 36
_SHUFFLES: Final = 5
_FEWEST_ONSETS: Final = 10  # to learn from
_REASONS: Final = 3
_TELLING: Final = 0.1  # share of what is expected from which a part is a reason
_BASE: Final = "base"  # what is expected anywhere
# of what is known of a unit: nothing that is 0 when it is quiet, nothing that only its place says
_LEFT_OUT: Final = frozenset({
    "last", "before_last", "own_1", "own_3", "own_8", "largest_year", "since_last", "everywhere",
    "country",
})  # fmt: skip
_PLACE: Final = frozenset({"border_km", "capital_km", "log_area"})


@dataclass(frozen=True)
class OnsetForecast(Result):
    """Quiet units by the probability that something will be recorded there.

    Attributes
    ----------
    table : DataFrame
        A row for each quiet unit and span of months, most probable first: ``within``, ``unit_id``,
        ``name``, ``probability``, ``reasons`` (the features that at least a tenth of it comes from,
        the most telling first, ``;`` between; empty where nothing sets the unit apart).
    record : DataFrame
        A row for each span, from past origins: ``within``, ``forecasts``, ``onsets``,
        ``base_rate`` beside the mean probability that was ``stated``, ``auc``, ``ap``, and the same
        of ranking by neighbours alone: ``auc_neighbours``, ``ap_neighbours``.
    importance : DataFrame
        ``within``, ``feature``, ``loss``: how much of the AUC is lost on the same past origins when
        the feature is shuffled.
    column : str
        What is counted.
    origin : Period
        Last period known.
    """

    table: pd.DataFrame
    record: pd.DataFrame
    importance: pd.DataFrame
    column: str
    origin: pd.Period
    named_by: ClassVar[tuple[str, ...]] = ("within", "unit_id", "name")

    def sentence(self, lang: Language = "fr") -> str:
        """Say which quiet units are most likely to see a first event, and how good that was."""
        row: Any = self.record.iloc[0]
        now = self.table[self.table["within"] == row["within"]]
        monthly = self.origin.freqstr.startswith("M")
        parts = {
            "within": int(row["within"]),
            "spans": Sentence("months") if monthly else Sentence("periods"),
            "what": one_of(self.column),
            "origin": period_in_words(self.origin),
        }
        if now.empty:
            return Sentence("From {origin}, no unit has been quiet for 12 months.", **parts).say(
                lang
            )
        top: Any = now.iloc[0]
        first = Sentence(
            "Of {units} units quiet for 12 months up to {origin}, {name} is the most likely to "
            "record {what} within {within} {spans} ({probability:.0%}).",
            units=len(now),
            name=str(top["name"]),
            probability=top["probability"],
            **parts,
        )
        if not row["onsets"]:
            return Sentence(
                "{first} No past origin could tell how good such rankings are.", first=first
            ).say(lang)
        return Sentence(
            "{first} From past origins such rankings had an AUC of {auc:.2f} (neighbours alone "
            "{near:.2f}, chance 0.5) and an average precision of {ap:.2f} (base rate {base:.2f}).",
            first=first,
            auc=row["auc"],
            near=row["auc_neighbours"],
            ap=row["ap"],
            base=row["base_rate"],
        ).say(lang)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the twelve most probable first events for the shortest span, and the base rate."""
        row: Any = self.record.iloc[0]
        rows = self.table[self.table["within"] == row["within"]].head(12).iloc[::-1]
        if rows.empty:
            raise InputError("`table` has no quiet unit; expected at least one.")
        ax = axes(ax, lang=lang)
        at = np.arange(len(rows))
        ax.barh(at, rows["probability"], color=COLOURS["domestic"], height=0.7)
        if np.isfinite(row["base_rate"]):
            label = Sentence("base rate").say(lang)
            ax.axvline(row["base_rate"], color=COLOURS["all"], linestyle="--", label=label)
            legend_above(ax)
        ax.set_yticks(at, [label_of(str(name)) for name in rows["name"]])
        ax.set_xlabel(
            Sentence("probability within {within} periods", within=int(row["within"])).say(lang)
        )
        return ax


def onset(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    column: str = "fatalities_best",
    within: Sequence[int] = (3, 6),
    population: "pd.Series[Any] | None" = None,
    covariates: Sequence[str] = (),
    rng: np.random.Generator | int = 1,
) -> OnsetForecast:
    """Rank the units with nothing in 12 months by the probability of something in the next ones.

    First events are the hardest to foresee: read the ranking beside its AUC and average precision,
    which are measured on past origins, and beside the base rate.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count` by month.
    units : GeoDataFrame, m rows
        The units counted.
    column : str
        What is counted.
    within : sequence of int
        Spans of periods ahead.
    population, covariates
        As for :func:`sahel_geo.forecast.evaluate`.
    rng : Generator or int
        Source of randomness, for the shuffles of the importance.

    Returns
    -------
    OnsetForecast
        Probabilities and reasons, the record, and the importance of each feature.

    Raises
    ------
    InputError
        If the panel holds too little, a span is below 1, or fewer than ten onsets could be learned
        from.

    References
    ----------
    Mueller, H. and Rauh, C. (2022). The hard problem of prediction for conflict prevention. Journal
    of the European Economic Association 20, 2440-2467. Breiman, L. (2001). Random forests. Machine
    Learning 45, 5-32, section 10 (importance by permutation).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=2, countries=["NER"])
    >>> panel = sg.forecast.simulate_panel(units, months=72, level=0.15, rng=2)
    >>> result = onset(panel, units, within=[3])
    >>> bool(result.table["probability"].between(0, 1).all())
    True
    """
    spans = list(within) if isinstance(within, Collection) else [within]
    if not spans or not all(isinstance(span, Integral) and span >= 1 for span in spans):
        raise InputError(f"`within` is {spans}; expected spans of at least 1 period.")
    past = read_past(panel, units, column, population=population, covariates=covariates)
    require_known_end(past)
    random = np.random.default_rng(rng)
    answers = [_one_span(past, span, random) for span in spans]
    tables, records, losses = zip(*answers, strict=True)
    return OnsetForecast(
        table=pd.concat(tables, ignore_index=True),
        record=pd.DataFrame(records),
        importance=pd.concat(losses, ignore_index=True),
        column=column,
        origin=past.periods[-1],
    )


def _one_span(
    past: Past, span: int, random: np.random.Generator
) -> tuple[pd.DataFrame, dict[str, Any], pd.DataFrame]:
    names, table, unit, origin, came = _quiet_rows(past, span)
    known = np.isfinite(came)
    last = past.counts.shape[1] - 1
    first = max(
        last - span - past.length(_LOOKED_BACK_MONTHS) + 1, past.length(_LOOKED_BACK_MONTHS)
    )
    stated, asked = np.full(len(table), np.nan), []
    for begin in range(first, last - span + 1, past.length(12)):
        learned = known & (origin + span <= begin)
        rows = known & (origin >= begin) & (origin < begin + past.length(12))
        if came[learned].sum() < _FEWEST_ONSETS or not rows.any():
            continue
        fit = QuietModel.fit(table[learned], came[learned])
        stated[rows] = fit.probability(table[rows])
        asked.append((fit, rows))
    record = _record(names, table, stated, came, span)
    losses = _importance(names, table, asked, came, random).assign(within=span)
    if came[known].sum() < _FEWEST_ONSETS:
        raise InputError(
            "the panel has {onsets} first events after a quiet year; expected at least {fewest} to "
            "learn from. Use a longer panel or a finer level.",
            onsets=int(came[known].sum()),
            fewest=_FEWEST_ONSETS,
        )
    fit = QuietModel.fit(table[known], came[known])
    now = origin == last
    return _ranked(past, names, fit, table[now], unit[now], span), record, losses


def _quiet_rows(past: Past, span: int) -> tuple[list[str], Floats, Integers, Integers, Floats]:
    """Lay out every quiet unit and origin: features, unit, origin, and whether something came."""
    counts = np.nan_to_num(past.counts)
    year, length = past.length(_QUIET_MONTHS), counts.shape[1]
    origins = np.arange(year, length)
    sums = np.cumsum(np.pad(counts, ((0, 0), (1, 0))), axis=1)
    # a year of which a month is missing is not known to be quiet, nor is a span without an event
    lost = np.cumsum(np.pad(np.isnan(past.counts), ((0, 0), (1, 0))), axis=1)
    known_year = lost[:, origins + 1] == lost[:, origins + 1 - year]
    quiet = known_year & (sums[:, origins + 1] - sums[:, origins + 1 - year] == 0)
    ahead = np.minimum(origins + span, length - 1)
    came = (sums[:, ahead + 1] - sums[:, origins + 1] > 0).astype(np.float64)
    came[(lost[:, ahead + 1] > lost[:, origins + 1]) & (came == 0)] = np.nan
    came[:, origins + span > length - 1] = np.nan
    names = [*(k for k, v in features(past).items() if v.ndim == 2)]
    names += [k for k, v in features(past).items() if v.ndim == 1]
    kept = [place for place, name in enumerate(names) if name not in _LEFT_OUT | _PLACE]
    known = np.maximum(np.nan_to_num(build_features(past, origins)[:, kept]), 0.0)
    table = np.column_stack([np.ones(len(known)), known])
    rows = quiet.ravel()
    unit, place = np.divmod(np.flatnonzero(rows), len(origins))
    named = [_BASE, *(names[at] for at in kept)]
    return named, table[rows], unit, origins[place], came.ravel()[rows]


def _record(
    names: list[str], table: Floats, stated: Floats, came: Floats, span: int
) -> dict[str, Any]:
    rows = np.isfinite(stated)
    hit = came[rows] > 0
    near = [at for at, name in enumerate(names) if name in {"domestic_2", "foreign_2"}]
    beside = table[rows][:, near].sum(axis=1)
    return {
        "within": span,
        "forecasts": int(rows.sum()),
        "onsets": int(hit.sum()),
        "base_rate": float(hit.mean()) if rows.any() else np.nan,
        "stated": float(stated[rows].mean()) if rows.any() else np.nan,
        "auc": area_under_curve(stated[rows], hit),
        "ap": average_precision(stated[rows], hit),
        "auc_neighbours": area_under_curve(beside, hit),
        "ap_neighbours": average_precision(beside, hit),
    }


def _importance(
    names: list[str],
    table: Floats,
    asked: list[tuple[QuietModel, Flags]],
    came: Floats,
    random: np.random.Generator,
) -> pd.DataFrame:
    """Shuffle one feature at a time on the origins that were forecast, and see what is lost."""
    if not asked:
        return pd.DataFrame({"feature": names, "loss": np.nan})
    hit = np.concatenate([came[rows] > 0 for _, rows in asked])

    def score(change: int | None) -> float:
        parts = []
        for fit, rows in asked:
            part = table[rows].copy()
            if change is not None:
                part[:, change] = random.permutation(part[:, change])
            parts.append(fit.probability(part))
        return area_under_curve(np.concatenate(parts), hit)

    whole = score(None)
    losses = [
        whole - float(np.mean([score(at) for _ in range(_SHUFFLES)])) for at in range(len(names))
    ]
    rows = pd.DataFrame({"feature": names, "loss": losses})
    return rows.sort_values("loss", ascending=False, kind="stable", ignore_index=True)


def _ranked(
    past: Past, names: list[str], fit: QuietModel, table: Floats, unit: Integers, span: int
) -> pd.DataFrame:
    """List the units that are quiet now, with the features that raise their probability most."""
    shares = table * fit.rates
    shares /= shares.sum(axis=1, keepdims=True)
    reasons = [
        "; ".join(
            names[at]
            for at in np.argsort(-share, kind="stable")[:_REASONS]
            if share[at] >= _TELLING and names[at] != _BASE
        )
        for share in shares
    ]
    rows = pd.DataFrame(
        {
            "within": span,
            "unit_id": past.ground.unit_ids[unit],
            "name": past.ground.names[unit],
            "probability": fit.probability(table),
            "reasons": reasons,
        }
    )
    return rows.sort_values("probability", ascending=False, kind="stable", ignore_index=True)
