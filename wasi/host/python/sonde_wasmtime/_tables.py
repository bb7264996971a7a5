"""The tables that C owns, read from its own .def files so that nothing is
said twice: options, reasons, statuses."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from . import _files


class Option(NamedTuple):
    """A line of signed_options.def; its id is its place."""

    id: int
    name: str
    default: int
    least: int
    most: int
    unit: str
    meaning: str


class Reason(NamedTuple):
    """A line of signed_reasons.def: why a submission was rejected."""

    code: str
    http_status: int
    field: str | None
    text: str


_ENTRY = re.compile(r"^SONDE_\w+\((.*)\)$", re.MULTILINE)


def _rows(name: str) -> list[list[str | int]]:
    path = _files.find(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not in the package: install it again")
    entries = _ENTRY.findall(path.read_text(encoding="utf-8"))
    # an entry is a bare name, then numbers and strings as JSON writes them
    return [json.loads(re.sub(r"^(\w+)", r'["\1"', entry) + "]") for entry in entries]


def _options() -> dict[str, Option]:
    found = {}
    for place, row in enumerate(_rows("signed_options.def")):
        name, default, least, most, unit, meaning = row
        option = Option(
            place,
            str(name),
            int(default),
            int(least),
            int(most),
            str(unit),
            str(meaning),
        )
        found[option.name] = option
    return found


def _reasons() -> dict[str, Reason]:
    return {
        str(code): Reason(str(code), int(status), str(field) or None, str(text))
        for code, status, field, text in _rows("signed_reasons.def")
    }


OPTIONS = _options()
REASONS = _reasons()
# number -> (name, what to do about it)
STATUSES = {
    int(number): (str(name), str(text))
    for name, number, text in _rows("sonde_status.def")
}
STATUS = {name: number for number, (name, _) in STATUSES.items()}


def status_text(status: int) -> str:
    """A status and its remedy, for people."""
    name, text = STATUSES.get(status, (str(status), "unknown status"))
    return f"{name}: {text}"
