"""What the platform has against what the ledger says. Nothing of the bot is asked."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.e2e.chaos.ledger import Ledger
from tests.e2e.chaos.order import Finding

DELIVERIES = "SELECT id, account, state, wake_at, reason, variant FROM deliveries ORDER BY id"
PARTS = "SELECT delivery_id, idx, state, ref, proof FROM parts"
ASKED = "SELECT delivery_id, key FROM notices WHERE key LIKE 'ask:%'"
LATE = "SELECT count(*) FROM attempts WHERE error LIKE '%answer is missing%' OR error LIKE '%in time%'"
HELD = "SELECT count(*) FROM notices WHERE key LIKE 'digest:%' OR key LIKE 'held:%'"


def judge(found: Finding, ledger: Ledger, seen: dict[str, Any]) -> None:
    """Fill in what is live, asked, held, doubled and lost, with a sentence for every fault."""
    there = Counter((post["account"], post["text"]) for post in seen["posts"])
    by_id = {post["id"]: post for post in seen["posts"]}
    parts = {(row[0], row[1]): row[2:] for row in ledger.rows(PARTS)}
    asked = {row[0] for row in ledger.rows(ASKED)}
    held_told = ledger.rows(HELD)[0][0] > 0
    written: set[tuple[str, str]] = set()
    found.broken = seen["broken"]
    found.cards = len(ledger.rows(ASKED))
    found.late = ledger.rows(LATE)[0][0]
    for id_, account, state, wake_at, reason, variant in ledger.rows(DELIVERIES):
        found.posts += 1
        wanted = [(account, part["text"]) for part in json.loads(variant)["parts"]]
        written.update(wanted)
        where = f"delivery {id_} ({state}, {reason!r}, wakes {wake_at})"
        for index, (_, text) in enumerate(wanted):
            if there[account, text] > 1:
                found.double += 1
                found.faults.append(
                    f"DOUBLE: {text!r} on {account} is there {there[account, text]} times, {where}"
                )
            _check_proof(found, where, parts.get((id_, index)), account, text, by_id)
        missing = [text for key in wanted if not there[key] for text in key[1:]]
        if state == "live":
            found.live += 1
            if missing:
                found.lost += 1
                found.faults.append(f"LOST: live, but {missing} is not there, {where}")
        elif state == "unconfirmed" and wake_at is None and id_ in asked:
            found.asked += 1
        elif state in ("held", "partial") and wake_at is None and held_told:
            found.held += 1
        else:
            found.other += 1
            found.faults.append(f"STUCK: {where}")
            if state in ("cancelled", "removed", "expired", "refused"):
                found.lost += 1
    for account, text in there.keys() - written:
        found.double += 1
        found.faults.append(f"DOUBLE: nobody wrote {text!r} on {account}")
    if found.cards > found.cut + found.late:
        found.faults.append(f"{found.cards} people asked for {found.cut} calls cut and {found.late} late")


def _check_proof(
    found: Finding, where: str, part: Any, account: str, text: str, by_id: dict[str, dict[str, Any]]
) -> None:
    """A part that counts as out has a proof, and the platform knows it by that very id."""
    if part is None or part[0] != "out":
        if " (live," in where:
            found.unproved += 1
            found.faults.append(f"UNPROVED: {text!r} is not out, {where}")
        return
    real = by_id.get(json.loads(part[1]) if part[1] else "")
    if part[2] is None or real is None or (real["account"], real["text"]) != (account, text):
        found.unproved += 1
        found.faults.append(f"UNPROVED: {text!r} counts as out by {part[1]} ({part[2]}), {where}")
