"""Exactly what each account will get, as text, saved under a name."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.delivery import Delivery, State
from bot.domain.extras import carries_card
from bot.domain.marks import plain
from bot.domain.message import Message
from bot.domain.options import option_words
from bot.domain.people import Brand
from bot.domain.platform import Level
from bot.domain.post import Media, MediaKind, Part, PartRole, Post
from bot.domain.preparing import UNDER_WAY, Preparation
from bot.domain.spans import say_span
from bot.domain.when import NOW, say
from bot.errors import NotFound
from bot.ports import Tx
from bot.services.context import Connected, Services
from bot.services.fitting import about_files, file_words, objections, unfit

MARKS = {Level.BLOCK: "✗", Level.WARN: "⚠", Level.NOTE: "·"}.get


def preview_name(post: Post, delivery: Delivery) -> str:
    """The file name of a preview: post, version and account."""
    return f"{post.name}-v{post.version}-{delivery.account}.txt"


def heading(part: Part, index: int, count: int) -> str:
    """What a part is, and when it comes."""
    names = {PartRole.COMMENT: "comment", PartRole.FOLLOW_UP: "follow-up"}
    name = names.get(part.role) if index else None
    name = name or (f"part {index + 1} of {count}" if count > 1 else "text")
    return f"{name}, {say_span(part.after)} after the part before it" if part.after else name


def preview_text(svc: Services, post: Post, delivery: Delivery, prepared: Sequence[Preparation] = ()) -> str:
    """The text of every part as it will be sent, its files with alt text, and the findings."""
    connected = svc.accounts.get(delivery.account)
    title = connected.platform.title if connected else delivery.platform
    zone = svc.brands[post.brand].timezone
    lines = [f"{post.name} v{post.version} for {title}, account {delivery.account}"]
    if delivery.state not in (State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED):
        lines.append(f"It is {delivery.state.value.replace('_', ' ')}.")
    elif delivery.due is not None:
        when = "once approved" if post.wish == NOW else f"{post.wish} → {say(delivery.due, zone)}"
        lines.append(f"When: {when}")
    parts = delivery.variant.parts
    for index, part in enumerate(parts):
        lines += ["", f"— {heading(part, index, len(parts))} —", part.text]
        for place, media in enumerate(part.media):
            lines.append(_file_line(media))
            lines += [f"  cover: {media.cover.name}"] if media.cover else []
            lines += [f"  captions: {m.name} ({m.language})" for m in media.captions]
            lines += _preparation(svc, connected, delivery, index, place, prepared)
        if part.link is not None and connected and carries_card(connected.platform.features, part.media):
            picture = f", picture: {part.link.image.name}" if part.link.image else ""
            lines.append(f"[link card: {part.link.title or part.link.url}{picture}, {part.link.url}]")
            lines += [f"  {part.link.description}"] if part.link.description else []
    if connected is not None:
        lines.append("")
        variant = delivery.variant
        lines += option_words(connected.options(variant), variant.options, connected.facts)
        for finding in objections(connected, variant, post=post.name):
            if about_files(finding, variant) and any(p.stage in UNDER_WAY for p in prepared):
                continue
            fix = f" — {finding.fix}" if finding.fix else ""
            lines.append(f"{MARKS(finding.level)} {finding.text}{fix}")
    return "\n".join(lines).rstrip() + "\n"


def _file_line(media: Media) -> str:
    size = f", {media.width}×{media.height}" if media.width else ""
    long = f", {media.seconds:.1f} s" if media.seconds else ""
    return f"[{media.kind.value}: {media.name}{size}{long}, {media.size:,} bytes, alt: {media.alt or 'none'}]"


def _preparation(
    svc: Services,
    connected: Connected | None,
    delivery: Delivery,
    part: int,
    place: int,
    prepared: Sequence[Preparation],
) -> list[str]:
    """What is done to one file, or was."""
    media = delivery.variant.parts[part].media[place]
    row = next((p for p in prepared if (p.need.part, p.need.place) == (part, place)), None)
    if row is not None:
        return [f"  {file_words(connected, delivery, [row], rehearsing=svc.rehearsing)}"]
    if media.origin:
        return [f"  made for it from {media.name}"]
    if connected is None or media.kind is not MediaKind.VIDEO or connected.rules(delivery.variant) is None:
        return []
    return [] if unfit(connected, delivery.variant) else ["  as it is"]


def save_preview(svc: Services, post: Post, delivery: Delivery, prepared: Sequence[Preparation] = ()) -> str:
    """Write the preview beside the database and return its path. A full disk costs the file, not the post."""
    path = svc.previews / preview_name(post, delivery)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(plain(preview_text(svc, post, delivery, prepared)), encoding="utf-8")
    except OSError as error:
        svc.log.warning("preview_not_saved", error=type(error).__name__)
        return ""
    return str(path)


async def shown_preview(svc: Services, brand: Brand, post_id: int) -> Message:
    """What every account will get, in full, for the person alone; raises `NotFound`."""

    def unit(tx: Tx) -> tuple[Post | None, tuple[Delivery, ...], tuple[Preparation, ...]]:
        post = tx.posts.get(post_id)
        return post, tx.deliveries.of_post(post_id), tx.preparations.of_post(post_id)

    post, rows, needed = await svc.store.read(unit)
    if post is None or post.brand != brand.name:
        raise NotFound("That post is not here any more.")
    shown = [d for d in rows if d.state is not State.CANCELLED] or list(rows)
    texts = [preview_text(svc, post, d, [p for p in needed if p.delivery_id == d.id]).rstrip() for d in shown]
    files = (m for d in shown for part in d.variant.parts for m in part.files)
    picture = next((m for m in files if m.kind in (MediaKind.IMAGE, MediaKind.GIF)), None)
    return Message(
        text="\n\n".join(texts),
        private=True,
        image=svc.media.path(picture) if picture else None,
        image_alt=picture.alt if picture else "",
    )
