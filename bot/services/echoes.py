"""What an account said lately, or is about to say: shown beside a post that says the same again."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.card import short_link
from bot.domain.delivery import Delivery, State
from bot.domain.likeness import NEARLY, alike, likeness_of
from bot.domain.people import Brand
from bot.domain.platform import Finding, Level
from bot.domain.when import say
from bot.ports import Echo, Tx
from bot.services.plan import ours
from bot.services.twins import DOUBTFUL

MEMORY = timedelta(days=30)
MOST = 200
"""Posts in each state that are compared, the latest; a text takes some ten microseconds."""

SHOWN = 2
CLOSE = timedelta(minutes=15)
"""How near another post of the account is worth a word, where the brand names no spacing."""

OUT = (State.LIVE, State.PARTIAL, State.PUBLISHING, State.UNCONFIRMED, State.HANDED_OVER)
COMING = (State.SCHEDULED, State.APPROVED, State.IN_REVIEW, State.HELD, State.MISSED)
WORDS = 8
FIX = "word this one differently, or leave it if the repeat is meant"


def echoes_of(tx: Tx, brand: Brand, delivery: Delivery, now: datetime) -> tuple[Finding, ...]:
    """Posts on the same account that say nearly the same, the nearest first."""
    mine, text = likeness_of(delivery.variant.body), delivery.variant.body.split()
    near = tx.echoes.near(
        delivery.account, since=now - MEMORY, until=now + MEMORY, states=(*OUT, *COMING), limit=MOST
    )
    found = [
        (alike(mine, likeness_of(echo.text)), echo)
        for echo in near
        if echo.post_id != delivery.post_id and not (echo.state in DOUBTFUL and echo.text.split() == text)
    ]
    found = sorted((pair for pair in found if pair[0] >= NEARLY), key=lambda pair: pair[0], reverse=True)
    return tuple(_said(echo, share, brand, now) for share, echo in found[:SHOWN])


def collisions_of(tx: Tx, brand: Brand, delivery: Delivery, wish: str, now: datetime) -> tuple[Finding, ...]:
    """Other posts on the account close to a time that somebody named; a brand's own spacing says more."""
    if delivery.due is None or brand.spacing_s or ours(wish):
        return ()
    near = tx.echoes.near(
        delivery.account,
        since=delivery.due - CLOSE,
        until=delivery.due + CLOSE,
        states=(State.LIVE, *COMING),
        limit=SHOWN,
    )
    others = [e for e in near if e.post_id != delivery.post_id]
    others.sort(key=lambda e: abs(e.due - (delivery.due or e.due)))
    fix = f"/schedule P{delivery.post_id} gives this one another time"
    return tuple(
        Finding(level=Level.WARN, code="collision", text=f"close to {_beside(e, brand, now)}", fix=fix)
        for e in others[:SHOWN]
    )


def _said(echo: Echo, share: float, brand: Brand, now: datetime) -> Finding:
    how = "the same as" if share == 1.0 else "nearly the same as"
    return Finding(level=Level.WARN, code="echo", text=f"{how} {_beside(echo, brand, now)}", fix=FIX)


def _beside(echo: Echo, brand: Brand, now: datetime) -> str:
    """The other post, to be shown beside this one: its state, when, its first words, its link."""
    state = "live" if echo.state is State.LIVE else echo.state.value.replace("_", " ")
    when = say(echo.due, brand.timezone, now=now)
    link = f", {short_link(echo.url)}" if echo.url else ""
    return f"P{echo.post_id} ({state}, {when}): “{_first(echo.text)}”{link}"


def _first(text: str) -> str:
    """The first words."""
    words = text.split()
    start = " ".join(words[:WORDS])[:60]
    return start + (" …" if len(words) > WORDS or len(start) == 60 else "")
