"""A surface as a picture on a web map, as a file, cut to a zone and added up over units."""

from io import BytesIO

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from PIL import Image
from pyproj import Transformer

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import CrsError, FileError, InputError
from sahel_geo.indicators.surface.surface import Surface


def surface_of(values, cell=1e4, unit="incidents per km2", **parameters):
    values = np.asarray(values, dtype=float)
    return Surface(values, Affine(cell, 0, -2e5, 0, -cell, -1e5), EQUAL_AREA, unit, parameters)


def pixels_of(image):
    """The numbers of the classes and their colours, as any reader of PNG sees them."""
    picture = Image.open(BytesIO(image.png))
    numbers = np.array(picture)
    seen = np.array(picture.convert("RGBA"))
    return numbers, {int(at): tuple(seen[numbers == at][0]) for at in np.unique(numbers)}


def test_a_picture_lies_where_its_incidents_do():
    places = pd.DataFrame({"lon": [-3.0, 5.0], "lat": [13.0, 20.0]})
    surface = sg.density.kernel_density(places, bandwidth_km=15, cell_km=5)
    image = surface.image(max_px=2000)
    numbers, _ = pixels_of(image)
    assert numbers.shape == image.size[::-1]
    west, south, east, north = image.bounds
    forward = Transformer.from_crs(4326, 3857, always_xy=True)
    left, low = forward.transform(west, south)
    right, high = forward.transform(east, north)
    for lon, lat in places.to_numpy():
        x, y = forward.transform(lon, lat)  # as Leaflet stretches the picture
        column = int((x - left) / (right - left) * image.size[0])
        row = int((high - y) / (high - low) * image.size[1])
        assert numbers[row, column] == len(image.classes)
    dark_rows, dark_columns = np.nonzero(numbers == len(image.classes))
    assert set(dark_columns // (image.size[0] // 2)) == {0, 1}
    northern = dark_columns > image.size[0] // 2
    assert dark_rows[northern].max() < dark_rows[~northern].min()


def test_classes_are_those_of_the_pixels():
    surface = surface_of([[0.0, 0.01, 0.6, 2.9], [np.nan, 0.05, 1.0, 3.0]], cell=5e4)
    image = surface.image(max_px=16, opacity=0.5)
    assert [bounds[:2] for bounds in image.classes] == [
        (0.05, 0.1),
        (0.1, 0.2),
        (0.2, 0.5),
        (0.5, 1.0),
        (1.0, 2.0),
        (2.0, 3.0),
    ]
    numbers, colours = pixels_of(image)
    assert colours[0][3] == 0
    assert {colours[at][3] for at in colours if at} == {128}
    assert "#{:02x}{:02x}{:02x}".format(*colours[6][:3]) == image.classes[5][2] == "#68051a"
    assert numbers[0, 0] == numbers[-1, 0] == 0  # zero, and no value
    assert numbers[1, -2] == 6
    assert image.data_uri.startswith("data:image/png;base64,iVBOR")
    assert image._repr_png_() == image.png


def test_values_below_zero_mirror_those_above():
    image = surface_of([[-2.0, -2.0, -0.1, 0.1, 1.5, 1.5]], unit="log ratio").image(breaks=[0.5, 1])
    assert [bounds[:2] for bounds in image.classes] == [(-2, -1), (-1, -0.5), (0.5, 1), (1, 1.5)]
    numbers, _ = pixels_of(image)
    middle = numbers[len(numbers) // 2]
    assert middle[1] == 1
    assert middle[len(middle) // 2] == 0
    assert middle[-3] == 4
    default = surface_of([[-2.1, 0.4]]).image()
    assert [bounds[:2] for bounds in default.classes] == [
        (-2.1, -2),
        (-2, -1),
        (-1, -0.5),
    ]


@pytest.mark.parametrize("values", [[[0.0, 0.0]], [[np.nan, np.nan]], [[np.nan, 0.0]]])
def test_nothing_to_draw_is_a_transparent_picture(values):
    image = surface_of(values).image()
    numbers, _ = pixels_of(image)
    assert image.classes == ()
    assert not numbers.any()


def test_the_classes_do_not_depend_on_the_size_of_the_unit():
    surface = surface_of([[0.0, 0.4, 3.0]])
    small = surface_of([[0.0, 0.4e-7, 3.0e-7]])
    np.testing.assert_allclose(
        [c[:2] for c in small.image().classes],
        [np.array(c[:2]) / 1e7 for c in surface.image().classes],
    )


def test_a_picture_refuses_what_it_cannot_use():
    surface = surface_of([[0.0, 1.0]])
    with pytest.raises(InputError, match=r"`palette` has 2 entries, of which \['red'\]"):
        surface.image(palette=["red", "#00ff00"])
    with pytest.raises(InputError, match="`opposite` has 1 entries"):
        surface.image(opposite=["#00ff00"])
    with pytest.raises(InputError, match=r"`breaks` is \[2.0, 1.0\]; expected positive"):
        surface.image(breaks=[2, 1])
    with pytest.raises(InputError, match=r"`breaks` is \[0.0\]"):
        surface.image(breaks=[0])
    with pytest.raises(InputError, match="`opacity` is 0"):
        surface.image(opacity=0)
    with pytest.raises(InputError, match="`max_px` is 100000"):
        surface.image(max_px=100_000)
    polar = Surface(np.ones((2, 2)), Affine(1, 0, 0, 0, -1, 89.5), gpd.GeoSeries(crs=4326).crs, "x")
    with pytest.raises(InputError, match=r"reaches latitudes 87.5 to 89.5"):
        polar.image()


CORNERED = sg.density.kernel_density(
    pd.DataFrame({"lon": [0.4, 1.1, 2.6], "lat": [10.4, 11.3, 11.2]}), bandwidth_km=12, cell_km=7
)


def test_a_file_comes_back_as_it_was(tmp_path):
    values = np.array([[0.1, np.nan, 2.0], [0.0, -3.0, 1e-9]])
    surface = surface_of(values, unit="morts par km²", bandwidth_km=2.5, n=3, kernel="quartic")
    path = surface.to_geotiff(tmp_path / "new" / "surface.tif")
    again = Surface.from_geotiff(path)
    np.testing.assert_allclose(again.values, values, rtol=1e-6)
    assert again.transform == surface.transform
    assert again.crs == surface.crs
    assert again.unit == "morts par km²"
    assert dict(again.parameters) == {"bandwidth_km": 2.5, "n": 3, "kernel": "quartic"}
    assert isinstance(again.parameters["n"], int)
    assert again.to_geotiff(tmp_path / "two.tif").read_bytes() == path.read_bytes()


def test_the_file_is_cloud_optimised(tmp_path):
    surface = surface_of(np.random.default_rng(1).random((700, 900)), cell=2e3)
    with rasterio.open(surface.to_geotiff(tmp_path / "surface.tif")) as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.overviews(1) == [2]
        assert raster.block_shapes == [(512, 512)]


def write(path, values, **changes):
    profile = {"driver": "GTiff", "count": 1, "dtype": values.dtype.name}
    profile |= {"height": values.shape[0], "width": values.shape[1]}
    profile |= {"crs": EQUAL_AREA.to_wkt(), "transform": Affine(1e3, 0, 0, 0, -1e3, 0)} | changes
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(values, 1)
        raster.set_band_unit(1, "people")
        raster.update_tags(source="made up", AREA_OR_POINT="Area")
    return path


def test_another_geotiff_keeps_its_unit_and_its_tags(tmp_path):
    path = write(tmp_path / "people.tif", np.array([[1, 2], [3, 255]], dtype="uint8"), nodata=255)
    surface = Surface.from_geotiff(path)
    np.testing.assert_array_equal(surface.values, [[1, 2], [3, np.nan]])
    assert surface.unit == "people"
    assert dict(surface.parameters) == {"source": "made up"}


@pytest.mark.parametrize("told", ["[" * 90_000, "{}", "7", '{"unit": 1, "parameters": 5}'])
def test_a_tag_that_lies_is_text(tmp_path, told):
    path = write(tmp_path / "people.tif", np.ones((2, 2)))
    with rasterio.open(path, "r+") as raster:
        raster.update_tags(SAHEL_GEO=told)
    surface = Surface.from_geotiff(path)
    assert surface.unit == "people"
    assert len(surface.parameters["SAHEL_GEO"]) <= 2_000


def test_files_that_are_no_surface(tmp_path, monkeypatch):
    with pytest.raises(FileError, match=r"missing.tif' cannot be read: No such file"):
        Surface.from_geotiff(tmp_path / "missing.tif")
    (tmp_path / "broken.tif").write_bytes(b"II*\x00 nothing")
    with pytest.raises(FileError, match=r"broken.tif' cannot be read as a GeoTIFF"):
        Surface.from_geotiff(tmp_path / "broken.tif")
    (tmp_path / "far.vrt").write_text("<VRTDataset rasterXSize='2' rasterYSize='2'/>")
    with pytest.raises(FileError, match=r"far.vrt' cannot be read as a GeoTIFF"):
        Surface.from_geotiff(tmp_path / "far.vrt")
    whole = write(tmp_path / "whole.tif", np.random.default_rng(1).random((300, 300)))
    (tmp_path / "half.tif").write_bytes(whole.read_bytes()[:300_000])
    with pytest.raises(FileError, match=r"half.tif' cannot be read as a GeoTIFF"):
        Surface.from_geotiff(tmp_path / "half.tif")
    with pytest.raises(InputError, match="`band` is 2; expected 1 to 1"):
        Surface.from_geotiff(whole, band=2)
    complex_ = write(tmp_path / "complex.tif", np.ones((2, 2), dtype="complex64"))
    with pytest.raises(InputError, match="holds complex64; expected real numbers"):
        Surface.from_geotiff(complex_)
    bare = write(tmp_path / "bare.tif", np.ones((2, 2)), crs=None)
    with pytest.raises(CrsError, match="has no coordinate reference system"):
        Surface.from_geotiff(bare)
    degrees = write(tmp_path / "degrees.tif", np.ones((2, 2)), crs="EPSG:4326")
    with pytest.raises(CrsError, match=r"is in 'WGS 84'; expected a projection in metres"):
        Surface.from_geotiff(degrees)
    turned = write(tmp_path / "turned.tif", np.ones((2, 2)), transform=Affine(1, 1, 0, 1, -1, 0))
    with pytest.raises(InputError, match="is rotated or flipped"):
        Surface.from_geotiff(turned)
    monkeypatch.setattr("sahel_geo.indicators.surface.surface._MOST_CELLS", 10_000)
    with pytest.raises(FileError, match="has 300 x 300 cells; expected at most 10,000"):
        Surface.from_geotiff(whole)


def test_units_share_out_the_surface(toy_units):
    sums = CORNERED.sum_over(toy_units.set_index("unit_id"))
    assert sums.index.tolist() == toy_units["unit_id"].tolist()
    assert sums["B1"] == pytest.approx(1, abs=0.01)
    whole = gpd.GeoDataFrame(geometry=[toy_units.union_all()], crs=4326)
    assert sums.sum() == pytest.approx(CORNERED.sum_over(whole)[0], rel=1e-9)
    around = gpd.GeoDataFrame(geometry=[shapely.box(-5, 5, 9, 16)], crs=4326)
    assert CORNERED.sum_over(around)[0] == pytest.approx(CORNERED.total(), rel=1e-9)
    assert CORNERED.total() == pytest.approx(3, rel=1e-6)


def test_sums_are_those_of_the_pieces_of_cells(toy_units):
    surface = surface_of(np.random.default_rng(1).random((30, 40)), cell=7e3)
    grid = surface.transform
    rows, columns = np.indices(surface.values.shape)
    left, top = grid.c + columns * grid.a, grid.f + rows * grid.e
    cells = shapely.box(left, top + grid.e, left + grid.a, top)
    units = toy_units.iloc[[2, 5, 0]].to_crs(EQUAL_AREA).to_crs(4326)
    moved = units.assign(geometry=units.translate(0, 4))
    outlines = gpd.GeoSeries(shapely.segmentize(moved.geometry.to_numpy(), 0.05), crs=4326)
    for shape, found in zip(outlines.to_crs(EQUAL_AREA), surface.sum_over(moved), strict=True):
        km2 = shapely.area(shapely.intersection(cells, shape)) / 1e6
        assert km2.sum() > 0
        assert found == pytest.approx((km2 * surface.values).sum(), rel=1e-6)


def test_sums_count_nothing_where_there_is_nothing(toy_units):
    holed = surface_of([[1.0, np.nan]])
    assert holed.total() == 100
    far = toy_units.assign(geometry=toy_units.translate(60, 0))
    assert holed.sum_over(far).tolist() == [0.0] * 6
    empty = toy_units.assign(geometry=[shapely.Polygon(), *toy_units.geometry[1:]])
    assert CORNERED.sum_over(empty)[0] == 0
    with pytest.raises(InputError, match="`units` has no area in 1 rows"):
        holed.sum_over(gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=4326))
    with pytest.raises(InputError, match="`units` is a list; expected a zone or a GeoDataFrame"):
        holed.sum_over([1])
    with pytest.raises(CrsError, match="`units` has no coordinate reference system"):
        holed.sum_over(toy_units.set_crs(None, allow_override=True))


def test_a_clipped_surface_holds_the_cells_of_the_area(toy_units):
    part = CORNERED.clip(toy_units.iloc[[4]])
    assert part.values.shape < CORNERED.values.shape
    rows, columns = np.nonzero(np.isfinite(part.values))
    lon, lat = Transformer.from_crs(EQUAL_AREA, 4326, always_xy=True).transform(
        *(part.transform @ (columns + 0.5, rows + 0.5))
    )
    assert (lon > 0).all()
    assert (lon < 1).all()
    assert (lat > 10).all()
    assert (lat < 11).all()
    assert part.total() == pytest.approx(CORNERED.sum_over(toy_units.iloc[[4]]).iloc[0], rel=0.02)
    zone = sg.load_zone("liptako-gourma")
    wide = sg.density.kernel_density(
        pd.DataFrame({"lon": [0.5], "lat": [14.5]}), bandwidth_km=100, cell_km=20
    )
    assert np.isnan(wide.clip(zone).values).any()
    with pytest.raises(InputError, match="`area` holds the centre of no cell"):
        CORNERED.clip(toy_units.assign(geometry=toy_units.translate(60, 0)))


def test_a_plot_names_its_unit_and_its_scale(toy_units):
    ax = CORNERED.plot(outlines=toy_units)
    bar = ax.figure.axes[-1]
    assert bar.get_ylabel() == "incidents per km²"
    assert [text.get_text() for text in ax.texts] == ["50 km"]
    ticks = [float(text.get_text()) for text in bar.get_yticklabels()]
    assert ticks == sorted({bound for c in CORNERED.image().classes for bound in c[:2]})
    drawn = ax.images[0]
    assert drawn.to_rgba(np.array([1e-9]))[0, 3] == 0
    signed = surface_of([[-2.0, 0.1, 2.0]], unit="log ratio").plot().images[0]
    red, _, blue, alpha = signed.to_rgba(np.array([[-2.0, 0.0, 1.9]]))[0].T
    assert blue[0] > red[0]
    assert red[2] > blue[2]
    assert alpha.tolist() == [1, 0, 1]
    with pytest.raises(InputError, match="holds no value other than zero"):
        surface_of([[0.0]]).plot()
