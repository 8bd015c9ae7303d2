"""A person in a browser, and the terminal's commands, all in this process and over real HTTP."""

from __future__ import annotations

import asyncio
import io
import queue
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import httpx

from bot.cli import make_parser
from bot.clock import SystemClock
from bot.errors import BotError, ConfigError
from plugins.linkedin.oauth_simulator import CLIENT_ID as LI_ID
from plugins.linkedin.oauth_simulator import CLIENT_SECRET as LI_SECRET
from plugins.linkedin.simulator import LinkedInSimulator
from plugins.twitter.oauth_simulator import CLIENT_ID, CLIENT_SECRET
from plugins.twitter.simulator import TwitterSimulator

APPS: Mapping[str, str] = {
    "TWITTER_CLIENT_ID": CLIENT_ID,
    "TWITTER_CLIENT_SECRET": CLIENT_SECRET,
    "LINKEDIN_CLIENT_ID": LI_ID,
    "LINKEDIN_CLIENT_SECRET": LI_SECRET,
}
FILE = """
[brand.acme]
channels = ["console:main"]
roles = {{ create = ["alice"], approve = ["bob"], admin = ["dana"] }}
approval = {{ mode = "none" }}
[accounts.acme-x]
platform = "twitter"
base_url = "{x}"
[accounts.acme-li]
platform = "linkedin"
author = "urn:li:organization:2414183"
base_url = "{li}"
"""


@dataclass
class Result:
    """What a command of the terminal said."""

    code: int
    out: str
    err: str


class Typed:
    """A keyboard: gives the line that somebody types later, and blocks until then."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str] = queue.Queue()

    def type(self, line: str) -> None:
        self._lines.put(line)

    def readline(self) -> str:
        return self._lines.get(timeout=20)


@dataclass
class Town:
    """Both platforms, a configuration, and the environment."""

    folder: Path
    x: TwitterSimulator
    li: LinkedInSimulator
    env: dict[str, str] = field(default_factory=lambda: dict(APPS))
    more: str = ""

    @property
    def file(self) -> Path:
        path = self.folder / "acme.toml"
        path.write_text(FILE.format(x=self.x.url, li=self.li.url) + self.more)
        return path

    async def run(self, *words: str, stdin: Typed | str = "", browser: Browser | None = None) -> Result:
        """One command as the terminal runs it; ``browser`` opens the address that it shows."""
        out, err = io.StringIO(), io.StringIO()
        args = make_parser().parse_args([*words, "--config", str(self.file)])
        visiting = asyncio.ensure_future(browser.visit(out)) if browser else None
        with (
            mock.patch.dict("os.environ", self.env, clear=True),
            mock.patch.object(sys, "stdin", io.StringIO(stdin) if isinstance(stdin, str) else stdin),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                code = await args.run(args)
            except ConfigError as error:
                code = 2
                print(*error.problems, sep="\n", file=err)
            except BotError as error:
                code = 2
                print(error, file=err)
        if visiting is not None:
            await visiting
        return Result(code, out.getvalue(), err.getvalue())

    async def connect(self, platform: str, *words: str, browser: Browser | None = None) -> Result:
        return await self.run(
            "connect", platform, "--no-browser", "--port", "0", *words, browser=browser or Browser()
        )


@dataclass
class Browser:
    """Opens the address, follows where it leads, and keeps what it was shown. ``tamper``: query
    parameters it brings back changed before it brings them back as they are. ``stray``: it visits
    other addresses there first. ``types``: it cannot reach the loopback, so somebody copies."""

    tamper: Mapping[str, str] = field(default_factory=dict)
    stray: bool = False
    types: Typed | None = None
    pages: list[httpx.Response] = field(default_factory=list)

    async def visit(self, out: io.StringIO) -> None:
        address = await shown(out)
        async with httpx.AsyncClient(trust_env=False) as client:
            sent_back = await client.get(address)
            assert sent_back.status_code == 302, sent_back.text
            target = httpx.URL(sent_back.headers["location"])
            if self.types is not None:
                self.types.type(f"{target}\n")
                return
            if self.stray:
                for other in ("/", "/favicon.ico", "/callback", "/callback?code=evil&state=guessed"):
                    self.pages.append(await client.get(target.join(other)))
            if self.tamper:
                self.pages.append(await client.get(target.copy_merge_params(self.tamper)))
            self.pages.append(await client.get(target))


async def shown(out: io.StringIO) -> str:
    """The address the terminal shows."""
    for _ in range(3_000):
        found = re.search(r"^(http\S+)$", out.getvalue(), re.M)
        if found:
            return found[1]
        await asyncio.sleep(0.005)
    raise AssertionError(f"no address was shown: {out.getvalue()!r}")


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    clock = SystemClock()
    async with TwitterSimulator(clock).running() as x, LinkedInSimulator(clock).running() as li:
        yield Town(folder, x, li)
