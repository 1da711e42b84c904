"""Pages for a keyboard, a screen reader and weak eyes, as axe-core sees them."""

from pathlib import Path

import pytest

import sahel_geo as sg

_AXE = Path(__file__).resolve().parents[3] / ".cache" / "axe" / "package" / "axe.min.js"
_RUN = "axe.run(document, {resultTypes: ['violations']})"


@pytest.fixture(scope="session")
def axe():
    """Source of axe-core; the test is skipped where it was not fetched."""
    if not _AXE.is_file():
        pytest.skip("no axe-core in .cache/axe (bash .ci/run fetches it with npm)")
    return _AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=["fr", "en"])
def pages(request, tmp_path_factory, example_report):
    folder = tmp_path_factory.mktemp(f"axe-{request.param}")
    units = sg.load_boundaries(level=1)
    incidents = sg.load_example_incidents()
    report, _ = example_report(request.param)
    placed = sg.assign(incidents, units)
    table = units.merge(sg.density.rates(sg.count(placed, units), units), on="unit_id")
    years = sg.count(placed, units, period="year")
    shown, own = ["incidents", "per_1000km2"], {"lang": request.param, "publish": "safe"}
    safe = sg.choropleth(table, shown, panel=years, **own)
    timed = sg.choropleth(table, ["incidents"], lang=request.param, panel=years, points=incidents)
    return [
        *(page for page in report.pages if page.suffix == ".html"),
        sg.save_map(safe, folder / "safe.html"),
        sg.save_map(timed, folder / "timed.html"),
    ]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_no_serious_violation_on_any_page(pages, axe, open_page, width):
    faults = []
    for path in pages:
        page, _ = open_page(path, width, 844)
        page.evaluate(axe)
        result = page.evaluate(_RUN)
        assert result["testEngine"]["name"] == "axe-core"
        faults += [
            (path.name, each["id"], each["impact"], [node["target"] for node in each["nodes"][:3]])
            for each in result["violations"]
            if each["impact"] in ("serious", "critical")
        ]
    assert faults == []


@pytest.mark.browser
def test_a_page_with_a_fault_is_found(axe, open_page, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<html><body><img src='data:,'><select></select></body></html>")
    page, _ = open_page(path)
    page.evaluate(axe)
    found = {each["id"] for each in page.evaluate(_RUN)["violations"]}
    assert {"html-has-lang", "image-alt", "select-name"} <= found
