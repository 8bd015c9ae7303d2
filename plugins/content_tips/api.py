"""Tips about a draft, as pure functions: the same draft, posts and instant give the same tips."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.api import GENERAL, OWN, AccountProfile, Draft, Suggestion
from plugins.content_tips.features import see
from plugins.content_tips.general import elsewhere, lean
from plugins.content_tips.readability import reading, unreadable
from plugins.content_tips.rules import certain

__all__ = ["lean", "reading", "suggest"]

LEAST_POSTS = 20
"""Below this nothing of an account's own is looked for (ten posts with a feature, ten without)."""


def suggest(draft: Draft, profile: AccountProfile, *, now: datetime) -> list[Suggestion]:
    """What to consider about ``draft``, the strongest first: facts, the account's own patterns that bear on
    it, how it reads, what was seen elsewhere. Raises nothing for odd posts; they are left out."""
    return [*certain(draft), *_own(draft, profile, now), *_reads(draft), *elsewhere(draft)]


def _own(draft: Draft, profile: AccountProfile, now: datetime) -> Iterator[Suggestion]:
    if len(profile.posts) < LEAST_POSTS or not draft.text.strip():
        return
    from plugins.content_tips.own import patterns  # arrays are loaded when there is something to compute

    for found in patterns(profile, now=now):
        there, better = found.feature.has(see(draft.text)), found.lift.mean > 0
        if there is better:
            continue  # it does already what went well
        yield Suggestion(
            kind=OWN,
            code=found.feature.code,
            text=f"Of your last {found.n} posts, the {found.n_with} with {found.feature.name}",
            fix=found.feature.add if better else found.feature.drop,
            account=draft.account,
            evidence=found.lift,
            n=found.n,
            rows=found.rows,
        )


def _reads(draft: Draft) -> Iterator[Suggestion]:
    script = unreadable(draft.text)
    if script:
        words = f"How hard {script} text reads I cannot tell: I know no formula for it."
        yield Suggestion(kind=GENERAL, code="unreadable", text=words, account=draft.account)
    found = reading(draft.text)
    if found is not None and found.hard:
        yield Suggestion(
            kind=GENERAL,
            code="readability",
            text=f"It reads hard: {found.value:.0f} by {found.formula}'s formula, "
            f"{found.a_sentence:.0f} words a sentence. That is a formula's word, not your readers'.",
            fix="Shorter sentences.",
            account=draft.account,
        )
