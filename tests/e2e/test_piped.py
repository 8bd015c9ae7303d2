"""`clarion run` as people start it, lines piped in, against a server that knows nothing of us."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.desk import flat
from tests.e2e.foreign_x import ForeignX, Mood, foreign_x, reset_in

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.asyncio(loop_scope="module")

STORY = """as alice
/post "Winter bread is back" --to acme-x --at now
as bob
/approve latest
/queue
"""
LOOK = "as bob\n/queue\n"
KEYS = {
    "TWITTER_API_KEY": "key-4711",
    "TWITTER_API_SECRET": "secret-4712",
    "TWITTER_ACCESS_TOKEN": "token-4713",
    "TWITTER_ACCESS_TOKEN_SECRET": "secret-4714",
}
DUPLICATE = (
    '{"title":"Forbidden","type":"about:blank","status":403,'
    '"detail":"You are not allowed to create a Tweet with duplicate content."}'
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One start of the program: how long it may linger, and after which word it is killed."""

    lines: str = STORY
    wait: float = 3
    kill_at: str = ""


@dataclass(frozen=True, kw_only=True)
class Case:
    """Starts of the program one after the other on one database, and what is true in the end.

    ``says`` and ``never`` are about everything that was printed on standard output.
    """

    moods: Sequence[Mood] = ()
    runs: Sequence[Run] = (Run(),)
    exits: Sequence[int] = (0,)
    calls: int = 1
    posts: int = 1
    says: Sequence[str] = ()
    never: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=lambda: KEYS)


LIVE = ("goes out now", "live", "(receipt)", "x.com/i/")
UNCLEAR = ("no clear answer after sending at", "Looking for it")
KILLED = -9

CASES: Mapping[str, Case] = {
    "success": Case(says=LIVE, never=["unconfirmed"]),
    "stored, then dropped": Case(
        moods=[Mood(keep=True, drop=True)], runs=[Run(wait=20)], says=[*UNCLEAR, "(read back)"]
    ),
    "dropped before it was stored": Case(
        moods=[Mood(drop=True)], exits=[3], posts=0, says=UNCLEAR, never=["(receipt)", "read back"]
    ),
    "429 with a reset": Case(
        moods=[Mood(status=429, headers=reset_in(2))],
        runs=[Run(wait=15)],
        calls=2,
        says=[*LIVE, "waits for X until"],
    ),
    "429 with Retry-After": Case(
        moods=[Mood(status=429, headers=lambda: {"retry-after": "2"})],
        runs=[Run(wait=15)],
        calls=2,
        says=[*LIVE, "waits for X until"],
    ),
    "429 without a word": Case(
        moods=[Mood(status=429)] * 9, exits=[3], posts=0, says=["waits for X until"], never=["(receipt)"]
    ),
    "503": Case(
        moods=[Mood(status=503, body='{"title":"Service Unavailable","status":503}')],
        exits=[3],
        posts=0,
        says=UNCLEAR,
        never=["(receipt)"],
    ),
    "HTML": Case(
        moods=[Mood(status=502, body="<html>Bad gateway</html>", kind="text/html", keep=True)],
        runs=[Run(), Run(lines=LOOK, wait=20)],
        exits=[3, 0],
        says=[*UNCLEAR, "(read back)"],
        never=["<html>"],
    ),
    "401": Case(
        moods=[Mood(status=401, body='{"title":"Unauthorized","status":401}')] * 9,
        exits=[3],
        posts=0,
        says=["is paused for acme-x"],
        never=["(receipt)"],
    ),
    "403, a duplicate": Case(
        moods=[Mood(status=403, body=DUPLICATE)], posts=0, says=["refused", "duplicate"], never=["(receipt)"]
    ),
    "killed while it waits": Case(
        moods=[Mood(status=429, headers=reset_in(3))],
        runs=[Run(wait=30, kill_at="waits for X until"), Run(lines=LOOK, wait=15)],
        exits=[KILLED, 0],
        calls=2,
        says=["waits for X until", "(receipt)"],
    ),
    "killed in the call": Case(
        moods=[Mood(keep=True, hold=True)],
        runs=[Run(wait=30, kill_at="the call"), Run(lines=LOOK, wait=20)],
        exits=[KILLED, 0],
        says=["goes out now", "(read back)"],
        never=["(receipt)"],
    ),
    "killed in the call, nothing stored": Case(
        moods=[Mood(hold=True)],
        runs=[Run(wait=30, kill_at="the call"), Run(lines=LOOK, wait=2)],
        exits=[KILLED, 3],
        posts=0,
        says=["goes out now", "no clear answer after sending at"],
        never=["(receipt)", "read back"],
    ),
    "a thread whose second answer is lost": Case(
        moods=[Mood(keep=True), Mood(keep=True, drop=True)],
        runs=[
            Run(
                lines=STORY.replace("Winter", "Winter bread. " * 25).replace("--at", "--thread --at"), wait=20
            )
        ],
        calls=2,
        posts=2,
        says=[*UNCLEAR, "live", "2 parts"],
    ),
    "two posts, the first answer is lost": Case(
        moods=[Mood(keep=True, drop=True)],
        runs=[Run(lines=STORY + STORY.replace("Winter", "Rye"), wait=20)],
        calls=2,
        posts=2,
        says=[*UNCLEAR, "(read back)", "(receipt)"],
    ),
    "a long text, a wrong account": Case(
        runs=[
            Run(
                lines=f'as alice\n/post "{"x" * 300}" --to acme-x --at now\nas bob\n/approve latest\n'
                'as alice\n/post "hi" --to acme-y --at now\n/post "hi" --to acme-x --at "yesterday 10:00"\n'
            )
        ],
        calls=0,
        posts=0,
        says=["P1 is kept as a draft", "P1 is not ready for approval", "has no account “acme-y”"],
    ),
    "a secret is missing": Case(env={**KEYS, "TWITTER_API_KEY": ""}, exits=[2], calls=0, posts=0),
}


