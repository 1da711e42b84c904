"""Build the documentation in both languages: ``python tools/documentation/build.py site``."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import glossary
import mathfont
import reference

ROOT: Final = Path(__file__).resolve().parents[2]
HERE: Final = Path(__file__).resolve().parent
_FILES: Final = re.compile(r"<li><a href=\"([\w.-]+)\">[^\n]*</li>\n")


def sphinx(lang: str, source: Path, target: Path) -> None:
    """Run Sphinx for one language; a warning is an error."""
    environment = {**os.environ, "SAHEL_GEO_DOCS_LANG": lang}
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-j", "auto", "-E"]
    places = ["-c", HERE, "-d", ROOT / ".cache" / f"sphinx-{lang}", source, target]
    done = subprocess.run([*command, *map(str, places)], env=environment, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def add_example_report(target: Path) -> None:
    """Put the example report beside the pages, so that the home page can open it."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in (ROOT / "outputs" / "maps").iterdir():
        shutil.copyfile(file, target / file.name)
    index = target / "index.html"
    text = index.read_text(encoding="utf-8")  # the repository leaves out the largest files
    kept = _FILES.sub(lambda each: each[0] if (target / each[1]).is_file() else "", text)
    index.write_text(kept, encoding="utf-8", newline="\n")


def main() -> None:
    """Write what is made from the code, then the pages of both languages."""
    start = time.perf_counter()
    site = Path(sys.argv[1]).resolve()
    docs = ROOT / "docs"
    reference.write(docs / "reference", docs / "methods")
    for lang, page in (("en", "glossary.md"), ("fr", "fr/glossaire.md")):
        (docs / page).write_text(glossary.page(lang), encoding="utf-8", newline="\n")
    shutil.rmtree(site, ignore_errors=True)
    sphinx("en", docs, site)
    sphinx("fr", docs / "fr", site / "fr")
    mathfont.write(site)
    for left in site.rglob("webpack-macros.html"):
        left.unlink()  # a template of the theme, no page
    add_example_report(site / "maps")
    (site / "images").mkdir(exist_ok=True)
    for paper in (docs / "images").glob("*.pdf"):  # linked to, and no picture
        shutil.copyfile(paper, site / "images" / paper.name)
    pages = sum(1 for _ in site.rglob("*.html"))
    print(f"{pages} pages in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
