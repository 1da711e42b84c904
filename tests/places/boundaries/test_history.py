"""Frames by date, and the life of units."""

from datetime import date, datetime

import pandas as pd
import pytest

from sahel_geo.errors import InputError
from sahel_geo.places.boundaries.boundaries import HISTORY, _frames_at, load_boundaries
from sahel_geo.places.boundaries.names import match_units
from sahel_geo.places.boundaries.vintages import FRAMES


def regions(country, **kwargs):
    return load_boundaries(1, countries=country, resolution="5m", **kwargs).set_index("name")


@pytest.mark.parametrize(
    ("day", "mali", "burkina"),
    [
        ("2014-06-01", "2012", "2001"),
        ("2016-01-18", "2012", "2001"),
        ("2016-01-19", "2016", "2001"),
        ("2023-03-12", "2016", "2001"),
        ("2023-03-13", "2023", "2001"),
        ("2025-07-01", "2023", "2001"),
        ("2025-07-02", "2023", "2025"),
        (date(2014, 6, 1), "2012", "2001"),
        (datetime(2025, 12, 31, 23, 59), "2023", "2025"),  # noqa: DTZ001  a day, not an instant
        (pd.Timestamp("2016-01-19"), "2016", "2001"),
    ],
)
def test_a_day_picks_the_frame_of_each_country(day, mali, burkina):
    found = _frames_at(day, ["MLI", "NER", "BFA"], 2)
    assert found == {"MLI": mali, "NER": "2023", "BFA": burkina}


def test_as_of_equals_the_vintages_of_that_day():
    by_day = load_boundaries(2, as_of="2025-12-31", resolution="5m")
    by_name = load_boundaries(2, vintage={"MLI": "2023", "BFA": "2025"}, resolution="5m")
    pd.testing.assert_frame_equal(pd.DataFrame(by_day), pd.DataFrame(by_name))


@pytest.mark.parametrize("day", ["2014", "yesterday", "2014-13-01", 2014, None])
def test_unreadable_days(day):
    with pytest.raises(InputError, match=r"`as_of` is .*; expected a day such as '2014-06-01'"):
        _frames_at(day, ["MLI"], 1)


def test_a_day_before_the_first_frame_is_not_guessed():
    with pytest.raises(InputError, match=r"before the first frame known at level 2 of \['NER'\]"):
        load_boundaries(2, as_of="1997-01-01", countries="NER")
    assert len(load_boundaries(1, as_of="2005-01-01", resolution="5m")) == 9 + 8 + 13
    assert len(load_boundaries(0, as_of="1970-01-01", resolution="5m")) == 3


def test_a_day_and_a_vintage_exclude_each_other():
    with pytest.raises(InputError, match="`as_of` is '2014-06-01' and `vintage` is '2012'"):
        load_boundaries(1, as_of="2014-06-01", vintage="2012")


def test_every_legal_frame_exists_and_starts_in_order():
    for country, frames in HISTORY.items():
        legal = [name for name, frame in FRAMES[country].items() if name != "2021"]
        assert sorted(legal) == sorted(frames)
        days = [levels[1].day for levels in frames.values()]
        assert days == sorted(days)


def test_lives_of_mali_regions():
    before, between, after = (regions("MLI", vintage=year) for year in ("2012", "2016", "2023"))
    assert str(before.loc["Gao", "valid_to"].date()) == "2016-01-19"
    assert "2012-017" in between.loc["Ménaka", "legal_act"]
    assert str(between.loc["Ménaka", "valid_from"].date()) == "2016-01-19"
    assert pd.isna(after.loc["Ménaka", "valid_to"])
    # Sikasso is the same until 2023, and another one afterwards.
    assert str(before.loc["Sikasso", "valid_to"].date()) == "2023-03-13"
    assert before.loc["Sikasso", "valid_from"] == between.loc["Sikasso", "valid_from"]
    assert "2023-006" in after.loc["Sikasso", "legal_act"]


def test_a_frame_of_codes_borrows_the_lives_of_legal_units():
    coded = regions("MLI")
    assert "2012-017" in coded.loc["Ménaka", "legal_act"]
    assert str(coded.loc["Tombouctou", "valid_to"].date()) == "2016-01-19"  # Taoudénit still in it


def test_a_new_name_starts_a_new_life():
    old, new = regions("BFA"), regions("BFA", vintage="2025")
    assert new.loc["Tannounyan", "unit_id"] == old.loc["Cascades", "unit_id"] == "BF47"
    assert str(old.loc["Cascades", "valid_to"].date()) == "2025-07-02"
    assert str(new.loc["Tannounyan", "valid_from"].date()) == "2025-07-02"


def test_the_lives_of_one_country_do_not_overlap():
    """On any day, exactly one frame of each country claims each of its current units."""
    for country, frames in HISTORY.items():
        tables = [regions(country, vintage=vintage) for vintage in frames]
        lives = pd.concat([t[["unit_id", "valid_from", "valid_to"]] for t in tables])
        lives = lives.reset_index().drop_duplicates()
        for _, unsorted in lives.groupby("name"):
            rows = unsorted.sort_values("valid_from")
            ends = rows["valid_to"].iloc[:-1].to_numpy()
            assert (rows["valid_from"].iloc[1:].to_numpy() >= ends).all()


