"""The host around the module: threads, forks, errors, bad arguments, secrets."""

from __future__ import annotations

import copy
import os
import pickle
import threading
import traceback
from pathlib import Path
from typing import Any, Callable

import pytest
import wasmtime
from conftest import JSON, NOW, ORIGIN, SECRET
from sonde_wasmtime import SondeHostError, Submission, Verifier
from sonde_wasmtime._files import find_module

Make = Callable[..., bytes]


# --- threads


def test_threads_on_one_verifier(as_json: Make) -> None:
    verifier = Verifier(SECRET, allow_origins=[ORIGIN], idle=3)
    wrong: list[str] = []
    start = threading.Barrier(8)

    def work(mine: str) -> None:
        body = as_json(name=mine, plain_connect_identity=verifier.mint_identity(mine))
        one = Submission(body, JSON, ORIGIN, None, NOW)
        start.wait()
        for _ in range(150):
            found = [verifier.verify(body, JSON, ORIGIN, now=NOW)]
            found += verifier.verify_many([one] * 5)
            wrong.extend(mine for v in found if (v.name, v.user_id) != (mine, mine))
            if verifier.open_identity(verifier.mint_identity(mine)) != mine:
                wrong.append(mine)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert 1 <= len(verifier._pool._idle) <= 3


def test_replay_filter_over_threads(as_json: Make) -> None:
    verifier = Verifier(SECRET, max_uses=100)
    body, accepted = as_json(), []

    def work() -> None:
        for _ in range(50):
            if verifier.verify(body, JSON, ORIGIN, now=NOW).accepted:
                accepted.append(1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accepted) == 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("max_uses", [0, 255])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_fork(as_json: Make, max_uses: int) -> None:
    """As prefork servers do; the second pool's lock is held meanwhile."""
    verifier = Verifier(SECRET, max_uses=max_uses)
    body, held = as_json(), verifier._pool.take()
    child = os.fork()
    if child == 0:
        ok = verifier.verify(body, JSON, None, now=NOW).accepted
        os._exit(0 if ok else 1)
    verifier._pool.give(held)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert verifier.verify(body, JSON, None, now=NOW).accepted


# --- calls that do not return


def stand_in(broken: str, body: str = "unreachable") -> bytes:
    """A module with the same exports that starts, and of which one traps."""
    params = {
        "option": "i32 f64", "start": "", "secret": "i32", "origin": "i32",
        "next": "i32", "seal": "i32", "open": "i32", "render": "f64",
        "check": "f64 i32", "nonce": "f64 i32 i32",
        "nonce_check": "f64 i32 i32 i32", "verify": "i32", "wipe": "",
    }  # fmt: skip
    line = (
        '{"verdict":"accept","reason":null,"render":"ok","age_seconds":1,'
        '"user_id":null,"identity":"ok","name":null,"email":null,"message":"m",'
        '"form_slug":null,"next":null,"extras":{}}\\n'
    ).replace('"', '\\"')
    size = len(line.replace('\\"', '"')) - 1
    bodies = {
        "start": "i32.const 16",
        # one verdict, unless told that a body holds 100 bytes or more
        "verify": f"""
            (if (i32.gt_u (i32.load offset=20 (i32.const 1024)) (i32.const 99))
              (then {body}))
            (i32.store (i32.const 8192) (i32.const 1))
            (i32.store (i32.const 8196) (local.get 0))
            (i32.const {size + 8})""",
    }
    if broken != "verify":
        bodies[broken] = body
    functions = "\n".join(
        f'(func (export "signed_{name}") (param {types}) (result i32) '
        f"{bodies.get(name, 'i32.const 0')})"
        for name, types in params.items()
    )
    return bytes(
        wasmtime.wat2wasm(f"""(module (memory (export "memory") 20)
        (data (i32.const 16) "\\00\\04\\00\\00\\00\\10\\00\\00\\00\\20\\00\\00\\00\\00\\10\\00")
        (data (i32.const 8200) "{line}")
        {functions})""")
    )


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("unreachable", "unreachable"),
        ("(drop (i32.load (i32.const -4)))", "out of bounds"),
        ("(loop (br 0))", "fuel"),
        ("(return (i32.const -1))", "BAD_ARGUMENT"),
        ("(return (i32.const 0x7fffffff))", "cannot be"),
        ("(return (i32.const 8))", "cannot be"),
        ("(return (i32.const 20))", "not JSON"),
    ],
)
def test_trap_replaces_the_instance(body: str, told: str) -> None:
    verifier = Verifier(
        SECRET, wasm=stand_in("verify", body), max_body=1024, max_input=4160,
        fuel=100_000,
    )  # fmt: skip
    assert verifier.verify(b"", JSON, None).message == "m"
    used = verifier._pool._idle[0]
    with pytest.raises(SondeHostError, match=told) as caught:
        verifier.verify(b"x" * 200, JSON, None)
    assert "signed_verify" in str(caught.value)
    assert not any(used._view)  # wiped
    assert verifier.verify(b"", JSON, None).message == "m"
    assert used not in verifier._pool._idle


