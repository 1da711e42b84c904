"""Read what a place text asks for: one place, a point off it, or a stretch between two."""

import re
from dataclasses import dataclass, replace
from typing import Final

from sahel_geo.incidents.columns.number_words import COUNT, count
from sahel_geo.places.gazetteer.spelling import MAX_NAME, plain_form


@dataclass(frozen=True)
class PlaceQuery:
    """What one text asks for."""

    names: tuple[str, ...]  # names of the place, the one meant first; then what stands in brackets
    near: bool  # whether the text says near, towards or around
    # readings as two ends of a stretch; empty for a single place
    pairs: tuple[tuple[str, str], ...] = ()
    # feature that the text names (``commune``, ``district``, ``region``, ``country``,
    # ``populated``, ``site``, ``relief``, ``water``), or ``""``
    kind: str = ""
    distance_km: float = 0.0  # stated distance from the place; 0 where none is
    bearing: float | None = None  # stated direction in degrees from north; None where none is
    # the name with the word for its kind, of which that word may be a part; ``""`` without one
    whole: str = ""
    # what stands in brackets, which may name the units around, the widest last
    around: tuple[str, ...] = ()


_KINDS: Final = {
    "populated": "village villages town city ville locality localite hameau bourg bourgade camp "
    "campement quartier settlement community vge loc",
    "commune": "commune communes cne com cr arrondissement municipality",
    "district": "cercle cercles province provinces prov district prefecture",
    "region": "region regions reg gouvernorat governorate",
    "site": "mine mines bridge pont site market marche checkpoint poste base caserne lycee college "
    "ecole ecoles school universite hopital hospital clinique dispensaire cscom csps csi csref cma "
    "mairie gare peage bac mosquee mosque eglise church gendarmerie commissariat brigade prison "
    "garnison tribunal stade cimetiere",
    "relief": "forest foret park parc reserve dunes dune hill colline mountain mont massif",
    "water": "well puits lake lac river riviere fleuve mare",
}
_KIND_OF: Final = {word: kind for kind, words in _KINDS.items() for word in words.split()}
# Words beside the kind of place that are no part of its name.
_QUALIFIERS: Final = frozenset(
    ["military", "militaire", "army", "gendarmerie", "refugee", "refugies", "idp", "deplaces",
     "artisanal", "artisanale", "gold", "or", "aurifere", "orpaillage", "minier", "miniere",
     "mining", "police", "controle", "douane", "rural", "rurale", "urban", "urbaine", "pdi",
     "pdis", "idps", "ville", "peul", "peulh", "dogon", "bozo", "bambara", "primaire", "primary",
     "secondaire", "secondary", "publique", "public", "privee", "routiere", "regional", "regionale",
     "provincial", "provinciale", "grand", "grande", "ancien", "ancienne"],
)  # fmt: skip
# Département is the third level in Burkina Faso and the second in Niger.
_EITHER: Final = frozenset({"departement", "department", "dept", "dpt", "dep"})

