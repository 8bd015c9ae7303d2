"""What reviewing plugins say about a version, kept beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.domain.platform import Finding, Level
from bot.ports import Tx
from bot.services.context import Services
from bot.services.tips import keep_tips


async def ask_reviewers(svc: Services, post_id: int) -> None:
    """Let every reviewer look at the newest version, and those with tips, and keep what they found."""
    await keep_tips(svc, post_id)
    if not svc.registry.listens("review_post"):
        return
    post, deliveries = await svc.store.read(
        lambda tx: (tx.posts.get(post_id), tx.deliveries.of_post(post_id))
    )
    if post is None:
        return
    found = await svc.registry.review(post, deliveries)
    text = json.dumps([[f.level.value, f.code, f.text, f.fix] for f in found], ensure_ascii=False)

    def unit(tx: Tx) -> None:
        tx.meta.put(_key(post_id, post.version), text)
        tx.cards.touch(post_id)

    await svc.store.write(unit)


def reviews_of(tx: Tx, post_id: int, version: int) -> tuple[Finding, ...]:
    """What the reviewers found in a version; nothing when nobody was asked."""
    text = tx.meta.get(_key(post_id, version))
    return tuple(
        Finding(level=Level(level), code=code, text=words, fix=fix)
        for level, code, words, fix in (json.loads(text) if text else [])
    )


def objections(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The sentences of those that only an ADMIN may overrule."""
    return tuple(f.text for f in findings if f.level is Level.BLOCK)


def _key(post_id: int, version: int) -> str:
    return f"review:{post_id}:{version}"
