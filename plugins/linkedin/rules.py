"""LinkedIn's limits, dated, and what they mean for a variant.

Sources are pages of learn.microsoft.com/en-us/linkedin, copies of March to September 2026
(li-lms-2026-03 … 2026-09). What LinkedIn does not state is a warning here, never a bar.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.api import Facts, Finding, Level, Limit, Part, PartRole, Variant
from plugins.linkedin.files import FILE_LIMITS, said_of
from plugins.linkedin.little_text import escape, utf16_length
from plugins.linkedin.options import visibility_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEXT_LIMIT = 3000
"""Characters of ``commentary``. Whether escapes count, and the unit, is not stated: the plain
text in UTF-16 units is the bar, the escaped text a warning (posts-api, 2026)."""

COMMENT_LIMIT = 1250
"""Characters of a comment, plain text (field reports of 2026)."""

COMMENTS = frozenset({PartRole.COMMENT, PartRole.FOLLOW_UP})

VISIBILITIES = ("PUBLIC", "CONNECTIONS", "LOGGED_IN")
ORGANIZATION = "urn:li:organization:"

SUNSETS: Mapping[str, date] = MappingProxyType(
    {
        "202509": date(2026, 9, 15),
        "202510": date(2026, 10, 15),
        "202511": date(2026, 11, 16),
        "202601": date(2027, 1, 15),
        "202602": date(2027, 2, 15),
        "202603": date(2027, 3, 16),
        "202604": date(2027, 4, 15),
        "202605": date(2027, 5, 15),
        "202606": date(2027, 6, 15),
        "202607": date(2027, 7, 15),
        "202608": date(2027, 8, 17),
        "202609": date(2027, 9, 15),
    }
)
"""API version → the day from which it answers 426 (marketing/versioning, read 2026-09-19)."""

NEWEST_VERSION = max(SUNSETS)
WARN_BEFORE = timedelta(days=60)
"""How long before its end a version is warned about."""

SIMULATED_AUTHOR = "urn:li:organization:2414183"
SIMULATED_TOKEN = "simulated-page-token"

_POSTS = "learn.microsoft.com/en-us/linkedin: community-management/shares/posts-api"
_READ = date(2026, 9, 19)

LIMITS = (
    Limit(name="text", value=TEXT_LIMIT, unit="characters", as_of=_READ, source=_POSTS),
    Limit(
        name="comment",
        value=COMMENT_LIMIT,
        unit="characters",
        as_of=_READ,
        source="field reports; not stated",
    ),
    *FILE_LIMITS,
    Limit(
        name="calls a day and member",
        value=150,
        unit="calls",
        as_of=_READ,
        source="learn.microsoft.com/en-us/linkedin: consumer/integrations/self-serve/share-on-linkedin",
    ),
    Limit(
        name="API versions and their last day",
        value=tuple(f"{name} until {end - timedelta(days=1)}" for name, end in SUNSETS.items()),
        unit="versions",
        as_of=_READ,
        source="learn.microsoft.com/en-us/linkedin: marketing/versioning",
    ),
)


def version_facts(version: str, now: datetime) -> Facts:
    """What is known of an API version at ``now`` (aware UTC); stale after six hours."""
    end = SUNSETS.get(version)
    values: dict[str, str | int] = {"version": version}
    if end is not None:
        values |= {"sunset": end.isoformat(), "days_left": (end - now.date()).days}
    return Facts(values=values, expires_at=now + timedelta(hours=6))


def sunset_notes(version: str, now: datetime) -> tuple[str, ...]:
    """The sentence about an API version that ends within `WARN_BEFORE`; none for one we know nothing of."""
    end = SUNSETS.get(version)
    if end is None or end - now.date() > WARN_BEFORE:
        return ()
    newer = (
        f"; set `version` to {NEWEST_VERSION}" if version != NEWEST_VERSION else "; ask for a newer Clarion"
    )
    return (f"LinkedIn's API version {version} stops working on {end:%d %B %Y}{newer}.",)


def findings(variant: Variant, facts: Facts, *, author: str, visibility: str) -> Iterator[Finding]:
    """Everything worth saying about ``variant`` for this account."""
    text = variant.parts[0].text if variant.parts else ""
    segments = [p for i, p in enumerate(variant.parts) if i == 0 or p.role not in COMMENTS]
    if len(segments) > 1:
        yield _block(
            "thread",
            f"LinkedIn has no threads; this has {len(segments)} parts.",
            f'Make it one post, or `--for {variant.account} "…"` gives LinkedIn its own text.',
        )
    yield from _text(text, variant)
    for part in variant.parts[1:]:
        if part.role in COMMENTS:
            yield from _comment(part)
    yield from said_of(variant.media)
    yield from _settings(author, visibility_of(variant.options, visibility))
    yield from _version(facts)


def _text(text: str, variant: Variant) -> Iterator[Finding]:
    length = utf16_length(text)
    yield Finding(level=Level.NOTE, code="length", text=f"{length}/{TEXT_LIMIT}")
    if not text.strip() and not variant.media and not variant.parts[0].link:
        yield _block("empty", "There is nothing to post to LinkedIn.", "Write a text or add an image.")
    escaped = utf16_length(escape(text))
    if length > TEXT_LIMIT:
        yield _block(
            "too_long",
            f"LinkedIn takes {TEXT_LIMIT:,} characters, this has {length:,}.",
            f'Shorten it, or `--for {variant.account} "…"` gives LinkedIn its own text.',
        )
    elif escaped > TEXT_LIMIT:
        yield Finding(
            level=Level.WARN,
            code="escaped_length",
            text=f"Escaped for LinkedIn this has {escaped:,} characters, and it may count them.",
            fix="Use fewer brackets, hashtags and underscores, or shorten the text.",
        )


def _comment(part: Part) -> Iterator[Finding]:
    length = utf16_length(part.text)
    if not part.text.strip():
        yield _block("empty_comment", "There is a comment that says nothing.", "Write it, or leave it out.")
    if length > COMMENT_LIMIT:
        yield _block(
            "comment_too_long",
            f"LinkedIn takes {COMMENT_LIMIT:,} characters in a comment, this has {length:,}.",
            "Shorten it.",
        )
    if part.media:
        yield _block(
            "comment_media", "A comment on LinkedIn takes no files from here.", "Put them into the post."
        )


def _settings(author: str, visibility: str) -> Iterator[Finding]:
    if visibility not in VISIBILITIES:
        yield _block(
            "visibility",
            f"LinkedIn knows no visibility {visibility!r}.",
            f"Choose {' or '.join(VISIBILITIES)}, here or as `visibility` of this account.",
        )
    elif author.startswith(ORGANIZATION) and visibility != "PUBLIC":
        yield _block(
            "visibility",
            "A LinkedIn page can only post publicly.",
            'Choose "PUBLIC", here or as `visibility` of this account.',
        )


def _version(facts: Facts) -> Iterator[Finding]:
    left = facts.values.get("days_left")
    if not isinstance(left, int) or left > WARN_BEFORE.days:
        return
    version, sunset = facts.values.get("version"), facts.values.get("sunset")
    when = f"on {sunset}, in {left} days" if left > 0 else f"on {sunset}"
    yield Finding(
        level=Level.WARN,
        code="version_ends",
        text=f"LinkedIn switches off the API version of this account ({version}) {when}.",
        fix="Set `version` of this account to a newer one.",
    )


def _block(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)
