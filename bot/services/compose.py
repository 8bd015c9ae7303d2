"""From what somebody typed to a post with one variant per account, and from there to new versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.delivery import State
from bot.domain.people import Brand
from bot.domain.platform import Finding, Level
from bot.domain.post import Media, Part, Post, Variant, fingerprint
from bot.domain.records import Version
from bot.domain.slots import parse_slots
from bot.domain.when import NEXT_SLOT, NOW, parse_wish, resolve, say
from bot.errors import BadInput, Conflict, NotFound
from bot.ports import NewDelivery, Tx
from bot.services.context import Connected, Services
from bot.services.reviewers import ask_reviewers
from bot.services.tell import audit, event, open_cards
from bot.services.twins import twins_of, warning


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a person asked for, before anything is written. ``own_texts``: account → its own text."""

    text: str
    accounts: tuple[str, ...] = ()
    own_texts: Mapping[str, str] = field(default_factory=dict)
    media: tuple[str, ...] = ()
    alt: str = ""
    at: str = ""
    thread: bool = False


async def compose(svc: Services, brand: Brand, author: str, draft: Draft) -> Post:
    """Write a new post and put it in front of people.

    Raises `BadInput` for a text, time or file that cannot be used, `NotFound` for an
    unknown account. Nothing is written unless everything is.
    """
    targets = pick_accounts(svc, brand, draft.accounts)
    for target in targets:
        await target.refresh(svc.clock.now())
    own = dict(own_texts(svc, brand, draft.own_texts, {t.name for t in targets}))
    if not draft.text.strip() and not draft.media and not own:
        raise BadInput("There is nothing to post: give a text or --media FILE.")
    wish = read_wish(svc, brand, draft.at)
    media = await add_media(svc, draft.media, draft.alt)
    variants = [variant_for(t, own.get(t.name, draft.text), media, draft.thread) for t in targets]
    post = await svc.store.write(lambda tx: _write(svc, tx, brand, author, draft.text, wish, variants))
    await ask_reviewers(svc, post.id)
    svc.wake()
    return post


def pick_accounts(svc: Services, brand: Brand, names: Sequence[str]) -> tuple[Connected, ...]:
    """The accounts meant; all of the brand that can publish when none is named."""
    mine = svc.accounts_of(brand.name)
    if not mine:
        raise NotFound(f"{brand.name} has no account. Add one under [accounts.NAME] in the configuration.")
    if not names:
        return tuple(a for a in mine if a.platform.features) or mine
    found: dict[str, Connected] = {}
    for name in dict.fromkeys(n.strip() for n in names if n.strip()):
        match = [a for a in mine if name in (a.name, a.platform.name)]
        if not match:
            raise NotFound(f"{brand.name} has no account “{name}”. It has {', '.join(a.name for a in mine)}.")
        found |= {a.name: a for a in match}
    return tuple(found.values())


def own_texts(svc: Services, brand: Brand, texts: Mapping[str, str], chosen: set[str]) -> Mapping[str, str]:
    """Account → its own text; raises `BadInput` for an account the post does not go to."""
    own = {}
    for name, text in texts.items():
        for account in pick_accounts(svc, brand, [name]):
            if account.name not in chosen:
                raise BadInput(f"--for {name}: this post does not go to {account.name}. Add it to --to.")
            own[account.name] = text
    return own


def read_wish(svc: Services, brand: Brand, words: str) -> str:
    """The normal form of what was said about time; the next slot, or now, when nothing was said."""
    if not words:
        return NEXT_SLOT if brand.slots else NOW
    wish = parse_wish(words, now=svc.clock.now(), zone=brand.timezone)
    if wish == NEXT_SLOT and not brand.slots:
        raise BadInput("This brand has no slots. Name a time, or add `slots` to its configuration.")
    return wish


async def add_media(svc: Services, paths: Sequence[str], alt: str) -> tuple[Media, ...]:
    """Copy files into the media store, in order."""
    return tuple([await svc.media.add(Path(p), alt=alt) for p in paths])


