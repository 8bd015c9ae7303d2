"""What is learned, measured on simulated worlds and, where it is there, on real data.

``python -m benchmarks.learn [NAME …]``: every module ``benchmarks.learn_<name>`` with an
``async def measure() -> list[Figure]`` is a part; all of them run unless some are named.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import pkgutil
import sys
from pathlib import Path

import benchmarks
from benchmarks.table import Figure, render

PREFIX = "learn_"
MARGIN = 0.0005
"""A measured share is compared with its bar as it is printed."""


def parts() -> list[str]:
    """The names of what can be measured."""
    found = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return sorted(name.removeprefix(PREFIX) for name in found if name.startswith(PREFIX))


def shared(name: str) -> Path | None:
    """A file of the real data, from the folder that ``CLARION_SHARED`` names or ``../shared``; None where
    it is absent."""
    folder = Path(os.environ.get("CLARION_SHARED") or Path(__file__).parents[2] / "shared")
    file = folder / "data" / name
    return file if file.exists() else None


def at_most(
    name: str, measured: float, bar: float, *, beside: str = "–", notes: tuple[str, ...] = ()
) -> Figure:
    """A share that must not be larger than its bar; ``beside`` are the naive ways on the same data."""
    met = measured <= bar + MARGIN
    return Figure(
        name=name, bar=f"≤ {bar:.3g}", measured=f"{measured:.3f}", limit=beside, met=met, notes=notes
    )


def at_least(
    name: str, measured: float, bar: float, *, beside: str = "–", notes: tuple[str, ...] = ()
) -> Figure:
    """A share that must not be smaller than its bar."""
    met = measured >= bar - MARGIN
    return Figure(
        name=name, bar=f"≥ {bar:.3g}", measured=f"{measured:.3f}", limit=beside, met=met, notes=notes
    )


def told(name: str, measured: str, *, beside: str = "–", notes: tuple[str, ...] = ()) -> Figure:
    """A figure without a bar."""
    return Figure(name=name, bar="told", measured=measured, limit=beside, notes=notes)


def main() -> int:
    """0 whatever was measured."""
    known = parts()
    parser = argparse.ArgumentParser(prog="benchmarks.learn", description="Measure what is learned.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    names = parser.parse_args().names or known
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(known)}")
    figures: list[Figure] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        figures += asyncio.run(importlib.import_module(f"benchmarks.{PREFIX}{name}").measure())
    print(render(figures).replace("client limit", "naive, beside", 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
