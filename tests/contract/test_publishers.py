"""Every platform of the house that can publish keeps the contract, against its own simulator."""

from __future__ import annotations

from typing import Any

from bot.app import make_log
from bot.domain.platform import Feature
from bot.ports import Platform
from bot.registry import load
from bot.testing.contract import PublisherContract
from bot.testing.contract.results import contract_for

SOURCES = ("plugins", "bot.testing.platforms")


def platforms() -> list[Platform[Any]]:
    """Every platform of the house that can publish."""
    found = [load(log=make_log(), builtins=name, entry_points=()).platforms for name in SOURCES]
    return [p for some in found for p in some.values() if p.simulate is not None]


def contract_of(platform: Platform[Any]) -> type[PublisherContract]:
    """The whole contract; the tempers of one publisher need strange answers only once."""
    made = contract_for(platform)
    if platform.name in ("demo-lookup", "demo-neither"):
        made.strange = made.strange[:2]
    if Feature.HAND_OVER in platform.features:
        made.handing = {"mode": "inbox"}
    return made


globals().update({made.__name__: made for made in map(contract_of, platforms())})


def test_nobody_is_forgotten() -> None:
    made = {name for name in globals() if name.startswith("Test")}
    assert {"TestTwitter", "TestLinkedin", "TestDemoOwnKey", "TestDemoLookup", "TestDemoNeither"} <= made
