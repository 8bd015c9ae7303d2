"""The hooks are a public promise: documented, typed, and events reach everybody."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pluggy
import pytest

from bot import hookspecs

MARK = f"{hookspecs.NAME}_spec"
SPECS = {name: value for name, value in vars(hookspecs).items() if hasattr(value, MARK)}
EACH = pytest.mark.parametrize("hook", SPECS.values(), ids=SPECS)

Hook = Callable[..., Any]


def answer(hook: Hook) -> str:
    """What a hook returns, as it is written."""
    return str(inspect.get_annotations(hook).get("return", ""))


def is_event(hook: Hook) -> bool:
    """Events return nothing, now or later; every other hook returns values."""
    return answer(hook).replace(" ", "") in {"Awaitable[None]|None", "None|Awaitable[None]"}


def test_there_are_hooks_of_every_family() -> None:
    events = {name for name, hook in SPECS.items() if is_event(hook)}
    assert "register_platforms" in SPECS
    assert "post_published" in events
    assert not {name for name in events if name.startswith(("register_", "review_"))}


@EACH
def test_a_hook_is_documented_and_typed(hook: Hook) -> None:
    assert inspect.getdoc(hook)
    assert answer(hook)
    untyped = set(inspect.signature(hook).parameters) - set(inspect.get_annotations(hook))
    assert not untyped


@EACH
def test_nobody_ends_a_hook_for_the_others(hook: Hook) -> None:
    assert not getattr(hook, MARK)["firstresult"]


@EACH
def test_a_hook_returns_values_or_is_an_event(hook: Hook) -> None:
    assert is_event(hook) or answer(hook).startswith("Iterable[")


def test_pluggy_accepts_them() -> None:
    manager = pluggy.PluginManager(hookspecs.NAME)
    manager.add_hookspecs(hookspecs)
    assert set(vars(manager.hook)) >= set(SPECS)
