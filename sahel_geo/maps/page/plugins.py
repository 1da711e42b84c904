"""Files of folium's plugins: fetched once into a folder, then written into the page.

A plugin of folium names scripts and styles on content networks. Put into the page they show
offline, under the same policy as everything else.
"""

import base64
import mimetypes
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.maps.page.rendering import script_text

_NO_NAME: Final = re.compile(r"[^\w.@+ ~=,-]")
_SCRIPT: Final = re.compile(
    r"<script\b[^>]*\bsrc=\"(?P<url>(?:https?:)?//[^\"]+)\"[^>]*>\s*</script>"
)
_STYLE: Final = re.compile(
    r"<link\b(?=[^>]*\brel=\"stylesheet\")[^>]*\bhref=\"(?P<url>(?:https?:)?//[^\"]+)\"[^>]*/?>"
)
_PICTURE: Final = re.compile(r"url\(\s*['\"]?(?P<address>[^'\")\s]+)['\"]?\s*\)")
_DATA: Final = re.compile(r"(<script type=\"application/json\"[^>]*>.*?</script>)", re.DOTALL)


def links(text: str) -> Iterator[str]:
    """List the scripts and styles that a page asks for, in order."""
    for part in _DATA.split(text)[::2]:
        for pattern in (_SCRIPT, _STYLE):
            for match in pattern.finditer(part):
                yield _whole(match["url"])


def embedded(text: str, folder: str | os.PathLike[str]) -> str:
    """Put the files of plugins where a page asks for them."""
    root = Path(folder)
    files = [_found(url, root) for url in dict.fromkeys(links(text))]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise InputError(
            f"`plugins` lacks {len(missing)} files in {str(root)!r}: {first_offenders(missing)}; "
            "expected each one there. Fetch them with sg.fetch_plugins(m, folder)."
        )

    def script(match: re.Match[str]) -> str:
        return f"<script>{script_text(_read(_whole(match['url']), root))}</script>"

    def style(match: re.Match[str]) -> str:
        url = _whole(match["url"])
        css = _PICTURE.sub(lambda each: _inlined(each, url, root), _read(url, root))
        return "<style>" + css.replace("</", "<\\/") + "</style>"

    parts = _DATA.split(text)
    parts[::2] = [_STYLE.sub(style, _SCRIPT.sub(script, part)) for part in parts[::2]]
    return "".join(parts)


def without_links(text: str) -> str:
    """Take out the links to scripts and styles."""
    return _STYLE.sub("", _SCRIPT.sub("", text))


def place_of(url: str, folder: Path) -> Path:
    """Say where the file of an address lies.

    >>> place_of("https://example.org/a/../b.js?v=1", Path("x")).as_posix()
    'x/example.org/a/b.js'
    >>> place_of("https://../../b.js", Path("x")).as_posix()
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


def _found(url: str, root: Path) -> Path:
    target = place_of(url, root)
    return target if target.is_file() else root / target.name


def _read(url: str, root: Path) -> str:
    text = _found(url, root).read_text(encoding="utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def pictures(style: str, url: str) -> Iterator[str]:
    """List the addresses of pictures that a style names, against that of the style."""
    for match in _PICTURE.finditer(style):
        address = _joined(url, match["address"])
        if not match["address"].startswith(("data:", "#")):
            yield address


def _inlined(match: re.Match[str], url: str, root: Path) -> str:
    address = match["address"]
    if address.startswith(("data:", "#")):
        return match[0]
    file = _found(_joined(url, address), root)
    if not file.is_file():
        return 'url("data:,")'
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f'url("data:{kind};base64,{base64.b64encode(file.read_bytes()).decode("ascii")}")'


def _joined(url: str, address: str) -> str:
    try:
        return urljoin(url, address.partition("#")[0])
    except ValueError as error:
        raise InputError(
            f"the style {url!r} names {address!r}, which is no address ({error}). Correct it."
        ) from error
