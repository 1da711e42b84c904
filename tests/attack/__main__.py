"""The whole attack as a script: ``python -m tests.attack [SECONDS A TARGET]``.

Builds its own inputs, prints tables for docs/security.md, and ends with 1 if anything got through.
The openings and the folders are attacked by tests/formats and tests/test_manifest.py, the figures
of safe maps by tests/maps/publish, pages by tests/maps/page.
"""

import sys
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.attack.bombs import BOMBS
from tests.attack.test_limits import reader
from tests.fuzz.targets import TARGETS, damaged, feed, repacked, sound


def fuzz(name: str, seconds: float) -> tuple[int, int, list[str]]:
    """Feed damaged files for a while: how many, how many were read, and foreign errors."""
    content, rng = sound(name), np.random.default_rng(1)
    files, read, foreign, end = 0, 0, [], time.monotonic() + seconds
    while time.monotonic() < end:
        packed = content.startswith(b"PK") and rng.random() < 0.7
        files += 1
        try:
            read += feed(name, repacked(content, rng) if packed else damaged(content, rng))
        except Exception as error:  # noqa: BLE001  that is what is looked for
            foreign.append(f"{type(error).__name__}: {error}"[:80])
    return files, read, foreign


def main() -> int:
    """Attack everything, and tell."""
    warnings.simplefilter("ignore")
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    failed = False
    tell = sys.stdout.write
    tell("| damaged files | fed | read | refused | foreign errors |\n|---|---|---|---|---|\n")
    for name in TARGETS:
        files, read, foreign = fuzz(name, seconds)
        failed = failed or bool(foreign)
        refused = files - read - len(foreign)
        tell(f"| {name} | {files} | {read} | {refused} | {len(foreign)} {foreign[:1] or ''} |\n")
    tell("\n| bomb | outcome | processor, s | peak, MB |\n|---|---|---|---|\n")
    with reader() as attack:
        for name in BOMBS:
            with TemporaryDirectory() as folder:
                try:
                    told = attack(name, Path(folder))
                except AssertionError as error:
                    failed = True
                    told = {"outcome": str(error)[:60], "seconds": "", "mb": ""}
            outcome = told["outcome"].partition(":")[0]
            tell(f"| {name} | {outcome} | {told['seconds']} | {told['mb']} |\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
