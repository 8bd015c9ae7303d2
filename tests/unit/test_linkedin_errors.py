"""Every documented refusal is told apart, and an open outcome is never called closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import AppMisconfigured, AuthExpired, PublishError, Rejected, Transient, Uncertain
from bot.http import HttpReply
from plugins.linkedin.client import Throttle, retry_after
from plugins.linkedin.errors import duplicate_of, refusal
from plugins.linkedin.failures import FAILURES, duplicate

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PAGE = "urn:li:organization:2414183"


def answer(status: int, body: Any = b"", **headers: str) -> HttpReply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpReply(status=status, headers=headers, body=raw)


def on_create(name: str) -> PublishError:
    failure = FAILURES[name]
    return refusal(answer(failure.status, failure.body), creates=True, author=PAGE, version="202511")


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("L-F1", Rejected, "repeats urn:li:share:7390000000000000001"),
        ("L-F2", AppMisconfigured, "202511"),
        ("L-F3", AppMisconfigured, "version"),
        ("L-F4", AuthExpired, "does not know"),
        ("L-F5", AuthExpired, "revoked"),
        ("L-F6", AuthExpired, "60 days"),
        ("L-F7", AuthExpired, "Connect it again"),
        ("L-F8", AppMisconfigured, "w_organization_social"),
        ("L-F10", Transient, "file"),
        ("L-F11", Rejected, "could not process"),
        ("L-F12", Rejected, "another author"),
        ("L-F13", Rejected, "too long"),
        ("L-F14", Rejected, "visibility is required"),
        ("L-F15", Rejected, "Could not find entity"),
        ("L-F16", Uncertain, "did not say"),
        ("L-F17", Uncertain, "did not say"),
        ("L-F17 empty", Uncertain, "did not say"),
        ("L-F21", Uncertain, "did not say"),
        ("999", Uncertain, "did not say"),
    ],
)
def test_documented_refusals_of_a_create(name: str, kind: type[PublishError], words: str) -> None:
    error = on_create(name)
    assert type(error) is kind
    assert words in str(error)
    assert f"status={FAILURES[name].status}" in error.detail


def test_a_member_hears_of_the_members_permission() -> None:
    failure = FAILURES["L-F8"]
    error = refusal(answer(403, failure.body), creates=True, author="urn:li:person:a")
    assert "w_member_social" in str(error)


def test_a_duplicate_has_its_own_code_and_names_the_post() -> None:
    reply = answer(422, duplicate("urn:li:ugcPost:77"))
    error = refusal(reply, creates=True)
    assert isinstance(error, Rejected)
    assert error.code == "duplicate"
    assert "urn:li:ugcPost:77" in error.detail
    assert duplicate_of(reply) == "urn:li:ugcPost:77"


def test_a_duplicate_is_known_by_its_code_not_its_words() -> None:
    body = {"status": 422, "message": "nope", "errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST"}]}}
    error = refusal(answer(422, body), creates=True)
    assert isinstance(error, Rejected)
    assert error.code == "duplicate"
    assert duplicate_of(answer(422, body)) is None


@pytest.mark.parametrize("status", [301, 400, 403, 404, 408, 500, 502, 503, 504, 999])
def test_what_linkedin_itself_did_not_write_leaves_a_create_open(status: int) -> None:
    html = answer(status, b"<html>who am I?</html>")
    assert type(refusal(html, creates=True)) is Uncertain
    assert type(refusal(html, creates=False)) is Transient


@pytest.mark.parametrize("status", [411, 413, 414, 415])
def test_too_large_is_refused_even_by_an_edge(status: int) -> None:
    assert type(refusal(answer(status, b"<html>"), creates=True)) is Rejected


def test_a_conflict_created_nothing() -> None:
    assert type(refusal(answer(409, {"status": 409, "code": "CONFLICT"}), creates=True)) is Transient


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["code", "message", "errorDetails", "inputErrors", "serviceErrorCode"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from([302, 400, 401, 403, 409, 422, 426, 500, 503, 999]), JUNK, st.booleans())
@example(422, {"errorDetails": {"inputErrors": True}}, True)
@example(401, {"serviceErrorCode": [65601]}, True)
@example(500, {"code": "NONEXISTENT_VERSION"}, True)
def test_no_body_breaks_the_classifier(status: int, body: Any, creates: bool) -> None:
    error = refusal(answer(status, body), creates=creates)
    assert str(error)
    if status >= 500 or status < 400:
        assert type(error) is (Uncertain if creates else Transient)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("17", 17),
        ("0", 0),
        ("99999999999999", 86400),
        ("Sat, 21 Nov 2026 09:02:00 GMT", 120),
        ("Fri, 20 Nov 2026 09:00:00 GMT", 0),
    ],
)
def test_retry_after_is_honoured(header: str, seconds: int) -> None:
    said = retry_after(answer(429, **{"retry-after": header}), NOW)
    assert said == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("header", ["", "soon", "-5", "1.5e9", "²"])
def test_a_retry_after_that_says_nothing(header: str) -> None:
    assert retry_after(answer(429, **{"retry-after": header}), NOW) is None


def test_waits_double_and_then_last_until_midnight() -> None:
    throttle = Throttle("acme")
    now, waits = NOW, []
    for _ in range(8):
        until, scope = throttle.hit("POST /rest/posts", now)
        waits.append((until - now).total_seconds())
        now = until
    assert waits[:7] == [60, 120, 240, 480, 900, 900, 900]
    assert scope == "its daily limit"
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    assert midnight <= now < midnight + timedelta(seconds=60)
    assert throttle.hit("POST /rest/posts", now) == (now + timedelta(seconds=60), "its limit")


def test_a_call_that_gets_through_ends_the_doubling_of_its_endpoint_only() -> None:
    throttle = Throttle("")
    for endpoint in ("a", "b"):
        throttle.hit(endpoint, NOW)
    throttle.clear("a")
    assert throttle.hit("a", NOW)[0] - NOW == timedelta(seconds=60)
    assert throttle.hit("b", NOW)[0] - NOW == timedelta(seconds=120)


def test_an_old_throttle_is_forgotten() -> None:
    throttle = Throttle("")
    throttle.hit("a", NOW)
    later = NOW + timedelta(hours=3)
    assert throttle.hit("a", later) == (later + timedelta(seconds=60), "its limit")
