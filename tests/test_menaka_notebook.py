"""The notebook on Ménaka answers from either data, and says which it had."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MENAKA = ROOT / "notebooks" / "03-menaka-hot-spot.ipynb"


@pytest.fixture
def run(monkeypatch, capsys):
    """Execute the code cells in order; give their names, and what they printed."""

    def run_with(reference):
        monkeypatch.setenv("SAHEL_GEO_REFERENCE", str(reference))
        names = {"__name__": "__main__"}
        for number, cell in enumerate(json.loads(MENAKA.read_text(encoding="utf-8"))["cells"]):
            if cell["cell_type"] == "code":
                code = compile("".join(cell["source"]), f"{MENAKA.name} cell {number}", "exec")
                exec(code, names)
        return names, capsys.readouterr().out

    return run_with


def test_without_reference_data_it_claims_nothing(tmp_path, run):
    names, said = run(tmp_path / "absent")
    assert said.count("it carries no claim about Ménaka or anywhere else") == 2
    assert "UCDP" not in said
    assert set(names["choices"]["kind"]) == {"not significant"}
    assert names["mapped"]["uncertain"].dtype == bool


@pytest.mark.reference
def test_with_reference_data_it_names_its_source(reference_data, run):
    names, said = run(reference_data)
    assert said.count("UCDP GED 21.1 (CC BY 4.0), 2018 to 2020.") == 2
    assert "SELECTION" not in said
    assert "987 incidents" in said
    assert names["menaka"]["value"] == 56
    assert "It is hot in 0 of 8 choices of neighbourhood and figure" in said
    assert (names["choices"]["by z alone"] == "hot").sum() == 6
    assert names["certainty"]["uncertain"].any()
