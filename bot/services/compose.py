"""From what somebody typed to a post with one variant per account, and from there to new versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.best import is_best
from bot.domain.content import content_type
from bot.domain.delivery import State
from bot.domain.forecast import Offers
from bot.domain.people import Brand
from bot.domain.platform import Finding, Level
from bot.domain.post import Post, Variant, fingerprint
from bot.domain.records import Version
from bot.domain.recurrence import is_rule
from bot.domain.when import NOW, say
from bot.errors import BadInput, Conflict, NotFound
from bot.ports import NewDelivery, Tx
from bot.services.advising.times import offers_for
from bot.services.context import Connected, Services
from bot.services.drawing import draw_later
from bot.services.experimenting.arms import assign
from bot.services.fitting import Made, fit_in, keep_needs, make_pictures, objections
from bot.services.history import drafted
from bot.services.hours import foresee
from bot.services.links import with_card
from bot.services.options import read_wishes, with_options
from bot.services.plan import first_wake, occasion, read_wish, review_ends
from bot.services.recur import follow
from bot.services.reviewers import ask_reviewers
from bot.services.suiting import suited
from bot.services.tell import audit, event, open_cards
from bot.services.twins import twins_of, warning
from bot.services.variants import Wanted, add_media, read_extras, variant_for


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a person asked for, before anything is written. ``own_texts``: account → its own text;
    ``options``: choices as typed, ``account.name=value``; ``reserved``: it is never proposed elsewhere;
    ``experiment``: the number of the test that gives it a variant, 0 for none."""

    text: str
    accounts: tuple[str, ...] = ()
    own_texts: Mapping[str, str] = field(default_factory=dict)
    media: tuple[str, ...] = ()
    alts: tuple[str, ...] = ()
    at: str = ""
    thread: bool = False
    extras: Wanted = field(default_factory=Wanted)
    options: tuple[str, ...] = ()
    reserved: bool = False
    experiment: int = 0


async def compose(svc: Services, brand: Brand, author: str, draft: Draft) -> Post:
    """Write a new post and put it in front of people.

    Raises `BadInput` for a text, time or file that cannot be used, `NotFound` for an
    unknown account. Nothing is written unless everything is.
    """
    targets = pick_accounts(svc, brand, draft.accounts)
    for target in targets:
        await target.refresh(svc.clock.now())
    media = await add_media(svc, draft.media, draft.alts)
    if not draft.accounts:
        targets = suited(
            targets, media, named={*draft.own_texts, *(o.partition(".")[0] for o in draft.options)}
        )
    own = dict(own_texts(svc, brand, draft.own_texts, {t.name for t in targets}))
    if not draft.text.strip() and not draft.media and not own and not draft.extras.link:
        raise BadInput("There is nothing to post: give a text or --media FILE.")
    wish = await read_wish(svc, brand, draft.at)
    extras = read_extras(await with_card(svc, draft.extras))
    chosen = read_wishes(targets, draft.options)
    variants = [
        with_options(variant_for(t, own.get(t.name, draft.text), media, draft.thread, extras), chosen)
        for t in targets
    ]
    made = await make_pictures(svc, list(zip(targets, variants, strict=True)))
    offers = await offers_for(svc, brand, wish, {v.account: content_type(v) for v in variants})

    def unit(tx: Tx) -> Post:
        post = write_post(
            svc, tx, brand, author, draft.text, wish, variants, made, offers, reserved=draft.reserved
        )
        if draft.experiment:
            assign(svc, tx, brand, draft.experiment, post.id)
        return post

    post = await svc.store.write(unit)
    await ask_reviewers(svc, post.id)
    await draw_later(svc, post.id)
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


def blocked(findings: Sequence[Finding]) -> bool:
    """Whether a target cannot go out as it is."""
    return any(f.level is Level.BLOCK for f in findings)


