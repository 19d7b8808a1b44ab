"""A loopback proxy before moto that spoils the answers to some operations."""

import http.client
import re
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Fault = Callable[[BaseHTTPRequestHandler, bytes], None]


class FaultProxy(ThreadingHTTPServer):
    """Passes everything on to ``upstream``; answers to the operations in ``faults`` go through theirs."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.faults: dict[str, Fault] = {}
        self.misses: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up before it was answered."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        upstream = http.client.HTTPConnection(self.server.upstream)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        upstream.request("POST", self.path, body, headers)
        answer = upstream.getresponse()
        status, content = answer.status, answer.read()
        upstream.close()
        fault = self.server.faults.get(parse_qs(body.decode())["Action"][0])
        if fault and status == 200:
            fault(self, content)
        else:
            send(self, content, status)

    def log_message(self, *_: object) -> None:
        pass


def send(handler: BaseHTTPRequestHandler, content: bytes, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "text/xml")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def replaced(pattern: str, by: str) -> Fault:
    """Return a fault that replaces a pattern in the answer; one that is not there is noted as a miss."""

    def fault(handler: BaseHTTPRequestHandler, content: bytes) -> None:
        text, count = re.subn(pattern, by, content.decode(), flags=re.DOTALL)
        if not count:
            handler.server.misses.append(f"{pattern} is not in {text}")
        send(handler, text.encode())

    return fault


def more(marker: Callable[[], str]) -> Fault:
    """Return a fault that says that there is more, behind a marker or behind none."""

    def fault(handler: BaseHTTPRequestHandler, content: bytes) -> None:
        text = re.sub(r"<(IsTruncated|Marker)>[^<]*</\1>", "", content.decode())
        said = f"<IsTruncated>true</IsTruncated>{marker()}"
        send(handler, re.sub(r"</\w+Result>", lambda end: said + end[0], text).encode())

    return fault


def whole(text: str) -> Fault:
    return lambda handler, _: send(handler, text.encode())


def cut(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Promise all of it, send half, and hang up."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])
    handler.close_connection = True


def drip(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Send a byte now and then, for as long as somebody listens."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    try:
        for byte in content[:100]:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.1)
    except OSError:
        pass  # whoever asked has gone


def throttled(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    send(
        handler,
        b"<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
        b"<RequestId>r</RequestId></ErrorResponse>",
        400,
    )


def failing(status: int) -> Fault:
    """Return a fault as of a server that is broken or overloaded."""
    text = (
        b"<ErrorResponse><Error><Code>ServiceFailure</Code><Message>later</Message></Error></ErrorResponse>"
    )
    return lambda handler, _: send(handler, text, status)


def denied(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    send(
        handler,
        b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not allowed</Message></Error>"
        b"<RequestId>r</RequestId></ErrorResponse>",
        403,
    )


def expired(code: str) -> Fault:
    """Return a fault as of credentials whose time is over."""
    text = (
        f"<ErrorResponse><Error><Code>{code}</Code><Message>The security token is expired</Message></Error>"
        "<RequestId>r</RequestId></ErrorResponse>"
    )
    return lambda handler, _: send(handler, text.encode(), 403)


class ExpiresAfter(dict[str, Fault]):
    """Faults, until so many requests were answered; every later one comes too late for its credentials."""

    def __init__(self, faults: dict[str, Fault], requests: int, code: str) -> None:
        super().__init__(faults)
        self._left, self._late = iter(range(requests)), expired(code)

    def get(self, operation: str, default: Fault | None = None) -> Fault | None:
        return self._late if next(self._left, None) is None else super().get(operation, default)


def hung_up(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    handler.close_connection = True


def silent(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    """Say nothing for longer than anybody waits in these tests."""
    time.sleep(5)
    handler.close_connection = True


def slow(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    time.sleep(0.2)
    send(handler, content)


def longer(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Promise more than there is."""
    _promise(handler, content, len(content) + 7)


def shorter(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Promise less than there is: what is read ends in the middle, and nobody can know that by its length."""
    _promise(handler, content, len(content) // 2)


def _promise(handler: BaseHTTPRequestHandler, content: bytes, length: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/xml")
    handler.send_header("Content-Length", str(length))
    handler.end_headers()
    handler.wfile.write(content)
    handler.close_connection = True


def in_turn(*faults: Fault) -> Fault:
    """Return a fault that is another one each time, and none in the end."""
    left, lock = [*faults], threading.Lock()

    def fault(handler: BaseHTTPRequestHandler, content: bytes) -> None:
        with lock:
            chosen = left.pop(0) if left else send
        chosen(handler, content)

    return fault
