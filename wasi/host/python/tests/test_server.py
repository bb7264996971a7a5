"""examples/support over real HTTP: what a browser, a bot and an attacker get."""

from __future__ import annotations

import html
import http.client
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from conftest import FORM, JSON, NOW, ROOT, SECRET

FOLDER = ROOT / "examples/support"
sys.path.insert(0, str(FOLDER))

from server import Support  # noqa: E402

EVIL = "https://evil.example"


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def support(tmp_path: Path, clock: Clock) -> Iterator[Support]:
    app = Support(SECRET, tmp_path / "test.sqlite", clock=clock)
    app.start()
    yield app
    app.stop()


class Reply:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()
        self.text = self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        assert self.headers["content-type"] == JSON
        return json.loads(self.body)


def request(
    port: int, method: str, path: str, body: bytes | None = None, **headers: str
) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(
        method, path, body, {k.replace("_", "-"): v for k, v in headers.items()}
    )
    reply = Reply(connection.getresponse())
    connection.close()
    return reply


def post(support: Support, fields: Any, kind: str = JSON, **changes: Any) -> Reply:
    """Sends fields, or bytes, as a page of the first allowed origin does."""
    body = fields
    if isinstance(fields, dict):
        body = (json.dumps(fields) if kind == JSON else urlencode(fields)).encode()
    headers = {"Origin": support.page_url, "Content_Type": kind, **changes}
    path = headers.pop("path", f"/forms/{support.endpoint_id}")
    sent = {k: v for k, v in headers.items() if v is not None}
    return request(support.forms.server_port, "POST", path, body, **sent)


def form(support: Support, age: float = 17, **changes: Any) -> dict[str, str]:
    made = {
        "plain_connect_render_token": support.verifier.sign_render_token(NOW - age),
        "plain_connect_identity": support.verifier.mint_identity("42"),
        "plain_connect_check": "",
        "name": "Ada",
        "email": "ada@example.com",
        "message": "It does not start.",
        "form_slug": "support",
        **changes,
    }
    return {key: value for key, value in made.items() if value is not None}


def stored(support: Support) -> list[dict[str, Any]]:
    return list(support.store.all())


# --- accepted


def test_json_accepted(support: Support) -> None:
    reply = post(support, form(support, plan="pro", message="<b>é😀</b>"))
    assert reply.status == 200
    assert reply.json == {"ok": True, "conversation": stored(support)[0]["id"]}
    assert reply.headers["access-control-allow-origin"] == "*"
    row = stored(support)[0]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", row.pop("id"))
    assert row == {
        "received": NOW,
        "endpoint": support.endpoint_id,
        "form_slug": "support",
        "user_id": "42",
        "identity": "ok",
        "name": "Ada",
        "email": "ada@example.com",
        "message": "<b>é😀</b>",
        "extras": {"plan": "pro"},
    }


def test_form_accepted(support: Support) -> None:
    target = support.page_url + "/?sent"
    for fields, status, location in [
        (form(support), 200, None),
        (form(support, _next=target), 303, target),
        (form(support, _next=EVIL), 200, None),
        (form(support, _next="//evil.example"), 200, None),
    ]:
        reply = post(support, fields, FORM)
        assert (reply.status, reply.headers.get("location")) == (status, location)
        assert status == 303 or "Thank you" in reply.text
    assert len(stored(support)) == 4


def test_forged_identity_is_stored_as_nobody(support: Support) -> None:
    assert post(support, form(support, plain_connect_identity="x")).status == 200
    assert [(r["user_id"], r["identity"]) for r in stored(support)] == [
        (None, "invalid")
    ]


@pytest.mark.parametrize("kind", [JSON, FORM])
def test_bot_gets_the_same_answer_and_nothing_is_kept(
    support: Support, kind: str
) -> None:
    person = post(support, form(support), kind)
    bot = post(support, form(support, plain_connect_check="yes"), kind)
    hidden = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\w{3}, .* GMT")  # id, date
    assert bot.status == person.status
    assert hidden.sub("", bot.text) == hidden.sub("", person.text)
    assert bot.headers.keys() == person.headers.keys()
    assert len(stored(support)) == 1


# --- refused

