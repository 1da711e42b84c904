"""Keep the catalogues of languages (``sahel_geo/i18n/locales/*.po``) in step with the code.

``extract`` adds what the code says and a catalogue lacks, and drops what nothing says any more;
``check`` tells what is missing or wrong; ``sort`` writes the catalogues in their one order, which
is that of the English text, without line numbers, so that two branches seldom conflict.

A text is found where it is written as ``Sentence("...")``, ``Counted("...", "...")``, in
``Texts({...})``, as an error of sahel_geo with parts, or where a source fails.
"""

import ast
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

PACKAGE: Final = Path(__file__).resolve().parents[1] / "sahel_geo"
LOCALES: Final = PACKAGE / "i18n" / "locales"
_SYSTEM: Final = {os.strerror(number) for number in range(1, 140)}
_GEOS: Final = {
    "Self-intersection",
    "Ring Self-intersection",
    "Too few points in geometry component",
    "Hole lies outside shell",
    "Holes are nested",
    "Nested shells",
    "Interior is disconnected",
    "Invalid Coordinate",
}
_SPACED_PERCENT: Final = re.compile(r"[0-9}] %(?![a-z(])")
_MSGID: Final = re.compile(r'^((?:msgctxt .*\n)?msgid ".*"(?:\n".*")*)', re.MULTILINE)
Id = str | tuple[str, ...]


def texts_of(tree: ast.AST) -> Iterator[tuple[int, Id, str]]:
    """List the texts that a module says, with their lines and contexts."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in ("Sentence", "saying_why", "tell", "fail") or (
            name.endswith("Error") and node.keywords
        ):
            context = next(_constants(node.args[1]), "") if len(node.args) > 1 else ""
            yield from ((node.lineno, text, context) for text in _constants(node.args[0]))
        elif name == "Counted" and len(node.args) == 2:
            forms = zip(*map(_constants, node.args), strict=False)
            yield from ((node.lineno, form, "") for form in forms)
        elif name == "Texts" and isinstance(node.args[0], ast.Dict):
            for value in node.args[0].values:
                yield from ((value.lineno, text, "") for text in _constants(value))


def _constants(node: ast.AST) -> Iterator[str]:
    """List the texts that an argument may be: one, or either side of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def python_texts(
    fileobj: Any, _keywords: object, _tags: object, **_options: object
) -> Iterator[tuple[int, str, Id, list[str]]]:
    """Give Babel the texts of a file of Python."""
    for line, text, context in texts_of(ast.parse(fileobj.read())):
        if context:
            yield line, "pgettext", (context, str(text)), []
        else:
            yield line, "gettext" if isinstance(text, str) else "ngettext", text, []


_METHOD: Final[Any] = python_texts


def said() -> dict[tuple[Id, str | None], str]:
    """List every text of the package that has words to translate, with the file that says it."""
    texts: dict[tuple[Id, str | None], str] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        for _line, text, _comments, context in extract_from_file(_METHOD, file):
            if any(letter.isalpha() for letter in _words(_last(text))):
                texts.setdefault((text, context), str(file.relative_to(PACKAGE)))
    return texts


def _words(text: str) -> str:
    return "".join(before for before, *_ in Formatter().parse(text))


def _fields(text: str) -> list[tuple[str, str, str]]:
    return sorted(
        (name, conversion or "", form or "")
        for _, name, form, conversion in Formatter().parse(text)
        if name is not None
    )


def read(file: Path) -> Catalog:
    """Read a catalogue."""
    with file.open("rb") as source:
        return read_po(source, locale=file.stem, abort_invalid=True)


def write(catalogue: Catalog, file: Path) -> None:
    """Write a catalogue in its one order."""
    content = BytesIO()
    write_po(content, catalogue, width=0, sort_output=True, no_location=True)
    file.write_bytes(content.getvalue())


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def extract() -> None:
    """Add to every catalogue what it lacks, and drop what nothing says any more."""
    texts = said()
    for file in LOCALES.glob("*.po"):
        catalogue = read(file)
        for message in _messages(catalogue):
            if not _is_said(message, texts):
                catalogue.delete(message.id, message.context)
        for text, context in texts:
            if catalogue.get(text, context) is None:
                catalogue.add(text, context=context)
        catalogue.obsolete.clear()
        write(catalogue, file)


