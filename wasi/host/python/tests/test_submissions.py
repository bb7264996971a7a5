"""Verdicts: wire-formats.md, section 3, as tables."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any, Callable

import pytest
from conftest import FORM, JSON, NOW, ORIGIN, ROOT, SECRET
from sonde_wasmtime import REASONS, Submission, Verdict, Verifier

Make = Callable[..., bytes]


@pytest.mark.parametrize("kind", [JSON, FORM, JSON + "; charset=utf-8"])
def test_accepted(verifier: Verifier, as_json: Make, as_form: Make, kind: str) -> None:
    make = as_form if kind == FORM else as_json
    changes = {"_next": ORIGIN + "/done", "plan": "pro", "__proto__": "data"}
    verdict = verifier.verify(
        make(**changes), kind, ORIGIN, endpoint="plain_sf_abc", now=NOW
    )
    assert verdict == Verdict(
        verdict="accept",
        reason=None,
        render="ok",
        age_seconds=17,
        user_id="42",
        identity="ok",
        name="Ada Lovelace",
        email="ada@example.com",
        message="It does not start.\nWhat now?",
        form_slug="contact",
        next=ORIGIN + "/done",
        extras={"plan": "pro", "__proto__": "data"},
    )
    assert (verdict.accepted, verdict.http_status, verdict.field, verdict.text) == (
        True,
        200,
        None,
        "",
    )


def test_discarded(verifier: Verifier, as_json: Make) -> None:
    verdict = verifier.verify(as_json(plain_connect_check="x"), JSON, ORIGIN, now=NOW)
    assert (verdict.verdict, verdict.reason, verdict.accepted) == (
        "discard",
        None,
        False,
    )
    assert (verdict.http_status, verdict.message, verdict.extras) == (200, None, {})


# what is changed: fields, or arguments of verify; and the reason
REJECTED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"message": None}, {}, "message_missing"),
    ({"message": " \t\r\n\u00a0\u2003"}, {}, "message_missing"),
    ({"message": "x" * 16385}, {}, "message_too_long"),
    ({"message": "x\0y"}, {}, "nul_character"),
    ({"email": "a@b@c"}, {}, "email_invalid"),
    ({"email": "a@b.example\nBcc: c@d.example"}, {}, "email_invalid"),
    ({"email": "a@b.example,c@d.example"}, {}, "email_invalid"),
    ({"email": "a" * 250 + "@b.ex"}, {}, "email_invalid"),
    ({"name": "a\rb"}, {}, "name_invalid"),
    ({"form_slug": "Contact"}, {}, "form_slug_invalid"),
    ({"_next": "/thanks\n"}, {}, "next_invalid"),
    ({"k" * 129: "x"}, {}, "key_too_long"),
    ({"k": "x" * 16385}, {}, "value_too_long"),
    ({f"k{i}": "x" for i in range(64)}, {}, "too_many_fields"),
    ({"plain_connect_render_token": None}, {}, "render_missing"),
    ({"plain_connect_render_token": "1.x"}, {}, "render_invalid"),
    ({}, {"now": NOW - 17}, "render_too_fresh"),
    ({}, {"now": NOW - 30}, "render_future"),
    ({}, {"now": NOW + 15000}, "render_stale"),
    ({}, {"origin": None}, "origin_missing"),
    ({}, {"origin": "null"}, "origin_null"),
    ({}, {"origin": ""}, "origin_not_allowed"),
    ({}, {"origin": ORIGIN + "/"}, "origin_not_allowed"),
    ({}, {"origin": ORIGIN.upper()}, "origin_not_allowed"),
    ({}, {"origin": ORIGIN + "x" * 2_000_000}, "origin_not_allowed"),
    ({}, {"origin": "\ud800"}, "origin_not_allowed"),
    ({}, {"endpoint": ""}, "endpoint_invalid"),
    ({}, {"endpoint": "../x"}, "endpoint_invalid"),
    ({}, {"endpoint": "x" * 65}, "endpoint_invalid"),
    ({}, {"endpoint": "x" * 2_000_000}, "endpoint_invalid"),
    ({}, {"content_type": None}, "content_type"),
    ({}, {"content_type": ""}, "content_type"),
    ({}, {"content_type": "text/plain"}, "content_type"),
    ({}, {"content_type": "multipart/form-data; boundary=x"}, "content_type"),
    ({}, {"content_type": JSON + "; charset=latin-1"}, "content_type"),
    ({}, {"content_type": JSON + ";" + "x" * 2_000_000}, "content_type"),
    ({}, {"body": b""}, "bad_json"),
    ({}, {"body": b"[]"}, "bad_json"),
    ({}, {"body": b"{"}, "bad_json"),
    ({}, {"body": b"[" * 60_000}, "bad_json"),
    ({}, {"body": b'{"a":null}'}, "bad_value"),
    ({}, {"body": b'{"a":{}}'}, "bad_value"),
    ({}, {"body": b'{"email":"a","email":"b"}'}, "duplicate_field"),
    ({}, {"body": b"x" * 65537}, "body_too_large"),
    ({}, {"body": b"x" * 5_000_000}, "body_too_large"),
    ({}, {"body": "x" * 5_000_000}, "body_too_large"),
    ({}, {"body": b"&" * 65536, "content_type": FORM}, "render_missing"),
    ({}, {"body": b"a&" * 30000, "content_type": FORM}, "too_many_fields"),
    ({}, {"body": bytes(range(256)), "content_type": FORM}, "nul_character"),
    ({}, {"body": b"message=%00", "content_type": FORM}, "nul_character"),
]


@pytest.mark.parametrize(
    ("changes", "arguments", "reason"),
    REJECTED,
    ids=[str(n) for n in range(len(REJECTED))],
)
def test_rejected(
    verifier: Verifier,
    as_json: Make,
    changes: dict[str, Any],
    arguments: dict[str, Any],
    reason: str,
) -> None:
    given = {
        "body": as_json(**changes),
        "content_type": JSON,
        "origin": ORIGIN,
        "now": NOW,
        **arguments,
    }
    verdict = verifier.verify(
        given.pop("body"), given.pop("content_type"), given.pop("origin"), **given
    )
    assert (verdict.verdict, verdict.reason) == ("reject", reason)
    assert not verdict.accepted
    told = REASONS[reason]
    assert verdict.http_status == told.http_status >= 400
    assert (verdict.field, verdict.text) == (told.field, told.text)
    assert verdict.text.endswith(".")
    assert (verdict.message, verdict.user_id, verdict.extras) == (None, None, {})


def test_every_reason_is_tried_here() -> None:
    tried = {reason for _, _, reason in REJECTED}
    assert tried == set(REASONS) - {"render_replayed"}


BODIES = [bytes, bytearray, memoryview, lambda body: body.decode()]


@pytest.mark.parametrize("kind", BODIES)
def test_kinds_of_body(
    verifier: Verifier, as_json: Make, kind: Callable[[bytes], Any]
) -> None:
    body = as_json(message="é😀")
    assert verifier.verify(kind(body), JSON, ORIGIN, now=NOW).message == "é😀"


def test_text_that_is_not_well_formed(verifier: Verifier) -> None:
    """As some frameworks hand it on; the module repairs or rejects it."""
    nobody = Verifier(())
    assert nobody.verify("message=\ud800", FORM, None).message == "\ufffd" * 3
    assert nobody.verify('{"message":"\ud800"}', JSON, None).reason == "bad_json"
    assert nobody.verify(b'{"message":"\xff"}', JSON, None).reason == "bad_json"
    escaped = nobody.verify(b'{"message":"\\ud800"}', JSON, None)
    assert escaped.message == "\ufffd" or escaped.reason == "bad_json"


@pytest.mark.parametrize(
    ("identity", "told"), [(None, "absent"), ("", "absent"), ("x", "invalid")]
)
def test_identity_never_blocks(
    verifier: Verifier, as_json: Make, identity: str | None, told: str
) -> None:
    body = as_json(plain_connect_identity=identity)
    verdict = verifier.verify(body, JSON, ORIGIN, now=NOW)
    assert (verdict.accepted, verdict.identity, verdict.user_id) == (True, told, None)


def test_unverified_without_a_secret(as_json: Make) -> None:
    verdict = Verifier(()).verify(as_json(), JSON, "https://anywhere.example")
    assert (verdict.accepted, verdict.render, verdict.identity) == (
        True,
        "unverified",
        "unconfigured",
    )


@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        (ORIGIN, True),
        (ORIGIN + "/a?b#c", True),
        ("/thanks", True),
        ("/thanks/you?x=1", True),
        ("/thankss", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        (ORIGIN + ".evil.example", False),
        (ORIGIN + "@evil.example", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_next(verifier: Verifier, as_json: Make, target: str, allowed: bool) -> None:
    verdict = verifier.verify(as_json(_next=target), JSON, ORIGIN, now=NOW)
    assert verdict.accepted
    assert verdict.next == (target if allowed else None)


def test_urlencoded_vectors() -> None:
    """All that the Web Platform Tests say of application/x-www-form-urlencoded,
    where a name is not one of ours or sent twice."""
    path = ROOT / "tests/vectors/wpt/urlencoded-parser-data.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    cases = [
        (one["input"], dict(one["output"])) for one in found if isinstance(one, dict)
    ]
    assert len(cases) > 20
    verifier = Verifier((), min_age=0)
    for text, pairs in cases:
        verdict = verifier.verify("message=x&" + text, FORM, None)
        assert list(verdict.extras.items()) == list(pairs.items()), text


# --- options


@pytest.mark.parametrize(
    ("options", "changes", "reason"),
    [
        ({"min_age": 0}, {"now": NOW - 17}, None),
        ({"min_age": 18}, {}, "render_too_fresh"),
        ({"max_age": 16}, {}, "render_stale"),
        ({"max_skew": 0}, {"now": NOW - 18}, "render_future"),
        ({"max_body": 1024}, {"body": b"x" * 1025}, "body_too_large"),
        ({"max_body": 1048576}, {"body": b"x" * 1048577}, "body_too_large"),
        ({"max_fields": 8}, {"plan": "pro", "size": "1"}, "too_many_fields"),
        ({"max_key": 32}, {"k" * 33: "x"}, "key_too_long"),
        ({"max_value": 254}, {"k": "x" * 255}, "value_too_long"),
        ({"max_message": 20}, {}, "message_too_long"),
        ({"max_email": 14}, {}, "email_invalid"),
    ],
)
def test_options(
    as_json: Make,
    options: dict[str, int],
    changes: dict[str, Any],
    reason: str | None,
) -> None:
    now, body = changes.pop("now", NOW), changes.pop("body", None)
    verdict = Verifier(SECRET, **options).verify(
        body or as_json(**changes), JSON, ORIGIN, now=now
    )
    assert verdict.reason == reason


def test_largest_body_in_smallest_room() -> None:
    verifier = Verifier((), max_body=1048576, max_message=1048576, max_value=1048576)
    filler = "\\u0001" * ((1048576 - 14) // 6)
    body = ('{"message":"' + filler + '"}').encode()
    assert len(body) <= 1048576
    assert verifier.verify(body, JSON, None).message == "\x01" * ((1048576 - 14) // 6)


def test_replay_filter_counts_over_all_threads(as_json: Make) -> None:
    verifier = Verifier(SECRET, max_uses=2)
    body = as_json()
    reasons = [verifier.verify(body, JSON, ORIGIN, now=NOW).reason for _ in range(4)]
    assert reasons == [None, None, "render_replayed", "render_replayed"]


# --- verdicts


def test_verdict_is_frozen(verifier: Verifier, as_json: Make) -> None:
    verdict = verifier.verify(as_json(), JSON, ORIGIN, now=NOW)
    assert type(verdict) is Verdict
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.verdict = "reject"  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        verdict.other = 1  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(verdict)) == verdict
    assert copy.deepcopy(verdict) == verdict
    assert hash(verdict) == hash(copy.deepcopy(verdict))
    assert dataclasses.replace(verdict, name="B").name == "B"


def test_verdict_repr_keeps_people_out_of_logs(
    verifier: Verifier, as_json: Make
) -> None:
    text = repr(verifier.verify(as_json(plan="pro"), JSON, ORIGIN, now=NOW))
    for private in ("Ada", "ada@", "start", "42", "plan"):
        assert private not in text


def test_submission_may_be_any_tuple(verifier: Verifier, as_json: Make) -> None:
    one = Submission(as_json(), JSON, ORIGIN, now=NOW)
    assert list(verifier.verify_many([one])) == [
        verifier.verify(as_json(), JSON, ORIGIN, now=NOW)
    ]
