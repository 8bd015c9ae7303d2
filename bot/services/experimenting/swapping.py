"""Changing a post at the end of each day of its test, so that what is written down is what was shown.

The variant is written down before it is set and read back afterwards; a process that dies in between finds
by reading which one is there. What nobody of us put there is never overwritten: the test waits for a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.alarms import Alert, Kind
from bot.domain.evidence import Evidence
from bot.domain.experiment import Verdict
from bot.domain.message import Button
from bot.domain.post import Media
from bot.domain.revising import THUMBNAIL, begins, day_of, is_whole
from bot.domain.trial import Experiment, Phase, Shown
from bot.errors import PublishError, RateLimited, Rejected
from bot.ports import Revising, Tx
from bot.services.alerting.announce import announce
from bot.services.context import Services
from bot.services.experimenting.deciding import EDITED
from bot.services.experimenting.hindrance import Hindrance, hindrance
from bot.services.experimenting.looking import announce_end, look
from bot.services.experimenting.reading import complete, observations, read_days
from bot.services.experimenting.words import GO_ON, STOP, VARIED, button
from bot.services.tell import tell

LATE = timedelta(hours=2)
"""A day whose variant was set later than this after its beginning does not count."""

TRY_AGAIN, LOOK_AGAIN, MEANWHILE = timedelta(minutes=10), timedelta(minutes=15), timedelta(hours=3)


@dataclass(frozen=True, kw_only=True)
class Change:
    """Which variant was there before, and which is there now; None where that cannot be read, "" for words
    that are none of ours: these were left as they are."""

    before: str | None
    after: str | None

    @property
    def foreign(self) -> bool:
        return self.before == "" and self.after == ""


async def step(svc: Services, number: int) -> None:
    """Whatever the experiment has to do now; right when run twice, late or never."""
    now = svc.clock.now()
    found = await svc.store.read(lambda tx: tx.experiments.get(number))
    if found is None or not found.swaps or found.wake_at is None or found.wake_at > now:
        return
    if found.phase is Phase.ENDING:
        await _end(svc, found, now)
    elif found.phase in (Phase.RUNNING, Phase.HELD):
        await _day(svc, found, now)


async def _day(svc: Services, found: Experiment, now: datetime) -> None:
    """Show what the day's block says, read what is known, look where a look is due."""
    hindered = await svc.store.read(lambda tx: hindrance(svc, tx, found))
    if hindered is not None and hindered.over:
        await svc.store.write(lambda tx: _gone(svc, tx, found, now, hindered.why))
        return
    if found.account in svc.accounts:
        await read_days(svc, found, now)
    if await _looks(svc, found, now):
        svc.wake()
        return
    if hindered is not None:
        await svc.store.write(lambda tx: _hold(svc, tx, found, now, hindered))
        return
    index = found.day_index(day_of(now, found.zone))
    if index < 0:
        await _wake(svc, found, begins(found.plan.blocks[0].day or now.date(), found.zone))
        return
    over = index >= found.plan.days
    target = found.first if over else found.plan.blocks[index].variant
    rows = {r.index: r for r in await svc.store.read(lambda tx: tx.experiments.blocks(found.id))}
    block = None if over else rows.get(index, Shown(experiment_id=found.id, index=index, variant=target))
    done = await show(svc, found, target, block, now)
    if done is None:
        return
    if done.foreign:
        await svc.store.write(lambda tx: _edited(svc, tx, found, now))
        return
    yesterday = rows.get(index - 1)
    await svc.store.write(lambda tx: _recorded(svc, tx, found, block, yesterday, done, target, now))


async def show(
    svc: Services, found: Experiment, target: str, block: Shown | None, now: datetime
) -> Change | None:
    """Make ``target`` what people see; None when it could not be done yet, and then it is tried again.

    What nobody of us put there is left, unless a person said that the test goes on.
    """
    connected = svc.accounts[found.account]
    publisher, revises = connected.publisher, connected.platform.revises
    assert isinstance(publisher, Revising)
    kind = found.plan.spec.kind
    readable = revises is not None and kind in revises.seen
    try:
        before = _variant(found, await publisher.shown(found.ref)) if readable else None
        if before == "" and found.showing:
            return Change(before="", after="")
        if before != target and (before is not None or found.showing != target):
            if block is not None and block.set_at is None:
                # written before the call: whoever comes after a crash knows that it may have happened
                begun = replace(block, set_at=now)
                await svc.store.write(lambda tx: tx.experiments.keep(begun))
            await publisher.revise(found.ref, {kind: content(found, target)})
        after = _variant(found, await publisher.shown(found.ref)) if readable else None
    except Rejected as error:
        why = "the post is not there any more" if error.code == "gone" else f"the platform refused: {error}"
        await svc.store.write(lambda tx: _gone(svc, tx, found, now, why))
        return None
    except PublishError as error:
        until = error.until if isinstance(error, RateLimited) and error.until else now + TRY_AGAIN
        svc.log.warning("experiment_swap", experiment=found.name, error=type(error).__name__)
        await _wake(svc, found, max(until, now + TRY_AGAIN))
        return None
    if readable and after != target:
        await _wake(svc, found, now + TRY_AGAIN)
        return None
    return Change(before=before, after=after)


