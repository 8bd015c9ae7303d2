"""What people say to a test: yes or no to its variants, stop, go on, show the winner."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.approval import Asked, Choice, Decision, Via, Vote, verdict
from bot.domain.experiment import Verdict
from bot.domain.message import Message
from bot.domain.people import Brand, Role
from bot.domain.trial import Experiment, Phase
from bot.domain.words import listed
from bot.errors import Conflict, NotAllowed, NotFound
from bot.ports import Tx
from bot.services.context import Services
from bot.services.experimenting.begin import begin, begun_words
from bot.services.seating import brand_now
from bot.services.tally import still_needed
from bot.services.tell import audit, note_brand, settled, tell

EXPERIMENT, QUEUE = "experiment", "metrics"
"""The engine's task that does what an experiment has to do now, and where it runs."""


def experiment_of(tx: Tx, brand: Brand, number: int, *, turn: int | None = None) -> Experiment:
    """The brand's experiment, as the button saw it; raises `NotFound` or `Conflict`."""
    found = tx.experiments.get(number)
    if found is None or found.brand != brand.name:
        raise NotFound(f"There is no E{number} in {brand.name}. /experiment list shows what there is.")
    if turn is not None and found.turn != turn:
        raise Conflict(f"{found.name} changed since that button was shown. /experiment status {found.name}")
    return found


def asked_about(brand: Brand, experiment: Experiment) -> Asked:
    """Who is asked about its variants: whoever approves what goes out on the account."""
    policy = brand.policy_for(experiment.account)
    return Asked(brand=brand, policy=policy, author=experiment.author)


def approved(svc: Services, tx: Tx, experiment: Experiment) -> bool:
    """Whether its variants may be shown, counted with the people of today."""
    brand = brand_now(svc, tx, experiment.brand)
    if brand.policy_for(experiment.account).mode == "none":
        return True
    votes = tx.experiments.votes(experiment.id)
    found = verdict(asked_about(brand, experiment), votes, fingerprint=experiment.fingerprint)
    return found.decision is Decision.APPROVED


async def approve(svc: Services, brand: Brand, number: int, member: str, *, turn: int | None = None) -> str:
    """Sign the variants. Raises `NotAllowed` with who can."""

    def unit(tx: Tx) -> str:
        found = experiment_of(tx, brand, number)
        if found.phase is not Phase.ASKED:
            raise Conflict(f"{found.name} does not wait for approval any more.")
        asked = asked_about(brand_now(svc, tx, brand.name), found)
        if not asked.may_sign(member):
            raise _refused(asked, found, member)
        _vote(svc, tx, found, member, Choice.YES)
        counted = verdict(asked, tx.experiments.votes(number), fingerprint=found.fingerprint)
        audit(svc, tx, brand.name, member, "experiment_approved", facts={"experiment": found.name})
        if counted.decision is not Decision.APPROVED:
            return f"Your ✅ on {found.name} counts; it still needs {still_needed(counted)}."
        running = _saved(tx, begin(found, svc.clock.now()))
        said = (
            f"{listed(counted.by)} approved the variants of {running.name}. It begins {begun_words(running)}."
        )
        settle(svc, tx, running, said)
        return said

    said = await svc.store.write(unit)
    await svc.engine.defer(EXPERIMENT, number, key=f"{EXPERIMENT}:{number}", queue=QUEUE)
    svc.wake()
    return said


async def reject(svc: Services, brand: Brand, number: int, member: str, reason: str = "") -> str:
    """Its variants are not shown; nothing begins."""

    def unit(tx: Tx) -> str:
        found = experiment_of(tx, brand, number)
        if found.phase is not Phase.ASKED:
            raise Conflict(f"{found.name} does not wait for approval any more.")
        asked = asked_about(brand_now(svc, tx, brand.name), found)
        if not asked.may_object(member):
            raise _refused(asked, found, member)
        _vote(svc, tx, found, member, Choice.NO, reason)
        why = f"rejected by {member}" + (f": {reason}" if reason else "")
        _saved(tx, replace(found, phase=Phase.REFUSED, why=why, wake_at=None, ended_at=svc.clock.now()))
        audit(svc, tx, brand.name, member, "experiment_rejected", facts={"experiment": found.name})
        settle(svc, tx, found, f"{found.name} was {why}. Nothing is changed.")
        return f"{found.name} is rejected; nothing is changed."

    return await svc.store.write(unit)


