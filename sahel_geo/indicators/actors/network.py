"""Who fights whom: the network of rivalry, and the alliances that a source states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.actors.sides import Ambiguous, Level, read_sides
from sahel_geo.indicators.actors.blocks import (
    check_settings,
    dated,
    interval,
    periods_of,
    resampled,
)
from sahel_geo.indicators.actors.events import (
    CLAIM_POINTS,
    ActorEvents,
    OfActors,
    Table,
    actor_events,
    require_two_sides,
)
from sahel_geo.indicators.display.plotting import COLOURS, CYCLE, axes, legend_above
from sahel_geo.indicators.plot_words import label_of
from sahel_geo.schema import Language, Period

_ASSOCIATES: Final = {1: "assoc_actor_1", 2: "assoc_actor_2"}
_FEWEST_CENTRAL: Final = 3  # actors; of two, neither is more central
_MOST_DRAWN: Final = 25


@dataclass(frozen=True)
class ActorNetwork(OfActors):
    """Networks of armed actors, one per period.

    Attributes
    ----------
    table : DataFrame, one row per period
        ``period``; ``actors`` and ``rivalries`` (pairs on opposite sides); ``density`` (of all
        pairs) with ``low`` and ``high``; ``centralisation`` (Freeman's of degree: 1 a star, 0 a
        ring; NaN below three actors); ``central`` (the actor with most rivals); ``alliances``
        (pairs that the source associates; missing where it states none); ``unidentified`` (share
        of mentions of armed non-state actors that name nobody). No density below two actors.
    edges : DataFrame
        ``period``, ``a``, ``b``, ``kind`` (``"rivalry"`` or ``"alliance"``), ``incidents``.
    level : float
        Share of the draws in an interval. A draw can lose a rivalry seen once and cannot gain one
        that nobody saw, so the interval leans downward.
    names : mapping
        Names by language.
    selection : bool
        Whether the incidents are a selection.
    """

    named_by = ("period",)
    measured = ("density", "centralisation")

    table: pd.DataFrame
    edges: pd.DataFrame
    level: float
    names: Mapping[str, Mapping[Language, str]] = field(repr=False)
    selection: bool = False

    def graph(self, period: Any = None, kind: str = "rivalry") -> Any:
        """Give a network as a networkx Graph, of one period or of all, weighted by incidents."""
        import networkx as nx  # noqa: PLC0415  takes a while to load

        rows = self.edges[self.edges["kind"] == kind]
        if period is not None:
            rows = rows[rows["period"].astype(str) == str(period)]
        graph = nx.Graph()
        for a, b, weight in rows[["a", "b", "incidents"]].itertuples(index=False):
            known = graph.get_edge_data(a, b, {"incidents": 0.0})["incidents"]
            graph.add_edge(a, b, incidents=known + weight)
        return graph

    def sentence(self, lang: Language = "fr") -> str:
        """Say how dense and how centred the rivalries are, and whether that changed."""
        known = self.table[self.table["density"].notna()]
        if known.empty:
            text = Sentence("No incident has two armed actors on opposite sides: no network.")
            return self._said(lang, text)
        last = known.iloc[-1]
        sentences = [
            Sentence(
                "Armed actors on opposite sides in {period}: {actors}, with {density:.0f}% of all "
                "pairs in rivalry ({rivalries}). Most rivals: {central}.",
                period=str(last["period"]), actors=int(last["actors"]),
                rivalries=int(last["rivalries"]), density=100 * float(last["density"]),
                central=self.names.get(last["central"], {}).get(lang, str(last["central"])),
            )
        ]  # fmt: skip
        if len(known) == 1:
            sentences.append(Sentence("One period shows no change."))
        elif not self.selection:
            sentences.append(self._change(known))
        if self.table["alliances"].isna().all():
            sentences.append(Sentence("The source states no associates: alliances are not shown."))
        return self._said(lang, *sentences)

    def _change(self, known: pd.DataFrame) -> Sentence:
        """Compare with the period before: long ago, with few named, all pairs are rivals."""
        last, before = known.iloc[-1], known[:-1][known["low"].notna()[:-1]]
        if np.isnan(last["low"]) or before.empty:
            return Sentence("Too few incidents to tell a change from chance.")
        earlier = before.iloc[-1]
        apart = earlier["high"] < last["low"] or last["high"] < earlier["low"]
        named = abs(float(last["unidentified"]) - float(earlier["unidentified"])) < CLAIM_POINTS
        parts: dict[str, Any] = {"density": 100 * float(earlier["density"]),
                                 "period": str(earlier["period"])}  # fmt: skip
        if apart and named:
            return Sentence("In {period} it was {density:.0f}%: a change beyond chance.", **parts)
        return Sentence(
            "In {period} it was {density:.0f}%: no change beyond chance and naming.", **parts
        )

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw all rivalries on a circle, wider the more incidents; alliances dashed."""
        graph = self.graph()
        if not len(graph):
            raise InputError("`table` has no rivalry to draw; expected two armed actors.")
        degree = dict(graph.degree(weight="incidents"))
        drawn = sorted(graph, key=lambda node: (-degree[node], node))[:_MOST_DRAWN]
        angle = 2 * np.pi * np.arange(len(drawn)) / len(drawn)
        place = {node: (np.cos(at), np.sin(at)) for node, at in zip(drawn, angle, strict=True)}
        ax = axes(ax, size=(7.2, 5.6), lang=lang)
        most = max((data["incidents"] for *_, data in graph.edges(data=True)), default=1.0)
        styles = (
            ("rivalry", "-", COLOURS["cross_border"], Sentence("on opposite sides")),
            ("alliance", "--", CYCLE[0], Sentence("together, as the source states")),
        )
        for kind, style, colour, label in styles:
            ax.plot([], [], style, color=colour, label=label.say(lang))
            for a, b, data in self.graph(kind=kind).edges(data=True):
                if a in place and b in place:
                    width = 0.6 + 4 * np.sqrt(min(data["incidents"] / most, 1.0))
                    ax.plot(*zip(place[a], place[b], strict=True), style, color=colour,
                            linewidth=width, alpha=0.55)  # fmt: skip
        for node, (x, y) in place.items():
            ax.plot(x, y, "o", color="#000000", markersize=5)
            name = label_of(self.names.get(node, {}).get(lang, node))
            side = "left" if x > 0.02 else "right" if x < -0.02 else "center"
            ax.annotate(name, (1.07 * x, 1.07 * y), ha=side, va="center", fontsize="x-small")
        ax.set(xlim=(-2.6, 2.6), ylim=(-1.3, 1.3))
        ax.set_axis_off()
        return legend_above(ax, columns=2)


