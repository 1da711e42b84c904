"""Published boundaries, places and the news: checked against what was announced."""

import json
from hashlib import md5

import geopandas as gpd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.schema import UNIT_COLUMNS
from sahel_geo.sources import SourceError
from tests.conftest import make_toy_units
from tests.loopback.server import Reply, page
from tests.loopback.shapes import ckan, gdelt_line, json_reply, zip_bytes


def cod(level=2):
    units = make_toy_units().query("country == 'MLI'")
    table = gpd.GeoDataFrame(
        {
            "adm0_pcode": "ML",
            "adm0_name": "Mali",
            "adm1_pcode": "ML01",
            "adm1_name": "Toy region",
            f"adm{level}_pcode": ["ML0101", "ML0102"],
            f"adm{level}_name": ["Un", "Deux"],
        },
        geometry=list(units.geometry),
        crs=4326,
    )
    return table.to_json().encode()


def test_cod_boundaries_are_units_with_their_licence(server):
    archive = zip_bytes({"mli_admin2.geojson": cod(), "mli_admin1.geojson": cod(1)})
    ckan(
        server,
        "cod-ab-mli",
        ("mli_admin_boundaries.xlsx", "XLSX", Reply(b"x")),
        ("mli_admin_boundaries.geojson.zip", "GeoJSON", Reply(archive)),
    )
    units = sg.sources.boundaries("MLI", level=2, base_url=server.url)
    assert units["unit_id"].tolist() == ["ML0101", "ML0102"]
    assert units["name"].tolist() == ["Un", "Deux"]
    assert set(units["licence"]) == {"CC BY-IGO 3.0"}
    assert list(units.columns) == list(UNIT_COLUMNS)
    (origin,) = sg.sources.provenance_of(units)
    assert origin.parts[0].version == "2026-11-21T06:00:00"
    asked = len(server.asked)
    again = sg.sources.boundaries("MLI", level=2, base_url=server.url, offline=True)
    assert again.equals(units)
    assert len(server.asked) == asked


def geoboundaries(server, number, **other):
    shapes = json.loads(make_toy_units().query("country == 'MLI'").to_json())
    for position, feature in enumerate(shapes["features"]):
        feature["properties"] = {"shapeName": f"U{position}", "shapeISO": "", "shapeGroup": "MLI",
                                 "shapeID": f"X{position}", "shapeType": "ADM2"}  # fmt: skip
    server.answer("/files/mli.geojson", Reply(json.dumps(shapes).encode()))
    answer = {
        "boundaryLicense": "CC BY 4.0",
        "admUnitCount": str(number),
        "gjDownloadURL": f"{server.url}/files/mli.geojson",
        "buildDate": "Dec 12, 2023",
    }
    server.answer("/api/current/gbOpen/MLI/ADM2/", json_reply(answer | other))


def test_geoboundaries_are_counted_against_what_is_announced(server):
    geoboundaries(server, 2)
    units = sg.sources.boundaries("MLI", of="geoboundaries", base_url=server.url)
    assert len(units) == 2
    assert set(units["licence"]) == {"CC BY 4.0"}


def test_geoboundaries_with_fewer_units_than_announced_are_refused(server):
    geoboundaries(server, 49)
    with pytest.raises(SourceError, match="2 units where 49 are announced"):
        sg.sources.boundaries("MLI", of="geoboundaries", base_url=server.url)


def test_an_address_of_geoboundaries_that_leads_nowhere_is_an_error(server):
    geoboundaries(server, 2, gjDownloadURL=f"{server.url}/gone.geojson")
    with pytest.raises(SourceError, match="404"):
        sg.sources.boundaries("MLI", of="geoboundaries", base_url=server.url)
    geoboundaries(server, 2, gjDownloadURL="file:///etc/passwd")
    with pytest.raises(SourceError, match="no http or https address"):
        sg.sources.boundaries("MLI", of="geoboundaries", base_url=server.url, refresh=True)


