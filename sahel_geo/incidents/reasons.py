"""Why a row is set aside: one code per cause, with a sentence in French and in English.

Codes are stable: they stand in quarantine files and in the output of the command line. The order
of :data:`REASONS` is the order in which a row with several faults is given its one code.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.schema import Language

RAGGED_ROW: Final = "ragged_row"
DAMAGED_TEXT: Final = "damaged_text"
NOT_A_POINT: Final = "not_a_point"
REPEATED_HEADER: Final = "repeated_header"
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

REASONS: Final[dict[str, dict[Language, str]]] = {
    RAGGED_ROW: {
        "fr": "le nombre de champs diffère de celui de l'en-tête",
        "en": "the number of fields differs from the header's",
    },
    DAMAGED_TEXT: {
        "fr": "le texte contient des octets nuls : ligne abîmée",
        "en": "the text holds NUL bytes: a damaged row",
    },
    NOT_A_POINT: {
        "fr": "la géométrie n'est pas un point",
        "en": "the geometry is not a point",
    },
    REPEATED_HEADER: {
        "fr": "l’en-tête se répète au milieu du tableau",
        "en": "the header is repeated in the middle of the table",
    },
    NO_DATE: {"fr": "la date manque", "en": "the date is missing"},
    IMPOSSIBLE_DATE: {
        "fr": "la date n'existe pas ou ne se lit pas",
        "en": "the date does not exist or cannot be read",
    },
    AMBIGUOUS_DATE: {
        "fr": "la date se lit de deux façons",
        "en": "the date can be read in two ways",
    },
    FUTURE_DATE: {"fr": "la date est dans le futur", "en": "the date is in the future"},
    NOT_A_NUMBER: {
        "fr": "une coordonnée ou un bilan n'est pas un nombre",
        "en": "a coordinate or a toll is not a number",
    },
    NO_LOCATION: {
        "fr": "ni coordonnées ni nom de lieu",
        "en": "neither coordinates nor a place name",
    },
    ZERO_COORDINATES: {
        "fr": "coordonnées 0, 0 : une valeur absente écrite comme zéro",
        "en": "coordinates 0, 0: a missing value written as zero",
    },
    SWAPPED_COORDINATES: {
        "fr": "longitude et latitude sont inversées",
        "en": "longitude and latitude are swapped",
    },
    COORDINATES_OUTSIDE_WORLD: {
        "fr": "coordonnées hors de [-180, 180] x [-90, 90]",
        "en": "coordinates outside [-180, 180] x [-90, 90]",
    },
    OUTSIDE_COUNTRY: {
        "fr": "le point est à plus d'un degré du pays indiqué",
        "en": "the point is more than one degree away from the stated country",
    },
    NEGATIVE_FATALITIES: {"fr": "nombre de morts négatif", "en": "negative number of fatalities"},
    ABSURD_FATALITIES: {
        "fr": "plus d’un million de morts en un incident",
        "en": "more than a million deaths in one incident",
    },
    FATALITIES_OUT_OF_ORDER: {
        "fr": "les bilans bas, retenu et haut se contredisent",
        "en": "the low, best and high tolls contradict each other",
    },
    DUPLICATE_ROW: {
        "fr": "ligne identique à une ligne précédente",
        "en": "identical to an earlier row",
    },
    DUPLICATE_ID: {
        "fr": "identifiant déjà porté par une ligne précédente",
        "en": "identifier already used by an earlier row",
    },
}


TAGS_NOTE: Final = Sentence("the row of HXL tags below the header is skipped")

Mask = npt.NDArray[np.bool_]


@dataclass
class Faults:
    """Faults found so far in a table of `size` rows, each with the rows it concerns."""

    size: int
    _found: list[tuple[str, Mask, Callable[[int], str]]] = field(default_factory=list)

    def add(self, code: str, mask: Mask, detail: Callable[[int], str]) -> None:
        """Record that the rows of `mask` have the fault `code`; `detail` words it for a row."""
        if mask.any():
            self._found.append((code, mask, detail))

    @property
    def any_row(self) -> Mask:
        """Rows with at least one fault, shape (size,)."""
        union = np.zeros(self.size, dtype=bool)
        for _, mask, _ in self._found:
            union |= mask
        return union

    def having(self, code: str) -> Mask:
        """Rows with the fault `code`, shape (size,)."""
        union = np.zeros(self.size, dtype=bool)
        for mine, mask, _ in self._found:
            if mine == code:
                union |= mask
        return union

    def of_row(self, position: int) -> tuple[str, str]:
        """Give the code of a row's first fault and one sentence for each of its faults."""
        mine = sorted(self._of_row(position), key=lambda fault: _RANK[fault[0]])
        return mine[0][0], joined([sentence for _, sentence in mine])

    def _of_row(self, position: int) -> Iterator[tuple[str, str]]:
        for code, mask, detail in self._found:
            if mask[position]:
                yield code, detail(position)


_RANK = {code: rank for rank, code in enumerate(REASONS)}
