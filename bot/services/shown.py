"""What a card shows beneath its targets, as it was kept: tips of a version, numbers as they were read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.delivery import Delivery, State
from bot.domain.numbers import Numbers, from_json, to_json
from bot.domain.outcomes import Interval
from bot.domain.post import Json
from bot.domain.tips import Suggestion
from bot.ports import Tx


def numbers_of(tx: Tx, post_id: int) -> Numbers | None:
    """What the card of a post says it has brought; None before anything was read."""
    text = tx.meta.get(f"numbers:{post_id}")
    return from_json(json.loads(text)) if text else None


def live_numbers(tx: Tx, post_id: int, deliveries: Sequence[Delivery]) -> Numbers | None:
    """The same without targets that somebody took down since."""
    shown = numbers_of(tx, post_id)
    live = {d.id for d in deliveries if d.state is State.LIVE}
    rows = tuple(row for row in shown.rows if row.delivery_id in live) if shown else ()
    return replace(shown, rows=rows) if shown and rows else None


def put_numbers(tx: Tx, post_id: int, numbers: Numbers) -> None:
    """From now on the card says this; it is painted again."""
    tx.meta.put(f"numbers:{post_id}", json.dumps(to_json(numbers), ensure_ascii=False))
    tx.cards.touch(post_id)


def tips_of(tx: Tx, post_id: int, version: int) -> tuple[Suggestion, ...]:
    """What was said about a version when it was made."""
    text = tx.meta.get(f"tips:{post_id}:{version}")
    return tuple(map(_from_json, json.loads(text))) if text else ()


def put_tips(tx: Tx, post_id: int, version: int, tips: Sequence[Suggestion]) -> None:
    """Keep what was said about a version; its card is painted again where that changes it."""
    text = json.dumps([_to_json(tip) for tip in tips], ensure_ascii=False)
    if text == (tx.meta.get(f"tips:{post_id}:{version}") or "[]"):
        return
    tx.meta.put(f"tips:{post_id}:{version}", text)
    tx.cards.touch(post_id)


def _to_json(tip: Suggestion) -> Json:
    told = tip.evidence
    numbers = [told.mean, told.lo, told.hi, told.level] if told is not None else None
    return [tip.kind, tip.code, tip.text, tip.account, tip.fix, numbers, tip.n]


def _from_json(kept: Json) -> Suggestion:
    kind, code, text, account, fix, numbers, n = kept
    evidence = Interval(*numbers) if numbers else None
    return Suggestion(kind=kind, code=code, text=text, account=account, fix=fix, evidence=evidence, n=n)