def _is_said(message: Message, texts: Iterable[tuple[Id, str | None]]) -> bool:
    """Tell whether the code, the system or GEOS says a text, also where it comes by a variable."""
    text: Any = message.id
    known = (text, message.context) in texts
    return known or text in _SYSTEM or text in _GEOS or text in _constants_of_package()


@cache
def _constants_of_package() -> set[str]:
    nodes = (
        node
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    )
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def faults(file: Path) -> Iterator[str]:
    """Tell what is missing or wrong in a catalogue."""
    catalogue, texts = read(file), said()
    for (text, context), where in texts.items():
        message = catalogue.get(text, context)
        if message is None or not all(_forms(message)):
            yield f"no {file.stem} for {text!r} ({where})"
    for message in _messages(catalogue):
        if not _is_said(message, texts):
            yield f"nothing says {message.id!r}"
        if message.fuzzy:
            yield f"uncertain: {message.id!r}"
        if _SPACED_PERCENT.search(_last(message.id)):
            yield f"a space before the percent sign in {message.id!r}"
        said_with = {str(_fields(_last(message.id))), *(str(_fields(s)) for s in _forms(message))}
        if all(_forms(message)) and len(said_with) > 1:
            yield f"other placeholders in {message.id!r}"
        if file.stem == "fr":
            yield from (f"typography: {form!r}" for form in _forms(message) if badly_set(form))
    listed = _MSGID.findall(file.read_text("utf-8"))
    yield from (f"twice: {text}" for text, number in Counter(listed).items() if number > 1)


def _forms(message: Message) -> tuple[str, ...]:
    string: Any = message.string
    return string if isinstance(string, tuple) else (string,)


def _last(text: Any) -> str:
    return text if isinstance(text, str) else str(text[-1])


def badly_set(french: str) -> bool:
    """Tell whether French lacks its narrow spaces or its apostrophe."""
    return french != typeset(french)


def typeset(french: str) -> str:
    """Give French its narrow no-break spaces and its apostrophe, outside of code in backticks.

    Examples
    --------
    >>> typeset("« L'unité » : 1 000 ?") == (
    ...     "«\N{NARROW NO-BREAK SPACE}L’unité\N{NARROW NO-BREAK SPACE}»"
    ...     "\N{NARROW NO-BREAK SPACE}: 1\N{NARROW NO-BREAK SPACE}000\N{NARROW NO-BREAK SPACE}?"
    ... )
    True
    """
    parts = re.split(r"(`[^`]*`|\{[^{}]*\})", french)
    pairs = zip(parts[::2], [*parts[1::2], ""], strict=True)
    parts[::2] = [_typeset(part, after) for part, after in pairs]
    return "".join(parts)


def _typeset(text: str, after: str) -> str:
    text = re.sub(r"(?<=[^\W\d_])'(?=[\w«])", "’", text)
    if after and re.search(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'$", text, re.IGNORECASE):
        text = f"{text[:-1]}’"
    text = re.sub(r"(?<=«)[ \u00a0]|[ \u00a0](?=[;:?!»%])", "\u202f", text)
    return re.sub(r"(?<=\d)[ \u00a0](?=\d{3}\b)", "\u202f", text)


def main() -> None:
    """Do what is asked for on the command line."""
    (task,) = sys.argv[1:] or ["check"]
    if task == "extract":
        extract()
    if task == "sort":
        for file in LOCALES.glob("*.po"):
            write(read(file), file)
    wrong = [fault for file in sorted(LOCALES.glob("*.po")) for fault in faults(file)]
    for fault in wrong:
        print(fault)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
