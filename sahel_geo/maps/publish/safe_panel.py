"""Series that may be published: counts by unit and period, protected together with their totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.sentence import Sentence, Texts
from sahel_geo.maps.publish.disclosure import ProtectedTable, protect
from sahel_geo.maps.publish.timeline import FREQUENCIES, read_timeline
from sahel_geo.schema import HIDDEN, Language, Period

_MOST_HIDDEN: Final = 0.5  # of the cells that hold anything; above it the periods are made longer
_LONGER: Final = {"D": "DMQY", "M": "MQY", "Q": "QY", "W": "W", "Y": "Y"}
_NAMES: Final = Texts({"D": "day", "W": "week", "M": "month", "Q": "quarter", "Y": "year"})
_SAID: Final = Sentence(
    "By unit and {shown}, {hidden} of the {held} figures that are not zero are hidden."
)
_LENGTHENED: Final = Sentence(
    "Counts given by {given} are added up by {shown}: otherwise more than half of the figures "
    "that are not zero would be hidden."
)


@dataclass(frozen=True)
class SafePanel:
    """Counts by unit and period as they may be published, and what was done to them."""

    # ``unit_id``, ``period``, the counts and their rates (NaN where hidden), and
    # ``suppressed_below``: k where hidden, else 0. One row for each unit and period, then, with
    # ``unit_id`` missing, the counts of all units together by period
    panel: pd.DataFrame
    protected: ProtectedTable  # the counts by unit and period with all their totals
    # given, shown: length of the periods given and shown: the letter that pandas has for it
    given: str
    shown: str
    # hidden, held: cells hidden, and cells that hold anything
    hidden: int
    held: int

    def notes(self, lang: Language) -> list[str]:
        """Say what was done to the series."""
        names = _NAMES[lang]
        units = {"shown": names[self.shown], "given": names[self.given]}
        sentences = [_SAID.filled(hidden=self.hidden, held=self.held, **units).say(lang)]
        if self.shown != self.given:
            sentences.append(_LENGTHENED.filled(**units).say(lang))
        return sentences

    def of_units(self) -> Flags:
        """Tell which units have their whole-time figures hidden, in the order of the units."""
        totals = self.protected.totals
        lowest = totals["level"] == len(self.protected.keys)
        whole = totals[lowest & totals["period"].isna()]
        if whole.empty:  # one period: it is the whole time
            return self.protected.table["suppressed"].to_numpy(dtype=bool)
        own = whole.set_index("unit_id")["suppressed"]
        return own.reindex(self.protected.table["unit_id"].drop_duplicates()).to_numpy(dtype=bool)

    @classmethod
    def of(
        cls,
        panel: pd.DataFrame,
        units: gpd.GeoDataFrame,
        counts: Sequence[str],
        rates: Mapping[str, str],
        parents: Sequence[str],
        *,
        k: int,
        period: Period | None = None,
    ) -> "SafePanel":
        """Hide small counts by unit and period, consistently with those of the whole time.

        Units by period, their totals over time, areas, countries and periods are protected as one
        table, so no figure of the page gives another away.
        """
        missing = [name for name in counts if name not in panel]
        if missing:
            raise InputError(
                f"`panel` lacks {first_offenders(missing)}; expected by period every count that "
                f"the map shows or makes a rate of, {list(counts)}, since one tells which others "
                "to hide. Count with sg.count, or leave the indicator out."
            )
        timeline = read_timeline(panel, units, counts)
        kept = {name: count for name, count in rates.items() if name in panel and count in counts}
        grids = {name: timeline.grid(name, len(units)) for name in (*counts, *kept)}
        _check_sums(grids, units, counts)
        _check_rates(grids, kept, units)
        wanted = _choices(timeline.periods, period)
        cells, safe, length = _protect(grids, timeline.periods, wanted, units, counts, parents, k)
        return cls(
            panel=_published(cells, safe, counts, list(kept), k),
            protected=safe,
            given=timeline.periods.freqstr[0],
            shown=length,
            hidden=int(safe.table["suppressed"].sum()),
            held=int((cells[counts[0]] > 0).sum()),
        )


_Grids = dict[str, Floats]


def _check_sums(grids: _Grids, units: gpd.GeoDataFrame, counts: Sequence[str]) -> None:
    """Refuse a panel of other incidents: two publications of nearly the same tell the rest."""
    without = units[counts[0]].isna().to_numpy()
    faults = []
    for name in counts:
        whole = units[name].to_numpy(dtype=float, na_value=np.nan)
        sums = np.nansum(grids[name], axis=1)
        others = units.loc[sums != np.where(np.isnan(whole), 0.0, whole), "unit_id"]
        if len(others):
            faults.append(
                f"`panel` adds up to other {name!r} than `units` in {len(others)} units: "
                f"{first_offenders(others)}; expected the same incidents, as their difference "
                "could tell hidden ones. Make both from one panel: units.merge("
                "sg.density.rates(panel, units))."
            )
        grids[name][without] = np.nan
    if faults:
        raise InputError(" ".join(faults))


def _check_rates(grids: _Grids, rates: Mapping[str, str], units: gpd.GeoDataFrame) -> None:
    for name, count in rates.items():
        beyond = ((grids[name] != 0) & ~np.isnan(grids[name]) & (grids[count] == 0)).any(axis=1)
        if beyond.any():
            raise InputError(
                f"`panel` column {name!r} is not zero where {count!r} is, in {int(beyond.sum())} "
                f"units: {first_offenders(units.loc[beyond, 'unit_id'])}; expected a rate of that "
                "count alone, which is hidden with it. Smoothed rates hold the counts of "
                "neighbours: leave them out."
            )


def _choices(periods: pd.PeriodIndex, wanted: Period | None) -> str:
    """List the lengths of period to try, from the shortest."""
    anchored = periods.freqstr not in ("D", "M", "Q-DEC", "W-SUN", "Y-DEC")
    choices = periods.freqstr[0] if anchored else _LONGER[periods.freqstr[0]]
    if wanted is None:
        return choices
    named = {FREQUENCIES[letter]: letter for letter in choices}
    if wanted not in named:
        raise InputError(
            f"`period` is {wanted!r}, but the panel counts by {FREQUENCIES[periods.freqstr[0]]}; "
            f"expected one of {list(named)}. Count by shorter periods with sg.count."
        )
    return named[wanted]


def _lengthened(
    grids: _Grids, periods: pd.PeriodIndex, letter: str
) -> tuple[pd.PeriodIndex, _Grids]:
    """Add up over longer periods; a rate per year is the mean over their days."""
    if periods.freqstr[0] == letter:
        return periods, grids
    longer = periods.asfreq(letter)
    names = longer.unique()
    place = names.get_indexer(longer)
    days = (periods.end_time - periods.start_time).days.to_numpy(dtype=float) + 1
    sums_by_name = {}
    for name, grid in grids.items():
        yearly = name.endswith("_year")
        sums = np.zeros((len(grid), len(names)))
        known = np.zeros(sums.shape, dtype=bool)
        for at, column in enumerate(place):
            part = grid[:, at] * (days[at] if yearly else 1.0)
            sums[:, column] += np.nan_to_num(part)
            known[:, column] |= ~np.isnan(part)
        if yearly:
            sums /= np.bincount(place, weights=days)
        sums_by_name[name] = np.where(known, sums, np.nan)
    return names, sums_by_name


def _protect(
    grids: _Grids,
    periods: pd.PeriodIndex,
    letters: str,
    units: gpd.GeoDataFrame,
    counts: Sequence[str],
    parents: Sequence[str],
    k: int,
) -> tuple[pd.DataFrame, ProtectedTable, str]:
    """Protect the shortest periods of which half stays; the longest if none does."""
    for letter in letters[:-1]:
        names, longer = _lengthened(grids, periods, letter)
        small = [(longer[name] >= 1) & (longer[name] < k) for name in counts]
        filled = max(int((longer[counts[0]] > 0).sum()), 1)
        if np.logical_or.reduce(small).sum() > _MOST_HIDDEN * filled:
            continue  # so many would be hidden, and more to protect them
        cells = _cells(names, longer, units, parents)
        safe = protect(cells, counts, k=k, parents=parents, period="period")
        if safe.table["suppressed"].sum() <= _MOST_HIDDEN * (cells[counts[0]] > 0).sum():
            return cells, safe, letter
    names, longer = _lengthened(grids, periods, letters[-1])
    cells = _cells(names, longer, units, parents)
    return cells, protect(cells, counts, k=k, parents=parents, period="period"), letters[-1]


def _cells(
    periods: pd.PeriodIndex, grids: _Grids, units: gpd.GeoDataFrame, parents: Sequence[str]
) -> pd.DataFrame:
    """Write the grid as one row for each unit and period."""
    count, length = len(units), len(periods)
    cells = pd.DataFrame(units[[*parents, "unit_id"]])
    cells = cells.loc[cells.index.repeat(length)].reset_index(drop=True)
    cells["period"] = periods.take(np.tile(np.arange(length), count))
    return cells.assign(**{name: grid.ravel() for name, grid in grids.items()})


def _published(
    cells: pd.DataFrame, safe: ProtectedTable, counts: Sequence[str], rates: list[str], k: int
) -> pd.DataFrame:
    """Put cells and totals by period together, hidden figures left out."""
    own = safe.table[["unit_id", "period", *counts]].copy()
    hidden = safe.table["suppressed"].to_numpy(dtype=bool)
    for name in rates:
        own[name] = cells[name].mask(hidden)
    own[HIDDEN] = np.where(hidden, k, 0)
    totals = safe.totals
    whole = totals[(totals["level"] == 0) & totals["period"].notna()]
    below: dict[str, Any] = {name: whole[name].to_numpy(dtype=float) for name in counts}
    below |= dict.fromkeys(rates, np.nan)
    below[HIDDEN] = np.where(whole["suppressed"].to_numpy(dtype=bool), k, 0)
    sums = pd.DataFrame({"unit_id": pd.Series([None] * len(whole), dtype="object")})
    sums["period"] = pd.PeriodIndex(whole["period"])
    own["unit_id"] = own["unit_id"].astype("object")
    return pd.concat([own, sums.assign(**below)], ignore_index=True)
