"""Cells that say that nothing is stated, regions of the world, and rows that are no incidents."""

import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError

MARKS = ("n.d.", "ND", "N/D", "s/o", "NSP", "-", "?", ".", "xx", "Non disponible", "non renseignée")


@pytest.mark.parametrize("mark", MARKS)
def test_what_says_that_nothing_is_stated_is_missing_in_every_column(write, mark):
    found = sg.read_incidents(
        write(
            "Date;Région;Cercle;Localité;Auteur;Morts;Lat;Long\n"
            f"12/03/2025;Gao;Ansongo;{mark};{mark};{mark};{mark};{mark}\n"
            f"28/03/2025;{mark};Koro;Koro;EIS;2;14,07;-3,08\n"
        )
    )
    assert found["place"].tolist() == ["Ansongo", "Koro"]
    assert found["location_precision"].tolist() == ["admin2", "unknown"]
    assert found["admin1"].isna().tolist() == [False, True]
    assert found["actor1"].isna().tolist() == [True, False]
    assert found["fatalities_best"].fillna(-1).tolist() == [-1, 2]


def test_an_actor_who_is_not_known_is_no_blank(write):
    found = sg.read_incidents(write("date,place,actor1\n2025-03-12,Gao,Unknown\n"))
    assert found["actor1"].tolist() == ["Unknown"]


@pytest.mark.parametrize(
    ("regions", "known"),
    [(["Western Africa", "Africa"], False), (["Afrique de l'Ouest"] * 2, False),
     (["Gao", "Africa"], True)],
)  # fmt: skip
def test_a_region_of_the_world_is_none_of_a_country(write, regions, known):
    rows = "".join(f"2025-03-1{at},Mali,{name}\n" for at, name in enumerate(regions))
    found = sg.read_incidents(write("date,country,region,place\n" + rows.replace("\n", ",Gao\n")))
    assert found["admin1"].isna().all() != known
    assert found["place"].tolist() == ["Gao", "Gao"]


def test_forecasts_are_no_incidents(write):
    file = write("country,admin1,month,year,total_forecast\nMali,Gao,March,2025,12.5\n")
    with pytest.raises(InputError, match="the rows are forecasts by unit") as caught:
        sg.read_incidents(file)
    assert "des prévisions par unité" in caught.value.say("fr")


@pytest.mark.parametrize("mark", ["¹", "*", " *", "²", " ¹²", "†"])
def test_the_mark_of_a_footnote_is_no_part_of_a_cell(write, mark):
    row = f"12/03/2025{mark};Gao{mark};12{mark};16,27{mark};-0,05{mark}\n"
    found = sg.read_incidents(write("Date;Lieu;Morts;Lat;Long\n" + row + "28/03/2025;Koro;3;;\n"))
    assert found["place"].tolist() == ["Gao", "Koro"]
    assert found["fatalities_best"].tolist() == [12, 3]
    assert found["date"].dt.day.tolist() == [12, 28]
    assert found[["lat", "lon"]].iloc[0].tolist() == [16.27, -0.05]


def test_a_toll_in_brackets_is_read(write):
    found = sg.read_incidents(write("date;lieu;morts\n2025-03-12;Gao;[3-7]\n"))
    assert found[["fatalities_low", "fatalities_high"]].to_numpy().tolist() == [[3, 7]]
