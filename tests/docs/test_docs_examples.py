"""Whatever a page shows to be typed, written or run can be typed, written and run."""

from __future__ import annotations
import __future__

import importlib
import io
import re
import shlex
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from bot.app.accounts import plan
from bot.cli import make_parser
from bot.commands import all_commands
from bot.config import load_config
from bot.log import make_log
from bot.registry import load
from tests.docs.pages import PAGES, ROOT, blocks, name_of, prose, spans
from tests.docs.render import plugins, programs
from tests.docs.replay import replayed

EACH = pytest.mark.parametrize("page", PAGES, ids=name_of)
COMMANDS = {command.name: command for command in all_commands()}
URL = "sqlite+aiosqlite:///clarion.db"
"""A value that is as good as a secret as it is as a database."""

LATE_ANNOTATIONS = __future__.annotations.compiler_flag
"""What plugins write as their first line: signatures may name what the page does not import."""


def ran(text: str, name: str) -> str:
    """Run the ``python`` blocks of a page, one after the other in one fresh namespace; what they print."""
    space: dict[str, object] = {"__name__": "page"}
    said = io.StringIO()
    with redirect_stdout(said):
        for number, block in enumerate(blocks(text, "python"), 1):
            where = f"<{name}, python block {number}>"
            exec(compile(block.text, where, "exec", flags=LATE_ANNOTATIONS), space)
    return said.getvalue()


def environment(text: str) -> dict[str, str]:
    """Every variable that the text or a platform may ask for."""
    names = set(re.findall(r'env = "(\w+)"', text))
    names |= {name for platform in plugins().platforms.values() for name in platform.secrets.values()}
    return dict.fromkeys(names, URL)


def problems(text: str, folder: Path) -> list[str]:
    """What is wrong with a configuration, its accounts included."""
    for name in re.findall(r'file = "([^"]+)"', text):
        (folder / name).write_text("secret", "utf-8")
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    env = environment(text)
    config = load_config(path, env=env)
    found = plan(config, plugins(), env=env, simulated=not config.accounts)
    return [*found.problems, *found.lacking.values()]


@EACH
def test_python_runs(page: Path) -> None:
    ran(page.read_text("utf-8"), name_of(page))


def test_broken_python_is_noticed() -> None:
    assert ran("```python\nx = 1\n```\n\n```python\nprint(x)\n```\n", "a page") == "1\n"
    with pytest.raises(NameError):
        ran("```python\nprint(y)\n```\n", "a page")


@EACH
def test_configurations_load(page: Path, tmp_path: Path) -> None:
    for block in blocks(page.read_text("utf-8"), "toml"):
        assert not problems(block.text, tmp_path), block.text


def test_a_broken_configuration_is_noticed(tmp_path: Path) -> None:
    assert problems('[accounts.a]\nplatform = "twitter"\nhandel = "acme"\n', tmp_path) == [
        "config.toml: accounts.a.handel: unknown key, did you mean 'handle'?"
    ]


def test_the_plugin_of_the_page_is_a_plugin(tmp_path: Path) -> None:
    text = (ROOT / "docs/hooks.md").read_text("utf-8")
    (tmp_path / "mine.py").write_text(blocks(text, "python")[0].text, "utf-8")
    (tmp_path / "config.toml").write_text(blocks(text, "toml")[0].text, "utf-8")
    config = load_config(tmp_path / "config.toml", env={})
    found = load(log=make_log(io.StringIO()), files=config.plugins_load, entry_points=())
    assert not found.problems
    assert found.listens("post_drafted")


@EACH
def test_commands_of_the_chat_can_be_typed(page: Path) -> None:
    for typed in spans(page.read_text("utf-8")):
        if match := re.fullmatch(r"/([a-z]+)( .+)?", typed):
            if match[1] == "invite":  # Slack's own
                continue
            if match[1] == "clarion":  # how a chat that many apps share begins it
                match = re.fullmatch(r"([a-z]+)( .+)?", (match[2] or " help").strip())
                assert match, typed
            assert match[1] in COMMANDS, typed
            if match[2] and "…" not in typed and "[" not in typed and "<" not in typed:
                COMMANDS[match[1]].parse(match[2])


@EACH
def test_the_command_line_knows_what_is_typed(page: Path) -> None:
    text = page.read_text("utf-8")
    for block in blocks(text, "sh"):
        for line in re.findall(r"clarion ([^|<>\n]+)", block.text):
            make_parser().parse_args(shlex.split(line))
    for typed in spans(text):
        if match := re.match(r"clarion ([a-z-]+)(?: ([a-z-]+))?", typed):
            named = next((n for n in (f"{match[1]} {match[2]}", match[1]) if n in programs()), "")
            assert named, typed
            known = programs()[named].format_help()
            assert all(switch in known for switch in re.findall(r"--[a-z]+", typed)), typed


@EACH
def test_make_and_dev_know_what_is_typed(page: Path) -> None:
    targets = re.findall(r"^([a-z ]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    known = {name for line in targets for name in line.split()}
    text = page.read_text("utf-8")
    typed = "\n".join([*spans(text), *(block.text for block in blocks(text, "sh", "console"))])
    assert set(re.findall(r"(?:^|\$ )make ([a-z]+)", typed, re.MULTILINE)) <= known
    commands = set(importlib.import_module("dev").COMMANDS)
    assert set(re.findall(r"dev\.py ([a-z]+)", typed)) <= commands


def test_the_readme_names_every_target_and_the_tests() -> None:
    text = prose((ROOT / "README.md").read_text("utf-8"))
    for target in ("run", "demo", "test", "check", "bench"):
        assert f"`make {target}`" in text


def test_what_the_readme_feeds_goes_live() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    fed = next(
        match[1] for block in blocks(text, "sh") if (match := re.search(r"printf '(.+)' \|", block.text))
    )
    user, lines = "alice", []
    for line in fed.replace("\\n", "\n").splitlines():
        lines.append(f"{user}> {line}")
        if match := re.fullmatch(r"as (\w+)", line):
            user = match[1]
    said = replayed("```console\n$ clarion run\n" + "\n".join(lines) + "\n```\n")
    assert "LIVE" in said
    assert "/queue\n· Nothing is unfinished" in said
