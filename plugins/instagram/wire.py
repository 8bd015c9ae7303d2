"""How the simulated Graph API reads what it is sent and writes what it answers. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from plugins.instagram.gate import refuse
from plugins.instagram.simulated import StoredContainer, StoredMedia

Answer = dict[str, Any]

COUNTS = (("views", 812), ("reach", 640), ("shares", 5), ("total_interactions", 31), ("follows", 2))
OF_A_STORY = (("replies", 1), ("navigation", 4))
OF_A_POST = (("likes", 21), ("comments", 4), ("saved", 6))


def read_body(content: bytes, kind: str) -> Answer:
    """The parameters of a call, as JSON or as a form whose values may be JSON."""
    if kind == "application/json":
        try:
            body = json.loads(content)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}
    form: Answer = dict(parse_qsl(content.decode("utf-8", "replace")))
    for name, value in form.items():
        if name in ("children", "collaborators", "user_tags") and value[:1] in "[{":
            form[name] = json.loads(value)
        elif value in ("true", "false"):
            form[name] = value == "true"
    return form


def pick(row: Answer, fields: str) -> Answer:
    """What ``fields`` asks for, and the number."""
    asked = {f.partition("{")[0] for f in fields.replace("}", "").split(",")}
    return {name: value for name, value in row.items() if name in asked or name == "id"}


def insights(post: StoredMedia, wanted: list[str], *, few: bool) -> Answer:
    """A post's numbers; raises `Refused` for a metric its kind does not have, which fails the whole call."""
    story = post.container.product == "STORY"
    if story and few:
        raise refuse(10, 0, "Not enough viewers for the media to show insights")
    known = dict((*COUNTS, *(OF_A_STORY if story else OF_A_POST)))
    if strange := [name for name in wanted if name not in known]:
        raise refuse(100, 0, f"The Media Insights API does not support the {strange[0]} metric")
    return {
        "data": [
            {
                "name": name,
                "period": "lifetime",
                "values": [{"value": known[name]}],
                "title": name.capitalize(),
                "id": f"{post.id}/insights/{name}/lifetime",
            }
            for name in wanted
        ]
    }


def status(container: StoredContainer, now: datetime, *, offsets: bool) -> Answer:
    """A container as it is read; ``offsets``: a pushed file says how much of it has arrived."""
    code = container.status(now)
    words = {"IN_PROGRESS": "In Progress: working on it.", "ERROR": container.error}
    phase: Answer = {"status": "complete" if container.received >= container.size else "in_progress"}
    if offsets:
        phase["bytes_transferred"] = container.received
    return {
        "id": container.id,
        "status_code": code,
        "status": words.get(code, f"{code.capitalize()}: done."),
        "video_status": {"uploading_phase": phase},
    }
