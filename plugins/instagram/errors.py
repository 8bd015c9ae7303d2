"""Meta's refusals, told apart by their two numbers, never by the English message.

An answer that is no success is an object ``error`` with ``code``, ``error_subcode``, ``is_transient``,
``error_user_msg`` and ``fbtrace_id``, mostly with status 400. A container that broke says it in free text
with the subcode at its end, so there the number is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.api import (
    AppMisconfigured,
    AuthExpired,
    PublishError,
    RateLimited,
    Rejected,
    Transient,
    Uncertain,
    Unsupported,
)
from plugins.instagram.causes import Course, known

if TYPE_CHECKING:
    from bot.api import Reply

SUBCODE = re.compile(r"\b2207\d{3}\b")
QUOTE = 200
QUOTA_WAIT, SPAM_WAIT, RATE_WAIT = timedelta(hours=1), timedelta(hours=3), timedelta(minutes=15)
"""How long is waited where Meta does not say; the first window rolls, so room may come any minute."""

BY_STATUS: Mapping[int, int] = MappingProxyType({401: 190, 429: 4})
"""What a status means that came without Meta's own numbers."""

SCOPES = "instagram_business_content_publish (or instagram_content_publish by Facebook Login)"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A refusal as it was read."""

    code: int = 0
    subcode: int = 0
    said: str = ""
    transient: bool = False
    detail: str = ""

    @property
    def course(self) -> Course:
        """What is done about it."""
        entry = known(self.code, self.subcode)
        if entry is not None and entry.course is not Course.PROBE:
            return entry.course
        if self.transient or (entry is not None and entry.course is Course.PROBE):
            return Course.PROBE
        return Course.REJECT

    @property
    def words(self) -> tuple[str, str]:
        """What people read, and the way out; Meta's own words where we have none."""
        entry = known(self.code, self.subcode)
        if entry is not None:
            return entry.cause, entry.fix
        return (f'Instagram refused it: "{self.said}"' if self.said else "Instagram refused it."), ""


def fault_of(reply: Reply) -> Fault | None:
    """What an answer says went wrong; None for a success. HTML, or nothing, is passing trouble."""
    body = reply.json()
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        return read_error(error, reply.status)
    if 200 <= reply.status < 300 and isinstance(body, dict | list):
        return None
    detail = f"status={reply.status} not Meta's"
    if reply.status in BY_STATUS:
        return Fault(code=BY_STATUS[reply.status], detail=detail)
    if 400 <= reply.status < 500 and reply.status != 408 and isinstance(body, dict):
        return Fault(said=" ".join(str(body.get("message") or "").split())[:QUOTE], detail=detail)
    return Fault(code=2, transient=True, detail=detail)


def read_error(error: dict[str, Any], status: int) -> Fault:
    """The object ``error`` of an answer."""
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    said = " ".join(str(error.get("error_user_msg") or error.get("message") or "").split())[:QUOTE]
    trace = str(error.get("fbtrace_id") or "")[:40]
    return Fault(
        code=code,
        subcode=subcode,
        said=said,
        # a number of Meta's own means more than the status it came with
        transient=error.get("is_transient") is True or (status >= 500 and known(code, subcode) is None),
        detail=f"status={status} code={code} subcode={subcode} trace={trace}",
    )


def broken_container(status: str) -> Fault:
    """What the free text of a container with ``status_code`` ERROR means."""
    found = SUBCODE.search(status)
    subcode = int(found[0]) if found else 0
    entry = known(0, subcode)
    said = " ".join(status.split())[:QUOTE]
    detail = f"container ERROR subcode={subcode}"
    if entry is None:
        # the text names no reason; a file that was refused for good is refused again
        return Fault(code=-1, subcode=2207032, said=said, detail=detail)
    return Fault(code=entry.code, subcode=subcode, said=said, detail=detail)


def refusal(
    fault: Fault, now: datetime, *, creates: bool = False, until: datetime | None = None
) -> PublishError:
    """The error a fault means. ``creates``: the call may bring something into being that others see.

    ``until``: when Meta's headers say that calls are taken again.
    """
    cause, fix = fault.words
    detail = fault.detail
    match fault.course:
        case Course.TOKEN:
            said = cause.rstrip(".")
            return AuthExpired(
                f"Instagram no longer accepts this account ({said[:1].lower()}{said[1:]}). Connect it again.",
                detail=detail,
            )
        case Course.PAUSE:
            return AuthExpired(f"{cause} {fix} Then connect it again.", detail=detail)
        case Course.RIGHT if fault.code == 2500:
            return AppMisconfigured(f"{cause} {fix}", detail=detail)
        case Course.RIGHT:
            return AppMisconfigured(
                "Instagram does not let this app do that: it needs the permission "
                f"{SCOPES}. Grant it and connect the account again.",
                detail=detail,
            )
        case Course.QUOTA:
            return RateLimited(now + QUOTA_WAIT, scope="its limit for 24 hours", detail=detail)
        case Course.SPAM:
            return RateLimited(
                now + SPAM_WAIT,
                scope="it takes our posts for spam; the Instagram app says more",
                detail=detail,
            )
        case Course.RATE:
            return RateLimited(until or now + RATE_WAIT, scope="its limit", detail=detail)
        case Course.PROBE | Course.AFRESH if creates:
            return Uncertain("Instagram did not say whether it published the post.", detail=detail)
        case Course.AGAIN if fault.code == 100 and creates:
            return Uncertain("Instagram did not say whether it published the post.", detail=detail)
        case Course.AGAIN:
            return Transient(f"{cause.rstrip('.')}; nothing was published.", detail=detail)
        case Course.PROBE:
            return Transient("Instagram has trouble at the moment.", detail=detail)
        case Course.AFRESH | Course.FETCH:
            return Rejected(cause, code=_code(fault), fix=fix, detail=detail, restage=True)
        case _:
            return Rejected(cause, code=_code(fault), fix=fix, detail=detail)


def cannot_delete() -> Unsupported:
    """Why a post is not taken down by Instagram Login."""
    return Unsupported(
        "Instagram lets no app delete a post that came in by Instagram Login. Delete it in the Instagram app."
    )


def _code(fault: Fault) -> str:
    return str(fault.subcode or fault.code)


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
