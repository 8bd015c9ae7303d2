"""The road of a video and of photos to a simulated TikTok, undisturbed and disturbed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.platform import (
    Absent,
    Checkpoint,
    HandedOver,
    Level,
    Live,
    Metrics,
    More,
    Pending,
    Proof,
    Ready,
    Refused,
    Unclear,
)
from bot.errors import AuthExpired, PublishError, RateLimited, Rejected, Transient, Uncertain, Unsupported
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.tiktok import ref_of, uploads
from plugins.tiktok.failures import FAILURES, envelope
from tests.integration.tiktok_world import (
    CREATOR,
    DRAFT,
    EVERYBODY,
    INBOX,
    INIT,
    LIST,
    PHOTOS,
    PUT,
    QUERY,
    STATUS,
    World,
    world,
)


@pytest.fixture
async def tt(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks as small as TikTok allows, so that eleven megabytes are two of them."""
    monkeypatch.setattr(uploads, "WHOLE", 6_000_000)
    monkeypatch.setattr(uploads, "CHUNK", 5_000_000)


async def test_a_video_is_posted_with_what_was_chosen(tt: World) -> None:
    clip = await tt.clip()
    options = {**EVERYBODY, "comments": True, "your_brand": True, "cover_at": "1.5", "ai_generated": True}
    found = await tt.live(tt.part("New colours #autumn 🍁", clip, options=options))
    post = tt.sim.post()
    assert (found.ref, found.proof) == (str(post.number), Proof.READ_BACK)
    assert found.url == f"https://www.tiktok.com/@simshop/video/{post.number}"
    assert found.url is not None
    assert ref_of(found.url) == found.ref
    assert post.info == {
        "title": "New colours #autumn 🍁",
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": False,
        "disable_duet": True,
        "disable_stitch": True,
        "video_cover_timestamp_ms": 1500,
        "brand_content_toggle": False,
        "brand_organic_toggle": True,
        "is_aigc": True,
    }
    assert post.hash.hexdigest() == clip.sha256


async def test_the_creator_is_asked_before_the_upload_and_before_the_last_chunk(tt: World) -> None:
    await tt.live(tt.part("Asked twice", await tt.clip()))
    order = [c.endpoint for c in tt.sim.calls if c.endpoint != STATUS]
    assert order == [CREATOR, INIT, CREATOR, PUT]


async def test_the_upload_address_never_sees_our_token(tt: World) -> None:
    await tt.live(tt.part("No token here", await tt.clip()))
    headers = next(c.headers for c in tt.sim.calls if c.endpoint == PUT)
    assert "authorization" not in headers
    assert headers["content-type"] == "video/mp4"
    assert "transfer-encoding" not in headers


async def test_seventy_megabytes_go_up_in_seven_chunks(tt: World) -> None:
    """The example of the media transfer guide: six of 10,000,000 bytes and the rest."""
    clip = await tt.clip(70_000_123)
    found = await tt.live(tt.part("A long one", clip))
    ranges = [c.headers["content-range"] for c in tt.sim.calls if c.endpoint == PUT]
    assert ranges[0] == "bytes 0-9999999/70000123"
    assert ranges[6:] == ["bytes 60000000-70000122/70000123"]
    assert len(ranges) == 7
    assert tt.bodies(INIT)[0]["source_info"] == {
        "source": "FILE_UPLOAD",
        "video_size": 70_000_123,
        "chunk_size": 10_000_000,
        "total_chunk_count": 7,
    }
    assert tt.sim.post().hash.hexdigest() == clip.sha256
    assert found.ref == str(tt.sim.post().number)


async def test_a_chunk_whose_answer_is_lost_is_not_stored_twice(tt: World, small_chunks: None) -> None:
    part = tt.part("Lost on the way", await tt.clip(11_000_000))
    tt.sim.fail(PUT, LOST_REPLY)
    opened = (await tt.publisher().stage(part, Checkpoint())).checkpoint
    with pytest.raises(Transient):
        await tt.publisher().stage(part, opened)
    found = await tt.publisher().stage(part, opened)  # 416: TikTok tells what it has
    assert isinstance(found, More)
    assert found.checkpoint.data["sent"] == 1
    checkpoint = await tt.staged(part, found.checkpoint)
    await tt.publisher().commit(part, checkpoint, tt.call(part))
    assert tt.sim.post().stored == 11_000_000
    assert tt.sim.post().hash.hexdigest() == part.media[0].sha256


