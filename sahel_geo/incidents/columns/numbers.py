"""Numbers as people write them: the decimal mark is decided for a column as a whole, and said."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from sahel_geo.arrays import Flags, Floats, Positions
from sahel_geo.errors import first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.texts import NOT_KNOWN, holds, longest, without_footnote

Mark = Literal[",", "."]

_GROUPING: Final = "  \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}'’"
_PLAIN: Final = re.compile(r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?$", re.IGNORECASE)
_SPACED: Final = re.compile(rf"^([+-]?\d{{1,3}})((?:[{_GROUPING}]\d{{3}})+)([.,]\d+)?$")
_MARKED: Final = re.compile(r"^[+-]?[\d.,]*\d[.,]?$")
_PROVISIONAL: Final = re.compile(r"(?<=\d) ?\((?:p|e|r|prov|est)\.?\)$", re.IGNORECASE)
_AMBIGUOUS: Final = re.compile(r"^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$")
_SIMPLE: Final = r"-?[0-9]{1,9}(?:\.[0-9]{1,17})?"
_NOT_WHOLE: Final = (b".", b"e", b"E", b"+")
_MOST_DIGITS: Final = 15  # a float keeps as many
_MOST_LETTERS: Final = 60
_LOOK: Final = 1000  # values that tell whether most stand once
_SCALES: Final = {"%": "percent", "‰": "per thousand"}
# Words in the name of a column that counts persons, households or events: whole numbers.
_WHOLE: Final = re.compile(
    r"\b(?:pop|population|people|persons?|personnes?|habitants?|pdi|idps?|pdis|d[eé]plac[eé]e?s|"
    r"r[eé]fugi[eé]e?s|refugees|returnees|retourn[eé]e?s|m[eé]nages?|households?|hh|ind|individus|"
    r"individuals|events?|incidents?|[eé]v[eé]nements?|deaths|fatalities|morts|d[eé]c[eè]s|"
    r"tu[eé]e?s|nombre|number|nb|nbre|effectifs?|enfants|children|femmes|women|hommes|men|total)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers."""

    values: Floats  # (n,) NaN where nothing is stated or it cannot be read
    unreadable: Flags  # (n,) where something is stated that is not one finite number
    ambiguous: Flags  # (n,) the unreadable ones that are numbers in two readings, such as ``1,250``
    notes: list[Sentence] = field(default_factory=list)  # what decided the reading
    scale: str = ""  # ``"percent"`` or ``"per thousand"`` where every value says so, else ``""``


def parse_numbers(
    values: "pd.Series[Any]",
    *,
    name: str = "",
    decimal: Mark | None = None,
    whole: bool | None = None,
) -> Numbers:
    """Read a column as numbers, with one reading of comma and point for all of it.

    A value that can only be read in one way (``0,125``, ``12,5``, ``1 234,5``, ``1.234,5``) tells
    how the others are to be read. Where none tells, a column of whole numbers has thousands, and
    else `decimal` decides; without it such values are ambiguous and not read.

    >>> parse_numbers(pd.Series(["1,250", "0,125", "12,5"])).values.tolist()
    [1.25, 0.125, 12.5]
    >>> parse_numbers(pd.Series(["1,250", "1,234,500", "876"])).values.tolist()
    [1250.0, 1234500.0, 876.0]
    >>> parse_numbers(pd.Series(["1,250", "3,400"])).ambiguous.tolist()
    [True, True]
    """
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _of_floats(values.to_numpy(dtype=np.float64, na_value=np.nan))
    clean = read_clean(values, pointed=decimal == "." and not name)
    if clean is not None:
        readable = np.zeros(len(clean), dtype=bool)
        return Numbers(clean, readable, readable.copy())
    codes, texts = _texts_of(values)
    simple, numbers = _simple_numbers(texts)
    rest, distinct = pd.factorize(texts[~simple])
    plain = [_plain(text) for text in distinct]
    negative = [] if whole else _negatives(plain, alone=not simple.any())
    signed = [f"-{text[1:-1]}" if at in negative else text for at, text in enumerate(plain)]
    others, scale, lacking = _without_scale(signed)
    # One number with a point that can only be decimal shows as much as thousands of them.
    pointed = texts[simple].str.contains(".", regex=False)
    marks, notes = _decide(
        [*others, *(["0.5"] if pointed.any() else [])], name, decimal, whole=whole
    )
    if negative and name:
        shown = first_offenders([plain[at] for at in negative], 2)
        notes.append(
            Sentence("{name}: values in brackets such as {shown} are read as negative",
                     name=name, shown=shown)
        )  # fmt: skip
    read = [_read(text, marks) for text in others]
    numbers[~simple] = np.array([number for number, _ in read], dtype=np.float64)[rest]
    state = np.zeros(len(texts) + 1, dtype=np.int8)
    state[:-1][~simple] = np.array([kind for _, kind in read], dtype=np.int8)[rest]
    mixed = np.zeros(len(texts) + 1, dtype=bool)
    mixed[:-1][~simple] = np.array(lacking, dtype=bool)[rest]
    state, mixed = state[codes], mixed[codes]
    parsed = np.append(numbers, np.nan)[codes]
    unreadable = (state > 0) | mixed
    parsed[unreadable] = np.nan
    return Numbers(parsed, unreadable, (state == _TWO_WAYS) & ~mixed, notes, scale)


