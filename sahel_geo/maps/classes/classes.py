"""Class breaks: which colour a value takes, and what the legend says about it.

Zero and "no data" are classes of their own. Breaks are rounded to what the legend shows before
the values are sorted into classes, so that the legend is true to the last digit.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.i18n.sentence import Sentence

Kind = Literal["range", "value", "zero", "suppressed", "no_data"]

MAX_CLASSES: Final = 9  # more shades of one hue cannot be told apart
SPLIT: Final = "quantiles_head_tail"
_WIDEST_TOP: Final = 4.0  # the darkest shade hides differences beyond
_MOST_DIGITS: Final = 8
# Every list falls steadily in lightness, so that the order survives grey printing.
PALETTES: Final[dict[str, tuple[str, ...]]] = {
    "orange_red": ("#fde0b8", "#fdbb84", "#f58c58", "#dc5039", "#ae1a25", "#68051a"),
    "blues": ("#d6e4f0", "#a6c8e2", "#6ea6d0", "#3a7fb8", "#17588f", "#08305f"),
    "purples": ("#dcd5ee", "#b8addb", "#988cc4", "#7660a8", "#583988", "#35125c"),
    "greys": ("#d6d6d6", "#b4b4b4", "#909090", "#696969", "#434343", "#1c1c1c"),
}
# The other half of a signed scale, else "blues"; purples and greys look like blues to some.
OPPOSITE: Final = {"blues": "orange_red", "purples": "orange_red", "greys": "orange_red"}
ZERO_COLOUR: Final = "#fbfaf6"
HIDDEN_COLOUR: Final = "#b9c7c4"  # in no palette; the map and the legend dot it
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")


@dataclass(frozen=True)
class LegendClass:
    """One line of the legend."""

    kind: Kind  # a range of values, one value, exactly zero, hidden on purpose, or missing
    # low, high: bounds, of which the one farther from zero is included; NaN where there is no data;
    # for hidden values, the counts that are hidden for being small
    low: float
    high: float
    colour: str  # ``"#rrggbb"``; empty where there is no data, which is hatched
    count: int  # units in the class
    # significant digits that tell its bounds from those of other classes
    digits: int = _MOST_DIGITS

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "LegendClass":
        """Read a class as a page keeps it.

        >>> LegendClass.of({"kind": "range", "low": 1, "high": 2.5, "colour": "#ffffff"}).high
        2.5
        """
        low = -math.inf if entry["low"] is None else float(entry["low"])
        high = math.nan if entry["high"] is None else float(entry["high"])
        digits = entry.get("digits", LegendClass.digits)
        return cls(entry["kind"], low, high, entry["colour"], 0, digits)

    def reaching(self, most: float) -> "LegendClass":
        """Let it reach a value that lies beyond it."""
        if most <= self.high:
            return self
        high = most if most == math.floor(most) else _round_up(most, 3)
        return replace(self, kind="range", high=high)


@dataclass(frozen=True)
class Classification:
    """Values sorted into the classes of a legend."""

    scheme: str  # how the breaks were found
    classes: tuple[LegendClass, ...]  # from low to high; zero at its place, "no data" last
    class_of: Integers  # (n,) position in `classes` of each value

    def with_hidden(self, hidden: Floats, data: Floats) -> "Classification":
        """Tell what was hidden from what is missing; it stands before "no data", at the end."""
        inside = (hidden > 0) & np.isnan(data)
        if not inside.any():
            return self
        legend = LegendClass(
            "suppressed", 1.0, float(hidden.max()) - 1, HIDDEN_COLOUR, int(inside.sum())
        )
        others = [
            _from_shown(entry, data[self.class_of == at], legend.high)
            for at, entry in enumerate(self.classes)
            if entry.kind != "no_data"
        ]
        missing = [
            replace(entry, count=entry.count - legend.count)
            for entry in self.classes
            if entry.kind == "no_data" and entry.count > legend.count
        ]
        class_of = self.class_of.copy()
        class_of[np.isnan(data)] = len(others) + 1
        class_of[inside] = len(others)
        return Classification(self.scheme, (*others, legend, *missing), class_of)


def classify(
    values: npt.ArrayLike,
    *,
    scheme: str = "auto",
    k: int = 5,
    breaks: Sequence[float] | None = None,
    palette: str | Sequence[str] = "orange_red",
    hidden: npt.ArrayLike | None = None,
) -> Classification:
    """Sort values into classes for a map.

    values (n,): One value per unit; NaN is missing. hidden (n,): Where a missing value is one
    that was hidden, the smallest count that is shown; else 0.

    With "auto" classes are quantiles; while the highest would hold values that differ more than
    fourfold, it is split at their mean, as head/tail breaks are.

    Rey, S. J., Arribas-Bel, D. and Wolf, L. J. (2023). Geographic Data Science with Python,
    chapter 5, Choropleth mapping. Jiang, B. (2013). Head/tail breaks: a new classification scheme
    for data with a heavy-tailed distribution. The Professional Geographer, 65(3).

    >>> legend = classify([0, 1, 2, 3, 4, float("nan")], k=2).classes
    >>> [(c.kind, c.low, c.high, c.count) for c in legend[:3]]
    [('zero', 0.0, 0.0, 1), ('range', 1.0, 2.0, 2), ('range', 3.0, 4.0, 2)]
    """
    data = np.asarray(values, dtype=np.float64)
    _check(data, scheme, k, breaks)
    classes = _legible(_classify(data, scheme, k, breaks, palette))
    return classes if hidden is None else classes.with_hidden(np.asarray(hidden), data)


def _classify(
    data: Floats, scheme: str, k: int, breaks: Sequence[float] | None, palette: str | Sequence[str]
) -> Classification:
    known = data[~np.isnan(data)]
    if scheme == "user" and breaks is not None and (min(breaks) <= 0 or (known < 0).any()):
        bounds = _user_bounds(known, breaks)
        return _assemble(data, scheme, [], bounds, palette, floor=-math.inf)
    signed = bool((known < 0).any())
    sizes = np.abs(known[known != 0])
    half = max(1, k // 2) if (known > 0).any() and signed else k
    bounds = _bounds(sizes, scheme, half, breaks)
    if scheme == "auto":
        scheme = "quantiles"
        if k > 1 and len(split := _split_top(sizes, bounds)) > len(bounds):
            scheme, bounds = SPLIT, split
    lower = bounds if signed else []
    upper = bounds if (known > 0).any() or not signed else []
    return _assemble(data, scheme, lower, upper, palette, floor=0.0)


def _check(data: Floats, scheme: str, k: int, breaks: Sequence[float] | None) -> None:
    if scheme not in _SCHEMES:
        raise InputError(
            f"`scheme` is {scheme!r}; expected one of {list(_SCHEMES)}. "
            f"{nearest(str(scheme), _SCHEMES)}"
        )
    if not (isinstance(k, int | np.integer) and 1 <= k <= MAX_CLASSES):
        raise InputError(
            f"`k` is {k!r}; expected a whole number from 1 to {MAX_CLASSES}. Leave it out for 5."
        )
    infinite = np.flatnonzero(np.isinf(data))
    if len(infinite):
        raise InputError(
            f"`values` has {len(infinite)} infinite values at positions "
            f"{first_offenders(infinite)}; expected finite numbers, or NaN where there is no "
            "data. Look for a division by a zero area or population."
        )
    if (scheme == "user") != (breaks is not None):
        raise InputError(
            f"`breaks` is {breaks!r} with scheme={scheme!r}; expected breaks with scheme='user' "
            "and only there. Give both, or neither."
        )
    if breaks is not None:
        steps = np.asarray(breaks, dtype=np.float64)
        if not len(steps) or not np.isfinite(steps).all() or (np.diff(steps) <= 0).any():
            raise InputError(
                f"`breaks` is {list(breaks)!r}; expected finite upper bounds in ascending order, "
                "each once. Sort them."
            )
        if len(steps) > MAX_CLASSES:
            raise InputError(
                f"`breaks` has {len(steps)} bounds; expected at most {MAX_CLASSES}. Merge some."
            )


def _legible(classification: Classification) -> Classification:
    """Write classes of one value with three digits, or with as many as tell them apart."""
    lone = np.array([each.high for each in classification.classes if each.kind == "value"])
    for digits in range(3, _MOST_DIGITS):
        if len({_round_to(value, digits) for value in lone}) == len(lone):
            classes = (
                replace(each, digits=digits)
                if each.kind == "value" and each.high != math.floor(each.high)
                else each
                for each in classification.classes
            )
            return replace(classification, classes=tuple(classes))
    return classification


def _split_top(sizes: Floats, bounds: Sequence[float]) -> list[float]:
    """Split the highest class at the mean of its values while they differ more than fourfold."""
    ends = list(bounds)
    whole = bool((sizes == np.floor(sizes)).all())
    while 0 < len(ends) < MAX_CLASSES:
        top = sizes[sizes > (ends[-2] if len(ends) > 1 else 0.0)]
        if top.max() <= _WIDEST_TOP * top.min():
            break
        mean = float(np.floor(top.mean())) if whole else _round_to(float(top.mean()), 2)
        if not top.min() <= mean < top.max():
            break
        ends.insert(len(ends) - 1, mean)
    return ends


def _quantiles(sizes: Floats, k: int) -> Floats:
    """Interpolate by two weights, so that whole numbers stay whole; ties leave fewer classes."""
    step = 100.0 / k
    place = np.minimum(np.arange(step, 100 + step, step)[:k], 100.0) / 100.0 * (len(sizes) - 1)
    low = np.minimum(place.astype(np.int64), len(sizes) - 2)
    ordered = np.sort(sizes)
    weighted = ordered[low] * (low + 1 - place) + ordered[low + 1] * (place - low)
    return np.unique(weighted)


def _head_tail(sizes: Floats, _k: int) -> Floats:
    """Break at the mean, then at the mean of what lies above, and so on (Jiang 2013)."""
    bins: list[float] = []
    while len(sizes) and (not bins or sizes.mean() != bins[-1]):
        bins.append(float(sizes.mean()))
        sizes = sizes[sizes > bins[-1]]
    return np.array([*bins[: MAX_CLASSES - 1], bins[-1]])


def _fisher_jenks(sizes: Floats, k: int) -> Floats:
    import mapclassify  # noqa: PLC0415  it compiles for seconds when imported

    return np.asarray(mapclassify.FisherJenks(sizes, k=k).bins, dtype=np.float64)


_SCHEMES: Final[dict[str, Callable[[Floats, int], Floats] | None]] = {
    "auto": _quantiles,
    "quantiles": _quantiles,
    "fisher_jenks": _fisher_jenks,
    "equal_interval": lambda sizes, k: np.linspace(sizes.min(), sizes.max(), k + 1)[1:],
    "head_tail": _head_tail,
    "log": lambda sizes, k: np.geomspace(sizes.min(), sizes.max(), k + 1)[1:],
    "user": None,
}


def _bounds(sizes: Floats, scheme: str, k: int, breaks: Sequence[float] | None) -> list[float]:
    """Give the upper bounds of the classes of positive sizes, rounded as the legend shows them."""
    find = _SCHEMES[scheme]
    if breaks is not None or find is None:
        return _user_bounds(sizes, breaks or ())
    distinct = np.unique(sizes)
    if not len(distinct):
        return []
    whole = bool((distinct == np.floor(distinct)).all())
    raw = distinct if len(distinct) <= k else find(sizes, k)
    if whole:
        rounded = np.floor(raw)
    elif len(distinct) <= k:
        rounded = raw
    else:
        rounded = _round_apart(raw)
        rounded[-1] = max(rounded[-1], _round_up(float(distinct[-1])))
    ends = np.unique(rounded)
    member = np.searchsorted(ends, sizes)
    return [float(end) for i, end in enumerate(ends) if (member == i).any()]


def _user_bounds(values: Floats, breaks: Sequence[float]) -> list[float]:
    bounds = [float(bound) for bound in breaks]
    highest = float(values.max()) if len(values) else -math.inf
    if bounds[-1] < highest != math.floor(highest) and highest > 0:
        highest = _round_up(highest, 3)
    return [*bounds, highest] if highest > bounds[-1] else bounds


def _round_apart(raw: Floats) -> Floats:
    """Round to two significant digits, or to as many as keep the breaks apart."""
    for digits in range(2, 8):
        rounded = np.array([_round_to(value, digits) for value in raw])
        if len(np.unique(rounded)) == len(np.unique(raw)):
            return rounded
    return raw


def _round_to(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")


def _round_up(value: float, digits: int = 2) -> float:
    """Round a positive number up to so many significant digits."""
    return float(Context(digits, ROUND_CEILING).create_decimal(repr(value)))


def _from_shown(entry: LegendClass, values: Floats, most: float) -> LegendClass:
    """Begin the lowest class of counts where counts are shown, not where they are hidden."""
    whole = bool((values == np.floor(values)).all())
    begins_below = entry.kind == "range" and entry.low <= most
    if not (begins_below and whole and len(values) and values.min() > most):
        return entry
    return replace(entry, low=most + 1, kind="value" if entry.high == most + 1 else "range")


_Member = tuple[LegendClass, Flags]


def _assemble(
    data: Floats,
    scheme: str,
    negative: Sequence[float],
    positive: Sequence[float],
    palette: str | Sequence[str],
    *,
    floor: float,
) -> Classification:
    """Give each value its class, leaving out the empty ones."""
    other = OPPOSITE.get(palette, "blues") if isinstance(palette, str) else "blues"
    mirrored = reversed(_ranges(-data, scheme, negative, other, 0.0))
    members = [(replace(each, low=-each.high, high=-each.low), inside) for each, inside in mirrored]
    if floor == 0:
        members.append(_single("zero", 0.0, ZERO_COLOUR, data == 0))
    members += _ranges(data, scheme, positive, palette, floor)
    members.append(_single("no_data", math.nan, "", np.isnan(data)))
    chosen = ("range", "value") if scheme == "user" else ()
    kept = [member for member in members if member[0].count or member[0].kind in chosen]
    class_of = np.full(len(data), -1, dtype=np.int64)
    for position, (_, inside) in enumerate(kept):
        class_of[inside] = position
    return Classification(scheme, tuple(legend for legend, _ in kept), class_of)


def _ranges(
    data: Floats, scheme: str, bounds: Sequence[float], palette: str | Sequence[str], floor: float
) -> list[_Member]:
    """Make one class of the values above `floor` up to each bound."""
    inside_any = data[(data > floor) & ~np.isnan(data)]
    whole = bool((inside_any == np.floor(inside_any)).all())
    shades = colours(palette, len(bounds))
    return [
        _range(data, low, high, shade, whole=whole, user=scheme == "user")
        for low, high, shade in zip([floor, *bounds], bounds, shades, strict=False)
    ]


def _range(
    data: Floats, low: float, high: float, colour: str, *, whole: bool, user: bool
) -> _Member:
    """Describe a class by what can lie in it: one value, whole numbers, or a stretch."""
    inside = (data > low) & (data <= high)
    values = np.unique(data[inside])
    if not user and len(values) == 1 and values[0] == high:
        low = high
    elif whole and math.isfinite(low):
        low, high = math.floor(low) + 1.0, float(math.floor(high))
    elif not user and len(values) and values[0] > 2 * low >= 0:  # nothing lies between
        low = float(Context(2, ROUND_FLOOR).create_decimal(repr(float(values[0]))))
    kind: Kind = "value" if low == high else "range"
    return LegendClass(kind, low, high, colour, int(inside.sum())), inside


def _single(kind: Kind, value: float, colour: str, inside: Flags) -> _Member:
    return LegendClass(kind, value, value, colour, int(inside.sum())), inside


def colours(palette: str | Sequence[str], n: int) -> tuple[str, ...]:
    """Give `n` colours, spread evenly over a palette.

    >>> colours("orange_red", 6) == PALETTES["orange_red"]
    True
    >>> colours(["#ffffff", "#000000"], 5)[2]
    '#808080'
    """
    hexes = palette_stops(palette)
    stops = np.array([[int(each[at : at + 2], 16) for at in (1, 3, 5)] for each in hexes])
    last = len(stops) - 1
    # two classes of the lightest and the darkest would look farther apart than they are
    reach = min(1.0, 0.55 + 0.1 * n)
    places = np.linspace(0, last * reach, n) if n > 1 else np.array([last * 0.55])
    axis = np.arange(len(stops))
    mixed = np.column_stack([np.interp(places[:n], axis, stops[:, c]) for c in range(3)])
    return tuple("#{:02x}{:02x}{:02x}".format(*row) for row in np.floor(mixed + 0.5).astype(int))


def palette_stops(palette: str | Sequence[str]) -> tuple[str, ...]:
    """Look a palette up by name, or check a list of colours."""
    if isinstance(palette, str):
        if palette in PALETTES:
            return PALETTES[palette]
        raise InputError(
            f"`palette` is {palette!r}; expected one of {list(PALETTES)} or a list of colours. "
            f"{nearest(palette, PALETTES)}"
        )
    given = tuple(palette)
    wrong = [item for item in given if not (isinstance(item, str) and _HEX.match(item))]
    if wrong or len(given) < 2:
        raise InputError(
            f"`palette` holds {len(wrong)} items that are no colour: {first_offenders(wrong)}; "
            "expected at least two colours like '#d7301f'. Give them from light to dark."
        )
    return given


def nearest(word: str, known: Iterable[str]) -> Sentence:
    """Suggest the known name that looks most like a word, for the end of a message.

    >>> nearest("quantile", ["quantiles", "log"])
    "Did you mean 'quantiles'?"
    """
    return did_you_mean(word, known, Sentence("Choose one of these."))