async def test_an_upload_that_is_cut_in_the_middle_goes_on_there(tt: World, small_chunks: None) -> None:
    part = tt.part("Cut", await tt.clip(16_000_000))
    tt.sim.fail(PUT, CUT, nth=2)
    checkpoint = Checkpoint()
    for _ in range(10):
        try:
            step = await tt.publisher().stage(part, checkpoint)
        except Transient:
            continue
        checkpoint = step.checkpoint
        if isinstance(step, Ready):
            break
    assert tt.sim.count(INIT) == 1
    starts = [c.headers["content-range"].split("-")[0] for c in tt.sim.calls if c.endpoint == PUT]
    assert starts == ["bytes 0", "bytes 5000000", "bytes 5000000"]
    await tt.publisher().commit(part, checkpoint, tt.call(part))
    assert tt.sim.post().stored == 16_000_000


async def test_a_416_without_a_range_asks_the_status(tt: World, small_chunks: None) -> None:
    part = tt.part("How far?", await tt.clip(11_000_000))
    opened = (await tt.publisher().stage(part, Checkpoint())).checkpoint
    done = (await tt.publisher().stage(part, opened)).checkpoint
    tt.sim.fail(PUT, FAILURES["T-U416"])
    again = await tt.publisher().stage(part, opened)
    assert again.checkpoint.data["sent"] == done.data["sent"] == 1


async def test_an_upload_that_expired_is_opened_anew_three_times_at_most(
    tt: World, small_chunks: None
) -> None:
    part = tt.part("Too slow", await tt.clip(11_000_000))
    opened = (await tt.publisher().stage(part, Checkpoint())).checkpoint
    assert opened.expires_at == tt.clock.now() + timedelta(minutes=55)
    tt.clock.advance(timedelta(hours=1))
    again = await tt.publisher().stage(part, opened)
    assert again == More(checkpoint=Checkpoint(data={"round": 1}))
    checkpoint = await tt.staged(part, again.checkpoint)
    assert checkpoint.data["publish_id"] != opened.data["publish_id"]
    tt.sim.fail(PUT, FAILURES["T-U403"], times=0)
    with pytest.raises(Rejected, match="several times"):
        await tt.staged(part)
    assert tt.sim.visible() == {}


async def test_a_last_chunk_that_never_came_is_sent_again_into_the_same_upload(tt: World) -> None:
    part = tt.part("Once more", await tt.clip())
    checkpoint, call = await tt.staged(part), tt.call(part)
    tt.sim.fail(PUT, CUT)
    with pytest.raises(Uncertain):
        await tt.publisher().commit(part, checkpoint, call)
    assert await tt.confirmed(part, checkpoint, call) == Absent(keep_checkpoint=True)
    await tt.publisher().commit(part, checkpoint, call)
    await tt.publisher().commit(part, checkpoint, call)  # 416: it has all of it
    assert isinstance(await tt.confirmed(part, checkpoint, call), Live)
    assert len(tt.sim.visible()) == 1


async def test_a_lost_answer_to_the_last_chunk_is_found_by_the_publish_id(tt: World) -> None:
    part = tt.part("Where is it?", await tt.clip())
    checkpoint, call = await tt.staged(part), tt.call(part)
    tt.sim.fail(PUT, LOST_REPLY)
    with pytest.raises(Uncertain):
        await tt.publisher().commit(part, checkpoint, call)
    found = await tt.confirmed(part, checkpoint, call)
    assert isinstance(found, Live)
    assert list(tt.sim.visible()) == [found.ref]


