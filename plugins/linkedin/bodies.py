"""A post as LinkedIn wants it. Only ``commentary`` is little text; alt texts and titles are plain.

Source: learn.microsoft.com/en-us/linkedin, community-management/shares/{posts-api, multiimage-post-api}
(2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.api import Checkpoint, MediaKind, Part, Transient
from plugins.linkedin.answers import urns_of
from plugins.linkedin.little_text import escape
from plugins.linkedin.options import document_title, settings_of, video_title
from plugins.linkedin.uploads import files_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def body_of(author: str, part: Part, checkpoint: Checkpoint, visibility: str) -> dict[str, Any]:
    """The body of the create; ``visibility`` is the account's own. Raises `Transient` without its files."""
    urns = urns_of(checkpoint)
    if len(urns) != len(files_of(part)):
        raise Transient("The files are not at LinkedIn yet; nothing was posted.", detail="no urn")
    content = _files(part, urns) if part.media else _card(part, urns)
    return {
        "author": author,
        "commentary": escape(part.text),
        **settings_of(part.options, visibility),
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        **({"content": content} if content else {}),
    }


def _card(part: Part, urns: Sequence[str]) -> dict[str, Any]:
    """The link's card, which LinkedIn does not make by itself."""
    if part.link is None:
        return {}
    article = {"source": part.link.url, "title": part.link.title or part.link.url}
    article |= {"description": part.link.description} if part.link.description else {}
    return {"article": article | ({"thumbnail": urns[0]} if urns else {})}


def _files(part: Part, urns: Sequence[str]) -> dict[str, Any]:
    first, urn = part.media[0], urns[0]
    match first.kind:
        case MediaKind.DOCUMENT:
            return {"media": {"id": urn, "title": document_title(part.options, first)}}
        case MediaKind.VIDEO:
            title = video_title(part.options)
            return {"media": {"id": urn} | ({"title": title} if title else {})}
    images = [
        {"id": urn} | ({"altText": media.alt.strip()} if media.alt.strip() else {})
        for urn, media in zip(urns, part.media, strict=True)
    ]
    return {"media": images[0]} if len(images) == 1 else {"multiImage": {"images": images}}
