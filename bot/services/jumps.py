"""The machine's clock was set while we run: what was planned by the wrong time is looked at again.

Nothing can go out twice by it, as states decide and not times. But what was put off while the
clock was ahead would sleep as much too long; and people should know why things happen late.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.message import Message
from bot.domain.when import say
from bot.ports import Clock, Tx
from bot.services.context import Services
from bot.services.tell import tell_brand

JUMP = timedelta(seconds=30)
"""A wall clock that moved so much against the monotonic one was set (reference: engine, §3.7)."""

TOLD = timedelta(minutes=5)
"""From here on people are told."""


def offset(clock: Clock) -> timedelta:
    """Wall time less monotonic seconds: the same for ever, unless somebody sets the clock."""
    return timedelta(seconds=clock.now().timestamp() - clock.monotonic())


async def after_jump(svc: Services, jump: timedelta) -> None:
    """Wake what sleeps by the wrong time, and say that the clock was set; ``jump`` below 0 is back."""
    svc.log.warning("clock_jumped", seconds=round(jump.total_seconds()))
    now = svc.clock.now()

    def unit(tx: Tx) -> None:
        if jump < timedelta(0):
            tx.deliveries.rouse(now)
            tx.cards.rouse(now)
            tx.notices.rouse(now)
            for account in tx.accounts.all():
                if account.blocked_until is not None and account.blocked_until > now:
                    # a wait that is meant is told again by the platform, at the next call
                    tx.accounts.save(replace(account, blocked_until=None))
        if abs(jump) < TOLD:
            return
        for brand in svc.brands.values():
            text = f"My clock went {_words(jump)}; it is {say(now, brand.timezone, now=now)} now. "
            text += (
                "What is more than 15 minutes late by it is held and asked about."
                if jump > timedelta(0)
                else "Nothing is sent twice; what is not due yet waits until then."
            )
            key = f"clock:{brand.name}:{now.isoformat()}"
            tell_brand(svc, tx, brand.name, key, Message(text=text))

    await svc.store.write(unit)


def _words(jump: timedelta) -> str:
    minutes = round(abs(jump).total_seconds() / 60)
    length = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    return f"{'forward' if jump > timedelta(0) else 'back'} by {length}"
