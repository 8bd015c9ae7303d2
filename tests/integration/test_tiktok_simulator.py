"""The simulated TikTok as its documents describe it, and what we send, held to a schema of their own.

No independent client of TikTok's Content Posting API exists, so the judge here is written from the
reference alone and shares no code with the plugin: every request and every answer of a story passes it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.testing.contract.served import ServedMedia
from bot.testing.simulator import Handler, SeenCall, Simulator
from plugins.tiktok.oauth_simulator import CLIENT_SECRET
from plugins.tiktok.simulator import TOKEN
from tests.integration.tiktok_world import EVERYBODY, INBOX, World, world

# --- the judge --------------------------------------------------------------------------------------

LEVELS = {"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"}
VIDEO_INFO: dict[str, type] = {
    "title": str,
    "privacy_level": str,
    "disable_comment": bool,
    "disable_duet": bool,
    "disable_stitch": bool,
    "video_cover_timestamp_ms": int,
    "brand_content_toggle": bool,
    "brand_organic_toggle": bool,
    "is_aigc": bool,
}
PHOTO_INFO: dict[str, type] = {
    "title": str,
    "description": str,
    "privacy_level": str,
    "disable_comment": bool,
    "auto_add_music": bool,
    "brand_content_toggle": bool,
    "brand_organic_toggle": bool,
}
CREATOR_INFO: dict[str, type] = {
    "creator_avatar_url": str,
    "creator_username": str,
    "creator_nickname": str,
    "privacy_level_options": list,
    "comment_disabled": bool,
    "duet_disabled": bool,
    "stitch_disabled": bool,
    "max_video_post_duration_sec": int,
}
STATUSES = {
    "PROCESSING_UPLOAD",
    "PROCESSING_DOWNLOAD",
    "SEND_TO_USER_INBOX",
    "PUBLISH_COMPLETE",
    "FAILED",
}


def shaped(value: Any, names: Mapping[str, type], *, needed: set[str]) -> None:
    """A mapping with these names and no others, each of exactly its type."""
    assert isinstance(value, dict), value
    assert set(value) <= set(names), set(value) - set(names)
    assert needed <= set(value), needed - set(value)
    for name, each in value.items():
        assert type(each) is names[name], (name, each)


def judge_request(call: SeenCall) -> None:
    path = call.path
    if path.startswith("/upload/"):
        at = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", call.headers["content-range"])
        assert at is not None
        start, end, size = map(int, at.groups())
        assert len(call.body) == int(call.headers["content-length"]) == end - start + 1
        assert end < size
        assert call.headers["content-type"] in ("video/mp4", "video/quicktime", "video/webm")
        assert "authorization" not in call.headers
        return
    assert re.fullmatch(r"Bearer \S+", call.headers["authorization"])
    assert call.headers["content-type"] == "application/json; charset=UTF-8"
    body: Any = json.loads(call.body) if call.body else None
    match path.removeprefix("/v2/post/publish/").strip("/"):
        case "creator_info/query":
            assert body is None
        case "video/init":
            assert set(body) == {"post_info", "source_info"}
            shaped(body["post_info"], VIDEO_INFO, needed={"privacy_level"})
            assert body["post_info"]["privacy_level"] in LEVELS
            assert len(body["post_info"]["title"].encode("utf-16-le")) <= 4400
            judge_source(body["source_info"])
        case "inbox/video/init":
            assert set(body) == {"source_info"}
            judge_source(body["source_info"])
        case "content/init":
            assert set(body) - {"is_aigc"} == {"media_type", "post_mode", "post_info", "source_info"}
            direct = {"DIRECT_POST": True, "MEDIA_UPLOAD": False}[body["post_mode"]]
            assert body["media_type"] == "PHOTO"
            shaped(body["post_info"], PHOTO_INFO, needed={"privacy_level"} if direct else set())
            source = body["source_info"]
            assert set(source) == {"source", "photo_images", "photo_cover_index"}
            assert source["source"] == "PULL_FROM_URL"
            assert 1 <= len(source["photo_images"]) <= 35
            assert 0 <= source["photo_cover_index"] < len(source["photo_images"])
        case "status/fetch" | "cancel":
            shaped(body, {"publish_id": str}, needed={"publish_id"})
            assert len(body["publish_id"]) <= 64


def judge_source(source: Any) -> None:
    names = {"source": str, "video_size": int, "chunk_size": int, "total_chunk_count": int}
    shaped(source, names, needed=set(names))
    size, chunk, count = source["video_size"], source["chunk_size"], source["total_chunk_count"]
    assert source["source"] == "FILE_UPLOAD"
    assert count == size // chunk
    assert count <= 1000
    assert chunk == size <= 64_000_000 if count == 1 else 5_000_000 <= chunk <= 64_000_000
    assert size - chunk * (count - 1) <= 128_000_000


def judge_answer(path: str, status: int, raw: bytes) -> None:
    body = json.loads(raw)
    assert set(body) == {"data", "error"}
    shaped(body["error"], {"code": str, "message": str, "log_id": str}, needed={"code", "message", "log_id"})
    assert body["error"]["log_id"]
    if body["error"]["code"] != "ok":
        assert body["data"] == {}
        return
    assert status == 200
    match path.removeprefix("/v2/post/publish/").strip("/"):
        case "creator_info/query":
            shaped(body["data"], CREATOR_INFO, needed=set(CREATOR_INFO))
            assert set(body["data"]["privacy_level_options"]) < LEVELS
        case "video/init" | "inbox/video/init":
            shaped(body["data"], {"publish_id": str, "upload_url": str}, needed={"publish_id"})
            assert re.match(r"v_(pub|inbox)_(file|url)~", body["data"]["publish_id"])
            assert len(body["data"].get("upload_url", "")) <= 256
        case "content/init":
            shaped(body["data"], {"publish_id": str}, needed={"publish_id"})
            assert re.match(r"p_(pub|inbox)_url~", body["data"]["publish_id"])
        case "status/fetch":
            names = {
                "status": str,
                "fail_reason": str,
                "publicaly_available_post_id": list,
                "uploaded_bytes": int,
                "downloaded_bytes": int,
            }
            shaped(body["data"], names, needed={"status"})
            assert body["data"]["status"] in STATUSES
            assert ("fail_reason" in body["data"]) is (body["data"]["status"] == "FAILED")
            for number in body["data"].get("publicaly_available_post_id", ()):
                assert type(number) is int
                assert number > 2**53


# --- what is judged ---------------------------------------------------------------------------------


@dataclass
class Raw:
    """The simulator as a client without any plugin sees it; every answer is judged."""

    tt: World
    http: httpx.AsyncClient

    async def ask(self, path: str, body: Any = None, *, token: str = TOKEN) -> tuple[int, str, Any]:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json; charset=UTF-8"}
        content = b"" if body is None else json.dumps(body).encode()
        reply = await self.http.post(path, headers=headers, content=content)
        judge_answer(path, reply.status_code, reply.content)
        said = reply.json()
        return reply.status_code, said["error"]["code"], said["data"]

    async def init(self, **changes: Any) -> tuple[int, str, Any]:
        source = {"source": "FILE_UPLOAD", "video_size": 1000, "chunk_size": 1000, "total_chunk_count": 1}
        body = {"post_info": {"privacy_level": "SELF_ONLY"}, "source_info": {**source, **changes}}
        return await self.ask("/v2/post/publish/video/init/", body)

    async def photo(self, *urls: str, **info: Any) -> tuple[int, str, Any]:
        body = {
            "media_type": "PHOTO",
            "post_mode": "DIRECT_POST",
            "post_info": {"privacy_level": "SELF_ONLY", **info},
            "source_info": {"source": "PULL_FROM_URL", "photo_images": urls, "photo_cover_index": 0},
        }
        return await self.ask("/v2/post/publish/content/init/", body)

    async def put(self, url: str, content: bytes, span: str, **headers: str) -> httpx.Response:
        sent = {"content-type": "video/mp4", "content-range": f"bytes {span}", **headers}
        return await self.http.put(url, content=content, headers=sent)

    async def status(self, publish_id: str) -> Any:
        return (await self.ask("/v2/post/publish/status/fetch/", {"publish_id": publish_id}))[2]


@pytest.fixture
async def raw(tmp_path: Path) -> AsyncIterator[Raw]:
    async with world(tmp_path) as tt, httpx.AsyncClient(base_url=tt.sim.url, trust_env=False) as http:
        yield Raw(tt, http)


async def test_everything_we_send_is_as_the_reference_has_it(raw: Raw) -> None:
    tt = raw.tt
    tt.sim.limits.clear()
    clip = await tt.clip()
    everything = {**EVERYBODY, "comments": True, "duet": True, "your_brand": True, "branded_content": True}
    await tt.published(tt.part("Plain", clip))
    await tt.published(tt.part("😀" * 1100, clip, options={**everything, "cover_at": "2", "stitch": True}))
    await tt.published(tt.part("Draft", clip, options=INBOX))
    await tt.published(tt.part("Large", await tt.clip(64_000_001)))
    await tt.published(tt.part("Photos\nof ours", await tt.photo(), await tt.photo(72)))
    await tt.published(tt.part("Photos", await tt.photo(), options={**everything, "ai_generated": True}))
    await tt.published(tt.part("Photos", await tt.photo(), options=INBOX))
    assert len(tt.sim.calls) > 30
    for call in tt.sim.calls:
        judge_request(call)


@pytest.mark.parametrize(
    "changes",
    [
        {"total_chunk_count": 2},
        {"chunk_size": 999},
        {"video_size": 0},
        {"video_size": "1000"},
        {"video_size": 64_000_001, "chunk_size": 64_000_001},
        {"video_size": 11_000_000, "chunk_size": 4_999_999, "total_chunk_count": 2},
        {"video_size": 12_000_000, "chunk_size": 5_000_000, "total_chunk_count": 3},
        {"video_size": 4_000_000_001, "chunk_size": 10_000_000, "total_chunk_count": 400},
        {"source": "FROM_MEMORY"},
    ],
)
async def test_wrong_chunk_arithmetic_is_an_invalid_param(raw: Raw, changes: dict[str, Any]) -> None:
    assert (await raw.init(**changes))[:2] == (400, "invalid_param")


async def test_chunks_come_in_order_at_their_place_and_in_their_size(raw: Raw) -> None:
    size = 11_000_000
    _, code, data = await raw.init(video_size=size, chunk_size=5_000_000, total_chunk_count=2)
    assert code == "ok"
    url, first = data["upload_url"], b"\0\0\0\x18ftypmp42" + bytes(4_999_988)
    ahead = await raw.put(url, bytes(6_000_000), f"5000000-10999999/{size}")
    assert (ahead.status_code, ahead.headers.get("content-range")) == (416, None)
    assert (await raw.put(url, first[:-1], f"0-4999998/{size}")).status_code == 400
    assert (await raw.put(url, first, f"0-4999999/{size}", authorization="Bearer x")).status_code == 400
    assert (await raw.put(f"{url}x", first, f"0-4999999/{size}")).status_code == 403
    stored = await raw.put(url, first, f"0-4999999/{size}")
    assert (stored.status_code, stored.headers["content-range"]) == (206, f"bytes 0-4999999/{size}")
    again = await raw.put(url, first, f"0-4999999/{size}")
    assert (again.status_code, again.headers["content-range"]) == (416, f"bytes 0-4999999/{size}")
    assert await raw.status(data["publish_id"]) == {
        "status": "PROCESSING_UPLOAD",
        "uploaded_bytes": 5_000_000,
    }
    whole = await raw.put(url, bytes(6_000_000), f"5000000-10999999/{size}")
    assert (whole.status_code, whole.headers["content-range"]) == (201, f"bytes 0-10999999/{size}")
    raw.tt.clock.advance(3)
    assert (await raw.status(data["publish_id"]))["status"] == "PROCESSING_UPLOAD"
    raw.tt.clock.advance(1)
    assert (await raw.status(data["publish_id"]))["status"] == "PUBLISH_COMPLETE"


async def test_an_upload_address_dies_after_an_hour(raw: Raw) -> None:
    data = (await raw.init())[2]
    raw.tt.clock.advance(timedelta(hours=1))
    assert (await raw.put(data["upload_url"], bytes(1000), "0-999/1000")).status_code == 403
    assert (await raw.put("/upload/video/?upload_id=1&upload_token=2", b"", "0-0/1")).status_code == 404


async def test_limits_a_minute_are_sliding_windows(raw: Raw) -> None:
    for number in range(6):
        raw.tt.clock.advance(5)
        assert (await raw.init())[1] == "ok", number
    assert (await raw.init())[:2] == (429, "rate_limit_exceeded")
    raw.tt.clock.advance(35)
    assert (await raw.init())[1] == "ok"
    assert (await raw.init())[1] == "rate_limit_exceeded"
    known = raw.tt.sim.post().publish_id
    for _ in range(30):
        await raw.status(known)
    status, code, _ = await raw.ask("/v2/post/publish/status/fetch/", {"publish_id": known})
    assert (status, code) == (429, "rate_limit_exceeded")


async def test_audiences_are_those_of_the_account(raw: Raw) -> None:
    async def tried(level: str) -> tuple[int, str]:
        body = {
            "post_info": {"privacy_level": level},
            "source_info": {
                "source": "FILE_UPLOAD",
                "video_size": 9,
                "chunk_size": 9,
                "total_chunk_count": 1,
            },
        }
        return (await raw.ask("/v2/post/publish/video/init/", body))[:2]

    mismatch = (403, "privacy_level_option_mismatch")
    assert await tried("FOLLOWER_OF_CREATOR") == mismatch
    raw.tt.sim.world.creator.private = True
    assert await tried("PUBLIC_TO_EVERYONE") == mismatch
    assert await tried("FOLLOWER_OF_CREATOR") == (200, "ok")
    raw.tt.sim.world.audited = False
    unaudited = (403, "unaudited_client_can_only_post_to_private_accounts")
    assert await tried("FOLLOWER_OF_CREATOR") == unaudited
    assert await tried("SELF_ONLY") == (200, "ok")
    raw.tt.sim.world.creator.private = False
    raw.tt.clock.advance(60)
    assert await tried("SELF_ONLY") == unaudited


async def test_photos_are_really_fetched(raw: Raw) -> None:
    tt = raw.tt
    photo = await tt.photo()
    status, code, data = await raw.photo(tt.links.url(photo, seconds=60))
    assert (status, code) == (200, "ok")
    assert tt.sim.post().photos == [await tt.files.read(photo)]
    assert (await raw.status(data["publish_id"]))["status"] == "PROCESSING_DOWNLOAD"
    assert (await raw.photo("https://elsewhere.example.com/a.jpg"))[:2] == (403, "url_ownership_unverified")
    gone = (await raw.photo(f"{tt.links.base}/m/gone"))[2]["publish_id"]
    clip = (await raw.photo(tt.links.url(await tt.clip(), seconds=60)))[2]["publish_id"]
    tt.clock.advance(5)
    assert (await raw.status(gone))["fail_reason"] == "photo_pull_failed"
    assert (await raw.status(clip))["fail_reason"] == "file_format_check_failed"
    assert (await raw.photo(*["http://127.0.0.1:1/x"] * 36))[1] == "invalid_param"
    assert (await raw.photo("http://127.0.0.1:1/x", title="x" * 91))[1] == "invalid_param"


async def test_a_video_can_be_pulled_and_redirects_are_not_followed(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    tt = raw.tt

    async def pulled(url: str) -> Any:
        body = {
            "post_info": {"privacy_level": "PUBLIC_TO_EVERYONE"},
            "source_info": {"source": "PULL_FROM_URL", "video_url": url},
        }
        made = (await raw.ask("/v2/post/publish/video/init/", body))[2]["publish_id"]
        tt.clock.advance(5)
        return await raw.status(made)

    found = await pulled(tt.links.url(await tt.clip(), seconds=60))
    assert (found["status"], len(found["publicaly_available_post_id"])) == ("PUBLISH_COMPLETE", 1)
    assert isinstance(tt.links, ServedMedia)
    away = (
        f"{tt.sim.url}/v2/auth/authorize/?client_key=sim-tt-client-key&redirect_uri=http://127.0.0.1/&state=s"
    )
    assert (await pulled(away))["fail_reason"] == "video_pull_failed"  # it answers 302


async def test_tokens_and_scopes(raw: Raw) -> None:
    path = "/v2/post/publish/creator_info/query/"
    assert (await raw.ask(path, token="nobody"))[:2] == (401, "access_token_invalid")
    granted = raw.tt.sim.desk.grant("sim-tt-client-key", ("user.info.basic", "video.upload"))
    token = granted["access_token"]
    assert (await raw.ask(path, token=token))[:2] == (401, "scope_not_authorized")
    raw.tt.clock.advance(timedelta(hours=2))
    assert (await raw.ask(path, token=token))[:2] == (401, "access_token_invalid")


async def test_a_post_can_be_cancelled_until_it_is_done(raw: Raw) -> None:
    made = (await raw.init())[2]["publish_id"]
    assert (await raw.ask("/v2/post/publish/cancel/", {"publish_id": made}))[1] == "ok"
    raw.tt.clock.advance(5)
    assert (await raw.status(made))["fail_reason"] == "publish_cancelled"
    late = await raw.ask("/v2/post/publish/cancel/", {"publish_id": made})
    assert late[:2] == (400, "publish_not_cancellable")
    unknown = await raw.ask("/v2/post/publish/status/fetch/", {"publish_id": "v_pub_file~x"})
    assert unknown[:2] == (400, "invalid_publish_id")


async def test_lists_show_public_posts_and_counts_are_for_twenty(raw: Raw) -> None:
    tt = raw.tt
    tt.sim.limits.clear()
    clip = await tt.clip()
    for number, level in enumerate(("PUBLIC_TO_EVERYONE", "SELF_ONLY", "PUBLIC_TO_EVERYONE")):
        await tt.live(tt.part(f"Post {number}", clip, options={"privacy": level}))
    first = (await raw.ask("/v2/video/list/?fields=id", {"max_count": 1}))[2]
    assert ([v["title"] for v in first["videos"]], first["has_more"]) == (["Post 2"], True)
    rest = (await raw.ask("/v2/video/list/?fields=id", {"max_count": 20, "cursor": first["cursor"]}))[2]
    assert ([v["title"] for v in rest["videos"]], rest["has_more"]) == (["Post 0"], False)
    path = "/v2/video/query/?fields=id,view_count"
    assert (await raw.ask(path, {"filters": {"video_ids": ["1"] * 21}}))[1] == "invalid_param"
    found = (await raw.ask(path, {"filters": {"video_ids": [first["videos"][0]["id"], "1"]}}))[2]
    assert [v["view_count"] for v in found["videos"]] == [0]


class Ear(Simulator):
    """Somebody who is told."""

    def routes(self) -> Mapping[str, Handler]:
        return {"POST /hook": self._hear}

    async def _hear(self, request: web.Request) -> web.StreamResponse:
        return web.Response()


async def test_webhooks_tell_each_event_once_and_are_signed(raw: Raw) -> None:
    tt = raw.tt
    clip = await tt.clip()
    await tt.published(tt.part("Out", clip))
    await tt.published(tt.part("Draft", clip, options=INBOX))
    tt.sim.world.breaks.append("spam_risk")
    await tt.published(tt.part("Spam", clip))
    async with Ear(tt.clock).running() as ear:
        assert await tt.sim.send_webhooks(f"{ear.url}/hook") == 4
        assert await tt.sim.send_webhooks(f"{ear.url}/hook") == 0
        bodies = [call.json() for call in ear.calls]
        assert [b["event"].removeprefix("post.publish.") for b in bodies] == [
            "complete",
            "publicly_available",
            "inbox_delivered",
            "failed",
        ]
        assert [type(b["content"]) for b in bodies] == [str] * 4
        assert json.loads(bodies[3]["content"])["reason"] == "spam_risk"
        for call in ear.calls:
            found = re.fullmatch(r"t=(\d+),s=([0-9a-f]{64})", call.headers["tiktok-signature"])
            assert found is not None
            moment, sign = found.groups()
            signed = hmac.new(CLIENT_SECRET.encode(), f"{moment}.".encode() + call.body, hashlib.sha256)
            assert signed.hexdigest() == sign
