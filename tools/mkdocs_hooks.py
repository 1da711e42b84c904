"""Keep the documentation free of addresses, so that it can be read from disk without a network."""

import re
from typing import Any, Final

_SHIM: Final = "https://unpkg.com/iframe-worker/shim"
_OURS: Final = "scripts/offline_search.js"
# Notebook pages offer to load a drawing library for diagrams; the notebooks hold none.
_DIAGRAMS: Final = re.compile(
    r"<script type=\"module\">(?:(?!</script>).)*?mermaid(?:(?!</script>).)*?</script>", re.DOTALL
)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Let a page search from disk with a script of our own."""
    root = "../" * page.url.count("/")
    return _DIAGRAMS.sub("", output.replace(_SHIM, root + _OURS))


def on_post_template(output_content: str, **_: Any) -> str:
    """Do the same for pages that come from no document, such as 404."""
    return output_content.replace(_SHIM, f"/{_OURS}")
