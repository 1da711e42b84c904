"""The scene of a report is where its event happened: each event belongs to one of its places."""

import pytest

import sahel_geo as sg

TOLD = {
    "Le couvre-feu a été prolongé à Dori au lendemain du massacre commis à Djibo.": {"Djibo"},
    "Le marché de Bankass a été incendié ; la ville de Douentza est privée de courant.": {
        "Bankass"
    },
    "Selon une source sécuritaire à Gao, un véhicule a sauté sur une mine à Ansongo.": {"Ansongo"},
    "Le maire de Kidal a été tué à Ménaka.": {"Ménaka"},
    "Explosion d’une mine près de Djibo : onze tués, des blessés admis à l’hôpital de Kaya.": {
        "Djibo"
    },
    "Les localités de Djibo, Dori et Kaya ont été attaquées.": {"Djibo", "Dori", "Kaya"},
    "Gunmen attacked the villages of Djibo, Dori and Kaya, looting shops.": {
        "Djibo",
        "Dori",
        "Kaya",
    },
    "In Niamey, the government announced that 20 militants were killed in Ansongo.": {"Ansongo"},
    "A mine destroyed a truck between Djibo and Kaya.": {"Djibo", "Kaya"},
    "A bus linking Djibo to Kaya was stopped and robbed in Dori.": {"Dori"},
    "Gunmen killed three residents of Djibo.": {"Djibo"},
    "Gunmen killed two people in Djibo; others were abducted in Dori.": {"Djibo", "Dori"},
}


@pytest.mark.parametrize("told", TOLD)
def test_an_event_belongs_to_the_place_that_it_is_told_of(told):
    lang = "en" if " the " in told or " in " in told or told.startswith("A ") else "fr"
    hits = sg.geocode_text(told, lang=lang)
    assert set(hits.loc[hits["role"] == "scene", "text"]) == TOLD[told]


def test_a_sentence_told_twice_has_its_scene_twice():
    told = "Le couvre-feu a été prolongé à Dori au lendemain du massacre commis à Djibo."
    hits = sg.geocode_text(f"{told}\n{told}")
    assert hits["role"].tolist() == ["context", "scene"] * 2
