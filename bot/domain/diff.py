"""What changed between two versions, in words a person can check."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from bot.domain.post import Variant


def word_changes(old: str, new: str) -> str:
    """The new text with what went in ‹−brackets−› and what came in ‹+brackets+›.

    Long unchanged stretches are shortened to their ends.
    """
    before, after = old.split(), new.split()
    pieces: list[str] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            same = before[a:b]
            pieces.append(" ".join(same if len(same) <= 8 else [*same[:3], "…", *same[-3:]]))
            continue
        if b > a:
            pieces.append("‹−" + " ".join(before[a:b]) + "−›")
        if d > c:
            pieces.append("‹+" + " ".join(after[c:d]) + "+›")
    return " ".join(p for p in pieces if p)


def differences(
    old: Mapping[str, Variant], new: Mapping[str, Variant], *, old_wish: str, new_wish: str
) -> tuple[str, ...]:
    """One line for each thing that differs, target by target, then the wish about time."""
    lines: list[str] = []
    for account, variant in new.items():
        before = old.get(account)
        if before is None:
            lines.append(f"{account}: added")
            continue
        if before.text != variant.text:
            same_words = before.text.split() == variant.text.split()
            changed = "spaces and line breaks" if same_words else word_changes(before.text, variant.text)
            lines.append(f"{account} text: {changed}")
        if len(before.parts) != len(variant.parts):
            lines.append(f"{account}: {len(before.parts)} → {len(variant.parts)} parts")
        if [m.sha256 for m in before.media] != [m.sha256 for m in variant.media]:
            was = ", ".join(m.name for m in before.media) or "no media"
            lines.append(f"{account} media: {was} → {', '.join(m.name for m in variant.media) or 'no media'}")
        elif [m.alt for m in before.media] != [m.alt for m in variant.media]:
            lines.append(f"{account} alt text: “{variant.media[0].alt}”")
    lines += [f"{account}: dropped" for account in old if account not in new]
    if old_wish != new_wish:
        lines.append(f"time: {old_wish} → {new_wish}")
    return tuple(lines)
