"""Results of K-functions: tables, what they look like, and what may be said of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.i18n.countries import COUNTRY_NAMES
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.indicators.display.plotting import CYCLE, axes, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.near_repeat.second_order.k_sums import Envelope
from sahel_geo.indicators.near_repeat.second_order.ratio_panels import Panel, draw_panels
from sahel_geo.indicators.near_repeat.second_order.study import Study
from sahel_geo.indicators.plot_words import label_of, spelled, words
from sahel_geo.schema import Language

_LEVEL: Final = 0.05
_NULLS: Final = {"exchange": Sentence("exchanges of dates"), "shift": Sentence("shifts in time")}
_PLACE_NULLS: Final = {
    "shift": Sentence(
        "The envelope comes from {simulations} shifts in space; two actors who seek "
        "the same places are near each other for that reason."
    ),
    "labels": Sentence(
        "The envelope comes from {simulations} deals of the types over the same places: it says "
        "whether they mix where either acts, not why they act there."
    ),
    "inhomogeneous": Sentence(
        "The envelope comes from {simulations} deals of the types between neighbours: it says "
        "whether they mix more closely than their own geographies do."
    ),
    "scattered": Sentence(
        "The envelope comes from {simulations} scatters by the density of the incidents; what is "
        "finer than the kernel of that density, such as a small town, counts as nearness."
    ),
}


def _name(pair: str) -> Sentence:
    """Name a pair of types; countries by their names, of which codes are the short form."""
    if pair == "all":
        return Sentence("All incidents")
    sides = pair.split("–")
    if not set(sides) <= set(COUNTRY_NAMES):
        return Sentence.of(pair)
    return Sentence("{names:standard}", names=[COUNTRY_NAMES[side] for side in sides])


@dataclass(frozen=True)
class SpaceTimeK(Result):
    """Gathering in space and time together, beyond gathering in either.

    Attributes
    ----------
    table : DataFrame
        By ``pair``, ``distance_km`` and ``days`` (both included): ``observed`` pairs, ``k`` (km² x
        days), ``independent`` (the product of K in space and K in time), ``excess`` (their
        difference, D of Diggle et al.), ``ratio``, its ``low`` and ``high`` (envelope of 95 % of
        whole functions)
        and ``p`` of a ratio as high or higher, by itself.
    overall : DataFrame
        By ``pair``: ``incidents``, ``pairs`` that are possible, and ``p`` of leaving the envelope
        as far anywhere.
    space, time : DataFrame
        By ``pair``: K in space (``k_km2``) by ``distance_km``, K in time (``k_days``) by ``days``,
        and each at ``random``.
    null : str
        ``"exchange"`` of dates or ``"shift"`` in time.
    within : tuple of str
        What incidents that exchange dates have in common.
    left_out : mapping of str to int
        Rows left out, by reason.
    simulations : int
        Exchanges or shifts.
    window_km2, length_days : float
        The study.
    """

    named_by = ("pair", "distance_km", "days")
    measured = ("ratio",)

    table: pd.DataFrame
    overall: pd.DataFrame
    space: pd.DataFrame
    time: pd.DataFrame
    null: str
    within: tuple[str, ...]
    left_out: Mapping[str, int]
    simulations: int
    window_km2: float
    length_days: float

    @classmethod
    def of(
        cls,
        parts: Mapping[str, Mapping[str, Any]],
        study: Study,
        *,
        null: str,
        within: tuple[str, ...],
        simulations: int,
    ) -> "SpaceTimeK":
        """Tabulate what was measured.

        parts: By pair, what :meth:`KSums.measure` gives.
        """
        rows = [
            {"pair": name, "incidents": part["incidents"], "pairs": part["pairs"],
             "p": part["envelope"].p}
            for name, part in parts.items()
        ]  # fmt: skip
        return cls(
            table=pd.concat([_table(*item) for item in parts.items()], ignore_index=True),
            overall=pd.DataFrame(rows),
            space=pd.concat([_space(*item) for item in parts.items()], ignore_index=True),
            time=pd.concat([_time(*item) for item in parts.items()], ignore_index=True),
            null=null,
            within=within,
            left_out=study.left_out,
            simulations=simulations,
            window_km2=study.area_km2,
            length_days=study.length,
        )

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the ratios of each pair of types; those inside the envelope are pale."""
        texts = words(lang)
        panels = []
        for name, rows in self.table.groupby("pair", sort=False):
            ratio = rows.pivot(index="distance_km", columns="days", values="ratio")
            title = texts["all_incidents"] if name == "all" else str(name)
            panels.append(
                Panel(
                    title=title,
                    ratios=ratio.to_numpy(),
                    texts=[spelled(_cell_text(row), lang) for row in rows.to_dict("records")],
                    firm=np.reshape(_outside(rows["ratio"], rows) != 0, ratio.shape),
                    rows=[spelled(f"{end:g}", lang) for end in ratio.index],
                    columns=[spelled(f"{end:g}", lang) for end in ratio.columns],
                )
            )
        return draw_panels(
            panels, ax, legend=texts["k_legend"], x=texts["days_most"], y=texts["km_most"]
        )

    def sentence(self, lang: Language = "fr") -> str:
        """Say by pair of types which ratio is farthest outside the envelope, if any is."""
        return Sentence(
            "{pairs}. The envelope comes from {simulations} {nulls}; nearness does not show that "
            "one incident brings about another.",
            pairs=joined([self._pair(row) for row in self.overall.to_dict("records")]),
            simulations=self.simulations,
            nulls=_NULLS[self.null],
        ).say(lang)

    def _pair(self, row: Mapping[Any, Any]) -> Sentence:
        name = _name(str(row["pair"]))
        if np.isnan(row["p"]):
            return Sentence("{name}: no pair is near, nothing to measure", name=name)
        if row["p"] > _LEVEL:
            return Sentence(
                "{name}: no more nearness in space and time together than chance explains "
                "(p = {p:.3f})",
                name=name,
                p=row["p"],
            )
        rows = self.table[self.table["pair"] == row["pair"]]
        most = rows.loc[_outside(rows["ratio"], rows).abs().idxmax()]
        return Sentence(
            "{name}: within {km:g} km, {times:.2f} times as many pairs within {days:g} days as "
            "elsewhere ({pairs:g} pairs; envelope {low:.2f} to {high:.2f}; p = {p:.3f} over all "
            "distances and delays)",
            name=name,
            km=most["distance_km"],
            days=most["days"],
            pairs=most["observed"],
            times=most["ratio"],
            low=most["low"],
            high=most["high"],
            p=row["p"],
        )