REFUSALS: list[tuple[dict[str, Any], dict[str, Any], int, str, str | None]] = [
    ({"message": " "}, {}, 422, "message_missing", "message"),
    ({"email": "nobody"}, {}, 422, "email_invalid", "email"),
    ({"age": 0}, {}, 403, "render_too_fresh", None),
    ({"age": 15000}, {}, 403, "render_stale", None),
    ({"age": -10}, {}, 403, "render_future", None),
    ({"plain_connect_render_token": None}, {}, 403, "render_missing", None),
    ({"plain_connect_render_token": "1.0"}, {}, 403, "render_invalid", None),
    ({}, {"Origin": EVIL}, 403, "origin_not_allowed", None),
    ({}, {"Origin": "null"}, 403, "origin_null", None),
    ({}, {"Origin": None}, 403, "origin_missing", None),
    ({}, {"path": "/forms/plain_sf_other"}, 404, "endpoint_invalid", None),
    ({}, {"path": "/forms/"}, 404, "endpoint_invalid", None),
    ({}, {"path": "/"}, 404, "endpoint_invalid", None),
    ({}, {"path": "//[x"}, 404, "endpoint_invalid", None),
    ({"message": "x" * 17000}, {}, 422, "message_too_long", "message"),
    ({"message": "x" * 70000}, {}, 413, "body_too_large", None),
    ({"message": "x" * 3000000}, {}, 413, "body_too_large", None),
]


@pytest.mark.parametrize("kind", [JSON, FORM])
@pytest.mark.parametrize(
    ("changes", "headers", "status", "code", "field"),
    REFUSALS,
    ids=[r[3] for r in REFUSALS],
)
def test_refused(
    support: Support,
    kind: str,
    changes: dict[str, Any],
    headers: dict[str, Any],
    status: int,
    code: str,
    field: str | None,
) -> None:
    reply = post(support, form(support, **changes), kind, **headers)
    assert reply.status == status
    if kind == JSON:
        expected = {"ok": False, "error": code}
        assert reply.json == ({**expected, "field": field} if field else expected)
    else:
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        assert "was not sent" in reply.text and 'role="alert"' in reply.text
        assert (f'name="{field}"' in reply.text) or field is None
    # so that support.js can say why, whatever the origin
    allowed = reply.headers.get("access-control-allow-origin")
    assert allowed == ("*" if kind == JSON else None)
    assert stored(support) == []


GARBAGE = [
    (b"", JSON, 422),
    (b"\xff\xfe{", JSON, 422),
    (b"[" * 60000, JSON, 422),
    (b'{"message":null}', JSON, 422),
    (bytes(range(256)), FORM, 422),
    (b"a&" * 30000, FORM, 422),
    (b"email=a&email=b", FORM, 422),
    (b"message=x", "text/plain", 415),
    (b"message=x", "multipart/form-data; boundary=x", 415),
    (b"message=x", None, 415),
    (b"x", JSON + ";" + "x" * 50000, 415),
]


@pytest.mark.parametrize(
    ("body", "kind", "status"), GARBAGE, ids=[str(n) for n in range(len(GARBAGE))]
)
def test_garbage(support: Support, body: bytes, kind: str | None, status: int) -> None:
    assert post(support, body, JSON, Content_Type=kind).status == status
    assert stored(support) == []
    assert post(support, form(support)).status == 200


def test_refused_page_keeps_what_was_typed(support: Support, clock: Clock) -> None:
    typed = {
        "name": '"><script>alert(1)</script>',
        "message": "\n</textarea><script>'é'</script>",
        "plan": '"><b>',
    }
    clock.now = NOW + 20000
    reply = post(support, form(support, **typed), FORM)
    assert reply.status == 403 and "out of date" in reply.text
    assert "reload" not in reply.text  # which would send the old token again
    assert "<script>" not in reply.text and "<b>" not in reply.text
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    again = inputs(reply.text)
    for key, value in typed.items():
        assert again[key] == value
    assert "plain_connect_check" not in again
    # and it can be sent again from there, after a moment
    clock.now += 5
    reply = post(support, again, FORM, Origin=support.endpoint_url)
    assert reply.status == 200
    row = stored(support)[0]
    assert (row["name"], row["message"], row["user_id"]) == (
        typed["name"],
        typed["message"],
        "42",
    )


