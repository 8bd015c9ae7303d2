"""What was announced, once, and what people do not want to hear for a while."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.alarms import Alert, Kind, Looked, Mute, Reached
from bot.domain.delivery import State
from bot.domain.post import Json


@dataclass(frozen=True, kw_only=True)
class Unlooked:
    """A delivery of which something was read that nobody has looked at; ``looked`` None: nothing ever was."""

    delivery_id: int
    post_id: int
    account: str
    platform: str
    out_at: datetime
    snapshot_id: int
    looked: Looked | None


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How a delivery that was due went: ``out_at`` is when its first part came out, None where none did."""

    delivery_id: int
    post_id: int
    account: str
    state: State
    due: datetime
    out_at: datetime | None
    platform_wait: bool


class Alerts(Protocol):
    """What was announced, once, and what people do not want to hear for a while."""

    def unlooked_accounts(self) -> tuple[str, ...]:
        """Accounts with such deliveries."""

    def unlooked(self, account: str | None = None, limit: int = 500) -> tuple[Unlooked, ...]:
        """Deliveries with newer numbers than were looked at."""

    def looked(self, delivery_id: int) -> Looked | None: ...
    def keep_looked(self, looked: Looked) -> None: ...
    def reach(self, reached: Reached, *, emitted: bool) -> bool:
        """Write a level down; False when it was reached before. ``emitted``: no plugin has to hear of it."""

    def reached(self, delivery_ids: Collection[int]) -> tuple[Reached, ...]:
        """Every level that these deliveries have reached, news or not, in order of time."""

    def reached_by(self, account: str, metric: str, level: int) -> tuple[Reached, ...]:
        """The deliveries of an account that reached a level while somebody was looking."""

    def unemitted(self, limit: int = 50) -> tuple[Reached, ...]: ...
    def emitted(self, reached: Reached) -> None: ...
    def put(self, alert: Alert) -> int | None:
        """Open an alert; its number, or None when its key is known or one like it is open."""

    def get(self, number: int) -> Alert | None: ...
    def of_key(self, key: str) -> Alert | None: ...
    def save(self, alert: Alert) -> None:
        """Write when it is due, was told and was closed, with its text, evidence and why it is held back."""

    def tell(self, number: int, at: datetime) -> bool:
        """Mark it as said; False when it was said already or is not to be said any more."""

    def open(self, brand: str, kinds: Collection[Kind] | None = None) -> tuple[Alert, ...]: ...
    def due(self, now: datetime, limit: int = 100) -> tuple[Alert, ...]:
        """Not said yet although it is time, oldest first."""

    def told(self, brand: str, since: datetime) -> tuple[Alert, ...]: ...
    def recent(self, brand: str, limit: int) -> tuple[Alert, ...]: ...
    def on_platform(self, platform: str, kinds: Collection[Kind], since: datetime) -> tuple[Alert, ...]:
        """Opened since then on a platform, whatever the brand."""

    def mute(self, mute: Mute) -> None: ...
    def unmute(self, brand: str, account: str, kind: str) -> bool: ...
    def mutes(self, brand: str, now: datetime) -> tuple[Mute, ...]: ...
    def usual(self, account: str) -> tuple[datetime, Mapping[str, Json] | None] | None:
        """When it was learned what is usual of an account, and what; None in it where too little is known."""

    def keep_usual(self, account: str, at: datetime, stats: Mapping[str, Json] | None) -> None: ...
    def unread(self, brand: str, tries: int) -> Mapping[str, tuple[int, datetime | None]]:
        """Accounts with deliveries that could not be read so often in a row: how many, and when anything of
        the account was read last."""

    def sent(self, brand: str, since: datetime, until: datetime) -> Sequence[Sent]:
        """What was due within both bounds, and how it went."""
