"""Countries: the code of each by all its codes and by its names, as the CLDR has them."""

import pandas as pd
import pytest
from babel import Locale
from babel.core import get_global

from sahel_geo.incidents.columns.countries import (
    _COUNTRIES,
    all_countries,
    country_codes,
    fips_or_iso,
)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_country_has_the_names_of_the_cldr(language):
    territories = Locale(language).territories
    names = pd.Series({iso3: territories[iso2] for iso3, (iso2, _, _) in _COUNTRIES.items()})
    codes, unknown = country_codes(names)
    assert unknown == []
    assert codes.tolist() == list(codes.index)


def test_every_country_has_the_codes_of_the_cldr():
    aliases = get_global("territory_aliases")
    for iso3, (iso2, number, _) in _COUNTRIES.items():
        assert aliases[iso3] == aliases[f"{number:03d}"] == [iso2]
        written = pd.Series([iso3, iso2.lower(), f"{number}", f"{number:03d}", f"{number}.0"])
        assert country_codes(written)[0].tolist() == [iso3] * 5


def test_a_title_before_the_name_of_a_country_is_left_out():
    names = ["Rép. du Niger", "République du Mali", "République islamique de Mauritanie", "B. Faso",
             "Rép. du Congo", "République démocratique du Congo"]  # fmt: skip
    codes, unknown = country_codes(pd.Series(names))
    assert codes.tolist() == ["NER", "MLI", "MRT", "BFA", "COG", "COD"]
    assert unknown == []
    assert country_codes(pd.Series(["République de Wagadou", "Rép. dém. du Congo"]))[1] != []


@pytest.mark.parametrize(
    ("codes", "standard"),
    [
        (["ML", "NG", "UV"], "FIPS"), (["ML", "NE", "NG"], "ISO"), (["ML", "NG"], ""), (["NG"], ""),
        (["ML", "NE", "BF"], "ISO"), (["Mali", "NG"], "ISO"), (["ng", "uv"], "FIPS"),
        (["NG", "UV", "NE"], ""),
    ],
)  # fmt: skip
def test_other_codes_tell_of_which_standard_they_are(codes, standard):
    assert fips_or_iso(codes) == standard


@pytest.mark.parametrize(
    ("texts", "countries"),
    [(["Mali", "Niger", None], True), (["Mali", "vérifié"], False), (["12", "466"], False),
     (["Gao", "Mali"], False), (["MLI", "NER"], False), ([], False), (["Mali", "BF"], False)],
)  # fmt: skip
def test_columns_of_countries_hold_their_names_and_nothing_else(texts, countries):
    assert all_countries(pd.Series(texts, dtype="string")) is countries