def inputs(page: str) -> dict[str, str]:
    """The fields of a page, as a browser would send them."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        found[values["name"]] = html.unescape(values.get("value", ""))
    for name, text in re.findall(
        r'<textarea [^>]*name="(\w+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL
    ):
        found[name] = html.unescape(text)
    return found


def test_wrong_field_is_told_to_assistive_technology(support: Support) -> None:
    reply = post(support, form(support, email="no"), FORM)
    tag = re.search(r'<input [^>]*name="email"[^>]*>', reply.text)
    assert tag is not None
    assert 'aria-invalid="true"' in tag[0] and 'aria-describedby="why"' in tag[0]


# --- bodies that lie


def raw(support: Support, head: str, body: bytes = b"", end: bool = True) -> bytes:
    with socket.create_connection(("127.0.0.1", support.forms.server_port), 10) as s:
        start = f"POST /forms/{support.endpoint_id} HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\n"
        s.sendall((start + head + "\r\n").encode() + body)
        if end:
            s.shutdown(socket.SHUT_WR)
        got = b""
        while data := s.recv(65536):
            got += data
    return got


@pytest.mark.parametrize(
    ("head", "body", "status", "code"),
    [
        ("", b"{}", 411, "length_required"),
        (
            "Transfer-Encoding: chunked\r\n",
            b"2\r\n{}\r\n0\r\n\r\n",
            411,
            "length_required",
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
            b"{}",
            411,
            "length_required",
        ),
        ("Content-Length: 9\r\n", b"{}", 400, "bad_length"),
        ("Content-Length: -1\r\n", b"{}", 400, "bad_length"),
        ("Content-Length: 2\r\nContent-Length: 3\r\n", b"{}", 400, "bad_length"),
        ("Content-Length: +2\r\n", b"{}", 400, "bad_length"),
        ("Content-Length: \u0662\r\n", b"{}", 400, "bad_length"),
        ("Content-Length: 999999999999999999\r\n", b"{}", 400, "bad_length"),
        ("Content-Length: 999999999\r\n", b"x" * 70000, 403, "origin_missing"),
    ],
)
def test_lengths_that_lie(
    support: Support, head: str, body: bytes, status: int, code: str
) -> None:
    got = raw(support, head, body)
    assert got.startswith(b"HTTP/1.0 %d " % status), got[:200]
    assert json.loads(got.split(b"\r\n\r\n", 1)[1])["error"] == code


def test_slow_body(support: Support, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("endpoint.Handler.timeout", 0.2)
    began = time.monotonic()
    got = raw(support, "Content-Length: 9\r\n", b"{", end=False)
    assert got.startswith(b"HTTP/1.0 408 ") and time.monotonic() - began < 5


def test_what_follows_the_body_is_not_another_request(support: Support) -> None:
    got = raw(support, "Content-Length: 2\r\n", b"{}POST /forms/x HTTP/1.1\r\n\r\n")
    assert got.count(b"HTTP/1.0 ") == 1


# --- other origins


def test_preflight(support: Support) -> None:
    for origin in (support.page_url, EVIL, "null"):
        reply = request(
            support.forms.server_port, "OPTIONS", f"/forms/{support.endpoint_id}",
            Origin=origin, Access_Control_Request_Method="POST",
            Access_Control_Request_Headers="content-type",
        )  # fmt: skip
        assert reply.status == 204
        assert reply.headers["access-control-allow-origin"] == "*"
        assert reply.headers["access-control-allow-headers"] == "content-type"
        assert "access-control-allow-credentials" not in reply.headers


# --- what goes wrong behind


def test_store_that_fails(support: Support, capsys: pytest.CaptureFixture[str]) -> None:
    support.store._connection.execute("DROP TABLE conversations")
    reply = post(support, form(support))
    assert (reply.status, reply.json) == (503, {"ok": False, "error": "unavailable"})
    assert post(support, form(support), FORM).status == 503
    assert "OperationalError" in capsys.readouterr().err


# --- the page


def test_page(support: Support) -> None:
    reply = request(support.pages.server_port, "GET", "/")
    assert reply.status == 200 and "{{" not in reply.text
    assert "strict-origin-when-cross-origin" in reply.text
    assert html.escape(support.action) in reply.text
    assert inputs(reply.text)["plain_connect_identity"] == ""
    token = inputs(reply.text)["plain_connect_render_token"]
    assert support.verifier.check_render_token(token, NOW).render == "too_fresh"


def test_page_of_a_signed_in_user_can_be_sent(tmp_path: Path, clock: Clock) -> None:
    support = Support(SECRET, tmp_path / "user.sqlite", user='"4<2"', clock=clock)
    support.start()
    try:
        fields = inputs(request(support.pages.server_port, "GET", "/").text)
        fields["message"] = "x"
        fields = {k: v for k, v in fields.items() if k in form(support)}
        clock.now += 5
        assert post(support, fields, FORM).status == 200
        assert stored(support)[0]["user_id"] == '"4<2"'
    finally:
        support.stop()


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py",
        "/..%2fserver.py",
        "/page/",
        "//etc/passwd",
        "/nothing",
        "/x/y",
        "/%00",
        "//[x",
    ],
)
def test_page_serves_nothing_else(support: Support, path: str) -> None:
    assert request(support.pages.server_port, "GET", path).status == 404


def test_script(support: Support) -> None:
    """With all that it imports."""
    wanted = ["/support.js"]
    for path in wanted:
        reply = request(support.pages.server_port, "GET", path)
        assert reply.status == 200, path
        assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
        wanted += [
            found.removeprefix(".")
            for found in re.findall(
                r"^import .* from '(\./.*)';", reply.text, re.MULTILINE
            )
        ]
    assert len(wanted) > 1


# --- the command


def command(
    *options: str, code: int = 0, **environ: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, FOLDER / "server.py", *options],
        capture_output=True, text=True, timeout=60, env={"PATH": "", **environ},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_command(tmp_path: Path) -> None:
    database = tmp_path / "c.sqlite"
    process = subprocess.Popen(
        [sys.executable, FOLDER / "server.py", "--port", "0", "--endpoint-port", "0",
         "--database", database, "--user", "7"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={"PATH": ""},
    )  # fmt: skip
    try:
        assert process.stdout is not None and process.stderr is not None
        told = dict(process.stdout.readline().split() for _ in range(3))
        port = int(told["page"].split(":")[2].rstrip("/"))
        fields = inputs(request(port, "GET", "/").text)
        fields = {**fields, "message": "hello", "name": "Ada", "email": ""}
        time.sleep(2.1)  # a person takes longer than min_age
        endpoint = int(told["endpoint"].split(":")[2].split("/")[0])
        path = told["endpoint"].split(str(endpoint))[1]
        reply = request(
            endpoint, "POST", path, urlencode(fields).encode(),
            Origin=told["page"].rstrip("/"), Content_Type=FORM,
        )  # fmt: skip
        assert reply.status in (200, 303)
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "made a random secret for this run" in errors
    listed = command("--list", "--database", str(database)).stdout.splitlines()
    assert [(json.loads(x)["message"], json.loads(x)["user_id"]) for x in listed] == [
        ("hello", "7")
    ]


def test_command_help_and_errors(tmp_path: Path) -> None:
    text = command("--help").stdout
    for option in ("--port", "--endpoint-port", "--database", "--user", "--list"):
        assert option in text
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        database = str(tmp_path / "x.sqlite")
        for options, code, told, environ in [
            (["--nothing"], 2, "unrecognized", {}),
            (["--port", "x"], 2, "invalid int", {}),
            (["--port", "99999", "--database", database], 2, "port", {}),
            (
                ["--database", database],
                2,
                "SONDE_SECRET_KEY has fewer than 16 bytes",
                {"SONDE_SECRET_KEY": "short-secret"},
            ),
            (["--port", port, "--database", database], 1, f"port {port}: ", {}),
            (["--database", "/nowhere/at/all"], 1, "database /nowhere/at/all: ", {}),
            (["--list", "--database", str(tmp_path / "none")], 1, "no database", {}),
        ]:
            found = command(*options, code=code, **environ)
            assert told in found.stderr, (options, found.stderr)
            assert found.stdout == "" and "short-secret" not in found.stderr


def test_database_is_what_it_says(support: Support) -> None:
    post(support, form(support))
    path = support.store._connection.execute("PRAGMA database_list").fetchone()[2]
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM conversations").fetchone() == (1,)
