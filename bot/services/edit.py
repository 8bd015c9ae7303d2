"""New versions of a post: whoever's part changes is asked again, the rest stays approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.card import DROPPED
from bot.domain.delivery import Delivery, State, may_become
from bot.domain.diff import differences
from bot.domain.forecast import Offers
from bot.domain.people import Brand
from bot.domain.post import Media, Post, Variant, fingerprint
from bot.domain.when import wall_at
from bot.domain.words import listed
from bot.errors import BadInput, Conflict
from bot.ports import Tx
from bot.services.advising.again import offers_again
from bot.services.changing import Changes, changed, over
from bot.services.compose import new_delivery, version_of
from bot.services.context import Services
from bot.services.drawing import draw_later, save_texts
from bot.services.fitting import NOTHING, Fitted, Made, fit_in, keep_needs, make_pictures
from bot.services.history import drafted
from bot.services.hours import foresee
from bot.services.links import with_card
from bot.services.plan import read_wish
from bot.services.preparing import end_stale, stop_preparing
from bot.services.recur import clear_planned, follow
from bot.services.reviewers import ask_reviewers
from bot.services.tell import audit, event, settled, tell
from bot.services.variants import add_media

ENDED = frozenset({State.CANCELLED, State.CHANGES_REQUESTED, State.EXPIRED, State.REFUSED})
"""States in which a delivery waits for nobody; an edit asks about it again, changed or not."""


async def edit(svc: Services, brand: Brand, post_id: int, member: str, changes: Changes) -> str:
    """Make a new version. Whoever's part changed is asked again; untouched parts keep their approval.

    Raises `Conflict` when something of the post is already on its way.
    """
    media = await add_media(svc, changes.media, changes.alts or ()) if changes.media is not None else None
    changes = replace(changes, extras=await with_card(svc, changes.extras))
    wish = await read_wish(svc, brand, changes.at) if changes.at is not None else None
    offers = await offers_again(svc, brand, post_id, wish, changes.add)
    made = NOTHING
    if svc.studio is not None:
        plan = await svc.store.read(lambda tx: changed(svc, tx, brand, post_id, changes, media))
        made = await make_pictures(svc, [(svc.accounts[n], plan.new[n]) for n in plan.fresh])
    said = await svc.store.write(
        lambda tx: _edit(svc, tx, brand, post_id, member, changes, media, wish, made, offers)
    )
    await end_stale(svc)
    await ask_reviewers(svc, post_id)
    await save_texts(svc, post_id)
    await draw_later(svc, post_id)
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
    made: Made,
    offers: Mapping[str, Offers],
) -> str:
    tx.posts.lock(post_id)
    now, found = svc.clock.now(), changed(svc, tx, brand, post_id, changes, media)
    post, before, alive, dropped = found.post, found.before, found.alive, found.dropped
    fits, made = fit_in(svc, tx, [(svc.accounts[n], found.new[n]) for n in found.fresh], made)
    fit = dict(zip(found.fresh, fits, strict=True))
    new = {n: fit[n].variant if n in fit else v for n, v in found.new.items()}
    edited = replace(
        post,
        brief=changes.text if changes.text is not None else post.brief,
        wish=wish or post.wish,
        version=post.version + 1,
    )
    old_variants = {n: d.variant for n, d in alive.items()}
    lines = differences(old_variants, new, old_wish=post.wish, new_wish=edited.wish)
    if not lines:
        if not any(d.state in ENDED for n, d in alive.items() if n in new):
            raise BadInput("That changes nothing.")
        lines = ("nothing changed; it is asked about again",)
    tx.posts.save(edited)
    tx.posts.add_version(version_of(edited, member, now, tuple(new.values())))
    voided: list[str] = []
    kept_names: list[str] = []
    asked: list[str] = []
    for name, variant in new.items():
        ready = name not in fit or not fit[name].missing
        old, offered = before.get(name), offers.get(name)
        touched = apply_variant(svc, tx, brand, edited, old, variant, now, ready=ready, offered=offered)
        if name in fit:
            _keep(tx, edited, name, before.get(name), fit[name], made)
        asked += [name] if touched else []
        had_votes = before.get(name) is not None and before[name].state is State.SCHEDULED
        if had_votes:
            (voided if touched else kept_names).append(name)
    for name in dropped & set(before):
        if not over(before[name]):
            _cancel(tx, before[name], f"{DROPPED} {member}")
    foresee(tx, [d for d in tx.deliveries.of_post(post_id) if d.account in asked], edited.wish, offers, now)
    follow(svc, tx, edited, ended="")
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
    for old in before.values():
        for incident in ("refused", "held"):
            settled(
                svc, tx, brand.name, f"{incident}:{old.id}:{old.fence}", f"{member} made v{edited.version}."
            )
    fresh = [d for d in tx.deliveries.of_post(post_id) if d.account in asked] if svc.teams else []
    if fresh:
        drafted(svc, tx, edited, fresh, head=f"v{edited.version}, as {listed(asked)} will get it.")
    return _edit_words(svc, tx, post, edited, voided, kept_names)


def _keep(tx: Tx, post: Post, account: str, old: Delivery | None, fit: Fitted, made: Made) -> None:
    """What a target needs made of its files from now on; one that comes back begins anew."""
    here = next(d for d in tx.deliveries.of_post(post.id) if d.account == account)
    if old is not None and old.state is State.CANCELLED:
        tx.preparations.put(post.id, here.id, ())
    keep_needs(tx, post.id, here.id, fit, made)


def apply_variant(
    svc: Services,
    tx: Tx,
    brand: Brand,
    post: Post,
    old: Delivery | None,
    variant: Variant,
    now: datetime,
    *,
    ready: bool = True,
    offered: Offers | None = None,
) -> bool:
    """Write one target's new variant; True when what people sign has changed."""
    same = old is not None and old.fingerprint == fingerprint(variant, post.wish)
    if same and old is not None and old.state not in ENDED:
        return False
    own = old.due if old is not None and old.state is not State.CANCELLED else None
    used: tuple[datetime, ...] = ()
    if old is not None:
        used = clear_planned(tx, post.id, old.account, old, wall_at(now, brand.timezone))
    fresh = new_delivery(
        svc, tx, brand, variant, post.wish, now, own=own, used=used, ready=ready, offered=offered
    )
    if old is None or over(old):
        tx.deliveries.add(post, fresh)
        return True
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
        rule=fresh.rule,
        wall=fresh.wall,
        zone=fresh.zone,
        wake_at=fresh.wake_at,
        parts=(),
        tries=0,
        checks=0,
        platform_wait=False,
        reason="",
    )
    tx.reminders.clear(post.id, fresh.fingerprint)
    for vote in tx.votes.of_post(post.id):
        if vote.fingerprint == fresh.fingerprint:
            # People are asked again, also where an edit came back to bytes they had judged before.
            tx.votes.drop(vote.delivery_id, vote.member)
    steps = (fresh.state,) if may_become(old.state, fresh.state) else (step, fresh.state)
    if not all(tx.deliveries.save(replace(moved, state=s), fence=old.fence) for s in steps):
        raise Conflict(
            "Something else changed this post at the same moment. Look at the new card and try again."
        )
    return True


def _cancel(tx: Tx, delivery: Delivery, reason: str) -> None:
    stop_preparing(tx, delivery, reason)
    moved = replace(delivery, state=State.CANCELLED, wake_at=None, reason=reason)
    if not tx.deliveries.save(moved, fence=delivery.fence, was=delivery.state):
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
