"""What all tests share: a secret, a time, a submission that is accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable
from urllib.parse import urlencode

import pytest

from sonde_wasmtime import Verifier

ROOT = Path(__file__).resolve().parents[4]
SECRET = "a secret for tests, 32 bytes long"
ORIGIN = "https://app.example"
NOW = 1763661600.0
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="session")
def verifier() -> Verifier:
    return Verifier(SECRET, allow_origins=[ORIGIN], allow_next=[ORIGIN, "/thanks"])


@pytest.fixture(scope="session")
def fields(verifier: Verifier) -> Callable[..., dict[str, Any]]:
    """Fields of a submission that is accepted at NOW, with changes; None takes
    a field away."""

    def make(**changes: Any) -> dict[str, Any]:
        made = {
            "plain_connect_render_token": verifier.sign_render_token(NOW - 17),
            "plain_connect_identity": verifier.mint_identity(42),
            "plain_connect_check": "",
            "name": "Ada Lovelace",
            "email": "ada@example.com",
            "message": "It does not start.\nWhat now?",
            "form_slug": "contact",
            **changes,
        }
        return {key: value for key, value in made.items() if value is not None}

    return make


@pytest.fixture(scope="session")
def as_json(fields: Callable[..., dict[str, Any]]) -> Callable[..., bytes]:
    return lambda **changes: json.dumps(fields(**changes)).encode()


@pytest.fixture(scope="session")
def as_form(fields: Callable[..., dict[str, Any]]) -> Callable[..., bytes]:
    return lambda **changes: urlencode(fields(**changes)).encode()