def test_reconstructions_are_flagged():
    taoudenit = regions("MLI", vintage="2016")
    assert set(taoudenit.index[taoudenit["approximate"]]) == {"Taoudénit", "Tombouctou"}
    later = regions("MLI", vintage="2023")
    assert later.loc[["Bamako", "Koulikoro"], "approximate"].all()
    assert not later.loc[["Bougouni", "Gao", "Taoudénit"], "approximate"].any()
    cercles = load_boundaries(2, countries="MLI", vintage="2023", resolution="5m")
    flagged = cercles.set_index("name")["approximate"]
    assert flagged[["Taoudénit", "Tin-Essako", "Bourem", "Gabéro"]].all()
    assert not flagged[["Tidermène", "Yélimané", "Fana"]].any()
    for country in ("NER", "BFA"):
        assert not load_boundaries(3, countries=country, resolution="5m")["approximate"].any()
    assert not load_boundaries(3, countries="MLI", resolution="5m")["approximate"].any()
    # What is not known of 2016 is which communes Taoudénit took, not where they lie.
    then = load_boundaries(2, countries="MLI", vintage="2016", resolution="5m")
    assert set(then.loc[then["approximate"], "name"]) == {"Taoudénit", "Tombouctou"}
    for vintage, share in (("2012", 0), ("2016", 0), ("2023", 1)):
        communes = load_boundaries(3, countries="MLI", vintage=vintage, resolution="5m")
        assert communes["approximate"].mean() == share


@pytest.mark.reference
def test_cercles_of_2023_against_those_of_ocha(reference_data):
    path = reference_data.parent / "reference" / "reference_codab_units.csv"
    if not path.is_file():
        pytest.skip(f"no {path.name} beside the reference data")
    table = pd.read_csv(path, dtype={"vintage": str})
    table = table[(table["vintage"] == "v03_20250904") & (table["level"] == 2)]
    theirs = table.assign(key=table["name_fr"].fillna(table["name"]).str.casefold())
    ours = load_boundaries(2, countries="MLI", vintage="2023").assign(
        key=lambda frame: frame["name"].str.casefold()
    )
    both = ours.merge(theirs[["key", "area_km2_geodesic"]], on="key")
    assert len(both) >= 120
    error = (both["area_km2"] / both["area_km2_geodesic"] - 1).abs()
    sure = ~both["approximate"]
    assert error[sure].median() < 0.01
    assert error[sure].max() < 0.1


def test_niger_before_the_law_of_2011_had_36_departments_and_niamey():
    before = load_boundaries(2, countries="NER", as_of="2008-06-01")
    now = load_boundaries(2, countries="NER")
    assert len(before) == 37
    assert before["area_km2"].sum() == pytest.approx(now["area_km2"].sum())
    assert len(load_boundaries(2, countries="NER", as_of="2011-08-08")) == 67
    of_region = before.groupby("adm1_name")["name"].count().to_dict()
    assert of_region == {"Agadez": 3, "Diffa": 3, "Dosso": 5, "Maradi": 6, "Niamey": 1, "Tahoua": 8,
                         "Tillabéri": 6, "Zinder": 5}  # fmt: skip
    assert set(before.loc[before["approximate"], "name"]) == {"Madarounfa", "Tahoua", "Mirriah"}
    ended = before[before["valid_to"].notna()]
    assert set(ended["valid_to"]) == {pd.Timestamp("2011-08-08")}
    assert ended["unit_id"].str.startswith("NER-1998-").all()
    assert len(before) - len(ended) == 13


@pytest.mark.parametrize(
    ("new", "old"),
    [(("Téra", "Gothèye", "Bankilaré"), "Téra"), (("Say", "Torodi"), "Say"),
     (("Filingué", "Abala", "Balleyara"), "Filingué"), (("Diffa", "Bosso"), "Diffa"),
     (("Tchintabaraden", "Tassara", "Tillia"), "Tchintabaraden"),
     (("Mirriah", "Takeita", "Damagaram Takaya", "Ville de Zinder"), "Mirriah")],
)  # fmt: skip
def test_departments_of_2011_lie_in_the_one_that_they_came_out_of(new, old):
    now = load_boundaries(2, countries="NER").set_index("name")["area_km2"]
    before = load_boundaries(2, countries="NER", vintage="1998").set_index("name")["area_km2"]
    assert now[list(new)].sum() == pytest.approx(before[old])


def test_departments_as_acled_and_gadm_spell_them_are_those_before_2011():
    units = load_boundaries(2, countries="NER", vintage="1998")
    names = ["Tera", "Groumdji", "Konni", "Tchin-Tabarade", "Matameye", "Tillabery", "Maine-Soroa",
             "N'Guigmi", "Illela", "Filingue", "Mirriah", "Niamey"]  # fmt: skip
    found = match_units(names, units)
    assert found["name"].tolist() == [
        "Téra", "Guidan Roumdji", "Birni N'Konni", "Tchintabaraden", "Kantché", "Tillabéri",
        "Maïné Soroa", "N'Guigmi", "Illéla", "Filingué", "Mirriah", "Ville de Niamey",
    ]  # fmt: skip
