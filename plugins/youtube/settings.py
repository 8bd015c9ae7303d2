"""What an account on YouTube is set to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.api import Secret

GOOGLE = "https://www.googleapis.com"
REPORTING = "https://youtubereporting.googleapis.com"
STEP = 256 * 1024
"""Bytes; every chunk but the last is a multiple of this (guides/using_resumable_upload_protocol)."""


@dataclass(frozen=True, kw_only=True)
class YouTubeSettings:
    """One channel. ``client_id`` and ``client_secret`` are the Google project's, its tokens come from
    ``clarion connect``; an ``access_token`` of one's own lasts an hour and is not renewed.

    ``base_url``: Google itself, a simulator, or any server that speaks its paths. ``chunk``: bytes that
    are sent at a time, rounded down to a multiple of 256 KiB; a cut costs at most that much.
    """

    client_id: Secret | None = None
    client_secret: Secret | None = None
    access_token: Secret | None = None
    base_url: str = GOOGLE
    chunk: int = 32 * STEP

    @property
    def base(self) -> str:
        """Where the Data API is."""
        return self.base_url.rstrip("/")

    @property
    def reporting(self) -> str:
        """Where the Reporting API is: a host of its own at Google, the same elsewhere."""
        return REPORTING if self.base == GOOGLE else self.base

    @property
    def piece(self) -> int:
        """Bytes of a chunk, as the protocol wants it."""
        return max(STEP, self.chunk // STEP * STEP)
