"""One publisher at work: connected to its own simulator over real HTTP, everything within reach."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.config import Secret, read_settings
from bot.domain.fitting import MediaRules
from bot.domain.platform import (
    Call,
    Checkpoint,
    Facts,
    More,
    OptionKind,
    Pending,
    PostOption,
    Ready,
    Receipt,
    Wait,
)
from bot.domain.post import Json, Media, Part, Variant, part_hash
from bot.media.files import FileMedia
from bot.ports import Deps, Platform, Publisher
from bot.testing.clip import mp4
from bot.testing.clock import FakeClock
from bot.testing.contract.lent import RememberedLog, WatchedHttp
from bot.testing.contract.served import ServedMedia
from bot.testing.contract.verdict import Broken, expect
from bot.testing.picture import jpeg, png
from bot.testing.simulator import Simulator

if TYPE_CHECKING:
    from bot.testing.contract import PublisherContract

T = TypeVar("T")

STEPS = 50
"""More steps of staging than any platform takes for one small picture."""

HANGS = 5.0
"""Real seconds after which a call that waits for nothing but itself is said to hang."""


@dataclass(kw_only=True)
class Bench:
    """A publisher, what it was lent, and the hands to work it. ``secrets`` are its account's own."""

    platform: Platform[Any]
    simulator: Simulator
    publisher: Publisher
    settings: Any
    clock: FakeClock
    http: WatchedHttp
    media: FileMedia
    log: RememberedLog
    folder: Path
    secrets: Mapping[str, str]
    stack: AsyncExitStack
    links: ServedMedia
    calls: int = 0
    open: list[Publisher] = field(default_factory=list)
    rules: MediaRules | None = None
    needed: tuple[Media, ...] = ()
    chosen: dict[str, Json] = field(default_factory=dict)

    @property
    def deps(self) -> Deps:
        """What the core lends, the same for every publisher of this bench."""
        return make_deps(self.http, self.clock, self.media, self.log, self.links)

    @property
    def takes_pictures(self) -> bool:
        """Whether a picture may go out with what is chosen."""
        return self.rules is None or self.rules.picture is not None

    @property
    def creates(self) -> int:
        """How often the platform was asked to publish."""
        return self.simulator.count(self.simulator.publishes)

    def connect(self, **changes: str) -> Publisher:
        """Another publisher of the same account, as another process would have; settings may differ."""
        settings = _settings(self.platform, {**_table(self.platform, self.simulator), **changes})
        publisher = self.platform.connect(settings, self.deps)
        self.open.append(publisher)
        return publisher

    def part(self, text: str, **more: Any) -> Part:
        """A part that the platform takes: with a file and with choices where it asks for them."""
        options = {**self.chosen, **more.pop("options", {})}
        return Part(text=text, media=more.pop("media", ()) or self.needed, options=options, **more)

    def variant(self, *parts: Part) -> Variant:
        return Variant(account="contract", platform=self.platform.name, parts=parts)

    def call(self, part: Part, **more: Any) -> Call:
        """A call as the ledger would write it; every one has a key of its own."""
        self.calls += 1
        return Call(
            key=f"contract-{self.calls}-{part_hash(part)[:8]}",
            started_at=self.clock.now(),
            request_hash=part_hash(part),
            **more,
        )

    async def picture(self, alt: str = "a gradient", *, width: int = 64) -> Media:
        """A small real picture in the media store, a PNG where that is taken, else a JPEG; another
        ``width`` makes another one."""
        rule = self.rules.picture if self.rules else None
        draw, kind = (png, "png") if rule is None or "image/png" in rule.formats else (jpeg, "jpg")
        source = self.folder / f"picture.{kind}"
        source.write_bytes(draw(width, 36))
        return await self.media.add(source, alt=alt)

    async def clip(self) -> Media:
        """A small real video in the media store, upright, four seconds."""
        source = self.folder / "clip.mp4"
        source.write_bytes(await asyncio.to_thread(mp4))
        return await self.media.add(source, alt="a test picture")

    async def staged(self, part: Part, publisher: Publisher | None = None) -> Checkpoint:
        """Stage to the end and answer with the checkpoint."""
        checkpoint = Checkpoint()
        for _ in range(STEPS):
            answer = await (publisher or self.publisher).stage(part, checkpoint)
            checkpoint = answer.checkpoint
            match answer:
                case Ready():
                    return checkpoint
                case Wait(until=until):
                    self.clock.advance(max(until - self.clock.now(), until - until))
                case More():
                    pass
        raise Broken(f"Staging one part was not done after {STEPS} steps.")

    async def commit(self, part: Part, call: Call | None = None) -> Receipt | Pending:
        """Stage and commit."""
        checkpoint = await self.staged(part)
        return await self.publisher.commit(part, checkpoint, call or self.call(part))

    async def publish(self, text: str) -> Receipt:
        """Send a text that the platform has no reason to refuse; processing is waited for."""
        part = self.part(text)
        call = self.call(part)
        checkpoint = await self.staged(part)
        answer = await self.publisher.commit(part, checkpoint, call)
        return await self.received(part, checkpoint, call, answer)

    async def received(
        self, part: Part, checkpoint: Checkpoint, call: Call, answer: Receipt | Pending
    ) -> Receipt:
        """The receipt, or what `confirm` makes of a platform that takes its time."""
        from dataclasses import replace

        for _ in range(STEPS):
            if not isinstance(answer, Pending):
                break
            self.clock.advance(max((answer.check_at - self.clock.now()).total_seconds(), 1.0))
            found: Any = await self.publisher.confirm(part, checkpoint, replace(call, ref=answer.ref))
            answer = found if isinstance(found, Pending) else Receipt(ref=found.ref, url=found.url)
        expect(isinstance(answer, Receipt), f"commit answered {type(answer).__name__}, which is no receipt.")
        assert isinstance(answer, Receipt)
        return answer

    async def hurried(self, work: Awaitable[T]) -> T:
        """Await it with the fake clock wound on whenever somebody only waits for that."""
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        end = loop.time() + HANGS
        try:
            while True:
                done, _ = await asyncio.wait({task}, timeout=0.005)
                if done:
                    return task.result()
                if self.clock.next_wake is not None:
                    self.clock.advance(self.clock.next_wake - self.clock.monotonic())
                elif loop.time() > end:
                    raise Broken("The call hangs: it waits for nothing that will ever happen.")
        finally:
            task.cancel()


