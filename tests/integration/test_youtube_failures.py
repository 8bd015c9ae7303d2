"""Every documented failure of YouTube, switched on by its name: which class it ends in, in which words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.platform import Absent, Checkpoint, Live, Ready, Wait
from bot.domain.post import Part
from bot.errors import (
    AppMisconfigured,
    AuthExpired,
    PublishError,
    RateLimited,
    Rejected,
    Transient,
    Uncertain,
)
from plugins.youtube.causes import CAUSES
from plugins.youtube.channel import PLAYLIST
from plugins.youtube.failures import ENDS, FAILURES
from tests.integration.youtube_world import (
    ADD,
    CAPTIONS,
    CHANNELS,
    COVER,
    INIT,
    LIST,
    PUT,
    UPDATE,
    World,
    world,
)

MIDNIGHT = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY, HALF = timedelta(days=1), timedelta(seconds=30)


@dataclass(frozen=True)
class Row:
    """Where it happens, what it becomes, what a person reads; ``wait`` until when, where that is known."""

    id: str
    endpoint: str
    kind: type[PublishError]
    words: str
    wait: timedelta | datetime | None = None


def everywhere(id: str, kind: type[PublishError], words: str, wait: Any = None) -> tuple[Row, ...]:
    """The same at the upload's beginning and at the call that publishes."""
    return Row(id, INIT, kind, words, wait), Row(id, UPDATE, kind, words, wait)


ROWS = (
    *everywhere("authError", AuthExpired, "no longer accepts this account. Connect it again"),
    *everywhere("youtubeSignupRequired", Rejected, "has no YouTube channel"),
    *everywhere("quotaExceeded", RateLimited, "daily quota", MIDNIGHT),
    *everywhere("dailyLimitExceeded", RateLimited, "daily quota", MIDNIGHT),
    *everywhere("rateLimitExceeded", RateLimited, "", HALF),
    *everywhere("userRateLimitExceeded", RateLimited, "", HALF),
    *everywhere("429", RateLimited, "", timedelta(seconds=90)),
    *everywhere("insufficientPermissions", AuthExpired, "leave every box ticked"),
    *everywhere("scope details", AuthExpired, "leave every box ticked"),
    *everywhere("accessNotConfigured", AppMisconfigured, "Enable it in the Google Cloud console"),
    *everywhere("forbidden", Rejected, "does not let this channel do that"),
    *everywhere("forbiddenLicenseSetting", Rejected, "licence"),
    *everywhere("forbiddenPrivacySetting", Rejected, "who sees the video"),
    *everywhere("channelSuspended", AuthExpired, "suspended this channel. Appeal"),
    *everywhere("authenticatedUserAccountSuspended", AuthExpired, "suspended this channel"),
    *everywhere("channelClosed", AuthExpired, "channel was closed"),
    *everywhere("uploadLimitExceeded", RateLimited, "daily uploads", DAY),
    *everywhere("invalidTitle", Rejected, "does not take the title"),
    *everywhere("invalidDescription", Rejected, "description"),
    *everywhere("invalidTags", Rejected, "tags"),
    *everywhere("invalidCategoryId", Rejected, "category"),
    *everywhere("invalidPublishAt", Rejected, "time at which it is to publish"),
    *everywhere("invalidVideoMetadata", Rejected, "what is said about the video"),
    *everywhere("invalidFilename", Rejected, "name"),
    *everywhere("defaultLanguageNotSet", Rejected, "language"),
    *everywhere("mediaBodyRequired", Rejected, "no file"),
    *everywhere("invalidRecordingDetails", Rejected, "recording"),
    *everywhere("invalidVideoGameRating", Rejected, "rating"),
    *everywhere("no reason", Rejected, "“Precondition failed”".replace("“", '"').replace("”", '"')),
    Row("videoNotFound", UPDATE, Rejected, "no longer has the video"),
    *(Row(id, INIT, Transient, "trouble") for id in ("backendError", "500", "502", "504")),
    *(
        Row(id, UPDATE, Uncertain, "did not say whether it took")
        for id in ("backendError", "500", "502", "504")
    ),
    Row("lost", INIT, Transient, "asking again does no harm"),
    Row("cut", INIT, Transient, "asking again does no harm"),
    Row("cut off", UPDATE, Uncertain, ""),
    Row("lost", UPDATE, Uncertain, ""),
    Row("cut", UPDATE, Uncertain, ""),
    # what breaks while the bytes go out
    Row("authError", PUT, AuthExpired, "no longer accepts this account"),
    Row("quotaExceeded", PUT, RateLimited, "daily quota", MIDNIGHT),
    Row("channelSuspended", PUT, AuthExpired, "suspended this channel"),
    Row("no reason", PUT, Rejected, "Precondition failed"),
    # what goes with the video
    Row("invalidImage", COVER, Rejected, "does not take the cover"),
    Row("thumbnail forbidden", COVER, Rejected, "whose phone number is verified"),
    Row("mediaBodyRequired", COVER, Rejected, "no file"),
    Row("uploadRateLimitExceeded", COVER, RateLimited, "", HALF),
    Row("videoNotFound", COVER, Rejected, "no longer has the video"),
    Row("lost", COVER, Transient, "broke off"),
    Row("captions invalidMetadata", CAPTIONS, Rejected, "subtitles' language"),
    Row("captions contentRequired", CAPTIONS, Rejected, "no subtitles in the file"),
    Row("quotaExceeded", CAPTIONS, RateLimited, "daily quota", MIDNIGHT),
    Row("playlistNotFound", ADD, Rejected, "does not find the playlist"),
    Row("playlistItemsNotAccessible", ADD, Rejected, "change the playlist"),
    Row("playlistContainsMaximumNumberOfVideos", ADD, Rejected, "is full"),
    # what breaks while it is looked at
    Row("authError", LIST, AuthExpired, "no longer accepts this account"),
    Row("quotaExceeded", LIST, RateLimited, "daily quota", MIDNIGHT),
    Row("youtubeSignupRequired", CHANNELS, Rejected, "has no YouTube channel"),
)

