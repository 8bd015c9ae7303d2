"""Files for X in pieces: segments, processing, what breaks on the way, and what lapses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.api import MediaKind, More, Part, PublishError, Ready, Rejected, Transient, Wait
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.twitter import segments
from plugins.twitter.failures import FAILURES
from tests.integration.twitter_world import CREATE, DESCRIBE, UPLOAD, World, stage_all, world

INIT, APPEND = "POST /2/media/upload/initialize", "POST /2/media/upload/{id}/append"
FINALIZE, STATUS = "POST /2/media/upload/{id}/finalize", "GET /2/media/upload"
KIB = 1024


@pytest.fixture
async def x(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(segments, "CHUNK", 256 * KIB)
    async with world() as running:
        yield running


def film(x: World, size: int = 1000 * KIB + 7) -> Part:
    content = bytes(range(256)) * (size // 256 + 1)
    return Part(text="Look", media=(x.files.put(content[:size], kind=MediaKind.VIDEO, mime="video/mp4"),))


async def test_a_file_goes_in_pieces_and_is_waited_for(x: World) -> None:
    part = film(x)
    seen = await stage_all(x.publisher, part, clock=x.clock)
    sent = [c.endpoint for c in x.sim.calls]
    assert sent == [INIT, *[APPEND] * 4, FINALIZE, STATUS, STATUS]
    assert x.sim.calls[0].json() == {
        "media_type": "video/mp4",
        "total_bytes": 1000 * KIB + 7,
        "media_category": "tweet_video",
    }
    (media,) = x.sim.world.media.values()
    assert media.content == await x.files.read(part.media[0])
    assert [len(s) for s in media.segments.values()] == [256 * KIB] * 3 + [232 * KIB + 7]
    assert seen[-1].expires_at is not None
    await x.publisher.commit(part, seen[-1], x.call(part))
    assert x.sim.posts[0].media_ids == (media.id,)


async def test_the_wait_is_what_x_asks_for_within_reason(x: World) -> None:
    part = film(x, 10)
    x.sim.world.processing = tuple(
        {"state": "in_progress", "check_after_secs": n} for n in (0, 7, 900, "soon")
    )
    waits: list[float] = []
    checkpoint = (await x.publisher.stage(part, (await x.staged(Part(text=""))))).checkpoint
    while len(waits) < 4:
        step = await x.publisher.stage(part, checkpoint)
        checkpoint = step.checkpoint
        if isinstance(step, Wait):
            waits.append((step.until - x.clock.now()).total_seconds())
    assert waits == [1, 7, 30, 5]
    x.clock.advance(timedelta(minutes=15))
    with pytest.raises(Rejected, match="15 minutes") as caught:
        await x.publisher.stage(part, checkpoint)
    assert caught.value.restage


@pytest.mark.parametrize(
    "failure", [CUT, LOST_REPLY, FAILURES["F21"], FAILURES["F22"], FAILURES["created, cut off"]]
)
async def test_every_step_survives_a_missing_answer(x: World, failure: Failure) -> None:
    part, checkpoint, broken = film(x), (await x.staged(Part(text=""))), 0
    for endpoint in (INIT, APPEND, FINALIZE, STATUS):
        x.sim.fail(endpoint, failure)
    for _ in range(40):
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
    assert broken == 4
    await x.publisher.commit(part, checkpoint, x.call(part))
    assert x.sim.world.media[x.sim.posts[0].media_ids[0]].content == await x.files.read(part.media[0])


async def test_too_large_pieces_are_halved_in_a_new_session(x: World) -> None:
    """F18: X answers 413 to segments that its documents allow."""
    x.sim.world.segment_bytes = 100 * KIB
    part = film(x)
    await stage_all(x.publisher, part, clock=x.clock)
    assert x.sim.count(INIT) == 3
    assert max(len(s) for m in x.sim.world.media.values() for s in m.segments.values()) == 64 * KIB
    x.sim.world.segment_bytes = 10 * KIB
    with pytest.raises(Rejected, match="too large"):
        await stage_all(x.publisher, film(x, 999 * KIB), clock=x.clock)


@pytest.mark.parametrize(
    ("name", "words"), [("F19", "Unsupported video format"), ("F20", "Duration too long")]
)
async def test_what_x_cannot_process_is_refused_with_its_words(x: World, name: str, words: str) -> None:
    x.sim.fail(STATUS, FAILURES[name], nth=2, times=0)
    with pytest.raises(Rejected, match=words) as caught:
        await stage_all(x.publisher, film(x), clock=x.clock)
    assert not caught.value.restage
    assert x.sim.count(CREATE) == 0


async def test_a_session_that_x_forgot_may_be_begun_anew(x: World) -> None:
    part = film(x)
    first = await x.publisher.stage(part, (await x.staged(Part(text=""))))
    x.sim.world.media.clear()
    with pytest.raises(Rejected) as caught:
        await x.publisher.stage(part, first.checkpoint)
    assert caught.value.restage


async def test_what_has_lapsed_is_uploaded_anew(x: World) -> None:
    part = film(x)
    done = (await stage_all(x.publisher, part, clock=x.clock))[-1]
    x.clock.advance(timedelta(hours=25))
    step = await x.publisher.stage(part, done)
    assert isinstance(step, More)
    assert x.sim.count(INIT) == 2


async def test_a_large_picture_and_a_gif_go_in_pieces_and_are_described(x: World) -> None:
    big = x.files.put(b"\x89PNG" + b"x" * (5 * KIB * KIB), alt="Big")
    gif = x.files.put(b"GIF89a" + b"x" * 600, kind=MediaKind.GIF, mime="image/gif", alt="Moves")
    with pytest.raises(PublishError):  # X refuses it, and before that our own rules do
        await stage_all(x.publisher, Part(text="", media=(big,)), clock=x.clock)
    await x.publish(Part(text="", media=(gif,)))
    (media,) = [m for m in x.sim.world.media.values() if m.category == "tweet_gif"]
    assert (media.alt, media.mime, x.sim.count(UPLOAD), x.sim.count(DESCRIBE)) == ("Moves", "image/gif", 0, 1)


async def test_four_pictures_with_four_descriptions(x: World) -> None:
    files = tuple(x.files.put(bytes([n]) * 9, alt=f"Picture {n}") for n in range(4))
    await x.publish(Part(text="Four", media=files))
    post = x.sim.posts[0]
    assert [x.sim.world.media[i].alt for i in post.media_ids] == [f"Picture {n}" for n in range(4)]
    assert [x.sim.world.media[i].content for i in post.media_ids] == [bytes([n]) * 9 for n in range(4)]


async def test_a_lost_post_is_known_by_how_many_files_it_has(x: World) -> None:
    one, two = x.files.put(b"one"), x.files.put(b"two")
    both, alone, none = (Part(text="Same", media=m) for m in ((one, two), (one,), ()))
    for part in (alone, none):
        await x.publish(part)
    call = x.call(both)
    checkpoint = await x.staged(both)
    assert "does not show" in getattr(await x.publisher.confirm(both, checkpoint, call), "why", "")
    x.sim.fail(CREATE, LOST_REPLY)
    with pytest.raises(PublishError):
        await x.publisher.commit(both, checkpoint, call)
    for part, index in ((both, 2), (alone, 0), (none, 1)):
        found = await x.publisher.confirm(part, checkpoint, call)
        assert getattr(found, "ref", None) == x.sim.posts[index].id
