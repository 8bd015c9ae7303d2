"""What the other process is asked to do in tests. A light module: the child imports it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from bot.errors import BadInput


def answer(value: object) -> tuple[int, object]:
    print("noise that is no answer")
    return os.getpid(), value


def refuse() -> None:
    raise BadInput("There is nothing to count.")


def crash() -> None:
    raise RuntimeError("a fault of ours")


def die() -> None:
    os._exit(7)


def sleep(seconds: float, sign: str) -> None:
    Path(sign).write_text(str(os.getpid()))
    time.sleep(seconds)


def secrets() -> dict[str, str]:
    return dict(os.environ)
