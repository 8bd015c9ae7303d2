"""T14: every code of a platform has a cause, an owner and a fix; an unknown one is shown as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.api import (
    AppMisconfigured,
    AuthExpired,
    Cause,
    Owner,
    PublishError,
    RateLimited,
    Rejected,
    Reply,
    Transient,
    Uncertain,
)
from bot.http import HttpReply
from bot.testing.clock import FakeClock
from bot.testing.simulator import Failure
from plugins.linkedin import causes as li
from plugins.linkedin.errors import refusal
from plugins.linkedin.failures import FAILURES as LI_FAILURES
from plugins.twitter import causes as x
from plugins.twitter.errors import create_error, upload_error
from plugins.twitter.failures import FAILURES as X_FAILURES
from plugins.twitter.failures import at

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CLOCK = FakeClock(NOW)

X_CODES = {
    "F1": "“… duplicate content …”", "F2": "401", "F3": "429", "F4": "429", "F5": "429", "F6": "429",
    "F7": "credits", "F8": "Your media IDs are invalid", "F9": "invalid-request", "F10": "invalid-request",
    "F11": "oauth1-permissions", "F12": "unsupported-authentication", "F13": "client-forbidden",
    "F14": "403 on an upload", "F15": "“… reply to this conversation …”",
    "F16": "“… not permitted to perform this action …”", "F17": "“… video longer than …”", "F18": "413",
    "F19": "processing failed", "F20": "processing failed", "F21": "500, 502, 503, 504, or no answer",
    "F22": "500, 502, 503, 504, or no answer", "F23": "500, 502, 503, 504, or no answer",
    "F25": "unauthorized_client", "F26": "resource-not-found", "clock": "135",
    "suspended": "“… suspended …”", "locked": "“… locked …”",
}  # fmt: skip
LI_CODES = {
    "L-F1": "DUPLICATE_POST", "L-F2": "NONEXISTENT_VERSION", "L-F3": "NONEXISTENT_VERSION",
    "L-F4": "INVALID_ACCESS_TOKEN", "L-F5": "REVOKED_ACCESS_TOKEN", "L-F6": "EXPIRED_ACCESS_TOKEN",
    "L-F7": "INVALID_ACCESS_TOKEN", "L-F8": "ACCESS_DENIED", "L-F9": "TOO_MANY_REQUESTS",
    "L-F10": "MEDIA_ASSET_WAITING_UPLOAD", "L-F11": "MEDIA_ASSET_PROCESSING_FAILED",
    "L-F12": "INVALID_IMAGE_ID", "L-F13": "FIELD_LENGTH_TOO_LONG", "L-F14": "MISSING_FIELD",
    "L-F15": "NOT_FOUND", "L-F16": "500, 502, 503, 504, 999, or no answer",
    "L-F17": "500, 502, 503, 504, 999, or no answer", "L-F21": "EXPIRED_UPLOAD_URL",
    "L-F23": "Unable to obtain activity", "L-F12 video": "INVALID_VIDEO_ID", "expired": "EXPIRED_UPLOAD_URL",
    "asset": "UPDATING_ASSET_FAILED", "restricted": "ACCESS_DENIED",
}  # fmt: skip

CATALOGUES = pytest.mark.parametrize("causes", [x.CAUSES, li.CAUSES], ids=["X", "LinkedIn"])


def reply_of(failure: Failure) -> Reply:
    body = failure.body if isinstance(failure.body, bytes) else json.dumps(failure.body).encode()
    return HttpReply(status=failure.status, headers=dict(failure.headers), body=body)


@CATALOGUES
def test_every_entry_is_whole_and_named_once(causes: tuple[Cause, ...]) -> None:
    assert len({c.code for c in causes}) == len(causes)
    for cause in causes:
        assert cause.cause.endswith(".")
        assert cause.fix.endswith(".")
        assert len(f"{cause.cause} {cause.fix}") < 260
    assert {c.owner for c in causes} == set(Owner)


@pytest.mark.parametrize(("codes", "causes"), [(X_CODES, x.CAUSES), (LI_CODES, li.CAUSES)])
def test_every_known_failure_is_in_the_catalogue(codes: Mapping[str, str], causes: tuple[Cause, ...]) -> None:
    known = {c.code for c in causes}
    assert set(codes.values()) <= known
    assert known - set(codes.values()) <= {
        "client-not-enrolled", "PUBLISH_FAILED", "“… quoting this post …”", "“… cashtag …”",
        "“… deleted or not visible …”",
    }  # fmt: skip


OWNERS: Mapping[type[PublishError], set[Owner]] = {
    RateLimited: {Owner.PLATFORM},
    Transient: {Owner.PLATFORM},
    Uncertain: {Owner.PLATFORM},
    AuthExpired: {Owner.YOU},
    AppMisconfigured: {Owner.APP},
    Rejected: {Owner.YOU, Owner.PLATFORM},
}
"""Who can do something about a class of error."""


@pytest.mark.parametrize("name", [n for n in X_CODES if n not in ("F19", "F20", "F23")])
def test_what_x_says_becomes_the_sentence_and_the_class_of_its_cause(name: str) -> None:
    reply = reply_of(at(X_FAILURES[name], CLOCK))
    error = (upload_error if name in ("F14", "F18") else create_error)(reply, NOW)
    (cause,) = [c for c in x.CAUSES if c.code == X_CODES[name]]
    assert cause.owner in OWNERS[type(error)]
    if cause.owner is Owner.APP and cause in x.OPERATOR:
        assert str(error) == f"{cause.cause} {cause.fix}"
    if isinstance(error, Rejected) and cause.code.startswith("“"):
        assert error.fix == cause.fix


@pytest.mark.parametrize("name", [n for n in LI_CODES if n not in ("L-F9", "L-F21", "L-F23")])
def test_what_linkedin_says_becomes_the_sentence_and_the_class_of_its_cause(name: str) -> None:
    error = refusal(reply_of(LI_FAILURES[name]), creates=True, author="urn:li:organization:1")
    (cause,) = [c for c in li.CAUSES if c.code == LI_CODES[name]]
    assert cause.owner in OWNERS[type(error)]
    if cause in li.REFUSALS:
        assert (str(error), getattr(error, "fix", "")) == (cause.cause, cause.fix)


def x_says(status: int, **body: Any) -> PublishError:
    return create_error(HttpReply(status=status, headers={}, body=json.dumps(body).encode()), NOW)


def test_an_unknown_code_of_x_is_shown_raw() -> None:
    kind = "https://api.x.com/2/problems/brand-new-problem"
    for status in (400, 403, 422):
        error = x_says(status, type=kind, detail="Something new.", title="New")
        assert isinstance(error, Rejected)
        assert "“Something new.”" in str(error)
        assert "(X's code: brand-new-problem)" in str(error)
    assert "(X's code: 4711)" in str(x_says(403, errors=[{"code": 4711, "message": "Odd."}]))


def test_an_unknown_code_of_linkedin_is_shown_raw() -> None:
    body = {"status": 422, "code": "BRAND_NEW", "message": "Something new"}
    reply = HttpReply(status=422, headers={}, body=json.dumps(body).encode())
    error = refusal(reply, creates=True)
    assert str(error) == 'LinkedIn refused it: "Something new" (BRAND_NEW).'
    body = {"status": 400, "errorDetails": {"inputErrors": [{"code": "ODD", "description": ""}]}}
    reply = HttpReply(status=400, headers={}, body=json.dumps(body).encode())
    assert "(ODD)" in str(refusal(reply, creates=True))


def test_a_trouble_of_the_account_is_not_called_one_of_the_post() -> None:
    """The sentence about a suspended or locked account must not send people to edit their post."""
    for words in ("Your account is suspended.", "To protect our users, this account is temporarily locked."):
        error = x_says(403, title="Forbidden", detail=words, type="about:blank")
        assert isinstance(error, Rejected)
        assert "account" in error.fix
        assert "post" not in error.fix
    gone = x_says(
        403,
        title="Forbidden",
        detail="You attempted to reply to a Tweet that is deleted or not visible to you.",
    )
    assert isinstance(gone, Rejected)
    assert gone.code == "parent_gone"
    assert "account" not in gone.fix
    account_level = {c.code for c in x.CAUSES if c.cause.startswith("The account")}
    assert account_level == {"“… suspended …”", "“… locked …”", "403 on an upload"}
