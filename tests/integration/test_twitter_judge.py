"""X's own client, which knows nothing of ours, is satisfied with the simulated X."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.testing.picture import png
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


def pictures(url: str, sim: TwitterSimulator) -> dict[str, Any]:
    """Two pictures in one go, a GIF in pieces, descriptions, a post with them and a reply."""
    from xdk.media.models import (
        AppendUploadRequest,
        CreateMetadataRequest,
        InitializeUploadRequest,
        UploadRequest,
    )
    from xdk.posts.models import CreateRequest

    client = xdk.Client(base_url=url, access_token=sim.account.bearer)
    media = client.media
    gif = b"GIF89a" + bytes(3000)
    try:
        ids = []
        for number in range(2):
            body = UploadRequest(media=base64.b64encode(png(8, 6 + number)), media_category="tweet_image")
            ids.append(media.upload(body=body).data.id)
            described = {"id": ids[-1], "metadata": {"alt_text": {"text": f"Picture {number}"}}}
            media.create_metadata(body=CreateMetadataRequest(**described))
        opened = media.initialize_upload(
            body=InitializeUploadRequest(
                media_category="tweet_gif", media_type="image/gif", total_bytes=len(gif)
            )
        ).data.id
        for index, start in enumerate((0, 2000)):
            piece = base64.b64encode(gif[start : start + 2000])
            media.append_upload(opened, body=AppendUploadRequest(media=piece, segment_index=index))
        states = [media.finalize_upload(opened).data.processing_info.state]
        while states[-1] != "succeeded":
            states.append(media.get_upload_status(opened, command="STATUS").data.processing_info.state)
        post = client.posts.create(body=CreateRequest(text="Two", media={"media_ids": ids})).data.id
        moves = client.posts.create(
            body=CreateRequest(text="", media={"media_ids": [opened]}, reply={"in_reply_to_tweet_id": post})
        ).data.id
        return {"ids": ids, "opened": opened, "states": states, "post": post, "moves": moves, "gif": gif}
    finally:
        client.session.close()


async def test_xs_own_client_sends_pictures_and_replies() -> None:
    sim = TwitterSimulator(SystemClock())
    sim.account.bearer = "user-token"
    async with sim.running():
        told = await asyncio.to_thread(pictures, sim.url, sim)
    two, moves = sim.live
    assert (two.id, list(two.media_ids)) == (told["post"], told["ids"])
    assert [sim.world.media[i].alt for i in two.media_ids] == ["Picture 0", "Picture 1"]
    assert (moves.id, moves.reply_to, moves.media_ids) == (told["moves"], two.id, (told["opened"],))
    assert told["states"] == ["pending", "in_progress", "succeeded"]
    assert sim.world.media[told["opened"]].content == told["gif"]


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


def film(url: str, sim: TwitterSimulator) -> dict[str, Any]:
    """A video in pieces, subtitles for it, what X says of it, and a post with it."""
    from xdk.media.models import AppendUploadRequest, CreateSubtitlesRequest, InitializeUploadRequest
    from xdk.posts.models import CreateRequest

    client = xdk.Client(base_url=url, access_token=sim.account.bearer)
    media = client.media
    files = {"video": (b"film" * 900, "video/mp4", "tweet_video"), "words": (b"1\n", "text/srt", "subtitles")}
    try:
        ids: dict[str, str] = {}
        states: list[str] = []
        for name, (content, mime, category) in files.items():
            opened = media.initialize_upload(
                body=InitializeUploadRequest(
                    media_category=category, media_type=mime, total_bytes=len(content)
                )
            ).data.id
            for index, start in enumerate(range(0, len(content), 2000)):
                piece = base64.b64encode(content[start : start + 2000])
                media.append_upload(opened, body=AppendUploadRequest(media=piece, segment_index=index))
            ids[name] = opened
            closed = media.finalize_upload(opened).data
            if name == "video":
                states.append(closed.processing_info.state)
        while states[-1] != "succeeded":
            states.append(media.get_upload_status(ids["video"], command="STATUS").data.processing_info.state)
        track = {"id": ids["words"], "language_code": "EN", "display_name": "English"}
        asked = {"id": ids["video"], "media_category": "TweetVideo", "subtitles": track}
        tied = media.create_subtitles(body=CreateSubtitlesRequest(**asked)).data
        post = client.posts.create(
            body=CreateRequest(text="Look", media={"media_ids": [ids["video"]]})
        ).data.id
        return {"ids": ids, "states": states, "tied": tied.id, "post": post}
    finally:
        client.session.close()


async def test_xs_own_client_sends_a_video_with_subtitles() -> None:
    sim = TwitterSimulator(SystemClock())
    sim.account.bearer = "user-token"
    async with sim.running():
        told = await asyncio.to_thread(film, sim.url, sim)
    (post,) = sim.live
    video = sim.world.media[told["ids"]["video"]]
    assert (post.id, post.media_ids) == (told["post"], (video.id,))
    assert (video.content, told["tied"]) == (b"film" * 900, video.id)
    assert video.subtitles == {"EN": (told["ids"]["words"], "English")}
    assert told["states"] == ["pending", "in_progress", "succeeded"]
