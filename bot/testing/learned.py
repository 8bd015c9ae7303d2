"""The demo's chapter about what comes back: an hour that nobody named, numbers, a milestone, a report."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.delivery import State

if TYPE_CHECKING:
    from bot.testing.story import Stage

WEEK = timedelta(days=7)


async def show_numbers(stage: Stage, post: int) -> None:
    """Leave the hour to the bot, let people see the post, and ask what it came to."""
    svc = stage.app.services
    watched = {name: sim for name, sim in stage.app.simulators.items() if hasattr(sim, "seen")}
    account = next(a for a in svc.accounts.values() if a.platform.name in watched)
    simulator = watched[account.platform.name]
    stage.chapter("What comes back")
    said = await stage.say("alice", f'/post "We count what we say." --to {account.name} --at best')
    stage.check("best →" in said, "the hour is left to the bot, and the card says what it rests on")
    await stage.say("bob", f"/approve P{post}")
    await stage.wait(WEEK)
    (row,) = (await stage.rows(post)).values()
    stage.check(row.state is State.LIVE, "it went out inside the week that was signed")
    simulator.seen(views=1_240, likes=57)
    stage.check("1,000 views" in await _hours(stage, 8), "a milestone is told in its thread")
    stage.check("1,000 views. It" not in await _hours(stage, 8), "and only once")
    said = await stage.say("carol", f"/stats P{post}")
    stage.check("1,240" in said or "1.2 k" in said, "the numbers say how old they are")
    said = await stage.say("carol", f"/besttime {account.name}")
    stage.check("%" not in said, "nothing is claimed of hours from so few posts")
    said = await stage.say("carol", "/report")
    whole = "Week 48, acme." in said and "posts live, none unconfirmed." in said
    stage.check(whole, "and the last week can be read again")


async def _hours(stage: Stage, many: int) -> str:
    """What is said in so many hours, with a look at everything in each."""
    return " ".join([await stage.wait(timedelta(hours=1)) for _ in range(many)])
