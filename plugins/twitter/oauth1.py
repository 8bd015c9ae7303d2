"""OAuth 1.0a signatures (HMAC-SHA1), for a client and for a server that checks them.

Source: RFC 5849 §3.4 and docs.x.com fundamentals/authentication/oauth-1-0a, read
2026-08-22. JSON and multipart bodies are not part of a signature.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

from bot.api import Secret

if TYPE_CHECKING:
    from datetime import datetime

METHOD = "HMAC-SHA1"
Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What signs: the app's key and secret, and the account's."""

    api_key: Secret
    api_secret: Secret
    access_token: Secret
    access_token_secret: Secret


def percent(text: str) -> str:
    """Percent-encoding with only letters, digits and ``-._~`` left alone."""
    return quote(text, safe="-._~")


def query_string(query: Mapping[str, str]) -> str:
    """A query as it is signed and sent: the same encoding in both places."""
    return "&".join(f"{percent(k)}={percent(v)}" for k, v in query.items())


def base_string(method: str, url: str, params: Pairs) -> str:
    """What is signed: the verb, the address without its query, all parameters in order."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = (parts.hostname or "") if parts.port in (None, default) else f"{parts.hostname}:{parts.port}"
    everything = [*params, *parse_qsl(parts.query, keep_blank_values=True)]
    joined = "&".join(f"{k}={v}" for k, v in sorted((percent(k), percent(v)) for k, v in everything))
    return f"{method.upper()}&{percent(f'{parts.scheme}://{host}{parts.path}')}&{percent(joined)}"


def signature(method: str, url: str, params: Pairs, *, api_secret: str, token_secret: str) -> str:
    """The Base64 of the HMAC. ``params``: the ``oauth_*`` values and form fields, not the query."""
    key = f"{percent(api_secret)}&{percent(token_secret)}".encode()
    digest = hmac.new(key, base_string(method, url, params).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def authorization(method: str, url: str, keys: Keys, *, at: datetime, nonce: str = "") -> str:
    """The value of the ``Authorization`` header for a request without form fields.

    ``at`` is the instant by the clock; X refuses one that is minutes off. ``nonce`` is
    random unless given. Keys lose surrounding white space: a newline from a file is a
    signature that nobody can explain.
    """
    params = {
        "oauth_consumer_key": keys.api_key.reveal().strip(),
        "oauth_nonce": nonce or secrets.token_hex(16),
        "oauth_signature_method": METHOD,
        "oauth_timestamp": str(int(at.timestamp())),
        "oauth_token": keys.access_token.reveal().strip(),
        "oauth_version": "1.0",
    }
    params["oauth_signature"] = signature(
        method,
        url,
        params.items(),
        api_secret=keys.api_secret.reveal().strip(),
        token_secret=keys.access_token_secret.reveal().strip(),
    )
    return "OAuth " + ", ".join(f'{k}="{percent(v)}"' for k, v in sorted(params.items()))
