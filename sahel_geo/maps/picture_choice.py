"""Which indicator, period and layer of a map a picture shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sahel_geo.errors import InputError, did_you_mean
from sahel_geo.maps.period_names import Period, period_span


@dataclass(frozen=True)
class Choice:
    """What of a map is shown.

    Attributes
    ----------
    indicator : int
        Which indicator.
    periods : range
        Which periods, from 0; empty for the whole time.
    year : int, optional
        The calendar year that they make, where it is shown as one.
    surface : bool
        Whether the density surface takes the place of the colours of the units.
    """

    indicator: int = 0
    periods: range = range(0)
    year: int | None = None
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
    if surface and data["surface"] is None:
        raise InputError(
            "`surface` is True, but the map holds none; expected a map with a density surface. "
            "Make it with choropleth(..., surface=sg.density.kernel_density(...)).",
        )
    if period is None:
        return Choice(at, surface=surface)
    if surface:
        raise InputError(
            f"`period` is {str(period)!r}, but the surface is one of the whole time; expected "
            "period= or surface=True. Leave out one.",
        )
    periods, year = period_span(data["time"], period)
    _check_series(data["indicators"], at, period, yearly=year is not None)
    return Choice(at, periods, year)


def _check_series(
    indicators: Sequence[Mapping[str, Any]], at: int, period: Period, *, yearly: bool
) -> None:
    """Refuse an indicator without values for the period."""

    def has(indicator: Mapping[str, Any]) -> bool:
        series = indicator.get("series")
        return bool(series and (series["years"] if yearly else True))

    if not has(indicators[at]):
        known = [each["key"] for each in indicators if has(each)]
        what = "has no value of a year" if yearly else "is given for the whole time only"
        raise InputError(
            f"`period` is {str(period)!r}, but {indicators[at]['key']!r} {what}; expected an "
            f"indicator of {known}. Choose one with indicator=, or another period.",
        )
