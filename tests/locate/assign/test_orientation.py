"""The side of a line that a point lies on is that of exact arithmetic."""

from fractions import Fraction

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from sahel_geo.locate.assign.orientation import are_left, is_left, orientation

nearby = st.floats(-30, 30, allow_subnormal=False).map(lambda x: round(x, 5))


def exact(*numbers):
    """The sign of the determinant in fractions."""
    ax, ay, bx, by, px, py = (Fraction(float(number)) for number in numbers)
    turn = (ax - px) * (by - py) - (ay - py) * (bx - px)
    return (turn > 0) - (turn < 0)


def close_cases(number=3000):
    """Points at most some roundings off lines whose ends lie at quite different distances."""
    rng = np.random.default_rng(1)
    for _ in range(number):
        ends = rng.uniform(-1, 1, (2, 2)) * 10.0 ** rng.integers(-12, 3, (2, 1))
        share = rng.choice([0.0, 1.0, rng.random(), 1e-9 * rng.random()])
        point = ends[0] + (ends[1] - ends[0]) * share
        for _ in range(rng.integers(0, 4)):
            point = np.nextafter(point, rng.choice([-99.0, 99.0], 2))
        yield *ends.ravel().tolist(), *point.tolist()


@given(nearby, nearby, nearby, nearby, st.integers(0, 1000), st.integers(-3, 3), st.integers(-3, 3))
def test_orientation_has_the_sign_of_exact_arithmetic(ax, ay, bx, by, share, up, right):
    px = ax + (bx - ax) * share / 1000
    py = ay + (by - ay) * share / 1000
    for _ in range(abs(up)):
        py = np.nextafter(py, 99 if up > 0 else -99)
    for _ in range(abs(right)):
        px = np.nextafter(px, 99 if right > 0 else -99)
    assume(all(value == 0 or abs(value) > 1e-100 for value in (px, py)))  # products underflow
    sign = exact(ax, ay, bx, by, px, py)
    assert np.sign(orientation(ax, ay, bx, by, float(px), float(py))) == sign


def test_so_it_has_where_the_differences_of_the_coordinates_are_rounded():
    cases = list(close_cases())
    signs = [exact(*case) for case in cases]
    assert min(signs.count(-1), signs.count(1)) > 1000
    assert [int(np.sign(orientation(*case))) for case in cases] == signs


def test_a_point_on_a_line_has_no_side_and_an_edge_to_the_east_passes_below_it():
    east = (-0.3, -0.3, 0.9, 0.9, 0.1, 0.1)  # 0.1 + 0.3 and 0.9 - 0.1 are rounded
    west = (*east[2:4], *east[:2], *east[4:])
    assert exact(*east) == orientation(*east) == orientation(*west) == 0.0
    assert is_left(*east)
    assert not is_left(*west)


def test_many_points_at_once_lie_where_each_does_alone():
    cases = [*close_cases(), (-0.3, -0.3, 0.9, 0.9, 0.1, 0.1), (0.9, 0.9, -0.3, -0.3, 0.1, 0.1)]
    cases += [(0, 0, 4, 2, 2, 1), (4, 2, 0, 0, 2, 1), (1, 5, 1, 7, 1, 6), (1, 7, 1, 5, 1, 6)]
    table = np.array(cases, dtype=float)
    left = are_left(table[:, :4], *table[:, 4:].T)
    expected = [exact(*case) > 0 or (exact(*case) == 0 and case[2] > case[0]) for case in cases]
    assert left.tolist() == expected
    assert [is_left(*case) for case in table.tolist()] == expected
