"""Maps that may be published: no hidden count in the page, by whatever road."""

import re

import folium
import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.page.element import PageElement
from sahel_geo.maps.publish.disclosure import possible_values
from sahel_geo.maps.publish.publish import HIDDEN, safe_units


@pytest.fixture(scope="module")
def table():
    units = sg.load_boundaries(level=2)
    rng = np.random.default_rng(8)
    counts = rng.poisson(rng.gamma(0.3, 20.0, len(units)))
    return units.assign(
        incidents=counts,
        fatalities_best=rng.poisson(1.5 * counts),
        fatalities_high=rng.poisson(1.5 * counts) * 2,
        per_1000km2=counts / units["area_km2"] * 1e3,
        foreign_exposure=1.0,
        notes="someone saw it",
    )


COLUMNS = [
    "incidents",
    "per_1000km2",
    "fatalities_best",
    "fatalities_high",
    "foreign_exposure",
    "area_km2",
]


def page_data(m):
    return next(child for child in m._children.values() if isinstance(child, PageElement)).data


def test_what_is_made_of_a_hidden_count_is_hidden_with_it(table):
    safe = safe_units(table, COLUMNS)
    assert safe.columns == ("incidents", "per_1000km2", "fatalities_best", "area_km2")
    assert safe.dropped == ("fatalities_high", "foreign_exposure")
    assert "notes" not in safe.units
    hidden = safe.units[HIDDEN] > 0
    assert hidden.to_numpy()[table["incidents"].between(1, 4)].all()
    for name in ("incidents", "per_1000km2", "fatalities_best"):
        assert safe.units.loc[hidden, name].isna().all()
        shown = safe.units.loc[~hidden, name]
        pd.testing.assert_series_equal(shown, table.loc[~hidden, name].astype(float))
    assert safe.units["area_km2"].notna().all()


def test_what_holds_no_count_is_kept_where_it_is_asked_for(table):
    known = table.assign(population=7.0, distance_to_border_km=3.0)
    safe = safe_units(known, ["incidents", "population"])
    assert (safe.columns, safe.dropped) == (("incidents", "population"), ())
    assert (safe.units["population"] == 7).all()
    assert "distance_to_border_km" not in safe.units
    assert safe.units["area_km2"].equals(table["area_km2"])


def test_what_is_not_published_hides_nothing(table):
    alone = table.drop(columns=[name for name in table if str(name).startswith("fatalities")])
    safe, bare = safe_units(table, "incidents"), safe_units(alone, "incidents")
    assert safe.protected.counts == bare.protected.counts == ("incidents",)
    assert (safe.units[HIDDEN] == bare.units[HIDDEN]).all()
    assert safe.protected.keys == ("country", "adm1_id", "unit_id")
    regions = safe_units(sg.load_boundaries(level=1).assign(incidents=9), "incidents")
    assert regions.protected.keys == ("country", "unit_id")  # no region is part of itself
    mixed = table.assign(adm1_id=table["adm1_id"].where(table.index > 0, table["unit_id"]))
    assert safe_units(mixed, "incidents").protected.keys == ("country", "adm1_id", "unit_id")


def test_nobody_can_work_a_small_count_out_of_the_map_and_its_totals(table):
    safe = safe_units(table, COLUMNS).protected
    for name in safe.counts:
        seen = possible_values(safe, name)
        cells = seen[seen["level"] == seen["level"].max()].set_index("unit_id")
        truth = table.set_index("unit_id")[name].reindex(cells.index)
        small = truth.between(1, 4)
        assert (cells.loc[small, "low"] <= 1).all()
        assert (cells.loc[small, "high"] >= 4).all()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_hidden_units_are_a_class_of_their_own(table, lang):
    m = sg.choropleth(table, ["incidents", "per_1000km2"], lang=lang, publish="safe")
    plain = sg.choropleth(safe_units(table, COLUMNS).units, "incidents", lang=lang)
    indicator = page_data(m)["indicators"][0]
    kinds = [entry["kind"] for entry in indicator["classes"]]
    assert kinds[-1] == "suppressed"
    hidden = (safe_units(table, "incidents").units[HIDDEN] > 0).sum()
    assert indicator["classes"][-1]["count"] == hidden
    assert next(entry["low"] for entry in indicator["classes"] if entry["kind"] == "range") == 5
    assert page_data(plain)["indicators"][0]["classes"][-1]["kind"] == "suppressed"