@pytest.mark.parametrize("broken", ["seal", "open", "render", "nonce"])
def test_any_call_may_trap(broken: str) -> None:
    verifier = Verifier(SECRET, wasm=stand_in(broken), max_body=1024, max_input=4160)
    call: dict[str, Callable[[], Any]] = {
        "seal": lambda: verifier.mint_identity("42"),
        "open": lambda: verifier.open_identity("x"),
        "render": lambda: verifier.sign_render_token(),
        "nonce": lambda: verifier.seal_nonce("s", "/p"),
    }
    with pytest.raises(SondeHostError, match="unreachable"):
        call[broken]()
    assert verifier.verify(b"", JSON, None).accepted


def test_fuel_of_the_real_module(as_json: Make) -> None:
    verifier = Verifier(SECRET, fuel=500_000)  # for anything but 50 at once
    token = verifier.mint_identity(42)
    for _ in range(3):
        with pytest.raises(SondeHostError, match="fuel"):
            list(verifier.verify_many([Submission(as_json(), JSON, None)] * 50))
    assert verifier.open_identity(token) == "42"


def test_fuel_in_single_use(as_json: Make) -> None:
    """The lock of the one instance is given back with an error, too."""
    verifier = Verifier(SECRET, fuel=500_000, max_uses=255)
    for _ in range(3):
        with pytest.raises(SondeHostError, match="fuel"):
            list(verifier.verify_many([Submission(as_json(), JSON, None)] * 50))
    assert verifier.open_identity(verifier.mint_identity(1)) == "1"


