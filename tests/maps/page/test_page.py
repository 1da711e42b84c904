"""What a reader does in the page: language, time, the box of a unit, keyboard and touch."""

import folium
import numpy as np
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.errors import InputError
from tests.conftest import make_toy_units

PERIODS = pd.period_range("2020-11", periods=5, freq="M")
COUNTS = np.array(
    [
        [0, 1, 0, 0, 2],
        [3, 0, 0, 0, 0],
        [0, 0, 0, 9, 0],
        [0, 0, 0, 0, 0],
        [1, 1, 1, 1, 1],
        [0, 0, 4, 0, 0],
    ]
)


def make_table():
    table = make_toy_units()
    table["incidents"] = COUNTS.sum(axis=1)
    table["rate"] = [1234.5, 0.25, 3.5, np.nan, 0.0, 2.0]
    table["rate_low"], table["rate_high"] = table["rate"] * 0.5, table["rate"] * 2
    table["few"] = [False, True, False, True, False, False]
    table["kind"] = ["hot", "cold", "not significant", None, "hot", "cold"]
    table["population"] = [1_000_000, 2, 3, 4, 5, 6]
    return table


def make_panel(table):
    return pd.DataFrame(
        {
            "unit_id": np.repeat(table["unit_id"].to_numpy(), 5),
            "period": PERIODS.take(np.tile(np.arange(5), 6)),
            "incidents": COUNTS.ravel(),
        }
    )


OPTIONS = {
    "neighbours": False,
    "towns": False,
    "details": ["population"],
    "uncertain": {"rate": "few"},
    "labels": {
        "few": {"fr": "Moins de cinq", "en": "Fewer than five"},
        "rate": {"fr": "Taux", "en": "Rate"},
        "kind": {"fr": "Points chauds", "en": "Hot spots"},
    },
    "title": {"fr": "Titre français", "en": "English title"},
    "source": {"fr": "essai", "en": "test"},
    "left_out": {"fr": "3 incidents", "en": "3 incidents left"},
    "limits": {"fr": "Zéro n'est pas le calme", "en": "Zero is not calm"},
    "notes": [{"fr": "Une note.", "en": "A note."}],
}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    table = make_table()
    columns = ["incidents", "rate", "kind"]
    m = sg.choropleth(table, columns, panel=make_panel(table), **OPTIONS)
    return sg.save_map(m, tmp_path_factory.mktemp("page") / "m.html")


def text_of(page, selector):
    return page.locator(selector).inner_text().replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.browser
def test_the_reader_switches_between_french_and_english(file, open_page):
    page, faults = open_page(file)
    assert page.locator("html").get_attribute("lang") == "fr"
    french = text_of(page, "body")
    for text in ("Titre français", "Une note.", "Hors carte : 3 incidents.", "Toute la période"):
        assert text in french
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title() == "English title · Incidents (number) · November 2020 – March 2021"
    english = text_of(page, "body")
    for text in ("A note.", "Not on the map: 3 incidents left.", "November 2020 – March 2021"):
        assert text in english
    for text in ("Titre", "Une note", "Hors carte", "période", "Frontière", "Légende"):
        assert text not in english
    assert page.get_by_role("button", name="English").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Français").click()
    assert text_of(page, "body") == french
    assert faults == []


@pytest.mark.browser
def test_numbers_follow_the_language(file, open_page):
    page, _ = open_page(file)
    page.locator("select[id$=_switch]").select_option("1")
    page.locator("input[type=search]").fill("M1")
    page.keyboard.press("Enter")
    assert "1 235" in text_of(page, ".sg-card")
    assert "1 000 000" in text_of(page, ".sg-card")
    page.get_by_role("button", name="English").click()
    assert "1,235" in text_of(page, ".sg-card")
    assert "1,000,000" in text_of(page, ".sg-card")


@pytest.mark.browser
def test_time_runs_in_order_from_the_whole_period(file, open_page):
    page, faults = open_page(file)
    slider = page.locator("input[type=range]")
    assert page.evaluate("sahelGeo.period") == -1
    assert slider.get_attribute("aria-valuetext") == "Toute la période"
    slider.focus()
    seen = []
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        seen.append(slider.get_attribute("aria-valuetext"))
    months = ["novembre 2020", "décembre 2020", "janvier 2021", "février 2021", "mars 2021"]
    assert seen == [*months, "mars 2021"]
    page.keyboard.press("Home")
    assert page.evaluate("sahelGeo.period") == -1
    page.get_by_role("button", name="Période suivante").click()
    assert page.locator(".sg-now").inner_text() == "novembre 2020"
    page.get_by_role("button", name="Période précédente").click()
    assert page.evaluate("sahelGeo.period") == -1
    assert faults == []


