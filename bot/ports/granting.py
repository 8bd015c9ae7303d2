"""Accounts that are connected by their owner's consent: how a platform grants, and who keeps it.

Most platforms speak RFC 6749 and are described by the plain fields of `OAuth`. One that goes other ways
(a second exchange, a renewal without a refresh token) says so with ``redeem`` and ``renew``: generators
that yield the requests to make and are sent the answers, so that they do no I/O themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
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


def invalid_client(reply: Reply) -> bool:
    """Whether the answer is about our app, not about the account (RFC 6749 §5.2)."""
    body = reply.json()
    return isinstance(body, dict) and body.get("error") in ("invalid_client", "unauthorized_client")


def as_it_is(challenge: str) -> str:
    """The challenge as RFC 7636 §4.2 writes it: base64url of the SHA-256 of the verifier."""
    return challenge


@dataclass(frozen=True, kw_only=True)
class AppKeys:
    """The app that asks, for `OAuth.redeem` and `OAuth.renew`; ``settings`` are the account's."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    settings: Any = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class GivenCode:
    """What a redirect brought, and what the request before it said."""

    code: str = field(repr=False)
    redirect: str
    verifier: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class TokenAsk:
    """One request on the way to tokens; nothing is added to it.

    ``url`` is the platform's own address (empty for ``token_url``); where the account points elsewhere,
    the core moves it there. ``form`` goes into the body, ``query`` behind the address.
    """

    url: str = ""
    method: str = "POST"
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


TokenSteps = Generator[TokenAsk, Mapping[str, Any], Mapping[str, Any]]
"""Yields requests, is sent the JSON of each good answer, and returns the tokens under the names of
RFC 6749 §5.1: ``access_token``, ``refresh_token``, ``expires_in``, ``scope`` (and
``refresh_expires_in``). Pure: it may be run again. A refusal ends it, and the core judges that.
May raise `PublishError` about what an answer says.
"""


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
    ``is_dead``: whether an answer says that the refresh token is no good; ``is_ours``: whether it is
    about our app.

    Dialects: ``id_name`` is what the platform calls the client id, ``separator`` what stands between
    scopes, ``extra`` what else the address of consent carries; ``challenge`` turns RFC 7636's challenge
    into the platform's. ``redeem``: from a code to tokens, ``renew``: from the refresh token to new
    ones, where that is not one POST to ``token_url`` (`TokenSteps`). A platform that renews with the
    access token itself returns that as ``refresh_token`` too. ``door``: the flow of an account with these
    settings, where a platform has several; the settings fields stay the same. ``elsewhere`` is set by the
    core: the address that takes the place of the platform's own hosts.
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
    is_ours: Callable[[Reply], bool] = invalid_client
    id_name: str = "client_id"
    separator: str = " "
    extra: Mapping[str, str] = field(default_factory=dict)
    challenge: Callable[[str], str] = as_it_is
    redeem: Callable[[AppKeys, GivenCode], TokenSteps] | None = None
    renew: Callable[[AppKeys, str], TokenSteps] | None = None
    door: Callable[[Any], OAuth] | None = None
    elsewhere: str = ""


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
