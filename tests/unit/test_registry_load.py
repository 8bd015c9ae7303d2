"""Plugins are found by name, one broken plugin never stops the start, and clashes name both culprits."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.registry import Registry, load

HEAD = """
from __future__ import annotations
from dataclasses import dataclass
from bot.domain.platform import Feature
from bot.hookspecs import hookimpl
from bot.ports import ChatSpec, Platform

@dataclass(frozen=True)
class Settings:
    base_url: str = ""

def platform(name):
    return Platform(
        name=name, title=name.title(), features=Feature.TEXT, limits=(), settings=Settings, connect=print
    )

@dataclass(frozen=True)
class Named:
    name: str
"""
ONE = HEAD + "\n@hookimpl\ndef register_platforms():\n    return [platform({name!r})]\n"


class Journal:
    """A `Log` that remembers."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def debug(self, event: str, **facts: Any) -> None:
        self.lines.append(("debug", event, facts))

    def info(self, event: str, **facts: Any) -> None:
        self.lines.append(("info", event, facts))

    def warning(self, event: str, **facts: Any) -> None:
        self.lines.append(("warning", event, facts))

    def error(self, event: str, **facts: Any) -> None:
        self.lines.append(("error", event, facts))


Write = Callable[..., Registry]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes built-in plugins into a package of their own and loads them."""
    package = f"house_{abs(hash(tmp_path))}"
    before = set(sys.modules)

    def write(plugins: dict[str, str], **options: Any) -> Registry:
        for name, text in {"": "", **plugins}.items():
            folder = tmp_path / package / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "__init__.py").write_text(text)
        importlib.invalidate_caches()
        return load(log=Journal(), builtins=package, **{"entry_points": (), **options})

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


def problems(registry: Registry) -> list[str]:
    return [str(problem) for problem in registry.problems]


def test_built_ins_are_found_by_name(house: Write) -> None:
    registry = house({"zeta": ONE.format(name="z"), "alpha": ONE.format(name="a"), "_private": "1 / 0"})
    assert list(registry.plugins) == ["alpha", "zeta"]
    assert list(registry.platforms) == ["a", "z"]
    assert registry.platforms["a"].title == "A"
    assert registry.problems == []


def test_the_real_built_ins_load(tmp_path: Path) -> None:
    registry = load(log=Journal())
    assert registry.problems == []


def test_no_built_ins_is_no_problem() -> None:
    assert load(log=Journal(), builtins="there_is_no_such_package", entry_points=()).plugins == {}


def test_a_disabled_plugin_is_not_even_imported(house: Write) -> None:
    registry = house({"good": ONE.format(name="g"), "bad": "raise SystemExit('imported')"}, disabled=["bad"])
    assert list(registry.plugins) == ["good"]
    assert registry.problems == []


def test_disabling_what_is_not_there(house: Write) -> None:
    registry = house({"good": ONE.format(name="g")}, disabled=["goood"])
    assert problems(registry) == [
        "plugin 'goood': is disabled, but there is no such plugin, did you mean 'good'?"
    ]
    assert list(registry.plugins) == ["good"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import there_is_no_such_thing", "No module named 'there_is_no_such_thing'"),
        ("1 / 0", "could not be loaded (ZeroDivisionError: division by zero)"),
        ("def (", "SyntaxError"),
        ("raise SystemExit(3)", "could not be loaded (SystemExit: 3)"),
        (HEAD + "@hookimpl\ndef register_platforms():\n    raise ValueError('no')", "(ValueError: no)"),
        (
            HEAD + "@hookimpl\ndef register_platforms():\n    return [5]",
            "register_platforms gave a int, not a platform",
        ),
        (HEAD + "@hookimpl\ndef register_platforms():\n    return 5", "TypeError"),
        (
            HEAD + "@hookimpl\ndef register_commands():\n    return [object()]",
            "register_commands gave a object, not a command",
        ),
        (
            HEAD + "@hookimpl\nasync def register_platforms():\n    return []",
            "register_platforms is async; it must be a plain function",
        ),
        (
            HEAD + "@hookimpl\nasync def register_platforms():\n    yield 1",
            "register_platforms is async; it must be a plain function",
        ),
        (
            HEAD + "@hookimpl\ndef register_platform():\n    return []",
            "'register_platform' is not a hook, did you mean 'register_platforms'?",
        ),
        (
            HEAD + "@hookimpl\ndef post_publised(post):\n    pass",
            "'post_publised' is not a hook, did you mean 'post_published'?",
        ),
        (HEAD + "@hookimpl\ndef post_published(pots):\n    pass", "pots"),
        (
            HEAD + "@hookimpl(wrapper=True)\ndef post_drafted(post):\n    return (yield)",
            "post_drafted wraps other plugins; that is not allowed",
        ),
    ],
)
def test_a_broken_plugin_is_left_out_and_named(house: Write, text: str, expected: str) -> None:
    registry = house({"broken": text, "good": ONE.format(name="g")})
    (problem,) = registry.problems
    assert problem.plugin == "broken"
    assert str(problem).startswith("plugin 'broken': ")
    assert expected in str(problem)
    assert list(registry.plugins) == ["good"]
    assert list(registry.platforms) == ["g"]


def test_a_plugin_that_breaks_halfway_leaves_nothing_behind(house: Write) -> None:
    text = ONE.format(name="half") + "\n@hookimpl\ndef register_chats():\n    raise OSError('late')\n"
    registry = house({"broken": text})
    assert registry.platforms == {}
    assert registry.problems[0].__cause__.__class__ is OSError


async def test_a_plugin_that_is_left_out_hears_nothing(house: Write) -> None:
    text = (
        HEAD + "\n@hookimpl\ndef bot_started():\n    raise OSError\n@hookimpl\ndef bot_strated():\n    pass\n"
    )
    registry = house({"broken": text})
    await registry.emit("bot_started")
    assert len(registry.problems) == 1
    assert not registry.failures


def test_every_register_hook_has_its_shelf(house: Write) -> None:
    text = (
        HEAD
        + """
