"""The notebook on spillover runs from the first cell to the last, on either data."""

import json
from pathlib import Path

import sahel_geo as sg
from tests.documented import few_draws

ROOT = Path(__file__).resolve().parents[1]
SPILLOVER = ROOT / "notebooks" / "04-what-crosses-the-border.ipynb"


def run(path, monkeypatch):
    """Execute the code cells of a notebook in order; give its names and the texts it displays.

    With 39 draws for each test: what is asserted is that the words follow from the figures.
    """
    names = {"__name__": "__main__"}
    said = []
    monkeypatch.setattr("IPython.display.display", said.append)
    for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        if cell["cell_type"] == "code":
            code = few_draws("".join(cell["source"]))
            exec(compile(code, f"{path.name} cell {number}", "exec"), names)
    return names, " ".join(str(each.data) for each in said if hasattr(each, "data"))


def test_on_the_catalogue_the_notebook_on_spillover_claims_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("SAHEL_GEO_REFERENCE", str(tmp_path / "absent"))
    names, said = run(SPILLOVER, monkeypatch)
    assert names["SELECTION"]
    assert "nothing may be concluded" in said
    assert "rien à dire d’un débordement" in said
    assert set(names["whole"].table["verdict"]) == {"not measurable"}
    assert "**Found:**" not in said


def test_on_real_data_the_notebook_on_spillover_says_what_its_table_holds(
    monkeypatch, reference_data
):
    monkeypatch.setenv("SAHEL_GEO_REFERENCE", str(reference_data))
    names, said = run(SPILLOVER, monkeypatch)
    whole = names["whole"]
    assert whole.period[0] < "2012-02"
    assert whole.period[1] > "2020-11"
    assert 1380 < whole.incidents < 1400
    claimed = "compatible with spillover across the border, and" in whole.sentence("en")
    assert claimed == whole.compatible
    assert whole.sentence("fr") in said
    assert isinstance(names["in_zone"], sg.spillover.SpilloverSummary)
