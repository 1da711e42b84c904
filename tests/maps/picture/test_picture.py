"""The picture of a map: the classes of its page, nothing cut off, the same bytes every time."""

import itertools
from xml.etree import ElementTree as ET

import folium
import geopandas as gpd
import matplotlib.image
import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

import sahel_geo as sg
from sahel_geo.errors import FileError, InputError
from sahel_geo.maps.page.element import PageElement
from sahel_geo.maps.picture.drawing import missing_letters
from sahel_geo.maps.picture.inline import apart
from sahel_geo.maps.picture.layout import Sheet
from sahel_geo.maps.picture.view import Choice, Shapes
from tests.maps.hostile import HOSTILE


def page_data(m):
    return next(child for child in m._children.values() if isinstance(child, PageElement)).data


@pytest.fixture(scope="module")
def chart():
    units = sg.load_boundaries(level=2)
    counts = np.random.default_rng(8).poisson(np.random.default_rng(9).gamma(0.3, 20.0, len(units)))
    table = units.assign(incidents=counts, per_1000km2=counts / units["area_km2"] * 1e3)
    table.loc[:5, "per_1000km2"] = np.nan
    table["few"] = (counts > 0) & (counts < 8)
    zone = sg.load_zone("menaka-tri-border", level=2)
    return sg.choropleth(
        table, ["per_1000km2", "incidents"], uncertain={"per_1000km2": "few"}, zone=zone
    )


def texts_of(figure):
    return [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]


def boxes_of(figure):
    with missing_letters():
        figure.draw_without_rendering()
        renderer = FigureCanvasAgg(figure).get_renderer()
        return [(text.get_text(), text.get_window_extent(renderer)) for text in texts_of(figure)]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_class_of_the_page_is_in_the_picture(chart, tmp_path, lang):
    path = sg.save_png(chart, tmp_path / "m.png", lang=lang)
    pixels = (matplotlib.image.imread(path)[..., :3] * 255).round().astype(int)
    assert pixels.shape[1] == 1800
    shown = page_data(chart)["indicators"][0]
    for entry in shown["classes"]:
        if entry["colour"]:
            colour = (np.array(to_rgb(entry["colour"])) * 255).round().astype(int)
            found = (np.abs(pixels - colour).max(axis=-1) <= 1).sum()
            assert found > 1_300, entry  # the swatch in the legend alone has as many
    figure = Sheet(page_data(chart), Choice(), lang, 12.0).drawn()
    words = " | ".join(text.get_text() for text in figure.texts)
    expected = {
        "fr": ["Pas de données", "Estimation incertaine", "Frontière internationale", "Sources"],
        "en": ["No data", "Uncertain estimate", "International border", "Administrative bound"],
    }
    assert all(word in words for word in expected[lang][:3])
    assert "Ménaka" in words
    assert ("0,0" if lang == "fr" else "0.0") in words


def test_another_indicator_has_its_own_classes(chart, tmp_path):
    first = sg.save_png(chart, tmp_path / "a.png").read_bytes()
    other = sg.save_png(chart, tmp_path / "b.png", indicator="incidents").read_bytes()
    assert first != other


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_same_map_gives_the_same_bytes(chart, tmp_path, suffix):
    one, two = (sg.save_png(chart, tmp_path / f"{name}{suffix}").read_bytes() for name in "ab")
    assert one == two


