"""From a winner to a proposal in its thread, and from a press to a post in review."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.domain.delivery import State
from bot.domain.evidence import Evidence
from bot.domain.outcomes import CROSSPOST
from bot.domain.post import Link, Part, PartRole, Variant, variant_to_json
from bot.domain.proposal import REPEAT, Proposal, Standing
from bot.errors import Conflict
from bot.ports import Tx
from bot.services.proposing.deciding import take
from bot.services.proposing.propose import propose
from bot.testing.picture import png
from tests.unit.demo_world import BLIND, BRAND, KEY, LOOK
from tests.unit.proposing_world import (
    all_proposals,
    button,
    history,
    live,
    look,
    of_account,
    opened,
    proposing,
    read,
    shown,
    winner,
    with_policy,
)


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
        one = await opened(world)
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
        one = await opened(world)
        await world.say("alice", f"/post first --to {LOOK} --at 2026-11-24T17:00Z")
        await world.press("alice", button(shown(world, one.name), "Make the post"))
        due = (await world.row(17)).due
        assert due is not None
        assert f"{due:%d %H:%M}" == "25 09:00"


async def test_it_is_proposed_once_however_often_it_is_looked(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await opened(world)
        await asyncio.gather(*(look(world) for _ in range(4)))
        assert len(await all_proposals(world)) == 2
        await world.press("alice", button(shown(world, one.name), "Not now"))
        for _ in range(3):
            await world.wait(timedelta(hours=5))
            await look(world)
        assert len(await all_proposals(world)) == 2


async def test_two_presses_make_one_post(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await opened(world)
        make = button(shown(world, one.name), "Make the post")
        said = await asyncio.gather(world.press("alice", make), world.press("bob", make))
        assert sum("is made of R1" in text for text in said) <= 1
        assert (await world.press("carol", make)).startswith("R1: ")
        ((count,),) = world.sql("SELECT count(*) FROM posts")
        assert count == 16


async def test_declining_can_be_undone_and_taking_back_cancels(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await opened(world)
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
        await opened(world)
        await world.say("alice", "/proposals take R1")
        await world.say("bob", "/approve P16")
        await world.wait(timedelta(days=1))
        said = await world.say("alice", "/proposals undo R1")
        assert said == "P16 is on its way or out already; /delete P16 takes down what is live."


async def test_who_may_not_make_posts_decides_nothing(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        one = await opened(world)
        make = button(shown(world, one.name), "Make the post")
        assert await world.press("eve", make) == "Deciding about R1 is for alice, bob, carol or dana."
        await world.say("eve", "/proposals")
        assert [f.name for f in world.room.said[-1].fields] == ["R2", "R1"]
        assert (await all_proposals(world))[0].standing is Standing.OPEN


async def test_it_lapses_when_nobody_decides(tmp_path: Path) -> None:
    async with proposing(tmp_path, brand=with_policy(expires_s=3600)) as world:
        one = await opened(world)
        await world.wait(timedelta(hours=2))
        assert {p.standing for p in await all_proposals(world)} == {Standing.EXPIRED}
        assert "so it lapsed" in await world.press("alice", button(shown(world, one.name), "Make the post"))


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
        one = await opened(world)
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


async def test_what_is_not_right_any_more_is_not_made(tmp_path: Path) -> None:
    async with proposing(tmp_path) as world:
        await opened(world)
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


async def test_its_picture_goes_along_unless_it_is_gone(tmp_path: Path) -> None:
    picture = tmp_path / "launch.png"
    picture.write_bytes(png())  # a few bytes before anything runs
    async with proposing(tmp_path) as world:
        await world.say(
            "alice", f'/post "Look at it." --to {KEY} --media {picture} --alt "A launch" --at now'
        )
        await world.say("bob", "/approve P1")
        assert (await world.row(1)).state is State.LIVE
        await history(world)
        await world.wait(timedelta(hours=30))
        delivery, at = (await world.row(1)).id, world.clock.now()

        def higher(tx: Tx) -> None:
            read(tx, delivery, KEY, at, 60_000)
            watch = tx.snapshots.watched(delivery)
            assert watch is not None
            # ordinary posts of the same type, so that there is a usual for pictures
            for number in range(12):
                live(
                    tx,
                    at,
                    f"Ordinary picture {number}",
                    days_old=20.0 - number,
                    views=1000,
                    kind=watch.content_type,
                )

        await world.app.services.store.write(higher)
        await look(world)
        one = of_account(await all_proposals(world), LOOK)
        assert "“Look at it.” with launch.png, made to fit" in one.text
        assert "⚠ Whether launch.png carries the mark of another platform is not known." in one.text
        said = await world.say("alice", f"/proposals take {one.name}")
        made = int(said.split()[0].removeprefix("P"))
        (media,) = (await world.row(made)).variant.media
        assert (media.name, media.alt) == ("launch.png", "A launch")
        other = of_account(await all_proposals(world), BLIND)
        world.app.services.media.path(media).unlink()
        assert await world.say("alice", f"/proposals take {other.name}") == (
            "launch.png is not kept here any more; /post it anew."
        )
