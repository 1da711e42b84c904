"""What foreign neighbours add to a unit's incidents, found again where the truth is known."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.optimize import approx_fprime, minimize
from scipy.stats import nbinom

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError
from sahel_geo.indicators.spread.contagion_inputs import build_counts, build_model
from tests.conftest import make_toy_units

UNITS = make_toy_units()
MONTHS = pd.period_range("2012-01", periods=60, freq="M")
TRUTH = {
    "intercept": -0.5,
    "trend": 0.1,
    "sin1": 0.3,
    "cos1": -0.2,
    "autoregressive": 0.3,
    "domestic": 0.2,
    "foreign": 0.25,
    "overdispersion": 0.4,
}


def lattice(columns, rows):
    """Square units, the western half in Mali and the eastern half in Niger."""
    cells = [(x, y) for y in range(rows) for x in range(columns)]
    return gpd.GeoDataFrame(
        {
            "unit_id": [f"{x}-{y}" for x, y in cells],
            "country": ["MLI" if x < columns / 2 else "NER" for x, _ in cells],
        },
        geometry=[shapely.box(x / 2, 10 + y / 2, x / 2 + 0.5, 10.5 + y / 2) for x, y in cells],
        crs=4326,
    )


def simulated(units=UNITS, months=MONTHS, seed=1, weights="border", **changes):
    return sg.contagion.simulate(units, {**TRUTH, **changes}, months, rng=seed, weights=weights)


def likelihood_by_loops(panel, units, theta, names):
    """Sum the negative-binomial log-likelihood unit by unit from the definition."""
    links = sg.neighbours(units)
    whole = links.groupby("unit_id")["shared_km"].sum()
    y = panel.pivot(index="unit_id", columns="period", values="incidents")
    value = dict(zip(names, theta, strict=True))
    middle = np.mean([month.ordinal for month in y.columns])
    total = 0.0
    for last, month in zip(y.columns[:-1], y.columns[1:], strict=True):
        angle = 2 * np.pi * month.ordinal / 12
        endemic = np.exp(
            value["intercept"]
            + value["trend"] * (month.ordinal - middle) / 12
            + value["sin1"] * np.sin(angle)
            + value["cos1"] * np.cos(angle)
        )
        for unit in units["unit_id"]:
            mean = endemic + np.exp(value["autoregressive"]) * y.loc[unit, last]
            for link in links[links["neighbour_id"] == unit].itertuples():
                rate = value["foreign" if link.is_international else "domestic"]
                weight = link.shared_km / whole[link.unit_id]
                mean += np.exp(rate) * weight * y.loc[link.unit_id, last]
            size = np.exp(-value["overdispersion"])
            total += nbinom.logpmf(y.loc[unit, month], size, size / (size + mean))
    return total


def model_of(panel, weights="border"):
    counts, _, periods = build_counts(panel, UNITS, "incidents")
    return build_model(UNITS, counts, periods, None, weights, 1, trend=True)


def test_likelihood_equals_a_sum_over_units_and_months():
    panel = simulated(months=MONTHS[:14])
    model = model_of(panel)
    theta = np.array([0.1, 0.2, -0.3, 0.1, -1.0, -1.5, -1.2, -0.5])
    expected = likelihood_by_loops(panel, UNITS, theta, model.names)
    assert model.log_likelihood(theta)[0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("weights", ["border", "power"])
def test_gradient_equals_finite_differences(weights):
    model = model_of(simulated(), weights)
    rng = np.random.default_rng(3)
    for _ in range(3):
        theta = rng.normal(-0.5, 0.4, len(model.names))
        numeric = approx_fprime(theta, lambda at: model.log_likelihood(at)[0], 1e-7)
        analytic = model.log_likelihood(theta)[1]
        np.testing.assert_allclose(analytic, numeric, rtol=1e-4, atol=1e-3)


def test_finds_the_parameters_that_made_the_panel():
    units = lattice(6, 4)
    months = pd.period_range("2005-01", periods=240, freq="M")
    fit = sg.contagion.fit(simulated(units, months), units)
    truth = pd.Series(TRUTH).reindex(fit.table.index)
    away = (fit.table["estimate"] - truth) / fit.table["standard_error"]
    assert away.abs().max() < 3.5
    assert fit.table["standard_error"].drop("intercept").max() < 0.1
    assert fit.foreign_p < 0.01


def test_finds_the_decay_of_a_power_law():
    units = lattice(6, 4)
    months = pd.period_range("2005-01", periods=240, freq="M")
    panel = simulated(units, months, weights="power", decay=1.5)
    fit = sg.contagion.fit(panel, units, weights="power")
    low, high = fit.table.loc["decay", ["lower", "upper"]]
    assert low < 1.5 < high
    assert high - low < 3.5


@pytest.mark.parametrize("weights", ["border", "power"])
@pytest.mark.parametrize("seed", range(3))
def test_the_maximum_is_that_of_another_search_where_nothing_follows(weights, seed):
    """Parts at the edge of their range, against scipy from several starts."""
    rng = np.random.default_rng(seed)
    level = rng.gamma(1, 1, (6, 1)) * np.exp(0.3 * np.sin(np.arange(60) * np.pi / 6))
    panel = simulated()
    panel["incidents"] = rng.poisson(level).ravel()
    model = model_of(panel, weights)
    low = np.where(np.arange(len(model.names)) < model.free, -20.0, -12.0)
    low[-1] = -9.0
    high = np.where(np.arange(len(model.names)) < model.free, 20.0, 4.0)
    best = -np.inf
    for start in np.random.default_rng(9).uniform(-2, 0.5, (8, len(model.names))):
        found = minimize(
            lambda theta: tuple(-part for part in model.log_likelihood(theta)),
            start, jac=True, method="L-BFGS-B", bounds=list(zip(low, high, strict=True)),
        )  # fmt: skip
        best = max(best, -found.fun)
    fit = sg.contagion.fit(panel, UNITS, weights=weights, effects=None)
    assert fit.log_likelihood >= best - 1e-3


def test_no_foreign_part_is_seldom_called_one():
    quiet = [sg.contagion.fit(simulated(seed=at, foreign=0.0), UNITS).foreign_p for at in range(20)]
    assert sum(p < 0.05 for p in quiet) <= 4
    assert min(quiet) < 1


def test_shares_residuals_and_eigenvalue_hang_together():
    fit = sg.contagion.fit(simulated(), UNITS)
    assert fit.shares.sum() == pytest.approx(1)
    assert fit.parts.sum(axis=1).to_numpy() == pytest.approx(fit.fitted.sum().to_numpy())
    # each unit's weights sum to 1, but over domestic and foreign together, so Lambda lies between
    rates = fit.table["estimate"]
    own = rates["autoregressive"]
    assert own + min(rates["domestic"], rates["foreign"]) <= fit.eigenvalue + 1e-9
    assert fit.eigenvalue <= own + max(rates["domestic"], rates["foreign"]) + 1e-9
    spread = np.sqrt(fit.fitted + rates["overdispersion"] * fit.fitted**2)
    seen = simulated().pivot(index="unit_id", columns="period", values="incidents")
    seen = seen.loc[fit.fitted.index, fit.fitted.columns]
    np.testing.assert_allclose(fit.residuals, (seen - fit.fitted) / spread)


def test_prediction_is_the_mean_of_the_next_month():
    panel = simulated()
    fit = sg.contagion.fit(panel, UNITS)
    model, theta = fit._model, fit._theta
    next_month = MONTHS[-1] + 1
    angle = 2 * np.pi * next_month.ordinal / 12
    middle = np.mean(MONTHS.asi8)
    row = [1, (next_month.ordinal - middle) / 12, np.sin(angle), np.cos(angle)]
    last = panel[panel["period"] == MONTHS[-1]]["incidents"].to_numpy()
    expected = np.exp(np.dot(row, theta[:4])) + model.next_matrix(theta) @ last
    got = fit.predict()
    np.testing.assert_allclose(got["expected"], expected)
    assert (got["lower"] <= got["upper"]).all()
    with pytest.raises(InputError, match="`level` is 90"):
        fit.predict(level=90)


def test_simulated_panels_have_the_mean_of_the_model():
    fit = sg.contagion.fit(simulated(), UNITS)
    assert fit.simulate(5).equals(fit.simulate(5))
    totals = [fit.simulate(seed)["incidents"].sum() for seed in range(200)]
    error = np.std(totals) / np.sqrt(200)
    # the expectation of a linear process, from its recursion without noise
    model, theta = fit._model, fit._theta
    mean = model.counts[:, 0]
    total = mean.sum()
    for at in range(1, len(MONTHS)):
        endemic = np.exp(model.design[at] @ theta[:4])
        mean = endemic + model.next_matrix(theta) @ mean
        total += mean.sum()
    assert np.mean(totals) == pytest.approx(total, abs=4 * error)


def test_population_is_an_offset():
    people = pd.Series(1000.0, index=UNITS["unit_id"])
    plain, even = (
        sg.contagion.fit(simulated(), UNITS, population=given) for given in (None, people)
    )
    pd.testing.assert_frame_equal(plain.table, even.table)
    with pytest.raises(InputError, match=r"`population` lacks 1 units.*N2"):
        sg.contagion.fit(simulated(), UNITS, population=people.drop("N2"))


def test_row_order_is_irrelevant_and_inputs_are_kept():
    panel = simulated()
    kept = panel.copy()
    mixed = panel.sample(frac=1, random_state=1)
    first, second = sg.contagion.fit(panel, UNITS), sg.contagion.fit(mixed, UNITS)
    pd.testing.assert_frame_equal(first.table, second.table)
    pd.testing.assert_frame_equal(panel, kept)


def test_one_country_has_no_foreign_part_and_says_so():
    units = UNITS[UNITS["country"] == "MLI"]
    fit = sg.contagion.fit(simulated(units, foreign=0.0), units)
    assert "foreign" not in fit.table.index
    assert fit.shares["foreign"] == 0
    assert np.isnan(fit.foreign_p)
    assert "No unit has a foreign neighbour" in fit.sentence("en")
    assert "voisin étranger" in fit.sentence("fr")


def test_a_month_without_incidents_is_data():
    panel = simulated()
    panel.loc[panel["period"] == MONTHS[20], "incidents"] = 0
    fit = sg.contagion.fit(panel, UNITS)
    assert np.isfinite(fit.log_likelihood)
    assert (fit.residuals[MONTHS[20]] < 0).all()


def test_a_perfectly_periodic_panel_leaves_nothing_to_foreign_neighbours():
    panel = simulated()
    panel["incidents"] = np.round(5 + 4 * np.sin(2 * np.pi * panel["period"].dt.month / 12))
    fit = sg.contagion.fit(panel, UNITS)
    assert fit.foreign_p > 0.05
    assert fit.table.loc["overdispersion", "estimate"] < 0.01


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda panel: panel.drop(columns="period"), r"no column \['period'\]"),
        (lambda panel: panel.iloc[1:], "1 gaps.*M1"),
        (lambda panel: panel.assign(incidents=-1.0), "360 gaps, or values"),
        (lambda panel: panel.assign(incidents=0), "0 incidents after the first"),
        (lambda panel: panel[panel["period"] < "2012-06"], "5 periods"),
        (lambda panel: panel.assign(unit_id="X"), r"1 units that `units` does not hold \['X'\]"),
        (lambda panel: pd.concat([panel, panel.iloc[:2]]), "2 repeated rows"),
    ],
)
def test_a_panel_that_cannot_be_used_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        sg.contagion.fit(change(simulated()), UNITS)


def test_options_that_cannot_be_used_are_refused():
    with pytest.raises(InputError, match="`weights` is 'queen'"):
        sg.contagion.fit(simulated(), UNITS, weights="queen")
    with pytest.raises(InputError, match="`harmonics` is 6 with 12 periods"):
        sg.contagion.fit(simulated(), UNITS, harmonics=6)
    with pytest.raises(InputError, match="cannot be used: \\['spread'\\]"):
        simulated(spread=1.0)
    with pytest.raises(InputError, match="explode"):
        simulated(autoregressive=1.6)
    with pytest.raises(InputError, match="`lang` is 'de'"):
        sg.contagion.fit(simulated(), UNITS).sentence("de")


def test_sentences_state_share_and_caution():
    units = lattice(6, 4)
    found = sg.contagion.fit(simulated(units), units)
    share = f"{100 * found.shares['foreign']:.1f}"
    assert f"{share}% of the expected" in found.sentence("en")
    assert "does not prove a cause" in found.sentence("en")
    assert share.replace(".", ",") in found.sentence("fr")


def test_plot_stacks_the_parts():
    fit = sg.contagion.fit(simulated(), UNITS)
    drawn = fit.plot()
    assert len(drawn.collections) == 4
    top = max(path.vertices[:, 1].max() for area in drawn.collections for path in area.get_paths())
    assert top == pytest.approx(fit.fitted.sum().max())
    assert drawn.get_ylabel() == "expected incidents in a period"


def measles(folder):
    """Weekly counts of 17 districts, adjacency, and shares of the people."""
    counts, adjacency, people = (
        pd.read_csv(folder / "known_answers" / f"measles_{name}.csv")
        for name in ("counts", "adj", "pop")
    )
    weeks = pd.period_range("2001-01-01", periods=len(counts), freq="W")
    panel = counts.assign(period=weeks).melt("period", var_name="unit_id", value_name="incidents")
    return panel, adjacency.set_axis(adjacency.columns), people.iloc[0]


@pytest.mark.reference
@pytest.mark.parametrize(
    ("normalise", "ar", "ne", "overdispersion", "log_likelihood", "eigenvalue"),
    [
        (False, 0.645403, 0.015805, 2.013839, -971.7209, 0.7187),
        (True, 0.6258875, 0.0985809, 1.915489, -965.0676, 0.72447),
    ],
)
def test_measles_answer_as_in_r(
    reference_data, normalise, ar, ne, overdispersion, log_likelihood, eigenvalue
):
    """Known answers of R surveillance 1.20.3 (hhh4)."""
    panel, adjacency, people = measles(reference_data)
    found = sg.contagion.fit(
        panel,
        None,
        weights=adjacency,
        normalise=normalise,
        frequency=52,
        population=people,
        effects=None,
    )
    estimate = found.table["estimate"]
    assert estimate["autoregressive"] == pytest.approx(ar, abs=2e-6)
    assert estimate["domestic"] == pytest.approx(ne, abs=2e-6)
    assert estimate["overdispersion"] == pytest.approx(overdispersion, abs=5e-6)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=1e-4)
    assert found.eigenvalue == pytest.approx(eigenvalue, abs=1e-4)


def test_numbered_periods_and_weights_of_ones_own_need_no_units():
    panel = simulated()
    numbered = panel.assign(period=panel["period"].map(lambda month: month.ordinal))
    links = sg.neighbours(UNITS).pivot(index="unit_id", columns="neighbour_id", values="shared_km")
    links = links.reindex(index=UNITS["unit_id"], columns=UNITS["unit_id"]).fillna(0)
    theirs = sg.contagion.fit(numbered, None, weights=links, frequency=12, effects=None)
    one = sg.contagion.fit(panel, UNITS.assign(country="MLI"), effects=None)
    assert theirs.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)
    with pytest.raises(InputError, match="`units` is None and `weights` no DataFrame"):
        sg.contagion.fit(panel, None)
    with pytest.raises(InputError, match="`weights` lacks a weight"):
        sg.contagion.fit(panel, None, weights=links.drop(columns="M1"))
    with pytest.raises(InputError, match="`effects` is 'mixed'"):
        sg.contagion.fit(panel, UNITS, effects="mixed")


@pytest.mark.worlds
def test_lasting_differences_between_units_do_not_pass_for_contagion():
    """Levels of units that lie side by side differ, and nothing crosses or follows."""
    units = lattice(8, 5)
    low = {None: 0, "random": 0}
    for seed in range(12):
        rng = np.random.default_rng(seed)
        place = np.array([int(name.split("-")[0]) for name in units["unit_id"]])
        level = np.exp(-0.6 * np.abs(place - 3.5)) * rng.gamma(2, 0.5, len(units)) * 3
        counts = rng.poisson(level[:, None], (len(units), 60))
        panel = pd.DataFrame(
            {
                "unit_id": np.repeat(units["unit_id"].to_numpy(), 60),
                "period": MONTHS.take(np.tile(np.arange(60), len(units))),
                "incidents": counts.ravel(),
            }
        )
        for effects in low:
            low[effects] += sg.contagion.fit(panel, units, effects=effects).foreign_p <= 0.05
    assert low[None] >= 10
    assert low["random"] <= 3


def test_covariates_seasons_of_the_epidemic_and_more_lags():
    rng = np.random.default_rng(3)
    panel = simulated()
    roads = pd.DataFrame({"unit_id": UNITS["unit_id"], "roads": rng.normal(size=6)})
    found = sg.contagion.fit(panel, UNITS, covariates=roads, epidemic_harmonics=1, lags=2)
    assert {"roads", "foreign_sin1", "autoregressive_cos1"} <= set(found.table.index)
    assert found.fitted.shape == (6, 58)
    assert found.simulate(1).shape == panel.shape
    assert (found.predict()["expected"] > 0).all()
    model, theta = found._model, found._theta + 0.1
    numeric = approx_fprime(theta, lambda at: model.log_likelihood(at)[0], 1e-7)
    np.testing.assert_allclose(model.log_likelihood(theta)[1], numeric, rtol=1e-3, atol=2e-2)
    gravity = sg.contagion.fit(panel, UNITS, weights="gravity")
    assert np.isfinite(gravity.log_likelihood)
    with pytest.raises(InputError, match="`covariates` has 1 columns of numbers and lacks 1"):
        sg.contagion.fit(panel, UNITS, covariates=roads.iloc[1:])
    with pytest.raises(InputError, match="`lags` is 0"):
        sg.contagion.fit(panel, UNITS, lags=0)


def test_gravity_weighs_people_and_distance_and_goes_into_fits_and_the_battery():
    people = pd.Series(np.arange(1.0, 7) * 1e5, UNITS["unit_id"])
    weights = sg.contagion.gravity(UNITS, people, distance_power=1.5, population_power=0.5)
    inner = UNITS.geometry.representative_point()
    km = WGS84.inv(*(part[at] for at in (0, 3) for part in (inner.x, inner.y)))[2] / 1e3
    expected = (people.iloc[3] / people.mean()) ** 0.5 / km**1.5
    assert weights.loc["M1", UNITS["unit_id"].iloc[3]] == pytest.approx(expected)
    assert (np.diag(weights) == 0).all()
    panel = simulated()
    named = sg.contagion.fit(panel, UNITS, weights="gravity", population=people)
    given = sg.contagion.fit(
        panel, UNITS, weights=sg.contagion.gravity(UNITS, people), population=people
    )
    assert given.log_likelihood == pytest.approx(named.log_likelihood, abs=1e-6)
    assert given.foreign_p == pytest.approx(named.foreign_p, abs=1e-6)
    with pytest.raises(InputError, match="`distance_power` is -1"):
        sg.contagion.gravity(UNITS, distance_power=-1)
    with pytest.raises(InputError, match="`population` lacks 1 units"):
        sg.contagion.gravity(UNITS, people.iloc[1:])
