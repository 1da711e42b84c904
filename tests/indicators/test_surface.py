"""A surface as a picture on a web map, as a file, cut to a zone and added up over units."""

from io import BytesIO

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from PIL import Image
from pyproj import Transformer

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import InputError
from sahel_geo.indicators.surface import Surface


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