async def test_an_unfinished_upload_that_expired_is_absent_only_when_no_byte_can_come(tt: World) -> None:
    part = tt.part("Too late", await tt.clip())
    checkpoint, call = await tt.staged(part), tt.call(part)
    tt.clock.advance(timedelta(minutes=50))
    found = await tt.publisher().confirm(part, checkpoint, call)
    assert isinstance(found, Pending)
    assert checkpoint.expires_at is not None
    assert found.check_at >= checkpoint.expires_at + timedelta(minutes=5)
    tt.clock.advance(found.check_at - tt.clock.now())
    assert await tt.publisher().confirm(part, checkpoint, call) == Absent(keep_checkpoint=False)


async def test_an_expired_address_at_the_last_chunk_is_uploaded_anew(tt: World) -> None:
    part = tt.part("Late", await tt.clip())
    checkpoint = await tt.staged(part)
    tt.clock.advance(timedelta(hours=1))
    with pytest.raises(Rejected, match="expired") as error:
        await tt.publisher().commit(part, checkpoint, tt.call(part))
    assert error.value.restage
    found = await tt.live(part)
    assert list(tt.sim.visible()) == [found.ref]


async def test_a_task_that_is_gone_because_it_is_done_is_not_uploaded_again(tt: World) -> None:
    part = tt.part("Done already", await tt.clip())
    checkpoint, call = await tt.staged(part), tt.call(part)
    await tt.publisher().commit(part, checkpoint, call)
    tt.sim.fail(PUT, FAILURES["T-U404"])
    with pytest.raises(Uncertain):
        await tt.publisher().commit(part, checkpoint, call)
    tt.sim.heal()
    tt.sim.fail(PUT, FAILURES["T-U403"])
    tt.sim.fail(STATUS, FAILURES["T-G6"])
    with pytest.raises(Uncertain):
        await tt.publisher().commit(part, checkpoint, call)


async def test_a_chunk_that_tiktok_lost_means_a_new_upload(tt: World, small_chunks: None) -> None:
    """Its count is behind ours when the last chunk comes: nothing is out, and nothing is sent on top."""
    part = tt.part("Where is the second?", await tt.clip(16_000_000))
    checkpoint = await tt.staged(part)
    post = tt.sim.post()
    post.stored, post.chunks = 5_000_000, 1
    with pytest.raises(Rejected, match="lost a part") as error:
        await tt.publisher().commit(part, checkpoint, tt.call(part))
    assert error.value.restage
    assert (await tt.live(part)).ref == str(tt.sim.post().number)
    assert len(tt.sim.visible()) == 1


@pytest.mark.parametrize(
    ("status", "span"),
    [
        (201, ""),
        (201, "bytes 0-9/10"),
        (201, "bytes 0-999999/{size}"),
        (200, "bytes 0-{last}/{size}"),
        (206, "bytes 0-0/{size}"),
        (302, ""),
        (416, "bytes */{size}"),
    ],
)
async def test_only_tiktoks_whole_word_counts_as_taken(tt: World, status: int, span: str) -> None:
    part = tt.part("Is that all?", await tt.clip())
    size = part.media[0].size
    headers = {"content-range": span.format(size=size, last=size - 1)} if span else {}
    tt.sim.fail(PUT, Failure(status=status, headers=headers))
    with pytest.raises(Uncertain):
        await tt.publisher().commit(part, await tt.staged(part), tt.call(part))


async def test_a_poll_that_fails_says_nothing_about_the_post(tt: World) -> None:
    part = tt.part("Ask again", await tt.clip())
    checkpoint, call = await tt.staged(part), tt.call(part)
    await tt.publisher().commit(part, checkpoint, call)
    for failure in (CUT, LOST_REPLY, FAILURES["T-G6"], FAILURES["T-G6 html"]):
        tt.sim.fail(STATUS, failure)
        assert isinstance(await tt.publisher().confirm(part, checkpoint, call), Pending)
    assert isinstance(await tt.confirmed(part, checkpoint, call), Live)


async def test_a_lost_init_does_no_harm(tt: World) -> None:
    part = tt.part("Begun twice", await tt.clip())
    tt.sim.fail(INIT, LOST_REPLY)
    with pytest.raises(Transient):
        await tt.publisher().stage(part, Checkpoint())
    await tt.live(part)
    assert (len(tt.sim.world.posts), len(tt.sim.visible())) == (2, 1)


