"""A bot whose hours are advised by rules that a test can read, and accounts with a past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.domain.outcomes import Audience, Interval, PostOutcome, SlotAdvice, SlotScores
from bot.domain.platform import Metrics
from bot.domain.slots import in_quiet
from bot.domain.snapshot import Snapshot, Watch
from bot.ports import Tx
from tests.unit.demo_world import LOOK, World

HOURS = (18, 12, 8, 21)
"""Local hours of a day, the best first, in the eyes of `HourByHour`."""

LIFT = Interval(0.23, 0.08, 0.41)
SHOWN = Interval(0.17, 0.06, 0.3)


@dataclass
class HourByHour:
    """Advises the hours of `HOURS`, today's before tomorrow's; keeps what it was asked."""

    name: str = "rules"
    title: str = "Rules"
    lift: Interval | None = LIFT
    shown: Interval | None = SHOWN
    explores: bool = False
    fits: int = 0
    asked: list[Mapping[str, object]] = field(default_factory=list)

    def fit(self, posts: Sequence[PostOutcome], *, zones: Mapping[str, str], now: datetime) -> object:
        self.fits += 1
        return {name: sum(one.account_id == name for one in posts) for name in {p.account_id for p in posts}}

    def recommend(
        self,
        model: object,
        *,
        account_id: str,
        platform: str,
        content_type: str,
        tz: str,
        window: tuple[datetime, datetime],
        now: datetime,
        seed: int,
        audience: Audience | None = None,
        chart: Sequence[float] | None = None,
        quiet: Sequence[tuple[int, int]] = (),
        busy: Sequence[datetime] = (),
        k: int = 3,
        min_gap: timedelta = timedelta(hours=3),
        explore: bool = True,
    ) -> list[SlotAdvice]:
        self.asked.append({"seed": seed, "busy": busy, "window": window, "audience": audience})
        assert isinstance(model, dict)
        count, zone = model.get(account_id, 0), ZoneInfo(tz)
        first = window[0].astimezone(zone).date()
        days = range((window[1] - window[0]).days + 2)
        walls = [datetime.combine(first + timedelta(days=d), time(h), zone) for h in HOURS for d in days]
        found = []
        for wall in walls:
            at = wall.astimezone(window[0].tzinfo)
            spans = [(time(a // 60, a % 60), time(b // 60, b % 60)) for a, b in quiet]
            if not window[0] <= at < window[1] or any(in_quiet(wall.time(), span) for span in spans):
                continue
            if any(abs(at - other) < min_gap for other in busy):
                continue
            found.append(
                SlotAdvice(
                    starts_at=at,
                    local=f"{wall:%a %H:%M}",
                    lift=self.lift if count else None,
                    shown=self.shown if count else None,
                    p_better=0.9 if count else 0.5,
                    basis="own" if count else "chart",
                    n_posts=count,
                    explore=False,
                    because=(f"{count} posts",),
                    warnings=(),
                )
            )
        tries = Random(seed).random() < 1 / 7
        if explore and self.explores and tries and len(found) > 1:
            last = found.pop()
            found = [*found[: k - 1], replace(last, explore=True)]
        return found[:k]

    def score_slots(
        self,
        model: object,
        *,
        account_id: str,
        platform: str,
        content_type: str,
        audience: Audience | None = None,
        chart: Sequence[float] | None = None,
    ) -> SlotScores:
        means = tuple(0.2 if h % 24 in HOURS[:2] else -0.05 for h in range(168))
        return SlotScores(
            means=means, lows=tuple(m - 0.1 for m in means), highs=tuple(m + 0.1 for m in means), basis="own"
        )


def advise(world: World, adviser: object) -> None:
    """Nobody but ``adviser`` is asked from now on."""
    world.app.services.registry.optimizers.clear()
    world.app.services.registry.optimizers["best_time"] = adviser  # type: ignore[assignment]  # broken ones too


async def past(
    world: World,
    count: int,
    *,
    account: str = LOOK,
    first: int = 1000,
    hour: int = 10,
    likes: int = 100,
    every: timedelta = timedelta(days=1),
) -> None:
    """So many posts of an account until a week ago, each with numbers at a ripe age."""
    now = world.clock.now()

    def unit(tx: Tx) -> None:
        for n in range(count):
            out = (now - timedelta(days=7) - n * every).replace(hour=hour, minute=0)
            watch = Watch(
                delivery_id=first + n,
                post_id=first + n,
                brand="acme",
                account=account,
                platform="demo-lookup",
                content_type="text",
                out_at=out,
                look_at=None,
                ended="closed",
            )
            tx.snapshots.watch(watch)
            numbers = Metrics(likes=likes + n % 7, views=10 * likes)
            at = out + timedelta(days=5)
            tx.snapshots.put([Snapshot(delivery_id=first + n, account=account, at=at, metrics=numbers)])

    await world.app.services.store.write(unit)
    world.app.services.fits.forget("acme")
