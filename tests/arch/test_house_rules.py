"""What the linters cannot say about this code, and proof that each rule would notice."""

from __future__ import annotations

import ast
import inspect

import pytest

import bot.api
from tests.arch.house import ROOT, RULES, Rule, sources

LONGEST, LONG = 350, 300
PLATFORMS = ("twitter", "linkedin", "tiktok", "youtube", "bluesky", "instagram")
BY_NAME = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@BY_NAME
def test_the_code_follows(rule: Rule) -> None:
    broken = [
        f"{path}:{getattr(node, 'lineno', 0)}"
        for path, text in sources("bot", "plugins").items()
        if rule.applies(path)
        for node in rule.check(ast.parse(text))
    ]
    assert not broken, f"{rule.name}: {', '.join(broken)}"


@BY_NAME
def test_the_rule_notices(rule: Rule) -> None:
    assert rule.bad
    for snippet in rule.bad:
        assert list(rule.check(ast.parse(snippet))), f"unnoticed: {snippet}"
    for snippet in rule.good:
        assert not list(rule.check(ast.parse(snippet))), f"wrongly accused: {snippet}"


@BY_NAME
def test_what_a_rule_spares_exists(rule: Rule) -> None:
    gone = [place for place in rule.allowed if not (ROOT / place).exists()]
    assert not gone, f"{rule.name}: spares files that are not there: {gone}"


def platforms_named(text: str) -> list[int]:
    """The numbers of the lines that name a platform."""
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if any(name in line.lower() for name in PLATFORMS)
    ]


def test_the_core_names_no_platform() -> None:
    assert platforms_named("name = 'demo'\nfrom there import LinkedInClient") == [2]
    texts = sources("bot")
    for path in (ROOT / "bot").rglob("*"):
        if path.is_file() and path.suffix in {".toml", ".sql", ".mako", ".html", ".md", ".txt", ".json"}:
            texts[path.relative_to(ROOT).as_posix()] = path.read_text("utf-8")
    named = [f"{path}:{number}" for path, text in texts.items() for number in platforms_named(text)]
    assert not named, f"platforms are named in the core: {', '.join(named)}"


def undocumented(values: dict[str, object]) -> list[str]:
    """Names of the classes and functions without a docstring somebody wrote."""
    return [
        name
        for name, value in values.items()
        if (inspect.isclass(value) or inspect.isfunction(value))
        # a dataclass without a docstring is given its signature for one
        and (not value.__doc__ or value.__doc__.startswith(f"{value.__name__}("))
    ]


def test_what_plugins_see_is_documented() -> None:
    assert undocumented({"silent": lambda: None}) == ["silent"]
    missing = undocumented({name: getattr(bot.api, name) for name in bot.api.__all__})
    assert not missing, f"no docstring: {', '.join(missing)}"


def test_files_stay_short() -> None:
    lengths = {path: text.count("\n") for path, text in sources("bot", "plugins").items()}
    over = [f"{path} ({count})" for path, count in lengths.items() if count > LONGEST]
    soon = [f"{path} ({count})" for path, count in lengths.items() if LONG < count <= LONGEST]
    assert not over, f"over {LONGEST} lines: {', '.join(over)}; nearly there: {', '.join(soon) or 'none'}"
