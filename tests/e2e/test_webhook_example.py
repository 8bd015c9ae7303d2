"""The worked example keeps the whole contract, and publishes from the chat like any other platform."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.testing.contract import Grade
from bot.testing.contract.results import contract_for, grade_of, run_contract

EXAMPLE = Path(__file__).parents[2] / "docs/examples/clarion-webhook"


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    yield importlib.import_module("clarion_webhook")
    for name in [name for name in sys.modules if name.startswith("clarion_webhook")]:
        del sys.modules[name]


def test_it_is_platinum(plugin: Any) -> None:
    results = run_contract(contract_for(next(iter(plugin.register_platforms()))))
    assert [r.broken for r in results if r.broken] == []
    assert grade_of(results) is Grade.PLATINUM


def test_it_publishes_from_the_chat(plugin: Any, clarion_bot: Any) -> None:
    bot = clarion_bot(webhook=plugin)
    bot.say("alice", '/post "Hello, hook" --at now')
    assert "LIVE" in bot.say("bob", "/approve latest")
    simulator = bot.simulator("webhook")
    assert list(simulator.visible().values()) == ["Hello, hook"]
    assert simulator.count("POST /posts") == 1


@pytest.mark.parametrize("secret", ["", "short", "whsec_AAAA"])
def test_a_secret_that_is_none_is_told(plugin: Any, secret: str) -> None:
    with pytest.raises(ValueError, match="at least 16 random bytes"):
        plugin.publisher.key_of(secret)
