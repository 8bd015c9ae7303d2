"""Subtitles as Bluesky takes them: WebVTT, at most 20,000 bytes (app.bsky.embed.video)."""

from __future__ import annotations

import re

from bot.api import Rejected
from plugins.bluesky.limits import CAPTION_BYTES

CAPTION_TYPE = "text/vtt"
_SRT_TIME = re.compile(r"(\d{1,2}:\d{2}:\d{2}),(\d{3})")
_ARROW = re.compile(r"^.*-->.*$", re.MULTILINE)


def as_vtt(content: bytes) -> bytes:
    """The same subtitles as WebVTT; SubRip differs in its head and in the comma of its times.

    Raises `Rejected` for what is neither, or too long.
    """
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Rejected(
            "The subtitles are not in UTF-8.", code="captions", fix="Save them as UTF-8 and add them again."
        ) from None
    if not text.startswith("WEBVTT"):
        if not _ARROW.search(text):
            raise Rejected(
                "The subtitles are neither WebVTT nor SubRip.",
                code="captions",
                fix="Use a .vtt or .srt file.",
            )
        text = "WEBVTT\n\n" + _ARROW.sub(lambda line: _SRT_TIME.sub(r"\1.\2", line[0]), text.lstrip("\n"))
    made = text.encode()
    if len(made) > CAPTION_BYTES:
        raise Rejected(
            f"Bluesky takes subtitles of {CAPTION_BYTES:,} bytes, these have {len(made):,}.",
            code="captions",
            fix="Shorten them, or leave them out.",
        )
    return made
