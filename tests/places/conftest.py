"""Units of the region, loaded once, and the build tools."""

import sys
from pathlib import Path

import geopandas as gpd
import pytest

from sahel_geo.places.borders import international_borders
from sahel_geo.places.boundaries.boundaries import load_boundaries

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture(scope="session")
def units() -> dict[int, gpd.GeoDataFrame]:
    """Units of every level, default vintages."""
    return {level: load_boundaries(level) for level in range(4)}


@pytest.fixture(scope="session")
def borders(units) -> gpd.GeoDataFrame:
    """Borders between the three countries."""
    return international_borders(units[2])


@pytest.fixture
def tools(monkeypatch) -> Path:
    """Make the scripts of tools/ importable."""
    if not TOOLS.is_dir():
        pytest.skip("tools/ is not part of this installation")
    monkeypatch.setattr(sys, "path", [str(TOOLS), *sys.path])
    return TOOLS
