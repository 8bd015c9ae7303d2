"""X's own client, which knows nothing of ours, is satisfied with the simulated X."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.clock import SystemClock
from plugins.twitter.simulator import TwitterSimulator

xdk = pytest.importorskip("xdk")


def story(url: str, sim: TwitterSimulator) -> dict[str, Any]:
    """Post, look, delete, with the owner's OAuth 1.0a keys; runs in a thread."""
    from xdk.oauth1_auth import OAuth1
    from xdk.posts.models import CreateRequest

    account = sim.account
    keys = OAuth1(
        api_key=account.api_key,
        api_secret=account.api_secret,
        callback="oob",
        access_token=account.access_token,
        access_token_secret=account.access_token_secret,
    )
    client = xdk.Client(base_url=url, auth=keys)
    try:
        me = client.users.get_me()
        created = client.posts.create(
            body=CreateRequest(text="Hello from X's own client: example.com & more")
        )
        post_id = created.data.id
        one = client.posts.get_by_id(post_id, post_fields=["created_at", "public_metrics"])
        many = client.posts.get_by_ids([post_id])
        page = next(
            iter(client.users.get_posts(me.data.id, max_results=5, post_fields=["created_at", "entities"]))
        )
        deleted = client.posts.delete(post_id)
        return {
            "me": me.data.username,
            "id": post_id,
            "one": one.data.id,
            "many": [p.id for p in many.data],
            "page": [p.id for p in page.data],
            "deleted": deleted.data.deleted,
        }
    finally:
        client.session.close()


async def test_xs_own_client_posts_reads_and_deletes() -> None:
    sim = TwitterSimulator(SystemClock())
    sim.vocabulary = "new"
    async with sim.running():
        told = await asyncio.to_thread(story, sim.url, sim)
    assert told["me"] == "example_rel"
    assert told["one"] == told["id"] == sim.posts[0].id
    assert told["many"] == told["page"] == [told["id"]]
    assert told["deleted"] is True
    assert sim.live == []
