"""Standard output."""

from __future__ import annotations

import sys

from bot.domain.marks import plain


def write(text: str) -> None:
    """Write at once, so that whoever reads a pipe sees it."""
    sys.stdout.write(plain(text))
    sys.stdout.flush()
