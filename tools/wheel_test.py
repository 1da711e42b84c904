"""Go from the wheel to a brief as a newcomer does, on any system: ``make wheel-test``.

The wheel is built once and installed into an empty environment in a folder whose name has a space.
Nothing but that environment is on the path: no compiler, no ``make``, no other Python, no checkout;
the encoding of the system is not UTF-8 where that can be chosen, and files have accents. Then the
same report by ``pipx run`` and ``uvx``. It needs the network, or what pip is set to use instead.

Run: python tools/wheel_test.py [--only pip|pipx|uvx]
"""

import os
import shutil
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CONSTRAINTS: Final = ROOT / "tools" / "constraints.txt"
WAYS: Final = ("pip", "pipx", "uvx")
# What a process needs of its system to start, and what it takes to reach a registry.
_KEPT: Final = ("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "TEMP", "TMP", "APPDATA", "LOCALAPPDATA")
_NETWORK: Final = ("PIP_", "UV_", "SSL_", "REQUESTS_", "HTTP_", "HTTPS_", "NO_PROXY")


_OWN: Final = """
import sys
from pathlib import Path
import sahel_geo
sys.exit(not Path(sahel_geo.__file__).resolve().is_relative_to(Path(sys.prefix).resolve()))
"""


def scripts_of(environment: Path) -> Path:
    """Name the folder of programs of an environment."""
    return environment / ("Scripts" if os.name == "nt" else "bin")


def call(*command: object, cwd: Path, env: Mapping[str, str]) -> str:
    """Run a command, say how long it took, and stop here if it fails."""
    begin = time.perf_counter()
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=dict(env), capture_output=True, check=False)
    shown = " ".join([Path(words[0]).name, *words[1:]]).replace(str(ROOT), ".")
    print(f"{time.perf_counter() - begin:7.1f} s  {shown[:110]}", flush=True)
    if done.returncode:
        sys.stderr.buffer.write(done.stdout + done.stderr)
        sys.exit(f"exit code {done.returncode}")
    return done.stdout.decode("utf-8", "replace")


def build(folder: Path) -> Path:
    """Build the wheel, and look that it holds what it should and nothing else."""
    code = "import os, sys, hatchling.build as b; os.chdir(sys.argv[1]); b.build_wheel(sys.argv[2])"
    call(sys.executable, "-c", code, ROOT, folder, cwd=folder, env=os.environ)
    (wheel,) = folder.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        *(f"sahel_geo/boundaries/{each.name}" for each in (ROOT / "boundaries").iterdir()),
        *(f"sahel_geo/notebooks/{each.name}" for each in (ROOT / "notebooks").glob("*.ipynb")),
        *(
            each.relative_to(ROOT).as_posix()
            for each in (ROOT / "sahel_geo").rglob("*")
            if each.suffix in {".py", ".js", ".css", ".html", ".svg", ".csv", ".typed"}
        ),
        "sahel_geo/i18n/locales/fr.mo",
    }
    missing = sorted(wanted - names)
    licences = [name for name in names if name.endswith(("LICENSE", "DATA-LICENSES.md"))]
    strange = [name for name in names if not name.startswith(("sahel_geo/", "sahel_geo-"))]
    if missing or strange or len(licences) != 2:
        sys.exit(f"the wheel lacks {missing}, holds {strange}, and licences {licences}")
    size = wheel.stat().st_size / 1e6
    print(f"           {wheel.name}, {size:.1f} MB, {len(names)} files")
    return wheel


def bare(environment: Path, home: Path) -> dict[str, str]:
    """Give an environment with nothing on the path but one folder."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "PATH": str(scripts_of(environment)),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "LC_ALL": "C",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def networked(environment: Path) -> dict[str, str]:
    """Add what pip and uv need to reach a registry, and nothing else of the user's."""
    settings = {
        name: value for name, value in os.environ.items() if name.upper().startswith(_NETWORK)
    }
    found = {"HOME": str(Path.home()), "PATH": str(scripts_of(environment)), **settings}
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | found


