"""What every publisher must do: subclass `PublisherContract` in a test file and make it green.

    class TestMine(PublisherContract):
        platform = mine.platform()

Every check runs the publisher against its own simulator over real HTTP, on a loop and a fake
clock of its own; a plain ``pytest`` is enough. `bot.testing.contract.results.grade_of` runs
the same checks without pytest.
"""

from __future__ import annotations

from typing import Any, ClassVar

from bot.ports import Platform
from bot.testing.contract.bench import Bench
from bot.testing.contract.checking import Check, Grade, check, checks_of
from bot.testing.contract.crashes import Crashes
from bot.testing.contract.extras import Extras
from bot.testing.contract.files import Files
from bot.testing.contract.finding import Finding
from bot.testing.contract.manifest import Manifest
from bot.testing.contract.manners import Manners
from bot.testing.contract.revising import Changing
from bot.testing.contract.rules import Rules
from bot.testing.contract.sending import Sending
from bot.testing.contract.trouble import Trouble
from bot.testing.contract.verdict import Broken

__all__ = [
    "VERSION",
    "Bench",
    "Broken",
    "Check",
    "Grade",
    "PublisherContract",
    "check",
    "checks_of",
    "expect",
]

VERSION = 3
"""Of the contract: a check is added or sharpened only with a new number."""


class PublisherContract(
    Manifest, Rules, Sending, Trouble, Finding, Manners, Extras, Files, Changing, Crashes
):
    """Set ``platform``; ``samples`` are parts of your own that must go out as well; ``handing`` are
    options with which it hands a part over to a person."""

    platform: ClassVar[Platform[Any]]
