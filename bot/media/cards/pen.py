"""What every layout draws with: the look, its colours, the setter and the pictures of the post."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from PIL import Image

from bot.domain.look import Look, Tint
from bot.domain.post import Part, PartRole, Variant
from bot.media.cards.blocks import Block, Fold, Style
from bot.media.cards.clusters import clusters, tidy
from bot.media.cards.pictures import Pictures
from bot.media.cards.setting import ELLIPSIS, Setter
from bot.media.cards.shapes import colour_of, fill

WIDTH, MARGIN = 720, 28
TEXT, SMALL, TINY = 28, 23, 19
BOLD, MEDIUM = 700, 600
MOST_LINES, MOST_TEXT = 36, 1_500
"""Lines, and pixels of height, after which every text is folded; all of it stands in the words beside."""

LINKED = MappingProxyType(
    {
        "url": re.compile(
            r"https?://[^\s<>\"]+|(?<![@\w.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|eu|dev|de|pt|fr|es|uk)(?:/[^\s<>\"]*)?\b",
            re.I,
        ),
        "tag": re.compile(r"(?<![\w&/])#\w+"),
        "mention": re.compile(r"(?<![\w/])@\w+(?:[.-]\w+)*"),
    }
)

Draw = Callable[[Image.Image, int], None]
"""Draws something on a picture, from a height on."""


@dataclass
class Column:
    """Rows under each other: their heights first, so that the picture is made as high as they need."""

    rows: list[tuple[int, Draw]] = field(default_factory=list)

    def add(self, height: int, draw: Draw | None = None) -> None:
        self.rows.append((height, draw or (lambda _image, _y: None)))

    @property
    def height(self) -> int:
        return sum(height for height, _ in self.rows)

    def draw(self, image: Image.Image, y: int) -> None:
        for height, draw in self.rows:
            draw(image, y)
            y += height


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A name and what stands beside it. Each has its own direction."""

    name: Block
    tail: Block

    @property
    def height(self) -> int:
        return max(self.name.height, self.tail.height)

    def draw(self, setter: Setter, image: Image.Image, x: int, y: int) -> None:
        up = max(line.up for block in (self.name, self.tail) for line in block.lines)
        for block, left in ((self.name, x), (self.tail, x + self.name.width + 14)):
            setter.draw(image, block, left, y + up - block.lines[0].up)


