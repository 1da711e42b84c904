"""When each administrative frame held, by which legal act, and where its map is approximate.

A *frame* is the division of one country at one time. What is known of a unit's life follows from
comparing the frames: a unit lives through all the frames in which it has the same name and exactly
the same communes. The acts below are those that could be found cited with number and date; where
none could, the cell is empty. The frame of Mali named ``2021`` is a table of codes and never was
law: Ménaka is a region in it and Taoudénit is not.
"""

from datetime import date, datetime
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.places.boundaries.vintages import FRAMES, parents_of


class Start(NamedTuple):
    """The day a frame came into force at one level, and the act that says so."""

    day: str
    act: str


_MLI_2012: Final = Start("1991-08-08", "Ordonnance n° 91-039/P-CTSP du 8 août 1991")
_MLI_2016: Final = Start(
    "2016-01-19",
    "Loi n° 2012-017 du 2 mars 2012; gouverneurs nommés le 19 janvier 2016",
)
_MLI_2023: Final = Start("2023-03-13", "Loi n° 2023-006 du 13 mars 2023")
_NER_REGIONS: Final = Start("1998-09-14", "Loi n° 98-31 du 14 septembre 1998")
_NER_COMMUNES: Final = Start("2002-06-11", "Loi n° 2002-14 du 11 juin 2002")
_BFA_2025: Final = Start(
    "2025-07-02",
    "Décret portant réorganisation du territoire national, Conseil des ministres du 2 juillet 2025",
)

# Legal frames of each country in the order of time, with the start of levels 1 to 3 where known.
HISTORY: Final[dict[str, dict[str, dict[int, Start]]]] = {
    "MLI": {
        "2012": {1: _MLI_2012, 2: _MLI_2012},
        "2016": {1: _MLI_2016, 2: _MLI_2016},
        "2023": {1: _MLI_2023, 2: _MLI_2023},
    },
    "NER": {
        "1998": {
            1: _NER_REGIONS,
            2: Start("1998-09-14", "Loi n° 98-30 du 14 septembre 1998"),
            3: _NER_COMMUNES,
        },
        "2023": {
            1: _NER_REGIONS,
            2: Start("2011-08-08", "Loi n° 2011-22 du 8 août 2011"),
            3: _NER_COMMUNES,
        },
    },
    "BFA": {
        "2001": {
            1: Start("2001-07-02", "Loi n° 013-2001/AN du 2 juillet 2001"),
            2: Start("1996-04-24", "Loi n° 009/96/ADP du 24 avril 1996"),
        },
        "2025": {1: _BFA_2025, 2: _BFA_2025},
    },
}

# Units of 2023 that come out at least a tenth smaller or larger than OCHA draws them, though no
# commune is known to be cut: the missing ground lies in communes counted elsewhere.
_SHORT_2023: Final = ("Bamako", "Gabéro", "Konna", "Bintagoungou")


def frames_at(as_of: str | date, countries: list[str], level: int) -> dict[str, str]:
    """Find the frame of each country that held on one day.

    Examples
    --------
    >>> frames_at("2014-06-01", ["MLI", "BFA"], 1)
    {'MLI': '2012', 'BFA': '2001'}
    """
    day = _day(as_of)
    chosen, unknown = {}, {}
    for country in countries:
        starts = {
            vintage: levels[min(level, 2)].day if level else ""
            for vintage, levels in HISTORY[country].items()
        }
        past = [vintage for vintage, start in starts.items() if start <= day]
        if past:
            chosen[country] = past[-1]
        else:
            unknown[country] = min(starts.values())
    if unknown:
        raise InputError(
            f"`as_of` is {day}, before the first frame known at level {level} of "
            f"{first_offenders(unknown)}; expected {max(unknown.values())} or later. Choose a "
            "later day, fewer countries, or vintage= if the later frame will do.",
        )
    return chosen


