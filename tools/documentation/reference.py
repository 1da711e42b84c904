"""Write the reference: a page a function, from docstrings, with an index a room.

A result is documented on the page of the first function that gives it.
"""

import dataclasses
import inspect
import re
import shutil
import typing
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

from rooms import ROOMS, Room
from signatures import default_of, signature

import sahel_geo as sg

_OWN: Final = "sahel_geo."
_AUTHOR: Final = re.compile(r"[A-ZÀ-Ý][^\s,]+(?: [^\s,]+){0,2}, [A-Z]\.")  # how a reference begins
_ABOUT: Final = (
    "Coordinates are longitude and latitude in degrees (EPSG:4326), in this order. Countries are "
    "ISO 3166-1 alpha-3 codes. Distances are km, areas km². Everything is reached from "
    "``import sahel_geo as sg``; what a function gives stands on the page of that function. "
    "How each measure is defined, and when it misleads: :doc:`/methods/index`."
)


class Entry(NamedTuple):
    """A public thing: how one writes it (``sg.hotspots.local_gi``), and itself."""

    name: str
    thing: Any

    @property
    def full(self) -> str:
        """Give the name under which links find it."""
        return self.name.replace("sg.", _OWN, 1) if self.name.startswith("sg.") else self.name


def entries(room: Room) -> list[Entry]:
    """List what a room offers; a module stands for its public names."""
    listed: list[Entry] = []
    for name in room.names:
        thing = getattr(sg, name)
        if isinstance(thing, ModuleType):
            listed += [Entry(f"sg.{name}.{each}", getattr(thing, each)) for each in thing.__all__]
        else:
            listed.append(Entry(f"sg.{name}", thing))
    for full in room.more:
        module, _, name = full.rpartition(".")
        listed.append(Entry(full, getattr(import_module(module), name)))
    return listed


def summary(thing: object) -> str:
    """Give the first sentence of a docstring, which fits on one line."""
    text = inspect.getdoc(thing) or ""
    return text.split("\n\n")[0].replace("\n", " ").strip()


def results_of(function: Callable[..., Any]) -> Iterator[type]:
    """List the classes of this package that a function gives back."""
    if inspect.isclass(function):
        return
    try:
        answer = typing.get_type_hints(inspect.unwrap(function)).get("return")
    except (NameError, TypeError):
        return
    for each in (answer, *typing.get_args(answer)):
        if inspect.isclass(each) and each.__module__.startswith(_OWN):
            yield each


class Reference:
    """All pages of the reference, and which class is described where.

    Parameters
    ----------
    methods : Path
        Folder of the pages on methods, to which the pages of functions lead.
    """

    def __init__(self, methods: Path) -> None:
        texts = {page.stem: page.read_text(encoding="utf-8") for page in methods.glob("*.md")}
        self._methods = {name: text for name, text in sorted(texts.items()) if name != "index"}

    @cached_property
    def rooms(self) -> list[tuple[Room, list[Entry]]]:
        """List the rooms with what each offers."""
        return [(room, entries(room)) for room in ROOMS]

    @cached_property
    def public(self) -> dict[int, Entry]:
        """Find the public name of a thing; the first one counts."""
        found: dict[int, Entry] = {}
        for _, listed in self.rooms:
            for each in listed:
                found.setdefault(id(each.thing), each)
        return found

    @cached_property
    def homes(self) -> dict[type, Entry]:
        """Tell for each result the function on whose page it is described."""
        found: dict[type, Entry] = {}
        for _, listed in self.rooms:
            for entry in listed:
                if callable(entry.thing):
                    for each in results_of(entry.thing):
                        found.setdefault(each, entry)
        return found

    def pages(self) -> Iterator[tuple[str, str]]:
        """Give the name and text of each page, in reStructuredText."""
        yield "index", self._index()
        for room, listed in self.rooms:
            yield room.key, self._room(room, listed)
            for entry in listed:
                if self._has_page(entry):
                    yield entry.name, self._page(entry)

    def _has_page(self, entry: Entry) -> bool:
        return callable(entry.thing) and entry.thing not in self.homes and self._first(entry)

    def _first(self, entry: Entry) -> bool:
        return self.public[id(entry.thing)].name == entry.name

    def _index(self) -> str:
        rows = [f"   * - :doc:`{room.title} <{room.key}>`\n     - {room.about}" for room in ROOMS]
        return "\n".join(
            [
                *_title("Reference"),
                _ABOUT,
                "",
                ".. list-table::",
                "   :widths: 35 65",
                "",
                *rows,
                "",
                *_tree([room.key for room in ROOMS]),
            ]
        )

    def _room(self, room: Room, listed: list[Entry]) -> str:
        lines = [*_title(room.title), room.about, ""]
        groups: dict[str, list[Entry]] = {}
        for entry in listed:
            groups.setdefault(_group(entry), []).append(entry)
        for group, members in groups.items():
            if group:
                lines += [group, "-" * len(group), "", *_about(group)]
            shown = [each for each in members if callable(each.thing)]
            shown.sort(key=lambda each: inspect.isclass(each.thing))  # what they give comes last
            if shown:
                lines += [".. list-table::", "   :widths: 40 60", ""]
                lines += [line for each in shown for line in self._row(each)] + [""]
            constants = [each for each in members if not callable(each.thing)]
            lines += [line for each in constants for line in _constant(each)]
        return "\n".join(lines + _tree([each.name for each in listed if self._has_page(each)]))

    def _row(self, entry: Entry) -> list[str]:
        label = entry.name.removeprefix(_OWN).rpartition(".")[2]
        if entry.name.startswith("sg."):
            label = entry.name
        return [
            f"   * - :py:obj:`{label} <{self.target(entry.thing)}>`",
            f"     - {summary(entry.thing)}",
        ]

    def target(self, thing: object) -> str:
        """Give the full name under which a thing is described."""
        if id(thing) in self.public:
            return self.public[id(thing)].full
        return f"{getattr(thing, '__module__', '')}.{getattr(thing, '__name__', '')}"

    def _page(self, entry: Entry) -> str:
        shown = entry.name.rpartition(".")[2] if entry.name.startswith(_OWN) else entry.name
        lines = _title(shown)
        lines += _described(entry.thing, entry.full, made=True)
        pattern = re.compile(re.escape(entry.name) + r"\b")
        pages = [name for name, text in self._methods.items() if pattern.search(text)]
        if pages:
            links = ", ".join(f":doc:`/methods/{name}`" for name in pages)
            lines += [f"How it is defined, and when it misleads: {links}.", ""]
        results = [each for each, home in self.homes.items() if home.name == entry.name]
        if results:
            lines += ["What it gives", "-" * 13, ""]
        for each in results:
            lines += _described(each, self.target(each), made=False)
        others = [each for each in results_of(entry.thing) if each not in results]
        if others:
            links = ", ".join(f":py:obj:`{each.__name__} <{self.target(each)}>`" for each in others)
            lines += [f"What it gives is described elsewhere: {links}.", ""]
        return "\n".join(lines)


