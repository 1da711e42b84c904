"""Where received data came from: address, time, version, checksum, licence and limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Part:
    """One file, or one series of answers, that a data set was made of."""

    url: str  # address without secrets
    sha256: str  # checksum of the bytes received
    version: str = ""  # version that the publisher gives it; ``""`` where none is given
    rows: int = 0  # rows taken from it


@dataclass(frozen=True)
class Provenance:
    """Where a data set came from.

    Attributes
    ----------
    source : str
        Short name in the registry, such as ``"ucdp"``.
    title : str
        Name of the publisher's data set, for credits.
    url : str
        Address that was asked, without secrets.
    fetched : str
        When, in UTC, such as ``"2026-11-29T21:15:00Z"``.
    version : str
        Version of the publisher; ``""`` where there is none.
    sha256 : str
        Checksum of the data set as it lies in the cache.
    rows : int
        Rows of the data set.
    licence : str
        Licence or terms.
    embargo : str
        Last day that the key may see; ``""`` where nothing is withheld.
    status : mapping of str to int
        Rows by the publisher's own status, such as ``{"Clear": 57, "check": 43}``.
    request : mapping of str to str
        What was asked for.
    parts : tuple of Part
        Files or answers that it was made of.

    Examples
    --------
    >>> Provenance("ucdp", "UCDP GED", "https://ucdp.uu.se/downloads/", "2026-11-29T21:15:00Z").rows
    0
    """

    source: str
    title: str
    url: str
    fetched: str
    version: str = ""
    sha256: str = ""
    rows: int = 0
    licence: str = ""
    embargo: str = ""
    status: Mapping[str, int] = field(default_factory=dict)
    request: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    @property
    def age_days(self) -> float:
        """Days since it was fetched."""
        return (datetime.now(UTC) - _moment(self.fetched)).total_seconds() / 86_400

    def as_dict(self) -> dict[str, Any]:
        """Give plain values, for JSON and TOML, as :meth:`from_dict` reads them."""
        plain = {**vars(self), "status": dict(self.status), "request": dict(self.request)}
        return {**plain, "parts": [dict(vars(part)) for part in self.parts]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Provenance":
        """Read plain values of :meth:`as_dict`; TypeError if one is missing or unknown."""
        return cls(**{**plain, "parts": tuple(Part(**part) for part in plain.get("parts", ()))})


def _moment(text: str) -> datetime:
    """Read a moment that `now` wrote.

    >>> _moment("2026-11-29T21:15:00Z").hour
    21
    """
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
