"""What a brand says about posting its winners elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.winners import Absolute, Relative

OFF, PROPOSE, AUTO = "off", "propose", "auto"
MODES = (OFF, PROPOSE, AUTO)
RELATIVE, ABSOLUTE = "relative", "absolute"
RULES = (RELATIVE, ABSOLUTE)


@dataclass(frozen=True, kw_only=True)
class CrosspostPolicy:
    """``mode``: "off", "propose" (a card that people decide about) or "auto" (the post is made at once, and
    goes through the brand's approval like any other).

    ``rule``: "relative" to the account's usual, or "absolute" with ``views`` and ``rate``. ``cool_off_s``:
    seconds between the source and what is made of it. ``expires_s``: how long a proposal stays open.
    ``a_day``: proposals in any 24 hours, so that a good day does not flood a channel. ``fresh_s``: older
    posts are not proposed any more. ``never``: accounts that nothing is proposed for.
    """

    mode: str = PROPOSE
    rule: str = RELATIVE
    views: int = 10_000
    rate: float = 0.05
    cool_off_s: int = 24 * 3600
    expires_s: int = 7 * 86400
    fresh_s: int = 30 * 86400
    a_day: int = 3
    never: tuple[str, ...] = ()

    def bars(self, known: frozenset[str] = frozenset()) -> Absolute | Relative:
        """What winners are asked for; ``known``: posts that were winners before."""
        if self.rule == ABSOLUTE:
            return Absolute(views=self.views, rate=self.rate)
        return Relative(known=known)
