"""The store and one transaction in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.domain.approval import Vote
from bot.domain.chain import Chained, Link
from bot.domain.delivery import Attempt, AttemptState, Delivery, PartProgress, State
from bot.domain.platform import Ref
from bot.domain.post import Post, Variant
from bot.domain.records import (
    AccountState,
    AuditEntry,
    Group,
    Halt,
    Identity,
    Reminder,
    Request,
    Version,
)
from bot.domain.series import CalendarEntry, EntryKind, Series

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class NewDelivery:
    """A delivery about to be written; its id comes from the database."""

    variant: Variant
    fingerprint: str
    state: State
    due: datetime | None
    wake_at: datetime | None
    reason: str = ""
    rule: str | None = None
    wall: datetime | None = None
    zone: str | None = None


class Posts(Protocol):
    """Posts, their versions, and their deliveries."""

    def add(self, post: Post, deliveries: Sequence[NewDelivery]) -> tuple[Post, tuple[Delivery, ...]]:
        """Write a new post; the ``id`` given is ignored and the real one returned."""

    def get(self, post_id: int) -> Post | None: ...
    def latest(self, brand: str, states: Iterable[State] | None = None) -> Post | None:
        """The newest post of the brand, with a delivery in one of ``states`` if given."""

    def save(self, post: Post) -> None:
        """Overwrite brief, wish and version."""

    def add_version(self, version: Version) -> None: ...
    def versions(self, post_id: int) -> tuple[Version, ...]: ...
    def lock(self, post_id: int) -> None:
        """Nobody else decides about this post until the transaction ends; SQLite has one writer anyway."""


class Deliveries(Protocol):
    """The ledger's first table. Only `save` with the newest fence changes a state."""

    def add(self, post: Post, new: NewDelivery) -> Delivery: ...
    def get(self, delivery_id: int) -> Delivery | None: ...
    def of_post(self, post_id: int) -> tuple[Delivery, ...]:
        """One for each account, by id: of a recurring post the occurrence that counts now
        (`bot.domain.series.current`)."""

    def series(self, post_id: int) -> tuple[Delivery, ...]:
        """Everything of a post that is not final, and the last occurrence of each account."""

    def walls(self, post_id: int, account: str, after: datetime) -> tuple[datetime, ...]:
        """Wall times of an account's occurrences, later than the wall time ``after``."""

    def drop(self, delivery_id: int, *, fence: int) -> bool:
        """Forget a planned occurrence that nothing has happened to; False when something has."""

    def unfinished(self, brand: str | None = None, limit: int = 200) -> tuple[Delivery, ...]:
        """Everything that is not final, by due time."""

    def waiting_accounts(self, now: datetime) -> tuple[str, ...]:
        """Accounts with at least one row whose ``wake_at`` has come."""

    def next_wake(self, after: datetime | None = None) -> datetime | None:
        """The first ``wake_at`` there is, or the first one later than ``after``."""

    def claim(
        self, account: str, *, now: datetime, owner: str, lease: timedelta, limit: int
    ) -> tuple[Delivery, ...]:
        """Take due ``scheduled`` rows of one account, oldest due first: state ``publishing``,
        fence + 1, lease and owner set, ``wake_at`` = end of the lease."""

    def take_over(
        self, delivery_id: int, *, fence: int, now: datetime, owner: str, lease: timedelta
    ) -> Delivery | None:
        """Claim one row whatever its state, if its fence is still ``fence``."""

    def waking(
        self, account: str, now: datetime, states: Iterable[State], limit: int = 50
    ) -> tuple[Delivery, ...]:
        """Rows of an account in ``states`` whose ``wake_at`` has come, by due time."""

    def leased_by_others(self, owner: str) -> tuple[Delivery, ...]:
        """Rows some other owner holds; an embedded engine takes them over at start."""

    def lock(self, delivery_id: int) -> int:
        """Its newest fence, which stays so until the transaction ends: nobody takes it over meanwhile."""

    def save(self, delivery: Delivery, *, fence: int, was: State | None = None) -> bool:
        """Write state, times, tries, reason and variant, if the row's fence is ``fence``; else False.

        ``was``: and if its state is still that. Whoever does not hold a lease has to say so, because
        people and sweeps move a delivery without a new fence.
        """

    def advance(self, delivery: Delivery) -> bool:
        """Write where it stands, not what it says, if the row's fence is still its own; else False.

        For whoever holds the lease: every post goes through here, and its bytes do not change.
        """

    def save_part(self, delivery_id: int, part: PartProgress) -> None:
        """Write one part's progress, unconditionally: a known success is never thrown away."""

    def pressing(self, now: datetime) -> int:
        """How many rows are due, in flight or being checked (a halted brand's scheduled rows are not)."""

    def late(self, now: datetime, *, before: datetime, limit: int = 500) -> tuple[Delivery, ...]:
        """``scheduled`` rows whose ``wake_at`` has come and which were due before ``before``."""

    def dues(
        self, account: str, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[datetime, ...]:
        """Instants at which an account's unfinished deliveries are due, in order, within both bounds."""

    def between(self, since: datetime, until: datetime) -> tuple[Delivery, ...]:
        """Everything due within both bounds, whatever became of it, by due time."""

    def pull_wakes(self, account: str, at: datetime) -> int:
        """Wake an account's scheduled rows that are due by ``at`` but sleep longer; returns how many.

        Not those that sleep after a failed try: their gap was promised to the platform."""

    def rouse(self, now: datetime) -> int:
        """Wake what is due by ``now``, in flight or in doubt, and sleeps longer; returns how many."""

    def set_wakes(self, account: str, *, before: datetime, until: datetime, reason: str) -> tuple[int, ...]:
        """The platform makes an account wait: scheduled rows that would wake before ``before``
        sleep on to ``until``, for ``reason``. Returns the posts concerned."""


class Attempts(Protocol):
    """The ledger's second table: one row before each irreversible call."""

    def open(self, attempt: Attempt, *, owner: str) -> Attempt:
        """Write a ``calling`` row and count its price; raises `Conflict` when the part has an open one."""

    def close(self, attempt_id: int, state: AttemptState, *, ref: Ref | None = None, error: str = "") -> None:
        """Write the outcome down. What came to nothing costs nothing, whatever it was before."""

    def of_delivery(self, delivery_id: int) -> tuple[Attempt, ...]: ...


class Votes(Protocol):
    def put(self, vote: Vote) -> None:
        """One person has one vote per delivery: the newer replaces the older."""

    def drop(self, delivery_id: int, member: str) -> None: ...
    def of_post(self, post_id: int) -> tuple[Vote, ...]: ...


class Accounts(Protocol):
    """What lives about accounts beside their configuration: health and waits."""

    def sync(self, accounts: Sequence[AccountState]) -> None:
        """Insert what is new and clear the health of what was there: a start is a new try."""

    def get(self, name: str) -> AccountState | None: ...
    def stopped(self, name: str, brand: str, now: datetime) -> bool:
        """Whether anything keeps it from sending: its brand's halt, its health, a wait. Asked before
        every call, so that it costs one statement."""

    def all(self) -> tuple[AccountState, ...]: ...
    def save(self, account: AccountState) -> None: ...


class Rules(Protocol):
    """Which posts recur, and when the next occurrence of each has to be made."""

    def put(self, series: Series) -> None: ...
    def get(self, post_id: int) -> Series | None: ...
    def due(self, now: datetime, limit: int = 100) -> tuple[Series, ...]:
        """Those whose ``look_at`` has come, earliest first."""

    def next_look(self) -> datetime | None: ...
    def active(self, brand: str | None = None) -> tuple[Series, ...]:
        """Those that have occurrences to come beyond what is planned."""


class Calendars(Protocol):
    """Slots and days off that were added in a chat."""

    def add(self, entry: CalendarEntry) -> bool:
        """False when it was there before."""

    def remove(self, brand: str, kind: EntryKind, text: str) -> bool: ...
    def of_brand(self, brand: str) -> tuple[CalendarEntry, ...]: ...


class Halts(Protocol):
    def put(self, halt: Halt) -> None: ...
    def lift(self, brand: str) -> bool: ...
    def active(self, brand: str) -> Halt | None: ...


class Audit(Protocol):
    """The trail that only grows, a chain for each brand. Entries are written at the end of the unit."""

    def add(self, entry: AuditEntry) -> None: ...
    def of_post(self, post_id: int) -> tuple[AuditEntry, ...]: ...
    def chain(self, brand: str, *, after: int, limit: int) -> tuple[Chained, ...]:
        """Entries of a brand behind place ``after``, in their places' order."""

    def recent(self, brand: str, limit: int) -> tuple[Chained, ...]:
        """The newest entries of a brand, oldest first."""

    def heads(self) -> Mapping[str, Link]:
        """Where each brand's chain ends, as its last writer noted; its start where nobody did."""


class Reminders(Protocol):
    """Requests for approval that wait, and what was done to speed them up, once for each step."""

    def open(self, before: datetime, *, after: int = 0, limit: int = 200) -> tuple[Request, ...]:
        """What is in review and was asked about until ``before``, by delivery id from ``after`` on."""

    def of_post(self, post_id: int) -> tuple[Reminder, ...]: ...
    def called(self, post_id: int, fingerprint: str) -> tuple[str, ...]:
        """Whom a request was escalated to."""

    def note(
        self, post_id: int, fingerprint: str, step: str, at: datetime, called: Sequence[str] = ()
    ) -> None: ...
    def clear(self, post_id: int, fingerprint: str) -> None:
        """People are asked anew: everything may be done again."""


class People(Protocol):
    """Who the users of the chat services are, and who is in their groups."""

    def get(self, chat: str, user_id: str) -> Identity | None: ...
    def all(self) -> tuple[Identity, ...]: ...
    def of_member(self, member: str) -> tuple[Identity, ...]: ...
    def see(self, identity: Identity) -> None:
        """Keep what the service tells about somebody; who it is stays as it was."""

    def bind(self, chat: str, user_id: str, member: str, at: datetime, *, was: str = "") -> None:
        """From now on that user is ``member``; an empty one takes the binding away, and ``was`` says
        from whom."""

    def known_as(self, names: Collection[str]) -> tuple[str, ...]:
        """Those of ``names`` under which somebody wrote, voted, was called in or kept something."""

    def rename(self, old: str, new: str) -> None:
        """What ``old`` wrote and decided is ``new``'s; where both voted, the newer vote is the one."""

    def void(self, member: str) -> None:
        """Take back what somebody decided about every post that has something still to go out."""

    def put_link(self, code: str, chat: str, user_id: str, expires_at: datetime) -> None:
        """``code`` (a hash) proves for a while to be that user; an earlier one of theirs ends."""

    def take_link(self, code: str, now: datetime) -> tuple[str, str] | None:
        """The chat and user behind a code, once; None when there is none, or not any more."""

    def groups(self) -> tuple[Group, ...]: ...
    def keep_group(self, group: Group) -> None: ...


class Meta(Protocol):
    """Single values that outlive a process: the simulated mark, the console's counters."""

    def get(self, key: str) -> str | None: ...
    def settle(self, key: str, value: str) -> str:
        """The value from now on: the one there is, else ``value``. All processes are told the same."""

    def put(self, key: str, value: str) -> None: ...
