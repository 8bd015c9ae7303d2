"""A stateful X on loopback: its paths, signatures, limits, bodies and ways to fail.

Source: docs.x.com and OpenAPI 2.167 (2026-08-22), with bodies as seen in the field.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.testing.simulator import Failure, Handler, Simulator
from plugins.twitter import chunks, failures
from plugins.twitter.admission import RefusedCall, admit
from plugins.twitter.failures import FAILURES, ClockFailure, at
from plugins.twitter.gate import Gate
from plugins.twitter.limits import ALT_CHARACTERS
from plugins.twitter.oauth_simulator import TwitterDesk
from plugins.twitter.reading import EXPANDED
from plugins.twitter.views import PRIVATE_FOR, post_view
from plugins.twitter.world import SimAccount, SimPost, World

if TYPE_CHECKING:
    from bot.api import Clock

LIMITS = (
    ("POST /2/tweets", 100),
    ("DELETE /2/tweets/{id}", 50),
    ("GET /2/tweets", 5000),
    ("GET /2/tweets/{id}", 900),
    ("GET /2/users/{id}/tweets", 900),
    ("GET /2/users/me", 75),
    ("POST /2/media/upload", 500),
    ("POST /2/media/upload/initialize", 1875),
    ("POST /2/media/upload/{id}/append", 1875),
    ("POST /2/media/upload/{id}/finalize", 1875),
    ("GET /2/media/upload", 1000),
    ("POST /2/media/metadata", 500),
    ("POST /2/media/subtitles", 100),
)
"""Calls per user in 15 minutes (x-api/fundamentals/rate-limits, 2026-08-22)."""

Answer = tuple[int, Any]
Work = Callable[[web.Request, SimAccount], Awaitable[Answer]]


class TwitterSimulator(Simulator):
    """X with one account; add more to ``world.accounts``.

    ``vocabulary``: "old" or "new" names in replies. ``strict_fields``: the other
    vocabulary's query parameter is a 400. ``limits`` may be lowered, or emptied for none.
    ``index_lag``: how long a new post is missing from timelines.
    """

    publishes = "POST /2/tweets"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.world = World(clock)
        self.account = SimAccount(id="1844000000000000001", username="example_rel", name="Example Releases")
        self.world.accounts.append(self.account)
        self.vocabulary = "old"
        self.strict_fields = False
        self.limits = dict(LIMITS)
        self.index_lag = timedelta()
        self.desk = TwitterDesk(clock, self.account.id)
        self._gate = Gate(clock)
        self._numbers = count(1)

    @property
    def posts(self) -> list[SimPost]:
        """Every post that ever came into being; deleted ones are marked."""
        return self.world.posts

    @property
    def live(self) -> list[SimPost]:
        """The posts that are out now."""
        return self.world.live()

    def visible(self) -> Mapping[str, str]:
        return {post.id: post.text for post in self.world.live()}

    def seen(self, *, views: int, likes: int) -> None:
        """People have looked at the newest post: from now on it counts so many in all."""
        self.live[-1].metrics.update(impression_count=views, like_count=likes)

    def fail(self, endpoint: str, failure: Failure | ClockFailure, *, nth: int = 1, times: int = 1) -> None:
        super().fail(endpoint, at(failure, self.clock), nth=nth, times=times)

    def routes(self) -> Mapping[str, Handler]:
        work: dict[str, Work] = {
            "POST /2/tweets": self._create,
            "GET /2/users/me": self._me,
            "GET /2/users/{id}/tweets": self._timeline,
            "GET /2/tweets": self._lookup,
            "GET /2/tweets/{id}": self._one,
            "DELETE /2/tweets/{id}": self._delete,
            "POST /2/media/upload": self._upload,
            "POST /2/media/upload/initialize": self._initialize,
            "POST /2/media/upload/{id}/append": self._append,
            "POST /2/media/upload/{id}/finalize": self._finalize,
            "GET /2/media/upload": self._status,
            "POST /2/media/metadata": self._describe,
            "POST /2/media/subtitles": self._subtitles,
        }
        guarded = {endpoint: self._guarded(endpoint, call) for endpoint, call in work.items()}
        return {**guarded, **self.desk.endpoints()}

    def _guarded(self, endpoint: str, call: Work) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            headers = {"x-transaction-id": f"{next(self._numbers):016x}", "api-version": "2.168"}
            url = f"{request.scheme}://{request.host}{request.raw_path}"
            said = request.headers.get("authorization", "")
            account = self.desk.account(self.world.accounts, said) or self._gate.account(
                self.world.accounts, authorization=said, method=request.method, url=url
            )
            if account is None:
                return _refusal(at(FAILURES["F2"], self.clock), headers)
            headers["x-access-level"] = "read-write"
            if (denied := self.desk.denied(endpoint, said)) is not None:
                return _refusal(denied, headers)
            if endpoint in self.limits:
                rate, too_many = self.world.use(account.id, endpoint, self.limits[endpoint])
                headers |= rate
                if too_many:
                    return _refusal(failures.limited({}), headers)
            if self.world.credits_mills is not None and self.world.credits_mills <= 0:
                return _refusal(at(FAILURES["F7"], self.clock), headers)
            try:
                status, body = await call(request, account)
            except RefusedCall as refused:
                return _refusal(refused.failure, headers)
            return web.json_response(self._worded(body), status=status, headers=headers)

        return handle

    def _worded(self, body: Any) -> Any:
        """Problems are named by X's address, which is another one in its new words (OpenAPI 2.167)."""
        if self.vocabulary != "new" or not isinstance(body, dict) or "errors" not in body:
            return body
        new = failures.PROBLEMS.replace("twitter.com", "x.com")
        return body | {
            "errors": [{**e, "type": e["type"].replace(failures.PROBLEMS, new)} for e in body["errors"]]
        }

    async def _create(self, request: web.Request, account: SimAccount) -> Answer:
        post = admit(self.world, account, await _json(request))
        return 201, {"data": self._view(post, frozenset())}

    async def _me(self, request: web.Request, account: SimAccount) -> Answer:
        self.world.charge("user read", 10)
        me = {"id": account.id, "name": account.name, "username": account.username}
        if "subscription_type" in request.query.get("user.fields", "").split(","):
            me["subscription_type"] = "Premium" if account.premium else "None"
        return 200, {"data": me}

    async def _timeline(self, request: web.Request, account: SimAccount) -> Answer:
        query, fields = request.query, self._fields(request)
        most = int(query["max_results"]) if query.get("max_results", "").isdigit() else 10
        if not 5 <= most <= 100:
            said = f"The `max_results` query parameter value [{most}] is not between 5 and 100"
            raise RefusedCall(failures.invalid(said, {"max_results": [str(most)]}))
        indexed = self.clock.now() - self.index_lag
        posts = [p for p in self.world.live(request.match_info["id"]) if p.created_at <= indexed]
        if query.get("since_id"):
            posts = [p for p in posts if int(p.id) > int(query["since_id"])]
        if query.get("until_id"):
            posts = [p for p in posts if int(p.id) < int(query["until_id"])]
        if query.get("start_time"):
            posts = [p for p in posts if p.created_at >= datetime.fromisoformat(query["start_time"])]
        if query.get("end_time"):
            posts = [p for p in posts if p.created_at < datetime.fromisoformat(query["end_time"])]
        if "replies" in query.get("exclude", "").split(","):
            posts = [p for p in posts if not p.reply_to]
        shown = posts[::-1][:most]
        self.world.charge("owned read", len(shown))
        if not shown:
            return 200, {"meta": {"result_count": 0}}
        meta = {"result_count": len(shown), "newest_id": shown[0].id, "oldest_id": shown[-1].id}
        return 200, {"data": [self._view(p, fields) for p in shown], "meta": meta}

    async def _lookup(self, request: web.Request, account: SimAccount) -> Answer:
        ids, fields = request.query.get("ids", "").split(","), self._fields(request)
        found = {i: post for i in ids if (post := self.world.post(i))}
        errors = [failures.not_found(i) | {"parameter": "ids"} for i in ids if i not in found]
        self.world.charge("post read", 5 * len(found))
        if "non_public_metrics" in fields:
            errors += [failures.not_yours(i, "ids") for i, post in found.items() if not self._young(post)]
        data = [self._view(p, fields) for p in found.values()]
        return 200, ({"data": data} if data else {}) | ({"errors": errors} if errors else {})

    async def _one(self, request: web.Request, account: SimAccount) -> Answer:
        post = self.world.post(request.match_info["id"])
        if post is None:
            raise RefusedCall(Failure(status=404, body=failures.not_found(request.match_info["id"])))
        self.world.charge("post read", 5)
        return 200, {"data": self._view(post, self._fields(request))}

    async def _delete(self, request: web.Request, account: SimAccount) -> Answer:
        post = self.world.post(request.match_info["id"])
        if post is None:
            raise RefusedCall(Failure(status=404, body=failures.not_found(request.match_info["id"])))
        if post.author != account.id:
            raise RefusedCall(at(FAILURES["F16"], self.clock))
        post.deleted = True
        self.world.charge("delete", 10)
        return 200, {"data": {"deleted": True}}

    async def _upload(self, request: web.Request, account: SimAccount) -> Answer:
        kind = request.headers.get("content-type", "")
        return 200, {"data": chunks.whole(self.world, account, kind, await request.read())}

    async def _initialize(self, request: web.Request, account: SimAccount) -> Answer:
        return 200, {"data": chunks.initialize(self.world, account, await _json(request))}

    async def _append(self, request: web.Request, account: SimAccount) -> Answer:
        kind, number = request.headers.get("content-type", ""), request.match_info["id"]
        return 200, {"data": chunks.append(self.world, account, number, kind, await request.read())}

    async def _finalize(self, request: web.Request, account: SimAccount) -> Answer:
        return 200, {"data": chunks.finalize(self.world, account, request.match_info["id"])}

    async def _status(self, request: web.Request, account: SimAccount) -> Answer:
        if request.query.get("command") != "STATUS":
            raise RefusedCall(failures.invalid("Only the command STATUS is known.", {"command": []}))
        return 200, {"data": chunks.status(self.world, account, request.query.get("media_id", ""))}

    async def _describe(self, request: web.Request, account: SimAccount) -> Answer:
        body = await _json(request)
        media = self.world.media.get(str(body.get("id")))
        alt = body.get("metadata", {}).get("alt_text", {}).get("text")
        if (
            media is None
            or media.owner != account.id
            or not isinstance(alt, str)
            or len(alt) > ALT_CHARACTERS
        ):
            raise RefusedCall(
                failures.invalid("The media id or the alt text is not valid.", {"id": [str(body.get("id"))]})
            )
        media.alt = alt
        self.world.charge("media metadata", 5)
        return 200, {"data": {"id": media.id, "associated_metadata": {"alt_text": {"text": alt}}}}

    async def _subtitles(self, request: web.Request, account: SimAccount) -> Answer:
        self.world.charge("media metadata", 5)
        return 200, {"data": chunks.subtitles(self.world, account, await _json(request))}

    def _fields(self, request: web.Request) -> frozenset[str]:
        mine, other = (
            ("post.fields", "tweet.fields") if self.vocabulary == "new" else ("tweet.fields", "post.fields")
        )
        if self.strict_fields and other in request.query:
            raise RefusedCall(
                failures.invalid(f"The query parameter [{other}] is not one of the known ones.", {other: []})
            )
        wanted = frozenset(request.query.get(mine, request.query.get(other, "")).split(","))
        if self.vocabulary != "new":
            return wanted
        if EXPANDED in wanted:
            said = f"The `post.fields` query parameter value [{EXPANDED}] is not one of the known ones."
            raise RefusedCall(failures.invalid(said, {"post.fields": [EXPANDED]}))
        return wanted | ({EXPANDED} & set(request.query.get("expansions", "").split(",")))

    def _view(self, post: SimPost, fields: frozenset[str]) -> dict[str, Any]:
        return post_view(post, new=self.vocabulary == "new", fields=fields, young=self._young(post))

    def _young(self, post: SimPost) -> bool:
        return self.clock.now() - post.created_at <= PRIVATE_FOR


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RefusedCall(failures.invalid("The body is not a JSON object."))
    return body


def _refusal(failure: Failure, headers: Mapping[str, str]) -> web.Response:
    body = failure.body if isinstance(failure.body, bytes) else json.dumps(failure.body).encode()
    kind = "application/json; charset=utf-8" if body else "text/plain"
    own = {k: v for k, v in failure.headers.items() if k not in headers}
    return web.Response(status=failure.status, body=body, headers={"content-type": kind, **headers, **own})
