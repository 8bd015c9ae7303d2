"""What Discord refuses of a form body, as pure functions (docs.discord.com/developers, 2026).

``violations(payload, kind)`` is empty for what Discord takes. Kinds: ``message`` (create, follow-up,
interaction answer), ``edit`` (a part of a message), ``modal``, ``command``, ``commands`` (a bulk
overwrite), ``autocomplete``, ``thread``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.testing.chats.discord.components import WEB, judge_layout, judge_modal, judge_rows
from bot.testing.chats.discord.declared import judge_choices, judge_command, judge_commands
from bot.testing.chats.discord.judging import Judge, Path, Violation

CONTENT, EMBEDS, EMBED_TEXT, FIELDS, ATTACHMENTS, NONCE = 2000, 10, 6000, 25, 10, 25
EPHEMERAL, COMPONENTS_V2 = 1 << 6, 1 << 15
SETTABLE = (1 << 2) | EPHEMERAL | (1 << 12) | (1 << 13) | COMPONENTS_V2
"""The message flags an application may set: suppress embeds or notifications, ephemeral, voice, v2."""

MODAL_COMPONENTS = 5
KINDS = ("message", "edit", "modal", "command", "commands", "autocomplete", "thread")


def violations(payload: Any, kind: str = "message") -> list[str]:
    """Everything Discord would refuse, in words."""
    return [str(violation) for violation in judged(payload, kind)]


def judged(payload: Any, kind: str, *, files: int = 0) -> list[Violation]:
    """Everything Discord would refuse; ``files`` is how many come with it in a multipart body."""
    judge = Judge()
    if kind == "commands":
        if isinstance(payload, list) and all(isinstance(one, Mapping) for one in payload):
            judge_commands(judge, payload)
        else:
            judge.blame((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return judge.found
    if not isinstance(payload, Mapping):
        judge.blame((), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return judge.found
    match kind:
        case "message" | "edit":
            judge_message(judge, payload)
            if kind == "message" and is_empty(payload, files):
                judge.blame((), "EMPTY_MESSAGE", "Cannot send an empty message")
        case "modal":
            judge.text(payload, "custom_id", (), low=1, high=100, required=True)
            judge.text(payload, "title", (), low=1, high=45, required=True)
            inner = judge.items(payload, "components", (), low=1, high=MODAL_COMPONENTS, required=True)
            judge_modal(judge, inner, ("components",))
        case "command":
            judge_command(judge, payload)
        case "autocomplete":
            choices = judge.items(payload, "choices", (), high=25, required=True)
            judge_choices(judge, choices, ("choices",))
        case "thread":
            judge.text(payload, "name", (), low=1, high=100, required=True)
            if payload.get("auto_archive_duration") is not None:
                judge.choice(payload, "auto_archive_duration", (), {60, 1440, 4320, 10080})
        case _:
            raise ValueError(f"kind {kind!r} is none of {', '.join(KINDS)}")
    return judge.found


def is_empty(payload: Mapping[str, Any], files: int = 0) -> bool:
    """Whether nobody would see anything; Discord has a code of its own for that (50006)."""
    said = str(payload.get("content") or "").strip()
    return not (
        said or files or any(payload.get(key) for key in ("embeds", "components", "sticker_ids", "poll"))
    )


def judge_message(judge: Judge, payload: Mapping[str, Any]) -> None:
    """A message or the part of one that an edit sends."""
    flags = judge.number(payload, "flags", (), low=0, high=(1 << 31) - 1, default=0)
    if flags & ~SETTABLE:
        judge.blame(("flags",), "MESSAGE_INVALID_FLAGS", "These flags cannot be set by an application.")
    judge.text(payload, "content", (), high=CONTENT)
    judge_nonce(judge, payload)
    judge_mentions(judge, payload)
    for index, one in enumerate(judge.items(payload, "attachments", (), high=ATTACHMENTS)):
        judge.text(one, "description", ("attachments", str(index)), high=1024)
    embeds = judge.items(payload, "embeds", (), high=EMBEDS)
    judge_embeds(judge, embeds)
    components = judge.items(payload, "components", (), high=40)
    if flags & COMPONENTS_V2:
        for key in ("content", "embeds", "poll", "sticker_ids"):
            if payload.get(key):
                message = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                judge.blame((key,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
        judge_layout(judge, components, ("components",))
    else:
        judge_rows(judge, components, ("components",))


def judge_nonce(judge: Judge, payload: Mapping[str, Any]) -> None:
    """At most 25 characters, or a number of 64 bits."""
    nonce = payload.get("nonce")
    if isinstance(nonce, str):
        judge.text(payload, "nonce", (), high=NONCE)
    elif nonce is not None and (not isinstance(nonce, int) or abs(nonce) >= 1 << 63):
        judge.blame(("nonce",), "NONCE_TYPE_TOO_LONG", "A nonce is a number of 64 bits or 25 characters.")


def judge_mentions(judge: Judge, payload: Mapping[str, Any]) -> None:
    """Who may be pinged: kinds in ``parse``, or at most 100 ids, never both for one kind."""
    allowed = payload.get("allowed_mentions")
    if allowed is None:
        return
    if not isinstance(allowed, Mapping):
        judge.blame(
            ("allowed_mentions",), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType"
        )
        return
    lists = {key: allowed.get(key) or [] for key in ("parse", "users", "roles")}
    for key, given in lists.items():
        if not isinstance(given, list) or not all(isinstance(one, str | int) for one in given):
            judge.blame(
                ("allowed_mentions", key), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"
            )
            return
    parse = lists["parse"]
    for index, kind in enumerate(parse):
        if kind not in {"roles", "users", "everyone"}:
            path = ("allowed_mentions", "parse", str(index))
            judge.blame(path, "BASE_TYPE_CHOICES", "Value must be one of (everyone, roles, users).")
    for kind in ("users", "roles"):
        ids = lists[kind]
        if len(ids) > 100:
            judge.blame(("allowed_mentions", kind), "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
        if ids and kind in parse:
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            judge.blame(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def judge_embeds(judge: Judge, embeds: Sequence[Mapping[str, Any]]) -> None:
    """Each embed's own limits, and 6,000 characters in all of them together."""
    total = 0
    for index, embed in enumerate(embeds):
        at = ("embeds", str(index))
        total += len(judge.text(embed, "title", at, high=256))
        total += len(judge.text(embed, "description", at, high=4096))
        judge.link(embed, "url", at, high=2048, schemes=WEB)
        judge.number(embed, "color", at, low=0, high=0xFFFFFF, default=0)
        total += judge_named(judge, embed, "footer", "text", 2048, at)
        total += judge_named(judge, embed, "author", "name", 256, at)
        for number, one in enumerate(judge.items(embed, "fields", at, high=FIELDS)):
            here = (*at, "fields", str(number))
            total += len(judge.text(one, "name", here, low=1, high=256, required=True))
            total += len(judge.text(one, "value", here, low=1, high=1024, required=True))
        for key in ("image", "thumbnail"):
            media = embed.get(key)
            if isinstance(media, Mapping):
                judge.link(
                    media, "url", (*at, key), high=2048, schemes=("http://", "https://", "attachment://")
                )
    if total > EMBED_TEXT:
        message = f"Embed size exceeds maximum size of {EMBED_TEXT}"
        judge.blame(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)


def judge_named(judge: Judge, embed: Mapping[str, Any], key: str, name: str, high: int, at: Path) -> int:
    """A small object of an embed with one text that counts; how long that is."""
    inner = embed.get(key)
    return len(judge.text(inner, name, (*at, key), high=high)) if isinstance(inner, Mapping) else 0
