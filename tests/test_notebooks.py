"""The notebooks run from start to end on the embedded data, and are stored without output."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.documented import few_draws

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_output(path):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        assert not cell.get("outputs"), cell.source
        assert cell.get("execution_count") is None
        assert set(cell.metadata) <= {"tags"}, cell.metadata


@pytest.fixture(scope="module")
def execute(tmp_path_factory):
    """Run a notebook without names of one before, with few draws; one kernel imports for all."""
    python_path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    client = NotebookClient(nbformat.v4.new_notebook(), timeout=180, kernel_name="python3")

    def run(notebook, folder):
        start = f"%reset -f\nimport os\nos.chdir({str(folder)!r})\ndel os"
        notebook.cells.insert(0, nbformat.v4.new_code_cell(start))
        client.nb = notebook
        for number, cell in enumerate(notebook.cells):
            cell.source = few_draws(cell.source)
            client.execute_cell(cell, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAHEL_GEO_REFERENCE", str(tmp_path_factory.getbasetemp() / "absent"))
        patch.setenv("PYTHONPATH", python_path)
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        with client.setup_kernel():
            yield run


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_without_the_reference_data(path, tmp_path, execute):
    notebook = nbformat.read(path, as_version=4)
    execute(notebook, tmp_path)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert shown, "a notebook that shows nothing teaches nothing"
