"""What goes into a row comes out of it: every value, through the real column types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.approval import Vote
from bot.domain.delivery import Attempt, Delivery, PartProgress
from bot.domain.message import Action, Button, Field, Message, Target
from bot.domain.post import Json, Link, Media, Part, PartRole, Post, Variant, variant_from_json
from bot.domain.records import Card, Notice, Version
from bot.ports import NewDelivery
from bot.store.columns import from_micros, storable, to_micros
from bot.store.mapping import variant_to_row
from bot.store.tables import metadata
from bot.store.tx import SqlTx
from bot.store.upserts import upserts
from bot.testing.clock import START

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
NUMBERS = st.integers(min_value=0, max_value=2**53)
SMALL = st.integers(min_value=0, max_value=2**31 - 1)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
OPTIONS = st.dictionaries(WORDS, JSON, max_size=3)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-11))])
INSTANTS = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001

MEDIA = st.builds(Media, sha256=WORDS, name=WORDS, mime=WORDS, size=NUMBERS, width=SMALL, alt=WORDS)
LINKS = st.builds(Link, url=WORDS, title=WORDS, description=WORDS, image=st.none() | MEDIA)
PARTS = st.builds(
    Part,
    text=WORDS,
    media=st.lists(MEDIA, max_size=2).map(tuple),
    options=OPTIONS,
    role=st.sampled_from(PartRole),
    after=SMALL,
    link=st.none() | LINKS,
)
VARIANTS = st.builds(
    Variant,
    account=WORDS,
    platform=WORDS,
    parts=st.lists(PARTS, min_size=1, max_size=3).map(tuple),
    options=OPTIONS,
)
TARGETS = st.builds(Target, chat=WORDS, channel=WORDS, thread=st.none() | SMALL)
ACTIONS = st.builds(Action, verb=WORDS, kind=WORDS, id=NUMBERS, version=SMALL)
MESSAGES = st.builds(
    Message,
    text=WORDS,
    title=WORDS,
    status=WORDS,
    fields=st.lists(st.builds(Field, name=WORDS, value=WORDS), max_size=2).map(tuple),
    image=st.none() | WORDS.map(Path),
    buttons=st.lists(st.builds(Button, label=WORDS, action=ACTIONS, asks=WORDS), max_size=2).map(tuple),
    footer=WORDS,
    private=st.booleans(),
)
PROGRESS = st.builds(
    PartProgress,
    index=st.integers(0, 9),
    ref=JSON,
    url=st.none() | WORDS,
    out_at=st.none() | INSTANTS,
    checkpoint=OPTIONS,
    checkpoint_expires=st.none() | INSTANTS,
)
DELIVERIES = st.builds(
    Delivery,
    id=st.just(0),
    post_id=st.just(0),
    brand=st.just("acme"),
    account=WORDS,
    platform=WORDS,
    variant=VARIANTS,
    fingerprint=WORDS,
    version=SMALL,
    due=st.none() | INSTANTS,
    wake_at=st.none() | INSTANTS,
    fence=NUMBERS,
    lease_until=st.none() | INSTANTS,
    lease_owner=st.none() | WORDS,
    tries=SMALL,
    checks=SMALL,
    reason=WORDS,
    parts=st.lists(PROGRESS, max_size=3, unique_by=lambda p: p.index).map(
        lambda ps: tuple(sorted(ps, key=lambda p: p.index))
    ),
)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def tx() -> Iterator[SqlTx]:
    """A transaction on an empty database in memory; hypothesis' examples share it."""
    from sqlalchemy.dialects.sqlite import insert

    engine = sa.create_engine("sqlite+pysqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield SqlTx(connection, upserts(insert, row_locks=False))
    engine.dispose()


def post_of(tx: SqlTx) -> Post:
    post = Post(id=0, brand="acme", author="a", brief="b", wish="w", version=1, created_at=START)
    return tx.posts.add(post, ())[0]


def delivery_of(tx: SqlTx, variant: Variant) -> Delivery:
    from bot.domain.delivery import State

    new = NewDelivery(variant=variant, fingerprint="", state=State.DRAFT, due=None, wake_at=None)
    return tx.deliveries.add(post_of(tx), new)


@QUICK
@given(value=DELIVERIES)
def test_a_delivery_comes_back(tx: SqlTx, value: Delivery) -> None:
    first = delivery_of(tx, replace(value.variant, account=value.account, platform=value.platform))
    value = replace(value, id=first.id, post_id=first.post_id)
    assert tx.deliveries.save(value, fence=0)
    for part in value.parts:
        tx.deliveries.save_part(first.id, part)
    assert tx.deliveries.get(first.id) == value


@QUICK
@given(
    value=st.builds(
        Version,
        post_id=st.just(0),
        number=SMALL,
        author=WORDS,
        at=INSTANTS,
        wish=WORDS,
        variants=st.lists(VARIANTS, max_size=2).map(tuple),
    )
)
def test_a_version_comes_back(tx: SqlTx, value: Version) -> None:
    value = replace(value, post_id=post_of(tx).id)
    tx.posts.add_version(value)
    assert tx.posts.versions(value.post_id) == (value,)


@QUICK
@given(
    value=st.builds(
        Vote,
        delivery_id=st.just(0),
        member=WORDS,
        fingerprint=WORDS,
        version=SMALL,
        at=INSTANTS,
        reason=WORDS,
    ),
    variant=VARIANTS,
)
def test_a_vote_comes_back(tx: SqlTx, value: Vote, variant: Variant) -> None:
    delivery = delivery_of(tx, variant)
    value = replace(value, delivery_id=delivery.id)
    tx.votes.put(value)
    assert tx.votes.of_post(delivery.post_id) == (value,)


@QUICK
@given(
    value=st.builds(
        Attempt,
        id=st.just(0),
        delivery_id=st.just(0),
        part=SMALL,
        fence=st.just(1),
        key=st.just(""),
        started_at=INSTANTS,
        deadline=INSTANTS,
        request_hash=WORDS,
        ref=JSON,
        error=WORDS,
    ),
    variant=VARIANTS,
)
def test_an_attempt_comes_back(tx: SqlTx, value: Attempt, variant: Variant) -> None:
    delivery = delivery_of(tx, variant)
    mine = tx.deliveries.take_over(delivery.id, fence=0, now=START, owner="me", lease=timedelta(1))
    assert mine is not None
    from bot.domain.delivery import State

    tx.deliveries.save(replace(mine, state=State.UNCONFIRMED), fence=1)
    kept = tx.attempts.open(replace(value, delivery_id=delivery.id, key=f"k{delivery.id}"), owner="me")
    assert kept == replace(value, id=kept.id, delivery_id=delivery.id, key=f"k{delivery.id}")
    assert tx.attempts.of_delivery(delivery.id) == (kept,)


@QUICK
@given(
    value=st.builds(
        Card,
        id=st.just(0),
        post_id=st.just(0),
        target=TARGETS,
        ref=st.none() | WORDS,
        wanted=SMALL,
        painted=SMALL,
        tries=SMALL,
    )
)
def test_a_card_comes_back(tx: SqlTx, value: Card) -> None:
    kept = tx.cards.add(replace(value, post_id=post_of(tx).id))
    assert kept == replace(value, id=kept.id, post_id=kept.post_id)
    assert tx.cards.of_post(kept.post_id) == (kept,)


@QUICK
@given(
    value=st.builds(
        Notice,
        id=st.just(0),
        key=st.just("k"),
        target=TARGETS,
        message=MESSAGES,
        brand=WORDS,
        post_id=st.none() | NUMBERS,
        delivery_id=st.none() | NUMBERS,
        to=st.none() | WORDS,
        tries=SMALL,
    )
)
def test_a_notice_comes_back(tx: SqlTx, value: Notice) -> None:
    tx.notices.forget("")
    assert tx.notices.put(value)
    kept = tx.notices.due(START, limit=1000)[-1]
    assert kept == replace(value, id=kept.id)
    tx.notices.sent(kept.id, "m")


@given(variant=VARIANTS)
def test_a_variant_is_written_so_that_the_domain_reads_it(variant: Variant) -> None:
    assert variant_from_json(json.loads(json.dumps(variant_to_row(variant)))) == variant


@given(instant=INSTANTS)
def test_an_instant_keeps_its_microseconds(instant: datetime) -> None:
    back = from_micros(to_micros(instant))
    assert back == instant
    assert back.tzinfo is UTC


@given(text=st.text())
def test_what_is_storable_stays_and_the_rest_becomes_so(text: str) -> None:
    kept = storable(text)
    kept.encode()
    assert "\0" not in kept
    assert storable(kept) == kept
    if "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text):
        assert kept == text


@pytest.mark.parametrize(("given_", "kept"), [("a\0b", "a\ufffdb"), ("é\0", "é\ufffd"), ("\ud83d!", "?!")])
def test_what_no_database_holds_is_replaced(given_: str, kept: str) -> None:
    assert storable(given_) == kept


def test_every_column_of_words_is_storable(tx: SqlTx) -> None:
    post: Any = replace(post_of(tx), brief="a\0\ud83d")
    kept, _ = tx.posts.add(post, ())
    found = tx.posts.get(kept.id)
    assert found is not None
    assert found.brief == "a\ufffd?"
