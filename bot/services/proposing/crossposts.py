"""From winners to proposals: each once for each account that does not have it yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.content import content_type
from bot.domain.crosspost import AUTO, OFF
from bot.domain.money import dollars
from bot.domain.people import Brand
from bot.domain.post import Variant, variant_to_json
from bot.domain.proposal import CROSSPOST, Proposal, Standing, crosspost_key
from bot.domain.when import say
from bot.errors import UserError
from bot.ports import Tx
from bot.services.budget import price_of
from bot.services.context import Connected, Services
from bot.services.proposing.autonomy import halted
from bot.services.proposing.deciding import CLARION, take
from bot.services.proposing.pairs import expectation, expectation_words, pairs_of
from bot.services.proposing.propose import move_on, propose
from bot.services.proposing.shaping import Shaped, shape
from bot.services.proposing.sources import Seen, Winner, winners_of
from bot.services.proposing.targets import Source, same_words, source_of, there_already, withheld
from bot.services.proposing.timing import SOON, When, when_for

EXCERPT = 400
"""Characters of the new text that a proposal shows."""


async def propose_crossposts(svc: Services, brand_name: str) -> None:
    """Look for winners of a brand and propose them where they are missing. May run twice, late or never."""
    brand = svc.brands.get(brand_name)
    if brand is None or brand.crosspost.mode == OFF or len(svc.accounts_of(brand_name)) < 2:
        return
    known = await svc.store.read(lambda tx: _known(tx, brand))
    seen = await winners_of(svc, brand, known=known)
    if seen is None:
        return
    await _withdraw(svc, brand, seen)
    now = svc.clock.now()
    left = await svc.store.read(lambda tx: _left_today(tx, brand, now))
    if left > 0:
        await _propose(svc, brand, seen, left)
    if brand.crosspost.mode == AUTO:
        await _take_all(svc, brand)


def _known(tx: Tx, brand: Brand) -> frozenset[int]:
    """Deliveries that were called winners before."""
    found = tx.proposals.of_brand(brand.name, limit=1000)
    return frozenset(p.source_delivery for p in found if p.kind == CROSSPOST and p.source_delivery)


def _left_today(tx: Tx, brand: Brand, now: datetime) -> int:
    newest = tx.proposals.of_brand(brand.name, limit=100)
    recent = [p for p in newest if p.kind == CROSSPOST and p.created_at > now - timedelta(days=1)]
    return brand.crosspost.a_day - len(recent)


async def _withdraw(svc: Services, brand: Brand, seen: Seen) -> None:
    """What is open and rests on numbers, or on a post, that were taken back is open no longer."""
    high = {w.reading.watch.delivery_id for w in seen.winners}

    def unit(tx: Tx) -> None:
        for one in tx.proposals.of_brand(brand.name, [Standing.OPEN], 1000):
            source = one.source_delivery
            if one.kind != CROSSPOST or source is None:
                continue
            if source_of(tx, source) is None:
                why = f"P{one.source_post} is not out any more."
            elif source in seen.measured and source not in high:
                why = f"P{one.source_post} is not that far above its usual any more."
            else:
                continue
            move_on(svc, tx, one, Standing.SUPERSEDED, "clarion", why=why)

    await svc.store.write(unit)


async def _propose(svc: Services, brand: Brand, seen: Seen, left: int) -> None:
    now, pairs = svc.clock.now(), await pairs_of(svc, brand)
    for winner in seen.winners:
        watch = winner.reading.watch
        if watch.out_at < now - timedelta(seconds=brand.crosspost.fresh_s):
            continue
        earliest = max(now + SOON, watch.out_at + timedelta(seconds=brand.crosspost.cool_off_s))
        source, open_to = await svc.store.read(
            lambda tx, w=winner, e=earliest: _look(svc, tx, brand, w, e)  # type: ignore[misc]
        )
        if source is None:
            continue
        for target in open_to:
            await target.refresh(now)
            shaped = shape(target, source.delivery.variant, source.files, origin=_title(svc, source))
            if isinstance(shaped, str):
                svc.log.debug("not_proposed", post=source.post.name, account=target.name, why=shaped)
                continue
            kind = content_type(shaped.variant)
            when = await when_for(svc, brand, target.name, kind, earliest=earliest)
            expect = await expectation(svc, pairs, watch.platform, target.platform.name)
            words = expectation_words(expect, _title(svc, source), target.platform.title)
            text = _text(svc, brand, winner, source, target, shaped, when, words)
            evidence = replace(
                winner.evidence,
                facts={**winner.evidence.facts, "pairs": [list(p) for p in expect.pairs], "expect": words},
            )
            proposal = Proposal(
                brand=brand.name,
                kind=CROSSPOST,
                key=crosspost_key(source.post.id, target.name),
                text=text,
                evidence=evidence,
                body={
                    "variants": [variant_to_json(shaped.variant)],
                    "brief": shaped.variant.body,
                    "due": when.at.isoformat(),
                    "earliest": earliest.isoformat(),
                    "content_type": kind,
                },
                account=target.name,
                source_post=source.post.id,
                source_delivery=source.delivery.id,
                created_at=now,
                expires_at=now + timedelta(seconds=brand.crosspost.expires_s),
            )
            if await svc.store.write(lambda tx, p=proposal: propose(svc, tx, p)) is None:  # type: ignore[misc]
                continue
            svc.wake()
            left -= 1
            if left <= 0:
                return


def _look(
    svc: Services, tx: Tx, brand: Brand, winner: Winner, earliest: datetime
) -> tuple[Source | None, list[Connected]]:
    """The winner as it stands, and the accounts it may be proposed for."""
    watch = winner.reading.watch
    source = source_of(tx, watch.delivery_id)
    if source is None or withheld(tx, brand, source, goes_out=earliest) is not None:
        return None, []
    now = svc.clock.now()
    missing = [a for a in svc.accounts_of(brand.name) if there_already(tx, brand, source, a) is None]
    said = same_words(tx, source, now) if missing else frozenset()
    return source, [a for a in missing if a.name not in said]


async def _take_all(svc: Services, brand: Brand) -> None:
    """An admin's policy says yes to what is open; the brand's approval is asked as ever. It halts itself
    where what it made went badly, and people are asked."""
    for one in await svc.store.read(lambda tx: tx.proposals.of_brand(brand.name, [Standing.OPEN], 100)):
        if one.kind != CROSSPOST:
            continue
        if why := await halted(svc, brand, one):
            svc.log.debug("not_made", proposal=one.name, why=why)
            continue
        try:
            await take(svc, brand, one.id, CLARION, turn=one.turn, by_policy=True)
        except UserError as error:
            svc.log.warning("not_made", proposal=one.name, why=str(error))


def _text(
    svc: Services,
    brand: Brand,
    winner: Winner,
    source: Source,
    target: Connected,
    shaped: Shaped,
    when: When,
    expects: str,
) -> str:
    zone, now, title = brand.timezone, svc.clock.now(), target.platform.title
    read = say(winner.reading.snapshot.at, zone, now=now)
    words = " ".join(shaped.variant.body.split())
    quoted = f"“{words[:EXCERPT]}{'…' if len(words) > EXCERPT else ''}”"
    lines = [
        f"{source.post.name} on {_title(svc, source)}: {winner.performer.reason}, read {read}. "
        f"It is not on {title} ({target.name}) yet.",
        f"There, {shaped.how}: {quoted}{_files(shaped.variant)}{_price(target, shaped.variant)}",
        f"When: {say(when.at, zone, now=now)}{_why_then(when)}",
        f"Expect: {expects}.",
        *(f"⚠ {note}" for note in shaped.notes),
    ]
    return "\n".join(lines)


def _files(variant: Variant) -> str:
    names = [m.name for m in variant.media]
    return f" with {', '.join(names)}, made to fit" if names else ""


def _price(target: Connected, variant: Variant) -> str:
    price = sum(price_of(target, part) for part in variant.parts)
    return f" · {target.platform.title} charges {dollars(price)}" if price else ""


def _why_then(when: When) -> str:
    advice = when.advice
    if advice is None:
        return ", the first time with room; nothing is learned of the hours yet"
    if advice.shown is not None:
        low, high = advice.shown.lo, advice.shown.hi
        lift = f"{advice.shown.mean:+.0%} [{low:+.0%}, {high:+.0%}]"
        return f", {lift} against its usual hour, from {advice.n_posts} posts"
    return f", no hour is clearly better ({advice.n_posts} posts)"


def _title(svc: Services, source: Source) -> str:
    connected = svc.accounts.get(source.delivery.account)
    return connected.platform.title if connected is not None else source.delivery.platform
