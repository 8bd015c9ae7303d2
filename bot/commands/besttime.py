"""/besttime: when an account's posts do best, how sure that is, and what such claims came to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zlib import crc32

from bot.commands.context import Context, said
from bot.commands.spec import Accounts, Opt, command
from bot.domain.advice_words import ledger_line, record_words, told
from bot.domain.claims import record_of
from bot.domain.delivery import EDITABLE, State
from bot.domain.heat import heat_lines, legend
from bot.domain.message import Action, Button, Field, Message
from bot.domain.outcomes import SlotAdvice
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.when import place, say, wall_at
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.advising.exploring import explores, let_explore
from bot.services.advising.times import best_times, offers, slot_scores, zone_of
from bot.services.compose import pick_accounts
from bot.services.context import Connected, Services
from bot.services.measuring.outcomes import outcomes

SLOT, HOURS = "slot", "hours"
"""Kinds of buttons: one puts a post at an instant (its version, in minutes since 1970), the others tell
more about an account (its id, as `number_of` makes it)."""

TAKE, WHY, OTHER = "take", "why", "other"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN, MORE = 3, 8
Kinds = Literal["text", "link", "picture", "video", "document", "thread"]
KINDS = ("text", "link", "picture", "video", "document", "thread")
SIMULATED = "SIMULATED — no account is connected"
NOTHING = (
    "I cannot advise a time for {account} now: no hour is free in the next 7 days, or nothing here can "
    "compute one. Name a time, or say `next slot`."
)


@command(role=Role.VIEW)
async def besttime(
    ctx: Context,
    *,
    account: Annotated[Accounts | None, Opt("Which account; without it, every one", positional=True)] = None,
    type_: Annotated[Kinds, Opt("What kind of post")] = "text",
    week: Annotated[bool, Opt("All hours of the week as a map")] = False,
    ledger: Annotated[bool, Opt("What earlier claims came to")] = False,
    explore: Annotated[Literal["on", "off"] | None, Opt("Whether I may try other hours, 1 post in 7")] = None,
) -> Message:
    """Tell when posts do best: the hour, by how much, how sure that is and from how many posts."""
    svc, brand = ctx.svc, ctx.brand
    chosen = pick_accounts(svc, brand, account or ())
    if explore is not None:
        words = [await let_explore(svc, brand, one.name, ctx.user, explore == "on") for one in chosen]
        return said(" ".join(words))
    if ledger:
        return await _ledger(svc, brand, [one.name for one in chosen] if account else [])
    if week:
        return await map_of(svc, brand, chosen[0])
    if len(chosen) > 1:
        fields = [Field(name=one.name, value=await _words(svc, brand, one, type_)) for one in chosen]
        return Message(title=f"Best times of {brand.name}", fields=tuple(fields), footer=footer(svc, brand))
    return await answer(svc, brand, chosen[0], type_, k=SHOWN)


async def answer(svc: Services, brand: Brand, account: Connected, kind: str, *, k: int) -> Message:
    """The best times of one account, with what can be done about them."""
    advice = await best_times(svc, brand.name, account.name, content_type=kind, k=k)
    if not advice:
        return said(NOTHING.format(account=account.name))
    best = next((one for one in advice if not one.explore), advice[0])
    post = await svc.store.read(lambda tx: movable(tx, brand, account.name))
    buttons = []
    if post is not None:
        minutes = (best.starts_at - EPOCH) // timedelta(minutes=1)
        take = Action(verb=TAKE, kind=SLOT, id=post.id, version=minutes)
        buttons.append(Button(label=f"Schedule {post.name} there", action=take, primary=True))
    number, which = number_of(account.name), KINDS.index(kind)
    for verb, label in ((WHY, "Why?"), (OTHER, "Other times")):
        action = Action(verb=verb, kind=HOURS, id=number, version=which)
        buttons.append(Button(label=label, action=action))
    return Message(
        title=f"Best times for {account.name}",
        text=await _told(svc, brand, account, advice),
        buttons=tuple(buttons),
        footer=footer(svc, brand),
    )


async def _words(svc: Services, brand: Brand, account: Connected, kind: str) -> str:
    advice = await best_times(svc, brand.name, account.name, content_type=kind, k=SHOWN)
    return await _told(svc, brand, account, advice) if advice else NOTHING.format(account=account.name)


async def _told(svc: Services, brand: Brand, account: Connected, advice: tuple[SlotAdvice, ...]) -> str:
    tries = await svc.store.read(lambda tx: explores(tx, account.name))
    zone = zone_of(brand, account.name)
    return told(
        advice,
        account=account.name,
        platform=account.platform.title,
        zone=brand.timezone,
        audience=zone if zone != brand.timezone else "",
        explores=tries,
    )


def movable(tx: Tx, brand: Brand, account: str) -> Post | None:
    """The newest post that goes to the account and whose time can still be changed; None without one."""
    for state in (State.IN_REVIEW, State.SCHEDULED, State.DRAFT):
        post = tx.posts.latest(brand.name, [state])
        rows = tx.deliveries.of_post(post.id) if post is not None else ()
        if any(d.account == account for d in rows) and all(d.state in EDITABLE and not d.begun for d in rows):
            return post
    return None


async def why_of(svc: Services, brand: Brand, account: Connected, kind: str) -> Message:
    """What the best time of an account stands on."""
    found = await offers(svc, brand.name, account.name, content_type=kind)
    if found is None or not found.advice:
        return said(NOTHING.format(account=account.name))
    one = next((one for one in found.advice if not one.explore), found.advice[0])
    record = await svc.store.read(lambda tx: record_of(tx.forecasts.realised(brand.name)))
    zone = zone_of(brand, account.name)
    others = found.facts.get("others", 0)
    rows = [
        Field(name="Time", value=f"{say(one.starts_at, brand.timezone)}; hours are counted in {place(zone)}"),
        Field(name="From", value=_from(one, len(found.rows), int(others), account)),
        *(Field(name="Because", value=text) for text in one.because),
        *(Field(name="Mind", value=text) for text in one.warnings),
        Field(name="Left out", value=f"quiet hours, days off, {found.hours} hours of the week were open"),
        Field(name="Track record", value=record_words(record)),
        Field(name="Method", value=f"{found.method}, as of {say(found.at, brand.timezone)}"),
    ]
    return Message(
        title=f"Why that time for {account.name}", fields=tuple(rows), footer=footer(svc, brand), private=True
    )


def _from(one: SlotAdvice, own: int, others: int, account: Connected) -> str:
    words = {
        "own": f"{one.n_posts} posts of this account",
        "shared": f"{one.n_posts} posts of this account and {others} of the brand's others",
        "audience": "the audience's hours in the configuration",
        "chart": f"what is usual on {account.platform.title}",
    }
    more = f" ({own} with numbers in all)" if own != one.n_posts else ""
    return words.get(one.basis, one.basis) + more


async def map_of(svc: Services, brand: Brand, account: Connected) -> Message:
    """The week as a map; hours that were never tried are hatched."""
    scores = await slot_scores(svc, brand.name, account.name)
    if scores is None:
        return said(f"Nothing is known about the hours of {account.name} yet.")
    zone = zone_of(brand, account.name)
    posts = await outcomes(svc, brand.name, accounts=[account.name])
    walls = [wall_at(one.published_at, zone) for one in posts]
    tried = frozenset(wall.weekday() * 24 + wall.hour for wall in walls)
    return Message(
        title=f"The week of {account.name}",
        text=legend(tried, len(posts), scores),
        fields=tuple(Field(name=day, value=signs) for day, signs in heat_lines(scores, tried)),
        footer=" · ".join(
            filter(None, [f"each sign is an hour, from 0:00 {place(zone)}", footer(svc, brand)])
        ),
    )


async def _ledger(svc: Services, brand: Brand, accounts: list[str]) -> Message:
    def unit(tx: Tx) -> tuple[str, tuple[Field, ...]]:
        now = svc.clock.now()
        record = record_of(tx.forecasts.realised(brand.name))
        rows = tx.forecasts.recent(brand.name, account=accounts[0] if accounts else None, limit=12)
        return record_words(record), tuple(
            Field(name=f"P{row.post_id} {row.account}", value=ledger_line(row, brand.timezone, now))
            for row in rows
        )

    words, fields = await svc.store.read(unit)
    of = listed(accounts) if accounts else brand.name
    return Message(title=f"Claims about times, {of}", text=words, fields=fields, footer=footer(svc, brand))


def footer(svc: Services, brand: Brand) -> str:
    """What is not to be mistaken for real."""
    return " · ".join(filter(None, ["DRY RUN" if brand.dry_run else "", SIMULATED if svc.simulated else ""]))


def number_of(account: str) -> int:
    """An account as a number in a button."""
    return crc32(account.encode())


def account_of(svc: Services, number: int) -> Connected | None:
    """The account behind a button's number; None where it is not configured any more."""
    return next((one for one in svc.accounts.values() if number_of(one.name) == number), None)


def kind_of(version: int) -> str:
    """The kind of post behind a button's version."""
    return KINDS[version] if 0 <= version < len(KINDS) else KINDS[0]