def make_deps(
    http: WatchedHttp, clock: FakeClock, media: FileMedia, log: RememberedLog, links: ServedMedia
) -> Deps:
    """What the core lends a publisher."""
    return Deps(http=http, clock=clock, media=media, log=log, links=links)


def saved(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint as it comes back from the database; raises `Broken` when it cannot go in."""
    try:
        data = json.loads(json.dumps(dict(checkpoint.data)))
    except (TypeError, ValueError) as error:
        raise Broken(f"A checkpoint must be plain JSON, or it cannot be saved ({error}).") from None
    return Checkpoint(data=data, expires_at=checkpoint.expires_at)


@asynccontextmanager
async def open_bench(contract: PublisherContract, folder: Path) -> AsyncIterator[Bench]:
    """Start the simulator, connect the publisher; close both, and everything lent, at the end."""
    platform = contract.platform
    if platform.simulate is None or platform.simulated is None:
        raise Broken(f"{platform.title} brings no simulator; the contract needs `simulate` and `simulated`.")
    clock = FakeClock()
    async with AsyncExitStack() as stack:
        simulator = await platform.simulate(clock)
        stack.push_async_callback(simulator.aclose)
        if not isinstance(simulator, Simulator):
            raise Broken("A simulator must be a bot.testing.simulator.Simulator.")
        http = WatchedHttp(clock)
        stack.push_async_callback(http.aclose)
        media, log = FileMedia(folder / "media"), RememberedLog()
        links = await ServedMedia(media).start()
        stack.push_async_callback(links.aclose)
        settings = _settings(platform, _table(platform, simulator))
        publisher = platform.connect(settings, make_deps(http, clock, media, log, links))
        bench = Bench(
            platform=platform,
            simulator=simulator,
            publisher=publisher,
            settings=settings,
            clock=clock,
            http=http,
            media=media,
            log=log,
            folder=folder,
            secrets=platform.simulated.secrets,
            stack=stack,
            links=links,
            open=[publisher],
        )
        await _equip(bench)
        try:
            yield bench
        finally:
            for each in bench.open:
                await each.aclose()


async def _equip(bench: Bench) -> None:
    """What the platform wants with every post; nothing is asked of it where it does not say so."""
    platform = bench.platform
    if platform.media is None and not platform.options:
        return
    facts = Facts()
    if any(option.required and option.choices_from for option in platform.options):
        facts = await bench.publisher.facts()
        bench.simulator.calls.clear()
        bench.http.asked.clear()
    for option in platform.options:
        if option.required:
            bench.chosen[option.name] = _choice(option, facts)
    if platform.media is None:
        return
    bench.rules = platform.media(bench.variant(Part(text="", options=bench.chosen)), facts)
    if bench.rules.needed:
        bench.needed = (await (bench.clip() if bench.rules.video is not None else bench.picture()),)


def _choice(option: PostOption, facts: Facts) -> Json:
    match option.kind:
        case OptionKind.FLAG:
            return False
        case OptionKind.CHOICE:
            offered = facts.values.get(option.choices_from) if option.choices_from else option.choices
            first = (offered or [""])[0]
            return first if isinstance(first, str) else first[0]
        case OptionKind.LIST:
            return ["contract"]
    return "contract"


def _table(platform: Platform[Any], simulator: Simulator) -> dict[str, Any]:
    assert platform.simulated is not None
    return {**platform.simulated.settings, **platform.simulated.secrets, "base_url": simulator.url}


def _settings(platform: Platform[Any], table: Mapping[str, Any]) -> Any:
    assert platform.simulated is not None
    hidden = {k: Secret(v) if k in platform.simulated.secrets else v for k, v in table.items()}
    found = read_settings(platform.settings, hidden, where="accounts.contract", env={}, fallback={})
    if isinstance(found, tuple):
        raise Broken(f"The simulated account does not fit the settings: {'; '.join(found)}.")
    return found
