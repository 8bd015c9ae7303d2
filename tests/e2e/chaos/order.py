"""What one campaign is to do, and what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

STORES = ("sqlite", "postgres")
MODES = ("own_key", "lookup", "lookup_resend", "neither")
BRAND = "acme"


@dataclass(frozen=True, kw_only=True)
class Order:
    """``kills`` is how many have to hit a process inside a call; ``call`` the seconds a call takes at most.

    ``troubles`` are the storms beside kill -9, each by name, in any order the seed gives.
    ``blind`` puts the fault in that all this is there to find: a bot that sends again without looking.
    ``lease`` and ``settle`` are seconds: what the bot waits for is shortened, nothing else about it.
    """

    store: str
    mode: str
    posts: int
    seed: int
    kills: int
    folder: Path
    accounts: int = 5
    call: float = 0.3
    troubles: tuple[str, ...] = ()
    lease: float = 6.0
    settle: tuple[float, ...] = (1.0, 2.0, 4.0)
    patience: float = 150.0
    blind: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"acc{n}" for n in range(self.accounts))

    @property
    def pumps(self) -> int:
        return 1 if self.store == "sqlite" else 2


@dataclass(kw_only=True)
class Finding:
    """One campaign's figures and faults. Seconds are wall time.

    ``cut``: calls that were open in the ledger when their process was killed, or frozen for longer
    than its lease; ``late``: calls that a living process gave up waiting for. ``inside``: kills after
    which the platform saw a connection die between the whole request and its answer; ``broken``
    counts those connections.
    """

    store: str
    mode: str
    seed: int
    posts: int = 0
    kills: int = 0
    inside: int = 0
    broken: int = 0
    cut: int = 0
    late: int = 0
    live: int = 0
    asked: int = 0
    held: int = 0
    cards: int = 0
    other: int = 0
    double: int = 0
    lost: int = 0
    unproved: int = 0
    seconds: float = 0.0
    storms: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
