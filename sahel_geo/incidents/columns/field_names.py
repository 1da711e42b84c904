"""Names that files give to each field, in English and French, as plain words, best first."""

from typing import Final

# A number of deaths in plain words: "Nbre de personnes décédées"
_COUNTED: Final = tuple(
    f"{count}{whose}"
    for whose in ("", "personnes ", "people ", "persons ")
    for count in ("", "no ", "nb ", "nbre ", "nombre ", "number ", "effectif ", "total ",
                  "nb total ", "nombre total ", "total number ", "combien ", "how many ")
)  # fmt: skip
DEATHS: Final = (
    "deaths", "death", "killed", "dead", "fatalities", "fatality", "morts", "mort", "mortes",
    "tues", "tuees", "deces", "decedes", "decedees", "deceased", "dcd",
)  # fmt: skip

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "incident_id": ("incident id", "event id", "id incident", "id evenement", "identifiant"),
    "date": (
        "date", "event date", "date event", "incident date", "date incident", "date evenement",
        "date start", "start date", "date debut", "date attaque", "date faits", "date survenue",
        "jour incident", "date occurrence", "occurrence date", "date heure", "date time",
        "datetime", "dt incident", "dt evenement", "dt event",
        "date heure incident", "date and time", "date occurred", "semaine", "week",
        "mois annee", "annee mois", "month year", "year month", "jour mois annee", "periode",
        "period", "debut", "when", "quand", "du", "dates", "occurred", "occurred at", "occurred on",
        "happened at", "happened on", "survenu", "survenu le", "date survenance",
    ),
    "date_precision": ("date precision", "precision date", "date prec", "time precision"),
    "country": (
        "country", "pays", "iso3", "country iso3", "country code", "code pays", "adm0 name",
        "admin0", "admin0name", "admin0 name", "admin0name fr", "adm0 fr", "admin0pcode",
        "admin0 pcode", "adm0 pcode", "iso", "country name", "nom pays", "location code",
    ),
    "place": (
        "place", "place name", "city", "location", "localite", "lieu", "village", "ville", "town",
        "settlement", "site", "nom lieu", "nom localite", "where coordinates", "toponyme",
        "nom village", "nm localite", "nm village",
        "localites", "lieu incident", "site name", "nom site", "village ville",
        "location name", "villages", "quartier village", "lieu dit", "village name", "placename",
        "loc name", "loc", "where", "ou", "quartier", "hameau", "where did it happen",
        "localisation", "endroit", "emplacement", "lieu exact",
    ),
    "admin1": (
        "admin1", "adm1", "admin1 name", "admin1name", "adm1 name", "admin1 fr", "adm1 fr",
        "admin1name fr", "adm1 en", "adm 1", "admin 1", "region", "regions", "nom region",
        "region name", "gouvernorat", "state", "adm1 ref name",
    ),
    "admin2": (
        "admin2", "adm2", "admin2 name", "admin2name", "adm2 name", "admin2 fr", "adm2 fr",
        "admin2name fr", "adm2 en", "adm 2", "admin 2", "cercle", "cercles", "province",
        "provinces", "departement", "department", "nom cercle", "nom province", "nom departement",
        "cercle province", "district", "prefecture", "cercle departement province",
    ),
    "admin3": (
        "admin3", "adm3", "admin3 name", "admin3name", "adm3 name", "admin3 fr", "adm3 fr",
        "admin3name fr", "adm3 en", "adm 3", "admin 3", "commune", "communes", "nom commune",
        "municipality", "arrondissement", "commune rurale",
    ),
    "admin1_pcode": ("admin1 pcode", "adm1 pcode", "admin1pcode", "pcode adm1", "pcode admin1",
                     "code region", "region code", "region pcode", "pcode region", "adm1 code",
                     "admin1 code", "pcode 1"),
    "admin2_pcode": ("admin2 pcode", "adm2 pcode", "admin2pcode", "pcode adm2", "pcode admin2",
                     "code cercle", "code province", "code departement", "cercle pcode",
                     "pcode cercle", "pcode province", "adm2 code", "admin2 code", "pcode 2"),
    "admin3_pcode": ("admin3 pcode", "adm3 pcode", "admin3pcode", "pcode adm3", "pcode admin3",
                     "code commune", "commune pcode", "pcode commune", "adm3 code",
                     "admin3 code", "pcode 3"),
    "pcode": ("pcode", "p code", "adm pcode", "admin pcode", "pcodes", "unit id", "code unite"),
    "lon": ("lon", "longitude", "long", "lng", "x", "coord x", "x coord", "point x",
            "longitude gps", "gps longitude", "coordonnee x", "geo longitude", "geo lon",
            "easting"),
    "lat": ("lat", "latitude", "y", "coord y", "y coord", "point y", "gps latitude", "latitude gps",
            "coordonnee y", "geo latitude", "geo lat", "northing"),
    "location_precision": (
        "location precision", "geo precision", "where prec", "precision lieu",
        "precision localisation", "precision geographique", "precision",
    ),
    "fatalities_low": (
        "fatalities low", "low", "low death", "deaths low", "low estimate", "minimum deaths",
        "morts min", "tues min", "bilan min", "bilan bas", "nb morts min", "deces min",
        "estimation basse",
    ),
    "fatalities_best": (
        "fatalities best", "fatalities", "best", "best death", "deaths best", "best estimate",
        *(f"{count}{word}".strip() for count in _COUNTED for word in DEATHS),
        "pertes vies humaines", "vies perdues", "bilan", "bilan morts", "toll", "nkill", "kia",
        *(f"{word} {which}" for word in DEATHS for which in ("total", "best", "retenu", "retenus")),
        "victimes mortelles", "victimes tuees", "affected killed",
        "meilleure estimation", "estimation centrale",
    ),
    "fatalities_high": (
        "fatalities high", "high", "high death", "deaths high", "high estimate", "maximum deaths",
        "morts max", "tues max", "bilan max", "bilan haut", "nb morts max", "deces max",
        "estimation haute",
    ),
    "event_type": (
        "event type", "type event", "type evenement", "type incident", "incident type", "type",
        "type violence", "type of violence", "nature incident", "nature", "categorie", "category",
        "attacktype1 txt", "incident category", "disaster type", "categorie incident",
    ),
    "actor1": ("actor1", "actor 1", "acteur1", "acteur 1", "side a", "actor", "acteur", "auteur",
               "auteurs", "perpetrator", "assaillant", "assaillants", "auteur presume",
               "attributed to", "groupe", "gname", "auteurs presumes", "acteur presume",
               "actor name", "acteur a", "partie a", "belligerant a"),
    "actor2": ("actor2", "actor 2", "acteur2", "acteur 2", "acteur b", "partie b", "belligerant b",
               "side b", "target", "cible",
               "cibles", "targets", "victim", "recipient name"),
    "source": ("source", "sources", "reported by", "source information"),
    "source_id": ("source id", "id", "event id cnty", "data id", "eventid", "numero", "no", "num",
                  "code", "reference", "ref", "objectid", "fid"),
    "year": ("year", "annee", "an", "iyear", "start year", "annee debut"),
    "month": ("month", "mois", "imonth", "start month", "mois debut"),
    "day": ("day", "jour", "iday", "start day", "jour debut"),
}  # fmt: skip

