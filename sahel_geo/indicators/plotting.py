"""Axes to draw on; matplotlib is loaded only when something is drawn."""

from importlib import import_module
from typing import Any

from sahel_geo.errors import InputError


def axes(ax: Any = None) -> Any:
    """Give the caller's axes, or new ones.

    Parameters
    ----------
    ax : matplotlib Axes, optional
        Axes to draw on.

    Returns
    -------
    matplotlib Axes
        `ax`, or the axes of a new figure without a window.

    Raises
    ------
    InputError
        If matplotlib is not installed; the message names the extra that brings it.
    """
    if ax is not None:
        return ax
    try:
        figure = import_module("matplotlib.figure").Figure(layout="constrained")
    except ImportError as error:
        raise InputError(
            "`plot` needs matplotlib, which is not installed; expected the extra 'plot'. "
            "Install sahel-geo[plot].",
        ) from error
    return figure.subplots()
