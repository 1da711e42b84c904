"""Names of columns: what a mapping says, and which header is which field."""

import pytest

from sahel_geo.errors import InputError
from sahel_geo.incidents.columns.names import choose_columns, header_score, parse_mapping


@pytest.mark.parametrize("text", ["", "lat", "=Y", "D,lat=Y", " D,lat=Y", "Date=Jour,lat=Y"])
def test_a_mapping_begins_with_a_name_of_ours(text):
    with pytest.raises(InputError, match="expected NAME=COLUMN"):
        parse_mapping([text])
    assert parse_mapping([" lat = Y , lon=X"]) == {"lat": "Y", "lon": "X"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["date", "lat", "long", "lat_gps"], {"date": "date", "lat": "lat", "lon": "long"}),
        (["x", "y", "longitude", "latitude"], {"lon": "longitude", "lat": "latitude"}),
        (["_Site GPS_latitude", "_Site GPS_longitude"],
         {"lat": "_Site GPS_latitude", "lon": "_Site GPS_longitude"}),
        (["latitude bureau", "longitude bureau"], {}),
        (["Site latitude B", "Site longitude B"], {}),
        (["province", "departement"], {"admin2": "province", "admin3": "departement"}),
        (["departement"], {"admin2": "departement"}),
        (["cercle", "departement"], {"admin2": "cercle"}),
        (["province", "departement", "commune"], {"admin2": "province", "admin3": "commune"}),
        (["date", "annee", "mois"], {"date": "date"}),
        (["annee", "today"], {"year": "annee"}),
        (["today", "morts"], {"date": "today", "fatalities_best": "morts"}),
        (["victimes"], {}), (["date", "submission date"], {"date": "date"}),
    ],
)  # fmt: skip
def test_which_column_is_which(names, expected):
    assert dict(choose_columns(names).chosen) == expected


def test_a_line_of_names_counts_more_the_more_fields_it_names():
    assert header_score(["Date", "Latitude", "Morts"]) == 4  # an axis counts twice
    assert header_score(["Date", "date", "", "12,5"]) == 1
    assert header_score(["Jour", "x1"], ["x1", "x2"]) == 3
    assert header_score(["2025-01-03", "Gao"]) == 0
