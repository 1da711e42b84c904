"""How precise dates are, by the columns around them."""

import pytest

import sahel_geo as sg


@pytest.mark.parametrize(
    ("begin", "end", "precision"),
    [
        ("2024,8,3", "2024,8,3", "day"), ("2024,8,3", "2024,8,9", "week"),
        ("2024,8,3", "2024,9,1", "month"), ("2024,8,3", "2024,9,30", "year"),
        ("2024,8,", "2024,8,", "month"), ("2024,8,", "2024,9,", "year"),
        ("2024,,", "2025,,", "year"), ("2024,8,3", ",,", "day"), ("2024,8,3", "2024,7,1", "day"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "header",
    ["Start Year,Start Month,Start Day,End Year,End Month,End Day",
     "Année début,Mois début,Jour début,Année fin,Mois fin,Jour fin"],
)  # fmt: skip
def test_a_date_in_parts_is_as_precise_as_the_end_beside_it(write, begin, end, precision, header):
    found = sg.read_incidents(write(f"Location,{header}\nGao,{begin},{end}\n"))
    assert found["date_precision"].tolist() == [precision]
    assert any("span" in str(note) for note in found.report.notes) == (
        precision != "day" and (begin, end) not in {("2024,8,", "2024,8,"), ("2024,,", "2025,,")}
    )
