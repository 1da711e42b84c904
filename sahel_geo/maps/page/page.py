"""Write a map as one HTML file that asks the network for nothing.

Leaflet goes into the file; what would need an address is refused by name. A content security
policy in the file forbids every request, and every script but those that were there when it was
written, so that a text from data cannot become one.
"""

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import RLock
from typing import Any, Final

import folium
from branca.element import CssLink, Element, Figure, JavascriptLink
from folium.elements import JSCSSMixin
from folium.folium import Map
from folium.raster_layers import ImageOverlay, TileLayer, VideoOverlay, WmsTileLayer

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.files import write_text
from sahel_geo.i18n.language import DEFAULT
from sahel_geo.maps.page.element import FILES, PageElement, descendants
from sahel_geo.maps.page.rendering import PluginFolder, links, render, without_links
from sahel_geo.maps.texts import PAGE, clean_text
from sahel_geo.schema import PathLike

_one_at_a_time: Final = RLock()
_DEFAULT_LINKS: Final = frozenset(url for _, url in (*Map.default_js, *Map.default_css))
_NEEDS_ICONS: Final = "folium.Icon (a Marker without icon, a DivIcon or a CircleMarker is fine)"
_SERVICES: Final = ("Geocoder", "Realtime", "TimestampedWmsTileLayers", "VectorGridProtobuf")
_PLUGGED: Final = ("plugin ", "link ", "JavascriptLink ", "CssLink ", "folium.Icon ")
_DATA: Final = re.compile(r"(<script type=\"application/json\"[^>]*>.*?</script>)", re.DOTALL)
_RANDOM_ID: Final = re.compile(r"(?<=[a-z]_)[0-9a-f]{32}(?![0-9a-f])")
_HOST: Final = re.compile(r"(https://(?:\{s\}\.)?[\w.-]+(?::\d+)?)/")
_RUNS: Final = re.compile(r"<script(?! type=\"application/json\")")
_SCRIPT: Final = re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)
_META: Final = re.compile(r"<meta\b[^>]*>?", re.IGNORECASE)
_VIEWPORT: Final = re.compile(r"<meta name=\"viewport\"[^>]*>")
_LOADS: Final = re.compile(
    r"<(?:img|iframe|script|link|video|audio|source|embed|object)\b[^>]*?"
    r"\b(?:src|href|data|poster|srcset)\s*=\s*\\?[\"']?(?!data:)(?P<address>[^\s\"'>\\]+)",
    re.IGNORECASE,
)
_SCRIPT_TAG: Final = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_STYLE: Final = (
    "width: 100%; height: min(700px, 92vh); border: 1px solid #c9c3b6; background: #fff; "
    "color-scheme: light"
)
# An origin of its own: whatever a text or a plugin may run there, it cannot reach the notebook.
_SANDBOX: Final = (
    "allow-scripts allow-downloads allow-modals allow-popups allow-popups-to-escape-sandbox"
)


def save_map(
    m: folium.Map, path: PathLike, *, offline: bool = True, plugins: PathLike | None = None
) -> Path:
    """Write a map to one HTML file.

    Parameters
    ----------
    m : folium.Map
        From `choropleth`, or any other; also with markers, GeoJSON and the like added to it.
    path : path-like
        The file to write; it appears whole or not at all.
    offline : bool
        Whether the file must show without a network. Then Leaflet is written into it, nothing may
        be fetched, and what needs an address is refused. Otherwise the page may fetch its tiles,
        and if it has plugins, their scripts and what these ask for; no other script runs. A map
        with HTML or files of which that cannot be said is written without a policy.
    plugins : path-like, optional
        Folder with the files of the plugins, from `fetch_plugins`; they go into the page, which
        then shows offline with them.

    Returns
    -------
    Path
        The file. The same map gives the same bytes.

    Raises
    ------
    InputError
        If `m` is not a map, or holds something that needs the network while `offline` is true.
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> m = folium.Map([14, 0], tiles=None)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = save_map(m, f"{folder}/map.html").read_text(encoding="utf-8")
    >>> "https://cdn" in page
    False
    """
    if not isinstance(m, folium.Map):
        raise InputError(
            f"`m` is a {type(m).__name__}; expected a folium.Map. Make one with choropleth()."
        )
    return write_text(path, _map_html(m, offline=offline, plugins=plugins))


