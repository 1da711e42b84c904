"""A folium map that shows itself in a notebook as it will be saved."""

import html
from typing import Any, Final

import folium
from branca.element import Figure

from sahel_geo.errors import InputError
from sahel_geo.maps.page.page import map_html

_STYLE: Final = (
    "width: 100%; height: min(700px, 92vh); border: 1px solid #c9c3b6; background: #fff; "
    "color-scheme: light"
)
# An origin of its own: whatever a text or a plugin may run there, it cannot reach the notebook.
_SANDBOX: Final = (
    "allow-scripts allow-downloads allow-modals allow-popups allow-popups-to-escape-sandbox"
)


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

    def __init__(self, shown: OfflineMap) -> None:
        super().__init__()
        self._shown = shown

    def render(self, **_kwargs: Any) -> str:
        return _page(self._shown)


def _page(shown: OfflineMap) -> str:
    """Write the page as it will be saved, or with what it must fetch."""
    try:
        return map_html(shown)
    except InputError:
        return map_html(shown, offline=False)
