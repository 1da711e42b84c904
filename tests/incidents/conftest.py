"""Files that the tests read: written by hand, or the reference data where it is at hand."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

HEADER = "date,pays,lieu,longitude,latitude,morts"
SOLHAN = "2021-06-04,Burkina Faso,Solhan,0.4535,13.3824,132"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write text or bytes to a file of the test's own folder."""

    def write_file(content: str | bytes, name: str = "incidents.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture(scope="session")
def reference() -> Path:
    """Folder of the reference data; the test is skipped where it is absent."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("SAHEL_GEO_REFERENCE", beside))
    if not folder.is_dir():
        pytest.skip(f"reference data not found in {folder} (set SAHEL_GEO_REFERENCE)")
    return folder
