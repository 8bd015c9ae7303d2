"""What changed between two versions, in words a person can check."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from bot.domain.post import Link, Media, Part, PartRole, Variant

KEEP = 3
"""Words shown at each end of a long stretch that did not change."""

LONGEST = 600
"""Characters of one difference; the rest is counted. `/preview` shows all of both."""

LRM, RLM = "\u200e", "\u200f"
"""Marks without width that give the brackets the direction of the text around them (UAX #9, §2.6).

Without them a bracket between an Arabic and a Latin word may be shown on the wrong side of
either. They are no overrides, so no chat and no terminal has to take them out.
"""


def word_changes(old: str, new: str) -> str:
    """The new text with what went in ‹−brackets−› and what came in ‹+brackets+›.

    Long unchanged stretches are shortened to their ends, long differences cut at `LONGEST`.
    """
    before, after = old.split(), new.split()
    mark = _mark(f"{old} {new}")
    pieces: list[str] = []
    left = 0
    size = 0
    codes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for tag, a, b, c, d in codes:
        if tag == "equal":
            said = [_shortened(before[a:b], first=a == 0, last=b == len(before))]
        else:
            said = [f"{mark}‹−{mark}{' '.join(before[a:b])}{mark}−›{mark}"] if b > a else []
            said += [f"{mark}‹+{mark}{' '.join(after[c:d])}{mark}+›{mark}"] if d > c else []
        if size > LONGEST:
            left += tag != "equal"
            continue
        said = [_cut(piece, mark) for piece in said]
        pieces += said
        size += sum(map(len, said))
    more = f"… and {left} more {'change' if left == 1 else 'changes'}" if left else ""
    return " ".join(p for p in [*pieces, more] if p)


def _shortened(words: Sequence[str], *, first: bool, last: bool) -> str:
    """At the ends of the text only the side that touches a change is shown."""
    if len(words) <= 2 * KEEP + 2:
        return " ".join(words)
    head = [] if first else list(words[:KEEP])
    tail = [] if last else list(words[-KEEP:])
    return " ".join([*head, "…", *tail])


def _cut(piece: str, mark: str) -> str:
    if len(piece) <= LONGEST:
        return piece
    closing = piece[-2 - len(mark) :] if piece.endswith(f"›{mark}") else ""
    return f"{piece[: LONGEST - 20]} … ({len(piece) - LONGEST + 20:,} more characters){mark}{closing}"


def _mark(text: str) -> str:
    """What has to stand around brackets: nothing, unless letters are written from right to left."""
    found = [unicodedata.bidirectional(char) for char in text]
    right = sum(kind in ("R", "AL") for kind in found)
    if not right:
        return ""
    return RLM if right > found.count("L") else LRM


def differences(
    old: Mapping[str, Variant], new: Mapping[str, Variant], *, old_wish: str, new_wish: str
) -> tuple[str, ...]:
    """One line for each thing that differs, target by target, then the wish about time."""
    lines: list[str] = []
    for account, variant in new.items():
        before = old.get(account)
        if before is None:
            lines.append(f"{account}: added")
        else:
            lines += _of_variant(account, before, variant)
    lines += [f"{account}: dropped" for account in old if account not in new]
    if old_wish != new_wish:
        lines.append(f"time: {old_wish} → {new_wish}")
    return tuple(lines)


def _of_variant(account: str, old: Variant, new: Variant) -> Iterator[str]:
    if len(old.parts) != len(new.parts):
        yield f"{account}: {len(old.parts)} → {len(new.parts)} parts"
    yield from _options(account, old.options, new.options)
    for index in range(max(len(old.parts), len(new.parts))):
        name = account if max(len(old.parts), len(new.parts)) == 1 else f"{account} part {index + 1}"
        if index >= len(new.parts):
            yield f"{name}: taken out: {word_changes(old.parts[index].text, '')}"
        elif index >= len(old.parts):
            yield f"{name}: new{_kind(new.parts[index])}: {word_changes('', new.parts[index].text)}"
            yield from _media(name, (), new.parts[index].media)
            yield from _link(name, None, new.parts[index].link)
        else:
            yield from _of_part(name, old.parts[index], new.parts[index])


def _of_part(name: str, old: Part, new: Part) -> Iterator[str]:
    if old.text != new.text:
        same_words = old.text.split() == new.text.split()
        changed = "spaces and line breaks" if same_words else word_changes(old.text, new.text)
        yield f"{name} text: {changed}"
    if old.role is not new.role:
        yield f"{name}: {_role(old.role)} → {_role(new.role)}"
    if old.after != new.after:
        yield f"{name}: {_wait(old.after)} → {_wait(new.after)}"
    yield from _media(name, old.media, new.media)
    yield from _link(name, old.link, new.link)
    yield from _options(name, old.options, new.options)


def _media(name: str, old: Sequence[Media], new: Sequence[Media]) -> Iterator[str]:
    if [m.sha256 for m in old] != [m.sha256 for m in new]:
        same_names = [m.name for m in old] == [m.name for m in new]
        was, now = (", ".join(m.name for m in files) or "no media" for files in (old, new))
        yield f"{name} media: " + (f"another file, also called {now}" if same_names else f"{was} → {now}")
    described = {m.sha256: m.alt for m in old}
    for media in new:
        was_alt = described.get(media.sha256, "")
        if media.alt != was_alt:
            changed = word_changes(was_alt, media.alt) if was_alt else f"“{media.alt}”"
            yield f"{name} alt text of {media.name}: {changed}"


def _link(name: str, old: Link | None, new: Link | None) -> Iterator[str]:
    if old == new:
        return
    if old is None or new is None or old.url != new.url:
        yield f"{name} link card: {old.url if old else 'none'} → {new.url if new else 'none'}"
    for field in ("title", "description"):
        was, now = (getattr(link, field) if link else "" for link in (old, new))
        if was != now:
            yield f"{name} link card’s {field}: {word_changes(was, now)}"
    was_image, now_image = (link.image.sha256 if link and link.image else "" for link in (old, new))
    if was_image != now_image:
        yield f"{name} link card’s picture: {'another one' if was_image and now_image else 'added' if now_image else 'taken out'}"


def _options(name: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            yield f"{name} {key}: {old.get(key, 'usual')} → {new.get(key, 'usual')}"


def _kind(part: Part) -> str:
    role = "" if part.role in (PartRole.POST, PartRole.SEGMENT) else f", {_role(part.role)}"
    return role + (f", {_wait(part.after)}" if part.after else "")


def _role(role: PartRole) -> str:
    return role.value.replace("_", "-")


def _wait(seconds: int) -> str:
    if not seconds:
        return "at once"
    hours, minutes = divmod(seconds // 60, 60)
    span = " ".join([*([f"{hours} h"] if hours else []), *([f"{minutes} min"] if minutes else [])])
    return f"{span or f'{seconds} s'} later"
