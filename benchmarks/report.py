"""The main job as a whole process: a report, beside a plain script and beside another checkout.

    python benchmarks/report.py                             # this checkout and the plain script
    python benchmarks/report.py --before CHECKOUT           # and the same inputs with an older one
    python benchmarks/report.py --first                     # first calls with an empty cache, too

Each line is one process from start to end: processor time (all threads), wall time and peak memory,
the best of a few runs after one that fills the compile cache. The plain script makes the two
choropleths of the report with geopandas and folium, and nothing else: no checks, no spillover, no
page that works offline. The file of UCDP is read from SAHEL_GEO_REFERENCE, if set.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
SIX_ROWS = """date,country,place,lon,lat,event_type,fatalities
2023-02-10,Niger,Ouallam,2.09,14.32,attack,12
2023-03-04,Niger,Tera,0.75,14.01,attack,3
2023-05-20,Burkina Faso,Dori,-0.03,14.03,attack,7
2024-01-15,Mali,Menaka,2.40,15.92,clash,5
2024-06-02,Mali,Ansongo,0.50,15.66,clash,2
2024-08-24,Burkina Faso,Barsalogho,-1.06,13.41,attack,40
"""
PLAIN = """
import sys, folium, geopandas as gpd, pandas as pd
source, units_file, out = sys.argv[1:4]
units = gpd.read_parquet(units_file)[["unit_id", "geometry"]]
table = pd.read_csv(source)
names = [("longitude", "latitude"), ("lon", "lat")]
lon, lat = next(pair for pair in names if pair[0] in table)
points = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table[lon], table[lat]), crs=4326)
joined = points.sjoin(units[["unit_id", "geometry"]], predicate="within")
units["incidents"] = joined["unit_id"].value_counts().reindex(units["unit_id"]).fillna(0).to_numpy()
zone = units[units["unit_id"].str.startswith(("ML07", "NE06"))]
for name, part in (("all", units), ("zone", zone)):
    m = folium.Map(location=[15, 1], zoom_start=6)
    folium.Choropleth(part.to_json(), data=part, columns=["unit_id", "incidents"],
                      key_on="feature.properties.unit_id").add_to(m)
    m.save(f"{out}/{name}.html")
"""
FIRST = {
    "UnitIndex.locate": "index = sg.UnitIndex(units)\nindex.locate(lon, lat)",
    "assign": "sg.assign(table, units)",
    "hawkes.fit": "sg.hawkes.fit(table, by='country', rng=1)",
    "near_repeat.knox": (
        "sg.near_repeat.knox(table, distances_km=[0, 50], days=[0, 30], permutations=99, rng=1)"
    ),
}
SETTING = """
import time, numpy as np, pandas as pd, sahel_geo as sg
rng = np.random.default_rng(1)
units = sg.load_boundaries(level=2)
lon, lat = rng.uniform(-4, 4, 300), rng.uniform(12, 17, 300)
dates = pd.Timestamp('2021-01-01') + pd.to_timedelta(rng.integers(0, 900, 300), 'D')
table = pd.DataFrame({'lon': lon, 'lat': lat, 'date': dates,
                      'country': np.where(lon < 0, 'MLI', 'NER')})
start = time.process_time()
exec(WORK)
print(time.process_time() - start)
"""


def run(command, checkout, cache=None):
    """Run a process to its end; give processor seconds, wall seconds and peak MB."""
    environment = environment_of(checkout, cache)
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *command],
        env=environment,
        cwd=tempfile.gettempdir(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 3):
        raise SystemExit(f"{command} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss / 1024


def environment_of(checkout, cache):
    """Let a process use a checkout; Python keeps its bytecode, as it does for anybody's work."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if cache is not None:
        environment["NUMBA_CACHE_DIR"] = str(cache)
    return environment


def best(command, checkout, runs, cache):
    run(command, checkout, cache)
    return tuple(map(min, zip(*(run(command, checkout, cache) for _ in range(runs)), strict=True)))


def line(name, who, figures, base=None):
    ratio = "" if base is None else f"{base / figures[0]:>7.2f} x"
    print(
        f"{name:<18} {who:<12} {figures[0]:>7.2f} s cpu {figures[1]:>7.2f} s wall "
        f"{figures[2]:>6.0f} MB {ratio}",
        flush=True,
    )


def inputs(folder):
    six = folder / "six.csv"
    six.write_text(SIX_ROWS, "utf-8")
    found = {"catalogue": None, "six rows": six}
    reference = os.environ.get("SAHEL_GEO_REFERENCE")
    if reference:
        for path in sorted(Path(reference).glob("ucdp/ged*_prec12_reduced.csv"))[:1]:
            found["UCDP"] = path.resolve()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--before", type=Path, help="checkout to set beside")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--first", action="store_true", help="first calls, with an empty cache")
    given = parser.parse_args()
    sides = {"before": given.before.resolve()} if given.before else {}
    sides["here"] = HERE
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        caches = {who: folder / f"cache_{who}" for who in sides}
        for name, path in inputs(folder).items():
            base = None
            for who, checkout in sides.items():
                command = ["-m", "sahel_geo.cli", "report", *([] if path is None else [str(path)])]
                command += ["--out", str(folder / "out")]
                figures = best(command, checkout, given.runs, caches[who])
                line(name, who, figures, base)
                base = base or figures[0]
        plain(folder, given.runs)
        if given.first:
            for who, checkout in sides.items():
                first(folder, who, checkout)


def plain(folder, runs):
    """Time the plain script on the same files; the units come from a file of polygons."""
    units = folder / "units.parquet"
    code = f"import sahel_geo as sg; sg.load_boundaries(level=2).to_parquet({str(units)!r})"
    run(["-c", code], HERE)
    (folder / "plain").mkdir()
    for name, path in inputs(folder).items():
        if path is not None:
            command = ["-c", PLAIN, str(path), str(units), str(folder / "plain")]
            line(name, "plain script", best(command, HERE, runs, None))


def first(folder, who, checkout):
    """Take processor time of first and second calls and reports, with an empty cache."""
    for name, work in FIRST.items():
        with tempfile.TemporaryDirectory(dir=folder) as cache:
            code = f"WORK = {work!r}\n{SETTING}"
            seconds = [call(code, checkout, cache) for _ in range(2)]
        print(f"{name:<18} {who:<12} first {seconds[0]:>6.2f} s, second {seconds[1]:>6.2f} s")
    for name, path in inputs(folder).items():
        command = ["-m", "sahel_geo.cli", "report", *([] if path is None else [str(path)])]
        command += ["--out", str(folder / "out")]
        with tempfile.TemporaryDirectory(dir=folder) as cache:
            one, two = (run(command, checkout, cache)[0] for _ in range(2))
        print(f"report, {name:<10} {who:<12} first {one:>6.2f} s, second {two:>6.2f} s")


def call(code, checkout, cache):
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment_of(checkout, cache),
        check=True,
        capture_output=True,
        text=True,
        cwd=tempfile.gettempdir(),
    )
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
