"""The vectors of wire-formats.md, sections 1, 2 and 6, and what must not open."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

import pytest
from conftest import NOW, SECRET
from sonde_wasmtime import Verifier

IDENTITIES = [
    ("42", "AAECAwQFBgcICQoLTn4DijnGJWPu9CAXr0X8t2fR"),
    ("7", "________________Aa9vc0gaI5dFo_klwNBAMYE="),
    ("user-é-😀", "ICEiIyQlJicoKSorSd6O4v9fBdz_jq70pJfdFTjvZFLQiKIroJbUdw=="),
]
EMPTY_ID = "DA0ODxAREhMUFRYXzLlCHjQGChvFoHUb3APKwA=="
RENDERS = [
    (0, "0.8f7d20d249ea1b0c34a5dd22a9bb0b631127cb10a1b60794c1f4987b28d2a9e9"),
    (
        1700000000,
        "1700000000.654f7e64257f91fff31252fc8eba65ec024f2c017fcdd94cd8def9f0232cc57d",
    ),
    (
        1763661600,
        "1763661600.5054ff372c5688231a2f0369dc640461e4830dff19595ee07f165613d1c0dda6",
    ),
]


@pytest.fixture(scope="module")
def weak() -> Verifier:
    return Verifier("app-secret", allow_weak_secret=True)


@pytest.mark.parametrize(("user_id", "token"), IDENTITIES)
def test_identity_vectors(weak: Verifier, user_id: str, token: str) -> None:
    assert weak.open_identity(token) == user_id
    assert weak.open_identity(token.rstrip("=")) == user_id


@pytest.mark.parametrize(
    "token",
    [
        EMPTY_ID,
        "",
        "=",
        IDENTITIES[0][1][:-1],
        IDENTITIES[0][1] + "=",
        IDENTITIES[0][1] + "\n",
        " " + IDENTITIES[0][1],
        IDENTITIES[1][1].replace("_", "/"),
        IDENTITIES[1][1].replace("YE=", "YF="),
        "é" * 40,
        "\ud800" * 40,
        "\0" * 40,
        "A" * 5504,
        "A" * 2_000_000,
    ],
)
def test_identity_that_does_not_open(weak: Verifier, token: str) -> None:
    assert weak.open_identity(token) is None


def test_identity_with_any_bit_changed(weak: Verifier) -> None:
    data = base64.urlsafe_b64decode(IDENTITIES[0][1])
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        token = base64.urlsafe_b64encode(changed).decode()
        assert weak.open_identity(token) is None, bit


@pytest.mark.parametrize("user_id", [42, "42", "a" * 4096, "é😀", " "])
def test_identity_round_trip(verifier: Verifier, user_id: str | int) -> None:
    first, second = verifier.mint_identity(user_id), verifier.mint_identity(user_id)
    assert first != second  # fresh random bytes each time
    assert verifier.open_identity(first) == str(user_id)


def test_minted_identity_opens_with_another_implementation(
    verifier: Verifier,
) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    data = base64.urlsafe_b64decode(verifier.mint_identity("user-é"))
    key = hashlib.sha256(SECRET.encode()).digest()
    assert AESGCM(key).decrypt(data[:12], data[12:], None) == "user-é".encode()


def test_rotation() -> None:
    old, new = "the old secret of 2025", "the new secret of 2026"
    both, before, after = Verifier([new, old]), Verifier(old), Verifier([new])
    token = before.mint_identity("42")
    assert both.open_identity(token) == "42"
    assert after.open_identity(token) is None
    assert after.open_identity(both.mint_identity("43")) == "43"
    render = before.sign_render_token(NOW - 10)
    assert both.check_render_token(render, NOW).render == "ok"
    assert after.check_render_token(render, NOW).render == "invalid"


@pytest.mark.parametrize(("second", "token"), RENDERS)
def test_render_vectors(weak: Verifier, second: int, token: str) -> None:
    assert weak.sign_render_token(second) == token
    assert weak.sign_render_token(second + 0.9) == token
    assert weak.check_render_token(token, second + 17) == ("ok", 17)


@pytest.mark.parametrize(
    ("age", "render", "told"),
    [
        (-6, "future", None),
        (-5, "too_fresh", 0),
        (0, "too_fresh", 0),
        (1, "too_fresh", 1),
        (2, "ok", 2),
        (14400, "ok", 14400),
        (14401, "stale", 14401),
    ],
)
def test_render_ages(
    verifier: Verifier, age: int, render: str, told: float | None
) -> None:
    found = verifier.check_render_token(verifier.sign_render_token(NOW), NOW + age)
    assert found.render == render
    if told is not None and age >= 0:
        assert found.age_seconds == told


@pytest.mark.parametrize(
    ("token", "render"),
    [
        ("", "missing"),
        ("x", "invalid"),
        (RENDERS[1][1].upper(), "invalid"),
        ("0" + RENDERS[1][1], "invalid"),
        ("+" + RENDERS[1][1], "invalid"),
        (RENDERS[1][1] + "\n", "invalid"),
        (RENDERS[1][1][:-1] + "0", "invalid"),
        ("." * 1_000_000, "invalid"),
        ("١٢٣" + RENDERS[1][1][10:], "invalid"),
        ("\ud800", "invalid"),
    ],
)
def test_render_that_does_not_hold(weak: Verifier, token: str, render: str) -> None:
    assert weak.check_render_token(token, 1700000017) == (render, None)


def test_without_a_secret() -> None:
    nothing = Verifier(())
    assert nothing.sign_render_token() == ""
    assert nothing.check_render_token(RENDERS[0][1], NOW).render == "unverified"
    assert nothing.open_identity(IDENTITIES[0][1]) is None
    assert nothing.open_nonce("A" * 43, "s", "/p") is None
    for make in (
        lambda: nothing.mint_identity("42"),
        lambda: nothing.seal_nonce("s", "/p"),
    ):
        with pytest.raises(ValueError, match="no secret"):
            make()


# --- nonces


def test_nonce_is_what_the_format_says(verifier: Verifier) -> None:
    nonce = verifier.seal_nonce("session", "/path", lifetime=300, now=NOW)
    data = base64.urlsafe_b64decode(nonce + "=")
    expiry, random, tag = data[:4], data[4:16], data[16:]
    assert struct.unpack(">I", expiry) == (int(NOW) + 300,)
    message = b"beacon-nonce:" + expiry + random
    for text in (b"session", b"/path"):
        message += struct.pack(">H", len(text)) + text
    assert hmac.new(SECRET.encode(), message, hashlib.sha256).digest()[:16] == tag


def test_nonce(verifier: Verifier) -> None:
    nonce = verifier.seal_nonce("session", "/path", lifetime=300, now=NOW)
    assert len(nonce) == 43
    assert verifier.open_nonce(nonce, "session", "/path", NOW) == 300
    assert verifier.open_nonce(nonce, "session", "/path", NOW + 299) == 1
    for now, text, session, path in [
        (NOW + 301, nonce, "session", "/path"),
        (NOW, nonce, "sessio", "n/path"),
        (NOW, nonce, "other", "/path"),
        (NOW, nonce[:-2] + "AA", "session", "/path"),
        (NOW, nonce + "=", "session", "/path"),
        (NOW, "", "session", "/path"),
        (NOW, nonce, "s" * 70_000, "/path"),
        (NOW, nonce, "s" * 2_000_000, "/path"),
        (NOW, "\ud800", "session", "/path"),
    ]:
        assert verifier.open_nonce(text, session, path, now) is None


def test_default_clock(verifier: Verifier) -> None:
    assert verifier.check_render_token(verifier.sign_render_token()).render in (
        "too_fresh",
        "ok",
    )
    assert verifier.open_nonce(verifier.seal_nonce("s", "/p"), "s", "/p") in (299, 300)
