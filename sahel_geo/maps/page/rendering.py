r"""Render a folium map so that no text of its layers can become a template, a script or a tag.

Branca renders what an element wrote a second time, as a template, so that ``{{ ... }}`` in a name
would run in the process that saves the map. Folium writes tooltips and popups between backticks,
where ``${...}`` runs in the browser, and writes other texts into a script element, which
``</script>`` would end. Maps of `choropleth` need none of this; layers that users add do.

A plugin of folium names scripts and styles on content networks. Put into the page they show
offline, under the same policy as everything else.
"""

import base64
import mimetypes
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

import folium
from branca.element import Element, Html
from jinja2 import TemplateSyntaxError

from sahel_geo.errors import FileError, InputError, first_offenders
from sahel_geo.files import atomic_path
from sahel_geo.maps.page.element import RawText, descendants

_NO_NAME: Final = re.compile(r"[^\w.@+ ~=,-]")
_SCRIPT: Final = re.compile(
    r"<script\b[^>]*\bsrc=\"(?P<url>(?:https?:)?//[^\"]+)\"[^>]*>\s*</script>"
)
_STYLE: Final = re.compile(
    r"<link\b(?=[^>]*\brel=\"stylesheet\")[^>]*\bhref=\"(?P<url>(?:https?:)?//[^\"]+)\"[^>]*/?>"
)
_PICTURE: Final = re.compile(r"url\(\s*['\"]?(?P<address>[^'\")\s]+)['\"]?\s*\)")
_DATA: Final = re.compile(r"(<script type=\"application/json\"[^>]*>.*?</script>)", re.DOTALL)

_SECONDS: Final = 30
_BACKTICKED: Final = re.compile(r"\\.|`|\$(?=\{)|\{(?=[{%#])|\\$", re.DOTALL)
_BREAKS_OUT: Final = re.compile(r"<(?=/script|!--|script)", re.IGNORECASE)


def render(m: folium.Map) -> str:
    """Render a map once."""
    with _left_as_it_was(m), _quiet_literals(m):
        figure: Any = m.get_root()
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
        sign = match.group()
        if sign == "{":
            return "\\x7b"  # branca would compile a template
        return sign if len(sign) == 2 else f"\\{sign}"

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
    before = [(each, each._children.copy()) for each in (root, *descendants(root))]  # noqa: SLF001
    title = root.title
    try:
        yield
    finally:
        root.title = title
        for element, children in before:
            element._children = children  # noqa: SLF001


@contextmanager
def _quiet_literals(m: folium.Map) -> Iterator[None]:
    """Escape the texts of tooltips and popups while the map is rendered."""
    originals: list[tuple[Any, str, str]] = []
    for element in descendants(m.get_root()):
        if isinstance(element, folium.Tooltip):
            originals.append((element, "text", element.text))
        elif isinstance(element, folium.Popup):
            inside: Any = element.html
            originals += [
                (each, "data", each.data)
                for each in inside._children.values()  # noqa: SLF001
                if isinstance(each, Html)
            ]
    try:
        for element, name, text in originals:
            setattr(element, name, literal_text(text))
        yield
    finally:
        for element, name, text in originals:
            setattr(element, name, text)


def links(text: str) -> Iterator[str]:
    """List the scripts and styles that a page asks for, in order."""
    for part in _DATA.split(text)[::2]:
        for pattern in (_SCRIPT, _STYLE):
            for match in pattern.finditer(part):
                yield _whole(match["url"])


