"""Take the pictures of the documentation from freshly made pages: ``python tools/screenshots.py``.

Those of UCDP GED need its files, in the folder that ``SAHEL_GEO_REFERENCE`` names; without it they
are left as they are. Name a folder to keep the reports, and to take those that it holds.
"""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

import sahel_geo as sg
from sahel_geo.schema import Language

_IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_REFERENCE = Path(os.environ.get("SAHEL_GEO_REFERENCE", "absent")) / "ucdp"
_COLOURS = 256  # enough for a map and its letters, and half of the bytes
_GED = "ged211_mli_ner_bfa_prec12_reduced.csv"
_GED_BFA = "ged251_bfa_2016_2022.csv"


@dataclass(frozen=True)
class Shot:
    """A picture: which page of which report in which state, how large a screen, how much of it."""

    image: str
    page: str
    lang: Language
    file: str = ""  # of UCDP GED; "" is the embedded catalogue
    width: int = 1280
    height: int = 800
    scale: float = 1.0
    publish: str = "full"
    state: str = ""  # what stands after "#" in the address
    press: str = ""  # a button
    paper: bool = False  # print it instead


_SHOTS = (
    Shot("central-sahel-fr", "central-sahel", "fr"),
    Shot("central-sahel-en", "central-sahel", "en"),
    Shot("menaka-tri-border-phone-en", "menaka-tri-border", "en", width=390, height=844),
    Shot(
        "map-compare",
        "central-sahel",
        "en",
        scale=0.8,
        state="indicator=incidents&period=2019&compare=2020&lang=en",
    ),
    Shot(
        "map-years",
        "central-sahel",
        "fr",
        width=768,
        height=1024,
        scale=0.8,
        state="indicator=incidents&lang=fr",
        press=".sg-compare button:last-of-type",
    ),
    Shot("gallery-overview", "index", "fr", height=1100, scale=0.7),
    Shot("gallery-hot-spots", "hot-spots", "en", _GED, height=1000, scale=0.7),
    Shot("gallery-spillover", "spillover", "en", _GED, height=1040, scale=0.7),
    Shot("gallery-comparison", "comparison", "en", _GED, height=850, scale=0.7),
    Shot("gallery-answers", "index", "fr", _GED_BFA, height=1900, scale=0.7),
    Shot("gallery-brief", "brief", "fr", _GED_BFA, width=900, height=1700, scale=0.7),
    Shot("gallery-risk", "risk", "en", _GED_BFA, height=1300, scale=0.7),
    Shot("gallery-answers-tablet", "index", "en", _GED_BFA, width=768, height=1300, scale=0.8),
    Shot("gallery-answers-phone", "index", "en", _GED_BFA, width=390, height=1100, scale=0.8),
    Shot("gallery-brief-phone", "brief", "fr", _GED_BFA, width=390, height=1500, scale=0.8),
    Shot("gallery-brief-fr", "brief", "fr", _GED_BFA, paper=True),
    Shot("gallery-brief-en", "brief", "en", _GED, paper=True),
    Shot(
        "gallery-switch",
        "central-sahel",
        "en",
        _GED,
        scale=0.8,
        state="indicator=incidents_type_one_sided&lang=en",
    ),
    Shot(
        "gallery-side-by-side",
        "central-sahel",
        "fr",
        _GED_BFA,
        scale=0.8,
        state="indicator=incidents&period=2022-06&compare=2022-12&maps=two&lang=fr",
    ),
    Shot("gallery-safe", "central-sahel", "en", _GED_BFA, publish="safe", scale=0.8),
)


def main() -> None:
    """Make each report once, open its pages offline, and save what they show."""
    _IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as passing, sync_playwright() as playwright:
        folder = Path(sys.argv[1]) if sys.argv[1:] else Path(passing)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for shot in _SHOTS:
            if not shot.file or (_REFERENCE / shot.file).is_file():
                _take(browser, shot, _report(shot, folder))
        browser.close()


def _report(shot: Shot, folder: Path) -> Path:
    """Write the report of a picture, unless another picture has had it written."""
    out = folder / f"{shot.lang}-{shot.file or 'catalogue'}-{shot.publish}"
    if not out.exists():
        found = (
            sg.read_incidents(_REFERENCE / shot.file) if shot.file else sg.load_example_incidents()
        )
        units = sg.load_boundaries(level=2)
        sg.write_report(found, units, out, lang=shot.lang, publish=shot.publish, exports=False)
    return out


def _take(browser: Any, shot: Shot, out: Path) -> None:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        device_scale_factor=shot.scale,
        offline=True,
    )
    page = context.new_page()
    state = f"#{shot.state}" if shot.state else ""
    page.goto((out / f"{shot.page}.html").as_uri() + state)
    page.wait_for_timeout(500)
    if shot.press:
        page.locator(shot.press).click()
    if shot.paper:
        pdf = page.pdf(prefer_css_page_size=True, print_background=True)
        (_IMAGES / f"{shot.image}.pdf").write_bytes(pdf)
        context.close()
        return
    target = _IMAGES / f"{shot.image}.png"
    page.screenshot(path=target)
    with Image.open(target) as picture:
        smaller = picture.convert("RGB").quantize(_COLOURS)
    smaller.save(target, optimize=True)
    context.close()


if __name__ == "__main__":
    main()
