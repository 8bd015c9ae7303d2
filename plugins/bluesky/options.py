"""What a person may choose for a post on Bluesky, and how the record says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.api import Finding, Level, OptionKind, PostOption
from plugins.bluesky.limits import LANGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LANGUAGES, LABELS = "langs", "labels"
SELF_LABELS = (
    ("sexual", "Suggestive"),
    ("nudity", "Nudity"),
    ("porn", "Adult content"),
    ("graphic-media", "Violent or upsetting"),
)
"""What an author may say of a post of their own (com.atproto.label.defs, self labels)."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

OPTIONS = (
    PostOption(
        name=LANGUAGES,
        title="Languages",
        help="Up to three, as en or pt-BR; readers filter by them.",
        kind=OptionKind.LIST,
        most=LANGS,
    ),
    PostOption(
        name=LABELS,
        title="Content warning",
        help="Hides the post's media behind a warning.",
        kind=OptionKind.LIST,
        choices=SELF_LABELS,
        most=len(SELF_LABELS),
    ),
)


def chosen(options: Mapping[str, Any]) -> dict[str, Any]:
    """What is added to the record."""
    made: dict[str, Any] = {}
    if langs := _words(options, LANGUAGES):
        made["langs"] = langs[:LANGS]
    if labels := [w for w in _words(options, LABELS) if w in dict(SELF_LABELS)]:
        made["labels"] = {
            "$type": "com.atproto.label.defs#selfLabels",
            "values": [{"val": label} for label in labels],
        }
    return made


def mistakes(options: Mapping[str, Any]) -> Iterator[Finding]:
    """Choices that Bluesky does not know."""
    langs = _words(options, LANGUAGES)
    if len(langs) > LANGS:
        yield _block(LANGUAGES, f"Bluesky takes {LANGS} languages, this has {len(langs)}.", "Leave some out.")
    for word in langs:
        if not _LANGUAGE.fullmatch(word):
            yield _block(LANGUAGES, f"“{word[:40]}” is not a language.", "Write it as en, de or pt-BR.")
    for word in _words(options, LABELS):
        if word not in dict(SELF_LABELS):
            names = ", ".join(value for value, _ in SELF_LABELS)
            yield _block(LABELS, f"Bluesky knows no content warning “{word[:40]}”.", f"Choose of {names}.")


def _words(options: Mapping[str, Any], name: str) -> list[str]:
    given = options.get(name)
    words = given if isinstance(given, list | tuple) else [given] if isinstance(given, str) else []
    return [w.strip() for w in words if isinstance(w, str) and w.strip()]


def _block(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)