@dataclass(frozen=True)
class PluginFolder:
    """A folder with the files of plugins, by host and path."""

    root: Path

    def fetch(self, text: str, get: Callable[[str], bytes] | None) -> tuple[Path, ...]:
        """Fetch what a page asks for, and the pictures that its styles name."""
        wanted = list(dict.fromkeys(links(text)))
        files = []
        for url in wanted:  # grows by what the styles name
            target = _place_of(url, self.root)
            if not target.is_file():
                with atomic_path(target) as temporary:
                    temporary.write_bytes((get or _download)(url))
            files.append(target)
            if target.suffix == ".css":
                style = target.read_text(encoding="utf-8", errors="replace")
                wanted += [each for each in _pictures(style, url) if each not in wanted]
        return tuple(files)

    def embed(self, text: str) -> str:
        """Put the files of plugins where a page asks for them."""
        files = [self._file(url) for url in dict.fromkeys(links(text))]
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            raise InputError(
                f"`plugins` lacks {len(missing)} files in {str(self.root)!r}: "
                f"{first_offenders(missing)}; expected each one there. "
                "Fetch them with sg.fetch_plugins(m, folder)."
            )

        def script(match: re.Match[str]) -> str:
            return f"<script>{script_text(self._read(_whole(match['url'])))}</script>"

        def style(match: re.Match[str]) -> str:
            url = _whole(match["url"])
            css = _PICTURE.sub(lambda each: self._inlined(each, url), self._read(url))
            return "<style>" + css.replace("</", "<\\/") + "</style>"

        parts = _DATA.split(text)
        parts[::2] = [_STYLE.sub(style, _SCRIPT.sub(script, part)) for part in parts[::2]]
        return "".join(parts)

    def _file(self, url: str) -> Path:
        target = _place_of(url, self.root)
        return target if target.is_file() else self.root / target.name

    def _read(self, url: str) -> str:
        text = self._file(url).read_text(encoding="utf-8-sig", errors="replace")
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")

    def _inlined(self, match: re.Match[str], url: str) -> str:
        address = match["address"]
        if address.startswith(("data:", "#")):
            return match[0]
        file = self._file(_joined(url, address))
        if not file.is_file():
            return 'url("data:,")'
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return f'url("data:{kind};base64,{base64.b64encode(file.read_bytes()).decode("ascii")}")'


def _download(url: str) -> bytes:
    """Fetch a file over HTTPS."""
    if not url.startswith("https://"):
        raise FileError(f"{url!r} is no address over HTTPS; expected https://. Save it by hand.")
    try:
        request = Request(url, headers={"User-Agent": "sahel_geo"})  # noqa: S310  HTTPS, see above
        with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return bytes(answer.read())
    except (URLError, OSError) as error:
        raise FileError(f"cannot fetch {url!r}: {error}. Try again, or save it by hand.") from error


def without_links(text: str) -> str:
    """Take out the links to scripts and styles."""
    return _STYLE.sub("", _SCRIPT.sub("", text))


def _place_of(url: str, folder: Path) -> Path:
    """Say where the file of an address lies.

    >>> _place_of("https://example.org/a/../b.js?v=1", Path("x")).as_posix()
    'x/example.org/a/b.js'
    >>> _place_of("https://../../b.js", Path("x")).as_posix()
    'x/_/b.js'
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise InputError(f"{url!r} is no address ({error}). Correct the plugin.") from error
    names = [name for name in map(_plain, parts.path.split("/")) if name]
    suffix = "" if names and "." in names[-1] else ".js"
    last = f"{names.pop()}{suffix}" if names else "index.js"
    return folder.joinpath(_plain(host) or "_", *names, last)


def _plain(name: str) -> str:
    """Keep of a part of an address what names a file in the folder, and no other folder."""
    text = _NO_NAME.sub("_", name)[:150]
    return "" if set(text) <= {"."} else text


def _whole(url: str) -> str:
    return f"https:{url}" if url.startswith("//") else url


def _pictures(style: str, url: str) -> Iterator[str]:
    """List the addresses of pictures that a style names, against that of the style."""
    for match in _PICTURE.finditer(style):
        address = _joined(url, match["address"])
        if not match["address"].startswith(("data:", "#")):
            yield address


def _joined(url: str, address: str) -> str:
    try:
        return urljoin(url, address.partition("#")[0])
    except ValueError as error:
        raise InputError(
            f"the style {url!r} names {address!r}, which is no address ({error}). Correct it."
        ) from error
