"""Meta's own client against our simulator: what it makes, publishes and reads is what a real account does.

``facebook-business`` knows nothing of us but the address; it signs in its own way (token and proof in the
query, forms instead of JSON) and judges answers by its own rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from facebook_business.adobjects.iguser import IGUser
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from plugins.instagram.simulated import (
    SIMULATED_ACCOUNT,
    SIMULATED_APP,
    SIMULATED_NAME,
    SIMULATED_SECRET,
    SIMULATED_TOKEN,
    USER_TOKEN,
)
from tests.integration.instagram_world import World, world

T = TypeVar("T")


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        made.sim.gate.proof_needed = True
        yield made


class Judge:
    """The SDK, pointed at the simulator; every call runs in a thread, as it blocks."""

    def __init__(self, base: str, token: str) -> None:
        class Session(FacebookSession):  # type: ignore[misc]
            GRAPH = base

        self.session = Session(SIMULATED_APP, SIMULATED_SECRET, token)
        self.api = FacebookAdsApi(self.session, api_version="v26.0")
        self.user = IGUser(SIMULATED_ACCOUNT, api=self.api)

    async def run(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work)

    async def call(self, method: str, *path: str, **params: Any) -> dict[str, Any]:
        answer = await self.run(lambda: self.api.call(method, path, params=params))
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def judge(w: World) -> Iterator[Judge]:
    made = Judge(w.sim.url, SIMULATED_TOKEN)
    yield made
    made.session.requests.close()


async def test_a_picture_from_container_to_insights(w: World, judge: Judge) -> None:
    url = w.links.url(w.picture(), seconds=600)
    made = await judge.run(
        lambda: judge.user.create_media(
            params={"image_url": url, "caption": "By Meta's client", "alt_text": "x"}
        )
    )
    container = made["id"]
    status = await judge.call("GET", container, fields="status_code,status")
    assert status["status_code"] == "FINISHED"
    post = await judge.run(lambda: judge.user.create_media_publish(params={"creation_id": container}))
    assert (await judge.call("GET", container, fields="status_code"))["status_code"] == "PUBLISHED"
    media = await judge.run(
        lambda: list(judge.user.get_media(fields=["id", "caption", "permalink", "timestamp", "media_type"]))
    )
    assert [(m["id"], m["caption"], m["media_type"]) for m in media] == [
        (post["id"], "By Meta's client", "IMAGE")
    ]
    insights = await judge.call("GET", post["id"], "insights", metric="views,likes")
    assert [(row["name"], row["values"][0]["value"]) for row in insights["data"]] == [
        ("views", 812),
        ("likes", 21),
    ]
    assert dict(w.sim.visible()) == {post["id"]: "By Meta's client"}


async def test_a_carousel_with_a_video_that_takes_its_time(w: World, judge: Judge) -> None:
    links = [w.links.url(m, seconds=600) for m in (w.picture(), w.video())]
    picture = await judge.run(
        lambda: judge.user.create_media(params={"image_url": links[0], "is_carousel_item": True})
    )
    video = await judge.run(
        lambda: judge.user.create_media(
            params={"media_type": "VIDEO", "video_url": links[1], "is_carousel_item": True}
        )
    )
    around = {"media_type": "CAROUSEL", "children": [picture["id"], video["id"]], "caption": "Two"}
    with pytest.raises(FacebookRequestError) as early:
        await judge.run(lambda: judge.user.create_media(params=around))
    assert (early.value.api_error_code(), early.value.api_error_subcode()) == (9007, 2207027)
    w.clock.advance(timedelta(seconds=10))
    made = await judge.run(lambda: judge.user.create_media(params=around))
    post = await judge.run(lambda: judge.user.create_media_publish(params={"creation_id": made["id"]}))
    assert (await judge.call("GET", post["id"], fields="media_type"))["media_type"] == "CAROUSEL_ALBUM"


async def test_it_knows_its_limit_and_reads_a_refusal(w: World, judge: Judge) -> None:
    limit = await judge.run(lambda: judge.user.get_content_publishing_limit(fields=["config", "quota_usage"]))
    assert limit[0]["quota_usage"] == 0
    assert limit[0]["config"]["quota_total"] == 50
    with pytest.raises(FacebookRequestError) as refused:
        await judge.run(lambda: judge.user.create_media(params={"image_url": "http://127.0.0.1:9/x.jpg"}))
    error = refused.value
    assert (error.http_status(), error.api_error_code(), error.api_error_subcode()) == (400, 9004, 2207052)
    assert error.api_transient_error() is False
    with pytest.raises(FacebookRequestError) as twice:
        await judge.run(lambda: judge.user.create_media_publish(params={"creation_id": "1790000"}))
    assert twice.value.api_error_subcode() == 2207008


async def test_it_finds_the_account_through_the_page(w: World) -> None:
    judge = Judge(w.sim.url, USER_TOKEN)
    try:
        pages = await judge.call("GET", "me", "accounts", fields="id,name,instagram_business_account")
        assert pages["data"][0]["instagram_business_account"]["id"] == SIMULATED_ACCOUNT
        account = await judge.run(lambda: judge.user.api_get(fields=["id", "username", "name"]))
        assert account["username"] == SIMULATED_NAME
    finally:
        judge.session.requests.close()


async def test_a_wrong_proof_or_token_is_no_way_in(w: World, judge: Judge) -> None:
    bad = Judge(w.sim.url, "EAAG-somebody-else")
    unproved = Judge(w.sim.url, SIMULATED_TOKEN)
    unproved.session.requests.params["appsecret_proof"] = "0" * 64
    try:
        for who, code in ((bad, 190), (unproved, 100)):
            with pytest.raises(FacebookRequestError) as refused:
                await who.call("GET", SIMULATED_ACCOUNT, fields="id")
            assert refused.value.api_error_code() == code
    finally:
        bad.session.requests.close()
        unproved.session.requests.close()
    assert (await judge.call("GET", SIMULATED_ACCOUNT, fields="id"))["id"] == SIMULATED_ACCOUNT
