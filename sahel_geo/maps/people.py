"""Whose table of people a report uses, and what it lacks, in words."""

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.places.population import SOURCE, implausible_people, load_population

_NAMED: Final = 6
_WEAK: Final = ("low", "none")


def describe_people(
    people: "pd.Series[Any] | None", units: gpd.GeoDataFrame, source: str | None
) -> dict[str, Any] | None:
    """Say where people come from, and name the units where they are missing, guessed or strange.

    people (m,): By ``unit_id``. `source` is None for the shipped table of 2020, whose estimates are
    known; of another table those are named that can hardly be right.

    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(1, countries="MLI")
    >>> people = sg.load_population(1).set_index("unit_id")["population"]
    >>> describe_people(people, units, None)["estimated"]
    ['Ménaka']
    """
    if people is None:
        return None
    names = units.set_index("unit_id")["name"]
    known = people.reindex(names.index)
    facts: dict[str, Any] = {
        "source": source or SOURCE,
        "year": None if source else 2020,
        "unknown": names[known.isna()].tolist(),
        "estimated": [],
        "implausible": [],
    }
    if source:
        facts["implausible"] = implausible_people(people, units)["name"].tolist()
    else:
        table = load_population(int(units["level"].iloc[0])).set_index("unit_id")
        weak = table["confidence"].reindex(names.index).isin(_WEAK) & known.notna()
        facts["estimated"] = names[weak].tolist()
    return facts


def people_limits(people: Mapping[str, Any] | None) -> list[Sentence]:
    """Say what rates per person rest on; nothing where none are given.

    >>> told = {"source": "Own", "year": None, "unknown": ["Gao"], "estimated": []}
    >>> [str(each) for each in people_limits({**told, "implausible": []})]
    ['People are not known in Gao: no rate per person there.']
    """
    if people is None:
        return []
    sentences = []
    if people["year"]:
        sentences.append(
            Sentence("People are those of {year}, before later displacement.", year=people["year"])
            if not people["estimated"]
            else Sentence(
                "People are those of {year}, before later displacement; estimates in "
                "{names:standard}.",
                year=people["year"],
                names=_some(people["estimated"]),
            )
        )
    if people["unknown"]:
        sentences.append(
            Sentence(
                "People are not known in {names:standard}: no rate per person there.",
                names=_some(people["unknown"]),
            )
        )
    if people["implausible"]:
        sentences.append(implausible(people["implausible"]))
    return sentences


def implausible(names: list[str]) -> Sentence:
    """Warn of numbers of people that can hardly be right.

    >>> str(implausible(["Niamey"]))[:60]
    'The number of people can hardly be right in Niamey: more tha'
    """
    return Sentence(
        "The number of people can hardly be right in {names:standard}: more than 25,000 on a km², "
        "or over twice or under half of those of 2020. Check the table.",
        names=_some(names),
    )


def people_credit(people: Mapping[str, Any] | None) -> list[Sentence]:
    """Name the source of the people.

    >>> people_credit(None)
    []
    """
    return [Sentence("People: {source}.", source=people["source"])] if people else []


def _some(names: list[str]) -> list[str | Sentence]:
    """Name the first few, and count the rest."""
    if len(names) <= _NAMED:
        return list(names)
    return [*names[: _NAMED - 1], Sentence("{more:,} others", more=len(names) - _NAMED + 1)]
