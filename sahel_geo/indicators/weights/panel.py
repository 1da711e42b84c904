"""Panels, one row per unit and period: what measures refuse of them, and how they are laid out."""

from typing import Any

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders


def panel_of(unit_ids: Any, periods: pd.Index, **figures: Any) -> pd.DataFrame:
    """Lay figures (n, t) out with one row per unit and period."""
    names = np.repeat(pd.Index(unit_ids).to_numpy(), len(periods))
    times = periods.take(np.tile(np.arange(len(periods)), len(unit_ids)))
    columns = {name: np.ravel(numbers) for name, numbers in figures.items()}
    return pd.DataFrame({"unit_id": names, "period": times, **columns})


def require_units(panel: pd.DataFrame, ids: Any, argument: str = "panel") -> None:
    """Refuse a panel that names other units than those it is read for."""
    strangers = pd.Index(panel["unit_id"].astype(str).unique()).difference(pd.Index(ids))
    if len(strangers):
        raise InputError(
            f"`{argument}` names {len(strangers)} units that `units` does not hold: "
            f"{first_offenders(strangers)}; expected the same units. Count again with these units."
        )
