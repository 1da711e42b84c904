"""Tables of counts are panels, and never incidents."""

import openpyxl
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.incidents.rows.shapes import CountsError

MONTHS = "Country,Admin1,Admin2,ISO3,Month,Year,Events,Fatalities\n\
Mali,Gao,Ansongo,MLI,January,2025,7,21\nMali,Gao,Ansongo,MLI,February,2025,0,0\n\
Mali,Mopti,Koro,MLI,January,2025,12,40\n"
HAPI = "location_code,admin1_name,admin2_code,admin2_name,event_type,events,fatalities,\
reference_period_start,reference_period_end\n\
MLI,Gao,ML0701,Ansongo,violence,4,2,2025-01-01T00:00:00,2025-01-31T23:59:59\n\
MLI,Gao,ML0701,Ansongo,protest,1,,2025-01-01T00:00:00,2025-01-31T23:59:59\n"
WEEKS = "WEEK,COUNTRY,ADMIN1,EVENT_TYPE,EVENTS,FATALITIES,CENTROID_LATITUDE,CENTROID_LONGITUDE\n\
2025-01-04,Mali,Gao,Battles,3,5,16.2,0.1\n2025-01-11,Mali,Mopti,Battles,2,1,14.5,-4\n"


@pytest.mark.parametrize("text", [MONTHS, HAPI, WEEKS])
def test_counts_are_refused_as_incidents(written, text):
    with pytest.raises(InputError, match=r"rows are counts by unit and period .*sg\.read_panel"):
        sg.read_incidents(written(text))


def test_months_in_columns_are_those_of_the_year_in_the_title(written):
    text = "Incidents par région, 2024\n\nRégion,Janv.,Févr.,Total\nGao,1,2,3\nKidal,0,1,1\n"
    panel = sg.read_panel(written(text))
    assert panel["period"].astype(str).tolist() == ["2024-01", "2024-02"] * 2
    assert panel["incidents"].tolist() == [1, 2, 0, 1]
    assert any("are those of 2024" in str(note) for note in panel.attrs["notes"])
    with pytest.raises(InputError, match="no columns of counts, periods and units"):
        sg.read_panel(written(text.replace("2024", "2023-2024")))


def test_months_by_name(written):
    panel = sg.read_panel(written(MONTHS))
    rows = [[unit, str(period), *rest] for unit, period, *rest in panel.to_numpy().tolist()]
    assert rows == [
        ["ML0505", "2025-01", 12, 40.0],
        ["ML0701", "2025-01", 7, 21.0],
        ["ML0701", "2025-02", 0, 0.0],
    ]
    assert panel.attrs["period"] == "month"


def test_kinds_of_events_are_added_up(written):
    panel = sg.read_panel(written(HAPI))
    assert panel[["unit_id", "incidents", "fatalities_best"]].to_numpy().tolist() == [
        ["ML0701", 5, 2.0]
    ]
    assert str(panel["period"].iloc[0]) == "2025-01"


