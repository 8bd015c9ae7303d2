"""What Slack refuses in a message, a modal or a Home tab, as one pure function.

Sources: docs.slack.dev/reference/block-kit and /reference/methods; the limits that the official
Python SDK checks (``slack_sdk.models``); for the weight of a whole message, which is undocumented,
what people measured: slackapi/bolt-js issues 2509 (refused from 13,298 characters of markdown alone,
"12,000 text characters with a buffer for block containers") and 2867 (refused with 11,341 characters
of text in rich text, so that the structure counts).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.testing.chats.slack import shapes
from bot.testing.chats.slack.judge import Judge

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_WEIGHT = 13_200
"""Characters of a whole message's blocks, written as JSON without spaces."""
MESSAGE_TEXT = 40_000
UPDATE_TEXT = 4_000
"""``chat.update`` is stricter than ``chat.postMessage`` about ``text``."""
VIEW_BYTES = 250_000
ATTACHMENTS = 100


def violations(payload: Mapping[str, Any], *, update: bool = False) -> list[str]:
    """Everything that is wrong with it: a view if its ``type`` is ``modal`` or ``home``, else a message.

    ``update``: the message replaces another one.
    """
    return [fault for _, fault in _faults(payload, update=update)]


def refusal(payload: Mapping[str, Any], *, update: bool = False) -> tuple[str, list[str]] | None:
    """Slack's error code and its explanations; None when it would be taken."""
    faults = _faults(payload, update=update)
    if not faults:
        return None
    return faults[0][0], [f"[ERROR] {fault}" for _, fault in faults]


def weight(blocks: Sequence[Mapping[str, Any]]) -> int:
    """How much of `MESSAGE_WEIGHT` these blocks take."""
    return len(json.dumps(list(blocks), ensure_ascii=False, separators=(",", ":")))


def option_faults(options: Any) -> list[str]:
    """What is wrong with the answer to a request for options."""
    judge = Judge()
    for number, option in enumerate(judge.items(options, "/options", 100, least=0)):
        judge.option(option, f"/options/{number}")
    return judge.found


def _faults(payload: Mapping[str, Any], *, update: bool) -> list[tuple[str, str]]:
    if payload.get("type") in ("modal", "home", "workflow_step"):
        return _view(payload)
    return _message(payload, MESSAGE_TEXT if not update else UPDATE_TEXT)


def _message(message: Mapping[str, Any], longest: int) -> list[tuple[str, str]]:
    text, blocks = message.get("text") or "", message.get("blocks")
    markdown, attachments = message.get("markdown_text"), message.get("attachments") or ()
    found: list[tuple[str, str]] = []
    if not isinstance(text, str):
        return [("invalid_arguments", "text must be a string [json-pointer:/text]")]
    if not (text.strip() or blocks or markdown or attachments):
        found.append(("no_text", "needs text or blocks [json-pointer:/text]"))
    if len(text) > longest:
        found.append(("msg_too_long", f"must be less than {longest + 1} characters [json-pointer:/text]"))
    if markdown and (blocks or text):
        found.append(("markdown_text_conflict", "not beside blocks or text [json-pointer:/markdown_text]"))
    if len(attachments) > ATTACHMENTS:
        found.append(("too_many_attachments", "no more than 100 [json-pointer:/attachments]"))
    found += [("invalid_metadata_format", fault) for fault in _metadata(message.get("metadata"))]
    if blocks:
        judge = Judge()
        judge.blocks(blocks, "/blocks", MESSAGE_BLOCKS, shapes.MESSAGE_BLOCKS)
        found += [("invalid_blocks", fault) for fault in judge.found]
        if isinstance(blocks, list) and weight(blocks) > MESSAGE_WEIGHT:
            fault = f"{weight(blocks)} characters, at most {MESSAGE_WEIGHT} [json-pointer:/blocks]"
            found.append(("msg_blocks_too_long", fault))
    return found


def _metadata(metadata: Any) -> list[str]:
    if metadata is None or metadata == {}:
        return []
    if not isinstance(metadata, Mapping) or not isinstance(metadata.get("event_payload"), Mapping):
        return ["needs event_type and event_payload [json-pointer:/metadata]"]
    if not isinstance(metadata.get("event_type"), str) or not metadata["event_type"]:
        return ["needs event_type [json-pointer:/metadata]"]
    return []


MODAL = shapes.shape(
    "title blocks",
    "submit close private_metadata callback_id external_id clear_on_close notify_on_close submit_disabled",
)
HOME = shapes.shape("blocks", "private_metadata callback_id external_id")


def _view(view: Mapping[str, Any]) -> list[tuple[str, str]]:
    judge = Judge()
    modal = view["type"] != "home"
    judge.keys(view, "", MODAL if modal else HOME)
    for key in ("title", "submit", "close"):
        judge.text(view.get(key), f"/{key}", 24, plain=True)
    judge.string(view.get("private_metadata"), "/private_metadata", 3000, least=0)
    judge.string(view.get("callback_id"), "/callback_id", 255, least=0)
    judge.string(view.get("external_id"), "/external_id", 255, least=0)
    allowed = shapes.MODAL_BLOCKS if modal else shapes.HOME_BLOCKS
    judge.blocks(view.get("blocks"), "/blocks", VIEW_BLOCKS, allowed, least=int(modal))
    kinds = [block.get("type") for block in view.get("blocks") or () if isinstance(block, Mapping)]
    if modal and "input" in kinds and not view.get("submit"):
        judge.say("/submit", "missing required field: submit")
    found = [("invalid_arguments", fault) for fault in judge.found]
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        found.append(("view_too_large", "must be less than 250 kB [json-pointer:/view]"))
    return found
