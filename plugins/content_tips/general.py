"""What was seen elsewhere: headlines of one publisher, tested against each other on its own readers.

The Upworthy Research Archive (Matias, Munger, Le Quere, Ebersole 2021, CC BY 4.0): within tests of 2013–15
that showed the same picture, without the weeks that were not randomised, log click rate on features,
standard errors by test; 4 388 headlines of 982 tests. Only what was clear of zero in both halves of them is
told, and only about English. They are weak: which of two headlines won they tell in 54 of 100 pairs, in 60
of those with a clear winner, on tests that had no part in the fit (``benchmarks/learn_tips.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.api import GENERAL, Draft, Interval, Suggestion
from plugins.content_tips.features import LINK, MENTION, TAG, first_line
from plugins.content_tips.language import language_of

SOURCE = "general: one publisher's headlines 2013–15"
HEADLINES = 4388
PERSON = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
LONGEST = 120
"""Characters of a headline; a first line that is longer is none."""

FULL, ENOUGH = 50, 60
"""The length's effect is told of so many characters more; a headline as long as this is not told to grow."""


@dataclass(frozen=True, kw_only=True)
class Prior:
    """``weight`` on log click rate of what ``size`` measures, with its standard error."""

    code: str
    size: Callable[[str], float]
    weight: float
    error: float

    @property
    def lift(self) -> Interval:
        """The effect of one more of it, with 80 %."""
        from math import expm1

        reach = 1.2816 * self.error
        return Interval(expm1(self.weight), expm1(self.weight - reach), expm1(self.weight + reach))


def _bare(text: str) -> str:
    return MENTION.sub("", TAG.sub("", LINK.sub("", text)))


PRIORS = (
    Prior(code="question", size=lambda t: float("?" in _bare(t)), weight=-0.096, error=0.020),
    Prior(code="digit", size=lambda t: float(any(c.isdigit() for c in _bare(t))), weight=0.089, error=0.022),
    Prior(code="person", size=lambda t: float(bool(PERSON.search(t))), weight=0.116, error=0.024),
    Prior(code="long", size=lambda t: min(len(t), 120) / FULL, weight=0.100, error=0.024),
)


def elsewhere(draft: Draft) -> Iterator[Suggestion]:
    """What those headlines say about this one's; nothing about what is not English."""
    head = draft.heading.strip() or first_line(draft.text)
    if not 0 < len(head) <= LONGEST or language_of(f"{head} {draft.text}") != "en":
        return
    question, digit, person, long = PRIORS
    if question.size(head):
        yield _seen(
            draft, question, "Headlines with a question were clicked less", "Say it instead of asking."
        )
    if not digit.size(head):
        yield _seen(draft, digit, "Headlines with a number were clicked more", "Name one, if there is one.")
    if not person.size(head):
        yield _seen(draft, person, "Headlines about a person (“he”, “she”) were clicked more", "Tell who.")
    if len(head) < ENOUGH:
        yield _seen(
            draft, long, f"Headlines {FULL} characters longer were clicked more", "Say what it is about."
        )


def lean(first: str, second: str) -> float:
    """The log of how many times as often the first headline is thought to be clicked; weak, see above."""
    return sum(p.weight * (p.size(first) - p.size(second)) for p in PRIORS)


def _seen(draft: Draft, prior: Prior, words: str, fix: str) -> Suggestion:
    return Suggestion(
        kind=GENERAL,
        code=prior.code,
        text=f"{words} ({SOURCE})",
        fix=fix,
        account=draft.account,
        evidence=prior.lift,
        n=HEADLINES,
    )
