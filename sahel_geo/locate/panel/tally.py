"""Add incidents up by unit, period and kind: the part of a count that can be done in pieces.

A tally holds only the combinations that occur, with whole numbers, so the tallies of the pieces of
a table add up to that of the whole, in any order.
"""

from typing import Final

FREQUENCY: Final[dict[str, str]] = {
    "day": "D",
    "week": "W-SUN",  # weeks run from Monday to Sunday (ISO 8601)
    "month": "M",
    "quarter": "Q",
    "year": "Y",
}
FATALITIES: Final = ("fatalities_low", "fatalities_best", "fatalities_high")