def check_pages(folder: Path) -> None:
    """Look that a report is whole, and that its brief says what it is made of."""
    brief = (folder / "brief.html").read_text(encoding="utf-8")
    index = (folder / "index.html").read_text(encoding="utf-8")
    lacking = [text for text in ("78", "selection", "Ménaka") if text not in brief + index]
    fetched = [
        page.name for page in folder.glob("*.html") if 'src="http' in page.read_text("utf-8")
    ]
    missing = [
        name
        for name in ("central-sahel.html", "indicators.gpkg", "datapackage.json", "report.zip")
        if not (folder / name).is_file()
    ]
    if lacking or fetched or missing:
        sys.exit(f"the pages lack {lacking}, fetch in {fetched}, and {missing} are not there")
    print(f"           brief.html, {len(brief) / 1000:.0f} kB; {len(list(folder.iterdir()))} files")


def by_pip(wheel: Path, work: Path) -> None:
    """Install into an empty environment, then do what a newcomer does on the first day."""
    # its path is plain: PROJ finds its data in UTF-8 alone, whatever the system's encoding
    environment, home = work / "env of mine", work / "chez moi"
    venv.create(environment, with_pip=True)
    python = scripts_of(environment) / ("python.exe" if os.name == "nt" else "python")
    command = scripts_of(environment) / ("sahel-geo.exe" if os.name == "nt" else "sahel-geo")
    pip = (python, "-m", "pip", "install", "--quiet", "--constraint", CONSTRAINTS)
    call(*pip, wheel, cwd=work, env=networked(environment))
    env = bare(environment, home)
    found = [name for name in ("make", "cc", "gcc", "clang", "cl") if
             shutil.which(name, path=env["PATH"])]  # fmt: skip
    if found:
        sys.exit(f"on the path: {found}")
    call(python, "-c", _OWN, cwd=work, env=env)
    call(command, "doctor", "--lang", "fr", cwd=work, env=env)
    first = Path("premier jour é")
    call(command, "example", first, "--lang", "fr", cwd=work, env=env)
    call(command, "check", first / "incidents.csv", cwd=work, env=env)
    call(command, "report", first / "incidents.csv", "--lang", "en", "--out", first / "pages",
         cwd=work, env=env)  # fmt: skip
    check_pages(work / first / "pages")
    call(command, "map", first / "people.csv", "--column", "people", "--out", first / "people.html",
         "--png", first / "people.png", cwd=work, env=env)  # fmt: skip
    call(command, "report", "--lang", "en", "--out", first / "embedded", cwd=work, env=env)
    check_pages(work / first / "embedded")


def by_runner(way: str, wheel: Path, work: Path) -> None:
    """Run the report by a program that installs for one run."""
    tools = work / "tools"
    if not tools.exists():
        venv.create(tools, with_pip=True)
        python = scripts_of(tools) / ("python.exe" if os.name == "nt" else "python")
        call(
            python, "-m", "pip", "install", "--quiet", "pipx", "uv", cwd=work, env=networked(tools)
        )
        for name in ("realpath", "dirname"):  # of every system with a shell; scripts of uv use them
            if (found := shutil.which(name)) and os.name != "nt":
                (scripts_of(tools) / name).symlink_to(found)
    out = work / f"pages of {way}"
    env = networked(tools) | {
        "PIPX_HOME": str(work / "pipx"),
        "UV_CACHE_DIR": str(work / "uv"),
        "UV_CONSTRAINT": str(CONSTRAINTS),
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    runner = scripts_of(tools) / (f"{way}.exe" if os.name == "nt" else way)
    start = (
        (runner, "run", "--pip-args", f"--constraint {CONSTRAINTS}", "--spec", wheel)
        if way == "pipx"
        else (runner, "--python", sys.executable, "--from", wheel)
    )
    call(*start, "sahel-geo", "report", "--lang", "en", "--out", out, cwd=work, env=env)
    check_pages(out)


def main() -> None:
    """Go every way, or the one named."""
    ways = sys.argv[2:] if sys.argv[1:2] == ["--only"] else WAYS
    with TemporaryDirectory(prefix="sahel geo ") as folder:
        work = Path(folder)
        wheel = build(work)
        for way in ways:
            print(way)
            if way == "pip":
                by_pip(wheel, work)
            else:
                by_runner(way, wheel, work)


if __name__ == "__main__":
    main()
