#!/usr/bin/env python3
"""A support endpoint with the standard library alone: the form page on one
port, the endpoint on another, as they are on two hosts in real life.
Conversations are stored in SQLite."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(1, str(ROOT / "wasi/host/python"))  # unless it is installed

try:
    from sonde_wasmtime import Verifier
except ImportError as error:
    print(
        f"server: {error}: run ./dev support, which installs it, or give this "
        "Python `pip install wasmtime==50.0.1`",
        file=sys.stderr,
    )
    sys.exit(2)

import answers  # noqa: E402
from endpoint import Endpoint, Handler, Server  # noqa: E402
from store import Store  # noqa: E402

ENDPOINT_ID = "plain_sf_example"
MAX_BODY = 65536
SECRETS = ("SONDE_SECRET_KEY", "PLAIN_CONNECT_SECRET_KEY")
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# what the page's script is made of
SCRIPTS = {
    "/support.js": ROOT / "js/support.js",
    "/generated/signed.js": ROOT / "js/generated/signed.js",
}


class Support:
    """The application: what both servers use."""

    def __init__(
        self,
        secret: str,
        database: str | Path,
        port: int = 0,
        endpoint_port: int = 0,
        user: str | None = None,
        clock: Callable[[], float] = time.time,
        verbose: bool = False,
    ) -> None:
        self.endpoint_id, self.max_body = ENDPOINT_ID, MAX_BODY
        self.user, self.clock, self.verbose = user, clock, verbose
        self.answered: Counter[int] = Counter()
        self.store = Store(database)
        self.pages = Server(port, Pages, self)
        self.forms = Server(endpoint_port, Endpoint, self)
        self.page_url = f"http://127.0.0.1:{self.pages.server_port}"
        self.endpoint_url = f"http://127.0.0.1:{self.forms.server_port}"
        page = [self.page_url, f"http://localhost:{self.pages.server_port}"]
        # the endpoint's own refusal page holds the form, too
        self.origins = [
            *page,
            self.endpoint_url,
            f"http://localhost:{self.forms.server_port}",
        ]
        self.verifier = Verifier(
            secret, allow_origins=self.origins, allow_next=page, max_body=MAX_BODY
        )

    @property
    def action(self) -> str:
        """Where the form is sent to."""
        return f"{self.endpoint_url}/forms/{self.endpoint_id}"

    def count(self, status: int) -> None:
        self.answered[status] += 1

    def start(self) -> None:
        for server in (self.pages, self.forms):
            # how soon it sees that it shall stop, in seconds
            threading.Thread(
                target=server.serve_forever, args=(0.05,), daemon=True
            ).start()

    def stop(self) -> None:
        for server in (self.pages, self.forms):
            server.shutdown()
            server.server_close()
        self.store.close()
        self.verifier.close()


class Pages(Handler):
    """The page with the form, and what it loads."""

    def do_GET(self) -> None:
        file = self.file(self.path_alone())
        if file is None or not file.is_file():
            nothing = "<p>There is no such page here.</p>"
            self.send(answers.page(404, "Not found", nothing))
            return
        data = file.read_bytes()
        if file.suffix == ".html":
            data = self.render(data.decode("utf-8")).encode("utf-8")
        kind = TYPES.get(file.suffix, "application/octet-stream")
        self.send(answers.Answer(200, f"{kind}; charset=utf-8", data))

    do_HEAD = do_GET

    def file(self, path: str) -> Path | None:
        """What is served at a path: only what lies in page/ itself."""
        if path in SCRIPTS:
            return SCRIPTS[path]
        file = HERE / "page" / (path[1:] or "index.html")
        return file if file in (HERE / "page").iterdir() else None

    def render(self, template: str) -> str:
        app = self.server.app
        values = {
            "render_token": app.verifier.sign_render_token(app.clock()),
            "identity": app.verifier.mint_identity(app.user) if app.user else "",
            "action": app.action,
        }
        for name, value in values.items():
            template = template.replace("{{" + name + "}}", escape(value))
        return template


# --- command line


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="server.py",
        description="Serves a support form and its endpoint; stores conversations in SQLite.",
        epilog="The secret comes from the environment: SONDE_SECRET_KEY, at least 16 bytes. "
        "Exit codes: 0 done, 1 the database or a port cannot be used, 2 usage.",
    )
    parser.add_argument(
        "--port", type=int, default=8080, help="of the page; 0: any (default 8080)"
    )
    parser.add_argument(
        "--endpoint-port",
        type=int,
        default=8081,
        help="of the endpoint; 0: any (default 8081)",
    )
    parser.add_argument(
        "--database", default="support.sqlite", help="file (default support.sqlite)"
    )
    parser.add_argument(
        "--user", metavar="ID", help="render the page for this signed-in user"
    )
    parser.add_argument(
        "--list",
        action="store_true",
        help="print stored conversations, one JSON object a line, and end",
    )
    return parser.parse_args(argv)


def secret_of_environment() -> str:
    for name in SECRETS:
        secret = os.environ.get(name)
        if secret and len(secret.encode("utf-8", "replace")) < 16:
            fail(2, f"{name} has fewer than 16 bytes: use 32 random ones")
        if secret:
            return secret
    print(
        "server: SONDE_SECRET_KEY is not set: made a random secret for this run, "
        "so pages that an earlier run rendered are refused",
        file=sys.stderr,
    )
    return secrets.token_urlsafe(32)


def list_conversations(database: str) -> None:
    if not Path(database).is_file():
        fail(1, f"there is no database {database}: has a message been sent yet?")
    store = Store(database)
    for conversation in store.all():
        print(json.dumps(conversation, ensure_ascii=False))
    store.close()


def serve(options: argparse.Namespace) -> None:
    support = Support(
        secret_of_environment(), options.database, options.port,
        options.endpoint_port, options.user, verbose=True,
    )  # fmt: skip
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    support.start()
    print(f"page      {support.page_url}/")
    print(f"endpoint  {support.action}")
    print(f"database  {options.database}", flush=True)
    stopped.wait()
    support.stop()


def fail(code: int, message: str) -> NoReturn:
    print(f"server: {message}", file=sys.stderr)
    sys.exit(code)


def main(argv: list[str] | None = None) -> None:
    options = arguments(argv)
    try:
        if options.list:
            list_conversations(options.database)
        else:
            serve(options)
    except (ValueError, OverflowError) as error:  # the secret, a port
        fail(2, str(error))
    except (OSError, sqlite3.Error) as error:
        fail(1, str(error))


if __name__ == "__main__":
    main()
