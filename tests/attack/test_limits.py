"""Bombs, each in a child process whose memory and processor time the system limits."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from tests.attack.bombs import BOMBS, GREEDY, MEGABYTES, READ, SECONDS

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="needs the limits and the /proc of Linux"
)


@contextmanager
def reader():
    """Start a process that reads bombs in children of its own; gives a function that asks it."""
    command = [sys.executable, "-m", "tests.attack.bombs"]
    pipe = subprocess.PIPE
    with (
        TemporaryFile("w+", encoding="utf-8") as said,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=said, text=True, cwd=ROOT) as ask,
    ):

        def attack(name: str, folder: Path) -> dict:
            """Make a bomb, have a child read it, and give what the child says."""
            file, make, _ = READ[name]
            make(folder / file)
            ask.stdin.write(json.dumps([name, str(folder)]) + "\n")
            ask.stdin.flush()
            line = ask.stdout.readline()
            told = json.loads(line) if line.startswith("{") else {}
            code = (ask.stdout.readline() if told else line).strip()
            (folder / file).unlink()
            said.seek(0)
            assert code == "0", f"beyond {SECONDS} s or {MEGABYTES} MB: {said.read()[-600:]}"
            return told

        yield attack
        ask.stdin.close()


@pytest.fixture(scope="module")
def attack():
    with reader() as ask:
        yield ask


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_or_refused_within_its_limits(name, tmp_path, attack):
    told = attack(name, tmp_path)
    assert told["outcome"].startswith(("read: ", "refused: "))
    assert "more memory than there is" not in told["outcome"]


def test_what_goes_beyond_the_limits_is_told(tmp_path, attack):
    with pytest.raises(AssertionError, match=r"(?s)beyond 20 s or 1500 MB: .*MemoryError"):
        attack(GREEDY, tmp_path)
    assert attack(next(iter(BOMBS)), tmp_path)["outcome"].startswith("refused: ")
