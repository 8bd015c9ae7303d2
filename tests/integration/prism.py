"""Stoplight Prism between our publisher and a simulator: it holds both to an OpenAPI document.

Prism is a program of its own (Apache-2.0, from npm); it is fetched once, pinned, into the user's cache,
outside of this tree. Where that cannot be, the test that wants it is skipped and says why.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.http import HttpClient
from bot.ports import Reply

VERSION = "5.16.0"
OLDEST_NODE = 18
REF = re.compile(r'"#/components/(\w+)/(\w+)"')
INSTALLING, STARTING = 150.0, 60.0
"""Seconds that fetching and starting may take."""


@dataclass
class Witness:
    """An `Http` that remembers what Prism had to say about each exchange."""

    http: HttpClient
    seen: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    async def request(self, method: str, url: str, **how: Any) -> Reply:
        reply = await self.http.request(method, url, **how)
        where = f"{method} {re.sub(r'^https?://[^/]+', '', url).partition('?')[0]} → {reply.status}"
        self.seen.append(where)
        for each in json.loads(reply.headers.get("sl-violations", "[]")):
            self.said.append(f"{where}: {'.'.join(map(str, each['location']))}: {each['message']}")
        return reply


def part_of(spec: Path, folder: Path, paths: Iterable[str]) -> Path:
    """The document with these paths and what they speak of: Prism needs ten seconds for all of it."""
    whole = json.loads(spec.read_text())
    kept = {path: whole["paths"][path] for path in paths}
    parts: dict[str, dict[str, Any]] = {}
    waiting = set(REF.findall(json.dumps(kept)))
    while waiting:
        kind, name = waiting.pop()
        parts.setdefault(kind, {})[name] = whole["components"][kind][name]
        named = set(REF.findall(json.dumps(parts[kind][name])))
        waiting |= {(k, n) for k, n in named if n not in parts.get(k, {})}
    parts["securitySchemes"] = whole["components"]["securitySchemes"]
    found = folder / "spec.json"
    found.write_text(json.dumps({**whole, "paths": kept, "components": parts}))
    return found


@asynccontextmanager
async def prism(spec: Path, upstream: str) -> AsyncIterator[str]:
    """A validating proxy in front of ``upstream``; gives its address. Skips where Prism cannot be had."""
    program = await _program()
    port = _free_port()
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *("node", str(program), "proxy", "--host", "127.0.0.1", "--port", str(port), str(spec), upstream),
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            stdin=asyncio.subprocess.DEVNULL,
        )
        try:
            await _listening(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _listening(process: asyncio.subprocess.Process, port: int, log: Any) -> None:
    async with asyncio.timeout(STARTING):
        while True:
            if process.returncode is not None:
                log.seek(0)
                pytest.fail(f"Prism ended by itself: {log.read().decode(errors='replace')[-600:]}")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            await writer.wait_closed()
            return


async def _program() -> Path:
    """Prism's entry point, fetched when it is not there yet."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Prism needs Node.js, which is not here")
    version, _ = await _run({}, "node", "--version")
    if int(re.sub(r"\D.*", "", version.strip().removeprefix("v")) or 0) < OLDEST_NODE:
        pytest.skip(f"Prism needs Node.js {OLDEST_NODE}, here is {version.strip()}")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clarion-tests"
    home = cache / f"prism-{VERSION}"
    program = home / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    if program.exists():
        return program
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as made:
        wanted = f"@stoplight/prism-cli@{VERSION}"
        said, code = await _run(
            {"npm_config_update_notifier": "false"},
            *(npm, "install", "--prefix", made, "--no-audit", "--no-fund", "--ignore-scripts", wanted),
        )
        if code != 0:
            pytest.skip(f"npm could not fetch {wanted}: {' '.join(said.split())[-200:]}")
        await asyncio.to_thread(_keep, Path(made), home)
    return program


def _keep(made: Path, home: Path) -> None:
    """Give what was fetched its name, unless somebody else was quicker."""
    with suppress(OSError):
        made.rename(home)
    made.mkdir(exist_ok=True)


async def _run(more: Mapping[str, str], *command: str) -> tuple[str, int]:
    """What a command says, and its exit code; 1 when it takes too long."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        stdin=asyncio.subprocess.DEVNULL,
        env={**os.environ, **more},
    )
    try:
        async with asyncio.timeout(INSTALLING):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"not done after {INSTALLING:g} s", 1
    return said.decode(errors="replace"), process.returncode or 0


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
