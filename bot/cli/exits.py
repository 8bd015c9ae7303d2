"""What the shell hears."""

from __future__ import annotations

OK, FAILED, BAD_INPUT, STILL_OPEN = 0, 1, 2, 3
