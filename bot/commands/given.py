"""What somebody wrote into a form that came to nothing: it has left their screen, so it is given back."""

from __future__ import annotations

from bot.domain.marks import unmarked
from bot.domain.message import Inbound, Reaction

WORTH = 40
"""Characters of one value that nobody wants to write twice."""


def given_back(said: Inbound) -> str:
    """To be put behind the words for what is wrong; empty where nothing of length was written."""
    if isinstance(said, Reaction) or not said.values:
        return ""
    texts = [
        unmarked(value)
        for value in said.values.values()
        if isinstance(value, str) and (len(value) > WORTH or "\n" in value.strip())
    ]
    return "\n\n".join(["", "You wrote:", *texts]) if texts else ""
