"""Refuse built pages that would ask the network: ``python tools/check_offline.py site``."""

import re
import sys
from pathlib import Path
from typing import Final

# What a browser fetches by itself. Links for a reader to follow may lead anywhere.
_FETCHED: Final = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?(?:src|data)=[\"']?(?P<a>(?:https?:)?//[^\"'\s>]+)"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preload|icon|manifest|modulepreload))"
    r"[^>]*?href=[\"']?(?P<b>(?:https?:)?//[^\"'\s>]+)"
    r"|(?:@import\s+|url\()\s*[\"']?(?P<c>(?:https?:)?//[^\"')\s]+)"
    r"|\bimport\(\s*[\"'](?P<d>https?://[^\"']+)",
    re.IGNORECASE,
)


def addresses(folder: Path) -> list[str]:
    """List what the pages and styles of a folder would fetch from elsewhere."""
    found = []
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".html", ".css"):
            text = file.read_text(encoding="utf-8")
            found += [
                f"{file.relative_to(folder)}: {next(filter(None, each.groups()))}"
                for each in _FETCHED.finditer(text)
            ]
    return found


def main() -> int:
    """Check the folder named on the command line."""
    found = addresses(Path(sys.argv[1]))
    print("\n".join(found) or "No page asks for anything from outside.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
