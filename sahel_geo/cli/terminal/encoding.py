"""Output that any terminal, pipe or file can take, whatever its encoding."""

import codecs
import sys
import unicodedata
from typing import Final

_PLAIN: Final = "sahel_geo.plain"
_LIKE: Final = {
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "–": "-",
    "—": "-",
    "−": "-",
    "→": "->",
    "×": "x",
    "≥": ">=",
    "≤": "<=",
    "·": "-",
    "œ": "oe",
    "Œ": "OE",
    "æ": "ae",
    "²": "2",
    "▏": "|",
}


def plain(text: str) -> str:
    """Write a text in ASCII, as near as it comes.

    >>> plain("Ménaka\N{NARROW NO-BREAK SPACE}: −5\N{NO-BREAK SPACE}%, d’ici…")
    "Menaka : -5 %, d'ici..."
    """
    letters = (_LIKE.get(letter) or unicodedata.normalize("NFKD", letter) for letter in text)
    kept = "".join(letter for letter in "".join(letters) if not unicodedata.combining(letter))
    return kept.encode("ascii", "replace").decode("ascii")


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Replace what a stream cannot hold."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end


def accept_any_stream() -> None:
    """Let standard output and standard error take every letter, in plainer form if need be.

    Where the system states no encoding but ASCII, texts go out in UTF-8, as Python does by itself
    in the C locale.
    """
    codecs.register_error(_PLAIN, _replaced)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if codecs.lookup(stream.encoding).name == "ascii":
            reconfigure(encoding="utf-8", errors=_PLAIN)
        else:
            reconfigure(errors=_PLAIN)
