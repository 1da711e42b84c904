"""Files that the tests read, written by hand."""

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
