"""What a terminal shows: the last messages, with their buttons and reactions."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.domain.message import Message, fold_emoji

REMEMBERED = 1000
"""Messages whose buttons and reactions are kept; older ones have scrolled away."""


@dataclass(kw_only=True)
class Shown:
    """A message on the screen. ``reactions`` is None when earlier ones are unknown."""

    message: Message
    reactions: list[tuple[str, str]] | None = field(default_factory=list)
    only_for: str = ""
    thread: int | None = None

    def shows(self, post: str) -> bool:
        """Whether it is about the post of that name ("P42")."""
        title = (self.message.title.split() or [""])[0]
        return post.casefold() in (title.casefold(), f"p{self.thread}")

    def react(self, emoji: str, user: str, *, added: bool) -> bool:
        """Put or take away a reaction; False when that changes nothing."""
        if self.reactions is None:
            return True
        wanted = (fold_emoji(emoji), user.casefold())
        others = [(e, who) for e, who in self.reactions if (fold_emoji(e), who.casefold()) != wanted]
        changed = added is (len(others) == len(self.reactions))
        self.reactions = [*others, (emoji, user)] if added else others
        return changed


class Screen:
    """Messages by ref, the one shown last at the end."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, Shown] = OrderedDict()

    def add(self, ref: str, shown: Shown) -> None:
        """Put a message at the bottom; the oldest are forgotten."""
        self._shown[ref] = shown
        while len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)

    def get(self, ref: str) -> Shown | None:
        return self._shown.get(ref)

    def again(self, ref: str) -> None:
        """The message was printed once more: it is the one shown last."""
        self._shown.move_to_end(ref)

    def pressable(self, user: str, post: str = "") -> tuple[str, Shown] | None:
        """The newest message with buttons that ``user`` may press, of ``post`` if it is named."""
        for ref, shown in reversed(self._shown.items()):
            mine = shown.only_for.casefold() in ("", user.casefold())
            if shown.message.buttons and mine and (not post or shown.shows(post)):
                return ref, shown
        return None

    def card(self, post: str = "") -> tuple[str, Shown] | None:
        """The newest card that everybody sees, of ``post`` if it is named."""
        for ref, shown in reversed(self._shown.items()):
            if shown.message.title and not shown.only_for and (not post or shown.shows(post)):
                return ref, shown
        return None
