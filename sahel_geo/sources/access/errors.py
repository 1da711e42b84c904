"""What goes wrong between here and a publisher, in words that name the remedy."""

from typing import Final

from sahel_geo.errors import FileError
from sahel_geo.i18n.sentence import Sentence

# What a publisher's answer means, whoever it is; {source} and {where} are filled in.
STATUS: Final = {
    400: Sentence("it did not understand the request (400). Correct the dates and countries"),
    401: Sentence("it does not know the key (401). Correct it, or ask for a new one: {where}"),
    403: Sentence(
        "it knows the key but does not allow this (403). Accept its terms, complete the profile "
        "of your account, or ask for access: {where}"
    ),
    404: Sentence("there is no such data there (404). It may have moved: {where}"),
    429: Sentence(
        "it asks to wait: too many requests (429). Try again later; what has arrived so far is "
        "in the cache"
    ),
}
SERVER_FAULT: Final = Sentence("it has a fault of its own ({status}). Try again later")
OTHER_STATUS: Final = Sentence("it answered with status {status}. Look at its page: {where}")


class SourceError(FileError):
    """A source cannot be used: unreachable, closed, changed, damaged, or empty.

    Examples
    --------
    >>> error = SourceError("{source} sent a file that is damaged.", source="UCDP GED")
    >>> isinstance(error, OSError), str(error)
    (True, 'UCDP GED sent a file that is damaged.')
    """


class SourceUnreachableError(SourceError):
    """No usable answer came: no network, too slow, or a fault of the server."""


class SourceMissingError(SourceError):
    """The publisher has nothing at an address."""


class StaleDataWarning(UserWarning):
    """A source could not be reached, and older data of the cache are used."""
