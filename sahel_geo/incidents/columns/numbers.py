"""Numbers as people write them: decimal commas, spaced thousands, degrees with N, S, E, W or O."""

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# Ways to write "not known" in a column of numbers.
_BLANKS: Final = frozenset(
    ["", "-", "--", "?", ".", "nd", "n/d", "na", "n/a", "#n/a", "nan", "null", "none", "<null>",
     "inconnu", "inconnue", "unknown", "non disponible", "non precise"],
)  # fmt: skip
_SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2009']")
_DEGREES: Final = re.compile(
    r"^([NSEWO])?([+-]?\d+(?:\.\d+)?)(?:[°ºd:]+(?:(\d+(?:\.\d+)?)[′’m:]*)?"
    r"(?:(\d+(?:\.\d+)?)[″”\"s]*)?)?([NSEWO])?$",
    re.IGNORECASE,
)


def parse_numbers(values: "pd.Series[Any]", *, count: bool) -> tuple[Floats, Mask]:
    """Read a column as numbers.

    values (n,): Text or numbers. numbers (n,): NaN where nothing is stated or it cannot be
    read. unreadable (n,): Where something is stated that is not a finite number.

    Examples
    --------
    >>> numbers, unreadable = parse_numbers(pd.Series(["14,25", "1.5 O", "abc", None]), count=False)
    >>> numbers.tolist(), unreadable.tolist()
    ([14.25, -1.5, nan, nan], [False, False, True, False])
    """
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        infinite = np.isinf(numbers)
        return np.where(infinite, np.nan, numbers), infinite
    stated = values.notna().to_numpy(dtype=bool)
    parsed = pd.to_numeric(values.astype(object), errors="coerce")
    numbers = parsed.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    unreadable = stated & ~np.isfinite(numbers)
    if unreadable.any():
        _reread(values, numbers, unreadable, count=count)
    return np.where(unreadable, np.nan, numbers), unreadable


def _reread(values: "pd.Series[Any]", numbers: Floats, unreadable: Mask, *, count: bool) -> None:
    """Read what plain parsing could not, each distinct text once; fills the arrays in place."""
    positions = np.flatnonzero(unreadable)
    if not count:
        plain = values.iloc[positions].astype("string").str.replace(",", ".", regex=False)
        numbers[positions] = pd.to_numeric(plain.astype(object), errors="coerce").to_numpy(
            dtype=np.float64, na_value=np.nan
        )
        unreadable[positions] = ~np.isfinite(numbers[positions])
        positions = np.flatnonzero(unreadable)
    codes, texts = pd.factorize(values.iloc[positions])
    read = [_read_text(str(text), count=count) for text in texts]
    parsed = np.array([np.nan if number is None else number for number in read], dtype=np.float64)
    failed = np.array([number is None for number in read], dtype=bool)
    numbers[positions] = parsed[codes]
    unreadable[positions] = failed[codes]


def _read_text(text: str, *, count: bool) -> float | None:
    """Give the number, NaN for a way to write "unknown", None for neither."""
    bare = text.strip()
    if bare.lower() in _BLANKS or (not bare.isascii() and bare.lower() == "non précisé"):
        return float("nan")
    compact = _SPACES.sub("", bare[:40]).replace("−", "-")
    compact = compact.replace(",", "") if _is_thousands(compact, count=count) else compact
    compact = compact.replace(",", ".") if "." not in compact else compact
    if re.fullmatch(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+", compact):
        return float(compact)
    return None if count else _read_degrees(bare)


def _is_thousands(compact: str, *, count: bool) -> bool:
    return count and re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", compact) is not None


def _read_degrees(text: str) -> float | None:
    compact = re.sub(r"\s", "", text[:40]).replace(",", ".").replace("−", "-").replace("''", '"')
    match = _DEGREES.match(compact.replace("'", "′"))
    if match is None or (match[1] and match[5]):
        return None
    minutes, seconds = float(match[3] or 0), float(match[4] or 0)
    degrees = float(match[2])
    if minutes >= 60 or seconds >= 60:
        return None
    size = abs(degrees) + minutes / 60 + seconds / 3600
    negative = match[2].startswith("-") or (match[1] or match[5] or "").upper() in {"S", "W", "O"}
    return -size if negative else size
