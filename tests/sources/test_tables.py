"""Totals, people, phases, displaced people: published tables, as their publishers shape them."""

import base64
import shutil

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import Affine

import sahel_geo as sg
from sahel_geo.cli.terminal.words import Lang
from sahel_geo.cli.units import _fill_from_cache
from sahel_geo.errors import InputError
from sahel_geo.sources import Provenance, SourceError
from sahel_geo.sources.clients import hapi
from tests.conftest import make_toy_units
from tests.loopback.server import Reply, page
from tests.loopback.shapes import ckan, csv_bytes, json_reply, totals_workbook

TOTALS = [
    ("Niger", "Tillabéri", "Torodi", "NER", "NER006012", "NER006", "January", "2025", 7, 21),
    ("Niger", "Tillabéri", "Torodi", "NER", "NER006012", "NER006", "February", "2025", 0, 0),
    ("Mali", "Gao", "Ansongo", "MLI", "ML0702", "ML07", "January", "2025", 2, 1),
    ("Somalia", "Gedo", "Luuq", "SOM", "SO2301", "SO23", "January", "2025", 9, 9),
]


def test_totals_are_a_panel_with_codes_as_ocha_writes_them(server):
    book = Reply(totals_workbook(TOTALS))
    ckan(server, "political-violence-events-and-fatalities", ("totals.xlsx", "XLSX", book))
    panel = sg.sources.acled_totals(base_url=server.url)
    assert panel.astype({"period": str}).to_numpy().tolist() == [
        ["ML0702", "MLI", "2025-01", 2, 1],
        ["NE006012", "NER", "2025-01", 7, 21],
        ["NE006012", "NER", "2025-02", 0, 0],
    ]
    assert panel["period"].dtype == "period[M]"
    (origin,) = sg.sources.provenance_of(panel)
    assert (origin.source, origin.version) == ("acled-totals", "2026-11-20T06:00:00")
    later = sg.sources.acled_totals("NER", since="2025-02", base_url=server.url)
    assert later["incidents"].tolist() == [0]


def test_totals_with_another_form_are_an_error(server):
    rows = [(*row[:6], "13", *row[7:]) for row in TOTALS]
    book = Reply(totals_workbook(rows))
    ckan(server, "political-violence-events-and-fatalities", ("totals.xlsx", "XLSX", book))
    with pytest.raises(SourceError, match="no months of MLI, NER, BFA"):
        sg.sources.acled_totals(base_url=server.url)


def test_a_data_set_without_the_file_names_what_it_has(server):
    ckan(server, "political-violence-events-and-fatalities", ("readme.pdf", "PDF", Reply(b"x")))
    with pytest.raises(SourceError, match=r"no such file any more; it has readme\.pdf"):
        sg.sources.acled_totals(base_url=server.url)


def hapi_rows(code, number):
    return [
        {
            "location_code": code,
            "admin1_code": "ML07",
            "admin2_code": f"ML07{n:02}",
            "admin2_name": "Toy",
            "event_type": "political_violence",
            "events": 1 + n,
            "fatalities": 2 * n,
            "reference_period_start": "2025-01-01T00:00:00",
        }
        for n in range(number)
    ]


def test_hapi_is_asked_by_code_with_an_identifier_made_here(server, monkeypatch):
    monkeypatch.setenv("HAPI_EMAIL", "toy@example.org")
    monkeypatch.setattr(hapi, "PAGE_ROWS", 2)

    def answer(asked):
        rows = hapi_rows(asked.query["location_code"], 5) + hapi_rows("SOM", 1)
        first = int(asked.query["offset"])
        return json_reply({"data": rows[first : first + int(asked.query["limit"])]})

    server.answer("/api/v2/coordination-context/conflict-events", answer)
    panel = sg.sources.hapi_totals("MLI", base_url=server.url)
    assert panel["incidents"].tolist() == [1, 2, 3, 4, 5]
    assert [each.query["offset"] for each in server.asked] == ["0", "2", "4", "6"]
    said = base64.b64decode(server.asked[0].query["app_identifier"]).decode()
    assert said == "sahel_geo:toy@example.org"


def test_hapi_that_repeats_a_page_is_an_error(server, monkeypatch):
    monkeypatch.setenv("HAPI_EMAIL", "toy@example.org")
    monkeypatch.setattr(hapi, "PAGE_ROWS", 2)
    path = "/api/v2/coordination-context/conflict-events"
    server.answer(path, json_reply({"data": hapi_rows("MLI", 2)}))
    with pytest.raises(SourceError, match="page 2 repeats rows"):
        sg.sources.hapi_totals("MLI", base_url=server.url)


