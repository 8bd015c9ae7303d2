"""Letters of every script on a chart: the fonts, and what is done about a letter that none of them has."""

from __future__ import annotations

import logging
from pathlib import Path

from bot.errors import FiguresFailed

FIRST = "DejaVu Sans"
"""Comes with matplotlib, also in bold."""

SCRIPTS = (
    "NotoSansArabic[wght].ttf",
    "NotoSansHebrew[wght].ttf",
    "NotoSansThai[wght].ttf",
    "NotoSansDevanagari[wght].ttf",
    "NotoSansBengali[wght].ttf",
    "NotoSansTamil[wght].ttf",
    "NotoSansTelugu[wght].ttf",
    "NotoSansKannada[wght].ttf",
    "NotoSansMalayalam[wght].ttf",
    "NotoSansGujarati[wght].ttf",
    "NotoSansGurmukhi[wght].ttf",
    "NotoSansOriya[wght].ttf",
    "NotoSansSinhala[wght].ttf",
    "NotoSansLao[wght].ttf",
    "NotoSansKhmer[wght].ttf",
    "NotoSansMyanmar[wght].ttf",
    "NotoSansGeorgian[wght].ttf",
    "NotoSansArmenian[wght].ttf",
    "NotoSansEthiopic[wght].ttf",
    "NotoSansSymbols[wght].ttf",
    "NotoEmoji[wght].ttf",
    "NotoSans[wght].ttf",
)
HAN = "NotoSansCJK-VF.otf.ttc"

STAND_IN = "\u00b7"
"""Drawn for a letter that no font here has."""

SILENT = frozenset("\ufe0e\ufe0f\u200b\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff")
"""Marks that nobody sees; joiners are not among them, as letters change with them."""


class Lettering:
    """The fonts of charts, found once. Raises `FiguresFailed` where their package is missing."""

    def __init__(self) -> None:
        from matplotlib import font_manager, ft2font

        try:
            import manimgx_fonts
            import manimgx_fonts_cjk
        except ImportError as error:
            raise FiguresFailed("the fonts for charts are missing", detail=str(error)) from error
        # It would name every weight that a script's only font does not have.
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
        folder, han = Path(manimgx_fonts.__path__[0]), Path(manimgx_fonts_cjk.__path__[0])
        paths = [*(folder / name for name in SCRIPTS), han / HAN]
        own = Path(font_manager.findfont(FIRST))
        known = {Path(font.fname) for font in font_manager.fontManager.ttflist}
        names = list[str]()
        for path in paths:
            if path not in known:
                font_manager.fontManager.addfont(str(path))
            names.append(next(f.name for f in font_manager.fontManager.ttflist if Path(f.fname) == path))
        own_has = frozenset(ft2font.FT2Font(str(own)).get_charmap())
        self._fonts = tuple(
            (name, frozenset(ft2font.FT2Font(str(path)).get_charmap()) - own_has)
            for name, path in zip(names, paths, strict=True)
        )
        self._has = own_has.union(*(letters for _, letters in self._fonts))
        self._thin = self._fonts[-1][1]

    def families(self, text: str) -> list[str]:
        """The fonts that a text needs, in the order they are asked; each more one costs time."""
        left, found = {ord(c) for c in text}, [FIRST]
        for name, letters in self._fonts:
            if left & letters:
                found.append(name)
                left -= letters
        return found

    def safe(self, text: str) -> str:
        """The text with a mark for each letter that would come out as a box, and none of the signs that
        would be read as a formula."""
        kept = "".join("" if c in SILENT else c if ord(c) in self._has else STAND_IN for c in text)
        return kept.replace("$", "\\$")

    def is_thin(self, text: str) -> bool:
        """Whether it has letters that are drawn in hairlines, as that font has no other weight here."""
        return any(ord(c) in self._thin for c in text)
