"""Resample a run of months in blocks, so that months which hang together stay together."""

from typing import Literal, TypeAlias, get_args

import numpy as np

from sahel_geo.arrays import Integers
from sahel_geo.errors import InputError, require_choice

Blocks: TypeAlias = Literal["stationary", "moving"]


def block_multiplicities(
    steps: int,
    *,
    replicates: int,
    rng: np.random.Generator,
    block_steps: float | None = None,
    blocks: Blocks = "stationary",
) -> Integers:
    """Tell how often each step occurs in each resampled run.

    A sum over a resampled run is then one product with the sums of the steps, whatever each of
    them was made from.

    Returns (r, n): Each row adds up to n.

    Politis, D. N. and Romano, J. P. (1994). The stationary bootstrap. Journal of the American
    Statistical Association 89, 1303-1313.
    Künsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations.
    Annals of Statistics 17, 1217-1241 (moving blocks).

    >>> rng = np.random.default_rng(1)
    >>> block_multiplicities(6, replicates=2, rng=rng).sum(axis=1).tolist()
    [6, 6]
    """
    length = length_of_blocks(steps, replicates, block_steps, blocks)
    if steps == 0:
        return np.zeros((replicates, 0), dtype=np.int64)
    if blocks == "moving":
        each = min(max(round(length), 1), steps)
        first = rng.integers(0, steps - each + 1, (replicates, -(-steps // each)))
        drawn = (first[:, :, None] + np.arange(each)).reshape(replicates, -1)[:, :steps]
    else:
        fresh = rng.integers(0, steps, (replicates, steps))
        begins = rng.random((replicates, steps)) < 1 / length
        begins[:, 0] = True
        at = np.maximum.accumulate(np.where(begins, np.arange(steps), 0), axis=1)
        drawn = (np.take_along_axis(fresh, at, axis=1) + np.arange(steps) - at) % steps
    cell = drawn + steps * np.arange(replicates)[:, None]
    counts = np.bincount(cell.ravel(), minlength=replicates * steps)
    return np.asarray(counts.reshape(replicates, steps), dtype=np.int64)


def length_of_blocks(steps: int, replicates: int, block_steps: float | None, blocks: str) -> float:
    """Refuse settings that no run can be resampled with, and give the length of a block."""
    if replicates < 1:
        raise InputError(f"`replicates` is {replicates}; expected at least 1. Ask for 999.")
    require_choice("blocks", blocks, get_args(Blocks))
    if block_steps is None:
        return max(1.0, float(np.ceil(round(steps ** (1 / 3), 9))))
    if not (np.isfinite(block_steps) and block_steps >= 1):
        raise InputError(
            f"the length of a block is {block_steps}; expected at least 1 step. Leave it out for "
            "the cube root of the number of steps."
        )
    return float(block_steps)
