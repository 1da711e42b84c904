"""What is published is attacked: every figure of the files is read, and linear programs solved."""

import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import sahel_geo as sg
from sahel_geo.maps.publish.publish import safe_units
from tests.maps.attack import (
    COUNTS,
    EVERY,
    HIDDEN,
    Attack,
    Known,
    learn_totals,
    narrowest,
    page_data,
    read_map,
    visible_text,
)

K = 5
SHOWN = ["incidents", "per_1000km2", "fatalities_best"]


def make_incidents(units, number, seed):
    """Incidents of four years, from the 7th to the 24th of a month, near the middle of a unit."""
    rng = np.random.default_rng(seed)
    weights = rng.gamma(0.6, 1, len(units))
    at = rng.choice(len(units), number, p=weights / weights.sum())
    middle = units.representative_point().iloc[at]
    day = pd.to_datetime("2020-01-07") + pd.to_timedelta(rng.integers(0, 17, number), unit="D")
    month = rng.integers(0, 48, number)
    dates = [each + pd.DateOffset(months=int(more)) for each, more in zip(day, month, strict=True)]
    return pd.DataFrame(
        {
            "incident_id": [f"IDSECRET{row}" for row in range(number)],
            "date": pd.to_datetime(pd.Series(dates)),
            "lon": middle.x.to_numpy() + rng.uniform(-0.02, 0.02, number),
            "lat": middle.y.to_numpy() + rng.uniform(-0.02, 0.02, number),
            "country": ["countrysecret", *units["country"].to_numpy()[at][1:]],
            "place": "placesecret",
            "location_precision": "exact",
            "fatalities_best": rng.poisson(1.5, number),
            "actor1": "actorsecret",
            "notes": "notesecret",
        }
    )


def groups_of(units, keys):
    """Name the groups of units whose totals are known, from the largest."""
    found = {"keys": keys, "units": set(units["unit_id"]), EVERY: list(units["unit_id"])}
    for depth in range(1, len(keys) + 1):
        for names, part in units.groupby(keys[:depth]):
            found["/".join(names)] = list(part["unit_id"])
    return found


def truth_of(panel, groups, count):
    """Give the true figure of an area and a year."""
    table = panel.assign(year=panel["period"].dt.year)
    grid = table.pivot_table(index="unit_id", columns="year", values=count, aggfunc="sum")

    def find(area, when):
        rows = grid.loc[[area] if area in groups["units"] else groups[area]]
        return float(rows.sum().sum() if when is None else rows[when].sum())

    return find


@pytest.fixture(scope="module")
def provinces():
    """Units in regions in a country, their counts by month, and their whole-time figures."""
    units = sg.load_boundaries(level=2, countries="BFA")
    placed = sg.assign(make_incidents(units, 1500, 3), units)
    panel = sg.count(placed, units, period="month")
    area = panel["unit_id"].map(units.set_index("unit_id")["area_km2"])
    panel["per_1000km2"] = panel["incidents"] / area * 1000
    return units.merge(sg.density.rates(panel, units), on="unit_id"), panel


@pytest.fixture(scope="module")
def page(provinces, tmp_path_factory):
    table, panel = provinces
    m = sg.choropleth(table, SHOWN, panel=panel, publish="safe", least=K)
    return sg.save_map(m, tmp_path_factory.mktemp("safe") / "map.html")


def learned(provinces, path):
    table, panel = provinces
    known = Known(groups_of(table, ["country", "adm1_id"]))
    read_map(known, path, table.set_index("unit_id")["area_km2"])
    learn_totals(known, safe_units(table, SHOWN, k=K, panel=panel).protected.totals)
    return known


@pytest.mark.parametrize("count", ["incidents", "fatalities_best"])
def test_no_figure_of_a_map_with_series_is_known_better_than_promised(provinces, page, count):
    known = learned(provinces, page)
    attack = Attack(known, count)
    truth = truth_of(provinces[1], known.groups, count)
    for (area, when), value in attack.facts.items():
        assert isinstance(value, str) or value == truth(area, when)
    assert len(attack.periods) == 4
    assert all("series" in each for each in page_data(page)["indicators"])
    leaks, tried = narrowest(attack, truth, K)
    assert leaks == []
    assert tried > 80


