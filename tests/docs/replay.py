"""Types what a page types, at a real bot in this process, and gives back what it printed.

A ``console`` block holds lines as they look at a terminal: ``alice> /post …`` is typed, the rest
is printed. A block that begins with ``$`` starts a new bot with the repository's configuration;
one that does not goes on with the bot of the block before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from bot.app import App, build
from bot.chat.console import Console
from bot.config import load_config
from bot.log import make_log
from bot.testing.clock import FakeClock
from bot.testing.picture import png
from bot.testing.story import play
from tests.docs.pages import FENCE, ROOT

TYPED = re.compile(r"^(\w+)> (.+)$")


def replayed(text: str) -> str:
    """The page with everything that its ``console`` blocks print printed anew."""
    found = [match for match in FENCE.finditer(text) if match[1] == "console"]
    fresh: list[str] = []
    for session in _sessions([match[2] for match in found]):
        with steady_dice():
            fresh += asyncio.run(_play(session))
    for match, new in reversed(list(zip(found, fresh, strict=True))):
        text = text[: match.start(2)] + new + text[match.end(2) :]
    return text


def chapter(title: str) -> str:
    """One chapter of the demo's story, as the demo prints it."""
    printed: list[str] = []
    with steady_dice():
        told = asyncio.run(play(printed.append))
    if not told:
        raise AssertionError("the demo's story broke")
    chapters = re.split(r"^── (.+) ──\n", "".join(printed), flags=re.MULTILINE)
    texts = dict(zip(chapters[1::2], chapters[2::2], strict=True))
    if title not in texts:
        raise AssertionError(f"the demo has no chapter {title!r}; it has {', '.join(texts)}")
    return texts[title].strip("\n")


def steady_dice() -> AbstractContextManager[object]:
    """Names that a platform draws by lot come out the same each time a page is made."""
    return patch("secrets.randbelow", random.Random(1).randrange)


def _sessions(texts: Sequence[str]) -> Iterator[list[str]]:
    session: list[str] = []
    for text in texts:
        if text.startswith("$") and session:
            yield session
            session = []
        session.append(text)
    if session:
        yield session


async def _play(session: Sequence[str]) -> list[str]:
    """Each block with its typed lines kept and everything else said by the bot."""
    lines: list[str] = []
    printed: list[str] = []

    async def read_line() -> str | None:
        return lines.pop(0) if lines else None

    with tempfile.TemporaryDirectory(prefix="clarion-docs-") as name, contextlib.chdir(name):
        folder = Path(name)
        _put_picture(folder)
        config = replace(
            load_config(ROOT / "config.toml", env={}), path=folder / "config.toml", store_url=None
        )
        log_text = io.StringIO()
        log = make_log(log_text)
        console: list[Console] = []

        def chat(first: int) -> Console:
            console.append(Console(read_line=read_line, write=printed.append, first_ref=first))
            return console[0]

        async with build(config, clock=FakeClock(), env={}, chats=[chat], log=log) as app:
            told = [await _block(app, console[0], lines, printed, text) for text in session]
        if "Something went wrong on my side" in "".join(told):
            raise AssertionError(f"a command of the page broke:\n{log_text.getvalue()}")
        return told


def _put_picture(folder: Path) -> None:
    (folder / "launch.png").write_bytes(png(160, 90))


async def _block(app: App, console: Console, lines: list[str], printed: list[str], text: str) -> str:
    said: list[str] = [line for line in text.splitlines()[:1] if line.startswith("$")]
    for line in text.splitlines():
        match = TYPED.match(line)
        if match is None:
            continue
        if match[1] != console.user:
            raise AssertionError(f"{line!r}: at this point {console.user} is typing")
        said.append(line)
        printed.clear()
        lines[:] = [match[2]]
        await console.run(app.dispatch.handle)
        await app.settle()
        said += "".join(printed).splitlines()
    return "\n".join(said) + "\n"
