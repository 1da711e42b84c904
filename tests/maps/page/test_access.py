"""Readers with other eyes, hands and papers: forced colours, touch, keyboard, zoom, grey print."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image

import sahel_geo as sg
from tests.maps.page.test_page import OPTIONS, make_panel, make_table
from tests.maps.vision import lab

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CONTROLS = "a[href], button, input, select, summary, [tabindex='0']"
SMALLEST, COMFORTABLE = 24, 44  # WCAG 2.2, 2.5.8 and 2.5.5, in CSS pixels


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    table = make_table()
    incidents = sg.load_example_incidents().iloc[:3].assign(lon=[0.4, 0.5, 2.4], lat=10.5)
    columns = ["incidents", "rate", "kind"]
    m = sg.choropleth(table, columns, panel=make_panel(table), points=incidents, **OPTIONS)
    return sg.save_map(m, tmp_path_factory.mktemp("access") / "m.html")


@pytest.fixture
def open_as(chromium):
    """Open a file as a reader with their own settings sees it."""
    contexts = []

    def open_file(path, **options):
        context = chromium.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(path.as_uri())
        page.evaluate("sahelGeo.ready")
        return page

    yield open_file
    for context in contexts:
        context.close()


def pixels(target):
    picture = Image.open(io.BytesIO(target.screenshot())).convert("RGB")
    return np.asarray(picture, dtype=float)


def contrast(one, other):
    """Contrast of two colours, as WCAG 2 defines it."""
    light = []
    for colour in (one, other):
        channels = np.asarray(colour, dtype=float) / 255
        low = channels <= 0.04045
        linear = np.where(low, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        light.append(float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05)
    return max(light) / min(light)


def strongest(picture):
    """Contrast of the ground of a picture with what stands out most from it."""
    flat = picture.reshape(-1, 3)
    colours, counts = np.unique(flat, axis=0, return_counts=True)
    ground = colours[counts.argmax()]
    return max(contrast(ground, colour) for colour in colours)


def filled(picture):
    """Share of ink in the box around what a button shows inside its edge."""
    inside = picture[6:-6, 6:-6]
    ink = (np.abs(inside - inside[0, 0]) > 60).any(axis=2)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].mean()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_texts_shapes_and_classes_apart(file, open_as, scheme):
    page = open_as(file, forced_colors="active", color_scheme=scheme)
    page.locator("input[type=range]").fill("2")
    page.locator("input[type=search]").fill("N1")
    page.keyboard.press("Enter")
    icons = [pixels(page.locator(f".sg-icon-{kind}")) for kind in ("play", "back", "on", "close")]
    assert all(strongest(icon) > 4.5 for icon in icons)
    assert all(0.2 < filled(icon) < 0.85 for icon in icons)  # shapes, not blocks
    for text in (".sg-now", ".sg-label", ".sg-count", ".sg-unit-name", ".sg-foot p", "h1"):
        assert strongest(pixels(page.locator(text).first)) > 4.5
    for symbol in page.locator(".sg-line").all():
        assert strongest(pixels(symbol)) > 3
    bars = page.locator(".sg-card .sg-chart")
    assert strongest(pixels(bars)) > 3
    pressed, other = (
        pixels(page.locator(f".sg-lang button[aria-pressed={state}]"))
        for state in ("true", "false")
    )
    assert contrast(pressed[8, 8], other[8, 8]) > 3
    swatches = [
        node.evaluate("n => getComputedStyle(n).backgroundColor")
        for node in page.locator(".sg-swatch").all()
    ]
    assert len(set(swatches)) == len(swatches)
    outline = page.locator("path.sg-outline").last
    assert outline.get_attribute("d") not in (None, "M0 0")
    assert outline.get_attribute("stroke") == "#0a4880"
    casing = page.locator("path.sg-casing").last  # so that it shows on dark classes too
    assert casing.get_attribute("d") == outline.get_attribute("d")
    assert casing.get_attribute("stroke") == "#ffffff"
    assert float(casing.get_attribute("stroke-width")) > 5


@pytest.mark.browser
@pytest.mark.parametrize("forced", ["none", "active"])
def test_every_control_is_reached_by_tab_and_shows_its_focus(file, open_as, forced):
    page = open_as(file, forced_colors=forced)
    page.locator("input[type=search]").fill("N1")
    page.keyboard.press("Enter")
    page.locator("h1").click()  # the order begins at the top again, with the box open
    page.evaluate("document.activeElement.blur()")
    wanted = page.evaluate(
        "controls => { window.wanted = Array.from(document.querySelectorAll(controls))"
        ".filter(n => n.checkVisibility() && !n.disabled && n.tabIndex >= 0); "
        "return window.wanted.map(n => n.outerHTML.slice(0, 90)); }",
        CONTROLS,
    )
    reached, unseen = set(), []
    for _ in range(len(wanted) + 12):
        page.keyboard.press("Tab")
        place, style, width = page.evaluate(
            "(() => { const n = document.activeElement; const s = getComputedStyle(n); "
            "return [window.wanted.indexOf(n), s.outlineStyle, parseFloat(s.outlineWidth)]; })()"
        )
        if place in reached:
            break
        if place >= 0:
            reached.add(place)
            if style == "none" or width < 2:
                unseen.append(wanted[place])
    assert [text for at, text in enumerate(wanted) if at not in reached] == []
    assert unseen == []
    for _ in range(2):  # backwards too; between the first and the last may lie the window itself
        page.keyboard.press("Shift+Tab")
    assert page.evaluate("window.wanted.includes(document.activeElement)")


@pytest.mark.browser
def test_focus_looks_unlike_no_focus_on_pressed_buttons_too(file, open_as):
    for forced in ("none", "active"):
        page = open_as(file, forced_colors=forced)
        button = page.locator(".sg-lang button[aria-pressed=true]")
        corner = page.locator(".sg-head")
        before = pixels(corner)
        page.keyboard.press("Tab")
        assert button.evaluate("n => n === document.activeElement")
        changed = (pixels(corner) != before).any(axis=2)
        assert changed.sum() > 150
        strong = [
            contrast(a, b)
            for a, b in zip(pixels(corner)[changed][::7], before[changed][::7], strict=True)
        ]
        assert np.median(strong) > 3


@pytest.mark.browser
def test_escape_closes_the_box_and_gives_the_focus_back(file, open_as):
    page = open_as(file)
    search = page.locator("input[type=search]")
    search.fill("N1")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Fermer"
    page.locator(".sg-near button").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("sahelGeo.unit") != "N1"
    page.keyboard.press("Escape")
    assert not page.locator(".sg-card").is_visible()
    assert search.evaluate("n => n === document.activeElement")


@pytest.mark.browser
def test_a_box_that_follows_the_time_keeps_the_focus(file, open_as):
    page = open_as(file)
    page.evaluate("SahelGeo.PACE = 30")
    page.locator("input[type=search]").fill("N1")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Lecture").click()
    page.locator(".sg-near button").nth(1).focus()
    page.get_by_role("button", name="Lecture").wait_for()
    assert page.evaluate("document.activeElement.className") == "sg-link"


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_finger_finds_everything_on_a_phone(file, open_as, lang):
    page = open_as(file, **PHONE)
    page.locator(f"[id$=_lang] button[value={lang}]").tap()
    page.wait_for_timeout(200)
    box = page.locator(".folium-map").bounding_box()
    x, y = page.evaluate("sahelGeo.pointOf('B2')")
    page.touchscreen.tap(box["x"] + x, box["y"] + y)
    assert page.evaluate("sahelGeo.unit") == "B2"
    page.wait_for_timeout(200)
    card = page.locator(".sg-card").bounding_box()
    box = page.locator(".folium-map").bounding_box()
    x, y = page.evaluate("sahelGeo.pointOf('B2')")
    assert box["y"] < box["y"] + y < card["y"]  # the unit stays in sight above its box
    assert page.locator(".sg-time").bounding_box()["y"] >= card["y"] + card["height"] - 1
    small = measure(page, SMALLEST)
    primary = ".sg-lang button, .sg-time button, .sg-time select, .sg-icon-close, summary"
    small += measure(page, COMFORTABLE, f"{primary}, .leaflet-bar a, .sg-home, .sg-near button")
    page.locator(".sg-icon-close").tap()
    page.locator("summary").tap()
    small += measure(page, SMALLEST)
    small += measure(page, COMFORTABLE, ".sg-field select, .sg-field input, .sg-saving button")
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def measure(page, least, controls=CONTROLS):
    """Controls that are too small for a finger; a box to tick is as large as its label."""
    return page.evaluate(
        "([controls, least]) => Array.from(document.querySelectorAll(controls))"
        ".filter(n => n.checkVisibility() && !n.matches('.sg-foot'))"
        ".map(n => [n, (n.closest('label') || n).getBoundingClientRect()])"
        ".filter(([n, b]) => b.height < least - 0.1 || (b.width < least - 0.1))"
        ".map(([n, b]) => n.outerHTML.slice(0, 80) + ' ' + b.width + ' x ' + b.height)",
        [controls, least],
    )


@pytest.mark.browser
def test_two_fingers_enlarge_the_page_and_the_map(file, open_as):
    page = open_as(file, **PHONE)
    viewport = page.locator("meta[name=viewport]").get_attribute("content")
    assert "user-scalable" not in viewport
    assert "maximum-scale" not in viewport
    client = page.context.new_cdp_session(page)
    box = page.locator(".folium-map").bounding_box()
    before = page.evaluate("sahelGeo.pointOf('M1')[0] - sahelGeo.pointOf('N1')[0]")
    middle = {"x": box["x"] + 200, "y": box["y"] + 100}
    client.send("Input.synthesizePinchGesture", {**middle, "scaleFactor": 2.0})
    page.wait_for_timeout(400)
    after = page.evaluate("sahelGeo.pointOf('M1')[0] - sahelGeo.pointOf('N1')[0]")
    assert abs(after) > 1.1 * abs(before)
    assert page.evaluate("visualViewport.scale") == 1
    top = {"x": 100, "y": 20}
    client.send("Input.synthesizePinchGesture", {**top, "scaleFactor": 2.0})
    assert page.evaluate("visualViewport.scale") > 1.5


@pytest.mark.browser
def test_less_movement_means_slower_play_and_no_sliding_maps(file, open_as):
    page = open_as(file, reduced_motion="reduce")
    assert page.evaluate("SahelGeo.pace()") == 2 * page.evaluate("SahelGeo.PACE")
    page.get_by_role("button", name="Agrandir").click()
    moving = page.evaluate(
        "Array.from(document.querySelectorAll('.folium-map, .folium-map *')).filter(n => "
        "getComputedStyle(n).transitionProperty.includes('transform') && "
        "parseFloat(getComputedStyle(n).transitionDuration) > 0).length"
    )
    assert moving == 0
    page.evaluate("SahelGeo.PACE = 30")
    page.get_by_role("button", name="Lecture").click()
    page.get_by_role("button", name="Lecture").wait_for()
    assert page.evaluate("sahelGeo.period") == 4


@pytest.mark.browser
def test_at_twice_the_size_nothing_is_cut_off_or_out_of_reach(file, open_as):
    page = open_as(file, viewport={"width": 640, "height": 400}, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    cut = page.evaluate(
        "Array.from(document.querySelectorAll('button, select, summary, .sg-now, h1, h2, h3, "
        ".sg-label')).filter(n => n.checkVisibility() && (n.scrollWidth > n.clientWidth + 1 "
        "&& getComputedStyle(n).display !== 'inline')).map(n => n.outerHTML.slice(0, 80))"
    )
    assert cut == []
    for control in page.locator(CONTROLS).all():
        if control.is_visible():
            control.scroll_into_view_if_needed()
            box = control.bounding_box()
            assert box["x"] > -1
            assert box["x"] + box["width"] < 641
            assert -1 < box["y"] < 400
    assert page.locator(".folium-map").bounding_box()["height"] > 200


@pytest.mark.browser
def test_grey_paper_keeps_the_order_of_classes_and_the_hatching(file, open_as):
    page = open_as(file, viewport={"width": 1054, "height": 725})
    page.locator("select[id$=_switch]").select_option("1")
    shades = page.evaluate(
        "Array.from(document.querySelectorAll('.sg-swatch')).map(n => n.style.backgroundColor)"
    )
    page.emulate_media(media="print")
    page.add_style_tag(content="html { filter: grayscale(1); }")
    page.wait_for_timeout(300)
    picture = pixels(page)
    assert (picture.max(axis=2) - picture.min(axis=2)).max() <= 1

    def shade(node):
        box = node.bounding_box()
        x, y = int(box["x"]) + 4, int(box["y"]) + 4
        return picture[y : y + int(box["height"]) - 8, x : x + int(box["width"]) - 8, 0]

    swatches = [shade(node) for node in page.locator(".sg-swatch").all()]
    plain = [float(np.median(s)) for s, colour in zip(swatches, shades, strict=True) if colour]
    steps = [lab("#" + 3 * f"{round(level):02x}")[0] for level in plain]
    assert len(steps) >= 4
    assert all(lighter - darker > 6 for lighter, darker in itertools.pairwise(steps))
    hatched = [s for s, colour in zip(swatches, shades, strict=True) if not colour]
    assert len(hatched) == 2  # no data, and uncertain
    assert all(np.ptp(s) > 80 for s in hatched)
    frame = page.locator(".folium-map").bounding_box()
    levels = {}
    for unit in ("M1", "M2", "N2", "B1"):
        x, y = page.evaluate(f"sahelGeo.pointOf({unit!r})")
        left, top = int(frame["x"] + x), int(frame["y"] + y)
        levels[unit] = picture[top - 9 : top + 9, left - 9 : left + 9, 0]
    assert np.ptp(levels["N2"]) > 80  # no data
    assert np.ptp(levels["M2"]) > 80  # uncertain
    assert np.median(levels["M1"]) < np.median(levels["B1"])  # the highest rate, and zero
