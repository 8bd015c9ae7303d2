"""LinkedIn's own Python client as a judge: what it sends, the simulator takes, and the other way round.

``linkedin-api-client`` is synchronous and takes no base URL: its constants are pointed at
the simulator, and it runs in a thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from linkedin_api.clients.restli.client import RestliClient
from linkedin_api.common import constants
from linkedin_api.common.errors import ResponseFormattingError

from bot.domain.platform import Checkpoint, Live, Proof
from bot.domain.post import MediaKind, Part
from plugins.linkedin.little_text import escape, unescape
from tests.integration.linkedin_world import CREATE, FIND, PAGE, World, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEXT = "Release 4.2 is out (faster builds) #ci"
KNOWN = {"access_token": "simulated-page-token", "version_string": "202609"}


@pytest.fixture
async def li(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with world() as made:
        monkeypatch.setattr(constants, "VERSIONED_BASE_URL", f"{made.sim.url}/rest")
        monkeypatch.setattr(constants, "NON_VERSIONED_BASE_URL", f"{made.sim.url}/v2")
        yield made


async def test_the_official_client_and_ours_agree(li: World) -> None:
    receipt = await li.published(Part(text=TEXT))
    client = RestliClient()

    def ask() -> tuple[Any, ...]:
        me = client.get(resource_path="/userinfo", access_token=KNOWN["access_token"])
        newest = client.finder(
            resource_path="/posts",
            finder_name="author",
            query_params={"author": PAGE, "count": 10, "sortBy": "LAST_MODIFIED"},
            **KNOWN,
        )
        one = client.get(resource_path="/posts/{id}", path_keys={"id": receipt.ref}, **KNOWN)
        opened = client.action(
            resource_path="/images",
            action_name="initializeUpload",
            action_params={"initializeUploadRequest": {"owner": PAGE}},
            **KNOWN,
        )
        body = dict(li.sim.posts[0].body) | {"commentary": escape("By the other client (really)")}
        created = client.create(resource_path="/posts", entity=body, **KNOWN)
        gone = client.delete(resource_path="/posts/{id}", path_keys={"id": receipt.ref}, **KNOWN)
        return me, newest, one, opened, created, gone

    try:
        me, newest, one, opened, created, gone = await asyncio.to_thread(ask)
    finally:
        client.session.close()

    assert me.entity["sub"] == "AbC123"
    assert [p["id"] for p in newest.elements] == [receipt.ref]
    assert unescape(one.entity["commentary"]) == TEXT
    assert opened.value["image"] in li.sim.images
    assert created.entity_id == li.sim.posts[1].urn
    assert gone.status_code == 204
    assert [p.rendered for p in li.sim.shown()] == ["By the other client (really)"]
    # the two clients put the same things on the wire
    theirs, ours = _headers(li, CREATE, -1), _headers(li, CREATE, 0)
    for name in ("authorization", "linkedin-version", "x-restli-protocol-version", "content-type"):
        assert theirs[name] == ours[name]
    await li.publisher.confirm(Part(text=TEXT), (await li.staged(Part(text=TEXT))), li.call(Part(text=TEXT)))
    assert sorted(_query(li, 0)) == sorted(_query(li, -1))


async def test_the_official_client_hears_refusals(li: World) -> None:
    client = RestliClient()
    try:
        answer = await asyncio.to_thread(
            lambda: client.create(
                resource_path="/posts",
                entity={"author": PAGE},
                access_token=KNOWN["access_token"],
                version_string="202511",
            )
        )
    finally:
        client.session.close()
    assert answer.status_code == 426
    assert answer.response.json()["code"] == "NONEXISTENT_VERSION"


def _headers(li: World, endpoint: str, index: int) -> dict[str, str]:
    return dict([c for c in li.sim.calls if c.endpoint == endpoint][index].headers)


def _query(li: World, index: int) -> list[str]:
    return [c for c in li.sim.calls if c.endpoint == FIND][index].query.split("&")


async def test_the_official_client_sends_several_images_a_card_and_a_comment(li: World) -> None:
    ours = Part(text="Two", media=(li.files.put(b"one", alt="One"), li.files.put(b"two")))
    receipt = await li.published(ours)
    client = RestliClient()

    def act() -> tuple[Any, ...]:
        urns = []
        for content in (b"three", b"four"):
            opened = client.action(
                resource_path="/images",
                action_name="initializeUpload",
                action_params={"initializeUploadRequest": {"owner": PAGE}},
                **KNOWN,
            )
            bearer = {"authorization": f"Bearer {KNOWN['access_token']}"}
            client.session.put(opened.value["uploadUrl"], data=content, headers=bearer)
            urns.append(opened.value["image"])
        body = dict(li.sim.posts[0].body) | {
            "commentary": "Theirs",
            "content": {"multiImage": {"images": [{"id": urn, "altText": urn} for urn in urns]}},
        }
        several = client.create(resource_path="/posts", entity=body, **KNOWN)
        article = {"source": "https://example.com/why", "title": "Why (we)", "thumbnail": urns[0]}
        body |= {"commentary": "Card", "content": {"article": article}}
        card = client.create(resource_path="/posts", entity=body, **KNOWN)
        where: dict[str, Any] = {
            "resource_path": "/socialActions/{id}/comments",
            "path_keys": {"id": receipt.ref},
        }
        said = {"actor": PAGE, "object": receipt.ref, "message": {"text": "(Theirs) #1"}}
        comment = client.create(**where, entity=said, **KNOWN)
        return several, card, comment, client.get_all(**where, **KNOWN)

    try:
        several, card, comment, comments = await asyncio.to_thread(act)
    finally:
        client.session.close()
    mine, two, one = li.sim.posts
    assert (several.entity_id, card.entity_id) == (two.urn, one.urn)
    assert [set(i) for i in mine.images] == [{"id", "altText"}, {"id"}]
    assert [set(i) for i in two.images] == [{"id", "altText"}] * 2
    assert one.article["title"] == "Why (we)"
    assert [c["message"]["text"] for c in comments.elements] == ["(Theirs) #1"]
    assert comment.entity_id == str(li.sim.comments[0].id)
    # and ours puts the same on the wire
    call = replace(li.call(Part(text="(Ours) #2")), parents=(receipt.ref,))
    made = await li.publisher.commit(Part(text="(Ours) #2"), Checkpoint(), call)
    assert made.ref == li.sim.comments[1].urn
    path = "POST /rest/socialActions/{urn}/comments"
    theirs, own = (next(c for c in li.sim.calls[::step] if c.endpoint == path) for step in (1, -1))
    assert theirs.json().keys() == own.json().keys()
    assert theirs.path == own.path
    found = await li.publisher.confirm(Part(text="(Ours) #2"), Checkpoint(), call)
    assert found == Live(ref=made.ref, url=getattr(made, "url", None), proof=Proof.READ_BACK)
    await li.publisher.remove(made.ref)
    assert [c.deleted for c in li.sim.comments] == [False, True]


async def test_the_official_client_sends_a_video_and_a_document(li: World) -> None:
    content = b"film" * 2_000_000
    client = RestliClient()

    def act() -> tuple[Any, ...]:
        def action(kind: str, name: str, **params: Any) -> Any:
            return client.action(
                resource_path=f"/{kind}",
                action_name=name,
                action_params={f"{name}Request": params},
                **KNOWN,
            )

        opened = action(
            "videos",
            "initializeUpload",
            owner=PAGE,
            fileSizeBytes=len(content),
            uploadCaptions=True,
            uploadThumbnail=True,
        ).value
        names = []
        for part in opened["uploadInstructions"]:
            sent = client.session.put(
                part["uploadUrl"], data=content[part["firstByte"] : part["lastByte"] + 1]
            )
            names.append(sent.headers["ETag"].strip('"'))
        client.session.put(opened["captionsUploadUrl"], data=b"1")
        client.session.put(opened["thumbnailUploadUrl"], data=b"2")
        video = opened["video"]
        # LinkedIn answers this action with an empty body (videos-api), which its own client cannot read.
        with pytest.raises(ResponseFormattingError) as nothing:
            action("videos", "finalizeUpload", video=video, uploadToken="", uploadedPartIds=names)
        assert isinstance(nothing.value.__cause__, ValueError)
        state = client.get(resource_path="/videos/{id}", path_keys={"id": video}, **KNOWN).entity["status"]
        paper = action("documents", "initializeUpload", owner=PAGE).value
        bearer = {"authorization": f"Bearer {KNOWN['access_token']}"}
        client.session.put(paper["uploadUrl"], data=b"%PDF", headers=bearer)
        shown = client.get(resource_path="/documents/{id}", path_keys={"id": paper["document"]}, **KNOWN)
        posts = []
        for media in ({"id": video, "title": "Demo"}, {"id": paper["document"], "title": "why.pdf"}):
            body = {
                "author": PAGE,
                "commentary": media["title"].replace(".", " "),
                "visibility": "PUBLIC",
                "distribution": {"feedDistribution": "MAIN_FEED"},
                "lifecycleState": "PUBLISHED",
                "content": {"media": media},
            }
            posts.append(client.create(resource_path="/posts", entity=body, **KNOWN).entity_id)
        return state, shown.entity["status"], posts

    try:
        state, shown, posts = await asyncio.to_thread(act)
    finally:
        client.session.close()
    assert (state, shown) == ("AVAILABLE", "AVAILABLE")
    assert posts == [p.urn for p in li.sim.shown()]
    assert all(urn.startswith("urn:li:ugcPost:") for urn in posts)
    (video,) = li.sim.shelf.videos.values()
    assert video.content == content
    # and ours puts the same on the wire
    ours = replace(li.files.put(content, mime="video/mp4"), kind=MediaKind.VIDEO, name="film.mp4")
    await li.published(Part(text="Ours", media=(ours,)))
    asked = [c for c in li.sim.calls if c.endpoint == "POST /rest/videos"]
    theirs, own = asked[:2], asked[2:]
    assert [c.query for c in theirs] == [c.query for c in own]
    for one, other in zip(theirs, own, strict=True):
        ((name, wanted),), ((same, sent),) = one.json().items(), other.json().items()
        assert (name, wanted.keys()) == (same, sent.keys())
        for header in ("authorization", "linkedin-version", "x-restli-protocol-version", "x-restli-method"):
            assert one.headers[header].lower() == other.headers[header].lower()
