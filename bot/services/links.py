"""A link's card: read once, when the post is written, so that people approve what will be shown."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from bot.domain.extras import site_of
from bot.domain.post import Link
from bot.errors import BadInput
from bot.services.context import Services
from bot.services.variants import Wanted

LONGEST = 2_000
"""Characters of an address that every platform and browser takes."""


async def with_card(svc: Services, wanted: Wanted) -> Wanted:
    """The same wishes, with what the link's page says about itself. A page that cannot be read stops nothing.

    Raises `BadInput` for what is no address of a web page.
    """
    if not wanted.link or not wanted.link.strip():
        return wanted
    url = web_address(wanted.link)
    card = Link(url=url, title=site_of(url))
    if svc.pages is not None:
        card, note = await svc.pages.card(url, svc.media)
        if note:
            svc.log.info("link_card_not_read", host=site_of(url), why=note)
    return replace(wanted, link=url, card=card)


def web_address(text: str) -> str:
    """An http or https address; ``example.com/why`` is meant as https."""
    url = text.strip()
    if not re.match(r"[a-z][a-z0-9+.-]*:(?!\d)", url, re.I):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise BadInput(f"“{text}” is no address of a web page.") from None
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\x00-\x1f<>\"\\]", url):
        raise BadInput(f"“{text}” is no address of a web page. It begins with https://.")
    if parts.username is not None:
        raise BadInput("That link holds a name or a password for its site. Leave them out.")
    if len(url) > LONGEST:
        raise BadInput(f"That link has {len(url):,} characters; at most {LONGEST:,} can be posted.")
    return url
