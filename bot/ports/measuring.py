"""What was read about published posts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.snapshot import AccountCount, Snapshot, Watch


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A live delivery with the newest numbers that are known of it."""

    watch: Watch
    snapshot: Snapshot
    flags: frozenset[str] = frozenset()


class Snapshots(Protocol):
    """Which deliveries are looked at, and everything that was read about them."""

    def watch(self, watch: Watch) -> bool:
        """Begin to look at a delivery that has come out; False when that had begun before."""

    def watched(self, delivery_id: int) -> Watch | None: ...
    def unwatched(self, limit: int) -> tuple[int, ...]:
        """Live deliveries that nobody has begun to look at, as after an upgrade of the database."""

    def due_accounts(self, now: datetime) -> tuple[str, ...]:
        """Accounts with at least one delivery to look at by ``now``."""

    def due(self, now: datetime) -> int:
        """How many deliveries wait to be looked at."""

    def claim(self, account: str, *, owner: str, now: datetime, until: datetime, alone: bool = False) -> bool:
        """Only ``owner`` reads the account up to ``until``, unless it gives it back or claims it again.

        False when somebody else does. ``alone``: no other process works on the database, so whoever
        claimed it before is dead.
        """

    def release(self, account: str, owner: str) -> None:
        """Whoever comes next may read the account."""

    def ready(self, account: str, now: datetime, limit: int) -> tuple[Watch, ...]:
        """Those whose look has come, the longest due first."""

    def plan(self, watch: Watch) -> None:
        """Write down when to look next, with ``tries``, ``missing`` and ``ended``."""

    def put_off(self, account: str, until: datetime) -> int:
        """Nothing of the account is looked at before ``until``; returns how many wait."""

    def put(self, snapshots: Sequence[Snapshot]) -> int:
        """Keep what was read; how many were new. A second of a delivery is kept once."""

    def get(self, snapshot_id: int) -> Snapshot | None: ...
    def latest(self, ids: Collection[int]) -> Mapping[int, Snapshot]:
        """The newest numbers of these deliveries; ``gone`` says whether it still exists."""

    def of(self, delivery_id: int, since: datetime | None = None) -> tuple[Snapshot, ...]:
        """Everything that was read about a delivery, in order of time."""

    def readings(
        self,
        brand: str | None = None,
        *,
        accounts: Collection[str] | None = None,
        since: datetime | None = None,
        after: tuple[datetime, int] | None = None,
        limit: int | None = None,
    ) -> tuple[Reading, ...]:
        """The newest numbers of every delivery that has some, by when it came out, perhaps only since.

        ``limit`` of them at most, ``after`` the one that came out then and has that id: a page at a time.
        """

    def any_of(self, account: str) -> bool:
        """Whether anything of the account is looked at."""

    def watches(self, brand: str, account: str | None = None) -> tuple[Watch, ...]:
        """Everything that is or was looked at, by when it came out."""

    def series(self, ids: Collection[int], since: datetime | None = None) -> tuple[Snapshot, ...]:
        """Everything that was read about these deliveries, one after the other, each in order of time."""

    def flag(self, post_id: int, flag: str, account: str = "") -> None:
        """Note a flag of `bot.domain.outcomes.FLAGS` on a post, for all its accounts or one."""

    def unflag(self, post_id: int, flag: str, account: str = "") -> None:
        """Take such a note away."""

    def flags(self, post_ids: Collection[int]) -> Mapping[int, frozenset[tuple[str, str]]]:
        """Flags of posts: pairs of flag and account, which is empty for all."""

    def count_account(self, count: AccountCount) -> None:
        """Keep how many follow an account; the last word of a day stays."""

    def account_counts(self, account: str, since: str = "") -> tuple[AccountCount, ...]:
        """By day, from the local day ``since`` on."""
