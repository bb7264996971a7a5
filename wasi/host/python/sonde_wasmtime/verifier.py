"""The verifier: what an application uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NoReturn, TypeVar, get_args

from . import _engine, _files, _frames, _tables
from ._instance import Instance, Secret, Setup, explain
from ._pool import Pool
from .errors import SondeHostError
from .verdict import FIELDS, Render, RenderCheck, Submission, Verdict, make_verdict

_T = TypeVar("_T")
Text = str | bytes

_RENDERS: tuple[Render, ...] = get_args(Render)
_NONCE_BYTES = 12
FUEL = 20_000_000_000


class Verifier:
    """Verifies submissions and identity with these secrets. For any number of
    threads at once; README.md tells all parameters.

    `secrets`: newest first; tokens are made with the first and verified with
    each. `()` is none: submissions then pass as `unverified`."""

    def __init__(
        self,
        secrets: Text | Iterable[Text],
        *,
        allow_origins: Iterable[str] = (),
        allow_next: Iterable[str] = (),
        min_age: int | None = None,
        max_age: int | None = None,
        max_skew: int | None = None,
        max_uses: int | None = None,
        max_body: int | None = None,
        max_fields: int | None = None,
        max_key: int | None = None,
        max_value: int | None = None,
        max_message: int | None = None,
        max_email: int | None = None,
        max_input: int | None = None,
        allow_weak_secret: bool = False,
        wasm: bytes | str | os.PathLike[str] | None = None,
        cache: bool | str = False,
        fuel: int | None = FUEL,
        memory_limit: int = 64 * 1024 * 1024,
        idle: int = 16,
        **unknown: NoReturn,
    ) -> None:
        if unknown:
            raise TypeError(_unknown_options(unknown))
        given = {
            "min_age": min_age,
            "max_age": max_age,
            "max_skew": max_skew,
            "max_uses": max_uses,
            "max_body": max_body,
            "max_fields": max_fields,
            "max_key": max_key,
            "max_value": max_value,
            "max_message": max_message,
            "max_email": max_email,
            "max_input": max_input,
            "allow_weak_secret": int(bool(allow_weak_secret)),
        }
        kept = _secrets(secrets)
        del secrets  # or a traceback that shows variables would show them
        options = _options(given)
        if fuel is not None and fuel < 1:
            raise ValueError(f"fuel is {fuel}: it is above 0, or None for no bound")
        if idle < 0:
            raise ValueError(f"idle is {idle}: how many instances to keep, from 0 on")
        kind = _engine.Kind(fuel is not None, cache)
        setup = Setup(
            program=_engine.load(_files.find_module() if wasm is None else wasm, kind),
            options=tuple((_tables.OPTIONS[k].id, v) for k, v in options.items()),
            secrets=kept,
            origins=_texts("allow_origins", allow_origins),
            targets=_texts("allow_next", allow_next),
            fuel=fuel,
            memory_limit=memory_limit,
        )
        self._max_body = options["max_body"]
        self._max_input = options["max_input"] & -_frames.ALIGN
        # the replay filter lies in the instance: only one of them can count
        single = options["max_uses"] > 0
        self._pool = Pool(lambda: Instance(setup), idle, single)
        self._check_form()

    def _check_form(self) -> None:
        """Verdicts are taken apart by the order of their members."""
        nothing = _frames.frame(self._max_body, b"", None, None, None, 0)
        _, verdicts = self._use(lambda instance: instance.verify(nothing))
        if tuple(verdicts[0]) != FIELDS:
            raise SondeHostError(
                "the module's verdicts are not those that this package knows: "
                "give the sonde-edge.wasm of this version"
            )

    # --- submissions

    def verify(
        self,
        body: bytes | bytearray | memoryview | str,
        content_type: str | None,
        origin: str | None,
        *,
        endpoint: str | None = None,
        now: float | None = None,
    ) -> Verdict:
        """Verifies the POST of a support form. `body` is as it came; the next
        two are the headers' values, None where there is none; `endpoint` is the
        id in the URL, None for any; `now` is Unix time in seconds.

        Whatever a submission holds, this does not raise for it."""
        frame = _frames.frame(self._max_body, body, content_type, origin, endpoint, now)
        pool = self._pool
        instance = pool.take()
        try:
            members = instance.verify(frame)[1][0]
        except BaseException:
            pool.drop(instance)
            raise
        pool.give(instance)
        return make_verdict(members)

    def verify_many(
        self, submissions: Iterable[Submission], *, batch: int = 256
    ) -> Iterator[Verdict]:
        """Verifies submissions, in order and lazily: takes up to `batch` of
        them, crosses into the module with as many at once as fit in max_input,
        and yields their verdicts before it takes more. No instance is held
        meanwhile."""
        if batch < 1:
            raise ValueError("batch is how many to verify at once: at least 1")
        return self._verify_many(iter(submissions), batch)

    def _verify_many(
        self, submissions: Iterator[Submission], batch: int
    ) -> Iterator[Verdict]:
        seen = 0
        for chunk in iter(lambda: list(islice(submissions, batch)), []):
            frames = _frames.frames(self._max_body, chunk, seen)
            seen += len(chunk)
            for crossing in self._crossings(frames):
                yield from self._cross(crossing)

    def _crossings(self, frames: list[bytes]) -> Iterator[bytes]:
        """The frames, joined to as much as the module takes at once."""
        if sum(map(len, frames)) <= self._max_input:
            yield b"".join(frames)
            return
        first = size = 0
        for place, one in enumerate(frames):
            if size + len(one) > self._max_input:
                yield b"".join(frames[first:place])
                first, size = place, 0
            size += len(one)
        yield b"".join(frames[first:])

    def _cross(self, frames: bytes) -> Iterator[Verdict]:
        """As often as it takes: the module stops when its output is full."""
        rest = memoryview(frames)
        while rest:
            taken, verdicts = self._use(lambda instance: instance.verify(rest))
            rest = rest[taken:]
            yield from map(make_verdict, verdicts)

    # --- identity tokens

    def mint_identity(self, id: str | int) -> str:
        """Seals a user's id in a token for a page."""
        if not isinstance(id, (str, int)) or isinstance(id, bool):
            raise TypeError(f"an id is a str or an int, not {type(id).__name__}")
        data = os.urandom(_NONCE_BYTES) + _utf8("id", str(id))
        return self._text("seal", data, len(data))

    def open_identity(self, token: str) -> str | None:
        """The id in a token, or None for one that does not open, whatever is
        wrong with it: it comes from the network."""
        data = _network_text("token", token)
        if len(data) > self._max_input:
            return None
        result = self._use(lambda instance: instance.text("open", len(data), into=data))
        return result if isinstance(result, str) else None

    # --- render tokens

    def sign_render_token(self, now: float | None = None) -> str:
        """A token that says when a page was rendered; "" without a secret."""
        return self._text("render", b"", _frames.milliseconds(now))

    def check_render_token(self, token: str, now: float | None = None) -> RenderCheck:
        """What a render token is worth. `verify` does this by itself."""
        data = _network_text("token", token)[: self._max_input]
        at = _frames.milliseconds(now)
        render, age = self._use(lambda instance: instance.check(at, data))
        if not 0 <= render < len(_RENDERS):
            raise SondeHostError(f"signed_check: {_tables.status_text(render)}")
        return RenderCheck(_RENDERS[render], None if age < 0 else age)

    # --- beacon nonces

    def seal_nonce(
        self, session: str, path: str, *, lifetime: int = 300, now: float | None = None
    ) -> str:
        """A nonce for one beacon of this session to this path, good for so many
        seconds. That it is used once is for your store to see to."""
        expiry = int(_frames.milliseconds(now) / 1000) + lifetime
        if lifetime < 1 or expiry >= 2**32:
            raise ValueError("lifetime is seconds, from 1 on; 300 are usual")
        first, second = _utf8("session", session), _utf8("path", path)
        data = os.urandom(_NONCE_BYTES) + first + second
        return self._text("nonce", data, expiry, len(first), len(second))

    def open_nonce(
        self, nonce: str, session: str, path: str, now: float | None = None
    ) -> int | None:
        """Whole seconds that a nonce is still good for, or None if it is not."""
        given = {"nonce": nonce, "session": session, "path": path}
        parts = [_network_text(named, text) for named, text in given.items()]
        data, at = b"".join(parts), _frames.milliseconds(now)
        if len(data) > self._max_input:
            return None
        sizes = [len(part) for part in parts]
        left = self._use(lambda one: one.number("nonce_check", at, *sizes, into=data))
        return left if left >= 0 else None

    # --- common

    def close(self) -> None:
        """Wipes keys and all memory. Calls under way finish first."""
        self._pool.close()

    def __enter__(self) -> Verifier:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> str:
        raise TypeError(
            "a Verifier has keys and is not pickled or copied: make one in each process"
        )

    def _text(self, call: str, data: bytes, *values: float) -> str:
        if len(data) > self._max_input:
            raise ValueError(explain(call, _tables.STATUS["BAD_ARGUMENT"]))
        result = self._use(lambda instance: instance.text(call, *values, into=data))
        if isinstance(result, str):
            return result
        raise ValueError(explain(call, result))

    def _use(self, call: Callable[[Instance], _T]) -> _T:
        """Runs a call on an instance of its own. After an error it is gone."""
        instance = self._pool.take()
        try:
            result = call(instance)
        except BaseException:
            self._pool.drop(instance)
            raise
        self._pool.give(instance)
        return result