def test_worst_input_takes_a_small_part_of_the_fuel(as_form: Make) -> None:
    """The default bound never stops what the limits allow."""
    secrets = [f"secret number {n} of eight" for n in range(8)]
    verifier = Verifier(secrets, max_fields=256, min_age=0)
    render = Verifier(secrets[-1]).sign_render_token(NOW)
    base = f"message=x&plain_connect_render_token={render}&"
    forged = "plain_connect_identity=" + "A" * 5504
    fills = ["a&" * 250, "%" * 60_000, "+" * 60_000, "%ff" * 20_000, "\\u00e9" * 9000]
    for body in [base + forged] + [
        f"{base}{forged}&k={fill[:16000]}" for fill in fills
    ]:
        instance = verifier._pool.take()
        frame = _frame(body.encode())
        instance.verify(frame * (verifier._max_input // len(frame)))
        left = instance.store.get_fuel()
        assert instance.fuel is not None
        assert instance.fuel - left < instance.fuel / 4
        verifier._pool.give(instance)


def _frame(body: bytes) -> bytes:
    from sonde_wasmtime import _frames

    return _frames.frame(
        65536, body, "application/x-www-form-urlencoded", ORIGIN, None, NOW
    )


def test_no_fuel_is_no_bound(as_json: Make) -> None:
    assert Verifier(SECRET, fuel=None).verify(as_json(), JSON, None, now=NOW).accepted


# --- arguments

BAD: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    ("", {}, ValueError, r"secrets\[0\] is empty.*give \(\)"),
    (["long enough, is it not", ""], {}, ValueError, r"secrets\[1\] is empty"),
    (b"", {}, ValueError, "empty"),
    ("short", {}, ValueError, r"16 bytes.*token_urlsafe.*allow_weak_secret"),
    (["x" * 1025], {}, ValueError, "1024 bytes"),
    (["%016d" % n for n in range(9)], {}, ValueError, "at most 8 secrets"),
    (None, {}, TypeError, "secrets is"),
    ([5], {}, TypeError, r"secrets\[0\] is a int"),
    (["lone \ud800 surrogate"], {}, ValueError, "well-formed"),
    (SECRET, {"min_agee": 1}, TypeError, "no option min_agee; there are: .*min_age"),
    (SECRET, {"min_age": -1}, ValueError, "min_age is -1 s: it may be 0 to 3600"),
    (SECRET, {"min_age": 1.5}, TypeError, "whole number"),
    (SECRET, {"min_age": True}, TypeError, "whole number"),
    (SECRET, {"min_age": "2"}, TypeError, "whole number"),
    (SECRET, {"max_body": 2**40}, ValueError, "max_body"),
    (SECRET, {"min_age": 60, "max_age": 30}, ValueError, "min_age.*max_age"),
    (SECRET, {"max_input": 4096}, ValueError, "max_body does not fit"),
    (SECRET, {"fuel": 0}, ValueError, "fuel"),
    (SECRET, {"idle": -1}, ValueError, "idle"),
    (SECRET, {"allow_origins": ORIGIN}, TypeError, "is a list"),
    (SECRET, {"allow_origins": [b"x"]}, TypeError, "give str"),
    (SECRET, {"allow_origins": [ORIGIN + "/"]}, ValueError, "no path or slash"),
    (SECRET, {"allow_origins": ["null"]}, ValueError, "as browsers do"),
    (SECRET, {"allow_origins": ["x" * 300_000]}, ValueError, "far too long"),
    (SECRET, {"allow_origins": [ORIGIN] * 33}, ValueError, "32 origins"),
    (SECRET, {"allow_next": ["//evil"]}, ValueError, r"allow_next\[0\].*'/thanks'"),
    (SECRET, {"memory_limit": 65536}, ValueError, "memory_limit"),
    (
        SECRET,
        {"max_body": 1048576, "memory_limit": 8 << 20},
        ValueError,
        "lower max_input",
    ),
    (SECRET, {"wasm": b"not wasm"}, ValueError, "sonde-edge.wasm"),
    (SECRET, {"wasm": b"\0asm\1\0\0\0\xff"}, ValueError, "not a valid module"),
    (SECRET, {"wasm": b"\0asm\1\0\0\0"}, ValueError, "does not export"),
    (SECRET, {"wasm": "/nowhere/at/all.wasm"}, FileNotFoundError, "nowhere"),
]


@pytest.mark.parametrize(
    ("secrets", "options", "error", "told"), BAD, ids=[str(n) for n in range(len(BAD))]
)
def test_bad_arguments(
    secrets: Any, options: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told) as caught:
        Verifier(secrets, **options)
    for secret in secrets or ():
        if isinstance(secret, str) and len(secret) > 4:
            assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda v: v.verify(None, JSON, None), TypeError, "do not parse it"),
        (lambda v: v.verify({"a": "b"}, JSON, None), TypeError, "do not parse it"),
        (lambda v: v.verify(b"", b"x", None), TypeError, "content_type is a str"),
        (lambda v: v.verify(b"", JSON, ["x"]), TypeError, "origin is a str"),
        (lambda v: v.verify(b"", JSON, None, endpoint=5), TypeError, "endpoint"),
        (lambda v: v.verify(b"", JSON, None, now="x"), TypeError, "Unix time"),
        (
            lambda v: v.verify(b"", JSON, None, now=float("nan")),
            ValueError,
            "Unix time",
        ),
        (lambda v: v.verify(b"", JSON, None, now=-1), ValueError, "Unix time"),
        (lambda v: v.verify(b"", JSON, None, now=1e300), ValueError, "Unix time"),
        (lambda v: v.verify(b"", JSON, None, now=NOW * 1e6), ValueError, "seconds"),
        (lambda v: v.mint_identity(""), ValueError, "1 to 4096 bytes"),
        (lambda v: v.mint_identity("x" * 4097), ValueError, "1 to 4096 bytes"),
        (lambda v: v.mint_identity("x" * 999_999), ValueError, "1 to 4096 bytes"),
        (lambda v: v.mint_identity(True), TypeError, "str or an int"),
        (lambda v: v.mint_identity(None), TypeError, "str or an int"),
        (lambda v: v.mint_identity("\ud800"), ValueError, "surrogate"),
        (lambda v: v.open_identity(None), TypeError, "token is a str"),
        (lambda v: v.check_render_token(5), TypeError, "token is a str"),
        (lambda v: v.sign_render_token("x"), TypeError, "Unix time"),
        (lambda v: v.seal_nonce("s" * 70_000, "/"), ValueError, "65535 bytes"),
        (lambda v: v.seal_nonce("s", "/", lifetime=2**40), ValueError, "lifetime"),
        (lambda v: v.seal_nonce("s", "/", lifetime=0), ValueError, "lifetime"),
        (lambda v: v.seal_nonce(b"s", "/"), TypeError, "session is a str"),
        (lambda v: v.open_nonce(5, "s", "/"), TypeError, "nonce is a str"),
    ],
)
def test_bad_calls(
    verifier: Verifier,
    call: Callable[[Any], Any],
    error: type[Exception],
    told: str,
) -> None:
    with pytest.raises(error, match=told):
        call(verifier)
    assert verifier.open_identity(verifier.mint_identity(1)) == "1"


