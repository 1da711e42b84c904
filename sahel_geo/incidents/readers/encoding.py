"""How the bytes of a text file are to be read."""

import codecs
import io
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np

from sahel_geo.errors import FileError
from sahel_geo.i18n.sentence import Counted, Sentence

MAX_TEXT_BYTES: Final = 2 * 1024**3
_SCAN_BYTES: Final = 8 * 1024**2
# Control bytes that text does not hold; tab, line feed, form feed and return are text.
_CONTROL: Final = bytes([*range(9), 11, *range(14, 32)])
DAMAGED_UTF8: Final = "utf-8-damaged"

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What French text is full of, to tell one single-byte encoding from another.
_FRENCH: Final = frozenset("éèêëàâçùûîïôœÉÈÀÇÊÎÔ’«»°")


def detect_encoding(path: Path) -> tuple[str, list[Sentence]]:
    """Decide how the bytes of a text file are to be read.

    UTF-8 is taken where the whole file is valid; else UTF-8 with single damaged characters, else
    the single-byte encoding (Windows, Mac, DOS) that makes the most French of it.
    """
    size = path.stat().st_size
    if size > MAX_TEXT_BYTES:
        raise FileError(
            "{name!r} has {size:.1f} GiB; expected at most 2 GiB of text. Split it by year, "
            "or convert it to Parquet.",
            name=path.name,
            size=size / 1024**3,
        )
    with path.open("rb") as stream:
        start = stream.read(4096)
        for bom, name in _BOMS:
            if start.startswith(bom):
                return name, []
        if guess := _utf16_without_bom(start):
            return guess, []
        stream.seek(0)
        return _scan(stream, path.name)


def _utf16_without_bom(start: bytes) -> str | None:
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if half >= 4 and odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    if half >= 4 and even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _scan(stream: io.BufferedReader, name: str) -> tuple[str, list[Sentence]]:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    valid = True
    control = total = 0
    while block := stream.read(_SCAN_BYTES):
        total += len(block)
        control += len(block) - len(block.translate(None, _CONTROL))
        valid = valid and _decodes(decoder, block)
    valid = valid and _decodes(decoder, b"", final=True)
    if control > max(20, total // 100):
        raise FileError(
            "{name!r} is not text ({control} control bytes of {total}); expected CSV, TSV, "
            "XLSX, Parquet or GeoJSON. Export the table again in one of these formats.",
            name=name,
            control=control,
            total=total,
        )
    return ("utf-8", []) if valid else _scan_invalid(stream)


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _scan_invalid(stream: io.BufferedReader) -> tuple[str, list[Sentence]]:
    """Tell UTF-8 with single damaged characters from text that was never UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    stream.seek(0)
    damaged = accented = 0
    histogram = np.zeros(256, dtype=np.int64)
    while block := stream.read(_SCAN_BYTES):
        histogram += np.bincount(np.frombuffer(block, dtype=np.uint8), minlength=256)
        text = decoder.decode(block)
        damaged += text.count("\ufffd")
        accented += sum(text.count(char) for char in _FRENCH)
    damaged += decoder.decode(b"", final=True).count("\ufffd")
    if damaged * 20 < accented:
        return DAMAGED_UTF8, [
            Counted(
                "{count} character is damaged UTF-8 and shows as {sign}",
                "{count} characters are damaged UTF-8 and show as {sign}",
                count=damaged,
                sign="\ufffd",
            ),
        ]
    return _single_byte(Counter({code: int(histogram[code]) for code in range(128, 256)})), []


def _weight(char: str) -> int:
    if char in _FRENCH:
        return 3 if char.islower() else 1
    return 0 if char.isalpha() else -1


def _single_byte(odd_bytes: Counter[int]) -> str:
    def score(name: str) -> int:
        letters = ((bytes([byte]).decode(name, "replace"), n) for byte, n in odd_bytes.items())
        return sum(n * _weight(char) for char, n in letters)

    best = max(("cp1252", "mac_roman", "cp850"), key=score)  # the first wins a tie
    undefined = any(odd_bytes[byte] for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D))
    return "latin-1" if best == "cp1252" and undefined else best
