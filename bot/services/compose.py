"""From what somebody typed to a post with one variant per account, and from there to new versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.delivery import EDITABLE, Delivery, State, may_become
from bot.domain.diff import differences
from bot.domain.people import Brand
from bot.domain.platform import Finding, Level
from bot.domain.post import Media, Part, Post, Variant, fingerprint, with_alt
from bot.domain.records import Version
from bot.domain.slots import parse_slots
from bot.domain.when import NEXT_SLOT, NOW, parse_wish, resolve, say
from bot.errors import BadInput, Conflict, NotFound
from bot.ports import NewDelivery, Tx
from bot.services.context import Connected, Services
from bot.services.tell import audit, event, open_cards, tell


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


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What an edit asks for; None leaves a thing as it is."""

    text: str | None = None
    own_texts: Mapping[str, str] = field(default_factory=dict)
    media: tuple[str, ...] | None = None
    alt: str | None = None
    at: str | None = None
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    thread: bool | None = None


async def compose(svc: Services, brand: Brand, author: str, draft: Draft) -> Post:
    """Write a new post and put it in front of people.

    Raises `BadInput` for a text, time or file that cannot be used, `NotFound` for an
    unknown account. Nothing is written unless everything is.
    """
    targets = pick_accounts(svc, brand, draft.accounts)
    own = dict(_own_texts(svc, brand, draft.own_texts, {t.name for t in targets}))
    if not draft.text.strip() and not draft.media and not own:
        raise BadInput("There is nothing to post: give a text or --media FILE.")
    wish = _wish(svc, brand, draft.at)
    media = await _add_media(svc, draft.media, draft.alt)
    variants = [_variant(t, own.get(t.name, draft.text), media, draft.thread) for t in targets]
    post = await svc.store.write(lambda tx: _write(svc, tx, brand, author, draft.text, wish, variants))
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


def _own_texts(svc: Services, brand: Brand, texts: Mapping[str, str], chosen: set[str]) -> Mapping[str, str]:
    own = {}
    for name, text in texts.items():
        for account in pick_accounts(svc, brand, [name]):
            if account.name not in chosen:
                raise BadInput(f"--for {name}: this post does not go to {account.name}. Add it to --to.")
            own[account.name] = text
    return own


def _wish(svc: Services, brand: Brand, words: str) -> str:
    if not words:
        return NEXT_SLOT if brand.slots else NOW
    wish = parse_wish(words, now=svc.clock.now(), zone=brand.timezone)
    if wish == NEXT_SLOT and not brand.slots:
        raise BadInput("This brand has no slots. Name a time, or add `slots` to its configuration.")
    return wish


async def _add_media(svc: Services, paths: Sequence[str], alt: str) -> tuple[Media, ...]:
    return tuple([await svc.media.add(Path(p), alt=alt) for p in paths])


def _variant(account: Connected, text: str, media: tuple[Media, ...], thread: bool) -> Variant:
    pieces: tuple[str, ...] = (text,)
    if thread and account.platform.split is not None:
        pieces = tuple(account.platform.split(text)) or pieces
    parts = tuple(Part(text=piece, media=media if i == 0 else ()) for i, piece in enumerate(pieces))
    return Variant(account=account.name, platform=account.platform.name, parts=parts)


def due_for(svc: Services, tx: Tx, brand: Brand, account: str, wish: str, now: datetime) -> datetime:
    """The instant a wish means for one account at ``now``."""
    taken = tx.deliveries.dues(account) if wish == NEXT_SLOT else ()
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
    rows = [_new_delivery(svc, tx, brand, v, wish, now) for v in variants]
    post, deliveries = tx.posts.add(draft, rows)
    tx.posts.add_version(_version(post, author, now, tuple(variants)))
    audit(svc, tx, brand.name, author, "drafted", post=post, facts={"to": [d.account for d in deliveries]})
    open_cards(svc, tx, post)
    event(svc, tx, "post_drafted", post.id)
    return post


def _new_delivery(
    svc: Services, tx: Tx, brand: Brand, variant: Variant, wish: str, now: datetime
) -> NewDelivery:
    signed = fingerprint(variant, wish)
    due = due_for(svc, tx, brand, variant.account, wish, now)
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


def _version(post: Post, author: str, at: datetime, variants: tuple[Variant, ...]) -> Version:
    return Version(
        post_id=post.id, number=post.version, author=author, at=at, wish=post.wish, variants=variants
    )


async def edit(svc: Services, brand: Brand, post_id: int, member: str, changes: Changes) -> str:
    """Make a new version. Whoever's part changed is asked again; untouched parts keep their approval.

    Raises `Conflict` when something of the post is already on its way.
    """
    media = await _add_media(svc, changes.media, changes.alt or "") if changes.media is not None else None
    wish = _wish(svc, brand, changes.at) if changes.at is not None else None
    said = await svc.store.write(lambda tx: _edit(svc, tx, brand, post_id, member, changes, media, wish))
    svc.wake()
    return said


