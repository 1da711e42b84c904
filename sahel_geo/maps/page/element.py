"""The part of a folium map that draws the page, in a notebook as in a file.

Branca renders the text of an element twice, the second time as a template; text that came from
data must therefore go into the figure as a `RawText`, which is left alone. Leaflet comes from its
installed package, the page's own files from beside this module.
"""

import base64
import html
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final, Self

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink, MacroElement
from folium.folium import Map
from folium.map import Layer, Marker
from folium.raster_layers import TileLayer, WmsTileLayer
from folium.vector_layers import BaseMultiLocation
from jinja2 import Environment, Template
from markupsafe import Markup

from sahel_geo.errors import FileError, first_offenders
from sahel_geo.i18n.cldr import locale
from sahel_geo.i18n.sentence import Counted, spoken
from sahel_geo.maps.texts import clean_text
from sahel_geo.schema import Language

_LEAFLET_PACKAGE: Final = "js_lib_leaflet"
_SCRIPTS: Final = (
    "geometry.js", "world.js", "words.js", "series.js", "years.js", "view.js", "panel.js",
    "search.js", "sheet.js", "map.js", "labels.js", "annotations.js", "pointer.js", "time.js",
    "compare.js", "chart.js", "card.js", "pens.js", "points.js", "layers.js", "export.js",
    "table.js", "multiples.js", "link.js", "page.js",
)  # fmt: skip
_URL: Final = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")
_SOURCE_MAP: Final = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)

# Comments on lines of their own, and indentation; the scripts hold no text of several lines.
_SPARE: Final = re.compile(r"^\s*/\*.*?\*/\s*?$\n?|^[ \t]+|^\n", re.DOTALL | re.MULTILINE)

# What folium's popups ask of jQuery: turn a piece of HTML into a node, and run when ready.
_POPUP_SHIM: Final = """\
if (typeof window.$ === "undefined") {
  window.$ = function (html) {
    if (html === document) {
      return { ready: (run) => window.addEventListener("load", run) };
    }
    const box = document.createElement("template");
    box.innerHTML = String(html).trim();
    return [box.content.firstElementChild];
  };
}
"""

_ESCAPES: Final = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


_UNPROTECTED: Final = Counted(
    "Careful: {count} layer added by hand was not made safe; the notes above do not hold for it.",
    "Careful: {count} layers added by hand were not made safe; the notes above do not hold for "
    "them.",
    count=2,
)
_STYLES: Final = ("page.css", "panel.css", "map.css", "screens.css")


class RawText(Element):
    """Text that goes into the page as it is: finished HTML, CSS or JavaScript."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "RawText"
        self.text = text

    def render(self, **_kwargs: Any) -> str:
        """Give the text."""
        return self.text


class PageElement(MacroElement):
    """Leaflet, the data and the panel of one page.

    data: What the map draws and says, in both languages; becomes JSON once. ``lang``, ``texts``,
        ``title``, ``subtitle``, ``notes``, ``sources``, ``online`` and ``indicators`` are also
        written as HTML, in the language that the page opens in.
    safe: Whether the figures were made safe for publication.
    """

    def __init__(self, data: Mapping[str, Any], *, safe: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "SahelPage"
        self._data = data
        self.safe = safe
        self.lang: Language = data["lang"]
        self.title = self._say(data["title"])

    @classmethod
    def of(cls, m: Any) -> Self | None:
        """Find the page of a map; None where `choropleth` did not make it."""
        children = getattr(m, "_children", {}).values()
        return next((child for child in children if isinstance(child, cls)), None)

    @property
    def data(self) -> Mapping[str, Any]:
        """What the map draws and says; of a safe one also that layers by hand are not."""
        added = len(self.unprotected())
        if not added:
            return self._data
        note = spoken(_UNPROTECTED.counting(added))
        return {**self._data, "notes": [*self._data["notes"], note]}

    def unprotected(self) -> list[str]:
        """Name the layers that were added by hand to a map for publication."""
        if not self.safe or self._parent is None:
            return []
        kinds = (Layer, Marker, BaseMultiLocation)
        children = self._parent._children.values()  # noqa: SLF001
        return [
            type(child).__name__
            for child in children
            if isinstance(child, kinds) and not isinstance(child, TileLayer)
        ]

    def warn_unprotected(self) -> None:
        """Warn of layers that were added by hand to a map for publication."""
        added = self.unprotected()
        if added:
            warnings.warn(
                f"`m` is for publication, and holds {len(added)} layers added by hand, which "
                f"nothing protects: {first_offenders(added)}; the page says so. Take out those "
                "that show incidents or people.",
                stacklevel=5,
            )

    def _say(self, words: Any) -> str:
        return str(words if isinstance(words, str) else words[self.lang])

    def render(self, **_kwargs: Any) -> str:
        """Add the page to the figure that holds the map; nothing is left to put in its place."""
        figure: Any = self.get_root()
        parent: Any = self._parent
        figure.title = html.escape(self.title)
        name = self.get_name()
        style = "\n".join(map(_own_file, _STYLES))
        head = [
            f"<style>{FILES.leaflet_style}</style>",
            f"<script>{FILES.leaflet_script}</script>",
            f"<style>{style}</style>",
            f"<script>{FILES.page_script}</script>",
        ]
        figure.header.add_child(RawText("\n".join(head)), name=f"{name}_head")
        if any(isinstance(element, folium.Icon) for element in descendants(figure)):
            _add_default_links(figure)
        # Fill the template in the language that the page opens in.
        data = self.data
        if any(isinstance(each, TileLayer | WmsTileLayer) for each in descendants(figure)):
            # tiles lie below, and show land by themselves
            data = {**data, "online": True, "context": []}
        fields = {
            "name": self.get_name(),
            "lang": self.lang,
            "languages": {lang: _language_name(lang) for lang in data["texts"]},
            "texts": data["texts"][self.lang],
            "title": self.title,
            "subtitle": self._say(data["subtitle"]),
            "notes": [self._say(note) for note in data["notes"]],
            "sources": [self._say(source) for source in data["sources"]],
            "online": data["online"],
            "report": data["report"],
            "several": len(data["indicators"]) > 1,
            "timed": data["time"] is not None,
            "json": Markup(_to_json(data)),  # noqa: S704  escaped by to_json
        }
        module: Any = FILES.template.module
        figure.html.add_child(RawText(module.head(fields)), name=f"{name}_front", index=0)
        figure.html.add_child(RawText(module.panel(fields)), name=f"{name}_panel")
        start = f'window.sahelGeo = SahelGeo.start({parent.get_name()}, "{name}");'
        figure.script.add_child(RawText(start), name=f"{name}_start")
        return ""


def _to_json(data: Any) -> str:
    r"""Write JSON that can stand inside a script element.

    >>> _to_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return clean_text(text).translate(_ESCAPES)