# The length of the periods that a column of dates holds, by the words of its name.
PERIODS: Final = {
    "semaine": "week", "semaines": "week", "sem": "week", "week": "week", "weeks": "week",
    "epiweek": "week", "mois": "month", "month": "month", "trimestre": "quarter",
    "trim": "quarter", "quarter": "quarter",
}  # fmt: skip
# Words that make such a name one of days all the same.
OF_DAYS: Final = frozenset(["date", "jour", "day", "heure", "time", "datetime"])

# What may be called so and hold countries.
MAYBE_COUNTRIES: Final = (
    "etat", "etats", "nation", "state", "territoire", "zone", "zone pays", "region", "regions",
    "country territory", "theatre",
)  # fmt: skip

# When a form was filled or a list was made, which is not when the incident was.
FORM_DATES: Final = (
    "survey date", "date enquete", "date collecte", "date rapport", "report date", "date reported",
    "today", "start", "submission date", "submissiondate", "submission time", "date saisie",
    "date soumission", "date publication", "publication date", "created at", "date mise jour",
    "reporting date", "end", "timestamp", "horodateur", "horodatage",
)  # fmt: skip

# The last day of an incident that lasted.
END_DATES: Final = frozenset(
    [
        "date fin",
        "fin",
        "au",
        "date end",
        "end date",
        "enddate",
        "date fin incident",
        "date fin evenement",
        "semaine fin",
        "fin semaine",
        "week end",
        "periode fin",
        "fin periode",
    ]
)

