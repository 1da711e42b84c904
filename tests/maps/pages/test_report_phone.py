"""Pages of a report on a phone: tables in stacked rows, figures drawn anew, no sideways pushing."""

import pytest

from sahel_geo.indicators.display.plotting import axes
from sahel_geo.maps.pages.site import Section, SitePage, Table, plot_figure

NAMES = ("Share of incidents near a border, beside the share of land", "Close pairs (Knox)")
HEAD = ("Measure", "Asks", "Verdict", "Figure", "Baseline", "Interval", "The interval is", "p")
ROWS = tuple(
    (name, "where", "not told from it", "0.318", "0.359", "-0.246 to 0.379", "what chance does", "")
    for name in NAMES
)


def bars(names=NAMES):
    ax = axes()
    ax.barh(range(len(names)), range(1, len(names) + 1))
    ax.set_yticks(range(len(names)), names)
    return ax


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    wide = Table(HEAD, ROWS, words=(1, 2, 6), minor=(1, 6, 7))
    short = Table(("Unit", "Before", "After"), (("Gao", "1", "2"),), minor=(1,))
    sections = (Section("All", figure=plot_figure(bars, "A figure"), table=wide),)
    page = SitePage("p.html", "P", "Title", "", (*sections, Section("Short", table=short)))
    path = tmp_path_factory.mktemp("phone") / "p.html"
    path.write_text(page.render([page], "en", "foot"), encoding="utf-8")
    return path


@pytest.mark.browser
def test_on_a_phone_nothing_must_be_pushed_aside_and_every_cell_names_its_column(file, open_page):
    page, faults = open_page(file, 390, 844)
    too_wide = page.evaluate(
        "Array.from(document.querySelectorAll('.scroll')).filter(n => n.scrollWidth > "
        "n.clientWidth).length"
    )
    assert too_wide == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    row = page.locator(".stacked tbody tr").first
    cells = row.locator("td")
    for at in range(len(HEAD) - 2):
        assert cells.nth(at).is_visible()
        label = cells.nth(at).evaluate("n => getComputedStyle(n, '::before').content")
        assert label == f'"{HEAD[at + 1]}"'
    assert not cells.nth(6).is_visible()  # no p, hence no label of one
    places = [cells.nth(at).bounding_box() for at in (2, 3, 4)]
    assert len({place["y"] for place in places}) == 1  # the three figures side by side
    head = row.locator("th").bounding_box()
    assert head["y"] + head["height"] <= cells.nth(0).bounding_box()["y"]
    assert page.get_by_role("row").count() == 5  # heads and rows remain a table to the ear
    assert page.get_by_role("rowheader", name=NAMES[0]).count() == 1
    assert page.locator(".number.wide").last.is_hidden()  # a short table leaves a column out
    assert faults == []


@pytest.mark.browser
def test_a_phone_gets_a_drawing_whose_letters_can_be_read(file, open_page):
    page, _ = open_page(file, 390, 844)
    assert page.locator(".roomy").is_hidden()
    assert page.locator(".phone").is_visible()
    texts = page.locator(".phone text")
    said = " ".join(texts.all_text_contents())
    for word in ("incidents", "(Knox)"):
        assert word in said
    for at in range(texts.count()):
        box = texts.nth(at).bounding_box()
        assert box["height"] >= 9
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    page, _ = open_page(file, 1280, 844)
    assert page.locator(".phone").is_hidden()
    assert page.locator(".roomy svg").is_visible()
    assert page.locator(".stacked tbody tr").first.evaluate("n => getComputedStyle(n).display") == (
        "table-row"
    )


def test_the_two_drawings_share_no_name_and_short_labels_stay_beside_their_rows():
    figure = plot_figure(bars, "A figure")
    assert 'id="phone-' in figure.narrow
    assert "phone-" not in figure.svg
    assert '="#m' not in figure.narrow
    assert "url(#p" not in figure.narrow.replace("url(#phone-", "")
    assert ">Share of incidents near a border, beside<" in figure.narrow  # above its row, broken
    short = plot_figure(lambda: bars(("Gao", "Kidal")), "Short").narrow
    assert "text-anchor: end" in short[: short.index("Kidal")].rpartition("<text")[2]


@pytest.mark.browser
def test_a_long_name_of_an_axis_is_broken_and_not_cut_off(open_page, tmp_path):
    def drawn():
        ax = bars(("Gourma-Rharous", "Kidal"))
        ax.set_xlabel("deaths, central estimate, in January 2021")
        return ax

    page = SitePage("p.html", "P", "T", "", (Section("All", figure=plot_figure(drawn, "F")),))
    path = tmp_path / "p.html"
    path.write_text(page.render([page], "en", "foot"), encoding="utf-8")
    opened, _ = open_page(path, 390, 844)
    picture = opened.locator(".phone svg").bounding_box()
    lines = opened.locator(".phone text").filter(has_text="January")
    assert lines.count() == 1
    box = lines.first.bounding_box()
    assert picture["x"] <= box["x"]
    assert box["x"] + box["width"] <= picture["x"] + picture["width"]
    assert box["y"] + box["height"] <= picture["y"] + picture["height"]


@pytest.mark.parametrize(
    ("cells", "breadth"),
    [(("où",), "brief"), (("intervalle du chiffre",), "half"), (("a" * 40,), "broad")],
)
def test_words_take_the_room_they_need(cells, breadth):
    rows = tuple(("name", cell) for cell in cells)
    assert Table(("a", "b"), rows).breadth(1) == breadth
