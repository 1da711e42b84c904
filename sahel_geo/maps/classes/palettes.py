"""Colours of the classes: one hue from light to dark, safe for colour-blind readers."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.i18n.sentence import Sentence

# Every list falls steadily in lightness, so that the order survives grey printing.
PALETTES: Final[dict[str, tuple[str, ...]]] = {
    "orange_red": ("#fde0b8", "#fdbb84", "#f58c58", "#dc5039", "#ae1a25", "#68051a"),
    "blues": ("#d6e4f0", "#a6c8e2", "#6ea6d0", "#3a7fb8", "#17588f", "#08305f"),
    "purples": ("#dcd5ee", "#b8addb", "#988cc4", "#7660a8", "#583988", "#35125c"),
    "greys": ("#d6d6d6", "#b4b4b4", "#909090", "#696969", "#434343", "#1c1c1c"),
}
# The other half of a signed scale, else "blues"; purples and greys look like blues to some.
OPPOSITE: Final = {"blues": "orange_red", "purples": "orange_red", "greys": "orange_red"}
ZERO_COLOUR: Final = "#fbfaf6"
HIDDEN_COLOUR: Final = "#b9c7c4"  # in no palette; the map and the legend dot it
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")


def colours(palette: str | Sequence[str], n: int) -> tuple[str, ...]:
    """Give `n` colours, spread evenly over a palette.

    >>> colours("orange_red", 6) == PALETTES["orange_red"]
    True
    >>> colours(["#ffffff", "#000000"], 5)[2]
    '#808080'
    """
    hexes = palette_stops(palette)
    stops = np.array([[int(each[at : at + 2], 16) for at in (1, 3, 5)] for each in hexes])
    last = len(stops) - 1
    # two classes of the lightest and the darkest would look farther apart than they are
    reach = min(1.0, 0.55 + 0.1 * n)
    places = np.linspace(0, last * reach, n) if n > 1 else np.array([last * 0.55])
    axis = np.arange(len(stops))
    mixed = np.column_stack([np.interp(places[:n], axis, stops[:, c]) for c in range(3)])
    return tuple("#{:02x}{:02x}{:02x}".format(*row) for row in np.floor(mixed + 0.5).astype(int))


def palette_stops(palette: str | Sequence[str]) -> tuple[str, ...]:
    """Look a palette up by name, or check a list of colours."""
    if isinstance(palette, str):
        if palette in PALETTES:
            return PALETTES[palette]
        raise InputError(
            f"`palette` is {palette!r}; expected one of {list(PALETTES)} or a list of colours. "
            f"{nearest(palette, PALETTES)}"
        )
    given = tuple(palette)
    wrong = [item for item in given if not (isinstance(item, str) and _HEX.match(item))]
    if wrong or len(given) < 2:
        raise InputError(
            f"`palette` holds {len(wrong)} items that are no colour: {first_offenders(wrong)}; "
            "expected at least two colours like '#d7301f'. Give them from light to dark."
        )
    return given


def nearest(word: str, known: Iterable[str]) -> Sentence:
    """Suggest the known name that looks most like a word, for the end of a message.

    >>> nearest("quantile", ["quantiles", "log"])
    "Did you mean 'quantiles'?"
    """
    return did_you_mean(word, known, Sentence("Choose one of these."))
