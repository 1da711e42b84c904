"""Panels, one row per unit and period: what measures refuse of them, and how they are laid out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders


def require_columns(
    frame: pd.DataFrame,
    argument: str,
    columns: Sequence[str],
    advice: str = "Rename the columns, or load them with sahel_geo.",
) -> None:
    """Refuse a table without the columns that a measure reads."""
    missing = [name for name in columns if name not in frame]
    if missing:
        raise InputError(
            f"`{argument}` has no column {first_offenders(missing)}; it has "
            f"{first_offenders(frame.columns)}. {advice} "
            f"{did_you_mean(missing[0], frame.columns)}".rstrip()
        )


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
