"""One careful way to ask a server: in turn, bounded, patient, and without telling secrets."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

import requests
import requests_cache
from filelock import FileLock
from requests.adapters import HTTPAdapter
from urllib3.exceptions import (
    HTTPError,
    InvalidHeader,
    MaxRetryError,
    ReadTimeoutError,
    ResponseError,
)
from urllib3.response import GzipDecoderState
from urllib3.util import Retry

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.sources.access.cache import Cache
from sahel_geo.sources.access.secrets import Secret, holds_secret, without_secrets
from sahel_geo.version import __version__

PAUSE_SECONDS: Final = 0.5  # between two requests to one host
TIMEOUT_SECONDS: Final = (15.0, 60.0)  # to connect, and between two pieces of an answer
MOST_SECONDS: Final = 1800.0  # for one answer, however steadily it drips
MOST_WAIT_SECONDS: Final = 120.0  # a server that asks for more is asked again by the user
BACKOFF_SECONDS: Final = 1.0
RETRIES: Final = 3
ANSWER_BYTES: Final = 64 * 1024**2  # of one page, unpacked
FRESH_SECONDS: Final = 3600  # an answer younger than this is not asked for again
_PIECE: Final = 1 << 16
_REDIRECTS: Final = 5
_RETRIED: Final = (429, 500, 502, 503, 504)
# Parameters and headers that may hold a secret: never written into the cache.
SECRET_NAMES: Final = (
    *("Authorization", "authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"),
    *("x-ucdp-access-token", "Ocp-Apim-Subscription-Key", "app_identifier"),
    *("access_token", "refresh_token", "username", "password", "email", "key"),
)


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    url: str  # who answered, without secrets
    status: int  # HTTP status
    content: bytes  # body, unpacked; empty where it went into a file
    forget: Callable[[], None]  # takes the answer out of the cache
    old: str = ""  # when it came, in UTC, where it is past its time and the server fails


@dataclass(frozen=True)
class Failure:
    """Why no answer came."""

    reason: Sentence  # in words, with the remedy
    passing: bool = True  # whether it may be over soon, so that older data may serve
    broken: bool = False  # whether an answer began and broke off, so that another attempt may do
    absent: bool = False  # whether the server has nothing there


class TooLargeError(requests.RequestException):
    """An answer is larger, once unpacked, than it may be."""


class ElsewhereError(requests.RequestException):
    """A server sends a request that holds a secret to another host."""


class _Patience(Retry):
    """Waits as long as the server asks, within reason."""

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            return super().parse_retry_after(retry_after)
        except InvalidHeader:
            return 0.0

    def increment(self, *args: Any, **kwargs: Any) -> Self:
        response = kwargs.get("response")
        if response is not None and (self.get_retry_after(response) or 0.0) > MOST_WAIT_SECONDS:
            pool: Any = kwargs.get("_pool")
            raise MaxRetryError(pool, "", ResponseError("the server asks for a long wait"))
        return super().increment(*args, **kwargs)


class _InTurn(HTTPAdapter):
    """Sends one request at a time to each host, and reads no more than may come."""

    def __init__(self, locks: Path, limit: int, sink: Path | None = None) -> None:
        self._locks, self._limit, self._sink = locks, limit, sink
        super().__init__(
            max_retries=_Patience(
                RETRIES,
                read=1,
                backoff_factor=BACKOFF_SECONDS,
                status_forcelist=_RETRIED,
                allowed_methods={"GET"},
                raise_on_status=False,
            )
        )

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        with _turn(self._locks, urlsplit(request.url or "").netloc):
            response = super().send(request, *args, **{**kwargs, "stream": True})
            pieces = _pieces(response, self._limit)
            if self._sink is not None and response.status_code == requests.codes.ok:
                with self._sink.open("wb") as stream:
                    for piece in pieces:
                        stream.write(piece)
                content = b""
            else:
                content = b"".join(pieces)
        # What requests would do itself, but without a limit.
        response._content, response._content_consumed = content, True  # type: ignore[attr-defined]  # noqa: SLF001
        return response


def _pieces(response: requests.Response, limit: int) -> Iterator[bytes]:
    """Read an answer as it comes, unpacked, until it is over, too large or too slow."""
    total, end = 0, time.monotonic() + MOST_SECONDS
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            total += len(piece)
            if total > limit:
                raise TooLargeError(response=response)
            if time.monotonic() > end:
                raise requests.ReadTimeout(response=response)
            yield piece
        decoder = getattr(response.raw, "_decoder", None)
        packed = getattr(decoder, "_obj", None)
        padded = getattr(decoder, "_state", None) == GzipDecoderState.SWALLOW_DATA
        if not padded and getattr(packed, "eof", True) is False:
            raise requests.exceptions.ChunkedEncodingError(response=response)
    except HTTPError as error:
        slow = isinstance(error, ReadTimeoutError)
        raise (requests.ReadTimeout if slow else requests.exceptions.ChunkedEncodingError)(
            response=response
        ) from None
    finally:
        response.close()


@contextmanager
def _turn(locks: Path, host: str) -> Iterator[None]:
    """Hold the turn of one host, over all threads and processes, and keep the pause."""
    path = locks / f"{host.replace(':', '-')}.lock"
    with FileLock(path):
        # The lock's file tells when the last request ended, to other processes too.
        rest = PAUSE_SECONDS - max(time.time() - path.stat().st_mtime, 0.0)
        if rest > 0:
            time.sleep(min(rest, PAUSE_SECONDS))
        try:
            yield
        finally:
            path.touch()


class _Keys(requests.auth.AuthBase):
    """Puts keys into headers; being there, it also keeps ``.netrc`` out of it."""

    def __init__(self, headers: Mapping[str, Secret]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        for name, secret in self._headers.items():
            if not secret.reveal().isprintable():
                raise requests.exceptions.InvalidHeader(name)
            request.headers[name] = secret.reveal()
        return request


class _KeepsKeys(requests.Session):
    """Takes no key along when it is sent to another host."""

    def rebuild_auth(self, prepared_request: Any, response: requests.Response) -> None:
        session: Any = self  # whose stubs lack this method
        if session.should_strip_auth(response.request.url, prepared_request.url):
            for name in SECRET_NAMES:
                prepared_request.headers.pop(name, None)
            url = str(prepared_request.url)  # which may repeat what was asked
            if prepared_request.body or without_secrets(url) != url:
                raise ElsewhereError(response=response)


class _CachedSession(_KeepsKeys, requests_cache.CachedSession):
    """The same, with a cache."""


class Session:
    """How a source's server is asked.

    cache: Where answers are kept for an hour, so that work that broke off goes on where it was.
    refresh: Whether to ask again at once.
    """

    def __init__(self, cache: Cache, *, refresh: bool = False) -> None:
        self._cache, self._refresh = cache, refresh
        self._cached: requests.Session | None = None

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, Secret] | None = None,
        secret_params: Mapping[str, Secret] | None = None,
        old_serves: bool = False,
    ) -> Answer | Failure:
        """Ask for something that fits into memory, whatever the status is."""
        if self._cached is None:
            self._cached = self._open()
        session: Any = self._cached
        session.auth = _Keys(headers or {})
        session.settings.stale_if_error = old_serves
        query = {**(params or {}), **{k: v.reveal() for k, v in (secret_params or {}).items()}}

        def ask() -> requests.Response:
            response: requests.Response = session.get(
                url, params=query, timeout=TIMEOUT_SECONDS, force_refresh=self._refresh
            )
            return response

        return self._answer(ask)

    def post(self, url: str, form: Mapping[str, str | Secret]) -> Answer | Failure:
        """Send a form; the answer, whatever its status, is never kept."""
        fields = {k: v.reveal() if isinstance(v, Secret) else v for k, v in form.items()}
        session = self._prepared(_KeepsKeys(), ANSWER_BYTES)
        return self._answer(lambda: session.post(url, data=fields, timeout=TIMEOUT_SECONDS))

    def download(self, url: str, sink: Path, limit: int) -> Answer | Failure:
        """Write at most `limit` bytes from a server into a file; 200 has no content left."""
        session = self._prepared(_KeepsKeys(), limit, sink)
        session.headers["Accept-Encoding"] = "identity"
        return self._answer(lambda: session.get(url, timeout=TIMEOUT_SECONDS), attempts=1)

    def close(self) -> None:
        """Close connections and the cache of answers."""
        if self._cached is not None:
            self._cached.close()

    def _open(self) -> requests.Session:
        self._cache.make("locks")
        answers = self._cache.folder / "answers.sqlite"
        if answers.exists():
            try:
                with closing(sqlite3.connect(answers)) as store:
                    store.execute("PRAGMA schema_version")
            except sqlite3.DatabaseError:  # no store any more: what it held is only asked for again
                for each in answers.parent.glob(f"{answers.name}*"):
                    each.unlink(missing_ok=True)
        session = _CachedSession(
            str(answers),
            backend="sqlite",
            serializer="json",  # no pickle: a file that others may write runs nothing
            expire_after=FRESH_SECONDS,
            allowable_methods=("GET",),
            ignored_parameters=SECRET_NAMES,
            filter_fn=lambda response: not holds_secret(response.content),
            wal=True,
        )
        return self._prepared(session, ANSWER_BYTES)

    def _prepared(
        self, session: requests.Session, limit: int, sink: Path | None = None
    ) -> requests.Session:
        adapter = _InTurn(self._cache.make("locks"), limit, sink)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        session.auth = _Keys({})
        session.max_redirects = _REDIRECTS
        session.headers["User-Agent"] = (
            f"sahel_geo/{__version__} {requests.utils.default_user_agent()}"
        )
        return session

    def _answer(
        self, ask: Callable[[], requests.Response], attempts: int = RETRIES
    ) -> Answer | Failure:
        """Ask, and again where an answer breaks off; no exception leaves that quotes an address."""
        outcome = _outcome(ask)
        for attempt in range(attempts - 1):
            if isinstance(outcome, requests.Response) or not outcome.broken:
                break
            time.sleep(BACKOFF_SECONDS * 2**attempt)
            outcome = _outcome(ask)
        return self._told(outcome) if isinstance(outcome, requests.Response) else outcome

    def _told(self, response: Any) -> Answer:
        key, session = getattr(response, "cache_key", None), self._cached

        def forget() -> None:
            if key and isinstance(session, requests_cache.CachedSession):
                session.cache.delete(key)

        url = without_secrets(str(response.url))
        asked_again = getattr(response, "revalidated", True)
        came = None if asked_again or not response.is_expired else response.created_at
        old = f"{came.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if came else ""
        return Answer(url, response.status_code, response.content, forget, old)


# What the exceptions of requests mean; the first that fits.
_FAILURES: Final[tuple[tuple[tuple[type[Exception], ...], Failure], ...]] = (
    (
        (TooLargeError,),
        Failure(
            Sentence("its answer is larger than it may be once unpacked. Ask for less"),
            passing=False,
        ),
    ),
    (
        (requests.Timeout, requests.exceptions.RetryError),
        Failure(Sentence("it does not answer in time. Check the network, and try again later")),
    ),
    (
        (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError),
        Failure(
            Sentence(
                "its answer broke off, and again on each attempt. Check the network, and try "
                "again later"
            ),
            broken=True,
        ),
    ),
    (
        (requests.exceptions.SSLError,),
        Failure(
            Sentence(
                "its certificate cannot be verified. Name the CA bundle of your network with "
                "REQUESTS_CA_BUNDLE, or ask who runs the network"
            ),
            passing=False,
        ),
    ),
    (
        (requests.exceptions.ProxyError,),
        Failure(Sentence("the proxy refuses or fails. Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY")),
    ),
    (
        (requests.TooManyRedirects,),
        Failure(
            Sentence("it sends from one address to the next without end. Try again later"),
            passing=False,
        ),
    ),
    (
        (ElsewhereError,),
        Failure(
            Sentence(
                "it sends the request on to another host, which is not to have the key. Correct "
                "base_url, or look at its page"
            ),
            passing=False,
        ),
    ),
    (
        (requests.exceptions.InvalidHeader, UnicodeEncodeError),
        Failure(Sentence("a key has characters that no key has. Copy it again"), passing=False),
    ),
    (
        (ValueError,),  # which requests' errors about addresses are
        Failure(
            Sentence(
                "its address, or the one that it sends to, is no http or https address. Correct "
                "base_url"
            ),
            passing=False,
        ),
    ),
)
_UNREACHABLE: Final = Failure(Sentence("it cannot be reached. Check the network and the proxy"))


def _outcome(ask: Callable[[], requests.Response]) -> requests.Response | Failure:
    try:
        return ask()
    except (requests.RequestException, OSError, ValueError) as error:
        cause = getattr(error.args[0] if error.args else None, "reason", None)
        failure = requests.ReadTimeout() if isinstance(cause, ReadTimeoutError) else error
        return next((each for kinds, each in _FAILURES if isinstance(failure, kinds)), _UNREACHABLE)