def test_units_may_be_one_and_need_not_say_their_level(written):
    cercles = sg.load_boundaries(2, countries="MLI", resolution="5m")
    alone = cercles[cercles["name"] == "Ansongo"]
    header, *rows = MONTHS.splitlines(keepends=True)
    panel = sg.read_panel(written(header + "".join(rows[:2])), alone)
    assert panel["incidents"].tolist() == [7, 0]
    panel = sg.read_panel(written(MONTHS), cercles.drop(columns="level"))
    assert panel["incidents"].tolist() == [12, 7, 0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("Atlantis,January,2025,7,1\n", "no column that names units: .*Admin2"),
        ("Ansongo,January,2025,7,1\nAnsongo,Brumaire,2025,7,1\n",
         r"the column '\w+' has 1 values that are no period: \['Brumaire'\]"),
        ("Ansongo,1er semestre 2025,2025,7,1\n", "1 values that are no period: .*semestre"),
        ("Ansongo,January,2025,7,many\n",
         r"the column 'Deaths' has 1 values that are no numbers: \['many'\]"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_shown(written, rows, message):
    with pytest.raises(InputError, match=message):
        sg.read_panel(written("Admin2,Month,Year,Events,Deaths\n" + rows))


@pytest.mark.parametrize(
    ("days", "length"),
    [
        (["2025-01-03", "2025-01-04", "2025-01-11"], "day"),
        (["2025-01-03", "2025-01-17"], "week"),
        (["2025-01-01", "2025-02-01"], "month"),
        (["2024-01-01", "2025-01-01"], "year"),
        (["2024-01-01"], "month"),
        (["2024Q1", "2024Q2"], "quarter"),
        (["T1 2024", "T2 2024", "T1 2025"], "quarter"),
        (["1er trimestre 2024", "2e trimestre 2024"], "quarter"),
    ],
)
def test_how_far_days_lie_apart_tells_how_long_periods_are(written, days, length):
    rows = "".join(f"{day},Ansongo,1\n" for day in days)
    assert sg.read_panel(written(f"Date,Cercle,Events\n{rows}")).attrs["period"] == length


def test_one_week_alone_begins_as_in_the_file(written):
    panel = sg.read_panel(written("".join(WEEKS.splitlines(keepends=True)[:2])))
    assert [str(week.start_time.date()) for week in panel["period"]] == ["2025-01-04"]


def test_weeks_begin_as_in_the_file(written):
    panel = sg.read_panel(written(WEEKS))
    assert panel["period"].map(lambda week: str(week.start_time.date())).tolist() == [
        "2025-01-11", "2025-01-04",
    ]  # fmt: skip
    assert panel["unit_id"].tolist() == ["ML05", "ML07"]


def test_incidents_are_no_panel(written):
    with pytest.raises(InputError, match=r"no columns of counts, periods and units"):
        sg.read_panel(written("date,lat,lon\n2025-01-03,15,0\n"))


@pytest.mark.parametrize(
    ("header", "length", "periods"),
    [
        ("Cercle,2024-01,2024-02,2024-03", "month", ["2024-01", "2024-02", "2024-03"]),
        ("Cercle,janv-24,févr-24,mars-24", "month", ["2024-01", "2024-02", "2024-03"]),
        ("Cercle,Janvier 2024,Février 2024,Mars 2024", "month", ["2024-01", "2024-02", "2024-03"]),
        ("Cercle,01/2024,02/2024,03/2024", "month", ["2024-01", "2024-02", "2024-03"]),
        ("Cercle,202401,202402,202403", "month", ["2024-01", "2024-02", "2024-03"]),
        ("Cercle,T1 2024,T2 2024,T3 2024", "quarter", ["2024Q1", "2024Q2", "2024Q3"]),
        ("Cercle,2022,2023,2024", "year", ["2022", "2023", "2024"]),
    ],
)
def test_periods_in_columns_are_laid_out_and_a_blank_is_missing(written, header, length, periods):
    file = written(f"{header},Total\nAnsongo,7,0,3,10\nKoro,12,,4,16\n")
    with pytest.raises(CountsError, match=r"are periods and their cells counts.*sg\.read_panel"):
        sg.read_incidents(file)
    panel = sg.read_panel(file)
    assert panel.attrs["period"] == length
    told = panel.assign(period=panel["period"].astype(str))
    assert told[["unit_id", "period", "incidents"]].values.tolist() == [
        ["ML0505", periods[0], 12], ["ML0505", periods[2], 4], ["ML0701", periods[0], 7],
        ["ML0701", periods[1], 0], ["ML0701", periods[2], 3],
    ]  # fmt: skip


def test_months_by_name_need_a_column_of_years(written):
    text = "Année,Cercle,Janvier,Février\n2023,Ansongo,1,2\n2024,Ansongo,4,5\n"
    panel = sg.read_panel(written(text))
    assert panel["period"].astype(str).tolist() == ["2023-01", "2023-02", "2024-01", "2024-02"]
    assert panel["incidents"].tolist() == [1, 2, 4, 5]
    with pytest.raises(InputError, match="no columns of counts, periods and units"):
        sg.read_panel(written("Cercle,Janvier,Février\nAnsongo,1,2\n"))


def test_events_and_deaths_of_a_month_stand_in_columns_of_their_own(written):
    text = "Département,Incidents_2024_01,Morts_2024_01,Incidents_2024_02,Morts_2024_02\n"
    panel = sg.read_panel(written(text + "Téra,3,9,1,0\nAbala,2,2,,\n"))
    assert panel[["unit_id", "incidents", "fatalities_best"]].values.tolist() == [
        ["NE006001", 2, 2.0], ["NE006011", 3, 9.0], ["NE006011", 1, 0.0],
    ]  # fmt: skip


def test_a_blank_count_in_rows_is_missing_too(written):
    text = "Admin2 Pcode,Month,Year,Events\nML0701,January,2025,7\nML0701,February,2025,\n"
    assert sg.read_panel(written(text))["incidents"].tolist() == [7]


def test_weeks_in_two_columns_are_those_of_iso_8601(tmp_path):
    file = tmp_path / "weeks.csv"
    text = "Semaine,Année,Cercle,Incidents\n1,2025,Ansongo,3\nS2,2025,Ansongo,1\n1,2025,Koro,2\n"
    file.write_text(text, encoding="utf-8")
    panel = sg.read_panel(file)
    assert panel["period"].astype(str).tolist() == [
        "2024-12-30/2025-01-05", "2024-12-30/2025-01-05", "2025-01-06/2025-01-12",
    ]  # fmt: skip
    assert panel["incidents"].tolist() == [2, 3, 1]


def test_half_years_are_not_taken_for_weeks(tmp_path):
    file = tmp_path / "halves.csv"
    file.write_text("Cercle,S1 2024,S2 2024\nAnsongo,3,2\nKoro,1,5\n", encoding="utf-8")
    with pytest.raises(InputError, match="may be weeks or half-years"):
        sg.read_panel(file)
    file.write_text("Cercle,S1 2024,S2 2024,S3 2024\nKoro,1,5,6\n", encoding="utf-8")
    assert sg.read_panel(file).attrs["period"] == "week"


@pytest.mark.parametrize("header", ["{} janv-24,{} févr-24", "janv-24 {},févr-24 {}"])
def test_what_is_counted_stands_before_or_behind_the_month(tmp_path, header):
    file = tmp_path / "wide.csv"
    columns = f"{header.format('incidents', 'incidents')},{header.format('morts', 'morts')}"
    file.write_text(f"Cercle,{columns}\nAnsongo,3,2,1,0\n", encoding="utf-8")
    panel = sg.read_panel(file)
    assert panel[["incidents", "fatalities_best"]].values.tolist() == [[3, 1], [2, 0]]


def test_a_file_of_finer_units_that_nobody_knows_says_by_which_it_is_added_up(written):
    header = "Admin1,Admin2,Admin3,Month,Year,Events,Fatalities\n"
    rows = [f"Gao,Ansongo,Xyzzy {letter},January,2025,2,1\n" for letter in "ABC"]
    panel = sg.read_panel(written(header + "".join(rows)))
    assert panel[["unit_id", "incidents"]].to_numpy().tolist() == [["ML0701", 6]]
    assert [str(note) for note in panel.attrs["notes"] if "added up by" in str(note)] == [
        "most names in 'Admin3' are no units that are known: the rows are added up by 'Admin2'"
    ]


def test_units_known_by_their_codes_are_not_added_up_by_wider_ones(written):
    header = "Admin1,Admin2,Admin2 Pcode,Month,Year,Events,Fatalities\n"
    panel = sg.read_panel(written(header + "Gao,Xyzzy,ML0701,January,2025,7,21\n"))
    assert panel["unit_id"].tolist() == ["ML0701"]
    assert not [note for note in panel.attrs["notes"] if "added up by" in str(note)]


def test_units_of_other_countries_are_left_out_and_counted(written):
    row = "BEN,Alibori,BJ0101,Banikoara,violence,9,9,2025-01-01T00:00:00,2025-01-31T23:59:59\n"
    panel = sg.read_panel(written(HAPI + row))
    assert panel[["unit_id", "incidents"]].to_numpy().tolist() == [["ML0701", 5]]
    assert panel.attrs["unmatched"] == 1


def test_counts_have_no_decimals_so_a_mark_among_their_digits_parts_the_thousands(written):
    text = "Admin1;Admin2;Month;Year;Events;Fatalities\nGao;Ansongo;January;2025;1.200;2,345\n"
    panel = sg.read_panel(written(text))
    assert panel[["incidents", "fatalities_best"]].to_numpy().tolist() == [[1200, 2345]]


def test_codes_of_another_numbering_give_way_to_names(written):
    header = "Admin1,Admin1 Pcode,Month,Year,Events,Fatalities\n"
    rows = "Gao,ML05,January,2025,7,21\nMopti,ML07,January,2025,1,2\nKayes,ML03,May,2025,4,0\n"
    panel = sg.read_panel(written(header + rows))
    assert panel[["unit_id", "incidents"]].to_numpy().tolist() == [
        ["ML01", 4], ["ML05", 1], ["ML07", 7],
    ]  # fmt: skip
    assert "are of another numbering" in " ".join(map(str, panel.attrs["notes"]))
    with pytest.raises(InputError, match="ML05"):  # a code among those that agree is a mistake
        sg.read_panel(written(header + rows + "Ségou,ML04,May,2025,4,0\n"))


def test_units_may_stand_in_columns_and_periods_in_rows(written):
    panel = sg.read_panel(
        written("Mois;Sahel;Nord;Total\nJanvier 2025;5;12;17\nFévrier 2025;7;;7\n")
    )
    rows = [[unit, str(period), n] for unit, period, n, _ in panel.to_numpy().tolist()]
    assert rows == [["BF54", "2025-01", 12], ["BF56", "2025-01", 5], ["BF56", "2025-02", 7]]


def test_units_in_columns_that_are_of_two_levels_are_refused(written):
    with pytest.raises(InputError, match="levels 1, 2, 3 alike"):
        sg.read_panel(written("Mois;Gao;Mopti\nJanvier 2025;5;12\n"))


def test_a_pivot_table_names_its_units_by_what_they_are(tmp_path):
    rows = [
        ["Somme de Incidents", "Étiquettes de colonnes", None, None],
        ["Étiquettes de lignes", "2025-01", "2025-02", "2025-03", "Total général"],
        ["Plateau-Central", 4, 5, 6, 15],
        ["Total général", 4, 5, 6, 15],
    ]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "pivot.xlsx")
    panel = sg.read_panel(tmp_path / "pivot.xlsx")
    assert panel[["unit_id", "incidents"]].to_numpy().tolist() == [["BF55", n] for n in (4, 5, 6)]


def test_ordinals_of_quarters_are_periods(written):
    panel = sg.read_panel(written("Région;1er trimestre 2024;2e trimestre 2024\nGao;3;4\n"))
    assert panel["period"].astype(str).tolist() == ["2024Q1", "2024Q2"]


def test_a_header_that_names_both_axes_is_that_of_the_units(written):
    panel = sg.read_panel(written("Région/Année;2021;2022\nMopti;500;620\n"))
    assert panel["period"].astype(str).tolist() == ["2021", "2022"]
    assert set(panel["unit_id"]) == {"ML05"}


def test_quarters_may_stand_in_rows_below_units(written):
    panel = sg.read_panel(written("Trimestre,Hauts-Bassins,Plateau-Central\nT1 2024,3,1\n"))
    assert panel["period"].astype(str).tolist() == ["2024Q1", "2024Q1"]
    assert panel["incidents"].tolist() == [3, 1]
