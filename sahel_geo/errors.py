"""Exceptions of sahel_geo.

Every message names the argument or the file, says what is wrong and how often, shows the first
offenders, states the rule, and ends with what to do.
"""

from collections.abc import Iterable


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


def _short(value: object, width: int = 60) -> str:
    item = getattr(value, "item", None)  # numpy scalars print as plain numbers
    text = repr(item() if callable(item) else value)
    return text if len(text) <= width else text[: width - 1] + "…"
