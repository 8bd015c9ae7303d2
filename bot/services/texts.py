"""A post's texts as a person edits them: the one for everybody, and those that accounts have of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.extras import body_of, extras_of, without_link
from bot.domain.people import Brand
from bot.domain.post import Post, Variant
from bot.errors import BadInput
from bot.ports import Tx
from bot.services.changing import Changes
from bot.services.context import Connected, Services
from bot.services.edit import edit
from bot.services.schedule import post_of
from bot.services.variants import variant_for

FIELD = 3000
"""Characters that a form can show and give back; Slack's bound on a text input, the smaller one."""

TEXT, AT, OWN = "text", "at", "own:"
"""Names of the inputs; an account's own is `OWN` and its name."""


@dataclass(frozen=True, kw_only=True)
class Texts:
    """``text`` is for everybody but the accounts in ``own``; ``at`` is the wish about time."""

    text: str
    own: Mapping[str, str]
    at: str


def texts_of(svc: Services, tx: Tx, post: Post) -> Texts:
    """What the newest version says, account by account where they differ."""
    variants = tx.posts.versions(post.id)[-1].variants
    pairs = [(v, svc.accounts[v.account]) for v in variants if v.account in svc.accounts]
    own = {v.account: text for v, account in pairs if (text := _own(account, post, v)) is not None}
    return Texts(text=post.brief, own=own, at=post.wish)


def _own(account: Connected, post: Post, variant: Variant) -> str | None:
    """The account's text, if it is not what the text for everybody would become there."""
    body, extras = body_of(variant.parts), extras_of(variant)
    usual = variant_for(account, post.brief, variant.parts[0].media, len(body) > 1, extras)
    if [p.text for p in body_of(usual.parts)] == [p.text for p in body]:
        return None
    return without_link("\n\n".join(p.text for p in body), extras.link)


async def edit_from_form(
    svc: Services, brand: Brand, post_id: int, member: str, values: Mapping[str, str]
) -> str:
    """One edit of everything that was changed in a form; what it did not show stays as it is.

    An account's own text that was emptied gives way to the text for everybody. Raises as `edit` does.
    """
    post, known = await svc.store.read(lambda tx: _known(svc, tx, brand, post_id))
    own = {name: values[f"{OWN}{name}"] for name in known.own if f"{OWN}{name}" in values}
    text = _changed(values.get(TEXT), known.text)
    common = known.text if text is None else text
    changed = {
        name: new for name, words in own.items() if (new := _changed(words, known.own[name])) is not None
    }
    changes = Changes(
        text=text,
        own_texts={name: words if words.strip() else common for name, words in changed.items()},
        keep=tuple(name for name in known.own if name not in changed),
        at=_changed(values.get(AT), known.at) or None,
    )
    if text is None and not changes.own_texts and changes.at is None and not changed:
        raise BadInput(f"You changed nothing, so {post.name} stays as it is.")
    return await edit(svc, brand, post_id, member, changes)


def _known(svc: Services, tx: Tx, brand: Brand, post_id: int) -> tuple[Post, Texts]:
    post = post_of(tx, brand, post_id)
    return post, texts_of(svc, tx, post)


def _changed(words: str | None, before: str) -> str | None:
    """What was typed, or None where that is what was there: chats change line ends and trim."""
    if words is None:
        return None
    plain = words.replace("\r\n", "\n").replace("\r", "\n")
    return None if plain.strip() == before.strip() else plain
