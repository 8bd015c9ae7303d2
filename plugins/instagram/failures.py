"""Every way Instagram is known to refuse, by the numbers its pages give it: ``code/subcode``."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.testing.simulator import Failure
from plugins.instagram.causes import CODES, REFUSALS

if TYPE_CHECKING:
    from collections.abc import Mapping

_HTML = b"<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>"


def problem(
    code: int, subcode: int, message: str, *, transient: bool = False, user: str = ""
) -> dict[str, Any]:
    """Meta's error body."""
    return {
        "error": {
            "message": message,
            "type": "OAuthException",
            "code": code,
            **({"error_subcode": subcode} if subcode else {}),
            "is_transient": transient,
            **({"error_user_title": "Not possible", "error_user_msg": user} if user else {}),
            "fbtrace_id": "Asim0000",
        }
    }


def refused(code: int, subcode: int, message: str, *, status: int = 400, user: str = "") -> Failure:
    """An answer with that body."""
    transient = code in (1, 2)
    return Failure(status=status, body=problem(code, subcode, message, transient=transient, user=user))


FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        **{
            f"{k.code}/{k.subcode}" if k.subcode else str(k.code): refused(
                k.code,
                k.subcode,
                f"Sandbox wording of {k.name}",
                status=500 if k.code in (-1, 1, 2) and k.subcode != 2207057 else 400,
            )
            for k in (*REFUSALS, *CODES)
        },
        "250": refused(250, 0, "Permissions error", status=403),
        "transient": Failure(status=400, body=problem(999, 0, "Please try again later", transient=True)),
        "strange": refused(777, 0, "Something new", user="Instagram has a rule that nobody wrote down."),
        "html": Failure(status=502, headers={"content-type": "text/html"}, body=_HTML),
        "empty": Failure(status=504),
        "no id": Failure(status=200, body={}),
        "lost": Failure(effect=True, drop=True),
        "cut": Failure(effect=True, truncate=True),
        "unsent": Failure(drop=True),
        "1 published": Failure(status=500, body=problem(1, 0, "Unknown error", transient=True), effect=True),
        "-1/2207001 published": Failure(status=500, body=problem(-1, 2207001, "Server error"), effect=True),
    }
)
"""Named failures for `Simulator.fail`. What breaks later breaks in the container: see ``breaks``."""
