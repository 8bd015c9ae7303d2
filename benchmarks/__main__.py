"""Run benchmarks by name, or all of them, and print one table: ``python -m benchmarks [NAME …]``."""

from __future__ import annotations

import argparse
import asyncio
import sys

from benchmarks import acks, burst, cards, claims, idle, lone, media, start, teams, uploads
from benchmarks.table import Figure, render

BENCHES = {
    "burst": burst.measure,
    "lone": lone.measure,
    "idle": idle.measure,
    "claims": claims.measure,
    "start": start.measure,
    "teams": teams.measure,
    "acks": acks.measure,
    "cards": cards.measure,
    "uploads": uploads.measure,
    "media": media.measure,
}
SHORT = {"acks-short": acks.measure_short}
"""Quick looks that only run when they are named."""


def main() -> int:
    """0 whatever was measured: a slow minute of the machine is no failure."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the bot.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join({**BENCHES, **SHORT}))
    names = parser.parse_args().names or list(BENCHES)
    known = {**BENCHES, **SHORT}
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(known)}")
    figures: list[Figure] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        figures += asyncio.run(known[name]())
    print(render(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
