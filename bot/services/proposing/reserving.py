"""Keeping a post where it is: nothing is proposed of it elsewhere."""

from __future__ import annotations

from bot.domain.delivery import State
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.proposal import CROSSPOST, Standing
from bot.domain.words import listed
from bot.errors import Conflict, NotAllowed
from bot.ports import Tx
from bot.services.context import Services
from bot.services.proposing.propose import move_on
from bot.services.proposing.targets import source_of, there_already, withheld
from bot.services.schedule import post_of
from bot.services.tell import audit


async def reserve(svc: Services, brand: Brand, post_id: int, member: str) -> str:
    """Nothing of this post is proposed for other accounts any more; what is open of it is withdrawn.

    Raises `NotAllowed`, or `Conflict` when that was said before.
    """

    def unit(tx: Tx) -> str:
        post = post_of(tx, brand, post_id)
        _may(brand, member, post)
        reserve_in(svc, tx, brand, post, member)
        way_out = f"/proposals allow {post.name} ends that."
        return f"{post.name} stays where it is: I propose it nowhere else. {way_out}"

    return await svc.store.write(unit)


def reserve_in(svc: Services, tx: Tx, brand: Brand, post: Post, member: str) -> None:
    """As `reserve`, in a transaction that is already open, for whoever wrote the post."""
    if not tx.proposals.forbid(brand.name, post.id, member, svc.clock.now()):
        raise Conflict(f"{post.name} stays where it is already; {tx.proposals.forbidden(post.id)} said so.")
    audit(svc, tx, brand.name, member, "reserved", post=post)
    for one in tx.proposals.of_source(post.id):
        if one.kind == CROSSPOST and one.standing is Standing.OPEN:
            move_on(svc, tx, one, Standing.SUPERSEDED, member, why=f"{member} keeps {post.name} where it is.")


async def allow(svc: Services, brand: Brand, post_id: int, member: str) -> str:
    """The opposite; what was withdrawn stays withdrawn."""

    def unit(tx: Tx) -> str:
        post = post_of(tx, brand, post_id)
        _may(brand, member, post)
        if not tx.proposals.allow(post_id):
            raise Conflict(f"Nobody keeps {post.name} where it is.")
        audit(svc, tx, brand.name, member, "released", post=post)
        return f"{post.name} may be proposed elsewhere again."

    return await svc.store.write(unit)


async def reserved_words(svc: Services, brand: Brand, post: Post) -> str:
    """Whether a post is kept where it is, what was proposed of it, and what stands in the way elsewhere."""

    def unit(tx: Tx) -> str:
        who = tx.proposals.forbidden(post.id)
        made = [f"{one.name} ({one.standing.value})" for one in tx.proposals.of_source(post.id)]
        words = f"{post.name}: " + (f"{who} keeps it where it is" if who else "nobody keeps it where it is")
        words += f"; of it came {listed(made)}." if made else "; nothing was proposed of it yet."
        rows = [d for d in tx.deliveries.of_post(post.id) if d.state is State.LIVE]
        source = source_of(tx, rows[0].id) if rows else None
        if source is None or who:
            return words if who else f"{words} It is not out anywhere."
        why = withheld(tx, brand, source, goes_out=svc.clock.now())
        if why is not None:
            return f"{words} I propose it nowhere: {why}."
        others = [a for a in svc.accounts_of(brand.name) if a.name not in {d.account for d in rows}]
        told = [f"{a.name}: {there_already(tx, brand, source, a) or 'if it is a winner'}" for a in others]
        return f"{words} {'; '.join(told)}." if told else words

    return await svc.store.read(unit)


def _may(brand: Brand, member: str, post: Post) -> None:
    if member != post.author and brand.role_of(member) < Role.APPROVE:
        who = listed(brand.who(Role.APPROVE), "or")
        raise NotAllowed(f"{post.name} is {post.author}'s; they or {who} can.")
