"""Who may call the simulated server: accounts, sessions that end and are renewed, points that are used up.

Behaviour of com.atproto.server.* and of the rate limits as observed on a real server (2026).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from plugins.bluesky.failures import FAILURES, failure

if TYPE_CHECKING:
    from bot.api import Clock
    from bot.testing.simulator import Failure

ACCESS_LIFE, REFRESH_LIFE, GRACE = timedelta(hours=2), timedelta(days=90), timedelta(hours=2)
ACCESS, REFRESH, SERVICE = "com.atproto.appPass", "com.atproto.refresh", "service"
HOUR_POINTS, DAY_POINTS, ADDRESS_CALLS = 5000, 35_000, 3000
LOGINS = ((30, timedelta(minutes=5)), (300, timedelta(days=1)))


class Refused(Exception):
    """An answer found while judging a call."""

    def __init__(self, answer: Failure) -> None:
        super().__init__(answer.status)
        self.failure = answer


def refused(status: int, name: str, message: str) -> Refused:
    return Refused(failure(status, name, message))


@dataclass(kw_only=True)
class Account:
    """Somebody with a repository here. ``status``: empty, "takendown" or "deactivated"."""

    did: str
    handle: str
    email: str = "acme@example.test"
    app_passwords: set[str] = field(default_factory=set)
    password: str = ""
    factor: bool = False
    confirmed: bool = True
    status: str = ""


@dataclass
class Window:
    """A fixed window that begins with its first call."""

    most: int
    span: timedelta
    used: int = 0
    since: datetime | None = None

    def left(self, now: datetime) -> int:
        if self.since is None or now >= self.since + self.span:
            return self.most
        return max(0, self.most - self.used)

    def take(self, now: datetime, many: int) -> bool:
        if self.since is None or now >= self.since + self.span:
            self.since, self.used = now, 0
        self.used += many
        return self.used <= self.most

    def headers(self, now: datetime) -> dict[str, str]:
        reset = (self.since or now) + self.span
        return {
            "ratelimit-limit": str(self.most),
            "ratelimit-remaining": str(self.left(now)),
            "ratelimit-reset": str(int(reset.timestamp())),
            "ratelimit-policy": f"{self.most};w={int(self.span.total_seconds())}",
        }


@dataclass(kw_only=True)
class Renewable:
    """One refresh token: used once, it goes on for the grace and leads to the same next one."""

    did: str
    ends: datetime
    follower: str = ""


class Desk:
    """Sessions of the accounts of one server; a test may change ``accounts`` and the windows."""

    def __init__(self, clock: Clock, accounts: dict[str, Account]) -> None:
        self._clock = clock
        self.accounts = accounts
        self.address = Window(ADDRESS_CALLS, timedelta(minutes=5))
        self.hours: dict[str, Window] = {}
        self.days: dict[str, Window] = {}
        self.logins: dict[str, list[Window]] = {}
        self.refreshes: dict[str, Renewable] = {}
        self.url = ""
        self._key = b"only of this simulator"
        self._serial = 0

    def sign_in(self, body: dict[str, Any]) -> dict[str, Any]:
        """com.atproto.server.createSession; failed tries count as well."""
        identifier, now = str(body.get("identifier", "")).lower(), self._clock.now()
        windows = self.logins.setdefault(identifier, [Window(*limit) for limit in LOGINS])
        if not all([w.take(now, 1) for w in windows]):
            raise Refused(_limited(next(w for w in windows if not w.left(now)), now))
        account = self.named(identifier)
        given = body.get("password")
        if account is None or given not in {*account.app_passwords, account.password or None}:
            raise Refused(FAILURES["B-F4"])
        if given == account.password and account.factor and not body.get("authFactorToken"):
            raise Refused(FAILURES["B-F5"])
        if account.status == "takendown":
            raise Refused(FAILURES["B-F6"])
        return self._pair(account, self._id())

    def renew(self, token: str) -> dict[str, Any]:
        """com.atproto.server.refreshSession."""
        claims, now = self._claims(token), self._clock.now()
        if claims.get("scope") != REFRESH:
            raise Refused(FAILURES["B-F2"])
        known = self.refreshes.get(str(claims["jti"]))
        if known is None or now >= known.ends:
            raise refused(400, "ExpiredToken", "Token has been revoked")
        account = self.accounts[known.did]
        if account.status == "takendown":
            raise Refused(FAILURES["B-F6"])
        known.follower = known.follower or self._id()
        known.ends = min(known.ends, now + GRACE)
        return self._pair(account, known.follower)

    def revoke(self, did: str, password: str) -> None:
        """An app password is taken away, and every session it made cannot be renewed."""
        self.accounts[did].app_passwords.discard(password)
        for token in [t for t, r in self.refreshes.items() if r.did == did]:
            del self.refreshes[token]

    def account(self, header: str) -> Account:
        """Whose access token it is."""
        scheme, _, token = header.partition(" ")
        if scheme != "Bearer" or not token:
            raise Refused(FAILURES["B-F3"])
        claims = self._claims(token)
        if claims.get("scope") != ACCESS:
            raise refused(400, "InvalidToken", "Bad token scope")
        account = self.accounts[str(claims["sub"])]
        if account.status:
            raise Refused(FAILURES["B-F6" if account.status == "takendown" else "B-F6 deactivated"])
        return account

    def service(self, account: Account, query: dict[str, str]) -> str:
        """com.atproto.server.getServiceAuth."""
        now = self._clock.now()
        ends = int(query.get("exp", now.timestamp() + 60))
        if ends > (now + timedelta(hours=1)).timestamp():
            raise refused(
                400, "BadExpiration", "cannot request a token with an expiration more than an hour away"
            )
        return self._signed(
            {
                "scope": SERVICE,
                "iss": account.did,
                "aud": query.get("aud"),
                "lxm": query.get("lxm"),
                "exp": ends,
            }
        )

    def guest(self, header: str, method: str) -> Account:
        """Whose service token it is, and whether it is for this method."""
        scheme, _, token = header.partition(" ")
        if scheme != "Bearer" or not token:
            raise Refused(FAILURES["B-F3"])
        claims = self._claims(token)
        if claims.get("scope") != SERVICE or claims.get("lxm") != method:
            raise refused(401, "BadJwtLexiconMethod", "bad jwt lexicon method")
        return self.accounts[str(claims["iss"])]

    def charge(self, account: Account, points: int) -> None:
        """Take write points; the hour and the day must both have them."""
        now, did = self._clock.now(), account.did
        hour = self.hours.setdefault(did, Window(HOUR_POINTS, timedelta(hours=1)))
        day = self.days.setdefault(did, Window(DAY_POINTS, timedelta(days=1)))
        for window in (hour, day):
            if not window.take(now, points):
                raise Refused(_limited(window, now))

    def headers(self, did: str | None) -> dict[str, str]:
        """What is left, of the window with the least."""
        now = self._clock.now()
        windows = [self.address, *(w[did] for w in (self.hours, self.days) if did in w)]
        return min(windows, key=lambda w: w.left(now)).headers(now)

    def named(self, identifier: str) -> Account | None:
        """By DID, handle or e-mail address."""
        return next((a for a in self.accounts.values() if identifier in (a.did, a.handle, a.email)), None)

    def _pair(self, account: Account, follower: str) -> dict[str, Any]:
        now = self._clock.now()
        self.refreshes.setdefault(follower, Renewable(did=account.did, ends=now + REFRESH_LIFE))
        claims = {"sub": account.did, "iat": int(now.timestamp())}
        access = {**claims, "scope": ACCESS, "exp": int((now + ACCESS_LIFE).timestamp()), "jti": self._id()}
        refresh = {**claims, "scope": REFRESH, "exp": int((now + REFRESH_LIFE).timestamp()), "jti": follower}
        return {
            "accessJwt": self._signed(access),
            "refreshJwt": self._signed(refresh),
            **self.described(account),
        }

    def described(self, account: Account) -> dict[str, Any]:
        """What sessions say of their account."""
        return {
            "did": account.did,
            "handle": account.handle,
            "email": account.email,
            "emailConfirmed": account.confirmed,
            "emailAuthFactor": account.factor,
            "didDoc": {
                "id": account.did,
                "alsoKnownAs": [f"at://{account.handle}"],
                "service": [
                    {
                        "id": "#atproto_pds",
                        "type": "AtprotoPersonalDataServer",
                        "serviceEndpoint": self.url,
                    }
                ],
            },
            "active": not account.status,
            **({"status": account.status} if account.status else {}),
        }

    def _claims(self, token: str) -> dict[str, Any]:
        head, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature, self._signature(head)):
            raise Refused(FAILURES["B-F2"])
        claims: dict[str, Any] = json.loads(_unpacked(head.split(".")[1]))
        if self._clock.now() >= datetime.fromtimestamp(claims["exp"], UTC):
            raise Refused(FAILURES["B-F1"])
        return claims

    def _signed(self, claims: dict[str, Any]) -> str:
        head = ".".join(
            _packed(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)
        )
        return f"{head}.{self._signature(head)}"

    def _signature(self, head: str) -> str:
        return _packed(hmac.new(self._key, head.encode(), hashlib.sha256).digest())

    def _id(self) -> str:
        self._serial += 1
        return f"session-{self._serial:06d}"


def _limited(window: Window, now: datetime) -> Failure:
    return failure(
        429,
        "RateLimitExceeded",
        "Rate Limit Exceeded",
        **{name.replace("-", "_"): value for name, value in window.headers(now).items()},
    )


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
