"""What sentences of measures of actors share: claims that the data carry, and cautions."""

from typing import Any

import numpy as np

from sahel_geo.incidents.catalogue import SELECTION_NOTICE
from sahel_geo.sentence import Sentence


def trend_words(trend: Any) -> list[Sentence]:
    """Say whether the landscape fragments, only where the interval and the naming allow it.

    Parameters
    ----------
    trend : mapping
        ``slope``, ``low``, ``high``, ``unidentified_change`` and ``claim`` of one unit.

    Returns
    -------
    list of Sentence
        One or two.
    """
    numbers = {name: float(trend[name]) for name in ("slope", "low", "high")}
    if not np.isfinite(numbers["low"]):
        return [Sentence("Too few incidents to tell a change from chance.")]
    said = {
        "more": Sentence("The landscape is fragmenting: {range}.", range=_range(numbers)),
        "fewer": Sentence("The landscape is concentrating, not fragmenting: {range}.",
                          range=_range(numbers)),
        "none": Sentence("These data do not show that fragmentation increases: {range}.",
                         range=_range(numbers)),
        "naming": Sentence(
            "The number moves, but so does the share of mentions that identify nobody, by "
            "{points:.0f} points: better or worse naming may explain it.",
            points=100 * abs(float(trend["unidentified_change"])),
        ),
    }  # fmt: skip
    return [said[str(trend["claim"])]]


def _range(numbers: dict[str, float]) -> Sentence:
    return Sentence(
        "{slope:+.2f} groups per year (interval {low:+.2f} to {high:+.2f})",
        **numbers,
    )


def caution(selection: bool) -> list[Sentence]:  # noqa: FBT001
    """Give what stands under every figure by actor, and the notice of a selection."""
    said = [
        Sentence("Events show where a group acted and was named, not what it controls."),
    ]
    return [*said, Notice()] if selection else said


class Notice(Sentence):
    """The notice that goes with anything made from the catalogue."""

    __slots__ = ()

    def __new__(cls) -> "Notice":
        """Take the notice in English."""
        return super().__new__(cls, SELECTION_NOTICE["en"])

    def say(self, lang: Any) -> str:
        """Give the notice in one language."""
        return SELECTION_NOTICE["fr" if lang == "fr" else "en"]
