"""What kind of post a variant is, in the words that numbers are compared by. Pure."""

from __future__ import annotations

import re

from bot.domain.post import MediaKind, PartRole, Variant

TEXT, LINK, PICTURE, VIDEO, DOCUMENT, THREAD = "text", "link", "picture", "video", "document", "thread"

KINDS = (TEXT, LINK, PICTURE, VIDEO, DOCUMENT, THREAD)

URL = re.compile(r"(?i)\bhttps?://\S")
FILES = (
    (MediaKind.VIDEO, VIDEO),
    (MediaKind.DOCUMENT, DOCUMENT),
    (MediaKind.IMAGE, PICTURE),
    (MediaKind.GIF, PICTURE),
)


def content_type(variant: Variant) -> str:
    """One of `KINDS`. A thread is a thread whatever it carries; comments below a post do not make one."""
    own = [p for i, p in enumerate(variant.parts) if i == 0 or p.role in (PartRole.POST, PartRole.SEGMENT)]
    if len(own) > 1:
        return THREAD
    kinds = {media.kind for part in own for media in part.media}
    for kind, name in FILES:
        if kind in kinds:
            return name
    linked = any(part.link is not None or URL.search(part.text) for part in own)
    return LINK if linked else TEXT