AT_A_CHUNK = frozenset({"404 session", "410 session"})
"""What is no failure but another way on; tests of their own in test_youtube_uploads.py."""


@pytest.fixture
async def yt() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def test_every_failure_ends_in_its_class_and_sentence(yt: World) -> None:
    wrong: list[str] = []
    yt.sim.gate.limits |= {"videos.insert": 1000, "units": 1_000_000}  # so many rows are more than a day's
    for number, row in enumerate(ROWS):
        wrong += await played(yt, row, number)
        yt.sim.heal()
    assert not wrong, "\n".join(wrong)


def test_every_name_has_a_row() -> None:
    assert {row.id for row in ROWS} | AT_A_CHUNK == set(FAILURES)


def test_every_way_to_end_badly_is_told_to_people() -> None:
    known = {cause.code for cause in CAUSES}
    assert set(ENDS) - {"deleted"} <= known


async def played(yt: World, row: Row, number: int) -> list[str]:
    """The road of one post with the failure switched on; what differs from the row."""
    name = f"{row.id} at {row.endpoint}"
    media = replace(yt.files.video(), cover=yt.files.cover(), captions=(yt.files.captions(),))
    part = yt.part(f"Row {number}", media=media, playlist=PLAYLIST)
    shown, now = len(yt.sim.visible()), yt.clock.now()
    yt.sim.fail(row.endpoint, FAILURES[row.id], times=0)
    publisher = yt.account()
    error: PublishError | None = None
    try:
        if row.endpoint == CHANNELS:
            await publisher.facts()
        checkpoint = await yt.staged(part, publisher)
        await publisher.commit(part, checkpoint, yt.call(part))
    except PublishError as caught:
        error = caught
    wrong = [] if type(error) is row.kind else [f"{name}: {error!r}, not {row.kind.__name__}"]
    said = f"{error} {getattr(error, 'fix', '')} {getattr(error, 'scope', '')}"
    if row.words not in said or not str(error).endswith((".", "UTC")):
        wrong.append(f"{name}: “{said}” lacks “{row.words}”")
    if isinstance(error, Rejected) and not error.fix and row.id != "no reason" and not error.restage:
        wrong.append(f"{name}: no way out")
    if row.wait is not None and isinstance(error, RateLimited):
        until = row.wait if isinstance(row.wait, datetime) else yt.clock.now() + row.wait
        if error.until != until:
            wrong.append(f"{name}: waits until {error.until}, not {until} (began {now})")
    public = len(yt.sim.visible()) - shown
    if public != (1 if row.kind is Uncertain and FAILURES[row.id].effect else 0):
        wrong.append(f"{name}: {public} more are public")
    return wrong


@pytest.mark.parametrize("reason", sorted(set(ENDS) - {"deleted"}))
async def test_a_processing_that_ends_badly_is_refused_with_its_reason(yt: World, reason: str) -> None:
    yt.sim.channel.processing, yt.sim.channel.ends = timedelta(seconds=30), ENDS[reason]
    with pytest.raises(Rejected) as caught:
        await yt.staged(yt.part())
    known = next(c for c in CAUSES if c.code == reason)
    assert (str(caught.value), caught.value.fix) == (known.cause, known.fix)
    assert (yt.sim.visible(), yt.sim.count(UPDATE), caught.value.code) == ({}, 0, f"video_{reason.lower()}")


async def test_a_video_deleted_while_it_is_processed_is_uploaded_once_more(yt: World) -> None:
    yt.sim.channel.ends = ENDS["deleted"]
    with pytest.raises(Rejected, match="deleted") as caught:
        await yt.staged(yt.part())
    assert caught.value.restage