@pytest.mark.browser
def test_every_period_has_the_same_classes_and_its_own_counts(file, open_page):
    page, _ = open_page(file)
    slider = page.locator("input[type=range]")
    labels, counts = [], []
    for at in range(5):
        slider.fill(str(at))
        labels.append(page.locator(".sg-classes .sg-label").all_inner_texts())
        counts.append([int(t) for t in page.locator(".sg-classes .sg-count").all_inner_texts()])
        for unit, row in zip(("M1", "M2", "N1", "N2", "B1", "B2"), COUNTS, strict=True):
            colour = page.evaluate(f"sahelGeo.colourOf({unit!r})")
            assert (colour == "#fbfaf6") == (row[at] == 0)
    assert all(row == labels[0] for row in labels)
    assert all(sum(row) == 6 for row in counts)
    assert [row[0] for row in counts] == (COUNTS == 0).sum(axis=0).tolist()


@pytest.mark.browser
def test_play_goes_to_the_end_and_stops(file, open_page):
    page, _ = open_page(file)
    page.evaluate("SahelGeo.PACE = 30")
    page.get_by_role("button", name="Lecture").click()
    page.get_by_role("button", name="Lecture").wait_for()  # it was called Pause meanwhile
    assert page.evaluate("sahelGeo.period") == 4
    assert page.locator(".sg-now").inner_text() == "mars 2021"


@pytest.mark.browser
def test_an_indicator_without_series_says_so(file, open_page):
    page, _ = open_page(file)
    page.locator("input[type=range]").fill("3")
    page.locator("select[id$=_switch]").select_option("1")
    assert "toute la période" in text_of(page, ".sg-none")
    assert not page.get_by_role("button", name="Lecture").is_visible()
    page.locator("select[id$=_switch]").select_option("0")
    assert page.evaluate("sahelGeo.period") == 3


@pytest.mark.browser
def test_classes_have_names_and_no_data_stays_apart(file, open_page):
    page, _ = open_page(file)
    page.locator("select[id$=_switch]").select_option("2")
    rows = [row.inner_text().split("\n") for row in page.locator(".sg-classes li").all()]
    assert rows == [
        ["Point chaud", "2"],
        ["Non significatif", "1"],
        ["Point froid", "2"],
        ["Pas de données", "1"],
    ]
    assert page.evaluate("sahelGeo.colourOf('M1')") == page.evaluate("sahelGeo.colourOf('B1')")
    assert page.evaluate("sahelGeo.colourOf('N2')") == "hatched"


@pytest.mark.browser
def test_uncertain_units_are_hatched_in_their_colour(file, open_page):
    page, _ = open_page(file)
    assert page.evaluate("sahelGeo.colourOf('M2')").startswith("#")
    page.locator("select[id$=_switch]").select_option("1")
    assert "Moins de cinq" in text_of(page, ".sg-classes")
    assert page.evaluate("sahelGeo.colourOf('M2')") == "hatched"
    assert page.evaluate("sahelGeo.colourOf('M1')").startswith("#")
    assert page.locator(".sg-doubt").count() == 1


@pytest.mark.browser
def test_the_box_of_a_unit_tells_rank_interval_series_and_neighbours(file, open_page):
    page, faults = open_page(file)
    x, y = page.evaluate("sahelGeo.pointOf('M2')")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)
    card = page.locator(".sg-card")
    text = text_of(page, ".sg-card")
    assert "Unit M2" in text
    assert "rang 4 sur 6" in text  # 3 incidents; 9, 5 and 4 are more, another has 3
    assert "de 0,125 à 0,5" in text
    assert "maximum : 3 (novembre 2020)" in text
    near = card.locator(".sg-near button").all_inner_texts()
    assert near == ["Unit N1", "Unit B2", "Unit M1"]  # 9, 4 and 3 incidents
    assert card.locator(".sg-abroad").all_inner_texts() == ["Niger", "Burkina Faso"]
    card.get_by_role("button", name="Unit N1").click()
    assert page.evaluate("sahelGeo.unit") == "N1"
    card.get_by_role("button", name="Fermer").click()
    assert not card.is_visible()
    assert faults == []


@pytest.mark.browser
def test_everything_is_reached_by_keyboard(file, open_page):
    page, _ = open_page(file)
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(() => { const e = document.activeElement; return e.getAttribute('aria-label') "
                "|| e.id.replace(/.*_/, '') || e.textContent; })()"
            )
        )
    wanted = {"FR, français", "EN, English", "Agrandir", "Réduire", "Vue d’ensemble", "Lecture"}
    wanted |= {"Période suivante", "Temps", "Toute la période", "switch", "Chercher une unité"}
    assert wanted <= reached
    page.locator(".folium-map").focus()
    page.keyboard.press("Tab")
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("sahelGeo.unit") is not None
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Fermer"
    page.keyboard.press("Escape")
    assert page.evaluate("sahelGeo.unit") is None


