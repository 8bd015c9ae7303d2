"""The other side of `bot.figures.apart`: reads one piece of work, does it, writes its answer, ends.

What breaks ends it with a traceback, which goes to the log of whoever asked.
"""

from __future__ import annotations

import importlib
import os
import pickle
import sys
from typing import Any

from bot.errors import BadInput


def main() -> None:
    """One piece of work from standard input; whatever it prints does not disturb the answer."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    module, name, arguments = pickle.load(sys.stdin.buffer)
    with answer:
        answer.write(pickle.dumps(_done(module, name, arguments)))


def _done(module: str, name: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return "answer", getattr(importlib.import_module(module), name)(*arguments)
    except BadInput as error:
        return "input", str(error)


if __name__ == "__main__":
    main()