def _edit(
    svc: Services,
    tx: Tx,
    brand: Brand,
    post_id: int,
    member: str,
    changes: Changes,
    media: tuple[Media, ...] | None,
    wish: str | None,
) -> str:
    tx.posts.lock(post_id)
    post, now = tx.posts.get(post_id), svc.clock.now()
    if post is None or post.brand != brand.name:
        raise NotFound(f"There is no P{post_id} here.")
    before = {d.account: d for d in tx.deliveries.of_post(post_id)}
    dropped = {a.name for a in pick_accounts(svc, brand, changes.drop)} if changes.drop else set()
    added = {a.name: a for a in pick_accounts(svc, brand, changes.add)} if changes.add else {}
    alive = {n: d for n, d in before.items() if d.state is not State.CANCELLED or n in added}
    stuck = [d for d in alive.values() if d.state not in EDITABLE and d.state is not State.CANCELLED]
    if stuck:
        words = ", ".join(f"{d.account} is {d.state.value.replace('_', ' ')}" for d in stuck)
        raise Conflict(f"{post.name} can no longer be edited: {words}.")
    kept = {n: d.variant for n, d in alive.items() if n not in dropped}
    own = _own_texts(svc, brand, changes.own_texts, set(kept) | set(added))
    new: dict[str, Variant] = {}
    for name in (*kept, *(n for n in added if n not in kept)):
        new[name] = _changed(svc.accounts[name], kept.get(name), post, changes, own.get(name), media)
    if not new:
        raise BadInput(f"That would leave {post.name} without any account. /cancel {post.name} drops it.")
    edited = replace(
        post,
        brief=changes.text if changes.text is not None else post.brief,
        wish=wish or post.wish,
        version=post.version + 1,
    )
    old_variants = {n: d.variant for n, d in alive.items()}
    lines = differences(old_variants, new, old_wish=post.wish, new_wish=edited.wish)
    if not lines:
        raise BadInput("That changes nothing.")
    tx.posts.save(edited)
    tx.posts.add_version(_version(edited, member, now, tuple(new.values())))
    voided: list[str] = []
    kept_names: list[str] = []
    for name, variant in new.items():
        touched = _apply(svc, tx, brand, edited, before.get(name), variant, now)
        had_votes = before.get(name) is not None and before[name].state is State.SCHEDULED
        if had_votes:
            (voided if touched else kept_names).append(name)
    for name in dropped & set(before):
        _cancel(tx, before[name], f"dropped by {member}")
    tx.cards.touch(post_id)
    audit(svc, tx, brand.name, member, "edited", post=edited, facts={"changes": list(lines)})
    event(svc, tx, "post_drafted", post_id)
    tell(
        svc,
        tx,
        edited,
        f"edit:{post_id}:{edited.version}",
        f"v{edited.version} by {member}:\n" + "\n".join(lines),
    )
    return _edit_words(svc, tx, post, edited, voided, kept_names)


def _changed(
    account: Connected,
    old: Variant | None,
    post: Post,
    changes: Changes,
    own_text: str | None,
    media: tuple[Media, ...] | None,
) -> Variant:
    """The account's next variant: its own text wins, then the new text, then what it had."""
    held = old.media if old is not None else ()
    files = media if media is not None else held
    if changes.alt is not None:
        files = with_alt(files, changes.alt)
    text = own_text if own_text is not None else changes.text
    if text is None and old is not None and changes.thread is None:
        first = replace(old.parts[0], media=files)
        return replace(old, parts=(first, *old.parts[1:]))
    whole = text if text is not None else (old.text if old is not None else post.brief)
    was_thread = old is not None and len(old.parts) > 1
    thread = changes.thread if changes.thread is not None else was_thread
    return _variant(account, whole, files, thread)


def _apply(
    svc: Services, tx: Tx, brand: Brand, post: Post, old: Delivery | None, variant: Variant, now: datetime
) -> bool:
    """Write one target's new variant; True when what people sign has changed."""
    fresh = _new_delivery(svc, tx, brand, variant, post.wish, now)
    if old is None:
        tx.deliveries.add(post, fresh)
        return True
    asks_again = old.state in (State.CANCELLED, State.CHANGES_REQUESTED, State.EXPIRED, State.REFUSED)
    if old.fingerprint == fresh.fingerprint and not asks_again:
        return False
    step = State.APPROVED if fresh.state is State.SCHEDULED else fresh.state
    if not (may_become(old.state, step) or old.state is fresh.state):
        raise Conflict(f"{post.name} can no longer be edited: {old.account} is {old.state.value}.")
    moved = replace(
        old,
        variant=variant,
        fingerprint=fresh.fingerprint,
        version=post.version,
        state=fresh.state,
        due=fresh.due,
        wake_at=fresh.wake_at,
        parts=(),
        tries=0,
        checks=0,
        platform_wait=False,
        reason="",
    )
    if not tx.deliveries.save(moved, fence=old.fence):
        raise Conflict(
            "Something else changed this post at the same moment. Look at the new card and try again."
        )
    return True


def _cancel(tx: Tx, delivery: Delivery, reason: str) -> None:
    moved = replace(delivery, state=State.CANCELLED, wake_at=None, reason=reason)
    if not tx.deliveries.save(moved, fence=delivery.fence):
        raise Conflict(
            "Something else changed this post at the same moment. Look at the new card and try again."
        )


def _edit_words(
    svc: Services, tx: Tx, before: Post, after: Post, voided: Sequence[str], kept: Sequence[str]
) -> str:
    if not voided:
        return f"{after.name} is now v{after.version}."
    signers = list(dict.fromkeys(v.member for v in tx.votes.of_post(after.id)))
    titles = " and ".join(svc.accounts[n].platform.title for n in voided)
    who = f"{', '.join(signers)}'s approval" if signers else "the approval"
    words = f"Your edit changes what {titles} gets, so {who} of v{before.version} no longer covers it."
    if kept:
        rest = " and ".join(svc.accounts[n].platform.title for n in kept)
        words += f" {rest}'s part is untouched and stays approved."
    return words


def when_words(svc: Services, brand: Brand, post: Post, due: datetime | None) -> str:
    """The wish with the instant it means, for an echo."""
    if post.wish == NOW:
        return "as soon as it is approved" if brand.policy.mode != "none" else "now"
    return f"{post.wish} → {say(due, brand.timezone)}" if due else post.wish
