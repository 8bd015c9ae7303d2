"""Votes, and what they amount to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.people import Brand, Policy, Role


class Via(StrEnum):
    BUTTON = "button"
    REACTION = "reaction"
    COMMAND = "command"


class Choice(StrEnum):
    YES = "yes"
    CHANGES = "changes"
    NO = "no"


@dataclass(frozen=True, kw_only=True)
class Vote:
    """One person's standing opinion on one delivery's bytes.

    ``fingerprint`` is what was signed: the vote counts only while the delivery still has
    it. One person has one vote, whatever it was cast by.
    """

    delivery_id: int
    member: str
    choice: Choice
    fingerprint: str
    version: int
    via: Via
    at: datetime
    reason: str = ""


def counts(brand: Brand, vote: Vote, *, author: str) -> bool:
    """Whether a vote counts today: roles come and go, and who wrote the post may always object."""
    if vote.choice is not Choice.YES and vote.member == author:
        return True
    return brand.role_of(vote.member) >= Role.APPROVE


class Decision(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    CHANGES = "changes"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the votes amount to; ``yes`` of ``needed`` people are in favour."""

    decision: Decision
    yes: int
    needed: int
    by: tuple[str, ...] = ()
    reason: str = ""


def verdict(policy: Policy, votes: Iterable[Vote], *, fingerprint: str, author: str) -> Verdict:
    """Count the votes that cover exactly ``fingerprint``.

    A rejection or a wish for changes counts at once. The author's own vote in favour
    counts only where the policy says so; the author may always say no.
    """
    standing = [v for v in votes if v.fingerprint == fingerprint]
    for choice, decision in ((Choice.NO, Decision.REJECTED), (Choice.CHANGES, Decision.CHANGES)):
        against = [v for v in standing if v.choice is choice]
        if against:
            names = tuple(v.member for v in against)
            return Verdict(decision=decision, yes=0, needed=policy.needed, by=names, reason=against[0].reason)
    in_favour = tuple(
        dict.fromkeys(
            v.member
            for v in standing
            if v.choice is Choice.YES and (policy.author_may_approve or v.member != author)
        )
    )
    enough = policy.mode == "none" or len(in_favour) >= policy.needed
    return Verdict(
        decision=Decision.APPROVED if enough else Decision.OPEN,
        yes=len(in_favour),
        needed=policy.needed,
        by=in_favour,
    )
