"""Sets text in lines: fonts by letter, direction by line, broken by measured width, and drawn whole.

Nothing is clipped: a line is as high as its ink, and what is wider than its box goes to the next line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from PIL import Image, ImageDraw

from bot.media.cards.bidi import base_direction, is_right_to_left, visual_order
from bot.media.cards.blocks import Block, Fold, Glyph, Line, Run, Style
from bot.media.cards.clusters import clusters, tidy, words
from bot.media.cards.faces import Face, Faces, han_of

LEADING = 1.38
"""Height of a line in ems where the ink asks for no more."""

LONGEST = 30_000
"""Characters that are looked at: no platform takes more, and somebody may paste a book."""

ELLIPSIS = "…"


class Setter:
    """Sets texts with the fonts it is given. Measures are kept until `forget`."""

    def __init__(self, faces: Faces) -> None:
        self._faces = faces
        self._widths: dict[tuple[str, Face, int, Style], float] = {}

    def forget(self) -> None:
        self._widths.clear()
        self._faces.forget()

    def set(
        self,
        text: str,
        style: Style,
        width: int,
        *,
        fold: Fold | None = None,
        colours: Sequence[tuple[int, int, str]] = (),
    ) -> Block:
        """The text in lines of at most ``width`` pixels. ``colours``: start, end, colour of spans of
        ``text``, which then must be `tidy`. Raises `Unsupported` where it cannot be set right here."""
        beyond = max(0, len(text) - LONGEST)
        text = tidy(text[:LONGEST])
        self._faces.check(text)
        fold = fold or Fold()
        full = text
        if fold.cut:
            whole = clusters(text)
            if len(whole) > fold.cut:
                text = "".join(whole[: fold.cut]).rstrip()
        folded = len(text) < len(full) or beyond > 0
        han = han_of(text)
        lines: list[tuple[list[Glyph], int]] = []
        at = 0
        enough = (fold.lines + 1) * width if fold.lines else len(text)
        for paragraph in text.split("\n"):
            base = base_direction(paragraph)
            seen = paragraph[:enough]  # no letter is narrower than a pixel
            folded = folded or len(seen) < len(paragraph)
            lines += [(line, base) for line in self._break(seen, at, base, style, width, han, colours)]
            at += len(paragraph) + 1
            if fold.lines and len(lines) > fold.lines:
                break
        if fold.lines and len(lines) > fold.lines:
            lines, folded = lines[: fold.lines], True
        if folded:
            lines = self._with_more(lines, fold, style, width)
        kept = max((g.end for glyphs, _ in lines for g in glyphs), default=0)
        return Block(
            lines=tuple(self._line(glyphs, base, style) for glyphs, base in lines),
            style=style,
            width=width,
            shown=full[:kept] if folded else full,
            hidden=len(clusters(full[kept:])) + beyond if folded else 0,
            missing=sum(g.missing for glyphs, _ in lines for g in glyphs),
        )

    def one_line(self, text: str, style: Style, width: int) -> Block:
        """The text in a single line, its end cut off where it is too long."""
        return self.set(" ".join(text.split()), style, width, fold=Fold(lines=1))

    def draw(self, image: Image.Image, block: Block, x: int, y: int, *, centred: bool = False) -> None:
        """Put a block on the picture with its upper left corner at ``x``, ``y``."""
        brush = ImageDraw.Draw(image)
        for line in block.lines:
            room = block.width - line.width
            left = x + (room / 2 if centred else room if line.base else 0)
            for run in line.runs:
                font = self._faces.font(run.face, block.style.size, block.style.weight)
                brush.text(
                    (round(left + run.at), y + line.up),
                    run.text,
                    font=font,
                    fill=run.colour,
                    anchor="ls",
                    direction=self._direction(run.level),
                )
            y += line.up + line.down

    def _direction(self, level: int) -> str | None:
        return ("rtl" if level % 2 else "ltr") if self._faces.shaping else None

    def _break(
        self,
        paragraph: str,
        start: int,
        base: int,
        style: Style,
        width: int,
        han: int,
        colours: Sequence[tuple[int, int, str]],
    ) -> list[list[Glyph]]:
        """The clusters of each line of a paragraph."""
        lines: list[list[Glyph]] = []
        line: list[Glyph] = []
        for piece in self._pieces(paragraph, start, base, style, han, colours):
            if not line or self._fits([*line, *piece], style, width):
                line += piece
            else:
                lines.append(line)
                line = list(piece)
            while not self._fits(line, style, width):
                size = self._most(line, style, width)
                lines.append(line[:size])
                line = line[size:]
        return [*lines, line]

    def _pieces(
        self,
        paragraph: str,
        start: int,
        base: int,
        style: Style,
        han: int,
        colours: Sequence[tuple[int, int, str]],
    ) -> list[list[Glyph]]:
        levels: Sequence[int] = [base] * len(paragraph)
        bidi = self._faces.bidi if base or any(map(is_right_to_left, paragraph)) else None
        if bidi is not None:
            levels = bidi.levels(paragraph, base)
        pieces: list[list[Glyph]] = []
        at = 0
        before: Face | None = None
        for word in words(paragraph):
            piece: list[Glyph] = []
            for cluster in word:
                colour = next((c for a, b, c in colours if a <= start + at < b), style.colour)
                level = levels[at]
                at += len(cluster)
                for text, face in self._faces.dress([cluster], before=before, han=han):
                    end = start + at
                    piece.append(Glyph(text, face or self._faces.plain, level, colour, end, face is None))
                    before = face
            pieces.append(piece)
        return pieces

    def _fits(self, glyphs: Sequence[Glyph], style: Style, width: int) -> bool:
        """Whether they go into a line; their ink is asked only where it is a close thing."""
        shown = _without_end(glyphs)
        if len(shown) < 2 or len(shown) > width // 2:  # letters without width, without end
            return len(shown) < 2
        length = self._length(shown, style)
        if length > width or length + style.size <= width:
            return length <= width
        return self._line(shown, 0, style).width <= width

    def _most(self, glyphs: Sequence[Glyph], style: Style, width: int) -> int:
        """How many clusters of a long word go into a line; at least one."""
        low, high = 1, len(glyphs)
        while low < high:
            middle = (low + high + 1) // 2
            if self._fits(glyphs[:middle], style, width):
                low = middle
            else:
                high = middle - 1
        return low

    def _length(self, glyphs: Sequence[Glyph], style: Style) -> float:
        """Pixels that a line of these takes, its ink included."""
        return sum(
            self._width("".join(g.text for g in run), face, level, style)
            for (face, level, _), run in _runs(glyphs)
        )

    def _width(self, text: str, face: Face, level: int, style: Style) -> float:
        key = (text, face, level % 2, style)
        if key not in self._widths:
            font = self._faces.font(face, style.size, style.weight)
            self._widths[key] = font.getlength(text, direction=self._direction(level))
        return self._widths[key]

    def _with_more(
        self, lines: list[tuple[list[Glyph], int]], fold: Fold, style: Style, width: int
    ) -> list[tuple[list[Glyph], int]]:
        glyphs, base = lines[-1] if lines else ([], 0)
        end = self._words(ELLIPSIS, base, style)
        more = self._words(
            fold.more, 0 if not base else 2, replace(style, colour=fold.colour or style.colour)
        )
        tail = end if fold.below or not more else [*end, *self._words(" ", base, style), *more]
        kept = list(_without_end(glyphs))
        while kept and not self._fits([*kept, *tail], style, width):
            kept.pop()
        while kept and (kept[-1].text in (ELLIPSIS, ".") or kept[-1].text.isspace()):
            kept.pop()
        lines = [*lines[:-1], ([*kept, *tail], base)]
        return [*lines, (more, base)] if fold.below and more else lines

    def _words(self, text: str, level: int, style: Style) -> list[Glyph]:
        dressed = self._faces.dress(clusters(text), han=han_of(text))
        return [Glyph(t, f or self._faces.plain, level, style.colour) for t, f in dressed]

    def _line(self, glyphs: Sequence[Glyph], base: int, style: Style) -> Line:
        shown = _without_end(glyphs)
        grouped = [(key, "".join(g.text for g in run)) for key, run in _runs(shown)]
        order = visual_order([level for (_, level, _), _ in grouped])
        runs: list[Run] = []
        at = 0.0
        for number in order:
            (face, level, colour), text = grouped[number]
            font = self._faces.font(face, style.size, style.weight)
            ink = font.getbbox(text, anchor="ls", direction=self._direction(level))
            runs.append(Run(text=text, face=face, level=level, colour=colour, at=at, ink=ink))
            at += self._width(text, face, level, style)
        left = min((run.at + run.ink[0] for run in runs), default=0.0)
        right = max((run.at + run.ink[2] for run in runs), default=0.0)
        if left < 0:
            runs = [replace(run, at=run.at - left) for run in runs]
            right, at = right - left, at - left
        height = round(style.size * LEADING)
        up = max(round(style.size * 1.04), *(1 - int(run.ink[1]) for run in runs), 0)
        down = max(height - round(style.size * 1.04), *(int(run.ink[3]) + 1 for run in runs), 0)
        return Line(runs=tuple(runs), width=max(at, right), up=up, down=down, base=base)


def _without_end(glyphs: Sequence[Glyph]) -> Sequence[Glyph]:
    size = len(glyphs)
    while size and glyphs[size - 1].text.isspace():
        size -= 1
    return glyphs[:size]


def _runs(glyphs: Sequence[Glyph]) -> list[tuple[tuple[Face, int, str], list[Glyph]]]:
    grouped = groupby(glyphs, key=lambda g: (g.face, g.level, g.colour))
    return [(key, list(run)) for key, run in grouped]