def _unknown_options(unknown: dict[str, NoReturn]) -> str:
    names = ", ".join(sorted(unknown))
    known = ", ".join(sorted(_tables.OPTIONS))
    return f"there is no option {names}; there are: {known}"


def _secrets(given: Text | Iterable[Text]) -> tuple[Secret, ...]:
    if isinstance(given, (str, bytes)):
        given = (given,)
    elif not isinstance(given, Iterable):
        raise TypeError("secrets is a list of str or bytes, newest first; () for none")
    found = []
    for place, secret in enumerate(given):
        if not isinstance(secret, (str, bytes)):
            raise TypeError(
                f"secrets[{place}] is a {type(secret).__name__}: give str or bytes"
            )
        data = secret if isinstance(secret, bytes) else _utf8("a secret", secret)
        if not data:
            raise ValueError(
                f"secrets[{place}] is empty: is its setting missing? To take "
                "submissions unverified, without any secret, give ()"
            )
        found.append(Secret(data))
    return tuple(found)


def _utf8(named: str, text: str) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"{named} is a str, not {type(text).__name__}")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # whose message would quote it
        raise ValueError(
            f"{named} has a lone surrogate: give well-formed text"
        ) from None


def _network_text(named: str, text: str) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"{named} is a str, not {type(text).__name__}")
    return text.encode("utf-8", "surrogatepass")  # the module judges it


