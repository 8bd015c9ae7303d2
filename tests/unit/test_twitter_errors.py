"""Every answer X is known to give, and what it means to the core and to a person."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from bot.api import (
    AppMisconfigured,
    AuthExpired,
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
from plugins.twitter.errors import call_error, create_error, problem
from plugins.twitter.failures import FAILURES, at
from plugins.twitter.ratelimit import quiet_until

CLOCK = FakeClock()
NOW = CLOCK.now()
WINDOW = timedelta(minutes=15)


def reply_of(name: str) -> Reply:
    failure = at(FAILURES[name], CLOCK)
    body = failure.body if isinstance(failure.body, bytes) else json.dumps(failure.body).encode()
    return HttpReply(status=failure.status, headers=dict(failure.headers), body=body)


def reply(status: int, body: object = b"", **headers: str) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpReply(status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}, body=raw)


CREATE: tuple[tuple[str, type[PublishError], str], ...] = (
    ("F1", Rejected, "duplicate"),
    ("duplicate, legacy", Rejected, "duplicate"),
    ("F2", AuthExpired, ""),
    ("clock", AppMisconfigured, ""),
    ("F3", RateLimited, ""),
    ("F4", RateLimited, ""),
    ("F5", RateLimited, ""),
    ("F6", RateLimited, ""),
    ("429 in html", RateLimited, ""),
    ("F7", AppMisconfigured, ""),
    ("F8", Rejected, "media"),
    ("F9", Rejected, "invalid"),
    ("F10", Rejected, "invalid"),
    ("F11", AppMisconfigured, ""),
    ("F12", AppMisconfigured, ""),
    ("F13", AppMisconfigured, ""),
    ("F14", Rejected, "refused"),
    ("F15", Rejected, "reply"),
    ("F16", Rejected, "not_permitted"),
    ("F17", Rejected, "video_too_long"),
    ("F18", Rejected, "too_large"),
    ("F21", Uncertain, ""),
    ("F22", Uncertain, ""),
    ("F25", AppMisconfigured, ""),
    ("F26", Rejected, "not_found"),
    ("suspended", Rejected, "suspended"),
    ("locked", Rejected, "locked"),
    ("403 in html", Transient, ""),
    ("404 in html", AppMisconfigured, ""),
    ("redirect", AppMisconfigured, ""),
    ("created, in html", Uncertain, ""),
    ("created, no id", Uncertain, ""),
    ("created, then 503", Uncertain, ""),
)


@pytest.mark.parametrize(("name", "kind", "code"), CREATE)
def test_create(name: str, kind: type[PublishError], code: str) -> None:
    error = create_error(reply_of(name), NOW)
    assert type(error) is kind
    if isinstance(error, Rejected):
        assert error.code == code


@pytest.mark.parametrize(("name", "kind", "code"), CREATE)
def test_other_calls_are_never_uncertain(name: str, kind: type[PublishError], code: str) -> None:
    expected = Transient if kind is Uncertain else kind
    if name == "404 in html":
        expected = Rejected
    assert type(call_error(reply_of(name), NOW)) is expected


def test_the_table_misses_no_failure_that_answers() -> None:
    answered = {n for n, f in FAILURES.items() if not (at(f, CLOCK).drop or at(f, CLOCK).truncate)}
    others = {"F19", "F20", "reset in the past", "retry after seconds", "retry after date", "429 and nothing"}
    assert answered - others == {name for name, _, _ in CREATE}


@pytest.mark.parametrize(("name", "kind", "code"), CREATE)
def test_every_sentence_is_plain(name: str, kind: type[PublishError], code: str) -> None:
    for error in (create_error(reply_of(name), NOW), call_error(reply_of(name), NOW, "the file")):
        said = f"{error} {getattr(error, 'fix', '')}"
        assert "X" in said
        assert not any(word in said for word in ("429", "403", "HTTP", "{", "None", "about:blank", "token="))
        assert "?" not in said
        assert str(error)[-1] in ".”"
        assert error.detail.startswith("HTTP ")


@pytest.mark.parametrize(
    ("name", "after", "scope"),
    [
        ("F3", timedelta(seconds=420), "15-minute"),
        ("F4", WINDOW, "15-minute"),
        ("F5", timedelta(seconds=40_000), "daily"),
        ("F6", datetime(2026, 12, 1, tzinfo=UTC) - NOW, "monthly"),
        ("reset in the past", WINDOW, "15-minute"),
        ("retry after seconds", timedelta(seconds=90), "15-minute"),
        ("retry after date", timedelta(seconds=120), "15-minute"),
        ("429 and nothing", WINDOW, "15-minute"),
        ("429 in html", WINDOW, "15-minute"),
    ],
)
def test_how_long_to_wait(name: str, after: timedelta, scope: str) -> None:
    for error in (create_error(reply_of(name), NOW), call_error(reply_of(name), NOW)):
        assert isinstance(error, RateLimited)
        assert error.until == NOW + after
        assert scope in error.scope


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x_rate_limit_reset": str(int(NOW.timestamp()) + 60)}, 60),
        ({"x_rate_limit_remaining": "0", "x_rate_limit_reset": "soon"}, 900),
        ({"x_rate_limit_remaining": "0", "x_rate_limit_reset": str(int(NOW.timestamp()) * 1000)}, 900),
        ({"x_rate_limit_remaining": "0", "x_rate_limit_reset": "nan"}, 900),
        ({"x_rate_limit_remaining": "0", "x_rate_limit_reset": str(int(NOW.timestamp()) + 3 * 86_400)}, 900),
        ({"x_rate_limit_remaining": "0", "x_rate_limit_reset": "9" * 400}, 900),
        ({"x_rate_limit_remaining": "0", "x_rate_limit_reset": str(int(NOW.timestamp()) - 2)}, 5),
        ({"x_rate_limit_remaining": "5", "x_rate_limit_reset": str(int(NOW.timestamp()) + 60)}, 60),
        (
            {
                "x_rate_limit_remaining": "5",
                "x_rate_limit_reset": str(int(NOW.timestamp()) + 60),
                "retry_after": "7",
            },
            7,
        ),
        ({"retry_after": "0"}, 5),
        ({"retry_after": "999999999999"}, 900),
        ({"retry_after": "-3"}, 900),
        ({"retry_after": "Sat, 21 Nov 2026 08:00:00 GMT"}, 900),
        ({"retry_after": "Sat, 21 Nov 2026 09:00:30"}, 30),
        (
            {
                "x_app_limit_24hour_remaining": "0",
                "x_app_limit_24hour_reset": str(int(NOW.timestamp()) + 3600),
                "x_rate_limit_reset": str(int(NOW.timestamp()) + 60),
            },
            3600,
        ),
    ],
)
def test_odd_headers(headers: dict[str, str], seconds: int) -> None:
    error = create_error(reply(429, **headers), NOW)
    assert isinstance(error, RateLimited)
    assert error.until == NOW + timedelta(seconds=seconds)


def test_a_daily_cap_ends_at_midnight() -> None:
    body = {"title": "UsageCapExceeded", "period": "Daily"}
    error = create_error(reply(429, body), NOW)
    assert isinstance(error, RateLimited)
    assert error.until == datetime(2026, 11, 22, tzinfo=UTC)


def test_quiet_after_the_last_allowed_post() -> None:
    soon = str(int(NOW.timestamp()) + 60)
    assert quiet_until(
        reply(201, x_rate_limit_remaining="0", x_rate_limit_reset=soon), NOW
    ) == NOW + timedelta(seconds=60)
    assert quiet_until(reply(201, x_rate_limit_remaining="1", x_rate_limit_reset=soon), NOW) is None
    assert quiet_until(reply(201), NOW) is None
    day = {
        "x_user_limit_24hour_remaining": "0",
        "x_user_limit_24hour_reset": str(int(NOW.timestamp()) + 7200),
    }
    assert quiet_until(reply(201, x_rate_limit_remaining="80", **day), NOW) == NOW + timedelta(seconds=7200)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 599, 408, 200, 201, 204])
def test_what_may_have_created_something_is_uncertain(status: int) -> None:
    assert type(create_error(reply(status), NOW)) is Uncertain


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429, 451])
def test_a_client_error_created_nothing(status: int) -> None:
    assert not isinstance(create_error(reply(status), NOW), Uncertain)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"code": 88, "message": "Over capacity"}, "Over capacity"),
        ({"errors": "none"}, ""),
        ([], ""),
        ("text", ""),
        (b"\xff\xfe", ""),
        ({"title": "Only  a\ntitle"}, "Only a title"),
        ({"detail": None, "title": 7}, ""),
        ({"detail": "x" * 500}, "x" * 199 + "…"),
    ],
)
def test_bodies_of_any_shape(body: object, said: str) -> None:
    assert problem(reply(403, body)).said == said


def test_no_secret_is_repeated() -> None:
    echo = (
        "bad request to https://api.x.com/2/tweets?oauth_token=abc&x=1 "
        'with OAuth oauth_signature="s3cr3t%3D", Bearer dGVzdC1hY2Nlc3MtdG9rZW4'
    )
    error = create_error(reply(403, {"detail": echo}), NOW)
    assert not any(word in str(error) for word in ("abc", "s3cr3t", "dGVzdC"))


def test_types_of_both_hosts_are_the_same() -> None:
    for host in ("api.twitter.com", "api.x.com"):
        body = {"type": f"https://{host}/2/problems/credits", "title": "x"}
        assert isinstance(create_error(reply(403, body), NOW), AppMisconfigured)


def test_failures_are_frozen_data() -> None:
    assert isinstance(FAILURES, MappingProxyType)
    assert replace(at(FAILURES["F21"], CLOCK), effect=True) == Failure(
        status=503,
        headers={"content-type": "application/problem+json"},
        body={
            "title": "Service Unavailable",
            "detail": "Service Unavailable",
            "type": "about:blank",
            "status": 503,
        },
        effect=True,
    )