@dataclass
class Pen:
    """One card being drawn. ``body``: its main text as it was set; ``missing``: letters without a font."""

    look: Look
    variant: Variant
    tint: Tint
    setter: Setter
    pictures: Pictures
    body: Block | None = None
    missing: int = 0

    def style(self, size: int = TEXT, *, weight: int = 400, colour: str = "") -> Style:
        return Style(size=size, weight=weight, colour=colour or self.tint.ink)

    def line(self, text: str, size: int, width: int, *, weight: int = 400, colour: str = "") -> Block:
        """A single line, cut off where it is too long."""
        return self._noted(self.setter.one_line(text, self.style(size, weight=weight, colour=colour), width))

    def lines(self, text: str, style: Style, width: int, most: int) -> Block:
        """At most so many lines."""
        return self._noted(self.setter.set(text, style, width, fold=Fold(lines=most)))

    def text(self, text: str, style: Style, width: int, *, lines: int, link: str = "") -> Block:
        """Words of the post with links in their colour, at most so many lines of them."""
        return self._noted(self._folded(text, style, width, Fold(lines=lines), link))

    def post_text(
        self, style: Style, width: int, *, link: str = "", more: str = "", high: int = MOST_TEXT
    ) -> Block:
        """The post's own words, folded as the platform folds, or where they are too ``high`` (pixels);
        remembered for the text beside the picture."""
        look = self.look
        text = first_text(look, self.variant)
        colour = more or (self.tint.link if look.more_below else self.tint.faint)
        lines = look.lines or MOST_LINES
        while True:
            fold = Fold(cut=look.cut, lines=lines, more=look.more, below=look.more_below, colour=colour)
            block = self._folded(text, style, width, fold, link)
            if block.height <= high or lines == 1:
                self.body = self._noted(block)
                return block
            lines = max(1, min(len(block.lines) - 1, len(block.lines) * high // block.height))

    def _folded(self, text: str, style: Style, width: int, fold: Fold, link: str) -> Block:
        colours = links_in(text, self.look.linked, link or self.tint.link)
        return self.setter.set(text, style, width, fold=fold, colours=colours)

    def name(self, text: str, size: int, width: int, *, weight: int = MEDIUM, colour: str = "") -> Block:
        """A single line that stands at the left whatever its direction, as names do."""
        block = self.line(text, size, width, weight=weight, colour=colour)
        return replace(block, width=block.ink_width)

    def beside(self, name: str, tail: str, size: int, width: int) -> Beside:
        """Somebody's name and, fainter, what stands beside it, on one line."""
        after = self.name(tail, size, width * 3 // 5, weight=400, colour=self.tint.faint)
        before = self.name(name, size, width - after.width - 14)
        return Beside(name=before, tail=after)

    def put(self, column: Column, block: Block, x: int, *, after: int = 0) -> None:
        """The block as the next row."""
        if block.lines:
            column.add(block.height + after, lambda image, y: self.setter.draw(image, block, x, y))

    def avatar(self, image: Image.Image, x: int, y: int, size: int, *, rounding: int = 10) -> None:
        """The initials of who posts, on a disc or a square."""
        name = self.look.name or self.look.handle or "?"
        fill(
            image,
            (x, y, x + size, y + size),
            colour_of(name),
            radius=size // 2 if self.look.round else rounding,
        )
        style = Style(size=round(size * 0.4), weight=MEDIUM, colour="#ffffff")
        block = self.setter.one_line(initials(name), style, size)
        if block.ink_width > size * 0.8:  # a letter as wide as a word
            block = self.setter.one_line("?", style, size)
        self.setter.draw(image, block, x, y + (size - block.height) // 2, centred=True)

    def _noted(self, block: Block) -> Block:
        self.missing += block.missing
        return block


def first_text(look: Look, variant: Variant) -> str:
    """The words of the post as they are shown, before they are folded."""
    text = look.text if look.text is not None else (variant.parts[0].text if variant.parts else "")
    return shown_text(look, text)


def shown_text(look: Look, text: str) -> str:
    """The words with addresses as the platform writes them; tidy."""
    text = tidy(text).strip()
    if not look.link_length:
        return text

    def shorten(found: re.Match[str]) -> str:
        bare = re.sub(r"^https?://(?:www\.)?", "", found.group())
        return bare if len(bare) <= look.link_length else bare[: look.link_length] + ELLIPSIS

    return LINKED["url"].sub(shorten, text)


def links_in(text: str, kinds: tuple[str, ...], colour: str) -> list[tuple[int, int, str]]:
    """Where something is shown as a link."""
    found = [m.span() for kind in kinds if kind in LINKED for m in LINKED[kind].finditer(text)]
    return [(start, end, colour) for start, end in sorted(found)]


def shortened(text: str, most: int) -> str:
    """At most so many characters as people see them."""
    seen = clusters(" ".join(tidy(text).split()))
    return "".join(seen) if len(seen) <= most else "".join(seen[: most - 1]) + ELLIPSIS


def initials(name: str) -> str:
    """One or two letters that stand for somebody."""
    heads = [
        clusters(word.strip("@#"))[0] for word in tidy(name).replace("-", " ").split() if word.strip("@#")
    ]
    return "".join(heads[:2]).upper() or "?"


def further(variant: Variant) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What hangs below the first part: the thread's segments, and what is said beneath it later."""
    rest = variant.parts[1:]
    said = (PartRole.COMMENT, PartRole.FOLLOW_UP)
    return tuple(p for p in rest if p.role not in said), tuple(p for p in rest if p.role in said)


def lighter(tint: Tint) -> Tint:
    """The colours on top of a picture."""
    return replace(tint, ink="#ffffff", faint="#e3e6e8", link="#ffffff")
