"""How good is geocoding? UCDP GED's place names, located with GeoNames dumps, beside two peers.

    python benchmarks/geocoding.py            # the half of the places that nothing was tuned on
    python benchmarks/geocoding.py --half all
    python benchmarks/geocoding.py --calibrate   # what a method's word is worth; no UCDP rows

Needs the reference data (SAHEL_GEO_REFERENCE, else ../shared/data); says so and stops without it.
Distinct places are split into two halves by a checksum of their name; weights and radii of the
package were chosen on the half called "tune" only.

``--calibrate`` asks for OCHA populated places of Mali in GeoNames, one source against the other,
each with the units that OCHA states. Left out are names that OCHA has more than once in the stated
region, which have no one answer, and points more than 25 km outside their region. It tells per
method, with and without namesakes in the country and by spelling, how often an answer is right:
which evidence counts as sure (`Chooser.sure`) and the radii were settled on these figures.
"""

import argparse
import os
import sys
import time
import zlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.places.gazetteer.spelling import joined_form, plain_form, sound_form

NAMED = ("exact", "near")
FOLDER = Path(
    os.environ.get("SAHEL_GEO_REFERENCE", Path(__file__).resolve().parents[2] / "shared" / "data")
)


def load_places(half):
    table = pd.read_csv(FOLDER / "ucdp" / "ged251_bfa_2016_2022.csv")
    table = table[table["where_prec"].isin([1, 2])]
    table = table.drop_duplicates(["where_coordinates", "where_prec"])
    checksum = [zlib.crc32(name.encode("utf-8")) % 2 for name in table["where_coordinates"]]
    table = table.assign(half=np.where(checksum, "test", "tune"))
    chosen = table if half == "all" else table[table["half"] == half]
    return pd.DataFrame(
        {
            "place": chosen["where_coordinates"].to_numpy(),
            "country": "BFA",
            "admin1": chosen["adm_1"].to_numpy(),
            "admin2": chosen["adm_2"].to_numpy(),
            "true_lon": chosen["longitude"].to_numpy(),
            "true_lat": chosen["latitude"].to_numpy(),
            "where_prec": chosen["where_prec"].to_numpy(),
        }
    )


def by_us(places, gazetteer, context):
    table = places[["place", "country", *context]]
    start = time.perf_counter()
    found = sg.geocode(table, gazetteer)
    return found, len(table) / (time.perf_counter() - start)


def by_peer(places, gazetteer, *, fuzzy):
    own = gazetteer.places
    rows = np.flatnonzero((own["country"] == "BFA").to_numpy())
    names = [joined_form(plain_form(name)) for name in own["name"].to_numpy()[rows]]
    first = {}
    for row, name in zip(rows, names, strict=True):
        first.setdefault(name, row)
    words = {"village", "town", "city", "camp", "locality", "department"}
    lon, lat = own["lon"].to_numpy(), own["lat"].to_numpy()
    found = []
    start = time.perf_counter()
    for text in places["place"]:
        bare = " ".join(word for word in plain_form(text).split() if word not in words)
        name = joined_form(bare)
        if fuzzy:
            hit = process.extractOne(name, names, scorer=fuzz.ratio, score_cutoff=80)
            row = rows[hit[2]] if hit else -1
        else:
            row = first.get(name, -1)
        found.append((lon[row], lat[row], "exact") if row >= 0 else (np.nan,) * 3)
    rate = len(places) / (time.perf_counter() - start)
    return pd.DataFrame(found, columns=["lon", "lat", "location_precision"]), rate


def errors_km(found, places):
    lon, lat = found["lon"].to_numpy(float), found["lat"].to_numpy(float)
    known = np.isfinite(lon)
    errors = np.full(len(found), np.nan)
    errors[known] = WGS84.inv(lon[known], lat[known], places["true_lon"].to_numpy()[known],
                              places["true_lat"].to_numpy()[known])[2]  # fmt: skip
    return errors / 1e3


