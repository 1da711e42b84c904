"""A folium map that shows itself in a notebook as it will be saved."""

import html
from typing import Any, Final

import folium

from sahel_geo.errors import InputError
from sahel_geo.maps.page import map_html

_HEIGHT_PX: Final = 620


class OfflineMap(folium.Map):
    """The map that `choropleth` gives: a `folium.Map` with a notebook view of its own.

    Every layer and plugin of folium can be added to it. The notebook shows the page that `save_map`
    would write, in a frame that asks for no server and no network; with a layer that needs the
    network, such as tiles or a plugin from a content network, it shows what folium would.
    """

    def _repr_html_(self, **_kwargs: Any) -> str:
        """Show the map in a notebook."""
        try:
            text = map_html(self)
        except InputError:
            text = map_html(self, offline=False)
        return (
            f'<iframe srcdoc="{html.escape(text)}" title="sahel_geo" '
            f'style="width: 100%; height: {_HEIGHT_PX}px; border: 1px solid #c9c3b6" '
            'allow="fullscreen"></iframe>'
        )