def test_what_is_hidden_in_one_indicator_is_hidden_in_all(provinces, page):
    known = learned(provinces, page)
    hidden = {key[1:] for key, value in known.facts.items() if value == HIDDEN}
    for name in ("incidents", "fatalities_best"):
        assert {
            key[1:] for key, v in known.facts.items() if key[0] == name and v == HIDDEN
        } == hidden
    small = provinces[1].assign(year=lambda p: p["period"].dt.year)
    small = small.groupby(["unit_id", "year"])[["incidents", "fatalities_best"]].sum()
    few = small[small.ge(1).any(axis=1) & (small.gt(0) & small.lt(K)).any(axis=1)]
    assert set(few.index) <= hidden
    zero = small[small["incidents"] == 0]
    assert len(zero) > 5
    assert not set(zero.index) & hidden


def hidden_cells(known):
    """List the cells that the incidents of the page hide, in an order of their own."""
    keys = [
        key[1:] for key, value in known.facts.items() if key[0] == "incidents" and value == HIDDEN
    ]
    return sorted((k for k in keys if k[0] in known.groups["units"] and k[1]), key=str)


@pytest.mark.parametrize("leak", ["cell", "unit", "sum"])
def test_the_attack_finds_one_figure_too_many(provinces, page, leak):
    """A hidden figure put back, or a sum that nobody protected, gives others away."""
    known = learned(provinces, page)
    truth = truth_of(provinces[1], known.groups, "incidents")
    cells = hidden_cells(known)
    if leak == "cell":  # the other one of a unit whose total is shown
        units = [unit for unit, _ in cells]
        unit, when = next(
            cell
            for cell in cells
            if units.count(cell[0]) == 2 and known.facts["incidents", cell[0], None] != HIDDEN
        )
        known.facts["incidents", unit, when] = truth(unit, when)
    if leak == "unit":  # the whole-time total of a unit that has small years
        unit = next(u for u, _ in cells if known.facts["incidents", u, None] == HIDDEN)
        known.facts["incidents", unit, None] = truth(unit, None)
    if leak == "sum":  # two cells of one year
        few = sorted((cell for cell in cells if cell[1] == 2021), key=lambda cell: truth(*cell))
        known.groups["pair"] = [few[0][0], few[1][0]]
        known.facts["incidents", "pair", 2021] = truth("pair", 2021)
    left = hidden_cells(known)
    leaks, tried = narrowest(Attack(known, "incidents"), truth, K, among=left)
    assert tried == len(left)
    assert leaks


def test_two_protections_that_do_not_know_of_each_other_leak(provinces, page):
    """Why the whole time and the periods are protected as one table."""
    table, panel = provinces
    known = learned(provinces, page)
    apart = safe_units(table, SHOWN, k=K).protected
    for row in apart.table.to_dict("records"):
        value = HIDDEN if row["suppressed"] else row["incidents"]
        known.facts["incidents", row["unit_id"], None] = value
    truth = truth_of(panel, known.groups, "incidents")
    leaks, _ = narrowest(Attack(known, "incidents"), truth, K)
    assert leaks


@pytest.mark.reference
def test_a_real_map_by_year_holds_against_the_attack(reference_data, tmp_path):
    """The figures that docs/ethics.md names for Burkina Faso."""
    units = sg.load_boundaries(level=2, countries="BFA")
    incidents = sg.read_incidents(reference_data / "ucdp" / "ged251_bfa_2016_2022.csv")
    panel = sg.count(sg.assign(incidents, units), units)
    table = units.merge(sg.density.rates(panel, units), on="unit_id")
    safe = safe_units(table, SHOWN, k=K, panel=panel)
    assert (safe.series.shown, safe.series.hidden, safe.series.held) == ("Y", 80, 108)
    assert (safe.units["suppressed_below"] > 0).sum() == 18
    assert (safe_units(table, SHOWN, k=K).units["suppressed_below"] > 0).sum() == 17
    m = sg.choropleth(table, SHOWN, panel=panel, publish="safe", least=K)
    known = learned((table, panel), sg.save_map(m, tmp_path / "map.html"))
    for count in ("incidents", "fatalities_best"):
        leaks, tried = narrowest(Attack(known, count), truth_of(panel, known.groups, count), K)
        assert leaks == []
        assert tried >= 98


