"""Accounts that are connected by their owner's consent: how a platform grants, and who keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from bot.config.secret import Secret
from bot.domain.grant import Grant
from bot.ports.world import Reply


class ClientProof(StrEnum):
    """How an app proves itself where tokens are given out (RFC 6749 §2.3.1)."""

    BASIC = "basic"
    FORM = "form"


class Renewal(StrEnum):
    """Whether tokens can be renewed without a person; ``rotating``: each refresh token works once."""

    NONE = "none"
    STABLE = "stable"
    ROTATING = "rotating"


def invalid_grant(reply: Reply) -> bool:
    """Whether the answer says that the refresh token itself is no good (RFC 6749 §5.2)."""
    body = reply.json()
    return isinstance(body, dict) and body.get("error") == "invalid_grant"


def no_more(_settings: Any) -> tuple[str, ...]:
    """For platforms where every account needs the same."""
    return ()


@dataclass(frozen=True, kw_only=True)
class OAuth:
    """A platform's OAuth 2.0: the authorization code flow.

    ``replaces``: the settings fields that are not needed once an account is connected.
    ``client_id`` and ``client_secret`` name the settings fields of the app; without
    ``secret_needed`` an app may do without the second. ``margin``: how long before its end a
    token is renewed. ``more_scopes``: what an account with these settings needs beside ``scopes``.
    ``is_dead``: whether an answer says that the refresh token is no good.
    """

    authorize_url: str
    token_url: str
    revoke_url: str = ""
    scopes: tuple[str, ...]
    replaces: tuple[str, ...]
    proof: ClientProof = ClientProof.FORM
    pkce: bool = True
    renewal: Renewal = Renewal.NONE
    margin: timedelta = timedelta(minutes=5)
    client_id: str = "client_id"
    client_secret: str = "client_secret"
    secret_needed: bool = False
    more_scopes: Callable[[Any], tuple[str, ...]] = no_more
    is_dead: Callable[[Reply], bool] = invalid_grant


class Tokens(Protocol):
    """What a publisher asks before it speaks for a connected account."""

    async def bearer(self) -> str:
        """An access token that is good now; renewed first when little is left of it.

        Raises `AuthExpired`, `AppMisconfigured` or `Transient`, and nothing was sent then.
        """

    async def renewed(self, refused: str) -> str:
        """Another token, after the platform answered 401 to ``refused``; raises as `bearer` does."""

    async def scopes(self) -> frozenset[str]:
        """What the account's owner allowed."""


class Seal(Protocol):
    """Makes secrets unreadable to whoever steals the database."""

    def seal(self, values: Mapping[str, str]) -> str:
        """Text that only `unseal` can read."""

    def unseal(self, sealed: str) -> Mapping[str, str]:
        """The inverse; raises `KeyLost` when no key fits or the text is damaged."""


class Grants(Protocol):
    """The rows of `Grant`; whoever changes one must have seen its newest version."""

    def get(self, account: str) -> Grant | None: ...
    def all(self, *, lock: bool = False) -> tuple[Grant, ...]:
        """Every grant; ``lock``: nobody changes them before this transaction ends."""

    def add(self, grant: Grant) -> bool:
        """Write the first grant of an account; False when there is one already."""

    def save(self, grant: Grant) -> bool:
        """Overwrite the row if it is still at ``grant.version``, which then counts on; else False."""


Keep = Callable[[Secret], None]
"""Told about every secret that comes into being, so that the log can leave it out."""
