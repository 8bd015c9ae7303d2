"""Videos for X with what goes with them: categories, covers, subtitles, and all that breaks halfway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.api import (
    AuthExpired,
    Checkpoint,
    Media,
    MediaKind,
    More,
    Part,
    PublishError,
    RateLimited,
    Ready,
    Rejected,
    Transient,
    Wait,
)
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.twitter import segments
from plugins.twitter.failures import FAILURES
from tests.integration.twitter_world import CREATE, UPLOAD, World, stage_all, world

INIT, APPEND = "POST /2/media/upload/initialize", "POST /2/media/upload/{id}/append"
FINALIZE, STATUS = "POST /2/media/upload/{id}/finalize", "GET /2/media/upload"
TIE = "POST /2/media/subtitles"
KIB = 1024
SIZE = 1000 * KIB + 7
SUSPENDED = FAILURES["suspended"]


@pytest.fixture
async def x(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(segments, "CHUNK", 256 * KIB)
    async with world() as running:
        yield running


def words(x: World, language: str, name: str) -> Media:
    made = x.files.put(f"1\n00:00:00,000 --> 00:00:01,000\n{language}\n".encode(), mime="text/plain")
    return replace(made, name=name, kind=MediaKind.CAPTIONS, language=language)


def film(x: World, **more: Any) -> Part:
    content = bytes(range(256)) * (SIZE // 256 + 1)
    video = x.files.put(content[:SIZE], kind=MediaKind.VIDEO, mime="video/mp4")
    return Part(text="Look", media=(replace(video, **more),))


def dressed(x: World) -> Part:
    return film(
        x,
        seconds=42.0,
        cover=x.files.put(b"\x89PNG cover"),
        captions=(words(x, "pt-BR", "pt.srt"), words(x, "en", "en.vtt")),
    )


async def test_a_video_with_its_cover_and_its_subtitles(x: World) -> None:
    part = dressed(x)
    seen = await stage_all(x.publisher, part, clock=x.clock)
    assert [c.endpoint for c in x.sim.calls] == [
        *[INIT, *[APPEND] * 4, FINALIZE, STATUS, STATUS, UPLOAD],
        *[INIT, APPEND, FINALIZE, TIE] * 2,
    ]
    await x.publisher.commit(part, seen[-1], x.call(part))
    (post,) = x.sim.posts
    video = x.sim.world.media[post.media_ids[0]]
    assert (video.category, video.content) == ("tweet_video", await x.files.read(part.media[0]))
    assert {code: name for code, (_, name) in video.subtitles.items()} == {"PT": "Português", "EN": "English"}
    kinds = {i: x.sim.world.media[i] for i, _ in video.subtitles.values()}
    assert [m.mime for m in kinds.values()] == ["text/srt", "text/vtt"]
    cover = x.sim.world.media[post.body["media"]["preview_media_id"]]
    assert (cover.category, cover.content) == ("tweet_image", b"\x89PNG cover")
    assert seen[-1].expires_at == video.expires_at  # the first that X forgets


async def test_a_long_video_goes_under_its_other_name(x: World) -> None:
    part = film(x, seconds=141.0, captions=(words(x, "de", "de.srt"),))
    await x.publish(part)
    video = x.sim.world.media[x.sim.posts[0].media_ids[0]]
    assert (video.category, list(video.subtitles)) == ("amplify_video", ["DE"])
    (tied,) = [c.json() for c in x.sim.calls if c.endpoint == TIE]
    assert tied["media_category"] == "AmplifyVideo"


async def test_a_changed_cover_or_alt_is_another_checkpoint_not_another_video(x: World) -> None:
    done = (await stage_all(x.publisher, dressed(x), clock=x.clock))[-1]
    other = film(x, seconds=42.0, cover=x.files.put(b"\x89PNG other"))
    await stage_all(x.publisher, other, done, clock=x.clock)
    assert x.sim.world.taken == SIZE + 2 * len(await x.files.read(words(x, "en", ""))) + 3
    assert x.sim.count(UPLOAD) == 2


@pytest.mark.parametrize(
    "failure", [CUT, LOST_REPLY, FAILURES["F21"], FAILURES["F22"], FAILURES["created, cut off"]]
)
async def test_every_step_survives_a_missing_answer(x: World, failure: Failure) -> None:
    part, checkpoint, broken = dressed(x), Checkpoint(), 0
    steps = ((INIT, 1), (INIT, 3), (APPEND, 2), (APPEND, 7), (FINALIZE, 1), (FINALIZE, 3), (STATUS, 1))
    for endpoint, nth in (*steps, (UPLOAD, 1), (TIE, 1)):
        x.sim.fail(endpoint, failure, nth=nth)
    for _ in range(60):
        try:
            step = await x.publisher.stage(part, checkpoint)
        except Transient:
            broken += 1
            continue
        checkpoint = step.checkpoint
        if isinstance(step, Ready):
            break
        if isinstance(step, Wait):
            x.clock.advance(step.until - x.clock.now())
    assert isinstance(step, Ready)
    assert broken >= 8
    await x.publisher.commit(part, checkpoint, x.call(part))
    video = x.sim.world.media[x.sim.posts[0].media_ids[0]]
    assert video.content == await x.files.read(part.media[0])
    assert list(video.subtitles) == ["PT", "EN"]


async def test_a_cut_costs_one_piece(x: World) -> None:
    part, checkpoint = film(x), Checkpoint()
    x.sim.fail(APPEND, LOST_REPLY, nth=3)
    while True:
        try:
            step = await x.publisher.stage(part, checkpoint)
        except Transient:
            continue
        checkpoint = step.checkpoint
        if isinstance(step, Wait):
            break
    assert x.sim.world.taken == SIZE + 256 * KIB
    assert x.sim.count(INIT) == 1


async def half(x: World, part: Part) -> Checkpoint:
    """Two of four pieces are there."""
    checkpoint = Checkpoint()
    for _ in range(3):
        step = await x.publisher.stage(part, checkpoint)
        assert isinstance(step, More)
        checkpoint = step.checkpoint
    assert x.sim.count(APPEND) == 2
    return checkpoint


async def test_a_token_revoked_halfway_keeps_what_was_sent(x: World) -> None:
    part = film(x)
    checkpoint = await half(x, part)
    x.sim.fail(APPEND, FAILURES["F2"])
    with pytest.raises(AuthExpired, match="no longer accepts"):
        await x.publisher.stage(part, checkpoint)
    await stage_all(x.publisher, part, checkpoint, x.clock)
    assert (x.sim.world.taken, x.sim.count(CREATE)) == (SIZE, 0)


async def test_a_quota_that_ends_halfway_is_waited_for(x: World) -> None:
    part = film(x)
    checkpoint = await half(x, part)
    x.sim.limits[APPEND] = 2
    with pytest.raises(RateLimited) as caught:
        await x.publisher.stage(part, checkpoint)
    assert timedelta(0) < caught.value.until - x.clock.now() <= timedelta(minutes=15)
    x.clock.advance(caught.value.until - x.clock.now())
    x.sim.limits.clear()
    await stage_all(x.publisher, part, checkpoint, x.clock)
    assert (x.sim.world.taken, x.sim.count(CREATE)) == (SIZE, 0)


async def test_an_account_suspended_halfway_is_told_so(x: World) -> None:
    part = film(x)
    checkpoint = await half(x, part)
    x.sim.fail(APPEND, SUSPENDED)
    with pytest.raises(Rejected, match="suspended") as caught:
        await x.publisher.stage(part, checkpoint)
    assert (caught.value.code, caught.value.restage) == ("suspended", False)
    assert "Sign in to X" in caught.value.fix
    x.sim.fail(CREATE, SUSPENDED)
    done = (await stage_all(x.publisher, part, checkpoint, x.clock))[-1]
    with pytest.raises(Rejected, match="suspended"):
        await x.publisher.commit(part, done, x.call(part))
    assert x.sim.posts == []


async def test_media_that_x_forgot_is_refused_and_uploaded_anew(x: World) -> None:
    part = film(x)
    done = (await stage_all(x.publisher, part, clock=x.clock))[-1]
    assert done.expires_at is not None
    x.clock.advance(timedelta(hours=25))
    with pytest.raises(Rejected, match="does not accept the uploaded files") as caught:
        await x.publisher.commit(part, done, x.call(part))
    assert (caught.value.restage, x.sim.posts) == (True, [])
    await x.publish(part)
    assert len(x.sim.live) == 1


@pytest.mark.parametrize("name", ["F16", "F17"])
async def test_a_refused_length_says_how_long_it_is(x: World, name: str) -> None:
    part = film(x, seconds=161.0)
    done = await x.staged(part)
    x.sim.fail(CREATE, FAILURES[name])
    with pytest.raises(Rejected, match="yours has 2:41") as caught:
        await x.publisher.commit(part, done, x.call(part))
    assert caught.value.fix == "Trim it with /edit."


async def test_facts_say_how_long_and_how_large(x: World) -> None:
    values = (await x.publisher.facts()).values
    assert (values["video_seconds"], values["video_bytes"]) == (140, 512 * 2**20)
    async with world(premium=True) as rich:
        values = (await rich.publisher.facts()).values
        assert (values["video_seconds"], values["video_bytes"]) == (7500, 1000 * 4 * 2**20)
    async with world(video_seconds=1200, video_bytes=10**12) as told:
        values = (await told.publisher.facts()).values
        assert (values["video_seconds"], values["video_bytes"]) == (1200, 1000 * 4 * 2**20)


async def test_a_subscription_is_heard_of_when_x_is_asked_anyway(x: World) -> None:
    x.sim.account.premium = True
    assert (await x.publisher.facts()).values["premium"] is False
    assert x.sim.calls == []
    await x.publisher.check()
    values = (await x.publisher.facts()).values
    assert (values["premium"], values["characters"], values["video_seconds"]) == (True, 25_000, 7500)
    assert len(x.sim.calls) == 1


async def test_a_long_processing_is_waited_for_by_the_clock(x: World) -> None:
    x.sim.world.busy = timedelta(minutes=3)
    before = x.clock.now()
    part = film(x, seconds=42.0)
    seen = await stage_all(x.publisher, part, clock=x.clock)
    assert timedelta(minutes=3) <= x.clock.now() - before < timedelta(minutes=4)
    assert x.sim.count(STATUS) < 12
    await x.publisher.commit(part, seen[-1], x.call(part))


async def test_choices_go_with_the_first_post_only(x: World) -> None:
    options = {"reply_settings": "verified", "community_id": "1493446837214187523", "paid_partnership": True}
    first = await x.publish(Part(text="One", options=options))
    await x.publish(Part(text="Two", options=options), first.ref)
    one, two = (c.json() for c in x.sim.calls)
    assert one == {"text": "One", **options}
    assert two == {
        "text": "Two",
        "paid_partnership": True,
        "reply": {"in_reply_to_tweet_id": first.ref},
    }


async def test_subtitles_that_x_refuses_stop_the_post(x: World) -> None:
    x.sim.fail(TIE, FAILURES["F10"])
    with pytest.raises(Rejected, match="refused the subtitles"):
        await stage_all(x.publisher, dressed(x), clock=x.clock)
    with pytest.raises(PublishError):
        await x.publisher.commit(dressed(x), Checkpoint(), x.call(dressed(x)))
    assert x.sim.posts == []
