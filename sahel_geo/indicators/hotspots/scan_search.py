"""Cylinders of a space-time scan, searched in machine code, and the tables that chance gives."""

from typing import Any, Final

import numpy as np

from sahel_geo.compiled import compiled

_TIE: Final = 1 + 1e-12  # a tie is no excess, whatever the rounding


@compiled()
def exchange(place: Any, when: Any, ends: Any, rng: Any, out: Any) -> None:  # pragma: no cover
    """Deal the dates anew among the incidents of each season, and count, for each lane."""
    for lane in range(out.shape[2]):
        for stratum in range(len(ends) - 1):
            for at in range(ends[stratum + 1] - 1, ends[stratum], -1):
                other = ends[stratum] + int(rng.random() * (at + 1 - ends[stratum]))
                when[at], when[other] = when[other], when[at]
        for at in range(len(place)):
            out[place[at], when[at], lane] += 1


@compiled()
def deal_out(reached: Any, total: int, rng: Any, out: Any) -> None:  # pragma: no cover
    """Deal the incidents out among cells by their cumulative shares, for each lane.

    Many go first, as Poisson variables with a total that is seldom too large: given their sum they
    are multinomial. The rest are dealt one by one, from where a table of guesses points.
    """
    cells, lanes = out.shape
    guess, at = np.zeros(4 * cells, dtype=np.int64), 0
    for step in range(4 * cells):
        while reached[at] * 4 * cells < step and at < cells - 1:
            at += 1
        guess[step] = at
    many = max(total - 1.5 * np.sqrt(total), 0.0) if total > 8 * cells else 0.0
    drawn = np.zeros(cells, dtype=np.float32)
    for lane in range(lanes):
        left = -1
        while left < 0:
            left, before = total, 0.0
            for cell in range(cells):
                first = rng.poisson(many * (reached[cell] - before)) if many else 0
                before = reached[cell]
                drawn[cell] = first
                left -= first
        for _ in range(left):
            mark = rng.random()
            cell = guess[int(mark * 4 * cells)]
            while reached[cell] < mark and cell < cells - 1:
                cell += 1
            drawn[cell] += 1
        for cell in range(cells):
            out[cell, lane] = drawn[cell]


@compiled()
def _likelihood_ratio(count: float, expected: float, total: float) -> float:  # pragma: no cover
    """Logarithm of the likelihood ratio of Kulldorff."""
    value = count * np.log(count / expected)
    if count < total:
        value += (total - count) * np.log((total - count) / max(total - expected, 1e-300))
    return float(value)


@compiled()
def highest(  # pragma: no cover
    counts: Any, baseline: Any, near: Any, size: Any, longest: int, prospective: Any
) -> float:
    """Highest ratio of all cylinders."""
    steps, total, best = counts.shape[1], float(counts.sum()), 0.0
    seen, mean = np.zeros(steps), np.zeros(steps)
    for centre in range(len(size)):
        seen[:], mean[:] = 0.0, 0.0
        for k in range(size[centre]):
            unit = near[centre, k]
            for step in range(steps):
                seen[step] += counts[unit, step]
                mean[step] += baseline[unit, step]
            for start in range(steps - longest if prospective else 0, steps):
                count, expected = 0.0, 0.0
                for stop in range(start, min(start + longest, steps)):
                    count += seen[stop]
                    expected += mean[stop]
                    if prospective and stop < steps - 1:
                        continue
                    over = count - expected * _TIE
                    # the ratio is at most over² (total + expected) / (2 expected rest)
                    rest = total - expected
                    bound = over * over * (total + expected) > best * 2 * expected * rest
                    if over > 0 and count > 1 and bound:
                        best = max(best, _likelihood_ratio(count, expected * _TIE, total))
    return best


@compiled()
def highest_of_many(  # noqa: C901, PLR0912  # pragma: no cover
    counts: Any, baseline: Any, near: Any, size: Any, longest: int, prospective: Any
) -> Any:
    """Highest ratio of all cylinders in each of many tables of the same expectations."""
    steps, lanes, total = counts.shape[1], counts.shape[2], float(baseline.sum())
    best, root = np.zeros(lanes), np.zeros(lanes, dtype=np.float32)
    seen, mean = np.zeros((steps, lanes), dtype=np.float32), np.zeros(steps)
    count, single, highest = np.zeros(lanes, dtype=np.float32), steps == 1, 0.0
    for centre in range(len(size)):
        seen[:], mean[:] = 0.0, 0.0
        for k in range(size[centre]):
            unit = near[centre, k]
            for step in range(steps):
                mean[step] += baseline[unit, step]
                if single:  # `count` itself adds the units up
                    break
                sums, more = seen[step], counts[unit, step]
                for lane in range(lanes):
                    sums[lane] += more[lane]
            for start in range(steps - longest if prospective else 0, steps):
                expected = 0.0
                for stop in range(start, min(start + longest, steps)):
                    expected += mean[stop]
                    before = np.float32(stop > start or (single and k > 0))
                    # With x over what is expected, and y = x / rest, the ratio is at most
                    # x² / 2 (1 / expected + (1 + y) / rest): to exceed the best takes root(best)
                    # times this, where `most` is the largest y that need be thought of.
                    rest = max(total - expected, 1e-9)
                    most = min(highest * np.sqrt(2 * expected / (total * rest)), 1.0)
                    scale = np.float32(
                        np.sqrt(2 * expected * rest / (rest + (1 + most) * expected))
                    )
                    level = np.float32(expected)
                    hits, more = 0, counts[unit, 0] if single else seen[stop]
                    for lane in range(lanes):
                        count[lane] = before * count[lane] + more[lane]
                        hits += int(count[lane] - level > root[lane] * scale)
                    if hits == 0 or (prospective and stop < steps - 1):
                        continue
                    even = expected * _TIE
                    for lane in range(lanes):
                        if not count[lane] - level > root[lane] * scale:
                            continue
                        if count[lane] > 1 and count[lane] > even:
                            value = _likelihood_ratio(float(count[lane]), even, total)
                            if value > best[lane]:
                                best[lane] = value
                                root[lane] = np.sqrt(value) * 0.9999
                                highest = max(highest, np.sqrt(value))
                        hits -= 1
                        if hits == 0:
                            break
    return best


@compiled()
def best_by_centre(  # pragma: no cover
    counts: Any, baseline: Any, near: Any, size: Any, longest: int, prospective: Any
) -> Any:
    """Highest ratio of each centre, and its number of units, first and last period."""
    steps, total = counts.shape[1], float(counts.sum())
    ratio, where = np.zeros(len(size)), np.zeros((len(size), 3), dtype=np.int64)
    seen, mean = np.zeros(steps), np.zeros(steps)
    for centre in range(len(size)):
        seen[:], mean[:] = 0.0, 0.0
        for k in range(size[centre]):
            seen += counts[near[centre, k]]
            mean += baseline[near[centre, k]]
            for start in range(steps - longest if prospective else 0, steps):
                count, expected = 0.0, 0.0
                for stop in range(start, min(start + longest, steps)):
                    count += seen[stop]
                    expected += mean[stop]
                    if prospective and stop < steps - 1:
                        continue
                    if count > 1 and count > expected * _TIE:
                        value = _likelihood_ratio(count, expected * _TIE, total)
                        if value > ratio[centre]:
                            ratio[centre] = value
                            where[centre, 0] = k + 1
                            where[centre, 1] = start
                            where[centre, 2] = stop
    return ratio, where
