"""Connecting an account: the address its owner opens, and what comes back from there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.app.accounts import secrets_in, settings_of, way_in
from bot.app.beside import Beside
from bot.config import AccountConfig, Secret
from bot.domain.platform import AccountInfo
from bot.domain.words import did_you_mean, listed
from bot.errors import AuthExpired, BadInput, ConfigError, NotFound
from bot.http import HttpClient
from bot.ports import Deps, Platform
from bot.services.exchange import Exchange, Granted, exchange_for, under
from bot.services.grant import Joined, Joining, grant

SETTLES = 5.0
"""Seconds: one platform answers "revoked" to a token in the first moments of its life."""

Ask = Callable[[str, Callable[[Mapping[str, str]], str]], Awaitable[Mapping[str, str]]]
"""Shows an address and answers what came back to the redirect; the function says why something
that came back is not ours, or nothing."""


class OneToken:
    """Implements `bot.ports.Tokens` for tokens that nobody has stored yet."""

    def __init__(self, granted: Granted, asked: tuple[str, ...]) -> None:
        self._granted, self._asked = granted, asked

    async def bearer(self) -> str:
        return self._granted.access

    async def renewed(self, refused: str) -> str:
        raise AuthExpired("The platform does not take the access it has just given.")

    async def scopes(self) -> frozenset[str]:
        return frozenset(self._granted.scopes or self._asked)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An account that can be connected, with all it needs. ``own_keys``: it has keys that win."""

    account: AccountConfig
    platform: Platform[Any]
    settings: Any
    exchange: Exchange
    http: HttpClient
    own_keys: bool


def find_account(beside: Beside, platform_name: str, name: str) -> AccountConfig:
    """The account meant; raises `NotFound` or `BadInput` in one sentence."""
    registry, config = beside.registry, beside.config
    platform = registry.platforms.get(platform_name)
    able = sorted(n for n, p in registry.platforms.items() if p.oauth is not None)
    if platform is None or platform.oauth is None:
        hint = did_you_mean(platform_name, able) or f"; there are {listed(able)}" if able else ""
        raise NotFound(f"There is no platform {platform_name!r} to connect{hint}")
    mine = [a for a in config.accounts if a.platform == platform_name]
    if not name and len(mine) == 1:
        return mine[0]
    if not name:
        which = f"--account {listed([a.name for a in mine], 'or --account')}" if mine else "an account"
        raise BadInput(
            f"Which account? Say {which}."
            if mine
            else config.problem(f"has no account on {platform.title}; add [accounts.NAME] with its platform")
        )
    found = next((a for a in config.accounts if a.name == name), None)
    if found is None:
        hint = did_you_mean(name, [a.name for a in mine]) or f"; add [accounts.{name}] first"
        raise NotFound(config.problem(f"there is no account {name!r}{hint}"))
    if found.platform != platform_name:
        raise BadInput(config.problem(f"accounts.{name} is on {found.platform}, not on {platform_name}"))
    return found


def candidate(beside: Beside, account: AccountConfig) -> Candidate:
    """The account's settings and its way to the token endpoint; raises `ConfigError`."""
    config, platform = beside.config, beside.registry.platforms[account.platform]
    oauth = platform.oauth
    assert oauth is not None
    app = (oauth.client_id, oauth.client_secret) if oauth.secret_needed else (oauth.client_id,)
    settings = settings_of(config, account, platform, beside.env, needed=app)
    if isinstance(settings, tuple):
        raise ConfigError([config.problem(p) for p in settings])
    for secret in secrets_in(settings):
        beside.lent.redaction.learn(secret)
    http = HttpClient(wrap=beside.lent.wrap)
    beside.stack.push_async_callback(http.aclose)
    exchange = exchange_for(platform, settings, http, beside.lent.clock)
    assert exchange is not None
    exchange.oauth = replace(exchange.oauth, scopes=_scopes(beside, account, platform, settings))
    return Candidate(
        account=account,
        platform=platform,
        settings=settings,
        exchange=exchange,
        http=http,
        own_keys=all(getattr(settings, name, None) for name in oauth.replaces),
    )


