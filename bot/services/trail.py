"""Reading the audit trail: what was done, in words, and whether nobody has meddled with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.chain import START, Chained, Fault, cut_off, follow
from bot.domain.post import Json
from bot.domain.records import AuditEntry
from bot.domain.words import listed
from bot.ports import Store

PAGE = 1000

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "drafted": "wrote it",
        "edited": "changed it",
        "yes": "approved it",
        "no": "rejected it",
        "changes": "asked for changes",
        "withdrew": "took the vote back",
        "hold": "put it on hold",
        "unhold": "let it go on",
        "cancelled": "cancelled it",
        "retried": "had it sent again",
        "reminded": "reminded those who are waited for",
        "escalated": "called others in",
        "part_out": "published it",
        "held": "held what was too late",
        "unsigned": "held it, because its approval no longer holds",
        "expired": "let the request lapse",
        "skipped": "left one out on a day off",
        "refused": "was refused by the platform",
        "halted": "stopped everything",
        "resumed": "let everything go on",
        "said_live": "said that it is live",
        "said_not": "said that it is not there",
        "said_leave": "left it as it is",
    }
)
"""What happened, in words; anything else is shown as it is written down."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What became of walking one brand's chain: how many entries, and everything that is wrong."""

    brand: str
    entries: int
    faults: tuple[str, ...]
    end: str

    @property
    def sound(self) -> bool:
        return not self.faults


async def pages(store: Store, brand: str) -> AsyncIterator[tuple[Chained, ...]]:
    """The whole trail of a brand, a page at a time. What is added meanwhile may or may not be in it."""
    after = -1
    while True:
        page = await store.read(lambda tx, after=after: tx.audit.chain(brand, after=after, limit=PAGE))  # type: ignore[misc]  # mypy infers no lambda with a default
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1].seq


async def prove(store: Store, brand: str) -> Proof:
    """Walk the chain of one brand from its start to its end, and name every place that is broken.

    A bot may go on writing meanwhile: the last page and the end it is held against are of
    one instant.
    """
    last, after, count = START, -1, 0
    faults: list[str] = []
    while True:
        page, heads = await store.read(
            lambda tx, after=after: (tx.audit.chain(brand, after=after, limit=PAGE), tx.audit.heads())  # type: ignore[misc]  # mypy infers no lambda with a default
        )
        found, last = follow(page, last)
        count += len(page)
        named = {row.seq: row for row in page}
        faults += [_named(fault, named.get(fault.seq)) for fault in found]
        if len(page) < PAGE:
            break
        after = page[-1].seq
    end = cut_off(last, heads.get(brand, START))
    if end is not None:
        faults.append(_named(end, None))
    return Proof(brand=brand, entries=count, faults=tuple(faults), end=last.hash)


async def brands_of(store: Store) -> tuple[str, ...]:
    """Every brand that has a trail."""
    return tuple(sorted(await store.read(lambda tx: tx.audit.heads())))


def _named(fault: Fault, row: Chained | None) -> str:
    if row is None:
        return f"{fault.what}."
    entry = row.entry
    about = f" about P{entry.post_id}" if entry.post_id else ""
    return f"{fault.what}: now it reads “{entry.who} {entry.what}”{about}, {entry.at:%Y-%m-%d %H:%M} UTC."


def told(entry: AuditEntry) -> str:
    """What an entry says, for people: who did what, and the facts worth a line."""
    who = "Clarion" if entry.who == "clarion" else entry.who
    words = WORDS.get(entry.what, entry.what.replace("_", " ").replace("-", " "))
    facts = _facts(entry.facts)
    return f"{who} {words}" + (f" ({facts})" if facts else "")


def _facts(facts: Mapping[str, Json]) -> str:
    said: list[str] = []
    if facts.get("reason"):
        said.append(str(facts["reason"]))
    if isinstance(facts.get("to"), list) and facts["to"]:
        said.append(listed([str(name) for name in facts["to"]]))
    if isinstance(facts.get("called"), list) and facts["called"]:
        said.append(listed([str(name) for name in facts["called"]]))
    if isinstance(facts.get("changes"), list):
        said.append("; ".join(str(line) for line in facts["changes"]))
    said += [f"{key} {facts[key]}" for key in ("via", "proof", "link") if facts.get(key)]
    if facts.get("part"):
        said.append(f"part {int(facts['part']) + 1}")
    text = " · ".join(said)
    return text if len(text) <= 300 else text[:299] + "…"


def as_row(row: Chained) -> Mapping[str, Json]:
    """One line of an export: everything that the hash covers, and the hash."""
    entry = row.entry
    return {
        "brand": entry.brand,
        "seq": row.seq,
        "at": entry.at.isoformat(),
        "who": entry.who,
        "what": entry.what,
        "post": entry.post_id,
        "delivery": entry.delivery_id,
        "facts": dict(entry.facts),
        "prev": row.prev,
        "hash": row.hash,
    }


def summary(proof: Proof) -> str:
    """One sentence about a chain."""
    many = f"{proof.entries:,} {'entry' if proof.entries == 1 else 'entries'}"
    if proof.sound:
        return f"{proof.brand}: {many}, every one as it was written. The chain ends in {proof.end[:16]}…"
    places = f"{len(proof.faults)} {'place' if len(proof.faults) == 1 else 'places'}"
    return f"{proof.brand}: {many}, and the chain is broken in {places}:"
