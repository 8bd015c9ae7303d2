"""What the targets of a post would get after an edit: read from rows, nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.delivery import EDITABLE, Delivery, State
from bot.domain.extras import extras_of
from bot.domain.people import Brand
from bot.domain.platform import Feature
from bot.domain.post import Json, Media, MediaKind, Post, Variant
from bot.errors import BadInput, Conflict, NotFound
from bot.ports import Tx
from bot.services.compose import own_texts, pick_accounts
from bot.services.context import Services
from bot.services.options import with_options
from bot.services.variants import NO_EXTRAS, Wanted, changed_variant


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What an edit asks for; None leaves a thing as it is.

    ``keep``: accounts whose own text stays, whatever the text for everybody becomes. ``options``:
    account → option → value, None takes a choice back. ``covers``: account → the picture its video is
    announced with; ``captions``: account → subtitles for it, in place of those of the same language.
    """

    text: str | None = None
    own_texts: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    media: tuple[str, ...] | None = None
    alts: tuple[str, ...] | None = None
    at: str | None = None
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    thread: bool | None = None
    extras: Wanted = field(default_factory=Wanted)
    options: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    covers: Mapping[str, Media] = field(default_factory=dict)
    captions: Mapping[str, tuple[Media, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A post and its targets before an edit, and what they would get after it.

    ``alive`` are the targets that the newest version has; ``fresh`` those of ``new`` whose files are
    judged anew.
    """

    post: Post
    before: Mapping[str, Delivery]
    alive: Mapping[str, Delivery]
    dropped: frozenset[str]
    new: Mapping[str, Variant]
    fresh: tuple[str, ...]


def over(delivery: Delivery) -> bool:
    """An occurrence that is out and over: a new version is about those after it."""
    return delivery.rule is not None and delivery.state in (State.LIVE, State.REMOVED)


def changed(
    svc: Services,
    tx: Tx,
    brand: Brand,
    post_id: int,
    changes: Changes,
    media: tuple[Media, ...] | None,
) -> Changed:
    """Raises `Conflict` when something of the post is already on its way, and what is wrong otherwise."""
    post = tx.posts.get(post_id)
    if post is None or post.brand != brand.name:
        raise NotFound(f"There is no P{post_id} here.")
    before = {d.account: d for d in tx.deliveries.of_post(post_id)}
    dropped = {a.name for a in pick_accounts(svc, brand, changes.drop)} if changes.drop else set[str]()
    added = {a.name: a for a in pick_accounts(svc, brand, changes.add)} if changes.add else {}
    current = {v.account for v in tx.posts.versions(post_id)[-1].variants}
    alive = {n: d for n, d in before.items() if n in current or n in added}
    open_ = [d for d in alive.values() if not over(d)]
    stuck = [d for d in open_ if d.begun or d.state not in EDITABLE | {State.CANCELLED}]
    if stuck:
        words = ", ".join(
            f"{d.account} is {'partly out' if d.state in EDITABLE else d.state.value.replace('_', ' ')}"
            for d in stuck
        )
        raise Conflict(f"{post.name} can no longer be edited: {words}.")
    kept = {n: d.variant for n, d in alive.items() if n not in dropped}
    own = own_texts(svc, brand, changes.own_texts, set(kept) | set(added))
    pattern = max((extras_of(v) for v in kept.values()), key=lambda e: e != NO_EXTRAS, default=NO_EXTRAS)
    missing = [name for name in changes.options if name not in kept and name not in added]
    if missing:
        fix = f"/edit {post.name} --add {missing[0]}"
        raise BadInput(f"{post.name} does not go to {', '.join(missing)}. {fix}")
    new: dict[str, Variant] = {}
    for name in (*kept, *(n for n in added if n not in kept)):
        variant = changed_variant(
            svc.accounts[name],
            kept.get(name),
            brief=post.brief,
            text=own.get(name, None if name in changes.keep else changes.text),
            media=_given(kept, added, name, media),
            alts=changes.alts if media is None else None,
            thread=changes.thread,
            wanted=changes.extras,
            pattern=pattern,
        )
        features = svc.accounts[name].platform.features
        variant = _with_beside(variant, features, changes.covers.get(name), changes.captions.get(name, ()))
        new[name] = with_options(variant, changes.options)
    if not new:
        raise BadInput(f"That would leave {post.name} without any account. /cancel {post.name} drops it.")
    fresh = tuple(n for n, v in new.items() if _refits(before.get(n), v))
    return Changed(post=post, before=before, alive=alive, dropped=frozenset(dropped), new=new, fresh=fresh)


def _given(
    kept: Mapping[str, Variant], added: Mapping[str, object], name: str, media: tuple[Media, ...] | None
) -> tuple[Media, ...] | None:
    """The files of this edit; a target that is new to the post gets those that the others have."""
    if media is not None or name in kept or name not in added or not kept:
        return media
    return next(iter(kept.values())).parts[0].media


def _refits(old: Delivery | None, new: Variant) -> bool:
    """Whether files are judged anew: what was signed is not touched by an edit of words."""
    if old is None or old.state in (State.DRAFT, State.CANCELLED):
        return True
    return _files(old.variant) != _files(new) or dict(old.variant.options) != dict(new.options)


def _files(variant: Variant) -> list[tuple[int, int, str]]:
    return [(i, j, m.sha256) for i, p in enumerate(variant.parts) for j, m in enumerate(p.media)]


def _with_beside(
    variant: Variant, features: Feature, cover: Media | None, captions: Sequence[Media]
) -> Variant:
    """The variant with a cover and captions on its videos, where the platform has them."""
    if Feature.COVER not in features:
        cover = None
    if Feature.CAPTIONS not in features:
        captions = ()
    if cover is None and not captions:
        return variant

    def dressed(media: Media) -> Media:
        if media.kind is not MediaKind.VIDEO:
            return media
        spoken = {m.language: m for m in (*media.captions, *captions)}
        return replace(media, cover=cover or media.cover, captions=tuple(spoken.values()))

    parts = tuple(replace(p, media=tuple(map(dressed, p.media))) for p in variant.parts)
    return replace(variant, parts=parts)