def descendants(element: Element) -> Iterator[Element]:
    """Walk everything that an element holds, in order."""
    parts = [getattr(element, name, None) for name in ("header", "html", "script")]
    elements = [part for part in parts if isinstance(part, Element)]
    for child in (*elements, *element._children.values()):  # noqa: SLF001
        yield child
        yield from descendants(child)


def _add_default_links(figure: Figure) -> None:
    """Bring back what folium's icons need; the page then needs the network."""
    for name, url in Map.default_js:
        if name != "leaflet":
            figure.header.add_child(JavascriptLink(url), name=name)
    for name, url in Map.default_css:
        if name != "leaflet_css":
            figure.header.add_child(CssLink(url), name=name)


def _language_name(lang: str) -> str:
    """Give the name of a language in itself; its code where the CLDR does not know it.

    >>> _language_name("fr"), _language_name("en"), _language_name("xx")
    ('français', 'English', 'xx')
    """
    own = locale(lang)
    return str(own.languages.get(lang, lang)) if own.language == lang else lang


@cache
def _own_file(name: str) -> str:
    """Read one of the page's own files."""
    return (files("sahel_geo.maps") / "static" / name).read_text(encoding="utf-8")


class _Files:
    """What every page holds of files: Leaflet, and scripts of our own, each read once."""

    @cached_property
    def template(self) -> Template:
        """The template of a map's page, compiled."""
        return Environment(autoescape=True).from_string(_own_file("page.html"))

    @cached_property
    def page_script(self) -> str:
        """The page's own scripts."""
        return "\n".join(_SPARE.sub("", _own_file(name)) for name in _SCRIPTS)

    @cached_property
    def inert_script(self) -> str:
        """What keeps markup in texts of layers from making the page leave."""
        return _SPARE.sub("", _own_file("inert.js"))

    @cached_property
    def leaflet_script(self) -> str:
        """Leaflet, with the pictures of its marker."""
        script = _SOURCE_MAP.sub("", _leaflet_bytes("leaflet.js").decode("utf-8")).strip()
        pictures = {
            "iconUrl": "marker-icon.png",
            "iconRetinaUrl": "marker-icon-2x.png",
            "shadowUrl": "marker-shadow.png",
        }
        options = ", ".join(f'{key}: "{_data_uri(name)}"' for key, name in pictures.items())
        return (
            f"{self.inert_script}\n{script}\n"
            'L.Icon.Default.imagePath = "";\n'
            f"L.Icon.Default.mergeOptions({{ {options} }});\n"
            f"{_POPUP_SHIM}"
        )

    @cached_property
    def leaflet_style(self) -> str:
        """Leaflet's style sheet, with its pictures inside."""
        return _URL.sub(_inline, _leaflet_bytes("leaflet.css").decode("utf-8"))


FILES: Final = _Files()


def _inline(match: re.Match[str]) -> str:
    name = match.group(1)
    if name.startswith("images/"):
        return f'url("{_data_uri(name.removeprefix("images/"))}")'
    return "none"


def _data_uri(name: str) -> str:
    picture = base64.b64encode(_leaflet_bytes(f"images/{name}")).decode("ascii")
    return f"data:image/png;base64,{picture}"


def _leaflet_bytes(name: str) -> bytes:
    try:
        root = files(_LEAFLET_PACKAGE) / "static" / _LEAFLET_PACKAGE
        return (root / name).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise FileError(
            f"Leaflet's file {name!r} is missing from this installation; expected the package "
            "django-js-lib-leaflet. Install sahel-geo again with its dependencies."
        ) from error