def regions():
    return sg.load_boundaries(level=1)


def write_safe_report(folder, incidents):
    folder.mkdir()
    file = folder / "incidents.csv"
    incidents.to_csv(file, index=False)
    out = folder / "site"
    report = sg.write_report(
        sg.read_incidents(file), regions(), out, publish="safe", last="all", least=K, lang="en"
    )
    return report, out


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    incidents = make_incidents(regions(), 700, 12)
    return (incidents, *write_safe_report(tmp_path_factory.mktemp("report") / "a", incidents))


def tables_of(out):
    """Read the files of figures back, each as a table."""
    yield pd.read_csv(out / "indicators.csv")
    yield pd.read_parquet(out / "indicators.parquet")
    with closing(sqlite3.connect(out / "indicators.gpkg")) as database:
        yield pd.read_sql("SELECT * FROM units", database)


def learn_report(known, out, areas_km2):
    """Read every figure of every file of a report."""
    for name in ("central-sahel.html", "menaka-tri-border.html"):
        read_map(known, out / name, areas_km2)
    for table in tables_of(out):
        learn_table(known, table)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    known.learn("incidents", EVERY, None, summary["steps"]["mapped"])
    codes = {"Mali": "MLI", "Niger": "NER", "Burkina Faso": "BFA"}
    for area in summary["areas"]:
        for count in (name for name in COUNTS if area[name] is not None):
            known.learn(count, codes[area["name"]], None, area[count])
    rows = [row for row in rows_of(out / "index.html") if row[0] in codes]
    for name, incidents, deaths, *_ in rows:
        known.learn("incidents", codes[name], None, int(incidents))
        known.learn("fatalities_best", codes[name], None, int(deaths))
    names = known.groups["names"]
    units = [row for row in rows_of(out / "zone.html") if row[0] in names]
    for row in units:
        said = row[3]
        known.learn("incidents", names[row[0]], None, HIDDEN if said == "hidden" else int(said))
    assert (len(rows), len(units)) == (3, 4)


def learn_table(known, table):
    """Read the figures of each unit from a file for other programs."""
    for row in table.to_dict("records"):
        hidden = row["suppressed_below"] > 0
        assert hidden == pd.isna(row["per_1000km2_year"])
        for count in (name for name in COUNTS if name in row):
            assert hidden == pd.isna(row[count])
            known.learn(count, row["unit_id"], None, HIDDEN if hidden else row[count])


