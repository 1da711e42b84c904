"""How far long work has come, for whoever asked to see it.

Work that may take long names itself with :func:`track` or :func:`task`. Nothing happens there
unless the caller is inside :func:`progress`, so that neither results nor times depend on it.
"""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from html import escape
from importlib import import_module
from time import monotonic
from typing import Any, Final, TypeVar

from sahel_geo.errors import require_language
from sahel_geo.i18n.sentence import Texts
from sahel_geo.schema import Language

T = TypeVar("T")

_WORDS: Final = Texts(
    {
        "choosing": "choosing the bandwidth",
        "comparing": "comparing the sources",
        "counting": "counting",
        "draws": "draws",
        "fitting": "fitting",
        "geocoding": "places",
        "measures": "measures",
        "names": "close names",
        "pairs": "close pairs",
        "permutations": "permutations",
        "pieces": "pieces",
        "placing": "placing",
        "profile": "likelihood profile",
        "shifts": "shifts",
        "simulations": "simulations",
        "smoothing": "smoothing",
        "windows": "windows",
    }
)
_QUIET_SECONDS: Final = 0.4  # work that is over sooner shows nothing
_BETWEEN_SECONDS: Final = 0.1


@dataclass
class Task:
    """Work under way."""

    name: str  # what it is, in the language asked for
    total: int | None  # steps in all; None where nobody can know
    done: int = 0  # steps done
    started: float = field(default_factory=monotonic)

    @property
    def share(self) -> float | None:
        """Share of the steps that is done, from 0 to 1; None where nobody can know."""
        return min(self.done / self.total, 1.0) if self.total else None

    @property
    def seconds(self) -> float:
        """Time since it began."""
        return monotonic() - self.started


Show = Callable[[Sequence[Task]], None]


class _Board:
    """The tasks under way, told to `show` by the thread that asked, and not too often."""

    def __init__(self, show: Show, lang: Language) -> None:
        self._show = show
        self._words = _WORDS[lang]
        self._tasks: list[Task] = []
        self._shown = False
        self._told = 0.0
        self._thread = threading.get_ident()
        self._lock = threading.Lock()

    def begin(self, name: str, total: int | None) -> Task:
        begun = Task(self._words[name], total)
        with self._lock:
            self._tasks.append(begun)
        return begun

    def move(self, moved: Task) -> None:
        with self._lock:
            moved.done += 1
        if threading.get_ident() == self._thread and monotonic() - self._told > _BETWEEN_SECONDS:
            self._tell()

    def end(self, ended: Task) -> None:
        with self._lock:
            self._tasks = [each for each in self._tasks if each is not ended]
        if self._shown and threading.get_ident() == self._thread:
            self._tell()

    def close(self) -> None:
        self._tasks = []
        if self._shown:
            self._show([])

    def _tell(self) -> None:
        tasks = [each for each in self._tasks if each.seconds > _QUIET_SECONDS]
        self._told = monotonic()
        if tasks or self._shown:
            self._shown = True
            self._show(tasks)


_board: _Board | None = None


@contextmanager
def progress(show: Show | None = None, *, lang: Language = "fr") -> Iterator[None]:
    """Show how far long work has come: permutations, draws, fits, scans, geocoding, Dask.

    Bars appear in a notebook, and on a terminal (its error stream); elsewhere, as in a pipe or a
    file, nothing is written. Work that takes less than half a second shows nothing. Results do
    not depend on it.

    Parameters
    ----------
    show : callable, optional
        Takes the tasks under way, the outermost first, instead of a notebook or terminal: each has
        ``name``, ``share`` (0 to 1, or None), ``done``, ``total`` and ``seconds``. Called ten times
        a second at most, by the thread that asked.
    lang : {"fr", "en"}
        Language of the names of the tasks.

    Yields
    ------
    None
        While the work inside is watched.

    Raises
    ------
    InputError
        If `lang` is not a language of the package.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> incidents, regions = sg.load_example_incidents(), sg.load_boundaries(level=1)
    >>> panel = sg.count(sg.assign(incidents, regions), regions)
    >>> with sg.progress(lang="en"):
    ...     hot = sg.hotspots.local_gi(panel, regions, permutations=999, rng=1)
    """
    global _board  # noqa: PLW0603  threads of the work must see it
    require_language(lang)
    before, chosen = _board, show or _place()
    board = None if chosen is None else _Board(chosen, lang)
    _board = board
    try:
        yield
    finally:
        _board = before
        if board is not None:
            board.close()