async def test_only_me_is_live_by_tiktoks_word_and_has_no_number(tt: World) -> None:
    found = await tt.live(tt.part("Secret", await tt.clip(), options={"privacy": "SELF_ONLY"}))
    assert (found.ref, found.proof) == (tt.sim.post().publish_id, Proof.RECEIPT)
    assert found.url == "https://www.tiktok.com/@simshop"


async def test_a_public_post_is_waited_for_until_it_has_a_number(tt: World) -> None:
    tt.sim.world.moderation = timedelta(minutes=2)
    found = await tt.live(tt.part("Looked at", await tt.clip()))
    assert found.ref == str(tt.sim.post().number)
    tt.sim.world.moderation = timedelta(hours=3)
    slow = await tt.live(tt.part("Looked at for hours", await tt.clip()))
    assert slow.ref == tt.sim.post().publish_id
    tt.clock.advance(timedelta(hours=4))
    counts = await tt.publisher().measure([slow.ref])
    assert counts == {slow.ref: Metrics(views=0, likes=0, comments=0, shares=0)}


async def test_slow_processing_is_asked_about_ever_more_rarely(tt: World) -> None:
    tt.sim.world.processing = timedelta(minutes=40)
    await tt.live(tt.part("Slow", await tt.clip()))
    assert 30 <= tt.sim.count(STATUS) <= 40  # 5, 10, 20 s, then each 30 s, after 15 min each 15 min


async def test_a_draft_is_handed_over_and_live_when_a_human_has_finished_it(tt: World) -> None:
    part = tt.part("Paste me", await tt.clip(), options=INBOX)
    checkpoint, call = await tt.staged(part), tt.call(part)
    answer = await tt.publisher().commit(part, checkpoint, call)
    assert isinstance(answer, Pending)
    call = replace(call, ref=answer.ref)
    found = await tt.confirmed(part, checkpoint, call)
    assert isinstance(found, HandedOver)
    assert (found.paste, found.until, found.ref) == (
        "Paste me",
        call.started_at + timedelta(hours=24),
        answer.ref,
    )
    assert "inbox" in found.task
    assert tt.bodies(DRAFT) == [{"source_info": tt.bodies(DRAFT)[0]["source_info"]}]  # no caption goes along
    assert tt.sim.count(CREATOR) == 0
    assert tt.sim.visible() == {}
    tt.sim.world.finish_draft(tt.sim.post(), "Paste me")
    done = await tt.confirmed(part, checkpoint, call)
    assert isinstance(done, Live)
    assert list(tt.sim.visible()) == [done.ref]


async def test_an_account_may_make_drafts_by_itself(tt: World) -> None:
    part = tt.part("By default", await tt.clip(), options={"privacy": "IN_APP"})
    assert isinstance(await tt.published(part, mode="inbox"), HandedOver)


async def test_photos_are_fetched_from_our_own_server(tt: World) -> None:
    first, second = await tt.photo(64), await tt.photo(72)
    part = tt.part("Autumn\nFive looks #autumn", first, second, options={**EVERYBODY, "auto_music": True})
    found = await tt.live(part)
    assert found.url == f"https://www.tiktok.com/@simshop/photo/{found.ref}"
    assert tt.links.fetched == [first.sha256, second.sha256]
    body = tt.bodies(PHOTOS)[0]
    assert body["post_info"] == {
        "title": "Autumn",
        "description": "Five looks #autumn",
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": True,
        "auto_add_music": True,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
    }
    assert tt.sim.count(CREATOR) == 2


async def test_photos_as_a_draft(tt: World) -> None:
    found = await tt.published(tt.part("Two lines\nof words", await tt.photo(), options=INBOX))
    assert isinstance(found, HandedOver)
    assert tt.bodies(PHOTOS)[0]["post_mode"] == "MEDIA_UPLOAD"


async def test_photos_need_an_address_of_ours(tt: World) -> None:
    part = tt.part("No server", await tt.photo())
    publisher = tt.publisher(links=False)
    found = publisher.inspect(tt.variant(part), await publisher.facts())
    assert [f.code for f in found if f.level is Level.BLOCK] == ["no_public_url"]
    assert "[web] public_url" in next(f.fix for f in found if f.code == "no_public_url")
    with pytest.raises(Rejected, match="web address"):
        await publisher.stage(part, Checkpoint())


