"""Somebody steals the database, its copies, the log and the chat: no secret can be read in any of it.

A whole story is played by real processes: accounts are connected, tokens renewed, posts published,
platforms quote tokens in their errors, a plugin breaks with a secret in its exception, the bot is
killed in the middle of a call. Then every secret that existed is looked for, in every form.
"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote

import pytest

from bot.testing.simulator import Failure
from plugins.linkedin.failures import problem
from tests.e2e.consent import Town, town

ROOT = Path(__file__).parents[2]
LEAKY = """
import base64
from dataclasses import dataclass
from bot.api import AccountInfo, Facts, Feature, Platform, Ready, Secret, hookimpl

@dataclass(frozen=True, kw_only=True)
class Settings:
    token: Secret

class Leaky:
    def __init__(self, settings, deps):
        self.token, self.log = settings.token.reveal(), deps.log
    async def check(self):
        return AccountInfo(id="1", handle="leaky")
    async def facts(self):
        self.log.warning("asked", header=f"Bearer {self.token}", token=self.token)
        return Facts()
    def inspect(self, variant, facts):
        return ()
    async def stage(self, part, checkpoint):
        return Ready()
    async def commit(self, part, checkpoint, call):
        hidden = base64.b64encode(b"user:" + self.token.encode()).decode()
        raise RuntimeError(f"no answer for {self.token}, {hidden}, {self.token.encode().hex()}")
    async def confirm(self, part, checkpoint, call):
        raise ValueError(self.token)
    async def measure(self, refs):
        return {}
    async def remove(self, ref):
        return None
    async def aclose(self):
        return None

@hookimpl
def register_platforms():
    return (Platform(name="leaky", title="Leaky", features=Feature.TEXT, limits=(), settings=Settings,
                     connect=Leaky, secrets={"token": "LEAKY_TOKEN"}, settle=()),)
"""


def forms(secret: str) -> set[bytes]:
    """Everything that would give the secret away: plain, escaped, hexadecimal, Base64 at any offset."""
    raw = secret.encode()
    found = {raw, quote(secret, safe="").encode(), raw.hex().encode(), raw.hex().upper().encode()}
    for before in (b"", b"a", b"ab"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # the first and the last characters depend on the neighbours
            found.add(encode(before + raw)[4:-4])
    return found


def readable(secrets: Iterable[str], files: Iterable[Path]) -> list[str]:
    """Where a secret can be read: file and form."""
    found = []
    wanted = {form: secret for secret in secrets for form in forms(secret)}
    for file in files:
        content = file.read_bytes()
        found += [f"{file.name}: {form[:60]!r}" for form in wanted if form in content]
    return found


def loot(folder: Path) -> list[Path]:
    """Everything beside the key itself."""
    return [p for p in folder.rglob("*") if p.is_file() and not p.name.endswith(".key")]


def all_secrets(acme: Town) -> set[str]:
    """Every secret there was: of the apps, of the consents, every token ever given out."""
    found = {acme.env[name] for name in ("TWITTER_CLIENT_SECRET", "LINKEDIN_CLIENT_SECRET", "LEAKY_TOKEN")}
    for sim in (acme.x, acme.li):
        found |= {*sim.desk.access, *sim.desk.refresh}
        for call in sim.calls:
            if call.endpoint.startswith("POST") and b"grant_type" in call.body:
                form = parse_qs(call.body.decode())
                found |= {
                    form[name][0] for name in ("code", "code_verifier", "refresh_token") if name in form
                }
    (key,) = [
        line for line in (acme.folder / "clarion.db.key").read_text().splitlines() if not line.startswith("#")
    ]
    return {*found, key}


async def begin(acme: Town, typed: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "--config", str(acme.file)),
        *("--wait", "8", "--log", str(acme.folder / "bot.log")),
        cwd=ROOT,
        env={**os.environ, **acme.env},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdin is not None
    process.stdin.write(typed.encode())
    process.stdin.close()
    return process


async def heard(acme: Town, process: asyncio.subprocess.Process, name: str) -> str:
    """Everything it wrote in the chat, kept among the loot."""
    out, _ = await process.communicate()
    (acme.folder / f"{name}.txt").write_bytes(out)
    return out.decode()


@pytest.fixture
async def story(tmp_path: Path) -> Town:
    async with town(tmp_path) as acme:
        acme.env["LEAKY_TOKEN"] = "leaky/token+that=nobody&may-see"
        (tmp_path / "leaky.py").write_text(LEAKY)
        acme.more = '[accounts.acme-leaky]\nplatform = "leaky"\n[plugins]\nload = ["leaky.py"]\n'
        acme.x.desk.access_lasts = timedelta(minutes=2)  # less than the margin: renewed before every use
        for platform in ("twitter", "linkedin"):
            said = await acme.connect(platform)
            (tmp_path / f"connect-{platform}.txt").write_text(said.out.partition("\n\n")[0] + said.err)
            assert said.code == 0, said.err
        token = next(iter(acme.li.desk.access))
        quoting = problem(
            400, "INVALID_VALUE_FOR_FIELD", f"the header Authorization: Bearer {token} and {token}"
        )
        acme.li.fail("POST /rest/posts", Failure(status=400, body=quoting))
        first = await begin(acme, 'as alice\n/post "One" --at now --to acme-x,acme-li,acme-leaky\n')
        chat = await heard(acme, first, "chat-1")
        assert "live" in chat, chat
        assert "LinkedIn refused" in chat, chat
        acme.x.fail("POST /2/tweets", Failure(delay=30.0))
        before = acme.x.count("POST /2/tweets")
        second = await begin(acme, 'as alice\n/post "Two" --at now --to acme-x\n/accounts --check\n')
        for _ in range(2_000):
            if acme.x.count("POST /2/tweets") > before:
                break
            await asyncio.sleep(0.01)
        second.send_signal(signal.SIGKILL)
        await heard(acme, second, "chat-2")
        assert second.returncode == -signal.SIGKILL
        return acme


async def test_no_secret_can_be_read_in_what_is_stolen(story: Town) -> None:
    files, secrets = loot(story.folder), all_secrets(story)
    names = {p.name for p in files}
    assert {"clarion.db", "clarion.db-wal", "bot.log", "chat-1.txt", "chat-2.txt"} <= names, names
    assert any(n.startswith("P1-v1") for n in names), "previews are part of it"
    log = (story.folder / "bot.log").read_text()
    assert "Traceback" in log, "the plugin's exception is told"
    assert len(story.x.desk.access) >= 2, "tokens were renewed"
    assert len(secrets) >= 10
    assert readable(secrets, files) == []

    # … and the search would have found one
    for number, form in enumerate(sorted(forms(sorted(secrets)[0]))):
        planted = story.folder / f"planted-{number}"
        planted.write_bytes(b"junk \x00\xff" + form + b" junk")
        assert readable(secrets, [planted]), form
    with_key = [story.folder / "clarion.db.key"]
    assert readable(secrets, with_key), "the key itself is a secret"
