"""One request to a source: from the cache where that serves, from the network where it must."""

import html
import json
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final, NoReturn, Self, TypeVar
from urllib.parse import urljoin

from sahel_geo.errors import FileError, InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.provenance import Provenance
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.cache import Cache, Entry
from sahel_geo.sources.access.content import (
    FILE_BYTES,
    PAGE_FAULT,
    DamagedError,
    is_page,
    prove,
)
from sahel_geo.sources.access.errors import (
    SourceError,
    SourceMissingError,
    SourceUnreachableError,
    StaleDataWarning,
)
from sahel_geo.sources.access.fetcher import Fetcher
from sahel_geo.sources.access.secrets import (
    Secret,
    find_secret,
    holds_secret,
    keys_file,
    without_secrets,
)
from sahel_geo.sources.access.session import Answer, Failure, Session
from sahel_geo.sources.access.source import Collected, Source

_FOR_EVER: Final = float("inf")
_OK: Final = 200
_Read = TypeVar("_Read")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.found.append(target)


class Access:
    """How a client reaches its source.

    source: Which one.
    base_url: Another address than the source's own: a mirror, a proxy, a test.
    cache: Folder of what has arrived.
    offline: Never to ask the network.
    refresh: To ask even if the cache holds something young.
    """

    def __init__(
        self,
        source: Source,
        *,
        base_url: str | None = None,
        cache: PathLike | None = None,
        offline: bool = False,
        refresh: bool = False,
    ) -> None:
        self.source: Final = source
        self.base_url: Final = _plain(base_url or source.base_url).rstrip("/") + "/"
        self.cache: Final = Cache(cache)
        self.offline: Final = offline
        self._refresh = refresh
        self._session = Session(self.cache, refresh=refresh)
        self._fetcher = Fetcher(self._session, self.cache, source)
        self._as_of = ""  # of the oldest that had to serve though it was past its time

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def fail(
        self, reason: str, *, passing: bool = False, absent: bool = False, **parts: object
    ) -> NoReturn:
        """Raise SourceError: why nothing came, without full stop, and what to do."""
        kind = SourceUnreachableError if passing else SourceError
        kind = SourceMissingError if absent else kind
        text = reason if isinstance(reason, Sentence) else Sentence(reason, **parts)
        raise kind(Sentence("{source}: {reason}.", source=self.source.title, reason=text))

    def key(self, name: str) -> Secret:
        """Find a key of the source by its variable, or raise SourceError."""
        secret = find_secret(name)
        if secret is None:
            self.fail(
                "no key. Set {name} in the environment, in {file} (mode 0600) or in the "
                "keyring under sahel_geo; register at {register}",
                name=name,
                file=str(keys_file()),
                register=self.source.register or self.source.home,
            )
        return secret

    def json(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, Secret] | None = None,
        secret_params: Mapping[str, Secret] | None = None,
        check: Callable[[Any], None] = lambda _: None,
        old_serves: bool = False,
    ) -> tuple[Any, Answer]:
        """Ask for JSON, which `check` may refuse, so that it is not kept; also how it came."""
        self._need_network(self.base_url + path)
        answer = self.check(
            self._session.get(
                self.base_url + path,
                params,
                headers=headers,
                secret_params=secret_params,
                old_serves=old_serves,
            )
        )
        if answer.old:
            self._note_old(answer.old)
        return self.json_of(answer, check), answer

    def json_of(self, answer: Answer, check: Callable[[Any], None] = lambda _: None) -> Any:
        """Read an answer, and forget one that cannot be read or used."""
        try:
            value = self.usable(answer.url, lambda: _read_json(answer.content))
            check(value)
        except SourceError:
            answer.forget()
            raise
        return value

    def post(self, path: str, form: Mapping[str, str | Secret]) -> Answer:
        """Send a form, and give the answer, whatever its status; it is kept nowhere."""
        self._need_network(self.base_url + path)
        answer = self._session.post(self.base_url + path, form)
        if isinstance(answer, Failure):
            self.fail(answer.reason, passing=answer.passing)
        return answer

    def text(self, path: str) -> str:
        """Ask for a short text, such as a list of files."""
        self._need_network(self.base_url + path)
        answer = self.check(self._session.get(self.base_url + path))
        if is_page(answer.content[:4096]):
            answer.forget()
            self.damaged(answer.url, PAGE_FAULT)
        return answer.content.decode("utf-8-sig", "replace")

    def page(self, url: str) -> bytes:
        """Ask for a page of links, or take the one of the cache while it is young."""

        def get() -> Entry:
            self._need_network(url)
            answer = self.check(self._session.get(url))
            if not is_page(answer.content[:4096]):
                self.damaged(answer.url, Sentence("it is no page of links"))
            return self._keep(url, answer.content, "page.html")

        return self._held(self._asked(url), self.source.fresh_days, get).path.read_bytes()

    def offered(self, url: str, pattern: str) -> dict[str, str]:
        """Find files that a page offers, or a person put there, by a pattern of whole names."""
        url = _plain(url, "page_url")
        folder = self.cache.received
        names = [each.name for each in sorted(folder.glob("*"))] if folder.is_dir() else []
        waiting = [name for name in names if re.fullmatch(pattern, name, re.IGNORECASE)]
        try:
            return _links(self.page(url), url, pattern)
        except SourceError:
            if not waiting:
                raise
        return {name: urljoin(url, name) for name in waiting}

    def file(
        self,
        url: str,
        kind: str,
        *,
        checksum: str | None = None,
        version: str = "",
        fresh_days: float = _FOR_EVER,
        limit: int = FILE_BYTES,
    ) -> Entry:
        """Get a file, by pooch: checked, whole, and tried again where it breaks off.

        It is used for `fresh_days` without asking again; one whose name holds its version for ever.
        Raises SourceError if it cannot be had, and is not in the cache or among the received files.
        """
        name = url.split("?", maxsplit=1)[0].rsplit("/", 1)[-1]
        waiting = self.cache.received / name
        if waiting.is_file():  # put there by a person
            self.usable(str(waiting), lambda: prove(waiting, kind))
            return self._keep(url, waiting.read_bytes(), name, version)

        def get() -> Entry:
            self._need_network(url)
            outcome = self._fetcher.fetch(url, kind, checksum, limit)
            if isinstance(outcome, Failure):
                self.fail(outcome.reason, passing=outcome.passing, absent=outcome.absent)
            return self._keep(url, outcome, name, version)

        return self._held(self._asked(url, version), fresh_days, get, checksum or "")

    def known(self, url: str) -> str | None:
        """Give the checksum under which a file is in the cache; None where it is not."""
        entry = self.cache.find(self._asked(url))
        return f"sha256:{entry.provenance.sha256}" if entry else None

    def data_set(self, request: Mapping[str, str], collect: Callable[[], Collected]) -> Entry:
        """Give a data set from the cache if it is young, and have it collected otherwise.

        Warns StaleDataWarning if the source cannot be reached and older data serve; without, raises
        SourceError.
        """
        wanted = {"source": self.source.name, "base_url": self.base_url, **request}

        def get() -> Entry:
            self._as_of = ""
            collected = collect()
            content = collected.content
            if holds_secret(content):  # bytes that repeat none are left as they are
                text = without_secrets(content.decode("utf-8", "surrogateescape"))
                content = text.encode("utf-8", "surrogateescape")
            path, sha256 = self.cache.keep(content, collected.name)
            kept = {name: self.cache.keep(each, name)[1] for name, each in collected.extras.items()}
            provenance = self._origin(
                self.base_url,
                sha256,
                version=collected.version,
                rows=collected.rows,
                embargo=collected.embargo,
                status=collected.status,
                request={**request, **collected.request},
                parts=collected.parts,
            )
            if self._as_of:  # what is made of what is old is as old
                provenance = replace(provenance, fetched=self._as_of)
            return self.cache.store(wanted, path, provenance, extras=kept)

        return self._held(wanted, self.source.fresh_days, get)

    def _held(
        self,
        wanted: Mapping[str, str],
        fresh_days: float,
        get: Callable[[], Entry],
        checksum: str = "",
    ) -> Entry:
        """Give what the cache holds while it is young, else what comes, else what is old."""
        entry = self.cache.find(wanted)
        if entry and checksum.partition("sha256:")[2] not in ("", entry.provenance.sha256):
            entry = None
        # what a clock that went wrong dated in the future is not young for ever
        if entry and not self._refresh and -1 < entry.provenance.age_days < fresh_days:
            return entry
        if entry and self.offline:
            return self._old(entry)
        try:
            return get()
        except SourceUnreachableError:
            if entry is None:
                raise
        return self._old(entry)

    def _asked(self, url: str, version: str = "") -> dict[str, str]:
        """Name what an address holds in the index of the cache."""
        return {"source": self.source.name, "file": url, "version": version}

    def _keep(self, url: str, content: bytes | Path, name: str, version: str = "") -> Entry:
        path, sha256 = self.cache.keep(content, name)
        provenance = self._origin(without_secrets(url), sha256, version=version)
        return self.cache.store(self._asked(url, version), path, provenance, kind="file")

    def _origin(self, url: str, sha256: str, **facts: Any) -> Provenance:
        return Provenance(
            source=self.source.name,
            title=self.source.title,
            url=url,
            fetched=_now(),
            sha256=sha256,
            licence=self.source.licence,
            **facts,
        )

    def _old(self, entry: Entry) -> Entry:
        self._note_old(entry.provenance.fetched)
        return entry

    def _note_old(self, from_when: str) -> None:
        """Warn that something past its time serves, and remember of when it is."""
        age = datetime.now(UTC) - datetime.fromisoformat(from_when)
        self._as_of = min(self._as_of or from_when, from_when)
        warnings.warn(
            Sentence(
                "{source} is not asked or cannot be reached; what was fetched on {day}, {age} days "
                "ago, is used.",
                source=self.source.title,
                day=from_when[:10],
                age=round(age.total_seconds() / 86_400),
            ),
            StaleDataWarning,
            stacklevel=6,
        )

    def _need_network(self, url: str) -> None:
        if self.offline:
            self.fail(
                "it is not in the cache {folder} and the network is not to be used. Fetch {url} on "
                "another machine and put the file into {received}, or copy that machine's cache",
                folder=str(self.cache.folder),
                url=without_secrets(url),
                received=str(self.cache.received),
            )

    def check(self, answer: Answer | Failure) -> Answer:
        """Give an answer of status 200, and raise for any other."""
        if isinstance(answer, Answer) and answer.status != _OK:
            answer = self._fetcher.refusal(answer)
        if isinstance(answer, Failure):
            self.fail(answer.reason, passing=answer.passing)
        return answer

    def usable(self, url: str, read: Callable[[], _Read]) -> _Read:
        """Give what is read of something that came, and raise where it cannot be used."""
        try:
            return read()
        except DamagedError as error:
            fault = error.reason
        except (FileError, InputError) as error:
            fault = error.sentence
        return self.damaged(url, fault)  # here, so that no error of the reader comes along

    def damaged(self, url: str, fault: str) -> NoReturn:
        """Raise what tells that something came which cannot be used."""
        self.fail(self._fetcher.damage(url, fault))


