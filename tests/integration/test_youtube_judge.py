"""Google's own Python client as a judge: what it sends, the simulator takes, and the other way round.

It is built from the discovery document that it ships, pointed at the simulator, and runs in a thread, as it
is synchronous. Where the newer document lies beside the clone, every body of the simulator is held
against its schemas.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-untyped]  # ships no types
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import HttpError, ResumableUploadError
from googleapiclient.http import MediaIoBaseUpload, build_http

from bot.domain.platform import Checkpoint, Metrics
from bot.testing.simulator import Failure
from plugins.youtube import SIMULATED
from plugins.youtube.channel import PLAYLIST, UPLOADS
from plugins.youtube.failures import ENDS, FAILURES
from plugins.youtube.settings import STEP
from tests.integration.youtube_world import JPEG, PUT, SRT, World, noise, world

DOCUMENT = Path(__file__).parents[3] / "shared" / "specs" / "youtube.v3.json"
SIZE = 700_000


@pytest.fixture
async def yt() -> AsyncIterator[World]:
    async with world() as made:
        yield made


class Judge:
    """Google's client, signed in to the simulator; it opens no connection that outlives a test."""

    def __init__(self, url: str, token: str = SIMULATED.secrets["access_token"]) -> None:
        self._http = build_http()  # it leaves out 308, which is no redirect here
        self._token = token
        self.youtube = self._built("youtube", "v3", url)
        self.reporting = self._built("youtubereporting", "v1", url)

    def _built(self, name: str, version: str, url: str) -> Any:
        # Its own document with another root: an endpoint given by option is taken for https.
        document = json.loads(get_static_doc(name, version) or "")
        document |= {"rootUrl": f"{url}/", "baseUrl": f"{url}/"}
        signed = AuthorizedHttp(Credentials(self._token), http=self._http)  # type: ignore[no-untyped-call]  # theirs
        return build_from_document(document, http=signed)

    def upload(self, body: dict[str, Any], size: int = SIZE, **how: Any) -> Any:
        media = MediaIoBaseUpload(io.BytesIO(noise(size)), "video/mp4", chunksize=STEP, resumable=True)
        request = self.youtube.videos().insert(part="snippet,status", body=body, media_body=media, **how)
        answer = None
        while answer is None:
            _, answer = request.next_chunk(num_retries=2)
        return answer

    def close(self) -> None:
        self.youtube.close()
        self.reporting.close()
        self._http.close()


async def asked(yt: World, ask: Any) -> Any:
    """What the judge says, in a thread of its own."""

    def work() -> Any:
        judge = Judge(yt.sim.url)
        try:
            return ask(judge)
        finally:
            judge.close()

    return await asyncio.to_thread(work)


BODY: Mapping[str, Any] = {
    "snippet": {"title": "By the other client", "description": "Hello", "tags": ["a", "b c"]},
    "status": {"privacyStatus": "private", "selfDeclaredMadeForKids": False},
}


async def test_the_other_client_uploads_resumably_and_publishes(yt: World) -> None:
    """Chunks, a chunk of which less is stored, and the update: all as that client knows them."""
    yt.sim.arrivals.store_at_most = 100_000

    def ask(judge: Judge) -> tuple[Any, ...]:
        made = judge.upload(dict(BODY), notifySubscribers=False)
        videos = judge.youtube.videos()
        seen = videos.list(part="snippet,status,processingDetails,fileDetails", id=made["id"]).execute()
        picture = MediaIoBaseUpload(io.BytesIO(JPEG), "image/jpeg")
        cover = judge.youtube.thumbnails().set(videoId=made["id"], media_body=picture).execute()
        body = {
            "id": made["id"],
            "snippet": seen["items"][0]["snippet"],
            "status": {"privacyStatus": "public"},
        }
        changed = videos.update(part="snippet,status", body=body).execute()
        return made, seen, cover, changed

    made, seen, cover, changed = await asked(yt, ask)
    (video,) = yt.videos
    assert made["id"] == changed["id"] == video.id
    assert (video.size, video.notify) == (SIZE, False)
    assert video.sha256 == yt.files.video(SIZE).sha256
    assert made["status"] == {**made["status"], "privacyStatus": "private", "uploadStatus": "processed"}
    assert seen["items"][0]["fileDetails"]["fileSize"] == str(SIZE)
    assert cover["kind"] == "youtube#thumbnailSetResponse"
    assert video.cover == JPEG
    assert yt.sim.visible() == {video.id: "By the other client\n\nHello"}
    spans = [c.headers["content-range"] for c in yt.sim.calls if c.endpoint == PUT]
    assert spans[1] == "bytes 100000-362143/700000"


