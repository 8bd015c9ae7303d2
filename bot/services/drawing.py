"""Pictures of how a post will look, drawn beside everything else: no card waits for them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.domain.delivery import Delivery, State
from bot.domain.look import Look
from bot.domain.post import Media, Post, Variant
from bot.domain.preparing import Preparation, Stage
from bot.errors import BadInput, PublishError, StoreError, Unsupported
from bot.ports import Drawn, Tx
from bot.services.context import Services
from bot.services.preview import preview_name, save_preview
from bot.services.tell import has_threads, note

DRAW = "draw"
"""The engine's task that draws the cards of a post."""

ALT = 1_000
"""Characters of a picture's description that every chat takes; Discord's bound on an attachment is 1,024."""

DRAWN = frozenset({State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED, State.APPROVED, State.SCHEDULED})


async def draw_later(svc: Services, post_id: int) -> None:
    """Have the post's pictures drawn as soon as there is time."""
    if svc.studio is not None and not svc.rehearsing:
        await svc.engine.defer(DRAW, post_id, key=f"{DRAW}:{post_id}", queue=DRAW)


async def save_texts(svc: Services, post_id: int) -> None:
    """Write the text previews of a new version: its card names them."""
    if svc.rehearsing:
        return

    def unit(tx: Tx) -> tuple[Post | None, tuple[Delivery, ...], tuple[Preparation, ...]]:
        return tx.posts.get(post_id), tx.deliveries.of_post(post_id), tx.preparations.of_post(post_id)

    post, rows, needed = await svc.store.read(unit)
    if post is None:
        return
    for delivery in rows:
        if delivery.state in (State.DRAFT, State.IN_REVIEW):
            save_preview(svc, post, delivery, [p for p in needed if p.delivery_id == delivery.id])


async def draw(svc: Services, post_id: int) -> None:
    """Draw what each account will get and show it in the post's threads, once for each version of it."""
    post, rows, needed = await svc.store.read(lambda tx: _to_draw(svc, tx, post_id))
    if post is None or not rows:
        return
    for delivery in rows:  # its words too: they may be older than its files
        save_preview(svc, post, delivery, [p for p in needed if p.delivery_id == delivery.id])
    for delivery, drawn in zip(rows, await pictures(svc, rows), strict=True):
        if isinstance(drawn, str):
            await svc.store.write(lambda tx, d=delivery, words=drawn: _say(svc, tx, post, d, words))  # type: ignore[misc]  # mypy infers no lambda with a default
            continue
        if drawn is None:
            continue
        await save_picture(svc, post, delivery, drawn)
        await svc.store.write(lambda tx, d=delivery, shown=drawn: _show(svc, tx, post, d, shown))  # type: ignore[misc]  # mypy infers no lambda with a default


async def pictures(
    svc: Services, rows: Sequence[Delivery], *, dark: bool = False
) -> Sequence[Drawn | str | None]:
    """A picture for each; the sentence why there is none; None where its platform has no look."""
    found: dict[int, Drawn | str] = {}
    looks = [(d, look) for d in rows if (look := look_of(svc, d)) is not None]
    if svc.studio is None or not looks:
        return [None for _ in rows]
    known = await svc.store.read(lambda tx: _handles(tx, rows))
    looks = [(d, replace(look, handle=look.handle or known[d.account])) for d, look in looks]
    try:
        drawn = await svc.studio.cards([(look, d.variant) for d, look in looks], dark=dark)
        found = {d.id: card for (d, _), card in zip(looks, drawn, strict=True)}
    except (Unsupported, BadInput):
        for delivery, look in looks:  # one that cannot be drawn takes none of the others with it
            found[delivery.id] = await _one(svc, look, delivery.variant, dark)
    except (PublishError, StoreError) as error:
        svc.log.warning("cards_not_drawn", error=str(error))
    return [found.get(d.id) for d in rows]