def write_post(
    svc: Services,
    tx: Tx,
    brand: Brand,
    author: str,
    brief: str,
    wish: str,
    wanted: Sequence[Variant],
    made: Made,
    offers: Mapping[str, Offers],
    *,
    reserved: bool = False,
) -> Post:
    """A new post with its cards, in a transaction that is already open. Afterwards whoever wrote it asks the
    reviewers, has the previews drawn and wakes the pump, as `compose` does.

    Raises `Conflict` where nobody is asked and the same words may be out already.
    """
    now = svc.clock.now()
    draft = Post(id=0, brand=brand.name, author=author, brief=brief, wish=wish, version=1, created_at=now)
    fits, made = fit_in(svc, tx, [(svc.accounts[v.account], v) for v in wanted], made)
    variants = [f.variant for f in fits]
    unasked = [v for v in variants if brand.policy_for(v.account).mode == "none"]
    if unasked:
        for twin in (t for v in unasked for t in twins_of(tx, brand.name, v.account, v.body)):
            raise Conflict(f"{warning(twin).text} {warning(twin).fix}")
    rows = [
        new_delivery(
            svc, tx, brand, f.variant, wish, now, ready=not f.missing, offered=offers.get(f.variant.account)
        )
        for f in fits
    ]
    post, deliveries = tx.posts.add(draft, rows)
    if is_best(wish):
        foresee(tx, deliveries, wish, offers, now)
    for delivery, fit in zip(deliveries, fits, strict=True):
        keep_needs(tx, post.id, delivery.id, fit, made)
    tx.posts.add_version(version_of(post, author, now, tuple(variants)))
    if reserved:
        tx.proposals.forbid(brand.name, post.id, author, now)
    audit(svc, tx, brand.name, author, "drafted", post=post, facts={"to": [d.account for d in deliveries]})
    open_cards(svc, tx, post)
    event(svc, tx, "post_drafted", post.id)
    drafted(svc, tx, post, deliveries, head=f"v1 by {author}, as each account gets it.")
    follow(svc, tx, post)
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
    used: Collection[datetime] = (),
    ready: bool = True,
    offered: Offers | None = None,
) -> NewDelivery:
    """A target as it would be written now: not ready, in review, or scheduled where nobody is asked.

    ``own`` is the slot that its earlier version holds, ``used`` the wall times its rule has had.
    ``ready``: its files are as they will go out; until then nobody is asked. ``offered``: the hours that
    were found for it, where the wish leaves the hour to us.
    """
    when = occasion(tx, brand, variant.account, wish, now, own=own, used=used, offered=offered)
    connected, policy = svc.accounts[variant.account], brand.policy_for(variant.account)
    wake: datetime | None
    if not ready or blocked(objections(connected, variant)):
        state, wake = State.DRAFT, None
    elif policy.mode == "none":
        state, wake = State.SCHEDULED, first_wake(connected, variant, when.due)
    else:
        state, wake = State.IN_REVIEW, review_ends(policy, wish, when.due, now)
    return NewDelivery(
        variant=variant,
        fingerprint=fingerprint(variant, wish),
        state=state,
        due=when.due,
        wake_at=wake,
        rule=wish if is_rule(wish) else None,
        wall=when.wall,
        zone=brand.timezone if when.wall is not None else None,
    )


def version_of(post: Post, author: str, at: datetime, variants: tuple[Variant, ...]) -> Version:
    """The snapshot that history keeps."""
    return Version(
        post_id=post.id, number=post.version, author=author, at=at, wish=post.wish, variants=variants
    )


def when_words(
    svc: Services, brand: Brand, post: Post, due: datetime | None, *, several: bool = False
) -> str:
    """The wish with the instant it means, for an echo; ``several``: its accounts have different ones."""
    if post.wish == NOW:
        return "as soon as it is approved" if brand.policy.mode != "none" else "now"
    if is_best(post.wish) and several:
        return f"{post.wish}, each account at its own hour"
    return f"{post.wish} → {say(due, brand.timezone)}" if due else post.wish
