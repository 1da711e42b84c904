"""A world made up: counts that persist, spread a little and come in bursts, with a seed."""

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, require_whole
from sahel_geo.indicators.weights.panel import panel_of
from sahel_geo.places.borders import neighbours


def simulate_panel(
    units: gpd.GeoDataFrame,
    *,
    months: int = 96,
    start: str = "2016-01",
    level: float = 0.6,
    persistence: float = 0.9,
    spread: float = 0.5,
    rng: np.random.Generator | int = 1,
) -> pd.DataFrame:
    """Make up a panel to try forecasts on; it is not about any real place.

    Each unit has a level of its own and a fortune that persists from month to month, shared in part
    with its neighbours. Incidents are negative binomial around it, deaths a few per incident.

    Parameters
    ----------
    units : GeoDataFrame, m rows
        Units with ``unit_id``, ``country`` and polygons, EPSG:4326, edges matching.
    months : int
        Number of months.
    start : str
        First month.
    level : float
        Incidents that a middling unit has in a month.
    persistence : float
        Correlation of the fortunes of two successive months, from 0 to below 1.
    spread : float
        Share of a fortune that is common to neighbours, from 0 to 1.
    rng : Generator or int
        Source of randomness.

    Returns
    -------
    DataFrame, m x months rows
        ``unit_id``, ``period``, ``incidents`` and ``fatalities_best``, as of
        :func:`sahel_geo.count`.

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> panel = simulate_panel(sg.load_boundaries(level=2, countries=["BFA"]), months=48, rng=1)
    >>> panel.columns.tolist()
    ['unit_id', 'period', 'incidents', 'fatalities_best']
    """
    require_whole("months", months)
    if not (level > 0 and 0 <= persistence < 1 and 0 <= spread <= 1):
        raise InputError(
            f"`level` is {level}, `persistence` {persistence} and `spread` {spread}; expected a "
            "positive number, and shares from 0 to 1, the first of them below 1."
        )
    random = np.random.default_rng(rng)
    unit_ids = pd.Index(units["unit_id"].astype("str"))
    links = neighbours(units)
    near = np.eye(len(units))
    row = unit_ids.get_indexer(pd.Index(links["unit_id"].astype("str")))
    near[row, unit_ids.get_indexer(pd.Index(links["neighbour_id"].astype("str")))] = 1.0
    near /= np.sqrt((near**2).sum(axis=1, keepdims=True))

    def shocks() -> np.ndarray:
        common = near @ random.normal(size=len(units))
        own = random.normal(size=len(units))
        return np.asarray(np.sqrt(spread) * common + np.sqrt(1 - spread) * own)

    base = np.log(level) - 0.5 + 1.3 * shocks()
    fortune = shocks()
    incidents = np.empty((len(units), months), dtype=np.int64)
    for month in range(months):
        expected = np.exp(np.minimum(base + 0.9 * fortune, 4.0))
        incidents[:, month] = random.negative_binomial(1.5, 1.5 / (1.5 + expected))
        fortune = persistence * fortune + np.sqrt(1 - persistence**2) * shocks()
    deaths = random.negative_binomial(np.maximum(0.4 * incidents, 1e-9), 0.2)
    periods = pd.period_range(start, periods=months, freq="M")
    return panel_of(unit_ids, periods, incidents=incidents, fatalities_best=deaths.astype(float))
