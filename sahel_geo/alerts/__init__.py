"""Alerts: which units are above what was expected before, with the record of such alerts.

Use :func:`detect`; :func:`farrington` and :func:`ears` give the bounds of a series of one's own.
"""

from sahel_geo.alerts.detection import Alerts, detect
from sahel_geo.alerts.ears import ears
from sahel_geo.alerts.farrington import FarringtonSettings, farrington

__all__ = ["Alerts", "FarringtonSettings", "detect", "ears", "farrington"]


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
