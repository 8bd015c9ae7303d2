"""Who may call the simulated LinkedIn, with which version, and how often a day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from bot.testing.simulator import Failure
from plugins.linkedin.failures import FAILURES, problem
from plugins.linkedin.rules import ORGANIZATION, SIMULATED_AUTHOR, SIMULATED_TOKEN, SUNSETS
from plugins.linkedin.simulated import COMMUNITY, SELF_SERVE, Token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api import Clock

MEMBER_TOKEN = "simulated-member-token"
MEMBER = "AbC123"
POSTERS = frozenset({"ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"})
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Refused(Exception):
    """An answer found while judging a call."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.status)
        self.failure = failure


class Gate:
    """One app with two tokens: the page's (vetted) and the member's (self-serve).

    A test may change ``tokens``, ``roles`` ((member, page) → role), ``sunsets`` (version →
    first day it is dead) and the quotas, which are per endpoint and UTC day.
    """

    def __init__(self, clock: Clock) -> None:
        self.tokens = {
            SIMULATED_TOKEN: Token(member=MEMBER, scopes=COMMUNITY, expires=NEVER),
            MEMBER_TOKEN: Token(member=MEMBER, scopes=SELF_SERVE, expires=NEVER),
        }
        self.roles: dict[tuple[str, str], str] = {(MEMBER, SIMULATED_AUTHOR): "ADMINISTRATOR"}
        self.sunsets = dict(SUNSETS)
        self.member_quota, self.app_quota = 100_000, 1_000_000
        self._clock = clock
        self._used: Counter[tuple[date, str, str]] = Counter()

    def consent(self, member: str, token: str, scopes: frozenset[str]) -> None:
        """The member consents anew: with other scopes, every earlier token of theirs is revoked."""
        for other in self.tokens.values():
            if other.member == member and other.scopes != scopes:
                other.state = "revoked"
        self.tokens[token] = Token(member=member, scopes=scopes, expires=NEVER)

    def version(self, headers: Mapping[str, str]) -> str:
        """The API version a call asks for, if it lives."""
        version = headers.get("LinkedIn-Version")
        if not version:
            raise Refused(FAILURES["L-F3"])
        end = self.sunsets.get(version)
        if end is None or self._clock.now().date() >= end:
            raise refused(426, "NONEXISTENT_VERSION", f"Requested version {version}01 is not active")
        return version

    def token(self, headers: Mapping[str, str]) -> Token:
        """The token a call brings, if it is good."""
        scheme, _, value = headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not value:
            raise Refused(FAILURES["L-F7"])
        token = self.tokens.get(value)
        if token is None:
            raise Refused(FAILURES["L-F4"])
        if token.state == "revoked":
            raise Refused(FAILURES["L-F5"])
        if token.state == "expired" or self._clock.now() >= token.expires:
            raise Refused(FAILURES["L-F6"])
        return token

    def allow(self, token: Token, author: str, resource: str, *, write: bool) -> None:
        """Scope and role, then the quotas."""
        kind = "w" if write else "r"
        if author.startswith(ORGANIZATION):
            role = self.roles.get((token.member, author))
            allowed = f"{kind}_organization_social" in token.scopes and role in POSTERS
        else:
            allowed = f"{kind}_member_social" in token.scopes and author == f"urn:li:person:{token.member}"
        if not allowed:
            raise denied(resource)
        self.charge(token, resource)

    def charge(self, token: Token, resource: str) -> None:
        """Count a call against the member's and the app's quota of the day."""
        today = self._clock.now().date()
        endpoint = resource.rpartition(".")[0]
        for who, quota in ((token.member, self.member_quota), ("", self.app_quota)):
            if self._used[today, who, endpoint] >= quota:
                raise Refused(FAILURES["L-F9"])
            self._used[today, who, endpoint] += 1


def refused(status: int, code: str, message: str) -> Refused:
    """A refusal with LinkedIn's error body."""
    return Refused(Failure(status=status, body=problem(status, code, message)))


def denied(resource: str) -> Refused:
    """The 403 that names what was asked for."""
    message = f"Not enough permissions to access: {resource}"
    return Refused(Failure(status=403, body=problem(403, "ACCESS_DENIED", message, 100)))
