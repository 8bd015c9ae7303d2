"""A server of the AT Protocol on loopback, with the counting and the video service behind it.

Behaviour from the lexicons, docs.bsky.app and a real server that was watched (@atproto/pds 0.4.217,
November 2026). The same address plays the account's server, the view of the network and the video
service; tokens keep them apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from bot.testing.simulator import Failure, Handler, Simulator
from plugins.bluesky import SIMULATED
from plugins.bluesky.darkroom import Darkroom
from plugins.bluesky.desk import Account, Desk, Refused, refused
from plugins.bluesky.failures import FAILURES
from plugins.bluesky.repository import Repository

if TYPE_CHECKING:
    from bot.api import Clock

__all__ = ["ANN", "DID", "FAILURES", "BlueskySimulator"]

DID, ANN = "did:plc:acmesimulatedaccountabcd", "did:plc:annsimulatedaccountabcde"
UPLOAD, LIMITS = "com.atproto.repo.uploadBlob", "app.bsky.video.getUploadLimits"
STATUS = "app.bsky.video.getJobStatus"
CREATE_POINTS, PUT_POINTS, DELETE_POINTS = 3, 2, 1

Work = Callable[[web.Request, Account], Any]


class BlueskySimulator(Simulator):
    """One account with an app password, and somebody to mention.

    ``repository`` holds the records and blobs, ``desk`` accounts, sessions and limits, ``videos`` the
    video service (``videos.open`` False: there is none). ``view_lag``: what is newer than that many
    seconds the counting server does not know yet; ``bare``: there is no counting server.
    """

    publishes = "POST /xrpc/com.atproto.repo.putRecord"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        acme = Account(
            did=DID,
            handle=str(SIMULATED.settings["identifier"]),
            app_passwords={SIMULATED.secrets["app_password"]},
            password="the main password",
        )
        ann = Account(did=ANN, handle="ann.test", email="ann@example.test")
        self.desk = Desk(clock, {acme.did: acme, ann.did: ann})
        self.repository = Repository(clock)
        self.videos = Darkroom(clock, self.repository)
        self.seen_at: dict[str, datetime] = {}
        self.likes: dict[str, int] = {}
        self.view_lag = 0.0
        self.bare = False

    @property
    def account(self) -> Account:
        """The simulated account."""
        return self.desk.accounts[DID]

    async def start(self, port: int = 0) -> Self:
        await super().start(port)
        self.desk.url = self.url
        return self

    def visible(self) -> Mapping[str, str]:
        return self.repository.posts()

    def routes(self) -> Mapping[str, Handler]:
        return {
            "GET /xrpc/_health": self._open(lambda r: {"version": "0.4.217"}),
            "POST /xrpc/com.atproto.server.createSession": self._open(lambda r: self.desk.sign_in(_body(r))),
            "POST /xrpc/com.atproto.server.refreshSession": self._open(self._renew),
            "GET /xrpc/com.atproto.server.getSession": self._known(lambda r, a: self.desk.described(a)),
            "GET /xrpc/com.atproto.server.getServiceAuth": self._known(
                lambda r, a: {"token": self.desk.service(a, dict(r.query))}
            ),
            "GET /xrpc/com.atproto.identity.resolveHandle": self._open(self._resolve),
            "POST /xrpc/com.atproto.repo.uploadBlob": self._known(self._upload),
            "POST /xrpc/com.atproto.repo.putRecord": self._known(self._put),
            "POST /xrpc/com.atproto.repo.createRecord": self._known(self._create),
            "POST /xrpc/com.atproto.repo.deleteRecord": self._known(self._delete),
            "GET /xrpc/com.atproto.repo.getRecord": self._open(self._get),
            "GET /xrpc/app.bsky.feed.getPosts": self._known(self._posts),
            "GET /xrpc/app.bsky.actor.getProfile": self._known(self._profile),
            f"GET /xrpc/{LIMITS}": self._guest(LIMITS, lambda r, a: self.videos.limits(a)),
            "POST /xrpc/app.bsky.video.uploadVideo": self._guest(
                UPLOAD, lambda r, a: self.videos.whole(a, r[BODY], r.content_type)
            ),
            "POST /xrpc/app.bsky.video.startUpload": self._guest(
                UPLOAD, lambda r, a: self.videos.start(a, _body(r))
            ),
            "POST /xrpc/app.bsky.video.uploadPart": self._guest(
                UPLOAD, lambda r, a: self.videos.part(a, dict(r.query), r[BODY])
            ),
            "POST /xrpc/app.bsky.video.finishUpload": self._guest(
                UPLOAD, lambda r, a: self.videos.finish(a, _body(r))
            ),
            f"GET /xrpc/{STATUS}": self._open(self._job),
        }

    def _open(self, work: Callable[[web.Request], Any]) -> Handler:
        return self._handler(lambda request: (None, work(request)))

    def _known(self, work: Work) -> Handler:
        def run(request: web.Request) -> tuple[str | None, Any]:
            account = self.desk.account(request.headers.get("Authorization", ""))
            return account.did, work(request, account)

        return self._handler(run)

    def _guest(self, method: str, work: Work) -> Handler:
        def run(request: web.Request) -> tuple[str | None, Any]:
            if not self.videos.open:
                raise refused(400, "InvalidRequest", f"No service configured for {method}")
            return None, work(request, self.desk.guest(request.headers.get("Authorization", ""), method))

        return self._handler(run)

    def _handler(self, run: Callable[[web.Request], tuple[str | None, Any]]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            request[BODY] = await request.read()
            did: str | None = None
            try:
                if not self.desk.address.take(self.clock.now(), 1):
                    raise Refused(FAILURES["B-F13"])
                did, found = run(request)
                status, body = found if isinstance(found, tuple) else (200, found)
                answer = Failure(status=status, body=body)
            except Refused as refusal:
                answer = refusal.failure
            headers = {**self.desk.headers(did), **answer.headers}
            return web.json_response(answer.body, status=answer.status, headers=headers)

        return handle

    def _renew(self, request: web.Request) -> dict[str, Any]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            raise Refused(FAILURES["B-F3"])
        return self.desk.renew(token)

    def _resolve(self, request: web.Request) -> dict[str, str]:
        account = self.desk.named(request.query.get("handle", "").lower())
        if account is None:
            raise refused(400, "InvalidRequest", "Unable to resolve handle")
        return {"did": account.did}

    def _job(self, request: web.Request) -> dict[str, Any]:
        header = request.headers.get("Authorization", "")
        if self.videos.strict:
            self.desk.guest(header, STATUS)
        return self.videos.status(request.query.get("jobId", ""))

    def _upload(self, request: web.Request, account: Account) -> dict[str, Any]:
        return {"blob": self.repository.add_blob(request[BODY], request.content_type)}

    def _put(self, request: web.Request, account: Account) -> dict[str, Any]:
        self.desk.charge(account, PUT_POINTS)
        return self._written(self.repository.put(self._own(_body(request), account), _body(request)))

    def _create(self, request: web.Request, account: Account) -> dict[str, Any]:
        self.desk.charge(account, CREATE_POINTS)
        return self._written(self.repository.create(self._own(_body(request), account), _body(request)))

    def _delete(self, request: web.Request, account: Account) -> dict[str, Any]:
        self.desk.charge(account, DELETE_POINTS)
        return self.repository.delete(self._own(_body(request), account), _body(request))

    def _own(self, body: dict[str, Any], account: Account) -> str:
        if body.get("repo") not in (account.did, account.handle):
            raise refused(401, "AuthenticationRequired", "Authentication Required")
        body["repo"] = account.did
        return account.did

    def _written(self, answer: dict[str, Any]) -> dict[str, Any]:
        self.seen_at.setdefault(answer["uri"], self.clock.now())
        return answer

    def _get(self, request: web.Request) -> dict[str, Any]:
        account = self.desk.named(request.query.get("repo", ""))
        if account is None:
            raise refused(400, "InvalidRequest", f"Could not find repo: {request.query.get('repo')}")
        return self.repository.get(account.did, dict(request.query))

    def _posts(self, request: web.Request, account: Account) -> dict[str, Any]:
        if self.bare:
            raise refused(400, "InvalidRequest", "No service configured for app.bsky.feed.getPosts")
        uris = request.query.getall("uris", [])
        if len(uris) > 25:
            raise refused(400, "InvalidRequest", "array too big (maximum 25)")
        return {"posts": [self._view(uri, account) for uri in uris if self._viewed(uri)]}

    def _viewed(self, uri: str) -> bool:
        if uri not in self.repository.records:
            return False
        return (self.clock.now() - self.seen_at[uri]).total_seconds() >= self.view_lag

    def _view(self, uri: str, account: Account) -> dict[str, Any]:
        record = self.repository.records[uri]
        replies = sum(
            r.value.get("reply", {}).get("parent", {}).get("uri") == uri
            for r in self.repository.records.values()
        )
        return {
            "uri": uri,
            "cid": record.cid,
            "author": {"did": account.did, "handle": account.handle},
            "record": record.value,
            "indexedAt": self.seen_at[uri].isoformat().replace("+00:00", "Z"),
            "likeCount": self.likes.get(uri, 0),
            "repostCount": 0,
            "replyCount": replies,
            "quoteCount": 0,
            "bookmarkCount": 0,
        }

    def _profile(self, request: web.Request, account: Account) -> dict[str, Any]:
        found = self.desk.named(request.query.get("actor", "").lower())
        if found is None:
            raise refused(400, "InvalidRequest", "Profile not found")
        return {"did": found.did, "handle": found.handle, "postsCount": len(self.repository.posts())}


BODY = web.RequestKey("body", bytes)


def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(request[BODY])
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refused(400, "InvalidRequest", "Request encoding (Content-Type) required")
    return body
