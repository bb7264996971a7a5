"""tests/vectors/signed.jsonl, the table that all hosts run. Left out is what
this host does not offer: `lines`, and ids that are no text."""

from __future__ import annotations

import json
from typing import Any, Callable

import pytest
from conftest import ROOT
from sonde_wasmtime import Submission, Verdict, Verifier, verifier as module

Row = dict[str, Any]


def bytes_of(data: Any) -> bytes:
    """A string, or parts of {hex or text, times}: tests/vectors/README.md."""
    whole = b""
    for part in data if isinstance(data, list) else [data]:
        if isinstance(part, str):
            whole += part.encode("utf-8", "surrogatepass")
        else:
            unit = (
                bytes.fromhex(part["hex"]) if "hex" in part else part["text"].encode()
            )
            whole += unit * part.get("times", 1)
    return whole


def text_of(data: Any) -> str:
    """As this host takes text; bytes that are no UTF-8 raise ValueError."""
    return bytes_of(data).decode("utf-8", "surrogatepass")


def read() -> list[tuple[Row, list[Row]]]:
    groups: list[tuple[Row, list[Row]]] = []
    path = ROOT / "tests/vectors/signed.jsonl"
    for line in path.read_text(encoding="utf-8").strip("\n").split("\n"):
        row = json.loads(line)
        if "setup" in row:
            groups.append((row, []))
        else:
            groups[-1][1].append(row)
    return groups


GROUPS = read()


def start(setup: Row, **changes: Any) -> Verifier:
    options = {**setup["options"], **changes}
    options["allow_weak_secret"] = bool(options.get("allow_weak_secret"))
    return Verifier(
        options.pop("secrets", [bytes_of(s) for s in setup["secrets"]]),
        allow_origins=options.pop("origins", [text_of(o) for o in setup["origins"]]),
        allow_next=options.pop("targets", [text_of(t) for t in setup["next"]]),
        **options,
    )


def submission(row: Row) -> Submission:
    return Submission(
        bytes_of(row["body"]),
        text_of(row["content_type"]),
        None if row["origin"] is None else text_of(row["origin"]),
        None if row["endpoint"] is None else text_of(row["endpoint"]),
        row["now"] / 1000,
    )


def verdict(row: Row) -> Verdict:
    return Verdict(**json.loads(bytes_of(row["verdict"])))


def attempt(call: Callable[[], Any]) -> Any:
    """What a call returns, or the class of its error."""
    try:
        return call()
    except (ValueError, TypeError) as error:
        return type(error)


def run_token(verifier: Verifier, row: Row, random: Callable[[bytes], None]) -> bool:
    """Whether a row about tokens or nonces is as it should be."""
    random(bytes.fromhex(row.get("nonce_hex", "")))
    now = row.get("now", 0) / 1000
    bad = ValueError if "status" in row else None
    if row["call"] == "seal":
        user_id = text_of(row["id"])
        return bool(
            attempt(lambda: verifier.mint_identity(user_id)) == (bad or row["token"])
        )
    if row["call"] == "open":
        found = verifier.open_identity(text_of(row["token"]))
        return found == (None if bad else text_of(row["id"]))
    if row["call"] == "render":
        token = attempt(lambda: verifier.sign_render_token(now))
        return bool(token == (bad or text_of(row["token"])))
    if row["call"] == "check":
        check = verifier.check_render_token(text_of(row["token"]), now)
        return check == (row["render"], row["age"])
    session, path = text_of(row["session"]), text_of(row["path"])
    if row["call"] == "nonce_check":
        left = attempt(
            lambda: verifier.open_nonce(text_of(row["nonce"]), session, path, now)
        )
        return left == row.get("left") or (bad is not None and left is bad)
    sizes = len(session.encode()), len(path.encode())
    data = bytes.fromhex(row["nonce_hex"]) + (session + path).encode()
    sealed = attempt(lambda: verifier._text("nonce", data, row["expiry"], *sizes))
    return bool(sealed == (bad or row["nonce"]))


def run_setting(setup: Row, taken: dict[str, list[Any]], row: Row) -> bool:
    """One more secret, origin or target; those that are taken stay."""
    kind = {"secret": "secrets", "origin": "origins", "next": "targets"}[row["call"]]
    one = (
        bytes_of(row["text"])
        if kind == "secrets"
        else attempt(lambda: text_of(row["text"]))
    )
    more = [*taken[kind], one]
    result = attempt(lambda: start(setup, **{**taken, kind: more}))
    if isinstance(result, Verifier):
        taken[kind] = more
        return len(more) == row.get("count")
    return "status" in row


@pytest.mark.parametrize(("setup", "rows"), GROUPS, ids=[g[0]["setup"] for g in GROUPS])
def test_group(setup: Row, rows: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = start(setup)
    taken: dict[str, list[Any]] = {
        "secrets": [bytes_of(s) for s in setup["secrets"]],
        "origins": list(setup["origins"]),
        "targets": list(setup["next"]),
    }
    wrong, left_out = [], []

    def random(data: bytes) -> None:
        monkeypatch.setattr(module.os, "urandom", lambda size: data)

    for row in rows:
        if row["call"] == "verify":
            one = submission(row)
            found = verifier.verify(
                one.body,
                one.content_type,
                one.origin,
                endpoint=one.endpoint,
                now=one.now,
            )
            ok = found == verdict(row)
        elif row["call"] in ("secret", "origin", "next"):
            ok = run_setting(setup, taken, row)
        elif row["call"] == "lines" or not is_text(row):
            left_out.append(row["call"])
            continue
        else:
            ok = run_token(verifier, row, random)
        if not ok:
            wrong.append(row["name"])
    assert wrong == []
    assert len(left_out) < 10 or set(left_out) == {"lines"}


def is_text(row: Row) -> bool:
    names = [
        name for name in ("id", "token", "session", "path", "nonce") if name in row
    ]
    return all(
        attempt(lambda: text_of(row[name])) is not UnicodeDecodeError for name in names
    )


def test_many() -> None:
    """All submissions of a verifier at once."""
    count = 0
    for setup, rows in GROUPS:
        sent = [row for row in rows if row["call"] == "verify"]
        found = list(start(setup).verify_many(map(submission, sent)))
        wrong = [row["name"] for row, have in zip(sent, found) if have != verdict(row)]
        assert wrong == [] and len(found) == len(sent)
        count += len(sent)
    assert count > 1000
