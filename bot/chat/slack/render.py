"""A neutral message as Slack's blocks. Pure.

Words are rich text, which Slack never reads as markup: what people wrote looks as they wrote it,
and nobody is pinged by it. Limits: docs.slack.dev/reference/block-kit; a whole message's blocks may be
refused from about 13,200 characters as JSON on (slackapi/bolt-js issues 2509, 2867).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.chat.slack.buttons import buttons_blocks
from bot.chat.slack.spoken import COMMAND, spoken
from bot.chat.wording import (
    Rendering,
    Run,
    first_words,
    fit,
    joined,
    look_of,
    pieces,
    row_runs,
    runs_of,
    short,
    tidy,
    unbold,
    units,
    whole_of,
)
from bot.domain.message import Message

WEIGHT = 12_000
"""Characters of all blocks as JSON; what is known to be refused begins above it."""
HOME_WEIGHT = 50_000
TITLE, SECTION, FOOTER, URL, TEXT = 150, 3_000, 600, 3_000, 3_000
PLAIN = 6_000
MARGIN = 100
MEMBER = re.compile(r"[UW][A-Z0-9]{2,}")
DATES = (datetime(2001, 9, 9, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
"""Ten digits at least, as Slack's date formatting asks for."""

COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Block = dict[str, Any]


def render(message: Message, *, command: str = COMMAND) -> Rendering:
    """``payload`` has ``text`` and ``blocks`` for chat.postMessage and chat.update; ``command`` is the
    slash command that the app was given."""
    message = spoken(message, command)
    blocks, cut = _blocks(message, WEIGHT)
    words = whole_of(message)
    return Rendering(
        payload={"text": _notice(words or first_words(message)), "blocks": blocks}, whole=words if cut else ""
    )


def home(message: Message, *, command: str = COMMAND) -> dict[str, Any]:
    """The same as a view for views.publish."""
    message = spoken(message, command)
    blocks, _ = _blocks(message, HOME_WEIGHT)
    return {"type": "home", "blocks": blocks}


def simplified(message: Message, *, command: str = COMMAND) -> Rendering:
    """The same in the plainest blocks there are, for when Slack refuses the others; no button is lost."""
    message = spoken(message, command)
    words = whole_of(message) or first_words(message)
    buttons = buttons_blocks(message.buttons, WEIGHT)
    kept, cut = fit([Run(text=words)], min(PLAIN, WEIGHT - weight(buttons) - 500), _cost)
    shown = ["".join(run.text for run in portion) for portion in pieces(kept, SECTION)]
    blocks: list[Block] = [{"type": "section", "text": _plain(text)} for text in shown if text.strip()]
    return Rendering(
        payload={"text": _notice(words), "blocks": [*blocks, *buttons]}, whole=words if cut else ""
    )


def fallback(message: Message) -> str:
    """The top-level ``text``: what notifications and screen readers say."""
    return _notice(whole_of(message) or first_words(message))


def _notice(words: str) -> str:
    while units(escaped(words)) > TEXT:
        words = words[: min(TEXT, len(words) * 9 // 10)].rstrip("…") + "…"
    return escaped(words)


def escaped(text: str) -> str:
    """Slack's three control characters as entities, so that a text cannot ping or link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def weight(value: Any) -> int:
    """Characters as JSON, how Slack's limit on a whole message is best met."""
    return units(COMPACT.encode(value))


@dataclass(frozen=True, kw_only=True)
class _Words:
    """The two texts of a card as far as they fit, and whether anything is gone."""

    body: Sequence[Run]
    rows: Sequence[Run]
    cut: bool


def _blocks(message: Message, room: int) -> tuple[list[Block], bool]:
    head, foot = _head(message), _foot(message)
    buttons = buttons_blocks(message.buttons, room - weight([*head, *foot]))
    left = room - weight([*head, *foot, *buttons]) - MARGIN
    blocks, cut, fields = list[Block](), False, row_runs(message, left)
    # what the texts weigh is an estimate until they stand in their blocks
    while not blocks or (weight(blocks) > room and left > MARGIN):
        words = _words(message, fields, left)
        body, rows = _rich(words.body), _rich(words.rows)
        between = [{"type": "divider"}] if body and rows else []
        blocks, cut = [*head, *body, *between, *rows, *foot, *buttons], words.cut
        if not (body or rows or head):
            blocks = [*_rich([Run(text=first_words(message)[:200])]), *blocks]
        left -= max(weight(blocks) - room, 0) + MARGIN
    title_cut = units(tidy(message.title)) > TITLE or units(tidy(message.footer)) > FOOTER
    return blocks, cut or title_cut


def _head(message: Message) -> list[Block]:
    title = short(message.title, TITLE)
    return [{"type": "header", "text": _plain(title)}] if title else []


def _foot(message: Message) -> list[Block]:
    words = short(message.footer, FOOTER)
    return [{"type": "context", "elements": [_plain(words)]}] if words else []


def _words(message: Message, rows: list[Run], room: int) -> _Words:
    """Rows come before the body: what is sent stands in the thread too, how things are only here."""
    body = [*_status(message), *runs_of(message.text)]
    if _cost_of(rows) > room * 3 // 4:
        rows = unbold(rows)
    least = min(_cost_of(body), room // 4)
    rows, rows_cut = fit(rows, room - least, _cost)
    body, body_cut = fit(body, room - _cost_of(rows), _cost)
    return _Words(body=body, rows=rows, cut=rows_cut or body_cut)


def _status(message: Message) -> list[Run]:
    """The state and who is meant, in a line of their own."""
    line: list[Run] = []
    if message.status.strip():
        glyph = look_of(message.status).glyph
        line += [Run(text=f"{glyph} " if glyph else ""), *runs_of(message.status, bold=True)]
    people = [name for name in message.mentions if MEMBER.fullmatch(name)]
    line += [part for name in people for part in (Run(text=" " if line else ""), Run(text=name, user=True))]
    body = message.text.strip()
    return joined([*line, Run(text=("\n" if message.status.strip() else " ") if line and body else "")])


def _rich(runs: Sequence[Run]) -> list[Block]:
    """Rich text of at most `SECTION` characters each."""
    return [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [element for run in portion for element in _elements(run)],
                }
            ],
        }
        for portion in pieces(runs, SECTION)
        if any(run.text.strip() for run in portion)
    ]


def _elements(run: Run) -> list[dict[str, Any]]:
    style: Mapping[str, Any] = {"style": {"bold": True}} if run.bold else {}
    if run.user:
        return [{"type": "user", "user_id": run.text}]
    if run.at is not None and DATES[0] <= run.at <= DATES[1]:
        clock = "{time_secs}" if re.search(r"\d:\d\d:\d\d", run.text) else "{time}"
        date = {
            "type": "date",
            "timestamp": int(run.at.timestamp()),
            "format": f"{{date_short_pretty}} {clock}",
            "fallback": run.text,
        }
        return [date, {"type": "text", "text": f" ({run.text})", **style}]
    if run.url and units(run.url) <= URL:
        return [{"type": "link", "url": run.url, "text": run.text, **style}]
    return [{"type": "text", "text": run.text, **style}]


def _cost(run: Run) -> int:
    """With what a block around every 3,000 characters weighs."""
    return weight(_elements(run)) + units(run.text) // 20


def _cost_of(runs: Sequence[Run]) -> int:
    return sum(map(_cost, runs))


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