def rows_of(path):
    """Read the rows of the tables of a page."""
    text = path.read_text(encoding="utf-8")
    for row in re.findall(r"<tr\b.*?</tr>", text, re.DOTALL):
        cells = re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        yield [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def report_panel(incidents):
    units = regions()
    return units, sg.count(sg.assign(incidents, units), units, period="month")


def test_no_figure_of_a_report_is_known_better_than_promised(report):
    incidents, _, out = report
    units, panel = report_panel(incidents)
    known = Known(groups_of(units, ["country"]))
    known.groups["names"] = dict(zip(units["name"], units["unit_id"], strict=True))
    learn_report(known, out, units.set_index("unit_id")["area_km2"])
    for count in ("incidents", "fatalities_best"):
        truth = truth_of(panel, known.groups, count)
        attack = Attack(known, count)
        assert len(attack.periods) == 4
        for (area, when), value in attack.facts.items():
            assert isinstance(value, str) or value == truth(area, when)
        leaks, tried = narrowest(attack, truth, K)
        assert leaks == []
        assert tried > 30


def contents(out):
    """Give all that the files hold, unpacked: bytes by name."""
    for file in sorted(path for path in out.iterdir() if path.is_file()):
        yield file.name, file.read_bytes()
        if file.suffix == ".gpkg":
            with closing(sqlite3.connect(file)) as database:
                yield f"{file.name} as text", "\n".join(database.iterdump()).encode()
        if file.suffix == ".parquet":
            table = pd.read_parquet(file).drop(columns="geometry")
            about = repr(pq.read_metadata(file).metadata)
            yield f"{file.name} as text", (table.to_csv() + about).encode()
        if file.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
                for name in archive.namelist():
                    assert archive.read(name) == (out / name).read_bytes()


def test_no_word_and_no_place_of_an_incident_is_in_any_file(report):
    incidents, _, out = report
    words = ["IDSECRET", "placesecret", "actorsecret", "notesecret", "countrysecret"]
    words += [f"{value:.5f}" for name in ("lon", "lat") for value in incidents[name]]
    days = incidents["date"].drop_duplicates()
    words += [f"{day:%Y-%m-%d}" for day in days]
    words += [f"{day.day}\N{NO-BREAK SPACE}{day:%B}\N{NO-BREAK SPACE}{day.year}" for day in days]
    read = 0
    for name, held in contents(out):
        found = [word for word in words if word.encode() in held]
        assert found == [], name
        read += len(held)
    assert read > 1e6


def test_two_truths_with_the_same_published_figures_give_the_same_files(report, tmp_path):
    """Days, places and words differ, and so do four hidden counts; no byte of a file does."""
    incidents, _, out = report
    other = swapped(incidents)
    rng = np.random.default_rng(1)
    other["date"] = other["date"] + pd.to_timedelta(1, unit="D")
    other["lon"] += rng.uniform(-0.02, 0.02, len(other))
    for name in ("incident_id", "place", "notes", "actor1"):
        other[name] = other[name].astype("str") + "x"
    other.loc[0, "country"] = "othersecret"
    _, again = write_safe_report(tmp_path / "a", other)
    for file in sorted(path for path in out.iterdir() if path.is_file()):
        assert file.read_bytes() == (again / file.name).read_bytes(), file.name


def test_no_page_tells_how_many_incidents_stand_alone_on_their_point(report):
    """Where places are coded to the middle of a unit, those are its counts of one."""
    _, _, out = report
    for page in out.glob("*.html"):
        assert "share their point" not in visible_text(page)


def swapped(incidents):
    """Exchange the years of two incidents in two units, where all four counts are hidden."""
    units, panel = report_panel(incidents)
    table = units.merge(sg.density.rates(panel, units), on="unit_id")
    safe = safe_units(table, SHOWN, k=K, panel=panel)
    cells = safe.protected.table
    hidden = cells[cells["suppressed"]].assign(year=lambda t: [p.year for p in t["period"]])
    placed = sg.assign(incidents, units)
    mild = placed[placed["fatalities_best"] == 0]
    for one in hidden.itertuples():
        for two in hidden[hidden["country"] == one.country].itertuples():
            if one.unit_id == two.unit_id or one.year == two.year:
                continue
            rows = [
                mild.index[(mild["unit_id"] == u) & (mild["date"].dt.year == y)]
                for u, y in ((one.unit_id, one.year), (two.unit_id, two.year))
            ]
            if not all(len(each) for each in rows):
                continue
            changed = incidents.copy()
            first, second = (each[0] for each in rows)
            years = two.year - one.year
            changed.loc[first, "date"] += pd.DateOffset(years=years)
            changed.loc[second, "date"] -= pd.DateOffset(years=years)
            _, after = report_panel(changed)
            again = safe_units(table, SHOWN, k=K, panel=after).protected
            if again.table.equals(cells) and again.totals.equals(safe.protected.totals):
                return changed
    raise AssertionError("no exchange leaves what is published as it is")


def test_a_safe_map_of_a_report_says_so_below_its_title_and_in_its_notes(report):
    _, _, out = report
    for name in ("central-sahel.html", "menaka-tri-border.html"):
        data = page_data(out / name)
        assert "Small counts (1 to 4) are hidden, in the series too" in data["subtitle"]["en"]
        assert "Petits nombres (1 à 4) masqués" in data["subtitle"]["fr"]
        assert any("By unit and year" in note["en"] for note in data["notes"])
    for page in out.glob("*.html"):
        assert "hidden" in visible_text(page), page.name
