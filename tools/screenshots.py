"""Take the pictures of the README from freshly made pages: ``python tools/screenshots.py``."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import sahel_geo as sg
from sahel_geo.schema import Language

_IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_SHOTS: tuple[tuple[Language, str, int, int, str], ...] = (
    ("fr", "central-sahel", 1280, 800, "central-sahel-fr"),
    ("en", "menaka-tri-border", 390, 844, "menaka-tri-border-phone-en"),
)


def main() -> None:
    """Make the report in each language, open its maps offline, and save what they show."""
    _IMAGES.mkdir(parents=True, exist_ok=True)
    units, incidents = sg.load_boundaries(level=2), sg.load_example_incidents()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for lang, name, width, height, image in _SHOTS:
            out = Path(folder) / lang
            sg.write_report(incidents, units, out, lang=lang)
            context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
            page = context.new_page()
            page.goto((out / f"{name}.html").as_uri())
            page.wait_for_timeout(500)
            page.screenshot(path=_IMAGES / f"{image}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
