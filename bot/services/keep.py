"""Published posts that somebody wants to keep, to be used again."""

from __future__ import annotations

from bot.domain.approval import Via
from bot.domain.delivery import State
from bot.domain.people import Brand, Role
from bot.domain.records import Keepsake
from bot.domain.words import listed
from bot.errors import Conflict, NotAllowed
from bot.ports import Tx
from bot.services.context import Services
from bot.services.history import happened
from bot.services.schedule import post_of
from bot.services.tell import audit

OUT = frozenset({State.LIVE, State.PARTIAL})


async def keep(svc: Services, brand: Brand, post_id: int, member: str, *, via: Via) -> str:
    """Keep a post for later. Raises `Conflict` for one that is not out, or is kept already."""
    return await svc.store.write(lambda tx: keep_in(svc, tx, brand, post_id, member, via))


def keep_in(svc: Services, tx: Tx, brand: Brand, post_id: int, member: str, via: Via) -> str:
    """As `keep`, in a transaction that is already open."""
    post = post_of(tx, brand, post_id)
    if brand.role_of(member) < Role.CREATE:
        raise NotAllowed(f"Keeping posts is for {listed(brand.who(Role.CREATE), 'or')}.")
    if not any(d.state in OUT or d.begun for d in tx.deliveries.of_post(post_id)):
        raise Conflict(f"{post.name} is not out yet; what is published can be kept.")
    found = Keepsake(
        post_id=post_id, member=brand.spelled(member), brand=brand.name, via=via, at=svc.clock.now()
    )
    if not tx.kept.put(found):
        raise Conflict(f"You keep {post.name} already. /queue --kept lists what is kept.")
    audit(svc, tx, brand.name, member, "kept", post=post, facts={"via": via.value})
    happened(svc, tx, post, "keep", f"{member} keeps it for later ♻")
    tx.cards.touch(post_id)
    return f"{post.name} is kept for later. /queue --kept lists what is; /unkeep {post.name} lets it go."


async def unkeep(svc: Services, brand: Brand, post_id: int, member: str, *, via: Via | None = None) -> str:
    """Let go of what one has kept oneself. ``via``: only if it was kept that way.

    Raises `Conflict` when this person does not keep it; the sentence says who does.
    """
    return await svc.store.write(lambda tx: unkeep_in(svc, tx, brand, post_id, member, via))


def unkeep_in(svc: Services, tx: Tx, brand: Brand, post_id: int, member: str, via: Via | None = None) -> str:
    """As `unkeep`, in a transaction that is already open."""
    post = post_of(tx, brand, post_id)
    held = tx.kept.of_post(post_id)
    mine = [k for k in held if k.member == brand.spelled(member) and via in (None, k.via)]
    if not mine or not tx.kept.drop(post_id, mine[0].member):
        others = listed([k.member for k in held if k.member != brand.spelled(member)])
        raise Conflict(
            f"{post.name} is kept by {others}, not by you." if others else f"Nobody keeps {post.name}."
        )
    audit(svc, tx, brand.name, member, "let go", post=post)
    happened(svc, tx, post, "unkeep", f"{member} no longer keeps it")
    tx.cards.touch(post_id)
    return f"{post.name} is no longer kept by you."
