"""Submissions as the module takes them: frames, many of which cross at once."""

from __future__ import annotations

import struct
import time
from functools import lru_cache
from typing import Any

HEAD = struct.Struct("<d4I")
# A header's value is never longer in good faith; the module looks at no more.
MAX_HEADER = 1024
ALIGN = 16  # of the module's regions, which are cut down to it
_NO_HEADER = 0xFFFFFFFF
_MAX_NOW = 2**53 / 1000
_PADDING = [bytes(-size & 7) for size in range(8)]
# What stands for a value that cannot be right, where none would mean "any".
_NEVER = b"\0"


def room(max_body: int) -> int:
    """Bytes that the largest frame takes."""
    return (HEAD.size + 3 * MAX_HEADER + max_body + 1 + 8 + ALIGN) & -ALIGN


def milliseconds(now: float | None) -> float:
    """Time as the module takes it; the clock's if it is not given."""
    if now is None:
        return time.time() * 1000
    if not isinstance(now, (float, int)):
        raise TypeError(
            f"now is Unix time in seconds, as time.time() gives it, not {_kind(now)}"
        )
    if not 0 <= now <= _MAX_NOW:  # NaN is not, either
        raise ValueError("now is Unix time in seconds, as time.time() gives it")
    return now * 1000


def frame(
    max_body: int,
    body: bytes | bytearray | memoryview | str,
    content_type: str | None,
    origin: str | None,
    endpoint: str | None,
    now: float | None,
) -> bytes:
    """One submission, padded to 8 bytes. Cuts what is over a limit anyway."""
    if type(body) is not bytes:
        body = _bytes(body)
    size = len(body)
    if size > max_body:
        size = max_body + 1
        body = body[:size]
    try:
        headers, sizes = _headers(content_type, origin, endpoint)
    except TypeError:  # unhashable: say which one it is
        headers, sizes = _headers.__wrapped__(content_type, origin, endpoint)
    # inline, for it takes a tenth of the whole
    good = type(now) is float and 0 <= now <= _MAX_NOW
    at = now * 1000 if good else milliseconds(now)  # type: ignore[operator]
    return b"".join(
        (
            HEAD.pack(at, *sizes, size),
            headers,
            body,
            _PADDING[(len(headers) + size) & 7],
        )
    )


def frames(max_body: int, submissions: list[Any], first: int) -> list[bytes]:
    """A frame for each; `first` is the number of the first, for errors."""
    made: list[bytes] = []
    try:
        for one in submissions:
            made.append(frame(max_body, *one))
    except (TypeError, ValueError) as error:
        place = first + len(made)
        if isinstance(one, (tuple, list)) and len(one) == 5:
            raise type(error)(f"submission {place}: {error}") from None
        raise TypeError(
            f"submission {place} is a {_kind(one)}: give Submission(body, "
            "content_type, origin, endpoint, now)"
        ) from None
    return made


# The same few headers come again and again: this takes 0.6 µs off each.
@lru_cache(maxsize=64)
def _headers(
    content_type: str | None, origin: str | None, endpoint: str | None
) -> tuple[bytes, tuple[int, int, int]]:
    """The texts behind each other, and their sizes."""
    kind = b"" if content_type is None else _header("content_type", content_type)
    source = b"" if origin is None else _header("origin", origin)
    where = b"" if endpoint is None else _header("endpoint", endpoint)
    if endpoint == "":
        where = _NEVER
    source_size = _NO_HEADER if origin is None else len(source)
    return kind + source + where, (len(kind), source_size, len(where))


def _header(name: str, value: str) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"{name} is a str or None, not {_kind(value)}")
    text = value.encode("utf-8", "surrogatepass")
    return text if len(text) <= MAX_HEADER else _NEVER


def _bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")  # the module judges that
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    if isinstance(body, memoryview):
        return body.tobytes()
    raise TypeError(
        "body is the request's body as it came, bytes or str, not "
        f"{_kind(body)}: do not parse it first"
    )


def _kind(value: Any) -> str:
    return type(value).__name__
