"""Rows ↔ frozen values."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.domain.delivery import Delivery, PartProgress
from bot.domain.message import Action, Button, Field, Message, Target
from bot.domain.post import Json, Media, Part, PartRole, Variant, variant_from_json
from bot.domain.records import Card, Notice, Version
from bot.store.columns import EPOCH
from bot.store.tables import deliveries

Values = dict[str, Any]
DELIVERY = tuple(sys.intern(str(column.name)) for column in deliveries.columns)


def variant_to_row(variant: Variant) -> Json:
    """What `bot.domain.post.variant_to_json` answers, without its deep copies: every save needs it."""
    return {
        "account": variant.account,
        "platform": variant.platform,
        "parts": [
            {"text": p.text, "media": [_media(m) for m in p.media], "options": dict(p.options), **_extras(p)}
            for p in variant.parts
        ],
        "options": dict(variant.options),
    }


def _media(media: Media) -> Values:
    row = vars(media)
    if media.stream is None and media.cover is None and not media.captions:
        return row
    return {
        **row,
        "stream": vars(media.stream) if media.stream else None,
        "cover": _media(media.cover) if media.cover else None,
        "captions": [_media(m) for m in media.captions],
    }


def _extras(part: Part) -> Values:
    """What most parts do not have."""
    extras: Values = {}
    if part.role is not PartRole.SEGMENT:
        extras["role"] = part.role.value
    if part.after:
        extras["after"] = part.after
    if part.link is not None:
        image = part.link.image
        extras["link"] = {**vars(part.link), "image": _media(image) if image else None}
    return extras


def message_to_row(message: Message) -> Json:
    """The message as JSON; what says nothing is left out."""
    row: Values = {
        name: value
        for name in ("text", "title", "status", "footer", "private")
        if (value := getattr(message, name))
    }
    if message.fields:
        row["fields"] = [[f.name, f.value] for f in message.fields]
    if message.image is not None:
        row["image"] = str(message.image)
    if message.image_alt:
        row["image_alt"] = message.image_alt
    if message.mentions:
        row["mentions"] = list(message.mentions)
    if message.buttons:
        row["buttons"] = [
            [
                b.label,
                [b.action.verb, b.action.kind, b.action.id, b.action.version],
                b.danger,
                b.asks,
                b.optional,
                b.primary,
            ]
            for b in message.buttons
        ]
    return row


def message_from_row(row: Mapping[str, Json]) -> Message:
    """The inverse of `message_to_row`."""
    image = row.get("image")
    return Message(
        text=row.get("text", ""),
        title=row.get("title", ""),
        status=row.get("status", ""),
        fields=tuple(Field(name=name, value=value) for name, value in row.get("fields", ())),
        image=None if image is None else Path(image),
        image_alt=row.get("image_alt", ""),
        buttons=tuple(
            Button(
                label=label,
                action=Action(verb=verb, kind=kind, id=id_, version=version),
                danger=danger,
                asks=asks,
                # rows written before this version end here
                optional=bool(more and more[0]),
                primary=bool(more and more[1]),
            )
            for label, (verb, kind, id_, version), danger, asks, *more in row.get("buttons", ())
        ),
        footer=row.get("footer", ""),
        private=row.get("private", False),
        mentions=tuple(row.get("mentions", ())),
    )


def delivery_from_row(row: Any, parts: tuple[PartProgress, ...] = ()) -> Delivery:
    """A row that begins with the columns of `deliveries`, with the parts that have got anywhere."""
    values = dict(zip(DELIVERY, row, strict=False))  # by place: by name takes three times as long
    values["variant"] = variant_from_json(values["variant"])
    return Delivery(**values, parts=parts)


def part_to_row(delivery_id: int, part: PartProgress) -> Values:
    return {
        "delivery_id": delivery_id,
        "idx": part.index,
        "state": part.state,
        "ref": part.ref,
        "url": part.url,
        "proof": part.proof,
        "out_at": part.out_at,
        "checkpoint": dict(part.checkpoint),
        "checkpoint_expires": part.checkpoint_expires,
    }


def part_from_row(row: Any) -> PartProgress:
    return PartProgress(
        index=row.idx,
        state=row.state,
        ref=row.ref,
        url=row.url,
        proof=row.proof,
        out_at=row.out_at,
        checkpoint=row.checkpoint,
        checkpoint_expires=row.checkpoint_expires,
    )


def parts_by_delivery(rows: Iterable[Any]) -> Mapping[int, tuple[PartProgress, ...]]:
    """Rows of `parts`, in their order, gathered under their delivery."""
    found: dict[int, list[PartProgress]] = {}
    for row in rows:
        found.setdefault(row.delivery_id, []).append(part_from_row(row))
    return {id_: tuple(parts) for id_, parts in found.items()}


def version_to_row(version: Version) -> Values:
    return {**vars(version), "variants": [variant_to_row(v) for v in version.variants]}


def version_from_row(row: Any) -> Version:
    values = dict(row._mapping)
    values["variants"] = tuple(variant_from_json(v) for v in values["variants"])
    return Version(**values)


def target_to_row(target: Target) -> Values:
    return {"chat": target.chat, "channel": target.channel, "thread": target.thread}


def target_from_row(row: Any) -> Target:
    return Target(chat=row.chat, channel=row.channel, thread=row.thread)


def card_to_row(card: Card) -> Values:
    """Everything but the id, which the database gives."""
    return {
        "post_id": card.post_id,
        **target_to_row(card.target),
        "ref": card.ref,
        "wanted": card.wanted,
        "painted": card.painted,
        "tries": card.tries,
        "not_before": EPOCH,
    }


def card_from_row(row: Any) -> Card:
    return Card(
        id=row.id,
        post_id=row.post_id,
        target=target_from_row(row),
        ref=row.ref,
        wanted=row.wanted,
        painted=row.painted,
        tries=row.tries,
        since=row.since,
    )


def notice_to_row(notice: Notice) -> Values:
    """Everything but the id, which the database gives; one with a ref has been said."""
    return {
        "key": notice.key,
        **target_to_row(notice.target),
        "message": message_to_row(notice.message),
        "brand": notice.brand,
        "post_id": notice.post_id,
        "delivery_id": notice.delivery_id,
        "to": notice.to,
        "tries": notice.tries,
        "ref": notice.ref,
        "sent": notice.ref is not None,
        "not_before": EPOCH,
        "below": notice.below,
    }


def notice_from_row(row: Any) -> Notice:
    return Notice(
        id=row.id,
        key=row.key,
        target=target_from_row(row),
        message=message_from_row(row.message),
        brand=row.brand,
        post_id=row.post_id,
        delivery_id=row.delivery_id,
        to=row.to,
        tries=row.tries,
        ref=row.ref,
        since=row.since,
        below=row.below,
    )
