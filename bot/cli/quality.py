"""Grades: every platform is proved against its own simulator, as `clarion check --quality` shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.cli.columns import columns
from bot.cli.screen import write

if TYPE_CHECKING:
    from bot.ports import Platform
    from bot.testing.contract.results import Result

QUALITY = "prove every platform against its own simulator and grade it; no account is used"


async def quality(platforms: Sequence[Platform[Any]]) -> bool:
    """Prove each platform, write its grade and what it lacks; False when a check failed."""
    from bot.testing.contract import VERSION
    from bot.testing.contract.results import contract_for, grade_of, run_contract

    lines = [("PLATFORM", "GRADE", "PASSED", "SKIPPED", "FAILED")]
    details, kept = "", True
    for platform in platforms:
        if platform.simulate is None or platform.simulated is None:
            lines.append((platform.name, "—", "—", "—", "it has no simulator to prove it against"))
            continue
        results = await asyncio.to_thread(run_contract, contract_for(platform))
        broken, skipped = [r for r in results if r.broken], [r for r in results if r.skipped]
        kept = kept and not broken
        passed = len(results) - len(broken) - len(skipped)
        grade = grade_of(results).name.lower()
        lines.append((platform.name, grade, str(passed), str(len(skipped)), str(len(broken))))
        details += _details(platform.name, skipped, broken)
    write(f"PublisherContract v{VERSION}\n{columns(lines)}{details}")
    return kept


def _details(name: str, skipped: Sequence[Result], broken: Sequence[Result]) -> str:
    lines = [f"  ✗ {r.check.says} ({r.check.grade.name.lower()}): {r.broken}" for r in broken]
    lines += [f"  · {r.check.says} ({r.check.grade.name.lower()}): skipped, {r.skipped}" for r in skipped]
    return "".join(f"{line}\n" for line in (f"\n{name}", *lines)) if lines else ""
