"""An experiment as it is kept: the registered plan, the words it is about, how far it has come. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.domain.experiment import Block, BlockObs, Design, TestPlan, TestResult, TestSpec
from bot.domain.platform import Ref
from bot.domain.post import Json, Media


class Phase(StrEnum):
    """ASKED: the variants wait for approval. RUNNING and HELD: its days pass; while it is held nothing is
    changed and its days do not count. ENDING: a verdict fell, what is to stay is not shown yet. ENDED and
    REFUSED are the ends."""

    ASKED = "asked"
    RUNNING = "running"
    HELD = "held"
    ENDING = "ending"
    ENDED = "ended"
    REFUSED = "refused"


GOING_ON = frozenset({Phase.ASKED, Phase.RUNNING, Phase.HELD, Phase.ENDING})


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One test. ``texts`` and ``files``: what each variant shows, by its name; of a caption they are what
    authors are told. ``showing``: the variant that was last read back, or that was set last where nothing
    can be read. ``keep``: the variant that is to stay at the end, "" for what people find there.
    ``turn`` counts changes of the row, so that an old button is known as old.
    """

    id: int = 0
    brand: str
    plan: TestPlan
    texts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Media] = field(default_factory=dict)
    author: str
    created_at: datetime
    account: str = ""
    accounts: tuple[str, ...] = ()
    post_id: int | None = None
    delivery_id: int | None = None
    ref: Ref = None
    zone: str = "UTC"
    phase: Phase = Phase.ASKED
    showing: str = ""
    keep: str = ""
    why: str = ""
    verdict: str = ""
    wake_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    turn: int = 0

    @property
    def name(self) -> str:
        return f"E{self.id}"

    @property
    def swaps(self) -> bool:
        """Whether it changes one post back and forth."""
        return self.plan.spec.design == Design.SWITCHBACK

    @property
    def first(self) -> str:
        """What there was before."""
        return self.plan.spec.variants[0]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything the public may see because of it, and of where and for how long."""
        spec = self.plan.spec
        signed = {
            "brand": self.brand,
            "account": self.account,
            "accounts": list(self.accounts),
            "ref": self.ref,
            "kind": spec.kind,
            "design": spec.design,
            "size": [spec.days, spec.per_arm],
            "variants": list(spec.variants),
            "texts": dict(self.texts),
            "files": {name: media.sha256 for name, media in self.files.items()},
        }
        text = json.dumps(signed, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def day_index(self, today: date) -> int:
        """The block of a day; before the first below 0, after the last as many as there are or more."""
        start = self.plan.spec.start
        return -1 if start is None else (today - start).days


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What became of one block. ``set_at``: when its variant was to be set, written before the call;
    ``seen_at``: when it was read back (or the answer came, where nothing can be read). ``shown``: what was
    read then; ``valid`` False when it was disturbed, ``why`` by what. Counts are None while unknown;
    ``read_at``: when they were last asked for."""

    experiment_id: int
    index: int
    variant: str
    set_at: datetime | None = None
    seen_at: datetime | None = None
    shown: str | None = None
    valid: bool = True
    why: str = ""
    impressions: float | None = None
    clicks: float | None = None
    views: float | None = None
    read_at: datetime | None = None

    def spoiled(self, why: str) -> Shown:
        """The same block, which does not count; the first reason stays."""
        return self if not self.valid else replace(self, valid=False, why=why)

    @property
    def observed(self) -> BlockObs:
        """As the analysis is given it."""
        return BlockObs(
            self.index,
            self.variant,
            impressions=self.impressions,
            clicks=self.clicks,
            views=self.views,
            shown=self.shown,
            valid=self.valid,
            why=self.why,
            at=self.read_at,
        )


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a look said, written down once: later numbers do not change a verdict."""

    experiment_id: int
    look: int
    at: datetime
    result: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Arm:
    """The variant that a post was given; ``index`` is its place in the plan."""

    experiment_id: int
    post_id: int
    index: int
    variant: str


def plan_to_json(plan: TestPlan) -> dict[str, Any]:
    """Plain JSON; days are ISO 8601."""
    found: dict[str, Json] = json.loads(json.dumps(asdict(plan), default=lambda day: day.isoformat()))
    return found


def plan_from_json(row: Mapping[str, Any]) -> TestPlan:
    """The inverse of `plan_to_json`."""
    spec = dict(row["spec"])
    start = spec["start"]
    spec |= {
        "design": Design(spec["design"]),
        "variants": tuple(spec["variants"]),
        "accounts": tuple(spec["accounts"]),
        "start": date.fromisoformat(start) if start else None,
    }
    blocks = tuple(
        Block(b["index"], b["variant"], b["group"], date.fromisoformat(b["day"]) if b["day"] else None)
        for b in row["blocks"]
    )
    return TestPlan(
        TestSpec(**spec),
        blocks,
        tuple(row["looks"]),
        tuple(row["bounds"]),
        row["detectable"],
        row["seed"],
        tuple(row["warnings"]),
        row["method"],
    )


def result_to_json(result: TestResult) -> dict[str, Any]:
    """Plain JSON of a result, for keeping and for comparing."""
    found: dict[str, Json] = json.loads(json.dumps(asdict(result)))
    return found