async def test_waits_grow_while_youtube_says_no_number_and_end_when_it_answers(yt: World) -> None:
    waits = []
    for _ in range(7):
        yt.sim.fail(CHANNELS, FAILURES["rateLimitExceeded"])
        with pytest.raises(RateLimited) as caught:
            await yt.publisher.facts()
        waits.append((caught.value.until - yt.clock.now()).total_seconds())
    assert waits == [30, 60, 120, 240, 480, 900, 900]
    await yt.publisher.facts()
    yt.sim.fail(CHANNELS, FAILURES["rateLimitExceeded"])
    with pytest.raises(RateLimited) as caught:
        await yt.publisher.facts()
    assert caught.value.until == yt.clock.now() + HALF


async def test_a_hundred_uploads_a_day_and_the_next_after_midnight_in_california(yt: World) -> None:
    yt.sim.gate.limits["videos.insert"] = 2
    for n in range(2):
        await yt.published(yt.part(f"Video {n}"))
    part = yt.part("One too many")
    with pytest.raises(RateLimited) as caught:
        await yt.publisher.stage(part, Checkpoint())
    assert caught.value.until == MIDNIGHT
    yt.clock.advance(MIDNIGHT - yt.clock.now())
    assert (await yt.published(part)).ref in yt.sim.visible()


async def test_quota_that_ends_at_the_commit_leaves_it_private_and_is_repeated(yt: World) -> None:
    part = yt.part()
    checkpoint, call = await yt.staged(part), yt.call(part)
    yt.sim.gate.limits["units"] = yt.sim.gate.used("units") + 49  # an update costs 50
    with pytest.raises(RateLimited):
        await yt.publisher.commit(part, checkpoint, call)
    assert yt.sim.visible() == {}
    assert await yt.publisher.confirm(part, checkpoint, call) == Absent()
    yt.clock.advance(DAY)
    again = await yt.publisher.stage(part, checkpoint)
    assert again == Ready(checkpoint=checkpoint)
    assert (await yt.publisher.commit(part, checkpoint, call)).ref in yt.sim.visible()


async def test_the_channels_own_limit_waits_a_day(yt: World) -> None:
    yt.sim.gate.uploads_left = 0
    with pytest.raises(RateLimited) as caught:
        await yt.publisher.stage(yt.part(), Checkpoint())
    assert (caught.value.until, "channel" in caught.value.scope) == (yt.clock.now() + DAY, True)


async def test_a_broken_answer_proves_nothing(yt: World) -> None:
    part = yt.part()
    checkpoint, call = await yt.staged(part), yt.call(part)
    await yt.publisher.commit(part, checkpoint, call)
    tries: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: yt.publisher.confirm(part, checkpoint, call),
        lambda: yt.publisher.measure([checkpoint.data["video"]]),
        yt.publisher.facts,
    )
    bodies: tuple[Any, ...] = (b"", b"<html>", b"[]", {}, {"items": None}, {"items": {}}, {"error": []})
    for body in bodies:
        yt.sim.heal()
        yt.sim.fail("*", replace(FAILURES["504"], status=200, body=body), times=0)
        for attempt in tries:
            with pytest.raises(Transient):
                await attempt()
    yt.sim.heal()
    assert isinstance(await yt.publisher.confirm(part, checkpoint, call), Live)


async def test_polls_that_fail_for_long_are_told(yt: World) -> None:
    part, checkpoint = yt.part(), Checkpoint()
    while "video" not in checkpoint.data:
        checkpoint = (await yt.publisher.stage(part, checkpoint)).checkpoint
    yt.sim.fail(LIST, FAILURES["502"], times=0)
    for _ in range(10):
        step = await yt.publisher.stage(part, checkpoint)
        assert isinstance(step, Wait)
        checkpoint = step.checkpoint
    with pytest.raises(Transient, match="does not say how far"):
        await yt.publisher.stage(part, checkpoint)
    assert yt.sim.count(INIT) == 1


async def test_no_secret_is_told(yt: World) -> None:
    """Neither the token nor the upload's address, whatever is refused."""
    part = yt.part()
    checkpoint = (await yt.publisher.stage(part, Checkpoint())).checkpoint
    session = checkpoint.data["session"]
    assert "upload_id" in session
    told: list[str] = []
    for name in ("no reason", "502", "authError", "lost", "410 session"):
        yt.sim.heal()
        yt.sim.fail("*", FAILURES[name], times=0)
        try:
            step = await yt.publisher.stage(part, checkpoint)
            told.append("" if isinstance(step, Wait) else "on")
        except PublishError as error:
            told.append(f"{error!r} {error} {error.detail}")
    told += [repr(yt.log.lines), repr(yt.publisher), repr(yt.settings)]
    assert not [t for t in told if "upload_id" in t or "ya29" in t or "AAsim" in t]


async def test_a_media_that_is_no_video_is_refused_before_any_call(yt: World) -> None:
    for media in ((), (yt.files.cover(),), (yt.files.video(), yt.files.cover())):
        with pytest.raises(Rejected, match="needs one video"):
            await yt.publisher.stage(
                Part(text="x", media=media, options={"made_for_kids": False}), Checkpoint()
            )
    assert yt.sim.calls == []
