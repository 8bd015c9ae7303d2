"""The layouts that are a column of rows: a feed's post, a photo with its caption, a video's page."""

from __future__ import annotations

from functools import partial

from PIL import Image

from bot.domain.look import Layout, LinkStyle
from bot.domain.post import Part, PartRole
from bot.domain.spans import say_span
from bot.media.cards.blocks import Block
from bot.media.cards.link_box import link_box
from bot.media.cards.media_box import media_box
from bot.media.cards.pen import (
    BOLD,
    MARGIN,
    MEDIUM,
    SMALL,
    TEXT,
    WIDTH,
    Column,
    Pen,
    further,
    shown_text,
)
from bot.media.cards.shapes import fill

AVATAR = 80
FURTHER = 3
"""Parts of a thread that are drawn below the first."""


def column_of(pen: Pen) -> Column:
    """The rows of a post, by its layout."""
    column = Column()
    column.add(MARGIN - 6)
    {Layout.PHOTO: _photo, Layout.WATCH: _watch}.get(pen.look.layout, _feed)(pen, column)
    column.add(MARGIN - 8)
    return column


def _feed(pen: Pen, column: Column) -> None:
    look, parts = pen.look, pen.variant.parts
    segments, said = further(pen.variant)
    number = f"1/{len(segments) + 1}" if segments and look.thread else ""
    left = MARGIN + AVATAR + 18 if look.aside else MARGIN
    width = WIDTH - MARGIN - left
    head, tall = _head(pen, number)
    first = Column()
    if look.aside:
        first.add(tall.height + 4, partial(_draw_block, pen, tall, left))
    else:
        first.add(AVATAR + 18, head)
    _words(pen, first, left, width)
    if parts:
        _beneath(pen, first, parts[0], left, width)
    _buttons(pen, first, left, width)
    if look.aside:
        ends = first.height

        def beside(image: Image.Image, y: int) -> None:
            if number:
                fill(
                    image,
                    (MARGIN + AVATAR // 2 - 2, y + AVATAR, MARGIN + AVATAR // 2 + 2, y + ends + 10),
                    pen.tint.line,
                )
            pen.avatar(image, MARGIN, y + 2, AVATAR)

        column.add(0, beside)
        column.add(max(first.height, AVATAR + 8), first.draw)
    else:
        column.add(first.height, first.draw)
    _thread(pen, column, segments)
    _said(pen, column, said)


def _photo(pen: Pen, column: Column) -> None:
    head, _ = _head(pen, "")
    column.add(AVATAR + 16, head)
    media = pen.variant.parts[0].media if pen.variant.parts else ()
    height, draw = media_box(pen, media, 0, WIDTH, needed=True)
    column.add(height + 8 if height else 0, draw)
    _buttons(pen, column, MARGIN, WIDTH - 2 * MARGIN)
    who = pen.line(pen.look.handle.lstrip("@") or pen.look.name, SMALL, WIDTH - 2 * MARGIN, weight=BOLD)
    pen.put(column, who, MARGIN)
    _words(pen, column, MARGIN, WIDTH - 2 * MARGIN)
    _said(pen, column, further(pen.variant)[1])


def _watch(pen: Pen, column: Column) -> None:
    look = pen.look
    column.rows.clear()
    media = pen.variant.parts[0].media if pen.variant.parts else ()
    height, draw = media_box(pen, media, 0, WIDTH, needed=True)
    column.add(height + 20, draw)
    room = WIDTH - 2 * MARGIN
    if look.heading:
        pen.put(column, pen.lines(look.heading, pen.style(TEXT + 6, weight=BOLD), room, 2), MARGIN, after=4)
    if look.meta:
        pen.put(column, pen.line(look.meta, SMALL, room, colour=pen.tint.faint), MARGIN, after=16)
    head, _ = _head(pen, "", meta="")
    column.add(AVATAR + 18, head)
    _buttons(pen, column, MARGIN, room)
    text = pen.post_text(pen.style(SMALL + 2), room - 40)
    if text.lines and text.shown.strip():

        def panel(image: Image.Image, y: int) -> None:
            fill(
                image, (MARGIN, y, WIDTH - MARGIN, y + text.height + 32), pen.tint.line, radius=18, part=0.55
            )
            pen.setter.draw(image, text, MARGIN + 20, y + 16)

        column.add(text.height + 32, panel)
    _said(pen, column, further(pen.variant)[1])


def _head(pen: Pen, number: str, *, meta: str | None = None) -> tuple[partial[None], Block]:
    """Who posts: beside the avatar on two lines, or as one line where the words stand beside it."""
    look = pen.look
    left = MARGIN + AVATAR + 18
    room = WIDTH - MARGIN - left
    meta = look.meta if meta is None else meta
    tail = " · ".join(filter(None, (look.handle, meta, number)))
    if look.aside:
        return partial(_nothing), pen.two_tone(look.name, tail, SMALL + 3, room)
    name = pen.line(look.name or look.handle, SMALL + 4, room, weight=MEDIUM)
    under = pen.line(tail, SMALL - 2, room, colour=pen.tint.faint)
    return partial(_head_rows, pen, name, under if tail else None, left), name


def _head_rows(pen: Pen, name: Block, under: Block | None, left: int, image: Image.Image, y: int) -> None:
    pen.avatar(image, MARGIN, y, AVATAR)
    height = name.height + (under.height if under else 0)
    top = y + max(0, (AVATAR - height) // 2)
    pen.setter.draw(image, name, left, top)
    if under:
        pen.setter.draw(image, under, left, top + name.height)


def _nothing(image: Image.Image, y: int) -> None:
    """Nothing is drawn."""


def _draw_block(pen: Pen, block: Block, x: int, image: Image.Image, y: int) -> None:
    pen.setter.draw(image, block, x, y)


def _words(pen: Pen, column: Column, left: int, width: int) -> None:
    text = pen.post_text(pen.style(TEXT), width)
    if text.shown.strip():
        pen.put(column, text, left, after=14)


def _beneath(pen: Pen, column: Column, part: Part, left: int, width: int) -> None:
    """Files, or the link's card."""
    x, room = (0, WIDTH) if pen.look.edge else (left, width)
    height, draw = media_box(pen, part.media, x, room, radius=0 if pen.look.edge else 18)
    if height:
        column.add(height + 12, draw)
    elif part.link and pen.look.link is not LinkStyle.NONE:
        height, draw = link_box(pen, part.link, left, width)
        column.add(height + 12, draw)


def _buttons(pen: Pen, column: Column, left: int, width: int) -> None:
    words = pen.look.buttons
    if not words:
        return
    room = width // len(words)
    blocks = [pen.line(word, SMALL, room, colour=pen.tint.faint) for word in words]

    def draw(image: Image.Image, y: int) -> None:
        for i, block in enumerate(blocks):
            pen.setter.draw(image, block, left + i * room, y + 8, centred=not pen.look.aside)

    column.add(max(b.height for b in blocks) + 16, draw)


def _thread(pen: Pen, column: Column, segments: tuple[Part, ...]) -> None:
    """The parts of a thread below the first, two lines each."""
    if not pen.look.thread:
        return
    for i, part in enumerate(segments[:FURTHER]):
        _reply(pen, column, part, f"{i + 2}/{len(segments) + 1}", last=i + 1 == min(len(segments), FURTHER))
    left = len(segments) - FURTHER
    if left > 0:
        more = pen.line(f"and {left} more", SMALL, WIDTH - 2 * MARGIN, colour=pen.tint.faint)
        pen.put(column, more, MARGIN + AVATAR + 18, after=6)


def _reply(pen: Pen, column: Column, part: Part, label: str, *, last: bool) -> None:
    size = AVATAR - 24
    left = MARGIN + AVATAR + 18
    room = WIDTH - MARGIN - left
    head = pen.two_tone(pen.look.name, label, SMALL, room)
    files = f"  [{len(part.media)} {'file' if len(part.media) == 1 else 'files'}]" if part.media else ""
    text = pen.text(shown_text(pen.look, part.text) + files, pen.style(SMALL + 2), room, lines=2)
    height = max(size, head.height + text.height) + 20

    def draw(image: Image.Image, y: int) -> None:
        if not last:
            middle = MARGIN + AVATAR // 2
            fill(image, (middle - 2, y + 10 + size, middle + 2, y + height + 10), pen.tint.line)
        pen.avatar(image, MARGIN + 12, y + 10, size)
        pen.setter.draw(image, head, left, y + 6)
        pen.setter.draw(image, text, left, y + 6 + head.height)

    column.add(height, draw)


def _said(pen: Pen, column: Column, said: tuple[Part, ...]) -> None:
    """Comments and follow-ups."""
    for part in said[:FURTHER]:
        what = "first comment" if part.role is PartRole.COMMENT else "follow-up"
        _reply(pen, column, part, f"{what}, {say_span(part.after)} later" if part.after else what, last=True)
