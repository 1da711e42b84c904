"""People and events counted by publishers: each once, whole, and nothing that is no count."""

import numpy as np
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.sources import SourceError
from tests.conftest import make_toy_units
from tests.loopback.server import Reply
from tests.loopback.shapes import ckan, csv_bytes, json_reply, totals_workbook
from tests.sources.test_tables import (
    DISPLACED,
    TOTALS,
    address,
    hapi_rows,
    phase_row,
    raster,
)


def hapi(server, monkeypatch, rows, **options):
    monkeypatch.setenv("HAPI_EMAIL", "toy@example.org")
    answer = rows if callable(rows) else json_reply({"data": rows})
    server.answer("/api/v2/coordination-context/conflict-events", answer)
    return sg.sources.hapi_totals("MLI", base_url=server.url, **options)


def test_other_types_of_event_and_repeated_rows_are_not_added_up(server, monkeypatch):
    rows = hapi_rows("MLI", 2)
    more = [row | {"event_type": "civilian_targeting"} for row in rows]
    nowhere = [rows[0] | {"admin2_code": None, "events": 500}]
    panel = hapi(server, monkeypatch, [*rows, *more, *rows, *nowhere])
    assert panel["incidents"].tolist() == [1, 2]
    (origin,) = sg.sources.provenance_of(panel)
    assert origin.status == {"without a unit": 1}


def test_a_page_of_hapi_below_the_limit_asked_for_is_not_the_last(server, monkeypatch):
    rows = [row | {"admin2_code": f"ML{n:04}"} for n, row in enumerate(hapi_rows("MLI", 250))]
    panel = hapi(
        server,
        monkeypatch,
        lambda asked: json_reply({"data": rows[int(asked.query["offset"]) :][:100]}),
    )
    assert panel["incidents"].sum() == sum(range(1, 251))


@pytest.mark.parametrize(
    ("other", "match"),
    [
        ({"reference_period_start": None}, "reference_period_start is not written as"),
        ({"reference_period_start": "soon"}, "reference_period_start is not written as"),
        ({"reference_period_start": "2025-13-01"}, "reference_period_start is not written as"),
        ({"events": -4}, r"1 rows of the column events state no count: \['-4'\]"),
        ({"fatalities": "many"}, r"column fatalities state no count: \['many'\]"),
    ],
)
def test_rows_of_hapi_that_cannot_be_counted_are_told(server, monkeypatch, other, match):
    rows = hapi_rows("MLI", 2)
    with pytest.raises(SourceError, match=match) as caught:
        hapi(server, monkeypatch, [rows[0], rows[1] | other])
    assert caught.value.say("fr") != str(caught.value)
    assert not [each for each in sg.sources.Cache().entries() if each.kind == "data set"]


def test_a_row_of_hapi_that_lacks_what_the_first_has_is_told(server, monkeypatch):
    with pytest.raises(SourceError, match="no column"):
        hapi(server, monkeypatch, [*hapi_rows("MLI", 1), {"location_code": "MLI"}])


def test_an_event_type_that_hapi_does_not_have_is_refused():
    with pytest.raises(InputError, match="`event_type` is 'battles'"):
        sg.sources.hapi_totals("MLI", event_type="battles")


def test_totals_count_each_row_once_and_read_marked_thousands(server):
    nowhere = (*TOTALS[0][:2], None, "NER", None, "NER006", "January", "2025", 50, 60)
    rows = [TOTALS[0], TOTALS[0], (*TOTALS[1][:8], "1,234", "5 678"), nowhere]
    book = Reply(totals_workbook(rows))
    ckan(server, "political-violence-events-and-fatalities", ("totals.xlsx", "XLSX", book))
    panel = sg.sources.acled_totals("NER", base_url=server.url)
    assert panel["incidents"].tolist() == [7, 1234]
    assert panel["fatalities_best"].tolist() == [21, 5678]
    assert sg.sources.provenance_of(panel)[0].status == {"without a unit": 1}


def test_totals_without_a_year_are_an_error(server):
    rows = [TOTALS[0], (*TOTALS[1][:7], None, *TOTALS[1][8:])]
    book = Reply(totals_workbook(rows))
    ckan(server, "political-violence-events-and-fatalities", ("totals.xlsx", "XLSX", book))
    with pytest.raises(SourceError, match="no months of"):
        sg.sources.acled_totals("NER", base_url=server.url)


def phases(server, *rows, **options):
    ckan(server, "cadre-harmonise", ("caf.csv", "CSV", Reply(csv_bytes(rows))))
    return sg.sources.food_security("BFA", base_url=server.url, **options).set_index("unit_id")


