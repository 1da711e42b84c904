"""Compile functions to machine code, and run them over chunks of rows by threads.

Threads take chunks through compiled functions that release the interpreter lock. They are not
numba's own threads, which do not bear being called from several Python threads or after a fork.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, cached_property, update_wrapper
from pathlib import Path
from types import FunctionType
from typing import Any, Final, Literal, TypeVar

from sahel_geo.tasks import track

_THREADS: Final = "OPENBLAS_NUM_THREADS"  # which a library reads when it is loaded
_LIBRARIES: Final = {"numpy.linalg", "scipy.linalg", "sklearn.utils"}  # each brings its own threads
FEW_STEPS: Final = 100_000  # that Python does sooner, one to five million a second
CHUNK = 1 << 18  # rows; large enough to hide the cost of a call, small enough to share out evenly

Result = TypeVar("Result")


class Kernel:
    """A function over arrays and numbers that is compiled when it is first called.

    numba is imported with the first call, not before, and takes a second and 150 MB; so call a
    kernel for work that may be small by its form for so many steps, :meth:`sized`.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        self.py_func: Any = function
        self._options = options
        self._steps = 0  # done in Python
        update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:
        """Call the machine code, compiled before if need be."""
        return self.machine(*arguments)

    @cached_property
    def machine(self) -> Any:
        """The compiled form; the machine code is kept on disk if that is allowed."""
        import numba  # noqa: PLC0415  a third of a second and 100 MB, and only kernels need it

        function = self._bound("machine")
        try:
            kept = numba.njit(cache=True, nogil=True, **self._options)(function)
            if is_private(Path(kept.stats.cache_path)):
                return kept
        except RuntimeError:  # numba finds no folder that it may write to
            pass
        return numba.njit(nogil=True, **self._options)(function)

    @cached_property
    def plain(self) -> Any:
        """The same function in Python, and all that it calls."""
        return self._bound("plain")

    @property
    def is_at_hand(self) -> bool:
        """Whether this process has the machine code already."""
        return bool("machine" in self.__dict__ and self.machine.signatures)

    def sized(self, steps: int) -> Any:
        """Give the form that is sooner done with some steps, by about how many there are.

        That is Python until it has done as much as would have paid for importing numba and for
        compiling; from then on, or if this process has it, the machine code.
        """
        if self.is_at_hand:
            return self.machine
        self._steps += steps
        return self.plain if self._steps <= FEW_STEPS else self.machine

    def _bound(self, form: str) -> Any:
        """Copy the function, with one form of each kernel that it calls."""
        names = self.py_func.__globals__
        called = [name for name in self.py_func.__code__.co_names if name in names]
        kernels = {
            name: getattr(names[name], form) for name in called if isinstance(names[name], Kernel)
        }
        copy = FunctionType(self.py_func.__code__, {**names, **kernels}, self.py_func.__name__)
        copy.__qualname__ = self.py_func.__qualname__
        return copy


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function on its first call, and keep the machine code on disk if allowed.

    The code is kept beside the module, or in the user's cache folder if the package is installed
    read-only. Where neither can be written it is compiled again in each process; so too where
    somebody else could write there, since what numba keeps is run when it is read.

    Returns: A decorator that gives a :class:`Kernel`.
    """
    return lambda function: Kernel(function, options)


@cache
def is_private(folder: Path) -> bool:
    """Tell whether only this user and the system can write into a folder, or put another there."""
    if os.name != "posix":
        return True  # permissions mean something else there
    try:
        home = folder.resolve()
        return all(_is_ours(each) for each in (home, *home.parents) if each.exists())
    except OSError:
        return False


def _is_ours(folder: Path) -> bool:
    about = folder.stat()
    own_group = about.st_gid == os.getgid() and about.st_gid == about.st_uid
    others = about.st_mode & (stat.S_IWOTH if own_group else stat.S_IWOTH | stat.S_IWGRP)
    # in a folder such as /tmp, others may add files and not touch ours
    return about.st_uid in {0, os.getuid()} and not (others and not about.st_mode & stat.S_ISVTX)


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


@contextmanager
def one_thread(library: Literal["blas", "openmp"]) -> Iterator[None]:
    """Let products of matrices, or scikit-learn, use one thread inside a `with`.

    For many small steps: on a busy machine threads wait for each other longer than they work. An
    OpenBLAS that is first loaded inside (SciPy has its own) begins with one thread, and keeps it.
    """
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        with _controller(library, len(_LIBRARIES & sys.modules.keys())).limit(
            limits=1, user_api=library
        ):
            yield
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before


@cache
def _controller(library: str, loaded: int) -> Any:  # noqa: ARG001  looks again when there are more
    """Look once for the libraries that a process has loaded; that takes some milliseconds."""
    if library == "openmp":
        import sklearn.ensemble  # noqa: F401, PLC0415  loads the library that is looked for
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415  comes with scikit-learn

    return ThreadpoolController()
