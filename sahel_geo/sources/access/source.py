"""What there is to know about a source beforehand, and what its client hands over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.provenance import Part

Gives = Literal["incidents", "panel", "units", "people", "table", "gazetteer"]


@dataclass(frozen=True)
class Source:
    """A publisher's data set, and the function that fetches it.

    Attributes
    ----------
    name : str
        Short name, as ``sahel-geo fetch`` takes it.
    title : str
        Name for credits.
    gives : {"incidents", "panel", "units", "people", "table", "gazetteer"}
        What the function returns.
    fetch : callable
        Takes keyword arguments, ``base_url``, ``cache``, ``offline`` and ``refresh`` among them.
    base_url : str
        Default address.
    home : str
        Page for people.
    licence : str
        Licence or terms by name.
    terms : Sentence
        What it may be used for, in one sentence.
    keys : tuple of str
        Variables that hold its keys; empty where none is needed.
    keys_needed : bool
        Whether nothing comes without them.
    register : str
        Where a key is to be had.
    fresh_days : float
        How long what has arrived is used without asking again.
    restricted : bool
        Whether its rows may not be passed on.

    Examples
    --------
    >>> source = Source("toy", "Toy events", "table", print, "https://host", "https://host",
    ...                 "CC0", Sentence("Free to use."))
    >>> source.keys
    ()
    """

    name: str
    title: str
    gives: Gives
    fetch: Callable[..., Any]
    base_url: str
    home: str
    licence: str
    terms: Sentence
    keys: tuple[str, ...] = ()
    keys_needed: bool = True
    register: str = ""
    fresh_days: float = 1.0
    restricted: bool = False


@dataclass(frozen=True)
class Collected:
    """A data set as a client put it together."""

    content: bytes  # as it goes into the cache
    name: str  # name of its file
    rows: int
    parts: tuple[Part, ...]  # what it was made of
    # version, embargo: see :class:`sahel_geo.provenance.Provenance`
    version: str = ""
    embargo: str = ""
    status: Mapping[str, int] = field(default_factory=dict)  # rows by the publisher's own status
    request: Mapping[str, str] = field(default_factory=dict)  # what was asked for, dates resolved
    extras: Mapping[str, bytes] = field(default_factory=dict)  # what belongs to it
