"""Run the page's own scripts under node."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import sahel_geo as sg

STATIC = Path(sg.__file__).parent / "maps" / "static"


def in_node(script, program):
    """Run a program that knows a script as `s`, and read the JSON that it prints."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine")
    done = subprocess.run(
        [node, "-e", f"const s = require({json.dumps(str(STATIC / script))}); {program}"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
