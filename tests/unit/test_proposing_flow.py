"""From a winner to a proposal in its thread, and from a press to a post in review."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import State
from bot.domain.evidence import Evidence
from bot.domain.outcomes import CROSSPOST
from bot.domain.people import Policy
from bot.domain.post import Link, Part, PartRole, Variant, variant_to_json
from bot.domain.proposal import REPEAT, Proposal, Standing
from bot.errors import Conflict
from bot.ports import Tx
from bot.services.measuring.outcomes import outcomes
from bot.services.proposing.deciding import take
from bot.services.proposing.explain import explain
from bot.services.proposing.propose import propose
from tests.unit.demo_world import BLIND, BRAND, KEY, LOOK, World
from tests.unit.proposing_world import (
    all_proposals,
    button,
    history,
    live,
    look,
    of_account,
    proposing,
    read,
    shown,
    winner,
    with_policy,
)


async def _open(world: World) -> Proposal:
    """A winner with its two proposals; the one for the account with lookup."""
    await history(world)
    await winner(world)
    await look(world)
    return of_account(await all_proposals(world), LOOK)


async def test_a_winner_is_proposed_where_it_is_missing_with_its_evidence(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        post_id, delivery_id = await winner(world)
        await look(world)
        found = await all_proposals(world)
        assert {p.account for p in found} == {LOOK, BLIND}
        one = of_account(found, LOOK)
        assert (one.source_post, one.source_delivery, one.standing) == (post_id, delivery_id, Standing.OPEN)
        assert (one.evidence.method, one.evidence.n, one.evidence.kind) == ("cross_post/1", 14, "snapshot")
        assert len(one.evidence.rows) == 15
        message = shown(world, one.name)
        assert (
            "P15 on Demo (own key): 6,000 views after 2 days, 7.5× its usual at the same age" in message.text
        )
        assert "There, as it is: “Why our card has three previews.”" in message.text
        assert "Expect: no figure yet: 0 of 10 pairs Demo (own key) → Demo (lookup)." in message.text
        assert [b.label for b in message.buttons] == ["Make the post", "Not now", "Why?"]


async def test_a_press_makes_a_post_that_others_approve_and_it_goes_out_once(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await _open(world)
        make = button(shown(world, one.name), "Make the post")
        assert await world.press("alice", make) == "P16 is made of R1 for 17:30 and waits for approval."
        row = await world.row(16)
        assert (row.account, row.state, row.variant.body) == (
            LOOK,
            State.IN_REVIEW,
            "Why our card has three previews.",
        )
        assert "someone else has to approve" in await world.press("alice", await world.button("Approve", 16))
        await world.press("bob", await world.button("Approve", 16))
        await world.wait(timedelta(days=1))
        assert (await world.row(16)).state is State.LIVE
        assert world.created(LOOK) == 1
        (made,) = [p for p in await all_proposals(world) if p.post_id == 16]
        assert (made.standing, made.decided_by) == (Standing.TAKEN, "alice")
        flags = await world.app.services.store.read(lambda tx: tx.snapshots.flags([16]))
        assert flags[16] == {(CROSSPOST, "")}


async def test_it_comes_out_a_day_after_its_source_and_three_hours_from_other_posts(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=replace(BRAND, slots=(), quiet="22:00-07:00")) as world:
        await history(world)
        await winner(world, times=60.0, days_old=0.9)
        now = world.clock.now()
        other = now + timedelta(hours=4)
        await world.say("alice", f"/post another thing --to {LOOK} --at {other:%Y-%m-%dT%H:%M}Z")
        await look(world)
        one = of_account(await all_proposals(world), LOOK)
        await world.press("alice", button(shown(world, one.name), "Make the post"))
        due = (await world.row(17)).due
        assert due is not None
        assert due >= now + timedelta(hours=24 * 0.1)
        assert abs(due - other) >= timedelta(hours=3)


async def test_a_time_that_was_taken_meanwhile_is_chosen_anew(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await _open(world)
        await world.say("alice", f"/post first --to {LOOK} --at 2026-11-24T17:00Z")
        await world.press("alice", button(shown(world, one.name), "Make the post"))
        due = (await world.row(17)).due
        assert due is not None
        assert f"{due:%d %H:%M}" == "25 09:00"


async def test_it_is_proposed_once_however_often_it_is_looked(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await _open(world)
        await asyncio.gather(*(look(world) for _ in range(4)))
        assert len(await all_proposals(world)) == 2
        await world.press("alice", button(shown(world, one.name), "Not now"))
        for _ in range(3):
            await world.wait(timedelta(hours=5))
            await look(world)
        assert len(await all_proposals(world)) == 2


async def test_two_presses_make_one_post(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await _open(world)
        make = button(shown(world, one.name), "Make the post")
        said = await asyncio.gather(world.press("alice", make), world.press("bob", make))
        assert sum("is made of R1" in text for text in said) <= 1
        assert (await world.press("carol", make)).startswith("R1: ")
        ((count,),) = world.sql("SELECT count(*) FROM posts")
        assert count == 16


async def test_declining_can_be_undone_and_taking_back_cancels(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await _open(world)
        old = button(shown(world, one.name), "Not now")
        assert await world.press("alice", old) == "R1 is put aside. /proposals undo R1 asks again."
        assert "alice said not now" in await world.press("alice", old)
        assert (await world.say("alice", "/proposals undo R1")).startswith("R1 is open again: P15 on Demo")
        assert "was opened again" in await world.press("alice", old)
        assert (await world.say("alice", "/proposals take R1")).startswith("P16 is made of R1")
        assert await world.say("alice", "/proposals undo R1") == (
            "R1 is taken back and P16 cancelled; /edit P16 brings it back."
        )
        assert (await world.row(16)).state is State.CANCELLED
        # it is never made a second time
        assert (
            await world.say("alice", "/proposals undo R1") == "R1 was taken back; /edit P16 brings P16 back."
        )
        assert (await world.say("alice", "/proposals take R1")).startswith("R1: alice took it back")


async def test_what_is_out_cannot_be_taken_back(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await _open(world)
        await world.say("alice", "/proposals take R1")
        await world.say("bob", "/approve P16")
        await world.wait(timedelta(days=1))
        said = await world.say("alice", "/proposals undo R1")
        assert said == "P16 is on its way or out already; /delete P16 takes down what is live."


async def test_who_may_not_make_posts_decides_nothing(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await _open(world)
        make = button(shown(world, one.name), "Make the post")
        assert await world.press("eve", make) == "Deciding about R1 is for alice, bob, carol or dana."
        await world.say("eve", "/proposals")
        assert [f.name for f in world.room.said[-1].fields] == ["R2", "R1"]
        assert (await all_proposals(world))[0].standing is Standing.OPEN


async def test_it_lapses_when_nobody_decides(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(expires_s=3600)) as world:
        one = await _open(world)
        await world.wait(timedelta(hours=2))
        assert {p.standing for p in await all_proposals(world)} == {Standing.EXPIRED}
        assert "so it lapsed" in await world.press("alice", button(shown(world, one.name), "Make the post"))


async def test_numbers_that_were_taken_back_take_the_proposal_with_them(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await _open(world)
        assert one.source_delivery is not None
        number = one.source_delivery
        world.clock.advance(timedelta(hours=1))
        at = world.clock.now()
        await world.app.services.store.write(lambda tx: read(tx, number, KEY, at, 900))
        await look(world)
        found = await all_proposals(world)
        assert {p.standing for p in found} == {Standing.SUPERSEDED}
        assert found[0].why == "P15 is not that far above its usual any more."
        world.clock.advance(timedelta(hours=1))
        again = world.clock.now()
        await world.app.services.store.write(lambda tx: read(tx, number, KEY, again, 9000))
        await look(world)
        assert len(await all_proposals(world)) == 2


@pytest.mark.parametrize(
    "text", ["We launch today at noon.", "Doors open on Friday.", "It began on 2026-11-20 and was good."]
)
def test_what_speaks_of_its_day_is_not_proposed(tmp_path: Path, text: str) -> None:
    async def unit() -> None:
        async with proposing(tmp_path) as world:
            await history(world)
            await winner(world, text)
            await look(world)
            assert await all_proposals(world) == ()

    asyncio.run(unit())


async def test_what_its_author_keeps_where_it_is_is_not_proposed(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        await winner(world)
        said = await world.say("alice", "/proposals forbid P15")
        assert said.startswith("P15 stays where it is: I propose it nowhere else.")
        await look(world)
        assert await all_proposals(world) == ()
        assert "alice keeps it where it is" in await world.say("bob", "/proposals P15")
        assert await world.say("alice", "/proposals allow P15") == "P15 may be proposed elsewhere again."
        await look(world)
        assert len(await all_proposals(world)) == 2
        assert await world.say("eve", "/proposals P15") == (
            "P15: nobody keeps it where it is; of it came R1 (open) and R2 (open). "
            "acme-look: it was proposed before; acme-blind: it was proposed before."
        )
        await world.say("bob", "/proposals forbid P15")
        assert {p.standing for p in await all_proposals(world)} == {Standing.SUPERSEDED}


async def test_a_post_can_be_kept_where_it_is_from_the_beginning(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await world.say("alice", f"/post hello --to {KEY} --no-crosspost")
        assert await world.app.services.store.read(lambda tx: tx.proposals.forbidden(1)) == "alice"
        await world.say("alice", f"/post hi --to {KEY}")
        assert await world.app.services.store.read(lambda tx: tx.proposals.forbidden(2)) is None


async def test_where_it_is_already_or_is_on_its_way_it_is_not_proposed(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        await winner(world, accounts=[LOOK])
        await world.say("alice", f"/post Why our card has three previews. --to {BLIND}")
        await look(world)
        assert await all_proposals(world) == ()


async def test_a_cross_post_an_old_post_and_a_gone_one_are_not_proposed(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        copied, _ = await winner(world, "A copy that did well.")
        await winner(world, "An old one that did well.", days_old=40.0)
        _, gone = await winner(world, "One that is gone.")
        at = world.clock.now() + timedelta(minutes=1)

        def unit(tx: Tx) -> None:
            tx.snapshots.flag(copied, CROSSPOST)
            read(tx, gone, KEY, at, None, gone=True)

        await world.app.services.store.write(unit)
        world.clock.advance(timedelta(minutes=2))
        await look(world)
        texts = [p.body["brief"] for p in await all_proposals(world)]
        assert "A copy that did well." not in texts
        assert "An old one that did well." not in texts


async def test_no_more_a_day_than_the_brand_wants(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(a_day=1)) as world:
        await history(world)
        await winner(world)
        await look(world)
        await look(world)
        assert len(await all_proposals(world)) == 1
        await world.wait(timedelta(hours=25))
        await look(world)
        assert len(await all_proposals(world)) == 2


async def test_switched_off_or_alone_nothing_is_proposed(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(mode="off")) as world:
        await history(world)
        await winner(world)
        await look(world)
        assert await all_proposals(world) == ()
    async with proposing(tmp_path / "2", brand=with_policy(never=(LOOK,))) as world:
        await history(world)
        await winner(world)
        await look(world)
        assert [p.account for p in await all_proposals(world)] == [BLIND]


async def test_auto_makes_the_post_and_people_still_approve_it(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(mode="auto", never=(BLIND,))) as world:
        one = await _open(world)
        assert (one.standing, one.decided_by, one.post_id) == (Standing.TAKEN, "Clarion", 16)
        assert (await world.row(16)).state is State.IN_REVIEW
        await world.wait(timedelta(days=1))
        assert world.created(LOOK) == 0
    asks_nobody = replace(with_policy(mode="auto", never=(BLIND,)), policies={LOOK: Policy(mode="none")})
    async with proposing(tmp_path / "2", brand=asks_nobody) as world:
        await _open(world)
        assert (await world.row(16)).state is State.SCHEDULED
        await world.wait(timedelta(days=1))
        assert world.created(LOOK) == 1


async def test_without_an_optimizer_or_with_a_broken_one_nothing_is_said(tmp_path: Path) -> None:
    class Broken:
        name, title = "cross_post", "Winners"

        def high_performers(self, *_: object, **__: object) -> object:
            raise RuntimeError("no")

        standings = expected = high_performers

    async with proposing(tmp_path) as world:
        await history(world)
        await winner(world)
        optimizers = world.app.services.registry.optimizers
        optimizers["cross_post"] = Broken()
        await look(world)
        del optimizers["cross_post"]
        await look(world)
        assert await all_proposals(world) == ()


async def test_why_computes_it_again_from_the_rows_it_cites(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await _open(world)
        svc = world.app.services
        world.clock.advance(timedelta(hours=1))
        at = world.clock.now()
        await svc.store.write(lambda tx: read(tx, one.source_delivery or 0, KEY, at, 7777))
        told = {f.name: f.value for f in (await explain(svc, BRAND, one.id)).fields}
        assert told["Again"].startswith("6,000 views, 7.5× the usual at the same age (80%: ")
        assert told["Again"].endswith("the same, from the same readings")
        assert told["Stands on"].startswith("14 posts that came out")
        # one of its posts was an advertisement after all: the same rows say something else now

        def paid(tx: Tx) -> None:
            for number in range(1, 10):
                tx.snapshots.flag(number, "PAID")

        await svc.store.write(paid)
        told = {f.name: f.value for f in (await explain(svc, BRAND, one.id)).fields}
        assert "cannot be computed again" in told["Again"]


async def test_the_lift_of_a_pair_is_measured_against_the_targets_usual(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        await history(world, account=LOOK, usual=400)
        await winner(world)
        await look(world)
        one = of_account(await all_proposals(world), LOOK)
        await world.say("alice", f"/proposals take {one.name}")
        made = next(p for p in await all_proposals(world) if p.post_id).post_id
        assert made is not None
        await world.say("bob", f"/approve P{made}")
        await world.wait(timedelta(days=4))
        row = await world.row(made)
        assert row.state is State.LIVE
        at = world.clock.now()
        await world.app.services.store.write(lambda tx: read(tx, row.id, LOOK, at, 800, likes=3))
        (own,) = [o for o in await outcomes(world.app.services, "acme") if o.post_id == str(row.id)]
        assert CROSSPOST in own.flags
        told = {f.name: f.value for f in (await explain(world.app.services, BRAND, one.id)).fields}
        assert "× the usual there (80 %: " in told["Came of it"]


async def test_a_long_text_is_cut_at_a_sentence_and_comments_stay_behind(tmp_path: Path) -> None:
    long = "The first sentence says it. " * 30
    parts = (
        Part(text=long.strip(), link=Link(url="https://example.com/why", title="Why")),
        Part(text="First comment", role=PartRole.COMMENT),
    )
    async with proposing(tmp_path, brand=with_policy(never=(BLIND,))) as world:
        await history(world)
        await winner(world, long.strip(), parts=parts)
        await look(world)
        (one,) = await all_proposals(world)
        assert "shortened from 839 to " in one.text
        await world.say("alice", "/proposals take R1")
        row = await world.row(16)
        assert row.state is State.IN_REVIEW
        assert len(row.variant.parts) == 1
        assert row.variant.body.endswith("https://example.com/why")
        assert "says it.\n\nhttps" in row.variant.body


async def test_the_list_says_what_is_open_and_what_was_decided(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        nothing = "No proposal is open for acme. /proposals all shows what was decided."
        assert await world.say("eve", "/proposals") == nothing
        one = await _open(world)
        await world.press("alice", button(shown(world, one.name), "Not now"))
        await world.say("eve", "/proposals all")
        listed = world.room.said[-1]
        assert [f.name for f in listed.fields] == ["R2", "R1"]
        assert listed.fields[1].value.endswith("· declined by alice")
        assert "is no proposal" in await world.say("alice", "/proposals take what")
        assert "did you mean 'decline'" in await world.say("alice", "/proposals declin R1")
        assert await world.say("alice", "/proposals take R99") == (
            "There is no R99 in acme. /proposals lists what there is."
        )


async def test_a_winner_of_another_brand_is_nobody_elses(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await history(world)
        now = world.clock.now()
        await world.app.services.store.write(
            lambda tx: live(tx, now, "Theirs", days_old=2.0, views=9000, brand="zen", account="zen-x")
        )
        await look(world)
        assert await all_proposals(world) == ()


async def test_what_is_not_right_any_more_is_not_made(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await _open(world)
        await world.say("alice", f"/post Why our card has three previews. --to {LOOK}")
        assert await world.say("alice", "/proposals take R1") == (
            "acme-look says the same in another post already, or is about to."
        )
        number = (await all_proposals(world))[1].source_delivery
        world.sql("UPDATE deliveries SET state = 'removed' WHERE id = ?", number)
        assert await world.say("alice", "/proposals take R2") == (
            "P15 is not out any more, so nothing is made of it."
        )
        await look(world)
        assert {p.why for p in await all_proposals(world)} == {"P15 is not out any more."}
        ((count,),) = world.sql("SELECT count(*) FROM posts")
        assert count == 16


def pair(tx: Tx, now: datetime, number: int, views: int, *, by: str = "alice") -> None:
    """A winner that was posted on the account with lookup, and has so many views there."""
    source, delivery = live(tx, now, f"Winner {number}", days_old=40.0, views=9000)
    made, _ = live(tx, now, f"Copy {number}", days_old=4.0, views=views, account=LOOK)
    tx.snapshots.flag(made, CROSSPOST)
    put = tx.proposals.put(
        Proposal(
            brand="acme",
            kind="crosspost",
            key=f"crosspost:{source}:{LOOK}",
            text="before",
            evidence=Evidence(method="cross_post/1", at=now, n=10),
            account=LOOK,
            source_post=source,
            source_delivery=delivery,
            standing=Standing.TAKEN,
            decided_by=by,
            created_at=now - timedelta(days=9),
            expires_at=now,
        )
    )
    assert put is not None
    tx.proposals.settle(put.id, made)


async def test_after_ten_pairs_a_range_is_expected_and_never_before(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(never=(BLIND,), a_day=20)) as world:
        await history(world)
        await history(world, account=LOOK)
        svc, now = world.app.services, world.clock.now()

        views = (800, 1500, 1100, 2000, 900, 1300, 1000, 1700, 1200, 1400)
        for number, count in enumerate(views[:9]):
            await svc.store.write(lambda tx, n=number, v=count: pair(tx, now, n, v))  # type: ignore[misc]
        await winner(world)
        await look(world)
        newest = (await all_proposals(world))[-1]
        assert "Expect: no figure yet: 9 of 10 pairs Demo (own key) → Demo (lookup)." in newest.text
        await svc.store.write(lambda tx: pair(tx, now, 9, views[9]))
        await winner(world, "Another one that did well.")
        await look(world)
        newest = (await all_proposals(world))[-1]
        line = next(one for one in newest.text.splitlines() if one.startswith("Expect: "))
        assert line.endswith("× the usual there (80%), from 10 pairs Demo (own key) → Demo (lookup).")
        assert len(newest.evidence.facts["pairs"]) == 10


async def test_auto_halts_itself_when_what_it_made_went_badly(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(mode="auto", never=(BLIND,))) as world:
        await history(world)
        await history(world, account=LOOK)
        svc, now = world.app.services, world.clock.now()
        for number in range(3):
            await svc.store.write(lambda tx, n=number: pair(tx, now, n, 200, by="Clarion"))  # type: ignore[misc]
        await winner(world)
        await look(world)
        newest = (await all_proposals(world))[-1]
        assert (newest.standing, newest.post_id) == (Standing.OPEN, None)
        (asked,) = [text for text in world.room.texts() if "I stopped cross-posting to acme-look" in text]
        assert "got less than 0.5 of the usual" in asked
        assert (await world.say("alice", f"/proposals take {newest.name}")).startswith("P")


async def test_who_says_yes_at_the_same_moment_makes_it_once(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        svc, now = world.app.services, world.clock.now()
        variant = Variant(account=KEY, platform="demo-own-key", parts=(Part(text="Once more"),))
        again = Proposal(
            brand="acme",
            kind=REPEAT,
            key="repeat:7",
            text="P7 did well. Once more?",
            evidence=Evidence(method="repeat/1", at=now, n=40),
            body={"variants": [variant_to_json(variant)], "wish": "next slot"},
            account=KEY,
            created_at=now,
            expires_at=now + timedelta(days=7),
        )
        put = await svc.store.write(lambda tx: propose(svc, tx, again))
        assert put is not None
        takes = [take(svc, BRAND, put.id, who) for who in ("alice", "bob", "carol", "dana")]
        said = await asyncio.gather(*takes, return_exceptions=True)
        assert [type(one) for one in said].count(Conflict) == 3
        ((count,),) = world.sql("SELECT count(*) FROM posts")
        assert count == 1