def _map_html(m: folium.Map, *, offline: bool = True, plugins: PathLike | None = None) -> str:
    """Write a map as the text of one HTML page; see `save_map`."""
    with _one_at_a_time:  # rendering adds to the map for a while, and takes it back
        return _written(m, offline=offline, plugins=plugins)


def _written(m: folium.Map, *, offline: bool, plugins: PathLike | None) -> str:
    page = PageElement.of(m)
    if page is not None:
        page.warn_unprotected()
    needs = list(dict.fromkeys(_needs(m)))
    rest = [need for need in needs if not need.startswith(_PLUGGED)]
    extended = len(rest) < len(needs)
    if offline:
        # Name every layer, plugin and picture that the page would have to fetch.
        files = needs if plugins is None else rest
        if files:
            raise InputError(
                f"`m` holds {len(files)} things that need the network: {first_offenders(files)}; "
                "expected a map that shows offline. Remove them, give the files of plugins with "
                "plugins=, or write the map with offline=False."
            )
    hosts = () if offline else _tile_hosts(m, rest)
    # line ends and text as a browser reads them, so that its checksums agree with ours
    text = render(m).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    text = clean_text(text)
    if hosts is not None:
        text = _without_links(text, icons=_NEEDS_ICONS in needs)
    if offline:
        _refuse_loading_tags(text if plugins is None else without_links(text))
    _refuse_refresh(text)
    if hosts is None:
        text = text.replace("<head>", f"<head>\n<script>{FILES.inert_script}</script>", 1)
    text = _headed(_renumbered(text), page)
    text = _scripts_last(text)
    if offline and plugins is not None:
        text = PluginFolder(Path(plugins)).embed(text)
    if hosts is not None:
        scripts = () if offline else tuple(dict.fromkeys(links(text)))
        text = _with_policy(text, hosts, scripts, extended=extended)
    return text


def _tile_hosts(m: folium.Map, needs: list[str]) -> tuple[str, ...] | None:
    """Name the hosts of the tiles, if beside plugins the map needs nothing else."""
    kinds = (TileLayer, WmsTileLayer)
    tiles = [element for element in descendants(m.get_root()) if isinstance(element, kinds)]
    names = {f"tile layer {element.layer_name}" for element in tiles}
    if any(need not in names and not need.startswith("service of ") for need in needs):
        return None
    addresses = [str(getattr(each, "tiles", None) or getattr(each, "url", "")) for each in tiles]
    hosts = [_HOST.match(address) for address in addresses]
    sources = [host[1].replace("{s}", "*") for host in hosts if host]
    return tuple(dict.fromkeys(sources)) if len(sources) == len(tiles) else None


def _needs(m: folium.Map) -> Iterator[str]:
    for link in (*m.default_js, *m.default_css):
        if link[1] not in _DEFAULT_LINKS:
            yield f"link {link[0]}"
    for element in descendants(m.get_root()):
        kind = type(element).__name__
        if isinstance(element, TileLayer | WmsTileLayer):
            yield f"tile layer {element.layer_name}"
        elif isinstance(element, folium.Icon):
            yield _NEEDS_ICONS
        elif isinstance(element, JavascriptLink | CssLink) and not (
            element.url in _DEFAULT_LINKS or element.url.startswith("data:")
        ):
            yield f"{kind} {element.url}"
        elif isinstance(element, JSCSSMixin) and not isinstance(element, folium.Map):
            yield from _plugin_needs(element)
        elif isinstance(element, folium.GeoJson) and not element.embed:
            yield f"{kind} {element.layer_name} with embed=False"
        else:
            yield from _picture_address(element)


def _plugin_needs(element: JSCSSMixin) -> Iterator[str]:
    kind = type(element).__name__
    if element.default_js or element.default_css:
        yield f"plugin {kind}"
    if isinstance(getattr(element, "tile_layer", None), TileLayer) or kind in _SERVICES:
        yield f"service of {kind}"


