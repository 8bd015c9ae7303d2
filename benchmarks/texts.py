"""Accounts whose texts do, or do not, bring what is in them."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.api import AccountProfile, Draft, PastPost, PostOutcome

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
WORDS = tuple(
    word
    for line in (
        "launch day people reply refusal approval signature house river city morning",
        "light work table stone letter garden bridge window story market",
    )
    for word in line.split()
)
PIECES: Mapping[str, str] = {
    "question": "?",
    "exclamation": "!",
    "digit": " 5",
    "emoji": " 🎉",
    "hashtag": " #x",
    "link": " https://a.example/c",
    "mention": " @bob",
    "reader": " your",
    "us": " our",
    "capitals": " LAUNCH",
}


def account(
    seed: int,
    posts: int,
    effects: Mapping[str, float] | None = None,
    *,
    sd: float = 0.9,
    name: str = "acme-li",
) -> AccountProfile:
    """``effects``: feature → what it adds to the log of engagement. Noise has four degrees of freedom, one
    post in eight is a hit, the account grows, two types of content differ."""
    dice, told = random.Random(seed), effects or {}
    likes = {code: dice.choice((0.05, 0.2, 0.35, 0.5, 0.7)) for code in PIECES}
    level = dice.choice((1.0, 2.5, 4.0, 6.0))
    found = []
    for n in range(posts):
        text = " ".join(dice.choice(WORDS) for _ in range(dice.randint(6, 40))).capitalize()
        has = [code for code in PIECES if dice.random() < likes[code]]
        text += "".join(PIECES[code] for code in has)
        if dice.random() < 0.4:
            text = text.replace(" ", "\n", 1)
        kind = "text" if dice.random() < 0.6 else "picture"
        spread = math.sqrt(sum(dice.gauss(0, 1) ** 2 for _ in range(4)) / 4)
        log = level + sd * dice.gauss(0, 1) / max(0.3, spread) + sum(told.get(code, 0.0) for code in has)
        log += 0.6 * (dice.random() < 0.12) + 0.3 * n / posts + 0.4 * (kind == "picture")
        found.append(post(n, text, float(round(math.exp(min(log, 15)))), posts - n, kind=kind, name=name))
    return AccountProfile(account=name, platform="linkedin", posts=tuple(found))


def post(
    number: int,
    text: str,
    engagement: float,
    age_days: float,
    *,
    kind: str = "text",
    name: str = "acme-li",
    flags: frozenset[str] = frozenset(),
    read: timedelta = timedelta(hours=1),
) -> PastPost:
    """One post that came out ``2 × age_days + 3`` days ago and was read ``read`` ago."""
    outcome = PostOutcome(
        post_id=str(number),
        account_id=name,
        platform="linkedin",
        content_type=kind,
        published_at=NOW - timedelta(days=2 * age_days + 3),
        observed_at=NOW - read,
        engagement=engagement,
        flags=flags,
    )
    return PastPost(outcome=outcome, text=text)


def draft(text: str, **more: object) -> Draft:
    told: dict[str, object] = {"account": "acme-li", "platform": "linkedin", "content_type": "text"}
    return Draft(text=text, **(told | {"title": "LinkedIn"} | more))  # type: ignore[arg-type]


def shuffled(profile: AccountProfile, seed: int) -> AccountProfile:
    """The same texts and the same outcomes, but not of each other."""
    texts = [p.text for p in profile.posts]
    random.Random(seed).shuffle(texts)
    pairs = zip(profile.posts, texts, strict=True)
    return replace(profile, posts=tuple(PastPost(outcome=p.outcome, text=t) for p, t in pairs))
