"""How good is geocoding of texts? Sentences written one by one, with their places marked.

    python benchmarks/geocoding_texts.py             # the half that no rule was changed for
    python benchmarks/geocoding_texts.py --half tune --show
    python benchmarks/geocoding_texts.py --descriptions   # UCDP's own words on where events were

benchmarks/texts.csv holds 154 sentences in the manner of situation reports, half French and half
English, about invented events. ``[Ansongo>s.MLI]`` marks a place: ``s`` the scene or ``c`` context,
the country, and where needed the level of a unit (``1`` to ``3``) or the region or commune of a
place that has namesakes. They were written before any of them was geocoded; a random half was held
out.

``--descriptions`` reads what UCDP's coders wrote down about the place of each event of Burkina Faso
(2016 to 2022, precision 1), as it stands, halves by a checksum of the text; the truth is the
event's point.

Where a marked place is comes from its country and spelling alone (of namesakes in the stated
region: the most populous), in GeoNames dumps and the project's units. Needs the reference data
(SAHEL_GEO_REFERENCE, else ../shared/data) for these dumps; says so and stops without it.
"""

import argparse
import csv
import os
import re
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.places.gazetteer.spelling import plain_form

FOLDER = Path(
    os.environ.get("SAHEL_GEO_REFERENCE", Path(__file__).resolve().parents[2] / "shared" / "data")
)
TEXTS = Path(__file__).with_name("texts.csv")
MARK = re.compile(r"\[([^\]>]+)>([sc])\.([A-Z]{3})(?:\.([^\]]+))?\]")
LEVELS = {"1": "region", "2": "district", "3": "commune"}
COUNTS = ("marked", "found", "right role", "within 25 km", "all three", "extra")


def sentences():
    """Give (half, language, text, [(start, end, role, country, detail)])."""
    with TEXTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text, marks, at = "", [], 0
            for mark in MARK.finditer(row["text"]):
                text += row["text"][at : mark.start()]
                role = "scene" if mark[2] == "s" else "context"
                marks.append((len(text), len(text) + len(mark[1]), role, mark[3], mark[4] or ""))
                text, at = text + mark[1], mark.end()
            yield row["half"], row["lang"], text + row["text"][at:], marks


def truth(gazetteer, name, country, detail):
    """Where a marked place is; None where no source has it under this spelling."""
    found = gazetteer.find(name)
    found = found[found["country"] == country]
    if detail in LEVELS:
        found = found[found["feature"] == LEVELS[detail]]
    elif (found["feature"] == "populated").any():
        found = found[found["feature"] == "populated"]
        if detail:
            within = found[["adm1_name", "adm3_name"]].map(plain_form) == plain_form(detail)
            found = found[within.any(axis=1)]
    elif found["feature"].isin(LEVELS.values()).any():
        found = found[found["feature"].isin(LEVELS.values())]
    if found.empty:
        return None
    best = found.sort_values("population", ascending=False, kind="stable").iloc[0]
    return float(best["lon"]), float(best["lat"])


def measure(gazetteer, half, *, show):
    """Count what is found, and how well, per language."""
    tallies = {}
    for part, lang, text, marks in sentences():
        if part != half:
            continue
        tally = tallies.setdefault(lang, dict.fromkeys(("sentences", "unplaced", *COUNTS), 0))
        tally["sentences"] += 1
        hits = sg.geocode_text(text, gazetteer, lang=lang)
        spans = {(hit.start, hit.end): hit for hit in hits.itertuples()}
        extra = set(spans) - {mark[:2] for mark in marks}
        tally["extra"] += len(extra)
        faults = [f"extra {text[slice(*span)]}" for span in sorted(extra)]
        for start, end, role, country, detail in marks:
            tally["marked"] += 1
            name = text[start:end]
            point = truth(gazetteer, name, country, detail)
            tally["unplaced"] += point is None
            hit = spans.get((start, end))
            if hit is None:
                faults.append(f"missed {name}")
                continue
            away = WGS84.inv(hit.lon, hit.lat, *point)[2] / 1e3 if point else float("inf")
            tally["found"] += 1
            tally["right role"] += hit.role == role
            tally["within 25 km"] += away <= 25
            tally["all three"] += hit.role == role and away <= 25
            if hit.role != role or away > 25:
                faults.append(f"{name}: {hit.role}, {away:.0f} km, {hit.method}, {hit.match_name}")
        if show and faults:
            print(f"{lang} {text}\n     {'; '.join(faults)}")
    return tallies


def descriptions(gazetteer, half, *, show):
    """Read UCDP's descriptions of places, and tell how far the first scene is from the event."""
    table = pd.read_csv(FOLDER / "ucdp" / "ged251_bfa_2016_2022.csv")
    table = table[(table["where_prec"] == 1) & table["where_description"].notna()]
    table = table.drop_duplicates("where_description")
    checksum = [zlib.crc32(text.encode("utf-8")) % 2 for text in table["where_description"]]
    table = table[[bool(each) == (half == "held_out") for each in checksum]]
    table = table[table["where_description"].str.split().str.len() >= 3]
    errors, sure = [], []
    start = time.perf_counter()
    for row in table.itertuples():
        hits = sg.geocode_text(row.where_description, gazetteer, lang="en", country="BFA")
        scenes = hits[hits["role"] == "scene"]
        first = scenes.iloc[0] if len(scenes) else None
        known = first is not None and first["lon"] == first["lon"]
        away = (
            WGS84.inv(first["lon"], first["lat"], row.longitude, row.latitude)[2] if known else 1e9
        )
        errors.append(away / 1e3)
        sure.append(known and first["location_precision"] in {"exact", "near"})
        if show and away > 25e3:
            print(f"{row.where_description!r}: {row.where_coordinates}, {away / 1e3:.0f} km")
            print(hits[["text", "role", "location_precision", "method"]].to_string())
    rate = len(table) / (time.perf_counter() - start)
    errors, sure = np.array(errors), np.array(sure)
    print(
        f"{half}: {len(table)} descriptions, {rate:.0f} a second; first scene within 25 km "
        f"{np.mean(errors <= 25):.1%}; sure {sure.mean():.1%}, of all sure and over 50 km wrong "
        f"{np.mean(sure & (errors > 50)):.1%}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--half", choices=["tune", "held_out"], default="held_out")
    parser.add_argument("--show", action="store_true", help="list what goes wrong")
    parser.add_argument("--descriptions", action="store_true", help="UCDP's own words")
    parser.add_argument("--truth", action="store_true", help="list marks that no source has")
    options = parser.parse_args()
    if not (FOLDER / "gazetteer").is_dir():
        sys.exit(f"no reference data in {FOLDER}; set SAHEL_GEO_REFERENCE")
    gazetteer = sg.load_gazetteer(
        *(FOLDER / "gazetteer" / name for name in ("ML.zip", "NE.zip", "BF.zip"))
    )
    if options.descriptions:
        descriptions(gazetteer, options.half, show=options.show)
        return
    if options.truth:
        for _, _, text, marks in sentences():
            for start, end, _, country, detail in marks:
                if truth(gazetteer, text[start:end], country, detail) is None:
                    print(f"{country} {detail}: {text[start:end]}")
        return
    for lang, tally in sorted(measure(gazetteer, options.half, show=options.show).items()):
        marked = tally["marked"]
        shares = ", ".join(f"{key} {tally[key] / marked:.1%}" for key in COUNTS[1:-1])
        print(
            f"{options.half} {lang}: {tally['sentences']} sentences, {marked} marked places "
            f"({tally['unplaced']} of unknown position); {shares}; {tally['extra']} extra"
        )


if __name__ == "__main__":
    main()
