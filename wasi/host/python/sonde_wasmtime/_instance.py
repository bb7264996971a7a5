"""One instance of the module: its memory, its calls. For one thread at a time.

Memory is written and read through one memoryview of each region. That takes
0.1 µs (`Memory.write` 6.6, ctypes.memmove 1.0) and checks its bounds."""

from __future__ import annotations

import ctypes
import json
import struct
from typing import Any, NamedTuple

import wasmtime

from . import _tables
from ._call import Call, Stopped
from ._engine import Program
from .errors import SondeHostError

_REGIONS = struct.Struct("<4I")
_HEAD = struct.Struct("<2I")
_AGE = struct.Struct("<d")
_EXPORTS = (
    "option", "start", "secret", "origin", "next", "seal", "open", "render",
    "check", "nonce", "nonce_check", "verify", "wipe",
)  # fmt: skip


class Secret:
    """A secret that no repr, error or pickle tells."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled: give it to each process anew")


class Setup(NamedTuple):
    """All that makes an instance of a verifier."""

    program: Program
    options: tuple[tuple[int, int], ...]
    secrets: tuple[Secret, ...]
    origins: tuple[str, ...]
    targets: tuple[str, ...]
    fuel: int | None
    memory_limit: int


class Instance:
    """A verifier in its own memory. After SondeHostError it is of no use."""

    def __init__(self, setup: Setup) -> None:
        self.fuel = setup.fuel
        self.store = wasmtime.Store(setup.program.engine)
        self.store.set_limits(memory_size=setup.memory_limit, instances=1, memories=1)
        self._refuel()
        self._view = memoryview(b"")
        self._open_module(setup)
        self._start(setup)

    # --- starting

    def _open_module(self, setup: Setup) -> None:
        try:
            exports = wasmtime.Instance(self.store, setup.program.module, []).exports(
                self.store
            )
            self._calls = {
                name: Call(self.store, _function(exports, "signed_" + name))
                for name in _EXPORTS
            }
            memory = exports["memory"]
        except KeyError as missing:
            raise ValueError(
                f"the module does not export {missing}: give the sonde-edge.wasm "
                "of this version"
            ) from None
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            raise ValueError(
                f"the module could not start: {str(error).splitlines()[0]}; "
                f"is memory_limit, {setup.memory_limit} bytes, too low?"
            ) from None
        assert isinstance(memory, wasmtime.Memory)
        self._memory = memory

    def _start(self, setup: Setup) -> None:
        for option, value in setup.options:
            self._set("signed_option", "option", option, value)
        at = self.call("start")
        if at == _tables.STATUS["NO_MEMORY"]:
            raise ValueError(
                f"the verifier does not fit in memory_limit, {setup.memory_limit} "
                "bytes: raise it, or lower max_input"
            )
        if at < 0:
            raise ValueError(f"signed_start: {_tables.status_text(at)}")
        self._map(at)
        for place, secret in enumerate(setup.secrets):
            self._put("secret", f"secrets[{place}]", secret.data)
        for place, origin in enumerate(setup.origins):
            named = f"allow_origins[{place}]: {origin!r}"
            self._put("origin", named, origin.encode("utf-8", "surrogatepass"))
        for place, target in enumerate(setup.targets):
            named = f"allow_next[{place}]: {target!r}"
            self._put("next", named, target.encode("utf-8", "surrogatepass"))

    def _map(self, at: int) -> None:
        size = self._memory.data_len(self.store)
        base = ctypes.addressof(self._memory.data_ptr(self.store).contents)
        whole = (ctypes.c_ubyte * size).from_address(base)
        self._view = memoryview(whole).cast("B")
        inward, in_size, outward, out_size = _REGIONS.unpack_from(self._view, at)
        if inward + in_size > size or outward + out_size > size:
            raise SondeHostError("the module's regions are not in its memory")
        self.into = self._view[inward : inward + in_size]
        self.out = self._view[outward : outward + out_size]

    def _put(self, call: str, named: str, text: bytes) -> None:
        if len(text) > len(self.into):
            raise ValueError(f"{named}: it is far too long")
        self.into[: len(text)] = text
        self._set(named, call, len(text))

    def _set(self, named: str, call: str, *values: float) -> None:
        status = self.call(call, *values)
        if status < 0:
            raise ValueError(f"{named}: {explain(call, status)}")

    # --- calling

    def _refuel(self) -> None:
        if self.fuel is not None:
            self.store.set_fuel(self.fuel)

    def call(self, name: str, *values: float) -> int:
        """Calls an export with the fuel that one call may use."""
        self._refuel()
        try:
            return self._calls[name](*values)
        except Stopped as why:
            raise SondeHostError(f"signed_{name} was stopped: {why}") from None

    def verify(self, frames: bytes | memoryview) -> tuple[int, list[dict[str, Any]]]:
        """How many bytes of the frames were dealt with, and their verdicts."""
        size = len(frames)
        self.into[:size] = frames
        end = self.call("verify", size)
        if end < 0:
            raise SondeHostError(f"signed_verify: {_tables.status_text(end)}")
        count, taken = _HEAD.unpack_from(self.out)
        if count and _HEAD.size < end <= len(self.out) and 0 < taken <= size:
            verdicts = _objects(self.out[_HEAD.size : end])
            if len(verdicts) == count:
                return taken, verdicts
        raise SondeHostError("signed_verify: an answer that cannot be")

    def text(self, call: str, *values: float, into: bytes = b"") -> str | int:
        """Calls an export that answers with text in `out`, or a status."""
        self.into[: len(into)] = into
        size = self.call(call, *values)
        if size > len(self.out):
            raise SondeHostError(f"signed_{call} went past its output")
        return size if size < 0 else str(self.out[:size], "utf-8")

    def number(self, call: str, *values: float, into: bytes) -> int:
        """Calls an export that answers with a number, or a status."""
        self.into[: len(into)] = into
        return self.call(call, *values)

    def check(self, now: float, token: bytes) -> tuple[int, float]:
        """A render token's SONDE_RENDER_… and its age, or -1."""
        self.into[: len(token)] = token
        render = self.call("check", now, len(token))
        return render, float(_AGE.unpack_from(self.out)[0])

    def wipe(self) -> None:
        """Overwrites all its memory with zeros, whatever state it is in."""
        size = len(self._view)
        if size:
            ctypes.memset(
                ctypes.addressof(ctypes.c_ubyte.from_buffer(self._view)), 0, size
            )

    def __del__(self) -> None:
        if getattr(self, "_view", None) is not None:
            self.wipe()


