"""Every documented way in which X fails, as data for its simulator.

Bodies and headers as X's documents and field reports of 2026 give them; the names F1 to
F26 are those of the reference for simulators. ``sim.fail("POST /2/tweets", FAILURES["F3"])``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any

from bot.api import Clock
from bot.testing.simulator import LOST_REPLY, Failure

ClockFailure = Callable[[Clock], Failure]
"""A failure whose headers depend on the time."""

PROBLEMS = "https://api.twitter.com/2/problems/"
HEALTHY = MappingProxyType({"x-rate-limit-limit": "100", "x-rate-limit-remaining": "99"})
TOO_MANY = MappingProxyType(
    {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
)


def forbidden(said: str) -> Failure:
    """A 403 that only its sentence explains."""
    body = {"detail": said, "type": "about:blank", "title": "Forbidden", "status": 403}
    return Failure(status=403, headers=HEALTHY, body=body)


def invalid(said: str, parameters: Mapping[str, Any] | None = None) -> Failure:
    """A 400 with X's sentence and the parameters it complains about."""
    error = {"message": said} if parameters is None else {"parameters": dict(parameters), "message": said}
    body = {
        "errors": [error],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}invalid-request",
    }
    return Failure(status=400, headers=HEALTHY, body=body)


def not_found(post_id: str) -> dict[str, Any]:
    """The problem object for a post that is not there."""
    return {
        "title": "Not Found Error",
        "detail": f"Could not find tweet with id: [{post_id}].",
        "type": f"{PROBLEMS}resource-not-found",
        "resource_type": "tweet",
        "parameter": "id",
        "value": post_id,
        "resource_id": post_id,
    }


def not_yours(post_id: str, parameter: str) -> dict[str, Any]:
    """The problem object for private counts of a post that is too old for them."""
    return {
        "resource_id": post_id,
        "resource_type": "tweet",
        "field": "non_public_metrics",
        "parameter": "tweet.fields",
        "section": "data",
        "title": "Field Authorization Error",
        "detail": "Sorry, you are not authorized to access 'non_public_metrics' on the Tweet with "
        f"{parameter} : [{post_id}].",
        "type": f"{PROBLEMS}not-authorized-for-field",
    }


def window(clock: Clock) -> Failure:
    """The 15-minute window is used up and ends in seven minutes."""
    return limited({"x-rate-limit-remaining": "0", "x-rate-limit-reset": _epoch(clock, 420)})


def daily(clock: Clock) -> Failure:
    """The window looks healthy, the day does not."""
    return limited(
        {
            "x-rate-limit-remaining": "80",
            "x-rate-limit-reset": _epoch(clock, 420),
            "x-user-limit-24hour-limit": "17",
            "x-user-limit-24hour-remaining": "0",
            "x-user-limit-24hour-reset": _epoch(clock, 40_000),
        }
    )


def capped(clock: Clock) -> Failure:
    """The month's cap is used up while the headers look healthy."""
    body = {
        "account_id": 1001,
        "product_name": "standard-basic",
        "title": "UsageCapExceeded",
        "period": "Monthly",
        "scope": "Product",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": f"{PROBLEMS}usage-capped",
    }
    headers = {"x-rate-limit-remaining": "39999", "x-rate-limit-reset": _epoch(clock, 420)}
    return Failure(status=429, headers=headers, body=body)


def limited(headers: Mapping[str, str], body: Any = TOO_MANY) -> Failure:
    """A 429 with these headers."""
    return Failure(status=429, headers=headers, body=dict(body) if isinstance(body, Mapping) else body)


def reset_in_the_past(clock: Clock) -> Failure:
    """A window that ended an hour ago, and still a 429."""
    return limited({"x-rate-limit-remaining": "0", "x-rate-limit-reset": _epoch(clock, -3600)})


def retry_date(clock: Clock) -> Failure:
    """A proxy's ``Retry-After`` as a date, two minutes ahead."""
    return limited({"retry-after": format_datetime(clock.now() + timedelta(seconds=120), usegmt=True)})


def _epoch(clock: Clock, seconds: int) -> str:
    return str(int(clock.now().timestamp()) + seconds)


def _problem(status: int, kind: str, title: str, said: str, **more: Any) -> Failure:
    body = {"title": title, "status": status, "detail": said, "type": f"{PROBLEMS}{kind}", **more}
    return Failure(status=status, headers=HEALTHY, body=body)


def processed(info: Mapping[str, Any]) -> Failure:
    """An answer to STATUS that ends a file's way."""
    return Failure(status=200, headers=HEALTHY, body={"data": {"id": "1", "processing_info": dict(info)}})