def _title(text: str) -> list[str]:
    return [text, "=" * len(text), ""]


def _tree(names: list[str]) -> list[str]:
    return ["", ".. toctree::", "   :hidden:", "", *(f"   {each}" for each in names), ""]


def _group(entry: Entry) -> str:
    """Give the module within which a reader reaches a thing, if there is one."""
    parts = entry.name.split(".")
    return ".".join(parts[:2]) if parts[0] == "sg" and len(parts) > 2 else ""


def _about(group: str) -> list[str]:
    return [summary(getattr(sg, group.removeprefix("sg."))), ""]


def _constant(entry: Entry) -> list[str]:
    """Describe a value that is always the same."""
    return [f".. py:data:: {entry.full}", f"   :value: {default_of(entry.thing)}", ""]


def _described(thing: Any, full: str, *, made: bool) -> list[str]:
    """Describe a function or class, in the words of its docstring; `made` if a user calls it."""
    kind = "class" if inspect.isclass(thing) else "function"
    if kind == "class" and issubclass(thing, BaseException):
        kind = "exception"
    lines = [f".. py:{kind}:: {full}{signature(thing) if made and _is_made(thing) else ''}", ""]
    lines += _indent(_converted(inspect.getdoc(thing) or "", kind, full))
    if kind == "class":
        for name, member in _members(thing):
            lines += _indent(_member(name, member))
    return [*lines, ""]


def _is_made(thing: Any) -> bool:
    """Tell what a user calls from tables and exceptions, which only come back."""
    if not inspect.isclass(thing):
        return True
    return dataclasses.is_dataclass(thing) or "__init__" in vars(thing)


def _members(thing: type) -> Iterator[tuple[str, Any]]:
    """List the public methods and properties that are ours, in the order of the source."""
    seen = set()
    fields = (
        {each.name for each in dataclasses.fields(thing)}
        if dataclasses.is_dataclass(thing)
        else set()
    )
    for each in thing.__mro__:
        if not each.__module__.startswith(_OWN):
            continue
        for name, member in vars(each).items():
            if name.startswith("_") or name in seen or name in fields:
                continue
            seen.add(name)
            plain = getattr(member, "__func__", member)
            if inspect.isfunction(plain) or isinstance(member, property | cached_property):
                yield name, member


def _member(name: str, member: Any) -> list[str]:
    if isinstance(member, property | cached_property):
        doc = member.__doc__ or ""
        return [f".. py:property:: {name}", "", *_indent(_converted(doc, "method", name))]
    kind = {classmethod: "   :classmethod:", staticmethod: "   :staticmethod:"}.get(type(member))
    plain = getattr(member, "__func__", member)
    options = [kind] if kind else []
    return [
        f".. py:method:: {name}{signature(plain)}",
        *options,
        "",
        *_indent(_converted(inspect.getdoc(plain) or "", "method", name)),
    ]


def _converted(text: str, kind: Any, name: str) -> list[str]:
    """Turn a numpydoc docstring into reStructuredText."""
    from sphinx.ext.napoleon import Config  # noqa: PLC0415  listing names does without Sphinx
    from sphinx.ext.napoleon.docstring import NumpyDocstring  # noqa: PLC0415

    config: Any = Config(
        napoleon_use_param=True,
        napoleon_use_ivar=True,
        napoleon_use_rtype=False,
        napoleon_preprocess_types=False,
    )
    text = _references_apart(inspect.cleandoc(text))
    return [*str(NumpyDocstring(text, config, what=kind, name=name)).split("\n"), ""]


def _references_apart(text: str) -> str:
    """Make each reference an item of a list."""
    head, mark, rest = text.partition("References\n----------\n")
    if not mark:
        return text
    body, gap, tail = rest.partition("\n\n")
    lines: list[str] = []
    before = "."
    for line in body.split("\n"):
        begins = not lines or (before.rstrip().endswith(".") and _AUTHOR.match(line))
        lines.append(f"* {line}" if begins else f"  {line}")
        before = line
    return head + mark + "\n".join(lines) + gap + tail


def _indent(lines: list[str]) -> list[str]:
    return [f"   {each}" if each.strip() else "" for each in lines]


def write(folder: Path, methods: Path) -> int:
    """Write all pages into a folder, instead of those before, and count them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pages = dict(Reference(methods).pages())
    for name, text in pages.items():
        (folder / f"{name}.rst").write_text(text, encoding="utf-8", newline="\n")
    return len(pages)
