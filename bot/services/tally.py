"""What a person hears about how far an approval has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.domain.approval import Decision, Verdict
from bot.domain.delivery import Delivery
from bot.domain.people import Brand
from bot.domain.post import Post
from bot.domain.recurrence import is_rule
from bot.domain.when import say
from bot.domain.words import listed
from bot.services.context import Services


def counted(post: Post, member: str, verdicts: Mapping[str, Verdict], others: Sequence[str]) -> str:
    """The answer to a yes that did not decide everything; ``others`` are accounts it is not asked for."""
    yours = f"Your ✅ on {post.name} v{post.version}"
    done = [account for account, v in verdicts.items() if v.decision is Decision.APPROVED]
    open_ = {account: v for account, v in verdicts.items() if v.decision is not Decision.APPROVED}
    rest = f" {listed(others)} {'waits' if len(others) == 1 else 'wait'} for others." if others else ""
    if not open_:
        return f"{yours} approves {listed(done)}.{rest}"
    first = next(iter(open_.values()))
    words = f"{yours} counts: {first.yes} of {first.needed}."
    if len(first.steps) > 1:
        words = f"{yours} counts{_where(member, first)}. {_next(first)}"
    elif first.needed > 1 and first.needed == len(first.steps[0].who if first.steps else ()):
        words += f" It waits for {listed(first.waiting)}."
    if done:
        words = f"{listed(done)} {'is' if len(done) == 1 else 'are'} approved. {words}"
    return words + rest


def _where(member: str, found: Verdict) -> str:
    return next((f" for {step.name}" for step in found.steps if member in step.by), "")


def _next(found: Verdict) -> str:
    step = next(s for s in found.steps if not s.done)
    return f"{step.name} is asked now: {listed(step.left, 'or') or 'nobody is left to ask'}."


def still_needed(found: Verdict) -> str:
    """Whose yes is missing: ``"bob or carol"``, ``"2 of bob, carol or dana"``, or that nobody can."""
    step = next((s for s in found.steps if not s.done), None)
    missing = step.needed - len(step.by) if step else 0
    if step is None or missing > len(step.waiting):
        return "more people than may approve; an admin can change `roles` or `approval` in the configuration"
    people = listed(step.left, "or" if missing < len(step.waiting) else "and")
    some = f"{missing} of " if 1 < missing < len(step.waiting) else ""
    return f"{some}{people}" + (f" for {step.name}" if step.name else "")


def runs_out(svc: Services, brand: Brand, post: Post, rows: Sequence[Delivery]) -> str:
    """A sentence for what is due later than its approval lasts."""
    now = svc.clock.now()
    for row in rows:
        ends = now + timedelta(seconds=brand.policy_for(row.account).valid_s)
        if row.due is not None and row.due > ends and not is_rule(post.wish):
            return f" The approval lasts until {say(ends, brand.timezone, now=now)}; after that I ask again."
    return ""
