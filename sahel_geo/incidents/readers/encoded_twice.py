"""Text that was decoded as another encoding and saved again (``MÃ©naka``), read as it was meant."""

import re
from collections.abc import Sequence
from functools import partial
from html import unescape
from typing import Any, Final

import pandas as pd

from sahel_geo.i18n.sentence import Counted
from sahel_geo.incidents.readers.raw import RawTable

_CODECS: Final = ("cp1252", "latin-1", "mac_roman", "cp850")  # Windows, Unix, Mac, console
_LOOKED_AT: Final = 1_000  # rows; French has an accent every few words
_TIMES: Final = 3
# Letters and signs of print as web pages write them; what could be markup stays.
_ENTITY: Final = re.compile(
    r"&(?:[A-Za-z](?:acute|grave|circ|uml|cedil|tilde)|(?:oe|OE|ae|AE)lig|[lr]squo|[lr]aquo|nbsp|"
    r"deg|#(?:1[6-9]\d|2[0-4]\d|25[0-5]|339|8217));"
)


def undo_encoding_twice(table: RawTable, wanted: Sequence[str] = ()) -> None:
    """Write names and cells as they were meant, in place, with a note; `wanted` names stay.

    A file in UTF-8 that a program opens as something else and saves has two odd signs for each
    accent. Each run of these is turned back only where it is UTF-8 of a European or Arabic text.
    """
    odd = {name: new for name in table.names if (new := as_meant(name)) != name}
    affected = [name for name in table.names if _any_odd(_head(table, name))]
    if not odd and not affected:
        return
    examples, count = list(odd.items()), 0
    for name in affected:
        values = table.column(name)
        meant = values.map(lambda each: as_meant(each) if isinstance(each, str) else each)
        changed = (values != meant) & values.notna()
        count += int(changed.sum())
        examples += zip(values[changed].head(1), meant[changed].head(1), strict=True)
        table.replace_column(name, meant)
    renamed = [odd.get(name, name) if name not in wanted else name for name in table.names]
    if len(set(renamed)) == len(renamed):
        table.rename(renamed)
    before, after = examples[-1]
    table.notes.append(
        Counted(
            "{count} text was encoded twice, such as {before!r:.40}, and is read as {after!r:.40}",
            "{count} texts were encoded twice, such as {before!r:.40}, and are read as "
            "{after!r:.40}",
            count=count + len(odd), before=before, after=after,
        )
    )  # fmt: skip


def as_meant(text: str) -> str:
    r"""Decode once more, as often as it takes.

    >>> as_meant("MÃ©naka, Ã  l’est"), as_meant("T√©ra"), as_meant("OÙ\xa0: Gao")
    ('Ménaka, à l’est', 'Téra', 'OÙ\xa0: Gao')
    >>> as_meant("M&eacute;naka"), as_meant("R&D; &lt;b&gt;")
    ('Ménaka', 'R&D; &lt;b&gt;')
    """
    if "&" in text:
        text = _ENTITY.sub(lambda match: unescape(match[0]), text)
    if text.isascii():
        return text
    for _ in range(_TIMES):
        pattern, byte = max(_ODD, key=lambda odd: sum(map(len, odd[0].findall(text))))
        before, text = text, pattern.sub(partial(_decoded, byte=byte), text)
        if text == before:
            break
    # the second sign of an à is a blank, which many programs make an ordinary one or drop
    return re.sub(r"(?<!\w)Ã(?: {1,2}|$)", "à ", text).strip() if "Ã" in text else text


def _any_odd(values: list[Any]) -> bool:
    """Tell whether one of some cells was encoded twice; most lack the signs that begin it."""
    texts = [value for value in values if isinstance(value, str)]
    if any("&" in text and _ENTITY.search(text) for text in texts):
        return True
    texts = [text for text in texts if not text.isascii()]
    together = "\n".join(texts)
    signs = [sign for sign in _FIRST_SIGNS if sign in together]
    return any(as_meant(text) != text for text in texts if any(sign in text for sign in signs))


def _decoded(match: re.Match[str], byte: dict[str, int]) -> str:
    try:
        return bytes(byte.get(sign, ord(" ")) for sign in match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _signs(codec: str) -> dict[str, int]:
    """Give the byte of each sign that a codec has beyond ASCII, itself where it has none."""
    signs = {}
    for byte in range(0x80, 0x100):
        try:
            signs[bytes([byte]).decode(codec)] = byte
        except UnicodeDecodeError:
            signs[chr(byte)] = byte
    return signs


def _odd(codec: str) -> tuple[re.Pattern[str], dict[str, int]]:
    """Write the pattern of what UTF-8 looks like in a codec: letters, signs of print, Arabic words.

    Not any two signs will do: ``É`` before the blank of a French colon would be a letter of
    phonetics.
    """
    byte = _signs(codec)

    def among(*ranges: tuple[int, int]) -> str:
        signs = (
            sign for sign, at in byte.items() if any(low <= at <= high for low, high in ranges)
        )
        return f"[{''.join(map(re.escape, signs))}]"

    later = among((0x80, 0xBF))
    print_signs = among((0xE2, 0xE2)) + (
        f"(?:{among((0x80, 0x80))}{among((0x90, 0xBA))}"
        f"|{among((0x82, 0x82))}{among((0xAC, 0xAC))}|{among((0x84, 0x84))}{among((0xA2, 0xA2))})"
    )
    arabic = f"(?:{among((0xD8, 0xDB))}{later} ?){{3,}}"
    letters = f"{among((0xC2, 0xC3))}{later}|{among((0xC5, 0xC5))}{among((0x92, 0x93))}"  # œ
    return re.compile(f"{letters}|{print_signs}|{arabic}"), byte


_ODD: Final = tuple(_odd(codec) for codec in _CODECS)
_FIRST_SIGNS: Final = {
    sign
    for _, byte in _ODD
    for sign, at in byte.items()
    if at in {0xC2, 0xC3, 0xC5, 0xE2} or 0xD8 <= at <= 0xDB
}


def _head(table: RawTable, name: str) -> list[Any]:
    if isinstance(table.cells, pd.DataFrame):
        return list(table.cells[name].head(_LOOKED_AT).unique())
    head: list[Any] = table.cells.column(name).slice(0, _LOOKED_AT).unique().to_pylist()
    return head