async def test_photos_from_an_address_that_is_not_ours_are_refused(tt: World) -> None:
    tt.sim.verified.clear()
    part = tt.part("Not verified", await tt.photo())
    with pytest.raises(Rejected, match="not verified"):
        await tt.publisher().commit(part, await tt.staged(part), tt.call(part))


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("T-I9", Rejected, "too old for photo drafts"),
        ("T-I7", Rejected, "not verified"),
        ("T-G4", Rejected, "does not accept the file"),
        ("T-G5", RateLimited, "waits until"),
        ("T-G6", Uncertain, "did not say"),
        ("T-G6 done", Uncertain, "did not say"),
        ("T-G6 html", Uncertain, "did not say"),
        ("lost", Uncertain, "missing"),
        ("cut off", Uncertain, "missing"),
    ],
)
async def test_the_one_call_for_photos_is_never_repeated(
    tt: World, name: str, kind: type[PublishError], words: str
) -> None:
    part = tt.part("Once", await tt.photo(), options=INBOX)
    checkpoint = await tt.staged(part)
    tt.sim.fail(PHOTOS, FAILURES[name])
    with pytest.raises(PublishError, match=words) as error:
        await tt.publisher().commit(part, checkpoint, tt.call(part))
    assert type(error.value) is kind
    assert tt.sim.count(PHOTOS) == 1


async def test_photos_that_cannot_be_fetched_are_refused_in_the_end(tt: World) -> None:
    part = tt.part("Gone", await tt.photo())
    checkpoint, call = await tt.staged(part), tt.call(part)
    base, tt.links.base = tt.links.base, tt.links.base.replace("/m", "") + "/elsewhere"
    answer = await tt.publisher().commit(part, checkpoint, call)
    tt.links.base = base
    found = await tt.confirmed(part, checkpoint, replace(call, ref=answer.ref))
    assert isinstance(found, Refused)
    assert "could not fetch the photos" in found.reason


async def test_lost_photos_are_found_by_words_and_time_or_asked_about(tt: World) -> None:
    part = tt.part("Spotted\nby its words", await tt.photo())
    await tt.live(part)  # last week's, with the same words
    tt.clock.advance(timedelta(days=7))
    checkpoint, call = await tt.staged(part), tt.call(part)
    tt.sim.fail(PHOTOS, CUT)
    with pytest.raises(Uncertain):
        await tt.publisher().commit(part, checkpoint, call)
    missing = await tt.publisher().confirm(part, checkpoint, call)
    assert isinstance(missing, Unclear)
    assert missing.look_at == "https://www.tiktok.com/@simshop"
    call = tt.call(part)
    tt.sim.fail(PHOTOS, LOST_REPLY)
    with pytest.raises(Uncertain):
        await tt.publisher().commit(part, checkpoint, call)
    tt.clock.advance(10)
    found = await tt.publisher().confirm(part, checkpoint, call)
    assert isinstance(found, Live)
    assert found.ref == str(tt.sim.post().number)
    await tt.live(part)
    twins = await tt.publisher().confirm(part, checkpoint, call)
    assert isinstance(twins, Unclear)
    assert "2 posts" in twins.why


async def test_what_a_creator_switched_off_after_the_approval_stays_off(tt: World) -> None:
    options = {**EVERYBODY, "comments": True, "duet": True}
    part = tt.part("Duet?", await tt.clip(), options=options)
    tt.sim.world.creator.no_duet = True
    await tt.live(part)
    assert tt.sim.post().info["disable_duet"] is True
    assert tt.sim.post().info["disable_comment"] is False


async def test_an_audience_that_is_gone_since_asks_the_people_again(tt: World) -> None:
    part = tt.part("For everybody", await tt.clip())
    checkpoint = await tt.staged(part)
    tt.sim.world.creator.private = True
    with pytest.raises(Rejected, match="no longer offers") as error:
        await tt.publisher().commit(part, checkpoint, tt.call(part))
    assert "approved again" in error.value.fix
    assert tt.sim.count(PUT) == 0


