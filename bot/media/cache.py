"""Which rendition was made from which file by which plan: the same is never made twice.

Renditions lie in the media store like every other file, under their own hash; here are only small notes
that lead to them. A rendition that nobody signed may go when there are too many.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from bot.domain.post import Json, Media, variant_from_json
from bot.errors import StoreFull
from bot.ports import MediaStore

QUOTA = 5 * 1000**3
"""Bytes of renditions that are kept although nobody signed them."""


class Cache:
    """Notes in a folder, one a rendition; the file's own time says when it was last wanted."""

    def __init__(self, folder: Path, store: MediaStore, *, quota: int = QUOTA) -> None:
        self._folder = folder
        self._store = store
        self._quota = quota

    def find(self, key: str) -> Media | None:
        """What was made under that key, while its file is still there and whole in size."""
        note = self._folder / f"{key}.json"
        try:
            made = _media(json.loads(note.read_text("utf-8")))
            if self._store.path(made).stat().st_size != made.size:
                return None
            os.utime(note)
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return made

    def keep(self, key: str, made: Media) -> None:
        """Note what was made; raises `StoreFull`."""
        part = self._folder / f"{uuid4().hex}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(asdict(made), ensure_ascii=False), "utf-8")
            part.replace(self._folder / f"{key}.json")
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise StoreFull("The new file could not be kept: the disk is full or read-only.") from None

    @property
    def full(self) -> bool:
        """Whether there is more than the quota, signed or not."""
        return sum({made.sha256: made.size for _, _, made in self._notes()}.values()) > self._quota

    def trim(self, signed: Collection[str]) -> int:
        """Remove the renditions that were wanted longest ago, until the rest keeps the quota; how many went.

        ``signed``: hashes of files that a post or a delivery names; those never go, nor do they count.
        """
        notes = self._notes()
        loose = sorted((n for n in notes if n[2].sha256 not in signed), key=lambda n: n[0])
        held = sum({made.sha256: made.size for _, _, made in loose}.values())
        gone = 0
        for _, note, made in loose:
            if held <= self._quota:
                break
            with suppress(OSError):
                note.unlink()
                self._store.path(made).unlink()
                gone += 1
            held -= made.size
        return gone

    def _notes(self) -> list[tuple[int, Path, Media]]:
        """When each was last wanted (ns), its note, and what was made."""
        notes = []
        for note in self._folder.glob("*.json"):
            with suppress(OSError, ValueError, TypeError, KeyError):
                made = _media(json.loads(note.read_text("utf-8")))
                notes.append((note.stat().st_mtime_ns, note, made))
        return notes


def key_of(source: str, wish: Json, makers: Mapping[str, str]) -> str:
    """The name of a rendition: the file it is made from, what is wanted, and who makes it (versions)."""
    text = json.dumps([source, wish, dict(makers)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _media(data: Json) -> Media:
    whole = {"account": "", "platform": "", "parts": [{"text": "", "media": [data]}]}
    return variant_from_json(whole).media[0]
