"""Consent by either door: Instagram Login for the account itself, Facebook Login for the page it is on.

Sources: instagram-platform/instagram-api-with-instagram-login/business-login, and facebook-login/guides/
access-tokens/get-long-lived (2026). Neither gives refresh tokens: Instagram's token of 60 days renews itself
when it is at least a day old, a page's token does not run out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.api import (
    AppKeys,
    AppMisconfigured,
    ClientProof,
    GivenCode,
    OAuth,
    Renewal,
    Reply,
    TokenAsk,
    TokenSteps,
)
from plugins.instagram.settings import FACEBOOK, VERSION

GRAPH = "https://graph.instagram.com"
BOOK = f"https://graph.facebook.com/{VERSION}"
EXCHANGE, REFRESH = f"{GRAPH}/access_token", f"{GRAPH}/refresh_access_token"
BOOK_TOKEN, PAGES = f"{BOOK}/oauth/access_token", f"{BOOK}/me/accounts"

SCOPES = (
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_insights",
    "instagram_business_manage_comments",
)
BOOK_SCOPES = (
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_insights",
    "instagram_manage_comments",
    "pages_show_list",
    "pages_read_engagement",
)
LINKED = "id,name,access_token,instagram_business_account"


def is_dead(reply: Reply) -> bool:
    """A token or code that is no good: code 190, or 100 with a subcode about the code (36007 to 36009)."""
    code, subcode = _numbers(reply)
    return code in (190, 102) or subcode in (36007, 36008, 36009)


def is_ours(reply: Reply) -> bool:
    """About our app: its id or its secret (101, or 1 with a word about the secret on the consent's host)."""
    body = reply.json()
    if not isinstance(body, dict):
        return False
    said = str(body.get("error_message") or "").lower()
    return _numbers(reply)[0] == 101 or "platform app" in said or "client secret" in said


def redeem(keys: AppKeys, given: GivenCode) -> TokenSteps:
    """Code → a token of an hour → one of 60 days, which is also what renews it."""
    form = {
        "client_id": keys.client_id,
        "client_secret": keys.client_secret,
        "grant_type": "authorization_code",
        "redirect_uri": given.redirect,
        "code": given.code.removesuffix("#_"),
    }
    short = yield TokenAsk(form=form)
    inner = short.get("data")  # some answers come wrapped in a list
    told: Mapping[str, Any] = inner[0] if isinstance(inner, list) else short
    query = {
        "grant_type": "ig_exchange_token",
        "client_secret": keys.client_secret,
        "access_token": str(told["access_token"]),
    }
    long = yield TokenAsk(url=EXCHANGE, method="GET", query=query)
    allowed = told.get("permissions")
    scope = ",".join(allowed) if isinstance(allowed, list) else str(allowed or "")
    return {**long, "refresh_token": long["access_token"], "scope": scope}


def renew(_keys: AppKeys, token: str) -> TokenSteps:
    """The token renews itself."""
    query = {"grant_type": "ig_refresh_token", "access_token": token}
    fresh = yield TokenAsk(url=REFRESH, method="GET", query=query)
    return {**fresh, "refresh_token": fresh["access_token"]}


def redeem_by_page(keys: AppKeys, given: GivenCode) -> TokenSteps:
    """Code → the person's token → their long one → the token of the page that the account is linked to."""
    app = {"client_id": keys.client_id, "client_secret": keys.client_secret}
    query = {**app, "redirect_uri": given.redirect, "code": given.code}
    short = yield TokenAsk(url=BOOK_TOKEN, method="GET", query=query)
    query = {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": str(short["access_token"])}
    long = yield TokenAsk(url=BOOK_TOKEN, method="GET", query=query)
    query = {"fields": LINKED, "limit": "100", "access_token": str(long["access_token"])}
    pages = yield TokenAsk(url=PAGES, method="GET", query=query)
    wanted = str(getattr(keys.settings, "user_id", "") or "")
    linked = [
        page
        for page in pages["data"]
        if (account := page.get("instagram_business_account")) and wanted in ("", str(account.get("id")))
    ]
    if len(linked) != 1:
        many = "several" if linked else "none"
        raise AppMisconfigured(
            f"Of the Facebook pages you allowed, {many} lead to this Instagram account. "
            "Link it to one page, or set `user_id` to the account's number, and connect again."
        )
    return {"access_token": linked[0]["access_token"]}


def door(settings: Any) -> OAuth:
    """The flow of an account with these settings."""
    return FACEBOOK_OAUTH if settings.door == FACEBOOK else INSTAGRAM_OAUTH


def _numbers(reply: Reply) -> tuple[int, int]:
    body = reply.json()
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return 0, 0
    found = [error.get("code"), error.get("error_subcode")]
    code, subcode = (n if isinstance(n, int) else 0 for n in found)
    return code, subcode


FACEBOOK_OAUTH = OAuth(
    authorize_url=f"https://www.facebook.com/{VERSION}/dialog/oauth",
    token_url=BOOK_TOKEN,
    scopes=BOOK_SCOPES,
    separator=",",
    replaces=("access_token",),
    proof=ClientProof.FORM,
    pkce=False,
    renewal=Renewal.NONE,
    client_id="app_id",
    client_secret="app_secret",
    secret_needed=True,
    redeem=redeem_by_page,
    is_dead=is_dead,
    is_ours=is_ours,
)

INSTAGRAM_OAUTH = OAuth(
    authorize_url="https://www.instagram.com/oauth/authorize",
    token_url="https://api.instagram.com/oauth/access_token",
    scopes=SCOPES,
    separator=",",
    replaces=("access_token",),
    proof=ClientProof.FORM,
    pkce=False,
    renewal=Renewal.STABLE,
    margin=timedelta(days=53),
    client_id="app_id",
    client_secret="app_secret",
    secret_needed=True,
    redeem=redeem,
    renew=renew,
    is_dead=is_dead,
    is_ours=is_ours,
    door=door,
)
"""Renewed once a week: a token that nobody used for 60 days is dead."""
