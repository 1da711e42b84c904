"""Layers around the units: neighbouring countries and towns."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from edge_matching import match_edges

from sahel_geo.crs import LONLAT
from sahel_geo.i18n.countries import COUNTRY_NAMES, spellings
from sahel_geo.schema import COUNTRIES

Shapes = npt.NDArray[Any]

FRAME: Final = (-18.0, 4.0, 21.0, 29.5)  # what a map of the three countries shows around them
NUMERIC: Final = {"MLI": "466", "NER": "562", "BFA": "854"}
NEIGHBOURS: Final = {
    "DZA": ("012", "DZ"),
    "MRT": ("478", "MR"),
    "SEN": ("686", "SN"),
    "GIN": ("324", "GN"),
    "CIV": ("384", "CI"),
    "GHA": ("288", "GH"),
    "TGO": ("768", "TG"),
    "BEN": ("204", "BJ"),
    "NGA": ("566", "NG"),
    "TCD": ("148", "TD"),
    "LBY": ("434", "LY"),
    "MAR": ("504", "MA"),
    "ESH": ("732", "EH"),
    "GMB": ("270", "GM"),
    "GNB": ("624", "GW"),
    "SLE": ("694", "SL"),
    "LBR": ("430", "LR"),
    "CMR": ("120", "CM"),
    "CAF": ("140", "CF"),
}
_MORE_NAMES: Final = {
    "MAR": {"fr": "Maroc", "en": "Morocco"},
    "ESH": {"fr": "Sahara occidental", "en": "Western Sahara"},
    "GMB": {"fr": "Gambie", "en": "Gambia"},
    "GNB": {"fr": "Guinée-Bissau", "en": "Guinea-Bissau"},
    "SLE": {"fr": "Sierra Leone", "en": "Sierra Leone"},
    "LBR": {"fr": "Libéria", "en": "Liberia"},
    "CMR": {"fr": "Cameroun", "en": "Cameroon"},
    "CAF": {"fr": "République centrafricaine", "en": "Central African Republic"},
}
TOLERANCE_DEGREES: Final = 0.01
DECIMALS: Final = 5

CAPITALS: Final = {"MLI": "Bamako", "NER": "Niamey", "BFA": "Ouagadougou"}
NEIGHBOUR_CAPITALS: Final = {
    "MRT": "Nouakchott",
    "SEN": "Dakar",
    "GIN": "Conakry",
    "CIV": "Yamoussoukro",
    "GHA": "Accra",
    "TGO": "Lomé",
    "BEN": "Porto-Novo",
    "NGA": "Abuja",
    "TCD": "N’Djamena",
}
NEIGHBOUR_TOWNS: Final = {
    "DZA": ("Tamanrasset",),
    "MRT": ("Néma", "Kiffa"),
    "SEN": ("Tambacounda",),
    "GIN": ("Kankan",),
    "CIV": ("Bouaké", "Korhogo"),
    "GHA": ("Tamale", "Kumasi"),
    "TGO": ("Dapaong",),
    "BEN": ("Parakou", "Natitingou"),
    "NGA": ("Kano", "Sokoto", "Maiduguri", "Lagos", "Katsina"),
    "LBY": ("Ghat",),
}
# Chief towns of regions that bear another name than their town.
REGION_SEATS: Final = {
    "Centre": "Ouagadougou",
    "Boucle du Mouhoun": "Dédougou",
    "Cascades": "Banfora",
    "Centre-Est": "Tenkodogo",
    "Centre-Nord": "Kaya",
    "Centre-Ouest": "Koudougou",
    "Centre-Sud": "Manga",
    "Est": "Fada N'Gourma",
    "Hauts-Bassins": "Bobo-Dioulasso",
    "Nord": "Ouahigouya",
    "Plateau-Central": "Ziniaré",
    "Sahel": "Dori",
    "Sud-Ouest": "Gaoua",
}
# Seats of cercles, departments and provinces that bear another name.
DISTRICT_SEATS: Final = {
    "Balé": "Boromo",
    "Bam": "Kongoussi",
    "Banwa": "Solenzo",
    "Bazèga": "Kombissiri",
    "Bougouriba": "Diébougou",
    "Boulgou": "Tenkodogo",
    "Boulkiemdé": "Koudougou",
    "Comoé": "Banfora",
    "Ganzourgou": "Zorgho",
    "Gnagna": "Bogandé",
    "Gourma": "Fada N'Gourma",
    "Houet": "Bobo-Dioulasso",
    "Ioba": "Dano",
    "Kadiogo": "Ouagadougou",
    "Kénédougou": "Orodara",
    "Komondjari": "Gayéri",
    "Kompienga": "Pama",
    "Kossi": "Nouna",
    "Koulpélogo": "Ouargaye",
    "Kouritenga": "Koupéla",
    "Kourwéogo": "Boussé",
    "Léraba": "Sindou",
    "Loroum": "Titao",
    "Mouhoun": "Dédougou",
    "Nahouri": "Pô",
    "Namentenga": "Boulsa",
    "Nayala": "Toma",
    "Noumbiel": "Batié",
    "Oubritenga": "Ziniaré",
    "Oudalan": "Gorom-Gorom",
    "Passoré": "Yako",
    "Poni": "Gaoua",
    "Sanguié": "Réo",
    "Sanmatenga": "Kaya",
    "Séno": "Dori",
    "Sissili": "Léo",
    "Soum": "Djibo",
    "Sourou": "Tougan",
    "Tapoa": "Diapaga",
    "Tuy": "Houndé",
    "Yagha": "Sebba",
    "Yatenga": "Ouahigouya",
    "Ziro": "Sapouy",
    "Zondoma": "Gourcy",
    "Zoundwéogo": "Manga",
    "Boboye": "Birni N'Gaouré",
    "Ayerou": "Ayorou",
    "Tesker": "Tasker",
    "Baraouéli": "Barouéli",
}
TOWN_COLUMNS: Final = ("name", "country", "lon", "lat", "population", "rank", "unit_id")


def fold(name: str) -> str:
    """Reduce a name to lower-case ASCII letters and digits, for comparison.

    Parameters
    ----------
    name : str
        Any spelling.

    Returns
    -------
    str
        For example ``"fadangourma"``.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]", "", plain.lower())