def report(label, found, rate, places):
    errors = errors_km(found, places)
    method = found.get("method", pd.Series("peer", index=found.index))
    units = {level: sg.load_boundaries(level, countries="BFA") for level in (1, 2)}
    same = {}
    for level, unit in units.items():
        got = sg.assign(found[["lon", "lat"]].reset_index(drop=True), unit)["unit_id"]
        truth = places.rename(columns={"true_lon": "lon", "true_lat": "lat"})
        true = sg.assign(truth[["lon", "lat"]].reset_index(drop=True), unit)["unit_id"]
        same[level] = (got.to_numpy() == true.to_numpy()) & true.notna().to_numpy()
    print(f"\n{label}   ({rate:,.0f} names per second)")
    for precision in (1, 2):
        mine = (places["where_prec"] == precision).to_numpy()
        if not mine.any():
            continue
        e = errors[mine]
        named = (~method.isin(["unit", "ambiguous", "none"])).to_numpy()[mine] & np.isfinite(e)
        sure = found["location_precision"].isin(NAMED).to_numpy()[mine] & named
        print(
            f"  where_prec {precision}, {mine.sum()} places: answered {np.isfinite(e).mean():.1%}, "
            f"by name {named.mean():.1%}; by name within 5 km {np.mean(named & (e <= 5)):.1%}, "
            f"25 km {np.mean(named & (e <= 25)):.1%}, 161 km {np.mean(named & (e <= 161)):.1%}; "
            f"right ADM1 {same[1][mine].mean():.1%}, ADM2 {same[2][mine].mean():.1%}; "
            f"confident (exact or near) {sure.mean():.1%}, confident and within 25 km "
            f"{np.mean(sure & (e <= 25)):.1%}, confident and over 50 km wrong "
            f"{np.mean(sure & (e > 50)):.1%}"
        )
    if "radius_km" in found:
        inside = errors <= found["radius_km"].to_numpy(float)
        for precision, rows in found.groupby("location_precision").indices.items():
            print(
                f"    radius holds the true point, {precision}: {inside[rows].mean():.1%} of "
                f"{len(rows)} (median radius {found['radius_km'].iloc[rows].median():.0f} km)"
            )
        print(f"    radius holds the true point, all: {inside.mean():.1%}")
    return errors


def throughput(gazetteer, size):
    """Names per second on distinct misspelt names, which is the slow path."""
    rng = np.random.default_rng(1)
    own = gazetteer.places
    rows = rng.choice(np.flatnonzero((own["country"] == "BFA").to_numpy()), size, replace=False)
    names = []
    for name in own["name"].to_numpy()[rows]:
        cut = int(rng.integers(0, max(len(name) - 1, 1)))
        names.append(name if rng.random() < 0.5 else name[:cut] + name[cut + 1 :] + "e")
    table = pd.DataFrame({"place": names, "country": "BFA",
                          "admin1": own["adm1_name"].to_numpy()[rows]})  # fmt: skip
    start = time.perf_counter()
    sg.geocode(table, gazetteer)
    return size / (time.perf_counter() - start)


def load_settlements():
    """OCHA's populated places of Mali whose name is the only one of its spelling in the region."""
    table = pd.read_csv(FOLDER / "gazetteer" / "ocha_mali_settlements.zip")
    units = sg.load_boundaries(1, countries="MLI")
    places = pd.DataFrame(
        {
            "place": table["featureNam"].to_numpy(),
            "country": "MLI",
            "admin1": table["admin1Name"].to_numpy(),
            "admin2": table["admin2Name"].to_numpy(),
            "true_lon": table["longitude"].to_numpy(float),
            "true_lat": table["latitude"].to_numpy(float),
        }
    )
    metric = "+proj=aeqd +lon_0=-3 +lat_0=17"
    points = gpd.GeoSeries.from_xy(places["true_lon"], places["true_lat"], crs=4326).to_crs(metric)
    shapes = dict(zip(map(plain_form, units["name"]), units.to_crs(metric).geometry, strict=True))
    stated = gpd.GeoSeries([shapes.get(plain_form(name)) for name in places["admin1"]], crs=metric)
    outside = points.distance(stated, align=False).to_numpy() > 25_000
    spelled = places["place"].map(lambda name: joined_form(plain_form(name)))
    twice = pd.DataFrame({"name": spelled, "admin1": places["admin1"]}).duplicated(keep=False)
    print(f"{len(places):,} populated places: {twice.sum():,} named twice in their region, "
          f"{outside.sum():,} outside it")  # fmt: skip
    return places[~twice.to_numpy() & ~outside].reset_index(drop=True)


def evidence(found, gazetteer):
    """Similarity of spelling to the nearest name of the match, and namesakes in the country."""
    names = gazetteer.names
    inside = names[(gazetteer.places["country"] == "MLI").to_numpy()[names["place"]]]
    count = inside.groupby("sound")["place"].nunique()
    of_id = dict(zip(gazetteer.places["place_id"], gazetteer.places.index, strict=True))
    spellings = inside.groupby("place")["joined"].agg(list)
    alike, namesakes = [], []
    for text, match in zip(found["place"], found["match_id"], strict=True):
        name = joined_form(plain_form(text))
        known = spellings.get(of_id.get(match, -1), [])
        alike.append(max((fuzz.ratio(name, each) for each in known), default=np.nan))
        namesakes.append(int(count.get(sound_form(name), 0)))
    return np.array(alike), np.array(namesakes)


