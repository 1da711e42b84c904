"""A folder of pages: nobody else's file is lost, and nothing of an earlier run lies beside."""

import hashlib
import os
import subprocess
import sys
import threading

import pytest

from sahel_geo.errors import FileError, InputError
from sahel_geo.files import atomic_path, protecting, write_text
from sahel_geo.manifest import NAME, OutputFolder

PAGE = "<html>sahel_geo</html>"


def run(folder, names, *, alone=False, content=PAGE):
    with OutputFolder(folder, names, alone=alone).writing():
        for name in names:
            write_text(folder / name, content)


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def test_a_later_run_removes_what_an_earlier_one_wrote_and_nothing_else(tmp_path):
    run(tmp_path, ["index.html", "a.html", "old.csv", "changed.csv"])
    (tmp_path / "mine.txt").write_text("x")
    (tmp_path / "changed.csv").write_text("my notes")
    run(tmp_path, ["index.html", "b.html"])
    assert names(tmp_path) == ["b.html", "changed.csv", "index.html", NAME, "mine.txt"]
    stated = dict(line.split("  ")[::-1] for line in (tmp_path / NAME).read_text().splitlines())
    assert sorted(stated) == ["b.html", "index.html"]
    assert stated["b.html"] == hashlib.sha256(PAGE.encode()).hexdigest()


def test_for_publication_nothing_else_may_lie_there(tmp_path):
    run(tmp_path, ["index.html", "full.html"])
    run(tmp_path, ["index.html"], alone=True)
    assert names(tmp_path) == ["index.html", NAME]
    (tmp_path / "points.geojson").write_text("{}")
    with pytest.raises(
        FileError, match=r"holds 1 files .* \['points.geojson'\]; expected an empty"
    ):
        OutputFolder(tmp_path, ["index.html"], alone=True)
    (tmp_path / "points.geojson").unlink()
    (tmp_path / "index.html").write_text(PAGE + "changed by hand")
    run(tmp_path, ["index.html"], alone=True)
    run(tmp_path, ["index.html", "zone.html"])
    (tmp_path / "zone.html").write_text(PAGE + "changed by hand")
    with pytest.raises(FileError, match=r"\['zone.html'\]"):
        OutputFolder(tmp_path, ["index.html"], alone=True)


def killed(folder):
    with OutputFolder(folder, ["index.html", "full.html"], alone=False).writing():
        write_text(folder / "full.html", PAGE)
        raise KeyboardInterrupt


def test_what_a_killed_run_wrote_is_known_to_the_next(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        killed(tmp_path)
    run(tmp_path, ["index.html"], alone=True)
    assert names(tmp_path) == ["index.html", NAME]


@pytest.mark.parametrize("name", ["index.html", "indicators.csv"])
def test_somebody_elses_files_are_not_overwritten(tmp_path, name):
    (tmp_path / name).write_text("<html>my own page</html>")
    with pytest.raises(FileError, match=r"holds 1 files of something else"):
        OutputFolder(tmp_path, ["index.html", "indicators.csv"], alone=False)


def test_a_link_to_another_folder_is_refused(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "site")
    with pytest.raises(FileError, match=r"`out` .*link' is a link to .*site'"):
        OutputFolder(tmp_path / "link", ["index.html"], alone=False)


@pytest.mark.parametrize("name", ["../evil.html", "a/b.html", "INDEX.html", "nul.html", ".x.html",
                                  NAME, "a\nb.html", ""])  # fmt: skip
def test_names_that_are_reserved_or_no_names(tmp_path, name):
    with pytest.raises(InputError, match=r"names that are reserved or no file names"):
        OutputFolder(tmp_path, ["index.html", name], alone=False)
    assert names(tmp_path) == []


def test_a_manifest_from_a_stranger_removes_nothing_outside(tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("x")
    folder = tmp_path / "out"
    folder.mkdir()
    lines = [f"{'0' * 64}  ../other.txt", f"-  {other}", "-  ..", "nonsense", f"-  {'x' * 300}"]
    (folder / NAME).write_text("\n".join(lines))
    run(folder, ["index.html"], alone=True)
    assert other.read_text() == "x"
    assert names(folder) == ["index.html", NAME]


def test_one_run_at_a_time_writes_into_a_folder(tmp_path):
    with OutputFolder(tmp_path, ["index.html"], alone=False).writing():
        with pytest.raises(FileError, match="another run is writing into"):
            run(tmp_path, ["index.html"])
        code = (
            "from pathlib import Path; import sys; from sahel_geo.manifest import OutputFolder\n"
            f"with OutputFolder(Path({str(tmp_path)!r}), ['x.html'], alone=False).writing(): ..."
        )
        found = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert "another run is writing into" in found.stderr
    run(tmp_path, ["index.html"])


def test_permissions_follow_the_umask_and_a_private_file_stays_private(tmp_path):
    before = os.umask(0o077)
    try:
        assert write_text(tmp_path / "new.txt", "x").stat().st_mode & 0o777 == 0o600
        os.umask(0o002)
        assert write_text(tmp_path / "shared.txt", "x").stat().st_mode & 0o777 == 0o664
        assert write_text(tmp_path / "new.txt", "y").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_what_a_killed_run_left_half_written_is_removed(tmp_path):
    code = (
        "import os; from sahel_geo.files import atomic_path\n"
        f"with atomic_path({str(tmp_path / 'a.csv')!r}) as file:\n"
        "    file.write_text('half'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert len(names(tmp_path)) == 1
    (tmp_path / ".keep.csv").write_text("not ours")
    started, go_on = threading.Event(), threading.Event()

    def slow():
        with atomic_path(tmp_path / "slow.csv") as file:
            file.write_text("slow")
            started.set()
            go_on.wait(20)

    thread = threading.Thread(target=slow)
    thread.start()
    started.wait(20)
    write_text(tmp_path / "b.csv", "x")
    go_on.set()
    thread.join()
    assert names(tmp_path) == [".keep.csv", "b.csv", "slow.csv"]


def test_an_input_is_never_written_over(tmp_path):
    file = write_text(tmp_path / "in.csv", "x")
    (tmp_path / "link.csv").hardlink_to(file)
    with protecting([file]):
        for name in ("in.csv", "link.csv"):
            with pytest.raises(FileError, match=r"it is the input\. Name another file"):
                write_text(tmp_path / name, "y")
    assert file.read_text() == "x"
    write_text(file, "y")
