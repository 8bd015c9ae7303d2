"""The publisher against a real server of the AT Protocol (@atproto/pds), started here."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.config import Secret
from bot.domain.platform import Absent, Live, Proof
from bot.domain.post import Link, Part, PartRole
from bot.errors import AuthExpired, Rejected, Uncertain, Unsupported
from plugins.bluesky import BlueskySettings
from plugins.bluesky.counting import length
from plugins.bluesky.dagcbor import cid_of_bytes, cid_of_record
from tests.integration.bluesky_world import Deaf, Hands, hands
from tests.integration.pds_server import RealServer, real_server

pytestmark = pytest.mark.pds


@pytest.fixture(scope="module")
def server() -> Iterator[RealServer]:
    with real_server() as found:
        yield found


@pytest.fixture
async def acme(server: RealServer) -> AsyncIterator[Hands]:
    handle, _, password = await asyncio.to_thread(server.account)
    settings = BlueskySettings(identifier=handle, app_password=Secret(password), base_url=server.url)
    async with hands(settings) as made:
        yield made


async def record(acme: Hands, ref: object) -> dict[str, Any]:
    """A record as the server shows it to anybody."""
    repo, collection, rkey = str(ref).removeprefix("at://").split("/")
    url = f"{acme.settings.base_url}/xrpc/com.atproto.repo.getRecord"
    reply = await acme.http.request("GET", f"{url}?repo={repo}&collection={collection}&rkey={rkey}")
    found = reply.json()
    assert isinstance(found, dict)
    return found


def claims(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return found


async def keys(acme: Hands) -> list[str]:
    """Every post of the account, as the server lists them."""
    me = await acme.publisher.check()
    url = f"{acme.settings.base_url}/xrpc/com.atproto.repo.listRecords"
    reply = await acme.http.request("GET", f"{url}?repo={me.id}&collection=app.bsky.feed.post&limit=100")
    return [str(r["uri"]) for r in reply.json()["records"]]


async def test_a_text_with_everything_to_click(acme: Hands, server: RealServer) -> None:
    ann, did, _ = await asyncio.to_thread(server.account)
    text = f"Größe 👩‍👩‍👧 hi @{ann} and @nobody.at.all.test: example.com/a?b=1 #läuft."
    receipt = await acme.published(Part(text=text, options={"langs": ["de", "en"], "labels": ["nudity"]}))
    found = (await record(acme, receipt.ref))["value"]
    assert found["text"] == text
    raw = text.encode()
    seen = [
        (raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(), f["features"][0])
        for f in found["facets"]
    ]
    kind = "app.bsky.richtext.facet#"
    assert seen == [
        (f"@{ann}", {"$type": f"{kind}mention", "did": did}),
        ("example.com/a?b=1", {"$type": f"{kind}link", "uri": "https://example.com/a?b=1"}),
        ("#läuft", {"$type": f"{kind}tag", "tag": "läuft"}),
    ]
    assert found["langs"] == ["de", "en"]
    assert found["labels"]["values"] == [{"val": "nudity"}]


async def test_pictures_and_a_card_with_its_thumb(acme: Hands) -> None:
    files = (await acme.picture(alt="one"), await acme.picture(alt="two", size=(40, 60)))
    receipt = await acme.published(Part(text="Two", media=files))
    shown = await record(acme, receipt.ref)
    # the simulator computes the same identifiers as the real server
    assert shown["cid"] == cid_of_record(shown["value"])
    assert shown["value"]["embed"]["images"][0]["image"]["ref"] == {
        "$link": cid_of_bytes(await acme.media.read(files[0]))
    }
    embed = (await record(acme, receipt.ref))["value"]["embed"]
    assert [(i["alt"], i["aspectRatio"], i["image"]["size"]) for i in embed["images"]] == [
        ("one", {"width": 64, "height": 36}, files[0].size),
        ("two", {"width": 40, "height": 60}, files[1].size),
    ]
    link = Link(url="https://example.com/why", title="Why", description="And how", image=files[0])
    receipt = await acme.published(Part(text="Read", link=link))
    external = (await record(acme, receipt.ref))["value"]["embed"]["external"]
    assert (external["uri"], external["title"], external["description"]) == (link.url, "Why", "And how")
    assert external["thumb"]["mimeType"] == "image/png"


async def test_a_video_where_there_is_no_video_service(acme: Hands) -> None:
    clip = await acme.clip()
    clip = replace(clip, captions=(await acme.captions("WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"),))
    receipt = await acme.published(Part(text="Moves", media=(clip,)))
    embed = (await record(acme, receipt.ref))["value"]["embed"]
    assert embed["video"]["size"] == clip.size
    assert [(c["lang"], c["file"]["mimeType"]) for c in embed["captions"]] == [("en", "text/vtt")]


async def test_a_thread_and_a_comment_name_root_and_parent(acme: Hands) -> None:
    first = await acme.published(Part(text="1/2"))
    second = await acme.published(Part(text="2/2"), first.ref)
    comment = await acme.published(Part(text="First!", role=PartRole.COMMENT), first.ref, second.ref)
    shown = {r: await record(acme, r) for r in (first.ref, second.ref, comment.ref)}
    strong = {r: {"uri": f["uri"], "cid": f["cid"]} for r, f in shown.items()}
    assert shown[second.ref]["value"]["reply"] == {"root": strong[first.ref], "parent": strong[first.ref]}
    assert shown[comment.ref]["value"]["reply"] == {"root": strong[first.ref], "parent": strong[first.ref]}
    third = await acme.published(Part(text="3"), first.ref, second.ref)
    assert (await record(acme, third.ref))["value"]["reply"]["parent"] == strong[second.ref]


async def test_a_crash_after_the_put_is_found_and_never_doubled(acme: Hands) -> None:
    part = Part(text="Am I out?")
    checkpoint, call = await acme.staged(part), acme.call(part)
    assert isinstance(await acme.publisher.confirm(part, checkpoint, call), Absent)
    deaf = acme.another(http=Deaf(acme.http, "repo.putRecord"))
    with pytest.raises(Uncertain):
        await deaf.commit(part, checkpoint, call)
    found = await acme.another().confirm(part, checkpoint, call)
    assert isinstance(found, Live)
    assert found.proof is Proof.READ_BACK
    before = (await record(acme, found.ref))["cid"]
    again = await acme.publisher.commit(part, checkpoint, acme.call(part))
    assert again.ref == found.ref
    assert await keys(acme) == [found.ref]
    assert (await record(acme, found.ref))["cid"] == before


async def test_another_record_under_the_key_is_never_overwritten(acme: Hands) -> None:
    mine, other = Part(text="Mine"), Part(text="Somebody else's")
    checkpoint = await acme.staged(mine)
    await acme.publisher.commit(other, checkpoint, acme.call(other))
    with pytest.raises(Uncertain) as caught:
        await acme.publisher.commit(mine, checkpoint, acme.call(mine))
    assert "InvalidSwap" in caught.value.detail
    found = await acme.publisher.confirm(mine, checkpoint, acme.call(mine))
    assert not isinstance(found, Live | Absent)
    (key,) = await keys(acme)
    assert (await record(acme, key))["value"]["text"] == other.text


async def test_the_session_is_renewed_and_its_old_token_stays_good(acme: Hands) -> None:
    session = acme.publisher._client.session
    first = await session.pair()
    second = await session.renewed(first)
    assert second.refresh != first.refresh
    # the answer was lost: the token before is used once more
    third = await session._renew(first)
    assert claims(third.refresh)["jti"] == claims(second.refresh)["jti"]
    await acme.published(Part(text="Signed in still"))
    broken = replace(third, refresh=third.access)  # no refresh token at all: it signs in anew
    session._pair = broken
    assert claims((await session.renewed(broken)).refresh)["jti"] != claims(third.refresh)["jti"]
    assert (await acme.publisher.check()).id == first.did


async def test_a_wrong_password_and_too_long_a_text_are_told_apart(acme: Hands) -> None:
    with pytest.raises(AuthExpired):
        await acme.another(app_password=Secret("abcd-efgh-ijkl-mnop")).check()
    family = "👩‍👩‍👧"
    assert length(family * 300) == 300
    await acme.published(Part(text="é" * 299 + "!"))
    with pytest.raises(Rejected) as caught:
        await acme.published(Part(text="x" * 301))
    assert caught.value.code == "too_long"
    await acme.published(Part(text=family * 150 + "x" * 150))  # 300 signs, 2,850 bytes
    with pytest.raises(Rejected) as caught:
        await acme.published(Part(text=family * 300))
    assert caught.value.code == "too_long"


async def test_a_file_the_server_does_not_take_and_one_it_lost(acme: Hands) -> None:
    source = acme.folder / "large.png"
    source.write_bytes((await acme.media.read(await acme.picture())) + b"\0" * 6_000_000)
    large = await acme.media.add(source, alt="large")
    with pytest.raises(Rejected) as caught:
        await acme.published(Part(text="Large", media=(large,)))
    assert "larger than this Bluesky server takes" in str(caught.value)
    part = Part(text="Lost", media=(await acme.picture(size=(32, 32)),))
    checkpoint = await acme.staged(part)
    lost = {"ref": {"$link": cid_of_bytes(b"never uploaded")}}
    blobs = {
        name: {**entry, "blob": {**entry["blob"], **lost}} for name, entry in checkpoint.data["blobs"].items()
    }
    broken = replace(checkpoint, data={**checkpoint.data, "blobs": blobs})
    with pytest.raises(Rejected) as caught:
        await acme.publisher.commit(part, broken, acme.call(part))
    assert (caught.value.code, caught.value.restage) == ("blobnotfound", True)
    await acme.publisher.commit(part, checkpoint, acme.call(part))


async def test_taken_down_is_gone_and_may_be_repeated(acme: Hands) -> None:
    part = Part(text="Only for a moment")
    checkpoint = await acme.staged(part)
    receipt = await acme.publisher.commit(part, checkpoint, acme.call(part))
    await acme.publisher.remove(receipt.ref)
    await acme.publisher.remove(receipt.ref)
    assert await keys(acme) == []
    assert isinstance(await acme.publisher.confirm(part, checkpoint, acme.call(part)), Absent)
    with pytest.raises(Rejected) as caught:
        await acme.published(Part(text="Below nothing"), receipt.ref)
    assert caught.value.code == "parent_gone"


async def test_nobody_counts_on_a_bare_server(acme: Hands) -> None:
    receipt = await acme.published(Part(text="Count me"))
    with pytest.raises(Unsupported):
        await acme.publisher.measure([receipt.ref])
