"""What in a text can be clicked: links, hashtags and mentions, in UTF-8 byte offsets.

The patterns follow Bluesky's own apps (github.com/bluesky-social/atproto:
packages/api/src/rich-text, 2026). Without a facet a link is dead text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import regex

from plugins.bluesky.counting import length
from plugins.bluesky.limits import TAG_GRAPHEMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LINK = regex.compile(
    r"(?:^|(?<=[\s(]))(?:https?://\S+|(?P<domain>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,})(?:[/?#:]\S*)?)"
    r"(?![^\s)\p{P}])",
    regex.IGNORECASE | regex.MULTILINE,
)
_MENTION = regex.compile(r"(?:^|(?<=[\s(]))@((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*)", regex.I)
_INVISIBLE = r"\u00AD\u2060\u200A\u200B\u200C\u200D\u20e2"
_TAG = regex.compile(
    rf"(?:^|(?<=\s))[#＃]((?!\ufe0f)[^\s{_INVISIBLE}]*[^\d\s\p{{P}}{_INVISIBLE}]+[^\s{_INVISIBLE}]*)"
)
_TRAILING = regex.compile(r"[.,;:!?…'\"”’]+$")
_PUNCTUATION = regex.compile(r"\p{P}+$")

ENDS = """
com org net edu gov int mil info biz io ai app dev page blog news shop store social online site tech cloud
media studio agency design art xyz club live tv fm me co eu uk us ca au nz de fr es it pt nl be ch at se no
dk fi ie pl cz sk hu ro bg gr hr si lt lv ee ua ru tr il ae sa in jp kr cn tw hk sg my th vn id ph za ng ke
eg ma br mx ar cl pe uy test example
"""
TOP_LEVEL = frozenset(ENDS.split())
"""Ends that make a word with dots a link without ``https://``. Of the others some are file names."""


class Kind(StrEnum):
    """What a facet is, as the lexicon names it."""

    LINK = "link"
    TAG = "tag"
    MENTION = "mention"


@dataclass(frozen=True, kw_only=True)
class Span:
    """One thing to click: ``start`` and ``end`` in characters, ``value`` an address, a tag or a handle."""

    kind: Kind
    start: int
    end: int
    value: str


def spans(text: str) -> tuple[Span, ...]:
    """Everything that can be clicked, in order; nothing overlaps."""
    found: list[Span] = []
    for span in (*_links(text), *_mentions(text), *_tags(text)):
        if all(span.end <= other.start or span.start >= other.end for other in found):
            found.append(span)
    return tuple(sorted(found, key=lambda s: s.start))


def facets(text: str, dids: Mapping[str, str]) -> list[dict[str, Any]]:
    """The facets of a post; a mention that ``dids`` does not know stays plain text."""
    made: list[dict[str, Any]] = []
    for span in spans(text):
        feature: dict[str, Any] = {"$type": f"app.bsky.richtext.facet#{span.kind}"}
        if span.kind is Kind.LINK:
            feature["uri"] = span.value
        elif span.kind is Kind.TAG:
            feature["tag"] = span.value
        elif span.value in dids:
            feature["did"] = dids[span.value]
        else:
            continue
        start, end = (len(text[:at].encode("utf-8", "replace")) for at in (span.start, span.end))
        made.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
    return made


def handles(text: str) -> tuple[str, ...]:
    """Whom a text mentions, each once."""
    return tuple(dict.fromkeys(s.value for s in spans(text) if s.kind is Kind.MENTION))


def _links(text: str) -> Iterator[Span]:
    for match in _LINK.finditer(text):
        domain = match["domain"]
        if domain and domain.rpartition(".")[2].lower() not in TOP_LEVEL:
            continue
        raw = _TRAILING.sub("", match[0])
        if raw.endswith(")") and "(" not in raw:
            raw = _TRAILING.sub("", raw[:-1])
        if raw.lower() not in ("http://", "https://", "http:", "https:"):
            uri = raw if not domain else f"https://{raw}"
            yield Span(kind=Kind.LINK, start=match.start(), end=match.start() + len(raw), value=uri)


def _mentions(text: str) -> Iterator[Span]:
    for match in _MENTION.finditer(text):
        yield Span(kind=Kind.MENTION, start=match.start(), end=match.end(), value=match[1].lower())


def _tags(text: str) -> Iterator[Span]:
    for match in _TAG.finditer(text):
        tag = _PUNCTUATION.sub("", match[1].strip())
        if tag and length(tag) <= TAG_GRAPHEMES:
            start = match.start()
            yield Span(kind=Kind.TAG, start=start, end=start + 1 + match[1].index(tag) + len(tag), value=tag)