def test_people_with_marked_thousands_are_not_lost_from_a_sum(server):
    table = phases(
        server,
        phase_row("BF5601", "A", "1,000", ("500", "300", "100", "80", "20")),
        phase_row("BF5601", "B", "900", ("400", "300", "100", "80", "20")),
        phase_row("BF5601", "B", "900", ("400", "300", "100", "80", "20")),  # the same row again
    )
    assert table["population"].tolist() == [1900]
    assert table["phase35"].tolist() == [400]


@pytest.mark.parametrize(
    ("row", "share"),
    [
        (phase_row("BF5601", "A", 0, (0, 0, 5, 0, 0)), None),
        (phase_row("BF5601", "A", 1000, (0, 0, 5000, 0, 0)), None),  # more than there are
        (phase_row("BF5601", "A", 1000, (0, 0, 1002, 0, 0)), 1.0),  # counts were rounded
        (phase_row("BF5601", "A", 1000, (500, 300, 200, "", "")), 0.2),  # blank is nobody
    ],
)
def test_a_share_of_people_is_one_or_missing(server, row, share):
    found = phases(server, row)["share35"].tolist()
    assert found == [share] if share is not None else np.isnan(found).all()


@pytest.mark.parametrize(
    ("row", "match"),
    [
        (phase_row("BF5601", "A", 1000, (500, 300, -100, 80, 20)), "column phase3 state no count"),
        (phase_row("BF5601", "A", 1000, (0.5, 0.3, 0.1, 0.08, 0.02)), "hold no people but shares"),
        (phase_row("BF5601", "A", "some", (500, 300, 100, 80, 20)), "column population state no"),
        (phase_row("BF5601", "A", 1000, (500, 300, 100, 100)), r"no column \['phase35'"),
    ],
)
def test_phases_that_are_no_people_are_told(server, row, match):
    with pytest.raises(SourceError, match=match):
        phases(server, row)


@pytest.mark.parametrize("year", ["2025", None, 2025.0, True])
def test_a_year_of_phases_that_is_no_year_is_refused(year):
    with pytest.raises(InputError, match="expected a whole number, such as 2025"):
        sg.sources.food_security(year=year)


def displaced(server, *rows):
    reply = Reply(csv_bytes(rows))
    ckan(server, "global-iom-dtm-from-api", ("global-iom-dtm-admin.csv", "CSV", reply))
    return sg.sources.displacement("BFA", base_url=server.url).set_index("unit_id")


def test_a_round_that_regions_report_on_several_days_is_one_round(server):
    earlier = DISPLACED[1] | {"reportingDate": "2026-08-24T00:00:00"}
    years_ago = DISPLACED[1] | {"admin2Pcode": "BF5603", "reportingDate": "2019-08-24"}
    table = displaced(server, DISPLACED[0], earlier, years_ago)
    assert table["displaced"].to_dict() == {"BF5601": 120, "BF5602": 80}
    assert table["date"].astype(str).tolist() == ["2026-08-31", "2026-08-24"]


def test_displaced_people_are_counted_once_whatever_repeats_or_is_marked(server):
    table = displaced(
        server,
        DISPLACED[0] | {"numPresentIdpInd": "12,345"},
        DISPLACED[1],
        DISPLACED[1],
        DISPLACED[0] | {"admin2Name": "Seno", "numPresentIdpInd": "5"},
    )
    assert table["displaced"].to_dict() == {"BF5601": 12350, "BF5602": 80}


def test_a_report_dated_in_the_future_does_not_hide_the_last_round(server):
    table = displaced(server, DISPLACED[0] | {"reportingDate": "2062-08-31"}, DISPLACED[1])
    assert table["displaced"].to_dict() == {"BF5602": 80}


@pytest.mark.parametrize(
    ("other", "match"),
    [
        ({"reportingDate": ""}, "reportingDate is not written as"),
        ({"reportingDate": "08/31/2026"}, "reportingDate is not written as"),
        ({"reportingDate": "2062-08-31"}, "no rows for BFA"),
        ({"numPresentIdpInd": "-3"}, "numPresentIdpInd state no count"),
    ],
)
def test_rounds_that_cannot_be_read_are_told_and_leave_no_empty_table(server, other, match):
    with pytest.raises(SourceError, match=match):
        displaced(server, DISPLACED[0] | other)


@pytest.mark.parametrize("other", [{"corner": (30, -10)}, {"nodata": None}])
def test_a_raster_without_people_or_with_fewer_than_none_is_an_error(server, tmp_path, other):
    server.answer(address("MLI"), raster(tmp_path, 10, **other))
    units = make_toy_units()
    with pytest.raises(SourceError, match="it lies elsewhere, or its cells without data"):
        sg.sources.population("MLI", units=units, base_url=f"{server.url}/pop")