# --- modules


def test_module_with_other_verdicts() -> None:
    wasm = stand_in("verify").replace(b'"render"', b'"redner"')
    with pytest.raises(SondeHostError, match="not those that this package knows"):
        Verifier(SECRET, wasm=wasm, max_body=1024, max_input=4160)


def test_module_with_imports() -> None:
    wasm = bytes(wasmtime.wat2wasm('(module (import "a" "b" (func)))'))
    with pytest.raises(ValueError, match="has imports"):
        Verifier(SECRET, wasm=wasm)


def test_module_is_compiled_once(tmp_path: Path) -> None:
    path = tmp_path / "copy.wasm"
    path.write_bytes(find_module().read_bytes())
    first, second = Verifier(SECRET), Verifier(SECRET, wasm=path)
    third = Verifier(SECRET, wasm=path.read_bytes())
    modules = {id(_setup(v).program.module) for v in (first, second, third)}
    assert len(modules) == 1


def test_cache_on_disk(tmp_path: Path) -> None:
    config = tmp_path / "cache.toml"
    config.write_text(f'[cache]\ndirectory = "{tmp_path / "code"}"\n')
    assert Verifier(SECRET, cache=str(config)).open_identity("") is None
    assert any(path.is_file() for path in (tmp_path / "code").rglob("*"))


def _setup(verifier: Verifier) -> Any:
    return next(cell.cell_contents for cell in verifier._pool._make.__closure__ or ())


def test_module_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SONDE_EDGE_WASM", str(tmp_path / "none.wasm"))
    with pytest.raises(FileNotFoundError, match="none.wasm"):
        Verifier(SECRET)


def test_memory_fits_and_stays(verifier: Verifier) -> None:
    largest = Verifier((), max_body=1048576, max_input=4194304, max_uses=255)
    for one in (verifier, largest):
        instance = one._pool.take()
        assert instance._memory.data_len(instance.store) == len(instance._view)
        one._pool.give(instance)


# --- secrets


def everything(value: Any, depth: int = 0) -> str:
    """What repr and str show of an object and of what hangs off it."""
    shown = [repr(value), str(value)]
    if depth < 4:
        inner = list(getattr(value, "__dict__", {}).values())
        inner += [
            cell.cell_contents for cell in getattr(value, "__closure__", None) or ()
        ]
        inner += list(value) if isinstance(value, (tuple, list)) else []
        shown += [everything(one, depth + 1) for one in inner]
    return "\n".join(shown)


def test_secrets_are_not_shown() -> None:
    verifier = Verifier(SECRET)
    assert SECRET not in everything(verifier)
    assert SECRET not in everything(verifier._pool)


@pytest.mark.parametrize(
    "take", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"]
)
def test_secrets_are_not_pickled(take: Callable[[Any], Any]) -> None:
    verifier = Verifier(SECRET)
    for one in (verifier, _setup(verifier).secrets[0]):
        with pytest.raises(TypeError, match="make one in each|to each process"):
            take(one)


def test_secrets_are_not_in_tracebacks_with_variables() -> None:
    for options in ({"allow_origins": ["no"]}, {"max_age": 0}, {"memory_limit": 9}):
        try:
            Verifier(SECRET, **options)
        except ValueError as error:
            shown = traceback.TracebackException.from_exception(
                error, capture_locals=True
            )
            package = [f for f in shown.stack if "sonde_wasmtime" in f.filename]
            assert package
            for frame in package:
                assert SECRET not in str(frame.locals), frame.name
        else:
            pytest.fail("it was taken")


def test_close_wipes(as_json: Make) -> None:
    with Verifier(SECRET) as verifier:
        instance = verifier._pool._idle[0]
        view = instance._view
        assert any(view)
    assert not any(view)
    with pytest.raises(ValueError, match="closed"):
        verifier.mint_identity(1)


def test_memory_keeps_nothing_of_what_was_opened(as_json: Make) -> None:
    """Neither the secret nor a body; the verdict in `out` is what came back."""
    verifier = Verifier(SECRET)
    secret_id = "the id that nobody may find"
    token = verifier.mint_identity(secret_id)
    verifier.verify(as_json(plain_connect_identity=token), JSON, None, now=NOW)
    verifier.verify(b"x", JSON, None, now=NOW)
    memory = bytes(verifier._pool._idle[0]._view)
    assert SECRET.encode() not in memory
    assert token.encode()[:-4] not in memory
