"""The layouts that are a column of rows: a feed's post, a photo with its caption, a video's page."""

from __future__ import annotations

from PIL import Image

from bot.domain.look import Layout, LinkStyle
from bot.domain.post import Part, PartRole
from bot.domain.spans import say_span
from bot.media.cards.link_box import link_box
from bot.media.cards.media_box import media_box
from bot.media.cards.pen import (
    BOLD,
    MARGIN,
    SMALL,
    TEXT,
    WIDTH,
    Column,
    Pen,
    further,
    shortened,
    shown_text,
)
from bot.media.cards.shapes import fill

AVATAR = 80
BESIDE = MARGIN + AVATAR + 18
"""Where words begin that stand beside the avatar."""

HANDLE = 18
"""Characters of a handle that leave room for the name."""

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
    segments, said = further(pen.variant)
    number = f"1/{len(segments) + 1}" if segments and pen.look.thread else ""
    if pen.look.aside:
        _aside(pen, column, number)
    else:
        _head(pen, column, pen.look.meta, number)
        _words_and_files(pen, column, MARGIN)
    _thread(pen, column, segments)
    _said(pen, column, said)


def _aside(pen: Pen, column: Column, number: str) -> None:
    """Everything stands beside the avatar, from which a line leads down to the thread's next part."""
    look = pen.look
    tail = " · ".join(filter(None, (shortened(look.handle, HANDLE), look.meta, number)))
    head = pen.beside(look.name, tail, SMALL + 3, WIDTH - MARGIN - BESIDE)
    rows = Column()
    rows.add(head.height + 4, lambda image, y: head.draw(pen.setter, image, BESIDE, y))
    _words_and_files(pen, rows, BESIDE)

    def avatar(image: Image.Image, y: int) -> None:
        middle = MARGIN + AVATAR // 2
        if number:
            fill(image, (middle - 2, y + AVATAR, middle + 2, y + rows.height + 10), pen.tint.line)
        pen.avatar(image, MARGIN, y + 2, AVATAR)

    column.add(0, avatar)
    column.add(max(rows.height, AVATAR + 8), rows.draw)


def _words_and_files(pen: Pen, column: Column, left: int) -> None:
    width = WIDTH - MARGIN - left
    _words(pen, column, left, width)
    if pen.variant.parts:
        _beneath(pen, column, pen.variant.parts[0], left, width)
    _buttons(pen, column, left, width)


def _photo(pen: Pen, column: Column) -> None:
    _head(pen, column, pen.look.meta)
    media = pen.variant.parts[0].media if pen.variant.parts else ()
    height, draw = media_box(pen, media, 0, WIDTH, needed=True)
    column.add(height + 8 if height else 0, draw)
    _buttons(pen, column, MARGIN, WIDTH - 2 * MARGIN)
    who = pen.name(pen.look.handle.lstrip("@") or pen.look.name, SMALL, WIDTH - 2 * MARGIN, weight=BOLD)
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
    _head(pen, column)
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


def _head(pen: Pen, column: Column, *more: str) -> None:
    """Who posts, on two lines beside the avatar."""
    look = pen.look
    room = WIDTH - MARGIN - BESIDE
    name = pen.name(look.name or look.handle, SMALL + 4, room)
    tail = " · ".join(filter(None, (look.handle, *more)))
    under = pen.name(tail, SMALL - 2, room, weight=400, colour=pen.tint.faint) if tail else None

    def draw(image: Image.Image, y: int) -> None:
        pen.avatar(image, MARGIN, y, AVATAR)
        height = name.height + (under.height if under else 0)
        top = y + max(0, (AVATAR - height) // 2)
        pen.setter.draw(image, name, BESIDE, top)
        if under:
            pen.setter.draw(image, under, BESIDE, top + name.height)

    column.add(max(AVATAR, name.height + (under.height if under else 0)) + 18, draw)


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
        pen.put(column, more, BESIDE, after=6)


def _reply(pen: Pen, column: Column, part: Part, label: str, *, last: bool) -> None:
    size = AVATAR - 24
    left = BESIDE
    room = WIDTH - MARGIN - left
    head = pen.beside(pen.look.name, label, SMALL, room)
    files = f"  [{len(part.media)} {'file' if len(part.media) == 1 else 'files'}]" if part.media else ""
    text = pen.text(shown_text(pen.look, part.text) + files, pen.style(SMALL + 2), room, lines=2)
    height = max(size, head.height + text.height) + 20

    def draw(image: Image.Image, y: int) -> None:
        if not last:
            middle = MARGIN + AVATAR // 2
            fill(image, (middle - 2, y + 10 + size, middle + 2, y + height + 10), pen.tint.line)
        pen.avatar(image, MARGIN + 12, y + 10, size)
        head.draw(pen.setter, image, left, y + 6)
        pen.setter.draw(image, text, left, y + 6 + head.height)

    column.add(height, draw)


def _said(pen: Pen, column: Column, said: tuple[Part, ...]) -> None:
    """Comments and follow-ups."""
    for part in said[:FURTHER]:
        what = "first comment" if part.role is PartRole.COMMENT else "follow-up"
        _reply(pen, column, part, f"{what}, {say_span(part.after)} later" if part.after else what, last=True)
