"""Exceptions of sahel_geo.

Every message names the argument or the file, says what is wrong and how often, shows the first
offenders, states the rule, and ends with what to do.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class SahelGeoError(Exception):
    """Base of every error that sahel_geo raises on purpose."""


class InputError(SahelGeoError, ValueError):
    """An argument or the content of a table cannot be used."""


class CrsError(InputError):
    """A coordinate reference system is missing, unsuitable, or differs between two inputs."""


class FileError(SahelGeoError, OSError):
    """A file cannot be read or written."""


def first_offenders(values: Iterable[object], limit: int = 5) -> str:
    """Show the first few offending values of a long list, for an error message.

    Parameters
    ----------
    values : iterable
        Offending rows, names or codes.
    limit : int
        How many to show before the rest is counted.

    Returns
    -------
    str
        For example ``"[4, 18, 77]"`` or ``"['Gao', 'Kidal', ... 3 more]"``.

    Examples
    --------
    >>> first_offenders([4, 18, 77])
    '[4, 18, 77]'
    >>> first_offenders(range(8), limit=2)
    '[0, 1, ... 6 more]'
    """
    shown = list(values)
    parts = [_short(value) for value in shown[:limit]]
    if len(shown) > limit:
        parts.append(f"... {len(shown) - limit} more")
    return f"[{', '.join(parts)}]"


def did_you_mean(word: object, known: Iterable[object], otherwise: str = "") -> str:
    """Guess what was meant by a name that does not exist.

    Parameters
    ----------
    word : object
        What was given.
    known : iterable
        What could have been meant.
    otherwise : str
        What to say where nothing is near.

    Returns
    -------
    str
        A sentence that names the nearest one, or `otherwise`.

    Examples
    --------
    >>> did_you_mean("Fatalites", ["date", "fatalities"])
    "Did you mean 'fatalities'?"
    """
    names = {str(name).lower(): str(name) for name in known}
    near = get_close_matches(str(word).lower(), names, n=1, cutoff=0.4)
    return f"Did you mean {names[near[0]]!r}?" if near else otherwise


def _short(value: object, width: int = 60) -> str:
    item = getattr(value, "item", None)  # numpy scalars print as plain numbers
    text = repr(item() if callable(item) else value)
    return text if len(text) <= width else text[: width - 1] + "…"
