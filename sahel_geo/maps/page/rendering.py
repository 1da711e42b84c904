r"""Render a folium map so that no text of its layers can become a template, a script or a tag.

Branca renders what an element wrote a second time, as a template, so that ``{{ ... }}`` in a name
would run in the process that saves the map. Folium writes tooltips and popups between backticks,
where ``${...}`` runs in the browser, and writes other texts into a script element, which
``</script>`` would end. Maps of `choropleth` need none of this; layers that users add do.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import folium
from branca.element import Element, Html
from jinja2 import TemplateSyntaxError

from sahel_geo.errors import InputError
from sahel_geo.maps.page.element import RawText, descendants

_BACKTICKED: Final = re.compile(r"\\.|`|\$(?=\{)|\{(?=[{%#])|\\$", re.DOTALL)
_BREAKS_OUT: Final = re.compile(r"<(?=/script|!--|script)", re.IGNORECASE)


def render(m: folium.Map) -> str:
    """Render a map once."""
    with _left_as_it_was(m), _quiet_literals(m):
        return _written(m.get_root())


def _written(figure: Any) -> str:
    parts = (figure.header, figure.html, figure.script)
    written_by_hand = {id(each) for part in parts for each in part._children.values()}  # noqa: SLF001
    for child in figure._children.values():  # noqa: SLF001
        try:
            child.render()
        except TemplateSyntaxError as error:
            raise InputError(
                f"`m` holds a layer whose text folium takes for a template: {error.message}; "
                "expected no '{{', '{%' or '{#' in names and properties. Replace them."
            ) from error
    for part in parts:
        for name, element in part._children.items():  # noqa: SLF001
            source = getattr(element, "_template_str", None)
            if (
                type(element) is Element
                and source is not None
                and id(element) not in written_by_hand
            ):
                text = script_text(source) if part is figure.script else source
                raw = RawText(text)
                raw._parent = element._parent  # noqa: SLF001
                part._children[name] = raw  # noqa: SLF001
    return str(figure._template.render(this=figure, kwargs={}))  # noqa: SLF001


def literal_text(text: str) -> str:
    r"""Write a text so that it stands between backticks in JavaScript.

    >>> print(literal_text("a `${b}` c"))
    a \`\${b}\` c
    """

    def escaped(match: re.Match[str]) -> str:
        found = match.group()
        if found == "{":
            return "\\x7b"  # branca would compile a template
        return found if len(found) == 2 else f"\\{found}"

    return _BACKTICKED.sub(escaped, text)


def script_text(script: str) -> str:
    r"""Write a script so that nothing in it ends the element it stands in.

    >>> print(script_text("show('</script><b>')"))
    show('\x3c/script><b>')
    """
    return _BREAKS_OUT.sub(r"\\x3c", script)


@contextmanager
def _left_as_it_was(m: folium.Map) -> Iterator[None]:
    """Take back what elements add to each other and to the page while they are rendered."""
    root: Any = m.get_root()
    held = [(each, each._children.copy()) for each in (root, *descendants(root))]  # noqa: SLF001
    title = root.title
    try:
        yield
    finally:
        root.title = title
        for element, children in held:
            element._children = children  # noqa: SLF001


@contextmanager
def _quiet_literals(m: folium.Map) -> Iterator[None]:
    """Escape the texts of tooltips and popups while the map is rendered."""
    held: list[tuple[Any, str, str]] = []
    for element in descendants(m.get_root()):
        if isinstance(element, folium.Tooltip):
            held.append((element, "text", element.text))
        elif isinstance(element, folium.Popup):
            inside: Any = element.html
            held += [
                (each, "data", each.data)
                for each in inside._children.values()  # noqa: SLF001
                if isinstance(each, Html)
            ]
    try:
        for element, name, text in held:
            setattr(element, name, literal_text(text))
        yield
    finally:
        for element, name, text in held:
            setattr(element, name, text)
