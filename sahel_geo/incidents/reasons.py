"""Why a row is set aside: one code per cause, with a sentence in French and in English.

Codes are stable: they stand in quarantine files and in the output of the command line. The order
of :data:`REASONS` is the order in which a row with several faults is given its one code.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from sahel_geo.arrays import Flags, Positions
from sahel_geo.i18n.sentence import Sentence, joined

RAGGED_ROW: Final = "ragged_row"
DAMAGED_TEXT: Final = "damaged_text"
NOT_A_POINT: Final = "not_a_point"
NOT_AN_EVENT: Final = "not_an_event"
REPEATED_HEADER: Final = "repeated_header"
TOTAL: Final = "total"
NO_DATE: Final = "no_date"
IMPOSSIBLE_DATE: Final = "impossible_date"
AMBIGUOUS_DATE: Final = "ambiguous_date"
FUTURE_DATE: Final = "future_date"
NOT_A_NUMBER: Final = "not_a_number"
NO_LOCATION: Final = "no_location"
ZERO_COORDINATES: Final = "zero_coordinates"
SWAPPED_COORDINATES: Final = "swapped_coordinates"
COORDINATES_OUTSIDE_WORLD: Final = "coordinates_outside_world"
OUTSIDE_COUNTRY: Final = "outside_country"
NEGATIVE_FATALITIES: Final = "negative_fatalities"
ABSURD_FATALITIES: Final = "absurd_fatalities"
FATALITIES_OUT_OF_ORDER: Final = "fatalities_out_of_order"
DUPLICATE_ROW: Final = "duplicate_row"
DUPLICATE_ID: Final = "duplicate_id"

REASONS: Final[dict[str, Sentence]] = {
    RAGGED_ROW: Sentence("a lost quote, or a number of fields that differs from the header's"),
    DAMAGED_TEXT: Sentence("the text holds NUL bytes: a damaged row"),
    NOT_A_POINT: Sentence("the geometry is not a point"),
    REPEATED_HEADER: Sentence("the header is repeated in the middle of the table"),
    NOT_AN_EVENT: Sentence("stands for a war that another source counts, and is no event"),
    TOTAL: Sentence("a total of other rows, and no incident"),
    NO_DATE: Sentence("the date is missing"),
    IMPOSSIBLE_DATE: Sentence("the date does not exist or cannot be read"),
    AMBIGUOUS_DATE: Sentence("the date can be read in two ways"),
    FUTURE_DATE: Sentence("the date is in the future"),
    NOT_A_NUMBER: Sentence("a coordinate or a toll is not a number"),
    NO_LOCATION: Sentence("neither coordinates nor a place name"),
    ZERO_COORDINATES: Sentence("coordinates 0, 0: a missing value written as zero"),
    SWAPPED_COORDINATES: Sentence("longitude and latitude are swapped"),
    COORDINATES_OUTSIDE_WORLD: Sentence("coordinates outside [-180, 180] x [-90, 90]"),
    OUTSIDE_COUNTRY: Sentence("the point is more than one degree away from the stated country"),
    NEGATIVE_FATALITIES: Sentence("negative number of fatalities"),
    ABSURD_FATALITIES: Sentence("more than a million deaths in one incident"),
    FATALITIES_OUT_OF_ORDER: Sentence("the low, best and high tolls contradict each other"),
    DUPLICATE_ROW: Sentence("identical to an earlier row"),
    DUPLICATE_ID: Sentence("identifier already used by an earlier row"),
}


MOST_WORDED: Final = 20_000  # rows set aside that are explained by their cells

TAGS_NOTE: Final = Sentence("the row of HXL tags below the header is skipped")


@dataclass
class Faults:
    """Faults found so far in a table of `size` rows, each with the rows it concerns."""

    size: int
    _found: list[tuple[str, Flags, Callable[[int], str]]] = field(default_factory=list)

    def add(self, code: str, mask: Flags, detail: Callable[[int], str]) -> None:
        """Record that the rows of `mask` have the fault `code`; `detail` words it for a row."""
        if mask.any():
            self._found.append((code, mask, detail))

    @property
    def any_row(self) -> Flags:
        """Rows with at least one fault, shape (size,)."""
        return self.having(*REASONS)

    def having(self, *codes: str) -> Flags:
        """Rows with one of the faults `codes`, shape (size,)."""
        union = np.zeros(self.size, dtype=bool)
        for code, mask, _ in self._found:
            if code in codes:
                union |= mask
        return union

    def explained(self, positions: Positions) -> tuple[list[str], list[str]]:
        """Give each row's first code, and what is wrong, in full up to :data:`MOST_WORDED` rows."""
        worded = [self._of_row(int(position)) for position in positions[:MOST_WORDED]]
        others = positions[MOST_WORDED:]
        codes = np.empty(len(others), dtype=object)
        for code, mask, _ in sorted(self._found, key=lambda fault: -_RANK[fault[0]]):
            codes[mask[others]] = code
        return (
            [*(code for code, _ in worded), *codes],
            [*(text for _, text in worded), *(REASONS[code] for code in codes)],
        )

    def _of_row(self, position: int) -> tuple[str, str]:
        """Give the code of a row's first fault and one sentence for each of its faults."""
        mine = sorted(
            (fault for fault in self._found if fault[1][position]),
            key=lambda fault: _RANK[fault[0]],
        )
        return mine[0][0], joined([detail(position) for _, _, detail in mine])


_RANK = {code: rank for rank, code in enumerate(REASONS)}
