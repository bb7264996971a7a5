"""Instances that wait to be used: one thread has one at a time.

A deque's pop and append are atomic, so the common case takes no lock."""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from collections.abc import Callable


from ._instance import Instance


class Pool:
    """Makes instances as more threads ask at once, and keeps `idle` of them.
    With `single` there is never more than one, for which threads wait."""

    def __init__(self, make: Callable[[], Instance], idle: int, single: bool) -> None:
        self._make = make
        self._most = 1 if single else idle
        self._single = single
        self._lock = threading.Lock()
        self._idle: deque[Instance] = deque([make()])
        _pools.add(self)

    def take(self) -> Instance:
        """An instance for this thread alone, to be given back or dropped."""
        if self._single:
            self._lock.acquire()
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            return self._make()
        except BaseException:
            self.drop()
            raise

    def give(self, instance: Instance) -> None:
        """Takes an instance back."""
        if len(self._idle) < self._most:
            self._idle.append(instance)
        else:
            instance.wipe()
        if self._single:
            self._lock.release()

    def drop(self, instance: Instance | None = None) -> None:
        """Instead of give: the instance is of no use any more."""
        if instance is not None:
            instance.wipe()
        if self._single:
            self._lock.release()

    def close(self) -> None:
        """Wipes all that are idle, keeps none from now on, makes no more."""
        self._most, self._make = 0, _closed
        while self._idle:
            self._idle.pop().wipe()

    def after_fork(self) -> None:
        """In a child: another thread's lock is never given back here."""
        self._lock = threading.Lock()


def _closed() -> Instance:
    raise ValueError("this Verifier is closed: make another")


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


def _after_fork() -> None:
    for pool in list(_pools):
        pool.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
