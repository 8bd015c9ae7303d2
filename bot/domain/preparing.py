"""A file on its way to what a target takes: what has to be done to it, and how far that is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.fitting import Fill, Plan, Sound, Step
from bot.domain.post import Json, Media

FILLS = {Fill.CROP: "cut to size", Fill.BLUR: "by blurred fill", Fill.PAD: "on a plain ground"}.get
STEPS = {
    Step.PICTURE: "picture converted",
    Step.REMUX: "packed anew, not encoded",
    Step.SOUND: "sound encoded anew",
    Step.VIDEO: "encoded anew",
}.get


class Stage(StrEnum):
    """``waiting`` and ``running`` are under way; ``done`` has its rendition; the others need a person."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = frozenset({Stage.WAITING, Stage.RUNNING})
STOPPED = frozenset({Stage.FAILED, Stage.CANCELLED})


@dataclass(frozen=True, kw_only=True)
class Need:
    """One file of a variant that has to be made to fit: ``part`` and ``place`` say which it replaces."""

    part: int
    place: int
    source: Media
    plan: Plan

    @property
    def key(self) -> str:
        """Names the rendition: the same file by the same plan is made once."""
        return rendition_key(self.source, self.plan)


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """A need of one delivery and what became of it.

    ``percent`` is how much is done; ``said`` why it failed or who cancelled it; ``made`` the
    rendition and ``took`` the seconds it cost; ``owner`` the process at work on it until ``until``.
    """

    id: int
    post_id: int
    delivery_id: int
    need: Need
    stage: Stage = Stage.WAITING
    percent: int = 0
    tries: int = 0
    said: str = ""
    made: Media | None = None
    took: float = 0.0
    owner: str = ""
    until: datetime | None = None


def rendition_key(source: Media, plan: Plan) -> str:
    """SHA-256 (hex) over the file and what is done to it."""
    text = json.dumps([source.sha256, plan_to_json(plan)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def plan_to_json(plan: Plan) -> Json:
    """The plan as plain JSON; `plan_from_json` is its inverse."""
    return {**asdict(plan), "size": list(plan.size) if plan.size else None}


def plan_from_json(data: Mapping[str, Json]) -> Plan:
    """Rebuild a plan; what a later version wrote beside it is left out."""
    known = {name: data[name] for name in Plan.__dataclass_fields__ if name in data}
    size = known.get("size")
    kinds = {"step": Step, "fill": Fill, "sound": Sound}
    known |= {name: kind(known[name]) for name, kind in kinds.items() if name in known}
    return Plan(**{**known, "size": (size[0], size[1]) if size else None})


def plan_words(plan: Plan, source: Media) -> str:
    """What is done to a file, for people: ``"9:16 by blurred fill"``, ``"encoded anew, 1280×720"``."""
    if plan.step is Step.KEEP:
        return "as it is"
    words: list[str] = []
    size = plan.size
    if size and source.width and source.height and _shape(*size) != _shape(source.width, source.height):
        words.append(f"{_shape(*size)} {FILLS(plan.fill)}")
    elif size and size != (source.width, source.height):
        words.append(f"made {size[0]}×{size[1]}")
    if plan.end is not None or plan.start:
        end = plan.end if plan.end is not None else source.seconds
        words.append(f"{_at(plan.start)} to {_at(end)}")
    if not words:
        words.append(STEPS(plan.step, "prepared"))
    return ", ".join(words)


def done_words(found: Preparation) -> str:
    """The same once it is done, with what it cost: ``"9:16 by blurred fill, 12 s of encoding"``."""
    words = plan_words(found.need.plan, found.need.source)
    moving = found.need.plan.step in (Step.SOUND, Step.VIDEO)
    return f"{words}, {found.took:.0f} s of encoding" if moving and found.took >= 1 else words


def _shape(width: int, height: int) -> str:
    """The ratio as people write it; sizes are rounded to even pixels, so the nearest usual one."""
    ratio = width / height
    for across, down in ((9, 16), (4, 5), (1, 1), (5, 4), (4, 3), (3, 4), (16, 9), (3, 2), (2, 3), (21, 9)):
        if abs(ratio * down / across - 1) < 0.012:
            return f"{across}:{down}"
    return f"{ratio:.2f}:1"


def _at(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    tenths = f"{rest:04.1f}" if rest % 1 else f"{int(rest):02d}"
    return f"{int(minutes)}:{tenths}"
