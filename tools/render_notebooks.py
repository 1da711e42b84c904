"""Run the notebooks and write them, with their output, where the documentation finds them.

Usage: python tools/render_notebooks.py [FOLDER], by default docs/notebooks. The reference data are
left aside, so the pages show what anyone gets from the embedded data.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
SECONDS_PER_CELL = 120


def render(source: Path, folder: Path) -> Path:
    """Execute a notebook in a kernel of its own and write it with its output."""
    notebook = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    for cell in notebook.cells:
        cell.get("metadata", {}).pop("execution", None)  # times of this run
    target = folder / source.name
    nbformat.write(notebook, target)  # type: ignore[no-untyped-call]
    return target


def main() -> None:
    """Render every notebook of the project."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["SAHEL_GEO_REFERENCE"] = str(folder / "absent")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    for source in sorted((ROOT / "notebooks").glob("*.ipynb")):
        print(render(source, folder).name)


if __name__ == "__main__":
    main()