def variant_for(account: Connected, text: str, media: tuple[Media, ...], thread: bool) -> Variant:
    """What one account will get: one part, or a thread where it was asked for and exists."""
    pieces: tuple[str, ...] = (text,)
    if thread and account.platform.split is not None:
        pieces = tuple(account.platform.split(text)) or pieces
    parts = tuple(Part(text=piece, media=media if i == 0 else ()) for i, piece in enumerate(pieces))
    return Variant(account=account.name, platform=account.platform.name, parts=parts)


def due_for(
    svc: Services,
    tx: Tx,
    brand: Brand,
    account: str,
    wish: str,
    now: datetime,
    *,
    own: datetime | None = None,
) -> datetime:
    """The instant a wish means for one account at ``now``; ``own`` is the slot it holds already."""
    taken = [*tx.deliveries.dues(account)] if wish == NEXT_SLOT else []
    if own in taken:
        taken.remove(own)
    slots = parse_slots(brand.slots)
    return resolve(wish, now=now, zone=brand.timezone, slots=slots, quiet=brand.quiet, taken=taken)


def blocked(findings: Sequence[Finding]) -> bool:
    """Whether a target cannot go out as it is."""
    return any(f.level is Level.BLOCK for f in findings)


def _write(
    svc: Services, tx: Tx, brand: Brand, author: str, brief: str, wish: str, variants: Sequence[Variant]
) -> Post:
    now = svc.clock.now()
    draft = Post(id=0, brand=brand.name, author=author, brief=brief, wish=wish, version=1, created_at=now)
    if brand.policy.mode == "none":
        for twin in (t for v in variants for t in twins_of(tx, brand.name, v.account, v.text)):
            raise Conflict(f"{warning(twin).text} {warning(twin).fix}")
    rows = [new_delivery(svc, tx, brand, v, wish, now) for v in variants]
    post, deliveries = tx.posts.add(draft, rows)
    tx.posts.add_version(version_of(post, author, now, tuple(variants)))
    audit(svc, tx, brand.name, author, "drafted", post=post, facts={"to": [d.account for d in deliveries]})
    open_cards(svc, tx, post)
    event(svc, tx, "post_drafted", post.id)
    return post


def new_delivery(
    svc: Services,
    tx: Tx,
    brand: Brand,
    variant: Variant,
    wish: str,
    now: datetime,
    *,
    own: datetime | None = None,
) -> NewDelivery:
    """A target as it would be written now: not ready, in review, or scheduled where nobody is asked.

    ``own`` is the slot that its earlier version holds.
    """
    signed = fingerprint(variant, wish)
    due = due_for(svc, tx, brand, variant.account, wish, now, own=own)
    connected = svc.accounts[variant.account]
    if blocked(connected.inspect(variant)):
        return NewDelivery(variant=variant, fingerprint=signed, state=State.DRAFT, due=due, wake_at=None)
    if brand.policy.mode == "none":
        wake = first_wake(connected, variant, due)
        return NewDelivery(variant=variant, fingerprint=signed, state=State.SCHEDULED, due=due, wake_at=wake)
    wake = review_ends(brand, wish, due, now)
    return NewDelivery(variant=variant, fingerprint=signed, state=State.IN_REVIEW, due=due, wake_at=wake)


def first_wake(connected: Connected, variant: Variant, due: datetime) -> datetime:
    """When the engine first looks: earlier than due where media has to be staged."""
    return due - connected.platform.stage_lead if variant.media else due


def review_ends(brand: Brand, wish: str, due: datetime, now: datetime) -> datetime:
    """When a request for approval lapses: at its time, or after the policy's span."""
    lapse = now + timedelta(seconds=brand.policy.expires_s)
    return lapse if wish in (NOW, NEXT_SLOT) else min(lapse, due)


def version_of(post: Post, author: str, at: datetime, variants: tuple[Variant, ...]) -> Version:
    """The snapshot that history keeps."""
    return Version(
        post_id=post.id, number=post.version, author=author, at=at, wish=post.wish, variants=variants
    )


def when_words(svc: Services, brand: Brand, post: Post, due: datetime | None) -> str:
    """The wish with the instant it means, for an echo."""
    if post.wish == NOW:
        return "as soon as it is approved" if brand.policy.mode != "none" else "now"
    return f"{post.wish} → {say(due, brand.timezone)}" if due else post.wish
