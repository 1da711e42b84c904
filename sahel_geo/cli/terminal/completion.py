"""What the Tab key offers as values of options; each list is loaded when it is asked for."""


def zones() -> list[str]:
    """Names of zones, none, and the choice by the file."""
    from sahel_geo.places.zones import zone_names  # noqa: PLC0415  keeps --help fast

    return [*zone_names(), "none", "auto"]


def vintages() -> list[str]:
    """Vintages of the units of any country."""
    from sahel_geo.places.boundaries.vintages import FRAMES  # noqa: PLC0415

    return sorted({year for frames in FRAMES.values() for year in frames})


def measures() -> list[str]:
    """Measures of ``indicators``."""
    from sahel_geo.indicators.risk.by_unit import APART, MEASURES  # noqa: PLC0415

    return [*MEASURES, *APART]


def ways_to_publish() -> list[str]:
    """Ways to publish a report."""
    return ["full", "safe"]
