"""The card a link is shown with."""

from __future__ import annotations

from PIL import Image

from bot.domain.extras import site_of
from bot.domain.look import LinkStyle
from bot.domain.post import Link
from bot.media.cards.blocks import Style
from bot.media.cards.pen import MEDIUM, SMALL, TINY, Draw, Pen
from bot.media.cards.shapes import fill, frame, rounded

RATIO = 1.91
SMALL_SIDE = 150
PAD = 20


def link_box(pen: Pen, link: Link, x: int, width: int, *, radius: int = 16) -> tuple[int, Draw]:
    """Height and drawing of a link's card."""
    has_picture = link.image is not None and pen.pictures.get(link.image.sha256) is not None
    if pen.look.link is LinkStyle.OVER and has_picture:
        return _over(pen, link, x, width, radius)
    if pen.look.link is LinkStyle.BESIDE and has_picture:
        return _beside(pen, link, x, width, radius)
    return _below(pen, link, x, width, radius)


def _below(pen: Pen, link: Link, x: int, width: int, radius: int) -> tuple[int, Draw]:
    room = width - 2 * PAD
    picture = pen.pictures.cover(link.image.sha256, (width - 4, round(width / RATIO))) if link.image else None
    high = picture.height if picture else 0
    title = pen.lines(link.title or site_of(link.url), pen.style(SMALL + 2, weight=MEDIUM), room, 2)
    about = pen.lines(link.description, pen.style(SMALL, colour=pen.tint.faint), room, 2)
    site = pen.line(site_of(link.url), TINY + 1, room, colour=pen.tint.faint)
    about_height = about.height if link.description else 0
    height = high + PAD + title.height + about_height + site.height + PAD

    def draw(image: Image.Image, y: int) -> None:
        frame(image, (x, y, x + width, y + height), pen.tint.line, pen.tint.ground, radius=radius)
        if picture:
            mask = rounded((picture.width, picture.height + radius), max(0, radius - 2)).crop(
                (0, 0, *picture.size)
            )
            image.paste(picture, (x + 2, y + 2), mask)
        top = y + high + PAD
        pen.setter.draw(image, title, x + PAD, top)
        if about_height:
            pen.setter.draw(image, about, x + PAD, top + title.height)
        pen.setter.draw(image, site, x + PAD, top + title.height + about_height)

    return height, draw


def _over(pen: Pen, link: Link, x: int, width: int, radius: int) -> tuple[int, Draw]:
    assert link.image is not None
    size = (width, round(width / RATIO))
    picture = pen.pictures.cover(link.image.sha256, size)
    white = Style(size=SMALL, weight=MEDIUM, colour="#ffffff")
    title = pen.lines(link.title or site_of(link.url), white, width - 64, 1)
    site = pen.line(f"From {site_of(link.url)}", TINY + 1, width, colour=pen.tint.faint)

    def draw(image: Image.Image, y: int) -> None:
        if picture:
            image.paste(picture, (x, y), rounded(size, radius))
        low = y + size[1] - title.height - 30
        right = x + 16 + title.ink_width + 24
        fill(image, (x + 16, low, right, low + title.height + 12), "#000000", radius=8, part=0.7)
        pen.setter.draw(image, title, x + 28, low + 6)
        pen.setter.draw(image, site, x, y + size[1] + 8)

    return size[1] + 8 + site.height, draw


def _beside(pen: Pen, link: Link, x: int, width: int, radius: int) -> tuple[int, Draw]:
    assert link.image is not None
    room = width - SMALL_SIDE - 3 * PAD
    picture = pen.pictures.cover(link.image.sha256, (SMALL_SIDE, SMALL_SIDE))
    title = pen.lines(link.title or site_of(link.url), pen.style(SMALL + 1, weight=MEDIUM), room, 3)
    site = pen.line(site_of(link.url), TINY + 1, room, colour=pen.tint.faint)
    height = max(SMALL_SIDE, title.height + site.height) + 2 * PAD

    def draw(image: Image.Image, y: int) -> None:
        frame(image, (x, y, x + width, y + height), pen.tint.line, pen.tint.ground, radius=radius)
        if picture:
            image.paste(picture, (x + PAD, y + PAD), rounded(picture.size, 10))
        left = x + SMALL_SIDE + 2 * PAD
        top = y + (height - title.height - site.height) // 2
        pen.setter.draw(image, title, left, top)
        pen.setter.draw(image, site, left, top + title.height)

    return height, draw