@dataclass(frozen=True)
class CrossK(Result):
    """Nearness in space of incidents of two types.

    Attributes
    ----------
    table : DataFrame
        By ``pair`` and ``distance_km`` (included): ``k_km2``; ``l_km``, the root of K over pi,
        which is the distance itself for types without relation; its ``low`` and ``high``
        (envelope of 95 % of whole functions), and ``p`` of one as high or higher.
    overall : DataFrame
        By ``pair``: ``first`` and ``second``, numbers of incidents, and ``p`` of leaving the
        envelope as far anywhere.
    left_out : mapping of str to int
        Rows left out, by reason.
    null : {"shift", "labels", "inhomogeneous"}
        What chance is, as for :func:`sahel_geo.k_functions.cross_k`.
    simulations : int
        Shifts, deals of the types, or scatters.
    window_km2 : float
        Area of the window.
    """

    named_by = ("pair", "distance_km")
    measured = ("l_km",)

    table: pd.DataFrame
    overall: pd.DataFrame
    left_out: Mapping[str, int]
    null: str
    simulations: int
    window_km2: float

    @classmethod
    def of(cls, parts: Mapping[str, Any], study: Study, *, null: str, simulations: int) -> "CrossK":
        """Tabulate what was measured.

        parts: By pair: distances, K, envelope of L, and numbers of both types.
        """
        tables, rows = [], []
        for name, (limits, k, envelope, (first, second)) in parts.items():
            columns = {"pair": name, "distance_km": limits, "k_km2": k, "l_km": np.sqrt(k / np.pi)}
            tables.append(pd.DataFrame({**columns, **_envelope(envelope)}))
            rows.append({"pair": name, "first": first, "second": second, "p": envelope.p})
        return cls(
            table=pd.concat(tables, ignore_index=True),
            overall=pd.DataFrame(rows),
            left_out=study.left_out,
            null=null,
            simulations=simulations,
            window_km2=study.area_km2,
        )

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw L less the distance, with its envelope, for each pair of types."""
        texts = words(lang)
        ax = axes(ax, lang=lang)
        for at, (name, rows) in enumerate(self.table.groupby("pair", sort=False)):
            distance, colour = rows["distance_km"], CYCLE[at % len(CYCLE)]
            band = rows["low"] - distance, rows["high"] - distance
            ax.fill_between(distance, *band, color=colour, alpha=0.18, linewidth=0)
            ax.plot(
                distance, rows["l_km"] - distance, color=colour, marker="o", label=label_of(name)
            )
        ax.axhline(0, color="#8a8a8a", linewidth=0.8)
        ax.set(xlabel=texts["distance"], ylabel=texts["l_less"])
        return legend_above(ax, title=texts["bands"], title_fontsize="small")

    def sentence(self, lang: Language = "fr") -> str:
        """Say whether the types lie near each other; both may seek the same places."""
        # a single type cannot be dealt anew, and is scattered
        null = "scattered" if list(self.overall["pair"]) == ["all"] else self.null
        return Sentence(
            "{pairs}. {chance}",
            pairs=joined([self._pair(row) for row in self.overall.to_dict("records")]),
            chance=_PLACE_NULLS[null].filled(simulations=self.simulations),
        ).say(lang)

    def _pair(self, row: Mapping[Any, Any]) -> Sentence:
        pair = _name(str(row["pair"]))
        if not row["p"] <= _LEVEL:
            return Sentence(
                "{pair}: neither nearer nor farther apart than chance explains (p = {p:.3f})",
                pair=pair,
                p=row["p"],
            )
        rows = self.table[self.table["pair"] == row["pair"]]
        beyond = _outside(rows["l_km"], rows)
        at = beyond.abs().idxmax()
        near = beyond[at] > 0
        return Sentence(
            "{pair}: {how} than by chance, most of all at {km:g} km (p = {p:.3f})",
            pair=pair,
            how=Sentence("nearer to each other" if near else "farther from each other"),
            km=rows.loc[at, "distance_km"],
            p=row["p"],
        )


def _table(name: str, part: Mapping[str, Any]) -> pd.DataFrame:
    both, independent = part["both"], np.outer(part["space"], part["time"])
    return pd.DataFrame(
        {
            "pair": name,
            "distance_km": np.repeat(part["distances_km"], len(part["days"])),
            "days": np.tile(part["days"], len(part["distances_km"])),
            "observed": part["observed"].ravel(),
            "k": both.ravel(),
            "independent": independent.ravel(),
            "excess": (both - independent).ravel(),
            "ratio": part["ratio"].ravel(),
            **_envelope(part["envelope"]),
        }
    )


def _space(name: str, part: Mapping[str, Any]) -> pd.DataFrame:
    ends = part["distances_km"]
    return pd.DataFrame(
        {"pair": name, "distance_km": ends, "k_km2": part["space"], "random": np.pi * ends**2}
    )


def _time(name: str, part: Mapping[str, Any]) -> pd.DataFrame:
    ends = part["days"]
    return pd.DataFrame({"pair": name, "days": ends, "k_days": part["time"], "random": 2 * ends})


def _envelope(envelope: Envelope) -> dict[str, Any]:
    return {"low": envelope.low, "high": envelope.high, "p": envelope.pointwise_p}


def _outside(values: Any, rows: pd.DataFrame) -> Any:
    """Measure how far values lie beyond their envelope, in its widths."""
    width = (rows["high"] - rows["low"]).replace(0, np.nan).fillna(np.finfo(float).eps)
    above, below = (values - rows["high"]) / width, (values - rows["low"]) / width
    return above.clip(lower=0).fillna(0) + below.clip(upper=0).fillna(0)


def _cell_text(row: Mapping[Any, Any]) -> str:
    if np.isnan(row["ratio"]):
        return f"–\n({row['observed']:,})"
    outside = row["ratio"] > row["high"] or row["ratio"] < row["low"]
    return f"{row['ratio']:.2f}{'*' if outside else ''}\n({row['observed']:,})"