async def _one(svc: Services, look: Look, variant: Variant, dark: bool) -> Drawn | str:
    assert svc.studio is not None
    try:
        return (await svc.studio.cards([(look, variant)], dark=dark))[0]
    except (BadInput, PublishError, StoreError) as error:
        return str(error)


def look_of(svc: Services, delivery: Delivery) -> Look | None:
    """How its platform will show it; None where nobody has said."""
    connected = svc.accounts.get(delivery.account)
    if connected is None or connected.platform.look is None:
        return None
    return connected.platform.look(delivery.variant, connected.facts)


def _handles(tx: Tx, rows: Sequence[Delivery]) -> dict[str, str]:
    """What each account is called on its platform, as far as it was heard."""
    return {d.account: state.handle if (state := tx.accounts.get(d.account)) else "" for d in rows}


async def save_picture(svc: Services, post: Post, delivery: Delivery, drawn: Drawn) -> str:
    """Put the picture beside the text of the preview and return its path; empty where it cannot be."""
    return str(await save_as(svc, drawn.picture, picture_name(post, delivery)) or "")


async def save_as(svc: Services, picture: Media, name: str) -> Path | None:
    """Put a picture among the previews under a name that says what it is. A full disk costs the file."""
    path = svc.previews / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.copyfile, svc.media.path(picture), path)
    except OSError as error:
        svc.log.warning("preview_not_saved", error=type(error).__name__)
        return None
    return path


def picture_name(post: Post, delivery: Delivery) -> str:
    """The file name of a preview's picture."""
    return preview_name(post, delivery).removesuffix(".txt") + ".jpg"


def _to_draw(
    svc: Services, tx: Tx, post_id: int
) -> tuple[Post | None, tuple[Delivery, ...], tuple[Preparation, ...]]:
    post = tx.posts.get(post_id)
    if post is None:
        return None, (), ()
    needed = tx.preparations.of_post(post_id)
    unready = {p.delivery_id for p in needed if p.stage is not Stage.DONE}
    rows = [d for d in tx.deliveries.of_post(post_id) if d.state in DRAWN and d.id not in unready]
    where = [t for t in svc.channels(post.brand) if has_threads(svc, t)]
    if where:
        rows = [d for d in rows if tx.notices.of_key(f"{_key(d)}@{where[0].address}") is None]
    else:
        rows = [d for d in rows if not (svc.previews / picture_name(post, d)).exists()]
    return post, tuple(rows), needed


def _key(delivery: Delivery) -> str:
    return f"look:{delivery.id}:{delivery.fingerprint[:16]}"


def _show(svc: Services, tx: Tx, post: Post, delivery: Delivery, drawn: Drawn) -> None:
    connected = svc.accounts[delivery.account]
    text = f"How {post.name} v{delivery.version} will look on {connected.platform.title} ({delivery.account})"
    picture = replace(drawn.picture, alt=drawn.words[:ALT])
    note(svc, tx, post, _key(delivery), text, picture=picture, delivery=delivery)


async def show_again(svc: Services, post: Post, delivery: Delivery, drawn: Drawn, *, dark: bool) -> None:
    """Put a picture into the threads that somebody asked for, unless exactly that one is there."""

    def unit(tx: Tx) -> None:
        night = " at night" if dark else ""
        text = f"How {post.name} v{delivery.version} looks on {delivery.account}{night}"
        key = f"look:{delivery.id}:{drawn.picture.sha256}"
        shown = replace(drawn.picture, alt=drawn.words[:ALT])
        note(svc, tx, post, key, text, picture=shown, delivery=delivery)

    await svc.store.write(unit)


def _say(svc: Services, tx: Tx, post: Post, delivery: Delivery, words: str) -> None:
    title = svc.accounts[delivery.account].platform.title
    text = f"There is no picture of {post.name} for {title}: {words} Its text stands above."
    note(svc, tx, post, _key(delivery), text, delivery=delivery)