def raster(tmp_path, value, corner=(0, 12), side=0.5, nodata=-99999):
    """Give a raster of the toy world, 0 to 3 E and 10 to 12 N, `value` people in each cell."""
    path = tmp_path / "people.tif"
    profile = {"driver": "GTiff", "width": 6, "height": 4, "count": 1, "dtype": "float32",
               "crs": "EPSG:4326", "nodata": nodata,
               "transform": Affine(side, 0, corner[0], 0, -side, corner[1])}  # fmt: skip
    cells = np.full((1, 4, 6), value, dtype="float32")
    cells[0, 0, 0] = -99999
    with rasterio.open(path, "w", **profile) as file:
        file.write(cells)
    return Reply(path.read_bytes())


def address(code, year=2025):
    return (
        f"/pop/Global_2015_2030/R2025A/{year}/{code}/v1/100m/constrained/"
        f"{code.lower()}_pop_{year}_CN_100m_R2025A_v1.tif"
    )


def test_people_are_summed_over_units(server, tmp_path):
    server.answer(address("MLI"), raster(tmp_path, 10))
    server.answer(address("NER"), raster(tmp_path, 5))
    units = make_toy_units()
    people = sg.sources.population(("MLI", "NER"), units=units, base_url=f"{server.url}/pop")
    # four cells a unit, of which one has no data
    assert people.to_dict() == {"M1": 30, "M2": 40, "N1": 20, "N2": 20}
    assert [each.version for each in sg.sources.provenance_of(people)] == ["R2025A", "R2025A"]


def test_another_file_at_the_same_address_is_refused(server, tmp_path):
    units, base = make_toy_units(), f"{server.url}/pop"
    server.answer(address("MLI"), raster(tmp_path, 10))
    sg.sources.population("MLI", units=units, base_url=base)
    server.answer(address("MLI"), raster(tmp_path, 11))
    with pytest.raises(SourceError, match="checksum is not the one expected"):
        sg.sources.population("MLI", units=units, base_url=base, refresh=True)
    accepted = sg.sources.population("MLI", units=units, base_url=base, refresh=True, checksum="")
    assert accepted["M2"] == 44


def test_people_of_the_cache_are_given_where_all_countries_are_there(server, tmp_path, own_cache):
    units = make_toy_units()
    assert sg.sources.people(units) is None
    for code in ("MLI", "NER", "BFA"):
        server.answer(address(code), raster(tmp_path, 10))
        sg.sources.population(code, units=units, base_url=f"{server.url}/pop")
    asked = len(server.asked)
    first = sg.sources.people(units)
    assert first.sum() == 230
    assert len(server.asked) == asked
    for code in ("MLI", "NER", "BFA"):
        server.answer(address(code, 2026), raster(tmp_path, 20))
        sg.sources.population(code, year=2026, units=units, base_url=f"{server.url}/pop")
    assert sg.sources.people(units).sum() == 460
    pinned = sg.sources.provenance_of(first)
    assert sg.sources.people(units, pinned=pinned).equals(first)
    other = Provenance("ucdp", "UCDP GED", "http://x/", "2026-01-01T00:00:00Z", sha256="00ff")
    assert sg.sources.people(units, pinned=[other]) is None  # a report that had none has none
    assert sg.sources.food_insecure(units, pinned=[other]) is None
    shutil.rmtree(own_cache / "objects")
    with pytest.raises(SourceError, match="expected it for the same bytes"):
        sg.sources.people(units, pinned=pinned)


@pytest.mark.parametrize("year", [2014, 2031, True])
def test_a_year_that_is_not_published_is_refused(year):
    with pytest.raises(InputError, match="expected 2015 to 2030"):
        sg.sources.population("MLI", year=year)


def test_a_raster_that_is_none_is_an_error(server):
    server.answer(address("MLI"), page("Not found"))
    with pytest.raises(SourceError, match="web page"):
        sg.sources.population("MLI", units=make_toy_units(), base_url=f"{server.url}/pop")


def phase_row(code, name, population, phases, **other):
    row = {
        "adm0_pcod3": "BFA",
        "adm2_name": name,
        "adm2_pcod2": code,
        "population": population,
        "chtype": "projected",
        "exercise_label": "Jan-May",
        "exercise_year": 2025,
        "reference_label": "Jun-Aug",
        "reference_year": 2025,
    }
    return row | {f"phase{n}": people for n, people in enumerate(phases, 1)} | other


