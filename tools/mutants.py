"""Change the package in small ways, one at a time, and count the changes that the tests notice.

    python tools/mutants.py                                    # the rooms listed in ROOMS
    python tools/mutants.py sahel_geo/places/borders.py --sample 40 --seed 7

A sample of mutants of each file is drawn with a fixed seed: a comparison turned, a number moved by
one, a sum for a difference, a condition negated. The tests of its folder run once to see which of
them reach which line. Each mutant is put into a copy of the checkout, and the tests that reach its
line run on it, the quickest first, in a process forked from one that has the libraries loaded; then
all others, if none of these fails. Compiled functions are built anew for each mutant of a file
that holds some. A mutant that no test fails on is printed; look whether it changes anything that
matters.
"""

import argparse
import ast
import contextlib
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).resolve().parent.parent
_SECONDS: Final = 240  # after which a mutant that does not end counts as noticed
_BYTES: Final = 8 * 1024**3  # which one that asks for ever more memory may not pass
# What is sampled by default: files or folders, and the tests of those that have no mirror, or a
# mirror that sees less than others do.
ROOMS: Final[dict[str, tuple[str, ...]]] = {
    "sahel_geo/places": (),
    "sahel_geo/locate": (),
    "sahel_geo/incidents/columns": ("tests/incidents",),
    "sahel_geo/indicators/hotspots": (),
    "sahel_geo/maps/publish": ("tests/maps/publish", "tests/maps/choropleth/test_series.py"),
    "sahel_geo/maps/choropleth/topology.py": (),
}
_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COMPUTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change of one file."""

    line: int
    what: str
    source: str


def main() -> int:
    """Sample, run, and print what survived."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", help="files or folders of the package")
    parser.add_argument("--sample", type=int, default=10, help="mutants of each file")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--tests", nargs="*", help="tests to run; by default those of its folder")
    given = parser.parse_args()
    counted: dict[str, tuple[int, int]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "checkout"
        _copy(copy)
        _load_libraries(copy)
        of_tests: dict[tuple[str, ...], list[tuple[str, Path]]] = {}
        for room in given.files or list(ROOMS):
            for file in _files(copy, Path(room)):
                tests = tuple(given.tests or tests_of(file))
                of_tests.setdefault(tests, []).append((room, file))
        for tests, mine in of_tests.items():
            reached = _reached_by(copy, [file for _, file in mine], tests)
            if reached is None:
                continue
            for room, file in mine:
                found = _file(copy, file, given, *reached)
                noticed, number = counted.get(room, (0, 0))
                counted[room] = noticed + found[0], number + found[1]
    noticed, number = (sum(each[at] for each in counted.values()) for at in (0, 1))
    counted["all"] = noticed, number
    for room, (noticed, number) in counted.items():
        print(f"{room}: {noticed} of {number} noticed ({_share(noticed, number)})")
    return 0


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "none"


def _copy(copy: Path) -> None:
    kept = shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc", ".venv", ".git", "outputs")
    copy.mkdir()
    for name in ("sahel_geo", "tests", "tools"):
        shutil.copytree(_HERE / name, copy / name, ignore=kept)
    for name in ("boundaries", "pyproject.toml", "docs", "README.md", "notebooks", "CHANGELOG.md"):
        (copy / name).symlink_to(_HERE / name)


def _load_libraries(copy: Path) -> None:
    """Load what every test needs, but nothing of the package itself."""
    sys.dont_write_bytecode = True
    os.environ["PYTHONPATH"] = str(copy)
    sys.path[:0] = [str(copy)]
    os.chdir(copy)
    for name in ("numpy", "pandas", "pyarrow", "shapely", "geopandas", "pytest", "numba", "scipy",
                 "scipy.sparse", "scipy.spatial", "rapidfuzz", "pyproj"):  # fmt: skip
        __import__(name)


def _files(copy: Path, room: Path) -> list[Path]:
    if room.suffix:
        return [room]
    return sorted(path.relative_to(copy) for path in (copy / room).rglob("*.py"))


def _file(
    copy: Path,
    file: Path,
    given: argparse.Namespace,
    reached: dict[str, dict[int, list[str]]],
    every_test: list[str],
) -> tuple[int, int]:
    """Run the sample of one file; give how many mutants were noticed, and how many there were."""
    source = (copy / file).read_text("utf-8")
    every = list(mutants(source))
    rng = random.Random(f"{given.seed} {file}")
    sample = rng.sample(every, min(given.sample, len(every)))
    begun = time.perf_counter()
    fallen = 0
    for mutant in sorted(sample, key=lambda each: each.line):
        (copy / file).write_text(mutant.source, "utf-8")
        tests = _tests_at(reached.get(str(file), {}), mutant.line, whole="@compiled" in source)
        # What is remembered was reached by the first test alone that asked for it.
        others = [test for test in every_test if test not in tests]
        noticed = any(
            _fails(some, mutant.source, mutant, seconds=seconds)
            for some, seconds in ((tests, _SECONDS), (others, 5 * _SECONDS))
            if some
        )
        if not noticed:
            fallen += 1
            print(f"  survived: {file}:{mutant.line} {mutant.what}", flush=True)
    (copy / file).write_text(source, "utf-8")
    if sample:
        spent = time.perf_counter() - begun
        print(f"  {file}: {len(sample) - fallen} of {len(sample)}, {spent:.0f} s", flush=True)
    return len(sample) - fallen, len(sample)


def tests_of(file: Path) -> list[str]:
    """Give the tests of a file: those of the folder that mirrors its own, and its examples."""
    for room, stated in ROOMS.items():
        if stated and file.is_relative_to(room):
            return [*stated, room]
    mirror = Path("tests", *file.parts[1:-1])
    while not mirror.is_dir() and len(mirror.parts) > 1:
        mirror = mirror.parent
    return [str(mirror), str(file.parent)]


def _tests_at(reached: dict[int, list[str]], line: int, *, whole: bool) -> list[str]:
    """Give the tests that reach a line, or the one above it that begins what stands on it."""
    if whole and line not in reached:  # what is compiled is not seen line by line
        return list(dict.fromkeys(test for tests in reached.values() for test in tests))
    return reached.get(max((each for each in reached if each <= line), default=0), [])


def _reached_by(
    copy: Path, files: list[Path], tests: tuple[str, ...]
) -> tuple[dict[str, dict[int, list[str]]], list[str]] | None:
    """Run the tests unchanged; give for each line of the files those that reach it, and all.

    Both quick first. None, and a word why, if one of them fails.
    """
    note = copy.parent / "reached.json"
    seen = _Seen({str(copy / file): str(file) for file in files}, note)
    if _fails(list(tests), "", None, seen, seconds=5 * _SECONDS):
        print(f"  tests fail without any change: {' '.join(tests)}", flush=True)
        print((copy.parent / "failed.txt").read_text("utf-8")[-2000:], flush=True)
        return None
    told, every_test = json.loads(note.read_text("utf-8"))
    reached = {
        file: {int(line): reaching for line, reaching in lines.items()}
        for file, lines in told.items()
    }
    return reached, every_test


class _Seen:
    """A plugin of pytest that notes which lines of some files each test reaches.

    What a fixture reaches is noted for all tests of its module, and what an import reaches for all.
    """

    def __init__(self, files: dict[str, str], note: Path) -> None:
        self.files, self.note = files, note
        self.seconds: dict[str, float] = {}
        self.by_test: dict[str, set[tuple[str, int]]] = {}
        self.at = ""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.at = nodeid.split("::", maxsplit=1)[0]

    def pytest_runtest_call(self, item: Any) -> None:
        self.at = item.nodeid.split("[")[0]

    def pytest_runtest_logreport(self, report: Any) -> None:
        test = report.nodeid.split("[")[0]
        self.seconds[test] = self.seconds.get(test, 0.0) + report.duration
        if report.when == "call":
            self.at = test.split("::")[0]

    def trace(self, frame: Any, _event: str, _given: Any) -> Any:
        file = self.files.get(frame.f_code.co_filename)
        if file is None:
            return None

        def each_line(frame: Any, event: str, _given: Any) -> Any:
            if event == "line":
                self.by_test.setdefault(self.at, set()).add((file, frame.f_lineno))
            return each_line

        return each_line

    def write(self) -> None:
        found: dict[str, dict[int, list[str]]] = {file: {} for file in self.files.values()}
        every_test = sorted(self.seconds, key=self.seconds.__getitem__)
        for test in every_test:
            mine = (self.by_test.get(at, set()) for at in ("", test.split("::")[0], test))
            for file, line in set().union(*mine):
                found[file].setdefault(line, []).append(test)
        self.note.write_text(json.dumps([found, every_test]), "utf-8")


def _fails(
    tests: list[str],
    source: str,
    mutant: Mutant | None,
    seen: _Seen | None = None,
    *,
    seconds: int = _SECONDS,
) -> bool:
    """Run the tests in a forked process; true if one fails, or they take too long."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = _run(tests, seen, fresh="@compiled" in source and mutant is not None)
        except BaseException:  # noqa: BLE001  the parent reads the exit code
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) != 0
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _run(tests: list[str], seen: _Seen | None, *, fresh: bool) -> int:
    import numba  # noqa: PLC0415
    import pytest  # noqa: PLC0415

    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_DATA, (_BYTES, _BYTES))
    folder = tempfile.mkdtemp(dir=Path.cwd().parent) if fresh else str(Path.cwd().parent / "cache")
    os.environ["NUMBA_CACHE_DIR"] = folder
    # What one mutant keeps must not answer for the next.
    kept = tempfile.mkdtemp(dir=Path.cwd().parent)
    os.environ["SAHEL_GEO_CACHE"] = kept
    numba.config.reload_config()  # type: ignore[no-untyped-call]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not browser",
                   "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip
        if seen is not None:
            threading.settrace(seen.trace)
            sys.settrace(seen.trace)
        code = int(pytest.main([*options, "--no-header", *tests], [seen] if seen else []))
        sys.settrace(None)
    if seen is not None:
        seen.write()
    if code and not fresh:
        Path.cwd().parent.joinpath("failed.txt").write_text(said.getvalue(), "utf-8")
    for each in [kept, *([folder] if fresh else [])]:
        shutil.rmtree(each, ignore_errors=True)
    return code


def mutants(source: str) -> Iterator[Mutant]:
    """Give every mutant of a source."""
    tree = ast.parse(source)
    for node in _reached(tree):
        for what, change, back in _changes(node):
            change()
            ast.fix_missing_locations(tree)
            yield Mutant(getattr(node, "lineno", 0), what, ast.unparse(tree))
            back()


def _reached(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk through what runs: no docstring, annotation, message of an error, or type."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list", "type_comment", "exc"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_text(child):
                continue
            yield child
            yield from _reached(child)


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.dump(node.test)
    if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)):
        return False
    return node.value.id in ("Literal", "Final", "Annotated")


def _changes(node: ast.AST) -> Iterator[tuple[str, Any, Any]]:
    """Give each change of one node: what it is, how to make it, and how to take it back."""
    if isinstance(node, ast.Compare):
        for at, old in enumerate(node.ops):
            new = _COMPARED[type(old)]()
            yield _said(old, new), *_swap(node.ops, at, new)
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _COMPUTED:
        yield (
            _said(node.op, _COMPUTED[type(node.op)]()),
            *_set(node, "op", _COMPUTED[type(node.op)]()),
        )
    elif isinstance(node, ast.BoolOp):
        other: ast.boolop = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield _said(node.op, other), *_set(node, "op", other)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "- left out", *_set(node, "op", ast.UAdd())
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} -> {not node.value}", *_set(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield f"{node.value} -> {node.value + 1}", *_set(node, "value", node.value + 1)
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        denied = ast.UnaryOp(ast.Not(), node.test)
        yield "condition negated", *_set(node, "test", denied)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        yield from _other_name(node.func)


_OPPOSITE: Final = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum",
                    "maximum": "minimum", "floor": "ceil", "ceil": "floor"}  # fmt: skip


def _other_name(func: ast.Name | ast.Attribute) -> Iterator[tuple[str, Any, Any]]:
    field = "id" if isinstance(func, ast.Name) else "attr"
    name = getattr(func, field)
    if name in _OPPOSITE:
        yield f"{name} -> {_OPPOSITE[name]}", *_set(func, field, _OPPOSITE[name])


def _said(old: ast.AST, new: ast.AST) -> str:
    return f"{type(old).__name__} -> {type(new).__name__}"


def _set(node: ast.AST, field: str, new: Any) -> tuple[Any, Any]:
    old = getattr(node, field)
    return lambda: setattr(node, field, new), lambda: setattr(node, field, old)


def _swap(values: list[Any], at: int, new: Any) -> tuple[Any, Any]:
    old = values[at]
    return lambda: values.__setitem__(at, new), lambda: values.__setitem__(at, old)


if __name__ == "__main__":
    sys.exit(main())
