"""Doing something that may fail in any way, to see in which."""

from __future__ import annotations

import contextlib
from collections.abc import Callable


class _Caught(contextlib.AbstractContextManager["_Caught"]):
    def __init__(self) -> None:
        self.error: Exception | None = None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None


def attempt(work: Callable[[], object]) -> Exception | None:
    """Do it; what it raised, or None. Ctrl-C and the like are not held back."""
    with _Caught() as caught:
        work()
    return caught.error
