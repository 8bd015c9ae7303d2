"""What changed between two versions, in words a person can check."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bot.domain.post import Link, Media, Part, PartRole, Variant

KEEP = 3
"""Words shown at each end of a long stretch that did not change."""

LONGEST = 600
"""Characters of one difference; the rest is counted. `/preview` shows all of both."""

MOST_PAIRS = 8000
"""Pairs of equal words that are still compared; an ordinary text of 600 words has some 5,000."""

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
    codes = _opcodes(before, after)
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


def _opcodes(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """As `difflib` has them; two texts that would take it seconds count as wholly rewritten between
    the words they begin and end with.

    Its time grows with the pairs of equal words, times the stretches it finds.
    """
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    counts = Counter(old)
    if sum(counts[word] for word in new) > MOST_PAIRS:
        inner = [("replace", 0, len(old), 0, len(new))]
    else:
        inner = list(difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes())
    codes = [("equal", 0, start, 0, start)] if start else []
    codes += [(tag, a + start, b + start, c + start, d + start) for tag, a, b, c, d in inner]
    if end:
        codes.append(("equal", len(before) - end, len(before), len(after) - end, len(after)))
    return codes


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
    yield from _beside(name, old.media, new.media)
    yield from _link(name, old.link, new.link)
    yield from _options(name, old.options, new.options)


def _media(name: str, old: Sequence[Media], new: Sequence[Media]) -> Iterator[str]:
    if [m.origin or m.sha256 for m in old] != [m.origin or m.sha256 for m in new]:
        same_names = [m.name for m in old] == [m.name for m in new]
        was, now = (", ".join(m.name for m in files) or "no media" for files in (old, new))
        yield f"{name} media: " + (f"another file, also called {now}" if same_names else f"{was} → {now}")
    # one file may be there twice, so descriptions are compared in its order
    left = [(m.sha256, m.alt) for m in old]
    for media in new:
        before = next((pair for pair in left if pair[0] == media.sha256), (media.sha256, ""))
        if before in left:
            left.remove(before)
        was_alt = before[1]
        if media.alt != was_alt:
            changed = word_changes(was_alt, media.alt) if was_alt else f"“{media.alt}”"
            yield f"{name} alt text of {media.name}: {changed}"


def _beside(name: str, old: Sequence[Media], new: Sequence[Media]) -> Iterator[str]:
    """Covers and subtitles of videos, in the order of the files."""
    for before, after in zip(old, new, strict=False):
        if (before.origin or before.sha256) != (after.origin or after.sha256):
            continue
        was, now = (m.cover.name if m.cover else "the usual one" for m in (before, after))
        if (before.cover and before.cover.sha256) != (after.cover and after.cover.sha256):
            yield f"{name} cover of {after.name}: " + (f"another, {now}" if was == now else f"{was} → {now}")
        spoken, speaks = ({m.language: m.sha256 for m in x.captions} for x in (before, after))
        if spoken != speaks:
            was, now = (", ".join(found) or "none" for found in (spoken, speaks))
            yield f"{name} subtitles of {after.name}: " + ("other words" if was == now else f"{was} → {now}")


def _link(name: str, old: Link | None, new: Link | None) -> Iterator[str]:
    if old == new:
        return
    if old is None or new is None or old.url != new.url:
        yield f"{name} link card: {old.url if old else 'none'} → {new.url if new else 'none'}"
    for field in ("title", "description"):
        was, now = (getattr(link, field) if link else "" for link in (old, new))
        if was != now:
            yield f"{name} link card’s {field}: {word_changes(was, now)}"
    yield from _media(f"{name} link card’s", _image(old), _image(new))


def _image(link: Link | None) -> tuple[Media, ...]:
    return (link.image,) if link is not None and link.image is not None else ()


def _options(name: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            yield f"{name} {key}: {_said(old.get(key, 'usual'))} → {_said(new.get(key, 'usual'))}"


def _said(value: object) -> str:
    """A chosen value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


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
