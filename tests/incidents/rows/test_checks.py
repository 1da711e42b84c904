"""Which columns identify incidents."""

import pytest

import sahel_geo as sg


@pytest.mark.parametrize(
    ("header", "codes"),
    [("Code", ["ML07", "ML07", "ML07"]), ("Réf.", ["AFP", "AFP", "RFI"]), ("No", [1, 2, 1])],
)
def test_a_code_that_several_incidents_share_sets_none_aside(write, header, codes):
    places = ["12/03/2025;Gao", "13/03/2025;Ansongo", "28/03/2025;Koro"]
    rows = [f"{code};{place}" for code, place in zip(codes, places, strict=True)]
    found = sg.read_incidents(write("\n".join([f"{header};Date;Localité", *rows])))
    assert found["incident_id"].is_unique
    assert found["source_id"].tolist() == [str(code) for code in codes]
    (note,) = (note for note in found.report.notes if "repeats" in str(note))
    assert "n’est pas pris pour un identifiant" in note.say("fr")


@pytest.mark.parametrize(("header", "kept"), [("No", 8), ("Event ID", 8)])
def test_an_identifier_of_one_incident_that_is_stated_twice_sets_the_later_row_aside(
    write, header, kept
):
    text = f"{header};Date;Lieu;Morts\n1;12/03/2025;Gao;3\n1;12/03/2025;Gao;4\n2;13/03/2025;Gao;1\n"
    text += "".join(f"{at};{at}/03/2025;Gao;1\n" for at in range(3, 9)) + "4;28/03/2025;Koro;1\n"
    found = sg.read_incidents(write(text))
    assert len(found) == kept
    assert found.report.set_aside == {"duplicate_id": 2}