def read_clean(values: "pd.Series[Any]", *, pointed: bool) -> Floats | None:
    """Read at once a column of digits and signs alone, or with points that are decimal.

    Such texts leave no choice. Returns (n,), NaN where missing; None if others are among them.

    >>> read_clean(pd.Series(["-1.25", "12.5", None], dtype="string"), pointed=True)
    array([-1.25, 12.5 ,   nan])
    """
    if not isinstance(values.dtype, pd.StringDtype):
        return None
    if longest(values) > _MOST_DIGITS or not (pointed or not holds(values, *_NOT_WHOLE)):
        return None
    try:
        cells = pa.array(values).cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    numbers: Floats = cells.to_numpy(zero_copy_only=False)
    if np.count_nonzero(np.isfinite(numbers)) < len(cells) - cells.null_count:
        return None  # "nan" and "inf" are words here
    return numbers if numbers.flags.writeable else numbers.copy()


def decimal_mark(columns: Iterable["pd.Series[Any]"]) -> Mark | None:
    """Tell which decimal mark a file uses, from the values that leave no choice.

    >>> decimal_mark([pd.Series(["15,6599"]), pd.Series(["1,250"])])
    ','
    """
    marks: set[Mark] = set()
    for values in columns:
        if pd.api.types.is_numeric_dtype(values.dtype):
            continue
        texts = [_plain(text) for text in values.dropna().unique()[:2000]]
        texts = [text for text in texts if _MARKED.match(text) or _SPACED.match(text)]
        decimals, _ = _evidence(texts)
        marks |= decimals
    return marks.pop() if len(marks) == 1 else None


_READ, _BROKEN, _TWO_WAYS = 0, 1, 2


_OTHER: Final[dict[Mark, Mark]] = {",": ".", ".": ","}


@dataclass(frozen=True)
class _Marks:
    """What is decimal and what thousands; what is neither can be both."""

    decimals: Collection[Mark] = frozenset()
    thousands: Collection[Mark] = frozenset()


def _of_floats(numbers: Floats) -> Numbers:
    infinite = np.isinf(numbers)
    finite = np.where(infinite, np.nan, numbers)
    return Numbers(finite, infinite, np.zeros(len(numbers), dtype=bool))


