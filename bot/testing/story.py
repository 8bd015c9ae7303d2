"""The whole story on one console: what `clarion demo` plays, and fails if a step did not happen.

Nothing here is pretended: commands go through the dispatch, posts over real HTTP to the
platforms' simulators, the truth through a real database. Only the clock is wound by hand.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import App, build, make_log
from bot.chat.console import Console
from bot.config import Config
from bot.domain.delivery import Delivery, State
from bot.domain.people import Brand, Policy, Role
from bot.domain.platform import Feature, Proof
from bot.errors import BotError
from bot.registry import Registry, load
from bot.testing.clock import FakeClock
from bot.testing.film import show_film
from bot.testing.learned import show_numbers
from bot.testing.picture import png
from bot.testing.simulator import CUT, LOST_REPLY, Failure, Simulator

BRAND = Brand(
    name="acme",
    timezone="Europe/Lisbon",
    channels=("console:main",),
    roles={Role.CREATE: ("alice",), Role.APPROVE: ("bob", "carol"), Role.ADMIN: ("dana",)},
    policy=Policy(needed=1),
    slots=("mon-fri 09:00", "mon-fri 17:30"),
)


class Missing(BotError):
    """A step of the story did not happen."""


@dataclass(kw_only=True)
class Stage:
    """A bot, its console and its clock, and the hands that move them."""

    app: App
    clock: FakeClock
    write: Callable[[str], object]
    lines: list[str]
    folder: str
    steps: int = 0
    heard: list[str] = field(default_factory=list)

    async def say(self, user: str, line: str) -> str:
        """Type a line as somebody; returns what was printed for it."""
        self.heard.clear()
        console = self.app.services.chats["console"]
        self.write(f"{user}> {line.replace(self.folder, '')}\n")
        self.lines[:] = [f"as {user}", line]
        await console.run(self.app.dispatch)
        await self.app.settle()
        return self._heard()

    async def wait(self, span: timedelta) -> str:
        """Let time pass, stopping wherever something is due."""
        self.heard.clear()
        end = self.clock.now() + span
        while (wake := await self.app.next_wake()) is not None and wake <= end:
            self.clock.advance(max(wake - self.clock.now(), timedelta(milliseconds=1)))
            await self.app.settle()
        self.clock.advance(max(end - self.clock.now(), timedelta(0)))
        await self.app.settle()
        return self._heard()

    def _heard(self) -> str:
        """What was printed, without the card's frame and line breaks."""
        return " ".join("".join(self.heard).replace("│", " ").split())

    async def rows(self, post_id: int) -> dict[str, Delivery]:
        found = await self.app.services.store.read(lambda tx: tx.deliveries.of_post(post_id))
        return {d.platform: d for d in found}

    def chapter(self, title: str) -> None:
        self.write(f"\n── {title} ──\n")

    def check(self, happened: bool, what: str) -> None:
        """Raises `Missing` unless it happened."""
        if not happened:
            raise Missing(f"The story broke: {what}.")
        self.steps += 1


async def play(write: Callable[[str], object]) -> bool:
    """Play it; True when every step happened."""
    log_text = io.StringIO()
    log = make_log(log_text)
    registry = load(log=log)
    try:
        with tempfile.TemporaryDirectory(prefix="clarion-demo-") as folder:
            await _play(write, Path(folder), registry, log)
    except Missing as error:
        write(f"\n✗ {error}\n{log_text.getvalue()}")
        return False
    return True


async def _play(write: Callable[[str], object], folder: Path, registry: Registry, log: Any) -> None:
    clock = FakeClock()
    lines: list[str] = []
    heard: list[str] = []

    async def read_line() -> str | None:
        return lines.pop(0) if lines else None

    def tell(text: str) -> None:
        heard.append(text)
        if "You are now" not in text:
            write(text.replace(f"{folder}/", ""))  # where the pictures lie is nobody's business

    def console(first: int) -> Console:
        return Console(read_line=read_line, write=tell, first_ref=first)

    config = Config(path=folder / "config.toml", brands=(BRAND,))
    async with build(config, clock=clock, env={}, chats=[console], log=log, registry=registry) as app:
        stage = Stage(app=app, clock=clock, write=write, lines=lines, heard=heard, folder=f"{folder}/")
        able = [p for p in registry.platforms.values() if p.simulate and Feature.IMAGE in p.features]
        first, second = sorted(able, key=lambda p: Feature.THREAD not in p.features)[:2]
        one, two = (_simulator(app, p.name) for p in (first, second))
        names = {p.name: f"acme-{p.simulated.suffix}" for p in (first, second) if p.simulated}
        picture = folder / "launch.png"
        picture.write_bytes(png())
        story = Story(
            stage=stage, one=one, two=two, first=first.name, second=second.name, names=names, picture=picture
        )
        await story.tell()
        write(f"\n✓ The story is told: {stage.steps} steps, each of them checked.\n")


def _simulator(app: App, platform: str) -> Simulator:
    found = app.simulators[platform]
    assert isinstance(found, Simulator)
    return found


