"""The demo's last chapter: one film, dropped once, for every platform that shows films."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.delivery import State
from bot.domain.fitting import Step, judge
from bot.domain.platform import Feature, OptionKind, PostOption
from bot.testing.clip import mp4

if TYPE_CHECKING:
    from bot.testing.story import Stage


async def show_film(stage: Stage, folder: Path, post: int) -> None:
    """Post it to all of them, see what is made for whom, choose what a person must choose, publish."""
    source = folder / "bread.mp4"
    source.write_bytes(mp4())
    able = [a for a in stage.app.services.accounts.values() if Feature.VIDEO in a.platform.features]
    names = ",".join(a.name for a in able)
    stage.chapter("One film for every platform")
    said = await stage.say(
        "alice",
        f'/post "A minute of bread" --to {names} --media {source} --alt "Dough rising" --at now '
        f"--set {able[0].name}.shape=1:1",
    )
    stage.check("preparing" in said, "what does not fit is prepared before anybody is asked")
    asking = [(a, o) for a in able for o in a.platform.options if o.required]
    stage.check(all(f"choose {o.name}" in said for _, o in asking), "what a person must choose is asked for")
    for name in dict.fromkeys(a.name for a, _ in asking):
        chosen = [f"{o.name}={_first(o)}" for a, o in asking if a.name == name]
        await stage.say("alice", f"/set P{post} {name} {' '.join(chosen)}")
    rows = await stage.rows(post)
    stage.check(all(d.state is State.IN_REVIEW for d in rows.values()), "then all of them are in review")
    for account in able:
        media = rows[account.platform.name].variant.media[0]
        rules = account.rules(rows[account.platform.name].variant)
        plan = judge(media, rules).plan if rules is not None else None
        stage.check(plan is not None and plan.step is Step.KEEP, f"{account.platform.title} takes its file")
    made = [d for d in rows.values() if d.variant.media[0].origin]
    stage.check(0 < len(made) < len(able), "only what was needed was made")
    await stage.say("bob", f"/approve P{post}")
    await stage.wait(timedelta(minutes=10))  # platforms work on a film before they show it
    rows = await stage.rows(post)
    stage.check(all(d.state is State.LIVE for d in rows.values()), "and all of them are live")


def _first(option: PostOption) -> str:
    """A choice for the story; which one it is does not matter."""
    if option.kind is OptionKind.FLAG:
        return "no"
    return option.choices[0][0] if option.choices else "all"
