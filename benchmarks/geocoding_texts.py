"""How good is geocoding of texts? Sentences written for this project, with their places marked.

    python benchmarks/geocoding_texts.py

``{S}`` marks the scene and ``{C}`` a place of context. Forty frames, half French, half English,
are each filled with four sets of towns of the embedded gazetteer: 160 sentences. The even sets
served for tuning; the odd ones are reported apart.
"""

import re

import numpy as np

import sahel_geo as sg
from sahel_geo.crs import WGS84

FRENCH = (
    "Des hommes armés ont attaqué le village de {S} hier soir.",
    "Une embuscade près de {S} a fait trois morts parmi les civils.",
    "Le marché de {S} a été incendié par des individus non identifiés.",
    "Selon des sources locales, deux bergers ont été tués à {S}.",
    "Un engin explosif a sauté au passage d'un convoi parti de {C}, aux environs de {S}.",
    "La Katiba Macina a revendiqué l'attaque menée à {S}.",
    "Les assaillants, venus de {C}, ont pillé la localité de {S}.",
    "À {S}, l'école a été incendiée ; les habitants ont fui vers {C}.",
    "Les blessés de l'attaque de {S} ont été évacués vers {C}.",
    "Ansarul Islam est soupçonné de l'enlèvement de deux enseignants à {S}.",
    "Le 12 mars 2021, quatre soldats basés à {C} sont morts à {S}.",
    "Des affrontements entre milices ont fait dix morts à {S} lundi.",
    "Des combattants de Dan Na Ambassagou ont été accusés d'une attaque contre {S}.",
    "Trois commerçants en provenance de {C} ont été enlevés à 10 km de {S}.",
    "Une mine a explosé à 15 km au nord de {S}, tuant un civil.",
    "L'armée a mené une frappe aérienne au sud de {S}.",
    "Le colonel Moussa Gao a confirmé la mort de deux gendarmes à {S}.",
    "Des tirs ont été entendus dans la ville de {S} ; aucun mort n'est signalé.",
    "Attaque contre un poste de police à {S} : un blessé.",
    "Les villageois de {C} affirment que {S} a été attaqué à l'aube.",
)
ENGLISH = (
    "Armed men attacked the village of {S} on Tuesday night.",
    "An ambush near {S} killed three civilians.",
    "Unidentified gunmen burned the market in {S}.",
    "Two herders were shot dead at {S}, residents said.",
    "A convoy coming from {C} hit a roadside bomb near {S}.",
    "Katiba Macina claimed the attack in {S}.",
    "The attackers came from {C} and looted shops in {S}.",
    "Residents fled to {C} after the raid in {S}.",
    "The wounded of the attack in {S} were evacuated to {C}.",
    "Boko Haram is suspected of the abduction of two teachers in {S}.",
    "On March 12, 2021, four soldiers based in {C} were killed in {S}.",
    "Clashes between militias left ten dead in {S}.",
    "Fighters of Dan Na Ambassagou were blamed for killings in {S}.",
    "Three traders travelling from {C} were abducted 10 km from {S}.",
    "A mine exploded 15 km north of {S}, killing a civilian.",
    "The army carried out a strike south of {S}.",
    "Colonel Moussa Gao confirmed the death of two gendarmes in {S}.",
    "Shots were heard in the town of {S}, and one man was injured.",
    "Attack on a police post in {S}: one wounded.",
    "Villagers in {C} said that gunmen attacked {S} at dawn.",
)
TOWNS = (
    ("Ansongo", "Gao"), ("Djibo", "Ouagadougou"), ("Téra", "Niamey"), ("Gorom-Gorom", "Dori"),
    ("Douentza", "Mopti"), ("Fada N'Gourma", "Koupéla"), ("Ouallam", "Tillabéri"),
    ("Bandiagara", "Sévaré"), ("Titao", "Ouahigouya"), ("Diffa", "Zinder"), ("Kidal", "Ménaka"),
    ("Nouna", "Dédougou"), ("Madaoua", "Tahoua"),
)  # fmt: skip
PER_FRAME = 4


def sentences():
    """Give (set, language, text, [(start, end, role, town)])."""
    for lang, frames in (("fr", FRENCH), ("en", ENGLISH)):
        for number, frame in enumerate(frames):
            for turn in range(PER_FRAME):
                scene, other = TOWNS[(3 * number + 5 * turn) % len(TOWNS)]
                text, marks = "", []
                for part in re.split(r"(\{[SC]\})", frame):
                    if part in {"{S}", "{C}"}:
                        town = scene if part == "{S}" else other
                        role = "scene" if part == "{S}" else "context"
                        marks.append((len(text), len(text) + len(town), role, town))
                        text += town
                    else:
                        text += part
                yield turn, lang, text, marks


def truth(gazetteer, town):
    found = gazetteer.find(town)
    found = found[found["feature"] == "populated"]
    return found.loc[found["population"].idxmax(), ["lon", "lat"]].astype(float).tolist()


def main():
    gazetteer = sg.load_gazetteer()
    tallies = {}
    for turn, lang, text, marks in sentences():
        half = "tune" if turn % 2 == 0 else "test"
        tally = tallies.setdefault((half, lang), dict.fromkeys(
            ("sentences", "marked", "found", "right role", "within 25 km", "extra"), 0))  # fmt: skip  # noqa: E501
        hits = sg.geocode_text(text, gazetteer, lang=lang)
        spans = {(hit.start, hit.end): hit for hit in hits.itertuples()}
        tally["sentences"] += 1
        tally["marked"] += len(marks)
        tally["extra"] += len(set(spans) - {mark[:2] for mark in marks})
        for start, end, role, town in marks:
            hit = spans.get((start, end))
            if hit is None:
                print("missed:", town, "|", text)
                continue
            tally["found"] += 1
            tally["right role"] += hit.role == role
            away = np.asarray(WGS84.inv(hit.lon, hit.lat, *truth(gazetteer, town))[2]) / 1e3
            tally["within 25 km"] += bool(away <= 25)
            if hit.role != role or away > 25:
                print(f"{hit.role}, {away:.0f} km, {hit.method}:", town, "|", text)
        for span in set(spans) - {mark[:2] for mark in marks}:
            print("extra:", text[slice(*span)], "|", text)
    for (half, lang), tally in sorted(tallies.items()):
        marked = tally["marked"]
        shares = ", ".join(f"{key} {tally[key] / marked:.1%}"
                           for key in ("found", "right role", "within 25 km"))  # fmt: skip
        print(f"{half} {lang}: {tally['sentences']} sentences, {marked} marked places; {shares}; "
              f"{tally['extra']} extra")  # fmt: skip


if __name__ == "__main__":
    main()
