"""Proposing something to people: once for its reason, where it belongs, repainted as it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.marks import plain
from bot.domain.message import Action, Button, Message
from bot.domain.people import Role
from bot.domain.proposal import CROSSPOST, REPEAT, SLOT, Proposal, Standing
from bot.domain.records import Notice
from bot.domain.when import say
from bot.ports import Tx
from bot.services.context import Services
from bot.services.tell import audit, has_threads

KIND = "proposal"
"""The `Action.kind` of its buttons; its number is the proposal's, its version the turn."""

LASTS = timedelta(days=7)
"""How long a proposal stays open when nothing else is said."""

TAKE, DECLINE, WHY, UNDO = "take", "decline", "why", "undo"

LABELS = {CROSSPOST: "Make the post", REPEAT: "Make the post", SLOT: "Use this time"}.get


def propose(svc: Services, tx: Tx, proposal: Proposal, *, aloud: bool = True) -> Proposal | None:
    """Write it and say it, in the thread of the post it was made from, else in the brand's channels.

    None where its brand has had one with that key, whatever became of it. ``aloud``: False where somebody
    else shows it, with `buttons_of`, like the weekly report.
    """
    put = tx.proposals.put(proposal)
    if put is None:
        return None
    audit(svc, tx, put.brand, "clarion", "proposed", facts={"proposal": put.name, "what": put.key})
    if aloud:
        message = message_of(svc, put)
        for target in svc.channels(put.brand):
            tx.notices.put(
                Notice(
                    id=0,
                    key=f"{_key(put)}@{target.address}",
                    target=replace(target, thread=put.source_post),
                    message=message,
                    brand=put.brand,
                    post_id=put.source_post,
                )
            )
    return put


def message_of(svc: Services, proposal: Proposal) -> Message:
    """The proposal as its row has it."""
    simulated = "SIMULATED — no account is connected" if svc.simulated else ""
    became = standing_words(svc, proposal)
    return Message(
        title=f"{proposal.name} · proposal",
        status=proposal.standing.value.upper() if proposal.standing is not Standing.OPEN else "",
        text=f"{proposal.text}\n→ {became}" if became else proposal.text,
        buttons=buttons_of(proposal),
        footer=simulated,
    )


def buttons_of(proposal: Proposal) -> tuple[Button, ...]:
    """What can be said to it as it stands."""

    def button(verb: str, label: str, *, primary: bool = False) -> Button:
        action = Action(verb=verb, kind=KIND, id=proposal.id, version=proposal.turn)
        return Button(label=label, action=action, primary=primary)

    why = button(WHY, "Why?")
    match proposal.standing:
        case Standing.OPEN:
            yes = button(TAKE, LABELS(proposal.kind, "Do it"), primary=True)
            return (yes, button(DECLINE, "Not now"), why)
        case Standing.TAKEN if proposal.post_id is not None:
            return (button(UNDO, "Take it back"), why)
        case Standing.DECLINED if proposal.post_id is None:
            return (button(UNDO, "Ask again"), why)
        case _:
            return (why,)


def standing_words(svc: Services, proposal: Proposal) -> str:
    """What became of it, in one sentence; nothing while it is open."""
    who, brand = proposal.decided_by, svc.brands.get(proposal.brand)
    zone = brand.timezone if brand else "UTC"
    at = f" {say(proposal.decided_at, zone)}" if proposal.decided_at else ""
    made = f"P{proposal.post_id}" if proposal.post_id else ""
    match proposal.standing:
        case Standing.TAKEN if made:
            return f"{who} made {made} of it{at}; it goes through review like any post."
        case Standing.TAKEN:
            return f"{who} took it{at}. {proposal.why}".strip()
        case Standing.DECLINED if made:
            return f"{who} took it back{at}; {made} is cancelled, /edit {made} brings it back."
        case Standing.DECLINED:
            return f"{who} said not now{at}."
        case Standing.EXPIRED:
            return f"Nobody decided until{at}, so it lapsed."
        case Standing.SUPERSEDED:
            return f"It does not hold any more{at}: {proposal.why}"
        case _:
            return ""


def repaint(svc: Services, tx: Tx, proposal: Proposal) -> None:
    """Its messages show how it stands now, where messages can be edited."""
    message = message_of(svc, proposal)
    for target in svc.channels(proposal.brand):
        if has_threads(svc, target):
            tx.notices.revise(f"{_key(proposal)}@{target.address}", message)


def move_on(
    svc: Services, tx: Tx, proposal: Proposal, standing: Standing, by: str, *, why: str = ""
) -> Proposal | None:
    """The proposal in its new standing, repainted and written down; None when somebody was faster."""
    now = svc.clock.now()
    if not tx.proposals.decide(proposal.id, turn=proposal.turn, standing=standing, by=by, at=now, why=why):
        return None
    moved = tx.proposals.get(proposal.id)
    assert moved is not None
    facts = {"proposal": proposal.name, "what": proposal.key, **({"why": plain(why)} if why else {})}
    audit(svc, tx, proposal.brand, by, f"proposal_{standing.value}", facts=facts)
    repaint(svc, tx, moved)
    return moved


async def lapse(svc: Services) -> int:
    """Proposals whose time is over are open no longer; how many."""
    now = svc.clock.now()
    if not await svc.store.read(lambda tx: tx.proposals.due(now, limit=1)):
        return 0

    def unit(tx: Tx) -> int:
        found = tx.proposals.due(now)
        return sum(move_on(svc, tx, one, Standing.EXPIRED, "clarion") is not None for one in found)

    return await svc.store.write(unit)


def headline(proposal: Proposal) -> str:
    """Its first line, for lists."""
    return plain(proposal.text).partition("\n")[0]


def _key(proposal: Proposal) -> str:
    return f"proposal:{proposal.brand}:{proposal.id}"


def least_role(proposal: Proposal) -> Role:
    """Who may say yes or no to it: whoever may make posts; the calendar is for those who approve."""
    return Role.APPROVE if proposal.kind == SLOT else Role.CREATE
