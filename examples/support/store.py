"""Conversations in SQLite: one row for each accepted submission."""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sonde_wasmtime import Verdict

TABLE = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY,
    received REAL NOT NULL,      -- Unix seconds
    endpoint TEXT NOT NULL,
    form_slug TEXT,
    user_id TEXT,                -- who was signed in, if the token holds
    identity TEXT NOT NULL,      -- ok, absent, invalid, unconfigured
    name TEXT,
    email TEXT,
    message TEXT NOT NULL,
    extras TEXT NOT NULL         -- a JSON object
)"""

INSERT = """
INSERT INTO conversations VALUES
    (:id, :received, :endpoint, :form_slug, :user_id, :identity, :name, :email,
     :message, :extras)"""


class Store:
    """For any number of threads: one connection, one at a time."""

    def __init__(self, path: str | Path) -> None:
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            with self._connection:
                self._connection.execute(TABLE)
        except sqlite3.Error as error:
            raise type(error)(f"database {path}: {error}") from None

    def add(self, verdict: Verdict, endpoint: str, received: float) -> str:
        """Stores an accepted submission and returns its id."""
        conversation = str(uuid.uuid4())
        row = {
            "id": conversation,
            "received": received,
            "endpoint": endpoint,
            "form_slug": verdict.form_slug,
            "user_id": verdict.user_id,
            "identity": verdict.identity,
            "name": verdict.name,
            "email": verdict.email,
            "message": verdict.message,
            "extras": json.dumps(verdict.extras, ensure_ascii=False),
        }
        with self._lock, self._connection:
            self._connection.execute(INSERT, row)
        return conversation

    def all(self) -> Iterator[dict[str, Any]]:
        """The conversations, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT * FROM conversations ORDER BY received, rowid"
            ).fetchall()
        for row in rows:
            yield {**dict(row), "extras": json.loads(row["extras"])}

    def close(self) -> None:
        with self._lock:
            self._connection.close()
