"""Having Clarion installed costs nobody's tests anything: the kit imports what it needs when it needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("aiohttp", "httpx", "PIL", "sqlalchemy", "structlog", "rich", "cryptography")
LATE = 0.05
"""Seconds that importing the kit may take; some 2 ms on a free machine."""


def python(code: str, *more: str, cwd: Path = ROOT) -> str:
    """What a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *more], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_importing_the_kit_imports_nothing_heavy() -> None:
    said = python(
        "import sys, time; began = time.process_time()\n"
        "import bot.testing; took = time.process_time() - began\n"
        "print(took); print(*sys.modules)"
    )
    took, modules = said.splitlines()
    loaded = {name.partition(".")[0] for name in modules.split()}
    assert loaded.isdisjoint({*HEAVY, "pytest", "_pytest", "unittest", "asyncio"})
    assert float(took) < LATE


def test_the_pytest_plugin_imports_only_pytest() -> None:
    said = python(
        "import sys, pytest; before = set(sys.modules)\nimport bot.testing.plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    assert set(said.split()) <= {"bot", "bot.testing", "bot.testing.plugin"}


def test_what_the_kit_offers_is_there_when_asked_for() -> None:
    import bot.testing as kit

    assert sorted(kit.__all__, key=lambda n: (not n.isupper(), not n[0].isupper(), n)) == list(kit.__all__)
    assert all(getattr(kit, name) is not None for name in kit.__all__)


def test_what_the_kit_does_not_offer_is_said_as_python_says_it() -> None:
    said = python(
        "import bot.testing\ntry:\n    bot.testing.Magic\nexcept AttributeError as e:\n    print(e)"
    )
    assert said.strip() == "module 'bot.testing' has no attribute 'Magic'"


def test_a_strangers_test_run_stays_light(tmp_path: Path) -> None:
    """A pytest of somebody who merely has Clarion installed: the plugin is known, nothing else is loaded."""
    (tmp_path / "test_theirs.py").write_text(
        "import sys\n\ndef test_nothing():\n"
        "    assert 'bot.testing.plugin' in sys.modules\n"
        f"    assert not set(sys.modules) & set({HEAVY!r})\n"
        "    assert {m for m in sys.modules if m.startswith('bot')} == "
        "{'bot', 'bot.testing', 'bot.testing.plugin'}\n",
        "utf-8",
    )
    program = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
    arguments = ("-q", "-p", "bot.testing.plugin", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", ".")
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_entry_point_is_declared() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"clarion": "bot.testing.plugin"}


def test_a_bot_without_a_web_door_never_loads_what_serves_it() -> None:
    said = python("import sys; import bot.app.building, bot.app.beside, bot.cli.check; print(*sys.modules)")
    loaded = {name.partition(".")[0] for name in said.split()}
    assert loaded.isdisjoint({"fastapi", "starlette", "uvicorn"})
