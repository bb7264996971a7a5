"""verify_many: the same verdicts as one by one, in order, lazily, in bounded
batches."""

from __future__ import annotations

import itertools
import random
from typing import Any, Callable, Iterator

import pytest
from conftest import FORM, JSON, NOW, ORIGIN
from sonde_wasmtime import Submission, Verifier

Make = Callable[..., bytes]


@pytest.fixture(scope="module")
def mixed(as_json: Make, as_form: Make) -> list[Submission]:
    """500 of all kinds and sizes, in an order that is always the same."""
    pick = random.Random(4)
    ways = [
        lambda n: Submission(
            as_json(message=f"m{n}" * pick.randrange(1, 900)), JSON, ORIGIN, None, NOW
        ),
        lambda n: Submission(as_form(message=f"é{n}"), FORM, ORIGIN, "plain_sf_x", NOW),
        lambda n: Submission(as_json(plain_connect_check="x"), JSON, ORIGIN, None, NOW),
        lambda n: Submission(as_json(email=f"{n}"), JSON, ORIGIN, None, NOW),
        lambda n: Submission(as_json(), JSON, None, None, NOW),
        lambda n: Submission(pick.randbytes(n), FORM, ORIGIN, None, NOW + n),
        lambda n: Submission(b"x" * 70_000, FORM, ORIGIN, None, NOW),
        lambda n: Submission(b"%01" * 20_000, FORM, ORIGIN, None, NOW),
        lambda n: Submission("", None, None, "", 0.0),
    ]
    return [pick.choice(ways)(n) for n in range(500)]


@pytest.mark.parametrize("batch", [1, 7, 256, 10_000])
def test_same_as_one_by_one(
    verifier: Verifier, mixed: list[Submission], batch: int
) -> None:
    expected = [
        verifier.verify(
            s.body, s.content_type, s.origin, endpoint=s.endpoint, now=s.now
        )
        for s in mixed
    ]
    assert list(verifier.verify_many(mixed, batch=batch)) == expected
    assert len({one.verdict for one in expected}) == 3


def test_output_that_does_not_fit_at_once(as_json: Make) -> None:
    """Verdicts that are six times their bodies: the module stops when `out` is
    full, and goes on with the rest."""
    verifier = Verifier((), max_body=4096)
    body = b"message=" + b"%01" * 1300
    one = Submission(body, FORM, None)
    verdicts = list(verifier.verify_many([one] * 600, batch=600))
    assert [v.message for v in verdicts] == ["\x01" * 1300] * 600


def test_lazy(verifier: Verifier, as_json: Make) -> None:
    taken = 0

    def endless() -> Iterator[Submission]:
        nonlocal taken
        for taken in itertools.count(1):
            yield Submission(as_json(name=str(taken)), JSON, ORIGIN, None, NOW)

    many = verifier.verify_many(endless(), batch=10)
    assert taken == 0
    assert [next(many).name for _ in range(25)] == [str(n) for n in range(1, 26)]
    assert taken == 30


def test_none_and_one(verifier: Verifier, as_json: Make) -> None:
    assert list(verifier.verify_many([])) == []
    one = Submission(as_json(), JSON, ORIGIN, None, NOW)
    assert [v.accepted for v in verifier.verify_many(iter([one]))] == [True]


def test_any_tuple(verifier: Verifier, as_json: Make) -> None:
    plain: Any = [(as_json(), JSON, ORIGIN, None, NOW)]
    assert [v.accepted for v in verifier.verify_many(plain)] == [True]


def test_several_at_once_on_one_verifier(verifier: Verifier, as_json: Make) -> None:
    """No instance is held between two verdicts."""
    one = Submission(as_json(), JSON, ORIGIN, None, NOW)
    first = verifier.verify_many([one] * 20, batch=2)
    second = verifier.verify_many([one] * 20, batch=3)
    assert sum(a.accepted + b.accepted for a, b in zip(first, second)) == 40


def test_an_error_of_the_iterable_comes_through(
    verifier: Verifier, as_json: Make
) -> None:
    def broken() -> Iterator[Submission]:
        yield Submission(as_json(), JSON, ORIGIN, None, NOW)
        raise OSError("the file is gone")

    with pytest.raises(OSError, match="gone"):
        list(verifier.verify_many(broken(), batch=1))


@pytest.mark.parametrize(
    ("items", "error", "told"),
    [
        ([{"message": "x"}], TypeError, "submission 0"),
        ([b"message=x"], TypeError, "submission 0"),
        ([(b"", JSON)], TypeError, "submission 0"),
        ([Submission(None, JSON, ORIGIN)], TypeError, "body"),  # type: ignore[arg-type]
        ([Submission(b"", b"x", ORIGIN)], TypeError, "content_type"),  # type: ignore[arg-type]
        ([Submission(b"", JSON, ORIGIN, None, "now")], TypeError, "now"),  # type: ignore[arg-type]
        ([Submission(b"", JSON, ORIGIN, None, -1)], ValueError, "now"),
        (5, TypeError, "iterable"),
    ],
)
def test_what_is_no_submission(
    verifier: Verifier, items: Any, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        list(verifier.verify_many(items))


def test_batch_of_none(verifier: Verifier) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        verifier.verify_many([], batch=0)
