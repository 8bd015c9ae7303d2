"""Draws the cards of a post: one picture for each target, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from threading import Lock

from PIL import Image

from bot.domain.look import Layout, Look
from bot.domain.post import Variant
from bot.media.cards.blocks import Style
from bot.media.cards.column import column_of
from bot.media.cards.faces import Faces
from bot.media.cards.pen import BOLD, MARGIN, SMALL, TINY, WIDTH, Pen
from bot.media.cards.pictures import Pictures
from bot.media.cards.setting import Setter
from bot.media.cards.shapes import rounded
from bot.media.cards.upright import upright
from bot.media.cards.words import in_words, missing_words

MOST_BYTES = 300_000
QUALITIES = (86, 76, 64, 50, 36)
BY_DAY, BY_NIGHT = ("#e9edf1", "#4b555e"), ("#07090a", "#9aa5ae")
"""Ground around a card and what is written on it."""

RIM, STRIP = 20, 52


@dataclass(frozen=True, kw_only=True)
class Card:
    """A JPEG of at most `MOST_BYTES`, and its text alternative."""

    jpeg: bytes
    words: str
    size: tuple[int, int]


class Cards:
    """Holds the fonts; they are loaded when first needed. Threads take turns."""

    def __init__(self, faces: Faces | None = None) -> None:
        self._setter = Setter(faces or Faces())
        self._turn = Lock()

    def draw(
        self, posts: Sequence[tuple[Look, Variant]], pictures: Mapping[str, Path], *, dark: bool = False
    ) -> list[Card]:
        """How each will look. ``pictures``: files by the SHA-256 of what they show: a picture itself, a
        video's frame under the video's hash, a document's first page under the document's; what is
        missing is drawn as a plain ground with its name. Each is decoded once.

        Raises `Unsupported` where a text cannot be set right on this machine.
        """
        return self.draw_with(posts, Pictures(pictures), dark=dark)

    def draw_with(
        self, posts: Sequence[tuple[Look, Variant]], pictures: Pictures, *, dark: bool = False
    ) -> list[Card]:
        """As `draw`, with pictures of which some may be decoded already."""
        with self._turn:
            try:
                return [self._card(look, variant, pictures, dark) for look, variant in posts]
            finally:
                self._setter.forget()

    def _card(self, look: Look, variant: Variant, pictures: Pictures, dark: bool) -> Card:
        if not look.name:
            look = replace(look, name=look.handle.lstrip("@") or variant.account)
        tint = look.tints.dark if dark else look.tints.light
        pen = Pen(look=look, variant=variant, tint=tint, setter=self._setter, pictures=pictures)
        full = look.layout in (Layout.UPRIGHT, Layout.STORY)
        post = upright(pen) if full else _flat(pen)
        image = self._framed(pen, post, dark)
        return Card(jpeg=encode(image), words=in_words(pen), size=image.size)

    def _framed(self, pen: Pen, post: Image.Image, dark: bool) -> Image.Image:
        """The post on a ground of ours: whose look it is above, what has to be said below."""
        ground, ink = BY_NIGHT if dark else BY_DAY
        notes = list(pen.look.labels)
        if pen.missing:
            notes.append(missing_words(pen.missing))
        width = post.width
        title = self._setter.one_line(
            " · ".join(filter(None, (pen.look.title, "preview"))),
            Style(size=SMALL, colour=ink, weight=BOLD),
            width,
        )
        foot = self._setter.set(" · ".join(notes), Style(size=TINY, colour=ink), width - 8) if notes else None
        low = foot.height + 12 if foot else 0
        image = Image.new("RGB", (width + 2 * RIM, STRIP + post.height + low + RIM), ground)
        self._setter.draw(image, title, RIM + 4, (STRIP - title.height) // 2)
        image.paste(post, (RIM, STRIP), rounded(post.size, 22))
        if foot:
            self._setter.draw(image, foot, RIM + 4, STRIP + post.height + 10)
        return image


def _flat(pen: Pen) -> Image.Image:
    column = column_of(pen)
    image = Image.new("RGB", (WIDTH, max(column.height, MARGIN)), pen.tint.ground)
    column.draw(image, 0)
    return image


def encode(image: Image.Image) -> bytes:
    """A JPEG that every chat takes: as good as fits."""
    for quality in QUALITIES:
        out = BytesIO()
        image.save(out, "JPEG", quality=quality, subsampling=0 if quality > 80 else 2, optimize=False)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    smaller = image.reduce(2)
    return encode(smaller)