def test_svg_is_a_drawing_without_links(chart, tmp_path):
    text = sg.save_png(chart, tmp_path / "m.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.tag.endswith("svg")
    links = {value for each in root.iter() for key, value in each.items() if key.endswith("href")}
    assert all(link.startswith("#") for link in links)


@pytest.mark.parametrize("dpi", [1000 / 12, 150.0])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_no_text_is_cut_off_or_covers_another(chart, lang, dpi):
    figure = Sheet(page_data(chart), Choice(), lang, 12.0, dpi).drawn()
    boxes = boxes_of(figure)
    width, height = figure.bbox.width, figure.bbox.height
    assert len(boxes) > 40
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.x1 <= width, text
        assert box.y0 >= 0, text
        assert box.y1 <= height, text
    shapes = [shapely.box(box.x0, box.y0, box.x1, box.y1) for _, box in boxes]
    for (a, one), (b, two) in itertools.combinations(enumerate(shapes), 2):
        assert one.intersection(two).area < 0.25 * min(one.area, two.area), (
            boxes[a][0],
            boxes[b][0],
        )


@pytest.mark.parametrize("first", range(0, len(HOSTILE), 14))
def test_hostile_and_long_texts_stay_inside(first):
    texts = [text.encode("utf-8", "replace").decode() for text in (HOSTILE * 2)[first : first + 14]]
    units = gpd.GeoDataFrame(
        {"unit_id": ["A", "B"], "name": texts[:2], "incidents": [0, 3]},
        geometry=[shapely.box(0, 14, 1, 15), shapely.box(1, 14, 2, 15)],
        crs=4326,
    )
    m = sg.choropleth(
        units,
        "incidents",
        title="$x$ " + texts[2],
        subtitle=texts[3],
        notes=texts,
        labels={"incidents": texts[4]},
        neighbours=False,
        towns=False,
    )
    figure = Sheet(page_data(m), Choice(), "en", 12.0).drawn()
    for text, box in boxes_of(figure):
        assert box.x0 >= 0, text[:40]
        assert box.x1 <= figure.bbox.width, text[:40]
        assert box.y0 >= 0, text[:40]
    assert figure.texts[0].get_text().startswith("$x$")


def test_shapes_are_those_of_the_units(chart):
    data = page_data(chart)
    shapes = Shapes(data)
    units = sg.load_boundaries(level=2)
    for position in (0, 40, 120):
        path = shapes.polygon(data["units"]["shape"][position])
        rings = path.to_polygons()
        area = abs(sum(shapely.Polygon(ring).area for ring in rings[:1]))
        expected = units.geometry.iloc[position].area * shapes.squeeze
        assert area == pytest.approx(expected, rel=0.03)


def test_units_are_drawn_without_a_map_in_between(tmp_path):
    regions = sg.load_boundaries(level=1, countries="BFA").assign(incidents=3)
    assert sg.save_png(regions, tmp_path / "b.png", "incidents", width_px=1000).is_file()


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("m.pdf",), {}, r"`path` ends in '\.pdf'; expected one of \['\.png', '\.svg'\]"),
        (("m.png",), {"indicator": "incident"}, "Did you mean 'incidents'"),
        (("m.png",), {"lang": "de"}, "`lang` is 'de'"),
        (("m.png",), {"width_px": 300}, "`width_px` is 300; expected a whole number of at least"),
    ],
)
def test_refuses_what_it_cannot_draw(chart, tmp_path, arguments, options, message):
    with pytest.raises(InputError, match=message):
        sg.save_png(chart, tmp_path / arguments[0], **options)


def test_refuses_a_map_of_others_and_a_folder_that_is_a_file(chart, tmp_path):
    with pytest.raises(InputError, match=r"`m` is a Map that choropleth\(\) did not make"):
        sg.save_png(folium.Map(), tmp_path / "m.png")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot write"):
        sg.save_png(chart, tmp_path / "file" / "m.png")


def test_numbers_on_a_map_never_cover_one_another_nor_a_town():
    rng = np.random.default_rng(5)
    crowd = [tuple(point) for point in rng.normal((200, 100), 8, (10, 2))] + [(200.0, 100.0)] * 2
    towns = [(205.0, 101.0)]
    places = np.array([*apart(crowd, towns), *towns])
    gap = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
    np.fill_diagonal(gap, np.inf)
    assert gap[:-1, :-1].min() > 15
    assert gap[:-1, -1].min() > 10
    assert np.hypot(*(places[:-1] - (200, 100)).T).max() < 60, "near where they belong"
    far = [(0.0, 0.0), (50.0, 0.0)]
    np.testing.assert_allclose(apart(far), far, atol=0.2)
    assert apart([]) == []
