"""Cylinders of a space-time scan, searched in machine code, and the tables that chance gives."""

from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from sahel_geo.arrays import Floats, Integers
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.indicators.permutation.waves import Waves

Model = Literal["permutation", "poisson"]

_LANES: Final = 128  # replicates side by side in memory
_SIDE_BY_SIDE: Final = 16  # compared at a time
_MOST_LAID: Final = 1_000_000  # outcomes of laws laid out in memory
_TIE: Final = 1 + 1e-12  # a tie is no excess, whatever the rounding
_GUESSES: Final = 8  # for each outcome


@compiled()
def _uniform(state: Any) -> float:  # pragma: no cover
    """Draw from 0 to 1: SplitMix64 (Steele, Lea and Flood 2014), where a generator's call tells."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53


@compiled()
def _exchange(place: Any, when: Any, ends: Any, state: Any, out: Any) -> None:  # pragma: no cover
    """Deal the dates anew among the incidents of each season, and count, for each lane first."""
    for lane in range(out.shape[0]):
        for stratum in range(len(ends) - 1):
            for at in range(ends[stratum + 1] - 1, ends[stratum], -1):
                other = ends[stratum] + int(_uniform(state) * (at + 1 - ends[stratum]))
                when[at], when[other] = when[other], when[at]
        for at in range(len(place)):
            out[lane, place[at], when[at]] += 1


@compiled()
def _lay_out(weight: Any, reached: Any, guess: Any) -> None:  # pragma: no cover
    """Lay out a law so that one random number draws from it, however many outcomes."""
    total, sums, at = weight.sum(), 0.0, 0
    for outcome in range(len(weight)):
        sums += weight[outcome] / total
        reached[outcome] = sums
    reached[-1] = 1.0
    for step in range(len(guess)):
        while reached[at] * len(guess) < step and at < len(weight) - 1:
            at += 1
        guess[step] = at


@compiled()
def _pick(reached: Any, guess: Any, state: Any) -> int:  # pragma: no cover
    """Draw an outcome of a law that is laid out; the guess is seldom wrong."""
    mark = _uniform(state)
    at = guess[int(mark * len(guess))]
    while reached[at] < mark:
        at += 1
    return int(at)


@compiled()
def _counts_first(mean: Any, reached: Any, guess: Any) -> Any:  # pragma: no cover
    """Lay out the Poisson law around each mean, ten deviations to either side."""
    starts, lows = np.zeros(len(mean) + 1, dtype=np.int64), np.zeros(len(mean), dtype=np.int64)
    for cell in range(len(mean)):
        reach = 10 * np.sqrt(mean[cell]) + 10
        lows[cell] = max(int(mean[cell] - reach), 0)
        number = int(mean[cell] + reach) + 1 - lows[cell]
        law = np.zeros(number)
        peak = int(mean[cell]) - lows[cell]
        law[peak] = 1.0
        for at in range(peak, 0, -1):
            law[at - 1] = law[at] * (lows[cell] + at) / mean[cell]
        for at in range(peak + 1, number):
            law[at] = law[at - 1] * mean[cell] / (lows[cell] + at)
        first = starts[cell]
        starts[cell + 1] = last = first + number
        _lay_out(law, reached[first:last], guess[_GUESSES * first : _GUESSES * last])
    return starts, lows


@compiled()
def laws_of(share: Any, total: int, most: int) -> Any:  # pragma: no cover
    """Lay out how incidents are dealt among cells by their shares.

    Of many incidents most go first, as Poisson variables with a total that is seldom too large:
    given their sum they are multinomial. The rest are dealt one by one. Of laws with more than
    `most` outcomes numbers are drawn without laying them out.
    """
    cells = len(share)
    reached, guess = np.empty(cells), np.empty(_GUESSES * cells, dtype=np.int32)
    _lay_out(share, reached, guess)
    many = total - 1.2 * np.sqrt(total) if total > 8 * cells else 0.0
    mean = np.maximum(share, 1e-300) * many
    room = int((20 * np.sqrt(mean) + 22).sum()) if many else 0
    room = room if room < most else 0  # they are drawn without
    first, first_guess = np.empty(room), np.empty(_GUESSES * room, dtype=np.int32)
    starts, lows = _counts_first(mean if room else mean[:0], first, first_guess)
    return reached, guess, mean, starts, lows, first, first_guess


@compiled()
def deal_out(laws: Any, total: int, state: Any, rng: Any, out: Any) -> None:  # pragma: no cover
    """Deal the incidents out among cells, for each lane; out has shape (lanes, cells)."""
    reached, guess, mean, starts, lows, first, first_guess = laws
    lanes, cells = out.shape
    many = mean[0] > 0
    for lane in range(lanes):
        drawn, left = out[lane], -1 if many else total
        while left < 0:
            left = total
            for cell in range(cells):
                if len(lows):
                    begin, end = starts[cell], starts[cell + 1]
                    wide = first_guess[_GUESSES * begin : _GUESSES * end]
                    drawn[cell] = lows[cell] + _pick(first[begin:end], wide, state)
                else:
                    drawn[cell] = rng.poisson(mean[cell])
                left -= int(drawn[cell])
        for _ in range(left):
            drawn[_pick(reached, guess, state)] += 1


@compiled()
def _likelihood_ratio(count: float, expected: float, total: float) -> float:  # pragma: no cover
    """Logarithm of the likelihood ratio of Kulldorff."""
    value = count * np.log(count / expected)
    if count < total:
        value += (total - count) * np.log((total - count) / max(total - expected, 1e-300))
    return float(value)


@compiled()
def _highest(  # pragma: no cover
    counts: Any, baseline: Any, near: Any, size: Any, fresh: Any, longest: int, prospective: Any
) -> float:
    """Highest ratio of all cylinders over circles that are `fresh`, not those of another centre."""
    steps, total, best = counts.shape[1], float(counts.sum()), 0.0
    seen, mean = np.zeros(steps), np.zeros(steps)
    for centre in range(len(size)):
        seen[:], mean[:] = 0.0, 0.0
        for k in range(size[centre]):
            unit = near[centre, k]
            for step in range(steps):
                seen[step] += counts[unit, step]
                mean[step] += baseline[unit, step]
            if not fresh[centre, k]:
                continue
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


@compiled(fastmath={"reassoc", "nsz"})
def highest_of_many(  # noqa: C901, PLR0912  # pragma: no cover
    counts: Any, baseline: Any, near: Any, size: Any, fresh: Any, longest: int, prospective: Any
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
            if not (single or fresh[centre, k]):
                continue
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
                    hits, more = np.float32(0), counts[unit, 0] if single else seen[stop]
                    for lane in range(lanes):
                        count[lane] = before * count[lane] + more[lane]
                        hits += (
                            np.float32(1)
                            if count[lane] - level > root[lane] * scale
                            else np.float32(0)
                        )
                    if hits == 0 or not fresh[centre, k] or (prospective and stop < steps - 1):
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
                    over, rest = count - expected * _TIE, total - expected
                    # as in `_highest`
                    limit = ratio[centre] * 2 * expected * rest
                    if count > 1 and over > 0 and over * over * (total + expected) > limit:
                        value = _likelihood_ratio(count, expected * _TIE, total)
                        if value > ratio[centre]:
                            ratio[centre] = value
                            where[centre, 0] = k + 1
                            where[centre, 1] = start
                            where[centre, 2] = stop
    return ratio, where


class Draws:
    """Random tables of counts as the null hypothesis has them, with their expectations."""

    def __init__(
        self, counts: Integers, baseline: Floats, model: Model, strata: Integers, waves: Waves
    ) -> None:
        self.baseline, self.model, self.strata = baseline, model, strata
        self.level = (
            product_of_sums(counts, np.zeros_like(strata)) if model == "permutation" else baseline
        )
        self.wild = waves.lasting + waves.passing > 0
        span = np.arange(counts.shape[1])
        self.rates = waves.rates(np.abs(span[:, None] - span))
        self.total, self.shape = int(counts.sum()), counts.shape
        if model == "poisson":
            self.laws = laws_of(baseline.ravel() / baseline.sum(), self.total, _MOST_LAID)
            return
        place, when = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), counts.shape[1])
        order = np.argsort(strata[when], kind="stable")
        self.place, self.when = place[order], when[order]
        self.ends = np.r_[0, np.cumsum(np.bincount(strata[when], minlength=strata.max() + 1))]

    @property
    def fixed(self) -> bool:
        """Whether all tables have the same expectations."""
        return self.model == "poisson" or not self.wild

    def tables(self, number: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
        """Draw tables, shape (n, t, number), and empty ones up to a multiple that is fast."""
        state = rng.integers(2**63, size=1, dtype=np.uint64)
        whole = np.zeros((-(-number // _SIDE_BY_SIDE) * _SIDE_BY_SIDE, *self.shape), np.float32)
        drawn = whole[:number]
        if self.model == "permutation":
            _exchange(self.place, self.when.copy(), self.ends, state, drawn)
        elif not self.wild:
            deal_out(self.laws, self.total, state, rng, drawn.reshape(number, -1))
        else:
            rates = self.rates(number * self.shape[0], rng)
            share = self.baseline.ravel() * rates.reshape(number, -1)
            share = share / share.sum(axis=1, keepdims=True)
            drawn[:] = rng.multinomial(self.total, share).reshape(drawn.shape)
        return np.ascontiguousarray(np.moveaxis(whole, 0, 2))

    def anew(self, rng: np.random.Generator) -> tuple[Integers, Floats]:
        """Draw a table, and expect it as the model does: by its own units and periods, or not."""
        share = self.level * self.rates(self.shape[0], rng)
        drawn = rng.multinomial(self.total, (share / share.sum()).ravel()).reshape(self.shape)
        own = self.model == "permutation"
        return drawn, product_of_sums(drawn, self.strata) if own else self.baseline

    def highest(
        self, circles: tuple[Any, ...], replicates: int, rng: np.random.Generator
    ) -> Floats:
        """Give the highest ratio of each table within circles, as :func:`highest_of_many`."""
        maxima = np.zeros(replicates)
        seeds = rng.spawn(-(-replicates // _LANES))

        def work(part: slice) -> None:
            generator, number = seeds[part.start // _LANES], part.stop - part.start
            if self.fixed:
                tables = self.tables(number, generator)
                maxima[part] = highest_of_many(tables, self.baseline, *circles)[:number]
                return
            for at in range(part.start, part.stop):
                maxima[at] = _highest(*self.anew(generator), *circles)

        over_chunks(work, replicates, _LANES, "simulations")
        return maxima


def product_of_sums(counts: Integers, strata: Integers) -> Floats:
    """Expect the counts from those of the units and those of the periods, by season."""
    expected = np.zeros(counts.shape)
    for season in np.unique(strata):
        own = strata == season
        part = counts[:, own]
        expected[:, own] = np.outer(part.sum(axis=1), part.sum(axis=0)) / max(int(part.sum()), 1)
    return expected
