"""Videos: the service that prepares them, in one piece and in parts, and servers that have none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.platform import Checkpoint, Level, Ready, Wait
from bot.domain.post import Media, Part, Variant
from bot.errors import PublishError, Rejected, Transient
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.bluesky.failures import FAILURES
from tests.integration.bluesky_world import BLOB, JOB, RENEW, VIDEO, World, world

LIMITS = "GET /xrpc/app.bsky.video.getUploadLimits"
START, PART, FINISH = (
    f"POST /xrpc/app.bsky.video.{name}" for name in ("startUpload", "uploadPart", "finishUpload")
)


@pytest.fixture
async def bs() -> AsyncIterator[World]:
    async with world() as made:
        made.sim.videos.processing = timedelta(seconds=30)
        yield made


@pytest.fixture
def in_parts(bs: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is large: sent in parts of 40 kB."""
    monkeypatch.setattr("plugins.bluesky.video.WHOLE", 10_000)
    bs.sim.videos.part_size = 40_000


async def carried(bs: World, part: Part) -> Checkpoint:
    """Staged by a new process for every step, which tries again after what is only transient."""
    checkpoint, tries = Checkpoint(), 0
    while True:
        try:
            step = await bs.another().stage(part, checkpoint)
        except Transient:
            tries += 1
            assert tries < 5
            continue
        finally:
            bs.sim.desk.logins.clear()
        checkpoint = step.checkpoint
        if isinstance(step, Ready):
            return checkpoint
        if isinstance(step, Wait):
            assert step.until > bs.clock.now()
            bs.clock.advance(step.until - bs.clock.now())


async def shown(bs: World, video: Media) -> dict[str, object]:
    """Publish and answer with the record's embed."""
    part = Part(text="Moves", media=(video,))
    receipt = await bs.publisher.commit(part, await carried(bs, part), bs.call(part))
    embed: dict[str, object] = bs.record(receipt.ref)["embed"]
    return embed


async def test_a_video_is_prepared_and_waited_for(bs: World) -> None:
    clip = await bs.clip()
    began = bs.clock.now()
    embed = await shown(bs, clip)
    assert embed["aspectRatio"] == {"width": clip.width, "height": clip.height}
    assert (embed["alt"], embed["video"]["mimeType"]) == ("a test picture", "video/mp4")  # type: ignore[index]  # a blob
    assert bs.clock.now() - began >= timedelta(seconds=30)
    assert (bs.sim.count(VIDEO), bs.sim.count(JOB)) == (1, 10)


async def test_a_service_that_wants_to_know_who_asks_is_told(bs: World) -> None:
    bs.sim.videos.strict = True
    await shown(bs, await bs.clip())
    assert bs.sim.count(VIDEO) == 1


async def test_subtitles_go_along_and_subrip_becomes_webvtt(bs: World) -> None:
    subrip = "1\r\n00:00:00,000 --> 00:00:01,500\r\nHello, you\r\n"
    german = "WEBVTT\n\n00:00.000 --> 00:01.000\nHallo\n"
    files = (await bs.captions(subrip), await bs.captions(german, "de"))
    clip = replace(await bs.clip(), captions=files)
    captions = (await shown(bs, clip))["captions"]
    assert isinstance(captions, list)
    assert [c["lang"] for c in captions] == ["en", "de"]
    stored = bs.sim.repository.blobs[captions[0]["file"]["ref"]["$link"]]
    assert stored.content == b"WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.500\nHello, you\n"


@pytest.mark.parametrize("wrapped", [True, False])
async def test_the_same_video_again_is_known_and_not_prepared_twice(bs: World, wrapped: bool) -> None:
    """Also when the answer to the upload was lost: the service answers "already_exists" with the blob."""
    bs.sim.videos.wrapped = wrapped
    clip = await bs.clip()
    first = await shown(bs, clip)
    second = await shown(bs, clip)
    assert (first["video"], len(bs.sim.videos.jobs)) == (second["video"], 1)


async def test_a_lost_answer_to_the_upload_makes_no_second_job(bs: World) -> None:
    bs.sim.fail(VIDEO, LOST_REPLY)
    await shown(bs, await bs.clip())
    assert (bs.sim.count(VIDEO), len(bs.sim.videos.jobs)) == (2, 1)


async def test_a_poll_that_fails_decides_nothing(bs: World) -> None:
    bs.sim.fail(JOB, FAILURES["B-F14"], nth=2)
    bs.sim.fail(JOB, CUT, nth=4)
    await shown(bs, await bs.clip())
    assert bs.sim.count(VIDEO) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("validation_failure", "damaged"),
        ("encoding_failure", "could not process"),
        ("pds_upload_unsupported_blob_size", "server does not take"),
    ],
)
async def test_a_job_that_fails_says_why(bs: World, code: str, words: str) -> None:
    bs.sim.videos.fail_next = code
    with pytest.raises(Rejected, match=words) as caught:
        await shown(bs, await bs.clip())
    assert (caught.value.code, bool(caught.value.fix)) == (code, True)
    assert bs.sim.visible() == {}


@pytest.mark.parametrize("code", ["generic_failure", "pds_upload_failure"])
async def test_a_job_that_fails_for_no_reason_is_tried_once_more(bs: World, code: str) -> None:
    bs.sim.videos.fail_next = code
    await shown(bs, await bs.clip())
    assert bs.sim.count(VIDEO) == 2


