"""The four types against the published release, and the index by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import KDTree

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import InputError


def events(lon, lat, date="2022-03-01"):
    return pd.DataFrame({"lon": lon, "lat": lat, "date": pd.to_datetime(date)})


@pytest.mark.reference
def test_every_published_class_follows_from_density_and_index(reference_data):
    path = reference_data / "known_answers" / "scdi_release_central_sahel_2015_2023.csv"
    release = pd.read_csv(path)
    classified = 0
    for year in range(2015, 2024):
        rows = release[release[f"evC{year}"] >= 2]
        found = sg.scdi.classify(density=rows[f"Dns{year}"], nni=rows[f"NN_I{year}"])
        assert found.tolist() == rows[f"SCDI{year}"].tolist()
        classified += len(rows)
    assert classified == 1062


@pytest.mark.reference
def test_published_cells_and_areas_are_those_of_the_grid(reference_data):
    path = reference_data / "known_answers" / "scdi_release_central_sahel_2015_2023.csv"
    release = pd.read_csv(path)
    squares = gpd.GeoSeries.from_wkt(release["WKT"], crs=4326)
    middle = squares.bounds
    at = events((middle.minx + middle.maxx) / 2, (middle.miny + middle.maxy) / 2)
    found = sg.scdi.by_cell(at)
    assert len(found.cells) == len(release)
    ours = found.cells.bounds.sort_values(["minx", "miny"]).to_numpy()
    theirs = middle.round(9).sort_values(["minx", "miny"]).to_numpy()
    np.testing.assert_allclose(np.sort(ours, axis=0), np.sort(theirs, axis=0), atol=1e-6)
    seen = release[release["evC2023"] >= 2]
    areas = (seen["evC2023"] / seen["Dns2023"]).to_numpy()
    nearest = found.cells["area_km2"].to_numpy()
    gap = np.abs(areas[:, None] - nearest[None, :]).min(axis=1)
    assert gap.max() < 1e-3


def test_classes_and_their_boundaries():
    low, high, below, one = np.nextafter(0.0017, 0), 0.0017, np.nextafter(1.0, 0), 1.0
    found = sg.scdi.classify(
        density=[high, low, high, low, high, np.nan], nni=[below, below, one, one, np.nan, 0.5]
    )
    assert found.tolist() == ["CH", "CL", "DH", "DL", "CH", None]
    assert sg.scdi.classify(density=[0, high], nni=[one, 0]).tolist() == ["DL", "CH"]


def test_index_by_hand_on_the_equal_area_grid():
    # the projection is centred at 2 E, 17 N, a corner of the grid; 0.1 degree is about 11 km
    table = sg.scdi.by_cell(events([2.1, 2.2, 2.3], [17.1] * 3), grid="equal-area").table
    row = table.iloc[0]
    assert row["incidents"] == 3
    assert row["density"] == pytest.approx(3 / 2500)
    # nearest neighbours 10.65 km apart; expected 0.5 * sqrt(2500 / 3) = 14.43 km
    assert row["nni"] == pytest.approx(10.65 / 14.434, rel=0.01)
    assert row["type"] == "CL"
    assert row["colocated_share"] == 0


def test_cells_of_equal_area_hold_their_incidents():
    rng = np.random.default_rng(3)
    incidents = events(rng.uniform(-4, 12, 60), rng.uniform(10, 20, 60))
    for grid in ("equal-area", "oecd"):
        found = sg.scdi.by_cell(incidents, grid=grid)
        assert found.table["incidents"].sum() == 60
        cells = found.cells.set_index("cell_id").geometry
        assert cells.is_unique
        points = gpd.GeoSeries.from_xy(incidents["lon"], incidents["lat"], crs=4326)
        held = {name: int(points.within(cell).sum()) for name, cell in cells.items()}
        assert found.table.set_index("cell_id")["incidents"].to_dict() == held
        if grid == "equal-area":
            assert (found.cells["area_km2"] == 2500).all()
            sides = cells.to_crs(EQUAL_AREA)
            np.testing.assert_allclose(sides.area, 2500e6, rtol=1e-6)


def test_index_of_every_cell_and_year_against_a_search_tree():
    rng = np.random.default_rng(2)
    years = rng.choice(["2021-05-01", "2022-05-01"], 90)
    east, north = rng.uniform(0, 1.2, 90), rng.uniform(14, 14.8, 90)
    places = east.round(2) + 0.003, north.round(2) + 0.003  # some twice, none on an edge
    incidents = events(*places, years)
    found = sg.scdi.by_cell(incidents)
    plane = "+proj=lcc +lat_1=20 +lat_2=-23 +lat_0=0 +lon_0=25 +datum=WGS84"
    points = gpd.GeoSeries.from_xy(incidents["lon"], incidents["lat"], crs=4326)
    cells = found.cells.set_index("cell_id")
    compared = 0
    for row in found.table[found.table["incidents"] > 1].itertuples():
        own = points.within(cells.geometry[row.cell_id]) & (incidents["date"].dt.year == row.year)
        mine = points[own].to_crs(plane)
        xy = np.column_stack([mine.x, mine.y]) / 1e3
        distance = KDTree(xy).query(xy, 2)[0][:, 1]
        expected = 0.5 * np.sqrt(cells["area_km2"][row.cell_id] / len(xy))
        assert row.incidents == len(xy)
        assert row.nni == pytest.approx(distance.mean() / expected)
        assert row.colocated_share == pytest.approx((distance == 0).mean())
        compared += 1
    assert compared > 10


def test_years_and_cells_are_apart_and_single_incidents_not_classified():
    dates = ["2021-12-31", "2022-01-01", "2022-01-02", "2022-01-03"]
    found = sg.scdi.by_cell(events([1.0, 1.0, 1.0, 3.0], [14.0] * 4, dates)).table
    assert found["incidents"].tolist() == [1, 2, 1]
    assert found["type"].isna().tolist() == [True, False, True]
    assert found["nni"].isna().tolist() == [True, False, True]


def test_incidents_in_one_place_are_clustered_and_said_to_be_so():
    row = sg.scdi.by_cell(events([1.0] * 5, [14.0] * 5)).table.iloc[0]
    assert row["nni"] == 0
    assert row["colocated_share"] == 1
    assert row["type"] == "CH"


def test_nothing_to_class_is_an_empty_table_and_rows_left_out_are_counted():
    empty = sg.scdi.by_cell(events([np.nan, 1.0], [14.0, 14.0], ["2022-01-01", None]))
    assert empty.left_out == 2
    assert empty.table.empty
    assert list(empty.table) == [
        *["cell_id", "year", "incidents", "density", "nni", "colocated_share", "type"]
    ]


def test_the_result_speaks_and_draws():
    lon, lat = [1.0] * 5 + [3.0, 3.1, 4.0], [14.0] * 8
    found = sg.scdi.by_cell(events(lon, lat))
    assert found.sentence("en").startswith(
        "In 2022, 2 of the 3 cells that were hit have 2 incidents or more: 1 dense and clustered"
    )
    assert "62% of the incidents share the exact point" in found.sentence("en")
    assert "2 des 3 cellules touchées" in found.sentence("fr")
    labels = [text.get_text() for text in found.plot().get_legend().get_texts()]
    assert labels == [
        "clustered, high intensity (1)",
        "clustered, low intensity (1)",
        "one incident, no type (1)",
    ]
    assert found._repr_html_().count("<p lang=") == 2
    one = sg.scdi.by_cell(events([1.0, 1.0], [14.0] * 2, ["2021-03-01", "2022-03-01"]))
    assert one.sentence("en").startswith("In 2022, 0 of the 1 cells")
    with pytest.raises(InputError, match="`year` is 2001, without incidents"):
        found.plot(year=2001)
    assert sg.scdi.by_cell(events([], [])).sentence("fr").startswith("Aucun incident")


def test_a_probability_for_every_type_of_every_cell(toy_units):
    rng = np.random.default_rng(3)
    table = events(rng.uniform(0, 3, 200), rng.uniform(10, 12, 200))
    table["location_precision"] = rng.choice(["exact", "near"], 200)
    recorded = sg.scdi.by_cell(table).table
    found = sg.uncertainty.scdi_types(table, toy_units, n=30, rng=1).table
    assert found[["cell_id", "year"]].equals(recorded[["cell_id", "year"]])
    assert found["type"].equals(recorded["type"])
    shares = found[["CH", "CL", "DH", "DL", "unclassed"]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
    kept = [shares.loc[at, kind] for at, kind in found["type"].dropna().items()]
    assert found["share"].dropna().tolist() == kept


def test_scdi_refuses_what_it_cannot_use():
    with pytest.raises(InputError, match=r"shapes \(1,\) and \(2,\)"):
        sg.scdi.classify(density=[1], nni=[1, 2])
    with pytest.raises(InputError, match=r"negative at \[1\]"):
        sg.scdi.classify(density=[1, -1], nni=[1, 2])
    with pytest.raises(InputError, match="`grid` is 'hex'"):
        sg.scdi.by_cell(events([1.0], [14.0]), grid="hex")
    with pytest.raises(InputError, match=r"no column \['date'\]"):
        sg.scdi.by_cell(pd.DataFrame({"lon": [1.0], "lat": [14.0]}))
