"""Engines and compiled modules, one of a kind in a process.

A call is bounded by fuel. An epoch deadline costs a little less (verifying one
submission: 6.0 µs unbounded, 7.9 by epoch, 8.8 by fuel), but needs a thread
that ticks, which a fork loses and gevent never runs during a call; fuel stops
the same call at the same place each time, and needs nothing."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import NamedTuple

import wasmtime


class Kind(NamedTuple):
    """What code an engine makes."""

    fuel: bool
    cache: bool | str


class Program(NamedTuple):
    """A compiled module and the engine that it is for."""

    engine: wasmtime.Engine
    module: wasmtime.Module


_lock = threading.Lock()
_engines: dict[Kind, wasmtime.Engine] = {}
_programs: dict[tuple[Kind, bytes], Program] = {}


def load(wasm: bytes | str | os.PathLike[str], kind: Kind) -> Program:
    """Compiles a module, unless this process has it already."""
    data = wasm if isinstance(wasm, bytes) else Path(wasm).read_bytes()
    if not data.startswith(b"\0asm"):
        raise ValueError("wasm is not a WebAssembly module: give sonde-edge.wasm")
    key = (kind, hashlib.sha256(data).digest())
    with _lock:
        if key not in _programs:
            engine = _engine(kind)
            _programs[key] = Program(engine, _compile(engine, data))
        return _programs[key]


def _engine(kind: Kind) -> wasmtime.Engine:
    if kind not in _engines:
        config = wasmtime.Config()
        config.consume_fuel = kind.fuel
        # views of the memory are made once, so it must stay where it is
        config.memory_may_move = False
        if kind.cache:
            config.cache = kind.cache
        _engines[kind] = wasmtime.Engine(config)
    return _engines[kind]


def _compile(engine: wasmtime.Engine, data: bytes) -> wasmtime.Module:
    try:
        module = wasmtime.Module(engine, data)
    except wasmtime.WasmtimeError as error:
        raise ValueError(f"wasm is not a valid module: {error}") from None
    if module.imports:
        raise ValueError("wasm has imports: give sonde-edge.wasm, which has none")
    return module


def _after_fork() -> None:
    """In a child: what another thread locked is never unlocked here."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