async def test_nothing_is_posted_that_nobody_chose_an_audience_for(tt: World) -> None:
    clip = await tt.clip()
    for options in ({}, {"privacy": "IN_APP"}, {"privacy": "FOLLOWER_OF_CREATOR"}):
        part = tt.part("Who?", clip, options=options)
        publisher = tt.publisher()
        found = publisher.inspect(tt.variant(part), await publisher.facts())
        assert [f.code for f in found if f.level is Level.BLOCK] == ["privacy"]
        with pytest.raises(Rejected):
            await publisher.stage(part, Checkpoint())
    assert tt.sim.count(INIT) == 0


async def test_an_unaudited_app_says_so_before_anything_is_uploaded(tt: World) -> None:
    part = tt.part("Public", await tt.clip())
    known = tt.publisher(audited=False)
    facts = await known.facts()
    assert facts.values["privacy_level_options"] == ["SELF_ONLY", "IN_APP"]
    found = known.inspect(tt.variant(part), facts)
    assert [f.code for f in found if f.level is Level.BLOCK] == ["unaudited"]
    assert (await known.check()).notes
    tt.sim.world.audited = False
    with pytest.raises(Rejected, match="not audited") as error:
        await tt.staged(part)
    assert "draft" in error.value.fix
    tt.sim.world.creator.private = True
    assert isinstance(await tt.published(replace(part, options={"privacy": "SELF_ONLY"})), Live)


async def test_facts_are_what_the_creator_may_do_now_and_soon_stale(tt: World) -> None:
    facts = await tt.publisher().facts()
    assert facts.values == {
        "direct": True,
        "audited": True,
        "links": True,
        "username": "simshop",
        "nickname": "Sim Shop",
        "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY", "IN_APP"],
        "comment_disabled": False,
        "duet_disabled": False,
        "stitch_disabled": False,
        "seconds": 600,
    }
    assert facts.expires_at == tt.clock.now() + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("code", "level", "finding"),
    [
        ("spam_risk_too_many_posts", Level.WARN, "full"),
        ("reached_active_user_cap", Level.WARN, "full"),
        ("spam_risk_user_banned_from_posting", Level.BLOCK, "banned"),
    ],
)
async def test_what_tiktok_refuses_with_200_is_said_in_the_review(
    tt: World, code: str, level: Level, finding: str
) -> None:
    tt.sim.creator_says = code
    publisher, part = tt.publisher(), tt.part("Now?", await tt.clip())
    found = publisher.inspect(tt.variant(part), await publisher.facts())
    assert [(f.level, f.code) for f in found if f.level is not Level.NOTE] == [(level, finding)]
    with pytest.raises(PublishError) as error:
        await publisher.stage(part, Checkpoint())
    assert isinstance(error.value, Rejected if level is Level.BLOCK else RateLimited)


async def test_an_account_that_may_only_make_drafts(tt: World) -> None:
    tt.sim.fail(CREATOR, FAILURES["T-G2"], times=0)
    publisher, part = tt.publisher(), tt.part("Only drafts", await tt.clip())
    facts = await publisher.facts()
    assert (facts.values["direct"], facts.values["privacy_level_options"]) == (False, ["IN_APP"])
    assert "scope" in [f.code for f in publisher.inspect(tt.variant(part), facts) if f.level is Level.BLOCK]
    draft = replace(part, options=INBOX)
    assert not [f for f in publisher.inspect(tt.variant(draft), facts) if f.level is Level.BLOCK]
    assert isinstance(await tt.published(draft), HandedOver)


async def test_the_seventh_upload_in_a_minute_waits(tt: World) -> None:
    clip = await tt.clip()
    for number in range(6):
        await tt.publisher().stage(tt.part(f"Number {number}", clip, options=INBOX), Checkpoint())
        tt.sim.world.posts.clear()
    with pytest.raises(RateLimited) as error:
        await tt.publisher().stage(tt.part("Seven", clip, options=INBOX), Checkpoint())
    assert error.value.until == tt.clock.now() + timedelta(seconds=60)
    tt.clock.advance(60)
    await tt.publisher().stage(tt.part("Seven", clip, options=INBOX), Checkpoint())


