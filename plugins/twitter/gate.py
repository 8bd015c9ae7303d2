"""Who is calling the simulated X: signatures checked as X checks them. No network here."""

from __future__ import annotations

import hmac
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

from plugins.twitter.oauth1 import METHOD, signature

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.api import Clock
    from plugins.twitter.world import SimAccount

SKEW = timedelta(minutes=5)
"""Minutes a signature's time may differ from X's (reported, not documented)."""


class Gate:
    """Tells whose keys signed a request; remembers nonces, since each may be used once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: set[tuple[str, str]] = set()

    def account(
        self, accounts: Iterable[SimAccount], *, authorization: str, method: str, url: str
    ) -> SimAccount | None:
        """The account a request speaks for; None when nobody's keys fit. ``url`` with its query."""
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return next(
                (a for a in accounts if a.bearer and hmac.compare_digest(a.bearer, rest.strip())), None
            )
        if scheme.lower() != "oauth":
            return None
        sent = {k: unquote(v) for k, v in re.findall(r'(\w+)="([^"]*)"', rest)}
        given = sent.pop("oauth_signature", "")
        sent.pop("realm", None)
        account = next(
            (
                a
                for a in accounts
                if a.api_key == sent.get("oauth_consumer_key") and a.access_token == sent.get("oauth_token")
            ),
            None,
        )
        if account is None or sent.get("oauth_signature_method") != METHOD or not self._fresh(sent):
            return None
        expected = signature(
            method, url, sent.items(), api_secret=account.api_secret, token_secret=account.access_token_secret
        )
        return account if hmac.compare_digest(given, expected) else None

    def _fresh(self, sent: dict[str, str]) -> bool:
        stamp, nonce = sent.get("oauth_timestamp", ""), sent.get("oauth_nonce", "")
        if not stamp.isdigit() or not nonce or (stamp, nonce) in self._seen:
            return False
        self._seen.add((stamp, nonce))
        return abs(self._clock.now().timestamp() - int(stamp)) <= SKEW.total_seconds()
