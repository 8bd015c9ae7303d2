"""The files of a post as they are shown: cut to the platform's shape, side by side, with a play mark."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from bot.domain.post import Media, MediaKind
from bot.media.cards.blocks import Style
from bot.media.cards.pen import BOLD, SMALL, TINY, Draw, Pen
from bot.media.cards.shapes import fill, play_mark, rounded

GAP = 4
MOST_HEIGHT = 1_200
NOTHING = "no picture or video yet"
MOVING = (MediaKind.VIDEO, MediaKind.GIF)

Box = tuple[int, int, int, int]


def media_box(
    pen: Pen, media: Sequence[Media], x: int, width: int, *, radius: int = 0, needed: bool = False
) -> tuple[int, Draw]:
    """Height and drawing of a post's files; 0 where there are none, or a gap where one is ``needed``."""
    shown = [m for m in media if m.kind is not MediaKind.CAPTIONS]
    if not shown and needed:
        gap = Media(sha256="", name=NOTHING, mime="", kind=MediaKind.OTHER, size=0, width=16, height=9)
        return media_box(pen, [gap], x, width, radius=radius)
    if not shown:
        return 0, lambda _image, _y: None
    look = pen.look
    several = len(shown) > 1
    in_grid = several and look.grid > 0
    ratio = look.grid if in_grid else look.frame or _ratio(pen, shown[0])
    height = min(MOST_HEIGHT, round(width / ratio))

    def draw(image: Image.Image, y: int) -> None:
        area = Image.new("RGB", (width, height), pen.tint.ground)
        if in_grid:
            boxes = grid((width, height), min(len(shown), look.shown))
            for one, box in zip(shown, boxes, strict=False):
                area.paste(tile(pen, one, (box[2] - box[0], box[3] - box[1])), box[:2])
            if len(shown) > look.shown:
                fill(area, boxes[-1], "#000000", part=0.5)
                _centre(pen, area, boxes[-1], f"+{len(shown) - look.shown}", 44)
        else:
            area.paste(tile(pen, shown[0], (width, height)), (0, 0))
            if several:
                badge(pen, area, f"1/{len(shown)}", right=width - 16, top=16)
        image.paste(area, (x, y), rounded((width, height), radius))

    return height, draw


def _ratio(pen: Pen, media: Media) -> float:
    """The file's own shape, within what the platform shows."""
    picture = pen.pictures.get(picture_of(media))
    width, height = (media.width, media.height) if media.width and media.height else (0, 0)
    if not width and picture is not None:
        width, height = picture.size
    if media.kind is MediaKind.DOCUMENT:
        width, height = width or 4, height or 3
    ratio = width / height if width and height else 16 / 9
    least, most = pen.look.ratios or (0.3, 4.0)
    return min(max(ratio, least), most)


def picture_of(media: Media) -> str:
    """The hash under which its picture is known: its cover's, where it has one."""
    return media.cover.sha256 if media.cover else media.sha256


def tile(pen: Pen, media: Media, size: tuple[int, int]) -> Image.Image:
    """One file, filling its place."""
    cut = pen.pictures.cover(picture_of(media), size) or pen.pictures.cover(media.sha256, size)
    area = cut.copy() if cut is not None else _stand_in(pen, media, size)
    if media.kind in MOVING:
        play_mark(area, (size[0] // 2, size[1] // 2), min(96, size[0] // 3, size[1] // 3))
        if media.seconds:
            badge(pen, area, clock(media.seconds), left=14, top=size[1] - 48)
    elif media.kind is MediaKind.DOCUMENT and cut is not None and media.pages:
        badge(pen, area, f"{media.pages} pages", right=size[0] - 16, top=16)
    return area


def _stand_in(pen: Pen, media: Media, size: tuple[int, int]) -> Image.Image:
    """A plain ground with what is known of a file that has no picture."""
    area = Image.new("RGB", size, "#22272b" if media.kind in MOVING else pen.tint.line)
    if size[0] < 120:
        return area
    about = {MediaKind.DOCUMENT: f"{media.pages} pages" if media.pages else "document"}.get(media.kind, "")
    ink = "#f2f4f5" if media.kind in MOVING else pen.tint.ink
    style = Style(size=SMALL, weight=BOLD, colour=ink)
    name = pen.lines(media.name or "file", style, size[0] - 40, 2)
    low = pen.line(about, TINY, size[0] - 40, colour=pen.tint.faint) if about else None
    top = size[1] * 3 // 4 if media.kind in MOVING else (size[1] - name.height) // 2
    top = max(8, min(top, size[1] - name.height - (low.height if low else 0) - 8))
    pen.setter.draw(area, name, 20, top, centred=True)
    if low:
        pen.setter.draw(area, low, 20, top + name.height, centred=True)
    return area


def grid(size: tuple[int, int], count: int) -> list[Box]:
    """Places of two to four pictures: halves, one beside two, two by two; two above the rest."""
    width, height = size
    half, low = (width - GAP) // 2, (height - GAP) // 2
    right, below = half + GAP, low + GAP
    if count <= 1:
        return [(0, 0, width, height)]
    if count == 2:
        return [(0, 0, half, height), (right, 0, width, height)]
    if count == 3:
        return [(0, 0, half, height), (right, 0, width, low), (right, below, width, height)]
    if count == 4:
        return [
            (0, 0, half, low),
            (right, 0, width, low),
            (0, below, half, height),
            (right, below, width, height),
        ]
    rest = count - 2
    step = (width - GAP * (rest - 1)) // rest
    row = [(i * (step + GAP), below, i * (step + GAP) + step, height) for i in range(rest)]
    return [(0, 0, half, low), (right, 0, width, low), *row]


def badge(pen: Pen, image: Image.Image, text: str, *, left: int = 0, right: int = 0, top: int = 0) -> None:
    """A few words on a dark ground, at a corner of a picture."""
    block = pen.setter.one_line(text, Style(size=TINY, weight=BOLD, colour="#ffffff"), 200)
    width = block.ink_width + 20
    x = right - width if right else left
    fill(image, (x, top, x + width, top + block.height + 6), "#000000", radius=8, part=0.65)
    pen.setter.draw(image, block, x + 10, top + 3)


def _centre(pen: Pen, image: Image.Image, box: Box, text: str, size: int) -> None:
    style = Style(size=size, weight=BOLD, colour="#ffffff")
    block = pen.setter.one_line(text, style, box[2] - box[0])
    pen.setter.draw(image, block, box[0], (box[1] + box[3] - block.height) // 2, centred=True)


def clock(seconds: float) -> str:
    """``"2:05"``, ``"1:02:03"``."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