def track(each: Iterable[T], name: str | None, total: int | None = None) -> Iterable[T]:
    """Go through some things, and tell who watches how far it has come.

    >>> [draw * 2 for draw in track(range(3), "draws")]
    [0, 2, 4]
    """
    if _board is None or name is None:
        return each
    if total is None and isinstance(each, Sized):
        total = len(each)
    return _tracked(_board, each, name, total)


def _tracked(board: _Board, each: Iterable[T], name: str, total: int | None) -> Iterator[T]:
    with _stepping(board, name, total) as step:
        for one in each:
            yield one
            step()


def task(name: str, total: int | None = None) -> AbstractContextManager[Callable[[], None]]:
    """Announce work that is not a loop.

    >>> with task("fitting") as step:
    ...     step()
    """
    if _board is None:
        return nullcontext(lambda: None)
    return _stepping(_board, name, total)


@contextmanager
def _stepping(board: _Board, name: str, total: int | None) -> Iterator[Callable[[], None]]:
    begun = board.begin(name, total)
    try:
        yield lambda: board.move(begun)
    finally:
        board.end(begun)


def _place() -> Show | None:
    """Find where a person looks: a notebook, a terminal, or nowhere."""
    interactive = sys.modules.get("IPython")
    shell = interactive.get_ipython() if interactive is not None else None
    if getattr(shell, "kernel", None) is not None:
        return _Notebook()
    return _Terminal() if sys.stderr is not None and sys.stderr.isatty() else None


class _Notebook:
    """Bars below a cell, gone when the work is over."""

    def __init__(self) -> None:
        self._handle: Any = None

    def __call__(self, tasks: Sequence[Task]) -> None:
        cell: Any = import_module("IPython.display")  # it is there, since its kernel runs
        bars = cell.HTML("".join(_bar(each) for each in tasks))
        if self._handle is None:
            self._handle = cell.display(bars, display_id=True)
        else:
            self._handle.update(bars)


def _bar(state: Task) -> str:
    share = state.share
    value, percent = ("", "") if share is None else (f' value="{share:.3f}"', f"{share:.0%} · ")
    return (
        f'<div style="font: 0.9em system-ui, sans-serif"><progress max="1"{value} '
        f'aria-label="{escape(state.name)}"></progress> {escape(state.name)} · '
        f"{percent}{state.seconds:.0f} s</div>"
    )


class _Terminal:
    """Bars on the error stream, gone when the work is over."""

    def __init__(self) -> None:
        self._bars: Any = None

    def __call__(self, tasks: Sequence[Task]) -> None:
        if self._bars is None:
            if not tasks:
                return
            self._bars = self._begun()
        bars = self._bars
        while len(bars.tasks) < len(tasks):
            bars.add_task("", total=1.0)
        for place, slot in enumerate(bars.tasks):
            under_way = place < len(tasks)
            bars.update(slot.id, visible=under_way)
            if under_way:
                one = tasks[place]
                words = f"{one.name} · {one.seconds:.0f} s"
                total = None if one.share is None else 1.0
                bars.update(slot.id, description=words, completed=one.share or 0.0, total=total)
        bars.refresh()
        if not tasks:
            bars.stop()
            self._bars = None

    @staticmethod
    def _begun() -> Any:
        from rich.console import Console  # noqa: PLC0415  only who asks for bars pays for it
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn  # noqa: PLC0415

        columns = (BarColumn(24), TaskProgressColumn(), TextColumn("{task.description}"))
        bars = Progress(*columns, console=Console(stderr=True), transient=True)
        bars.start()
        return bars
