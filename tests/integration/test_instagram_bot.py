"""A whole bot with an account on Instagram and a door for its files: from the chat to the post and back.

The account is configured as a real one, so the door is the one of ``[web]``.
"""

from __future__ import annotations

import io
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.app import build, make_log
from bot.config import AccountConfig, Config
from bot.config.web import WebConfig
from bot.domain.delivery import Delivery, State
from bot.testing.clock import FakeClock
from bot.testing.picture import png
from bot.testing.simulator import CUT, LOST_REPLY, Failure
from plugins.instagram.failures import FAILURES
from plugins.instagram.simulated import INSTAGRAM_TOKEN, SIMULATED_ACCOUNT, SIMULATED_SECRET, SIMULATED_TOKEN
from plugins.instagram.simulator import InstagramSimulator
from tests.integration.instagram_world import CREATE, NODE, PUBLISH, jpeg
from tests.integration.media_clips import clip
from tests.unit.demo_world import BRAND, Room, Wall, World

BOOK, LOGIN = "acme-ig", "acme-login"


@dataclass(kw_only=True)
class Bot(World):
    """The bot and its Instagram."""

    ig: InstagramSimulator
    folder: Path

    def picture(self, shade: int = 90) -> str:
        file = self.folder / f"view{shade}.jpg"
        file.write_bytes(jpeg(400, 400, shade))
        return str(file)

    async def publish(self, line: str) -> None:
        """Post, have it approved, and let everything that is due happen."""
        await self.say("alice", line)
        await self.say("bob", "/approve latest")

    async def post(self, text: str, *, to: str = BOOK, more: str = "", shade: int = 90) -> None:
        await self.publish(
            f'/post "{text}" --to {to} --at now --media {self.picture(shade)} --alt "a view" {more}'
        )

    async def words(self, post_id: int = 1) -> str:
        """What the card says about Instagram."""
        return next(f.value for f in (await self.card(post_id)).fields if f.name == "Instagram")

    async def target(self, account: str = BOOK, post_id: int = 1) -> Delivery:
        return (await self.rows(post_id))[account]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@asynccontextmanager
async def bot(folder: Path, *, public: bool = True, clock: FakeClock | None = None) -> AsyncIterator[Bot]:
    clock = clock or FakeClock()
    room, wall, text, port = Room(), Wall(), io.StringIO(), free_port()
    async with AsyncExitStack() as stack:
        ig = await stack.enter_async_context(InstagramSimulator(clock).running())
        accounts = (
            AccountConfig(
                name=BOOK,
                brand=BRAND.name,
                platform="instagram",
                table={
                    "base_url": ig.url,
                    "door": "facebook",
                    "user_id": SIMULATED_ACCOUNT,
                    "access_token": {"env": "BOOK"},
                },
            ),
            AccountConfig(
                name=LOGIN,
                brand=BRAND.name,
                platform="instagram",
                table={"base_url": ig.url, "access_token": {"env": "LOGIN"}},
            ),
        )
        config = Config(
            path=folder / "config.toml",
            brands=(BRAND,),
            accounts=accounts,
            store_url="sqlite+aiosqlite:///ig.db",
            web=WebConfig(public_url=f"http://127.0.0.1:{port}", port=port) if public else None,
        )
        env = {"BOOK": SIMULATED_TOKEN, "LOGIN": INSTAGRAM_TOKEN, "INSTAGRAM_APP_SECRET": SIMULATED_SECRET}
        app = await stack.enter_async_context(
            build(
                config,
                clock=clock,
                env=env,
                chats=[lambda first: room],
                log=make_log(text),
                wrap_http=wall.wrap,
            )
        )
        yield Bot(
            app=app,
            clock=clock,
            room=room,
            file=folder / "ig.db",
            sims={},
            log=text,
            wall=wall,
            ig=ig,
            folder=folder,
        )


async def test_from_the_chat_to_the_post(tmp_path: Path) -> None:
    async with bot(tmp_path) as world:
        for account in (BOOK, LOGIN):
            await world.post(f"Out by {account}", to=account, more='--comment "First!"')
            await world.wait(timedelta(minutes=3))
        assert [p.caption for p in world.ig.world.shown()] == [f"Out by {BOOK}", f"Out by {LOGIN}"]
        assert [r.text for r in world.ig.world.remarks] == ["First!", "First!"]
        for number, account in enumerate((BOOK, LOGIN), 1):
            row = await world.target(account, number)
            assert row.state is State.LIVE
            assert (row.parts[0].url or "").startswith("https://www.instagram.com/p/")
        log = world.log.getvalue()
        assert "/m/" not in log
        assert SIMULATED_TOKEN not in log


@dataclass(frozen=True)
class Row:
    """``failure`` at ``endpoint``: what the card says right after, how it ends two hours later, with how
    many posts there and how many calls that publish."""

    failure: str | Failure
    endpoint: str
    first: State
    words: str
    last: State
    posts: int
    publishes: int
    times: int = 1


