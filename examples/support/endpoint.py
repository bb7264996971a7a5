"""The endpoint: POST /forms/<id>. Reads no more of a request than its limit,
asks the verifier, stores what is accepted, and answers."""

from __future__ import annotations

import re
import sqlite3
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import answers
from sonde_wasmtime import REASONS, Reason, SondeHostError, Verdict

if TYPE_CHECKING:
    from server import Support

NO_LENGTH = Reason(
    "length_required", 411, None, "This form cannot be sent in that way."
)
BAD_LENGTH = Reason(
    "bad_length", 400, None, "The form did not arrive whole. Please send it again."
)
TOO_SLOW = Reason(
    "timeout", 408, None, "The form took too long to arrive. Please send it again."
)
NOT_NOW = Reason(
    "unavailable",
    503,
    None,
    "We cannot take messages just now. Please try again later.",
)

# Any page may read the answers to JSON: no cookies are taken, and they hold
# nothing secret. Which origins may send is the verifier's to say.
READABLE = {"Access-Control-Allow-Origin": "*"}
INERT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
}

DRAIN = 8 * 1024 * 1024  # bytes that are read and forgotten, so that the answer arrives


class Refused(Exception):
    """A request that never gets to the verifier."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


class Server(ThreadingHTTPServer):
    """A server whose handlers know the application."""

    daemon_threads = True

    def __init__(
        self, port: int, handler: type[BaseHTTPRequestHandler], app: Support
    ) -> None:
        try:
            super().__init__(("127.0.0.1", port), handler)
        except OSError as error:
            raise OSError(f"port {port}: {error.strerror}: give another") from None
        self.app = app

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is one line."""
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            print(f"server: {type(error).__name__}: {error}", file=sys.stderr)


class Handler(BaseHTTPRequestHandler):
    """What both servers share. HTTP/1.0, the default here, closes after each
    answer, so that nothing is ever read as the start of another request."""

    server: Server
    timeout = 10  # seconds for each read
    server_version, sys_version = "sonde-support", ""

    def send(
        self, answer: answers.Answer, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if answer.location is not None:
            self.send_header("Location", answer.location)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def path_alone(self) -> str:
        """Without its query. A URL parser would throw at some of what comes."""
        return self.path.partition("?")[0]

    def log_message(self, format: str, *args: Any) -> None:
        if self.server.app.verbose:
            super().log_message(format, *args)


class Endpoint(Handler):
    """Support submissions, from pages of the allowed origins."""

    def do_OPTIONS(self) -> None:
        """The browser asks whether a page may send JSON. Every page may, and is
        then told by the answer that it may not, if its origin is not allowed:
        a plain form post asks nobody, so to say no here would protect nothing."""
        allowed = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "content-type",
            "Access-Control-Max-Age": "600",
        }
        self.send(answers.Answer(204, "text/plain", b""), {**READABLE, **allowed})

    def do_POST(self) -> None:
        body, app = b"", self.server.app
        kind = self.headers.get("Content-Type", "")
        is_json = kind.split(";")[0].strip().lower() == "application/json"
        try:
            endpoint = self.endpoint()
            body = self.read_body()
            answer = self.receive(body, kind, endpoint, is_json)
        except Refused as refused:
            answer = self.refuse(refused.reason, body, is_json)
        except TimeoutError:
            answer = self.refuse(TOO_SLOW, body, is_json)
        except (SondeHostError, sqlite3.Error) as error:
            print(f"server: {type(error).__name__}: {error}", file=sys.stderr)
            answer = self.refuse(NOT_NOW, body, is_json)
        self.send(answer, READABLE if is_json else INERT)
        app.count(answer.status)

    def receive(
        self, body: bytes, kind: str, endpoint: str, is_json: bool
    ) -> answers.Answer:
        app = self.server.app
        now = app.clock()
        verdict = app.verifier.verify(
            body, kind, self.headers.get("Origin"), endpoint=endpoint, now=now
        )
        if verdict.reason is not None:
            return self.refuse(refusal(verdict), body, is_json)
        # a bot gets the same answer, and nothing is kept
        conversation = str(uuid.uuid4())
        if verdict.accepted:
            conversation = app.store.add(verdict, endpoint, now)
        if is_json:
            return answers.accepted_json(conversation)
        return answers.accepted_page(verdict.next)

    def refuse(self, reason: Reason, body: bytes, is_json: bool) -> answers.Answer:
        if is_json:
            return answers.refused_json(reason)
        app = self.server.app
        token = app.verifier.sign_render_token(app.clock())
        return answers.refused_page(reason, body, token)

    # --- what a request says

    def endpoint(self) -> str:
        found = re.fullmatch(r"/forms/([^/]+)", self.path_alone())
        if found is None or found[1] != self.server.app.endpoint_id:
            raise Refused(REASONS["endpoint_invalid"])
        return found[1]

    def read_body(self) -> bytes:
        """The body, or one byte more than the verifier takes of it."""
        lengths = set(self.headers.get_all("Content-Length", []))
        if not lengths or "Transfer-Encoding" in self.headers:
            raise Refused(NO_LENGTH)
        length = lengths.pop()
        if lengths or re.fullmatch("[0-9]{1,15}", length) is None:
            raise Refused(BAD_LENGTH)
        wanted = min(int(length), self.server.app.max_body + 1)
        body = self.rfile.read(wanted)
        if len(body) < wanted:
            raise Refused(BAD_LENGTH)
        self.drain(min(int(length) - wanted, DRAIN))
        return body

    def drain(self, left: int) -> None:
        """A connection that is closed with bytes unread loses the answer."""
        while left > 0:
            got = len(self.rfile.read(min(left, 65536)))
            left -= got if got else left


def refusal(verdict: Verdict) -> Reason:
    return Reason(str(verdict.reason), verdict.http_status, verdict.field, verdict.text)
