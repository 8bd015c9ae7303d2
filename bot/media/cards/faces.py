"""The fonts a card is set in, and which of them has a letter. Loaded when first needed, held by their owner.

Noto, as files in two packages under the SIL Open Font License 1.1. The emoji are drawn in one colour: of the
packages with coloured ones that were looked at in November 2026, none has a licence that lets a picture
made with it be passed on freely (share-alike), or a format that FreeType draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageFont, features

from bot.errors import Unsupported
from bot.media.cards.bidi import Bidi, is_right_to_left
from bot.media.cards.clusters import is_emoji, is_silent, is_tone
from bot.media.cards.coverage import Coverage, read_coverage

PLAIN, EMOJI, SYMBOLS = "NotoSans[wght].ttf", "NotoEmoji[wght].ttf", "NotoSansSymbols[wght].ttf"
SCRIPTS = (
    "Arabic",
    "Hebrew",
    "Thai",
    "Devanagari",
    "Bengali",
    "Gurmukhi",
    "Gujarati",
    "Tamil",
    "Telugu",
    "Kannada",
    "Malayalam",
    "Oriya",
    "Sinhala",
    "Lao",
    "Khmer",
    "Myanmar",
    "Georgian",
    "Armenian",
    "Ethiopic",
)
HAN = "NotoSansCJK-VF.otf.ttc"
JAPANESE, KOREAN, CHINESE, TAIWANESE = 0, 1, 2, 3
"""The fonts in that file; they differ in how a shared character is written."""

MOST_KNOWN = 20_000
"""Clusters that are remembered: texts of people can make up any number of them."""

STAND_IN = "\u00b7"
"""Drawn for a letter that no font here has."""

SHAPED = ((0x0590, 0x08FF), (0x0900, 0x0DFF), (0x0E00, 0x0EFF), (0x0F00, 0x109F), (0x1780, 0x18AF))
"""Scripts whose letters change with their neighbours, or carry stacked marks; FB1D… are their forms."""

NO_SHAPING = (
    "I cannot set Arabic, Hebrew, Thai or Indic letters right on this machine, so I draw no preview: "
    "install libfribidi0 (or FriBiDi by another name) and start me again."
)
NO_FONTS = "The fonts for previews are missing: install manimgx-fonts and manimgx-fonts-cjk."


@dataclass(frozen=True)
class Face:
    """One font: a file, and its place in it."""

    path: Path
    index: int = 0


class Faces:
    """Finds and holds fonts. Not safe for several threads at once: its owner takes turns."""

    def __init__(self, *, shaping: bool | None = None) -> None:
        self._bidi: Bidi | None = None
        self._looked = False
        self._shaping = shaping
        self._fonts: dict[tuple[Face, int, int], ImageFont.FreeTypeFont] = {}
        self._covers: dict[Face, Coverage] = {}
        self._known: dict[tuple[str, int], Face | None] = {}
        self._usual: tuple[Face, ...] = ()
        self._han = Path()

    @property
    def shaping(self) -> bool:
        """Whether letters can be joined and stacked (raqm, which needs FriBiDi at run time)."""
        if self._shaping is None:
            self._shaping = bool(features.check("raqm")) and self.bidi is not None
        return self._shaping

    @property
    def bidi(self) -> Bidi | None:
        if not self._looked:
            self._bidi, self._looked = Bidi.find(), True
        return self._bidi

    def check(self, text: str) -> None:
        """Raises `Unsupported` where the text would come out as something else than was written."""
        if needs_shaping(text) and not self.shaping:
            raise Unsupported(NO_SHAPING, detail="raqm or FriBiDi is missing")

    def forget(self) -> None:
        """What was found out about clusters, if that has become much; fonts stay."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()

    def font(self, face: Face, size: int, weight: int) -> ImageFont.FreeTypeFont:
        """The font in a size (pixels to the em) and weight (400 is regular, 700 bold)."""
        key = (face, size, weight)
        if key not in self._fonts:
            engine = ImageFont.Layout.RAQM if self.shaping else ImageFont.Layout.BASIC
            font = ImageFont.truetype(str(face.path), size, index=face.index, layout_engine=engine)
            if face.path.name != EMOJI or weight <= 700:
                font.set_variation_by_axes([weight])
            self._fonts[key] = font
        return self._fonts[key]

    def dress(
        self, clusters: Sequence[str], *, han: int, before: Face | None = None
    ) -> list[tuple[str, Face | None]]:
        """Each cluster with the font that has it, that of ``before`` if it can be; one that no font has
        whole comes in parts, or as `STAND_IN` with None."""
        dressed: list[tuple[str, Face | None]] = []
        for cluster in clusters:
            for text, face in self._dress(cluster, before, han):
                dressed.append((text, face))
                before = face
        return dressed

    def _dress(self, cluster: str, before: Face | None, han: int) -> list[tuple[str, Face | None]]:
        neutral = not cluster[0].isalpha() and not is_emoji(cluster)
        if neutral and before and before.path.name != EMOJI and self._has(before, cluster):
            return [(cluster, before)]
        face = self._find(cluster, han)
        if face is not None and (self.shaping or len(cluster) == 1):
            return [(cluster, face)]
        parts = [c for c in cluster if not is_silent(c) and not (is_tone(c) and len(cluster) > 1)]
        if not parts:
            return []
        if not self.shaping and not is_emoji(cluster):
            return [("".join(parts), face)] if face else [(STAND_IN, None)]
        found = [(part, self._find(part, han)) for part in parts]
        return [(part, face) if face else (STAND_IN, None) for part, face in found]

    def _find(self, cluster: str, han: int) -> Face | None:
        key = (cluster, han)
        if key not in self._known:
            faces = self._all(han)
            if is_emoji(cluster):
                faces = (faces[-1], *faces[:-1])
            self._known[key] = next((face for face in faces if self._has(face, cluster)), None)
        return self._known[key]

    def _has(self, face: Face, cluster: str) -> bool:
        if face not in self._covers:
            self._covers[face] = read_coverage(face.path, face.index)
        covers = self._covers[face]
        return all(ord(c) in covers or (is_silent(c) and len(cluster) > 1) for c in cluster)

    def _all(self, han: int) -> tuple[Face, ...]:
        """In the order they are asked; the pictures come last, letters never look like one by chance."""
        if not self._usual:
            folder, han_folder = _folders()
            names = (PLAIN, *(f"NotoSans{script}[wght].ttf" for script in SCRIPTS))
            self._usual = tuple(Face(folder / name) for name in (*names, SYMBOLS, EMOJI))
            self._han = han_folder / HAN
        *first, symbols, emoji = self._usual
        return (*first, Face(self._han, han), symbols, emoji)

    @property
    def plain(self) -> Face:
        return self._all(CHINESE)[0]


def _folders() -> tuple[Path, Path]:
    """Where the fonts lie, and those of Chinese, Japanese and Korean."""
    try:
        import manimgx_fonts
        import manimgx_fonts_cjk
    except ImportError as error:
        raise Unsupported(NO_FONTS, detail=str(error)) from error
    return Path(manimgx_fonts.__path__[0]), Path(manimgx_fonts_cjk.__path__[0])


def needs_shaping(text: str) -> bool:
    """Whether letters in it join, stack or run right to left."""
    return any(
        ord(c) >= 0x0590 and (is_right_to_left(c) or any(a <= ord(c) <= b for a, b in SHAPED)) for c in text
    )


def han_of(text: str) -> int:
    """Whose forms of shared characters are meant, as far as the text tells."""
    for char in text:
        if "\u3040" <= char <= "\u30ff":
            return JAPANESE
        if "\u1100" <= char <= "\u11ff" or "\uac00" <= char <= "\ud7a3":
            return KOREAN
        if "\u3105" <= char <= "\u312f":
            return TAIWANESE
    return CHINESE
