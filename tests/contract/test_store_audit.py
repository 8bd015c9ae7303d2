"""The chained trail on both databases: written at the end of a unit, one chain for each brand."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.chain import START, Link, cut_off, follow
from bot.domain.records import AuditEntry
from bot.errors import StoreError
from bot.services.trail import prove
from bot.store import SqlStore, open_store
from bot.testing.clock import START as NOON
from tests.contract.conftest import Opener
from tests.contract.test_store_schema import engine_of


def entry(number: int = 0, *, brand: str = "acme", **changes: Any) -> AuditEntry:
    values = {"at": NOON + timedelta(seconds=number), "brand": brand, "who": "bob", "what": "yes"}
    return AuditEntry(**{**values, "facts": {"n": number, "text": "ø\0"}, **changes})


async def add(store: SqlStore, *entries: AuditEntry) -> None:
    def unit(tx: Any) -> None:
        for one in entries:
            tx.audit.add(one)

    await store.write(unit)


async def test_what_is_added_is_chained_for_each_brand(store: SqlStore) -> None:
    await add(store, entry(1), entry(2, brand="globex"), entry(3))
    await add(store, entry(4))
    acme = await store.read(lambda tx: tx.audit.chain("acme", after=0, limit=9))
    globex = await store.read(lambda tx: tx.audit.chain("globex", after=0, limit=9))
    heads = await store.read(lambda tx: tx.audit.heads())
    assert [row.entry.facts["n"] for row in acme] == [1, 3, 4]
    assert [row.seq for row in (*acme, *globex)] == [1, 2, 3, 1]
    assert follow(acme) == ((), heads["acme"])
    assert follow(globex) == ((), heads["globex"])
    assert acme[0].prev == globex[0].prev == START.hash


async def test_what_people_wrote_is_proven_as_it_is_kept(store: SqlStore) -> None:
    """A database cannot keep NUL or half a surrogate pair; the hash is over what it kept."""
    await add(
        store, entry(1, who="b\0b", what="said \ud800", facts={"reason": "\0 \ud800 ✓", "at": [1, None]})
    )
    assert (await prove(store, "acme")).sound


async def test_a_unit_that_fails_leaves_no_entry_and_no_gap(store: SqlStore) -> None:
    def fails(tx: Any) -> None:
        tx.audit.add(entry(1))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.write(fails)
    await asyncio.gather(add(store, entry(2)), store_fails(store, fails), add(store, entry(3)))
    rows = await store.read(lambda tx: tx.audit.chain("acme", after=0, limit=9))
    assert sorted(row.entry.facts["n"] for row in rows) == [2, 3]
    assert follow(rows)[0] == ()


async def store_fails(store: SqlStore, unit: Any) -> None:
    with pytest.raises(ValueError, match="no"):
        await store.write(unit)


async def test_many_writers_at_once_make_one_chain(opener: Opener, url: str) -> None:
    """Two programs on PostgreSQL; entries of several brands in one unit in any order."""
    stores = [await opener(), await opener()] if "postgres" in url else [await opener()]
    await asyncio.gather(
        *(
            add(stores[n % len(stores)], *(entry(n, brand=b) for b in (("a", "b") if n % 2 else ("b", "a"))))
            for n in range(60)
        )
    )
    for brand in ("a", "b"):
        proof = await prove(stores[0], brand)
        assert (proof.entries, proof.faults) == (60, ())


CHANGES = {
    "who": ("UPDATE audit SET who = 'mallory' WHERE seq = 3", "entry 3 was changed"),
    "facts": ("UPDATE audit SET facts = '{}' WHERE seq = 1", "entry 1 was changed"),
    "another-brand": ("UPDATE audit SET brand = 'elsewhere' WHERE seq = 2", "entry 2 is missing"),
    "middle": ("DELETE FROM audit WHERE seq IN (2, 3)", "entries 2 to 3 are missing"),
    "end": ("DELETE FROM audit WHERE seq > 3", "entries 4 to 5 are missing"),
    "all": ("DELETE FROM audit WHERE seq > 0", "entries 1 to 5 are missing"),
    "places": (
        "UPDATE audit SET seq = CASE seq WHEN 2 THEN 103 ELSE 102 END WHERE seq IN (2, 3)",
        "entries 2 to 3 are missing",
    ),
    "head": ("UPDATE audit_heads SET seq = 4 WHERE seq = 5", "entry 5 is not the one that was written last"),
    "no-head": ("DELETE FROM audit_heads WHERE seq = 5", "entry 5 is not the one that was written last"),
}


async def test_whoever_lifts_the_guard_and_meddles_is_found(store: SqlStore, url: str) -> None:
    await add(store, *(entry(n, brand=brand) for brand in (*CHANGES, "untouched") for n in range(5)))
    assert all([(await prove(store, brand)).sound for brand in CHANGES])
    with engine_of(url).begin() as connection:
        if connection.dialect.name == "sqlite":
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER audit_no_{verb}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER audit_only_grows")
        for brand, (change, _) in CHANGES.items():
            connection.exec_driver_sql(f"{change} AND brand = '{brand}'")
    for brand, (_, told) in CHANGES.items():
        proof = await prove(store, brand)
        assert not proof.sound, brand
        assert told in proof.faults[0], brand
    assert (await prove(store, "untouched")).sound


async def test_entries_from_before_the_chain_are_chained(url: str) -> None:
    """A database of the version before, with a trail of its own, comes out proven and still guarded."""
    store = await open_store(url)
    await add(store, entry(1), entry(2), entry(3, brand="globex"))
    await store.aclose()
    with engine_of(url).begin() as connection:
        _back_to_the_first(connection)
    store = await open_store(url)
    for brand, many in (("acme", 2), ("globex", 1)):
        proof = await prove(store, brand)
        assert (proof.entries, proof.faults) == (many, ())
    await add(store, entry(4))
    assert (await prove(store, "acme")).entries == 3
    rows, heads = await store.read(lambda tx: (tx.audit.chain("acme", after=2, limit=1), tx.audit.heads()))
    assert cut_off(Link(seq=rows[0].seq, hash=rows[0].hash), heads["acme"]) is None
    await store.aclose()
    with pytest.raises(sa.exc.DBAPIError, match="only grows"), engine_of(url).begin() as connection:
        connection.exec_driver_sql("UPDATE audit SET who = 'nobody'")


def _back_to_the_first(connection: sa.Connection) -> None:
    """Everything that the second schema added is taken away again, the rows stay."""
    kept = connection.exec_driver_sql(
        "SELECT id, at, brand, who, what, post_id, delivery_id, facts FROM audit"
    ).all()
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        names = (
            connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'table'").scalars().all()
        )
        for name in names:
            connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{name}"')
    else:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    from alembic import command
    from alembic.config import Config

    from bot.store.schema import SCHEMA

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCHEMA.folder))
    command.upgrade(config, "0001")
    for row in kept:
        connection.execute(
            sa.text(
                "INSERT INTO audit VALUES (:id, :at, :brand, :who, :what, :post_id, :delivery_id, :facts)"
            ),
            dict(row._mapping),
        )
    if not sqlite:
        connection.exec_driver_sql("SELECT setval('audit_id_seq', 100)")


async def test_a_read_cannot_add(store: SqlStore) -> None:
    with pytest.raises(StoreError, match="only allowed to read"):
        await store.read(lambda tx: tx.audit.add(entry(1)))
    assert await store.read(lambda tx: tx.audit.chain("acme", after=0, limit=9)) == ()
    await add(store, entry(2))
    rows = await store.read(lambda tx: tx.audit.chain("acme", after=0, limit=9))
    assert [row.entry.facts["n"] for row in rows] == [2]


async def test_no_two_entries_have_one_place(store: SqlStore, url: str) -> None:
    await add(store, entry(1))
    with pytest.raises(sa.exc.DBAPIError), engine_of(url).begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit (at, brand, who, what, facts, seq, prev, hash)"
            " VALUES (1, 'acme', 'mallory', 'yes', '{}', 1, '', '')"
        )