def neighbour_countries(world: Mapping[str, Any], countries: Shapes) -> gpd.GeoDataFrame:
    """Fit the neighbouring countries to the outer edge of the three countries.

    Parameters
    ----------
    world : mapping of str to geometry
        Country polygons by ISO 3166-1 numeric code, a valid coverage in EPSG:4326.
    countries : ndarray of Polygon, shape (3,)
        The three countries, final coordinates.

    Returns
    -------
    GeoDataFrame
        ``country``, ``name_fr``, ``name_en``, ``geometry``, by country code. Together with
        `countries` a valid coverage inside `FRAME`.

    Raises
    ------
    RuntimeError
        If the result is not a coverage.
    """
    codes = [*COUNTRIES, *NEIGHBOURS]
    numbers = [*NUMERIC.values(), *(number for number, _ in NEIGHBOURS.values())]
    box = shapely.box(*FRAME)
    land = np.array([world[number] for number in numbers], dtype=object)
    land = shapely.coverage_simplify(land, TOLERANCE_DEGREES)
    land = shapely.make_valid(shapely.intersection(land, box), method="structure")
    region = shapely.coverage_union_all(countries)
    foreign = shapely.difference(land[3:], region)
    fixed = np.arange(len(codes)) < len(countries)
    fitted = match_edges(np.concatenate([countries, foreign]), fixed=fixed).shapes[3:]
    fitted = _snap_to(fitted, countries)
    if not shapely.coverage_is_valid(np.concatenate([countries, fitted])):
        raise RuntimeError("the neighbouring countries do not fit the three countries.")
    names = {code: spellings(code) for code in COUNTRY_NAMES} | _MORE_NAMES
    frame = gpd.GeoDataFrame(
        {
            "country": codes[3:],
            "name_fr": [names[code]["fr"] for code in codes[3:]],
            "name_en": [names[code]["en"] for code in codes[3:]],
        },
        geometry=fitted,
        crs=LONLAT,
    )
    return frame[~frame.is_empty].sort_values("country", ignore_index=True)


