"""Who may call the simulated Graph API: version, token, proof, permission, and how often."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from bot.testing.simulator import Failure
from plugins.instagram.failures import refused
from plugins.instagram.simulated import (
    INSTAGRAM_TOKEN,
    SIMULATED_ACCOUNT,
    SIMULATED_SECRET,
    SIMULATED_TOKEN,
    USER_TOKEN,
    Token,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Clock

VERSIONS = frozenset({"v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0"})


class Refused(Exception):
    """An answer found while judging a call."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.status)
        self.failure = failure


def refuse(code: int, subcode: int, message: str, *, status: int = 400) -> Refused:
    """A refusal with Meta's error body."""
    return Refused(refused(code, subcode, message, status=status))


class Gate:
    """One app and its tokens by either door.

    A test may change ``tokens``, ``versions``, ``proof_needed``, and ``percent`` (how much of the calls
    is used; ``step`` is added by every call, at 100 they are refused and ``regain`` minutes named).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        now = clock.now()
        self.tokens = {
            SIMULATED_TOKEN: Token(kind="page", made_at=now),
            INSTAGRAM_TOKEN: Token(kind="instagram", made_at=now),
            USER_TOKEN: Token(kind="user", made_at=now),
        }
        self.versions = VERSIONS
        self.proof_needed = False
        self.percent, self.step, self.regain = 1.0, 0.0, 0

    def enter(
        self, version: str, headers: Mapping[str, str], query: Mapping[str, str], body: Mapping[str, Any]
    ) -> Token:
        """Judge a call in Meta's order; raises `Refused`."""
        if version not in self.versions:
            raise refuse(2500, 0, f"Unknown path components: /{version}")
        value = self._value(headers, query, body)
        token = self.token(value)
        proof = str(query.get("appsecret_proof") or body.get("appsecret_proof") or "")
        if proof and not hmac.compare_digest(
            proof, hmac.digest(SIMULATED_SECRET.encode(), value.encode(), sha256).hex()
        ):
            raise refuse(100, 0, "Invalid appsecret_proof provided in the API argument")
        if self.proof_needed and not proof:
            raise refuse(100, 0, "API calls from the server require an appsecret_proof argument")
        if self.percent >= 100:
            raise refuse(80002, 0, "There have been too many calls to this Instagram account.")
        self.percent = min(100.0, self.percent + self.step)
        return token

    def token(self, value: str) -> Token:
        """The token of that value, if it is good."""
        token = self.tokens.get(value)
        if token is None:
            raise refuse(190, 0, "Invalid OAuth access token - Cannot parse access token", status=401)
        if token.state or self._clock.now() >= token.expires:
            raise refuse(190, token.state or 463, "Error validating access token", status=401)
        return token

    def allow(self, token: Token, scope: str) -> None:
        """Raises `Refused` without the permission."""
        if scope not in token.scopes:
            raise refuse(10, 0, "Application does not have permission for this action", status=403)

    def headers(self) -> dict[str, str]:
        """The usage headers of every answer."""
        used = round(self.percent)
        one = {"type": "instagram", "call_count": used, "total_cputime": 1, "total_time": 1}
        mine = [{**one, "estimated_time_to_regain_access": self.regain if used >= 100 else 0}]
        return {
            "x-app-usage": json.dumps({"call_count": used, "total_cputime": 1, "total_time": 1}),
            "x-business-use-case-usage": json.dumps({SIMULATED_ACCOUNT: mine}),
            "x-fb-trace-id": "Asim0000",
            "facebook-api-version": "v26.0",
        }

    def _value(self, headers: Mapping[str, str], query: Mapping[str, str], body: Mapping[str, Any]) -> str:
        scheme, _, value = headers.get("Authorization", "").partition(" ")
        if scheme in ("Bearer", "OAuth") and value:
            return value
        value = str(query.get("access_token") or body.get("access_token") or "")
        if not value:
            raise refuse(2500, 0, "An active access token must be used to query information", status=400)
        return value