from bot.ports import GeneratorSpec, ReportSection
@hookimpl
def register_optimizers():
    return [Named("opt")]
@hookimpl
def register_generators():
    return [GeneratorSpec(name="gen", settings=Settings, connect=None)]
@hookimpl
def register_renderers():
    yield Named("ren")
@hookimpl
def register_chats():
    return (ChatSpec(name="irc", settings=Settings, connect=None),)
@hookimpl
def register_commands():
    return [Named("cmd")]
@hookimpl
def register_report_sections():
    return [ReportSection(name="sec", render=None)]
@hookimpl
def register_platforms():
    return None
"""
    )
    registry = house({"all": text})
    assert problems(registry) == []
    assert [
        list(shelf)
        for shelf in (
            registry.optimizers,
            registry.generators,
            registry.renderers,
            registry.chats,
            registry.commands,
            registry.report_sections,
            registry.platforms,
        )
    ] == [["opt"], ["gen"], ["ren"], ["irc"], ["cmd"], ["sec"], []]


def test_a_taken_name_names_both_and_the_first_stays(house: Write) -> None:
    command = HEAD + "\n@hookimpl\ndef register_commands():\n    return [Named('post'), Named('tip')]\n"
    registry = house(
        {"one": ONE.format(name="same"), "three": command, "two": ONE.format(name="same")},
        taken={"register_commands": ["post"]},
    )
    assert problems(registry) == [
        "plugin 'three': its command 'post' is left out: Clarion itself already has one of that name",
        "plugin 'two': its platform 'same' is left out: plugin 'one' already has one of that name",
    ]
    assert list(registry.plugins) == ["one", "three", "two"]
    assert list(registry.commands) == ["tip"]


def test_one_plugin_offering_a_name_twice(house: Write) -> None:
    text = HEAD + "\n@hookimpl\ndef register_platforms():\n    return [platform('a'), platform('a')]\n"
    (told,) = problems(house({"one": text}))
    assert told == "plugin 'one': its platform 'a' is left out: plugin 'one' already has one of that name"


def test_entry_points_and_files_come_after_the_built_ins(
    house: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "installed_demo.py").write_text(ONE.format(name="installed"))
    (tmp_path / "mine.py").write_text(ONE.format(name="mine"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "__init__.py").write_text("from .inner import *\n")
    (tmp_path / "folder" / "inner.py").write_text(ONE.format(name="folded"))
    registry = house(
        {"built": ONE.format(name="b")},
        entry_points=[EntryPoint(name="inst", value="installed_demo", group="clarion")],
        files=[tmp_path / "mine.py", tmp_path / "folder", tmp_path / "gone.py"],
    )
    assert list(registry.plugins) == ["built", "inst", "mine", "folder"]
    assert registry.plugins["inst"] == "installed_demo (an installed package)"
    assert registry.plugins["mine"] == str(tmp_path / "mine.py")
    assert list(registry.platforms) == ["b", "installed", "mine", "folded"]
    (told,) = problems(registry)
    assert "there is no Python file" in told
    assert told.startswith("plugin 'gone': ")


def test_the_modules_of_a_folder_know_each_other_by_its_name(house: Write, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "pigeonry"
    for name, text in (("__init__", "from pigeonry.inner import *\n"), ("inner", ONE.format(name="pigeons"))):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.py").write_text(text)
    for _ in range(2):
        registry = house({}, files=[folder])
        assert (list(registry.platforms), problems(registry)) == (["pigeons"], [])


def test_two_plugins_of_one_name(house: Write, tmp_path: Path) -> None:
    (tmp_path / "built.py").write_text(ONE.format(name="other"))
    registry = house({"built": ONE.format(name="b")}, files=[tmp_path / "built.py"])
    (told,) = problems(registry)
    assert told.startswith(f"plugin 'built': {tmp_path / 'built.py'} has the same name as house_")
    assert list(registry.platforms) == ["b"]


def test_a_file_that_breaks_leaves_no_module(house: Write, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("1 / 0")
    registry = house({}, files=[tmp_path / "mine.py"])
    assert len(registry.problems) == 1
    assert "clarion_plugin_mine" not in sys.modules


def test_two_bots_fit_in_one_process(house: Write) -> None:
    first = house({"a": ONE.format(name="a")})
    second = house({"a": ONE.format(name="a")}, disabled=["a"])
    assert (list(first.platforms), list(second.platforms)) == (["a"], [])
    assert isinstance(sys.modules[first.plugins["a"]], ModuleType)
