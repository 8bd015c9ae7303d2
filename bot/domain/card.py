"""The living card: everything known about a post, as one neutral message. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.domain.approval import Choice, Step
from bot.domain.asking import asked_line
from bot.domain.beneath import day_words, numbers_row, tip_rows
from bot.domain.buttons import buttons_of
from bot.domain.delivery import Delivery, PartState, State, parked
from bot.domain.extras import extra_lines
from bot.domain.marks import mark_link, plain
from bot.domain.message import Field, Message
from bot.domain.platform import Finding, Level, Proof
from bot.domain.post import Media, MediaKind, Post
from bot.domain.sheet import Row, Sheet
from bot.domain.when import NEXT_SLOT, NOW, say
from bot.domain.words import listed

ICONS = {MediaKind.VIDEO: "🎞", MediaKind.DOCUMENT: "📄"}.get

DROPPED = "dropped by"
"""How the reason of a target begins that an edit left out."""

EXCERPT = 300
"""Characters of a target's own text that a card shows; the thread has all of it."""

PROOFS: Mapping[Proof, str] = MappingProxyType(
    {Proof.RECEIPT: "receipt", Proof.READ_BACK: "read back", Proof.HUMAN: "a person's word"}
)


def paint(sheet: Sheet) -> Message:
    """The card of a post as it stands."""
    post, rows = sheet.post, _shown(sheet.rows)
    head = "" if _over(rows) else _body(sheet, rows)
    return Message(
        title=f"{post.name} · {post.brand} · by {post.author}",
        status=_status(rows) + day_words(sheet.numbers, over=_over(rows)),
        text=head,
        fields=(
            *(Field(name=r.title, value=_row_value(r, sheet)) for r in rows),
            *numbers_row(sheet.numbers, sheet.zone),
            *((Field(name="Repeats", value=sheet.repeats),) if sheet.repeats else ()),
            *_review_rows(sheet),
            *tip_rows(sheet),
            *_approval_rows(sheet),
        ),
        buttons=buttons_of(sheet),
        footer=_footer(sheet),
    )


def for_team(sheet: Sheet) -> Sheet:
    """The same where nobody can open a file of this machine: instead of its name a target shows how what
    it gets differs from the words above."""
    return replace(sheet, rows=tuple(replace(r, preview=_own_words(sheet.post, r)) for r in sheet.rows))


def _own_words(post: Post, row: Row) -> str:
    if not row.preview:
        return ""
    words, count = " ".join(row.delivery.variant.body.split()), len(row.delivery.variant.parts)
    own = (
        "" if words == " ".join(post.brief.split()) else f"“{words[:EXCERPT]}{'…' * (len(words) > EXCERPT)}”"
    )
    return " · ".join([*([f"{count} parts"] if count > 1 else []), *([own] if own else [])])


