"""What goes out beside the post itself: a first comment, timed follow-ups, a link's card.

All of it is signed with the post. A platform that cannot do one of them gets the rest, and
the card says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.domain.platform import Feature, Finding, Level
from bot.domain.post import Link, Media, MediaKind, Part, PartRole, Variant
from bot.domain.spans import say_span

LEFT_OUT = "left_out"
"""The option of a variant that names what its platform cannot do."""

COMMENT, FOLLOW_UPS, IMAGES = "comment", "follow_ups", "images"
COVER, CAPTIONS = "cover", "captions"

OF_FILES = frozenset({IMAGES, COVER, CAPTIONS})
"""What is left out of the files themselves: it stays left out while they stay."""

WORDS = (
    (COMMENT, "takes no comments from here; it gets the post without the comment"),
    (FOLLOW_UPS, "takes no follow-ups from here; it gets the post without them"),
    (IMAGES, "takes one picture from here; it gets the first"),
    (COVER, "takes no cover from here; it shows a picture of its own choice"),
    (CAPTIONS, "takes no subtitles from here; it gets the video without them"),
)


@dataclass(frozen=True, kw_only=True)
class Extras:
    """What a person asked for beside the text.

    ``comment_after`` and the first of each pair in ``follow_ups`` are seconds after the post.
    """

    comment: str = ""
    comment_after: int = 0
    follow_ups: tuple[tuple[int, str], ...] = ()
    link: Link | None = None


def body_of(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The post and its segments, without what follows them."""
    return tuple(p for i, p in enumerate(parts) if i == 0 or p.role in (PartRole.POST, PartRole.SEGMENT))


def extras_of(variant: Variant) -> Extras:
    """What was asked for, read back from what came of it."""
    at, comment, comment_after = 0, "", 0
    follow_ups: list[tuple[int, str]] = []
    for part in variant.parts[len(body_of(variant.parts)) :]:
        at += part.after
        if part.role is PartRole.COMMENT:
            comment, comment_after = part.text, at
        else:
            follow_ups.append((at, part.text))
    return Extras(
        comment=comment,
        comment_after=comment_after,
        follow_ups=tuple(follow_ups),
        link=variant.parts[0].link if variant.parts else None,
    )


def carries_card(features: Feature, media: tuple[Media, ...]) -> bool:
    """Whether the platform shows our card for a link; pictures and a card exclude each other."""
    return Feature.ARTICLE in features and not media


def with_link(text: str, link: Link | None, media: tuple[Media, ...], features: Feature) -> str:
    """The text with the link below it, where the platform shows no card of ours for it."""
    if link is None or link.url in text or carries_card(features, media):
        return text
    return f"{text}\n\n{link.url}" if text.strip() else link.url


def without_link(text: str, link: Link | None) -> str:
    """The inverse of `with_link`."""
    if link is None or text == link.url:
        return "" if link else text
    return text.removesuffix(f"\n\n{link.url}")


def dressed(variant: Variant, extras: Extras, features: Feature) -> Variant:
    """A variant that is only its body, with everything that its platform can do of ``extras``."""
    first, *segments = body_of(variant.parts)
    left = [name for name in variant.options.get(LEFT_OUT, ()) if name in OF_FILES]
    media = tuple(_bare(m, features) for m in first.media)
    left += [COVER] * any(m.cover is not None and Feature.COVER not in features for m in first.media)
    left += [CAPTIONS] * any(bool(m.captions) and Feature.CAPTIONS not in features for m in first.media)
    several = len(media) > 1 and all(m.kind is MediaKind.IMAGE for m in media)
    if several and Feature.IMAGE in features and Feature.MULTI_IMAGE not in features:
        left.append(IMAGES)
        media = media[:1]
    parts = [replace(first, link=extras.link, media=media), *segments]
    later = [(seconds, PartRole.FOLLOW_UP, text) for seconds, text in extras.follow_ups]
    if extras.comment:
        later.insert(0, (extras.comment_after, PartRole.COMMENT, extras.comment))
    if Feature.COMMENT in features:
        at = 0
        for seconds, role, text in sorted(later, key=lambda one: one[0]):
            parts.append(Part(text=text, role=role, after=seconds - at))
            at = seconds
    else:
        left += [COMMENT] * bool(extras.comment) + [FOLLOW_UPS] * bool(extras.follow_ups)
    options = {k: v for k, v in variant.options.items() if k != LEFT_OUT}
    left = list(dict.fromkeys(left))
    return replace(variant, parts=tuple(parts), options={**options, **({LEFT_OUT: left} if left else {})})


def _bare(media: Media, features: Feature) -> Media:
    """A file with what the platform takes of what goes with it."""
    cover = media.cover if Feature.COVER in features else None
    captions = media.captions if Feature.CAPTIONS in features else ()
    return replace(media, cover=cover, captions=captions) if media.with_it else media


def remarks(variant: Variant, features: Feature, title: str) -> Iterator[Finding]:
    """What the card says about extras that this platform does not get, or gets otherwise."""
    left = variant.options.get(LEFT_OUT, ())
    for name, words in WORDS:
        if name in left:
            yield Finding(level=Level.WARN, code=f"no_{name}", text=f"{title} {words}.")
    link = variant.parts[0].link if variant.parts else None
    if link is None:
        return
    if carries_card(features, variant.parts[0].media):
        yield Finding(
            level=Level.NOTE, code="link_card", text=f"card of the link: “{link.title or link.url}”"
        )
        if not (link.description or link.image) and link.title in ("", site_of(link.url)):
            yield Finding(
                level=Level.WARN,
                code="link_unread",
                text="The link's page could not be read, or says nothing about itself.",
                fix="`/edit … --link ADDRESS` reads it again; without that its card shows only the address.",
            )
    else:
        yield Finding(level=Level.NOTE, code="link_in_text", text="the link stands in the text")


def site_of(url: str) -> str:
    """The site's name, for people."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def extra_lines(variants: Iterable[Variant]) -> list[str]:
    """What is signed beside the text, one line for each thing, for the card."""
    lines: dict[str, None] = {}
    for variant in variants:
        extras = extras_of(variant)
        if extras.link is not None:
            title = f"{extras.link.title} · " if extras.link.title else ""
            lines[f"🔗 {title}{extras.link.url}"] = None
        if extras.comment:
            after = f" {say_span(extras.comment_after)} later" if extras.comment_after else ""
            lines[f"💬 first comment{after}: {extras.comment}"] = None
        for seconds, text in extras.follow_ups:
            lines[f"↪ {say_span(seconds)} later: {text}"] = None
    return list(lines)
