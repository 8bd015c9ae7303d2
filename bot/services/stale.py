"""What somebody is told who acts on a version that is not there any more: what changed since."""

from __future__ import annotations

from bot.domain.diff import differences
from bot.domain.post import Post
from bot.errors import Conflict
from bot.ports import Tx

NAMED = 3
"""Changes that are named; `/diff` shows them all."""


def changed_since(tx: Tx, post: Post, version: int) -> Conflict:
    """``"P42 changed since this card (v2 → v3: text for acme-x). Look at the new one."``"""
    what = _what(tx, post, version)
    versions = f"v{version} → v{post.version}" + (f": {what}" if what else "")
    return Conflict(f"{post.name} changed since this card ({versions}). Look at the new one.")


def _what(tx: Tx, post: Post, version: int) -> str:
    known = {v.number: v for v in tx.posts.versions(post.id)}
    if version not in known or post.version not in known:
        return ""
    old, new = known[version], known[post.version]
    lines = differences(
        {v.account: v for v in old.variants},
        {v.account: v for v in new.variants},
        old_wish=old.wish,
        new_wish=new.wish,
    )
    accounts = {v.account for v in (*old.variants, *new.variants)}
    heads = list(dict.fromkeys(_head(line.partition(":")[0], accounts) for line in lines))
    more = f" and {len(heads) - NAMED} more" if len(heads) > NAMED else ""
    return ", ".join(heads[:NAMED]) + more


def _head(words: str, accounts: set[str]) -> str:
    """``"acme-x text"`` is the text for acme-x."""
    account, _, what = words.partition(" ")
    return f"{what} for {account}" if account in accounts and what else words
