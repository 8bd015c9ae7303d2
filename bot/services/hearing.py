"""What a chat service is told has arrived: written down first, done once, and taken up after a restart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.domain.inbound import inbound_from_json, inbound_to_json
from bot.domain.message import Inbound, Invocation, Message
from bot.domain.records import Heard
from bot.errors import BadInput, ChatError
from bot.services.chores import Chore
from bot.services.context import Services

DEAD = timedelta(minutes=10)
"""After so long what another process took is looked at again: it must have died over it."""

KEPT = timedelta(days=3)
"""How long a key is known. Slack repeats for minutes, Discord for as long as a session can be resumed."""

SHOWN = 1500
"""Characters that somebody gets back of what they had typed."""


def key_of(said: Inbound) -> str:
    """The service's name for the event, behind the chat's own."""
    return f"{said.target.chat}:{said.key}"


async def accept(svc: Services, said: Inbound) -> bool:
    """Write it down so that it outlives this process; False when its key was here before.

    What has no key is always new, and is not kept. Raises the `StoreError` family.
    """
    if not said.key:
        return True
    heard = Heard(key=key_of(said), at=svc.clock.now(), owner=svc.owner, said=inbound_to_json(said))
    return await svc.store.write(lambda tx: tx.inbox.first(heard))


async def finished(svc: Services, said: Inbound) -> None:
    """It was done, or refused; either way it was answered."""
    if said.key:
        key = key_of(said)
        await svc.store.write(lambda tx: tx.inbox.done(key))


async def take_up(svc: Services, chat: str, do: Callable[[Inbound], Awaitable[None]]) -> int:
    """What a process that died had accepted in a chat; how many there were.

    Presses and reactions are done now: they compare before they set, so a second time does no
    harm. A command is not repeated, as nobody knows how far it came; whoever typed it is told.
    """
    now, taken = svc.clock.now(), 0
    before = now + KEPT if svc.alone else now - DEAD  # alone, all there is was left by the dead
    for heard in await svc.store.read(lambda tx: tx.inbox.undone(before, 1_000)):
        if heard.owner == svc.owner or not heard.key.startswith(f"{chat}:"):
            continue
        if not await svc.store.write(
            lambda tx, h=heard: tx.inbox.take(h.key, was=h.owner, owner=svc.owner)  # type: ignore[misc]  # mypy infers no lambda with a default
        ):
            continue
        taken += 1
        said = _read(heard)
        if isinstance(said, Invocation):
            await _give_back(svc, said)
            await finished(svc, said)
        elif said is not None:
            await do(said)
        else:
            svc.log.error("heard_unreadable", key=heard.key)
            await svc.store.write(lambda tx, h=heard: tx.inbox.done(h.key))  # type: ignore[misc]  # as above
    return taken


def _read(heard: Heard) -> Inbound | None:
    try:
        return inbound_from_json(heard.said)
    except (KeyError, TypeError, BadInput):
        return None


async def _give_back(svc: Services, said: Invocation) -> None:
    """Privately: that it may not have been done, and what was typed, so that nobody types it twice."""
    values = [v for v in (said.values or {}).values() if isinstance(v, str) and v]
    typed = "\n".join(part for part in (said.raw, *values) if part.strip())
    mine = f"\nYou had written:\n{typed[:SHOWN]}{'…' if len(typed) > SHOWN else ''}" if typed else ""
    text = (
        f"I was restarted while working on your /{said.command}. "
        f"Look at /queue, then repeat it if it is not there.{mine}"
    )
    chat = svc.chats.get(said.target.chat)
    if chat is not None:
        try:
            await chat.whisper(said.target, said.user, Message(text=text, private=True))
        except ChatError as error:
            svc.log.warning("not_given_back", chat=said.target.chat, error=type(error).__name__)


async def _forget(svc: Services) -> None:
    if not svc.teams:
        return
    before: datetime = svc.clock.now() - KEPT
    await svc.store.write(lambda tx: tx.inbox.forget(before))


FORGET = Chore(name="inbox", every=timedelta(hours=1), run=_forget)
"""Keys that no service repeats any more."""
