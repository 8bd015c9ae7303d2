"""The contract without pytest: which checks a platform passes, and the grade that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unittest import SkipTest

from bot.ports import Platform
from bot.testing.contract import PublisherContract
from bot.testing.contract.checking import Check, Grade, checks_of, run_check
from bot.testing.trying import attempt


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one check. ``skipped`` and ``broken`` say why; both empty is a pass."""

    check: Check
    broken: str = ""
    skipped: str = ""

    @property
    def passed(self) -> bool:
        return not self.broken and not self.skipped


def contract_for(platform: Platform[Any]) -> type[PublisherContract]:
    """A contract class for one platform, named after it."""
    words = platform.name.replace("-", "_").split("_")
    name = "Test" + "".join(word.title() for word in words)
    return type(name, (PublisherContract,), {"platform": platform, "__module__": __name__})


def run_contract(contract: type[PublisherContract], only: frozenset[str] = frozenset()) -> tuple[Result, ...]:
    """Run every check, or ``only`` those; one after the other.

    Blocks: call it from a thread where a loop runs.
    """
    instance = contract()
    return tuple(_result(made, instance) for made in checks_of(contract) if not only or made.name in only)


def _result(made: Check, instance: PublisherContract) -> Result:
    error = attempt(lambda: run_check(made, instance))
    if error is None:
        return Result(check=made)
    if isinstance(error, SkipTest):
        return Result(check=made, skipped=str(error))
    return Result(check=made, broken=str(error) or type(error).__name__)


def grade_of(results: Sequence[Result]) -> Grade:
    """The highest grade all of whose checks, and those of the grades below it, hold.

    What a platform does not offer counts for it up to GOLD; PLATINUM has to be shown.
    """
    grade = Grade.NONE
    for wanted in (Grade.BRONZE, Grade.SILVER, Grade.GOLD, Grade.PLATINUM):
        mine = [r for r in results if r.check.grade is wanted]
        if any(r.broken for r in mine) or (wanted is Grade.PLATINUM and any(r.skipped for r in mine)):
            break
        grade = wanted
    return grade
