"""Tables of counts are panels, and never incidents."""

import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError

MONTHS = "Country,Admin1,Admin2,ISO3,Month,Year,Events,Fatalities\n\
Mali,Gao,Ansongo,MLI,January,2025,7,21\nMali,Gao,Ansongo,MLI,February,2025,0,0\n\
Mali,Mopti,Koro,MLI,January,2025,12,40\n"
HAPI = "location_code,admin1_name,admin2_code,admin2_name,event_type,events,fatalities,\
reference_period_start,reference_period_end\n\
MLI,Gao,ML0701,Ansongo,violence,4,2,2025-01-01T00:00:00,2025-01-31T23:59:59\n\
MLI,Gao,ML0701,Ansongo,protest,1,,2025-01-01T00:00:00,2025-01-31T23:59:59\n"
WEEKS = "WEEK,COUNTRY,ADMIN1,EVENT_TYPE,EVENTS,FATALITIES,CENTROID_LATITUDE,CENTROID_LONGITUDE\n\
2025-01-04,Mali,Gao,Battles,3,5,16.2,0.1\n2025-01-11,Mali,Mopti,Battles,2,1,14.5,-4\n"


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "counts.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize("text", [MONTHS, HAPI, WEEKS])
def test_counts_are_refused_as_incidents(write, text):
    with pytest.raises(InputError, match=r"rows are counts by unit and period .*sg\.read_panel"):
        sg.read_incidents(write(text))


def test_months_by_name(write):
    panel = sg.read_panel(write(MONTHS))
    rows = [[unit, str(period), *rest] for unit, period, *rest in panel.to_numpy().tolist()]
    assert rows == [
        ["ML0505", "2025-01", 12, 40.0],
        ["ML0701", "2025-01", 7, 21.0],
        ["ML0701", "2025-02", 0, 0.0],
    ]
    assert panel.attrs["period"] == "month"


def test_kinds_of_events_are_added_up(write):
    panel = sg.read_panel(write(HAPI))
    assert panel[["unit_id", "incidents", "fatalities_best"]].to_numpy().tolist() == [
        ["ML0701", 5, 2.0]
    ]
    assert str(panel["period"].iloc[0]) == "2025-01"


def test_weeks_begin_as_in_the_file(write):
    panel = sg.read_panel(write(WEEKS))
    assert panel["period"].map(lambda week: str(week.start_time.date())).tolist() == [
        "2025-01-11", "2025-01-04",
    ]  # fmt: skip
    assert panel["unit_id"].tolist() == ["ML05", "ML07"]


def test_incidents_are_no_panel(write):
    with pytest.raises(InputError, match=r"no columns of counts, periods and units"):
        sg.read_panel(write("date,lat,lon\n2025-01-03,15,0\n"))
