"""Somebody between a real door and whoever visits it, who changes what they like."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What goes to the visitor; to be changed in place."""

    path: str
    language: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def replace(self, old: bytes, new: bytes) -> None:
        assert old in self.body, "there is nothing to alter"
        self.body = self.body.replace(old, new, 1)

    @property
    def is_page(self) -> bool:
        return b"<!doctype html>" in self.body[:200]


@dataclass
class Between:
    url: str
    tamper: Callable[[Answer], None] = lambda _answer: None
    heads: list[list[tuple[str, str]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextlib.contextmanager
def between(door: tuple[str, int]) -> Iterator[Between]:
    class Handler(BaseHTTPRequestHandler):
        def _pass(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            upstream = http.client.HTTPConnection(*door, timeout=30)
            try:
                upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    upstream.putheader(name, value)
                upstream.endheaders(self.rfile.read(size))
                got = upstream.getresponse()
                headers = [
                    (name, value)
                    for name, value in got.getheaders()
                    if name not in ("content-length", "content-encoding")
                ]
                body = got.read()
                if got.getheader("content-encoding") == "gzip":
                    body = gzip.decompress(body)
            finally:
                upstream.close()
            answer = Answer(self.path, self.headers.get("accept-language") or "", got.status, headers, body)
            if self.command == "GET" and "authorization" not in self.headers:
                made.paths.append(self.path)
                made.heads.append(self.headers.items())
                made.tamper(answer)
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PUT = do_DELETE = _pass

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Between(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
