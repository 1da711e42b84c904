import dataclasses

import pytest
import shapely

from sahel_geo.errors import InputError
from sahel_geo.i18n.countries import COUNTRY_NAMES
from sahel_geo.places.context import TOWN_RANKS, load_neighbour_countries, load_towns
from sahel_geo.places.zones import load_zone
from sahel_geo.schema import UNIT_COLUMNS


def test_menaka_zone_at_level_2():
    names = load_zone().units.groupby("country")["name"].agg(set)
    assert names["MLI"] == {
        "Ménaka", "Andéramboukane", "Inékar", "Tidermène", "Ansongo", "Gao", "Tin-Essako",
    }  # fmt: skip
    assert names["NER"] >= {"Abala", "Ayerou", "Banibangou", "Bankilaré", "Ouallam", "Téra"}
    assert names["BFA"] == {"Oudalan", "Séno", "Soum", "Yagha"}


def test_menaka_zone_at_level_1():
    assert load_zone(level=1).units["name"].tolist() == ["Gao", "Ménaka", "Tillabéri", "Sahel"]


@pytest.mark.parametrize("name", ["menaka-tri-border", "liptako-gourma"])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_zone_is_one_piece_around_the_tri_point(name, level):
    zone = load_zone(name, level=level)
    assert tuple(zone.units.columns) == UNIT_COLUMNS
    assert zone.outline.geom_type == "Polygon"
    assert zone.outline.buffer(0.001).contains(shapely.Point(0.218, 14.989))
    assert zone.units["area_km2"].sum() > 100_000
    assert set(zone.units["country"]) == {"MLI", "NER", "BFA"}


def test_zones_of_levels_cover_much_the_same_ground():
    two, three = load_zone(level=2).outline, load_zone(level=3).outline
    assert two.intersection(three).area / two.union(three).area > 0.75


def test_a_zone_says_what_it_is_in_two_languages():
    zone = load_zone("menaka-tri-border")
    assert "moitié" in zone.definition_fr
    assert "80 km" in zone.definition_fr
    assert "200 km" in zone.definition_en
    assert zone.title_fr.startswith("Ménaka")
    with pytest.raises(dataclasses.FrozenInstanceError, match="name"):
        zone.name = "other"


def test_zone_in_another_vintage():
    zone = load_zone(level=1, vintage={"BFA": "2025"})
    assert {"Liptako", "Soum"} <= set(zone.units["name"])


def test_unknown_zone_names_the_nearest():
    with pytest.raises(InputError, match=r"`name` is 'menaka'.*Did you mean 'menaka-tri-border'"):
        load_zone("menaka")
    with pytest.raises(InputError, match="`level` is 0; expected 1, 2 or 3"):
        load_zone(level=0)


def test_neighbour_countries():
    around = load_neighbour_countries().set_index("country")
    assert set(COUNTRY_NAMES) - {"MLI", "NER", "BFA"} <= set(around.index)
    assert around.crs.to_epsg() == 4326
    assert around.loc["DZA", "name_fr"] == "Algérie"
    assert around.geometry.is_valid.all()
    assert not around.geometry.is_empty.any()


def test_chief_towns_have_their_rank():
    towns = load_towns().drop_duplicates("name").set_index("name")  # the highest rank of a name
    assert towns.loc[["Bamako", "Niamey", "Ouagadougou"], "rank"].eq("capital").all()
    chief = ["Ménaka", "Gao", "Tillabéri", "Dori", "Fada N'Gourma", "Ouahigouya", "Agadez"]
    assert towns.loc[chief, "rank"].eq("region").all()
    seats = ["Djibo", "Gorom-Gorom", "Sebba", "Ansongo", "Ayorou", "Abala", "Ouallam", "Tillia"]
    assert towns.loc[seats, "rank"].eq("district").all()


def test_every_region_has_its_capital_or_chief_town(units):
    towns = load_towns(["MLI", "NER", "BFA"])
    seats = towns[towns["rank"].isin(["capital", "region"])]
    regions = units[1]
    count = [int(regions.geometry.contains(point).sum()) for point in seats.geometry]
    assert count == [1] * 31
    assert all(regions.geometry.apply(lambda shape: seats.geometry.within(shape).sum()) == 1)


def test_towns_lie_in_the_commune_they_name(units):
    towns = load_towns(["MLI", "NER", "BFA"])
    inside = towns[towns["unit_id"].notna()].merge(
        units[3][["unit_id", "geometry", "country"]], on="unit_id", suffixes=("", "_unit")
    )
    assert len(inside) >= 280
    assert (inside["country"] == inside["country_unit"]).all()
    # A river town or one on a border may stand on the other bank of a generalised line.
    assert shapely.distance(inside["geometry"], inside["geometry_unit"]).max() < 0.03
    assert set(towns["rank"]) == set(TOWN_RANKS)


def test_towns_of_chosen_countries():
    assert set(load_towns("nga")["country"]) == {"NGA"}
    every = load_towns()
    assert load_towns(sorted(set(every["country"])))["name"].tolist() == every["name"].tolist()
    assert {"N’Djamena", "Lomé", "Tamanrasset"} <= set(load_towns()["name"])
    mine = load_towns(["nga", "MLI"])
    assert list(mine["country"].unique()) == ["MLI", "NGA"]
    assert mine.index.tolist() == list(range(len(mine)))
    assert mine.columns.tolist() == load_towns().columns.tolist()
    with pytest.raises(InputError, match=r"`countries` is .*'FRA'.*; expected one or more of"):
        load_towns(["MLI", "FRA"])
    with pytest.raises(InputError, match=r"`countries` is \[\]; expected one or more of"):
        load_towns([])