def test_boundaries_that_are_no_boundaries_are_an_error(server):
    ckan(
        server,
        "cod-ab-mli",
        ("mli_admin_boundaries.shp.zip", "SHP", Reply(zip_bytes({"a.txt": b"x"}))),
    )
    with pytest.raises(SourceError, match="cannot be used"):
        sg.sources.boundaries("MLI", base_url=server.url)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"of": "gadm"}, "expected 'cod-ab' or 'geoboundaries'"),
        ({"level": 7}, "expected 0 to 3"),
    ],
)
def test_boundaries_that_nobody_publishes_are_refused(options, match):
    with pytest.raises(InputError, match=match):
        sg.sources.boundaries("MLI", **options)


def geonames(*places):
    lines = [
        "\t".join([str(n), name, name, "", str(lat), str(lon), "P", "PPL", code, "", "01", "", "",
                   "", "1200", "", "250", "Africa/Bamako", "2026-01-01"])
        for n, (name, lat, lon, code) in enumerate(places, 1)
    ]  # fmt: skip
    return "\n".join(lines).encode()


def test_places_of_geonames_join_the_shipped_ones(server):
    dump = geonames(("Toyville", 15.9, 0.6, "ML"), ("Toybourg", 15.8, 0.7, "ML"))
    server.answer("/dump/ML.zip", Reply(zip_bytes({"ML.txt": dump, "readme.txt": b"see"})))
    places = sg.sources.gazetteer("MLI", base_url=f"{server.url}/dump")
    assert {"Toyville", "Toybourg"} <= set(places.places["name"])
    (origin,) = sg.sources.provenance_of(places)
    assert origin.licence == "CC BY 4.0"


def gdelt_zip(*lines):
    return zip_bytes({"x.export.CSV": "\n".join(lines).encode()})


@pytest.fixture
def news(server):
    """GDELT's newest quarter of an hour, and one before."""
    newest = gdelt_zip(gdelt_line(1), gdelt_line(2, "NG"), gdelt_line(3, "NI"),
                       gdelt_line(4, root="04"))  # fmt: skip
    server.newest = newest
    digest = md5(newest).hexdigest()
    listed = f"{len(newest)} {digest} http://data.gdeltproject.org/gdeltv2/20261128003000.export.CSV.zip\n"
    server.answer("/lastupdate.txt", Reply(listed.encode()))
    server.answer("/20261128003000.export.CSV.zip", Reply(newest))
    server.answer("/20261128000000.export.CSV.zip", Reply(gdelt_zip(gdelt_line(9), gdelt_line(1))))
    return server


def test_the_newest_file_of_gdelt_gives_events_of_violence(news):
    events = sg.sources.gdelt(translated=False, base_url=news.url)
    assert sorted(events["source_id"]) == ["1", "2"]
    assert set(events["country"]) == {"MLI", "NER"}
    assert set(events["source"]) == {"GDELT events"}


def test_files_of_a_time_are_read_and_those_never_published_are_counted(news):
    events = sg.sources.gdelt(since="2026-11-28", translated=False, base_url=news.url)
    assert sorted(events["source_id"]) == ["1", "2", "9"]
    (origin,) = events.report.provenance
    assert origin.status == {"files": 2, "files missing": 1}
    assert events.report.superseded["id"].tolist() == ["1"]


def test_a_file_of_gdelt_with_another_checksum_is_refused(news):
    news.answer("/20261128003000.export.CSV.zip", Reply(gdelt_zip(gdelt_line(7))))
    with pytest.raises(SourceError, match="checksum is not the one expected"):
        sg.sources.gdelt(translated=False, base_url=news.url)


def test_a_file_of_gdelt_with_other_columns_is_refused(news):
    news.answer("/20261128000000.export.CSV.zip", Reply(gdelt_zip("1\t2\t3")))
    with pytest.raises(SourceError, match="has 3 columns, not 61"):
        sg.sources.gdelt(since="2026-11-28", translated=False, base_url=news.url)


