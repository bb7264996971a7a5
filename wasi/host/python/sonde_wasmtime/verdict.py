"""What goes in and what comes out: submissions and verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple, cast

from ._tables import REASONS, Reason

Kind = Literal["accept", "discard", "reject"]
Render = Literal[
    "ok", "too_fresh", "stale", "future", "invalid", "missing", "unverified"
]
Identity = Literal["ok", "absent", "invalid", "unconfigured"]


class Submission(NamedTuple):
    """A POST of a support form, for `Verifier.verify_many`."""

    body: bytes | bytearray | memoryview | str
    content_type: str | None
    """The header's value; None or "": there is none."""
    origin: str | None
    """The header's value; None: there is none."""
    endpoint: str | None = None
    """The endpoint's id in the URL; None: any."""
    now: float | None = None
    """When it came, in Unix seconds; None: when it is verified."""


class RenderCheck(NamedTuple):
    """What a render token is worth."""

    render: Render
    age_seconds: float | None
    """Its age, unless it is future, invalid, missing or unverified."""


# for a code that a newer module may know and the table of this package not
_UNKNOWN = Reason("", 422, None, "The form could not be accepted.")


# repr leaves out what a person wrote, so that logs of verdicts do not keep it
@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a submission. Only an accepted one has fields."""

    verdict: Kind
    """"discard" is a bot's: answer as if it were accepted, and keep nothing."""
    reason: str | None
    """Why it was rejected: a code of the table REASONS."""
    render: Render
    age_seconds: float | None
    user_id: str | None = field(repr=False)
    """Who is signed in, out of an identity token that holds; else None."""
    identity: Identity
    name: str | None = field(repr=False)
    email: str | None = field(repr=False)
    message: str | None = field(repr=False)
    form_slug: str | None
    next: str | None
    """Where to lead the browser: only what is on the allow-list."""
    extras: dict[str, str] = field(repr=False, hash=False)
    """All other fields, in the order of arrival."""

    @property
    def accepted(self) -> bool:
        """Whether to keep it."""
        return self.verdict == "accept"

    @property
    def http_status(self) -> int:
        """200, also for what is discarded; or the status of the refusal."""
        return 200 if self.reason is None else self._why.http_status

    @property
    def field(self) -> str | None:
        """The field that the refusal is about, if it is about one."""
        return None if self.reason is None else self._why.field

    @property
    def text(self) -> str:
        """What to tell the person of a refusal, in English; or ""."""
        return "" if self.reason is None else self._why.text

    @property
    def _why(self) -> Reason:
        return REASONS.get(self.reason or "", _UNKNOWN)


FIELDS = tuple(one.name for one in fields(Verdict))


@dataclass(slots=True)
class _Draft:
    """A verdict while it is made. A frozen dataclass sets each of its fields
    through object.__setattr__, which takes 3.4 µs for these twelve; setting
    them here and changing the class takes 1.0."""

    verdict: Kind
    reason: str | None
    render: Render
    age_seconds: float | None
    user_id: str | None
    identity: Identity
    name: str | None
    email: str | None
    message: str | None
    form_slug: str | None
    next: str | None
    extras: dict[str, str]


def make_verdict(members: dict[str, Any]) -> Verdict:
    """A verdict from its JSON object, whose members are FIELDS in order."""
    draft = _Draft(*members.values())
    draft.__class__ = Verdict  # type: ignore[assignment]
    return cast(Verdict, draft)