def _picture_address(element: Element) -> Iterator[str]:
    address: Any = None
    if isinstance(element, ImageOverlay):
        address = element.url
    elif isinstance(element, VideoOverlay):
        address = element.video_url
    elif isinstance(element, folium.CustomIcon):
        address = element.options.get("icon_url") or element.options.get("iconUrl")
    if isinstance(address, str) and not address.startswith("data:"):
        yield f"{type(element).__name__} {address}"


def _without_links(text: str, *, icons: bool = False) -> str:
    """Take out folium's default links, and put Leaflet in where they asked for it."""
    for url in sorted(_DEFAULT_LINKS):
        if icons and "/leaflet@" not in url:
            continue
        inlined = ""
        if re.search(r"/leaflet@[\d.]+/dist/leaflet\.js$", url):
            inlined = (
                f"<style>{FILES.leaflet_style}</style>\n<script>{FILES.leaflet_script}</script>"
            )
        script, style = JavascriptLink(url).render(), CssLink(url).render()
        text = text.replace(script, inlined).replace(style, "")
    return text


def _refuse_loading_tags(text: str) -> None:
    """Find pictures, frames and scripts with an address in what users wrote as HTML."""
    text = text.replace(FILES.leaflet_script, "").replace(FILES.leaflet_style, "")
    text = _DATA.sub("", text)
    addresses = list(dict.fromkeys(match["address"] for match in _LOADS.finditer(text)))
    if addresses:
        raise InputError(
            f"`m` holds HTML that loads {len(addresses)} other files: "
            f"{first_offenders(addresses)}; expected one self-contained page. "
            "Give pictures as data: URIs, or write the map with offline=False."
        )


def _refuse_refresh(text: str) -> None:
    """Find tags in what users wrote as HTML that make the page leave by itself."""
    tags = (html.unescape(match[0]) for match in _META.finditer(_SCRIPT.sub("", text)))
    refreshing = [tag[:80] for tag in tags if "refresh" in tag.lower()]
    if refreshing:
        raise InputError(
            f"`m` holds HTML that makes the page leave for another address: "
            f"{first_offenders(refreshing)}; expected none. Take the tag out."
        )


def _renumbered(text: str) -> str:
    """Replace folium's random names by numbers in order of appearance."""
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return numbers.setdefault(match.group(0), f"{len(numbers):032x}")

    head = re.compile(r"\A<script[^>]*>")
    parts = _DATA.split(text)
    for i, part in enumerate(parts):
        if i % 2:
            tag = head.match(part)
            end = tag.end() if tag else 0
            parts[i] = _RANDOM_ID.sub(number, part[:end]) + part[end:]
        else:
            parts[i] = _RANDOM_ID.sub(number, part)
    return "".join(parts)


def _scripts_last(text: str) -> str:
    """Move Leaflet and the page's script behind what can be read without them.

    The browser then shows the title and the notes before it runs a script. Where a plugin or a user
    has put another script into the head, ours stay before it.
    """
    own = [f"<script>{part}</script>" for part in (FILES.leaflet_script, FILES.page_script)]
    head, end, body = text.partition("</head>")
    first = _RUNS.search(body)
    if (
        first is None
        or len(_RUNS.findall(head)) != 1 + len(own)
        or not all(part in head for part in own)
    ):
        return text
    for part in own:
        head = head.replace(part, "")
    return head + end + body[: first.start()] + "\n".join(own) + "\n" + body[first.start() :]


def _headed(text: str, page: PageElement | None) -> str:
    """Give the document its language, a title, and a viewport that readers may enlarge."""
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    text = _VIEWPORT.sub(viewport, text, count=1)
    if page is not None:
        text = text.replace("<html>", f'<html lang="{page.lang}">', 1)
    if "<title>" not in text:
        title = html.escape(page.title if page else PAGE[DEFAULT]["map"])
        text = text.replace("<head>", f"<head>\n<title>{title}</title>", 1)
    return text


