#!/usr/bin/env python3
"""Submissions a second in the Python host, beside the same work with
`cryptography` and `json`. One JSON object a line on stdout."""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(1, str(ROOT / "wasi/host/python"))  # unless it is installed

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from sonde_wasmtime import Submission, Verdict, Verifier
    from sonde_wasmtime.verifier import FUEL
except ImportError as error:
    print(
        f"python_host: {error}: pip install wasmtime==50.0.1 cryptography",
        file=sys.stderr,
    )
    sys.exit(2)

SECRET = "a secret for the benchmark, 40 bytes long"
ORIGIN = "https://app.example"
NOW = 1763661600.0
JSON = "application/json"
ONES, MANY = 500, 5000  # submissions a round

# --- the same work without Sonde

KNOWN = {
    "plain_connect_render_token", "plain_connect_identity", "plain_connect_check",
    "name", "email", "message", "form_slug", "_next",
}  # fmt: skip
KEY = SECRET.encode()
CIPHER = AESGCM(hashlib.sha256(KEY).digest())


def open_identity(token: str) -> tuple[str, str | None]:
    if not token:
        return "absent", None
    try:
        data = base64.urlsafe_b64decode(token)
        return "ok", CIPHER.decrypt(data[:12], data[12:], None).decode()
    except (ValueError, InvalidTag):
        return "invalid", None


def check_render(token: str, now: float) -> tuple[str, int | None]:
    text, _, mac = token.partition(".")
    if not (text.isascii() and text.isdigit() and len(mac) == 64):
        return "invalid", None
    expected = hmac.digest(KEY, b"render-token:" + text.encode(), "sha256")
    if not hmac.compare_digest(expected.hex().encode(), mac.encode()):
        return "invalid", None
    age = int(now) - int(text)
    return ("ok" if 2 <= age <= 14400 else "stale"), age


def peer(one: Submission) -> Verdict | None:
    """The checks that an accepted submission passes; None if it does not."""
    if one.origin != ORIGIN or one.content_type != JSON or len(one.body) > 65536:
        return None
    assert isinstance(one.body, bytes)
    fields: dict[str, str] = json.loads(one.body)
    if len(fields) > 64 or fields.get("plain_connect_check"):
        return None
    for key, value in fields.items():
        if not isinstance(value, str) or len(key) > 128 or len(value) > 16384:
            return None
        if "\0" in key or "\0" in value:
            return None
    render, age = check_render(fields["plain_connect_render_token"], one.now or 0)
    name, email, message = fields["name"], fields["email"], fields["message"]
    target = fields.get("_next", "")
    if render != "ok" or not message.strip() or "\n" in name or "\r" in name:
        return None
    if (
        email.count("@") != 1
        or any(c in email for c in " \r\n,;<>")
        or len(email) > 254
    ):
        return None
    identity, user_id = open_identity(fields["plain_connect_identity"])
    return Verdict(
        verdict="accept", reason=None, render="ok", age_seconds=age,
        user_id=user_id, identity=identity,  # type: ignore[arg-type]
        name=name, email=email, message=message, form_slug=fields["form_slug"],
        next=target if target.startswith(ORIGIN + "/") else None,
        extras={k: v for k, v in fields.items() if k not in KNOWN},
    )  # fmt: skip


# --- measuring


def submission(verifier: Verifier) -> Submission:
    """600 bytes of JSON with both tokens."""
    fields = {
        "plain_connect_render_token": verifier.sign_render_token(NOW - 17),
        "plain_connect_identity": verifier.mint_identity(42),
        "plain_connect_check": "",
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "form_slug": "contact",
        "_next": ORIGIN + "/thanks",
        "plan": "pro",
        "message": "",
    }
    missing = 600 - len(json.dumps(fields))
    fields["message"] = ("The analytical engine does not start. " * 20)[:missing]
    body = json.dumps(fields).encode()
    assert len(body) == 600
    return Submission(body, JSON, ORIGIN, None, NOW)


Cases = dict[str, tuple[int, Callable[[], Any]]]


def runs(verifier: Verifier, one: Submission) -> Cases:
    body, kind, origin, _, now = one
    many = [one] * MANY

    def ones() -> None:
        for _ in range(ONES):
            verifier.verify(body, kind, origin, now=now)

    def peers() -> None:
        for _ in range(ONES):
            peer(one)

    return {
        "sonde": (ONES, ones),
        "sonde_many": (MANY, lambda: sum(1 for _ in verifier.verify_many(many))),
        "cryptography_json": (ONES, peers),
    }


def measure(cases: Cases, rounds: int) -> None:
    """Interleaved rounds, so that a busy machine is busy for all of them."""
    times: dict[str, list[float]] = {case: [] for case in cases}
    for _ in range(rounds + 1):
        for case, (count, run) in cases.items():
            began = time.perf_counter_ns()
            run()
            times[case].append((time.perf_counter_ns() - began) / count)
    for impl, (_, *taken) in times.items():  # the first one warms up
        median = statistics.median(taken)
        spread = statistics.median(abs(one - median) for one in taken) / median
        line = {"host": "python", "case": "submission", "impl": impl}
        print(json.dumps({**line, "ns_per_item": round(median), "spread": spread}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rounds",
        type=int,
        default=15,
        help="of which the median is taken, from 5 on (default 15)",
    )
    parser.add_argument(
        "--no-fuel",
        action="store_true",
        help="without the bound on what a call may execute",
    )
    options = parser.parse_args()
    if options.rounds < 5:
        parser.error("--rounds is at least 5")
    fuel = None if options.no_fuel else FUEL
    verifier = Verifier(SECRET, allow_origins=[ORIGIN], allow_next=[ORIGIN], fuel=fuel)
    one = submission(verifier)
    found, expected = verifier.verify(*one[:3], now=one.now), peer(one)
    if found != expected or not found.accepted:
        print("python_host: the two do not agree on the submission", file=sys.stderr)
        return 1
    measure(runs(verifier, one), options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
