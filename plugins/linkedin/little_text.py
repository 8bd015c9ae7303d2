"""The mini-language of a LinkedIn post's ``commentary``: escaping, reading back, comparing.

Source: learn.microsoft.com, LinkedIn marketing, community-management/shares/little-text-format
(2026). An unescaped reserved character is no error there: the post is stored and silently cut
at that point, so everything is escaped except recognised mentions. Only ``commentary`` is
little text; alt texts, titles and comments are plain.
"""

from __future__ import annotations

import re
import unicodedata

RESERVED = "\\|{}@[]()<>#*_~"
"""Characters that mean something in little text."""

_RESERVED = re.compile(r"[\\|{}@\[\]()<>#*_~]")
_MENTION = re.compile(r"@\[([^\[\]\n]+)\]\((urn:li:(?:person|organization):[A-Za-z0-9_-]+)\)")
_ESCAPE_OR_TEMPLATE = re.compile(
    r"\\(?P<escaped>[\\|{}@\[\]()<>#*_~])|\{hashtag\|\\?#\|(?P<tag>(?:\\.|[^{}|\\])*)\}"
)


def escape(text: str) -> str:
    """Plain text as little text. ``@[Name](urn:li:organization:1)`` stays a mention."""
    pieces = []
    done = 0
    for mention in _MENTION.finditer(text):
        name, urn = mention.groups()
        pieces += [_escape_all(text[done : mention.start()]), f"@[{_escape_all(name)}]({urn})"]
        done = mention.end()
    return "".join([*pieces, _escape_all(text[done:])])


def unescape(little: str) -> str:
    """Little text as LinkedIn returns it, as plain text; hashtag templates become ``#word``."""

    def plain(match: re.Match[str]) -> str:
        escaped: str | None = match["escaped"]
        return escaped if escaped is not None else "#" + unescape(match["tag"])

    return _ESCAPE_OR_TEMPLATE.sub(plain, little)


def same_text(ours: str, theirs: str) -> bool:
    """Whether two plain texts are the same to a reader: NFC, and blanks are blanks."""
    return _folded(ours) == _folded(theirs)


def utf16_length(text: str) -> int:
    """The length in UTF-16 units: an emoji outside the basic plane counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _escape_all(text: str) -> str:
    return _RESERVED.sub(r"\\\g<0>", text)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