_DIRECTIONS: Final = {
    "nord": 0, "north": 0, "nord est": 45, "north east": 45, "northeast": 45, "nordest": 45,
    "est": 90, "east": 90, "sud est": 135, "south east": 135, "southeast": 135, "sudest": 135,
    "sud": 180, "south": 180, "sud ouest": 225, "south west": 225, "southwest": 225,
    "sudouest": 225, "ouest": 270, "west": 270, "nord ouest": 315, "north west": 315,
    "northwest": 315, "nordouest": 315, "n": 0, "ne": 45, "e": 90, "se": 135, "s": 180,
    "sw": 225, "so": 225, "w": 270, "o": 270, "nw": 315, "no": 315, "nne": 22.5, "ene": 67.5,
    "ese": 112.5, "sse": 157.5, "ssw": 202.5, "sso": 202.5, "wsw": 247.5, "oso": 247.5,
    "wnw": 292.5, "ono": 292.5, "nnw": 337.5, "nno": 337.5,
}  # fmt: skip
_COMPASS: Final = r"(?:nord|sud|north|south)(?:[ -]?(?:est|ouest|east|west))?|est|ouest|east|west"
_LETTERS: Final = "|".join(sorted((each for each in _DIRECTIONS if len(each) < 4), key=len)[::-1])
_BEARING: Final = rf"(?P<bearing>{_COMPASS}|{_LETTERS})"
_OF: Final = r"(?:de la |de l['’]|du |de |des |d['’]|of |from )"
_KM: Final = (
    rf"(?P<km>\d{{1,3}}(?:[.,]\d+)?|{COUNT})(?: de| d['’]| of)? ?"
    r"(?:km|kms|kilom[eè]tres?|kilometers?|kilometres?|(?P<miles>miles?|mi))\b"
)
_KM_PER_MILE: Final = 1.609344
_ABOUT: Final = (
    r"(?:[àa] |at |environ |env\.? |~ ?|about |some |quelque |around |nearly |over |more than |"
    r"(?:pr[eè]s|plus|moins) d(?:e |['’]))*"
)
_OFFSET: Final = re.compile(
    rf"^{_ABOUT}{_KM}(?: ?(?:au|à l['’]|a l['’]|to the|vers le|vers l['’])? ?{_BEARING}\b)? ?"
    rf"(?(bearing)(?:{_OF})?|{_OF})(?P<place>.+)$",
    re.IGNORECASE,
)
_BEHIND: Final = rf"{_ABOUT}{_KM} ?(?:to the |au |à l['’])?{_BEARING}"
_OFFSET_BEHIND: Final = re.compile(rf"^(?P<place>.+?)[ ,]+{_BEHIND}$", re.IGNORECASE)
_OFFSET_IN_BRACKETS: Final = re.compile(rf" ?\(({_BEHIND})\)$", re.IGNORECASE)
_DIRECTED: Final = re.compile(
    rf"^(?:au |à l['’]|a l['’]|to the |just )?({_COMPASS}) {_OF}(.+)$", re.IGNORECASE
)
_BETWEEN: Final = re.compile(
    r"\b(?:entre|between) (.+?) (?:et|and|&) (.+)$", re.IGNORECASE
)  # fmt: skip
_ROAD: Final = re.compile(
    r"^(?:sur |on )?(?:l['’]|the |la |le )?"
    r"(?:axe|route|tron[cç]on|piste|road|axis|highway)(?: (?:de|entre|from))? (.+)$|"
    r"^(.+?) (?:road|axis|axe|route|highway)$",
    re.IGNORECASE,
)
# "RN15 (Ansongo-Ménaka)"
_NUMBERED_ROAD: Final = re.compile(
    r"^(?:RN|route nationale) ?(?:n[o°] ?)?\d+ ?\(?(?=\w+ ?[-/])(.+?)\)?$", re.IGNORECASE
)
_ON_NUMBERED_ROAD: Final = re.compile(
    r"^(?:RN|route nationale) ?(?:n[o°] ?)?\d+ ?, ?", re.IGNORECASE
)
_COMMUNE_IN_LETTERS: Final = re.compile(r"^C\.? ?[UR]\.? (?=de |d['’]|du )", re.IGNORECASE)
_CODE: Final = re.compile(r"^[A-Z]{2}\d{2,8}[ :,-]+(?=\w)")
# What parts "Ansongo, Gao, Mali", "Gao/Ansongo" and "Gao > Ansongo".
_PATH_MARK: Final = re.compile(r" ?[,;/>:|] ?| - ")
_NEAR: Final = re.compile(
    r"^(?:(?:r[eé]gion|zone|bande) frontali[eè]re|vers|pr[eè]s|proche|"
    r"non loin|environs|(?:aux |les |dans les )?(?:environs|alentours|abords)|autour|"
    r"dans la zone|zone|secteur|p[eé]riph[eé]rie|banlieues?|suburbs?|faubourgs?|"
    r"(?:a[eé]ro(?:port|drome)|airport)(?= (?:international )?(?:de|du|d|of)\b)|"
    r"cent(?:re|er)(?= d[eu'’])|near|around|outside|close to|vicinity|"
    r"in the (?:area|vicinity)|(?:the )?(?:area|outskirts|surroundings)|towards?|"
    r"(?:sortie|entr[eé]e|exit|entrance)(?=.* (?:de|du|d|of|to)\b)|"
    r"sites? d(?:e |es |['’])d[eé]plac[eé]s(?: internes)?(?= (?:de|du|d)\b)|"
    rf"[àa] c[oô]t[eé])(?:(?: (?:{_COMPASS}))? (?:de la|de l['’]|du|de|des|d['’]|of|to))? *",
    re.IGNORECASE,
)
_PART_OF_TOWN: Final = re.compile(
    rf"^(?:(?:secteur|sector|quartier)(?: n[o°])? ?\d+|cent(?:re|er)[ -]ville) (?={_OF})|"
    r"^downtown (?=.)|(?<=\w)[ -](?:centre|ville)$",
    re.IGNORECASE,
)  # "secteur 3 de Dori", "Djibo-centre"
_ENDINGS: Final = re.compile(r"(?: area| surroundings| environs| zone| axis)$", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_BRACKET_PARTS: Final = re.compile(r" ?[,;/] ?| - ")
_FORMER: Final = re.compile(r"^(?:ex[- ]|former )(?=\w)", re.IGNORECASE)
_LEADING_OF: Final = re.compile(rf"^(?:{_OF}|la |le |les |l['’]|the )+", re.IGNORECASE)
_ARTICLE: Final = re.compile(r"^(?:les? |la |l['’]|the )", re.IGNORECASE)
_MAX_SPLITS: Final = 4


def parse_place(text: str) -> PlaceQuery:
    """Read one place text, in French or English.

    >>> parse_place("20 km au nord de In-Delimane")
    PlaceQuery(names=('In-Delimane',), near=True, pairs=(), kind='', distance_km=20.0, bearing=0.0,
               whole='', around=())
    >>> parse_place("axe Dori-Téra").pairs
    (('Dori', 'Téra'),)
    >>> parse_place("village de Solhan").names
    ('Solhan',)
    """
    text = " ".join(text[:MAX_NAME].replace("–", "-").replace("—", "-").split())
    text = _NUMBERED_ROAD.sub(r"axe \1", _OFFSET_IN_BRACKETS.sub(r", \1", _CODE.sub("", text)))
    text = _COMMUNE_IN_LETTERS.sub("commune ", _ON_NUMBERED_ROAD.sub("near ", text))
    inside = tuple(
        part.strip() for pair in _BRACKETS.findall(text) for part in pair if part.strip()
    )
    kinds = [each for each in inside if all(map(_is_kind, each.split()))]
    inside = tuple(each for each in inside if each not in kinds)
    kinds = [each for each in kinds if any(map(_kind_word, plain_form(each).split()))]
    text = " ".join(_BRACKETS.sub(" ", text).split()).strip(" ,;.:")
    if _PART_OF_TOWN.search(text):
        text = f"ville {_PART_OF_TOWN.sub('', text)}"
    query = _parse_relation(" ".join([*kinds[:1], text]))  # "Niono (cercle)" is the cercle
    around = tuple(part for each in inside for part in split_bracket(each))
    named = tuple(_strip_kind(each)[0] for each in inside if each in around)
    return replace(query, names=(*query.names, *named), around=around)


def read_path(query: PlaceQuery) -> tuple[PlaceQuery, ...]:
    """Give the readings of a name that holds its units: the place first, then the place last.

    >>> [(each.names, each.around) for each in read_path(parse_place("Gao/Ansongo"))]
    [(('Gao',), ('Ansongo',)), (('Ansongo',), ('Gao',))]
    """
    parts = [part for part in _PATH_MARK.split(query.names[0]) if part] if query.names else []
    if len(parts) < 2:
        return ()
    name, kind = _strip_kind(parts[-1])
    return (
        replace(query, names=(parts[0],), around=(*parts[1:], *query.around), whole=""),
        replace(query, names=(name,), kind=kind, around=(*parts[-2::-1], *query.around), whole=""),
    )


def split_bracket(inside: str) -> list[str]:
    """Give the parts of what stands in brackets.

    >>> split_bracket("Bourem, Gao")
    ['Bourem', 'Gao']
    """
    return [part.strip() for part in _BRACKET_PARTS.split(inside) if part.strip()]


def _parse_relation(text: str) -> PlaceQuery:
    pairs = _read_pairs(text)
    if pairs:
        return PlaceQuery((), near=True, pairs=pairs)
    if offset := _OFFSET.match(text) or _OFFSET_BEHIND.match(text):
        return replace(
            _parse_relation(offset["place"]),
            near=True,
            distance_km=_amount(offset["km"]) * (_KM_PER_MILE if offset["miles"] else 1.0),
            bearing=None if offset["bearing"] is None else _bearing(offset["bearing"]),
        )
    if directed := _DIRECTED.match(text):
        return replace(_parse_relation(directed[2]), near=True, bearing=_bearing(directed[1]))
    near = _NEAR.match(text)
    if near and near.end() < len(text):
        return replace(_parse_relation(text[near.end() :]), near=True)
    ending = _ENDINGS.search(text)
    text = text[: ending.start()] if ending else text
    name, kind = _strip_kind(text)
    names = (name,) if plain_form(name) else ()
    return PlaceQuery(names, near=bool(ending), kind=kind, whole=text if kind else "")


def _amount(text: str) -> float:
    """Read kilometres; 0 of words that are no number together."""
    if text[0].isdecimal():
        return float(text.replace(",", "."))
    return count(text) or 0.0


def _bearing(direction: str) -> float:
    return float(_DIRECTIONS[plain_form(direction)])


def _read_pairs(text: str) -> tuple[tuple[str, str], ...]:
    if between := _BETWEEN.search(text):
        return ((_strip_kind(_end(between[1]))[0], _strip_kind(_end(between[2]))[0]),)
    road = _ROAD.match(text)
    if not road:
        return ()
    ends = road[1] or road[2]
    for separator in (" - ", "- ", " -", " à ", " to ", " and ", " et ", "/"):
        if separator in ends:
            one, _, other = ends.partition(separator)
            return ((one.strip(), other.strip()),)
    parts = ends.split("-")
    return tuple(
        ("-".join(parts[:cut]).strip(), "-".join(parts[cut:]).strip())
        for cut in range(1, len(parts))[:_MAX_SPLITS]
    )


def _end(text: str) -> str:
    """Take the article off an end of a stretch that says what it is: "the village of X"."""
    bare = _ARTICLE.sub("", text)
    return bare if _kind_word(plain_form(bare.split(" ")[0])) else text


def _strip_kind(text: str) -> tuple[str, str]:
    """Take off the word that says what kind of place it is, before or after the name."""
    words = _FORMER.sub("ancien ", text.strip(" ,;.:")).split()
    led = next((at for at, word in enumerate(words) if plain_form(word) not in _QUALIFIERS), 0)
    if 0 < led < len(words) - 1 and _kind_word(plain_form(words[led])):  # "ex-base de X"
        words = words[led:]
    if len(words) < 2:
        return " ".join(words), ""
    kind = _kind_word(plain_form(words[0]).replace(" ", ""))
    if kind:
        rest = _LEADING_OF.sub("", " ".join(words[1:]))
        if kind == "site":  # "base de l'ONU à Kidal"
            rest = re.split(r" (?:[àa]|at|in) ", rest)[-1]
        qualifier, _, name = rest.partition(" ")
        while name and plain_form(qualifier) in _QUALIFIERS:
            rest = _LEADING_OF.sub("", name)
            qualifier, _, name = rest.partition(" ")
        return rest, kind
    kind = _kind_word(plain_form(words[-1]))
    if not kind:
        return " ".join(words), ""
    words = words[:-1]
    while len(words) > 1 and plain_form(words[-1]) in _QUALIFIERS:
        words = words[:-1]
    return " ".join(words), kind


def _is_kind(word: str) -> bool:
    plain = plain_form(word)
    return bool(_kind_word(plain)) or plain in _QUALIFIERS


def _kind_word(word: str) -> str:
    return "department" if word in _EITHER else _KIND_OF.get(word, "")
