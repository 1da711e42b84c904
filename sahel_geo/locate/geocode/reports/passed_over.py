"""What has the name of a place and is none of the three countries: common words, places abroad."""

import re
from typing import Final

from sahel_geo.i18n.countries import COUNTRY_NAMES, spellings
from sahel_geo.places.gazetteer.spelling import plain_form
from sahel_geo.schema import COUNTRIES

# Capitalised at the start of a sentence, or in passing, and no place on its own.
_COMMON_WORDS: Final = (
    "le la les un une des du de au aux en et à dans sur sous vers près selon après avant depuis "
    "hier lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin "
    "juillet août septembre octobre novembre décembre attaque attaques embuscade explosion "
    "affrontement affrontements assaut enlèvement trois deux quatre cinq six sept huit neuf dix "
    "plusieurs cette ce ces son sa ses leur leurs ils elle elles il on aucun aucune armée "
    "gendarmerie police groupe village ville région province cercle commune département nord sud "
    "est ouest entre axe route marché école mosquée puits forêt the a an in at near from to and of "
    "by after before since yesterday monday tuesday wednesday thursday friday saturday sunday "
    "january february march april may june july august september october november december attack "
    "attacks ambush clashes raid three two four five seven eight nine ten several this that these "
    "those his her their they he she it no army group gunmen militants unidentified armed men "
    "soldiers civilians north south east west between road market school mosque well forest hommes "
    "armés individus militaires civils fusillade incident incidents bilan region district islam "
    "sahara sahélien peul peuls dogon touareg arabes bambara mossi zarma haoussa fulani tuareg "
    "villagers residents traders farmers herders local new old young suspected heavy jihadist "
    "jihadists islamist islamists rebel rebels government security humanitarian foreign french "
    "american russian malian nigerien burkinabe simultaneous fighters families people police "
    "soldier officials sources witnesses women children men some around about according further "
    "more most many at least during when while where following meanwhile later then there "
    "autorités habitants familles femmes enfants jeunes sources témoins éleveurs agriculteurs "
    "commerçants orpailleurs terroristes assaillants rebelles présumés suspects nouvelle nouveau "
    "violents violent explosions lors pendant alors puis ensuite suite situation alerte urgent "
    "bilan selon certains quelques environ malgré parmi york nuit matin soir journée semaine force "
    "forces union croix comme que bon bonjour bonsoir merci dieu info flash noël camp dogons "
    "touaregs dozo dozos maliens nigériens burkinabè kill kills killed blast eid korité tabaski "
    "ramadan kia wia ras fob gat "
)
COMMON: Final = frozenset(plain_form(word) for word in _COMMON_WORDS.split())
# Capitalised beside a name without being part of it.
BESIDE_NAMES: Final = COMMON | frozenset(
    ["province", "provinces", "department", "departement", "town", "city", "camp", "cercle",
     "district", "village", "villages", "county", "axis", "highway", "localite", "localites",
     "hameau", "state", "airport", "base", "border"]
)  # fmt: skip

# Countries beside the three, states of the nearest, and towns better known than a namesake here.
_ABROAD: Final = "|".join(
    sorted(
        {re.escape(name) for code in COUNTRY_NAMES if code not in COUNTRIES
         for name in spellings(code).values()}
        | {"Nigeria", "C[ôo]te d['’]Ivoire", "Ivory Coast", "Cameroun", "Cameroon", "Maroc",
           "Morocco", "Tunisie", "Tunisia", "Soudan", "Sudan", "France", "Gambie", "Gambia",
           "Tanzanie", "Tanzania", "Somalie", "Somalia", "Irak", "Iraq", "Syrie", "Syria",
           "Centrafrique", "Égypte", "Egypt", "Borno", "Yobe", "Zamfara", "Kebbi", "Jigawa",
           "Kaduna", "Alibori", "Atacora", "Kpendjal"}
    )
)  # fmt: skip
_NAMES_ABROAD: Final = re.compile(rf"\b(?:{_ABROAD})\b")
_QUARTER: Final = (
    r"(?:(?:l['’]|the |le )?(?:extr[eê]me[- ]|far )?(?:nord|sud|est|ouest|centre|center|north|"
    r"south|east|west)(?:[ -](?:est|ouest|east|west)|east|west)?(?:ern)?(?:[- ]central)? ?"
    r"(?:du |de la |de l['’]|de |of )?)?"
)
_LIES_ABROAD: Final = re.compile(
    r"(?:'s)?(?: (?:state|province|region|town|village))?(?:, [A-Z][\w-]+(?: [A-Z][a-z]+)?)?"
    rf"(?: \(| in |, (?:(?:au|en|aux|in|dans) (?:la |le |l['’])?)?){_QUARTER}(?:{_ABROAD})\b"
    r"(?!['’]s\b|,? (?:and|et|or|ou) [A-Z])"
)
_TELLS_ABROAD: Final = re.compile(
    rf"\s*(?:(?:au|en|in|dans) {_QUARTER}(?:la |le |l['’](?:[eé]tat (?:de |du |d['’]))?)?)?"
    rf"(?:{_ABROAD})(?: state)?(?:,| ?:| -)",
    re.IGNORECASE,
)
TOWNS_ABROAD: Final = frozenset(
    ["abidjan", "abuja", "accra", "addis ababa", "addis abeba", "adel bagrou", "agadir", "alger",
     "algiers", "argungu", "baga sola", "bagdad", "baghdad", "banikoara", "bassikounou", "bawku",
     "birnin kebbi", "bolgatanga", "bordj badji mokhtar", "bouake", "boundiali", "brussels",
     "bruxelles", "cinkasse", "cobly", "conakry", "cotonou", "dakar", "damasak", "dapaong",
     "daura", "djougou", "fassala", "ferkessedougou", "geidam", "geneva", "geneve", "gusau",
     "in guezzam", "jibia", "kafolo", "kandi", "kankan", "kano", "karimama", "katsina", "kedougou",
     "kerou", "khartoum", "kidira", "kiffa", "korhogo", "lagos", "lome", "maiduguri",
     "malam fatori", "malanville", "mandouri", "materi", "moscou", "moscow", "n djamena",
     "natitingou", "navrongo", "ndjamena", "nema", "new york", "nouakchott", "odienne",
     "ouangolodougou", "parakou", "paris", "porga", "rabat", "sebha", "segbana", "siguiri",
     "sokoto", "tamale", "tamanrasset", "tambacounda", "tanguieta", "timiaouine", "tripoli",
     "washington", "yamoussoukro"]
)  # fmt: skip


def stands_abroad(text: str, end: int) -> bool:
    """Whether the words behind a name put it in another country: "Porga, in northern Benin"."""
    return _LIES_ABROAD.match(text, end) is not None


def tells_abroad(sentence: str) -> bool:
    """Whether a sentence is told of another country: "Au Bénin, des hommes armés ..."."""
    return _TELLS_ABROAD.match(sentence) is not None


def names_abroad(text: str) -> bool:
    """Whether a text names another country at all."""
    return _NAMES_ABROAD.search(text) is not None
