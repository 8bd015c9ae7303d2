"""What TikTok's answers mean: refusals, statuses, reasons; all pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.platform import Absent, HandedOver, Live, Pending, Proof, Refused
from bot.errors import (
    AuthExpired,
    PublishError,
    RateLimited,
    Rejected,
    Transient,
    Uncertain,
)
from bot.http import HttpReply
from bot.ports import Reply
from plugins.tiktok.causes import CAUSES
from plugins.tiktok.errors import failed, put_refusal, refusal
from plugins.tiktok.failures import FAIL_REASONS, FAILURES
from plugins.tiktok.oauth import in_hex
from plugins.tiktok.reading import identifier, read
from plugins.tiktok.status import Asked, judge

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def reply(name: str, **headers: str) -> Reply:
    """A named failure as it arrives."""
    import json

    failure = FAILURES[name]
    body = failure.body if isinstance(failure.body, bytes) else json.dumps(failure.body).encode()
    return HttpReply(status=failure.status, headers={**failure.headers, **headers}, body=body)


CALLS: list[tuple[str, type[PublishError], str, timedelta | None]] = [
    ("T-G1", AuthExpired, "no longer accepts", None),
    ("T-G2", Rejected, "did not allow", None),
    ("T-G2 missed", Rejected, "did not allow", None),
    ("T-G3", Rejected, "wrong parameter: video_size", None),
    ("T-G4", Rejected, "does not accept the file", None),
    ("T-G5", RateLimited, "its limit a minute", MINUTE),
    ("T-G6", Transient, "has trouble", None),
    ("T-G6 html", Transient, "has trouble", None),
    ("T-C1", RateLimited, "posts a day", DAY),
    ("T-C2", Rejected, "banned", None),
    ("T-C3", RateLimited, "its app's limit", DAY),
    ("T-I1", Rejected, "total_chunk_count", None),
    ("T-I2", RateLimited, "posts a day", DAY),
    ("T-I3", Rejected, "banned", None),
    ("T-I4", RateLimited, "unfinished drafts", timedelta(hours=1)),
    ("T-I5", RateLimited, "its app's limit", DAY),
    ("T-I6", Rejected, "not audited", None),
    ("T-I7", Rejected, "not verified", None),
    ("T-I8", Rejected, "no longer offers", None),
    ("T-I9", Rejected, "too old", None),
    ("T-S1", Rejected, "publish_id", None),
    ("T-S2", Rejected, "Not yours", None),
]
"""Name, class, words, and how long to wait."""


@pytest.mark.parametrize(("name", "kind", "words", "wait"), CALLS, ids=[c[0] for c in CALLS])
def test_every_refusal_has_its_class_and_its_words(
    name: str, kind: type[PublishError], words: str, wait: timedelta | None
) -> None:
    error = refusal(read(reply(name)), NOW)
    assert type(error) is kind
    assert words in (error.scope if isinstance(error, RateLimited) else str(error))
    if isinstance(error, RateLimited):
        assert error.until - NOW == wait
    if isinstance(error, Rejected):
        assert error.fix.endswith(".")
    assert "status=" in error.detail


def test_no_row_of_the_tables_is_forgotten() -> None:
    of_calls = {name for name in FAILURES if name[:3] in ("T-G", "T-C", "T-I", "T-S")}
    assert of_calls - {"T-G6 done"} == {name for name, *_ in CALLS}


@pytest.mark.parametrize("name", ["T-G6", "T-G6 html"])
def test_a_fault_of_tiktoks_own_leaves_a_call_that_publishes_open(name: str) -> None:
    assert type(refusal(read(reply(name)), NOW, creates=True)) is Uncertain


def test_a_wait_that_tiktok_names_is_believed_up_to_a_day() -> None:
    for header, wait in (("30", timedelta(seconds=30)), ("999999999", DAY), ("soon", MINUTE)):
        error = refusal(read(reply("T-G5", **{"retry-after": header})), NOW)
        assert isinstance(error, RateLimited)
        assert error.until - NOW == wait


@pytest.mark.parametrize(
    ("name", "last", "kind"),
    [
        ("T-U400", True, Rejected),
        ("T-U400", False, Rejected),
        ("T-U500", True, Uncertain),
        ("T-U500", False, Transient),
        ("T-U503 stored", True, Uncertain),
    ],
)
def test_what_the_upload_host_means(name: str, last: bool, kind: type[PublishError]) -> None:
    assert type(put_refusal(reply(name), NOW, last=last)) is kind


@pytest.mark.parametrize("reason", FAIL_REASONS)
def test_every_reason_to_fail_has_a_sentence_and_a_way_out(reason: str) -> None:
    said = failed(reason)
    assert said.count(".") >= 2
    assert reason not in said or reason == "internal"
    assert "TikTok" in said or "video" in said or "account" in said


def test_a_reason_that_nobody_knows_is_told_as_it_is() -> None:
    assert failed("new_check_failed").endswith("(new check failed).")
    assert "does not say why" in failed("")


def test_causes_and_sentences_are_one_table() -> None:
    assert {*FAIL_REASONS} <= {cause.code for cause in CAUSES}
    assert all(cause.fix.endswith(".") and cause.cause.endswith(".") for cause in CAUSES)


def asked(**changes: Any) -> Asked:
    facts: dict[str, Any] = {
        "publish_id": "v_pub_file~1",
        "caption": "Hello",
        "privacy": "PUBLIC_TO_EVERYONE",
        "username": "acme",
        "started_at": NOW,
        "size": 100,
        "ends": NOW + timedelta(minutes=50),
    }
    return Asked(**{**facts, **changes})


def test_what_is_posted_is_live_with_its_number_as_text() -> None:
    data = {"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": [7300000000000000043]}
    assert judge(data, asked(), NOW) == Live(
        ref="7300000000000000043",
        url="https://www.tiktok.com/@acme/video/7300000000000000043",
        proof=Proof.READ_BACK,
    )
    photo = judge(data, asked(size=0), NOW)
    assert isinstance(photo, Live)
    assert photo.url is not None
    assert "/photo/" in photo.url


@pytest.mark.parametrize("ids", [None, [], [0], ["x"], [True], "7300000000000000043", [{}]])
def test_a_number_that_is_none_is_not_made_up(ids: Any) -> None:
    data = {"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": ids}
    assert isinstance(judge(data, asked(), NOW), Pending)
    late = judge(data, asked(), NOW + timedelta(minutes=6))
    assert late == Live(ref="v_pub_file~1", url="https://www.tiktok.com/@acme", proof=Proof.RECEIPT)
    private = judge(data, asked(privacy="SELF_ONLY", username=""), NOW)
    assert private == Live(ref="v_pub_file~1", url=None, proof=Proof.RECEIPT)


def test_a_draft_is_handed_over() -> None:
    found = judge({"status": "SEND_TO_USER_INBOX"}, asked(privacy=""), NOW)
    assert isinstance(found, HandedOver)
    assert (found.paste, found.until) == ("Hello", NOW + DAY)


@pytest.mark.parametrize("reason", FAIL_REASONS)
def test_what_failed_is_refused(reason: str) -> None:
    found = judge({"status": "FAILED", "fail_reason": reason}, asked(), NOW)
    assert found == Refused(reason=failed(reason))


@pytest.mark.parametrize("status", ["PROCESSING_DOWNLOAD", "PROCESSING_UPLOAD", "SOMETHING_NEW", None, 7])
def test_a_status_that_ends_nothing_is_waited_for(status: Any) -> None:
    assert isinstance(judge({"status": status, "uploaded_bytes": 100}, asked(), NOW), Pending)
    assert isinstance(judge({"status": status}, asked(), NOW), Pending)


def test_missing_bytes_are_absent_while_the_address_lives() -> None:
    data = {"status": "PROCESSING_UPLOAD", "uploaded_bytes": 60}
    assert judge(data, asked(), NOW) == Absent(keep_checkpoint=True)
    soon = judge(data, asked(), NOW + timedelta(minutes=40))
    assert soon == Pending(check_at=NOW + timedelta(minutes=65), ref="v_pub_file~1")
    assert judge(data, asked(), NOW + timedelta(minutes=65)) == Absent(keep_checkpoint=False)
    assert isinstance(judge(data, asked(size=0), NOW), Pending)  # what is pulled is not ours to send


@pytest.mark.parametrize(
    ("age", "pause"), [(0, 5), (5, 10), (14, 10), (15, 20), (35, 30), (899, 30), (900, 900), (80_000, 900)]
)
def test_the_pace_of_asking(age: int, pause: int) -> None:
    now = NOW + timedelta(seconds=age)
    found = judge({"status": "PROCESSING_UPLOAD"}, asked(), now)
    assert isinstance(found, Pending)
    assert found.check_at - now == timedelta(seconds=pause)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7300000000000000043, "7300000000000000043"),
        ("73", "73"),
        (7.3e18, ""),
        (-1, ""),
        ("7e3", ""),
        (None, ""),
    ],
)
def test_ids_are_text_and_never_pass_through_a_float(value: Any, text: str) -> None:
    assert identifier(value) == text


def test_the_challenge_is_hexadecimal() -> None:
    """The verifier of RFC 7636, appendix B, as Login Kit for desktop wants it."""
    assert in_hex("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM") == (
        "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3"
    )
