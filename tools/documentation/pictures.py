"""Take the pictures of the home page by its own code: ``python pictures.py FILE``.

FILE holds the incidents; those shown are of UCDP GED 21.1, Mali, Niger and Burkina Faso.
"""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import sync_playwright

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
_BLOCK: Final = re.compile(r"```python\n(.*?)```", flags=re.DOTALL)
_PAGES: Final = {"map": "map", "forecast": "forecast", "risk": "risk", "hot-spots": "hot-spots"}
_COLOURS: Final = 256


def main() -> None:
    """Run the blocks in a folder of their own, and save what their maps show."""
    home = (DOCS / "index.md").read_text(encoding="utf-8")
    incidents = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.chdir(folder)
        shutil.copyfile(incidents, "incidents.csv")
        names: dict[str, Any] = {}
        for block in _BLOCK.findall(home):
            if "write_report" not in block:  # tools/screenshots.py takes the brief
                exec(compile(block, "index.md", "exec"), names)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1100, "height": 700}, device_scale_factor=0.9)
        for name, image in _PAGES.items():
            page.goto(Path(folder, f"{name}.html").as_uri())
            page.wait_for_timeout(500)
            target = DOCS / "images" / f"home-{image}.png"
            page.screenshot(path=target)
            with Image.open(target) as picture:
                picture.convert("RGB").quantize(_COLOURS).save(target, optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
