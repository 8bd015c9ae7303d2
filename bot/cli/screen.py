"""Standard output."""

from __future__ import annotations

import sys


def write(text: str) -> None:
    """Write at once, so that whoever reads a pipe sees it."""
    sys.stdout.write(text)
    sys.stdout.flush()