async def test_a_job_without_end_is_sent_once_more_and_then_given_back(bs: World) -> None:
    bs.sim.videos.processing = timedelta(days=1)
    with pytest.raises(AssertionError):  # `carried` gives up after five Transient
        await shown(bs, await bs.clip())
    assert bs.sim.count(VIDEO) == 2


async def test_a_server_without_the_service_takes_the_file_itself(bs: World) -> None:
    bs.sim.videos.open = False
    clip = await bs.clip()
    embed = await shown(bs, clip)
    assert embed["video"]["size"] == clip.size  # type: ignore[index]  # a blob
    assert (bs.sim.count(VIDEO), bs.sim.count(BLOB)) == (0, 1)
    (sent,) = (c for c in bs.sim.calls if c.endpoint == BLOB)
    assert (sent.headers["content-length"], sent.headers.get("transfer-encoding")) == (str(clip.size), None)


async def test_a_session_that_ends_in_the_middle_of_an_upload_is_renewed_for_the_next_try(bs: World) -> None:
    bs.sim.videos.open = False
    bs.sim.fail(BLOB, FAILURES["B-F1"])
    part = Part(text="Moves", media=(await bs.clip(),))
    with pytest.raises(Transient):
        await bs.staged(part)
    assert bs.sim.count(RENEW) == 1
    await bs.publisher.commit(part, await bs.staged(part), bs.call(part))
    assert bs.sim.count(BLOB) == 2


async def test_a_large_video_goes_up_in_parts(bs: World, in_parts: None) -> None:
    clip = await bs.clip()
    await shown(bs, clip)
    parts = -(-clip.size // 40_000)
    assert parts >= 3
    assert (bs.sim.count(START), bs.sim.count(PART), bs.sim.count(FINISH)) == (1, parts, 1)
    (job,) = bs.sim.videos.jobs.values()
    assert job.content == await bs.media.read(clip)


async def test_a_cut_costs_one_part(bs: World, in_parts: None) -> None:
    clip = await bs.clip()
    bs.sim.fail(PART, CUT, nth=2)
    bs.sim.fail(PART, LOST_REPLY, nth=4)
    bs.sim.fail(FINISH, LOST_REPLY)
    await shown(bs, clip)
    sent = sum(len(c.body) for c in bs.sim.calls if c.endpoint == PART)
    assert sent <= clip.size + 2 * 40_000
    assert (bs.sim.count(START), len(bs.sim.videos.jobs)) == (1, 1)


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [("B-V9", PART), ("B-V10", PART), ("B-V14", PART), ("B-V16", FINISH), ("B-V11", FINISH), ("B-V13", PART)],
)
async def test_an_upload_that_the_service_forgot_begins_anew(
    bs: World, in_parts: None, name: str, endpoint: str
) -> None:
    bs.sim.fail(endpoint, FAILURES[name], nth=1 if endpoint == FINISH else 4)
    clip = await bs.clip()
    await shown(bs, clip)
    (job,) = bs.sim.videos.jobs.values()
    assert job.content == await bs.media.read(clip)


async def test_an_upload_that_expired_overnight_begins_anew(bs: World, in_parts: None) -> None:
    part, checkpoint = Part(text="Slept", media=(await bs.clip(),)), Checkpoint()
    for _ in range(5):
        checkpoint = (await bs.publisher.stage(part, checkpoint)).checkpoint
    assert checkpoint.expires_at is not None
    bs.clock.advance(timedelta(hours=25))
    assert checkpoint.expires_at < bs.clock.now()  # the core forgets it; and even if it did not:
    rounds = []
    for _ in range(40):
        step = await bs.publisher.stage(part, checkpoint)
        checkpoint = step.checkpoint
        rounds += [e.get("round") for e in checkpoint.data["blobs"].values()]
        if isinstance(step, Ready):
            break
        if isinstance(step, Wait):
            bs.clock.advance(step.until - bs.clock.now())
    assert isinstance(step, Ready)
    assert 2 in rounds


async def test_limits_are_known_before_anybody_waits(bs: World) -> None:
    clip = await bs.clip()
    variant = Variant(account="a", platform="bluesky", parts=(Part(text="Moves", media=(clip,)),))

    async def blocks() -> list[str]:
        found = bs.publisher.inspect(variant, await bs.publisher.facts())
        return [f"{f.text} {f.fix}" for f in found if f.level is Level.BLOCK]

    assert await blocks() == []
    bs.sim.videos.videos_left = 0
    (said,) = await blocks()
    assert "today" in said
    assert "/retry" in said
    with pytest.raises(Rejected, match="today"):
        await shown(bs, clip)
    bs.sim.videos.videos_left, bs.sim.account.confirmed = 25, False
    (said,) = await blocks()
    assert "e-mail" in said
    assert (await bs.publisher.check()).notes
    bs.sim.account.confirmed, bs.sim.videos.bytes_left = True, 1000
    with pytest.raises(Rejected, match="today"):
        await shown(bs, clip)
    assert bs.sim.count(VIDEO) == 0


async def test_a_video_service_that_is_away_stops_no_text(bs: World) -> None:
    bs.sim.fail(LIMITS, Failure(status=503), times=0)
    facts = await bs.publisher.facts()
    assert "video_allowed" not in facts.values
    await bs.published(Part(text="Only words"))


async def test_a_file_that_changed_is_never_sent(bs: World) -> None:
    clip = await bs.clip()
    bs.media.path(clip).write_bytes(b"something else")
    with pytest.raises(PublishError):
        await shown(bs, clip)
    assert bs.sim.count(VIDEO) == 0