@pytest.mark.browser
def test_on_a_phone_the_box_is_a_sheet_at_the_bottom_and_nothing_leaves_the_screen(file, open_page):
    page, faults = open_page(file, 390, 844)
    page.locator("summary").click()
    page.wait_for_timeout(300)  # the map takes the room and fits itself anew
    page.locator("input[type=range]").fill("2")
    x, y = page.evaluate("sahelGeo.pointOf('B2')")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)
    sheet = page.locator(".sg-card").bounding_box()
    assert sheet["x"] == 0
    assert sheet["width"] == 390
    assert sheet["y"] > 200
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for button in page.locator(".sg-time button:visible, .sg-lang button").all():
        place = button.bounding_box()
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= 390
        assert place["height"] >= 30
    assert faults == []


def test_refuses_options_for_columns_that_are_not_shown():
    table = make_table()
    with pytest.raises(InputError, match=r"`uncertain` column 'rate' is float64"):
        sg.choropleth(table, "incidents", uncertain="rate")
    with pytest.raises(InputError, match=r"`uncertain` names 1 columns .*\['rate'\]"):
        sg.choropleth(table, "incidents", uncertain={"rate": "few"})
    with pytest.raises(InputError, match=r"`intervals` names 1 columns"):
        sg.choropleth(table, "incidents", intervals={"rate": ("rate_low", "rate_high")})
    with pytest.raises(InputError, match=r"crossed in 4 units: \['M1'"):
        sg.choropleth(
            table.assign(rate=table["rate"] + 1),
            "rate",
            intervals={"rate": ("rate_high", "rate_low")},
        )
    with pytest.raises(InputError, match="`title` holds"):
        sg.choropleth(table, "incidents", title={"de": "Karte"})


def test_a_map_for_publication_takes_nothing_that_could_tell_hidden_figures():
    table = make_table()
    for name, value in [("points", make_panel(table)), ("details", ["population"])]:
        with pytest.raises(InputError, match=f"`{name}` could tell figures that this map hides"):
            sg.choropleth(table, "incidents", publish="safe", **{name: value})
    table["incidents_low"], table["incidents_high"] = 0, 99
    m = sg.choropleth(table, "incidents", publish="safe", neighbours=False, towns=False)
    assert '"interval":[[' not in m.get_root().render()


@pytest.mark.parametrize(
    ("mean", "most"),
    [
        (0.07, 800_000),  # one cell in fifteen is not zero, as in the records of the region
        (0.4, 1_050_000),  # one in three
    ],
)
def test_a_page_of_1318_communes_and_120_months_stays_small(tmp_path, mean, most):
    units = sg.load_boundaries(level=3)
    rng = np.random.default_rng(5)
    names = ["incidents", "fatalities_low", "fatalities_best"]
    periods = pd.period_range("2015-01", periods=120, freq="M")
    panel = pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].to_numpy(), 120),
            "period": periods.take(np.tile(np.arange(120), len(units))),
            **{name: rng.poisson(mean, len(units) * 120).astype(float) for name in names},
        }
    )
    table = units.merge(panel.groupby("unit_id")[names].sum(), on="unit_id")
    page = sg.save_map(sg.choropleth(table, names, panel=panel), tmp_path / "m.html")
    assert page.stat().st_size < most
    assert shapely.is_valid(table.geometry.to_numpy()).all()


@pytest.mark.browser
def test_print_keeps_legend_notes_and_the_sentence_and_drops_the_controls(file, open_page):
    page, _ = open_page(file)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1054, "height": 725})
    page.wait_for_timeout(200)
    for selector in ("section[id$=_legend]", ".sg-notes", ".sg-sources", ".sg-foot p", "h1"):
        assert page.locator(selector).is_visible()
    for selector in (".sg-time", ".sg-lang", ".sg-tools", ".sg-field", ".leaflet-control-zoom"):
        assert not page.locator(selector).first.is_visible()
    box = page.locator(".folium-map").bounding_box()
    assert box["y"] + box["height"] < 725
    data = page.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 841" in data  # A4, the long side across


@pytest.mark.browser
def test_readers_who_ask_for_contrast_get_black_text(file, chromium):
    context = chromium.new_context(contrast="more", offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    page.evaluate("sahelGeo.ready")
    for selector in (".sg-count", ".sg-method", ".sg-foot p", ".sg-notes li"):
        style = page.locator(selector).first.evaluate("node => getComputedStyle(node).color")
        assert style == "rgb(0, 0, 0)"
    context.close()


def test_the_title_and_the_notes_come_before_any_script_of_the_page(tmp_path):
    m = sg.choropleth(make_table(), "incidents", notes="A note to read first.")
    text = sg.save_map(m, tmp_path / "m.html").read_text(encoding="utf-8")
    places = ["<body", '<li dir="auto">A note to read first.', "L.Icon.Default.imagePath"]
    places += ["SahelGeo.decodeNumbers =", "SahelGeo.start(map"]
    found = [text.index(place) for place in places]
    assert found == sorted(found)
    m.get_root().header.add_child(folium.Element("<script>window.early = typeof L;</script>"))
    text = sg.save_map(m, tmp_path / "own.html").read_text(encoding="utf-8")
    assert text.index("L.Icon.Default.imagePath") < text.index(
        "<body"
    )  # another script may need it
