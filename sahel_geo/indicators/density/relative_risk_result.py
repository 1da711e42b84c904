"""Where the share of incidents grew or shrank between two periods: the result."""

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.surface.surface import Surface
from sahel_geo.schema import Language

Span = tuple[str, str]

_WAVES: Final = Sentence(
    "Chance had waves of violence as strong and as long as the record makes likely; a change that "
    "does not exceed them is not found."
)
_NO_WAVES: Final = Sentence(
    "Chance had no waves: where rates go up and down for months without a lasting change, most "
    "simulated maps find one."
)


@dataclass(frozen=True)
class RelativeRisk(Result):
    """Where the share of incidents grew or shrank between two periods.

    Attributes
    ----------
    table : DataFrame, 2 rows
        ``kind`` (more, less); ``area_km2`` of cells with a ratio above or below 1;
        ``pointwise_km2``, those with p up to 0.05 by themselves; ``beyond_km2``, those beyond the
        global envelope; the largest (smallest) ``ratio`` with its ``lon`` and ``lat``.
    log_ratio : Surface
        Natural logarithm of the share after over the share before; NaN where incidents are too few.
    p_value : Surface
        Two-sided, of each cell by itself. One cell in twenty is below 0.05 by chance.
    low, high : Surface
        Global envelope: by chance, the log ratio leaves it anywhere in 1 - `level` of cases.
    beyond : Surface
        The log ratio where it lies outside the envelope, else NaN.
    p : float
        Of the whole map: the share of deals that stray from their mean as far somewhere.
    level : float
        Of the envelope.
    before, after : (str, str)
        The periods.
    incidents : (int, int)
        Their incidents.
    """

    table: pd.DataFrame
    log_ratio: Surface
    p_value: Surface
    low: Surface
    high: Surface
    beyond: Surface
    p: float
    level: float
    before: Span
    after: Span
    incidents: tuple[int, int]

    def sentence(self, lang: Language = "fr") -> str:
        """Say where the share changed beyond chance, in a sentence to quote, with its caution."""
        more, less = (float(f"{area:.2g}") for area in self.table["beyond_km2"])
        caution = _WAVES if self.log_ratio.parameters["together"] == "waves" else _NO_WAVES
        text = Sentence(
            "From {before} ({n_before} incidents) to {after} ({n_after}): the share of incidents "
            "grew beyond chance over {more:,.0f} km², and shrank over {less:,.0f} km² (p = {p:.3f} "
            "for the whole map). It is where reported incidents lie that is compared, not how many "
            "there are.",
            before=_span(self.before),
            after=_span(self.after),
            n_before=self.incidents[0],
            n_after=self.incidents[1],
            more=more,
            less=less,
            p=self.p,
        ).say(lang)
        return f"{text} {caution.say(lang)}"

    def plot(
        self, ax: Any = None, *, outlines: gpd.GeoDataFrame | None = None, lang: Language = "en"
    ) -> Any:
        """Draw the log ratio, with a line around what lies beyond the envelope."""
        ax = self.log_ratio.plot(ax, outlines=outlines, lang=lang)
        beyond = ~pd.isna(self.beyond.values)
        if beyond.any():
            grid = self.beyond.transform
            rows, columns = beyond.shape
            x = (grid.c + (pd.RangeIndex(columns).to_numpy() + 0.5) * grid.a) / 1e3
            y = (grid.f + (pd.RangeIndex(rows).to_numpy() + 0.5) * grid.e) / 1e3
            ax.contour(x, y, beyond.astype(float), levels=[0.5], colors="#000000", linewidths=1.4)
        return ax


def _span(span: Span) -> str:
    return span[0] if span[0] == span[1] else "–".join(map(str, span))
