"""What votes amount to, and who may cast them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.approval import Asked, Choice, Decision, Step, Verdict, Via, Vote, seat, verdict
from bot.domain.people import ApprovalLevel, Brand, Policy, Role

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PEOPLE = ("alice", "bob", "carol", "dana", "eve", "mallory")
TEAM = Brand(
    name="acme",
    roles={
        Role.VIEW: ("eve",),
        Role.CREATE: ("alice",),
        Role.APPROVE: ("bob", "carol"),
        Role.ADMIN: ("dana",),
    },
)
LEGAL = ApprovalLevel(name="legal", who=("bob", "carol"))
BOARD = ApprovalLevel(name="board", who=("dana", "carol"))
LEVELS = Policy(mode="levels", levels=(LEGAL, BOARD))


def vote(
    member: str, choice: Choice = Choice.YES, *, over: str = "f1", reason: str = "", minutes: int = 0
) -> Vote:
    return Vote(
        delivery_id=1,
        member=member,
        choice=choice,
        fingerprint=over,
        version=1,
        via=Via.COMMAND,
        at=AT + timedelta(minutes=minutes),
        reason=reason,
    )


def found(
    policy: Policy, *votes: Vote, author: str = "alice", called: tuple[str, ...] = (), brand: Brand = TEAM
) -> Verdict:
    asked = Asked(brand=brand, policy=policy, author=author, called=called)
    return verdict(asked, votes, fingerprint="f1")


def decided(*votes: Vote, policy: Policy | None = None) -> Decision:
    return found(policy or Policy(), *votes).decision


def test_one_other_person_is_enough_for_one() -> None:
    told = found(Policy(needed=1), vote("bob"))
    assert (told.decision, told.yes, told.needed, told.by) == (Decision.APPROVED, 1, 1, ("bob",))


def test_nobody_is_not_enough() -> None:
    assert decided() is Decision.OPEN


def test_two_are_needed_and_one_person_is_one_however_often_and_however_spelled() -> None:
    two = Policy(needed=2)
    assert decided(vote("bob"), vote("bob"), vote("BOB"), policy=two) is Decision.OPEN
    assert decided(vote("bob"), vote("carol"), policy=two) is Decision.APPROVED


def test_the_authors_own_yes_counts_only_where_the_policy_says_so() -> None:
    own = Brand(name="acme", roles={Role.APPROVE: ("alice", "bob")})
    assert found(Policy(), vote("alice"), brand=own).decision is Decision.OPEN
    assert found(Policy(), vote("ALICE"), brand=own).decision is Decision.OPEN
    assert found(Policy(author_may_approve=True), vote("alice"), brand=own).decision is Decision.APPROVED


def test_the_author_may_say_no() -> None:
    assert decided(vote("bob"), vote("alice", Choice.NO)) is Decision.REJECTED


def test_who_has_no_role_is_not_counted_whatever_they_say() -> None:
    assert decided(vote("eve"), vote("mallory")) is Decision.OPEN
    assert decided(vote("bob"), vote("eve", Choice.NO), vote("mallory", Choice.CHANGES)) is Decision.APPROVED


def test_a_signature_over_other_bytes_does_not_count() -> None:
    assert decided(vote("bob", over="f0")) is Decision.OPEN
    assert decided(vote("bob"), vote("carol", Choice.NO, over="f0")) is Decision.APPROVED


def test_the_newest_word_of_a_person_counts() -> None:
    assert decided(vote("bob", Choice.NO), vote("bob", minutes=1)) is Decision.APPROVED
    assert decided(vote("bob"), vote("bob", Choice.NO, minutes=1)) is Decision.REJECTED


def test_a_refusal_beats_any_number_of_yes_and_a_rejection_beats_a_wish_for_changes() -> None:
    yes = [vote(name) for name in ("bob", "carol")]
    assert decided(*yes, vote("dana", Choice.CHANGES)) is Decision.CHANGES
    told = found(Policy(), *yes, vote("dana", Choice.CHANGES), vote("alice", Choice.NO, reason="typo"))
    assert (told.decision, told.by, told.reason) == (Decision.REJECTED, ("alice",), "typo")


def test_where_nobody_is_asked_it_is_approved_unless_somebody_objects() -> None:
    nobody = Policy(mode="none")
    assert decided(policy=nobody) is Decision.APPROVED
    assert decided(vote("bob", Choice.NO), policy=nobody) is Decision.REJECTED


def test_all_means_everybody_who_may_and_not_the_author() -> None:
    everybody = Policy(mode="all")
    two = found(everybody, vote("bob"), vote("carol"))
    assert (two.decision, two.yes, two.needed, two.waiting) == (Decision.OPEN, 2, 3, ("dana",))
    assert found(everybody, vote("bob"), vote("carol"), vote("dana")).decision is Decision.APPROVED
    assert found(everybody, vote("carol"), vote("dana"), author="bob").decision is Decision.APPROVED


def test_all_of_nobody_is_never_enough() -> None:
    alone = Brand(name="solo", roles={Role.ADMIN: ("alice",)})
    told = found(Policy(mode="all"), vote("alice"), brand=alone)
    assert (told.decision, told.needed) == (Decision.OPEN, 1)
    assert not Asked(brand=alone, policy=Policy(mode="all"), author="alice").reachable


def test_levels_are_passed_in_order_and_an_early_word_waits_for_its_turn() -> None:
    early = found(LEVELS, vote("dana"))
    assert early.decision is Decision.OPEN
    assert early.steps == (
        Step(name="legal", needed=1, who=("bob", "carol"), waiting=("bob", "carol")),
        Step(name="board", needed=1, who=("carol", "dana"), by=("dana",), waiting=("carol",)),
    )
    assert early.waiting == ("bob", "carol")
    assert found(LEVELS, vote("dana"), vote("bob", minutes=1)).decision is Decision.APPROVED


def test_one_person_counts_in_one_level_wherever_it_helps_most() -> None:
    assert found(LEVELS, vote("carol")).decision is Decision.OPEN
    both = found(LEVELS, vote("carol"), vote("bob", minutes=1))
    assert both.decision is Decision.APPROVED
    assert [step.by for step in both.steps] == [("bob",), ("carol",)]


def test_who_is_in_no_level_signs_nothing_but_may_object() -> None:
    only_legal = Policy(mode="levels", levels=(LEGAL,))
    assert found(only_legal, vote("dana")).decision is Decision.OPEN
    assert found(only_legal, vote("bob"), vote("dana", Choice.NO)).decision is Decision.REJECTED


@pytest.mark.parametrize("policy", [Policy(needed=3), Policy(mode="all"), LEVELS], ids=lambda p: p.mode)
def test_whoever_it_was_escalated_to_may_sign_while_they_are_members(policy: Policy) -> None:
    signed = [vote("bob"), vote("carol"), vote("eve", minutes=1)]
    assert found(policy, *signed[:1], signed[2]).decision is Decision.OPEN
    assert found(policy, *signed, called=("eve",)).decision is Decision.APPROVED
    left = Brand(name="acme", roles={k: v for k, v in TEAM.roles.items() if k is not Role.VIEW})
    called = found(policy, vote("eve"), called=("eve",), brand=left)
    assert (called.yes, called.by) == (0, ())


def test_a_yes_runs_out_and_a_no_does_not() -> None:
    asked = Asked(brand=TEAM, policy=Policy(), author="alice")
    since = AT + timedelta(seconds=1)
    assert verdict(asked, [vote("bob")], fingerprint="f1", since=AT).decision is Decision.APPROVED
    assert verdict(asked, [vote("bob")], fingerprint="f1", since=since).decision is Decision.OPEN
    no = vote("bob", Choice.NO)
    assert verdict(asked, [no], fingerprint="f1", since=since).decision is Decision.REJECTED


NAMES = st.sampled_from(PEOPLE)
SOME = st.lists(NAMES, unique=True, max_size=4).map(tuple)
LEVEL = st.builds(ApprovalLevel, name=st.just("l"), who=SOME, needed=st.integers(1, 2))
POLICIES = st.one_of(
    st.builds(Policy, needed=st.integers(1, 4), author_may_approve=st.booleans()),
    st.builds(Policy, mode=st.just("all"), author_may_approve=st.booleans()),
    st.builds(Policy, mode=st.just("levels"), levels=st.lists(LEVEL, min_size=1, max_size=3).map(tuple)),
)
CASTS = st.tuples(NAMES, st.sampled_from([*Choice]), st.sampled_from(["f1", "f1", "f2"]), st.integers(0, 3))
VOTES = st.lists(CASTS, max_size=8).map(
    lambda casts: [vote(who, choice, over=over, minutes=at) for who, choice, over, at in casts]
)
WORLDS = st.tuples(POLICIES, VOTES, SOME, NAMES)


@given(WORLDS, st.randoms(use_true_random=False))
def test_the_order_in_which_votes_are_read_does_not_matter(world: tuple, random: object) -> None:  # type: ignore[type-arg]
    policy, votes, called, author = world
    mixed = list(votes)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert found(policy, *votes, called=called, author=author) == found(
        policy, *mixed, called=called, author=author
    )


@given(WORLDS, NAMES)
def test_a_no_of_an_approver_or_the_author_always_wins(world: tuple, who: str) -> None:  # type: ignore[type-arg]
    policy, votes, called, author = world
    told = found(policy, *votes, vote(who, Choice.NO, minutes=9), called=called, author=author)
    if TEAM.role_of(who) >= Role.APPROVE or who == author:
        assert told.decision is Decision.REJECTED
    elif who not in called:
        others = [v for v in votes if v.member != who]
        assert told.decision is found(policy, *others, called=called, author=author).decision


@given(WORLDS, NAMES)
def test_one_more_yes_never_takes_an_approval_away(world: tuple, who: str) -> None:  # type: ignore[type-arg]
    policy, votes, called, author = world
    before = found(policy, *votes, called=called, author=author)
    after = found(policy, *votes, vote(who, minutes=9), called=called, author=author)
    if before.decision is Decision.APPROVED:
        assert after.decision is Decision.APPROVED


@given(WORLDS)
def test_only_people_who_may_are_counted_and_each_once(world: tuple) -> None:  # type: ignore[type-arg]
    policy, votes, called, author = world
    told = found(policy, *votes, called=called, author=author)
    if told.decision in (Decision.REJECTED, Decision.CHANGES):
        return
    asked = Asked(brand=TEAM, policy=policy, author=author, called=called)
    counted = [name for step in told.steps for name in step.by]
    if policy.mode == "levels":
        assert len(counted) == len(set(counted))
    assert len(told.by) == len(set(told.by))
    for name in told.by:
        assert asked.may_sign(name)
        newest = max((v for v in votes if v.member == name and v.fingerprint == "f1"), key=lambda v: v.at)
        assert any(v.choice is Choice.YES and v.at == newest.at for v in votes if v.member == name), (
            "only a standing yes"
        )
        assert TEAM.role_of(name) >= Role.APPROVE or name in called
        assert name != author or policy.author_may_approve


@given(st.lists(LEVEL, min_size=1, max_size=3), SOME)
def test_the_seats_are_as_full_as_they_can_be(levels: list[ApprovalLevel], people: tuple[str, ...]) -> None:
    """Checked against every way of placing everybody."""
    seats = [level for level in levels for _ in range(level.needed)]
    options = [[None, *range(len(seats))] for _ in people]
    best = 0
    for places in itertools.product(*options):
        used = [p for p in places if p is not None]
        fits = all(p is None or n in seats[p].who for n, p in zip(people, places, strict=True))
        if fits and len(used) == len(set(used)):
            best = max(best, len(used))
    assert sum(map(len, seat(levels, people))) == best


BRAND = Brand(
    name="acme",
    roles={
        Role.VIEW: ("eve",),
        Role.CREATE: ("alice", "bob"),
        Role.APPROVE: ("Bob", "carol"),
        Role.ADMIN: ("dana",),
    },
)


def test_the_highest_role_counts_and_case_does_not() -> None:
    roles = {name: BRAND.role_of(name) for name in ("eve", "alice", "BOB", "bob", "Carol", "dana", "mallory")}
    assert roles == {
        "eve": Role.VIEW,
        "alice": Role.CREATE,
        "BOB": Role.APPROVE,
        "bob": Role.APPROVE,
        "Carol": Role.APPROVE,
        "dana": Role.ADMIN,
        "mallory": Role.NONE,
    }


def test_a_vote_counts_while_its_voter_may_and_an_author_may_always_object() -> None:
    asked = Asked(brand=BRAND, policy=Policy(), author="alice")

    def today(member: str, choice: Choice) -> bool:
        return asked.may_sign(member) if choice is Choice.YES else asked.may_object(member)

    assert [today(who, Choice.YES) for who in ("bob", "dana", "eve", "alice", "mallory")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [today(who, Choice.NO) for who in ("bob", "alice", "eve")] == [True, True, False]
    assert today("alice", Choice.CHANGES)


def test_one_person_has_one_spelling() -> None:
    assert [BRAND.spelled(name) for name in ("CAROL", "dana", "Mallory")] == ["carol", "dana", "Mallory"]
    assert BRAND.spelled("BOB") == BRAND.spelled("bob") == BRAND.spelled("Bob")


def test_members_are_everybody_with_at_least_the_role() -> None:
    assert BRAND.members(Role.ADMIN) == ("dana",)
    assert BRAND.members(Role.APPROVE) == ("Bob", "carol", "dana")
    assert Brand(name="empty").members(Role.VIEW) == ()


@given(st.sampled_from(["eve", "alice", "bob", "carol", "dana", "mallory"]), st.sampled_from([*Role][1:]))
def test_who_is_a_member_has_the_role_and_the_other_way_round(user: str, role: Role) -> None:
    assert (user in {name.casefold() for name in BRAND.members(role)}) == (BRAND.role_of(user) >= role)