WAITS, REFUSED, LIVE, ASKED = State.SCHEDULED, State.REFUSED, State.LIVE, State.UNCONFIRMED
ROWS = (
    Row("9004/2207052", CREATE, WAITS, "preparing the media", LIVE, 1, 1),
    Row("9004/2207052", CREATE, WAITS, "could not fetch the file from our address", REFUSED, 0, 0, 0),
    Row("36003/2207009", CREATE, REFUSED, "too tall or too wide", REFUSED, 0, 0),
    Row("4", CREATE, WAITS, "waits for Instagram until", LIVE, 1, 1),
    Row("9/2207042", PUBLISH, WAITS, "its limit for 24 hours", LIVE, 1, 2),
    Row("190/463", CREATE, WAITS, "no longer accepts this account", WAITS, 0, 0, 0),
    Row("25/2207050", PUBLISH, WAITS, "Open the Instagram app", WAITS, 0, 1, 0),
    Row("1", PUBLISH, ASKED, "no clear answer", LIVE, 1, 2),
    Row(LOST_REPLY, PUBLISH, ASKED, "no clear answer", LIVE, 1, 1),
    Row(CUT, PUBLISH, ASKED, "no clear answer", LIVE, 1, 2),
    Row("9007/2207027", PUBLISH, WAITS, "still working", LIVE, 1, 2),
    Row("html", NODE, WAITS, "trouble", LIVE, 1, 1),
)


async def test_every_way_it_can_go_ends_well_or_is_said(tmp_path: Path) -> None:
    wrong: list[str] = []
    for number, row in enumerate(ROWS):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with bot(folder) as world:
            failure = FAILURES[row.failure] if isinstance(row.failure, str) else row.failure
            world.ig.fail(row.endpoint, failure, times=row.times)
            await world.post(f"Row {number}", shade=number)
            first = await world.target()
            await world.wait(timedelta(hours=1, minutes=55))
            last = await world.target()
            said = f"{first.reason} {last.reason} {' '.join(world.room.texts())}"
            seen = (first.state, last.state, len(world.ig.world.shown()), world.ig.count(PUBLISH))
            if seen != (row.first, row.last, row.posts, row.publishes) or row.words not in said:
                wrong.append(f"{number} {row.failure}: {seen} {said!r}")
    assert not wrong, "\n".join(wrong)


async def test_without_a_public_address_nobody_can_approve_it(tmp_path: Path) -> None:
    async with bot(tmp_path, public=False) as world:
        await world.say("alice", f'/post "x" --to {BOOK} --media {world.picture()} --alt "y"')
        card = await world.card()
        assert any("`public_url`" in f.value or "public_url" in f.value for f in card.fields)
        await world.say("bob", "/approve latest")
        assert world.ig.count(CREATE) == 0


async def test_an_outage_that_begins_at_any_call_ends_in_one_post(tmp_path: Path) -> None:
    """From the nth call on nothing comes back for a while; what was begun is finished, never doubled."""
    for begins in range(1, 8):
        folder = tmp_path / str(begins)
        folder.mkdir()
        async with bot(folder) as world:
            world.ig.fail("*", LOST_REPLY, nth=begins, times=0)
            await world.post(f"Lost from {begins}")
            world.ig.heal()
            await world.wait(timedelta(minutes=30))
            row = await world.target()
            assert row.state is State.LIVE, (begins, row.state, row.reason)
            assert len(world.ig.world.shown()) == 1, begins


async def test_files_that_do_not_fit_are_made_to_fit_and_fetched(tmp_path: Path) -> None:
    """A PNG that is too wide becomes a JPEG; Instagram's fetcher looks into what it gets."""
    async with bot(tmp_path) as world:
        file = tmp_path / "wide.png"
        file.write_bytes(png(1600, 700))
        await world.publish(f'/post "Wide" --to {LOGIN} --at now --media {file} --alt "a view"')
        await world.wait(timedelta(minutes=3))
        row = await world.target(LOGIN)
        assert row.state is State.LIVE, row.reason
        (post,) = world.ig.world.shown()
        assert post.container.body["image_url"].endswith(".jpg")
        (sent,) = row.variant.media
        assert (sent.mime, post.files) == ("image/jpeg", (sent.sha256,))
        assert sent.width / sent.height <= 1.92
        assert sent.origin


async def test_a_real_video_goes_out_as_it_was_signed(tmp_path: Path) -> None:
    async with bot(tmp_path) as world:
        file = clip(tmp_path / "clip.mp4", size="64x112", seconds=3.5)
        await world.say("alice", f'/post "Moving" --to {BOOK} --at now --media {file}')
        assert "not encoded" in await world.words()  # ffmpeg's edit list is taken out, nothing more
        await world.say("bob", "/approve latest")
        await world.wait(timedelta(minutes=5))
        row = await world.target()
        assert row.state is State.LIVE, (row.reason, await world.words())
        (post,) = world.ig.world.shown()
        assert (post.container.product, post.files) == ("REELS", (row.variant.media[0].sha256,))