def calibrate(gazetteer):
    places = load_settlements()
    for context in ([], ["admin1"], ["admin1", "admin2"]):
        found, rate = by_us(places, gazetteer, context)
        errors = errors_km(found, places)
        alike, namesakes = evidence(found, gazetteer)
        table = pd.DataFrame({
            "method": found["method"], "precision": found["location_precision"],
            "namesakes": pd.cut(namesakes, [-1, 1, 2, 5, 9999], labels=["none", "1", "2-4", "5+"]),
            "alike": pd.cut(alike, [0, 80, 85, 90, 95, 100], right=False),
            "letters": pd.cut([len(plain_form(name)) for name in places["place"]],
                              [0, 4, 6, 8, 10, 200]),
            "error_km": errors, "within_25": errors <= 25, "over_50": errors > 50,
            "in_radius": errors <= found["radius_km"].to_numpy(float),
            "share": errors / found["radius_km"].to_numpy(float),
        })  # fmt: skip
        print(f"\ngiven {' and '.join(context) or 'the country alone'}: {len(table):,} names, "
              f"{rate:,.0f} per second")  # fmt: skip
        named = table[table["method"].isin(["exact", "alternate", "sound", "fuzzy"])]
        print(_rates(named, ["method"]))
        print(_rates(table, ["precision"]))
        print(_rates(table, ["method", "precision"]))
        if context == ["admin1"]:
            print(_rates(named, ["method", "namesakes"]))
            sound = named[named["method"] == "sound"]
            for column in ("alike", "letters"):
                print(_rates(sound, ["namesakes", column]))


def _rates(table, keys):
    groups = table.groupby(keys, observed=True)
    rates = groups[["within_25", "over_50", "in_radius"]].mean().mul(100).round(1)
    rates["p90_km"] = groups["error_km"].quantile(0.9).round(0)
    rates["p90_share"] = groups["share"].quantile(0.9).round(2)
    rates.insert(0, "names", groups.size())
    return rates[rates["names"] >= 5].to_string() + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--half", choices=["tune", "test", "all"], default="test")
    parser.add_argument("--show", action="store_true", help="list what goes wrong")
    parser.add_argument("--calibrate", action="store_true", help="OCHA's Mali against GeoNames")
    options = parser.parse_args()
    if not (FOLDER / "gazetteer").is_dir():
        sys.exit(f"no reference data in {FOLDER}; set SAHEL_GEO_REFERENCE")
    if options.calibrate:
        calibrate(sg.load_gazetteer(FOLDER / "gazetteer" / "ML.zip"))
        return
    start = time.perf_counter()
    gazetteer = sg.load_gazetteer(
        *(FOLDER / "gazetteer" / name for name in ("ML.zip", "NE.zip", "BF.zip"))
    )
    sg.geocode(["Dori", "Dory"], gazetteer, country="BFA", admin1="Est")
    print(f"{len(gazetteer):,} places, ready in {time.perf_counter() - start:.1f} s")
    places = load_places(options.half)
    print(f"half {options.half!r}: {len(places)} distinct places")
    for context in ([], ["admin1"], ["admin1", "admin2"]):
        found, rate = by_us(places, gazetteer, context)
        label = " and ".join(context) or "the country alone"
        errors = report(f"sahel_geo, given {label}", found, rate, places)
        if options.show and context == ["admin1"]:
            wrong = (errors > 25) | ~found["location_precision"].isin(NAMED)
            table = found.assign(error_km=errors.round(1), prec=places["where_prec"])[wrong]
            print(table[["place", "prec", "admin1", "match_name", "method", "score",
                         "location_precision", "error_km", "radius_km",
                         "alternatives"]].to_string())  # fmt: skip
    for fuzzy, label in ((False, "exact normalised matching"), (True, "plain rapidfuzz, 80")):
        found, rate = by_peer(places, gazetteer, fuzzy=fuzzy)
        report(label, found, rate, places)
    rate = throughput(gazetteer, 4000)
    print(f"\n4,000 distinct names, half of them misspelt: {rate:,.0f} per second")


if __name__ == "__main__":
    main()
