"""The same post as another account would get it: as it is, as a thread, or shortened to what fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.extras import Extras, body_of, extras_of, without_link
from bot.domain.fitting import MediaRules, after, judge
from bot.domain.platform import Level
from bot.domain.post import Media, MediaKind, Part, Variant
from bot.domain.words import listed
from bot.services.context import Connected
from bot.services.options import choosable
from bot.services.variants import variant_for

MOST_PARTS = 5
"""A longer thread is nobody's wish who has not asked for one; it is shortened instead."""

SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
MENTION = re.compile(r"(?<![\w@./])@[A-Za-z0-9_][\w.-]*")
ELLIPSIS = "…"
WHOLE = 0.6
"""Whole sentences win over a cut one as long as they keep so much of what would fit."""


@dataclass(frozen=True, kw_only=True)
class Shaped:
    """A variant for another account. ``how`` says what was done to it, ``notes`` what a person should look
    at, one sentence each."""

    variant: Variant
    how: str
    notes: tuple[str, ...] = ()


def shape(target: Connected, source: Variant, given: Sequence[Media], *, origin: str) -> Shaped | str:
    """What ``target`` would get of a variant that did well on the platform called ``origin``; a sentence
    where it cannot take it. ``given`` are the files as people gave them. Pure.

    Comments and follow-ups stay behind: they were said to the readers there.
    """
    title, rules = target.platform.title, _rules(target)
    files = tuple(m for m in given if rules is None or judge(m, rules).plan is not None)
    left = [m for m in given if m not in files]
    link = extras_of(source).link
    text = without_link("\n\n".join(part.text for part in body_of(source.parts)), link)
    if rules is not None and rules.needed and not files:
        return f"{title} takes no post without a file that it knows"
    if not files and not text.strip() and link is None:
        return f"nothing would be left of it on {title}"

    def made(words: str, *, thread: bool = False) -> Variant:
        return variant_for(target, words, files, thread, Extras(link=link))

    notes = list(_notes(target, text, files, origin))
    notes += [f"{title} takes no {m.kind.value} like {m.name}; it stays behind." for m in left]
    usual = _blocks(target, made("x" if text.strip() else ""))
    hard = {code: words for code, words in usual.items() if code not in {o.name for o in choosable(target)}}
    if hard:
        return next(iter(hard.values())).rstrip(".")
    if usual:
        notes.append(f"{title} asks for a choice that a person makes on its card.")

    def fits(variant: Variant) -> bool:
        return _blocks(target, variant).keys() <= usual.keys()

    if fits(whole := made(text)):
        return Shaped(variant=whole, how="as it is", notes=tuple(notes))
    threaded = made(text, thread=True)
    parts = len(body_of(threaded.parts))
    if 1 < parts <= MOST_PARTS and fits(threaded):
        return Shaped(variant=threaded, how=f"as a thread of {parts}", notes=tuple(notes))
    short = _longest(text, lambda words: fits(made(words)))
    if short is None:
        return f"its text does not fit {title}"
    how = f"shortened from {len(text):,} to {len(short):,} characters"
    return Shaped(variant=made(short), how=how, notes=tuple(notes))


def _blocks(target: Connected, variant: Variant) -> Mapping[str, str]:
    """What would keep it from going out once its files were made to fit: codes and sentences."""
    planned = replace(
        variant,
        parts=tuple(replace(p, media=tuple(_as_made(target, m) for m in p.media)) for p in variant.parts),
    )
    return {f.code: f.text for f in target.inspect(planned) if f.level is Level.BLOCK}


def _as_made(target: Connected, media: Media) -> Media:
    """The file as it will be when it was made to fit."""
    rules = _rules(target)
    plan = judge(media, rules).plan if rules is not None else None
    return after(media, plan) if plan is not None else media


def _rules(target: Connected) -> MediaRules | None:
    bare = Variant(account=target.name, platform=target.platform.name, parts=(Part(text=""),))
    return target.rules(bare)


def _longest(text: str, fits: Callable[[str], bool]) -> str | None:
    """As many whole sentences from the beginning as fit, else words and "…"; None where nothing does."""
    ends = [m.start() for m in SENTENCE.finditer(text)]
    whole = _most([text[:end].rstrip() for end in ends if end], fits)
    words = [
        f"{text[: m.start()].rstrip(' ,;:–-')}{ELLIPSIS}" for m in re.finditer(r"\s+", text) if m.start()
    ]
    cut = _most(words, fits)
    if whole is not None and (cut is None or len(whole) >= len(cut) * WHOLE):
        return whole
    return cut


def _most(growing: Sequence[str], fits: Callable[[str], bool]) -> str | None:
    """The longest of these, each longer than the one before, that fits."""
    low, high = 0, len(growing)
    while low < high:
        middle = (low + high) // 2
        if fits(growing[middle]):
            low = middle + 1
        else:
            high = middle
    return growing[low - 1] if low else None


def _notes(target: Connected, text: str, files: Sequence[Media], origin: str) -> Iterator[str]:
    """What nobody but a person can judge."""
    if names := list(dict.fromkeys(MENTION.findall(text))):
        what = "is a name" if len(names) == 1 else "are names"
        yield f"{listed(names[:5])} {what} on {origin}; check before it goes out."
    if files:
        yield f"Whether {files[0].name} carries the mark of another platform is not known."
    if any(not m.alt for m in files if m.kind is not MediaKind.DOCUMENT):
        yield "A file has no alt text yet."
