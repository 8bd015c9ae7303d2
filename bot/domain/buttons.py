"""The buttons of a card: what can be done about a post as it stands, the likeliest first. Pure."""

from __future__ import annotations

from bot.domain.asks import ASKS
from bot.domain.delivery import EDITABLE, State, parked
from bot.domain.message import Action, Button
from bot.domain.post import Post
from bot.domain.sheet import Row, Sheet

MOST = 25
"""Buttons of one message; Discord's bound (its components reference), the smallest of all chats."""

KEEP, LET_GO = "♻ Keep for later", "♻ Let go"


def buttons_of(sheet: Sheet) -> tuple[Button, ...]:
    """At most `MOST`; where there are too many targets, what is only offered gives way first."""
    post, rows = sheet.post, sheet.rows
    states = {r.delivery.state for r in rows}
    untouched = {r.delivery.state for r in rows if not r.delivery.begun}
    head: list[Button] = []
    if State.IN_REVIEW in states:
        head += [
            of_post(post, "approve", "Approve", primary=True),
            of_post(post, "changes", "Request changes"),
            of_post(post, "reject", "Reject"),
        ]
    if any(parked(r.delivery) for r in rows):
        head.append(of_post(post, "unhold", "Resume"))
    elif states & {State.IN_REVIEW, State.SCHEDULED}:
        head.append(of_post(post, "hold", "Hold"))
    if editable(rows):
        head.append(of_post(post, "edit", "Edit"))
    if untouched & {State.IN_REVIEW, State.SCHEDULED, State.EXPIRED, State.CHANGES_REQUESTED}:
        head.append(of_post(post, "schedule", "Other time"))
    if states & {State.DRAFT, State.IN_REVIEW}:
        head.append(of_post(post, "preview", "Preview"))
    tail: list[Button] = []
    if sheet.numbers is not None:
        tail.append(Button(label="Why?", action=Action(verb="why", kind="numbers", id=post.id, version=0)))
    if State.LIVE in states:
        tail.append(of_post(post, "unkeep", LET_GO) if sheet.kept else of_post(post, "keep", KEEP))
    if states & {State.SCHEDULED, State.IN_REVIEW, State.HELD}:
        tail.append(of_post(post, "cancel", "Cancel"))
    of_rows = [button for row in rows for button in row_buttons(row, len(rows) > 1)]
    spare = sorted(of_rows, key=lambda b: b.danger)[: MOST - len(head) - len(tail)]
    return (*head, *(b for b in of_rows if b in spare), *tail)


def of_post(post: Post, verb: str, label: str, *, primary: bool = False) -> Button:
    """A button about the whole post; what it asks is in `ASKS`."""
    ask = ASKS.get(verb)
    return Button(
        label=label,
        action=Action(verb=verb, kind="post", id=post.id, version=post.version),
        asks=ask.label if ask else "",
        optional=ask.optional if ask else False,
        primary=primary,
    )


def of_delivery(number: int, fence: int, verb: str, label: str, *, danger: bool = False) -> Button:
    """A button about one target, as it stood under ``fence``."""
    ask = ASKS.get(verb)
    return Button(
        label=label,
        action=Action(verb=verb, kind="delivery", id=number, version=fence),
        asks=ask.label if ask else "",
        optional=ask.optional if ask else False,
        danger=danger,
    )


def editable(rows: tuple[Row, ...]) -> bool:
    """Whether `bot.services.edit` would take a new version: nothing is on its way or out."""
    left = [
        r.delivery
        for r in rows
        if not (r.delivery.rule is not None and r.delivery.state in (State.LIVE, State.REMOVED))
    ]
    return bool(left) and all(not d.begun and d.state in EDITABLE | {State.CANCELLED} for d in left)


def questions(number: int, fence: int, on: str = "") -> tuple[Button, ...]:
    """What a person is asked whose outcome nobody could find out."""
    return (
        of_delivery(number, fence, "is-live", f"It's live{on}"),
        of_delivery(number, fence, "is-not", f"It's not — send it{on}"),
        of_delivery(number, fence, "leave", f"Leave it{on}"),
    )


def row_buttons(row: Row, several: bool) -> tuple[Button, ...]:
    """What can be done about one target; it is named where there are ``several``."""
    delivery = row.delivery
    on = f" ({row.title})" if several else ""

    def of(verb: str, label: str, *, danger: bool = False) -> Button:
        return of_delivery(delivery.id, delivery.fence, verb, label + on, danger=danger)

    match delivery.state:
        case State.DRAFT | State.IN_REVIEW:
            mending = (
                (of("stop-preparing", "Cancel preparing"),)
                if row.preparing
                else (of("prepare", "Try again"),)
                if row.stopped
                else ()
            )
            return (*((of("choose", "Choose…"),) if row.choosable else ()), *mending)
        case State.HANDED_OVER:
            return (of("is-live", "It's live"), of("will-not", "It will not be"))
        case State.UNCONFIRMED if delivery.wake_at is None and delivery.checks >= 0:
            return questions(delivery.id, delivery.fence, on)
        case State.HELD if parked(delivery):
            return ()
        case State.PARTIAL if parked(delivery):
            return (of("take-down", "Take down", danger=True),)
        case State.PARTIAL:
            return (of("retry", "Continue"), of("take-down", "Take down", danger=True))
        case State.REFUSED | State.HELD | State.MISSED:
            return (of("retry", "Publish now" if delivery.state is not State.REFUSED else "Try again"),)
        case State.LIVE:
            return (of("take-down", "Take down", danger=True),)
        case State.SCHEDULED if delivery.begun:
            return (of("take-down", "Take down", danger=True),)
        case _:
            return ()
