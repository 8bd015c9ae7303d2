"""Containers on their way to being publishable: made, filled, waited for.

A container is invisible and lives for 24 hours; making one again costs one of 400 a day and harms nobody.
So whatever is said to be worth another try gets one, up to `ROUNDS`. Every step leaves a checkpoint.

The checkpoint: ``files``, one entry for each file, and ``around``, the carousel's own. An entry has
``round``, then ``id`` and ``made`` (when), for a file that is pushed ``uri`` (worth nothing without the
token) and ``sent``, ``cuts`` for how often that broke off, and ``done``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.api import (
    Checkpoint,
    Deps,
    Media,
    More,
    Part,
    PublishError,
    Ready,
    Rejected,
    Staged,
    Transient,
    Wait,
)
from plugins.instagram.causes import Course
from plugins.instagram.client import STAGE_TIMEOUT, Client
from plugins.instagram.contents import carousel_body, file_body, is_carousel, is_video
from plugins.instagram.errors import Fault, broken_container
from plugins.instagram.limits import LIFE
from plugins.instagram.settings import FACEBOOK, InstagramSettings

ROUNDS, CUTS = 3, 20
"""How often one container is made, and how often its upload may break off, before a person hears of it."""

AGAIN = timedelta(seconds=20)
"""Before a container is made anew; failures to fetch are often over by then."""

MARGIN = timedelta(minutes=15)
"""A container so near to its end is made anew."""

LINKS_LAST = 7200
"""Seconds; Meta fetches within minutes."""

HIDDEN = timedelta(minutes=10)
"""How long a new container may be said not to exist (an incident of May 2026)."""

SLOWEST = timedelta(minutes=30)
"""How long Meta may work on a container; long reels took a quarter of an hour in the field."""

Entry = dict[str, Any]


class Containers:
    """Stages the files of a part."""

    def __init__(self, client: Client, settings: InstagramSettings, deps: Deps) -> None:
        self._client, self._settings, self._deps = client, settings, deps

    async def stage(self, account: str, part: Part, checkpoint: Checkpoint) -> Staged:
        """The next step; `Ready` when the container may be published now."""
        files: list[Entry] = [dict(e) for e in checkpoint.data.get("files", ())]
        around: Entry = dict(checkpoint.data.get("around", {}))
        files += [{"round": 1} for _ in range(len(part.media) - len(files))]
        for index, media in enumerate(part.media):
            entry = files[index]
            if entry.get("done") and is_carousel(part):
                continue
            step, until = await self._step(account, part, media, entry)
            if step == entry and until is None:
                break
            files[index] = step
            return self._saved(files, around, until)
        if not is_carousel(part):
            return Ready(checkpoint=self._checkpoint(files, around))
        if "id" not in around:
            children = [str(e["id"]) for e in files]
            body = carousel_body(part, children, places=self._places)
            made = await self._make(account, body, {"round": around.get("round", 1)})
        else:
            made = await self._poll(around)
        until = _pop(made)
        if "id" not in made:  # it broke: its files go into the new one afresh
            files = [{"round": made["round"]} for _ in files]
        if made == around and until is None:
            return Ready(checkpoint=self._checkpoint(files, around))
        return self._saved(files, made, until)

    @property
    def _places(self) -> bool:
        return self._settings.door == FACEBOOK

    def _saved(self, files: list[Entry], around: Entry, until: datetime | None) -> Staged:
        saved = self._checkpoint(files, around)
        return More(checkpoint=saved) if until is None else Wait(checkpoint=saved, until=until)

    def _checkpoint(self, files: list[Entry], around: Entry) -> Checkpoint:
        made = [datetime.fromisoformat(e["made"]) for e in (*files, around) if "made" in e]
        data: dict[str, Any] = {"files": files} | ({"around": around} if around else {})
        return Checkpoint(data=data, expires_at=min(made) + LIFE - MARGIN if made else None)

    async def _step(
        self, account: str, part: Part, media: Media, entry: Entry
    ) -> tuple[Entry, datetime | None]:
        """What one file's entry is after its next step, and when to come back; the same when it is done."""
        if "id" not in entry:
            made = await self._make(account, await self._body(part, media), entry)
        elif "uri" in entry and not entry.get("sent"):
            made = await self._push(media, entry)
        else:
            made = await self._poll(entry)
        return made, _pop(made)

    async def _body(self, part: Part, media: Media) -> dict[str, Any]:
        await self._deps.media.check(media)
        pushed = is_video(media) and self._settings.pushes
        url = "" if pushed else self._url(media)
        cover = ""
        if is_video(media) and media.cover is not None and self._deps.links is not None:
            await self._deps.media.check(media.cover)
            cover = self._url(media.cover)
        return file_body(part, media, url=url, cover=cover, places=self._places)

    def _url(self, media: Media) -> str:
        if self._deps.links is None:
            raise Rejected(
                "Instagram fetches files from an address of ours, and this bot has none.",
                code="no_public_url",
                fix="Whoever runs it sets `public_url` under [web].",
            )
        return self._deps.links.url(media, seconds=LINKS_LAST)

    async def _make(self, account: str, body: dict[str, Any], entry: Entry) -> Entry:
        answer = await self._client.ask("POST", f"{account}/media", body=body, timeout=STAGE_TIMEOUT)
        if isinstance(answer, Fault):
            return self._again(entry, answer)
        name, uri = answer.get("id"), answer.get("uri")
        pushed = body.get("upload_type") == "resumable"
        if not isinstance(name, str) or not name or (pushed and not isinstance(uri, str)):
            raise Transient("Instagram did not say what it prepared.", detail="media without id or uri")
        made = {"round": entry["round"], "id": name, "made": self._now().isoformat()}
        return made | ({"uri": uri} if pushed else {})

    async def _push(self, media: Media, entry: Entry) -> Entry:
        await self._deps.media.check(media)
        offset = await self._offset(media, entry) if entry.get("cuts") else 0
        if offset >= media.size:
            return {**entry, "sent": True}
        try:
            answer = await self._client.push(entry["uri"], media, offset)
        except Transient:
            if entry.get("cuts", 0) >= CUTS:
                raise
            return {**entry, "cuts": entry.get("cuts", 0) + 1, "until": self._now() + timedelta(seconds=5)}
        if isinstance(answer, Fault):
            return self._again(entry, answer)
        return {**entry, "sent": True}

    async def _offset(self, media: Media, entry: Entry) -> int:
        """How much of a broken upload has arrived, where Meta says it; else nothing."""
        answer = await self._client.ask(
            "GET", str(entry["id"]), query={"fields": "id,status_code,video_status"}
        )
        if isinstance(answer, Fault):
            return 0
        phase = (answer.get("video_status") or {}).get("uploading_phase") or {}
        told = phase.get("bytes_transferred", phase.get("bytes_transfered"))  # Meta spells it both ways
        return told if isinstance(told, int) and 0 <= told <= media.size else 0

    async def _poll(self, entry: Entry) -> Entry:
        """The same entry, done, when it can be published; with ``until`` when it is not ready."""
        now, made = self._now(), datetime.fromisoformat(entry["made"])
        answer = await self._client.ask("GET", str(entry["id"]), query={"fields": "status_code,status"})
        if isinstance(answer, Fault):
            if answer.course is not Course.AGAIN:
                raise self._client.refusal(answer)
            if now - made >= HIDDEN:
                return self._again(entry, Fault(code=24, subcode=2207006, detail=answer.detail), anew=True)
            return {**entry, "until": now + timedelta(seconds=15)}
        match answer.get("status_code"):
            case "FINISHED" | "PUBLISHED":  # one that is out already, `confirm` finds out about
                return {**entry, "done": True}
            case "ERROR":
                return self._again(entry, broken_container(str(answer.get("status") or "")))
            case "EXPIRED":
                return self._again(entry, Fault(code=-2, subcode=2207020), anew=True)
        if now - made >= SLOWEST:
            return self._again(entry, Fault(code=-1, subcode=2207032, detail="still IN_PROGRESS"))
        return {**entry, "until": now + self._pace(now - made)}

    def _pace(self, age: timedelta) -> timedelta:
        """Meta wants to be asked once a minute; a picture is done in a moment."""
        for until, every in ((60, 5), (300, 15)):
            if age < timedelta(seconds=until):
                return timedelta(seconds=every * (4 if self._client.busy else 1))
        return timedelta(seconds=60)

    def _again(self, entry: Entry, fault: Fault, *, anew: bool = False) -> Entry:
        """An entry that starts over, where that may help; else the refusal is raised."""
        error: PublishError = self._client.refusal(fault)
        if not anew and fault.course not in (Course.AFRESH, Course.FETCH):
            raise error
        if entry["round"] >= ROUNDS:
            if isinstance(error, Rejected):
                error.restage = False
            raise error
        self._deps.log.warning("instagram.anew", round=entry["round"], detail=fault.detail)
        return {"round": entry["round"] + 1, "until": self._now() + AGAIN}

    def _now(self) -> datetime:
        return self._deps.clock.now()


def _pop(entry: Entry) -> datetime | None:
    """When to come back; what is saved does not hold it."""
    until = entry.pop("until", None)
    return until if isinstance(until, datetime) else None
