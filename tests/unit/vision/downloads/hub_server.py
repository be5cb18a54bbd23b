"""A hub on this machine that serves files well, badly, or in turn."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["_Handler", bytes], None]


class Hub:
    """Serves `files`; an answer for a path is given once each, in order, before the usual."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        self.always: dict[str, Answer] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        self.base = f"http://127.0.0.1:{server.server_address[1]}"

    def put(self, path: str, data: bytes) -> str:
        """Serve a file and return its address."""
        self.files[path] = data
        return self.base + path

    def once(self, path: str, *answers: Answer) -> None:
        """Give these answers first."""
        self.answers[path] += answers

    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def ranges(self) -> list[str]:
        """The ranges that were asked for, "" where the whole file was."""
        return [headers.get("range", "") for _, headers in self.requests]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.hub.requests.append((path, headers))
        waiting = self.hub.answers[path]
        answer = waiting.pop(0) if waiting else self.hub.always.get(path, whole_or_part)
        if answer is whole_or_part and path not in self.hub.files:
            answer = status(404)
        answer(self, self.hub.files.get(path, b""))

    def reply(self, code: int, data: bytes, **headers: str) -> None:
        self.send_response(code)
        headers.setdefault("content_length", str(len(data)))
        for name, value in headers.items():
            if value:
                self.send_header(name.replace("_", "-").title(), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def running_hub() -> Iterator[Hub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    hub = Hub(server)
    server.RequestHandlerClass = type("Handler", (_Handler,), {"hub": hub})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        hub.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def whole_or_part(handler: _Handler, data: bytes) -> None:
    """What a good hub does."""
    match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    if not match:
        handler.reply(200, data)
        return
    start = int(match[1])
    if start >= len(data):
        handler.reply(416, b"", content_range=f"bytes */{len(data)}")
        return
    place = f"bytes {start}-{len(data) - 1}/{len(data)}"
    handler.reply(206, data[start:], content_range=place)


def whole(handler: _Handler, data: bytes) -> None:
    """A hub that knows no ranges."""
    handler.reply(200, data)


def status(code: int, **headers: str) -> Answer:
    return lambda handler, _data: handler.reply(code, b"", **headers)


def page(handler: _Handler, _data: bytes) -> None:
    """The page of a portal that wants to be logged in to."""
    handler.reply(200, b"<html>Welcome</html>" * 100, content_type="text/html; charset=utf-8")


def other_bytes(data: bytes) -> Answer:
    return lambda handler, _data: handler.reply(200, data)


def broken_off(after: int) -> Answer:
    """Say the whole length and end the connection after so many bytes."""

    def answer(handler: _Handler, data: bytes) -> None:
        start = int(re.sub(r"\D", "", handler.headers.get("Range", "")) or 0)
        rest = data[start:]
        headers = {"content_length": str(len(rest))}
        if start:
            headers["content_range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        handler.reply(206 if start else 200, rest[:after], **headers)
        handler.close_connection = True

    return answer


def other_part(handler: _Handler, data: bytes) -> None:
    """Answer a request for a part with another part."""
    handler.reply(206, data[1:], content_range=f"bytes 1-{len(data) - 1}/{len(data)}")


def of_unknown_length(handler: _Handler, data: bytes) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(data)
    handler.close_connection = True


def silent(handler: _Handler, _data: bytes) -> None:
    """Take the request and say nothing until the test is over."""
    handler.hub.closing.wait(10)
    handler.close_connection = True


def trickling(handler: _Handler, data: bytes) -> None:
    """Send a byte now and then, which no time-out of a single read notices."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    for byte in data:
        if handler.hub.closing.wait(0.02):
            break
        try:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
        except OSError:
            break
    handler.close_connection = True


def redirected(target: str) -> Answer:
    return lambda handler, _data: handler.reply(302, b"", location=target)
