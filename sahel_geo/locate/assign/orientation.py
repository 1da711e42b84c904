"""Which side of a line a point lies on, decided exactly in double precision.

A point on a border has to be recognised as such, so a rounded determinant is not good enough. The
usual determinant is trusted when it is far from zero; else its sign is taken from the exact sum of
its terms.
"""

import numpy as np

from sahel_geo.arrays import Flags, Floats
from sahel_geo.compiled import compiled

_SPLITTER = 134217729.0  # 2**27 + 1
_FILTER = 3.3306690738754716e-16  # (3 + 16 eps) eps with eps = 2**-53
_COMPONENTS = 16


@compiled()
def orientation(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Tell on which side of the line from a to b the point p lies.

    Shewchuk, J. R. (1997). Adaptive precision floating-point arithmetic and fast robust geometric
    predicates. Discrete & Computational Geometry 18, 305-363, sections 2 and 4.
    """
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    det = left - right
    if abs(det) > _FILTER * (abs(left) + abs(right)):
        return det
    if left == 0.0 and right == 0.0 and (ax == px or by == py) and (ay == py or bx == px):
        return 0.0  # the differences that vanish are exact zeros
    return float(_exact(ax, ay, bx, by, px, py))


@compiled()
def is_left(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> bool:
    """Tell whether a point, taken a hair above where it stands, lies to the left of a line.

    No point is ever on the line by this rule, so each edge between two points is crossed or not.
    """
    turn = orientation(ax, ay, bx, by, px, py)
    return turn > 0.0 or (turn == 0.0 and bx > ax)


def are_left(edges: Floats, px: Floats, py: Floats) -> Flags:
    """Tell as `is_left` does for rows of edges, shape (n, 4), and as many points."""
    ax, ay, bx, by = edges.T
    left, right = (ax - px) * (by - py), (ay - py) * (bx - px)
    turn = left - right
    for at in np.flatnonzero(np.abs(turn) <= _FILTER * (np.abs(left) + np.abs(right))):
        turn[at] = orientation.plain(*(float(part[at]) for part in (ax, ay, bx, by, px, py)))
    return np.asarray((turn > 0) | ((turn == 0) & (bx > ax)))


@compiled()
def _exact(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Sum the determinant without rounding, and give its most significant part."""
    expansion, factors = np.empty(_COMPONENTS), np.empty(8)
    factors[0], factors[1] = _two_difference(ax, px)
    factors[2], factors[3] = _two_difference(by, py)
    factors[4], factors[5] = _two_difference(ay, py)
    factors[6], factors[7] = _two_difference(bx, px)
    size = 0
    for term in range(8):
        side, sign = 4 * (term // 4), 1.0 if term < 4 else -1.0
        high, low = _two_product(factors[side + term // 2 % 2], factors[side + 2 + term % 2])
        size = _grow(expansion, size, sign * low)
        size = _grow(expansion, size, sign * high)
    for at in range(size - 1, -1, -1):
        if expansion[at] != 0.0:
            return float(expansion[at])
    return 0.0


@compiled()
def _two_difference(a: float, b: float) -> tuple[float, float]:
    high = a - b
    virtual = a - high
    return high, (a - (high + virtual)) + (virtual - b)


@compiled()
def _two_product(a: float, b: float) -> tuple[float, float]:
    high = a * b
    c = _SPLITTER * a
    a_high = c - (c - a)
    a_low = a - a_high
    c = _SPLITTER * b
    b_high = c - (c - b)
    b_low = b - b_high
    rest = high - a_high * b_high - a_low * b_high - a_high * b_low
    return high, a_low * b_low - rest


@compiled()
def _grow(expansion: np.ndarray, size: int, term: float) -> int:
    """Add one number to a nonoverlapping expansion of increasing magnitude."""
    for at in range(size):
        other = expansion[at]
        total = term + other
        virtual = total - term
        expansion[at] = (term - (total - virtual)) + (other - virtual)
        term = total
    expansion[size] = term
    return size + 1
