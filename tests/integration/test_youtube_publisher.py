"""The whole road of a video: private until the one call that makes it public, then read, counted, removed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.platform import (
    Absent,
    Checkpoint,
    HandedOver,
    Live,
    More,
    Pending,
    Proof,
    Ready,
    Receipt,
    Refused,
    Unclear,
)
from bot.domain.post import Part
from bot.errors import Rejected, Transient, Uncertain
from bot.testing.simulator import CUT, LOST_REPLY
from plugins.youtube.channel import PLAYLIST
from plugins.youtube.failures import ENDS
from tests.integration.youtube_world import (
    CAPTIONS,
    COVER,
    INIT,
    ITEMS,
    JPEG,
    LIST,
    PUT,
    SRT,
    UPDATE,
    World,
    world,
)


@pytest.fixture
async def yt() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def test_a_video_stays_private_until_the_commit(yt: World) -> None:
    yt.sim.channel.processing = timedelta(seconds=40)
    part = yt.part()
    checkpoint = await yt.staged(part)
    (video,) = yt.videos
    assert (video.status["privacyStatus"], yt.sim.visible()) == ("private", {})
    assert video.sha256 == part.media[0].sha256
    assert yt.waited >= timedelta(seconds=40)
    assert yt.sim.count(UPDATE) == 0

    call = yt.call(part)
    receipt = await yt.publisher.commit(part, checkpoint, call)
    assert receipt == Receipt(ref=video.id, url=f"https://www.youtube.com/watch?v={video.id}")
    assert yt.sim.visible() == {video.id: "Release 4.2\n\nWhat is new, and why it took us a year"}
    assert await yt.publisher.confirm(part, checkpoint, call) == Live(
        ref=video.id, url=receipt.url, proof=Proof.READ_BACK
    )
    assert yt.sim.count(UPDATE) == 1


async def test_everything_that_was_chosen_arrives_and_nothing_of_theirs_is_lost(yt: World) -> None:
    part = yt.part(
        title="A title of its own",
        tags=["release", "two words"],
        category="28",
        synthetic=True,
        made_for_kids=True,
        privacy="unlisted",
        notify=False,
    )
    checkpoint = Checkpoint()
    while "video" not in checkpoint.data:
        checkpoint = (await yt.publisher.stage(part, checkpoint)).checkpoint
    (video,) = yt.videos
    # Somebody sets this in YouTube Studio meanwhile; an update that does not say it again would reset it.
    video.snippet["defaultLanguage"] = "en"
    video.status |= {"embeddable": False, "license": "creativeCommon", "publicStatsViewable": False}
    checkpoint = await yt.staged(part, checkpoint=checkpoint)
    await yt.publisher.commit(part, checkpoint, yt.call(part))
    assert video.notify is False
    assert video.snippet == {
        "title": "A title of its own",
        "description": "Release 4.2\nWhat is new, and why it took us a year",
        "tags": ["release", "two words"],
        "categoryId": "28",
        "defaultLanguage": "en",
    }
    assert video.status == {
        "privacyStatus": "unlisted",
        "license": "creativeCommon",
        "embeddable": False,
        "publicStatsViewable": False,
        "selfDeclaredMadeForKids": True,
        "containsSyntheticMedia": True,
    }


async def test_cover_subtitles_and_playlist_are_there_before_it_is_public(yt: World) -> None:
    media = yt.files.video()
    tracks = (yt.files.captions("en"), yt.files.captions("pt-BR", b"1\n00:00:00,000 --> 00:00:01,000\nOi\n"))
    media = replace(media, cover=yt.files.cover(), captions=tracks)
    part = yt.part(media=media, playlist=f"https://www.youtube.com/playlist?list={PLAYLIST}&x=1")
    checkpoint = await yt.staged(part)
    (video,) = yt.videos
    assert yt.sim.visible() == {}
    assert (video.cover, video.cover_mime) == (JPEG, "image/jpeg")
    found = {t.language: t.content for t in yt.sim.channel.tracks}
    assert found == {"en": SRT, "pt-BR": yt.files.contents[tracks[1].sha256]}
    assert [v for _, v in yt.sim.channel.playlists[PLAYLIST]] == [video.id]
    again = await yt.publisher.stage(part, checkpoint)
    assert again == Ready(checkpoint=checkpoint)


async def test_steps_beside_the_video_may_be_repeated(yt: World) -> None:
    """Their answers are lost, twice each: one cover, one track a language, one place in the playlist."""
    media = replace(yt.files.video(), cover=yt.files.cover(), captions=(yt.files.captions(),))
    part = yt.part(media=media, playlist=PLAYLIST)
    checkpoint = Checkpoint()
    for endpoint in (COVER, CAPTIONS, "POST /youtube/v3/playlistItems"):
        yt.sim.fail(endpoint, LOST_REPLY, times=2)
    for _ in range(30):
        try:
            step = await yt.publisher.stage(part, checkpoint)
        except Transient:
            continue
        checkpoint = step.checkpoint
        if isinstance(step, Ready):
            break
    (video,) = yt.videos
    assert isinstance(step, Ready)
    assert [t.content for t in yt.sim.channel.tracks] == [SRT]
    assert [v for _, v in yt.sim.channel.playlists[PLAYLIST]] == [video.id]


async def test_an_edit_after_staging_is_in_the_update_and_uploads_nothing_again(yt: World) -> None:
    checkpoint = await yt.staged(yt.part())
    edited = yt.part("Release 4.2.1\nFixed")
    checkpoint = await yt.staged(edited, checkpoint=checkpoint)
    await yt.publisher.commit(edited, checkpoint, yt.call(edited))
    assert yt.sim.count(INIT) == 1
    assert list(yt.sim.visible().values()) == ["Release 4.2.1\n\nFixed"]


@pytest.mark.parametrize("change", ["file", "notify", "playlist"])
async def test_what_cannot_be_changed_at_youtube_is_uploaded_anew(yt: World, change: str) -> None:
    part = yt.part(playlist=PLAYLIST)
    checkpoint = await yt.staged(part)
    other = {
        "file": yt.part(media=yt.files.video(300_000), playlist=PLAYLIST),
        "notify": yt.part(playlist=PLAYLIST, notify=False),
        "playlist": yt.part(),
    }[change]
    checkpoint = await yt.staged(other, checkpoint=checkpoint)
    receipt = await yt.publisher.commit(other, checkpoint, yt.call(other))
    old, new = yt.videos
    assert isinstance(receipt, Receipt)
    assert (receipt.ref, list(yt.sim.visible())) == (new.id, [new.id])
    assert old.status["privacyStatus"] == "private"


async def test_a_lost_answer_is_found_and_a_lost_call_may_be_made_again(yt: World) -> None:
    for failure, kind in ((LOST_REPLY, Live), (CUT, Absent)):
        part = yt.part(f"Answer {kind.__name__}")
        checkpoint, call = await yt.staged(part), yt.call(part)
        yt.sim.fail(UPDATE, failure)
        with pytest.raises(Uncertain):
            await yt.publisher.commit(part, checkpoint, call)
        yt.clock.advance(10)
        found = await yt.account().confirm(part, checkpoint, call)
        assert isinstance(found, kind)
    assert isinstance(await yt.publisher.commit(part, checkpoint, call), Receipt)
    assert isinstance(await yt.publisher.commit(part, checkpoint, call), Receipt)  # twice is one video
    assert len(yt.sim.visible()) == len(yt.videos) == 2


async def test_youtube_publishes_by_itself_only_when_asked(yt: World) -> None:
    at = yt.clock.now() + timedelta(hours=2)
    part = yt.part(publish_at="2026-11-21T12:00+01:00")
    assert at.isoformat() == "2026-11-21T11:00:00+00:00"
    checkpoint, call = await yt.staged(part), yt.call(part)
    answer = await yt.publisher.commit(part, checkpoint, call)
    (video,) = yt.videos
    assert isinstance(answer, Pending)
    assert (answer.ref, yt.sim.visible()) == (video.id, {})
    found = await yt.publisher.confirm(part, checkpoint, replace(call, ref=answer.ref))
    assert isinstance(found, HandedOver)
    assert "2026-11-21 11:00 UTC" in found.task
    assert "/halt does not stop" in found.task
    assert (found.until, found.ref) == (at + timedelta(hours=1), video.id)
    yt.clock.advance(timedelta(hours=2))
    found = await yt.publisher.confirm(part, checkpoint, replace(call, ref=answer.ref))
    assert (type(found), list(yt.sim.visible())) == (Live, [video.id])


async def test_somebody_took_the_time_away_so_it_is_not_live(yt: World) -> None:
    part = yt.part(publish_at="2026-11-21T12:00:00Z")
    checkpoint, call = await yt.staged(part), yt.call(part)
    await yt.publisher.commit(part, checkpoint, call)
    del yt.videos[0].status["publishAt"]
    assert await yt.publisher.confirm(part, checkpoint, call) == Absent()


async def test_a_time_that_has_passed_publishes_nothing(yt: World) -> None:
    part = yt.part(publish_at="2026-11-21T10:00:00Z")
    checkpoint = await yt.staged(part)
    yt.clock.advance(timedelta(hours=2))
    with pytest.raises(Rejected, match="has passed") as caught:
        await yt.publisher.commit(part, checkpoint, yt.call(part))
    assert (yt.sim.count(UPDATE), bool(caught.value.fix)) == (0, True)
    with pytest.raises(Rejected, match="has passed"):
        await yt.publisher.stage(part, Checkpoint())


async def test_nobody_but_a_person_says_whether_it_is_made_for_kids(yt: World) -> None:
    part = Part(text="Hello", media=(yt.files.video(),))
    with pytest.raises(Rejected, match="made for kids"):
        await yt.publisher.stage(part, Checkpoint())
    assert yt.sim.calls == []
    checkpoint = await yt.staged(yt.part())
    with pytest.raises(Rejected, match="made for kids"):  # somebody took the word back since
        await yt.publisher.commit(part, checkpoint, yt.call(part))
    assert yt.sim.count(UPDATE) == 0


async def test_a_video_that_youtube_keeps_private_is_not_live(yt: World) -> None:
    yt.sim.channel.keeps_private = True
    part = yt.part()
    checkpoint = await yt.staged(part)
    with pytest.raises(Rejected, match="kept the video private") as caught:
        await yt.publisher.commit(part, checkpoint, yt.call(part))
    assert "studio.youtube.com" in caught.value.fix
    assert yt.sim.visible() == {}


async def test_a_video_that_youtube_takes_away_is_refused_and_one_that_is_gone_unclear(yt: World) -> None:
    part = yt.part()
    checkpoint, call = await yt.staged(part), yt.call(part)
    yt.sim.fail(UPDATE, LOST_REPLY)
    with pytest.raises(Uncertain):
        await yt.publisher.commit(part, checkpoint, call)
    yt.videos[0].ends = ENDS["copyright"]
    found = await yt.publisher.confirm(part, checkpoint, call)
    assert isinstance(found, Refused)
    assert "copyright" in found.reason
    yt.videos[0].deleted = True
    found = await yt.publisher.confirm(part, checkpoint, call)
    assert isinstance(found, Unclear)
    assert "studio.youtube.com" in found.look_at
    assert isinstance(await yt.publisher.confirm(part, Checkpoint(), call), Unclear)


async def test_the_video_vanished_before_the_commit_so_it_is_uploaded_once_more(yt: World) -> None:
    part = yt.part()
    checkpoint = await yt.staged(part)
    yt.videos[0].deleted = True
    with pytest.raises(Rejected) as caught:
        await yt.publisher.commit(part, checkpoint, yt.call(part))
    assert (caught.value.code, caught.value.restage) == ("gone", True)


async def test_processing_is_polled_and_a_poll_that_fails_says_nothing(yt: World) -> None:
    """Slow, missing from the list at first, and polls that break: one upload, then ready."""
    yt.sim.channel.processing = timedelta(minutes=5)
    yt.sim.channel.list_lag = timedelta(seconds=30)
    part, checkpoint = yt.part(), Checkpoint()
    while "video" not in checkpoint.data:
        checkpoint = (await yt.publisher.stage(part, checkpoint)).checkpoint
    yt.sim.fail(LIST, CUT, nth=2, times=3)
    checkpoint = await yt.staged(part, yt.account(), checkpoint)
    assert (yt.sim.count(INIT), len(yt.videos)) == (1, 1)
    assert yt.waited >= timedelta(minutes=5)
    assert "blind" not in checkpoint.data


async def test_a_processing_that_never_ends_is_told_and_nothing_is_sent_again(yt: World) -> None:
    yt.sim.channel.processing = timedelta(days=30)
    part, checkpoint = yt.part(), Checkpoint()
    while "video" not in checkpoint.data:
        checkpoint = (await yt.publisher.stage(part, checkpoint)).checkpoint
    yt.clock.advance(timedelta(hours=7))
    with pytest.raises(Transient, match="for hours"):
        await yt.publisher.stage(part, checkpoint)
    assert yt.sim.count(INIT) == 1


async def test_a_video_that_never_shows_is_uploaded_once_more(yt: World) -> None:
    yt.sim.channel.list_lag = timedelta(days=1)
    with pytest.raises(Rejected) as caught:
        await yt.staged(yt.part())
    assert (caught.value.code, caught.value.restage) == ("gone", True)
    assert timedelta(minutes=2) <= yt.waited < timedelta(minutes=3)


async def test_no_step_before_the_commit_shows_anything(yt: World) -> None:
    """At every step another process takes over, as after a crash; nothing is sent twice."""
    media = replace(yt.files.video(), cover=yt.files.cover(), captions=(yt.files.captions(),))
    part, checkpoint, steps = yt.part(media=media, playlist=PLAYLIST), Checkpoint(), 0
    while True:
        step = await yt.account().stage(part, checkpoint)
        assert yt.sim.visible() == {}
        checkpoint, steps = step.checkpoint, steps + 1
        if isinstance(step, Ready):
            break
        assert isinstance(step, More)
    assert (yt.sim.count(INIT), yt.sim.count(ITEMS), len(yt.videos)) == (1, 1, 1)
    assert yt.files.read_bytes == media.size + len(JPEG)
    chunks = steps - 6  # without: open, processed, cover, subtitles, playlist, ready
    assert (chunks, yt.sim.count(PUT)) == (3, 2 * 3)  # each process asks first what is stored
