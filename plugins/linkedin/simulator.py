"""LinkedIn on loopback: the versioned ``/rest`` API for posts with files and links, and comments.

Behaviour from learn.microsoft.com/en-us/linkedin (2026) and field reports of 2026. Every call
is judged in LinkedIn's order: version, token, scope and role, quota, body.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.testing.simulator import Failure, Handler, Simulator
from plugins.linkedin.contents import StoredComment, is_ugc, judge_comment, judge_content
from plugins.linkedin.failures import FAILURES, duplicate
from plugins.linkedin.gate import MEMBER, MEMBER_TOKEN, Gate, Refused, denied, refused
from plugins.linkedin.oauth_simulator import LinkedInDesk
from plugins.linkedin.rules import ORGANIZATION, SIMULATED_AUTHOR, TEXT_LIMIT, VISIBILITIES
from plugins.linkedin.shelf import Shelf, StoredFile
from plugins.linkedin.simulated import StoredPost, Token, plain_length, render
from plugins.linkedin.tally import batch, member_analytics, page_statistics

if TYPE_CHECKING:
    from bot.api import Clock

__all__ = ["FAILURES", "MEMBER_TOKEN", "LinkedInSimulator"]

Query = Mapping[str, str]
BODY = web.RequestKey("body", bytes)


class LinkedInSimulator(Simulator):
    """A small LinkedIn with one member and one page.

    ``posts`` holds everything ever created, taken down or not; ``gate`` who may do what and
    how often; ``shelf`` holds the files, and how long and whether they can be processed. A test may change
    ``ghosts`` (a deleted post goes on being "repeated" for a day), ``comment_lag`` (how long a
    new post takes no comments) and ``fail_late`` (the next
    post fails after its 201).
    """

    publishes = "POST /rest/posts"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.posts: list[StoredPost] = []
        self.shelf = Shelf(clock)
        self.comments: list[StoredComment] = []
        self.comment_lag = timedelta(0)
        self.gate = Gate(clock)
        self.desk = LinkedInDesk(clock, self.gate, MEMBER)
        self.duplicate_memory = timedelta(minutes=10)
        self.ghosts = self.fail_late = False
        self._serial = 0

    def routes(self) -> Mapping[str, Handler]:
        return {
            **self.desk.endpoints(),
            "GET /v2/userinfo": self._userinfo,
            "GET /rest/organizationAcls": self._rest("organizationAcls.FINDER", self._acls),
            **self._files("image"),
            **self._files("document"),
            **self._files("video"),
            "PUT /dms-uploads/sp/v2/{image}/uploaded-image/0": self._put_whole("image"),
            "PUT /dms-uploads/sp/v2/{document}/uploaded-document/0": self._put_whole("document"),
            "PUT /dms-uploads/{video}/{what}": self._put_part,
            "POST /rest/posts": self._rest("posts.CREATE", self._create),
            "GET /rest/posts": self._rest("posts.FINDER-author", self._newest),
            **self._counted(),
            "GET /rest/posts/{urn}": self._rest("posts.GET", self._show),
            "DELETE /rest/posts/{urn}": self._rest("posts.DELETE", self._delete),
            "POST /rest/socialActions/{urn}/comments": self._rest("socialActions.CREATE", self._comment),
            "GET /rest/socialActions/{urn}/comments": self._rest("socialActions.GET", self._show_comments),
            "DELETE /rest/socialActions/{urn}/comments/{id}": self._rest(
                "socialActions.DELETE", self._uncomment
            ),
        }

    def shown(self) -> tuple[StoredPost, ...]:
        """What a visitor sees now, oldest first."""
        return tuple(p for p in self.posts if p.deleted_at is None and p.lifecycle == "PUBLISHED")

    def visible(self) -> Mapping[str, str]:
        return {post.urn: post.rendered for post in self.shown()}

    def _rest(self, resource: str, handler: Callable[[web.Request, Token, str], Failure]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            request[BODY] = await request.read()
            try:
                version = self.gate.version(request.headers)
                token = self.gate.token(request.headers)
                answer = handler(request, token, f"{resource}.{version}01")
            except Refused as refusal:
                answer = refusal.failure
            return self._answer(answer)

        return handle

    def _answer(self, answer: Failure) -> web.Response:
        headers = {
            "x-restli-protocol-version": "2.0.0",
            "x-li-uuid": f"AAYH{self._next():012d}==",
            "x-li-fabric": "prod-lva1",
            "x-li-pop": "prod-lva1-x",
            **({"x-restli-error-response": "true"} if answer.status >= 400 else {}),
            **answer.headers,
        }
        if isinstance(answer.body, bytes):
            return web.Response(status=answer.status, headers=headers, body=answer.body)
        return web.json_response(answer.body, status=answer.status, headers=headers)

    async def _userinfo(self, request: web.Request) -> web.StreamResponse:
        try:
            token = self.gate.token(request.headers)
            if "openid" not in token.scopes:
                raise denied("userinfo.GET.NO_VERSION")
        except Refused as refusal:
            return self._answer(refusal.failure)
        me = {"sub": token.member, "name": "Ada Example", "given_name": "Ada", "family_name": "Example"}
        return self._answer(Failure(status=200, body=me))

    def _acls(self, request: web.Request, token: Token, resource: str) -> Failure:
        if "rw_organization_admin" not in token.scopes:
            raise denied(resource)
        self.gate.charge(token, resource)
        member = f"urn:li:person:{token.member}"
        wanted = _query(request).get("role")
        found = [
            {"organization": page, "role": role, "roleAssignee": member, "state": "APPROVED"}
            for (who, page), role in self.gate.roles.items()
            if who == token.member and wanted in (None, role)
        ]
        return _page(found)

    @property
    def images(self) -> dict[str, StoredFile]:
        """Every image that was opened."""
        return self.shelf.images

    def _files(self, kind: str) -> dict[str, Handler]:
        """What can be asked about files of a kind."""
        return {
            f"POST /rest/{kind}s": self._rest(f"{kind}s.ACTION", partial(self._act, kind)),
            f"GET /rest/{kind}s/{{urn}}": self._rest(f"{kind}s.GET", partial(self._show_file, kind)),
        }

    def _counted(self) -> dict[str, Handler]:
        """Who may read numbers, and how."""

        def told(answer: Callable[..., Failure]) -> Callable[[web.Request, Token, str], Failure]:
            return lambda request, token, name: answer(self.posts, self.gate, _query(request), token, name)

        statistics, analytics = "organizationalEntityShareStatistics", "memberCreatorPostAnalytics"
        return {
            f"GET /rest/{statistics}": self._rest(f"{statistics}.FINDER", told(page_statistics)),
            f"GET /rest/{analytics}": self._rest(f"{analytics}.FINDER", told(member_analytics)),
        }

    def _act(self, kind: str, request: web.Request, token: Token, resource: str) -> Failure:
        action = _query(request).get("action")
        asked = _body(request).get(f"{action}Request", {})
        file = self.shelf.file(str(asked.get(kind)))
        owner = file.owner if action == "finalizeUpload" and file else asked.get("owner", "")
        self.gate.allow(token, owner, resource, write=True)
        if action == "initializeUpload":
            return Failure(
                status=200, body={"value": self.shelf.open(kind, f"C4E{self._id():X}", self.url, asked)}
            )
        if action != "finalizeUpload" or kind != "video":
            raise refused(400, "INVALID_VALUE_FOR_FIELD", "Unknown action")
        self.shelf.close(asked, owner)
        return Failure(status=200)

    def _put_whole(self, kind: str) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                self.gate.token(request.headers)
                content = await request.read()
                self.shelf.whole(kind, request.match_info[kind], content, request.content_type)
            except Refused as refusal:
                return self._answer(refusal.failure)
            return self._answer(Failure(status=201))

        return handle

    async def _put_part(self, request: web.Request) -> web.StreamResponse:
        """A video's part; its address is all the permission it needs (videos-api)."""
        where, content = request.match_info, await request.read()
        try:
            etag = self.shelf.part(where["video"], where["what"], content)
        except Refused as refusal:
            return self._answer(refusal.failure)
        return self._answer(Failure(status=200, headers={"etag": f'"{etag}"'} if etag else {}))

    def _show_file(self, kind: str, request: web.Request, token: Token, resource: str) -> Failure:
        if not token.scopes & {"r_organization_social", "r_member_social"}:
            raise refused(403, "ACCESS_DENIED", f"Accessing this {kind} resource is forbidden")
        self.gate.charge(token, resource)
        file = self.shelf.of(kind).get(request.match_info["urn"])
        if file is None:
            raise Refused(FAILURES["L-F15"])
        return Failure(status=200, body=self.shelf.view(file))

    def _create(self, request: web.Request, token: Token, resource: str) -> Failure:
        body = _body(request)
        author = body.get("author", "")
        self.gate.allow(token, author, resource, write=True)
        self._judge(body, author)
        now = self.clock.now()
        for post in self.posts:
            if _said(post.body) == _said(body) and self._remembers(post, now):
                raise Refused(Failure(status=422, body=duplicate(post.urn)))
        urn = f"urn:li:{'ugcPost' if is_ugc(body.get('content')) else 'share'}:{self._id()}"
        self.posts.append(
            StoredPost(
                urn=urn,
                author=author,
                commentary=body["commentary"],
                rendered=render(body["commentary"]),
                created_at=now,
                body=body,
                lifecycle="PUBLISH_FAILED" if self.fail_late else "PUBLISHED",
            )
        )
        self.fail_late = False
        return Failure(status=201, headers={"x-restli-id": urn, "x-linkedin-id": urn})

    def _judge(self, body: Mapping[str, Any], author: str) -> None:
        for name in ("commentary", "visibility", "distribution", "lifecycleState"):
            if name not in body:
                raise refused(400, "MISSING_FIELD", f"{name} is required but missing")
        public_only = author.startswith(ORGANIZATION) and body["visibility"] != "PUBLIC"
        if public_only or body["visibility"] not in VISIBILITIES or body["lifecycleState"] != "PUBLISHED":
            raise refused(400, "INVALID_VALUE_FOR_FIELD", "A field has a value that is not allowed here")
        length = plain_length(body["commentary"])
        if length > TEXT_LIMIT:
            message = f"commentary length {length} can't exceeded maximum {TEXT_LIMIT} length"
            raise refused(400, "FIELD_LENGTH_TOO_LONG", message)
        judge_content(body.get("content"), author, self.shelf)

    def _remembers(self, post: StoredPost, now: datetime) -> bool:
        if post.deleted_at is not None:
            return self.ghosts and now < post.deleted_at + timedelta(hours=24)
        return now < post.created_at + self.duplicate_memory

    def _newest(self, request: web.Request, token: Token, resource: str) -> Failure:
        query = _query(request)
        if "ids" in query:
            return batch(self.posts, self.gate, query, token, resource)
        author = query.get("author", "")
        if ":" in author or query.get("q") != "author":
            raise refused(400, "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")
        author = author.replace("%3A", ":")
        self.gate.allow(token, author, resource, write=False)
        found = [p.to_json() for p in reversed(self.posts) if p.author == author and p.deleted_at is None]
        return _page(found[: int(query.get("count", "10"))])

    def _find(self, request: web.Request) -> StoredPost | None:
        return next((p for p in self.posts if p.urn == request.match_info["urn"]), None)

    def _show(self, request: web.Request, token: Token, resource: str) -> Failure:
        post = self._find(request)
        self.gate.allow(token, post.author if post else SIMULATED_AUTHOR, resource, write=False)
        if post is None or post.deleted_at is not None:
            raise Refused(FAILURES["L-F15"])
        return Failure(status=200, body=post.to_json())

    def _delete(self, request: web.Request, token: Token, resource: str) -> Failure:
        post = self._find(request)
        if post is not None:
            self.gate.allow(token, post.author, resource, write=True)
            post.deleted_at = post.deleted_at or self.clock.now()
        return Failure(status=204)

    def _comment(self, request: web.Request, token: Token, resource: str) -> Failure:
        body, post = _body(request), self._find(request)
        self.gate.allow(token, body.get("actor", ""), resource, write=True)
        now = self.clock.now()
        if post is None or post.deleted_at is not None or now < post.created_at + self.comment_lag:
            raise Refused(FAILURES["L-F23"])
        text = judge_comment(body)
        made = StoredComment(id=self._id(), post=post.urn, actor=body["actor"], text=text, created_at=now)
        self.comments.append(made)
        return Failure(status=201, headers={"x-restli-id": str(made.id)}, body=made.to_json())

    def _show_comments(self, request: web.Request, token: Token, resource: str) -> Failure:
        post = self._find(request)
        self.gate.allow(token, post.author if post else SIMULATED_AUTHOR, resource, write=False)
        if post is None or post.deleted_at is not None:
            raise Refused(FAILURES["L-F15"])
        return _page([c.to_json() for c in self.comments if c.post == post.urn and not c.deleted])

    def _uncomment(self, request: web.Request, token: Token, resource: str) -> Failure:
        self.gate.allow(token, _query(request).get("actor", "").replace("%3A", ":"), resource, write=True)
        for comment in self.comments:
            if str(comment.id) == request.match_info["id"]:
                comment.deleted = True
        return Failure(status=204)

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _id(self) -> int:
        """A 63-bit id that starts with the clock's milliseconds, as LinkedIn's do."""
        return (_millis(self.clock.now()) << 22) | self._next()


def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(request[BODY])
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {}


def _query(request: web.Request) -> Query:
    """The query as it came over the wire: what is encoded stays encoded."""
    return dict(pair.partition("=")[::2] for pair in request.raw_path.partition("?")[2].split("&"))


def _page(elements: list[dict[str, Any]]) -> Failure:
    paging = {"start": 0, "count": 10, "links": []}
    return Failure(status=200, body={"paging": paging, "elements": elements})


def _said(body: Mapping[str, Any]) -> tuple[Any, ...]:
    return body["author"], body["commentary"], json.dumps(body.get("content"), sort_keys=True)


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)
