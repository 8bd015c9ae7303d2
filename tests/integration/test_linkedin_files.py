"""Videos and documents on LinkedIn: parts, ETags, processing, what breaks on the way, and what lapses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.platform import Checkpoint, Live, More, Pending, Ready, Wait
from bot.domain.post import Media, MediaKind, Part
from bot.errors import AuthExpired, PublishError, RateLimited, Rejected, Transient
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.linkedin.gate import MEMBER_TOKEN
from plugins.linkedin.shelf import PART_BYTES
from plugins.linkedin.simulator import FAILURES
from tests.integration.linkedin_world import CREATE, PNG, World, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OPEN, SHOW, PUT = "POST /rest/videos", "GET /rest/videos/{urn}", "PUT /dms-uploads/{video}/{what}"
OPEN_PAPER, SHOW_PAPER = "POST /rest/documents", "GET /rest/documents/{urn}"
PUT_PAPER = "PUT /dms-uploads/sp/v2/{document}/uploaded-document/0"
SIZE = 2 * PART_BYTES + 805_696


@pytest.fixture
async def li() -> AsyncIterator[World]:
    async with world() as made:
        yield made


def film(li: World, size: int = SIZE, **more: Any) -> Part:
    content = bytes(range(251)) * (size // 251 + 1)
    video = li.files.put(content[:size], mime="video/mp4")
    return Part(text="Look", media=(replace(video, name="film.mp4", kind=MediaKind.VIDEO, **more),))


def paper(li: World, content: bytes = b"%PDF-1.7 of a kind", **more: Any) -> Part:
    made = replace(li.files.put(content, mime="application/pdf"), name="why.pdf", kind=MediaKind.DOCUMENT)
    return Part(text="Read", media=(made,), **more)


def words(li: World) -> Media:
    made = li.files.put(b"1\n00:00:00,000 --> 00:00:01,000\nHello\n", mime="application/x-subrip")
    return replace(made, name="en.srt", kind=MediaKind.CAPTIONS, language="en")


async def broken_staging(li: World, part: Part) -> tuple[Checkpoint, int]:
    """Stage in a new process at every step; how often it broke on the way."""
    checkpoint, broke = Checkpoint(), 0
    for _ in range(60):
        try:
            step = await li.account().stage(part, checkpoint)
        except Transient:
            broke += 1
            continue
        checkpoint = step.checkpoint
        if isinstance(step, Ready):
            return checkpoint, broke
        if isinstance(step, Wait):
            li.clock.advance(step.until - li.clock.now())
    raise AssertionError("staging does not end")


async def test_a_video_goes_in_the_parts_that_linkedin_names(li: World) -> None:
    li.sim.shelf.processing = timedelta(seconds=20)
    part = film(li, cover=li.files.put(PNG), captions=(words(li),), seconds=42.0)
    receipt = await li.published(replace(part, options={"title": "Demo"}))
    (video,) = li.sim.shelf.videos.values()
    assert video.content == await li.files.read(part.media[0])
    assert [len(p) for p in video.parts.values()] == [PART_BYTES, PART_BYTES, 805_696]
    assert video.beside == {"captions": await li.files.read(words(li)), "thumbnail": PNG}
    (post,) = li.sim.posts
    assert post.body["content"] == {"media": {"id": video.urn, "title": "Demo"}}
    assert post.urn.startswith("urn:li:ugcPost:")
    assert receipt.ref == post.urn
    opened = next(c for c in li.sim.calls if c.endpoint == OPEN).json()["initializeUploadRequest"]
    assert opened == {
        "owner": post.author,
        "fileSizeBytes": SIZE,
        "uploadCaptions": True,
        "uploadThumbnail": True,
    }
    closed = [c.json() for c in li.sim.calls if c.endpoint == OPEN][1]["finalizeUploadRequest"]
    assert closed == {
        "video": video.urn,
        "uploadToken": "",
        "uploadedPartIds": [f"/ambry-video/signedId/{video.name}A{n}.bin" for n in range(3)],
    }


async def test_a_video_is_looked_at_ever_less_often(li: World) -> None:
    li.sim.shelf.processing = timedelta(minutes=4)
    before = li.clock.now()
    await broken_staging(li, film(li, 900))
    assert timedelta(minutes=4) <= li.clock.now() - before <= timedelta(minutes=4, seconds=15)
    assert li.sim.count(SHOW) < 25


async def test_a_document_goes_whole_with_its_title(li: World) -> None:
    part = paper(li, b"%PDF" + bytes(9 * 1024 * 1024), options={"title": "Why we built it"})
    receipt = await li.published(part)
    (document,) = li.sim.shelf.documents.values()
    assert (document.content, document.mime) == (await li.files.read(part.media[0]), "application/pdf")
    (post,) = li.sim.posts
    assert post.body["content"] == {"media": {"id": document.urn, "title": "Why we built it.pdf"}}
    assert receipt.ref == post.urn
    assert post.urn.startswith("urn:li:ugcPost:")
    put = next(c for c in li.sim.calls if c.endpoint == PUT_PAPER)
    assert put.headers["content-length"] == str(len(document.content))
    assert "transfer-encoding" not in put.headers


BREAKS = [CUT, LOST_REPLY, FAILURES["L-F16"], FAILURES["L-F17"], FAILURES["999"], FAILURES["cut"]]


@pytest.mark.parametrize("failure", BREAKS)
async def test_every_step_of_a_video_survives_a_missing_answer(li: World, failure: Failure) -> None:
    li.sim.shelf.processing = timedelta(seconds=3)
    part = film(li, captions=(words(li),), cover=li.files.put(PNG))
    for endpoint, nth in ((OPEN, 1), (OPEN, 3), (SHOW, 1), *((PUT, n) for n in (1, 3, 5, 7, 9))):
        li.sim.fail(endpoint, failure, nth=nth)
    checkpoint, broke = await broken_staging(li, part)
    assert broke >= 7
    await li.publisher.commit(part, checkpoint, li.call(part))
    (post,) = li.sim.posts
    video = li.sim.shelf.videos[post.body["content"]["media"]["id"]]
    assert video.content == await li.files.read(part.media[0])
    assert li.sim.shelf.taken <= SIZE + 3 * PART_BYTES  # each broken part once more, nothing else


@pytest.mark.parametrize("failure", BREAKS)
async def test_every_step_of_a_document_survives_a_missing_answer(li: World, failure: Failure) -> None:
    part = paper(li)
    for endpoint in (OPEN_PAPER, PUT_PAPER, SHOW_PAPER):
        li.sim.fail(endpoint, failure)
    checkpoint, broke = await broken_staging(li, part)
    assert broke == 3
    await li.publisher.commit(part, checkpoint, li.call(part))
    assert len(li.sim.posts) == 1


async def test_a_cut_costs_one_part(li: World) -> None:
    part = film(li)
    li.sim.fail(PUT, LOST_REPLY, nth=2)
    _, broke = await broken_staging(li, part)
    assert (broke, li.sim.shelf.taken) == (1, SIZE + PART_BYTES)
    assert len(li.sim.shelf.videos) == 1


async def test_a_lapsed_place_is_asked_for_once_more(li: World) -> None:
    """L-F21: the upload URL of a part has expired."""
    part = film(li)
    li.sim.fail(PUT, FAILURES["L-F21"], nth=2)
    await li.published(part)
    assert (len(li.sim.shelf.videos), len(li.sim.posts)) == (2, 1)
    li.sim.fail(PUT, FAILURES["L-F21"], times=0)
    with pytest.raises(Rejected, match="would not take the video"):
        await li.staged(film(li, SIZE + 1))
    assert len(li.sim.posts) == 1


async def test_an_upload_that_slept_too_long_is_begun_anew(li: World) -> None:
    part = film(li)
    first = await li.publisher.stage(part, Checkpoint())
    second = await li.publisher.stage(part, first.checkpoint)
    assert second.checkpoint.expires_at == li.clock.now() + timedelta(hours=24)
    li.clock.advance(timedelta(hours=25))  # whoever drives it drops what has lapsed; if not, LinkedIn says so
    third = await li.publisher.stage(part, second.checkpoint)
    assert third.checkpoint.data["files"] == [{"round": 2}]
    await li.published(part)


async def test_the_end_of_a_lapsed_upload_is_begun_anew(li: World) -> None:
    part, checkpoint = film(li, 900), Checkpoint()
    for _ in range(2):
        checkpoint = (await li.publisher.stage(part, checkpoint)).checkpoint
    li.clock.advance(timedelta(hours=25))
    step = await li.publisher.stage(part, checkpoint)
    assert isinstance(step, More)
    assert step.checkpoint.data["files"] == [{"round": 2}]


async def test_what_linkedin_cannot_process_is_refused_with_its_words(li: World) -> None:
    li.sim.shelf.broken = True
    with pytest.raises(Rejected, match="could not process the video: “Unsupported codec”") as caught:
        await li.staged(film(li, 900))
    assert "MP4" in caught.value.fix
    assert len(li.sim.shelf.videos) == 2
    with pytest.raises(Rejected, match="could not process the document"):
        await li.staged(paper(li))
    assert li.sim.count(CREATE) == 0


async def test_a_video_that_takes_for_ever(li: World) -> None:
    li.sim.shelf.processing = timedelta(days=1)
    part, checkpoint = film(li, 900), Checkpoint()

    async def to_the_end() -> None:
        nonlocal checkpoint
        for _ in range(400):
            step = await li.publisher.stage(part, checkpoint)
            checkpoint = step.checkpoint
            if isinstance(step, Wait):
                li.clock.advance(step.until - li.clock.now())

    with pytest.raises(Transient, match="too long"):
        await to_the_end()
    assert len(li.sim.shelf.videos) == 2
    assert li.sim.count(CREATE) == 0


async def test_a_token_revoked_halfway_keeps_what_was_sent(li: World) -> None:
    part = film(li)
    checkpoint = (await li.publisher.stage(part, Checkpoint())).checkpoint
    for _ in range(3):
        checkpoint = (await li.publisher.stage(part, checkpoint)).checkpoint
    token = li.sim.gate.tokens["simulated-page-token"]
    token.state = "revoked"
    with pytest.raises(AuthExpired, match="revoked"):
        await li.publisher.stage(part, checkpoint)
    token.state = "active"
    while not isinstance(step := await li.publisher.stage(part, checkpoint), Ready):
        checkpoint = step.checkpoint
    assert li.sim.shelf.taken == SIZE
    assert li.sim.count(CREATE) == 0


async def test_the_daily_quota_ends_halfway_and_the_upload_goes_on_later(li: World) -> None:
    part = film(li)
    checkpoint = (await li.publisher.stage(part, Checkpoint())).checkpoint
    li.sim.gate.member_quota = 0
    for _ in range(3):  # the upload host does not count
        checkpoint = (await li.publisher.stage(part, checkpoint)).checkpoint
    with pytest.raises(RateLimited):
        await li.publisher.stage(part, checkpoint)
    li.sim.gate.member_quota = 100
    while not isinstance(step := await li.publisher.stage(part, checkpoint), Ready):
        checkpoint = step.checkpoint
    assert (li.sim.shelf.taken, len(li.sim.shelf.videos)) == (SIZE, 1)


async def test_a_member_may_not_look_and_the_create_says_when_it_is_too_early(li: World) -> None:
    li.sim.shelf.processing = timedelta(minutes=2)
    part, publisher = film(li, 900, seconds=60.0), li.member()
    before = li.clock.now()
    checkpoint = await li.staged(part, publisher)
    assert li.clock.now() - before == timedelta(seconds=40)
    with pytest.raises(Transient, match="still working on the file"):
        await publisher.commit(part, checkpoint, li.call(part))
    assert li.sim.posts == []
    li.clock.advance(timedelta(minutes=2))
    await publisher.commit(part, checkpoint, li.call(part))
    assert len(li.sim.posts) == 1


async def test_a_page_without_the_right_to_read_is_like_a_member(li: World) -> None:
    scopes = li.sim.gate.tokens["simulated-page-token"].scopes
    li.sim.gate.tokens["simulated-page-token"].scopes = scopes - {"r_organization_social"}
    checkpoint = await li.staged(film(li, 900))
    assert len(checkpoint.data["files"]) == 1


async def test_a_video_that_breaks_after_its_201_is_refused_and_not_live(li: World) -> None:
    part = film(li, 900)
    checkpoint, call = await li.staged(part), li.call(part)
    li.sim.fail_late = True
    answer = await li.publisher.commit(part, checkpoint, call)
    assert isinstance(answer, Pending)
    assert (
        type(await li.publisher.confirm(part, checkpoint, replace(call, ref=answer.ref))).__name__
        == "Refused"
    )


async def test_a_lost_post_with_a_video_is_known_by_its_video(li: World) -> None:
    part, other = film(li, 900), film(li, 901)
    checkpoint, call = await li.staged(part), li.call(part)
    li.sim.fail(CREATE, LOST_REPLY)
    with pytest.raises(PublishError):
        await li.publisher.commit(part, checkpoint, call)
    assert isinstance(await li.publisher.confirm(part, checkpoint, call), Live)
    elsewhere = await li.staged(other)
    found = await li.publisher.confirm(other, elsewhere, li.call(other))
    assert type(found).__name__ == "Unclear"


async def test_a_video_of_another_author_is_uploaded_anew(li: World) -> None:
    part = film(li, 900)
    checkpoint = await li.staged(part)
    next(iter(li.sim.shelf.videos.values())).owner = "urn:li:organization:9"
    with pytest.raises(Rejected, match="belongs to another author") as caught:
        await li.publisher.commit(part, checkpoint, li.call(part))
    assert (caught.value.restage, li.sim.posts) == (True, [])


async def test_places_that_do_not_fit_the_video_are_not_used(li: World) -> None:
    part = film(li)
    value = li.sim.shelf.open("video", "X", li.sim.url, {"owner": "x", "fileSizeBytes": SIZE})
    gap = value["uploadInstructions"][1:]
    changes: list[dict[str, Any]] = [{"uploadInstructions": []}, {"uploadInstructions": gap}, {"video": 5}]
    for change in changes:
        li.sim.fail(OPEN, Failure(status=200, body={"value": {**value, **change}}))
        with pytest.raises(Transient, match="did not say where"):
            await li.publisher.stage(part, Checkpoint())
    del value["uploadUrlsExpireAt"]
    li.sim.fail(OPEN, Failure(status=200, body={"value": value}))
    step = await li.publisher.stage(part, Checkpoint())
    assert step.checkpoint.expires_at == li.clock.now() + timedelta(hours=1)
    li.sim.fail(PUT, Failure(status=200))
    with pytest.raises(Transient, match="did not name the part"):
        await li.publisher.stage(part, step.checkpoint)


async def test_what_was_chosen_is_sent(li: World) -> None:
    part = Part(text="Ours", options={"visibility": "CONNECTIONS", "reshare_disabled": True})
    publisher = li.member()
    await publisher.commit(part, Checkpoint(), li.call(part))
    (post,) = li.sim.posts
    assert (post.body["visibility"], post.body["isReshareDisabledByAuthor"]) == ("CONNECTIONS", True)
    assert MEMBER_TOKEN in li.sim.calls[-1].headers["authorization"]


async def test_a_part_never_carries_the_token_elsewhere(li: World) -> None:
    part = film(li, 900)
    step = await li.publisher.stage(part, Checkpoint())
    (entry,) = step.checkpoint.data["files"]
    entry["parts"][0][0] = entry["parts"][0][0].replace("127.0.0.1", "localhost")
    await li.publisher.stage(part, step.checkpoint)
    assert "authorization" not in li.sim.calls[-1].headers
    for line in li.log.lines:
        assert "dms-uploads" not in str(line)
