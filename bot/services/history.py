"""What the thread under a card tells: who did what, what each account will get, how it ended.

Only chats with threads hear it; a console shows the card alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.approval import Choice, Decision, Verdict
from bot.domain.buttons import of_post
from bot.domain.card import live_words
from bot.domain.delivery import Delivery, State, parked
from bot.domain.post import Media, MediaKind, Post
from bot.domain.when import NOW, say
from bot.domain.words import listed
from bot.ports import Tx
from bot.services.context import Services
from bot.services.preview import preview_text
from bot.services.signed import standing
from bot.services.tally import still_needed
from bot.services.tell import has_threads, note

TOGETHER = 3000
"""Characters of previews that are still shown in one message; Slack's bound on a section's text."""

SHOWN = 10
"""Pictures of one version that are shown in the thread."""

SEEN = (MediaKind.IMAGE, MediaKind.GIF, MediaKind.VIDEO)
CARRIED = 8_000_000
"""Bytes of a file that is put into a thread; larger ones are seen on the preview's picture."""

CALLED = 10
"""People who are called in by one message at the most."""

DRAFTABLE = (State.DRAFT, State.IN_REVIEW, State.SCHEDULED)


def happened(svc: Services, tx: Tx, post: Post, what: str, text: str, *mentions: str) -> None:
    """One line about something that somebody did just now."""
    key = f"{what}:{post.id}:{post.version}:{svc.clock.now().isoformat()}:{text[:80]}"
    note(svc, tx, post, key, text, mentions=mentions[:CALLED])


def voted(
    svc: Services,
    tx: Tx,
    post: Post,
    member: str,
    choice: Choice,
    reason: str,
    verdicts: Mapping[str, Verdict],
) -> None:
    """Who decided what, and who is waited for now. A ❌ without words is asked about elsewhere."""
    if not svc.teams:
        return
    now, zone = svc.clock.now(), svc.brands[post.brand].timezone
    key = f"vote:{post.id}:{post.version}:{member}:{choice.value}:{now.isoformat()}"
    if choice is not Choice.YES:
        if reason:
            said = "asks for changes" if choice is Choice.CHANGES else f"rejected v{post.version}"
            fix = (of_post(post, "edit", "Edit"),)
            note(svc, tx, post, key, f"{member} {said}: {reason}", buttons=fix, mentions=(post.author,))
        return
    on_hold = all(parked(d) for d in tx.deliveries.of_post(post.id) if d.account in verdicts)
    open_ = [v for v in verdicts.values() if v.decision is Decision.OPEN]
    words, mentions = f"{member} approved v{post.version}", tuple[str, ...]()
    if open_:
        first = open_[0]
        words += f" ({first.yes} of {first.needed}). It still needs {still_needed(first)}."
        mentions = first.waiting if len(first.steps) > 1 else ()
    elif on_hold:
        words += ". It is on hold."
    else:
        rows = [d for d in tx.deliveries.of_post(post.id) if d.state is State.SCHEDULED and d.due]
        dues = sorted({say(d.due, zone, now=now) for d in rows if d.due and d.due > now})
        words += f". It goes out {listed(dues)}." if dues and post.wish != NOW else ". It goes out now."
    note(svc, tx, post, key, words, mentions=mentions[:CALLED])


def drafted(
    svc: Services, tx: Tx, post: Post, rows: Sequence[Delivery], *, head: str, only: str = ""
) -> None:
    """What each of these accounts will get, its pictures, and who is asked about it; ``only``: one that
    comes later than the others of its version."""
    if not any(has_threads(svc, target) for target in svc.channels(post.brand)):
        return
    brand, now = svc.brands[post.brand], svc.clock.now()
    shown = [d for d in rows if d.state in DRAFTABLE]
    asked = [standing(tx, brand, post, d, now=now) for d in shown if d.state is State.IN_REVIEW]
    who = list(dict.fromkeys(still_needed(found) for found in asked))
    called = tuple(dict.fromkeys(name for found in asked for name in found.waiting))
    head += f" It needs {listed(who)}." if who else ""
    needed = tx.preparations.of_post(post.id)
    texts = [preview_text(svc, post, d, [p for p in needed if p.delivery_id == d.id]).rstrip() for d in shown]
    key = f"preview:{post.id}:{post.version}" + (f":{only} prepared" if only else "")
    if sum(map(len, texts)) <= TOGETHER:
        note(svc, tx, post, key, "\n\n".join([head, *texts]), mentions=called[:CALLED])
    else:
        note(svc, tx, post, key, head, mentions=called[:CALLED])
        for delivery, text in zip(shown, texts, strict=True):
            note(svc, tx, post, f"{key}:{delivery.account}", text, delivery=delivery)
    for number, picture in enumerate(_pictures(shown)[:SHOWN]):
        note(svc, tx, post, f"{key}:picture {number}", picture.name, picture=picture)


def _pictures(rows: Sequence[Delivery]) -> list[Media]:
    """Every file of these targets once, the pictures of link cards included."""
    files = {m.sha256: m for d in rows for part in d.variant.parts for m in part.files}
    return [m for m in files.values() if m.kind in SEEN and m.size <= CARRIED]


def went_live(svc: Services, tx: Tx, delivery: Delivery) -> None:
    """A target is out, with its proof and its link."""
    post = tx.posts.get(delivery.post_id) if svc.teams else None
    if post is None:
        return
    connected = svc.accounts.get(delivery.account)
    title = connected.platform.title if connected else delivery.platform
    words = live_words(delivery, svc.brands[post.brand].timezone, svc.clock.now())
    note(svc, tx, post, f"live:{delivery.id}", f"{title}: {words}", delivery=delivery)
