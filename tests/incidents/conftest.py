"""Files that the tests read, written by hand."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
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


@pytest.fixture(scope="module")
def points() -> gpd.GeoDataFrame:
    """Two incidents as points."""
    return gpd.GeoDataFrame(
        {"date": ["2025-01-03", "2025-02-04"], "place": ["Ansongo", "Dinangourou"],
         "deaths": [3, 1]},
        geometry=gpd.points_from_xy([0.501, -2.24], [15.6599, 14.45]), crs=4326,
    )  # fmt: skip
