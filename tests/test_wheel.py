"""The wheel works away from the checkout, with its data and nothing else of the project."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


def call(*command, **options):
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    call(
        sys.executable,
        "-c",
        "import sys, os, hatchling.build as b; os.chdir(sys.argv[1]); b.build_wheel(sys.argv[2])",
        ROOT,
        folder,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_code_and_data_only(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "sahel_geo/i18n/locales/fr.mo" in names
    for shipped in (ROOT / "boundaries").iterdir():
        assert f"sahel_geo/boundaries/{shipped.name}" in names
    assert "sahel_geo/py.typed" in names
    assert any(name.endswith("DATA-LICENSES.md") for name in names)
    assert not [name for name in names if name.startswith(("tests", "tools", "docs", "outputs"))]


def test_report_from_an_environment_without_the_checkout(wheel, tmp_path):
    """The dependencies are those of this environment; the package itself is the wheel's."""
    home = tmp_path / "env"
    venv.create(home)
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    call(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel)
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    site = Path(np.__file__).parents[1]
    for entry in site.iterdir():
        if "sahel_geo" not in entry.name:
            (libraries / entry.name).symlink_to(entry)
    environment = {**os.environ, "PYTHONPATH": str(libraries)}
    where = call(
        python, "-c", "import sahel_geo; print(sahel_geo.__file__)", cwd=tmp_path, env=environment
    )
    assert Path(where.strip()).is_relative_to(home)
    printed = call(
        home / "bin" / "sahel-geo", "report", "--lang", "en", cwd=tmp_path, env=environment
    )
    assert "78" in printed
    assert (tmp_path / "outputs" / "maps" / "index.html").is_file()