def _texts_of(values: "pd.Series[Any]") -> tuple[Positions, "pd.Series[Any]"]:
    """Give the texts of a column, and which of them each value is, shape (n,): -1 where missing.

    The distinct ones, but all where most stand once: to sort those out takes longer than to read.
    """
    head = values.iloc[:_LOOK].dropna()
    if not isinstance(values.dtype, pd.StringDtype) or head.nunique() <= len(head) / 2:
        codes, distinct = pd.factorize(values)
        return codes, pd.Series(distinct, dtype="string")
    stated = values.notna().to_numpy(dtype=bool)
    codes = np.where(stated, np.cumsum(stated) - 1, -1)
    return codes, values[stated].astype("string").reset_index(drop=True)


def _simple_numbers(texts: "pd.Series[Any]") -> tuple[Flags, Floats]:
    """Read at once the texts in which a point can only be decimal; none beside per cent signs.

    texts (n,): Distinct texts. Returns which are read, shape (n,), and the numbers, NaN elsewhere.
    """
    simple = texts.str.fullmatch(_SIMPLE) & ~texts.str.fullmatch(_AMBIGUOUS.pattern)
    if texts.str.endswith(tuple(_SCALES)).any():
        simple &= False
    plain = simple.to_numpy(dtype=bool)
    numbers = np.full(len(texts), np.nan)
    numbers[plain] = pa.array(texts[plain], type=pa.string()).cast(pa.float64()).to_numpy()
    return plain, numbers


def _plain(value: object) -> str:
    """Give a cell as trimmed text with a plain minus, empty where it says that nothing is known."""
    text = str(value).strip().strip("\N{LEFT-TO-RIGHT MARK}\ufeff").replace("−", "-")
    text = re.sub(r"^([+-]) (?=\d)", r"\1", _PROVISIONAL.sub("", text))
    return "" if text.lower() in NOT_KNOWN else without_footnote(text)


def _negatives(texts: Sequence[str], *, alone: bool) -> list[int]:
    """Find numbers in brackets, as accountants write negative ones, if others stand without."""
    bracketed = [at for at, text in enumerate(texts) if re.fullmatch(r"\(\d[^()]*\)", text)]
    return [] if alone and len(bracketed) == sum(map(bool, texts)) else bracketed


def _without_scale(texts: Sequence[str]) -> tuple[list[str], str, list[bool]]:
    """Take per cent signs off, if all values have them; tell which lack what others have."""
    signs = {text[-1] for text in texts if text and text[-1] in _SCALES}
    if not signs:
        return list(texts), "", [False] * len(texts)
    bare = [text.rstrip("%‰ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}") for text in texts]
    if len(signs) > 1:
        return bare, "", [bool(text) for text in texts]
    sign = signs.pop()
    numbers = [bool(_MARKED.match(text) or _SPACED.match(text)) for text in bare]
    lacking = [
        bool(text) and number and not text.endswith(sign)
        for text, number in zip(texts, numbers, strict=True)
    ]
    return bare, _SCALES[sign], lacking


def _evidence(texts: Sequence[str]) -> tuple[set[Mark], set[Mark]]:
    """Tell which marks must be decimal, and which must be thousands, in at least one text."""
    roles = [_roles(text) for text in texts]
    decimals = {decimal for decimal, _ in roles if decimal}
    return decimals, {grouping for _, grouping in roles if grouping}


def _roles(text: str) -> tuple[Mark | None, Mark | None]:
    """Give the decimal and the thousands mark of one text, None where it leaves them open."""
    if spaced := _SPACED.match(text):
        return (spaced[3][0] if spaced[3] else None), None  # type: ignore[return-value]
    if not _MARKED.match(text) or _AMBIGUOUS.match(text):
        return None, None
    marks = [char for char in text if char in ",."]
    if not marks:
        return None, None
    last: Mark = marks[-1]  # type: ignore[assignment]
    if len(set(marks)) == 2:
        return last, marks[0]  # type: ignore[return-value]
    return (None, last) if len(marks) > 1 else (last, None)


