"""A table of units as a file."""

import pytest


@pytest.fixture
def written(tmp_path):
    """Write a text to a file, and give its path."""

    def write(text):
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write