def test_parts_of_a_department_are_added_up_and_the_last_analysis_counts(server):
    rows = [
        phase_row("BF5601", "Séno", 1000, (500, 300, 100, 80, 20)),
        phase_row("BF5602", "Soum reach", 600, (400, 150, 50, 0, 0)),
        phase_row("BF5602", "Soum no access", 400, (0, 50, 150, 150, 50)),
        phase_row("BF5601", "Séno", 999, (0, 0, 0, 0, 999), exercise_label="Sep-Dec",
                  exercise_year=2024),
        phase_row("BF5601", "Séno", 999, (999, 0, 0, 0, 0), chtype="current"),
        phase_row("BF5601", "Séno", 999, (999, 0, 0, 0, 0), reference_year=2024),
        phase_row("ZZ1", "Elsewhere", 999, (999, 0, 0, 0, 0), adm0_pcod3="TCD"),
    ]  # fmt: skip
    ckan(server, "cadre-harmonise", ("caf_ipc.csv", "CSV", Reply(csv_bytes(rows))))
    phases = sg.sources.food_security("BFA", year=2025, base_url=server.url).set_index("unit_id")
    assert phases.index.tolist() == ["BF5601", "BF5602"]
    assert phases["population"].tolist() == [1000, 1000]
    assert phases["phase35"].tolist() == [200, 400]
    assert phases["phase"].tolist() == [3, 4]  # 20 % in phase 3 or worse; 20 % in phase 4 or worse
    assert phases.loc["BF5602", "name"] == "Soum reach + Soum no access"
    assert phases["share35"].tolist() == [0.2, 0.4]


def test_what_was_fetched_fills_people_and_vulnerability_and_is_named(server, tmp_path, capsys):
    units = make_toy_units().query("country == 'BFA'")
    tables = {"people": None, "vulnerability": None}
    _fill_from_cache(tables, ["rates", "risk"], units, Lang.ENGLISH)
    assert tables == {"people": None, "vulnerability": None}
    server.answer(address("BFA"), raster(tmp_path, 10))
    sg.sources.population("BFA", units=units, base_url=f"{server.url}/pop")
    rows = [phase_row(unit, unit, 1000, (500, 300, 100, 80, 20)) for unit in ("B1", "B2")]
    ckan(server, "cadre-harmonise", ("caf_ipc.csv", "CSV", Reply(csv_bytes(rows))))
    sg.sources.food_security("BFA", base_url=server.url)
    asked = len(server.asked)
    _fill_from_cache(tables, ["hotspots"], units, Lang.ENGLISH)
    assert tables["people"] is None
    _fill_from_cache(tables, ["rates", "risk"], units, Lang.ENGLISH)
    assert tables["people"].to_dict() == {"B1": 40, "B2": 40}
    assert tables["vulnerability"].to_dict() == {"B1": 0.2, "B2": 0.2}
    said = capsys.readouterr().err
    assert "--people: WorldPop R2025A, fetched on" in said
    assert "--vulnerability: Cadre Harmonisé (HDX)" in said
    assert len(server.asked) == asked
    given = {"people": "mine", "vulnerability": "mine"}
    _fill_from_cache(given, ["risk"], units, Lang.ENGLISH)
    assert given == {"people": "mine", "vulnerability": "mine"}


def test_analyses_fetched_country_by_country_are_joined_and_can_be_pinned(server):
    units = make_toy_units()
    for year, phases in ((2025, (500, 300, 100, 80, 20)), (2026, (500, 100, 300, 80, 20))):
        for code in ("MLI", "BFA"):
            own = units.loc[units["country"] == code, "unit_id"]
            rows = [
                phase_row(unit, unit, 1000, phases, adm0_pcod3=code, reference_year=year)
                for unit in own
            ]
            ckan(server, "cadre-harmonise", ("caf.csv", "CSV", Reply(csv_bytes(rows))))
            sg.sources.food_security(code, year=year, base_url=server.url, refresh=True)
        found = sg.sources.food_insecure(units)
        assert found.dropna().tolist() == [sum(phases[2:]) / 1000] * 4
        if year == 2025:
            earlier = found
    pinned = sg.sources.provenance_of(earlier)
    assert len(pinned) == 2
    assert sg.sources.food_insecure(units, pinned=pinned).equals(earlier)


