"""How many incidents nobody recorded: estimated by mark and recapture from two sources.

Incidents in both sources are as animals caught twice: the fewer of those in one source the other
has too, the more both must have missed.
"""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd
import scipy

from sahel_geo.errors import InputError, first_offenders, require_columns
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.plotting import axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.uncertainty.remoteness import RemoteReporting, remote_weights, sensitivity
from sahel_geo.schema import Language

__all__ = ["RemoteReporting", "Unreported", "remote_weights", "sensitivity", "unreported"]

_TAIL: Final = 0.025
_FEWEST: Final = 7  # in both sources: below, Chapman's estimate is biased (Robson and Regier 1964)


@dataclass(frozen=True)
class Unreported(Result):
    """Incidents that neither source has, by group.

    Attributes
    ----------
    table : DataFrame
        By group, the whole last: the columns of `by`, ``only_a``, ``only_b``, ``both``,
        ``recorded``, ``estimate`` of all incidents (Chapman) with ``lower`` and ``upper`` (95 %,
        never below what is recorded), ``seen`` (recorded over estimate), ``share_a`` and
        ``share_b`` (of all incidents that each source has) and ``few``: too few incidents in both
        for an estimate, which is then missing. The whole is the sum of the groups, of which those
        with too few are one.
    by : tuple of str
        What groups are told apart by.
    """

    measured: ClassVar[tuple[str, ...]] = ("estimate",)

    table: pd.DataFrame
    by: tuple[str, ...]

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many incidents there may have been, and under which assumption."""
        row: Any = self.table.iloc[-1]
        if np.isnan(row["estimate"]):
            return Sentence(
                "Too few incidents are in both sources to estimate how many both missed."
            ).say(lang)
        return Sentence(
            "The two sources hold {recorded} incidents; there may have been {estimate} (95% "
            "interval {lower} to {upper}), if whether one source has an incident does not depend "
            "on whether the other has. Sources that copy each other make this too low.",
            recorded=int(row["recorded"]),
            estimate=round(float(row["estimate"])),
            lower=round(float(row["lower"])),
            upper=round(float(row["upper"])),
        ).say(lang)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the estimates of the groups with intervals, beside what is recorded."""
        rows = self.table[self.table["estimate"].notna()]
        if rows.empty:
            raise InputError("`table` has no estimate to draw; expected sources that overlap.")
        ax = axes(ax, lang=lang)
        at = np.arange(len(rows))
        ax.barh(at, rows["recorded"], color="#bdbdbd")
        ax.hlines(at, rows["lower"], rows["upper"], color="#000000")
        ax.plot(rows["estimate"], at, "o", color="#000000")
        names = rows[list(self.by)].astype("str").agg(", ".join, axis=1) if self.by else [""]
        together = ", ".join(["all"] * len(self.by))
        whole = Sentence("all groups").say(lang)
        names = [whole if name == together and self.by else name for name in names]
        ax.set_yticks(at, list(names))
        ax.set_xlabel(Sentence("incidents: recorded (bars) and estimated").say(lang))
        return ax


