"""Leaving secrets out of whatever people or files get to read.

Two nets: every secret this process knows, in each form it may take on its way (plain, Base64,
hexadecimal, percent-encoded, escaped in JSON), and whatever looks like a secret.
"""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote, quote_plus

from bot.config.secret import Secret

SHORTEST = 6
"""Characters; a shorter value would be found in ordinary words."""

REMEMBERED = 400
"""Values; tokens that are renewed every two hours would otherwise pile up, long dead."""

MARK = "***"

SHAPES = (
    re.compile(r"(?i)\b(bearer|basic)(\s+)[\w+/=.~%-]{8,}"),
    re.compile(
        r"(?i)(oauth_(?:token|signature|consumer_key|nonce|verifier)\\?[\"']?\s*[=:]\s*\\?[\"']?)[^\s\"'\\,&]+"
    ),
    re.compile(
        r"(?i)((?:access_token|refresh_token|client_secret|api_key|api_secret|access_token_secret|token_secret|"
        r"password|passwd|code_verifier|id_token)\\?[\"']?\s*[=:]\s*\\?[\"']?)[^\s\"'\\,&})]+"
    ),
    re.compile(r"(?i)([?&](?:code|state|token|key|sig|signature|secret)=)[^\s\"'\\&#]+"),
    re.compile(r"([a-z][a-z0-9+.-]*://[^\s/:@\"']*:)[^\s/@\"']+(?=@)"),
    re.compile(r"(/m/)[0-9a-f]{6,12}-[\w-]{43}-[0-9a-f]{64}"),
    re.compile(r"()\bxox[abeoprs]-[\w-]{8,}"),
    re.compile(r"()\bgAAAAA[\w-]{20,}={0,2}"),
    re.compile(r"()(?<![\w/+-])[\w-]{43}=(?![\w=])"),
)
"""What a header, a form, a query, a URL with a password, a link to our media, a chat's token, a sealed
value and a Fernet key look like; the first group stays."""


class Redaction:
    """Knows what must not be seen. `learn` every secret, then `clean` every text."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ...]] = {}

    def learn(self, secret: Secret) -> None:
        """From now on this value is left out; of very many the oldest are forgotten."""
        value = secret.reveal().strip()
        if len(value) < SHORTEST or value in self._known:
            return
        self._known[value] = tuple(sorted(forms(value), key=len, reverse=True))
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for known in self._known.values():
            for form in known:
                if form in text:
                    text = text.replace(form, MARK)
        for shape in SHAPES:
            text = shape.sub(_keep_name, text)
        return text


def _keep_name(match: re.Match[str]) -> str:
    space = match[2] if (match.lastindex or 0) > 1 else ""
    return f"{match[1]}{space}{MARK}"


def forms(value: str) -> set[str]:
    """The value as it may stand in a text: itself, encoded, and inside a Base64 at any offset."""
    raw = value.encode()
    found = {
        value,
        quote(value, safe=""),
        quote_plus(value),
        json.dumps(value)[1:-1],
        raw.hex(),
        raw.hex().upper(),
    }
    for lead in range(3):
        # Base64 takes three bytes at a time: what does not depend on the neighbours is searched for.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * lead + raw).decode().rstrip("=")
            start = (lead * 8 + 5) // 6
            certain = whole[start : (lead + len(raw)) * 8 // 6]
            if len(certain) >= SHORTEST:
                found.add(certain)
    return found
