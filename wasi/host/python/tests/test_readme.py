"""Every example of README.md, run in its framework."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable

import pytest
from conftest import FORM, JSON

README = Path(__file__).resolve().parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
PATH = "/forms/plain_sf_abc"


def block(marker: str) -> str:
    found = [one for one in BLOCKS if marker in one]
    assert len(found) == 1, marker
    return str(found[0])


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the first two blocks define."""
    names: dict[str, Any] = {"__name__": "readme", "save": lambda verdict: "saved"}
    exec(block("from sonde_wasmtime"), names)
    exec(block("def receive"), names)
    return names


Post = Callable[[str, str, str], tuple[int, Any]]


def check(names: dict[str, Any], post: Post) -> None:
    """A view accepts, refuses, and treats a bot as it should."""
    origin = "https://app.example"
    token = names["verifier"].sign_render_token()
    good = f"plain_connect_render_token={token}&message=x"
    assert post(good, FORM, origin) == (200, {"ok": True, "conversation": "saved"})
    status, bot = post(good + "&plain_connect_check=x", FORM, origin)
    assert (status, bot["ok"], len(bot["conversation"])) == (200, True, 36)
    assert post(good, FORM, "null") == (403, {"ok": False, "error": "origin_null"})
    assert post(good + "&email=x", FORM, origin) == (
        422,
        {"ok": False, "error": "email_invalid", "field": "email"},
    )
    assert post("{", JSON, origin) == (422, {"ok": False, "error": "bad_json"})


def test_every_block_is_run_here() -> None:
    marked = ["Ten", "def receive", "flask", "django", "plain.views"]
    assert len(BLOCKS) == len(marked)


def test_ten_lines(capsys: pytest.CaptureFixture[str]) -> None:
    code = block("from sonde_wasmtime")
    assert len(code.strip().splitlines()) == 10
    exec(code, {})
    assert capsys.readouterr().out == "It does not start None\n"


def test_flask(names: dict[str, Any]) -> None:
    exec(block("from flask"), names)
    client = names["app"].test_client()

    def post(body: str, kind: str, origin: str) -> tuple[int, Any]:
        reply = client.post(
            PATH, data=body, content_type=kind, headers={"Origin": origin}
        )
        return reply.status_code, reply.get_json()

    check(names, post)
    assert client.get(PATH).status_code == 405


def test_django(names: dict[str, Any]) -> None:
    import json

    from django.conf import settings
    from django.test import Client
    from django.urls import path

    exec(block("from django"), names)
    routes = type(
        "routes", (), {"urlpatterns": [path("forms/<endpoint>", names["support"])]}
    )
    if not settings.configured:
        settings.configure(
            ROOT_URLCONF=routes, ALLOWED_HOSTS=["testserver"], SECRET_KEY="x",
            MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
        )  # fmt: skip
        import django

        django.setup()
    client = Client(enforce_csrf_checks=True)

    def post(body: str, kind: str, origin: str) -> tuple[int, Any]:
        reply = client.post(PATH, body, content_type=kind, headers={"Origin": origin})
        return reply.status_code, json.loads(reply.content)

    check(names, post)
    assert client.get(PATH).status_code == 405


def test_plain(
    names: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    (tmp_path / "app").mkdir()
    (tmp_path / "app/settings.py").write_text("SECRET_KEY = 'x'\nURLS_ROUTER = ''\n")
    monkeypatch.syspath_prepend(tmp_path)
    from plain.test import RequestFactory

    exec(block("from plain"), names)
    view = names["SupportView"].as_view()

    def post(body: str, kind: str, origin: str) -> tuple[int, Any]:
        request = RequestFactory().post(
            PATH, data=body, content_type=kind, headers={"Origin": origin}
        )
        reply = view(request, endpoint="plain_sf_abc")
        return reply.status_code, json.loads(reply.content)

    check(names, post)
