"""Look names of a gazetteer up by spelling, by sound, and by what is close to either."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Integers


@dataclass(frozen=True)
class CountryNames:
    """The distinct sounds of one country's places, and which names have each."""

    sounds: list[str]  # sorted
    rows: list[Integers]  # rows of the table of names with that sound


class NameIndex:
    """Lookup tables over the names of a gazetteer.

    names (n rows): ``place``, ``joined`` and ``sound``.
    countries (places,): Country of each place.
    """

    def __init__(self, names: pd.DataFrame, countries: npt.NDArray[Any]) -> None:
        self.place: Integers = names["place"].to_numpy(dtype=np.int64)
        self.joined: list[str] = names["joined"].tolist()
        self.sound: list[str] = names["sound"].tolist()
        self._country = countries[self.place].tolist()
        self._by_joined = _grouped(self._country, self.joined)
        self._by_sound = _grouped(self._country, self.sound)
        self._countries: dict[str, CountryNames] = {}

    def with_spelling(self, joined: str, country: str) -> list[int]:
        """Give the rows of names with this plain spelling in a country."""
        return self._by_joined.get((country, joined), [])

    def with_sound(self, sound: str, country: str) -> list[int]:
        """Give the rows of names with this sound in a country."""
        return self._by_sound.get((country, sound), [])

    def of_country(self, country: str) -> CountryNames:
        """Give the distinct sounds of a country, to be searched for what is close."""
        if country not in self._countries:
            sounds = sorted(
                (sound, rows) for (where, sound), rows in self._by_sound.items() if where == country
            )
            self._countries[country] = CountryNames(
                [sound for sound, _ in sounds], [np.array(rows) for _, rows in sounds]
            )
        return self._countries[country]


def _grouped(countries: list[str], texts: list[str]) -> dict[tuple[str, str], list[int]]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, key in enumerate(zip(countries, texts, strict=True)):
        groups[key].append(row)
    return dict(groups)