def test_more_of_gdelt_than_a_month_is_refused(news):
    with pytest.raises(InputError, match="expected at most 31"):
        sg.sources.gdelt(since="2026-01", translated=False, base_url=news.url)


def test_a_server_that_fails_halfway_leaves_no_hole_that_looks_like_quiet(news):
    asked = {"since": "2026-11-28", "translated": False, "base_url": news.url}
    middle = "/20261128001500.export.CSV.zip"
    for reply, match in (
        (Reply(status=503), "fault of its own"),
        (Reply(status=403), r"\(403\)"),
        (page("down"), "web page"),
        (Reply(status=429, headers={"Retry-After": "9999"}), "too many requests"),
    ):
        news.answer(middle, reply)
        with pytest.raises(SourceError, match=match):
            sg.sources.gdelt(**asked)
    news.answer(middle, Reply(gdelt_zip()))  # in which nothing happened
    assert sg.sources.gdelt(**asked).report.provenance[0].status["files"] == 3


@pytest.mark.parametrize(
    "time", [{"since": "2026-11-01", "until": "2026-11-02"}, {"since": "2027"}]
)
def test_a_time_of_which_gdelt_has_no_file_is_an_error(news, time):
    with pytest.raises(
        SourceError, match=r"no event in MLI, NER, BFA in 0 files \(\d+ are missing"
    ):
        sg.sources.gdelt(translated=False, base_url=news.url, **time)


@pytest.mark.parametrize("file", ["latest.export.CSV.zip", "20261399003000.export.CSV.zip"])
def test_a_list_of_gdelt_that_names_no_moment_is_an_error(news, file):
    news.answer("/lastupdate.txt", Reply(f"5 {'0' * 32} http://x/{file}\n".encode()))
    with pytest.raises(SourceError, match="names no file of events"):
        sg.sources.gdelt(since="2026-11-28", translated=False, base_url=news.url)


@pytest.mark.parametrize(
    ("given", "number"), [("19", 2), ([19], 2), (["04", "4"], None), (None, None)]
)
def test_codes_of_gdelt_may_be_numbers_and_strange_ones_are_refused(news, given, number):
    def ask():
        return sg.sources.gdelt(root_codes=given, translated=False, base_url=news.url)

    if number is None:
        with pytest.raises(InputError, match="expected some of CAMEO's"):
            ask()
    else:
        assert len(ask()) == number


def test_boundaries_of_another_country_are_refused(server):
    geoboundaries(server, 2, boundaryISO="NER", boundaryType="ADM2")
    with pytest.raises(SourceError, match="NER ADM2 came where MLI ADM2 was asked for"):
        sg.sources.boundaries("MLI", of="geoboundaries", base_url=server.url)


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        ({"result": 5}, "no column"),
        ({"result": ["resources"]}, "no column"),
        ({"result": {"resources": None}}, "resources is no list of files"),
        ({"result": {"resources": {"a": 1}}}, "resources is no list of files"),
        ({"result": {"resources": [{"name": "mli_admin_boundaries.shp.zip"}]}}, "no such file"),
    ],
)
def test_an_answer_of_hdx_in_another_form_is_an_error(server, answer, match):
    server.answer("/api/3/action/package_show", json_reply(answer))
    with pytest.raises(SourceError, match=match):
        sg.sources.boundaries("MLI", base_url=server.url)


def test_a_file_of_hdx_with_units_of_another_country_is_refused(server):
    theirs = cod().replace(b'"ML0', b'"NE0')
    archive = Reply(zip_bytes({"mli_admin2.geojson": theirs}))
    ckan(server, "cod-ab-mli", ("mli_admin_boundaries.geojson.zip", "GeoJSON", archive))
    with pytest.raises(SourceError, match="NER came where MLI was asked for"):
        sg.sources.boundaries("MLI", base_url=server.url)
