"""The same as a card, in words: for who does not see it, and for chats that show no picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from bot.domain.extras import site_of
from bot.domain.look import Layout, LinkStyle, Look
from bot.domain.post import Media, MediaKind, PartRole, Variant
from bot.media.cards.media_box import clock, grid
from bot.media.cards.pen import Pen, further
from bot.media.cards.upright import FILLS

KINDS = MappingProxyType(
    {
        MediaKind.IMAGE: "picture",
        MediaKind.GIF: "GIF",
        MediaKind.VIDEO: "video",
        MediaKind.DOCUMENT: "document",
    }
)


def in_words(pen: Pen) -> str:
    """A few lines: who, what is read before anything is opened, files, link, what hangs below."""
    return "\n".join(_lines(pen))


def _lines(pen: Pen) -> Iterator[str]:
    look, variant = pen.look, pen.variant
    who = " ".join(filter(None, (look.name, look.handle if look.handle != look.name else "")))
    yield f"{look.title or 'Preview'} · {who}" + (f" · {look.meta}" if look.meta else "")
    if look.heading:
        yield f"Title: {look.heading}"
    yield from _text(pen)
    first = variant.parts[0] if variant.parts else None
    media = [m for m in first.media if m.kind is not MediaKind.CAPTIONS] if first else []
    for i, one in enumerate(media):
        place = f" {i + 1} of {len(media)}" if len(media) > 1 else ""
        yield _file(one, place, cut_words(one, look, shape_of(media, i, look)))
    if first and first.link and not media and look.link is not LinkStyle.NONE:
        title = first.link.title or site_of(first.link.url)
        yield f"Link card: {title} ({site_of(first.link.url)})"
    yield from _below(variant)
    if look.labels:
        yield "It says: " + ", ".join(look.labels)
    if pen.missing:
        yield missing_words(pen.missing)


def _text(pen: Pen) -> Iterator[str]:
    if pen.look.layout is Layout.STORY:
        if pen.variant.text.strip():
            yield "The text is not shown here."
        return
    body = pen.body
    if body is None or not (body.shown.strip() or body.hidden):
        return
    if not body.hidden:
        yield f"Text, all of it: {body.shown}"
    elif not body.shown.strip():
        yield f"Text: {body.hidden} characters, all behind “{pen.look.more}”"
    else:
        yield f"Text until “{pen.look.more}”: {body.shown}… ({body.hidden} characters more)"


def _file(media: Media, place: str, cut: str) -> str:
    size = f" {media.width}×{media.height}" if media.width and media.height else ""
    length = f" {clock(media.seconds)}" if media.seconds else ""
    pages = f" {media.pages} pages" if media.pages else ""
    alt = f", described as “{media.alt}”" if media.alt else ""
    if not media.alt and media.kind in (MediaKind.IMAGE, MediaKind.GIF):
        alt = ", without a description"
    name = KINDS.get(media.kind, "file")
    return f"{name[:1].upper()}{name[1:]}{place}:{size}{length}{pages}{cut}{alt}".replace(": ,", ":")


def shape_of(media: Sequence[Media], number: int, look: Look) -> float:
    """Width over height in which one of a post's files is first seen; 0 where it is not, or unknown.

    A grid has its tiles; who swipes sees all in the first one's shape.
    """
    if len(media) > 1 and look.grid > 0:
        boxes = grid((1_000, round(1_000 / look.grid)), min(len(media), look.shown))
        if number >= len(boxes):
            return 0.0
        left, top, right, bottom = boxes[number]
        return (right - left) / (bottom - top)
    first = media[0]
    if look.frame or not (first.width and first.height):
        return look.frame
    own = first.width / first.height
    return min(max(own, look.ratios[0]), look.ratios[1]) if look.ratios else own


def cut_words(media: Media, look: Look, shown: float) -> str:
    """How much of a file is cut off in that shape, if one notices."""
    if not (media.width and media.height and shown) or media.kind is MediaKind.DOCUMENT:
        return ""
    own = media.width / media.height
    if look.layout in (Layout.UPRIGHT, Layout.STORY):
        return "" if own <= FILLS else ", dark bars above and below"
    off = 1 - min(own / shown, shown / own)
    if off < 0.03:
        return ""
    return f", {off:.0%} of its {'height' if own < shown else 'width'} cut off"


def _below(variant: Variant) -> Iterator[str]:
    segments, said = further(variant)
    if segments:
        yield f"Thread of {len(segments) + 1}: " + " / ".join(_short(p.text) for p in segments)
    for part in said:
        yield f"{'First comment' if part.role is PartRole.COMMENT else 'Follow-up'}: {_short(part.text)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79].rstrip() + "…"


def missing_words(count: int) -> str:
    """What the dots in a card stand for."""
    dots = "One dot stands for a letter" if count == 1 else f"{count} dots stand for letters"
    return f"{dots} that no font here has; the platform shows them."
