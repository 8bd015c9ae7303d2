"""What waits for one person: decisions, questions, changes; today's queue; what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.domain.approval import Choice
from bot.domain.buttons import of_post, row_buttons
from bot.domain.delivery import Delivery, State, parked
from bot.domain.message import Button, Field, Message
from bot.domain.people import Brand, Role
from bot.domain.post import Post
from bot.domain.sheet import Row
from bot.domain.when import say, wall_at
from bot.ports import Tx
from bot.services.context import Services
from bot.services.people import member_of
from bot.services.signed import asked_about, standing

SHOWN = 8
"""Entries of one kind that are listed; the rest is counted."""

PRESSABLE = 5
"""Posts that have buttons here; a message holds 25 of them."""

LOOKED_AT = 500
"""Unfinished deliveries of one brand that are looked through; what goes out another day is none of them."""

DAY = timedelta(hours=26)
"""No day is longer, wherever in it one stands and however the clocks change."""

STOPPED = (State.REFUSED, State.HELD, State.PARTIAL, State.MISSED, State.EXPIRED)


@dataclass(kw_only=True)
class Desk:
    """What one person finds, over all brands that they are in."""

    decide: list[str] = field(default_factory=list)
    tell: list[str] = field(default_factory=list)
    change: list[str] = field(default_factory=list)
    today: list[tuple[str, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    buttons: dict[int, tuple[Button, ...]] = field(default_factory=dict)


async def home(svc: Services, user: str, chat: str) -> Message:
    """For a user of a chat, over all brands that they are a member of."""
    known = [(brand, await member_of(svc, brand, chat, user)) for brand in svc.brands.values()]
    mine = [(brand, member) for brand, member in known if brand.role_of(member) > Role.NONE]
    if not mine:
        # which brands there are, and who runs them, is nothing for strangers
        text = "You are in no brand here yet. Ask in your team's channel: an admin there can add you."
        return Message(title="Clarion", text=text)
    return await desk_of(svc, mine)


async def desk_of(svc: Services, mine: Sequence[tuple[Brand, str]], *, today: bool = True) -> Message:
    """What waits for the same person in each of these brands, under their name there; ``today``: with
    what goes out today."""

    def unit(tx: Tx) -> Desk:
        desk = Desk()
        for brand, member in mine:
            _look(svc, tx, desk, brand, member, ahead=DAY if today else timedelta(0))
        return desk

    desk = await svc.store.read(unit)
    rows = [
        ("Stopped", desk.stopped),
        ("Waits for you", desk.decide),
        ("Needs your word", desk.tell),
        ("Asks you for changes", desk.change),
        ("Today", [line for _, line in sorted(desk.today)]),
        ("Did not go out", desk.failed),
    ]
    fields = [Field(name=name, value=_listed(lines)) for name, lines in rows if lines]
    waiting = len(desk.decide) + len(desk.tell) + len(desk.change)
    return Message(
        title="Clarion · " + ", ".join(brand.name for brand, _ in mine),
        status=f"{waiting} for you" if waiting else "nothing for you",
        text="" if fields else "Nothing waits for you, nothing goes out today, nothing failed.",
        fields=tuple(fields),
        buttons=tuple(b for buttons in list(desk.buttons.values())[:PRESSABLE] for b in buttons),
        footer=" · ".join(["SIMULATED — no account is connected"] if svc.simulated else []),
    )


def _look(svc: Services, tx: Tx, desk: Desk, brand: Brand, member: str, *, ahead: timedelta) -> None:
    now, zone, role = svc.clock.now(), brand.timezone, brand.role_of(member)
    halt = tx.halts.active(brand.name)
    if halt is not None:
        desk.stopped.append(f"{brand.name}, by {halt.by} {say(halt.at, zone, now=now)}. /resume when ready")
    posts: dict[int, list[Delivery]] = {}
    for delivery in tx.queue.open(brand.name, since=now - ahead, until=now + ahead, limit=LOOKED_AT):
        posts.setdefault(delivery.post_id, []).append(delivery)
    today = wall_at(now, zone).date()
    for number, rows in posts.items():
        if all(_later(delivery, zone, today) for delivery in rows):
            continue
        post = tx.posts.get(number)
        if post is None:
            continue
        if _is_asked(svc, tx, brand, post, rows, member):
            ends = min((d.wake_at for d in rows if d.state is State.IN_REVIEW and d.wake_at), default=None)
            by = f", by {say(ends, zone, now=now)}" if ends else ""
            desk.decide.append(f"{_named(post, brand, len(desk.buttons))}{by}")
            desk.buttons[number] = _review_buttons(post)
        for delivery in rows:
            _sort(svc, desk, brand, post, delivery, member, role)


def _later(delivery: Delivery, zone: str, today: date) -> bool:
    """Whether it goes out on another day, and nobody has to do anything; most of a long queue does."""
    return delivery.state is State.SCHEDULED and (
        delivery.due is None or wall_at(delivery.due, zone).date() != today
    )


def _sort(
    svc: Services, desk: Desk, brand: Brand, post: Post, delivery: Delivery, member: str, role: Role
) -> None:
    """One delivery into the rows where this person looks for it."""
    now, zone = svc.clock.now(), brand.timezone
    connected = svc.accounts.get(delivery.account)
    title = connected.platform.title if connected else delivery.platform
    line = f"{post.name} on {title}: “{_brief(post)}”"
    own = post.author == member
    match delivery.state:
        case State.UNCONFIRMED if delivery.wake_at is None and role >= Role.CREATE:
            desk.tell.append(f"{line} — {delivery.reason}")
            row = Row(delivery=delivery, title=f"{post.name}, {title}", handle=delivery.account)
            desk.buttons[-delivery.id] = row_buttons(row, several=True)
        case State.HANDED_OVER if own or role >= Role.APPROVE:
            desk.tell.append(f"{line} — {delivery.reason}")
            row = Row(delivery=delivery, title=f"{post.name}, {title}", handle=delivery.account)
            desk.buttons[-delivery.id] = row_buttons(row, several=True)
        case State.CHANGES_REQUESTED if own:
            desk.change.append(f"{line} — {delivery.reason}")
            desk.buttons.setdefault(post.id, (of_post(post, "edit", f"Edit {post.name}"),))
        case State.SCHEDULED if delivery.due is not None:
            if wall_at(delivery.due, zone).date() == wall_at(now, zone).date():
                desk.today.append((delivery.due.isoformat(), f"{say(delivery.due, zone, now=now)} {line}"))
        case state if state in STOPPED and not parked(delivery) and (own or role >= Role.APPROVE):
            desk.failed.append(f"{line} — {delivery.reason or state.value.replace('_', ' ')}")
            row = Row(delivery=delivery, title=f"{post.name}, {title}", handle=delivery.account)
            desk.buttons.setdefault(-delivery.id, row_buttons(row, several=True))


def _is_asked(svc: Services, tx: Tx, brand: Brand, post: Post, rows: Sequence[Delivery], member: str) -> bool:
    """Whether this person's word is waited for: it would count, it is its turn, and it is not there yet."""
    for delivery in rows:
        if delivery.state is not State.IN_REVIEW or not asked_about(tx, brand, post, delivery).may_sign(
            member
        ):
            continue
        found = standing(tx, brand, post, delivery, now=svc.clock.now())
        said = any(
            v.member == member and v.fingerprint == delivery.fingerprint and v.choice is not Choice.YES
            for v in tx.votes.of_post(post.id)
        )
        if member in found.waiting and not said:
            return True
    return False


def _review_buttons(post: Post) -> tuple[Button, ...]:
    return (
        of_post(post, "preview", f"Preview {post.name}"),
        of_post(post, "approve", f"Approve {post.name}"),
        of_post(post, "changes", f"Changes to {post.name}"),
    )


def _named(post: Post, brand: Brand, place: int) -> str:
    more = "" if place < PRESSABLE else " (its card has the buttons)"
    return f"{post.name} · {brand.name} · by {post.author}: “{_brief(post)}”{more}"


def _brief(post: Post) -> str:
    words = " ".join(post.brief.split())
    return words if len(words) <= 60 else f"{words[:59]}…"


def _listed(lines: Sequence[str]) -> str:
    rest = f"\n… and {len(lines) - SHOWN} more; /queue lists them" if len(lines) > SHOWN else ""
    return "\n".join(lines[:SHOWN]) + rest