def network(
    incidents: pd.DataFrame,
    period: Period = "year",
    *,
    level: Level = "group",
    table: Table = None,
    ambiguous: Ambiguous = "split",
    event_groups: Iterable[str] = ("violence",),
    rng: np.random.Generator | int = 1,
    replicates: int = 199,
    confidence: float = 0.95,
) -> ActorNetwork:
    """Draw the networks of rivalry between armed actors, state and non-state.

    Two actors are rivals in a period if an incident has them on opposite sides. Alliances are only
    those that the source states: the associates of each side in ACLED (``assoc_actor_1``,
    ``assoc_actor_2``). Civilians, demonstrators and the unidentified are no part of it. More events
    show more rivalries, so densities compare only with their numbers of events in mind.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``actor1``, ``actor2``, ``date``; ``assoc_actor_1`` and ``assoc_actor_2`` where they
        are there.
    period : {"year", "quarter", "month", "week", "day"}
        Length of a period.
    level, table, ambiguous, event_groups
        As for :func:`sahel_geo.actors.fragmentation`.
    rng, replicates, confidence
        Seed, number and coverage of the bootstrap of blocks of 14 days.

    Returns
    -------
    ActorNetwork
        Periods without a rivalry have a row without density.

    Raises
    ------
    InputError
        If no row names a second actor, a column is missing, or a setting is not known.

    References
    ----------
    Freeman, L. C. (1978). Centrality in social networks: conceptual clarification. Social Networks
    1, 215-239.
    OECD/SWAC (2021). Conflict Networks in North and West Africa.

    Examples
    --------
    >>> import pandas as pd
    >>> star = pd.DataFrame({"actor1": "hub", "actor2": ["p", "q", "r", "s"],
    ...     "date": pd.Timestamp("2020-01-01")})
    >>> network(star).table[["density", "centralisation"]].values.tolist()
    [[0.4, 1.0]]
    """
    check_settings(replicates, confidence)
    require_two_sides(incidents)
    events = actor_events(incidents, level, table, ambiguous, event_groups)
    dates = dated(events.incidents)
    own, periods = periods_of(dates, period)
    rivals, weight = _pairs(events)
    associates = _associates(events, level, table)
    day = dates.to_numpy("datetime64[D]")
    cells = pd.Series(own).groupby(own).indices
    generator = np.random.default_rng(rng)
    named, nobody = events.matrix()[1].sum(axis=1), events.unidentified()
    rows, edges = [], []
    for one in periods:
        at = cells.get(one, np.empty(0, dtype=np.int64))
        sums = weight[at].sum(axis=0)
        graph = _graph(rivals, sums)
        central = min(graph, key=lambda node: (-graph.degree(node), node), default=None)
        drawn = resampled(weight[at], day[at], replicates=replicates, rng=generator)
        low, high = interval([_density(_graph(rivals, each)) for each in drawn], confidence)
        known = float(nobody[at].sum() + named[at].sum())
        allied = None if associates is None else associates[associates["row"].isin(set(at))]
        pairs = _tallied(allied)
        rows.append(
            {
                "period": one, "actors": len(graph), "rivalries": graph.number_of_edges(),
                "density": _density(graph), "low": low, "high": high,
                "centralisation": _centralisation(graph), "central": central,
                "alliances": np.nan if allied is None else len(pairs),
                "unidentified": float(nobody[at].sum()) / known if known else np.nan,
            }
        )  # fmt: skip
        edges += [
            {"period": one, "a": a, "b": b, "kind": "rivalry", "incidents": value}
            for (a, b), value in zip(rivals, sums, strict=True)
            if value > 0
        ]
        edges += [
            {"period": one, "a": a, "b": b, "kind": "alliance", "incidents": value}
            for a, b, value in pairs
        ]
    columns = ["period", "actors", "rivalries", "density", "low", "high", "centralisation",
               "central", "alliances", "unidentified"]  # fmt: skip
    return ActorNetwork(
        pd.DataFrame(rows, columns=columns),
        pd.DataFrame(edges, columns=["period", "a", "b", "kind", "incidents"]),
        confidence, events.named_both(), events.selection,
    )  # fmt: skip


