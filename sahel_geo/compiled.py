"""Compile functions to machine code, and run them over chunks of rows by threads.

Threads take chunks through compiled functions that release the interpreter lock. They are not
numba's own threads, which do not bear being called from several Python threads or after a fork.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numba

from sahel_geo.tasks import track

CHUNK = 1 << 18  # rows; large enough to hide the cost of a call, small enough to share out evenly

Result = TypeVar("Result")


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function on its first call, and keep the machine code on disk if allowed.

    The code is kept beside the module, or in the user's cache folder if the package is installed
    read-only. Where neither can be written it is compiled again in each process.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:  # numba finds no folder that it may write to
            return numba.njit(nogil=True, **options)(function)

    return decorate


def workers() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def over_chunks(
    work: Callable[[slice], Result], size: int, chunk: int = CHUNK, name: str | None = None
) -> list[Result]:
    """Call a function on consecutive slices of the rows, by as many threads as processors."""
    parts = [slice(at, min(at + chunk, size)) for at in range(0, size, chunk)]
    if len(parts) < 2 or workers() == 1:
        return [work(part) for part in track(parts, name)]
    with ThreadPoolExecutor(workers()) as pool:
        return list(track(pool.map(work, parts), name, len(parts)))
