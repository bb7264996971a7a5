"""Engines and compiled modules, one of a kind in a process, and the clock that
deadlines go by."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import NamedTuple

import wasmtime

TICK = 0.02  # seconds: how exact a deadline is


class Kind(NamedTuple):
    """What code an engine makes."""

    fuel: bool
    deadline: bool
    cache: bool | str


class Program(NamedTuple):
    """A compiled module and the engine that it is for."""

    engine: wasmtime.Engine
    module: wasmtime.Module


_lock = threading.Lock()
_engines: dict[Kind, wasmtime.Engine] = {}
_programs: dict[tuple[Kind, bytes], Program] = {}
_ticker: threading.Thread | None = None


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
        if kind.deadline:
            _start_ticker()
        return _programs[key]


def _engine(kind: Kind) -> wasmtime.Engine:
    if kind not in _engines:
        config = wasmtime.Config()
        config.consume_fuel = kind.fuel
        config.epoch_interruption = kind.deadline
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


def _tick() -> None:
    pause = threading.Event()
    while True:
        pause.wait(TICK)
        for kind, engine in list(_engines.items()):
            if kind.deadline:
                engine.increment_epoch()


def _start_ticker() -> None:
    global _ticker
    if _ticker is None or not _ticker.is_alive():
        _ticker = threading.Thread(target=_tick, name="sonde-deadline", daemon=True)
        _ticker.start()


def _after_fork() -> None:
    """A child has only the thread that forked: no ticker, and perhaps a lock
    that nobody will give back."""
    global _lock, _ticker
    _lock = threading.Lock()
    ticked, _ticker = _ticker is not None, None
    if ticked:
        _start_ticker()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
