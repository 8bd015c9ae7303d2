"""Where ballots are kept: one row for each card that anybody has ever reacted to."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.domain.ballot import Ballot, from_json, to_json
from bot.ports import Tx
from bot.services.context import Services


def ballot_of(tx: Tx, card_id: int) -> Ballot:
    """The card as it was read last; an empty one while nobody has."""
    text = tx.meta.get(_key(card_id))
    return from_json(json.loads(text)) if text else Ballot()


def keep_ballot(tx: Tx, card_id: int, ballot: Ballot) -> None:
    tx.meta.put(_key(card_id), json.dumps(to_json(ballot), ensure_ascii=False))


async def begin_reading(svc: Services, card_id: int, post_id: int) -> int:
    """A number for a reading that begins now: of two, the one with the higher number knows more."""

    def unit(tx: Tx) -> int:
        tx.posts.lock(post_id)
        ballot = ballot_of(tx, card_id)
        keep_ballot(tx, card_id, replace(ballot, asked=ballot.asked + 1))
        return ballot.asked + 1

    return await svc.store.write(unit)


def now_shows(tx: Tx, card_id: int, version: int) -> None:
    """The card was painted: whoever reacts from now on has seen this version."""
    ballot = ballot_of(tx, card_id)
    if ballot.shown != version:
        keep_ballot(tx, card_id, replace(ballot, shown=version))


def remember_old(tx: Tx, chat: str, channel: str, ref: str, post_id: int) -> None:
    """A card was said anew under another ref: who reacts to the old one is told where the new one is."""
    tx.meta.put(f"old-card:{chat}:{channel}:{ref}", str(post_id))


def post_of_old(tx: Tx, chat: str, channel: str, ref: str) -> int | None:
    """Whose card that message was, before it was said anew."""
    text = tx.meta.get(f"old-card:{chat}:{channel}:{ref}")
    return int(text) if text else None


def _key(card_id: int) -> str:
    return f"ballot:{card_id}"
