"""``python -m tests.e2e.chaos --store sqlite --mode lookup --posts 600 --seed 7``: its figures."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import MappingProxyType

from tests.e2e.chaos.campaign import run
from tests.e2e.chaos.order import MODES, STORES, Order
from tests.e2e.chaos.storms import OFFERED, STORMS

CALL = MappingProxyType({"sqlite": 0.3, "postgres": 1.2})
"""Long enough for what there is to send to outlast the storms: two pumps get through more."""


def main() -> int:
    """Print the figures as one JSON object; 1 when something happened that must not."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.chaos", description=__doc__)
    parser.add_argument("--store", choices=STORES, default="sqlite")
    parser.add_argument("--mode", choices=MODES, default="lookup")
    parser.add_argument("--posts", type=int, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kills", type=int, default=22, help="how many have to hit inside a call")
    parser.add_argument("--call", type=float, help="seconds a call takes at most; default: by the store")
    parser.add_argument("--troubles", nargs="*", choices=sorted(STORMS), help="default: all the store offers")
    parser.add_argument("--lease", type=float, default=6.0)
    parser.add_argument("--blind", action="store_true", help="break the bot on purpose: faults must be found")
    parser.add_argument("--keep", action="store_true", help="leave the files where they are, and say where")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="clarion-campaign-"))
    order = Order(
        store=given.store,
        mode=given.mode,
        posts=given.posts,
        seed=given.seed,
        kills=given.kills,
        call=given.call or CALL[given.store],
        lease=given.lease,
        blind=given.blind,
        troubles=tuple(OFFERED[given.store] if given.troubles is None else given.troubles),
        folder=folder,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that all it started ends with it
    try:
        found = run(order)
    finally:
        if given.keep:
            print(folder, file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(vars(found)))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
