"""Making files fit, one at a time, and putting a target before people once it is what will go out.

The rows say what is to be made; a crash anywhere leaves them as they were, and the next process makes
the same bytes again or finds them made. Nobody can approve before the last of them is in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.delivery import State
from bot.domain.post import Media, Post, Variant
from bot.domain.preparing import UNDER_WAY, Preparation, Stage, done_words
from bot.domain.records import Version
from bot.errors import BadInput, PublishError, StoreFull
from bot.ports import Studio, Tx
from bot.services.context import Services
from bot.services.drawing import draw_later
from bot.services.edit import apply_variant
from bot.services.fitting import beside, failure_words
from bot.services.history import drafted
from bot.services.preparing import end_here, preparations_of
from bot.services.recur import follow
from bot.services.reviewers import ask_reviewers
from bot.services.tell import audit, tell

SILENCE = timedelta(minutes=10)
"""How long a process may say nothing before another takes its work up; a long file reports far more often."""

PAINT = 3.0
"""Seconds between two repaints of a card."""

TRIES = 3
"""How often a file is begun; more often it is the file, or us, and a person is told."""


async def prepare(svc: Services) -> None:
    """Make everything that waits, one after the other."""
    studio = svc.studio
    if studio is not None and not svc.preparing:
        await svc.store.write(lambda tx: tx.preparations.put_back(svc.owner))  # a task of ours failed over it
    while studio is not None and not svc.engine.stopping:
        taken = await svc.store.write(lambda tx: _take(svc, tx))
        if taken is None:
            return
        if taken.stage is Stage.RUNNING:
            await _make(svc, studio, taken)


def _take(svc: Services, tx: Tx) -> Preparation | None:
    """The next one, begun; one that was begun too often is given up."""
    now = svc.clock.now()
    found = tx.preparations.next_due(now)
    if found is None:
        return None
    tx.cards.touch(found.post_id)
    if found.tries >= TRIES:
        tx.preparations.stop(found.id, Stage.FAILED, f"{found.need.source.name} broke off {TRIES} times")
        return replace(found, stage=Stage.FAILED)
    taken = tx.preparations.take(found.id, owner=svc.owner, now=now, until=now + SILENCE)
    return taken or replace(found, stage=Stage.WAITING)


async def _make(svc: Services, studio: Studio, taken: Preparation) -> None:
    began = svc.clock.monotonic()
    try:
        async with asyncio.timeout(None) as scope:
            svc.preparing[taken.id] = scope
            made = await _watched(svc, studio, taken)
    except TimeoutError:
        if not scope.expired():
            raise
        await svc.store.write(lambda tx: _left(svc, tx, taken))
        return
    except (BadInput, PublishError, StoreFull) as error:
        why = failure_words(taken.need.source, error)
        await svc.store.write(lambda tx: _failed(svc, tx, taken, why))
        return
    finally:
        svc.preparing.pop(taken.id, None)
    took = svc.clock.monotonic() - began
    await svc.store.write(lambda tx: _done(svc, tx, taken, made, took))
    await ask_reviewers(svc, taken.post_id)
    await draw_later(svc, taken.post_id)
    svc.wake()


@dataclass
class _Heard:
    """What the studio said last; ``over`` once it is done, one way or the other."""

    share: float = 0.0
    over: bool = False


async def _watched(svc: Services, studio: Studio, taken: Preparation) -> Media:
    """The rendition, while the row says how far it is."""
    loop, news, heard = asyncio.get_running_loop(), asyncio.Event(), _Heard()

    def told(share: float) -> None:
        heard.share = share
        loop.call_soon_threadsafe(news.set)

    async def fit() -> Media:
        try:
            return await studio.fit(taken.need.source, taken.need.plan, told=told)
        finally:
            heard.over = True
            news.set()

    async def report() -> None:
        shown, at = 0, svc.clock.monotonic()
        while True:
            await news.wait()
            news.clear()
            if heard.over:
                return
            if svc.engine.stopping:
                end_here(svc, taken.id)
            percent = min(99, int(heard.share * 100))
            if percent == shown or svc.clock.monotonic() - at < PAINT:
                continue
            shown, at = percent, svc.clock.monotonic()
            if not await svc.store.write(lambda tx, percent=percent: _step(svc, tx, taken, percent)):  # type: ignore[misc]  # mypy infers no lambda with a default
                end_here(svc, taken.id)

    made, told_of = await asyncio.gather(fit(), report(), return_exceptions=True)
    for outcome in (made, told_of):
        if isinstance(outcome, BaseException):
            raise outcome
    assert isinstance(made, Media)
    return made


def _step(svc: Services, tx: Tx, taken: Preparation, percent: int) -> bool:
    until = svc.clock.now() + SILENCE
    mine = tx.preparations.step(taken.id, owner=svc.owner, percent=percent, until=until)
    if mine:
        tx.cards.touch(taken.post_id)
    return mine


def _left(svc: Services, tx: Tx, taken: Preparation) -> None:
    """It was ended: by a person, whose word stands in the row, or because this process ends."""
    row = tx.preparations.get(taken.id)
    if row is not None and row.stage is Stage.RUNNING and row.owner == svc.owner:
        tx.preparations.put_back(svc.owner)
    tx.cards.touch(taken.post_id)


def _failed(svc: Services, tx: Tx, taken: Preparation, why: str) -> None:
    row = tx.preparations.get(taken.id)
    if row is None or row.stage not in UNDER_WAY:
        return
    tx.preparations.stop(taken.id, Stage.FAILED, why)
    delivery, post = tx.deliveries.get(taken.delivery_id), tx.posts.get(taken.post_id)
    tx.cards.touch(taken.post_id)
    if delivery is None or post is None:
        return
    audit(svc, tx, post.brand, "clarion", "not_prepared", delivery=delivery, facts={"reason": why})
    words = f"{post.name} on {delivery.account}: {why}. The others go on."
    tell(svc, tx, post, f"prepare:{taken.id}:{row.tries}", words, delivery=delivery, mentions=(post.author,))


def _done(svc: Services, tx: Tx, taken: Preparation, made: Media, took: float) -> None:
    """The rendition is there; every delivery that waited for it has it."""
    row = tx.preparations.get(taken.id)
    if row is None or row.stage is not Stage.RUNNING or row.owner != svc.owner:
        return
    for delivery_id in tx.preparations.done(taken.need.key, made, took):
        put_in_place(svc, tx, delivery_id)


def put_in_place(svc: Services, tx: Tx, delivery_id: int) -> None:
    """Once everything a draft needs is made it becomes what will go out, and people are asked."""
    delivery = tx.deliveries.get(delivery_id)
    post = tx.posts.get(delivery.post_id) if delivery is not None else None
    if delivery is None or post is None or post.brand not in svc.brands:
        return
    tx.posts.lock(post.id)
    tx.cards.touch(post.id)
    rows = preparations_of(tx, delivery)
    if delivery.state is not State.DRAFT or any(p.stage is not Stage.DONE for p in rows):
        return
    variant, now = placed(delivery.variant, rows), svc.clock.now()
    try:
        changed = apply_variant(svc, tx, svc.brands[post.brand], post, delivery, variant, now)
    except BadInput as error:
        tx.deliveries.save(replace(delivery, reason=str(error)), fence=delivery.fence, was=delivery.state)
        return
    if not changed:
        return
    _snapshot(tx, post, variant)
    said = "; ".join(done_words(p) for p in rows)
    audit(svc, tx, post.brand, "clarion", "prepared", delivery=delivery, facts={"done": said})
    follow(svc, tx, post)
    if svc.teams:
        fresh = [d for d in tx.deliveries.of_post(post.id) if d.id == delivery.id]
        head = f"v{post.version} is prepared for {delivery.account}: {said}."
        drafted(svc, tx, post, fresh, head=head, only=delivery.account)


def placed(variant: Variant, rows: Sequence[Preparation]) -> Variant:
    """The variant with every rendition in its place; a place that holds another file keeps it."""
    parts = [list(p.media) for p in variant.parts]
    for row in rows:
        files = parts[row.need.part] if row.need.part < len(parts) else []
        if row.made is None or row.need.place >= len(files):
            continue
        held = files[row.need.place]
        if held.sha256 == row.need.source.sha256:
            files[row.need.place] = beside(row.made, held)
    media = zip(variant.parts, parts, strict=True)
    return replace(variant, parts=tuple(replace(p, media=tuple(files)) for p, files in media))


def _snapshot(tx: Tx, post: Post, variant: Variant) -> None:
    """What history keeps of this version is what people are asked about."""
    newest: Version = tx.posts.versions(post.id)[-1]
    variants = tuple(variant if v.account == variant.account else v for v in newest.variants)
    tx.posts.add_version(replace(newest, variants=variants))
