"""What is to be said in chats, and what was heard there: rows that outlive a process."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.domain.message import Message, Target
from bot.domain.records import Card, Heard, Notice


class Cards(Protocol):
    """Which chat messages show which post, and whether they are up to date."""

    def add(self, card: Card) -> Card: ...
    def get(self, card_id: int) -> Card | None: ...
    def of_post(self, post_id: int) -> tuple[Card, ...]: ...
    def by_ref(self, chat: str, channel: str, ref: str) -> Card | None: ...
    def arriving(self, chat: str, channel: str) -> bool:
        """Whether a card may stand in a channel already, though its ref is not written down yet."""

    def touch(self, post_id: int) -> None:
        """The post changed: every card of it wants repainting."""

    def stale(self, now: datetime, limit: int = 50) -> tuple[Card, ...]: ...
    def take(self, now: datetime, *, until: datetime, limit: int = 50) -> tuple[Card, ...]:
        """As `stale`, and no other process is given them before ``until``."""

    def rouse(self, now: datetime) -> None:
        """What would be tried again later is tried at ``now``."""

    def channels(self, now: datetime) -> tuple[Target, ...]:
        """Where something is stale."""

    def stale_in(self, where: Target, now: datetime, limit: int) -> tuple[Card, ...]:
        """Those of one channel: what was never painted in its order, then the newest first."""

    def take_in(self, where: Target, now: datetime, *, until: datetime, limit: int) -> tuple[Card, ...]:
        """As `stale_in`, and no other process is given them before ``until``."""

    def rouse_in(self, chat: str, now: datetime, *, doubtful: bool) -> None:
        """What failed in a chat is tried at ``now``; what may have arrived only if ``doubtful``."""

    def trying(self, card_id: int, since: datetime) -> None:
        """It is about to be said for the first time; an instant that is there already stays."""

    def painted(self, card_id: int, *, rev: int, ref: str) -> None: ...
    def failed(self, card_id: int, *, not_before: datetime) -> None: ...
    def later(self, card_id: int, not_before: datetime, *, since: datetime | None) -> None:
        """It was surely not said, through no fault of its own. ``since``: of an earlier try."""


class Notices(Protocol):
    """The outbox: what must be said once, under its incident key."""

    def put(self, notice: Notice) -> bool:
        """Queue it; False when the key is already known (one incident, one message)."""

    def revise(self, key: str, message: Message) -> bool:
        """The incident has changed: its message is said like this, in place of what was said before.
        False when there is none of that key, or it says that already."""

    def due(self, now: datetime, limit: int = 50) -> tuple[Notice, ...]: ...
    def take(self, now: datetime, *, until: datetime, limit: int = 50) -> tuple[Notice, ...]:
        """As `due`, and no other process is given them before ``until``."""

    def rouse(self, now: datetime) -> None:
        """What would be tried again later is tried at ``now``."""

    def channels(self, now: datetime) -> tuple[Target, ...]:
        """Where something is due."""

    def due_in(self, where: Target, now: datetime, limit: int) -> tuple[Notice, ...]:
        """Those of one channel, in their order."""

    def take_in(self, where: Target, now: datetime, *, until: datetime, limit: int) -> tuple[Notice, ...]:
        """As `due_in`, and no other process is given them before ``until``."""

    def rouse_in(self, chat: str, now: datetime, *, doubtful: bool) -> None:
        """What failed in a chat is tried at ``now``; what may have arrived only if ``doubtful``."""

    def by_ref(self, chat: str, channel: str, ref: str) -> Notice | None: ...
    def of_key(self, key: str) -> Notice | None: ...
    def trying(self, notice_id: int, since: datetime) -> None:
        """It is about to be said for the first time; an instant that is there already stays."""

    def sent(self, notice_id: int, ref: str, *, message: Message | None = None) -> None:
        """It was said. With ``message``: unless something else is to be said by now."""

    def failed(self, notice_id: int, *, not_before: datetime) -> None: ...
    def later(self, notice_id: int, not_before: datetime, *, since: datetime | None) -> None:
        """It was surely not said, through no fault of its own. ``since``: of an earlier try."""

    def forget(self, key_prefix: str) -> None:
        """The incident is over: the same key may be used again."""


class Heards(Protocol):
    """What the chat services were told had arrived, by its key."""

    def first(self, heard: Heard) -> bool:
        """Write it down; False when its key was here before."""

    def done(self, key: str) -> None: ...
    def undone(self, before: datetime, limit: int = 100) -> tuple[Heard, ...]:
        """What arrived before that instant and was not finished, oldest first."""

    def take(self, key: str, *, was: str, owner: str) -> bool:
        """Make it ours, if it still belongs to ``was`` and is not done."""

    def forget(self, before: datetime) -> int:
        """Drop what is done and older than that; returns how many."""
