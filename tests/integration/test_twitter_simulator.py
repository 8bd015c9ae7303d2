"""The simulated X, asked directly, and held against X's own schema."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.api import Part, Reply, Secret
from plugins.twitter import simulate
from plugins.twitter.oauth1 import Keys, authorization, query_string
from plugins.twitter.timeline import snowflake
from plugins.twitter.world import SimAccount
from tests.integration.twitter_world import CREATE, World, platform, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

SPEC = Path(__file__).parents[2].parent / "shared" / "specs" / "x-openapi.json"
BEARER = {"authorization": "Bearer user-token"}


@pytest.fixture
async def x() -> AsyncIterator[World]:
    async with world() as running:
        running.sim.account.bearer = "user-token"
        yield running


async def get(x: World, path: str, **query: str) -> Reply:
    tail = "?" + query_string({k.replace("__", "."): v for k, v in query.items()}) if query else ""
    return await x.http.request("GET", x.sim.url + path + tail, headers=BEARER)


async def post(x: World, body: Any, token: str = "user-token") -> Reply:
    headers = {"authorization": f"Bearer {token}"}
    return await x.http.request("POST", f"{x.sim.url}/2/tweets", headers=headers, json=body)


def timeline(x: World) -> str:
    return f"/2/users/{x.sim.account.id}/tweets"


async def test_the_hook_starts_it() -> None:
    from bot.testing.clock import FakeClock

    running = await simulate(FakeClock())
    try:
        assert running.url.startswith("http://127.0.0.1:")
    finally:
        await running.aclose()
        await running.aclose()


def test_the_manifest_and_the_simulator_know_the_same_account() -> None:
    manifest = platform()
    known = SimAccount(id="", username="", name="")
    assert manifest.simulated is not None
    given = manifest.simulated.secrets
    assert given == {name: getattr(known, name) for name in given}
    assert set(given) < set(manifest.secrets)
    assert set(manifest.secrets) < set(manifest.settings.__dataclass_fields__)
    assert manifest.split is not None
    assert all(limit.source and limit.as_of.year == 2026 for limit in manifest.limits)


async def test_signatures_are_checked_and_used_once(x: World) -> None:
    account = x.sim.account
    keys = Keys(
        api_key=Secret(account.api_key),
        api_secret=Secret(account.api_secret),
        access_token=Secret(account.access_token),
        access_token_secret=Secret(account.access_token_secret),
    )
    url = f"{x.sim.url}/2/users/me"
    signed = authorization("GET", url, keys, at=x.clock.now(), nonce="once")
    other = authorization("POST", url, keys, at=x.clock.now(), nonce="other")
    answers = [
        (await x.http.request("GET", url, headers={"authorization": value})).status
        for value in (signed, signed, other, "OAuth", "Basic abc", "Bearer nobody", "Bearer")
    ]
    assert answers == [200, 401, 401, 401, 401, 401, 401]
    assert (await x.http.request("GET", url)).status == 401


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"txt": "Hi"}, 400, "$.txt: is not defined"),
        ({"text": ""}, 400, "valid text"),
        ({"text": 7}, 400, "valid text"),
        (["text"], 400, "JSON object"),
        ({"text": "a" * 281}, 403, "not permitted"),
        ({"text": "$A and $B"}, 403, "cashtag"),
        ({"text": "Hi", "quote_tweet_id": "1"}, 403, "Quoting"),
        ({"text": "Hi", "media": {"media_ids": ["1"]}}, 400, "media IDs are invalid"),
        ({"text": "Hi", "media": {}}, 400, "media IDs are invalid"),
        ({"poll": {}, "media": {"media_ids": ["1"]}}, 400, "only provide one of"),
        ({"text": "Hi", "reply": {"in_reply_to_tweet_id": "1"}}, 403, "deleted or not visible"),
    ],
)
async def test_what_x_refuses(x: World, body: Any, status: int, words: str) -> None:
    reply = await post(x, body)
    assert reply.status == status
    assert words in reply.body.decode()
    assert x.sim.posts == []


async def test_other_peoples_posts_and_files_are_not_ours(x: World) -> None:
    x.sim.world.accounts.append(
        SimAccount(id="2", username="other", name="Other", api_key="k2", bearer="other-token")
    )
    theirs = (await post(x, {"text": "Theirs"}, "other-token")).json()["data"]["id"]
    reply = await post(x, {"text": "Me too", "reply": {"in_reply_to_tweet_id": theirs}})
    assert (reply.status, "Reply to this conversation" in reply.json()["detail"]) == (403, True)
    gone = await x.http.request("DELETE", f"{x.sim.url}/2/tweets/{theirs}", headers=BEARER)
    assert gone.status == 403
    assert (await get(x, timeline(x))).json() == {"meta": {"result_count": 0}}
    sent = await x.http.request(
        "POST",
        f"{x.sim.url}/2/media/upload",
        headers={"authorization": "Bearer other-token"},
        files={"media": ("a.png", b"a", "image/png")},
        form={"media_category": "tweet_image"},
    )
    assert (await post(x, {"text": "Hi", "media": {"media_ids": [sent.json()["data"]["id"]]}})).status == 400


async def test_other_files_make_another_post(x: World) -> None:
    async def look() -> int:
        part = Part(text="Look", media=(x.files.put(b"one"),))
        body = {"text": "Look", "media": {"media_ids": [(await x.staged(part)).data["media"][0]["id"]]}}
        return (await post(x, body)).status

    assert (await post(x, {"text": "Look"})).status == 201
    assert [await look(), await look()] == [201, 201]
    assert (await post(x, {"text": " look "})).status == 403


async def test_uploads_are_held_to_the_limits(x: World) -> None:
    async def upload(content: bytes, mime: str, category: str) -> int:
        files, form = {"media": ("a", content, mime)}, {"media_category": category}
        reply = await x.http.request(
            "POST", f"{x.sim.url}/2/media/upload", headers=BEARER, files=files, form=form
        )
        return reply.status

    assert await upload(b"a", "image/png", "tweet_image") == 200
    assert await upload(b"a", "image/png", "banner") == 400
    assert await upload(b"a", "application/pdf", "tweet_image") == 400
    assert await upload(b"a" * (5 * 1024**2 + 1), "image/png", "tweet_image") == 413
    assert await upload(b"a" * (5 * 1024**2 + 1), "image/gif", "tweet_gif") == 200


async def test_the_timeline_filters(x: World) -> None:
    ids: list[str] = []
    for n in range(8):
        reply_to = {"reply": {"in_reply_to_tweet_id": ids[0]}} if n == 7 else {}
        ids.append((await post(x, {"text": f"Post {n}", **reply_to})).json()["data"]["id"])
        x.clock.advance(60)

    async def seen(**query: str) -> list[int]:
        return [ids.index(p["id"]) for p in (await get(x, timeline(x), **query)).json().get("data", [])]

    assert await seen() == [7, 6, 5, 4, 3, 2, 1, 0]
    assert await seen(max_results="5") == [7, 6, 5, 4, 3]
    assert await seen(since_id=ids[5]) == [7, 6]
    assert await seen(since_id=str(snowflake(x.clock.now() - timedelta(seconds=130)))) == [7, 6]
    assert await seen(until_id=ids[2]) == [1, 0]
    assert await seen(start_time=(x.clock.now() - timedelta(seconds=70)).isoformat()) == [7]
    assert await seen(exclude="replies") == [6, 5, 4, 3, 2, 1, 0]
    assert (await get(x, timeline(x), max_results="4")).status == 400


async def test_fields_in_both_vocabularies(x: World) -> None:
    first = (await post(x, {"text": "One example.com"})).json()["data"]
    await post(x, {"text": "Two", "reply": {"in_reply_to_tweet_id": first["id"]}})
    old = (await get(x, timeline(x), tweet__fields="referenced_tweets,public_metrics,entities")).json()[
        "data"
    ]
    assert old[0]["referenced_tweets"] == [{"type": "replied_to", "id": first["id"]}]
    assert "retweet_count" in old[0]["public_metrics"]
    link = old[1]["entities"]["urls"][0]
    assert old[1]["text"][link["start"] : link["end"]] == link["url"]
    assert link["expanded_url"] == "http://example.com"
    assert set((await get(x, timeline(x))).json()["data"][0]) == {"id", "text", "edit_history_tweet_ids"}
    x.sim.vocabulary = "new"
    new = (await get(x, timeline(x), post__fields="public_metrics", expansions="referenced_posts")).json()[
        "data"
    ]
    assert new[0]["referenced_posts"] == old[0]["referenced_tweets"]
    assert "repost_count" in new[0]["public_metrics"]
    assert new[0]["edit_history_post_ids"] == [new[0]["id"]]


async def test_windows_have_headers_and_end(x: World) -> None:
    x.sim.limits[CREATE] = 2
    replies = [await post(x, {"text": f"{n}"}) for n in range(3)]
    assert [r.status for r in replies] == [201, 201, 429]
    assert [r.headers["x-rate-limit-remaining"] for r in replies] == ["1", "0", "0"]
    reset = int(replies[2].headers["x-rate-limit-reset"])
    assert reset == int((x.clock.now() + timedelta(minutes=15)).timestamp())
    x.clock.advance(timedelta(minutes=15))
    assert (await post(x, {"text": "again"})).status == 201


async def test_a_deleted_post_is_gone_everywhere(x: World) -> None:
    post_id = (await post(x, {"text": "Hi"})).json()["data"]["id"]
    for status in (200, 404):
        reply = await x.http.request("DELETE", f"{x.sim.url}/2/tweets/{post_id}", headers=BEARER)
        assert reply.status == status
    assert (await get(x, f"/2/tweets/{post_id}")).status == 404
    assert (await get(x, "/2/tweets", ids=post_id)).json()["errors"][0]["resource_id"] == post_id
    assert (await post(x, {"text": "Hi"})).status == 201
    assert [p.deleted for p in x.sim.posts] == [True, False]


def problems(value: Any, schema: Mapping[str, Any], spec: Mapping[str, Any], where: str = "$") -> list[str]:
    """What of ``value`` breaks an OpenAPI schema; the few keywords that X's replies need."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return problems(value, spec["components"]["schemas"][name], spec, where)
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "boolean": bool,
        "number": (int, float),
    }
    if (kind := schema.get("type")) and not isinstance(value, kinds[kind]):
        return [f"{where} is not of type {kind}"]
    found = [f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{where} does not match {schema['pattern']}")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for name, inner in value.items():
            found += problems(inner, known.get(name, {}), spec, f"{where}.{name}")
            if known and name not in known:
                found.append(f"{where}.{name} is unknown")
    for index, inner in enumerate(value if isinstance(value, list) else ()):
        found += problems(inner, schema.get("items", {}), spec, f"{where}[{index}]")
    return found


@pytest.mark.skipif(not SPEC.exists(), reason="X's OpenAPI document is not beside this repository")
async def test_replies_fit_xs_own_schema(x: World) -> None:
    spec = json.loads(SPEC.read_text("utf-8"))

    def check(reply: Reply, verb: str, path: str) -> None:
        answers = spec["paths"][path][verb]["responses"]
        schema = answers[str(reply.status)]["content"]["application/json"]["schema"]
        assert problems(reply.json(), schema, spec) == []

    assert problems({"data": {"id": 1}}, {"$ref": "#/components/schemas/CreatePostsResponse"}, spec)
    x.sim.vocabulary = "new"
    created = await post(x, {"text": "Hi example.com"})
    post_id = created.json()["data"]["id"]
    fields = {"post__fields": "created_at,text,entities,conversation_id,public_metrics"}
    fields["expansions"] = "referenced_posts"
    answer = await post(x, {"text": "More", "reply": {"in_reply_to_tweet_id": post_id}})
    check(created, "post", "/2/tweets")
    check(answer, "post", "/2/tweets")
    check(await get(x, "/2/users/me"), "get", "/2/users/me")
    check(await get(x, timeline(x), **fields), "get", "/2/users/{id}/tweets")
    check(await get(x, f"/2/tweets/{post_id}", **fields), "get", "/2/tweets/{id}")
    check(await get(x, "/2/tweets", ids=post_id, **fields), "get", "/2/tweets")
    deleted = await x.http.request("DELETE", f"{x.sim.url}/2/tweets/{post_id}", headers=BEARER)
    check(deleted, "delete", "/2/tweets/{id}")
