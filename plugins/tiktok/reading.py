"""TikTok's envelope: ``{"data": {…}, "error": {"code": "ok", "message": "", "log_id": "…"}}``.

Success is ``error.code == "ok"``, not HTTP 200 (developers.tiktok.com, tiktok-api-v2-error-handling).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Reply

OK = "ok"


@dataclass(frozen=True, kw_only=True)
class Said:
    """One answer. ``code`` is empty where TikTok itself did not answer (HTML, nothing, another shape)."""

    status: int
    code: str = ""
    message: str = ""
    log_id: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    after: str = ""

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300 and self.code == OK

    @property
    def detail(self) -> str:
        """For the log."""
        return f"status={self.status} code={self.code or '-'} log_id={self.log_id or '-'}"


def read(reply: Reply) -> Said:
    """The envelope, as far as there is one; the flat errors of the token endpoint are read too."""
    body = reply.json()
    body = body if isinstance(body, dict) else {}
    error, data = body.get("error"), body.get("data")
    if not isinstance(error, dict):
        error = {"code": error, "message": body.get("error_description"), "log_id": body.get("log_id")}
    return Said(
        status=reply.status,
        code=_text(error.get("code"), 64),
        message=_text(error.get("message"), 200),
        log_id=_text(error.get("log_id"), 64),
        data=data if isinstance(data, dict) else {},
        after=reply.headers.get("retry-after", ""),
    )


def number(value: object) -> int | None:
    """A count, or None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def identifier(value: object) -> str:
    """An id as text: TikTok writes its ids, which are larger than 2^53, as bare numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return str(value)
    return value if isinstance(value, str) and value.isascii() and value.isdigit() else ""


def _text(value: object, most: int) -> str:
    return " ".join(value.split())[:most] if isinstance(value, str) else ""
