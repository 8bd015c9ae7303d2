"""A message as Discord gets it: the renderer's payload, its picture and its long text as files."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord

from bot.chat.discord.render import render, simplified
from bot.domain.message import Message

FILE_LIMIT = 10 * 1024 * 1024
"""Bytes of one upload on a server without boosts (reference, uploading files)."""

ALT = 1_024
WHOLE = "whole.txt"


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """A file to go with a message."""

    name: str
    content: bytes = field(repr=False)
    alt: str = ""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """``payload`` as Discord's JSON without ``attachments``; ``mark`` tells one set of files from another."""

    payload: Mapping[str, Any]
    enclosures: tuple[Enclosure, ...] = ()

    @property
    def mark(self) -> str:
        digest = hashlib.sha256()
        for item in self.enclosures:
            digest.update(f"{item.name}\0{item.alt}\0{len(item.content)}\0".encode())
            digest.update(item.content)
        return digest.hexdigest() if self.enclosures else ""

    def files(self) -> list[discord.File]:
        """Fresh file objects; each is read once."""
        return [discord.File(io.BytesIO(item.content), filename=item.name) for item in self.enclosures]

    def body(self, *, kept: Sequence[str] | None = None) -> dict[str, Any]:
        """The JSON: with the files to come, or those with the ids ``kept``, which stay."""
        if kept is not None:
            attachments: list[dict[str, Any]] = [{"id": id_} for id_ in kept]
        else:
            attachments = [
                {"id": index, "filename": item.name, **({"description": item.alt[:ALT]} if item.alt else {})}
                for index, item in enumerate(self.enclosures)
            ]
        return {**self.payload, "attachments": attachments}

    @property
    def bare(self) -> Parcel:
        """The same without files."""
        return Parcel(payload=_without_picture(self.payload))


async def pack(message: Message, *, plainly: bool = False) -> Parcel:
    """Ready to be sent; ``plainly`` after Discord refused it as it should look."""
    rendering = simplified(message) if plainly else render(message)
    payload = dict(rendering.payload)
    enclosures = list[Enclosure]()
    picture = None if message.image is None else await asyncio.to_thread(_read, message.image)
    if picture is not None and message.image is not None:
        name = safe_name(message.image.name)
        enclosures.append(Enclosure(name=name, content=picture, alt=message.image_alt))
        if payload.get("embeds") and Path(name).suffix in (".png", ".jpg", ".jpeg", ".gif", ".webp"):
            first, *more = payload["embeds"]
            payload["embeds"] = [{**first, "image": {"url": f"attachment://{name}"}}, *more]
    if rendering.whole:
        enclosures.append(Enclosure(name=WHOLE, content=rendering.whole.encode()[:FILE_LIMIT]))
    return Parcel(payload=payload, enclosures=tuple(enclosures))


def _read(path: Path) -> bytes | None:
    """The picture, or nothing where it is gone or too large to go along: the words matter more."""
    try:
        return path.read_bytes() if path.stat().st_size <= FILE_LIMIT else None
    except OSError:
        return None


def _without_picture(payload: Mapping[str, Any]) -> dict[str, Any]:
    embeds = [{k: v for k, v in e.items() if k != "image"} for e in payload.get("embeds") or ()]
    return {**payload, "embeds": embeds}


def safe_name(name: str) -> str:
    """A file's name in letters that neither Discord nor a file system changes."""
    stem, _, suffix = Path(name.replace("\\", "/")).name.rpartition(".")
    if not stem:
        stem, suffix = suffix, ""
    clean = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_")[:80] or "file"
    ending = re.sub(r"[^A-Za-z0-9]", "", suffix)[:10].lower()
    return f"{clean}.{ending}" if ending else clean
