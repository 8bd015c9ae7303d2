"""The files of one post for LinkedIn, one after the other, each as LinkedIn takes its kind."""

from __future__ import annotations

from datetime import datetime

from bot.api import Checkpoint, Deps, Media, More, Part, Ready, Reply, Staged, Wait
from plugins.linkedin.answers import is_done
from plugins.linkedin.assets import IMAGE, VIDEO, Assets, Entry, kind_of
from plugins.linkedin.client import Client
from plugins.linkedin.videos import Videos


def files_of(part: Part) -> tuple[Media, ...]:
    """What has to be uploaded: the files, or the picture of the link's card. They exclude each other."""
    if part.media:
        return part.media
    return (part.link.image,) if part.link and part.link.image else ()


class Uploads:
    """Stages the files of a part; the checkpoint holds ``files``, an `Entry` each."""

    def __init__(self, client: Client, deps: Deps) -> None:
        self._assets = Assets(client, deps)
        self._videos = Videos(client, deps, self._assets)

    async def open_image(self, owner: str) -> Reply:
        """Ask for a place to put an image of ``owner``; creates nothing anybody sees."""
        return await self._assets.open(IMAGE, owner)

    async def stage(self, owner: str, part: Part, checkpoint: Checkpoint) -> Staged:
        """The next step for the files of ``part``; `Ready` when there is none."""
        done: list[Entry] = [dict(e) for e in checkpoint.data.get("files", ())]
        files = files_of(part)
        for index, media in enumerate(files):
            entry = done[index] if index < len(done) else {"round": 1}
            if is_done(entry):
                continue
            step, until = await self._step(owner, media, entry)
            done[index:] = [step]
            saved = Checkpoint(data={"files": done}, expires_at=_ends(done))
            if until is not None:
                return Wait(checkpoint=saved, until=until)
            if not is_done(step) or index + 1 < len(files):
                return More(checkpoint=saved)
        return Ready(checkpoint=Checkpoint(data={"files": done} if done else {}))

    async def _step(self, owner: str, media: Media, entry: Entry) -> tuple[Entry, datetime | None]:
        """What one file is after its next step, and when to come back."""
        kind = kind_of(media)
        if "uploaded_at" in entry:
            return await self._assets.poll(kind, media, entry)
        if "urn" not in entry:
            round_ = int(entry.get("round", 1))
            if kind is VIDEO:
                return await self._videos.begin(owner, media, round_), None
            return await self._assets.begin(kind, owner, round_), None
        if kind is VIDEO:
            return await self._videos.advance(media, entry), None
        return await self._assets.put(kind, media, entry), None


def _ends(done: list[Entry]) -> datetime | None:
    """When the open upload lapses. Everything is staged anew then, which costs calls and harms nothing."""
    ends = [datetime.fromisoformat(e["ends"]) for e in done if "ends" in e]
    return min(ends, default=None)
