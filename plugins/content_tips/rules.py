"""What is certain about how a draft will be shown: no chance in it, so it is stated as a fact.

What a platform refuses is not said here: its publisher says that itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from bot.api import LIMIT, Draft, ShownFile, Suggestion
from plugins.content_tips.features import LINK, TAG

HASHTAGS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "twitter": (2, "X itself recommends two at most"),
        "x": (2, "X itself recommends two at most"),
        "instagram": (5, "Instagram itself recommends three to five"),
        "youtube": (3, "YouTube shows the first three above the title"),
    }
)
"""How many a platform itself recommends or shows: help.x.com/using-x/how-to-use-hashtags, Instagram's
@creators (2021), support.google.com/youtube/answer/6390658; as quoted by others in November 2026."""

CUT_OFF = 0.10
"""Share of a picture's height or width from which on its loss is worth a line."""

LEAST_LETTERS = 7.0
"""Pixels of a capital in a picture 120 pixels wide; five by seven is where common screen fonts end."""

LEAST_CONTRAST = 3.0
"""WCAG 2.2, 1.4.3: the least for large lettering."""

HINT = 40
"""Characters of the last words before a fold that are quoted."""


def certain(draft: Draft) -> Iterator[Suggestion]:
    """Facts about a draft, what costs most first."""
    yield from _fold(draft)
    for file in draft.shown:
        yield from _lettering(draft, file)
    yield from _frame(draft)
    yield from _hashtags(draft)
    yield from _descriptions(draft)


def seen(draft: Draft) -> int:
    """How many characters of the text are shown before it is folded; all of them where it is not."""
    text = _feed(draft)
    end = len(text)
    if 0 < draft.cut < end:
        end = draft.cut
    if draft.lines and text.count("\n") >= draft.lines:
        place = -1
        for _ in range(draft.lines):
            place = text.find("\n", place + 1)
        end = min(end, place)
    return end


def _feed(draft: Draft) -> str:
    return (draft.feed or draft.text).strip()


def _fold(draft: Draft) -> Iterator[Suggestion]:
    text = _feed(draft)
    end = seen(draft)
    if end >= len(text):
        return
    shown = " ".join(text[:end].split())
    hint = shown if len(shown) <= HINT else "…" + shown[-HINT:].partition(" ")[2]
    words = (
        f"{draft.title or draft.platform} folds the text after {end} of {len(text)} characters (“{hint}”)."
    )
    hidden = [m for m in LINK.finditer(text) if m.start() >= end]
    if hidden and not any(m.start() < end for m in LINK.finditer(text)):
        yield _fact(
            draft, "fold-link", f"{words} The link comes behind it.", "Put the link, or why, before it."
        )
    else:
        yield _fact(draft, "fold", words, "What matters goes before that.")


def _hashtags(draft: Draft) -> Iterator[Suggestion]:
    most, why = HASHTAGS.get(draft.platform, (0, ""))
    count = len(TAG.findall(draft.text))
    if most and count > most:
        yield _fact(draft, "hashtags", f"{count} hashtags; {why}.", f"Keep the best {most}.")


def _descriptions(draft: Draft) -> Iterator[Suggestion]:
    without = [
        f.name for f in draft.shown if f.kind in ("image", "gif") and not f.cover and not f.alt.strip()
    ]
    if draft.alt_texts and without:
        one = without[0] if len(without) == 1 else f"{len(without)} pictures"
        verb = "has" if len(without) == 1 else "have"
        yield _fact(
            draft, "alt", f"{one} {verb} no description for people who do not see it.", "Add it: --alt “…”."
        )


def _frame(draft: Draft) -> Iterator[Suggestion]:
    """Of a picture alone: several are shown side by side, each platform in its own way."""
    pictures = [f for f in draft.shown if f.kind == "image" and not f.cover and f.width and f.height]
    if len(pictures) != 1 or len(draft.shown) != 1:
        return
    file = pictures[0]
    ratio = file.width / file.height
    wanted = draft.frame or ratio
    if not draft.frame and draft.ratios is not None:
        wanted = min(max(ratio, draft.ratios[0]), draft.ratios[1])
    lost = 1 - min(ratio / wanted, wanted / ratio)
    if lost >= CUT_OFF:
        side = "width" if ratio > wanted else "height"
        words = f"{draft.title or draft.platform} cuts {lost:.0%} off the {side} of {file.name} in the feed."
        yield _fact(draft, "frame", words.replace("%", " %"), f"Crop it to {_ratio(wanted)} yourself.")


def _lettering(draft: Draft, file: ShownFile) -> Iterator[Suggestion]:
    if not file.cover or file.letters is None:
        return
    if file.letters < LEAST_LETTERS:
        yield _fact(
            draft,
            "lettering",
            f"The lettering in {file.name} is {file.letters:.0f} pixels high where it is shown small "
            "(120 pixels wide); nobody can read that.",
            "Fewer words, larger.",
        )
    elif file.contrast is not None and file.contrast < LEAST_CONTRAST:
        yield _fact(
            draft,
            "contrast",
            f"The lettering in {file.name} stands out from its ground by {file.contrast:.1f} : 1; "
            "large letters need 3 : 1 (WCAG 2.2).",
            "Darken the ground or lighten the letters.",
        )


def _ratio(ratio: float) -> str:
    for wide, tall in ((1, 1), (4, 5), (3, 4), (16, 9), (9, 16), (3, 2), (2, 3), (2, 1)):
        if abs(ratio - wide / tall) < 0.01:
            return f"{wide}:{tall}"
    return f"{ratio:.2f}:1"


def _fact(draft: Draft, code: str, text: str, fix: str) -> Suggestion:
    return Suggestion(kind=LIMIT, code=code, text=text, fix=fix, account=draft.account)
