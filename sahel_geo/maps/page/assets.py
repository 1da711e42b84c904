"""Leaflet from its installed package, and the page's own files beside this module."""

import base64
import re
from functools import cache
from importlib.resources import files
from typing import Final

from sahel_geo.errors import FileError

_LEAFLET_PACKAGE: Final = "js_lib_leaflet"
_SCRIPTS: Final = (
    "geometry.js",
    "world.js",
    "words.js",
    "series.js",
    "years.js",
    "view.js",
    "panel.js",
    "search.js",
    "sheet.js",
    "map.js",
    "labels.js",
    "annotations.js",
    "pointer.js",
    "time.js",
    "compare.js",
    "chart.js",
    "card.js",
    "pens.js",
    "points.js",
    "layers.js",
    "export.js",
    "table.js",
    "multiples.js",
    "link.js",
    "page.js",
)
_URL: Final = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")
_SOURCE_MAP: Final = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)

# Comments on lines of their own, and indentation; the scripts hold no text of several lines.
_SPARE: Final = re.compile(r"^\s*/\*.*?\*/\s*?$\n?|^[ \t]+|^\n", re.DOTALL | re.MULTILINE)

# What folium's popups ask of jQuery: turn a piece of HTML into a node, and run when ready.
POPUP_SHIM: Final = """\
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


def own_file(name: str) -> str:
    """Read one of the page's own files."""
    return (files("sahel_geo.maps") / "static" / name).read_text(encoding="utf-8")


@cache
def page_script() -> str:
    """Join the page's own scripts."""
    return "\n".join(_SPARE.sub("", own_file(name)) for name in _SCRIPTS)


@cache
def inert_script() -> str:
    """Read what keeps markup in texts of layers from making the page leave."""
    return _SPARE.sub("", own_file("inert.js"))


@cache
def leaflet_script() -> str:
    """Read Leaflet, and hand it the pictures of its marker."""
    script = _SOURCE_MAP.sub("", _leaflet_bytes("leaflet.js").decode("utf-8")).strip()
    pictures = {
        "iconUrl": "marker-icon.png",
        "iconRetinaUrl": "marker-icon-2x.png",
        "shadowUrl": "marker-shadow.png",
    }
    options = ", ".join(f'{key}: "{_data_uri(name)}"' for key, name in pictures.items())
    return (
        f"{inert_script()}\n{script}\n"
        'L.Icon.Default.imagePath = "";\n'
        f"L.Icon.Default.mergeOptions({{ {options} }});\n"
        f"{POPUP_SHIM}"
    )


@cache
def leaflet_style() -> str:
    """Read Leaflet's style sheet, with its pictures inside."""
    return _URL.sub(_inline, _leaflet_bytes("leaflet.css").decode("utf-8"))


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