@dataclass(frozen=True, kw_only=True)
class Story:
    """The chapters. ``one`` is the platform with threads and a readable timeline."""

    stage: Stage
    one: Simulator
    two: Simulator
    first: str
    second: str
    names: dict[str, str]
    picture: Path

    async def tell(self) -> None:
        """All chapters in order."""
        for chapter in (
            self.launch,
            self.edited,
            self.lost_reply,
            self.rate_limit,
            self.unconfirmed,
            self.take_down,
        ):
            await chapter()
        await show_film(self.stage, self.picture.parent, post=6)
        await show_numbers(self.stage, post=7)

    async def launch(self) -> None:
        stage, both = self.stage, ",".join(self.names.values())
        stage.chapter("A post with a picture, for two platforms")
        said = await stage.say(
            "alice",
            f'/post "Launch day: Clarion 1.0 is out." --to {both} --media {self.picture} '
            '--alt "Clarion\'s card with two previews" --at now',
        )
        stage.check("IN REVIEW" in said and "launch.png" in said, "the card shows the post in review")
        stage.chapter("Alice may not approve her own post")
        said = await stage.say("alice", "/approve latest")
        stage.check("someone else has to approve" in said, "self-approval is refused")
        stage.check(self._created() == 0, "nothing went out before approval")
        stage.chapter("Bob approves with a reaction")
        said = await stage.say("bob", "+✅")
        await stage.wait(timedelta(seconds=10))  # a platform may look at the picture once more
        rows = await stage.rows(1)
        stage.check(all(d.state is State.LIVE for d in rows.values()) and len(rows) == 2, "both are live")
        proofs = {p.proof for d in rows.values() for p in d.parts}
        stage.check(Proof.RECEIPT in proofs and proofs <= {Proof.RECEIPT, Proof.READ_BACK}, "with proof")
        stage.check(self._created() == 2, "each platform was asked once")

    async def edited(self) -> None:
        stage, two = self.stage, self.names[self.second]
        stage.chapter("An edit voids only the approval it touches")
        await stage.say(
            "alice", f'/post "Read why we built it." --to {",".join(self.names.values())} --at "mon 17:30"'
        )
        await stage.say("bob", "/approve latest")
        said = await stage.say(
            "alice", f'/edit latest --for {two} "Read why we built it, and what it cost us."'
        )
        stage.check("no longer covers it" in said and "stays approved" in said, "the edit says what it voids")
        rows = await stage.rows(2)
        stage.check(rows[self.second].state is State.IN_REVIEW, "the changed part is asked about again")
        stage.check(rows[self.first].state is State.SCHEDULED, "the untouched part stays approved")
        await stage.say("carol", "/approve latest")
        await stage.wait(timedelta(days=2, hours=9))
        rows = await stage.rows(2)
        stage.check(all(d.state is State.LIVE for d in rows.values()), "both went out at their time")

    async def lost_reply(self) -> None:
        stage, before = self.stage, self._created()
        stage.chapter("The platform publishes, and its answer is lost")
        self.one.fail(self.one.publishes, LOST_REPLY)
        await stage.say(
            "alice", f'/post "The answer to this one gets lost." --to {self.names[self.first]} --at now'
        )
        said = await stage.say("bob", "1")
        stage.check("no clear answer" in said, "the card says that the answer is missing")
        await stage.wait(timedelta(minutes=1))
        rows = await stage.rows(3)
        stage.check(rows[self.first].state is State.LIVE, "it was found")
        stage.check(rows[self.first].parts[0].proof is Proof.READ_BACK, "by reading it back")
        stage.check(self._created() == before + 1, "and nothing was sent twice")

    async def rate_limit(self) -> None:
        stage, before = self.stage, self._created()
        stage.chapter("The platform asks us to wait")
        self.one.fail(self.one.publishes, Failure(status=429, headers={"retry-after": "420"}))
        await stage.say("alice", f'/post "Patience is a feature." --to {self.names[self.first]} --at now')
        said = await stage.say("bob", "/approve latest")
        stage.check("waits for" in said, "the card says until when it waits")
        await stage.wait(timedelta(minutes=5))
        stage.check(self._created() == before + 1, "nothing is tried before its time")
        await stage.wait(timedelta(minutes=5))
        rows = await stage.rows(4)
        stage.check(
            rows[self.first].state is State.LIVE and self._created() == before + 2, "then it goes out"
        )

    async def unconfirmed(self) -> None:
        stage, before = self.stage, self._created()
        stage.chapter("Nobody can tell, so a person is asked")
        self.two.fail(self.two.publishes, CUT)
        await stage.say("alice", f'/post "Did this one arrive?" --to {self.names[self.second]} --at now')
        await stage.say("bob", "/approve latest")
        said = await stage.wait(timedelta(minutes=5))
        rows = await stage.rows(5)
        stage.check(rows[self.second].state is State.UNCONFIRMED and "It's live" in said, "the card asks")
        stage.check(self._created() == before + 1, "and nothing was sent again unasked")
        said = await stage.say("alice", "/queue")
        stage.check("unconfirmed" in said, "the queue shows it")
        await stage.say("bob", "/confirm latest not")
        rows = await stage.rows(5)
        stage.check(
            rows[self.second].state is State.LIVE and self._created() == before + 2, "bob's word sends it"
        )

    async def take_down(self) -> None:
        stage = self.stage
        stage.chapter("A live post is taken down")
        said = await stage.say("bob", "/delete P1")
        rows = await stage.rows(1)
        stage.check(
            "taken down" in said and all(d.state is State.REMOVED for d in rows.values()), "it is gone"
        )

    def _created(self) -> int:
        """How often either platform was asked to publish."""
        return self.one.count(self.one.publishes) + self.two.count(self.two.publishes)