async def stop(svc: Services, brand: Brand, number: int, member: str) -> str:
    """End it before its time, without a verdict; what there was before is shown again."""

    def unit(tx: Tx) -> str:
        found = experiment_of(tx, brand, number)
        _may(brand, member, found.author)
        audit(svc, tx, brand.name, member, "experiment_stopped", facts={"experiment": found.name})
        now = svc.clock.now()
        if found.phase is Phase.ASKED:
            _saved(tx, replace(found, phase=Phase.REFUSED, why=f"taken back by {member}", ended_at=now))
            settle(svc, tx, found, f"{member} took {found.name} back.")
            return f"{found.name} is taken back; nothing was changed."
        if found.phase not in (Phase.RUNNING, Phase.HELD):
            raise Conflict(f"{found.name} is over already.")
        if not found.swaps:
            _saved(
                tx,
                replace(found, phase=Phase.ENDED, verdict=Verdict.STOPPED.value, wake_at=None, ended_at=now),
            )
            said = f"{member} stopped {found.name} before its end, so there is no verdict."
            note_brand(svc, tx, brand.name, f"experiment:{number}:over", Message(text=said))
            return said
        keep = "" if found.why == EDITED else found.first
        _saved(tx, replace(found, phase=Phase.ENDING, verdict=Verdict.STOPPED.value, keep=keep, wake_at=now))
        back = f"{found.first} is shown again" if keep else "What is there now stays"
        return f"{found.name} is stopped, without a verdict. {back}."

    said = await svc.store.write(unit)
    await svc.engine.defer(EXPERIMENT, number, key=f"{EXPERIMENT}:{number}", queue=QUEUE)
    svc.wake()
    return said


EDITED = "somebody changed it by hand"
"""Why a test is held that found other words than any of its own; it waits for a person."""


async def go_on(svc: Services, brand: Brand, number: int, member: str) -> str:
    """Let a test go on that waits for a person; the days in between do not count."""

    def unit(tx: Tx) -> str:
        found = experiment_of(tx, brand, number)
        _may(brand, member, found.author)
        if found.phase is not Phase.HELD:
            raise Conflict(f"{found.name} is not on hold.")
        fresh = replace(found, phase=Phase.RUNNING, why="", showing="", wake_at=svc.clock.now())
        _saved(tx, fresh)
        audit(svc, tx, brand.name, member, "experiment_resumed", facts={"experiment": found.name})
        return f"{found.name} goes on; the days it missed do not count."

    said = await svc.store.write(unit)
    await svc.engine.defer(EXPERIMENT, number, key=f"{EXPERIMENT}:{number}", queue=QUEUE)
    svc.wake()
    return said


async def apply(svc: Services, brand: Brand, number: int, member: str) -> str:
    """Show the winner from now on. Its words were approved with the test; whoever may approve may do so."""

    def unit(tx: Tx) -> str:
        found = experiment_of(tx, brand, number)
        asked = asked_about(brand_now(svc, tx, brand.name), found)
        if not (asked.may_sign(member) or brand.role_of(member) >= Role.APPROVE):
            raise _refused(asked, found, member)
        if found.phase is not Phase.ENDED or found.verdict != Verdict.WIN.value or not found.swaps:
            raise Conflict(f"{found.name} has no winner to show.")
        winner = str(tx.experiments.looks(number)[-1].result["winner"])
        if found.keep == winner:
            raise Conflict(f"{winner} is shown already.")
        if not approved(svc, tx, found):
            raise Conflict(
                f"The approval of {found.name} no longer holds; start it anew to have it approved."
            )
        _saved(tx, replace(found, phase=Phase.ENDING, keep=winner, wake_at=svc.clock.now()))
        facts = {"experiment": found.name, "variant": winner}
        audit(svc, tx, brand.name, member, "experiment_applied", facts=facts)
        settled(svc, tx, brand.name, f"experiment:{number}:over", f"{member}: show {winner} from now on.")
        return f"{winner} of {found.name} is shown from now on."

    said = await svc.store.write(unit)
    await svc.engine.defer(EXPERIMENT, number, key=f"{EXPERIMENT}:{number}", queue=QUEUE)
    svc.wake()
    return said


def settle(svc: Services, tx: Tx, experiment: Experiment, text: str) -> None:
    """The request is decided: its message says so, and so does its post's thread."""
    settled(svc, tx, experiment.brand, f"experiment:{experiment.id}:asked", text)
    post = tx.posts.get(experiment.post_id) if experiment.post_id is not None else None
    if post is not None:
        tell(svc, tx, post, f"experiment:{experiment.id}:decided", text)


def _vote(svc: Services, tx: Tx, found: Experiment, member: str, choice: Choice, reason: str = "") -> None:
    vote = Vote(
        delivery_id=0,
        member=member,
        choice=choice,
        fingerprint=found.fingerprint,
        version=found.turn,
        via=Via.BUTTON,
        at=svc.clock.now(),
        reason=reason,
    )
    tx.experiments.vote(found.id, vote)


def _saved(tx: Tx, experiment: Experiment) -> Experiment:
    if not tx.experiments.save(experiment):
        raise Conflict(f"{experiment.name} changed at the same moment. Look again and try once more.")
    return replace(experiment, turn=experiment.turn + 1)


def _may(brand: Brand, member: str, author: str) -> None:
    if member.casefold() != author.casefold() and brand.role_of(member) < Role.APPROVE:
        raise NotAllowed(f"That is for {author} or {listed(brand.who(Role.APPROVE), 'or')}.")


def _refused(asked: Asked, found: Experiment, member: str) -> NotAllowed:
    who = (
        listed(asked.brand.called(asked.signers, but=found.author), "or")
        or "somebody with the role `approve`"
    )
    if member.casefold() == found.author.casefold():
        return NotAllowed(f"You started {found.name}, so someone else has to approve its variants: {who}.")
    return NotAllowed(f"Approving is for {who}. I told nobody that you tried.")
