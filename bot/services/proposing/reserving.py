"""Keeping a post where it is: nothing is proposed of it elsewhere."""

from __future__ import annotations

from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.proposal import CROSSPOST, Standing
from bot.domain.words import listed
from bot.errors import Conflict, NotAllowed
from bot.ports import Tx
from bot.services.context import Services
from bot.services.proposing.propose import move_on
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


async def reserved_words(svc: Services, post: Post) -> str:
    """Whether a post is kept where it is, and what was proposed of it."""

    def unit(tx: Tx) -> str:
        who = tx.proposals.forbidden(post.id)
        made = [f"{one.name} ({one.standing.value})" for one in tx.proposals.of_source(post.id)]
        words = f"{post.name}: " + (f"{who} keeps it where it is" if who else "nobody keeps it where it is")
        return words + (f"; of it came {listed(made)}." if made else "; nothing was proposed of it yet.")

    return await svc.store.read(unit)


def _may(brand: Brand, member: str, post: Post) -> None:
    if member != post.author and brand.role_of(member) < Role.APPROVE:
        who = listed(brand.who(Role.APPROVE), "or")
        raise NotAllowed(f"{post.name} is {post.author}'s; they or {who} can.")
