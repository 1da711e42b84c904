"""Everything that a function gives shows itself in a notebook: in words, drawn, short and safe."""

import importlib
import pkgutil
import re

import pytest

import sahel_geo
from sahel_geo.indicators.display.plotting import axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import label_of
from tests.result_registry import RESULTS, hostile_names, world

ELSEWHERE = {"OfflineMap", "Report", "UnitTable", "BoundaryLayer"}  # made from files; own tests
PER_VIEW_KB = 300


@pytest.fixture(scope="module")
def views(build_once):
    """Make one of each class: the name of its class, what completion lists, and its view."""

    def make(_):
        made = {name: each.make(world()) for name, each in RESULTS.items()}
        return {
            name: (type(result).__name__, dir(result), result._repr_html_())
            for name, result in made.items()
        }

    return build_once("views", make)[0]


def every_class():
    """Walk the classes of the package."""
    for module in pkgutil.walk_packages(sahel_geo.__path__, "sahel_geo."):
        if module.name != "sahel_geo.cli.__main__":
            held = vars(importlib.import_module(module.name)).values()
            yield from (
                each for each in held if isinstance(each, type) and each.__module__ == module.name
            )


def test_the_registry_holds_every_class_that_shows_itself():
    shown = {each.__name__ for each in every_class() if "_repr_html_" in vars(each)}
    results = {each.__name__ for each in every_class() if issubclass(each, Result)}
    assert (shown | results) - {"Result", "OfActors"} - ELSEWHERE == set(RESULTS)


@pytest.mark.parametrize("name", RESULTS)
def test_it_shows_words_a_plot_and_a_short_table(views, name):
    kind, _, view = views[name]
    assert kind == name
    assert view.count("<p lang=") == (2 if RESULTS[name].said else 0)
    assert len(re.sub(r"<[^>]*>", " ", view).split()) > 10
    drawn = "data:image/svg+xml;base64" in view or "<svg" in view or "background:#d55e00" in view
    assert drawn == RESULTS[name].drawn
    assert all(table.count("<tr") <= 16 for table in view.split("<table")[1:])
    assert len(view) < PER_VIEW_KB * 1000


@pytest.mark.parametrize("name", RESULTS)
def test_it_takes_no_text_of_the_data_for_markup(views, name):
    *_, view = views[name]
    assert not re.search(r"<(script|img[^>]*onerror|svg[^>]*onload|iframe|style|link)\b", view)
    for text in hostile_names(60):
        assert "<" not in text or text not in view


@pytest.mark.parametrize("name", RESULTS)
def test_a_dark_theme_can_show_it(views, name):
    """Text has the colour of the theme; a plot brings its own white."""
    *_, view = views[name]
    for style in re.findall(r"""style=["']([^"']*)""", view):
        assert not re.search(r"(?<![-\w])color\s*:", style)
    for picture in re.findall(r"<img[^>]*>", view):
        assert "background:#fff" in picture


@pytest.mark.parametrize("name", [name for name, made in RESULTS.items() if made.said])
def test_completion_lists_only_what_one_can_use(views, name):
    names = views[name][1]
    assert {"table", "sentence", "plot"} <= set(names)
    assert not [each for each in names if each.startswith("_")]
    assert len(names) <= 30


@pytest.mark.browser
def test_all_of_them_on_one_page_run_nothing_and_fetch_nothing(views, tmp_path, open_page):
    page = "".join(f"<div id={name}>{view}</div>" for name, (*_, view) in views.items())
    path = tmp_path / "views.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><body>{page}</body>", encoding="utf-8")
    shown, faults = open_page(path, 900, 700)
    assert [fault for fault in faults if "data:image" not in fault] == []
    assert shown.evaluate("window.__pwned") is None
    assert shown.locator("body > div").count() == len(RESULTS)
    names = shown.locator("#RiskIndex").inner_text()
    assert hostile_names(12)[11].split()[0] in names
    widths = "[...document.images].map((each) => each.naturalWidth)"
    assert min(shown.evaluate(widths)) > 100


def test_a_name_is_never_a_formula_in_a_plot():
    assert label_of("a\n $x$") == r"a \$x\$"
    assert label_of("w" * 100) == "w" * 39 + "…"


def test_a_plot_shows_itself_as_lines_or_where_these_are_too_many_as_dots():
    ax = axes()
    ax.plot([0, 1], [1, 0])
    for shown in (ax, ax.figure):
        (kind,) = shown._repr_mimebundle_()
        assert kind == "image/svg+xml"
    ax.scatter(range(20_000), range(20_000))
    drawn = ax._repr_mimebundle_()
    assert list(drawn) == ["image/png"]
    assert len(drawn["image/png"]) < 200_000
