"""A stateful TikTok on loopback: its envelope, tokens, chunk rules, limits, statuses and ways to fail.

Source: developers.tiktok.com, Content Posting API and Display API (November 2026).
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from bot.testing.simulator import Handler, Simulator
from plugins.tiktok import SIMULATED
from plugins.tiktok.failures import FAILURES, envelope, refused
from plugins.tiktok.hooks import body_of, due, signature
from plugins.tiktok.judging import Refused, judge_draft, judge_info, judge_photos, judge_upload, wrong
from plugins.tiktok.oauth_simulator import TikTokDesk
from plugins.tiktok.views import counted, creator_view, listed, status_view
from plugins.tiktok.world import SCOPES, SimPost, World

if TYPE_CHECKING:
    from bot.api import Clock

TOKEN = SIMULATED.secrets["access_token"]
"""The simulated account's token, which never ends."""

UPLOAD = "PUT /upload/video/"
PUBLISH = "/v2/post/publish"
FETCH = timedelta(seconds=10)

Work = Callable[[web.Request, frozenset[str]], Awaitable[Mapping[str, Any]]]


class TikTokSimulator(Simulator):
    """TikTok with one creator; what it knows is in ``world``.

    ``verified``: prefixes of addresses that the app owns. ``upload_base``: where uploads go, when that
    is not this server. ``creator_says``: the code that creator info answers with, with HTTP 200.
    """

    publishes = UPLOAD

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.world = World(clock)
        self.desk = TikTokDesk(clock, self.world.creator.open_id)
        self.verified = ["http://127.0.0.1:", "https://media.example.com/"]
        self.upload_base = ""
        self.creator_says = ""
        self._numbers = count(1)

    @property
    def limits(self) -> dict[str, int]:
        """Calls a minute by kind, posts and drafts a day; emptied for none."""
        return self.world.limits

    def visible(self) -> Mapping[str, str]:
        """Everything that is posted, by the name it can be asked for now; drafts are not."""
        out = [p for p in self.world.posts if self.world.out(p)]
        return {str(self.world.public_number(p) or p.publish_id): p.caption for p in out}

    def routes(self) -> Mapping[str, Handler]:
        direct, inbox, lists = {"video.publish"}, {"video.upload"}, {"video.list"}
        return {
            f"POST {PUBLISH}/creator_info/query/": self._call(self._creator, "creator", direct),
            f"POST {PUBLISH}/video/init/": self._call(self._video, "init", direct),
            f"POST {PUBLISH}/inbox/video/init/": self._call(self._draft, "init", inbox),
            f"POST {PUBLISH}/content/init/": self._call(self._photos, "init", direct | inbox),
            f"POST {PUBLISH}/status/fetch/": self._call(self._status, "status", direct | inbox),
            f"POST {PUBLISH}/cancel/": self._call(self._cancel, "other", direct | inbox),
            "GET /v2/user/info/": self._call(self._me, "other", {"user.info.basic"}),
            "POST /v2/video/query/": self._call(self._query, "other", lists),
            "POST /v2/video/list/": self._call(self._list, "other", lists),
            UPLOAD: self._put,
            **self.desk.endpoints(),
        }

    def post(self, index: int = -1) -> SimPost:
        """One of the posts and drafts that were begun."""
        return self.world.posts[index]

    async def send_webhooks(self, url: str) -> int:
        """Tell ``url`` what has happened since the last time, signed; how many it took."""
        taken, app = 0, self.desk.apps[0]
        async with aiohttp.ClientSession() as http:
            for post, event in due(self.world):
                now = self.clock.now()
                body = body_of(post, event, client_key=app.client_id, at=now)
                headers = {
                    "content-type": "application/json",
                    "tiktok-signature": signature(body, app.secret, now),
                }
                async with http.post(url, data=body, headers=headers) as reply:
                    taken += reply.status == 200
        return taken

    def _call(self, work: Work, kind: str, scopes: set[str]) -> Handler:
        """Token, scope and rate before anything else; TikTok's envelope around whatever comes out."""

        async def handle(request: web.Request) -> web.StreamResponse:
            log_id = f"20261121100000SIM{next(self._numbers):06d}"
            try:
                token, held = self._held(request)
                if not held & scopes:
                    raise Refused(FAILURES["T-G2"])
                if self.world.too_often(kind, f"{token} {request.path if kind == 'other' else ''}"):
                    raise Refused(FAILURES["T-G5"])
                data = await work(request, held)
                return web.json_response(envelope("ok", log_id=log_id, **data))
            except Refused as refusal:
                body = {**refusal.failure.body}
                body["error"] = {**body["error"], "log_id": log_id}
                return web.json_response(body, status=refusal.failure.status)

        return handle

    def _held(self, request: web.Request) -> tuple[str, frozenset[str]]:
        token = re.fullmatch(r"Bearer (\S+)", request.headers.get("authorization", ""))
        if token is None:
            raise Refused(FAILURES["T-G1"])
        if token[1] == TOKEN:
            return token[1], SCOPES
        issued = self.desk.holder(token[1])
        if issued is None:
            raise Refused(FAILURES["T-G1"])
        return token[1], frozenset(issued.consent.scopes)

    async def _creator(self, request: web.Request, _: frozenset[str]) -> Mapping[str, Any]:
        if self.creator_says:
            raise Refused(refused(200, self.creator_says))
        return creator_view(self.world.creator)

    async def _me(self, request: web.Request, _: frozenset[str]) -> Mapping[str, Any]:
        if "fields" not in request.query:
            raise wrong("fields is missing")
        creator = self.world.creator
        known = {"open_id": creator.open_id, "display_name": creator.nickname}
        return {"user": {k: known[k] for k in request.query["fields"].split(",") if k in known}}

    async def _video(self, request: web.Request, _: frozenset[str]) -> Mapping[str, Any]:
        body = await _json(request)
        info = judge_info(self.world, body.get("post_info"), photo=False)
        return await self._begin(body, info, direct=True)

    async def _draft(self, request: web.Request, _: frozenset[str]) -> Mapping[str, Any]:
        body = await _json(request)
        if set(body) != {"source_info"}:
            raise wrong("only source_info is taken")
        return await self._begin(body, {}, direct=False)

    async def _begin(
        self, body: Mapping[str, Any], info: Mapping[str, Any], *, direct: bool
    ) -> Mapping[str, Any]:
        source = body.get("source_info")
        kind = source.get("source") if isinstance(source, dict) else None
        self._room(direct=direct)
        word = "pub" if direct else "inbox"
        if kind == "FILE_UPLOAD" and isinstance(source, dict):
            post = self.world.open(f"v_{word}_file", direct=direct, info=info, **judge_upload(source))
            base = self.upload_base or self.url
            query = f"upload_id={post.number}&upload_token={post.secret}"
            return {"publish_id": post.publish_id, "upload_url": f"{base}/upload/video/?{query}"}
        if kind == "PULL_FROM_URL" and isinstance(source, dict):
            url = self._owned(str(source.get("video_url")))
            post = self.world.open(f"v_{word}_url", direct=direct, info=info)
            await self._pull(post, [url], "video_pull_failed")
            return {"publish_id": post.publish_id}
        raise wrong("source_info.source is not valid")

    async def _photos(self, request: web.Request, held: frozenset[str]) -> Mapping[str, Any]:
        body = await _json(request)
        direct = body.get("post_mode") == "DIRECT_POST"
        if body.get("media_type") != "PHOTO" or body.get("post_mode") not in ("DIRECT_POST", "MEDIA_UPLOAD"):
            raise wrong("media_type or post_mode is not valid")
        if ("video.publish" if direct else "video.upload") not in held:
            raise Refused(FAILURES["T-G2"])
        info = body.get("post_info")
        info = judge_info(self.world, info, photo=True) if direct else judge_draft(info)
        urls = [self._owned(url) for url in judge_photos(body.get("source_info") or {})]
        self._room(direct=direct)
        post = self.world.open("p_pub_url" if direct else "p_inbox_url", direct=direct, info=info)
        await self._pull(post, urls, "photo_pull_failed")
        return {"publish_id": post.publish_id}

    def _room(self, *, direct: bool) -> None:
        if self.world.full(direct=direct):
            raise Refused(FAILURES["T-I2" if direct else "T-I4"])

    def _owned(self, url: str) -> str:
        if not any(url.startswith(prefix) for prefix in self.verified):
            raise Refused(FAILURES["T-I7"])
        return url

    async def _pull(self, post: SimPost, urls: list[str], reason: str) -> None:
        """Fetch what is to be posted; redirects are not followed."""
        timeout = aiohttp.ClientTimeout(total=FETCH.total_seconds())
        pictures: list[bytes] = []
        async with aiohttp.ClientSession(timeout=timeout) as http:
            for url in urls:
                try:
                    async with http.get(url, allow_redirects=False) as reply:
                        pictures.append(await reply.read() if reply.status == 200 else b"")
                except (aiohttp.ClientError, TimeoutError):
                    pictures.append(b"")
        if reason == "photo_pull_failed":
            post.photos = pictures
        post.head = pictures[0][:64]
        self.world.whole(post)
        if not all(pictures):
            post.fail_reason = reason

    async def _put(self, request: web.Request) -> web.StreamResponse:
        world, query = self.world, request.query
        number = query.get("upload_id", "")
        post = next((p for p in world.posts if str(p.number) == number and p.size), None)
        if post is None:
            return web.Response(status=404)
        if query.get("upload_token") != post.secret or world.clock.now() >= post.made_at + world.url_lasts:
            return web.Response(status=403)
        if "authorization" in request.headers:
            return web.Response(status=400, text="a presigned address takes no authorization")
        content = await request.read()
        at = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers.get("content-range", ""))
        if at is None or int(at[3]) != post.size or int(at[2]) - int(at[1]) + 1 != len(content):
            return web.Response(status=400, text="Content-Range does not fit")
        if request.content_type not in ("video/mp4", "video/quicktime", "video/webm"):
            return web.Response(status=400, text="Content-Type")
        if int(at[1]) != post.stored or post.stored == post.size:
            return web.Response(status=416, headers=_range(post))
        last = post.chunks == post.count - 1
        if len(content) != (post.size - post.stored if last else post.chunk):
            return web.Response(status=400, text="the chunk has another length")
        post.head = post.head or content[:64]
        post.hash.update(content)
        post.stored += len(content)
        post.chunks += 1
        if last:
            world.whole(post)
        return web.Response(status=201 if last else 206, headers=_range(post))

    async def _status(self, request: web.Request, _: frozenset[str]) -> Mapping[str, Any]:
        return status_view(self.world, await self._asked_for(request))

    async def _cancel(self, request: web.Request, _: frozenset[str]) -> Mapping[str, Any]:
        post = await self._asked_for(request)
        if self.world.processed(post):
            raise Refused(refused(400, "publish_not_cancellable", "Too late."))
        post.whole_at = post.whole_at or self.clock.now()
        post.fail_reason = "publish_cancelled"
        return {}

    async def _asked_for(self, request: web.Request) -> SimPost:
        post = self.world.find((await _json(request)).get("publish_id"))
        if post is None:
            raise Refused(FAILURES["T-S1"])
        if post.open_id != self.world.creator.open_id:
            raise Refused(FAILURES["T-S2"])
        return post

    async def _query(self, request: web.Request, _: frozenset[str]) -> Mapping[str, Any]:
        filters = (await _json(request)).get("filters")
        ids = filters.get("video_ids") if isinstance(filters, dict) else None
        if not isinstance(ids, list) or not 1 <= len(ids) <= 20:
            raise wrong("filters.video_ids takes 1 to 20 ids")
        mine = {str(p.number): p for p in self.world.posts if self.world.out(p)}
        return {"videos": [counted(mine[i]) for i in ids if i in mine]}

    async def _list(self, request: web.Request, _: frozenset[str]) -> Mapping[str, Any]:
        body = await _json(request)
        return listed(self.world, int(body.get("max_count", 10)), body.get("cursor"))


async def _json(request: web.Request) -> dict[str, Any]:
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise wrong("Content-Type must be application/json")
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise wrong("the body is not an object")
    return body


def _range(post: SimPost) -> dict[str, str]:
    return {"content-range": f"bytes 0-{post.stored - 1}/{post.size}"} if post.stored else {}