def content(found: Experiment, variant: str) -> str | Media:
    """What the variant shows."""
    return found.files[variant] if found.plan.spec.kind == THUMBNAIL else found.texts[variant]


def _variant(found: Experiment, shown: object) -> str:
    """Whose words are live; empty when they are none of ours."""
    kind = found.plan.spec.kind
    text = shown.get(kind) if isinstance(shown, dict) else None
    return next((name for name, words in found.texts.items() if words == text), "")


def _recorded(
    svc: Services,
    tx: Tx,
    found: Experiment,
    block: Shown | None,
    yesterday: Shown | None,
    done: Change,
    target: str,
    now: datetime,
) -> None:
    """The day's variant is there: write it down, and whether it was there as planned until now."""
    ours = found.showing, target if block is not None and block.set_at is not None else found.showing
    if done.before is not None and found.showing and done.before not in ours:
        spoiled = block if block is not None and block.seen_at is not None else yesterday
        if spoiled is not None:
            tx.experiments.keep(spoiled.spoiled("what was shown was not the variant of the plan"))
            block = (
                spoiled.spoiled("what was shown was not the variant of the plan")
                if spoiled is block
                else block
            )
        _alarm(svc, tx, found, now, f"showed {done.before} instead of {found.showing}")
    if block is not None and (block.seen_at is None or found.phase is Phase.HELD):
        tx.experiments.keep(_seen(found, block, done, now))
    saved = replace(found, phase=Phase.RUNNING, why="", showing=target)
    tx.experiments.save(replace(saved, wake_at=_next(found, now)))


def _seen(found: Experiment, block: Shown, done: Change, now: datetime) -> Shown:
    """The block with what was read back; one that began too late, or was on hold, does not count."""
    day = found.plan.blocks[block.index].day
    assert day is not None
    late = now - begins(day, found.zone)
    fresh = replace(block, set_at=block.set_at or now, seen_at=now, shown=done.after)
    if not is_whole(day, found.zone):
        return fresh.spoiled("a day without 24 hours")
    if late > LATE and found.phase is Phase.HELD:
        return fresh.spoiled("the test was on hold")
    if late > LATE and found.showing != block.variant:
        return fresh.spoiled(f"it was changed {late.total_seconds() / 3600:.0f} hours late")
    return fresh


def _next(found: Experiment, now: datetime) -> datetime:
    """When to look again: soon enough to see what else happens to the post, and at the end of the day."""
    return min(now + MEANWHILE, begins(day_of(now, found.zone) + timedelta(days=1), found.zone))


async def _looks(svc: Services, found: Experiment, now: datetime) -> bool:
    """Take every look whose blocks are complete; whether a verdict fell."""
    connected = svc.accounts.get(found.account)
    revises = connected.platform.revises if connected else None
    lag = revises.lag if revises else timedelta(hours=72)
    rows = await svc.store.read(lambda tx: tx.experiments.blocks(found.id))
    taken = {k.look for k in await svc.store.read(lambda tx: tx.experiments.looks(found.id))}
    for number, upto in enumerate(found.plan.looks, 1):
        if number in taken:
            continue
        if not complete(found, rows, upto, now, lag):
            return False
        if await look(svc, found, number, observations(rows, upto), now):
            return True
    return False


