"""What votes amount to, and who may cast them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.approval import Choice, Decision, Via, Vote, counts, verdict
from bot.domain.people import Brand, Policy, Role

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PEOPLE = ("alice", "bob", "carol", "dana")


def vote(member: str, choice: Choice = Choice.YES, *, over: str = "f1", reason: str = "") -> Vote:
    return Vote(
        delivery_id=1,
        member=member,
        choice=choice,
        fingerprint=over,
        version=1,
        via=Via.COMMAND,
        at=AT,
        reason=reason,
    )


def decided(*votes: Vote, policy: Policy | None = None) -> Decision:
    return verdict(policy or Policy(), votes, fingerprint="f1", author="alice").decision


def test_one_other_person_is_enough_for_one() -> None:
    found = verdict(Policy(needed=1), [vote("bob")], fingerprint="f1", author="alice")
    assert (found.decision, found.yes, found.needed, found.by) == (Decision.APPROVED, 1, 1, ("bob",))


def test_nobody_is_not_enough() -> None:
    assert decided() is Decision.OPEN


def test_two_are_needed_and_one_person_is_one_however_often() -> None:
    two = Policy(needed=2)
    assert decided(vote("bob"), vote("bob"), policy=two) is Decision.OPEN
    assert decided(vote("bob"), vote("carol"), policy=two) is Decision.APPROVED


def test_the_authors_own_yes_counts_only_where_the_policy_says_so() -> None:
    assert decided(vote("alice")) is Decision.OPEN
    assert decided(vote("alice"), policy=Policy(author_may_approve=True)) is Decision.APPROVED


def test_the_author_may_say_no() -> None:
    assert decided(vote("bob"), vote("alice", Choice.NO)) is Decision.REJECTED


def test_a_signature_over_other_bytes_does_not_count() -> None:
    assert decided(vote("bob", over="f0")) is Decision.OPEN
    assert decided(vote("bob"), vote("carol", Choice.NO, over="f0")) is Decision.APPROVED


def test_a_refusal_beats_any_number_of_yes_and_a_rejection_beats_a_wish_for_changes() -> None:
    yes = [vote(name) for name in ("bob", "carol", "dana")]
    assert decided(*yes, vote("erin", Choice.CHANGES)) is Decision.CHANGES
    found = verdict(
        Policy(),
        [*yes, vote("erin", Choice.CHANGES), vote("fred", Choice.NO, reason="typo")],
        fingerprint="f1",
        author="alice",
    )
    assert (found.decision, found.by, found.reason) == (Decision.REJECTED, ("fred",), "typo")


def test_where_nobody_is_asked_it_is_approved_unless_somebody_objects() -> None:
    nobody = Policy(mode="none")
    assert decided(policy=nobody) is Decision.APPROVED
    assert decided(vote("bob", Choice.NO), policy=nobody) is Decision.REJECTED


@given(
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from([*Choice]), st.sampled_from(["f1", "f2"]))),
    st.integers(1, 4),
    st.booleans(),
)
def test_an_approval_is_enough_different_people_over_these_bytes(
    cast: list[tuple[str, Choice, str]], needed: int, own: bool
) -> None:
    votes = [vote(member, choice, over=over) for member, choice, over in cast]
    policy = Policy(needed=needed, author_may_approve=own)
    found = verdict(policy, votes, fingerprint="f1", author="alice")
    here = [(member, choice) for member, choice, over in cast if over == "f1"]
    people = {m for m, choice in here if choice is Choice.YES and (own or m != "alice")}
    objections = any(choice is not Choice.YES for _, choice in here)
    assert (found.decision is Decision.APPROVED) == (not objections and len(people) >= needed)
    assert objections == (found.decision in (Decision.REJECTED, Decision.CHANGES))
    if not objections:
        assert set(found.by) == people
        assert found.yes == len(people)


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
    def today(member: str, choice: Choice) -> bool:
        return counts(BRAND, vote(member, choice), author="alice")

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
