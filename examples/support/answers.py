"""What a browser is told: wire-formats.md, section 3. JSON for JSON, small
pages for form posts. All that a person typed is escaped."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl

from sonde_wasmtime import Reason

RENDER_TOKEN = "plain_connect_render_token"
# not sent again: the token gets old, and the check is a trap for bots
NOT_KEPT = {RENDER_TOKEN, "plain_connect_check", "name", "email", "message"}
MAX_FIELDS = 64

# What the reasons' own texts ask for (reload, another page) is done here: the
# page that tells of the refusal holds the form, with a new render token.
RENEWED = "The page was out of date and has been renewed. What you wrote is still here: please send it again."
NOT_OURS = "We cannot tell whether this comes from one of our own pages. If you wrote it, please check it and send it again."
TEXTS = {
    **dict.fromkeys(
        ("render_stale", "render_future", "render_invalid", "render_missing", "render_replayed"),
        RENEWED,
    ),
    **dict.fromkeys(("origin_missing", "origin_null", "origin_not_allowed"), NOT_OURS),
}  # fmt: skip


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

# the same look as the page that the person comes from
STYLE = (Path(__file__).resolve().parent / "page/style.css").read_text("utf-8")
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="strict-origin-when-cross-origin">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
<main>
<h1>{title}</h1>
{main}
</main>
</html>
"""

REFUSED = """<form method="post" accept-charset="utf-8">
<div id="why" role="alert" class="sonde-support-alert">{text}</div>
{hidden}
{fields}
<button>Send again</button>
</form>"""


def page(status: int, title: str, main: str) -> Answer:
    text = PAGE.format(title=escape(title), style=STYLE, main=main)
    return Answer(status, "text/html; charset=utf-8", text.encode("utf-8", "replace"))


def accepted_page(target: str | None) -> Answer:
    if target is not None:
        return Answer(303, "text/plain", b"", target)
    thanks = "Your message has arrived; we answer by e-mail, usually within a day."
    return page(200, "Thank you", f'<p class="thanks">{thanks}</p>')


def refused_page(reason: Reason, body: bytes, render_token: str) -> Answer:
    """Says why, and keeps what the person typed in a form that can be sent
    again to the same address."""
    typed = typed_fields(body)
    hidden = [(RENDER_TOKEN, render_token)]
    hidden += [(key, value) for key, value in typed if key not in NOT_KEPT]
    values = dict(reversed(typed))  # the first one counts
    main = REFUSED.format(
        text=escape(TEXTS.get(reason.code, reason.text)),
        hidden="\n".join(hidden_input(*pair) for pair in hidden),
        fields="\n".join(
            visible_field(name, label, values.get(name, ""), reason.field)
            for name, label in (
                ("name", "Your name"),
                ("email", "E-mail"),
                ("message", "Your message"),
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
    start = f'<div class="field">\n<label for="{name}">{label}</label>\n'
    if name == "message":
        # the line end after the tag is not part of the text, one in it would be
        text = "\n" + escape(value)
        return f'{start}<textarea id="{name}" name="{name}" rows="7" required{wrongly}>{text}</textarea>\n</div>'
    kind = "email" if name == "email" else "text"
    return f'{start}<input id="{name}" type="{kind}" name="{name}" value="{escape(value)}"{wrongly}>\n</div>'