def _scopes(
    beside: Beside, account: AccountConfig, platform: Platform[Any], settings: Any
) -> tuple[str, ...]:
    """What all accounts of the same app need: a platform may end earlier tokens when less is asked for."""
    assert platform.oauth is not None
    oauth, mine = under(platform.oauth, settings), getattr(settings, platform.oauth.client_id)
    found = dict.fromkeys((*oauth.scopes, *oauth.more_scopes(settings)))
    for other in beside.config.accounts:
        if other.platform == platform.name and other.name != account.name:
            theirs = settings_of(beside.config, other, platform, beside.env)
            if not isinstance(theirs, tuple) and getattr(theirs, oauth.client_id) == mine:
                found |= dict.fromkeys(oauth.more_scopes(theirs))
    return tuple(found)


async def join(beside: Beside, found: Candidate, ask: Ask, *, redirect: str, replace_owner: bool) -> Joined:
    """Ask the owner, exchange the code, prove the token, store it.

    Raises `BadInput` with what the owner or the platform said, `PublishError` when the token does
    not do, `Conflict` for another profile; then nothing is stored.
    """
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    for secret in (state, verifier):
        beside.lent.redaction.learn(Secret(secret))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    address = found.exchange.address(redirect=redirect, state=state, challenge=challenge)

    def foreign(query: Mapping[str, str]) -> str:
        ours = hmac.compare_digest(query.get("state", "").encode(), state.encode())
        return "" if ours else "That answer does not belong to this request; it was ignored."

    query = await ask(address, foreign)
    code = query.get("code", "")
    if not code:
        raise BadInput(_said(found.platform.title, query))
    beside.lent.redaction.learn(Secret(code))
    try:
        granted = await found.exchange.code(code, redirect=redirect, verifier=verifier)
    except AuthExpired:
        way = way_in(found.platform, found.account.name)
        raise BadInput(
            f"{found.platform.title} did not take the code; it may be too old. Run `{way}` again."
        ) from None
    for text in (granted.access, granted.refresh):
        beside.lent.redaction.learn(Secret(text))
    info = await _prove(beside, found, granted)
    assert beside.lent.store is not None
    joining = Joining(
        account=found.account.name,
        brand=found.account.brand,
        platform=found.platform.name,
        title=found.platform.title,
        app=found.exchange.app,
        granted=granted,
        info=info,
        asked=found.exchange.oauth.scopes,
    )
    return await grant(
        beside.lent.store, beside.vault, beside.lent.clock, joining, replace_owner=replace_owner
    )


async def _prove(beside: Beside, found: Candidate, granted: Granted) -> AccountInfo:
    """A real call with the new token; twice, because a platform may not know it at once."""
    lent = beside.lent
    deps = Deps(
        http=found.http,
        clock=lent.clock,
        media=lent.media,
        log=lent.log,
        tokens=OneToken(granted, found.exchange.oauth.scopes),
    )
    bare = replace(found.settings, **{name: None for name in found.exchange.oauth.replaces})
    publisher = found.platform.connect(bare, deps)
    beside.stack.push_async_callback(publisher.aclose)
    try:
        return await publisher.check()
    except AuthExpired:
        await lent.clock.sleep(SETTLES)
        return await publisher.check()


def _said(title: str, query: Mapping[str, str]) -> str:
    """What the redirect says when it brings no code (RFC 6749 §4.1.2.1)."""
    error = query.get("error", "")
    if error == "access_denied" or error.startswith("user_cancelled"):
        return f"{title} says that you did not allow it. Nothing has changed."
    if "scope" in error:
        return (
            f"{title} does not let this app ask for all it needs: add the products or permissions to the app."
        )
    if error:
        return f"{title} did not go along ({error[:60]!r}). Check the app's settings there, then try again."
    return f"{title} sent you back without an answer. Nothing has changed; try again."
