"""Votes, and what they amount to: the one place that counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.people import ApprovalLevel, Brand, Policy, Role


class Via(StrEnum):
    BUTTON = "button"
    REACTION = "reaction"
    COMMAND = "command"


class Choice(StrEnum):
    YES = "yes"
    CHANGES = "changes"
    NO = "no"


SEVERITY = (Choice.YES, Choice.CHANGES, Choice.NO)
"""Of one person's votes of the same instant the later in this list stands."""


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


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who is asked about one delivery: by which policy, of whose post.

    ``called``: people it was escalated to; they may sign from then on, as long as they are
    members at all.
    """

    brand: Brand
    policy: Policy
    author: str
    called: tuple[str, ...] = ()

    def may_sign(self, member: str) -> bool:
        """Whether this person's yes counts today; roles come and go."""
        if _same(member, self.author) and not self.policy.author_may_approve:
            return False
        role = self.brand.role_of(member)
        if role >= Role.VIEW and _in(member, self.called):
            return True
        if role < Role.APPROVE:
            return False
        return self.policy.mode != "levels" or any(_in(member, level.who) for level in self.policy.levels)

    def may_object(self, member: str) -> bool:
        """Whether this person's no counts: every approver's does, and always the author's."""
        if _same(member, self.author) or self.brand.role_of(member) >= Role.APPROVE:
            return True
        return self.may_sign(member)

    @property
    def signers(self) -> tuple[str, ...]:
        """Everybody whose yes would count, in the order of the configuration."""
        people = map(self.brand.spelled, (*self.brand.members(Role.APPROVE), *self.called))
        return tuple(name for name in dict.fromkeys(people) if self.may_sign(name))

    @property
    def levels(self) -> tuple[ApprovalLevel, ...]:
        """The policy as levels, each with the people who count in it today; none where nobody is asked.

        In ``all``, who was called stands in for one who is missing.
        """
        signers, policy = self.signers, self.policy
        match policy.mode:
            case "none":
                return ()
            case "all":
                own = [n for n in signers if self.brand.role_of(n) >= Role.APPROVE]
                return (ApprovalLevel(name="", who=signers, needed=max(1, len(own))),)
            case "levels":
                return tuple(
                    ApprovalLevel(
                        name=level.name,
                        who=tuple(n for n in signers if _in(n, level.who) or _in(n, self.called)),
                        needed=level.needed,
                    )
                    for level in policy.levels
                )
        return (ApprovalLevel(name="", who=signers, needed=policy.needed),)

    @property
    def reachable(self) -> bool:
        """Whether everybody's yes together would be enough."""
        levels = self.levels
        return sum(map(len, seat(levels, self.signers))) == sum(level.needed for level in levels)


class Decision(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    CHANGES = "changes"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Step:
    """How far one level has come: ``by`` counts in it, ``waiting`` could still. The only one has no name.

    ``called``: ``who`` as people speak of them where there are whole groups, by their names.
    """

    name: str
    needed: int
    who: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return len(self.by) >= self.needed

    @property
    def left(self) -> tuple[str, ...]:
        """Who could still sign, as people speak of them while nobody has."""
        return self.called if self.called and len(self.waiting) == len(self.who) else self.waiting


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the votes amount to; ``yes`` of ``needed`` people are in favour."""

    decision: Decision
    yes: int
    needed: int
    by: tuple[str, ...] = ()
    reason: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who is asked now: those of the first level that is not full."""
        return next((step.waiting for step in self.steps if not step.done), ())


def verdict(
    asked: Asked, votes: Iterable[Vote], *, fingerprint: str, since: datetime | None = None
) -> Verdict:
    """Count the votes that cover exactly ``fingerprint`` and whose voters may still cast them.

    A rejection or a wish for changes counts at once. A yes older than ``since`` has run out.
    Who votes early for a later level is counted when its turn comes; one person counts once,
    wherever it helps most.
    """
    standing = _latest(v for v in votes if v.fingerprint == fingerprint)
    levels = asked.levels
    needed = sum(level.needed for level in levels) or asked.policy.needed
    objections = [v for v in standing if v.choice is not Choice.YES and asked.may_object(v.member)]
    for choice, decision in ((Choice.NO, Decision.REJECTED), (Choice.CHANGES, Decision.CHANGES)):
        against = [v for v in objections if v.choice is choice]
        if against:
            names = tuple(v.member for v in against)
            return Verdict(decision=decision, yes=0, needed=needed, by=names, reason=against[0].reason)
    in_favour = [
        asked.brand.spelled(v.member)
        for v in standing
        if v.choice is Choice.YES and (since is None or v.at >= since) and asked.may_sign(v.member)
    ]
    seated = seat(levels, in_favour)
    steps = tuple(
        Step(
            name=level.name,
            needed=level.needed,
            who=level.who,
            called=_called(asked, level.who),
            by=tuple(sorted(names, key=in_favour.index)),
            waiting=tuple(n for n in level.who if n not in in_favour),
        )
        for level, names in zip(levels, seated, strict=True)
    )
    enough = all(step.done for step in steps)
    return Verdict(
        decision=Decision.APPROVED if enough else Decision.OPEN,
        yes=len(in_favour) if len(steps) < 2 else sum(len(step.by) for step in steps),
        needed=needed,
        by=tuple(in_favour),
        steps=steps,
    )


def _called(asked: Asked, who: tuple[str, ...]) -> tuple[str, ...]:
    called = asked.brand.called(who, but=asked.author)
    return called if called != who else ()


def seat(levels: Sequence[ApprovalLevel], people: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Who of ``people`` counts in which level, one person in one place at the most.

    Earlier levels are filled first; whoever sits there moves on where that lets another in
    (augmenting paths), so that nobody's yes can take an approval away.
    """
    seats = [index for index, level in enumerate(levels) for _ in range(level.needed)]
    taken: dict[str, int] = {}

    def place(number: int, asked: set[str]) -> bool:
        for person in people:
            if person in asked or person not in levels[seats[number]].who:
                continue
            asked.add(person)
            if person not in taken or place(taken[person], asked):
                taken[person] = number
                return True
        return False

    for number in range(len(seats)):
        place(number, set())
    return tuple(
        tuple(person for person, number in taken.items() if seats[number] == index)
        for index in range(len(levels))
    )


def _latest(votes: Iterable[Vote]) -> list[Vote]:
    """Each person's newest vote, in the order in which they were cast; names are told without case."""
    found: Mapping[str, Vote] = {
        v.member.casefold(): v for v in sorted(votes, key=lambda v: (v.at, SEVERITY.index(v.choice)))
    }
    return sorted(found.values(), key=lambda v: (v.at, v.member))


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _in(member: str, names: Iterable[str]) -> bool:
    return any(_same(member, name) for name in names)
