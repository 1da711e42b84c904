"""Units whose figures may be published: small counts hidden, with all that is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.maps.publish.disclosure import ProtectedTable, protect
from sahel_geo.maps.publish.safe_panel import SafePanel
from sahel_geo.notebook import table_html
from sahel_geo.schema import HIDDEN, UNIT_COLUMNS, Language, Period

_COUNTS: Final = ("incidents", "fatalities_best", "fatalities_high", "fatalities_low")
_RATES: Final = ("per_1000km2", "per_1000km2_year", "per_100k_year")
_FIXED: Final = ("area_km2", "population", "distance_to_border_km")
_PARENTS: Final = ("country", "adm1_id", "adm2_id")
_DROPPED: Final = Sentence("Left out, since hidden counts could be worked out from them: {names}.")
_NO_POINTS: Final = Sentence(
    "The map holds no points, no texts of the sources, and no hidden figure."
)


@dataclass(frozen=True)
class SafeUnits:
    """Units as they may be published, and what was done to them.

    Attributes
    ----------
    units : GeoDataFrame, n rows
        The identifying columns and geometry of the units given, the figures kept (NaN where
        hidden), and ``suppressed_below``: k where a unit is hidden, else 0.
    columns : tuple of str
        Figures kept, in the order asked for.
    dropped : tuple of str
        Figures left out.
    protected : ProtectedTable
        The counts with their totals.
    series : SafePanel or None
        The counts by unit and period, where a panel was given.
    """

    units: gpd.GeoDataFrame
    columns: tuple[str, ...]
    dropped: tuple[str, ...]
    protected: ProtectedTable
    series: SafePanel | None = None

    @property
    def panel(self) -> pd.DataFrame | None:
        """What `choropleth` takes as ``panel=`` beside ``units``; None without series."""
        return self.series.panel if self.series else None

    @property
    def totals(self) -> pd.DataFrame:
        """Totals of areas over the whole time, as ``protected.totals`` has them."""
        totals = self.protected.totals
        if self.series is None or not totals["period"].isna().any():
            return totals
        return totals[totals["period"].isna()]

    def notes(self, lang: Language) -> tuple[str, ...]:
        """Say on the page, in paragraphs, what was done."""
        sentences = [self.protected.sentence(lang)]
        if self.series:
            sentences += self.series.notes(lang)
        sentences.append(_NO_POINTS.say(lang))
        if self.dropped:
            sentences.append(_DROPPED.filled(names=", ".join(self.dropped)).say(lang))
        return tuple(sentences)

    def _repr_html_(self) -> str:
        words = " / ".join(" ".join(self.notes(lang)) for lang in languages())
        return table_html(words, self.units)


def safe_units(
    units: gpd.GeoDataFrame,
    columns: str | Sequence[str],
    *,
    k: int = 5,
    panel: pd.DataFrame | None = None,
    period: Period | None = None,
) -> SafeUnits:
    """Hide small counts in a table of units, with every figure that is made of them.

    Parameters
    ----------
    units : GeoDataFrame, n rows
        One row per unit, with ``unit_id`` and the counts: ``incidents``, and ``fatalities_*`` where
        wanted. Where they are there, ``country``, ``adm1_id`` and ``adm2_id`` say which totals are
        protected too.
    columns : str or sequence of str
        Figures to publish. Rates per area and per person are hidden where their count is. Area,
        population and distance to the border hold no count and stay. Of low, best and high
        estimates only one stays, as their order would narrow a hidden one. Everything else
        (exposure, ranks, classes, indices: what is made of a unit's neighbours too) is left out
        and named.
    k : int
        Smallest count shown.
    panel : DataFrame, optional
        From `sahel_geo.count`: the same counts by unit and period, with rates of them where
        wanted. They are protected together with those of the whole time, so that further units may
        be hidden.
    period : {"day", "week", "month", "quarter", "year"}, optional
        Length of the periods to publish, at least that of `panel`. By default the shortest of which
        no more than half of the cells that are not zero are hidden; else years.

    Returns
    -------
    SafeUnits
        For `choropleth`, which shows hidden units as a class of their own: pass ``units`` and,
        where there are series, ``panel``.

    Raises
    ------
    InputError
        If ``incidents`` is missing, no column is left, or `panel` cannot be protected: it lacks a
        count of the map, adds up to others, or a rate is not made of its count alone.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> regions = sg.load_boundaries(level=1, countries="NER")
    >>> counts = [2, 9, 30, 0, 12, 25, 40, 8]
    >>> safe = safe_units(regions.assign(incidents=counts, rank=1), ["incidents", "rank"])
    >>> safe.units["incidents"].isna().sum(), safe.dropped
    (np.int64(2), ('rank',))
    """
    asked = [columns] if isinstance(columns, str) else list(columns)
    if "incidents" not in units:
        raise InputError(
            "`units` has no column 'incidents'; expected the counts that say which units to hide. "
            "Merge the result of sg.density.rates, and leave its columns in the table."
        )
    made_of = {name: _count_of(name) for name in asked}
    deaths = [name for name in _COUNTS[1:] if name in units and name in made_of.values()][:1]
    counts = ["incidents", *deaths]
    kept = [name for name in asked if made_of[name] in counts or name in _FIXED]
    if not kept:
        raise InputError(
            f"`column` names {first_offenders(asked)}, none of which can be made safe; expected "
            f"counts, rates of them, or {list(_FIXED)}. Add 'incidents'."
        )
    rates = {name: str(made_of[name]) for name in kept if made_of[name] not in (None, name)}
    series = None
    if panel is None:
        safe = protect(units, counts, k=k, parents=_parents(units))
        hidden = safe.table["suppressed"].to_numpy(dtype=bool)
    else:
        series = SafePanel.of(panel, units, counts, rates, _parents(units), k=k, period=period)
        safe, hidden = series.protected, series.of_units()
    # what identifies a unit stays; figures and free text go
    identifying = {*UNIT_COLUMNS[: UNIT_COLUMNS.index("valid_from")], units.geometry.name}
    fixed = {name for name in kept if name in _FIXED}
    out = units.drop(columns=[name for name in units if name not in identifying | fixed])
    for name in kept:
        if made_of[name]:
            out[name] = units[name].astype("float64").mask(hidden)
    out[HIDDEN] = np.where(hidden, k, 0)
    out.attrs = {}
    dropped = tuple(name for name in asked if name not in kept)
    return SafeUnits(out, tuple(kept), dropped, safe, series)


def _count_of(column: str) -> str | None:
    """Name the count that a figure is made of."""
    if column in _COUNTS:
        return column
    if column in _RATES:
        return "incidents"
    owners = (name for name in _COUNTS if column in {f"{name}_{rate}" for rate in _RATES})
    return next(owners, None)


def _parents(units: gpd.GeoDataFrame) -> list[str]:
    """List the areas, from the largest, whose totals a reader may know."""
    chosen = []
    for name in _PARENTS:
        own = name in units and (units[name].astype("str") == units["unit_id"].astype("str")).all()
        if name in units and not own and not pd.isna(units[name]).all():
            chosen.append(name)
    return chosen
