"""The kit for plugin authors: fake clock, breakable simulators, contracts, a demo platform.

Importing it costs nothing: what it offers is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.testing.clock import FakeClock
    from bot.testing.contract import PublisherContract
    from bot.testing.contract.checking import Grade, check
    from bot.testing.contract.verdict import Broken, expect
    from bot.testing.simulator import CUT, LOST_REPLY, Failure, Simulator

__all__ = [
    "CUT",
    "LOST_REPLY",
    "Broken",
    "Failure",
    "FakeClock",
    "Grade",
    "PublisherContract",
    "Simulator",
    "check",
    "expect",
]


def __getattr__(name: str) -> Any:
    """Where each name lives (PEP 562)."""
    match name:
        case "FakeClock":
            home = "clock"
        case "PublisherContract":
            home = "contract"
        case "Grade" | "check":
            home = "contract.checking"
        case "Broken" | "expect":
            home = "contract.verdict"
        case "CUT" | "LOST_REPLY" | "Failure" | "Simulator":
            home = "simulator"
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