async def _end(svc: Services, found: Experiment, now: datetime) -> None:
    """Show what is to stay, then say what was found."""
    hindered = await svc.store.read(lambda tx: hindrance(svc, tx, found))
    back = found.keep == found.first
    if hindered is not None and not hindered.over and not (hindered.unsigned and back) and found.keep:
        await _wake(svc, found, now + LOOK_AGAIN)
        return
    showing = found.showing
    if found.keep and not (hindered is not None and hindered.over):
        done = await show(svc, found, found.keep, None, now)
        if done is None:
            return
        showing = "" if done.foreign else found.keep

    def unit(tx: Tx) -> None:
        ended = replace(
            found, phase=Phase.ENDED, showing=showing, wake_at=None, ended_at=found.ended_at or now
        )
        if tx.experiments.save(ended) and found.ended_at is None:
            announce_end(svc, tx, ended, now)

    await svc.store.write(unit)


def _hold(svc: Services, tx: Tx, found: Experiment, now: datetime, hindered: Hindrance) -> None:
    """Nothing is changed as long as this lasts, and the day does not count. What nobody stands for any
    more is taken back."""
    index = found.day_index(day_of(now, found.zone))
    block = next((r for r in tx.experiments.blocks(found.id) if r.index == index), None)
    if block is not None:
        tx.experiments.keep(block.spoiled(hindered.why))
    if hindered.unsigned:
        stopped = Verdict.STOPPED.value
        ending = replace(found, phase=Phase.ENDING, verdict=stopped, keep=found.first, why=hindered.why)
        tx.experiments.save(replace(ending, wake_at=now))
        return
    held = replace(found, phase=Phase.HELD, why=hindered.why, wake_at=now + LOOK_AGAIN)
    if tx.experiments.save(held) and found.phase is not Phase.HELD:
        _say(svc, tx, found, "held", f"{found.name} is on hold: {hindered.why}. These days do not count.")


def _edited(svc: Services, tx: Tx, found: Experiment, now: datetime) -> None:
    """Somebody put other words there: theirs stay, and a person decides."""
    rows = {r.index: r for r in tx.experiments.blocks(found.id)}
    index = found.day_index(day_of(now, found.zone))
    near = rows.get(index) or rows.get(index - 1)
    if near is not None and near.seen_at is not None:
        tx.experiments.keep(near.spoiled("what was shown was not the variant of the plan"))
    held = replace(found, phase=Phase.HELD, why=EDITED, wake_at=None)
    if not tx.experiments.save(held):
        return
    _alarm(svc, tx, found, now, "shows words that are none of its variants")
    fresh = replace(held, turn=held.turn + 1)
    _say(
        svc,
        tx,
        found,
        "edited",
        f"{found.name} waits: somebody changed the {VARIED[found.plan.spec.kind]} by hand, and I do not "
        "overwrite that. Go on with the test, or stop it and keep what is there?",
        button(fresh, GO_ON, "Go on"),
        button(fresh, STOP, "Stop the test"),
    )


def _say(svc: Services, tx: Tx, found: Experiment, what: str, text: str, *buttons: Button) -> None:
    """Into the thread of its post, once for this turn of the row."""
    post = tx.posts.get(found.post_id) if found.post_id is not None else None
    if post is not None:
        tell(svc, tx, post, f"experiment:{found.id}:{what}:{found.turn}", text, buttons=buttons)


def _alarm(svc: Services, tx: Tx, found: Experiment, now: datetime, what: str) -> None:
    evidence = Evidence(
        method="experiments/1", at=now, n=1, kind="experiment", rows=(found.id,), facts={"seen": what}
    )
    connected = svc.accounts.get(found.account)
    announce(
        svc,
        tx,
        Alert(
            key=f"mismatch:{found.id}:{found.turn}",
            brand=found.brand,
            kind=Kind.MISMATCH,
            text=f"P{found.post_id} {what}, so that day of {found.name} does not count.",
            opened_at=now,
            account=found.account,
            platform=connected.platform.name if connected else "",
            post_id=found.post_id or 0,
            delivery_id=found.delivery_id or 0,
            evidence=evidence,
        ),
    )


def _gone(svc: Services, tx: Tx, found: Experiment, now: datetime, why: str) -> None:
    """There is nothing left to change: over, without a verdict."""
    ended = replace(
        found,
        phase=Phase.ENDED,
        verdict=found.verdict or Verdict.INVALID.value,
        why=why,
        wake_at=None,
        ended_at=now,
    )
    if tx.experiments.save(ended):
        announce_end(svc, tx, ended, now)


async def _wake(svc: Services, found: Experiment, at: datetime) -> None:
    await svc.store.write(lambda tx: tx.experiments.save(replace(found, wake_at=at)))
