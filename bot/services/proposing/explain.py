"""Why something was proposed: what it cited, computed again from those rows, and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.domain.message import Field, Message
from bot.domain.people import Brand
from bot.domain.proposal import CROSSPOST, SLOT, Proposal
from bot.domain.when import say
from bot.domain.winners import PostStanding
from bot.services.advising.proposed import said_again
from bot.services.context import Services
from bot.services.proposing.deciding import proposal_of
from bot.services.proposing.pairs import NEEDED, Pair, pairs_of
from bot.services.proposing.propose import headline, standing_words
from bot.services.proposing.sources import standing_again

SAME = 1e-6
"""Relative difference up to which two figures are the same: the order of a sum may change the last digits."""

Explainer = Callable[[Services, Brand, Proposal], Awaitable[list[Field]]]


async def explain(svc: Services, brand: Brand, number: int) -> Message:
    """What R``number`` rests on, and whether that still comes out the same. Raises `NotFound`."""
    proposal = await svc.store.read(lambda tx: proposal_of(tx, brand, number))
    fields = [Field(name="Proposed", value=headline(proposal)), *_cited(brand, proposal)]
    explainer = EXPLAINERS.get(proposal.kind)
    if explainer is not None:
        fields += await explainer(svc, brand, proposal)
    if became := standing_words(svc, proposal):
        fields.append(Field(name="Decided", value=became))
    marks = "SIMULATED — no account is connected" if svc.simulated else ""
    return Message(title=f"Why {proposal.name}", fields=tuple(fields), footer=marks)


def _cited(brand: Brand, proposal: Proposal) -> list[Field]:
    found, zone = proposal.evidence, brand.timezone
    span = ""
    if found.since is not None and found.until is not None:
        span = f" that came out {say(found.since, zone)} to {say(found.until, zone)}"
    rows = f", {len(found.rows)} {found.kind} rows" if found.rows else ""
    return [
        Field(
            name="Stands on",
            value=f"{found.n} posts{span}{rows}; computed {say(found.at, zone)} by {found.method}",
        )
    ]


async def _of_crosspost(svc: Services, brand: Brand, proposal: Proposal) -> list[Field]:
    fields = [Field(name="Again", value=await _again(svc, brand, proposal))]
    fields.append(
        Field(
            name="Left out",
            value="paid posts, cross-posts, tests, and posts too young to compare. What else made it rise, "
            "like news or somebody else's link, is not known.",
        )
    )
    pairs = await pairs_of(svc, brand)
    mine = next((p for p in pairs if p.proposal.id == proposal.id), None)
    expects = str(proposal.evidence.facts.get("expect", ""))
    if expects:
        fields.append(Field(name="Expected", value=expects))
    if proposal.post_id is not None:
        fields.append(Field(name="Came of it", value=_lift(proposal, mine)))
    return fields


async def _again(svc: Services, brand: Brand, proposal: Proposal) -> str:
    facts, source = proposal.evidence.facts, proposal.source_delivery
    if facts.get("policy") == "absolute":
        return f"{facts.get('reason')}; that rule compares with fixed bars, not with the account's usual"
    found = None
    if source is not None:
        found = await standing_again(svc, brand, proposal.evidence, source)
    claimed = float(facts.get("ratio") or 0.0)
    if found is None:
        return f"{claimed:.1f}× was computed, and cannot be computed again: its rows are not here any more"
    if abs(found.ratio - claimed) <= SAME * max(claimed, 1.0):
        return f"{_standing(found)}: the same, from the same readings"
    changed = f"where {claimed:.1f}× was said: flags or the brand's metric changed since"
    return f"{_standing(found)} from the same readings, {changed}"


def _standing(found: PostStanding) -> str:
    low, high = 1 + found.interval.lo, 1 + found.interval.hi
    usual = f"{found.usual:,.0f}"
    return (
        f"{found.value:,.0f} {_words(found.basis)}, {found.ratio:.1f}× the usual at the same age "
        f"({found.interval.level:.0%}: {low:.1f}-{high:.1f}); its usual is about {usual} in the end, "
        f"from {found.n} posts"
    )


def _words(basis: str) -> str:
    return "engagements" if basis == "engagement" else basis


def _lift(proposal: Proposal, pair: Pair | None) -> str:
    made = f"P{proposal.post_id}"
    if pair is None:
        return f"{made} is not out yet"
    if pair.ratio is None or pair.lift is None:
        return f"{made}: — (no numbers yet, or fewer than {NEEDED} posts to compare with)"
    low, high = 1 + pair.lift.lo, 1 + pair.lift.hi
    so_far = "" if pair.age_ok else " so far; it still grows"
    return f"{made}: {pair.ratio:.1f}× the usual there (80 %: {low:.1f}-{high:.1f}){so_far}"


async def _of_slot(svc: Services, brand: Brand, proposal: Proposal) -> list[Field]:
    return [Field(name="Again", value=await said_again(svc, brand, proposal.evidence))]


EXPLAINERS: Mapping[str, Explainer] = MappingProxyType({CROSSPOST: _of_crosspost, SLOT: _of_slot})
"""By `Proposal.kind`: what else there is to say, computed anew."""
