"""Calls of the module's exports.

`Func.__call__` asks for the function's type and makes new arrays each time:
48 µs here. The binding's low-level `wasmtime_func_call` with arrays that are
kept takes 4.5 µs. It still checks the types, unlike the `unchecked` one (2.9):
the 1.6 µs are a tenth of a verification, and not worth a wild call."""

from __future__ import annotations

import ctypes
from typing import Any

import wasmtime
from wasmtime import _bindings, _ffi

_KINDS = {"i32": 0, "f64": 3}


class Stopped(Exception):
    """A call did not return: the message says why. The instance is done for."""


class Call:
    """One export of an instance. For one thread at a time, as its store."""

    __slots__ = (
        "_store", "_func", "_context", "_target", "_args", "_slots", "_results",
        "_result", "_trap", "_trap_at",
    )  # fmt: skip

    def __init__(self, store: wasmtime.Store, func: wasmtime.Func) -> None:
        kinds = [str(kind) for kind in func.type(store).params]
        self._store = store  # both must live as long as the pointers to them
        self._func = func
        self._context = store._context()
        self._target = ctypes.byref(func._func)
        self._args: Any = (_ffi.wasmtime_val_t * len(kinds))()
        for place, kind in enumerate(kinds):
            arg: Any = self._args[place]
            arg.kind = _KINDS[kind]
        self._slots = [(self._args[i].of, kind) for i, kind in enumerate(kinds)]
        self._results: Any = (_ffi.wasmtime_val_t * 1)()
        self._result = self._results[0].of
        self._trap: Any = ctypes.POINTER(_ffi.wasm_trap_t)()
        self._trap_at = ctypes.byref(self._trap)

    def __call__(self, *values: float) -> int:
        for (slot, kind), value in zip(self._slots, values):
            setattr(slot, kind, value)
        error = _bindings.wasmtime_func_call(
            self._context,
            self._target,
            self._args,
            len(values),
            self._results,
            1,
            self._trap_at,
        )
        if error:
            raise Stopped(str(wasmtime.WasmtimeError._from_ptr(error)))
        if self._trap:
            raise Stopped(_reason(wasmtime.Trap._from_ptr(self._trap)))
        return int(self._result.i32)


def _reason(trap: wasmtime.Trap) -> str:
    code = trap.trap_code
    if code is wasmtime.TrapCode.OUT_OF_FUEL:
        return "it used up its fuel: raise fuel"
    if code is None:
        return trap.message.splitlines()[0]
    return code.name.lower().replace("_", " ")
