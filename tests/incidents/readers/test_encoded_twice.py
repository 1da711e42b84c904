"""Text that was decoded as another encoding and saved again."""

import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.incidents.readers.encoded_twice import as_meant

TEXTS = ("Ménaka", "Téra, à l’est de Gao", "Œuvre – 3 « civils »", "ÉCOLE À DJIBO", "déjà là",
         "N’Tillit où naît", "Ñ Í ï ë ç", "غاو في مالي", "5 000 € ™")  # fmt: skip


def seen_through(text, codec):
    """Give what a program shows of UTF-8 that it takes for another encoding."""
    return "".join(
        bytes([byte]).decode(codec, errors="ignore") or chr(byte) for byte in text.encode()
    )


@pytest.mark.parametrize("codec", ["cp1252", "latin-1", "mac_roman", "cp850"])
@pytest.mark.parametrize("text", TEXTS)
def test_what_a_program_made_of_a_text_is_turned_back(text, codec):
    assert seen_through(text, codec) != text
    assert as_meant(seen_through(text, codec)) == text


def test_twice_over_and_in_part():
    assert as_meant(seen_through(seen_through("Ménaka à côté", "cp1252"), "cp1252")) == (
        "Ménaka à côté"
    )
    assert as_meant("Téra, TÃ©ra et MÃ©naka") == "Téra, Téra et Ménaka"


def test_the_blank_of_an_a_may_have_become_an_ordinary_one():
    assert as_meant("Attaque Ã  TÃ©ra") == "Attaque à Téra"
    assert as_meant("Attaque Ã Gao") == "Attaque à Gao"


@pytest.mark.parametrize(
    "text",
    ["OÙ\u00a0: là", "LOCALITÉ\u00a0: Gao", "« à\u00a0»", "SÃO JOÃO", "Côté", "CÔTÉ", "ÂGÉ",
     "≈ 12 °C", "«\u00a0CHÂTEAU\u00a0»", "AOÛT\u00a0?", "Ä Ü ß", "Ù\u00a0Ù", "√2", "┌──┐", ""],
)  # fmt: skip
def test_other_texts_stay(text):
    assert as_meant(text) == text


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_file_that_was_saved_so_is_read_and_says_it(tmp_path, suffix):
    meant = pd.DataFrame({"date": ["2024-03-01", "2024-03-02"], "localité": ["Ménaka", "Gao"],
                          "décès": [3, 1]})  # fmt: skip
    odd = meant.rename(columns=lambda name: seen_through(name, "cp1252"))
    odd = odd.map(lambda value: seen_through(value, "cp1252") if isinstance(value, str) else value)
    path = tmp_path / f"incidents.{suffix}"
    odd.to_csv(path, index=False) if suffix == "csv" else odd.to_excel(path, index=False)
    found = sg.read_incidents(path)
    assert found["place"].tolist() == ["Ménaka", "Gao"]
    assert found["fatalities_best"].tolist() == [3, 1]
    said = [str(note) for note in found.report.notes]
    assert any("3 texts were encoded twice" in note and "'Ménaka'" in note for note in said)
    assert sg.read_incidents(odd)["place"].tolist() == ["Ménaka", "Gao"]


def test_names_of_the_caller_are_names_of_the_file(tmp_path):
    path = tmp_path / "incidents.csv"
    path.write_text("jour;endroit visitÃ©;x\n2024-03-01;TÃ©ra;1\n", encoding="utf-8")
    found = sg.read_incidents(path, mapping={"date": "jour", "place": "endroit visitÃ©"})
    assert found["place"].tolist() == ["Téra"]


def test_a_sound_file_has_no_such_note(tmp_path):
    path = tmp_path / "incidents.csv"
    path.write_text("date;localité\n2024-03-01;Où\u00a0: Téra\n", encoding="utf-8")
    assert not [note for note in sg.read_incidents(path).report.notes if "twice" in str(note)]
