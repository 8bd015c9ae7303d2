"""Our sentences with commands as they are typed in Slack: `/queue` is `/clarion queue` there. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.chat.wording import is_card
from bot.commands import all_commands
from bot.domain.message import Field, Message

COMMAND = "/clarion"
NAMED = re.compile(
    rf"(?<![\w/.:>)\]])/(?=(?:{'|'.join(sorted(c.name for c in all_commands()))})\b(?![/\-\w]|\.\w))"
)


def spoken(message: Message, command: str = COMMAND) -> Message:
    """The message with the commands that it names behind ``command``. The text of a card is a post's
    own, which stays as it is."""

    def typed(text: str) -> str:
        return NAMED.sub(f"{command} ", text) if "/" in text else text

    return replace(
        message,
        text=message.text if is_card(message) else typed(message.text),
        fields=tuple(Field(name=typed(row.name), value=typed(row.value)) for row in message.fields),
        footer=typed(message.footer),
    )
