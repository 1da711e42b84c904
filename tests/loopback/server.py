"""A server on loopback that really speaks HTTP and can fail in every way that publishers do."""

import gzip
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What is sent back: `cut` bytes are missing at its end, it begins after `delay` seconds."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int = 0


Answer = Reply | Sequence[Reply] | Callable[[Asked], Reply]


class Loopback:
    """A server on 127.0.0.1, to be used in a ``with`` statement.

    Examples
    --------
    >>> with Loopback() as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.times: list[tuple[float, float]] = []
        self._answers: dict[str, Answer] = {}
        self._given: dict[str, int] = {}
        self._lock = threading.Lock()
        self._under_way = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Its port."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [each.path for each in self.asked]

    def answer(self, path: str, answer: Answer) -> None:
        """Set what a path answers: always, one after the other (the last stays), or by a rule."""
        self._answers[path] = answer
        self._given[path] = 0

    def reply(self, asked: Asked) -> Reply:
        """Choose the reply to a request, and remember the request."""
        with self._lock:
            self.asked.append(asked)
            answer = self._answers.get(asked.path, Reply(b"not here", 404))
            if isinstance(answer, Reply):
                return answer
            if callable(answer):
                return answer(asked)
            number = self._given[asked.path]
            self._given[asked.path] = number + 1
            return answer[min(number, len(answer) - 1)]

    def begin(self) -> None:
        """Note that a request is under way."""
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
            self.times.append((time.monotonic(), 0.0))

    def end(self) -> None:
        """Note that it is over."""
        with self._lock:
            self._under_way -= 1
            self.times[-1] = (self.times[-1][0], time.monotonic())


def _handler(server: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def _answer(self) -> None:
            server.begin()
            try:
                self._send()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            finally:
                server.end()

        def _send(self) -> None:
            split = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(split.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = server.reply(
                Asked(self.command, split.path, query, dict(self.headers.items()), body)
            )
            time.sleep(reply.delay)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) - reply.cut])
            self.wfile.flush()
            if reply.cut:
                self.close_connection = True

    return Handler


def page(text: str = "Please log in") -> Reply:
    """Give a web page with status 200, as for a login, consent or maintenance."""
    content = f"<!doctype html><html><title>{text}</title><body>{text}</body></html>"
    return Reply(content.encode(), headers={"Content-Type": "text/html"})


def zipped_bomb(size: int) -> Reply:
    """Give an answer that is small on the wire and large once unpacked."""
    body = gzip.compress(b'{"data": [' + b" " * size + b"]}")
    return Reply(body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})


def moved(where: str) -> Reply:
    """Send elsewhere."""
    return Reply(status=302, headers={"Location": where})
