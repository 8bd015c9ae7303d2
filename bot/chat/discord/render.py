"""A neutral message as Discord's JSON. Pure.

A card is an embed, coloured by its state, with rows of buttons under it; a few words are plain
content. Limits: docs.discord.com/developers, resources/message. Nobody is pinged but by ``mentions``:
``allowed_mentions`` forbids everything else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.chat.discord.buttons import rows_of
from bot.chat.discord.markdown import length, length_of, sentence
from bot.chat.wording import (
    Rendering,
    Run,
    first_words,
    fit,
    is_card,
    look_of,
    row_runs,
    runs_of,
    short,
    tidy,
    units,
    whole_of,
)
from bot.domain.message import Message

CONTENT, TITLE, DESCRIPTION, EMBED, AUTHOR, FOOTER = 2_000, 256, 4_096, 6_000, 256, 800
FIELDS, NAME, VALUE, MENTIONS = 25, 256, 1_024, 50
MEMBER = re.compile(r"[0-9]{5,20}")
BLANK = "\u200b"
"""What stands for nothing where Discord wants something."""

Part = dict[str, Any]


def render(message: Message) -> Rendering:
    """``payload`` has ``content``, ``embeds``, ``components`` and ``allowed_mentions``, each also when
    it is empty, so that an edit leaves nothing of what was there before."""
    people = _people(message)
    said = [*people, *runs_of(message.text)]
    embeds, whole = list[Part](), ""
    if is_card(message) or length_of(said) > CONTENT:
        embed, cut = _embed(message)
        said, embeds, whole = people, [embed], whole_of(message) if cut else ""
    elif not sentence(said).strip():
        said = _stand_in(message)
    return Rendering(payload=_payload(message, said, embeds), whole=whole)


def simplified(message: Message) -> Rendering:
    """The same as words alone, for when Discord refuses the embed; no button is lost."""
    words = whole_of(message) or first_words(message)
    kept, cut = fit([*_people(message), *runs_of(words)], CONTENT, length)
    return Rendering(payload=_payload(message, kept, []), whole=words if cut else "")


def _people(message: Message) -> list[Run]:
    names = [name for name in dict.fromkeys(message.mentions) if MEMBER.fullmatch(name)][:MENTIONS]
    return [run for name in names for run in (Run(text=name, user=True), Run(text=" "))]


def _payload(message: Message, said: Sequence[Run], embeds: list[Part]) -> Part:
    return {
        "content": sentence(said).strip(),
        "embeds": embeds,
        "components": rows_of(message.buttons),
        "allowed_mentions": {"parse": [], "users": [run.text for run in said if run.user]},
    }


def _stand_in(message: Message) -> list[Run]:
    return fit([Run(text=first_words(message))], CONTENT, length)[0]


def _embed(message: Message) -> tuple[Part, bool]:
    """The card, and whether something of it had to be left out. Rows come before the body: what is
    sent stands in the thread too, how things are only here."""
    look = look_of(message.status)
    status = short(f"{look.glyph} {message.status}", AUTHOR) if message.status.strip() else ""
    footer = short(message.footer, FOOTER)
    title, cut = _title(message)
    cut |= units(tidy(message.footer)) > FOOTER or units(tidy(message.status)) > AUTHOR - 3
    room = EMBED - units(status) - units(title) - units(footer)
    body, fields = runs_of(message.text), _fields(message)
    least = min(length_of(body), room // 4)
    used = sum(units(field["name"]) + units(field["value"]) for field in fields or ())
    if fields is None or used > room - least:
        fields, used = None, 0
        most = min(room, DESCRIPTION)
        rows, rows_cut = fit(row_runs(message, most), most - least - 2, length)
        body, body_cut = fit(body, most - length_of(rows) - 2, length)
        body = [*body, Run(text="\n\n" if body else ""), *rows]
        cut |= rows_cut or body_cut
    else:
        body, body_cut = fit(body, min(room - used, DESCRIPTION), length)
        cut |= body_cut
    parts: Part = {
        "author": {"name": status} if status else None,
        "title": title,
        "description": sentence(body).strip(),
        "fields": fields,
        "footer": {"text": footer} if footer else None,
    }
    shown = {key: value for key, value in parts.items() if value}
    return {"color": look.colour, **(shown or {"description": sentence(_stand_in(message))})}, cut


def _title(message: Message) -> tuple[str, bool]:
    words, cut = fit([Run(text=" ".join(tidy(message.title).split()))], TITLE, length)
    return sentence(words), cut


def _fields(message: Message) -> list[Part] | None:
    """Rows as fields of their own; None where one is too long for that, where there are too many, and
    where a name is a link or an instant, which Discord shows in lines only."""
    fields: list[Part] = []
    for row in message.fields:
        called = runs_of(" ".join(row.name.split()))
        name, value = sentence(called), sentence(runs_of(row.value))
        if units(name) > NAME or units(value) > VALUE or not all(run.words for run in called):
            return None
        if name.strip() or value.strip():
            fields.append({"name": name.strip() or BLANK, "value": value.strip() or BLANK, "inline": False})
        if len(fields) > FIELDS:
            return None
    return fields