def _snap_to(shapes: Shapes, fixed: Shapes) -> Shapes:
    """Round to five decimals, and move vertices that lie on an edge of `fixed` to its vertices."""
    rings = shapely.get_rings(fixed)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    within = ring[1:] == ring[:-1]
    ends = np.stack([xy[:-1][within], xy[1:][within]], axis=1)
    edges: Any = shapely.linestrings(ends)
    tree = shapely.STRtree(edges)
    corners = {tuple(corner) for corner in xy}

    def move(vertices: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        result = np.round(vertices, DECIMALS)
        near, edge = tree.query(shapely.points(result), predicate="dwithin", distance=2e-5)
        for row, which in zip(near, edge, strict=True):
            if tuple(result[row]) not in corners:
                gap = np.hypot(*(ends[which] - result[row]).T)
                result[row] = ends[which][gap.argmin()]
        return result

    moved = shapely.transform(shapes, move)
    moved = shapely.remove_repeated_points(moved)
    return np.asarray(shapely.normalize(shapely.make_valid(moved, method="structure")))


def towns(cities: pd.DataFrame, communes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Choose the towns that maps label, with their rank and French name.

    Parameters
    ----------
    cities : DataFrame
        Places with ``name``, ``alternates``, ``country``, ``lon``, ``lat``, ``population``.
    communes : GeoDataFrame, shape (n, ...)
        Facts and geometry of the communes, EPSG:4326.

    Returns
    -------
    DataFrame
        The columns of `TOWN_COLUMNS`, by country, rank and falling population. ``rank`` is
        ``capital``, ``region`` (chief town of one), ``district`` (seat of a cercle, department or
        province) or ``town``; ``unit_id`` is the commune around the town, empty abroad.
    """
    home = cities[cities["country"].isin(COUNTRIES)].reset_index(drop=True)
    points: Any = shapely.points(home["lon"], home["lat"])
    near = shapely.STRtree(communes.geometry.to_numpy()).query_nearest(points, all_matches=False)
    around = communes.iloc[near[1]]  # the commune around a town, or the nearest on the other side
    spelled = [
        {fold(name) for name in [main, *others]}
        for main, others in zip(home["name"], home["alternates"], strict=True)
    ]
    own = around["country"].to_numpy() == home["country"].to_numpy()
    home["unit_id"] = np.where(own, around["pcode"], "")
    home["rank"] = "town"
    for row, names in enumerate(spelled):
        facts = around.iloc[row]
        if fold(facts["name"]) in names:
            home.loc[row, "name"] = facts["name"]
        for column, seats, rank in _SEATS:
            seat = seats.get(facts[column], facts[column])
            if fold(seat.removeprefix("Ville de ")) in names:
                home.loc[row, ["name", "rank"]] = [seat.removeprefix("Ville de "), rank]
        if fold(CAPITALS[facts["country"]]) in names:
            home.loc[row, ["name", "rank"]] = [CAPITALS[facts["country"]], "capital"]
    abroad = _abroad(cities)
    return _in_order(pd.concat([home, abroad], ignore_index=True))


_SEATS: Final = (
    ("adm2_name", DISTRICT_SEATS, "district"),
    ("adm1_name", REGION_SEATS, "region"),
)


def _abroad(cities: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for country in NEIGHBOURS:
        capital = NEIGHBOUR_CAPITALS.get(country)
        for name in [capital, *NEIGHBOUR_TOWNS.get(country, ())]:
            if name is None:
                continue
            key = fold(name)
            own = cities[cities["country"] == country]
            named = own[[fold(place) == key for place in own["name"]]]
            spelled = own[[key in {fold(other) for other in names} for names in own["alternates"]]]
            found = spelled if named.empty else named
            best = found.nlargest(1, "population").assign(name=name)
            rows.append(best.assign(rank="capital" if name == capital else "town", unit_id=""))
    return pd.concat(rows)


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    ranks = ["capital", "region", "district", "town"]
    order = pd.DataFrame(
        {
            "country": [[*COUNTRIES, *NEIGHBOURS].index(code) for code in frame["country"]],
            "rank": [ranks.index(rank) for rank in frame["rank"]],
            "population": -frame["population"],
            "name": frame["name"],
        },
    ).sort_values(["country", "rank", "population", "name"])
    return frame.loc[order.index, list(TOWN_COLUMNS)].reset_index(drop=True)
