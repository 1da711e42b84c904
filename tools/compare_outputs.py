"""Compare what two checkouts of the package give for the same inputs and seeds.

For the embedded catalogue, and the two files of UCDP under ``SAHEL_GEO_REFERENCE``, each checkout
writes a report and calls the public functions in a process of its own. Wording may differ and is
only counted; every other difference is listed, and the exit code is 1 if there is any.

    python tools/compare_outputs.py --before CHECKOUT --after CHECKOUT
    python tools/compare_outputs.py --record FOLDER --checkout CHECKOUT
    python tools/compare_outputs.py --before FOLDER --after CHECKOUT

A folder recorded earlier may stand for a checkout.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).resolve().parent
_DATA: Final = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>', re.DOTALL)
_CLOSE: Final = 1e-9  # relative difference that the order of additions may make
# Keys whose text is written for a reader.
_WORDS: Final = frozenset(
    (
        *("version", "sentence", "sentences", "detail", "label", "labels", "title", "titles"),
        *("unit", "subtitle", "notice", "note", "notes", "source", "sources", "statement"),
        *("texts", "method", "methods", "message", "name", "name_fr", "name_en", "text", "remark"),
        *("said", "follows", "paths", "details", "key_title", "legend", "spoken", "hint", "mean"),
        *("meaning", "description"),
    )
)


def main() -> int:
    """Record, or compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--before", type=Path, help="checkout or recorded folder")
    parser.add_argument("--after", type=Path, help="checkout or recorded folder")
    parser.add_argument("--record", type=Path, help="folder to record into")
    parser.add_argument("--checkout", type=Path, help="checkout to record")
    parser.add_argument("--only", help="record this input only, such as catalogue")
    parser.add_argument("--most", type=int, default=12, help="differences listed of one file")
    given = parser.parse_args()
    if given.record:
        record(given.checkout or _HERE.parent, given.record, given.only)
        return 0
    if not (given.before and given.after):
        parser.error("give --before and --after, or --record")
    with tempfile.TemporaryDirectory() as scratch:
        sides = []
        for name, side in (("before", given.before), ("after", given.after)):
            if (side / "sahel_geo").is_dir():
                record(side, Path(scratch) / name, given.only)
                sides.append(Path(scratch) / name)
            else:
                sides.append(side)
        return report(*sides, most=given.most)


def record(checkout: Path, folder: Path, only: str | None = None) -> None:
    """Let a checkout write all outputs into a folder, one process for each input."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(checkout.resolve()), "PYTHONHASHSEED": "0"}
    for name, path in inputs().items():
        if only in (None, name):
            arguments = [str(_HERE / "record_outputs.py"), str(folder.resolve()), name, path]
            subprocess.run([sys.executable, *arguments], check=True, env=environment, cwd=folder)


def inputs() -> dict[str, str]:
    """Name the inputs; the embedded catalogue is the empty path."""
    found = {"catalogue": ""}
    reference = os.environ.get("SAHEL_GEO_REFERENCE")
    if reference is None:
        print("SAHEL_GEO_REFERENCE is not set: only the embedded catalogue is compared.")
        return found
    files = sorted(Path(reference).resolve().glob("ucdp/ged*_bfa_*.csv"))
    return found | {path.stem: str(path) for path in files}


def report(before: Path, after: Path, *, most: int) -> int:
    """Print what differs; give the exit code."""
    total, wording = 0, 0
    for path in sorted(before.rglob("*.json")):
        name = path.relative_to(before)
        if not (after / name).is_file():
            print(f"{name}: missing after")
            total += 1
            continue
        old, new = (json.loads((side / name).read_text("utf-8")) for side in (before, after))
        differences = list(differ(old, new))
        figures = [text for kind, text in differences if kind == "figure"]
        wording += len(differences) - len(figures)
        total += len(figures)
        if figures:
            print(f"{name}: {len(figures)} figures differ")
            for text in figures[:most]:
                print("   ", text[:300])
    print(f"{total} differences of figures, {wording} of wording.")
    return min(total, 1)


def differ(old: Any, new: Any, path: str = "", *, words: bool = False) -> Iterator[tuple[str, str]]:
    """Walk through two recorded values; give kind and place of each difference."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            here = f"{path}/{key}"
            plain = words or key.split(":")[-1] in _WORDS
            if key not in old or key not in new:
                side = "after" if key in old else "before"
                yield "wording" if plain else "figure", f"{here}: missing {side}"
            elif key == "numbers":
                yield from _multisets(old[key], new[key], here)
            else:
                yield from differ(old[key], new[key], here, words=plain)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for at, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differ(one, other, f"{path}[{at}]", words=words)
    elif not _same(old, new):
        kind = "wording" if words else "figure"
        yield kind, f"{path}: {str(old)[:120]} -> {str(new)[:120]}"


def _same(old: Any, new: Any) -> bool:
    numbers = (int, float)
    if isinstance(old, numbers) and isinstance(new, numbers):
        both_missing = math.isnan(old) and math.isnan(new)
        return both_missing or math.isclose(old, new, rel_tol=_CLOSE, abs_tol=1e-12)
    return bool(old == new)


def _multisets(old: list[str], new: list[str], path: str) -> Iterator[tuple[str, str]]:
    lost, found = Counter(old), Counter(new)
    if lost != found:
        gone, added = sorted((lost - found).elements()), sorted((found - lost).elements())
        yield "figure", f"{path}: gone {gone[:20]}, added {added[:20]}"


def figures_of(page: str) -> dict[str, Any]:
    """Take out of a page the figures of its text, and the data that its map is drawn from.

    Numbers are brought to one form: thousands without a separator, a point before decimals, a
    hyphen for minus.
    """
    data = [json.loads(match) for match in _DATA.findall(page)]
    for each in data:
        each.pop("texts", None)
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    text = unescape(text).replace("−", "-")
    text = re.sub(r"(?<=\d)[\u202f\u00a0](?=\d{3}\b)", "", text)
    return {"numbers": re.findall(r"-?\d+(?:[.,]\d+)?", text.replace(",", ".")), "data": data}


if __name__ == "__main__":
    sys.exit(main())
