"""The import contracts hold, and each of them would break if somebody crossed it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

from tests.arch.house import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LINT = "from importlinter.cli import lint_imports; exit(lint_imports(no_logo=True, no_cache=True))"

# one file of crossings is enough to break every contract at once
CROSSINGS = {
    "bot/domain/crossing.py": "import bot.services\nimport plugins.twitter\n",
    "bot/services/crossing.py": (
        "import bot.domain\n"
        "import aiohttp, alembic, cryptography, dateutil, discord, httpx, PIL, pluggy\n"
        "import rich, slack_bolt, slack_sdk, sqlalchemy, structlog, twitter_text\n"
        "import fastapi, imageio_ffmpeg, numpy, pypdf, starlette, uvicorn\n"
    ),
    "plugins/twitter/crossing.py": "import bot.domain.post\nimport plugins.linkedin\n",
}


def contracts() -> list[str]:
    """The names of all contracts."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts on the code in a folder."""
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_notices(tmp_path: Path) -> None:
    for folder in ("bot", "plugins"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, text in CROSSINGS.items():
        (tmp_path / path).write_text(text, "utf-8")
    result = lint(tmp_path)
    kept = [name for name in contracts() if f"{name} BROKEN" not in result.stdout]
    assert not kept, f"would not notice: {kept}\n{result.stdout}{result.stderr}"
