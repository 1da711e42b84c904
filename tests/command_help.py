"""What --help says of every command, in processes of their own: its language is read once."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_SAY_ALL = """
import contextlib, io, json, sys
from typer.main import get_command
from sahel_geo.cli import app, main

def names():
    yield ""
    for name, command in get_command(app).commands.items():
        yield name
        yield from (f"{name} {inner}" for inner in getattr(command, "commands", {}))

told = {}
for name in names():
    sys.argv = ["sahel-geo", *sys.argv[1:3], *name.split(), "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
        main()
    told[name] = said.getvalue()
print(json.dumps(told))
"""


@cache
def pages_of_help(*options: str, **environment: str) -> dict[str, str]:
    """Give the help by command; `options` is nothing, or --lang and a language."""
    code = _SAY_ALL if options else _SAY_ALL.replace("*sys.argv[1:3], ", "")
    done = subprocess.run(
        [sys.executable, "-c", code, *options],
        capture_output=True, text=True, encoding="utf-8", check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **environment},
    )  # fmt: skip
    return json.loads(done.stdout)
