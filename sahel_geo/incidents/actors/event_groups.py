"""Kinds of event in three groups: violence, demonstrations, and what is neither."""

import re
from functools import cache
from typing import Any, Final, Literal, get_args

import pandas as pd

from sahel_geo.incidents.actors.register import key

EventGroup = Literal["violence", "demonstrations", "other"]
EVENT_GROUPS: Final[tuple[EventGroup, ...]] = get_args(EventGroup)

_DEMONSTRATIONS: Final = re.compile(
    r"\b(protests?|riots?|rioting|demonstrat\w*|manifestations?|emeutes?|marches?|sit in|greves?"
    r"|strikes? or boycott|rall(?:y|ies))\b"
)
# ACLED's strategic developments and their kinds, and words of other sources for what hurts nobody.
_OTHER: Final = re.compile(
    r"\b(strategic developments?|developpements? strategiques?|agreement|accord"
    r"|arrests?|arrestations?|change to group activity"
    r"|disrupted weapons use|headquarters or base established|negotiat\w*"
    r"|non violent transfer of territory|looting property destruction|peace ?talks?|statement"
    r"|pourparlers|dialogue|other|autre)\b"
)
_CAMEO: Final = re.compile(r"^\d{2,4}$")


def group_events(event_type: "pd.Series[Any]") -> "pd.Series[str]":
    """Say of each event whether it is violence, a demonstration, or neither.

    Protests, riots and the strategic developments of ACLED are no violent incidents. A kind that is
    not known counts as violence: a table of incidents is one of violence unless it says more, and
    nothing of it is lost in silence.

    >>> group_events(pd.Series(["Battles", "Protests", "Strategic developments", None])).tolist()
    ['violence', 'demonstrations', 'other', 'violence']
    """
    groups = {kind: _group(str(kind)) for kind in event_type.dropna().unique()}
    return event_type.map(lambda kind: groups.get(kind, "violence")).astype("str")


@cache
def _group(kind: str) -> EventGroup:
    """Group one kind; CAMEO codes 18 to 20 are violence, 14 protest, the rest neither."""
    if _CAMEO.match(kind.strip()):
        root = int(kind.strip()[:2])
        return "violence" if root >= 18 else "demonstrations" if root == 14 else "other"
    words = key(kind)
    if _DEMONSTRATIONS.search(words):
        return "demonstrations"
    return "other" if _OTHER.search(words) else "violence"
