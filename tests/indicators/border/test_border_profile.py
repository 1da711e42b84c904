"""The profile beside people, by period and zone, with its intervals; and what it says."""

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import Affine

import sahel_geo as sg
from sahel_geo.errors import CrsError, FileError, InputError
from sahel_geo.indicators.border.bands import _distance_within
from sahel_geo.indicators.border.block_bootstrap import block_multiplicities
from tests.conftest import make_toy_units

UNITS = make_toy_units()
BORDER = sg.international_borders(UNITS)
profile = sg.border.proximity_profile


def spread(n=400, months=24, seed=3, **columns):
    """Incidents all over the toy world, some in every month."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "lon": rng.uniform(0.01, 2.99, n),
            "lat": rng.uniform(10.01, 11.99, n),
            "date": pd.Timestamp("2019-01-15")
            + pd.to_timedelta(rng.integers(0, months, n) * 30.4, "D"),
            **columns,
        }
    )


def near_line(n, km, year=2019):
    """Incidents `km` north of the border of Mali and Burkina Faso, one a month."""
    dates = pd.date_range(f"{year}-01-01", periods=12, freq="MS")
    return pd.DataFrame({"lon": 0.5, "lat": 11 + km / 110.6, "date": np.resize(dates, n)})


def test_people_spread_evenly_over_all_land_are_the_land():
    area = UNITS.set_index("unit_id")["area_km2"]
    table = profile(spread(), BORDER, UNITS, population=area * 7).table
    np.testing.assert_allclose(table["people_share"], table["area_share"], rtol=0.01)
    np.testing.assert_allclose(
        table["people_quotient"], table["incidents_share"] / table["people_share"]
    )


def test_people_of_one_unit_only():
    # all live in M1, 110.6 km high, of which a strip of 50 km borders Burkina Faso
    people = pd.Series({"M1": 1000.0}).reindex(UNITS["unit_id"], fill_value=0.0)
    table = profile(spread(), BORDER, UNITS, population=people, distances_km=[50], cell_km=2).table
    got = table.set_index("border")["people_share"]
    assert got["BFA-MLI"] == pytest.approx(50 / 110.6, abs=0.01)
    assert got["BFA-NER"] != got["BFA-NER"]  # nobody lives in these two countries


def test_a_unit_too_small_for_a_cell_keeps_its_people():
    people = pd.Series(1.0, UNITS["unit_id"])
    table = profile(
        spread(), BORDER, UNITS, population=people, distances_km=[60], cell_km=1000
    ).table
    # with no centre of a cell, each unit's people stand at its middle, 55 km from a parallel
    assert table.set_index("border").loc["BFA-MLI", "people_share"] == pytest.approx(1.0)


def write_raster(path, values, crs="EPSG:4326"):
    settings = {"driver": "GTiff", "width": values.shape[1], "height": values.shape[0]}
    settings |= {"count": 1, "dtype": "float32", "nodata": -1, "crs": crs}
    settings["transform"] = Affine(0.1, 0, 0, 0, -0.1, 12)
    with rasterio.open(path, "w", **settings) as raster:
        raster.write(values.astype("float32"), 1)
    return path


def test_people_from_a_raster(tmp_path):
    values = np.full((20, 30), -1.0)
    values[9, 5] = 30  # centre 0.55 E, 11.05 N: 5.5 km from Burkina Faso
    values[0, 5] = 70  # 0.55 E, 11.95 N: 105 km
    values[5, 25] = 900  # in Niger
    path = write_raster(tmp_path / "people.tif", values)
    table = profile(spread(), BORDER, UNITS, population=path, distances_km=[10, 90]).table
    assert table[table["border"] == "BFA-MLI"]["people_share"].tolist() == pytest.approx([0.3, 0.3])
    # at 2.55 E, 11.45 N, the 900 are about 50 km from a border and 60 from Mali's
    every = table[table["border"] == "all"]["people_share"].tolist()
    assert every == pytest.approx([0.03, 0.93])


def test_periods_add_up_to_the_whole():
    events = spread(fatalities_best=np.arange(400.0))
    whole = profile(events, BORDER, UNITS).table
    years = profile(events, BORDER, UNITS, period="year").table
    assert years["period"].astype(str).unique().tolist() == ["2019", "2020"]
    sums = years.groupby(["border", "distance_km"], sort=False)[["incidents", "incidents_within"]]
    np.testing.assert_array_equal(sums.sum(), whole[["incidents", "incidents_within"]])
    own = events[events["date"].dt.year == 2020]
    alone = profile(own, BORDER, UNITS).table
    later = years[years["period"] == "2020"].drop(columns="period").reset_index(drop=True)
    pd.testing.assert_frame_equal(later, alone)


def test_the_bootstrap_is_the_slow_one_done_by_counts():
    # brute force: put the incidents of the resampled months together and measure them again
    events = spread(450, months=14)
    near = events["date"] < "2019-06-01"  # so that months differ by more than places do
    events = events[near == (events["lat"] - 11).abs().lt(0.15)].reset_index(drop=True)
    rng = np.random.default_rng(7)
    drawn = block_multiplicities(14, replicates=60, rng=np.random.default_rng(7), block_steps=3)
    months = pd.PeriodIndex(events["date"], freq="M")
    rows = [
        np.flatnonzero(months == month) for month in pd.period_range(months.min(), months.max())
    ]
    shares = []
    for times in drawn:
        again = events.iloc[
            np.concatenate([np.repeat(at, k) for at, k in zip(rows, times, strict=True)])
        ]
        table = profile(again, BORDER, UNITS, distances_km=[20], cell_km=50).table
        shares.append(table["incidents_share"].iloc[0])
    found = profile(
        events, BORDER, UNITS, distances_km=[20], cell_km=50, rng=rng, replicates=60, block_months=3
    ).table.iloc[0]
    np.testing.assert_allclose(
        [found["incidents_share_low"], found["incidents_share_high"]],
        np.quantile(shares, [0.025, 0.975]),
    )
    quotient = found["incidents_share_low"] / found["area_share"]
    assert found["location_quotient_low"] == pytest.approx(quotient)


@pytest.mark.parametrize("blocks", ["stationary", "moving"])
def test_blocks_keep_months_together(blocks):
    rng = np.random.default_rng(1)
    times = block_multiplicities(60, replicates=4000, rng=rng, block_steps=6, blocks=blocks)
    assert (times.sum(axis=1) == 60).all()
    middle = times[:, 10:50].astype(float)
    together = np.corrcoef(middle[:, 10], middle[:, 11])[0, 1]
    apart = np.corrcoef(middle[:, 10], middle[:, 25])[0, 1]
    assert together > 0.6
    assert apart < 0  # what one block takes up, the others lack
    single = block_multiplicities(60, replicates=4000, rng=rng, block_steps=1, blocks=blocks)
    assert abs(np.corrcoef(single[:, 10], single[:, 11])[0, 1]) < 0.1
    np.testing.assert_allclose(single.mean(axis=0), 1, atol=0.1)


def test_the_same_seed_gives_the_same_interval():
    one, two, other = (profile(spread(), BORDER, UNITS, rng=seed).table for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(other)
    assert (one["incidents_share_low"] <= one["incidents_share"]).all()
    assert (one["incidents_share"] <= one["incidents_share_high"]).all()


def test_the_zone_and_the_rest():
    events = pd.DataFrame({"lon": [0.5, 0.5, 2.5], "lat": [11.1, 11.9, 11.5]})
    found = profile(events, BORDER, UNITS, zone=["M1", "M2"], distances_km=[20])
    zone, rest = found.zone.iloc[0], found.zone.iloc[1]
    assert (zone["incidents_within"], rest["incidents_within"]) == (2, 1)
    assert zone["incidents_share"] == pytest.approx(2 / 3)
    assert zone["area_share"] == pytest.approx(1 / 3, rel=0.01)
    assert rest["area_share"] + zone["area_share"] == pytest.approx(1)
    table = found.table[found.table["border"] == "all"].set_index("part")
    assert table["incidents"].to_dict() == {"all": 3, "zone": 2, "rest": 1}
    assert table.loc["zone", "incidents_share"] == pytest.approx(1 / 2)
    same = profile(events, BORDER, UNITS, zone=UNITS.iloc[:2], distances_km=[20])
    pd.testing.assert_frame_equal(found.table, same.table)


def test_undated_incidents_are_counted_and_left_out_where_months_matter():
    events = spread(50)
    events.loc[:4, "date"] = pd.NaT
    assert profile(events, BORDER, UNITS).table["incidents"].iloc[0] == 50
    found = profile(events, BORDER, UNITS, period="year")
    assert found.undated == 5
    assert found.table.groupby("border")["incidents"].sum()["all"] == 4 * 45


def test_an_interval_needs_a_year_of_months():
    short = profile(spread(months=11), BORDER, UNITS, rng=1)
    assert short.table["incidents_share_low"].isna().all()
    assert "not established" in short.sentence("en")
    quarters = profile(spread(), BORDER, UNITS, rng=1, period="quarter").table
    assert quarters["incidents_share_high"].isna().all()


def test_the_sentence_compares_only_where_the_interval_allows():
    close = profile(near_line(120, 5), BORDER, UNITS, rng=1)
    assert (
        "100,0\u202f% des 120 incidents (intervalle à 95\u202f%\u202f: 73,5 à 100,0\u202f%)"
        in close.sentence("fr")
    )
    assert "C’est plus que la part de la superficie." in close.sentence("fr")
    far = pd.DataFrame({"lon": 0.1, "lat": 11.9, "date": near_line(24, 0)["date"]})
    assert "That is less than the share of the land." in profile(
        far, BORDER, UNITS, rng=1
    ).sentence("en")
    area = UNITS.set_index("unit_id")["area_km2"]
    even = profile(spread(600, seed=4), BORDER, UNITS, rng=1, population=area).sentence("en")
    assert "The difference from the share of the land is not established" in even
    assert "of the people live" in even
    for said in (even, close.sentence("fr")):
        assert said.endswith(("crosses it.", "traverse."))
    with pytest.raises(InputError, match="`lang` is 'de'"):
        close.sentence("de")


def test_repeated_incidents_of_one_place_and_month_prove_no_more_than_one():
    few, many = near_line(12, 5), near_line(120, 5)
    low, same = (
        profile(each, BORDER, UNITS, rng=1).table["incidents_share_low"].iloc[0]
        for each in (few, many)
    )
    assert low == same == pytest.approx(0.025 ** (1 / 12))  # of twelve of twelve
    deaths = profile(many.assign(fatalities_best=3), BORDER, UNITS, rng=1).table
    assert deaths["fatalities_best_share_low"].iloc[0] == pytest.approx(low)


@pytest.mark.worlds
@pytest.mark.parametrize(("number", "copies"), [(8, 1), (15, 1), (60, 1), (60, 3)])
def test_of_incidents_anywhere_few_worlds_are_above_or_below_the_land(number, copies):
    """Eighty worlds; by the months drawn again alone, 20 to 60 % of these were."""
    wrong = 0
    for seed in range(80):
        rng = np.random.default_rng([seed, number, copies])
        events = spread(max(3, number // copies), months=36, seed=seed)
        events = events.loc[np.repeat(events.index, rng.geometric(1 / copies, len(events)))]
        row = profile(
            events, BORDER, UNITS, rng=seed, distances_km=[20], replicates=199, cell_km=5
        ).table.iloc[0]
        wrong += not row["incidents_share_low"] <= row["area_share"] <= row["incidents_share_high"]
    assert wrong <= 8  # 4 are expected; 9 or more would have a chance of about 0.02


def test_no_incident_says_so_and_draws_nothing():
    none = spread(0)
    for found in (
        profile(none, BORDER, UNITS),
        profile(none, BORDER, UNITS, rng=1, period="year", zone=["M1"]),
    ):
        assert found.sentence("fr").startswith("Aucun incident")
        assert "Aucun incident" in found._repr_html_()
    with pytest.raises(InputError, match="none near this border to draw"):
        profile(none, BORDER, UNITS).plot()
    with pytest.raises(InputError, match="none in any period to draw"):
        profile(none, BORDER, UNITS, period="year").plot()


def test_a_year_without_incidents_has_missing_shares():
    events = pd.concat([near_line(12, 5, 2017), near_line(12, 5, 2019)])
    years = profile(events, BORDER, UNITS, rng=1, period="year", distances_km=[50]).table
    every = years[years["border"] == "all"].set_index("period")["incidents_share"]
    assert every.tolist() == pytest.approx([1, np.nan, 1], nan_ok=True)


def test_one_country_and_its_outer_border_alone():
    mali = UNITS[UNITS["country"] == "MLI"]
    table = profile(near_line(12, 5), BORDER, mali, rng=1).table
    assert table[table["border"] == "BFA-NER"]["incidents"].eq(0).all()
    assert table[table["border"] == "all"]["incidents_share"].tolist() == pytest.approx([1] * 4)


def test_the_plot_has_a_point_per_share_and_its_interval():
    area = UNITS.set_index("unit_id")["area_km2"]
    found = profile(spread(), BORDER, UNITS, rng=1, population=area, period="year", zone=["M1"])
    ax = found.plot(part="zone")
    assert [line.get_label() for line in ax.lines] == ["land", "people", "incidents"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["2019", "2020"]
    assert "within 50 km of any border (the zone)" in ax.get_ylabel()
    assert len(ax.collections) == 1
    assert "border BFA-MLI" in profile(spread(), BORDER, UNITS).plot(border="BFA-MLI").get_xlabel()
    with pytest.raises(InputError, match="`border` is 'MLI-TCD'; expected one of"):
        found.plot(border="MLI-TCD")
    assert found._repr_html_().count("<p lang=") == 2


def test_a_share_near_the_border_carries_the_error_of_places():
    events = near_line(24, 8).assign(location_precision="near")

    def share(placed, units):
        table = profile(placed, BORDER, units, distances_km=[10, 60], cell_km=50).table
        return table[table["border"] == "all"].set_index("distance_km")["incidents_share"]

    found = sg.uncertainty.propagate(share, events, UNITS, n=12, rng=1).table
    assert found.loc[10, "recorded"] == 1
    assert found.loc[10, "high"] < 1
    assert found.loc[60, ["low", "high"]].tolist() == [1, 1]


@pytest.mark.parametrize("north", [0.0, 30.0, 65.0, 74.0])
def test_the_generous_circle_leaves_nothing_near_out(north):
    rng = np.random.default_rng(4)
    line = BORDER.assign(geometry=BORDER.translate(yoff=north - 10))
    lon, lat = rng.uniform(-8, 11, 3000), north + rng.uniform(-3, 5, 3000)
    every = sg.distance_to_border(lon, lat, line)
    for limit in (40.0, 150.0):
        found = _distance_within(lon, lat, line, limit)
        np.testing.assert_array_equal(found[every <= limit], every[every <= limit])
        assert (found[every > limit] > limit).all()


def test_refuses_what_it_cannot_use(tmp_path):
    events = spread(20)
    people = pd.Series(1.0, UNITS["unit_id"])
    with pytest.raises(InputError, match=r"`population` has no figure.* for 1 units: \['M1'\]"):
        profile(events, BORDER, UNITS, population=people.drop("M1"))
    with pytest.raises(InputError, match="or a negative one, for 6 units"):
        profile(events, BORDER, UNITS, population=-people)
    with pytest.raises(InputError, match=r"names 1 units twice: \['M1'\]"):
        profile(events, BORDER, UNITS, population=pd.concat([people, people[:1]]))
    with pytest.raises(FileError, match=r"no\.tif.*cannot be read: No such file"):
        profile(events, BORDER, UNITS, population=tmp_path / "no.tif")
    with pytest.raises(InputError, match="`period` is 'day'; expected one of"):
        profile(events, BORDER, UNITS, period="day")
    with pytest.raises(InputError, match=r"`incidents` has no column \['date'\]"):
        profile(events.drop(columns="date"), BORDER, UNITS, rng=1)
    with pytest.raises(
        InputError, match=r"`zone` names 1 units of which `units` holds none: \['X'\]"
    ):
        profile(events, BORDER, UNITS, zone=["X"])
    with pytest.raises(InputError, match="`level` is 95"):
        profile(events, BORDER, UNITS, rng=1, level=95)
    with pytest.raises(InputError, match="`replicates` is 0"):
        profile(events, BORDER, UNITS, rng=1, replicates=0)
    with pytest.raises(InputError, match="length of a block is 0"):
        profile(events, BORDER, UNITS, rng=1, block_months=0)
    with pytest.raises(InputError, match="`blocks` is 'long'"):
        profile(events, BORDER, UNITS, rng=1, blocks="long")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_refuses_a_raster_without_a_projection(tmp_path):
    path = write_raster(tmp_path / "people.tif", np.ones((2, 2)), crs=None)
    with pytest.raises(CrsError, match="has no coordinate reference system"):
        profile(spread(20), BORDER, UNITS, population=path)
