"""A real server of the AT Protocol for tests: installed once into a cache, started on loopback.

What it needs is pinned in ``pds/package-lock.json``. Where Node or npm is missing or too old, or the
packages cannot be had in time, the tests say so and are skipped.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "pds"
OLDEST_NODE, NEWEST_NODE = 18, 22
"""Majors of Node that @atproto/pds 0.4 and its better-sqlite3 10 run on."""

INSTALL_SECONDS, START_SECONDS = 300.0, 40.0
WITHOUT = "CLARION_NO_REAL_PDS"
"""Set, it leaves these tests out, for instance where nothing may be downloaded."""


@dataclass(frozen=True)
class RealServer:
    """A running PDS."""

    url: str

    def call(self, nsid: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        """One procedure, for what an account's owner does by hand."""
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            f"{self.url}/xrpc/{nsid}", data=json.dumps(body).encode(), headers=headers
        )
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                found: dict[str, Any] = json.loads(answer.read() or b"{}")
                return found
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{nsid}: {error.code} {error.read()[:300]!r}") from None

    def account(self) -> tuple[str, str, str]:
        """A new account: its handle, its DID and an app password."""
        handle = f"ops{secrets.token_hex(5)}.test"
        made = self.call(
            "com.atproto.server.createAccount",
            {"handle": handle, "email": f"{handle}@example.test", "password": "the main password"},
        )
        app = self.call("com.atproto.server.createAppPassword", {"name": "bot"}, made["accessJwt"])
        return handle, made["did"], app["password"]


@contextmanager
def real_server() -> Iterator[RealServer]:
    """Install if need be, start, and stop. Skips the test, with the reason, where that is impossible."""
    if os.environ.get(WITHOUT):
        pytest.skip(f"{WITHOUT} is set")
    node, modules = _node(), _modules()
    with tempfile.TemporaryDirectory(prefix="clarion-pds-") as folder:
        process = subprocess.Popen(
            [node, str(HERE / "serve.cjs"), str(modules), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**_environment(), "LOG_ENABLED": "false"},
        )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                line = process.stdout.readline()
                if not line:
                    pytest.skip(f"the real PDS does not start: {process.stderr.read()[-400:]!r}")
                yield RealServer(url=json.loads(line)["url"])
            finally:
                process.stdin.close()
                try:
                    process.wait(START_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("the real PDS needs Node, and there is none")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    major = int(said.strip().removeprefix("v").partition(".")[0] or 0)
    if not OLDEST_NODE <= major <= NEWEST_NODE:
        pytest.skip(f"the real PDS needs Node {OLDEST_NODE} to {NEWEST_NODE}, this is {said.strip()}")
    return node


def _modules() -> Path:
    """The folder with the pinned packages; installed now if it is not there."""
    lock = (HERE / "package-lock.json").read_bytes()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = caches / "clarion-test-pds" / hashlib.sha256(lock).hexdigest()[:16]
    if (place / "whole").exists():
        return place
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("the real PDS needs npm, and there is none")
    place.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(prefix="half-", dir=place.parent))
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / name, half / name)
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=half,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
            env=_environment(),
        )
        if done.returncode:
            pytest.skip(f"the real PDS cannot be installed: {done.stderr[-400:]!r}")
        (half / "whole").touch()
        if not place.exists():
            half.rename(place)
    except subprocess.TimeoutExpired:
        pytest.skip(f"the real PDS could not be installed within {INSTALL_SECONDS:.0f} s")
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return place


def _environment() -> dict[str, str]:
    """Ours, without what would make a server of ours another's."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PDS_")}
