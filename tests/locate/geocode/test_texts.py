"""Places in free text: spans, scene and context, groups and people passed over, dates."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError
from sahel_geo.locate.geocode.reports.mentions import find_mentions
from sahel_geo.locate.geocode.reports.texts import _on_whole_lines

POINTS = ["name", "lon", "lat", "country"]


@pytest.fixture(scope="module")
def gazetteer():
    villages = pd.DataFrame(
        [("Kelwa", -3.00, 14.40, "MLI"), ("Kelwa", 2.20, 15.90, "MLI"),
         ("Boni", -2.2, 15.07, "MLI"),
         ("Macina", -5.35, 13.96, "MLI"), ("Solhan", 0.27, 13.52, "BFA")],
        columns=["name", "lon", "lat", "country"],
    )  # fmt: skip
    return sg.load_gazetteer(villages, cache=False)


def roles(text, gazetteer, **options):
    hits = sg.geocode_text(text, gazetteer, **options)
    return dict(zip(hits["text"], hits["role"], strict=True))


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("La Katiba Macina a attaqué Boni.", "fr", {"Boni": "scene"}),
        ("Ansarul Islam et Dan Na Ambassagou se sont affrontés à Boni.", "fr", {"Boni": "scene"}),
        ("Le colonel Moussa Gao a vu des morts à Djibo.", "fr", {"Djibo": "scene"}),
        ("Des hommes venus de Dori ont attaqué Solhan.", "fr",
         {"Dori": "context", "Solhan": "scene"}),
        ("Residents of Dori fled after the attack in Djibo.", "en",
         {"Dori": "context", "Djibo": "scene"}),
        ("Solhan was attacked at dawn.", "en", {"Solhan": "scene"}),
        ("Les blessés ont été évacués vers Gao après l'attaque d'Ansongo.", "fr",
         {"Gao": "context", "Ansongo": "scene"}),
        ("Hier, des civils ont été tués dans la région du Sahel à Djibo.", "fr",
         {"Djibo": "scene", "Sahel": "context"}),
        ("Le maire de Dori a annoncé la mort de deux civils à Djibo.", "fr",
         {"Dori": "context", "Djibo": "scene"}),
        ("Gunmen coming from Mali attacked Solhan.", "en", {"Solhan": "scene"}),
        ("Un bus attaqué sur l'axe Dori - Djibo.", "fr", {"Dori": "scene", "Djibo": "scene"}),
        ("A truck carrying fuel to Dori was torched in Djibo.", "en",
         {"Dori": "context", "Djibo": "scene"}),
        ("An outpost fell in Boni, close to the border with Burkina Faso.", "en",
         {"Boni": "scene"}),
        ("The minister spoke about peace.", "en", {}),
        ("", "fr", {}),
    ],
)  # fmt: skip
def test_scene_and_context_are_told_apart(gazetteer, text, lang, expected):
    assert roles(text, gazetteer, lang=lang) == expected


def test_spans_point_at_the_names(gazetteer):
    text = "Une embuscade près d'Ansongo et une attaque à Gorom-Gorom : dix morts."
    hits = sg.geocode_text(text, gazetteer)
    assert [text[a:b] for a, b in zip(hits["start"], hits["end"], strict=True)] == [
        "Ansongo", "Gorom-Gorom",
    ]  # fmt: skip
    assert hits["text"].tolist() == ["Ansongo", "Gorom-Gorom"]


@pytest.mark.parametrize(
    ("text", "lon"),
    [
        ("Trois morts à Kelwa, dans la région de Mopti.", -3.0),
        ("Trois morts à Kelwa, dans la région de Ménaka.", 2.2),
        ("Three dead in Kelwa, Mopti region.", -3.0),
        ("Des tirs à Ménaka puis une attaque à Kelwa.", 2.2),
    ],
)
def test_stated_regions_and_company_settle_an_ambiguous_name(gazetteer, text, lon):
    hits = sg.geocode_text(text, gazetteer).set_index("text")
    assert hits.loc["Kelwa", "lon"] == lon


@pytest.mark.parametrize(
    "words", ["15 km", "quinze kilomètres", "environ quinze km", "une quinzaine de kilomètres"]
)
def test_an_offset_in_a_sentence_moves_the_point(gazetteer, words):
    text = f"Une mine a explosé à {words} au nord de Ansongo, tuant un civil."
    moved = sg.geocode_text(text, gazetteer).iloc[0]
    base = sg.geocode(["Ansongo"], gazetteer, country="MLI").iloc[0]
    azimuth, _, metres = WGS84.inv(base["lon"], base["lat"], moved["lon"], moved["lat"])
    assert metres == pytest.approx(15_000, abs=1)
    assert azimuth == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("text", "date"),
    [("Attaque à Gao le 1er mars 2020.", "2020-03-01"),
     ("Attack in Gao on March 5, 2021.", "2021-03-05"),
     ("Gao, 2019-12-10 : attaque.", "2019-12-10"), ("Attaque à Gao hier.", None)],
)  # fmt: skip
def test_a_stated_date_is_read(gazetteer, text, date):
    found = sg.geocode_text(text, gazetteer)["date"].iloc[0]
    assert (None if pd.isna(found) else str(found.date())) == date


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_answered_with_spans_inside_it(gazetteer, text):
    hits = sg.geocode_text(text, gazetteer)
    assert ((hits["start"] >= 0) & (hits["start"] < hits["end"])).all()
    assert (hits["end"] <= len(text)).all()
    ends = hits["end"].tolist()
    assert all(end <= start for end, start in zip(ends, hits["start"].tolist()[1:], strict=False))


def test_longer_names_come_before_their_parts():
    names = [each.name for each in find_mentions("Attaque à Fada N'Gourma.")]
    assert names.index("Fada N'Gourma") < names.index("N'Gourma")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Fada N'Gourma a été attaquée.", "Fada N'Gourma"),  # opens its sentence
        ("Attaque Boni : deux morts.", "Boni"),  # the capital is the sentence's
        ("Une attaque à Ti n Aka.", "Ti n Aka"),
        ("Une attaque à Tin Ag Koreye.", "Tin Ag Koreye"),
        ("Deux morts à Boni le matin.", "Boni"),
        ("Deux morts à Pô.", "Pô"),
        ("Deux morts à Gao. Boni brûle.", "Gao"),
    ],
)
def test_a_name_is_read_whole_and_no_further(text, first):
    assert next(find_mentions(text)).name == first


def test_a_name_of_five_letters_that_opens_a_sentence_is_a_place():
    assert sg.geocode_text("Djibo saw two attacks.", lang="en")["match_name"].tolist() == ["Djibo"]


def test_the_quarters_of_the_sky_are_no_names_unless_they_are_called_regions():
    told = "L'Est et le Nord du pays, à l'Ouest et au Sud."
    assert list(find_mentions(told)) == []
    for told in ("dans la région de l'Est.", "dans la région du Nord.", "in Nord region."):
        assert [each.name for each in find_mentions(told)] in (["Est"], ["Nord"])


@pytest.mark.parametrize("group", ["JNIM", "Katiba Macina", "Ansarul Islam", "Boko Haram"])
def test_the_name_of_a_group_beside_that_of_a_place_is_no_part_of_it(group):
    for text in (f"Attaque à Fada N'Gourma {group}", f"Attaque à Boni {group} hier."):
        names = [each.name for each in find_mentions(text)]
        assert names[0] in {"Fada N'Gourma", "Boni"}
        assert not any(set(name.split()) & set(group.split()) for name in names)


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("Des hommes armés ont tué Adama Djibo Diallo hier soir.", False),
        ("Hier soir, Adama Djibo est mort chez lui.", False),
        ("Kidnapping Djibo hier soir, trois civils pris au marché.", True),  # opens the sentence
        ("Hier soir, Kidnapping Djibo, trois civils pris au marché.", False),
        ("Deux Hommes Tués Hier Soir Au Marché Central Djibo", True),
        ("ATTAQUE MEURTRIÈRE HIER CONTRE DJIBO PETEL", True),
        ("Deux morts à Djibo Lundi matin, près du marché.", True),
        ("Gunmen attacked Djibo Airport again last night.", True),
        ("Gunmen attacked Djibo Town on Monday.", True),  # says what the place is
    ],
)
def test_beside_another_capital_a_name_is_a_place_only_where_all_have_them(text, sure):
    found = sg.geocode_text(text, country="BFA")
    djibo = found[found["text"].str.upper().str.startswith("DJIBO")]
    assert djibo["match_name"].tolist() == ["Djibo"]
    assert djibo["location_precision"].isin(["exact", "near"]).tolist() == [sure]


def test_wrong_arguments_are_named(gazetteer):
    with pytest.raises(InputError, match="`text` is a int"):
        sg.geocode_text(5, gazetteer)
    with pytest.raises(InputError, match="`text` has 300,000 characters"):
        sg.geocode_text("x" * 300_000, gazetteer)
    with pytest.raises(InputError, match="`lang` is 'de'"):
        sg.geocode_text("Gao", gazetteer, lang="de")
    with pytest.raises(InputError, match="`country` is 'FRA'"):
        sg.geocode_text("Gao", gazetteer, country="FRA")


def test_units_in_brackets_bind_the_place_before_them_and_are_context(gazetteer):
    text = "Militants attacked a VDP position in Solhan (Yagha, Sahel). 4 killed."
    hits = sg.geocode_text(text, gazetteer, lang="en").set_index("text")
    assert hits["role"].to_dict() == {"Solhan": "scene", "Yagha": "context", "Sahel": "context"}
    assert hits.loc["Yagha", "location_precision"] == "admin2"
    assert hits.loc["Sahel", "location_precision"] == "admin1"
    assert (hits["lon"] > -5.6).all()  # none in the commune of Sahel in the west of Mali


def test_a_village_that_no_source_has_lies_in_the_smallest_unit_that_is_stated(gazetteer):
    stated = ["la région de Mopti", "le cercle de Koro", "la commune de Madougou"]
    for size, precision in enumerate(("admin1", "admin2", "admin3"), start=1):
        text = f"Dans {', '.join(stated[:size])}, des hommes ont brûlé le village de Zzykwel."
        hits = sg.geocode_text(text, gazetteer).set_index("text")
        smallest = hits.index[size - 1]
        assert hits.loc["Zzykwel", ["role", "location_precision"]].tolist() == ["scene", precision]
        assert hits.loc["Zzykwel", "match_id"] == hits.loc[smallest, "match_id"]
        other = sg.geocode_text(text.replace("le village de Zzykwel", "Zzykwel"), gazetteer)
        assert "Zzykwel" not in other["text"].tolist()  # nothing says that it is a place


def test_brackets_of_two_places_bind_one_each(gazetteer):
    text = "Attaques à Kelwa (Mopti) et à Kelwa (Ménaka) : 3 morts."
    hits = sg.geocode_text(text, gazetteer, country="MLI")
    points = hits.loc[hits["text"] == "Kelwa", ["lon", "lat"]].to_numpy().tolist()
    assert points == [[-3.00, 14.40], [2.20, 15.90]]


@pytest.mark.parametrize(
    ("text", "lang"),
    [("Une mine a explosé sur l'axe Ansongo-Ménaka : 2 morts.", "fr"),
     ("An IED struck a truck on the Ansongo-Ménaka road, killing 2.", "en")],
)  # fmt: skip
def test_a_stretch_of_road_is_a_scene(gazetteer, text, lang):
    hits = sg.geocode_text(text, gazetteer, lang=lang)
    assert hits[["text", "role", "method"]].values.tolist() == [
        ["Ansongo-Ménaka", "scene", "between"]
    ]


@pytest.mark.parametrize(
    ("region", "town"), [("Gao", "Ségou"), ("l'Est", "Banfora"), ("Diffa", "Dosso")]
)
def test_a_town_outside_the_stated_region_is_not_lost(gazetteer, region, town):
    text = (
        f"Dans la région de {region}, le calme ; des hommes armés ont attaqué la ville de {town}."
    )
    hits = sg.geocode_text(text, gazetteer).set_index("text")
    assert hits["role"].to_dict() == {region.removeprefix("l'"): "context", town: "scene"}
    assert hits.loc[town, ["location_precision", "match_name"]].tolist() == ["exact", town]


@pytest.mark.parametrize(
    ("text", "lang"),
    [("Une attaque entre Gao et Ansongo a fait deux morts.", "fr"),
     ("Two died between Gao and Ansongo.", "en")],
)  # fmt: skip
def test_what_happened_between_two_places_is_amid_them(gazetteer, text, lang):
    first = sg.geocode_text(text, gazetteer, lang=lang).iloc[0]
    ends = sg.geocode(["Gao", "Ansongo"], gazetteer, country="MLI")
    lines = [WGS84.inv(first["lon"], first["lat"], *end)[2] for end in
             zip(ends["lon"], ends["lat"], strict=True)]  # fmt: skip
    assert first["method"] == "between"
    assert lines[0] == pytest.approx(lines[1], rel=1e-3)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Militants attacked Solhan (Yagha).", {"Yagha": "admin2"}),
        ("Attaques à Kelwa (Mopti) : 3 morts.", {"Mopti": "admin1"}),
        ("Trois morts à Solhan, Yagha.", {"Yagha": "admin2"}),
        ("Trois morts à Zzykwel, Gao.", {"Gao": "admin1"}),  # in no source
        ("Trois morts à Bamako, Gao.", {}),  # known, and elsewhere
    ],
)
def test_a_unit_behind_a_place_in_brackets_or_behind_a_comma_is_its_own(gazetteer, text, units):
    hits = sg.geocode_text(text, gazetteer)
    told = hits[(hits["role"] == "context") & (hits["method"] == "unit")]
    assert dict(zip(told["text"], told["location_precision"], strict=True)) == units


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("Une attaque entre Pama et Fada N'Gourma hier a fait deux morts.", "Pama - Fada N'gourma"),
        ("Une attaque entre Bourem et Ti n Akof hier.", "Bourem - Tin-Akoff"),
        ("Une attaque entre Dori et Djibo hier.", "Dori - Djibo"),
    ],
)
def test_the_other_end_of_a_stretch_is_read_as_far_as_its_name_goes(text, match):
    assert sg.geocode_text(text)["match_name"].iloc[0] == match


@pytest.mark.parametrize(
    ("text", "lon"),
    [
        ("Une attaque au Mali, à Boni : deux morts.", -2.2),
        ("Au Mali, Boni a été attaqué.", -2.2),
        ("Une attaque au Burkina Faso, à Boni : deux morts.", -3.37874),
        ("Au Burkina Faso, Boni a été attaqué.", -3.37874),
        ("Venus du Burkina Faso, ils ont attaqué Boni, au Mali.", -2.2),
    ],
)
def test_the_country_that_a_report_names_tells_namesakes_apart(gazetteer, text, lon):
    hits = sg.geocode_text(text, gazetteer).set_index("text")
    assert hits.loc["Boni", "lon"] == lon


def test_a_place_behind_a_comma_that_is_no_unit_is_a_place(gazetteer):
    hits = sg.geocode_text("Trois morts à Zzykwel, Solhan.", gazetteer)
    assert hits[["text", "method", "lon"]].values.tolist() == [["Solhan", "exact", 0.27]]


@pytest.mark.parametrize(
    ("unit", "precision", "match"),
    [
        ("la région de Téra", None, None),
        ("le département de Téra", "admin2", "NE006011"),  # of the second level in Niger
        ("le département d'Arbinda", "admin3", "BF560301"),  # of the third in Burkina Faso
        ("la commune de Téra", "admin3", "NE006011005"),
        ("la commune urbaine de Téra", "admin3", "NE006011005"),
        ("la commune rurale de Markoye", "admin3", "BF560103"),
        ("le cercle de Gao", "admin2", "ML0703"),
        ("la province du Soum", "admin2", "BF5603"),
        ("Soum Province", "admin2", "BF5603"),
        ("Gao Region", "admin1", "ML07"),
        ("la région de l'Est", "admin1", "BF52"),
        ("la région du Nord", "admin1", "BF54"),
        ("Est region", "admin1", "BF52"),
        ("la région du Centre", "admin1", "BF13"),
        ("la région du nord", None, None),
        ("l'Est et le Nord du pays", None, None),
        ("Djibo Centre", None, None),
        ("Ansongo Cercle", "admin2", "ML0701"),
        ("Markoye commune", "admin3", "BF560103"),
        ("la commune de Bamako", "admin2", "ML0901"),  # whose communes have numbers
        ("la commune de Zinder", "admin2", "NE007011"),  # "Ville de Zinder", not Sinder
        ("la commune de Maradi", "admin2", "NE004007"),
        ("la commune de Sinder", "admin3", "NE006012006"),
        ("la commune de Zinder, région de Tillabéri", "admin3", "NE006012006"),
    ],
)
def test_a_unit_is_of_the_level_that_its_word_and_its_name_say(unit, precision, match):
    hits = sg.geocode_text(f"Une attaque a visé {unit}.")
    units = hits.loc[hits["method"] == "unit", ["location_precision", "match_id"]]
    assert units.values.tolist()[:1] == ([[precision, match]] if precision else [])


@pytest.mark.parametrize(
    ("text", "lang", "placed"),
    [
        ("Deux morts à Gorom-Gorem.", "fr", True),
        ("Gunmen raided Gorom-Gorem village.", "en", True),
        ("Gunmen raided Gorom-Gorem, Oudalan province, killing two.", "en", True),
        ("Des hommes ont attaqué Gorom-Gorem.", "fr", False),
        ("Le guide Gorom-Gorem est mort.", "fr", False),
        ("Boni saw two attacks.", "en", False),  # any word opens a sentence with a capital
        ("Boni, two killed.", "en", True),
    ],
)
def test_a_name_in_other_letters_or_that_opens_a_sentence_must_be_marked(
    gazetteer, text, lang, placed
):
    hits = sg.geocode_text(text, gazetteer, lang=lang)
    assert bool(hits["text"].isin(["Gorom-Gorem", "Boni"]).any()) == placed


def told_places(text, **options):
    hits = sg.geocode_text(text, **options)
    return list(zip(hits["text"], hits["role"], strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Des hommes ont tué six personnes à Sokoto, au Nigeria.", []),
        ("Deux policiers tués à Boni, dans le nord-ouest du Bénin.", []),
        ("Gunmen abducted pupils in Boni, north-western Nigeria.", []),
        ("Gunmen killed four people in Boni, Katsina State, Nigeria.", []),
        ("Attaque à Boni (Nigeria) : deux morts.", []),
        ("Au Togo, une mine a tué quatre soldats à Boni.", []),
        ("Smugglers travelling from Sebha in Libya were robbed in Agadez.", [("Agadez", "scene")]),
        ("Un commerçant venu de Kano a été enlevé à Diffa.", [("Diffa", "scene")]),
        # another country that the place does not lie in
        ("Deux soldats tués à Diffa, près de la frontière avec le Nigeria.", [("Diffa", "scene")]),
        ("Un convoi a été attaqué à Kidal, l'Algérie condamne.", [("Kidal", "scene")]),
        ("An attack in Diffa, Nigeria's army said, killed two.", [("Diffa", "scene")]),
        ("Deux morts entre Arlit, Libye et Tchad.", [("Arlit", "scene")]),
        ("Au Tchad et au Niger, des attaques ; à Diffa, dix morts.", [("Diffa", "scene")]),
        ("Au Nigeria, le président a condamné l'attaque de Diffa, au Niger.", [("Diffa", "scene")]),
    ],
)
def test_places_of_other_countries_are_not_looked_for_in_the_three(text, expected):
    assert told_places(text) == expected


def test_a_place_with_the_name_of_a_town_abroad_is_found_in_the_unit_that_is_stated():
    kano = sg.load_gazetteer(
        pd.DataFrame([("Kano", 8.9, 13.5, "NER")], columns=["name", "lon", "lat", "country"]),
        cache=False,
    )
    assert told_places("Deux morts à Kano.", gazetteer=kano) == []
    for text in ("Deux morts à Kano (région de Zinder).", "Deux morts au village de Kano."):
        assert ("Kano", "scene") in told_places(text, gazetteer=kano)


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("Journalist Moussa Djibo was abducted in Dori.", {"Dori"}),
        ("Ibrahim Djibo, enseignant, a été abattu à Dori.", {"Dori"}),
        ("« Ils ont tiré », raconte Amadou Bah Djibo, un habitant de Dori.", {"Dori"}),
        ("L'adjudant Djibo Ousmane est tombé à Dori.", {"Dori"}),
        ("Le préfet Moussa Djibo a été enlevé à Dori.", {"Dori"}),
        ("MOUSSA DJIBO TUE A DORI", {"DORI"}),
        ("LE MAIRE DE DJIBO CONFIRME DEUX MORTS A DORI", {"DJIBO", "DORI"}),
        ("ARMED MEN ABDUCT TEACHER NEAR DORI", {"DORI"}),
        ("The mayor of Djibo was killed in Dori.", {"Djibo", "Dori"}),
    ],
)
def test_a_person_called_like_a_place_is_none(text, sure):
    hits = sg.geocode_text(text)
    fine = hits[hits["location_precision"].isin(["exact", "near", "admin3"])]
    assert set(fine["text"]) == sure
    assert set(hits.loc[hits["role"] == "scene", "text"]) <= sure


def test_a_village_called_like_a_person_is_found_behind_a_word_of_place(gazetteer):
    named = sg.load_gazetteer(
        pd.DataFrame([("Ali", 0.5, 13.9, "NER")], columns=["name", "lon", "lat", "country"]),
        cache=False,
    )
    for text in ("Deux morts à Ali.", "Des hommes ont attaqué le village de Ali."):
        assert told_places(text, gazetteer=named) == [("Ali", "scene")]
    assert told_places("Ali a tué deux hommes.", gazetteer=named) == []


@pytest.mark.parametrize(
    "text",
    [
        "Une frappe de Barkhane a tué dix hommes à Djibo.",
        "The Azawad Liberation Front (FLA) shelled Djibo.",
        "Le Conseil pour le salut de l'Azawad a combattu à Djibo.",
        "La Force conjointe du G5 Sahel a perdu deux hommes à Djibo.",
        "The Islamic State Sahel Province (ISSP) attacked Djibo.",
        "Alliance des États du Sahel : une attaque repoussée à Djibo.",
        "Studio Tamani rapporte une attaque à Djibo.",
        "Une attaque à Djibo. Que Dieu nous protège. Merci de partager.",
        "Burkina : vingt morts à Djibo",
        "Militants clashed with Dozo hunters in Djibo.",
        "Des Touaregs ont été tués par des Dogons à Djibo.",
    ],
)
def test_groups_and_common_words_with_capitals_are_no_places(text):
    assert told_places(text) == [("Djibo", "scene")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Des hommes ont attaqué Arbynda.", []),  # sounds like a place, and nothing says so
        ("Des hommes ont attaqué le village de Arbynda.", ["Arbynda"]),
        ("Des hommes ont attaqué Djibo, Arbynda et Dori.", ["Djibo", "Arbynda", "Dori"]),
        ("Des hommes ont attaqué Arbinda.", ["Arbinda"]),
    ],
)
def test_a_name_of_the_same_sound_needs_a_word_of_place_or_company(text, expected):
    assert [name for name, _ in told_places(text, country="BFA")] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Djibo's market was set ablaze by gunmen.", [("Djibo", "scene")]),
        ("Djibo’s army camp was overrun.", [("Djibo", "scene")]),
        ("The attackers killed Djibo's mayor.", [("Djibo", "scene")]),
        ("Ten people were killed in Djibo, near Niger's border with Mali.", [("Djibo", "scene")]),
        ("Deux morts à Fada N'Gourma.", [("Fada N'Gourma", "scene")]),
    ],
)
def test_the_possessive_is_no_part_of_a_name(text, expected):
    assert told_places(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ATTAQUE EN COURS A DJIBO, PLUSIEURS MORTS", ["DJIBO"]),
        ("MILITANTS ATTACK ARMY CAMP IN DJIBO, DOZENS KILLED", ["DJIBO"]),
        ("ATTAQUE DU VILLAGE DE DJIBO", ["DJIBO"]),
        ("ATTAQUE A FADA N'GOURMA ET A TIN AKOFF", ["FADA N'GOURMA", "TIN AKOFF"]),
        ("ATTAQUE TERRORISTE DANS LA COMMUNE DE DJIBO", ["DJIBO"]),
    ],
)
def test_in_capitals_a_name_does_not_take_the_words_around_it(text, expected):
    assert told_places(text) == [(name, "scene") for name in expected]


def test_in_capitals_a_stretch_and_an_offset_are_read_as_in_small_letters():
    pairs = {
        "EMBUSCADE ENTRE DJIBO ET KONGOUSSI": "Embuscade entre Djibo et Kongoussi",
        "IED BLAST ON DJIBO-KONGOUSSI ROAD": "IED blast on Djibo-Kongoussi road",
        "FDS ATTAQUEES A 20 KM AU NORD DE DJIBO": "FDS attaquées à 20 km au nord de Djibo",
    }
    columns = ["role", "method", "lon", "lat", "radius_km"]
    for capitals, small in pairs.items():
        one, other = (sg.geocode_text(text)[columns].values.tolist() for text in (capitals, small))
        assert one[0] == other[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Les blessés ont été évacués vers\nKaya après l'attaque de\nDjibo.",
         [("Kaya", "context"), ("Djibo", "scene")]),
        ("Des assaillants ont attaqué hier les hommes de la garde\nà Djibo.", [("Djibo", "scene")]),
        ("Gunmen attacked the village of\r\nDjibo.", [("Djibo", "scene")]),
        # lines of their own
        ("Bilan :\n- Djibo : 3 morts\n- Dori : 2 morts", [("Djibo", "scene"), ("Dori", "scene")]),
        ("Attaque à Djibo\nDori : 2 morts", [("Djibo", "scene"), ("Dori", "scene")]),
    ],
)  # fmt: skip
def test_a_line_break_inside_a_sentence_is_a_space(text, expected):
    hits = sg.geocode_text(text)
    assert list(zip(hits["text"], hits["role"], strict=True)) == expected
    assert [text[a:b] for a, b in zip(hits["start"], hits["end"], strict=True)] == [
        name for name, _ in expected
    ]


@pytest.mark.parametrize(
    ("line", "below", "whole"),
    [
        ("a" * 30, "et dix morts", True), ("a" * 29, "et dix morts", False),
        ("a" * 30, "Dix morts", False), ("a" * 30, "2e attaque", False), ("a" * 30, "", False),
        ("a" * 30 + ":", "dix morts", False), ("a" * 30 + ". ", "dix morts", False),
        ("Attaque à", "Djibo", True), ("Attaque à", "N 2", True), ("Attaque à", "2 km", False),
        ("Attaque hier", "Djibo", False),
    ],
)  # fmt: skip
def test_a_line_is_broken_before_a_small_letter_or_behind_a_word_that_runs_on(line, below, whole):
    assert _on_whole_lines(f"{line}\n{below}") == f"{line}{' ' if whole else chr(10)}{below}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tillabéri / Téra / Bankilaré : un poste attaqué.",
         [("Tillabéri", "admin1"), ("Téra", "admin2"), ("Bankilaré", "exact")]),
        ("Alerte - Sahel/Soum/Arbinda : deux femmes enlevées.",
         [("Sahel", "admin1"), ("Soum", "admin2"), ("Arbinda", "exact")]),
        ("Gao > Ansongo > Tessit : deux morts.",
         [("Gao", "admin1"), ("Ansongo", "admin2"), ("Tessit", "exact")]),
    ],
)  # fmt: skip
def test_a_path_names_units_and_then_the_place(text, expected):
    hits = sg.geocode_text(text)
    assert hits[["text", "location_precision"]].values.tolist() == [list(each) for each in expected]
    assert hits["role"].tolist() == ["context", "context", "scene"]


def test_places_beside_each_other_are_no_path():
    hits = sg.geocode_text("Attaques à Dori/Djibo/Kaya : dix morts.")
    assert hits["role"].tolist() == ["scene"] * 3
    assert set(hits["location_precision"]) == {"exact"}
    assert len(sg.geocode_text("Attaque sur l'axe Djibo / Bourzanga.")) == 2


@pytest.mark.parametrize("words", ["12 miles", "twelve miles", "some 12 miles", "19.3 km"])
def test_miles_move_a_point_as_kilometres_do(words):
    moved = sg.geocode_text(f"The blast occurred {words} north of Djibo.").iloc[0]
    base = sg.geocode(["Djibo"], country="BFA").iloc[0]
    metres = WGS84.inv(base["lon"], base["lat"], moved["lon"], moved["lat"])[2]
    assert moved["location_precision"] == "near"
    assert metres == pytest.approx(19_300, abs=20)


@pytest.mark.parametrize(
    ("text", "lon"),
    [
        ("À Boni, non loin du Mali, au Burkina Faso, deux morts.", -3.37874),
        ("Boni, close to Mali, in Burkina Faso, was attacked.", -3.37874),
    ],
)
def test_a_country_that_is_only_near_does_not_bind(gazetteer, text, lon):
    assert sg.geocode_text(text, gazetteer).set_index("text").loc["Boni", "lon"] == lon


@pytest.fixture(scope="module")
def namesakes():
    table = pd.DataFrame(
        [("Zzarko", -2.2, 15.05, "MLI"), ("Zzarko", -3.4, 11.4, "BFA")],
        columns=["name", "lon", "lat", "country"],
    ).assign(population=[0, 900])
    large = table.assign(population=[0, 90_000])
    return [sg.load_gazetteer(each, cache=False) for each in (table, large)]


@pytest.mark.parametrize(
    ("text", "town", "lon"),
    [
        ("Deux morts à Zzarko, entre Douentza et Hombori.", 0, -2.2),
        ("Une mine a explosé à Zzarko, sur la route Douentza-Hombori.", 0, -2.2),
        ("Deux morts à Zzarko, près de Banfora.", 0, -3.4),
        ("Deux morts à Zzarko, près de Hombori.", 1, -3.4),  # the large town is meant
        ("Deux morts à Zzarko (Burkina Faso), loin de Hombori.", 0, -3.4),
        ("À Zzarko, au Burkina, deux morts.", 0, -3.4),
    ],
)
def test_a_village_is_that_of_its_name_beside_the_other_places_of_the_report(
    namesakes, text, town, lon
):
    hits = sg.geocode_text(text, namesakes[town]).set_index("text")
    assert hits.loc["Zzarko", "lon"] == lon


@pytest.mark.parametrize(
    ("company", "lon"),
    [
        ("", 0.5022), (", entre Banfora et Bobo-Dioulasso", -4.5),
        (", sur la route Banfora-Bobo-Dioulasso", -4.5),
        (" et à Bamako", 0.5022),  # which tells of no place that it is near
        (" et à Gaoua", 0.5022),  # 160 km from the village
        (" et à Ménaka", 0.5022),
    ],
)  # fmt: skip
def test_a_small_chief_town_far_from_the_other_places_gives_way_to_its_namesake(company, lon):
    village = pd.DataFrame([("Ansongo", -4.5, 10.9, "BFA")], columns=POINTS)
    hits = sg.geocode_text(
        f"Deux morts à Ansongo{company}.", sg.load_gazetteer(village, cache=False)
    )
    assert hits.set_index("text").loc["Ansongo", "lon"] == pytest.approx(lon, abs=1e-3)


def test_a_town_of_some_size_does_not_give_way():
    village = pd.DataFrame([("Tessit", -4.5, 10.9, "BFA")], columns=POINTS)
    text = "Deux morts à Tessit, entre Banfora et Bobo-Dioulasso."
    hits = sg.geocode_text(text, sg.load_gazetteer(village, cache=False)).set_index("text")
    assert hits.loc["Tessit", "lon"] == pytest.approx(-0.3, abs=1e-3)


@pytest.mark.parametrize("town", [0, 1])
def test_where_a_report_is_told_does_not_move_its_villages(namesakes, town):
    columns = ["location_precision", "method", "lon", "lat"]
    alone = sg.geocode_text("Deux morts à Zzarko.", namesakes[town])[columns]
    told = sg.geocode_text("BAMAKO (AFP) - Deux morts à Zzarko.", namesakes[town])
    pd.testing.assert_frame_equal(told.loc[[1], columns].reset_index(drop=True), alone)


def test_labels_name_units_and_then_the_place():
    hits = sg.geocode_text("Région : Sahel, Province : Soum, Village : Arbinda - 5 civils tués.")
    assert hits[["text", "role", "location_precision"]].values.tolist() == [
        ["Sahel", "context", "admin1"], ["Soum", "context", "admin2"],
        ["Arbinda", "scene", "exact"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dans l'État de Borno, Boko Haram a attaqué Boni.", []),
        ("In Borno State, Boko Haram attacked Boni.", []),
        ("Boko Haram attacked Boni, Borno State.", []),
        ("Un double attentat à Bagdad a fait trente morts.", []),
        ("Le Monde et Jeune Afrique rapportent une attaque à Djibo.", [("Djibo", "scene")]),
        ("Soldiers executed men in Djibo on Eid.", [("Djibo", "scene")]),
        ("IED in Djibo: 2 KIA, 3 WIA.", [("Djibo", "scene")]),
        ("Deux employés de la DOSOU tués à Djibo.", [("Djibo", "scene")]),  # sounds like Dosso
        ("Deux employés de la DOUSSOO tués à Djibo.", [("Djibo", "scene")]),
        ("DEUX MORTS A OUAHIGUYA", [("OUAHIGUYA", "scene")]),
    ],
)
def test_states_abroad_newspapers_feasts_and_abbreviations_are_no_places(text, expected):
    assert told_places(text) == expected


def test_the_marks_of_hashtags_are_no_part_of_a_text(gazetteer):
    text = "#Mali embuscade entre #Gao et #Ansongo, 20 km au nord de #Kidal, #BurkinaFaso"
    hits = sg.geocode_text(text, gazetteer)
    assert hits["text"].tolist() == ["Gao", "Ansongo", "Kidal"]
    assert [text[a:b] for a, b in zip(hits["start"], hits["end"], strict=True)] == [
        "Gao", "Ansongo", "Kidal",
    ]  # fmt: skip
    assert hits["method"].tolist() == ["between", "exact", "exact+offset"]


def test_a_direction_without_a_distance_is_near(gazetteer):
    for text in ("Attaque à l'ouest de Boni.", "An attack north of Boni.", "Mine au nord de Boni"):
        found = sg.geocode_text(text, gazetteer, country="MLI").iloc[0]
        assert (found["match_name"], found["location_precision"]) == ("Boni", "near")


def test_each_line_of_a_list_has_its_own_path():
    namesakes = sg.load_gazetteer(
        pd.DataFrame(
            [("Kelwa", -2.3, 14.1, "BFA"), ("Kelwa", -0.3, 14.6, "BFA")],
            columns=["name", "lon", "lat", "country"],
        ),
        cache=False,
    )
    text = "- Sahel / Oudalan / Kelwa : deux morts\n- Nord / Loroum / Kelwa : école incendiée"
    hits = sg.geocode_text(text, namesakes, country="BFA")
    assert hits.loc[hits["text"] == "Kelwa", "lon"].tolist() == [-0.3, -2.3]


def test_what_someone_is_called_is_never_a_sure_place_whatever_stands_around_it(gazetteer):
    text = "Attaque à Boni, selon le prédicateur Amadou Kelwa. Des tirs à Ménaka et à Ansongo."
    hits = sg.geocode_text(text, gazetteer).set_index("text")
    if "Kelwa" in hits.index:
        assert hits.loc["Kelwa", "role"] == "context"
        assert hits.loc["Kelwa", "location_precision"] not in {"exact", "near"}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Un marché pillé à Dori, dans le Soum.", "Soum"),
        ("Deux morts à Djibo, chef-lieu du Soum.", "Soum"),
        ("Des affrontements à Djibo, dans la Tapoa.", "Tapoa"),
    ],
)
def test_a_name_with_an_article_is_that_of_a_unit_if_it_is_spelled_so(text, unit):
    village = sg.load_gazetteer(
        pd.DataFrame(
            [("Soum", -2.3, 12.3, "BFA"), ("Tapoa", -2.3, 12.5, "BFA")],
            columns=["name", "lon", "lat", "country"],
        ),
        cache=False,
    )
    hits = sg.geocode_text(text, village).set_index("text")
    assert hits.loc[unit, ["role", "location_precision"]].tolist() == ["context", "admin2"]


def test_a_town_beyond_the_border_is_none_of_its_name_within():
    village = sg.load_gazetteer(
        pd.DataFrame([("Porga", 0.5, 12.5, "BFA")], columns=["name", "lon", "lat", "country"]),
        cache=False,
    )
    assert told_places("Deux gardes tués à Porga.", gazetteer=village) == []
    assert ("Porga", "scene") in told_places(
        "Deux gardes tués à Porga (région de l'Est).", gazetteer=village
    )


def test_a_stretch_of_which_one_end_is_known_is_answered_by_it():
    hits = sg.geocode_text("Un convoi a été attaqué sur le tronçon Dori-Xxzzlo.")
    assert hits[["text", "match_name", "role"]].to_numpy().tolist() == [
        ["Dori-Xxzzlo", "Dori", "scene"]
    ]
    assert hits["location_precision"].tolist() == ["admin2"]