def _function(exports: Any, name: str) -> wasmtime.Func:
    found = exports[name]
    assert isinstance(found, wasmtime.Func)
    return found


def _objects(lines: memoryview) -> list[dict[str, Any]]:
    """The JSON objects of lines, of which each has its line end. No string of
    JSON holds a line end as it is, so one parse does it: 4 µs a verdict, 7 by
    itself."""
    text = str(lines[:-1], "utf-8", "replace").replace("\n", ",")
    try:
        found: list[dict[str, Any]] = json.loads(f"[{text}]")
    except json.JSONDecodeError:
        raise SondeHostError("signed_verify: verdicts that are not JSON") from None
    return found


def explain(call: str, status: int) -> str:
    """What is wrong with a setting, and what to do about it."""
    if status == _tables.STATUS["WEAK_SECRET"]:
        return (
            "a secret of fewer than 16 bytes can be guessed: use a random one, as "
            "secrets.token_urlsafe(32) makes, or allow_weak_secret=True in tests"
        )
    if status == _tables.STATUS["TABLE_FULL"]:
        return "there are too many: at most 8 secrets, 32 origins and 32 targets"
    if status == _tables.STATUS["BAD_ARGUMENT"] and call in _REMEDIES:
        return _REMEDIES[call]
    return _tables.status_text(status)


_REMEDIES = {
    "secret": "a secret is 1 to 1024 bytes of UTF-8; for none at all, give ()",
    "origin": (
        "an origin is written as browsers do, such as 'https://app.example' or "
        "'http://localhost:8000': lower case, no default port, no path or slash"
    ),
    "next": (
        "a target is an origin, such as 'https://app.example', or a path of the "
        "endpoint's own site, such as '/thanks'"
    ),
    "seal": "an id is 1 to 4096 bytes of UTF-8",
    "nonce": "a session id and a path are at most 65535 bytes each",
}
