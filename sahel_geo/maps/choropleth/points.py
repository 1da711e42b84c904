"""Layers over the units: incidents as points, and a surface as a picture."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.maps.choropleth.topology import encode_letters, encode_line, encode_numbers
from sahel_geo.maps.publish.timeline import Timeline
from sahel_geo.maps.texts import INDICATORS, Words, clean_text, wording

POINT_SCALE: Final = 100  # positions are kept to 1/100 degree, about a kilometre
POINT_KM: Final = 1
MOST_POINTS: Final = 30_000  # about 250 kB, and more than a phone draws smoothly
_DEATHS: Final = ("fatalities_best", "fatalities_low")
_PRECISIONS: Final = {"exact": 0, "near": 0, "admin3": 1, "admin2": 1, "admin1": 2, "country": 2}
_UNKNOWN: Final = 3
_MOST_TYPES: Final = 8
_OTHER_TYPES: Final = Sentence("Other or unknown")


def point_data(
    points: pd.DataFrame,
    timeline: Timeline | None,
    columns: Sequence[str],
    labels: dict[str, Words],
    types: str | None = None,
) -> dict[str, Any]:
    """Write incidents for the page: rounded positions, tolls, precision, period and type."""
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
            f"{MOST_POINTS}. Locate them with sg.geocode, or show fewer, or none: the units hold "
            "their totals."
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
    return {
        "scale": POINT_SCALE,
        "km": POINT_KM,
        "place": encode_line([(int(x), int(y)) for x, y in places[order]]),
        "deaths": encode_numbers(deaths.tolist()) if toll else None,
        "toll": wording(INDICATORS[toll].title, "points") if toll else None,
        "precision": encode_letters(
            np.array([_PRECISIONS.get(name, _UNKNOWN) for name in precise])
        ),
        "period": encode_numbers(_periods(rows, timeline)) if timeline else None,
        "types": None if types is None else _types(rows[types]),
        "texts": [
            {
                "title": wording(labels.get(name, name), "labels"),
                "values": [None if pd.isna(each) else clean_text(str(each)) for each in rows[name]],
            }
            for name in columns
        ],
    }


def _periods(rows: pd.DataFrame, timeline: Timeline) -> list[int]:
    """Give the number of each incident's period from 1; 0 without date or outside."""
    if "date" not in rows:
        return [0] * len(rows)
    periods = pd.PeriodIndex(
        pd.to_datetime(rows["date"]).dt.tz_localize(None), freq=timeline.periods.freq
    )
    return [int(number) + 1 for number in timeline.periods.get_indexer(periods)]


def _types(values: "pd.Series[Any]") -> dict[str, Any]:
    """Give types numbers, the most frequent first; the last holds the rest."""
    counts = values.dropna().astype("str").value_counts(sort=True)
    kept = sorted(counts.index, key=lambda name: (-counts[name], name))[:_MOST_TYPES]
    place = {name: at for at, name in enumerate(kept)}
    of = [len(kept) if pd.isna(value) else place.get(str(value), len(kept)) for value in values]
    names: list[Any] = [clean_text(name) for name in kept]
    if len(kept) in of:
        names.append(wording(_OTHER_TYPES, "points"))
    return {"names": names, "of": encode_letters(np.array(of))}
