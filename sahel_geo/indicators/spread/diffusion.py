"""Whether violence that reaches a place came with the quieting of its neighbour, or added to it.

A unit is active in a period with at least some incidents. Where a unit was active, and a neighbour
that was quiet becomes active in the next period, the pair is an escalation if the first stays
active, and a relocation if it falls quiet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse

from sahel_geo.arrays import Flags, Floats
from sahel_geo.errors import InputError
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.plotting import COLOURS, axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.permutation.country import (
    Deal,
    Linked,
    by_kind,
    check_deals,
    panel_values,
)
from sahel_geo.indicators.permutation.own_levels import Departures, shifted_products
from sahel_geo.indicators.permutation.strata import shift_blocks
from sahel_geo.indicators.plot_words import words
from sahel_geo.indicators.spread.chance import draw_against_chance, verdict
from sahel_geo.indicators.weights.unit_values import Seed
from sahel_geo.indicators.weights.weights import Weights
from sahel_geo.schema import Language

__all__ = ["DiffusionCounts", "Onsets", "join_counts", "onsets"]


_TYPES: Final = ("escalation", "relocation")
_TEXTS: Final = Texts(
    {
        "none": "No link between neighbours of two countries, or a single period: nothing to say "
        "of diffusion across borders.",
        "count": "Across borders, {n} {type} ({low} to {high} in 95% of the {deal}): {verdict}.",
        "places": "deals inside each country",
        "times": "shifts in time between countries",
        "escalation": "escalation links",
        "relocation": "relocation links",
        "more": "more than this chance",
        "less": "fewer than this chance",
        "open": "nothing that differs from this chance",
        "caution": "The order of events does not say that one caused the other.",
        "no_onset": "No onset of activity was observed.",
        "onsets": "{abroad} of the {all} onsets of activity followed activity in a foreign "
        "neighbour, {only} of them with no active neighbour in their own country.",
        "risk": "Of quiet border units, {with_}% become active in the next period when a foreign "
        "neighbour is active, {without}% otherwise.",
    }
)


@dataclass(frozen=True)
class DiffusionCounts(Result):
    """Escalations and relocations between neighbours, beside what chance would give.

    Attributes
    ----------
    table : DataFrame
        One row per kind of link and type: ``links`` (``"all"``, ``"domestic"``,
        ``"international"``, directed pairs of countries), ``type`` (``"escalation"``,
        ``"relocation"``), ``pairs`` (links, each direction counted), ``value`` (times that an
        active unit had a newly active neighbour), and of the deals inside each country
        ``expected`` (mean), ``low`` and ``high`` (95 %), ``z`` and ``p`` (two-sided). Missing where
        there is no such link or there is only one period.
    periods : int
        Number of periods.
    permutations : int
        Number of deals.
    deal : {"places", "times"}
        What was up to chance.
    """

    measured = ("value",)

    table: pd.DataFrame
    periods: int
    permutations: int
    deal: Deal = "places"

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many escalations and relocations cross a border, beside chance."""
        texts = _TEXTS[lang]
        rows = self.table[self.table["links"] == "international"].set_index("type")
        if rows["value"].isna().any():
            return f"{texts['none']} {texts['caution']}"
        sentences = []
        for name in _TYPES:
            row: Any = rows.loc[name]
            n, low, high = (decimal(float(row[key]), lang, 0) for key in ("value", "low", "high"))
            says = {"type": texts[name], "deal": texts[self.deal], "verdict": texts[verdict(row)]}
            sentences.append(texts["count"].format(n=n, low=low, high=high, **says))
        return " ".join([*sentences, texts["caution"]])

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the counts beside what chance gives, a point per kind of link, by type."""
        return draw_against_chance(
            self.table,
            along="type",
            value="links",
            label="diffusion",
            deal=self.deal,
            lang=lang,
            ax=ax,
        )


@dataclass(frozen=True)
class Onsets(Result):
    """Units that became active after a foreign neighbour was.

    Attributes
    ----------
    table : DataFrame
        One row per onset that followed an active foreign neighbour, in order of time: ``unit_id``,
        ``name``, ``country``, ``period``, ``foreign_active`` and ``domestic_active`` (neighbours
        active in the period before), ``foreign_units`` (those abroad, with commas),
        ``foreign_countries``, and ``still_active`` (how many of those abroad stayed active).
    risk : DataFrame
        Units with a foreign neighbour, quiet in a period, by ``foreign_active`` and
        ``domestic_active`` (whether any neighbour was): ``at_risk``, ``onsets`` in the next period,
        and ``rate``, their ratio.
    all_onsets : int
        Onsets of all units.
    """

    table: pd.DataFrame
    risk: pd.DataFrame
    all_onsets: int

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many onsets followed activity across the border: unlike places, and no test."""
        texts = _TEXTS[lang]
        if self.all_onsets == 0:
            return texts["no_onset"]
        only = int((self.table["domestic_active"] == 0).sum())
        sentences = [texts["onsets"].format(abroad=len(self.table), all=self.all_onsets, only=only)]
        sums = self.risk.groupby("foreign_active")[["at_risk", "onsets"]].sum()
        if (sums["at_risk"] > 0).all():
            rate = sums["onsets"] / sums["at_risk"] * 100
            sentences.append(
                texts["risk"].format(
                    with_=decimal(float(rate[True]), lang),
                    without=decimal(float(rate[False]), lang),
                )
            )
        return " ".join([*sentences, texts["caution"]])

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the rates of onset in border units by the state of the neighbours."""
        texts = words(lang)
        risk = self.risk[self.risk["at_risk"] > 0]
        if risk.empty:
            raise InputError("`risk` has no quiet border unit to draw; expected at least one.")
        ax = axes(ax, lang=lang)
        at = np.arange(len(risk))
        colours = [
            COLOURS["cross_border"] if abroad else COLOURS["domestic"]
            for abroad in risk["foreign_active"]
        ]
        ax.bar(at, risk["rate"] * 100, color=colours, width=0.6)
        where = {
            (False, False): texts["nowhere"],
            (False, True): texts["home_only"],
            (True, False): texts["abroad_only"],
            (True, True): texts["home_abroad"],
        }
        names = [
            f"{where[row['foreign_active'], row['domestic_active']]}\n"
            f"({texts['onsets_of'].format(onsets=row['onsets'], number=row['at_risk'])})"
            for row in risk.to_dict("records")
        ]
        ax.set_xticks(at, names)
        ax.set(xlabel=texts["neighbours_before"], ylabel=texts["becoming_active"])
        return ax


def join_counts(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    column: str = "incidents",
    least: float = 1,
    weights: Weights | None = None,
    by_pair: bool = False,
    deal: Deal = "times",
    within: Sequence[str] | None = None,
    permutations: int = 999,
) -> DiffusionCounts:
    """Count escalations and relocations between neighbours, inside countries and across borders.

    More of them than chance gives means that new activity comes up beside old activity. That a
    common cause reached both units is not excluded.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`; absent rows count as 0.
    units : GeoDataFrame, n rows
        Units with ``unit_id``, ``country`` and polygons in EPSG:4326, or cells of a grid from
        :func:`sahel_geo.cross_border.cells_with_country`.
    rng : Generator or int
        Seed of the deals.
    column : str
        What makes a unit active.
    least : float
        From how much on.
    weights : Weights, optional
        Neighbours; by default units that touch, at corners too. Weights count as 1.
    by_pair : bool
        Also give each direction between two countries.
    deal : {"times", "places"}
        What is up to chance. ``"times"`` asks *when*: how far the history of each country is
        shifted against the others'; links inside a country are not tested. ``"places"`` asks
        *where*: which unit of its country had each whole history, and finds that activity gathers
        along the links, whether or not anything crosses.
    within : sequence of str, optional
        As for :func:`sahel_geo.cross_border.moran`: by default what departs from the level of each
        unit is shifted over the whole time.
    permutations : int
        Number of deals.

    Returns
    -------
    DiffusionCounts
        An active unit with two newly active neighbours counts twice.

    Raises
    ------
    InputError
        If the panel does not fit the units, a figure is missing, or a setting is out of range.

    References
    ----------
    Schutte, S. and Weidmann, N. B. (2011). Diffusion patterns of violence in civil wars. Political
    Geography 30, 143-152 (the two types, join counts and a Monte Carlo baseline; the reading of
    each is this package's).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> panel = sg.count(sg.assign(sg.load_example_incidents(), units), units, period="year")
    >>> join_counts(panel, units, rng=1, permutations=99).table["type"].unique().tolist()
    ['escalation', 'relocation']
    """
    check_deals(permutations, deal, by_period=True, within=within or ())
    linked = Linked.of(units, _evened(weights))
    periods, active = _active(panel, units, column, least)
    seed = int(np.random.default_rng(rng).integers(2**62))
    new = (~active[:, :-1] & active[:, 1:]).astype(np.float64)
    sources = (active[:, :-1] & active[:, 1:], active[:, :-1] & ~active[:, 1:])
    kinds = linked.kinds(by_pair=by_pair, directed=True)
    scale = 1.0 if len(periods) > 1 else 0.0
    blocks = shift_blocks(periods, within or ())[: new.shape[1]]

    def by_chance(source: Floats) -> Floats:
        if deal == "times" and within is None:
            ends = (
                Departures.of(marks, linked.country, periods[:-1], marks=True)
                for marks in (source, new)
            )
            return shifted_products(linked, *ends, permutations=permutations, seed=seed)
        return linked.dealt_sums(
            source, new, permutations=permutations, seed=seed, deal=deal, blocks=blocks
        )

    rows = [
        {"links": row.pop("links"), "type": name, **row}
        for name, source in zip(
            _TYPES, (marks.astype(np.float64) for marks in sources), strict=True
        )
        for row in by_kind(linked, kinds, linked.sums(source, new), by_chance(source), scale)
    ]
    return DiffusionCounts(pd.DataFrame(rows), len(periods), permutations, deal)


def onsets(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    column: str = "incidents",
    least: float = 1,
    quiet_periods: int = 1,
    weights: Weights | None = None,
) -> Onsets:
    """List the units that became active after a foreign neighbour was active.

    Parameters
    ----------
    panel, units, column, least, weights
        As for :func:`join_counts`.
    quiet_periods : int
        How many periods in a row a unit must have been quiet before an onset.

    Returns
    -------
    Onsets
        The first `quiet_periods` periods have none.

    Raises
    ------
    InputError
        As for :func:`join_counts`.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> panel = sg.count(sg.assign(sg.load_example_incidents(), units), units, period="year")
    >>> result = onsets(panel, units)
    >>> len(result.table) <= result.all_onsets
    True
    """
    if quiet_periods < 1:
        raise InputError(f"`quiet_periods` is {quiet_periods}; expected at least 1.")
    linked = Linked.of(units, _evened(weights))
    periods, active = _active(panel, units, column, least)
    steps = max(len(periods) - quiet_periods, 0)
    quiet = np.ones((len(units), steps), dtype=bool)
    for back in range(quiet_periods):
        quiet &= ~active[:, back : back + steps]
    before = active[:, quiet_periods - 1 : quiet_periods - 1 + steps]
    now = active[:, quiet_periods:]
    row = np.repeat(np.arange(len(units)), np.diff(linked.matrix.indptr))
    abroad_link = linked.country[row] != linked.country[linked.matrix.indices]
    neighbour, shape = linked.matrix.indices, linked.matrix.shape
    abroad, home = (
        sparse.csr_array((np.ones(kept.sum()), (row[kept], neighbour[kept])), shape)
        for kept in (abroad_link, ~abroad_link)
    )
    around, near = (links @ before.astype(np.float64) for links in (abroad, home))
    started = quiet & now
    unit, step = np.nonzero(started & (around > 0))
    order = np.lexsort([unit, step])
    unit, step = unit[order], step[order]
    table = _list_onsets(units, periods[quiet_periods:], unit, step, abroad, before, now)
    table.insert(4, "foreign_active", around[unit, step].astype(int))
    table.insert(5, "domestic_active", near[unit, step].astype(int))
    border = np.asarray(abroad.sum(axis=1)).ravel() > 0
    states = list(product((False, True), repeat=2))
    at_risk = [
        quiet[border] & ((around[border] > 0) == foreign) & ((near[border] > 0) == domestic)
        for foreign, domestic in states
    ]
    risk = pd.DataFrame(states, columns=["foreign_active", "domestic_active"])
    risk["at_risk"] = [int(cells.sum()) for cells in at_risk]
    risk["onsets"] = [int((cells & started[border]).sum()) for cells in at_risk]
    risk["rate"] = risk["onsets"] / risk["at_risk"]
    return Onsets(table, risk, int(started.sum()))


def _list_onsets(
    units: gpd.GeoDataFrame,
    periods: pd.PeriodIndex,
    unit: Any,
    step: Any,
    abroad: Any,
    before: Flags,
    now: Flags,
) -> pd.DataFrame:
    ids = units["unit_id"].astype("str").to_numpy(object)
    country = units["country"].astype("str").to_numpy(object)
    names = units["name"].astype("str").to_numpy(object) if "name" in units else ids
    sources = []
    for one, at in zip(unit, step, strict=True):
        linked = abroad.indices[abroad.indptr[one] : abroad.indptr[one + 1]]
        sources.append(linked[before[linked, at]])
    return pd.DataFrame(
        {
            "unit_id": pd.Series(ids[unit], dtype="str"),
            "name": pd.Series(names[unit], dtype="str"),
            "country": pd.Series(country[unit], dtype="str"),
            "period": periods.take(step),
            "foreign_units": pd.Series([", ".join(ids[rows]) for rows in sources], dtype="str"),
            "foreign_countries": pd.Series(
                [", ".join(sorted(set(country[rows]))) for rows in sources], dtype="str"
            ),
            "still_active": np.array(
                [int(now[rows, at].sum()) for rows, at in zip(sources, step, strict=True)],
                dtype=int,
            ),
        }
    )


def _evened(weights: Weights | None) -> Weights | None:
    """Count every neighbour once."""
    if weights is None:
        return None
    even = weights.matrix.copy()
    even.data = np.ones_like(even.data)
    return Weights(weights.unit_ids, even, weights.kind)


def _active(
    panel: pd.DataFrame, units: gpd.GeoDataFrame, column: str, least: float
) -> tuple[pd.PeriodIndex, Flags]:
    if not least > 0:
        raise InputError(f"`least` is {least}; expected more than 0. Ask for 1 incident.")
    periods, values = panel_values(panel, units, column)
    return periods, values >= least
