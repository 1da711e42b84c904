"""Give the pages a font for their formulas, since phones and many computers have none.

STIX Two Math (SIL Open Font License) comes with the package ziamath; only the signs that the pages
use are kept, a tenth of it, with the table that tells a browser how roots and brackets grow.
"""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

_FORMULA: Final = re.compile(r"<math.*?</math>", flags=re.DOTALL)
_TAG: Final = re.compile(r"<[^>]+>")
_ENTITY: Final = re.compile(r"&#x([0-9A-Fa-f]+);")
# What a browser draws without being told by a sign: roots, letters in italics.
_DRAWN: Final = {0x221A, 0x210E, *range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C)}


def characters(site: Path) -> set[int]:
    """List the signs in all formulas of built pages."""
    found = set(_DRAWN)
    for page in site.rglob("*.html"):
        for formula in _FORMULA.findall(page.read_text(encoding="utf-8")):
            text = _TAG.sub("", formula)
            found |= {int(code, 16) for code in _ENTITY.findall(text)}
            found |= {ord(sign) for sign in _ENTITY.sub("", text)}
    return found


def write(site: Path) -> Path:
    """Write the part of the font that the pages of a site need."""
    spec = find_spec("ziamath")
    assert spec is not None
    assert spec.submodule_search_locations
    font = TTFont(Path(spec.submodule_search_locations[0]) / "fonts" / "STIXTwoMath-Regular.ttf")
    options = Options()
    options.name_IDs = ["*"]  # the licence is in there
    options.layout_features = ["*"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters(site))
    subsetter.subset(font)
    font.flavor = "woff"
    target = site / "_static" / "formulas.woff"
    font.save(target)
    return target
