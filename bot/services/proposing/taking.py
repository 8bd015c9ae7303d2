"""What it means to say yes, for each kind of proposal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.domain.outcomes import CROSSPOST as COPIED
from bot.domain.people import Brand
from bot.domain.post import Variant, variant_from_json
from bot.domain.proposal import CROSSPOST, REPEAT, SLOT, Proposal
from bot.domain.series import CalendarEntry, EntryKind
from bot.domain.slots import parse_slots
from bot.domain.when import say
from bot.domain.words import listed
from bot.errors import BadInput, Conflict, NotFound
from bot.ports import Tx
from bot.services.arrange import spoken
from bot.services.compose import write_post
from bot.services.context import Connected, Services
from bot.services.fitting import make_pictures
from bot.services.history import happened
from bot.services.plan import occasion
from bot.services.proposing.targets import same_words, source_of, withheld
from bot.services.proposing.timing import wish_again
from bot.services.tell import audit

Act = Callable[[Tx], tuple[str, int | None]]
"""What is done in the transaction that decides: the sentence about it, and the post that it made, if any."""

Taker = Callable[[Services, Brand, Proposal, str], Awaitable[Act]]


async def _make_post(svc: Services, brand: Brand, proposal: Proposal, member: str) -> Act:
    """A real post of ``body["variants"]``, on its way through review. Its files are looked at again."""
    variants = [variant_from_json(v) for v in proposal.body.get("variants", ())]
    pairs = [(_account(svc, brand, v), v) for v in variants]
    for connected, variant in pairs:
        await connected.refresh(svc.clock.now())
        gone = [m.name for m in variant.media if not svc.media.path(m).is_file()]
        if gone:
            raise BadInput(f"{listed(gone)} is not kept here any more; /post it anew.")
    if not pairs:
        raise BadInput(f"{proposal.name} has no text any more; /post it anew.")
    wish = await wish_again(svc, brand, proposal)
    made = await make_pictures(svc, pairs)
    brief = str(proposal.body.get("brief") or variants[0].body)

    def act(tx: Tx) -> tuple[str, int | None]:
        if proposal.kind == CROSSPOST:
            _still_true(svc, tx, brand, proposal, wish)
        post = write_post(svc, tx, brand, member, brief, wish, variants, made, {})
        if proposal.kind == CROSSPOST:
            tx.snapshots.flag(post.id, COPIED)
        facts = {"proposal": proposal.name, "source": proposal.source_post}
        audit(svc, tx, brand.name, member, "made_of", post=post, facts=facts)
        origin = f" of P{proposal.source_post}" if proposal.source_post else ""
        happened(svc, tx, post, "made of", f"Made{origin} as {proposal.name} proposed; /why {proposal.name}.")
        dues = [d.due for d in tx.deliveries.of_post(post.id) if d.due is not None]
        when = f" for {say(min(dues), brand.timezone, now=svc.clock.now())}" if dues else ""
        asked = any(brand.policy_for(v.account).mode != "none" for v in variants)
        what = "waits for approval" if asked else "is scheduled, as nobody is asked here"
        return f"{post.name} is made of {proposal.name}{when} and {what}.", post.id

    return act


def _still_true(svc: Services, tx: Tx, brand: Brand, proposal: Proposal, wish: str) -> None:
    """Raises `Conflict` when what was proposed is not right any more: the source is gone, somebody keeps it
    where it is, its text will be stale by then, or the account says it already."""
    name = f"P{proposal.source_post}"
    source = source_of(tx, proposal.source_delivery or 0)
    if source is None:
        raise Conflict(f"{name} is not out any more, so nothing is made of it.")
    now = svc.clock.now()
    due = occasion(tx, brand, proposal.account, wish, now).due
    why = withheld(tx, brand, source, goes_out=due)
    if why is not None:
        raise Conflict(f"{name} is not posted elsewhere: {why}.")
    if proposal.account in same_words(tx, source, now):
        raise Conflict(f"{proposal.account} says the same in another post already, or is about to.")


async def _add_slot(svc: Services, brand: Brand, proposal: Proposal, member: str) -> Act:
    """Another weekly time, ``body["slot"]`` like ``"tue 18:30"``, beside those that there are."""
    slots = parse_slots([str(proposal.body.get("slot", ""))])

    def act(tx: Tx) -> tuple[str, int | None]:
        now = svc.clock.now()
        texts = [spoken(slot) for slot in slots]
        for text in texts:
            entry = CalendarEntry(brand=brand.name, kind=EntryKind.SLOT, text=text, by=member, at=now)
            tx.calendars.add(entry)
        audit(svc, tx, brand.name, member, "slot_added", facts={"entries": texts, "of": proposal.name})
        return f"{listed(texts)} is a slot from now on; /slots lists them all.", None

    return act


def _account(svc: Services, brand: Brand, variant: Variant) -> Connected:
    connected = svc.accounts.get(variant.account)
    if connected is None or connected.brand != brand.name:
        raise NotFound(f"{brand.name} has no account {variant.account} any more.")
    return connected


TAKERS: Mapping[str, Taker] = MappingProxyType({CROSSPOST: _make_post, REPEAT: _make_post, SLOT: _add_slot})
"""By `Proposal.kind`. Each does what can fail or takes long first; what it returns is done in the
transaction in which the proposal is taken, so that it happens once or not at all."""