def _pairs(events: ActorEvents) -> tuple[list[tuple[str, str]], Any]:
    """Give the pairs of armed actors on opposite sides, and the weight of each incident in each."""
    long = events.sides.table
    armed = long[long["counts_as"].isin(["non-state", "state"])]
    one, two = (armed[armed["side"] == side] for side in (1, 2))
    both = one.merge(two, on="row", suffixes=("_a", "_b"))
    both = both[both["actor_id_a"] != both["actor_id_b"]]
    ends = np.sort(both[["actor_id_a", "actor_id_b"]].to_numpy(dtype=str), axis=1)
    names = [(str(a), str(b)) for a, b in ends]
    pairs = sorted(set(names))
    place = {pair: at for at, pair in enumerate(pairs)}
    weight = np.zeros((len(events.incidents), len(pairs)))
    shares = (both["weight_a"] * both["weight_b"]).to_numpy()
    cell = both["row"].to_numpy(np.int64) * len(pairs) + [place[pair] for pair in names]
    np.add.at(weight.reshape(-1), cell.astype(np.int64), shares)
    return pairs, weight


def _associates(events: ActorEvents, level: Level, table: Table) -> pd.DataFrame | None:
    """Give the pairs of actors whom the source associates on one side; None if it states none."""
    incidents = events.incidents
    rows = []
    for side, name in _ASSOCIATES.items():
        if name not in incidents or not incidents[name].notna().any():
            continue
        listed = incidents[name].astype("str").str.split(r"\s*;\s*", regex=True).explode()
        listed = listed[listed.notna() & listed.str.strip().ne("")]
        if listed.empty:
            continue
        at = listed.index.to_numpy()
        pairs = incidents.loc[at].assign(actor1=listed.to_numpy(), actor2=None)
        theirs = read_sides(pairs.reset_index(drop=True), level=level, table=table).table
        theirs = theirs[theirs["counts_as"].isin(["non-state", "state"])]
        theirs = theirs.assign(row=at[theirs["row"].to_numpy()])[["row", "actor_id"]]
        long = events.sides.table
        own = long[(long["side"] == side) & long["counts_as"].isin(["non-state", "state"])]
        rows.append(own[["row", "actor_id"]].merge(theirs, on="row", suffixes=("_a", "_b")))
    if not rows:
        return None
    both = pd.concat(rows, ignore_index=True)
    both = both[both["actor_id_a"] != both["actor_id_b"]]
    ends = np.sort(both[["actor_id_a", "actor_id_b"]].to_numpy(dtype=object), axis=1)
    return pd.DataFrame({"row": both["row"].to_numpy(), "a": ends[:, 0], "b": ends[:, 1]})


def _tallied(allied: pd.DataFrame | None) -> list[tuple[str, str, float]]:
    if allied is None:
        return []
    pairs = allied.groupby(["a", "b"], as_index=False).agg(number=("row", "nunique"))
    return [(str(a), str(b), float(n)) for a, b, n in pairs.itertuples(index=False)]


def _graph(pairs: list[tuple[str, str]], weights: Any) -> Any:
    import networkx as nx  # noqa: PLC0415  takes a while to load

    graph = nx.Graph()
    graph.add_edges_from(pair for pair, value in zip(pairs, weights, strict=True) if value > 0)
    return graph


def _density(graph: Any) -> float:
    import networkx as nx  # noqa: PLC0415

    return float(nx.density(graph)) if len(graph) > 1 else float("nan")


def _centralisation(graph: Any) -> float:
    """Sum how far each falls short of the most central, of the most possible (Freeman 1978)."""
    size = len(graph)
    if size < _FEWEST_CENTRAL:
        return float("nan")
    degree = np.array([value for _, value in graph.degree()], dtype=np.float64)
    return float((degree.max() - degree).sum() / ((size - 1) * (size - 2)))
