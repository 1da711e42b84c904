"""Which indicator, period and layer of a map a picture shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sahel_geo.errors import InputError, did_you_mean
from sahel_geo.maps.period_names import Period, period_number


@dataclass(frozen=True)
class Choice:
    """What of a map is shown.

    Attributes
    ----------
    indicator : int
        Which indicator.
    period : int
        Which period, from 0; -1 for the whole time.
    surface : bool
        Whether the density surface takes the place of the colours of the units.
    """

    indicator: int = 0
    period: int = -1
    surface: bool = False


def choose(
    data: Mapping[str, Any], indicator: str | None, period: Period | None, *, surface: bool
) -> Choice:
    """Find what is to be shown, and refuse what the map does not hold.

    Parameters
    ----------
    data : mapping
        What the page draws and says.
    indicator : str, optional
        A column; the first by default.
    period : str, date or pandas Period, optional
        One period; the whole time by default.
    surface : bool
        Whether the surface takes the place of the units.

    Returns
    -------
    Choice
        By number.

    Raises
    ------
    InputError
        If the map lacks one of them.
    """
    keys = [each["key"] for each in data["indicators"]]
    if indicator is not None and indicator not in keys:
        raise InputError(
            f"`indicator` is {indicator!r}; expected one of {keys}. "
            f"{did_you_mean(indicator, keys, 'Choose one.')}",
        )
    at = 0 if indicator is None else keys.index(indicator)
    number = -1 if period is None else period_number(data["time"], period)
    if number >= 0 and not (surface or data["indicators"][at].get("series")):
        timed = [each["key"] for each in data["indicators"] if each.get("series")]
        raise InputError(
            f"`period` is {str(period)!r}, but {keys[at]!r} is given for the whole time only; "
            f"expected an indicator of {timed}. Choose one with indicator=.",
        )
    if surface and data["surface"] is None:
        raise InputError(
            "`surface` is True, but the map holds none; expected a map with a density surface. "
            "Make it with choropleth(..., surface=sg.density.kernel_density(...)).",
        )
    return Choice(at, number, surface)
