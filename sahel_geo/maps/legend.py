"""What the page knows of one indicator: its words, its classes, and each unit's number."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sahel_geo.maps.classes import Classification, LegendClass, classify
from sahel_geo.maps.element import clean_text
from sahel_geo.maps.texts import (
    INDICATORS,
    PAGE,
    SCHEME_NAMES,
    decimals_for,
    format_number,
    format_value,
)
from sahel_geo.schema import Language


def indicator_data(
    values: pd.Series,
    lang: Language,
    labels: Mapping[str, str],
    unit_labels: Mapping[str, str],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """Prepare one indicator for the page.

    Parameters
    ----------
    values : Series of numbers, length n
        One value per unit; its name is the column.
    lang : {"fr", "en"}
        Language of the page.
    labels, unit_labels : mapping of str to str
        Words that replace the shipped ones, by column.
    options : mapping
        Keyword arguments of `classify`.

    Returns
    -------
    dict
        ``key``, ``title``, ``unit``, ``method``, ``classes`` (kind, label, colour, count),
        ``class_of`` and ``texts`` (one per unit; None where there is no data).
    """
    key = str(values.name)
    known = INDICATORS.get(key)
    data = values.to_numpy(dtype=float, na_value=np.nan)
    present = data[~np.isnan(data)]
    whole = bool((present == np.floor(present)).all()) and (
        pd.api.types.is_integer_dtype(values) or (known is not None and known.whole)
    )
    sorted_in = classify(data, **options)
    missing = [
        PAGE[lang]["suppressed_short"] if sorted_in.classes[at].kind == "suppressed" else None
        for at in sorted_in.class_of
    ]
    return {
        "key": clean_text(key),
        "title": clean_text(labels.get(key, known.title[lang] if known else key)),
        "unit": clean_text(unit_labels.get(key, known.unit[lang] if known else "")),
        "method": method_text(sorted_in, lang),
        "classes": [_class_data(entry, lang) for entry in sorted_in.classes],
        "class_of": sorted_in.class_of.tolist(),
        "texts": [
            absent if math.isnan(value) else format_value(value, lang, whole=whole)
            for value, absent in zip(data, missing, strict=True)
        ],
    }


def class_label(entry: LegendClass, lang: Language) -> str:
    """Write one line of the legend.

    Parameters
    ----------
    entry : LegendClass
        The class.
    lang : {"fr", "en"}
        Language of the page.

    Returns
    -------
    str
        For example ``"0,35 à 1,2"``, ``"3"`` or ``"Pas de données"``.

    Examples
    --------
    >>> class_label(LegendClass("range", 0.35, 1.2, "#000000", 4), "fr")
    '0,35 à 1,2'
    """
    texts = PAGE[lang]
    if entry.kind == "no_data":
        return texts["no_data"]
    if entry.kind == "suppressed":
        return texts["suppressed"].format(most=_bound(entry.high, lang))
    if entry.kind == "range" and math.isinf(entry.low):
        return f"≤ {_bound(entry.high, lang)}"
    if entry.kind == "range":
        return f"{_bound(entry.low, lang)} {texts['to']} {_bound(entry.high, lang)}"
    return _bound(entry.high, lang)


def method_text(classification: Classification, lang: Language) -> str:
    """Say how the classes were made, as a reader needs it to trust the colours.

    Parameters
    ----------
    classification : Classification
        The classes.
    lang : {"fr", "en"}
        Language of the page.

    Returns
    -------
    str
        One to three short sentences.
    """
    texts = PAGE[lang]
    sentences = []
    ranges = [entry for entry in classification.classes if entry.kind == "range"]
    if len(ranges) > 1:
        scheme = SCHEME_NAMES[classification.scheme][lang]
        sentences.append(f"{texts['classes']}{texts['colon']}{scheme}.")
        touching = {entry.high for entry in ranges} & {entry.low for entry in ranges}
        if touching:
            mirrored = classification.scheme != "user" and any(entry.high < 0 for entry in ranges)
            sentences.append(texts["signed_hint" if mirrored else "bounds_hint"])
    return " ".join([*sentences, texts["counts_hint"]])


def _class_data(entry: LegendClass, lang: Language) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "label": class_label(entry, lang),
        "colour": entry.colour,
        "count": entry.count,
    }


def _bound(value: float, lang: Language) -> str:
    """Write a bound with all the digits it has, and no more than eight decimals."""
    decimals = decimals_for(value, significant=8)
    shown = f"{value:.{decimals}f}".rstrip("0") if decimals else ""
    kept = len(shown.partition(".")[2])
    return format_number(value, lang, decimals=kept)
