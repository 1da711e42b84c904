"""A simulated panel of Burkina Faso's provinces, its record and its forecast, made once."""

from functools import cache

import sahel_geo as sg


@cache
def provinces():
    """The units, and 60 months of them."""
    units = sg.load_boundaries(level=2, countries=["BFA"])
    units = units.assign(name=[f"Unit {place}" for place in range(len(units))])
    return units, sg.forecast.simulate_panel(units, months=60, rng=5)


@cache
def record():
    units, panel = provinces()
    return sg.forecast.evaluate(
        panel, units, horizons=3, origins=("2019-06", "2020-10"), every=4, ablation=False
    )


@cache
def forecast():
    units, panel = provinces()
    return sg.forecast.predict(panel, units, horizons=3, scores=record())


@cache
def alerts():
    units, panel = provinces()
    return sg.alerts.detect(panel, units, model="faded")


@cache
def onset():
    units, _ = provinces()
    panel = sg.forecast.simulate_panel(units, months=72, level=0.15, rng=2)
    return sg.forecast.onset(panel, units)
