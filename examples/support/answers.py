"""What a browser is told: wire-formats.md, section 3. JSON for JSON, small
pages for form posts. All that a person typed is escaped."""

from __future__ import annotations

import json
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qsl

from sonde_wasmtime import Reason

RENDER_TOKEN = "plain_connect_render_token"
# not sent again: the token gets old, and the check is a trap for bots
NOT_KEPT = {RENDER_TOKEN, "plain_connect_check", "name", "email", "message"}
MAX_FIELDS = 64


class Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes
    location: str | None = None


def as_json(status: int, members: dict[str, object]) -> Answer:
    return Answer(status, "application/json", json.dumps(members).encode())


def refused_json(reason: Reason) -> Answer:
    members: dict[str, object] = {"ok": False, "error": reason.code}
    if reason.field is not None:
        members["field"] = reason.field
    return as_json(reason.http_status, members)


def accepted_json(conversation: str) -> Answer:
    return as_json(200, {"ok": True, "conversation": conversation})


# --- pages

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="strict-origin-when-cross-origin">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem }}
label, input, textarea {{ display: block; width: 100%; box-sizing: border-box }}
input, textarea {{ font: inherit; padding: .4rem; margin-bottom: 1rem }}
[aria-invalid] {{ border: 2px solid #b00020 }}
[role=alert] {{ border-left: 4px solid #b00020; padding-left: 1rem }}
button {{ font: inherit; padding: .4rem 1rem }}
</style>
<main>
<h1>{title}</h1>
{main}
</main>
</html>
"""

REFUSED = """<p id="why" role="alert">{text}</p>
<form method="post" accept-charset="utf-8">
{hidden}
{fields}
<button>Send again</button>
</form>"""


def page(status: int, title: str, main: str) -> Answer:
    text = PAGE.format(title=escape(title), main=main)
    return Answer(status, "text/html; charset=utf-8", text.encode("utf-8", "replace"))


def accepted_page(target: str | None) -> Answer:
    if target is not None:
        return Answer(303, "text/plain", b"", target)
    return page(200, "Thank you", "<p>We have your message and will answer soon.</p>")


def refused_page(reason: Reason, body: bytes, render_token: str) -> Answer:
    """Says why, and keeps what the person typed in a form that can be sent
    again to the same address."""
    typed = typed_fields(body)
    hidden = [(RENDER_TOKEN, render_token)]
    hidden += [(key, value) for key, value in typed if key not in NOT_KEPT]
    values = dict(reversed(typed))  # the first one counts
    main = REFUSED.format(
        text=escape(reason.text),
        hidden="\n".join(hidden_input(*pair) for pair in hidden),
        fields="\n".join(
            visible_field(name, label, values.get(name, ""), reason.field)
            for name, label in (
                ("name", "Name"),
                ("email", "E-mail"),
                ("message", "Message"),
            )
        ),
    )
    return page(reason.http_status, "Your message was not sent", main)


def typed_fields(body: bytes) -> list[tuple[str, str]]:
    """What was in the form, as far as it can be read."""
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        return []


def hidden_input(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def visible_field(name: str, label: str, value: str, wrong: str | None) -> str:
    wrongly = (
        ' aria-invalid="true" aria-describedby="why" autofocus' if wrong == name else ""
    )
    start = f'<label for="{name}">{label}</label>\n'
    if name == "message":
        # the line end after the tag is not part of the text, one in it would be
        text = "\n" + escape(value)
        return f'{start}<textarea id="{name}" name="{name}" rows="8" required{wrongly}>{text}</textarea>'
    return f'{start}<input id="{name}" name="{name}" value="{escape(value)}"{wrongly}>'