def unreported(events: pd.DataFrame, *, by: Sequence[str] = ()) -> Unreported:
    """Estimate how many incidents two sources missed together (Chapman's estimator).

    It rests on three assumptions: whether one source has an incident does not depend on whether the
    other has; all incidents of a group are as likely to be recorded as each other; and matches are
    right. Sources that use the same agencies break the first, and the estimate is then too low;
    groups (`by`) of like incidents keep the second, since the whole is then their sum.

    Parameters
    ----------
    events : DataFrame
        ``events`` of :func:`sahel_geo.merge_sources`: ``in_a`` and ``in_b``.
    by : sequence of str
        Columns that tell groups apart, such as ``event_type``, ``country``, classes of the toll or
        of the distance to the capital.

    Returns
    -------
    Unreported
        A group with fewer than seven incidents in both sources has no estimate.

    Raises
    ------
    InputError
        If a column is missing or an event is in neither source.

    References
    ----------
    Chapman, D. G. (1951). Some properties of the hypergeometric distribution with applications to
    zoological sample censuses. University of California Publications in Statistics 1, 131-160.
    Seber, G. A. F. (1970). The effects of trap response on tag recapture estimates. Biometrics 26,
    13-22 (variance). Hendrix, C. S. and Salehyan, I. (2015). No news is good news: mark and
    recapture for event data when reporting probabilities are less than one. International
    Interactions 41, 392-406. Chapman, D. G. (1948). A mathematical study of confidence limits of
    salmon populations calculated from sample tag ratios. International Pacific Salmon Fisheries
    Commission, Bulletin 2 (interval). Zou, G. Y. and Donner, A. (2008). Statistics in
    Medicine 27, 1693-1702 (of a sum).

    Examples
    --------
    >>> events = pd.DataFrame({"in_a": [True] * 50 + [False] * 30,
    ...                        "in_b": [True] * 20 + [False] * 30 + [True] * 30})
    >>> float(unreported(events).table["estimate"].iloc[-1].round(2))
    122.86
    """
    advice = "Merge two sources first, with sg.merge_sources."
    require_columns(events, "events", ("in_a", "in_b", *by), advice)
    in_a, in_b = (events[name].fillna(value=False).astype(bool) for name in ("in_a", "in_b"))
    nowhere = events.index[~(in_a | in_b)]
    if len(nowhere):
        raise InputError(
            f"`events` has {len(nowhere)} rows in neither source: {first_offenders(nowhere)}; "
            "expected each in one or both. Drop them."
        )
    flags = pd.DataFrame(events[list(by)]).assign(_a=in_a, _b=in_b).reset_index(drop=True)
    groups = list(flags.groupby(list(by), dropna=False, observed=True)) if by else []
    rows = []
    for key, part in groups:
        names = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        rows.append({**names, **_chapman(part)})
    whole = _chapman(flags) | _summed([part for _, part in groups], flags)
    table = pd.DataFrame([*rows, {**dict.fromkeys(by, "all"), **whole}])
    table["seen"] = table["recorded"] / table["estimate"]
    for source in "ab":
        table[f"share_{source}"] = (table[f"only_{source}"] + table["both"]) / table["estimate"]
    return Unreported(table[[*(name for name in table if name != "few"), "few"]], tuple(by))


def _chapman(part: pd.DataFrame, fewest: int = _FEWEST) -> dict[str, Any]:
    a, b = int(part["_a"].sum()), int(part["_b"].sum())
    both = _both(part)
    recorded, few = len(part), both < fewest
    estimate = least = most = np.nan
    if not few:
        estimate = (a + 1) * (b + 1) / (both + 1) - 1
        least, most = _ends(a, b, both)
    return {
        "only_a": a - both,
        "only_b": b - both,
        "both": both,
        "recorded": recorded,
        "estimate": estimate,
        "lower": min(least, estimate),
        "upper": max(most, estimate),
        "few": few,
    }


def _both(part: pd.DataFrame) -> int:
    return int((part["_a"] & part["_b"]).sum())


def _ends(a: int, b: int, both: int) -> tuple[int, int]:
    """Give the least and the most incidents of which so many can be in both (mid-p, 2.5 % each)."""

    def fewer_in_both(size: int) -> float:
        """Probability that fewer would be, and half that as many (hypergeometric)."""
        shared = np.arange(max(0, a + b - size), both + 1)
        own = _log_choose(a, shared) + _log_choose(size - a, b - shared)
        chance = np.exp(own - _log_choose(size, b))
        return float(chance.sum() - chance[-1] / 2)

    recorded = a + b - both
    sizes = range(recorded, 200 * (a + 1) * (b + 1))
    least = bisect.bisect_left(sizes, _TAIL, key=fewer_in_both)
    past = bisect.bisect_left(sizes, 1 - _TAIL, key=fewer_in_both)
    return recorded + least, recorded + max(past - 1, least)


def _log_choose(of: Any, number: Any) -> Any:
    gammaln = scipy.special.gammaln
    return gammaln(of + 1) - gammaln(number + 1) - gammaln(of - number + 1)


def _summed(groups: list[pd.DataFrame], flags: pd.DataFrame) -> dict[str, Any]:
    """Add up groups; those with too few in both are one group, or join the smallest if none is."""
    parts = sorted((part for part in groups if _both(part) >= _FEWEST), key=_both)
    if not parts:
        return {}
    others = flags.drop(pd.concat(parts).index)
    if _both(others):
        parts.append(others)
    else:
        parts[0] = pd.concat([parts[0], others])
    rows = pd.DataFrame([_chapman(part, fewest=0) for part in parts])
    estimate = rows["estimate"].sum()
    below, above = (np.hypot.reduce(rows[end] - rows["estimate"]) for end in ("lower", "upper"))
    least = max(estimate - below, len(flags))
    return {"estimate": estimate, "lower": least, "upper": estimate + above}
