"""The layouts that fill an upright screen: a short video with the words over it, a story."""

from __future__ import annotations

from PIL import Image, ImageOps

from bot.domain.look import Layout, Safe
from bot.domain.post import Media, MediaKind
from bot.media.cards.blocks import Style
from bot.media.cards.media_box import MOVING, NOTHING, badge, clock, picture_of
from bot.media.cards.pen import BOLD, MEDIUM, SMALL, TINY, Pen, lighter
from bot.media.cards.shapes import dashes, fill, play_mark, shade

SIZE = (540, 960)
"""9:16."""

FILLS = 0.66
"""Width over height up to which a file fills the screen; a wider one lies between dark bars."""

WHITE = "#ffffff"
EDGE = 20


def upright(pen: Pen) -> Image.Image:
    """The screen with everything that the platform lays over it."""
    pen.tint = lighter(pen.tint)
    media = next(iter(pen.variant.media), None)
    image = _ground(pen, media)
    safe = pen.look.safe or Safe()
    if pen.look.layout is Layout.STORY:
        _story(pen, image)
    else:
        _short(pen, image, safe)
    _safe_area(pen, image, safe)
    left, top = max(EDGE, round(safe.left * SIZE[0]) + 12), max(EDGE, round(safe.top * SIZE[1]) + 12)
    right = SIZE[0] - max(EDGE, round(safe.right * SIZE[0]) + 12)
    files = len([m for m in pen.variant.media if m.kind is not MediaKind.CAPTIONS])
    if files > 1:
        badge(pen, image, f"1/{files}", right=right, top=top)
    if media and media.kind in MOVING:
        play_mark(image, (SIZE[0] // 2, SIZE[1] // 2))
        if media.seconds:
            badge(pen, image, clock(media.seconds), left=left, top=top)
    return image


def _ground(pen: Pen, media: Media | None) -> Image.Image:
    image = Image.new("RGB", SIZE, "#101214")
    whole = None
    if media is not None:
        whole = pen.pictures.get(picture_of(media)) or pen.pictures.get(media.sha256)
    if whole is None:
        name = media.name or "file" if media else NOTHING
        block = pen.lines(name, Style(size=SMALL, weight=MEDIUM, colour=WHITE), SIZE[0] - 120, 2)
        pen.setter.draw(image, block, 60, SIZE[1] * 11 // 20, centred=True)
    elif whole.width / whole.height <= FILLS:
        image.paste(ImageOps.fit(whole, SIZE, Image.Resampling.BICUBIC), (0, 0))
    else:
        inside = ImageOps.contain(whole, SIZE, Image.Resampling.BICUBIC)
        image.paste(inside, (0, (SIZE[1] - inside.height) // 2))
    return image


def _short(pen: Pen, image: Image.Image, safe: Safe) -> None:
    look = pen.look
    width, height = SIZE
    side = max(64, round(safe.right * width)) if look.buttons else EDGE
    room = width - EDGE - side - 12
    text = pen.post_text(
        Style(size=SMALL - 1, colour=WHITE), room, link=WHITE, more="#d5d9dc", high=height // 3
    )
    heading = pen.lines(look.heading, Style(size=SMALL, weight=BOLD, colour=WHITE), room, 2)
    who = pen.name(look.handle or look.name, SMALL, room - 56, weight=BOLD, colour=WHITE)
    words = text.height if text.shown.strip() else 0
    title = heading.height if look.heading else 0
    top = max(height // 2, height - 28 - words - title - 58)
    shade(image, (0, min(top - 90, height * 2 // 3), width, height), most=0.8)
    pen.avatar(image, EDGE, top, 46)
    pen.setter.draw(image, who, EDGE + 56, top + (46 - who.height) // 2)
    if title:
        pen.setter.draw(image, heading, EDGE, top + 56)
    if words:
        pen.setter.draw(image, text, EDGE, top + 56 + title)
    low = height - 40
    for word in reversed(look.buttons):
        mark = pen.line(word, 34, side + 20, colour=WHITE)
        low -= mark.height + 26
        pen.setter.draw(image, mark, width - side - 10, low, centred=True)


def _story(pen: Pen, image: Image.Image) -> None:
    width = SIZE[0]
    shade(image, (0, 0, width, 150), most=0.6, up=False)
    fill(image, (12, 14, width - 12, 18), WHITE, radius=2, part=0.8)
    pen.avatar(image, EDGE, 32, 46)
    look = pen.look
    who = pen.name(
        "  ".join(filter(None, (look.handle.lstrip("@") or look.name, look.meta))),
        SMALL,
        width - 110,
        weight=MEDIUM,
        colour=WHITE,
    )
    pen.setter.draw(image, who, EDGE + 58, 32 + (46 - who.height) // 2)


def _safe_area(pen: Pen, image: Image.Image, safe: Safe) -> None:
    """Where the platform lays nothing over the picture, dashed."""
    if safe == Safe():
        return
    width, height = SIZE
    box = (
        max(2, round(safe.left * width)),
        max(2, round(safe.top * height)),
        width - max(2, round(safe.right * width)),
        height - max(2, round(safe.bottom * height)),
    )
    dashes(image, box, "#ffffff")
    label = pen.line("stays free", TINY - 2, 200, colour=WHITE)
    x = box[2] - label.ink_width - 14
    fill(image, (x - 6, box[3] - label.height - 6, box[2] - 4, box[3] - 2), "#000000", radius=6, part=0.5)
    pen.setter.draw(image, label, x, box[3] - label.height - 4)