@dataclass(frozen=True)
class Told:
    """What one case left behind."""

    exits: list[int]
    out: str
    err: str
    server: ForeignX


async def start(folder: Path, run: Run, env: Mapping[str, str], server: ForeignX) -> tuple[int, str, str]:
    """One process from its first line to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "--config", str(folder / "team.toml")),
        *("--wait", str(run.wait)),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(run.lines.encode())
    process.stdin.close()
    seen = b""
    if run.kill_at == "the call":
        await asyncio.wait_for(server.asked.wait(), 30)
        process.kill()
    elif run.kill_at:
        while run.kill_at not in flat([seen.decode(errors="ignore")]):
            line = await asyncio.wait_for(process.stdout.readline(), 30)
            assert line, f"it ended before it said {run.kill_at!r}: {seen.decode()}"
            seen += line
        process.kill()
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, (seen + out).decode(), err.decode()


async def play(case: Case, folder: Path, turn: asyncio.Semaphore) -> Told:
    exits, out, err = [], "", ""
    async with turn, foreign_x(*case.moods) as server:
        (folder / "team.toml").write_text(
            f'[accounts.acme-x]\nplatform = "twitter"\nbase_url = "{server.url}"\n', encoding="utf-8"
        )
        for run in case.runs:
            code, more, errors = await start(folder, run, case.env, server)
            exits.append(code)
            out, err = out + more, err + errors
    return Told(exits=exits, out=flat([out]), err=err, server=server)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mapping[str, asyncio.Task[Told]]]:
    """All cases at once, some at a time; most of them mostly wait."""
    turn = asyncio.Semaphore(6)
    async with asyncio.TaskGroup() as group:
        yield {
            name: group.create_task(play(case, tmp_path_factory.mktemp("piped"), turn))
            for name, case in CASES.items()
        }


@pytest.mark.parametrize("name", CASES)
async def test_the_console_tells_the_truth_and_publishes_once(
    name: str, told: Mapping[str, asyncio.Task[Told]]
) -> None:
    case, found = CASES[name], await told[name]
    context = f"{found.out}\n{found.err}"
    assert found.exits == list(case.exits), context
    assert found.server.creates == case.calls, context
    assert len(found.server.posts) == case.posts, context
    assert found.server.unsigned == 0
    for words in case.says:
        assert words in found.out, f"{words!r} is missing: {context}"
    for words in case.never:
        assert words not in found.out, f"{words!r} was said: {context}"
    for secret in KEYS.values():
        assert secret not in context, "a secret was shown"


async def test_a_thread_stays_a_thread(told: Mapping[str, asyncio.Task[Told]]) -> None:
    first, second = (await told["a thread whose second answer is lost"]).server.posts
    assert first["answers"] is None
    assert second["answers"] == first["id"]


async def test_a_missing_secret_is_named_and_the_way_out_told(told: Mapping[str, asyncio.Task[Told]]) -> None:
    found = await told["a secret is missing"]
    assert found.err.strip() == (
        "team.toml: accounts.acme-x: needs TWITTER_API_KEY in the environment, "
        "or run `clarion connect twitter --account acme-x`"
    )


async def test_what_is_still_open_is_said_at_the_end(told: Mapping[str, asyncio.Task[Told]]) -> None:
    found = await told["429 without a word"]
    assert "Something is still open after 3 seconds; start me again and I go on." in found.err