def _day(as_of: str | date) -> str:
    if isinstance(as_of, datetime):
        return as_of.date().isoformat()
    if isinstance(as_of, date):
        return as_of.isoformat()
    try:
        return date.fromisoformat(as_of).isoformat()
    except (TypeError, ValueError) as error:
        raise InputError(
            f"`as_of` is {as_of!r}; expected a day such as '2014-06-01'. Give year, month and day.",
        ) from error


def lives_of(facts: pd.DataFrame, country: str, vintage: str, level: int) -> pd.DataFrame:
    """Tell from when to when the unit of each commune existed, and how well its map is known."""
    history = list(HISTORY[country].items())
    alive = np.ones((len(facts), len(history)), dtype=bool)
    if level in (1, 2):
        own = _labels(facts, country, vintage, level)
        doubt = _doubtful(facts, country, vintage, level)
        for column, (other, _) in enumerate(history):
            labels = _labels(facts, country, other, level)
            # Where the ground of a unit is doubtful, so is that it stayed the same.
            unsure = doubt | _doubtful(facts, country, other, level)
            alive[:, column] = _same_unit(own, labels, unsure & (other != vintage))
    first = np.where(alive.any(axis=1), alive.argmax(axis=1), -1)
    last = np.where(alive.any(axis=1), len(history) - 1 - alive[:, ::-1].argmax(axis=1), -1)
    starts = [levels.get(level, Start("", "")) for _, levels in history]
    # The last element answers for units of no legal frame, and for those that are still there.
    begin = np.array([*(start.day for start in starts), ""], dtype=object)
    end = np.array([*(start.day for start in starts[1:]), "", ""], dtype=object)
    acts = np.array([*(start.act or None for start in starts), None], dtype=object)
    return pd.DataFrame(
        {
            "valid_from": begin[first].astype("datetime64[s]"),
            "valid_to": end[last].astype("datetime64[s]"),
            "legal_act": acts[first],
            "approximate": _doubtful(facts, country, vintage, level),
        },
        index=facts.index,
    )


def _labels(facts: pd.DataFrame, country: str, vintage: str, level: int) -> pd.Series:
    """Name the unit of each commune so that equal names in two regions stay apart."""
    frame = FRAMES[country][vintage]
    if frame.coded:
        return facts["adm1_name" if level == 1 else "adm2_name"]
    parents = parents_of(facts, country, vintage, codes=False)
    return parents[f"adm{level}_name"]


def _same_unit(
    own: pd.Series,
    other: pd.Series,
    unsure: npt.NDArray[np.bool],
) -> npt.NDArray[np.bool]:
    """Mark communes whose units have one name and the same communes in two frames."""
    broken = (own != other).to_numpy() | unsure
    a, _ = pd.factorize(own)
    b, _ = pd.factorize(other)
    return np.asarray((np.bincount(a, broken)[a] == 0) & (np.bincount(b, broken)[b] == 0))


def _doubtful(
    facts: pd.DataFrame,
    country: str,
    vintage: str,
    level: int,
) -> npt.NDArray[np.bool]:
    """Mark communes whose membership in a unit of that frame is not certain."""
    if country == "NER" and vintage == "1998" and level == 2:
        labels = _labels(facts, country, vintage, level)  # that held no town of their region
        return np.asarray(labels.isin({"Madarounfa", "Tahoua", "Mirriah"}))
    if country != "MLI" or vintage not in {"2016", "2023"} or level == 0:
        return np.zeros(len(facts), dtype=bool)
    if vintage == "2016":  # how much of Tombouctou went to Taoudénit is not known
        halves = facts["adm1_2016"].isin(["Taoudénit", "Tombouctou"])
        if level == 2:
            halves &= facts["adm2_name"] == "Tombouctou"
        return np.asarray(halves & (level < 3))
    if level == 3:  # the communes are those from before the law of 2023
        return np.ones(len(facts), dtype=bool)
    short = facts[f"adm{level}_2023"].isin(_SHORT_2023)
    return np.asarray(short | (facts[f"adm{level}_2023_basis"] != "law"))
