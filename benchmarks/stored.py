"""A bot on a database that holds a lot, made the quick way."""

from __future__ import annotations

import contextlib
import io
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import App, build, make_log
from bot.chat.console import Console
from bot.clock import SystemClock
from bot.config import Config
from bot.config.load import AccountConfig
from bot.domain.delivery import State
from bot.domain.people import Brand, Policy, Role
from bot.domain.post import Part, Post, Variant, fingerprint
from bot.ports import NewDelivery, Store, Tx
from bot.registry import load

BRAND = "acme"
PLATFORM = "demo-own-key"
WISH = "now"
AWAY = timedelta(days=30)
"""How far ahead what is only stored lies."""


def account_names(count: int) -> list[str]:
    return [f"account-{number:03}" for number in range(count)]


async def _no_line() -> str | None:
    return None


def _console(first: int) -> Console:
    return Console(read_line=_no_line, write=io.StringIO().write, first_ref=first)


@asynccontextmanager
async def bot_on(folder: Path, accounts: Sequence[str], url: str) -> AsyncIterator[App]:
    """The bot as it runs in production, but its accounts are on the platform at ``url``.

    Its brand asks nobody, and its posts have no cards.
    """
    brand = Brand(
        name=BRAND,
        channels=("console:main",),
        roles={Role.ADMIN: ("alice",)},
        policy=Policy(mode="none"),
    )
    rows = tuple(
        AccountConfig(name=name, brand=BRAND, platform=PLATFORM, table={"base_url": url, "name": name})
        for name in accounts
    )
    log = make_log(io.StringIO())
    async with build(
        Config(path=folder / "config.toml", brands=(brand,), accounts=rows),
        clock=SystemClock(),
        env={},
        chats=[_console],
        log=log,
        registry=load(log=log, builtins="bot.testing.platforms", entry_points=()),
    ) as app:
        yield app


async def put(store: Store, dues: Sequence[tuple[str, str, datetime]]) -> None:
    """Store posts on the bot's own road: account, text and due time of each."""
    size = 250
    for start in range(0, len(dues), size):
        await store.write(lambda tx, some=dues[start : start + size]: _put(tx, some))  # type: ignore[misc]  # bound at once


def _put(tx: Tx, dues: Sequence[tuple[str, str, datetime]]) -> None:
    for account, text, due in dues:
        variant = Variant(account=account, platform=PLATFORM, parts=(Part(text=text),))
        post = Post(id=0, brand=BRAND, author="alice", brief=text, wish=WISH, version=1, created_at=due)
        signed = fingerprint(variant, WISH)
        row = NewDelivery(variant=variant, fingerprint=signed, state=State.SCHEDULED, due=due, wake_at=due)
        tx.posts.add(post, [row])


async def store_many(store: Store, file: Path, accounts: Sequence[str], many: int) -> None:
    """Store ``many`` posts that are due in a month, by copying one per account inside the database."""
    due = datetime.now(UTC) + AWAY
    await put(store, [(name, f"Some day, from {name}", due) for name in accounts])
    multiply(file, templates=len(accounts), many=many)


def multiply(file: Path, *, templates: int, many: int, apart: timedelta = timedelta(seconds=1)) -> None:
    """Copy the first posts of a database until it holds ``many``, each due ``apart`` after the one before."""
    later = f"n * {apart // timedelta(microseconds=1)}"
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA synchronous = OFF")
        for table, changes in (
            ("posts", {"id": "n"}),
            (
                "deliveries",
                {"id": "n", "post_id": "n", "due": f"t.due + {later}", "wake_at": f"t.wake_at + {later}"},
            ),
        ):
            names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            columns = ", ".join(f'"{name}"' for name in names)
            values = ", ".join(changes.get(name, f't."{name}"') for name in names)
            database.execute(
                f"WITH RECURSIVE s(n) AS (SELECT {templates + 1}"
                f" UNION ALL SELECT n + 1 FROM s WHERE n < {many})"
                f" INSERT INTO {table} ({columns}) SELECT {values} FROM s"
                f" CROSS JOIN {table} t ON t.id = (s.n - 1) % {templates} + 1"
            )
            database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
