"""Instagram on loopback: containers, publishing, insights and comments, by both doors.

It fetches what it is told to publish over real HTTP, as Meta's fetcher does: HEAD first, no redirect, no
sign-in, the right type. Calls are judged in Meta's order: version, token, proof, usage, permission, body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from bot.testing.simulator import BODY, Failure, Handler, Simulator
from plugins.instagram.crawled import Crawled
from plugins.instagram.failures import FAILURES
from plugins.instagram.gate import Gate, Refused, refuse
from plugins.instagram.oauth_simulator import InstagramDesk
from plugins.instagram.simulated import (
    INSTAGRAM_TOKEN,
    SIMULATED_ACCOUNT,
    SIMULATED_NAME,
    SIMULATED_PAGE,
    SIMULATED_TOKEN,
    StoredMedia,
    Token,
)
from plugins.instagram.wire import Answer, insights, pick, read_body, status
from plugins.instagram.world import World

if TYPE_CHECKING:
    from bot.api import Clock

__all__ = ["FAILURES", "INSTAGRAM_TOKEN", "SIMULATED_TOKEN", "InstagramSimulator"]

FETCHER = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
HEAD, PIECE = 1 << 20, 1 << 16
MISSING = (100, 33, "Unsupported request. Object does not exist or cannot be loaded due to permissions.")


class InstagramSimulator(Simulator):
    """One professional account and the page it is linked to; `World` and `Gate` say what a test may change.

    ``resumable_anywhere``: Instagram Login takes pushed videos too. ``personal``: the account is no
    professional one. ``restricted``: it may not do anything before somebody has been in the app.
    """

    publishes = "POST /{version}/{ig}/media_publish"
    resumable = frozenset({"POST /ig-api-upload/{version}/{container}"})

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.world, self.gate = World(clock), Gate(clock)
        self.desk = InstagramDesk(clock, self.gate)
        self.resumable_anywhere = self.personal = self.restricted = False
        self.fetched: list[tuple[str, str]] = []
        """Method and address of what was fetched."""

    def routes(self) -> Mapping[str, Handler]:
        return {
            **self.desk.endpoints(),
            "POST /ig-api-upload/{version}/{container}": self._upload,
            "GET /{version}/me": self._call(self._me),
            "GET /{version}/me/accounts": self._call(self._pages),
            "GET /{version}/{ig}/content_publishing_limit": self._call(self._limit),
            "POST /{version}/{ig}/media": self._call(self._create),
            "POST /{version}/{ig}/media_publish": self._call(self._publish),
            "GET /{version}/{ig}/media": self._call(self._media),
            "GET /{version}/{ig}/stories": self._call(self._stories),
            "GET /{version}/{media}/insights": self._call(self._insights),
            "POST /{version}/{media}/comments": self._call(self._comment),
            "GET /{version}/{media}/comments": self._call(self._comments),
            "GET /{version}/{id}": self._call(self._node),
            "GET /{version}/{id}/": self._call(self._node),  # Meta's own client ends paths with a slash
            "DELETE /{version}/{id}": self._call(self._delete),
        }

    def visible(self) -> Mapping[str, str]:
        return {post.id: post.caption for post in self.world.shown()} | {
            str({"comment": r.id}): r.text for r in self.world.remarks if not r.deleted
        }

    def _call(self, handler: Callable[[web.Request, Token, Answer], Awaitable[Answer]]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                body = read_body(await request.read(), request.content_type)
                version = request.match_info["version"]
                token = self.gate.enter(version, request.headers, request.query, body)
                if self.restricted:
                    raise refuse(25, 2207050, "The Instagram account is restricted", status=403)
                return self._answer(Failure(status=200, body=await handler(request, token, body)))
            except Refused as refusal:
                return self._answer(refusal.failure)

        return handle

    def _answer(self, answer: Failure) -> web.Response:
        return web.json_response(
            answer.body, status=answer.status, headers={**self.gate.headers(), **answer.headers}
        )

    async def _me(self, request: web.Request, token: Token, _body: Answer) -> Answer:
        if token.kind == "instagram":
            self.gate.allow(token, "basic")
            kind = "PERSONAL" if self.personal else "BUSINESS"
            me = {
                "id": "9900000000000001",
                "user_id": SIMULATED_ACCOUNT,
                "username": SIMULATED_NAME,
                "followers_count": 1204,
                "name": "Acme",
                "account_type": kind,
                "media_count": len(self.world.shown()),
            }
            return _fields(request, me)
        page = {"id": SIMULATED_PAGE, "name": "Acme page"}
        return _fields(request, page | (self._linked() if token.kind == "page" else {}))

    async def _pages(self, request: web.Request, token: Token, _body: Answer) -> Answer:
        if token.kind != "user":
            raise refuse(100, 0, "Tried accessing nonexisting field (accounts)")
        page = {"id": SIMULATED_PAGE, "name": "Acme page", "access_token": SIMULATED_TOKEN}
        return {"data": [{**page, **self._linked()}, {"id": "104000000000002", "name": "Another page"}]}

    def _linked(self) -> Answer:
        if self.personal:
            return {}
        return {"instagram_business_account": {"id": SIMULATED_ACCOUNT, "username": SIMULATED_NAME}}

    async def _limit(self, request: web.Request, token: Token, _body: Answer) -> Answer:
        self._mine(request, token, "content_publish")
        config = {"quota_total": self.world.quota_total, "quota_duration": 86_400}
        return {"data": [{"quota_usage": self.world.usage(), "config": config}]}

    def _mine(self, request: web.Request, token: Token, scope: str) -> None:
        """The account in the path is the token's, and the token may do that."""
        if request.match_info["ig"] != SIMULATED_ACCOUNT:
            raise refuse(*MISSING)
        self.gate.allow(token, scope)

    async def _create(self, request: web.Request, token: Token, body: Answer) -> Answer:
        self._mine(request, token, "content_publish")
        pushes = token.kind != "instagram" or self.resumable_anywhere
        self.world.judge(body, token, resumable=pushes)
        file = None
        if address := str(body.get("image_url") or body.get("video_url") or ""):
            file = await self._fetch(address)
        cover = await self._fetch(str(body["cover_url"])) if body.get("cover_url") else None
        if (file is None and "image_url" in body) or (cover is None and body.get("cover_url")):
            raise refuse(9004, 2207052, "Could not use the media behind the URL.")
        made = self.world.make(body, file)
        uri = f"{self.url}/ig-api-upload/{request.match_info['version']}/{made.id}"
        return {"id": made.id} | ({"uri": uri} if made.pushed else {})

    async def _fetch(self, address: str) -> Crawled | None:
        """What Meta's fetcher gets: None where it would not take the answer."""
        if not address.isascii() or " " in address:
            return None
        try:
            async with aiohttp.ClientSession(
                headers={"user-agent": FETCHER}, timeout=aiohttp.ClientTimeout(total=30)
            ) as client:
                self.fetched.append(("HEAD", address))
                async with client.head(address, allow_redirects=False) as head:
                    length = head.headers.get("content-length", "")
                    if head.status != 200 or not length.isdigit() or head.content_type == "text/html":
                        return None
                self.fetched.append(("GET", address))
                async with client.get(address, allow_redirects=False) as got:
                    return await _whole(got) if got.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None

    def broken_off(self, request: web.Request, body: bytes) -> None:
        container = self.world.containers.get(request.match_info["container"])
        offset, size = request.headers.get("offset", ""), request.headers.get("file_size", "")
        if (
            container is not None
            and size.isdigit()
            and offset.isdigit()
            and int(offset) <= container.received
        ):
            self.world.receive(container, int(offset), int(size), body)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        content = request[BODY]
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme != "OAuth":
                raise refuse(190, 0, "Upload needs an OAuth header", status=401)
            self.gate.token(value)
        except Refused as refusal:
            return self._answer(refusal.failure)
        container = self.world.containers.get(request.match_info["container"])
        offset, size = request.headers.get("offset", ""), request.headers.get("file_size", "")
        now = self.clock.now()
        if container is None or not container.pushed or container.status(now) == "EXPIRED":
            return _rupload("ProcessingFailedError", retriable=False)
        if not offset.isdigit() or not size.isdigit() or int(offset) > container.received:
            return _rupload("OffsetInvalidError", retriable=True)
        if self.world.cuts:
            self.world.receive(container, int(offset), int(size), content[: self.world.cuts.pop(0)])
            return self._hang_up(request)
        if int(offset) + len(content) != int(size):
            return _rupload("PartialRequestError", retriable=True)
        self.world.receive(container, int(offset), int(size), content)
        return web.json_response({"success": True, "message": "Upload successful."})

    async def _publish(self, request: web.Request, token: Token, body: Answer) -> Answer:
        self._mine(request, token, "content_publish")
        return {"id": self.world.publish(str(body.get("creation_id") or "")).id}

    async def _media(self, request: web.Request, token: Token, _body: Answer) -> Answer:
        return self._list(request, token, stories=False)

    async def _stories(self, request: web.Request, token: Token, _body: Answer) -> Answer:
        return self._list(request, token, stories=True)

    def _list(self, request: web.Request, token: Token, *, stories: bool) -> Answer:
        self._mine(request, token, "basic")
        found = [_fields(request, p.to_json()) for p in self.world.listed(stories=stories)]
        return {"data": found[: int(request.query.get("limit", "25"))]}

    async def _insights(self, request: web.Request, token: Token, _body: Answer) -> Answer:
        self.gate.allow(token, "manage_insights")
        post = self._post(request, "media")
        return insights(post, request.query.get("metric", "").split(","), few=self.world.few)

    def _post(self, request: web.Request, name: str) -> StoredMedia:
        post = self.world.post(request.match_info[name])
        if post is None:
            raise refuse(*MISSING)
        return post

    async def _comment(self, request: web.Request, token: Token, body: Answer) -> Answer:
        self.gate.allow(token, "manage_comments")
        return {"id": self.world.remark(self._post(request, "media"), str(body.get("message") or "")).id}

    async def _comments(self, request: web.Request, token: Token, _body: Answer) -> Answer:
        self.gate.allow(token, "manage_comments")
        post = self._post(request, "media")
        rows = [
            {"id": r.id, "text": r.text, "timestamp": r.made_at.strftime("%Y-%m-%dT%H:%M:%S+0000")}
            for r in reversed(self.world.remarks)
            if r.media == post.id and not r.deleted
        ]
        return {"data": [_fields(request, row) for row in rows]}

    async def _node(self, request: web.Request, token: Token, _body: Answer) -> Answer:
        number = request.match_info["id"]
        if number == SIMULATED_ACCOUNT:
            return _fields(
                request, {"id": number, "username": SIMULATED_NAME, "name": "Acme", "followers_count": 1204}
            )
        container = self.world.containers.get(number)
        if container is not None:
            if self.world.flaps:
                self.world.flaps -= 1
                raise refuse(*MISSING)
            return _fields(request, status(container, self.clock.now(), offsets=self.world.offsets))
        return _fields(request, self._post(request, "id").to_json())

    async def _delete(self, request: web.Request, token: Token, _body: Answer) -> Answer:
        number = request.match_info["id"]
        for remark in self.world.remarks:
            if remark.id == number and not remark.deleted:
                self.gate.allow(token, "manage_comments")
                remark.deleted = True
                return {"success": True}
        post = self._post(request, "id")
        if token.kind == "instagram":
            raise refuse(3, 0, "Application does not have the capability to make this API call.")
        post.deleted = True
        return {"success": True}


async def _whole(got: aiohttp.ClientResponse) -> Crawled | None:
    """The file, of which only the head is kept."""
    if got.content_type == "text/html" or "content-encoding" in got.headers:
        return None
    head, size, digest = b"", 0, hashlib.sha256()
    async for piece in got.content.iter_chunked(PIECE):
        head += piece[: max(0, HEAD - len(head))]
        size += len(piece)
        digest.update(piece)
    return Crawled(head=head, size=size, mime=got.content_type, sha256=digest.hexdigest())


def _fields(request: web.Request, row: Answer) -> Answer:
    return pick(row, request.query.get("fields", ""))


def _rupload(kind: str, *, retriable: bool) -> web.Response:
    debug = {"retriable": retriable, "type": kind, "message": "Request processing failed"}
    return web.json_response({"debug_info": debug}, status=400)