def _decide(
    texts: Sequence[str], name: str, decimal: Mark | None, *, whole: bool | None
) -> tuple[_Marks, list[Sentence]]:
    """Decide the role of comma and point, and say why where a value leaves a choice."""
    decimals, thousands = _evidence(texts)
    open_texts = [text for text in texts if _AMBIGUOUS.match(text)]
    if not open_texts:
        return _Marks(decimals, thousands), []
    if not decimals and not thousands:
        return _decide_alone(open_texts, name, decimal, whole=whole)
    if len(decimals) > 1 or len(thousands) > 1 or decimals & thousands:
        return _Marks(), []
    # one mark is decided; the other can only be what is left
    mark = next(iter(decimals)) if decimals else _OTHER[next(iter(thousands))]
    note = Sentence(
        "{name}: values such as {shown} are read with {mark!r} as the decimal mark, as other "
        "values of the column show",
        name=name,
        shown=first_offenders(open_texts, 2),
        mark=mark,
    )
    return _Marks({mark}, {_OTHER[mark]}), [note] if name else []


def _decide_alone(
    open_texts: Sequence[str], name: str, decimal: Mark | None, *, whole: bool | None
) -> tuple[_Marks, list[Sentence]]:
    examples = first_offenders(open_texts, 2)
    marks = {char for text in open_texts for char in text if char in ",."}
    if len(marks) == 2:
        return _Marks(), []
    own: Mark = marks.pop()  # type: ignore[assignment]
    if whole or (whole is None and _WHOLE.search(re.sub(r"[_\W]+", " ", name))):
        note = Sentence(
            "{name}: values such as {shown} are read as thousands, since the column counts",
            name=name,
            shown=examples,
        )
        return _Marks({_OTHER[own]}, {own}), [note] if name else []
    if decimal is None:
        return _Marks(), []
    note = Sentence(
        "{name}: values such as {shown} are read with {mark!r} as the decimal mark of the file",
        name=name,
        shown=examples,
        mark=decimal,
    )
    return _Marks({decimal}, {_OTHER[decimal]}), [note] if name else []


def _read(text: str, marks: _Marks) -> tuple[float, int]:
    """Give the number of a text and whether it is read, broken or a number in two ways."""
    if not text or len(text) > _MOST_LETTERS:
        return np.nan, _BROKEN if text else _READ
    if _AMBIGUOUS.match(text):
        return _read_ambiguous(text, marks)
    if spaced := _SPACED.match(text):
        digits = re.sub(rf"[{_GROUPING}]", "", spaced[1] + spaced[2])
        return _float(digits + (spaced[3] or "").replace(",", "."))
    if not _MARKED.match(text):
        return _float(text)
    decimal, grouping = _roles(text)
    if grouping and not _grouped(text, grouping, decimal):
        return np.nan, _BROKEN
    return _float((text.replace(grouping, "") if grouping else text).replace(",", "."))


def _read_ambiguous(text: str, marks: _Marks) -> tuple[float, int]:
    mark = "," if "," in text else "."
    if mark in marks.decimals:
        return _float(text.replace(",", "."))
    return _float(text.replace(mark, "")) if mark in marks.thousands else (np.nan, _TWO_WAYS)


def _grouped(text: str, grouping: Mark, decimal: Mark | None) -> bool:
    """Whether thousands stand in groups of three, and the decimal mark once."""
    whole, _, fraction = text.partition(decimal) if decimal else (text, "", "")
    groups = whole.lstrip("+-").split(grouping)
    even = all(len(group) == 3 for group in groups[1:])
    return even and 1 <= len(groups[0]) <= 3 and not re.search("[.,]", fraction)


def _float(text: str) -> tuple[float, int]:
    """Read plain text; one with more digits than a float keeps is broken."""
    if not _PLAIN.match(text):
        return np.nan, _BROKEN
    digits = re.sub(r"[^\d]", "", text.lower().partition("e")[0]).lstrip("0")
    digits = digits.rstrip("0") if "." not in text else digits
    number = float(text)
    # Programs write floats with more digits than they keep.
    exact = len(digits) <= _MOST_DIGITS or ("." in text and abs(number) < 1e9)  # as in _SIMPLE
    return (number, _READ) if exact and np.isfinite(number) else (np.nan, _BROKEN)