def test_no_analysis_of_the_year_is_an_error(server):
    rows = [phase_row("BF5601", "Séno", 1000, (500, 300, 100, 80, 20))]
    ckan(server, "cadre-harmonise", ("caf_ipc.csv", "CSV", Reply(csv_bytes(rows))))
    with pytest.raises(SourceError, match="no projected analysis of 2019"):
        sg.sources.food_security(year=2019, base_url=server.url)


DISPLACED = [
    {"admin0Pcode": "BFA", "admin2Pcode": "BF5601", "admin2Name": "Séno",
     "numPresentIdpInd": 120, "reportingDate": "2026-08-31T00:00:00", "roundNumber": 9},
    {"admin0Pcode": "BFA", "admin2Pcode": "BF5602", "admin2Name": "Soum",
     "numPresentIdpInd": 80, "reportingDate": "2026-08-31T00:00:00", "roundNumber": 9},
    {"admin0Pcode": "BFA", "admin2Pcode": "BF5601", "admin2Name": "Séno",
     "numPresentIdpInd": 999, "reportingDate": "2025-08-31T00:00:00", "roundNumber": 8},
    {"admin0Pcode": "SOM", "admin2Pcode": "SO1", "admin2Name": "Luuq",
     "numPresentIdpInd": 5, "reportingDate": "2026-08-31T00:00:00", "roundNumber": 1},
]  # fmt: skip


def test_displaced_people_come_from_hdx_without_a_key(server):
    hxl = {"admin0Pcode": "#country+code", "admin2Pcode": "#adm2+code", "admin2Name": "#adm2+name",
           "numPresentIdpInd": "#affected+idps", "reportingDate": "#date+reported",
           "roundNumber": "#round+code"}  # fmt: skip
    name = "global-iom-dtm-from-api-admin-0-to-2.csv"
    reply = Reply(csv_bytes([hxl, *DISPLACED]))
    ckan(server, "global-iom-dtm-from-api", (name, "CSV", reply))
    table = sg.sources.displacement("BFA", base_url=server.url).set_index("unit_id")
    assert table["displaced"].to_dict() == {"BF5601": 120, "BF5602": 80}
    assert set(table["round"]) == {9}
    assert set(table["date"]) == {pd.Timestamp("2026-08-31")}


def test_displaced_people_come_from_iom_with_a_key(server, monkeypatch):
    monkeypatch.setenv("DTM_KEY", "toy-subscription-key")

    def answer(asked):
        if asked.headers.get("Ocp-Apim-Subscription-Key") != "toy-subscription-key":
            return json_reply({"statusCode": 401}, 401)
        assert asked.query["CountryName"] == "Burkina Faso"
        return json_reply({"isSuccess": True, "result": DISPLACED, "errorMessages": []})

    server.answer("/v3/displacement/admin2", answer)
    table = sg.sources.displacement("BFA", base_url=server.url)
    assert table["displaced"].tolist() == [120, 80]
    monkeypatch.setenv("DTM_KEY", "another-key")
    with pytest.raises(SourceError, match=r"does not know the key \(401\).*dtm-apim-portal"):
        sg.sources.displacement("BFA", base_url=server.url, refresh=True)
    server.answer("/v3/displacement/admin2", Reply(status=404))
    with pytest.raises(SourceError, match=r"no such data there \(404\)"):
        sg.sources.displacement("BFA", base_url=server.url, refresh=True)


@pytest.mark.parametrize(
    ("fetch", "match"),
    [
        (lambda: sg.sources.ucdp(since=5), "`since` is '5'"),
        (lambda: sg.sources.ucdp(since=float("nan")), "expected a day, month or year"),
        (lambda: sg.sources.ucdp(countries=5), r"`countries` has \[5\]"),
        (lambda: sg.sources.ucdp(countries=[["MLI"]]), "`countries` has"),
        (lambda: sg.sources.ucdp(since=pd.NaT), "`since` is 'NaT'"),
        (lambda: sg.sources.population("MLI", checksum=5), "`checksum` is 5"),
        (lambda: sg.sources.people(pd.DataFrame({"unit_id": ["a"]})), "`units` lacks some of"),
        (lambda: sg.sources.ucdp(cache=5), "`cache` is a int"),
        (lambda: sg.sources.population(year="2025"), "expected 2015 to 2030"),
        (lambda: sg.sources.boundaries(None), "expected one country"),
        (lambda: sg.sources.boundaries(["MLI", "NER"]), "expected one country"),
        (lambda: sg.sources.acled(since="2025", until="2024"), "expected the earlier one first"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused_before_anything_is_asked(fetch, match):
    with pytest.raises(InputError, match=match):
        fetch()
