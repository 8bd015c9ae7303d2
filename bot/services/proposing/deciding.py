"""Saying yes or no to a proposal, and taking that back."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.delivery import EDITABLE, State
from bot.domain.people import Brand
from bot.domain.proposal import STEPS, Proposal, Standing
from bot.domain.words import listed
from bot.errors import Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.context import Services
from bot.services.drawing import draw_later
from bot.services.preparing import end_stale, stop_preparing
from bot.services.proposing.propose import headline, least_role, move_on, repaint, standing_words
from bot.services.proposing.taking import TAKERS, Act
from bot.services.reviewers import ask_reviewers
from bot.services.tell import audit, move

CLARION = "Clarion"
"""The author of what a policy makes, when an admin's configuration says ``mode = "auto"``."""


async def take(
    svc: Services, brand: Brand, number: int, member: str, *, turn: int | None = None, by_policy: bool = False
) -> str:
    """Do what was proposed, once, whoever else says so at the same moment.

    What becomes a post goes through review like any other, by its brand's policy. ``turn``: as it
    stood when its button was shown. Raises `NotFound`, `NotAllowed`, `Conflict`, or `BadInput` for what
    cannot be made any more.
    """
    proposal = await svc.store.read(lambda tx: proposal_of(tx, brand, number))
    if not by_policy:
        may(brand, member, proposal)
    ready(svc, proposal, Standing.TAKEN, turn)
    taker = TAKERS.get(proposal.kind)
    if taker is None:
        raise NotFound(f"I do not know how to do what {proposal.name} proposes.")
    act: Act = await taker(svc, brand, proposal, member)

    def unit(tx: Tx) -> tuple[str, int | None]:
        current = proposal_of(tx, brand, number)
        ready(svc, current, Standing.TAKEN, proposal.turn)
        words, post_id = act(tx)
        if post_id is not None:
            tx.proposals.settle(number, post_id)
        if move_on(svc, tx, current, Standing.TAKEN, member, why="" if post_id else words) is None:
            raise Conflict(f"Somebody else decided about {proposal.name} at the same moment.")
        return words, post_id

    words, post_id = await svc.store.write(unit)
    if post_id is not None:
        await ask_reviewers(svc, post_id)
        await draw_later(svc, post_id)
    svc.wake()
    return words


async def decline(svc: Services, brand: Brand, number: int, member: str, *, turn: int | None = None) -> str:
    """Not now. It is not proposed again; it can be asked for again."""

    def unit(tx: Tx) -> str:
        proposal = proposal_of(tx, brand, number)
        may(brand, member, proposal)
        ready(svc, proposal, Standing.DECLINED, turn, only=Standing.OPEN)
        move_on(svc, tx, proposal, Standing.DECLINED, member)
        return f"{proposal.name} is put aside. /proposals undo {proposal.name} asks again."

    said = await svc.store.write(unit)
    svc.wake()
    return said


async def undo(svc: Services, brand: Brand, number: int, member: str, *, turn: int | None = None) -> str:
    """What was declined is asked again; what was taken is taken back while nothing of it is out.

    Raises `Conflict` for what cannot be taken back.
    """

    def unit(tx: Tx) -> str:
        proposal = proposal_of(tx, brand, number)
        may(brand, member, proposal)
        if proposal.standing is Standing.TAKEN and proposal.post_id is not None:
            ready(svc, proposal, Standing.DECLINED, turn)
            words = _cancel(svc, tx, brand, proposal, member)
            move_on(svc, tx, proposal, Standing.DECLINED, member)
            return words
        if proposal.standing is Standing.DECLINED and proposal.post_id is not None:
            made = f"P{proposal.post_id}"
            raise Conflict(f"{proposal.name} was taken back; /edit {made} brings {made} back.")
        ready(svc, proposal, Standing.OPEN, turn)
        moved = move_on(svc, tx, proposal, Standing.OPEN, member)
        assert moved is not None
        if moved.expires_at <= svc.clock.now():
            lapsed = move_on(svc, tx, moved, Standing.EXPIRED, "clarion")
            repaint(svc, tx, lapsed or moved)
            raise Conflict(f"{proposal.name} has lapsed meanwhile: what it rests on is too old.")
        return f"{proposal.name} is open again: {headline(moved)}"

    said = await svc.store.write(unit)
    await end_stale(svc)
    svc.wake()
    return said


def _cancel(svc: Services, tx: Tx, brand: Brand, proposal: Proposal, member: str) -> str:
    """Drop the post that was made, if nothing of it is on its way or out."""
    assert proposal.post_id is not None
    tx.posts.lock(proposal.post_id)
    rows = tx.deliveries.of_post(proposal.post_id)
    name = f"P{proposal.post_id}"
    if any(d.begun or d.state not in EDITABLE | {State.CANCELLED} for d in rows):
        raise Conflict(f"{name} is on its way or out already; /delete {name} takes down what is live.")
    reason = f"{proposal.name} was taken back by {member}"
    for delivery in rows:
        if delivery.state is not State.CANCELLED:
            stop_preparing(tx, delivery, reason)
            move(tx, delivery, State.CANCELLED, wake_at=None, reason=reason)
    post = tx.posts.get(proposal.post_id)
    audit(svc, tx, brand.name, member, "cancelled", post=post, facts={"reason": reason})
    tx.cards.touch(proposal.post_id)
    return f"{proposal.name} is taken back and {name} cancelled; /edit {name} brings it back."


def proposal_of(tx: Tx, brand: Brand, number: int) -> Proposal:
    """The brand's proposal; raises `NotFound`."""
    found = tx.proposals.get(number)
    if found is None or found.brand != brand.name:
        raise NotFound(f"There is no R{number} in {brand.name}. /proposals lists what there is.")
    return found


def may(brand: Brand, member: str, proposal: Proposal) -> None:
    """Raises `NotAllowed` for somebody who may not decide about it."""
    least = least_role(proposal)
    if brand.role_of(member) < least:
        raise NotAllowed(f"Deciding about {proposal.name} is for {listed(brand.who(least), 'or')}.")


def ready(
    svc: Services, proposal: Proposal, wanted: Standing, turn: int | None, *, only: Standing | None = None
) -> None:
    """Raises `Conflict` when it cannot become ``wanted``, or somebody decided since ``turn``."""
    changed = turn is not None and turn != proposal.turn
    if wanted in STEPS[proposal.standing] and not changed and only in (None, proposal.standing):
        return
    if proposal.standing is Standing.OPEN:
        how = "is open" if wanted is Standing.OPEN else "was opened again since that button was shown"
        raise Conflict(f"{proposal.name} {how}. /proposals shows it.")
    raise Conflict(f"{proposal.name}: {standing_words(svc, replace(proposal)) or 'it was decided already'}")
