"""Keep the documentation free of addresses, so that it can be read from disk without a network."""

import re
import shutil
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]

_SHIM: Final = "https://unpkg.com/iframe-worker/shim"
_OURS: Final = "scripts/offline_search.js"
# Notebook pages offer to load a drawing library for diagrams; the notebooks hold none.
_DIAGRAMS: Final = re.compile(
    r"<script type=\"module\">(?:(?!</script>).)*?mermaid(?:(?!</script>).)*?</script>", re.DOTALL
)

# Notebooks link to pages by their sources, which nobody translates for them.
_PAGES: Final = re.compile(r"(href=\"\.\./[\w/-]+)\.md([\"#])")

_FILES: Final = re.compile(r"<li><a href=\"([\w.-]+)\">[^\n]*</li>\n")


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Let a page search from disk with a script of our own."""
    root = "../" * page.url.count("/")
    output = _DIAGRAMS.sub("", output.replace(_SHIM, root + _OURS))
    return _PAGES.sub(r"\1.html\2", output) if page.url.startswith("notebooks/") else output


def on_post_template(output_content: str, **_: Any) -> str:
    """Do the same for pages that come from no document, such as 404."""
    return output_content.replace(_SHIM, f"/{_OURS}")


def on_post_build(config: Any, **_: Any) -> None:
    """Put the example report beside the documentation, so that the gallery can open it."""
    target = Path(config["site_dir"]) / "maps"
    target.mkdir(parents=True, exist_ok=True)
    for file in (ROOT / "outputs" / "maps").iterdir():
        shutil.copyfile(file, target / file.name)
    index = target / "index.html"
    text = index.read_text(encoding="utf-8")  # the repository leaves out the largest files
    kept = _FILES.sub(lambda each: each[0] if (target / each[1]).is_file() else "", text)
    index.write_text(kept, encoding="utf-8", newline="\n")