def _shown(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Targets that were dropped go from the card; they stay in the thread and in the audit."""
    kept = tuple(r for r in rows if r.delivery.state is not State.CANCELLED or not _dropped(r))
    return kept or rows


def _dropped(row: Row) -> bool:
    return row.delivery.reason.startswith(DROPPED)


def summary(rows: Sequence[Row]) -> str:
    """The post's state in a few words, derived from its deliveries."""
    return _status(rows)


def _over(rows: Sequence[Row]) -> bool:
    return all(r.delivery.state in (State.LIVE, State.REMOVED) for r in rows)


def _body(sheet: Sheet, rows: Sequence[Row]) -> str:
    lines = [sheet.post.brief] if sheet.post.brief else []
    media = {m.origin or m.sha256: m for r in reversed(rows) for m in r.delivery.variant.media}
    for name, held in media.items():
        given = sheet.given.get(name, held)
        item = replace(given, alt=held.alt, cover=held.cover, captions=held.captions)
        size = f"  {item.width}×{item.height}" if item.width else ""
        alt = f" · alt: “{item.alt}”" if item.alt else " · no alt text yet (--alt “…”)"
        lines.append(f"{ICONS(item.kind, '🖼')} {item.name}{size}{length(item)}{alt}{beside(item)}")
    lines += extra_lines(r.delivery.variant for r in rows)
    return "\n".join(lines)


def length(item: Media) -> str:
    """How long a video or a document is, behind its size."""
    if item.kind is MediaKind.VIDEO and item.seconds:
        minutes, seconds = divmod(round(item.seconds), 60)
        return f"  {minutes}:{seconds:02d}"
    return f"  {item.pages} pages" if item.pages > 1 else ""


def beside(item: Media) -> str:
    """What goes with a video."""
    words = ["with a cover"] if item.cover else []
    words += [f"captions {listed([m.language for m in item.captions])}"] if item.captions else []
    return "".join(f" · {w}" for w in words)


def _status(rows: Sequence[Row]) -> str:
    states = Counter(_word(r) for r in rows)
    if len(states) == 1:
        word = next(iter(states))
        yes = next((r.verdict for r in rows if r.verdict), None)
        if word == "IN REVIEW" and yes is not None and yes.needed > 1:
            return f"{word}  {yes.yes} of {yes.needed}"
        return word
    return ", ".join(f"{word} {count}" for word, count in states.items())


def _word(row: Row) -> str:
    state = row.delivery.state
    if state is State.UNCONFIRMED:
        return "CHECKING" if row.delivery.wake_at else "UNCONFIRMED"
    if state is State.DRAFT:
        return "PREPARING" if row.preparing else "NOT READY"
    if state is State.SCHEDULED and row.delivery.begun:
        return "LIVE, MORE FOLLOWS"
    return state.value.replace("_", " ").upper()


def _row_value(row: Row, sheet: Sheet) -> str:
    delivery, zone, now = row.delivery, sheet.zone, sheet.now
    state = delivery.state
    who = row.handle
    match state:
        case State.DRAFT | State.IN_REVIEW:
            return f"{who}  {_ready(row)}" + (f"  · {row.preview}" if row.preview else "")
        case State.APPROVED | State.SCHEDULED:
            if delivery.begun:
                rest = f" · {delivery.reason}" if delivery.reason else ""
                return f"{who}  {live_words(delivery, zone, now, count=False)}{_parts_out(delivery)}{rest}"
            if delivery.reason:
                return f"{who}  {delivery.reason}"
            if delivery.due is None or delivery.due <= now:
                return f"{who}  goes out now"
            return f"{who}  goes out {say(delivery.due, zone, now=now)}"
        case State.PUBLISHING:
            return f"{who}  {delivery.reason or 'sending …'}{_parts_out(delivery)}"
        case State.LIVE:
            return f"{who}  {live_words(delivery, zone, now)}"
        case State.UNCONFIRMED if delivery.wake_at:
            ask = f"; I'll ask you at {say(row.asks_at, zone, now=now, seconds=True)}" if row.asks_at else ""
            return f"{who}  {delivery.reason} Looking for it{ask}."
        case State.UNCONFIRMED:
            return f"{who}  UNCONFIRMED · {delivery.reason}"
        case State.PARTIAL:
            return f"{who}  {delivery.reason}{_parts_out(delivery)}"
        case State.HANDED_OVER:
            ends = f" Until {say(row.until, zone, now=now)}." if row.until else ""
            return f"{who}  {delivery.reason}{ends}"
        case _:
            words = state.value.replace("_", " ")
            if delivery.reason.startswith(words):
                return f"{who}  {delivery.reason}"
            return f"{who}  {words}" + (f": {delivery.reason}" if delivery.reason else "")


def live_words(delivery: Delivery, zone: str, now: datetime, *, count: bool = True) -> str:
    """When it went out, how that is known, and where it is."""
    out = [p for p in delivery.parts if p.state is PartState.OUT]
    if not out:
        return "live"
    proofs = {p.proof for p in out if p.proof}
    proof = ", ".join(PROOFS[p] for p in Proof if p in proofs) or "no proof"
    at = out[0].out_at
    when = f" {say(at, zone, now=now, seconds=True)}" if at else ""
    link = f" · {short_link(out[0].url)}" if out[0].url else ""
    parts = f" · {len(out)} parts" if count and len(out) > 1 else ""
    return f"live{when} ({proof}){parts}{link}"


def short_link(url: str) -> str:
    """A link as people read it, without scheme and ``www.``; marked, so that a chat can make it one."""
    words = url.removeprefix("https://").removeprefix("www.")
    return mark_link(url, words) if url.startswith(("https://", "http://")) else words


def _parts_out(delivery: Delivery) -> str:
    total = len(delivery.variant.parts)
    out = sum(1 for p in delivery.parts if p.state is PartState.OUT)
    return f" · {out} of {total} parts are out" if total > 1 and out else ""


def _ready(row: Row) -> str:
    """What is to be said of a target before it goes out; while its files are made, that first."""
    words = row.files if row.preparing or row.stopped else ""
    if not words or any(f.level is Level.BLOCK for f in row.findings):
        words = " · ".join(filter(None, [words, _findings(row)]))
    if row.files and not (row.preparing or row.stopped):
        words += f" · {row.files}"
    reason = [row.delivery.reason] if row.delivery.state is State.DRAFT and row.delivery.reason else []
    return " · ".join([words, *row.chosen, *reason])


def _findings(row: Row) -> str:
    blocks = [f for f in row.findings if f.level is Level.BLOCK]
    if blocks:
        return "✗ " + " · ".join(map(_advice, blocks))
    notes = [f.text for f in row.findings if f.level is Level.NOTE]
    warnings = [f"⚠ {_advice(f)}" for f in row.findings if f.level is Level.WARN]
    return " · ".join(["✓ " + " · ".join(notes or ["ready"]), *warnings])


def _advice(finding: Finding) -> str:
    """What is the matter, and the way out."""
    return f"{finding.text.rstrip('.')} — {finding.fix}" if finding.fix else finding.text


def _approval_rows(sheet: Sheet) -> tuple[Field, ...]:
    open_ = [
        r for r in sheet.rows if r.delivery.state in (State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED)
    ]
    if not open_:
        return ()
    rows = [Field(name="When", value=_when(sheet, open_))]
    in_review = [r for r in open_ if r.delivery.state is State.IN_REVIEW]
    return (*rows, *_who(sheet, in_review)) if in_review else tuple(rows)


def _review_rows(sheet: Sheet) -> tuple[Field, ...]:
    if not any(r.delivery.state in (State.DRAFT, State.IN_REVIEW) for r in sheet.rows):
        return ()
    marks = {Level.BLOCK: "✗", Level.WARN: "⚠"}.get
    return tuple(
        Field(name="Review", value=f"{marks(f.level, '·')} {f.text}{' — ' + f.fix if f.fix else ''}")
        for f in sheet.reviews
    )


def _when(sheet: Sheet, rows: Sequence[Row]) -> str:
    wish = sheet.post.wish
    if wish == NOW:
        return "as soon as it is approved"
    if any(r.hour for r in rows):
        return _hours(wish, sheet.zone, rows)
    due = next((r.delivery.due for r in rows if r.delivery.due), None)
    return f"{wish} → {say(due, sheet.zone)}" if due else wish


def _hours(wish: str, zone: str, rows: Sequence[Row]) -> str:
    """Each account has an hour of its own, with what it rests on."""
    known = [(r, r.delivery.due) for r in rows if r.delivery.due]
    if len(known) == 1:
        ((row, due),) = known
        return f"{wish} → {say(due, zone)} · {row.hour}"
    each = [f"{row.handle} {say(due, zone)} ({row.hour})" for row, due in known]
    return f"{wish}, each account its own → " + " · ".join(each)


def _who(sheet: Sheet, rows: Sequence[Row]) -> tuple[Field, ...]:
    """Who is asked; one line for each account where they differ."""
    asked = Step(name="", needed=sheet.needed, who=sheet.approvers, waiting=sheet.approvers)
    lines: dict[str, str] = {}
    for row in rows:
        steps = row.verdict.steps if row.verdict and row.verdict.steps else (asked,)
        votes = [v for v in sheet.votes if v.fingerprint == row.delivery.fingerprint]
        lines[row.title] = asked_line(
            steps, votes, zone=sheet.zone, now=sheet.now, ends=row.delivery.wake_at or sheet.expires_at
        )
    if len(set(map(plain, lines.values()))) == 1:  # what differs by seconds reads the same
        return (Field(name="Approve", value=next(iter(lines.values()))),)
    return tuple(Field(name=f"Approve {title}", value=line) for title, line in lines.items())


def _footer(sheet: Sheet) -> str:
    states = {r.delivery.state for r in sheet.rows}
    words: list[str] = []
    if sheet.halt is not None and states & {State.SCHEDULED, State.APPROVED}:
        words.append(f"stopped by {sheet.halt.by} — /resume when ready")
    if any(r.delivery.state is State.UNCONFIRMED and r.delivery.wake_at for r in sheet.rows):
        words.append("nothing is sent twice while I look")
    signed = {v.member: v.version for v in sheet.votes if v.choice is Choice.YES}
    mixed = len(set(signed.values())) > 1
    signers = [f"{name} (v{version})" if mixed else name for name, version in signed.items()]
    if states & {State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED, State.EXPIRED}:
        words.append(f"v{sheet.post.version}")
    elif signers:
        which = "" if mixed else f" v{next(iter(signed.values()))}"
        words.append(f"approved{which} by {', '.join(signers)}")
    words += _next(sheet)
    words += [sheet.numbers.milestone] if sheet.numbers and sheet.numbers.milestone else []
    if sheet.kept:
        words.append(f"♻ kept by {listed(sheet.kept)}")
    if sheet.dry_run:
        words.append("DRY RUN — nothing is sent")
    if sheet.simulated:
        words.append("SIMULATED — no account is connected")
    return " · ".join(words)


def _next(sheet: Sheet) -> list[str]:
    """What a post waits for that has stopped, and whose turn it is."""
    post, shown = sheet.post, [r.delivery for r in _shown(sheet.rows)]
    states = {d.state for d in shown}
    if State.CHANGES_REQUESTED in states:
        return [f"{post.author} makes a new version, and it is asked about again"]
    if State.EXPIRED in states:
        return ["nobody decided in time; a new time or version asks again"]
    if states & {State.HELD, State.PARTIAL} and any(map(parked, shown)):
        return ["nothing of it goes out until somebody resumes it"]
    if State.HANDED_OVER in states:
        return ["somebody finishes it in the platform's app"]
    if states & {State.REFUSED, State.HELD, State.MISSED, State.PARTIAL}:
        return ["nothing more is sent until somebody says so"]
    if State.DRAFT in states and State.IN_REVIEW not in states:
        if any(r.preparing for r in sheet.rows):
            return ["it is asked about as soon as its files are ready"]
        return ["it is asked about as soon as it can go out"]
    if states == {State.CANCELLED} and not sheet.dry_run:
        return [f"/edit {post.name} brings it back"]
    return []


def settle_deadline(started_at: datetime, settle: Sequence[timedelta]) -> datetime:
    """When a person is asked about a call that began at ``started_at``."""
    return started_at + (settle[-1] if settle else timedelta(0))


__all__ = ["NEXT_SLOT", "Row", "Sheet", "for_team", "live_words", "paint", "settle_deadline", "summary"]
