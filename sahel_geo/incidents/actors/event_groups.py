"""Kinds of event in three groups: violence, demonstrations, and what is neither."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, Literal, get_args

import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.actors.spelling import key

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
_CIVILIANS: Final = re.compile(r"\b(one sided|violence against civilians|attacks? on civilians"
                               r"|attaques? (?:de|contre (?:les|des)) civils)\b")  # fmt: skip

# Kinds as UCDP, ACLED and the embedded catalogue write them, in words for a reader.
_NAMES: Final = {
    "state based": Sentence("a state against armed groups"),
    "non state": Sentence("armed groups against each other"),
    "one sided": Sentence("violence against civilians"),
    "violence against civilians": Sentence("violence against civilians"),
    "battles": Sentence("battles"),
    "explosions remote violence": Sentence("explosions and remote violence"),
    "protests": Sentence("protests"),
    "riots": Sentence("riots"),
    "strategic developments": Sentence("strategic developments"),
    "attack on civilians": Sentence("attacks on civilians"),
    "attack on military": Sentence("attacks on military"),
    "attack on mixed targets": Sentence("attacks on mixed targets"),
    "attack on peacekeepers": Sentence("attacks on peacekeepers"),
}


def event_name(kind: str) -> Sentence:
    """Name a kind of event in words; one that is not known stays as the file writes it.

    Examples
    --------
    >>> event_name("one-sided").say("fr"), event_name("Ambush").say("fr")
    ('violences contre les civils', 'Ambush')
    """
    return _NAMES.get(key(kind)) or Sentence.of(kind)


def group_events(event_type: "pd.Series[Any]") -> "pd.Series[str]":
    """Say of each event whether it is violence, a demonstration, or neither.

    Protests, riots and the strategic developments of ACLED are no violent incidents. A kind that
    is not known counts as violence: a table of incidents is one of violence unless it says more,
    and nothing of it is lost in silence.

    Parameters
    ----------
    event_type : Series of str, n rows
        As UCDP, ACLED, GDELT (CAMEO codes) or the user writes it; missing values are allowed.

    Returns
    -------
    Series of str, n rows
        ``"violence"``, ``"demonstrations"`` or ``"other"``, on the same index.

    Examples
    --------
    >>> group_events(pd.Series(["Battles", "Protests", "Strategic developments", None])).tolist()
    ['violence', 'demonstrations', 'other', 'violence']
    """
    groups = {kind: _group(str(kind)) for kind in event_type.dropna().unique()}
    return event_type.map(lambda kind: groups.get(kind, "violence")).astype("str")


def civilians_by_type(event_type: "pd.Series[Any]") -> "pd.Series[bool]":
    """Say which kinds of event are aimed at civilians by their name alone."""
    kinds = {kind: bool(_CIVILIANS.search(key(str(kind)))) for kind in event_type.dropna().unique()}
    return event_type.map(kinds).eq(other=True)


def check_groups(groups: Iterable[str], argument: str = "event_groups") -> tuple[str, ...]:
    """Refuse groups of events that do not exist; give those named, in their order."""
    named = (groups,) if isinstance(groups, str) else tuple(groups)
    unknown = [name for name in named if name not in EVENT_GROUPS]
    if unknown or not named:
        raise InputError(
            "`{argument}` has {number} groups of events that do not exist: {unknown}; expected "
            "some of {known}. {near}",
            argument=argument,
            number=len(unknown),
            unknown=first_offenders(unknown),
            known=list(EVENT_GROUPS),
            near=did_you_mean(unknown[0] if unknown else "", EVENT_GROUPS),
        )
    return named


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
