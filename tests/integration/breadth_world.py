"""A whole bot with an account on X, a page and a member on LinkedIn, each at its simulator."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.app import build, make_log
from bot.config import AccountConfig, Config
from bot.domain.people import Brand
from bot.testing.clock import FakeClock
from bot.testing.picture import png
from plugins.linkedin.gate import MEMBER_TOKEN
from plugins.linkedin.rules import SIMULATED_AUTHOR, SIMULATED_TOKEN
from plugins.linkedin.simulator import LinkedInSimulator
from plugins.twitter import SIMULATED
from plugins.twitter.simulator import TwitterSimulator
from tests.unit.demo_world import BRAND, Room, Wall, World

X, PAGE, MEMBER = "acme-x", "acme-li", "acme-me"
X_CREATE, LI_CREATE = "POST /2/tweets", "POST /rest/posts"
LI_COMMENT = "POST /rest/socialActions/{urn}/comments"


@dataclass(kw_only=True)
class Breadth(World):
    """The bot, X and LinkedIn."""

    x: TwitterSimulator
    li: LinkedInSimulator
    folder: Path

    def picture(self, name: str, size: tuple[int, int] = (8, 6)) -> str:
        """A real picture's path; each size is another file."""
        file = self.folder / name
        file.write_bytes(png(*size))
        return str(file)

    async def publish(self, line: str) -> None:
        """Post, have it approved, and let everything that is due happen."""
        await self.say("alice", line)
        await self.say("bob", "/approve latest")

    async def words(self, account: str, post_id: int = 1) -> str:
        """What the card says about one target."""
        row = (await self.rows(post_id))[account]
        card = await self.card(post_id)
        title = self.app.services.accounts[row.account].platform.title
        return next(f.value for f in card.fields if f.name == title)


def secrets_of(account: Mapping[str, str]) -> dict[str, str]:
    return {f"TWITTER_{name.upper()}": value for name, value in account.items()}


@asynccontextmanager
async def breadth(
    folder: Path,
    *,
    brand: Brand = BRAND,
    clock: FakeClock | None = None,
    sims: tuple[TwitterSimulator, LinkedInSimulator] | None = None,
    pages: Any = None,
) -> AsyncIterator[Breadth]:
    """A bot on a database in ``folder``; its accounts are configured like real ones."""
    clock = clock or FakeClock()
    room, wall, text = Room(), Wall(), io.StringIO()
    async with AsyncExitStack() as stack:
        if sims is None:
            x = await stack.enter_async_context(TwitterSimulator(clock).running())
            li = await stack.enter_async_context(LinkedInSimulator(clock).running())
        else:
            x, li = sims
        accounts = (
            AccountConfig(
                name=X, brand=brand.name, platform="twitter", table={"base_url": x.url, "handle": "acme"}
            ),
            AccountConfig(
                name=PAGE,
                brand=brand.name,
                platform="linkedin",
                table={"base_url": li.url, "author": SIMULATED_AUTHOR, "access_token": {"env": "PAGE"}},
            ),
            AccountConfig(
                name=MEMBER,
                brand=brand.name,
                platform="linkedin",
                table={"base_url": li.url, "access_token": {"env": "MEMBER"}},
            ),
        )
        config = Config(
            path=folder / "config.toml",
            brands=(brand,),
            accounts=accounts,
            store_url="sqlite+aiosqlite:///breadth.db",
        )
        env = {**secrets_of(SIMULATED.secrets), "PAGE": SIMULATED_TOKEN, "MEMBER": MEMBER_TOKEN}
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
        if pages is not None:
            object.__setattr__(app.services, "pages", pages)
        yield Breadth(
            app=app,
            clock=clock,
            room=room,
            file=folder / "breadth.db",
            sims={},
            log=text,
            wall=wall,
            x=x,
            li=li,
            folder=folder,
        )