def _texts(named: str, given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, (str, bytes)):
        raise TypeError(f"{named} is a list: give [{given!r}]")
    found = tuple(given)
    for place, one in enumerate(found):
        if not isinstance(one, str):
            raise TypeError(f"{named}[{place}] is a {type(one).__name__}: give str")
    return found


def _options(given: dict[str, int | None]) -> dict[str, int]:
    """All options with their values, checked against the table of C."""
    values = {
        name: _option(_tables.OPTIONS[name], value) for name, value in given.items()
    }
    if values["min_age"] > values["max_age"]:
        raise ValueError("min_age is above max_age: no token could be right")
    needed = _frames.room(values["max_body"])
    if given["max_input"] is None:
        values["max_input"] = max(values["max_input"], needed)
    elif values["max_input"] < needed:
        raise ValueError(
            f"max_input is {values['max_input']} bytes, which max_body does not fit "
            f"in: leave it out, or give at least {needed}"
        )
    return values


def _option(option: _tables.Option, value: int | None) -> int:
    if value is None:
        return option.default
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(
            f"{option.name} is a whole number ({option.unit}), not "
            f"{type(value).__name__}"
        )
    if not option.least <= value <= option.most:
        raise ValueError(
            f"{option.name} is {value} {option.unit}: it may be {option.least} to "
            f"{option.most}"
        )
    return value
