"""What X takes, said before anything is uploaded."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.api import Facts, Finding, Level, Part, PartRole, Variant
from plugins.twitter.counting import cashtags, invalid_points, links, weigh
from plugins.twitter.files import said_of
from plugins.twitter.limits import CASHTAGS, CHARACTERS, LINK_PRICE_MILLS, TEXT_PRICE_MILLS
from plugins.twitter.options import mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NAMES: Mapping[PartRole, str] = MappingProxyType(
    {PartRole.COMMENT: "the comment", PartRole.FOLLOW_UP: "the follow-up"}
)
FILE_ENDINGS = frozenset({"md", "py", "rs", "sh", "pl", "cc", "zip", "mov"})
"""Endings that are file types to people and top-level domains to X."""


def inspect(variant: Variant, facts: Facts) -> Sequence[Finding]:
    """Everything wrong with ``variant``, or worth saying; ``facts`` may allow longer texts."""
    limit = int(facts.values.get("characters", CHARACTERS))
    weights = [weigh(part.text) for part in variant.parts]
    found = [_length(weights, limit), _price(variant.parts)]
    for number, (part, weight) in enumerate(zip(variant.parts, weights, strict=True), 1):
        where = NAMES.get(part.role) or (f"part {number}" if len(variant.parts) > 1 else "this")
        found += _text(part, weight, limit, where, variant)
        found += said_of(part, facts)
    found += mistakes(variant.options)
    texts = [part.text for part in variant.parts]
    if len(set(texts)) < len(texts):
        found.append(
            Finding(
                level=Level.WARN,
                code="same_text",
                text="Two parts of the thread say the same, which X may refuse as a duplicate.",
                fix="Word one of them differently.",
            )
        )
    return tuple(found)


def _length(weights: Sequence[int], limit: int) -> Finding:
    most = f"{max(weights, default=0):,}/{limit:,}"
    text = most if len(weights) == 1 else f"{len(weights)} parts, the longest {most}"
    return Finding(level=Level.NOTE, code="length", text=text)


def _price(parts: Sequence[Part]) -> Finding:
    with_link = sum(1 for part in parts if links(part.text))
    mills = with_link * LINK_PRICE_MILLS + (len(parts) - with_link) * TEXT_PRICE_MILLS
    if len(parts) == 1:
        kind = "link post" if with_link else "post without a link"
    else:
        kind = f"{len(parts)} posts, {with_link or 'none'} with a link"
    return Finding(level=Level.NOTE, code="price", text=f"{kind} (X charges {_dollars(mills)})")


def _dollars(mills: int) -> str:
    return f"${mills / 1000:.2f}" if mills % 10 == 0 else f"${mills / 1000:.3f}"


def _text(part: Part, weight: int, limit: int, where: str, variant: Variant) -> Iterator[Finding]:
    if not part.text.strip() and not part.media:
        yield _block(
            "empty", f"X takes no empty post, and {where} says nothing.", "Write a text or add a picture."
        )
    if weight > limit:
        thread = "" if len(variant.parts) > 1 else " `--thread` makes it a thread."
        yield _block(
            "too_long",
            f"X takes {limit:,} characters, {where} has {weight:,}.",
            f'Shorten it, or `--for {variant.account} "…"` gives X its own text.{thread}',
        )
    if bad := invalid_points(part.text):
        yield _block(
            "invalid_text",
            f"X refuses a text with the invisible sign {', '.join(bad)}.",
            "Type the text anew instead of pasting it.",
        )
    if len(tags := cashtags(part.text)) > CASHTAGS:
        yield _block(
            "cashtags",
            f"X takes one cashtag per post, {where} has {len(tags)}: {' '.join(tags)}.",
            "Keep one of them.",
        )
    for link in links(part.text):
        if "/" not in link and link.rpartition(".")[2].lower() in FILE_ENDINGS:
            yield Finding(
                level=Level.WARN,
                code="accidental_link",
                text=f"X makes a link of “{link}”, and charges for it.",
                fix="Write the name without its ending if you do not mean a website.",
            )


def _block(code: str, text: str, fix: str) -> Finding:
    return Finding(level=Level.BLOCK, code=code, text=text, fix=fix)
