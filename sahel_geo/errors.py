"""Exceptions of sahel_geo.

Every message names the argument or the file, says what is wrong and how often, shows the first
offenders, states the rule, and ends with what to do.
"""

import math
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from numbers import Integral
from pathlib import Path
from traceback import FrameSummary, extract_tb
from typing import Any, Final, ParamSpec, TypeVar

from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.schema import Language

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")
_PACKAGE: Final = str(Path(__file__).parent)


class SahelGeoError(Exception):
    """Base of every error that sahel_geo raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong, in English, with placeholders as of :meth:`str.format`.
    **parts : object
        What stands in the placeholders.

    Examples
    --------
    >>> error = FileError("{file!r} changed while it was read.", file="x.csv")
    >>> str(error)
    "'x.csv' changed while it was read."
    >>> error.say("fr")
    "'x.csv' a changé pendant la lecture."
    """

    def __init__(self, message: str, /, **parts: object) -> None:
        super().__init__(Sentence(message, **parts) if parts else Sentence.of(message))

    def say(self, lang: Language) -> str:
        """Give the message in one language."""
        return self.sentence.say(lang)

    @property
    def sentence(self) -> Sentence:
        """The message, as a sentence that can be part of another."""
        return Sentence.of(self.args[0])

    def _render_traceback_(self) -> list[str]:
        """Give a notebook the caller's own lines and the message, which says what to do.

        The whole traceback stays on the exception: ``%debug`` steps through it, and
        ``traceback.print_exc()`` prints it.
        """
        own = (
            frame
            for frame in extract_tb(self.__traceback__)
            if not (frame.filename.startswith(_PACKAGE) or "site-packages" in frame.filename)
        )
        where = [f"{_place(frame)}: {frame.line}" for frame in own]
        return [*where, f"{type(self).__name__}: {self}"]


class InputError(SahelGeoError, ValueError):
    """An argument or the content of a table cannot be used."""


class CrsError(InputError):
    """A coordinate reference system is missing, unsuitable, or differs between two inputs."""


class FileError(SahelGeoError, OSError):
    """A file cannot be read or written."""


@contextmanager
def saying_why(
    message: str,
    *faults: type[Exception],
    kind: type[SahelGeoError] = FileError,
    width: int = 200,
    **parts: object,
) -> Iterator[None]:
    """Turn what the system or another library raises into an error of ours, with ``{why}``."""
    try:
        yield
    except SahelGeoError:
        raise
    except faults as error:
        raise kind(message, why=why(error, width), **parts) from error


def or_none(
    compute: Callable[_Given, _Result], *args: _Given.args, **options: _Given.kwargs
) -> _Result | None:
    """Compute what is shown, or give None where the data hold too little (`InputError`).

    >>> import sahel_geo as sg
    >>> or_none(sg.load_boundaries, level=7) is None
    True
    """
    try:
        return compute(*args, **options)
    except InputError:
        return None


def require_language(lang: str) -> None:
    """Refuse a language that the package does not speak."""
    require_choice("lang", lang, languages())


def require_choice(argument: str, value: object, known: Iterable[object]) -> None:
    """Refuse a value that an argument does not take."""
    known = list(known)
    if value not in known:
        raise InputError(
            "`{argument}` is {value!r}; expected one of {known}. Choose one.",
            argument=argument,
            value=value,
            known=known,
        )


def require_names(argument: str, names: Collection[str], known: Iterable[str]) -> None:
    """Refuse names that do not exist, and none at all."""
    known = list(known)
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise InputError(
            "{argument} has {number} unknown names: {shown}; expected some of {known}. {near}",
            argument=argument,
            number=len(unknown),
            shown=first_offenders(unknown),
            known=known,
            near=did_you_mean(unknown[0] if unknown else "", known),
        )


def require_whole(argument: str, value: object, least: int = 1) -> None:
    """Refuse a value that is no whole number, or a smaller one than may be."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise InputError(
            "`{argument}` is {value!r:.60}; expected a whole number of at least {least}. Correct "
            "it.",
            argument=argument,
            value=value,
            least=least,
        )


def require_columns(
    frame: Any,
    argument: str,
    columns: Iterable[str],
    advice: str = "Rename the columns, or load them with sahel_geo.",
) -> None:
    """Refuse a table without the columns that are read."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InputError(
            f"`{argument}` has no column {first_offenders(missing)}; it has "
            f"{first_offenders(frame.columns)}. {advice} "
            f"{did_you_mean(missing[0], frame.columns)}".rstrip()
        )


def require_km(argument: str, value: float) -> None:
    """Refuse a length that is not positive, or has no end."""
    if not 0 < value < math.inf:
        raise InputError(f"`{argument}` is {value}; expected a positive number of km.")


def _place(frame: FrameSummary) -> str:
    name = Path(frame.filename)
    cell = name.stem.isdigit() or frame.filename.startswith("<")
    return f"line {frame.lineno}" if cell else f"{name.name}, line {frame.lineno}"


def first_offenders(values: Iterable[object], limit: int = 5) -> Sentence:
    """Show the first few offending values of a long list, for an error message.

    >>> first_offenders([4, 18, 77])
    '[4, 18, 77]'
    >>> first_offenders(range(8), limit=2)
    '[0, 1, ... 6 more]'
    """
    offenders = list(values)
    parts = [value if isinstance(value, Sentence) else _short(value) for value in offenders[:limit]]
    if len(offenders) > limit:
        parts.append(Sentence("... {number} more", number=len(offenders) - limit))
    return Sentence("[{items}]", items=joined(parts, ", "))


def did_you_mean(word: object, known: Iterable[object], otherwise: str = "") -> Sentence:
    """Guess what was meant by a name that does not exist.

    >>> did_you_mean("Fatalites", ["date", "fatalities"])
    "Did you mean 'fatalities'?"
    """
    names = {str(name).lower(): str(name) for name in known}
    near = get_close_matches(str(word).lower(), names, n=1, cutoff=0.4)
    if near:
        return Sentence("Did you mean {name!r}?", name=names[near[0]])
    return Sentence.of(otherwise)


def as_unicode(text: str) -> str:
    r"""Read as UTF-8 what the system could not decode in the name of a file.

    >>> as_unicode("M\udcc3\udca9naka.csv")
    'Ménaka.csv'
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def why(error: BaseException, width: int = 200) -> Sentence:
    """Tell why the system or another library refused a file, as briefly as it says.

    >>> why(PermissionError(13, "Permission denied")).say("fr")
    'accès refusé'
    """
    if isinstance(error, OSError) and error.errno:
        return Sentence(os.strerror(error.errno))
    return Sentence("{message}", message=str(error)[:width])


def _short(value: object) -> str:
    item = getattr(value, "item", None)  # numpy scalars print as plain numbers
    text = repr(item() if callable(item) else value)
    return text if len(text) <= 60 else text[:59] + "…"
