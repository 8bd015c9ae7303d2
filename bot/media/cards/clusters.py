"""What must stay together in a text, and where a line may end.

A small reading of Unicode's annexes 29 (clusters) and 14 (lines): enough that no accent, emoji sequence,
flag, syllable or closing bracket is torn off. Clusters of Indic scripts keep their conjuncts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

JOINER = "\u200d"
TEXT_STYLE, EMOJI_STYLE = "\ufe0e", "\ufe0f"
VIRAMAS = frozenset("\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2")
STACK = 3
"""Marks kept on one letter; more of them pile up without end and hide the lines around."""

NO_START = frozenset(
    "、。，．,.:;!?：；！？)]}）」』】〕〉》〗’”…‥ー々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ・％%°"
)
"""What no line of Chinese or Japanese begins with (kinsoku, JIS X 4051, shortened)."""

NO_END = frozenset("([{（「『【〔〈《〖‘“$¥￥＄＃#@")
BREAK_AFTER = frozenset("-\u2010\u2013\u2014/")


def tidy(text: str) -> str:
    """The text as it is set: composed (NFC), tabs as spaces, no control characters, few marks a letter."""
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")):
        kind = unicodedata.category(char)
        if kind == "Mn" and not _is_selector(char):
            marks += 1
            if marks > STACK:
                continue
        elif char != JOINER:
            marks = 0
        if char == "\t":
            char = "    "
        elif (kind == "Cc" and char != "\n") or kind == "Cs" or char in "\ufeff\u2028\u2029":
            char = " " if char in "\u2028\u2029\x0b\x0c" else ""
        kept.append(char)
    return "".join(kept)


def clusters(text: str) -> list[str]:
    """The characters as people see them."""
    found: list[str] = []
    for char in text:
        if found and _joins(found[-1], char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _joins(before: str, char: str) -> bool:
    last = before[-1]
    if "\n" in (last, char):
        return False
    if char == JOINER or _is_selector(char) or is_tone(char) or _is_tag(char):
        return True
    if unicodedata.category(char) in ("Mn", "Mc", "Me") or char == "\u0e33":
        return True
    if last == JOINER:
        return _is_pictured(char) or unicodedata.category(char) == "Lo"
    if last in VIRAMAS and unicodedata.category(char) == "Lo":
        return True
    if is_flag_half(char):
        return is_flag_half(last) and len(before) == 1
    return _hangul_joins(ord(last), ord(char))


def is_emoji(cluster: str) -> bool:
    """Whether a cluster is shown as a picture: by nature, or because it says so."""
    if TEXT_STYLE in cluster:
        return False
    return EMOJI_STYLE in cluster or "\u20e3" in cluster or _is_pictured(cluster[0])


def is_tone(char: str) -> bool:
    """A skin tone."""
    return "\U0001f3fb" <= char <= "\U0001f3ff"


def is_flag_half(char: str) -> bool:
    """Half a flag: a regional indicator."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def is_silent(char: str) -> bool:
    """A character that draws nothing by itself, such as a joiner."""
    return _is_selector(char) or _is_tag(char) or unicodedata.category(char) == "Cf"


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _is_tag(char: str) -> bool:
    return "\U000e0020" <= char <= "\U000e007f"


def _is_pictured(char: str) -> bool:
    """Shown as a picture by default (most of `Emoji_Presentation`; the newest blocks as a whole)."""
    return "\U0001f300" <= char <= "\U0001faff" or is_flag_half(char) or char in PICTURED


PICTURED = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕🀄🃏🆎🆑🆒🆓🆔🆕🆖🆗🆘🆙🆚🈁🈚🈯"
)


def _hangul_joins(last: int, point: int) -> bool:
    if 0x1160 <= point <= 0x11A7:
        return 0x1100 <= last <= 0x115F or 0x1160 <= last <= 0x11A7 or _is_open_syllable(last)
    if 0x11A8 <= point <= 0x11FF:
        return 0x1160 <= last <= 0x11FF or 0xAC00 <= last <= 0xD7A3
    return 0x1100 <= point <= 0x115F and 0x1100 <= last <= 0x115F


def _is_open_syllable(point: int) -> bool:
    return 0xAC00 <= point <= 0xD7A3 and (point - 0xAC00) % 28 == 0


def is_wide(cluster: str) -> bool:
    """Chinese, Japanese: a line may end at either side of it. Korean breaks at its spaces."""
    point = ord(cluster[0])
    if 0xAC00 <= point <= 0xD7A3 or 0x1100 <= point <= 0x11FF or is_emoji(cluster):
        return False
    return unicodedata.east_asian_width(cluster[0]) in "WF"


def words(text: str) -> Iterator[list[str]]:
    """The pieces of one paragraph between which a line may end; trailing spaces stay with their word."""
    piece: list[str] = []
    for cluster in clusters(text):
        if piece and _may_break(piece[-1], cluster):
            yield piece
            piece = []
        piece.append(cluster)
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after == " " or after in NO_START or before in NO_END:
        return False
    if before == " " or before == "\u200b":
        return True
    if is_wide(before) or is_wide(after) or is_emoji(before) or is_emoji(after):
        return True
    return before in BREAK_AFTER and after.isalpha()
