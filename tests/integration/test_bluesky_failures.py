"""Every documented failure of Bluesky, switched on by its number: the class it ends in, and its words."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.domain.platform import Absent, Live
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
from plugins.bluesky.failures import FAILURES
from tests.integration.bluesky_world import BLOB, GET, LOGIN, PUT, VIDEO, World, world

LIMITS = "GET /xrpc/app.bsky.video.getUploadLimits"
START, SEND_PART, FINISH = (
    f"POST /xrpc/app.bsky.video.{name}" for name in ("startUpload", "uploadPart", "finishUpload")
)


@dataclass(frozen=True)
class Row:
    """What the publisher raises. ``code``: of a `Rejected`; ``words``: in its sentence."""

    id: str
    endpoint: str
    kind: type[PublishError]
    words: str
    code: str = ""


CREATES = (
    Row("B-F1", PUT, Transient, "sign in anew"),
    Row("B-F2", PUT, AuthExpired, "does not know this account's session"),
    Row("B-F3", PUT, AppMisconfigured, "base_url"),
    Row("B-F4", PUT, AuthExpired, "app password"),
    Row("B-F6", PUT, AuthExpired, "suspended"),
    Row("B-F6 deactivated", PUT, AuthExpired, "switched off"),
    Row("B-F7", PUT, Rejected, "too long", "too_long"),
    Row("B-F7 date", PUT, Rejected, 'Missing required key "createdAt"', "invalidrequest"),
    Row("B-F8", PUT, Rejected, "no longer has a file", "blobnotfound"),
    Row("B-F9", PUT, Rejected, "not what its name says", "invalidmimetype"),
    Row("B-F9 size", PUT, Rejected, "another size", "invalidsize"),
    Row("B-F10", PUT, Uncertain, "earlier try"),
    Row("B-F12 old", PUT, Rejected, "larger than this Bluesky server takes", "payloadtoolarge"),
    Row("B-F13", PUT, RateLimited, "waits until"),
    Row("B-F13 after", PUT, RateLimited, "waits until 09:00:40"),
    Row("B-F14", PUT, Uncertain, "did not say"),
    Row("B-F14 created", PUT, Uncertain, "did not say"),
    Row("B-F15", PUT, Uncertain, "did not say"),
    Row("B-F16", PUT, Uncertain, "did not say"),
    Row("B-F16 empty", PUT, Uncertain, "did not say"),
    Row("B-F17", PUT, Uncertain, "missing"),
    Row("B-F18", PUT, Uncertain, "missing"),
    Row("B-F19", PUT, Uncertain, "missing"),
    Row("B-F20", PUT, AppMisconfigured, "no Bluesky server"),
)
SIGNING_IN = (
    Row("B-F4", LOGIN, AuthExpired, "identifier and app password"),
    Row("B-F5", LOGIN, AuthExpired, "Make an app password"),
    Row("B-F6", LOGIN, AuthExpired, "suspended"),
    Row("B-F13 after", LOGIN, RateLimited, "waits until 09:00:40"),
    Row("B-F14", LOGIN, Transient, "trouble"),
    Row("B-F16", LOGIN, Transient, "trouble"),
    Row("B-F17", LOGIN, Transient, "missing"),
    Row("B-F20", LOGIN, AppMisconfigured, "no Bluesky server"),
)
UPLOADS = (
    Row("B-F12", BLOB, Rejected, "pictures under 1 MB go everywhere", "payloadtoolarge"),
    Row("B-F14", BLOB, Transient, "trouble"),
    Row("B-F17", BLOB, Transient, "missing"),
    Row("B-F19", BLOB, Transient, "missing"),
    Row("B-F13 after", BLOB, RateLimited, "waits until 09:00:40"),
)
VIDEOS = (
    Row("B-V1", VIDEO, Rejected, "no more videos from this account today", "dailylimitexceeded"),
    Row("B-V2", VIDEO, Rejected, "e-mail address", "uploadforbidden"),
    Row("B-V3", VIDEO, Rejected, "300 MB", "videotoolarge"),
    Row("B-V4", VIDEO, Rejected, "ten minutes", "videotoolong"),
    Row("B-V5", VIDEO, Rejected, "16:9", "badaspectratio"),
    Row("B-V6", VIDEO, Rejected, "H.264", "unsupportedcontenttype"),
    Row("B-V7", VIDEO, RateLimited, "waits until"),
    Row("B-V8", VIDEO, Transient, "busy"),
    Row("B-F14", VIDEO, Transient, "trouble"),
    Row("B-F17", VIDEO, Transient, "missing"),
    Row("B-F14", LIMITS, Transient, "trouble"),
)
PARTS = (
    Row("B-V7", START, RateLimited, "waits until"),
    Row("B-V12", SEND_PART, Rejected, "another size", "partsizemismatch"),
    Row("B-V17", SEND_PART, Rejected, "No such part", "invalidpartnumber"),
    Row("B-V15", FINISH, Transient, "busy"),
)
MENDED = frozenset({"B-V9", "B-V10", "B-V11", "B-V13", "B-V14", "B-V16"})
"""What an upload in parts goes on from by itself, or begins anew; see `test_bluesky_video`."""

ELSEWHERE = frozenset({"B-F11"})
"""A post that is not there: the answer that confirming is for."""


async def raised(bs: World, row: Row, part: Part) -> PublishError | None:
    """What comes of publishing once with the failure switched on, for a publisher that signs in itself."""
    bs.sim.heal()
    bs.sim.fail(row.endpoint, FAILURES[row.id], times=0)
    try:
        publisher = bs.another()
        await publisher.commit(part, await bs.staged(part, publisher), bs.call(part))
    except PublishError as error:
        return error
    return None


def wrong(row: Row, error: PublishError | None) -> str:
    """What differs from the row."""
    place = f"{row.id} at {row.endpoint.rpartition('.')[2]}"
    if type(error) is not row.kind:
        return f"{place}: {type(error).__name__} ({error}), not {row.kind.__name__}"
    fix = error.fix if isinstance(error, Rejected) else ""
    if row.words not in f"{error} {fix}":
        return f"{place}: “{error} {fix}” lacks “{row.words}”"
    if row.code and getattr(error, "code", "") != row.code:
        return f"{place}: code {getattr(error, 'code', '')}, not {row.code}"
    return ""


async def test_every_failure_has_its_class_and_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    async with world() as bs:
        bs.sim.videos.part_size = 40_000
        clip = await bs.clip()
        parts = {
            "text": Part(text="A text"),
            "picture": Part(text="A picture", media=(await bs.picture(),)),
            "video": Part(text="A video", media=(clip,)),
        }
        for kind, rows in (("text", (*CREATES, *SIGNING_IN)), ("picture", UPLOADS), ("video", VIDEOS)):
            for row in rows:
                bs.sim.desk.logins.clear()
                found += [word] if (word := wrong(row, await raised(bs, row, parts[kind]))) else []
        monkeypatch.setattr("plugins.bluesky.video.WHOLE", 10_000)
        for row in PARTS:
            bs.sim.desk.logins.clear()
            bs.sim.videos.uploads.clear()
            found += [word] if (word := wrong(row, await raised(bs, row, parts["video"]))) else []
    assert not found, "\n".join(found)


def test_every_number_of_the_reference_has_a_row() -> None:
    rows = (*CREATES, *SIGNING_IN, *UPLOADS, *VIDEOS, *PARTS)
    assert {row.id for row in rows} | MENDED | ELSEWHERE == FAILURES.keys()


async def test_no_failure_of_looking_says_more_than_it_knows() -> None:
    """Only the post itself proves that it is out, and only its absence by name that it is not."""
    part = Part(text="Where am I?")
    async with world() as bs:
        checkpoint = await bs.staged(part)
        await bs.publisher.commit(part, checkpoint, bs.call(part))
        for name, failure in FAILURES.items():
            bs.sim.heal()
            bs.sim.fail(GET, failure, times=0)
            try:
                found: object = await bs.another().confirm(part, checkpoint, bs.call(part))
            except PublishError as error:
                found = error
            bs.sim.desk.logins.clear()
            assert isinstance(found, Absent) == (name == "B-F11"), name
            assert not isinstance(found, Live), name
        bs.sim.heal()
        assert isinstance(await bs.another().confirm(part, checkpoint, bs.call(part)), Live)
