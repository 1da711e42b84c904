"""Other ways out than the page: pictures, styles, releases. What is hidden is in none of them."""

import sqlite3
from contextlib import closing

import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.maps.publish.publish import safe_units
from sahel_geo.maps.report.exports import write_exports

COUNTS = ((2, 3, 30, 41, 0, 57), (3, 2, 30, 41, 0, 57))  # two truths that publish the same


def a_table(toy_units, counts):
    one = toy_units.assign(country="MLI", adm1_id="M", adm1_name="Region M")
    return one.assign(incidents=pd.Series(counts, dtype="float64"))


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_two_truths_with_the_same_published_figures_give_the_same_picture(
    toy_units, tmp_path, suffix
):
    written = []
    for number, counts in enumerate(COUNTS):
        table = a_table(toy_units, counts)
        m = sg.choropleth(table, "incidents", publish="safe", neighbours=False, towns=False)
        path = tmp_path / f"{number}.{suffix}"
        sg.save_png(m, path)
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_colours_and_breaks_of_classes_come_from_what_is_shown_alone(toy_units, tmp_path):
    styles = []
    for number, counts in enumerate(COUNTS):
        safe = safe_units(a_table(toy_units, counts), ["incidents"])
        folder = tmp_path / str(number)
        *_, package = write_exports(safe.units, ["incidents"], folder)
        with closing(sqlite3.connect(package)) as database:
            styles.append(database.execute("SELECT styleQML FROM layer_styles").fetchall())
    assert styles[0] == styles[1]
    text = styles[0][0][0]
    assert "suppressed_below" in text
    for hidden in ("= 2.0", "= 3.0"):
        assert hidden not in text


def test_an_outsider_combines_two_releases_of_zones_that_overlap():
    """The page says that releases must not be combined: here is why."""
    table = pd.DataFrame({"unit_id": list("ABCD"), "incidents": [2, 9, 30, 0]})
    whole = sg.disclosure.protect(table, k=5)
    part = sg.disclosure.protect(table[table["unit_id"].isin(["B", "C", "D"])], k=5)
    assert whole.table["incidents"].isna().tolist() == [True, True, False, False]
    assert part.table["incidents"].tolist() == [9, 30, 0]
    assert whole.totals["incidents"].item() - part.totals["incidents"].item() == 2
    assert "Together with another release" in whole.sentence("en")
