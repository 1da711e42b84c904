"""Links that Sphinx would not find alone: to the reference, and to the other language."""

import re
from pathlib import Path
from typing import Any, Final

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
_NAME: Final = re.compile(r"sg(\.\w+)+")
_FINDABLE: Final = ("class", "exception", "function")
_ACROSS: Final = {
    "en": (re.compile(r"\]\(fr/([\w/-]+)\.md(#[\w-]+)?\)"), "fr"),
    "fr": (re.compile(r"\]\(\.\./([\w/-]+)\.md(#[\w-]+)?\)"), "en"),
}


class LinkNames(SphinxTransform):
    """Lead from ``sg.assign`` in a text to its page in the reference."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        """Wrap each name; what the reference does not know stays as it is."""
        if self.env.docname.startswith("reference/") or self.config.language != "en":
            return
        for word in list(self.document.findall(nodes.literal)):
            text = word.astext()
            if not _NAME.fullmatch(text) or isinstance(word.parent, nodes.reference):
                continue
            target = text.replace("sg.", "sahel_geo.", 1)
            link = addnodes.pending_xref(
                "", refdomain="py", reftype="obj", reftarget=target, refexplicit=True, refwarn=False
            )
            word.replace_self(link)
            link += word


def find_short_name(app: Any, env: Any, node: Any, inside: Any) -> Any:
    """Resolve a name without its module, if only one class or function is called so.

    A single word in small letters is not looked for: it is a parameter, such as ``units``.
    """
    name = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not (name[:1].isupper() or "_" in name):
        return None
    domain = env.domains["py"]
    found = [
        full
        for full, entry in domain.objects.items()
        if full.rpartition(".")[2] == name and entry.objtype in _FINDABLE
    ]
    if len(found) != 1:
        return None
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", found[0], node, inside)


def translations() -> dict[str, str]:
    """Tell which French page says the same as which English one."""
    pairs = {}
    for page in sorted((DOCS / "fr").glob("*.md")):
        front = page.read_text(encoding="utf-8").split("---\n")[1]
        pairs[page.stem] = str(yaml.safe_load(front)["english"])
    return pairs


def other_language(app: Any, page: str, _template: str, context: Any, _tree: Any) -> None:
    """Give the template the address of the same page in the other language, or of its home."""
    pairs = translations()
    if app.config.language == "fr":
        address, lang, word = f"../{pairs.get(page, 'index')}.html", "en", "English"
    else:
        back = {english: french for french, english in pairs.items()}
        up = "../" * page.count("/")
        address, lang, word = f"{up}fr/{back.get(page, 'index')}.html", "fr", "Français"
    context["other_language"] = {"address": address, "lang": lang, "word": word}


def across_languages(app: Any, _page: str, source: list[str]) -> None:
    """Turn links to files of the other language into addresses of their pages."""
    pattern, scheme = _ACROSS[app.config.language]
    source[0] = pattern.sub(lambda each: f"]({scheme}:{each[1]}{(each[2] or '')})", source[0])


def setup(app: Any) -> dict[str, bool]:
    """Register all of it."""
    app.add_transform(LinkNames)
    app.connect("missing-reference", find_short_name)
    app.connect("html-page-context", other_language)
    app.connect("source-read", across_languages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