def _plain(url: str, argument: str = "base_url") -> str:
    """Refuse an address with a name and a password, which reports and the cache would show."""
    if not isinstance(url, str) or re.match(r"[a-z]+:/*[^/?#]*@", url, re.IGNORECASE):
        raise InputError(
            "`{argument}` holds a user name or a password, or is no text; expected an address "
            "without them, since reports show it. Leave them out.",
            argument=argument,
        )
    return url


def _links(page: bytes, base: str, pattern: str) -> dict[str, str]:
    """Find the files that a page links to whose whole name matches: addresses by name, in order.

    >>> _links(b'<a href="ged/ged261-csv.zip">CSV</a>', "https://host/downloads/", r"ged.*zip")
    {'ged261-csv.zip': 'https://host/downloads/ged/ged261-csv.zip'}
    """
    parser = _Links()
    parser.feed(page.decode("utf-8", "replace"))
    named: dict[str, str] = {}
    for each in parser.found:
        address = urljoin(base, html.unescape(each.strip()))
        name = address.split("?")[0].split("#")[0].rsplit("/", 1)[-1]
        if re.fullmatch(pattern, name, re.IGNORECASE) and address.startswith(("http:", "https:")):
            named.setdefault(name, address)
    return named


def _now() -> str:
    """Write the present moment, in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_json(content: bytes) -> Any:
    """Read an answer in JSON."""
    if is_page(content[:4096]):
        raise DamagedError(PAGE_FAULT)
    try:
        value = json.loads(content)
        if b"\\ud" in content.lower():  # halves of a letter, which no file can hold
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError:
        raise DamagedError(Sentence("it is nested without end")) from None
    except ValueError:
        raise DamagedError(Sentence("it is no JSON, or breaks off")) from None
    return value