# The parts of that day in columns of their own.
END_PARTS: Final = {
    "year": frozenset(["end year", "annee fin", "fin annee"]),
    "month": frozenset(["end month", "mois fin", "fin mois"]),
    "day": frozenset(["end day", "jour fin", "fin jour"]),
}  # fmt: skip

# What a column of regions holds that tells of parts of the world.
WORLD_REGIONS: Final = frozenset(
    ["africa", "afrique", "western africa", "west africa", "afrique ouest", "sub saharan africa",
     "afrique subsaharienne", "west central africa", "afrique ouest centrale", "afrique centrale",
     "northern africa", "afrique nord", "middle africa", "central africa"]
)  # fmt: skip

# Words for people hurt, among whom the dead are only some.
DOUBTFUL_TOLLS: Final = (
    "victimes", "victims", "nb victimes", "nombre victimes", "nbre victimes", "number victims",
    "casualties", "number casualties", "pertes", "pertes humaines", "nb pertes", "total victimes",
    "bilan humain", "killed and wounded", "killed and injured", "killed wounded", "killed injured",
    "dead wounded", "dead injured", "deaths injuries", "deaths injured", "morts blesses",
    "tues blesses", "blesses morts", "blesses tues", "injured killed", "wounded killed",
)  # fmt: skip

# Words that a header may carry without changing what the column is.
FILLER: Final = frozenset(
    [
        "de",
        "du",
        "des",
        "d",
        "l",
        "la",
        "le",
        "les",
        "un",
        "une",
        "the",
        "of",
        "a",
        "en",
        "et",
        "in",
        "wgs84",
        "wgs",
        "dd",
        "deg",
        "degres",
        "degrees",
        "decimal",
        "decimale",
        "decimaux",
        "epsg",
        "utc",
        "were",
        "was",
        "gmt",
        "4326",
        "somme",
        "sum",
    ]
)
# Words that tell of what a column speaks: of the incident, or of where it was.
EVENT_CONTEXT: Final = frozenset(
    ["incident", "incidents", "evenement", "event", "events", "attaque", "attack", "accident",
     "explosion", "enlevement"]
)  # fmt: skip
# Words that leave the name of a place what it is: "Lieu des faits", "Localité exacte".
EXACTLY: Final = frozenset(["exact", "exacte", "precis", "precise", "faits", "concernee",
                            "concerne", "affectee", "affecte", "touchee", "touche", "sinistree",
                            "sinistre", "attaquee", "ciblee", "visee"])  # fmt: skip
CONTEXT: Final = EVENT_CONTEXT | {
    "lieu",
    "gps",
    "position",
    "coordonnees",
    "point",
    "coordinates",
    "geolocation",
    "geopoint",
    "localisation",
}
# Words for places where the incident was not.
ELSEWHERE: Final = frozenset(
    [
        "bureau",
        "office",
        "siege",
        "hq",
        "saisie",
        "enqueteur",
        "enumerator",
        "base",
        "depart",
        "origine",
        "origin",
        "destination",
        "capitale",
        "capital",
        "hopital",
        "hospital",
    ]
)
AXES: Final = {"longitude": "lon", "latitude": "lat", "long": "lon", "lat": "lat", "lon": "lon",
               "lng": "lon"}  # fmt: skip
# Words for the sides of the world, in a header of coordinates.
SIDES: Final = frozenset(
    ["n", "s", "e", "w", "o", "nord", "sud", "est", "ouest", "north", "south", "east", "west"]
)
# Words that make a toll a bound.
BOUNDS: Final = {
    "fatalities_low": frozenset(
        ["min", "minimum", "minimale", "bas", "basse", "low", "lower", "faible"]
    ),
    "fatalities_high": frozenset(
        ["max", "maximum", "maximale", "haut", "haute", "high", "upper", "elevee"]
    ),
}  # fmt: skip
