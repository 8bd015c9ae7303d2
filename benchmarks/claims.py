"""Whether taking a due post costs more when more are stored."""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.stored import account_names, multiply, put
from benchmarks.table import Figure
from bot.domain.delivery import Delivery, State
from bot.ports import Store
from bot.store import open_store

FEW, MANY = 1_000, 1_000_000
ACCOUNTS, CLAIMS, ROUNDS = 10, 300, 5
SIZES = (1, 4)
SHARE_DUE = 0.2
LEASE = timedelta(minutes=2)


@dataclass
class Shelf:
    """A store with rows of which a fifth are due; ``end`` is when the next one that is put back is due."""

    store: Store
    names: list[str]
    end: datetime

    async def claim(self, size: int) -> float:
        """CPU seconds of one claim. What was taken goes to the end of the queue, which is not counted."""
        total = 0.0
        for number in range(CLAIMS):
            account = self.names[number % len(self.names)]
            now = datetime.now(UTC)
            before = time.process_time()
            rows = await self.store.write(
                lambda tx, a=account, n=now: tx.deliveries.claim(  # type: ignore[misc]  # bound at once
                    a, now=n, owner="bench", lease=LEASE, limit=size
                )
            )
            total += time.process_time() - before
            assert len(rows) == size
            await self._put_back(rows)
        return total / CLAIMS

    async def _put_back(self, rows: tuple[Delivery, ...]) -> None:
        for row in rows:
            self.end += timedelta(microseconds=1)
            back = replace(
                row,
                state=State.SCHEDULED,
                due=self.end,
                wake_at=self.end,
                lease_until=None,
                lease_owner=None,
            )
            await self.store.write(lambda tx, back=back: tx.deliveries.save(back, fence=back.fence))  # type: ignore[misc]  # bound at once


async def _shelf(stack: AsyncExitStack, folder: Path, many: int) -> Shelf:
    file = folder / f"{many}.db"
    store = await open_store(f"sqlite+aiosqlite:///{file}")
    stack.push_async_callback(store.aclose)
    names = account_names(ACCOUNTS)
    now = datetime.now(UTC)
    apart = timedelta(hours=1)
    first = now - apart * round(many * SHARE_DUE)
    await put(store, [(name, f"Some day, from {name}", first) for name in names])
    multiply(file, templates=ACCOUNTS, many=many, apart=apart)
    return Shelf(store=store, names=names, end=now)


async def measure() -> list[Figure]:
    """Few and many in turns, `ROUNDS` of each, for each size of a claim."""
    costs: dict[tuple[int, int], list[float]] = {(many, size): [] for many in (FEW, MANY) for size in SIZES}
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            shelves = {many: await _shelf(stack, Path(folder), many) for many in (FEW, MANY)}
            for _ in range(ROUNDS):
                for size in SIZES:
                    for many, shelf in shelves.items():
                        costs[many, size].append(await shelf.claim(size))
    figures = []
    for size in SIZES:
        few, more = costs[FEW, size], costs[MANY, size]
        ratio = statistics.median(b / a for a, b in zip(few, more, strict=True))
        figures.append(
            Figure(
                name=f"claim of {size}: CPU, {FEW:,} → {MANY:,} pending",
                bar="≤ 1.5 ×",
                measured=f"{ratio:.2f} ×, {statistics.median(more) * 1000:.2f} ms",
                limit=f"{statistics.median(few) * 1000:.2f} ms with few",
                met=ratio <= 1.5,
                notes=(
                    f"claims: {CLAIMS} over {ACCOUNTS} accounts with {SHARE_DUE:.0%} of the rows due, each "
                    f"with its commit; median of {ROUNDS} ratios",
                ),
            )
        )
    return figures
