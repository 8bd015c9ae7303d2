"""The tokens of one connected account: good when asked for, renewed once however many ask.

A refresh token of a rotating kind works once, so two things must never happen: that it is shown
twice at the same time, and that the answer is used before it is on the disk. Inside a process
everybody waits for the same flight; between processes a lease on the row decides (compare and
set on its version). The intent is committed before the platform is asked and the new pair before
anybody gets it. A process that dies in between leaves ``refreshing`` with a lease; whoever comes
after the lease shows the old token once more, which is the only way to find out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.config import Secret
from bot.domain.grant import Grant, GrantState
from bot.errors import AppMisconfigured, AuthExpired, KeyLost, PublishError, RateLimited, Transient
from bot.ports import Clock, Keep, Log, OAuth, Seal, Store, Tx
from bot.services.exchange import ACCESS, REFRESH, Exchange, Granted, Unanswered

LEASE = timedelta(seconds=60)
"""Longer than a call to the token endpoint may take, so that a lease that ended is a caller that died."""

LATER = timedelta(seconds=30)
"""After an answer that got lost, or a platform in trouble, the next try comes no sooner."""

TRUSTED = timedelta(seconds=5)
"""How long what was read from the database is used without looking again: another process may have
connected the account anew."""

LOOK_AGAIN, PATIENCE = 0.2, 20.0
"""Seconds between two looks while another process asks the platform, and how long that goes on."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A grant with its secrets, as this process has them in memory."""

    grant: Grant
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    read_at: datetime

    def trusted(self, now: datetime) -> bool:
        """Not what is lost: it may have been connected anew a moment ago."""
        young = timedelta() <= now - self.read_at < TRUSTED
        return young and self.grant.state is not GrantState.LOST

    def left(self, now: datetime) -> timedelta:
        """How much longer the access token is good; very long when the platform did not say."""
        return timedelta(days=3650) if self.grant.expires_at is None else self.grant.expires_at - now


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The row with our lease. ``doubtful``: an earlier answer is missing, the token may be used already."""

    row: Grant
    doubtful: bool


class GrantTokens:
    """Implements `bot.ports.Tokens` for one account; close it before the store and the client.

    ``owner`` is this process in leases, ``way_out`` what a person runs to connect it again.
    """

    def __init__(
        self,
        account: str,
        *,
        title: str,
        way_out: str,
        store: Store,
        clock: Clock,
        vault: Seal,
        oauth: OAuth,
        exchange: Exchange | None,
        log: Log,
        owner: str,
        keep: Keep,
        lease: timedelta = LEASE,
    ) -> None:
        self._account, self._title, self._way_out = account, title, way_out
        self._store, self._clock, self._vault, self._log = store, clock, vault, log
        self._oauth, self._exchange = oauth, exchange
        self._owner, self._keep, self._lease = owner, keep, lease
        self._held: Held | None = None
        self._flight: asyncio.Future[Held] | None = None

    async def bearer(self) -> str:
        held, now = await self._current(), self._clock.now()
        if held.grant.state is GrantState.LOST:
            raise self._lost()
        left = held.left(now)
        alive = left > timedelta()
        if left > self._oauth.margin or (alive and not self._may_renew(held, now)):
            return held.access
        if not held.refresh:
            raise AuthExpired(f"{self._title}'s consent for this account has run out. {self._reconnect()}")
        try:
            return (await self._renew(held)).access
        except (Transient, RateLimited, AppMisconfigured) as error:
            if not alive:
                raise
            self._log.warning("renewal_failed", account=self._account, error=str(error), detail=error.detail)
            return held.access

    async def renewed(self, refused: str) -> str:
        held = await self._current(fresh=True)
        if held.access != refused and held.grant.state is not GrantState.LOST:
            return held.access
        if not held.refresh or held.grant.state is GrantState.LOST:
            raise self._lost()
        return (await self._renew(held)).access

    async def scopes(self) -> frozenset[str]:
        return frozenset((await self._current()).grant.scopes)

    async def aclose(self) -> None:
        """Let a renewal that is under way land: its answer is worth more than a quick end."""
        if self._flight is not None:
            await asyncio.gather(self._flight, return_exceptions=True)

    def _may_renew(self, held: Held, now: datetime) -> bool:
        """While the token is good: not what cannot be renewed, nor again what may have worked already.

        Showing a used refresh token may end all tokens of its family, the good one included.
        """
        return bool(held.refresh) and held.grant.state is GrantState.GOOD and not held.grant.leased(now)

    async def _current(self, *, fresh: bool = False) -> Held:
        now, held = self._clock.now(), self._held
        if held is not None and not fresh and held.trusted(now):
            return held
        grant = await self._store.read(lambda tx: tx.grants.get(self._account))
        if grant is None:
            raise AuthExpired(f"This account is not connected. {self._reconnect()}")
        return self._open(grant)

    def _open(self, grant: Grant) -> Held:
        now, held = self._clock.now(), self._held
        if held is not None and (held.grant.serial, held.grant.sealed) == (grant.serial, grant.sealed):
            self._held = replace(held, grant=grant, read_at=now)
            return self._held
        try:
            values = self._vault.unseal(grant.sealed)
        except KeyLost:
            values = {}
        if values.get("account") != self._account or not values.get(ACCESS):
            raise AuthExpired(cannot_open(self._title, self._way_out))
        self._learn(values)
        self._held = Held(grant=grant, access=values[ACCESS], refresh=values.get(REFRESH, ""), read_at=now)
        return self._held

    def _learn(self, values: Mapping[str, str]) -> None:
        for name in (ACCESS, REFRESH):
            if values.get(name):
                self._keep(Secret(values[name]))

    async def _renew(self, seen: Held) -> Held:
        """Join the flight of this process, or start it. Being cancelled does not cancel the flight."""
        if self._flight is None or self._flight.done():
            self._flight = asyncio.shield(self._fly(seen))
        return await asyncio.shield(self._flight)

    async def _fly(self, seen: Held) -> Held:
        began = self._clock.monotonic()
        while True:
            turn = await self._store.write(lambda tx: self._take(tx, seen))
            if turn is not None and turn.row.serial != seen.grant.serial:
                return self._open(turn.row)
            if turn is not None:
                return await self._ask(turn, seen.refresh)
            if self._clock.monotonic() - began > PATIENCE:
                raise Transient(f"{self._title}'s access is being renewed elsewhere; trying again soon.")
            await self._clock.sleep(LOOK_AGAIN)

    def _take(self, tx: Tx, seen: Held) -> Turn | None:
        """Our turn to ask, or the row of a pair that somebody else has got; None to wait."""
        now, row = self._clock.now(), tx.grants.get(self._account)
        if row is None or row.state is GrantState.LOST:
            raise self._lost()
        doubtful = row.state is GrantState.REFRESHING
        if row.serial != seen.grant.serial:
            return Turn(row=row, doubtful=doubtful)
        if row.leased(now):
            if row.lease_owner is None:
                raise Transient(f"{self._title} could not renew this account yet; trying again soon.")
            return None
        mine = replace(
            row,
            state=GrantState.REFRESHING,
            lease_owner=self._owner,
            lease_until=now + self._lease,
            updated_at=now,
        )
        return Turn(row=mine, doubtful=doubtful) if tx.grants.save(mine) else None

    async def _ask(self, turn: Turn, refresh: str) -> Held:
        """The one call, and what its answer means for the row."""
        row = turn.row
        try:
            granted = await self._granted(row, refresh)
        except PublishError as caught:
            error = caught
            await self._store.write(lambda tx: self._set_down(tx, turn, error))
            if not isinstance(error, AuthExpired):
                raise
            theirs = await self._current(fresh=True)
            if theirs.grant.serial != row.serial:
                return theirs
            self._log.warning("grant_lost", account=self._account, detail=error.detail, twice=turn.doubtful)
            raise self._lost() from None
        return await self._land(row, granted, refresh)

    async def _granted(self, row: Grant, refresh: str) -> Granted:
        if self._exchange is None:
            raise AppMisconfigured(
                f"{self._title} renews nothing without the app's client id; set it and start me again."
            )
        if row.lease_until is None or self._clock.now() > row.lease_until - self._exchange.takes:
            raise Transient("This computer slept just then; trying again soon.")
        return await self._exchange.refresh(row.app, refresh)

    def _set_down(self, tx: Tx, turn: Turn, error: PublishError) -> None:
        """Nothing new: the tokens stay as they are, whatever went wrong.

        ``lost`` only when the platform says so. After an answer that is missing the row stays
        ``refreshing``, because the platform may have renewed it and nobody knows.
        """
        now, known = self._clock.now(), tx.grants.get(self._account)
        if known is None or known.serial != turn.row.serial or known.lease_owner != self._owner:
            return
        state = GrantState.GOOD
        until: datetime | None = now + LATER
        if isinstance(error, AuthExpired):
            state, until = GrantState.LOST, None
        elif isinstance(error, Unanswered) or turn.doubtful:
            state = GrantState.REFRESHING
        if isinstance(error, RateLimited):
            until = max(error.until, now + LATER)
        tx.grants.save(replace(known, state=state, lease_owner=None, lease_until=until, updated_at=now))

    async def _land(self, row: Grant, granted: Granted, refresh: str) -> Held:
        """Committed before anybody uses it, and whatever became of the lease: it is the newest there is."""
        values = granted.values(self._account, refresh=refresh)
        self._learn(values)
        while True:
            sealed = self._vault.seal(values)
            done = await self._store.write(lambda tx, sealed=sealed: self._put(tx, row, granted, sealed))  # type: ignore[misc]  # mypy infers no lambda with a default
            if done is not None:
                return self._open(done)

    def _put(self, tx: Tx, row: Grant, granted: Granted, sealed: str) -> Grant | None:
        """The row with the new pair, or with another one that somebody connected meanwhile; None to
        try again, because it changed, perhaps its key."""
        now, known = self._clock.now(), tx.grants.get(self._account)
        if known is None:
            raise self._lost()
        if known.serial != row.serial:
            return known
        fresh = replace(
            known,
            sealed=sealed,
            serial=known.serial + 1,
            state=GrantState.GOOD,
            expires_at=granted.expires_at(now),
            refresh_expires_at=granted.refresh_expires_at(now) or known.refresh_expires_at,
            scopes=granted.scopes or known.scopes,
            lease_owner=None,
            lease_until=None,
            updated_at=now,
        )
        return fresh if tx.grants.save(fresh) else None

    def _lost(self) -> AuthExpired:
        why = "its access was revoked or has run out"
        return AuthExpired(f"{self._title} no longer accepts this account: {why}. {self._reconnect()}")

    def _reconnect(self) -> str:
        return f"Run `{self._way_out}`."


def cannot_open(title: str, way_out: str) -> str:
    """The sentence about a grant that no key opens."""
    return (
        f"What {title} granted this account cannot be opened: its key is not here, or the entry is "
        f"damaged. Bring the key back and start me again, or run `{way_out}`."
    )