def fetch_plugins(
    m: folium.Map, folder: PathLike, *, get: Callable[[str], bytes] | None = None
) -> tuple[Path, ...]:
    """Fetch the files that the plugins of a map ask for, once and for all.

    This needs the network; ``save_map(m, path, plugins=folder)`` then does without. Look at what
    was fetched, or compare its checksums, before you trust it with a map.

    Parameters
    ----------
    m : folium.Map
        From `choropleth`, or any other, with its plugins added.
    folder : path-like
        Where to put the files, by host and path; those that are there are kept.
    get : callable, optional
        Takes an address, gives the bytes; by default over HTTPS.

    Returns
    -------
    tuple of Path
        Scripts, styles and the pictures that the styles name, in that order.

    Raises
    ------
    FileError
        If an address does not answer, or a file cannot be written.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> from folium.plugins import MarkerCluster
    >>> m = folium.Map([14, 0], tiles=None)
    >>> _ = MarkerCluster().add_to(m)
    >>> result = fetch_plugins(m, getfixture("tmp_path"), get=lambda address: b"")
    >>> result[0].name
    'leaflet.markercluster.js'
    """
    return PluginFolder(Path(folder)).fetch(_map_html(m, offline=False), get)


def _with_policy(
    text: str, hosts: Sequence[str] = (), scripts: Sequence[str] = (), *, extended: bool = False
) -> str:
    """Forbid every request, and every script that is not in the page now.

    >>> page = _with_policy("<html><head></head><body><script>go()</script></body></html>")
    >>> page.count("'sha256-"), "default-src 'none'" in page
    (1, True)
    """
    sums = dict.fromkeys(
        base64.b64encode(hashlib.sha256(match[2].encode()).digest()).decode()
        for match in _SCRIPT_TAG.finditer(text)
        if "application/json" not in match[1] and "src=" not in match[1]
    )
    code = [address for address in map(_source, scripts) if not address.endswith(".css")]
    sources = [*(f"'sha256-{value}'" for value in sums), *code]
    making = ["'unsafe-eval'"] if extended else []
    network = ["https:"] if scripts else []
    rules = {
        "default-src": ["'none'"],
        "script-src": [*sources, *making] or ["'none'"],
        "style-src": ["'unsafe-inline'", *map(_source, scripts)],
        "img-src": ["data:", "blob:", *hosts, *network],
        "font-src": ["data:", *network],
        "media-src": ["data:"],
        "frame-src": ["data:"],  # popups in a frame, under this policy themselves
        "connect-src": network or ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    policy = "; ".join(f"{name} {' '.join(values)}" for name, values in rules.items())
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return text.replace("<head>", f'<head>\n<meta charset="utf-8">\n{tag}', 1)


def _source(address: str) -> str:
    """Write an address as a policy can hold it: without a query, and no mark that would end it."""
    plain = address.partition("?")[0]
    return re.sub(r"[;,\s'\"]", lambda mark: f"%{ord(mark[0]):02X}", plain)


class OfflineMap(folium.Map):
    """The map that `choropleth` gives: a `folium.Map` with a notebook view of its own.

    Every layer and plugin of folium can be added to it. The notebook shows the page that `save_map`
    would write, in a frame that asks for no server and no network and cannot reach the notebook;
    with a layer that needs the network, such as tiles or a plugin from a content network, it shows
    what ``save_map(offline=False)`` would write. folium's own ``save`` and ``show_in_browser`` take
    the same way, so that no text of a layer becomes a template on any of them.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _OfflineFigure(self).add_child(self)

    def _repr_html_(self, **_kwargs: Any) -> str:
        """Show the map in a notebook; a map that cannot be written says why."""
        try:
            text = _page(self)
        except InputError as error:
            return f'<p class="sahel-geo-error">{html.escape(str(error))}</p>'
        return (
            f'<iframe srcdoc="{html.escape(text)}" title="sahel_geo" sandbox="{_SANDBOX}" '
            f'style="{_STYLE}" allow="fullscreen"></iframe>'
        )


class _OfflineFigure(Figure):
    """The document around a map; whoever has it rendered gets the page of the map."""

    def __init__(self, map_: OfflineMap) -> None:
        super().__init__()
        self._shown = map_

    def render(self, **_kwargs: Any) -> str:
        return _page(self._shown)


def _page(map_: OfflineMap) -> str:
    """Write the page as it will be saved, or with what it must fetch."""
    try:
        return _map_html(map_)
    except InputError:
        return _map_html(map_, offline=False)
