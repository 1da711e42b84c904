"""Find links, anchors and pictures of built pages that lead nowhere: ``links.py site``."""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """What a page links to, and the anchors that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep addresses and anchors."""
        given = {name: value or "" for name, value in attrs}
        self.anchors.update(given[name] for name in ("id", "name") if name in given)
        if tag in ("a", "link") and "href" in given:
            self.targets.append(given["href"])
        if tag in ("img", "script", "iframe", "source", "video") and "src" in given:
            self.targets.append(given["src"])


def broken(site: Path) -> Iterator[str]:
    """List each target that is not there, with its page."""
    pages = {
        file.resolve(): Page(file.read_text(encoding="utf-8")) for file in site.rglob("*.html")
    }
    for file, page in sorted(pages.items()):
        for target in dict.fromkeys(page.targets):
            address = urlsplit(target)
            if address.scheme or address.netloc or not (address.path or address.fragment):
                continue
            path = (file.parent / unquote(address.path)).resolve() if address.path else file
            if path.is_dir():
                path /= "index.html"
            where = f"{file.relative_to(site.resolve())}: {target}"
            if not path.is_file():
                yield where
            elif _lacks(pages.get(path), unquote(address.fragment)) and not _shown(path, site):
                yield f"{where} (no such anchor)"


def _lacks(page: Page | None, anchor: str) -> bool:
    """Tell whether a page has no such anchor; none is asked of a file that is no page."""
    return page is not None and bool(anchor) and anchor not in page.anchors


def _shown(path: Path, site: Path) -> bool:
    """Tell the pages of the example report, whose anchors a script reads."""
    return (site.resolve() / "maps") in path.parents


def main() -> int:
    """Check the folder named on the command line."""
    site = Path(sys.argv[1])
    found = list(broken(site))
    print("\n".join(found) or "Every link, anchor and picture is there.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
