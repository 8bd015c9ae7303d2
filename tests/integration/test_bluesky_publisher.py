"""The publisher at its simulator: keys, threads, numbers, and what goes wrong between the steps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import Secret
from bot.domain.platform import Absent, Checkpoint, Gone, Live, Metrics, More, Proof, Ready, Unclear
from bot.domain.post import Link, Part, PartRole
from bot.domain.rates import Meter
from bot.errors import RateLimited, Rejected, Transient, Uncertain, Unsupported
from bot.ports import Deps
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.bluesky import BlueskyPublisher
from plugins.bluesky.records import place_of
from plugins.bluesky.simulator import ANN
from plugins.bluesky.tid import TID
from tests.integration.bluesky_world import BLOB, GET, PUT, World, world

RESOLVE = "GET /xrpc/com.atproto.identity.resolveHandle"
POSTS = "GET /xrpc/app.bsky.feed.getPosts"
ME = "GET /xrpc/com.atproto.server.getSession"


@pytest.fixture
async def bs() -> AsyncIterator[World]:
    async with world() as made:
        yield made


# --- keys, and posting once ----------------------------------------------------------------------------


async def test_key_and_time_are_made_once_and_outlive_everything(bs: World) -> None:
    part = Part(text="Hello", media=(await bs.picture(),))
    first = await bs.publisher.stage(part, Checkpoint())
    assert isinstance(first, More)
    checkpoint = await bs.staged(part)
    assert TID.fullmatch(checkpoint.data["rkey"])
    assert checkpoint.data["created_at"] == "2026-11-21T09:00:00.000Z"
    assert checkpoint.expires_at is None
    bs.clock.advance(timedelta(days=3))
    again = await bs.another().stage(part, checkpoint)
    assert isinstance(again, Ready)
    assert again.checkpoint.data["rkey"] == checkpoint.data["rkey"]
    # the picture was collected meanwhile, so it was brought anew; and feeds sort by the time
    assert bs.sim.count(BLOB) == 2
    assert again.checkpoint.data["created_at"] == "2026-11-24T09:00:00.000Z"
    await bs.publisher.commit(part, again.checkpoint, bs.call(part))


async def test_two_posts_of_one_instant_have_two_keys(bs: World) -> None:
    keys = {(await bs.staged(Part(text="Same"))).data["rkey"] for _ in range(200)}
    assert len(keys) == 200


async def test_the_same_put_may_be_repeated_for_ever(bs: World) -> None:
    part = Part(text="Again")
    checkpoint = await bs.staged(part)
    receipts = [await bs.publisher.commit(part, checkpoint, bs.call(part)) for _ in range(5)]
    assert len({str(r.ref) for r in receipts}) == 1
    assert bs.sim.repository.records[str(receipts[0].ref)].written == 1


async def test_a_time_renewed_after_a_lost_answer_is_known_again(bs: World) -> None:
    """The first put arrived; hours later the same key has another time: refused, looked up, live."""
    part = Part(text="Late")
    checkpoint, call = await bs.staged(part), bs.call(part)
    bs.sim.fail(PUT, LOST_REPLY)
    with pytest.raises(Uncertain):
        await bs.publisher.commit(part, checkpoint, call)
    bs.clock.advance(timedelta(hours=1))
    staged = await bs.publisher.stage(part, checkpoint)
    with pytest.raises(Uncertain):
        await bs.publisher.commit(part, staged.checkpoint, call)
    found = await bs.publisher.confirm(part, staged.checkpoint, call)
    assert isinstance(found, Live)
    assert found.proof is Proof.READ_BACK
    assert list(bs.sim.visible()) == [found.ref]


async def test_absence_is_proof_and_another_text_is_not_ours(bs: World) -> None:
    part = Part(text="Mine")
    checkpoint, call = await bs.staged(part), bs.call(part)
    bs.sim.fail(PUT, CUT)
    with pytest.raises(Uncertain):
        await bs.publisher.commit(part, checkpoint, call)
    assert await bs.publisher.confirm(part, checkpoint, call) == Absent(keep_checkpoint=True)
    other = Part(text="Not mine")
    await bs.publisher.commit(other, checkpoint, bs.call(other))
    assert isinstance(await bs.publisher.confirm(part, checkpoint, call), Unclear)
    with pytest.raises(Uncertain):
        await bs.publisher.commit(part, checkpoint, call)
    assert list(bs.sim.visible().values()) == ["Not mine"]


async def test_another_account_never_sends_what_was_prepared_for_this_one(bs: World) -> None:
    part = Part(text="Whose?")
    checkpoint = await bs.staged(part)
    bs.sim.desk.accounts[ANN].app_passwords.add("anns")
    ann = bs.another(identifier="ann.test", app_password=Secret("anns"))
    with pytest.raises(Rejected) as caught:
        await ann.commit(part, checkpoint, bs.call(part))
    assert (caught.value.code, caught.value.restage) == ("other_account", True)
    assert isinstance(await ann.confirm(part, checkpoint, bs.call(part)), Unclear)
    assert bs.sim.count(PUT) == 0
    anew = await ann.stage(part, checkpoint)
    assert anew.checkpoint.data["did"] == ANN
    assert anew.checkpoint.data["rkey"] != checkpoint.data["rkey"]
    await ann.commit(part, anew.checkpoint, bs.call(part))
    assert [place.repo for uri in bs.sim.visible() if (place := place_of(uri))] == [ANN]


async def test_what_was_not_staged_is_not_sent(bs: World) -> None:
    part = Part(text="Too early")
    with pytest.raises(Transient):
        await bs.publisher.commit(part, Checkpoint(), bs.call(part))
    assert isinstance(await bs.publisher.confirm(part, Checkpoint(), bs.call(part)), Unclear)
    assert bs.sim.count(PUT) == 0


# --- what a record says ----------------------------------------------------------------------------------


async def test_mentions_become_people_and_strangers_stay_text(bs: World) -> None:
    receipt = await bs.published(Part(text="é @ann.test and @nobody.example.com"))
    (facet,) = bs.record(receipt.ref)["facets"]
    assert facet["features"] == [{"$type": "app.bsky.richtext.facet#mention", "did": ANN}]
    assert facet["index"] == {"byteStart": 3, "byteEnd": 12}
    assert bs.sim.count(RESOLVE) == 2


async def test_a_handle_that_cannot_be_asked_about_now_stops_the_staging(bs: World) -> None:
    """Better later than without the person it speaks to."""
    bs.sim.fail(RESOLVE, Failure(status=502, body={"error": "UpstreamFailure", "message": "no"}))
    with pytest.raises(Transient):
        await bs.publisher.stage(Part(text="Hi @ann.test"), Checkpoint())


async def test_a_thread_goes_on_and_a_comment_goes_below_the_post(bs: World) -> None:
    first = await bs.published(Part(text="1/2"))
    second = await bs.published(Part(text="2/2"), first.ref)
    comment = await bs.published(Part(text="First!", role=PartRole.COMMENT), first.ref, second.ref)
    later = await bs.published(
        Part(text="Later", role=PartRole.FOLLOW_UP), first.ref, second.ref, comment.ref
    )
    strong = {r: {"uri": r, "cid": bs.sim.repository.records[str(r)].cid} for r in map(str, bs.sim.visible())}
    replies = [bs.record(r.ref).get("reply") for r in (first, second, comment, later)]
    assert replies == [
        None,
        {"root": strong[str(first.ref)], "parent": strong[str(first.ref)]},
        {"root": strong[str(first.ref)], "parent": strong[str(first.ref)]},
        {"root": strong[str(first.ref)], "parent": strong[str(comment.ref)]},
    ]


async def test_nothing_is_said_below_a_post_that_is_gone(bs: World) -> None:
    first = await bs.published(Part(text="1/2"))
    await bs.publisher.remove(first.ref)
    with pytest.raises(Rejected) as caught:
        await bs.published(Part(text="2/2"), first.ref)
    assert caught.value.code == "parent_gone"
    with pytest.raises(Rejected):
        await bs.published(Part(text="2/2"), "1234567")


async def test_a_parent_that_cannot_be_read_leaves_nothing_in_doubt(bs: World) -> None:
    first = await bs.published(Part(text="1/2"))
    before = bs.sim.count(PUT)
    bs.sim.fail(GET, CUT)
    with pytest.raises(Transient):
        await bs.published(Part(text="2/2"), first.ref)
    assert bs.sim.count(PUT) == before


async def test_a_card_with_and_without_its_picture(bs: World) -> None:
    thumb = await bs.picture()
    link = Link(url="https://example.com/why", title="Why", description="How", image=thumb)
    receipt = await bs.published(Part(text="Read", link=link))
    external = bs.record(receipt.ref)["embed"]["external"]
    assert external["thumb"]["size"] == thumb.size
    large = replace(link, image=replace(thumb, size=1_000_001), title="")
    receipt = await bs.published(Part(text="Read", link=large))
    assert bs.record(receipt.ref)["embed"]["external"] == {
        "uri": link.url,
        "title": link.url,
        "description": "How",
    }


async def test_pictures_tell_their_size_and_their_description(bs: World) -> None:
    pictures = tuple([await bs.picture(alt=f"no. {n}", size=(30 + n, 20)) for n in range(4)])
    receipt = await bs.published(Part(text="", media=pictures, options={"labels": ["graphic-media", "x"]}))
    record = bs.record(receipt.ref)
    assert [(i["alt"], i["aspectRatio"]["width"]) for i in record["embed"]["images"]] == [
        ("no. 0", 30),
        ("no. 1", 31),
        ("no. 2", 32),
        ("no. 3", 33),
    ]
    assert record["labels"]["values"] == [{"val": "graphic-media"}]


async def test_an_upload_that_breaks_off_goes_on_with_the_next_file(bs: World) -> None:
    pictures = tuple([await bs.picture(size=(30 + n, 20)) for n in range(3)])
    part, checkpoint = Part(text="Three", media=pictures), Checkpoint()
    bs.sim.fail(BLOB, CUT, nth=3)
    for _ in range(3):
        checkpoint = (await bs.another().stage(part, checkpoint)).checkpoint
    with pytest.raises(Transient):
        await bs.another().stage(part, checkpoint)
    assert bs.sim.count(BLOB) == 3
    while not isinstance(step := await bs.another().stage(part, checkpoint), Ready):
        checkpoint = step.checkpoint
    assert bs.sim.count(BLOB) == 4
    await bs.publisher.commit(part, step.checkpoint, bs.call(part))


async def test_an_older_server_refuses_a_larger_picture_with_the_way_out(bs: World) -> None:
    bs.sim.repository.image_bytes = 100
    with pytest.raises(Rejected) as caught:
        await bs.published(Part(text="Large", media=(await bs.picture(),)))
    assert (caught.value.code, caught.value.fix) == (
        "payloadtoolarge",
        "Make it smaller: pictures under 1 MB go everywhere.",
    )


# --- numbers, limits, taking down ----------------------------------------------------------------------


async def test_numbers_come_in_batches_and_what_is_gone_is_known(bs: World) -> None:
    refs = [(await bs.published(Part(text=f"Post {n}"))).ref for n in range(30)]
    bs.sim.likes[str(refs[0])] = 7
    await bs.published(Part(text="Reply"), refs[1])
    await bs.publisher.remove(refs[2])
    found = await bs.publisher.measure([*refs, "https://example.com/no"])
    assert bs.sim.count(POSTS) == 2
    assert found[str(refs[0])] == Metrics(likes=7, comments=0, shares=0, saves=0)
    assert found[str(refs[1])] == Metrics(likes=0, comments=1, shares=0, saves=0)
    assert found[str(refs[2])] == Gone()
    assert len(found) == 30


async def test_a_post_that_is_not_counted_yet_is_unknown_not_gone(bs: World) -> None:
    bs.sim.view_lag = 60
    receipt = await bs.published(Part(text="New"))
    assert await bs.publisher.measure([receipt.ref]) == {}
    bs.clock.advance(61)
    assert await bs.publisher.measure([receipt.ref]) == {
        str(receipt.ref): Metrics(likes=0, comments=0, shares=0, saves=0)
    }


async def test_where_nobody_counts_that_is_said(bs: World) -> None:
    receipt = await bs.published(Part(text="Bare"))
    bs.sim.bare = True
    with pytest.raises(Unsupported):
        await bs.publisher.measure([receipt.ref])
    bs.sim.fail(POSTS, Failure(status=502, body={"error": "UpstreamFailure", "message": "away"}))
    with pytest.raises(Transient):
        await bs.publisher.measure([receipt.ref])


async def test_points_that_run_out_are_waited_for_and_told(bs: World) -> None:
    meter = Meter()
    deps = Deps(http=bs.http, clock=bs.clock, media=bs.media, log=bs.log, meter=meter)
    publisher = BlueskyPublisher(bs.settings, deps)
    part = Part(text="Point by point")
    checkpoint = await bs.staged(part, publisher)
    bs.sim.desk.charge(bs.sim.account, 4990)
    await publisher.commit(part, checkpoint, bs.call(part))
    seen = meter.take()["hourly limit"]
    assert (seen.left, seen.until) == (2, bs.clock.now() + timedelta(hours=1))  # 8 points are two creates
    bs.sim.desk.charge(bs.sim.account, 8)
    other = Part(text="One too many")
    checkpoint = await bs.staged(other, publisher)
    with pytest.raises(RateLimited) as caught:
        await publisher.commit(other, checkpoint, bs.call(other))
    assert caught.value.until == bs.clock.now() + timedelta(hours=1)
    bs.clock.advance(timedelta(hours=1))
    await publisher.commit(other, checkpoint, bs.call(other))


async def test_only_our_own_posts_are_taken_down(bs: World) -> None:
    receipt = await bs.published(Part(text="Mine"))
    place = place_of(receipt.ref)
    assert place is not None
    for ref in (f"at://{ANN}/app.bsky.feed.post/{place.rkey}", "at://x", None, 5):
        with pytest.raises(Rejected):
            await bs.publisher.remove(ref)
    await bs.publisher.remove(replace(place, repo="acme.test").uri)  # as in a link with the handle
    assert bs.sim.visible() == {}