def test_hidden_and_missing_are_two_classes(table):
    part = table.assign(incidents=table["incidents"].astype(float))
    part.loc[part.index[:3], "incidents"] = np.nan
    m = sg.choropleth(part, "incidents", publish="safe")
    classes = page_data(m)["indicators"][0]["classes"]
    assert [entry["kind"] for entry in classes[-2:]] == ["suppressed", "no_data"]
    assert classes[-1]["count"] == 3


def test_the_file_does_not_tell_small_counts_from_those_that_protect_them(table, tmp_path):
    """Two truths with the same published figures give the same bytes."""
    safe = safe_units(table, ["incidents"])
    other = table.copy()
    hidden = (safe.units[HIDDEN] > 0).to_numpy()
    groups = other[hidden].groupby("adm1_id")["incidents"]
    for _, counts in groups:
        high, low = counts.idxmax(), counts.idxmin()
        if counts[high] >= 6 and counts[low] in (1, 2, 3):
            other.loc[high, "incidents"] -= 1
            other.loc[low, "incidents"] += 1
            break
    assert (other["incidents"] != table["incidents"]).sum() == 2
    again = safe_units(other, ["incidents"])
    assert (again.units[HIDDEN] == safe.units[HIDDEN]).all()
    pages = [
        sg.save_map(
            sg.choropleth(each, "incidents", publish="safe"), tmp_path / f"{at}.html"
        ).read_text(encoding="utf-8")
        for at, each in enumerate((table, other))
    ]
    assert pages[0] == pages[1]


def test_refuses_what_cannot_be_made_safe(table):
    with pytest.raises(InputError, match="none of which can be made safe"):
        sg.choropleth(table, "foreign_exposure", publish="safe")
    with pytest.raises(InputError, match="no column 'incidents'"):
        sg.choropleth(table.drop(columns="incidents"), "per_1000km2", publish="safe")
    with pytest.raises(InputError, match=r"`publish` is 'yes'; expected one of \['full', 'safe'\]"):
        sg.choropleth(table, "incidents", publish="yes")


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_says_what_was_done(table, open_page, tmp_path, lang):
    m = sg.choropleth(table, COLUMNS, lang=lang, publish="safe")
    page, faults = open_page(sg.save_map(m, tmp_path / "safe.html"))
    page.wait_for_timeout(300)
    assert faults == []
    shown = page.locator("body").inner_text()
    assert ("de 1 à 4 sont masqués" if lang == "fr" else "from 1 to 4 are hidden") in shown
    assert "foreign_exposure" in shown
    assert re.search("Masqué" if lang == "fr" else "Hidden", shown)
    assert "someone saw it" not in page.content()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_says_that_layers_added_by_hand_are_not_protected(table, tmp_path, lang):
    m = sg.choropleth(table, COLUMNS[:1], publish="safe", lang=lang)
    quiet = sg.save_map(m, tmp_path / "quiet.html").read_text(encoding="utf-8")
    folium.Marker([15.9, 2.4]).add_to(m)
    folium.FeatureGroup("places").add_to(m)
    note = {"fr": "2 couches ajoutées à la main", "en": "2 layers added by hand"}[lang]
    assert note not in quiet
    with pytest.warns(UserWarning, match="nothing protects: .*Marker.*FeatureGroup.*; the page"):
        loud = sg.save_map(m, tmp_path / "loud.html").read_text(encoding="utf-8")
    assert note in loud
    with pytest.warns(UserWarning, match="2 layers added by hand"):
        picture = sg.save_png(m, tmp_path / "loud.svg", lang=lang).read_text(encoding="utf-8")
    assert re.search(r"2 (couche|layer)", picture)


def test_layers_on_a_map_with_everything_need_no_warning(table, tmp_path):
    m = sg.choropleth(table, COLUMNS[:1])
    folium.Marker([15.9, 2.4]).add_to(m)
    assert "added by hand" not in sg.save_map(m, tmp_path / "m.html").read_text(encoding="utf-8")