HTML = MappingProxyType({"content-type": "text/html"})
UNAUTHORIZED = MappingProxyType(
    {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
)

FAILURES: Mapping[str, Failure | ClockFailure] = MappingProxyType(
    {
        "F1": forbidden("You are not allowed to create a Tweet with duplicate content."),
        "F2": Failure(status=401, body=dict(UNAUTHORIZED)),
        "F3": window,
        "F4": limited({}, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}),
        "F5": daily,
        "F6": capped,
        "F7": Failure(
            status=402,
            body={
                "account_id": 1001,
                "title": "CreditsDepleted",
                "detail": "Your enrolled account does not have any credits to fulfill this request.",
                "type": f"{PROBLEMS}credits",
            },
        ),
        "F8": invalid("Your media IDs are invalid.", {"media.media_ids": ["[2123929700000000002]"]}),
        "F9": invalid(
            "You can only provide one of poll or quote_tweet_id or direct_message_deep_link or media "
            "or card_uri.",
            {"poll": ["{options: [a, b], duration_minutes: 60}"], "media": ["{media_ids: [1]}"]},
        ),
        "F10": invalid(
            "$.txt: is not defined in the schema and the schema does not allow additional properties"
        ),
        "F11": Failure(
            status=403,
            headers={"x-access-level": "read"},
            body={
                "title": "Forbidden",
                "status": 403,
                "detail": "Your client app is not configured with the appropriate oauth1 app permissions "
                "for this endpoint.",
                "type": "https://api.x.com/2/problems/oauth1-permissions",
            },
        ),
        "F12": _problem(
            403,
            "unsupported-authentication",
            "Unsupported Authentication",
            "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported "
            "authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
        ),
        "F13": _problem(
            403,
            "client-forbidden",
            "Client Forbidden",
            "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens "
            "from a Twitter developer App that is attached to a Project.",
            client_id="1001",
            reason="client-not-enrolled",
            registration_url="https://developer.x.com/en/docs/projects/overview",
            required_enrollment="Appropriate Level of API Access",
        ),
        "F14": forbidden("Forbidden"),
        "F15": forbidden(
            "Reply to this conversation is not allowed because you have not been mentioned or otherwise "
            "engaged by the author of the post you are replying to."
        ),
        "F16": forbidden("You are not permitted to perform this action."),
        "F17": forbidden("This user is not allowed to post a video longer than 20 minutes."),
        "F18": Failure(status=413),
        "F19": processed(
            {
                "state": "failed",
                "progress_percent": 100,
                "error": {"code": 1, "name": "InvalidMedia", "message": "Unsupported video format"},
            }
        ),
        "F20": processed(
            {
                "state": "in_progress",
                "check_after_secs": 5,
                "progress_percent": 99,
                "error": {"code": 3, "name": "UnsupportedMedia", "message": "Duration too long"},
            }
        ),
        "F21": Failure(
            status=503,
            headers={"content-type": "application/problem+json"},
            body={
                "title": "Service Unavailable",
                "detail": "Service Unavailable",
                "type": "about:blank",
                "status": 503,
            },
        ),
        "F22": Failure(status=502, headers=HTML, body=b"<html><body>Bad Gateway</body></html>"),
        "F23": LOST_REPLY,
        "F25": Failure(
            status=401,
            body={"error": "unauthorized_client", "error_description": "Missing valid authorization header"},
        ),
        "F26": Failure(status=404, body=not_found("1")),
        "suspended": forbidden("Your account is suspended and is not permitted to access this feature."),
        "locked": forbidden("To protect our users from spam, your account is temporarily locked."),
        "reset in the past": reset_in_the_past,
        "retry after seconds": limited({"retry-after": "90"}),
        "retry after date": retry_date,
        "429 and nothing": Failure(status=429),
        "429 in html": Failure(status=429, headers=HTML, body=b"<html>slow down</html>"),
        "403 in html": Failure(status=403, headers=HTML, body=b"<html>Attention Required</html>"),
        "404 in html": Failure(status=404, headers=HTML, body=b"<html>Not Found</html>"),
        "clock": Failure(status=401, body={"errors": [{"code": 135, "message": "Timestamp out of bounds."}]}),
        "duplicate, legacy": Failure(
            status=403, body={"errors": [{"code": 187, "message": "Status is a duplicate."}]}
        ),
        "redirect": Failure(status=301, headers={"location": "https://example.com/elsewhere?key=1"}),
        "created, in html": Failure(
            status=200, headers=HTML, body=b"<html><body>OK</body></html>", effect=True
        ),
        "created, cut off": Failure(status=201, effect=True, truncate=True),
        "created, no id": Failure(status=201, body={"data": {"text": "stored"}}, effect=True),
        "created, then 503": Failure(status=503, body={"title": "Service Unavailable"}, effect=True),
    }
)
"""All named failures; a function of the clock where a header tells a time."""


def at(failure: Failure | ClockFailure, clock: Clock) -> Failure:
    """The failure as it is now."""
    return failure if isinstance(failure, Failure) else failure(clock)