async def test_what_we_upload_the_other_client_reads_and_the_reverse(yt: World) -> None:
    ours = await yt.published(yt.part())
    theirs = await asked(yt, lambda judge: judge.upload(dict(BODY)))
    yt.videos[0].counts = {"viewCount": 12}
    ids = f"{ours.ref},{theirs['id']}"

    def ask(judge: Judge) -> tuple[Any, ...]:
        youtube = judge.youtube
        mine = youtube.channels().list(part="snippet,contentDetails", mine=True).execute()["items"][0]
        uploads = mine["contentDetails"]["relatedPlaylists"]["uploads"]
        listed = youtube.playlistItems().list(part="contentDetails", playlistId=uploads, maxResults=50)
        counted = youtube.videos().batchGetStats(part="statistics", id=[ours.ref, theirs["id"]]).execute()
        shown = youtube.videos().list(part="snippet,status,statistics", id=ids).execute()
        return uploads, listed.execute(), counted, shown

    uploads, listed, counted, shown = await asked(yt, ask)
    assert uploads == UPLOADS
    assert [i["contentDetails"]["videoId"] for i in listed["items"]] == [theirs["id"], ours.ref]
    assert [i["statistics"]["viewCount"] for i in counted["items"]] == ["12", "0"]
    assert [i["status"]["privacyStatus"] for i in shown["items"]] == ["public", "private"]
    assert await yt.publisher.measure([ours.ref]) == {ours.ref: Metrics(views=12, likes=0, comments=0)}
    await yt.publisher.remove(theirs["id"])
    assert [v.id for v in yt.sim.channel.shown()] == [ours.ref]


async def test_subtitles_playlist_and_reports_by_the_other_client(yt: World) -> None:
    receipt = await yt.published(yt.part())
    video = str(receipt.ref)

    def ask(judge: Judge) -> tuple[Any, ...]:
        youtube, reporting = judge.youtube, judge.reporting
        track = {"snippet": {"videoId": video, "language": "de", "name": ""}}
        text = MediaIoBaseUpload(io.BytesIO(SRT), "application/octet-stream")
        added = youtube.captions().insert(part="snippet", body=track, media_body=text).execute()
        resource = {"kind": "youtube#video", "videoId": video}
        item = {"snippet": {"playlistId": PLAYLIST, "resourceId": resource}}
        put = youtube.playlistItems().insert(part="snippet", body=item).execute()
        kinds = reporting.reportTypes().list().execute()
        job = reporting.jobs().create(body={"reportTypeId": "channel_basic_a3", "name": "Theirs"}).execute()
        jobs = reporting.jobs().list().execute()
        gone = youtube.videos().delete(id=video).execute()
        return added, put, kinds, job, jobs, gone

    added, put, kinds, job, jobs, gone = await asked(yt, ask)
    assert [t.content for t in yt.sim.channel.tracks] == [SRT]
    assert added["snippet"]["language"] == "de"
    assert put["snippet"]["resourceId"]["videoId"] == video
    assert "channel_basic_a3" in {k["id"] for k in kinds["reportTypes"]}
    assert (jobs["jobs"], gone) == ([job], "")
    assert yt.sim.visible() == {}
    assert (await yt.publisher.check()).notes == ()
    kinds_asked = [job.kind for job in yt.sim.channel.jobs]  # the job that is there is enough
    assert kinds_asked == ["channel_basic_a3", "channel_reach_basic_a1"]


async def test_the_other_client_understands_every_refusal(yt: World) -> None:
    """It reads status and reason out of each body as we do."""
    names = [n for n, f in FAILURES.items() if isinstance(f.body, dict) and f.status < 500]
    found: dict[str, Any] = {}
    for name in names:
        yt.sim.fail("GET /youtube/v3/channels", replace(FAILURES[name], headers={}))

        def ask(judge: Judge) -> Any:
            try:
                return judge.youtube.channels().list(part="snippet", mine=True).execute()
            except HttpError as error:
                return error.status_code, error.reason
            except RefreshError:
                return "it would renew its token"

        found[name] = await asked(yt, ask)
    for name, said in found.items():
        wanted = FAILURES[name].body["error"]
        if wanted["code"] == 401:
            assert said == "it would renew its token", name
        else:
            assert said == (wanted["code"], wanted["message"]), name
    assert len(found) > 30


async def test_the_other_client_meets_our_chunk_rule_and_a_session_that_ended(yt: World) -> None:
    def odd(judge: Judge) -> Any:
        media = MediaIoBaseUpload(io.BytesIO(noise(SIZE)), "video/mp4", chunksize=STEP + 1, resumable=True)
        request = judge.youtube.videos().insert(part="snippet,status", body=dict(BODY), media_body=media)
        try:
            return request.next_chunk()
        except HttpError as error:
            return error.status_code, "multiples of 262144" in str(error)

    assert await asked(yt, odd) == (400, True)
    yt.sim.fail(PUT, Failure(status=410))

    def ended(judge: Judge) -> Any:
        try:
            return judge.upload(dict(BODY))
        except (HttpError, ResumableUploadError) as error:
            return error.status_code

    assert await asked(yt, ended) == 410
    assert not yt.videos


