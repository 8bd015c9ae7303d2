"""Messages of every kind for the renderers' tests: any words, real cards in every state."""

from __future__ import annotations

import re
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from bot.domain.approval import Choice, Via, Vote
from bot.domain.card import Row, Sheet, paint
from bot.domain.delivery import Delivery, PartProgress, PartState, State
from bot.domain.marks import mark_link, mark_time
from bot.domain.message import Action, Button, Field, Message
from bot.domain.platform import Finding, Level, Proof
from bot.domain.post import Media, MediaKind, Part, Post, Variant
from bot.domain.when import say

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ZONE = "Europe/Lisbon"
SAMPLES = (
    "Launch day: Clarion 1.0 is out.",
    "*bold* _italic_ ~gone~ `code` > quote\n# head\n- item\n1. one\n||secret||\n```x```",
    "<!channel> <!here> <@U024BE7LH> <@80351110224678912> <@&1187> <#C1|x> @here @everyone &amp; <b>",
    "اليوم هو يوم الإطلاق، شكراً لكم جميعاً",
    "‮dlrow olleh‬ ⁧רגיל⁩ \u200f\u200e",
    "👩🏽‍👩🏽‍👧🏽‍👦🏽 🏳️‍🌈 🇵🇹🇩🇪 ❤️‍🔥 👍🏿",
    "https://example.com/a_b_(c)*d?x=1&y=2#frag. and www.example.com/why_not",
    "Zalgo: " + "e\u0301\u0320\u0330" * 20,
    "\x00\x1b[31mred\x07\r\ntabs\tand\u2028lines\ud800",
    "[click](https://evil.example) ![x](y) :smile: 17:30:05 \\* \\\\",
    "\ufdd0\ufdd1\ufdd2\ufdd3\ufdef",
    " ",
    "",
)
ALPHABET = st.one_of(
    st.sampled_from(string.printable + "<>&*_~`|@#:\\[]()–…“”«»éüñßøæœ日本語العربيةעברית👍🏽\u200d\ufe0f\n"),
    st.characters(),
)
words = st.one_of(st.sampled_from(SAMPLES), st.text(ALPHABET, max_size=80))
long_words = st.builds(
    lambda piece, times, between: (piece + between) * times,
    st.one_of(st.sampled_from([s for s in SAMPLES if s.strip()]), st.text(ALPHABET, min_size=1, max_size=40)),
    st.integers(20, 400),
    st.sampled_from(("", " ", "\n")),
)
huge_words = st.builds(
    lambda piece: (piece * (100_000 // len(piece) + 1))[:100_000],
    st.one_of(st.sampled_from([s for s in SAMPLES if s]), st.text(ALPHABET, min_size=1, max_size=20)),
)
instants = st.integers(-(10**9), 4 * 10**9).map(
    lambda s: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
marked = st.one_of(
    st.builds(mark_time, instants, words, place=words),
    st.builds(
        lambda at: say(at, ZONE, now=NOW),
        st.integers(1, 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC)),
    ),
    st.builds(mark_link, st.one_of(words, words.map(lambda w: f"https://example.com/{w}")), words),
)
sentences = st.lists(st.one_of(words, marked), max_size=4).map("".join)
texts = st.one_of(sentences, sentences, long_words, huge_words)
verbs = st.from_regex(r"[a-z_-]{1,20}", fullmatch=True)
actions = st.builds(Action, verb=verbs, kind=verbs, id=st.integers(0, 10**12), version=st.integers(0, 10**6))
buttons = st.builds(
    Button,
    label=st.one_of(words, st.sampled_from(("Approve", "Request changes"))),
    action=actions,
    danger=st.booleans(),
    asks=st.sampled_from(("", "Why?")),
    primary=st.booleans(),
)
mentions = st.lists(
    st.one_of(st.sampled_from(("U024BE7LH", "W012A3CDE", "80351110224678912")), words), max_size=4
).map(tuple)
rows = st.builds(
    lambda few, times: tuple(few * times),
    st.lists(
        st.builds(
            Field, name=st.one_of(words, long_words), value=st.one_of(sentences, sentences, long_words)
        ),
        max_size=5,
    ),
    st.integers(0, 12),
)
many_buttons = st.builds(
    lambda few, times: tuple(
        replace(one, action=replace(one.action, version=n)) for n, one in enumerate(few * times)
    ),
    st.lists(buttons, max_size=5),
    st.integers(0, 12),
)
messages = st.builds(
    Message,
    text=texts,
    title=st.one_of(st.just(""), sentences, long_words),
    status=st.one_of(st.just(""), sentences, st.sampled_from(("IN REVIEW  1 of 2", "LIVE 1, CHECKING 1"))),
    fields=rows,
    image=st.sampled_from((None, Path("launch.jpg"))),
    image_alt=words,
    buttons=many_buttons,
    footer=st.one_of(st.just(""), sentences, long_words),
    mentions=mentions,
)
"""Everything a message may hold, and much that it never does."""

short_words = st.text(
    string.ascii_letters + string.digits + " *_~`<>&@#:|[]()-+.,!?éüßالعربية日本語👍", max_size=60
)
short_messages = st.builds(
    Message,
    text=short_words,
    title=short_words,
    status=short_words,
    fields=st.lists(st.builds(Field, name=short_words, value=short_words), max_size=8).map(tuple),
    buttons=st.lists(buttons, max_size=25).map(tuple),
    footer=short_words,
)
"""What fits everywhere: nothing of it may be missing."""


def bare(text: str) -> list[str]:
    """The words as people read them, whatever stands between."""
    return re.findall(r"\w+", text)


def _delivery(
    number: int, state: State, text: str, reason: str, due: datetime | None, waits: bool
) -> Delivery:
    parts = (Part(text=text), Part(text="and more"))
    media = Media(
        sha256=str(number),
        name=f"{text[:20]}.jpg",
        mime="image/jpeg",
        kind=MediaKind.IMAGE,
        size=9,
        alt=reason,
    )
    out = state in (State.LIVE, State.PARTIAL)
    return Delivery(
        id=number,
        post_id=42,
        brand="acme",
        account=f"acme-{number}",
        platform="demo",
        variant=Variant(
            account=f"acme-{number}", platform="demo", parts=(Part(text=text, media=(media,)), *parts)
        ),
        fingerprint="f3",
        version=3,
        state=state,
        due=due,
        fence=5,
        reason=reason,
        wake_at=NOW if waits else None,
        parts=(
            PartProgress(
                index=0, state=PartState.OUT, proof=Proof.RECEIPT, out_at=NOW, url="https://x.com/acme/1"
            )
            if out
            else PartProgress(index=0),
        ),
    )


@st.composite
def _sheets(draw: st.DrawFn) -> Sheet:
    post = Post(
        id=42,
        brand="acme",
        author=draw(st.sampled_from(("alice", "slack:U024BE7LH"))),
        brief=draw(st.one_of(words, long_words)),
        wish="mon 17:30",
        version=3,
        created_at=NOW,
    )
    rows = [
        Row(
            delivery=_delivery(
                number,
                draw(st.sampled_from(State)),
                draw(words),
                draw(words),
                draw(st.sampled_from((None, NOW + timedelta(days=2)))),
                draw(st.booleans()),
            ),
            title=f"Platform {number}",
            handle=draw(words),
            findings=tuple(
                Finding(level=level, code="x", text=draw(words), fix=draw(words))
                for level in draw(st.lists(st.sampled_from(Level), max_size=3))
            ),
            preview="P42-v3.txt",
        )
        for number in range(1, draw(st.integers(1, 8)) + 1)
    ]
    votes = tuple(
        Vote(
            delivery_id=1,
            member=name,
            choice=draw(st.sampled_from(Choice)),
            fingerprint="f3",
            version=3,
            via=Via.BUTTON,
            at=NOW,
            reason=draw(words),
        )
        for name in ("bob", "carol")
    )
    return Sheet(
        post=post,
        rows=tuple(rows),
        votes=votes,
        zone=ZONE,
        now=NOW,
        approvers=("bob", "carol"),
        needed=draw(st.integers(1, 2)),
        expires_at=NOW + timedelta(hours=5),
        simulated=draw(st.booleans()),
        dry_run=draw(st.booleans()),
    )


cards = _sheets().map(paint)
"""Real cards, painted from deliveries in every state and mixture of states."""
