"""Settings of Sphinx for both languages; ``build.py`` says which one."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from sahel_geo.version import __version__  # noqa: E402

language = os.environ.get("SAHEL_GEO_DOCS_LANG", "en")
project = "sahel_geo"
author = "The sahel_geo contributors"
version = release = __version__
html_title = f"sahel_geo {version}"
html_last_updated_fmt = None
html_copy_source = html_show_sourcelink = html_show_sphinx = html_show_copyright = False

extensions = ["myst_nb", "sphinx_design", "formulas", "crossing"]
exclude_patterns = ["fr", "images"] if language == "en" else []
root_doc = "index"
default_role = "py:obj"
maximum_signature_line_length = 68
add_module_names = True
python_display_short_literal_types = True
toc_object_entries = False
html_math_renderer = "mathml"

myst_enable_extensions = [
    "colon_fence",
    "dollarmath",
    "deflist",
    "attrs_block",
    "attrs_inline",
    "html_image",
]
myst_heading_anchors = 3
myst_url_schemes = {
    "http": None,
    "https": None,
    "mailto": None,
    "fr": {"url": "fr/{{path}}.html{{fragment}}"},
    "en": {"url": "../{{path}}.html{{fragment}}"},
}
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, object] = {}
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "pydata_sphinx_theme"
templates_path = [str(HERE / "templates")]
html_static_path = [str(HERE / "static")]
html_css_files = ["site.css"]
html_use_index = language == "en"
# nothing lies below these pages, and a list of nothing takes the room of the text
html_sidebars: dict[str, list[str]] = {
    page: [] for page in (("index", "install") if language == "en" else ("**",))
}
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "sahel_geo"},
    "navbar_align": "left",
    "navbar_end": ["languages.html", "theme-switcher"],
    "header_links_before_dropdown": 7,
    "show_toc_level": 2,
    "show_prev_next": False,
    "footer_start": ["offline.html"],
    "footer_end": [],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
