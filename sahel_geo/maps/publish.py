"""Units whose figures may be published: small counts hidden, with all that is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.disclosure import ProtectedTable, protect
from sahel_geo.schema import LANGUAGES, Language

HIDDEN: Final = "suppressed_below"
_COUNTS: Final = ("incidents", "fatalities_best", "fatalities_high", "fatalities_low")
_RATES: Final = ("per_1000km2", "per_1000km2_year", "per_100k_year")
_FIXED: Final = ("area_km2", "population", "distance_to_border_km")
_PARENTS: Final = ("country", "adm1_id", "adm2_id")
_DROPPED: Final[dict[Language, str]] = {
    "fr": "Laissés de côté, car on pourrait en déduire des nombres masqués : {names}.",
    "en": "Left out, since hidden counts could be worked out from them: {names}.",
}
_BRIEF: Final[dict[Language, str]] = {
    "fr": (
        "Les nombres de 1 à {most} sont masqués, et avec eux d'autres dont on pourrait les déduire "
        "par soustraction. Zéro est publié."
    ),
    "en": (
        "Counts from 1 to {most} are hidden, and with them others from which they could be worked "
        "out by subtraction. Zero is published."
    ),
}
_NO_POINTS: Final[dict[Language, str]] = {
    "fr": "La carte ne contient ni points, ni textes des sources, ni chiffres masqués.",
    "en": "The map holds no points, no texts of the sources, and no hidden figure.",
}


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
    """

    units: gpd.GeoDataFrame
    columns: tuple[str, ...]
    dropped: tuple[str, ...]
    protected: ProtectedTable

    def notes(self, lang: Language) -> tuple[str, ...]:
        """Say on the page what was done.

        Parameters
        ----------
        lang : {"fr", "en"}
            Language.

        Returns
        -------
        tuple of str
            Paragraphs.
        """
        said = [self.protected.sentence(lang), _NO_POINTS[lang]]
        if self.dropped:
            said.append(_DROPPED[lang].format(names=", ".join(self.dropped)))
        return tuple(said)


def safe_units(
    units: gpd.GeoDataFrame,
    columns: str | Sequence[str],
    *,
    k: int = 5,
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

    Returns
    -------
    SafeUnits
        For `choropleth`, which shows hidden units as a class of their own.

    Raises
    ------
    InputError
        If ``incidents`` is missing, or no column is left.

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
            "Merge the result of sg.density.rates, and leave its columns in the table.",
        )
    made_of = {name: _count_of(name) for name in asked}
    deaths = [name for name in _COUNTS[1:] if name in units and name in made_of.values()][:1]
    counts = ["incidents", *deaths]
    kept = [name for name in asked if made_of[name] in counts or name in _FIXED]
    if not kept:
        raise InputError(
            f"`column` names {first_offenders(asked)}, none of which can be made safe; expected "
            f"counts, rates of them, or {list(_FIXED)}. Add 'incidents'.",
        )
    safe = protect(units, counts, k=k, parents=_parents(units))
    out = units.drop(columns=[name for name in units if _is_figure(units, str(name), kept)])
    hidden = safe.table["suppressed"].to_numpy()
    for name in kept:
        if made_of[name]:
            out[name] = units[name].astype("float64").mask(hidden)
    out[HIDDEN] = np.where(hidden, k, 0)
    out.attrs = {}
    return SafeUnits(out, tuple(kept), tuple(name for name in asked if name not in kept), safe)


def published(
    units: gpd.GeoDataFrame,
    columns: Sequence[str],
    publish: str,
    k: int,
) -> tuple[gpd.GeoDataFrame, list[str], dict[Language, tuple[str, ...]]]:
    """Give a map what it may show.

    Parameters
    ----------
    units : GeoDataFrame
        Units with their figures; those of `safe_units` are left as they are.
    columns : sequence of str
        Figures asked for.
    publish : {"full", "safe"}
        Everything, or what `safe_units` keeps.
    k : int
        Smallest count shown.

    Returns
    -------
    GeoDataFrame, list of str, dict
        Units, columns, and the notes to add in each language.

    Raises
    ------
    InputError
        If `publish` is neither.
    """
    if publish not in ("full", "safe"):
        raise InputError(f"`publish` is {publish!r}; expected 'full' or 'safe'. Choose one.")
    if HIDDEN in units:
        most = int(units[HIDDEN].max()) - 1
        said: dict[Language, tuple[str, ...]] = {
            lang: (_BRIEF[lang].format(most=most),) if most > 0 else () for lang in LANGUAGES
        }
        return units, list(columns), said
    if publish == "full":
        return units, list(columns), dict.fromkeys(LANGUAGES, ())
    safe = safe_units(units, columns, k=k)
    return safe.units, list(safe.columns), {lang: safe.notes(lang) for lang in LANGUAGES}


def _count_of(column: str) -> str | None:
    """Name the count that a figure is made of."""
    if column in _COUNTS:
        return column
    if column in _RATES:
        return "incidents"
    owners = (name for name in _COUNTS if column in {f"{name}_{rate}" for rate in _RATES})
    return next(owners, None)


def _is_figure(units: gpd.GeoDataFrame, name: str, kept: Sequence[str]) -> bool:
    """Tell figures and free text, which go, from what identifies a unit, which stays."""
    identifying = {
        "unit_id",
        "name",
        "country",
        "level",
        "adm1_id",
        "adm1_name",
        "adm2_id",
        "adm2_name",
        "source",
        "licence",
        "area_km2",
        units.geometry.name,
    }
    return name not in identifying and not (name in kept and name in _FIXED)


def _parents(units: gpd.GeoDataFrame) -> list[str]:
    """List the areas, from the largest, whose totals a reader may know."""
    chosen = []
    for name in _PARENTS:
        own = name in units and (units[name].astype("str") == units["unit_id"].astype("str")).all()
        if name in units and not own and not pd.isna(units[name]).all():
            chosen.append(name)
    return chosen
