"""Three proposals for next time: what is open already, then hours that are thought to do better."""

from __future__ import annotations

from datetime import time, timedelta

from bot.domain.counts_in_words import lift
from bot.domain.forecast import Offers
from bot.domain.outcomes import SlotAdvice
from bot.domain.people import Brand
from bot.domain.periods import Period
from bot.domain.proposal import SLOT, Proposal, Standing
from bot.domain.report_data import Offer
from bot.domain.slots import parse_slots
from bot.domain.when import DAYS, place, wall_at
from bot.errors import BadInput
from bot.ports import Tx
from bot.services.advising.proposed import evidence_of
from bot.services.advising.times import offers
from bot.services.context import Connected, Services
from bot.services.plan import calendar_of
from bot.services.proposing.propose import headline, propose

MOST = 3
LASTS = timedelta(days=7)


async def proposals_for(svc: Services, brand: Brand, period: Period) -> list[Proposal]:
    """Hours to propose as weekly slots, the likeliest first; not written yet. ``period``: after which."""
    found = list[tuple[float, Proposal]]()
    for connected in svc.accounts_of(brand.name):
        offered = await offers(svc, brand.name, connected.name)
        if offered is None or not offered.rows:
            continue  # nothing was ever read of it: a platform's usual hours are no proposal
        usable = [advice for advice in offered.advice if not advice.explore]
        clear = [advice for advice in usable if advice.shown is not None]
        for advice in clear[:MOST] or usable[:1]:  # of hours that are no better than others one is enough
            found.append((advice.p_better, _proposal(svc, brand, connected, offered, advice, period)))
    return [proposal for _, proposal in sorted(found, key=lambda one: (-one[0], one[1].key))]


def put_proposals(svc: Services, tx: Tx, brand: Brand, wanted: list[Proposal]) -> tuple[Proposal, ...]:
    """At most three that are open: those that were made before, then new ones; the same slot never twice."""
    now = svc.clock.now()
    chosen = [one for one in tx.proposals.of_brand(brand.name, [Standing.OPEN]) if one.expires_at > now]
    chosen = sorted(chosen, key=lambda one: one.id)[-MOST:]
    have = {(slot.weekday, slot.time) for slot in calendar_of(tx, brand).slots}
    have |= {slot for one in chosen if one.kind == SLOT for slot in _slots(str(one.body.get("slot", "")))}
    for proposal in wanted:
        if len(chosen) >= MOST:
            break
        slots = _slots(str(proposal.body["slot"]))
        if slots & have:
            continue
        put = propose(svc, tx, proposal, aloud=False)
        if put is not None:
            chosen.append(put)
            have |= slots
    return tuple(chosen)


def offer_of(proposal: Proposal) -> Offer:
    """The proposal as a report has it."""
    return Offer(number=proposal.id, text=headline(proposal))


def _slots(text: str) -> set[tuple[int, time]]:
    try:
        return {(slot.weekday, slot.time) for slot in parse_slots([text])}
    except BadInput:
        return set()


def _proposal(
    svc: Services, brand: Brand, connected: Connected, offered: Offers, advice: SlotAdvice, period: Period
) -> Proposal:
    local = wall_at(advice.starts_at, brand.timezone)
    hour = local.replace(minute=0)
    slot = f"{DAYS[hour.weekday()]} {hour:%H:%M}"
    named = f"{slot.capitalize()} ({place(brand.timezone)})"
    if advice.shown is not None:
        claim = f"{lift(advice.shown)} against your usual hour, from {advice.n_posts} posts"
    elif advice.basis in ("own", "shared"):
        claim = f"no hour is clearly better yet ({advice.n_posts} posts); it is the likeliest"
    else:
        claim = f"not learned from you yet: what is usual on {connected.platform.title}"
    now = svc.clock.now()
    return Proposal(
        brand=brand.name,
        kind=SLOT,
        key=f"{SLOT}:{connected.name}:{slot}:{period.name}",
        text=f"{named} as a weekly slot for {connected.name}: {claim}.",
        evidence=evidence_of(offered, advice),
        body={"slot": slot},
        account=connected.name,
        created_at=now,
        expires_at=now + LASTS,
    )
