"""Every platform of the house that can publish keeps the contract, against its own simulator."""

from __future__ import annotations

from typing import Any

from bot.app import make_log
from bot.ports import Platform
from bot.registry import load
from bot.testing.contract.results import contract_for

SOURCES = ("plugins", "bot.testing.platforms")


def platforms() -> list[Platform[Any]]:
    """Every platform of the house that can publish."""
    found = [load(log=make_log(), builtins=name, entry_points=()).platforms for name in SOURCES]
    return [p for some in found for p in some.values() if p.simulate is not None]


globals().update({made.__name__: made for made in map(contract_for, platforms())})


def test_nobody_is_forgotten() -> None:
    made = {name for name in globals() if name.startswith("Test")}
    assert {"TestTwitter", "TestLinkedin", "TestDemoOwnKey", "TestDemoLookup", "TestDemoNeither"} <= made
