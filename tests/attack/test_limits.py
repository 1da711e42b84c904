"""Bombs, each in a child process whose memory and processor time the system limits."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attack.bombs import BOMBS, MEGABYTES, SECONDS

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="needs the limits and the /proc of Linux"
)


def attack(name: str, folder: Path) -> dict:
    """Make a bomb, have a child read it, and give what the child says."""
    file, make, _ = BOMBS[name]
    make(folder / file)
    command = [sys.executable, "-m", "tests.attack.bombs", name, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    (folder / file).unlink()
    assert done.returncode == 0, f"beyond {SECONDS} s or {MEGABYTES} MB: {done.stderr[-600:]}"
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_or_refused_within_its_limits(name, tmp_path):
    told = attack(name, tmp_path)
    assert told["outcome"].startswith(("read: ", "refused: "))
    assert "more memory than there is" not in told["outcome"]
