"""The audit trail as a chain: each entry carries the hash of the one before it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.records import AuditEntry

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where a chain stands: how many entries it has, and the hash of the last one."""

    seq: int = 0
    hash: str = "0" * 64


START = Link()
"""What the first entry of every brand follows."""


@dataclass(frozen=True, kw_only=True)
class Chained:
    """One entry in its place. ``seq`` counts from 1 in each brand."""

    entry: AuditEntry
    seq: int
    prev: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that cannot be unless somebody has meddled with the trail."""

    seq: int
    what: str


def digest(prev: str, seq: int, entry: AuditEntry) -> str:
    """SHA-256 (hex) over the hash before it, its place and every word of the entry.

    The form is fixed for ever: a JSON list in ASCII without spaces, the keys of ``facts`` in
    order, the instant in microseconds since 1970.
    """
    micros = (entry.at - EPOCH) // timedelta(microseconds=1)
    signed = [
        prev,
        seq,
        micros,
        entry.brand,
        entry.who,
        entry.what,
        entry.post_id,
        entry.delivery_id,
        dict(entry.facts),
    ]
    return hashlib.sha256(json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def chain(entry: AuditEntry, last: Link) -> Chained:
    """The entry as the next one after ``last``."""
    seq = last.seq + 1
    return Chained(entry=entry, seq=seq, prev=last.hash, hash=digest(last.hash, seq, entry))


def follow(rows: Iterable[Chained], last: Link = START) -> tuple[tuple[Fault, ...], Link]:
    """Walk the rows in the order of their places: what is wrong, and where the walk ended.

    One fault for each row at the most, at the place where it shows. Walking goes on behind
    it, so that one change does not hide the next.
    """
    faults: list[Fault] = []
    for row in rows:
        expected = last.seq + 1
        if row.seq > expected:
            faults.append(Fault(seq=expected, what=_missing(expected, row.seq - 1)))
        elif row.seq < expected:
            faults.append(Fault(seq=row.seq, what=f"entry {row.seq} is there twice"))
        elif row.hash != digest(row.prev, row.seq, row.entry):
            faults.append(Fault(seq=row.seq, what=f"entry {row.seq} was changed"))
        elif row.prev != last.hash:
            faults.append(Fault(seq=row.seq, what=f"entry {row.seq} does not belong behind entry {last.seq}"))
        last = Link(seq=row.seq, hash=row.hash)
    return tuple(faults), last


def cut_off(last: Link, head: Link) -> Fault | None:
    """What is wrong at the end: ``head`` is what the last writer noted."""
    if last.seq < head.seq:
        return Fault(seq=last.seq + 1, what=_missing(last.seq + 1, head.seq))
    if last != head:
        return Fault(seq=last.seq, what=f"entry {last.seq} is not the one that was written last")
    return None


def _missing(first: int, last: int) -> str:
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"
