"""What a map tells: the columns asked for, checked, made safe, and written for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders, require_choice
from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.maps.choropleth.legend import (
    Asked,
    Uncertain,
    check_keys,
)
from sahel_geo.maps.choropleth.topology import encode_letters, encode_line, encode_numbers
from sahel_geo.maps.classes.categories import is_categorical, known_set
from sahel_geo.maps.classes.classes import nearest
from sahel_geo.maps.publish.publish import safe_units
from sahel_geo.maps.publish.timeline import Timeline, read_timeline
from sahel_geo.maps.texts import INDICATORS, Words, clean_text, wording
from sahel_geo.schema import HIDDEN, Language

_REQUIRED: Final = ("unit_id", "name")
_AREAS: Final = ("Polygon", "MultiPolygon")


_BRIEF: Final = Sentence(
    "Counts from 1 to {most} are hidden, and with them others from which they could be worked "
    "out by subtraction. Zero is published."
)
POINT_SCALE: Final = 100  # positions are kept to 1/100 degree, about a kilometre
POINT_KM: Final = 1
MOST_POINTS: Final = 30_000  # about 250 kB, and more than a phone draws smoothly
_DEATHS: Final = ("fatalities_best", "fatalities_low")
_PRECISIONS: Final = {"exact": 0, "near": 0, "admin3": 1, "admin2": 1, "admin1": 2, "country": 2}
_UNKNOWN: Final = 3
_MOST_TYPES: Final = 8
_OTHER_TYPES: Final = Sentence("Other or unknown")


@dataclass(frozen=True)
class Figures:
    """The figures of a map, as they may be shown."""

    units: gpd.GeoDataFrame  # (n, ...) units, made safe where that was asked for
    timeline: Timeline | None  # periods of the panel
    # indicators, details: as the page keeps them
    indicators: list[dict[str, Any]]
    details: list[dict[str, Any]]
    notes: Mapping[Language, Sequence[str]]  # what was done to make them safe, by language
    safe: bool  # whether they were made safe
    selection: bool = False  # whether the panel counts a selection of incidents

    @classmethod
    def of(
        cls,
        units: gpd.GeoDataFrame,
        asked: Asked,
        panel: pd.DataFrame | None,
        overlays: Mapping[str, Any],
        publish: str,
        least: int,
    ) -> "Figures":
        """Check units and columns, hide what may not be shown, and write the rest for the page."""
        safe = publish == "safe" or HIDDEN in units
        selection = panel is not None and bool(panel.attrs.get("is_selection"))
        given = {name: getattr(asked, name) for name in ("details", "intervals", "uncertain")}
        _check_safe(safe, {**given, **overlays})
        # Find the columns that hold the limits of each indicator's interval.
        limits_of = dict(asked.intervals or {})
        check_keys(limits_of, asked.columns, "intervals")
        for name in asked.columns:
            pair = (f"{name}_low", f"{name}_high")
            if name not in limits_of and all(limit in units for limit in pair):
                limits_of[name] = pair
        if isinstance(units, gpd.GeoDataFrame) and "name" not in units and "unit_id" in units:
            # cells of a grid have no names
            units = units.assign(name=units["unit_id"].astype("str"))
        extra = [*asked.details, *(name for pair in limits_of.values() for name in pair)]
        _check_units(units, asked.columns, extra)
        units, columns, panel, notes = _published(units, asked.columns, panel, publish, least)
        timeline = None if panel is None else read_timeline(panel, units, columns)
        indicators = [asked.indicator(units, key, timeline) for key in columns]
        doubts = _uncertain_data(units, columns, asked.uncertain, asked.naming.labels)
        for indicator, key in zip(indicators, columns, strict=True):
            if key in limits_of and HIDDEN not in units:
                indicator["interval"] = asked.interval(units, limits_of[key])
            indicator["uncertain"] = doubts.get(key)
        details = [asked.detail(units[name]) for name in asked.details]
        return cls(units, timeline, indicators, details, notes, safe, selection)

    def data(self) -> dict[str, Any]:
        """Write them for the page, with their periods."""
        return {
            "time": None if self.timeline is None else self.timeline.data(),
            "selection": self.selection,
            "details": self.details,
            "indicators": self.indicators,
        }

    def point_data(
        self,
        points: pd.DataFrame | None,
        columns: Sequence[str],
        labels: Mapping[str, Words],
        types: str | None = None,
    ) -> dict[str, Any] | None:
        """Write incidents for the page: rounded positions, tolls, precision, period and type."""
        if points is None:
            return None
        missing = [name for name in (*columns, *([types] if types else [])) if name not in points]
        if missing:
            raise InputError(
                f"`point_columns` names {first_offenders(missing)}, which `points` lacks; it has "
                f"{first_offenders(points.columns, limit=20)}. Choose among these."
            )
        lon, lat = coordinates(points)
        located = np.isfinite(lon) & np.isfinite(lat)
        if not located.any() or located.sum() > MOST_POINTS:
            raise InputError(
                f"`points` has {int(located.sum())} rows with coordinates; expected 1 to "
                f"{MOST_POINTS}. Locate them with sg.geocode, or show fewer, or none: the units "
                "hold their totals."
            )
        grid = np.column_stack([lon[located], lat[located]]) * POINT_SCALE
        places = np.rint(grid).astype(np.int64)
        order = np.lexsort((places[:, 0], places[:, 1]))
        rows = points[located].iloc[order]
        toll = next((name for name in _DEATHS if name in rows and rows[name].notna().any()), None)
        deaths = np.zeros(len(rows), dtype=np.int64)
        if toll:
            deaths = rows[toll].add(1).fillna(0).to_numpy(dtype=float).astype(np.int64)
        precise = pd.Series("unknown", rows.index)
        if "location_precision" in rows:
            precise = rows["location_precision"].astype("str")
        precision = [_PRECISIONS.get(name, _UNKNOWN) for name in precise]
        when = None if self.timeline is None else _period_numbers(rows, self.timeline)
        return {
            "scale": POINT_SCALE,
            "km": POINT_KM,
            "place": encode_line([(int(x), int(y)) for x, y in places[order]]),
            "deaths": encode_numbers(deaths.tolist()) if toll else None,
            "toll": wording(INDICATORS[toll].title, "points") if toll else None,
            "precision": encode_letters(np.array(precision)),
            "period": None if when is None else encode_numbers(when),
            "types": None if types is None else _type_data(rows[types]),
            "texts": [
                {
                    "title": wording(labels.get(name, name), "labels"),
                    "values": [
                        None if pd.isna(own) else clean_text(str(own)) for own in rows[name]
                    ],
                }
                for name in columns
            ],
        }


def _check_units(
    units: gpd.GeoDataFrame, columns: Sequence[str], extra: Sequence[str] = ()
) -> None:
    """Refuse units that would make a wrong map."""
    if not isinstance(units, gpd.GeoDataFrame):
        raise InputError(
            f"`units` is a {type(units).__name__}; expected a GeoDataFrame. Merge the table into "
            "the units, not the units into the table: units.merge(table)."
        )
    require_lonlat(units, "units")
    if units.empty:
        raise InputError(
            "`units` has no rows; expected at least one unit. If it comes from a merge, compare "
            "the unit_id of both tables."
        )
    if not columns:
        raise InputError("`column` is empty; expected one or more columns of `units`. Name one.")
    missing = [name for name in (*_REQUIRED, *columns, *extra) if name not in units]
    if missing:
        raise InputError(
            f"`units` lacks {len(missing)} columns: {first_offenders(missing)}; it has "
            f"{first_offenders(units.columns, limit=20)}. {nearest(missing[0], units.columns)}"
        )
    faults = [*_row_faults(units), *_column_faults(units, columns, extra)]
    if faults:
        raise InputError(joined(faults, " "))


def _row_faults(units: gpd.GeoDataFrame) -> list[str]:
    faults: list[str] = []
    codes = units["unit_id"]
    if codes.isna().any():
        rows = first_offenders(units.index[codes.isna()])
        faults.append(f"`units` has rows without unit_id: {rows}. Fill them or drop the rows.")
    twice = codes[codes.duplicated() & codes.notna()].unique()
    if len(twice):
        faults.append(
            f"`units` has {len(twice)} unit_id more than once: {first_offenders(twice)}; expected "
            "one row per unit. Choose one period, or aggregate, before merging."
        )
    shapes = units.geometry
    wrong = codes[shapes.isna() | shapes.is_empty | ~shapes.geom_type.isin(_AREAS)]
    if len(wrong):
        faults.append(
            f"`units` has {len(wrong)} rows without a polygon: {first_offenders(wrong)}. "
            "Drop them or give them their area."
        )
    return faults


def _column_faults(
    units: gpd.GeoDataFrame, columns: Sequence[str], extra: Sequence[str]
) -> list[str]:
    faults: list[str] = []
    if len(set(columns)) < len(columns):
        faults.append(
            Sentence(
                "`column` names a column twice: {shown}. Name each once.",
                shown=first_offenders(columns),
            )
        )
    for name in dict.fromkeys((*columns, *extra)):
        values = units[name]
        if name in columns and is_categorical(values) and not _is_number_in_text(values):
            continue
        if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            faults.append(
                f"`units` column {name!r} holds {values.dtype} values, such as "
                f"{first_offenders(values.dropna().head(2))}; expected numbers, or texts for "
                "classes. Convert it with pandas.to_numeric or .astype('category')."
            )
            continue
        infinite = units.loc[np.isinf(values.to_numpy(float, na_value=np.nan)), "unit_id"]
        if len(infinite):
            faults.append(
                Sentence(
                    "`units` column {name!r} is infinite in {number} units: {shown}; expected "
                    "finite numbers. Look for a division by a zero area or population.",
                    name=name,
                    number=len(infinite),
                    shown=first_offenders(infinite),
                )
            )
    return faults


def _check_safe(safe: bool, extras: Mapping[str, Any]) -> None:  # noqa: FBT001
    """Refuse what could tell the figures that a map for publication hides."""
    given = [
        name
        for name, value in extras.items()
        if value is not None and (not hasattr(value, "__len__") or len(value) > 0)
    ]
    if safe and given:
        raise InputError(
            f"`{given[0]}` could tell figures that this map hides; expected none of {list(extras)} "
            "with publish='safe'. Leave it out, or make the map with publish='full'."
        )


def _is_number_in_text(values: "pd.Series[Any]") -> bool:
    """Tell whether texts stand where numbers are meant: a known measure, or texts like "12"."""
    if known_set(values):
        return False
    known = values.dropna().astype(str)
    return str(values.name) in INDICATORS or bool(known.str.fullmatch(r"[-+]?\d+([.,]\d+)?").all())


def _uncertain_data(
    units: gpd.GeoDataFrame,
    columns: Sequence[str],
    uncertain: Uncertain,
    labels: Mapping[str, Words],
) -> dict[str, dict[str, Any]]:
    """Write where each indicator is uncertain."""
    chosen = dict.fromkeys(columns, uncertain) if isinstance(uncertain, str) else uncertain or {}
    check_keys(chosen, columns, "uncertain")
    flags: dict[str, dict[str, Any]] = {}
    for name, flag in chosen.items():
        if flag not in units or not pd.api.types.is_bool_dtype(units[flag].dtype):
            kind = units[flag].dtype if flag in units else "missing"
            raise InputError(
                f"`uncertain` column {flag!r} is {kind}; expected a column of `units` with true "
                "and false. Make one, such as units['few'] = units['incidents'] < 5."
            )
        at = np.flatnonzero(units[flag].fillna(value=False).to_numpy(dtype=bool))
        label = wording(labels[flag], "labels") if flag in labels else None
        flags[name] = {"at": at.tolist(), "label": label}
    return flags


def _published(
    units: gpd.GeoDataFrame,
    columns: Sequence[str],
    panel: pd.DataFrame | None,
    publish: str,
    k: int,
) -> tuple[gpd.GeoDataFrame, list[str], pd.DataFrame | None, dict[Language, tuple[str, ...]]]:
    """Give a map what it may show: units, columns, panel, and what to add to its notes."""
    require_choice("publish", publish, ("full", "safe"))
    if HIDDEN in units:
        _check_together(units, panel)
        most = int(units[HIDDEN].max()) - 1
        sentences: dict[Language, tuple[str, ...]] = {
            lang: (_BRIEF.filled(most=most).say(lang),) if most > 0 else () for lang in languages()
        }
        return units, list(columns), panel, sentences
    if panel is not None and HIDDEN in panel:
        raise InputError(
            "`panel` is made for publication and `units` is not, so the map would show what the "
            "panel hides; expected both from one call of sg.safe_units. Pass its units."
        )
    if publish == "full":
        return units, list(columns), panel, dict.fromkeys(languages(), ())
    safe = safe_units(units, columns, k=k, panel=panel)
    notes = {lang: safe.notes(lang) for lang in languages()}
    return safe.units, list(safe.columns), safe.panel, notes


def _check_together(units: gpd.GeoDataFrame, panel: pd.DataFrame | None) -> None:
    """Refuse a panel from which hidden figures of the units follow by plain subtraction."""
    if panel is None:
        return
    if HIDDEN not in panel:
        raise InputError(
            "`panel` holds counts by period that these units hide; expected the panel that "
            "sg.safe_units gives with them. Call sg.safe_units(units, columns, panel=panel), and "
            "pass its units and its panel."
        )
    rows = panel[panel["unit_id"].notna()]
    cells = (rows[HIDDEN] > 0).groupby(rows["unit_id"]).sum()
    hidden = cells.reindex(units["unit_id"], fill_value=0).to_numpy()
    whole = (units[HIDDEN] > 0).to_numpy()
    one_period = panel["period"].min() == panel["period"].max()
    alone = hidden > 0 if one_period else hidden == 1
    revealed = np.where(whole, hidden == 0, alone)
    if revealed.any():
        raise InputError(
            f"`panel` and `units` hide different figures in {int(revealed.sum())} units: "
            f"{first_offenders(units.loc[revealed, 'unit_id'])}; expected both from one call of "
            "sg.safe_units, or one tells what the other hides. Pass its units and its panel."
        )


def _period_numbers(rows: pd.DataFrame, timeline: Timeline) -> list[int]:
    """Give the number of each incident's period from 1; 0 without date or outside."""
    if "date" not in rows:
        return [0] * len(rows)
    periods = pd.PeriodIndex(
        pd.to_datetime(rows["date"]).dt.tz_localize(None), freq=timeline.periods.freq
    )
    return [int(number) + 1 for number in timeline.periods.get_indexer(periods)]


def _type_data(values: "pd.Series[Any]") -> dict[str, Any]:
    """Give types numbers, the most frequent first; the last holds the rest."""
    counts = values.dropna().astype("str").value_counts(sort=True)
    kept = sorted(counts.index, key=lambda name: (-counts[name], name))[:_MOST_TYPES]
    place = {name: at for at, name in enumerate(kept)}
    of = [len(kept) if pd.isna(value) else place.get(str(value), len(kept)) for value in values]
    names: list[Any] = [clean_text(name) for name in kept]
    if len(kept) in of:
        names.append(wording(_OTHER_TYPES, "points"))
    return {"names": names, "of": encode_letters(np.array(of))}
