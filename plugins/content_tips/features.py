"""What can be seen of a text without understanding it: each either there or not.

They hold in every script; the words by which a reader is addressed are listed for a few languages only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
TAG = re.compile(r"(?<![\w&/])[#＃][^\W_]\w*")
MENTION = re.compile(r"(?<![\w@])@\w[\w.-]*")
BULLET = re.compile(r"(?m)^\s*(?:[-–•*→▪✅✔]|\d{1,2}[.)])\s")
EMOJI = re.compile("[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]")
"""Flags, pictographs, and the symbols of old that are mostly drawn in colour (Unicode emoji-data 16)."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


READER = _set(
    "you your yours you're you'll you've "
    "du dich dir dein deine deinen deinem deiner euch eure euren "
    "tu toi ton tes vous votre vos "
    "tú ti tus usted ustedes vosotros vuestro vuestra "
    "você vocês teu tua "
    "voi vostro vostra jij jouw jullie uw"
)
US = _set(
    "we we're we've our ours us wir uns unser unsere unseren unserem nous notre nos "
    "nosotros nuestro nuestra nuestros nós nosso nossa noi nostro nostra wij ons onze"
)
CAPITALS = 4
"""Letters from which on a word in capitals is no abbreviation, mostly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A text as features look at it: ``unlinked`` without addresses, ``bare`` without mentions and hashtags
    too, ``words`` of that as they are written."""

    text: str
    unlinked: str
    bare: str
    words: tuple[str, ...]


def see(text: str) -> Seen:
    """Look at a text once for all features."""
    unlinked = LINK.sub(" ", text)
    bare = MENTION.sub(" ", TAG.sub(" ", unlinked))
    return Seen(text=text, unlinked=unlinked, bare=bare, words=tuple(WORD.findall(bare)))


@dataclass(frozen=True, kw_only=True)
class Feature:
    """``name`` is how people call it behind "with"; ``add`` and ``drop`` are what a person can do."""

    code: str
    name: str
    has: Callable[[Seen], bool]
    add: str
    drop: str


def words_of(text: str) -> list[str]:
    """The words without links, mentions and hashtags, as they are written."""
    return list(see(text).words)


def first_line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _said(words: frozenset[str]) -> Callable[[Seen], bool]:
    return lambda seen: any(w.casefold().replace("’", "'") in words for w in seen.words)


def _capitals(seen: Seen) -> bool:
    return any(len(w) >= CAPITALS and w.isupper() for w in seen.words)


FEATURES: tuple[Feature, ...] = (
    Feature(
        code="question",
        name="a question",
        has=lambda seen: any(mark in seen.unlinked for mark in "?？؟"),
        add="Ask something.",
        drop="Say it instead of asking.",
    ),
    Feature(
        code="exclamation",
        name="an exclamation mark",
        has=lambda seen: "!" in seen.text or "！" in seen.text,
        add="An exclamation mark may do.",
        drop="Leave the exclamation mark out.",
    ),
    Feature(
        code="digit",
        name="a number",
        has=lambda seen: any(c.isdigit() for c in seen.bare),
        add="Name a number.",
        drop="Say it without the number.",
    ),
    Feature(
        code="capitals",
        name="words in capitals",
        has=_capitals,
        add="Try a word in capitals.",
        drop="Write it in small letters.",
    ),
    Feature(
        code="emoji",
        name="an emoji",
        has=lambda seen: EMOJI.search(seen.text) is not None,
        add="Add an emoji.",
        drop="Leave the emoji out.",
    ),
    Feature(
        code="hashtag",
        name="a hashtag",
        has=lambda seen: TAG.search(seen.text) is not None,
        add="Add a hashtag.",
        drop="Leave the hashtags out.",
    ),
    Feature(
        code="link",
        name="a link in the text",
        has=lambda seen: LINK.search(seen.text) is not None,
        add="Put the link into the text.",
        drop="Put the link into a comment (--comment).",
    ),
    Feature(
        code="mention",
        name="a mention",
        has=lambda seen: MENTION.search(seen.unlinked) is not None,
        add="Mention who it is about.",
        drop="Leave the mention out.",
    ),
    Feature(
        code="reader",
        name="the reader addressed",
        has=_said(READER),
        add="Address the reader.",
        drop="Say it without addressing the reader.",
    ),
    Feature(
        code="us",
        name="“we” or “our”",
        has=_said(US),
        add="Say who did it: “we”.",
        drop="Say it without “we” and “our”.",
    ),
    Feature(
        code="bullets",
        name="a list",
        has=lambda seen: len(BULLET.findall(seen.text)) >= 2,
        add="Make a list of it.",
        drop="Write it as sentences.",
    ),
)
"""In the order in which two that always come together give way to the first."""

MEASURES: Mapping[str, tuple[str, Callable[[str], float], str, str]] = MappingProxyType(
    {
        "long": ("more than {} characters", lambda t: float(len(t.strip())), "Say more.", "Shorten it."),
        "opening": (
            "a first line of more than {} characters",
            lambda t: float(len(first_line(t))),
            "Let the first line say more.",
            "Shorten the first line.",
        ),
    }
)
"""What has a size: told apart by the account's own median, whose value goes into the name."""


def measured(code: str, median: float) -> Feature:
    """One of `MEASURES` as a feature: larger than ``median``, which is what the account usually does."""
    name, size, add, drop = MEASURES[code]
    return Feature(
        code=code,
        name=name.format(round(median)),
        has=lambda seen: size(seen.text) > median,
        add=add,
        drop=drop,
    )
