"""Writing down what an account's owner has just allowed, and letting its posts go on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.grant import Grant
from bot.domain.platform import AccountInfo
from bot.domain.records import AccountState, AuditEntry, Health
from bot.domain.words import listed
from bot.errors import Conflict, KeyLost
from bot.ports import Clock, Seal, Store, Tx
from bot.services.exchange import REFRESH, Granted


@dataclass(frozen=True, kw_only=True)
class Joining:
    """An account about to be connected: where it belongs, by which ``app``, as whom, with what."""

    account: str
    brand: str
    platform: str
    title: str
    app: str
    granted: Granted
    info: AccountInfo
    asked: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Joined:
    """It is connected. ``waiting``: how many posts go on; ``notes``: what a person should know."""

    who: str
    waiting: int
    notes: tuple[str, ...]


async def grant(store: Store, vault: Seal, clock: Clock, joining: Joining, *, replace_owner: bool) -> Joined:
    """Seal and store it, clear the account's pause and wake its posts.

    Raises `Conflict` when the account belonged to another profile so far, unless ``replace_owner``.
    """
    while True:
        known = await store.read(lambda tx: tx.grants.get(joining.account))
        refresh = _kept(vault, joining, known)
        sealed = vault.seal(joining.granted.values(joining.account, refresh=refresh))
        fresh = _row(clock.now(), joining, known, sealed, renewable=bool(joining.granted.refresh or refresh))
        done = await store.write(lambda tx, fresh=fresh: _put(tx, joining, fresh, replace_owner))  # type: ignore[misc]  # mypy infers no lambda with a default
        if done is not None and await _opens(store, vault, joining.account):
            return done


def _kept(vault: Seal, joining: Joining, known: Grant | None) -> str:
    """The refresh token we have, where the same consent brings none: nothing empty replaces a secret."""
    if known is None or (known.subject, known.app) != (joining.info.id, joining.app):
        return ""
    try:
        return vault.unseal(known.sealed).get(REFRESH, "")
    except KeyLost:
        return ""


def _row(now: datetime, joining: Joining, known: Grant | None, sealed: str, *, renewable: bool) -> Grant:
    granted = joining.granted
    kept = known.refresh_expires_at if known and renewable and not granted.refresh else None
    return Grant(
        account=joining.account,
        platform=joining.platform,
        sealed=sealed,
        serial=known.serial + 1 if known else 1,
        version=known.version if known else 1,
        renewable=renewable,
        expires_at=granted.expires_at(now),
        refresh_expires_at=granted.refresh_expires_at(now) or kept,
        scopes=granted.scopes or joining.asked,
        subject=joining.info.id,
        app=joining.app,
        updated_at=now,
    )


async def _opens(store: Store, vault: Seal, account: str) -> bool:
    """False when the key that sealed it left in the same moment; then it is sealed once more."""
    row = await store.read(lambda tx: tx.grants.get(account))
    try:
        return row is not None and bool(vault.unseal(row.sealed))
    except KeyLost:
        return False


def _put(tx: Tx, joining: Joining, fresh: Grant, replace_owner: bool) -> Joined | None:
    known, now = tx.grants.get(joining.account), fresh.updated_at
    if known is not None and known.subject != fresh.subject and not replace_owner:
        raise Conflict(
            f"{joining.account} is connected as {known.subject}, and this would make it {fresh.subject}. "
            "If that is meant, run it again with --replace; else sign in to the other profile first."
        )
    if not (tx.grants.save(fresh) if known else tx.grants.add(fresh)):
        return None
    state = tx.accounts.get(joining.account) or AccountState(
        name=joining.account, brand=joining.brand, platform=joining.platform
    )
    tx.accounts.save(replace(state, health=Health.OK, why="", handle=joining.info.handle or state.handle))
    tx.notices.forget(f"account:{joining.account}:")
    tx.notices.forget(f"ends:{joining.account}:")
    tx.audit.add(
        AuditEntry(
            at=now,
            brand=joining.brand,
            who="terminal",
            what="connected",
            facts={"account": joining.account, "subject": joining.info.id},
        )
    )
    waiting = tx.deliveries.pull_wakes(joining.account, now)
    who = joining.info.handle or joining.info.title or joining.info.id
    return Joined(who=who, waiting=waiting, notes=_notes(tx, joining, fresh))


def _notes(tx: Tx, joining: Joining, fresh: Grant) -> tuple[str, ...]:
    notes = list(joining.info.notes)
    twins = [
        g
        for g in tx.grants.all()
        if (g.platform, g.subject) == (fresh.platform, fresh.subject) and g.account != fresh.account
    ]
    if twins:
        others = listed([g.account for g in twins])
        apps = "" if all(g.app == fresh.app for g in twins) else ", through two different apps"
        notes.append(
            f"{others} is the same profile on {joining.title}{apps}: a post to both would stand there twice."
        )
    missing = [scope for scope in joining.asked if scope not in fresh.scopes and scope != "offline.access"]
    if missing:
        notes.append(
            f"{joining.title} did not allow {listed(missing)}; what needs that will be refused. "
            "Add it to the app and connect again."
        )
    return tuple(notes)