async def test_a_sixth_unfinished_draft_waits_until_some_are_finished(tt: World) -> None:
    clip = await tt.clip()
    for number in range(5):
        assert isinstance(await tt.published(tt.part(f"Draft {number}", clip, options=INBOX)), HandedOver)
        tt.clock.advance(60)
    sixth = tt.part("Draft six", clip, options=INBOX)
    with pytest.raises(RateLimited) as error:
        await tt.staged(sixth)
    assert "finish some" in error.value.scope
    for post in tt.sim.world.posts:
        tt.sim.world.finish_draft(post, "done")
    await tt.staged(sixth)


async def test_the_sixteenth_post_of_a_day_waits_a_day(tt: World) -> None:
    clip = await tt.clip()
    for number in range(15):
        await tt.live(tt.part(f"Post {number}", clip))
        tt.clock.advance(60)
    with pytest.raises(RateLimited) as error:
        await tt.staged(tt.part("One too many", clip))
    assert error.value.until - tt.clock.now() == timedelta(days=1)


async def test_numbers_are_counted_twenty_at_a_time_and_unknown_ones_left_out(tt: World) -> None:
    found = await tt.live(tt.part("Count me", await tt.clip()))
    tt.sim.post().counts = {"view_count": 1200, "like_count": 30, "comment_count": 4, "share_count": 5}
    others = [str(7_100_000_000_000_000_000 + n) for n in range(40)]
    counts = await tt.publisher().measure([*others, found.ref, "v_pub_file~nobody"])
    assert counts == {found.ref: Metrics(views=1200, likes=30, comments=4, shares=5)}
    assert [len(b["filters"]["video_ids"]) for b in tt.bodies(QUERY)] == [20, 20, 1]


async def test_a_number_beyond_2_53_stays_what_it_is(tt: World) -> None:
    found = await tt.live(tt.part("Large", await tt.clip()))
    assert int(float(str(found.ref))) != int(str(found.ref)) == tt.sim.post().number


async def test_taking_down_is_for_people(tt: World) -> None:
    with pytest.raises(Unsupported, match="do it in TikTok"):
        await tt.publisher().remove("7300000000000000042")
    assert not tt.sim.calls


async def test_an_odd_upload_address_gets_no_byte(tt: World) -> None:
    part = tt.part("Where to?", await tt.clip())
    url = "http://203.0.113.7/upload?token=secret"
    tt.sim.fail(INIT, Failure(status=200, body=envelope("ok", publish_id="v_pub_file~1", upload_url=url)))
    checkpoint = await tt.staged(part)
    with pytest.raises(Transient) as error:
        await tt.publisher().commit(part, checkpoint, tt.call(part))
    assert "secret" not in str(error.value) + error.value.detail


async def test_a_file_that_is_gone_is_found_out_before_anything_is_sent(tt: World) -> None:
    part = tt.part("Gone", await tt.clip())
    tt.files.path(part.media[0]).unlink()
    with pytest.raises(Rejected):
        await tt.publisher().stage(part, Checkpoint())
    assert tt.sim.count(INIT) == 0


async def test_no_secret_is_in_the_log(tt: World) -> None:
    await tt.live(tt.part("Quiet", await tt.clip()))
    written = repr(tt.log.lines)
    assert tt.sim.post().secret not in written
    assert "act." not in written


async def test_access_that_is_revoked_half_way_stops_and_loses_nothing(tt: World) -> None:
    part = tt.part("Half way", await tt.clip())
    checkpoint, call = await tt.staged(part), tt.call(part)
    tt.sim.fail(CREATOR, FAILURES["T-G1"])
    with pytest.raises(AuthExpired):
        await tt.publisher().commit(part, checkpoint, call)
    assert tt.sim.count(PUT) == 0
    await tt.publisher().commit(part, checkpoint, call)
    tt.sim.fail(STATUS, FAILURES["T-G1"])
    with pytest.raises(AuthExpired):
        await tt.publisher().confirm(part, checkpoint, call)
    assert isinstance(await tt.confirmed(part, checkpoint, call), Live)
    assert tt.sim.count(LIST) == 0
