"""Files from a server, whole and of the kind that was asked for; pooch does the work."""

import os
from pathlib import Path
from typing import Any, Final

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.sources.access.cache import Cache
from sahel_geo.sources.access.content import DamagedError, prove
from sahel_geo.sources.access.errors import OTHER_STATUS, SERVER_FAULT, STATUS
from sahel_geo.sources.access.secrets import without_secrets
from sahel_geo.sources.access.session import Answer, Failure, Session
from sahel_geo.sources.access.source import Source

_RETRIES: Final = 2
_OK: Final = 200
_TOO_MANY: Final = 429
_MISSING: Final = 404


class Fetcher:
    """Fetches files of one source.

    session: How servers are asked.
    cache: Where files are while they arrive.
    source: For messages.
    """

    def __init__(self, session: Session, cache: Cache, source: Source) -> None:
        self._session, self._cache, self._source = session, cache, source

    def fetch(self, url: str, kind: str, checksum: str | None, limit: int) -> Path | Failure:
        """Fetch a file of a kind, outside the objects of the cache; or say why there is none."""
        import pooch  # noqa: PLC0415  (only who downloads waits for it)

        pooch.get_logger().setLevel("WARNING")
        name = url.split("?", maxsplit=1)[0].rsplit("/", 1)[-1] or "file"
        folder = self._cache.make("partial") / f"{os.getpid()}"
        outcome: list[Failure] = []

        def download(_: str, sink: str, __: Any) -> None:
            outcome[:] = []
            fault = self._into(Path(sink), url, kind, limit)
            if fault is not None:
                outcome.append(fault)
                raise _AgainError if fault.broken else _GiveUpError

        keeper = pooch.create(
            folder, "", registry={name: checksum}, urls={name: url}, retry_if_failed=_RETRIES
        )
        try:
            return Path(keeper.fetch(name, downloader=download))
        except (_AgainError, _GiveUpError, ValueError):
            (folder / name).unlink(missing_ok=True)
        wrong = self.damage(url, Sentence("its checksum is not the one expected"))
        return outcome[0] if outcome else Failure(wrong, passing=False)

    def _into(self, sink: Path, url: str, kind: str, limit: int) -> Failure | None:
        """Write an address into a file, and tell what is wrong with it."""
        answer = self._session.download(url, sink, limit)
        if isinstance(answer, Failure):
            return answer
        if answer.status != _OK:
            return self.refusal(answer)
        try:
            prove(sink, kind)
        except DamagedError as error:
            return Failure(self.damage(url, error.reason), passing=False, broken=True)
        return None

    def refusal(self, answer: Answer) -> Failure:
        """Put a status into words."""
        where, status = self._source.register or self._source.home, answer.status
        if status in STATUS:
            text = Sentence(STATUS[status].english, where=where)
            return Failure(text, passing=status == _TOO_MANY, absent=status == _MISSING)
        if status >= 500:
            return Failure(Sentence(SERVER_FAULT.english, status=status))
        return Failure(Sentence(OTHER_STATUS.english, status=status, where=where), passing=False)

    def damage(self, url: str, fault: str) -> Sentence:
        """Say that what came cannot be used."""
        return Sentence(
            "what {url} sent cannot be used: {fault}. Nothing is kept of it. Open {home} in a "
            "browser, and try again",
            url=without_secrets(url),
            fault=Sentence.of(fault),
            home=self._source.home,
        )


class _AgainError(ValueError):
    """Pooch tries again."""


class _GiveUpError(Exception):
    """Pooch does not."""
