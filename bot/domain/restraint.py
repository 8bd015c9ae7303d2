"""When something that runs by itself has to stop and ask: it goes badly, or it says the same again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.likeness import alike, likeness_of

LOW, IN_A_ROW, SIMILAR = 0.5, 3, 0.8
"""Less than this share of what is usual is low; that many low ones in a row, or a text this like an earlier
one, and it halts."""


@dataclass(frozen=True, kw_only=True)
class Try:
    """Something that went out by itself. ``ratio``: what it got of what is usual there at the same age, None
    while nobody can say; ``name`` is what people call it."""

    name: str
    text: str
    ratio: float | None = None


@dataclass(frozen=True, kw_only=True)
class Restraint:
    """Why it halts: one sentence, and the tries that are the reason."""

    why: str
    because: tuple[str, ...]


def restraint(
    tries: Sequence[Try],
    planned: str,
    *,
    low: float = LOW,
    in_a_row: int = IN_A_ROW,
    similar: float = SIMILAR,
) -> Restraint | None:
    """Why ``planned`` must not go out by itself, from the earlier ``tries``, oldest first; None: it may.

    Tries of which nothing is known yet neither help nor harm. Unknown is not low.
    """
    known = [(one.name, one.ratio) for one in tries if one.ratio is not None]
    last = known[-in_a_row:] if in_a_row > 0 else []
    if last and len(last) == in_a_row and all(ratio < low for _, ratio in last):
        shown = ", ".join(f"{name} {ratio:.2f}x" for name, ratio in last)
        why = f"the last {in_a_row} that went out by themselves got less than {low:g} of the usual ({shown})"
        return Restraint(why=why, because=tuple(name for name, _ in last))
    mine = likeness_of(planned)
    for one in reversed(tries):
        share = alike(mine, likeness_of(one.text))
        if share >= similar:
            return Restraint(why=f"the next one says nearly what {one.name} said", because=(one.name,))
    return None
