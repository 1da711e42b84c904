"""Places on grids, against published examples."""

import pytest
import shapely

from sahel_geo.incidents.columns.grid_references import grid_reference, zone_of_header


@pytest.mark.parametrize(
    ("code", "lat", "lon"),  # of the tests of Open Location Code
    [
        ("7FG49QCJ+2V", 20.3700625, 2.7821875), ("7FG49QCJ+2VX", 20.3701125, 2.782234375),
        ("7FG49QCJ+2VXGJ", 20.3701135, 2.78223535156), ("8FVC2222+22", 47.0000625, 8.0000625),
        ("4VCPPQGP+Q9", -41.2730625, 174.7859375), ("7fg49qcj+2v Tessalit", 20.3700625, 2.7821875),
    ],
)  # fmt: skip
def test_plus_codes(code, lat, lon):
    assert grid_reference(code) == pytest.approx((lon, lat), abs=1e-9)


@pytest.mark.parametrize("code", ["9QCJ+2V", "7FG49Q00+", "7FG49QCA+2V", "7FG49QCJ2V", "12+34"])
def test_short_and_broken_plus_codes_are_none(code):
    assert grid_reference(code) is None


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("X_UTM30N", "30N"), ("UTM Zone 31 N (X)", "31N"), ("Y (EPSG:32630)", "30N"),
        ("utm 30p easting", "30P"), ("Y EPSG 32730", "30S"), ("X", ""), ("UTM X", ""),
        ("Longitude EPSG:4326", ""), ("zone 30", ""),
    ],
)  # fmt: skip
def test_zones_of_headers(name, zone):
    assert zone_of_header(name) == zone


@pytest.mark.parametrize("srid", [None, 4326])
@pytest.mark.parametrize("flavor", ["extended", "iso"])
@pytest.mark.parametrize("shape", [shapely.Point(2.4, 15.9), shapely.Point(2.4, 15.9, 300)])
def test_points_as_a_database_writes_them(shape, flavor, srid):
    if srid and flavor == "iso":
        pytest.skip("ISO's bytes hold no reference system")
    code = shapely.to_wkb(shapely.set_srid(shape, srid or 0), hex=True, flavor=flavor,
                          include_srid=srid is not None)  # fmt: skip
    assert grid_reference(code) == grid_reference(code.lower()) == (2.4, 15.9)


@pytest.mark.parametrize("shape", [shapely.Point(246_000, 1_732_000), shapely.Point(),
                                   shapely.LineString([(0, 0), (1, 1)])])  # fmt: skip
def test_bytes_of_what_is_no_point_in_degrees_are_none(shape):
    assert grid_reference(shapely.to_wkb(shape, hex=True)) is None
