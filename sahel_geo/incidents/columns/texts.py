"""Columns of text: trimmed, made from codes, and searched as one run of bytes."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sahel_geo.arrays import Flags, Positions

# pandas 3 has a string type with NaN for missing; pandas 2 keeps text as objects.
TEXT_DTYPE: Final = pd.Series(["a"]).dtype
_BLANK: Final = ord(" ")
# Ways to write in a cell that nothing is stated, in lower case.
NOT_STATED: Final = frozenset(
    ["", "-", "--", "---", "—", "–", "?", "??", "???", ".", "..", "...", "/", "xx", "xxx",
     "nd", "n/d", "n.d.", "n.d", "na", "n/a", "n.a.", "n.a", "ns", "nsp", "n.s.p.", "nr", "n/r",
     "n.r.", "s/o", "s.o.", "sans objet", "nan", "nat", "null", "none", "<null>", "(null)", "<na>",
     "#n/a", "#na", "#value!", "#ref!", "#div/0!", "#valeur!", "#nom?", "missing", "manquant",
     "no data", "not available", "pas de donnees", "pas de données", "non disponible",
     *(f"non {word}{end}" for word in ("precise", "précisé", "renseigne", "renseigné", "specifie",
                                       "spécifié", "communique", "communiqué", "determine",
                                       "déterminé") for end in ("", "e", "s", "es"))]
)  # fmt: skip
NOT_KNOWN: Final = NOT_STATED | {"unknown", "inconnu", "inconnue", "inconnus", "inconnues"}
_FEW: Final = 50  # rows left out; each parts a column into one piece more

_FOOTNOTE: Final = re.compile("[ \N{NO-BREAK SPACE}]?[*†‡¹²³⁰⁴-⁹]+$")


def without_footnote(text: str) -> str:
    """Take off the mark of a footnote; a raised digit would else be one of the number before it.

    >>> [without_footnote(text) for text in ("12¹", "12/03/2025 *", "Gao", "*")]
    ['12', '12/03/2025', 'Gao', '*']
    """
    return _FOOTNOTE.sub("", text) or text


def as_text(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Convert a series to the text type of the installed pandas; missing values stay missing."""
    if np.dtype(object) == TEXT_DTYPE:
        plain = values.astype(object)
        return plain.where(plain.notna(), np.nan)
    return values.astype(TEXT_DTYPE)


def stripped(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give cells as trimmed text, missing where blank, whole numbers without a decimal point."""
    if pd.api.types.is_float_dtype(values.dtype):
        whole = values.dropna().mod(1).eq(0).all()
        values = values.astype("Int64") if whole and np.isfinite(values.dropna()).all() else values
    text = values.astype("string")
    if lowest(text) <= _BLANK or not all(run.isascii() for run in runs(text)):
        text = text.str.strip()
    blank = text == ""
    return text.mask(blank) if blank.any() else text


def distinctly(
    values: "pd.Series[Any]", clean: "Callable[[pd.Series[Any]], pd.Series[Any]]"
) -> "pd.Series[Any]":
    """Clean the distinct texts of a column, each by itself, instead of all of them."""
    codes, distinct = pd.factorize(values)
    texts = pd.Series(distinct, dtype="string")
    cleaned = clean(texts)
    if cleaned.equals(texts):
        return as_text(values)
    return text_of(codes, [*as_text(cleaned), None])


def told_apart(values: "pd.Series[Any]") -> tuple[Positions, list[str]]:
    """Give the distinct trimmed texts of a column, and which each row has, -1 where it is blank.

    >>> codes, texts = told_apart(pd.Series([" Mali", "Niger", "", "Mali"]))
    >>> codes.tolist(), texts
    ([0, 1, -1, 0], ['Mali', 'Niger'])
    """
    plain = values if isinstance(values.dtype, pd.StringDtype) else stripped(values)
    codes, distinct = pd.factorize(plain)
    again, texts = pd.factorize(stripped(pd.Series(distinct)))
    if len(texts) < len(distinct):
        codes = np.append(again, -1)[codes]
    return codes, texts.tolist()


def full_text(value: str | None, size: int) -> "pd.Series[Any]":
    """Repeat one text, or a missing value, over `size` rows."""
    texts = pa.repeat(pa.scalar(value, pa.large_string()), size)
    return pd.Series(pd.array(texts, dtype=TEXT_DTYPE))


def text_of(codes: Positions, texts: Sequence[Any]) -> "pd.Series[Any]":
    """Give the text (or missing value) that each code stands for; -1 stands for the last of them.

    >>> text_of(np.array([1, 0, -1]), ["Mali", "Niger", None]).tolist()
    ['Niger', 'Mali', nan]
    """
    known = pa.array(texts, pa.large_string(), from_pandas=True)
    if len(set(texts)) == 1:
        return full_text(known[0].as_py(), len(codes))
    if len(codes) and codes.min() < 0:
        codes = np.where(codes < 0, len(texts) - 1, codes)
    return pd.Series(pd.array(known.take(pa.array(codes)), dtype=TEXT_DTYPE))


def kept_rows(columns: Mapping[str, Any], keep: Flags) -> dict[str, Any]:
    """Give the rows of a mask, numbered anew; text is not copied where few rows are left out.

    columns (n,): Series and arrays.
    """
    gone = np.flatnonzero(~keep)
    bounds = [-1, *gone.tolist(), len(keep)] if len(gone) <= _FEW else []

    def kept(values: Any) -> Any:
        if not isinstance(values, pd.Series):
            return values[keep]
        if not bounds or not isinstance(values.dtype, pd.StringDtype):
            return values[keep].reset_index(drop=True)
        cells = pa.array(values)
        cells = cells if isinstance(cells, pa.ChunkedArray) else pa.chunked_array([cells])
        parts = [cells.slice(last + 1, this - last - 1) for last, this in pairwise(bounds)]
        joined = pa.chunked_array([chunk for part in parts for chunk in part.chunks], cells.type)
        return pd.Series(pd.array(joined, dtype=values.dtype))

    return {name: kept(values) for name, values in columns.items()}


def runs(values: "pd.Series[Any] | pa.ChunkedArray") -> Iterator[bytes]:
    """Give the texts of a column without anything between them, in UTF-8 and in a few pieces.

    What no run holds, no cell holds. A missing cell may add bytes of its own.

    values (n,): Of a string type.
    """
    for chunk in _chunks(values):
        _, ends, data = chunk.buffers()
        if data is not None and len(chunk):
            wide = np.int64 if pa.types.is_large_string(chunk.type) else np.int32
            bounds = np.frombuffer(ends, wide)[chunk.offset :][: len(chunk) + 1]
            yield bytes(memoryview(data)[bounds[0] : bounds[-1]])


def _chunks(values: "pd.Series[Any] | pa.ChunkedArray") -> list[pa.Array]:
    cells = pa.array(values) if isinstance(values, pd.Series) else values
    return cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells]


def holds(values: "pd.Series[Any]", *parts: bytes) -> bool:
    """Whether any of `parts` may stand in a column; where not, it stands in no cell."""
    return any(part in run for run in runs(values) for part in parts)


def lowest(values: "pd.Series[Any] | pa.ChunkedArray") -> int:
    """Give the lowest byte in a column, 255 where there is none: below 32 are control signs."""
    return min(
        (int(np.frombuffer(run, np.uint8).min()) for run in runs(values) if run), default=255
    )


def longest(values: "pd.Series[Any]") -> int:
    """Give the bytes of the longest text in a column, 0 where there is none."""
    return int(pc.max(pc.binary_length(pa.array(values))).as_py() or 0)
