"""What incidents tell beside their number: who was named, and how exactly they were placed."""

from typing import Final

import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.forecast.past import periods_of

CONTEXT: Final = ("actors_present", "placed_exactly")


def with_context(panel: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Add to a panel what its incidents tell beside their number, for ``covariates=``.

    Several armed groups in one unit, or incidents placed more vaguely than before, are known when
    one forecasts. Whether they help is for :func:`sahel_geo.forecast.evaluate` to say: on UCDP's
    files they lower the CRPS of the pool by 0.1 to 0.2 % and raise its IGN by as little, so they
    are not used unless asked for.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count` of these incidents.
    placed : DataFrame, n rows
        Result of :func:`sahel_geo.assign`: ``unit_id``, ``date`` and, where known, ``actor1``,
        ``actor2`` and ``location_precision``.

    Returns
    -------
    DataFrame
        A copy of `panel` with ``actors_present``, the number of armed non-state groups named, 0
        where nothing was recorded, and ``placed_exactly``, the share of the incidents placed
        exactly, missing there. A column that `placed` cannot tell is left out.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> placed = sg.assign(sg.load_example_incidents(), units)
    >>> panel = with_context(sg.count(placed, units), placed)
    >>> bool((panel["actors_present"] >= 0).all())
    True
    """
    if not isinstance(panel, pd.DataFrame) or not isinstance(placed, pd.DataFrame):
        raise InputError(
            "`panel` is a {panel} and `placed` a {placed}; expected two tables. Pass the result of "
            "sg.count, and the incidents that were counted.",
            panel=type(panel).__name__,
            placed=type(placed).__name__,
        )
    lacking = [name for name in ("unit_id", "period") if name not in panel]
    lacking += [name for name in ("unit_id", "date") if name not in placed]
    if lacking:
        raise InputError(
            "`panel` or `placed` has no column {lacking}; expected the result of sg.count and the "
            "incidents that were counted. Pass both.",
            lacking=lacking,
        )
    periods = periods_of(panel)
    placed = placed.assign(date=pd.to_datetime(placed["date"], errors="coerce", format="ISO8601"))
    rows = placed[placed["unit_id"].notna() & placed["date"].notna()].reset_index(drop=True)
    frequency = pd.PeriodIndex(periods).freq
    keys = pd.DataFrame(
        {"unit_id": rows["unit_id"].astype("str"), "period": rows["date"].dt.to_period(frequency)}
    )
    index = pd.MultiIndex.from_arrays([panel["unit_id"].astype("str"), periods])
    table = panel.copy()
    if "actor1" in rows:
        from sahel_geo.incidents.actors.sides import read_sides  # noqa: PLC0415  reads the table

        armed = read_sides(rows).armed()
        actors = keys.iloc[armed["row"].to_numpy()].assign(actor=armed["actor_id"].to_numpy())
        named = actors.groupby(["unit_id", "period"])["actor"].nunique()
        table["actors_present"] = named.reindex(index, fill_value=0).to_numpy(dtype="float64")
    if "location_precision" in rows:
        exact = keys.assign(exact=rows["location_precision"].astype("str").eq("exact"))
        shares = exact.groupby(["unit_id", "period"])["exact"].mean()
        table["placed_exactly"] = shares.reindex(index).to_numpy(dtype="float64")
    return table