async def test_the_default_of_youtube_is_public_and_ours_never_is(yt: World) -> None:
    """Left out, ``privacyStatus`` is public: that is why we always send it."""
    body = {"snippet": BODY["snippet"], "status": {"selfDeclaredMadeForKids": False}}
    await asked(yt, lambda judge: judge.upload(body))
    assert len(yt.sim.visible()) == 1
    await yt.staged(yt.part())
    assert len(yt.sim.visible()) == 1


@pytest.mark.skipif(not DOCUMENT.exists(), reason="the discovery document does not lie beside the clone")
async def test_every_body_of_the_simulator_fits_the_discovery_document(yt: World) -> None:
    """Sent and answered: names, types and enumerations, of every call of a whole life of a video."""
    document = json.loads(DOCUMENT.read_text("utf-8"))
    replies: list[tuple[str, str, Any]] = []
    request = yt.http.request

    async def listening(method: str, url: str, **how: Any) -> Any:
        reply = await request(method, url, **how)
        if reply.status < 300:
            replies.append((method, url, reply.json()))
        return reply

    yt.http.request = listening  # type: ignore[method-assign]  # overheard, not changed
    media = replace(yt.files.video(), cover=yt.files.cover(), captions=(yt.files.captions(),))
    yt.sim.channel.processing = timedelta(seconds=30)
    part = yt.part(media=media, playlist=PLAYLIST, tags=["a"])
    receipt = await yt.published(part)
    again = yt.part("Again", media=replace(media, captions=(yt.files.captions("en", SRT * 2),)))
    checkpoint = await yt.staged(again)
    await yt.staged(again, checkpoint=Checkpoint(data={**checkpoint.data, "beside": {}}))
    for ends in (ENDS["codec"], ENDS["copyright"], ENDS["terminated"]):
        yt.videos[0].ends = ends
        await yt.publisher.confirm(part, checkpoint, yt.call(part, ref=str(receipt.ref)))
    await yt.publisher.measure([receipt.ref])
    await yt.publisher.check()
    methods = {
        (m["httpMethod"], f"/{m['path']}"): m
        for resource in document["resources"].values()
        for m in resource.get("methods", {}).values()
    }
    met: set[str] = set()
    wrong: list[str] = []
    for method, url, body in replies:
        path = url.partition("?")[0].removeprefix(yt.sim.url).removeprefix("/upload")
        found = methods.get(("POST" if "upload_id=" in url else method, path))
        if found is None or not isinstance(body, dict):
            continue
        met.add(found["id"])
        wrong += faults(body, {"$ref": found["response"]["$ref"]}, document["schemas"], found["id"])
    for call in yt.sim.calls:
        path = call.path.removeprefix("/upload")
        found = methods.get((call.endpoint.partition(" ")[0], path))
        if (
            found
            and "request" in found
            and call.headers.get("content-type", "").startswith("application/json")
        ):
            wrong += faults(call.json(), found["request"], document["schemas"], f"{found['id']} sent")
    assert not wrong, "\n".join(wrong)
    assert met == {
        f"youtube.{name}"
        for name in (
            "videos.insert",
            "videos.list",
            "videos.update",
            "videos.batchGetStats",
            "thumbnails.set",
            "captions.insert",
            "captions.list",
            "captions.update",
            "playlistItems.list",
            "playlistItems.insert",
            "channels.list",
        )
    }


def faults(value: Any, schema: Mapping[str, Any], schemas: Mapping[str, Any], where: str) -> list[str]:
    """In what a value differs from a schema of a discovery document."""
    if "$ref" in schema:
        return faults(value, schemas[schema["$ref"]], schemas, where)
    kind = schema.get("type")
    if kind == "object":
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no object"]
        known, more = schema.get("properties", {}), schema.get("additionalProperties")
        wrong = [] if more else [f"{where}.{name}: unknown" for name in value if name not in known]
        for name, inner in value.items():
            if name in known or more:
                wrong += faults(inner, known.get(name, more), schemas, f"{where}.{name}")
        return wrong
    if kind == "array":
        if not isinstance(value, list):
            return [f"{where}: {value!r} is no list"]
        return [
            f for n, one in enumerate(value) for f in faults(one, schema["items"], schemas, f"{where}[{n}]")
        ]
    kinds: Mapping[str, type | tuple[type, ...]] = {
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
    }
    if not isinstance(value, kinds.get(str(kind), object)):
        return [f"{where}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"] and value != "":
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    if schema.get("format") in ("uint64", "int64", "uint32", "int32") and not str(value).isdigit():
        return [f"{where}: {value!r} is no number"]
    return []
