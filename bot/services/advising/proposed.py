"""A time that was proposed as a slot: what it rests on, computed again like any other claim."""

from __future__ import annotations

from datetime import datetime

from bot.domain.evidence import Evidence
from bot.domain.forecast import Forecast, Offers, Origin, advice_from_json, advice_to_json
from bot.domain.outcomes import SlotAdvice
from bot.domain.people import Brand
from bot.domain.post import Json
from bot.services.advising.explain import again
from bot.services.context import Services


def evidence_of(offered: Offers, advice: SlotAdvice) -> Evidence:
    """Everything that is needed to say ``advice`` again."""
    facts: dict[str, Json] = {
        **offered.facts,
        "asked_at": offered.at.isoformat(),
        "account": offered.account,
        "content_type": offered.content_type,
        "seed": offered.seed,
        "advice": advice_to_json(advice),
    }
    return Evidence(method=offered.method, at=offered.at, n=len(offered.rows), rows=offered.rows, facts=facts)


async def said_again(svc: Services, brand: Brand, evidence: Evidence) -> str:
    """The same question to the same optimizer, from the numbers that were known then."""
    facts = evidence.facts
    if "advice" not in facts:
        return "— it cannot be computed again: its row does not say how it was asked"
    advice = advice_from_json(facts["advice"])
    row = Forecast(
        id=0,
        delivery_id=0,
        post_id=0,
        brand=brand.name,
        account=str(facts["account"]),
        platform="",
        content_type=str(facts["content_type"]),
        slot=advice.starts_at,
        made_at=datetime.fromisoformat(str(facts["asked_at"])),
        origin=Origin.TAKEN,
        advice=advice,
        method=evidence.method,
        seed=int(facts["seed"]),
        propensity=1.0,
        rows=evidence.rows,
        facts=facts,
    )
    return await again(svc, brand, row)
