"""Calls of the module's exports.

`Func.__call__` asks for the function's type and makes new arrays each time:
48 µs here. The same `wasmtime_func_call` of Wasmtime's C API with arrays that
are kept takes 4.5 µs through the binding's own prototype, which makes objects
of pointers, and 2.2 with one that passes addresses. It checks the types at each
call, unlike `wasmtime_func_call_unchecked` (1.5 µs)."""

from __future__ import annotations

import ctypes
from ctypes import c_size_t, c_void_p
from typing import Any

import wasmtime
from wasmtime import _ffi

_KINDS = {"i32": 0, "f64": 3}

# error = wasmtime_func_call(context, func, args, count, results, count, &trap)
_func_call = ctypes.CFUNCTYPE(
    c_void_p, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p
)(("wasmtime_func_call", _ffi.dll))


class Stopped(Exception):
    """A call did not return: the message says why. The instance is done for."""


class Call:
    """One export of an instance. For one thread at a time, as its store."""

    __slots__ = ("_kept", "_slots", "_result", "_trap", "_given")

    def __init__(self, store: wasmtime.Store, func: wasmtime.Func) -> None:
        kinds = [str(kind) for kind in func.type(store).params]
        args: Any = (_ffi.wasmtime_val_t * len(kinds))()
        results: Any = (_ffi.wasmtime_val_t * 1)()
        for place, kind in enumerate(kinds):
            args[place].kind = _KINDS[kind]
        self._slots = [(args[place].of, kind) for place, kind in enumerate(kinds)]
        self._result = results[0].of
        self._trap: Any = ctypes.POINTER(_ffi.wasm_trap_t)()
        # what the addresses lead to must live as long as they
        self._kept = (store, func, args, results)
        self._given = (
            ctypes.cast(store._context(), c_void_p).value,
            ctypes.addressof(func._func),
            ctypes.addressof(args),
            len(kinds),
            ctypes.addressof(results),
            1,
            ctypes.addressof(self._trap),
        )

    def __call__(self, *values: float) -> int:
        for (slot, kind), value in zip(self._slots, values):
            setattr(slot, kind, value)
        error = _func_call(*self._given)
        if error or self._trap:
            raise Stopped(_reason(error, self._take_trap()))
        return int(self._result.i32)

    def _take_trap(self) -> Any:
        """The trap, which from now on is its owner's alone to free."""
        trap = type(self._trap).from_buffer_copy(self._trap)
        ctypes.memset(ctypes.addressof(self._trap), 0, ctypes.sizeof(self._trap))
        return trap


def _reason(error: int | None, trap: Any) -> str:
    if error:
        pointer = ctypes.cast(error, ctypes.POINTER(_ffi.wasmtime_error_t))
        return str(wasmtime.WasmtimeError._from_ptr(pointer)).splitlines()[0]
    found = wasmtime.Trap._from_ptr(trap)
    code = found.trap_code
    if code is wasmtime.TrapCode.OUT_OF_FUEL:
        return "it used up its fuel: raise fuel"
    if code is None:
        return found.message.splitlines()[0]
    return code.name.lower().replace("_", " ")
